"""Check permutation p-values, power, p-values that are watched day by day, and a correction for many tests."""

import numpy as np
from scipy.special import erfc
from scipy.stats import false_discovery_control

from shoshin import Check, Compare

# Answers draw as they like, so results are compared with room for chance: five standard deviations and more.


def fast_p(clicks_a, clicks_b, visitors):
    share = (clicks_a + clicks_b) / (2 * visitors)
    gap, spread = np.abs(clicks_a - clicks_b) / visitors, np.sqrt(2 * share * (1 - share) / visitors)
    return erfc(np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0) / np.sqrt(2))


# --- p_value: shuffle the labels


def gap(a, b, axis=-1):
    return np.mean(b, axis=axis) - np.mean(a, axis=axis)


def shuffled(a, b, rng, rounds=10_000):
    """Return many gaps between the groups after shuffling; more of them than asked for, so that chance is small."""
    pooled = rng.permuted(np.tile(np.concatenate([a, b]), (rounds, 1)), axis=1)
    return gap(pooled[:, : len(a)], pooled[:, len(a) :])


def plus_one(extreme, rounds):
    return (1 + np.round(rounds * np.mean(extreme))) / (1 + rounds)


@Check(compare=Compare(rtol=0, atol=0.05), inputs="untouched")
def p_value(a, b, rounds, rng):
    return plus_one(np.abs(shuffled(a, b, rng)) >= abs(gap(a, b)), rounds)


def dyadic(values):
    """Round to whole 1024ths: sums of such numbers are exact, in any order, so that no tie is lost in rounding."""
    return np.round(values * 1024) / 1024


def scores(rng, size_a, size_b, shift, loc=5):
    """Return two groups of decimals, the second of which is higher by `shift` on average."""
    a, b = rng.normal(loc, 1, size_a), rng.normal(loc, 1, size_b)
    return dyadic(a), dyadic(b - b.mean() + a.mean() + shift)


@p_value.case
def a_lead_of_b(rng):
    """16 values each, where b is a little ahead"""
    return *scores(rng, 16, 16, 0.3), 4000, rng


@p_value.case
def a_lead_of_a(rng):
    """16 values each, where a is a little ahead"""
    return *scores(rng, 16, 16, -0.3), 4000, rng


@p_value.case
def unequal_sizes(rng):
    """8 values in a and 32 in b"""
    return *scores(rng, 8, 32, 0.3, loc=0), 4000, rng


@p_value.case
def worlds_apart(rng):
    """two groups far apart, and a single shuffle"""
    return dyadic(rng.normal(0, 1, 16)), dyadic(rng.normal(90, 1, 16)), 1, rng


@p_value.case
def all_equal(rng):
    """groups in which all values are equal, and a single shuffle"""
    return np.full(8, 3), np.full(4, 3), 1, rng


@p_value.case
def one_click(rng):
    """one click among four visitors, where every shuffle ties"""
    return np.array([0, 0]), np.array([0, 1]), 2000, rng


@p_value.case
def whole_numbers(rng):
    """small whole numbers with many ties"""
    return np.array([0, 1, 1, 2]), np.array([1, 2, 2, 3]), 4000, rng


@p_value.property
def shuffles_anew(p, a, b, rounds, rng):
    """Every round shuffles anew, so that among thousands of rounds some reach the real gap and some do not"""
    return rounds < 4000 or min(abs(p - 1), abs(p - 1 / (1 + rounds))) > 1e-9


@p_value.property
def whole_count(p, a, b, rounds, rng):
    """The result is a share of the rounds, not rounded: `(1 + count) / (1 + rounds)` with a whole number as count"""
    return len(a) + len(b) < 32 or abs(p * (1 + rounds) - round(p * (1 + rounds))) < 0.01


@p_value.mistake
def no_plus_one(a, b, rounds, rng):
    """Where one shuffle was asked for, and did not reach the real gap, you return 0, or nearly 0: "impossible". The
    real labelling is one of the possible ones: add 1 to the count and to the rounds, and shuffle `rounds` times."""
    return np.mean(np.abs(shuffled(a, b, rng)) >= abs(gap(a, b)))


