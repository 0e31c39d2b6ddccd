"""Decides about the exercise `fundamentals/entropy`."""

import math

import numpy as np
from scipy import special, stats
from sklearn.metrics import log_loss

from shoshin import Check, Compare


def bill(p, q=None, log=np.log2, skip=True):
    """Return the sum of p * log(1/q), where q is p if it is not given; without `skip`, 0 * log(0) is nan."""
    with np.errstate(all="ignore"):
        terms = -p * log(p if q is None else q)
    return terms[p > 0].sum() if skip else terms.sum()


def shares(rng, n):
    """Return n probabilities, all well above 0, whose order is no rule."""
    return rng.permutation(rng.dirichlet(np.arange(1, n + 1)) * 0.9 + 0.1 / n)


def alike(one, other):
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    return one.shape == other.shape and np.allclose(one, other)


def promise(words, *checks):
    """Return a decorator for mistakes that break what `words` say. The words become a property: they are shown where a
    single case gives such a mistake away, whatever else goes wrong in the others."""
    mistakes = []

    def property_of(check):
        def holds(result, *case):
            return alike(result, check.reference(*case)) or not any(alike(result, wrong(*case)) for wrong in mistakes)

        holds.__name__ = holds.__doc__ = words
        check.property(holds)

    def declare(mistake):
        mistakes.append(mistake)
        for check in checks:
            check.mistake(mistake)
        return mistake

    for check in checks:
        property_of(check)
    return declare


# 1. entropy


@Check(inputs="untouched", compare=Compare(atol=1e-8))
def entropy(p):
    return bill(p)


@entropy.case
def loaded_die(rng):
    """six outcomes that are not equally likely"""
    return shares(rng, 6)


@entropy.case
def all_equal(rng):
    """sixteen equally likely outcomes"""
    return np.full(16, 1 / 16)


@entropy.case
def some_never_happen(rng):
    """two outcomes with probability 0"""
    return np.r_[0.0, shares(rng, 4), 0.0]


@entropy.case
def sure(rng):
    """a sure outcome, with probability 1, and two impossible ones"""
    return np.array([0.0, 1.0, 0.0])


@entropy.case
def one_outcome_only(rng):
    """one outcome only"""
    return np.array([1.0])


@entropy.mistake
def counts_the_outcomes(p):
    """You took the logarithm of the number of outcomes. That is right only if all are equally likely; uneven
    chances are cheaper."""
    return np.log2(len(p))


@entropy.mistake
def asks_whole_questions(p):
    """You rounded the surprises up to whole questions. One game takes whole questions; the average over many games
    asked about together does not. Leave `log2(1/p)` as it is."""
    return np.sum(p[p > 0] * np.ceil(-np.log2(p[p > 0])))


@entropy.accepts
def in_a_loop(p):
    total = 0.0
    for chance in p.tolist():
        if chance:
            total += chance * math.log(1 / chance) / math.log(2)
    return total


@entropy.accepts
def with_scipy(p):
    return stats.entropy(p, base=2)


@entropy.accepts
def with_a_grain(p):
    return -(p * np.log2(p + 1e-15)).sum()


# 2. cross_entropy and 3. kl: two distributions


def any_two(rng):
    """two ways to share out five outcomes"""
    return shares(rng, 5), shares(rng, 5)


def uniform_code(rng):
    """uneven outcomes, and a q that takes them for equally likely"""
    return shares(rng, 8), np.full(8, 1 / 8)


def the_same(rng):
    """q equal to p"""
    p = shares(rng, 4)
    return p, p.copy()


def never_happens(rng):
    """an outcome that never happens though q expects it, and one that both rule out"""
    return np.r_[0.0, shares(rng, 3), 0.0], np.r_[shares(rng, 4), 0.0]


def called_impossible(rng):
    """an outcome that happens and has probability 0 in q"""
    return shares(rng, 4), np.r_[shares(rng, 3), 0.0]


