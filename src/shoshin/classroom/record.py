"""Write what came of a submission into nbgrader's gradebook: the single writer, one transaction for each student."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nbformat import NotebookNode
from nbgrader import api, utils
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from shoshin.classroom.gradebook import Locked, Patience, is_of_one_row, one_line, open_gradebook, tell_at_once
from shoshin.classroom.model import Canonical, Graded
from shoshin.errors import ShoshinError

Result = TypeVar("Result")
NO_RESPONSE = "No response."  # nbgrader's words


@dataclass(frozen=True)
class Marks:
    """What the gradebook is told of one notebook: by cell, the score (None: a person scores) and the comment."""

    scores: dict[str, float | None]
    comments: dict[str, str | None]


@dataclass
class Known:
    """What the gradebook holds of one submission: when it came, and the automatic scores by notebook and cell."""

    timestamp: datetime.datetime | None
    extension: datetime.timedelta | None
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)


class NotRecorded(Exception):
    """The gradebook did not take the grades of a student; the message says why."""


def comments(canonical: Canonical, graded: Graded) -> dict[str, str | None]:
    """Return the automatic comment of every cell that takes one, by its id; None stands for no comment.

    An answer gets the cards of the checks that follow it, up to the next answer.
    """
    found: dict[str, str | None] = {}
    answer = ""
    for cell, result in zip(canonical.cells, graded.results, strict=True):
        if cell.asked is None:
            continue
        if cell.role in ("answer", "manual", "task"):
            answer = cell.asked.id if cell.role == "answer" else ""
            untouched = cell.role != "task" and cell.source == cell.asked.source
            found[cell.asked.id] = NO_RESPONSE if untouched else None
        elif cell.role == "grade" and answer and result.comment and found[answer] != NO_RESPONSE:
            found[answer] = "\n\n".join(filter(None, [found[answer], as_text(result.comment)]))
    return found


def scores(notebook: NotebookNode) -> dict[str, float | None]:
    """Return the score of every grade cell of a graded notebook, as nbgrader determines it."""
    cells = [cell for cell in notebook.cells if utils.is_grade(cell)]
    return {cell.metadata.nbgrader["grade_id"]: utils.determine_grade(cell)[0] for cell in cells}


def as_text(words: str) -> str:
    """Return words that every database takes: PostgreSQL has no NUL, and none has half a surrogate pair."""
    return words.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class Recorder:
    """The gradebook of one assignment, open for a whole run.

    Raises:
        ShoshinError: if the gradebook cannot be read, or does not know the assignment.
    """

    def __init__(self, db_url: str, course_id: str, assignment: str, penalties: AssignLatePenalties):
        self.penalties, self.patiently = penalties, Patience()
        self.gradebook: api.Gradebook = open_gradebook(db_url, course_id)
        tell_at_once(self.gradebook)
        self.db = self.gradebook.db
        self.read(lambda: self._learn(assignment))

    def _learn(self, assignment: str) -> None:
        known = self.db.query(api.Assignment).filter_by(name=assignment).one_or_none()
        if known is None or not known.notebooks:
            raise ShoshinError(
                f"the gradebook knows no notebook of an assignment {assignment!r}.\n"
                f"In the course's folder, run: nbgrader generate_assignment {assignment}"
            )
        self.assignment_id: str = known.id
        self.duedate: datetime.datetime | None = known.duedate
        self.max_score: float = known.max_score
        self.notebooks: dict[str, str] = {notebook.name: notebook.id for notebook in known.notebooks}
        # By notebook, the cells that take a grade and those that take a comment, as name → id.
        self.graded: dict[str, dict[str, str]] = {}
        self.commented: dict[str, dict[str, str]] = {}
        for notebook in known.notebooks:
            tasks = notebook.task_cells
            self.graded[notebook.name] = {cell.name: cell.id for cell in [*notebook.grade_cells, *tasks]}
            self.commented[notebook.name] = {cell.name: cell.id for cell in [*notebook.solution_cells, *tasks]}

    def close(self) -> None:
        """Let go of the database."""
        self.gradebook.close()

    def read(self, action: Callable[[], Result]) -> Result:
        """Return what an action reads from the gradebook, which may be locked for a while.

        Raises:
            ShoshinError: if it stays locked, or cannot be read.
        """
        try:
            return self.patiently(lambda: self._in_a_session(action))
        except (Locked, SQLAlchemyError) as error:
            raise ShoshinError(
                f"the gradebook cannot be read: {one_line(error)}\n"
                "All that is recorded stays; mend it and run this again. It goes on where it stopped."
            ) from error

    def _in_a_session(self, action: Callable[[], Result]) -> Result:
        try:
            with self.db.no_autoflush:  # what is written goes in one go, at the end
                return action()
        finally:
            self.db.remove()  # rolls back what was not committed

    def students(self) -> set[str]:
        """Return the ids of all students."""
        return self.read(lambda: set(self.db.scalars(select(api.Student.id))))

    def known(self) -> dict[str, Known]:
        """Return what the gradebook holds of this assignment, by student."""
        submitted = api.SubmittedAssignment
        of_this = submitted.assignment_id == self.assignment_id
        submissions = select(submitted.student_id, submitted.timestamp, submitted.extension).where(of_this)
        grades = (
            select(submitted.student_id, api.Notebook.name, api.BaseCell.name, api.Grade.auto_score)
            .join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == submitted.id)
            .join(api.Notebook, api.Notebook.id == api.SubmittedNotebook.notebook_id)
            .join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(api.BaseCell, api.BaseCell.id == api.Grade.cell_id)
            .where(of_this)
        )
        rows = self.read(lambda: self.db.execute(submissions).all())
        found = {student: Known(*rest) for student, *rest in rows}
        for student, notebook, cell, score in self.read(lambda: self.db.execute(grades).all()):
            if student in found:
                found[student].scores.setdefault(notebook, {})[cell] = score
        return found

    def points(self) -> dict[str, float]:
        """Return what each student has in the end: by hand and automatically, less the penalty for being late."""
        submitted = api.SubmittedAssignment
        query = select(submitted.student_id, submitted.score - submitted.late_submission_penalty)
        rows = self.read(lambda: self.db.execute(query.filter_by(assignment_id=self.assignment_id)).all())
        return {student: points for student, points in rows}

    def seconds_late(self, timestamp: datetime.datetime | None, extension: datetime.timedelta | None) -> float:
        """Return by how much a submission of that time is late."""
        if timestamp is None or self.duedate is None:
            return 0
        return max(0, (timestamp - self.duedate - (extension or datetime.timedelta())).total_seconds())

    def write(self, student: str, timestamp: datetime.datetime | None, marks: Mapping[str, Marks | None]) -> None:
        """Record a submission, all of it or nothing.

        `marks` names every notebook of the assignment; None stands for one that is missing and scores zero.

        Raises:
            NotRecorded: if the gradebook is locked for long, or does not take this submission.
            ShoshinError: if it takes none.
        """
        try:
            self.patiently(lambda: self._in_a_session(lambda: self._write(student, timestamp, marks)))
        except Locked as error:
            raise NotRecorded(f"the gradebook was locked or out of reach for a long time ({error})") from error
        except SQLAlchemyError as error:
            if is_of_one_row(error):
                raise NotRecorded(f"the gradebook refuses it ({one_line(error)})") from error
            raise ShoshinError(
                f"the gradebook cannot be written: {one_line(error)}\n"
                "All that is recorded stays; mend it and run this again. It goes on where it stopped."
            ) from error

    def _write(self, student: str, timestamp: datetime.datetime | None, marks: Mapping[str, Marks | None]) -> None:
        if self.db.get(api.Student, student) is None:
            self.db.add(api.Student(id=student))
        submission = self._one(api.SubmittedAssignment, assignment_id=self.assignment_id, student_id=student)
        submission.timestamp = timestamp or submission.timestamp
        late = self.seconds_late(submission.timestamp, submission.extension)
        for name, mark in marks.items():
            notebook = self._one(api.SubmittedNotebook, assignment_id=submission.id, notebook_id=self.notebooks[name])
            self._grade(name, notebook, mark)
            if mark:
                notebook.late_submission_penalty = self._penalty(student, notebook, late) if late else None
        self.db.commit()

    def _grade(self, name: str, notebook: api.SubmittedNotebook, mark: Marks | None) -> None:
        """Fill in grades and comments as nbgrader's SaveAutoGrades does; manual scores and comments stay."""
        grades = self._rows(api.Grade, notebook, self.graded[name])
        commented = self._rows(api.Comment, notebook, self.commented[name])
        if mark is None:
            for grade in grades.values():
                grade.auto_score, grade.needs_manual_grade = 0, False
            return
        for cell, score in mark.scores.items():
            grades[cell].auto_score = score
            grades[cell].needs_manual_grade = grades[cell].manual_score is not None or score is None
        for cell, comment in mark.comments.items():
            commented[cell].auto_comment = comment

    def _penalty(self, student: str, notebook: api.SubmittedNotebook, late: float) -> float | None:
        """Ask the course's plugin, and keep its answer between nothing and the score, as AssignLatePenalties does."""
        self.db.flush()
        penalty = self.penalties.plugin_inst.late_submission_penalty(student, notebook.score, late)
        return None if penalty is None else min(max(penalty, 0), notebook.score)

    def _rows(self, table: Any, notebook: api.SubmittedNotebook, cells: dict[str, str]) -> dict[str, Any]:
        """Return the notebook's rows by the cell's name, and make those that lack."""
        found = {row.cell_id: row for row in self.db.query(table).filter_by(notebook_id=notebook.id)}
        for cell_id in cells.values():
            if cell_id not in found:
                found[cell_id] = table(cell_id=cell_id, notebook_id=notebook.id)
                self.db.add(found[cell_id])
        return {name: found[cell_id] for name, cell_id in cells.items()}

    def _one(self, table: Any, **fields: str) -> Any:
        found = self.db.query(table).filter_by(**fields).one_or_none()
        if found is None:
            found = table(id=api.new_uuid(), **fields)
            self.db.add(found)
        return found
