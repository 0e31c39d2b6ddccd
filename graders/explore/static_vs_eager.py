"""Decides about the exercise `explore/static_vs_eager`."""

import ast

import numpy as np

from shoshin import Check

RATE = 0.02
EFFECTS = {"show", "noise"}
OPS = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "matmul": np.matmul, "greater": np.greater,
    "absolute": np.abs, "isnan": np.isnan, "where": np.where, "turn": np.transpose, "show": lambda a: a,
    "relu": lambda a: np.maximum(a, 0.0),
    "mean": lambda a: np.divide(np.sum(a), np.size(a)),
    "spread": lambda g, a: np.full(np.shape(a), np.divide(g, np.size(a))),
    "noise": lambda a: np.zeros(np.shape(a)),
}  # fmt: skip
SIGNS = {"Add": "add", "Sub": "subtract", "Mult": "multiply", "MatMult": "matmul"}


class Node:
    __array_ufunc__ = None

    def __init__(self, op, parents=(), value=None):
        self.op, self.parents, self.value = op, parents, value

    def __add__(self, other):
        return made("add", self, other)

    def __radd__(self, other):
        return made("add", other, self)

    def __sub__(self, other):
        return made("subtract", self, other)

    def __mul__(self, other):
        return made("multiply", self, other)

    def __rmul__(self, other):
        return made("multiply", other, self)

    def __matmul__(self, other):
        return made("matmul", self, other)

    def __gt__(self, other):
        return made("greater", self, other)


def constant(value):
    return Node("constant", (), value)


def made(op, *inputs):
    return Node(op, tuple(i if isinstance(i, Node) else constant(i) for i in inputs))


def in_order(outputs):
    order, seen, todo = [], set(), [(node, False) for node in reversed(outputs)]
    while todo:  # no recursion: a wasteful gradient is deeper than Python's stack
        node, complete = todo.pop()
        if complete:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo += [(node, True), *((parent, False) for parent in reversed(node.parents))]
    return order


RULES = {
    "add": lambda node, g: (g, g),
    "subtract": lambda node, g: (g, g * -1.0),
    "multiply": lambda node, g: (g * node.parents[1], g * node.parents[0]),
    "matmul": lambda node, g: (g @ made("turn", node.parents[1]), made("turn", node.parents[0]) @ g),
    "turn": lambda node, g: (made("turn", g),),
    "relu": lambda node, g: (g * (node.parents[0] > 0.0),),
    "mean": lambda node, g: (made("spread", g, node.parents[0]),),
    "spread": lambda node, g: (made("mean", g), None),
}


# What the checks share: graphs written as programs, and a slow interpreter of graphs.


def node_class(answer):
    """Return the class Node that the answer's own code uses."""
    own = getattr(answer, "__globals__", {}).get("Node")
    return own if isinstance(own, type) else Node


def written(program, node_class, where=None):
    """Return {name: node} for a program such as `a = x * y; out = [relu(a)]`; unknown names become inputs."""
    names = {} if where is None else where

    def build(part):
        kind = type(part).__name__
        if kind == "Constant":
            return node_class("constant", (), part.value)
        if kind == "Name":
            return names.setdefault(part.id, node_class("input", (), part.id))
        if kind == "List":
            return [build(item) for item in part.elts]
        op = SIGNS[type(part.op).__name__] if kind == "BinOp" else part.func.id
        inputs = (part.left, part.right) if kind == "BinOp" else part.args
        return node_class(op, tuple(build(each) for each in inputs))

    for line in ast.parse(program).body:
        names[line.targets[0].id] = build(line.value)
    return names


def interpret(outputs, feeds):
    """Return the values of the outputs, each node computed once."""
    known = {}
    with np.errstate(all="ignore"):
        for node in in_order(outputs):
            if node.op == "input":
                known[node] = feeds[node.value]
            elif node.op == "constant":
                known[node] = np.asarray(node.value, dtype=float)
            else:
                known[node] = OPS[node.op](*[known[parent] for parent in node.parents])
    return [np.asarray(known[node], dtype=float) for node in outputs]


def is_node(thing):
    return all(hasattr(thing, name) for name in ("op", "parents", "value"))


def odd(result, number):
    """Return what is odd about a list of nodes, or nothing."""
    if not isinstance(result, (list, tuple)):
        return f"a {type(result).__name__} instead of a list"
    strange = [type(each).__name__ for each in result if not is_node(each)]
    if strange:
        return f"{strange[0]} instead of a node"
    return "" if len(result) == number else f"{len(result)} nodes"


# 1. record


@Check
def record(op, *inputs):
    return made(op, *inputs)


@record.case
def two_nodes(rng):
    """two nodes"""
    return "add", ["node a", "node b"]


@record.case
def a_number(rng):
    """a node and a number"""
    return "multiply", [0.5, "node a"]


@record.case
def an_array(rng):
    """a node and an array"""
    return "matmul", ["node a", np.arange(4.0).reshape(2, 2)]