def almost_impossible(rng):
    """an outcome that happens and has probability 1e-200 in q"""
    return np.array([0.75, 0.25]), np.array([1.0, 1e-200])


def sure_and_right(rng):
    """a sure outcome, of which q is as sure"""
    return np.array([0.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0])


def one_label(rng):
    """one outcome that is sure, of which q is not"""
    return np.array([0.0, 0.0, 1.0, 0.0]), shares(rng, 4)


def no_price_for_the_impossible(result, p, q):
    """What happens although q calls it impossible costs `np.inf`. A tiny number in the place of the 0 makes it a finite
    price: 1e-12 one of 40 bits"""
    return not np.isfinite(result) or not np.any((p > 0) & (q == 0))


def of_two(check):
    """Declare what the checks of two distributions have in common."""
    cases = any_two, uniform_code, the_same, never_happens, called_impossible, almost_impossible, sure_and_right
    for case in (*cases, one_label):
        check.case(case)
    check.property(no_price_for_the_impossible)

    @check.mistake
    def lets_the_impossible_go_free(p, q):
        """You leave out the outcomes where q is 0, so whoever called something impossible pays nothing when it happens.
        That has to cost `np.inf`: there is no code word for it. Leave out where p is 0."""
        return check.reference(np.where(q > 0, p, 0), q)

    @check.mistake
    def infinite_where_q_is_zero(p, q):
        """You return `np.inf` as soon as q has a zero. It costs that only if the outcome happens: where p is 0 too,
        nobody ever pays it."""
        return np.inf if 0 in q else check.reference(p, q)


@Check(inputs="untouched", compare=Compare(atol=1e-8))
def cross_entropy(p, q):
    return bill(p, q)


of_two(cross_entropy)

BITS = "The unit is the bit: the logarithm is the one to base 2"
weighed = promise(
    "A surprise counts as often as its outcome comes: its probability in p is its weight, and the weights sum to 1",
    entropy,
    cross_entropy,
)
right_order = promise("How often an outcome comes, p says; how long its code is, q says", cross_entropy)


@entropy.mistake
@cross_entropy.mistake
def gets_nan(p, q=None):
    """Where a probability is 0 you multiply 0 by the logarithm of 0, and that is `nan`. What never happens costs
    nothing: leave out the outcomes where p is 0 before you take logarithms."""
    return bill(p, q, skip=False)


@promise(BITS, entropy, cross_entropy)
def in_nats(p, q=None):
    """You took the natural logarithm, so your answer is in nats. A question with two answers halves the
    possibilities: bits need the logarithm to base 2."""
    return bill(p, q, np.log)


@promise("The logarithm of a probability is below 0, a surprise never is", entropy, cross_entropy)
def negative(p, q=None):
    """Your answer has the wrong sign. The logarithm of a probability is negative; the surprise, `log2(1/p)`, is
    not."""
    return -bill(p, q)


@weighed
def every_outcome_counts_the_same(p, q=None):
    """You averaged the surprises as if all outcomes happened equally often. A rare one has a long bill, but you
    rarely pay it: weigh each surprise by its probability in p."""
    return bill(np.where(p > 0, 1, 0), p if q is None else q) / np.count_nonzero(p)


@weighed
def adds_the_surprises(p, q=None):
    """You added the surprises up without weights. Wanted is what you pay on average: a surprise of 10 bits that
    comes once in a thousand times adds 0.01."""
    return bill(np.where(p > 0, 1, 0), p if q is None else q)


@weighed
def divides_once_more(p, q=None):
    """You weigh by the probabilities and then divide by the number of outcomes as well (`np.mean` does it). The
    weights already sum to 1."""
    return bill(p, q) / len(p)


@right_order
def exchanged(p, q):
    """You exchanged the two: you pay by p and weigh by q. How often something happens is p's business; how long its
    code is, q's."""
    return bill(q, p)


