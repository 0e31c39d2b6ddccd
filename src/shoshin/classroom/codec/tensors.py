"""Write and read torch's tensors."""

from __future__ import annotations

import sys
from functools import lru_cache
from types import ModuleType
from typing import Any

from shoshin.classroom.codec.arrays import MOST_CELLS, cell_count
from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Unfit, Writer, fields

DTYPES = (
    *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "bfloat16"),
    *("float32", "float64", "complex32", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2"),
)


def encoders() -> Encoders:
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return {}
    return {
        torch.Tensor: ("tensor", _tensor),
        torch.Size: ("tensor size", _size),
        torch.dtype: ("tensor dtype", _dtype),
    }


@lru_cache(maxsize=1)
def _dtypes(torch: ModuleType) -> dict[str, Any]:
    return {name: getattr(torch, name) for name in DTYPES}


def _tensor(value: Any, write: Writer) -> list[Any]:
    """Return [dtype, shape, blob]; the gradient stays behind."""
    import torch

    if value.layout is not torch.strided or value.is_meta or value.is_quantized or value.is_nested:
        raise Unfit("a tensor that is sparse, quantized, nested or without values cannot be sent as data")
    described, shape = _dtype(value.dtype, write), list(map(int, value.shape))
    write.room(value.numel() * value.element_size())
    cells = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return [described, shape, write.blob(cells.view(torch.uint8).numpy() if cells.numel() else b"")]


def _read_tensor(payload: Any, read: Reader) -> Any:
    import torch

    described, shape, blob = fields(payload, str, list, object)
    dtype, data = _dtypes(torch)[described], bytearray(read.blob(blob))
    if cell_count(shape, MOST_CELLS) * dtype.itemsize != len(data):
        raise Odd("a tensor has not the size that it claims")
    if not data:
        return torch.empty(shape, dtype=dtype)
    if described == "bool" and max(data) > 1:
        raise Odd("a tensor has a cell that cannot be")
    return torch.frombuffer(data, dtype=dtype).reshape(shape)


def _dtype(value: Any, write: Writer) -> str:
    for name, dtype in _dtypes(sys.modules["torch"]).items():
        if dtype is value:
            return name
    raise Unfit(f"{value} cannot be sent as data")


def _read_dtype(payload: Any, read: Reader) -> Any:
    import torch

    return _dtypes(torch)[payload]


def _size(value: Any, write: Writer) -> list[int]:
    return list(map(int, value))


def _read_size(payload: Any, read: Reader) -> Any:
    import torch

    cell_count(payload, sys.maxsize)
    return torch.Size(payload)


DECODERS: Decoders = {
    "tensor": (100, _read_tensor),
    "tensor size": (20, _read_size),
    "tensor dtype": (10, _read_dtype),
}
