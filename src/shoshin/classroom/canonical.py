"""Rebuild a submission from what the assignment asks: of the student's file only the text of its cells is taken."""

from __future__ import annotations

import copy
import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import nbformat

from shoshin.classroom.clean import clean_markdown, picture
from shoshin.classroom.mangled import MOST_CHARACTERS, Unreadable, Written, cells_of
from shoshin.classroom.markdown import as_written
from shoshin.classroom.model import Asked, Blueprint, Canonical, Cell, CellResult, Graded

MOST_OWN_CELLS = 500
MOST_OWN_TEXT = 2**22  # characters
MOST_MARKDOWN = 2**18  # characters that are looked through; the rest is shown as it was written
MOST_PICTURES = 12 * 2**20  # characters
FIT_FOR_AN_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # nbformat's rule
HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE)
PICTURES = ("image/png", "image/jpeg")
ATTACHMENT = "attachment:"
LONGEST_NAME = 255


def canonicalise(submitted: bytes, blueprint: Blueprint) -> Canonical:
    """Return the submission in the teacher's form, whatever the file holds.

    The student's are the texts of the cells that are theirs to write, matched by id, and the cells that they added,
    each behind the cell that it followed; all else is the teacher's. Of a file that is no notebook nothing is taken.
    """
    try:
        written = cells_of(submitted)
    except Unreadable as error:
        note = f"The submitted file {error}: it counts as handed in without an answer."
        return Canonical(_assembled(blueprint, {}, {}), (note,))
    notes = _Notes()
    matches = _matches(written, blueprint, notes)
    texts = _Texts(notes)
    sources: dict[int, str] = {}
    own: dict[int, list[tuple[str, str]]] = defaultdict(list)
    place, found = -1, {*matches.values()}
    for number, cell in enumerate(written):
        if number in matches:
            place = matches[number]
            asked = blueprint.cells[place]
            if _is_the_students(asked):
                sources[place] = texts.answer(cell, asked)
        elif added := texts.added(cell, blueprint):
            own[_behind_what_lacks(place, blueprint, found)].append(added)
    notes.missing(blueprint, found)
    return Canonical(_assembled(blueprint, sources, own), tuple(notes))


def as_notebook(canonical: Canonical, blueprint: Blueprint, graded: Graded | None = None) -> nbformat.NotebookNode:
    """Return the submission as the notebook that lies in autograded/, with its outputs if it has been graded."""
    about: dict[str, Any] = {"notes": [*canonical.notes]}
    if graded:
        grading = {"sandbox": graded.sandbox, "attention": [*graded.attention], "seconds": round(graded.seconds, 3)}
        about["grading"] = grading
    cells = []
    for number, cell in enumerate(canonical.cells):
        metadata = copy.deepcopy(cell.asked.metadata) if cell.asked else {}
        attachments = metadata.pop("attachments", None)
        node: dict[str, Any] = {
            "cell_type": cell.cell_type,
            "id": cell.cell_id,
            "metadata": metadata,
            "source": cell.source,
        }
        if cell.cell_type == "code":
            result = graded.results[number] if graded else CellResult()
            node |= {"execution_count": None, "outputs": copy.deepcopy([*result.outputs])}
            if result.lines:  # an error's output has no room for it, and its text holds words of the student's
                failed = {"lines": [*result.lines], "own_words": result.own_words}
                metadata["shoshin"] = {**metadata.get("shoshin", {}), "failed": failed}
        elif attachments:
            node["attachments"] = attachments
        cells.append(node)
    metadata = {**copy.deepcopy(blueprint.metadata), "shoshin": about}
    return nbformat.from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def from_notebook(notebook: nbformat.NotebookNode, blueprint: Blueprint) -> Canonical:
    """Return the submission that `as_notebook` made this notebook of."""
    asked = dict(zip(_ids(blueprint), blueprint.cells, strict=True))
    cells = tuple(Cell(cell.id, cell.cell_type, cell.source, asked.get(cell.id)) for cell in notebook.cells)
    return Canonical(cells, tuple(notebook.metadata.get("shoshin", {}).get("notes", ())))


def _is_the_students(asked: Asked) -> bool:
    return asked.role in ("answer", "manual") or (asked.role == "task" and not asked.locked)


def _matches(written: Sequence[Written], blueprint: Blueprint, notes: _Notes) -> dict[int, int]:
    """Return which cells of the file are which of the teacher's, as position in the file → in the blueprint."""
    known = {asked.id: place for place, asked in enumerate(blueprint.cells) if asked.id}
    found: dict[int, int] = {}  # the other way round
    for number, cell in enumerate(written):
        if cell.marked in known and found.setdefault(known[cell.marked], number) != number:
            notes.repeated(cell.marked, _is_the_students(blueprint.cells[known[cell.marked]]))
    for number, cell in enumerate(written):  # some editors drop nbgrader's marks; nbformat's ids, they keep
        if cell.marked not in known and cell.id in known and known[cell.id] not in found:
            found[known[cell.id]] = number
            notes.unmarked(cell.id)
    same = defaultdict(list)
    for place, asked in enumerate(blueprint.cells):
        if place not in found and not _is_the_students(asked):
            same[asked.cell_type, HIDDEN.sub("", asked.source).strip()].append(place)
    taken = {*found.values()}
    for number, cell in enumerate(written):
        places = same[cell.cell_type, cell.source.strip()] if number not in taken and cell.marked not in known else []
        if places:
            found[places.pop(0)] = number
    return {number: place for place, number in found.items()}


