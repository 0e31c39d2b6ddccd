# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Arrays without loops
#     minutes: 40
#     level: 1
#     needs: []
#     packages: [numpy, matplotlib, scikit-learn]
# ---

# %% [markdown]
# Your loop is correct. For every pixel of a photograph it looks for the nearest of eight colours. That takes
# seconds, and a thousand photographs are waiting. Your colleague's version has three lines and no loop, and it is
# through with a photograph before you look up. She has no better computer. She lets the *shapes* do the walking.
#
# By the end you can replace a Python loop by arithmetic on whole arrays, and tell when two arrays share one memory.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_sample_image

from shoshin.graders.fundamentals import arrays_without_loops as check

# %% [markdown]
# ## Which side gets dark?
#
# Here is a photograph (china.jpg by danielbuechele, CC BY 2.0, comes with scikit-learn). To NumPy it is numbers in
# three axes: height, width, and one number each for red, green and blue. We cut a square out of it.

# %%
photo = load_sample_image("china.jpg")
square = photo[20:420, 0:400] / 255  # from whole numbers 0 to 255 to floats 0 to 1
print("photo: ", photo.shape, photo.dtype, f"{427 * 640:,} pixels")
print("square:", square.shape, square.dtype)

# %% [markdown]
# You want evening to fall from above: the top row dark, the bottom row bright. So you prepare one factor per row,
# `rows`, with shape `(400,)`, rising from 0 to 1. Arithmetic on arrays works entry by entry. When two shapes
# differ, NumPy stretches the smaller array as if it were repeated; that is **broadcasting**.
#
# We try it on the red numbers alone, `square[:, :, 0]`, of shape `(400, 400)`, times `rows`. Which side of the
# picture gets dark?

# %% answer="prediction_side"
prediction_side = ...  # "top", "bottom", "left" or "right"
### BEGIN SOLUTION
prediction_side = "top"
### END SOLUTION

# %%
rows = np.linspace(0, 1, 400)
if prediction_side is ...:
    print("Write your prediction above first, then run this cell again.")
else:
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
    left.imshow(square[:, :, 0], cmap="gray", vmin=0, vmax=1)
    right.imshow(square[:, :, 0] * rows, cmap="gray", vmin=0, vmax=1)
    left.set(title="red", xlabel="column", ylabel="row")
    right.set(title="red * rows", xlabel="column", ylabel="row")
    plt.show()
    print(f'You said "{prediction_side}".')

# %% [markdown]
# It comes from the left, and NumPy has said nothing. A name like `rows` means nothing to it. Only shapes count, and
# they are **aligned at their right ends**:
#
# ```
# red          400 × 400             red                400 × 400
# rows               400             rows[:, None]      400 ×   1
#                    ↑ columns                          ↑ rows: 1 is stretched over all columns
# ```
#
# Two lengths fit if they are equal, or if one of them is 1 (or missing, at the left): that one is repeated. Indexing
# with `None`, also written `np.newaxis`, puts in an axis of length 1 where you want it. `reshape` can do it too.
#
# ## Write `fade`
#
# Now with all colours. Return a new array of the shape of `photo`, in which every number of row i is multiplied by
# `rows[i]`.
#
# - `photo` has shape `(h, w, 3)`, `rows` has shape `(h,)`, both floats. Any h and w can come, equal ones too.
# - Leave `photo` as it is.
# - **No Python loop**, here and in the next two tasks. That means no `for`, no `while`, no comprehension, no
#   function that calls itself, and nothing that calls Python once per item, such as `map` or `np.vectorize`. The
#   same holds for helpers that you write.
#
# <details><summary>Hint 1: who meets whom?</summary>Write the two shapes under one another, flush right, like
# numbers that you add by hand. Whom does the h of <code>rows</code> meet now, and whom should it meet?</details>
# <details><summary>Hint 2: how does it move to the left?</summary>Every axis of length 1 behind it pushes it one
# place to the left. How many places does it need?</details>


# %% answer="fade"
def fade(photo, rows):
    """Return the photo, shape (h, w, 3), with row i multiplied by rows[i]."""
    ### BEGIN SOLUTION
    return photo * rows[:, None, None]
    ### END SOLUTION


# %% check="fade" points=2
check.fade(fade)

