"""Read an exercise's source text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shoshin.errors import ShoshinError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HEADER = {"title": str, "minutes": int, "level": int, "needs": list, "packages": list}
OPTIONAL: dict[str, Any] = {"needs": [], "packages": [], "level": 1}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Exercise:
    """An exercise as its author wrote it: the header's data, and the cells as an nbformat notebook."""

    id: str
    header: dict[str, Any]
    notebook: Any

    @property
    def tasks(self) -> dict[str, float]:
        """The checked tasks, in order, with their points."""
        return {
            cell.metadata["check"]: cell.metadata["points"] for cell in self.notebook.cells if "check" in cell.metadata
        }


def read_exercise(path: Path) -> Exercise:
    """Return the exercise in `path` (jupytext's percent format).

    Raises:
        ShoshinError: if the file cannot be read, or its header or cell marks are incomplete.
    """
    import jupytext

    exercise = f"{path.parent.name}/{path.stem}"
    try:
        notebook = jupytext.reads(path.read_text("utf-8"), fmt="py:percent")
    except Exception as error:
        raise ShoshinError(f"{exercise}: the source cannot be read: {error}") from error
    header = _header(exercise, notebook.metadata.get("shoshin", {}))
    for number, cell in enumerate(notebook.cells):
        _check_marks(f"{exercise}, cell {number + 1}", cell)
    found = Exercise(exercise, header, notebook)
    names = [cell.metadata["answer"] for cell in notebook.cells if "answer" in cell.metadata]
    for name in {*names, *found.tasks}:
        if names.count(name) != 1:
            raise ShoshinError(f"{exercise}: {name!r} needs exactly one answer cell, it has {names.count(name)}.")
    return found


def _header(exercise: str, given: dict[str, Any]) -> dict[str, Any]:
    header = {key: given.get(key, OPTIONAL.get(key)) for key in HEADER}
    for key, wanted in HEADER.items():
        if not isinstance(header[key], wanted):
            raise ShoshinError(f"{exercise}: the header's `shoshin: {key}` must be a {wanted.__name__}.")
    if unknown := sorted(set(given) - set(HEADER)):
        raise ShoshinError(f"{exercise}: the header has unknown entries: {', '.join(unknown)}.")
    return header


def _check_marks(where: str, cell: Any) -> None:
    marks = cell.metadata
    for key in ("answer", "check"):
        if key in marks and not (isinstance(marks[key], str) and NAME.fullmatch(marks[key])):
            raise ShoshinError(f'{where}: write {key}="name", with a name of letters, digits and underscores.')
    if "check" in marks:
        points = marks.get("points")
        if isinstance(points, bool) or not isinstance(points, (int, float)) or points < 0:
            raise ShoshinError(f"{where}: a check cell says its points, as in points=2.")
        call = re.escape(f"check.{marks['check']}(")
        if not re.fullmatch(call + r".+\)", cell.source.strip(), flags=re.DOTALL):
            raise ShoshinError(f"{where}: a check cell holds one call, check.{marks['check']}(…).")
    if "answer" in marks and (cell.source.count(BEGIN) != 1 or cell.source.count(END) != 1):
        raise ShoshinError(f"{where}: an answer cell has one block between {BEGIN!r} and {END!r}.")
