"""Grader of fundamentals/probability."""

import functools
import math
from decimal import Decimal

import numpy as np

from shoshin import Check

nan = math.nan


def declare(check, table):
    """Declare the cases of a table that leads from the words for what is special to the function that draws it."""
    for words, case in table.items():
        case.__name__, case.__doc__ = words.replace(" ", "_"), words
        check.case(case)


def safely(numerator, denominator):
    with np.errstate(all="ignore"):
        return np.float64(numerator) / np.float64(denominator)


# 1. simulate


def draw(rng, n, probability):
    """Return n booleans, each true with the probability (one number, or one for each)."""
    return rng.random(n) < probability


@Check
def simulate(n, base_rate, hit_rate, false_alarm_rate, rng):
    sick = draw(rng, n, base_rate)
    return sick, draw(rng, n, np.where(sick, hit_rate, false_alarm_rate))


@simulate.probe
def clinic(answer, n, base_rate, hit_rate, false_alarm_rate, days):
    """Return coarse facts about the days of a clinic; a share is as asked if it lies within what chance allows."""
    import numpy as np

    def one_day(seed):
        pair = answer(n, base_rate, hit_rate, false_alarm_rate, np.random.default_rng(seed))
        if pair is None:
            raise TypeError("`simulate` returned nothing, where `(sick, alarm)` was expected. Is a `return` missing?")
        if not isinstance(pair, (tuple, list, np.ndarray)) or len(pair) != 2:
            raise TypeError("`simulate` returns two arrays, `(sick, alarm)`; something else came back")
        for name, array in zip(("sick", "alarm"), pair, strict=True):
            if np.shape(array) != (n,):
                raise ValueError(f"`{name}` has the shape {np.shape(array)}; one entry per person is ({n},)")
            if not isinstance(array, np.ndarray):
                raise TypeError(f"`{name}` is a {type(array).__name__}; an array was expected (`np.array` makes one)")
            others = [value for value in np.unique(array)[:3].tolist() if value not in (0, 1)]
            if others:
                raise ValueError(f"`{name}` holds {others[0]!r}, where only `True` and `False` were expected")
        return pair

    def share(of, among, probability):
        if not among.any():
            return "there are none"
        alike = [len(set(day[who].tolist())) < 2 for day, who in zip(of, among, strict=True)]
        if 0 < probability < 1 and all(alike):
            return "all or none"
        surplus = (of & among).sum(axis=1) - among.sum(axis=1) * probability  # on each day
        variance = among.sum() * probability * (1 - probability)
        if abs(surplus.sum()) > 5 * np.sqrt(variance) + 1e-6:
            return "too many" if surplus.sum() > 0 else "too few"
        ratio = np.sum(surplus**2) / variance if days > 1 else 1
        return "the same every day" if ratio < 0.5 else "as asked" if ratio < 1.6 else "too many or too few, by the day"

    pairs = [one_day(seed) for seed in range(days)]
    sick, alarm = (np.stack(arrays) for arrays in zip(*pairs, strict=True))
    facts = {"True and False": sick.dtype == alarm.dtype == bool}
    sick, alarm = sick.astype(bool), alarm.astype(bool)
    if days > 1 and (sick == sick[0]).all() and (alarm == alarm[0]).all():
        return {"all days": "the same people"}
    facts["sick people"] = share(sick, np.full(sick.shape, True), base_rate)
    facts["alarms among the sick"] = share(alarm, sick, hit_rate)
    facts["alarms among the healthy"] = share(alarm, ~sick, false_alarm_rate)
    if days > 1:
        facts["same rng, same people"] = bool(np.array_equal(one_day(0), pairs[0]))
    return facts


declare(
    simulate,
    {
        "50,000 people": lambda rng: (50_000, round(rng.uniform(0.04, 0.08), 3), 0.6, 0.3, 1),
        "400 days of 50 people each": lambda rng: (50, 0.3, round(rng.uniform(0.75, 0.85), 2), 0.6, 400),
        "a model that is never wrong": lambda rng: (1000, 0.3, 1.0, 0.0, 1),
        "a model that is always wrong": lambda rng: (1000, 0.3, 0.0, 1.0, 1),
        "a base rate of 0": lambda rng: (5000, 0.0, 0.6, 0.3, 1),
        "a base rate of 1": lambda rng: (5000, 1.0, 0.6, 0.3, 1),
    },
)


