# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Derivatives, and how to convict a wrong one
#     minutes: 40
#     level: 2
#     needs: [fundamentals/arrays_without_loops]
#     packages: [numpy, matplotlib, scikit-learn]
# ---

# %% [markdown]
# Your model trains. The loss falls, the curve looks healthy, the accuracy is fine. And one of the slopes that steer
# it has a wrong factor, copied from a formula in haste. Nothing crashes, nothing warns: a wrong gradient trains too,
# towards a slightly different place. How would you ever notice?
#
# By the end you can measure the slope of any function without calculus, and use that to convict a wrong gradient.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer

from shoshin.graders.fundamentals import derivatives as check

# %% [markdown]
# ## Measure a slope
#
# A **derivative** answers one question: *if I push the input a little, how many times as much does the output move?*
# Standing on a road at x, you could look a step h ahead and divide the rise by the run. If the road bends, that is
# the slope of the road ahead. Better: look as far back as ahead, and draw the line through those two places.
#
# Write `slope(f, x, h)`: return the rise of `f` from `x - h` to `x + h`, divided by the run between these two places.
# This is the **central difference**.
#
# <details><summary>Hint 1: what is a run?</summary>A road that climbs 6 metres while you walk 100 metres has a slope
# of 0.06. From h metres behind you to h metres ahead, how far do you walk?</details>
# <details><summary>Hint 2: how do I test it by hand?</summary>On a straight road every step gives the same answer:
# for <code>f(x) = 3 * x</code> your slope is 3, whatever x and h.</details>


# %% answer="slope"
def slope(f, x, h):
    """Return the slope of f at x, measured between x - h and x + h."""
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


# %% check="slope" points=2
check.slope(slope)


# %%
def slope_ahead(f, x, h):
    """Return the slope of the road ahead: from x to x + h."""
    return (f(x + h) - f(x)) / h


if check.slope.passed:
    x, h, road = 1.0, 0.7, np.linspace(-0.2, 2.4, 100)
    figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
    axes.plot(road, np.sin(road), color="black", linewidth=2, label="f = sin")
    for name, value, style, colour, ends, marker in (
        ("true slope", np.cos(x), "-", "#999999", [], ""),
        ("look ahead", slope_ahead(np.sin, x, h), "--", "#D55E00", [x, x + h], "s"),
        ("look ahead and back: yours", slope(np.sin, x, h), ":", "#0072B2", [x - h, x + h], "o"),
    ):
        foot = ends[0] if ends else x
        line = np.sin(foot) + value * (road - foot)
        axes.plot(road, line, style, color=colour, linewidth=2, label=f"{name}: {value:.3f}")
        axes.plot(ends, np.sin(ends), marker, color=colour, markersize=8 if marker == "o" else 15, fillstyle="none")
    axes.plot(x, np.sin(x), "*", color="black", markersize=14)
    axes.set(xlabel="x", ylabel="f(x)", ylim=(-0.3, 1.6), title=f"The slope at the star, with a step of h = {h}")
    axes.legend(loc="lower right")
    plt.show()

# %% [markdown]
# Your line does not touch the curve at the star, but it runs almost parallel to the true one. With a shorter step it
# would be better still. How far can you push that?
#
# ## Predict: the best step
#
# You measure the slope of the sine at x = 1, where the true one is known (it is cos 1). Which of these steps gives
# the most exact answer: `1e-2`, `1e-5`, `1e-10` or `1e-15`? Put down a guess; it is not graded.

# %% answer="prediction_step"
prediction_step = ...  # 1e-2, 1e-5, 1e-10 or 1e-15
### BEGIN SOLUTION
prediction_step = 1e-15
### END SOLUTION

