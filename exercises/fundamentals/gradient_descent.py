# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Gradient descent and the step that explodes
#     minutes: 50
#     level: 2
#     needs: []
#     packages: [numpy, pandas, matplotlib, scikit-learn]
# ---

# %% [markdown]
# You train a linear model by gradient descent with step 0.1, and the loss prints `inf`. You divide the step by
# ten, and again, and again. At last the loss falls, and then it crawls for thousands of steps. Somebody says
# "take Adam". But why did it explode, why does it crawl, and was there a way to *know*?
#
# By the end you can tell from the data, before the first step, which step explodes and why a run will crawl, and
# you can choose the cure: other units, momentum, or Adam.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes

from shoshin.graders.fundamentals import gradient_descent as check

# %% [markdown]
# ## The ground you walk on
#
# The diabetes data that come with scikit-learn: 442 patients, and how far their disease advanced within a year.
# To see the ground, take two columns: body-mass index and blood glucose. All columns are centred (their mean is
# subtracted), so that the model needs no intercept: it predicts `X @ w`.
#
# The **loss** says how bad the parameters `w` are: half the mean squared error. Its **gradient** at `w` is the
# vector of slopes, one per parameter; it points to where the loss grows fastest. For this loss it is
# `X.T @ (X @ w - y) / n`. The next cell gives you that, and two measures for later: by how much the loss at a
# point exceeds the lowest possible one (the **excess**), and how many steps a walk needs. You need not read the
# bodies.

# %%
table = load_diabetes(as_frame=True, scaled=False).frame
centred = table - table.mean()
y = centred["target"].to_numpy()
X = centred[["bmi", "s6"]].to_numpy()  # bmi in kg/m², s6: blood glucose (its range, 58 to 124, says mg/dl)
start = np.zeros(2)


def gradient_for(X):
    """Return the function that takes parameters w, shape (d,), and returns the gradient of the loss there."""
    return lambda w: X.T @ (X @ w - y) / len(X)


def excess(X, path):
    """Return how far the loss lies above the lowest possible one, for each row of a path of parameters."""
    error = np.asarray(path) - np.linalg.lstsq(X, y)[0]
    return np.sum(error @ (X.T @ X / len(X)) * error, axis=1) / 2


def steps_needed(X, path):
    """Return after how many steps at most 1 % of the first excess is left (and stays so), or None if never."""
    above = np.flatnonzero(excess(X, path) > 0.01 * excess(X, path)[0])
    return int(above[-1]) + 1 if above[-1] + 1 < len(path) else None


print("gradient at the start:", gradient_for(X)(start))

# %% [markdown]
# ## Predict: ten per cent longer
#
# **Gradient descent** walks downhill: from `w` it moves to `w - step * gradient(w)`, again and again. The number
# `step` is also called the learning rate. Here a step of 0.0140 works: after 40 steps, less than a ten-thousandth
# of the first excess is left. What will 40 steps of 0.0154 leave, each ten per cent longer? Write it as a multiple
# of the first excess: 0.0001 is about as good as before, 1 is nothing gained, 10 is ten times worse than standing
# still. Put down a guess; it is not graded.

# %% answer="prediction_longer"
prediction_longer = ...  # a number, such as 0.0001, 1 or 10
### BEGIN SOLUTION
prediction_longer = 250
### END SOLUTION

# %% [markdown]
# ## Write `descend`
#
# `gradient` is a function: give it parameters, get the slopes there. Take `steps` steps of gradient descent from
# `start`, an array of shape `(d,)`, and return the whole path: an array of shape `(steps + 1, d)` whose row 0 is
# `start` and whose row k is the point after k steps. One step moves all parameters together, by one gradient. Take
# all the steps, even when the walk explodes or has long arrived. Leave the array `start` as it was.
#
# (The check tries small round, oval and tilted valleys. Its card shows the call, which you can copy into a cell.)
#
# <details><summary>Hint 1: how does one walk in fog?</summary>Feel the slope under your feet, take one step, and
# feel again. What you felt at the start says little about the ground further on.</details>
# <details><summary>Hint 2: how many points are there?</summary>One step joins two points. Begin the list of
# points with the start, then append one per step.</details>
# <details><summary>Hint 3: why are all my rows equal?</summary><code>w -= …</code> does not make a new array, it
# changes the old one, wherever else that is stored. <code>w = w - …</code> makes a new one.</details>


