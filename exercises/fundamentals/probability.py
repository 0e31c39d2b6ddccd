# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: The alarm and the base rate
#     minutes: 55
#     level: 1
#     needs: [fundamentals/arrays_without_loops]
#     packages: [numpy, scikit-learn, matplotlib]
# ---

# %% [markdown]
# Your model reads X-rays for a disease that one person in 1000 has. You have tested it well: it gives an alarm to 99 %
# of the sick and to only 1 % of the healthy. Mrs Kaya got an alarm. She asks: "So I am sick, with 99 %?" The
# doctor looks at you. You look at your test report, and the number that she asks for is not in it.
#
# By the end you can turn error rates, a base rate and several pieces of evidence into the probability that
# an alarm is right, and tell when that number must not be trusted.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from shoshin.graders.fundamentals import probability as check

BASE_RATE, HIT_RATE, FALSE_ALARM_RATE = 0.001, 0.99, 0.01

# %% [markdown]
# Three numbers describe the situation, and each is a share of *its own* group:
#
# | name | a share of | here |
# |---|---|---|
# | **base rate** | all people: how many are sick | 0.001 |
# | **hit rate** | the sick: how many get an alarm | 0.99 |
# | **false alarm rate** | the healthy: how many get an alarm | 0.01 |
#
# ## Predict: one hundred alarms
#
# The model examines a great many people. Take one hundred of those who got an alarm. How many of them are sick?
# Write your first guess; it is not graded.

# %% answer="prediction_alarms"
prediction_alarms = ...  # a number from 0 to 100
### BEGIN SOLUTION
prediction_alarms = 95
### END SOLUTION

# %% [markdown]
# ## Write `simulate`
#
# If you cannot compute a probability, play the situation many times and count. Playing chance is one comparison:
# `rng.random(n)` draws n numbers between 0 and 1, and such a number lies below 0.01 once in a hundred times.
# Here eight people each throw for an event with probability 0.5:

# %%
rng = np.random.default_rng(7)
numbers = rng.random(8)
print(numbers.round(2))
print(numbers < 0.5)

# %% [markdown]
# Return `(sick, alarm)`: two NumPy arrays of `True` and `False`, each of shape `(n,)`, one entry per person.
#
# - Each person is sick with probability `base_rate`.
# - Each sick person gets an alarm with probability `hit_rate`, each healthy person with probability
#   `false_alarm_rate`.
# - What one person gets tells nothing about any other person.
# - Draw all random numbers from `rng`, a generator as above, so that the same generator gives the same people.
# - The probabilities can be exactly 0 (it never happens) and exactly 1 (it always happens).
#
# <details><summary>Hint 1: what comes first?</summary>Nature throws her coin before your model throws its own. Which
# coin the model takes depends on what nature threw.</details>
# <details><summary>Hint 2: how does everybody get a probability of their own?</summary>A comparison of two arrays
# goes entry by entry. <code>np.where(condition, a, b)</code> makes an array with <code>a</code> where the condition
# is true, and <code>b</code> elsewhere.</details>
# <details><summary>Hint 3: may one throw serve twice?</summary>No. Whoever is sick threw a small number. If the same
# number decides about the alarm, it has been decided already.</details>


# %% answer="simulate"
def simulate(n, base_rate, hit_rate, false_alarm_rate, rng):
    """Return (sick, alarm) for n people, as two boolean arrays of shape (n,)."""
    ### BEGIN SOLUTION
    sick = rng.random(n) < base_rate
    alarm = rng.random(n) < np.where(sick, hit_rate, false_alarm_rate)
    return sick, alarm
    ### END SOLUTION


# %% check="simulate" points=3
check.simulate(simulate)

# %% [markdown]
# Look at your people: 10,000 of them, in a square. Each mark is one person.

