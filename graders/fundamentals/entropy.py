"""Decides about the exercise `fundamentals/entropy`."""

import math
from functools import partial

import numpy as np
from scipy import special, stats
from sklearn.metrics import log_loss

from shoshin import Check, Compare


def bill(weights, q, log=np.log2, skip=True):
    """Return the sum of weights * log(1/q); `skip` leaves out what has no weight, else 0 * log(0) is nan."""
    with np.errstate(all="ignore"):
        terms = -weights * log(q)
    return terms[weights > 0].sum() if skip else terms.sum()


def shares(rng, n):
    """Return n probabilities, all well above 0, whose order is no rule."""
    return rng.permutation(rng.dirichlet(np.arange(1, n + 1)) * 0.9 + 0.1 / n)


# 1. entropy


@Check(inputs="untouched", compare=Compare(atol=1e-8))
def entropy(p):
    return bill(p, p)


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


def also_without_skipping(check):
    """Declare a mistake also as made by an answer that meets 0 * log(0) and gets nan."""

    def declare(mistake):
        def with_nan(p, *q):
            return mistake(p, *q, skip=False)

        with_nan.__name__ = f"{mistake.__name__}_and_gets_nan"
        with_nan.__doc__ = f"{mistake.__doc__} And where a probability is 0 you get `nan`: leave such outcomes out."
        check.mistake(with_nan)
        return check.mistake(mistake)

    return declare


@entropy.mistake
def gets_nan(p):
    """Where a probability is 0 you multiply 0 by the logarithm of 0, and that is `nan`. What never happens costs
    nothing: leave those outcomes out before you take logarithms."""
    return bill(p, p, skip=False)


@also_without_skipping(entropy)
def in_nats(p, skip=True):
    """You took the natural logarithm, so your answer is in nats. A question with two answers halves the
    possibilities: bits need the logarithm to base 2."""
    return bill(p, p, np.log, skip)


@also_without_skipping(entropy)
def negative(p, skip=True):
    """Your answer has the wrong sign. The logarithm of a probability is negative; the surprise, `log2(1/p)`, is
    not."""
    return -bill(p, p, skip=skip)


@entropy.mistake
def every_outcome_counts_the_same(p):
    """You averaged the surprises as if all outcomes happened equally often. A rare one has a long bill, but you
    rarely pay it: weigh each surprise by its probability."""
    return np.mean(-np.log2(p[p > 0]))


@entropy.mistake
def every_outcome_counts_the_same_even_the_impossible(p):
    """You averaged the surprises as if all outcomes happened equally often, so one that never happens makes the
    mean infinite. Weigh each surprise by its probability, and leave out what never happens."""
    with np.errstate(divide="ignore"):
        return np.mean(-np.log2(p))


@entropy.mistake
def adds_the_surprises(p):
    """You added the surprises up without weights. Wanted is what you pay on average: a surprise of 10 bits that
    comes once in a thousand times adds 0.01."""
    return np.sum(-np.log2(p[p > 0]))


@entropy.mistake
def divides_once_more(p):
    """You weigh by the probabilities and then divide by the number of outcomes as well (`np.mean` does it). The
    weights already sum to 1."""
    return bill(p, p) / len(p)


@entropy.mistake
def counts_the_outcomes(p):
    """You took the logarithm of the number of outcomes. That is right only if all are equally likely; uneven
    chances are cheaper."""
    return np.log2(np.count_nonzero(p))


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


def of_two(check):
    """Declare the cases above for a check of two distributions."""
    cases = any_two, uniform_code, the_same, never_happens, called_impossible, almost_impossible, sure_and_right
    for case in (*cases, one_label):
        check.case(case)


@Check(inputs="untouched", compare=Compare(atol=1e-8))
def cross_entropy(p, q):
    return bill(p, q)


of_two(cross_entropy)


@cross_entropy.mistake
def gets_nan_where_both_are_zero(p, q):
    """Where both probabilities are 0 you multiply 0 by the logarithm of 0, and that is `nan`. What never happens
    costs nothing, whatever q says: leave out the outcomes where p is 0."""
    return bill(p, q, skip=False)


@also_without_skipping(cross_entropy)
def bill_in_nats(p, q, skip=True):
    """You took the natural logarithm, so your bill is in nats. Wanted are bits."""
    return bill(p, q, np.log, skip)


@also_without_skipping(cross_entropy)
def negative_bill(p, q, skip=True):
    """Your bill is negative. `log2(q)` is below 0; what you pay is `log2(1/q)`."""
    return -bill(p, q, skip=skip)