# %% answer="descend"
def descend(gradient, start, step, steps):
    """Return the path of gradient descent, shape (steps + 1, d), beginning at start."""
    ### BEGIN SOLUTION
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - step * gradient(path[-1]))
    return np.array(path)
    ### END SOLUTION


# %% check="descend" points=2
check.descend(descend)

# %% [markdown]
# Now look at your paths. On the left you look down on the ground from above: each ring joins points of equal
# loss, the star marks the lowest. Every step leaves its ring at a right angle: that is straight downhill. On the
# right, the excess on a logarithmic scale.

# %%
if check.descend.passed:
    lowest = np.linalg.lstsq(X, y)[0]
    looks = {0.002: ("#0072B2", "o", "-"), 0.0140: ("#000000", "s", "--"), 0.0154: ("#D55E00", "^", ":")}

    fig, (map_, curve) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    across, along = np.meshgrid(np.linspace(-3, 16, 120), np.linspace(-4, 8, 120))
    heights = excess(X, np.c_[across.ravel(), along.ravel()]).reshape(across.shape)
    map_.contour(across, along, heights, levels=np.geomspace(20, 6000, 9), colors="0.75", linewidths=1)
    map_.plot(*lowest, "*", color="#E69F00", markeredgecolor="black", markersize=14)
    for step, (colour, marker, line) in looks.items():
        path = descend(gradient_for(X), start, step, 40)
        map_.plot(*np.asarray(path)[:16].T, line, color=colour, marker=marker, markersize=4)
        curve.semilogy(excess(X, path), line, color=colour, marker=marker, markersize=4, label=f"step {step:.4f}")
    map_.set(xlim=(-3, 16), ylim=(-4, 8), xlabel="w of bmi", ylabel="w of glucose", title="The first 15 steps")
    map_.set_aspect("equal")
    curve.set(xlabel="steps", ylabel="excess loss", title="Ten per cent decide")
    fig.legend(loc="outside lower center", ncols=3)
    plt.show()

    first = excess(X, start[None])[0]
    after = {step: excess(X, descend(gradient_for(X), start, step, 40))[-1] for step in looks}
    said = "nothing" if prediction_longer is ... else f"{prediction_longer} times the first excess"
    print(f"You said {said}. The excess was {first:.0f} at the start; after 40 steps it is")
    for step in (0.0140, 0.0154):
        print(f"  {after[step]:10,.2f} with step {step:.4f}, {after[step] / first:.3g} times the first")

# %% [markdown]
# No warning: the exploding run even begins with a falling loss, and ten per cent more or less decide. How sharp
# is that cliff? The next cell takes a hundred steps of each of many lengths.

# %%
found = np.nan  # measured here as soon as descend works
if check.descend.passed:
    lengths = np.linspace(0.0002, 0.017, 127)
    ends = np.array([excess(X, descend(gradient_for(X), start, length, 100))[-1] for length in lengths])
    best, found = lengths[ends.argmin()], lengths[ends < first].max()

    fig, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    axes.semilogy(lengths, ends, color="#0072B2", marker=".", label="excess after 100 steps")
    axes.axhline(first, color="0.3", linestyle="--", label="excess at the start")
    axes.axvline(best, color="#009E73", linestyle="-.", label=f"best: {best:.4f}")
    axes.axvline(found, color="#D55E00", linestyle=":", label=f"nothing gained beyond {found:.4f}")
    axes.set(xlabel="step", ylabel="excess loss", title="Longer is better, until it is not")
    axes.legend(loc="upper left")
    plt.show()
    print(f"The longest step that still gained something: {found:.5f} (tried: every {lengths[1] - lengths[0]:.5f})")

