"""Write and read the columns that pandas adds to NumPy's arrays."""

from __future__ import annotations

import sys
import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from shoshin.classroom.codec.arrays import SCALARS
from shoshin.classroom.codec.arrow import read_columns, write_columns
from shoshin.classroom.codec.cells import (
    UNITS,
    checked_closed,
    checked_frequency,
    import_pandas,
    pandas_zone,
    read_pandas_zone,
    refuse_far_times,
)
from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Unfit, Writer, fields, refuse_alike

STORAGES = ("python", "pyarrow", "pyarrow_numpy")  # of a string dtype; pandas 2 had the third
INDEXES = ("Index", "CategoricalIndex", "DatetimeIndex", "IntervalIndex", "MultiIndex", "PeriodIndex", "RangeIndex")


def encoders() -> Encoders:
    pandas = sys.modules.get("pandas")
    return {} if pandas is None else _encoders(pandas)


@lru_cache(maxsize=1)
def _encoders(pandas: Any) -> Encoders:
    arrays = pandas.arrays
    return {
        pandas.Categorical: ("categories", _categories),
        arrays.DatetimeArray: ("times", _times),
        arrays.TimedeltaArray: ("durations", lambda value, write: write.part(value.to_numpy())),
        arrays.PeriodArray: ("periods", _periods),
        arrays.IntervalArray: ("intervals", _intervals),
        arrays.ArrowExtensionArray: ("arrow", _arrow),
        arrays.SparseArray: ("sparse column", _sparse),
        arrays.NumpyExtensionArray: ("numpy column", lambda value, write: write.part(value.to_numpy())),
        **dict.fromkeys((arrays.IntegerArray, arrays.FloatingArray, arrays.BooleanArray), ("nullable", _nullable)),
        **dict.fromkeys(_string_arrays(pandas), ("strings", _strings)),
    }


@lru_cache(maxsize=1)
def column_types(pandas: Any) -> set[type]:
    """Return the types of which a column may be."""
    return {np.ndarray, *_encoders(pandas)} - {pandas.arrays.NumpyExtensionArray}


@lru_cache(maxsize=1)
def index_types(pandas: Any) -> set[type]:
    """Return the types of which an index may be."""
    return {getattr(pandas, name) for name in (*INDEXES, "TimedeltaIndex")}


def charge_for_hashes(index: Any, walk: Reader | Writer) -> None:
    """Count what it costs to see that no value of an index comes twice: a table of hashes may be quadratic."""
    cost = 1
    if index.dtype == object:
        refuse_alike(list(index))
    elif not index.is_monotonic_increasing:
        cost = 100
    walk.charge(cost * len(index))


def column(array: Any) -> np.ndarray:
    """Return an array if it is one that pandas has for a column."""
    if type(array) is not np.ndarray or array.ndim != 1 or array.dtype.kind not in "biufcO":
        raise Odd("a column is of a type that pandas does not have")
    return array


def _categories(value: Any, write: Writer) -> list[Any]:
    charge_for_hashes(value.categories, write)
    return [write.part(value.codes), write.part(value.categories), bool(value.ordered)]


