# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: "Recurrence or attention: who waits, who forgets?"
#     minutes: 45
#     level: 3
#     needs: [fundamentals/arrays_without_loops, fundamentals/gradient_descent]
#     packages: [torch, matplotlib]
# ---

# %% [markdown]
# Your LSTM answers questions about log files. On logs of four lines it is perfect. On logs of sixty it guesses. "Take
# attention," says one colleague, "it sees everything at once." "It eats your memory," says another. Both have numbers,
# from somebody else's machine.
#
# By the end you can write causal self-attention, count what must run in order, and say which of the two tools a
# sequence job needs, with your own numbers.

# %%
import math
import time
import weakref

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from shoshin.graders.explore import recurrence_vs_attention as check

torch.set_num_threads(1)  # nets this small lose more time on sharing the work than they win
LOOKS = {
    "LSTM": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    "LSTM, gate opened": {"color": "#009E73", "marker": "^", "linestyle": ":"},
    "attention": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
}


def ready(*tasks):
    """Whether these checks have passed; if not, say which ones this cell waits for."""
    missing = [task for task in tasks if not getattr(check, task).passed]
    if missing:
        print("This cell waits until these checks have passed:", ", ".join(missing))
    return not missing


# %% [markdown]
# ## The job, and the tool you know
#
# A warehouse writes a log each night. The first line names the key that opened the gate, one of eight. Then come
# ordinary lines, one of eight events each. The last line asks: **which key was it?** So the net must copy one token
# over a **distance**: the number of ordinary lines in between. The logs are made up; Hochreiter and Schmidhuber tried
# their LSTM on such tasks in 1997 (Neural Computation 9(8), section 5.2).
#
# A batch holds logs of different length. Short ones are filled up on the right with **padding**, and on quiet nights a
# log is empty: nobody asks, nobody answers.

# %%
EVENTS, ASK, PAD = 8, 16, 17  # tokens 0 to 7 are keys, 8 to 15 are events


def logs(distances, generator):
    """Return (tokens, lengths, keys) of logs with these distances; a distance of -1 stands for an empty log."""
    distances = torch.as_tensor(distances)
    lengths = torch.where(distances < 0, 0, distances + 2)
    n, T = len(lengths), int(lengths.max())
    keys = torch.randint(8, (n,), generator=generator)
    tokens = torch.randint(8, 8 + EVENTS, (n, T), generator=generator)
    tokens[:, 0] = keys
    tokens[torch.arange(n), lengths - 1] = ASK
    tokens[torch.arange(T) >= lengths[:, None]] = PAD
    return tokens, lengths, keys.masked_fill(lengths == 0, -100)  # cross_entropy skips -100


def last_line(outputs, lengths):
    """Return from outputs (batch, T, answers) what stands at each log's last real line."""
    return outputs[torch.arange(len(lengths)), (lengths - 1).clamp(min=0)]


def named(outputs, lengths):
    """Return the key that is named for each log, -1 for an empty log."""
    return last_line(outputs, lengths).argmax(-1).masked_fill(lengths == 0, -1)


class Lstm(nn.Module):
    """Embedding, one LSTM layer, answer; `gate` is the bias of the forget gate at the start."""

    def __init__(self, answers=8, width=32, gate=0.0):
        super().__init__()
        self.embed, self.answer = nn.Embedding(18, width), nn.Linear(width, answers)
        self.lstm = nn.LSTM(width, width, batch_first=True)
        nn.init.normal_(self.embed.weight, std=0.2)
        with torch.no_grad():
            self.lstm.bias_ih_l0[width : 2 * width] += gate

    def forward(self, tokens, lengths):
        return self.answer(self.lstm(self.embed(tokens))[0])


def train(net, distances, seed=0, steps=100):
    """Train net on batches of 32 logs, each with one of these distances; stop once the loss is small."""
    generator = torch.Generator().manual_seed(seed)
    optimiser, smooth = torch.optim.Adam(net.parameters(), lr=0.01), 2.0
    for _ in range(steps):
        some = torch.as_tensor(distances)[torch.randint(len(distances), (32,), generator=generator)]
        tokens, lengths, keys = logs(some, generator)
        optimiser.zero_grad()
        loss = functional.cross_entropy(last_line(net(tokens, lengths), lengths), keys)
        loss.backward()
        optimiser.step()
        smooth = 0.8 * smooth + 0.2 * loss.item()
        if smooth < 0.05:
            break
    return net