# %% [markdown]
# ## Write `error_left`
#
# Why a cliff? The rings are ovals, and an oval has two axes, at right angles. Stand on one of these axes: straight
# downhill leads along it, so you never leave it. Along an axis the loss is a parabola, and one number says how
# sharply it bends: the **curvature** c. If you are a distance e beyond the lowest point (your *error*), the slope
# is `c * e`. So one step takes `step * c * e` away from an error of e.
#
# Return the part of the error that is left after `steps` steps. After 0 steps all of it is left: 1.0. `curvature`
# is an array of shape `(d,)`, one curvature per direction; return one number for each, in the same order, and
# leave the array as it was. Keep the sign: a negative number says that you are on the other side of the lowest
# point. Count every step, however little is left.
#
# <details><summary>Hint 1: what does a single step leave?</summary>Start from an error of 1 and take one step on
# paper, with curvature 2 and step 0.1. Then a second step, from what is left.</details>
# <details><summary>Hint 2: is something taken away, or multiplied?</summary>The slope shrinks with the error, so
# every step leaves the same <em>share</em> of what it finds. What becomes of a share that is <em>kept</em>, again
# and again?</details>


# %% answer="error_left"
def error_left(curvature, step, steps):
    """Return the share of the error that is left along each direction, shape (d,), with its sign."""
    ### BEGIN SOLUTION
    return (1 - step * curvature) ** steps
    ### END SOLUTION


# %% check="error_left" points=2
check.error_left(error_left)

# %%
if check.error_left.passed:
    styles = {0.2: ("#0072B2", "o-"), 1.0: ("#000000", "s-"), 1.8: ("#009E73", "d--"), 2.1: ("#D55E00", "^:")}
    fig, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for step, (colour, style) in styles.items():
        left = [error_left(np.array([1.0]), step, steps)[0] for steps in range(13)]
        axes.plot(left, style, color=colour, markersize=5, label=f"step {step}")
    axes.axhline(0, color="0.5", linewidth=1)
    axes.set(xlabel="steps", ylabel="error left", title="One direction with curvature 1")
    axes.legend(loc="upper left", ncols=4)
    axes.set_ylim(-3.5, 4.5)
    plt.show()

# %% [markdown]
# Every step multiplies the error by the same factor. Creeping, landing in one jump, jumping across and still
# closing in, jumping across and flying away: all four are that one factor. Before you go on, decide from the figure
# and your formula at which value of `step * curvature` the walk stops closing in.
#
# In this figure the best step is far from the ruinous ones. In the figure of the patients the two are neighbours:
# there, two directions share one step, and the gentle one still gains when the steep one is about to fly.

# %% [markdown]
# ## Write `largest_step`
#
# Real ground has many directions, each with its own curvature, but you choose one step for all. For this loss the
# curvatures are the **eigenvalues** of the matrix `H = X.T @ X / n`, where n is the number of rows: there are d
# directions, at right angles to one another, in which your formula holds with nothing else mixed in.
#
# Given `X` of shape `(n, d)` with centred columns, return the step (one number) at which gradient descent turns
# from converging to diverging. To 0.1 % is precise enough.
#
# <details><summary>Hint 1: who complains first?</summary>Make the step slowly longer. In one of the directions
# the error stops shrinking before it does in all others. Which one is that?</details>
# <details><summary>Hint 2: at which factor is the edge?</summary>An error that keeps its size and changes its
# side in every step, for ever, stands exactly on the edge. Which value of <code>step * curvature</code> does
# that?</details>
# <details><summary>Hint 3: where do eigenvalues come from?</summary><code>np.linalg.eigvalsh(H)</code> returns
# those of a symmetric matrix, the smallest first. (<code>np.linalg.eig</code> returns them in no order.)</details>


