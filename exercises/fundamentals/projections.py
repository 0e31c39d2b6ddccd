# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Regression is a shadow
#     minutes: 40
#     level: 2
#     needs: [fundamentals/arrays_without_loops]
#     packages: [numpy, matplotlib, scikit-learn]
# ---

# %% [markdown]
# `LinearRegression().fit(X, y)` picks the best of infinitely many fits, in a blink, and without trying any. How can
# it know? It uses one idea, older than all computers: the point of a floor that is nearest to a lamp lies straight
# below the lamp. In this exercise the lamp is your `y`, and the floor is made of columns.
#
# By the end you can compute a least-squares fit as a shadow, and tell at a glance whether a fit is the best one.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import LinearRegression, Ridge

from shoshin.graders.fundamentals import projections as check

# %% [markdown]
# ## Predict: is every picture most like itself?
#
# A **vector** is a list of numbers, drawn as an arrow from the origin. Here are 1,797 handwritten digits of 8 by 8
# pixels (the UCI digits, bundled with scikit-learn): each is 64 numbers that say how much ink lies where, one arrow
# in a space with 64 axes.
#
# The **dot product** `a @ b` multiplies the two vectors entry by entry and adds up. It is large where both have ink
# in the same places, so it measures agreement: search engines and attention layers are built on it. Each picture now
# looks for the picture with the largest dot product, itself included. For how many of them is that the picture
# itself?

# %%
digits = load_digits()
images = digits.data  # shape (1797, 64): one picture per row
products = images @ images.T  # entry [i, j]: the dot product of picture i with picture j

# %% answer="prediction_itself"
prediction_itself = ...  # per cent of the pictures, 0 to 100
### BEGIN SOLUTION
prediction_itself = 100
### END SOLUTION

# %%
if prediction_itself is ...:
    print("Write your prediction above first, then run this cell again.")
else:
    itself = np.mean(products.argmax(axis=1) == np.arange(len(images)))
    print(f"You said {prediction_itself} %. Measured: {itself:.0%}.")

# %% [markdown]
# A picture with much ink agrees with everybody. The dot product mixes two things, how *long* the arrows are and how
# much they *agree in direction*:
#
# $$a \cdot b = \|a\| \, \|b\| \cos\theta$$
#
# The **length** (or norm) $\|a\|$ is the root of `a @ a`, by Pythagoras in as many directions as there are entries. The
# **cosine** of the angle $\theta$ between the arrows is 1 for the same direction, 0 at a right angle, -1 for opposite
# directions.
#
# ## Write `cosine`
#
# Return the cosine of the angle between `a` and `b`, one number. Both are arrays of shape `(n,)`, floats.
#
# - The lengths do not count, however small or large: an arrow of length 0.000000001 has a direction too.
# - If one of the two holds only zeros, return 0.0.
# - Leave `a` and `b` as they are.
#
# <details><summary>Hint 1: what has to go?</summary>Make <code>a</code> ten times as long. The angle stays, but
# <code>a @ b</code> becomes ten times as large. What could you divide by that becomes ten times as large
# too?</details>
# <details><summary>Hint 2: how do I test it?</summary>An arrow with itself gives 1, and with five times itself too.
# If yours gives 5 or 1/25, a root is missing.</details>


# %% answer="cosine"
def cosine(a, b):
    """Return the cosine of the angle between two vectors of shape (n,); 0.0 if one of them is all zeros."""
    ### BEGIN SOLUTION
    lengths = np.sqrt(a @ a) * np.sqrt(b @ b)
    return a @ b / lengths if lengths > 0 else 0.0
    ### END SOLUTION


# %% check="cosine" points=2
check.cosine(cosine)

# %%
if check.cosine.passed:
    query = 187
    by_cosine = np.array([cosine(images[query], image) for image in images])
    figure, axes = plt.subplots(2, 6, figsize=(11, 4), layout="constrained")
    for line, (score, name) in zip(axes, ((products[query], "dot product"), (by_cosine, "cosine")), strict=True):
        best = [i for i in np.argsort(-score) if i != query][:5]
        for ax, i in zip(line, [query, *best], strict=True):
            ax.imshow(images[i].reshape(8, 8), cmap="gray_r", vmin=0, vmax=16)
            ax.set(xticks=[], yticks=[], title=f"{'this one:' if i == query else 'a'} {digits.target[i]}")
            ax.set_xlabel(f"{score[i]:.0f}" if name == "dot product" else f"{score[i]:.2f}")
        line[0].set_ylabel(f"most alike by\n{name}")
    plt.show()

    unit = images / np.sqrt((images**2).sum(axis=1, keepdims=True))  # every arrow now has length 1
    for name, table in (("dot product", products.copy()), ("cosine", unit @ unit.T)):
        np.fill_diagonal(table, -np.inf)  # nobody may choose himself
        same = np.mean(digits.target[table.argmax(axis=1)] == digits.target)
        print(f"most alike by {name:12}: shows the same digit for {same:.0%} of the pictures")

