"""Write and read the types that are values themselves: a closed list, which a test may call without harm."""

from __future__ import annotations

import functools
import operator
from types import NoneType, UnionType
from typing import Any

import numpy as np

from shoshin.classroom.codec.arrays import SCALARS
from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Unfit, Writer

PYTHONS = (*(int, float, str, bool, bytes, complex, list, dict, set, frozenset, tuple, object, range, slice, NoneType),)
ABSTRACT = (np.generic, np.number, np.integer, np.signedinteger, np.unsignedinteger, np.inexact, np.floating)
NUMPYS = (*SCALARS, np.str_, np.bytes_, *ABSTRACT, np.complexfloating, np.flexible, np.character)
NAMES = {kind: kind.__name__ for kind in PYTHONS} | {kind: f"numpy.{kind.__name__}" for kind in NUMPYS}
KINDS = {name: kind for kind, name in NAMES.items()}


def encoders() -> Encoders:
    return ENCODERS


def _kind(value: type, write: Writer) -> str:
    if value not in NAMES:
        raise Unfit("a class is not data")
    return NAMES[value]


def _read_kind(payload: Any, read: Reader) -> type:
    if type(payload) is not str or payload not in KINDS:
        raise Odd("there is no such type")
    return KINDS[payload]


def _union(value: UnionType, write: Writer) -> list[str]:
    if not all(type(kind) is type for kind in value.__args__):
        raise Unfit("a union of other things than types is not data")
    return [_kind(kind, write) for kind in value.__args__]


def _read_union(payload: Any, read: Reader) -> Any:
    if type(payload) is not list or not 2 <= len(payload) <= len(KINDS):
        raise Odd("a union is none")
    kinds = [_read_kind(name, read) for name in payload]
    if len(set(kinds)) != len(kinds):
        raise Odd("a type is twice in a union")
    return functools.reduce(operator.or_, kinds)


ENCODERS: Encoders = {type: ("type", _kind), UnionType: ("union", _union)}
DECODERS: Decoders = {"type": (6, _read_kind), "union": (500, _read_union)}
