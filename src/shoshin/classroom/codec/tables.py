"""Write and read what pandas makes of columns: tables, series and indexes."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import Any

import numpy as np

from shoshin.classroom.codec.arrow import MOST_ROWS
from shoshin.classroom.codec.cells import FREQUENCY, checked_frequency, import_pandas
from shoshin.classroom.codec.columns import charge_for_hashes, column, column_types, index_types, integers
from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Writer, fields

MOST_REGULAR = 1_000_000  # what it may cost to check a frequency: pandas does so row by row
QUICK = re.compile(r"-?\d*(D|h|min|s|ms|us|ns)")  # unless the steps are equal


def encoders() -> Encoders:
    pandas = sys.modules.get("pandas")
    return {} if pandas is None else _encoders(pandas)


@lru_cache(maxsize=1)
def _encoders(pandas: Any) -> Encoders:
    return {
        pandas.DataFrame: ("frame", _frame),
        pandas.Series: ("series", _series),
        **dict.fromkeys(index_types(pandas), ("index", _index)),
        pandas.RangeIndex: ("range index", _range_index),
        pandas.MultiIndex: ("multi index", _multi_index),
    }


def _values(owner: Any, write: Writer) -> Any:
    """Return the structure of what lies under a Series or an Index: NumPy's array if it is one."""
    array = owner.array
    return write.part(owner.to_numpy() if type(array) is sys.modules["pandas"].arrays.NumpyExtensionArray else array)


def _read_values(node: Any, read: Reader) -> Any:
    pandas = import_pandas()
    values = read.part(node, column_types(pandas))
    return column(values) if type(values) is np.ndarray else values


def _frame(value: Any, write: Writer) -> list[Any]:
    """Return [columns, index, values of each column]."""
    write.charge(100 * value.shape[1])
    columns = [_values(column, write) for _, column in value.items()]
    return [write.part(value.columns), write.part(value.index), columns]


def _read_frame(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    columns_node, index_node, nodes = fields(payload, object, object, list)
    columns, index = (read.part(node, index_types(pandas)) for node in (columns_node, index_node))
    read.charge(100 * len(nodes))
    if len(columns) != len(nodes):
        raise Odd("a table has not the columns that it claims")
    frame = pandas.DataFrame({place: _column(node, index, read) for place, node in enumerate(nodes)}, index=index)
    frame.columns = columns
    return frame


def _column(node: Any, index: Any, read: Reader, name: Any = None) -> Any:
    pandas = import_pandas()
    values = _read_values(node, read)
    if len(values) != len(index):
        raise Odd("a column is not as long as its index")
    return pandas.Series(values, index=index, dtype=values.dtype, name=name, copy=False)


def _series(value: Any, write: Writer) -> list[Any]:
    return [write.part(value.index), _values(value, write), write.of(value.name)]


def _read_series(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    index, values, name = fields(payload, object, object, object)
    return _column(values, read.part(index, index_types(pandas)), read, read.of(name))


def _index(value: Any, write: Writer) -> list[Any]:
    """Return [values, name, frequency]."""
    frequency = _frequency(value)
    write.charge(_cost(frequency, value) if frequency else 0)
    return [_values(value, write), write.of(value.name), frequency]


def _frequency(index: Any) -> str | None:
    pandas = import_pandas()
    frequency = index.freq if type(index) in (pandas.DatetimeIndex, pandas.TimedeltaIndex) else None
    if frequency is None or not FREQUENCY.fullmatch(frequency.freqstr.removeprefix("-")):
        return None
    if _cost(frequency.freqstr, index) > MOST_REGULAR:
        return None
    return frequency.freqstr if pandas.tseries.frequencies.to_offset(frequency.freqstr) == frequency else None


def _read_index(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    values_node, name_node, frequency = fields(payload, object, object, object)
    values, name = _read_values(values_node, read), read.of(name_node)
    if values.dtype == object:
        list(map(hash, values))  # pandas would find out when it shows them
    index = pandas.Index(values, dtype=values.dtype, name=name)
    if frequency is None:
        return index
    if type(frequency) is not str or _cost(frequency, index) > MOST_REGULAR:
        raise Odd("an index has an odd frequency")
    read.charge(_cost(frequency, index))
    times = {"M": pandas.DatetimeIndex, "m": pandas.TimedeltaIndex}
    checked_frequency(frequency.removeprefix("-"))
    return times[index.dtype.kind](index, freq=frequency)


def _cost(frequency: str, index: Any) -> int:
    return len(index) * (1 if QUICK.fullmatch(frequency) else 50)


def _range_index(value: Any, write: Writer) -> list[Any]:
    return [value.start, value.stop, value.step, write.of(value.name)]


def _read_range_index(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    start, stop, step, name = fields(payload, int, int, int, object)
    if len(range(start, stop, step)) > MOST_ROWS or not max(map(abs, (start, stop, step))) < 2**63:
        raise Odd("an index is too large")
    return pandas.RangeIndex(start, stop, step, name=read.of(name))


def _multi_index(value: Any, write: Writer) -> list[Any]:
    """Return [levels, codes, names]."""
    for level in value.levels:
        charge_for_hashes(level, write)
    return [list(map(write.part, value.levels)), list(map(write.part, value.codes)), write.items(list(value.names))]


def _read_multi_index(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    level_nodes, code_nodes, names = fields(payload, list, list, list)
    levels = [read.part(node, index_types(pandas) - {pandas.MultiIndex}) for node in level_nodes]
    codes = [integers(node, read) for node in code_nodes]
    for level in levels:
        charge_for_hashes(level, read)
    return pandas.MultiIndex(levels=levels, codes=codes, names=read.items(names))


DECODERS: Decoders = {
    "frame": (500, _read_frame),
    "series": (500, _read_series),
    "index": (500, _read_index),
    "range index": (100, _read_range_index),
    "multi index": (1000, _read_multi_index),
}
