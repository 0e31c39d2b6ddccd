"""Whatever learners do to their notebook, a new version of the exercise loses nothing of it."""

import copy
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoshin import library
from shoshin.learn.carry import carry, hashes

OLD = json.loads((library.tree("notebooks") / "models/standardise_without_leakage.ipynb").read_text("utf-8"))


def role(cell: dict) -> str:
    return cell["metadata"].get("shoshin", {}).get("role", "")


def source(cell: dict) -> str:
    return "".join(cell["source"])


def newer() -> dict:
    """Another version: a new first text, one more cell near the top, a task that is gone, another start of a task."""
    new = copy.deepcopy(OLD)
    new["cells"][1]["source"] = "Another story."
    gone = next(
        cell for cell in new["cells"] if role(cell) == "answer" and cell["metadata"]["shoshin"]["task"] == "leaks"
    )
    new["cells"].remove(gone)
    new["cells"].insert(3, {"cell_type": "markdown", "id": "cell-99", "metadata": {}, "source": "One more."})
    return new


NEW = newer()
words = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=30).map(
    lambda text: f"mine: {text}"
)
place = st.integers(0, len(OLD["cells"]) - 1)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), place, words),
        st.tuples(st.just("add"), place, words),
        st.tuples(st.just("copy"), place, place),
        st.tuples(st.just("move"), place, place),
        st.tuples(st.just("delete"), place, place),
        st.tuples(st.just("strip"), place, place),
    ),
    max_size=12,
)


def apply(changes) -> dict:
    mine = copy.deepcopy(OLD)
    for number, (kind, where, what) in enumerate(changes):
        cells = mine["cells"]
        where %= max(1, len(cells))
        if kind == "add":
            cells.insert(
                where, {"cell_type": "code", "id": f"new{number}", "metadata": {}, "source": what, "outputs": []}
            )
        elif cells and kind == "edit":
            cells[where]["source"] = what
        elif cells and kind == "copy":
            cells.insert(what % len(cells), copy.deepcopy(cells[where]) | {"id": f"copy{number}"})
        elif cells and kind == "move":
            cells.insert(what % len(cells), cells.pop(where))
        elif cells and kind == "delete":
            cells.pop(where)
        elif cells and kind == "strip":
            cells[where]["metadata"] = {}
    return mine


@settings(max_examples=300, deadline=None)
@given(edits, st.booleans())
def test_every_word_of_the_learner_is_in_the_new_version_or_named_as_lost(changes, manifest_is_there):
    mine = apply(changes)
    before = copy.deepcopy(mine)
    result = carry(mine, hashes(OLD) if manifest_is_there else {}, NEW)
    assert mine == before
    arrived = [source(cell) for cell in result.notebook["cells"]]
    for cell in mine["cells"]:
        if source(cell).startswith("mine: "):
            assert source(cell) in arrived or result.lost
    # The new version is complete, in its order; only answers differ from it.
    ours = [cell for cell in result.notebook["cells"] if cell["id"] in hashes(NEW)]
    assert [cell["id"] for cell in ours] == [cell["id"] for cell in NEW["cells"]]
    for cell, new in zip(ours, NEW["cells"], strict=True):
        assert role(new) == "answer" or source(cell) == source(new)
    ids = [cell["id"] for cell in result.notebook["cells"]]
    assert len(ids) == len(set(ids))
    nbformat.validate(nbformat.from_dict(result.notebook))


@settings(max_examples=100, deadline=None)
@given(edits)
def test_carrying_twice_is_carrying_once(changes):
    once = carry(apply(changes), hashes(OLD), NEW).notebook
    again = carry(once, hashes(NEW), NEW)
    assert again.notebook["cells"] == once["cells"]
    assert again.lost == []


def test_answers_and_free_cells_find_their_places():
    mine = copy.deepcopy(OLD)
    by_id = {cell["id"]: cell for cell in mine["cells"]}
    by_id["answer-standardise"]["source"] = "def standardise(train, test):\n    return 1"
    by_id["answer-standardise"]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hello"}]
    at = mine["cells"].index(by_id["answer-standardise"])
    mine["cells"].insert(at + 1, {"cell_type": "markdown", "id": "note", "metadata": {}, "source": "mine: a note"})
    result = carry(mine, hashes(OLD), NEW)
    assert result.lost == []
    texts = [source(cell) for cell in result.notebook["cells"]]
    at = texts.index("def standardise(train, test):\n    return 1")
    assert result.notebook["cells"][at]["outputs"][0]["text"] == "hello"
    assert texts[at + 1] == "mine: a note"
    assert "Another story." in texts and "One more." in texts


def test_an_answer_that_was_not_begun_takes_the_new_start():
    new = copy.deepcopy(NEW)
    start = next(cell for cell in new["cells"] if cell["id"] == "answer-standardise")
    start["source"] = "def standardise(train, test, by):\n    # Your code here\n    ..."
    for delivered in (hashes(OLD), {}):
        cells = carry(OLD, delivered, new).notebook["cells"]
        assert [cell["source"] for cell in cells if cell["id"] == "answer-standardise"] == [start["source"]]


@pytest.mark.parametrize("broken", [{}, [], {"cells": 3}, {"cells": ["text"]}, None])
def test_what_is_no_notebook_is_refused(broken):
    with pytest.raises(ValueError, match="not a notebook"):
        carry(broken, {}, NEW)
