# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: The bootstrap and how often it misses
#     minutes: 40
#     level: 2
#     needs: [fundamentals/probability]
#     packages: [numpy, matplotlib, scikit-learn]
# ---

# %% [markdown]
# Your new model names nine more test images right than the old one. Nine of 899. Is it better, or did it have a
# lucky exam? A second test set would tell, but there is none. The textbook has a formula for the mean of a bell
# curve, but you have a median, a largest value, a difference of two models.
#
# By the end you can put an interval around a number computed from data, measure how often such intervals
# are right, and decide whether B beats A.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from shoshin.graders.fundamentals import bootstrap as check

# %% [markdown]
# ## One sample is all you have
#
# You have put a model on a server and measured ten response times. Most answers come quickly, a few take long. You
# report their mean. How far off could it be? In this notebook the world is a program, so that later the truth can be
# looked up. At first, pretend that you have ten numbers and nothing else.


# %%
def response_times(rng, n=10):
    """Return how long n answers take, in seconds: most are quick, a few are slow."""
    return rng.lognormal(mean=-1, sigma=1, size=n)


TRUE_MEAN = np.exp(-0.5)  # of endlessly many answers of this service; known from the formula of the lognormal

rng = np.random.default_rng(2821)  # a generator: all chance comes from it
sample = np.sort(response_times(rng))
print("your ten:", sample.round(2), " their mean:", sample.mean().round(2), "seconds")

# %% [markdown]
# Ten other answers would have had another mean. If you could measure ten again, and again, you would see how much
# it varies. You cannot. The **bootstrap** (Efron, 1979) takes the sample for the world and draws from that: a
# **resample** has as many values as the sample, each drawn from the sample by chance, and *put back* before the next
# is drawn.
#
# ## Predict: who gets in?
#
# You resample a test set of 1000 rows: 1000 draws, each put back. Some rows come twice or three times. Which share
# of the 1000 rows comes at least once?

# %% answer="prediction_share"
prediction_share = ...  # a number between 0 and 1
### BEGIN SOLUTION
prediction_share = 0.8
### END SOLUTION

# %% [markdown]
# ## Write `resample`
#
# Return an array of shape `(times, n)`, where n is the number of values in `sample`. Each row is one resample: n
# values drawn from `sample`, each put back before the next is drawn, every entry equally likely at every draw.
#
# - `sample` is an array of shape `(n,)`, n at least 1. If a value stands in it three times, it is three entries.
# - All chance comes from `rng`, a NumPy generator such as `np.random.default_rng(0)`.
# - Leave `sample` as it is. A thousand rows should not take a thousand rounds of a loop: you are going to need
#   tens of millions of draws.
#
# <details><summary>Hint 1: how would you do it by hand?</summary>Write each value on a slip and put the slips into a
# hat. Draw one, write it down, put it back, shake. What could go wrong if you forgot to put it back?</details>
# <details><summary>Hint 2: which tool draws?</summary>Look at <code>rng.choice</code>, which draws values, or at
# <code>rng.integers</code>, which draws places in an array. Both take a <code>size</code>.</details>
# <details><summary>Hint 3: how do I get a whole table at once?</summary>A <code>size</code> may be a shape. An array
# indexed by a table of places is a table of values.</details>


# %% answer="resample"
def resample(sample, times, rng):
    """Return `times` resamples of an array of n values, one per row: shape (times, n)."""
    ### BEGIN SOLUTION
    places = rng.integers(len(sample), size=(times, len(sample)))
    return sample[places]
    ### END SOLUTION


# %% check="resample" points=2
check.resample(resample)

