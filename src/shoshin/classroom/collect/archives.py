"""Read the files of a zip and of a tar, and believe nothing that their headers say."""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import stat
import struct
import tarfile
import zipfile
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from shoshin.classroom.collect.entries import DAMAGED, Entry, Refused, few_enough, in_words, mode_refused, pieces

MOST_TOTAL = 8 * 2**30  # bytes that an archive may unpack to
MOST_READ = 16 * 2**20  # bytes at once; the list of files of a zip is read at once
MOST_RATIO = 200  # of what a file becomes to what it is packed; a notebook seldom reaches 20
WORTH_A_RATIO = 2**20  # bytes; below, a ratio says nothing


class Zip:
    """The entries of a zip, and their content."""

    def __init__(self, path: Path):
        self.path = path
        with self._opened() as archive:
            self.infos = [info for info in archive.infolist() if not _is_plain_folder(info)]
            starts = [info.header_offset for info in archive.infolist()]
        if min(starts, default=0) != 0:  # cut off, a zip that a student handed in may look like its end
            raise zipfile.BadZipFile("it does not begin with its first file; download it again")
        few_enough(len(self.infos))
        overlapping = _overlapping(self.infos)
        self.entries = [
            # The name as it stands in the file: zipfile cuts it off at a NUL.
            Entry(
                number, info.orig_filename, info.file_size, _zip_time(info), _zip_refused(info, number in overlapping)
            )
            for number, info in enumerate(self.infos)
        ]

    def contents(self, wanted: Collection[int]) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        with self._opened() as archive:
            for number in sorted(wanted):
                entry = self.entries[number]
                yield entry, pieces(entry, partial(archive.open, self.infos[number]))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        with _Bounded(io.FileIO(self.path)) as file, zipfile.ZipFile(file) as archive:
            yield archive


def _is_plain_folder(info: zipfile.ZipInfo) -> bool:
    return info.orig_filename.endswith("/") and stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFDIR)


def _zip_refused(info: zipfile.ZipInfo, overlapping: bool) -> str:
    if why := mode_refused(info.external_attr >> 16):
        return why
    if info.external_attr & 0x400:  # of DOS attributes: a reparse point
        return "it is a symbolic link"
    if info.flag_bits & 0x2041:
        return "it is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # zipfile unpacks others without a bound
        return f"it is packed in a way that is not opened (method {info.compress_type})"
    if overlapping:
        return "it overlaps another file of the archive, as a zip bomb does"
    if info.file_size > max(WORTH_A_RATIO, MOST_RATIO * info.compress_size):
        return f"it is a zip bomb: {info.compress_size} bytes that become {info.file_size}"
    return ""


def _overlapping(infos: list[zipfile.ZipInfo]) -> set[int]:
    """Return the numbers of those that share bytes with another (a header has at least 30)."""
    found: set[int] = set()
    last, end = -1, -1
    for number in sorted(range(len(infos)), key=lambda number: infos[number].header_offset):
        info = infos[number]
        if info.header_offset < end:
            found |= {last, number}
        if info.header_offset + 30 + info.compress_size > end:
            last, end = number, info.header_offset + 30 + info.compress_size
    return found


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    """Return the time in UTC: Info-ZIP's field where there is one, otherwise MS-DOS's, which is local time."""
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 0x5455 and length >= 5 and len(extra) >= 9 and extra[4] & 1:
            return _utc(struct.unpack_from("<l", extra, 5)[0])
        extra = extra[4 + length :]
    with contextlib.suppress(ValueError, OSError, OverflowError):
        time = datetime(*info.date_time)
        return time.astimezone(UTC) if time > datetime(1980, 1, 1) else None  # which stands for none
    return None


def _utc(seconds: float) -> datetime | None:
    with contextlib.suppress(ValueError, OSError, OverflowError):
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    return None


class Tar:
    """The entries of a tar, be it packed with gzip or not, and their content."""

    def __init__(self, path: Path):
        self.path = path
        self.entries: list[Entry] = []
        with self._opened() as (file, tar):
            try:
                for number, member in enumerate(tar):
                    few_enough(number)
                    if not member.isdir():
                        self.entries.append(_tar_entry(number, member))
                file.seek(tar.offset)
                if file.read(512) != bytes(512):  # tarfile takes a broken header for the end
                    raise tarfile.ReadError("no end of the archive")
            except (Refused, *DAMAGED) as error:  # what came before is sound
                why = f"it is damaged or cut off ({in_words(error)}): there may have been more files"
                self.entries.append(Entry(-1, path.name, why=why))

    def contents(self, wanted: Collection[int]) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        entries = {entry.number: entry for entry in self.entries}
        last = max(wanted, default=-1)
        with self._opened() as (_, tar):
            for number, member in enumerate(tar):
                if number in wanted:
                    yield entries[number], pieces(entries[number], partial(_member, tar, member))
                if number >= last:
                    break

    @contextlib.contextmanager
    def _opened(self) -> Iterator[tuple[_Bounded, tarfile.TarFile]]:
        content: Any = gzip.GzipFile(self.path) if begins(self.path, b"\x1f\x8b") else io.FileIO(self.path)
        with _Bounded(content) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            yield file, tar


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member)
    assert file is not None  # links and special files were refused before
    return file


def _tar_entry(number: int, member: tarfile.TarInfo) -> Entry:
    links = {tarfile.SYMTYPE: "it is a symbolic link", tarfile.LNKTYPE: "it is a hard link"}
    why = "" if member.isreg() and not member.issparse() else "it is no plain file (a pipe, a device or a sparse file)"
    path = re.sub(r"^(\./)+", "", member.name)
    return Entry(number, path, member.size, _utc(member.mtime), links.get(member.type, why))


class _Bounded(io.BufferedReader):
    """A file of which no header can demand a read that fills the memory, or an offset beyond reason."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(MOST_READ + 1 if size is None or not 0 <= size <= MOST_READ else size)
        if len(data) > MOST_READ:
            raise Refused(f"a header demands more than {MOST_READ // 2**20} MB at once")
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if offset > MOST_TOTAL:
            raise Refused(f"it unpacks to more than {MOST_TOTAL // 2**30} GB")
        return super().seek(offset, whence)


def begins(path: Path, *starts: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith(starts)
