"""Put values, types and calls into a few words, for a learner to read."""

from __future__ import annotations

import datetime
import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from types import NoneType
from typing import Any

import numpy as np

from shoshin.check.plain import Foreign, plain

CONTENT = {"b": "booleans", "U": "texts", "S": "bytes", "M": "times", "m": "durations", "V": "fields"}
CONTENT |= dict.fromkeys("iufc", "numbers")
Where = tuple[Any, ...]  # the positions and keys that lead to a part of a result
NARROW = 74  # what fits, indented, into a card of 80 columns

KINDS: dict[type, str] = {
    NoneType: "nothing",
    Foreign: "foreign",
    **dict.fromkeys((bool, np.bool_), "boolean"),
    **dict.fromkeys((int, float, complex, Fraction, Decimal), "number"),
    **dict.fromkeys((str, np.str_), "text"),
    **dict.fromkeys((bytes, np.bytes_), "bytes"),
    **dict.fromkeys((datetime.date, datetime.datetime, datetime.time, np.datetime64), "time"),
    **dict.fromkeys((datetime.timedelta, np.timedelta64), "duration"),
    **dict.fromkeys((list, tuple), "sequence"),
    **dict.fromkeys((set, frozenset), "set"),
    dict: "mapping",
}


def kind(value: Any) -> str:
    """Return the family of a plain value: number, boolean, text, array, table, sequence and so on."""
    if type(value) in (np.datetime64, np.timedelta64) and np.isnat(value):
        return "nothing"
    if type(value) in KINDS:
        return KINDS[type(value)]
    if isinstance(value, np.ndarray):
        return "array"
    if isinstance(value, np.number):
        return "number"
    pandas: Any = sys.modules.get("pandas")
    if pandas is not None:
        families = {"DataFrame": "table", "Series": "series", "Index": "index", "Interval": "interval"}
        families |= {"Timestamp": "time", "Timedelta": "duration"}
        for name, family in families.items():
            if isinstance(value, getattr(pandas, name)):
                return family
    return "sparse" if type(value).__module__.startswith("scipy.sparse") else "other"


def type_in_words(value: Any) -> str:
    """Return what a value is, for a learner: `an array of shape (3, 2)`, `a DataFrame of shape (3, 2)`."""
    family = kind(value)
    if family == "array":
        content = CONTENT.get(value.dtype.kind, "objects")
        return f"an array of {content + ' with ' if content != 'numbers' else ''}shape {value.shape}"
    if family in ("table", "series", "index", "sparse"):
        return f"{_article(type(value).__name__)} of shape {value.shape}"
    if family == "sequence":
        return f"a {type(value).__name__} of {len(value)} item{'' if len(value) == 1 else 's'}"
    if family == "mapping":
        return f"a dict of {len(value)} entr{'y' if len(value) == 1 else 'ies'}"
    if family == "foreign":
        return _article(value.type_name)
    if family in ("number", "boolean", "text", "time", "duration"):
        return f"the {family} {shown(value)}"
    return "nothing (None)" if family == "nothing" else _article(type(value).__name__)


def _article(name: str) -> str:
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"


def mismatch(expected: Any, got: Any, where: Where) -> str:
    """Return the sentence for a result of another kind than the expected one."""
    return f"{at(where)}{type_in_words(got)} came back, {type_in_words(expected)} was expected."


def two_shown(expected: Any, got: Any, place: str = "", suffix: str = "") -> str:
    """Return the sentence for two unequal values, in as many digits as show that they are."""
    digits = next((d for d in (6, 9, 12) if shown(expected, d) != shown(got, d)), 17)
    texts = [shown(value, digits) for value in (expected, got)]
    if type(expected) is type(got) is str and min(map(len, (expected, got))) > 30:
        texts = _where_texts_part(expected, got)
    if place:
        return f"{place} {texts[1]}, but {texts[0]} was expected{suffix}."
    return f"{texts[1]} came back, {texts[0]} was expected."


def _where_texts_part(expected: str, got: str) -> list[str]:
    pairs = enumerate(zip(expected, got, strict=False))
    start = next((i for i, (left, right) in pairs if left != right), min(len(expected), len(got)))
    first = max(0, start - 15)
    return [shown("…" * (first > 0) + text[first:]) for text in (expected, got)]


def at(where: Where) -> str:
    """Return the beginning of a sentence about a part of a result: `in item 1 of 'losses', `."""
    parts = [f"item {part}" if isinstance(part, int) else shown(part) for part in reversed(where)]
    return f"in {' of '.join(parts)}, " if parts else ""


