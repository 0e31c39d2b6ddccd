"""Tell which files of a submission must not be read: links, special files, and what is too much."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from shoshin.classroom.collect.entries import stat_refused

MOST_FILE = 50 * 2**20  # bytes
MOST_SUBMISSION = 100 * 2**20  # bytes, as nbgrader has it
MOST_FILES = 1000  # of a submission
MOST_FOLDERS = 1000
DEPTH = 20


def check_submission(folder: Path) -> list[str]:
    """Return why files in submitted/STUDENT/ASSIGNMENT must not be read: a sentence each."""
    return [f"{name}: {why}" for name, why in refused_files(folder).items()]


def refused_files(folder: Path) -> dict[str, str]:
    """Return the files in a submission that must not be read, as path → reason; "." stands for all of them.

    Links, special files, files that are too large, and all beyond the size of a submission.
    """
    try:
        return _refused_files(folder)
    except OSError as error:
        return {".": f"it cannot be read ({error.strerror})"}


def _refused_files(folder: Path) -> dict[str, str]:
    if any(path.is_symlink() for path in (folder, folder.parent)):
        return {".": "it is a symbolic link"}
    refused: dict[str, str] = {}
    total = 0
    for count, (path, why) in enumerate(walk(folder, folders=[MOST_FOLDERS]), 1):
        if count > MOST_FILES:
            return {".": too_much(0, 0, count)}
        size = 0 if why else path.lstat().st_size
        if why := why or too_much(size, total + size, count):
            refused[path.relative_to(folder).as_posix()] = why
        else:
            total += size
    return refused


def too_much(size: int, total: int, count: int) -> str:
    """Tell why a file is one too many, or too large; "" if it is not."""
    if size > MOST_FILE:
        return f"it is larger than {MOST_FILE // 2**20} MB"
    if total > MOST_SUBMISSION:
        return f"the submission is larger than {MOST_SUBMISSION // 2**20} MB"
    return f"the submission has more than {MOST_FILES} files" if count > MOST_FILES else ""


def walk(folder: Path, depth: int = DEPTH, folders: list[int] | None = None) -> Iterator[tuple[Path, str]]:
    """Yield every file below a folder in order, with a reason where it is refused; no link is followed.

    `folders` holds the number of folders that may still be looked into, if there is an end to it.
    """
    for item in sorted(os.scandir(folder), key=lambda item: item.name):
        path = Path(item.path)
        if not item.is_dir(follow_symlinks=False):
            yield path, stat_refused(item.stat(follow_symlinks=False))
        elif depth == 0:
            yield path, "it lies too deep"
        elif not os.access(path, os.R_OK | os.X_OK):
            yield path, "this folder cannot be read"
        elif folders == [0]:
            yield path, "it is one folder too many"
            return
        else:
            if folders:
                folders[0] -= 1
            yield from walk(path, depth - 1, folders)
