"""Decides about the exercise `fundamentals/bootstrap`.

Chance has no one right answer: the probes return facts that every correct way of drawing shares. A bound lies five
standard deviations of the draws or more away from what it expects.
"""

from functools import cache

import numpy as np
from scipy import stats

from shoshin import Check

DEVIATIONS = 5
ORACLE = 40_000  # resamples of our own, against which the ends of an interval are placed


def numbers(result):
    """Return a result as an array of floats."""
    if result is None:
        raise TypeError("Your function returned nothing. Is a `return` missing, in it or in what it calls?")
    try:
        return np.asarray(result, dtype=float)
    except ValueError:
        raise ValueError("The rows of what you return have different lengths, or hold no numbers.") from None


def chance_in(call, seed):
    """Say what is wrong with where a function of a generator has its chance from; "" if nothing is."""
    rng, twin = np.random.default_rng(seed), np.random.default_rng(seed)
    runs, again = [call(rng) for _ in range(6)], [call(twin) for _ in range(6)]
    if not np.array_equal(runs, again):
        return "not from rng"
    return "always the same" if all(np.array_equal(run, runs[0]) for run in runs) else ""


# --- resample


@Check(compare=None, inputs="untouched", seconds=30)
def resample(sample, times, rng):
    return rng.choice(sample, size=(times, len(sample)))


@resample.probe
def look_at_table(answer, sample, times, seed):
    n, distinct = len(sample), np.unique(sample)
    table = numbers(answer(sample, times, np.random.default_rng(seed)))
    if table.shape != (times, n):
        return {"shape": list(table.shape)}
    if not np.isin(table, sample).all():
        return {"from elsewhere": "row numbers" if np.isin(table, np.arange(n)).all() else "other numbers"}
    if len(distinct) == 1:
        return {}
    if chance := chance_in(lambda rng: answer(sample.copy(), 5, rng), seed):
        return {"chance": chance}
    if (table == table[0]).all():
        return {"rows": "all the same"}
    if (np.sort(table) == np.sort(sample)).all():
        return {"rows": "the sample in another order"}
    facts = {"never drawn": [position for position, value in enumerate(sample) if not (table == value).any()]}
    share = (sample[:, None] == distinct).mean(axis=0)
    counts = (table[:, :, None] == distinct).sum(axis=(0, 1))
    bound = DEVIATIONS * np.sqrt(table.size * share * (1 - share))
    facts["as often"] = bool((np.abs(counts - table.size * share) <= bound).all())
    if len(distinct) == n:
        # a value is missing in a row with probability (1 - 1/n)**n
        found = (np.diff(np.sort(table), axis=1) > 0).sum(axis=1) + 1
        none, neither = (1 - 1 / n) ** n, (1 - 2 / n) ** n
        spread = np.sqrt(n * none + n * (n - 1) * neither - (n * none) ** 2)
        facts["repeats"] = bool(abs(found.mean() - n * (1 - none)) <= DEVIATIONS * spread / np.sqrt(times))
    return facts


@resample.case
def nine_values(rng):
    """nine different values, drawn 3000 times"""
    return rng.permutation(np.arange(9) ** 2) + 20.5, 3000, int(rng.integers(1000))


@resample.case
def repeated_values(rng):
    """a sample in which one value stands three times"""
    return np.array([30.0, 70.0, 30.0, 50.0, 30.0]), 2000, int(rng.integers(1000))


@resample.case
def single_value(rng):
    """a sample of one value"""
    return np.array([42.0]), 7, int(rng.integers(1000))


@resample.property
def has_the_shape(facts, sample, times, seed):
    """The result has one row per resample and as many columns as the sample has values: shape `(times, n)`."""
    return "shape" not in facts


@resample.property
def only_values_of_the_sample(facts, sample, times, seed):
    """Every number in the result is one of the values of the sample."""
    return "from elsewhere" not in facts


@resample.property
def chance_comes_from_rng(facts, sample, times, seed):
    """All chance comes from `rng`: equal generators give equal tables, and the next call with one gives another."""
    return not facts.get("chance")


