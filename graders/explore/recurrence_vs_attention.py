"""Decides about the exercise `explore/recurrence_vs_attention`."""

import math

import numpy as np

from shoshin import Check

# --- depth: steps that must run in order


def levels(graph, choose=max, inputs=0):
    """Return for each node how many steps must run in order until it is known."""
    level = {}
    for node, needs in graph.items():
        level[node] = 1 + choose(level[need] for need in needs) if needs else inputs
    return level


@Check
def depth(graph):
    return max(levels(graph).values(), default=0)


@depth.case
def chain_with_inputs(rng):
    """a chain in which every step needs an input and the step before"""
    steps = int(rng.integers(4, 8))
    graph = {"x0": [], "h0": ["x0"]}
    for t in range(1, steps):
        graph |= {f"x{t}": [], f"h{t}": [f"x{t}", f"h{t - 1}"]}
    return graph


@depth.case
def unequal_arms(rng):
    """two ways of unequal length to one node"""
    return {"x": [], "a": ["x"], "b": ["a"], "c": ["b"], "end": ["x", "c"]}


@depth.case
def shallow_at_the_end(rng):
    """a last node that needs little"""
    return {"x": [], "a": ["x"], "b": ["a"], "c": ["b", "x"], "last": ["x"]}


@depth.case
def side_by_side(rng):
    """many steps side by side, all needed by one"""
    graph = {"x": []} | {f"a{i}": ["x"] for i in range(9)}
    return graph | {"sum": [f"a{i}" for i in range(9)]}


@depth.case
def only_inputs(rng):
    """inputs and no step"""
    return {"x0": [], "x1": []}


@depth.case
def no_nodes(rng):
    """an empty graph"""
    return {}


@depth.case
def long_chain(rng):
    """a chain of 20,000 steps"""
    return {0: []} | {step: [step - 1] for step in range(1, 20_001)}


@depth.mistake
def counts_every_step(graph):
    """You counted all the steps. Those that do not need one another can run at the same moment, however many they are.
    Count along the longest chain only: for each node, look at the deepest of the nodes that it needs."""
    return sum(map(bool, graph.values()))


@depth.mistake
def counts_every_node(graph):
    """You counted the nodes, inputs and all. Steps that do not need one another can run at the same moment, and inputs
    are no steps. For each node, look at the deepest of the nodes that it needs."""
    return len(graph)


@depth.mistake
def inputs_are_steps(graph):
    """You are one too high: you counted the input at the foot of the chain as a step. Inputs are there before anything
    runs. Which number do they begin with?"""
    return max(levels(graph, inputs=1).values(), default=0)


@depth.mistake
def takes_the_shortest_way(graph):
    """Where two ways lead to a node, you followed the shorter one. A step must wait for *everything* that it needs, so
    the slowest of these decides."""
    return max(levels(graph, choose=min).values(), default=0)


@depth.mistake
def asks_the_first_need_only(graph):
    """Where a step needs several nodes, you looked at the first of them only. The deepest decides, wherever it is
    listed."""
    return max(levels(graph, choose=next).values(), default=0)


@depth.mistake
def asks_the_last_need_only(graph):
    """Where a step needs several nodes, you looked at the last of them only. The deepest decides, wherever it is
    listed."""
    return max(levels(graph, choose=lambda found: list(found)[-1]).values(), default=0)


@depth.mistake
def adds_the_needs_up(graph):
    """You added up the numbers of all the nodes that a step needs. They can run side by side: the step waits for the
    slowest of them, and not for one after the other."""
    return max(levels(graph, choose=sum).values(), default=0)


@depth.mistake
def takes_the_last_node(graph):
    """You returned the depth of the node that is listed last. Another one may be deeper: take the largest of all."""
    return list(levels(graph).values())[-1] if graph else 0


@depth.mistake
def counts_the_needs(graph):
    """You returned how many nodes one step needs. That is a width: all of them may be ready at the same moment. A
    depth grows when a step needs a step that needs a step."""
    return max(map(len, graph.values()), default=0)


@depth.mistake
def fails_without_nodes(graph):
    """Everything is right but the empty graph: `max` of nothing is an error. It takes `default=`."""
    return max(levels(graph).values())


@depth.mistake
def climbs_by_itself(graph):
    """Your function calls itself once for each step of the chain, and Python allows about a thousand calls inside one
    another. Real graphs are deeper. The nodes come in a good order: walk along the dict and keep each node's number."""

    def climb(node):
        return 1 + max(map(climb, graph[node])) if graph[node] else 0

    return max(map(climb, graph), default=0)


