"""Decide whether a learner's pieces make an engine that differentiates whatever is computed with it."""

import numpy as np

from shoshin import Check


class Node:
    def __init__(self, value, parents=(), pull=lambda g: ()):
        self.value, self.parents, self.pull = np.asarray(value, dtype=float), parents, pull
        self.grad = np.zeros(self.value.shape)


def pulled(answer, a, b, g):
    """Make a node from two others, and ask how it shares out the gradient g."""
    import numpy as np

    class Node:
        def __init__(self, value):
            self.value, self.parents, self.pull = np.array(value), (), lambda g: ()
            self.grad = np.zeros(self.value.shape)

    first, second = Node(a), Node(b)
    node = answer(first, second)
    if node is None:
        return None
    result, parents, arriving = {"value": np.array(node.value)}, list(node.parents), np.array(g)
    shares, without = node.pull(arriving), "none"
    if shares is None:
        shares, without = [], "none: pull returned nothing"
    elif not hasattr(shares, "__iter__") or getattr(shares, "ndim", 1) == 0:
        shares, without = [], "none: pull returned a single share"
    else:
        shares = [np.asarray(share) for share in shares]
        if len(shares) != len(parents):
            shares, without = [], f"none: {len(shares)} shares for {len(parents)} parents"
    for name, parent in (("a", first), ("b", second)):
        mine = [share for other, share in zip(parents, shares, strict=False) if other is parent]
        result[f"share of {name}"] = sum(mine[1:], mine[0]) if mine else without
    if any(parent is not first and parent is not second for parent in parents):
        result["parents"] = "others than a and b"
    kept = {"a": (first.value, a), "b": (second.value, b), "g": (arriving, g)}
    kept |= {"the grad of a": (first.grad, 0 * first.grad), "the grad of b": (second.grad, 0 * second.grad)}
    changed = [name for name, (now, before) in kept.items() if not np.array_equal(now, before)]
    return result | {f"a change of {name}": True for name in changed}


# --- times: the first operation


@Check
def times(a, b):
    return Node(a.value * b.value, (a, b), lambda g: (g * b.value, g * a.value))


times.probe(pulled)


@times.case
def two_numbers(rng):
    """two single numbers"""
    return rng.uniform(2, 3), -rng.uniform(4, 5), rng.uniform(0.5, 0.9)


@times.case
def two_arrays(rng):
    """two arrays of shape (3,)"""
    return rng.normal(size=3), rng.normal(size=3), rng.normal(size=3)


@times.case
def a_zero(rng):
    """a factor that is zero"""
    return 0.0, rng.uniform(2, 3), 1.5


@times.mistake
def shares_like_a_sum(a, b):
    """You hand the gradient on unchanged, as a sum does. In a product, a push of `a` arrives multiplied: by how much?
    If b is 5 and you push a by 0.01, the product moves by 0.05."""
    return Node(a.value * b.value, (a, b), lambda g: (g, g))


@times.mistake
def each_its_own(a, b):
    """You gave each factor its own value. But if you push `a`, it is the value of `b` that decides how far the
    product moves. Cross over."""
    return Node(a.value * b.value, (a, b), lambda g: (g * a.value, g * b.value))


@times.mistake
def ignores_what_arrives(a, b):
    """Your pull returns the local slopes and ignores `g`. That is one link of the chain. What arrives from the loss
    has to be multiplied in, or everything behind this node is forgotten."""
    return Node(a.value * b.value, (a, b), lambda g: (b.value, a.value))


@times.mistake
def divides_the_product(a, b):
    """You get the slope by dividing the product by the factor. On paper that is the other factor; here 0 / 0 is `nan`
    as soon as a factor is zero. Take the other factor itself."""
    with np.errstate(all="ignore"):
        value = np.asarray(a.value * b.value)
        first, second = value / a.value, value / b.value
    return Node(value, (a, b), lambda g: (g * first, g * second))


@times.mistake
def adds_the_values(a, b):
    """Your node holds the sum of both values (left over from `plus`, perhaps). It should hold their product."""
    return Node(a.value + b.value, (a, b), lambda g: (g * b.value, g * a.value))


@times.mistake
def forgets_the_parents(a, b):
    """Your node has the right value and no parents, so no gradient ever flows through it. Hand over `(a, b)` and a
    pull, as `plus` does."""
    return Node(a.value * b.value)