@resample.property
def rows_are_drawn_afresh(facts, sample, times, seed):
    """Every row is drawn afresh, value by value."""
    return "rows" not in facts


@resample.property
def every_entry_counts_alike(facts, sample, times, seed):
    """Every entry of the sample is drawn equally often in the long run; a value that stands there three times, three
    times as often."""
    return facts.get("as often", True)


@resample.property
def values_are_put_back(facts, sample, times, seed):
    """A value that has been drawn can be drawn again in the same row, as easily as any other."""
    return facts.get("repeats", True)


@resample.mistake
def does_not_put_back(sample, times, rng):
    """Every row holds each value exactly once: you shuffled. The mean of a shuffled sample is the mean of the sample,
    so nothing would ever vary. Put each value back before you draw the next."""
    return rng.permuted(np.tile(sample, (times, 1)), axis=1)


@resample.mistake
def turned_table(sample, times, rng):
    """Your table lies on its side: a resample is a *row*. `times` rows, and n columns."""
    return rng.choice(sample, size=(len(sample), times))


@resample.mistake
def one_long_row(sample, times, rng):
    """You drew one row of `times` values. Each resample has n values, and `times` of them are wanted. Look at
    `size`: it can be a pair."""
    return rng.choice(sample, size=times)


@resample.mistake
def one_resample(sample, times, rng):
    """You drew one single resample: n values in a row. `times` such rows are wanted, one below the other. Look at
    `size`: it can be a pair."""
    return rng.choice(sample, size=len(sample))


@resample.mistake
def repeats_one_resample(sample, times, rng):
    """All your rows are equal: you drew once, outside the loop, and copied. Draw anew for every row."""
    return np.tile(rng.choice(sample, size=len(sample)), (times, 1))


@resample.mistake
def invents_values(sample, times, rng):
    """Your table holds numbers that never occurred in the sample, from a bell curve or a range that you assumed. The
    bootstrap assumes no curve: it knows the values in hand and draws from these."""
    return rng.normal(sample.mean(), sample.std(), (times, len(sample)))


@resample.mistake
def returns_row_numbers(sample, times, rng):
    """You return the places that you drew, not the values that stand there. An array can be indexed by your array of
    places, whatever its shape."""
    return rng.integers(len(sample), size=(times, len(sample)))


@resample.mistake
def leaves_out_the_last(sample, times, rng):
    """The last value of the sample never comes. `rng.integers(high)` already stops before `high`, so `len(sample)`
    is right as it is."""
    return sample[rng.integers(len(sample) - 1, size=(times, len(sample)))]


@resample.mistake
def each_value_once(sample, times, rng):
    """You drew from the *different* values. One that stands three times in the sample weighs three times as much:
    draw from the sample as it is."""
    return rng.choice(np.unique(sample), size=(times, len(sample)))


@resample.mistake
def seeds_its_own_generator(sample, times, rng):
    """Your table is the same at every call, whatever `rng` is: a generator with a fixed seed is born inside your
    function. Draw from the `rng` that you are given."""
    return np.random.default_rng(0).choice(sample, size=(times, len(sample)))


@resample.mistake
def does_not_use_rng(sample, times, rng):
    """Your draws do not come from `rng`: two generators with one seed gave different tables. `np.random.choice` and
    `random` have a generator of their own. Draw from the `rng` that you are given."""
    return np.random.default_rng().choice(sample, size=(times, len(sample)))


@resample.accepts
def a_table_of_places(sample, times, rng):
    return sample[rng.integers(0, len(sample), size=(times, len(sample)))]


@resample.accepts
def value_by_value(sample, times, rng):
    return [[sample[int(rng.random() * len(sample))] for _ in sample] for _ in range(times)]


@resample.accepts
def by_counts(sample, times, rng):
    counts = rng.multinomial(len(sample), np.full(len(sample), 1 / len(sample)), size=times)
    return np.stack([np.repeat(sample, count) for count in counts])


