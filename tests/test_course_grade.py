"""`shoshin course grade`: the results of `nbgrader autograde`, faster, and whatever happens in between."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from small_course import (
    ANSWERS,
    COURSE_GRADE,
    DOUBLE,
    POINTS,
    as_in,
    copy_of,
    environment,
    gradebook_of,
    hand_in,
    hand_in_all,
    nbgrader,
    points_of,
    small_course,
)

from shoshin.classroom import gradebook, preprocessors, run, workers
from shoshin.classroom.assignment import Assignment
from shoshin.classroom.autograded import Folder
from shoshin.classroom.model import Asked, Blueprint, CannotGrade, Canonical, Cell, Graded, Limits, Unit
from shoshin.classroom.report import Event, Report
from shoshin.classroom.run import grade_assignment
from shoshin.classroom.server import GradingServer
from shoshin.classroom.workers import Died, Workers
from shoshin.errors import ShoshinError


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    return small_course(tmp_path_factory, worker_id)


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Iterator[Path]:
    """A course of one's own, in a process that finds its exercises."""
    with as_in(made := copy_of(template, tmp_path)):
        yield made


@pytest.fixture(scope="module")
def server() -> Iterator[GradingServer]:
    with GradingServer(["numpy"]) as server:
        yield server


@pytest.fixture(autouse=True)
def one_server_for_all(server: GradingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run has grading processes of its own, but they come from one server, which has imported everything."""
    monkeypatch.setattr(run, "GradingServer", lambda packages: contextlib.nullcontext(server))


def grade(course: Path, assignment: str = "double", **options: Any) -> Report:
    return grade_assignment(course, assignment, **{"workers": 1, **options})


def autograded(course: Path, student: str, assignment: str = "double", notebook: str = "") -> nbformat.NotebookNode:
    path = course / "autograded" / student / assignment / f"{notebook or assignment}.ipynb"
    return nbformat.read(path, as_version=4)


def set_in_config(course: Path, line: str) -> None:
    config = course / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\n{line}\n")


# The same results.


def test_grades_comments_penalties_files_and_notebooks_are_those_of_nbgrader_autograde(template, tmp_path) -> None:
    stock, ours = copy_of(template, tmp_path / "stock"), copy_of(template, tmp_path / "ours")
    for course in (stock, ours):
        hand_in_all(course)
        set_in_config(course, 'c.LateSubmissionPlugin.penalty_method = "zero"')
        with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as book:
            book.update_or_create_assignment("plain", duedate="2030-01-01 12:00:00 UTC")
        folder = course / "submitted" / "ada" / "plain"
        (folder / "timestamp.txt").write_text("2030-01-01 12:00:01 UTC")
        (folder / "numbers.txt").write_text("the student's")
        (folder / "own").mkdir()
        (folder / "own" / "notes.txt").write_text("mine")
    for assignment in ("double", "plain"):
        nbgrader(stock, "autograde", assignment)
        with as_in(ours):
            report = grade(ours, assignment, workers=2)
            assert not report.failed, report.notes
    found = gradebook_of(ours)
    assert found == gradebook_of(stock)
    assert points_of(ours, "double") == POINTS
    assert found["ada/plain"]["sums"]["grades"]["why"] == [None, None, True]
    assert found["ada/plain"]["sums"]["penalty"] == found["ada/plain"]["means"]["penalty"] + 0.5 == 2.5
    assert found["cleo/plain"]["means"]["grades"]["averages"] == [0, None, False]
    assert files_of(ours) == files_of(stock)


def files_of(course: Path) -> dict[str, Any]:
    """Return the files in autograded/ with their permissions; of notebooks, the cells."""
    found: dict[str, Any] = {}
    for path in (course / "autograded").rglob("*"):
        name = str(path.relative_to(course))
        if path.suffix == ".ipynb":
            text = re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', path.read_text("utf-8"))
            found[name] = json.loads(text)["cells"]
        elif path.is_file():
            found[name] = (path.read_bytes(), oct(path.stat().st_mode))
    return found


def test_the_answer_carries_the_card_of_its_check_as_a_comment(course) -> None:
    hand_in_all(course)
    grade(course)
    comments = gradebook_of(course)["cleo/double"]["double"]["comments"]
    assert "You multiplied the number by itself" in comments["answer-double"][0]
    assert comments["answer-prediction"] == ["No response.", None]


# What is graded, and what is not graded again.


def test_only_what_is_new_or_changed_is_graded(course) -> None:
    hand_in_all(course)
    assert (grade(course).graded, grade(course).unchanged) == (4, 4)
    hand_in(course, "ben", "double", {"double": DOUBLE})
    (course / "submitted" / "cleo" / "double" / "data.csv").write_text("1,2")
    report = grade(course)
    assert (report.graded, report.unchanged) == (2, 2)
    assert points_of(course, "double") == {**POINTS, "ben": 2}
    assert (course / "autograded" / "cleo" / "double" / "data.csv").read_text() == "1,2"
    report = grade(course, force=True)
    assert (report.graded, report.unchanged) == (4, 0)


def test_a_new_grader_grades_everything_again(course) -> None:
    hand_in_all(course)
    grade(course)
    grader = course.parent / "library" / "graders" / "tiny" / "double.py"
    grader.write_text(grader.read_text() + "\n# mended\n")
    assert grade(course).graded == len(ANSWERS)


def test_only_the_students_that_are_named_are_graded(course) -> None:
    hand_in_all(course)
    assert grade(course, students=["cleo"]).graded == 1
    assert points_of(course, "double") == {"cleo": POINTS["cleo"]}
    with pytest.raises(ShoshinError, match="zoe: no submission of double"):
        grade(course, students=["ada", "zoe"])


def test_a_gradebook_that_has_lost_a_grade_gets_it_again(course) -> None:
    hand_in_all(course)
    grade(course)
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute("update grade set auto_score = 99 where rowid = 1")
    assert grade(course).graded == 1
    (course / "gradebook.db").unlink()
    nbgrader(course, "generate_assignment", "double", "--force")
    assert grade(course).graded == len(ANSWERS)
    assert points_of(course, "double") == POINTS


def test_what_a_person_gave_is_kept_and_marked_for_another_look(course) -> None:
    hand_in_all(course)
    grade(course)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as book:
        book.find_grade("check-double", "double", "double", "ben").manual_score = 1.25
        book.find_comment("answer-double", "double", "double", "ben").manual_comment = "We talked."
        book.db.commit()
    grade(course, force=True)
    found = gradebook_of(course)["ben/double"]["double"]
    assert found["grades"]["check-double"] == [0, 1.25, True]
    assert found["comments"]["answer-double"] == ["No response.", "We talked."]
    assert points_of(course, "double") == {**POINTS, "ben": 1.25}
    assert grade(course).unchanged == len(ANSWERS)


def test_an_extension_takes_the_penalty_back(course) -> None:
    (course / "penalties.py").write_text(
        "from nbgrader.plugins import BasePlugin\n"
        "class Quarter(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return 0.25 * total_seconds_late\n"
    )
    set_in_config(course, "import sys; sys.path.insert(0, '.'); import penalties")
    set_in_config(course, "c.AssignLatePenalties.plugin_class = penalties.Quarter")
    hand_in(course, "ada", "double", ANSWERS["ada"])
    (course / "submitted/ada/double/timestamp.txt").write_text("2030-01-01 12:00:02 UTC")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as book:
        book.update_or_create_assignment("double", duedate="2030-01-01 12:00:00 UTC")
    assert grade(course).mean == 4.0
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as book:
        book.grant_extension("double", "ada", minutes=1)
    report = grade(course)
    assert (report.graded, report.mean) == (1, 4.5)


def test_a_notebook_that_was_not_handed_in_scores_zero_and_is_named(course) -> None:
    hand_in_all(course)
    report = grade(course, "plain")
    assert report.notes["cleo"] == ("means.ipynb was not handed in; it scores 0.",)
    assert grade(course, "plain").unchanged == 3


# Submissions that cannot be graded cost nobody else a grade.


def test_a_student_whom_the_course_does_not_know_is_named_and_the_others_are_graded(course) -> None:
    hand_in_all(course)
    set_in_config(course, "c.Autograde.create_student = False")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as book:
        book.add_student("ada")
    report = grade(course)
    assert (report.graded, report.failed) == (1, ["ben", "cleo", "dan"])
    assert "no such student" in report.notes["ben"][0]
    assert points_of(course, "double") == {"ada": 4.5}


def test_submissions_that_cannot_be_graded_are_named_and_the_others_are_graded(course, monkeypatch) -> None:
    hand_in_all(course)
    errors = {"ada": CannotGrade("No memory.\nBuy some."), "ben": RuntimeError("out of luck"), "dan": KeyError()}
    submit = Workers.submit

    def refuse_some(self: Workers, unit: Unit) -> Future[Graded]:
        if unit.student not in errors:
            return submit(self, unit)
        future: Future[Graded] = Future()
        future.set_exception(errors[unit.student])
        return future

    monkeypatch.setattr(Workers, "submit", refuse_some)
    report = grade(course)
    assert (report.graded, sorted(report.failed)) == (1, sorted(errors))
    assert report.notes == {"ada": ("No memory.\nBuy some.",), "ben": ("out of luck",), "dan": ("KeyError",)}
    assert points_of(course, "double") == {"cleo": POINTS["cleo"]}


def test_links_pipes_and_unreadable_times_are_refused_by_name(course, tmp_path) -> None:
    hand_in_all(course)
    secret = tmp_path / "secret.txt"
    secret.write_text("the solution")
    submitted = course / "submitted"
    (submitted / "ada" / "double" / "data.txt").symlink_to(secret)
    (submitted / "ada" / "double" / "folder").symlink_to(tmp_path)
    os.mkfifo(submitted / "ada" / "double" / "pipe")
    (submitted / "ben" / "double" / "double.ipynb").unlink()
    os.mkfifo(submitted / "ben" / "double" / "double.ipynb")
    (submitted / "cleo" / "double" / "timestamp.txt").write_text("soon")
    (submitted / "dan" / "double" / "double.ipynb").rename(submitted / "dan" / "double" / "mine.ipynb")
    (submitted / "eve").symlink_to(submitted / "ada")
    report = grade(course)
    assert (report.graded, report.failed) == (2, ["cleo", "dan", "eve"])
    assert "it is a symbolic link" in report.notes["eve"][0]
    assert [note.split()[0] for note in report.notes["ada"]] == ["data.txt", "folder", "pipe"]
    assert "double.ipynb is not an ordinary file; it counts as empty." in report.notes["ben"]
    assert points_of(course, "double") == {"ada": 4.5, "ben": 0}
    assert {path.name for path in (course / "autograded/ada/double").iterdir()} == {"double.ipynb"}


def test_a_time_that_no_clock_has_is_refused_and_whatever_reading_raises_costs_nobody_else(course, monkeypatch) -> None:
    hand_in_all(course)
    (course / "submitted/cleo/double/timestamp.txt").write_text("1:9999999999999999999999999999999999999999")
    begin = Assignment.begin

    def fail_for_ben(self: Assignment, student: str, force: bool) -> Any:
        if student == "ben":
            raise RecursionError("too deep")
        return begin(self, student, force)

    monkeypatch.setattr(Assignment, "begin", fail_for_ben)
    report = grade(course)
    assert (report.graded, report.failed) == (2, ["ben", "cleo"])
    assert report.notes["ben"] == ("it could not be read (RecursionError: too deep).",)
    assert "timestamp.txt tells no time" in report.notes["cleo"][0]


UNPRIVILEGED = """
import json, sys
from pathlib import Path
from shoshin.classroom.run import grade_assignment
from shoshin.classroom.sandbox import linux
linux.drop_capabilities()
print(json.dumps(grade_assignment(Path(sys.argv[1]), "double", workers=1, trusted=True).as_dict()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere root reads everything")
def test_folders_that_cannot_be_read_are_named_and_the_others_are_graded(course) -> None:
    hand_in_all(course)
    closed = [course / "submitted/ben/double", course / "submitted/cleo"]
    for folder in closed:
        folder.chmod(0)
    command = [sys.executable, "-c", UNPRIVILEGED, str(course)]
    done = subprocess.run(command, env=environment(course), capture_output=True, text=True)
    for folder in closed:
        folder.chmod(0o755)
    report = json.loads(done.stdout or "{}")
    assert report, done.stderr
    assert (report["graded"], report["failed"]) == (2, ["ben", "cleo"])
    for student in ("ben", "cleo"):
        assert "it cannot be read (Permission denied)" in report["notes"][student][0]


def test_folders_that_are_too_deep_or_too_many_are_left_out_and_named(course) -> None:
    hand_in_all(course)
    ada, ben, cleo = (course / "submitted" / student / "double" for student in ("ada", "ben", "cleo"))
    deep = ada.joinpath(*["d"] * 600)
    deep.mkdir(parents=True)
    (ada.joinpath(*["d"] * 20) / "kept.txt").write_text("1")
    (deep / "lost.txt").write_text("1")
    for number in range(3000):
        (ben / f"{number:04}").mkdir()
    (ben / "0000" / "kept.txt").write_text("1")
    (cleo / ".shoshin.part").mkdir()
    (cleo / ".shoshin.part" / "x").write_text("1")
    report = grade(course)
    assert report.failed == []
    assert report.notes["ada"] == ("/".join(["d"] * 21) + " lies too deep; it was left out.",)
    assert report.notes["ben"] == ("1000 is one of more than 1000 folders; it was left out.",)
    for path in ("ada/double/" + "d/" * 20 + "kept.txt", "ben/double/0000/kept.txt", "cleo/double/.shoshin.part/x"):
        assert (course / "autograded" / path).read_text() == "1"
    assert points_of(course, "double") == POINTS


def test_a_folder_of_the_course_in_which_nothing_can_be_written_is_named(course, monkeypatch) -> None:
    hand_in_all(course)
    (course / "autograded" / "cleo").mkdir(parents=True)
    (course / "autograded" / "cleo" / "double").write_text("in the way")
    report = grade(course)
    assert (report.graded, report.failed) == (3, ["cleo"])
    assert "autograded/cleo/double cannot be written" in report.notes["cleo"][0]


# What a submission may use.


def test_a_course_may_set_what_a_submission_may_use_for_both_ways_of_grading(template, tmp_path) -> None:
    slow = {"double": f"import time\ntime.sleep(2)\n{DOUBLE}", "words": 'words = "twice"'}
    stock, ours = copy_of(template, tmp_path / "stock"), copy_of(template, tmp_path / "ours")
    for course in (stock, ours):
        hand_in(course, "ada", "double", slow)
        set_in_config(course, "c.SubmissionLimits.cell_seconds = 1")
    nbgrader(stock, "autograde", "double")
    assert points_of(stock, "double") == {"ada": 1}
    with as_in(ours):
        grade(ours)
        assert gradebook_of(ours) == gradebook_of(stock)
        set_in_config(ours, "c.SubmissionLimits.cell_seconds = 30")
        assert grade(ours).graded == 1  # with other limits it is another grading
    assert points_of(ours, "double") == {"ada": 3}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("c.SubmissionLimits.seconds = 10", "no such limit.\nThere are cell_seconds,"),
        ("c.SubmissionLimits.cell_seconds = 'long'", "'long' is no positive number"),
        ("c.SubmissionLimits.cell_seconds = float('nan')", "nan is no positive number"),
        ("c.SubmissionLimits.processes = float('inf')", "inf is no positive number"),
        ("c.SubmissionLimits.memory_mb = -1", "-1 is no positive number"),
        ("c.SubmissionLimits.open_files = None", "None is no positive number"),
        ("c.SubmissionLimits = 10", "10"),
        *[
            (f"c.SubmissionLimits.{name} = {value}", f"is too {word}.\nNothing was graded: choose a number between ")
            for name, value, word in [
                ("memory_mb", "10**15", "much"),
                ("file_mb", "10**14", "much"),
                ("cpu_seconds", "10**30", "much"),
                ("cell_seconds", "1e-9", "little"),
                ("open_files", "3", "little"),
            ]
        ],
    ],
)
def test_a_limit_that_makes_no_sense_is_told_and_nothing_is_graded(course, line, words) -> None:
    hand_in_all(course)
    set_in_config(course, line)
    with pytest.raises(ShoshinError) as refused:
        grade(course)
    assert words in str(refused.value) and str(refused.value).count("\n") <= 1
    assert points_of(course, "double") == {}


def test_the_teachers_data_may_be_linked_and_comes_whole_or_the_teacher_is_told(course, tmp_path) -> None:
    source, data = course / "source" / "plain", tmp_path / "data"
    data.mkdir()
    (source / "numbers.txt").rename(data / "numbers.txt")
    (source / "numbers.txt").symlink_to(data / "numbers.txt")
    (data / "around").symlink_to(data)
    (source / "data").symlink_to(data)
    hand_in_all(course)
    assert grade(course, "plain").failed == []
    assert points_of(course, "plain")["ada"] == 4.5
    (source / "large.bin").write_bytes(bytes(3 * 2**20))
    assert grade(course, "plain").graded == 3
    for limit in ("scratch_mb = 3", "file_mb = 2"):
        set_in_config(course, f"c.SubmissionLimits.{limit}")
        with pytest.raises(ShoshinError, match=r"plain: .*large\.bin.*left out.\nA file may have .* MB"):
            grade(course, "plain", force=True)
    (source / "large.bin").unlink()
    (source / "more.txt").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ShoshinError, match=r"more\.txt cannot be read"):
        grade(course, "plain")


