"""Decides about the exercise `fundamentals/least_squares`."""

import numpy as np

from shoshin import Check, Compare

# --- normal_equations


@Check(compare=Compare(rtol=1e-5))
def normal_equations(X, y):
    return np.linalg.solve(X.T @ X, X.T @ y)


@normal_equations.case
def columns_that_rise_together(rng):
    """three columns that rise and fall together"""
    X = rng.normal(2, 1, (12, 1)) + 0.5 * rng.normal(size=(12, 3))
    return X, X @ rng.uniform(1, 3, 3) + rng.normal(4, 1, 12)


@normal_equations.case
def columns_in_different_units(rng):
    """columns in very different units"""
    X = rng.normal(1, 1, (20, 3)) * [0.01, 1, 100]
    return X, rng.normal(5, 2, 20)


@normal_equations.case
def a_single_column(rng):
    """a single column"""
    return rng.uniform(1, 5, (6, 1)), rng.uniform(1, 5, 6)


@normal_equations.case
def nothing_left_over(rng):
    """points that a fit can meet exactly"""
    X = 3 * np.eye(6, 3) + rng.uniform(-1, 1, (6, 3))
    return X, X @ [1.0, -2.0, 3.0]


@normal_equations.mistake
def each_column_alone(X, y):
    """You fit each column as if it were alone. Columns that rise together then claim the same part of `y` twice.
    The other entries of `X.T @ X`, off its diagonal, hold what the columns share: keep the whole matrix."""
    return X.T @ y / np.sum(X**2, axis=0)


@normal_equations.mistake
def right_side_only(X, y):
    """You return `X.T @ y`, the right side of the equations. The equations still have to be solved: which `w`
    does the matrix `X.T @ X` send to it?"""
    return X.T @ y


@normal_equations.mistake
def multiplies_instead_of_solving(X, y):
    """You multiply by `X.T @ X`. But `w` stands *beside* that matrix in the equations, so the matrix has to be
    undone. Look at `np.linalg.solve`."""
    return X.T @ X @ (X.T @ y)


@normal_equations.mistake
def divides_entry_by_entry(X, y):
    """`/` divides entry by entry, and a whole matrix comes out. A system of equations is solved for all its
    unknowns together: `np.linalg.solve`."""
    return X.T @ y / (X.T @ X)


@normal_equations.mistake
def brings_an_intercept(X, y):
    """You add a column of ones. Whoever calls you decides about that, and puts the ones into `X` where they are
    wanted. Here it makes one coefficient too many."""
    X = np.c_[np.ones(len(X)), X]
    return np.linalg.lstsq(X, y, rcond=None)[0]


@normal_equations.mistake
def centres_first(X, y):
    """You subtract the means first, which is the same as an intercept: your residuals are perpendicular to a
    column of ones, and no longer to the columns of `X` as they came. Fit `X` as it is."""
    return np.linalg.lstsq(X - X.mean(axis=0), y - y.mean(), rcond=None)[0]


@normal_equations.mistake
def returns_the_predictions(X, y):
    """You return the predictions `X @ w`, one for each row. The coefficients `w` are wanted, one for each
    column."""
    return X @ normal_equations.reference(X, y)


@normal_equations.accepts
def with_the_inverse(X, y):
    return np.linalg.inv(np.einsum("ij,ik->jk", X, X)) @ np.einsum("ij,i->j", X, y)


@normal_equations.accepts
def by_svd(X, y):
    return np.linalg.pinv(X) @ y


@normal_equations.accepts
def column_after_column(X, y):
    """Elimination, written with loops."""
    w, A, b = [0.0] * X.shape[1], (X.T @ X).tolist(), (X.T @ y).tolist()
    d = len(b)
    for i in range(d):
        for j in range(i + 1, d):
            part = A[j][i] / A[i][i]
            A[j] = [low - part * high for low, high in zip(A[j], A[i], strict=True)]
            b[j] -= part * b[i]
    for i in reversed(range(d)):
        w[i] = (b[i] - sum(A[i][j] * w[j] for j in range(i + 1, d))) / A[i][i]
    return w


# --- qr_fit


@Check(inputs="untouched", compare=Compare(rtol=1e-5))
def qr_fit(X, y):
    Q, R = np.linalg.qr(X)
    return np.linalg.solve(R, Q.T @ y)


