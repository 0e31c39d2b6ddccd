"""Write and read the values of Python's own types, and the numbers that stand for what is not data."""

from __future__ import annotations

import datetime
import functools
import zoneinfo
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shoshin.check.plain import Foreign
from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Unfit, Writer, fields

MOST_BITS = 64_000  # of an integer: 19,000 digits
MOST_DIGITS = 4_200  # of a Decimal, and of its exponent's value


def encoders() -> Encoders:
    return ENCODERS


def _int(value: int, write: Writer) -> bytes:
    if value.bit_length() > MOST_BITS:
        raise Unfit(f"a value of type builtins.int has more than {MOST_BITS} bits")
    return value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)


def _read_int(payload: Any, read: Reader) -> int:
    if type(payload) is not bytes or len(payload) > MOST_BITS // 8 + 1:
        raise Odd("an integer is too large")
    return int.from_bytes(payload, "little", signed=True)


def _read_complex(payload: Any, read: Reader) -> complex:
    real, imaginary = fields(payload, float, float)
    return complex(real, imaginary)


def _read_str(payload: Any, read: Reader) -> str:
    return str(read.blob(payload), "utf-8", "surrogatepass")


def pairs(value: dict[Any, Any], write: Writer) -> list[Any]:
    """Return [keys, values] of a dict, whatever its type."""
    return [write.items(list(value)), write.items(list(value.values()))]


def read_pairs(payload: Any, read: Reader) -> dict[Any, Any]:
    """Return the dict of `pairs`."""
    keys, values = fields(payload, list, list)
    return _all_different(dict(zip(read.keys(keys), read.items(values), strict=True)), len(keys))


def _read_set(kind: type) -> Callable[[Any, Reader], Any]:
    return lambda payload, read: _all_different(kind(read.keys(payload)), len(payload))


def _all_different(container: Any, size: int) -> Any:
    if len(container) != size:
        raise Odd("two keys are equal")
    return container


def _range(value: range, write: Writer) -> list[Any]:
    try:
        len(value)
    except OverflowError:
        raise Unfit("a value of type builtins.range is too long to be sent as data") from None
    return [write.part(number) for number in (value.start, value.stop, value.step)]


def _read_range(payload: Any, read: Reader) -> range:
    value = range(*(read.part(node, (int,)) for node in fields(payload, object, object, object)))
    len(value)  # nobody reckons with one whose length is no length
    return value


def _read_slice(payload: Any, read: Reader) -> slice:
    return slice(*map(read.of, fields(payload, object, object, object)))


def _read_fraction(payload: Any, read: Reader) -> Fraction:
    return Fraction(*(read.part(node, (int,)) for node in fields(payload, object, object)))


def _decimal(value: Decimal, write: Writer) -> str:
    text = str(value)
    if not _is_moderate(value, text):
        raise Unfit("a value of type decimal.Decimal has too many digits")
    return text


def _read_decimal(payload: Any, read: Reader) -> Decimal:
    if type(payload) is not str or len(payload) > MOST_DIGITS:
        raise Odd("a Decimal is too long")
    value = Decimal(payload)
    if not _is_moderate(value, payload):
        raise Odd("a Decimal is too large")
    return value


def _is_moderate(value: Decimal, text: str) -> bool:
    magnitude = abs(value.adjusted()) if value.is_finite() else 0
    return max(magnitude, len(text)) <= MOST_DIGITS


def _datetime(value: datetime.datetime, write: Writer) -> list[Any]:
    day = [value.year, value.month, value.day]
    return [*day, value.hour, value.minute, value.second, value.microsecond, value.fold, zone(value.tzinfo)]


def _read_datetime(payload: Any, read: Reader) -> datetime.datetime:
    *numbers, fold, where = fields(payload, *[int] * 8, object)
    return datetime.datetime(*numbers).replace(fold=fold, tzinfo=read_zone(where))


def _time(value: datetime.time, write: Writer) -> list[Any]:
    return [value.hour, value.minute, value.second, value.microsecond, value.fold, zone(value.tzinfo)]


def _read_time(payload: Any, read: Reader) -> datetime.time:
    *numbers, fold, where = fields(payload, *[int] * 5, object)
    return datetime.time(*numbers).replace(fold=fold, tzinfo=read_zone(where))


