"""Decides about the exercise `explore/one_hot_vs_word2vec`."""

from itertools import pairwise

import numpy as np

from shoshin import Check, Compare

FLOATS = Compare(rtol=1e-3, atol=1e-5)


# 1. look_up: a one-hot vector times a matrix is a row


@Check(compare=FLOATS, seconds=30)
def look_up(numbers, table):
    from torch.nn.functional import embedding

    return embedding(numbers.clamp(min=0), table) * (numbers >= 0)[:, None]


def batch(rng, numbers, words=300):
    """Return the numbers and a table with 4 columns."""
    return np.array(numbers, dtype=np.int64), rng.uniform(0.5, 2, (words, 4)).astype(np.float32)


@look_up.case
def known_words(rng):
    """known words only, the first and the last of the table among them"""
    return batch(rng, [0, 299, *rng.choice(np.arange(1, 299), 14, replace=False)])


@look_up.case
def unknown_words(rng):
    """unknown words among the known"""
    return batch(rng, [-1, 5, -1, *rng.integers(1, 298, 13)])


@look_up.case
def same_word_twice(rng):
    """the same words several times in one batch"""
    return batch(rng, [*rng.integers(1, 5, 15), 7])


@look_up.case
def nothing_but_unknown(rng):
    """a batch of unknown words only"""
    return batch(rng, [-1] * 16)


