"""Decides about the exercise `fundamentals/projections`."""

import numpy as np
from sklearn.linear_model import LinearRegression

from shoshin import Check


def at_zeros(check, *results):
    """Declare a mistake once for each thing that an answer may do with zeros: divide by them, or return a result."""

    def declare(mistake):
        def divides(one, other):
            return mistake(one, other)

        divides.__name__ = f"{mistake.__name__}_and_divides_by_zero"
        divides.__doc__ = f"{mistake.__doc__} Then look at the vector of zeros: you divide by zero there."
        check.mistake(divides)
        for number, result in enumerate(results):
            check.mistake(asking_first(mistake, result, "_too" * number))
        return mistake

    return declare


def asking_first(mistake, result, ending):
    """Return a mistake that meets zeros with a result of its own."""

    def asks(one, other):
        return mistake(one, other) if one.any() and other.any() else result(one, other)

    asks.__name__, asks.__doc__ = mistake.__name__ + ending, mistake.__doc__
    return asks


def nought(one, other):
    return 0.0


def zeros(one, other):
    return np.zeros(len(one))


def length(a):
    return np.sqrt(a @ a)


# 1. cosine


@Check(inputs="untouched")
def cosine(a, b):
    return direction(a, b) if a.any() and b.any() else 0.0


def direction(a, b):
    return a @ b / (length(a) * length(b))


@cosine.case
def long_and_short(rng):
    """a long vector and a short one"""
    return rng.uniform(1, 9, 5) * 100, rng.uniform(1, 9, 5)


@cosine.case
def nearly_opposite(rng):
    """two vectors that point away from each other"""
    a = rng.normal(size=6)
    return a, -3 * a + rng.normal(0, 0.3, 6)


@cosine.case
def adds_up_to_zero(rng):
    """a vector with a 0 among its entries, which add up to 0"""
    x, y = rng.integers(1, 5, 2)
    return np.array([x, 0.0, y, -x - y]), rng.uniform(1, 9, 4) * [1, 2, 3, 4]


@cosine.case
def tiny_numbers(rng):
    """two vectors of numbers around 0.000000001"""
    return rng.normal(size=4) * 1e-9, rng.normal(size=4) * 1e-9


@cosine.case
def only_zeros(rng):
    """a `b` that holds only zeros"""
    return rng.normal(size=4), np.zeros(4)


@cosine.case
def only_zeros_first(rng):
    """an `a` that holds only zeros"""
    return np.zeros(4), rng.normal(size=4)


@cosine.mistake
def only_multiplies(a, b):
    """You returned the dot product itself. It grows with the length of both arrows: twice the ink, twice the product.
    Divide by both lengths, and only the direction counts."""
    return a @ b


@at_zeros(cosine, nought)
def forgets_the_roots(a, b):
    """You divided by `a @ a` and `b @ b`. Those are the *squared* lengths. Test it: an arrow with itself must give
    1."""
    return a @ b / ((a @ a) * (b @ b))


@at_zeros(cosine, nought)
def forgets_the_brackets(a, b):
    """Python works through `p / q * r` from left to right: it divides by the first length, then *multiplies* by the
    second. Put the product of the lengths into brackets."""
    return a @ b / length(a) * length(b)


@at_zeros(cosine, nought)
def divides_by_one_length(a, b):
    """You divided by the length of `b` only. That of `a` still counts: twice the ink, twice the result. Divide by
    both."""
    return a @ b / length(b)


@at_zeros(cosine, nought)
def divides_by_the_first_length(a, b):
    """You divided by the length of `a` only. That of `b` still counts: twice the ink, twice the result. Divide by
    both."""
    return a @ b / length(a)


@at_zeros(cosine, nought)
def drops_the_sign(a, b):
    """You dropped the sign. A negative cosine says that two arrows point away from each other, and that is news."""
    return abs(direction(a, b))


@at_zeros(cosine, nought, lambda a, b: 1.0)
def returns_a_distance(a, b):
    """You returned 1 minus the cosine, which SciPy calls cosine distance: 0 for the same direction. Here the same
    direction gives 1."""
    return 1 - direction(a, b)


