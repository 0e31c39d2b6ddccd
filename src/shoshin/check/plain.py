"""Turn a result into plain data that nothing else refers to: only plain data is ever compared."""

from __future__ import annotations

import array
import collections
import copy
import datetime
import re
import sys
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import NoneType
from typing import Any

import numpy as np

from shoshin.check.libraries import library_object

DEEPEST = 100  # lists inside lists
MOST = 300_000  # lists, tuples, dicts and sets in one result; beyond it lies a maze, not an answer

AS_THEY_ARE: set[type] = {
    NoneType,
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    Fraction,
    Decimal,
    datetime.time,
    datetime.timedelta,
}
# What an instance of a subclass is in truth, whatever its own methods claim.
UNDERNEATH: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: complex.__complex__,
    str: str.__str__,
    bytes: bytes.__bytes__,
    bytearray: bytes,
    memoryview: bytes,
}
_EMPTY: dict[Any, Any] = {}
VIEWS = (type(_EMPTY.keys()), type(_EMPTY.values()), type(_EMPTY.items()))
CONTAINERS: tuple[Any, ...] = (
    *(dict, list, tuple, set, frozenset, range, collections.deque, array.array),
    *VIEWS,
)
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True)
class Foreign:
    """Stands for a value that is not plain data: a function, a model, a generator, a lazy table."""

    type_name: str
    text: str


AS_THEY_ARE.add(Foreign)  # what was made plain in another process is plain here


def plain(value: Any) -> Any:
    """Return `value` as plain data, copied; what is not plain becomes `Foreign`.

    Numbers, texts, times, arrays, tables and their lists, tuples, dicts and sets stay what they are; an instance
    of a subclass becomes one of its base, so that none of its own methods has a say in the comparison. Tensors
    become arrays (from any device, without gradient). Missing values other than NaN become None.
    """
    return _Copying().of(value)


def without_foreign(value: Any) -> Any:
    """Return plain data in which every `Foreign` has become the name of its type, so that it can be compared."""
    if type(value) is Foreign:
        return f"({value.type_name})"
    if type(value) in (list, tuple):
        return type(value)(without_foreign(item) for item in value)
    if type(value) is dict:
        return {key: without_foreign(item) for key, item in value.items()}
    return value


def has_foreign(value: Any) -> bool:
    """Tell whether plain data holds something that cannot be compared."""
    if type(value) in (list, tuple, set, dict):
        return any(map(has_foreign, value.values() if type(value) is dict else value))
    return type(value) is Foreign