@depth.accepts
def peels_off(graph):
    waiting = {node: len(set(needs)) for node, needs in graph.items()}
    needed_by = {node: [] for node in graph}
    for node, needs in graph.items():
        for need in set(needs):
            needed_by[need].append(node)
    ready, rounds = [node for node, count in waiting.items() if not count], -1
    while ready:
        rounds, now, ready = rounds + 1, ready, []
        for node in now:
            for user in needed_by[node]:
                waiting[user] -= 1
                if not waiting[user]:
                    ready.append(user)
    return max(rounds, 0)


# --- allowed: who may look at whom


def ready_for_torch():
    """Load, while cases are drawn, what torch loads late: inside a probe it would count as the learner's time."""
    import torch

    leaf = torch.ones(1, 2, 2, requires_grad=True)
    attention(leaf, leaf, leaf, torch.ones(1, 2, 2, dtype=torch.bool)).sum().backward()
    operators(torch.neg, leaf)  # imports much, once


@Check
def allowed(lengths, T, causal):
    import torch

    place = torch.arange(T)
    real = place < lengths[:, None]
    mask = real[:, :, None] & real[:, None, :]
    return mask & (place <= place[:, None]) if causal else mask


@allowed.probe
def ask_for_a_mask(answer, lengths, T, causal):
    import torch

    given = torch.tensor(lengths, dtype=torch.int64)
    mask = answer(given, T, causal)
    if given.tolist() != lengths:
        return {"lengths afterwards": "changed"}
    if mask is None:
        return None
    if not isinstance(mask, torch.Tensor):
        return {"a tensor": False}
    if mask.dtype != torch.bool:
        return {"type": "numbers"}
    return {"shape": tuple(mask.shape), "mask": mask.numpy()}


@allowed.case
def unequal_and_causal(rng):
    """logs of different length and an empty one, causal"""
    ready_for_torch()
    return [6, 3, 1, 0], 6, True


@allowed.case
def unequal_both_ways(rng):
    """logs of different length and an empty one, not causal"""
    return [5, 2, 0, 4, 1], 5, False


@allowed.case
def room_to_spare(rng):
    """more places than the longest log has lines"""
    return rng.integers(0, 4, 3).tolist(), 7, True


@allowed.case
def all_empty(rng):
    """empty logs only"""
    return [0, 0], 3, False


@allowed.property
def gives_a_tensor(result, lengths, T, causal):
    """`allowed` returns a torch tensor."""
    return result.get("a tensor", True)


@allowed.property
def leaves_the_lengths(result, lengths, T, causal):
    """`lengths` is the same after the call as before."""
    return "lengths afterwards" not in result


@allowed.property
def gives_truth_values(result, lengths, T, causal):
    """The entries are True or False (`torch.bool`)."""
    return "type" not in result


def masks(lengths, T):
    """Return the pieces of a mask: (row is real, column is real, column is not later than row)."""
    import torch

    place = torch.arange(T)
    real = place < lengths[:, None]
    return real[:, :, None], real[:, None, :], place <= place[:, None]


@allowed.mistake
def padding_may_look(lengths, T, causal):
    """Your padding may look at real lines: you forbade padded columns and left the padded rows. The task wants both
    `t` and `s` to be real lines."""
    _row, column, past = masks(lengths, T)
    return (column & past if causal else column & (past | True)).clone()


@allowed.mistake
def real_lines_see_padding(lengths, T, causal):
    """Your real lines may look at padding: you forbade padded rows and left the padded columns. The task wants both `t`
    and `s` to be real lines."""
    row, _column, past = masks(lengths, T)
    return (row & past if causal else row & (past | True)).clone()


@allowed.mistake
def never_looks_at_itself(lengths, T, causal):
    """You forbade a line to look at itself, so the first line has nowhere to look. "Not later" includes now."""
    row, column, past = masks(lengths, T)
    return row & column & (past & ~past.T) if causal else row & column


@allowed.mistake
def looks_ahead(lengths, T, causal):
    """Your mask is the wrong way round: lines look at later lines, and not at earlier ones. Rows are `t`, who looks;
    columns are `s`, who is looked at. Print it for one log of three lines."""
    row, column, past = masks(lengths, T)
    return row & column & past.T if causal else row & column


@allowed.mistake
def always_causal(lengths, T, causal):
    """You drew the triangle also where `causal` is False. There, every real line may look at every real line."""
    return allowed.reference(lengths, T, True)


@allowed.mistake
def never_causal(lengths, T, causal):
    """You let lines look ahead where `causal` is True. A net that sees the next line has nothing left to predict."""
    return allowed.reference(lengths, T, False)


@allowed.mistake
def forgets_the_lengths(lengths, T, causal):
    """You did not use `lengths`: padding counts as real lines. Which places of each log are real?"""
    row, _column, past = masks(lengths, T)
    every = (row | True) & (past | True)
    return every & past if causal else every


