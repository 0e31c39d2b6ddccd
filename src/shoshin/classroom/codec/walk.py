"""Walk through a value, or through its structure, and keep count of what it costs."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from types import NoneType
from typing import Any

DEEPEST = 100  # values inside values
MOST_COST = 6_000_000  # an item of a list costs 1, a container 8 or so, a table 500: about a byte times 50, or 2 µs
LONGEST_TEXT = 2**14  # characters or bytes; beyond, a blob
LEAST_BLOB = 2**10  # bytes of an array; below, it lies in the structure
MOST_ALIKE = 200  # keys of a dict or set with one hash: it takes quadratic time; powers of two have only 61 hashes
CONSTANT = {NoneType, bool, float}
NATIVE = {NoneType, bool, int, float, str, bytes}

Encoders = dict[type, tuple[str, Callable[[Any, "Writer"], Any]]]
Decoders = dict[str, tuple[int, Callable[[Any, "Reader"], Any]]]  # what one costs, and who makes it


class NotData(TypeError):
    """A value, or something in it, cannot be sent as data. The message is one line and names its type."""


class Unfit(NotData):
    """This one value is not data, though others of its type are: it may be handled as a whole."""


class Odd(ValueError):
    """A structure is not what `Writer` makes. The message is ours: nothing in it comes from the structure."""


class Writer:
    """Turns a value into msgpack's types; `blobs` gathers what is large, `size` is what they come to."""

    def __init__(
        self,
        makers: Sequence[Callable[[], Encoders]],
        decoders: Decoders,
        handle: Callable[[Any], int | None] | None,
        most_bytes: int,
    ) -> None:
        self.makers, self.decoders, self.handle, self.most_bytes = makers, decoders, handle, most_bytes
        self.known: Encoders = {}
        self.blobs: list[memoryview] = []
        self.size = self.cost = 0
        self.inside: list[int] = []  # the values that are being written

    def of(self, value: Any, whole: bool = True) -> Any:
        """Return the structure of a value; of a part that is not data, the whole may still be handled."""
        kind = type(value)
        if kind in CONSTANT or (kind in NATIVE and _is_small(value)):
            return value
        if id(value) in self.inside:
            raise NotData(f"{self.name(value)} contains itself")
        if len(self.inside) >= DEEPEST:
            raise NotData(f"{self.name(value)} is nested too deeply")
        self.inside.append(id(value))
        before = len(self.blobs), self.size, self.cost
        try:
            if kind is list:
                return self.items(value)
            tag, encode = self.encoder(value)
            self.charge(self.decoders[tag][0])
            return {tag: encode(value, self)}
        except Exception as error:  # of a library, too: it may not know all that its own types can be
            if isinstance(error, (MemoryError, RecursionError)):
                raise
            if self.handle is None or not whole or type(error) is NotData:
                raise
            number = self.handle(value)
            if number is None:
                raise NotData(f"{self.name(value)} is not data") from error
            del self.blobs[before[0] :]
            _, self.size, self.cost = before
            self.charge(self.decoders["handle"][0])
            return {"handle": int(number)}
        finally:
            self.inside.pop()

    def encoder(self, value: Any) -> tuple[str, Callable[[Any, Writer], Any]]:
        """Return the tag of a value and who writes it; the libraries' are known once they are loaded."""
        kind = type(value)
        if kind not in self.known:
            found = [encoders[kind] for encoders in (make() for make in self.makers) if kind in encoders]
            if not found:
                raise Unfit(f"{self.name(value)} is not data")
            self.known[kind] = found[0]
        return self.known[kind]

    def part(self, value: Any) -> Any:
        """Return the structure of what its owner needs as data."""
        return self.of(value, whole=False)

    def items(self, values: Sequence[Any]) -> list[Any]:
        """Return the structures of many values."""
        self.charge(4 + len(values))
        return list(values) if is_native(values) else [self.of(value) for value in values]

    def blob(self, data: Any) -> bytes | int:
        """Return what stands for these bytes, which anything with a contiguous buffer may hold."""
        view = memoryview(data).cast("B")
        if len(view) < LEAST_BLOB:
            return bytes(view)
        self.room(len(view))
        self.size += len(view)
        self.blobs.append(view)
        return len(self.blobs) - 1

    def room(self, size: int) -> None:
        """Raise NotData if so many bytes more are too many; asked before they are made."""
        if self.size + size > self.most_bytes:
            raise NotData(f"it is too large to be sent as data: more than {self.most_bytes} bytes")

    def charge(self, cost: int) -> None:
        self.cost += cost
        if self.cost > MOST_COST:
            raise NotData("it holds too many values to be sent as data")

    @staticmethod
    def name(value: Any) -> str:
        kind = type(value)
        return f"a value of type {type.__getattribute__(kind, '__module__')}.{type.__getattribute__(kind, '__name__')}"