@right_order
def believes_its_own_code(p, q):
    """Both your weights and your lengths come from q: that is the entropy of q, the bill it hopes for. The outcomes
    come as p says."""
    return bill(q)


@right_order
def forgets_the_code(p, q):
    """You return the entropy of p, the bill with the best possible code. The lengths come from q here."""
    return bill(p)


@promise("The whole bill is wanted, not only what is paid too much", cross_entropy)
def only_the_extra(p, q):
    """You return only what is paid too much, compared with the best code. That is the next task; here the whole bill is
    wanted."""
    return bill(p, q) - bill(p)


@cross_entropy.mistake
def adds_the_other_side(p, q):
    """You add `(1 - p) * log2(1 / (1 - q))`. The formula with two terms serves a single yes or no, where p is one
    number. Here every outcome already has a place of its own in p."""
    return bill(p, q) + bill(1 - p, 1 - q)


@cross_entropy.accepts
def with_xlogy(p, q):
    return -special.xlogy(p, q).sum() / np.log(2)


@cross_entropy.accepts
def pair_by_pair(p, q):
    total = 0
    for happens, expected in zip(p, q, strict=True):
        if happens > 0:
            if expected == 0:
                return float("inf")
            total += happens * math.log2(1 / expected)
    return total


@Check(inputs="untouched", compare=Compare(atol=1e-8))
def kl(p, q):
    return bill(p, q) - bill(p)


of_two(kl)


@promise("The outcomes come as p says, and are paid by the code of q: the order matters", kl)
def the_other_way_round(p, q):
    """You measured the extra for q's outcomes with p's code. Look at which comes first: p happens, q is the code. The
    order matters, as you are about to see."""
    return bill(q, p) - bill(q)


@kl.mistake
def the_whole_bill(p, q):
    """You return the whole bill, but part of it nobody can save: the entropy of p. Take that off."""
    return bill(p, q)


@kl.mistake
def compared_with_q(p, q):
    """You took off the entropy of q. What could have been saved is the bill of the best code for what really happens,
    and that is p's."""
    return bill(p, q) - bill(q)


@kl.mistake
def difference_of_entropies(p, q):
    """You compared two entropies, each with weights and a code of its own. But only p's outcomes come: compare what
    they cost with q's code and with their own."""
    return bill(q) - bill(p)


@promise("The extra is never negative: no code beats the one made for p", kl)
def saves_instead_of_pays(p, q):
    """Your difference is the wrong way round, so a wrong code seems to earn bits. Nothing beats the code made
    for p: the extra is never negative."""
    return bill(p) - bill(p, q)


@promise(BITS, kl)
def extra_in_nats(p, q):
    """You took the natural logarithm, so your answer is in nats. Wanted are bits (`scipy` answers in nats, too)."""
    return bill(p, q, np.log) - bill(p, log=np.log)


@kl.mistake
def extra_is_nan(p, q):
    """Where a probability is 0 you get `nan`: 0 times the logarithm of 0. Your two functions from above know what to do
    there. Can you use them?"""
    with np.errstate(all="ignore"):
        return (p * np.log2(p / q)).sum()


@promise("What is paid extra for an outcome is paid as often as the outcome comes", kl)
def adds_the_log_ratios(p, q):
    """You added up `log2(p/q)` without weights. What is paid extra for an outcome is paid as often as it comes: weigh
    it by its probability in p."""
    with np.errstate(divide="ignore"):
        return np.log2(p[p > 0] / q[p > 0]).sum()


@kl.mistake
def adds_the_gaps(p, q):
    """You added up by how much the probabilities differ. KL asks for more: what each outcome costs with q's code, less
    what it costs with the best one, as often as it comes."""
    return np.abs(p - q).sum()


@kl.accepts
def as_one_sum(p, q):
    return special.rel_entr(p, q).sum() / np.log(2)


