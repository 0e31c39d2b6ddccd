"""Tell whose work a downloaded file is, and which of the assignment's files, from its path alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePosixPath

from nbgrader.utils import parse_utc

from shoshin.classroom.collect.entries import Entry, Refused
from shoshin.errors import ShoshinError

# Moodle takes every underscore out of the name in front, so that the first number is its own.
MOODLE = re.compile(r"(?P<owner>[^_/]*)_(?P<student>[0-9]+)_assignsubmission_(?P<kind>[a-z]+)_/?(?P<file>.+)")
# Canvas: lastfirst_LATE_USER_ATTACHMENT_name. Of a name that ends with _7, and of a file that begins with 7_7_, more
# than one reading is possible.
CANVAS = re.compile(r"(?P<owner>[^/]*?)(?P<late>_LATE)?_(?P<student>[0-9]+)_(?P<attachment>[0-9]+)_(?P<file>[^/]+)")
FOLDERS = re.compile(r"(?P<student>[^/]+)/(?P<file>.+)")

TEXT = {".csv", ".tsv", ".txt", ".md", ".json", ".jsonl", ".yaml", ".yml"}
DATA = TEXT | {".npy", ".npz", ".parquet", ".feather", ".png", ".jpg", ".jpeg", ".gif", ".pdf"}
ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".jar"}
LEFT_BEHIND = re.compile(r"(.*/)?(__MACOSX/.*|\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)", re.I | re.S)
CACHES = re.compile(r"(.*/)?(\.ipynb_checkpoints|__pycache__)/.*", re.S)
COPY = re.compile(r"(?P<stem>.+?)(?: ?\((?P<browser>[0-9]{1,6})\)|-(?P<canvas>[0-9]{1,6}))")
DEPTH = 5
UNCLEAR = "its name can be read as the work of one student or of another"


@dataclass(frozen=True)
class Expected:
    """The files of an assignment: its notebooks, and the data that lies beside them in the release."""

    assignment: str
    notebooks: frozenset[str]
    data: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Claim:
    """What a path says: of whom the file is, which file of the submission it is, and which of several attempts.

    `student` is the name in the path, not yet a student's id; `owner` is what the platform writes beside it.
    """

    entry: Entry
    student: str
    owner: str
    file: str  # what it is to be called
    attempt: tuple[int | tuple[int, ...], ...]
    time: datetime | None = None
    told: str = ""  # what the teacher should know


@dataclass(frozen=True)
class Scheme:
    """How the files of a download are named."""

    name: str
    pattern: re.Pattern[str]

    def claim(self, entry: Entry, expected: Expected) -> Claim | None:
        """Read a path; None for what an operating system leaves behind.

        Raises:
            Refused: if it is not named so, or is no file of the assignment.
        """
        if LEFT_BEHIND.fullmatch(entry.path) or CACHES.fullmatch(entry.path):
            return None
        suffix = PurePosixPath(entry.path).suffix
        # nbgrader's expressions name the file without its suffix.
        found = self.pattern.fullmatch(entry.path) or self.pattern.fullmatch(entry.path.removesuffix(suffix))
        if found is None:
            raise Refused(f"its name does not tell whose it is; {self.name} names a file otherwise")
        parts = found.groupdict()
        handed_in = (parts.get("file") or parts.get("file_id") or "").removesuffix(suffix) + suffix
        handed_in = handed_in.removeprefix(f"{expected.assignment}/")
        if LEFT_BEHIND.fullmatch(handed_in) or parts.get("kind", "file") != "file":  # Moodle's onlinetext
            return None
        unclear = self.pattern is CANVAS and len(re.findall(r"_(?=[0-9]+_[0-9]+_.)", entry.path)) > 1
        try:
            file, copy = _which_file(handed_in, expected)
        except Refused:
            if unclear:
                raise Refused(UNCLEAR) from None
            raise
        # The leftmost reading is right unless a student's name ends with a number; then what it takes for the file
        # begins with a number of Canvas's, and is none of the assignment's.
        if unclear and file not in expected.notebooks | expected.data:
            raise Refused(UNCLEAR)
        told = [f"taken as {file}"] if suffix.lower() == ".ipynb" and file != handed_in else []
        told += ["marked as late"] if parts.get("late") else []
        student = parts.get("student") or parts.get("student_id") or ""
        time = _time(parts["timestamp"]) if parts.get("timestamp") else None
        attempt = (int(time.timestamp()) if time else 0, int(parts.get("attachment") or 0), copy)
        return Claim(entry, student, parts.get("owner") or student, file, attempt, time, ", ".join(told))


def scheme_of(entries: Sequence[Entry], names: str = "") -> Scheme:
    """Return how the files of a download are named: as `names` says, else as the platform that fits most of them.

    The platform is told by all files together: no student can make one file look as if another platform had named it.

    Raises:
        ShoshinError: if `names` is neither a template with {student} and {file} nor a regular expression.
    """
    if names:
        return Scheme("--names", _pattern(names))
    platforms = [Scheme("Moodle", MOODLE), Scheme("Canvas", CANVAS), Scheme("a folder for each student", FOLDERS)]
    fitting = [0, 0, 0]
    for entry in entries:  # Moodle's folders are no students' folders
        first = next((place for place, one in enumerate(platforms) if one.pattern.fullmatch(entry.path)), None)
        if first is not None:
            fitting[first] += 1
    return platforms[fitting.index(max(fitting))] if any(fitting) else platforms[-1]


@cache  # asked for every pair of students
def key_of(name: str) -> str:
    """Return what two names share that some file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _pattern(names: str) -> re.Pattern[str]:
    if "{student}" in names and "{file}" in names:
        names = (
            re.escape(names).replace(r"\{student\}", "(?P<student>[^/]+?)", 1).replace(r"\{file\}", "(?P<file>.+)", 1)
        )
    try:
        pattern = re.compile(names)
    except re.error as error:
        raise ShoshinError(f"--names is no regular expression: {error}.") from error
    groups = set(pattern.groupindex)
    if not groups & {"student", "student_id"} or not groups & {"file", "file_id"}:
        raise ShoshinError("--names needs {student} and {file}, such as '{student}_{file}', or groups of these names.")
    return pattern


