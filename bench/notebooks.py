"""What warm kernels save: every notebook with stock papermill one after another, and with ours two at once.

    python bench/notebooks.py [EXERCISE ...]

Both forms of the exercises are run in both ways, in one run; a way's total is from the first start to the last end,
ours with the start of the fork server. The table splits the seconds of each notebook into starting and ending the
kernel, imports, and the cells' own work. Two more numbers tell what the machine's other load hides: the processors'
seconds, and the least that any way could take, which is the work alone shared out over the cores.

The outputs must be the same. A cell that prints what a clock measured differs in any two runs; it is named.
Where no warm kernels can be had, it says why and exits with 1.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from shoshin import library
from shoshin.build.notebook import solved_notebook, text_of
from shoshin.build.source import read_exercise
from shoshin.errors import ShoshinError
from shoshin.kernels import ForkServer

AT_ONCE = 2
PARTS = "start", "imports", "work", "total"
# An IPython start-up file: the time spent in outermost imports, of the main thread, written when the kernel ends.
STARTUP = """
def _count():
    import atexit, builtins, os, threading, time
    original, spent, depth = builtins.__import__, [0.0], [0]
    def counted(*arguments, **named):
        if depth[0] or threading.current_thread() is not threading.main_thread():
            return original(*arguments, **named)
        depth[0], began = 1, time.perf_counter()
        try:
            return original(*arguments, **named)
        finally:
            depth[0] = 0
            spent[0] += time.perf_counter() - began
    builtins.__import__ = counted
    here = os.getcwd()
    atexit.register(lambda: open(os.path.join(here, "imports.txt"), "w").write(str(spent[0])))
_count()
"""


@dataclass(frozen=True)
class Cost:
    """The seconds of one notebook: in all, in cells, and of these in imports; and its cells' outputs."""

    total: float
    cells: float
    imports: float
    outputs: list[str]

    @property
    def start(self) -> float:
        return self.total - self.cells

    @property
    def work(self) -> float:
        return self.cells - self.imports


@dataclass(frozen=True)
class Way:
    """One way to run all notebooks: the wall's seconds, the processors' seconds, and each notebook's cost."""

    seconds: float
    processor: float
    costs: dict[str, Cost]

    def sum(self, part: str) -> float:
        return sum(getattr(cost, part) for cost in self.costs.values())


def main() -> int:
    """Run the comparison and print it; 0 if the outputs are the same."""
    parse = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parse.add_argument("exercises", nargs="*", metavar="EXERCISE")
    console = Console()
    try:
        known = sorted(library.ids("exercises"))
        exercises = [library.known(each, known) for each in parse.parse_args().exercises] or known
        with tempfile.TemporaryDirectory(prefix="shoshin-bench-") as name:
            folder = Path(name)
            notebooks = dict(prepared(exercises, folder))
            startup = folder / "ipython" / "profile_default" / "startup" / "count.py"
            startup.parent.mkdir(parents=True)
            startup.write_text(STARTUP)
            os.environ["IPYTHONDIR"] = str(folder / "ipython")
            stock = run_all(notebooks, {}, 1)
            os.environ["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // AT_ONCE))
            warm = run_warm(notebooks)
    except ShoshinError as error:
        print(f"bench/notebooks.py: {error}", file=sys.stderr)
        return 1
    show(stock, warm, console)
    return 0 if compare(stock, warm, console) else 1


def prepared(exercises: Iterable[str], folder: Path) -> Iterable[tuple[str, Path]]:
    """Write both forms of the exercises, and yield their names and paths."""
    for exercise in exercises:
        solved = text_of(solved_notebook(read_exercise(library.tree("exercises") / f"{exercise}.py")))
        untouched = (library.tree("notebooks") / f"{exercise}.ipynb").read_text("utf-8")
        for form, text in (("solved", solved), ("untouched", untouched)):
            path = folder / exercise / f"{form}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            yield f"{exercise} ({form})", path


def run_warm(notebooks: Mapping[str, Path]) -> Way:
    """Run the notebooks two at once on warm kernels.

    Raises:
        ShoshinError: if there are none.
    """
    began, processor = time.perf_counter(), processor_seconds()
    with ForkServer() as server:
        way = run_all(notebooks, server.environment, AT_ONCE)
        if server.reason:
            raise ShoshinError(f"There are no warm kernels: {server.reason}.")
    return Way(time.perf_counter() - began, processor_seconds() - processor, way.costs)


def run_all(notebooks: Mapping[str, Path], environment: Mapping[str, str], at_once: int) -> Way:
    """Run the notebooks, each in a fresh folder, in processes that have papermill loaded."""
    began, processor = time.perf_counter(), processor_seconds()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, context, set_environment, ({**environment},)) as pool:
        futures = {name: pool.submit(run, path, bool(environment)) for name, path in notebooks.items()}
        costs = {name: future.result() for name, future in futures.items()}
    return Way(time.perf_counter() - began, processor_seconds() - processor, costs)


