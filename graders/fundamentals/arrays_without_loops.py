"""Decides about the exercise `fundamentals/arrays_without_loops`."""

import builtins
import dis
import functools
import itertools
import sys
import types

import numpy as np
from scipy.spatial.distance import cdist

from shoshin import Check, Compare

LOOP = "the right numbers, from a loop in Python"
PER_ITEM = "the right numbers, from one call in Python per item"
CALLERS = (
    map,
    filter,
    functools.reduce,
    itertools.starmap,
    np.vectorize,
    np.frompyfunc,
    np.fromiter,
    np.apply_along_axis,
)
BY_NAME = {"map", "filter", "starmap", "vectorize", "frompyfunc", "fromiter", "apply_along_axis", "apply"}
GLOBAL = "LOAD_GLOBAL", "LOAD_NAME"
DEEP = 3  # a function inside itself inside itself
MANY = 10  # a helper is called a few times, a function that is called per item more often


def watched(answer, *case):
    """Return what the answer returns, and a text that says so if Python made it item by item."""
    before, ran = sys.getprofile(), {}

    def note(frame, event, _argument):
        # Only what was written in the notebook (or here) counts: how a library does it is the library's business.
        names = frame.f_globals
        if event == "call" and (names is globals() or names.get("__name__") == "__main__"):
            _, times, deepest = ran.get(frame.f_code, (names, 0, 0))
            deepest = max(deepest, depth(frame))
            ran[frame.f_code] = names, times + 1, deepest
            if deepest == DEEP:  # that will do; what follows may go down to the RecursionError
                sys.setprofile(None)

    sys.setprofile(note)
    try:
        result = answer(*case)
        watching = sys.getprofile() is note or any(deepest == DEEP for _, _, deepest in ran.values())
    finally:
        sys.setprofile(before)
    if not watching:  # it has looked away, and will not say at what
        return {"result": result, "how": LOOP}
    return {"result": result, "how": PER_ITEM if isinstance(answer, np.vectorize) else item_by_item(ran)}


def judged(check, found, *case):
    """Return the result; where that is right but made by Python item by item, the text that says so."""
    result, expected = found["result"], check.reference(*case)
    try:
        right = np.shape(result) == np.shape(expected) and np.allclose(result, expected, rtol=1e-4, atol=1e-3)
    except (TypeError, ValueError):
        right = False
    return found["how"] or result if right else result


def depth(frame):
    """Return how often a function is being called at this moment; one made by a decorator is told by what it wraps."""

    def function(of):
        return of.f_code, [id(of.f_locals.get(name)) for name in of.f_code.co_freevars]

    this, found = function(frame), 0
    while frame is not None:
        found += frame.f_code is this[0] and function(frame) == this
        frame = frame.f_back
    return found


def item_by_item(ran):
    """Return LOOP or PER_ITEM if one of the functions that ran, {code: (names, times, depth)}, is such; else ""."""
    if any(deep == DEEP or goes_round(code) or calls_itself(code, names) for code, (names, _, deep) in ran.items()):
        return LOOP
    if any(times >= MANY or calls_per_item(code, names) for code, (names, times, _) in ran.items()):
        return PER_ITEM
    return ""


def calls_itself(code, names):
    asked_for = (names.get(each.argval) for each in dis.get_instructions(code) if each.opname in GLOBAL)
    return any(getattr(value, "__code__", None) is code for value in asked_for)


def calls_per_item(code, names):
    """Tell whether a code uses `map` or its like, by whatever name. (np.add.reduce is fine, functools.reduce not.)"""
    owner = None
    for each in dis.get_instructions(code):
        value = None
        if each.opname in GLOBAL:
            value = names.get(each.argval, getattr(builtins, each.argval, None))
        elif each.opname in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM"):
            if each.argval in BY_NAME:
                return True
            value = getattr(owner, each.argval, None) if isinstance(owner, types.ModuleType) else None
        if isinstance(value, np.vectorize) or any(value is caller for caller in CALLERS):
            return True
        owner = value
    return False


