# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Singular values and a photograph in pieces
#     minutes: 40
#     level: 2
#     needs: [fundamentals/projections]
#     packages: [numpy, matplotlib, scikit-learn]
# ---

# %% [markdown]
# You have a large table: pixels of a photo, ratings of films, weights of a network. Most of its numbers
# repeat one another in some way, but which ones can you do without? Deleting rows loses what is in them. And when two
# programs give you "principal components" with opposite signs, which of them is wrong?
#
# By the end you can take any table apart into pieces, keep the strong ones, and know exactly what you lose.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image
from sklearn.decomposition import PCA

from shoshin.graders.fundamentals import singular_values as check

# %% [markdown]
# ## A photo is a table
#
# Here is one of the two photographs that come with scikit-learn. For now you need one number per pixel, its
# brightness from 0 (black) to 1 (white): a table `A` with 427 rows and 640 columns.

# %%
photo = load_sample_image("flower.jpg") / 255  # red, green, blue for each pixel, from 0 to 1
A = photo.mean(axis=2)


def show(axes, picture, title):
    """Draw a picture: a table from 0 to 1 in grey, or one of colours."""
    axes.imshow(np.clip(picture, 0, 1), cmap="gray", vmin=0, vmax=1)
    axes.set_title(title, fontsize=10)
    axes.set_axis_off()


fig, axes = plt.subplots(figsize=(6, 4), layout="constrained")
show(axes, A, f"{A.shape[0]} rows, {A.shape[1]} columns, {A.size:,} numbers")
plt.show()

# %% [markdown]
# ## Tables made of one column and one row
#
# You need not store a multiplication table. One column of numbers and one row of numbers are enough: every entry is
# the product of one from each. Call such a table a **piece**. Every table is a sum of pieces, and the **singular value
# decomposition** (SVD) finds the best ones:

# %%
small = np.array([[2.0, 4.0, 6.0], [1.0, 2.0, 3.1], [3.0, 6.0, 8.9]])
U, s, Vt = np.linalg.svd(small, full_matrices=False)

print("strengths s:", s.round(3))
for i in range(3):
    print(f"\npiece {i}, s[{i}] times column {i} of U times row {i} of Vt:")
    print((s[i] * np.outer(U[:, i], Vt[i])).round(2) + 0.0)  # makes 0. of -0.

# %% [markdown]
# `small` is almost a multiplication table, and the SVD sees it: the first piece is nearly everything, and the third
# is rounding. Three facts are all you need:
#
# - **Strengths.** The **singular values** `s` are never negative, and the strongest comes first.
# - **Columns and rows.** Column i of `U` and row i of `Vt` have length 1, so that `s[i]` alone says how much a piece
#   weighs. (NumPy returns V already transposed, hence the name: the second half of a piece is a *row* of `Vt`.)
# - **Right angles.** All columns of `U` are perpendicular to one another, and so are all rows of `Vt`.
#
# ## Predict: how many pieces?
#
# The photo has 427 pieces. Keep the strongest, drop the rest. How many must you keep until the **relative error** is
# 10 % or less? (That is the length of the difference over the length of the table, where the length of a table is the
# root of the sum of its squared entries.)

# %% answer="prediction_pieces"
prediction_pieces = ...  # a number from 1 to 427
### BEGIN SOLUTION
prediction_pieces = 100
### END SOLUTION

# %% [markdown]
# ## Write `low_rank`
#
# Return the sum of the `k` strongest pieces of `A`: a table of the same shape. The **rank** of a table says of how many
# pieces it is made, so that of your result is `k` at most. `A` may be tall or wide, and `k` goes from 0 (a table of
# zeros) to the smaller side of `A` (then all of `A` comes back). If two pieces are equally strong, either may stay.
#
# Here and in all tasks below, return something new and leave what you are given as it is: the photo is needed again.
#
# <details><summary>Hint 1: where do I cut?</summary>Not in the photo. A piece spreads over all rows and columns of it.
# You cut in the list of pieces, behind the first <code>k</code>.</details>
# <details><summary>Hint 2: can I do without a loop?</summary>A loop over <code>np.outer</code> is right, too. As
# matrices: a tall one of shape (m, k), whose columns carry their strengths, times a flat one of shape (k, n).</details>
# <details><summary>Hint 3: why do the shapes not fit?</summary><code>np.linalg.svd(A, full_matrices=False)</code>
# returns only as many columns of U and rows of Vt as there are singular values. Keep <em>columns</em> of the one and
# <em>rows</em> of the other.</details>