@p_value.mistake
def plus_one_above_only(a, b, rounds, rng):
    """You added 1 to the count, but not to the number of shuffles you divide by, so p can exceed 1. The real
    labelling joins both: the count and the total."""
    return (1 + rounds * np.mean(np.abs(shuffled(a, b, rng)) >= abs(gap(a, b)))) / rounds


@p_value.mistake
def plus_one_below_only(a, b, rounds, rng):
    """You added 1 to the number of shuffles, but not to the count, so p can still be 0. The real labelling is as
    extreme as itself: it joins the count too."""
    return rounds * np.mean(np.abs(shuffled(a, b, rng)) >= abs(gap(a, b))) / (1 + rounds)


@p_value.mistake
def forgets_ties(a, b, rounds, rng):
    """You counted the shuffles that are *further* from 0 than the real gap, and let the ties go. With clicks, ties
    are common: where all values are equal every shuffle ties, and p must be 1. At least as far: `>=`."""
    return plus_one(np.abs(shuffled(a, b, rng)) > abs(gap(a, b)), rounds)


@p_value.mistake
def only_b_ahead(a, b, rounds, rng):
    """You counted only shuffles in which b leads. You would have been as surprised by the same gap the other way
    round: compare sizes without their sign, on both sides of `>=`."""
    return plus_one(shuffled(a, b, rng) >= gap(a, b), rounds)


@p_value.mistake
def only_a_ahead(a, b, rounds, rng):
    """You counted only shuffles in which a leads. You would have been as surprised by the same gap the other way
    round: compare sizes without their sign, on both sides of `>=`."""
    return plus_one(shuffled(a, b, rng) <= gap(a, b), rounds)


@p_value.mistake
def sign_of_the_shuffles(a, b, rounds, rng):
    """You took the size of the real gap but kept the sign of the shuffled ones, so half of the extreme shuffles
    were never counted. Both sides need `np.abs`."""
    return plus_one(shuffled(a, b, rng) >= abs(gap(a, b)), rounds)


@p_value.mistake
def sign_of_the_real_gap(a, b, rounds, rng):
    """You took the size of the shuffled gaps but kept the sign of the real one. When it is negative, every size is
    above it, and p is 1. Both sides need `abs`."""
    return plus_one(np.abs(shuffled(a, b, rng)) >= gap(a, b), rounds)


@p_value.mistake
def sign_of_the_real_gap_reversed(a, b, rounds, rng):
    """You took the size of the shuffled gaps but kept the sign of the real one (a minus b). When it is negative,
    every size is above it, and p is 1. Both sides need `abs`."""
    return plus_one(np.abs(shuffled(a, b, rng)) >= -gap(a, b), rounds)


@p_value.mistake
def shuffles_inside_the_groups(a, b, rounds, rng):
    """In your shuffles no value ever changes its group: the means stay, every gap ties, and p is 1. Put both groups
    into one array, shuffle that, and cut it anew."""
    return 1.0


@p_value.mistake
def adds_the_values(a, b, rounds, rng):
    """`a + b` joins lists, but adds arrays number by number: the heap is too short, and nothing is left for the
    second group. `np.concatenate([a, b])` joins arrays."""
    return 1 / (1 + rounds) if len(a + b) else None


@p_value.mistake
def cuts_in_the_middle(a, b, rounds, rng):
    """You cut the shuffled values in the middle. The groups keep their sizes: the first `len(a)` values are the new
    a, the rest the new b."""
    pooled, half = np.concatenate([a, b]), (len(a) + len(b)) // 2
    return plus_one(np.abs(shuffled(pooled[:half], pooled[half:], rng)) >= abs(gap(a, b)), rounds)


@p_value.mistake
def draws_with_replacement(a, b, rounds, rng):
    """You drew with replacement, so some values came twice and others never. That is a bootstrap. A shuffle keeps
    every value, and changes only whose it is."""
    pooled = rng.choice(np.concatenate([a, b]), (10_000, len(a) + len(b)))
    return plus_one(np.abs(gap(pooled[:, : len(a)], pooled[:, len(a) :])) >= abs(gap(a, b)), rounds)


@p_value.mistake
def the_other_share(a, b, rounds, rng):
    """You counted the shuffles that stay *closer* to 0 than the real gap. A p-value is the other part: how often
    does luck alone reach what you saw?"""
    return plus_one(np.abs(shuffled(a, b, rng)) <= abs(gap(a, b)), rounds)


