"""Write and read the paths of pathlib.

A path can delete what it names. One that leads out of the folder that the test runs in (it is absolute, or goes up)
comes as a pure path, which equals it and has no methods that touch a file.
"""

from __future__ import annotations

from pathlib import PosixPath, PurePath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import Any

from shoshin.classroom.codec.walk import LONGEST_TEXT, Decoders, Encoders, Odd, Reader, Unfit, Writer, fields

PURE = {"posix": PurePosixPath, "windows": PureWindowsPath}
CONCRETE = {"posix": PosixPath, "windows": WindowsPath}


def encoders() -> Encoders:
    return ENCODERS


def _path(value: PurePath, write: Writer) -> list[Any]:
    """Return [flavour, whether it is a concrete path, text]."""
    text = str(value)
    if len(text) > LONGEST_TEXT:
        raise Unfit("a path is too long to be sent as data")
    flavour = "posix" if isinstance(value, PurePosixPath) else "windows"
    return [flavour, type(value) is CONCRETE[flavour], text]


def _read_path(payload: Any, read: Reader) -> PurePath:
    flavour, concrete, text = fields(payload, str, bool, str)
    if flavour not in PURE or len(text) > LONGEST_TEXT:
        raise Odd("there is no such path")
    pure = PURE[flavour](text)
    leads_out = bool(pure.anchor) or ".." in pure.parts
    return CONCRETE[flavour](text) if concrete and not leads_out else pure


ENCODERS: Encoders = dict.fromkeys((*PURE.values(), *CONCRETE.values()), ("path", _path))
DECODERS: Decoders = {"path": (100, _read_path)}
