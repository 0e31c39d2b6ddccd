# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: "A graph first, or line by line?"
#     minutes: 45
#     level: 3
#     needs: [fundamentals/autodiff, explore/pandas_vs_dask]
#     packages: [numpy, torch, matplotlib, threadpoolctl]
# ---

# %% [markdown]
# Training turns to `nan`. You add `print(loss)`: it prints once, before the first batch, and what it prints is no
# number but `Tensor("Mean:0")`. You add `if isnan(loss): skip`, and that does not do what it says either. So it was for
# everybody who trained networks with Theano or the first TensorFlow. PyTorch ended it in 2017, and in 2023 it brought a
# piece of it back: `torch.compile`.
#
# By the end you can tell, for any line of a model, whether it runs while a graph is built or each time the graph
# runs, and decide with numbers when a graph pays.

# %%
import re
import time
import tracemalloc
import weakref

import matplotlib.pyplot as plt
import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch.utils._python_dispatch import TorchDispatchMode

from shoshin.graders.explore import static_vs_eager as check

# One core for either side: the times are comparable, and jobs as small as ours gain little from a second one.
torch.set_num_threads(1)
threadpool_limits(1)


def ready(*tasks):
    """Whether these checks have passed; if not, say which ones this cell waits for."""
    missing = [task for task in tasks if not getattr(check, task).passed]
    if missing:
        print("This cell waits until these checks have passed:", ", ".join(missing))
    return not missing


# %% [markdown]
# ## The job, line by line
#
# A network learns how much power a wind turbine gives, in MW, from its sensors: wind, gusts, temperature, and a
# column of ones. Batches come in every hour, and they are as sensors are: one holds a missing reading (`nan`), one
# has no rows at all (the line was down), one a single row, and one is from a night when every sensor read 0, the ones
# too, so that each unit of the network sits exactly on the corner of its `relu`. A batch whose loss is `nan` must be
# skipped: **one such step makes all weights `nan`, for good.**
#
# In PyTorch the job reads like ordinary Python, and it is. This is called **eager**: each line computes when Python
# comes to it. Note that the network is called twice, once for the report and once for the loss. Nobody tidied up.

# %%
RATE = 0.02


def eager_step(x, y, w1, w2):
    """Return the mean miss in MW, and both weights after one step; a bad batch leaves them as they are."""
    w1, w2 = w1.detach().requires_grad_(), w2.detach().requires_grad_()
    miss = (torch.relu(x @ w1) @ w2 - y).abs().mean()
    error = torch.relu(x @ w1) @ w2 - y
    loss = (error * error).mean()
    if torch.isnan(loss):
        return miss.detach(), w1.detach(), w2.detach()
    g1, g2 = torch.autograd.grad(loss, [w1, w2])
    return miss.detach(), (w1 - RATE * g1).detach(), (w2 - RATE * g2).detach()


def readings(rows, rng):
    """Return the sensors (rows, 4) and the power (rows, 1): none in a calm, more with the wind, 3 MW at most."""
    wind = rng.uniform(0, 2, (rows, 1))
    sensors = [wind, wind + rng.exponential(0.2, (rows, 1)), rng.normal(1, 0.5, (rows, 1)), np.ones((rows, 1))]
    power = np.clip(3 * (wind - 0.4), 0, 3) + rng.normal(0, 0.1, (rows, 1))
    return np.concatenate(sensors, axis=1), power


def new_weights(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.5, (4, 32)), rng.normal(0, 0.2, (32, 1))


rng = np.random.default_rng(1)
batches = [readings(rows, rng) for rows in (50, 50, 50, 50, 0, 1, 50)]
batches[3][0][7, 0] = np.nan
batches.insert(4, (np.zeros((50, 4)), np.zeros((50, 1))))
kinds = ["50 rows", "50 rows", "50 rows", "one reading missing", "all zero", "no rows", "one row", "50 rows"]

w1, w2 = map(torch.tensor, new_weights())
for kind, (x, y) in zip(kinds, batches, strict=True):
    miss, w1, w2 = eager_step(torch.tensor(x), torch.tensor(y), w1, w2)
    print(f"{kind:20} mean miss {miss.item():6.3f} MW, weights are numbers: {bool(torch.isfinite(w1).all())}")

# %% [markdown]
# ## Predict: two lines in a graph
#
# Now the other world. There, your Python function does not compute. It *describes* a computation, once. The
# description is a **graph**; a compiler improves it, and the result is run on all batches. Somebody moves the job to
# that world line by line, and the function that is called once to build the graph holds these two lines:
#
# ```python
# print(loss)
# if isnan(loss): return miss, w1, w2
# ```
#
# The compiled graph then runs on the 8 batches above. How often does the print print? And what does training do?

# %% answer="prediction"
prediction = {
    "print runs, times": ...,  # a whole number
    "training": ...,  # "as eager", "error", "weights turn nan" or "weights never move"
}
### BEGIN SOLUTION
prediction = {"print runs, times": 8, "training": "weights turn nan"}
### END SOLUTION

