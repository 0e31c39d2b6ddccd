"""Run every notebook, solved and untouched, through papermill.

python ci/run_notebooks.py [--lane locked] [--jobs N] [EXERCISE ...]

Exit 0: every check passes in the solved form and says "not attempted" in the untouched one. Exit 1: something
is to be mended; the notebook, the cell and the error are named. Exit 2: wrong input, nothing was run.
The executed notebooks are kept in ci/runs/LANE/UNIT/SLUG.{solved,untouched}.ipynb.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lane as lanes
from execution import Execution, execute
from findings import EXPECTED, Finding, findings, summary
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from shoshin import library
from shoshin.build.notebook import solved_notebook, text_of
from shoshin.build.source import read_exercise
from shoshin.errors import ShoshinError

RUNS = Path(__file__).resolve().parent / "runs"
MOST_SECONDS, MOST_MEMORY = 60, 2000  # MB; STYLE: a solved notebook runs in well under 60 seconds, and in 2 GB


@dataclass(frozen=True)
class Run:
    """One form of one exercise's notebook, executed."""

    exercise: str
    form: str
    kept: Path
    execution: Execution
    verdicts: str
    findings: list[Finding]

    @property
    def name(self) -> str:
        return f"{self.exercise} ({self.form})"


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = parser().parse_args(arguments)
    console = Console()
    try:
        lanes.require(options.lane)
        exercises = wanted(options.exercises)
        runs = asyncio.run(run_all(exercises, RUNS / options.lane, options.jobs, console))
    except ShoshinError as error:
        print(f"run_notebooks: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("run_notebooks: stopped; the kernels are ended.", file=sys.stderr)
        return 130
    report(runs, console)
    return 1 if any(run.findings for run in runs) else 0


def parser() -> argparse.ArgumentParser:
    words = (__doc__ or "").splitlines()
    parse = argparse.ArgumentParser(description=words[0], epilog="Example: python ci/run_notebooks.py models/pca")
    parse.add_argument("--lane", default="locked", help="a file in ci/lanes, without .txt (default: locked)")
    half = max(1, (os.cpu_count() or 1) // 2)
    parse.add_argument("--jobs", type=int, default=half, help=f"notebooks at the same time (default: {half})")
    parse.add_argument("exercises", nargs="*", metavar="EXERCISE", help="ids such as models/pca; all if none is given")
    return parse


def wanted(exercises: list[str]) -> list[str]:
    """Return the ids to run.

    Raises:
        ShoshinError: if there is no such exercise, or none at all.
    """
    every = sorted({*library.ids("exercises"), *library.ids("notebooks")})
    if not every:
        raise ShoshinError("There are no exercises to run.")
    return [library.known(exercise, every) for exercise in dict.fromkeys(exercises)] or every


async def run_all(exercises: list[str], kept: Path, jobs: int, console: Console) -> list[Run]:
    """Run both forms of the exercises, `jobs` at a time, under a progress bar."""
    turn = asyncio.Semaphore(max(1, jobs))
    threads = max(1, (os.cpu_count() or 1) // max(1, jobs))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("notebooks", total=len(exercises) * len(EXPECTED))

        async def one(exercise: str, form: str) -> Run:
            async with turn:
                run = await run_one(exercise, form, kept / f"{exercise}.{form}.ipynb", threads)
            progress.advance(bar)
            if not console.is_terminal:
                console.print(f"{run.name}: {run.execution.seconds:.0f} s, {len(run.findings) or 'no'} findings")
            return run

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(exercise, form)) for exercise in exercises for form in EXPECTED]
    return [task.result() for task in tasks]


async def run_one(exercise: str, form: str, kept: Path, threads: int = 1) -> Run:
    """Run one form of an exercise; the executed notebook is written to `kept`."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.unlink(missing_ok=True)
    try:
        PREPARE[form](exercise, kept)
    except (ShoshinError, OSError) as error:
        return Run(exercise, form, kept, Execution(0, 0), "not run", [Finding("", str(error))])
    execution = await execute(kept, threads=threads)
    notebook = json.loads(kept.read_text("utf-8"))
    found = findings(notebook, form, execution.stopped)
    if execution.memory > MOST_MEMORY:
        found.append(Finding("", f"the kernel took {execution.memory:.0f} MB; the limit is {MOST_MEMORY} MB"))
    return Run(exercise, form, kept, execution, summary(notebook), found)


def prepare_solved(exercise: str, path: Path) -> None:
    source = library.tree("exercises") / f"{exercise}.py"
    path.write_text(text_of(solved_notebook(read_exercise(source))), "utf-8")


def prepare_untouched(exercise: str, path: Path) -> None:
    notebook = library.tree("notebooks") / f"{exercise}.ipynb"
    if not notebook.exists():
        raise ShoshinError(f"notebooks/{exercise}.ipynb is missing; run: shoshin build {exercise}")
    shutil.copyfile(notebook, path)


PREPARE: dict[str, Callable[[str, Path], None]] = {"solved": prepare_solved, "untouched": prepare_untouched}


def report(runs: list[Run], console: Console) -> None:
    """Print the table, then what is to be mended."""
    table = Table("notebook", "form", "seconds", "peak MB", "verdicts", box=None, pad_edge=False)
    for run in runs:
        cost = f"{run.execution.seconds:.1f}", f"{run.execution.memory:.0f}"
        mark = "[red]✗[/red] " if run.findings else ""
        table.add_row(run.exercise, run.form, *cost, mark + run.verdicts)
    console.print(table)
    for run in runs:
        if run.execution.seconds > MOST_SECONDS:
            console.print(f"Slow: {run.name} took {run.execution.seconds:.0f} s, more than {MOST_SECONDS} s.")
        for finding in run.findings:
            place = f", {finding.cell}" if finding.cell else ""
            console.print(f"\n{run.name}{place}\n    {finding.text}", markup=False, highlight=False, soft_wrap=True)
        if run.findings and run.kept.exists():
            console.print(f"    see {os.path.relpath(run.kept)}", markup=False, highlight=False, soft_wrap=True)
    failed = sum(bool(run.findings) for run in runs)
    console.print(f"\n{len(runs)} runs, {failed or 'none'} failed.")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(main())