def test_what_of_a_students_files_finds_no_room_is_left_out_and_named(course) -> None:
    hand_in_all(course)
    set_in_config(course, "c.SubmissionLimits.scratch_mb = 3")
    for number in range(600):  # each takes an inode
        (course / "submitted" / "ada" / "double" / f"{number:03}.txt").write_text("1")
    (course / "submitted" / "ben" / "double" / "large.bin").write_bytes(bytes(4 * 2**20))
    report = grade(course)
    assert not report.failed
    assert report.notes["ada"] == ("There is no room for 255.txt and what follows; they were left out.",)
    assert report.notes["ben"][0].startswith("There is no room for large.bin")
    assert points_of(course, "double") == POINTS


# Interruptions.


def test_a_grading_process_that_dies_costs_one_more_try_and_after_the_second_the_student_is_named(course) -> None:
    deadly = "import os, signal\nif add(0, 0) == 1: os.kill(os.getpid(), signal.SIGKILL)\n"
    once = f"{deadly}if add(0, 0) == 2 and not os.path.exists({str(course / 'died')!r}):\n"
    once += f"    open({str(course / 'died')!r}, 'x').close()\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute("update source_cell set source = ? || source where name = 'adds_text'", [once])
    sources = {"ada": "a + b", "ben": "1", "cleo": "2", "dan": "a + b"}
    for student, result in sources.items():
        hand_in(course, student, "plain", {"add": f"def add(a, b):\n    return {result}"}, "sums")
    report = grade(course, "plain")
    assert (report.graded, report.failed) == (3, ["ben"])
    assert "ended, twice" in report.notes["ben"][0]
    assert (course / "died").exists()
    assert points_of(course, "plain") == {"ada": 2.5, "cleo": 0, "dan": 2.5}