def goes_round(code):
    """Tell whether a jump leads back to where it came from. (Leaving `with` and `except` jumps back too, once.)"""
    instructions = list(dis.get_instructions(code))
    place = {each.offset: number for number, each in enumerate(instructions)}

    def targets(number):
        each = instructions[number]
        if not each.opname.startswith(("RETURN", "RAISE", "RERAISE", "JUMP")) and number + 1 < len(instructions):
            yield number + 1
        if each.opcode in dis.hasjrel or each.opcode in dis.hasjabs:
            yield place.get(each.argval, number)

    for start in range(len(instructions)):
        for back in (t for t in targets(start) if t < start):
            reached, waiting = {back}, [back]
            while waiting:
                fresh = set(targets(waiting.pop())) - reached
                reached |= fresh
                waiting += fresh
            if start in reached:
                return True
    return False


# 1. fade


@Check(inputs="untouched")
def fade(photo, rows):
    return photo * rows[:, np.newaxis, np.newaxis]


@fade.probe
def try_fade(answer, photo, rows):
    return watched(answer, photo, rows)


@fade.reading
def read_fade(found, photo, rows):
    return judged(fade, found, photo, rows)


def photo_of(rng, height, width):
    return rng.uniform(0.1, 1, (height, width, 3)), rng.uniform(0.1, 1, height)


@fade.case
def wider_than_high(rng):
    """a photo that is wider than high"""
    return photo_of(rng, 4, 6)


@fade.case
def square(rng):
    """a square photo"""
    return photo_of(rng, 5, 5)


@fade.case
def three_by_three(rng):
    """a photo of 3 by 3 pixels"""
    return photo_of(rng, 3, 3)


@fade.property
def no_loop_to_fade(result, photo, rows):
    """No row, column or pixel is visited by a loop or by a call of its own."""
    return not isinstance(result, str)


@fade.mistake
def fades_the_columns(photo, rows):
    """With `(h, 1)` your factors meet the width: the shapes are aligned at their right ends, and `(h, w, 3)` has
    the colours there. A square photo does not even complain, it gets its shadow from the side. How many axes of
    length 1 must stand behind the h?"""
    return photo * rows[:, np.newaxis]


@fade.mistake
def fades_the_colours(photo, rows):
    """You multiplied the two as they are. NumPy aligns shapes at their right ends, so the h factors met the three
    colours. That fails for most photos, and where h is 3 it silently turns into a tint. Give `rows` further axes."""
    return photo * rows


@fade.mistake
def forgets_to_turn_back(photo, rows):
    """Turning the photo is a fine way to bring its height to the right end. But your result is still turned: its
    shape is `(3, w, h)`. Turn it back before you return it."""
    return photo.T * rows


@fade.mistake
def changes_the_photo(photo, rows):
    """Your numbers are right, but you wrote them into the caller's photo (`*=`, or `photo[...] =`). Whoever looks
    at it afterwards finds it dark. `photo * ...` makes a new array."""
    photo *= rows[:, np.newaxis, np.newaxis]
    return photo


@fade.mistake
def with_a_loop(photo, rows):
    """Your numbers are right. Now let go of the loop: Python visits row after row (a `for`, a `while`, a
    comprehension, a function that calls itself, perhaps in a helper). Give `rows` a shape in which one multiplication
    reaches them all."""
    return np.array([line * factor for line, factor in zip(photo, rows, strict=True)])


@fade.mistake
def with_a_call_per_item(photo, rows):
    """Your numbers are right, and the loop is only hidden: `map`, `np.vectorize` and their like call a Python
    function once per item, at the price of a `for`. Give `rows` a shape in which one multiplication does it."""
    return np.array(list(map(np.multiply, photo, rows)))


@fade.accepts
def turned_and_back(photo, rows):
    return (photo.T * rows).T


@fade.accepts
def with_einsum(photo, rows):
    return np.einsum("hwc,h->hwc", photo, rows)


@fade.accepts
def with_a_helper(photo, rows):
    with np.errstate(all="raise"):
        try:
            return np.multiply(photo, standing(rows))
        except FloatingPointError:
            return photo


def standing(rows):
    return np.reshape(rows, (-1, 1, 1))


# 2. distances


@Check(inputs="untouched", compare=Compare(atol=1e-3))  # leaves room for |a|² + |b|² - 2ab, which rounds more
def distances(A, B):
    return np.sqrt((gaps(A, B) ** 2).sum(axis=-1))


def gaps(A, B):
    """Return the difference of every row of A with every row of B, shape (n, m, d)."""
    return A[:, np.newaxis].astype(float) - B


@distances.probe
def try_distances(answer, A, B):
    return watched(answer, A, B)