@times.mistake
def hands_over_no_nodes(a, b):
    """The parents of your node are not `a` and `b` themselves (their values, perhaps, or copies of them), so no share
    ever reaches `a` or `b`. Hand over the two nodes that came in: `(a, b)`."""
    return Node(a.value * b.value, (a.value, b.value), lambda g: (g * b.value, g * a.value))


@times.mistake
def forgets_the_pull(a, b):
    """Your node knows its parents, but it was given no pull, so it has nothing to share out. Hand over a third thing:
    a function that takes `g`."""
    return Node(a.value * b.value, (a, b))


@times.mistake
def pull_returns_nothing(a, b):
    """Your pull returns nothing, so its shares are lost. Is a `return` missing in it?"""
    return Node(a.value * b.value, (a, b), lambda g: None)


@times.mistake
def fills_in_the_grads(a, b):
    """Your pull writes into the `grad` of both parents itself. Here a pull only says what the shares are: it returns
    them, and `backward` will add them up."""

    def pull(g):
        a.grad = a.grad + g * b.value
        b.grad = b.grad + g * a.value

    return Node(a.value * b.value, (a, b), pull)


@times.mistake
def returns_the_value(a, b):
    """You return the product itself, a bare number. It keeps no receipt, so no gradient finds its way back through
    it. Wrap it up in a `Node`, as `plus` does."""
    return a.value * b.value


@times.accepts
def with_a_named_function(a, b):
    left, right = np.array(a.value), np.array(b.value)

    def pull(g):
        return [right * g, left * g]

    node = Node(np.multiply(left, right))
    node.parents, node.pull = [a, b], pull
    return node


@times.accepts
def shares_in_an_array(a, b):
    return Node(a.value * b.value, (a, b), lambda g: np.array([b.value, a.value]) * g)


@times.accepts
def the_parents_the_other_way_round(a, b):
    return Node(b.value * a.value, (b, a), lambda g: (np.multiply(a.value, g), np.multiply(b.value, g)))


# --- in_order: parents first, each node once


@Check(compare=None)
def in_order(node):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(node)
    return order


@in_order.probe
def names_of(answer, graph):
    """`graph` maps the name of each node to those of its parents; the last is where the answer starts."""
    import numpy as np

    class Node:
        def __init__(self, parents):
            self.value, self.parents, self.pull = np.array(1.0), parents, lambda g: (g,) * len(parents)
            self.grad = np.zeros(())

    answer(Node((Node(()),)))  # another graph: nothing of it may be left over
    nodes = {}
    for name, parents in graph.items():
        nodes[name] = Node(tuple(nodes[parent] for parent in parents))
    names = {id(node): name for name, node in nodes.items()}
    result = {}
    for call in "order", "order in a second call":
        order = answer(nodes[list(graph)[-1]])
        if order is None:
            return None
        order = list(order)
        strangers = [node for node in order if id(node) not in names and hasattr(node, "parents")]
        if strangers:
            result["left over from other calls"] = True
        result[call] = [names.get(id(node), "not a node") for node in order if node not in strangers]
    first, second = result["order"], result["order in a second call"]
    if sorted(first) == sorted(second):
        del result["order in a second call"]
    return result


@in_order.case
def a_chain(rng):
    """a chain"""
    return {"a": (), "b": ("a",), "c": ("b",), "loss": ("c",)}


@in_order.case
def used_twice(rng):
    """a node that is used twice, near the loss and far from it"""
    return {"a": (), "b": ("a",), "c": ("b",), "d": ("c",), "loss": ("a", "d")}


@in_order.case
def used_twice_the_other_way(rng):
    """a node that is used twice, far from the loss and near it"""
    return {"w": (), "a": ("w",), "b": ("a",), "c": ("b", "a"), "d": ("c",), "loss": ("d", "w")}


@in_order.case
def itself_times_itself(rng):
    """a node multiplied by itself, again and again"""
    return {"x0": ()} | {f"x{i + 1}": (f"x{i}", f"x{i}") for i in range(12)}


@in_order.case
def a_tangle(rng):
    """a tangle, in which every node uses the one before and some older one"""
    return {"n0": ()} | {f"n{i}": (f"n{int(rng.integers(i))}", f"n{i - 1}") for i in range(1, 9)}


@in_order.case
def a_single_node(rng):
    """a node without parents"""
    return {"a": ()}