def test_a_test_that_stops_in_no_time_or_takes_all_memory_costs_only_its_student_a_grade(course, monkeypatch) -> None:
    stops = "if add(0, 0) == 1: sum(iter(int, 1))\nif add(0, 0) == 2: bytes(2**31)\n"  # in C, where no limit holds
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute("update source_cell set source = ? || source where name = 'adds_text'", [stops])
    for limit in ("total_seconds = 12", "grade_seconds = 2", "cell_seconds = 2", "memory_mb = 512"):
        set_in_config(course, f"c.SubmissionLimits.{limit}")
    monkeypatch.setattr(workers, "GRACE", 0)
    for student, result in {"ada": "a + b", "ben": "1", "cleo": "2", "dan": "a + b"}.items():
        hand_in(course, student, "plain", {"add": f"def add(a, b):\n    return {result}"}, "sums")
    report = grade(course, "plain")
    assert (report.graded, report.failed) == (3, ["ben"])
    assert report.notes["ben"] == ("grading was ended after 16 s, at a test that did not stop",)
    assert points_of(course, "plain") == {"ada": 2.5, "cleo": 0, "dan": 2.5}
    shown = str(autograded(course, "cleo", "plain", "sums").cells)
    assert "MemoryError: What your code gave takes more memory than there is for this test" in shown