def accuracy(net, distance):
    """Return the share of right keys in 400 new logs of one distance."""
    tokens, lengths, keys = logs([distance] * 400, torch.Generator().manual_seed(99))
    with torch.no_grad():
        return (named(net(tokens, lengths), lengths) == keys).float().mean().item()


print(logs([3, 1, -1], torch.Generator().manual_seed(0))[0])
plain = {}  # the plain LSTM's share of right keys at each distance
for distance in (2, 64):
    torch.manual_seed(0)
    plain[distance] = accuracy(train(Lstm(), [distance]), distance)
    print(f"LSTM, distance {distance:2}: {plain[distance]:.0%} right (a guess: {1 / 8:.0%})")

# %% [markdown]
# ## Count what must run in order
#
# A **dependency graph** says for each step of a computation what it needs. Steps that do not need one another can run
# at the same moment, on as many cores as you have. What cannot be bought away is the longest chain: its number of
# steps is the **depth**.
#
# A graph comes as a dict, `{node: [nodes it needs]}`. Every node is listed after the nodes it needs. A node that needs
# nothing is an input and costs no step; every other node is one step. Return the depth: the number of steps on the
# longest chain. If there is no step, or no node at all, it is 0. Chains may be tens of thousands of steps long.
#
# About 5 minutes.
#
# <details><summary>Hint 1: when is a dish ready?</summary>Its own step can begin when the slowest of its ingredients
# is ready. That is a number for each dish, and you know it when you know those of the ingredients.</details>
# <details><summary>Hint 2: in which order do you compute the numbers?</summary>In the order of the dict. Keep a second
# dict with the number of each node that you have passed.</details>
# <details><summary>Hint 3: where does it break?</summary><code>max</code> of nothing is an error, unless it has a
# <code>default</code>. And a function that calls itself once per step meets Python's limit of about a thousand
# calls.</details>


# %% answer="depth"
def depth(graph):
    """Return how many steps of the graph must run one after another."""
    ### BEGIN SOLUTION
    level = {}
    for node, needs in graph.items():
        level[node] = 1 + max(level[need] for need in needs) if needs else 0
    return max(level.values(), default=0)
    ### END SOLUTION


# %% check="depth" points=2
check.depth(depth)

# %% [markdown]
# Now look at both tools through your `depth`. An LSTM carries a **state** *h* from line to line: each step needs its
# line *x* and the state before. In attention, each line computes something from itself (*k*), and then one step
# collects from all lines up to here.


# %%
def lstm_graph(T):
    """Return the dependency graph of an LSTM on T lines."""
    graph = {("x", t): [] for t in range(T)}
    return graph | {("h", t): [("x", t)] + [("h", t - 1)] * (t > 0) for t in range(T)}


def attention_graph(T):
    """Return the dependency graph of causal attention on T lines."""
    graph = {("x", t): [] for t in range(T)} | {("k", t): [("x", t)] for t in range(T)}
    return graph | {("out", t): [("k", s) for s in range(t + 1)] for t in range(T)}


def below(graph, node):
    """Return the part of the graph that `node` rests on."""
    wanted = {node}
    for each in reversed(graph):
        wanted.update(graph[each] if each in wanted else [])
    return {each: needs for each, needs in graph.items() if each in wanted}


if ready("depth"):
    figure, panels = plt.subplots(1, 2, figsize=(10, 4.4), sharey=True, layout="constrained")
    for axes, name, graph in zip(panels, ("LSTM", "attention"), (lstm_graph(7), attention_graph(7)), strict=True):
        level = {node: depth(below(graph, node)) for node in graph}
        for node, needs in graph.items():
            for need in needs:
                axes.plot([need[1], node[1]], [level[need], level[node]], color="0.6", linewidth=1, zorder=1)
        for kind, colour, marker in (
            ("x", "0.3", "o"),
            ("h", "#0072B2", "s"),
            ("k", "#E69F00", "^"),
            ("out", "#D55E00", "s"),
        ):
            nodes = [node for node in graph if node[0] == kind]
            if nodes:
                style = {"color": colour, "marker": marker, "s": 90, "zorder": 2, "label": kind}
                axes.scatter([t for _, t in nodes], [level[node] for node in nodes], **style)
        axes.set(title=f"{name}: depth {depth(graph)}", xlabel="line of the log")
        axes.legend(loc="upper left")
    panels[0].set_ylabel("steps that must run before, and this one")
    plt.show()
    for T in (7, 100, 1000):
        print(f"{T:4} lines: LSTM {depth(lstm_graph(T)):4} steps in order, attention {depth(attention_graph(T))}")

