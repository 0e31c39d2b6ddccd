"""The CI runner finds whatever is planted, names its cell, and never hangs."""
# ruff: noqa: E402

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest

from shoshin import library

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "ci"))

import currency
import environment
import lane
import results
import run_notebooks
from execution import Execution, execute
from findings import VERDICT, Finding, findings, summary, verdicts
from rich.console import Console

GRADER = """
import warnings
from shoshin import Check

@Check
def double(x):
    return 2 * x

@double.case
def three(rng):
    return 3

@double.mistake
def squares(x):
    \"\"\"You squared it.\"\"\"
    return x**2

@double.probe
def drive(answer, x):
    return answer(x)
"""
RIGHT = "def answer(x):\n    return 2 * x"
JUDGE = "double(answer)"


def notebook(*cells: str) -> nbformat.NotebookNode:
    """Return a notebook of one exercise, whose task is `double` and whose grader is its first cell."""
    made = nbformat.v4.new_notebook(metadata={"shoshin": {"tasks": [{"task": "double", "points": 1}]}})
    made.cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate((GRADER, *cells), 1)]
    return made


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[Execution, dict]]:
    def run(*cells: str, **limits: int) -> tuple[Execution, dict]:
        path = tmp_path / "planted.ipynb"
        nbformat.write(notebook(*cells), path)
        execution = asyncio.run(execute(path, **limits))
        return execution, json.loads(path.read_text("utf-8"))

    return run


def test_a_notebook_that_keeps_the_promise_of_its_form_has_no_findings(run) -> None:
    execution, done = run(RIGHT, JUDGE)
    assert findings(done, "solved", execution.stopped) == []
    assert summary(done) == "1 passed"
    assert execution.memory > 20, "the kernel's peak memory, in MB"
    assert execution.seconds > 0


def test_an_untouched_notebook_whose_check_passes_is_found(run) -> None:
    _, done = run(RIGHT, JUDGE)
    (finding,) = findings(done, "untouched")
    assert finding.cell == "cell 3 (cell-3): double(answer)"
    assert finding.text.startswith("double: passed, not 'not attempted'")


def test_an_error_is_found_with_its_cell_and_ends_the_search_for_verdicts(run) -> None:
    _, done = run("fine = 1", "# a comment comes first\n1 / 0", RIGHT, JUDGE)
    (finding,) = findings(done, "solved")
    assert finding == Finding("cell 3 (cell-3): # a comment comes first", "ZeroDivisionError: division by zero")


def test_a_check_that_fails_in_the_solved_form_is_found_with_the_mistake_and_its_feedback(run) -> None:
    _, done = run("def answer(x):\n    return x**2", JUDGE)
    (finding,) = findings(done, "solved")
    assert finding.text == "double: mistake (squares), not 'passed'. You squared it."


def test_a_task_whose_check_was_never_shown_is_found(run) -> None:
    _, done = run(RIGHT, JUDGE + ";")
    assert findings(done, "solved") == [Finding("", "the check of double left no verdict")]


def test_warnings_that_announce_a_removal_are_found_wherever_our_own_code_raises_them(run) -> None:
    execution, done = run(
        "warnings.warn('in a cell', FutureWarning)",
        "warnings.warn('old', DeprecationWarning)\nwarnings.warn('older', PendingDeprecationWarning)",
        "def answer(x):\n    warnings.warn('in the answer', FutureWarning)\n    return 2 * x",
        JUDGE,
        "import threading\nthread = threading.Thread(target=lambda: warnings.warn('in a thread', FutureWarning))\n"
        "thread.start()\nthread.join()",
        "for _ in range(3):\n    warnings.warn('three times', DeprecationWarning)",
    )
    texts = [finding.text for finding in findings(done, "solved", execution.stopped)]
    assert "FutureWarning: in a cell" in texts
    assert "DeprecationWarning: old" in texts
    assert "PendingDeprecationWarning: older" in texts
    assert "FutureWarning in the answer: in the answer [warnings.warn('in the answer', FutureWarning)]" in texts
    assert "FutureWarning: in a thread" in texts
    assert texts.count("DeprecationWarning: three times") == 1
    assert verdicts(done)[0]["outcome"] == "passed"