def test_nbgrader_autograde_grades_in_a_process_that_can_be_ended(server, monkeypatch) -> None:
    monkeypatch.setattr(preprocessors, "own_workers", [Workers(server, 1)])
    monkeypatch.setattr(workers, "GRACE", 0)

    def unit(source: str) -> Unit:
        test = Asked("t", "grade", "code", source, 1, True)
        limits = Limits(total_seconds=5, grade_seconds=1, cell_seconds=1)
        return Unit("ada", Blueprint("a", "n", (test,)), Canonical((Cell("t", "code", source, test),)), limits=limits)

    with pytest.raises(Died, match="grading was ended after 7 s"):
        preprocessors.grade(unit("sum(iter(int, 1))"))
    assert preprocessors.grade(unit("assert True")).results[0].score == 1
    preprocessors.own_workers[0].close()


DRIVER = """
import os, random, signal, sys
import sqlalchemy
from shoshin.classroom.run import grade_assignment
from pathlib import Path

course, steps = Path(sys.argv[1]), [int(step) for step in sys.argv[2].split(",")]
STEPS = ("os.rename", "os.remove", "os.chmod", "os.mkdir", "shutil.rmtree", "statement")

def run(until):
    left = until
    def step(what, _arguments=()):
        nonlocal left
        if what in STEPS and os.getpid() == me:
            left -= 1
            if left == 0:
                os.kill(me, signal.SIGKILL)
    me = os.getpid()
    sys.addaudithook(step)
    for event in ("before_cursor_execute", "commit"):
        sqlalchemy.event.listen(sqlalchemy.Engine, event, lambda *_: step("statement"))
    report = grade_assignment(course, "plain", workers=2)
    os._exit(len(report.failed))

for until in steps:
    child = os.fork()
    if child == 0:
        run(until)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(code, flush=True)
    if code >= 0:
        break
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment_it_goes_on_and_ends_with_the_same_gradebook(template, tmp_path, seed) -> None:
    undisturbed, killed = copy_of(template, tmp_path / "undisturbed"), copy_of(template, tmp_path / "killed")
    for course in (undisturbed, killed):
        hand_in_all(course)
    with as_in(undisturbed):
        assert grade(undisturbed, "plain").graded == 3
    rng = random.Random(seed)
    steps = [rng.randint(36, 80) for _ in range(7)]  # the work on one student, and half of the next one's
    driven = subprocess.run(
        [sys.executable, "-c", DRIVER, str(killed), ",".join(map(str, [*steps, 10**9]))],
        env=environment(killed),
        capture_output=True,
        text=True,
    )
    codes = [int(line) for line in driven.stdout.split()]
    assert codes[-1] == 0 and codes.count(-9) > 2, driven.stderr
    assert gradebook_of(killed) == gradebook_of(undisturbed)
    assert files_of(killed) == files_of(undisturbed)
    with as_in(killed):
        assert grade(killed, "plain").unchanged == 3


@pytest.fixture
def locked(course: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Let another process do something with the gradebook, for which nobody waits long."""
    for name, seconds in (("PATIENCE", 0.3), ("IMPATIENCE", 0.1)):
        monkeypatch.setattr(gradebook, name, seconds)
    monkeypatch.setattr(preprocessors, "PATIENCE", 0.1)
    code = "import sqlite3, sys; book = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    code += "for line in sys.stdin: book.execute(line); print(flush=True)"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code, str(course / "gradebook.db")], **pipes) as other:

        def do(statement: str) -> None:
            other.stdin.write(f"{statement}\n")
            other.stdin.flush()
            other.stdout.readline()

        yield do
        other.stdin.close()


