"""Read a student's folder: the notebooks of the assignment, the files beside them, and when it came."""

from __future__ import annotations

import datetime
import errno
import fnmatch
import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader import utils
from nbgrader.converters import Autograde

from shoshin.classroom.collect.submitted import refused_files

TIMESTAMP = "timestamp.txt"
# In a student's id: what would run on the formgrader's pages, which do not escape it, or misleads nbgrader's search.
ACTIVE = re.compile(r"[<>\"\\*?\[\]\x00-\x1f\x7f]")
Files = dict[str, bytes]  # relative path, with slashes → content


@dataclass(frozen=True)
class Submission:
    """A submission as it lies on the disk; `refused` says, a sentence each, what was not read."""

    student: str
    notebooks: Files  # by name, without the suffix; of a refused one, nothing
    own_files: Files
    timestamp: datetime.datetime | None
    refused: tuple[str, ...]


class NotReadable(Exception):
    """A submission that cannot be graded as it lies there; the message says why."""


def students_of(settings: Autograde, assignment: str) -> list[str]:
    """Return the ids of all who have a folder for the assignment, but for those that the course excludes."""
    coursedir = settings.coursedir
    step, structure = coursedir.submitted_directory, coursedir.directory_structure
    folders = structure.format(nbgrader_step=glob.escape(step), student_id="*", assignment_id=glob.escape(assignment))
    student = "(?P<student>[^/]+)"
    pattern = coursedir.format_path(re.escape(step), student, re.escape(assignment), escape=True)
    paths = glob.iglob(os.path.join(glob.escape(coursedir.root), folders))
    found = (re.fullmatch(pattern, path) for path in paths if os.path.isdir(path))
    return sorted({match["student"] for match in found if match} - {*coursedir.student_id_exclude.split(",")})


def source_files(settings: Autograde, assignment: str) -> Files:
    """Return the assignment's own data files, which stand in the place of the student's."""
    coursedir = settings.coursedir
    files, _ = _read_tree(settings, Path(coursedir.format_path(coursedir.source_directory, ".", assignment)))
    students_own = {Path(name).as_posix() for name in settings.exclude_overwriting.get(assignment, [])}
    return {name: content for name, content in files.items() if name not in students_own}


def read_submission(
    settings: Autograde, assignment: str, student: str, notebooks: Iterable[str], given: Files
) -> Submission:
    """Read a submission; `notebooks` are the names of the assignment's, `given` its own data files.

    Raises:
        NotReadable: if there is none of the notebooks, or the time at which it came cannot be told.
    """
    coursedir = settings.coursedir
    if ACTIVE.search(student):
        raise NotReadable(f"the folder's name {student!r} is no student's id; give it the student's")
    folder = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
    if why := refused_files(folder).get("."):
        raise NotReadable(f"{folder} was not read: {why}")
    found: Files = {}
    refused = []
    for name in notebooks:
        path = folder / f"{name}.ipynb"
        if os.path.lexists(path):
            try:
                found[name] = _content(path, coursedir.max_file_size * 1000)
            except OSError as error:
                found[name] = b""
                refused.append(f"{path.name} {error.strerror}; it counts as empty.")
    if not found:
        raise NotReadable(f"there is no notebook of this assignment in {folder}")
    files, not_read = _read_tree(settings, folder)
    own = {name: content for name, content in files.items() if not _in_the_way(name, given)}
    return Submission(student, found, own, _timestamp(folder / TIMESTAMP), (*refused, *not_read))


def _timestamp(path: Path) -> datetime.datetime | None:
    if not os.path.lexists(path):
        return None
    try:
        text = _content(path, 1000).decode().strip()
        return utils.parse_utc(text) if text else None
    except (OSError, ValueError, OverflowError) as error:
        # Without it a late submission would pass for one in time.
        raise NotReadable(f"{path} tells no time ({error})") from error


def _in_the_way(name: str, given: Files) -> bool:
    """Tell whether a student's file has the name of a given file or folder, or lies below the name of a given file."""
    return name in given or any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in given)


def _read_tree(settings: Autograde, folder: Path) -> tuple[Files, list[str]]:
    """Read the ordinary files of a folder but for notebooks; return them, and what was not read, a sentence each."""
    coursedir = settings.coursedir
    left = coursedir.max_dir_size * 1000
    files: Files = {}
    refused = []
    for name in _walk(folder, [*coursedir.ignore, "*.ipynb"]):
        try:
            name.encode()
            files[name] = _content(folder / name, min(left, coursedir.max_file_size * 1000))
            left -= max(len(files[name]), 1000)  # many empty files cost as well
        except UnicodeEncodeError:
            refused.append(f"{os.fsencode(name)!r} is no text; it was left out.")
        except OSError as error:
            refused.append(f"{name} {error.strerror}; it was left out.")
        if left < 0:
            refused.append("There are more files than the course allows; the others were left out.")
            break
    return files, refused


def _walk(folder: Path, ignored: list[str]) -> Iterator[str]:
    """Yield the relative path of everything that is not a folder; links are not followed."""
    waiting = [""]
    while waiting:
        within = waiting.pop()
        try:
            entries = sorted(os.scandir(folder / within), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if any(fnmatch.fnmatchcase(entry.name, pattern) for pattern in ignored):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{within}{entry.name}/")
            else:
                yield f"{within}{entry.name}"


def _content(path: Path, most: int) -> bytes:
    """Return the content of an ordinary file; an `OSError` says in its `strerror` what it is instead."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a named pipe would never open
    except OSError as error:
        why = "is a link" if error.errno == errno.ELOOP else f"cannot be read ({error.strerror})"
        raise OSError(error.errno, why) from None
    with open(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "is not an ordinary file")
        content = stream.read(max(most, 0) + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"has more than {most / 1e6:.0f} MB")
    return content