# %%
if check.fade.passed:
    whole = photo / 255
    evening = fade(whole, np.linspace(0, 1, 427))
    columns = np.abs(np.linspace(-1, 1, 640))  # the same trick for the columns needs (640, 1)
    tunnel = whole * (1 - columns[:, None] ** 2)
    figure, axes = plt.subplots(1, 3, figsize=(12, 3), layout="constrained")
    titles = "(427, 640, 3)", "times (427, 1, 1): yours", "times (640, 1)"
    for ax, picture, title in zip(axes, (whole, evening, tunnel), titles, strict=True):
        ax.imshow(picture)
        ax.set(title=title, xlabel="column", ylabel="row")
    plt.show()

# %% [markdown]
# One rule and three pictures. The same rule gives every patient a weight, every feature its mean, every word of a
# sentence its position. And where a shape is square, a wrong axis gives a wrong model without an error message.
#
# ## Predict: how many times faster?
#
# The workhorse of *k-nearest neighbours*, of *k-means* and of search engines is one table: the distance from every
# row of A to every row of B. The **distance** of two rows is the root of the sum of the squared gaps between
# their numbers. Here it is, correct, with loops. (To be fair to the loops they run over plain lists, which Python
# reads faster than arrays.)


# %%
def slow_distances(A, B):
    """Return the distance of every row of A, shape (n, d), to every row of B, shape (m, d); shape (n, m)."""
    table = []
    for a in A.tolist():
        line = []
        for b in B.tolist():
            total = 0.0
            for x, y in zip(a, b, strict=True):
                total += (x - y) ** 2
            line.append(total**0.5)
        table.append(line)
    return np.array(table)


# %% [markdown]
# You are going to write it without a loop. For 20,000 pixels and 8 colours: how many times faster will yours be?

# %% answer="prediction_ratio"
prediction_ratio = ...  # a number; 1 means equally fast
### BEGIN SOLUTION
prediction_ratio = 5
### END SOLUTION

# %% [markdown]
# ## Write `distances`
#
# Return the table of shape `(n, m)` whose entry `[i, j]` is the distance from row i of A to row j of B.
#
# - A has shape `(n, d)`, B has shape `(m, d)`. Any n, m and d can come, 1 too, and n may equal m.
# - Where a row occurs in both, the distance is 0 (not `nan`; last digits do not matter).
# - Leave A and B as they are. No Python loop, not even over the columns.
# - Photographs come as bytes, dtype `uint8`, whole numbers from 0 to 255. Your function has to cope with them:

# %%
print("3 - 5 in bytes: ", np.array([3], dtype="uint8") - np.array([5], dtype="uint8"))
print("3 - 5 in floats:", np.array([3], dtype=float) - np.array([5], dtype=float))

# %% [markdown]
# <details><summary>Hint 1: how do all pairs arise?</summary>Think of a multiplication table: the numbers down the
# side stand in a column, the numbers along the top in a row, and every pair meets once. Down the side stand the
# rows of A.</details>
# <details><summary>Hint 2: which shapes?</summary>A as <code>(n, 1, d)</code> and B as <code>(m, d)</code>. Write
# them flush right. What is the shape of their difference?</details>
# <details><summary>Hint 3: which axis goes away?</summary>Of <code>(n, m, d)</code> the sum should leave
# <code>(n, m)</code>. <code>axis=-1</code> means the last one.</details>


# %% answer="distances"
def distances(A, B):
    """Return the distance of every row of A, shape (n, d), to every row of B, shape (m, d); shape (n, m)."""
    ### BEGIN SOLUTION
    gaps = A.astype(float)[:, None, :] - B
    return np.sqrt((gaps**2).sum(axis=-1))
    ### END SOLUTION


# %% check="distances" points=3
check.distances(distances)


# %%
def seconds(function, *arguments):
    """The shortest of three runs: the one that was disturbed least."""
    runs = []
    for _ in range(3):
        began = time.perf_counter()
        function(*arguments)
        runs.append(time.perf_counter() - began)
    return min(runs)