def test_a_locked_gradebook_is_waited_for_and_what_could_not_be_recorded_comes_at_the_end(course, locked) -> None:
    hand_in_all(course)
    events: list[Event] = []

    def lock_after_the_first(event: Event) -> None:
        events.append(event)
        if len(events) == 1:
            locked("begin exclusive")
        elif len(events) == 2:
            locked("commit")

    report = grade(course, progress=lock_after_the_first)
    assert [event.state for event in events] == ["graded", "tried again later", "graded", "graded", "graded"]
    assert "database is locked" in events[1].line()
    assert events[1].student == events[-1].student
    assert not report.failed
    assert points_of(course, "double") == POINTS


def test_a_gradebook_that_is_locked_for_a_moment_delays_the_grades_and_costs_none(course, locked, monkeypatch) -> None:
    hand_in_all(course)
    monkeypatch.setattr(gradebook, "PATIENCE", 60)
    locked("begin immediate")  # it can still be read
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            locked("commit")

    monkeypatch.setattr(gradebook.time, "sleep", wait)
    report = grade(course, workers=1)
    assert waits == [0.05, 0.1, 0.2]
    assert (report.graded, report.notes) == (4, {})


def test_a_gradebook_that_stays_locked_is_named_and_nothing_is_lost(course, locked) -> None:
    hand_in_all(course)
    grade(course)
    before = gradebook_of(course)
    for student in ANSWERS:
        hand_in(course, student, "double", {"words": 'words = "thrice"'})
    locked("begin immediate")
    report = grade(course)
    assert sorted(report.failed) == sorted(ANSWERS)
    assert "database is locked" in report.notes["ada"][0]
    assert gradebook_of(course) == before
    locked("commit")
    locked("begin exclusive")
    with pytest.raises(ShoshinError, match="cannot be opened: database is locked"):
        grade(course)
    locked("commit")
    assert grade(course).graded == len(ANSWERS)
    assert set(points_of(course, "double").values()) == {0}