# %% answer="largest_step"
def largest_step(X):
    """Return the step beyond which gradient descent on the squared loss of X diverges."""
    ### BEGIN SOLUTION
    H = X.T @ X / len(X)
    return 2 / np.linalg.eigvalsh(H)[-1]
    ### END SOLUTION


# %% check="largest_step" points=2
check.largest_step(largest_step)

# %%
if check.descend.passed and check.largest_step.passed:
    print(f"found by trial: {found:.5f}, the last before the edge     computed from X: {largest_step(X):.5f}\n")
    for part in (0.99, 1.01):
        path = descend(gradient_for(X), start, part * largest_step(X), 1000)
        print(f"{part} times the largest step, excess after 1000 steps: {excess(X, path)[-1]:.3g}")

# %% [markdown]
# ## Predict: another unit
#
# A laboratory in Boston reports glucose in mg/dl, one in Berlin in mmol/l: the same patients, every number
# divided by 18.016. The best model predicts the same in both cities, with the same loss. Each city takes half of
# *its own* largest step. How many steps does Berlin need, compared with Boston, to bring the excess down to 1 %?

# %% answer="prediction_unit"
prediction_unit = ...  # one of these, with its quotation marks: "fewer", "as many", "more"
### BEGIN SOLUTION
prediction_unit = "more"
### END SOLUTION

# %%
X_berlin = X / [1, 18.016]
X_standard = X / X.std(axis=0)  # every column with standard deviation 1

if check.descend.passed and check.error_left.passed and check.largest_step.passed:
    places = {"Boston": X, "Berlin": X_berlin, "standardised": X_standard}
    print("               curvatures          ratio   largest step   steps needed   at most")
    needed = {}
    for place, data in places.items():
        gentlest, steepest = np.linalg.eigvalsh(data.T @ data / len(data))
        longest = largest_step(data)
        needed[place] = steps_needed(data, descend(gradient_for(data), start, longest / 2, 1000))
        left = (error_left(np.array([gentlest]), longest / 2, steps)[0] for steps in range(1000))
        most = next((steps for steps, error in enumerate(left) if error**2 <= 0.01), None)
        print(f"{place:13} {gentlest:7.2f} to {steepest:6.2f} {steepest / gentlest:9.1f} {longest:14.4f}", end=" ")
        print(f"{needed[place]!s:>14} {most!s:>9}")
    said = "nothing" if prediction_unit is ... else f'"{prediction_unit}"'
    print(f"\nYou said {said}. Measured: Berlin {needed['Berlin']}, Boston {needed['Boston']} steps.")

# %% [markdown]
# Berlin may take a much longer step and still needs more of them. **The steepest direction sets the step, the
# gentlest direction sets the time.** What you pay is their ratio, the **condition number**. It bounds the steps:
# "at most" is what your `error_left` says of the gentlest direction alone, and it grows in proportion to the ratio.
# How far below that you stay depends on how much of the excess lies in the gentle direction (the excess goes with
# the *square* of the error). The length of the step alone tells you nothing.
#
# Nobody chose that price; it came with the units. Dividing each column by its standard deviation costs one line.
#
# ## Predict: momentum beyond the limit
#
# What if the ratio remains large after that? You could give the walker mass. A ball that rolls down keeps some of
# its **velocity**, and that is **momentum**. Take Berlin and *one and a half times* the largest step. Plain
# descent explodes there. What will a ball do that keeps 60 % of its velocity?

# %% answer="prediction_momentum"
prediction_momentum = ...  # with its quotation marks: "explodes sooner", "explodes later", "converges"
### BEGIN SOLUTION
prediction_momentum = "converges"
### END SOLUTION