@in_order.property
def only_nodes(result, graph):
    """The list holds nothing but nodes of the graph."""
    return set(result["order"]) <= set(graph) and "left over from other calls" not in result


@in_order.property
def nobody_is_missing(result, graph):
    """Every node that the last one was made from, directly or not, is in the list, and so is the last one itself."""
    return set(result["order"]) >= set(graph)


@in_order.property
def each_once(result, graph):
    """No node is in the list twice."""
    return len(result["order"]) == len(set(result["order"]))


@in_order.property
def parents_first(result, graph):
    """Every node comes after all of its parents."""
    order = result["order"]
    return all(order.index(parent) < order.index(name) for name in order for parent in graph[name])


@in_order.property
def as_often_as_you_like(result, graph):
    """A second call for the same node finds the same nodes again."""
    return "order in a second call" not in result


@in_order.mistake
def never_asks_who_was_there(node):
    """You list a node again each time somebody uses it. A node that is multiplied by itself twelve times over then
    appears 4096 times. Remember whom you have visited, and turn back at the door."""
    order = []
    for parent in node.parents:
        order += never_asks_who_was_there(parent)
    return [*order, node]


@in_order.mistake
def children_first(node):
    """Your list runs from the loss to the inputs. Here the parents come first; `backward` will turn it around."""
    return in_order.reference(node)[::-1]


@in_order.mistake
def appends_on_arrival(node):
    """You append a node when you arrive, before its parents had their turn. The line order decides: first visit all
    parents, then append."""
    order = []

    def visit(node):
        if node not in order:
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(node)
    return order


@in_order.mistake
def appends_on_arrival_and_turns_around(node):
    """You list nodes on arrival and turn the list around. That works for a chain. A node that is used near the loss
    and far from it is then listed too late. Append a node when all of its parents are in the list already."""
    return appends_on_arrival(node)[::-1]


@in_order.mistake
def level_by_level(node):
    """You go level by level away from the loss. A node that is used near the loss *and* far from it belongs to two
    levels, and lands on the wrong one. Go deep first: a node follows when all its parents are in the list."""
    order, queue = [], [node]
    while queue:
        first = queue.pop(0)
        if first not in order:
            order.append(first)
            queue.extend(first.parents)
    return order[::-1]


@in_order.mistake
def leaves_itself_out(node):
    """Your list ends before the node you were called with. It belongs to the list too, as the last."""
    return in_order.reference(node)[:-1]


@in_order.mistake
def parents_only(node):
    """You list the node and its parents and stop there. Their parents matter too, and so on to the inputs: let the
    function call itself."""
    return [*node.parents, node]


@in_order.mistake
def level_by_level_from_the_loss(node):
    """You go level by level away from the loss, so children come before their parents. Turning the list around is not
    enough: a node that is used near the loss *and* far from it would still land too late. Go deep first."""
    return level_by_level(node)[::-1]


@in_order.mistake
def marks_the_nodes(node):
    """Your first call is right, a second one finds every node marked already and leaves them all out. `backward` is
    called many times. Keep what you remember in a set that each call makes anew."""
    if getattr(node, "visited", False):
        return []
    node.visited = True
    return [other for parent in node.parents for other in marks_the_nodes(parent)] + [node]


@in_order.mistake
def remembers_other_calls(node, order=[]):  # noqa: B006
    """Your list still holds the nodes of earlier calls: it lives outside the function, or is a default value, which
    Python makes once for all calls. Make a new list in each call."""
    if node not in order:
        for parent in node.parents:
            remembers_other_calls(parent)
        order.append(node)
    return order


@in_order.accepts
def without_recursion(node):
    order, seen, stack = [], set(), [(node, False)]
    while stack:
        top, ready = stack.pop()
        if ready:
            order.append(top)
        elif id(top) not in seen:
            seen.add(id(top))
            stack.append((top, True))
            stack.extend((parent, False) for parent in top.parents)
    return order


@in_order.accepts
def with_a_dict(node):
    done = {}
    for parent in node.parents:
        done |= dict.fromkeys(with_a_dict(parent))
    return list(done | {node: None})


# --- backward: one walk, all gradients


@Check
def backward(loss):
    order = in_order.reference(loss)
    for node in order:
        node.grad = np.zeros(node.value.shape)
    loss.grad = np.ones(loss.value.shape)
    for node in reversed(order):
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            parent.grad = parent.grad + share


