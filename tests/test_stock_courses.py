"""Honest work gets the same grades as on stock nbgrader: its own example course, and one of plain instructor tests."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
import pytest
from filelock import FileLock
from red_team.class_of_strangers import points
from red_team.plain_course import POINTS, TASKS, WRONG, solved
from red_team.small_course import grade, python, write_course

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere grading refuses (see test_sandbox)")

EXAMPLE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source" / "ps1"
RIGHT = {name: solved(name) for name, _, _ in TASKS}
NAMES = [*RIGHT]

SQUARES = "def squares(n):\n    if n < 1:\n        raise ValueError\n    return [i**2 for i in range(1, n + 1)]"
SUM = "def sum_of_squares(n):\n    return sum(squares(n))"
PYRAMID = "def pyramidal_number(n):\n    return sum_of_squares(n)"
PRINTS = "{}\nprint('so far so good')\nprint('4.0')\ndisplay(4)\n4"
# What students write in nbgrader's example, by the id of the cell.
EXAMPLE_ANSWERS: dict[str, dict[str, str]] = {
    "right": {"squares": SQUARES, "sum_of_squares": SUM, "sum_of_squares_equation": "$\\sum$",
              "sum_of_squares_application": PYRAMID, "part-a": "Fibonacci", "part-b": "below zero"},
    "partly": {"squares": "def squares(n):\n    return [i**2 for i in range(1, n + 1)]",
               "sum_of_squares": "def sum_of_squares(n):\n    return sum(i**2 for i in range(1, n + 1))"},
    "wrong": {"squares": "def squares(n):\n    return n**2", "sum_of_squares": "def sum_of_squares(n):\n    return n"},
    "untouched": {},
    "raising": {"squares": "def squares(n):\n    raise TypeError('no')", "sum_of_squares": "1 / 0"},
    "printing": {"squares": PRINTS.format(SQUARES), "sum_of_squares": PRINTS.format(SUM)},
}  # fmt: skip
LOUD = "import logging, sys, warnings\nwarnings.warn('old')\nprint('oh', file=sys.stderr)\nlogging.warning('x')\n"
# And in the course of plain tests.
PLAIN_ANSWERS: dict[str, dict[str, str]] = {
    "right": RIGHT,
    "partly": {name: (RIGHT if number % 2 else WRONG)[name] for number, name in enumerate(NAMES)},
    "partly-otherwise": {name: (WRONG if number % 2 else RIGHT)[name] for number, name in enumerate(NAMES)},
    "wrong": WRONG,
    "untouched": {},
    "raising": {**RIGHT, "centre": "def centre(x):\n    raise ValueError('why?')",
                "leap": "def is_leap(year:\n    pass",
                "total": "total = undefined + 1", "area": "import nowhere\ndef area(r): return r",
                "tick": "raise SystemExit", "draw": "def draw(x, y):\n    return nothing"},
    "printing": {name: PRINTS.format(source) for name, source in RIGHT.items()},
    "half-a-leap": {"leap": "def is_leap(year):\n    return year % 4 == 0"},
    "loud-at-the-top": {name: LOUD + source for name, source in RIGHT.items()},
}  # fmt: skip
# Honest answers that speak on stderr while they are tested. Stock nbgrader gives nothing for them.
LOUD_ANSWERS = {
    "centre": "import warnings\ndef centre(x):\n    warnings.warn('slow')\n    return x - x.mean(axis=0)",
    "squares": "import sys\ndef square(x):\n    print('!', file=sys.stderr)\n    return x * x\n\n"
    "def sum_of_squares(n):\n    return sum(square(i) for i in range(1, n + 1))",
    "area": "import logging, math\ndef area(radius):\n    logging.getLogger('x').warning('r')\n"
    "    return math.pi * radius**2",
}  # fmt: skip
LOUD_POINTS = {"centre": 2.0, "squares": 1.0, "area": 1.0}

STOCK = "c = get_config()\nc.CourseDirectory.course_id = 'stock'\nc.Execute.timeout = 60\n"
WAYS = ("stock", "command", "fast")


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, dict[str, Any]]:
    """Way of grading → assignment → student → check → points."""
    base = tmp_path_factory.getbasetemp()
    base = (base if worker_id == "master" else base.parent) / "stock"  # shared by the workers of pytest-xdist
    base.parent.mkdir(exist_ok=True)
    with FileLock(f"{base}.lock"):
        if not (base / "scores.json").exists():
            base.mkdir()
            (base / "scores.json").write_text(json.dumps(grade_in_every_way(base)))
    found: dict[str, dict[str, Any]] = json.loads((base / "scores.json").read_text())
    return found


def grade_in_every_way(base: Path) -> dict[str, dict[str, Any]]:
    """Make the course once; grade a copy of it in each way."""
    make_course(base / "fast")
    for way in WAYS:
        if way != "fast":
            shutil.copytree(base / "fast", base / way)
    (base / "stock" / "course" / "nbgrader_config.py").write_text(STOCK)
    found: dict[str, dict[str, Any]] = {}
    for way in WAYS:
        for name in ("ps1", "plain"):
            if way == "fast":
                report = grade(base / way, name)
                assert not report["failed"], report["notes"]
            else:
                done = python(base / way, "-m", "nbgrader", "autograde", name)
                assert done.returncode == 0, done.stderr[-4000:]
        found[way] = {name: points(base / way / "course", name) for name in ("ps1", "plain")}
    return found


def make_course(base: Path) -> None:
    base.mkdir()
    course = write_course(base, (), cell_seconds=30)
    shutil.copytree(EXAMPLE, course / "source" / "ps1")
    for name in ("ps1", "plain"):
        done = python(base, "-m", "nbgrader", "generate_assignment", name)
        assert done.returncode == 0, done.stderr
    for student, answers in EXAMPLE_ANSWERS.items():
        hand_in(course, "ps1", student, answers)
    for student, answers in {**PLAIN_ANSWERS, "loud": LOUD_ANSWERS}.items():
        hand_in(course, "plain", student, {f"answer-{name}": source for name, source in answers.items()})


def hand_in(course: Path, assignment: str, student: str, answers: dict[str, str]) -> None:
    shutil.copytree(course / "release" / assignment, course / "submitted" / student / assignment)
    for path in (course / "submitted" / student / assignment).glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source)
        nbformat.write(notebook, path)


@pytest.mark.parametrize("way", ["command", "fast"])
@pytest.mark.parametrize("student", EXAMPLE_ANSWERS)
def test_nbgraders_own_example_course_is_graded_as_by_stock_nbgrader(scores, student: str, way: str) -> None:
    assert unlike(scores, way, "ps1", student) == {}


@pytest.mark.parametrize("way", ["command", "fast"])
@pytest.mark.parametrize("student", PLAIN_ANSWERS)
def test_a_course_of_plain_tests_is_graded_as_by_stock_nbgrader(scores, student: str, way: str) -> None:
    assert unlike(scores, way, "plain", student) == {}


def unlike(scores: dict[str, dict[str, Any]], way: str, assignment: str, student: str) -> dict[str, Any]:
    """Return check → (stock, ours) where they differ."""
    stock, ours = scores["stock"][assignment][student], scores[way][assignment].get(student, {})
    return {name: (stock[name], ours.get(name)) for name in stock if stock[name] != ours.get(name, "none")}


def test_the_students_are_as_good_as_they_are_called(scores) -> None:
    stock = scores["stock"]["plain"]
    assert stock["right"] == POINTS
    assert set(stock["wrong"].values()) == set(stock["untouched"].values()) == {0}
    assert 0 < sum(stock["partly"].values()) < sum(POINTS.values())
    assert sum(stock["partly"].values()) + sum(stock["partly-otherwise"].values()) >= sum(POINTS.values())
    assert 0 < stock["half-a-leap"]["leap"] < POINTS["leap"]
    assert scores["stock"]["ps1"]["right"]["sum_of_squares_uses_squares"] == 0.5


@pytest.mark.parametrize("way", ["command", "fast"])
def test_a_warning_while_an_answer_is_tested_costs_points_on_stock_nbgrader_only(scores, way: str) -> None:
    stock, ours = scores["stock"]["plain"]["loud"], scores[way]["plain"]["loud"]
    assert {name: stock[name] for name in LOUD_POINTS} == dict.fromkeys(LOUD_POINTS, 0)
    assert {name: ours[name] for name in LOUD_POINTS} == LOUD_POINTS