# --- interval


def place(end, ordered, wanted, times):
    """Say where an end lies among the statistics of many resamples, against the share `wanted` below it."""
    rounding = 1e-9 * (np.abs(ordered).max() + 1)
    below = np.searchsorted(ordered, end - rounding) / len(ordered)
    up_to = np.searchsorted(ordered, end + rounding, side="right") / len(ordered)
    if up_to == 0:
        return "below all"
    if below == 1:
        return "far above all" if end > 10 * ordered[-1] else "above all"
    outside = min(wanted, 1 - wanted)
    bound = DEVIATIONS * np.sqrt(outside * (1 - outside) * (1 / times + 1 / len(ordered)))
    much = min(5 * outside, 0.41)
    far = "far " if (up_to > much if wanted < 0.5 else below < 1 - much) else ""
    if below > wanted + bound:
        return f"{far if wanted < 0.5 else ''}too high"
    if up_to < wanted - bound:
        return f"{far if wanted > 0.5 else ''}too low"
    return "right"


def placed(call, ordered, level, times, seed):
    """Return the facts about the two ends that `call(rng, times)` returns."""
    ends = numbers(call(np.random.default_rng(seed), times))
    if ends.shape != (2,):
        return {"shape": list(ends.shape)}
    low, high = ends
    if low > high:
        return {"ends": "exchanged"}
    facts = {"low": place(low, ordered, (1 - level) / 2, times), "high": place(high, ordered, (1 + level) / 2, times)}
    if facts["low"] == facts["high"] == "right":
        if len(np.unique(ordered)) > 20:  # of fewer values, two intervals may well be equal
            facts["chance"] = chance_in(lambda rng: call(rng, 40), seed)
        facts["times"] = follows_times(call, seed)
    return facts | {"one point": bool(low == high)}


def follows_times(call, seed):
    """Tell whether the two ends coincide, as they must, when there is one resample."""
    try:
        low, high = numbers(call(np.random.default_rng(seed), 1))
    except IndexError:  # an answer that counts its way along the ends needs more than one to count
        return True
    return bool(low == high)


def of_both_intervals(rule):
    """Declare a property of `interval` and of `paired_interval`, about the facts alone."""

    def holds(facts, *case):
        return rule(facts)

    holds.__name__, holds.__doc__ = rule.__name__, rule.__doc__
    for check in (interval, paired_interval):
        check.property(holds)
    return rule


@Check(compare=None, inputs="untouched", seconds=30)
def interval(sample, statistic, rng, level=0.95, times=1000):
    values = statistic(rng.choice(sample, size=(times, len(sample))), axis=1)
    return np.quantile(values, [(1 - level) / 2, (1 + level) / 2])


@cache
def resampled(values, statistic):
    """Return the statistics of many resamples, the smallest first."""
    return np.sort(statistic(resample.reference(values, ORACLE, np.random.default_rng(0)), axis=1))


@interval.probe
def place_the_ends(answer, sample, statistic, level, times, seed):
    ours = resampled(tuple(sample), statistic)
    return placed(lambda rng, times: answer(sample, statistic, rng, level, times), ours, level, times, seed)


@interval.case
def one_outlier(rng):
    """nine values from 1 to 3 and one of 100, their mean, level 0.95"""
    return np.append(np.linspace(1, 3, 9), 100.0), np.mean, 0.95, 4000, int(rng.integers(1000))


@interval.case
def their_largest(rng):
    """eight values from 1 to 3 and two of 100, the largest of them, level 0.95"""
    return np.append([100.0, 100.0], np.linspace(1, 3, 8)), np.max, 0.95, 4000, int(rng.integers(1000))


@interval.case
def seventy_per_cent(rng):
    """twenty values, their mean, level 0.7"""
    return stats.norm.ppf(np.linspace(0.05, 0.95, 20)) + rng.uniform(5, 6), np.mean, 0.7, 4000, int(rng.integers(1000))