@kl.accepts
def with_the_library(p, q):
    return float(stats.entropy(p, q, base=2))


@kl.accepts
def as_a_difference_of_surprises(p, q):
    if any(b == 0 < a for a, b in zip(p, q, strict=True)):
        return math.inf
    return sum(a * (math.log2(a) - math.log2(b)) for a, b in zip(p, q, strict=True) if a > 0)


# 4. loss and 5. slopes: logits


def ordinary(rng):
    """six rows with four logits of ordinary size"""
    return rng.normal(0, 2, (6, 4)), np.array([0, 1, 2, 3, *rng.integers(0, 4, 2)])


def all_equal_logits(rng):
    """three rows in which all five logits are equal"""
    return np.repeat([[0.0], [2.0], [-1.0]], 5, axis=1), rng.integers(0, 5, 3)


def very_sure(rng):
    """rows whose logits reach from -1000 to 1000, one of them surely wrong"""
    logits = np.array([[1000.0, 0, -1000], [-1000, 1000, 0], [900, 1000, -900]])
    return logits, np.array([0, 1, 0])


def far_below(rng):
    """rows in which all logits are near -1000"""
    return rng.normal(-1000, 2, (5, 3)), rng.integers(0, 3, 5)


def on_different_levels(rng):
    """rows on very different levels: near -900, near 0 and near 900"""
    return rng.normal(0, 1, (3, 4)) + np.array([[-900.0], [0], [900]]), rng.integers(0, 4, 3)


def doubt_underflows(rng):
    """a logit 800 below the largest, for the class that is right"""
    return np.array([[0.0, -800.0], [0.0, 1.0]]), np.array([1, 0])


def single_row(rng):
    """a single row"""
    return rng.normal(0, 2, (1, 7)), rng.integers(0, 7, 1)


def single_class(rng):
    """one class only"""
    return rng.normal(0, 3, (4, 1)), np.zeros(4, dtype=int)


def of_logits(check):
    """Declare the cases above for a check of logits and labels."""
    cases = ordinary, all_equal_logits, very_sure, far_below, on_different_levels, doubt_underflows
    for case in (*cases, single_row, single_class):
        check.case(case)


def softmax(logits, shift=True, axis=1):
    """Return the probabilities of every row, shape (n, k); without the shift, large logits overflow."""
    with np.errstate(all="ignore"):
        powers = np.exp(logits - logits.max(axis=axis, keepdims=True) if shift else logits)
        return powers / powers.sum(axis=axis, keepdims=True)


def of_the_label(table, labels):
    return table[np.arange(len(labels)), labels]


def losses(logits, labels, axis=1):
    """Return the loss of every row, shape (n,); `axis` is where its probabilities sum to 1."""
    return -of_the_label(special.log_softmax(logits, axis), labels)


def log_of_softmax(logits, shift=True):
    with np.errstate(divide="ignore"):
        return np.log(softmax(logits, shift))


@Check(inputs="untouched")
def loss(logits, labels):
    top = logits.max(axis=1)
    return np.mean(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)) - of_the_label(logits, labels))


of_logits(loss)


@loss.mistake
def overflows(logits, labels):
    """You take `exp` of the logits as they come. `exp(1000)` is `inf` and `exp(-1000)` is 0, so large logits end as
    `nan` or `inf`. Which number can you take off a whole row without changing its probabilities?"""
    return -np.mean(of_the_label(log_of_softmax(logits, shift=False), labels))


@loss.mistake
def takes_the_log_of_zero(logits, labels):
    """Your softmax is safe, but a probability far below the others is rounded to 0 before the logarithm sees it, and
    the loss becomes `inf`. Write the logarithm of the quotient as a difference on paper: one `exp` disappears."""
    return -np.mean(of_the_label(log_of_softmax(logits), labels))


