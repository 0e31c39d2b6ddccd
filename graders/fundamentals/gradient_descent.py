"""Decide whether a learner can walk down a loss: plain descent, its limit, momentum, Adam."""

from functools import partial, update_wrapper

import numpy as np

from shoshin import Check, Compare

# --- descend: the whole path of plain gradient descent


@Check(inputs="untouched")
def descend(gradient, start, step, steps):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - step * gradient(path[-1]))
    return np.array(path)


def valley(rng, curvature):
    """Return a gradient, whose name is its formula, and a start away from the lowest point."""
    lowest = rng.integers(-3, 4, size=len(curvature))
    start = lowest + rng.choice([-3.0, -2.0, 2.0, 3.0], size=len(curvature))
    tilted = np.ndim(curvature) == 2
    H = np.array(curvature) if tilted else np.diag(curvature)

    def gradient(w):
        return H @ (w - lowest)

    gradient.__name__ = f"lambda w: {curvature} {'@' if tilted else '*'} (w - {lowest.tolist()})"
    return gradient, start


@descend.case
def a_step_that_works(rng):
    """two parameters and a step that works"""
    return *valley(rng, [1, 8]), 0.15, 4


@descend.case
def a_tilted_valley(rng):
    """a valley that lies askew"""
    return *valley(rng, [[5, 3], [3, 5]]), 0.15, 4


@descend.case
def too_large_a_step(rng):
    """a step so large that the path diverges (it still has to be reported)"""
    return *valley(rng, [1, 8]), 0.3, 5


@descend.case
def arrives_early(rng):
    """one parameter and a step that lands on the lowest point at once (the walk still takes all its steps)"""
    return *valley(rng, [2]), 0.5, 3


@descend.mistake
def forgets_the_step(gradient, start, step, steps):
    """You subtract the whole gradient; `step` is nowhere in your walk. The gradient says in which direction
    and how steep, `step` says how much of that to go."""
    return descend.reference(gradient, start, 1.0, steps)


@descend.mistake
def whole_numbers_only(gradient, start, step, steps):
    """Your path holds whole numbers: what stands after the decimal point is cut off, in every step. An array
    keeps the type it was made with; make it of floats (as `np.zeros` does, without `dtype=int`)."""
    path = np.zeros((steps + 1, len(start)), dtype=int)
    path[0] = start
    for k in range(steps):
        path[k + 1] = path[k] - step * gradient(path[k])
    return path


@descend.accepts
def into_a_prepared_array(gradient, start, step, steps):
    path = np.empty((steps + 1, len(start)))
    path[0] = start
    for k in range(steps):
        path[k + 1] = path[k] - step * gradient(path[k])
    return path


@descend.accepts
def in_place_with_copies(gradient, start, step, steps):
    w = start.copy()
    path = [w.copy()]
    while len(path) <= steps:
        w -= step * gradient(w)
        path.append(w.copy())
    return path


# --- error_left: what becomes of the error along one direction


@Check(inputs="untouched")
def error_left(curvature, step, steps):
    return (1 - step * curvature) ** steps


@error_left.case
def on_paper(rng):
    """two steps of 0.1 and the curvatures 2 (as in hint 1) and 5"""
    return np.array([2.0, 5.0]), 0.1, 2


@error_left.case
def across_the_valley(rng):
    """an odd number of steps, each so long that it jumps to the other side of the steep direction"""
    return np.array([1.0, 3.0]) * rng.uniform(0.95, 1.05), 0.55, 7


@error_left.case
def beyond_the_limit(rng):
    """a step that is too large for the steeper direction"""
    return np.array([0.2, 5.0]) * rng.uniform(0.95, 1.05), 0.6, 5


@error_left.case
def many_steps(rng):
    """so many steps that very little is left"""
    return np.array([3.0, 4.0]) * rng.uniform(0.9, 1.1), 0.2, 30


@error_left.case
def no_step(rng):
    """no step at all"""
    return np.array([0.5, 4.0]), 0.2, 0


