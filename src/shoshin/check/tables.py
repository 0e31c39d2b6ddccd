"""Compare pandas objects whole: labels, order, types of content and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shoshin.check.arrays import as_array, same_entries
from shoshin.check.describe import Where, at, kind, listed, shown, two_shown
from shoshin.check.libraries import CONSTANT

if TYPE_CHECKING:
    from shoshin.check.rules import Compare

Difference = Callable[..., str | None]
Columns = dict[str, np.ndarray]  # by what to call them in a sentence
MOST_ROWS_TO_PAIR = 500


def table_difference(expected: Any, got: Any, rules: Compare, where: Where, difference: Difference) -> str | None:
    """Return how two DataFrames, Series or indexes of the same kind differ, or `None`.

    Names of a Series or an index are not compared. Missing values are equal whatever stands for them.
    """
    if identical(expected, got):
        return None
    if isinstance(expected, pd.DataFrame):
        if found := _labels_difference(list(expected.columns), list(got.columns), rules, where):
            return found
        got = got.iloc[:, _places(list(expected.columns), list(got.columns))]
    if len(expected) != len(got):
        return f"{at(where)}{len(got)} row{'s' * (len(got) != 1)} came back, {len(expected)} expected."
    if rules.index and not isinstance(expected, pd.Index) and expected.index.nlevels != got.index.nlevels:
        levels = [
            f"an index of {table.index.nlevels} level{'s' * (table.index.nlevels > 1)}" for table in (got, expected)
        ]
        return f"{at(where)}{levels[0]} came back, {levels[1]} was expected."
    left = _columns(expected, rules)
    right = dict(zip(left, _columns(got, rules).values(), strict=True))  # a label may be 1 here and 1.0 there
    for name in left:
        contents = _content(left[name]), _content(right[name])
        if contents[0] != contents[1] and "nothing" not in contents:
            return f"{at(where)}{name} holds {contents[1]}, {contents[0]} were expected."
    if rules.rows == "any":
        return _rows_difference(left, right, rules, where, difference)
    for name in left:
        same = same_entries(left[name], right[name], rules, difference)
        if not same.all():
            row, wrong = int(np.argmin(same)), f" ({int((~same).sum())} of {len(same)} rows differ)"
            place = f"{at(where)}{name}, row {row}{_label(got, row)}, is"
            return two_shown(left[name][row], right[name][row], place, wrong)
    return None


def identical(one: Any, other: Any) -> bool:
    """Tell, fast, whether two pandas objects hold the same, dtype by dtype and cell by cell; in doubt it says no."""
    if type(one) is not type(other) or one.shape != other.shape:
        return False
    if isinstance(one, pd.Index):
        return one.nlevels == other.nlevels == 1 and one.name == other.name and _identical_cells(one, other)
    if not identical(one.index, other.index):
        return False
    if isinstance(one, pd.Series):
        return _identical_cells(one, other)
    columns = zip(one.items(), other.items(), strict=True)
    return identical(one.columns, other.columns) and all(_identical_cells(a, b) for (_, a), (_, b) in columns)


def _identical_cells(one: Any, other: Any) -> bool:
    """Compare two Series or indexes of the same length."""
    if one.dtype != other.dtype:
        return False
    if isinstance(one.dtype, np.dtype) and one.dtype.kind in "biufcmM":
        return np.asarray(one).tobytes() == np.asarray(other).tobytes()
    return all(a is b or _same_constant(a, b) for a, b in zip(one.tolist(), other.tolist(), strict=True))


def _same_constant(one: Any, other: Any) -> bool:
    kind = type(one)
    return kind is type(other) and kind in CONSTANT and bool(one == other or (one != one and other != other))


def table_array(table: Any) -> np.ndarray:
    """Return the values of a pandas object as an array, (rows,) or (rows, columns), with missing values as NaN."""
    if not isinstance(table, pd.DataFrame):
        return _values(table)
    columns = [_values(column) for _, column in table.items()]
    if len({array.dtype.kind in "iufc" or array.dtype.kind for array in columns}) == 1:
        return np.stack(columns, axis=1)
    return np.stack([array.astype(object) for array in columns], axis=1) if columns else np.empty(table.shape)


def _labels_difference(expected: list, got: list, rules: Compare, where: Where) -> str | None:
    wanted, came = Counter(map(_label_key, expected)), Counter(map(_label_key, got))
    missing, extra = list((wanted - came).elements()), list((came - wanted).elements())
    if twice := [label for label in extra if wanted[label]]:
        return f"{at(where)}the table has more than one column {shown(twice[0])}."
    if missing or extra:
        words = [f"{verb} {listed(labels)}" for verb, labels in (("lacks", missing), ("also has", extra)) if labels]
        return f"{at(where)}the table {' and '.join(words)} among its columns."
    if rules.columns == "ordered" and list(map(_label_key, expected)) != list(map(_label_key, got)):
        return f"{at(where)}the columns are in the order {listed(got)}; {listed(expected)} was expected."
    return None


def _label_key(label: Any) -> Any:
    """Return a column's label so that a missing one equals another, and a NumPy number is a number."""
    if isinstance(label, tuple):
        return tuple(map(_label_key, label))
    label = label.item() if isinstance(label, np.generic) and label.dtype.kind in "biufU" else label
    return None if pd.api.types.is_scalar(label) and pd.isna(label) else label