@loss.mistake
def multiplies_the_log_of_zero(logits, labels):
    """You multiply one-hot rows by the logarithms of the probabilities. A probability far below the others is rounded
    to 0, its logarithm is `-inf`, and 0 times `-inf` is `nan`. Write the logarithm of the quotient as a difference on
    paper: one `exp` disappears."""
    with np.errstate(invalid="ignore"):
        return -(np.eye(logits.shape[1])[labels] * log_of_softmax(logits)).sum(axis=1).mean()


@loss.mistake
def overflows_in_the_sum(logits, labels):
    """Your difference is right, but `exp` still meets the raw logits in the sum: `exp(1000)` is `inf`. Take the largest
    logit of each row off before, and add it again after the logarithm."""
    with np.errstate(all="ignore"):
        return np.mean(np.log(np.exp(logits).sum(axis=1)) - of_the_label(logits, labels))


@loss.mistake
def one_shift_for_all_rows(logits, labels):
    """You take the largest logit of the whole array off every row. In a row far below it every `exp` rounds to 0, and
    the logarithm of their sum is `-inf`. Every row needs its own."""
    with np.errstate(all="ignore"):
        top = logits.max()
        return np.mean(top + np.log(np.exp(logits - top).sum(axis=1)) - of_the_label(logits, labels))


@promise("A row keeps its probabilities if all its logits are lowered by the same amount, and only then", loss)
def takes_off_the_top_of_each_column(logits, labels):
    """You took the largest logit of each column off. The logits of one row are then lowered by different amounts, and
    its probabilities change. Take off the largest of each row: `axis=1`."""
    return np.mean(losses(logits - logits.max(axis=0), labels))


@promise("The unit is the nat: the logarithm is the natural one", loss)
def loss_in_bits(logits, labels):
    """Your answer is in bits. The libraries write losses in nats, and so does this task: use the natural logarithm
    (1 nat is 1.44 bits)."""
    return np.mean(losses(logits, labels)) / np.log(2)


@promise("The loss is the mean over the rows, not their sum", loss)
def adds_the_rows(logits, labels):
    """You added the rows up. Then twice as much data looks twice as bad: take their mean."""
    return np.sum(losses(logits, labels))


@promise("The loss is a single number, the mean over the rows", loss)
def one_loss_per_row(logits, labels):
    """You return one loss for every row. Their mean is wanted, a single number."""
    return losses(logits, labels)


@promise("A loss is never negative: a probability is at most 1, so what counts is `log(1/q)`", loss)
def negative_loss(logits, labels):
    """Your loss is negative: it rewards surprise. The logarithm of a probability is below 0; turn the sign round."""
    return -np.mean(losses(logits, labels))


@promise("A row pays for its own label only, so the entry is picked by row number and label", loss)
def every_row_pays_all_labels(logits, labels):
    """Every row of yours pays for the labels of all rows: `[:, labels]` picks whole columns. One entry per row is
    wanted; index with the row numbers, `np.arange(n)`, and the labels together."""
    return -np.mean(special.log_softmax(logits, axis=1)[:, labels])


shares_of_a_row = promise("The probabilities of every row sum to 1", loss)


@shares_of_a_row
def sums_down_the_columns(logits, labels):
    """Your probabilities sum to 1 down each column, over the rows. The classes of one row compete: sum over
    `axis=1`."""
    return np.mean(losses(logits, labels, axis=0))


@shares_of_a_row
def sums_over_everything(logits, labels):
    """You divided by the sum over the whole array, so all rows share a probability of 1. Every row has its own: sum
    over `axis=1`."""
    return np.mean(losses(logits, labels, axis=(0, 1)))


@promise("The mean is taken over the n rows, not over n · k entries", loss)
def divides_by_the_classes_too(logits, labels):
    """You took the mean over all n · k entries, and all but one entry per row are 0. Divide by the number of rows
    only."""
    return loss.reference(logits, labels) / logits.shape[1]


