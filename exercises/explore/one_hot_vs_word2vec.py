# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: "The company words keep: one-hot or word2vec?"
#     minutes: 45
#     level: 2
#     needs: [fundamentals/gradient_descent]
#     packages: [numpy, torch, matplotlib]
# ---

# %% [markdown]
# Your search box knows the word "dictionary". Somebody types "mapping", and gets nothing. To your program the two
# words are two columns of a table: exactly as different as "dictionary" and "penguin". You have no list of synonyms,
# nobody has time to write one, and all you own is plain text.
#
# By the end you can turn raw text into word vectors in which words of one kind stand together, and say what that
# costs and where it fails.

# %%
import builtins
import keyword
import re
import time
import weakref
from collections import Counter
from pydoc_data.topics import topics

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn.functional import embedding, logsigmoid, normalize
from torch.utils._python_dispatch import TorchDispatchMode  # the name by which PyTorch documents it
from torch.utils.flop_counter import FlopCounterMode

from shoshin.graders.explore import one_hot_vs_word2vec as check

torch.set_num_threads(1)  # tables as small as ours gain little from a second core


def ready(*tasks):
    """Whether these checks have passed; if not, say which ones this cell waits for."""
    missing = [task for task in tasks if not getattr(check, task).passed]
    if missing:
        print("This cell waits until these checks have passed:", ", ".join(missing))
    return not missing


# %% [markdown]
# ## The text
#
# Python carries a piece of its own manual with it, the text behind `help("LOOPING")`. It differs a little from one
# version of Python to the next, so your numbers will differ a little from a colleague's. Each paragraph is one
# **document**. Many stand in several chapters; each is kept once.
#
# The **vocabulary** lists the words that occur at least 5 times, the most frequent first, and words that are equally
# frequent in the order of the alphabet. A word's place in it is its number. All other words are **unknown**: their
# number is `-1`.

# %%
LEAST, UNKNOWN = 5, -1


def read_documents(topics):
    """Return the different paragraphs of all topics, each a list of words."""
    paragraphs = [part for name in sorted(topics) for part in re.split(r"\n\s*\n", topics[name])]
    found = [tuple(re.findall(r"[A-Za-z_]\w*", paragraph)) for paragraph in paragraphs]
    return [list(document) for document in dict.fromkeys(found) if document]


written = read_documents(topics)
times = Counter(word for document in written for word in document)
words = sorted((word for word in times if times[word] >= LEAST), key=lambda word: (-times[word], word))
number = {word: i for i, word in enumerate(words)}
documents = [[number.get(word, UNKNOWN) for word in document] for document in written]
counts = torch.tensor([times[word] for word in words])

print(f"{len(documents):,} documents, {sum(times.values()):,} words, {len(times):,} different")
print(f"{sum(count == 1 for count in times.values()):,} of those occur once; the vocabulary has {len(words):,} words")
print("the first:", *words[:8])
print("a document:", *written[3][:8], "→", documents[3][:8])

# %% [markdown]
# ## Predict
#
# The task that your vectors have to pass: guess the **kind** of a word. Some words of our text are exceptions
# (`TypeError`), some are special methods (`__add__`), some are keywords (`while`). Five words of each kind come with
# a label, drawn by chance. A classifier names the kind of all the others; it sees their vectors only, never their
# letters. (Their kind is known to us: Python itself can tell.)
#
# What share of the other words will it name right, in percent, with one-hot vectors, and with vectors that were
# learned from raw text without any label? A guess is enough; it is not graded.

# %% answer="prediction"
prediction = {"one-hot": ..., "learned": ...}  # two numbers, 0 to 100
### BEGIN SOLUTION
prediction = {"one-hot": 40, "learned": 60}
### END SOLUTION

# %% [markdown]
# ## Look up a row
#
# A **one-hot vector** has a column for every word of the vocabulary: 1 in the column of its word, 0 in all others. To
# give each word a shorter vector, one multiplies it with a **table**, a matrix of one row per word. `by_one_hot` does
# that for a whole batch. An unknown word has no 1 anywhere, so it gets a row of zeros.


