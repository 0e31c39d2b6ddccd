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
    return (1 + rounds * np.mean(extreme)) / (1 + rounds)


@Check(compare=Compare(rtol=0, atol=0.05), inputs="untouched")
def p_value(a, b, rounds, rng):
    return plus_one(np.abs(shuffled(a, b, rng)) >= abs(gap(a, b)), rounds)


def scores(rng, size_a, size_b, shift, loc=5):
    """Return two groups of decimals, the second of which is higher by `shift` on average, to the last digit."""
    a, b = rng.normal(loc, 1, size_a), rng.normal(loc, 1, size_b)
    return a, b - b.mean() + a.mean() + shift


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
    return rng.normal(0, 1, 20), rng.normal(90, 1, 20), 1, rng


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


@p_value.mistake
def no_plus_one(a, b, rounds, rng):
    """You left out the +1. When no shuffle reaches the real gap, you return 0: "impossible", after a handful of
    shuffles. The real labelling is one of the possible ones: count it above and below the line."""
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
    """No value ever changed its group: each group was shuffled by itself, and its mean stays. Put both into one
    array first, then shuffle that."""
    return 1.0


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
    """You returned the share of shuffles that stay *closer* to 0 than the real gap. A p-value is the other part:
    how often does pure chance reach what you saw?"""
    return 1 - np.mean(np.abs(shuffled(a, b, rng)) >= abs(gap(a, b)))


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


def clicks(rate, visitors, rng, size=40_000):
    return rng.binomial(visitors, rate, size)


def share_found(a, b, visitors, level=0.05):
    return np.mean(fast_p(a, b, visitors) < level)


@Check(compare=Compare(rtol=0, atol=0.05))
def power(rate_a, rate_b, visitors, runs, rng):
    return share_found(clicks(rate_a, visitors, rng), clicks(rate_b, visitors, rng), visitors)


@power.case
def a_gain(rng):
    """a gain that is found about half of the time"""
    return 0.2, 0.3, 140, 4000, rng


@power.case
def a_loss(rng):
    """a B that is worse"""
    return 0.5, 0.36, 180, 4000, rng


@power.case
def no_difference(rng):
    """two models that are the same"""
    return 0.3, 0.3, 300, 4000, rng


@power.case
def nobody_clicks(rng):
    """rates of 0, where nobody ever clicks"""
    return 0.0, 0.0, 50, 400, rng


@power.case
def all_or_nobody(rng):
    """rates of 0 and 1"""
    return 0.0, 1.0, 50, 400, rng


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

    p = np.asarray(answer(rate_a, rate_b, per_day, days, runs, rng), dtype=float)
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
    return 0.3, 0.36, 60, 12, 2000, rng


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
def only_the_last_day(*case):
    """You return the p-value of the last day only. Peeking means to look every evening: keep all of them, one
    column per day."""
    return p_paths.reference(*case)[:, -1]


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

    line = np.asarray(answer(paths.copy(), share), dtype=float)
    if line.size != 1:
        raise TypeError(f"One number was wanted: the same line for all days. An array of shape {line.shape} came.")
    return {"paths that ever fall below your line": int(np.sum(np.any(paths < line.item(), axis=1)))}


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
    """400 paths of 40 days, and a share of 0.25"""
    return wander(rng, 400, 40), 0.25


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
def from_the_top(paths, share):
    """You cut at the wrong end: nearly every path falls below your line. Only `share` of them may."""
    return np.quantile(paths.min(axis=1), 1 - share)


@honest_line.mistake
def one_line_per_day(paths, share):
    """You found a line for every day. One line for all days is wanted, low enough for all chances together."""
    return np.quantile(paths, share, axis=0)


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
