# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: The test that you looked at too often
#     minutes: 45
#     level: 2
#     needs: [fundamentals/arrays_without_loops, fundamentals/probability]
#     packages: [numpy, scipy, matplotlib, scikit-learn]
# ---

# %% [markdown]
# Your new model B runs beside the old model A, each for half of the visitors. Every evening you look at the
# dashboard. On the twelfth evening it says p = 0.04, "significant". You stop the test and ship B. A month later,
# nothing of the gain can be found. Nobody made an error in a formula. So where did the gain come from?
#
# By the end you can tell, by simulation, how often a way of testing cries wolf, and mend it when it does so too often.

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.special import erfc
from sklearn.datasets import load_diabetes

from shoshin.graders.fundamentals import ab_test as check

# %% [markdown]
# ## Shuffle the labels
#
# A thousand visitors saw recommendations of model A and 100 clicked. Another thousand saw those of B and 130 clicked.
# That is 3 points more: 13 % instead of 10 %. Could it be luck?
#
# Suppose that the models are the same. Then "A" and "B" are mere stickers on the visitors, and each visitor would
# have clicked, or not, under either sticker. So peel them off, shuffle, stick them on again, and look at the gap
# again. The figure does it 5,000 times.

# %%
clicked_a = np.repeat([1, 0], [100, 900])  # one entry per visitor: 1 clicked, 0 did not
clicked_b = np.repeat([1, 0], [130, 870])
real_gap = clicked_b.mean() - clicked_a.mean()

# Of the 230 who clicked, how many get the sticker B? One draw per shuffle.
clicks_b = np.random.default_rng(0).hypergeometric(230, 1770, 1000, size=5000)
gaps = (clicks_b - (230 - clicks_b)) / 1000

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
bins = np.arange(-0.055, 0.056, 0.002)
axes.hist(gaps, bins, color="#BBBBBB", edgecolor="white", label="after a shuffle")
extreme = gaps[np.abs(gaps) >= abs(real_gap)]
axes.hist(extreme, bins, color="#D55E00", hatch="//", edgecolor="white", label="at least as far from 0")
axes.axvline(real_gap, color="black", label="the real gap")
axes.axvline(-real_gap, color="black", linestyle="--", label="as large, the other way round")
axes.set(xlabel="click rate of B minus click rate of A", ylabel="shuffles", title="What luck alone can do")
axes.set_ylim(0, 400)
axes.legend(loc="upper center", ncols=2)
plt.show()

# %% [markdown]
# The share of the hatched part is the **p-value**: how often luck alone makes a gap at least as large as the real
# one. It is *not* the probability that the models are the same: for that you would have to know the base rate, how
# often a new model of yours is any better.
#
# ## Write `p_value`
#
# Return the p-value of a **permutation test**. `a` and `b` are arrays of numbers with one axis, and may differ in
# length. The gap is the difference of their means. Shuffle `rounds` times. Every shuffle deals all values anew into
# two groups of the old sizes, each value exactly once. Count the shuffles whose gap is *at least* as far from 0 as
# the real gap, **in either direction**; ties count. Return, without rounding,
#
# `(1 + count) / (1 + rounds)`
#
# The two ones stand for the labelling that you really saw: it is one of the possible ones, and as extreme as itself.
# So p is never 0. If all values are equal every shuffle ties, and p is 1. `rng` is a NumPy random generator
# (`np.random.default_rng(0)` makes one): draw from it in any way you like. Leave `a` and `b` as they are.
#
# (The check allows for chance, within 0.05. Ties can be lost in rounding, but not between the numbers that it uses.)
#
# <details><summary>Hint 1: what does a shuffle do?</summary>Two teams throw all their shirts on one heap. The heap is
# mixed, and the first team takes as many from the top as it had before.</details>
# <details><summary>Hint 2: what joins, what shuffles?</summary><code>np.concatenate</code> makes the heap,
# <code>rng.permutation</code> mixes it, a slice cuts it at <code>len(a)</code>. A loop is fine.</details>
# <details><summary>Hint 3: what is "in either direction"?</summary>A gap of -3 points is as surprising as one of +3.
# Which function forgets a sign? Both the real gap and the shuffled one need it.</details>


# %% answer="p_value"
def p_value(a, b, rounds, rng):
    """Return the two-sided permutation p-value of the difference between the means of a and b."""
    ### BEGIN SOLUTION
    real = abs(np.mean(a) - np.mean(b))
    heap = np.concatenate([a, b])
    count = 0
    for _ in range(rounds):
        mixed = rng.permutation(heap)
        count += abs(mixed[: len(a)].mean() - mixed[len(a) :].mean()) >= real
    return (1 + count) / (1 + rounds)
    ### END SOLUTION


