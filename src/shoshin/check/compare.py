"""Say in one sentence how a result differs from the expected one, or that it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from shoshin.check.describe import WORDS, at, kind, shown, type_in_words


@dataclass(frozen=True)
class Compare:
    """What counts as the same result.

    Args:
        rtol, atol: relative and absolute tolerance; `None` follows the coarser of the two dtypes
            (float64 1e-6, float32 1e-4, float16 1e-2 relative; absolute in proportion to the largest entry).
        rows: `"ordered"`, or `"any"` if the order of a table's rows does not matter.
        columns: `"ordered"`, or `"any"` if the order of a table's columns does not matter.
        index: whether a table's index is compared.
    """

    rtol: float | None = None
    atol: float | None = None
    rows: str = "ordered"
    columns: str = "ordered"
    index: bool = True

    def __post_init__(self) -> None:
        for name in ("rows", "columns"):
            if getattr(self, name) not in ("ordered", "any"):
                raise TypeError(f'{name} is "ordered" or "any", not {getattr(self, name)!r}')


RELATIVE = {2: 1e-2, 4: 1e-4, 8: 1e-6}  # by the bytes of a float


def difference(expected: Any, got: Any, rules: Compare = Compare(), where: str = "") -> str | None:
    """Return how `got` differs from `expected` (both plain data), as a sentence; `None` if it does not.

    NaN equals NaN. Numbers, tensors and lists of numbers are compared by value with a tolerance that follows
    their dtype; a boolean is not a number. Tables are compared whole: labels, order, types of content, values.
    """
    wanted = kind(expected)
    if wanted == "array":
        return _array_difference(expected, got, rules, where)
    if wanted == "sequence":
        return _sequence_difference(expected, got, rules, where)
    if wanted in ("table", "series", "index"):
        from shoshin.check.tables import table_difference

        came = kind(got)
        return table_difference(expected, got, rules, where) if came == wanted else _mismatch(expected, got, where)
    if isinstance(got, np.ndarray) and got.ndim == 0:
        got = got.item()
    if kind(got) != wanted:
        return _mismatch(expected, got, where)
    if wanted == "number":
        return _number_difference(expected, got, rules, where)
    if wanted == "mapping":
        return _mapping_difference(expected, got, rules, where)
    if wanted == "sparse":
        return _sparse_difference(expected, got, rules, where)
    if wanted == "foreign":
        return f"{at(where)}a {got.type_name} came back, which cannot be compared."
    return None if expected == got else f"{at(where)}{shown(got)} came back, {shown(expected)} was expected."


def _mismatch(expected: Any, got: Any, where: str) -> str:
    return f"{at(where)}{type_in_words(got)} came back, {type_in_words(expected)} was expected."


def tolerances(expected: np.ndarray, got: np.ndarray, rules: Compare) -> tuple[float, float]:
    """Return (relative, absolute) tolerance for two numeric arrays.

    The absolute part follows the largest finite expected entry, so that tiny results are still told apart and
    cancellation in large ones is forgiven.
    """
    floats = [a.dtype for a in (expected, got) if a.dtype.kind in "fc"]
    size = min([d.itemsize // (2 if d.kind == "c" else 1) for d in floats], default=8)
    rtol = RELATIVE.get(size, 1e-6)
    sizes = np.abs(expected[np.isfinite(expected)]) if expected.size else expected
    scale = float(sizes.max()) if sizes.size else 0.0
    epsilon = {2: 1e-3, 4: 1.2e-7}.get(size, 2.2e-16)
    atol = rtol * 1e-3 * (min(1.0, scale) if scale else 1.0) + 64 * epsilon * scale
    return (rtol if rules.rtol is None else rules.rtol), (atol if rules.atol is None else rules.atol)


def same_numbers(expected: np.ndarray, got: np.ndarray, rules: Compare) -> np.ndarray:
    """Return where two numeric arrays of one shape agree; NaN agrees with NaN, infinity with its own sign."""
    if expected.dtype.kind in "iu" and got.dtype.kind in "iu" and rules.rtol is None and rules.atol is None:
        return np.asarray(expected == got)
    rtol, atol = tolerances(expected, got, rules)
    number = np.complex128 if "c" in (expected.dtype.kind, got.dtype.kind) else np.float64
    with np.errstate(all="ignore"):
        return np.isclose(got.astype(number), expected.astype(number), rtol=rtol, atol=atol, equal_nan=True)


def _number_difference(expected: Any, got: Any, rules: Compare, where: str) -> str | None:
    try:
        pair = np.atleast_1d(expected), np.atleast_1d(got)
        same = same_numbers(*pair, rules).all() if pair[0].dtype.kind != "O" else expected == got
    except (TypeError, ValueError):  # Fraction, Decimal, integers beyond 64 bits
        same = expected == got
    return None if same else f"{at(where)}{shown(got)} came back, {shown(expected)} was expected."


def _array_difference(expected: np.ndarray, got: Any, rules: Compare, where: str) -> str | None:
    array = as_array(got)
    if array is None:
        return _mismatch(expected, got, where)
    if array.shape != expected.shape:
        return f"{at(where)}shape {array.shape} came back, shape {expected.shape} was expected."
    if array.size == 0:
        return None
    numeric = expected.dtype.kind in "iufc"
    if numeric != (array.dtype.kind in "iufc") or (expected.dtype.kind == "b") != (array.dtype.kind == "b"):
        names = [WORDS.get(a.dtype.kind, "numbers") for a in (array, expected)]
        return f"{at(where)}an array of {names[0]} came back, an array of {names[1]} was expected."
    same = same_numbers(expected, array, rules) if numeric else same_objects(expected, array, rules)
    if same.all():
        return None
    place = tuple(int(i) for i in np.argwhere(~same)[0])
    entry = f"entry [{', '.join(map(str, place))}]"
    wrong = f" ({int((~same).sum())} of {same.size} entries differ)" if same.size > 1 else ""
    return f"{at(where)}{entry} is {shown(array[place])}, {shown(expected[place])} was expected{wrong}."


def as_array(value: Any) -> np.ndarray | None:
    """Return a plain value as an array if it is one in spirit: an array, a Series, nested lists of equal length."""
    if isinstance(value, np.ndarray):
        return value
    if kind(value) in ("series", "index", "table"):
        return np.asarray(value)
    if kind(value) != "sequence" or not value:
        return np.asarray(value) if isinstance(value, (list, tuple)) else None
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        return None
    return array if array.dtype.kind != "O" else None


def same_objects(expected: np.ndarray, got: np.ndarray, rules: Compare) -> np.ndarray:
    """Return where two arrays of texts, times or mixed objects agree."""
    if "O" not in (expected.dtype.kind, got.dtype.kind):
        missing = expected.dtype.kind in "mM" and got.dtype.kind in "mM"
        return (expected == got) | (np.isnat(expected) & np.isnat(got) if missing else False)
    pairs = zip(expected.ravel().tolist(), got.ravel().tolist(), strict=True)
    same = [difference(_no_nan(left), _no_nan(right), rules) is None for left, right in pairs]
    return np.array(same).reshape(expected.shape)


def _no_nan(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value


def _sequence_difference(expected: Any, got: Any, rules: Compare, where: str) -> str | None:
    items = list(got) if kind(got) in ("array", "series", "index") else got
    if not isinstance(items, (list, tuple)):
        return _mismatch(expected, got, where)
    if len(items) != len(expected):
        return f"{at(where)}{len(items)} items came back, {len(expected)} were expected."
    for number, (left, right) in enumerate(zip(expected, items, strict=True)):
        if found := difference(left, right, rules, f"{where}[{number}]" if where else f"item {number}"):
            return found
    return None


def _mapping_difference(expected: dict, got: dict, rules: Compare, where: str) -> str | None:
    missing, extra = [k for k in expected if k not in got], [k for k in got if k not in expected]
    if missing or extra:
        words = [f"{word} {', '.join(map(repr, keys[:5]))}" for word, keys in (("lacks", missing), ("also has", extra)) if keys]
        return f"{at(where)}the dict {' and '.join(words)}."
    for key, value in expected.items():
        if found := difference(value, got[key], rules, f"{where}[{key!r}]"):
            return found
    return None


def _sparse_difference(expected: Any, got: Any, rules: Compare, where: str) -> str | None:
    if expected.shape != got.shape:
        return f"{at(where)}shape {got.shape} came back, shape {expected.shape} was expected."
    left, right = expected.tocoo(), got.tocoo()
    places = np.unique(np.c_[np.r_[left.row, right.row], np.r_[left.col, right.col]], axis=0)
    if not len(places):
        return None
    values = [np.asarray(m.tocsr()[places[:, 0], places[:, 1]]).ravel() for m in (expected, got)]
    return _array_difference(values[0], values[1], rules, where)

