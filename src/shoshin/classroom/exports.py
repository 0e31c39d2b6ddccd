"""Write the grades, task by task, as the CSV files that Canvas and Moodle import; plugins of `nbgrader export`."""

from __future__ import annotations

import csv
import html
import math
import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from nbgrader import api
from nbgrader.plugins.export import ExportPlugin
from traitlets import Bool, Dict, Enum, Unicode

from shoshin.classroom.gradesheet import Gradesheet, Task, read_gradesheet

# A spreadsheet takes what begins so for a formula. The second part of a text begins anew where a spreadsheet separates
# by semicolons, as many do in Europe, and each line does. (OWASP, CSV Injection.)
FORMULA = re.compile(r'(^|[;\n])([\s"]*)(?=[=+\-@＝＋－＠])')


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, without control characters other than line breaks."""
    lines = re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    words = "".join(" " if unicodedata.category(letter) == "Cc" and letter != "\n" else letter for letter in lines)
    return FORMULA.sub(r"\1\2'", words)


def number(value: float) -> str:
    """Return a number with a point and without an exponent, which both platforms read in every language."""
    return f"{round(value, 4) + 0.0:.4f}".rstrip("0").rstrip(".") if math.isfinite(value) else ""


class GradesExporter(ExportPlugin):
    """What the two files have in common: which students and columns there are."""

    file = ""
    identifying = ""  # the trait that names the field that identifies a student

    columns = Enum(
        ["both", "tasks", "total"], "both", help="A column for each task, one for each assignment's total, or both."
    ).tag(config=True)

    missing_as_zero = Bool(
        False, help="Give 0 to students who have handed in nothing, instead of leaving their cells empty."
    ).tag(config=True)

    def export(self, gradebook: api.Gradebook) -> None:
        """Write the file that `--to` names."""
        sheets = [read_gradesheet(gradebook, assignment) for assignment in self._assignments(gradebook)]
        students = self._students(gradebook)
        for sheet in sheets:
            self._tell_what_waits(sheet, [student.id for student in students])
        path = Path(self.to or self.file)
        aside = path.with_name(f".{path.name}.part")
        try:
            # With its mark, Excel reads UTF-8 as such; both platforms pass over it.
            with aside.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows(self.rows(sheets, students))
            os.replace(aside, path)
        except OSError as error:
            aside.unlink(missing_ok=True)
            self._fail(f"{path} cannot be written: {error.strerror}. Name another file with --to.")
        self.log.info("Exported the grades of %s students to %s", len(students), path)

    def rows(self, sheets: Sequence[Gradesheet], students: Sequence[api.Student]) -> Iterable[list[str]]:
        """Return the lines of the file."""
        raise NotImplementedError

    def shown(self, sheet: Gradesheet) -> list[Task]:
        """Return the columns of an assignment; that of the total is a task without a cell."""
        tasks = sheet.tasks if self.columns != "total" else []
        total = [Task("", f"{sheet.assignment} (total)", sheet.points)] if self.columns != "tasks" else []
        return [*tasks, *total]

    def grade(self, sheet: Gradesheet, student: str, task: Task, none: str) -> str:
        """Return what stands in a cell; `none` where there is no grade."""
        if student not in sheet.totals:
            return "0" if self.missing_as_zero else none
        score = sheet.scores.get((student, task.cell)) if task.cell else sheet.totals[student]
        return (number(score) if score is not None else "") or none

    def _assignments(self, gradebook: api.Gradebook) -> list[api.Assignment]:
        found = {assignment.name: assignment for assignment in gradebook.assignments}
        wanted = [str(name) for name in self.assignment] or list(found)
        if unknown := [name for name in wanted if name not in found]:
            self._fail(f"The gradebook has no assignment {', '.join(unknown)}. It has: {', '.join(found)}.")
        chosen = [found[name] for name in found if name in wanted]
        return sorted(chosen, key=lambda one: (one.duedate is None, one.duedate and one.duedate.isoformat(), one.name))

    def _students(self, gradebook: api.Gradebook) -> list[api.Student]:
        wanted = {str(student) for student in self.student}
        students = [student for student in gradebook.students if not wanted or student.id in wanted]
        if unknown := sorted(wanted - {student.id for student in students}):
            self._fail(f"The gradebook has no student {', '.join(unknown)}.")
        return sorted(students, key=lambda one: (one.last_name or "", one.first_name or "", one.id))

    def identified(self, students: Sequence[api.Student], field: str, otherwise: str) -> dict[str, str]:
        """Return what identifies each student on the platform, "" where nothing does; tell what happens to those."""
        values = {student.id: str(getattr(student, field) or "").strip() for student in students}
        times = Counter(values.values())
        # It cannot be neutralised: the platform would look for somebody of that name.
        fit = {name for name in values.values() if name and times[name] == 1 and harmless(name) == name}
        if lacking := [student for student, name in values.items() if name not in fit]:
            self.log.warning("Without a fitting %s, %s: %s", field, otherwise, _some(lacking))
        return {student: name if name in fit else "" for student, name in values.items()}

    def _tell_what_waits(self, sheet: Gradesheet, students: Iterable[str]) -> None:
        if waiting := [student for student in students if sheet.totals.get(student, 0) is None]:
            self.log.warning("%s: left empty until a person has graded %s", sheet.assignment, _some(waiting))

    def _fail(self, message: str) -> None:
        self.log.error(message)
        sys.exit(1)


class CanvasExporter(GradesExporter):
    """Grades for Canvas: Grades → Import. Each column becomes an assignment there, found again by its name.

    The format is that of Canvas's own gradebook export.
    """

    file = "grades_canvas.csv"

    login = Enum(
        ["id", "email", "lms_user_id"], "id", help="The student's field that is the SIS Login ID on Canvas."
    ).tag(config=True)

    headers = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="The assignments on Canvas that columns go to: {'pca (total)': 'Principal components (4711)'}.",
    ).tag(config=True)

    def rows(self, sheets: Sequence[Gradesheet], students: Sequence[api.Student]) -> Iterable[list[str]]:
        """Return the header, the points and the students, with an empty section, which Canvas does not look at."""
        columns = [(sheet, task) for sheet in sheets for task in self.shown(sheet)]
        names = [self.headers.get(task.name, task.name) for _, task in columns]
        yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(one_line(name) for name in names)]
        yield ["    Points Possible", "", "", "", "", *(number(task.points) for _, task in columns)]
        numbers = self.identified(students, "lms_user_id", "Canvas goes by the SIS Login ID, then by the name")
        logins = self.identified(students, self.login, "Canvas goes by its number, then by the name")
        for student in students:
            own = numbers[student.id] if numbers[student.id].isdecimal() else ""  # Canvas reads 12abc as 12
            grades = [self.grade(sheet, student.id, task, none="") for sheet, task in columns]
            yield [_canvas_name(student), own, "", logins[student.id], "", *grades]


class MoodleExporter(GradesExporter):
    """Grades for Moodle: Grades → Import → CSV file, with `identifier` under "Identify user by".

    Each column of grades has one of feedback beside it: imported alone, feedback would erase the grade.
    """

    file = "grades_moodle.csv"

    identifier = Enum(
        ["id", "email", "lms_user_id"],
        "id",
        help="The student's field by which Moodle finds a user, as its user name, email address or ID number.",
    ).tag(config=True)

    def rows(self, sheets: Sequence[Gradesheet], students: Sequence[api.Student]) -> Iterable[list[str]]:
        """Return the header and the students but for those whom Moodle would not find: it would refuse the file."""
        columns = [(sheet, task) for sheet in sheets for task in self.shown(sheet)]
        header = {"id": "Username", "email": "Email address", "lms_user_id": "ID number"}[self.identifier]
        names = [name for _, task in columns for name in (task.name, f"{task.name} (Feedback)")]
        yield ["First name", "Last name", header, *(one_line(name) for name in names)]
        identifiers = self.identified(students, self.identifier, "students are left out")
        for student in students:
            if not identifiers[student.id]:
                continue
            row = [one_line(student.first_name or ""), one_line(student.last_name or ""), identifiers[student.id]]
            for sheet, task in columns:
                # An empty cell is no grade in an old column, and 0 in a new one; a hyphen is no grade in both.
                row.append(self.grade(sheet, student.id, task, none="-"))
                # Moodle reads HTML there.
                row.append(harmless(html.escape(sheet.comments.get((student.id, task.cell), ""), quote=False)))
            yield row


def one_line(text: str) -> str:
    """Return a harmless text in one line: Canvas guesses the separator from the first three lines of a file."""
    return harmless(" ".join(text.split()))


def _some(students: Sequence[str]) -> str:
    return ", ".join(students[:10]) + (f" and {len(students) - 10} more" if len(students) > 10 else "")


def _canvas_name(student: api.Student) -> str:
    """Return "Last, First", or the id; Canvas takes a row for that of the points if its name says so."""
    name = one_line(", ".join(filter(None, [student.last_name, student.first_name])))
    return one_line(student.id) if not name or "points possible" in name.lower() else name