# %% answer="low_rank"
def low_rank(A, k):
    """Return the sum of the k strongest pieces of A, a table of the same shape."""
    ### BEGIN SOLUTION
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return U[:, :k] * s[:k] @ Vt[:k]
    ### END SOLUTION


# %% check="low_rank" points=2
check.low_rank(low_rank)

# %%
if check.low_rank.passed:
    fig, grid = plt.subplots(2, 4, figsize=(12, 4.6), layout="constrained")
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    for i, axes in enumerate(grid[0]):
        axes.imshow(s[i] * np.outer(U[:, i], Vt[i]), cmap="PuOr", vmin=-0.4, vmax=0.4)
        axes.set_title(f"piece {i} alone", fontsize=10)
        axes.set_axis_off()
    for k, axes in zip((2, 8, 30, 100), grid[1], strict=True):
        show(axes, low_rank(A, k), f"{k} pieces: {k * (427 + 640 + 1) / A.size:.1%} of the numbers")
    plt.show()

# %% [markdown]
# In the upper row, purple adds light and orange takes it away. Each piece is a tartan: all its rows are the same row,
# stronger or weaker or turned over. Nothing in a tartan looks like a petal, and thirty of them are a flower. To store
# a piece takes 427 + 640 + 1 numbers.
#
# No other choice does better: no table of rank k, however made, lies nearer to `A` (Eckart and Young, 1936). You know
# the reason from *Regression is a shadow*. Take the first 30 columns of `U` for a floor, and let every column of the
# photo cast its shadow on it.


# %%
def project_onto(y, X):
    """Yours, from "Regression is a shadow": the mixture of the columns of X that is nearest to y, for every column."""
    return X @ np.linalg.lstsq(X, y)[0]


if check.low_rank.passed:
    gap = np.abs(project_onto(A, U[:, :30]) - low_rank(A, 30)).max()
    print(f"largest difference between the shadows and low_rank(A, 30): {gap:.0e}")

# %% [markdown]
# Least squares finds the shadow on a floor that somebody gave you. The SVD finds the floor.
#
# ## Write `pieces_needed`
#
# You need not look at pictures to know the error. Pieces stand at right angles to one another, so their strengths
# add up as the sides of a right-angled triangle do: the squared length of a table is the sum of the squares of its
# strengths. That holds for `A`, and it holds for the part of `A` that you drop.
#
# Return the smallest `k` for which the relative error of the `k` strongest pieces is at most `error`. You get all
# singular values `s`, strongest first (some of the last may be zero), and an `error` above 0 and at most 1. The answer
# can be anything from 0 (an error of 1 needs no piece at all) to `len(s)`.
#
# <details><summary>Hint 1: what is missing when I keep k pieces?</summary>The pieces from number <code>k</code> on, all
# of them. How long is the table that they make together?</details>
# <details><summary>Hint 2: relative to what?</summary>To the length of the whole table, which is the same root of a sum
# of squares, over all of <code>s</code>.</details>
# <details><summary>Hint 3: how do I find the smallest k?</summary>Try k = 0, 1, 2, … and stop at the first that is good
# enough. A loop is fine. (Without one: <code>np.cumsum</code>, from the far end.)</details>


