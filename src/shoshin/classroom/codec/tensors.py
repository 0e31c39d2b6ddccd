"""Write and read torch's tensors.

Whether a tensor requires a gradient, whether it is a leaf, and its `.grad` come along as values. The graph that it was
computed by stays in the other process: `backward` in a test cell reaches none of the student's parameters.
"""

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
DEVICES = ("cpu", "cuda", "mps", "xpu", "meta")
MOST_DEVICES = 128  # torch keeps their number in seven bits


def encoders() -> Encoders:
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return {}
    return {
        torch.Tensor: ("tensor", _tensor),
        torch.nn.Parameter: ("parameter", _tensor),
        torch.device: ("device", lambda value, write: [value.type, value.index]),
        torch.Size: ("tensor size", _size),
        torch.dtype: ("tensor dtype", _dtype),
    }


@lru_cache(maxsize=1)
def _dtypes(torch: ModuleType) -> dict[str, Any]:
    return {name: getattr(torch, name) for name in DTYPES}


def _tensor(value: Any, write: Writer) -> list[Any]:
    """Return [dtype, shape, blob], and of what has to do with gradients [whether it requires one, is a leaf, grad]."""
    import torch

    if value.layout is not torch.strided or value.is_meta or value.is_quantized or value.is_nested:
        raise Unfit("a tensor that is sparse, quantized, nested or without values cannot be sent as data")
    described, shape = _dtype(value.dtype, write), list(map(int, value.shape))
    write.room(value.numel() * value.element_size())
    cells = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    payload = [described, shape, write.blob(cells.view(torch.uint8).numpy() if cells.numel() else b"")]
    grad = value.grad if value.is_leaf or value.retains_grad else None  # asked for another's, torch would warn
    if type(value) is torch.Tensor and not value.requires_grad and grad is None:
        return payload
    return [*payload, [value.requires_grad, value.is_leaf, None if grad is None else write.part(grad)]]


def _read_tensor(payload: Any, read: Reader) -> Any:
    if type(payload) is not list or len(payload) != 4:
        return _read_values(payload, read)
    values = _read_values(payload[:3], read)
    requires, leaf, grad = _read_gradient(payload[3], values, read)
    tensor = values.requires_grad_(requires)
    if not leaf:
        tensor = tensor.clone()  # where a test says torch.no_grad(), it requires none, as if computed there
        if grad is None or not tensor.requires_grad:
            return tensor
        tensor.retain_grad()
    tensor.grad = grad
    return tensor


def _read_parameter(payload: Any, read: Reader) -> Any:
    import torch

    *payload, gradient = fields(payload, str, list, object, list)
    values = _read_values(payload, read)
    requires, leaf, grad = _read_gradient(gradient, values, read)
    if not leaf:
        raise Odd("a parameter is a leaf")
    parameter = torch.nn.Parameter(values, requires_grad=requires)
    parameter.grad = grad
    return parameter


def _read_gradient(payload: Any, values: Any, read: Reader) -> tuple[bool, bool, Any]:
    """Return (whether the tensor requires a gradient, whether it is a leaf, its gradient or None)."""
    import torch

    requires, leaf, node = fields(payload, bool, bool, object)
    grad = None if node is None else read.part(node, {torch.Tensor})
    differentiable = values.dtype.is_floating_point or values.dtype.is_complex
    if not (differentiable or (not requires and grad is None)) or not (requires or leaf):
        raise Odd("a tensor cannot have a gradient")
    if grad is not None and (grad.shape, grad.dtype) != (values.shape, values.dtype):
        raise Odd("a gradient does not fit")
    return requires, leaf, grad


def _read_values(payload: Any, read: Reader) -> Any:
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


def _read_device(payload: Any, read: Reader) -> Any:
    import torch

    kind, index = fields(payload, str, object)
    if kind not in DEVICES or (index is not None and (type(index) is not int or not 0 <= index < MOST_DEVICES)):
        raise Odd("there is no such device")
    return torch.device(kind) if index is None else torch.device(kind, index)


def _size(value: Any, write: Writer) -> list[int]:
    return list(map(int, value))


def _read_size(payload: Any, read: Reader) -> Any:
    import torch

    cell_count(payload, sys.maxsize)
    return torch.Size(payload)


DECODERS: Decoders = {
    "tensor": (100, _read_tensor),
    "parameter": (200, _read_parameter),
    "device": (10, _read_device),
    "tensor size": (20, _read_size),
    "tensor dtype": (10, _read_dtype),
}