@look_up.probe
def watch_the_operations(answer, numbers, table):
    import torch
    from torch.overrides import TorchFunctionMode

    made, products = [0], []
    names = {"matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "addmm", "mv", "einsum", "linear", "tensordot"}

    class Watch(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            result = function(*args, **(kwargs or {}))
            if getattr(function, "__name__", "") in names:
                products.append(function)
            if isinstance(result, torch.Tensor):
                made.append(result.numel())
            return result

    numbers, table = torch.tensor(numbers), torch.tensor(table, requires_grad=True)
    with Watch():
        rows = answer(numbers, table)
    if rows is None:
        return None
    if not isinstance(rows, torch.Tensor):
        return {"a tensor": False}
    wide = bool(products) or max(made) >= len(numbers) * len(table)
    facts = {"rows": rows.detach(), "a column per word, or a product": wide, "gradient": "does not reach the table"}
    if (numbers < 0).all() and not rows.requires_grad:
        facts["gradient"] = torch.zeros_like(table)  # no row was used: nothing to learn
    if rows.requires_grad and rows.shape == (len(numbers), table.shape[1]):
        weights = torch.arange(1.0, rows.numel() + 1).view(rows.shape)
        (gradient,) = torch.autograd.grad((rows * weights).sum(), table, allow_unused=True)
        facts["gradient"] = facts["gradient"] if gradient is None else gradient.to_dense()
    return facts


@look_up.property
def is_a_tensor(result, numbers, table):
    """`look_up` returns one tensor of shape (B, columns), not a list of rows."""
    return result.get("a tensor", True)


@look_up.property
def no_products(result, numbers, table):
    """`look_up` reads rows: it makes no matrix product and no tensor with a column for every word."""
    return not result.get("a column per word, or a product")


@look_up.property
def can_learn(result, numbers, table):
    """The gradient of your rows reaches the table, or nothing can ever be learned."""
    return not isinstance(result.get("gradient"), str)


@look_up.property
def known_rows_learn(result, numbers, table):
    """The row of every known word gets its gradient. `padding_idx` names a row that never learns; every row of this
    table belongs to a word."""
    gradient = result.get("gradient", "")
    return isinstance(gradient, str) or bool(np.asarray(gradient)[numbers[numbers >= 0]].all())


@look_up.mistake
def word_0_is_unknown(numbers, table):
    """Word 0 got a row of zeros. 0 is a number like any other, that of the most frequent word; only `-1` is unknown.
    Look for `> 0`."""
    return look_up.reference(numbers, table) * (numbers != 0)[:, None]


@look_up.mistake
def minus_one_is_the_last(numbers, table):
    """Your unknown words got the last row of the table: to an index, `-1` means "the last one", and nothing complains.
    The one-hot product gives them a row of zeros. Compare both on one unknown word."""
    return table[numbers]


@look_up.mistake
def clamps_and_leaves_it(numbers, table):
    """Your unknown words got the row of word 0, the most frequent word of all. That avoids the error, and it gives them
    a meaning that they do not have. Their row must be zeros."""
    return table[numbers.clamp(min=0)]


@look_up.mistake
def multiplies_as_before(numbers, table):
    """The rows are right, and you still built a column for every word (or multiplied with one). That is the job which
    the lookup saves. Which rows of the table do you need, and how do you index them?"""
    import torch

    return (numbers[:, None] == torch.arange(len(table))).to(table.dtype) @ table


@look_up.mistake
def drops_the_unknown(numbers, table):
    """You left the unknown words out, so the rows behind them moved up and belong to other words. Every number of the
    batch gets a row; an unknown word gets zeros."""
    return table[numbers[numbers >= 0]]


@look_up.mistake
def cuts_the_gradient(numbers, table):
    """The rows are right, but no gradient gets back to the table, so it can never learn. Look for `.detach()`, `.data`,
    `torch.tensor(...)`, `no_grad`, or `nn.Embedding.from_pretrained`, which freezes its table unless told otherwise."""
    return look_up.reference(numbers, table.detach())


@look_up.mistake
def writes_into_the_table(numbers, table):
    """The rows are right, but the gradient is not: you looked up a changed copy that hands it on to the wrong rows, or
    let the unknown words push one. What an unknown word asks for must change nothing."""
    rows = look_up.reference(numbers, table)
    return rows + (table[-1] - table[-1].detach()) * (numbers < 0)[:, None]


@look_up.accepts
def one_by_one(numbers, table):
    import torch

    zeros = torch.zeros(table.shape[1])
    return torch.stack([table[n] if n >= 0 else zeros for n in numbers.tolist()])


@look_up.accepts
def a_row_of_zeros_at_the_end(numbers, table):
    import torch

    return torch.cat([table, torch.zeros(1, table.shape[1])])[numbers]


@look_up.accepts
def with_a_padding_row(numbers, table):
    from torch.nn import functional

    return functional.embedding(numbers + 1, functional.pad(table, (0, 0, 1, 0)), padding_idx=0)


# 2. pairs: who stands near whom


@Check
def pairs(documents, window):
    found = []
    for document in documents:
        for i, centre in enumerate(document):
            for j in range(max(0, i - window), min(len(document), i + window + 1)):
                if i != j and centre >= 0 and document[j] >= 0:
                    found.append((centre, document[j]))
    return found


@pairs.case
def one_document(rng):
    """one document, longer than the window on both sides"""
    return [[int(n) for n in rng.permutation(9)]], 2


@pairs.case
def short_documents(rng):
    """documents shorter than the window, one of a single word, one empty"""
    n = [int(i) for i in rng.permutation(6)]
    return [n[:3], n[3:4], [], n[4:]], 4


@pairs.case
def unknown_between(rng):
    """unknown words (-1) among the others"""
    n = [int(i) for i in rng.permutation(8)]
    return [[n[0], n[1], -1, n[2], -1, -1, n[3], n[4]], [-1, n[5], n[6]]], 2


@pairs.case
def word_again(rng):
    """the same word twice within one window"""
    a, b, c = (int(i) for i in rng.permutation(5)[:3])
    return [[a, a, b, c, b], [b, a]], 2


@pairs.probe
def in_any_order(answer, documents, window):
    result = answer(documents, window)
    if result is None:
        return None
    try:
        rows = [(int(centre), int(context)) for centre, context in result]
    except (TypeError, ValueError):
        return {"a list of pairs of two numbers": False}
    return {"pairs, sorted": sorted(rows)}


def walk(documents, around, least=0):
    """Return each word paired with all that `around(document, place)` gives, unknown ones only if `least` is -1."""
    places = [(document, i) for document in documents for i in range(len(document))]
    return [(d[i], other) for d, i in places for other in around(d, i) if min(d[i], other) >= least]


def both_sides(window):
    return lambda d, i: d[max(0, i - window) : i] + d[i + 1 : i + 1 + window]


@pairs.property
def are_pairs(result, documents, window):
    """`pairs` returns one flat list, and each entry of it is a pair of two numbers."""
    return result.get("a list of pairs of two numbers", True)


@pairs.mistake
def window_too_small(documents, window):
    """Your window is one place short on both sides. Places that are exactly `window` apart belong to it: "at most"."""
    return pairs.reference(documents, window - 1)


@pairs.mistake
def word_0_is_unknown(documents, window):
    """Word 0 has no pairs in your list. 0 is a number like any other, that of the most frequent word; only `-1` is
    unknown. Look for `> 0`, or for an `if` that takes 0 for false."""
    return [pair for pair in pairs.reference(documents, window) if min(pair) > 0]


@pairs.mistake
def exactly_so_far(documents, window):
    """You paired words that are exactly `window` places apart. Nearer ones belong to the window as well: "at most"."""
    return walk(documents, lambda d, i: d[i - window : i - window + 1] * (i >= window) + d[i + window : i + window + 1])


@pairs.mistake
def places_for_words(documents, window):
    """You paired the places where words stand. Wanted are the numbers of the words that stand there."""
    places = [[-1 if word < 0 else i for i, word in enumerate(document)] for document in documents]
    return pairs.reference(places, window)


@pairs.mistake
def first_document_only(documents, window):
    """Only the first document is in your list. A `return` that stands within the loop ends it on the first round."""
    return pairs.reference(documents[:1], window)


@pairs.mistake
def asks_for_the_place(documents, window):
    """Where a word stands twice you worked from its first place both times: `document.index(word)` finds no other. Let
    `enumerate` tell the place."""
    return walk(documents, lambda d, i: both_sides(window)(d, d.index(d[i])))


@pairs.mistake
def across_documents(documents, window):
    """Your window reaches from the end of one document into the next. The two words have never met: one ends a
    paragraph about loops, the other begins one about strings. Stay within each document."""
    return pairs.reference([[word for document in documents for word in document]], window)


@pairs.mistake
def with_itself(documents, window):
    """You paired every word with itself, at its own place. It would learn that it stands next to itself, which is
    true of every word. Leave out the middle of the window."""
    own = [(word, word) for document in documents for word in document if word >= 0]
    return pairs.reference(documents, window) + own


@pairs.mistake
def drops_equal_words(documents, window):
    """You left out pairs of equal words. If a word stands twice within one window, at two places, this is a pair like
    any other. Compare the places, not the words."""
    return [pair for pair in pairs.reference(documents, window) if pair[0] != pair[1]]


@pairs.mistake
def slice_from_below_zero(documents, window):
    """Near the beginning of a document you lose contexts. There `i - window` is below zero, and Python counts such a
    start from the end, so the slice to the left is empty. Where must the window begin at the earliest?"""
    return walk(documents, lambda d, i: d[i - window : i] + d[i + 1 : i + 1 + window])


@pairs.mistake
def wraps_around(documents, window):
    """Near the beginning of a document you pair a word with the last ones: `document[-1]` is no error in Python, it is
    the end. Cut the window at place 0."""

    def around(d, i):
        return [d[j] for j in range(i - window, min(len(d), i + window + 1)) if j != i and -j <= len(d)]

    return walk(documents, around)


@pairs.mistake
def to_the_right_only(documents, window):
    """You looked to the right only. The context of a word is on both of its sides, so each pair of places gives two
    pairs, one in each direction."""
    return walk(documents, lambda d, i: d[i + 1 : i + 1 + window])


@pairs.mistake
def one_short_on_the_right(documents, window):
    """Your window is one place short on its right side: the end of a `range` or a slice is not included."""
    return walk(documents, lambda d, i: d[max(0, i - window) : i] + d[i + 1 : i + window])


@pairs.mistake
def closes_the_gaps(documents, window):
    """You took the unknown words out first, and their neighbours moved together: words that stand far apart became
    pairs. An unknown word keeps its place in the window; it is in no pair, that is all."""
    return pairs.reference([[word for word in document if word >= 0] for document in documents], window)


@pairs.mistake
def keeps_the_unknown(documents, window):
    """There are pairs with `-1` in your list. All unknown words together would be trained as if they were one word (and
    an index of -1 is the last row of the table). Leave such pairs out."""
    return walk(documents, both_sides(window), least=-1)


@pairs.mistake
def unknown_contexts_stay(documents, window):
    """No centre is `-1` any more, but some contexts still are. An unknown word is in no pair, on neither side."""
    return [pair for pair in keeps_the_unknown(documents, window) if pair[0] >= 0]


@pairs.mistake
def each_pair_once(documents, window):
    """You kept every pair once. How often two words meet is what the vectors are learned from: keep repetitions."""
    return sorted(set(pairs.reference(documents, window)))


@pairs.accepts
def by_distance(documents, window):
    found = []
    for document in documents:
        for distance in range(1, window + 1):
            for one, other in zip(document, document[distance:], strict=False):
                if min(one, other) >= 0:
                    found += [[other, one], [one, other]]
    return np.array(found).reshape(-1, 2)


@pairs.accepts
def one_after_the_other(documents, window):
    for document in documents:
        place = dict(enumerate(document))
        for i in place:
            for step in range(-window, window + 1):
                if step and place[i] != -1 and place.get(i + step, -1) != -1:
                    yield place[i], place[i + step]


# 3. noise: where the negatives come from


@Check(compare=FLOATS)
def noise(counts):
    raised = counts**0.75
    return raised / raised.sum()


@noise.case
def steep(rng):
    """one word a thousand times as frequent as another"""
    return np.array([1000, int(rng.integers(80, 120)), 10, 1])


@noise.case
def never_seen(rng):
    """a word with a count of zero"""
    return np.array([int(rng.integers(40, 60)), 16, 0, 1])


@noise.case
def all_equal(rng):
    """words that are equally frequent"""
    return np.full(5, int(rng.integers(2, 9)))


@noise.probe
def as_a_tensor(answer, counts):
    import torch

    result = answer(torch.tensor(counts))
    return None if result is None else torch.as_tensor(result).double()


@noise.property
def adds_up_to_one(result, counts):
    """`noise` returns probabilities, one per word: none below zero, and together 1."""
    result = np.asarray(result)
    return result.shape == (len(counts),) and bool((result >= 0).all()) and abs(result.sum() - 1) < 1e-4


@noise.property
def flattens(result, counts):
    """The power 3/4 brings the chances of frequent and rare words closer together than their counts are. In Python it
    is `** 0.75` or `** (3 / 4)`; `** 3 / 4` is a quarter of the cube; `softmax` sets them still farther apart."""
    chances = np.asarray(result)[counts > 0]
    return bool(chances.max() * counts[counts > 0].min() <= chances.min() * counts.max() * 1.001)


@noise.mistake
def plain_frequencies(counts):
    """You drew words as often as they occur. Then "the" is the negative nearly every time, and a rare word is hardly
    ever pushed away from anything. Raise the counts to the power 3/4 first."""
    return counts / counts.sum()


@noise.mistake
def power_after_dividing(counts):
    """You divided first and raised the shares to 3/4 afterwards: together they are more than 1. Divide last,
    by the sum of what you have raised."""
    return (counts / counts.sum()) ** 0.75


@noise.mistake
def not_divided(counts):
    """You raised the counts and did not divide. Wanted are probabilities: divide by the sum of the raised counts."""
    return counts**0.75


@noise.mistake
def divided_by_the_counts(counts):
    """You divided the raised counts by the sum of the plain ones, so they do not add up to 1. Divide by the sum of what
    you have raised."""
    return counts**0.75 / counts.sum()


@noise.mistake
def every_word_alike(counts):
    """You gave every word the same chance. Then a word that never occurs is drawn as often as "the". Start from the
    counts; the power 3/4 lies between this and the plain frequencies."""
    import torch

    return torch.ones(len(counts)) / len(counts)


@noise.mistake
def adds_one_for_the_unseen(counts):
    """A word with count zero has got a chance. The task wants it never to be drawn: zero to the power 3/4 is zero, so
    no rescue is needed."""
    return noise.reference(counts + 1)


@noise.accepts
def by_logarithms(counts):
    import torch

    return torch.softmax(0.75 * torch.log(counts.double()), dim=0)


@noise.accepts
def in_numpy(counts):
    roots = np.sqrt(np.sqrt(counts.numpy().astype(float) ** 3))
    return roots / roots.sum()


# 4. loss: pull one, push some


def scores(inner, outer, centre, context, negatives):
    """Return (B,) scores of the true contexts and (B, K) scores of the negatives."""
    rows = inner[centre]
    return (rows * outer[context]).sum(1), (rows[:, None] * outer[negatives]).sum(2)


def terms(inner, outer, centre, context, negatives):
    """Return the (B,) terms of the true contexts, the (B, K) terms of the negatives, and which of those count."""
    from torch.nn.functional import logsigmoid

    pull, push = scores(inner, outer, centre, context, negatives)
    return -logsigmoid(pull), -logsigmoid(-push), negatives != context[:, None]


@Check(compare=FLOATS)
def loss(inner, outer, centre, context, negatives):
    pull, push, keep = terms(inner, outer, centre, context, negatives)
    return (pull + (push * keep).sum(1)).mean()


def tables(rng, centre, context, negatives, size=0.8):
    """Return two tables of 8 words, 3 columns, and the numbers of a batch."""
    inner, outer = (rng.normal(0, size, (8, 3)).astype(np.float32) for _ in range(2))
    return inner, outer, np.array(centre), np.array(context), np.array(negatives)


@loss.case
def ordinary(rng):
    """a batch of four pairs, three negatives each"""
    return tables(rng, [0, 1, 2, 3], [4, 5, 6, 7], [[1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6]])


@loss.case
def hits_the_target(rng):
    """a negative that equals the true context"""
    return tables(rng, [0, 1, 2], [4, 5, 6], [[4, 2, 4], [2, 3, 7], [3, 6, 1]])


@loss.case
def hits_the_centre(rng):
    """a negative that equals the centre"""
    return tables(rng, [0, 1, 2], [4, 5, 6], [[0, 2, 3], [1, 1, 7], [3, 4, 2]])


@loss.case
def far_out(rng):
    """scores of several hundred, of both signs"""
    inner, outer, *numbers = tables(rng, [0, 1], [4, 5], [[2, 3], [6, 7]], size=0.1)
    inner[:, 0], outer[:, 0] = 20, np.array([20, -20] * 4)
    return inner, outer, *numbers


@loss.probe
def value_and_gradient(answer, inner, outer, centre, context, negatives):
    import torch

    inner, outer = (torch.tensor(table, requires_grad=True) for table in (inner, outer))
    value = answer(inner, outer, *map(torch.tensor, (centre, context, negatives)))
    if value is None:
        return None
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        return {"one number in a tensor": False}
    finite = bool(torch.isfinite(value))
    if finite and value.requires_grad:
        slopes = torch.autograd.grad(value.sum(), (inner, outer), allow_unused=True)
        finite = all(slope is None or bool(torch.isfinite(slope).all()) for slope in slopes)
        learns = all(slope is not None for slope in slopes)
    else:
        learns = value.requires_grad
    return {"loss": value.detach().reshape(()), "loss and gradient are finite": finite, "both tables learn": learns}


@loss.property
def is_one_number(result, *case):
    """`loss` returns one number, the mean over the pairs, and leaves it in its tensor: `.item()` would take it out."""
    return result.get("one number in a tensor", True)


@loss.property
def both_learn(result, *case):
    """A gradient reaches both tables, `inner` and `outer`; `.detach()`, `no_grad`, `torch.tensor(...)` cut it off."""
    return result.get("both tables learn", True)


@loss.property
def stays_finite(result, *case):
    """Loss and gradient are finite, also for scores of several hundred."""
    return result.get("loss and gradient are finite", True)


@loss.mistake
def log_of_sigmoid(inner, outer, centre, context, negatives):
    """Right for small scores, infinite or `nan` for large ones: the sigmoid of -400 is rounded to 0, and its logarithm
    is minus infinity. `logsigmoid` computes both steps as one and stays finite."""
    pull, push = scores(inner, outer, centre, context, negatives)
    keep = negatives != context[:, None]
    return -(pull.sigmoid().log() + ((-push).sigmoid().log() * keep).sum(1)).mean()


@loss.mistake
def adds_a_small_number(inner, outer, centre, context, negatives):
    """You added a small number before the logarithm. It is finite now, and it is not the loss: far out it is flat, so
    the worst pairs learn nothing. `logsigmoid` is exact there."""
    pull, push = scores(inner, outer, centre, context, negatives)
    keep = negatives != context[:, None]
    return -((pull.sigmoid() + 1e-9).log() + (((-push).sigmoid() + 1e-9).log() * keep).sum(1)).mean()


@loss.mistake
def tables_swapped(inner, outer, centre, context, negatives):
    """You swapped the tables: centres are rows of `inner`, contexts and negatives are rows of `outer`."""
    return loss.reference(outer, inner, centre, context, negatives)


@loss.mistake
def pushes_the_target_away(inner, outer, centre, context, negatives):
    """Where a negative is the true context itself, you pull it and push it in the same step. Such a negative does not
    count: compare `negatives` with `context`, and let those terms be zero."""
    pull, push, _ = terms(inner, outer, centre, context, negatives)
    return (pull + push.sum(1)).mean()


@loss.mistake
def spares_the_centre(inner, outer, centre, context, negatives):
    """You let negatives off that equal the *centre*. Those count. The one that does not is the negative that equals the
    true *context*, because this pair was seen in the text."""
    pull, push, _ = terms(inner, outer, centre, context, negatives)
    return (pull + (push * (negatives != centre[:, None])).sum(1)).mean()


@loss.mistake
def score_zero_for_a_hit(inner, outer, centre, context, negatives):
    """You set the *score* of a negative that equals the context to zero. Its term is then the logarithm of 1/2, not
    nothing. Make the term zero, after `logsigmoid`."""
    from torch.nn.functional import logsigmoid

    pull, push = scores(inner, outer, centre, context, negatives)
    return -(logsigmoid(pull) + logsigmoid(-push * (negatives != context[:, None])).sum(1)).mean()


@loss.mistake
def pulls_the_negatives(inner, outer, centre, context, negatives):
    """You pull the negatives as well: their scores need a minus sign inside `logsigmoid`. As it stands, one large score
    for all words is the best answer, and every word ends in the same corner."""
    from torch.nn.functional import logsigmoid

    pull, push = scores(inner, outer, centre, context, negatives)
    return -(logsigmoid(pull) + (logsigmoid(push) * (negatives != context[:, None])).sum(1)).mean()


@loss.mistake
def minus_outside(inner, outer, centre, context, negatives):
    """You put the minus of the negatives outside `logsigmoid`. `1 - sigmoid(x)` is `sigmoid(-x)`, so it belongs
    inside, to the score."""
    from torch.nn.functional import logsigmoid

    pull, push = scores(inner, outer, centre, context, negatives)
    return -(logsigmoid(pull) - (logsigmoid(push) * (negatives != context[:, None])).sum(1)).mean()


@loss.mistake
def wrong_way_up(inner, outer, centre, context, negatives):
    """Your number is below zero: the minus sign in front is missing. The optimiser makes the loss *small*, and would
    now make the true pairs as unlikely as it can."""
    return -loss.reference(inner, outer, centre, context, negatives)


@loss.mistake
def mean_of_negatives(inner, outer, centre, context, negatives):
    """You averaged over the negatives. The task adds them up: five negatives push five times."""
    pull, push, keep = terms(inner, outer, centre, context, negatives)
    return (pull + (push * keep).mean(1)).mean()


@loss.mistake
def mean_of_everything(inner, outer, centre, context, negatives):
    """You took the mean over pairs *and* negatives at once. Add up the negatives of each pair first (`sum` over dim 1),
    then take the mean over the pairs."""
    pull, push, keep = terms(inner, outer, centre, context, negatives)
    return pull.mean() + push[keep].mean()


@loss.mistake
def sum_over_the_batch(inner, outer, centre, context, negatives):
    """You added up the pairs of the batch. Take their mean, or a larger batch would take larger steps."""
    return loss.reference(inner, outer, centre, context, negatives) * len(centre)


@loss.mistake
def one_table_for_both(inner, outer, centre, context, negatives):
    """You took all rows from `inner`. Centres are rows of `inner`, contexts and negatives are rows of `outer`: a word
    seldom stands next to itself, and with one table its score with itself is always its largest."""
    return loss.reference(inner, inner, centre, context, negatives)


@loss.mistake
def pull_alone(inner, outer, centre, context, negatives):
    """The negatives are missing from your loss. With nothing but pulling, one long row for all words is the best
    answer."""
    return terms(inner, outer, centre, context, negatives)[0].mean()


@loss.mistake
def negatives_of_the_context(inner, outer, centre, context, negatives):
    """You scored the negatives against the row of the *context*. They are pushed off the centre: take its row of
    `inner` for them as well."""
    pull, _, keep = terms(inner, outer, centre, context, negatives)
    _, push, _ = terms(outer, outer, context, context, negatives)
    return (pull + (push * keep).sum(1)).mean()


@loss.accepts
def with_softplus(inner, outer, centre, context, negatives):
    from torch.nn.functional import embedding, softplus

    rows = embedding(centre, inner).unsqueeze(2)
    pull = softplus(-embedding(context, outer).unsqueeze(1).bmm(rows))
    push = softplus(embedding(negatives, outer).bmm(rows).squeeze(2))
    return (pull.sum() + push.masked_fill(negatives == context.unsqueeze(1), 0).sum()) / len(centre)


@loss.accepts
def pair_by_pair(inner, outer, centre, context, negatives):
    from torch.nn.functional import logsigmoid

    total = 0
    for c, o, others in zip(centre.tolist(), context.tolist(), negatives.tolist(), strict=True):
        total = total - logsigmoid(inner[c] @ outer[o])
        total = total - sum(logsigmoid(-(inner[c] @ outer[n])) for n in others if n != o)
    return total / len(centre)


# 5. neighbours


def similarity(word, table):
    """Return the cosine of the word's row with every row; 0 where one of them is zero."""
    from torch.nn.functional import normalize

    rows = normalize(table, dim=1)
    return rows @ rows[word]


def nearest(score, word, k):
    """Return the k words of largest score, the word itself left out; of equals the lower number first."""
    order = score.argsort(descending=True, stable=True).tolist()
    return [other for other in order if other != word][:k]


@Check(inputs="untouched")
def neighbours(word, table, k):
    return nearest(similarity(word, table), word, k)


@neighbours.case
def angles(rng):
    """long and short vectors at different angles"""
    angle = np.array([0.0, 0.2, 0.5, 0.9, 1.4, 2.0, 2.9])
    order = rng.permutation(7)
    length = np.array([1, 0.3, 4, 0.5, 9, 2, 0.2])
    table = np.stack([length * np.cos(angle), length * np.sin(angle)], axis=1)[order]
    return int(np.argmin(angle[order])), np.float32(table), 4


@neighbours.case
def one_hot_rows(rng):
    """one-hot vectors: all others equally far"""
    return int(rng.integers(20, 60)), np.eye(80, dtype=np.float32), 4


@neighbours.case
def a_twin_in_front(rng):
    """another word with the same direction and a lower number"""
    table = [[2, 1], [4, 0], [0, 1], [1, 0], [2, -1], [0, 0]]
    return 3, np.float32(table) * np.float32(2 ** rng.integers(0, 3)), 3


@neighbours.case
def a_row_of_zeros(rng):
    """a row of zeros, and rows that point away"""
    table = [[0, 0], [2, 1], [2, -1], [-1, 0], [-2, 1], [-1, 3], [-1, -9]]
    return int(rng.integers(1, 3)), np.float32(table), 4


@neighbours.case
def the_zero_asks(rng):
    """the neighbours of a word whose own row is zero"""
    return 2, np.float32([[1, 0], [0, rng.integers(1, 5)], [0, 0], [-1, 0]]), 2


@neighbours.case
def few_words(rng):
    """more neighbours asked for than there are other words, one of them in the opposite direction"""
    return 0, np.float32([[1, 0], [-2, 0], [0, 3]]) * np.float32(2 ** rng.integers(0, 3)), 5


@neighbours.probe
def as_numbers(answer, word, table, k):
    import torch

    found = answer(word, torch.from_numpy(table), k)  # shares its memory: a change would be seen
    if found is None:
        return None
    found = found.tolist() if hasattr(found, "tolist") else list(found)
    return [other.item() if hasattr(other, "item") else other for other in found]


@neighbours.property
def lower_number_first(result, word, table, k):
    """Of words that are equally near, the lower number comes first. `topk` and a plain `argsort` promise nothing about
    equals; `argsort` with `stable=True` keeps their order."""
    rows = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12)
    score = (rows @ rows[word]).round(4)
    others = [n for n in range(len(score)) if n != word]
    wanted = sorted(others, key=lambda n: (-score[n], n))[:k]
    return result == wanted or word in result or list(score[result]) != list(score[wanted])


@neighbours.mistake
def its_own_neighbour(word, table, k):
    """The word is among its own neighbours: nothing is closer to a vector than itself. Leave it out."""
    return nearest(similarity(word, table), None, k)


@neighbours.mistake
def drops_the_first(word, table, k):
    """You sorted and dropped the first. Usually that is the word itself. Where another word has the same direction, or
    all are equally far, somebody else is first, and the word stays in. Leave it out by its number."""
    return nearest(similarity(word, table), None, k + 1)[1:]


@neighbours.mistake
def by_the_dot_product(word, table, k):
    """You compared by the plain dot product, so long vectors win, and long are those of certain frequencies, not of
    certain meanings. The cosine divides by both lengths."""
    return nearest(table @ table[word], word, k)


@neighbours.mistake
def by_the_distance(word, table, k):
    """You compared by straight distance, so a long vector in the same direction counts as far. Here the angle counts:
    the cosine, which divides by both lengths."""
    return nearest(-(table - table[word]).norm(dim=1), word, k)


@neighbours.mistake
def by_the_distance_of_directions(word, table, k):
    """You compared the distance of rows of length 1. That orders like the cosine, except for rows of zeros: their
    distance is 1, as if the cosine were 1/2. It counts as 0."""
    from torch.nn.functional import normalize

    rows = normalize(table)
    return nearest(-(rows - rows[word]).norm(dim=1), word, k)


@neighbours.mistake
def columns_of_length_1(word, table, k):
    """You divided the *columns* by their lengths (`dim=0`). A word is a row: its length is taken along `dim=1`."""
    columns = table / table.norm(dim=0).clamp(min=1e-12)
    return nearest(columns @ columns[word], word, k)


@neighbours.mistake
def without_the_sign(word, table, k):
    """You dropped the sign of the cosine. At -1 a vector points the opposite way, which is as far as it gets."""
    return nearest(similarity(word, table).abs(), word, k)


@neighbours.mistake
def marks_itself_with_minus_one(word, table, k):
    """You gave the word itself the score -1 so that it comes last. A word in the opposite direction has -1 as well, and
    with few words both are in the list. Leave the word out by its number."""
    score = similarity(word, table)
    score[word] = -1
    return nearest(score, None, min(k, len(table) - 1))


@neighbours.mistake
def most_different_first(word, table, k):
    """You returned the words that are *least* alike. A large cosine is near; sorting puts small numbers first unless
    you say otherwise."""
    return nearest(-similarity(word, table), word, k)


@neighbours.mistake
def zero_over_zero(word, table, k):
    """A row of zeros has no direction, and dividing by its length of 0 gives `nan`, which sorting puts in front of all
    numbers. Its cosine counts as 0 here; `normalize` of `torch.nn.functional` takes care of it."""
    rows = table / table.norm(dim=1, keepdim=True)
    return nearest(rows @ rows[word], word, k)


@neighbours.mistake
def returns_the_cosines(word, table, k):
    """You returned the cosines. Wanted are the numbers of the words that have them."""
    score = similarity(word, table)
    return [score[other].item() for other in nearest(score, word, k)]


@neighbours.mistake
def higher_number_first(word, table, k):
    """Of words that are equally near, you put the higher number first. It happens when one sorts upwards and turns the
    list round. Sort downwards, and stably."""
    score = similarity(word, table)
    return [other for other in score.argsort(stable=True).flip(0).tolist() if other != word][:k]


@neighbours.mistake
def one_too_few(word, table, k):
    """You took k words, and then threw out the word itself, so one is missing. Leave it out first, then count."""
    return [other for other in nearest(similarity(word, table), None, k) if other != word]


@neighbours.accepts
def with_sorted(word, table, k):
    lengths = table.norm(dim=1)

    def cosine(other):
        length = (lengths[word] * lengths[other]).item()
        return (table[word] @ table[other]).item() / length if length else 0.0

    return sorted((n for n in range(len(table)) if n != word), key=lambda n: (-cosine(n), n))[:k]


@neighbours.accepts
def with_minus_infinity(word, table, k):
    from torch.nn.functional import cosine_similarity

    score = cosine_similarity(table, table[word : word + 1])
    score[word] = -float("inf")
    return score.sort(descending=True, stable=True).indices[: min(k, len(table) - 1)]


# 6. crossover


@Check(inputs="untouched")
def crossover(sizes, old, new):
    found = None
    for size, before, after in zip(reversed(sizes), reversed(old), reversed(new), strict=True):
        if after >= before:
            break
        found = size
    return found


def measured(rng, old, new):
    """Return five sizes and two rows of measurements, in a unit of its own."""
    unit = float(rng.integers(1, 9))
    return [50, 500, 2000, 8000, 32000], [unit * number for number in old], [unit * number for number in new]


@crossover.case
def in_the_middle(rng):
    """one crossing in the middle"""
    return measured(rng, [1, 2, 4, 8, 16], [3, 3, 3, 3, 3])


@crossover.case
def never(rng):
    """no crossing: the new way costs more at every size"""
    return measured(rng, [1, 1, 1, 1, 2], [3, 3, 4, 5, 6])


@crossover.case
def from_the_start(rng):
    """the new way costs less from the first size on"""
    return measured(rng, [2, 3, 5, 9, 30], [1, 1, 1, 1, 1])


@crossover.case
def twice(rng):
    """the new way costs less, then more, then less again"""
    return measured(rng, [3, 4, 2, 9, 12], [2, 5, 3, 4, 5])


@crossover.case
def loses_in_the_end(rng):
    """the new way costs less at first and more at the end"""
    return measured(rng, [3, 4, 5, 6, 7], [1, 2, 3, 5, 9])


@crossover.case
def equal(rng):
    """equal costs at some sizes"""
    return measured(rng, [1, 2, 3, 9, 9], [1, 2, 3, 4, 5])


@crossover.case
def only_the_last(rng):
    """the new way costs less at the last size only"""
    return measured(rng, [1, 1, 2, 2, 9], [3, 3, 3, 3, 3])


@crossover.mistake
def first_time_it_wins(sizes, old, new):
    """You took the first size at which the new way costs less, even if it costs more again later. The task wants the
    size *from which on* it stays below. Where would you begin to look, in front or behind?"""
    return next((size for size, a, b in zip(sizes, old, new, strict=True) if b < a), None)


@crossover.mistake
def the_place(sizes, old, new):
    """You returned the place in the list. Wanted is the size that stands there."""
    found = crossover.reference(sizes, old, new)
    return None if found is None else list(sizes).index(found)


@crossover.mistake
def equal_is_enough(sizes, old, new):
    """You counted equal costs as a gain. A new tool that costs the same has not earned its place yet: *less* is
    asked for."""
    return crossover.reference(sizes, old, [number - 1e-9 for number in new])


@crossover.mistake
def last_time_it_loses(sizes, old, new):
    """You returned the last size at which the new way does *not* cost less. The next one is the crossover."""
    lost = [size for size, a, b in zip(sizes, old, new, strict=True) if b >= a]
    return lost[-1] if lost else None


@crossover.mistake
def last_time_it_wins(sizes, old, new):
    """You returned the *largest* size at which the new way costs less. Wanted is the smallest from which on it does."""
    won = [size for size, a, b in zip(sizes, old, new, strict=True) if b < a]
    return won[-1] if won else None


@crossover.mistake
def the_other_way_round(sizes, old, new):
    """You looked where the old way costs less. `new` is the challenger: find from where on *its* numbers are
    smaller."""
    return crossover.reference(sizes, new, old)


@crossover.mistake
def forgets_the_end(sizes, old, new):
    """You look for the last change of the lead and forget to ask who leads at the end. If the new way costs more at the
    last size, nobody knows of a size from which on it wins: return None."""
    ahead = [b < a for a, b in zip(old, new, strict=True)]
    starts = [size for size, (x, y) in zip(sizes[1:], pairwise(ahead), strict=True) if y and not x]
    return starts[-1] if starts else (sizes[0] if ahead[0] else None)


@crossover.mistake
def needs_a_change(sizes, old, new):
    """Where the new way costs less from the first size on, you found no crossing. The answer is then the first size:
    it wins everywhere you have looked."""
    found = crossover.reference(sizes, old, new)
    return None if found == sizes[0] else found


@crossover.accepts
def the_shortest_tail(sizes, old, new):
    ahead = np.array(new) < np.array(old)
    tails = [sizes[i] for i in range(len(sizes)) if ahead[i:].all()]
    return min(tails) if tails else None


for each in (look_up, pairs, noise, loss, neighbours):

    @each.mistake
    def returns_nothing(*case):
        """Nothing came back. Is a `return` missing?"""
        return None


del each
