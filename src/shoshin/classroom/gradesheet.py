"""Read the grades of an assignment as a table: a row for each student, a column for each task."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from nbgrader import api
from sqlalchemy import select

CHECK, ANSWER = "check-", "answer-"  # what the cells' names begin with, in a course made by `shoshin course new`


@dataclass(frozen=True)
class Task:
    """What takes a grade. `name` is unique within the assignment, and made to be read."""

    cell: str  # the id of the cell in the gradebook
    name: str
    points: float


@dataclass
class Gradesheet:
    """The grades of an assignment. A score of None waits for a person; who has handed in nothing is not in `totals`.

    Scores are nbgrader's: the manual one if there is one, else the automatic one, and extra credit. A total has the
    penalty for lateness taken off, and is None where a score is. `comments` are by task; "" holds all the others.
    """

    assignment: str
    points: float
    tasks: list[Task]
    scores: dict[tuple[str, str], float | None] = field(default_factory=dict)  # by student and cell
    totals: dict[str, float | None] = field(default_factory=dict)  # by student
    comments: dict[tuple[str, str], str] = field(default_factory=dict)  # by student and cell


def read_gradesheet(gradebook: api.Gradebook, assignment: api.Assignment) -> Gradesheet:
    """Return the grades of all students for an assignment, in three queries however large the class is."""
    sheet = Gradesheet(assignment.name, assignment.max_score, _tasks(assignment))
    submitted, notebook, cell = api.SubmittedAssignment, api.SubmittedNotebook, api.BaseCell
    totals = select(
        submitted.student_id, submitted.score, submitted.late_submission_penalty, submitted.needs_manual_grade
    ).where(submitted.assignment_id == assignment.id)
    for student, score, penalty, waits in gradebook.db.execute(totals):
        sheet.totals[student] = None if waits else max(0.0, score - penalty)
    grades = (
        select(submitted.student_id, api.Grade.cell_id, api.Grade.score, api.Grade.needs_manual_grade)
        .join(notebook, notebook.assignment_id == submitted.id)
        .join(api.Grade, api.Grade.notebook_id == notebook.id)
        .where(submitted.assignment_id == assignment.id)
    )
    for student, graded, score, waits in gradebook.db.execute(grades):
        sheet.scores[student, graded] = None if waits else score
    comments = (
        select(submitted.student_id, cell.notebook_id, cell.name, api.Comment.comment)
        .join(notebook, notebook.assignment_id == submitted.id)
        .join(api.Comment, api.Comment.notebook_id == notebook.id)
        .join(cell, cell.id == api.Comment.cell_id)
        .where(submitted.assignment_id == assignment.id)
        .order_by(cell.name)
    )
    _sort_comments(sheet, assignment, [tuple(row) for row in gradebook.db.execute(comments) if row[3]])
    return sheet


def _tasks(assignment: api.Assignment) -> list[Task]:
    several = len(assignment.notebooks) > 1
    tasks = []
    for notebook in sorted(assignment.notebooks, key=lambda notebook: notebook.name):
        cells = sorted([*notebook.grade_cells, *notebook.task_cells], key=lambda cell: cell.name)
        short = [cell.name.removeprefix(CHECK) for cell in cells]
        names = short if len(set(short)) == len(short) else [cell.name for cell in cells]
        within = f"{assignment.name}/{notebook.name}" if several else assignment.name
        tasks += [Task(cell.id, f"{within}: {name}", cell.max_score) for cell, name in zip(cells, names, strict=True)]
    return tasks


def _sort_comments(sheet: Gradesheet, assignment: api.Assignment, rows: list[tuple[str, str, str, str]]) -> None:
    """Give a comment to the task of its cell, or of the check that has the answer's name; the others to "" ."""
    places = {}
    for notebook in assignment.notebooks:
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            places[notebook.id, cell.name] = cell.id
            places.setdefault((notebook.id, ANSWER + cell.name.removeprefix(CHECK)), cell.id)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for student, notebook_id, name, comment in rows:
        place = places.get((notebook_id, name))
        found[student, place or ""].append(comment if place else f"{name}: {comment}")
    sheet.comments = {place: "\n\n".join(comments) for place, comments in found.items()}
