"""Take plain data out of the objects of pandas, torch and SciPy, none of which is imported here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

CONSTANT = {type(None), bool, int, float, complex, str, bytes}  # a cell of these cannot be changed


def library_object(value: Any, plain: Callable[[Any], Any]) -> tuple[Any] | None:
    """Return (plain data,) if `value` is a tensor, a sparse matrix or a pandas object; `plain` treats the cells.

    The package of such an object is loaded already; so whatever is not in `sys.modules` need not be asked for.
    """
    torch, sparse, pandas = (sys.modules.get(name) for name in ("torch", "scipy.sparse", "pandas"))
    kind = type(value)
    if torch is not None and issubclass(kind, torch.Tensor):
        array = _tensor(torch, value)
        return None if array is None else (plain(array),)
    if sparse is not None and issubclass(kind, (sparse.sparray, sparse.spmatrix)):
        return (value.copy(),)
    return None if pandas is None else _pandas(pandas, value, plain)


def _tensor(torch: Any, tensor: Any) -> np.ndarray | None:
    if tensor.is_meta or tensor.is_nested:
        return None
    tensor = tensor.detach().cpu()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.dtype.is_floating_point and tensor.dtype not in (torch.float16, torch.float32, torch.float64):
        # NumPy has no bfloat16. As a float16, where it fits, it keeps its digits and a tolerance for so few of them.
        half, single = tensor.to(torch.float16), tensor.float()
        tensor = half if bool(((half.float() == single) | single.isnan()).all()) else single
    return tensor.resolve_conj().resolve_neg().numpy()


def _pandas(pandas: Any, value: Any, plain: Callable[[Any], Any]) -> tuple[Any] | None:
    kind = type(value)
    if value is pandas.NA or value is pandas.NaT:
        return (None,)
    if kind in (pandas.Timestamp, pandas.Timedelta, pandas.Period, pandas.Interval):
        return (value,)
    for base in (pandas.DataFrame, pandas.Series):
        if issubclass(kind, base):  # made anew, because a subclass may have methods of its own
            return (with_cells(base(value).copy(), plain),)
    if issubclass(kind, pandas.Index):
        return (value.copy(),) if kind.__module__.startswith("pandas.") else (pandas.Index(np.array(value)),)
    if issubclass(kind, pandas.api.extensions.ExtensionArray):
        return (pandas.Series(value).copy(),)
    return None


def with_cells(table: Any, change: Callable[[Any], Any]) -> Any:
    """Return a DataFrame or Series whose cells, where they hold objects of any kind, went through `change`."""
    if table.ndim == 2:
        for place, dtype in enumerate(table.dtypes):
            if dtype.kind == "O" and _changeable(column := table.iloc[:, place]):
                table.isetitem(place, with_cells(column, change))
        return table
    if table.dtype.kind != "O" or not _changeable(table):
        return table
    cells = np.empty(len(table), dtype=object)
    for row, cell in enumerate(table.array):
        cells[row] = change(cell)
    return type(table)(cells, index=table.index, name=table.name, dtype=object)


def _changeable(column: Any) -> bool:
    return not set(map(type, column.array)) <= CONSTANT