@at_zeros(cosine, nought, lambda a, b: np.pi / 2)
def returns_the_angle(a, b):
    """You went one step further and returned the angle itself. Leave out the `arccos`: 1 is the same direction, 0 a
    right angle, -1 the opposite."""
    return np.arccos(direction(a, b))


@at_zeros(cosine, nought)
def subtracts_the_means(a, b):
    """You subtracted the means first. That is the correlation, a near relative which comes a little later. The cosine
    takes the arrows as they are."""
    return direction(a - a.mean(), b - b.mean())


@cosine.mistake
def divides_by_zero(a, b):
    """You are nearly there. An arrow of length 0 has no direction, and you divided by its length: `nan`. Return 0.0
    there."""
    return direction(a, b)


@cosine.mistake
def asks_only_a(a, b):
    """You are nearly there. You asked whether `a` is all zeros. `b` may be so too, and then you divide by its length,
    0."""
    return direction(a, b) if a.any() else 0.0


@cosine.mistake
def asks_only_b(a, b):
    """You are nearly there. You asked whether `b` is all zeros. `a` may be so too, and then you divide by its length,
    0."""
    return direction(a, b) if b.any() else 0.0


@cosine.mistake
def takes_one_zero_for_all(a, b):
    """You are nearly there, but you return 0.0 for an arrow that has a direction: a single entry of 0 does not make it
    vanish, and a sum of 0 does not either. Only where *every* entry is 0 is the length 0."""
    return direction(a, b) if a.all() and b.all() else 0.0


@cosine.mistake
def takes_tiny_for_zero(a, b):
    """You are nearly there, but you take tiny numbers for zeros (`np.isclose` does so with all below 0.00000001). A
    short arrow has a direction like any other. Ask whether a length is exactly 0."""
    return direction(a, b) if max(abs(a)) > 1e-7 and max(abs(b)) > 1e-7 else 0.0


def adds(epsilon):
    def adds_a_small_number(a, b):
        """You added a small number to the lengths, so that nothing divides by zero. For short arrows that number is no
        longer small, and they seem to stand at right angles to everything. Ask whether a length is 0."""
        return a @ b / (length(a) * length(b) + epsilon)

    adds_a_small_number.__name__ += f"_{epsilon:.0e}".replace("-", "")
    return adds_a_small_number


for epsilon in (1e-8, 1e-9, 1e-10, 1e-12):
    cosine.mistake(adds(epsilon))


@cosine.accepts
def of_unit_vectors(a, b):
    if not (a.any() and b.any()):
        return 0
    return np.sum(a / np.linalg.norm(a) * (b / np.linalg.norm(b)))


@cosine.accepts
def number_by_number(a, b):
    product = sum(float(x) * float(y) for x, y in zip(a, b, strict=True))
    lengths = sum(x * x for x in a) ** 0.5 * sum(y * y for y in b) ** 0.5
    return product / lengths if lengths else 0.0


# 2. project


@Check(inputs="untouched")
def project(y, x):
    return shadow(y, x) if x.any() else zeros(y, x)


def shadow(y, x):
    return (x @ y) / (x @ x) * x


@project.case
def in_the_plane(rng):
    """two arrows in the plane"""
    return rng.uniform(2, 5, 2), np.array([3.0, 1.0])


@project.case
def away(rng):
    """an arrow that points away from the line's arrow"""
    x = rng.normal(0, 20, 5)
    return rng.normal(size=5) - 0.2 * x, x


@project.case
def very_short_line(rng):
    """a line given by a very short arrow"""
    return rng.normal(0, 50, 4), rng.normal(size=4) * 1e-9


@project.case
def no_line(rng):
    """an `x` that holds only zeros"""
    return rng.normal(size=3), np.zeros(3)


@at_zeros(project, zeros, nought)
def returns_the_multiple(y, x):
    """You returned the number by which `x` has to be multiplied. The shadow is an arrow of its own: multiply `x` by
    that number."""
    return (x @ y) / (x @ x)