# %% [markdown]
# ## Write `heavy_ball`
#
# Polyak's heavy ball (1964) carries a velocity, which is zero at first. In every step, in this order:
#
# 1. the old velocity fades to `momentum` times itself;
# 2. the slope where the ball is now gives it a push: minus `step` times the gradient, at full strength;
# 3. the ball moves by the new velocity.
#
# Return the path as in `descend`: shape `(steps + 1, d)`, row 0 is `start`, all parameters move together, the array
# `start` stays as it was. With `momentum` 0 it has to be the path of `descend`.
#
# <details><summary>Hint 1: what does the ball remember?</summary>One array beside <code>w</code>. It is made
# once, before the loop, and changed in every round.</details>
# <details><summary>Hint 2: how do I test it on paper?</summary>On flat ground (gradient 0) with momentum 0.5 and
# velocity 8 the ball moves 4, then 2, then 1. The first step from rest is a step of plain descent.</details>


# %% answer="heavy_ball"
def heavy_ball(gradient, start, step, momentum, steps):
    """Return the path of gradient descent with momentum, shape (steps + 1, d), beginning at start."""
    ### BEGIN SOLUTION
    path, velocity = [start], np.zeros(len(start))
    for _ in range(steps):
        velocity = momentum * velocity - step * gradient(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)
    ### END SOLUTION


# %% check="heavy_ball" points=2
check.heavy_ball(heavy_ball)

# %%
if check.descend.passed and check.largest_step.passed and check.heavy_ball.passed:
    limit, slope = largest_step(X_berlin), gradient_for(X_berlin)
    runs = {
        "descent, half the largest step": (descend(slope, start, 0.5 * limit, 100), "#0072B2", "o-"),
        "descent, 1.5 times the largest step": (descend(slope, start, 1.5 * limit, 100), "#D55E00", "X:"),
        "momentum 0.6, 1.5 times the largest step": (heavy_ball(slope, start, 1.5 * limit, 0.6, 100), "#009E73", "s--"),
    }
    fig, (map_, curve) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
    across, along = np.meshgrid(np.linspace(-36, 38, 150), np.linspace(-6, 40, 120))
    heights = excess(X_berlin, np.c_[across.ravel(), along.ravel()]).reshape(across.shape)
    map_.contour(across, along, heights, levels=[3, 10, 30, 300, 3000, 10_000], colors="0.75", linewidths=1)
    map_.plot(*np.linalg.lstsq(X_berlin, y)[0], "*", color="#E69F00", markeredgecolor="black", markersize=14)
    for (name, (path, colour, style)), shown in zip(runs.items(), (31, 4, 31), strict=True):
        size = 8 if shown == 4 else 4  # seen under the others' first points
        map_.plot(*np.asarray(path)[:shown].T, style, color=colour, markersize=size)
        curve.semilogy(excess(X_berlin, path)[:61], style, color=colour, markersize=size, label=name)
    map_.set(xlim=(-36, 38), ylim=(-6, 40), xlabel="w of bmi", ylabel="w of glucose", title="Berlin, the first steps")
    map_.set_aspect("equal")
    curve.set(xlabel="steps", ylabel="excess loss", ylim=(1e-6, 1e8), title="Momentum first climbs, then wins")
    fig.legend(loc="outside lower center", ncols=3)
    plt.show()

    said = "nothing" if prediction_momentum is ... else f'"{prediction_momentum}"'
    print(f"You said {said}. Steps needed (None: never):")
    for name, (path, *_) in runs.items():
        print(f"  {steps_needed(X_berlin, path)!s:>5}  {name}")
    for part in (1.58, 1.62):
        end = excess(X_berlin, heavy_ball(slope, start, part * limit, 0.6, 1000))[-1]
        print(f"momentum 0.6, {part} times the largest step, excess after 1000 steps: {end:.3g}")

# %% [markdown]
# It begins badly: the ball overshoots, and the loss rises. But where the walk jumps from side to side, every push
# is opposite to the last, and the velocity lets them cancel. Along the valley all pushes agree, and the velocity
# lets them add up. So momentum calms the steep direction *and* hurries the gentle one. Its largest step is
# `1 + momentum` times that of plain descent, and at best the bound on the steps grows with the square *root* of the
# condition number. (Libraries also write it as `velocity = momentum * velocity + gradient(w)` and then
# `w = w - step * velocity`. That is the same path.)
#
# ## Write `Adam`
#
# Now take all ten columns as they come. Their slopes at the start differ wildly, yet one step has to serve them
# all:

# %%
columns = list(table.columns[:-1])
X_all = centred[columns].to_numpy()
slopes = gradient_for(X_all)(np.zeros(10))
print({name: float(round(slope, 1)) for name, slope in zip(columns, slopes, strict=True)})

# %% [markdown]
# Adam (Kingma and Ba, 2014) gives each parameter its own step. It keeps two running averages of the gradient g,
# both zero at first, and a count t of the gradients seen so far. This is their algorithm for one new gradient;
# everything is elementwise:
#
# | in words | in the paper |
# |---|---|
# | count this gradient | $t \leftarrow t + 1$ |
# | the average gradient: which way? | $m \leftarrow \beta_1 m + (1 - \beta_1)\, g$ |
# | the average squared gradient: how large, usually? | $v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$ |
# | correct both: they started at zero | $\hat m = m / (1 - \beta_1^t), \quad \hat v = v / (1 - \beta_2^t)$ |
# | move by direction over size | $w \leftarrow w - \text{step} \cdot \hat m / (\sqrt{\hat v} + \epsilon)$ |
#
# The corrected $\hat m$ and $\hat v$ serve this one move; $m$ and $v$ stay as they are for the next.
#
# Write `update`: it takes parameters and gradient, arrays of shape `(d,)`, and returns the new parameters. It
# leaves the arrays `w` and `g` as they are. The state is prepared: `self.t`, `self.m` and `self.v` survive from
# one update to the next, and 0.0 takes on the shape of the first gradient added to it. (The check makes
# `Adam(**settings)` and hands `update` a few gradients, one after the other, of two or three parameters.)
#
# <details><summary>Hint 1: in which order?</summary>Follow the table from top to bottom. The first line matters:
# with t = 0 the correction would divide by zero.</details>
# <details><summary>Hint 2: which names do I need?</summary>Two kinds: the raw averages that live on in
# <code>self</code>, and the corrected ones, which are local to this call.</details>
# <details><summary>Hint 3: how do I know that the correction is right?</summary>After a single update the
# corrected averages are g and g² themselves, so every parameter has moved by almost exactly <code>step</code>,
# whatever its gradient.</details>