@error_left.mistake
def falls_in_a_straight_line(curvature, step, steps):
    """You take the same amount away in every step. But the slope shrinks together with the error, so each
    step *multiplies* what is left. Work out one step; then ask what the second one finds."""
    return 1 - steps * step * curvature


@error_left.mistake
def loses_the_sign(curvature, step, steps):
    """The size is right, the side is not: after an odd number of jumps across the valley the error is
    negative. Keep the sign."""
    return np.abs(1 - step * curvature) ** steps


@error_left.mistake
def a_single_step(curvature, step, steps):
    """This is what one step leaves, however many there are: `steps` is missing. What does the second step
    find, and which share of that does it leave?"""
    return 1 - step * curvature


@error_left.mistake
def the_share_taken(curvature, step, steps):
    """`step * curvature` is the share that a step takes *away*, and you multiply that. What is left after a
    step? Multiply what is left."""
    return (step * curvature) ** steps


@error_left.mistake
def one_minus_the_power(curvature, step, steps):
    """You take the power first and subtract it from 1 at the end. Every step leaves 1 minus the share that it
    takes; multiply that, step after step."""
    return 1 - (step * curvature) ** steps


@error_left.accepts
def step_by_step(curvature, step, steps):
    error = np.ones(len(curvature), dtype=np.float32)
    for _ in range(steps):
        error = error - step * (curvature * error)
    return error


@error_left.accepts
def one_direction_at_a_time(curvature, step, steps):
    return [float(np.prod([1 - step * c] * steps)) for c in curvature]


# --- largest_step: where descent turns into divergence


@Check(compare=Compare(rtol=1e-3))  # whoever finds it by trial is right too
def largest_step(X):
    return 2 / curvatures(X)[-1]


def curvatures(X):
    """Return the curvatures of the loss, gentlest first."""
    return np.linalg.eigvalsh(X.T @ X / len(X))


def centred(X):
    return X - X.mean(axis=0)


@largest_step.case
def correlated_columns(rng):
    """three columns that rise and fall together"""
    return centred(rng.normal(size=(60, 1)) + 0.4 * rng.normal(size=(60, 3)))


@largest_step.case
def different_units(rng):
    """columns of very different size"""
    mix = np.array([[1.0, 0.5, 0.2], [0.0, 1.0, 0.3], [0.0, 0.0, 1.0]])
    return centred(rng.normal(size=(40, 3)) @ mix * [0.1, 1.0, 20.0])


@largest_step.case
def unrelated_columns(rng):
    """four columns that have nothing to do with one another; the third varies most"""
    signs = rng.choice([-1.0, 1.0], size=4)
    halves = np.array([[(row >> bit & 1) * 2 - 1 for bit in range(4)] for row in range(16)])
    return halves * signs * [3, 1, 9, 2]


@largest_step.mistake
def the_gentlest_direction(X):
    """You asked the gentlest direction how far it can jump. One step length serves all directions, and the
    steepest one explodes long before. (`eigvalsh` returns the smallest first.)"""
    return 2 / curvatures(X)[0]


@largest_step.mistake
def column_by_column(X):
    """You look at each column alone (the diagonal of `H`, or the variances). Columns that rise together add
    up in a direction *between* the axes, which is steeper than any axis. Ask the whole matrix, by its
    eigenvalues."""
    return 2 / np.diag(X.T @ X / len(X)).max()


@largest_step.mistake
def half_of_it(X):
    """You stop at one over the curvature. That step lands on the bottom in one jump; a longer one overshoots
    and still converges. Look at the figure of `error_left` again: where does the overshoot stop shrinking?"""
    return 1 / curvatures(X)[-1]


@largest_step.mistake
def forgets_the_mean(X):
    """Your matrix is `X.T @ X`, which grows with the number of rows. The loss is a *mean* over the rows, so
    its curvature is one too."""
    return 2 / np.linalg.eigvalsh(X.T @ X)[-1]