@simulate.mistake
def one_draw_for_both(n, base, hit, false, rng):
    """You use the same random numbers twice. Who is sick has a small number already, so a small number that should
    decide about the alarm is no news: the alarm is tied to the draw. Draw anew for the alarms."""
    numbers = rng.random(n)
    sick = numbers < base
    return sick, numbers < np.where(sick, hit, false)


@simulate.mistake
def alarm_for_everybody_alike(n, base, hit, false, rng):
    """Everybody gets an alarm with probability `hit_rate`, the healthy too. Your model does not look at the
    people. The probability of an alarm depends on `sick`."""
    return draw(rng, n, base), draw(rng, n, hit)


@simulate.mistake
def never_a_false_alarm(n, base, hit, false, rng):
    """No healthy person gets an alarm. That is what makes this model so much better than the real one: give the
    healthy their alarms too, with probability `false_alarm_rate`."""
    sick = draw(rng, n, base)
    return sick, sick & draw(rng, n, hit)


@simulate.mistake
def alarm_when_right(n, base, hit, false, rng):
    """Your healthy people get an alarm with probability `1 - false_alarm_rate`. That is how often the model is
    *right* about them, and being right about the healthy means silence."""
    return simulate.reference(n, base, hit, 1 - false, rng)


@simulate.mistake
def alarm_when_no_hit(n, base, hit, false, rng):
    """Your healthy people get an alarm with probability `1 - hit_rate`. In the story both error rates are 1 %, but a
    model may miss few of the sick and still frighten many of the healthy: `false_alarm_rate` is a number of its own."""
    return simulate.reference(n, base, hit, 1 - hit, rng)


@simulate.mistake
def a_second_chance(n, base, hit, false, rng):
    """Your sick people get more alarms than `hit_rate`: who is missed can still draw a false alarm, and false alarms
    are for the healthy. Keep the sick out of that draw."""
    sick = draw(rng, n, base)
    return sick, (sick & draw(rng, n, hit)) | draw(rng, n, false)


@simulate.mistake
def swaps_the_rates(n, base, hit, false, rng):
    """You have exchanged the two rates: the sick get `false_alarm_rate`, the healthy `hit_rate`. In
    `np.where(condition, a, b)` the `a` is for those of whom the condition is true."""
    return simulate.reference(n, base, false, hit, rng)


@simulate.mistake
def the_wrong_side(n, base, hit, false, rng):
    """Your comparisons look the wrong way. A number between 0 and 1 lies *below* 0.001 once in a thousand times,
    and above it nearly always."""
    sick = ~draw(rng, n, base)
    return sick, ~draw(rng, n, np.where(sick, hit, false))


@simulate.mistake
def exactly_so_many(n, base, hit, false, rng):
    """Every day of yours has the same number of sick people. Chance has no such discipline: each person is sick
    or not, whatever the others are, and the number varies from day to day. Draw for each person."""
    sick = rng.permutation(np.arange(n) < round(n * base))
    return sick, draw(rng, n, np.where(sick, hit, false))


@simulate.mistake
def exactly_so_many_alarms(n, base, hit, false, rng):
    """Your sick people are drawn one by one, but their alarms are dealt out: the same share every day. The model
    throws for each person, so the number of alarms varies."""
    sick = draw(rng, n, base)
    alarm = np.zeros(n, dtype=bool)
    for group, rate in ((sick, hit), (~sick, false)):
        alarm[group] = rng.permutation(np.arange(group.sum()) < round(group.sum() * rate))
    return sick, alarm


@simulate.mistake
def all_alarms_alike(n, base, hit, false, rng):
    """All the sick get the same reply from your model, and so do all the healthy: a single throw decides for a whole
    group, or none at all. Every person needs a throw: compare n numbers with n probabilities."""
    sick = draw(rng, n, base)
    return sick, np.where(sick, rng.random() < hit, rng.random() < false)


@simulate.mistake
def one_draw_for_all(n, base, hit, false, rng):
    """One single draw decides about everybody: on a day either all are sick, or nobody is. Ask the generator for
    n numbers."""
    sick = np.full(n, rng.random() < base)
    return sick, draw(rng, n, np.where(sick, hit, false))


@simulate.mistake
def another_generator(n, base, hit, false, rng):
    """Your people are as asked, but they do not come from the `rng` that was handed over: the same generator
    gives other people the second time, and nobody can repeat your result. Draw every number from `rng`."""
    return simulate.reference(n, base, hit, false, np.random.default_rng())