# %% [markdown]
# A staircase and a pancake. (One step of the pancake adds up many numbers. In pairs, this takes about log2(T) rounds:
# 10 for a thousand lines. Vaswani and others count it as one, in table 1 of "Attention Is All You Need", 2017, and so
# do we.) Count the lines between the nodes, too: the pancake has about T²/2 of them. Keep that in mind and predict:
#
# You will train both on logs of 64, 128, 256, 512, 1024 and 2048 lines, on one core of your machine. From which length
# on will one training step with attention **take longer** than one with the LSTM? Not graded.

# %% answer="prediction"
prediction = ...  # one of the six lengths, or "never"
### BEGIN SOLUTION
prediction = 1024
### END SOLUTION

# %% [markdown]
# ## Say who may look at whom
#
# In attention, each line `t` looks at lines `s` and takes something from each. First decide where it may look. Return
# a tensor of True and False (`torch.bool`) with the shape (batch, T, T). Entry `[b, t, s]` is True if
#
# - both `t` and `s` are real lines of log `b`: places `0` to `lengths[b] - 1`;
# - and, if `causal` is true, `s` is not later than `t`. A line may look at itself.
#
# `lengths` is a tensor of whole numbers, one per log. A log may be empty, `T` may be larger than every length. Leave
# `lengths` as it is.
#
# About 6 minutes.
#
# <details><summary>Hint 1: what would you draw?</summary>Squared paper, one sheet per log. Rows ask, columns are looked
# at. Padding empties rows and columns at the edge; causality empties a triangle.</details>
# <details><summary>Hint 2: how do you get there without loops?</summary><code>torch.arange(T)</code> compared with
# <code>lengths[:, None]</code> is a table (batch, T) of which places are real. The same <code>arange</code> as a row
# and as a column, compared, is a triangle.</details>
# <details><summary>Hint 3: how do rows and columns meet?</summary>Two copies of the table, one with the shape (batch,
# T, 1) and one with (batch, 1, T), joined by <code>&amp;</code>.</details>


# %% answer="allowed"
def allowed(lengths, T, causal=True):
    """Return where each line may look, a bool tensor of the shape (batch, T, T)."""
    ### BEGIN SOLUTION
    place = torch.arange(T)
    real = place < lengths[:, None]
    mask = real[:, :, None] & real[:, None, :]
    return mask & (place[None, :] <= place[:, None]) if causal else mask
    ### END SOLUTION


# %% check="allowed" points=2
check.allowed(allowed)

# %% [markdown]
# ## Write `attend`
#
# Each line comes with three vectors: a **query** `q` (what it looks for), a **key** `k` (how it can be found) and a
# **value** `v` (what it hands over). All three have the shape (batch, T, d).
#
# 1. The score of `t` for `s` is the sum of products of `q[t]` and `k[s]`, divided by the square root of `d`.
# 2. Where `mask` (your `allowed`, handed in ready) is False, the score is masked **before** the softmax, so that the
#    weight is 0.
# 3. The softmax turns the scores of each `t` into weights that add up to 1.
# 4. The output at `t` is the sum of the values, each times its weight. Where nothing is allowed (padding, an empty
#    log), the output is **zeros**.
#
# Return the output, (batch, T, d). The check also sends slopes back through it (none may be `nan`), tries scores of
# several hundred, and counts operators: torch must run as many for a long log as for a short one. So no loop over
# places. And it asks with queries of zeros: all scores are equal then, and the output must be the mean of the lines so
# far, as a recurrence finds it by carrying a sum. Its logs have 6, 3, 1 and 0 lines.
#
# About 10 minutes.
#
# <details><summary>Hint 1: how would a library do it?</summary>You come with a query, each book has a key on its back,
# and you leave with a mixture of what is inside. All readers can do so at the same moment.</details>
# <details><summary>Hint 2: which shapes?</summary>(batch, T, d) times (batch, d, T) gives all scores, (batch, T, T).
# Those times (batch, T, d) give all outputs. <code>transpose(1, 2)</code> swaps two axes.</details>
# <details><summary>Hint 3: which score has the weight 0?</summary>Minus infinity; <code>masked_fill</code> writes it
# where <em>its</em> mask is True. A row full of it comes out of the softmax as <code>nan</code>; look what tensors can
# do whose method begins with <code>nan_to</code>.</details>


