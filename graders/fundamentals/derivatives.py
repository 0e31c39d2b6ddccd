"""Decide whether a learner can measure a derivative, chain derivatives, and convict a wrong gradient."""

import numpy as np

from shoshin import Check, Compare

# --- slope: the central difference


@Check
def slope(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


def sine(x):
    return np.sin(x)


def cube(x):
    return x**3


def bump(x):
    return 1 / (1 + x**2)


@slope.case
def a_wave(rng):
    """a sine wave and a wide step"""
    return sine, rng.uniform(0.3, 1.2), 0.25


@slope.case
def a_cube_at_a_negative_place(rng):
    """a cube at a negative x"""
    return cube, -rng.uniform(1, 2), 0.1


@slope.case
def a_narrow_step(rng):
    """a falling curve and a narrow step"""
    return bump, rng.uniform(0.5, 1.5), 0.001


@slope.mistake
def looks_ahead_only(f, x, h):
    """You measure from x to x + h: the slope of the road ahead, not of the place where you stand. On a road that
    bends, looking back as far as ahead cancels most of the error. Where does your interval begin?"""
    return (f(x + h) - f(x)) / h


@slope.mistake
def looks_back_only(f, x, h):
    """You measure from x - h to x: the slope of the road behind you. On a road that bends, looking ahead as far as
    back cancels most of the error. Where does your interval end?"""
    return (f(x) - f(x - h)) / h


@slope.mistake
def divides_by_h(f, x, h):
    """Your slope is twice too steep: the rise is measured from x - h to x + h, the run is taken as h. How far
    apart are these two places?"""
    return (f(x + h) - f(x - h)) / h


@slope.mistake
def half_as_far(f, x, h):
    """Your interval is h wide, from x - h/2 to x + h/2. A good slope, for a step of half the length. You are to look
    h ahead and h back."""
    return (f(x + h / 2) - f(x - h / 2)) / h


@slope.mistake
def rise_of_one_half(f, x, h):
    """Your slope is about half of the true one: the rise is measured from x to x + h, the run is taken as 2h. Take
    both between the same two places."""
    return (f(x + h) - f(x)) / (2 * h)


@slope.mistake
def multiplies_by_h(f, x, h):
    """Python reads `a / 2 * h` as `(a / 2) * h`: you divided by 2 and then multiplied by h. The run belongs below
    the fraction as a whole, so it needs brackets."""
    return (f(x + h) - f(x - h)) / 2 * h


@slope.mistake
def forgets_the_brackets(f, x, h):
    """Python divides before it subtracts: in `a - b / c` only `b` is divided by the run. Put the whole rise in
    brackets."""
    return f(x + h) - f(x - h) / (2 * h)


@slope.mistake
def the_rise_alone(f, x, h):
    """You return the rise. A climb of 6 metres is steep or gentle depending on how far you walked for it: divide by
    the run."""
    return f(x + h) - f(x - h)


@slope.mistake
def the_other_way_round(f, x, h):
    """Your slope has the wrong sign: you subtract the value ahead from the value behind, and still divide by a run
    that points ahead. Where the curve rises, the slope should be positive."""
    return (f(x - h) - f(x + h)) / (2 * h)


@slope.mistake
def chooses_its_own_step(f, x, h):
    """Your slope is a good one, but with a step of your own. Use the `h` that you are given: a figure below
    turns it like a knob, and that shows what no fixed step can show."""
    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5


@slope.accepts
def the_mean_of_both_sides(f, x, h):
    ahead, behind = (f(x + h) - f(x)) / h, (f(x) - f(x - h)) / h
    return 0.5 * ahead + 0.5 * behind


@slope.accepts
def through_numpy(f, x, h):
    return float(np.gradient(np.array([f(x - h), f(x), f(x + h)]), h)[1])


# --- gradient: one slope per parameter


@Check(compare=Compare(rtol=1e-4))
def gradient(loss, w):
    return with_steps(loss, w, 6e-6 * np.maximum(1, np.abs(w)))


@gradient.probe
def measure(answer, loss, w):
    import numpy as np

    before = w.copy()
    result = answer(loss, w)
    if result is None:
        return None
    return {"gradient": np.asarray(result), "w left as it was": bool(np.allclose(w, before, rtol=1e-9, atol=1e-9))}


def with_steps(loss, w, steps, dtype=float, side=(1, -1), keep=False):
    """The measured gradient, with a step for every entry; `keep` forgets to take each step back."""
    base, result = np.array(w, dtype=float), np.zeros(np.shape(w), dtype=dtype)
    for i in np.ndindex(result.shape):
        places = [base.copy(), base.copy()]
        for place, sign in zip(places, side, strict=True):
            place[i] += sign * steps[i]
        with np.errstate(all="ignore"):
            result[i] = (loss(places[0]) - loss(places[1])) / ((side[0] - side[1]) * steps[i])
        base = places[1] if keep else base
    return result


@gradient.case
def three_parameters(rng):
    """three parameters"""
    slant = rng.uniform(1, 3, 3) * [1, -1, 1]

    def three_waves(w):
        return np.sum(np.sin(w) * slant)

    return three_waves, rng.uniform(-0.8, 0.8, 3)


@gradient.case
def a_narrow_valley(rng):
    """two parameters, and a loss that is very steep across"""

    def narrow_valley(w):
        return 1e4 * (w[0] - w[1]) ** 2 + w[1]

    first = rng.uniform(1, 2)
    return narrow_valley, np.array([first, first - 0.01])


@gradient.case
def ripples_on_a_high_plateau(rng):
    """a loss of about 2000 with small ripples, where a short step drowns in rounding and a long one leaps over them"""
    rate, slant = np.array([0.2, 60.0, 60.0, 90.0, 90.0]), rng.uniform(1, 2, 5)
    place = np.array([500.0, 0.5, -0.3, 0.4, -0.6]) * rng.uniform(0.9, 1.1, 5)

    def ripples(w):
        return 2000.0 + np.sum(slant / rate * np.sin(rate * (w - place) + 0.5))

    return ripples, place


@gradient.case
def a_table(rng):
    """a table of parameters, of shape (2, 3)"""
    weight = rng.uniform(1, 2, (2, 3))

    def weighted_squares(w):
        return w[0, 1] * w[1, 2] + float(np.sum(weight * w * w))  # a flat w stops at w[0, 1]

    return weighted_squares, rng.normal(size=(2, 3))


@gradient.case
def a_huge_and_a_zero_parameter(rng):
    """a parameter of about -1e12 beside one that is exactly zero"""
    share, far = rng.uniform(1, 2), -np.round(rng.uniform(1, 3) * 1e12)

    def in_two_units(w):
        return 3 * (w[0] - far) + share * (w[1] - 1) ** 2

    return in_two_units, np.array([far, 0.0])


@gradient.case
def whole_numbers(rng):
    """an array of whole numbers (dtype int64)"""

    def sum_of_squares_plus(w):
        return 0.75 * np.sum(w**2) + w[0] * w[1]

    return sum_of_squares_plus, rng.integers(1, 4, 3)


@gradient.mistake
def one_step_for_all(loss, w):
    """You push a parameter of -1e12 by a tiny step. It vanishes: `w + h == w`, the loss does not move, and you report
    a slope of 0. The step must grow with the *size* of the parameter; is there an `abs` in yours?"""
    return with_steps(loss, w, np.full(w.shape, 6e-6))


@gradient.mistake
def one_large_step_for_all(loss, w):
    """Your largest parameter sets the step of all. One of about 500 makes the others take a step of 0.003, and their
    slopes lose digits. Compute the step from the entry that you push, inside the loop."""
    return with_steps(loss, w, np.full(w.shape, 6e-6 * max(1, np.abs(w).max())))


@gradient.mistake
def no_step_at_zero(loss, w):
    """Your step is proportional to the parameter alone. A parameter that is exactly 0 gets a step of 0, and 0 / 0
    is `nan`. Every network with biases starts with such parameters. What does `max(1, …)` do there?"""
    return with_steps(loss, w, 6e-6 * np.abs(w))


@gradient.mistake
def pushes_all_at_once(loss, w):
    """You push all parameters together, so every entry of your result is the slope along the diagonal. The question
    of a gradient is: what if this one moves, and all others stand still?"""
    h = 6e-6 * np.maximum(1, np.abs(w))
    return (loss(w + h) - loss(w - h)) / (2 * h)


@gradient.mistake
def pushes_all_by_each_step(loss, w):
    """You push all parameters together: `w + h` adds `h` to every entry, so each slope is one along the diagonal.
    Add it to one entry of a copy: what if this one moves, and all others stand still?"""
    result, base = np.zeros(w.shape), w.astype(float)
    for i in np.ndindex(w.shape):
        h = 6e-6 * max(1, abs(w[i]))
        result[i] = (loss(base + h) - loss(base - h)) / (2 * h)
    return result


@gradient.mistake
def copies_once_for_all(loss, w):
    """Only your first slope is right: the later ones still contain the pushes before them, since both copies are made
    once and never put back. Begin each parameter with fresh copies, inside the loop."""
    result, ahead, behind = np.zeros(w.shape), w.astype(float), w.astype(float)
    for i in np.ndindex(w.shape):
        h = 6e-6 * max(1, abs(w[i]))
        ahead[i] += h
        behind[i] -= h
        result[i] = (loss(ahead) - loss(behind)) / (2 * h)
    return result


@gradient.mistake
def looks_ahead_from_each(loss, w):
    """You compare the push ahead with `w` itself, so you measure the road ahead. With this step, that costs half of
    the digits, and in a steep valley it shows. Push back as well, and divide by both steps together."""
    return with_steps(loss, w, 6e-6 * np.maximum(1, np.abs(w)), side=(1, 0))


@gradient.mistake
def divides_by_one_step(loss, w):
    """Every slope is twice too steep: from one step behind to one step ahead, how long is the run?"""
    return 2 * gradient.reference(loss, w)


@gradient.mistake
def returns_inside_the_loop(loss, w):
    """Only the first slope is there, all others are still 0: your `return` stands inside the loop and ends it after
    one round. How far should it be indented?"""
    result = np.zeros(w.shape)
    result.flat[0] = gradient.reference(loss, w).flat[0]
    return result


@gradient.mistake
def never_steps_back(loss, w):
    """You push a parameter, measure, and do not put it back before you push the next one. In a narrow valley those
    small leftovers change the slopes that follow. Begin with a fresh copy for each parameter."""
    return with_steps(loss, w, 6e-6 * np.maximum(1, np.abs(w)), keep=True)


@gradient.mistake
def leaves_w_moved(loss, w):
    """Your pushes stay in the caller's `w`: after your call the model has other parameters than before. Measuring
    must not move what it measures. Work on a copy: `w.astype(float)` makes one."""
    return with_pushes_in(w, loss, back=0)


@gradient.mistake
def pushes_w_and_adds_the_push_again(loss, w):
    """You push `w` itself and take the push back by adding. In an array of whole numbers that goes wrong: 2.000006 is
    stored as 2 and 1.999994 as 1, and `w` does not come back. Push a copy of floats instead."""
    return with_pushes_in(w, loss, back=1)


def with_pushes_in(w, loss, back):
    result = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        h = 6e-6 * max(1, abs(w[i]))
        w[i] += h
        ahead = loss(w)
        w[i] -= 2 * h
        result[i] = (ahead - loss(w)) / (2 * h)
        w[i] += back * h
    return result


@gradient.mistake
def pushes_whole_numbers(loss, w):
    """An array of whole numbers cannot hold 2.000006: writing a pushed value into it cuts the push off, and nothing
    moves as it should. Make the copy an array of floats."""
    if w.dtype.kind == "f":
        return gradient.reference(loss, w)
    result = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        h = 6e-6 * max(1, abs(w[i]))
        ahead, behind = w.copy(), w.copy()
        ahead[i] += h
        behind[i] -= h
        result[i] = (loss(ahead) - loss(behind)) / (2 * h)
    return result


@gradient.mistake
def stores_whole_numbers(loss, w):
    """Your slopes are right until you store them: `np.zeros_like(w)` takes over the dtype of `w`, and an array of
    whole numbers cuts off everything behind the point. Give the result a dtype of its own."""
    return with_steps(loss, w, 6e-6 * np.maximum(1, np.abs(w)), dtype=w.dtype)


@gradient.mistake
def flattens_the_result(loss, w):
    """Your slopes are right, but they come as one flat row where `w` is a table. A gradient has the shape of its
    parameters, so that `w - step * gradient` lines up entry by entry."""
    return gradient.reference(loss, w).ravel()


@gradient.mistake
def looks_along_the_first_axis_only(loss, w):
    """You walk over the first axis only. In a table `w[i]` is then a whole row, and `abs` of a row is no single number.
    Visit every entry: `np.ndindex(w.shape)` lists them all, whatever the number of axes."""
    result = np.zeros(w.shape)
    for i in range(len(w)):
        e = np.zeros(w.shape)
        e[i] = 6e-6 * max(1, abs(w[i]))
        result[i] = (loss(w + e) - loss(w - e)) / (2 * e[i])
    return result


@gradient.mistake
def hands_over_a_flat_row(loss, w):
    """Where `w` is a table, your loss receives one flat row, and a model cannot use its parameters in another shape.
    Give what you pushed the shape of `w` again before you call `loss`."""
    return gradient.reference(loss, w.ravel()).reshape(w.shape)


@gradient.mistake
def two_names_for_one_copy(loss, w):
    """All your slopes are 0: both sides are one and the same array. A second name makes no second copy, so each push
    moves both sides. Copy once for each side."""
    return np.zeros(w.shape)


@gradient.mistake
def two_names_for_one_array(loss, w):
    """All your slopes are 0: both sides are one and the same array. `ahead = w` makes no copy, it gives `w` a second
    name, and the push forward is undone by the push back. Copy, once for each side."""
    result = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        h = 6e-6 * max(1, abs(w[i]))
        w[i] += h
        w[i] -= h
    return result


@gradient.mistake
def steps_back_to_the_middle(loss, w):
    """Every slope is half of the true one: you compare a push ahead with the place in the middle, which is a run of h,
    and divide by 2h. From h ahead, how far back is h behind?"""
    return with_steps(loss, w, 6e-6 * np.maximum(1, np.abs(w)), side=(1, 0)) / 2


@gradient.accepts
def slope_along_each_axis(loss, w):
    base = w.astype(float)
    flat = base.ravel()
    slopes = []
    for i, value in enumerate(flat):

        def along(x, i=i):
            moved = flat.copy()
            moved[i] = x
            return loss(moved.reshape(w.shape))

        slopes.append(slope.reference(along, value, 6e-6 * max(1.0, abs(value))))
    return np.array(slopes).reshape(w.shape)


@gradient.accepts
def pushes_and_puts_back(loss, w):
    v, result = np.array(w, dtype=np.float64), np.empty(w.shape)
    for i, old in np.ndenumerate(w):
        h = np.cbrt(2.2e-16) * max(abs(old), 1)
        v[i] = old + h
        ahead = loss(v)
        v[i] = old - h
        result[i] = (ahead - loss(v)) / (2 * h)
        v[i] = old
    return result.tolist()


@gradient.accepts
def one_sided(loss, w):
    return with_steps(loss, w, 1e-8 * np.maximum(1, np.abs(w)), side=(1, 0))


# --- chain: the value and the slope of a composition


@Check(compare=Compare(rtol=1e-6, atol=0))
def chain(links, x):
    value, total = x, 1.0
    for f, derivative in links:
        total *= derivative(value)
        value = f(value)
    return value, total


@chain.probe
def composition(answer, links, x):
    """Hand over the functions that `links` names: a name is plain data, a function is not."""
    import numpy as np

    known = {
        "square": (lambda x: x**2, lambda x: 2 * x),
        "sine": (np.sin, np.cos),
        "triple": (lambda x: 3 * x, lambda x: 3.0),
        "exponential": (np.exp, np.exp),
        "hinge": (lambda x: max(x, 0.0), lambda x: float(x > 0)),
        "lever": (lambda x: 1 + x * 1e-9, lambda x: 1e-9),
    }
    return answer([known[name] for name in links], x)


@chain.case
def two_links(rng):
    """two links"""
    return ["square", "sine"], rng.uniform(0.5, 0.9)


@chain.case
def four_links(rng):
    """four links, one of them twice"""
    return ["sine", "triple", "square", "triple"], rng.uniform(0.4, 0.8)


@chain.case
def a_single_link(rng):
    """a single link"""
    return ["exponential"], rng.uniform(0.5, 1)


@chain.case
def a_link_that_passes_nothing(rng):
    """a link with slope 0 in the middle"""
    return ["triple", "hinge", "exponential"], -rng.uniform(0.5, 1)


@chain.case
def three_levers(rng):
    """three links, each of which passes on a billionth"""
    return ["lever"] * 3, rng.uniform(1, 2)


@chain.mistake
def measures_instead(links, x):
    """You measure the slope of the whole chain. Three links that each pass on a billionth leave 1e-27 of a push. A
    `float64` near 1 cannot move by so little, so you report 0. Multiply the derivatives that come with the links:
    they lose nothing."""

    def value(x):
        return chain.reference(links, x)[0]

    return value(x), (value(x + 6e-6) - value(x - 6e-6)) / 12e-6


@chain.mistake
def walks_from_the_end(links, x):
    """You walk the chain backwards: `x` enters the last link first. The list is in the order of travel."""
    return chain.reference(links[::-1], x)


@chain.mistake
def stops_after_the_first_link(links, x):
    """You return after the first link: the `return` stands inside the loop. How far should it be indented?"""
    return chain.reference(links[:1], x)


@chain.mistake
def asks_everyone_at_the_start(links, x):
    """You evaluate every derivative at the first `x`. But the second link never sees `x`: it receives what the first
    one made of it. Ask each link for its slope at the value that reaches *it*."""
    return chain.reference(links, x)[0], np.prod([derivative(x) for _, derivative in links])


@chain.mistake
def asks_after_the_link(links, x):
    """You move the value on first and ask for the slope afterwards, so each derivative gets its own link's output.
    It wants the input. Which of your two lines must come first?"""
    total = 1.0
    for f, derivative in links:
        x = f(x)
        total *= derivative(x)
    return x, total


@chain.mistake
def adds_the_factors(links, x):
    """You add the slopes. If 1 euro is 1.1 dollars and 1 dollar is 150 yen, then 1 euro is not 151.1 yen: rates of a
    chain multiply."""
    total = 0.0
    for f, derivative in links:
        total += derivative(x)
        x = f(x)
    return x, total


@chain.mistake
def the_last_link_only(links, x):
    """You return the slope of the last link alone: each round replaces the one before. The signal has passed through
    all of the links; collect their factors in a product."""
    value, last = x, 1.0
    for f, derivative in links:
        last, value = derivative(value), f(value)
    return value, last


@chain.mistake
def starts_the_product_at_x(links, x):
    """Your slope is too large by the factor x: the product begins at `x`. Values begin there. A product of rates
    begins at the number that changes nothing when you multiply by it."""
    value, total = chain.reference(links, x)
    return value, x * total


@chain.mistake
def feeds_the_slopes_on(links, x):
    """You push `x` through the derivatives, one into the next. The values must travel through the functions; each
    derivative is only asked on the way, and its answer joins the product."""
    slope_ = x
    for _, derivative in links:
        slope_ = derivative(slope_)
    return chain.reference(links, x)[0], slope_


@chain.mistake
def starts_the_product_at_zero(links, x):
    """Your product begins at 0, and zero times anything stays zero. Which number changes nothing when you multiply
    by it?"""
    return chain.reference(links, x)[0], 0.0


@chain.mistake
def slope_first(links, x):
    """Both numbers are right and in the wrong order: first the value, then the slope."""
    return chain.reference(links, x)[::-1]


@chain.accepts
def from_the_end(links, x):
    values = [x]
    for f, _ in links:
        values.append(f(values[-1]))
    total = 1.0
    for (_, derivative), value in reversed(list(zip(links, values, strict=False))):
        total = derivative(value) * total
    return [values[-1], total]


@chain.accepts
def recursively(links, x):
    if not links:
        return x, 1
    f, derivative = links[0]
    value, rest = recursively(links[1:], f(x))
    return value, derivative(x) * rest


# --- gradient_error: how far two gradients are apart


@Check(compare=Compare(rtol=1e-6, atol=0))
def gradient_error(a, b):
    largest = max(np.abs(a).max(), np.abs(b).max())
    return np.abs(a - b).max() / largest if largest else 0.0


@gradient_error.case
def nearly_equal(rng):
    """two gradients that agree in four digits"""
    a = np.array([-2.0, 0.5, 0.0]) * rng.uniform(1, 2)
    return a, a + np.array([3e-4, -1e-4, 0.0])


@gradient_error.case
def tiny_gradients(rng):
    """gradients of about 1e-9, of which one is twice the other"""
    a = rng.uniform(1, 2, 4) * 1e-9
    return a, 2 * a


@gradient_error.case
def opposite_signs(rng):
    """a gradient and its negative, as tables"""
    a = rng.uniform(1, 2, (2, 3))
    return a, -a


@gradient_error.case
def all_zero(rng):
    """two gradients of nothing but zeros"""
    return np.zeros(3), np.zeros(3)


@gradient_error.case
def one_is_zero(rng):
    """a second gradient of nothing but zeros"""
    return rng.normal(size=3), np.zeros(3)


@gradient_error.mistake
def absolute_difference(a, b):
    """You return the difference as it is. For gradients of about 1e-9 every difference looks harmless, even a
    factor of two. Far or near is a question of size: compared with what?"""
    return np.abs(a - b).max()


@gradient_error.mistake
def zero_by_zero(a, b):
    """Where both gradients are all zeros you divide 0 by 0, and `nan` is neither large nor small: every comparison
    with it is false. Two equal gradients have error 0."""
    with np.errstate(all="ignore"):
        return np.abs(a - b).max() / np.maximum(np.abs(a).max(), np.abs(b).max())


@gradient_error.mistake
def entry_by_entry(a, b):
    """You divide entry by entry. Where the true slope is zero, that is 0 / 0, or rounding that looks like an error of
    100 %, and honest gradients are convicted. Divide the largest gap of all by the largest entry of all."""
    with np.errstate(all="ignore"):
        return np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)))