@allowed.mistake
def one_sheet_for_all(lengths, T, causal):
    """You returned one table, (T, T), for all logs. Each log has a length of its own, and so needs its own table:
    (batch, T, T)."""
    import torch

    square = torch.ones(T, T, dtype=torch.bool)
    return square.tril() if causal else square


@allowed.mistake
def forbidden_for_allowed(lengths, T, causal):
    """You marked what is forbidden with True. Some libraries do so, and others do not, which costs people days. Here
    True means: may look."""
    return ~allowed.reference(lengths, T, causal)


@allowed.mistake
def one_line_too_many(lengths, T, causal):
    """Your logs are one line too long. Places count from 0, so a log of 3 lines ends at place 2."""
    return allowed.reference(lengths + 1, T, causal)


@allowed.mistake
def either_will_do(lengths, T, causal):
    """You joined rows and columns with "or", so one real line of the two is enough. Both must be real: `&`."""
    row, column, past = masks(lengths, T)
    return (row | column) & past if causal else row | column


@allowed.mistake
def as_wide_as_the_longest_log(lengths, T, causal):
    """Your table is as wide as the longest log. It must have `T` rows and `T` columns: `T` may be larger."""
    return allowed.reference(lengths, int(lengths.max()), causal)


@allowed.mistake
def changes_the_lengths(lengths, T, causal):
    """You changed `lengths` in place (`+=` does that to a tensor). The caller goes on with it, and reads the answer at
    the wrong line. Make a new tensor."""
    lengths += 1
    return allowed.reference(lengths - 1, T, causal)


@allowed.mistake
def adds_numbers(lengths, T, causal):
    """You returned numbers, 0 or 1, or 0 and minus infinity. The next task wants True and False (`torch.bool`)."""
    return allowed.reference(lengths, T, causal).float()


@allowed.accepts
def with_a_triangle(lengths, T, causal):
    import torch

    mask = torch.zeros(len(lengths), T, T, dtype=torch.bool)
    for log, length in enumerate(lengths.tolist()):
        square = torch.ones(length, length, dtype=torch.bool)
        mask[log, :length, :length] = square.tril() if causal else square
    return mask


# --- attend: the attention itself