@backward.probe
def slopes(answer, inputs, made):
    """Build what `made` tells, ask for the gradients, and ask once more."""
    import numpy as np

    class Node:
        def __init__(self, value, parents=(), pull=lambda g: ()):
            self.value, self.parents, self.pull = np.asarray(value, dtype=float), parents, pull
            self.grad = np.zeros(self.value.shape)

    known = {
        "plus": lambda a, b: Node(a.value + b.value, (a, b), lambda g: (g, g)),
        "times": lambda a, b: Node(a.value * b.value, (a, b), lambda g: (g * b.value, g * a.value)),
        "total": lambda a: Node(a.value.sum(), (a,), lambda g: (g * np.ones(a.value.shape),)),
    }
    nodes = {name: Node(value) for name, value in inputs.items()}
    for name, operation, *parents in made:
        nodes[name] = known[operation](*(nodes[parent] for parent in parents))
    answer(nodes[name])
    first = {name: np.array(node.grad) for name, node in nodes.items()}
    answer(nodes[name])
    second = {name: np.array(node.grad) for name, node in nodes.items()}
    same = all(np.allclose(second[name], first[name]) for name in nodes)
    return first if same else first | {"a second call": "gives other gradients"}


def numbers(rng, *names):
    return {name: float(np.round(rng.uniform(1.5, 4), 2)) for name in names}


@backward.case
def a_product(rng):
    """a product of three numbers"""
    return numbers(rng, "a", "b", "c"), [("d", "times", "a", "b"), ("loss", "times", "d", "c")]


@backward.case
def a_number_used_twice(rng):
    """a number that is used twice"""
    return numbers(rng, "a", "b"), [("c", "times", "a", "b"), ("loss", "plus", "c", "a")]


@backward.case
def a_result_used_twice(rng):
    """a result that is used twice, near the loss and far from it"""
    made = [("c", "times", "a", "b"), ("d", "times", "c", "c"), ("e", "times", "d", "b"), ("loss", "plus", "c", "e")]
    return numbers(rng, "a", "b"), made


@backward.case
def sums_of_arrays(rng):
    """sums of arrays, in which one array is used twice"""
    made = [("c", "plus", "a", "b"), ("d", "plus", "c", "a"), ("loss", "total", "d")]
    return {"a": rng.normal(size=3), "b": rng.normal(size=3)}, made


@backward.mistake
def keeps_the_last_share(loss):
    """A parent that is used twice keeps the last share only, as `=` replaces the one before. Pushing it moves the loss
    along both ways at once: its slopes add up."""
    order = in_order.reference(loss)
    loss.grad = np.ones(loss.value.shape)
    for node in reversed(order):
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            parent.grad = share


@backward.mistake
def never_begins_from_zero(loss):
    """Your first call is right. The second one adds its gradients to what the first one left. PyTorch does that too
    (hence its `zero_grad`), but here every call begins from zero: set each `grad` before the walk."""
    loss.grad = np.ones(loss.value.shape)
    for node in reversed(in_order.reference(loss)):
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            parent.grad = parent.grad + share


@backward.mistake
def forgets_the_one(loss):
    """All your gradients are zero in the end, that of the loss too. How many times as much as the loss does the loss
    itself move? Write that down after the zeros (they would wipe it out), and before the walk."""
    for node in in_order.reference(loss):
        node.grad = np.zeros(node.value.shape)


@backward.mistake
def begins_from_one(loss):
    """Every `grad` of yours begins at one, so each node counts a share that nobody sent. Only the loss begins at one;
    all others have received nothing yet."""
    order = in_order.reference(loss)
    for node in order:
        node.grad = np.ones(node.value.shape)
    for node in reversed(order):
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            parent.grad = parent.grad + share


@backward.mistake
def empties_on_the_way(loss):
    """You set each `grad` to zeros when the walk reaches its node. By then its shares have arrived, and you throw them
    away. Empty all nodes first, then walk."""
    for node in reversed(in_order.reference(loss)):
        node.grad = np.zeros(node.value.shape) + (node is loss)
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            parent.grad = parent.grad + share


