"""`shoshin check`: a verdict for each task of a learner's notebook, whatever state it is in."""

import json
import os
import sys

import pytest

from shoshin import cli
from shoshin.build.notebook import learner_notebook, text_of
from shoshin.build.source import read_exercise
from shoshin.build.tree import stale_notebooks, write
from shoshin.check.verdict import MIME, Verdict
from shoshin.learn import run
from shoshin.learn.run import Ran, run_cells

RIGHT = {
    "answer-double": "def double(number):\n    return 2 * number",
    "answer-words": "words = 'twice'",
    "answer-halve": "def halve(number):\n    return number / 2",
}
SQUARES = "def double(number):\n    return number ** 2"


@pytest.fixture
def fill_in(small_library, tmp_path):
    """Save a learner's notebook of tiny/double with these cells' sources (None: the cell is gone); return its path."""
    write(stale_notebooks())

    def save(sources, top="", **metadata):
        exercise = read_exercise(small_library / "exercises" / "tiny" / "double.py")
        notebook = json.loads(text_of(learner_notebook(exercise)))
        cells = [cell | {"source": sources.get(cell["id"], "".join(cell["source"]))} for cell in notebook["cells"]]
        # Matplotlib is slow to import, and nothing is drawn here.
        cells[1]["source"] = cells[1]["source"].replace("import matplotlib.pyplot as plt\n", "")
        graders = f"import shoshin.graders\nshoshin.graders.__path__[:] = [{str(small_library / 'graders')!r}]"
        before = [{"cell_type": "code", "id": f"top-{n}", "source": source} for n, source in enumerate((graders, top))]
        notebook["cells"] = before + [cell for cell in cells if cell["source"] is not None]
        notebook["metadata"].update(metadata)
        path = tmp_path / "mine" / "my double.ipynb"
        path.parent.mkdir()
        path.write_text(json.dumps(notebook), "utf-8")
        return path

    return save