def operators(function, *arguments):
    """Return how many operators torch runs during one call."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Count(TorchDispatchMode):
        ran = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            self.ran += 1
            return func(*args, **(kwargs or {}))

    with Count() as count:
        function(*arguments)
    return count.ran


def tensors(*arrays):
    import torch

    return [torch.as_tensor(np.asarray(array)).clone() for array in arrays]


def attention(q, k, v, allowed, scale=None, axis=-1, fill=-math.inf):
    """Return what `attend` should, or the same with one thing done differently."""
    scores = q @ k.transpose(1, 2) / (math.sqrt(q.shape[-1]) if scale is None else scale)
    return scores.masked_fill(~allowed, fill).softmax(axis).nan_to_num() @ v


@Check
def attend(q, k, v, allowed):
    return attention(q, k, v, allowed)


@attend.probe
def look_at_it_from_all_sides(answer, q, k, v, mask):
    import torch

    q, k, v, mask = tensors(q, k, v, mask)
    leaves = [each.requires_grad_() for each in (q, k, v)]
    output = answer(*leaves, mask)
    if output is None:
        return None
    if not isinstance(output, torch.Tensor):
        return {"a tensor": False}
    if output.shape != q.shape:
        return {"shape": tuple(output.shape)}
    found = {"output": output.detach().numpy()}
    if output.requires_grad:
        output.square().sum().backward()
        slopes = [leaf.grad for leaf in leaves if leaf.grad is not None]
        whole = "finite" if len(slopes) == 3 else "none"
        found["slopes"] = whole if all(slope.isfinite().all() for slope in slopes) else "nan"
    else:
        found["slopes"] = "none"
    long = [torch.linspace(-1, 1, 16 * 2).reshape(1, 16, 2) for _ in range(3)]
    square = torch.ones(1, 16, 16, dtype=torch.bool).tril()
    short = [each[:, :4] for each in long]
    more = operators(answer, *long, square) - operators(answer, *short, square[:, :4, :4])
    return found | {"operators": "as many" if more < 6 else "more in longer logs"}


def vectors(rng, batch, T, width, scale=1.0):
    return [rng.normal(0, scale, (batch, T, width)).astype(np.float32) for _ in range(3)]


def mask_of(lengths, T, causal=True):
    """Return the mask as a NumPy array, without torch."""
    place, real = np.arange(T), np.arange(T) < np.array(lengths)[:, None]
    mask = real[:, :, None] & real[:, None, :]
    return mask & (place <= place[:, None]) if causal else mask


@attend.case
def looks_back(rng):
    """two full logs of five lines, causal"""
    ready_for_torch()
    return *vectors(rng, 2, 5, 3), mask_of([5, 5], 5)


@attend.case
def all_may_look(rng):
    """a mask that allows everything"""
    return *vectors(rng, 2, 4, 8), mask_of([4, 4], 4, causal=False)


@attend.case
def nowhere_to_look(rng):
    """padding and an empty log: rows in which nothing is allowed"""
    return *vectors(rng, 3, 4, 3), mask_of([4, 2, 0], 4)


@attend.case
def equal_scores(rng):
    """queries of zeros: the mean so far, on logs of unequal length and an empty one"""
    q, k, v = vectors(rng, 4, 6, 5)
    return 0 * q, k, v, mask_of([6, 3, 1, 0], 6)


@attend.case
def huge_scores(rng):
    """scores of several hundred"""
    return *vectors(rng, 1, 5, 4, scale=20), mask_of([5], 5)


@attend.property
def gives_a_tensor_back(result, q, k, v, mask):
    """`attend` returns a torch tensor."""
    return result.get("a tensor", True)


@attend.property
def keeps_the_shape(result, q, k, v, mask):
    """The output has the shape of `q`: one vector for each place of each log."""
    return "shape" not in result


@attend.property
def has_no_loop(result, q, k, v, mask):
    """Torch runs as many operators for a long log as for a short one: all places at once."""
    return result.get("operators", "as many") == "as many"


@attend.property
def can_be_trained(result, q, k, v, mask):
    """The slopes that come back from the output are finite numbers: no `nan`, and none cut off."""
    return result.get("slopes", "finite") == "finite"


@attend.property
def agrees_with_a_recurrence(result, q, k, v, mask):
    """With queries of zeros, the output is the mean so far that a recurrence carries: zeros for padding."""
    if q.any() or "output" not in result:
        return True
    total, means = 0, []
    for t in range(v.shape[1]):
        real = mask[:, t, t, None]
        total = total + v[:, t] * real
        means.append(total / (t + 1) * real)
    return bool(np.allclose(result["output"], np.stack(means, axis=1), atol=1e-4))


@attend.mistake
def does_not_scale(q, k, v, allowed):
    """You did not divide the scores by the square root of the width. A sum of `d` products spreads about `sqrt(d)`
    wide; wide scores make the softmax choose one place and leave no slope to learn from."""
    return attention(q, k, v, allowed, scale=1)


@attend.mistake
def scales_by_the_width(q, k, v, allowed):
    """You divided by the width `d`. The sum of `d` independent products spreads like `sqrt(d)`, so this makes all the
    scores nearly equal. Which root belongs there?"""
    return attention(q, k, v, allowed, scale=q.shape[-1])


@attend.mistake
def scales_by_the_length(q, k, v, allowed):
    """You divided by the square root of the length `T`. The score is a sum over the `d` entries of two vectors, so `d`
    says how wide it spreads: it is the size of the last axis of `q`."""
    return attention(q, k, v, allowed, scale=math.sqrt(q.shape[1]))


@attend.mistake
def cuts_the_slopes(q, k, v, allowed):
    """Your output is right, but no slope reaches `q` and `k`: `detach`, `no_grad` or a new tensor cut them off, and the
    net would never learn where to look."""
    return attention(q.detach(), k.detach(), v, allowed)


@attend.mistake
def masks_after_the_softmax(q, k, v, allowed):
    """You masked after the softmax. The forbidden places have taken part of the weight by then, so what is left no
    longer adds up to 1, and how much is missing tells the net about the future. Mask the scores."""
    return ((q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])).softmax(-1) * allowed) @ v


@attend.mistake
def zero_is_not_nothing(q, k, v, allowed):
    """You set forbidden scores to 0. The softmax takes `exp` of it, which is 1, so these places still get weight. Which
    score has the exponential 0?"""
    return attention(q, k, v, allowed, fill=0.0)


@attend.mistake
def nan_where_nothing_is_allowed(q, k, v, allowed):
    """Where nothing is allowed, your output is `nan`: the softmax of a row of minus infinities divides 0 by 0. One such
    place spoils the loss of the whole batch. The task wants zeros there."""
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])
    return scores.masked_fill(~allowed, -math.inf).softmax(-1) @ v


@attend.mistake
def average_where_nothing_is_allowed(q, k, v, allowed):
    """Where nothing is allowed, your output is the mean of everything: all the scores are the same large negative
    number, and the softmax only knows differences. The task wants zeros there."""
    return attention(q, k, v, allowed, fill=-1e9)


@attend.mistake
def softmax_over_the_askers(q, k, v, allowed):
    """Your softmax runs along the wrong axis: for each place `s` the weights of all who look at it add up to 1. Wanted:
    for each `t`, the weights of all the places it looks at."""
    return attention(q, k, v, allowed, axis=1)


@attend.mistake
def mask_upside_down(q, k, v, allowed):
    """You forbade what is allowed. `masked_fill` fills where its mask is True; `allowed` is True where one may look."""
    return attention(q, k, v, ~allowed)


@attend.mistake
def ignores_the_mask(q, k, v, allowed):
    """Your weights do not depend on `allowed`: every place sees the future and the padding."""
    return attention(q, k, v, allowed | True)


@attend.mistake
def returns_the_weights(q, k, v, allowed):
    """You returned the weights. They say how much each place takes from each other; the output is what it gets, a
    weighted sum of the rows of `v`."""
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])
    return scores.masked_fill(~allowed, -math.inf).softmax(-1).nan_to_num()


@attend.mistake
def exponentials_by_hand(q, k, v, allowed):
    """Your output is right until the scores are large: `exp` of 89 is too much for a float32 already, and infinity
    divided by infinity is `nan`. `softmax` subtracts the largest score first."""
    weights = (q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])).exp() * allowed
    return (weights / weights.sum(-1, keepdim=True).clamp(min=1e-9)) @ v


@attend.mistake
def slopes_of_nan(q, k, v, allowed):
    """Your output is right, but `nan` comes back in the slopes: it is gone from the output and still inside. On the way
    back, 0 times `nan` is `nan`. Write minus infinity with `masked_fill` or `torch.where` (adding it lets the `nan`
    pass), and clean the weights, before they meet `v`."""
    import torch

    barrier = torch.zeros(allowed.shape).masked_fill(~allowed, -math.inf)
    return (q @ k.transpose(1, 2) / math.sqrt(q.shape[-1]) + barrier).softmax(-1).nan_to_num() @ v


@attend.mistake
def query_and_key_swapped(q, k, v, allowed):
    """You swapped `q` and `k`. Row `t` of the scores belongs to the one who asks: `q` comes first in the product."""
    return attention(k, q, v, allowed)


@attend.mistake
def key_and_value_swapped(q, k, v, allowed):
    """You swapped `k` and `v`. The keys decide how much is taken; what is taken are the values."""
    return attention(q, v, k, allowed)


@attend.mistake
def no_softmax(q, k, v, allowed):
    """You left out the softmax: your weights are the scores themselves, negative ones too, and do not add up to 1."""
    return (q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])).masked_fill(~allowed, 0) @ v


@attend.mistake
def place_after_place(q, k, v, allowed):
    """The numbers are right, but you loop over the places, so they wait for one another as they do in an LSTM. One
    matrix product holds the scores of all places: `q` times `k` with its last two axes swapped."""
    import torch

    rows = [attention(q[:, t : t + 1], k, v, allowed[:, t : t + 1]) for t in range(q.shape[1])]
    return torch.cat(rows, dim=1)


@attend.accepts
def with_sums_of_products(q, k, v, allowed):
    import torch

    scores = torch.einsum("btd,bsd->bts", q, k) * q.size(-1) ** -0.5
    scores = torch.where(allowed, scores, torch.tensor(-1e30))
    return torch.einsum("bts,bsd->btd", torch.softmax(scores, dim=2) * allowed, v)


@attend.accepts
def with_exponentials(q, k, v, allowed):
    scores = (q / q.shape[2] ** 0.5).bmm(k.mT)
    weights = (scores - scores.masked_fill(~allowed, -1e30).amax(-1, keepdim=True)).clamp(max=0).exp() * allowed
    return weights.bmm(v) / weights.sum(dim=-1, keepdim=True).clamp(min=1e-12)


# --- read: the layer


class Net:
    """The parts that `read` puts together, with weights drawn from a seed."""

    def __init__(self, seed, places=24):
        import torch
        from torch import nn

        torch.manual_seed(seed)
        self.embed, self.place = nn.Embedding(18, 6), nn.Embedding(places, 6)
        self.query, self.key, self.value = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 6)
        self.answer = nn.Linear(6, 5)


def layer(net, tokens, lengths, x=None, *, q=None, k=None, v=None, causal=True):
    """Return what `read` should, or the same with one thing done differently."""
    import torch

    x = net.embed(tokens) + net.place(torch.arange(tokens.shape[1])) if x is None else x
    q, k, v = q or net.query, k or net.key, v or net.value
    mask = allowed.reference(lengths, tokens.shape[1], causal)
    return net.answer(attention(q(x), k(x), v(x), mask))


@Check
def read(net, tokens, lengths):
    return layer(net, tokens, lengths)


@read.probe
def read_some_logs(answer, seed, lengths, T):
    import torch

    net, rng = Net(seed), np.random.default_rng(seed)
    lengths, tokens = tensors(np.array(lengths), rng.integers(0, 17, (len(lengths), T)))
    real = torch.arange(T) < lengths[:, None]
    tokens[~real] = 17
    output = answer(net, tokens, lengths)
    if output is None:
        return None
    if not isinstance(output, torch.Tensor):
        return {"a tensor": False}
    if output.shape != (*tokens.shape, 5):
        return {"shape": tuple(output.shape)}
    found = {"output": output.detach().masked_fill(~real[:, :, None], 0).numpy()}

    def changed(places, other, upto):
        """Whether other tokens at these places change the output before place `upto`."""
        twin = tokens.clone()
        twin[:, places] = other
        return bool(((answer(net, twin, lengths) - output)[:, :upto][real[:, :upto]].abs() > 1e-5).any())

    found["later lines matter"] = changed(slice(T // 2, None), 3, T // 2)
    padded = tokens.clone().masked_fill(~real, 9)
    found["padding matters"] = bool(((answer(net, padded, lengths) - output)[real].abs() > 1e-5).any())
    long, sixteen = torch.arange(16)[None], torch.tensor([16])
    more = operators(answer, net, long, sixteen) - operators(answer, net, long[:, :4], sixteen - 12)
    return found | {"operators": "as many" if more < 6 else "more in longer logs"}


@read.case
def unequal_logs(rng):
    """logs of different length and an empty one"""
    ready_for_torch()
    return int(rng.integers(1000)), [6, 3, 1, 0], 6


@read.case
def one_log(rng):
    """one log, shorter than the number of places that the net knows"""
    return int(rng.integers(1000)), [9], 9


@read.case
def the_longest_log(rng):
    """logs as long as the number of places that the net knows"""
    return int(rng.integers(1000)), [24, 20], 24


@read.property
def gives_tensor(result, seed, lengths, T):
    """`read` returns a torch tensor."""
    return result.get("a tensor", True)


@read.property
def answers_everywhere(result, seed, lengths, T):
    """The output has one row of answers for each place of each log: the shape (batch, T, answers)."""
    return "shape" not in result


@read.property
def does_not_look_ahead(result, seed, lengths, T):
    """Other lines later in the log leave the output at earlier lines as it is."""
    return not result.get("later lines matter")


@read.property
def ignores_padding(result, seed, lengths, T):
    """Other tokens in the padding leave the output at real lines as it is."""
    return not result.get("padding matters")


@read.property
def reads_at_once(result, seed, lengths, T):
    """Torch runs as many operators for a long log as for a short one: all places at once."""
    return result.get("operators", "as many") == "as many"


@read.mistake
def forgets_the_places(net, tokens, lengths):
    """You left out `net.place`. A weighted sum does not care for order: shuffle the earlier lines, and the last one
    gets the same. Add to each line's vector the vector of its place."""
    return layer(net, tokens, lengths, net.embed(tokens))