# %%
if check.resample.passed:
    shown = resample(sample, 7, np.random.default_rng(3))
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    for line, row in enumerate([sample, *np.asarray(shown)]):
        counts = np.array([np.sum(row == value) for value in sample])
        came = counts > 0
        axes.scatter(sample[came], np.full(came.sum(), line), s=45 * counts[came], color="#0072B2", alpha=0.7)
        axes.scatter(sample[~came], np.full((~came).sum(), line), s=25, marker="x", color="0.6")
        for value, count in zip(sample[counts > 1], counts[counts > 1], strict=True):
            axes.annotate(f"{count}×", (value, line), (0, 7), textcoords="offset points", ha="center", fontsize=8)
        axes.plot([np.mean(row)] * 2, [line - 0.35, line + 0.35], color="#D55E00", linewidth=3)
    axes.plot([], [], color="#D55E00", linewidth=3, label="mean of the row")
    axes.scatter([], [], s=25, marker="x", color="0.6", label="not drawn")
    axes.set_yticks(range(8), ["your sample", *(f"resample {number}" for number in range(1, 8))])
    axes.set(xlabel="seconds", title="The same ten values, weighed anew by chance")
    axes.legend(loc="upper right", ncols=2)
    axes.set_ylim(7.6, -1.6)
    plt.show()

    (once,) = resample(np.arange(1000), 1, np.random.default_rng(0))
    said = "nothing" if prediction_share is ... else prediction_share
    print(f"You said {said}. Of 1000 rows, {len(np.unique(once)) / 1000:.3f} came at least once.")

# %% [markdown]
# A row stays out with chance `(1 - 1/n)**n`, which is close to 37 % for all but the smallest n. Random forests
# live on that: every tree learns from a resample, and the 37 % that it has never seen can serve as its test set.
#
# The orange marks are what you came for. The mean of the sample is one number; the means of the resamples spread,
# and their spread stands in for the spread over new measurements, which you cannot see.
#
# ## Write `interval`
#
# A **statistic** is any number computed from a sample. Compute it for each of `times` resamples of `sample`. Return
# `(low, high)`, the **percentile interval**: two numbers that cut off equal shares at both ends of these statistics, so
# that the share `level` of them lies between. With `level=0.95`, 2.5 % lie below `low` and 2.5 % above `high`.
#
# - `statistic` is a function such as `np.mean`, `np.median` or `np.max`: called with a table and `axis=1`, it returns
#   one number per row.
# - All chance comes from `rng`. Any way of interpolating between two neighbouring numbers will do.
#
# <details><summary>Hint 1: how would you do it on paper?</summary>Write the thousand means in order, the smallest
# first. How many do you strike out at the left end, how many at the right?</details>
# <details><summary>Hint 2: which tool cuts off a share?</summary><code>np.quantile(numbers, share)</code> returns the
# number below which this share lies; it takes several shares at once. (<code>np.percentile</code> does the same
# and counts from 0 to 100.)</details>
# <details><summary>Hint 3: which shares, for any level?</summary>What is left out is <code>1 - level</code>. Each
# end gets half of it.</details>


# %% answer="interval"
def interval(sample, statistic, rng, level=0.95, times=1000):
    """Return the two ends (low, high) of the bootstrap's percentile interval of a statistic."""
    ### BEGIN SOLUTION
    values = statistic(resample(sample, times, rng), axis=1)
    return np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    ### END SOLUTION


# %% check="interval" points=2
check.interval(interval)

# %% [markdown]
# Now be the one who made the world. Upper picture: the means of resamples of your ten values. Lower picture:
# the means of ten *fresh* measurements each, which nobody but the maker of a world can have.

# %%
if check.resample.passed and check.interval.passed:
    rng = np.random.default_rng(0)
    dreamed = np.mean(resample(sample, 5000, rng), axis=1)
    fresh = response_times(rng, (5000, 10)).mean(axis=1)
    low, high = interval(sample, np.mean, rng)
    bins = np.linspace(0, 1.8, 73)
    figure, axes = plt.subplots(2, 1, figsize=(9, 4.6), sharex=True, layout="constrained")
    axes[0].hist(dreamed, bins, color="#0072B2", label="means of resamples of your ten values")
    axes[0].plot([low, high], [0, 0], color="black", linewidth=6, solid_capstyle="butt", label="your 95 % interval")
    axes[1].hist(fresh, bins, color="#009E73", hatch="//", edgecolor="white", label="means of ten fresh values each")
    for ax in axes:
        ax.axvline(TRUE_MEAN, color="#D55E00", linestyle="--", label="the truth")
        ax.set(ylabel="how many of 5000", xlim=(0, 1.8))
        ax.legend(loc="upper right")
    axes[1].set_xlabel("mean response time in seconds")
    plt.show()
    print(f"your mean {sample.mean():.2f}, your interval {low:.2f} to {high:.2f}, the truth {TRUE_MEAN:.2f}")