@largest_step.mistake
def divides_by_one_less(X):
    """You divide by n - 1, as `np.cov` does. The loss is a plain mean over n rows, and so is its curvature."""
    return 2 / np.linalg.eigvalsh(np.cov(X.T))[-1]


@largest_step.mistake
def singular_value_not_squared(X):
    """You use a singular value, or the root of an eigenvalue. The eigenvalues of `H` are the *squares* of the
    singular values of `X / sqrt(n)`."""
    return 2 / np.sqrt(curvatures(X)[-1])


@largest_step.mistake
def the_best_step(X):
    """That is the best step, not the largest: the gentlest and the steepest direction then close in equally
    fast. The walk still converges beyond it."""
    return 2 / (curvatures(X)[0] + curvatures(X)[-1])


@largest_step.mistake
def one_per_direction(X):
    """You return one step per direction, but you choose one for all of them. Which of these is safe in every
    direction?"""
    return 2 / curvatures(X)


@largest_step.mistake
def first_of_eig(X):
    """`np.linalg.eig` returns the eigenvalues in no order: the first is not always the largest. Look for the
    largest, or let `eigvalsh` sort them."""
    return 2 / np.linalg.eig(X.T @ X / len(X))[0][0]


@largest_step.mistake
def last_of_eig(X):
    """`np.linalg.eig` returns the eigenvalues in no order: the last is not always the largest. Look for the
    largest, or let `eigvalsh` sort them."""
    return 2 / np.linalg.eig(X.T @ X / len(X))[0][-1]


@largest_step.accepts
def from_the_largest_singular_value(X):
    return np.float32(2 * len(X) / np.linalg.norm(X, ord=2) ** 2)


@largest_step.accepts
def by_trial(X):
    H, low, high = X.T @ X / len(X), 0.0, 2.0 * len(X) / np.max(X**2)
    while high - low > 1e-5 * high:
        middle = (low + high) / 2
        with np.errstate(all="ignore"):
            end = np.linalg.matrix_power(np.eye(len(H)) - middle * H, 10**5)
        low, high = (middle, high) if np.abs(end).max() < 2 else (low, middle)
    return low


# --- heavy_ball: momentum


@Check(inputs="untouched")
def heavy_ball(gradient, start, step, momentum, steps):
    path, velocity = [start], np.zeros(len(start))
    for _ in range(steps):
        velocity = momentum * velocity - step * gradient(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)


@heavy_ball.case
def rolls_down_a_valley(rng):
    """two parameters and momentum 0.9"""
    return *valley(rng, [1, 8]), 0.1, 0.9, 5


@heavy_ball.case
def no_momentum(rng):
    """momentum 0, which is plain descent"""
    return *valley(rng, [1, 8]), 0.1, 0.0, 3


@heavy_ball.case
def a_narrow_valley(rng):
    """momentum 0.5 in a narrow valley that lies askew, with a step that would diverge without it"""
    return *valley(rng, [[11, 9], [9, 11]]), 0.12, 0.5, 4


@heavy_ball.mistake
def averages_the_gradient(gradient, start, step, momentum, steps):
    """You weight the push by `1 - momentum`: at momentum 0.9 it has a tenth of its strength, and the ball is
    slow. Here the push keeps its full strength; only the old velocity fades."""
    return heavy_ball.reference(gradient, start, (1 - momentum) * step, momentum, steps)


@heavy_ball.mistake
def moves_by_the_old_velocity(gradient, start, step, momentum, steps):
    """You move first and update the velocity afterwards, so every push arrives one step late (your first step
    does not move at all), and feeds the swing. Update the velocity, then move by it."""
    path, velocity = [start], np.zeros(len(start))
    for _ in range(steps):
        path.append(path[-1] + velocity)
        velocity = momentum * velocity - step * gradient(path[-2])
    return path


@heavy_ball.mistake
def one_row_late(gradient, start, step, momentum, steps):
    """Your points are right but one row late: the ball moves before its first push, so row 1 is `start` again.
    Push first, then move."""
    return np.vstack([start, heavy_ball.reference(gradient, start, step, momentum, steps - 1)])


