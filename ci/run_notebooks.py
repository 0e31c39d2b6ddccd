"""Run every notebook, solved and untouched, through papermill.

python ci/run_notebooks.py [--lane NAME | --all-lanes] [--jobs N] [--fresh] [--cold] [EXERCISE ...]

Exit 0: every check passes in the solved form and says "not attempted" in the untouched one. Exit 1: something
is to be mended; the notebook, the cell and the error are named. Exit 2: wrong input, nothing was run.
What a notebook came to is kept in ci/currency.json; it runs again only when something that decides has changed.
The executed notebooks are kept in ci/runs/LANE/UNIT/SLUG.{solved,untouched}.ipynb.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import currency
import lane as lanes
import results
from breakage import breakage
from environment import Environment, NotAvailable, environment
from execution import Execution, execute, inherited, namespace
from findings import Finding, findings, removals, summary
from forms import FORMS, prepare
from lane import Lane
from results import Result
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from shoshin import library
from shoshin.errors import ShoshinError
from shoshin.kernels import ForkServer

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
    lacks: str = ""
    removals: tuple[dict[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.exercise} ({self.form})"


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = parser().parse_args(arguments)
    console = Console()
    try:
        chosen = lanes.every() if options.all_lanes else [lanes.lane(options.lane)]
        exercises = wanted(options.exercises)
        codes = [run_lane(lane, exercises, options, console) for lane in chosen]
    except ShoshinError as error:
        print(f"run_notebooks: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("run_notebooks: stopped; the kernels are ended.", file=sys.stderr)
        return 130
    return max(codes)


def parser() -> argparse.ArgumentParser:
    words = (__doc__ or "").splitlines()
    parse = argparse.ArgumentParser(description=words[0], epilog="Example: python ci/run_notebooks.py models/pca")
    parse.add_argument("--lane", default="locked", help="a file in ci/lanes, without .txt (default: locked)")
    parse.add_argument("--all-lanes", action="store_true", help="every lane, one after another")
    parse.add_argument("--fresh", action="store_true", help="run what has not changed, too")
    parse.add_argument("--cold", action="store_true", help="start every kernel from nothing, as a learner's first is")
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


def run_lane(lane: Lane, exercises: list[str], options: argparse.Namespace, console: Console) -> int:
    """Run exercises on one lane, keep what they came to, report it, and return the exit code.

    Raises:
        ShoshinError: if the lane's file cannot be read, or (unless all lanes were asked for) cannot run here.
    """
    try:
        places = environments(lane, exercises)
    except NotAvailable as error:
        if not options.all_lanes:
            raise
        console.print(f"\nLane {lane.name}: NOT RUN. {error}", markup=False, highlight=False, soft_wrap=True)
        return 1
    known = results.read()
    hashes = {exercise: results.content(exercise, place) for exercise, place in places.items()}
    reused = [] if options.fresh else [one for one in exercises if _holds(known, one, lane, hashes[one])]
    todo = {exercise: places[exercise] for exercise in exercises if exercise not in reused}
    runs = []
    if todo:
        threads = max(1, (os.cpu_count() or 1) // max(1, options.jobs))
        with warm_kernels(todo, options.cold, threads, console) as warm:
            runs = asyncio.run(run_all(todo, RUNS / lane.name, options.jobs, console, threads, warm))
    known = results.read() if todo else known  # another run may have written meanwhile
    for exercise in todo:
        lanes_of_it = known.setdefault(exercise, {})
        passed = lanes_of_it[lane.name].last_passed if lane.name in lanes_of_it else {}
        both = [run for run in runs if run.exercise == exercise]
        write_breakage(both, places[exercise], passed)
        lanes_of_it[lane.name] = result_of(both, places[exercise], hashes[exercise], passed)
    if todo:
        results.write(known)
        currency.render()
    report(runs, console, lane, len(reused))
    return 1 if any(run.findings for run in runs) else 0


def environments(lane: Lane, exercises: list[str]) -> dict[str, Environment]:
    """Return the environment of each exercise: a hosted lane has a second one, for those that need torch."""
    if lane.resolved:
        import lock

        lock.lock(lane)
    packages = {exercise: set(library.entry(exercise).packages) for exercise in exercises if _built(exercise)}
    with_torch = {exercise for exercise, names in packages.items() if "torch" in names and lane.hosted}
    needs = frozenset().union(*(packages[exercise] for exercise in with_torch))
    usual = environment(lane)
    apart = environment(lane, torch=True, needs=needs) if with_torch else usual
    return {exercise: apart if exercise in with_torch else usual for exercise in exercises}


@contextlib.contextmanager
def warm_kernels(
    places: dict[str, Environment], cold: bool, threads: int, console: Console
) -> Iterator[Mapping[str, str]]:
    """Yield the environment of a fork server for kernels of this interpreter; an empty one where there is none.

    For a single exercise the server's own imports would cost more than they save.
    """
    if cold or len(places) < 2 or {place.python for place in places.values()} != {Path(sys.executable)}:
        yield {}
        return
    with ForkServer(environment=inherited(threads)) as server:
        done = server.preloaded()
        if done is None:
            console.print(f"Kernels start from nothing: {server.reason}", markup=False, highlight=False)
        for warning in done.warnings if done else []:
            if warning["removal"]:  # it is seen here only: the kernels find the module imported
                told = f"While {warning['module']} was imported: {warning['category']}: {warning['text']}"
                console.print(told, markup=False, highlight=False, soft_wrap=True)
        yield server.environment


async def run_all(
    places: dict[str, Environment], kept: Path, jobs: int, console: Console, threads: int, warm: Mapping[str, str]
) -> list[Run]:
    """Run both forms of the exercises, `jobs` at a time, under a progress bar."""
    turn = asyncio.Semaphore(max(1, jobs))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("notebooks", total=len(places) * len(FORMS))

        async def one(exercise: str, form: str) -> Run:
            async with turn:
                path = kept / f"{exercise}.{form}.ipynb"
                run = await run_one(exercise, form, path, threads, places[exercise], warm)
            progress.advance(bar)
            if not console.is_terminal:
                console.print(f"{run.name}: {run.execution.seconds:.0f} s, {len(run.findings) or 'no'} findings")
            return run

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(exercise, form)) for exercise in places for form in FORMS]
    return [task.result() for task in tasks]


async def run_one(
    exercise: str,
    form: str,
    kept: Path,
    threads: int = 1,
    place: Environment | None = None,
    warm: Mapping[str, str] | None = None,
) -> Run:
    """Run one form of an exercise, by default in the running environment; it is kept in `kept`."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.unlink(missing_ok=True)
    hosted = place is not None and place.lane.hosted
    if place and not hosted and (lacks := library.lacking(exercise, place.packages) if _built(exercise) else ""):
        return Run(exercise, form, kept, Execution(0, 0), "not run", [], lacks)
    try:
        prepare(exercise, form, kept, alone=hosted)
    except (ShoshinError, OSError) as error:
        return Run(exercise, form, kept, Execution(0, 0), "not run", [Finding("", str(error))])
    python = place.python if place else sys.executable
    execution = await execute(kept, threads=threads, python=python, offline=hosted, warm=warm)
    notebook = json.loads(kept.read_text("utf-8"))
    if lacks := lacking(notebook):
        return Run(exercise, form, kept, execution, "lacks a package", [], lacks)
    found = findings(notebook, form, execution.stopped)
    if execution.memory > MOST_MEMORY:
        found.append(Finding("", f"the kernel took {execution.memory:.0f} MB; the limit is {MOST_MEMORY} MB"))
    return Run(exercise, form, kept, execution, summary(notebook), found, removals=tuple(removals(notebook)))


