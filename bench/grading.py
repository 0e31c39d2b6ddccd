"""Grade one class with plain nbgrader and with `shoshin course grade`, in one run, and compare.

    python bench/grading.py [--students 60] [--few 6] [--exercises EXERCISE …] [--memory 50 500]

Two exercises, a class of which every third student has made one of the mistakes that the grader names and every tenth
has not begun. The scores must be equal. Measured are the two commands from start to end, for the class and for a few
students of it, which gives the time of a further submission; and, as the limit, the time that the cells alone take
in one process. With --memory: how much memory the command takes at most for one class and for a larger one.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import inspect
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbgrader.api import Gradebook

from shoshin.classroom.course import new_course

EXERCISES = ["fundamentals/projections", "fundamentals/gradient_descent"]
PLAIN = """\
import os, sys
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
c = get_config()
c.CourseDirectory.course_id = "course"
c.ClearSolutions.code_stub = {"python": "# Your code here\\n..."}
c.Execute.timeout = 180
"""
WORKERS = 2


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--few", type=int, default=6)
    parser.add_argument("--memory", type=int, nargs="*", default=[])
    parser.add_argument("--exercises", nargs="+", default=list(EXERCISES), metavar="EXERCISE")
    parser.add_argument("--skip-plain", action="store_true", help="measure only our own command")
    asked = parser.parse_args()
    EXERCISES[:] = asked.exercises
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as folder:
        base = Path(folder)
        make_course(base / "made")
        if asked.memory:
            for number in asked.memory:
                course = class_of(base, number, f"memory-{number}")
                own, others = peak_memory(course)
                print(f"{number} students: at most {own:.0f} MB, and {others:.0f} MB in another process", flush=True)
            return
        compare(base, asked.students, asked.few, asked.skip_plain)


def compare(base: Path, students: int, few: int, skip_plain: bool) -> None:
    ways = {"shoshin course grade": ours} if skip_plain else {"nbgrader autograde": plain, "shoshin course grade": ours}
    seconds: dict[str, list[float]] = {}
    scores = {}
    for name, way in ways.items():
        for number in (few, students):
            course = class_of(base, number, f"{way.__name__}-{number}")
            began = time.perf_counter()
            way(course)
            seconds.setdefault(name, []).append(time.perf_counter() - began)
            print(f"{name}: {number} students in {seconds[name][-1]:.1f} s", file=sys.stderr, flush=True)
        scores[name] = scores_of(course)
    print(f"equal scores: {len({json.dumps(each, sort_keys=True) for each in scores.values()}) == 1}")
    print(
        f"\n| {students} students, {len(EXERCISES)} exercises each | seconds | per further submission |\n|---|---|---|"
    )
    each = {name: (full - little) / (students - few) / len(EXERCISES) for name, (little, full) in seconds.items()}
    for name, (_, full) in seconds.items():
        print(f"| {name} | {full:.1f} | {each[name]:.3f} |")
    alone = cells_alone(base)
    print(f"| the cells alone, one process | {alone * students * len(EXERCISES):.1f} | {alone:.3f} |")
    if len(seconds) == 2:
        (_, slow), (_, fast) = seconds.values()
        first, second = each.values()
        print(f"\n{slow / fast:.1f} times faster end to end, {first / second:.1f} times per further submission")


def make_course(course: Path) -> None:
    """Make the course and what its students get."""
    new_course(course, list(EXERCISES))
    for name in assignments():
        run(course, "nbgrader", "generate_assignment", name)


def class_of(base: Path, students: int, name: str) -> Path:
    """Return a copy of the course in which that many students have handed in."""
    course = base / name
    shutil.copytree(base / "made", course)
    for assignment, exercise in zip(assignments(), EXERCISES, strict=True):
        released = nbformat.read(course / "release" / assignment / f"{assignment}.ipynb", as_version=4)
        solved = nbformat.read(course / "source" / assignment / f"{assignment}.ipynb", as_version=4)
        wrong = mistakes(exercise)
        for number in range(students):
            notebook = copy.deepcopy(released)
            for cell, right in zip(notebook.cells, solved.cells, strict=True):
                if cell.id.startswith("answer-") and number % 10 != 9:
                    cell.source = right.source
            if number % 3 == 2 and number % 10 != 9:
                task, source = wrong[number // 3 % len(wrong)]
                next(cell for cell in notebook.cells if cell.id == f"answer-{task}").source = source
            folder = course / "submitted" / f"student{number:03}" / assignment
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / f"{assignment}.ipynb")
    return course


def mistakes(exercise: str) -> list[tuple[str, str]]:
    """Return (task, source of a wrong answer) for the grader's mistakes that stand on their own."""
    import importlib

    from shoshin.check import Check

    module = importlib.import_module(f"shoshin.graders.{exercise.replace('/', '.')}")
    found = []
    for check in [each for each in vars(module).values() if isinstance(each, Check) and not each.value]:
        for name, function in check.mistakes.items():
            if not inspect.isfunction(function):
                continue
            names = set(inspect.getclosurevars(function).globals) - {"np", "pd"}
            source = textwrap.dedent(inspect.getsource(function))
            if not names and source.startswith("@"):
                found.append(
                    (check.name, source[source.index("def ") :].replace(f"def {name}", f"def {check.name}", 1))
                )
    return found