@at_zeros(project, zeros)
def forgets_the_brackets(y, x):
    """Python reads `x @ y / x @ x` from left to right: `/` and `@` have the same rank, so you divided by the array `x`
    and went on multiplying. Put each dot product into brackets of its own."""
    return (x @ y / x) @ x * x


@at_zeros(project, zeros)
def divides_by_the_length(y, x):
    """You divided by the length of `x` once. Test it: if `x` becomes twice as long, the line stays where it is, and
    so must the shadow. `x` appears twice above the fraction bar, so its length belongs twice below it."""
    return (x @ y) / length(x) * x


@project.mistake
def takes_x_for_a_unit_vector(y, x):
    """You multiplied and never divided. That is right for an `x` of length 1. Here `x` has any length; the shadow must
    not depend on it."""
    return (x @ y) * x


@project.mistake
def casts_the_wrong_shadow(y, x):
    """You threw the shadow of `x` onto the line of `y`. The result has to lie on the line of `x`: it is a multiple of
    `x`."""
    return (x @ y) / (y @ y) * y


@project.mistake
def divides_by_the_wrong_square(y, x):
    """Your arrow lies on the right line, at the wrong place: you divided by `y @ y`. Try `y = x`: an arrow on the
    line is its own shadow. Then make `y` twice as long."""
    return (x @ y) / (y @ y) * x


@at_zeros(project, zeros, lambda y, x: y)
def returns_the_rest(y, x):
    """You returned what is left of `y` without its shadow, the upright piece. The shadow is the other piece."""
    return y - shadow(y, x)


@at_zeros(project, zeros)
def drops_the_side(y, x):
    """The length is right, the side is not always: where `y` points away from `x`, the shadow falls behind the
    starting point. Keep the sign of the dot product."""
    return abs((x @ y) / (x @ x)) * x


@at_zeros(project, zeros)
def shortens_y(y, x):
    """You shortened `y` to the length of its shadow. The length is right, the direction is still that of `y`. The
    shadow lies along `x`."""
    return direction(y, x) * y


@at_zeros(project, zeros)
def forgets_to_add_up(y, x):
    """You multiplied entry by entry and never added up: `x * y` is an array, the dot product `x @ y` is one number."""
    return x * y / (x @ x) * x


@project.mistake
def divides_by_the_zero(y, x):
    """You are nearly there. With an `x` of zeros there is no line, only the starting point, and you divided by zero:
    `nan`. The shadow is the starting point itself, zeros."""
    return shadow(y, x)


@project.mistake
def takes_tiny_for_zero_length(y, x):
    """You are nearly there, but you take tiny numbers for zeros (`np.isclose` does so with all below 0.00000001). A
    short `x` has a road like any other. Ask whether `x` is exactly 0."""
    return zeros(y, x) if max(abs(x)) < 1e-7 else shadow(y, x)


def adds_to_the_square(epsilon):
    def adds_below_the_bar(y, x):
        """You added a small number below the fraction bar, so that nothing divides by zero. For a short `x` that number
        is no longer small, and the shadow shrinks. Ask whether `x` is all zeros."""
        return (x @ y) / (x @ x + epsilon) * x

    adds_below_the_bar.__name__ += f"_{epsilon:.0e}".replace("-", "")
    return adds_below_the_bar


for epsilon in (1e-8, 1e-9, 1e-10, 1e-12):
    project.mistake(adds_to_the_square(epsilon))


@project.accepts
def by_least_squares(y, x):
    return x * np.linalg.lstsq(x[:, None], y, rcond=None)[0]


@project.accepts
def with_a_unit_vector(y, x):
    size = float(np.linalg.norm(x))
    unit = [float(entry) / (size or 1) for entry in x]
    along = sum(u * v for u, v in zip(unit, y, strict=True))
    return [along * u for u in unit]


# 3. project_onto


@Check(inputs="untouched")
def project_onto(y, X):
    return X @ weights(y, X)


def weights(y, X):
    return np.linalg.lstsq(X, y, rcond=None)[0]


