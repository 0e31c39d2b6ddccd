"""Say in one sentence how a result differs from the expected one, or that it does not."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from shoshin.check.arrays import array_difference, as_array, sparse_difference
from shoshin.check.describe import Where, at, kind, listed, mismatch, two_shown
from shoshin.check.rules import USUAL, Compare
from shoshin.check.tolerance import same_number


def difference(expected: Any, got: Any, rules: Compare = USUAL, where: Where = ()) -> str | None:
    """Return how `got` differs from `expected` (both plain data), as a sentence; `None` if it does not.

    NaN equals NaN. Numbers, tensors and lists of numbers are compared by value with a tolerance that follows
    their dtype; a boolean is not a number. Tables are compared whole: labels, order, types of content, values.
    `where` says which part of a larger result this is.
    """
    if type(expected) is type(got) and type(expected) in (int, float, str, bool) and expected == got:
        return None
    wanted, came = kind(expected), kind(got)
    if wanted == "array":
        return array_difference(expected, got, rules, where, difference)
    if wanted == "sequence":
        return _sequence_difference(expected, got, rules, where)
    if wanted == "foreign":
        return f"{at(where)}a {got.type_name if came == 'foreign' else came} came back, which cannot be compared."
    if came != wanted:
        return mismatch(expected, got, where)
    if wanted in ("table", "series", "index"):
        from shoshin.check.tables import table_difference  # it needs pandas, which is there if a table is

        return table_difference(expected, got, rules, where, difference)
    if wanted == "mapping":
        return _mapping_difference(expected, got, rules, where)
    if wanted == "set":
        missing, extra = unmatched(list(expected - got), list(got - expected), rules)
        return f"{at(where)}the set {lacks(missing, extra)}." if missing or extra else None
    if wanted == "sparse":
        return sparse_difference(expected, got, rules, where, difference)
    return None if same_value(expected, got, rules) else at(where) + two_shown(expected, got)


def same_value(expected: Any, got: Any, rules: Compare) -> bool:
    """Tell whether two single values of one kind agree."""
    if type(expected) is str:
        return bool(expected == got)
    family = kind(expected)
    if family == "nothing":  # None and NaT, which does not equal itself
        return True
    if family == "number":
        return same_number(expected, got, rules)
    if family == "time":
        return _instant(expected) == _instant(got)
    if family == "interval":
        ends = [(one.left, one.right, one.closed) for one in (expected, got)]
        return all(difference(left, right, rules) is None for left, right in zip(*ends, strict=True))
    return bool(expected == got)


def _instant(time: Any) -> tuple[bool, Any]:
    """Return (has a time zone, the moment in UTC), however a date or time is stored."""
    if isinstance(time, datetime.time):
        return time.tzinfo is not None, time
    aware = getattr(time, "tzinfo", None) is not None
    if hasattr(time, "to_datetime64"):
        return aware, time.to_datetime64()
    if aware:
        time = time.astimezone(datetime.UTC).replace(tzinfo=None)
    return aware, np.datetime64(time)


def _sequence_difference(expected: Any, got: Any, rules: Compare, where: Where) -> str | None:
    if kind(got) in ("series", "index", "array"):
        array = as_array(got)
        got = list(() if array is None else array)
    if not isinstance(got, (list, tuple)):
        return mismatch(expected, got, where)
    if len(got) != len(expected):
        return f"{at(where)}{len(got)} item{'s' * (len(got) != 1)} came back, {len(expected)} expected."
    # The items of a tuple are several results, each with a scale of its own; those of a list are one.
    if type(expected) is list:
        arrays = as_array(expected), as_array(got)
        if arrays[0] is not None and arrays[1] is not None and arrays[0].shape == arrays[1].shape:
            return array_difference(arrays[0], arrays[1], rules, where, difference)
    for number, (left, right) in enumerate(zip(expected, got, strict=True)):
        if found := difference(left, right, rules, (*where, number)):
            return found
    return None


def _mapping_difference(expected: dict, got: dict, rules: Compare, where: Where) -> str | None:
    missing, extra = unmatched([k for k in expected if k not in got], [k for k in got if k not in expected], rules)
    if missing or extra:
        return f"{at(where)}the dict {lacks(missing, extra)}."
    for key, value in expected.items():
        # A key that is not there as it is has been changed by rounding.
        other = key if key in got else next(k for k in got if k not in expected and not difference(key, k, rules))
        if found := difference(value, got[other], rules, (*where, key)):
            return found
    return None


def unmatched(expected: list, got: list, rules: Compare) -> tuple[list, list]:
    """Return what is left of two collections after pairing off the items that are the same."""
    left, right = [], list(got)
    for item in expected:
        partner = next((i for i, other in enumerate(right) if difference(item, other, rules) is None), None)
        if partner is None:
            left.append(item)
        else:
            del right[partner]
    return left, right


def lacks(missing: list, extra: list) -> str:
    """Return `lacks 'a', 'b' and also has 'c'`."""
    words = [f"{verb} {listed(items)}" for verb, items in (("lacks", missing), ("also has", extra)) if items]
    return " and ".join(words)