@backward.mistake
def walks_forward(loss):
    """Only the direct parents of the loss receive anything. Does your walk stop there, or does it run from the inputs
    to the loss? A node can share out its gradient only once it has it, and all of it comes from the loss: begin there,
    and go on to the inputs."""
    order = in_order.reference(loss)
    for node in order:
        node.grad = np.zeros(node.value.shape)
    loss.grad = np.ones(loss.value.shape)
    for node in order:
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            parent.grad = parent.grad + share


@backward.mistake
def one_link_only(loss):
    """You hand `1` to every pull, so each node shares out its own local slope and forgets the rest of the chain. What
    it has to share out is the gradient that it has received: `node.grad`."""
    order = in_order.reference(loss)
    for node in order:
        node.grad = np.zeros(node.value.shape)
    loss.grad = np.ones(loss.value.shape)
    for node in reversed(order):
        for parent, share in zip(node.parents, node.pull(np.ones(node.value.shape)), strict=True):
            parent.grad = parent.grad + share


@backward.mistake
def passes_on_too_early(loss):
    """You pass a gradient on as soon as some of it has arrived. A node that is used twice then sends its first share
    twice. Wait until everybody who used it has paid: that is what the order is for."""
    for node in in_order.reference(loss):
        node.grad = np.zeros(node.value.shape)
    loss.grad = np.ones(loss.value.shape)

    def send(node):
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            parent.grad = parent.grad + share
            send(parent)

    send(loss)


@backward.mistake
def makes_each_a_loss(loss):
    """All your gradients are 1. Only the loss begins at 1. Does your `backward` call itself for the parents? Then each
    of them is treated as a loss. One walk over `in_order(loss)` does without."""
    for node in in_order.reference(loss):
        node.grad = np.ones(node.value.shape)


@backward.mistake
def shares_one_array(loss):
    """`plus` hands one and the same array to both parents. You keep it as their `grad`, and a later `+=` changes it for
    all who hold it. Begin with zeros of your own, or write `grad = grad + share`, which makes a new array."""
    order = in_order.reference(loss)
    for node in order:
        node.grad = None
    loss.grad = np.ones(loss.value.shape)
    for node in reversed(order):
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            if parent.grad is None:
                parent.grad = share
            else:
                parent.grad += share


@backward.accepts
def collects_in_a_dict(loss):
    order = in_order.reference(loss)
    grads = {id(node): 0.0 for node in order} | {id(loss): 1.0}
    while order:
        node = order.pop()
        node.grad = grads[id(node)] * np.ones(node.value.shape)
        for parent, share in zip(node.parents, node.pull(node.grad), strict=True):
            grads[id(parent)] = grads[id(parent)] + share


@backward.accepts
def adds_in_place(loss):
    order = in_order.reference(loss)
    for node in order:
        node.grad = np.zeros_like(node.value)
    loss.grad += 1
    for node in order[::-1]:
        shares = node.pull(node.grad)
        for i, parent in enumerate(node.parents):
            parent.grad += shares[i]


# --- matmul: an operation on tables


@Check
def matmul(a, b):
    return Node(a.value @ b.value, (a, b), lambda g: (g @ b.value.T, a.value.T @ g))


matmul.probe(pulled)


@matmul.case
def three_shapes(rng):
    """tables of shape (4, 3) and (3, 2)"""
    return rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))


@matmul.case
def square_tables(rng):
    """two square tables"""
    return rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=(3, 3))


@matmul.case
def a_single_row(rng):
    """a table of a single row"""
    return rng.normal(size=(1, 3)), rng.normal(size=(3, 4)), rng.normal(size=(1, 4))


@matmul.mistake
def without_turning(a, b):
    """You multiply by the other table as it is. Square tables let that pass without a word, others complain about
    their shapes. The gradient of `a` has the shape of `a`: which table must be turned (`.T`) to get it?"""
    return Node(a.value @ b.value, (a, b), lambda g: (g @ b.value, a.value @ g))


@matmul.mistake
def on_the_wrong_side(a, b):
    """Both tables are turned, but they stand on the wrong side of `g`. With tables, the order of a product matters.
    Write the shapes below each other: which order gives the shape of `a`?"""
    return Node(a.value @ b.value, (a, b), lambda g: (b.value.T @ g, g @ a.value.T))


@matmul.mistake
def entry_by_entry(a, b):
    """You used `*`, which multiplies entry by entry. A layer mixes its inputs: `@` is that product."""
    return Node(a.value * b.value, (a, b), lambda g: (g * b.value, g * a.value))