@project_onto.case
def leaning_columns(rng):
    """two columns that are not at right angles"""
    x = rng.normal(2, 1, 6)
    return rng.normal(5, 3, 6), np.c_[x, x + rng.normal(1, 0.5, 6)]


@project_onto.case
def a_single_column(rng):
    """a single column"""
    return rng.normal(3, 2, 5), rng.normal(2, 1, (5, 1))


@project_onto.case
def the_same_twice(rng):
    """the same column twice, in metres and in half metres"""
    x = rng.integers(1, 9, 5).astype(float)
    return rng.integers(-9, 9, 5) + 0.5, np.c_[x, 2 * x]


@project_onto.case
def more_columns_than_rows(rng):
    """more columns than rows"""
    size = float(rng.choice([1, 2, 4]))
    return rng.normal(4, 2, 2), size * np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])


@project_onto.case
def mixtures_and_zeros(rng):
    """four columns: two, a mixture of them, and one of zeros"""
    u, v = rng.normal(2, 1, (2, 3))
    return rng.normal(4, 2, 3), np.c_[u, v, 0.3 * u + 0.7 * v, zeros(u, v)]


def with_either_shadow(mistake):
    """Declare a mistake, and once more as made by an answer that divides by the length of a column of zeros."""

    def divides(y, X):
        return mistake(y, X, shadow)

    def asks(y, X):
        return mistake(y, X, project.reference)

    asks.__name__, asks.__doc__ = mistake.__name__, mistake.__doc__
    divides.__name__ = f"{mistake.__name__}_and_divides_by_zero"
    divides.__doc__ = f"{mistake.__doc__} Then look at a column of zeros: you divide by zero there."
    project_onto.mistake(asks)
    project_onto.mistake(divides)


@with_either_shadow
def adds_the_single_shadows(y, X, shadow):
    """You added up the shadows on the single columns. Where two columns lean towards each other they both claim the
    part they share, and it is counted twice. Only columns at right angles may be treated one by one. Find weights
    for all columns together."""
    return sum(shadow(y, column) for column in X.T)


@with_either_shadow
def one_after_another(y, X, shadow):
    """You took the shadow of the shadow: onto the first column, then that onto the next. Each step throws something
    away that another column could still have used. All columns have to work together."""
    for column in X.T:
        y = shadow(y, column)
    return y


@with_either_shadow
def takes_away_in_turn(y, X, shadow):
    """You took the columns in turn, each time from what the last one had left. What remains is upright on the last
    column, and leans on the first again. First make the *columns* upright on one another, or let NumPy find all
    weights together."""
    left = y
    for column in X.T:
        left = left - shadow(left, column)
    return y - left


@project_onto.mistake
def divides_by_nothing(y, X):
    """You made the columns upright one after the other, a good way. Of a column that says nothing new nothing remains,
    and you divided by its length: `nan`. Leave out a column of which (nearly) nothing remains."""
    rank = np.linalg.matrix_rank(X)
    return np.full(len(y), np.nan) if rank < X.shape[1] else project_onto.reference(y, X)


@project_onto.mistake
def returns_the_weights(y, X):
    """You returned the weights, one per column. The shadow is the mixture they make: as long as `y`, one number per
    row. Multiply `X` by them."""
    return weights(y, X)


@project_onto.mistake
def returns_what_is_left(y, X):
    """You returned the residual, what the columns cannot reach. The shadow is what they can."""
    return y - project_onto.reference(y, X)


@project_onto.mistake
def adds_an_intercept(y, X):
    """Your floor has one column more than `X`: `LinearRegression` adds an intercept, a column of ones, unless told
    `fit_intercept=False`. Here the floor is what the columns of `X` span, no more."""
    return LinearRegression().fit(X, y).predict(X)


@project_onto.mistake
def trips_over_repeated_columns(y, X):
    """You solved the normal equations, or inverted `X.T @ X`. That breaks as soon as a column says nothing new:
    infinitely many weights then make the same shadow, and the matrix has no inverse. The shadow is still a single
    one; `np.linalg.lstsq` finds it."""
    return X @ np.linalg.solve(X.T @ X, X.T @ y)