@distances.reading
def read_distances(found, A, B):
    return judged(distances, found, A, B)


@distances.case
def as_many_of_both(rng):
    """as many rows in A as in B"""
    return rng.normal(0, 5, (6, 3)), rng.normal(0, 5, (6, 3))


@distances.case
def more_in_one(rng):
    """more rows in A than in B"""
    return rng.normal(0, 5, (7, 2)), rng.normal(0, 5, (4, 2))


@distances.case
def only_one_column(rng):
    """one column only, and one row only in A"""
    return rng.normal(0, 5, (1, 1)), rng.normal(0, 5, (12, 1))


@distances.case
def the_same_rows(rng):
    """rows that occur in both A and B, at distance 0"""
    A = rng.normal(0, 9, (20, 4))
    return A, A[3:18][::-1]


@distances.case
def bytes_of_a_photo(rng):
    """two arrays of dtype uint8, as photos are stored"""
    return np.uint8(rng.integers(0, 256, (9, 3))), np.uint8(rng.integers(0, 256, (5, 3)))


@distances.property
def no_loop_to_measure(result, A, B):
    """No row, column or pair is visited by a loop or by a call of its own."""
    return not isinstance(result, str)


@distances.property
def a_number_everywhere(result, A, B):
    """No distance is `nan`, as the root of |a|² + |b|² - 2ab is where rounding leaves a hair less than 0 (lift that
    to 0 first)."""
    return np.ndim(result) != 2 or not np.isnan(np.asarray(result, dtype=float)).any()


@distances.mistake
def wraps_around(A, B):
    """Your formula is right, and the bytes break it: in `uint8` there is no -2, so 3 - 5 is 254, and the square of
    20 is 144. Turn both arrays into floats before anything else."""
    return np.sqrt(((A[:, np.newaxis] - B) ** 2).sum(axis=-1))


@distances.mistake
def turns_into_floats_too_late(A, B):
    """Bytes met bytes: the floats came after the subtraction (`np.linalg.norm` does that too), when 3 - 5 had already
    become 254. Turn both arrays into floats before anything else."""
    return np.sqrt(((A[:, np.newaxis] - B).astype(float) ** 2).sum(axis=-1))


@distances.mistake
def cuts_the_decimals_off(A, B):
    """You turned A and B into whole numbers (`astype(int)`). That cures the bytes, and makes 3 of every 3.7. Floats
    hold both."""
    return distances.reference(A.astype(int), B.astype(int))


@distances.mistake
def forgets_the_root(A, B):
    """You returned squared distances. They keep the order, but a distance twice as long counts four times. Take
    the root at the end, after the sum."""
    return (gaps(A, B) ** 2).sum(axis=-1)


@distances.mistake
def adds_the_sizes(A, B):
    """You added up the sizes of the gaps: that is the way along the streets, around every corner. The straight
    line wants squares inside the sum and a root around it."""
    return np.abs(gaps(A, B)).sum(axis=-1)


@distances.mistake
def takes_the_mean(A, B):
    """You took the mean of the squared gaps, and so divided by the number of columns. A distance adds them up:
    `sum`."""
    return np.sqrt((gaps(A, B) ** 2).mean(axis=-1))


@distances.mistake
def adds_before_squaring(A, B):
    """You added the gaps up first and squared then, so a gap of +3 and a gap of -3 cancel out. Square each gap,
    then add."""
    return np.abs(gaps(A, B).sum(axis=-1))


@distances.mistake
def pairs_row_with_row(A, B):
    """You paired row 0 with row 0, row 1 with row 1. Wanted is every row of A with every row of B, a table. An
    extra axis of length 1 in A lets each of its rows meet all of B."""
    return np.sqrt(((A.astype(float) - B) ** 2).sum(axis=-1))


@distances.mistake
def adds_over_the_rows_of_b(A, B):
    """Your differences are right, shape `(n, m, d)`, and you added over the wrong one of the three axes: over the
    rows of B. Which axis holds the coordinates of one gap? That one has to go."""
    return np.sqrt((gaps(A, B) ** 2).sum(axis=1))


@distances.mistake
def adds_over_the_rows_of_a(A, B):
    """You added over axis 0 of the differences, which are the rows of A. The shape is `(n, m, d)`; the axis of
    the d coordinates has to go, and n and m have to stay."""
    return np.sqrt((gaps(A, B) ** 2).sum(axis=0))