# %%
if check.simulate.passed:
    sick, alarm = simulate(10_000, BASE_RATE, HIT_RATE, FALSE_ALARM_RATE, np.random.default_rng(1))
    across, down = np.arange(10_000) % 100, np.arange(10_000) // 100
    groups = [
        (~sick & ~alarm, "healthy, no alarm", {"marker": ".", "s": 3, "color": "#BBBBBB"}),
        (~sick & alarm, "healthy, alarm", {"marker": "^", "s": 40, "color": "#E69F00"}),
        (sick & alarm, "sick, alarm", {"marker": "o", "s": 70, "color": "#0072B2"}),
        (sick & ~alarm, "sick, no alarm", {"marker": "x", "s": 70, "color": "black"}),
    ]
    figure, axes = plt.subplots(figsize=(8.5, 6), layout="constrained")
    for who, label, style in groups:
        axes.scatter(across[who], down[who], label=f"{label}: {who.sum():,}", **style)
    axes.set(xticks=[], yticks=[], xlabel="10,000 people, one mark each", title="Who gets an alarm?")
    axes.set_aspect("equal")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    plt.show()

# %% [markdown]
# The model keeps its promise: it finds almost every sick person, and only one healthy person in a hundred gets an
# alarm. But there are so *many* healthy people. One of the triangles and circles is Mrs Kaya.
#
# ## Write `given`
#
# The **conditional probability** of an event, given a condition, is its share in a smaller crowd: send home everybody
# for whom the condition does not hold, then count the event among those who remain. It is written
# P(event | condition), and the bar is read "given".
#
# Return that share. `event` and `condition` are boolean arrays of the same shape `(n,)`, with n at least 1. If the
# condition holds for nobody, there is nothing to count: return `nan` (`np.nan`, "not a number"). Leave both arrays as
# they are; they are needed again.
#
# <details><summary>Hint 1: who is in the room?</summary>Everybody outside the condition has gone home. They
# appear neither above nor below the line of your fraction.</details>
# <details><summary>Hint 2: how do you count with booleans?</summary><code>a & b</code> is true where both are,
# <code>array.sum()</code> counts what is true, and <code>array[condition]</code> keeps the entries where the condition
# is true.</details>


# %% answer="given"
def given(event, condition):
    """Return the share of those with the event among those with the condition; nan if there are none."""
    ### BEGIN SOLUTION
    if not condition.any():
        return np.nan
    return event[condition].mean()
    ### END SOLUTION


# %% check="given" points=2
check.given(given)

# %%
if check.simulate.passed and check.given.passed:
    sick, alarm = simulate(1_000_000, BASE_RATE, HIT_RATE, FALSE_ALARM_RATE, np.random.default_rng(2))
    silence = np.zeros_like(alarm)
    print("a million people               your model    a model that never gives an alarm")
    for words, model_says in [
        ("P(alarm | sick)", lambda alarm: given(alarm, sick)),
        ("P(sick | alarm)", lambda alarm: given(sick, alarm)),
        ("accuracy", lambda alarm: np.mean(alarm == sick)),
    ]:
        print(f"{words:30} {model_says(alarm):10.4f} {model_says(silence):17.4f}")
    said = "nothing" if prediction_alarms is ... else prediction_alarms
    print(f"\nOf 100 alarms, you said {said} are right. Counted: {100 * given(sick, alarm):.0f}.")

