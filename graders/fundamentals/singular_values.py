"""Decides about the exercise `fundamentals/singular_values`."""

import inspect

import numpy as np
from sklearn.decomposition import PCA

from shoshin import Check, Compare


def like(check, known):
    """Declare the mistake `known` once more, as it comes out when written differently."""

    def declare(function):
        function.__doc__ = inspect.getdoc(check.mistakes[known.__name__])
        return check.mistake(function)

    return declare


# --- low_rank


def sum_of(A, pieces):
    """Return the sum of those pieces of A that the index `pieces` picks."""
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return U[:, pieces] * s[pieces] @ Vt[pieces]


@Check(compare=None, inputs="untouched")
def low_rank(A, k):
    return sum_of(A, slice(k))


@low_rank.property
def of_the_shape_of_A(result, A, k):
    """The result is a table of the shape of `A`."""
    return len(result) == len(A) and np.shape(result) == A.shape


@low_rank.property
def of_rank_k_at_most(result, A, k):
    """The result is a sum of no more than `k` pieces: its rank is at most `k`."""
    return np.sum(np.linalg.svd(result, compute_uv=False) > 1e-5 * np.linalg.norm(A)) <= k


@low_rank.property
def as_near_as_can_be(result, A, k):
    """Of all tables of rank `k` at most, the result lies nearest to `A`, by the sum of squared differences."""
    best = np.linalg.norm(np.linalg.svd(A, compute_uv=False)[k:])
    return np.linalg.norm(A - np.asarray(result)) <= best + 1e-5 * np.linalg.norm(A)


@low_rank.case
def a_tall_table(rng):
    """a tall table and k = 2"""
    return rng.normal(3, 1, (7, 4)), 2


@low_rank.case
def a_wide_table(rng):
    """a wide table and k = 3"""
    return rng.normal(1, 1, (5, 8)), 3


@low_rank.case
def a_symmetric_table(rng):
    """a symmetric table whose strongest direction is negative"""
    Q = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    return Q * [-5, 3, 2, 1] @ Q.T, 2


@low_rank.case
def tiny_numbers(rng):
    """tiny numbers, and rows that are multiples of one another"""
    return 1e-9 * np.outer([1, 2, -1, 0.5], rng.uniform(1, 2, 3)), 1


@low_rank.case
def nothing_at_all(rng):
    """k = 0"""
    return rng.normal(size=(3, 4)), 0


@low_rank.case
def everything(rng):
    """k as large as it can be"""
    return rng.normal(size=(4, 3)), 3


@low_rank.case
def equal_strengths(rng):
    """two pieces of equal strength, of which either may stay"""
    return np.diag([2.0, 4.0, 2.0, 1.0]), 2


@low_rank.mistake
def weakest_pieces(A, k):
    """You keep the weakest pieces. `np.linalg.svd` returns the strongest first; `eigh` returns the smallest first.
    Which end do you cut off?"""
    return sum_of(A, slice(min(A.shape) - k, None))


@like(low_rank, weakest_pieces)
def weakest_pieces_counted_from_the_end(A, k):
    return sum_of(A, slice(-k, None))


@like(low_rank, weakest_pieces)
def weakest_pieces_of_eigh(A, k):
    weak = np.linalg.eigh(A.T @ A)[1][:, :k]
    return A @ weak @ weak.T


@low_rank.mistake
def what_is_dropped(A, k):
    """You return what is to be dropped: a slice `[k:]` begins behind the first `k` pieces. Keep those before it."""
    return sum_of(A, slice(k, None))


@low_rank.mistake
def kth_piece_alone(A, k):
    """You return one single piece. The strong pieces before it are missing: sum up the first `k`. (In a loop: add
    each to a total, with `+=`.)"""
    return sum_of(A, [k - 1])


@like(low_rank, kth_piece_alone)
def last_piece_of_a_loop(A, k):
    return sum_of(A, range(k)[-1:])


@like(low_rank, kth_piece_alone)
def piece_number_k_alone(A, k):
    return sum_of(A, [k])