LIBRARY = """
import sys, types
def library(name, source):
    module = types.ModuleType(name)
    exec(compile(source, f"/elsewhere/{name}.py", "exec"), vars(module))
    sys.modules[name] = module
    return module
inner = library("inner", '''
import warnings
def blames_itself():
    warnings.warn("call me otherwise", FutureWarning)
def old():
    warnings.warn("an inner matter", DeprecationWarning)
''')
outer = library("outer", '''
import inner
def calls_inner():
    inner.blames_itself()
''')
"""


def test_a_library_that_blames_itself_is_our_finding_only_if_we_called_it(run) -> None:
    _, done = run(LIBRARY, "inner.blames_itself()", "outer.calls_inner()", "inner.old()", RIGHT, JUDGE)
    assert findings(done, "solved") == [
        Finding("cell 3 (cell-3): inner.blames_itself()", "FutureWarning: call me otherwise")
    ]


def test_a_kernel_that_dies_is_reported_with_the_cell_it_died_in(run) -> None:
    execution, done = run("fine = 1", "import os\nos._exit(1)", RIGHT, JUDGE)
    (finding,) = findings(done, "solved", execution.stopped)
    assert finding == Finding("cell 3 (cell-3): import os", "the kernel died while this cell ran")


def test_a_cell_that_never_ends_is_reported(run) -> None:
    execution, done = run("while True: pass", JUDGE, cell_seconds=2)
    (finding,) = findings(done, "solved", execution.stopped)
    assert finding == Finding("cell 2 (cell-2): while True: pass", "the cell had not finished after 2 seconds")


def test_the_kernel_is_the_running_interpreter_in_an_empty_folder(run, tmp_path, monkeypatch) -> None:
    spec = tmp_path / "share" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    _, done = run("import os, sys\n[sys.executable, sys.path, os.getcwd(), os.listdir()]")
    executable, path, folder, files = eval("".join(done["cells"][1]["outputs"][0]["data"]["text/plain"]))
    assert executable == sys.executable
    assert str(ROOT / "ci") not in path
    assert files == []
    assert not Path(folder).exists(), "removed afterwards"


SOURCE = """# ---
# jupyter:
#   shoshin: {{title: Double, minutes: 5, level: 1}}
# ---

# %% [markdown]
# Twice is more than once.

# %%
{grader}

# %% answer="double"
def answer(x):
    ### BEGIN SOLUTION
    {solution}
    ### END SOLUTION

# %% check="double" points=2
check.double(answer)
"""


