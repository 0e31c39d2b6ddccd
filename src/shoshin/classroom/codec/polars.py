"""Write and read the tables and columns of polars."""

from __future__ import annotations

import sys
from typing import Any

from shoshin.classroom.codec.arrow import read_columns, write_columns
from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Unfit, Writer, fields


def encoders() -> Encoders:
    polars: Any = sys.modules.get("polars")
    if polars is None:
        return {}
    return {
        polars.DataFrame: ("polars frame", _frame),
        polars.Series: ("polars series", lambda value, write: _frame(value.to_frame(), write)),
    }


def _frame(value: Any, write: Writer) -> list[Any]:
    """Return [names, columns]."""
    import polars

    if polars.Object in value.dtypes:
        raise Unfit("a polars table of Python objects cannot be sent as data")
    table = value.to_arrow(compat_level=polars.CompatLevel.oldest())
    table = table.rename_columns(list(map(str, range(value.width))))
    blob = write_columns(table, write)
    if [column.dtype for column in _columns(table)] != value.dtypes:
        raise Unfit(f"a polars table of {', '.join(map(str, value.dtypes))[:80]} cannot be sent as data")
    return [write.items(value.columns), blob]


def _columns(table: Any) -> list[Any]:
    import polars

    return [polars.from_arrow(column) for column in table.columns]


def _read_frame(payload: Any, read: Reader) -> Any:
    import polars

    names, blob = fields(payload, list, object)
    try:
        columns = _columns(read_columns(blob, read))
        frame = polars.DataFrame({str(place): column for place, column in enumerate(columns)})
        frame.columns = read.items(names)
        return frame
    except polars.exceptions.PanicException as error:  # no Exception
        raise Odd("polars cannot read a table") from error


def _read_series(payload: Any, read: Reader) -> Any:
    (column,) = _read_frame(payload, read).get_columns()
    return column


DECODERS: Decoders = {"polars frame": (500, _read_frame), "polars series": (500, _read_series)}