# %% [markdown]
# No model has been trained, and the cosine reads digits. It is what "similar" means for documents, for users who rate
# films, for word vectors. Subtract the mean from both arrows first, and it is called *correlation*.
#
# ## Write `project`
#
# Now from direction to distance. You stand at the tip of the arrow `y`. A straight road runs through the origin in
# the direction of `x`: all multiples of `x`. Which point of the road is nearest to you? It is the **projection** of
# `y`, its shadow when the light falls at right angles to the road.
#
# Here is why. What is left, `y - c * x`, should have no part along the road. No part along `x` means
# a dot product of zero with `x`. Solve that for c.
#
# Return the projection of `y` on the line of `x`: an array of the shape of `y`. Both have shape `(n,)`, floats.
#
# - `x` may have any length, 1000 or 0.000000001; the road is the same.
# - If `x` holds only zeros, the road is only the origin: return zeros.
# - Leave `y` and `x` as they are.
#
# <details><summary>Hint 1: what do I solve?</summary>Write <code>x · (y − c x) = 0</code>, and take the bracket
# apart: two dot products remain, one of them with the unknown c.</details>
# <details><summary>Hint 2: is c the result?</summary>c is a number: how many <code>x</code> long the shadow is. The
# shadow itself is an arrow along <code>x</code>.</details>
# <details><summary>Hint 3: how do I test it?</summary>Onto <code>x = [1, 0]</code>, <code>[3, 4]</code> casts the
# shadow <code>[3, 0]</code>. With <code>x = [10, 0]</code> it must be the same one.</details>


# %% answer="project"
def project(y, x):
    """Return the point on the line of x, all multiples of x, that is nearest to y; shape (n,)."""
    ### BEGIN SOLUTION
    if not x.any():
        return np.zeros(len(y))
    return (x @ y) / (x @ x) * x
    ### END SOLUTION


# %% check="project" points=2
check.project(project)

# %%
if check.project.passed:
    y2, x2 = np.array([1.5, 3.0]), np.array([2.0, 0.8])
    shadow = project(y2, x2)
    multiples = np.linspace(-0.5, 3, 141)
    distances = np.sqrt(((y2 - multiples[:, None] * x2) ** 2).sum(axis=1))

    figure, (plane, curve) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    plane.axline((0, 0), x2, color="0.6", linewidth=1)
    for c in (0.0, 0.6, 1.9, 2.4):
        plane.plot(*zip(y2, c * x2, strict=True), color="0.75", linewidth=1)
    plane.annotate("", y2, (0, 0), arrowprops={"arrowstyle": "-|>", "color": "#0072B2", "lw": 2.5})
    plane.annotate("", shadow, (0, 0), arrowprops={"arrowstyle": "-|>", "color": "black", "lw": 2.5})
    plane.plot(*zip(y2, shadow, strict=True), "--", color="#D55E00", linewidth=2.5)
    plane.text(0.5, 1.7, "y", color="#0072B2", fontsize=14)
    plane.text(1.1, 0.1, "shadow", fontsize=12)
    plane.text(2.3, 1.32, "what\nis left", color="#D55E00", fontsize=12)
    along, up = x2 / np.sqrt(x2 @ x2) * 0.2, (y2 - shadow) / np.sqrt((y2 - shadow) @ (y2 - shadow)) * 0.2
    plane.plot(*np.transpose([shadow - along, shadow - along + up, shadow + up]), color="#D55E00")
    plane.set(xlim=(-0.5, 5), ylim=(-0.6, 3.4), aspect="equal", xlabel="first entry", ylabel="second entry")
    curve.plot(multiples, distances, color="#0072B2")
    curve.plot(shadow[0] / x2[0], np.sqrt(((y2 - shadow) ** 2).sum()), "ko", label="your shadow")
    curve.set(xlabel="c", ylabel="distance from y to c * x", title="No other point of the road is nearer")
    curve.legend()
    plt.show()
    print(f"shadow @ what is left = {shadow @ (y2 - shadow):.1g}")