def lacking(notebook: dict[str, Any]) -> str:
    """Return the sentence with which a single file's first cell refuses, because a package is not there."""
    first = next((cell for cell in notebook["cells"] if cell.get("id") == "shoshin"), {"outputs": ()})
    said = [output["evalue"] for output in first["outputs"] if output.get("ename") == "NotReady"]
    return next((sentence for sentence in said if sentence.startswith("This exercise needs")), "")


def result_of(runs: list[Run], place: Environment, content: str, last_passed: dict[str, Any]) -> Result:
    """Return what the forms of one exercise came to, as data."""
    exercise = runs[0].exercise
    packages = library.entry(exercise).packages if _built(exercise) else ()
    lacks = next((run.lacks for run in runs if run.lacks), "")
    outcome = "failed" if any(run.findings for run in runs) else "lacks" if lacks else "passed"
    date, versions = datetime.now(UTC).date().isoformat(), place.versions(packages)
    announced = dict.fromkeys((each["library"], each["text"]) for run in runs for each in run.removals)
    return Result(
        outcome=outcome,
        date=date,
        python=place.version,
        versions=versions,
        seconds={run.form: round(run.execution.seconds, 1) for run in runs},
        memory=max(round(run.execution.memory) for run in runs),
        content=content,
        lacks=lacks,
        removals=[{"library": by, "text": text} for by, text in announced],
        last_passed={"date": date, "versions": versions} if outcome == "passed" else last_passed,
    )


