"""Write and read what NumPy makes: arrays, scalars and dtypes, described as in its file format, never pickled."""

from __future__ import annotations

import math
import re
import sys
from typing import Any

import numpy as np

from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Unfit, Writer, fields

SIMPLE = re.compile(r"[<>|][biufcmMSUV]\d{0,9}(\[\d{0,6}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?")
OBJECTS, TEXTS = "O", "T"  # instead of a description: Python objects, and texts of any length
MOST_CELLS = 2**31  # by shape: also of an array that is empty, because a sum over its other axis would not be
MOST_WITHOUT_SIZE = 2**16  # cells of no bytes at all
SCALARS = {np.dtype(letter).type for letter in np.typecodes["All"]} - {np.object_, np.str_, np.bytes_}
DTYPES = {type(np.dtype(letter)) for letter in np.typecodes["All"]}


def encoders() -> Encoders:
    masked: Any = sys.modules.get("numpy.ma")  # NumPy loads it late
    return ENCODERS if masked is None else ENCODERS | {masked.MaskedArray: ("masked array", _masked)}


def _array(value: np.ndarray, write: Writer) -> list[Any]:
    """Return [description of the dtype, shape, blob or cells]."""
    shape, dtype = list(value.shape), value.dtype
    if dtype.kind == OBJECTS:
        return [OBJECTS, shape, write.items(list(value.flat))]
    if dtype.kind == "T":
        if dtype != np.dtypes.StringDType():
            raise Unfit("an array of texts with a missing value cannot be sent as data")
        return [TEXTS, shape, write.items(value.reshape(-1).tolist())]
    described = _described(dtype)
    write.charge(_cost(described))
    write.room(value.nbytes)
    cells = np.ascontiguousarray(value).reshape(-1).view(np.uint8) if value.nbytes else b""
    return [described, shape, write.blob(cells)]


def _read_array(payload: Any, read: Reader) -> np.ndarray:
    """Return a fresh array, with nothing in its cells that NumPy itself would not have put there."""
    described, shape, content = fields(payload, object, list, object)
    if described in (OBJECTS, TEXTS):
        return _read_cells(described, shape, content, read)
    read.charge(_cost(described))
    dtype, data = _dtype(described), read.blob(content)
    if cell_count(shape, MOST_CELLS if dtype.itemsize else MOST_WITHOUT_SIZE) * dtype.itemsize != len(data):
        raise Odd("an array has not the size that it claims")
    array = np.ndarray(shape, dtype, buffer=data).copy()
    _refuse_odd_cells(array)
    return array


def _read_cells(described: str, shape: list[Any], nodes: Any, read: Reader) -> np.ndarray:
    cells = read.items(nodes)
    if cell_count(shape, MOST_CELLS) != len(cells):
        raise Odd("an array has not the size that it claims")
    if described == TEXTS:
        if not set(map(type, cells)) <= {str}:
            raise Odd("an array of texts holds something else")
        return np.array(cells, dtype=np.dtypes.StringDType()).reshape(shape)
    array = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):  # one by one: NumPy would look into lists
        array[place] = cell
    return array.reshape(shape)


def _described(dtype: np.dtype) -> Any:
    """Return the description that NumPy's file format has for a dtype, with lists for its tuples."""
    if dtype.names is None and SIMPLE.fullmatch(dtype.str):
        return dtype.str
    try:
        described = _listed(np.lib.format.dtype_to_descr(dtype))
        if _dtype(described) == dtype:  # not so for fields that overlap
            return described
    except (ValueError, TypeError):
        pass
    raise Unfit(f"an array of dtype {str(dtype)[:80]} cannot be sent as data")


def _listed(described: Any) -> Any:
    return [_listed(part) for part in described] if isinstance(described, (list, tuple)) else described


def _dtype(described: Any) -> np.dtype:
    """Return the dtype of a description; it never holds Python objects."""
    return np.lib.format.descr_to_dtype(_checked(described))