# %% [markdown]
# Any other point of the road is the far end of a slanted line, and in a right-angled triangle the slanted side is
# longer. No search, no calculus: a right angle says that you cannot get nearer.
#
# ## See a regression as a shadow
#
# You know the left picture below: three patients, one point each, a line drawn through them. The right one shows the
# *same numbers* with the roles exchanged: one axis for each **patient**, one arrow for each **column**. What was
# measured on the three patients, `y`, is a single arrow. The column of body-mass indices is an arrow too, and so is
# the column of ones, which stands for the intercept. Their mixtures `a * ones + b * bmi` fill a plane, the floor.

# %%
table = load_diabetes(as_frame=True, scaled=False).frame
bmi_all, progress_all = table["bmi"].to_numpy(), table["target"].to_numpy()
three = [47, 396, 168]
X3, y3 = np.c_[np.ones(3), bmi_all[three]], progress_all[three]
print("columns ones and bmi:\n", X3, "\nprogress of the disease:", y3)

# %% [markdown]
# The best fit is the point of the floor nearest to the tip of `y`. Look straight down.
#
# ## Write `project_onto`
#
# Return the projection of `y`, shape `(n,)`, on everything that the columns of `X`, shape `(n, d)`, can reach
# together: of all mixtures `X @ w` (w holds one number per column) the one that is nearest to `y`. It has shape
# `(n,)`.
#
# - The columns need not stand at right angles to each other.
# - A column may be a multiple or a mixture of others or hold only zeros, and there may be more columns than rows.
#   The nearest point is still a single one.
# - Take the columns as they are: if a column of ones is wanted, it is in `X`.
# - Leave `y` and `X` as they are. Any tool of NumPy is welcome.
#
# <details><summary>Hint 1: is it the sum of the shadows on the single columns?</summary>Imagine a column that is
# there twice. The floor has not grown at all. What would happen to the sum?</details>
# <details><summary>Hint 2: which question does NumPy answer for me?</summary><code>np.linalg.lstsq(X, y)</code>
# answers "which weights bring me nearest?" and returns a tuple; weights come first. Which point do they lead
# to?</details>
# <details><summary>Hint 3: how do I get there on foot?</summary>Make the columns upright, one after the other: from
# each, take away its shadows on those before. Onto upright columns single shadows do add up. A column of which
# (nearly) nothing remains adds nothing.</details>


# %% answer="project_onto"
def project_onto(y, X):
    """Return the mixture of the columns of X, shape (n, d), that is nearest to y; shape (n,)."""
    ### BEGIN SOLUTION
    weights = np.linalg.lstsq(X, y)[0]
    return X @ weights
    ### END SOLUTION


# %% check="project_onto" points=3
check.project_onto(project_onto)


# %%
def distances(A, B):
    """Yours, from "Arrays without loops": the distance of every row of A to every row of B."""
    return np.sqrt(((A[:, None, :] - B) ** 2).sum(axis=-1))