@interval.mistake
def does_not_share_the_rest(sample, statistic, rng, level, times):
    """Your interval is too short: you cut off `1 - level` at *each* end. What a level of 0.95 leaves out is 0.05 in
    all, half of it below and half of it above."""
    return np.quantile(statistic(resample.reference(sample, times, rng), axis=1), sorted([1 - level, level]))


@interval.mistake
def takes_shares_for_percent(sample, statistic, rng, level, times):
    """Both ends lie at the very bottom: `np.percentile` counts from 0 to 100, so 0.975 is less than one per cent.
    `np.quantile` counts from 0 to 1."""
    return np.percentile(statistic(resample.reference(sample, times, rng), axis=1), [(1 - level) / 2, (1 + level) / 2])


@interval.mistake
def quantiles_of_the_sample(sample, statistic, rng, level, times):
    """You took quantiles of single values, of the sample or of your whole table. They say where values lie. How the
    *statistic* varies is told by one number per row: the statistic first, then the quantiles of these numbers."""
    return np.quantile(sample, [(1 - level) / 2, (1 + level) / 2])


@interval.mistake
def down_the_columns(sample, statistic, rng, level, times):
    """Your interval is far too short. The statistic ran down the columns, over all resamples at once, and came to n
    numbers that are almost equal. A resample is a row: `axis=1`."""
    values = statistic(resample.reference(sample, times, rng), axis=0)
    return np.quantile(values, [(1 - level) / 2, (1 + level) / 2])


@interval.mistake
def a_bell_curve_at_95(sample, statistic, rng, level, times):
    """You took 1.96 standard deviations to either side: right for a bell curve and a level of 0.95, and for nothing
    else. Where the resamples lean to one side, an end reaches out to where none of them ever was. Take quantiles."""
    centre, width = statistic(sample), 1.96 * statistic(resample.reference(sample, times, rng), axis=1).std()
    return centre - width, centre + width


@interval.mistake
def always_95(sample, statistic, rng, level, times):
    """Your interval is right for a level of 0.95 and stays the same for every other. Compute both shares from
    `level`."""
    return interval.reference(sample, statistic, rng, 0.95, times)


@interval.mistake
def always_the_mean(sample, statistic, rng, level, times):
    """You take the mean, whatever `statistic` is. Call what you are given: `statistic(table, axis=1)`."""
    return interval.reference(sample, np.mean, rng, level, times)


@interval.mistake
def always_1000(sample, statistic, rng, level, times):
    """You do not take `times` resamples, but another number of them. Hand `times` on."""
    return interval.reference(sample, statistic, rng, level, 1000)


@interval.mistake
def one_number_twice(sample, statistic, rng, level, times):
    """Both your ends are one and the same number: the statistic of the sample, or of all resamples thrown together.
    Take the statistic of each resample by itself (`axis=1`), then the quantiles."""
    return statistic(sample), statistic(sample)


@interval.mistake
def all_statistics(sample, statistic, rng, level, times):
    """You return the statistics of all resamples. The two ends are wanted: quantiles of these numbers."""
    return statistic(resample.reference(sample, times, rng), axis=1)


@interval.mistake
def fixed_seed(sample, statistic, rng, level, times):
    """Your interval is the same at every call: a generator with a fixed seed is born inside your function. Hand on
    the `rng` that you are given."""
    return interval.reference(sample, statistic, np.random.default_rng(0), level, times)


@interval.accepts
def with_scipy(sample, statistic, rng, level, times):
    found = stats.bootstrap(
        (sample,), statistic, n_resamples=times, confidence_level=level, method="percentile", rng=rng
    )
    return found.confidence_interval


@interval.accepts
def sorted_and_counted(sample, statistic, rng, level=0.95, times=1000):
    found = sorted(statistic(row) for row in resample.reference(sample, times, rng))
    cut = round(times * (1 - level) / 2)
    return found[cut], found[-cut - 1]


# --- coverage


@Check(compare=None, seconds=60)
def coverage(draw, statistic, truth, rng, experiments=1000):
    return count_inside(draw, statistic, truth, rng, experiments) / experiments