@p_value.mistake
def one_minus_p(a, b, rounds, rng):
    """You returned 1 minus the p-value. How often does luck alone make a gap like yours? That share itself is
    wanted: a small one speaks against luck."""
    return 1 - p_value.reference(a, b, rounds, rng)


@p_value.accepts
def one_by_one(a, b, rounds, rng):
    pooled, real, count = [*a, *b], abs(sum(a) / len(a) - sum(b) / len(b)), 1
    for _ in range(rounds):
        rng.shuffle(pooled)
        count += abs(sum(pooled[: len(a)]) / len(a) - sum(pooled[len(a) :]) / len(b)) >= real
    return count / (rounds + 1)


@p_value.accepts
def by_sorting_random_numbers(a, b, rounds, rng):
    values = np.r_[a, b]
    mine = rng.random((rounds, len(values))).argsort(axis=1) < len(a)
    sums = mine @ values
    gaps = sums / len(a) - (values.sum() - sums) / len(b)
    return np.mean(np.append(np.abs(gaps) >= np.abs(np.mean(a) - np.mean(b)), True))


# --- power: how often a real gain is found


def clicks(rate, visitors, rng, size=10 * 4001):  # ten times as many as the cases ask for
    return rng.binomial(visitors, rate, size)


def share_found(a, b, visitors, level=0.05):
    return np.mean(fast_p(a, b, visitors) < level)


@Check(compare=Compare(rtol=0, atol=0.04))
def power(rate_a, rate_b, visitors, runs, rng):
    found = share_found(clicks(rate_a, visitors, rng), clicks(rate_b, visitors, rng), visitors)
    return np.round(found * runs) / runs


@power.case
def a_gain(rng):
    """a gain that is found about half of the time"""
    return 0.7, 0.8, 140, 4001, rng


@power.case
def a_loss(rng):
    """a B that is worse"""
    return 0.5, 0.36, 180, 4001, rng


@power.case
def no_difference(rng):
    """two models that are the same"""
    return 0.3, 0.3, 300, 4001, rng


@power.case
def nobody_clicks(rng):
    """rates of 0, where nobody ever clicks"""
    return 0.0, 0.0, 50, 400, rng


@power.case
def all_or_nobody(rng):
    """rates of 0 and 1"""
    return 0.0, 1.0, 50, 400, rng


@power.property
def a_share(found, rate_a, rate_b, visitors, runs, rng):
    """The result is the share of all `runs` experiments, a number from 0 to 1: no count, no per cent, not rounded"""
    return 0 <= found <= 1 and abs(found * runs - round(found * runs)) < 0.01


@power.property
def false_alarms(found, rate_a, rate_b, visitors, runs, rng):
    """About 5 % of the runs are false alarms, as A and B have different visitors also when their rates are equal"""
    return rate_a != rate_b or rate_a == 0 or 0.02 < found < 0.1


@power.mistake
def share_missed(rate_a, rate_b, visitors, runs, rng):
    """You returned the share of runs that find nothing. Power is the share that finds the difference: p below
    0.05."""
    return 1 - power.reference(rate_a, rate_b, visitors, runs, rng)


@power.mistake
def counts_a_gain_only(rate_a, rate_b, visitors, runs, rng):
    """You counted a run only when B is ahead. A loss is worth finding too: p below 0.05, in either direction."""
    a, b = clicks(rate_a, visitors, rng), clicks(rate_b, visitors, rng)
    return np.mean((fast_p(a, b, visitors) < 0.05) & (b > a))


@power.mistake
def no_real_difference(rate_a, rate_b, visitors, runs, rng):
    """Both groups of yours click at the same rate, so what you count is false alarms. B's visitors have a rate of
    their own."""
    return power.reference(rate_a, rate_a, visitors, runs, rng)