def _checked(described: Any) -> Any:
    """Return a description, with tuples again, if it is one of plain cells and of records of such."""
    if type(described) is str and SIMPLE.fullmatch(described):
        return described
    if type(described) is not list:
        raise Odd("there is no such dtype")
    checked = []
    for field in described:
        if type(field) is not list or len(field) not in (2, 3):
            raise Odd("a field of a dtype is described oddly")
        name, inner, *shapes = field
        if type(name) is list:  # with a title
            name = tuple(fields(name, str, str))
        elif type(name) is not str:
            raise Odd("a field of a dtype has no name")
        for shape in shapes:
            cell_count(shape, MOST_CELLS)
        checked.append((name, _checked(inner), *map(tuple, shapes)))
    return checked


def cell_count(shape: Any, most: int) -> int:
    """Return the number of cells of a shape."""
    if type(shape) is not list or len(shape) > 32 or any(type(size) is not int or size < 0 for size in shape):
        raise Odd("a shape is not one")
    if math.prod(size or 1 for size in shape) > most:
        raise Odd("a shape is too large")
    return math.prod(shape)


def _cost(described: Any) -> int:
    return 10 * len(described) + sum(map(_cost, described)) if type(described) is list else 0


def _refuse_odd_cells(array: np.ndarray) -> None:
    """Raise an exception for a bool that is neither 0 nor 1, a character beyond Unicode, a time without a unit."""
    if array.dtype.names is not None:
        for name in array.dtype.names:
            _refuse_odd_cells(array[name])
    elif array.dtype.kind == "M" and np.datetime_data(array.dtype)[0] == "generic" and not np.isnat(array).all():
        raise Odd("an array has a time without a unit")
    elif array.dtype.kind in "bU" and array.size and array.dtype.itemsize:
        numbers, most = ("u1", 1) if array.dtype.kind == "b" else (f"{array.dtype.byteorder}u4", 0x10FFFF)
        if np.ascontiguousarray(array).reshape(-1).view(numbers).max() > most:
            raise Odd("an array has a cell that cannot be")


def _scalar(value: np.generic, write: Writer) -> list[Any]:
    described = _described(value.dtype)
    write.charge(_cost(described))
    return [described, write.blob(value.tobytes())]


def _read_scalar(payload: Any, read: Reader) -> Any:
    described, blob = fields(payload, object, object)
    return _read_array([described, [], blob], read)[()]


def _masked(value: Any, write: Writer) -> list[Any]:
    data, mask, fill = np.ma.getdata(value, subok=False), np.ma.getmask(value), value.fill_value
    ordinary = repr(np.ma.MaskedArray(data).fill_value) == repr(fill)
    return [
        write.part(data),
        None if mask is np.ma.nomask else write.part(mask),
        None if ordinary else write.part(fill),
    ]


def _read_masked(payload: Any, read: Reader) -> Any:
    data_node, mask_node, fill_node = fields(payload, object, object, object)
    data, fill = read.part(data_node, {np.ndarray}), read.of(fill_node)
    mask = np.ma.nomask if mask_node is None else read.part(mask_node, {np.ndarray})
    if mask_node is not None and (mask.shape, mask.dtype) != (data.shape, np.ma.make_mask_descr(data.dtype)):
        raise Odd("a mask does not fit")
    if type(fill) not in (type(None), data.dtype.type, str, int, float):
        raise Odd("a fill value does not fit")
    return np.ma.MaskedArray(data, mask=mask, fill_value=fill)


def _read_dtype(payload: Any, read: Reader) -> np.dtype:
    if payload == OBJECTS:
        return np.dtype(object)
    read.charge(_cost(payload))
    return _dtype(payload)


ENCODERS: Encoders = {
    np.ndarray: ("array", _array),
    np.str_: ("numpy text", lambda value, write: write.part(str.__str__(value))),
    np.bytes_: ("numpy bytes", lambda value, write: write.part(bytes(value))),
    **dict.fromkeys(SCALARS, ("scalar", _scalar)),
    **dict.fromkeys(DTYPES, ("dtype", lambda value, write: OBJECTS if value.kind == OBJECTS else _described(value))),
}

DECODERS: Decoders = {
    "array": (10, _read_array),
    "masked array": (100, _read_masked),
    "scalar": (6, _read_scalar),
    "numpy text": (6, lambda payload, read: np.str_(read.part(payload, {str}))),
    "numpy bytes": (6, lambda payload, read: np.bytes_(read.part(payload, {bytes}))),
    "dtype": (10, _read_dtype),
}