@record.case
def twice(rng):
    """the same node twice"""
    return "add", ["node a", "node a"]


@record.case
def one(rng):
    """a single node"""
    return "relu", ["node b"]


@record.probe
def look(answer, op, inputs):
    kind = node_class(answer)
    nodes = {name: kind("input", (), name) for name in ("node a", "node b")}
    given = [nodes.get(each, each) if isinstance(each, str) else each for each in inputs]
    result = answer(op, *given)
    if result is None:
        return None
    if not is_node(result):
        return {"came back": type(result).__name__}
    back, names = type(result.parents).__name__, {id(node): name for name, node in nodes.items()}
    parents = []
    for parent in result.parents if back in ("tuple", "list") else ():
        words = f"a bare {type(parent).__name__}"
        if is_node(parent):
            words = names.get(id(parent), [parent.op, parent.value if parent.op == "constant" else ""])
        parents.append(words)
    return {"op": str(result.op), "parents are in a": back, "parents": parents}


@record.mistake
def bare_numbers(op, *inputs):
    """You take numbers and arrays as parents as they are. A parent must be a node, or the walk through the graph
    stumbles over it: a number has no `parents`. Wrap up what is not a node with `constant`."""
    return Node(op, tuple(inputs))


@record.mistake
def wraps_everything(op, *inputs):
    """You wrap nodes in constants, too. The graph is cut there: behind a constant nobody looks for parents. Which
    inputs are nodes already?"""
    return Node(op, tuple(constant(i) for i in inputs))


@record.mistake
def wraps_numbers_only(op, *inputs):
    """You wrap up numbers, and an array goes in bare. There are more kinds of things that are no nodes than you can
    list: ask whether it *is* a node."""
    return Node(op, tuple(constant(i) if isinstance(i, (int, float)) else i for i in inputs))


@record.mistake
def copies_nodes(op, *inputs):
    """You make a new node for each that was given. The graph is held together by the objects themselves: a copy of `x`
    is another input, which nobody feeds. Take the node as it is."""
    return Node(op, tuple(Node(i.op, i.parents, i.value) if isinstance(i, Node) else constant(i) for i in inputs))


@record.mistake
def drops_numbers(op, *inputs):
    """You keep only those inputs that are nodes, so `0.5 * a` has one factor. What is not a node becomes a constant, in
    its place."""
    return Node(op, tuple(i for i in inputs if isinstance(i, Node)))


@record.mistake
def in_a_list(op, *inputs):
    """Your parents are in a list. A tuple is wanted: it cannot be changed by accident, and it can be part of a key in
    a dict, which `simplify` will need."""
    return Node(op, list(record.reference(op, *inputs).parents))


@record.mistake
def computes(op, *inputs):
    """You computed something, or handed back something that is not a node. Recording means: note the name of the
    operation and who takes part, and return the `Node`."""
    return 0.0


@record.accepts
def with_a_loop(op, *inputs):
    parents = ()
    for each in inputs:
        parents += (each,) if hasattr(each, "parents") else (Node("constant", (), each),)
    return Node(op=op, parents=parents)


# 2. gradient


def walk(loss, wanted, order, meet=lambda old, new: old + new, nothing=(None,), unreached=False):
    """Return the gradients, met in this order; `meet` says what becomes of two shares."""
    grads = {loss: constant(1.0)}
    for node in order:
        if (unreached or node in grads) and node.op in RULES:
            for parent, share in zip(node.parents, RULES[node.op](node, grads[node]), strict=True):
                if share not in nothing:
                    grads[parent] = meet(grads[parent], share) if parent in grads else share
    return [grads.get(node, constant(0.0)) for node in wanted]


@Check(seconds=20)
def gradient(loss, wanted):
    return walk(loss, wanted, reversed(in_order([loss])))


def numbers(rng, **shapes):
    return {name: rng.normal(size=shape).round(2) for name, shape in shapes.items()}


@gradient.case
def a_product(rng):
    """a product"""
    return "loss = x * y", ["x", "y"], {"x": 3.0, "y": -5.0}


@gradient.case
def used_twice(rng):
    """a node that is used twice, near the loss and far from it"""
    return "a = x * y; b = a * a; loss = b * y - a", ["x", "y"], {"x": 2.0, "y": -3.0}


@gradient.case
def layers(rng):
    """two layers, the weights asked for in another order"""
    program = "e = relu(x @ u) @ w - y; loss = mean(e * e)"
    return program, ["w", "u"], numbers(rng, x=(5, 2), u=(2, 3), w=(3, 1), y=(5, 1))


@gradient.case
def an_inner_node(rng):
    """an inner node, and the loss itself"""
    return "a = x * x; loss = a * y", ["a", "loss"], {"x": 2.0, "y": 7.0}


@gradient.case
def not_needed(rng):
    """an input on which the loss does not depend"""
    return "loss = x * x", ["z", "x"], {"x": 2.0, "z": 5.0}