@simulate.mistake
def always_the_same_people(n, base, hit, false, rng):
    """Every day brings exactly the same people, because you start a generator of your own inside the function.
    Draw from the `rng` that was handed over."""
    return simulate.reference(n, base, hit, false, np.random.default_rng(0))


@simulate.mistake
def alarm_first(n, base, hit, false, rng):
    """Your two arrays come in the other order: `(sick, alarm)` was asked for."""
    return simulate.reference(n, base, hit, false, rng)[::-1]


@simulate.mistake
def zeros_and_ones(*case):
    """Your people are right, but they are numbers, 0 and 1. As an index, 0 and 1 mean "the first two people", and
    `~` turns 1 into -2. Arrays of `True` and `False` pick people out."""
    return tuple(array.astype(int) for array in simulate.reference(*case))


@simulate.accepts
def one_by_one(n, base, hit, false, rng):
    sick, alarm = [], []
    for _ in range(n):
        sick.append(rng.uniform() < base)
        alarm.append(rng.uniform() < (hit if sick[-1] else false))
    return np.array(sick), np.array(alarm)


@simulate.accepts
def with_coins(n, base, hit, false, rng):
    sick = rng.binomial(1, base, n) == 1
    hits, false_alarms = rng.choice([True, False], n, p=[hit, 1 - hit]), rng.random(n) < false
    return [sick, (sick & hits) | (~sick & false_alarms)]


# 2. given


@Check(inputs="untouched")
def given(event, condition):
    return np.sum(event & condition) / np.sum(condition) if np.any(condition) else nan


def crowd(rng):
    condition = rng.random(1000) < 0.2
    return rng.random(1000) < np.where(condition, 0.7, 0.4), condition


def rare_condition(rng):
    condition = rng.permutation(500) < 3
    return (rng.permutation(500) < 100) | (condition & (np.cumsum(condition) < 3)), condition


declare(
    given,
    {
        "1000 people": crowd,
        "a condition that holds for 3 people of 500": rare_condition,
        "an event that never happens": lambda rng: (np.zeros(40, dtype=bool), rng.permutation(40) < 12),
        "a condition that always holds": lambda rng: (rng.permutation(40) < 13, np.ones(40, dtype=bool)),
        "a condition that never holds": lambda rng: (rng.permutation(40) < 13, np.zeros(40, dtype=bool)),
    },
)


def also_with_nan(check):
    """Declare a mistake twice: as it is, and with `nan` in the right places."""

    def twice(wrong):
        @functools.wraps(wrong)
        def careful(*case):
            return nan if np.isnan(check.reference(*case)) else wrong(*case)

        careful.__name__ += "_with_nan"
        check.mistake(careful)
        return check.mistake(wrong)

    return twice


@also_with_nan(given)
def the_other_way_round(event, condition):
    """You answer the reverse question: of those with the event, the share with the condition. Most of the
    sick get an alarm; that does not make most of those with an alarm sick. Whom do you divide by?"""
    return given.reference(condition, event)


@also_with_nan(given)
def of_all_people(event, condition):
    """You divide by all people. That is the probability that both happen. Here the question is about a smaller
    crowd: only those for whom the condition holds."""
    return np.mean(event & condition)


@also_with_nan(given)
def ignores_the_condition(event, condition):
    """You counted the event among all people, and `condition` has no say. Send home everybody for whom it does
    not hold, then count."""
    return np.mean(event)


@also_with_nan(given)
def how_often_they_agree(event, condition):
    """You counted how often the two arrays agree. If they are `sick` and `alarm`, that is the accuracy, which
    also credits those who are neither."""
    return np.mean(event == condition)


@also_with_nan(given)
def counts(event, condition):
    """You return a number of people. A share is wanted: divide by how many there are for whom the condition
    holds."""
    return np.sum(event & condition)


@also_with_nan(given)
def counts_those_sent_home(event, condition):
    """You divide by those for whom the condition holds, but count the event among all people. Above the line, too,
    only those who remain may count."""
    return safely(np.sum(event), np.sum(condition))


@given.mistake
def zero_of_none(event, condition):
    """Where the condition never holds you say 0. "No alarm was ever right" sounds like a finding, but there was no
    alarm. Nothing was seen, so say `nan`: not a number."""
    return given.reference(event, condition) if condition.any() else 0.0