@read.mistake
def tokens_for_places(net, tokens, lengths):
    """You asked `net.place` about the tokens. It has one vector for each *place*, 0 to T - 1, whatever stands there."""
    return layer(net, tokens, lengths, net.embed(tokens) + net.place(tokens))


@read.mistake
def places_from_one(net, tokens, lengths):
    """Your places count from 1, so the last place of the longest log is not in the table. Count from 0."""
    import torch

    return layer(net, tokens, lengths, net.embed(tokens) + net.place(torch.arange(tokens.shape[1]) + 1))


@read.mistake
def looks_into_the_future(net, tokens, lengths):
    """Your lines look ahead: the mask was made without `causal`. In training that is reading the answer; in use the
    later lines do not exist yet."""
    return layer(net, tokens, lengths, causal=False)


@read.mistake
def query_for_key(net, tokens, lengths):
    """You swapped `net.query` and `net.key`. Who looks, asks with a query; who is looked at, is found by its key."""
    return layer(net, tokens, lengths, q=net.key, k=net.query)


@read.mistake
def no_parts(net, tokens, lengths):
    """You gave the lines' vectors to `attend` as they are. It wants three others, made from them: `net.query`,
    `net.key` and `net.value` of each."""
    return layer(net, tokens, lengths, q=lambda x: x, k=lambda x: x, v=lambda x: x)


