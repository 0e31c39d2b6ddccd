"""Lay the learner's notebooks out in a folder, and never touch one that the learner has changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shoshin import library
from shoshin.errors import ShoshinError

MANIFEST = ".shoshin.json"


@dataclass
class Layout:
    """What laying out did, as exercise ids: `new` and `updated` were written, `kept` are the learner's own.

    `outdated` are those of the kept ones that the library has a newer version of.
    """

    folder: Path
    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    total: int = 0

    def text(self) -> str:
        """Return a line or two for the learner."""
        counts = {"new": self.new, "updated": self.updated, "kept as you changed them": self.kept}
        told = ", ".join(f"{len(ids)} {word}" for word, ids in counts.items() if ids)
        line = f"{self.total} notebooks in {self.folder}{f' ({told})' if told else ''}."
        if self.outdated:
            names = ", ".join(self.outdated[:3]) + (" and others" if len(self.outdated) > 3 else "")
            line += f"\nThe library has a newer version of {names}: rename yours and start again to get it."
        return line


def lay_out(folder: Path) -> Layout:
    """Bring the library's notebooks into `folder`, by unit.

    A notebook that is missing is written. One that is still as it was delivered is brought up to date. One
    that the learner has changed (an edit, or an output from running it) stays as it is. What was delivered is
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
        return _lay_out(folder)


def _lay_out(folder: Path) -> Layout:
    exercises = library.ids()
    layout = Layout(folder, total=len(exercises))
    folder.mkdir(parents=True, exist_ok=True)
    delivered = _read_manifest(folder / MANIFEST)
    before = dict(delivered)
    for exercise in exercises:
        text = (library.tree("notebooks") / f"{exercise}.ipynb").read_text("utf-8")
        target, wanted, known = folder / f"{exercise}.ipynb", fingerprint(text), delivered.get(exercise)
        found = _fingerprint_of(target)
        if found not in ("", known, wanted):
            layout.kept.append(exercise)
            if known not in (None, wanted):
                layout.outdated.append(exercise)
            continue
        if found != wanted:
            (layout.updated if found else layout.new).append(exercise)
            target.parent.mkdir(exist_ok=True)
            _replace(target, text)
        delivered[exercise] = wanted
    if delivered != before:
        _replace(folder / MANIFEST, json.dumps({"delivered": delivered}, indent=1) + "\n")
    return layout


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
        return "not a notebook"  # emptied, cut short, a folder: whatever it is, it is not what was delivered


def _read_manifest(path: Path) -> dict[str, str]:
    try:
        delivered: Any = json.loads(path.read_text("utf-8"))["delivered"]
        return {str(exercise): str(known) for exercise, known in delivered.items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, FileNotFoundError):
        return {}


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    aside = path.with_name(f".{path.name.lstrip('.')}.part")
    try:
        aside.write_text(text, "utf-8")
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def _failures_in(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise ShoshinError(f"{where} cannot be written: {error.strerror}. Name a folder of your own.") from error
