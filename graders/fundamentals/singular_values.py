"""Decides about the exercise `fundamentals/singular_values`."""

import numpy as np
from sklearn.decomposition import PCA

from shoshin import Check, Compare

# --- low_rank


def sum_of(A, pieces):
    """Return the sum of those pieces of A that the index `pieces` picks."""
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return U[:, pieces] * s[pieces] @ Vt[pieces]


@Check(compare=None)
def low_rank(A, k):
    return sum_of(A, slice(k))


@low_rank.property
def of_the_shape_of_A(result, A, k):
    """The result is a table of the shape of `A`."""
    return np.shape(result) == A.shape


@low_rank.property
def of_rank_k_at_most(result, A, k):
    """The result is a sum of no more than `k` pieces: its rank is at most `k`."""
    return np.sum(np.linalg.svd(result, compute_uv=False) > 1e-5 * np.linalg.norm(A)) <= k


@low_rank.property
def as_near_as_can_be(result, A, k):
    """No other table of rank `k` lies nearer to `A`, measured by the sum of squared differences."""
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
    return sum_of(A, slice(len(np.linalg.svd(A, compute_uv=False)) - k, None))


@low_rank.mistake
def kth_piece_alone(A, k):
    """You return one single piece, the one with number `k`. The strong pieces before it are missing: sum up the
    first `k`."""
    return sum_of(A, slice(k, k + 1))


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


@Check
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


@pieces_needed.accepts
def with_a_loop(s, error):
    k, whole = 0, sum(value * value for value in s)
    while sum(value * value for value in s[k:]) > error**2 * whole:
        k += 1
    return k


@pieces_needed.accepts
def from_what_is_kept(s, error):
    kept = np.cumsum(s**2) / np.sum(s**2)
    return np.searchsorted(kept, 1 - error**2) + 1


# --- principal_axes


def axes_of(X, k):
    return np.linalg.svd(X, full_matrices=False)[2][:k]


@Check(compare=Compare(rtol=1e-4, atol=1e-5))
def principal_axes(X, k):
    return axes_of(X - X.mean(axis=0), k)


@principal_axes.probe
def facts(answer, X, k):
    """Return what does not depend on signs, nor on the order of equals."""
    import numpy as np

    axes = answer(X.copy(), k)
    if not isinstance(axes, (list, tuple, np.ndarray)):
        return axes
    try:
        axes = np.asarray(axes, dtype=float)
    except ValueError:  # a pair of arrays, say
        return {"shape": "not a table of numbers"}
    if axes.shape != (k, X.shape[1]):
        return {"shape": axes.shape}
    along = (X - X.mean(axis=0)) @ axes.T
    return {
        "shape": axes.shape,
        "length of each axis": np.linalg.norm(axes, axis=1),
        "largest dot product of two axes": float(np.abs(axes @ axes.T - np.diag(np.sum(axes**2, axis=1))).max()),
        "share of the variance along each axis": along.var(axis=0) / X.var(axis=0).sum(),
    }


@principal_axes.property
def one_axis_per_row(result, X, k):
    """The axes are a table of shape `(k, d)`."""
    return result["shape"] == (k, X.shape[1])


@principal_axes.property
def of_length_one(result, X, k):
    """Every axis has length 1."""
    return np.allclose(result["length of each axis"], 1, atol=1e-4)


@principal_axes.property
def at_right_angles(result, X, k):
    """The axes stand at right angles to one another."""
    return result["largest dot product of two axes"] < 1e-4


@principal_axes.case
def a_cloud_far_away(rng):
    """a cloud far from zero, longest at a right angle to the way there"""
    X = rng.normal(size=(60, 3)) * [1, 4, 2]
    return np.add(X, [30, 0, 10]), 2


@principal_axes.case
def a_tilted_cloud(rng):
    """a tilted cloud with columns in different units"""
    return rng.normal(size=(50, 4)) @ rng.normal(size=(4, 4)) * [1, 2, 3, 10], 3


@principal_axes.case
def few_rows(rng):
    """more columns than rows"""
    return rng.normal(5, 1, (6, 9)), 2


@principal_axes.case
def equal_variances(rng):
    """two directions with exactly the same variance"""
    Q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    return np.vstack([3 * np.eye(3)[:2], -3 * np.eye(3)[:2], [[0, 0, 1], [0, 0, -1]]]) @ Q + 7, 3


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
    """Your axes are those along which the cloud spreads least. `eigh` returns the smallest first; turn the order
    around before you cut."""
    return np.linalg.eigh(np.cov(X.T))[1].T[:k]


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


@principal_axes.accepts
def with_sklearn(X, k):
    return PCA(n_components=k).fit(X).components_


@principal_axes.accepts
def from_the_covariance(X, k):
    vectors = np.linalg.eigh(np.cov(X, rowvar=False))[1]
    return [-vectors[:, -1 - i] for i in range(k)]


@principal_axes.accepts
def from_the_other_side(X, k):
    return np.linalg.svd((X - X.mean(axis=0)).T)[0].T[:k]


# --- same_axes


@Check
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
    return axes, axes * [[-1], [1], [-1]] + 1e-12


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
    """two axes that have changed places"""
    axes = three_axes(rng)
    return axes, axes[[1, 0, 2]]


@same_axes.case
def turned_within_their_plane(rng):
    """two axes that are turned within their plane by 40 degrees"""
    axes, turn = three_axes(rng), np.deg2rad(40)
    other = axes.copy()
    other[0] = np.cos(turn) * axes[0] + np.sin(turn) * axes[1]
    other[1] = np.cos(turn) * axes[1] - np.sin(turn) * axes[0]
    return axes, other


@same_axes.case
def another_last_axis(rng):
    """the last axis replaced by another one"""
    Q = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    return Q[:3], Q[[0, 1, 3]]


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