# %% [markdown]
# The first two lines hold the same words in another order. They are as different as "most cooks are people" and
# "most people are cooks". Machine learning has names for both: P(alarm | sick) is the **recall**, P(sick | alarm) the
# **precision**. A recall does not know how rare the disease is. A precision does.
#
# And the **accuracy**, the share of all people about whom a model is right? A model that always says "healthy" beats
# yours. It gave no alarm, so its precision is `nan`: neither good nor bad, but unknown.
#
# You are in good company if you said something near 99. In 1978, 60 doctors and students at Harvard's hospitals were
# asked nearly the same, with a false alarm rate of 5 %. The most common reply was 95 %; it should have been 2 %
# ([Casscells, Schoenberger and Graboys](https://doi.org/10.1056/NEJM197811022991808)).
#
# ## Write `posterior`
#
# Now without chance. Imagine a million people and fill in the table by hand, with base rate 0.001, hit rate 0.99 and
# false alarm rate 0.01:
#
# | | how many | of them with an alarm |
# |---|---|---|
# | sick | … | … |
# | healthy | … | … |
#
# Which part of all alarms belongs to the sick? Compare with what you have counted above. The million cancels out in the
# end: you may begin with a single person and let each group be a probability.
#
# What you believe before you see the evidence is called the **prior**, here the base rate; what you believe
# afterwards is the **posterior**. Return the probability of being sick, given an alarm.
#
# - All three arguments are numbers from 0 to 1, and both ends can come. A prior of 0 stays 0, and a prior of 1 stays 1,
#   whenever an alarm is possible at all.
# - If no alarm can occur (no group gets one, or nobody is in the group that does), return `nan`.
# - Exact, please: the check tries base rates so small that simulating them would take days.
#
# <details><summary>Hint 1: which two streams meet?</summary>Alarms come from two sources: the sick, and the healthy.
# How wide is each stream, and which part of the river comes from the first?</details>
# <details><summary>Hint 2: how large are the two groups?</summary>Together they are everybody. If the sick are the
# part <code>prior</code>, which part is left for the healthy?</details>
# <details><summary>Hint 3: when can no alarm occur?</summary>When both streams are dry. Ask for that before you
# divide.</details>


# %% answer="posterior"
def posterior(prior, hit_rate, false_alarm_rate):
    """Return P(sick | alarm); nan if an alarm is impossible."""
    ### BEGIN SOLUTION
    right = prior * hit_rate
    false = (1 - prior) * false_alarm_rate
    if right + false == 0:
        return np.nan
    return right / (right + false)
    ### END SOLUTION


# %% check="posterior" points=2
check.posterior(posterior)

# %%
if check.simulate.passed and check.given.passed and check.posterior.passed:
    rng = np.random.default_rng(3)
    base_rates = np.geomspace(1e-4, 0.9, 200)
    figure, axes = plt.subplots(figsize=(8, 4.4), layout="constrained")
    for rate, colour, line in [(0.001, "#009E73", "-."), (0.01, "#0072B2", "-"), (0.1, "#D55E00", "--")]:
        curve = [posterior(base_rate, HIT_RATE, rate) for base_rate in base_rates]
        axes.semilogx(base_rates, curve, line, color=colour, label=f"false alarm rate {rate}")
    few = np.geomspace(1e-3, 0.5, 7)
    counted = [given(*simulate(100_000, base_rate, HIT_RATE, FALSE_ALARM_RATE, rng)) for base_rate in few]
    axes.plot(few, counted, "o", color="#0072B2", markerfacecolor="none", label="counted in 100,000 people")
    axes.axvline(BASE_RATE, color="0.5", linestyle=":", label="base rate of this disease")
    axes.set(xlabel="base rate (each step to the right: ten times as many)", ylabel="P(sick | alarm)")
    axes.set_title("What an alarm is worth, by base rate (hit rate 0.99)")
    axes.legend()
    plt.show()

# %% [markdown]
# You have derived **Bayes' rule**. Your fraction, written down:
#
# $$P(\text{sick} \mid \text{alarm}) =
# \frac{P(\text{sick})\, P(\text{alarm} \mid \text{sick})}
# {P(\text{sick})\, P(\text{alarm} \mid \text{sick}) + P(\text{healthy})\, P(\text{alarm} \mid \text{healthy})}$$
#
# Follow the solid curve: the same model is useless in one town and splendid in another. So a precision measured
# on a test set with half the patients sick says nothing about a street where one in 1000 is. The same holds for fraud,
# for spam, and for broken machines.
#
# ## A second alarm
#
# Mrs Kaya goes to a second model, as good as the first and trained on other data, and it gives an alarm too. Nothing
# new is needed: the posterior after the first alarm is the prior of the second. It is even easier with **odds**: the
# probability for, divided by the probability against. Odds of 1 to 999 are a probability of 1/1000. Each alarm
# multiplies the odds by `hit_rate / false_alarm_rate`, here 99:

# %%
odds = BASE_RATE / (1 - BASE_RATE)
for alarms in range(4):
    print(f"{alarms} alarms: odds {odds:11.5f} to 1, probability {odds / (1 + odds):.5f}")
    odds *= HIT_RATE / FALSE_ALARM_RATE
if check.posterior.passed:
    after_one = posterior(BASE_RATE, HIT_RATE, FALSE_ALARM_RATE)
    print(f"your posterior, used twice: {posterior(after_one, HIT_RATE, FALSE_ALARM_RATE):.5f}")

# %% [markdown]
# ## Write `weigh`
#
# One factor per piece of evidence, whatever it is: another model, a symptom, a word in a mail. A piece is a pair
# `(if_sick, if_healthy)`: how probable is *what you saw* among the sick, and among the healthy? An alarm of our model
# is the pair (0.99, 0.01). Silence is evidence too: (0.01, 0.99). The factor is `if_sick / if_healthy`, the
# **likelihood ratio**.
#
# A text has thousands of words, and then the arithmetic breaks. **Underflow** is what happens to a number too small for
# the computer. The cure is the logarithm, which turns products into sums:

# %%
print("0.01 multiplied 100 times:", 0.01**100)
print("0.01 multiplied 200 times:", 0.01**200, " (should be 1e-400)")
print("its logarithm:            ", 200 * np.log(0.01), "   (no trouble)")
with np.errstate(divide="ignore"):  # NumPy warns when you take the logarithm of 0; in this block it keeps quiet
    print("log of 0, exp of that:    ", np.log(0.0), np.exp(np.log(0.0)))

# %% [markdown]
# Return the probability of being sick: a number from 0 to 1. `prior` is a number from 0 to 1, `evidence` a list of
# pairs with numbers from 0 to 1. Assume that the pieces know nothing of one another: among the sick, no piece makes
# another more or less probable, and the same holds among the healthy.
#
# - No evidence (an empty list) leaves the prior as it is.
# - There can be thousands of pieces. All of them count, the first as much as the last, even if in between
#   the probability is within a hair of 0 or 1. A result may round to 0.0 or 1.0.
# - A piece with `if_sick` 0 is impossible for the sick: the result is 0. With `if_healthy` 0 it is 1. A prior
#   of 0 or 1 is as final: whatever follows, the result is 0 or 1.
# - Except where these contradict each other, because "sick" and "healthy" are both impossible: return `nan`. A prior
#   of 0 makes "sick" impossible, a prior of 1 "healthy".
#
# <details><summary>Hint 1: what do you carry from piece to piece?</summary>Not the probability: near 1 it has no room
# left to move. Think of a pair of scales with unlimited arms, where every piece puts a weight on one side, and zero is
# balance. What could be put on the scales before the first piece?</details>
# <details><summary>Hint 2: how do odds become a probability?</summary>A probability p has the odds p / (1 − p).
# Backwards it is odds / (1 + odds), or 1 / (1 + 1 / odds). Which of the two survives odds that are
# infinite?</details>
# <details><summary>Hint 3: must zeros be treated apart?</summary>You may: ask first whether a zero stands on either
# side. Or let <code>np.log</code> do it: it makes −inf of 0 (with a warning that harms nobody), and inf − inf is
# nan.</details>