# %% [markdown]
# The bootstrap's cloud lies around *your* mean, not around the truth: it cannot know where that is. What it guesses is
# how *wide* the cloud is, and the interval turns that round: if a mean seldom lands farther than this from the
# truth, then the truth seldom lies farther than this from your mean. (Your ten hold no really slow answer. Compare the
# widths of the two clouds, and keep it in mind.)
#
# "Seldom" is a promise: 5 times in 100 it fails. Nobody has to believe a promise that can be measured.
#
# ## Predict: is the promise kept?
#
# Two jobs, each with ten values and `interval` at 95 %:
#
# - the **mean** response time of the service, as above;
# - the **largest**: a secret data set leaks ten file names, such as `image_052817`. Files are numbered from 1 to N, and
#   each of the ten is as likely to be any of them. Truth: N = 500,000. The statistic is the largest number that leaked.
#
# Of 100 such intervals, each from ten fresh values, how many hold the truth?

# %% answer="prediction_coverage"
prediction_coverage = {"mean": ..., "largest": ...}  # two numbers from 0 to 100 in the place of the dots
### BEGIN SOLUTION
prediction_coverage = {"mean": 95, "largest": 80}
### END SOLUTION

# %% [markdown]
# ## Write `coverage`
#
# Run `experiments` experiments. In each, draw a fresh sample and build its 95 % interval of the statistic with your
# `interval` (leave `times` at its default). Return the share of experiments, from 0 to 1, whose interval holds
# `truth`.
#
# - `draw` is a function: `draw(rng)` returns a fresh sample, an array of shape `(n,)`. Call it once per experiment, and
#   hand it the same `rng` throughout.
# - A truth that lies exactly on an end counts as inside.
# - A loop over the experiments is fine; the loop over resamples is already gone.
#
# <details><summary>Hint 1: what is repeated, and by whom?</summary>Think of a thousand analysts who do not know
# one another. What does each of them do from the first step on? That is the body of your loop.</details>
# <details><summary>Hint 2: what do I keep of each analyst?</summary>One yes or no: is the truth neither below
# the low end nor above the high one? In a sum or a mean, <code>True</code> counts as 1.</details>


# %% answer="coverage"
def coverage(draw, statistic, truth, rng, experiments=1000):
    """Return the share of 95 % intervals, each from a fresh sample, that hold the truth."""
    ### BEGIN SOLUTION
    inside = 0
    for _ in range(experiments):
        low, high = interval(draw(rng), statistic, rng)
        inside += low <= truth <= high
    return inside / experiments
    ### END SOLUTION


# %% check="coverage" points=3
check.coverage(coverage)


# %%
def leaked_numbers(rng, n=10):
    """Return the numbers of n leaked files out of 500,000."""
    return rng.integers(1, 500_001, n)


def draw_intervals(axes, draw, statistic, truth, seed, unit):
    """Draw the intervals of a hundred analysts, and return all their ends, shape (100, 2)."""
    rng = np.random.default_rng(seed)
    ends = np.array([interval(draw(rng), statistic, rng) for _ in range(100)])
    missed = (truth < ends[:, 0]) | (truth > ends[:, 1])
    for group, colour, width, label in ((~missed, "0.7", 1.5, "holds it"), (missed, "#D55E00", 2, "misses it")):
        axes.hlines(np.flatnonzero(group), *ends[group].T, color=colour, linewidth=width, label=label)
    axes.axvline(truth, color="black", linestyle="--", linewidth=1, label="the truth")
    axes.set(xlabel=unit, ylabel="analyst", title=f"{missed.sum()} of 100 miss")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
    return ends


if check.coverage.passed and check.interval.passed and check.resample.passed:
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5.5), layout="constrained")
    ends = draw_intervals(left, response_times, np.mean, TRUE_MEAN, 1, "mean response time in seconds")
    draw_intervals(right, leaked_numbers, np.max, 500_000, 1, "largest number that leaked")
    right.set_xticks([200_000, 350_000, 500_000], ["200,000", "350,000", "500,000"])
    plt.show()

    below, above = ends[:, 1] < TRUE_MEAN, ends[:, 0] > TRUE_MEAN
    wide = np.diff(ends).ravel()
    print(f"Of the intervals of the mean, {below.sum()} lie below the truth and {above.sum()} above. Width on average:")
    print(f"{wide[below].mean():.2f} s where they lie below, {wide[~below & ~above].mean():.2f} s where they hold it.")
    found = {
        "mean": coverage(response_times, np.mean, TRUE_MEAN, np.random.default_rng(2)),
        "largest": coverage(leaked_numbers, np.max, 500_000, np.random.default_rng(3)),
    }
    for name, share in found.items():
        said = prediction_coverage.get(name, ...) if isinstance(prediction_coverage, dict) else prediction_coverage
        print(f"{name:8} You said {'nothing' if said is ... else said}; of 1000 intervals {share:.1%} hold the truth.")