# %% check="p_value" points=3
check.p_value(p_value)

# %% [markdown]
# What does a p-value look like when there is **nothing to find**? The next cell draws two groups from one and the same
# source, 600 times, and asks your function each time.

# %%
if check.p_value.passed:
    rng = np.random.default_rng(1)
    print(f"the visitors above: p = {p_value(clicked_a, clicked_b, 5000, np.random.default_rng(2)):.3f}")
    nothing = np.array([p_value(rng.normal(size=20), rng.normal(size=20), 199, rng) for _ in range(600)])

    figure, axes = plt.subplots(figsize=(8, 3.5), layout="constrained")
    edges = np.linspace(0, 1, 21) + 0.001
    axes.hist(nothing, edges, color="#BBBBBB", edgecolor="white")
    axes.hist(nothing[nothing <= 0.05], edges, color="#D55E00", hatch="//", edgecolor="white", label="at most 0.05")
    axes.axhline(len(nothing) / 20, color="black", linestyle="--", label="a twentieth of all")
    axes.set(xlabel="p-value", ylabel="experiments", title="Nothing to find: every p-value is as likely as any other")
    axes.legend(loc="lower right")
    plt.show()
    print(f"false alarms: {np.mean(nothing <= 0.05):.1%}")

# %% [markdown]
# Flat, but for luck. Whoever says "found!" below 0.05 is wrong in about 5 % of the cases in which there is nothing to
# find. Such a **false alarm** is the price of a test. You chose it, 5 %, and it buys you **one look**. Remember that.
#
# ## Predict: how many visitors?
#
# The other error is to miss what is there. Say that B lifts the click rate from 10 % to 11 %, which for a shop is a
# fortune. How many visitors must *each* model get, so that the test finds the gain in 4 cases of 5?

# %% answer="prediction_visitors"
prediction_visitors = ...  # a whole number
### BEGIN SOLUTION
prediction_visitors = 1000
### END SOLUTION

# %% [markdown]
# To find out you need thousands of experiments. Shuffling in each is slow, so here is a shortcut. The grey hill of
# the first figure is a bell whose width has a formula; `fast_p` reads off how much of the bell lies as far out as the
# real gap. It takes numbers, or whole arrays by broadcasting. If nobody clicked, or everybody, it returns 1.


# %%
def fast_p(clicks_a, clicks_b, visitors):
    """Return the two-sided p-value of clicks among `visitors` people **in each group**: numbers or arrays."""
    rate = (clicks_a + clicks_b) / (2 * visitors)
    gap, width = np.abs(clicks_a - clicks_b) / visitors, np.sqrt(2 * rate * (1 - rate) / visitors)
    return erfc(np.divide(gap, width, out=np.zeros_like(gap), where=width > 0) / np.sqrt(2))


print(f"one experiment:    {fast_p(100, 130, 1000):.3f}")
print("three experiments:", fast_p(np.array([100, 110, 120]), np.array([130, 130, 130]), 1000).round(3))
if check.p_value.passed:
    print(f"by your shuffles:  {p_value(clicked_a, clicked_b, 5000, np.random.default_rng(2)):.3f}")

# %% [markdown]
# (It comes out a little lower than yours, as a smooth bell knows no ties. With more visitors the two meet.)
#
# ## Write `power`
#
# The **power** of a test is the share of experiments in which it finds a difference that is really there.
#
# Simulate `runs` experiments. In each, `visitors` people see A and click with probability `rate_a`, and `visitors`
# *other* people see B and click with probability `rate_b`. Return the share of the `runs` (a number from 0 to 1, not
# rounded) with `fast_p` **below 0.05**, whichever model is ahead. The rates may be equal; then this is the share of
# false alarms. They may be 0 or 1.
#
# `rng.binomial(visitors, rate, size)` draws the number of clicks among `visitors` people, `size` times, in one call.
# The check allows for chance: it asks for the right share within 0.04, and for 2 % to 10 % of false alarms where the
# rates are equal (and neither 0 nor 1).
#
# <details><summary>Hint 1: what would you do with real shops?</summary>Open <code>runs</code> shops that differ only in
# luck. Each tests once, and puts up its hand if p is below 0.05. You count hands.</details>
# <details><summary>Hint 2: which shapes?</summary>One number of clicks per run for A, shape <code>(runs,)</code>, and
# one for B. <code>fast_p</code> makes an array of that shape. What is the mean of an array of booleans?</details>


