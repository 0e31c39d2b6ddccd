# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Automatic differentiation in sixty lines
#     minutes: 40
#     level: 3
#     needs: [fundamentals/derivatives]
#     packages: [numpy, matplotlib, scikit-learn, torch]
# ---

# %% [markdown]
# You call `loss.backward()`, and 2,410 slopes appear, or seven billion. Measured one by one they would cost two runs
# of the network *each*. Somehow they all come out of a single walk, and nobody derived a formula. For most people
# who train networks this line is magic. It is sixty lines of Python, and today you write the ones that matter.
#
# By the end you can build an engine that differentiates whatever you compute with it, and train a network on it.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from shoshin.graders.fundamentals import autodiff as check

torch.set_num_threads(1)

# %% [markdown]
# ## A number that keeps its receipts
#
# Every result gets a **node**: it holds its value, and keeps a receipt of how it was made. The receipt names its
# *parents*, the nodes that it was made from, and has a function, *pull*. The question that pull answers: **the loss
# moves g times as much as I do; so how many times as much as each of my parents does it move?**
#
# Read `plus`. If you push `a` by 0.01, then `a + b` moves by 0.01 too. So whatever the loss does in answer to the sum,
# it does in answer to `a`, and to `b`: the gradient g is handed on unchanged, once to each parent. (`lambda g: (g, g)`
# is a function without a name: it takes g and returns the pair. You may as well write a `def` inside your function.)


# %%
class Node:
    """A value, an array, that remembers what it was made from."""

    def __init__(self, value, parents=(), pull=lambda g: ()):
        self.value = np.asarray(value, dtype=float)
        self.parents = parents
        self.pull = pull  # takes the gradient of this node, returns a share for each parent, in their order
        self.grad = np.zeros(self.value.shape)


def plus(a, b):
    """Return the node of a + b."""
    return Node(a.value + b.value, (a, b), lambda g: (g, g))


# %% [markdown]
# ## Write `times`
#
# Return the node of `a * b`, entry by entry, for two nodes `a` and `b` with values of the same shape. Its parents are
# `a` and `b`; its pull takes `g` and returns the share of each. A factor may be 0. Others look at the same values:
# change neither `a` nor `b` nor `g`.
#
# <details><summary>Hint 1: how far does a product move?</summary>A field is 30 metres long and 5 metres wide. Make it
# one metre longer: how many square metres do you gain? Which of the two numbers told you?</details>
# <details><summary>Hint 2: where does g come in?</summary>The chain rule: slopes that follow one another multiply. Your
# local slope is one link, <code>g</code> is all the links between you and the loss.</details>
# <details><summary>Hint 3: what should I get?</summary>With values 3 and 5 and a <code>g</code> of 10, the shares are
# 50 and 30.</details>


# %% answer="times"
def times(a, b):
    """Return the node of a * b."""
    ### BEGIN SOLUTION
    return Node(a.value * b.value, (a, b), lambda g: (g * b.value, g * a.value))
    ### END SOLUTION


# %% check="times" points=2
check.times(times)

# %% [markdown]
# ## Write `in_order`
#
# Nodes with receipts form a **graph**: each points to its parents. Gradients will travel from the loss to the inputs.
# A node can share out its gradient only when everybody who used it has paid; so we need an order.
#
# Return from `in_order(node)` the list of all nodes that `node` was made from, directly or not, and of `node` itself.
# Every node stands in it **once**, and **after all of its parents**. So `node` is the last. There are several such
# lists for most graphs; any of them is right. Two nodes may hold equal values and are still two. A second call, for
# this graph or for another, begins afresh. (Where a card shows `{'c': ('a', 'b')}`, node c has the parents a and b.)
#
# <details><summary>Hint 1: who gets dressed first?</summary>Shoes want socks first, and trousers too. To put a thing
# on, first put on all that it wants; then the thing itself. Somebody already wearing socks does not put them on
# again.</details>
# <details><summary>Hint 2: which form has the code?</summary>A function inside the function, <code>visit(node)</code>,
# that calls itself for every parent. Around it, still inside <code>in_order</code>, live a list for the order and a set
# of those who were visited: nodes can be put into sets.</details>
# <details><summary>Hint 3: when do I append?</summary>Appending on arrival puts a node before its parents. What must
# have happened before?</details>