@qr_fit.probe
def facts(answer, X, y, known):
    """Return the coefficients or, where rounding decides, whether they come close enough to the known ones."""
    import numpy as np

    if known is None:
        return answer(X, y)
    try:
        w = answer(X, y)
        return w if w is None else {"three digits are right": bool(np.allclose(w, known, rtol=5e-4, atol=0))}
    except (np.linalg.LinAlgError, ValueError):  # "Singular matrix" is one of the ways to lose all digits
        return {"three digits are right": False}


def columns(rng, rows, condition):
    """Return a matrix of four columns of about the same length whose condition number is about `condition`."""
    left, right = (np.linalg.qr(rng.normal(size=(n, 4)))[0] for n in (rows, 4))
    return left * np.geomspace(1, 1 / condition, 4) @ right


@qr_fit.case
def three_columns(rng):
    """three columns and noise"""
    return *columns_that_rise_together(rng), None


@qr_fit.case
def different_units(rng):
    """columns in very different units"""
    return *columns_in_different_units(rng), None


@qr_fit.case
def nearly_dependent(rng):
    """four columns of which one is nearly a mixture of the others"""
    X, known = columns(rng, 30, 2e9), np.array([1.0, -2.0, 3.0, 1.5])
    return X, X @ known, known


@qr_fit.case
def time_stamps(rng):
    """a column of ones, and a hundred time stamps within ten seconds"""
    X = np.c_[np.ones(100), 1.76e9 + int(rng.integers(10**6)) + np.linspace(0, 10, 100)]
    known = np.array([20 - 0.25 * X[0, 1], 0.25])
    return X, X @ known, known


@qr_fit.mistake
def squares_the_condition(X, y):
    """On easy columns you are right. With nearly dependent ones the digits are gone. The usual cause is a product like
    `X.T @ X` (`R.T @ R` is the same matrix): small differences between columns become differences of squares, too
    small to be stored. Less than 16 digits (float32), or a fit that is told to disregard small differences, does it
    too. Take `X` itself apart, as it comes."""
    return np.linalg.solve(X.T @ X, X.T @ y)


@qr_fit.mistake
def drops_a_direction(X, y):
    """With time stamps the slope is lost, and no warning comes. That is what `lstsq` and `pinv` do, even when they are
    given `R`: they measure all directions by the strongest one. Beside a time stamp everything else looks like
    rounding, the slope too. `np.linalg.qr`, and `solve` with its `R`, treat each column at its own scale."""
    return np.linalg.lstsq(X, y, rcond=None)[0]


@qr_fit.mistake
def leans(X, y):
    """Time stamps come out right, nearly dependent columns do not. If you make the columns of `Q` one after the other
    (Gram-Schmidt), rounding lets the last of them lean towards the others: print `Q.T @ Q` for such an `X`.
    `np.linalg.qr` keeps the right angles."""
    Q, R = np.array(X, dtype=float), np.zeros((X.shape[1],) * 2)
    for j in range(len(R)):
        R[:j, j] = Q[:, :j].T @ Q[:, j]
        Q[:, j] -= Q[:, :j] @ R[:j, j]
        R[j, j] = np.linalg.norm(Q[:, j])
        Q[:, j] /= R[j, j]
    return np.linalg.solve(R, Q.T @ y)


@qr_fit.mistake
def divides_by_R(X, y):
    """`/` divides entry by entry, and a whole matrix comes out, with infinities where `R` is zero. Each row of `R` is
    an equation for several entries of `w`: solve them together."""
    Q, R = np.linalg.qr(X)
    return Q.T @ y / R


@qr_fit.mistake
def divides_by_the_diagonal(X, y):
    """You divide by the diagonal of `R`. Only the last equation of `R @ w` has a single unknown; in the others stand
    the entries right of the diagonal as well, with the later parts of `w`. Solve with the whole `R`."""
    Q, R = np.linalg.qr(X)
    return Q.T @ y / np.diag(R)


@qr_fit.mistake
def returns_the_shadow(X, y):
    """You return the predictions `X @ w`, one for each row. The coefficients `w` are wanted, one for each
    column."""
    Q = np.linalg.qr(X)[0]
    return Q @ (Q.T @ y)


@qr_fit.mistake
def asks_the_columns_again(X, y):
    """You combine `R` with `X.T @ y`. `R` is only half of the story: what stands opposite to it is `y` as the
    *new* columns, those of `Q`, see it."""
    return np.linalg.solve(np.linalg.qr(X)[1], X.T @ y)


