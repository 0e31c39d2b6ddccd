"""Tell which student of the course a platform's name or number stands for."""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Gradebook

from shoshin.classroom.collect.entries import Refused
from shoshin.errors import ShoshinError

STUDENT_ID = re.compile(r"[\w.@+-]{1,128}")
PARTICIPANT = "Participant "
MOODLE_IDS = ("Username", "ID number", "Email address")
COLUMNS = (
    "the columns id and lms_user_id, as `nbgrader db student import` has them; a Moodle grading worksheet with "
    "Identifier and Email address, ID number or Username; or a Canvas gradebook with ID and SIS Login ID"
)


class Roster:
    """The students of a course, by their ids and the other names that their files may go under.

    An empty roster takes every name for a student's id.
    """

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.names: dict[str, set[str]] = {}  # name → the students that go under it

    def add(self, student: str, names: Iterable[str | None] = ()) -> None:
        """Add a student, with other names that stand for the same one."""
        self.ids.add(_clean(student))
        for name in filter(None, (student, *names)):
            self.names.setdefault(_clean(name), set()).add(_clean(student))

    def find(self, name: str, moodle: bool = False) -> str:
        """Return the id of the student who goes under a name, or under a number in a download from Moodle.

        Raises:
            Refused: if there is none or more than one, or the id cannot be a folder's name.
        """
        name = _clean(name)
        found = self._under(name, moodle)
        if len(found) > 1:
            raise Refused(f"more than one student goes under {name!r}: {', '.join(sorted(found))}")
        if not found:
            raise Refused(f"{name!r} is no student of this course{self._advice(name, moodle)}")
        student = next(iter(found))
        if not STUDENT_ID.fullmatch(student) or student.startswith((".", "-")) or student.endswith("."):
            raise Refused(f"{student!r} cannot be a student's id: letters, digits and _.@+- only, no . or - in front")
        return student

    def _under(self, name: str, moodle: bool) -> set[str]:
        if not self.ids or (moodle and name in self.ids):
            return {name}
        return self.names.get(PARTICIPANT + name if moodle else name, set())

    def _advice(self, name: str, moodle: bool) -> str:
        if moodle:
            return "; Moodle numbers them anew for each assignment, so name its grading worksheet with --roster"
        if name.isdecimal():
            return ", nor any student's lms_user_id"
        near = difflib.get_close_matches(name, self.names, 1)
        return f"; did you mean {near[0]!r}?" if near else ""


def gradebook_roster(gradebook: Gradebook) -> Roster:
    """Return the students of a gradebook."""
    roster = Roster()
    for student in gradebook.students:
        roster.add(student.id, (student.email, student.lms_user_id))
    return roster


def read_roster(path: Path, known: Roster) -> Roster:
    """Read a CSV: nbgrader's list of students, Moodle's grading worksheet or Canvas's gradebook.

    A student whom `known` knows under one of the names in the file keeps the id from there.

    Raises:
        ShoshinError: if the file cannot be read, or lacks the columns.
    """
    try:
        text = path.read_text("utf-8-sig")
        first = text.partition("\n")[0]
        rows = list(
            csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
        )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ShoshinError(f"{path} cannot be read as a CSV file in UTF-8: {error}.") from error
    roster = Roster()
    for row in rows:
        ids, number = _identity({key: value or "" for key, value in row.items() if key and not isinstance(value, list)})
        students = {student for name in ids for student in known.names.get(_clean(name), ())}
        if ids:
            roster.add(students.pop() if len(students) == 1 else ids[0], (*ids, number))
    if not roster.ids:
        raise ShoshinError(f"{path} names no student. It needs {COLUMNS}.")
    return roster


def _identity(row: dict[str, str]) -> tuple[list[str], str]:
    """Return what a row calls its student, the id first, and the platform's number."""
    if "Identifier" in row:  # Moodle: "Participant 4711", in the language of the site
        number = re.search(r"[0-9]+$", row["Identifier"])
        return [row[key] for key in ("id", *MOODLE_IDS) if row.get(key)], PARTICIPANT + number[0] if number else ""
    if "SIS Login ID" in row:
        return [row[key] for key in ("SIS Login ID", "SIS User ID") if row.get(key)], row.get("ID", "")
    ids = [row.get("id", ""), row.get("email", "")]
    return (ids if row.get("id") else []), row.get("lms_user_id", "")


def _clean(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())