# %% answer="pieces_needed"
def pieces_needed(s, error):
    """Return how many of the strongest pieces bring the relative error down to `error` or below."""
    ### BEGIN SOLUTION
    whole = np.sum(s**2)
    k = 0
    while np.sum(s[k:] ** 2) > error**2 * whole:
        k += 1
    return k
    ### END SOLUTION


# %% check="pieces_needed" points=2
check.pieces_needed(pieces_needed)


# %%
def strengths(table):
    return np.linalg.svd(table, compute_uv=False)


if check.low_rank.passed and check.pieces_needed.passed:
    s_photo = strengths(A)
    needed = pieces_needed(s_photo, 0.1)
    measured = np.linalg.norm(A - low_rank(A, int(needed))) / np.linalg.norm(A)
    print(f"You said {'nothing' if prediction_pieces is ... else prediction_pieces}. Needed: {needed} of 427.")
    print(f"Error of your {needed} pieces, measured on the photo: {measured:.4f}")

# %% [markdown]
# ## Predict: shuffle the photo
#
# Why does it work? Perhaps because neighbouring pixels are alike, and the SVD finds smooth shapes? Test that:
#
# - **rows and columns**: shuffle the rows of `A`, then its columns. Every pixel has lost its neighbours.
# - **all pixels**: throw all pixels into a bag and lay them out anew.
#
# Nobody could recognise either. How many pieces does the photo with shuffled *rows and columns* need for 10 %, compared
# with the photo itself?

# %% answer="prediction_shuffle"
prediction_shuffle = ...  # "fewer", "as many", "a few more" or "ten times as many"
### BEGIN SOLUTION
prediction_shuffle = "as many"
### END SOLUTION

# %%
rng = np.random.default_rng(0)
row_order, column_order = rng.permutation(427), rng.permutation(640)
lines = A[row_order][:, column_order]
pixels = rng.permutation(A.ravel()).reshape(A.shape)

if check.low_rank.passed and check.pieces_needed.passed:
    values = {"the photo": s_photo, "rows and columns shuffled": strengths(lines)}
    values |= {"all pixels shuffled": strengths(pixels)}
    print(f"You said {'nothing' if prediction_shuffle is ... else prediction_shuffle}. Pieces needed for 10 %:")
    for name, s in values.items():
        print(f"  {pieces_needed(s, 0.1):4}  {name}")

    back = np.empty_like(A)
    back[np.ix_(row_order, column_order)] = low_rank(lines, 30)  # every row and column goes home

    fig, grid = plt.subplots(2, 3, figsize=(12, 5.4), layout="constrained")
    show(grid[0, 0], lines, "1. rows and columns shuffled")
    show(grid[0, 1], low_rank(lines, 30), "2. thirty pieces of it")
    show(grid[0, 2], back, "3. put back in order")
    show(grid[1, 0], pixels, "all pixels shuffled")
    show(grid[1, 1], low_rank(pixels, 30), "thirty pieces of it")
    curves = grid[1, 2]
    looks = {"the photo": ("#0072B2", "-"), "rows and columns shuffled": ("#E69F00", "--")}
    looks |= {"all pixels shuffled": ("black", ":")}
    for name, (colour, style) in looks.items():
        errors = np.sqrt(np.cumsum(values[name][::-1] ** 2)[::-1] / np.sum(values[name] ** 2))
        curves.semilogy(errors, style, color=colour, linewidth=4 if style == "-" else 2, label=name)
    curves.axhline(0.1, color="0.5", linewidth=1)
    curves.set(xlabel="pieces kept", ylabel="relative error", ylim=(1e-4, 1.2))
    curves.legend(loc="lower left", fontsize=8)
    plt.show()

