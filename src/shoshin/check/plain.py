"""Turn a result into plain data that nothing else refers to: only plain data is ever compared."""

from __future__ import annotations

import copy
import datetime
import numbers
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

DEEPEST = 50
TIMES = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)


@dataclass(frozen=True)
class Foreign:
    """Stands for a value that is not plain data: a function, a model, a generator, a lazy table."""

    type_name: str
    text: str


def plain(value: Any, depth: int = 0) -> Any:
    """Return `value` as plain data, copied; what is not plain becomes `Foreign`.

    Numbers, texts, times, arrays, tables and their lists, tuples, dicts and sets keep their type.
    Tensors become arrays (from any device, without gradient); sparse matrices and pandas objects stay.
    """
    if value is None or isinstance(value, (bool, str, bytes, numbers.Number, np.generic, *TIMES)):
        return value
    if depth > DEEPEST:
        return Foreign(type(value).__name__, "nested too deeply")
    if isinstance(value, np.ndarray):
        return _array(value, depth)
    if isinstance(value, dict):
        return {plain(key, depth + 1): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return {plain(item, depth + 1) for item in value}
    if isinstance(value, (list, tuple, range, type({}.keys()), type({}.values()), type({}.items()))):
        items = [plain(item, depth + 1) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    return _library_object(value)


def _array(array: np.ndarray, depth: int) -> Any:
    if isinstance(array, np.ma.MaskedArray):
        array = array.astype(float).filled(np.nan) if array.dtype.kind in "iuf" else array.filled()
    array = np.array(array, subok=False)
    if array.dtype == object:
        for place, item in np.ndenumerate(array):
            array[place] = plain(item, depth + 1)
    return array


def _library_object(value: Any) -> Any:
    torch, sparse, pandas = (sys.modules.get(name) for name in ("torch", "scipy.sparse", "pandas"))
    if torch is not None and isinstance(value, torch.Tensor):
        tensor = value.detach().cpu()
        if tensor.layout is not torch.strided:
            tensor = tensor.to_dense()
        if tensor.dtype is torch.bfloat16:
            tensor = tensor.float()
        return tensor.resolve_conj().resolve_neg().numpy().copy()
    if sparse is not None and sparse.issparse(value):
        return value.copy()
    if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series, pandas.Index)):
        return value.copy()
    if pandas is not None and (value is pandas.NA or value is pandas.NaT):
        return None
    if pandas is not None and isinstance(value, (pandas.Interval, pandas.Period)):
        return value
    if pandas is not None and isinstance(value, pandas.api.extensions.ExtensionArray):
        return pandas.Series(value)
    return Foreign(type(value).__name__, _safe_repr(value))


def _safe_repr(value: Any) -> str:
    try:
        return repr(value)[:200]
    except BaseException as error:  # the learner's own __repr__ may do anything
        return f"(its repr raised {type(error).__name__})"


def private_copy(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arguments that the callee may change without harm; what cannot be copied is passed as it is."""
    return tuple(_copied(argument) for argument in arguments)


def _copied(argument: Any) -> Any:
    try:
        return copy.deepcopy(argument)
    except Exception:
        return argument