# %% [markdown]
# ## Write `record`
#
# Here is all that a graph consists of. A **node** holds the name of an operation and its parents, the nodes that the
# operation takes. There are two kinds without parents: a *constant* holds its value, and an *input* holds a name, such
# as `"x"`, and gets its value when the graph runs. `+`, `-`, `*`, `@` and `>` between nodes call your `record`, and so
# do `relu`, `mean` and the others: to the eye they are the functions you know.
#
# Return from `record(op, *inputs)` a new `Node` with the name `op` and the tuple of its parents. An entry of `inputs`
# that is a node is a parent as it is, the same object; anything else (a number, an array) is wrapped up in a constant
# node, which is then the parent. Nothing is computed.
#
# <details><summary>Hint 1: what does a waiter do?</summary>He writes down the order and who it is for. He does not
# cook.</details>
# <details><summary>Hint 2: how do I tell nodes from numbers?</summary><code>isinstance(thing, Node)</code>. How a
# constant is made, the function <code>constant</code> below the class shows.</details>


# %%
class Node:
    """One operation of a graph that has not run yet. `value`: of a constant its value, of an input its name."""

    __array_ufunc__ = None  # so that NumPy leaves `array * node` to the node

    def __init__(self, op, parents=(), value=None):
        self.op, self.parents, self.value = op, parents, value

    def __repr__(self):
        return f"Node({self.op!r})"

    def __add__(self, other):
        return record("add", self, other)

    def __radd__(self, other):
        return record("add", other, self)

    def __sub__(self, other):
        return record("subtract", self, other)

    def __rsub__(self, other):
        return record("subtract", other, self)

    def __mul__(self, other):
        return record("multiply", self, other)

    def __rmul__(self, other):
        return record("multiply", other, self)

    def __matmul__(self, other):
        return record("matmul", self, other)

    def __gt__(self, other):
        return record("greater", self, other)


def constant(value):
    return Node("constant", (), value)


# %% answer="record"
def record(op, *inputs):
    """Return the node of an operation; what is not a node becomes a constant."""
    ### BEGIN SOLUTION
    return Node(op, tuple(i if isinstance(i, Node) else constant(i) for i in inputs))
    ### END SOLUTION


# %% check="record" points=1
check.record(record)


# %%
def function(op):
    """Return the function that records the operation `op`."""
    return lambda *inputs: record(op, *inputs)


relu, mean, spread, turn = function("relu"), function("mean"), function("spread"), function("turn")
absolute, isnan, where, show = function("absolute"), function("isnan"), function("where"), function("show")


def new_inputs():
    return [Node("input", (), name) for name in ("x", "y", "w1", "w2")]


if ready("record"):
    x, y, w1, w2 = new_inputs()
    loss = mean(relu(x @ w1) @ w2 - y)
    print("print(loss) prints", loss)
    print("it was made from", loss.parents, "which was made from", loss.parents[0].parents)

# %% [markdown]
# There is the first line of the trouble: at the moment when Python prints, there is no number yet. In the first
# TensorFlow you would have read `Tensor("Mean:0", shape=(), dtype=float32)`.
#
# ## Write `gradient`
#
# In [Automatic differentiation](../fundamentals/autodiff.ipynb) you walked back from the loss and *computed* shares.
# Take the same walk here and *record* them: the gradient becomes more graph. `RULES[op](node, g)` returns one share
# for each parent of `node`, in their order: nodes, or `None` where nothing flows. (`mean` and `spread` are partners:
# the mean's gradient is spread evenly over the shape of its parent.) An op that `RULES` does not list hands on nothing.
#
# Return from `gradient(loss, wanted)` a list with one node per node of the list `wanted`: the gradient of `loss` with
# respect to it.
#
# - The gradient of `loss` itself is `constant(1.0)`. That of a node on which the loss does not depend is
#   `constant(0.0)`.
# - Shares that reach the same node are added up, with a node of their own (`+` records it), and each node of the old
#   graph has its turn once: a tower of ten squares must not take a thousand walks.
# - `in_order(outputs)`, known from there, returns all nodes that a list of nodes was made from, each once, parents
#   first. Nodes can be keys of a dict. The old graph stays as it is.
#
# <details><summary>Hint 1: where do the gradients live?</summary>A node has no <code>grad</code> here. Keep a dict of
# your own, node to gradient; at the start it has one entry.</details>
# <details><summary>Hint 2: in which order?</summary>From the loss to the inputs, <code>reversed</code>: when a node's
# turn comes, all who used it have paid.</details>
# <details><summary>Hint 3: three ways to get nothing?</summary>A node that no gradient has reached, an op without a
# rule, and a share that is <code>None</code>: skip each of them. Is a parent new in the dict, or there
# already?</details>


# %%
def in_order(outputs):
    """Return all nodes that the outputs were made from, and the outputs: each once, parents first."""
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    for node in outputs:
        visit(node)
    return order


RULES = {
    "add": lambda node, g: (g, g),
    "subtract": lambda node, g: (g, g * -1.0),
    "multiply": lambda node, g: (g * node.parents[1], g * node.parents[0]),
    "matmul": lambda node, g: (g @ turn(node.parents[1]), turn(node.parents[0]) @ g),
    "turn": lambda node, g: (turn(g),),
    "relu": lambda node, g: (g * (node.parents[0] > 0.0),),
    "mean": lambda node, g: (spread(g, node.parents[0]),),
    "spread": lambda node, g: (mean(g), None),
}