# %% answer="in_order"
def in_order(node):
    """Return node and all that it was made from: a list, each once, parents first."""
    ### BEGIN SOLUTION
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(node)
    return order
    ### END SOLUTION


# %% check="in_order" points=2
check.in_order(in_order)

# %% [markdown]
# ## Write `backward`
#
# Now the walk. In `backward(loss)`, fill in the `grad` of every node in `in_order(loss)`: how many times as much
# `loss` moves as that node. `loss` holds a single number; the `grad` of each node has the shape of its value. (It
# calls your `in_order`, so that one has to pass first.)
#
# - Begin from zero at every call, whatever the `grad`s held before: a second call gives the same gradients.
# - The `grad` of `loss` itself is 1.
# - A node that was used twice receives two shares. They add up: pushing it moves the loss along both ways.
# - Return nothing. (Where a card shows `('c', 'times', 'a', 'b')`, node c was made by `times(a, b)`; `total` adds up
#   an array.)
#
# <details><summary>Hint 1: what does it look like?</summary>Water poured in at the loss runs down to the inputs. Each
# node waits until all that it will get has arrived, then pours it on to its parents, in shares. Nobody pours
# twice.</details>
# <details><summary>Hint 2: which way does the list run?</summary><code>in_order</code> has parents first and the loss
# last. The water begins at the loss: <code>reversed</code>.</details>
# <details><summary>Hint 3: how do shares find their parents?</summary><code>node.pull(node.grad)</code> returns as many
# shares as there are parents, in the same order: <code>zip</code> makes pairs. A node without parents returns no
# share.</details>


# %% answer="backward"
def backward(loss):
    """Fill in the grad of every node that loss was made from."""
    ### BEGIN SOLUTION
    order = in_order(loss)
    for node in order:
        node.grad = np.zeros(node.value.shape)
    loss.grad = np.ones(loss.value.shape)
    for node in reversed(order):
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            parent.grad = parent.grad + share
    ### END SOLUTION


# %% check="backward" points=3
check.backward(backward)


# %% [markdown]
# Is it right? You need no second engine to find out. Here is the `slope` from the exercise before, which measures.


# %%
def slope(f, x, h):
    """Return the slope of f at x, measured between x - h and x + h."""
    return (f(x + h) - f(x - h)) / (2 * h)


def draw(axes, places):
    """Draw the nodes of a graph at their places, {node: (x, y, name)}, each with its value and its gradient."""
    boxes = {}
    for node, (x, y, name) in places.items():
        text = f"{name}\nvalue {float(node.value):g}\ngrad {float(node.grad):g}"
        look = {"boxstyle": "round", "facecolor": "#CDE4F3" if node.parents else "#FBE3C0"}
        label = axes.text(x, y, text, ha="center", va="center", color="black", bbox=look)
        boxes[node] = label.get_bbox_patch()
    for node, (x, y, _) in places.items():
        for number, parent in enumerate(node.parents):
            bend = 0.35 - 0.7 * number if node.parents.count(parent) > 1 else 0.0
            look = {"arrowstyle": "-|>", "color": "0.5", "shrinkA": 4, "shrinkB": 4, "mutation_scale": 16}
            look |= {"connectionstyle": f"arc3,rad={bend}", "patchA": boxes[parent], "patchB": boxes[node]}
            axes.annotate("", (x, y), places[parent][:2], arrowprops=look)
    axes.set(xlim=(-0.4, 3.5), ylim=(-1.6, 1.6))
    axes.axis("off")