def listed(items: list) -> str:
    """Return `'a', 'b' and 3 more`."""
    words = ", ".join(map(shown, items[:5]))
    return f"{words} and {len(items) - 5} more" if len(items) > 5 else words


def shown(value: Any, digits: int = 6) -> str:
    """Return a short text of one value."""
    if type(value) is tuple:
        return f"({', '.join(map(shown, value))}{',' * (len(value) == 1)})"
    if isinstance(value, np.generic) and value.dtype.kind not in "mM":
        value = value.item()
    try:
        # A date is shown as one reads it: 2024-01-31, not datetime.date(2024, 1, 31).
        plainly = kind(value) in ("time", "duration") or isinstance(value, (Fraction, Decimal))
        text = f"{value:.{digits}g}" if isinstance(value, (float, complex)) else str(value) if plainly else repr(value)
    except ValueError:  # Python refuses to write integers of more than 4300 digits
        text = f"an integer of {value.bit_length()} bits"
    return text if len(text) < 80 else text[:77] + "…"


def call_in_words(name: str, function: Callable[..., Any], case: tuple[Any, ...]) -> str:
    """Return the call that failed, with its arguments shortened: `standardise(train=array of shape (20, 2), …)`."""
    return f"{name}({', '.join(named_arguments(function, case, '='))})"


def named_arguments(function: Callable[..., Any], case: tuple[Any, ...], joint: str) -> list[str]:
    """Return `name = value` for each argument of a case, as the last parameters of `function` name them."""
    names = parameters_of(function)[-len(case) :] if case else []
    heads = [f"{name}{joint}" for name in names] if len(names) == len(case) else [""] * len(case)
    return [head + _argument(value) for head, value in zip(heads, case, strict=True)]


def parameters_of(function: Callable[..., Any]) -> list[str]:
    """Return the names of a function's parameters, where they can be known."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some builtins
        return []


def _argument(value: Any) -> str:
    name = getattr(value, "__name__", "") if callable(value) else ""
    return name or value_in_words(plain(value), 60)


def value_in_words(value: Any, width: int = 240) -> str:
    """Return a short text of a plain value: what it holds if that is short, else what it is."""
    family = kind(value)
    if family == "foreign":
        text = str(value.text)
    elif family == "array":
        return _array_in_words(value, width)
    elif family == "mapping":
        return _fitted((f"{shown(k)}: {value_in_words(v, 40)}" for k, v in value.items()), "{}", len(value), width)
    elif family == "set":
        return _fitted(map(shown, value), "{}", len(value), width) if value else "an empty set"
    elif family == "sequence":
        brackets = "[]" if type(value) is list else "()" if len(value) != 1 else ("(", ",)")
        return _fitted((value_in_words(item, 40) for item in value), brackets, len(value), width)
    elif family in ("table", "series"):
        return _table_in_words(value, width)
    else:
        text = shown(value)
    return text if len(text) <= width and (width > 60 or "\n" not in text) else _bare(value)


def _fitted(texts: Iterable[str], brackets: Sequence[str], number: int, width: int) -> str:
    """Return the texts in brackets, as many as fit: `(array of shape (20, 2), 0.5)`, `[1, 2, … (98 more)]`."""
    words: list[str] = []
    for text in texts:
        if sum(map(len, words)) + 2 * len(words) + len(text) > width:
            words.append(f"… ({number - len(words)} more)")
            break
        words.append(text)
    return f"{brackets[0]}{', '.join(words)}{brackets[1]}"


def _array_in_words(array: np.ndarray, width: int) -> str:
    words = f"array of shape {array.shape}"
    text = np.array2string(array, precision=6, threshold=20, edgeitems=2, separator=", ", max_line_width=NARROW)
    if len(text) > width or (width <= 60 and "\n" in text):
        return words
    return text if width <= 60 else f"{words}:\n{text}"


def _table_in_words(table: Any, width: int) -> str:
    if width <= 60 or 0 in table.shape:
        return _bare(table)
    narrow = {"max_cols": 6, "line_width": NARROW, "max_colwidth": 20} if kind(table) == "table" else {}
    text = table.to_string(max_rows=6, **narrow)
    return f"{_bare(table)}:\n{text}" if text.count("\n") < 16 else _bare(table)


def _bare(value: Any) -> str:
    return type_in_words(value).removeprefix("a ").removeprefix("an ").removeprefix("the ")