# %%
def by_one_hot(numbers, table):
    """Return the vectors of a batch of B words, shape (B, columns of the table), by a matrix product."""
    one_hot = (numbers[:, None] == torch.arange(len(table))).to(table.dtype)
    return one_hot @ table


small = torch.tensor([[0.5, 0.1], [2.0, 0.2], [7.0, 0.7]])
print(by_one_hot(torch.tensor([2, 0, UNKNOWN]), small))

# %% [markdown]
# Look at what the product does: all columns of zeros cost a multiplication, and add nothing. **A one-hot vector times
# a matrix is a row of that matrix.**
#
# Write `look_up(numbers, table)`. Return the same tensor, shape `(B, columns)`, and the same gradient for the table,
# without a matrix product and without any tensor that has a column for every word.
#
# - An unknown word, `-1`, gets a row of zeros. No row of the table learns anything from it.
# - A number may occur several times in `numbers`; all may be unknown.
# - The gradient of your rows must reach `table`. PyTorch works it out from a record of all that is done with the
#   table's tensor; numbers that leave the tensor (`.tolist()`, `.numpy()`, `.detach()`) leave the record.
#
# About 5 minutes.
#
# <details><summary>Hint 1: how do you find your coat in a cloakroom?</summary>You do not try on every coat and
# multiply the strangers' by zero. You hand over the number.</details>
# <details><summary>Hint 2: which tool?</summary>Indexing a tensor with a tensor of numbers, or
# <code>embedding(numbers, table)</code>, which does the same and has a faster gradient.</details>
# <details><summary>Hint 3: what does an index of -1 mean?</summary>To indexing it is the last row;
# <code>embedding</code> refuses it. Look up some row that exists, and make the result zero afterwards:
# <code>clamp</code> serves the one, a column of true and false the other.</details>


# %% answer="look_up"
def look_up(numbers, table):
    """Return the rows of these numbers, zeros for -1, without a product of matrices."""
    ### BEGIN SOLUTION
    return embedding(numbers.clamp(min=0), table) * (numbers >= 0)[:, None]
    ### END SOLUTION


# %% check="look_up" points=2
check.look_up(look_up)

# %% [markdown]
# Now count. `FlopCounterMode` adds up the work of all matrix products inside its block; a multiplication with its
# addition counts as two.

# %%
if ready("look_up"):
    numbers, table = torch.arange(UNKNOWN, 511), torch.rand(len(words), 32)
    for way in (by_one_hot, look_up):
        with FlopCounterMode(display=False) as counter:
            rows = way(numbers, table)
        print(f"{way.__name__:10} {counter.get_total_flops() // 2:>12,} multiplications in matrix products")
    print(f"512 words × {len(words):,} columns × 32 = {512 * len(words) * 32:,}")
    print("same rows:", torch.equal(by_one_hot(numbers, table), look_up(numbers, table)))

# %% [markdown]
# So the two are the same map, and you may think of either. But the table need not come from anywhere: its entries can
# be *learned*. A table of learned rows is an **embedding**.
#
# ## Find the neighbours
#
# How near two words are is measured by the **cosine** of the angle between their vectors: their dot product divided
# by both lengths. It is 1 for the same direction, 0 for a right angle.
#
# Write `neighbours(word, table, k)`. Return a list of the numbers of the `k` words whose rows have the largest cosine
# with row `word`, the nearest first.
#
# - The word itself is not among them, even if others are exactly as near to it as it is.
# - Of words that are equally near, the lower number comes first.
# - A row of zeros has no direction: its cosine with every row counts as 0.
# - If there are fewer than `k` other words, return all of them.
# - `table` stays as it is.
#
# About 7 minutes.
#
# <details><summary>Hint 1: how do you compare directions only?</summary>Make all arrows equally long first. Then a
# plain dot product tells the angle.</details>
# <details><summary>Hint 2: which tool, and what of zeros?</summary><code>normalize(table)</code> divides each row by
# its length, and leaves rows of zeros alone. One product of that table with one of its rows gives all
# cosines.</details>
# <details><summary>Hint 3: how do equals keep their order?</summary><code>argsort</code> has an argument
# <code>descending</code>, and another one, <code>stable</code>, that is about equals. <code>topk</code> has
# neither.</details>