if check.times.passed and check.in_order.passed and check.backward.passed:
    a, b = Node(2.0), Node(-3.0)
    product = times(a, b)
    total = plus(product, a)
    square = times(total, total)
    backward(square)
    figure, axes = plt.subplots(figsize=(9, 3.8), layout="constrained")
    draw(axes, {
        a: (0, 1, "a"),
        b: (0, -1, "b"),
        product: (1, -0.5, "a · b"),
        total: (2, 0.3, "total: a · b + a"),
        square: (3.1, 0.3, "loss: total²"),
    })  # fmt: skip
    axes.set_title("Values flow to the right, gradients to the left")
    plt.show()

    print(f"measured slope along a: {slope(lambda a: (a * -3 + a) ** 2, 2.0, 6e-6):.6f}")
    print(f"measured slope along b: {slope(lambda b: (2 * b + 2) ** 2, -3.0, 6e-6):.6f}")

# %% [markdown]
# Check one by hand: `a` is used twice. Through the sum it receives -8, through the product -8 times -3, which is 24.
# Together 16, as measured. And `total` is multiplied by itself, so it receives two equal shares; your engine has
# found out that the slope of a square is `2 * total`, and nobody told it.
#
# ## Write `matmul`
#
# A layer of a network is a product of tables: n rows of data times a table of weights. Return the node of
# `a.value @ b.value`, where the values have shapes (n, k) and (k, m). The gradient `g` that arrives has the shape of
# the result, (n, m). Its pull returns two shares, of the shapes of `a` and of `b`.
#
# For orientation: each entry of the result is a sum of products. So each share is again a table product, of `g` and
# the *other* table, turned where needed (`.T` exchanges rows and columns). Where n, k and m differ, the shapes leave
# only one way. As before, change neither `a` nor `b` nor `g`.
#
# <details><summary>Hint 1: what do I do if I know nothing?</summary>A jigsaw. The share of <code>a</code> must be
# (n, k). You have <code>g</code>, which is (n, m), and the other table, (k, m). How do you lay them side by side so
# that the inner numbers meet and disappear?</details>
# <details><summary>Hint 2: does the order matter?</summary>Yes: for one share <code>g</code> stands on the left, for
# the other one on the right. Square tables fit in any order, so try it with a table that is not square.</details>


# %% answer="matmul"
def matmul(a, b):
    """Return the node of a @ b, for tables of shapes (n, k) and (k, m)."""
    ### BEGIN SOLUTION
    return Node(a.value @ b.value, (a, b), lambda g: (g @ b.value.T, a.value.T @ g))
    ### END SOLUTION


# %% check="matmul" points=2
check.matmul(matmul)

# %% [markdown]
# A network needs three more operations. Here they are. Read the pulls: `add_bias` adds one row to *every* row of x, so
# the bias was used n times and receives n shares, added up. `relu` passes on what was positive and blocks the rest.
# `cross_entropy` is the usual loss of a classifier: how surprised it is by the true labels, on average.


# %%
def add_bias(x, b):
    return Node(x.value + b.value, (x, b), lambda g: (g, g.sum(axis=0)))


def relu(x):
    return Node(np.maximum(x.value, 0), (x,), lambda g: (g * (x.value > 0),))