@project_onto.mistake
def trusts_qr_with_repeated_columns(y, X):
    """You gave a share of `y` to a direction that the columns do not have. QR and SVD return as many directions as
    there are columns (or rows), even if a column says nothing new: the rest is rounding noise. Drop directions of
    (nearly) no length, or let `np.linalg.lstsq` do it."""
    Q, _ = np.linalg.qr(X)
    return Q @ (Q.T @ y)


@project_onto.accepts
def with_the_pseudoinverse(y, X):
    return X @ np.linalg.pinv(X) @ y


@project_onto.accepts
def with_singular_vectors(y, X):
    U, sizes, _ = np.linalg.svd(X, full_matrices=False)
    U = U[:, sizes > 1e-10 * sizes[0]]
    return U @ U.T @ y


@project_onto.accepts
def upright_columns_in_a_loop(y, X):
    total, upright = np.zeros(len(y)), []
    for column in X.T:
        rest = column - sum((shadow(column, u) for u in upright), 0 * y)
        if length(rest) > 1e-9 * length(column):
            upright.append(rest)
            total = total + shadow(y, rest)
    return total.tolist()


@project_onto.accepts
def with_scikit_learn(y, X):
    return LinearRegression(fit_intercept=False).fit(X, y).predict(X)


# 4. is_best_fit


@Check(inputs="untouched")
def is_best_fit(y, X, w):
    return all(at_right_angle(y, X, w))


def fitted(rng, columns=2, rows=12):
    """Return y, X and the best weights."""
    X = rng.normal(2, 1, (rows, columns))
    y = X @ rng.uniform(1, 3, columns) + rng.normal(size=rows)
    return y, X, weights(y, X)


@is_best_fit.case
def best(rng):
    """the best weights"""
    return fitted(rng)


@is_best_fit.case
def overshoots(rng):
    """a single weight, ten per cent too large"""
    y, X, w = fitted(rng, columns=1)
    return y, X, 1.1 * w


@is_best_fit.case
def upright_on_its_own_line(rng):
    """weights of the wrong proportion, at their best length"""
    y, X, w = fitted(rng)
    off = w * [1.5, 0.5]
    return y, X, off * ((X @ off) @ y / ((X @ off) @ (X @ off)))


@is_best_fit.case
def mean_residual_zero(rng):
    """a wrong slope, and residuals that add up to zero"""
    x = rng.normal(2, 1, 12)
    y = 1 + 2 * x + rng.normal(0, 0.5, 12)
    return y, np.c_[np.ones(12), x], np.array([y.mean() - x.mean(), 1.0])


@is_best_fit.case
def nothing_left(rng):
    """a perfect fit, but for rounding, of numbers in the ten thousands"""
    _, X, w = fitted(rng)
    return 1e4 * (X @ w + 1e-11 * rng.normal(size=12)), 1e4 * X, w


@is_best_fit.case
def other_weights(rng):
    """a column that occurs twice, so that many weights are best"""
    y, X, w = fitted(rng, columns=1)
    return y, np.c_[X, X], np.array([w[0] + 2, -2.0])


@is_best_fit.case
def huge_numbers(rng):
    """the best weights for numbers in the hundred billions"""
    y, X, w = fitted(rng)
    return 1e11 * y, 1e11 * X, w


@is_best_fit.case
def tiny_numbers_not_best(rng):
    """weights that are not the best, for numbers around 0.000000001"""
    y, X, w = fitted(rng)
    return 1e-9 * y, 1e-9 * X, w + 0.5


@is_best_fit.case
def tiny_numbers(rng):
    """the best weights for numbers around 0.000000001"""
    y, X, w = fitted(rng)
    return 1e-9 * y, 1e-9 * X, w


@is_best_fit.case
def products_that_cancel(rng):
    """products with two columns of the same size and of opposite sign"""
    y, X, w = fitted(rng)
    return y, X, w + np.linalg.solve(X.T @ X, [4.0, -4.0])


@is_best_fit.case
def only_the_last_column(rng):
    """a residual at a right angle to the last column, and not to the first"""
    y, X, w = fitted(rng)
    return y, X, w + np.linalg.solve(X.T @ X, [4.0, 0.0])


