"""The steps of `nbgrader autograde` that a course's nbgrader_config.py names, in the place of nbgrader's own."""

from __future__ import annotations

import glob
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades

from shoshin.classroom.blueprint import blueprint
from shoshin.classroom.canonical import as_notebook, canonicalise, from_notebook
from shoshin.classroom.course import course_seed
from shoshin.classroom.gradebook import PATIENCE, Patience
from shoshin.classroom.model import Blueprint, CannotGrade, Canonical, Graded, Unit
from shoshin.classroom.page_html import opens_as_page
from shoshin.classroom.record import comments
from shoshin.classroom.server import GradingServer
from shoshin.classroom.settings import submission_limits
from shoshin.classroom.student_folder import ACTIVE, NotReadable, Submission, read_submission, source_files
from shoshin.classroom.workers import Died, Workers

own_workers: list[Workers] = []


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]
    """Leaves the reading of a submitted file to `Canonicalise`: one that nbformat cannot read costs nobody a grade."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        if not sqlalchemy.event.contains(sqlalchemy.Engine, "connect", wait_while_locked):
            sqlalchemy.event.listen(sqlalchemy.Engine, "connect", wait_while_locked)
        if isinstance(self.parent, Autograde):
            self.parent.init_assignment = guarded(self.parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **more: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as the preprocessors make it."""
        if any(isinstance(one, Canonicalise) for one in self._preprocessors):
            return self.from_notebook_node(nbformat.v4.new_notebook(), resources=resources, **more)
        return super().from_filename(filename, resources=resources, **more)

    def from_notebook_node(self, *notebook: Any, **more: Any) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as the preprocessors make it."""
        try:
            return super().from_notebook_node(*notebook, **more)
        except BaseException:
            # nbgrader leaves it behind when a step raises: the kernels of the formgrader's server would print scores.
            os.environ.pop("NBGRADER_EXECUTION", None)
            raise


def wait_while_locked(connection: Any, _record: Any) -> None:
    """Let nbgrader wait for a database that somebody else has locked: it would stop grading for all."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")


def guarded(converter: Autograde) -> Callable[[str, str], None]:
    """Return the converter's own `init_assignment`, which enrols a student and copies their files, made to be wary.

    It copies no link, and no page: the formgrader would hand that out as its own. It takes no id that the formgrader,
    which does not escape it, would run.
    """
    init_assignment = converter.init_assignment

    def enrol_and_copy(assignment: str, student: str) -> None:
        if ACTIVE.search(student):
            raise NotReadable(f"the folder's name {student!r} is no student's id; give it the student's")
        coursedir = converter.coursedir
        folder = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
        paths = [Path(parent, name) for parent, _, names in os.walk(folder) for name in names]
        odd = {path for path in paths if path.is_symlink() or not path.is_file() or opens_as_page(path.name)}
        ignored = coursedir.ignore
        coursedir.ignore = [*ignored, *sorted(glob.escape(path.name) for path in odd)]
        try:
            init_assignment(assignment, student)
        finally:
            coursedir.ignore = ignored

    return enrol_and_copy


class Step(NbGraderPreprocessor):  # type: ignore[misc]
    """A step that knows the course, and what it is about."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Find out what the notebook is asked to be."""
        about = resources["nbgrader"]
        self.settings: Autograde = self.parent.parent
        self.student, self.assignment, self.name = about["student"], about["assignment"], about["notebook"]
        coursedir = self.settings.coursedir
        source = Path(coursedir.format_path(coursedir.source_directory, ".", self.assignment))
        with Gradebook(about["db_url"], coursedir.course_id) as gradebook:
            asked = blueprint(gradebook, source, self.assignment, self.name)
        return self.made(nb, asked, resources), resources

    def made(self, nb: NotebookNode, asked: Blueprint, resources: Any) -> NotebookNode:
        """Return what becomes of the notebook."""
        raise NotImplementedError

    def submission(self, given: dict[str, bytes]) -> Submission:
        """Read what the student handed in."""
        limits = submission_limits(self.settings)
        return read_submission(self.settings, self.assignment, self.student, [self.name], given, limits)

    def tell(self, *notes: str) -> None:
        """Log what the teacher should know of."""
        for note in notes:
            self.log.warning("%s, %s: %s", self.student, self.name, note)


class Canonicalise(Step):
    """Rebuilds the submission from the gradebook, for nbgrader's DeduplicateIds and OverwriteCells."""

    def made(self, nb: NotebookNode, asked: Blueprint, resources: Any) -> NotebookNode:
        submission = self.submission({})
        canonical = canonicalise(submission.notebooks[self.name], asked)
        self.tell(*submission.refused, *canonical.notes)
        return as_notebook(canonical, asked)


def grade(unit: Unit) -> Graded:
    """Grade in a process that can be ended, which this one starts and keeps."""
    own_workers[:] = own_workers or [Workers(GradingServer(), 1)]
    return own_workers[0].grade(unit)


class GradeAtArmsLength(Step):
    """Runs the student's cells in the sandbox and the test cells here, for nbgrader's Execute."""

    def made(self, nb: NotebookNode, asked: Blueprint, resources: Any) -> NotebookNode:
        canonical: Canonical = from_notebook(nb, asked)
        limits = submission_limits(self.settings)
        given = source_files(self.settings, self.assignment, limits)
        unit = Unit(
            student=self.student,
            blueprint=asked,
            submission=canonical,
            files=tuple(given.items()),
            own_files=tuple(self.submission(given).own_files.items()),
            seed=course_seed(Path(self.settings.coursedir.root), self.assignment),
            limits=limits,
        )
        try:
            graded = grade(unit)
        except (CannotGrade, Died) as error:
            for line in str(error).splitlines():
                self.log.error("%s", line)
            raise
        self.tell(*graded.attention)
        resources["shoshin"] = {"comments": comments(canonical, graded)}
        return as_notebook(canonical, asked, graded)


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Saves the scores as nbgrader does, and the cards' words as comments on the answers that they are about."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save the grades, again from the start if the database was locked."""
        self.comments: dict[str, str | None] = resources["shoshin"]["comments"]
        saved: tuple[NotebookNode, Any] = Patience()(lambda: super(SaveGrades, self).preprocess(nb, resources))
        return saved

    def _add_comment(self, cell: NotebookNode, resources: Any) -> None:
        name = cell.metadata.nbgrader["grade_id"]
        comment = self.gradebook.find_comment(name, self.notebook_id, self.assignment_id, self.student_id)
        comment.auto_comment = self.comments.get(name)
        self.gradebook.db.commit()