# %% answer="weigh"
def weigh(prior, evidence):
    """Return P(sick | all the evidence), where evidence is a list of pairs (if_sick, if_healthy)."""
    ### BEGIN SOLUTION
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log_odds = np.log(prior) - np.log(1 - prior)
        for if_sick, if_healthy in evidence:
            log_odds += np.log(if_sick) - np.log(if_healthy)
        return 1 / (1 + np.exp(-log_odds))
    ### END SOLUTION


# %% check="weigh" points=3
check.weigh(weigh)

# %%
if check.weigh.passed:
    heard = {"alarm": (HIT_RATE, FALSE_ALARM_RATE), "silence": (1 - HIT_RATE, 1 - FALSE_ALARM_RATE)}
    for story in ["", "alarm", "alarm alarm", "alarm silence", "silence alarm", "alarm alarm alarm"]:
        print(f"{story or 'nothing yet':20} {weigh(BASE_RATE, [heard[word] for word in story.split()]):.5f}")

# %% [markdown]
# An alarm and a silence cancel out, in any order, since here both error rates are 1 %: one multiplies the odds by 99,
# the other divides them by 99. And one sum of logarithms is all there is to it. If you ever meet logistic regression:
# its inside is such a sum, and the formula at its end is the one at the end of your function.
#
# ## Predict: the witness who copies
#
# "The pieces know nothing of one another": that was the small print. It is called **conditional
# independence**. A vendor sells you a second model, 99 % and 1 % as the first. But for one person in ten it repeats
# what the first one said, because both learned from the same pictures; for the other nine it looks for itself. If the
# two were independent, two alarms would be right with probability 0.91. How often are they right now?

# %% answer="prediction_copy"
prediction_copy = ...  # a number from 0 to 1
### BEGIN SOLUTION
prediction_copy = 0.85
### END SOLUTION


# %%
def second_opinion(sick, alarm, copied, rng):
    """The alarms of a model as good as the first, which repeats its verdict for a share of the people."""
    own = rng.random(len(sick)) < np.where(sick, HIT_RATE, FALSE_ALARM_RATE)
    return np.where(rng.random(len(sick)) < copied, alarm, own)


if check.simulate.passed and check.given.passed and check.weigh.passed:
    rng = np.random.default_rng(4)
    sick, alarm = simulate(2_000_000, BASE_RATE, HIT_RATE, FALSE_ALARM_RATE, rng)
    shares = [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1]
    counted = [given(sick, alarm & second_opinion(sick, alarm, share, rng)) for share in shares]
    both = weigh(BASE_RATE, [(HIT_RATE, FALSE_ALARM_RATE)] * 2)
    one = weigh(BASE_RATE, [(HIT_RATE, FALSE_ALARM_RATE)])
    figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
    axes.axhline(both, color="#D55E00", linestyle="--", label=f"two independent alarms, your formula: {both:.2f}")
    axes.plot(shares, counted, "o-", color="#0072B2", label="counted in two million people")
    axes.axhline(one, color="black", linestyle=":", label=f"one alarm alone: {one:.2f}")
    axes.set(xlabel="share of people for whom the second model copies the first", ylabel="P(sick | both alarms)")
    axes.set(ylim=(0, 1), title="A witness who copies is no second witness")
    axes.legend(loc="center right")
    plt.show()
    said = "nothing" if prediction_copy is ... else prediction_copy
    print(f"You said {said}; counted, with one in ten copied: {counted[shares.index(0.1)]:.2f}.")

# %% [markdown]
# A little copying does great damage. Two false alarms for one person should be a coincidence of 0.01 times 0.01.
# Copying one time in ten makes about ten times as many of them, and hardly changes the true ones. Test each model
# alone, and you will never notice: each keeps its 99 % and 1 %.
#
# ## Write `rates`
#
# Now real people: 569 patients with a lump in the breast, and 30 measurements of its cell nuclei for each (the
# Wisconsin breast cancer data, bundled with scikit-learn). "Sick" means that the lump turned out malignant. Make
# every measurement a **witness** who raises an alarm if its value lies above the middle of the training patients. To
# let them speak you need the pairs `(if_sick, if_healthy)`, and nobody hands them to you: count them. With few
# patients that has a catch:

# %%
cancer = load_breast_cancer()
X_train, X_test, sick_train, sick_test = train_test_split(
    cancer.data, cancer.target == 0, test_size=0.5, stratify=cancer.target, random_state=0
)
middle = np.median(X_train, axis=0)
alarms_train, alarms_test = X_train > middle, X_test > middle

if check.given.passed:
    alarms_20, sick_20 = alarms_train[:20], sick_train[:20]
    pairs = [(given(witness, sick_20), given(witness, ~sick_20)) for witness in alarms_20.T]
    certain = [pair for pair in pairs if {0, 1} & set(pair)]
    print(f"Counted on 20 patients, {sick_20.sum()} of them sick: of 30 pairs, {len(certain)} hold a 0 or a 1:")
    print("  ".join(f"({if_sick:.2f}, {if_healthy:.2f})" for if_sick, if_healthy in certain[:5]), "...")

# %% [markdown]
# "Not seen in a few patients" has become "impossible". Your `weigh` would obey: one such witness outweighs the 29
# others, and two can contradict each other until nothing but `nan` is left. The usual cure: into each of the two
# groups put **two imagined patients**, one with an alarm and one without (*Laplace smoothing*). No share is 0 or 1
# any more, and in a large group the two hardly count.
#
# Return `(if_sick, if_healthy)`: the share of patients with an alarm among the sick, and among the healthy, each with
# the two imagined patients of its group. `alarm` and `sick` are boolean arrays of shape `(n,)`. A group can be empty;
# then only the two imagined ones are in it.
#
# <details><summary>Hint 1: what becomes of "none of 20"?</summary>Two more people enter the room, and one of them
# raises a hand. How many hands are up, of how many people?</details>
# <details><summary>Hint 2: who are the healthy?</summary><code>~sick</code> turns every <code>True</code> into
# <code>False</code> and back. What you write for one group serves for both.</details>


# %% answer="rates"
def rates(alarm, sick):
    """Return (if_sick, if_healthy), the shares with an alarm in both groups, never exactly 0 or 1."""
    ### BEGIN SOLUTION
    if_sick = (alarm[sick].sum() + 1) / (sick.sum() + 2)
    if_healthy = (alarm[~sick].sum() + 1) / ((~sick).sum() + 2)
    return if_sick, if_healthy
    ### END SOLUTION


# %% check="rates" points=2
check.rates(rates)

# %% [markdown]
# Together, your two functions are a classifier. It is called **naive Bayes**, and it is naive because it believes the
# small print. Let it judge the other half of the patients. Who says 0.9 also promises something: to be wrong about
# one such patient in ten. So you can add up how many mistakes a classifier promises, and count how many it makes.


# %%
def verdicts(witnesses):
    """P(sick) for every test patient, by these witnesses (a list of column numbers)."""
    pairs = [rates(alarms_train[:, witness], sick_train) for witness in witnesses]
    result = []
    for row in alarms_test[:, witnesses]:
        spoken = zip(row, pairs, strict=True)
        evidence = [(a, b) if alarm else (1 - a, 1 - b) for alarm, (a, b) in spoken]
        result.append(weigh(sick_train.mean(), evidence))
    return np.array(result)


def plot_calibration(axes, p, marker, colour, label):
    """Draw how many are sick among those who were given about the same probability (five groups)."""
    group = np.minimum((p * 5).astype(int), 4)
    for number in np.unique(group):
        mine = group == number
        x, y = p[mine].mean(), sick_test[mine].mean()
        axes.plot(x, y, marker, color=colour, markersize=5 + mine.sum() ** 0.5, alpha=0.8, label=label)
        label = None


