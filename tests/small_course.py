"""A course of two small assignments with a class of students, for tests that grade it."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook, SubmittedAssignment
from small_library import write_small_library

import shoshin.graders
from shoshin import library
from shoshin.classroom.course import course_seed, new_course

NBGRADER = [sys.executable, "-m", "nbgrader"]
COURSE_GRADE = [sys.executable, "-m", "shoshin.cli", "course", "grade"]
DOUBLE = "def double(number):\n    return 2 * number"
HALVE = "def halve(number):\n    return number / 2"
WORDS = 'words = "twice"'

# What each student writes in tiny/double, whose tasks give 2, 1 and 1.5 points.
ANSWERS = {
    "ada": {"double": DOUBLE, "words": WORDS, "halve": HALVE},
    "ben": {},
    "cleo": {"double": "def double(number):\n    return number**2", "words": WORDS, "halve": HALVE},
    "dan": {"double": DOUBLE, "words": 'words = "twice', "halve": "def halve(number):\n    raise ValueError('half?')"},
}
POINTS = {"ada": 4.5, "ben": 0, "cleo": 2.5, "dan": 2}
# What they write in the two notebooks of the other assignment, which has ordinary test cells.
ADD, MEAN = "def add(a, b):\n    return a + b", "average = sum(numbers) / len(numbers)"
PLAIN = {
    "ada": {"sums": {"add": ADD, "why": "Because it adds."}, "means": {"average": MEAN}},
    "ben": {"sums": {"add": "def add(a, b):\n    return a - b"}, "means": {"average": "average = 0"}},
    "cleo": {"sums": {"add": ADD}},  # without the second notebook
}


def cell(source: str, name: str = "", **marks: Any) -> nbformat.NotebookNode:
    """A cell, with a name one of nbgrader's."""
    made = new_markdown_cell(source) if marks.pop("text", False) else new_code_cell(source)
    made.id = name or f"cell-{len(source)}"
    if name:
        base = {
            "schema_version": 3,
            "grade_id": name,
            "grade": False,
            "solution": False,
            "locked": False,
            "task": False,
        }
        made.metadata["nbgrader"] = {**base, **marks}
    return made


SOLUTION = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
SUMS = [
    cell("import numpy as np"),
    cell(SOLUTION.format(ADD), "add", solution=True),
    cell("assert add(1, 2) == 3", "adds", grade=True, locked=True, points=2),
    cell(
        "### BEGIN HIDDEN TESTS\nassert add('a', 'b') == 'ab'\n### END HIDDEN TESTS\nnp.float64(0.5)",
        "adds_text",
        grade=True,
        locked=True,
        points=1,
    ),
    cell("Why?\n\n" + SOLUTION.format("Because."), "why", text=True, grade=True, solution=True, points=3),
]
MEANS = [
    cell('numbers = [float(line) for line in open("numbers.txt")]', "read", locked=True),
    cell(SOLUTION.format(MEAN), "average", solution=True),
    cell("assert average == 2", "averages", grade=True, locked=True, points=2),
]


def small_course(tmp: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a course with its assignments generated, and nothing handed in; it is to be copied, not used."""
    base = tmp.getbasetemp()
    base = base if worker_id == "master" else base.parent  # shared by the workers of pytest-xdist
    with FileLock(base / "small-course.lock"):
        if not (base / "small" / "ready").exists():
            _make(base / "small")
            (base / "small" / "ready").touch()
    return base / "small" / "course"


def _make(base: Path) -> None:
    trees = write_small_library(base / "library")
    (trees / "sitecustomize.py").write_text(
        f"import sys, shoshin.graders\nshoshin.graders.__path__.append({str(trees / 'graders')!r})\n"
        "sys.modules['rfc3987_syntax'] = None\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "CHECKOUT", trees)
        new_course(base / "course", ["tiny/double"])
    plain = base / "course" / "source" / "plain"
    plain.mkdir()
    for name, cells in (("sums", SUMS), ("means", MEANS)):
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(new_notebook(cells=cells, metadata=metadata), plain / f"{name}.ipynb")
    (plain / "numbers.txt").write_text("1\n2\n3\n")
    for name in ("double", "plain"):
        nbgrader(base / "course", "generate_assignment", name)
        course_seed(base / "course", name)


def copy_of(course: Path, folder: Path) -> Path:
    """Return a copy of the course in `folder`, with its library beside it."""
    shutil.copytree(course.parent, folder, dirs_exist_ok=True)
    return folder / "course"


def nbgrader(course: Path, *arguments: str) -> str:
    """Run one of nbgrader's commands in the course's folder."""
    done = subprocess.run([*NBGRADER, *arguments], cwd=course, env=environment(course), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(course: Path) -> dict[str, str]:
    """Return an environment in which the course's library is found, without the settings of who runs the tests."""
    own = str(course.parent / "own")
    return {
        **os.environ,
        "PYTHONPATH": str(course.parent / "library"),
        "JUPYTER_CONFIG_DIR": own,
        "JUPYTER_DATA_DIR": own,
        "IPYTHONDIR": own,
        "OMP_NUM_THREADS": "1",
    }


@contextlib.contextmanager
def as_in(course: Path) -> Iterator[None]:
    """Make this process one in which the course's library is found."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(course).items():
            patch.setenv(name, value)
        patch.setattr(shoshin.graders, "__path__", [*shoshin.graders.__path__, str(course.parent / "library/graders")])
        yield


def hand_in(course: Path, student: str, assignment: str, answers: dict[str, str], notebook: str = "") -> Path:
    """Write what a student hands in, and return its path."""
    notebook = notebook or assignment
    made = copy.deepcopy(nbformat.read(course / "release" / assignment / f"{notebook}.ipynb", as_version=4))
    for each in made.cells:
        each.source = answers.get(each.id.removeprefix("answer-"), each.source)
    path = course / "submitted" / student / assignment / f"{notebook}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


def hand_in_all(course: Path) -> None:
    """Let the whole class hand in everything."""
    for student, answers in ANSWERS.items():
        hand_in(course, student, "double", answers)
    for student, notebooks in PLAIN.items():
        for notebook, written in notebooks.items():
            hand_in(course, student, "plain", written, notebook)


def gradebook_of(course: Path, url: str = "") -> dict[str, Any]:
    """Return all that the gradebook says of the submissions, without its own ids."""
    found: dict[str, Any] = {}
    with Gradebook(url or f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        for submission in gradebook.db.query(SubmittedAssignment):
            notebooks = {}
            for notebook in submission.notebooks:
                notebooks[notebook.name] = {
                    "penalty": notebook.late_submission_penalty,
                    "grades": {
                        grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                        for grade in notebook.grades
                    },
                    "comments": {one.name: (one.auto_comment, one.manual_comment) for one in notebook.comments},
                }
            found[f"{submission.student.id}/{submission.name}"] = {"timestamp": submission.timestamp, **notebooks}
    return json.loads(json.dumps(found, sort_keys=True, default=str))


def points_of(course: Path, assignment: str, url: str = "") -> dict[str, float]:
    """Return the score of every student."""
    with Gradebook(url or f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        return {one.student.id: one.score for one in gradebook.assignment_submissions(assignment)}