@is_best_fit.case
def a_column_of_tiny_numbers(rng):
    """a column of numbers around 0.0000000001 beside an ordinary one, and a wrong weight for it"""
    y, X, w = fitted(rng)
    first, second = X.T
    half_more = 1.5 * w[1]
    return y, X * [1, 1e-10], np.array([first @ (y - half_more * second) / (first @ first), 1e10 * half_more])


@is_best_fit.case
def nearly_best(rng):
    """weights that are 0.01 per cent too large, for numbers in the thousands"""
    y, X, w = fitted(rng)
    return 1e3 * y, 1e3 * X, 1.0001 * w


@is_best_fit.case
def best_but_for_rounding(rng):
    """the best weights, but for the eighth digit behind the point"""
    y, X, w = fitted(rng)
    return 1e-2 * y, 1e-2 * X, w * (1 + 1e-8)


@is_best_fit.case
def whole_numbers(rng):
    """the best weights for whole numbers, so that every product is exactly zero"""
    y = rng.integers(1, 9, 3).astype(float)
    return y, np.eye(3)[:, :2], y[:2]


@is_best_fit.mistake
def adds_the_products_up(y, X, w):
    """You added up the products of all columns, and +4 and -4 cancel out. Each column has to pass on its own."""
    return abs(np.sum(X.T @ (y - X @ w))) <= 1e-6 * length(X.ravel()) * length(y)


@is_best_fit.mistake
def takes_one_length_for_all(y, X, w):
    """You used one length for all columns. (`np.linalg.norm(X)` without an axis gives a single one.) Beside a large
    column everything that a small one has to say passes for rounding. Each column has a length of its own: `axis=0`."""
    return bool(np.all(np.abs(X.T @ (y - X @ w)) <= 1e-6 * length(X.ravel()) * length(y)))


@is_best_fit.mistake
def looks_at_the_fit_only(y, X, w):
    """You checked that the residual stands upright on the fit. On that one arrow it does as soon as the fit has its
    best *length*, whatever its direction. Ask every column of `X`."""
    left = y - X @ w
    return abs((X @ w) @ left) <= 1e-6 * length(X @ w) * length(y)


@is_best_fit.mistake
def adds_the_residuals_up(y, X, w):
    """You checked that the residuals add up to zero. That is a right angle with a column of ones: neither necessary, if
    no such column is there, nor enough, if there are others. Ask every column of `X`."""
    return abs(np.sum(y - X @ w)) <= 1e-6 * length(y)


@is_best_fit.mistake
def asks_the_first_column(y, X, w):
    """You asked the first column only. (Does a `return` stand inside the loop, so that it ends in the first round?)
    Every column of `X` has to stand at a right angle to the residual."""
    return at_right_angle(y, X, w)[0]


@is_best_fit.mistake
def asks_the_last_column(y, X, w):
    """What the last column says replaces what the others have said. Every column of `X` has to stand at a right angle
    to the residual: one that does not settles the matter."""
    return at_right_angle(y, X, w)[-1]


@is_best_fit.mistake
def one_is_enough(y, X, w):
    """You let one right angle be enough. Every column of `X` has to stand at a right angle to the residual, all of
    them."""
    return any(at_right_angle(y, X, w))


def at_right_angle(y, X, w):
    return [bool(abs(x @ (y - X @ w)) <= 1e-6 * length(x) * length(y)) for x in X.T]


@is_best_fit.mistake
def forgets_the_sign(y, X, w):
    """You asked whether the products are smaller than a small number. A large negative one is that too. Compare their
    size, without the sign."""
    return bool(np.all(X.T @ (y - X @ w) <= 1e-6 * length(y)))


@is_best_fit.mistake
def ignores_the_unit(y, X, w):
    """You compared with a fixed small number. In tiny units every product is below it, in huge units rounding alone is
    above it. Compare with 0.000001 times both lengths, of the column and of `y`."""
    return bool(np.all(np.abs(X.T @ (y - X @ w)) < 1e-8))


