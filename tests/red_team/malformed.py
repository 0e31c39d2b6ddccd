"""Files that are no notebooks, or hardly: what an editor, a disk or a student may make of one."""

from __future__ import annotations

import copy
import json
from typing import Any

from red_team.cells import ALL, RIGHT
from red_team.submission import Edit, Hostile, Notebook, both, grade_id, text_of, write


def content(data: bytes) -> Edit:
    return lambda notebook: data


def rewritten(change: Any) -> Edit:
    """Write right answers, then change the file's text."""

    def edit(notebook: Notebook) -> bytes:
        write(**RIGHT)(notebook)
        result: bytes = change(json.dumps(notebook))
        return result

    return edit


def everywhere(value: Any) -> Edit:
    """Right answers, and `value` wherever a notebook has something else than a source and a grade_id."""

    def edit(notebook: Notebook) -> None:
        write(**RIGHT)(notebook)
        for cell in notebook["cells"]:
            marks = cell.get("metadata", {}).get("nbgrader", {})
            for name in [name for name in marks if name != "grade_id"]:
                marks[name] = value
            for name in ("outputs", "execution_count", "id", "attachments"):
                cell[name] = copy.deepcopy(value)
        notebook["metadata"] = {"kernelspec": value, "language_info": value, "celltoolbar": value}

    return edit


def cells_of(value: Any) -> Edit:
    return lambda notebook: notebook.update(cells=value)


def source_as(change: Any) -> Edit:
    def edit(notebook: Notebook) -> None:
        write(**RIGHT)(notebook)
        for cell in notebook["cells"]:
            if grade_id(cell).startswith("answer-"):
                cell["source"] = change(text_of(cell))

    return edit