if check.distances.passed:
    rng = np.random.default_rng(0)
    colours = rng.uniform(0, 255, (8, 3))
    sizes = [1, 10, 100, 1000, 20_000]
    pixels = rng.permutation(photo.reshape(-1, 3))
    loop = np.array([seconds(slow_distances, pixels[:n], colours) for n in sizes])
    yours = np.array([seconds(distances, pixels[:n], colours) for n in sizes])
    ratio = loop / yours

    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    axes.loglog(sizes, loop, "^:", color="#D55E00", label="three loops")
    axes.loglog(sizes, yours, "o-", color="#0072B2", label="yours, no loop")
    for n, low, high, r in zip(sizes, yours, loop, ratio, strict=True):
        text = f"× {r:.1f}" if r < 10 else f"× {r:.0f}"
        axes.annotate(text, (n, max(low, high)), (0, 10), textcoords="offset points", ha="center", color="0.25")
    axes.margins(y=0.15)
    axes.set(xlabel="pixels (with 8 colours each)", ylabel="seconds", title="The loop pays for every pair")
    axes.legend()
    plt.show()
    said = "nothing" if prediction_ratio is ... else f"{prediction_ratio} times"
    same = np.allclose(slow_distances(pixels[:1000], colours), distances(pixels[:1000], colours))
    print(f"You said {said}. Measured for 20,000 pixels on this machine: {ratio[-1]:.0f} times.")
    print(f"Do both give the same table? {same}")
    print(f"All gaps of the whole photo with 8 colours, as floats: {photo.size * 8 * 8 / 1e6:.0f} MB")

# %% [markdown]
# Both do the same arithmetic. But for every `-` the loop asks again: what type is this, which minus belongs to
# it, where to put the result? The array asks once, and then runs down the memory. Asking once costs something too:
# for a single pixel the loop keeps up, or is even ahead.
#
# The price is memory. All gaps exist at once: n × m × d floats of 8 bytes each. A million colours against a million
# others would take 24 million megabytes. Then one does loop, but over *blocks* of rows, a thousand at a time.
#
# ## Write `repaint`
#
# Draw the photograph with eight colours. `photo` has shape `(h, w, 3)`, `palette` has one colour per row, shape
# `(k, 3)`. Return an array of the shape of `photo` in which every pixel is replaced by the colour of the palette that
# has the smallest distance to it.
#
# - Each of the two may be bytes (`uint8`) or floats. Leave both as they are, and do not round: a colour of the palette
#   may be 12.7, and that is what the result holds.
# - No Python loop. You may use your `distances`.
#
# A tool that you need: an array can be indexed by an array of row numbers, of any length.

# %%
flags = np.array([[255, 0, 0], [255, 255, 255], [0, 0, 255]])  # red, white, blue
print(flags[np.array([2, 2, 0, 1])])

# %% [markdown]
# <details><summary>Hint 1: how does painting by numbers work?</summary>First comes the plan: a number for every
# field. Then each number is replaced by its colour. Two steps, no walk from pixel to pixel in either.</details>
# <details><summary>Hint 2: what can <code>distances</code> take?</summary>It wants tables, and a photo has one axis
# too many. A table with one pixel per row has shape <code>(h * w, 3)</code>. <code>reshape</code> gets you there
# and back, and −1 lets it count for itself.</details>
# <details><summary>Hint 3: how do I get the plan?</summary><code>argmin</code> says <em>where</em> the smallest
# entry is. Each row of your table is a pixel, so search along each row.</details>


# %% answer="repaint"
def repaint(photo, palette):
    """Return the photo, shape (h, w, 3), with every pixel in its nearest colour of the palette, shape (k, 3)."""
    ### BEGIN SOLUTION
    plan = distances(photo.reshape(-1, 3), palette).argmin(axis=1)
    return palette[plan].reshape(photo.shape)
    ### END SOLUTION


# %% check="repaint" points=3
check.repaint(repaint)

# %%
if check.repaint.passed:
    sample = np.random.default_rng(0).permutation(photo.reshape(-1, 3))[:2000]
    figure, axes = plt.subplots(1, 4, figsize=(14, 2.9), layout="constrained")
    for ax, k in zip(axes, (2, 4, 8, None), strict=True):
        if k is None:
            ax.imshow(photo)
            ax.set(title="the original")
        else:
            palette = KMeans(k, n_init=2, random_state=0).fit(sample).cluster_centers_
            began = time.perf_counter()
            painted = repaint(photo, palette)
            took = time.perf_counter() - began
            ax.imshow(painted / 255)
            ax.set(title=f"{k} colours, {took:.2f} s")
        ax.set(xticks=[], yticks=[], xlabel="column", ylabel="row")
    plt.show()

# %% [markdown]
# Where do the colours come from? From *k-means*, which has two steps: send every point to its nearest centre, then
# move every centre to the mean of its points; repeat. You have written the first step. Replace pixels by patients and
# colours by typical patients: it is the same table.
#
# ## Predict: who paints on the photo?
#
# Another surprise waits in this line of work. You cut a piece out of an array, you change the piece, and the
# original changes too. Or it does not. Here are six pieces; each will be overwritten. Which of them write
# through to the array that they come from?