def write_breakage(runs: list[Run], place: Environment, passed: dict[str, Any]) -> None:
    """Write ci/runs/LANE/UNIT/SLUG.broken.md for an exercise that failed; remove an old one otherwise."""
    exercise = runs[0].exercise
    path = RUNS / place.lane.name / f"{exercise}.broken.md"
    path.unlink(missing_ok=True)
    parts = [breakage(exercise, run.form, run.findings, place, passed) for run in runs if run.findings]
    if parts:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(parts), "utf-8")


def report(runs: list[Run], console: Console, lane: Lane | None = None, reused: int = 0) -> None:
    """Print the table, then what is to be mended."""
    if lane:
        cut = "a namespace without interfaces" if namespace() else "connections are refused"
        console.print(f"\nLane {lane.name}" + (f", single files, network cut off ({cut})" if lane.hosted else ""))
    table = Table("notebook", "form", "seconds", "peak MB", "verdicts", box=None, pad_edge=False)
    for run in runs:
        cost = f"{run.execution.seconds:.1f}", f"{run.execution.memory:.0f}"
        mark = "[red]✗[/red] " if run.findings else ""
        table.add_row(run.exercise, run.form, *cost, mark + run.verdicts)
    if runs:
        console.print(table)
    for run in runs:
        if run.execution.seconds > MOST_SECONDS:
            console.print(f"Slow: {run.name} took {run.execution.seconds:.0f} s, more than {MOST_SECONDS} s.")
        for finding in run.findings:
            place = f", {finding.cell}" if finding.cell else ""
            console.print(f"\n{run.name}{place}\n    {finding.text}", markup=False, highlight=False, soft_wrap=True)
        if run.findings and run.kept.exists():
            console.print(f"    see {os.path.relpath(run.kept)}", markup=False, highlight=False, soft_wrap=True)
    for lacks in dict.fromkeys(run.lacks for run in runs if run.lacks):
        console.print(f"\nNOT RUN: {lacks}", markup=False, highlight=False, soft_wrap=True)
    if reasons := sorted({run.execution.cold for run in runs if run.execution.cold}):
        told = f"Kernels that were to be warm started from nothing: {'; '.join(reasons)}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    failed = sum(bool(run.findings) for run in runs)
    again = f" {reused} exercises were not run again: nothing that decides has changed." if reused else ""
    console.print(f"\n{len(runs)} runs, {failed or 'none'} failed.{again}")
    if failed and lane:
        console.print(f"To paste into an issue: {os.path.relpath(RUNS / lane.name)}/**/*.broken.md", soft_wrap=True)


def _holds(known: results.Results, exercise: str, lane: Lane, content: str) -> bool:
    before = known.get(exercise, {}).get(lane.name)
    return before is not None and before.outcome in ("passed", "lacks")[: 1 + lane.hosted] and before.content == content


def _built(exercise: str) -> bool:
    return exercise in library.ids("notebooks")


if __name__ == "__main__":
    # A job in a shell's background ignores SIGINT; this one ends its kernels, whoever tells it to stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(main())
