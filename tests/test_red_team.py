"""A class of hostile and honest students: no undeserved point, no trace, and full scores for the honest."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from filelock import FileLock
from red_team.class_of_strangers import (
    SECRET,
    assignment_rows,
    comments,
    difference,
    points,
    snapshot,
    told,
    watched,
)
from red_team.families import HOSTILE
from red_team.plain_course import POINTS, solved
from red_team.small_course import assignments, grade, python, write_course
from red_team.submission import Hostile, write

from shoshin.classroom.pages import WithoutSecrets

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere grading refuses (see test_sandbox)")

LIMITS = {"cell_seconds": 5, "grade_seconds": 8, "total_seconds": 60, "memory_mb": 700, "scratch_mb": 64, "file_mb": 32}
RIGHT = {
    "double": "def double(number):\n    return 2 * number",
    "words": "words = 'twice'  # sesame-classmate",
    "halve": "import warnings\ndef halve(number):\n    warnings.warn('slow')\n    print(1)\n    return number / 2",
}
SOLVED = {name: solved(name) for name in {"centre", "heaviest", "squares", "leap", "account", "clip", "countdown"}}
# Of honest students some come before, some among and some after the others.
HONEST = (
    *(
        Hostile(f"{place}-right", "right answers", "double", write(**RIGHT), {"double": 2, "words": 1, "halve": 1.5})
        for place in ("aa", "honest", "zz")
    ),
    Hostile("honest-partly", "a wrong answer", "double", write(words=RIGHT["words"]), {"words": 1}),
    Hostile("honest-untouched", "nothing", "double"),
    Hostile("aa-plain", "right answers", "plain", write(**SOLVED), {n: p for n, p in POINTS.items() if n in {
        *SOLVED, "uses_square", "heaviest_equals", "account_errors", "account_operators", "clip_list", "clip_array"}}),
    Hostile("zz-plain", "an answer", "plain", write(area=solved("area")), {"area": 1}),
)  # fmt: skip
EVERYBODY = (*HONEST, *HOSTILE)


class Class:
    """What came of grading everybody."""

    def __init__(self, results: dict[str, Any]) -> None:
        self.points, self.reports, self.traces = results["points"], results["reports"], results["traces"]
        self.changed, self.told = results["changed"], results["told"]

    def of(self, student: Hostile) -> dict[str, float | None]:
        found: dict[str, float | None] = self.points[student.assignment].get(student.name, {})
        return found

    def note(self, student: Hostile) -> str:
        return " ".join(self.reports[student.assignment]["notes"].get(student.name, ()))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Class:
    """Everybody graded in one class, by the fast path."""
    base = tmp_path_factory.getbasetemp()
    base = (base if worker_id == "master" else base.parent) / "red"  # shared by the workers of pytest-xdist
    base.parent.mkdir(exist_ok=True)
    with FileLock(f"{base}.lock"):
        if not (base / "results.json").exists():
            base.mkdir()
            (base / "results.json").write_text(json.dumps(grade_everybody(base)))
    return Class(json.loads((base / "results.json").read_text()))


def grade_everybody(base: Path) -> dict[str, Any]:
    course = write_course(base, **LIMITS)
    for name in assignments():
        done = python(base, "-m", "nbgrader", "generate_assignment", name)
        assert done.returncode == 0, done.stderr
    results: dict[str, Any] = {"points": {}, "reports": {}}
    with watched(course, base / "home", f"redteam{secrets.token_hex(4)}") as (words, traces):
        for student in EVERYBODY:
            folder = course / "submitted" / student.name / student.assignment
            student.hand_in(folder, course / "release" / student.assignment, words)
        before, asked = snapshot(course), assignment_rows(course)
        for name in assignments():
            results["reports"][name] = grade(base, name, RED_TEAM=f"{SECRET}-{words['TOKEN']}")
            results["points"][name] = points(course, name)
        after = snapshot(course)
    results["traces"] = traces
    results["changed"] = [name for name in {*before, *after} if before.get(name) != after.get(name)]
    results["changed"] += [name for name, rows in assignment_rows(course).items() if rows != asked[name]]
    results["told"] = told_by_everybody(course)
    return results


def told_by_everybody(course: Path) -> dict[str, list[str]]:
    """Return student → secrets in what the feedback page shows of the graded notebooks, and in comments."""
    found: dict[str, list[str]] = {}
    for path in course.glob("autograded/*/*/*.ipynb"):
        notebook, _ = WithoutSecrets().preprocess(nbformat.read(path, as_version=4), {})
        text = json.dumps([cell.get("outputs") for cell in notebook.cells])
        found.setdefault(path.parts[-3], []).extend(told(text))
    for student, text in comments(course):
        found.setdefault(student, []).extend(told(text))
    return {student: secret for student, secret in found.items() if secret}


@pytest.mark.parametrize("student", HOSTILE, ids=lambda student: student.name)
def test_a_hostile_submission_gets_what_it_deserves_and_no_more(graded: Class, student: Hostile) -> None:
    unlike = difference(student, graded.of(student))
    assert not unlike, f"{student.name} ({student.tries}): (got, deserved) {unlike}. {graded.note(student)}"


@pytest.mark.parametrize("student", HONEST, ids=lambda student: student.name)
def test_an_honest_student_in_the_same_class_gets_full_scores(graded: Class, student: Hostile) -> None:
    unlike = difference(student, graded.of(student))
    assert not unlike, f"{student.name}: (got, deserved) {unlike}. {graded.note(student)}"


def test_nothing_is_left_on_the_host(graded: Class) -> None:
    assert graded.traces == []


def test_no_file_of_the_course_and_nothing_that_the_gradebook_says_of_an_assignment_has_changed(graded: Class) -> None:
    assert graded.changed == []


def test_no_output_that_a_student_is_shown_tells_what_a_student_may_not_know(graded: Class) -> None:
    assert graded.told == {}


def test_everybody_is_graded_but_those_who_are_named(graded: Class) -> None:
    for name, report in graded.reports.items():
        refused = {student.name for student in EVERYBODY if student.assignment == name and student.refused}
        assert set(report["failed"]) == refused
        assert refused <= {*report["notes"]}
        there = {student.name for student in EVERYBODY if student.assignment == name}
        assert set(graded.points[name]) - refused == there - refused


# A choice of them through nbgrader's own command, with the course's configuration as it stands.
BY_COMMAND = ("skips-the-tests", "may-raise", "answers-twice", "schema-99", "own-test-last", "patches-the-check",
              "fakes-shoshin", "writes-to-descriptors", "dies-in-a-test", "is-no-json", "half-characters", "strangers",
              "kills-all", "shadows-libraries", "stores-scripts")  # fmt: skip


@pytest.fixture(scope="module")
def by_command(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, Any]:
    """Some of them, graded by `nbgrader autograde`."""
    base = tmp_path_factory.getbasetemp()
    base = (base if worker_id == "master" else base.parent) / "red-command"
    base.parent.mkdir(exist_ok=True)
    with FileLock(f"{base}.lock"):
        if not (base / "results.json").exists():
            base.mkdir()
            (base / "results.json").write_text(json.dumps(autograde_some(base)))
    found: dict[str, Any] = json.loads((base / "results.json").read_text())
    return found


def autograde_some(base: Path) -> dict[str, Any]:
    course = write_course(base, (), **LIMITS)
    assert python(base, "-m", "nbgrader", "generate_assignment", "double").returncode == 0
    with watched(course, base / "home", f"redcmd{secrets.token_hex(4)}") as (words, traces):
        for student in some():
            folder = course / "submitted" / student.name / "double"
            student.hand_in(folder, course / "release" / "double", words)
        before = snapshot(course)
        done = python(base, "-m", "nbgrader", "autograde", "double")
        after = snapshot(course)
    changed = [name for name in {*before, *after} if before.get(name) != after.get(name)]
    said = done.stdout[-3000:] + done.stderr[-3000:]
    return {"points": points(course, "double"), "traces": traces, "changed": changed, "said": said}


def some() -> list[Hostile]:
    return [student for student in EVERYBODY if student.name in BY_COMMAND or student in HONEST[:5]]


@pytest.mark.parametrize("student", some(), ids=lambda student: student.name)
def test_nbgrader_autograde_gives_the_same(by_command: dict[str, Any], student: Hostile) -> None:
    unlike = difference(student, by_command["points"].get(student.name, {}))
    assert not unlike, f"{student.name} ({student.tries}): (got, deserved) {unlike}. {by_command['said']}"


def test_nbgrader_autograde_leaves_no_trace(by_command: dict[str, Any]) -> None:
    assert by_command["traces"] == []
    assert by_command["changed"] == []


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    names = [student.name for student in EVERYBODY]
    assert len(names) == len(set(names))
    assert len(HOSTILE) >= 90
    assert os.sep not in "".join(names)
