"""Collect a download from a learning platform into submitted/STUDENT/ASSIGNMENT, as nbgrader wants it.

nbgrader has `nbgrader collect` for its own exchange, a folder that students and teachers share, and
`nbgrader zip_collect` for downloads, which unpacks whatever they hold and stops at the first file that it cannot
place. Here nothing is unpacked before it is known whose it is, and a file that is refused keeps no other student's
work from being collected. What is collected looks the same, so all three can be used in one course.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from sqlalchemy.exc import SQLAlchemyError

from shoshin.classroom.collect.claims import Sifted, sift
from shoshin.classroom.collect.download import open_download
from shoshin.classroom.collect.entries import Download, Refused
from shoshin.classroom.collect.naming import FOLDERS, MOODLE, Claim, Expected, scheme_of
from shoshin.classroom.collect.placing import place
from shoshin.classroom.collect.roster import Roster, gradebook_roster, read_roster
from shoshin.classroom.collect.submitted import check_submission, too_much
from shoshin.classroom.gradebook import open_gradebook
from shoshin.classroom.settings import course_settings
from shoshin.errors import ShoshinError

__all__ = ["Collected", "check_submission", "collect"]

MOST_COLLECTED = 8 * 2**30  # bytes
Unpacked = dict[str, tuple[Claim, Path]]  # a student's files, by name


@dataclass
class Collected:
    """What became of a download. `new`, `updated` and `unchanged` name files as STUDENT/FILE.

    `refused` says of a path in the download why it was not taken; `told` what the teacher should know of another.
    """

    assignment: str
    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    @property
    def students(self) -> list[str]:
        """The students of whom something is there."""
        return sorted({name.partition("/")[0] for name in (*self.new, *self.updated, *self.unchanged)})


def collect(
    course: Path,
    assignment: str,
    source: Path,
    *,
    names: str = "",
    roster: Path | None = None,
    update: bool = False,
    times: bool = False,
) -> Collected:
    """Collect a zip, a tar or a folder that comes from Moodle or Canvas, or that holds a folder for each student.

    `names` tells how the files are named, where it is in none of these ways; `roster` is a CSV file with the
    students, for whom the gradebook's stand otherwise. With `update`, files that were collected before are replaced.
    With `times`, the times in an archive count as those of submission; in a download from Moodle or Canvas they are
    those of the download.

    Raises:
        ShoshinError: if the course does not know the assignment, or the download or the roster cannot be read.
    """
    coursedir = course_settings(course).coursedir
    expected, students = _course(coursedir, assignment)
    if roster:
        students = read_roster(roster, students)
    download = open_download(source)
    scheme = scheme_of([entry for entry in download.entries if not entry.why], names)
    sifted = sift(download.entries, scheme, expected, students)
    collected = Collected(assignment, refused=sifted.refused, told=sifted.told)
    submitted = Path(coursedir.root, coursedir.submitted_directory)
    try:
        submitted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".collecting-", dir=submitted) as aside:
            for student, files in sorted(_unpack(download, sifted, Path(aside)).items()):
                folder = submitted / student / assignment
                _place(folder, files, _time(files, times), Path(aside), update, expected, collected)
    except OSError as error:
        raise ShoshinError(f"{submitted} cannot be written: {error.strerror}. Mend it and collect again.") from error
    tops = {entry.path.partition("/")[0] for entry in download.entries}
    if scheme.pattern is FOLDERS and len(tops) == 1 and not collected.students:
        why = "everything lies in this one folder: unpack the download, and collect from the folder"
        collected.told.append((tops.pop(), why))
    if scheme.pattern is MOODLE and not students.ids:
        why = "students go under Moodle's numbers, which hold for this assignment only; --roster gives their ids"
        collected.told.append((source.name, why))
    collected.refused.sort()
    return collected


def _course(coursedir: CourseDirectory, assignment: str) -> tuple[Expected, Roster]:
    """Return the assignment's files and the course's students, from the gradebook and the release."""
    if not assignment or assignment.startswith(".") or set(assignment) & set("/\\+\0"):
        raise ShoshinError(f"{assignment!r} is no name of an assignment. Name one of the folders in source/.")
    if coursedir.format_path("a", "b", "c") != str(Path(coursedir.root, "a", "b", "c")):
        raise ShoshinError("the course has a directory_structure of its own. Collect with nbgrader's commands.")
    release = Path(coursedir.format_path(coursedir.release_directory, ".", assignment))
    released = [Path(path).relative_to(release).as_posix() for path in find_all_files(str(release), coursedir.ignore)]
    notebooks = [name for name in released if name.endswith(".ipynb") and "/" not in name]
    students = Roster()
    if _has_gradebook(coursedir):
        with open_gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            students = gradebook_roster(gradebook)
            known = [known for known in gradebook.assignments if known.name == assignment]
            notebooks = [f"{notebook.name}.ipynb" for one in known for notebook in one.notebooks] or notebooks
    if not notebooks:
        raise ShoshinError(
            f"the course has no assignment {assignment!r} with notebooks, neither in its gradebook nor in {release}.\n"
            f"In the course's folder, run: nbgrader generate_assignment {assignment}"
        )
    data = frozenset(name for name in released if not name.endswith(".ipynb"))
    return Expected(assignment, frozenset(notebooks), data), students


def _has_gradebook(coursedir: CourseDirectory) -> bool:
    with contextlib.suppress(SQLAlchemyError):
        url = sqlalchemy.make_url(coursedir.db_url)
        return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()
    return True  # what is wrong with its name is told when it is opened


def _unpack(download: Download, sifted: Sifted, aside: Path) -> dict[str, Unpacked]:
    """Write the chosen files aside, and return them by student."""
    unpacked: dict[str, Unpacked] = defaultdict(dict)
    sizes: dict[str, int] = defaultdict(int)  # of all that was unpacked for a student, also in vain
    in_all = 0
    for entry, pieces in download.contents(sifted.chosen):
        student, claim = sifted.chosen[entry.number]
        path = aside / str(entry.number)
        try:
            if why := too_much(entry.size, sizes[student] + entry.size, len(unpacked[student]) + 1):
                raise Refused(why)
            with path.open("xb") as file:
                for piece in pieces:
                    in_all += len(piece)
                    sizes[student] += len(piece)
                    if why := too_much(file.tell() + len(piece), sizes[student], 1):
                        raise Refused(why)
                    if in_all > MOST_COLLECTED:
                        raise Refused(f"the download holds more than {MOST_COLLECTED // 2**30} GB in all")
                    file.write(piece)
            unpacked[student][claim.file] = (claim, path)
        except Refused as error:
            sifted.refused.append((entry.path, str(error)))
            path.unlink(missing_ok=True)
    return unpacked


def _place(
    folder: Path,
    files: Unpacked,
    time: datetime | None,
    aside: Path,
    update: bool,
    expected: Expected,
    collected: Collected,
) -> None:
    student = folder.parent.name
    try:
        if not folder.exists() and not expected.notebooks & files.keys():
            raise Refused(f"it came without a notebook of {expected.assignment}")
        placed = place(folder, {file: path for file, (_, path) in files.items()}, time, aside, update)
    except Refused as error:
        collected.refused += [(claim.entry.path, str(error)) for claim, _ in files.values()]
        return
    for outcome in ("new", "updated", "unchanged"):
        getattr(collected, outcome).extend(f"{student}/{file}" for file in getattr(placed, outcome))
    collected.refused += [(files[file][0].entry.path, why) for file, why in placed.refused.items()]
    collected.told += [(student, placed.told)] if placed.told else []


def _time(files: Unpacked, times: bool) -> datetime | None:
    """Return when the last of a student's files came, where that is known."""
    found = [claim.time or (claim.entry.time if times else None) for claim, _ in files.values()]
    return max((time for time in found if time and time <= datetime.now(UTC)), default=None)