# %% answer="power"
def power(rate_a, rate_b, visitors, runs, rng):
    """Return the share of simulated experiments in which fast_p is below 0.05."""
    ### BEGIN SOLUTION
    clicks_a = rng.binomial(visitors, rate_a, runs)
    clicks_b = rng.binomial(visitors, rate_b, runs)
    return np.mean(fast_p(clicks_a, clicks_b, visitors) < 0.05)
    ### END SOLUTION


# %% check="power" points=2
check.power(power)

# %%
if check.power.passed:
    rng = np.random.default_rng(3)
    sizes = np.array([125, 250, 500, 1000, 2000, 4000, 8000, 11_000, 14_000, 17_000, 24_000])
    looks = {0.15: ("#009E73", "s-"), 0.12: ("#0072B2", "o-"), 0.11: ("#D55E00", "^-"), 0.10: ("#000000", "d:")}
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    needed = {}
    for rate_b, (colour, style) in looks.items():
        found = np.array([power(0.10, rate_b, size, 2000, rng) for size in sizes])
        needed[rate_b] = np.interp(0.8, found, sizes)
        name = f"10 % to {100 * rate_b:.0f} %" if rate_b > 0.1 else "no difference"
        axes.semilogx(sizes, found, style, color=colour, label=name)
    axes.axhline(0.8, color="0.5", linestyle="--", label="4 of 5")
    axes.set(xlabel="visitors of each model", ylabel="share of tests that find it", title="Small gains hide well")
    axes.set_ylim(0, 1.05)
    axes.legend(loc="upper left")
    plt.show()
    said = "nothing" if prediction_visitors is ... else prediction_visitors
    print(f"You said {said}. Measured: about {round(needed[0.11], -3):,.0f} visitors of each model for 10 % to 11 %,")
    print(f"about {round(needed[0.12], -2):,.0f} for a gain twice as large.")

# %% [markdown]
# A gain half as large needs about **four times** the visitors.
#
# And what is a p below 0.05 worth, once you have it? The power is a hit rate, 0.05 is a false alarm rate, and the base
# rate is the share of your new models that are better. You wrote what turns the three into an answer.


# %%
def posterior(prior, hit_rate, false_alarm_rate):
    """Yours, from "The alarm and the base rate": P(better | p < 0.05)."""
    right, false = prior * hit_rate, (1 - prior) * false_alarm_rate
    return right / (right + false) if right + false else np.nan


for better in (0.5, 0.1, 0.02):
    print(f"{better:4.0%} of your models are better: of those that pass, {posterior(better, 0.8, 0.05):.0%} are")

# %% [markdown]
# Where good ideas are rare, most winners of an honest test are luck. So tests are made large; they take weeks, and
# weeks are long. It is only human to look in the meantime.
#
# ## Predict: only looking
#
# Now A and B are **the same model**, at a click rate of 10 %. There is nothing to find. 500 visitors a day see each.
# For 30 days you look at the p-value every evening, and you stop and announce a winner as soon as it is below 0.05.
# In what share of such tests do you announce a winner?

# %% answer="prediction_peeking"
prediction_peeking = ...  # a number between 0 and 1
### BEGIN SOLUTION
prediction_peeking = 0.08
### END SOLUTION

# %% [markdown]
# ## Write `p_paths`
#
# Return the p-values of every evening: an array of shape `(runs, days)`, one row per simulated test. Every day
# `per_day` new people see A and click with probability `rate_a`; as many others see B and click with probability
# `rate_b`. The entry in column k is `fast_p` of **all clicks up to and including that day** (column 0 is day 1, after
# which each model has had `per_day` visitors). Simulate all the days, whatever the p-values say.
#
# The check looks at the shape, at the share of runs below 0.05 on the first and on the last day, and at the share
# that was ever below, all within what chance allows.
#
# <details><summary>Hint 1: what does the dashboard know on Wednesday?</summary>Monday's, Tuesday's and Wednesday's
# clicks in one pot, and three days' visitors. Nothing is thrown away overnight.</details>
# <details><summary>Hint 2: which shapes?</summary>One draw of <code>rng.binomial</code> can have the shape
# <code>(runs, days)</code>: the clicks of each day. <code>cumsum</code> adds up along an axis.</details>
# <details><summary>Hint 3: how many visitors?</summary>A number per day, rising, of shape <code>(days,)</code>.
# It broadcasts against the rows. The first is <code>per_day</code>, not 0.</details>