def count_inside(
    draw, statistic, truth, rng, experiments, inside=lambda low, high, truth, sample: low <= truth <= high
):
    """Count the experiments whose interval is found to hold the truth."""
    found = 0
    for _ in range(experiments):
        sample = draw(rng)
        found += inside(*interval.reference(sample, statistic, rng, times=100), truth, sample)
    return int(found)


@coverage.probe
def run_experiments(answer, samples, statistic, truth, seed):
    stamps, ours, generator = [], np.random.default_rng(seed), "rng"

    def draw(rng):
        nonlocal generator
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"`draw` wants the generator `rng`, it was given a {type(rng).__name__}")
        generator = generator if rng is ours else "another"
        stamps.append(rng.random())
        return samples[(len(stamps) - 1) % len(samples)].copy()

    share = answer(draw, statistic, truth, ours, len(samples))
    if share is None:
        raise TypeError("Your function returned nothing. Is a `return` missing?")
    if len(set(stamps)) < len(stamps):
        generator = "in the same state"
    drawn = "one each" if len(stamps) == len(samples) else len(stamps) if len(stamps) < 2 else "another number"
    kind = "one number" if np.ndim(share) == 0 else "several"
    if isinstance(share, bool | np.bool_):
        kind, share = "True or False", -1
    share = round(float(share), 4) if kind == "one number" else -1
    return {"kind": kind, "drawn": drawn, "generator": generator, "share": share}


def shuffled(rng, *groups):
    """Return samples: for each group (how many, values) so many rows of these values. The first row comes first, the
    others in random order."""
    rows = np.concatenate([np.tile(np.asarray(values, float), (count, 1)) for count, values in groups])
    return np.concatenate([rows[:1], rng.permutation(rows[1:])])


@coverage.case
def means_on_both_sides(rng):
    """samples of 20 values, the mean: of 20 intervals 12 hold the truth, 5 lie below it and 3 above"""
    around, truth = np.linspace(-1, 1, 20), 8.0
    return shuffled(rng, (12, truth + around), (5, truth - 5 + around), (3, truth + 5 + around)), np.mean, truth, 1


@coverage.case
def truth_is_an_end(rng):
    """samples of 20 values, the largest: of 20 intervals 4 go from 8 to 12 and 4 from 10 to 10; the truth is 10"""
    zeros = [0] * 10
    groups = (4, [*zeros, *[8] * 9, 12]), (4, [*zeros, *[10] * 10]), (12, [*zeros, *[8] * 10])
    return shuffled(rng, *groups), np.max, 10.0, 2


@coverage.property
def one_share(facts, *case):
    """The result is one number, a share."""
    return facts["kind"] == "one number" and 0 <= facts["share"] <= 1


@coverage.property
def one_sample_each(facts, *case):
    """`draw` is called once for each experiment, so that every interval has a sample of its own."""
    return facts["drawn"] == "one each"


@coverage.property
def one_generator_throughout(facts, *case):
    """`draw` is handed the `rng` that you were given, every time."""
    return facts["generator"] == "rng"


@coverage.property
def counted_right(facts, samples, statistic, truth, seed):
    """The result is the share of intervals with low end <= truth <= high end, of the statistic that was asked for."""
    return abs(facts["share"] - {np.mean: 0.6, np.max: 0.4}[statistic]) < 1e-3


@coverage.mistake
def one_sample_for_all(draw, statistic, truth, rng, experiments):
    """You drew one sample and built all intervals from it. They hold the truth nearly all or nearly none. Coverage
    asks what would happen with *other* samples: draw a fresh one inside the loop."""
    sample = draw(rng)
    return count_inside(lambda rng: sample, statistic, truth, rng, experiments) / experiments


@coverage.mistake
def one_seed_for_all(draw, statistic, truth, rng, experiments):
    """Each of your experiments begins with a generator in the same state, so each draws the same sample. Use the one
    `rng` that you are given throughout: it never repeats itself."""
    return count_inside(lambda _: draw(np.random.default_rng(0)), statistic, truth, rng, experiments) / experiments