@given.mistake
def divides_by_no_one(event, condition):
    """Your share is right, but where the condition never holds Python has nobody to divide by and stops with an
    error. Catch that case before you divide, and return `nan`."""
    return int(np.sum(event & condition)) / int(np.sum(condition))


@given.mistake
def returns_none_of_none(event, condition):
    """Where the condition never holds, `None` comes back. Return `np.nan`: it is a number to every plot and table,
    and still says that nothing is known."""
    return given.reference(event, condition) if condition.any() else None


@given.accepts
def by_picking_out(event, condition):
    remain = [e for e, c in zip(event, condition, strict=True) if c]
    return sum(remain) / len(remain) if remain else np.float32("nan")


@given.accepts
def by_weights(event, condition):
    return np.average(event, weights=condition) if True in condition else float("nan")


# 3. posterior


@Check
def posterior(prior, hit_rate, false_alarm_rate):
    right, false = prior * hit_rate, (1 - prior) * false_alarm_rate
    return right / (right + false) if right + false > 0 else nan


def near(prior, hit, false):
    return lambda rng: (prior * rng.uniform(0.9, 1.1), hit, false)


declare(
    posterior,
    {
        "a rare disease": near(0.004, 0.95, 0.03),
        "a common disease": near(0.4, 0.7, 0.25),
        "a tiny base rate and a false alarm rate as tiny": near(2e-9, 0.8, 3e-9),
        "a model that alarms mostly the healthy": near(0.3, 0.2, 0.9),
        "a model without false alarms": near(0.02, 0.6, 0.0),
        "a model without hits": near(0.02, 0.0, 0.1),
        "a prior of 0": lambda rng: (0.0, 0.9, 0.1),
        "a prior of 1": lambda rng: (1.0, 0.9, 0.1),
        "a model that never gives an alarm": near(0.02, 0.0, 0.0),
        "a prior of 1 and an alarm that only the healthy get": lambda rng: (1.0, 0.0, 0.1),
        "a prior of 0 and an alarm that only the sick get": lambda rng: (0.0, 0.9, 0.0),
    },
)


def divided(part, whole):
    return part / whole if whole else nan


def wrong_share(formula):
    """Declare a wrong (part, whole) in three dresses: 0 / 0 stops it, or is caught, or `nan` is in the right places."""

    def caught(*case):
        return divided(*formula(*case))

    def stops(*case):
        part, whole = formula(*case)
        return part / whole

    for way, name in ((caught, ""), (stops, "_and_stops")):
        way.__name__, way.__doc__ = formula.__name__ + name, formula.__doc__
    posterior.mistake(stops)
    also_with_nan(posterior)(caught)


@also_with_nan(posterior)
def the_hit_rate(prior, hit, false):
    """You return the hit rate: how many of the sick get an alarm. Mrs Kaya asks the reverse: how many with an alarm
    are sick. Who else has an alarm?"""
    return hit


@wrong_share
def forgets_the_base_rate(prior, hit, false):
    """You weigh the two rates against each other, as if there were as many sick people as healthy ones. Multiply
    each by the size of its group."""
    return hit, hit + false


@also_with_nan(posterior)
def does_not_divide(prior, hit, false):
    """You return how many of *all* people are sick and have an alarm. Mrs Kaya has her alarm already: divide by all
    who have one."""
    return prior * hit


@also_with_nan(posterior)
def all_who_have_an_alarm(prior, hit, false):
    """You return how many people get an alarm, sick or healthy. That belongs below the line: which part of them is
    sick?"""
    return prior * hit + (1 - prior) * false


@wrong_share
def all_people_are_healthy(prior, hit, false):
    """You give false alarms to everybody. Only the healthy can get one, and they are the part `1 - prior`. For a
    rare disease it hardly matters, for a common one it does."""
    return prior * hit, prior * hit + false


@wrong_share
def without_the_hit_rate(prior, hit, false):
    """You let every sick person have an alarm. Only the part `hit_rate` of them has one."""
    return prior, prior + (1 - prior) * false


@wrong_share
def reverses_the_false_alarms(prior, hit, false):
    """You give the healthy an alarm with probability `1 - false_alarm_rate`. That is how often they get none."""
    return prior * hit, prior * hit + (1 - prior) * (1 - false)