@read.mistake
def no_values(net, tokens, lengths):
    """You took the lines' vectors themselves as values. What a line hands over is `net.value` of its vector."""
    return layer(net, tokens, lengths, v=lambda x: x)


@read.mistake
def keeps_the_line(net, tokens, lengths):
    """You added the line's own vector to what it collected. Deep nets do this, and call it a residual connection. This
    one does not: `net.answer` takes what `attend` returned."""
    import torch

    x = net.embed(tokens) + net.place(torch.arange(tokens.shape[1]))
    return layer(net, tokens, lengths) + x @ net.answer.weight.T


@read.mistake
def forgets_to_answer(net, tokens, lengths):
    """You returned what `attend` collected, vectors as wide as the net. `net.answer` turns each into scores, one for
    each possible answer."""
    import torch

    x = net.embed(tokens) + net.place(torch.arange(tokens.shape[1]))
    mask = allowed.reference(lengths, tokens.shape[1], True)
    return attention(net.query(x), net.key(x), net.value(x), mask)


@read.mistake
def softmax_of_the_answers(net, tokens, lengths):
    """You turned the scores into shares. `cross_entropy` does that itself, and doing it twice blurs the slopes. Return
    what `net.answer` gives."""
    return layer(net, tokens, lengths).softmax(-1)