@power.mistake
def splits_the_visitors(rate_a, rate_b, visitors, runs, rng):
    """Your groups have half of the visitors each. Here `visitors` is the number in each group."""
    return power.reference(rate_a, rate_b, visitors // 2, runs, rng)


@power.mistake
def tells_the_test_of_both(rate_a, rate_b, visitors, runs, rng):
    """You drew the clicks rightly, then told `fast_p` the visitors of both groups together. It wants the number in
    each group."""
    return share_found(clicks(rate_a, visitors, rng), clicks(rate_b, visitors, rng), 2 * visitors)


@power.mistake
def hands_over_rates(rate_a, rate_b, visitors, runs, rng):
    """You handed click *rates* to `fast_p`. It wants the numbers of clicks, and divides by the visitors itself."""
    a, b = (clicks(rate, visitors, rng) / visitors for rate in (rate_a, rate_b))
    return share_found(a, b, visitors)


@power.mistake
def halves_the_level(rate_a, rate_b, visitors, runs, rng):
    """You compared with 0.025. `fast_p` already counts gaps in both directions, so its line is 0.05."""
    a, b = (clicks(rate, visitors, rng) for rate in (rate_a, rate_b))
    return share_found(a, b, visitors, level=0.025)


@power.mistake
def the_mean_p(rate_a, rate_b, visitors, runs, rng):
    """You averaged the p-values. Every run ends in a decision: below 0.05 or not. Average the decisions."""
    return np.mean(fast_p(clicks(rate_a, visitors, rng), clicks(rate_b, visitors, rng), visitors))


@power.accepts
def visitor_by_visitor(rate_a, rate_b, visitors, runs, rng):
    found = 0
    for _ in range(runs):
        a, b = (np.sum(rng.random(visitors) < rate) for rate in (rate_a, rate_b))
        found += bool(fast_p(a, b, visitors) < 0.05)
    return found / runs


@power.accepts
def both_at_once(rate_a, rate_b, visitors, runs, rng):
    a, b = rng.binomial(visitors, [[rate_a], [rate_b]], (2, runs))
    return np.count_nonzero(fast_p(a, b, visitors) < 0.05) / runs


# --- p_paths: the p-value of every evening


def visits(rate, per_day, days, runs, rng):
    return rng.binomial(per_day, rate, (runs, days))


@Check(compare=Compare(rtol=0, atol=0.08))
def p_paths(rate_a, rate_b, per_day, days, runs, rng):
    a, b = (visits(rate, per_day, days, runs, rng).cumsum(axis=1) for rate in (rate_a, rate_b))
    return fast_p(a, b, per_day * np.arange(1, days + 1))


@p_paths.probe
def look(answer, rate_a, rate_b, per_day, days, runs, rng):
    import numpy as np

    result = answer(rate_a, rate_b, per_day, days, runs, rng)
    if result is None:
        return None
    p = np.asarray(result, dtype=float)
    facts = {"shape": list(p.shape), "all p between 0 and 1": bool(np.all((p >= 0) & (p <= 1)))}
    right = p.shape == (runs, days)
    facts["runs differ from one another"] = bool(right and np.any(p[1:] != p[:-1]))
    facts["share below 0.05 on day 1"] = np.mean(p[:, 0] < 0.05) if right else None
    facts["share below 0.05 on the last day"] = np.mean(p[:, -1] < 0.05) if right else None
    facts["share ever below 0.05"] = np.mean(np.any(p < 0.05, axis=1)) if right else None
    return facts


@p_paths.case
def same_model_twice(rng):
    """the same model twice, for 20 days"""
    return 0.3, 0.3, 200, 20, 2000, rng


@p_paths.case
def a_better_b(rng):
    """a better B, for 12 days"""
    return 0.64, 0.7, 60, 12, 2000, rng


@p_paths.case
def one_day(rng):
    """a worse B, and a single day"""
    return 0.5, 0.36, 100, 1, 2000, rng


@p_paths.mistake
def each_day_alone(rate_a, rate_b, per_day, days, runs, rng):
    """You test every day by itself, so yesterday's visitors are forgotten. The evening's p-value is of all clicks
    so far: let them add up along the days."""
    return fast_p(visits(rate_a, per_day, days, runs, rng), visits(rate_b, per_day, days, runs, rng), per_day)


@p_paths.mistake
def new_crowd_every_evening(rate_a, rate_b, per_day, days, runs, rng):
    """You draw the clicks of all days so far anew every evening, as if nobody from yesterday had come. Draw each
    day's clicks once, and let them add up along the days."""
    seen = per_day * np.arange(1, days + 1)
    return fast_p(visits(rate_a, seen, days, runs, rng), visits(rate_b, seen, days, runs, rng), seen)


@p_paths.mistake
def adds_up_the_runs(rate_a, rate_b, per_day, days, runs, rng):
    """Your clicks add up from run to run, not from day to day. In an array of shape `(runs, days)`, along which
    axis do the days lie?"""
    a, b = (visits(rate, per_day, days, runs, rng).cumsum(axis=0) for rate in (rate_a, rate_b))
    return fast_p(a, b, per_day * np.arange(1, days + 1))


@p_paths.mistake
def clicks_of_one_day(rate_a, rate_b, per_day, days, runs, rng):
    """Your visitors add up, but the clicks are those of one day, so the click rate seems to shrink from evening to
    evening. The clicks add up too, along the days."""
    a, b = (visits(rate, per_day, days, runs, rng) for rate in (rate_a, rate_b))
    return fast_p(a, b, per_day * np.arange(1, days + 1))


@p_paths.mistake
def visitors_of_one_day(rate_a, rate_b, per_day, days, runs, rng):
    """Your clicks add up, but you tell `fast_p` the visitors of one day, so there are soon more clicks than
    visitors. The visitors add up too."""
    a, b = (visits(rate, per_day, days, runs, rng).cumsum(axis=1) for rate in (rate_a, rate_b))
    return fast_p(a, b, per_day)


@p_paths.mistake
def visitors_of_all_days(rate_a, rate_b, per_day, days, runs, rng):
    """You tell `fast_p` the visitors of all days, on the first evening already. That evening only `per_day` people
    have come to each model; the number grows from column to column."""
    a, b = (visits(rate, per_day, days, runs, rng).cumsum(axis=1) for rate in (rate_a, rate_b))
    return fast_p(a, b, per_day * days)


@p_paths.mistake
def visitors_of_both(rate_a, rate_b, per_day, days, runs, rng):
    """You tell `fast_p` the visitors of both models together. It wants the number of each: after day 1, that is
    `per_day`."""
    a, b = (visits(rate, per_day, days, runs, rng).cumsum(axis=1) for rate in (rate_a, rate_b))
    return fast_p(a, b, 2 * per_day * np.arange(1, days + 1))


@p_paths.mistake
def counts_days_from_zero(rate_a, rate_b, per_day, days, runs, rng):
    """Your number of visitors begins at 0 on the first evening: `np.arange(days)` counts from 0. By that evening
    `per_day` people have come."""
    a, b = (visits(rate, per_day, days, runs, rng).cumsum(axis=1) for rate in (rate_a, rate_b))
    with np.errstate(all="ignore"):
        return fast_p(a, b, per_day * np.arange(days))


@p_paths.mistake
def one_day_too_many(rate_a, rate_b, per_day, days, runs, rng):
    """You have one column too many: one p-value per day is wanted. Before the first evening there is nothing to
    test."""
    p = p_paths.reference(rate_a, rate_b, per_day, days, runs, rng)
    return np.column_stack([np.ones(runs), p])


@p_paths.mistake
def transposed(*case):
    """Your table lies on its side: one row per run, one column per day is wanted."""
    return p_paths.reference(*case).T


@p_paths.mistake
def one_entry_per_run(*case):
    """You return one entry per test. Peeking means to look every evening: keep the p-values of all the days, one
    column each."""
    return p_paths.reference(*case)[:, -1]


@p_paths.mistake
def stops_at_the_alarm(*case):
    """Once a path has been below 0.05, yours stays below. It may rise again: simulate all the days, whatever the
    p-values say, and keep each as it is. Who stops when is decided later."""
    return np.minimum.accumulate(p_paths.reference(*case), axis=1)


@p_paths.mistake
def decisions(*case):
    """You return whether p is below 0.05. The p-values themselves are wanted; the line is drawn later."""
    return p_paths.reference(*case) < 0.05


@p_paths.mistake
def no_return(*case):
    """Nothing came back: is a `return` missing?"""
    return None


@p_paths.mistake
def the_same_clicks_for_both(rate_a, rate_b, per_day, days, runs, rng):
    """A and B get the same clicks, number by number: p is 1 for ever. Different visitors see the two models, so
    draw for each of them."""
    a = visits(rate_a, per_day, days, runs, rng).cumsum(axis=1)
    return fast_p(a, a, per_day * np.arange(1, days + 1))


@p_paths.mistake
def both_at_one_rate(rate_a, rate_b, per_day, days, runs, rng):
    """Both models click at the same rate, although two rates were handed over. Draw B's clicks with `rate_b`."""
    return p_paths.reference(rate_a, rate_a, per_day, days, runs, rng)


@p_paths.accepts
def day_by_day(rate_a, rate_b, per_day, days, runs, rng):
    a, b, columns = np.zeros(runs), np.zeros(runs), []
    for day in range(1, days + 1):
        a, b = a + rng.binomial(per_day, rate_a, runs), b + rng.binomial(per_day, rate_b, runs)
        columns.append(fast_p(a, b, day * per_day))
    return np.column_stack(columns)


@p_paths.accepts
def run_by_run(rate_a, rate_b, per_day, days, runs, rng):
    visitors = per_day * np.arange(1, days + 1)
    paths = []
    for _ in range(runs):
        seen = (np.cumsum(rng.random(per_day * days) < rate)[per_day - 1 :: per_day] for rate in (rate_a, rate_b))
        paths.append(fast_p(*seen, visitors).tolist())
    return paths


# --- honest_line: where the line must lie for one who peeks


@Check(compare=Compare(rtol=0, atol=1.01), inputs="untouched")
def honest_line(paths, share):
    return np.quantile(paths.min(axis=1), share)


@honest_line.probe
def cross(answer, paths, share):
    import numpy as np

    as_given = paths.copy()
    line = answer(paths, share)
    if line is None:
        return None
    line = np.asarray(line, dtype=float)
    if line.size != 1:
        raise TypeError(f"One number was wanted: the same line for all days. An array of shape {line.shape} came.")
    return {"paths that ever fall below your line": int(np.sum(np.any(as_given < line.item(), axis=1)))}


def wander(rng, runs, days):
    """Return the p-values of averages of more and more random numbers: like those of a test, but without ties."""
    z = rng.normal(size=(runs, days)).cumsum(axis=1) / np.sqrt(np.arange(1, days + 1))
    return erfc(np.abs(z) / np.sqrt(2))


@honest_line.case
def five_per_cent(rng):
    """1000 paths of 15 days, and a share of 0.05"""
    return wander(rng, 1000, 15), 0.05


@honest_line.case
def a_quarter(rng):
    """1600 paths of 40 days that have nothing to do with each other, and a share of 0.25"""
    return rng.uniform(size=(1600, 40)), 0.25


@honest_line.case
def one_look(rng):
    """500 paths of a single day, and a share of 0.1"""
    return wander(rng, 500, 1), 0.1


@honest_line.mistake
def all_evenings_alike(paths, share):
    """Your line leaves a share of all *p-values* below it, evening by evening. A path is lost as soon as one of its
    evenings is: it has many chances. Which one number of a path decides whether it ever falls below?"""
    return np.quantile(paths, share)


@honest_line.mistake
def the_last_evening(paths, share):
    """Your line is right for one who looks on the last evening only. Most of the paths that ever fell below have
    risen again by then. Which one number of a path decides whether it ever did?"""
    return np.quantile(paths[:, -1], share)


@honest_line.mistake
def share_by_days(paths, share):
    """You divided the share by the number of days. That is safe, but too strict: tomorrow's p-value is nearly
    today's, so thirty looks are far from thirty separate chances. Let the paths tell."""
    return share / paths.shape[1]


@honest_line.mistake
def the_share_itself(paths, share):
    """You returned the share itself. With that line, one who looks every evening is wrong far more often. Find the
    line from the paths."""
    return share


@honest_line.mistake
def lowest_of_each_day(paths, share):
    """You took the lowest point of each day over all paths. Whose lowest point is wanted: a day's or a path's?
    Look at the axis."""
    return np.quantile(paths.min(axis=0), share)


@honest_line.mistake
def lowest_of_all(paths, share):
    """You took the lowest point of all paths together, one number for the whole table. Every path has a lowest point
    of its own."""
    return paths.min()


@honest_line.mistake
def no_return(paths, share):
    """Nothing came back: is a `return` missing?"""
    return None


@honest_line.mistake
def from_the_top(paths, share):
    """You cut at the wrong end: nearly every path falls below your line. Only `share` of them may."""
    return np.quantile(paths.min(axis=1), 1 - share)


@honest_line.mistake
def one_line_per_day(paths, share):
    """You found a line for every day. One line for all days is wanted, low enough for all chances together."""
    return np.quantile(paths, share, axis=0)


@honest_line.mistake
def per_cent_of_the_share(paths, share):
    """`np.percentile` wants per cent, and took your share for a small part of one. `np.quantile` takes a share."""
    return np.percentile(paths.min(axis=1), share)


@honest_line.mistake
def always_five_per_cent(paths, share):
    """Your line lets 5 % of the paths fall below it, whatever `share` says. Use the argument."""
    return np.quantile(paths.min(axis=1), 0.05)


@honest_line.accepts
def by_sorting(paths, share):
    lowest = sorted(min(path) for path in paths.tolist())
    return lowest[round(share * len(lowest))]


@honest_line.accepts
def by_bisection(paths, share):
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if np.mean((paths < middle).any(axis=1)) <= share else (low, middle)
    return low


# --- discoveries: many tests at once


def lines(p_values, share):
    return share * np.arange(1, len(p_values) + 1) / len(p_values)


@Check(inputs="untouched")
def discoveries(p_values, share):
    under = np.flatnonzero(np.sort(p_values) <= lines(p_values, share))
    return p_values <= np.sort(p_values)[under[-1]] if len(under) else np.zeros(len(p_values), dtype=bool)


@discoveries.case
def no_order(rng):
    """twelve p-values in no order, one of which lies above its own line but is carried by those behind it"""
    return np.array([0.41, 0.006, 0.0201, 0.9, 0.014, 0.001, 0.52, 0.0164, 0.6, 0.0302, 0.3, 0.7]), 0.05


@discoveries.case
def three_tests(rng):
    """three p-values and a share of 0.1"""
    return np.array([0.04, 0.2, 0.03]), 0.1


@discoveries.case
def on_the_line(rng):
    """two equal p-values, one of which lies exactly on its line"""
    return np.array([0.375, 0.9, 0.2, 0.375]), 0.5


@discoveries.case
def equal_ones(rng):
    """two equal p-values, the second of which is under its line"""
    return np.array([0.3, 0.06, 0.06]), 0.1


@discoveries.case
def none_at_all(rng):
    """p-values of which none is a discovery"""
    return rng.uniform(0.2, 1, 10), 0.05


@discoveries.case
def all_of_them(rng):
    """p-values that are all discoveries"""
    return rng.uniform(0, 0.001, 5), 0.05


@discoveries.case
def a_single_one(rng):
    """a single p-value"""
    return np.array([0.03]), 0.05


@discoveries.mistake
def no_correction(p_values, share):
    """You compared every p-value with `share` itself, as if it were the only test. The smallest of many p-values is
    small by chance alone: the line depends on the place in the sorted list."""
    return p_values <= share


@discoveries.mistake
def one_low_line(p_values, share):
    """You divided by the number of tests and used that one line for all. This is Bonferroni's correction: it lets
    hardly any false alarm through, and loses weak signals. Here the line rises with the place."""
    return p_values <= share / len(p_values)


@discoveries.mistake
def holm(p_values, share):
    """You divided by the number of tests that are left. This is Holm's correction, a stricter promise (hardly any
    false alarm at all). Here the k-th smallest is compared with `k / m * share`."""
    order, found = np.argsort(p_values), np.zeros(len(p_values), dtype=bool)
    under = np.sort(p_values) <= share / np.arange(len(p_values), 0, -1)
    found[order[: len(p_values) if under.all() else under.argmin()]] = True
    return found


@discoveries.mistake
def each_under_its_own_line(p_values, share):
    """You kept the p-values that lie under their own line. One that lies above its line, but before another that is
    under, was dropped: a smaller p-value lost to a larger one. Find the *last* place that is under; all up to it
    are kept."""
    order, found = np.argsort(p_values), np.zeros(len(p_values), dtype=bool)
    found[order] = np.sort(p_values) <= lines(p_values, share)
    return found


@discoveries.mistake
def stops_at_the_first_above(p_values, share):
    """You went up the sorted list and stopped at the first p-value above its line. A later one may be under again,
    and it carries all before it. Look for the last place under the line, not for the first above."""
    order, found = np.argsort(p_values), np.zeros(len(p_values), dtype=bool)
    under = np.sort(p_values) <= lines(p_values, share)
    found[order[: len(p_values) if under.all() else under.argmin()]] = True
    return found


@discoveries.mistake
def places_from_zero(p_values, share):
    """Your first place is number 0, so the smallest p-value is compared with 0 and every line lies one step too
    low. Places count from 1."""
    under = np.flatnonzero(np.sort(p_values) <= lines(p_values, share) - share / len(p_values))
    return p_values <= (np.sort(p_values)[under[-1]] if len(under) else -1)


@discoveries.mistake
def strictly_under(p_values, share):
    """You asked for p-values strictly below the line. On the line counts: `<=`."""
    under = np.flatnonzero(np.sort(p_values) < lines(p_values, share))
    return p_values <= (np.sort(p_values)[under[-1]] if len(under) else -1)


@discoveries.mistake
def without_sorting(p_values, share):
    """You compared the p-values with the rising lines in the order in which they came. The place is that in the
    *sorted* list."""
    under = np.flatnonzero(p_values <= lines(p_values, share))
    return p_values <= (p_values[under[-1]] if len(under) else -1)


@discoveries.mistake
def lines_in_the_given_order(p_values, share):
    """The lines rise in the order in which the p-values came. The place that counts is the one in the *sorted* list."""
    return p_values <= lines(p_values, share)


@discoveries.mistake
def first_place_of_equals(p_values, share):
    """You gave equal p-values one place, the first of them (as `list.index` does). In the sorted list they stand one
    after the other: if the last of them is under its line, all are kept."""
    places = np.searchsorted(np.sort(p_values), p_values) + 1
    return p_values <= np.max(p_values[p_values <= share * places / len(p_values)], initial=-1)


@discoveries.mistake
def loses_the_last(p_values, share):
    """You kept the p-values *before* the last one under the line, and lost that one. All up to it are kept, itself
    included."""
    under = np.flatnonzero(np.sort(p_values) <= lines(p_values, share))
    return p_values < (np.sort(p_values)[under[-1]] if len(under) else -1)


@discoveries.mistake
def all_if_none(p_values, share):
    """Where no p-value is under its line, you keep all of them. `argmax` among nothing but `False` answers with a
    place all the same: ask `any` first."""
    kept = discoveries.reference(p_values, share)
    return kept if kept.any() else ~kept


@discoveries.mistake
def in_sorted_order(p_values, share):
    """You found the right number of discoveries, but in sorted order: your answer says *how many*, not *which*.
    Entry i must speak of `p_values[i]`."""
    return np.sort(discoveries.reference(p_values, share))[::-1]


@discoveries.mistake
def sorted_once_more(p_values, share):
    """You found the right number of discoveries, but on the way back you sorted once more: `kept[order]` reads
    where `kept[order] = ...` should write. Or compare all p-values with the largest one that is kept."""
    return in_sorted_order(p_values, share)[np.argsort(p_values)]


@discoveries.mistake
def sorts_in_place(p_values, share):
    """`p_values.sort()` sorts the array that you were given: the old order is lost, and entry i no longer speaks of
    the i-th p-value. `np.sort` makes a new array."""
    p_values.sort()
    return discoveries.reference(p_values, share)


@discoveries.mistake
def their_numbers(p_values, share):
    """You returned the places of the discoveries. Return `True` or `False` for each p-value."""
    return np.flatnonzero(discoveries.reference(p_values, share))


@discoveries.accepts
def with_scipy(p_values, share):
    return false_discovery_control(p_values) <= share


@discoveries.accepts
def with_a_loop(p_values, share):
    ranked, last = sorted(p_values.tolist()), 0
    for place, p in enumerate(ranked, start=1):
        if p * len(ranked) <= place * share:
            last = place
    return [p in ranked[:last] for p in p_values.tolist()]