@gradient.case
def no_rule(rng):
    """an op without a rule on the way"""
    return "loss = absolute(x * y) * x", ["x"], {"x": -4.0, "y": 3.0}


@gradient.case
def corner(rng):
    """a relu that sits on its corner"""
    return "loss = mean(relu(x) * y)", ["x"], {"x": np.array([0.0, -1.0, 2.0]), "y": np.array([5.0, 6.0, 7.0])}


@gradient.case
def nothing_flows(rng):
    """a share that is None"""
    return "loss = mean(spread(y, x) * x)", ["x", "y"], {"x": np.array([2.0, 3.0, 7.0]), "y": 5.0}


@gradient.case
def tower(rng):
    """a tower of ten squares"""
    return "a = x * x; " + "a = a * a; " * 9 + "loss = a * y", ["x"], {"x": 1.0, "y": 3.0}


@gradient.probe
def slopes(answer, program, wanted, feeds):
    kind = node_class(answer)
    names = written(program, kind)
    for name in wanted:
        names.setdefault(name, kind("input", (), name))
    before = {node: (node.op, node.parents, node.value) for node in in_order([names["loss"]])}
    result = answer(names["loss"], [names[name] for name in wanted])
    if result is None:
        return None
    if found := odd(result, len(wanted)):
        return {"came back": found}
    facts = {f"slope of {name}": value for name, value in zip(wanted, interpret(result, feeds), strict=True)}
    if len(in_order(result)) > 10 * len(before):
        facts["nodes"] = "ten times as many as in the old graph, or more"
    changed = any((node.op, node.parents, node.value) != was for node, was in before.items())
    return facts | ({"the old graph": "was changed"} if changed else {})


@gradient.property
def nodes_come_back(result, program, wanted, feeds):
    """`gradient` returns a list of nodes, one for each entry of `wanted`."""
    return "came back" not in result


@gradient.mistake
def overwrites(loss, wanted):
    """A node that is used twice receives two shares, and you keep one of them. Shares add up: is the parent in your
    dict already?"""
    return walk(loss, wanted, reversed(in_order([loss])), lambda old, new: new)


@gradient.mistake
def keeps_the_first(loss, wanted):
    """A node that is used twice receives two shares, and you keep the one that came first. Shares add up: what belongs
    in the dict if the parent is there already?"""
    return walk(loss, wanted, reversed(in_order([loss])), lambda old, new: old)


@gradient.mistake
def adds_nothing(loss, wanted):
    """You add up a share that is `None`: it becomes a constant that holds no number. `None` says that nothing flows to
    this parent. Skip it."""
    return walk(loss, wanted, reversed(in_order([loss])), nothing=())


@gradient.mistake
def asks_who_was_not_reached(loss, wanted):
    """You look up the gradient of every node that has a rule. Behind an op without a rule there are nodes that no
    gradient has reached: they are not in your dict, and have nothing to hand on. Skip them."""
    return walk(loss, wanted, reversed(in_order([loss])), unreached=True)


@gradient.mistake
def as_they_were_met(loss, wanted):
    """You take the nodes in the order in which you met them, so a node that is used twice hands on its gradient before
    the second share has come. In `reversed(in_order([loss]))` its turn comes when all who used it have paid."""
    order = [loss]
    for node in order:
        order += [each for each in dict.fromkeys(node.parents) if each not in order and node.op in RULES]
    return walk(loss, wanted, order)


@gradient.mistake
def walks_forwards(loss, wanted):
    """Your walk begins at the inputs, where no gradient has arrived yet, so nothing gets beyond the loss's own parents.
    It has to begin at the loss: turn the order around."""
    return walk(loss, wanted, in_order([loss]))


@gradient.mistake
def pays_out_too_early(loss, wanted):
    """Your slopes are right, but you send each share on as soon as it arrives, so a node that is used twice is walked
    twice, and all behind it: a tower of ten squares takes a thousand walks. Add up first: in
    `reversed(in_order([loss]))` a node's turn comes when all who used it have paid."""
    grads = {}

    def send(node, g):
        grads[node] = grads[node] + g if node in grads else g
        for parent, share in zip(node.parents, RULES.get(node.op, lambda node, g: ())(node, g), strict=False):
            if share is not None:
                send(parent, share)

    send(loss, constant(1.0))
    return [grads.get(node, constant(0.0)) for node in wanted]


@gradient.mistake
def begins_with_the_loss(loss, wanted):
    """You put the loss itself in as its own gradient. How many times as much as itself does the loss move? Begin with
    `constant(1.0)`."""
    return [made("multiply", loss, node) for node in gradient.reference(loss, wanted)]


@gradient.mistake
def begins_with_a_number(loss, wanted):
    """You begin with a number where a node is wanted. It goes well until it is handed back: the gradient of the loss
    itself must be a node as well. `constant(1.0)` makes one."""
    return [1.0 if node is loss else grad for node, grad in zip(wanted, gradient.reference(loss, wanted), strict=True)]