@matmul.mistake
def pulls_like_times(a, b):
    """The value is right, but your pull is the one of `times`, entry by entry. Each entry of `a` takes part in a whole
    row of the result, so its gradient is a sum over that row; `@` does such sums."""
    return Node(a.value @ b.value, (a, b), lambda g: (g * b.value, g * a.value))


@matmul.mistake
def shares_exchanged(a, b):
    """Both shares are right, and each goes to the wrong parent. Shares stand in the order of `parents`."""
    return Node(a.value @ b.value, (a, b), lambda g: (a.value.T @ g, g @ b.value.T))


@matmul.mistake
def lies_on_its_side(a, b):
    """Your shares hold the right numbers and lie on their side: rows and columns are exchanged. Compare their shapes
    with those of `a` and `b`; (x @ y).T is y.T @ x.T."""
    return Node(a.value @ b.value, (a, b), lambda g: (b.value @ g.T, g.T @ a.value))


@matmul.mistake
def ignores_what_arrives(a, b):
    """Your pull returns the turned tables and ignores `g`. What arrives from the loss has to be multiplied in, now as
    a table product."""
    return Node(a.value @ b.value, (a, b), lambda g: (b.value.T, a.value.T))


@matmul.mistake
def pull_returns_nothing(a, b):
    """Your pull returns nothing, so its shares are lost. Is a `return` missing in it?"""
    return Node(a.value @ b.value, (a, b), lambda g: None)


@matmul.mistake
def returns_the_value(a, b):
    """You return the product itself, which keeps no receipt. Wrap it up in a `Node`, with parents and a pull."""
    return a.value @ b.value


@matmul.accepts
def with_einsum(a, b):
    left, right = a.value, b.value

    def pull(g):
        return np.einsum("ik,jk->ij", g, right), np.einsum("ij,ik->jk", left, g)

    return Node(np.einsum("ij,jk->ik", left, right), (a, b), pull)


@matmul.accepts
def turned_afterwards(a, b):
    return Node(np.dot(a.value, b.value), [b, a], lambda g: [(g.T @ a.value).T, (b.value @ g.T).T])


# --- train: the loop


@Check
def train(forward, parameters, step, steps):
    losses = []
    for _ in range(steps):
        loss = forward()
        backward.reference(loss)
        for parameter in parameters:
            parameter.value = parameter.value - step * parameter.grad
        losses.append(float(loss.value))
    return losses


@train.probe
def drive(answer, start, goal, step, steps):
    """Train two parameters; their loss grows with the distance of each from its goal, and with both gaps together."""
    import numpy as np

    class Node:
        def __init__(self, value, parents=(), pull=lambda g: ()):
            self.value, self.parents, self.pull = np.asarray(value, dtype=float), parents, pull
            self.grad = np.zeros(self.value.shape)

    first, second = nodes = [Node(value) for value in start]

    def forward():
        x, y = first.value - goal[0], second.value - goal[1]
        value = (x * x).sum() + y * y + y * x.sum() / 2
        return Node(value, (first, second), lambda g: (g * (2 * x + y / 2), g * (2 * y + x.sum() / 2)))

    parameters = list(nodes)
    losses = answer(forward, parameters, step, steps)
    if hasattr(losses, "__len__"):
        losses = ["a node" if hasattr(loss, "parents") else loss for loss in losses]
    result = {"losses": losses}
    result |= {f"parameter {i} at the end": np.array(node.value) for i, node in enumerate(nodes)}
    result["gradients were computed"] = any(bool(np.any(node.grad)) for node in nodes)
    same = len(parameters) == 2 and all(now is before for now, before in zip(parameters, nodes, strict=True))
    return result if same else result | {"parameters": "the list holds other things now"}


@train.case
def five_steps(rng):
    """an array and a number as parameters"""
    return [rng.uniform(1, 2, 3), rng.uniform(2, 3)], [np.zeros(3), 5.0], 0.1, 5


@train.case
def a_single_step(rng):
    """a single step"""
    return [rng.uniform(1, 2, 2), rng.uniform(2, 3)], [np.ones(2) * 4, 0.0], 0.3, 1


@train.case
def steps_too_long(rng):
    """steps so long that the loss grows"""
    return [rng.uniform(1, 2, 2), rng.uniform(2, 3)], [np.zeros(2), 0.0], 1.2, 4