def _places(expected: list, got: list) -> list[int]:
    """Return where in `got` each expected column is; of two with one label, the first is the first."""
    found: dict[Any, Iterator[int]] = {}
    for label in set(map(_label_key, got)):
        found[label] = iter([place for place, other in enumerate(got) if _label_key(other) == label])
    return [next(found[_label_key(label)]) for label in expected]


def _columns(table: Any, rules: Compare) -> Columns:
    """Return the values of a table's columns, those of its index first."""
    index = {}
    if isinstance(table, pd.Index) or rules.index:
        labels = table if isinstance(table, pd.Index) else table.index
        for level in range(labels.nlevels):
            name = "the index" if labels.nlevels == 1 else f"level {level} of the index"
            index[name] = _values(labels.get_level_values(level))
    if isinstance(table, pd.Index):
        return index
    if isinstance(table, pd.Series):
        return index | {"the value": _values(table)}
    names = [f"column {shown(label)}" for label in table.columns]
    names = [name if names.count(name) == 1 else f"{name} (number {place})" for place, name in enumerate(names)]
    return index | {name: _values(column) for name, (_, column) in zip(names, table.items(), strict=True)}


def _values(column: Any) -> np.ndarray:
    """Return a column as numbers, booleans, times, or objects in which every missing value is None."""
    dtype, missing = column.dtype, np.asarray(column.isna(), dtype=bool)
    if isinstance(dtype, np.dtype) and dtype.kind in "biufcmM":
        return np.asarray(column)
    if isinstance(dtype, pd.DatetimeTZDtype):
        column = pd.DatetimeIndex(column).tz_convert("UTC")
    values = np.asarray(column.astype(object), dtype=object).copy()
    values[missing] = None
    if not missing.any():
        return _numbers_or(values)
    present = _numbers_or(values[~missing])
    if present.dtype.kind in "iuf" and not (present.dtype.kind in "iu" and np.abs(present).max(initial=0) > 2**53):
        values = np.full(len(values), np.nan)
        values[~missing] = present
    return values


def _numbers_or(values: np.ndarray) -> np.ndarray:
    """Return an array of objects as one of numbers or booleans, if all of them are."""
    array = as_array(values)
    return values if array is None or array.dtype.kind not in "biufc" else array


def _content(values: np.ndarray) -> str:
    """Return what a column holds, in a word; missing values do not count."""
    if values.dtype.kind in "iufc":
        return "nothing" if np.isnan(values).all() else "numbers"
    if values.dtype.kind in "mM":
        return "nothing" if np.isnat(values).all() else "times" if values.dtype.kind == "M" else "durations"
    if values.dtype.kind == "b":
        return "booleans" if values.size else "nothing"
    families = {_FAMILIES.get(kind(value)) or type(value).__name__ for value in values if value is not None}
    aware = {getattr(value, "tzinfo", None) is not None for value in values if value is not None}
    if families == {"times"} and aware == {True}:
        return "times with a time zone"
    return " and ".join(sorted(families)) or "nothing"


_FAMILIES = {"number": "numbers", "boolean": "booleans", "text": "texts", "time": "times", "duration": "durations"}
_FAMILIES |= {"sequence": "lists", "mapping": "dicts", "array": "lists", "interval": "intervals"}


def _label(table: Any, row: int) -> str:
    """Return a row's label in brackets, where it says more than the row's number."""
    label = row if isinstance(table, pd.Index) else table.index[row]
    return "" if shown(label) == str(row) else f" ({shown(label).strip('()')})"


def _rows_difference(left: Columns, right: Columns, rules: Compare, where: Where, difference: Difference) -> str | None:
    """Return how two tables differ if the order of their rows does not matter."""
    orders = _order(left), _order(right)
    left = {name: values[orders[0]] for name, values in left.items()}
    right = {name: values[orders[1]] for name, values in right.items()}

    def agree(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        same = np.ones(len(rows), dtype=bool)
        for name in left:
            same &= same_entries(left[name][rows], right[name][others], rules, difference)
        return same

    every = np.arange(len(orders[0]))
    rest = every[~agree(every, every)]
    spare, missing = list(rest), []
    # Floats that differ by rounding may have been sorted differently: try each row that is left with each other.
    for row in rest if len(rest) <= MOST_ROWS_TO_PAIR else []:
        partners = agree(np.full(len(spare), row), np.array(spare, dtype=int))
        if partners.any():
            del spare[int(np.argmax(partners))]
        else:
            missing.append(row)
    if len(rest) > MOST_ROWS_TO_PAIR:
        missing = list(rest)
    if not missing:
        return None
    words = _row_in_words(left, missing[0]), _row_in_words(right, spare[0])
    return f"{at(where)}no row has {words[0]}; one has {words[1]} ({len(missing)} of {len(every)} rows differ)."


def _order(columns: Columns) -> np.ndarray:
    """Return the order that sorts the rows, by what is exact (texts, integers) first."""
    keys = [values if values.dtype.kind != "O" else np.array([*map(repr, values)]) for values in columns.values()]
    keys.sort(key=lambda key: key.dtype.kind in "fc")
    return np.lexsort(keys[::-1]) if keys else np.arange(0)


def _row_in_words(columns: Columns, row: int) -> str:
    """Return `'city' = 'Rome', 'price' = 3.5`."""
    words = [f"{name.removeprefix('column ')} = {shown(values[row])}" for name, values in columns.items()]
    return ", ".join(words[:6]) + (", …" if len(words) > 6 else "")