@loss.mistake
def asks_the_favourite(logits, labels):
    """You took the probability of each row's largest logit: how sure the model is, right or wrong. What counts is
    the class that was right, and `labels` knows it."""
    return -np.mean(special.log_softmax(logits, axis=1).max(axis=1))


@loss.mistake
def lowers_one_part_only(logits, labels):
    """You took the largest logit off in one part of the difference and not in the other. Both stand on the same row:
    lower both, or add it again after the logarithm."""
    return loss.reference(logits, labels) - np.mean(logits.max(axis=1))


@loss.mistake
def lowers_the_label_only(logits, labels):
    """Your answer differs by the largest logit of each row. If you take it off before `exp`, take it off the logit of
    the right class as well, once."""
    return loss.reference(logits, labels) + np.mean(logits.max(axis=1))


@loss.mistake
def by_scikit_learn(logits, labels):
    """You made probabilities and handed them to `log_loss`. That comes too late: what has rounded to 0 it prices at 36
    nats, and here a loss may be 2000. Compute it from the logits."""
    return log_loss(labels, softmax(logits), labels=np.arange(logits.shape[1]))


@loss.mistake
def softmax_twice(logits, labels):
    """You applied softmax twice: the second one takes your probabilities for logits. Even a perfect answer then costs
    a lot, since probabilities differ by 1 at most."""
    return np.mean(losses(softmax(logits), labels))


@loss.mistake
def forgets_the_right_class(logits, labels):
    """You return the mean of `log(sum(exp))`, the same for all labels. The logit of the right class is still to be
    taken off."""
    return np.mean(special.logsumexp(logits, axis=1))


@loss.mistake
def log_of_the_mean(logits, labels):
    """You took the mean of the probabilities, and then the logarithm. A row pays for itself: the logarithm comes first,
    then the mean."""
    return -np.log(np.mean(np.exp(-losses(logits, labels))))


@loss.property
def finite(result, logits, labels):
    """The loss is finite however large the logits are: no `exp` may meet 1000, and no logarithm a probability that has
    been rounded to 0"""
    return bool(np.all(np.isfinite(result)))


@loss.property
def without_a_ceiling(result, logits, labels):
    """Nothing caps a loss: sure and wrong by 2000 costs 2000 nats. A limit set on probabilities or logits is such a
    cap (a tiny number added to them, too)"""
    least = np.mean(logits.max(axis=1) - of_the_label(logits, labels))
    return bool(least < 30 or result > 0.99 * least)


@loss.accepts
def with_logsumexp(logits, labels):
    return np.mean(special.logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels])


@loss.accepts
def row_by_row(logits, labels):
    total = 0.0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        total += math.log(math.fsum(math.exp(z - max(row)) for z in row)) + max(row) - row[label]
    return total / len(labels)


@loss.accepts
def with_one_hot(logits, labels):
    return -(np.eye(logits.shape[1])[labels] * special.log_softmax(logits, axis=1)).sum(axis=1).mean()


@Check(inputs="untouched", compare=Compare(rtol=1e-4, atol=1e-6))
def slopes(logits, labels):
    return softmax(logits) - np.eye(logits.shape[1])[labels]


of_logits(slopes)


@slopes.mistake
def slopes_overflow(logits, labels):
    """You take `exp` of the logits as they come, and large ones give `nan`. Take off each row's largest first: that
    changes no probability."""
    with np.errstate(all="ignore"):
        return softmax(logits, shift=False) - np.eye(logits.shape[1])[labels]


@slopes.mistake
def one_shift_for_all_slopes(logits, labels):
    """You take the largest logit of the whole array off every row. A row far below it turns into 0 divided by 0, `nan`.
    Every row needs its own."""
    with np.errstate(all="ignore"):
        return softmax(logits - logits.max(), shift=False) - np.eye(logits.shape[1])[labels]