# %% answer="attend"
def attend(q, k, v, mask):
    """Return for each place the mixture of values that it collects, (batch, T, d)."""
    ### BEGIN SOLUTION
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])
    weights = scores.masked_fill(~mask, -math.inf).softmax(dim=-1).nan_to_num()
    return weights @ v
    ### END SOLUTION


# %% check="attend" points=3
check.attend(attend)

# %% [markdown]
# Two experiments. First, the job that both tools do **exactly**, the mean of the lines so far, now before your eyes.
# Second, look at what attention does when you shuffle the lines.


# %%
def running_mean(values, lengths):
    """Return the mean of the lines so far, one line after another with a state; zeros for padding."""
    outputs, total = torch.zeros_like(values), torch.zeros_like(values[:, 0])
    for t in range(values.shape[1]):
        real = (t < lengths)[:, None]
        total = total + values[:, t] * real
        outputs[:, t] = total / (t + 1) * real
    return outputs


if ready("allowed", "attend"):
    torch.manual_seed(0)
    lengths = torch.tensor([6, 3, 1, 0])
    q, k, v = torch.randn(3, 4, 6, 5)
    gap = running_mean(v, lengths) - attend(0 * q, k, v, allowed(lengths, 6))
    print(f"running mean, largest difference between recurrence and attention: {gap.abs().max():.0e}")

    full = torch.tensor([6])
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    plain, shuffled = (
        attend(q[:1, o], k[:1, o], v[:1, o], allowed(full, 6, causal=False)) for o in (slice(None), order)
    )
    print(f"shuffle the lines: the outputs are shuffled, difference {(plain[:, order] - shuffled).abs().max():.0e}")

# %% [markdown]
# Shuffled lines give the same outputs, shuffled. Without help, attention does not know that one line comes before
# another. So each line gets its **place** as well: a vector for place 0, one for place 1, and so on, learned like the
# others. (Vaswani and others wrote sines and cosines there, and report that learned vectors did as well.)
#
# ## Write `read`
#
# Put the layer together. `net` holds its parts; each is called like a function:
#
# | part | takes | gives |
# |---|---|---|
# | `net.embed` | tokens | one vector per token |
# | `net.place` | places, whole numbers from 0 | one vector per place |
# | `net.query`, `net.key`, `net.value` | vectors | vectors |
# | `net.answer` | what was collected | scores of the answers |
#
# `tokens` has the shape (batch, T), and a line's vector is that of its token plus that of its place. Return scores for
# all places, (batch, T, answers), of one causal `attend`. Nothing else is added. Outputs at padding may be anything.
# The check looks whether
#
# - the output at a line changes when **later** lines change, or the padding does: it must not;
# - torch runs as many operators for a long log as for a short one: **one training step touches all places at once**.
#
# About 6 minutes.
#
# <details><summary>Hint 1: what does a line need before it can look?</summary>One vector that says what it is and where
# it stands. The three others are made from this one.</details>
# <details><summary>Hint 2: which places?</summary><code>torch.arange</code> up to the width of <code>tokens</code>; the
# sum of (batch, T, d) and (T, d) is made for you.</details>
# <details><summary>Hint 3: in which order?</summary>Vectors, mask, attend, answer: one line each.</details>


# %% answer="read"
def read(net, tokens, lengths):
    """Return the scores of the answers at each place, (batch, T, answers)."""
    ### BEGIN SOLUTION
    T = tokens.shape[1]
    x = net.embed(tokens) + net.place(torch.arange(T))
    collected = attend(net.query(x), net.key(x), net.value(x), allowed(lengths, T))
    return net.answer(collected)
    ### END SOLUTION


# %% check="read" points=3
check.read(read)


