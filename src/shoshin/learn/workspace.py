"""Lay the learner's notebooks out in a folder, and never lose what the learner has written."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from shoshin import library
from shoshin.errors import ShoshinError
from shoshin.learn import start
from shoshin.learn.carry import carry, cells_of, hashes, task_of
from shoshin.learn.files import replace
from shoshin.learn.history import own

MANIFEST = ".shoshin.json"
NO_NOTEBOOK = "not a notebook"


@dataclass(frozen=True)
class Delivered:
    """What an exercise's notebook was like when it was delivered: a hash of the whole, and one for each cell."""

    whole: str = ""
    cells: dict[str, str] = field(default_factory=dict)


@dataclass
class Layout:
    """What laying out did, as exercise ids.

    `new` and `updated` were written; `kept` are the learner's own, of today's version; `carried` are the learner's own,
    brought into a newer version. `copies` names the copies of before, with what could not be carried. `unread` cannot
    be read as notebooks, and are left alone.
    """

    folder: Path
    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    copies: dict[str, list[str]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    total: int = 0

    def text(self) -> str:
        """Return some lines for the learner."""
        counts = {
            "new": self.new,
            "updated": self.updated,
            "kept as you changed them": self.kept,
            "updated around your answers": self.carried,
        }
        told = ", ".join(f"{len(ids)} {word}" for word, ids in counts.items() if ids)
        lines = [f"{self.total} notebooks in {self.folder}{f' ({told})' if told else ''}."]
        for name, lost in self.copies.items():
            lines.append(f"Kept as it was in {name}: {'; '.join(lost)}.")
        lines += [f"{name}.ipynb is no notebook any more and was left alone: rename it." for name in self.unread]
        return "\n".join(lines)


def lay_out(folder: Path, today: date | None = None) -> Layout:
    """Bring the library's notebooks into `folder`, by unit.

    A notebook that is missing is written. One that is still as it was delivered is brought up to date. One that the
    learner has changed stays as it is, unless the library has a newer version: then the answers and the learner's own
    cells are carried into that, and what cannot be carried is kept beside it, in a dated copy. What was delivered is
    remembered in the folder's `.shoshin.json`; should that be damaged, whatever differs counts as changed.

    Raises:
        ShoshinError: if the folder is a file, is the library's own, or cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise ShoshinError(f"{folder} is a file. `shoshin lab` needs a folder; name another.")
    library_tree = library.tree("notebooks").resolve()
    if folder.resolve() == library_tree or library_tree in folder.resolve().parents:
        raise ShoshinError(f"{folder} is where the library keeps its own notebooks; name another folder.")
    with _failures_in(folder):
        return _lay_out(folder, today or date.today())


def _lay_out(folder: Path, today: date) -> Layout:
    exercises = library.ids()
    layout = Layout(folder, total=len(exercises))
    folder.mkdir(parents=True, exist_ok=True)
    delivered = _read_manifest(folder / MANIFEST)
    before = dict(delivered)
    for exercise in exercises:
        text = (library.tree("notebooks") / f"{exercise}.ipynb").read_text("utf-8")
        target, wanted, known = folder / f"{exercise}.ipynb", fingerprint(text), delivered.get(exercise, Delivered())
        found = _fingerprint_of(target)
        if found in ("", known.whole, wanted):
            if found != wanted:
                (layout.updated if found else layout.new).append(exercise)
                target.parent.mkdir(exist_ok=True)
                replace(target, text)
            delivered[exercise] = Delivered(wanted, hashes(json.loads(text)))
        elif found == NO_NOTEBOOK:
            layout.unread.append(exercise)
        elif known.whole == wanted:
            layout.kept.append(exercise)
        else:
            _carry_over(layout, exercise, target, known.cells, json.loads(text), today)
            delivered[exercise] = Delivered(wanted, hashes(json.loads(text)))
    _start_page(layout, delivered, today)
    if delivered != before:
        _write_manifest(folder, delivered)
    return layout


def _start_page(layout: Layout, delivered: dict[str, Delivered], today: date) -> None:
    """Write the notebook on top, its map as of now; what the learner wrote into it stays."""
    target, known = layout.folder / start.NAME, delivered.get(start.NAME, Delivered())
    new = start.notebook(own(), today)
    delivered_now = Delivered("", hashes(new))
    if os.path.lexists(target):
        try:
            text = target.read_text("utf-8")
            result = carry(json.loads(text), known.cells, new)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            layout.unread.append(Path(start.NAME).stem)
            return
        if result.lost:
            aside = _dated(target, today)
            replace(aside, text)
            layout.copies[aside.name] = result.lost
        new = start.redrawn(result.notebook, new)
    whole = start.content(new)
    if not target.exists() or target.read_text("utf-8") != whole:
        replace(target, whole)
    delivered[start.NAME] = delivered_now


def _carry_over(
    layout: Layout, exercise: str, target: Path, cells: dict[str, str], new: dict[str, Any], today: date
) -> None:
    """Put the learner's answers into the new version, after a copy of the old one if something would be lost."""
    text = target.read_text("utf-8")
    mine = json.loads(text)
    result = carry(mine, cells, new)
    if fingerprint(json.dumps(result.notebook)) == fingerprint(text):
        layout.kept.append(exercise)  # of today's version already
        return
    if result.lost:
        aside = _dated(target, today)
        replace(aside, text)
        layout.copies[aside.relative_to(layout.folder).as_posix()] = result.lost
    layout.carried.append(exercise)
    replace(target, json.dumps(result.notebook, indent=1, ensure_ascii=False) + "\n")


def reset(folder: Path, exercise: str, task: str | None = None, today: date | None = None) -> tuple[Path, Path | None]:
    """Start an exercise over, or one task of it; return the notebook and the dated copy of what was there before.

    Raises:
        ShoshinError: if there is no such folder, exercise or task, or the notebook cannot be read or written.
    """
    entry = library.entry(exercise)
    if task is not None and task not in entry.tasks:
        raise ShoshinError(f"{exercise} has no task {task!r}. It has {', '.join(entry.tasks)}.")
    if not (folder / MANIFEST).exists():
        raise ShoshinError(f"{folder} was not laid out by Shoshin: name the folder of `shoshin lab` with --in.")
    target, text = folder / f"{exercise}.ipynb", entry.notebook.read_text("utf-8")
    with _failures_in(folder):
        if not os.path.lexists(target):
            target.parent.mkdir(exist_ok=True)
            replace(target, text)
            return target, None
        mine = target.read_bytes()
        if task is not None:
            text = _with_task_anew(mine, json.loads(text), task, target)
        aside = _dated(target, today or date.today())
        replace(aside, mine)
        replace(target, text)
        if task is None:
            delivered = _read_manifest(folder / MANIFEST)
            delivered[exercise] = Delivered(fingerprint(text), hashes(json.loads(text)))
            _write_manifest(folder, delivered)
    return target, aside


def _with_task_anew(mine: bytes, new: dict[str, Any], task: str, target: Path) -> str:
    try:
        notebook = json.loads(mine)
        own = next(cell for cell in cells_of(notebook) if task_of(cell) == task)
    except (ValueError, RecursionError) as error:
        raise ShoshinError(f"{target} is no notebook any more; reset the whole exercise, or rename it.") from error
    except StopIteration as error:
        raise ShoshinError(f"{target} has no cell for {task} any more; reset the whole exercise.") from error
    fresh = next(cell for cell in new["cells"] if task_of(cell) == task)
    own.update(source=fresh["source"], outputs=[], execution_count=None)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _dated(path: Path, today: date) -> Path:
    """Return a name beside a notebook that is not taken: `SLUG 2026-11-22.ipynb`, `SLUG 2026-11-22 (2).ipynb`, …"""
    for number in itertools.count(1):
        again = f" ({number})" if number > 1 else ""
        aside = path.with_name(f"{path.stem} {today}{again}{path.suffix}")
        if not os.path.lexists(aside):
            return aside
    raise AssertionError


def fingerprint(text: str) -> str:
    """Return a hash of what a notebook holds: its cells, whatever their layout in the file.

    JupyterLab rewrites the notebook's own metadata (the version of Python, say) on opening it. That is not
    the learner's change, so only the cells count.

    Raises:
        ValueError: if the text is not a notebook.
    """
    cells = json.loads(text)["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def _fingerprint_of(path: Path) -> str:
    if not os.path.lexists(path):
        return ""
    try:
        return fingerprint(path.read_text("utf-8"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError):
        return NO_NOTEBOOK  # emptied, cut short, a folder: whatever it is, it is not what was delivered


def _read_manifest(path: Path) -> dict[str, Delivered]:
    try:
        known: Any = json.loads(path.read_text("utf-8"))
        cells = known.get("cells", {})
        return {
            str(exercise): Delivered(str(whole), dict(cells.get(exercise, {})))
            for exercise, whole in known["delivered"].items()
        }
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, FileNotFoundError):
        return {}


def _write_manifest(folder: Path, delivered: dict[str, Delivered]) -> None:
    content = {
        "delivered": {exercise: known.whole for exercise, known in delivered.items()},
        "cells": {exercise: known.cells for exercise, known in delivered.items()},
    }
    replace(folder / MANIFEST, json.dumps(content, indent=1) + "\n")


@contextmanager
def _failures_in(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise ShoshinError(f"{where} cannot be written: {error.strerror}. Name a folder of your own.") from error