@heavy_ball.mistake
def looks_ahead(gradient, start, step, momentum, steps):
    """You take the slope where the velocity would carry the ball. That is Nesterov's variant: a good method,
    another path. Here the slope is taken where the ball is now."""
    path, velocity = [start], np.zeros(len(start))
    for _ in range(steps):
        velocity = momentum * velocity - step * gradient(path[-1] + momentum * velocity)
        path.append(path[-1] + velocity)
    return path


@heavy_ball.mistake
def forgets_the_velocity(gradient, start, step, momentum, steps):
    """Your path is the one of plain descent: the velocity does not survive from one step to the next. Is it
    set to zero inside the loop, or overwritten without its old value?"""
    return descend.reference(gradient, start, step, steps)


@heavy_ball.mistake
def never_fades(gradient, start, step, momentum, steps):
    """The old velocity is kept in full: `momentum` is nowhere in your walk. A ball without friction swings for
    ever. Fade the velocity before each push."""
    return heavy_ball.reference(gradient, start, step, 1.0, steps)


@heavy_ball.mistake
def applies_the_step_twice(gradient, start, step, momentum, steps):
    """`step` enters twice: in the push and again in the move. Two forms are in use, with the step inside the
    velocity or outside of it; yours mixes them."""
    return heavy_ball.reference(gradient, start, step**2, momentum, steps)


@heavy_ball.mistake
def brakes(gradient, start, step, momentum, steps):
    """The old velocity enters with the wrong sign: it brakes instead of carrying the ball on. Two forms are
    in use (the velocity points downhill and is added, or uphill and is subtracted); yours mixes them."""
    return heavy_ball.reference(gradient, start, step, -momentum, steps)


@heavy_ball.accepts
def step_outside_the_velocity(gradient, start, step, momentum, steps):
    w, velocity = np.array(start), 0.0
    path = [w.copy()]
    for _ in range(steps):
        velocity = momentum * velocity + gradient(w)
        w -= step * velocity
        path.append(w.copy())
    return path


@heavy_ball.accepts
def from_the_last_two_points(gradient, start, step, momentum, steps):
    path = [start, start - step * gradient(start)]
    while len(path) <= steps:
        before, now = path[-2:]
        path.append(now - step * gradient(now) + momentum * (now - before))
    return path


# --- what can happen to either walk


def of_both_walks(mistake):
    """Declare `mistake(walk, gradient, start, step, ...)`, whose first argument is the correct walk."""
    for check in (descend, heavy_ball):
        check.mistake(update_wrapper(partial(mistake, check.reference), mistake))


@of_both_walks
def one_parameter_at_a_time(walk, gradient, start, step, *rest):
    """You move one parameter and then ask for the slope again, in the middle of the step. Ask once per step,
    then move all of them together."""
    momentum, steps = (0.0, *rest)[-2:]
    w, velocity = start.copy(), np.zeros(len(start))
    path = [start]
    for _ in range(steps):
        for i in range(len(w)):
            velocity[i] = momentum * velocity[i] - step * gradient(w)[i]
            w[i] += velocity[i]
        path.append(w.copy())
    return path


@of_both_walks
def keeps_one_array(walk, gradient, start, *settings):
    """All rows of your path are the last point: they are one array, which `w -= …` changes wherever it is
    stored (`start` too, if `w = start` began it). Make a new array in each step, or store copies."""
    path = walk(gradient, start, *settings)
    start[:] = path[-1]
    return [start] * len(path)


@of_both_walks
def keeps_one_copy(walk, *case):
    """All rows of your path are the last point: they are one array, which `w -= …` changes wherever it is
    stored. Make a new array in each step, or store a copy each time."""
    path = walk(*case)
    return [path[-1]] * len(path)


@of_both_walks
def walks_uphill(walk, gradient, *settings):
    """Your path climbs. The gradient points to where the loss *grows* fastest; look at the sign of the move."""
    return walk(lambda w: -gradient(w), *settings)