@gradient_error.mistake
def entry_by_entry_without_zeros(a, b):
    """You divide entry by entry. Where the true slope is zero, the rounding in a measured one looks like an error of
    100 %, and honest gradients are convicted. Divide the largest gap of all by the largest entry of all."""
    larger = np.maximum(np.abs(a), np.abs(b))
    return np.max(np.abs(a - b) / np.where(larger == 0, 1, larger))


@gradient_error.mistake
def loses_negative_gaps(a, b):
    """You take the largest difference without its absolute value: where `a` is the smaller one, the gap is negative
    and never counts as large. How far apart two numbers are does not depend on which comes first."""
    largest = max(np.abs(a).max(), np.abs(b).max())
    return np.max(a - b) / largest if largest else 0.0


@gradient_error.mistake
def loses_negative_sizes(a, b):
    """You look for the largest entry without its absolute value: -4 counts as smaller than 1, and you divide by too
    small a number. How large is an entry, whatever its sign?"""
    largest = max(a.max(), b.max())
    return np.abs(a - b).max() / largest if largest else 0.0


@gradient_error.mistake
def compares_with_a_alone(a, b):
    """You divide by the size of `a` alone, so the answer changes when the two change places, and an `a` of nothing but
    zeros agrees with everything. Look for the largest entry in both."""
    largest = np.abs(a).max()
    return np.abs(a - b).max() / largest if largest else 0.0