@low_rank.mistake
def one_piece_too_few(A, k):
    """You are one piece short: `[:k]` and `range(k)` stop before `k` already, so that there is nothing to
    subtract."""
    return sum_of(A, slice(k - 1))


@like(low_rank, one_piece_too_few)
def one_round_too_few(A, k):
    return sum_of(A, range(k - 1))


@low_rank.mistake
def begins_at_piece_one(A, k):
    """The strongest piece is missing. It is the one with number 0: count from there."""
    return sum_of(A, slice(1, k))


@like(low_rank, begins_at_piece_one)
def begins_and_ends_one_later(A, k):
    return sum_of(A, range(1, k + 1))


@low_rank.mistake
def one_piece_too_many(A, k):
    """You keep `k + 1` pieces. A slice `[:k]` has k entries already, from 0 to k - 1."""
    return sum_of(A, slice(k + 1))


@low_rank.mistake
def forgets_the_strengths(A, k):
    """Your pieces are all equally strong: the singular values are missing. Each column of `U` times a row of `Vt`
    still has to be multiplied by its own `s[i]`."""
    U, _, Vt = np.linalg.svd(A, full_matrices=False)
    return U[:, :k] @ Vt[:k]


@low_rank.mistake
def transposes_again(A, k):
    """You took columns of `Vt`. NumPy returns V already transposed: the partner of column i of `U` is *row* i of
    `Vt`."""
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return U[:, :k] * s[:k] @ Vt[:, :k].T


@low_rank.mistake
def a_corner(A, k):
    """You kept the first `k` rows of the table and wiped out the others. That has rank k, but it is a strip of the
    photo. Every piece spreads over all rows and columns: cut `U`, `s` and `Vt` instead of `A`."""
    strip = A.copy()
    strip[k:] = 0
    return strip


@low_rank.mistake
def sums_up_nothing(A, k):
    """Right, except for k = 0: the `sum` of no pieces is the number 0, and a table of zeros is wanted. Begin with
    `np.zeros(A.shape)` and add the pieces to it."""
    return sum_of(A, slice(k)) if k else 0


@low_rank.mistake
def keeps_the_factors(A, k):
    """You return the three parts. They are what one would store; here the table is wanted that they make when
    multiplied."""
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return U[:, :k], s[:k], Vt[:k]


@low_rank.mistake
def subtracts_the_mean(A, k):
    """You subtracted the column means, and added them again at the end. The means are a piece of their own, so that
    your table is made of `k + 1`. Take `A` as it is."""
    return A.mean(axis=0) + sum_of(A - A.mean(axis=0), slice(k))


@low_rank.accepts
def piece_by_piece(A, k):
    U, s, Vt = np.linalg.svd(A)
    total = np.zeros(A.shape)
    for i in range(k):
        for row in range(len(A)):
            total[row] += s[i] * U[row, i] * Vt[i]
    return total.tolist()


@low_rank.accepts
def by_projection(A, k):
    _, vectors = np.linalg.eigh(A.T @ A)
    strong = vectors[:, ::-1][:, :k]
    return A @ strong @ strong.T


@low_rank.accepts
def zeroes_the_rest(A, k):
    U, s, Vt = np.linalg.svd(A.astype(np.float32), full_matrices=False)
    s[k:] = 0
    return np.einsum("ir,r,rj->ij", U, s, Vt)


# --- pieces_needed


@Check(inputs="untouched")
def pieces_needed(s, error):
    return first(errors_left(s) <= error)


def errors_left(s):
    """Return the relative error of the first k pieces, for k = 0 to len(s)."""
    left = np.append(np.cumsum(s[::-1] ** 2)[::-1], 0)
    return np.sqrt(left / left[0])


def first(holds):
    return int(np.argmax(holds))


@pieces_needed.case
def a_slow_fall(rng):
    """strengths that fall slowly"""
    return np.sort(rng.uniform(1, 2, 40))[::-1] * np.arange(40, 0, -1), 0.217


@pieces_needed.case
def a_fast_fall(rng):
    """strengths that fall fast, in large numbers"""
    return 1e6 * 0.7 ** np.arange(30) * rng.uniform(0.98, 1.02), 0.0213