# %% answer="gradient"
def gradient(loss, wanted):
    """Return the nodes of the gradient of loss with respect to each node of the list wanted."""
    ### BEGIN SOLUTION
    grads = {loss: constant(1.0)}
    for node in reversed(in_order([loss])):
        if node in grads and node.op in RULES:
            for parent, share in zip(node.parents, RULES[node.op](node, grads[node]), strict=True):
                if share is not None:
                    grads[parent] = grads[parent] + share if parent in grads else share
    return [grads.get(node, constant(0.0)) for node in wanted]
    ### END SOLUTION


# %% check="gradient" points=3
check.gradient(gradient)

# %% [markdown]
# ## Write `step`
#
# The whole job as a graph. Given the four input nodes, return from `step(x, y, w1, w2)` the list of three nodes
# `[miss, new_w1, new_w2]`, with the same results as `eager_step` for every batch:
#
# - the network is `relu(x @ w1) @ w2`, its `error` is that minus `y`;
# - `miss` is the mean of the absolute error; the loss is the mean of `error * error`;
# - each new weight is the old one minus `RATE` times its gradient;
# - for a batch whose loss is `nan` (a reading or a power is missing, or there are no rows) both new weights are the old
#   ones.
#
# Nodes know `+ - * @ >`; the functions are `relu`, `mean`, `absolute`, `isnan` and `where(condition, a, b)`, which is a
# where the condition holds and b elsewhere. NumPy's, torch's and Python's own functions want numbers, not nodes.
#
# <details><summary>Hint 1: who can decide about a batch?</summary>The batch is not there yet when your function runs.
# Whoever decides must itself be a part of the graph. Both outcomes go in.</details>
# <details><summary>Hint 2: which of the functions chooses?</summary>One of them takes a condition. Multiplying by 0
# does not choose: 0 times <code>nan</code> is <code>nan</code>.</details>


# %% answer="step"
def step(x, y, w1, w2):
    """Return the nodes [miss, new_w1, new_w2] of one training step."""
    ### BEGIN SOLUTION
    miss = mean(absolute(relu(x @ w1) @ w2 - y))
    error = relu(x @ w1) @ w2 - y
    loss = mean(error * error)
    g1, g2 = gradient(loss, [w1, w2])
    bad = isnan(loss)
    return [miss, where(bad, w1, w1 - RATE * g1), where(bad, w2, w2 - RATE * g2)]
    ### END SOLUTION


# %% check="step" points=3
check.step(step)

# %% [markdown]
# ## Write `simplify`
#
# Now comes what the trouble was for. The compiler sees the whole computation before any of it runs, so it can leave
# out what is not needed. Return from `simplify(outputs)` a list of nodes with the same values as the list `outputs`,
# in that order, after two improvements:
#
# - **Folding.** An operation whose parents are all constants, given or folded, is computed now, by
#   `OPS[op](*values)`, and becomes a constant.
# - **Sharing** (compilers say *common-subexpression elimination*). Of several nodes with the same op and the same
#   parents, in the same order, keep one. "The same parents" means: after they were shared themselves. Equal constants
#   become one, too, arrays among them.
#
# An op in `EFFECTS` is neither folded nor shared: two throws of a die are two numbers. Its parents are still
# simplified. Inputs stay the same objects. Do not change the old graph: make new nodes.
#
# `label(node)` helps. It is a hashable name for what a node does: for an operation its `op`, for a constant something
# made from its value, for an input something with its name.
#
# <details><summary>Hint 1: how do I spot twins?</summary>Keep a register: what the node does and whom it takes, mapped
# to the node that was first with it. Before you make a node, ask the register.</details>
# <details><summary>Hint 2: one walk or many?</summary>One. <code>in_order</code> brings parents first, so when a node
# comes its parents have been replaced. A second dict remembers by what.</details>
# <details><summary>Hint 3: what goes into the key?</summary>The label, and the tuple of the <em>new</em> parents. For
# a folded node: the label of the new constant, and no parents.</details>


# %%
def shown(value):
    print("show:", value)
    return value


OPS = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "matmul": np.matmul, "greater": np.greater,
    "absolute": np.abs, "isnan": np.isnan, "where": np.where, "turn": np.transpose, "show": shown,
    "relu": lambda a: np.maximum(a, 0.0),
    "mean": lambda a: np.divide(np.sum(a), np.size(a)),
    "spread": lambda g, a: np.full(np.shape(a), np.divide(g, np.size(a))),
    "noise": lambda a: np.random.default_rng().normal(size=np.shape(a)),
}  # fmt: skip
EFFECTS = {"show", "noise"}


def label(node):
    """Return a hashable name for what a node does, apart from its parents."""
    if node.op == "constant":
        value = np.asarray(node.value, dtype=float)
        return node.op, value.shape, value.tobytes()
    return (node.op, node.value) if node.op == "input" else node.op


# %% answer="simplify"
def simplify(outputs):
    """Return nodes with the same values as the outputs: constants folded, twins shared."""
    ### BEGIN SOLUTION
    new, register = {}, {}
    for node in in_order(outputs):
        parents = tuple(new[parent] for parent in node.parents)
        if node.op in EFFECTS:
            new[node] = Node(node.op, parents)
            continue
        if parents and all(parent.op == "constant" for parent in parents):
            better = constant(OPS[node.op](*[parent.value for parent in parents]))
        else:
            better = Node(node.op, parents, node.value) if parents else node
        new[node] = register.setdefault((label(better), better.parents), better)
    return [new[node] for node in outputs]
    ### END SOLUTION


