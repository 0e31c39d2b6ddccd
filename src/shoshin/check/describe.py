"""Put values and calls into a few words, for a learner to read."""

from __future__ import annotations

import inspect
import numbers
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from shoshin.check.plain import TIMES, Foreign

WORDS = {"b": "booleans", "U": "texts", "S": "bytes", "O": "objects", "M": "times", "m": "durations"}


def kind(value: Any) -> str:
    """Return the family of a plain value: number, boolean, text, array, table, sequence and so on."""
    if isinstance(value, np.ndarray):
        return "array" if value.ndim else kind(value.item())
    if value is None:
        return "nothing"
    pandas: Any = sys.modules.get("pandas")
    if pandas is not None:
        for name, family in (("DataFrame", "table"), ("Series", "series"), ("Index", "index")):
            if isinstance(value, getattr(pandas, name)):
                return family
    for types, family in _FAMILIES:
        if isinstance(value, types):
            return family
    return "sparse" if type(value).__module__.startswith("scipy.sparse") else "other"


_FAMILIES: tuple[tuple[Any, str], ...] = (
    ((bool, np.bool_), "boolean"),
    (TIMES, "time"),
    ((numbers.Number, np.number), "number"),
    (str, "text"),
    (bytes, "bytes"),
    ((list, tuple), "sequence"),
    (dict, "mapping"),
    (set, "set"),
    (Foreign, "foreign"),
)


def type_in_words(value: Any) -> str:
    """Return what a value is, for a learner: `an array of shape (3, 2)`, `a DataFrame with 3 rows`."""
    family = kind(value)
    if family == "array":
        content = WORDS.get(value.dtype.kind, "")
        return f"an array of {content + ' with ' if content else ''}shape {value.shape}"
    if family in ("table", "series", "index", "sparse"):
        name = type(value).__name__
        return f"{'an' if name[0] in 'AEIOU' else 'a'} {name} of shape {value.shape}"
    if family == "sequence":
        return f"a {type(value).__name__} of {len(value)} items"
    if family == "mapping":
        return f"a dict of {len(value)} entries"
    if family == "foreign":
        return f"{'an' if value.type_name[:1] in 'AEIOUaeiou' else 'a'} {value.type_name}"
    if family in ("number", "boolean", "text"):
        return f"the {family} {shown(value)}"
    return {"nothing": "nothing (None)", "time": f"the time {value}"}.get(family, f"a {type(value).__name__}")


def at(where: str) -> str:
    return f"{where}: " if where else ""


def shown(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, (float, np.floating)) else repr(value)
    if isinstance(value, np.generic):
        text = f"{value.item():.6g}" if isinstance(value, np.floating) else repr(value.item())
    return text if len(text) < 80 else text[:77] + "…"


def call_in_words(name: str, signature_of: Callable[..., Any], case: tuple[Any, ...]) -> str:
    """Return the call that failed, with its arguments shortened: `standardise(train=array of shape (20, 2), …)`."""
    try:
        names = [f"{parameter}=" for parameter in inspect.signature(signature_of).parameters]
    except (TypeError, ValueError):
        names = []
    names = names if len(names) == len(case) else [""] * len(case)
    arguments = [name + value_in_words(value, 60) for name, value in zip(names, case, strict=True)]
    return f"{name}({', '.join(arguments)})"


def value_in_words(value: Any, width: int = 240) -> str:
    """Return a short text of a value: its `repr` if that is short, else what it is and how it begins."""
    family = kind(value)
    if family == "foreign":
        return str(value.text)
    if family in ("number", "boolean"):
        return shown(value)
    if family == "array":
        text = np.array2string(value, precision=4, threshold=20, edgeitems=2, separator=", ")
        words = f"array of shape {value.shape}"
        return f"{words}: {text}" if len(text) <= width else words
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    try:
        text = str(value) if family in ("table", "series", "index") else repr(value)
    except Exception:
        return type_in_words(value)
    if len(text) <= width and (width > 100 or "\n" not in text):
        return text
    return type_in_words(value).removeprefix("a ").removeprefix("an ")