@pieces_needed.case
def equal_strengths_all(rng):
    """a hundred equal strengths"""
    return np.full(100, rng.uniform(2, 3)), 0.615


@pieces_needed.case
def nothing_left(rng):
    """a table of rank 3: its other strengths are zero"""
    return np.array([3.0, 2.0, 1.0, 0.0, 0.0]) * rng.uniform(1e-4, 1e-3), 0.01


@pieces_needed.case
def one_is_enough(rng):
    """one piece that is far stronger than all others"""
    return np.array([50.0, 1.0, 0.9, 0.8]), rng.uniform(0.05, 0.1)


def of_squared_length_64(rng):
    """Return strengths whose sums of squares no way of adding up can round."""
    return np.array([6.0, 2, 2, 2, 2, 2, 2, 2, 0]) * 2.0 ** rng.integers(-3, 4)


@pieces_needed.case
def met_exactly(rng):
    """an error that is met exactly"""
    return of_squared_length_64(rng), 0.5


@pieces_needed.case
def anything_goes(rng):
    """an error of 1, which is met without any piece"""
    return of_squared_length_64(rng), 1.0


@pieces_needed.case
def all_are_needed(rng):
    """strengths of which all are needed"""
    return np.array([4.0, 3.0, 2.0]) * rng.uniform(1, 2), 0.2


@pieces_needed.mistake
def adds_strengths(s, error):
    """You add the strengths themselves. The pieces stand at right angles, so their sizes add up like the sides of a
    right-angled triangle: square them, add, and take the root."""
    return first(np.append(np.cumsum(s[::-1])[::-1], 0) <= error * s.sum())


@pieces_needed.mistake
def forgets_the_root(s, error):
    """You compare a share of *squares* with `error`. The error is their root: 10 % of error are only 1 % of the
    squares."""
    return first(errors_left(s) ** 2 <= error)


@pieces_needed.mistake
def keeps_a_share(s, error):
    """You keep pieces until their share reaches `1 - error`. What is kept and what is lost stand at right angles, so
    they do not add up to 1: look at the pieces that you drop."""
    kept = np.append(0, np.cumsum(s**2)) / np.sum(s**2)
    return first(np.sqrt(kept) >= 1 - error)


@pieces_needed.mistake
def looks_at_one_piece(s, error):
    """You compare one strength with the first. But *all* pieces that you drop are missing, and many weak ones
    together can weigh more than one strong one."""
    return first(np.append(s, 0) <= error * s[0])


@pieces_needed.mistake
def looks_at_one_piece_of_the_whole(s, error):
    """You compare only the next piece with the whole table. All pieces after it are missing too: add up their
    squares."""
    return first(np.append(s, 0) <= error * np.linalg.norm(s))


@pieces_needed.mistake
def counts_from_zero(s, error):
    """You are one short: it looks as if you returned the position of the last piece that you keep. Positions begin
    at 0, so three pieces end at position 2."""
    return max(pieces_needed.reference(s, error) - 1, 0)


@like(pieces_needed, counts_from_zero)
def subtracts_one(s, error):
    return pieces_needed.reference(s, error) - 1


@pieces_needed.mistake
def one_more(s, error):
    """You are one piece too generous. What does your array of errors hold at position 0: the error with no piece, or
    that with one?"""
    return pieces_needed.reference(s, error) + 1


@pieces_needed.mistake
def in_absolute_terms(s, error):
    """You compare the missing part itself with `error`. Ten per cent are meant of the whole table: divide by the root
    of the sum of all squares."""
    return first(errors_left(s) * np.linalg.norm(s) <= error)


@pieces_needed.mistake
def stays_below(s, error):
    """You want an error *below* the one allowed. At most means that it may be met exactly: `<=`."""
    return first(errors_left(s) < error)


@pieces_needed.mistake
def never_none(s, error):
    """You never return 0, although an error of 1 needs no piece at all. Begin with k = 0: what is the error of
    nothing?"""
    return max(pieces_needed.reference(s, error), 1)