# %%
if check.slope.passed:
    steps = 10.0 ** np.arange(-16, 0.01, 0.1)
    kinds = {"look ahead": (slope_ahead, "#D55E00", "s"), "look ahead and back: yours": (slope, "#0072B2", "o")}
    figure, axes = plt.subplots(figsize=(8, 4.6), layout="constrained")
    for name, (measure, colour, marker) in kinds.items():
        errors = np.array([abs(measure(np.sin, 1.0, h) - np.cos(1.0)) for h in steps])
        axes.loglog(steps, errors, marker, color=colour, markersize=4, alpha=0.7, label=name)
    axes.set(xlabel="step h", ylabel="error of the slope", title="Shorter is better, until it is much worse")
    axes.invert_xaxis()
    axes.legend(loc="upper center")
    plt.show()

    said = "nothing" if prediction_step is ... else prediction_step
    print(f"You said {said}. The errors of your slope:")
    for h in (1e-2, 1e-5, 1e-10, 1e-15):
        print(f"  h = {h:5.0e}   {abs(slope(np.sin, 1.0, h) - np.cos(1.0)):.0e}")

# %% [markdown]
# A V. On its left arm calculus is right: a step ten times shorter makes your error a hundred times smaller (the other
# one's ten times: that is what looking back buys). Then the error turns and climbs, dot by dot more ragged. With the
# shortest step, looking ahead finds no rise at all: its error is as large as the slope itself. Yours is wrong in the
# second digit. What happened? Take a microscope and look at the sine at x = 1.

# %%
figure, panels = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
titles = {1.0: "as it is", 1e-8: "100 million times enlarged", 1e-15: "1e15 times enlarged"}
for axes, (width, title) in zip(panels, titles.items(), strict=True):
    asked = np.linspace(-1, 1, 801)
    height = (np.sin(1.0 + width * asked) - np.sin(1.0)) / width
    axes.plot(asked, np.cos(1.0) * asked, "--", color="#D55E00", linewidth=1, label="true slope")
    axes.plot(asked, height, color="#0072B2", label="computed sine")
    axes.set(xlabel=f"distance from x = 1, in units of {width:g}", title=title)
panels[0].set_ylabel("rise from sin 1, in the same units")
panels[0].legend()
plt.show()

# %% [markdown]
# Enlarged a hundred million times, the curve is a straight line, as calculus promises. Enlarged further it is a
# **staircase**: a `float64` keeps about 16 digits, so neither x nor sin x can move by less than about 1e-16. On a
# staircase, a short step meets either a flat tread or a whole riser, and neither has the slope of the hill. Calculus
# has a limit "h to zero"; a computer has a best h. For your slope it is about the cube root of 2e-16: 6e-6.
#
# ## Write `gradient`
#
# A model has many parameters. Its **gradient** is one slope for each of them: push this one, hold all others still,
# and watch the loss. It is what every training step follows.
#
# Return `gradient(loss, w)`: an array of the shape of `w`, which holds the slope of `loss` along each entry of `w`,
# measured ahead and back. `loss` is a function that takes an array of that shape and returns a number.
#
# - For the entry `v` of `w`, use the step `6e-6 * max(1, abs(v))`. So the step is never zero, and beside a parameter
#   of 1e12 it does not vanish. Each entry has its own step.
# - `w` may have any shape, such as `(3,)` or `(2, 3)`.
# - `w` may hold whole numbers (dtype `int64`); your slopes are floats all the same.
# - Leave `w` itself as it was.
#
# The last point is where most people slip: what they push is no copy. Here is your `writes_through` from
# [Arrays without loops](../fundamentals/arrays_without_loops.ipynb) again, asked about five ways to get hold of `w`.


# %%
def writes_through(make, array):
    """Return whether writing into make(array) changes the array that it was made from."""
    subject = array.copy()
    made = make(subject)
    made += 1
    return not np.array_equal(subject, array)


for way, make in {
    "w": lambda w: w,
    "w[:]": lambda w: w[:],
    "w.ravel()": lambda w: w.ravel(),
    "np.asarray(w, float)": lambda w: np.asarray(w, float),
    "w.astype(float)": lambda w: w.astype(float),
}.items():
    print(f"{way:21}", "pushes w too" if writes_through(make, np.zeros((2, 3))) else "is a copy")

# %% [markdown]
# <details><summary>Hint 1: what moves, what stays?</summary>A mixing desk with many sliders. You learn what one does
# by moving that one a little up, a little down, and putting it back. Every slider has its turn.</details>
# <details><summary>Hint 2: how do I visit every entry, whatever the shape?</summary>
# <code>for i in np.ndindex(w.shape)</code> gives index after index; <code>w[i]</code> then is one number, also in a
# table.</details>
# <details><summary>Hint 3: how many copies?</summary>One of the five ways above makes a new array of floats, from whole
# numbers too. You need a pushed copy for each side.</details>