@gradient.mistake
def missing_raises(loss, wanted):
    """You look up every wanted node, and one that no gradient has reached is not in your dict. The loss does not depend
    on it: its gradient is `constant(0.0)`."""
    grads = dict(zip(in_order([loss]), gradient.reference(loss, in_order([loss])), strict=True))
    return [grads[node] for node in wanted]


@gradient.mistake
def every_op_has_a_rule(loss, wanted):
    """You look up a rule for every node, and `RULES` does not list all: inputs and constants have no parents,
    `absolute` hands on nothing. Ask first whether the op is in `RULES`."""
    raise KeyError("input")


@gradient.mistake
def in_a_dict(loss, wanted):
    """You return the dict of all gradients. A list is wanted, one node for each entry of `wanted`, in that order."""
    return dict(zip(wanted, gradient.reference(loss, wanted), strict=True))


@gradient.accepts
def collects_lists(loss, wanted):
    shares = {node: [] for node in [*in_order([loss]), *wanted]}
    shares[loss].append(Node("constant", (), np.array(1.0)))
    total = {}
    for node in in_order([loss])[::-1]:
        whole = Node("constant", (), 0.0)
        for share in shares[node]:
            whole = Node("add", (whole, share))
        total[node] = whole
        rule = RULES.get(node.op, lambda node, g: [None] * len(node.parents)) if shares[node] else lambda node, g: ()
        for number, share in enumerate(rule(node, whole)):
            if share is not None:
                shares[node.parents[number]].append(share)
    return tuple(total.get(node, Node("constant", (), 0)) for node in wanted)


# 3. step


def parts(x, y, w1, w2, layer=lambda node: made("relu", node)):
    """Return (miss, loss, its two gradients) as nodes."""
    error = layer(x @ w1) @ w2 - y
    loss = made("mean", error * error)
    return made("mean", made("absolute", error)), loss, gradient.reference(loss, [w1, w2])


def moved(found, weights, change=lambda w, g: w - RATE * g, swap=1):
    """Return [miss, new_w1, new_w2]; the switches let something go astray."""
    miss, loss, slopes = found
    pairs = [(w, change(w, g))[::swap] for w, g in zip(weights, slopes, strict=True)]
    return [miss, *(made("where", made("isnan", loss), *pair) for pair in pairs)]


@Check
def step(x, y, w1, w2):
    return moved(parts(x, y, w1, w2), (w1, w2))


def batch(rng, rows):
    return [rng.normal(size=shape).round(2) for shape in ((rows, 4), (rows, 1), (4, 6), (6, 1))]


@step.case
def usual(rng):
    """a batch of 8 rows"""
    return tuple(batch(rng, 8))


@step.case
def a_reading_is_missing(rng):
    """a batch in which a reading is missing"""
    values = batch(rng, 8)
    values[0][3, 1] = np.nan
    return tuple(values)


@step.case
def a_power_is_missing(rng):
    """a batch in which one power is missing"""
    values = batch(rng, 8)
    values[1][5, 0] = np.nan
    return tuple(values)


@step.case
def no_rows(rng):
    """a batch without rows"""
    return tuple(batch(rng, 0))


@step.case
def one_row(rng):
    """a batch of one row"""
    return tuple(batch(rng, 1))


@step.case
def all_zero(rng):
    """a batch of zeros, on the corner of every relu"""
    values = batch(rng, 8)
    return np.zeros((8, 4)), *values[1:]


class NotForNodes(TypeError):
    """A function or a sign was given a node, and does not know nodes."""


@step.probe
def run_step(answer, x, y, w1, w2):
    kind = node_class(answer)
    feeds = {"x": x, "y": y, "w1": w1, "w2": w2}
    try:
        result = answer(*[kind("input", (), name) for name in feeds])
    except (TypeError, AttributeError) as error:
        if "Node" not in str(error) or "iterable" in str(error):
            raise
        raise NotForNodes(str(error)).with_traceback(error.__traceback__) from None
    if result is None:
        return None
    if found := odd(result, 3):
        return {"came back": found}
    names = ("miss", "new_w1", "new_w2")
    return {name: value for name, value in zip(names, interpret(result, feeds), strict=True)}


@step.property
def nodes_come_back(result, x, y, w1, w2):
    """`step` returns a list of three nodes."""
    return "came back" not in result


@step.property
def skips_bad_batches(result, x, y, w1, w2):
    """A batch whose loss is `nan` leaves both weights as they are."""
    bad = not len(x) or np.isnan(x).any() or np.isnan(y).any()
    return not bad or (np.array_equal(result["new_w1"], w1) and np.array_equal(result["new_w2"], w2))


@step.property
def as_eager_torch(result, x, y, w1, w2):
    """All three results are those of eager torch."""
    import torch

    x, y, *weights = [torch.tensor(value, dtype=torch.float64) for value in (x, y, w1, w2)]
    weights = [weight.requires_grad_() for weight in weights]
    error = torch.relu(x @ weights[0]) @ weights[1] - y
    loss = (error * error).mean()
    moves = [0 * weight for weight in weights] if torch.isnan(loss) else torch.autograd.grad(loss, weights)
    expected = [error.abs().mean(), *[w - RATE * move for w, move in zip(weights, moves, strict=True)]]
    pairs = zip(expected, result.values(), strict=True)
    return all(np.allclose(want.detach().numpy(), came, equal_nan=True) for want, came in pairs)