@distances.mistake
def one_number_for_all(A, B):
    """You added up everything and have a single number. Tell `sum` (or `norm`) along which axis to go: only the
    one of the coordinates disappears."""
    return np.sqrt((gaps(A, B) ** 2).sum())


@distances.mistake
def the_other_way_round(A, B):
    """Your table lies on its side: entry [i, j] belongs to row i of B and row j of A. Row i of A is wanted there,
    so the axis of A comes first."""
    return distances.reference(B, A)


@distances.mistake
def with_a_loop_over_rows(A, B):
    """Your numbers are right. Now let go of the loop: Python still goes from row to row, or from column to column
    (a `for`, a `while`, a comprehension, a function that calls itself, perhaps in a helper). Which shape of A meets
    all rows of B at once?"""
    return np.array([[np.linalg.norm(a.astype(float) - b) for b in B] for a in A])


@distances.mistake
def with_a_call_per_row(A, B):
    """Your numbers are right, and the loop is only hidden: `map`, `np.vectorize`, `np.apply_along_axis`, `cdist` with a
    function of yours and their like call Python once per item. Which shape of A meets all rows of B at once?"""
    return np.array(list(map(lambda a: np.linalg.norm(a.astype(float) - B, axis=1), A)))


@distances.accepts
def with_norm(A, B):
    return np.linalg.norm(np.expand_dims(A, 1).astype(np.float32) - B[None, :, :], axis=2)


@distances.accepts
def by_the_binomial_formula(A, B):
    A, B = A.astype(float), B.astype(float)
    squares = np.einsum("ij,ij->i", A, A)[:, None] + np.einsum("ij,ij->i", B, B) - 2 * A @ B.T
    return np.sqrt(np.maximum(squares, 0))


distances.accepts(cdist)


# 3. repaint


@Check(inputs="untouched", compare=Compare(atol=1e-3))
def repaint(photo, palette):
    return palette[nearest(photo, palette)].reshape(photo.shape)


def nearest(photo, palette, choose=np.argmin):
    """Return the number of the palette's colour for every pixel, in one row."""
    return choose(distances.reference(photo.reshape(-1, 3), palette), axis=1)


@repaint.probe
def try_repaint(answer, photo, palette):
    return watched(answer, photo, palette)


@repaint.reading
def read_repaint(found, photo, palette):
    return judged(repaint, found, photo, palette)


@repaint.case
def wide_photo(rng):
    """a photo that is wider than high"""
    return np.uint8(rng.integers(0, 256, (4, 6, 3))), rng.uniform(0, 255, (5, 3))


@repaint.case
def square_photo(rng):
    """a square photo"""
    return np.uint8(rng.integers(0, 256, (5, 5, 3))), rng.uniform(0, 255, (8, 3))


@repaint.case
def bytes_in_the_palette(rng):
    """a palette of dtype uint8 too"""
    return np.uint8(rng.integers(0, 256, (5, 4, 3))), np.uint8(rng.integers(0, 256, (6, 3)))


@repaint.case
def as_many_colours_as_pixels(rng):
    """a photo of 3 by 4 pixels and a palette of 12 colours"""
    return rng.uniform(0, 255, (3, 4, 3)), rng.uniform(0, 255, (12, 3))


@repaint.property
def no_loop_to_paint(result, photo, palette):
    """No row, column, pixel or colour is visited by a loop or by a call of its own."""
    return not isinstance(result, str)


@repaint.mistake
def returns_the_numbers(photo, palette):
    """You returned which colour each pixel gets, as numbers. That is the plan of a painting by numbers; now use the
    plan as an index into the palette, and each number becomes its colour."""
    return nearest(photo, palette).reshape(photo.shape[:2])


@repaint.mistake
def returns_the_numbers_in_one_row(photo, palette):
    """You have the plan: for each pixel, which colour. Two steps are left: use the plan as an index into the palette,
    and give the pixels the shape of the photo back."""
    return nearest(photo, palette)


@repaint.mistake
def paints_in_bytes(photo, palette):
    """Your colours are cut down to whole numbers (`astype`). Index the palette and keep the numbers that come."""
    return np.uint8(repaint.reference(photo, palette))