# %% answer="p_paths"
def p_paths(rate_a, rate_b, per_day, days, runs, rng):
    """Return the p-value after each day, from all clicks so far: an array of shape (runs, days)."""
    ### BEGIN SOLUTION
    clicks_a = rng.binomial(per_day, rate_a, (runs, days)).cumsum(axis=1)
    clicks_b = rng.binomial(per_day, rate_b, (runs, days)).cumsum(axis=1)
    visitors = per_day * np.arange(1, days + 1)
    return fast_p(clicks_a, clicks_b, visitors)
    ### END SOLUTION


# %% check="p_paths" points=3
check.p_paths(p_paths)

# %% [markdown]
# Watch a hundred tests of a model against itself. The p-axis is logarithmic, so that small p-values can be seen. An
# orange path is one that dips below the line at least once. The triangle marks the evening on which you would have
# announced a winner. The dotted part is what you would never have seen.

# %%
if check.p_paths.passed:
    same = np.asarray(p_paths(0.10, 0.10, 500, 30, 5000, np.random.default_rng(4)))
    day = np.arange(1, 31)
    shown, dips = same[:100], same[:100].min(axis=1) < 0.05

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained", width_ratios=[3, 2])
    left.semilogy(day, shown[~dips].T, color="#BBBBBB", linewidth=0.6)
    for path in shown[dips]:
        stop = np.argmax(path < 0.05)  # the first evening below the line
        left.plot(day[: stop + 1], path[: stop + 1], color="#D55E00", linewidth=1.3)
        left.plot(day[stop:], path[stop:], color="#D55E00", linewidth=0.8, linestyle=":")
        left.plot(day[stop], path[stop], "v", color="#D55E00", markeredgecolor="black", zorder=3)
    left.axhline(0.05, color="black", linewidth=2)
    left.set(xlabel="day", ylabel="p-value so far", ylim=(4e-3, 1.15), xlim=(0.3, 30.7))
    left.set_yticks([0.01, 0.05, 0.1, 0.5, 1], ["0.01", "0.05", "0.1", "0.5", "1"])
    left.set_title(f"{dips.sum()} of 100 dipped below; {np.sum(shown[:, -1] < 0.05)} are below on day 30")

    ever = (np.minimum.accumulate(same, axis=1) < 0.05).mean(axis=0)
    right.plot(day, ever, "v--", color="#D55E00", markersize=5, label="looked every evening")
    right.plot(day, (same < 0.05).mean(axis=0), "o-", color="#0072B2", markersize=4, label="looked on this day only")
    right.set(xlabel="day", ylabel="share of false alarms", ylim=(0, 0.4), title="5,000 tests, nothing to find")
    right.legend(loc="upper left")
    plt.show()
    said = "nothing" if prediction_peeking is ... else prediction_peeking
    print(f"You said {said}. Measured: looking every evening, {ever[-1]:.1%} of the tests announce a winner.")
    print(f"Looking once, on day 30: {np.mean(same[:, -1] < 0.05):.1%}.")

# %% [markdown]
# No single evening is to blame: on each of them about 5 % are below, as they should be. But it is not always the *same*
# 5 %. P-values wander, and whoever waits at the line, pen in hand, will see many of them come by. Then
# you stop, so the path never gets the chance to wander back. That is **peeking**, and it is where your gain came from.
#
# ## Write `honest_line`
#
# Must you look away for 30 days? No. Only the line is wrong: 0.05 is for one look. Where must it lie for thirty?
# You have thousands of paths on which there is nothing to find. Let them tell.
#
# `paths` has one row per test and one column per evening. Return one number: the highest line for which (about) the
# part `share` of the paths **ever** falls below it. One path more or less does not matter, so any way of choosing
# between two neighbouring values is fine. Leave `paths` as it is.
#
# <details><summary>Hint 1: who floods the cellar?</summary>A river floods a cellar if it is above the sill on any day
# of the year. You need not know all its days: which one is enough?</details>
# <details><summary>Hint 2: one number per path, and then?</summary>You want a value that the part <code>share</code> of
# these numbers lies below. That is called a quantile; <code>np.quantile</code> finds it, or sort them and
# count.</details>


# %% answer="honest_line"
def honest_line(paths, share):
    """Return the line below which the part `share` of the paths ever falls."""
    ### BEGIN SOLUTION
    return np.quantile(paths.min(axis=1), share)
    ### END SOLUTION