@also_without_skipping(cross_entropy)
def exchanged(p, q, skip=True):
    """You exchanged the two: you pay by p and weigh by q. How often something happens is p's business; how long its
    code is, q's."""
    return bill(q, p, skip=skip)


@also_without_skipping(cross_entropy)
def believes_its_own_code(p, q, skip=True):
    """Both your weights and your lengths come from q: that is the entropy of q, the bill it hopes for. The outcomes
    come as p says."""
    return bill(q, q, skip=skip)


@cross_entropy.mistake
def forgets_the_code(p, q):
    """You return the entropy of p, the bill with the best possible code. The lengths come from q here."""
    return bill(p, p)


@cross_entropy.mistake
def only_the_extra(p, q):
    """You return only what is paid too much, compared with the best code. That is the next task; here the whole bill is
    wanted."""
    return bill(p, q) - bill(p, p)


@cross_entropy.mistake
def lets_the_impossible_go_free(p, q):
    """You leave out the outcomes where q is 0, so whoever called something impossible pays nothing when it happens.
    That has to cost `np.inf`: there is no code word for it. Leave out where p is 0."""
    return bill(np.where(q > 0, p, 0), q)


def with_a_floor(floor):
    """Declare what `q + floor` comes to, which is also what `np.maximum(q, floor)` and `np.clip` come to."""

    def mistake(p, q):
        return bill(p, q + floor)

    def extra(p, q):
        return mistake(p, q) - bill(p, p)

    mistake.__name__ = extra.__name__ = f"keeps_q_above_{floor}"
    mistake.__doc__ = extra.__doc__ = f"""You keep q above {floor:.2g}, so the impossible gets a finite price, which
    depends on your tiny number alone. Here it costs `np.inf`, and a q of 1e-200 costs its full 664 bits."""
    cross_entropy.mistake(mistake)
    kl.mistake(extra)


@cross_entropy.mistake
def adds_the_other_side(p, q):
    """You add `(1 - p) * log2(1 / (1 - q))`. The formula with two terms serves a single yes or no, where p is one
    number. Here every outcome already has a place of its own in p."""
    return bill(p, q) + bill(1 - p, 1 - q)


@cross_entropy.mistake
def bill_divided_once_more(p, q):
    """You weigh by p and then divide by the number of outcomes as well (`np.mean` does it). The weights already sum
    to 1."""
    return bill(p, q) / len(p)


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
    return bill(p, q) - bill(p, p)


of_two(kl)


@kl.mistake
def the_other_way_round(p, q):
    """You measured the extra for q's outcomes with p's code. Look at which comes first: p happens, q is the code. The
    order matters, as you are about to see."""
    return bill(q, p) - bill(q, q)


@kl.mistake
def the_whole_bill(p, q):
    """You return the whole bill, but part of it nobody can save: the entropy of p. Take that off."""
    return bill(p, q)


@kl.mistake
def compared_with_q(p, q):
    """You took off the entropy of q. What could have been saved is the bill of the best code for what really happens,
    and that is p's."""
    return bill(p, q) - bill(q, q)


@kl.mistake
def saves_instead_of_pays(p, q):
    """Your difference is the wrong way round, so a wrong code seems to earn bits. Nothing beats the code made
    for p: the extra is never negative."""
    return bill(p, p) - bill(p, q)


@kl.mistake
def extra_in_nats(p, q):
    """You took the natural logarithm, so your answer is in nats. Wanted are bits (`scipy` answers in nats, too)."""
    return bill(p, q, np.log) - bill(p, p, np.log)


@kl.mistake
def both_ways(p, q):
    """You took the mean of both directions. That is a useful measure with another name; here only p happens."""
    return (bill(p, q) - bill(p, p) + bill(q, p) - bill(q, q)) / 2


def extra_with_nan(log, words):
    def mistake(p, q):
        with np.errstate(all="ignore"):
            return (p * log(p / q)).sum()

    mistake.__name__ = f"gets_nan_with_{log.__name__}"
    mistake.__doc__ = f"""Where a probability is 0 you get `nan`: 0 times the logarithm of 0. Your two functions from
    above know what to do there. Can you use them?{words}"""
    kl.mistake(mistake)


extra_with_nan(np.log2, "")
extra_with_nan(np.log, " And mind the unit: bits are wanted, the natural logarithm gives nats.")


