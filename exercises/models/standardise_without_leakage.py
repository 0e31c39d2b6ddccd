# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Standardise without leakage
#     minutes: 35
#     level: 1
#     needs: []
#     packages: [numpy, scikit-learn, matplotlib]
# ---

# %% [markdown]
# You have split your data. Your nearest-neighbour model names a row after the training rows most like it. But a
# column measured in hundreds dwarfs one measured in tenths, and the model listens only to the hundreds. The cure is to
# **standardise**: subtract a mean, divide by a standard deviation. The question of this exercise is **whose** mean.
#
# By the end you can keep the test set out of your preparation, and catch code that lets it in.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from shoshin.graders.models import standardise_without_leakage as check

# %% [markdown]
# Here are 178 bottles of Italian wine with 13 chemical measurements each, from three grape varieties (the UCI wine
# data, bundled with scikit-learn). The task: name the grape. You set 72 bottles aside for the exam.

# %%
wine = load_wine()
X_train, X_test, y_train, y_test = train_test_split(
    wine.data, wine.target, test_size=0.4, stratify=wine.target, random_state=0
)


def accuracy(train, test):
    """The share of test bottles whose grape a nearest-neighbour model names right."""
    return KNeighborsClassifier().fit(train, y_train).score(test, y_test)


HUE, PROLINE = 10, 12
for column in (HUE, PROLINE):
    print(f"{wine.feature_names[column]:8} {X_train[:, column].min():6.1f} to {X_train[:, column].max():6.1f}")
print(f"named right, as measured: {accuracy(X_train, X_test):.0%}")

# %% [markdown]
# ## Write `standardise`
#
# Return `(train_z, test_z)`: both tables (arrays with two axes) as new NumPy arrays, every column minus a mean,
# divided by a standard deviation. The mean and the deviation of each column must be measured where you are allowed to
# look.
#
# - Use NumPy's standard deviation (it divides by n, not by n - 1).
# - Where the deviation is 0, because a column never varies in `train`, divide by 1. In `train_z` that column is zeros;
#   in `test_z` it is the distance from the training value. A small deviation, such as 0.0001, is not 0.
# - Leave `train` and `test` themselves as they are.
#
# <details><summary>Hint 1: whose mean?</summary>Imagine that the test bottles are still at sea. They arrive
# tomorrow, one at a time. What can you measure today?</details>
# <details><summary>Hint 2: which axis?</summary>There is one mean for every column, so your means have shape
# <code>(d,)</code> when <code>train</code> has shape <code>(n, d)</code>.</details>
# <details><summary>Hint 3: what about the column that never varies?</summary>Mend the array of spreads before
# you divide by it. <code>np.where</code> or a boolean mask does it in a line.</details>


# %% answer="standardise"
def standardise(train, test):
    """Scale the columns of both sets; training columns that vary get mean 0 and standard deviation 1."""
    ### BEGIN SOLUTION
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread == 0, 1, spread)
    return (train - mean) / spread, (test - mean) / spread
    ### END SOLUTION


# %% check="standardise" points=3
check.standardise(standardise)

# %% [markdown]
# Look at one bottle of the test set, the star, and at the ten training bottles nearest to it in hue and proline.
# The percentages are those of the model, which uses all 13 columns; a picture has room for two.


# %%
def draw_neighbours(axes, train, star, star_label, title, unit=""):
    """Draw all training bottles, the star, and rings around the ten bottles nearest to it."""
    near = NearestNeighbors(n_neighbors=10).fit(train).kneighbors([star], return_distance=False)[0]
    for grape, marker, colour in zip(range(3), "osD", ("#0072B2", "#E69F00", "#009E73"), strict=True):
        mine = y_train == grape
        axes.scatter(*train[mine].T, s=22, marker=marker, color=colour, alpha=0.55, label=f"grape {grape}")
    axes.scatter(*train[near].T, s=110, facecolors="none", edgecolors="black", linewidths=1.4, label="ten nearest")
    axes.scatter(*star, s=260, marker="*", color="#CC3311", edgecolors="white", zorder=3, label=star_label)
    axes.set(xlabel=f"hue{unit}", ylabel=f"proline{unit}", title=title)


if check.standardise.passed:
    X_train_z, X_test_z = standardise(X_train, X_test)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
    two, bottle = [HUE, PROLINE], 37
    raw, scaled = accuracy(X_train, X_test), accuracy(X_train_z, X_test_z)
    star, all_13 = f"test bottle (grape {y_test[bottle]})", "right from all 13 columns"
    title, title_z = f"as measured: {raw:.0%} {all_13}", f"standardised: {scaled:.0%} {all_13}"
    draw_neighbours(left, X_train[:, two], X_test[bottle, two], star, title)
    draw_neighbours(right, X_train_z[:, two], X_test_z[bottle, two], star, title_z, " (standardised)")
    left.legend(loc="upper left", fontsize=8)
    plt.show()