@coverage.mistake
def compares_with_the_sample(draw, statistic, truth, rng, experiments):
    """All your intervals counted as holding the truth. Did you ask for the statistic of their own sample? That they
    nearly always hold, having been built around it. Or did you say `or`, where both ends must agree?"""
    return (
        count_inside(draw, statistic, truth, rng, experiments, lambda low, high, _, s: low <= statistic(s) <= high)
        / experiments
    )


@coverage.mistake
def leaves_out_the_ends(draw, statistic, truth, rng, experiments):
    """A truth that lies exactly on an end counts as inside: `<=`, not `<`. For a mean that hardly ever happens, for
    a maximum it does."""
    return count_inside(draw, statistic, truth, rng, experiments, lambda low, high, t, s: low < t < high) / experiments


@coverage.mistake
def share_of_misses(draw, statistic, truth, rng, experiments):
    """You return the share of intervals that miss. The share of those that hold the truth is wanted."""
    return 1 - coverage.reference(draw, statistic, truth, rng, experiments)


@coverage.mistake
def counts_them(draw, statistic, truth, rng, experiments):
    """You return how *many* intervals hold the truth. Divide by the number of experiments."""
    return count_inside(draw, statistic, truth, rng, experiments)


@coverage.mistake
def in_per_cent(draw, statistic, truth, rng, experiments):
    """You return per cent. A share from 0 to 1 is wanted."""
    return 100 * coverage.reference(draw, statistic, truth, rng, experiments)


@coverage.mistake
def mean_instead_of_the_statistic(draw, statistic, truth, rng, experiments):
    """You build intervals of the mean, whatever `statistic` is. Hand `statistic` on to `interval`."""
    return coverage.reference(draw, np.mean, truth, rng, experiments)


@coverage.mistake
def always_1000_experiments(draw, statistic, truth, rng, experiments):
    """You do not run `experiments` experiments, but another number of them. Use what you are given."""
    return coverage.reference(draw, statistic, truth, rng, 200)


@coverage.mistake
def divides_by_1000(draw, statistic, truth, rng, experiments):
    """You count right, but divide by 1000. Only the default is 1000: divide by `experiments`."""
    return count_inside(draw, statistic, truth, rng, experiments) / 1000


@coverage.mistake
def divides_in_the_first_round(draw, statistic, truth, rng, experiments):
    """You answer after the first sample: a `return` inside the loop ends it. Move it to the left, behind the loop."""
    return count_inside(draw, statistic, truth, rng, 1) / experiments


@coverage.mistake
def all_verdicts(draw, statistic, truth, rng, experiments):
    """You return one True or False per experiment. One number is wanted: which share of them is True?"""
    return [count_inside(draw, statistic, truth, rng, 1) == 1 for _ in range(experiments)]


@coverage.accepts
def with_arrays(draw, statistic, truth, rng, experiments=1000):
    ends = np.array([interval.reference(draw(rng), statistic, rng) for _ in range(experiments)])
    return np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1]))


@coverage.accepts
def all_samples_first(draw, statistic, truth, rng, experiments=1000):
    missed = 0
    for sample in [draw(rng) for _ in range(experiments)]:
        low, high = sorted_and_counted(sample, statistic, rng, times=200)
        missed += truth < low or truth > high
    return float(1 - missed / experiments)


# --- true_claims


HOLD, FAIL = {"procedure", "fourfold"}, {"values", "next", "level", "resamples"}


@Check(value=True, compare=None)
def true_claims():
    return HOLD


@true_claims.probe
def keys(answer):
    """Return the keys that were chosen, as a set."""
    one = isinstance(answer, (str, dict)) or not hasattr(answer, "__iter__")
    for key in [answer] if one else answer:
        if not isinstance(key, str) or key not in HOLD | FAIL:
            raise LookupError(f"{key!r} is not a key of `claims`")
    return {answer} if one else set(answer)


