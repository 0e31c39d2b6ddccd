"""Open a download from a learning platform, be it a zip, a tar or a folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

from shoshin.classroom.collect.archives import Tar, Zip, begins
from shoshin.classroom.collect.entries import (
    DAMAGED,
    Download,
    Entry,
    Refused,
    few_enough,
    in_words,
    pieces,
    stat_refused,
    unsafe,
)
from shoshin.classroom.collect.submitted import walk
from shoshin.errors import ShoshinError


def open_download(source: Path) -> Download:
    """Open a zip, a tar, a tar.gz or a folder.

    Raises:
        ShoshinError: if it is none of these, cannot be read, or holds more files than any class hands in.
    """
    try:
        if source.is_dir():
            download: Download = _Folder(source)
        elif begins(source, b"PK\x03\x04", b"PK\x05\x06"):  # not by its end: a tar may end with a zip
            download = Zip(source)
        else:
            download = Tar(source)
    except (Refused, *DAMAGED) as error:
        raise ShoshinError(f"{source} cannot be read as a zip, a tar or a folder: {in_words(error)}.") from error
    times = Counter(entry.path for entry in download.entries)
    for place, entry in enumerate(download.entries):
        why = entry.why or unsafe(entry.path) or ("it is there more than once" if times[entry.path] > 1 else "")
        download.entries[place] = replace(entry, why=why)
    return download


class _Folder:
    def __init__(self, folder: Path):
        self.folder = folder
        self.entries: list[Entry] = []
        for path, why in walk(folder):
            few_enough(len(self.entries))
            size = 0 if why else path.lstat().st_size
            self.entries.append(Entry(len(self.entries), path.relative_to(folder).as_posix(), size, why=why))

    def contents(self, wanted: Collection[int]) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        for number in sorted(wanted):
            entry = self.entries[number]
            yield entry, pieces(entry, partial(_plain_file, self.folder / entry.path))


def _plain_file(path: Path) -> IO[bytes]:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    if why := stat_refused(os.fstat(file.fileno())):
        file.close()
        raise Refused(why)
    return file