def test_on_a_full_disk_it_stops_in_two_lines_and_goes_on_later(course, monkeypatch) -> None:
    hand_in_all(course)
    replace = Folder._replace

    def full_after_the_first(self: Folder, path: Path, content: bytes) -> None:
        if (course / "autograded").exists() and any((course / "autograded").rglob("*.ipynb")):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        replace(self, path, content)

    monkeypatch.setattr(Folder, "_replace", full_after_the_first)
    with pytest.raises(ShoshinError) as stopped:
        grade(course)
    assert str(stopped.value).count("\n") == 1 and "No space left on device" in str(stopped.value)
    monkeypatch.setattr(Folder, "_replace", replace)
    report = grade(course)
    assert (report.graded, report.unchanged) == (3, 1)
    assert points_of(course, "double") == POINTS


# The command.


def command(course: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COURSE_GRADE, str(course), "double", *options], env=environment(course), capture_output=True, text=True
    )


def test_the_command_names_who_needs_attention_and_ends_with_a_summary(course) -> None:
    hand_in_all(course)
    (course / "submitted" / "cleo" / "double" / "timestamp.txt").write_text("soon")
    done = command(course)
    assert done.returncode == 1, done.stderr
    assert "4 of 4: " in done.stderr
    first, *_ = done.stdout.splitlines()
    assert first.startswith("cleo: not graded: ")
    assert "double: 3 graded, 0 unchanged, 1 not graded (cleo)" in done.stdout
    assert "; mean 2.17 of 4.5 points." in done.stdout
    (course / "submitted" / "cleo" / "double" / "timestamp.txt").unlink()
    done = command(course, "--json", "--workers", "1")
    report = json.loads(done.stdout)
    assert (done.returncode, report["graded"], report["unchanged"]) == (0, 1, 3)
    assert report["mean"] == sum(POINTS.values()) / 4