@of_both_walks
def measures_the_slope_once(walk, gradient, start, *settings):
    """Every step of yours uses the gradient at `start`. The slope changes on the way, so ask for it again at
    each point you reach."""
    return walk(lambda w: gradient(start), start, *settings)


@of_both_walks
def forgets_the_start(walk, *case):
    """Your points are right, but row 0 is the point after one step: `start` is missing. The path has `steps +
    1` rows."""
    return walk(*case)[1:]


@of_both_walks
def stops_one_step_early(walk, *case):
    """Your path begins at `start` and has `steps` rows, so it holds only `steps - 1` steps: n steps join n +
    1 points."""
    return walk(*case)[:-1]


@of_both_walks
def only_the_end(walk, *case):
    """You return the last point only. The whole path is wanted, one row per point: collect them on the way."""
    return walk(*case)[-1]


# --- Adam: one step length per parameter


@Check(compare=Compare(rtol=1e-3))  # eps may join the uncorrected root, as in the paper's faster order
class Adam:
    def __init__(self, step=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.step, self.beta1, self.beta2, self.eps = step, beta1, beta2, eps
        self.t, self.m, self.v = 0, 0.0, 0.0

    def update(self, w, g):
        self.t += 1
        self.m = self.averaged(self.m, g, self.beta1)
        self.v = self.averaged(self.v, self.size(g), self.beta2)
        return w - self.step * self.direction()

    def averaged(self, old, new, beta):
        return beta * old + (1 - beta) * new

    def size(self, g):
        return g**2

    def direction(self):
        m, v = self.corrected()
        return m / (np.sqrt(v) + self.eps)

    def corrected(self):
        return self.m / (1 - self.beta1**self.t), self.v / (1 - self.beta2**self.t)


@Adam.probe
def drive(answer, settings, w, gradients):
    import numpy as np

    optimiser, step = answer(**settings), settings.get("step", 0.001)
    moves, unchanged = {}, np.array([True, True])
    for name, g in zip(("first", "second", "third"), gradients, strict=True):
        given = w.copy(), np.array(g, dtype=float)
        after = optimiser.update(*given)
        if after is None:  # or nothing is written yet; the card says which
            raise TypeError("`update` returned nothing, where the new parameters were expected. Is a `return` missing?")
        if isinstance(after, tuple) and any(map(np.ndim, after)):
            raise TypeError(f"`update` returned a tuple of {len(after)}, where the new parameters alone were expected.")
        unchanged &= [np.array_equal(is_now, was, equal_nan=True) for is_now, was in zip(given, (w, g), strict=True)]
        moves[f"{name} move / step"] = np.round((np.asarray(after) - w) / step, 6)
        w = np.array(after)
    return {**moves, "w unchanged": bool(unchanged[0]), "g unchanged": bool(unchanged[1])}


@Adam.case
def default_settings(rng):
    """the default settings"""
    return {}, np.array([1.0, 0.0]), [[2, -50], [3, -10], [-1, -30]]


@Adam.case
def other_settings(rng):
    """three parameters and other values of step, beta1 and beta2"""
    settings = {"step": round(rng.uniform(0.3, 0.6), 2), "beta1": round(rng.uniform(0.4, 0.7), 2), "beta2": 0.8}
    return settings, np.array([1.0, 0.0, 2.0]), [[2, -50, 4], [3, -10, 5], [-1, -30, 6]]


@Adam.case
def large_eps(rng):
    """eps = 0.5, so large that it counts"""
    settings = {"step": 0.1, "beta1": 0.5, "beta2": 0.0, "eps": 0.5}
    return settings, np.array([1.0, 0.0]), [[2, -50], [3, -10], [-1, -30]]


@Adam.mistake
class no_bias_correction(Adam.reference):
    """You use both averages as they are. They start at zero, so after one update `m` holds a tenth of the
    gradient and `v` a thousandth of its square: the first move is about three times too long. Correct both."""

    def corrected(self):
        return self.m, self.v


@Adam.mistake
class corrects_without_t(Adam.reference):
    """You divide by `1 - beta` in every update; the power `t` is missing. That is right for the first update
    only: the more gradients have come in, the less there is to correct."""

    def corrected(self):
        return self.m / (1 - self.beta1), self.v / (1 - self.beta2)


@Adam.mistake
class swaps_the_betas(Adam.reference):
    """The two betas are exchanged: `beta1` belongs to the average gradient `m`, `beta2` to the average squared
    gradient `v`, in the averages and in the corrections."""

    def __init__(self, step=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(step, beta2, beta1, eps)


@Adam.mistake
class does_not_square(Adam.reference):
    """You average the gradient in `v`, not its square. It can be negative, and its root is `nan`. The
    size of a gradient has no sign: square it."""

    def size(self, g):
        return g


@Adam.mistake
class corrects_what_it_keeps(Adam.reference):
    """You store the corrected averages back into the state, so the next update corrects them again. Keep `m`
    and `v` raw, and give the corrected ones names of their own."""

    def corrected(self):
        self.m, self.v = super().corrected()
        return self.m, self.v


@Adam.mistake
class forgets_the_state(Adam.reference):
    """Your averages begin at zero in every update, so they hold the newest gradient only. What you compute
    has to be stored in `self.m` and `self.v`, raw, for the next update to find."""

    def update(self, w, g):
        self.m = self.v = 0.0
        return super().update(w, g)


@Adam.mistake
class counts_from_zero(Adam.reference):
    """At your first update `t` is 0, so `1 - beta**t` is zero and you divide by it: `nan`, and everything
    after it is `nan` too. `t` counts the gradients seen, this one included."""

    def corrected(self):
        return self.m / (1 - self.beta1 ** (self.t - 1)), self.v / (1 - self.beta2 ** (self.t - 1))


@Adam.mistake
class eps_inside_the_root(Adam.reference):
    """You add `eps` under the square root, where 1e-8 becomes 1e-4 and holds small gradients back. Here it is
    added after the root."""

    def direction(self):
        m, v = self.corrected()
        return m / np.sqrt(v + self.eps)


@Adam.mistake
class divides_by_the_square(Adam.reference):
    """You divide by `v` without its root. `v` has the unit of a squared gradient, so large gradients now give
    small moves. With the root, the size of the gradient cancels out."""

    def direction(self):
        m, v = self.corrected()
        return m / (v + self.eps)


@Adam.mistake
class adds_the_move(Adam.reference):
    """Your update climbs. The gradient points to where the loss grows, and so does its average: subtract the
    move."""

    def direction(self):
        return -super().direction()


@Adam.mistake
class changes_w_in_place(Adam.reference):
    """Your numbers are right, but `update` also changes the `w` it was given (`w -= …`). A path that stores
    each `w` would hold one array again and again. Return a new array."""

    def update(self, w, g):
        w[...] = super().update(w, g)
        return w


@Adam.mistake
class changes_g_in_place(Adam.reference):
    """Your numbers are right, but `update` changes the array `g` it was given; `g**2` makes a new
    array."""

    def update(self, w, g):
        after = super().update(w, g)
        g **= 2
        return after


@Adam.accepts
class the_faster_order:
    """Kingma and Ba's faster order (end of their section 2): the two corrections go into the step."""

    def __init__(self, step=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.step, self.eps, self.betas, self.weight = step, eps, np.array([[beta1], [beta2]]), 1.0
        self.averages = 0.0

    def update(self, w, g):
        self.averages = self.betas * self.averages + (1 - self.betas) * np.stack([g, g * g])
        self.weight = self.weight * self.betas
        mean, root = self.averages[0] / (1 - self.weight[0]), np.sqrt(1 - self.weight[1])
        return w - self.step * root * mean / (np.sqrt(self.averages[1]) + self.eps)


@Adam.accepts
class in_float32(Adam.reference):
    def update(self, w, g):
        return super().update(w, g.astype(np.float32))
