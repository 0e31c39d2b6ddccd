"""Compare arrays, nested lists and sparse matrices entry by entry."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from shoshin.check.describe import CONTENT, Where, at, kind, mismatch, two_shown
from shoshin.check.tolerance import same_numbers

if TYPE_CHECKING:
    from shoshin.check.rules import Compare

Difference = Callable[..., str | None]
SINGLE = {"number", "boolean", "text", "bytes", "time", "duration", "nothing"}
NUMBERS = (int, float, complex, np.number)


def array_difference(
    expected: np.ndarray, got: Any, rules: Compare, where: Where, difference: Difference
) -> str | None:
    """Return how `got`, an array or what is one in spirit, differs from the array `expected`."""
    expected, array = _without_objects(expected), as_array(got)
    if array is None:
        return mismatch(expected, got, where)
    if array.shape != expected.shape:
        if not isinstance(got, np.ndarray):
            return mismatch(expected, got, where)
        return f"{at(where)}shape {array.shape} came back, shape {expected.shape} was expected."
    if expected.dtype.names is not None or array.dtype.names is not None:
        return _fields_difference(expected, array, rules, where, difference)
    if array.size == 0:
        return None
    contents = [CONTENT.get(a.dtype.kind, "objects") for a in (expected, array)]
    if contents[0] != contents[1] and "objects" not in contents:
        return f"{at(where)}an array of {contents[1]} came back, an array of {contents[0]} was expected."
    same = same_entries(expected, array, rules, difference)
    if same.all():
        return None
    place = tuple(int(i) for i in np.argwhere(~same)[0])
    wrong = f" ({int((~same).sum())} of {same.size} entries differ)" if same.size > 1 else ""
    entry = f"entry [{', '.join(map(str, place))}]"
    return two_shown(_item(expected, place), _item(array, place), f"{at(where)}{entry} is", wrong)


def same_entries(expected: np.ndarray, got: np.ndarray, rules: Compare, difference: Difference) -> np.ndarray:
    """Return where two arrays of one shape agree."""
    kinds = expected.dtype.kind + got.dtype.kind
    if set(kinds) <= set("iufc"):
        return same_numbers(expected, got, rules)
    if kinds in ("MM", "mm"):
        return (expected == got) | (np.isnat(expected) & np.isnat(got))
    if "O" not in kinds:
        return np.asarray(expected == got)
    same = np.empty(expected.shape, dtype=bool)
    for place in np.ndindex(expected.shape):
        one, other = _item(expected, place), _item(got, place)
        same[place] = (type(one) is str and one == other) or difference(one, other, rules) is None
        same[place] |= _is_missing(one) and _is_missing(other)
    return same


def _is_missing(item: Any) -> bool:
    return kind(item) == "nothing" or (isinstance(item, (float, np.floating)) and bool(np.isnan(item)))


def _item(array: np.ndarray, place: tuple[int, ...]) -> Any:
    item = array[place]
    return item.item() if isinstance(item, np.generic) and array.dtype.kind in "biuUS" else item


def as_array(value: Any) -> np.ndarray | None:
    """Return a plain value as an array if it is one in spirit: a Series, lists of equal length and one content."""
    family = kind(value)
    if family == "array":
        return _without_objects(value)
    if family in ("table", "series", "index"):
        from shoshin.check.tables import table_array

        return table_array(value)
    return _list_array(value) if family == "sequence" else None


def _list_array(items: Any) -> np.ndarray | None:
    types = set(map(type, items))
    if not types:
        return np.empty(0)
    if types <= {list, tuple} and len(set(map(len, items))) == 1:
        flat = _list_array(list(itertools.chain.from_iterable(items)))
        return None if flat is None else flat.reshape(len(items), len(items[0]), *flat.shape[1:])
    if any(issubclass(t, (list, tuple, np.ndarray)) for t in types):
        arrays = [as_array(item) if isinstance(item, (list, tuple, np.ndarray)) else None for item in items]
        whole = [a for a in arrays if a is not None]
        contents = {CONTENT.get(a.dtype.kind) for a in whole if a.size}
        alike = len(whole) == len(arrays) and len({a.shape for a in whole}) == 1 and len(contents) <= 1
        return np.stack(whole) if alike else None
    if all(issubclass(t, NUMBERS) and t is not bool and not issubclass(t, np.timedelta64) for t in types):
        return _number_array(items, types)
    if types in ({bool}, {str}, {bytes}):
        return np.asarray(items)
    return _object_array(items) if {kind(item) for item in items} <= SINGLE else None


def _number_array(items: Any, types: set[type]) -> np.ndarray:
    if int in types and any(type(item) is int and abs(item) >= 2**63 for item in items):
        return _object_array(items)
    array = np.asarray(items)
    # One coarse number among others: their tolerance is the coarse one's.
    coarse = [np.dtype(t) for t in types if issubclass(t, (np.float16, np.float32, np.complex64))]
    if coarse and len(types) > 1 and array.dtype.kind == "f":
        return array.astype(min(coarse, key=lambda dtype: dtype.itemsize))
    return array


def _object_array(items: Any) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def _without_objects(array: np.ndarray) -> np.ndarray:
    """Return an array of objects that are all numbers, texts or booleans as an array of those."""
    if array.dtype != object or array.size == 0:
        return array
    flat = _list_array(array.ravel().tolist())
    return array if flat is None or flat.ndim != 1 else flat.reshape(array.shape)


def _fields_difference(
    expected: np.ndarray, got: np.ndarray, rules: Compare, where: Where, difference: Difference
) -> str | None:
    if expected.dtype.names != got.dtype.names:
        names = [f"the fields {', '.join(a.dtype.names)}" if a.dtype.names else "no fields" for a in (got, expected)]
        return f"{at(where)}an array with {names[0]} came back, one with {names[1]} was expected."
    for name in expected.dtype.names or ():
        if found := difference(expected[name], got[name], rules, (*where, name)):
            return found
    return None


def sparse_difference(expected: Any, got: Any, rules: Compare, where: Where, difference: Difference) -> str | None:
    """Return how two sparse matrices or arrays differ, whatever their formats and stored zeros."""
    if expected.shape != got.shape:
        return f"{at(where)}shape {got.shape} came back, shape {expected.shape} was expected."
    (places, values), (other_places, other_values) = map(_stored, (expected, got))
    if not len(places) + len(other_places):
        return None
    union, rows = np.unique(np.concatenate([places, other_places]), axis=0, return_inverse=True)
    rows = rows.ravel()  # NumPy 2.0 gives it another shape than 2.1
    dense = [np.zeros(len(union), dtype=v.dtype) for v in (values, other_values)]
    dense[0][rows[: len(places)]], dense[1][rows[len(places) :]] = values, other_values
    contents = [CONTENT.get(a.dtype.kind, "objects") for a in dense]
    if contents[0] != contents[1]:
        return f"{at(where)}a matrix of {contents[1]} came back, a matrix of {contents[0]} was expected."
    same = same_entries(dense[0], dense[1], rules, difference)
    if same.all():
        return None
    first = int(np.argmin(same))
    entry = f"{at(where)}entry [{', '.join(map(str, union[first].tolist()))}] is"
    wrong = f" ({int((~same).sum())} entries differ)"
    return two_shown(_item(dense[0], (first,)), _item(dense[1], (first,)), entry, wrong)


def _stored(matrix: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the places (n, dimensions) and values (n,) that a sparse matrix stores, each place once."""
    matrix = matrix.tocoo(copy=True)
    matrix.sum_duplicates()
    places = matrix.coords if hasattr(matrix, "coords") else (matrix.row, matrix.col)
    return np.stack(places, axis=1).astype(np.int64), matrix.data