@kl.mistake
def forgives_the_impossible(p, q):
    """You leave out the outcomes where q is 0, so what q called impossible costs nothing when it happens. It has to
    cost `np.inf`."""
    both = (p > 0) & (q > 0)
    return (p[both] * np.log2(p[both] / q[both])).sum()


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


@cross_entropy.mistake
def infinite_where_q_is_zero(p, q):
    """You return `np.inf` as soon as q has a zero. It costs that only if the outcome happens: where p is 0 too, nobody
    ever pays it."""
    return np.inf if 0 in q else bill(p, q)


@kl.mistake
def infinite_extra_where_q_is_zero(p, q):
    """You return `np.inf` as soon as q has a zero. It costs that only if the outcome happens: where p is 0 too, nobody
    ever pays it."""
    return np.inf if 0 in q else bill(p, q) - bill(p, p)


FLOORS = 1e-300, float(np.finfo(float).eps), 1e-16, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8
for floor in FLOORS:
    with_a_floor(floor)


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


def log_softmax(logits, how="safe", axis=1):
    """Return the logarithms of the probabilities, as `how` computes them."""
    with np.errstate(all="ignore"):
        return (
            special.log_softmax(logits, axis) if how == "safe" else np.log(softmax(logits, how == "log_of_zero", axis))
        )


@Check(inputs="untouched")
def loss(logits, labels):
    top = logits.max(axis=1)
    return np.mean(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)) - of_the_label(logits, labels))


of_logits(loss)


@loss.mistake
def overflows(logits, labels):
    """You take `exp` of the logits as they come. `exp(1000)` is `inf` and `exp(-1000)` is 0, so large logits end as
    `nan` or `inf`. Which number can you take off a whole row without changing its probabilities?"""
    return -np.mean(of_the_label(log_softmax(logits, "raw"), labels))


@loss.mistake
def takes_the_log_of_zero(logits, labels):
    """Your softmax is safe, but a probability far below the others is rounded to 0 before the logarithm sees it, and
    the loss becomes `inf`. Write the logarithm of the quotient as a difference on paper: one `exp` disappears."""
    return -np.mean(of_the_label(log_softmax(logits, "log_of_zero"), labels))


@loss.mistake
def overflows_in_the_sum(logits, labels):
    """Your difference is right, but `exp` still meets the raw logits in the sum: `exp(1000)` is `inf`. Take the largest
    logit of each row off before, and add it again after the logarithm."""
    with np.errstate(all="ignore"):
        return np.mean(np.log(np.exp(logits).sum(axis=1)) - of_the_label(logits, labels))


def with_probabilities_above(floor, shift):
    def mistake(logits, labels):
        with np.errstate(all="ignore"):
            return np.mean(-np.log(of_the_label(softmax(logits, shift), labels) + floor))

    mistake.__name__ = f"probabilities_above_{floor}{'' if shift else '_and_overflows'}"
    mistake.__doc__ = f"""You keep the probability above {floor}, so nobody ever pays more than {-np.log(floor):.0f}
    nats, and beyond that the loss is flat: the worst mistakes teach nothing. The loss can be had without ever making
    the tiny probability.{"" if shift else " And `exp(1000)` is `inf`: large logits end as `nan`."}"""
    loss.mistake(mistake)


for floor in FLOORS:
    with_probabilities_above(floor, shift=True)
    with_probabilities_above(floor, shift=False)


@loss.mistake
def one_shift_for_all_rows(logits, labels):
    """You take the largest logit of the whole array off every row. In a row far below it every `exp` rounds to 0, and
    the logarithm of their sum is `-inf`. Every row needs its own."""
    with np.errstate(all="ignore"):
        top = logits.max()
        return np.mean(top + np.log(np.exp(logits - top).sum(axis=1)) - of_the_label(logits, labels))


ALSO = {
    "safe": "",
    "log_of_zero": " Then look at large logits: a probability is rounded to 0 before your logarithm sees it.",
    "raw": " Then look at large logits: `exp(1000)` is `inf`.",
}


def also_with_large_logits(mistake):
    """Declare a mistake three times: computed safely, with the logarithm of 0, and with `exp` of the raw logits."""
    for how, also in ALSO.items():
        declared = partial(mistake, how=how)
        declared.__name__, declared.__doc__ = f"{mistake.__name__}_{how}", f"{mistake.__doc__}{also}"
        loss.mistake(declared)