@true_claims.property
def nothing_false(keys):
    """Every claim in your set survives a measurement."""
    return not keys & FAIL


@true_claims.property
def nothing_missing(keys):
    """Every claim that survives a measurement is in your set."""
    return keys >= HOLD


@true_claims.mistake
def about_values():
    """You believe `values`. The interval speaks of the *mean*, which varies far less than single values do: at n = 100
    a tenth as much. Count how many values of one sample lie between its two ends."""
    return HOLD | {"values"}


@true_claims.mistake
def about_the_next_sample():
    """You believe `next`. The interval is built to catch the truth. The next sample's mean misses the truth as well,
    and the two errors add up. Draw pairs of samples and count."""
    return HOLD | {"next"}


@true_claims.mistake
def surer_and_shorter():
    """You believe `level`. Whoever wants to catch the truth more often needs a wider net. Print both intervals of one
    sample."""
    return HOLD | {"level"}


@true_claims.mistake
def more_resamples():
    """You believe `resamples`. Resamples are made of the values in hand; they bring no news of the population. More of
    them make the two ends steadier, not closer. Print both intervals of one sample."""
    return HOLD | {"resamples"}


@true_claims.mistake
def everything():
    """You believe all six. At least one you can shake at once: build two intervals of one sample, one with level
    0.95 and one with 0.99, and compare their widths."""
    return HOLD | FAIL


@true_claims.mistake
def doubts_the_size():
    """You left out `fourfold`. Where did you see it? Compare the widths of the intervals of a sample of 100 and one of
    400 values."""
    return {"procedure"}


@true_claims.mistake
def doubts_the_procedure():
    """You left out `procedure`. For ten values of a lopsided population you have seen it fail, but here are a hundred
    values of a bell curve. Ask your `coverage`."""
    return {"fourfold"}


@true_claims.accepts
def as_a_list():
    return ["fourfold", "procedure"]


# --- paired_interval


def gaps(a_right, b_right):
    return np.asarray(b_right, float) - np.asarray(a_right, float)


def ends_of(values):
    return np.quantile(values, [0.025, 0.975])


def means(values, rng, times):
    return resample.reference(values, times, rng).mean(axis=1)


@Check(compare=None, inputs="untouched", seconds=30)
def paired_interval(a_right, b_right, rng, times=1000):
    return ends_of(means(gaps(a_right, b_right), rng, times))


@paired_interval.probe
def place_the_gap(answer, a_right, b_right, times, seed):
    n, gap = len(a_right), gaps(a_right, b_right)
    signs = np.array([-1, 0, 1])
    drawn = np.random.default_rng(0).multinomial(n, (gap == signs[:, None]).mean(axis=1), size=ORACLE)
    ours = drawn @ signs / n
    return placed(lambda rng, times: answer(a_right, b_right, rng, times), np.sort(ours), 0.95, times, seed)


def answers(rng, both, only_a, only_b, neither):
    """Return the marks of two models on as many test rows, in random order."""
    a = np.repeat([True, True, False, False], [both, only_a, only_b, neither])
    b = np.repeat([True, False, True, False], [both, only_a, only_b, neither])
    order = rng.permutation(len(a))
    return a[order], b[order], 4000, int(rng.integers(1000))


@paired_interval.case
def mostly_agree(rng):
    """300 rows; both models right on 219, both wrong on 36, only B right on 33, only A right on 12"""
    return answers(rng, 219, 12, 33, 36)


@paired_interval.case
def opposites(rng):
    """400 rows; never both right, both wrong on 60, only B right on 240, only A right on 100"""
    return answers(rng, 0, 100, 240, 60)


@of_both_intervals
def has_two_ends(facts):
    """Two numbers come back, the low end before the high end."""
    return "shape" not in facts and "ends" not in facts


@of_both_intervals
def draws_from_rng(facts):
    """All chance comes from `rng`: equal generators give equal intervals, and the next call with one gives another."""
    return not facts.get("chance")


@of_both_intervals
def low_end_is_right(facts):
    """Below the low end lies half of what the level leaves out, of all that resamples come to."""
    return facts["low"] == "right"