def assignments() -> list[str]:
    return [exercise.partition("/")[2] for exercise in EXERCISES]


def plain(course: Path) -> None:
    """Grade with nbgrader as it comes, one assignment after the other."""
    (course / "nbgrader_config.py").write_text(PLAIN)
    for name in assignments():
        run(course, "nbgrader", "autograde", name)


def ours(course: Path) -> None:
    """Grade with our command."""
    for name in assignments():
        run(course, "shoshin.cli", "course", "grade", ".", name, "--workers", str(WORKERS))


def run(course: Path, *command: str) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "SHOSHIN_PROGRESS": "off"}
    done = subprocess.run([sys.executable, "-m", *command], cwd=course, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stdout}\n{done.stderr[-3000:]}")


def scores_of(course: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        return {
            f"{submission.student.id} {name}": submission.score
            for name in assignments()
            for submission in gradebook.assignment_submissions(name)
        }


def cells_alone(base: Path) -> float:
    """Return the seconds that the cells of a solved notebook take in a process that has everything imported."""
    code = (
        "import sys, time, json, nbformat\nimport numpy, pandas, matplotlib.pyplot\nmatplotlib.use('agg')\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "cells = [c.source for c in nbformat.read(sys.argv[1], as_version=4).cells if c.cell_type == 'code']\n"
        "shell = InteractiveShell.instance()\nshell.run_cell(cells[0])\nbegan = time.perf_counter()\n"
        "for cell in cells: assert shell.run_cell(cell).success\n"
        "print('\\n', time.perf_counter() - began)\n"
    )
    taken = []
    for name in assignments():
        path = base / "made" / "source" / name / f"{name}.ipynb"
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "SHOSHIN_PROGRESS": "off", "MPLBACKEND": "agg"}
        done = subprocess.run([sys.executable, "-c", code, str(path)], env=environment, capture_output=True, text=True)
        taken.append(float(done.stdout.split()[-1]))
    return statistics.mean(taken)


def peak_memory(course: Path) -> tuple[float, float]:
    """Return the most memory, in MB, of the command's own process, and of any process that it has started."""
    command = [sys.executable, "-m", "shoshin.cli", "course", "grade", ".", assignments()[0], "--workers", str(WORKERS)]
    process = psutil.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = [0.0, 0.0]

    def watch() -> None:
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                most[0] = max(most[0], process.memory_info().rss / 2**20)
                for child in process.children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        most[1] = max(most[1], child.memory_info().rss / 2**20)
            time.sleep(0.3)

    watcher = threading.Thread(target=watch)
    watcher.start()
    watcher.join()
    return most[0], most[1]


if __name__ == "__main__":
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    main()