# %%
class Attention(nn.Module):
    """Embedding, places, one layer of attention, answer: put together by your `read`."""

    def __init__(self, answers=8, width=32, places=128):
        super().__init__()
        self.embed, self.place = nn.Embedding(18, width), nn.Embedding(places, width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.answer = nn.Linear(width, answers)
        nn.init.normal_(self.embed.weight, std=0.2)
        nn.init.normal_(self.place.weight, std=0.02)

    def forward(self, tokens, lengths):
        return read(self, tokens, lengths)


if ready("allowed", "attend", "read"):
    distances = [-1, 0, 1, 2, 3]  # logs of unequal length, and empty ones
    answers = {}
    for name, make in (("LSTM", Lstm), ("attention", Attention)):
        torch.manual_seed(0)
        net = train(make(), distances)
        tokens, lengths, keys = logs(distances * 80, torch.Generator().manual_seed(1))
        with torch.no_grad():
            answers[name] = named(net(tokens, lengths), lengths)
    same = (answers["LSTM"] == answers["attention"]).sum().item()
    print(f"short logs, {(lengths == 0).sum()} of them empty: both give the same answer in {same} of {len(keys)}")

# %% [markdown]
# The same job, done by both, also on unequal and empty logs. Now count the steps of the real thing. Torch writes down
# what each result was made from, to send slopes back. That is a dependency graph, and `graph_of` hands it to your
# `depth`. (`nn.LSTM` does its loop inside one operator. `lstm_by_hand` is the same loop in the open, with the same
# weights.)


# %%
def graph_of(result):
    """Return the graph that torch wrote down while it computed `result`."""
    graph, waiting = {}, [(result.grad_fn, False)]
    while waiting:
        node, is_next = waiting.pop()
        if node in graph:
            continue
        needs = [need for need, _ in node.next_functions if need is not None]
        if is_next:
            graph[node] = needs
        else:
            waiting += [(node, True)] + [(need, False) for need in needs]
    return graph


def lstm_by_hand(net, tokens):
    """Return what net(tokens) returns, for an Lstm."""
    x, lstm = net.embed(tokens), net.lstm
    h = c = torch.zeros_like(x[:, 0])
    outputs = []
    for line in x.unbind(dim=1):
        gates = functional.linear(line, lstm.weight_ih_l0, lstm.bias_ih_l0)
        gates = gates + functional.linear(h, lstm.weight_hh_l0, lstm.bias_hh_l0)
        take, keep, new, show = gates.chunk(4, dim=-1)
        c = keep.sigmoid() * c + take.sigmoid() * new.tanh()
        h = show.sigmoid() * c.tanh()
        outputs.append(h)
    return net.answer(torch.stack(outputs, dim=1))


if ready("depth", "allowed", "attend", "read"):
    lstm, attention = Lstm(), Attention()
    print("lines   LSTM: steps in order   attention: steps in order")
    for T in (8, 16, 32, 64):
        tokens, lengths, keys = logs([T - 2] * 2, torch.Generator().manual_seed(0))
        by_hand = lstm_by_hand(lstm, tokens)
        torch.testing.assert_close(by_hand, lstm(tokens, lengths), rtol=1e-4, atol=1e-5)
        counts = [depth(graph_of(last_line(out, lengths).sum())) for out in (by_hand, attention(tokens, lengths))]
        print(f"{T:5} {counts[0]:22} {counts[1]:27}")

# %% [markdown]
# ## Read off the crossover
#
# A pancake needs no waiting, and it is wide. So measure, on one core. The clock is noisy: a busy moment can lift one
# point. Return from `crossover(sizes, recurrence, attention)` the smallest of the `sizes` from which on attention costs
# more: more at this size **and at all larger ones**. Return None if attention does not cost more at the largest size.
# Equal is not more. All three are lists of the same length, and the sizes grow. Leave them as they are: the next cell
# draws them.
#
# The check brings tables of its own: no crossing, a crossing at the first size, more than one crossing, a tie.
#
# About 5 minutes.
#
# <details><summary>Hint 1: when did summer begin?</summary>Not on the first warm day: frost may follow. Stand at the
# end, and look back to the last cold day.</details>
# <details><summary>Hint 2: how does a loop remember it?</summary>It holds one size, or None. A dearer size sets it if
# nothing is set; a cheaper or equal one clears it.</details>


# %% answer="crossover"
def crossover(sizes, recurrence, attention):
    """Return the size from which on attention costs more, or None."""
    ### BEGIN SOLUTION
    found = None
    for size, old, new in zip(sizes, recurrence, attention, strict=True):
        if new <= old:
            found = None
        elif found is None:
            found = size
    return found
    ### END SOLUTION


# %% check="crossover" points=2
check.crossover(crossover)

# %% [markdown]
# The time below is the best of a few training steps (forward and backward, one log). The memory is counted exactly:
# `TensorMeter` adds up the bytes of all tensors that are alive, and keeps the **peak**. What an operator takes and
# gives back inside itself is not seen.


# %%
class TensorMeter(TorchDispatchMode):
    """While the `with` block runs, follow the bytes of the tensors made in it; `.peak` is the most at one moment."""

    def __init__(self):
        super().__init__()
        self.now, self.peak, self.alive = 0, 0, set()

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        result = operator(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor) and tensor.untyped_storage()._cdata not in self.alive:
                storage = tensor.untyped_storage()
                self.alive.add(storage._cdata)
                self.now += storage.nbytes()
                weakref.finalize(storage, self.gone, storage._cdata, storage.nbytes())
        self.peak = max(self.peak, self.now)
        return result

    def gone(self, storage, nbytes):
        self.alive.discard(storage)
        self.now -= nbytes


def training_step(net, tokens, lengths, keys):
    """Go forward and backward once."""
    net.zero_grad()
    functional.cross_entropy(last_line(net(tokens, lengths), lengths), keys).backward()


def measure(net, T):
    """Return (milliseconds, MB at the peak) of one training step on one log of T lines."""
    batch = logs([T - 2], torch.Generator().manual_seed(0))
    training_step(net, *batch)  # warm up
    with TensorMeter() as meter:
        training_step(net, *batch)
    times = []
    for _ in range(9 if T <= 512 else 3):
        began = time.perf_counter()
        training_step(net, *batch)
        times.append(time.perf_counter() - began)
    return 1000 * min(times), meter.peak / 1e6


race = {}
if ready("allowed", "attend", "read", "crossover"):
    sizes = [64, 128, 256, 512, 1024, 2048]
    race["LSTM"] = [measure(Lstm(), T) for T in sizes]
    race["attention"] = [measure(Attention(places=T), T) for T in sizes]
    figure, panels = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for column, (axes, unit) in enumerate(zip(panels, ("milliseconds", "MB"), strict=True)):
        lstm_costs, attention_costs = ([pair[column] for pair in race[name]] for name in ("LSTM", "attention"))
        for name, costs in (("LSTM", lstm_costs), ("attention", attention_costs)):
            axes.plot(sizes, costs, linewidth=2, label=name, **LOOKS[name])
        if column:
            for power, (name, costs) in enumerate((("LSTM", lstm_costs), ("attention", attention_costs)), start=1):
                guide = [costs[-1] * (T / sizes[-1]) ** power for T in sizes[2:]]
                axes.plot(sizes[2:], [0.6 * g for g in guide], color="0.5", linewidth=1)
                note = {"xytext": (3, -10), "textcoords": "offset points", "fontsize": "small"}
                axes.annotate(f"× {2**power} per doubling", (sizes[4], 0.6 * guide[2]), **note)
                print(f"{name:9}: twice the lines, {costs[-1] / costs[-2]:.1f} times the memory")
        found = crossover(sizes, lstm_costs, attention_costs)
        if found:
            axes.axvline(
                found, color="black", linewidth=1, linestyle=":", label=f"attention costs more from {found} on"
            )
        axes.set(
            title="Time" if unit != "MB" else "Peak memory", xlabel="lines per log", ylabel=f"{unit} per training step"
        )
        axes.set(xscale="log", yscale="log")
        axes.set_xticks(sizes, sizes)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        axes.legend(loc="upper left")
        if not column:
            said = "nothing" if prediction is ... else prediction
            print(f"You said: attention takes longer from {said} on. Measured: {found or 'never, up to 2048'}.")
    plt.show()

# %% [markdown]
# Fewer steps in order, and yet slower in the end! One core has to do all the work of the pancake itself, and that work
# grows with the **square** of the length, as does the memory: at the right end, each doubling of the lines takes close
# to four times as many bytes. The depth only tells what is possible with cores enough. A graphics card has thousands of
# them, and there the crossing can lie further right, until the square of the length catches up. If your left lines
# cross twice, blame the other programs, and run the cell again.
#
# ## Where the LSTM forgets
#
# So why pay? Train on one distance at a time, at most 100 batches of 32 logs for everybody. "Gate opened" is an LSTM
# whose **forget gate** starts near "keep" (its bias begins at 3 where it usually begins at 0). Before you run the cell:
# at which distance do you expect the plain LSTM to fall to one in eight?

# %%
if ready("allowed", "attend", "read"):
    distances = [2, 8, 32, 64]
    makers = {"LSTM": Lstm, "LSTM, gate opened": lambda: Lstm(gate=3.0), "attention": Attention}
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained", width_ratios=[1.2, 1])
    for name, make in makers.items():
        scores = []
        for distance in distances:
            if name == "LSTM" and distance in plain:  # measured at the top
                scores.append(plain[distance])
                continue
            torch.manual_seed(0)
            net = train(make(), [distance])
            scores.append(accuracy(net, distance))
            if name == "attention" and distance == 32:
                looked = net
        left.plot(distances, scores, linewidth=2, label=name, **LOOKS[name])
        print(f"{name:18}", "  ".join(f"{d} lines: {s:.0%}" for d, s in zip(distances, scores, strict=True)))
    left.axhline(1 / 8, color="0.4", linewidth=1)
    left.annotate("a guess", (2, 1 / 8), (0, 4), textcoords="offset points")
    left.set(xscale="log", xlabel="distance: lines in between", ylabel="share of right keys", title="Which key was it?")
    left.set_xticks(distances, distances)
    left.minorticks_off()
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)

    tokens, lengths, _ = logs([32], torch.Generator().manual_seed(5))
    with torch.no_grad():
        x = looked.embed(tokens) + looked.place(torch.arange(34))
        # With the unit vectors for values, what attention collects is its weights.
        weights = attend(looked.query(x), looked.key(x), torch.eye(34)[None], allowed(lengths, 34))[0]
    picture = right.imshow(weights.numpy(), cmap="Greys", vmin=0, vmax=1)
    right.set(title="Attention's weights", xlabel="looks at line", ylabel="line")
    figure.colorbar(picture, ax=right, label="weight")
    plt.show()
    print(f"The last line gives the first one {weights[-1, 0]:.0%} of its weight.")

