"""Write and read the single values that pandas adds to those of Python and NumPy."""

from __future__ import annotations

import re
import sys
import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from shoshin.classroom.codec.plain import read_zone, zone
from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Writer, fields

UNITS = ("s", "ms", "us", "ns")
FREQUENCY = re.compile(r"([1-9]\d{0,5})?[A-Za-z]{1,4}(-[A-Z]{3})?")
CLOSED = ("left", "right", "both", "neither")


def encoders() -> Encoders:
    pandas = sys.modules.get("pandas")
    return {} if pandas is None else _encoders(pandas)


@lru_cache(maxsize=1)
def _encoders(pandas: Any) -> Encoders:
    return {
        pandas.Timestamp: ("timestamp", _timestamp),
        pandas.Timedelta: ("duration", lambda value, write: [int(value.asm8.view("i8")), value.unit]),
        pandas.Period: ("period", lambda value, write: [value.ordinal, value.freqstr]),
        pandas.Interval: ("interval", _interval),
        type(pandas.NA): ("NA", lambda value, write: None),
        type(pandas.NaT): ("NaT", lambda value, write: None),
    }


def _timestamp(value: Any, write: Writer) -> list[Any]:
    return [int(value.asm8.view("i8")), value.unit, pandas_zone(value.tz)]


def _read_timestamp(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    number, unit, where = fields(payload, int, str, object)
    moment = _moment(np.datetime64, number, unit)
    stamp = pandas.Timestamp(moment)
    if where is None:
        return stamp
    refuse_far_times(np.array([moment]))
    return stamp.tz_localize("UTC").tz_convert(read_pandas_zone(where))


def _read_duration(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    return pandas.Timedelta(_moment(np.timedelta64, *fields(payload, int, str)))


def _moment(kind: Any, number: int, unit: str) -> Any:
    if unit not in UNITS:
        raise Odd("there is no such unit of time")
    return kind(number, unit)


def _read_period(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    ordinal, frequency = fields(payload, int, str)
    with warnings.catch_warnings(action="ignore"):
        return pandas.Period(ordinal=ordinal, freq=checked_frequency(frequency))


def _interval(value: Any, write: Writer) -> list[Any]:
    return [write.part(value.left), write.part(value.right), value.closed]


def _read_interval(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    left, right, closed = fields(payload, object, object, str)
    return pandas.Interval(read.of(left), read.of(right), checked_closed(closed))


def _read_na(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    return pandas.NA


def _read_nat(payload: Any, read: Reader) -> Any:
    pandas = import_pandas()
    return pandas.NaT


def import_pandas() -> Any:
    """Return pandas, imported when the first of its values comes."""
    import pandas

    return pandas


def pandas_zone(value: Any) -> Any:
    """Return what stands for a time zone, which pandas 2 takes from pytz."""
    pytz: Any = sys.modules.get("pytz")
    if pytz is not None and getattr(value, "zone", None) in pytz.all_timezones_set:
        return ["pytz", value.zone]
    return zone(value)


def read_pandas_zone(node: Any) -> Any:
    """Return the time zone of `pandas_zone`."""
    if type(node) is not list or node[:1] != ["pytz"]:
        return read_zone(node)
    import pytz

    _, name = fields(node, str, str)
    if name not in pytz.all_timezones_set:
        raise Odd("there is no such time zone")
    return pytz.timezone(name)


def refuse_far_times(moments: np.ndarray) -> None:
    """Raise an exception for times that pandas cannot show in a time zone: Python has no such years."""
    moments = moments[~np.isnat(moments)].astype("M8[s]")
    if moments.size and (moments.min() < np.datetime64("0001-01-03") or moments.max() > np.datetime64("9999-12-29")):
        raise Odd("a time is out of range")


def checked_frequency(text: str) -> str:
    """Return a frequency if it is written as pandas writes one."""
    if not FREQUENCY.fullmatch(text):
        raise Odd("there is no such frequency")
    return text


def checked_closed(text: str) -> str:
    """Return which ends belong to an interval if it is written as pandas writes it."""
    if text not in CLOSED:
        raise Odd("an interval is closed oddly")
    return text


DECODERS: Decoders = {
    "timestamp": (8, _read_timestamp),
    "duration": (8, _read_duration),
    "period": (20, _read_period),
    "interval": (8, _read_interval),
    "NA": (6, _read_na),
    "NaT": (6, _read_nat),
}