@read.mistake
def only_the_last_line(net, tokens, lengths):
    """You returned the last place only. Return all of them: which place counts is decided by the caller, and in a batch
    of unequal logs the last place is padding for most."""
    return layer(net, tokens, lengths)[:, -1]


@read.mistake
def line_after_line(net, tokens, lengths):
    """The numbers are right, but you loop over the lines. All operations here take whole matrices: look up all tokens
    at once, and all places."""
    import torch

    rows = [layer(net, tokens[:, : t + 1], lengths.clamp(max=t + 1))[:, -1] for t in range(tokens.shape[1])]
    return torch.stack(rows, dim=1)


@read.accepts
def with_slices(net, tokens, lengths):
    import torch
    from torch.nn import functional

    T = tokens.shape[1]
    x = functional.embedding(tokens, net.embed.weight) + net.place.weight[:T]
    mask = torch.ones(T, T, dtype=torch.bool).tril().expand(len(tokens), T, T)  # padding is later than every real line
    return net.answer(functional.scaled_dot_product_attention(net.query(x), net.key(x), net.value(x), mask))


# --- crossover: read off a table


@Check(inputs="untouched")
def crossover(sizes, recurrence, attention):
    found = None
    for size, old, new in zip(sizes, recurrence, attention, strict=True):
        found = (size if found is None else found) if new > old else None
    return found


def costs(rng, *signs):
    """Return sizes and two lists of costs; attention costs more where the sign is 1, less at -1, as much at 0."""
    sizes = [int(16 * 2**i) for i in range(len(signs))]
    old = [round(float(rng.uniform(1, 2)) * size, 2) for size in sizes]
    return sizes, old, [round(cost * (1 + 0.5 * sign), 3) for cost, sign in zip(old, signs, strict=True)]


@crossover.case
def one_crossing(rng):
    """attention is cheaper at first, and dearer from the middle on"""
    return costs(rng, -1, -1, 1, 1, 1)


@crossover.case
def no_crossing(rng):
    """attention is cheaper everywhere"""
    return costs(rng, -1, -1, -1, -1)


@crossover.case
def from_the_first_size(rng):
    """attention is dearer at every size"""
    return costs(rng, 1, 1, 1, 1)


@crossover.case
def two_crossings(rng):
    """a busy moment: dearer once, cheaper again, then dearer for good"""
    return costs(rng, -1, 1, -1, -1, 1, 1)


@crossover.case
def cheaper_in_the_end(rng):
    """attention is dearer in the middle and cheaper at the largest size"""
    return costs(rng, -1, 1, 1, -1)


@crossover.case
def a_tie(rng):
    """equal costs at one size"""
    return costs(rng, -1, 0, 1, 1)


@crossover.mistake
def the_first_time(sizes, recurrence, attention):
    """You took the first size at which attention costs more, and at a larger size it is cheaper again. One disturbed
    measurement can do that. Wanted: more at this size *and at all larger ones*."""
    rows = zip(sizes, recurrence, attention, strict=True)
    return next((size for size, old, new in rows if new > old), None)


@crossover.mistake
def last_size_below(sizes, recurrence, attention):
    """You returned the last size at which attention is not dearer. Asked for is the first one of those after it."""
    cheap = [size for size, old, new in zip(sizes, recurrence, attention, strict=True) if new <= old]
    return cheap[-1] if cheap else None


@crossover.mistake
def equal_is_more(sizes, recurrence, attention):
    """You counted a tie as dearer. Where both cost the same, attention does not cost *more*."""
    return crossover.reference(sizes, [cost - 1e-6 for cost in recurrence], attention)


@crossover.mistake
def the_other_way_round(sizes, recurrence, attention):
    """You looked for where the LSTM becomes the dearer one. Look at the order of the two lists."""
    return crossover.reference(sizes, attention, recurrence)


@crossover.mistake
def a_place_for_a_size(sizes, recurrence, attention):
    """You returned where in the list the size stands. Return the size itself, a number of lines."""
    found = crossover.reference(sizes, recurrence, attention)
    return None if found is None else sizes.index(found)