# %% check="simplify" points=3
check.simplify(simplify)

# %% [markdown]
# ## The last stage, given: `emit`
#
# It writes the graph down as one Python function. For `[x * x + 0.5]` the text is
#
# ```python
# def run(x, y):
#     v2 = multiply(x, x)
#     v4 = add(v2, c3)
#     return [v4]
# ```
#
# One line for each operation, parents first. **Dead code**, nodes that no output needs, gets no line: starting from the
# outputs, `in_order` never meets it. `free_early` adds what only somebody can do who sees the whole function: each
# value is deleted (`del`) after the line that uses it last, so its memory is free early.
#
# `compile_graph` puts the pieces together. At the end it prints your step, compiled: one straight line of operations,
# no network, no loss, no gradient to be seen.


# %%
def emit(inputs, outputs, name):
    """Return the source of the function `run`, which computes the outputs from the inputs."""
    lines = [f"def run({', '.join(name[node] for node in inputs)}):"]
    for node in in_order(outputs):
        if node.op not in ("input", "constant"):
            arguments = ", ".join(name[parent] for parent in node.parents)
            lines.append(f"    {name[node]} = {node.op}({arguments})")
    lines.append(f"    return [{', '.join(name[node] for node in outputs)}]")
    return "\n".join(lines)


def free_early(source):
    """Return the source with each v… deleted right after the line that uses it last."""
    lines = source.splitlines()
    last = {name: number for number, line in enumerate(lines) for name in re.findall(r"\bv\d+\b", line)}
    for name, number in last.items():
        if not lines[number].lstrip().startswith("return"):
            lines[number] += f"; del {name}"
    return "\n".join(lines)


def compile_graph(inputs, outputs, ops=OPS, as_array=np.asarray, early=True):
    """Return (the function that runs the graph, its source)."""
    outputs = simplify(outputs)
    order = in_order([*inputs, *outputs])
    letters = {"input": "", "constant": "c"}
    name = {node: node.value if node in inputs else letters.get(node.op, "v") + str(i) for i, node in enumerate(order)}
    source = emit(inputs, outputs, name)
    source = free_early(source) if early else source
    names = ops | {name[node]: as_array(node.value) for node in order if node.op == "constant"}
    exec(source, names)
    return names["run"], source


compiler_works = ready("record", "gradient", "step", "simplify")
if compiler_works:
    inputs = new_inputs()
    run, source = compile_graph(inputs, step(*inputs))
    print(source)

# %% [markdown]
# Is it the same job? Both tools, on all eight batches, missing readings, no rows and corners included.


# %%
def largest_gap(run):
    """Walk through the batches with eager_step and with run; return the largest gap between their results."""
    theirs, mine, gap = [torch.tensor(w) for w in new_weights()], new_weights(), 0.0
    for x, y in batches:
        eager, graph = eager_step(torch.tensor(x), torch.tensor(y), *theirs), run(x, y, *mine)
        for t, m in zip(eager, graph, strict=True):
            if not np.array_equal(np.isnan(t.numpy()), np.isnan(m)):
                return np.nan
            gap = max(gap, np.nan_to_num(np.abs(t.numpy() - m)).max())
        theirs, mine = eager[1:], graph[1:]
    return gap


np.seterr(all="ignore")  # the mean of no rows is nan: here that is wanted
if compiler_works:
    print(f"largest gap between your graph and eager torch on all batches: {largest_gap(run):.0e}")

# %% [markdown]
# And this is what your compiler saw. Every mark is an operation that your Python lines have recorded, most of them
# through `gradient`; only the blue circles are left to run. Whoever computes line by line has to run twins twice,
# because line 1 does not know what line 2 will ask for.

# %%
FATES = {
    "runs": ("o", "#0072B2"), "twin of a node that runs": ("s", "#E69F00"), "folded into a constant": ("^", "#009E73"),
    "no output needs it": ("X", "#CC3311"),
}  # fmt: skip


def fates(made, outputs):
    """Return {operation: its fate} for all operations made, needed or not."""
    needed, seen, fate, key, known = set(in_order(outputs)), set(), {}, {}, set()
    for node in in_order(made):
        parents = tuple(key[parent] for parent in node.parents)
        key[node] = (label(node), parents)
        if node.parents:
            folds = all(parent in known for parent in node.parents)
            twin = key[node] in seen
            fate[node] = "no output needs it" if node not in needed else "twin of a node that runs" if twin else "runs"
            if folds and node in needed:
                fate[node] = "folded into a constant"
            known |= {node} if folds else set()
            seen |= {key[node]} if node in needed else set()
        elif node.op == "constant":
            known.add(node)
    return fate