@promise("A slope says where the loss rises, so that of the right class is negative", slopes)
def downhill(logits, labels):
    """Your signs are turned round: these are the moves that *lower* the loss. The slope of the right class is
    negative: raising its logit lowers the loss."""
    return np.eye(logits.shape[1])[labels] - softmax(logits)


@slopes.mistake
def forgets_the_label(logits, labels):
    """You return the probabilities. That is the slope of the `log(sum(exp))` part; the part of the right class is
    still missing."""
    return softmax(logits)


@promise("The slopes are those of each row's own loss, not of their mean", slopes)
def slopes_of_the_mean(logits, labels):
    """You divided by the number of rows: those are the slopes of the mean loss. Here each row is wanted for
    itself; the mean comes later, in the training."""
    return slopes.reference(logits, labels) / len(logits)


@slopes.mistake
def marks_whole_columns(logits, labels):
    """You took 1 off whole columns: `p[:, labels]` means every row. Index with the row numbers, `np.arange(n)`, and the
    labels together."""
    return softmax(logits) - np.eye(logits.shape[1])[labels].any(axis=0)


@slopes.mistake
def takes_the_number_of_the_label(logits, labels):
    """You subtracted the labels themselves, but they are names: class 7 is not seven times class 1. Make them one-hot
    first."""
    return softmax(logits) - labels[:, None]


@slopes.mistake
def slope_of_the_softmax(logits, labels):
    """You multiplied by `p * (1 - p)`, the slope of the probability itself. The logarithm in the loss cancels that, and
    it matters: your slopes vanish where the model is sure and wrong."""
    p = softmax(logits)
    return (p - np.eye(logits.shape[1])[labels]) * p * (1 - p)


@slopes.mistake
def only_the_right_class(logits, labels):
    """All your slopes but those of the right classes are 0. The others count too: if a wrong class gets a larger logit,
    it takes probability from the right one."""
    one_hot = np.eye(logits.shape[1])[labels]
    return (softmax(logits) - 1) * one_hot


@slopes.mistake
def one_slope_per_row(logits, labels):
    """You return one slope per row, that of the right class. Every logit has one: shape `(n, k)`."""
    return of_the_label(softmax(logits), labels) - 1


@slopes.mistake
def down_the_columns(logits, labels):
    """Your probabilities sum to 1 down each column, over the rows. The classes of one row compete: use `axis=1`."""
    return softmax(logits, axis=0) - np.eye(logits.shape[1])[labels]


@slopes.mistake
def shares_over_everything(logits, labels):
    """You divided by the sum over the whole array, so all rows share a probability of 1. Every row has its own: use
    `axis=1`."""
    return softmax(logits, axis=(0, 1)) - np.eye(logits.shape[1])[labels]


@slopes.mistake
def replaces_the_right_entry(logits, labels):
    """You put -1 in the place of the right class, so its probability is lost. Take 1 off what stands there."""
    return np.where(np.eye(logits.shape[1])[labels] == 1, -1, softmax(logits))


@slopes.property
def rows_that_sum_to_zero(result, logits, labels):
    """The slopes of a row sum to 0, since a row that is lifted as a whole keeps its loss"""
    sums = np.sum(np.asarray(result, dtype=float), axis=1)
    return not np.isfinite(sums).all() or bool(np.allclose(sums, 0, atol=1e-4))


@slopes.accepts
def marks_in_place(logits, labels):
    p = special.softmax(logits, axis=1)
    p[np.arange(len(labels)), labels] -= 1
    return p


@slopes.accepts
def by_nudging(logits, labels):
    """Central differences, one logit at a time."""
    step, table = 1e-5, np.zeros_like(logits)
    for i, label in enumerate(labels):
        for j in range(logits.shape[1]):
            nudge = step * (np.arange(logits.shape[1]) == j)
            up, down = (special.logsumexp(row) - row[label] for row in (logits[i] + nudge, logits[i] - nudge))
            table[i, j] = (up - down) / (2 * step)
    return table