# %% [markdown]
# On the left the star stands among its own kind, yet most of its "nearest" bottles lie across the picture: at a similar
# proline any hue will do, because 0.5 of hue counts no more than 0.5 of proline. On the right both columns have a say.
# You changed no model and no bottle, only the units.
#
# ## Catch a leak
#
# Two colleagues have written scalers too, with the help of your function. A **leak** is information that flows from
# the test set into the preparation or the model. Does either of them leak?


# %%
def with_both_sets(train, test):
    both_z, _ = standardise(np.concatenate([train, test]), test)
    return both_z[: len(train)], both_z[len(train) :]


def each_by_itself(train, test):
    return standardise(train, train)[0], standardise(test, test)[0]


# %% [markdown]
# You could read the code. Test it instead: that works for any scaler. Imagine that the test rows arrive one at a time.
# An honest scaler gives every row the same values alone as in company, and `train_z` never moves.
#
# Return `True` from `leaks(scale, train, test)` if, for any row of `test`, sending it alone changes `train_z` or that
# row's own values; else `False`. A change of a thousandth counts, rounding in the last digits does not. `scale` is any
# function like yours: `scale(train, test)` returns `(train_z, test_z)`, and `test` must be a table, even when it has
# a single row.
#
# <details><summary>Hint 1: what is compared with what?</summary>You call the suspect once with everybody, then once
# for each test row. Two things must agree with the first call. One colleague fails on both counts, the other on only
# one.</details>
# <details><summary>Hint 2: how is one row a table?</summary>A table of one row has shape <code>(1, d)</code>. Plain
# indexing with a number gives <code>(d,)</code>; a slice, or a list of one number, keeps both axes.</details>
# <details><summary>Hint 3: when are two arrays the same?</summary>Rounding may differ in the last digit:
# <code>np.allclose</code> forgives that. And only after the last row may you acquit.</details>


# %% answer="leaks"
def leaks(scale, train, test):
    """Whether what `scale` makes of `train`, or of any test row, depends on the other test rows."""
    ### BEGIN SOLUTION
    train_z, test_z = scale(train, test)
    for i in range(len(test)):
        train_alone, row_alone = scale(train, test[i : i + 1])
        if not (np.allclose(train_alone, train_z) and np.allclose(row_alone, test_z[i])):
            return True
    return False
    ### END SOLUTION


# %% check="leaks" points=3
check.leaks(leaks)


# %%
def exam(scale, test):
    """The share named right when all test bottles come at once, and when each comes alone."""
    at_once = accuracy(*scale(X_train, test))
    alone = []
    for row, grape in zip(test, y_test, strict=True):
        train_z, row_z = scale(X_train, row[np.newaxis])
        alone.append(KNeighborsClassifier().fit(train_z, y_train).score(row_z, [grape]))
    return at_once, np.mean(alone)


if check.standardise.passed and check.leaks.passed:
    print(f"{'scaler':16} {'leaks':6} {'all at once':>12} {'one at a time':>14}")
    for scale in (standardise, with_both_sets, each_by_itself):
        at_once, alone = exam(scale, X_test)
        print(f"{scale.__name__:16} {leaks(scale, X_train, X_test)!s:6} {at_once:12.0%} {alone:14.0%}")

# %% [markdown]
# All at once, nothing gives the leaks away: the scores look as good as yours, or by luck better. Then the model goes
# to work, where bottles come one at a time, and one scaler collapses: alone, a bottle is its own mean, so every
# column is zero and every wine tastes the same. Its exam score described a situation that never occurs.
#
# The other leak, through a mean over both sets, stays small. So why be strict?
#
# ## Keep the choice inside the fold
#
# Sixty patients, 5,000 genes each, and a diagnosis that is a **coin flip**: there is nothing to learn. A third
# colleague keeps the ten genes that separate ill from well best. Then she properly cross-validates a nearest-neighbour
# model on these ten: five times, four fifths of the patients train it and one fifth, the **fold**, tests it.
#
# A coin deserves an accuracy of 0.5. Which accuracy does she report?

# %% answer="prediction"
prediction = ...  # a number between 0 and 1
### BEGIN SOLUTION
prediction = 0.55
### END SOLUTION