@crossover.mistake
def needs_a_change(sizes, recurrence, attention):
    """You looked for the first place where attention turns from cheap to dear. It may turn back at a larger size. And
    if it is dear from the smallest size on, there is no such place, and the answer is the smallest size."""
    more = [new > old for old, new in zip(recurrence, attention, strict=True)]
    return next((sizes[i] for i in range(1, len(sizes)) if more[i] and not more[i - 1]), None)


@crossover.mistake
def turns_the_lists_round(sizes, recurrence, attention):
    """Your size is right, and you changed the lists on the way: `reverse` works in place, and the next cell draws them.
    Walk along a copy, such as `reversed` gives."""
    found = crossover.reference(sizes, recurrence, attention)
    for each in (sizes, recurrence, attention):
        each.reverse()
    return found


@crossover.mistake
def largest_if_none(sizes, recurrence, attention):
    """Where attention is not dearer at the end you returned the largest size. You have not seen a crossing there: say
    so with None. A size would claim a measurement that nobody made."""
    found = crossover.reference(sizes, recurrence, attention)
    return sizes[-1] if found is None else found


@crossover.accepts
def from_the_back(sizes, recurrence, attention):
    dearer = np.array(attention) > np.array(recurrence)
    tail = int(np.argmin(np.append(dearer[::-1], False)))
    return np.int64(sizes[len(sizes) - tail]) if tail else None


# --- decision


@Check(compare=None, value=True)
def decision():
    return (
        "Questions about something far back go to attention, up to 512 lines. Running states stay with the LSTM. If "
        "the logs grow beyond that, we measure memory again."
    )


@decision.probe
def look_for_three_things(answer):
    import re

    if not isinstance(answer, str):
        return {"a text": False}

    def says(pattern):
        return bool(re.search(pattern, answer, re.IGNORECASE))

    back = r"\b(?:if|unless|until|when|once|whenever|till|as soon as|as long as)\b|(?:^|[.!?]\s+)should\b"
    unit = (
        r"(?:lines?|steps?|tokens?|positions?|places?|logs?|[kMG]i?B|megabytes?|gigabytes?|ms|milliseconds?|seconds?)"
    )
    number = r"\d(?:[\d.,_]*\d)?(?:[\s-]+[a-z]+){0,2}?[\s(-]*"
    sentences = [part for part in re.split(r"[.!?]+(?:\s+|$)|\n\s*[-*•]\s", answer) if part.strip()]
    return {
        "a text": True,
        "tools": says(r"\b(?:lstms?|recurren\w+|rnns?)\b") and says(r"\b(?:attention|attend\w*|transformers?)\b"),
        "size": "with a unit" if says(rf"{number}{unit}\b") else "a bare number" if says(r"\d") else "none",
        "way back": says(back),
        "sentences": "one" if len(sentences) < 2 else "a few" if len(sentences) <= 5 else "many",
    }


@decision.property
def is_text(result):
    """Your decision is a text, in quotation marks."""
    return result["a text"]


@decision.property
def names_both(result):
    """The text names both tools: the LSTM (or recurrence) and attention."""
    return result["tools"]


@decision.property
def names_a_size(result):
    """The text names a size with its unit: digits followed by lines, steps, MB or milliseconds, such as `512 lines`."""
    return result["size"] == "with a unit"


@decision.property
def can_be_revised(result):
    """The text says what would change your mind, in a sentence with `if`, `unless`, `until`, `when` or `once`."""
    return result["way back"]


@decision.property
def is_short(result):
    """The text has two to five sentences, each of them ended by `.`, `!` or `?`."""
    return result["sentences"] == "a few"


@decision.mistake
def no_size():
    """The check finds no number. Without one, nobody can tell next year whether your decision still holds. Take one
    from your figure, with its unit: `512 lines`, `100 MB`."""
    return "We take attention, because the LSTM forgets. If memory runs out, we go back."


@decision.mistake
def no_unit():
    """The check finds a number, and no unit with it. Lines, steps, MB or milliseconds, such as `512 lines`?"""
    return "We take attention up to 512. If that is too much memory, we go back to the LSTM."


@decision.mistake
def one_tool_only():
    """The check does not find both tools in your text, the LSTM (or recurrence) and attention. You have seen a job for
    each of them: say which one gets which."""
    return "We take attention for logs up to 512 lines. If they grow, we measure again."


@decision.mistake
def no_way_back():
    """The check finds no sentence with `if`, `unless`, `until`, `when` or `once`. Logs grow and machines change: what
    would make you decide otherwise?"""
    return "We take attention for logs up to 512 lines. The LSTM keeps the running states."


@decision.accepts
def in_other_words():
    return """
    Recall over more than 16 lines: a transformer, as long as 110 MB are there!
    Counters and switches stay with our recurrent net.
    Once logs pass 2,048 tokens, we measure again.
    """