def draw(axes, fate):
    """Draw the operations of a graph: to the right, how many steps lie between them and the inputs."""
    depth, filled, place = {}, {}, {}
    for node in fate:
        depth[node] = 1 + max(depth.get(parent, 0) for parent in node.parents)
        filled[depth[node]] = filled.get(depth[node], -1) + 1
        place[node] = depth[node], filled[depth[node]]
    for node, (x, y) in place.items():
        for parent in node.parents:
            if parent in place:
                axes.plot([place[parent][0], x], [place[parent][1], y], color="0.8", linewidth=1, zorder=1)
        axes.annotate(node.op, (x, y), (0, 7), textcoords="offset points", ha="center", fontsize=7, color="0.2")
    for name, (marker, colour) in FATES.items():
        spots = np.array([place[node] for node in place if fate[node] == name])
        if len(spots):
            look = {"marker": marker, "color": colour, "s": 60, "zorder": 2}
            axes.scatter(*spots.T, label=f"{name} ({len(spots)})", **look)
    axes.set(xlabel="steps away from the inputs", ylabel="place in the column", yticks=[])


if compiler_works:
    made = []
    plain_node, Node.__init__ = Node.__init__, lambda node, *rest: (plain_node(node, *rest), made.append(node))[0]
    inputs = new_inputs()
    outputs = step(*inputs)
    Node.__init__ = plain_node
    fate = fates(made, outputs)
    figure, axes = plt.subplots(figsize=(11, 4.8), layout="constrained")
    draw(axes, fate)
    axes.set_title(f"{len(fate)} operations recorded, {list(fate.values()).count('runs')} run")
    axes.legend(loc="upper right")
    axes.set_ylim(-0.6, axes.get_ylim()[1] + 0.4)
    plt.show()

# %% [markdown]
# ## Look back: two lines in a graph
#
# Now the job as somebody moved it, line by line. Its `if` stands where the eager one stood, and two lines print: the
# Python `print`, and `show(loss)`, an operation of the graph that prints its value when it runs.


# %%
def step_line_by_line(x, y, w1, w2):
    error = relu(x @ w1) @ w2 - y
    miss, loss = mean(absolute(error)), mean(error * error)
    print("print:", loss)
    printed.append(loss)
    show(loss)
    if isnan(loss):
        return [miss, w1, w2]
    g1, g2 = gradient(loss, [w1, w2])
    return [miss, w1 - RATE * g1, w2 - RATE * g2]


if compiler_works:
    inputs, printed = new_inputs(), []
    moved, _ = compile_graph(inputs, step_line_by_line(*inputs))
    before = weights = new_weights()
    for x, y in batches:
        _, *weights = moved(x, y, *weights)
    change = max(np.abs(new - old).max() for new, old in zip(weights, before, strict=True))
    print(f"You said: {prediction['print runs, times']} prints; it printed {len(printed)} time.")
    print(f"You said of training: {prediction['training']}; the weights have moved by at most {change}.")

# %% [markdown]
# No error, no warning, and nothing learned.
#
# - The `print` ran **once**, while the graph was built, and saw a node.
# - `isnan(loss)` is a node, too. Python asks only whether the object is true, and any object is, unless it says
#   otherwise. So the `if` was **decided once, at build time**, before there was a batch: always skip. For the same
#   reason `assert loss > 0` never fires, and `assert not isnan(loss)` always does.
# - `show(loss)` printed nothing at all: no output needs it, so it was dead code. In the first TensorFlow `tf.Print` and
#   `tf.Assert` fell silent in this way.
#
# ## torch.compile: both at once?
#
# PyTorch has two ways to get a graph out of Python. The strict one hands your function stand-ins, as you did:
# `torch.fx.symbolic_trace`. The clever one, `torch.compile`, reads Python's bytecode while it runs on real data. It
# hands each graph that it finds to a **backend**. Usually that writes C++ code, which takes a compiler and up to a
# minute. Ours counts, and runs the graph as it is.

# %%
loss_and_slopes = torch.func.grad_and_value(
    lambda w1, w2, x, y: ((torch.relu(x @ w1) @ w2 - y) ** 2).mean(), argnums=(0, 1)
)


def torch_if(x, y, w1, w2):
    (g1, g2), loss = loss_and_slopes(w1, w2, x, y)
    if torch.isnan(loss):
        return w1, w2
    return w1 - RATE * g1, w2 - RATE * g2


def torch_where(x, y, w1, w2):
    (g1, g2), loss = loss_and_slopes(w1, w2, x, y)
    bad = torch.isnan(loss)
    return torch.where(bad, w1, w1 - RATE * g1), torch.where(bad, w2, w2 - RATE * g2)


def torch_print(x, y, w1, w2):
    error = torch.relu(x @ w1) @ w2 - y
    print("print:", type(error).__name__, end="; ")
    return error.abs().mean()


tensors = [(torch.tensor(x), torch.tensor(y)) for x, y in batches]
start = [torch.tensor(w) for w in new_weights()]
print("symbolic_trace, then 8 batches:", end=" ")
traced = torch.fx.symbolic_trace(torch_print)
misses = [traced(x, y, *start) for x, y in tensors]
try:
    torch.fx.symbolic_trace(lambda loss, w: w if torch.isnan(loss) else w - RATE)
except torch.fx.proxy.TraceError as error:
    print("\nsymbolic_trace of an if:", error)

# %% [markdown]
# The print runs once and sees a `Proxy`: a node by another name. But the `if` is refused with an error: a proxy says
# what your node did not, that it is neither true nor false. (`torch.export` and JAX's `jit` refuse as well, and so did
# later versions of the first TensorFlow.)
#
# Before you run the next cell: `torch.compile` gets the same three functions, and all eight batches. It makes a graph
# when it meets something new. How many will it need for `torch_if`, and how many for `torch_where`? Guess, then look.