# %% answer="gradient"
def gradient(loss, w):
    """Return the slopes of loss at w, measured one by one; an array of the shape of w."""
    ### BEGIN SOLUTION
    slopes = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        h = 6e-6 * max(1, abs(w[i]))
        ahead, behind = w.astype(float), w.astype(float)
        ahead[i] += h
        behind[i] -= h
        slopes[i] = (loss(ahead) - loss(behind)) / (2 * h)
    return slopes
    ### END SOLUTION


# %% check="gradient" points=3
check.gradient(gradient)

# %% [markdown]
# You can now differentiate *anything that runs*: no formula, no rules. So why does nobody train networks like this?
# Count. Every slope costs two runs of the loss. For a model with a million parameters one training step costs two
# million runs. The way out is to use what you know about the inside of the function.
#
# ## Write `chain`
#
# Three gears in a row. The first turns the second twice as fast, the second turns the third three times as fast: then
# the last one turns six times as fast as the first. Or money: euros to dollars to yen. Rates that follow one another
# **multiply**. That is the **chain rule**, and it is all that backpropagation knows:
#
# $$\frac{dz}{dx} = \frac{dz}{dy} \cdot \frac{dy}{dx}$$
#
# One thing differs from gears: a function has another slope at every place. For example, x = 3 goes through a square
# and then a doubling: 3 → 9 → 18. The square has slope `2 * x`, which is 6 at 3; doubling has slope 2. Total: 12.
#
# Return `(value, slope)` from `chain(links, x)`. `links` is a list of pairs `(f, derivative)`, both functions of one
# number, in the order of travel: `x` enters the first `f`, its output enters the second, and so on. `value` is what
# comes out at the end, `slope` how many times as much it moves as `x` does. The list holds one link or more. Use the
# given derivatives; nothing has to be measured.
#
# <details><summary>Hint 1: what does the second link see?</summary>Walk along the chain with a number in your hand.
# Each link takes it and gives you another one. Ask the link for its slope before you hand over the number, at that
# very number.</details>
# <details><summary>Hint 2: what do I carry along?</summary>Two numbers: the value so far and the product so far.
# Before the first link, which product is it?</details>


# %% answer="chain"
def chain(links, x):
    """Return (value, slope) of the chain of links at x."""
    ### BEGIN SOLUTION
    value, total = x, 1.0
    for f, derivative in links:
        total *= derivative(value)
        value = f(value)
    return value, total
    ### END SOLUTION


# %% check="chain" points=2
check.chain(chain)

# %% [markdown]
# ## Predict: twenty layers
#
# For decades the standard link of a neural network was the **sigmoid**, an S-shaped curve that squashes every number
# to between 0 and 1. Put 20 of them in a row and push the input a little. What fraction of the push, roughly, arrives
# at the output?

# %% answer="prediction_depth"
prediction_depth = ...  # a number, such as 0.5
### BEGIN SOLUTION
prediction_depth = 0.01
### END SOLUTION


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


LINKS = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "ReLU: max(z, 0)": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
}

if check.chain.passed and check.slope.passed:
    depths = np.arange(1, 31)
    figure, axes = plt.subplots(figsize=(8, 4.6), layout="constrained")
    for (name, link), (colour, style) in zip(
        LINKS.items(), [("#0072B2", "o-"), ("#009E73", "s--"), ("#000000", "^:")], strict=True
    ):
        slopes = [chain([link] * depth, 1.0)[1] for depth in depths]
        axes.semilogy(depths, slopes, style, color=colour, markersize=4, label=f"{name}, chain rule")
    measured = [slope(lambda x, n=depth: chain([LINKS["sigmoid"]] * n, x)[0], 1.0, 6e-6) for depth in depths]
    axes.semilogy(depths, np.where(np.array(measured) == 0, np.nan, np.abs(measured)), "x", color="#D55E00",
                  markersize=8, label="sigmoid, measured by your slope")  # fmt: skip
    axes.set(xlabel="links in the chain", ylabel="slope at the end", title="How much of a push arrives?")
    axes.legend(loc="lower left")
    plt.show()
    arrives = chain([LINKS["sigmoid"]] * 20, 1.0)[1]
    said = "nothing" if prediction_depth is ... else prediction_depth
    print(f"You said {said}. After 20 sigmoids {arrives:.1e} of the push arrives.")
    print(f"The steepest slope that a sigmoid has anywhere: {LINKS['sigmoid'][1](0.0)}")
    print(f"Your measured slope after 20 sigmoids: {measured[19]}")