@wrong_share
def one_prior_for_both(prior, hit, false):
    """You multiply both rates by `prior`, so it cancels out and the base rate is forgotten. The healthy are not the
    part `prior` of all people."""
    return prior * hit, prior * hit + prior * false


@wrong_share
def one_minus_the_hit_rate(prior, hit, false):
    """You give the healthy an alarm with probability `1 - hit_rate`. That is how many of the *sick* are missed. The
    model has a false alarm rate of its own, and the two need not be the same."""
    return prior * hit, prior * hit + (1 - prior) * (1 - hit)


@posterior.mistake
def of_being_healthy(prior, hit, false):
    """You return the probability of being healthy, given an alarm. The other part is asked for."""
    return 1 - posterior.reference(prior, hit, false)


@posterior.mistake
def returns_the_odds(prior, hit, false):
    """You divide the sick by the healthy among those with an alarm. That is a fine number, called the odds; you
    will need it soon. A probability divides by sick *and* healthy."""
    return divided(prior * hit, (1 - prior) * false)


@also_with_nan(posterior)
def the_accuracy(prior, hit, false):
    """You return the accuracy: how often the model is right about anybody. It counts all the healthy people who
    got no alarm. Mrs Kaya did get one."""
    return prior * hit + (1 - prior) * (1 - false)


@posterior.mistake
def divides_by_no_alarms(prior, hit, false):
    """Your formula is right, but where no alarm can occur Python divides zero by zero and stops with an error.
    Catch that case before you divide, and return `nan`."""
    return prior * hit / (prior * hit + (1 - prior) * false)


@posterior.mistake
def asks_for_the_rates_only(prior, hit, false):
    """You return `nan` where both rates are 0. But no alarm can occur either if the only group that could get one is
    empty, with a prior of 0 or 1. Ask for what you are about to divide by."""
    return nan if hit == false == 0 else divides_by_no_alarms(prior, hit, false)


@posterior.mistake
def zero_without_alarms(*case):
    """Where no alarm can occur you say 0. An alarm that never comes tells nothing, not even "you are healthy": return
    `nan`."""
    return 0.0 if math.isnan(posterior.reference(*case)) else posterior.reference(*case)


@posterior.accepts
def by_odds(prior, hit, false):
    healthy = np.float64((1 - prior) * false)
    with np.errstate(all="ignore"):
        odds = np.float64(prior * hit) / healthy
    return 1.0 if odds == np.inf else odds / (1 + odds)


@posterior.accepts
def by_counting_a_crowd(prior, hit, false):
    crowd = 1e9
    sick = crowd * prior
    healthy = crowd - sick
    alarms = sick * hit + healthy * false
    try:
        return sick * hit / alarms
    except ZeroDivisionError:
        return float("nan")


# 4. weigh


@Check
def weigh(prior, evidence):
    with np.errstate(all="ignore"):
        pieces = np.log(np.array([(prior, 1 - prior), *evidence]))
        return 1 / (1 + np.exp(np.subtract(*pieces.sum(axis=0)[::-1])))


def fixed(prior, *evidence):
    return lambda rng: (prior, list(evidence))


def drawn(low, high, *evidence):
    return lambda rng: (round(rng.uniform(low, high), 2), list(evidence))


FOR, AGAINST, WEAK = [(0.4, 0.15)] * 1000, [(0.15, 0.4)] * 1000, [(0.012, 0.01), (0.01, 0.012)] * 499

declare(
    weigh,
    {
        "one piece of evidence": drawn(0.02, 0.1, (0.9, 0.13)),
        "four pieces, some for and some against": drawn(0.1, 0.3, (0.9, 0.2), (0.3, 0.6), (0.5, 0.5), (0.8, 0.37)),
        "no evidence at all": drawn(0.6, 0.9),
        "a piece that a sick person never shows, between others": fixed(0.3, (0.9, 0.1), (0.0, 0.4), (0.8, 0.1)),
        "a piece that a healthy person never shows, between others": fixed(0.3, (0.1, 0.9), (0.4, 0.0), (0.1, 0.8)),
        "a prior of 0 and strong evidence against it": fixed(0.0, (0.9, 0.01), (0.9, 0.01)),
        "a prior of 1 and strong evidence against it": fixed(1.0, (0.01, 0.9), (0.01, 0.9)),
        "one piece that no sick person shows, and one that no healthy person shows": fixed(
            0.3, (0.0, 0.5), (0.4, 0.2), (0.5, 0.0)
        ),
        "a prior of 0, and a piece that no healthy person shows": fixed(0.0, (0.5, 0.0)),
        "1000 pieces, each of them improbable": fixed(0.2, *WEAK, (0.03, 0.01), (0.02, 0.01)),
        "1000 pieces for it, and then 1000 pieces against it": drawn(0.2, 0.4, *FOR, *AGAINST),
        "1000 pieces against it, and then 1000 pieces for it": drawn(0.2, 0.4, *AGAINST, *FOR),
        "1500 pieces against it": fixed(0.5, *AGAINST, *AGAINST[:500]),
        "1500 pieces for it": fixed(0.5, *FOR, *FOR[:500]),
    },
)