# %% [markdown]
# Look at pictures 2 and 3: out of this noise, thirty pieces gather the whole flower. The SVD does not know what a
# neighbour is. It asks one question: are the rows *mixtures of the same few rows*? Moving rows and columns about does
# not change that, and their two curves are one. Only where all pixels are thrown together is hardly anything left to
# find: one piece for the mean brightness, and then noise.
#
# This is why the same tool serves tables that have no neighbours at all. Films and viewers: a few tastes, mixed.
# Fine-tuning a large language model with LoRA: the *change* of a huge weight table, kept at rank 8 or so. (For photos
# alone, JPEG does better: it does know about neighbours.)
#
# ## Write `principal_axes`
#
# Back to colour. Each of the 273,280 pixels is a point in a space with three directions: red, green, blue. **Principal
# component analysis** (PCA) asks: along which direction does this cloud of points spread most? Then: perpendicular to
# it, along which next?
#
# It is the SVD again, with one step before it. Put one point in each row of `X`, and **move the middle of the cloud to
# zero** (subtract from each column its mean). The rows of `Vt` are then the axes, the strongest first.
#
# Return the first `k` axes of `X`, shape `(k, d)` for `X` of shape `(n, d)`: one axis per row, of length 1, at right
# angles, the one with the largest spread first. Leave the units as they are. Either end of an axis is right, and where
# several directions spread equally, so is any choice of axes at right angles among them. `k` is at most the smaller of
# n and d, and at least 1.
#
# <details><summary>Hint 1: why move the cloud?</summary>The SVD measures from zero. Seen from a faraway lighthouse, the
# most striking thing about a swarm of birds is where it is, not how it is spread.</details>
# <details><summary>Hint 2: which mean?</summary>One per column: shape <code>(d,)</code>. It is the average colour of
# the photo.</details>
# <details><summary>Hint 3: what if the SVD runs out of memory?</summary>Without <code>full_matrices=False</code> NumPy
# wants a U of shape (n, n), for 273,280 rows.</details>


# %% answer="principal_axes"
def principal_axes(X, k):
    """Return the k directions along which the rows of X spread most, shape (k, d)."""
    ### BEGIN SOLUTION
    centred = X - X.mean(axis=0)
    return np.linalg.svd(centred, full_matrices=False)[2][:k]
    ### END SOLUTION


# %% check="principal_axes" points=2
check.principal_axes(principal_axes)

# %%
colours = photo.reshape(-1, 3)
middle = colours.mean(axis=0)

if check.principal_axes.passed:
    axes_found = np.asarray(principal_axes(colours, 3))
    spread = ((colours - middle) @ axes_found.T).var(axis=0)

    fig, (cloud, *pictures) = plt.subplots(1, 4, figsize=(13, 3.4), layout="constrained")
    some = np.random.default_rng(0).choice(len(colours), 4000, replace=False)
    cloud.scatter(colours[some, 0], colours[some, 2], s=4, c=colours[some])
    for i, (style, colour) in enumerate((("-", "black"), ("--", "#0072B2"))):
        ends = middle + np.outer([-1, 1], np.sqrt(spread[i]) * axes_found[i])
        cloud.plot(ends[:, 0], ends[:, 2], style, color="white", linewidth=5)
        cloud.plot(ends[:, 0], ends[:, 2], style, color=colour, linewidth=2, label=f"axis {i}")
    cloud.set(xlabel="red", ylabel="blue", title="Pixels in their own colour", aspect="equal")
    cloud.legend(loc="upper left", fontsize=8)
    for k, axes in zip((1, 2, 3), pictures, strict=True):
        few = axes_found[:k]
        rebuilt = middle + (colours - middle) @ few.T @ few
        kept = spread[:k].sum() / spread.sum()
        show(axes, rebuilt.reshape(photo.shape), f"{k} per pixel: {kept:.1%} of the variance")
    plt.show()

    uncentred = np.linalg.svd(colours, full_matrices=False)[2][0]
    towards = abs(uncentred @ middle) / np.linalg.norm(middle)
    print("axes (red, green, blue):\n", axes_found.round(2))
    print(f"\nspread of the photo along axis 0:         {np.sqrt(spread[0]):.3f}")
    print(f"spread along the axis without centring:   {np.sqrt((colours @ uncentred).var()):.3f}")
    print(f"cosine of that axis with the mean colour: {towards:.3f}  (1 would be the same direction)")