def strangers(notebook: Notebook) -> None:
    """Put what is no cell between the cells."""
    write(**RIGHT)(notebook)
    odd = [None, 3, "cell", [], [[]], {}, {"cell_type": "code"}, {"cell_type": 7, "source": 7}, {"metadata": 3},
           {"cell_type": "heading", "source": "x", "level": "one"}, {"cell_type": "code", "metadata": {"nbgrader": 1}},
           {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": ["answer-double"]}}, "source": {}},
           {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": None}}, "source": [1, None]}]  # fmt: skip
    for number, one in enumerate(odd):
        notebook["cells"].insert(2 * number, one)


def old_format(notebook: Notebook) -> Notebook:
    """As nbformat 3 had it: worksheets, `input`, and no nbgrader of today."""
    write(**RIGHT)(notebook)
    cells = [
        {**{k: v for k, v in cell.items() if k != "source"}, "input": cell["source"], "language": "python"}
        if cell["cell_type"] == "code"
        else cell
        for cell in notebook["cells"]
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


def about(**values: Any) -> Edit:
    return both(write(**RIGHT), lambda notebook: notebook.update(values))


def without(*names: str) -> Edit:
    def edit(notebook: Notebook) -> None:
        write(**RIGHT)(notebook)
        for cell in notebook["cells"]:
            for name in names:
                cell.pop(name, None)

    return edit


def mangled(name: str, tries: str, edit: Edit, stock: str = "stopped") -> Hostile:
    return Hostile(name, tries, "double", edit, {}, stock)


def readable(name: str, tries: str, edit: Edit, stock: str = "stopped") -> Hostile:
    """What can be read of it is right, and deserves all."""
    return Hostile(name, tries, "double", edit, ALL, stock)


NAN = '{"metadata": {"x": NaN, "y": Infinity, "z": 1e999, "n": -0}, '
BIG = b'{"cells": [], "metadata": {"x": "' + b"x" * (50 * 2**20) + b'"}, "nbformat": 4, "nbformat_minor": 5}'

SUBMISSIONS = (
    mangled("is-empty", "an empty file", content(b"")),
    mangled("is-no-json", "a text", content(b"my dog ate it")),
    mangled("is-binary", "random bytes", content(bytes(range(256)) * 40)),
    mangled("is-zeros", "a file of zero bytes, as a full disk leaves it", content(b"\0" * 5000)),
    mangled("is-cut-off", "a file that ends in the middle", rewritten(lambda text: text[: len(text) // 2].encode())),
    mangled("is-null", "the JSON value null", content(b"null")),
    mangled("is-a-list", "a JSON list", content(b"[1, 2, [3]]")),
    mangled("is-a-number", "a JSON number that no float holds", content(b"9" * 5000)),
    mangled("is-deep", "a hundred thousand lists in one another", content(b"[" * 100_000 + b"]" * 100_000)),
    mangled("is-deep-in-metadata", "metadata that is a hundred thousand deep",
            content(b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": ' + b'{"a":' * 100_000 + b"1"
                    + b"}" * 100_000 + b"}")),
    mangled("is-huge", "50 MB of metadata", content(BIG), stock="held"),
    mangled("has-no-cells", "no cells", cells_of([]), stock="held"),
    mangled("cells-are-a-dict", "cells that are a dict", cells_of({"0": {"cell_type": "code", "source": "x"}})),
    mangled("cells-are-text", "cells that are a text", cells_of("double = 2")),
    readable("is-utf-16", "UTF-16", rewritten(lambda text: text.encode("utf-16"))),
    readable("has-a-bom", "a byte order mark", rewritten(lambda text: text.encode("utf-8-sig"))),
    readable("is-latin-1", "Latin-1 in a comment", both(write(**{**RIGHT, "double": RIGHT["double"] + "  # né"}),
             lambda notebook: json.dumps(notebook, ensure_ascii=False).encode("latin-1"))),
    readable("half-characters", "lone surrogates in sources and ids",
             both(write(**{**RIGHT, "double": RIGHT["double"] + "  # \ud83d"}),
                  lambda notebook: notebook["metadata"].update(title="\udcff\ud800"))),
    readable("not-numbers", "NaN and Infinity", rewritten(lambda text: (NAN + text[1:]).encode())),
    readable("keys-twice", "JSON keys twice", rewritten(
        lambda text: (text[:-1] + ', "metadata": {}, "nbformat": 4}').encode())),
    readable("strangers", "numbers, texts and lists between the cells", strangers),
    readable("wrong-types-null", "null wherever something else belongs", everywhere(None)),
    readable("wrong-types-list", "lists wherever something else belongs", everywhere([[]])),
    readable("wrong-types-number", "numbers wherever something else belongs", everywhere(-1)),
    readable("wrong-types-text", "texts wherever something else belongs", everywhere("x" * 300)),
    readable("wrong-types-dict", "dicts wherever something else belongs", everywhere({"a": {"b": None}})),
    readable("source-is-lines", "sources as lists of lines", source_as(lambda text: text.splitlines(keepends=True)),
             stock="held"),
    readable("dos-lines", "line ends of Windows and old Macs", source_as(lambda text: text.replace("\n", "\r\n")),
             stock="held"),
    mangled("source-is-a-number", "sources that are numbers", source_as(lambda text: 3)),
    mangled("source-is-null", "sources that are null", source_as(lambda text: None)),
    mangled("source-has-nulls", "zero bytes in the sources", source_as(lambda text: "\0" + text), stock="held"),
    readable("format-99", "nbformat 99", about(nbformat=99)),
    readable("format-text", "nbformat as a text", about(nbformat="4", nbformat_minor="x")),
    Hostile("format-3", "the file format of 2013", "double", old_format, ALL, "held"),
    readable("no-format", "neither nbformat nor metadata", both(write(**RIGHT), lambda notebook: {
        "cells": notebook["cells"]})),
    readable("cells-lack-parts", "cells without ids, outputs, counts", without("id", "outputs", "execution_count"),
             stock="held"),
    readable("more-keys", "keys that no notebook has", both(write(**RIGHT), lambda notebook: [
        cell.update(points=100, score=100, __class__="x", extra={"a": [1]}) for cell in notebook["cells"]] and None)),
)  # fmt: skip