def products(prior, evidence):
    return prior * math.prod(a for a, _ in evidence), (1 - prior) * math.prod(b for _, b in evidence)


@weigh.mistake
def multiplies_until_zero(prior, evidence):
    """Your product of 1000 small numbers falls below the smallest number a computer has and becomes 0.0 on both
    sides, and 0.0 / 0.0 is `nan`. Add logarithms, and do not take them back (`exp`) before you have subtracted one
    side from the other: their difference is small."""
    sick, healthy = products(prior, evidence)
    return safely(sick, sick + healthy)


@weigh.mistake
def multiplies_and_divides_by_zero(prior, evidence):
    """You multiply the probabilities. That is right for a few pieces. But a product of thousands becomes 0.0, and where
    both sides are 0.0, Python refuses to divide. Add logarithms instead."""
    sick, healthy = products(prior, evidence)
    return sick / (sick + healthy)


def step_by_step(prior, evidence, step):
    for pair in evidence:
        prior = step(prior, *pair)
    return prior


@weigh.mistake
def gets_stuck_at_one(prior, evidence):
    """You carry a probability or odds from piece to piece. After 1000 pieces for it, a probability has rounded to
    exactly 1.0 and odds to `inf`. From there nothing leads back, so 1000 pieces against it came too late. Carry
    the logarithm of the odds, and turn it into a probability at the end."""
    return step_by_step(prior, evidence, posterior.reference)


@weigh.mistake
def gets_stuck_with_an_error(prior, evidence):
    """You update the probability piece by piece. Where it has rounded to 0 or 1 it cannot come back, and where
    nobody can show the evidence you divide by zero. Keep the logarithm of the odds on the way."""
    return step_by_step(prior, evidence, lambda p, a, b: p * a / (p * a + (1 - p) * b))


@weigh.mistake
def odds_by_python(prior, evidence):
    """You multiply odds. `prior / (1 - prior)` or a piece with `if_healthy` 0 makes Python divide by zero and stop,
    and thousands of pieces drive odds to `inf` or 0, from where nothing leads back. Add logarithms of odds."""
    odds = prior / (1 - prior)
    for a, b in evidence:
        odds *= a / b
    return odds / (1 + odds)


@weigh.mistake
def odds_of_inf(prior, evidence):
    """You multiply the odds, which can become `inf`, and `inf / (1 + inf)` is `nan`. Add logarithms of odds, and
    turn odds into a probability by a formula that survives `inf`: 1 / (1 + odds against)."""
    odds = safely(prior, 1 - prior)
    for a, b in evidence:
        odds = odds * safely(a, b)
    return safely(odds, 1 + odds)


@weigh.mistake
def inf_by_inf(prior, evidence):
    """Your sum of logarithms is right. But overwhelming evidence makes the odds `inf`, and `inf / (1 + inf)` is
    `nan`. Divide by the odds before you have them: odds / (1 + odds) is 1 / (1 + 1 / odds)."""
    odds = log_odds(prior, evidence)
    with np.errstate(all="ignore"):
        return np.exp(odds) / (1 + np.exp(odds))


def log_odds(prior, evidence):
    with np.errstate(all="ignore"):
        return np.subtract(*np.log(np.array([(prior, 1 - prior), *evidence])).sum(axis=0))


def of(logarithm):
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-logarithm))


@weigh.mistake
def ignores_the_prior(prior, evidence):
    """`prior` has no say: you begin with odds of 1, as many sick as healthy. That is the base rate forgotten
    once more. Begin with the odds of the prior."""
    return of(log_odds(0.5, evidence))