@pytest.fixture
def planted_exercise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function that writes the exercise planted/double with a given solution, and builds it."""
    from shoshin.build.notebook import learner_notebook, text_of
    from shoshin.build.source import read_exercise

    def plant(solution: str) -> Path:
        source = tmp_path / "exercises" / "planted" / "double.py"
        built = tmp_path / "notebooks" / "planted" / "double.ipynb"
        for path in (source, built):
            path.parent.mkdir(parents=True, exist_ok=True)
        grader = GRADER + "\nclass check:\n    double = double"
        source.write_text(SOURCE.format(grader=grader.strip(), solution=solution))
        built.write_text(text_of(learner_notebook(read_exercise(source))))
        monkeypatch.setattr(library, "CHECKOUT", tmp_path)
        monkeypatch.setattr(run_notebooks, "RUNS", tmp_path / "runs")
        monkeypatch.setattr(lane, "LANES", tmp_path / "lanes")
        monkeypatch.setattr(environment, "ENVIRONMENTS", tmp_path / "environments")
        (tmp_path / "lanes").mkdir(exist_ok=True)
        (tmp_path / "lanes" / "locked.txt").write_text(f"psutil=={psutil.__version__}\n")
        return tmp_path / "runs" / "locked" / "planted"

    return plant


def test_both_forms_are_run_and_kept_and_the_table_tells_their_verdicts(planted_exercise, capsys) -> None:
    kept = planted_exercise("return 2 * x")
    assert run_notebooks.main([]) == 0
    out = capsys.readouterr().out
    assert "1 passed" in out
    assert "1 not attempted" in out
    assert {path.name for path in kept.iterdir()} == {"double.solved.ipynb", "double.untouched.ipynb"}


def test_a_failure_is_reported_with_notebook_cell_and_error(planted_exercise, capsys) -> None:
    kept = planted_exercise("raise ValueError('boom')") / "double.solved.ipynb"
    run = asyncio.run(run_notebooks.run_one("planted/double", "solved", kept))
    run_notebooks.report([run], Console())
    out = capsys.readouterr().out
    assert "planted/double (solved), cell 5 (check-double): check.double(answer, points=2)" in out
    assert "double: error, not 'passed'. ValueError: boom" in out
    assert os.path.relpath(kept) in out
    assert "1 runs, 1 failed." in out


def test_memory_above_the_limit_is_a_failure_and_a_long_time_is_only_remarked(
    planted_exercise, monkeypatch, capsys
) -> None:
    async def execute_greedily(notebook: Path, **_: object) -> Execution:
        return Execution(seconds=61, memory=2001)

    planted_exercise("return 2 * x")
    monkeypatch.setattr(run_notebooks, "execute", execute_greedily)
    assert run_notebooks.main([]) == 1
    out = capsys.readouterr().out
    assert "the kernel took 2001 MB; the limit is 2000 MB" in out
    assert "Slow: planted/double (solved) took 61 s, more than 60 s." in out
    monkeypatch.setattr(run_notebooks, "findings", lambda *_: [])
    monkeypatch.setattr(run_notebooks, "MOST_MEMORY", 3000)
    assert run_notebooks.main([]) == 0


def test_an_exercise_without_its_notebook_fails_and_says_how_to_build_it(planted_exercise, tmp_path) -> None:
    planted_exercise("return 2 * x")
    (tmp_path / "notebooks" / "planted" / "double.ipynb").unlink()
    run = asyncio.run(run_notebooks.run_one("planted/double", "untouched", tmp_path / "kept.ipynb"))
    assert run.findings == [Finding("", "notebooks/planted/double.ipynb is missing; run: shoshin build planted/double")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--lane", "nowhere"], "There is no lane 'nowhere'. Known: locked."),
        (["planted/triple"], "There is no exercise 'planted/triple'. Did you mean planted/double?"),
    ],
)
def test_wrong_input_exits_with_2_and_one_line(arguments, words, planted_exercise, capsys) -> None:
    planted_exercise("return 2 * x")
    assert run_notebooks.main(arguments) == 2
    assert capsys.readouterr().err == f"run_notebooks: {words}\n"


def test_a_lane_with_an_unknown_package_is_refused_in_a_sentence(planted_exercise, tmp_path, capsys) -> None:
    planted_exercise("return 2 * x")
    (tmp_path / "lanes" / "locked.txt").write_text("# a comment\nno-such-package-of-ours==1\n")
    assert run_notebooks.main([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("run_notebooks: ci/lanes/locked.txt could not be installed. ")
    assert "no-such-package-of-ours" in said
    assert len(said.splitlines()) == 1


def test_a_lane_line_of_another_form_is_named(planted_exercise, tmp_path, capsys) -> None:
    planted_exercise("return 2 * x")
    (tmp_path / "lanes" / "locked.txt").write_text("psutil>=1\n")
    assert run_notebooks.main([]) == 2
    said = capsys.readouterr().err
    assert said == "run_notebooks: ci/lanes/locked.txt, line 1: write name==version, not 'psutil>=1'.\n"


def test_a_lane_without_its_interpreter_is_reported_as_not_run(planted_exercise, tmp_path, capsys, monkeypatch) -> None:
    planted_exercise("return 2 * x")
    (tmp_path / "lanes" / "colab.txt").write_text("psutil==1\n")
    monkeypatch.setattr(lane, "OURS", (lane.Lane("locked"), lane.Lane("colab", python="3.99", hosted=True)))
    assert run_notebooks.main(["--all-lanes"]) == 1
    assert "Lane colab: NOT RUN. lane colab: there is no Python 3.99 here" in capsys.readouterr().out
    assert set(results.read()["planted/double"]) == {"locked"}


def test_what_has_not_changed_is_not_run_again(planted_exercise, tmp_path, capsys) -> None:
    planted_exercise("return 2 * x")
    assert run_notebooks.main([]) == 0
    capsys.readouterr()
    assert run_notebooks.main([]) == 0
    assert "0 runs, none failed. 1 exercises were not run again" in " ".join(capsys.readouterr().out.split())
    assert run_notebooks.main(["--fresh"]) == 0
    assert "2 runs, none failed." in capsys.readouterr().out
    source = tmp_path / "exercises" / "planted" / "double.py"
    source.write_text(source.read_text() + "\n# %% [markdown]\n# One more sentence.\n")
    assert run_notebooks.main([]) == 0
    assert "2 runs, none failed." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("package", "path", "words"),
    [
        ("no_such_package", os.environ["PATH"], "no_such_package (pip install no_such_package), not installed here."),
        ("psutil", "", "Java 17 or newer (on Debian: apt install openjdk-17-jre-headless), not installed here."),
    ],
)
def test_an_exercise_without_its_package_or_program_is_left_out_visibly(
    package, path, words, planted_exercise, tmp_path, capsys, monkeypatch
) -> None:
    planted_exercise("return 2 * x")
    built = tmp_path / "notebooks" / "planted" / "double.ipynb"
    about = json.loads(built.read_text())
    about["metadata"]["shoshin"]["packages"] = [package]
    built.write_text(json.dumps(about))
    monkeypatch.setattr(library, "PROGRAMS", {"psutil": library.PROGRAMS["pyspark"]})
    monkeypatch.setenv("PATH", path)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert run_notebooks.main([]) == 0
    assert f"NOT RUN: planted/double needs {words}" in capsys.readouterr().out
    assert results.read()["planted/double"]["locked"].outcome == "lacks"
    assert run_notebooks.main([]) == 0
    assert "NOT RUN" in capsys.readouterr().out, "once the package is there, it must be run"


def test_a_failure_is_run_again_and_remembers_what_passed_last(planted_exercise, capsys) -> None:
    planted_exercise("return 2 * x")
    assert run_notebooks.main([]) == 0
    passed = results.read()["planted/double"]["locked"]
    planted_exercise("return 3 * x")
    for _ in range(2):
        assert run_notebooks.main([]) == 1
        assert "1 failed" in capsys.readouterr().out
    failed = results.read()["planted/double"]["locked"]
    assert (failed.outcome, failed.last_passed) == ("failed", passed.last_passed)


def test_a_run_dates_the_page_and_the_notebook_and_rendering_twice_changes_nothing(planted_exercise, tmp_path) -> None:
    planted_exercise("return 2 * x")
    assert run_notebooks.main([]) == 0
    today = results.read()["planted/double"]["locked"].date
    assert f"✓ {today}" in (tmp_path / "docs" / "CURRENCY.md").read_text()
    assert f"*Verified {today}*" in (tmp_path / "notebooks" / "planted" / "double.ipynb").read_text()
    assert currency.pages() == {}


def test_an_old_date_stands_out(planted_exercise, tmp_path) -> None:
    planted_exercise("return 2 * x")
    assert run_notebooks.main([]) == 0
    (result,) = results.read()["planted/double"].values()
    known = {"planted/double": {"locked": result, "oldest": dataclasses.replace(result, date="2020-01-01")}}
    (tmp_path / "lanes" / "oldest.txt").write_text("")
    assert "✓ 2020-01-01 **old**" in currency.page(known)


def test_a_release_that_breaks_a_notebook_is_named_with_both_versions(planted_exercise, tmp_path, monkeypatch) -> None:
    """The planted break: a library of ours has lost a function between two versions."""
    kept = planted_exercise("import abacus; return abacus.twice(x)")
    folder = tmp_path / "site-packages"
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)

    def release(version: str, source: str) -> None:
        for old in folder.glob("abacus*"):
            shutil.rmtree(old)
        (folder / "abacus").mkdir(parents=True)
        (folder / "abacus" / "__init__.py").write_text(source)
        info = folder / f"abacus-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: abacus\nVersion: {version}\n")
        monkeypatch.setattr(run_notebooks, "environment", lambda lane, **_: environment._described(lane, python))

    (tmp_path / "lanes" / "locked.txt").write_text("abacus==1.0\n")
    release("1.0", "def twice(x):\n    return 2 * x\n")
    assert run_notebooks.main([]) == 0
    release("2.0", "def two_times(x):\n    return 2 * x\n")
    assert run_notebooks.main([]) == 1
    told = (kept / "double.broken.md").read_text()
    assert "### `planted/double` (solved) breaks on the lane `locked`" in told
    assert "- cell: cell 5 (check-double): check.double(answer, points=2)" in told
    assert "- task: double" in told
    assert "- library: abacus, 1.0 → 2.0" in told
    assert "module 'abacus' has no attribute 'twice'" in told
    assert "python ci/run_notebooks.py --lane locked planted/double" in told


def test_offline_nothing_but_the_machine_itself_is_reached(run) -> None:
    reach = (
        "import socket\ndef reach(host):\n    try:\n        socket.create_connection((host, 80), timeout=5)\n"
        "    except OSError as error:\n        return str(error)\n    return 'connected'\nreach('192.0.2.1')"
    )
    _, done = run(reach, RIGHT, JUDGE, offline=True)
    said = done["cells"][1]["outputs"][0]["data"]["text/plain"]
    assert "no network here: 192.0.2.1" in "".join(said)
    assert summary(done) == "1 passed"


@pytest.fixture
def of_lines(tmp_path, monkeypatch):
    """Return a lane whose file holds these lines."""
    monkeypatch.setattr(lane, "LANES", tmp_path)

    def write(*lines: str) -> lane.Lane:
        (tmp_path / "small.txt").write_text("\n".join(lines))
        return lane.Lane("small")

    return write


def test_a_local_suffix_such_as_that_of_the_cpu_build_is_no_difference(of_lines, monkeypatch) -> None:
    monkeypatch.setattr(lane, "version", lambda name: "2.13.0+cpu")
    assert lane.differences(of_lines("torch==2.13.0")) == []
    assert lane.differences(of_lines("torch==2.12.0")) == ["torch is 2.13.0+cpu (wanted 2.12.0)"]


def test_an_optional_package_may_be_missing_and_no_other(of_lines) -> None:
    small = of_lines("no-such-one==1.0  # optional", "no-such-two==1.0  # a comment", "numpy==0.1  # optional")
    assert small.optional == {"no-such-one", "numpy"}
    missing, other = lane.differences(small)
    assert missing == "no-such-two is missing (wanted 1.0)"
    assert other.startswith("numpy is ")


INTERRUPTED = """
import asyncio, sys
from pathlib import Path
sys.path.append({ci!r})
from execution import execute
try:
    asyncio.run(execute(Path({notebook!r})))
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to a process there")
def test_ctrl_c_kills_the_kernel(tmp_path) -> None:
    path, fifo = tmp_path / "endless.ipynb", tmp_path / "pipe"
    os.mkfifo(fifo)
    cell = f"pipe = open({str(fifo)!r}, 'w')\nprint('started', file=pipe, flush=True)\nwhile True: pass"
    nbformat.write(notebook(cell), path)
    script = INTERRUPTED.format(ci=str(ROOT / "ci"), notebook=str(path))
    runner = subprocess.Popen([sys.executable, "-c", script])
    with fifo.open() as pipe:
        assert pipe.readline() == "started\n"
        runner.send_signal(signal.SIGINT)
        assert runner.wait() == 130
        assert pipe.read() == "", "the end of the file comes when the kernel is gone"


