"""Carry data between the student's process and the trusted one: bytes that mean values, and never code.

The bytes are four of a length, then that much msgpack, then the blobs: what is large, end to end. The msgpack is a
pair: the value's structure, and the lengths of the blobs. In a structure, None, bool, float, short text, short bytes,
integers of 64 bits and lists are themselves; everything else is a map with one entry, `{tag: payload}`. A blob is named
by its number, and only once. what a tag means is written in the modules beside this one, and nowhere else looked up.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import msgpack

from shoshin.classroom.codec import (
    arrays,
    cells,
    columns,
    containers,
    kinds,
    paths,
    plain,
    polars,
    sparse,
    tables,
    tensors,
)
from shoshin.classroom.codec.walk import LONGEST_TEXT, NotData, Odd, Reader, Writer, fields

__all__ = ["BadData", "NotData", "decode", "encode"]

MOST_BYTES = 64 * 2**20
MOST_STRUCTURE = 16 * 2**20  # bytes of msgpack: they grow by up to 24 times when they become objects
MOST_CONTAINERS = 2_000_000  # msgpack's arrays and maps
LENGTH = struct.Struct("<I")
MODULES = (plain, containers, kinds, paths, arrays, sparse, tensors, cells, columns, tables, polars)
DECODERS = {tag: decoder for module in MODULES for tag, decoder in module.DECODERS.items()}


class BadData(ValueError):
    """These bytes are not what `encode` makes, or they go beyond the limits. The message is one line."""


def encode(value: Any, handle: Callable[[Any], int | None] | None = None, *, most_bytes: int = MOST_BYTES) -> bytes:
    """Return `value` as bytes from which `decode` makes an equal value of the same type.

    `handle` is asked for a number for what is not data; it may answer None.

    Raises NotData for a value that is not data, that contains itself, or that is too large or too deeply nested.
    """
    writer = Writer([module.encoders for module in MODULES], DECODERS, handle, most_bytes)
    try:
        node = writer.of(value)
        lengths = [len(blob) for blob in writer.blobs]
        structure = msgpack.packb([node, lengths], strict_types=True, unicode_errors="surrogatepass")
    except NotData:
        raise
    except (MemoryError, RecursionError) as error:
        raise NotData("it is too large or nested too deeply to be sent as data") from error
    except Exception as error:  # the student's own process: a library may have been changed under our feet
        raise NotData(f"{writer.name(value)} cannot be sent as data ({type(error).__name__})") from error
    if len(structure) > MOST_STRUCTURE or LENGTH.size + len(structure) + writer.size > most_bytes:
        raise NotData(f"{writer.name(value)} is too large to be sent as data")
    return b"".join([LENGTH.pack(len(structure)), structure, *writer.blobs])


def decode(data: bytes, handle: Callable[[int], Any] | None = None, *, most_bytes: int = MOST_BYTES) -> Any:
    """Return the value that `encode` made these bytes from; they may come from anybody.

    Nothing that the bytes name is imported, looked up or run. `handle` is given the number of what was not data.

    Raises BadData, and no other exception, if they are not what `encode` makes.
    """
    try:
        if type(data) is not bytes or not LENGTH.size <= len(data) <= most_bytes:
            raise Odd("a message is bytes, at least four and not above the limit")
        (length,) = LENGTH.unpack_from(data)
        if length > MOST_STRUCTURE:
            raise Odd("the structure is too large")
        view = memoryview(data)
        if LENGTH.size + length > len(data):
            raise Odd("the message is cut off")
        node, lengths = fields(_unpacked(view[LENGTH.size : LENGTH.size + length]), object, object)
        reader = Reader(DECODERS, handle, lengths, view[LENGTH.size + length :])
        value = reader.of(node)
        reader.end()
        return value
    except Odd as error:
        raise BadData(f"not data: {error}") from None
    except (MemoryError, RecursionError):
        raise BadData("not data: it is too large or nested too deeply") from None
    except Exception as error:  # a library's: its words may be those of the data
        raise BadData(f"not data ({type(error).__name__})") from error


def _unpacked(structure: memoryview) -> Any:
    """Return the msgpack with each map, which has one entry, as the tuple (tag, payload)."""
    left = MOST_CONTAINERS

    def counted(container: list[Any]) -> list[Any]:
        nonlocal left
        left -= 1
        if left < 0:
            raise Odd("there is too much in it")
        return container

    def tagged(pairs: list[tuple[Any, Any]]) -> tuple[Any, Any]:
        (pair,) = counted(pairs)
        return pair

    return msgpack.unpackb(
        structure,
        raw=False,
        unicode_errors="surrogatepass",
        strict_map_key=True,
        object_pairs_hook=tagged,
        list_hook=counted,
        max_str_len=LONGEST_TEXT * 4,
        max_bin_len=LONGEST_TEXT * 4,
        max_array_len=MOST_STRUCTURE,
        max_map_len=1,
        max_ext_len=0,
    )