# %% check="honest_line" points=2
check.honest_line(honest_line)

# %% [markdown]
# Now three ways to run the test, on *fresh* paths: with nothing to find, and with a real gain, from 10 % to 11 %.

# %%
if check.p_paths.passed and check.honest_line.passed:
    drawn = np.asarray(p_paths(0.10, 0.10, 500, 30, 5000, np.random.default_rng(4)))  # those of the figure
    line = np.asarray(honest_line(drawn, 0.05)).item()
    rng = np.random.default_rng(5)
    nothing = np.asarray(p_paths(0.10, 0.10, 500, 30, 5000, rng))
    gain = np.asarray(p_paths(0.10, 0.11, 500, 30, 5000, rng))

    def run_test(paths, line):
        """Return the share of the tests that announce a difference, and the day on which a test ends on average."""
        below = paths < line
        return below.any(axis=1).mean(), np.where(below.any(axis=1), below.argmax(axis=1) + 1, 30).mean()

    print(f"the honest line for 30 looks: {line:.4f}        (0.05 / 30 = {0.05 / 30:.4f})\n")
    print(f"{'':30}{'false alarms':>14}{'gains found':>13}{'days needed':>13}")
    ways = {"one look, on day 30": 0.05, "every evening, 0.05": 0.05, f"every evening, {line:.4f}": line}
    for place, (way, level) in enumerate(ways.items()):
        days = slice(29, 30) if place == 0 else slice(None)
        (alarms, _), (found, ends) = run_test(nothing[:, days], level), run_test(gain[:, days], level)
        print(f"{way:30}{alarms:14.1%}{found:13.1%}{30 if place == 0 else ends:13.1f}")

# %% [markdown]
# Peeking with the honest line keeps the promise of 5 %, and when there is a gain it often ends the test early. You pay
# with power: some gains that one look on day 30 would find are missed. That is a fair trade, made *before* the test.
# Your p = 0.04 on the twelfth evening was nowhere near the line.
#
# Dividing 0.05 by the thirty looks would be safe as well, but much too strict: tomorrow's p-value is nearly today's, so
# thirty looks are far fewer than thirty separate chances.
#
# ## Many tests at once
#
# Thirty looks at one test, or one look at thirty tests: **the smallest of many p-values is not a p-value.** Machine
# learning does this all day: twenty values of a hyperparameter, forty features, a hundred runs, and the best one is
# reported.

# %%
if check.p_paths.passed:
    tweaks = np.asarray(p_paths(0.10, 0.10, 5000, 1, 20 * 1000, np.random.default_rng(6))).reshape(1000, 20)
    share = np.mean(tweaks.min(axis=1) < 0.05)
    print("20 tweaks of a model, each tested against it, none of them any better, a thousand times over:")
    print(f'at least one tweak "wins" (p < 0.05) in {share:.0%} of the cases; 1 - 0.95**20 = {1 - 0.95**20:.0%}')

# %% [markdown]
# Thirty looks raised the alarms to more than a quarter, twenty separate tests raise them to two thirds.
# **Bonferroni's** cure: with m tests, compare each p-value with 0.05 / m. Then the chance of *any* false alarm is at
# most 5 %. If m is large the line is very low, and weak but real signals drown.
#
# A milder promise is often what you want: among the things you *keep*, not more than about 5 % should be false, on
# average. Sort the p-values. **Benjamini and Hochberg** (1995) compare the smallest with 1/m of the share, the second
# with 2/m, the k-th with k/m: the line rises. You keep all up to the *last* that is under the line. For tests that have
# nothing to do with each other, this rule keeps the promise.
#
# An example with four p-values and a share of 0.2; the line is 0.05, 0.10, 0.15, 0.20:
#
# | place | p-value | line | under? | kept? |
# |---|---|---|---|---|
# | 1 | 0.03 | 0.05 | yes | yes |
# | 2 | 0.12 | 0.10 | no | **yes**, it is before the last that is under |
# | 3 | 0.13 | 0.15 | yes, and the last | yes |
# | 4 | 0.60 | 0.20 | no | no |
#
# ## Write `discoveries`
#
# Return an array of booleans, as long as `p_values` (an array, in no order): entry i is `True` if `p_values[i]` is kept
# by the rule above, with lines at `k / m * share`. A p-value *on* the line is under it. Equal p-values have the
# same fate. If none is under its line, nothing is kept. There is at least one p-value. Leave `p_values` as it is.
#
# <details><summary>Hint 1: what do you see in the picture of sorted p-values?</summary>A staircase and a ramp. Walk
# along the staircase from its high end until you stand under the ramp for the first time. You and all lower
# steps stay.</details>
# <details><summary>Hint 2: how do I find the last?</summary><code>np.flatnonzero</code> lists the places that are
# <code>True</code>, in rising order. The list may be empty.</details>
# <details><summary>Hint 3: how do I get back to the old order?</summary>You may not have to. If you know the largest
# p-value that is kept, how do you recognise the others among the unsorted ones?</details>