def zone(value: Any) -> Any:
    """Return what stands for a time zone: its key, or [days, seconds, microseconds, name] of a fixed offset."""
    if value is None:
        return None
    if type(value) is datetime.timezone:
        offset, name = value.utcoffset(None), value.tzname(None)
        ordinary = datetime.timezone(offset).tzname(None)
        return [offset.days, offset.seconds, offset.microseconds, None if name == ordinary else name]
    if type(value) is zoneinfo.ZoneInfo and type(value.key) is str:
        return value.key
    raise Unfit(f"{Writer.name(value)} is a time zone that cannot be sent as data")


def read_zone(node: Any) -> datetime.tzinfo | None:
    """Return the time zone of `zone`."""
    if node is None:
        return None
    if type(node) is str:
        if node not in _known_zones():
            raise Odd("there is no such time zone")
        return zoneinfo.ZoneInfo(node)
    if type(node) is not list or len(node) != 4 or type(node[3]) not in (str, type(None)):
        raise Odd("a time zone is written oddly")
    offset = datetime.timedelta(*fields(node[:3], int, int, int))
    return datetime.timezone(offset) if node[3] is None else datetime.timezone(offset, node[3])


@functools.cache
def _known_zones() -> set[str]:
    return zoneinfo.available_timezones()


def _read_foreign(payload: Any, read: Reader) -> Foreign:
    return Foreign(*(read.part(node, (str,)) for node in fields(payload, object, object)))


def _read_handle(payload: Any, read: Reader) -> Any:
    if read.handle is None or type(payload) is not int or payload < 0:
        raise Odd("there is something in it that is not data")
    return read.handle(payload)


ENCODERS: Encoders = {
    int: ("int", _int),
    str: ("str", lambda value, write: write.blob(value.encode("utf-8", "surrogatepass"))),
    bytes: ("bytes", lambda value, write: write.blob(value)),
    bytearray: ("bytearray", lambda value, write: write.blob(bytes(value))),
    complex: ("complex", lambda value, write: [value.real, value.imag]),
    type(...): ("ellipsis", lambda value, write: None),
    tuple: ("tuple", lambda value, write: write.items(value)),
    dict: ("dict", pairs),
    set: ("set", lambda value, write: write.items(list(value))),
    frozenset: ("frozenset", lambda value, write: write.items(list(value))),
    range: ("range", _range),
    slice: ("slice", lambda value, write: [write.of(end) for end in (value.start, value.stop, value.step)]),
    Fraction: ("fraction", lambda value, write: [write.part(value.numerator), write.part(value.denominator)]),
    Decimal: ("decimal", _decimal),
    datetime.datetime: ("datetime", _datetime),
    datetime.date: ("date", lambda value, write: [value.year, value.month, value.day]),
    datetime.time: ("time", _time),
    datetime.timedelta: ("timedelta", lambda value, write: [value.days, value.seconds, value.microseconds]),
    datetime.timezone: ("zone", lambda value, write: zone(value)),
    zoneinfo.ZoneInfo: ("zone", lambda value, write: zone(value)),
    Foreign: ("foreign", lambda value, write: [write.part(value.type_name), write.part(value.text)]),
}

DECODERS: Decoders = {
    "int": (6, _read_int),
    "str": (6, _read_str),
    "bytes": (6, lambda payload, read: bytes(read.blob(payload))),
    "bytearray": (6, lambda payload, read: bytearray(read.blob(payload))),
    "complex": (6, _read_complex),
    "ellipsis": (6, lambda payload, read: ...),
    "tuple": (6, lambda payload, read: tuple(read.items(payload))),
    "dict": (8, read_pairs),
    "set": (8, _read_set(set)),
    "frozenset": (8, _read_set(frozenset)),
    "range": (8, _read_range),
    "slice": (8, _read_slice),
    "fraction": (12, _read_fraction),
    "decimal": (8, _read_decimal),
    "datetime": (8, _read_datetime),
    "date": (8, lambda payload, read: datetime.date(*fields(payload, int, int, int))),
    "time": (8, _read_time),
    "timedelta": (8, lambda payload, read: datetime.timedelta(*fields(payload, int, int, int))),
    "zone": (8, lambda payload, read: read_zone(payload)),
    "foreign": (8, _read_foreign),
    "handle": (8, _read_handle),
}