# %% [markdown]
# Look at the orange ones on the left: most are short, and most lie too low. Whoever meets no slow answer by luck
# gets a mean that is too small *and* a spread that is too small. **The intervals that miss look the most precise.**
#
# On the right everybody misses. A resample can hold nothing larger than the largest value of the sample, so no
# interval ever reaches beyond it, and the truth lies beyond. Will more data heal that?

# %%
if check.coverage.passed and check.interval.passed and check.resample.passed:
    sizes, rng = [5, 10, 20, 50, 100], np.random.default_rng(5)
    of_mean, of_largest = [], []
    for n in sizes:
        of_mean.append(coverage(lambda rng, n=n: response_times(rng, n), np.mean, TRUE_MEAN, rng, 300))
        of_largest.append(coverage(lambda rng, n=n: leaked_numbers(rng, n), np.max, 500_000, rng, 100))
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    axes.axhline(0.95, color="black", linestyle="--", linewidth=1, label="promised: 0.95")
    axes.semilogx(sizes, of_mean, "o-", color="#0072B2", label="mean response time")
    axes.semilogx(sizes, of_largest, "^:", color="#D55E00", label="largest file number")
    axes.set_xticks(sizes, sizes)
    axes.minorticks_off()
    axes.set(xlabel="values in each sample", ylabel="coverage, measured", ylim=(-0.05, 1.05))
    axes.set_title("More data heals the mean, and never the maximum")
    axes.legend(loc="center right")
    plt.show()

# %% [markdown]
# The bootstrap works where many values have a small say each: a mean, an accuracy, with enough rows. It fails where
# one extreme value decides alone. "Enough" depends on how lopsided the world is, and now you can measure it.
#
# ## What does it mean?
#
# So what does "95 %" say, where the promise *is* kept? Let the world be kind: a bell curve, samples of 100 values,
# the 95 % interval of the mean, 1000 resamples.

# %%
claims = {
    "procedure": "Of many such intervals, each from a fresh sample, about 95 in 100 hold the true mean.",
    "values": "About 95 in 100 values of a sample lie inside its interval.",
    "next": "About 95 in 100 times, the mean of the next sample lies inside the interval of the one before.",
    "level": "At a level of 99 % the interval of the same sample is shorter, because it is surer.",
    "fourfold": "Samples of 400 values make the interval about half as wide.",
    "resamples": "10,000 resamples of the same sample make the interval about a third as wide.",
}


def bell(rng, n=100):
    """Return n values from a bell curve with mean 170 and standard deviation 10."""
    return rng.normal(170, 10, n)


# %% [markdown]
# Set `true_claims` to the set of the keys whose claim is true. Each can be measured in a few lines with your
# functions; open a cell and do it wherever you doubt.
#
# <details><summary>Hint 1: which claims speak of one sample?</summary>Three need a single sample: build two intervals
# of it, or count its values between the two ends.</details>
# <details><summary>Hint 2: how do I measure the others?</summary>Compare the widths for two sizes of sample. Call
# <code>coverage</code>. And for <code>next</code> draw two samples in each round of a loop: the first gives
# the interval, the second a mean.</details>

# %% answer="true_claims"
true_claims = ...  # for example {"values", "next"}
### BEGIN SOLUTION
true_claims = {"procedure", "fourfold"}
### END SOLUTION

# %% check="true_claims" points=1
check.true_claims(true_claims)

