"""Decides about the exercise `fundamentals/arrays_without_loops`."""

import dis
import types

import numpy as np
from scipy.spatial.distance import cdist

from shoshin import Check, Compare

LOOP = "the right numbers, from a loop in Python"
PER_ITEM = "the right numbers, from one call in Python per item"
CALLERS = {"map", "filter", "reduce", "starmap", "vectorize", "frompyfunc", "fromiter", "apply_along_axis", "apply"}
ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")


def judged(check, answer, *case):
    """Return what the answer returns; where that is right but made by Python item by item, a text that says so."""
    expected = check.reference(*case)
    result = answer(*case)
    try:
        right = np.shape(result) == np.shape(expected) and np.allclose(result, expected, rtol=1e-4, atol=1e-3)
    except (TypeError, ValueError):
        right = False
    return loops_in(answer) or result if right else result


def loops_in(function, inside=()):
    """Return LOOP or PER_ITEM if the bytecode of a function, or of a helper defined beside it, has such; else ""."""
    if isinstance(function, np.vectorize):
        return PER_ITEM
    function = getattr(function, "func", function)  # inside functools.partial
    if not isinstance(function, types.FunctionType):
        return ""
    codes, beside = [function.__code__], function.__globals__
    helpers = [cell.cell_contents for cell in function.__closure__ or ()]
    for code in codes:
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        instructions = list(dis.get_instructions(code))
        if goes_round(instructions):
            return LOOP
        for each in instructions:
            by_name = each.opname in ("LOAD_GLOBAL", "LOAD_NAME")
            helpers += [beside.get(each.argval)] if by_name else []
            # np.add.reduce is fine, functools.reduce is a loop
            if each.argval in CALLERS and (by_name or (each.opname in ATTRIBUTE and each.argval != "reduce")):
                return PER_ITEM
    for helper in helpers:
        if helper is function or helper in inside:
            return LOOP  # it calls itself
        ours = isinstance(helper, np.vectorize) or getattr(helper, "__globals__", None) is beside
        if ours and (found := loops_in(helper, (*inside, function))):
            return found
    return ""


def goes_round(instructions):
    """Tell whether a jump leads back to where it came from. (Leaving `with` and `except` jumps back too, once.)"""
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
    return judged(fade, answer, photo, rows)


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
    comprehension, perhaps in a helper). Give `rows` a shape in which one multiplication reaches them all."""
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
    return judged(distances, answer, A, B)


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
    return rng.normal(0, 5, (1, 1)), rng.normal(0, 5, (5, 1))


@distances.case
def the_same_rows(rng):
    """rows that occur in both A and B, at distance 0"""
    A = rng.normal(0, 9, (8, 4))
    return A, A[[3, 1, 5]]


@distances.case
def bytes_of_a_photo(rng):
    """two arrays of dtype uint8, as photos are stored"""
    return np.uint8(rng.integers(0, 256, (9, 3))), np.uint8(rng.integers(0, 256, (5, 3)))


@distances.property
def no_loop_to_measure(result, A, B):
    """No row, column or pair is visited by a loop or by a call of its own."""
    return not isinstance(result, str)


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
    (a `for`, a `while`, a comprehension, perhaps in a helper). Which shape of A meets all rows of B at once?"""
    return np.array([[np.linalg.norm(a.astype(float) - b) for b in B] for a in A])


@distances.mistake
def with_a_call_per_row(A, B):
    """Your numbers are right, and the loop is only hidden: `map`, `np.vectorize`, `np.apply_along_axis` and their
    like call a Python function once per item. Which shape of A meets all rows of B at once?"""
    return np.array(list(map(lambda a: np.linalg.norm(a.astype(float) - B, axis=1), A)))


@distances.accepts
def with_norm(A, B):
    return np.linalg.norm(np.expand_dims(A, 1).astype(np.float32) - B[None, :, :], axis=2)


@distances.accepts
def by_the_binomial_formula(A, B):
    A, B = A.astype(float), B.astype(float)
    squares = np.einsum("ij,ij->i", A, A)[:, None] + np.einsum("ij,ij->i", B, B) - 2 * A @ B.T
    return np.sqrt(np.maximum(squares, 0))