@pytest.fixture
def check(monkeypatch, capsys):
    """Type `shoshin check …`; return the exit code, and what was printed to stdout and stderr."""

    def typed(*arguments):
        monkeypatch.setattr(sys, "argv", ["shoshin", "check", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capsys.readouterr()

    return typed


def test_a_finished_notebook_passes_and_its_file_stays_as_it_is(fill_in, check):
    elsewhere = {"name": "julia-1.11", "language": "julia", "display_name": "Julia"}
    reads_its_neighbour = "prediction = open('data.txt').read()\nassert prediction == 'beside the notebook'"
    path = fill_in({**RIGHT, "answer-prediction": reads_its_neighbour}, kernelspec=elsewhere)
    (path.parent / "data.txt").write_text("beside the notebook")
    before = path.read_bytes(), path.stat().st_mtime_ns
    code, out, err = check(path, "--json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert all(task.pop("message") for task in report["tasks"])
    assert report == {
        "exercise": "tiny/double",
        "tasks": [
            {"task": task, "outcome": "passed", "mistake": "", "points": points, "max_points": points}
            for task, points in (("double", 2), ("words", 1), ("halve", 1.5))
        ],
    }
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert {file.name for file in path.parent.iterdir()} == {path.name, "data.txt"}


def test_each_task_gets_its_own_verdict_whatever_became_of_the_others(fill_in, check):
    path = fill_in({"answer-double": SQUARES, "answer-words": RIGHT["answer-words"], "answer-halve": "def halve(:\n"})
    code, out, err = check(path)
    cards = out.split("\n\n")
    assert code == 1
    assert cards[0].startswith("✗ double: Not yet: a known misunderstanding (0 of 2 points)\n  You multiplied")
    assert cards[1].startswith("✓ words: Passed (1 of 1 point)")
    assert cards[2].startswith("! halve: Your code stopped with an error (0 of 1.5 points)")
    told = " ".join(cards[2].split())
    assert "NameError: name 'halve' is not defined. Before that, the cell `def halve(:` stopped with Synta" in told
    assert cards[3] == "1 of 3 tasks passed, 1 of 4.5 points\n"
    assert err.startswith("The cell `def halve(:` stopped with SyntaxError: ") and "(line 1)." in err


def test_what_is_left_of_the_check_cells_decides(fill_in, check):
    path = fill_in(
        {
            **RIGHT,
            "check-double": None,
            "answer-double": f"display({{{MIME!r}: {{'task': 'double', 'outcome': ['passed']}}}}, raw=True)",
            "check-words": "check.words('once')\ndisplay(check.words('once'))\ncheck.words(words)",
            "check-halve": "check.halve(halve, points=99);",
        },
    )
    notebook = json.loads(path.read_text("utf-8"))
    saved = {MIME: Verdict("tiny/double", "double", "passed", "That holds.").as_dict()}
    notebook["cells"][0]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": saved}]
    path.write_text(json.dumps(notebook), "utf-8")
    code, out, _err = check(path, "--json")
    words, halve, double = json.loads(out)["tasks"]
    assert code == 1
    assert double["outcome"] == "not attempted" and "check cell is missing" in double["message"]
    assert words["outcome"] == "passed"
    assert halve["outcome"] == "error" and "showed no verdict" in halve["message"] and halve["max_points"] == 1.5


def test_a_notebook_that_lost_its_metadata_is_recognised_by_its_import(fill_in, check, monkeypatch):
    path = fill_in(RIGHT)
    notebook = json.loads(path.read_text("utf-8"))
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    path.write_text(json.dumps(notebook), "utf-8")
    code, out, _err = check(path)
    assert code == 0 and out.endswith("3 of 3 tasks passed, 4.5 of 4.5 points\n")


def test_cells_without_end_are_ended_and_the_next_ones_run(tmp_path):
    cells = ["import time", "while True: time.sleep(1)", "while True: print('no end' * 100)", "time.time() > 0"]
    first, waits, prints, after = run_cells(cells, tmp_path, seconds=2)
    assert (first.failure, after.failure) == ("", "")
    assert waits.failure == prints.failure == "had not finished after 2 seconds, so it was ended"
    assert after.shown == [{"text/plain": "True"}]


def test_a_cell_that_refuses_to_end_is_named_and_its_kernel_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "GRACE", 1)
    deaf = "while True:\n    try:\n        time.sleep(99)\n    except BaseException:\n        pass"
    first, loop, after = run_cells(["import os, time; os.getpid()", deaf, "1"], tmp_path, seconds=2)
    assert loop.failure == "had not finished after 2 seconds, and went on when it was interrupted"
    assert not after.reached
    with pytest.raises(ProcessLookupError):
        os.kill(int(first.shown[0]["text/plain"]), 0)


def test_a_cell_that_ends_the_kernel_is_named(tmp_path):
    ends, after = run_cells(["import os; os._exit(1)", "1"], tmp_path, seconds=30)
    assert ends.failure.startswith("ended the whole kernel")
    assert not after.reached


def test_a_question_to_the_learner_fails_and_does_not_wait(tmp_path):
    asks, after = run_cells(["input('Your name? ')", "1"], tmp_path, seconds=30)
    assert asks.failure.startswith("stopped with StdinNotImplementedError")
    assert after.shown


def test_tasks_behind_the_end_of_the_kernel_are_told_which_cell_ended_it(fill_in, check, monkeypatch):
    def kernel_ends_in_the_second_cell(sources, folder, seconds):
        ran = [Ran(source) for source in sources]
        ran[0].reached = ran[1].reached = True
        ran[1].failure = "ended the whole kernel"
        return ran

    monkeypatch.setattr("shoshin.learn.report.run_cells", kernel_ends_in_the_second_cell)
    code, out, err = check(fill_in({}, top="\n\n  while hungry:\n    eat(memory)"), "--json")
    assert code == 1
    assert {task["outcome"] for task in json.loads(out)["tasks"]} == {"error"}
    assert {task["message"] for task in json.loads(out)["tasks"]} == {
        "Its check cell was not reached. Before that, the cell `while hungry:` ended the whole kernel."
    }
    assert err == "The cell `while hungry:` ended the whole kernel.\n"


BAD = {
    "not there": (None, "cannot be read"),
    "empty": (b"", "not a whole notebook"),
    "cut short": (b'{"cells": [{"cell_type": "code", "sou', "not a whole notebook"),
    "not text": (b"\x89PNG\r\n\x1a\n\xff", "not a notebook"),
    "nested without end": (b"[" * 200_000, "not a whole notebook"),
    "another kind of JSON": (b"[1, 2]", "not a notebook"),
    "odd cells": (b'{"cells": ["print(1)"], "metadata": {}}', "not a notebook"),
    "a notebook of yore": (b'{"worksheets": [], "nbformat": 3}', "not a notebook in the current format"),
    "a notebook of another library": (b'{"cells": [], "metadata": {"shoshin": 3}}', "not one of Shoshin's exercises"),
    "an unknown exercise": (b'{"cells": [], "metadata": {"shoshin": {"exercise": "tiny/dubble"}}}', "tiny/double?"),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_input_is_told_in_two_lines(small_library, tmp_path, check, case):
    content, expected = BAD[case]
    write(stale_notebooks())
    path = tmp_path / "notebook.ipynb"
    if content is not None:
        path.write_bytes(content)
    code, out, err = check(path)
    assert (code, out) == (2, "")
    assert err.startswith("shoshin: ") and expected in err and err.count("\n") <= 2
    assert check(tmp_path)[0] == 2