# %%
if check.true_claims.passed and check.interval.passed and check.coverage.passed:
    rng = np.random.default_rng(6)

    def mean_width(n=100, **settings):
        return np.mean([np.diff(interval(bell(rng, n), np.mean, rng, **settings)) for _ in range(40)])

    def share_inside(other, rounds=400):
        """Return which share of other(sample) lies inside the interval of the sample, on average."""
        shares = []
        for _ in range(rounds):
            one = bell(rng)
            low, high = interval(one, np.mean, rng)
            shares.append(np.mean((low <= other(one)) & (other(one) <= high)))
        return np.mean(shares)

    usual = mean_width()
    print(f"procedure: {coverage(bell, np.mean, 170, rng):.0%} of the intervals hold the true mean")
    print(f"values:    {share_inside(lambda one: one):.0%} of a sample's values lie inside its interval")
    following = [bell(rng).mean() for _ in range(400)]
    print(f"next:      {share_inside(lambda one: np.array(following)):.0%} of further means lie inside an interval")
    print(f"level:     99 % makes it {mean_width(level=0.99) / usual:.2f} times as wide")
    print(f"fourfold:  400 values make it {mean_width(400) / usual:.2f} times as wide")
    print(f"resamples: 10,000 make it {mean_width(times=10_000) / usual:.2f} times as wide")

# %% [markdown]
# "95 %" is the hit rate of the *procedure*. A single interval, such as 168.2 to 172.1, holds the truth or does not; you
# never learn which. It says nothing about single values, and it is no forecast of the next mean, which has bad luck of
# its own.
#
# ## Is B better than A?
#
# Now the exam: 1797 handwritten digits that come with scikit-learn, half of them for the test. Both models name a
# digit after its nearest neighbours. Model A standardises the 64 pixels first, model B takes them as they are.

# %%
digits = load_digits()
X_train, X_test, y_train, y_test = train_test_split(
    digits.data, digits.target, test_size=0.5, stratify=digits.target, random_state=1
)
model_a = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=1)).fit(X_train, y_train)
model_b = KNeighborsClassifier(n_neighbors=1).fit(X_train, y_train)
a_right = model_a.predict(X_test) == y_test  # True where A names the test image right
b_right = model_b.predict(X_test) == y_test
print(f"A: {a_right.mean():.1%} right, B: {b_right.mean():.1%} right, of {len(y_test)} test images")
print(f"both right {np.sum(a_right & b_right)}, both wrong {np.sum(~a_right & ~b_right)}, ", end="")
print(f"only A right {np.sum(a_right & ~b_right)}, only B right {np.sum(~a_right & b_right)}")

# %% [markdown]
# A colleague resamples each model's answers and subtracts the accuracies, a thousand times:


# %%
def colleagues_interval(a_right, b_right, rng, times=1000):
    a_accuracies = np.mean(resample(a_right, times, rng), axis=1)
    b_accuracies = np.mean(resample(b_right, times, rng), axis=1)
    return np.quantile(b_accuracies - a_accuracies, [0.025, 0.975])


if check.resample.passed:
    low, high = colleagues_interval(a_right, b_right, np.random.default_rng(0))
    print(f"accuracy of B minus accuracy of A: {low:+.4f} to {high:+.4f}")

# %% [markdown]
# Zero lies inside. "Not proven," says the colleague, and goes home. But look at what was resampled: in each round A
# sits one exam and B *another*. In truth both sat the same one. How wide is the interval if they sit the same exam in
# every round?

# %% answer="prediction_paired"
prediction_paired = ...  # one of these, with its quotation marks: "narrower", "equal", "wider"
### BEGIN SOLUTION
prediction_paired = "equal"
### END SOLUTION

# %% [markdown]
# ## Write `paired_interval`
#
# Return `(low, high)`, the 95 % percentile interval of *accuracy of B minus accuracy of A*, when the **test rows** are
# resampled: whenever a row is drawn, the answers of both models on this row are drawn.
#
# - `a_right` and `b_right` are arrays of `True` and `False`, shape `(n,)`; entry i of both belongs to test row i. A
#   difference of one percentage point is 0.01.
# - `times` is the number of resamples; all chance comes from `rng`. Leave both arrays as they are.
#
# <details><summary>Hint 1: what is one row worth?</summary>Ask one test row who it speaks for. There are three possible
# answers: for B, for A, for neither. Write them as numbers.</details>
# <details><summary>Hint 2: do I have to draw twice?</summary>No. The accuracy of B minus that of A is the mean of
# <em>one</em> array. What have you already written for the mean of one array?</details>
# <details><summary>Hint 3: why does NumPy refuse the minus?</summary>It does not subtract truth values. Turn them into
# numbers first: <code>.astype(float)</code>.</details>


