"""Write a course folder that nbgrader uses as it is."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import tempfile
from collections import Counter
from pathlib import Path

from shoshin import library
from shoshin.build.notebook import STUB, solved_notebook, text_of
from shoshin.build.source import read_exercise
from shoshin.errors import ShoshinError

SECRET, SECRET_BYTES = ".shoshin-secret", 32
LINK = re.compile(r"\[([^\]]+)\]\(\.\./([\w-]+/[\w-]+)\.ipynb\)")

CONFIG = '''\
"""nbgrader reads this file when it is run in this folder. `nbgrader generate_config` lists all that can be set."""

import os
import sys

# nbgrader calls alembic by its name, which is not on the path when the environment is not activated.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = {course_id!r}

# What a student finds where the solution was. nbgrader's own stub raises an error; with this one a notebook runs
# from top to bottom before anything is written, and its checks say "not attempted".
c.ClearSolutions.code_stub = {{"python": {stub!r}}}

# Autograding never runs a student's code beside the grades: it runs in a sandbox, the test cells run apart from it.
# A submitted file is not opened by nbgrader, which stops at one that is malformed.
c.Autograde.exporter_class = "shoshin.classroom.preprocessors.SubmissionExporter"
# Of the file only the text of the student's cells is taken; all else comes from the gradebook and source/.
c.Autograde.sanitize_preprocessors = [
    "shoshin.classroom.preprocessors.Canonicalise",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# The cells are run, the scores and the cards' words saved; late penalties are nbgrader's own.
c.Autograde.autograde_preprocessors = [
    "shoshin.classroom.preprocessors.GradeAtArmsLength",
    "shoshin.classroom.preprocessors.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# What a submission may use of time, memory and disk: the course tutorial lists what can be set.
# c.SubmissionLimits.cell_seconds = 60

# Feedback shows scores and cards, but no hidden test and nothing of what one of them says when it fails.
c.GenerateFeedback.preprocessors = [
    "shoshin.classroom.pages.GetGradesAndCards",
    "shoshin.classroom.pages.WithoutSecrets",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
# Nothing that a student wrote can run in the feedback or in the formgrader: it is cleaned when a page is made, too.
c.HTMLExporter.preprocessors = ["shoshin.classroom.pages.SafePage"]
c.HTMLExporter.filters = {{"markdown2html": "shoshin.classroom.pages.markdown2html"}}
'''


def new_course(folder: Path, exercises: list[str]) -> dict[str, str]:
    """Write a course into a new or empty folder; return the assignments, as name → exercise.

    Each exercise becomes `source/ASSIGNMENT/ASSIGNMENT.ipynb`: the solved notebook, marked for nbgrader.
    The folder is written whole or not at all.

    Raises:
        ShoshinError: if there is no such exercise, or the folder cannot be written or holds something.
    """
    sources = library.ids("exercises")
    assignments = assignment_names([library.known(exercise, sources) for exercise in exercises])
    folder = Path(os.path.abspath(folder))  # its name is the course's, also of "."
    try:
        _must_be_free(folder)
        files = {f"source/{name}/{name}.ipynb": source_text(name, assignments) for name in assignments}
        files["nbgrader_config.py"] = CONFIG.format(course_id=folder.name.strip() or "course", stub=STUB)
        _write_whole(folder, files)
    except OSError as error:
        raise ShoshinError(f"{folder} cannot be written: {error.strerror}. Name another folder.") from error
    return assignments


def course_seed(course: Path, assignment: str) -> int:
    """Return the seed of an assignment's cases, below 2**32: nobody can tell it who has not the course's secret.

    The secret is made when it is first asked for, and only its owner can read it.

    Raises:
        ShoshinError: if the secret cannot be read or written.
    """
    path = course / SECRET
    try:
        if not path.exists():
            _make_secret(path)
        secret = path.read_bytes()
    except OSError as error:
        raise ShoshinError(f"{path} cannot be used: {error.strerror}. Grading needs it.") from error
    if len(secret) < SECRET_BYTES:
        raise ShoshinError(f"{path} is damaged. Put it back from a copy, or remove it: the cases are then others.")
    return int.from_bytes(hmac.digest(secret, assignment.encode(), "sha256")[:4])


def _make_secret(path: Path) -> None:
    """Write a new secret, whole or not at all; of two processes that do so at once, the first has its way."""
    part = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # fails if it is there, which a rename would not
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def assignment_names(exercises: list[str]) -> dict[str, str]:
    """Return name → exercise: the slug, or UNIT_SLUG where two units have the same slug."""
    slugs = Counter(exercise.partition("/")[2] for exercise in dict.fromkeys(exercises))
    names = {}
    for exercise in exercises:
        unit, _, slug = exercise.partition("/")
        names[slug if slugs[slug] == 1 else f"{unit}_{slug}"] = exercise
    return names


def source_text(name: str, assignments: dict[str, str]) -> str:
    """Return the notebook that nbgrader takes for an assignment's source, as the text of its file."""
    notebook = solved_notebook(read_exercise(library.tree("exercises") / f"{assignments[name]}.py"))
    names = {exercise: name for name, exercise in assignments.items()}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lambda link: _link_within(names, link), cell.source)
    return text_of(notebook)


def _link_within(names: dict[str, str], link: re.Match[str]) -> str:
    """Point a link to another exercise at its assignment; an exercise outside of the course is named only."""
    text, exercise = link.groups()
    name = names.get(exercise)
    return f"[{text}](../{name}/{name}.ipynb)" if name else text


def _must_be_free(folder: Path) -> None:
    if (folder.exists() or folder.is_symlink()) and not _is_empty(folder):
        what = "is not empty" if folder.is_dir() else "is a file"
        raise ShoshinError(f"{folder} {what}. Name a new folder for the course; nothing was changed.")


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _write_whole(folder: Path, files: dict[str, str]) -> None:
    empty = _is_empty(folder)
    if not empty:
        folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".course-", dir=folder if empty else folder.parent) as aside:
        course = Path(aside) / "course"
        for name, text in files.items():
            path = course / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        if empty:  # the folder itself stays: someone may stand in it
            _move(course, folder)
        else:
            course.rename(folder)


def _move(course: Path, folder: Path) -> None:
    moved: list[Path] = []
    try:
        for path in sorted(course.iterdir(), reverse=True):  # source/ before the configuration
            moved.append(path.rename(folder / path.name))
    except OSError:
        for path in moved:
            path.rename(course / path.name)
        raise