@pieces_needed.mistake
def never_all(s, error):
    """You never return `len(s)`. Where all pieces are needed, your search ends one too early: `range(len(s))` stops
    before `len(s)`."""
    k = pieces_needed.reference(s, error)
    return k if k < len(s) else None


@like(pieces_needed, never_all)
def never_none_and_never_all(s, error):
    k = pieces_needed.reference(s, error)
    return max(k, 1) if k < len(s) else None


@pieces_needed.mistake
def finds_nothing(s, error):
    """Where all pieces are needed you return 0: `argmax` of an array without any `True` is 0. Your errors are those
    of 0 to len(s) - 1 pieces; append the last one, of all pieces."""
    return first(errors_left(s)[:-1] <= error)


@pieces_needed.mistake
def how_many_go(s, error):
    """You return how many pieces may go. How many have to stay?"""
    return len(s) - pieces_needed.reference(s, error)


@pieces_needed.mistake
def relative_to_what_is_kept(s, error):
    """You divide what is missing by what is *kept*. The error is relative to the whole table, which is longer."""
    kept = np.sqrt(np.append(0, np.cumsum(s**2)))
    return first(errors_left(s) * np.linalg.norm(s) <= error * kept)


@pieces_needed.accepts
def with_a_loop(s, error):
    k, whole = 0, sum(value * value for value in s)
    while sum(value * value for value in s[k:]) > error**2 * whole:
        k += 1
    return k


@pieces_needed.accepts
def from_what_is_kept(s, error):
    kept = np.append(0, np.cumsum(s**2)) / np.sum(s**2)
    return np.searchsorted(kept, 1 - error**2)


@pieces_needed.accepts
def by_counting(s, error):
    left = [sum(float(value) ** 2 for value in s[k:]) ** 0.5 for k in range(len(s))]
    return np.array(sum(missing / left[0] > error for missing in left))


# --- principal_axes


def axes_of(X, k):
    return np.linalg.svd(X, full_matrices=False)[2][:k]


@Check(compare=Compare(rtol=1e-4, atol=1e-5), inputs="untouched")
def principal_axes(X, k):
    return axes_of(X - X.mean(axis=0), k)


@principal_axes.probe
def facts(answer, X, k):
    """Return what does not depend on signs, nor on the order of equals."""
    import numpy as np

    centred = X - X.mean(axis=0)
    axes = answer(X, k)
    if axes is None:
        return {"shape": "None: no return?"}
    try:
        axes = np.asarray(axes, dtype=float)
    except (TypeError, ValueError):  # a pair of arrays, say
        return {"shape": "not a table of numbers"}
    if axes.shape != (k, X.shape[1]):
        return {"shape": axes.shape}
    dots, lengths = axes @ axes.T, np.linalg.norm(axes, axis=1)
    return {
        "shape": axes.shape,
        "length of each axis": lengths,
        "all at right angles": bool(np.all(np.abs(dots - np.diag(lengths**2)) <= 1e-4 * np.outer(lengths, lengths))),
        "share of the variance along each axis": (centred @ axes.T).var(axis=0) / X.var(axis=0).sum(),
    }


@principal_axes.property
def one_axis_per_row(result, X, k):
    """The axes are a table of shape `(k, d)`, one axis per row."""
    return result["shape"] == (k, X.shape[1])


@principal_axes.property
def of_length_one(result, X, k):
    """Every axis has length 1."""
    return np.allclose(result["length of each axis"], 1, atol=1e-4)


@principal_axes.property
def at_right_angles(result, X, k):
    """The axes stand at right angles to one another."""
    return result["all at right angles"]


@principal_axes.case
def a_cloud_far_away(rng):
    """a cloud far from zero, longest at a right angle to the way there"""
    X = rng.normal(size=(60, 3)) * [1, 4, 2]
    return np.add(X, [30, 0, 10]), 2


@principal_axes.case
def a_tilted_cloud(rng):
    """a tilted, lopsided cloud with columns of very different size"""
    return rng.exponential(size=(50, 4)) @ rng.normal(size=(4, 4)) * [1, 2, 3, 10], 3