def _read_categories(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    codes_node, categories_node, ordered = fields(payload, object, object, bool)
    categories = read.part(categories_node, index_types(pandas))
    charge_for_hashes(categories, read)
    return pandas.Categorical.from_codes(integers(codes_node, read), categories, ordered=ordered)


def integers(node: Any, read: Reader) -> np.ndarray:
    """Return the array of a structure if it is one of signed integers."""
    array = column(read.of(node))
    if array.dtype.kind != "i" or not array.dtype.isnative:
        raise Odd("there should be integers")
    return array


def _times(value: Any, write: Writer) -> list[Any]:
    return [write.part(value.asi8), value.unit, pandas_zone(value.tz)]


def _read_times(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    numbers, unit, where = fields(payload, object, str, object)
    times = pandas.DatetimeIndex(_moments(numbers, unit, read))
    if where is not None:
        refuse_far_times(times.to_numpy())
        times = times.tz_localize("UTC").tz_convert(read_pandas_zone(where))
    return times.array


def _moments(node: Any, unit: str, read: Reader) -> np.ndarray:
    numbers = integers(node, read)
    if unit not in UNITS or numbers.dtype != np.int64:
        raise Odd("there is no such unit of time")
    return numbers.view(f"M8[{unit}]")


def _read_durations(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    array = read.part(payload, {np.ndarray})
    if array.ndim != 1 or array.dtype not in [np.dtype(f"m8[{unit}]") for unit in UNITS]:
        raise Odd("there is no such unit of time")
    return pandas.TimedeltaIndex(array).array


def _periods(value: Any, write: Writer) -> list[Any]:
    return [write.part(value.asi8), value.freqstr]


def _read_periods(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    numbers, frequency = fields(payload, object, str)
    with warnings.catch_warnings(action="ignore"):  # some frequencies will go away
        return pandas.PeriodIndex.from_ordinals(integers(numbers, read), freq=checked_frequency(frequency)).array


def _intervals(value: Any, write: Writer) -> list[Any]:
    write.charge(len(value))  # the ends may be ranges, which take no bytes
    return [write.part(value.left), write.part(value.right), value.closed]


def _read_intervals(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    left, right, closed = fields(payload, object, object, str)
    ends = [read.part(node, index_types(pandas)) for node in (left, right)]
    read.charge(max(map(len, ends)))
    return pandas.arrays.IntervalArray.from_arrays(*ends, closed=checked_closed(closed))


def _nullable(value: Any, write: Writer) -> list[Any]:
    return [write.part(value.to_numpy(dtype=value.dtype.numpy_dtype, na_value=0)), write.part(value.isna())]


def _read_nullable(payload: Any, read: Reader) -> Any:
    arrays = import_pandas().arrays
    data, missing = (column(read.of(node)) for node in fields(payload, object, object))
    kind = {"b": arrays.BooleanArray, "f": arrays.FloatingArray, "i": arrays.IntegerArray, "u": arrays.IntegerArray}
    return kind[data.dtype.kind](data, missing)


def _sparse(value: Any, write: Writer) -> list[Any]:
    """Return [all values, fill value]; sent in full, so that no index has to be trusted."""
    write.room(len(value) * value.dtype.subtype.itemsize)
    if value.dtype.subtype.kind not in "biufc":
        raise Unfit(f"a sparse column of dtype {value.dtype.subtype} cannot be sent as data")
    return [write.part(value.to_dense()), write.part(value.fill_value)]


def _read_sparse(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    values_node, fill_node = fields(payload, object, object)
    values, fill = column(read.of(values_node)), read.part(fill_node, {bool, int, float, complex, *SCALARS})
    if values.dtype.kind not in "biufc" or not values.dtype.isnative:
        raise Odd("a sparse column holds something else than numbers")
    return pandas.arrays.SparseArray(values, dtype=pandas.SparseDtype(values.dtype, fill))


@lru_cache(maxsize=1)
def _string_arrays(pandas: Any) -> set[type]:
    kinds = set()
    for storage in STORAGES:
        try:
            kinds.add(pandas.StringDtype(storage).construct_array_type())
        except (ValueError, ImportError):  # a storage that this pandas has not
            continue
    return kinds


def _strings(value: Any, write: Writer) -> list[Any]:
    """Return [storage, whether NaN is what is missing, texts]."""
    head = [value.dtype.storage, value.dtype.na_value is np.nan]
    if value.dtype.storage != "python":
        return [*head, _arrow(value, write)]
    return [*head, write.items(value.to_numpy(dtype=object, na_value=None).tolist())]


def _read_strings(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    storage, has_nan, content = fields(payload, str, bool, object)
    if storage not in STORAGES:
        raise Odd("there is no such storage")
    new = has_nan and storage != "pyarrow_numpy"
    dtype = pandas.StringDtype(storage, na_value=np.nan) if new else pandas.StringDtype(storage)
    if storage == "python":
        texts = read.items(content)
        if not set(map(type, texts)) <= {str, type(None)}:
            raise Odd("a column of texts holds something else")
        return pandas.array(texts, dtype=dtype)
    (texts,) = read_columns(content, read).columns
    if str(texts.type) not in ("string", "large_string"):
        raise Odd("a column of texts holds something else")
    return dtype.__from_arrow__(texts)


def _arrow(value: Any, write: Writer) -> bytes | int:
    import pyarrow

    return write_columns(pyarrow.table({"": value.__arrow_array__()}), write)


def _read_arrow(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    (cells,) = read_columns(payload, read).columns
    return pandas.arrays.ArrowExtensionArray(cells)


def _read_numpy_column(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    return pandas.arrays.NumpyExtensionArray(column(read.of(payload)))


DECODERS: Decoders = {
    "categories": (500, _read_categories),
    "times": (500, _read_times),
    "durations": (500, _read_durations),
    "periods": (500, _read_periods),
    "intervals": (500, _read_intervals),
    "nullable": (100, _read_nullable),
    "sparse column": (500, _read_sparse),
    "strings": (500, _read_strings),
    "arrow": (500, _read_arrow),
    "numpy column": (100, _read_numpy_column),
}