@of_both_intervals
def high_end_is_right(facts):
    """Above the high end lies half of what the level leaves out, of all that resamples come to."""
    return facts["high"] == "right"


@of_both_intervals
def takes_all_resamples(facts):
    """Both ends are cut from the same statistics, those of `times` resamples."""
    return facts.get("times", True)


@paired_interval.mistake
def unpaired(a_right, b_right, rng, times):
    """You resampled the two models independently, so that A is tested on other rows than B. Part of your spread is
    the luck of who got the easy rows. Both sat the same exam: draw rows, and take *both* answers of each row."""
    return ends_of(means(b_right, rng, times) - means(a_right, rng, times))


@paired_interval.mistake
def a_minus_b(a_right, b_right, rng, times):
    """You subtracted the other way round: accuracy of B minus accuracy of A is wanted, so that above zero means that
    B is better."""
    return ends_of(means(gaps(b_right, a_right), rng, times))


@paired_interval.mistake
def subtracts_the_ends(a_right, b_right, rng, times):
    """You built an interval for each model and subtracted end from end. The low end of a difference is not the
    difference of two low ends. First the difference, then the interval."""
    return ends_of(means(b_right, rng, times)) - ends_of(means(a_right, rng, times))


@paired_interval.mistake
def counts_rows(a_right, b_right, rng, times):
    """Your ends are far too large. Did you count rows, or per cent? A difference of accuracies is a share of all rows,
    from -1 to 1: take means."""
    return len(a_right) * paired_interval.reference(a_right, b_right, rng, times)


@paired_interval.mistake
def drops_the_ties(a_right, b_right, rng, times):
    """You kept only the rows on which the models differ. The others carry a difference of 0, and they count: the
    accuracy is a share of *all* rows."""
    gap = gaps(a_right, b_right)
    return ends_of(means(gap[gap != 0], rng, times))


@paired_interval.mistake
def one_number_for_both(a_right, b_right, rng, times):
    """Both your ends are the difference that was measured. How it would vary with other test rows is the question:
    resample the rows."""
    return [gaps(a_right, b_right).mean()] * 2


@paired_interval.mistake
def b_alone(a_right, b_right, rng, times):
    """Your interval is that of the accuracy of B alone. The difference is wanted: B minus A."""
    return ends_of(means(b_right, rng, times))


@paired_interval.mistake
def always_1000_resamples(a_right, b_right, rng, times):
    """You do not take `times` resamples, but another number of them, perhaps the default of `interval`. Hand `times`
    on."""
    return paired_interval.reference(a_right, b_right, rng)


@paired_interval.mistake
def right_at_all(a_right, b_right, rng, times):
    """You asked on which share of the rows the models differ. Keep the sign: a row that only A gets right speaks for
    A, and counts -1."""
    return ends_of(means(np.abs(gaps(a_right, b_right)), rng, times))


@paired_interval.accepts
def one_table_of_rows(a_right, b_right, rng, times=1000):
    rows = rng.integers(len(a_right), size=(times, len(a_right)))
    return tuple(np.percentile(b_right[rows].mean(axis=1) - a_right[rows].mean(axis=1), [2.5, 97.5]))


@paired_interval.accepts
def in_a_loop(a_right, b_right, rng, times=1000):
    found = []
    for _ in range(times):
        rows = rng.choice(len(a_right), size=len(a_right))
        found.append(np.mean(b_right[rows]) - np.mean(a_right[rows]))
    found.sort()
    return [found[int(0.025 * times)], found[int(0.975 * times)]]


@paired_interval.accepts
def by_three_counts(a_right, b_right, rng, times=1000):
    n, wins, losses = len(a_right), np.sum(b_right & ~a_right), np.sum(a_right & ~b_right)
    drawn = rng.multinomial(n, [wins / n, losses / n, 1 - (wins + losses) / n], size=times)
    return ends_of((drawn[:, 0] - drawn[:, 1]) / n)
