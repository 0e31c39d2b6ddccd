"""Write a course folder that nbgrader uses as it is."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from pathlib import Path

from shoshin import library
from shoshin.build.notebook import STUB, solved_notebook, text_of
from shoshin.build.source import read_exercise
from shoshin.errors import ShoshinError

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

# Seconds. A check ends an endless loop by itself; this is for all other cells, on a busy machine.
c.Execute.timeout = 180
c.Execute.startup_timeout = 120
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
