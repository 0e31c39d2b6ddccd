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
from pathlib import Path, PurePosixPath

from nbgrader import utils
from nbgrader.converters import Autograde

from shoshin.classroom.collect.submitted import DEPTH, MOST_FOLDERS, refused_files
from shoshin.classroom.model import INODES, Limits
from shoshin.errors import ShoshinError

TIMESTAMP = "timestamp.txt"
# In a student's id: what would run on the formgrader's pages, which do not escape it, or misleads nbgrader's search.
ACTIVE = re.compile(r"[<>\"\\*?\[\]\x00-\x1f\x7f]")
PAGE, INODE = 4096, 2**20 // INODES
ROOM_TO_WORK = 2**20  # of the scratch folder, which no file that comes along takes
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
    """Return the ids of all who have a folder for the assignment, but for those that the course excludes.

    Of a folder that nobody may look into, nobody knows; its student is among them.
    """
    coursedir = settings.coursedir
    step, structure = coursedir.submitted_directory, coursedir.directory_structure
    known = {"nbgrader_step": glob.escape(step), "assignment_id": glob.escape(assignment)}
    folders = os.path.join(glob.escape(coursedir.root), structure.format(student_id="*", **known))
    of_all, _, within = structure.partition("{student_id}")
    all_folders = os.path.join(glob.escape(coursedir.root), of_all.format(**known) + "*")
    within = within.format(nbgrader_step=step, assignment_id=assignment)
    paths = [path for path in glob.iglob(folders) if os.path.isdir(path)]
    paths += [path + within for path in glob.iglob(all_folders) if _is_closed(path)]
    pattern = coursedir.format_path(re.escape(step), "(?P<student>[^/]+)", re.escape(assignment), escape=True)
    found = (re.fullmatch(pattern, path) for path in paths)
    return sorted({match["student"] for match in found if match} - {*coursedir.student_id_exclude.split(",")})


def _is_closed(path: str) -> bool:
    return os.path.isdir(path) and not os.access(path, os.X_OK)


def source_files(settings: Autograde, assignment: str, limits: Limits) -> Files:
    """Return the assignment's own data files, which stand in the place of the student's.

    Raises:
        ShoshinError: if one cannot be read, or there is no room for all of them: without it, honest answers fail.
    """
    coursedir = settings.coursedir
    folder = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
    room = limits.scratch_mb * 2**20 - ROOM_TO_WORK
    files, refused = _read_tree(settings, folder, room, limits.file_mb * 2**20, links=True)
    if refused:
        raise ShoshinError(
            f"{folder}: {refused[0]}\nA file may have {limits.file_mb} MB, all together {limits.scratch_mb}: "
            "c.SubmissionLimits.file_mb and scratch_mb in nbgrader_config.py."
        )
    students_own = {Path(name).as_posix() for name in settings.exclude_overwriting.get(assignment, [])}
    return {name: content for name, content in files.items() if name not in students_own}


def read_submission(
    settings: Autograde, assignment: str, student: str, notebooks: Iterable[str], given: Files, limits: Limits
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
    room = limits.scratch_mb * 2**20 - space_of(given) - ROOM_TO_WORK
    room = min(room, coursedir.max_dir_size * 1000)
    files, not_read = _read_tree(settings, folder, room, min(coursedir.max_file_size * 1000, limits.file_mb * 2**20))
    own = {name: content for name, content in files.items() if not _in_the_way(name, given)}
    return Submission(student, found, own, _timestamp(folder / TIMESTAMP), (*refused, *not_read))


def _timestamp(path: Path) -> datetime.datetime | None:
    if not os.path.lexists(path):
        return None
    try:
        text = _content(path, 1000).decode().strip()
        return utils.parse_utc(text) if text else None
    except Exception as error:  # of a time's text, dateutil may raise whatever it likes
        # Without it a late submission would pass for one in time.
        raise NotReadable(f"{path} tells no time ({error})") from error


def _in_the_way(name: str, given: Files) -> bool:
    """Tell whether a student's file has the name of a given file or folder, or lies below the name of a given file."""
    return name in given or any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in given)


def _read_tree(settings: Autograde, folder: Path, room: int, most: int, links: bool = False) -> tuple[Files, list[str]]:
    """Read the ordinary files of a folder but for notebooks; return them, and what was not read, a sentence each.

    A file may have `most` bytes, all together may take `room` on a disk. Links are followed only with `links`.
    """
    files: Files = {}
    folders: set[str] = set()
    refused = []
    for name, why in _walk(folder, [*settings.coursedir.ignore, "*.ipynb"], links):
        if why:
            refused.append(f"{os.fsencode(name).decode(errors='replace')} {why}; it was left out.")
            continue
        try:
            name.encode()
            files[name] = _content(folder / name, most, links)
        except UnicodeEncodeError:
            refused.append(f"{os.fsencode(name)!r} is no text; it was left out.")
            continue
        except OSError as error:
            refused.append(f"{name} {error.strerror}; it was left out.")
            continue
        room -= _space(name, files[name], folders)  # many empty files cost as well
        if room < 0:
            del files[name]
            refused.append(f"There is no room for {name} and what follows; they were left out.")
            break
    return files, refused


def _walk(folder: Path, ignored: list[str], links: bool) -> Iterator[tuple[str, str]]:
    """Yield the relative path of everything that is not a folder, and of folders that are left out, with the reason.

    Links to folders are followed only with `links`; then there is no end to depth and number, for they are a teacher's.
    """
    waiting: list[tuple[str, int, frozenset[str]]] = [("", 0, frozenset())]
    folders = 0
    while waiting:
        within, depth, above = waiting.pop()
        try:
            entries = sorted(os.scandir(folder / within), key=lambda entry: entry.name)
        except OSError:
            continue
        if links:
            above |= {os.path.realpath(folder / within)}
        for entry in entries:
            name = f"{within}{entry.name}"
            if any(fnmatch.fnmatchcase(entry.name, pattern) for pattern in ignored):
                continue
            if not entry.is_dir(follow_symlinks=links):
                yield name, ""
            elif links:
                if os.path.realpath(entry) not in above:  # a link may lead back to where it lies
                    waiting.append((f"{name}/", depth + 1, above))
            elif depth == DEPTH:
                yield name, "lies too deep"
            else:
                folders += 1
                if folders <= MOST_FOLDERS:
                    waiting.append((f"{name}/", depth + 1, above))
                elif folders == MOST_FOLDERS + 1:
                    yield name, f"is one of more than {MOST_FOLDERS} folders"


def space_of(files: Files) -> int:
    """Return what the files take of the scratch folder, in bytes; it has an inode for each file and folder."""
    folders: set[str] = set()
    return sum(_space(name, content, folders) for name, content in files.items())


def _space(name: str, content: bytes, folders: set[str]) -> int:
    """Return what a file takes, with those of its folders that are not among `folders`; they are now."""
    above = {str(folder) for folder in PurePosixPath(name).parents} - folders
    folders |= above
    return max((len(content) // PAGE + 1) * PAGE, INODE) + len(above) * INODE


def _content(path: Path, most: int, links: bool = False) -> bytes:
    """Return the content of an ordinary file; an `OSError` says in its `strerror` what it is instead."""
    try:
        # Without O_NONBLOCK a named pipe would never open.
        file = os.open(path, os.O_RDONLY | (0 if links else os.O_NOFOLLOW) | os.O_NONBLOCK)
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