@qr_fit.mistake
def stays_with_the_new_columns(X, y):
    """You return how much of each column of `Q` is needed. The question is how much of each column of `X`; `R`
    translates between them, and has to be undone."""
    return np.linalg.qr(X)[0].T @ y


@qr_fit.mistake
def multiplies_by_R(X, y):
    """You multiply by `R`. It leads from `w` to the amounts of the new columns; you know those amounts and look
    for `w`, so go the other way: solve."""
    Q, R = np.linalg.qr(X)
    return R @ (Q.T @ y)


@qr_fit.mistake
def turns_R_over(X, y):
    """You transposed `R`. It is upper triangular, and its last equation, which has one unknown, is where solving
    begins. Transposed, it answers another question."""
    Q, R = np.linalg.qr(X)
    return np.linalg.solve(R.T, Q.T @ y)


@qr_fit.accepts
def back_substitution(X, y):
    Q, R = np.linalg.qr(X, mode="complete")
    w, target = np.zeros(X.shape[1]), Q.T @ y
    for j in reversed(range(len(w))):
        w[j] = (target[j] - R[j] @ w) / R[j, j]
    return w.tolist()


@qr_fit.accepts
def gram_schmidt(X, y):
    Q, R = X.copy(), np.zeros((X.shape[1],) * 2)
    for i in range(len(R)):
        R[i, i] = np.linalg.norm(Q[:, i])
        Q[:, i] /= R[i, i]
        for j in range(i + 1, len(R)):
            R[i, j] = Q[:, i] @ Q[:, j]
            Q[:, j] -= R[i, j] * Q[:, i]
    w, rest = np.zeros(len(R)), np.array(y, dtype=float)
    amounts = []
    for q in Q.T:
        amounts.append(q @ rest)
        rest = rest - amounts[-1] * q
    for j in reversed(range(len(R))):
        w[j] = (amounts[j] - R[j] @ w) / R[j, j]
    return w


@qr_fit.accepts
def scaled_before_an_svd(X, y):
    lengths = np.linalg.norm(X, axis=0)
    return np.linalg.lstsq(X / lengths, y, rcond=0)[0] / lengths


# --- digits_to_trust


@Check(inputs="untouched", compare=Compare(rtol=0, atol=0.02))
def digits_to_trust(X):
    lost = np.log10(np.linalg.cond(X / np.linalg.norm(X, axis=0)))
    return max(0.0, 16 - 2 * lost), max(0.0, 16 - lost)


@digits_to_trust.case
def harmless(rng):
    """columns at right angles, all of the same length"""
    return 3 * np.linalg.qr(rng.normal(size=(8, 3)))[0]


@digits_to_trust.case
def alike(rng):
    """four columns that are fairly alike"""
    return columns(rng, 20, 3000)


@digits_to_trust.case
def in_other_units(rng):
    """columns in very different units, and a mean far from zero"""
    return rng.normal(3, 1, (30, 3)) * [1e-3, 1, 1e4]


@digits_to_trust.case
def nearly_one_column(rng):
    """two columns that agree to nine digits"""
    first = rng.uniform(1, 2, 10)
    return np.c_[first, first + 1e-9 * rng.normal(size=10)]


@digits_to_trust.case
def time_and_ones(rng):
    """a column of ones, and a column of years"""
    return np.c_[np.ones(30), 1990 + rng.uniform(0, 1, 30)]


@digits_to_trust.mistake
def blames_the_units(X):
    """You did not scale the columns to length one. Metres or millimetres change the singular values, but only
    multiply a coefficient: no digit is lost by that. Divide each column by its length first."""
    lost = np.log10(np.linalg.cond(X))
    return max(0.0, 16 - 2 * lost), max(0.0, 16 - lost)


@digits_to_trust.mistake
def less_than_nothing(X):
    """Nobody can lose more digits than there are: a negative count means that nothing is left. Stop at 0."""
    lost = np.log10(np.linalg.cond(X / np.linalg.norm(X, axis=0)))
    return 16 - 2 * lost, 16 - lost


@digits_to_trust.mistake
def the_wrong_way_round(X):
    """Your numbers are right, their order is not: first the normal equations, then QR."""
    return digits_to_trust.reference(X)[::-1]


@digits_to_trust.mistake
def natural_logarithm(X):
    """You took the natural logarithm (`np.log`). Decimal digits are counted by powers of ten: `np.log10`."""
    lost = np.log(np.linalg.cond(X / np.linalg.norm(X, axis=0)))
    return max(0.0, 16 - 2 * lost), max(0.0, 16 - lost)