# %% answer="Adam"
class Adam:
    """Adam's state for one set of parameters; update(w, g) returns the next parameters."""

    def __init__(self, step=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.step, self.beta1, self.beta2, self.eps = step, beta1, beta2, eps
        self.t, self.m, self.v = 0, 0.0, 0.0

    def update(self, w, g):
        """Return the parameters after one more gradient."""
        ### BEGIN SOLUTION
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g**2
        m = self.m / (1 - self.beta1**self.t)
        v = self.v / (1 - self.beta2**self.t)
        return w - self.step * m / (np.sqrt(v) + self.eps)
        ### END SOLUTION


# %% check="Adam" points=3
check.Adam(Adam)

# %% [markdown]
# Look at Adam's first move on the ten columns. Then multiply the loss by a thousand and look again.

# %%
if check.Adam.passed:
    print("first move:           ", np.round(Adam(step=0.1).update(np.zeros(10), slopes), 3))
    print("the loss times 1000: ", np.round(Adam(step=0.1).update(np.zeros(10), 1000 * slopes), 3))

# %% [markdown]
# All slopes have become moves of one length: Adam divides each by its own usual size. It cannot see the unit of a
# column, nor the unit of the loss. So, is Adam the cure? Let all of them race on the ten columns, and let plain
# descent on *standardised* columns run along. Descent and momentum take nine tenths of the largest step of plain
# descent. Momentum 0.99 was the best of 0.9, 0.98, 0.99 and 0.995, Adam's step 0.1 the best of 0.01, 0.1 and 1.


# %%
def walk(optimiser, gradient, start, steps):
    """Return the path of an optimiser that has an `update` method, shape (steps + 1, d)."""
    path = [start]
    for _ in range(steps):
        path.append(optimiser.update(path[-1], gradient(path[-1])))
    return np.array(path)


if all(task.passed for task in (check.descend, check.largest_step, check.heavy_ball, check.Adam)):
    X_even = X_all / X_all.std(axis=0)
    begin, slope, even_slope = np.zeros(10), gradient_for(X_all), gradient_for(X_even)
    step, even_step = 0.9 * largest_step(X_all), 0.9 * largest_step(X_even)
    race = {
        "descent": (X_all, descend(slope, begin, step, 33_000), "#0072B2", "-"),
        "momentum 0.99": (X_all, heavy_ball(slope, begin, step, 0.99, 3000), "#009E73", "--"),
        "Adam, step 0.1": (X_all, walk(Adam(step=0.1), slope, begin, 3000), "#D55E00", "-."),
        "descent, standardised columns": (X_even, descend(even_slope, begin, even_step, 3000), "#000000", ":"),
    }
    fig, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    print("steps needed to bring the excess down to 1 %:")
    for name, (data, path, colour, line) in race.items():
        share = excess(data, path) / excess(data, path)[0]
        axes.loglog(np.arange(1, len(path)), share[1:], line, color=colour, linewidth=2, label=name)
        print(f"  {steps_needed(data, path)!s:>6}  {name}")
    print(f"condition number: {np.linalg.cond(X_all) ** 2:,.0f} as they come,", end=" ")
    print(f"{np.linalg.cond(X_even) ** 2:,.0f} standardised")
    axes.axhline(0.01, color="0.5", linewidth=1, label="1 %")
    axes.set(xlabel="steps", ylabel="part of the excess that is left", title="Ten columns", ylim=(1e-4, 2))
    axes.legend(loc="lower left")
    plt.show()

# %% [markdown]
# Adam with step 0.1 walks for a long time. What does ten times that step do?

# %%
if check.Adam.passed:
    fig, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for length, colour, line in ((0.1, "#D55E00", "-."), (1.0, "#0072B2", "-")):
        path = walk(Adam(step=length), gradient_for(X_all), np.zeros(10), 3000)
        share = excess(X_all, path) / excess(X_all, path)[0]
        axes.semilogy(share, line, color=colour, label=f"Adam, step {length}")
    axes.axhline(0.01, color="0.5", linewidth=1, label="1 %")
    axes.set(xlabel="steps", ylabel="part of the excess that is left", title="The step that explodes, again")
    axes.set_ylim(1e-16, 100)
    axes.legend(loc="lower left")
    plt.show()

# %% [markdown]
# It arrives, and then it bursts. Near the bottom all gradients shrink, and with them the average size that Adam
# divides by: its step per unit of slope grows, until it is too long for the steepest direction. You know the rest.
# That is why one lets Adam's step shrink towards the end of a training.
#
# ## What outlives this exercise
#
# - Each step multiplies the error by `1 - step * curvature`. Beyond 2 / (largest curvature) it grows. A loss that
#   explodes says one thing: *the step is too long for the steepest direction*. It says nothing about the model.
# - **The steepest direction sets the step, the gentlest sets the time.** So mend the ground before you buy a
#   cleverer walker: one line of standardising beat them all. It is one reason why networks have normalised
#   inputs.
# - No cure takes away everything. The dotted curve has a long flat tail, because columns that rise and fall
#   together (`s1` and `s2`, two measures of cholesterol) make a gentle direction that no unit mends. Momentum
#   takes the root of the price. Adam takes the units out of it, parameter by parameter, and its step stays yours
#   to choose.
#
# **Try on your own data:** compute `largest_step` for your columns as they are and standardised, and the ratio of
# the largest to the smallest curvature for both. Then run `descend` on both, and count the steps.
#
# Next: you have divided by the standard deviation of *all* rows. If some of them are your test set, that was a
# leak: [Standardise without leakage](../models/standardise_without_leakage.ipynb).