@step.mistake
def decided_by_python(x, y, w1, w2):
    """No batch ever moves your weights. Did Python decide, in an `if` on `isnan(loss)`, or with a `==`? `isnan(loss)`
    is a node, and Python takes any node for true: the answer was given once, while the graph was built, with no batch
    in sight. Let `isnan` and `where` choose, inside the graph. (Or did you take the gradient of `miss`? `RULES` has
    nothing for `absolute`.)"""
    return [parts(x, y, w1, w2)[0], w1, w2]


@step.mistake
def not_for_nodes(x, y, w1, w2):
    """A node came to something that wants numbers (see *Your line*), and there are none yet: NumPy, torch and Python's
    own functions compute at once. Nodes know `+ - * @ >` and nothing else; `relu`, `mean`, `absolute`, `isnan` and
    `where` from this notebook make nodes."""
    raise NotForNodes


@step.mistake
def numpy_chooses(x, y, w1, w2):
    """An array came where a node is wanted. Is it NumPy's `where`? It chooses at once, and takes the node for true,
    before there is a batch. The `where` of this notebook makes a node."""
    return [parts(x, y, w1, w2)[0], np.zeros(1), np.zeros(1)]


@step.mistake
def without_relu(x, y, w1, w2):
    """Your numbers are those of a network without its `relu`: it stands between the two products."""
    return moved(parts(x, y, w1, w2, lambda node: node), (w1, w2))


@step.mistake
def no_guard(x, y, w1, w2):
    """Good batches are right, and a bad one still turns the weights to `nan`. Either nothing in your graph guards them,
    or a Python line such as `if loss != loss` was decided at build time, or you multiply by 0: 0 times `nan` is `nan`.
    `where` chooses, and what it does not choose does no harm."""
    miss, _, (g1, g2) = parts(x, y, w1, w2)
    return [miss, w1 - RATE * g1, w2 - RATE * g2]


@step.mistake
def branches_exchanged(x, y, w1, w2):
    """Your `where` chooses the other way round: good batches leave the weights alone, bad ones spoil them. Its second
    argument is taken where the condition holds."""
    return moved(parts(x, y, w1, w2), (w1, w2), swap=-1)


@step.mistake
def guards_one(x, y, w1, w2):
    """The first weights are guarded, the second ones turn to `nan` with a bad batch. Both need a `where`."""
    miss, new_w1, _ = step.reference(x, y, w1, w2)
    return [miss, new_w1, w2 - RATE * parts(x, y, w1, w2)[2][1]]


@step.mistake
def climbs(x, y, w1, w2):
    """You add the gradient: it points uphill. The new weight is the old one *minus* `RATE` times its gradient."""
    return moved(parts(x, y, w1, w2), (w1, w2), lambda w, g: w + RATE * g)


@step.mistake
def forgets_the_rate(x, y, w1, w2):
    """You move by the whole gradient. `RATE` says which part of it."""
    return moved(parts(x, y, w1, w2), (w1, w2), lambda w, g: w - g)


@step.mistake
def reports_the_loss(x, y, w1, w2):
    """Your weights are right, and you report the loss, the mean of the *squares*. The first node is the miss: the mean
    of the absolute error."""
    return [parts(x, y, w1, w2)[1], *step.reference(x, y, w1, w2)[1:]]


@step.mistake
def without_absolute(x, y, w1, w2):
    """Your weights are right, but `miss` is the mean of the error itself: misses above and below cancel. Take the
    `absolute` first."""
    error = made("relu", x @ w1) @ w2 - y
    return [made("mean", error), *step.reference(x, y, w1, w2)[1:]]


@step.accepts
def a_rate_that_is_zero(x, y, w1, w2):
    error = made("subtract", made("matmul", made("relu", made("matmul", x, w1)), w2), y)
    loss = made("mean", error * error)
    new = [
        w - made("where", made("isnan", loss), 0.0, g * RATE)
        for w, g in zip((w1, w2), gradient.reference(loss, [w1, w2]), strict=True)
    ]
    return (made("mean", made("absolute", error)), *new)


@step.accepts
def asks_the_miss(x, y, w1, w2):
    miss, _, slopes = parts(x, y, w1, w2)
    return [miss] + [
        made("where", made("isnan", miss), w, w - slope * RATE) for w, slope in zip((w1, w2), slopes, strict=True)
    ]


# 4. simplify


def tag(node):
    if node.op == "constant":
        value = np.asarray(node.value, dtype=float)
        return node.op, value.shape, value.tobytes()
    return (node.op, node.value) if node.op == "input" else node.op