@principal_axes.case
def few_rows(rng):
    """more columns than rows"""
    return rng.normal(5, 1, (6, 9)), 2


@principal_axes.case
def a_single_axis(rng):
    """k = 1"""
    return rng.normal(size=(30, 3)) @ rng.normal(size=(3, 3)) + [5, -5, 0], 1


@principal_axes.case
def equal_variances(rng):
    """four directions with exactly the same variance"""
    ends = np.diag([3.0, 3.0, 3.0, 3.0, 1.0]) @ np.linalg.qr(rng.normal(size=(5, 5)))[0]
    return np.vstack([ends, -ends]) + 7, 5


@principal_axes.mistake
def forgets_to_centre(X, k):
    """You did not subtract the mean. Your first axis then points from zero to the middle of the cloud, which says
    where the cloud is, and nothing about how it spreads."""
    return axes_of(X, k)


@principal_axes.mistake
def standardises(X, k):
    """You divided by the standard deviations too. That gives every column the same say, which is often wise, but here
    the columns share one unit. Subtract the mean and leave the spread as it is."""
    return axes_of((X - X.mean(axis=0)) / X.std(axis=0), k)


@principal_axes.mistake
def centres_the_rows(X, k):
    """You subtracted the mean of each *row*. The middle of the cloud is one point: the mean of every column, with
    `axis=0`."""
    return axes_of(X - X.mean(axis=1, keepdims=True), k)


@principal_axes.mistake
def one_number_for_all(X, k):
    """`X.mean()` without an axis is one number for the whole table. The middle of the cloud is a point with a mean per
    column: `axis=0`."""
    return axes_of(X - X.mean(), k)


@principal_axes.mistake
def columns_of_vt(X, k):
    """You took columns of `Vt`. NumPy returns V already transposed: axis i is *row* i."""
    return np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2][:, :k].T


@principal_axes.mistake
def stands_upright(X, k):
    """Your axes stand in the columns. One axis per *row* is wanted: shape `(k, d)`."""
    return principal_axes.reference(X, k).T


@principal_axes.mistake
def shortest_first(X, k):
    """Your axes are those along which the cloud spreads least. `svd` returns the strongest first, `eigh` the weakest:
    which end do you cut off?"""
    return np.linalg.eigh(np.cov(X.T))[1].T[:k]


@like(principal_axes, shortest_first)
def last_rows_of_vt(X, k):
    return axes_of(X - X.mean(axis=0), None)[-k:]


@principal_axes.mistake
def largest_last(X, k):
    """These are the right axes, but the one with the largest spread stands last. (`eigh` returns the weakest
    first.) Turn the order around."""
    return principal_axes.reference(X, k)[::-1]


@principal_axes.mistake
def crooked_among_equals(X, k):
    """Where several directions spread equally, your axes are not at right angles. If you use `np.linalg.eig`: it does
    not know that a covariance matrix is symmetric. `np.linalg.eigh` does."""
    values, vectors = np.linalg.eig(np.cov(X.T))
    return np.real(vectors[:, np.argsort(-np.real(values))].T[:k])


@principal_axes.mistake
def rows_of_eigh(X, k):
    """You took rows of what `eigh` returns. Its eigenvectors stand in the *columns*: transpose first."""
    return np.linalg.eigh(np.cov(X.T))[1][::-1][:k]


@principal_axes.mistake
def all_of_them(X, k):
    """You return all axes. Only the first `k` are wanted."""
    return axes_of(X - X.mean(axis=0), None)


@principal_axes.mistake
def still_with_strength(X, k):
    """Your axes still carry their strength. An axis is a direction: its length is 1."""
    _, s, Vt = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    return s[:k, None] * Vt[:k]


@principal_axes.mistake
def scores(X, k):
    """You return where each row lies along the axes (its *scores*), one line per row of `X`. Wanted are the axes
    themselves, with one number per column of `X`."""
    centred = X - X.mean(axis=0)
    return centred @ axes_of(centred, k).T