# %%
diary = []  # (tool, what happened, at which moment)
tool = moment = ""


@torch.compiler.disable  # torch.compile must not look into it
def note(what):
    diary.append((tool, what, moment))


def counting_backend(graph, _example_inputs):
    """Note each graph that torch.compile makes, and each time one runs."""
    note("a graph is made")

    def run(*values):
        note("operations run")
        return graph.forward(*values)

    return run


def made_after_each_batch(function):
    """Compile a function, run all batches, and return the number of graphs that exist after each of them."""
    global tool, moment
    torch.compiler.reset()
    compiled, counts = torch.compile(function, backend=counting_backend), []
    tool, moment = function.__name__, "compile"
    for x, y in tensors:
        compiled(x, y, *start)
        counts.append(diary.count((tool, "a graph is made", moment)))
    return counts


print("batches:    ", kinds)
for function in (torch_if, torch_where):
    print(f"{function.__name__:12} {made_after_each_batch(function)} graphs")
print(f"torch_print  {made_after_each_batch(torch_print)} graphs")

# %% [markdown]
# This is the synthesis of both worlds, and it keeps Python's promises:
#
# - **A graph break.** At an `if` on a value that only the data can tell, the graph ends. Python takes the decision,
#   each time, and a second graph goes on behind it. The result is right; but nothing can be simplified across the
#   gap. With `where`, as in your `step`, there is nothing to decide, and one graph is enough. The same goes for
#   `print`: it breaks the graph, and prints a real tensor every time.
# - **A guard.** A recording holds under conditions: this shape, this dtype, this Python number. They are written down
#   and asked again at every call. Where one fails, such as with no rows or one row, a new graph is made. (Write
#   `torch.compile(function, fullgraph=True)` to get an error in place of a break.)
#
# Here is the picture to keep: who runs when. It is drawn from notes that the three programs have taken themselves.


# %%
class Watch(TorchDispatchMode):
    """While the `with` block runs, note each operation of eager torch."""

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        note("operations run")
        return op(*args, **(kwargs or {}))


def noted_torch(x, y, w1, w2):
    (g1, g2), loss = loss_and_slopes(w1, w2, x, y)
    bad = torch.isnan(loss)
    note("Python's print")
    note("Python's if")
    if bad:
        return w1, w2
    return w1 - RATE * g1, w2 - RATE * g2


def noted_nodes(x, y, w1, w2):
    note("a graph is made")
    note("Python's print")
    note("Python's if")
    return step(x, y, w1, w2)


if compiler_works:
    diary.clear()
    torch.compiler.reset()
    tool, moment, inputs = "your graph", 0, new_inputs()
    noted_ops = {op: lambda *values, f=f: (note("operations run"), f(*values))[1] for op, f in OPS.items()}
    run_noted, _ = compile_graph(inputs, noted_nodes(*inputs), noted_ops)
    compiled = torch.compile(noted_torch, backend=counting_backend)
    for number, ((x, y), (tx, ty)) in enumerate(zip(batches, tensors, strict=True), 1):
        moment = number
        tool = "your graph"
        run_noted(x, y, *new_weights())
        tool = "torch.compile"
        compiled(tx, ty, *start)
        tool = "eager torch"
        with Watch():
            noted_torch(tx, ty, *start)

    rows = ["operations run", "Python's if", "Python's print", "a graph is made"]
    looks = dict(zip(rows, [("o", "#0072B2"), ("D", "#CC3311"), ("s", "#E69F00"), ("*", "#000000")], strict=True))
    figure, panels = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained", sharey=True)
    for axes, tool in zip(panels, ("eager torch", "your graph", "torch.compile"), strict=True):
        for who, what, when in set(diary):
            if who == tool:
                axes.plot(when, rows.index(what), looks[what][0], color=looks[what][1], markersize=9)
        axes.axvspan(-0.6, 0.5, color="0.92")
        axes.set(title=tool, xlabel="batch", xlim=(-0.6, 8.6), ylim=(-0.6, 3.6), xticks=range(9), yticks=range(4))
        axes.set_xticklabels(["build", *range(1, 9)])
        axes.set_yticklabels(rows)
    plt.show()

# %% [markdown]
# In the grey column nobody has seen data yet. Everything of *Python's* in your graph stands there, and nowhere else.
#
# ## Race
#
# What does one step cost, from 10 rows to 100,000? Three ways: your graph on NumPy, the same graph on torch's
# operations (another `OPS`, nothing else), and eager torch. Two instruments, both little troubled by what else your
# machine does: time is **processor time**, the best of several rounds; memory is the **bytes that arrays held at the
# worst moment**, without the batch and the weights. For NumPy `tracemalloc` keeps that account; for torch a small gauge
# adds up what each operation makes, and takes off what is freed.


# %%
class Gauge(TorchDispatchMode):
    """While the `with` block runs, add up the bytes of all tensors that live; `.peak` is the highest sum."""

    def __init__(self, known):
        super().__init__()
        self.now = self.peak = 0
        self.alive = {tensor.untyped_storage()._cdata: 0 for tensor in known}

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        result = op(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, (tuple, list)) else [result]:
            if not isinstance(tensor, torch.Tensor):
                continue
            storage = tensor.untyped_storage()
            if storage._cdata not in self.alive:
                self.alive[storage._cdata] = storage.nbytes()
                self.now += storage.nbytes()
                self.peak = max(self.peak, self.now)
                weakref.finalize(storage, self.freed, storage._cdata)
        return result

    def freed(self, number):
        self.now -= self.alive.pop(number)


