"""Carry a learner's answers into another version of a notebook, cell by cell."""

from __future__ import annotations

import copy
import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shoshin.build.notebook import COMMENT

Notebook = dict[str, Any]
PLACEHOLDER = re.compile(rf"{COMMENT}\s*\.\.\.\s*\Z")
TOP = ""  # the place before every cell


@dataclass
class Carried:
    """The new notebook with what is the learner's, and a phrase for each thing that it could not take."""

    notebook: Notebook
    lost: list[str] = field(default_factory=list)


def carry(mine: Notebook, delivered: Mapping[str, str], new: Notebook) -> Carried:
    """Return `new` with the answers and the free cells of `mine`; both stay as they are.

    An answer goes into the cell of its task. A cell that the learner added stays behind the cell it stood behind. A
    cell of ours that the learner edited comes as the new version has it, and is named in `lost`, as is an answer whose
    task is gone. `delivered` holds the hash of each cell as it was delivered, by id; it may be empty.

    Raises:
        ValueError: if `mine` is not a notebook.
    """
    cells = cells_of(mine)
    new = copy.deepcopy(new)
    for cell in new["cells"]:
        cell["source"] = _source(cell)
    result = Carried(copy.deepcopy(new))
    places = {cell["id"]: number for number, cell in enumerate(new["cells"])}
    tasks = {task_of(cell): cell["id"] for cell in new["cells"] if task_of(cell)}
    text_at = {cell["source"]: cell["id"] for cell in reversed(new["cells"])}
    followers: dict[str, list[Notebook]] = {}
    behind, answered = TOP, set()
    seen: set[str] = set()
    for cell in cells:
        source, task, known = _source(cell), task_of(cell), cell.get("id")
        again = str(known) in seen
        seen.add(str(known))
        if task and task not in answered:
            answered.add(task)
            if task in tasks:
                behind = tasks[task]
                if not _is_untouched(source, delivered.get(str(known)), new["cells"][places[behind]]["source"]):
                    taken = result.notebook["cells"][places[behind]]
                    taken["source"] = source
                    _take_outputs(taken, cell)
            elif not _is_untouched(source, delivered.get(str(known)), ""):
                result.lost.append(f"your answer to {task}, a task that is gone")
            continue
        ours = known in delivered or known in places or (not delivered and _is_marked(cell))
        if task or again or not ours:
            followers.setdefault(behind, []).append(_free(cell))
            continue
        unchanged = delivered.get(str(known)) == hash_of(source) if known in delivered else source in text_at
        if source not in text_at and not unchanged:
            result.lost.append(f"your change of the cell {_first_line(source)!r}")
        behind = text_at.get(source) or (str(known) if known in places else behind)
    result.notebook["cells"] = _woven(result.notebook["cells"], followers)
    return result


def cells_of(notebook: Any) -> list[Notebook]:
    """Return a notebook's cells.

    Raises:
        ValueError: if it is not a notebook.
    """
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ValueError("this is not a notebook")
    return cells


def hashes(notebook: Notebook) -> dict[str, str]:
    """Return the hash of each cell's source, by the cell's id."""
    return {cell["id"]: hash_of(_source(cell)) for cell in notebook["cells"]}


def hash_of(source: str) -> str:
    """Return a short hash of a cell's source."""
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:16]


def _woven(cells: list[Notebook], followers: dict[str, list[Notebook]]) -> list[Notebook]:
    woven, used = [], {cell["id"] for cell in cells}
    for place, cell in [(TOP, None), *((cell["id"], cell) for cell in cells)]:
        woven += [cell] if cell else []
        for free in followers.get(place, ()):
            if free.get("id") in used or not isinstance(free.get("id"), str):
                free["id"] = uuid.uuid4().hex[:8]
            used.add(free["id"])
            woven.append(free)
    return woven


def _free(cell: Notebook) -> Notebook:
    """Return a copy of a cell as the learner's own: without our marks, by which it would be taken for a task's."""
    kept = copy.deepcopy(cell)
    metadata = kept.get("metadata")
    marks = metadata if isinstance(metadata, dict) else {}
    kept["metadata"] = {name: value for name, value in marks.items() if name not in ("shoshin", "nbgrader")}
    kept["source"] = _source(cell)
    if kept.get("cell_type") not in ("code", "markdown", "raw"):
        kept["cell_type"] = "raw"
    if kept["cell_type"] == "code":
        outputs = kept.get("outputs")
        kept["outputs"] = outputs if isinstance(outputs, list) else []
        kept.setdefault("execution_count", None)
    else:
        kept.pop("outputs", None)
        kept.pop("execution_count", None)
    return kept


def _take_outputs(cell: Notebook, mine: Notebook) -> None:
    if isinstance(mine.get("outputs"), list):
        cell["outputs"] = copy.deepcopy(mine["outputs"])
        cell["execution_count"] = mine.get("execution_count")


def _is_untouched(source: str, delivered: str | None, new: str) -> bool:
    """Whether an answer is still what was delivered; where that is unknown, whether the placeholder is all there is."""
    if source == new or hash_of(source) == delivered:
        return True
    return delivered is None and bool(PLACEHOLDER.search(source))


def _is_marked(cell: Notebook) -> bool:
    marks = cell.get("metadata")
    return isinstance(marks, dict) and "nbgrader" in marks


def task_of(cell: Notebook) -> str:
    """Return the name of the answer that a cell holds; an empty one for any other cell."""
    marks = cell.get("metadata")
    about = marks.get("shoshin") if isinstance(marks, dict) else None
    if not isinstance(about, dict) or about.get("role") != "answer":
        return ""
    return str(about.get("task") or "")


def text_of(source: Any) -> str:
    """Return a text that a notebook file may hold as a list of lines."""
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _source(cell: Notebook) -> str:
    return text_of(cell.get("source", ""))


def _first_line(source: str) -> str:
    lines = [line for line in source.splitlines() if line.strip()] or [""]
    return lines[0][:50]