@digits_to_trust.mistake
def centres_the_columns(X):
    """You subtracted the means. That changes the question (and it would wipe out a column of ones). Only the
    lengths are to be evened out: divide, and subtract nothing."""
    Z = X - X.mean(axis=0)
    return digits_to_trust.reference(Z)


@digits_to_trust.mistake
def divides_by_the_spread(X):
    """You divided by the standard deviation, which knows nothing of the mean; a column of ones would be divided by
    zero. The length of a column is the root of its sum of squares."""
    lost = np.log10(np.linalg.cond(X / X.std(axis=0)))
    return max(0.0, 16 - 2 * lost), max(0.0, 16 - lost)


@digits_to_trust.mistake
def the_same_for_both(X):
    """You charge both methods the same. The figure shows two slopes: normal equations work with `X.T @ X`, whose
    condition number is the *square*, so they pay twice as many digits."""
    return (digits_to_trust.reference(X)[1],) * 2


@digits_to_trust.mistake
def forgets_the_store(X):
    """You return the digits that are lost. Wanted are those that remain of 16."""
    lost = np.log10(np.linalg.cond(X / np.linalg.norm(X, axis=0)))
    return 2 * lost, lost


@digits_to_trust.mistake
def divides_the_rows(X):
    """You gave each row the length one: `axis=1` adds along a row. It is the columns that come in metres or in
    millimetres, so one length per column is wanted, `d` of them."""
    lost = np.log10(np.linalg.cond(X / np.linalg.norm(X, axis=1, keepdims=True)))
    return max(0.0, 16 - 2 * lost), max(0.0, 16 - lost)


@digits_to_trust.mistake
def standardises(X):
    """You standardised the columns (`StandardScaler` does it). To subtract the mean is to ask about another model, and
    it turns a column of ones into zeros. Divide by the lengths, and subtract nothing."""
    Z = X - X.mean(axis=0)
    spread = Z.std(axis=0)
    with np.errstate(divide="ignore"):
        lost = np.log10(np.linalg.cond(Z / np.where(spread == 0, 1, spread)))
    return max(0.0, 16 - 2 * lost), max(0.0, 16 - lost)


@digits_to_trust.mistake
def turns_the_ratio_over(X):
    """More than 16 digits? You divided the smallest singular value by the largest. The logarithm of that is negative,
    and digits are added where they should be lost."""
    s = np.linalg.svd(X / np.linalg.norm(X, axis=0), compute_uv=False)
    return 16 - 2 * np.log10(s[-1] / s[0]), 16 - np.log10(s[-1] / s[0])


@digits_to_trust.mistake
def asks_the_square(X):
    """Right, until two columns agree to nine digits. You asked `X.T @ X`, and what tells those two apart is already
    lost in it: by it QR keeps about 8 digits, however alike the columns are. Take the condition number of the
    columns themselves."""
    Z = X / np.linalg.norm(X, axis=0)
    lost = np.log10(np.linalg.cond(Z.T @ Z))
    return max(0.0, 16 - lost), max(0.0, 16 - lost / 2)


@digits_to_trust.accepts
def from_singular_values(X):
    s = np.linalg.svd(X / np.sqrt((X**2).sum(0)), compute_uv=False)
    kappa = s[0] / s[-1]
    return np.clip([-np.log10(1e-16 * kappa**power) for power in (2, 1)], 0, None)


@digits_to_trust.accepts
def with_the_exact_precision(X):
    R = np.linalg.qr(X / np.linalg.norm(X, axis=0), mode="r")
    lost = np.log10(np.linalg.norm(R, 2) * np.linalg.norm(np.linalg.inv(R), 2))
    return [max(16 - times * lost, 0) for times in (2, 1)]


# --- wobble


@Check(inputs="untouched", compare=Compare(rtol=0.01))
def wobble(X, noise):
    return noise * np.linalg.norm(np.linalg.inv(np.linalg.qr(X)[1]), axis=1)


@wobble.probe
def spread(answer, X, noise, known):
    """Return the wobble or, where rounding decides, whether it comes close enough to the known one."""
    import numpy as np

    if known is None:
        return answer(X, noise)
    try:
        came = answer(X, noise)
        return came if came is None else {"right to 5 %": bool(np.allclose(came, known, rtol=0.05, atol=0))}
    except (np.linalg.LinAlgError, ValueError):
        return {"right to 5 %": False}


