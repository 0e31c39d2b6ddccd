"""Write and read the tables and columns of polars."""

from __future__ import annotations

import sys
from typing import Any

from shoshin.classroom.codec_arrow import read_columns, write_columns
from shoshin.classroom.codec_walk import Decoders, Encoders, Odd, Reader, Unfit, Writer


def encoders() -> Encoders:
    polars: Any = sys.modules.get("polars")
    if polars is None:
        return {}
    return {polars.DataFrame: ("polars frame", _frame), polars.Series: ("polars series", _series)}


def _frame(value: Any, write: Writer) -> bytes | int:
    import polars

    if polars.Object in value.dtypes:
        raise Unfit("a polars table of Python objects cannot be sent as data")
    table = value.to_arrow(compat_level=polars.CompatLevel.oldest())
    blob = write_columns(table, write)
    again = polars.DataFrame(polars.from_arrow(table.replace_schema_metadata(None)))
    if again.schema != value.schema or again.height != value.height:
        raise Unfit(f"a polars table of {', '.join(map(str, value.dtypes))} cannot be sent as data"[:200])
    return blob


def _series(value: Any, write: Writer) -> bytes | int:
    return _frame(value.to_frame(), write)


def _read_frame(payload: Any, read: Reader) -> Any:
    import polars

    try:
        return polars.DataFrame(polars.from_arrow(read_columns(payload, read)))
    except polars.exceptions.PanicException as error:  # no Exception
        raise Odd("polars cannot read a table") from error


def _read_series(payload: Any, read: Reader) -> Any:
    (column,) = _read_frame(payload, read).get_columns()
    return column


DECODERS: Decoders = {"polars frame": (500, _read_frame), "polars series": (500, _read_series)}