# %% answer="neighbours"
def neighbours(word, table, k):
    """Return the numbers of the k words nearest to this one by cosine, without itself."""
    ### BEGIN SOLUTION
    rows = normalize(table)
    order = (rows @ rows[word]).argsort(descending=True, stable=True).tolist()
    return [other for other in order if other != word][:k]
    ### END SOLUTION


# %% check="neighbours" points=3
check.neighbours(neighbours)


# %%
def show_neighbours(table, asked=("dictionary", "TypeError", "raised", "left", "string", "True"), k=5):
    """Print the k nearest words of some words."""
    for word in asked:
        if word in number:
            print(f"{word:12}", *(words[int(other)] for other in neighbours(number[word], table, k)))


one_hot = torch.eye(len(words))
if ready("neighbours"):
    show_neighbours(one_hot)

# %% [markdown]
# Every word has the same neighbours: the first words of the vocabulary. Nothing about "dictionary" put them there.
# All cosines are 0, all words are equally far, and the rule for equals decided alone.
#
# ## Collect the pairs
#
# "You shall know a word by the company it keeps", wrote the linguist J. R. Firth in 1957. **Skip-gram** takes him at
# his word: from a word, guess which words stand near it. Words that keep similar company then need similar vectors.
#
# Write `pairs(documents, window)`. Return a list of pairs `(centre, context)` of numbers, in any order: one for each
# two *different places* of the same document which are at most `window` places apart. Each two places give two pairs,
# since either word is the other's context.
#
# - Documents never mix: no pair reaches from one into the next. A document may be empty or shorter than the window.
# - An unknown word (`-1`) keeps its place, so that the others stay as far apart as they were, but is in no pair.
# - If a word stands twice within a window, that is a pair like any other. Repeated pairs are kept.
#
# For example, `pairs([[7, -1, 4, 4]], window=2)` has `(7, 4)` and `(4, 7)` once, `(4, 4)` twice, and nothing else.
#
# About 7 minutes.
#
# <details><summary>Hint 1: who walks where?</summary>One finger walks along the document. A second one visits the
# places around it, and skips the place of the first.</details>
# <details><summary>Hint 2: where does the window end?</summary>It is cut at both ends of the document. Python
# forgives an end that is too large; a start below zero it counts from the other end. <code>max</code> and
# <code>min</code> help.</details>
# <details><summary>Hint 3: what is compared?</summary>Leave out a pair because its two <em>places</em> are the same,
# or because one of its two words is unknown; for no other reason.</details>


# %% answer="pairs"
def pairs(documents, window):
    """Return all (centre, context) within the window, document by document."""
    ### BEGIN SOLUTION
    found = []
    for document in documents:
        for i, centre in enumerate(document):
            for j in range(max(0, i - window), min(len(document), i + window + 1)):
                if i != j and centre != UNKNOWN and document[j] != UNKNOWN:
                    found.append((centre, document[j]))
    return found
    ### END SOLUTION


# %% check="pairs" points=3
check.pairs(pairs)

# %% [markdown]
# ## Draw the negatives
#
# Seen pairs alone teach nothing: one long row, the same for every word, would explain them perfectly. So each seen
# pair is set against some **negatives**, words drawn by chance. Drawn how? Mikolov et al. (*Distributed
# Representations of Words and Phrases and their Compositionality*, 2013) tried several ways, and took the counts raised
# to the power 3/4.
#
# Write `noise(counts)`: from a tensor of whole numbers, how often each word occurs, return a tensor of the chances
# with which each is drawn. They are proportional to the counts to the power 3/4, and add up to 1. A word with the
# count 0 is never drawn.
#
# About 3 minutes.
#
# <details><summary>Hint 1: what does the power do?</summary>16 against 1 becomes 8 against 1. The frequent stay
# ahead, by less.</details>
# <details><summary>Hint 2: in which order?</summary>Raise, then divide. By the sum of what?</details>


