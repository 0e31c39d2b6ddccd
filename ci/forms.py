"""Write the two forms of an exercise's notebook: solved, and untouched as the learner gets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shoshin import library
from shoshin.build.export import single_file
from shoshin.build.notebook import solved_notebook, text_of
from shoshin.build.source import read_exercise
from shoshin.errors import ShoshinError

FORMS = ("solved", "untouched")


def prepare(exercise: str, form: str, path: Path, alone: bool = False) -> None:
    """Write one form to `path`, `alone` as a single file that brings its own checks.

    Raises:
        ShoshinError: if it cannot be built.
    """
    notebook = _solved(exercise) if form == "solved" else _untouched(exercise)
    path.write_text(text_of(single_file(notebook) if alone else notebook), "utf-8")


def _solved(exercise: str) -> Any:
    return solved_notebook(read_exercise(library.tree("exercises") / f"{exercise}.py"))


def _untouched(exercise: str) -> Any:
    import nbformat

    path = library.tree("notebooks") / f"{exercise}.ipynb"
    if not path.exists():
        raise ShoshinError(f"notebooks/{exercise}.ipynb is missing; run: shoshin build {exercise}")
    return nbformat.reads(path.read_text("utf-8"), as_version=4)
