"""The words of collecting: a file that somebody else named and packed, and what about it is refused."""

from __future__ import annotations

import os
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from shoshin.errors import ShoshinError

MOST_ENTRIES = 50_000
CHUNK = 2**16
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)


class Refused(Exception):
    """A file is not taken; the message says why, as the end of a sentence that the file's name begins."""


@dataclass(frozen=True)
class Entry:
    """A file of a download. `why` says why it is refused, or is empty; `size` and `time` are what the download says."""

    number: int
    path: str  # with slashes
    size: int = 0
    time: datetime | None = None
    why: str = ""


class Download(Protocol):
    """The entries of a download, and the content of those that are wanted."""

    entries: list[Entry]

    def contents(self, wanted: Collection[int]) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        """Yield each wanted entry with its pieces; take the pieces before the next entry. They may raise `Refused`."""


def unsafe(path: str) -> str:
    """Tell why a path must not become a file's name; "" if it may."""
    parts = path.split("/")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in path):
        return "its name holds a control character or a broken one"
    if path.startswith("/"):
        return "its path is absolute"
    if "\\" in path or ":" in path:
        return "its name holds a backslash or a colon"
    if ".." in parts:
        return "its path leads upwards (..)"
    if any(part != part.rstrip(". ") or not part for part in parts):
        return "a part of its path is empty, or ends with a dot or a space"
    if len(path) > 1000 or any(len(part.encode()) > 200 for part in parts):
        return "its name is too long"
    return ""


def mode_refused(mode: int) -> str:
    """Tell what else than a file a Unix mode stands for; "" for a file, or for no type at all."""
    kinds = {stat.S_IFLNK: "it is a symbolic link", stat.S_IFDIR: "it is a folder", stat.S_IFREG: "", 0: ""}
    return kinds.get(stat.S_IFMT(mode), "it is no file (a pipe, a socket or a device)")


def stat_refused(status: os.stat_result) -> str:
    """Tell why a file on disk is refused; "" if it is not."""
    return mode_refused(status.st_mode) or ("it is a hard link" if status.st_nlink > 1 else "")


def in_words(error: BaseException) -> str:
    words = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return words.splitlines()[0]


def pieces(entry: Entry, opened: Callable[[], IO[bytes]]) -> Iterator[bytes]:
    """Yield the content, and count: what the download says of a size is a claim."""
    count = 0
    try:
        with opened() as file:
            while piece := file.read(CHUNK):
                count += len(piece)
                yield piece
    except DAMAGED as error:
        raise Refused(f"it is damaged or cannot be read ({in_words(error)})") from error
    if count != entry.size:
        raise Refused(f"it holds {count} bytes where {entry.size} are declared")


def few_enough(count: int) -> None:
    if count > MOST_ENTRIES:
        raise ShoshinError(f"the download holds more than {MOST_ENTRIES} files. Nothing was collected.")