def simplified(outputs, key=lambda new, old: (tag(new), new.parents), folds=None, effect=None, fold_effects=False):
    """Return the simplified outputs; the switches let something go astray."""
    new, register = {}, {}
    for node in in_order(outputs):
        parents = tuple(new[parent] for parent in node.parents)
        better = Node(node.op, parents, node.value) if parents else node
        known = bool(parents) and all(parent.op == "constant" for parent in parents)
        if (known if folds is None else folds(node, known)) and (fold_effects or node.op not in EFFECTS):
            better = constant(OPS[node.op](*[parent.value for parent in parents]))
        if better.op in EFFECTS and effect != "share":
            new[node] = node if effect == "keep" else better
        else:
            new[node] = register.setdefault(key(better, node), better)
    return [new[node] for node in outputs]


@Check(seconds=20)
def simplify(outputs):
    return simplified(outputs)


XY = {"x": np.array([1.5, -2.0]), "y": np.array([4.0, 0.5])}


@simplify.case
def twins(rng):
    """twins"""
    return "out = [x * y + x * y]", XY


@simplify.case
def deep_twins(rng):
    """twins made from twins"""
    return "out = [relu(absolute(x - y)) * relu(absolute(x - y)), mean(relu(absolute(x - y)))]", XY


@simplify.case
def nothing_to_do(rng):
    """operations that differ in the order of their parents"""
    return "out = [(x - y) * (y - x)]", XY


@simplify.case
def constants(rng):
    """constants made from constants"""
    return "out = [x * (2.0 * 0.25 + 1.0)]", XY


@simplify.case
def the_same_constant(rng):
    """the same constant in two places, and other ones"""
    return "out = [x * 0.5 + y * 0.5 - x * 0.25]", XY


@simplify.case
def twins_after_folding(rng):
    """operations that are twins once a constant is folded"""
    return "out = [x * (1.0 + 1.0) - x * 2.0]", XY


@simplify.case
def dice(rng):
    """two throws of a die"""
    return "out = [noise(x * 2.0) - noise(x * 2.0)]", XY


@simplify.case
def effect_of_a_constant(rng):
    """an op with an effect whose parent is a constant"""
    return "out = [x + show(2.0 * 1.5)]", XY


@simplify.case
def equal_arrays(rng):
    """constants that are arrays, two of them equal"""
    return "out = [x * A - x * B + x * C]", XY | {"A": np.array([2.0, 3.0]), "B": np.array([2.0, 3.0]), "C": np.ones(2)}


@simplify.case
def a_folded_array(rng):
    """an array and a number to be folded"""
    return "out = [x * (A + 1.0)]", XY | {"A": np.array([2.0, 3.0])}


@simplify.case
def bare_outputs(rng):
    """outputs that are an input, a constant, and twice the same"""
    return "a = x + y; out = [x, 2.0 * 3.0, a, a]", XY


@simplify.probe
def what_is_left(answer, program, feeds):
    kind = node_class(answer)
    names = written(program, kind, {name: kind("constant", (), feeds[name]) for name in feeds if name.isupper()})
    outputs = names["out"]
    before = {node: (node.op, node.parents, node.value) for node in in_order(outputs)}
    result = answer(list(outputs))
    if result is None:
        return None
    if found := odd(result, len(outputs)):
        return {"came back": found}
    left, facts = in_order(result), {}
    ops = [node.op for node in left]
    inputs = [node for node in left if node.op == "input"]
    facts["left over"] = {op: ops.count(op) for op in sorted(set(ops))}
    facts["values"] = [value.tolist() for value in interpret(result, feeds)]
    if any(node not in before for node in inputs):
        facts["inputs"] = "are others"
    if any((node.op, node.parents, node.value) != was for node, was in before.items()):
        facts["the old graph"] = "was changed"
    return facts


@simplify.property
def nodes_come_back(result, program, feeds):
    """`simplify` returns a list of nodes, one for each output."""
    return "came back" not in result


@simplify.mistake
def only_folds(outputs):
    """You fold, and twins are still two. Keep a register (a dict) of what has been made, and ask it before you make a
    node."""
    return simplified(outputs, key=lambda new, old: old)


@simplify.mistake
def only_shares(outputs):
    """You share, and constants made from constants are still computed in every run. If all parents are constants, call
    `OPS[op]` now."""
    return simplified(outputs, folds=lambda node, known: False)


@simplify.mistake
def merges_dice(outputs):
    """You do not ask for `EFFECTS`, neither when you share nor when you fold. `noise(x) - noise(x)` is not 0: two
    throws of a die are two numbers. And `show(3.0)` is to show in every run."""
    return simplified(outputs, effect="share", fold_effects=True)


@simplify.mistake
def shares_dice(outputs):
    """You share what has an effect. `noise(x) - noise(x)` is not 0: two throws of a die are two numbers. Keep `EFFECTS`
    out of sharing, too."""
    return simplified(outputs, effect="share")