# %% answer="discoveries"
def discoveries(p_values, share):
    """Return which p-values the rule of Benjamini and Hochberg keeps: an array of booleans."""
    ### BEGIN SOLUTION
    ranked = np.sort(p_values)
    under = np.flatnonzero(ranked <= share * np.arange(1, len(ranked) + 1) / len(ranked))
    if len(under) == 0:
        return np.zeros(len(ranked), dtype=bool)
    return p_values <= ranked[under[-1]]
    ### END SOLUTION


# %% check="discoveries" points=3
check.discoveries(discoveries)

# %% [markdown]
# Real data at last: 120 of the patients in the diabetes data that come with scikit-learn, 10 measurements each, and how
# far the disease advanced within a year. We smuggle in **40 columns of pure noise**. For every column your `p_value`
# compares the patients above the column's average with the others. Which columns would you hand to a model?

# %%
if check.p_value.passed and check.discoveries.passed:
    patients = load_diabetes(as_frame=True, scaled=False).frame.sample(120, random_state=1)
    progress = patients.pop("target").to_numpy()
    columns = np.column_stack([patients, np.random.default_rng(0).normal(size=(120, 40))])
    noise = np.arange(50) >= 10
    rng = np.random.default_rng(7)
    above = (columns > columns.mean(axis=0)).T
    p = np.array([p_value(progress[~half], progress[half], 1999, rng) for half in above])

    kept = {
        "p <= 0.05": p <= 0.05,
        "Benjamini-Hochberg": np.asarray(discoveries(p, 0.05)),
        "Bonferroni": p <= 0.05 / 50,
    }
    print(f"{'rule':20}{'real columns kept':>20}{'noise columns kept':>20}")
    for rule, which in kept.items():
        print(f"{rule:20}{np.sum(which & ~noise):20}{np.sum(which & noise):20}")

    order, place = np.argsort(p), np.arange(1, 51)
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for which, marker, colour, name in ((~noise, "o", "#0072B2", "a measurement"), (noise, "X", "#D55E00", "noise")):
        mine = which[order]
        axes.semilogy(place[mine], p[order][mine], marker, color=colour, markeredgecolor="black", label=name)
    axes.axhline(0.05, color="black", linestyle=":", label="0.05")
    axes.plot(place, 0.05 * place / 50, color="#009E73", label="k / 50 of 0.05 (Benjamini-Hochberg)")
    axes.axhline(0.05 / 50, color="black", linestyle="--", label="0.05 / 50 (Bonferroni)")
    axes.set(xlim=(0, 30), xlabel="place k in the sorted list", ylabel="p-value", title="The thirty smallest p-values")
    axes.legend(loc="lower right", fontsize=9)
    plt.show()

# %% [markdown]
# At 0.05 noise slips in among the measurements. Bonferroni's line keeps it out, and some measurements with it. The
# ramp (bent here, as the p-axis is logarithmic) lies between: it keeps more of them, and may let a noise column
# through, for its 5 % are an average over many studies. One more thing hides in the lowest points: with 1,999 shuffles
# p cannot be below 1/2000. With 500 no column could ever pass Bonferroni's line. Many tests need many shuffles.
#
# ## What outlives this exercise
#
# - **A p-value keeps its promise for one look, at one test, planned before.** The smallest of many is not a
#   p-value, whether the many are evenings, hyperparameters, features or seeds.
# - Decide before you start: how many visitors (power), how many looks, which line. Then looking is allowed.
# - If no formula fits your way of testing, **run it where there is nothing to find**, a thousand times, and count the
#   alarms. Your own habit, simulated on a model against itself, tells you its price.
#
# **Try on your own data:** shuffle the labels of your training set, then do all you did to choose your best model
# (columns, hyperparameters, seed), twenty times. How good is the best score that nothing can give?
#
# **Next:** a p-value says how surprised you should be. Surprise can be measured, in bits, and your models are trained
# to make it small: [Entropy, and why the loss is a logarithm](../fundamentals/entropy.ipynb).