@train.mistake
def computes_once(forward, parameters, step, steps):
    """You call `forward` once, before the loop. The graph holds the values of that moment: it never sees a parameter
    move, so each step repeats the first. Compute anew in every step."""
    losses, loss = [], forward()
    for _ in range(steps):
        backward.reference(loss)
        for parameter in parameters:
            parameter.value = parameter.value - step * parameter.grad
        losses.append(float(loss.value))
    return losses


@train.mistake
def looks_back_once(forward, parameters, step, steps):
    """You fill in the gradients once, before the loop, and every step follows the slope of the first place. Down there
    it is another one: call `backward` for the loss of each step."""
    losses = []
    backward.reference(forward())
    for _ in range(steps):
        losses.append(float(forward().value))
        for parameter in parameters:
            parameter.value = parameter.value - step * parameter.grad
    return losses


@train.mistake
def climbs(forward, parameters, step, steps):
    """You add the gradient. It points to where the loss grows fastest; go the other way."""
    return train.reference(forward, parameters, -step, steps)


@train.mistake
def forgets_the_step(forward, parameters, step, steps):
    """You move by the whole gradient. `step` says which part of it: without it you leap across the valley and never
    come down."""
    return train.reference(forward, parameters, 1.0, steps)


@train.mistake
def never_looks_back(forward, parameters, step, steps):
    """Nobody computes gradients in your loop: every `grad` still holds its first zeros, and nothing moves. The loss is
    known after `forward`; what fills in the gradients?"""
    return [float(forward().value) for _ in range(steps)]


@train.mistake
def moves_a_name(forward, parameters, step, steps):
    """Your gradients are right, but the parameters never move: `parameter = …` gives the name to a new value, and the
    node in the list stays as it was. Change what it holds: `parameter.value`."""
    losses = []
    for _ in range(steps):
        loss = forward()
        backward.reference(loss)
        losses.append(float(loss.value))
    return losses


@train.mistake
def puts_in_new_nodes(forward, parameters, step, steps):
    """You put something new into the list `parameters`. Who holds the nodes that were in it (`forward` does) never sees
    them move. Keep the nodes, and change what they hold: `parameter.value`."""
    losses = []
    for _ in range(steps):
        loss = forward()
        backward.reference(loss)
        losses.append(float(loss.value))
        parameters[:] = [Node(parameter.value - step * parameter.grad) for parameter in parameters]
    return losses


@train.mistake
def reports_afterwards(forward, parameters, step, steps):
    """The parameters end where they should; your losses are those *after* each step. Report the loss that you have
    computed for the step: it costs nothing more, and the first one tells where you began."""
    losses = train.reference(forward, parameters, step, steps)
    return [*losses[1:], float(forward().value)]


@train.mistake
def moves_the_first_only(forward, parameters, step, steps):
    """Only the first parameter moves. Every node of `parameters` takes a step, in each round."""
    return train.reference(forward, parameters[:1], step, steps)


@train.mistake
def returns_the_last_loss(forward, parameters, step, steps):
    """You return one number. The list of all losses is wanted, one per step: a curve shows what a number hides."""
    return train.reference(forward, parameters, step, steps)[-1]


@train.mistake
def returns_too_early(forward, parameters, step, steps):
    """You stop after the first step. Does your `return` stand inside the loop? Move it to the left, behind the loop."""
    return train.reference(forward, parameters, step, 1)


@train.mistake
def collects_nodes(forward, parameters, step, steps):
    """Your list holds nodes, each with its whole graph behind it. One number per step is wanted: the `value` of the
    loss."""
    losses = []
    for _ in range(steps):
        losses.append(forward())
        backward.reference(losses[-1])
        for parameter in parameters:
            parameter.value = parameter.value - step * parameter.grad
    return losses


@train.accepts
def in_place(forward, parameters, step, steps):
    losses = np.zeros(steps)
    for i in range(steps):
        loss = forward()
        losses[i] = loss.value
        backward.reference(loss)
        for parameter in parameters:
            parameter.value -= step * parameter.grad
    return losses


@train.accepts
def moves_all_at_once(forward, parameters, step, steps):
    losses = []
    while len(losses) < steps:
        loss = forward()
        losses.append(loss.value)
        backward.reference(loss)
        moved = [parameter.value - step * parameter.grad for parameter in parameters]
        for parameter, value in zip(parameters, moved, strict=True):
            parameter.value = value
    return tuple(losses)