# %%
pieces = {
    "slice": lambda array: array[1:3],
    "column": lambda array: array[:, 1],
    "list": lambda array: array[[1, 2]],
    "mask": lambda array: array[array > 0.5],
    "transpose": lambda array: array.T,
    "arithmetic": lambda array: array * 1,
}

# %% answer="prediction_pieces"
prediction_pieces = ...  # the keys that write through, for example {"mask", "arithmetic"}
### BEGIN SOLUTION
prediction_pieces = {"slice", "list", "mask"}
### END SOLUTION

# %% [markdown]
# ## Write `writes_through`
#
# Do not learn a list by heart; build the experiment that answers it. `make` is a function like those above: it takes
# an array and returns one. Return `True` if a change of the entries of `make(array)` also shows in the array that
# `make` was given, else `False`.
#
# - `array` holds floats, without `nan`. It may be full of zeros, or full of any other number. It may itself be a
#   piece of a larger array, and `make` may hand back the very array that it was given.
# - After your function has returned, `array` holds what it held before, to the last digit.
#
# <details><summary>Hint 1: how do you find out whether two taps share one pipe?</summary>You open one and look at the
# other. What do you have to know about the other before you open?</details>
# <details><summary>Hint 2: what shall I write?</summary>Something that differs from what is there, whatever is
# there. And into the entries: <code>made[...] = …</code> or <code>made += …</code>. A bare <code>made = …</code>
# only gives the name to another array.</details>
# <details><summary>Hint 3: how is the damage undone?</summary>There are two ways: put the old values back from a
# copy, or do the whole experiment on a copy, both its ends.</details>


# %% answer="writes_through"
def writes_through(make, array):
    """Return whether writing into make(array) changes the array that it was made from."""
    ### BEGIN SOLUTION
    subject = array.copy()
    made = make(subject)
    made += 1
    return not np.array_equal(subject, array)
    ### END SOLUTION


# %% check="writes_through" points=2
check.writes_through(writes_through)

# %%
if check.writes_through.passed:
    piece_of = np.random.default_rng(1).uniform(0.6, 1, (4, 4))
    found = {name for name, make in pieces.items() if writes_through(make, piece_of)}
    said = set() if prediction_pieces is ... else set(prediction_pieces)
    print(f"{'piece':12} {'you said':>10} {'measured':>10}")
    for name in pieces:
        mine = "?" if prediction_pieces is ... else "through" if name in said else "-"
        print(f"{name:12} {mine:>10} {'through' if name in found else '-':>10}")

    figure, axes = plt.subplots(1, 3, figsize=(12, 3), layout="constrained")
    titles = "the album", "tower = album[30:340]; tower[...] = 0", "tower = album[list]; tower[...] = 0"
    for ax, title in zip(axes, titles, strict=True):
        album = photo.copy()
        if title != "the album":
            tower = album[list(range(30, 340))] if "list" in title else album[30:340]
            tower[...] = 0
        ax.imshow(album)
        ax.set_title(title, fontsize=10)
        ax.set(xlabel="column", ylabel="row")
    plt.show()

# %% [markdown]
# A slice, a column, a transpose can be described by a start and a stride in the old memory, so NumPy opens a **view**
# onto it: a window, free of cost. A list or a mask picks entries from anywhere, so NumPy packs a **copy**: a
# parcel. Arithmetic makes something new in any case. But `album[mask] = 0`, with the brackets on the left of `=`, packs
# nothing: it writes into the album itself. And `reshape` opens a window where it can, and packs a parcel where it must.
# (When in doubt, `np.shares_memory(piece, array)` answers your question too, without a write.)
#
# This is how an augmentation that blacks out parts of training pictures can ruin the data set in memory, a little
# more in every epoch. If you mean a parcel, say `.copy()`.
#
# ## Take away
#
# > Write the shapes under one another, flush right: **equal, or one of them 1, and they fit.** And before you write
# > into a piece, ask: window or parcel?
#
# **On your own data:** find the innermost loop of a script of yours. Write down the shape of what goes in and of what
# comes out. Which axis of length 1 makes the loop unnecessary?
#
# **Next:** a row of numbers is also an arrow, and between two arrows there is an angle:
# [Regression is a shadow](../fundamentals/projections.ipynb).