# %% [markdown]
# Look at the dark square at the bottom left: from the last line, the first is **one step away**, at every distance. In
# the LSTM, the key and its slope pass through every step between. How much comes through? Send the slope back once,
# before any training. Tokens 0 to 7 stand in the first line only, so what reaches their vectors has come all the way.

# %%
if ready("allowed", "attend", "read"):
    print(f"{'slope at the key':18}", "  ".join(f"{distance:2} lines" for distance in distances), "  kept per line")
    for name, make in makers.items():
        slopes = []
        for distance in distances:
            torch.manual_seed(0)
            net = make()
            training_step(net, *logs([distance] * 32, torch.Generator().manual_seed(0)))
            slopes.append(net.embed.weight.grad[:8].norm().item())
        kept = (slopes[-1] / slopes[0]) ** (1 / (distances[-1] - distances[0]))
        print(f"{name:18}", "  ".join(f"{slope:8.0e}" for slope in slopes), f"{kept:13.0%}")

# %% [markdown]
# The plain LSTM's forget gate starts near one half, and about a third of the slope is lost at each line. A third of
# what is left, and again: after 32 lines there is nothing to learn from. Attention loses too, since at first the last
# line looks at all others alike; but it shares out once, and not at every line. The opened gate lets the slope through,
# and still the key is lost at 64. Such a gate also keeps all 64 ordinary lines, and 100 batches do not suffice to tell
# the key from them.
#
# Be fair to the LSTM: it *can* hold a key. What fails is learning it in 100 batches. The LSTM of 1997 had no forget
# gate at all (Gers and others added it in 2000), and its authors report lags of more than a thousand steps, after far
# more training. And attention's training depends on how it starts: here the vectors of tokens and places start small.
# With tokens five times as large (`std=1`), some of our runs still err at distance 64 after the 100 batches.
#
# ## What attention is not good for
#
# Another log: a gate with **one button**. Each press (token 1) opens it if it is closed, and closes it if it is open.
# Is it open now? One line is enough to carry the state on. Train both on logs of 8 lines, with an answer asked at each,
# and let them read 40. Who will know?