@principal_axes.mistake
def axes_among_the_rows(X, k):
    """Your axes have a number for every row of `X`, where one for every column is wanted. Is a table lying on its
    side? (`np.cov` takes rows for variables: it wants `X.T`.)"""
    return np.linalg.eigh(np.cov(X))[1][:, ::-1].T[:k]


@principal_axes.accepts
def with_sklearn(X, k):
    return PCA(n_components=k).fit(X).components_


@principal_axes.accepts
def from_the_covariance(X, k):
    vectors = np.linalg.eigh(np.cov(X, rowvar=False))[1]
    return [-vectors[:, -1 - i] for i in range(k)]


@principal_axes.accepts
def from_the_other_side(X, k):
    return np.linalg.svd((X - X.mean(axis=0)).T)[0].T[:k].astype(np.float32)


@principal_axes.accepts
def as_a_table(X, k):
    import pandas as pd  # only where answers are rehearsed: a learner may be without it

    centred = pd.DataFrame(X) - pd.DataFrame(X).mean()
    return pd.DataFrame(np.linalg.svd(centred)[2][:k])


# --- same_axes


@Check(inputs="untouched")
def same_axes(one, other):
    return all(np.allclose(a, b) or np.allclose(a, -b) for a, b in zip(one, other, strict=True))


def three_axes(rng):
    """Return three axes in four dimensions, no entry of which is close to zero."""
    while True:
        axes = np.linalg.qr(rng.normal(size=(4, 4)))[0][:3]
        if np.abs(axes).min() > 0.1:
            return axes


@same_axes.case
def identical(rng):
    """the same axes twice"""
    axes = three_axes(rng)
    return axes, axes.copy()


@same_axes.case
def some_turned_around(rng):
    """the first and the last axis turned around"""
    axes = three_axes(rng)
    return axes, axes * [[-1], [1], [-1]]


@same_axes.case
def rounded_differently(rng):
    """axes that differ by rounding, one of them turned around"""
    axes = three_axes(rng)
    return axes, axes * [[1], [-1], [1]] + rng.choice([-1e-12, 1e-12], axes.shape)


h = np.sqrt(0.5)


@same_axes.case
def zeros_turned_around(rng):
    """axes that begin with a zero, turned around"""
    axes = np.array([[0, h, -h, 0], [0, h, h, 0]])
    return axes, -axes


@same_axes.case
def all_turned_around(rng):
    """all axes turned around"""
    axes = three_axes(rng)
    return axes, -axes


@same_axes.case
def one_entry_turned(rng):
    """one axis in which only some entries have changed their sign"""
    axes = three_axes(rng)
    other = axes.copy()
    other[1, :2] *= -1
    return axes, other


@same_axes.case
def in_another_order(rng):
    """axes that have changed places"""
    axes = three_axes(rng)
    return axes, axes[[1, 2, 0]]


@same_axes.case
def turned_within_their_plane(rng):
    """two axes that are turned within their plane by 40 degrees"""
    return turned(three_axes(rng), 40)


def turned(axes, degrees):
    """Return axes, and the same with the first two turned within their plane."""
    turn = np.deg2rad(degrees)
    other = axes.copy()
    other[0] = np.cos(turn) * axes[0] + np.sin(turn) * axes[1]
    other[1] = np.cos(turn) * axes[1] - np.sin(turn) * axes[0]
    return axes, other


@same_axes.case
def one_degree(rng):
    """two axes that are turned by one degree"""
    return turned(three_axes(rng), 1)


@same_axes.case
def another_last_axis(rng):
    """the first axis turned around, the last replaced by another one"""
    Q = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    return Q[:3], Q[[0, 1, 3]] * [[-1], [1], [1]]


@same_axes.case
def another_that_begins_with_zero(rng):
    """an axis replaced by another one; both begin with a zero"""
    return np.array([[0, h, -h, 0], [1, 0, 0, 0]]), np.array([[0, h, 0, -h], [1, 0, 0, 0]])


