"""Read the cells of a notebook file that somebody handed in, however mangled it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

MOST_BYTES = 128 * 2**20
MOST_BYTES_BESIDE_OUTPUTS = 48 * 2**20
MOST_MARKS = 2_000_000  # brackets and commas: each costs memory
MOST_CELLS = 20_000
MOST_CHARACTERS = 2**18  # of a cell's source
OUTPUTS = re.compile(rb'"outputs"\s*:\s*\[')  # inside a text, the quotation marks would be escaped
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)  # a text without an end takes the rest
UNFIT = re.compile("[\0\ud800-\udfff]")  # what no UTF-8 file, database or socket takes
OLD_TYPES = {"heading": "markdown", "html": "markdown"}  # of nbformat 3


class Unreadable(ValueError):
    """The file is not a notebook, or is none that can be read; the message says why, after "the file"."""


@dataclass(frozen=True)
class Written:
    """What a cell of the file says. `marked` is nbgrader's id, `id` nbformat's; both may be anything, or "".

    `cell_type` is "" where the file says nothing of use; `cut` tells that the source was longer.
    """

    cell_type: str
    source: str
    marked: str = ""
    id: str = ""
    attachments: dict[str, Any] = field(default_factory=dict)
    cut: bool = False


def cells_of(data: bytes) -> list[Written]:
    """Return the cells of a notebook file, of any version of the format.

    Raises:
        Unreadable: if there is no telling what they are.
    """
    if not data.strip():
        raise Unreadable("is empty")
    if len(data) > MOST_BYTES:
        raise Unreadable(f"is larger than {MOST_BYTES // 2**20} MB")
    try:
        notebook = _parsed(_without_outputs(_as_utf8(data)))
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except (ValueError, MemoryError):
        raise Unreadable("is not JSON") from None
    if not isinstance(notebook, dict):
        raise Unreadable("is not a notebook")
    cells = [_written(cell) for cell in islice(_cells(notebook), MOST_CELLS)]
    if not cells:
        raise Unreadable("holds no cells")
    return cells


def harmless(text: str) -> str:
    """Return a text that every file, socket and database takes, its lines ended by "\\n"."""
    return UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def joined(value: Any) -> str:
    """Return a text that is stored whole or in lines, and nothing of what is no text."""
    if isinstance(value, str):
        return value
    texts, left = [], [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, list):
            left.extend(reversed(one))
    return "".join(texts)


def _as_utf8(data: bytes) -> bytes:
    encoding = json.detect_encoding(data)
    return data if encoding == "utf-8" else data.decode(encoding, "replace").encode("utf-8", "replace")


def _without_outputs(data: bytes) -> bytes:
    """Return the file without what its cells put out, which may be most of it and is never looked at."""
    kept, position, tokens = [], 0, 0
    while found := OUTPUTS.search(data, position):
        kept.append(data[position : found.end()])
        depth, position = 1, len(data)
        for token in TOKEN.finditer(data, found.end()):
            tokens += 1
            first = data[token.start()]
            depth += (first in b"[{") - (first in b"]}")
            if not depth:
                position = token.start()
                break
            if tokens > MOST_MARKS:
                raise Unreadable("holds more output than can be read")
    kept.append(data[position:])
    return b"".join(kept)


def _parsed(data: bytes) -> Any:
    if len(data) > MOST_BYTES_BESIDE_OUTPUTS or sum(map(data.count, (b"[", b"{", b","))) > MOST_MARKS:
        raise Unreadable("is larger than a notebook without its output can be")
    # No number matters, and one of a million digits would take its time.
    text = data.decode("utf-8", "replace")
    return json.loads(text, parse_int=_nothing, parse_float=_nothing, parse_constant=_nothing)


def _nothing(_digits: str) -> None:
    return None


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sheets = notebook.get("worksheets")  # of nbformat 3
    for sheet in [notebook, *(sheets if isinstance(sheets, list) else [])]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        if isinstance(cells, dict):
            cells = [cells] if "source" in cells else list(cells.values())
        for cell in cells if isinstance(cells, list) else []:
            if isinstance(cell, dict):
                yield cell


def _written(cell: dict[str, Any]) -> Written:
    cell_type = cell.get("cell_type")
    cell_type = OLD_TYPES.get(cell_type, cell_type) if isinstance(cell_type, str) else ""
    if cell_type not in ("code", "markdown", "raw"):
        cell_type = "code" if {"outputs", "execution_count", "input"} & cell.keys() else ""
    source = joined(cell.get("source", cell.get("input")))
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    marked = marks.get("grade_id") if isinstance(marks, dict) else None
    attachments = cell.get("attachments")
    return Written(
        cell_type=cell_type,
        source=harmless(source[: MOST_CHARACTERS + 1])[:MOST_CHARACTERS],
        marked=marked if isinstance(marked, str) else "",
        id=cell["id"] if isinstance(cell.get("id"), str) else "",
        attachments=attachments if isinstance(attachments, dict) else {},
        cut=len(source) > MOST_CHARACTERS,
    )