@gradient_error.mistake
def adds_the_sizes(a, b):
    """You divide by the two sizes added together: for two gradients that nearly agree, that halves the error. The
    larger of the two sizes is asked for."""
    largest = np.abs(a).max() + np.abs(b).max()
    return np.abs(a - b).max() / largest if largest else 0.0


@gradient_error.mistake
def adds_a_small_number_below(a, b):
    """You add a small number to the divisor, so as never to divide by 0. For gradients of about 1e-9 it is not small:
    it decides the answer. Treat the case of all zeros apart."""
    return np.abs(a - b).max() / (max(np.abs(a).max(), np.abs(b).max()) + 1e-8)


@gradient_error.mistake
def average_gap(a, b):
    """You average the gaps. In a model with a million parameters one wrong slope then disappears among the right
    ones. Let the worst entry speak for all."""
    largest = max(np.abs(a).max(), np.abs(b).max())
    return np.abs(a - b).mean() / largest if largest else 0.0


@gradient_error.accepts
def with_loops(a, b):
    worst = largest = 0.0
    for one, other in zip(a.flat, b.flat, strict=True):
        worst, largest = max(worst, abs(one - other)), max(largest, abs(one), abs(other))
    return worst / largest if largest > 0 else 0


@gradient_error.accepts
def with_norms(a, b):
    both = np.stack([a.ravel(), b.ravel()])
    return np.linalg.norm(both[0] - both[1], np.inf) / (np.abs(both).max() or 1)


