"""Run an exercise's cells in this process, as a learner would from top to bottom, and keep what its checks say."""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import os
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shoshin.build.lint import Finding
from shoshin.build.notebook import learner_notebook, solved_notebook
from shoshin.build.source import Exercise
from shoshin.check import Verdict
from shoshin.check.record import PLACE


@dataclass
class Rehearsal:
    """What one run came to: verdicts and answers by task, the number of figures, seconds, and failed cells."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    figures: int = 0
    seconds: float = 0.0


def rehearse(exercise: Exercise, *, solved: bool) -> Rehearsal:
    """Run the solved notebook, or the untouched one; an error in a cell becomes a finding and ends the run."""
    notebook = solved_notebook(exercise) if solved else learner_notebook(exercise)
    run, names = Rehearsal(), {"__name__": "__main__"}
    began, worked = time.perf_counter(), sum(os.times()[:4])
    with _stage():
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            try:
                _run_cell(cell, names, run, f"<{exercise.id} {cell.id}>")
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                message = f"{type(error).__name__}: {error} (line {where.lineno}: {where.line})"
                run.findings.append(Finding(f"cell {cell.id}", message))
                break
    # On a busy machine the clock says little; the work done, by this process and its children, is at most that much.
    run.seconds = min(time.perf_counter() - began, sum(os.times()[:4]) - worked)
    return run


def _run_cell(cell: Any, names: dict[str, Any], run: Rehearsal, filename: str) -> None:
    import matplotlib.pyplot as plt

    linecache.cache[filename] = (len(cell.source), None, cell.source.splitlines(keepends=True), filename)
    about = cell.metadata.get("shoshin", {})
    if about.get("role") == "check":
        call = ast.parse(cell.source, mode="eval").body
        assert isinstance(call, ast.Call)
        answer = ast.Expression(call.args[0])
        run.answers[about["task"]] = eval(compile(answer, filename, "eval"), names)
        run.verdicts[about["task"]] = eval(compile(cell.source, filename, "eval"), names)
    else:
        exec(compile(cell.source, filename, "exec"), names)
    run.figures += len(plt.get_fignums())
    plt.close("all")


@contextlib.contextmanager
def _stage() -> Iterator[None]:
    """A temporary working folder, figures drawn to memory, nothing printed, nothing recorded."""
    import matplotlib

    backend, here, before = matplotlib.get_backend(), Path.cwd(), os.environ.get(PLACE)
    matplotlib.use("agg")
    os.environ[PLACE] = "off"
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)
            matplotlib.use(backend)
            if before is None:
                del os.environ[PLACE]
            else:
                os.environ[PLACE] = before