# %% [markdown]
# In the cloud, each axis reaches one standard deviation to both sides. (Red and blue are two of three directions: you
# see the right angle between the axes from the side, so it looks crooked.) One number per pixel makes a photo in two
# tones: axis 0 runs from the dark leaves to the colour of the flower. The second number gives the petals their red and
# the leaves their blue-green. The third is hardly missed, though every pixel was measured with three.
#
# The last lines show what centring is for. Without it, the first axis leans towards the mean colour: it tells you where
# the cloud is.
#
# ## Write `same_axes`
#
# Three programs, one question. Ask scikit-learn, and a third one that takes the covariance matrix apart:

# %%
theirs = PCA(n_components=3).fit(colours).components_
thirds = np.linalg.eigh(np.cov(colours.T))[1][:, ::-1].T  # eigh returns columns, the smallest first
print("scikit-learn:\n", theirs.round(2))
print("eigh:\n", thirds.round(2))
if check.principal_axes.passed:
    print("you:\n", axes_found.round(2))
    print(
        "np.allclose with scikit-learn:",
        np.allclose(axes_found, theirs),
        " with eigh:",
        np.allclose(axes_found, thirds),
    )

# %% [markdown]
# Where signs differ, who is wrong? Nobody. In a piece, `-column` times `-row` is `column` times `row`: the signs
# cancel, so the SVD cannot know them. Each program has its own habit, and its next version may have another. An axis is
# a line, not an arrow.
#
# A test that compares axes has to allow for that, and for nothing else. Return `True` if every row of `one` and the
# row of `other` at the same place lie along the same line, else `False`. Both have shape `(k, d)`; within each, the
# rows have length 1 and stand at right angles. An axis turns around as a whole: (0.6, 0.8) and (0.6, -0.8) are
# different lines. So are axes that have changed places. Forgive rounding, of 1e-9 or so in each number, but no real
# turn: lines that are one degree apart are different.
#
# <details><summary>Hint 1: how many signs are free?</summary>One per axis. Not one for all axes together, and not one
# for each number.</details>
# <details><summary>Hint 2: which single number compares two directions?</summary>The dot product of two vectors of
# length 1. What is it when they agree? And when one of them is turned around?</details>


# %% answer="same_axes"
def same_axes(one, other):
    """Tell whether two sets of axes agree, row by row, up to the sign of each row."""
    ### BEGIN SOLUTION
    return bool(np.allclose(np.abs(np.sum(one * other, axis=1)), 1))
    ### END SOLUTION


# %% check="same_axes" points=2
check.same_axes(same_axes)

# %%
if check.principal_axes.passed and check.same_axes.passed:
    print("yours and scikit-learn's:               ", same_axes(axes_found, theirs))
    print("yours and those of eigh:                ", same_axes(axes_found, thirds))
    halves = photo[:, :320], photo[:, 320:]
    left, right = (np.asarray(principal_axes(half.reshape(-1, 3), 3)) for half in halves)
    print("the left and the right half of the photo:", same_axes(left, right))

# %% [markdown]
# ## Take away
#
# > **A table is a sum of pieces. Keep the strongest k, and nothing of rank k is nearer; what you drop is your error,
# > and its squares add up. Centre first, and it is PCA. Never read a meaning into a sign.**
#
# In formulas: $A = \sum_i s_i\, u_i v_i^\top$, and
# $\lVert A - A_k \rVert^2 = \sum_{i \ge k} s_i^2$, counting from 0 as Python does. The variance along axis i of a
# centred table with n rows is $s_i^2 / n$.
#
# **On your own data:** take a table of yours with numbers in comparable units, centre it, and print `pieces_needed` for
# 10 %. Then shuffle every column by itself and print it again. The difference is what your columns have in common.
#
# **Next:** the squares of the singular values are also the curvatures of a loss. They decide how fast a model learns:
# [Gradient descent](../fundamentals/gradient_descent.ipynb).