# %% answer="noise"
def noise(counts):
    """Return the chance of each word to be drawn as a negative."""
    ### BEGIN SOLUTION
    raised = counts**0.75
    return raised / raised.sum()
    ### END SOLUTION


# %% check="noise" points=1
check.noise(noise)

# %%
if ready("noise"):
    shares, chances = counts / counts.sum(), torch.as_tensor(noise(counts))
    for word in (words[0], words[100], words[-1]):
        i = number[word]
        print(f"{word:12} {shares[i]:.4%} of the text, {chances[i]:.4%} of the negatives")

# %% [markdown]
# ## Pull one, push some
#
# Every word gets two rows: one in the table `inner`, for when it is the centre, and one in `outer`, for when it is
# around another. The **score** of a pair is the dot product of its inner and its outer row. The sigmoid of the score
# is the chance that the pair was seen and not made up.
#
# Write `loss(inner, outer, centre, context, negatives)`. The numbers come as tensors of shape `(B,)`, `(B,)` and `(B,
# K)`. For each pair, add up
#
# - `-logsigmoid(score)` of the centre with its context: pull;
# - `-logsigmoid(-score)` of the centre with each negative: push. A negative that equals the *context* of its pair
#   does not count: its term is zero, for this pair was seen.
#
# Return the mean over the B pairs, as one number in a tensor. `logsigmoid(x)` is the logarithm of the sigmoid,
# computed as one step: it stays finite for scores of several hundred, and so must your loss and its gradient.
#
# About 9 minutes.
#
# <details><summary>Hint 1: what happens to the arrows?</summary>The centre is drawn to one arrow and pushed off by K
# others. K + 1 scores for each pair, and a logarithm for each of them.</details>
# <details><summary>Hint 2: which shapes meet?</summary><code>embedding(negatives, outer)</code> has the shape (B, K,
# columns); the centre's rows need an axis in the middle, <code>[:, None]</code>. Multiply and add up along the last
# axis: (B, K).</details>
# <details><summary>Hint 3: how does a term vanish?</summary>Times a column of true and false, after
# <code>logsigmoid</code>. A score of zero is no use: its logarithm is that of 1/2. Negatives and context need the
# same number of axes to be compared.</details>


# %% answer="loss"
def loss(inner, outer, centre, context, negatives):
    """Return the mean loss of skip-gram with negative sampling."""
    ### BEGIN SOLUTION
    rows = embedding(centre, inner)
    pull = (rows * embedding(context, outer)).sum(1)
    push = (rows[:, None] * embedding(negatives, outer)).sum(2)
    genuine = negatives != context[:, None]
    return -(logsigmoid(pull) + (logsigmoid(-push) * genuine).sum(1)).mean()
    ### END SOLUTION


# %% check="loss" points=3
check.loss(loss)

# %% [markdown]
# Now train. `train` is given. It goes through your pairs again and again in a new order, draws 5 negatives for each
# pair from your noise, and lets the optimiser Adam make your loss small. One more idea of the same paper is in it:
# pairs with very frequent words are mostly left out, since "the" tells little about its neighbours. It takes some
# seconds for each of two runs, which begin from different random numbers. You need the second one later.