def test_a_folders_name_that_is_no_text_is_told_as_well_as_can_be(course) -> None:
    hand_in(course, "ada", "double", ANSWERS["ada"])
    os.mkdir(os.fsencode(course / "submitted") + b"/z\xff")
    os.mkdir(os.fsencode(course / "submitted") + b"/z\xff/double")
    strict = {**environment(course), "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run([*COURSE_GRADE, str(course), "double"], env=strict, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("Traceback")) == (1, 0)
    assert "double: 1 graded, 0 unchanged, 1 not graded (z\\udcff)" in done.stdout


def test_a_second_command_on_the_same_course_is_refused(course) -> None:
    hand_in_all(course)
    others = []
    grade(course, progress=lambda event: others or others.append(command(course)))
    assert others[0].returncode == 2
    assert "another `shoshin course grade` is at work" in others[0].stderr
    assert others[0].stderr.count("\n") == 2
    assert points_of(course, "double") == POINTS


def test_students_are_only_trusted_on_demand_and_that_is_recorded(course, monkeypatch) -> None:
    hand_in_all(course)
    monkeypatch.setattr(run.sandbox, "missing", lambda: ["There are no user namespaces."])
    with pytest.raises(ShoshinError) as refused:
        grade(course)
    assert "There are no user namespaces." in str(refused.value) and "--trust-students" in str(refused.value)
    assert str(refused.value).count("\n") == 1
    assert not (course / "autograded").exists()
    report = grade(course, trusted=True)
    assert "trusted" in report.text()
    assert points_of(course, "double") == POINTS
    assert "trusted" in autograded(course, "ada").metadata.shoshin.grading.sandbox


def config_is_broken(course: Path) -> None:
    set_in_config(course, "1 / 0")


def gradebook_is_gone(course: Path) -> None:
    (course / "gradebook.db").unlink()


def nothing_is_handed_in(course: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (config_is_broken, "ZeroDivisionError"),
        (gradebook_is_gone, "there is no gradebook yet"),
        (nothing_is_handed_in, "there are no submissions of double"),
    ],
)
def test_a_course_that_cannot_be_graded_is_told_in_at_most_two_lines(
    course: Path, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(course)
    with pytest.raises(ShoshinError) as refused:
        grade(course)
    assert words in str(refused.value) and str(refused.value).count("\n") <= 1


def test_an_assignment_that_the_gradebook_does_not_know_is_told_with_what_to_do(course) -> None:
    with pytest.raises(ShoshinError, match="nbgrader generate_assignment nothing"):
        grade(course, "nothing")
    with pytest.raises(ShoshinError, match="is not a folder"):
        grade(course / "nowhere")