@wobble.case
def two_alike_and_one_apart(rng):
    """two columns that are alike and one that is not"""
    base = rng.normal(size=(40, 1))
    return np.c_[base + 0.2 * rng.normal(size=(40, 2)), 2 * rng.normal(size=40)], 1.5, None


@wobble.case
def units(rng):
    """columns in different units, and small noise"""
    return rng.normal(1, 1, (25, 3)) * [0.1, 1, 50], 0.2, None


@wobble.case
def nearly_the_same(rng):
    """two columns that agree to nine digits"""
    first, other = np.linalg.qr(rng.normal(size=(20, 2)))[0].T
    return np.c_[first, first + 1e-9 * other], 0.3, np.array([0.3e9, 0.3e9])


@wobble.mistake
def squares_again(X, noise):
    """Right, until two columns agree to nine digits. `X.T @ X` cannot hold what tells them apart. You have a `qr`
    that can: noise reaches `w` through the inverse of `R`."""
    return noise * np.sqrt(np.diag(np.linalg.inv(X.T @ X)))


@wobble.mistake
def variance(X, noise):
    """You return the variance, which is in squared units. Take the root: a standard deviation can be compared with
    the coefficient itself."""
    return wobble.reference(X, noise) ** 2


@wobble.mistake
def forgets_the_noise(X, noise):
    """Your wobble is that of noise with standard deviation 1. Twice the noise makes twice the wobble: `noise` has
    to come in."""
    return wobble.reference(X, 1)


@wobble.mistake
def by_columns(X, noise):
    """You measured the columns of the inverse. Row j of it makes coefficient j, so the length of each *row* is
    wanted: `axis=1`."""
    return noise * np.linalg.norm(np.linalg.inv(np.linalg.qr(X)[1]), axis=0)


@wobble.mistake
def does_not_invert(X, noise):
    """You measured `R` itself. Noise takes the way from `y` to `w`, and on this way `R` is undone."""
    return noise * np.linalg.norm(np.linalg.qr(X)[1], axis=1)


@wobble.mistake
def the_diagonal_only(X, noise):
    """You look at each column by itself, as if the others were not there. Then two columns that are nearly alike
    look well determined, and they are not: how much of one could stand in for the other?"""
    return noise / np.linalg.norm(X, axis=0)


@wobble.mistake
def adds_sizes(X, noise):
    """You added the sizes of a row. Independent errors partly cancel: it is their *squares* that add up, and then
    the root is taken."""
    return noise * np.abs(np.linalg.inv(np.linalg.qr(X)[1])).sum(axis=1)


@wobble.mistake
def its_diagonal_only(X, noise):
    """You took the diagonal of the inverse. Row j of it has more entries, and each lets one more of the d noises
    into coefficient j. They are what is large when two columns are alike: measure the whole row."""
    return noise * np.abs(np.diag(np.linalg.inv(np.linalg.qr(X)[1])))


@wobble.mistake
def signed_sum(X, noise):
    """You added up the entries of a row, signs and all, so that they cancel. Noise has no sign: it is the *squares*
    that add up, and then the root is taken."""
    return noise * np.linalg.inv(np.linalg.qr(X)[1]).sum(axis=1)


@wobble.mistake
def forgets_the_root(X, noise):
    """You multiply `noise` by the sum of squares of each row. That is a length squared: take the root of it first."""
    return noise * np.sum(np.linalg.inv(np.linalg.qr(X)[1]) ** 2, axis=1)


@wobble.mistake
def noise_under_the_root(X, noise):
    """Your root is over `noise` too, so that twice the noise makes only 1.4 times the wobble. Under the root it has
    to stand squared; outside of it, as it is."""
    return np.sqrt(noise * np.sum(np.linalg.inv(np.linalg.qr(X)[1]) ** 2, axis=1))


@wobble.accepts
def from_the_pseudoinverse(X, noise):
    return [noise * sum(share**2 for share in row) ** 0.5 for row in np.linalg.pinv(X, rcond=1e-14)]


@wobble.accepts
def from_singular_vectors(X, noise):
    _, s, Vt = np.linalg.svd(X, full_matrices=False)
    return noise * np.sqrt(((Vt.T / s) ** 2).sum(axis=1))


@wobble.accepts
def one_unit_of_noise_at_a_time(X, noise):
    return noise * np.sqrt(sum(np.square(qr_fit.reference(X, row)) for row in np.eye(len(X))))