# %%
def train(seen, seed, columns=32, epochs=3, batch=1024):
    """Return the inner table, trained on `seen`: all pairs, as a tensor with two columns."""
    generator = torch.Generator().manual_seed(seed)
    inner = ((torch.rand(len(words), columns, generator=generator) - 0.5) / columns).requires_grad_()
    outer = torch.zeros(len(words), columns, requires_grad=True)
    optimiser = torch.optim.Adam([inner, outer], lr=0.02)
    chances = torch.as_tensor(noise(counts))
    stays = (1e-3 * counts.sum() / counts).sqrt().clamp(max=1)
    for _ in range(epochs):
        kept = seen[(torch.rand(seen.shape, generator=generator) < stays[seen]).all(dim=1)]
        for part in kept[torch.randperm(len(kept), generator=generator)].split(batch):
            negatives = torch.multinomial(chances, 5 * len(part), replacement=True, generator=generator).view(-1, 5)
            optimiser.zero_grad()
            loss(inner, outer, part[:, 0], part[:, 1], negatives).backward()
            optimiser.step()
    return inner.detach()


learned = None
if ready("pairs", "noise", "loss"):
    seen = torch.tensor(np.array(list(pairs(documents, window=5))))
    learned, again = train(seen, seed=0), train(seen, seed=1)
    print(f"{len(seen):,} pairs; {learned.shape[0]:,} words, {learned.shape[1]} numbers each")
if learned is not None and ready("neighbours"):
    show_neighbours(learned)

# %% [markdown]
# Nobody told the program what an exception is, or that "left" has to do with "right". Compare with the list you saw
# before. Here is the same thing as a picture, for words of three kinds: each square is the cosine of two words, and
# the number in a block is its mean, without the diagonal. The letters of the words were never looked at, not even the
# underscores.


# %%
def kind_of(word):
    """Return "exception", "special method" or "keyword", and None for all other words."""
    thing = getattr(builtins, word, None)
    if isinstance(thing, type) and issubclass(thing, BaseException):
        return "exception"
    if re.fullmatch(r"__\w+__", word):
        return "special method"
    return "keyword" if keyword.iskeyword(word) else None


KINDS = ["exception", "special method", "keyword"]
members = {kind: [number[word] for word in words if kind_of(word) == kind] for kind in KINDS}
print({kind: len(found) for kind, found in members.items()})

if learned is not None:
    shown = [word for kind in KINDS for word in members[kind][:11]]
    sizes = [len(members[kind][:11]) for kind in KINDS]
    fig, axes = plt.subplots(1, 2, figsize=(11.5, 6), layout="constrained", sharey=True)
    for axis, table, title in zip(axes, (one_hot, learned), ("one-hot", "learned from text"), strict=True):
        rows = normalize(table[shown])
        image = axis.imshow(rows @ rows.T, cmap="cividis", vmin=0, vmax=0.7)
        axis.set_title(title)
        for edge in np.cumsum(sizes)[:-1] - 0.5:
            axis.axhline(edge, color="white", linewidth=2)
            axis.axvline(edge, color="white", linewidth=2)
        middles = np.cumsum(sizes) - np.array(sizes) / 2 - 0.5
        kinds = np.repeat(range(len(sizes)), sizes)
        cosines, others = (rows @ rows.T).numpy(), ~np.eye(len(shown), dtype=bool)
        for i, j in np.ndindex(len(sizes), len(sizes)):
            mean = cosines[(kinds[:, None] == i) & (kinds == j) & others].mean()
            box = {"facecolor": "white", "edgecolor": "black", "pad": 2}
            axis.text(middles[j], middles[i], f"{mean:.2f}", ha="center", va="center", bbox=box)
        axis.set_xticks(middles, KINDS)
        axis.set_xlabel("kind of the word")
    axes[0].set_yticks(range(len(shown)), [words[word] for word in shown], fontsize=8)
    axes[0].set_ylabel("word")
    fig.colorbar(image, ax=axes, label="cosine (below 0 shown as 0, above 0.7 as 0.7)", shrink=0.8)
    plt.show()

# %% [markdown]
# Left, the picture to keep: **in one-hot vectors, every other word is equally far.** Right, the same words after
# nothing but reading: the blocks are the kinds.
#
# Now the task of your prediction. For each kind, five labelled words are drawn, and the mean of their directions
# stands for the kind. Each of the other words gets the kind whose mean is nearest. What counts is the share named
# right in each kind, averaged over the three kinds, so that guessing earns 33%. Twenty different draws, for two
# trainings.