class Reader:
    """Turns the structure of a hostile process into values; whatever is odd about it raises an exception."""

    def __init__(
        self, decoders: Decoders, handle: Callable[[int], Any] | None, lengths: Any, blobs: memoryview
    ) -> None:
        self.decoders, self.handle = decoders, handle
        self.cost = self.depth = 0
        if type(lengths) is not list or any(type(length) is not int or length < LEAST_BLOB for length in lengths):
            raise Odd("a blob has no length")
        if sum(lengths) != len(blobs):
            raise Odd("the blobs are not as long as they claim")
        ends = list(itertools.accumulate(lengths, initial=0))
        self.blobs = {number: blobs[start:end] for number, (start, end) in enumerate(itertools.pairwise(ends))}

    def of(self, node: Any) -> Any:
        """Return the value of a structure."""
        kind = type(node)
        if kind in NATIVE:
            return node
        self.depth += 1
        if self.depth > DEEPEST:
            raise Odd("it is nested too deeply")
        if kind is list:
            value: Any = self.items(node)
        else:
            if kind is not tuple or type(node[0]) is not str or node[0] not in self.decoders:
                raise Odd("no such kind of data")
            cost, decode = self.decoders[node[0]]
            self.charge(cost)
            value = decode(node[1], self)
        self.depth -= 1
        return value

    def part(self, node: Any, kinds: Collection[type]) -> Any:
        """Return the value of a structure that has to have one of these types."""
        value = self.of(node)
        if type(value) not in kinds:
            raise Odd("a part is of the wrong type")
        return value

    def items(self, nodes: Any) -> list[Any]:
        """Return the values of a list of structures."""
        if type(nodes) is not list:
            raise Odd("there should be a list")
        self.charge(4 + len(nodes))
        return nodes if set(map(type, nodes)) <= NATIVE else [self.of(node) for node in nodes]

    def keys(self, nodes: Any) -> list[Any]:
        """Return values of which a dict or a set can be made in reasonable time."""
        keys = self.items(nodes)
        refuse_alike(keys)
        return keys

    def blob(self, node: Any) -> memoryview:
        """Return the bytes that `Writer.blob` was given."""
        if type(node) is bytes:
            return memoryview(node)
        if type(node) is not int or node not in self.blobs:
            raise Odd("a blob is missing, or comes twice")
        return self.blobs.pop(node)

    def end(self) -> None:
        """Raise an exception if not all has been read."""
        if self.blobs:
            raise Odd("there is something left over")

    def charge(self, cost: int) -> None:
        self.cost += cost
        if self.cost > MOST_COST:
            raise Odd("there is too much in it")


def is_native(values: Collection[Any]) -> bool:
    """Tell whether msgpack carries all of these as they are, in a reasonable space."""
    kinds = set(map(type, values))
    if kinds <= CONSTANT:
        return True
    if kinds == {int}:
        return min(values) >= -(2**63) and max(values) < 2**64
    if kinds == {str}:
        return max(map(len, values)) <= LONGEST_TEXT
    return kinds <= NATIVE and all(map(_is_small, values))


def _is_small(value: Any) -> bool:
    if type(value) is int:
        return -(2**63) <= value < 2**64
    return type(value) in CONSTANT or len(value) <= LONGEST_TEXT


def fields(payload: Any, *kinds: type) -> list[Any]:
    """Return the parts of a payload, which have exactly these types (`object`: a structure)."""
    if type(payload) is not list or len(payload) != len(kinds):
        raise Odd("a payload has the wrong parts")
    if any(kind is not object and type(part) is not kind for kind, part in zip(kinds, payload, strict=True)):
        raise Odd("a payload has a part of the wrong type")
    return payload


def refuse_alike(keys: Sequence[Any]) -> None:
    """Raise an exception if too many keys have the same hash: a dict of them takes quadratic time."""
    if len(keys) > MOST_ALIKE and max(Counter(map(hash, keys)).values()) > MOST_ALIKE:
        raise Odd("too many keys have the same hash")