@pytest.mark.parametrize("category", ["Pandas4Warning", "PandasFutureWarning", "MatplotlibDeprecationWarning"])
def test_a_librarys_own_kind_of_removal_warning_is_found_in_a_verdict(category) -> None:
    warned = {"category": category, "text": "use b", "line": "a()", "by": "grader"}
    verdict = {"task": "double", "outcome": "passed", "mistake": "", "message": "", "warnings": [warned]}
    output = {"output_type": "execute_result", "data": {VERDICT: verdict}}
    cell = {"id": "check-double", "source": "check.double(double)", "metadata": {}, "outputs": [output]}
    executed = {"metadata": {"shoshin": {"tasks": [{"task": "double", "points": 1}]}}, "cells": [cell]}
    (finding,) = findings(executed, "solved")
    assert finding.text == f"{category} in the grader: use b [a()]"
    warned["category"] = "RuntimeWarning"
    assert findings(executed, "solved") == []


def test_markup_in_an_error_message_is_printed_as_it_is(capsys) -> None:
    finding = Finding("cell 1 (a): x[0]", "KeyError: '[red]'")
    run = run_notebooks.Run("planted/double", "solved", Path("nowhere.ipynb"), Execution(1, 1), "1 error", [finding])
    run_notebooks.report([run], Console())
    assert "KeyError: '[red]'" in capsys.readouterr().out