# %%
def named_right(table, seed, labelled=5):
    """Return the share of the other words whose kind is named right, averaged over the kinds."""
    rng, rows = np.random.default_rng(seed), normalize(table)
    drawn = [rng.permutation(members[kind]) for kind in KINDS]
    means = normalize(torch.stack([rows[found[:labelled]].mean(dim=0) for found in drawn]))
    right = [(rows[found[labelled:]] @ means.T).argmax(1) == kind for kind, found in enumerate(drawn)]
    return float(np.mean([each.float().mean() for each in right]))


if learned is not None:
    for name, table in (("one-hot", one_hot), ("learned", learned), ("learned again", again)):
        shares = 100 * np.array([named_right(table, seed) for seed in range(20)])
        print(f"{name:14} {shares.mean():.0f}% right (20 draws: {shares.min():.0f}% to {shares.max():.0f}%)")
        if name in ("one-hot", "learned"):
            guess = globals().get("prediction")
            said = guess.get(name, ...) if isinstance(guess, dict) else ...
            print(f"{'':14} you said", "nothing" if said is ... else f"{said}%")

# %% [markdown]
# With one-hot vectors it is 33% on every draw, and no better classifier could help: a word that came without a label
# has nothing in common with any that had one. **What is learned about one word says nothing about the others.** In a
# table learned from text, five labels speak for their whole neighbourhood.
#
# ## Where it fails
#
# Four things that this tool is not good for, at least on so little text. First: how far can you trust a single
# neighbour? You have trained twice, from other random numbers. How many of a word's ten nearest neighbours are the same
# in both? Further down: where do the opposites stand?

# %%
if learned is not None and ready("neighbours"):

    def nearest(word, table, k):
        return [int(other) for other in neighbours(word, table, k)]

    for low, high in ((5, 7), (8, 19), (20, 99), (100, 10**9)):
        band = [word for word in range(len(words)) if low <= counts[word] <= high][:150]
        same = [len({*nearest(word, learned, 10)} & {*nearest(word, again, 10)}) for word in band]
        label = f"{low} to {high} times" if high < 10**9 else f"at least {low} times"
        print(f"words seen {label:21} {np.mean(same):.1f} of 10 neighbours stay")
    print(f"words seen 1 to {LEAST - 1} times: {len(times) - len(words):,}; they have no row, so no neighbours at all")
    for one, other in (
        ("dictionary", "mapping"),
        ("left", "right"),
        ("True", "False"),
        ("positive", "negative"),
        ("lowercase", "uppercase"),
    ):
        if one in number and other in number:
            place = nearest(number[one], learned, len(words)).index(number[other]) + 1
            print(f"{other!r} is neighbour number {place} of {one!r} among {len(words) - 1:,}")

# %% [markdown]
# - **Single neighbours.** The two trainings named about as many kinds right, and yet they disagree about most of the
#   ten neighbours, for frequent words as well as for rare ones. You can trust the region in which a word stands; the
#   order within the region is largely chance. Never quote a neighbour without training twice.
# - **Words that occur once, or never.** Whoever is not in the vocabulary is nowhere: a row of zeros, as with one-hot
#   vectors.
# - **Opposites.** Look at the last lines. "left" and "right" keep the same company, so they come out as neighbours.
#   Near means *used alike*, not *means the same*. Your search box should know: read off where "mapping" stands for
#   "dictionary", and who would come before it. (In the second training it may stand elsewhere.)
# - **Words with two meanings.** There is one row per word: "left" the side and "left" the past of "leave" share it.
#
# ## Measure both
#
# What does the lookup buy, and from which size on? The job: one **training step** on a batch of 512 words. Look up
# their rows, compute a loss, go back to the gradient, and move the table. Three ways: by the one-hot matrix; by
# lookup; and by lookup with `sparse=True`, which stores the gradient for the rows that were looked up only, not for
# the whole table.
#
# `measure` takes the fastest of several steps for the time. For the memory it adds up the bytes of all tensors that a
# step makes and has not yet given back, and keeps the highest sum; the table itself is there before and does not
# count.


