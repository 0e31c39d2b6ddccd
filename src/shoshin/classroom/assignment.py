"""Know all that grading an assignment needs, and make units of the submissions that are new or changed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Student
from nbgrader.converters import Autograde

from shoshin.classroom.ahead import packages_in
from shoshin.classroom.autograded import Folder
from shoshin.classroom.blueprint import blueprint
from shoshin.classroom.canonical import canonicalise
from shoshin.classroom.course import course_seed
from shoshin.classroom.fingerprint import fingerprint, fingerprint_of_assignment, grader_source
from shoshin.classroom.model import Blueprint, CannotGrade, Graded, Unit
from shoshin.classroom.record import Recorder
from shoshin.classroom.settings import submission_limits
from shoshin.classroom.student_folder import NotReadable, Submission, read_submission, source_files, students_of
from shoshin.errors import ShoshinError

MOST_OF_AN_ID: int = Student.id.type.length


@dataclass
class UnderWay:
    """A submission whose notebooks are being graded; `results` fills, by name of the notebook."""

    submission: Submission
    fingerprint: str
    units: dict[str, Unit]
    results: dict[str, Future[Graded]] = field(default_factory=dict)


class Assignment:
    """An assignment of a course: what it asks, and what the gradebook holds of it.

    Raises:
        ShoshinError: if it cannot be graded.
    """

    def __init__(self, settings: Autograde, name: str, trusted: bool, recorder: Recorder) -> None:
        coursedir = settings.coursedir
        self.settings, self.name, self.trusted, self.recorder = settings, name, trusted, recorder
        source = Path(coursedir.format_path(coursedir.source_directory, ".", name))
        try:
            self.blueprints: dict[str, Blueprint] = recorder.read(
                lambda: {one: blueprint(recorder.gradebook, source, name, one) for one in recorder.notebooks}
            )
        except CannotGrade as error:
            raise ShoshinError(str(error)) from error
        self.seed, self.limits = course_seed(Path(coursedir.root), name), submission_limits(settings)
        self.given = source_files(settings, name, self.limits)
        self.in_common = fingerprint_of_assignment(
            [*self.blueprints.values()], self.given, self.seed, self.limits, trusted
        )
        self.known = recorder.known()
        self.enrolled = None if settings.create_student else recorder.students()

    def packages(self) -> list[str]:
        """Return the packages that the assignment's code uses, of those that take time to import."""
        cells = [cell for notebook in self.blueprints.values() for cell in notebook.cells]
        code = [text for cell in cells for text in (cell.source, cell.imports)]
        code += [grader_source(notebook.exercise) for notebook in self.blueprints.values()]
        return packages_in(code)

    def students(self, wanted: Sequence[str] = ()) -> list[str]:
        """Return the ids of those who have handed in; of these, those that are wanted, if any are named."""
        found = students_of(self.settings, self.name)
        if unknown := sorted({*wanted} - {*found}):
            raise ShoshinError(f"{', '.join(unknown)}: no submission of {self.name} by a student of that id.")
        if not found:
            coursedir = self.settings.coursedir
            folder = coursedir.format_path(coursedir.submitted_directory, "STUDENT", self.name)
            raise ShoshinError(f"there are no submissions of {self.name}. They are expected in {folder}.")
        return [student for student in found if not wanted or student in wanted]

    def begin(self, student: str, force: bool) -> UnderWay | None:
        """Read a submission and make units of it; return None if it has been graded as it is.

        Raises:
            NotReadable: if it cannot be graded.
        """
        if len(student) > MOST_OF_AN_ID or not student.isprintable():
            # PostgreSQL would cut it, and what is no text cannot be stored.
            raise NotReadable(f"the folder's name is no id: that has at most {MOST_OF_AN_ID} printable characters")
        if self.enrolled is not None and student not in self.enrolled:
            raise NotReadable(f"the gradebook knows no such student; enrol with: nbgrader db student add {student}")
        submission = read_submission(self.settings, self.name, student, self.blueprints, self.given, self.limits)
        mark = fingerprint(submission, self._seconds_late(submission), self.in_common)
        if not force and self._is_recorded(submission, mark):
            return None
        files, own = tuple(self.given.items()), tuple(submission.own_files.items())
        units = {}
        for name, text in submission.notebooks.items():
            asked = self.blueprints[name]
            units[name] = Unit(
                student, asked, canonicalise(text, asked), files, own, self.seed, self.limits, self.trusted
            )
        return UnderWay(submission, mark, units)

    def folder(self, student: str) -> Folder:
        """Return the student's folder in autograded/."""
        return Folder(self.settings, self.name, student)

    def _seconds_late(self, submission: Submission) -> float:
        known = self.known.get(submission.student)
        before, extension = (known.timestamp, known.extension) if known else (None, None)
        return self.recorder.seconds_late(submission.timestamp or before, extension)

    def _is_recorded(self, submission: Submission, mark: str) -> bool:
        """Tell whether just this has been graded, and the gradebook still has what came of it."""
        known = self.known.get(submission.student)
        before, found = self.folder(submission.student).graded(submission.notebooks) if known else ("", {})
        if known is None or before != mark:
            return False
        for name in self.blueprints:
            recorded = known.scores.get(name, {})
            expected = found[name] if name in found else dict.fromkeys(self.recorder.graded[name], 0)
            if any(cell not in recorded or recorded[cell] != score for cell, score in expected.items()):
                return False
        return True
