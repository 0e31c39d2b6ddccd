"""A worked exploration becomes a post or slides: the learner's own figures, numbers and decision, and no invention."""

import base64
import json

import pytest

from shoshin import library
from shoshin.check.verdict import MIME, Verdict
from shoshin.errors import ShoshinError
from shoshin.learn import history, share

EXERCISE = "explore/pandas_vs_dask"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
DECISION = 'decision = """\nAbove 8 days we take Dask.\n"""'


@pytest.fixture
def worked(tmp_path):
    """The learner's notebook, with a decision, a prediction, a figure, numbers and a verdict in it."""
    notebook = json.loads(library.entry(EXERCISE).notebook.read_text("utf-8"))
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    cells["answer-decision"]["source"] = DECISION
    cells["answer-prediction"]["source"] = "prediction = 31"
    after = next(cell for cell in notebook["cells"] if cell["id"] == "check-combine")
    after["outputs"] = [
        {"output_type": "execute_result", "data": {MIME: Verdict(EXERCISE, "combine", "passed", "").as_dict()}}
    ]
    given = notebook["cells"][notebook["cells"].index(after) + 1]
    given["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": [f"line {number}\n" for number in range(20)]},
        {"output_type": "stream", "name": "stderr", "text": "a warning"},
        {"output_type": "display_data", "data": {"image/png": PIXEL, "text/plain": "<Figure>"}},
    ]
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def lessons():
    at = "2026-11-22T12:00:00+00:00"
    one = {"at": at, "exercise": EXERCISE, "task": "measure", "outcome": "mistake", "mistake": "after_minus_before"}
    return history.history([one, one | {"outcome": "passed", "mistake": ""}])


def test_a_post_holds_what_is_the_learners_and_gaps_for_the_rest(worked, tmp_path):
    page, picture = share.share(worked, "post", tmp_path / "out", lessons())
    text = page.read_text("utf-8")
    assert picture.read_bytes() == base64.b64decode(PIXEL) and f"]({picture.name})" in text
    assert "Above 8 days we take Dask." in text
    assert "- prediction: 31" in text
    assert "line 11" in text and "line 12\n" not in text and "… (8 more lines)" in text
    assert "a warning" not in text
    assert "After minus before: You read the gauge before and after the job." in text
    assert "1 of its 6 tasks were passed" in text
    assert text.count("[Your sentence:") >= 3


def test_what_is_missing_becomes_a_gap_and_nothing_is_invented(worked, tmp_path):
    notebook = json.loads(worked.read_text())
    original = json.loads(library.entry(EXERCISE).notebook.read_text("utf-8"))
    for cell, was in zip(notebook["cells"], original["cells"], strict=True):
        cell["source"] = was["source"]
    worked.write_text(json.dumps(notebook))
    (page, _picture) = share.share(worked, "post", tmp_path / "out", history.history([]))
    text = page.read_text("utf-8")
    assert "## What I decided\n\n[Your sentence: your decision, in three sentences]" in text
    assert "## Lessons learned\n\n[Your sentence:" in text
    assert "What I expected" not in text
    assert "we stay with pandas" not in text, "the author's decision is not the learner's"


def test_slides_are_one_page_with_the_same_content(worked, tmp_path):
    (page,) = share.share(worked, "slides", tmp_path / "out", lessons())
    text = page.read_text("utf-8")
    assert "reveal" in text and PIXEL in text and "Above 8 days we take Dask." in text
    assert "[Your sentence:" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("no json", "is not a notebook of Shoshin's exercises"),
        ('{"cells": [], "metadata": {}}', "is not a notebook of Shoshin's exercises"),
        (None, "cannot be read"),
    ],
)
def test_another_file_is_refused_in_a_sentence(content, words, tmp_path):
    path = tmp_path / "other.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ShoshinError, match=words):
        share.share(path, "post", tmp_path, history.history([]))


def test_a_notebook_that_was_not_run_and_an_unknown_form_are_refused(worked, tmp_path):
    with pytest.raises(ShoshinError, match="holds no results yet"):
        share.share(library.entry(EXERCISE).notebook, "post", tmp_path, history.history([]))
    with pytest.raises(ShoshinError, match=r"no form 'video'\. Take one of post, slides"):
        share.share(worked, "video", tmp_path, history.history([]))
    (tmp_path / "taken").touch()
    with pytest.raises(ShoshinError, match="cannot be written"):
        share.share(worked, "post", tmp_path / "taken", history.history([]))
