"""Tell how far a learner's notebook has come: a verdict for each of its tasks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shoshin import library
from shoshin.check.card import FACES
from shoshin.check.verdict import MIME, Verdict
from shoshin.errors import ShoshinError
from shoshin.learn.run import Ran, run_cells

IMPORT = re.compile(r"^from shoshin\.graders\.(\w+) import (\w+)", re.MULTILINE)
WORDS = ("exercise", "task", "outcome", "message", "mistake")


@dataclass(frozen=True)
class Report:
    """A verdict for each task of an exercise; `notes` tell of cells that failed without being a check."""

    exercise: str
    verdicts: list[Verdict]
    notes: list[str]

    @property
    def passed(self) -> bool:
        """Whether every task passed."""
        return all(verdict.passed for verdict in self.verdicts)

    def text(self) -> str:
        """Return the cards as text, then a line such as `3 of 4 tasks passed, 6 of 8 points`."""
        passed = sum(verdict.passed for verdict in self.verdicts)
        points, most = (sum(getattr(v, name) for v in self.verdicts) for name in ("points", "max_points"))
        summary = f"{passed} of {len(self.verdicts)} tasks passed, {points:g} of {most:g} points"
        return "\n\n".join([*map(str, self.verdicts), summary])

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready data."""
        fields = ("task", "outcome", "mistake", "message", "points", "max_points")
        tasks = [{field: getattr(verdict, field) for field in fields} for verdict in self.verdicts]
        return {"exercise": self.exercise, "tasks": tasks}


def check_notebook(path: Path, seconds: int) -> Report:
    """Run a learner's notebook, and return what its check cells say. The file itself is only read.

    The catalogue says which tasks there must be. Where a task is checked more than once, the last verdict
    counts. `seconds` is the time limit for one cell.

    Raises:
        ShoshinError: if the file is not a notebook of an exercise in the library.
    """
    notebook = read_notebook(path)
    entry = library.entry(_exercise_of(notebook, path))
    cells = [cell for cell in notebook["cells"] if cell.get("cell_type") == "code" and _source(cell).strip()]
    try:
        ran = run_cells([_source(cell) for cell in cells], path.resolve().parent, seconds)
    except (RuntimeError, TimeoutError) as error:
        raise ShoshinError(f"The notebook's kernel could not be started: {error}") from error
    shown = _verdicts(entry.id, ran)
    places = {task: [n for n, cell in enumerate(cells) if _is_check(cell, task)] for task in entry.tasks}
    verdicts = []
    for task in sorted(entry.tasks, key=lambda task: places[task] or [len(cells)]):  # as the learner meets them
        verdict = shown.get(task) or _without_verdict(entry.id, task, ran, places[task])
        points = entry.tasks[task]
        verdicts.append(replace(verdict, points=points if verdict.passed else 0, max_points=points))
    checks = {number for numbers in places.values() for number in numbers}
    failed = [result for number, result in enumerate(ran) if result.failure and number not in checks]
    return Report(entry.id, verdicts, [f"The cell {_quoted(result)} {result.failure}." for result in failed])


def read_notebook(path: Path) -> dict[str, Any]:
    """Return a notebook file's content.

    Raises:
        ShoshinError: if there is no such file, or it is not a whole notebook.
    """
    try:
        notebook = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ShoshinError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ShoshinError(f"{path} is not a notebook: it is not text. Name an .ipynb file.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" (it breaks off or is damaged at line {error.lineno})" if hasattr(error, "lineno") else ""
        raise ShoshinError(
            f"{path} is not a whole notebook{where}.\nSave it again in JupyterLab, or fetch a fresh copy."
        ) from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ShoshinError(f"{path} is not a notebook in the current format. Open and save it in JupyterLab.")
    return notebook


def _exercise_of(notebook: dict[str, Any], path: Path) -> str:
    about = _get(notebook, "metadata", "shoshin", "exercise")
    if isinstance(about, str):
        return about
    # Some editors and platforms drop metadata that they do not know. The import is still there.
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "code" and (found := IMPORT.search(_source(cell))):
            return "/".join(found.groups())
    raise ShoshinError(f"{path} is a notebook, but not one of Shoshin's exercises. `shoshin lab` lays those out.")


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _is_check(cell: dict[str, Any], task: str) -> bool:
    if cell.get("id") == f"check-{task}" or _get(cell, "metadata", "shoshin") == {"role": "check", "task": task}:
        return True
    return re.search(rf"\bcheck\.{task}\s*\(", _source(cell)) is not None


def _get(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _verdicts(exercise: str, ran: list[Ran]) -> dict[str, Verdict]:
    """Return the verdicts that the cells displayed, by task; the last one counts."""
    shown = [_verdict(data[MIME]) for result in ran for data in result.shown if MIME in data]
    return {verdict.task: verdict for verdict in shown if verdict and verdict.exercise == exercise}


def _verdict(data: Any) -> Verdict | None:
    """Return a displayed verdict, or nothing if it has not the form of one."""
    try:
        exercise, task, outcome, message, mistake = (str(data[name]) for name in WORDS)
        details = tuple((str(label), str(text)) for label, text in data["details"])
    except (LookupError, TypeError, ValueError):
        return None
    return Verdict(exercise, task, outcome, message, mistake, details=details) if outcome in FACES else None


def _without_verdict(exercise: str, task: str, ran: list[Ran], places: list[int]) -> Verdict:
    """Say why a task has no verdict: its check cell is missing, was not reached, failed, or showed nothing."""
    if not places:
        message = f"Its check cell is missing. Put `check.{task}(…)` back, as in a fresh copy of the notebook."
        return Verdict(exercise, task, "not attempted", message)
    place = places[-1]
    check, before = ran[place], ran[:place]
    if not check.reached:
        message = "Its check cell was not reached."
    elif check.failure:
        message = f"Its check cell {check.failure}."
    else:
        message = f"Its check cell showed no verdict. Let `check.{task}(…)` be its last line, without a semicolon."
    if cause := _cause(check, before):
        message += f" Before that, the cell {_quoted(cause)} {cause.failure}."
    return Verdict(exercise, task, "error", message)


def _cause(check: Ran, before: list[Ran]) -> Ran | None:
    """Return the earlier cell that best explains why a check cell did not run to its end."""
    failed = [result for result in before if result.failure]
    if not check.reached:
        return failed[-1]  # the one that ended the kernel
    name = re.search(r"NameError: name '(\w+)'", check.failure)
    knows_it = [result for result in failed if name and re.search(rf"\b{name[1]}\b", result.source)]
    return next(iter(knows_it or failed), None) if check.failure else None


def _quoted(result: Ran) -> str:
    line = next(line.strip() for line in result.source.splitlines() if line.strip())
    return f"`{line if len(line) <= 60 else line[:59] + '…'}`"