# %%
class TensorMemory(TorchDispatchMode):
    """Within the `with` block, follow the memory of new tensors; `.peak` is the highest sum in bytes."""

    def __enter__(self):
        self.alive, self.peak = 0, 0
        return super().__enter__()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.layout == torch.strided:
            old = [each for each in args if isinstance(each, torch.Tensor) and each.layout == torch.strided]
            if result.untyped_storage().data_ptr() not in {each.untyped_storage().data_ptr() for each in old}:
                size = result.untyped_storage().nbytes()
                self.alive += size
                self.peak = max(self.peak, self.alive)
                weakref.finalize(result, self.give_back, size)
        return result

    def give_back(self, size):
        self.alive -= size


def sparse_lookup(numbers, table):
    """Look up rows; the gradient holds these rows only."""
    return embedding(numbers, table, sparse=True)


def training_step(way, numbers, table):
    """Look up, go back, move the table a little."""
    way(numbers, table).square().sum().backward()
    with torch.no_grad():
        table.add_(table.grad, alpha=-0.01)
    table.grad = None


def measure(way, size, columns=64, batch=512):
    """Return (seconds, MB at the peak) of one training step with a vocabulary of this size."""
    table = torch.zeros(size, columns, requires_grad=True)
    numbers = torch.randint(size, (batch,), generator=torch.Generator().manual_seed(0))
    training_step(way, numbers, table)
    with TensorMemory() as memory:
        training_step(way, numbers, table)
    seconds = []
    for _ in range(max(3, 20_000 // size)):  # short steps are disturbed more easily
        began = time.perf_counter()
        training_step(way, numbers, table)
        seconds.append(time.perf_counter() - began)
    return min(seconds), memory.peak / 1e6


LOOKS = {
    "one-hot matrix": (by_one_hot, "#D55E00", "^", "-"),
    "lookup": (embedding, "#0072B2", "o", "--"),
    "lookup, sparse": (sparse_lookup, "#000000", "D", ":"),
}
SIZES = [50, 500, 2000, 8000, 20_000]
measured = {name: [measure(way, size) for size in SIZES] for name, (way, *_) in LOOKS.items()}

fig, (time_axes, memory_axes) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
for name, (_, colour, marker, line) in LOOKS.items():
    seconds, megabytes = zip(*measured[name], strict=True)
    style = {"color": colour, "marker": marker, "linestyle": line, "linewidth": 2, "label": name}
    time_axes.plot(SIZES, [1000 * second for second in seconds], **style)
    memory_axes.plot(SIZES, megabytes, **style)
    print(f"{name:15}", *(f"{1000 * s:8.2f} ms {mb:6.2f} MB" for s, mb in measured[name]))
time_axes.set(title="Time of a training step", ylabel="milliseconds")
memory_axes.set(title="Peak memory of a training step", ylabel="MB, without the table itself")
for axes in (time_axes, memory_axes):
    axes.set(xscale="log", yscale="log", xlabel="words in the vocabulary")
    axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
memory_axes.legend(loc="upper left")
plt.show()

# %% [markdown]
# The line of the one-hot matrix grows with the vocabulary, and that was to be expected. But look at the plain lookup:
# it reads 512 rows, however long the table is, and in the end its line rises too. The gradient is to blame: by
# default it is a table as large as the embedding, nearly all of it zeros, and the whole of it is added. You got rid
# of the zeros on the way in, and they came back on the way out.
#
# ## State the crossover
#
# Write `crossover(sizes, old, new)` from three lists of equal length: growing sizes, and what the old and the new way
# cost at each. Return the smallest of the sizes from which on `new` is less than `old` *at it and at every larger
# size*. Equal is not less. If `new` is not less at the last size, there is no such size: return `None`. The three lists
# stay as they are.
#
# About 4 minutes.
#
# <details><summary>Hint 1: from which end do you look?</summary>Walk home from the largest size, as long as the new
# way wins. Where did you last stand?</details>
# <details><summary>Hint 2: what if they cross twice?</summary>The lead before the last loss does not count. Walking
# forward, a loss makes you forget where the lead began.</details>


# %% answer="crossover"
def crossover(sizes, old, new):
    """Return the size from which on the new way costs less, or None."""
    ### BEGIN SOLUTION
    found = None
    for size, before, after in zip(sizes, old, new, strict=True):
        if after >= before:
            found = None
        elif found is None:
            found = size
    return found
    ### END SOLUTION


# %% check="crossover" points=2
check.crossover(crossover)

# %%
if ready("crossover"):
    for old, new in (("one-hot matrix", "lookup"), ("lookup", "lookup, sparse")):
        for column, what in enumerate(("time", "memory")):
            costs = ([point[column] for point in measured[name]] for name in (old, new))
            size = crossover(SIZES, *costs)
            where = "nowhere within reach" if size is None else f"from {size:,} words on"
            if size == SIZES[0]:
                where += ", the smallest measured: no crossing in sight"
            print(f"{what:6}: {new!r} costs less than {old!r} {where}")

# %% [markdown]
# There may be no crossing between one-hot matrix and lookup at all: then nothing is to be weighed up, and you keep
# the one-hot picture for thinking only. Between the two lookups there is a real choice. Where their lines nearly
# touch, noise decides: run the measurement again, and see whether your crossover in time stays. (The one in memory
# does: bytes can be counted.) A sparse gradient needs bookkeeping, and not every optimiser takes it: Adam with
# `sparse=True` stops with an error (there is `torch.optim.SparseAdam`). At a vocabulary like ours it makes little
# difference.
#
# ## Write down your decision
#
# Your team asks: one-hot or learned vectors for our search box? Answer in **three sentences**. Nobody scores this.
#
# 1. What you take, for which words, with the share named right that you measured, against 33%.
# 2. From which vocabulary size on the table pays, by your own crossover, in time or in memory.
# 3. What you would not use it for, and what would change your mind.

# %% answer="decision"
decision = ...
### BEGIN SOLUTION
decision = """
We take learned vectors for the words of our vocabulary, since five labels of each kind named about 80% right, not 33%.
Looking up rows paid from the smallest vocabulary that we measured, and a sparse gradient from about 2,000 words on.
We do not use them to name one synonym or to tell opposites apart; vectors trained on more text would change our mind.
"""
### END SOLUTION

# %% [markdown]
# ## Show your team in ten minutes
#
# 1. **Minute 0 to 2, the trouble.** "dictionary" against "mapping". Show the left picture: every other word equally
#    far.
# 2. **Minute 2 to 4, the bridge.** One-hot times matrix is a row: your two counts of multiplications.
# 3. **Minute 4 to 6, the trick.** Firth's sentence, one window drawn on the board, one pull and some pushes. Show the
#    right picture.
# 4. **Minute 6 to 8, the numbers.** Your two shares with their ranges, then the figure of time and memory, and your
#    crossover.
# 5. **Minute 8 to 10, the limits.** The neighbours that change from one training to the next, "left" next to "right",
#    your three sentences.
#
# ## Take away
#
# **Give similar things similar numbers, or whatever you learn about one stays with that one.** It holds for words,
# shops, users, products and genes: wherever things occur in company, the company can teach the vectors, and no label
# is needed. And a product with a matrix that is nearly all zeros is a lookup in disguise.
#
# On your own data: take the lists of things that were bought, read or clicked together, call each list a document,
# and ask `neighbours` for something you know well. Then train twice, and see which neighbours stay.
#
# Next, where order and distance matter and not only company: [recurrence or
# attention](../explore/recurrence_vs_attention.ipynb).