def peak_mb(job, values):
    """Return the MB that the arrays of job(*values) took at the worst moment."""
    if isinstance(values[0], torch.Tensor):
        with Gauge(values) as gauge:
            job(*values)
        return gauge.peak / 1e6
    tracemalloc.start()
    job(*values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def milliseconds(job, values, rounds=6):
    """Return the processor time of one job(*values), in ms: the best round; quick jobs are repeated within it."""
    times = []
    for _ in range(rounds):
        began, calls = time.process_time(), 0
        while time.process_time() - began < 0.015:
            job(*values)
            calls += 1
        times.append((time.process_time() - began) / calls * 1000)
    return min(times)


TORCH_OPS = {
    "add": torch.add, "subtract": torch.subtract, "multiply": torch.multiply, "matmul": torch.matmul,
    "greater": torch.greater, "absolute": torch.abs, "isnan": torch.isnan, "where": torch.where, "turn": torch.t,
    "relu": torch.relu, "mean": torch.mean, "spread": lambda g, a: (g / torch.tensor(a.numel())).expand(a.shape),
}  # fmt: skip
SIZES = [10, 100, 1000, 10_000, 100_000]

if compiler_works:
    inputs = new_inputs()
    run, _ = compile_graph(inputs, step(*inputs))
    run_torch, _ = compile_graph(inputs, step(*inputs), TORCH_OPS, torch.tensor)
    ways = {"your graph on NumPy": run, "your graph on torch": run_torch, "eager torch": eager_step}
    cost = {way: [] for way in ways}
    for rows in SIZES:
        arrays = [*readings(rows, np.random.default_rng(rows)), *new_weights()]
        for way, job in ways.items():
            values = arrays if way == "your graph on NumPy" else [torch.tensor(value) for value in arrays]
            cost[way].append((milliseconds(job, values), peak_mb(job, values)))
    print(f"{'rows':20}" + "".join(f"{rows:>12,}" for rows in SIZES))
    for way, pairs in cost.items():
        print(f"{way:20}" + "".join(f"{ms:>9.3g} ms" for ms, _ in pairs))
        print(f"{'':20}" + "".join(f"{mb:>9.3g} MB" for _, mb in pairs))
    late, _ = compile_graph(inputs, step(*inputs), early=False)
    print(f"Without `free_early` your graph holds {peak_mb(late, arrays):.3g} MB for {rows:,} rows.")

# %% [markdown]
# ## Write `crossover`
#
# From where on does the other tool win? Given `sizes`, rising, and two lists of costs at these sizes, return from
# `crossover(sizes, graph, eager)` the smallest size at which `eager` is lower than `graph` **and stays lower at every
# larger size measured**. Equal is not lower. If there is no such size, because eager is not lower at the largest one,
# return `None`. The answer is one of the sizes: nothing between them was measured. A cost may be `nan`, where a run
# failed: then eager is not lower there. Leave the lists as they are.
#
# <details><summary>Hint 1: from which end do I look?</summary>The promise is about all that lies to the right. So
# where must you begin to know it?</details>
# <details><summary>Hint 2: what do I keep?</summary>The last size that was still fine, on your way down from the
# largest. What ends the walk?</details>


# %% answer="crossover"
def crossover(sizes, graph, eager):
    """Return the size from which on eager costs less at every size measured, or None."""
    ### BEGIN SOLUTION
    found = None
    for size, one, other in reversed(list(zip(sizes, graph, eager, strict=True))):
        if not other < one:
            break
        found = size
    return found
    ### END SOLUTION


# %% check="crossover" points=2
check.crossover(crossover)

# %%
if compiler_works and ready("crossover"):
    LOOKS = {
        "your graph on NumPy": ("#0072B2", "o", "-"), "your graph on torch": ("#E69F00", "s", "--"),
        "eager torch": ("#000000", "D", ":"),
    }  # fmt: skip
    figure, panels = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    for way, (colour, marker, line) in LOOKS.items():
        for axes, numbers in zip(panels, zip(*cost[way], strict=True), strict=True):
            axes.plot(SIZES, numbers, color=colour, marker=marker, linestyle=line, linewidth=2, label=way)
    panels[0].set(title="Time of one step", ylabel="ms of processor time")
    panels[1].set(title="Peak memory of one step", ylabel="MB held by arrays")
    for axes in panels:
        axes.set(xscale="log", yscale="log", xlabel="rows in a batch")
    panels[0].legend()
    plt.show()

    (graph_ms, graph_mb), (eager_ms, eager_mb) = (
        zip(*cost[way], strict=True) for way in ("your graph on NumPy", "eager torch")
    )
    for what, one, other in (("time", graph_ms, eager_ms), ("memory", graph_mb, eager_mb)):
        found = crossover(SIZES, one, other)
        where_to = "does not win in the end" if found is None else f"wins from {found:,} rows on"
        ratios = ", ".join(f"{b / a:.1f}" for a, b in zip(one, other, strict=True))
        print(f"{what}: eager torch {where_to}; eager divided by graph, size by size: {ratios}")

# %% [markdown]
# Read it from left to right. Every operation costs a few microseconds before it touches a number: torch looks up types
# and keeps receipts for the backward walk; your graph has done all that at build time, and has fewer operations. That
# is a **fixed saving per step**. The more rows, the less it weighs; near the right edge the arithmetic is everything,
# and who has the better loops decides. (Torch has a rule for `relu` that takes one pass over the array, where yours
# makes a mask and a product: so your graph does not win on torch's operations either.) Where two
# lines nearly touch, run it again before you believe the crossing.
#
# Memory is nearly the same line for all: it follows the arrays that must be alive together, and torch gives back early,
# too, what its backward walk has done with. What giving back early is worth, the line without `free_early` tells.
#
# ## What a graph is not good for
#
# Loops whose length the data decide. Halve the step until the loss falls: in eager code a `while`. A graph has no
# `while` unless somebody adds one; it must be unrolled to the longest case, and all of it runs, every time.


# %%
def line_search_eager(x, y, w):
    """Return new weights and how many losses it took: halve the step until the loss falls."""
    error, tries, rate = x @ w - y, 1, 1.0
    before, slope = np.mean(error * error), x.T @ (error * 2 / error.size)
    while tries <= 12:
        candidate = w - rate * slope
        tries, rate = tries + 1, rate / 2
        if np.mean((x @ candidate - y) ** 2) < before:
            return candidate, tries
    return w, tries


def line_search_graph(x, y, w):
    """Return the node of the same, unrolled: twelve tries, the largest good step wins."""

    def loss_of(w):
        error = x @ w - y
        return mean(error * error)

    before, result = loss_of(w), w
    [slope] = gradient(before, [w])
    for halvings in reversed(range(12)):
        candidate = w - 0.5**halvings * slope
        result = where(before > loss_of(candidate), candidate, result)
    return result


if compiler_works:
    x, y, w = new_inputs()[:3]
    counted = []
    means = OPS | {"mean": lambda a: (counted.append(1), OPS["mean"](a))[1]}
    search, _ = compile_graph([x, y, w], [line_search_graph(x, y, w)], means)
    for scale in (0.2, 1, 5):
        sensors, power = readings(50, np.random.default_rng(3))
        values, counted[:] = (sensors * scale, power, np.zeros((4, 1))), []
        eager, tries = line_search_eager(*values)
        same = np.allclose(eager, search(*values)[0])
        print(f"sensors times {scale:3}: losses computed eager {tries:2}, graph {len(counted)}; same weights: {same}")

# %% [markdown]
# The same goes for networks whose shape follows a sentence or a tree, for debugging (a breakpoint in a graph stops at
# build time), and for anything that you run three times: building costs, too.
#
# ## Write down your decision
#
# Take three minutes. Your team asks: eager, or a graph (`torch.compile`, today)? Three sentences, not scored. The first
# names the tool for your job **and a size from your table**. The second says what it costs: which lines have to be
# rewritten or watched, because they run at another time now. The third says what would change your mind.

# %% answer="decision"
decision = ...
### BEGIN SOLUTION
decision = """
We stay eager in development and compile what runs on small batches: at 10 rows a graph was 5 times as fast.
It costs us one rewritten if, which becomes torch.where, and a test that no batch breaks the graph.
If our batches grow beyond 10,000 rows, the difference is gone, and so is the reason.
"""
### END SOLUTION

# %%
said = "(your decision goes here)" if decision is ... else decision.strip()
if compiler_works and check.crossover.passed:
    print(f"One step at {SIZES[0]} rows: graph {graph_ms[0]:.3g} ms, eager {eager_ms[0]:.3g} ms.")
    print(f"At {SIZES[-1]:,} rows: graph {graph_ms[-1]:.3g} ms, {graph_mb[-1]:.3g} MB;", end=" ")
    print(f"eager {eager_ms[-1]:.3g} ms, {eager_mb[-1]:.3g} MB.")
print(said)

# %% [markdown]
# ## Ten minutes for your team
#
# 1. **Minute 0, the trouble.** Show `step_line_by_line`. Ask how often it prints and what training does. Collect
#    guesses; run it.
# 2. **Minute 2, the idea.** The recording of one line, `x @ w1`: a node, no number. Then the figure of who runs when.
# 3. **Minute 4, the gain.** The source that your compiler wrote; how many operations were recorded, and how many run.
# 4. **Minute 6, today.** `torch_if` and `torch_where` under `torch.compile`: count the graphs. Let somebody rewrite
#    an `if` of your own code.
# 5. **Minute 8, the numbers.** Your race, the three lines printed above, and your decision. Ask what would change it.
#
# > **Ask of every line: does it run when the graph is built, or when the graph runs?** What is to depend on the data
# > must be in the graph. What Python decides, it decides once.
#
# The rule outlives the tool: JAX's `jit`, TensorFlow's `tf.function`, a Dask plan, an SQL query and a LaTeX macro are
# built in one moment and run in another.
#
# **On your own data:** put `torch.compile(your_step, fullgraph=True, backend="eager")` around a training step of
# yours, and read what it refuses. If your machine has a C++ compiler, take the backend out, and race it against
# eager on small and large batches.
#
# **Next:** another plan that is built first and run later, in
# [pandas or Dask](../explore/pandas_vs_dask.ipynb).