@is_best_fit.mistake
def wants_exactly_zero(y, X, w):
    """You asked whether the products are exactly zero. Rounding leaves something like 0.00000000000001 even for the
    best weights. How large may a product be and still count as zero? The task says so."""
    return bool(np.all(X.T @ (y - X @ w) == 0))


@is_best_fit.mistake
def forgets_the_length_of_y(y, X, w):
    """You compared with the length of the column only. Then the unit of `y` decides: in euros the weights would be
    best, in cents not. Multiply by the length of `y` too."""
    return all(abs(x @ (y - X @ w)) <= 1e-6 * length(x) for x in X.T)


@is_best_fit.mistake
def forgets_the_length_of_the_column(y, X, w):
    """You compared with the length of `y` only. Then the unit of a column decides: in tiny units its products are tiny
    too, whatever its weight. Multiply by the length of the column too."""
    return all(abs(x @ (y - X @ w)) <= 1e-6 * length(y) for x in X.T)


@is_best_fit.mistake
def compares_with_squares(y, X, w):
    """You compared with the *squared* lengths. For large numbers these are far too generous, for small ones far too
    strict. A root is missing."""
    return all(abs(x @ (y - X @ w)) <= 1e-6 * (x @ x) * (y @ y) for x in X.T)


@is_best_fit.mistake
def is_too_generous(y, X, w):
    """Your test is too generous: weights pass that are 0.01 per cent off. Take the product of the residual with each
    column, and count it as zero up to 0.000001 times both lengths, no more."""
    return all(abs(x @ (y - X @ w)) <= 1e-3 * length(x) * length(y) for x in X.T)


@is_best_fit.mistake
def compares_distances(y, X, w):
    """You compared the distance with the smallest possible one. Near the best weights the distance hardly changes, like
    the floor of a valley: weights that are visibly off still look best. The right angle is the sharper test."""
    return bool(np.isclose(length(y - X @ w), length(y - project_onto.reference(y, X))))


@is_best_fit.mistake
def compares_fits_within_a_fixed_number(y, X, w):
    """You compared the fit with the best one, a good idea. But `np.allclose` takes any two numbers for equal whose
    difference is below 0.00000001, and in tiny units all are. Pass `atol=0`, or ask for the right angles."""
    return np.allclose(X @ w, project_onto.reference(y, X))


@is_best_fit.mistake
def compares_weights(y, X, w):
    """You compared `w` with weights that you computed yourself. Where columns repeat each other, many weights make the
    same best fit. Ask the residual, it knows nothing of weights."""
    return np.allclose(w, weights(y, X))


@is_best_fit.mistake
def wants_a_perfect_fit(y, X, w):
    """You asked whether anything is left at all. The best fit may be far from perfect: what is left has to be at right
    angles to the columns, not zero."""
    return np.allclose(X @ w, y, rtol=1e-6)


@is_best_fit.mistake
def wants_hardly_anything_left(y, X, w):
    """You asked whether the residual is (nearly) zero. The best fit may be far from perfect: what is left has to be at
    right angles to the columns, not zero."""
    return length(y - X @ w) <= 1e-6 * length(y)


@is_best_fit.mistake
def asks_for_the_angle(y, X, w):
    """You divided by the length of the residual. Where the fit is perfect, the residual is nothing but rounding, and
    the angle of nothing is an accident. Compare with the length of `y`, as the task says."""
    return all(abs(cosine.reference(x, y - X @ w)) <= 1e-6 for x in X.T)


@is_best_fit.mistake
def the_wrong_way_round(y, X, w):
    """Your test works and answers the other question: it returns `True` for fits that can be improved."""
    return not is_best_fit.reference(y, X, w)


@is_best_fit.accepts
def in_one_line(y, X, w):
    sizes = np.linalg.norm(X, axis=0) * np.linalg.norm(y)
    return np.max(np.abs(X.T @ (X @ w - y)) / sizes) <= 1e-6


@is_best_fit.accepts
def compares_shadows(y, X, w):
    return np.linalg.norm(X @ w - project_onto.reference(y, X)) <= 1e-6 * np.linalg.norm(y)