if check.weigh.passed and check.rates.passed:
    sets = {
        "radius": [0],
        "radius, perimeter, area": [0, 2, 3],
        "radius, texture, smoothness": [0, 1, 4],
        "all 30": list(range(30)),
    }
    p_sick = {name: verdicts(witnesses) for name, witnesses in sets.items()}
    promised = [np.minimum(p, 1 - p).sum() for p in p_sick.values()]
    made = [int(((p > 0.5) != sick_test).sum()) for p in p_sick.values()]
    print(f"{'witnesses':28} mistakes promised   made (of {len(sick_test)})")
    for name, dream, truth in zip(sets, promised, made, strict=True):
        print(f"{name:28} {dream:17.1f} {truth:6}")
    print(f"radius and perimeter say the same about {np.mean(alarms_test[:, 0] == alarms_test[:, 2]):.0%} of patients")

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    left.plot([0, 1], [0, 1], color="0.5", linestyle=":", label="kept promises")
    plot_calibration(left, p_sick["all 30"], "^", "#D55E00", "all 30")
    plot_calibration(left, p_sick["radius, texture, smoothness"], "o", "#0072B2", "radius, texture, smoothness")
    left.set(xlabel="P(sick) that was said (average of the group)", ylabel="share that was sick")
    left.set_title("Said and happened (larger mark: more patients)")
    left.legend(loc="upper left", fontsize=9, markerscale=0.6)
    rows = np.arange(len(sets))
    right.hlines(rows, promised, made, color="#BBBBBB", zorder=1)
    right.scatter(promised, rows, s=60, marker="o", facecolors="white", edgecolors="black", label="promised")
    right.scatter(made, rows, s=60, marker="s", color="#D55E00", label="made")
    right.set(yticks=rows, yticklabels=sets, xlim=(0, None), xlabel="mistakes", title="What naive Bayes promises")
    right.invert_yaxis()
    right.legend()
    plt.show()

# %% [markdown]
# Radius, perimeter and area of a nucleus are one fact told three times. Heard as three witnesses they add no knowledge
# (the mistakes hardly change), yet the promise shrinks to a fraction. All 30 together make the fewest mistakes, and
# still their certainty is a dream. So two things must be kept apart: a classifier may be *good at choosing* and *bad
# at saying how sure it is*. The plot on the left tells them apart. It puts the patients into five groups by what was
# said, and sets the average of each group against the share that was sick: a **calibration** plot. A mark below the
# dotted line was more certain of "sick" than it should have been.
#
# And the base rate? In this clinic more than a third of the lumps are malignant. Suppose that in a screening of
# everybody it is 5 in 1000. The same three alarms (radius, texture, smoothness):

# %%
if check.weigh.passed and check.rates.passed:
    three_alarms = [rates(alarms_train[:, witness], sick_train) for witness in (0, 1, 4)]
    for place, prior in [("clinic", sick_train.mean()), ("screening", 0.005)]:
        print(f"{place:10} prior {prior:.3f}   after three alarms {weigh(prior, three_alarms):.2f}")

# %% [markdown]
# A classifier learns the base rate of its training data and takes it along to wherever it is used. Your `weigh` can
# exchange it, as long as the sick and the healthy look the same in both places.
#
# ## Take away
#
# > Before you believe an alarm, ask: **how many are there who could give a false one?** Before you add a second
# > alarm, ask: **could it have been wrong for the same reason?**
#
# The first question is the base rate, the second is independence, and neither stands in a test report. If you
# are unsure of a formula, play the situation a million times and count.
#
# **On your own data:** take a classifier of yours and its recall and false alarm rate. Put the base rate of the place
# where it will work into `posterior`. How many of 100 alarms will be right, and who will have to look at the others?
#
# **Next:** here you could draw a million people. With real data you have one sample, such as the 285 patients above.
# How far may a number counted in it be off? [The bootstrap and how often it misses](../fundamentals/bootstrap.ipynb).