def cross_entropy(scores, labels):
    powers = np.exp(scores.value - scores.value.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    truth = np.eye(p.shape[1])[labels]
    loss = -np.mean(np.log(p[np.arange(len(p)), labels]))
    return Node(loss, (scores,), lambda g: (g * (p - truth) / len(p),))


# %% [markdown]
# And here is a network of two layers for scikit-learn's 1,797 handwritten digits (8 by 8 pixels): 64 pixels in, 32
# units in the middle, ten scores out. That makes 2,410 parameters in four nodes.

# %%
digits = load_digits()
X, X_test, y, y_test = train_test_split(digits.data / 16, digits.target, test_size=0.25, random_state=0)


def new_parameters(seed=0):
    rng = np.random.default_rng(seed)
    W1, W2 = rng.normal(size=(64, 32)) * np.sqrt(2 / 64), rng.normal(size=(32, 10)) * np.sqrt(2 / 32)
    return [Node(W1), Node(np.zeros(32)), Node(W2), Node(np.zeros(10))]


def network(pixels, parameters):
    """Return the node of ten scores per row of the node `pixels`."""
    W1, b1, W2, b2 = parameters
    middle = relu(add_bias(matmul(pixels, W1), b1))
    return add_bias(matmul(middle, W2), b2)


# %% [markdown]
# ## Predict: the price of 2,410 slopes
#
# Measuring them costs 4,820 runs of the network, from the pixels to the loss. One `backward` gives them all. How many
# such runs does one `backward` cost in time, roughly?

# %% answer="prediction_price"
prediction_price = ...  # a number of runs
### BEGIN SOLUTION
prediction_price = 100
### END SOLUTION

# %%
engine_works = all(task.passed for task in (check.times, check.in_order, check.backward, check.matmul))


def seconds_of(*works):
    """Return for each work the shortest of fifty times: what it takes when nobody else disturbs."""
    times_taken = np.empty((50, len(works)))
    for row in times_taken:
        for i, work in enumerate(works):
            began = time.perf_counter()
            work()
            row[i] = time.perf_counter() - began
    return times_taken.min(axis=0)


def torch_copy(parameters):
    return [torch.tensor(node.value, requires_grad=True) for node in parameters]


def torch_loss(parameters):
    W1, b1, W2, b2 = parameters
    scores = torch.relu(torch.tensor(X) @ W1 + b1) @ W2 + b2
    return torch.nn.functional.cross_entropy(scores, torch.tensor(y))


if engine_works:
    parameters = new_parameters()
    loss = cross_entropy(network(Node(X), parameters), y)
    run_time, backward_time = seconds_of(
        lambda: cross_entropy(network(Node(X), parameters), y),
        lambda: backward(loss),
    )
    price = backward_time / run_time
    said = "nothing" if prediction_price is ... else prediction_price
    print(f"You said {said}. Measured here: all 2,410 slopes for the price of {price:.1f} runs, instead of 4,820.\n")

    theirs = torch_copy(parameters)
    torch_loss(theirs).backward()
    for name, mine, other in zip(("W1", "b1", "W2", "b2"), parameters, theirs, strict=True):
        gap = np.abs(mine.grad - other.grad.numpy()).max() / np.abs(mine.grad).max()
        print(f"{name}: {mine.value.size:5} slopes, error relative to torch {gap:.0e}")

# %% [markdown]
# A run or two, and it stays so for seven billion parameters: each pull costs about as much as the operation it belongs
# to, at most twice as much (`matmul` has two shares to compute), and every node pulls once. (Much more? Then the
# machine was busy: run the cell again.) And up to rounding the slopes are what torch computes. This is
# **reverse-mode automatic differentiation**; for networks its name is **backpropagation**. Now use it.
#
# ## Write `train`
#
# Return from `train(forward, parameters, step, steps)` the list of the losses, one number per step. `forward` is a
# function without arguments: it computes the loss from what the parameters hold *at that moment* and returns its
# node. `parameters` is a list of nodes. Take all of the `steps` steps, even if the loss grows. In each step:
#
# 1. compute the loss, and note its value (so the first number is the loss before anything has moved);
# 2. fill in the gradients with your `backward` (it has to pass first);
# 3. move the value of every parameter by minus `step` times its `grad`. The nodes in the list stay the same ones.
#
# <details><summary>Hint 1: how does one walk down in fog?</summary>Feel the slope, take a step, and feel again: what
# you felt at the last place says nothing about this one. So which of the lines stand inside the loop?</details>
# <details><summary>Hint 2: what moves?</summary>Not the name, and not the node: what the node holds. A parameter is a
# <code>Node</code>; look at its attributes.</details>


# %% answer="train"
def train(forward, parameters, step, steps):
    """Train the parameters by gradient descent; return the loss before each step."""
    ### BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        loss = forward()
        backward(loss)
        for parameter in parameters:
            parameter.value = parameter.value - step * parameter.grad
        losses.append(float(loss.value))
    return losses
    ### END SOLUTION


# %% check="train" points=2
check.train(train)

# %%
if engine_works and check.train.passed:
    parameters = new_parameters()
    theirs, their_losses = torch_copy(parameters), []
    losses = train(lambda: cross_entropy(network(Node(X), parameters), y), parameters, step=0.5, steps=50)
    for _ in range(50):
        loss = torch_loss(theirs)
        loss.backward()
        their_losses.append(loss.item())
        with torch.no_grad():
            for parameter in theirs:
                parameter -= 0.5 * parameter.grad
                parameter.grad = None

    figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
    axes.plot(their_losses, color="#E69F00", linewidth=8, alpha=0.5, label="torch")
    axes.plot(losses, "--", color="#0072B2", linewidth=2, label="your engine")
    axes.set(xlabel="step", ylabel="loss", title="Two layers, 2,410 parameters, your own engine")
    axes.legend()
    plt.show()
    right = network(Node(X_test), parameters).value.argmax(axis=1) == y_test
    print(f"largest gap between the two curves: {np.abs(np.subtract(losses, their_losses)).max():.0e}")
    print(f"test digits, which no step has seen, named right: {right.mean():.1%}")

# %% [markdown]
# One thing is left over. `backward` filled in *every* node, so the pixels have received a gradient too. What is it good
# for? It says how to change the *image* so that the loss grows. Take test images that the network names right, and
# push every pixel a little uphill, again and again, until the network changes its mind.

# %%
if engine_works and check.train.passed:
    figure, panels = plt.subplots(3, 5, figsize=(9, 6), layout="constrained")
    for column, number in zip(panels.T, np.flatnonzero(right)[:5], strict=True):
        label, image = y_test[[number]], Node(X_test[[number]])
        first_grad, named = None, label[0]
        while named == label[0]:
            backward(cross_entropy(network(image, parameters), label))
            first_grad = image.grad if first_grad is None else first_grad
            uphill = image.grad / np.linalg.norm(image.grad)
            image = Node(np.clip(image.value + 0.1 * uphill, 0, 1))
            named = network(image, parameters).value.argmax()
        limit = np.abs(first_grad).max()
        column[0].imshow(X_test[number].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        column[1].imshow(first_grad.reshape(8, 8), cmap="PuOr", vmin=-limit, vmax=limit)
        column[2].imshow(image.value.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        column[0].set_title(f'named "{label[0]}"')
        column[2].set_title(f'named "{named}"')
        for axes in column:
            axes.set(xticks=[], yticks=[])
    for axes, text in zip(panels[:, 0], ("image", "gradient of\nthe pixels", "pushed uphill"), strict=True):
        axes.set_ylabel(text)
    plt.show()

# %% [markdown]
# A grey veil has come up, a stroke or two has faded, and the network reads another digit. Would you? In 8 by 8 pixels
# you can see what was done; a photograph has a hundred thousand pixels, and there pushes too small for the eye are
# enough. Such images are called **adversarial examples**, and your sixty lines have made them. (Violet pixels would
# raise the loss if they were darker, orange ones if they were lighter.)
#
# ## Take away
#
# > **Every operation needs to know one thing only: how to share out the gradient that arrives.** Walk back through the
# > receipts, let shares add up where a value was used twice, and any program differentiates itself.
#
# That is why nobody derives gradients any more, and why a new layer needs one forward and one pull. Two things to keep
# in mind with PyTorch: its `grad` adds up over calls (you begin from zero, there you call `zero_grad`), and it holds
# every value on the way until the walk is done, which is why training takes so much more memory than using a network.
#
# **On your own data:** write the node of `tanh` (its slope is one minus the square of its value), put it in the place
# of `relu`, and compare its gradients with measured ones.
#
# **Next:** you have the slopes. How long may a step be? See
# [Gradient descent](../fundamentals/gradient_descent.ipynb).