@also_with_large_logits
def loss_in_bits(logits, labels, how):
    """Your answer is in bits. The libraries write losses in nats, and so does this task: use the natural logarithm
    (1 nat is 1.44 bits)."""
    return -np.mean(of_the_label(log_softmax(logits, how), labels)) / np.log(2)


@also_with_large_logits
def adds_the_rows(logits, labels, how):
    """You added the rows up. Then twice as much data looks twice as bad: take their mean."""
    return -np.sum(of_the_label(log_softmax(logits, how), labels))


@also_with_large_logits
def one_loss_per_row(logits, labels, how):
    """You return one loss for every row. Their mean is wanted, a single number."""
    return -of_the_label(log_softmax(logits, how), labels)


@also_with_large_logits
def negative_loss(logits, labels, how):
    """Your loss is negative: it rewards surprise. The logarithm of a probability is below 0; turn the sign round."""
    return np.mean(of_the_label(log_softmax(logits, how), labels))


@also_with_large_logits
def every_row_pays_all_labels(logits, labels, how):
    """Every row of yours pays for the labels of all rows: `[:, labels]` picks whole columns. One entry per row is
    wanted; index with the row numbers, `np.arange(n)`, and the labels together."""
    return -np.mean(log_softmax(logits, how)[:, labels])


@also_with_large_logits
def sums_down_the_columns(logits, labels, how):
    """Your probabilities sum to 1 down each column, over the rows. The classes of one row compete: sum over
    `axis=1`."""
    return -np.mean(of_the_label(log_softmax(logits, how, axis=0), labels))


@also_with_large_logits
def sums_over_everything(logits, labels, how):
    """You divided by the sum over the whole array, so all rows share a probability of 1. Every row has its own: sum
    over `axis=1`."""
    return -np.mean(of_the_label(log_softmax(logits, how, axis=(0, 1)), labels))


@loss.mistake
def divides_by_the_classes_too(logits, labels):
    """You took the mean over all n · k entries, and all but one entry per row are 0. Divide by the number of rows
    only."""
    return loss.reference(logits, labels) / logits.shape[1]


@loss.mistake
def asks_the_favourite(logits, labels):
    """You took the probability of each row's largest logit: how sure the model is, right or wrong. What counts is
    the class that was right, and `labels` knows it."""
    return -np.mean(log_softmax(logits).max(axis=1))


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
    return -np.mean(of_the_label(log_softmax(softmax(logits)), labels))


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


def also_raw(mistake):
    """Declare a mistake of the slopes twice: with safe probabilities, and with `exp` of the raw logits."""

    def raw(logits, labels):
        return mistake(softmax(logits, shift=False), np.eye(logits.shape[1])[labels])

    def safe(logits, labels):
        return mistake(softmax(logits), np.eye(logits.shape[1])[labels])

    safe.__name__, safe.__doc__ = mistake.__name__, mistake.__doc__
    raw.__name__, raw.__doc__ = f"{mistake.__name__}_raw", f"{mistake.__doc__}{ALSO['raw']}"
    slopes.mistake(safe)
    slopes.mistake(raw)


@also_raw
def downhill(p, one_hot):
    """Your signs are turned round: these are the moves that *lower* the loss. The slope of the right class is
    negative: raising its logit lowers the loss."""
    return one_hot - p


@also_raw
def forgets_the_label(p, one_hot):
    """You return the probabilities. That is the slope of the `log(sum(exp))` part; the part of the right class is
    still missing."""
    return p


@also_raw
def slopes_of_the_mean(p, one_hot):
    """You divided by the number of rows: those are the slopes of the mean loss. Here each row is wanted for
    itself; the mean comes later, in the training."""
    return (p - one_hot) / len(p)


@also_raw
def marks_whole_columns(p, one_hot):
    """You took 1 off whole columns: `p[:, labels]` means every row. Index with the row numbers, `np.arange(n)`, and the
    labels together."""
    return p - one_hot.any(axis=0)


@also_raw
def takes_the_number_of_the_label(p, one_hot):
    """You subtracted the labels themselves, but they are names: class 7 is not seven times class 1. Make them one-hot
    first."""
    return p - one_hot.argmax(axis=1)[:, None]


@also_raw
def slope_of_the_softmax(p, one_hot):
    """You multiplied by `p * (1 - p)`, the slope of the probability itself. The logarithm in the loss cancels that, and
    it matters: your slopes vanish where the model is sure and wrong."""
    return (p - one_hot) * p * (1 - p)


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
