"""A course goes through the stock nbgrader: generate, submit, autograde, feedback, export, formgrader, validate."""

from __future__ import annotations

import copy
import csv
import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import requests
from filelock import FileLock
from requests.adapters import HTTPAdapter
from small_library import write_small_library
from urllib3 import Retry

from shoshin import library
from shoshin.classroom.course import new_course

REAL = "standardise_without_leakage"
NBGRADER = [sys.executable, "-m", "nbgrader"]

DOUBLE = "def double(number):\n    return 2 * number"
HALVE = "def halve(number):\n    return number / 2"
WORDS = 'words = "twice"'
NOISY = """
import logging, os, sys, warnings
def double(number):
    warnings.warn("this is slow", RuntimeWarning)
    print("a word to stderr", file=sys.stderr)
    os.write(2, b"and one from below\\n")
    logging.getLogger("mine").warning("and one more")
    return 2 * number
"""
PRINTING = "def halve(number):\n    print(0)\n    print('0.0')\n    display(0)\n    return number / 2"

# What each student writes in the exercise tiny/double, whose tasks give 2, 1 and 1.5 points.
ANSWERS = {
    "perfect": {"double": DOUBLE, "words": WORDS, "halve": HALVE},
    "untouched": {},
    "wrong": {"double": "def double(number):\n    return number**2", "words": WORDS, "halve": HALVE},
    "partial": {
        "double": DOUBLE,
        "words": 'words = "twice',
        "halve": "def halve(number):\n    raise ValueError('half of what?')",
    },
    "noisy": {"double": NOISY, "words": WORDS, "halve": PRINTING},
}
SCORES = {"perfect": 4.5, "untouched": 0, "wrong": 2.5, "partial": 2, "noisy": 4.5}
BOTH_SETS = """
def standardise(train, test):
    both = np.concatenate([train, test])
    return (train - both.mean(axis=0)) / both.std(axis=0), (test - both.mean(axis=0)) / both.std(axis=0)
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A course of a small exercise and a real one, graded with nbgrader's own commands."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent  # shared by the workers of pytest-xdist
    with FileLock(base / "course.lock"):
        if not (base / "graded").exists():
            make_course(base)
            grade(base)
    return base / "course"


def make_course(base: Path) -> None:
    trees = write_small_library(base / "library")
    for name in ("exercises", "graders"):
        (trees / name / "models").mkdir()
        shutil.copy(library.tree(name) / "models" / f"{REAL}.py", trees / name / "models")
    # The kernels find the small exercise's grader as they would in a library that holds it. And nothing here needs
    # the parser of rare web addresses that jsonschema would build for 2 seconds in every process.
    (trees / "sitecustomize.py").write_text(
        f"import sys, shoshin.graders\nshoshin.graders.__path__.append({str(trees / 'graders')!r})\n"
        "sys.modules['rfc3987_syntax'] = None\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "CHECKOUT", trees)
        new_course(base / "course", ["tiny/double", f"models/{REAL}"])


def grade(base: Path) -> None:
    course = base / "course"
    for name in ("double", REAL):
        nbgrader(course, "generate_assignment", name)
    for student, answers in ANSWERS.items():
        hand_in(course, student, "double", answers)
    hand_in(course, "wrong", REAL, {**solutions(course, REAL), "standardise": BOTH_SETS})
    for name in ("double", REAL):
        nbgrader(course, "autograde", name)
        nbgrader(course, "generate_feedback", name)
    nbgrader(course, "export")
    (base / "graded").touch()


def nbgrader(course: Path, *arguments: str) -> str:
    done = subprocess.run([*NBGRADER, *arguments], cwd=course, env=environment(course), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(course: Path) -> dict[str, str]:
    own = course.parent / "own"  # no settings of the person who runs the tests
    return {
        **os.environ,
        "PYTHONPATH": str(course.parent / "library"),
        "JUPYTER_CONFIG_DIR": str(own),
        "JUPYTER_DATA_DIR": str(own),
        "IPYTHONDIR": str(own),
        "OMP_NUM_THREADS": "1",
    }


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def solutions(course: Path, name: str) -> dict[str, str]:
    source = read(course / "source" / name / f"{name}.ipynb")
    return {cell.id.removeprefix("answer-"): cell.source for cell in source.cells if cell.id.startswith("answer-")}


def hand_in(course: Path, student: str, name: str, answers: dict[str, str]) -> None:
    notebook = copy.deepcopy(read(course / "release" / name / f"{name}.ipynb"))
    for cell in notebook.cells:
        cell.source = answers.get(cell.id.removeprefix("answer-"), cell.source)
    if student == "perfect":  # it was written on another machine
        notebook.metadata.kernelspec = {"name": "conda-env-ml-py", "display_name": "ml", "language": "python"}
    folder = course / "submitted" / student / name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def exported(course: Path, assignment: str) -> dict[str, dict[str, str]]:
    with (course / "grades.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == assignment]
    return {row["student_id"]: row for row in rows}


def test_released_notebooks_hold_no_solution_and_are_those_that_a_learner_opens(course) -> None:
    from shoshin.build.notebook import learner_notebook
    from shoshin.build.source import read_exercise

    learners = learner_notebook(read_exercise(course.parent / "library" / "exercises" / "tiny" / "double.py"))
    released = read(course / "release" / "double" / "double.ipynb")
    # nbgrader has one stub for all: where no function needs it, its `...` stays at the end of the cell.
    sources = [cell.source.removesuffix("\n...") for cell in released.cells]
    assert sources == [cell.source.replace("../tiny/", "../double/") for cell in learners.cells]
    assert "SOLUTION" not in (course / "release" / REAL / f"{REAL}.ipynb").read_text("utf-8")


def test_every_student_gets_the_score_that_is_due(course) -> None:
    rows = exported(course, "double")
    assert {student: float(row["score"]) for student, row in rows.items()} == SCORES
    assert {float(row["max_score"]) for row in rows.values()} == {4.5}
    row = exported(course, REAL)["wrong"]
    assert (float(row["score"]), float(row["max_score"])) == (7, 10)


def test_the_plain_text_of_a_verdict_is_its_score_under_nbgrader(course) -> None:
    assert scores_shown(course, "wrong") == {"check-double": ["0"], "check-words": ["1"], "check-halve": ["1.5"]}


def test_warnings_and_prints_inside_an_honest_answer_cost_nothing_and_reach_no_cell(course) -> None:
    assert scores_shown(course, "noisy") == {"check-double": ["2"], "check-words": ["1"], "check-halve": ["1.5"]}
    graded = read(course / "autograded" / "noisy" / "double" / "double.ipynb")
    checks = [cell for cell in graded.cells if cell.id.startswith("check-")]
    assert not [output for cell in checks for output in cell.outputs if output.output_type == "stream"]


def scores_shown(course: Path, student: str) -> dict[str, list[str]]:
    graded = read(course / "autograded" / student / "double" / "double.ipynb")
    return {
        cell.id: [output.data["text/plain"] for output in cell.outputs if output.output_type == "execute_result"]
        for cell in graded.cells
        if cell.id.startswith("check-")
    }


def test_the_feedback_page_holds_the_card(course) -> None:
    words = words_of(course / "feedback" / "wrong" / REAL / f"{REAL}.html")
    assert "Not yet: a known misunderstanding · standardise (0 of 3 points)" in words
    assert "You measured train and test together. That is the leak" in words
    assert "Passed · leaks (3 of 3 points)" in words
    words = words_of(course / "feedback" / "partial" / "double" / "double.html")
    assert "Your code stopped with an error · halve (0 of 1.5 points)" in words
    assert "raise ValueError('half of what?')" in words
    assert "Not attempted · double" in words_of(course / "feedback" / "untouched" / "double" / "double.html")


def words_of(page: Path) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page.read_text("utf-8"))))


def test_the_formgrader_lists_the_assignments_with_their_averages(course) -> None:
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--port=0", "--IdentityProvider.token=secret"]
    allow = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    server = subprocess.Popen(
        [*command, *allow],
        cwd=course,
        env=environment(course),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        log = []
        for line in server.stderr:  # ends with the server, should it not start
            log.append(line)
            if found := re.search(r"http://(?:localhost|127\.0\.0\.1):\d+/", line):
                break
        else:
            pytest.fail("".join(log))
        with requests.Session() as session:
            # The address is printed a moment before the server listens.
            session.mount("http://", HTTPAdapter(max_retries=Retry(connect=20, backoff_factor=0.1)))
            session.trust_env = False  # no proxy
            session.headers["Authorization"] = "token secret"
            page = session.get(found[0] + "formgrader/manage_assignments").text
            assignments = {one["name"]: one for one in session.get(found[0] + "formgrader/api/assignments").json()}
    finally:
        server.terminate()
        server.communicate()
    assert "Manage Assignments" in page
    assert assignments["double"]["num_submissions"] == len(SCORES)
    assert assignments["double"]["average_score"] == pytest.approx(sum(SCORES.values()) / len(SCORES))
    assert assignments["double"]["max_score"] == 4.5
    assert assignments[REAL]["average_score"] == 7


def test_nbgrader_validate_tells_a_student_what_does_not_pass_yet(course) -> None:
    output = nbgrader(course, "validate", "release/double/double.ipynb", "submitted/noisy/double/double.ipynb")
    untouched, solved = output.split("Success!")
    assert "VALIDATION FAILED ON 3 CELL(S)" in untouched
    assert "check.words(words, points=1)" in untouched
    assert solved == " Your notebook passes all the tests.\n"