class _Copying:
    """One walk through a value."""

    def __init__(self) -> None:
        self.inside: set[int] = set()  # the containers that are being copied: one that holds itself is met again
        self.left = MOST

    def of(self, value: Any) -> Any:
        kind = type(value)  # never value.__class__, which may lie
        if kind in AS_THEY_ARE:
            return value
        if issubclass(kind, np.ndarray):
            return self._array(value)
        if issubclass(kind, np.generic):
            return self._scalar(np.array(value)[()])
        if kind not in CONTAINERS and (found := library_object(value, self.of)) is not None:
            return found[0]
        if issubclass(kind, CONTAINERS):
            return self._container(value)
        if issubclass(kind, datetime.datetime):  # through text: the time zone is the learner's object, too
            return datetime.datetime.fromisoformat(datetime.datetime.isoformat(value))
        if issubclass(kind, datetime.date):
            return datetime.date.fromisoformat(datetime.date.isoformat(value))
        for base, exact in UNDERNEATH.items():
            if issubclass(kind, base):
                return exact(value)
        return foreign(value)

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, (np.float64, np.integer, np.bool_, np.str_, np.bytes_)) and value.dtype.kind != "m":
            return value.item()
        if isinstance(value, np.void):
            return self.of(value.tolist())
        return None if value.dtype.kind in "mM" and np.isnat(value) else value

    def _array(self, value: np.ndarray) -> Any:
        masked: Any = sys.modules.get("numpy.ma")  # NumPy loads it late
        if masked is not None and issubclass(type(value), masked.MaskedArray):
            value = _unmasked(value)
        array = np.array(value, subok=False)
        if array.ndim == 0:
            return self.of(array[()])
        if array.dtype.names is not None and array.dtype.hasobject:
            return {name: self._array(array[name]) for name in array.dtype.names}
        if array.dtype.kind == "T":
            return array.astype(object)
        if array.dtype == object:
            if stopped := self._enter(value):
                return stopped
            for place, item in np.ndenumerate(array):
                array[place] = self.of(item)
            self.inside.discard(id(value))
        return array

    def _container(self, value: Any) -> Any:
        base = type(value) if type(value) in CONTAINERS else next(b for b in CONTAINERS if issubclass(type(value), b))
        if stopped := self._enter(value):
            return stopped
        try:
            if base is dict:
                return {_hashable(self.of(key)): self.of(item) for key, item in dict.items(value)}
            items = list(base.__iter__(value))  # the base's own: a subclass's may show something else
            if not set(map(type, items)) <= AS_THEY_ARE:
                items = [self.of(item) for item in items]
            if base in (set, frozenset):
                return {_hashable(item) for item in items}
            return tuple(items) if base is tuple else items
        finally:
            self.inside.discard(id(value))

    def _enter(self, value: Any) -> Foreign | None:
        """Step into a container; return what stands for it where the walk has to stop."""
        name = type(value).__name__
        if id(value) in self.inside:
            return Foreign(name, f"({name} that contains itself)")
        self.left -= 1
        if len(self.inside) >= DEEPEST or self.left < 0 or (type(value) is range and len(value) > MOST):
            return Foreign(name, f"({name} that is too large or nested too deeply)")
        self.inside.add(id(value))
        return None


def foreign(value: Any) -> Foreign:
    """Return what stands for a value that cannot be compared."""
    kind = type(value)
    name = kind.__name__
    if name in ("DataFrame", "Series", "Index", "Array"):
        name = f"{kind.__module__.partition('.')[0]} {name}"  # which of them: pandas, dask, polars?
    try:
        text = str.__str__(repr(value))
    except Exception as error:  # the learner's own __repr__ may do anything
        text = f"(its repr raised {type(error).__name__})"
    return Foreign(name, ADDRESS.sub("", text)[:200])


def _unmasked(masked: Any) -> np.ndarray:
    """Return a masked array as one in which NaN, NaT or None stands for what is masked."""
    data, mask = np.array(np.ma.getdata(masked, subok=False)), np.ma.getmaskarray(masked)
    if not mask.any():
        return data
    missing: Any = {"M": np.datetime64("NaT"), "m": np.timedelta64("NaT")}.get(data.dtype.kind, np.nan)
    if data.dtype.kind in "iu":
        data = data.astype(float)
    elif data.dtype.kind not in "fcmM":
        data, missing = data.astype(object), None
    data[mask] = missing
    return data


def _hashable(item: Any) -> Hashable:
    if isinstance(item, np.ndarray):
        item = item.tolist()
    if type(item) in (list, tuple):
        return tuple(map(_hashable, item))
    if type(item) is set:
        return frozenset(item)
    return item if isinstance(item, Hashable) else foreign(item)


def private_copy(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arguments that the callee may change without harm; what cannot be copied is passed as it is."""
    return tuple(_copied(argument) for argument in arguments)


def _copied(argument: Any) -> Any:
    try:
        copied = copy.deepcopy(argument)
    except Exception:
        return argument
    pandas: Any = sys.modules.get("pandas")
    if pandas is not None and isinstance(copied, (pandas.DataFrame, pandas.Series)):
        from shoshin.check.libraries import with_cells

        return with_cells(copied, copy.deepcopy)  # pandas does not copy the lists in its cells
    return copied