# --- wrong: which of the five formulas is wrong


@Check(value=True, compare=None)
def wrong():
    return {"ben", "cleo", "eve"}


@wrong.property
def only_known_names(names):
    """`wrong` holds names only, each spelled as in the keys of `formulas`."""
    return set(names) <= {"ada", "ben", "cleo", "dan", "eve"}


@wrong.property
def nobody_is_accused_in_vain(names):
    """Every formula in your set differs from the measured gradient somewhere, by more than rounding."""
    return not set(names) & {"ada", "dan"}


@wrong.property
def nobody_is_missed(names):
    """Every formula that differs from the measured gradient somewhere, by more than rounding, is in your set."""
    return set(names) >= {"ben", "cleo", "eve"}


@wrong.mistake
def looked_at_zero_only():
    """At w = 0 only one formula shows its fault: every penalty is zero there, the right ones and the wrong ones.
    Zero is the place where most mistakes hide. Move to a place with nothing special about it."""
    return {"cleo"}


@wrong.mistake
def looked_at_positive_weights():
    """Two are found; a third is right wherever all weights are positive. Look at your places: has any of them a
    negative entry? Random numbers of both signs come from `rng.normal`."""
    return {"ben", "cleo"}


@wrong.mistake
def forgave_a_fifth_of_a_percent():
    """You acquitted Cleo: an error of about 0.002 looks small. But rounding leaves less than 0.0000001 here, and
    honest formulas show it. Ten thousand times more than the others is not noise."""
    return {"ben", "eve"}


@wrong.mistake
def convicted_by_looks():
    """You convicted Dan. His formula looks like nobody else's, and it is right: the same slopes, with the chain rule
    written out. Do not judge by the looks, let `gradient` measure."""
    return {"ben", "cleo", "dan", "eve"}


@wrong.mistake
def forgave_all_but_one():
    """You found the one with the largest error at a common place. There are smaller errors that are still far beyond
    rounding, and one that shows only where a weight is negative."""
    return {"ben"}


@wrong.mistake
def the_right_ones():
    """Those two are the right formulas. The question is the other way round: which ones are wrong?"""
    return {"ada", "dan"}


@wrong.accepts
def as_a_list():
    return ["eve", "ben", "cleo"]