# %% answer="paired_interval"
def paired_interval(a_right, b_right, rng, times=1000):
    """Return the 95 % percentile interval of accuracy of B minus accuracy of A on resampled test rows."""
    ### BEGIN SOLUTION
    speaks_for_b = b_right.astype(float) - a_right.astype(float)
    return interval(speaks_for_b, np.mean, rng, times=times)
    ### END SOLUTION


# %% check="paired_interval" points=3
check.paired_interval(paired_interval)

# %%
if check.paired_interval.passed and check.interval.passed and check.resample.passed:
    rng = np.random.default_rng(0)
    alone = {
        f"{name} alone": interval(right.astype(float), np.mean, rng, times=5000)
        for name, right in (("A", a_right), ("B", b_right))
    }
    gaps = {
        "two exams\n(the colleague)": colleagues_interval(a_right, b_right, rng, 5000),
        "the same exam\n(yours)": paired_interval(a_right, b_right, rng, 5000),
    }
    figure, panels = plt.subplots(1, 2, figsize=(11, 3), layout="constrained")
    for axes, intervals, colours in zip(panels, (alone, gaps), (("0.4", "0.4"), ("#D55E00", "#0072B2")), strict=True):
        for line, ((low, high), colour) in enumerate(zip(intervals.values(), colours, strict=True)):
            axes.plot([low, high], [line, line], color=colour, marker="|", markersize=16, linewidth=4)
        axes.set_yticks(range(2), list(intervals))
        axes.set_ylim(1.6, -0.6)
    panels[0].set(xlabel="accuracy", title="Two intervals that overlap")
    panels[1].axvline(0, color="black", linestyle="--", linewidth=1, label="no difference")
    panels[1].set(xlabel="accuracy of B minus accuracy of A", title="One question, asked in two ways")
    panels[1].legend(loc="upper left")
    plt.show()
    said = "nothing" if prediction_paired is ... else f'"{prediction_paired}"'
    narrower = np.diff(gaps["the same exam\n(yours)"]) / np.diff(gaps["two exams\n(the colleague)"])
    print(f"You said {said}. The paired interval is {narrower[0]:.2f} times as wide as the colleague's.")
    for name, (low, high) in gaps.items():
        print(
            f"{name.splitlines()[0]:14} {low:+.4f} to {high:+.4f}, zero {'inside' if low <= 0 <= high else 'outside'}"
        )

# %% [markdown]
# Same models, same images, another verdict. Why? Ask the images, with your `given` from
# [The alarm and the base rate](../fundamentals/probability.ipynb): how often is B wrong, where A is right and where
# it is wrong?


# %%
def given(event, condition):
    """Return the share of those with the event among those with the condition; nan if there are none."""
    return event[condition].mean() if condition.any() else np.nan


print(f"B is wrong on {given(~b_right, a_right):.1%} of the images that A names right,")
print(f"and on {given(~b_right, ~a_right):.1%} of those that A names wrong.")

# %% [markdown]
# An ugly digit is ugly for both: resampled together, this shared luck cancels, and what remains are the few images on
# which they differ. Notice the left panel too: two intervals may overlap although the difference is real. **Ask about
# the difference, not about two intervals.**
#
# And what does it not say? Only the test rows were drawn anew, not the training rows, not the split. And had you
# compared twenty models, the best would owe something to luck.
#
# ## Take away
#
# > An interval is a promise about a **procedure**. Resample what chance has drawn, in the units in which it was drawn,
# > and where you doubt the promise, build a world with a known truth and count.
#
# (`scipy.stats.bootstrap` does all this, with `paired=True` too. Its default, BCa, corrects for some of the
# lopsidedness; `coverage` can tell you how much.)
#
# **On your own data:** keep the answers of your two best models on every test row, and hand them to `paired_interval`.
# Or change `random_state` above: does the verdict on B stand on another split?
#
# **Next:** what if you look at the difference every evening, and stop when you like it?
# [The test that you looked at too often](../fundamentals/ab_test.ipynb).