@same_axes.mistake
def minds_the_signs(one, other):
    """You mind the sign. An axis that is turned around lies along the same line: its numbers are all negated, and its
    dot product with the first one is -1 instead of 1. Accept both ends of the line."""
    return np.allclose(one, other)


@same_axes.mistake
def drops_all_signs(one, other):
    """You compare the sizes of the entries, without any signs. But (0.6, 0.8) and (0.6, -0.8) are two different
    lines. An axis turns around as a whole: all its entries together, or none."""
    return np.allclose(np.abs(one), np.abs(other))


@same_axes.mistake
def one_sign_for_all(one, other):
    """You allow only that all axes are turned around together. Each axis has its own free sign: decide row by row."""
    return np.allclose(one, other) or np.allclose(one, -other)


@same_axes.mistake
def one_is_enough_for_it(one, other):
    """You are content when any axis agrees. All have to; look at `any` and `all`, or at a `return` inside a loop."""
    return any(np.allclose(a, b) or np.allclose(a, -b) for a, b in zip(one, other, strict=True))


@same_axes.mistake
def decides_at_the_first_axis(one, other):
    """Your answer is settled by the first axis. If there is a loop with two `return`s in it, it ends in the first
    round: `True` may come only after the last axis."""
    return np.allclose(np.abs(one[0] @ other[0]), 1)


@same_axes.mistake
def compares_the_planes(one, other):
    """You compare what the axes span together. Two axes can be turned within their plane, or change places, and span
    the same plane; they are different axes. Compare each with its partner."""
    return np.allclose(one.T @ one, other.T @ other)


@same_axes.mistake
def in_any_order(one, other):
    """You look for a partner anywhere. The first axis is the one with the largest spread, so the order says
    something: row i has to agree with row i."""
    return np.allclose(np.abs(one @ other.T).max(axis=1), 1)


@same_axes.mistake
def compares_exactly(one, other):
    """You compare with `==`. But two programs never round alike: the same axis comes out of them with other last
    digits. Look at `np.isclose` and `np.allclose`."""
    return all((a == b).all() or (a == -b).all() for a, b in zip(one, other, strict=True))


@same_axes.mistake
def lets_a_degree_pass(one, other):
    """Your test lets lines pass that are a degree apart. Close to 1 a dot product hardly moves: after a turn of one
    degree it is still 0.99985. Rounding is far smaller than that; allow for a millionth or less."""
    return np.all(np.abs(np.sum(one * other, axis=1)) > 0.999)


@same_axes.mistake
def settles_signs_by_the_first_entry(one, other):
    """You settle each sign by the first entry of an axis, or by their sum. Where that is zero, it settles nothing.
    Let the two axes decide together: do they point the same way, or opposite ways?"""
    return np.allclose(one * np.sign(one[:, :1]), other * np.sign(other[:, :1]))


@like(same_axes, settles_signs_by_the_first_entry)
def settles_signs_by_a_comparison(one, other):
    return np.allclose(one * np.where(one[:, :1] < 0, -1, 1), other * np.where(other[:, :1] < 0, -1, 1))


@same_axes.mistake
def always_true(one, other):
    """You say `True` in every case, even of axes that stand at right angles to their partners. What is the dot
    product of such a pair, and does your test ask for it?"""
    return True


@same_axes.mistake
def always_false(one, other):
    """You say `False` in every case, even of the same axes twice. If you ask for `== 1`: rounding makes
    0.9999999999999999 of a dot product, and `np.isclose` forgives that. If not: print what your test compares."""
    return False


@same_axes.accepts
def by_dot_products(one, other):
    return np.allclose(np.abs(np.einsum("ij,ij->i", one, other)), 1)


@same_axes.accepts
def lines_as_projections(one, other):
    return bool(np.abs(one[:, :, None] * one[:, None] - other[:, :, None] * other[:, None]).max() < 1e-6)


@same_axes.accepts
def with_a_rule_for_signs(one, other):
    def settled(axes):
        return np.array([row * np.sign(row[np.argmax(np.abs(row))]) for row in axes])

    return np.allclose(settled(one), settled(other), atol=1e-6)