@simplify.mistake
def folds_effects(outputs):
    """Twins with an effect stay two, but you fold one whose parent is a constant: it has its effect once, at build
    time, and never again. Keep `EFFECTS` out of folding as well."""
    return simplified(outputs, fold_effects=True)


@simplify.mistake
def effects_keep_old_parents(outputs):
    """Nodes with an effect keep their old parents in your graph: whatever lies behind them is computed a second time.
    Make a new node with the new parents."""
    return simplified(outputs, effect="keep")


@simplify.mistake
def order_does_not_matter(outputs):
    """You take x - y and y - x for twins: your key forgets the order of the parents (a set does, and so does sorting).
    Use the tuple."""
    return simplified(outputs, key=lambda new, old: (tag(new), frozenset(new.parents)))


@simplify.mistake
def forgets_the_parents(outputs):
    """Your key holds what a node does and not whom it takes, so all products are one. Twins have the same parents,
    too."""
    return simplified(outputs, key=lambda new, old: tag(new))


@simplify.mistake
def constants_without_value(outputs):
    """All constants are one in your graph: your key knows their op, not their value. `label(node)` tells them apart."""
    return simplified(outputs, key=lambda new, old: (new.op if new.op == "constant" else tag(new), new.parents))


@simplify.mistake
def asks_for_old_parents(outputs):
    """Twins are found where their parents are the same objects from the start, but not twins made from twins: your key
    holds the old parents. Put in the new ones, which were shared before."""
    return simplified(outputs, key=lambda new, old: (tag(new), new.op != "constant" and old.parents))


@simplify.mistake
def always_asks_for_old_parents(outputs):
    """Twins are found where their parents are the same objects from the start, but not twins made from twins: your key
    holds the old parents. Put in the new ones; a folded constant has none."""
    return simplified(outputs, key=lambda new, old: (tag(new), old.parents))


@simplify.mistake
def folds_one_layer(outputs):
    """You fold what is made of given constants and stop there: 2 * 0.25 is folded, and the + 1 after it is not. Ask the
    *new* parents whether they are constants."""

    def folds(node, known):
        return known and all(parent.op == "constant" for parent in node.parents)

    return simplified(outputs, folds=folds)


@simplify.mistake
def value_in_the_key(outputs):
    """A constant's bare value is a part of your key. An array cannot be: keys must be hashable. `label(node)` makes
    something hashable of it."""
    return simplified(outputs, key=lambda new, old: (new.op, new.value, new.parents))


@simplify.mistake
def changes_the_old_graph(outputs):
    """You put new parents into the old nodes. Whoever else holds this graph (another output, the gradient) finds it
    changed. Make new nodes."""
    register, new = {}, {}
    for node in in_order(outputs):
        node.parents = tuple(new[parent] for parent in node.parents)
        if node.parents and node.op not in EFFECTS and all(parent.op == "constant" for parent in node.parents):
            node.op, node.value, node.parents = "constant", OPS[node.op](*[p.value for p in node.parents]), ()
        new[node] = node if node.op in EFFECTS else register.setdefault((tag(node), node.parents), node)
    return [new[node] for node in outputs]


@simplify.mistake
def copies_inputs(outputs):
    """All is well but the inputs: you have made new nodes for them, and whoever holds the old `x` will look for it in
    vain. A node without parents can be handed on as it is."""
    copies = {node: Node(node.op, (), node.value) for node in in_order(outputs) if node.op == "input"}
    new = dict(copies)
    for node in in_order(outputs):
        new.setdefault(node, Node(node.op, tuple(new[parent] for parent in node.parents), node.value))
    return simplified([new[node] for node in outputs])


@simplify.mistake
def all_of_none(outputs):
    """You tried to fold an input. `all(…)` over no parents at all is true. Ask besides whether there are any."""
    raise KeyError("input")


@simplify.mistake
def folds_constants(outputs):
    """You tried to fold what is a constant already. `all(…)` over no parents at all is true. Ask besides whether there
    are any."""
    return simplified(outputs, folds=lambda node, known: known or (node.op == "constant" and OPS[node.op]))


@simplify.mistake
def folded_by_its_old_key(outputs):
    """A constant that you have folded stands in your register as the operation that it was, so an equal constant is not
    its twin, nor are those who take them. Fold first, then make the key, from what the node is now."""

    def key(new, old):
        return (tag(new), new.parents) if new.op == old.op else (old.op, tuple(map(tag, in_order([old]))))

    return simplified(outputs, key=key)


@simplify.accepts
def walks_down(outputs):
    done, twins = {}, {}

    def better(node):
        if node in done:
            return done[node]
        parents = tuple(better(parent) for parent in node.parents)
        new = node
        if node.op in EFFECTS:
            new = Node(node.op, parents)
        elif parents:
            if {parent.op for parent in parents} == {"constant"}:
                new = Node("constant", (), OPS[node.op](*(parent.value for parent in parents)))
            else:
                new = Node(node.op, parents)
        if node.op not in EFFECTS:
            word = ("number", np.asarray(new.value, float).tobytes()) if new.op == "constant" else (new.op, new.value)
            new = twins.setdefault((word, *map(id, new.parents)), new)
        done[node] = new
        return new

    return tuple(map(better, outputs))