def _behind_what_lacks(place: int, blueprint: Blueprint, found: set[int]) -> int:
    """Return the place of a cell of the student's: an edited cell of the teacher's comes behind the original."""
    after = blueprint.cells[place + 1 :]
    for number, asked in enumerate(after, place + 1):
        if number in found or asked.role == "grade":
            break
        place = number
    return place


def _assembled(
    blueprint: Blueprint, sources: dict[int, str], own: dict[int, list[tuple[str, str]]]
) -> tuple[Cell, ...]:
    ids = _ids(blueprint)
    free = (name for number in range(1, 10**6) if (name := f"own-{number}") not in {*ids})
    cells = [Cell(next(free), *one) for one in own.get(-1, ())]
    for place, asked in enumerate(blueprint.cells):
        cells.append(Cell(ids[place], asked.cell_type, sources.get(place, asked.source), asked))
        cells += [Cell(next(free), *one) for one in own.get(place, ())]
    return tuple(cells)


def _ids(blueprint: Blueprint) -> list[str]:
    """Return nbformat's ids of the teacher's cells: nbgrader's where there is one, else the position."""
    ids: dict[str, None] = {}
    for place, asked in enumerate(blueprint.cells, 1):
        name = asked.id or f"given-{place}"
        while name in ids or not FIT_FOR_AN_ID.fullmatch(name):
            name = f"cell-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
        ids[name] = None
    return [*ids]


class _Notes(dict[str, None]):
    """What was mended, a sentence each, each once."""

    def add(self, note: str) -> None:
        self[note] = None

    def repeated(self, name: str, theirs: bool) -> None:
        what = "the copy was kept as a cell of the student's own" if theirs else "the copy was left out"
        self.add(f"The cell {name} was there more than once; {what}.")

    def unmarked(self, name: str) -> None:
        self.add(f"The cell {name} had lost nbgrader's mark; it was known by its id.")

    def missing(self, blueprint: Blueprint, found: set[int]) -> None:
        lacking = [asked for place, asked in enumerate(blueprint.cells) if place not in found and asked.id]
        if names := ", ".join(asked.id for asked in lacking if _is_the_students(asked)):
            self.add(f"Missing, and put back as handed out: {names}.")
        if names := ", ".join(asked.id for asked in lacking if not _is_the_students(asked)):
            self.add(f"Missing, and put back: {names}.")


class _Texts:
    """The texts of the student's cells, within bounds, and with nothing in them that acts."""

    def __init__(self, notes: _Notes) -> None:
        self.notes = notes
        self.cells, self.text, self.markdown, self.pictures = (
            MOST_OWN_CELLS,
            MOST_OWN_TEXT,
            MOST_MARKDOWN,
            MOST_PICTURES,
        )

    def answer(self, cell: Written, asked: Asked) -> str:
        """Return what the student wrote in a cell that is theirs to write."""
        if cell.source.strip() == asked.source.strip():
            return asked.source
        if cell.cell_type not in ("", asked.cell_type):
            self.notes.add(f"The cell {asked.id} had become {cell.cell_type}; it was taken as {asked.cell_type}.")
        if cell.cut:
            self.notes.add(f"The cell {asked.id} was cut behind {MOST_CHARACTERS} characters.")
        return self._shown(cell) if asked.cell_type == "markdown" else cell.source

    def added(self, cell: Written, blueprint: Blueprint) -> tuple[str, str] | None:
        """Return a cell that the student added, as type and text; None for an empty one, or a copy of the teacher's."""
        if not cell.source.strip():
            return None
        if any(asked.id == cell.marked and not _is_the_students(asked) for asked in blueprint.cells if asked.id):
            return None
        self.cells, self.text = self.cells - 1, self.text - len(cell.source)
        if self.cells < 0 or self.text < 0:
            self.notes.add(
                f"Too many cells were added: only the first {MOST_OWN_CELLS} that are not too long were kept."
            )
            return None
        if cell.cut:
            self.notes.add(f"A cell of the student's own was cut behind {MOST_CHARACTERS} characters.")
        cell_type = cell.cell_type or "code"
        return cell_type, self._shown(cell) if cell_type == "markdown" else cell.source

    def _shown(self, cell: Written) -> str:
        """Return Markdown that can do nothing, its pictures in the text."""
        self.markdown -= len(cell.source)
        if self.markdown < 0:
            return as_written(cell.source)
        return clean_markdown(self._with_pictures(cell) if cell.attachments else cell.source)

    def _with_pictures(self, cell: Written) -> str:
        """Return the text with its pictures in it, each where it is mentioned: of two names the longer one."""
        lengths = sorted({len(name) for name in cell.attachments if 0 < len(name) <= LONGEST_NAME}, reverse=True)
        addresses: dict[str, str] = {}
        first, *parts = cell.source.split(ATTACHMENT)
        shown = [first]
        for part in parts:
            name = next((part[:n] for n in lengths if n <= len(part) and part[:n] in cell.attachments), "")
            if name not in addresses:
                addresses[name] = _address(cell.attachments.get(name))
            if addresses[name] and len(addresses[name]) <= self.pictures:
                self.pictures -= len(addresses[name])
                shown.append(addresses[name] + part[len(name) :])
            else:
                shown.append(ATTACHMENT + part)
        return "".join(shown)


def _address(kinds: Any) -> str:
    """Return a picture that came as an attachment as an address that holds it; "" if it is none."""
    for kind in PICTURES if isinstance(kinds, dict) else ():
        if data := picture(kind, kinds.get(kind)):
            return f"data:{kind};base64,{data}"
    return ""