if check.cosine.passed and check.project.passed and check.project_onto.passed:
    fit = project_onto(y3, X3)
    figure = plt.figure(figsize=(12, 5), layout="constrained")
    flat = figure.add_subplot(1, 2, 1)
    order = np.argsort(X3[:, 1])
    flat.plot(X3[order, 1], fit[order], "s-", color="black", label="the fit")
    flat.vlines(X3[:, 1], fit, y3, color="#D55E00", linestyle="--", linewidth=2, label="what is left")
    flat.plot(X3[:, 1], y3, "o", color="#0072B2", markersize=9, label="y")
    flat.set(xlabel="body-mass index", ylabel="progress of the disease", title="One point per patient")
    flat.legend()

    # The same three numbers again, turned so that the floor lies flat: two upright directions in it, the third above.
    ones, bmi = X3.T
    turn = np.array([project_onto(ones, X3), bmi - project(bmi, ones), y3 - fit])
    turn = turn / np.sqrt((turn**2).sum(axis=1, keepdims=True))
    room = figure.add_subplot(1, 2, 2, projection="3d")
    across, along = np.meshgrid([-20, 340], [-130, 190])
    room.plot_surface(across, along, 0 * across, color="#56B4E9", alpha=0.25)
    for arrow, name in ((150 * ones, "ones"), (6.5 * bmi, "bmi")):
        room.quiver(0, 0, 0, *(turn @ arrow), color="#009E73", arrow_length_ratio=0.08, linewidth=2)
        room.text(*(turn @ arrow * 1.05), name, color="#009E73", fontsize=12)
    for number, axis in enumerate(np.eye(3) * 130, start=1):
        room.plot(*np.transpose([0 * axis, turn @ axis]), color="0.5", linewidth=1)
        side = {"ha": "center", "va": "bottom"} if number == 3 else {"ha": "right"}  # clear of the arrows
        room.text(*(turn @ axis * 1.1), f"patient {number}", color="0.4", fontsize=9, **side)
    for arrow, colour, name in ((y3, "#0072B2", "y"), (fit, "black", "shadow")):
        room.quiver(0, 0, 0, *(turn @ arrow), color=colour, arrow_length_ratio=0.08, linewidth=3)
        room.text(*(turn @ arrow * 1.05), name, color=colour, fontsize=12)
    room.plot(*np.transpose([turn @ y3, turn @ fit]), "--", color="#D55E00", linewidth=3)
    room.set(title="One arrow per column", xlim=(-20, 340), ylim=(-130, 190), zlim=(-60, 150))
    room.set_box_aspect((360, 320, 210), zoom=1.2)
    room.set_axis_off()
    room.view_init(elev=22, azim=-62)
    plt.show()

    whole = np.c_[np.ones(len(table)), table.drop(columns="target")]
    scikit = LinearRegression().fit(whole[:, 1:], progress_all).predict(whole[:, 1:])
    mine = project_onto(progress_all, whole)
    print(f"442 patients, 10 columns: your shadow and scikit-learn's fit agree: {np.allclose(mine, scikit)}")
    spread = cosine(progress_all - progress_all.mean(), mine - mine.mean())
    score = LinearRegression().fit(whole[:, 1:], progress_all).score(whole[:, 1:], progress_all)
    print(f"R² by scikit-learn: {score:.4f}     your cosine of y and fit (centred), squared: {spread**2:.4f}")
    mixtures = mine + np.random.default_rng(0).normal(0, 1, size=(5000, 11)) @ whole.T
    near = distances(np.vstack([mine, mixtures]), progress_all[None])[:, 0]
    print(f"distance to y: your shadow {near[0]:.1f}, the nearest of 5000 other mixtures {near[1:].min():.1f}")

# %% [markdown]
# Three orange errors on the left are *one* orange line on the right, and it stands upright on the floor. (The room is
# turned so that the floor lies flat, and the green arrows are stretched.) With 442 patients nobody can draw the room,
# and nothing else changes: 5000 other mixtures of the ten columns, measured with your `distances`, all lie farther from
# `y`. Even **R²** is an angle between two arrows. It says how much of the variation of `y` a fit
# explains: 1 for a perfect fit, 0 for one no nearer than the mean of `y` alone. Subtract the means from `y` and from
# the best fit: the cosine of the two, squared, is R² (if a column of ones is among the columns).
#
# ## Write `is_best_fit`
#
# The right angle gives you a test that no optimiser can fool. Somebody brings you weights `w`, shape `(d,)`, from
# whatever procedure, and claims that no other weights bring `X @ w` nearer to `y`. Return `True` if that holds, else
# `False`.
#
# - Look at the **residual**, what is left: `y - X @ w`. It has to stand at a right angle to every column of `X`.
# - Rounding leaves hardly any product exactly zero. Count the product of a column with the residual as zero if its size
#   is at most 0.000001 times the length of the column times the length of `y`. (No column, and not `y`, is all zeros.)
# - The numbers may be tiny or huge, also one column against another; the fit may be perfect; a column may occur
#   twice, so that many weights are best.
# - The limit decides: weights that miss the best by 0.01 per cent do not pass, those that miss it by rounding do.
# - Leave `y`, `X` and `w` as they are.
#
# <details><summary>Hint 1: may I compare with the best weights?</summary>If a column occurs twice, its weight can be
# shared out in any way. Then the best weights are many. What do they have in common?</details>
# <details><summary>Hint 2: how do I ask all columns at once?</summary><code>X.T @ residual</code> has shape
# <code>(d,)</code>: one dot product per column. A loop over the columns is fine as well.</details>
# <details><summary>Hint 3: what is the size of a product?</summary>-1000 is smaller than 0.000001, and far from
# zero.</details>


