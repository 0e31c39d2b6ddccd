"""What a hostile submission is, and how its notebook is made from the released one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]
Edit = Callable[[Notebook], "Notebook | bytes | None"]  # None: changed in place
Folder = Callable[[Path, Mapping[str, str]], None]  # (the student's folder, what a host's words stand for)


@dataclass(frozen=True)
class Hostile:
    """One submission. Its name is also the student's.

    `deserves` are points by check, without the prefix `check-`; a check that is not named deserves nothing. `stock`
    says what is to be expected of it on plain nbgrader 0.9.6, where not each of them was tried: "fooled" (it gets
    points that it does not deserve), "stopped" (no grade for it, or for those who follow), "unfair" (honest work of
    its own loses points), "trace" (it reads or leaves what it should not), "held" (no harm; it aims at arm's length).
    """

    name: str
    tries: str
    assignment: str
    edit: Edit = lambda notebook: None
    deserves: Mapping[str, float] = field(default_factory=dict)
    stock: str = "fooled"
    folder: Folder | None = None
    refused: bool = False  # no grade: the report says why

    def hand_in(self, folder: Path, released: Path, words: Mapping[str, str]) -> None:
        """Write the submission into the student's folder, beginning with a copy of what was released."""
        folder.mkdir(parents=True)
        for path in released.iterdir():
            if path.suffix != ".ipynb":
                (folder / path.name).write_bytes(path.read_bytes())
                continue
            notebook = json.loads(path.read_text("utf-8"))
            edited = self.edit(notebook)
            if not isinstance(edited, bytes):
                edited = json.dumps(notebook if edited is None else edited).encode("utf-8", "surrogatepass")
            (folder / path.name).write_bytes(said(edited, words))
        if self.folder:
            self.folder(folder, words)


def said(text: bytes, words: Mapping[str, str]) -> bytes:
    """Put the host's own paths, ports and marks where a submission names them, as in `@COURSE@`."""
    for word, meaning in words.items():
        text = text.replace(f"@{word}@".encode(), meaning.encode())
    return text


def write(**answers: str) -> Edit:
    """Write these answers into their cells; `first` goes before whatever the first answer cell holds."""

    def edit(notebook: Notebook) -> None:
        cells = {grade_id(cell): cell for cell in notebook["cells"]}
        if first := answers.get("first"):
            cell = next(cell for name, cell in cells.items() if name.startswith("answer-"))
            cell["source"] = f"{first}\n\n{text_of(cell)}"
        for name, source in answers.items():
            if name != "first":
                cells[f"answer-{name}"]["source"] = source

    return edit


def both(*edits: Edit) -> Edit:
    """Make several changes, one after another, to the same notebook."""

    def edit(notebook: Notebook) -> Notebook | bytes:
        result: Notebook | bytes = notebook
        for each in edits:
            assert isinstance(result, dict)
            result = each(result) or result
        return result

    return edit


def on_cells(prefix: str, change: Callable[[Notebook], None]) -> Edit:
    """Change every cell that has a grade_id which starts with `prefix`."""

    def edit(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            if grade_id(cell) and grade_id(cell).startswith(prefix):
                change(cell)

    return edit


def add(source: str, *, at: int | None = None, **more: Any) -> Edit:
    """Add a code cell of the student's own, at the end or at a position."""
    cell = {"cell_type": "code", "id": "own-cell", "metadata": {}, "outputs": [], "execution_count": None}

    def edit(notebook: Notebook) -> None:
        place = len(notebook["cells"]) if at is None else at
        notebook["cells"].insert(place, copy.deepcopy({**cell, "source": source, **more}))

    return edit


def grade_id(cell: Notebook) -> str:
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))


def text_of(cell: Notebook) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
