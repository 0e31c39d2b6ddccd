"""Write and read SciPy's sparse arrays and matrices, whose C code trusts their indices."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Unfit, Writer

FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
NUMBERS = {np.dtype(letter) for letter in "?bBhHiIlLfdgFDG"}  # those that SciPy has C code for
WIDEST = 2**31 - 1


def encoders() -> Encoders:
    sparse = sys.modules.get("scipy.sparse")
    return {} if sparse is None else dict.fromkeys(_classes(sparse).values(), ("sparse", _sparse))


@lru_cache(maxsize=1)
def _classes(sparse: ModuleType) -> dict[str, Any]:
    names = [f"{form}_{kind}" for form in FORMATS for kind in ("array", "matrix")]
    return {name: getattr(sparse, name) for name in names}


def _sparse(value: Any, write: Writer) -> list[Any]:
    """Return [class, shape, data, indices…]."""
    if value.dtype not in NUMBERS:
        raise Unfit(f"a sparse array of dtype {value.dtype} cannot be sent as data")
    if value.format == "dia":
        parts = [value.data, value.offsets]
    elif value.format in ("bsr", "csc", "csr"):
        stored = int(value.indptr[-1])
        parts = [value.data[:stored], value.indices[:stored], value.indptr]
    else:
        write.charge(_cost(value.format, value.shape, value.nnz))
        listed = value.tocoo()
        parts = [listed.data, *listed.coords]
    return [type(value).__name__, list(map(int, value.shape)), *map(write.part, parts)]


def _read_sparse(payload: Any, read: Reader) -> Any:
    import scipy.sparse

    if type(payload) is not list or len(payload) < 4:
        raise Odd("a sparse array has the wrong parts")
    name, shape, *nodes = payload
    kind = _classes(scipy.sparse)[name]
    if type(shape) is not list or any(type(size) is not int or not 0 <= size <= WIDEST for size in shape):
        raise Odd("a sparse array has no shape")
    data, *indices = (read.part(node, {np.ndarray}) for node in nodes)
    form = name[:3]
    if data.dtype not in NUMBERS or data.ndim != {"bsr": 3, "dia": 2}.get(form, 1):
        raise Odd("a sparse array has odd data")
    if any(array.dtype not in (np.int32, np.int64) or array.ndim != 1 for array in indices):
        raise Odd("a sparse array has odd indices")
    if form == "dia":
        _check_diagonals(shape, data, *indices)
        value = kind((data, *indices), shape=tuple(shape))
    elif form in ("bsr", "csc", "csr"):
        _check_rows(form, shape, data, *indices)
        value = kind((data, *indices), shape=tuple(shape))
    else:
        _check_coordinates(shape, data, indices)
        listed = scipy.sparse.coo_array if name.endswith("array") else scipy.sparse.coo_matrix
        value = listed((data, tuple(indices)), shape=tuple(shape))
        read.charge(_cost(form, shape, len(data)))
        if form != "coo":
            value = value.asformat(form)
    if type(value) is not kind:
        raise Odd("a sparse array is not what it claims")
    return value


def _cost(form: str, shape: Sequence[int], stored: int) -> int:
    """Return what it costs to make Python objects of what is stored: a list for each row, a key for each value."""
    return 0 if form == "coo" else 4 * stored + (16 * shape[0] if form == "lil" else 0)


def _check_rows(form: str, shape: list[int], data: np.ndarray, indices: np.ndarray, starts: np.ndarray) -> None:
    rows, columns = shape if len(shape) == 2 else (1, *shape)
    if form == "csc":
        rows, columns = columns, rows
    if form == "bsr":
        height, width = data.shape[1:]
        if 0 in (height, width) or rows % height or columns % width:
            raise Odd("the blocks of a sparse array do not fit")
        rows, columns = rows // height, columns // width
    if len(starts) != rows + 1 or starts[0] != 0 or (starts[1:] < starts[:-1]).any():
        raise Odd("the rows of a sparse array are out of order")
    if not len(data) == len(indices) == starts[-1]:
        raise Odd("a sparse array has not the size that it claims")
    _check_range(indices, 0, columns - 1)


def _check_diagonals(shape: list[int], data: np.ndarray, offsets: np.ndarray) -> None:
    rows, columns = shape
    ordered = np.sort(offsets)
    if len(offsets) != len(data) or (ordered[1:] == ordered[:-1]).any():
        raise Odd("the diagonals of a sparse array do not fit")
    _check_range(offsets, -rows, columns)


def _check_coordinates(shape: list[int], data: np.ndarray, indices: list[np.ndarray]) -> None:
    if len(indices) != len(shape) or any(len(axis) != len(data) for axis in indices):
        raise Odd("a sparse array has not the size that it claims")
    for axis, size in zip(indices, shape, strict=True):
        _check_range(axis, 0, size - 1)


def _check_range(numbers: np.ndarray, least: int, most: int) -> None:
    if numbers.size and not least <= numbers.min() <= numbers.max() <= most:
        raise Odd("an index of a sparse array is out of range")


DECODERS: Decoders = {"sparse": (500, _read_sparse)}