# 5. crossover


@Check(inputs="untouched")
def crossover(sizes, graph, eager):
    found = None
    for size, one, other in reversed(list(zip(sizes, graph, eager, strict=True))):
        if not other < one:
            break
        found = size
    return found


SIZES = [10, 100, 1000, 10_000]


@crossover.case
def once(rng):
    """one crossing"""
    return SIZES, [1.0, 2.0, 9.0, 90.0], [5.0, 6.0, 8.0, 70.0]


@crossover.case
def none(rng):
    """no crossing: the graph costs less at every size"""
    return SIZES, [1.0, 2.0, 6.0, 50.0], [5.0, 6.0, 8.0, 70.0]


@crossover.case
def from_the_first(rng):
    """eager that costs less from the first size on"""
    return SIZES, [7.0, 8.0, 9.0, 90.0], [5.0, 6.0, 8.0, 70.0]


@crossover.case
def two_crossings(rng):
    """two crossings, the first of them a hiccup"""
    return SIZES, [1.0, 7.0, 8.0, 90.0], [5.0, 6.0, 9.0, 70.0]


@crossover.case
def back_again(rng):
    """eager that is ahead in the middle and behind at the largest size"""
    return SIZES, [1.0, 7.0, 9.0, 60.0], [5.0, 6.0, 8.0, 70.0]


@crossover.case
def a_tie(rng):
    """a tie in the middle"""
    return SIZES, [1.0, 2.0, 8.0, 90.0], [5.0, 6.0, 8.0, 70.0]


@crossover.case
def a_tie_at_the_end(rng):
    """a tie at the largest size"""
    return SIZES, [1.0, 2.0, 9.0, 70.0], [5.0, 6.0, 8.0, 70.0]


@crossover.case
def a_failure(rng):
    """a run of eager that failed (nan)"""
    return SIZES, [1.0, 7.0, 9.0, 90.0], [5.0, 6.0, np.nan, 70.0]


@crossover.mistake
def the_first_win(sizes, graph, eager):
    """You return the first size at which eager is lower. One hiccup of the machine then decides. Wanted is the size
    from which on it *stays* lower, up to the largest."""
    return next((size for size, one, other in zip(sizes, graph, eager, strict=True) if other < one), None)


@crossover.mistake
def ties_win(sizes, graph, eager):
    """You count a tie as a win of eager. Equal is not lower: nobody changes a tool for nothing."""
    return crossover.reference(sizes, np.nextafter(graph, np.inf), eager)


@crossover.mistake
def nan_wins(sizes, graph, eager):
    """With you a failed run (`nan`) has won. Do you ask whether the graph is lower, or equal, and take the rest for a
    win? A comparison with `nan` is false either way, and a maximum may drop it. Ask the question whose answer is yes
    for a win."""
    return crossover.reference(sizes, graph, np.where(np.isnan(eager), -1.0, eager))


@crossover.mistake
def the_other_tool(sizes, graph, eager):
    """You exchanged the two tools: from your size on, the *graph* costs less. Wanted is where eager begins to win."""
    return crossover.reference(sizes, eager, graph)


@crossover.mistake
def its_place(sizes, graph, eager):
    """You return the place in the list. The size that stands there is wanted."""
    found = crossover.reference(sizes, graph, eager)
    return None if found is None else sizes.index(found)


@crossover.mistake
def largest_if_never(sizes, graph, eager):
    """Where eager does not win in the end you return a number. It would be read as a crossing. `None` says that there
    is none in reach."""
    found = crossover.reference(sizes, graph, eager)
    return sizes[-1] if found is None else found


@crossover.mistake
def runs_off_the_end(sizes, graph, eager):
    """You look up a size behind the largest one where eager does not win in the end. Ask whether there is one left
    before you take it; if not, the answer is `None`."""
    return [crossover.reference(sizes, graph, eager)][0] or sizes[len(sizes)]


@crossover.mistake
def ends_without_looking_on(sizes, graph, eager):
    """You look for the last size at which the graph is still lower, and take the next one. A tie there, or a run that
    failed, is not a win of eager either: it has to be lower at every size from yours on."""
    losing = [i for i, (one, other) in enumerate(zip(graph, eager, strict=True)) if one < other]
    place = losing[-1] + 1 if losing else 0
    return sizes[place] if place < len(sizes) else None


@crossover.accepts
def with_arrays(sizes, graph, eager):
    lower = np.asarray(eager) < np.asarray(graph)
    stays = np.logical_and.accumulate(lower[::-1])[::-1]
    return int(np.asarray(sizes)[stays][0]) if stays.any() else None


@crossover.accepts
def tries_each(sizes, graph, eager):
    for start, size in enumerate(sizes):
        if all(other < one for one, other in list(zip(graph, eager, strict=True))[start:]):
            return size