@weigh.mistake
def the_prior_as_odds(prior, evidence):
    """You begin with the logarithm of `prior`, as if that were the odds. Odds are the probability divided by what
    is left of 1."""
    with np.errstate(all="ignore"):
        return of(np.log(prior) + log_odds(0.5, evidence))


@weigh.mistake
def only_the_first_piece(prior, evidence):
    """Your loop ends at the first piece: a `return` inside it leaves the function. Move it out, one step to the
    left."""
    return of(log_odds(prior, evidence[:1])) if evidence else None


@weigh.mistake
def only_the_last_piece(prior, evidence):
    """Only the last piece counts: every round begins at `prior` again and forgets what came before it. Carry the
    result on from piece to piece."""
    return of(log_odds(prior, evidence[-1:]))


@weigh.mistake
def for_the_healthy(prior, evidence):
    """You return the probability of being healthy. A difference is the wrong way round, or the sign in `exp`."""
    return of(-log_odds(prior, evidence))


@weigh.mistake
def factor_upside_down(prior, evidence):
    """Each piece pulls the wrong way: what is more probable among the sick makes you believe in health. The factor is
    `if_sick / if_healthy`, not the reverse."""
    return of(log_odds(prior, [pair[::-1] for pair in evidence]))


@weigh.mistake
def the_first_zero_decides(prior, evidence):
    """You return 0 or 1 at the first zero that you find. But the other side may be impossible too, by another piece or
    by the prior, and then the result is `nan`. Look for zeros on both sides before you decide."""
    return 0.0 if prior == 0 or 0 in [if_sick for if_sick, _ in evidence] else of(log_odds(prior, evidence))


@weigh.mistake
def returns_odds(prior, evidence):
    """You return the odds. Even odds are 1, an even probability is 0.5: one more step."""
    with np.errstate(all="ignore"):
        return np.exp(log_odds(prior, evidence))


@weigh.mistake
def returns_log_odds(prior, evidence):
    """You return the logarithm of the odds. Take it back to odds with `exp`, and then to a probability."""
    return log_odds(prior, evidence)


def logarithm_of_zero(prior, evidence):
    """Python's own `math.log(0)` stops with an error, and so do a division by 0 and `math.exp` above 709. Deal with the
    impossible pieces before you take logarithms, or take `np.log` of each number: it makes `-inf` of 0, and warns."""
    sick, healthy = (sum(map(math.log, side)) for side in zip((prior, 1 - prior), *evidence, strict=True))
    return 1 / (1 + math.exp(healthy - sick))


def logarithm_of_odds_of_zero(prior, evidence):
    odds = math.log(prior / (1 - prior)) + sum(math.log(a / b) for a, b in evidence)
    return 1 / (1 + math.exp(-odds))


logarithm_of_odds_of_zero.__doc__ = logarithm_of_zero.__doc__
weigh.mistake(logarithm_of_zero)
weigh.mistake(logarithm_of_odds_of_zero)


@weigh.mistake
def overflows_at_the_end(prior, evidence):
    """Your sum is right, but Python's own `math.exp` stops with an error at about 710, where evidence is
    overwhelming. `np.exp` says `inf`, and one divided by `inf` is 0. Or ask for the sign first."""
    return 1 / (1 + math.exp(-log_odds(prior, evidence)))


@weigh.accepts
def zeros_first(prior, evidence):
    sick, healthy = zip((prior, 1 - prior), *evidence, strict=True)
    if 0 in sick or 0 in healthy:
        return (nan if 0 in healthy else 0.0) if 0 in sick else 1.0
    odds = sum(map(math.log, sick)) - sum(map(math.log, healthy))
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0


@weigh.accepts
def with_decimals(prior, evidence):
    sick, healthy = Decimal(prior), Decimal(1 - prior)
    for a, b in evidence:
        sick, healthy = sick * Decimal(a), healthy * Decimal(b)
    return float(sick / (sick + healthy)) if sick + healthy else nan


# 5. rates


@Check
def rates(alarm, sick):
    return tuple((np.sum(alarm & group) + 1) / (np.sum(group) + 2) for group in (sick, ~sick))


def patients(rng, numbers):
    """Return (alarm, sick) for the four numbers of: sick with, sick without, healthy with, healthy without."""
    order = rng.permutation(sum(numbers))
    return tuple(np.repeat(flags, numbers)[order] for flags in ([True, False] * 2, [True, True, False, False]))