# %% answer="prediction_gate"
prediction_gate = ...  # "LSTM", "attention", "both" or "neither"
### BEGIN SOLUTION
prediction_gate = "LSTM"
### END SOLUTION

# %%
if ready("allowed", "attend", "read"):
    figure, axes = plt.subplots(figsize=(8, 3.8), layout="constrained")
    for name, make in (("LSTM", Lstm), ("attention", Attention)):
        torch.manual_seed(0)
        net, generator = make(answers=2), torch.Generator().manual_seed(0)
        optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(200):
            presses = torch.randint(2, (32, 8), generator=generator)
            scores = net(presses, torch.full((32,), 8))
            optimiser.zero_grad()
            functional.cross_entropy(scores.flatten(0, 1), presses.cumsum(dim=1).flatten() % 2).backward()
            optimiser.step()
        presses = torch.randint(2, (500, 40), generator=generator)
        with torch.no_grad():
            right = net(presses, torch.full((500,), 40)).argmax(-1) == presses.cumsum(dim=1) % 2
        right_at = right.float().mean(dim=0).tolist()
        axes.plot(range(1, 41), right_at, label=name, markersize=4, **LOOKS[name])
        print(f"{name:9} after 40 lines: {right_at[-1]:.0%} right")
    axes.axvline(8, color="0.5", linewidth=1)
    axes.annotate("trained up to here", (8, 0.85), (5, 0), textcoords="offset points")
    axes.axhline(0.5, color="0.4", linewidth=1)
    axes.set(xlabel="line of the log", ylabel="share of right answers", title="Is the gate open?", ylim=(0.4, 1.03))
    axes.legend(loc="center right")
    plt.show()
    print("You said:", "nothing" if prediction_gate is ... else prediction_gate)