@distances.accepts
def with_scipy(A, B):
    return cdist(A, B)


# 3. repaint


@Check(inputs="untouched", compare=Compare(atol=1e-3))
def repaint(photo, palette):
    return palette[nearest(photo, palette)].reshape(photo.shape)


def nearest(photo, palette, choose=np.argmin):
    """Return the number of the palette's colour for every pixel, in one row."""
    return choose(distances.reference(photo.reshape(-1, 3), palette), axis=1)


@repaint.probe
def try_repaint(answer, photo, palette):
    return judged(repaint, answer, photo, palette)


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
    """a photo of 2 by 3 pixels and a palette of 6 colours"""
    return rng.uniform(0, 255, (2, 3, 3)), rng.uniform(0, 255, (6, 3))


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
    """Your colours are cut down to whole numbers: the canvas is of bytes (`empty_like(photo)`, or `astype`). Index the
    palette and keep the numbers that come."""
    return np.uint8(repaint.reference(photo, palette))


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
    """You subtracted bytes from bytes, where 3 - 5 is 254. Floats first, or let your `distances` do it, which
    knows that already."""
    gap = photo[:, :, np.newaxis] - palette
    return palette[np.sqrt((gap**2).sum(axis=-1)).argmin(axis=-1)]


@repaint.mistake
def with_a_loop_over_pixels(photo, palette):
    """The painting is right. Now let go of the loop (a `for`, a `while`, a comprehension, in this function or in
    one that it calls): turn all pixels into one table, and ask `distances` once."""
    return np.array([[palette[np.linalg.norm(palette - pixel, axis=1).argmin()] for pixel in line] for line in photo])


@repaint.mistake
def with_a_call_per_pixel(photo, palette):
    """The painting is right, and the loop is only hidden: `map`, `np.vectorize`, `np.apply_along_axis` and their
    like call a Python function once per pixel. Turn all pixels into one table, and ask `distances` once."""
    return np.apply_along_axis(lambda pixel: palette[np.linalg.norm(palette - pixel, axis=1).argmin()], 2, photo)


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
    before = array.copy()
    said = answer(
        {
            "array[1:3]": lambda array: array[1:3],
            "array[:, 0]": lambda array: array[:, 0],
            "array.T": lambda array: array.T,
            "array": lambda array: array,
            "array[[0, 2]]": lambda array: array[[0, 2]],
            "array[:, [0, 2]]": lambda array: array[:, [0, 2]],
            "array[array > 0]": lambda array: array[array > 0],
            "array + 0": lambda array: array + 0,
            "rows of a view, array[0:2]": lambda array: array[0:2],
            "rows of a view, array[[0, 1]]": lambda array: array[[0, 1]],
        }[make],
        array,
    )
    return {"answer": said, "array as it was": np.array_equal(array, before)}


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
def full_of_ones(rng):
    """an array full of ones, transposed"""
    return "array.T", np.ones((4, 3))


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
    """You wrote zeros. Where zeros stood before, a write cannot be seen, and a view is acquitted. Write something
    that is different from every entry, for example each entry plus 1."""
    return by_writing(make, array.copy(), 0)


@writes_through.mistake
def writes_zeros_and_leaves_them(make, array):
    """You wrote zeros: where zeros stood before, that cannot be seen. And what you wrote stays in `array`. Write
    each entry plus 1, and put the old values back, or experiment on a copy."""
    return by_writing(make, array, 0)


@writes_through.mistake
def writes_ones(make, array):
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
def makes_it_from_a_copy(make, array):
    """You gave `make` a copy and then looked at the original, which nobody has touched: always `False`. Compare within
    one pair: what went into `make`, and what came out of it."""
    before, made = array.copy(), make(array.copy())
    made[...] = made + 1
    return not np.array_equal(before, array)


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
def by_the_bounds_of_memory(make, array):
    return np.may_share_memory(array, make(array))