declare(
    rates,
    {
        "60 patients": lambda rng: patients(rng, [15, 5, 8, 32]),
        "a witness who never calls a healthy patient": lambda rng: patients(rng, [int(rng.integers(3, 9)), 4, 0, 20]),
        "a witness who calls every sick patient": lambda rng: patients(rng, [6, 0, 7, 20]),
        "patients who are all healthy": lambda rng: patients(rng, [0, 0, 3, 9]),
        "patients who are all sick": lambda rng: patients(rng, [5, 2, 0, 0]),
    },
)


def counted(alarm, sick, plus, people, only=lambda part, group: True):
    shares = []
    for group in (sick, ~sick):
        part, whole = int(np.sum(alarm & group)), int(np.sum(group))
        extra = only(part, whole)
        shares.append(safely(part + plus * extra, whole + people * extra))
    return tuple(shares)


@rates.mistake
def takes_counts_at_their_word(alarm, sick):
    """You return the plain shares. "None of 20" becomes exactly 0: impossible, for ever, and one such alarm silences
    all other witnesses. Add the two imagined patients to each group."""
    return counted(alarm, sick, 0, 0)


@rates.mistake
def one_more_above_only(alarm, sick):
    """You add the imagined alarm, but do not count its owner: a witness who calls all 6 comes to 7 of 6. Two
    patients join each group."""
    return counted(alarm, sick, 1, 0)


@rates.mistake
def one_imagined_patient(alarm, sick):
    """You add one patient with an alarm. Without the second one, who has none, a share of 1 stays exactly 1."""
    return counted(alarm, sick, 1, 1)


@rates.mistake
def both_with_an_alarm(alarm, sick):
    """Both of your imagined patients have an alarm, so a share of 1 stays exactly 1. One of the two has none."""
    return counted(alarm, sick, 2, 2)


@rates.mistake
def both_without_an_alarm(alarm, sick):
    """None of your imagined patients has an alarm, so a share of 0 stays exactly 0. One of the two has one."""
    return counted(alarm, sick, 0, 2)


@rates.mistake
def silence_of_the_healthy(alarm, sick):
    """Your second share is that of the healthy *without* an alarm. Both shares are about the alarm: how probable is it
    among the sick, and how probable among the healthy?"""
    return rates.reference(alarm, sick)[0], 1 - rates.reference(alarm, sick)[1]


@rates.mistake
def only_where_it_is_zero(alarm, sick):
    """You add the imagined patients only where a count is extreme. Then 1 of 20 gets less than 0 of 20 does, so the
    order is upside down. Add them always: in a large group they hardly count."""
    return counted(alarm, sick, 1, 2, only=lambda part, whole: part in (0, whole))


@rates.mistake
def out_of_all_patients(alarm, sick):
    """You divide by all patients. Each share belongs to its own group: the sick, and the healthy."""
    return tuple((np.sum(alarm & group) + 1) / (len(sick) + 2) for group in (sick, ~sick))


@rates.mistake
def sick_among_the_alarms(alarm, sick):
    """You divide by the number of alarms, which answers the reverse question. Here the groups are the sick and the
    healthy: divide by how many *they* are."""
    return tuple((np.sum(alarm & group) + 1) / (np.sum(alarm) + 2) for group in (sick, ~sick))


@rates.mistake
def brackets_are_missing(alarm, sick):
    """Your shares are larger than 1: `a + 1 / b + 2` divides the 1 alone. Put brackets around what stands above
    the line, and around what stands below."""
    return tuple(np.sum(alarm & group) + 1 / (np.sum(group) + 2) for group in (sick, ~sick))


@rates.mistake
def healthy_first(alarm, sick):
    """The two shares come in the other order: the sick first, then the healthy."""
    return rates.reference(alarm, sick)[::-1]


@rates.accepts
def with_two_more_rows(alarm, sick):
    return [float(np.mean([*alarm[sick == group], True, False])) for group in (True, False)]


@rates.accepts
def one_by_one_patient(alarm, sick):
    alarms, people = {True: 1, False: 1}, {True: 2, False: 2}
    for rang, ill in zip(alarm, sick, strict=True):
        people[bool(ill)] += 1
        alarms[bool(ill)] += bool(rang)
    return alarms[True] / people[True], alarms[False] / people[False]