# %% [markdown]
# The mirror image. Attention guesses already inside the 8 lines that it was trained on: a weighted average of all
# presses does not tell whether their number is odd. (Beyond 8, it also meets places that were never trained.) For the
# LSTM the job is one flip of its state, as right at line 40 as at line 4. Deep stacks of attention do better than our
# one layer. They buy depth again, step by step.
#
# ## Write down your decision
#
# Your team asks: LSTM or attention for the logs? Write a text of **three sentences** (two to five pass) which
#
# - names both tools, and says which job goes to which;
# - names a size from your own figure, in digits with its unit: lines, steps, MB or milliseconds, such as `512 lines`;
# - says what would change your mind, in a sentence with *if*, *unless*, *until*, *when* or *once*.
#
# The check looks for these things and no more.
#
# <details><summary>Hint 1: what do the two pictures say together?</summary>One job needs to reach far back, the other
# to carry something on. Which of yours is which?</details>
# <details><summary>Hint 2: where does the number come from?</summary>The length at which the right panel of your race
# reaches the memory that you have, or at which the left lines cross.</details>

# %% answer="decision"
decision = ...
### BEGIN SOLUTION
decision = """
Questions about something far back go to attention, as long as a log has at most 1024 lines.
What is carried on from line to line, such as a gate's state, stays with the LSTM.
If logs grow, each doubling costs four times the memory, and we measure again.
"""
### END SOLUTION

# %% check="decision" points=1
check.decision(decision)

# %% [markdown]
# ## Show it to your team
#
# Ten minutes, with your own numbers:
#
# 1. *The trouble (1 minute).* The same LSTM: perfect at distance 2, guessing at 64.
# 2. *Staircase and pancake (2).* Your first figure. Steps in order at 64 lines: … for the LSTM, … for attention.
# 3. *The price (3).* Your race. Each doubling: … times the memory. The times cross at … lines on one core.
# 4. *What it buys (2).* Accuracy against distance, and the dark square.
# 5. *What it does not buy (1).* The gate with one button.
# 6. *Our decision (1).* Your three sentences.
#
# ## Take away
#
# **Ask two questions of every tool for sequences: how many steps must wait for one another, and how far does a message
# travel?** A recurrence is cheap and waits; what it is told long ago it must carry through every step. Attention
# reaches everything in one step and pays with the square of the length. Depth, width and distance of the graph outlive
# both.
#
# On your own data: take a sequence job of yours, write down how far back the answer lies, and whether it is *looked up*
# or *carried on*. Then cut the sequences to half and to a quarter, and see when the score falls.
#
# Next, another choice of tool: [trees or deep nets](../explore/trees_vs_deep_nets.ipynb).
