"""Compare pandas objects whole: labels, order, types of content and values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from shoshin.check.compare import Compare, same_numbers, same_objects
from shoshin.check.describe import at, shown


def table_difference(expected: Any, got: Any, rules: Compare, where: str) -> str | None:
    """Return how two DataFrames, Series or indexes of the same kind differ, or `None`.

    Names of a Series or an index are not compared. Missing values are equal whatever stands for them.
    """
    if isinstance(expected, pd.Index):
        return _columns_difference({"index": expected}, {"index": got}, rules, where)
    if isinstance(expected, pd.Series):
        left, right = {"values": expected}, {"values": got}
    else:
        if found := _labels_difference(list(expected.columns), list(got.columns), rules, where):
            return found
        left = {name: expected[name] for name in expected.columns}
        right = {name: got[name] for name in expected.columns}
    if len(expected) != len(got):
        return f"{at(where)}{len(got)} rows came back, {len(expected)} were expected."
    if rules.index:
        if expected.index.nlevels != got.index.nlevels:
            levels = got.index.nlevels, expected.index.nlevels
            return f"{at(where)}an index of {levels[0]} levels came back, {levels[1]} were expected."
        left = _levels(expected.index) | left
        right = _levels(got.index) | right
    return _columns_difference(left, right, rules, where)


def _labels_difference(expected: list, got: list, rules: Compare, where: str) -> str | None:
    if len(set(map(repr, got))) != len(got):
        return f"{at(where)}two columns have the same name in {shown(got)}."
    missing, extra = [c for c in expected if c not in got], [c for c in got if c not in expected]
    if missing or extra:
        words = [f"{word} {', '.join(map(repr, c[:5]))}" for word, c in (("lacks", missing), ("also has", extra)) if c]
        return f"{at(where)}the table {' and '.join(words)} among its columns."
    if rules.columns == "ordered" and expected != got:
        return f"{at(where)}the columns are in the order {shown(got)}, {shown(expected)} was expected."
    return None


def _levels(index: pd.Index) -> dict[Any, Any]:
    single = index.nlevels == 1
    return {
        "the index" if single else f"level {level} of the index": index.get_level_values(level)
        for level in range(index.nlevels)
    }


def _columns_difference(expected: dict, got: dict, rules: Compare, where: str) -> str | None:
    left = {name: _values(column) for name, column in expected.items()}
    right = {name: _values(column) for name, column in got.items()}
    for name in left:
        kinds = _content(left[name]), _content(right[name])
        if kinds[0] != kinds[1] and "nothing" not in kinds:
            return f"{at(where)}{_column(name)} holds {kinds[1]}, {kinds[0]} were expected."
    if rules.rows == "any":
        left, right = _sorted(left), _sorted(right)
    for name in left:
        one, other = left[name], right[name]
        if len(one) != len(other):
            return f"{at(where)}{len(other)} rows came back, {len(one)} were expected."
        same = same_numbers(one, other, rules) if one.dtype.kind in "iuf" and other.dtype.kind in "iuf" else None
        same = same_objects(one.astype(object), other.astype(object), rules) if same is None else same
        if not same.all():
            row, wrong = int(np.argmin(same)), int((~same).sum())
            return (
                f"{at(where)}{_column(name)} has {shown(other[row])} in row {row}, "
                f"{shown(one[row])} was expected ({wrong} of {len(same)} rows differ)."
            )
    return None


def _column(name: Any) -> str:
    return name if isinstance(name, str) and name.endswith(("index", "values")) else f"column {name!r}"


def _values(column: Any) -> np.ndarray:
    """Return a column as floats, integers, booleans, or objects in which every missing value is None."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        column = column.astype(dtype.categories.dtype)
        dtype = column.dtype
    missing = np.asarray(column.isna())
    if pd.api.types.is_bool_dtype(dtype) and not missing.any():
        return np.asarray(column, dtype=bool)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        if missing.any():
            return column.to_numpy(dtype=float, na_value=np.nan)
        values = np.asarray(column)
        return values if values.dtype.kind in "iufc" else values.astype(float)
    values = np.asarray(column.astype(object), dtype=object).copy()
    values[missing] = None
    return values


def _content(values: np.ndarray) -> str:
    if values.dtype.kind in "iufc":
        return "nothing" if np.isnan(values).all() else "numbers"
    if values.dtype.kind == "b":
        return "booleans"
    first = next((value for value in values if value is not None), None)
    names = {"str": "texts", "bool": "booleans", "int": "numbers", "float": "numbers", "Timestamp": "times"}
    return "nothing" if first is None else names.get(type(first).__name__, type(first).__name__)


def _sorted(columns: dict[Any, np.ndarray]) -> dict[Any, np.ndarray]:
    keys = [_sort_key(values) for values in columns.values()]
    # Exact columns (texts, integers) come first: floats that differ by rounding may tie in another order.
    keys.sort(key=lambda key: key.dtype.kind == "f")
    order = np.lexsort(keys[::-1]) if keys else np.arange(0)
    return {name: values[order] for name, values in columns.items()}


def _sort_key(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind in "iub":
        return values
    if values.dtype.kind == "f":
        return np.array([float(f"{value:.5g}") for value in values])
    return np.array([repr(value) for value in values])