# %% answer="is_best_fit"
def is_best_fit(y, X, w):
    """Return whether no other weights bring X @ w nearer to y, rounding aside."""
    ### BEGIN SOLUTION
    residual = y - X @ w
    lengths = np.sqrt((X**2).sum(axis=0)) * np.sqrt(y @ y)
    return bool(np.all(np.abs(X.T @ residual) <= 1e-6 * lengths))
    ### END SOLUTION


# %% check="is_best_fit" points=3
check.is_best_fit(is_best_fit)

# %%
if check.is_best_fit.passed:
    pair = np.c_[np.ones(len(table)), bmi_all]
    ridge = Ridge(alpha=100).fit(pair[:, 1:], progress_all)
    walked = np.zeros(2)
    for _ in range(2000):  # two thousand steps of gradient descent
        walked = walked + 0.002 * pair.T @ (progress_all - pair @ walked) / len(table)
    claims = {
        "np.linalg.lstsq": np.linalg.lstsq(pair, progress_all)[0],
        "LinearRegression": np.r_[(line := LinearRegression().fit(pair[:, 1:], progress_all)).intercept_, line.coef_],
        "Ridge": np.r_[ridge.intercept_, ridge.coef_],
        "gradient descent": walked,
    }
    for name, w in claims.items():
        slope = f"{w[0]:8.2f} + {w[1]:5.2f} * bmi"
        print(f"{name:18} {slope}   best fit? {is_best_fit(progress_all, pair, w)}")

# %% [markdown]
# Ridge does not even want the nearest point, it trades nearness for small weights. Gradient descent wants it and has
# not arrived. You did not have to know either procedure to see that. "The gradient is zero" and "the residual is at
# right angles to every column" are the same sentence: the gradient of half the mean squared error *is*
# `-X.T @ residual / n`.
#
# ## Predict: a larger floor
#
# Take 100 patients and give the model columns of pure noise, a hundred of them, drawn by a random generator: they
# know nothing of any patient. How much of the variation in the progress of the disease does the fit explain? Guess R²,
# from 0 to 1.

# %% answer="prediction_noise"
prediction_noise = ...  # a number from 0 to 1
### BEGIN SOLUTION
prediction_noise = 0.1
### END SOLUTION

# %%
if check.project_onto.passed:
    rng = np.random.default_rng(0)
    shuffled = rng.permutation(len(table))
    old, new = shuffled[:100], shuffled[100:]
    noise = rng.normal(size=(len(table), 100))
    target = progress_all - progress_all[old].mean()
    counts = np.arange(0, 101, 4)
    known, fresh = [], []
    for k in counts:
        floor = noise[:, :k]
        fit = project_onto(target[old], floor[old]) if k else np.zeros(100)
        guess = floor[new] @ np.linalg.lstsq(floor[old], target[old])[0] if k else np.zeros(len(new))
        known.append(1 - ((target[old] - fit) ** 2).sum() / (target[old] ** 2).sum())
        fresh.append(1 - ((target[new] - guess) ** 2).sum() / (target[new] ** 2).sum())

    figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
    axes.plot(counts, known, "o-", color="#0072B2", label="the 100 patients of the fit")
    axes.plot(counts, fresh, "^:", color="#D55E00", label="342 new patients")
    axes.axhline(0, color="0.5", linewidth=1)
    axes.set(
        ylim=(-3, 1.1), xlabel="columns of pure noise", ylabel="R²", title="Nearer to the known, further from the new"
    )
    axes.legend(loc="lower left")
    plt.show()
    said = "nothing" if prediction_noise is ... else prediction_noise
    print(f"You said {said}. With 100 columns of noise: {known[-1]:.3f}. For new patients: {fresh[-1]:,.1f}")

# %% [markdown]
# A perfect fit, from noise. Every column makes the floor larger, and a larger floor can only be nearer. In a room of
# 100 dimensions, 100 columns *are* the room: nothing stands above the floor, and the shadow is the thing itself. So a
# small residual is no proof of knowledge, as long as you do not count the columns that made it.
#
# ## Take away
#
# > **The nearest point lies at the foot of a right angle.** Least squares is a shadow on the columns; what is left
# > stands upright on all of them; and a floor with enough columns touches everything.
#
# **On your own data:** take the residual of a regression of yours, and its cosine with a column that you have *not*
# used; subtract the column's mean first. Far from zero? Then that column knows something that your model does not.
#
# **Next:** there is a short formula for the weights of this shadow. It is right, and the computer makes it wrong:
# [Least squares and the digits it loses](../fundamentals/least_squares.ipynb).