def _which_file(handed_in: str, expected: Expected) -> tuple[str, tuple[int, ...]]:
    """Return the file of the assignment, and which copy of it; a browser and Canvas number them."""
    path = PurePosixPath(handed_in)
    suffix = path.suffix.lower()
    if suffix == ".ipynb":
        return _which_notebook(path, expected)
    if handed_in in expected.data:
        return handed_in, ()
    if key_of(path.name) == "timestamp.txt":
        raise Refused("nbgrader takes timestamp.txt for the time of submission; no student may set it")
    if suffix in ARCHIVES:
        raise Refused("it is an archive, and no archive within the download is opened")
    if suffix not in DATA and suffix not in {PurePosixPath(data).suffix for data in expected.data}:
        raise Refused(f"it is neither a notebook of {expected.assignment} nor data ({suffix or 'no suffix'})")
    if (
        len(path.parts) > DEPTH
        or any(part.startswith((".", "-")) for part in path.parts)
        or not path.name.isprintable()
    ):
        raise Refused("its name is not one for a data file (hidden, too deep, or not printable)")
    return unicodedata.normalize("NFC", handed_in), ()


def _which_notebook(path: PurePosixPath, expected: Expected) -> tuple[str, tuple[int, ...]]:
    if path.name in expected.notebooks:
        return path.name, ()
    stem = unicodedata.normalize("NFC", path.stem)
    copy: tuple[int, ...] = ()
    while True:
        same = [notebook for notebook in expected.notebooks if key_of(notebook) == key_of(f"{stem}.ipynb")]
        exact = [notebook for notebook in same if notebook == f"{stem}.ipynb"]
        if len(exact or same) == 1:
            return (exact or same)[0], copy
        found = COPY.fullmatch(stem)
        if same or not found:
            wanted = ", ".join(sorted(expected.notebooks))
            raise Refused(f"it is no notebook of {expected.assignment} ({wanted})")
        stem, copy = found["stem"], (*copy, int(found["browser"] or found["canvas"]))


def _time(words: str) -> datetime:
    try:
        return parse_utc(words).replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(f"the time in its name cannot be read ({words})") from error