# %% [markdown]
# A product of small factors dies quickly, and no sigmoid passes on more than a quarter. So in a deep sigmoid network
# the first layers feel next to nothing of the loss and do not learn. This is the **vanishing gradient**; it is why
# today's networks prefer links such as ReLU, whose slope is 1 for every positive input. And see where the crosses end:
# there the signal is lower than a riser of the staircase, and your measured slope is exactly zero. The chain rule goes
# on counting.
#
# So formulas for training: fast, and exact where measuring fails. Measurement for *checking* them.
#
# ## Write `gradient_error`
#
# Is a gap of 0.001 between formula and measurement a lot? If the slopes are about 100, it is nothing. If they are
# about 0.001, it is everything.
#
# Return `gradient_error(a, b)`, one number for two arrays of the same shape, such as `(3,)` or `(2, 3)`: the largest
# gap between entries in the same place, divided by the size of the largest entry of `a` or `b`, whichever is larger.
# Gaps and sizes are absolute values. If all entries of both are zero, return 0.
#
# <details><summary>Hint 1: compared with what?</summary>A centimetre is much for a watchmaker and nothing for a
# roadbuilder. You need two numbers: how large is the worst gap, and how large are the things themselves?</details>
# <details><summary>Hint 2: which case needs a thought?</summary>Two gradients of nothing but zeros agree perfectly,
# but 0 / 0 is <code>nan</code>. Look at the divisor before you divide.</details>


# %% answer="gradient_error"
def gradient_error(a, b):
    """Return the largest gap between two gradients, relative to the largest entry of either."""
    ### BEGIN SOLUTION
    largest = max(np.abs(a).max(), np.abs(b).max())
    return np.abs(a - b).max() / largest if largest > 0 else 0.0
    ### END SOLUTION


# %% check="gradient_error" points=2
check.gradient_error(gradient_error)

# %% [markdown]
# ## Convict
#
# The breast cancer data that come with scikit-learn: 569 tumours, of which 212 are malignant. A model with four
# columns and no more than a sigmoid is to tell which. Its loss has two parts: how surprised it is by the truth, and
# a **penalty** for large weights. You need not know why the loss looks like this. You can measure its slopes!

# %%
data = load_breast_cancer()
X = data.data[:, [1, 4, 7, 8]]  # texture, smoothness, concave points, symmetry
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = 1.0 - data.target  # 1 is malignant
n = len(X)


def loss(w):
    p = sigmoid(X @ w)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + 0.05 * np.sum(w**2)


# %% [markdown]
# Five colleagues have each derived the gradient of this loss on paper. (`lambda w: …` is a function of w without a
# name.)

# %%
formulas = {
    "ada": lambda w: X.T @ (sigmoid(X @ w) - y) / n + 0.1 * w,
    "ben": lambda w: X.T @ (sigmoid(X @ w) - y) / n + 0.05 * w,
    "cleo": lambda w: X.T @ (sigmoid(X @ w) - y) / (n - 1) + 0.1 * w,
    "dan": lambda w: X.T @ (sigmoid(X @ w) * (1 - y) - sigmoid(-X @ w) * y) / n + 0.1 * w,
    "eve": lambda w: X.T @ (sigmoid(X @ w) - y) / n + 0.1 * np.abs(w),
}
looks = {"ada": ("#000000", "-"), "ben": ("#D55E00", "-."), "cleo": ("#0072B2", "--"), "dan": ("#E69F00", ":"),
         "eve": ("#009E73", (0, (1, 4)))}  # fmt: skip

figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
for width, (name, formula) in zip((7, 2.5, 4, 2.5, 2.5), formulas.items(), strict=True):
    w, losses = np.zeros(4), []
    for _ in range(16):
        losses.append(loss(w))
        w = w - formula(w)
    colour, style = looks[name]
    alpha = 0.25 if name == "ada" else 1
    axes.plot(
        losses, color=colour, linestyle=style, linewidth=width, alpha=alpha, label=f"{name}: ends at {losses[-1]:.4f}"
    )
axes.set(xlabel="training steps", ylabel="loss", title="Five gradients, not all of them right")
axes.legend()
plt.show()

# %% [markdown]
# All five train. Four curves lie on top of one another. Set `wrong` to the set of the names whose formula is wrong:
# at *some* `w`, it differs from the gradient of `loss` by more than rounding can explain. Try it at several places,
# in a cell of your own: with `gradient(loss, w)`, `formulas["ada"](w)` and `gradient_error`.
#
# <details><summary>Hint 1: where should I look?</summary>A detective who visits only one street acquits many. Zero is
# the most comfortable place: there, several faults multiply something that is zero. All ones is comfortable too. What
# about <code>np.random.default_rng(0).normal(size=4)</code>?</details>
# <details><summary>Hint 2: how large may an error be?</summary>Print the errors of all five side by side. They fall
# into two heaps, with a wide empty space between them.</details>
# <details><summary>Hint 3: may I judge by the looks?</summary>No. One of them looks strange because it says the same
# in other words. Another looks right.</details>

# %% answer="wrong"
wrong = ...  # for example {"ada", "dan"}
### BEGIN SOLUTION
wrong = {
    name
    for name, formula in formulas.items()
    for w in np.random.default_rng(0).normal(size=(5, 4))
    if gradient_error(formula(w), gradient(loss, w)) > 1e-6
}
### END SOLUTION

# %% check="wrong" points=2
check.wrong(wrong)

# %%
if check.wrong.passed and check.gradient.passed and check.gradient_error.passed:
    places = {"all zeros": np.zeros(4), "all ones": np.ones(4), "random": np.random.default_rng(0).normal(size=4)}
    figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
    for (place, w), marker, colour in zip(places.items(), "s^o", ("#D55E00", "#009E73", "#0072B2"), strict=True):
        errors = [gradient_error(formula(w), gradient(loss, w)) for formula in formulas.values()]
        axes.semilogy(list(formulas), errors, marker, color=colour, markersize=10, alpha=0.7, label=f"at {place}")
    axes.axhspan(1e-7, 1e-4, color="0.9")
    axes.text(2, 3e-6, "the gap between rounding and a mistake", ha="center", va="center", color="black")
    axes.set(ylabel="gradient error", title="Only a place with nothing special about it convicts them all")
    figure.legend(loc="outside right upper")
    plt.show()

# %% [markdown]
# Ben forgot that the square doubles its factor. Cleo divides by one too few: her curve is the right one to the eye.
# Eve is right as long as no weight is negative, and on these data none ever is; her mistake sleeps until the next
# data set. Dan is right in other words. Ben's training curve at least climbs at the end; the other two mistakes left no
# trace in theirs.
#
# ## Take away
#
# > **Any gradient can be checked against two runs of the loss per parameter.** Do it at a random place with both
# > signs, with a step near 6e-6 in `float64`, and compare relatively: rounding leaves less than 1e-7, a mistake
# > usually more than 1e-4.
#
# A derivative says how many times as much the output moves; slopes along a chain multiply; a measured slope has a best
# step, and it is not the smallest. Two warnings: `float32` has 7 digits and a best step near 5e-3; and at a kink, such
# as that of ReLU at 0, even an honest formula and the measurement differ. `torch.autograd.gradcheck` does what you
# have built.
#
# **On your own data:** take a loss that you have written yourself. Compare its gradient with `gradient(loss, w)` at
# three random places.
#
# **Next:** formulas are fast and people make mistakes in them. Let a program apply the chain rule for you:
# [Automatic differentiation in sixty lines](../fundamentals/autodiff.ipynb).