@repaint.mistake
def paints_on_the_canvas_of_the_photo(photo, palette):
    """Your canvas has the dtype of the photo (`photo.copy()`, `empty_like(photo)`, `astype(photo.dtype)`). If that is
    bytes, every colour is cut down to whole numbers. Index the palette and keep the numbers that come."""
    return repaint.reference(photo, palette).astype(photo.dtype)


@repaint.mistake
def paints_over_the_photo(photo, palette):
    """You painted on the caller's photo (`photo[...] =`). It is gone, and if it is of bytes, the colours are cut down
    to whole numbers. What the palette gives under an index is a new array: return that."""
    photo[...] = repaint.reference(photo, palette)
    return photo


@repaint.mistake
def stays_in_one_row(photo, palette):
    """The colours are right, but all pixels still stand in one row, shape `(h * w, 3)`. Give them back the shape of
    the photo."""
    return palette[nearest(photo, palette)]


@repaint.mistake
def takes_the_farthest(photo, palette):
    """Every pixel got the colour that is farthest from its own. Nearest means the smallest distance."""
    return palette[nearest(photo, palette, np.argmax)].reshape(photo.shape)


@repaint.mistake
def asks_the_colours(photo, palette):
    """You asked each colour for its nearest pixel; wanted is the nearest colour of each pixel. In the table of
    distances, pixels are the rows and colours the columns: along which axis does the search go?"""
    return palette[distances.reference(photo.reshape(-1, 3), palette).argmin(axis=0)].reshape(photo.shape)


@repaint.mistake
def searches_the_whole_table(photo, palette):
    """`argmin()` without an axis finds one place for the whole table: the pixel and the colour that are closest of all.
    Each pixel wants an answer of its own, so say along which axis to search."""
    return palette[distances.reference(photo.reshape(-1, 3), palette).argmin()].reshape(photo.shape)


@repaint.mistake
def takes_pixels_apart(photo, palette):
    """Your list of pixels is not one of pixels: `reshape(3, -1)` cuts the photo into three strips, and mixes the
    colours of neighbours. The three numbers of a pixel lie side by side, so keep 3 as the last axis."""
    strips = photo.reshape(3, -1).T
    return palette[distances.reference(strips, palette).argmin(axis=1)].reshape(photo.shape)


@repaint.mistake
def paints_red_green_blue_apart(photo, palette):
    """You looked for the nearest red, the nearest green and the nearest blue one by one. Together they make colours
    that are not in the palette. A pixel has one distance to each colour, over all three numbers."""
    apart = np.abs(photo[..., np.newaxis] - palette.T.astype(float)).argmin(axis=-1)
    return np.take_along_axis(palette, apart.reshape(-1, 3), axis=0).reshape(photo.shape)


@repaint.mistake
def wraps_bytes_around(photo, palette):
    """Bytes met bytes, where 3 - 5 is 254: here, or in the `distances` that you call. Turn photo and palette into
    floats before the subtraction."""
    gap = photo[:, :, np.newaxis] - palette
    return palette[(gap**2).sum(axis=-1).argmin(axis=-1)]


@repaint.mistake
def turns_bytes_into_floats_too_late(photo, palette):
    """Bytes met bytes: the floats came after the subtraction (`np.linalg.norm` does that too), when 3 - 5 had already
    become 254. Turn photo and palette into floats first, or leave the table to `distances`."""
    gap = photo[:, :, np.newaxis] - palette
    return palette[np.linalg.norm(gap, axis=-1).argmin(axis=-1)]


@repaint.mistake
def adds_the_sizes_of_gaps(photo, palette):
    """Most of your pixels are right. You added up the sizes of the three gaps; a distance squares them first, so one
    large gap weighs more than three small ones. That changes which colour is nearest."""
    gap = photo[:, :, np.newaxis].astype(float) - palette
    return palette[np.abs(gap).sum(axis=-1).argmin(axis=-1)]


@repaint.mistake
def with_a_loop_over_pixels(photo, palette):
    """The painting is right. Now let go of the loop: a `for`, a `while`, a comprehension, a function that calls itself,
    here or in what you call, such as your `distances`. Turn all pixels into one table and measure it at once."""
    return np.array([palette[nearest(line, palette)] for line in photo])


@repaint.mistake
def with_a_call_per_pixel(photo, palette):
    """The painting is right, and the loop is only hidden: `map`, `np.vectorize`, `np.apply_along_axis` and their
    like call a Python function once per pixel, or per row. Turn all pixels into one table, and ask `distances` once."""
    return np.array(list(map(lambda line: palette[nearest(line, palette)], photo)))