# %%
def coin_flip_study(seed):
    """Sixty patients: 5,000 columns of noise, and a label that knows nothing about them."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(60, 5000)), rng.permutation(np.arange(60) % 2)


def colleagues_scores(X, y):
    ten_best = SelectKBest(k=10).fit_transform(X, y)
    return cross_val_score(KNeighborsClassifier(), ten_best, y, cv=5)


reported = [colleagues_scores(*coin_flip_study(seed)).mean() for seed in range(15)]
if prediction is ...:
    print("Write your prediction above first, then run this cell again.")
elif not (isinstance(prediction, (int, float)) and 0 <= prediction <= 1):
    print("Write your prediction as a number such as 0.7, then run both cells again.")
else:
    print(f"You said {prediction}. In 15 such studies she reports {np.mean(reported):.2f} on average.")

# %% [markdown]
# Among 5,000 columns of noise a few fit sixty coin flips by luck. She picked those, and the labels of every test
# fold helped her pick. It is your two colleagues' mistake, with another step in the place of the mean. It has
# happened in published cancer studies
# ([Ambroise and McLachlan, 2002](https://doi.org/10.1073/pnas.102102699)).
#
# Do it right. To **fit** a step is to let it learn from rows: a mean, a choice, who the neighbours are. Return from
# `honest_scores(X, y)` the array of five accuracies of `cross_val_score(..., cv=5)` when `StandardScaler()`,
# `SelectKBest(k=10)` and `KNeighborsClassifier()` are all fitted anew for every fold, on the rows outside it only.
#
# <details><summary>Hint 1: who should call fit?</summary>Not you. Whatever you fit before the folds are cut has seen
# the test rows. What could <code>cross_val_score</code> fit for you, five times over?</details>
# <details><summary>Hint 2: how do three steps become one?</summary><code>make_pipeline</code> chains steps into a
# single model: its <code>fit</code> fits them in order, its <code>predict</code> applies them. It is
# imported above.</details>


# %% answer="honest_scores"
def honest_scores(X, y):
    """Five accuracies, of models whose every step has seen the training rows only."""
    ### BEGIN SOLUTION
    model = make_pipeline(StandardScaler(), SelectKBest(k=10), KNeighborsClassifier())
    return cross_val_score(model, X, y, cv=5)
    ### END SOLUTION


# %% check="honest_scores" points=3
check.honest_scores(honest_scores)

# %%
if check.honest_scores.passed:
    honest = [np.mean(honest_scores(*coin_flip_study(seed))) for seed in range(15)]
    studies = np.arange(1, 16)
    figure, axes = plt.subplots(figsize=(8, 4.4), layout="constrained")
    axes.hlines(studies, honest, reported, color="#BBBBBB", zorder=1)
    axes.scatter(honest, studies, marker="o", s=50, color="#0072B2", label="chosen inside the fold: yours")
    axes.scatter(reported, studies, marker="^", s=60, color="#D55E00", label="chosen before the folds: hers")
    axes.axvline(0.5, color="black", linestyle="--", linewidth=1, label="what a coin deserves")
    axes.set(xlim=(0, 1), xlabel="cross-validated accuracy", ylabel="study", yticks=studies[::2])
    axes.set_title("Fifteen studies in which there is nothing to learn")
    axes.legend(loc="lower left", fontsize=9)
    plt.show()

# %% [markdown]
# Same patients, same neighbours, same folds. Only the place of the selection matters, and it makes a discovery out of
# noise.
#
# ## Draw the line
#
# You predict house prices. Each of these steps happens before, or around, the model:

# %%
steps = {
    "median": "fill the gaps of a column with its median",
    "logarithm": "replace the area of a house by its logarithm",
    "city": "replace the city by the average price of its houses",
    "unit": "turn square feet into square metres",
    "neighbours": "choose the number of neighbours that scores best on houses kept out of the training",
    "compress": "replace 100 columns by the 5 mixtures of them that vary most (PCA, principal component analysis)",
}

# %% [markdown]
# Set `inside_the_fold` to the set of those keys whose step **must not see a test row**, and so must be done anew for
# every fold. The others may happen before any split.
#
# <details><summary>Hint 1: which question sorts them?</summary>The one your detector asks: would this house get
# another value if the other houses were different?</details>
# <details><summary>Hint 2: does a step have to compute a mean to learn?</summary>No. Choosing what works best is
# learning too, whether genes or anything else is chosen.</details>

# %% answer="inside_the_fold"
inside_the_fold = ...  # for example {"unit", "city"}
### BEGIN SOLUTION
inside_the_fold = {"median", "city", "neighbours", "compress"}
### END SOLUTION

# %% check="inside_the_fold" points=1
check.inside_the_fold(inside_the_fold)

# %% [markdown]
# ## Take away
#
# > Of every number in your model ask: **which rows made it?** If a test row is among them, the test is no test.
#
# A mean over both sets leaks little, choosing leaks a fortune, and from outside they look the same. So do not estimate
# how bad it is: whatever has a `fit` goes into the pipeline, and the pipeline goes into the fold.
#
# **On your own data:** find a notebook of yours with `fit_transform` above `train_test_split`. Wrap those lines into
# a function `scale(train, test)` and ask `leaks`.
#
# **Next:** standardised columns also make a model learn faster. See why in
# [Gradient descent](../fundamentals/gradient_descent.ipynb).
