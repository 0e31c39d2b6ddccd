"""Write and read columns as Arrow's IPC stream: one batch, not compressed, of types that cannot swell."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Any

from shoshin.classroom.codec.plain import read_zone
from shoshin.classroom.codec.walk import Odd, Reader, Unfit, Writer

MOST_ROWS = 2**26
MOST_COLUMNS = 1000
MOST_METADATA = 2**19  # bytes of one message: its parts may be named many times over
MOST_SPELLED_OUT = 2**28  # bytes of a column of categories in which each row has its own text
MOST_DAYS = 106_751  # of a duration: pandas counts nanoseconds
SCHEMA, DICTIONARY, BATCH = 1, 2, 3  # Message.fbs: what a message's header is
REGISTERED = (b"ARROW:extension:", b"_PL_")  # metadata by which a reader would look for a class of that name
OFFSET = re.compile(r"[+-]\d\d:\d\d")


def write_columns(table: Any, write: Writer) -> bytes | int:
    """Return what stands for a pyarrow Table."""
    import pyarrow

    for field in table.schema:
        if not _is_allowed(field.type, lambda zone: True):
            raise Unfit(f"a column of Arrow's type {str(field.type)[:80]} cannot be sent as data")
    if table.num_columns > MOST_COLUMNS:
        raise Unfit(f"a table of {table.num_columns} columns cannot be sent as data")
    write.charge(_cost(table))
    write.room(table.nbytes)
    schema = pyarrow.schema([pyarrow.field(field.name, field.type) for field in table.schema])
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, schema) as stream:
        stream.write_table(pyarrow.table(table.columns, schema=schema).combine_chunks())
    return write.blob(sink.getvalue())


def read_columns(node: Any, read: Reader) -> Any:
    """Return a pyarrow Table whose every offset, index and text was looked at."""
    import pyarrow

    buffer = pyarrow.py_buffer(bytes(read.blob(node)))  # a copy: the message need not live on
    kinds = []
    for message in pyarrow.ipc.MessageReader.open_stream(buffer):
        kinds.append(_checked(message.metadata))
        if len(kinds) > MOST_COLUMNS + 2 or kinds.count(BATCH) > 1:
            raise Odd("a table is in too many pieces")
    stream = pyarrow.ipc.open_stream(buffer)
    if len(stream.schema) > MOST_COLUMNS or not all(_is_allowed(field.type, _is_zone) for field in stream.schema):
        raise Odd("a column is of a type that is not data")
    table = stream.read_all()
    table.validate()
    if table.nbytes > len(buffer):
        raise Odd("two columns of a table share their bytes")
    table.validate(full=True)
    read.charge(_cost(table))
    for column in table.columns:
        if len(column) > MOST_ROWS or _size(column) > MOST_SPELLED_OUT:
            raise Odd("a table is too large")
        for chunk in column.chunks:
            _refuse_odd_times(chunk)
    return table


def _cost(table: Any) -> int:
    """Return what a table costs: a column without values takes no bytes, but somebody will look at its rows."""
    from pyarrow import types

    return sum(100 + (table.num_rows if types.is_null(field.type) else 0) for field in table.schema)


def _is_allowed(kind: Any, is_zone: Callable[[str], bool], inside: bool = False) -> bool:
    """Tell whether a type costs a bit or more for each of its values, so that the bytes bound their number."""
    from pyarrow import types

    if types.is_null(kind):  # costs nothing; the number of rows is looked at
        return not inside
    if types.is_timestamp(kind):
        return kind.tz is None or is_zone(kind.tz)
    if types.is_dictionary(kind):
        return (
            not inside and not types.is_nested(kind.value_type) and _is_allowed(kind.value_type, is_zone, inside=True)
        )
    if types.is_struct(kind) or types.is_list(kind) or types.is_large_list(kind) or types.is_map(kind):
        parts = [kind.field(place).type for place in range(kind.num_fields)]
        names = {kind.field(place).name for place in range(kind.num_fields)}
        return 0 < len(parts) == len(names) and all(_is_allowed(part, is_zone, inside=True) for part in parts)
    if types.is_fixed_size_list(kind):
        return kind.list_size > 0 and _is_allowed(kind.value_type, is_zone, inside=True)
    if types.is_fixed_size_binary(kind):
        return kind.byte_width > 0
    if types.is_decimal(kind):
        return 0 <= kind.scale <= kind.precision
    texts = (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    return types.is_primitive(kind) or any(is_text(kind) for is_text in texts)


def _is_zone(name: str) -> bool:
    return bool(OFFSET.fullmatch(name)) or read_zone(name) is not None


def _size(column: Any) -> int:
    """Return the bytes of a column of categories in which each row has its own."""
    from pyarrow import compute, types

    if not types.is_dictionary(column.type):
        return 0
    total = 0
    for chunk in column.chunks:
        kind = chunk.dictionary.type
        if types.is_primitive(kind) or types.is_decimal(kind) or types.is_fixed_size_binary(kind):
            total += len(chunk) * (kind.bit_width // 8 + 1)
        else:
            total += compute.sum(compute.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
    return total


def _refuse_odd_times(array: Any) -> None:
    """Raise an exception if a time is beyond those that Python knows, or an hour beyond the day."""
    import pyarrow
    from pyarrow import compute, types

    kind = array.type
    if types.is_struct(kind):
        parts = [array.field(place) for place in range(kind.num_fields)]
    elif types.is_map(kind):
        parts = [array.keys, array.items]
    elif types.is_dictionary(kind):
        parts = [array.dictionary]
    else:
        parts = [array.values] if types.is_nested(kind) else []
    for part in parts:
        _refuse_odd_times(part)
    if types.is_temporal(kind) and not types.is_interval(kind):
        numbers = array.view(f"int{kind.bit_width}")
        ends = compute.min_max(numbers).as_py().values()  # what lies between the two can be shown if they can
        shown = pyarrow.array(ends, numbers.type).view(kind).to_pylist()
        if types.is_duration(kind) and any(end is not None and abs(end).days > MOST_DAYS for end in shown):
            raise Odd("a duration is out of range")


def _checked(flatbuffer: Any) -> int:
    """Return the kind of a message from its flatbuffer, which pyarrow has verified but does not show.

    Raises Odd if its body is compressed: a few bytes could become any number.
    """
    if flatbuffer.size > MOST_METADATA:
        raise Odd("a table has too much metadata")
    metadata = bytes(flatbuffer)
    message = _follow(metadata, 0)
    kind = metadata[_field(metadata, message, 1)]
    header = _follow(metadata, _field(metadata, message, 2))
    if kind == SCHEMA and any(name in metadata for name in REGISTERED):
        raise Odd("a table has a type of its own")
    if kind == DICTIONARY:
        header = _follow(metadata, _field(metadata, header, 1))
    if kind not in (SCHEMA, DICTIONARY, BATCH) or (kind != SCHEMA and _field(metadata, header, 3)):
        raise Odd("a table is compressed, or no table")
    return kind


def _field(data: bytes, table: int, number: int) -> int:
    """Return where a field of a flatbuffer's table lies; 0 if it is not there."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    place = 4 + 2 * number
    offset = struct.unpack_from("<H", data, vtable + place)[0] if place < _short(data, vtable) else 0
    return table + offset if offset else 0


def _short(data: bytes, place: int) -> int:
    return struct.unpack_from("<H", data, place)[0]


def _follow(data: bytes, place: int) -> int:
    return place + struct.unpack_from("<I", data, place)[0]