def set_environment(environment: dict[str, str]) -> None:
    os.environ.update(environment)


def run(notebook: Path, warm: bool) -> Cost:
    """Run one notebook and return what it cost.

    Raises:
        ShoshinError: if it was to be warm and was not.
    """
    import papermill

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        done = papermill.execute_notebook(notebook, None, kernel_name="python3", cwd=folder, progress_bar=False)
        total = time.perf_counter() - began
        imports = float((Path(folder) / "imports.txt").read_text())
    if warm:
        from shoshin.kernels import starts

        if starts[-1].cold:
            raise ShoshinError(f"{notebook} was not run warm: {starts[-1].cold}.")
    cells = [cell for cell in done.cells if cell.cell_type == "code"]
    spent = sum(cell.metadata.papermill.duration or 0 for cell in cells)
    return Cost(total, spent, imports, [comparable(cell.outputs) for cell in cells])


def comparable(outputs: list[dict[str, Any]]) -> str:
    """Return outputs as one text, the streams joined, without what differs from process to process."""
    streams: dict[str, str] = {}
    shown = []
    for output in outputs:
        if output["output_type"] == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
        else:
            shown.append({name: value for name, value in output.items() if name != "metadata"})
    text = json.dumps([streams, shown], sort_keys=True)
    return re.sub(r"ipykernel_\d+|0x[0-9a-f]{6,}", "", text)


def processor_seconds() -> float:
    """Return the processor time of this process and of all its descendants that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def show(stock: Way, warm: Way, console: Console) -> None:
    """Print where the time goes."""
    heads = [f"{way}\n{part}" for way in ("stock", "warm") for part in PARTS]
    table = Table("notebook", *heads, "\nratio", box=None)
    table.columns[0].no_wrap = True
    for name, one in stock.costs.items():
        other = warm.costs[name]
        parts = [getattr(cost, part) for cost in (one, other) for part in PARTS]
        table.add_row(name, *(f"{part:.1f}" for part in parts), f"{other.total / one.total:.2f}")
    sums = [way.sum(part) for way in (stock, warm) for part in PARTS]
    table.add_row("sum", *(f"{part:.1f}" for part in sums), f"{sums[-1] / sums[3]:.2f}")
    console.print(table)
    cores = os.cpu_count() or 1
    least = max(stock.sum("work") / min(cores, AT_ONCE), max(cost.work for cost in stock.costs.values()))
    rows = [
        ("stock papermill, one after another", stock.seconds, 1.0, stock.processor),
        ("warm kernels, two at once", warm.seconds, warm.seconds / stock.seconds, warm.processor),
        ("the work alone, shared out", least, least / stock.seconds, None),
    ]
    for what, seconds, ratio, processor in rows:
        beside = "" if processor is None else f"   {processor:7.1f} s of processors"
        console.print(f"{what:36} {seconds:7.1f} s   {ratio:.2f}{beside}", highlight=False)


def compare(stock: Way, warm: Way, console: Console) -> bool:
    """Print which cells' outputs differ; true if none does, but for the numbers in it."""
    same = differ = 0
    wrong = []
    for name, one in stock.costs.items():
        for number, (mine, theirs) in enumerate(zip(one.outputs, warm.costs[name].outputs, strict=True), 1):
            same, differ = same + (mine == theirs), differ + (mine != theirs)
            if without_measurements(mine) != without_measurements(theirs):
                wrong.append(f"{name}, code cell {number}")
    console.print(
        f"\n{same} cells show the same; {differ - len(wrong)} but for what a clock measured.", highlight=False
    )
    for place in wrong:
        console.print(f"The outputs differ: {place}", highlight=False)
    return not wrong


def without_measurements(text: str) -> str:
    """Drop numbers and pictures, which a clock may have had a part in."""
    return re.sub(r"\d[\d.,e+-]*", "0", re.sub(r'"image/[a-z+]+": "[^"]*"', "", text))


if __name__ == "__main__":
    sys.exit(main())