@repaint.accepts
def in_four_axes(photo, palette):
    gap = photo[:, :, None, :].astype(float) - palette[None, None]
    return palette[np.square(gap).sum(-1).argmin(-1)]


@repaint.accepts
def with_take(photo, palette):
    plan = cdist(np.resize(photo, (photo.size // 3, 3)), palette).argmin(1)
    return np.take(palette, plan, axis=0).reshape(len(photo), -1, 3)


# 4. writes_through


@Check
def writes_through(make, array):
    return np.shares_memory(make(array), array)


@writes_through.probe
def ask(answer, make, array):
    """Ask `answer` about the function that the text `make` names: a text is plain data, a function is not."""
    import numpy as np

    array = array[::2] if make.startswith("rows of a view") else array
    arrays = [np.full((4, 3), number) for number in array] if make == "each of the arrays, transposed" else [array]
    before = [array.copy() for array in arrays]
    function = {
        "array[1:3]": lambda array: array[1:3],
        "array[:, 0]": lambda array: array[:, 0],
        "array.T": lambda array: array.T,
        "each of the arrays, transposed": lambda array: array.T,
        "array": lambda array: array,
        "array[[0, 2]]": lambda array: array[[0, 2]],
        "array[:, [0, 2]]": lambda array: array[:, [0, 2]],
        "array[array > 0]": lambda array: array[array > 0],
        "array + 0": lambda array: array + 0,
        "rows of a view, array[0:2]": lambda array: array[0:2],
        "rows of a view, array[[0, 1]]": lambda array: array[[0, 1]],
    }[make]
    said = [answer(function, array) for array in arrays]
    odd = [each for each in said if not (isinstance(each, (bool, np.bool_)) and each)]
    return {"answer": (odd or said)[0], "array as it was": all(map(np.array_equal, arrays, before))}


@writes_through.case
def some_rows(rng):
    """some rows, cut out by a slice"""
    return "array[1:3]", rng.normal(size=(4, 3))


@writes_through.case
def one_column(rng):
    """one column"""
    return "array[:, 0]", rng.normal(size=(4, 3))


@writes_through.case
def full_of_zeros(rng):
    """an array full of zeros, transposed"""
    return "array.T", np.zeros((4, 3))


@writes_through.case
def full_of_one_number(rng):
    """arrays that are full of one number, each of these in turn"""
    numbers = [1, -1, 2, 3, 5, 7, 9, 10, 42, 50, 99, 100, 123, 255, 500, 777, 999, -99, -999, 1000, 1234, 9999, 0.5]
    return "each of the arrays, transposed", np.array(numbers)


@writes_through.case
def the_array_itself(rng):
    """a function that returns the array itself"""
    return "array", rng.normal(size=(4, 3))


@writes_through.case
def listed_rows(rng):
    """rows picked by a list"""
    return "array[[0, 2]]", rng.normal(size=(4, 3))


@writes_through.case
def listed_columns(rng):
    """columns picked by a list"""
    return "array[:, [0, 2]]", rng.normal(size=(4, 3))


@writes_through.case
def masked(rng):
    """entries picked by a condition"""
    return "array[array > 0]", np.abs(rng.normal(size=(4, 3)))


@writes_through.case
def calculated(rng):
    """a result of arithmetic, equal to the array"""
    return "array + 0", rng.normal(size=(4, 3))


@writes_through.case
def view_of_a_view(rng):
    """a slice of an array that is itself a view"""
    return "rows of a view, array[0:2]", rng.normal(size=(8, 3))


@writes_through.case
def copy_of_a_view(rng):
    """a list of rows of an array that is itself a view"""
    return "rows of a view, array[[0, 1]]", rng.normal(size=(8, 3))


def by_writing(make, array, value=None):
    """Write into what `make` returns and tell whether `array` has changed; leaves its mark."""
    before, made = array.copy(), make(array)
    made[...] = made + 1 if value is None else value
    return not np.array_equal(before, array)


@writes_through.mistake
def leaves_its_mark(make, array):
    """Your experiment works, and damages what it examines: `array` keeps the numbers you wrote. Keep a copy and
    put it back (`array[...] = before`), or experiment on a copy from the start."""
    return by_writing(make, array)


@writes_through.mistake
def keeps_no_copy(make, array):
    """`before = array` makes no copy, it gives the same array a second name: both change together, so you see no
    difference, and what you wrote stays. Take `before = array.copy()`, and put it back at the end."""
    by_writing(make, array)
    return False


@writes_through.mistake
def writes_zeros(make, array):
    """In an array full of zeros, what you wrote cannot be seen: it is zero again (`0`, or an entry times something),
    and a view is acquitted. Write what differs from the old entries, for example each entry plus 1."""
    return by_writing(make, array.copy(), 0)


@writes_through.mistake
def writes_zeros_and_leaves_them(make, array):
    """You wrote zeros: where zeros stood before, that cannot be seen. And what you wrote stays in `array`. Write
    each entry plus 1, and put the old values back, or experiment on a copy."""
    return by_writing(make, array, 0)


@writes_through.mistake
def writes_one_number(make, array):
    """You wrote one fixed number. Where it stood before, a write cannot be seen, and a view is acquitted. Write
    something that is different from every entry, for example each entry plus 1."""
    return by_writing(make, array.copy(), 1)


@writes_through.mistake
def compares_values(make, array):
    """You compared values. Twins look alike and are two persons: `array + 0` has the same entries and a memory of its
    own. Write into one and look at the other."""
    made = make(array)
    return made.shape == array.shape and np.array_equal(made, array)


@writes_through.mistake
def asks_whether_it_is_the_same_object(make, array):
    """You asked with `is`. A slice is a new object that looks into the old memory, so `is` says no to every view.
    Write into it, and look at `array`."""
    return make(array) is array


@writes_through.mistake
def asks_whose_base(make, array):
    """`made.base is array` is true for a view of `array`, with exceptions: the array itself, and a view of a view,
    whose `base` is the owner at the far end. An experiment has no exceptions: write, and look."""
    return make(array).base is array


@writes_through.mistake
def asks_for_any_base(make, array):
    """`base` says that an array looks into somebody's memory, not into whose. Columns picked by a list have a `base`
    and are a copy all the same; the array itself may have none. Write into the result, and look at `array`."""
    return make(array).base is not None


@writes_through.mistake
def the_wrong_way_round(make, array):
    """Your experiment works and answers the other question: you return `True` for a copy. Read the name aloud: does a
    write come through?"""
    return not np.shares_memory(make(array), array)


@writes_through.mistake
def never_reaches_the_array(make, array):
    """Your answer is always `False`: nothing that you wrote has reached the array that you looked at. Perhaps
    `made = …` only gave the name to another array (`made[...] = …` writes into it). Or a copy came between: look at the
    very array that went into `make`, and write into the very one that came out."""
    before, made = array.copy(), make(array.copy())
    made[...] = made + 1
    return not np.array_equal(before, array)


@writes_through.mistake
def looks_at_the_piece(make, array):
    """Your answer is always `True`, for copies too. The piece has changed in any case: you wrote into it. The question
    is whether the array that went into `make` has changed as well."""
    made = make(array.copy())
    made[...] = made + 1
    return not np.array_equal(made, array)


@writes_through.mistake
def wants_every_entry_changed(make, array):
    """You asked whether every entry has changed (`all`). A slice reaches only some of them. One is enough for the
    question: `any`."""
    mine = array.copy()
    made = make(mine)
    made[...] = made + 1
    return bool((mine != array).all())


@writes_through.mistake
def takes_it_back_by_arithmetic(make, array):
    """Your experiment works. But you took back by arithmetic what you had added, and in floats (x + 1) - 1 is not
    always x: a last digit gets lost. Keep a copy of `array` and put that back."""
    before, made = array.copy(), make(array)
    made += 1
    changed = not np.array_equal(before, array)
    made -= 1
    return changed


@writes_through.accepts
def with_the_old_values_put_back(make, array):
    before = array.copy()
    made = make(array)
    made += 1
    changed = (array != before).any()
    array[:] = before
    return changed


@writes_through.accepts
def on_a_copy(make, array):
    mine = array.copy()
    made = make(mine)
    made[...] = np.nan
    return bool(np.isnan(mine).any())


@writes_through.accepts
def with_one_entry(make, array):
    mine = array.copy()
    made = make(mine)
    made.flat[0] += 1
    return not np.array_equal(mine, array)


@writes_through.accepts
def by_the_bounds_of_memory(make, array):
    return np.may_share_memory(array, make(array))
