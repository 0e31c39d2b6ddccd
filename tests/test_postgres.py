"""The gradebook on a PostgreSQL server, for `shoshin course grade` and for nbgrader's own commands."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from small_course import as_in, copy_of, gradebook_of, hand_in_all, nbgrader, points_of, small_course

from shoshin.classroom.report import Event
from shoshin.classroom.run import grade_assignment
from shoshin.errors import ShoshinError

psycopg = pytest.importorskip("psycopg")
BINARIES = [
    *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
    Path(shutil.which("initdb") or "/").parent,
]
BINARY = next((folder for folder in BINARIES if (folder / "initdb").exists()), None)
pytestmark = pytest.mark.skipif(BINARY is None, reason="no PostgreSQL server here (Debian's package: postgresql)")
UNPRIVILEGED = {"user": "postgres"} if os.geteuid() == 0 else {}  # it refuses to be root


class Server:
    """A server of one's own, which listens on a socket in its folder and nowhere else."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.databases = folder, 0
        self.run("initdb", "--auth=trust", "--username=teacher", "--encoding=UTF8", "--no-sync")
        self.start()

    def run(self, program: str, *options: str) -> None:
        command = [str(BINARY / program), "-D", str(self.folder / "data"), *options]
        with (self.folder / "output").open("w") as output:  # not a pipe: the server would hold it open
            code = subprocess.call(command, stdout=output, stderr=output, cwd=self.folder, **UNPRIVILEGED)
        assert code == 0, (self.folder / "output").read_text()

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
        self.run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-w", "-m", "immediate")

    def new_database(self) -> str:
        """Make a database, and return its address for SQLAlchemy."""
        self.databases += 1
        name = f"course_{self.databases}"
        with psycopg.connect(f"host={self.folder} user=teacher dbname=postgres", autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return f"postgresql+psycopg://teacher@/{name}?host={self.folder}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="shoshin-postgres-"))  # nobody else could enter one of pytest's
    if UNPRIVILEGED:
        shutil.chown(folder, **UNPRIVILEGED)
    made = Server(folder)
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    return small_course(tmp_path_factory, worker_id)


@pytest.fixture
def address(server: Server) -> str:
    return server.new_database()


@pytest.fixture
def course(template: Path, tmp_path: Path, address: str) -> Iterator[Path]:
    """A course with its gradebook on the server, and everything handed in."""
    with as_in(made := copy_of(template, tmp_path / "course")):
        (made / "gradebook.db").unlink()
        use(made, address)
        hand_in_all(made)
        nbgrader(made, "generate_assignment", "plain", "--force")
        yield made


def use(course: Path, address: str) -> None:
    config = course / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {address!r}\n")


def test_the_grades_are_those_of_an_sqlite_gradebook_and_nbgrader_goes_on_with_them(
    course: Path, template: Path, tmp_path: Path, address: str
) -> None:
    with as_in(on_sqlite := copy_of(template, tmp_path / "on-sqlite")):
        hand_in_all(on_sqlite)
        grade_assignment(on_sqlite, "plain", workers=2)
    report = grade_assignment(course, "plain", workers=2)
    assert (report.graded, report.failed) == (3, [])
    assert gradebook_of(course, address) == gradebook_of(on_sqlite)
    assert grade_assignment(course, "plain", workers=2).unchanged == 3
    before = gradebook_of(course, address)
    nbgrader(course, "autograde", "plain", "--force")
    assert gradebook_of(course, address) == before
    nbgrader(course, "generate_feedback", "plain")
    assert (course / "feedback" / "ada" / "plain" / "sums.html").exists()
    nbgrader(course, "export")
    with (course / "grades.csv").open(newline="") as file:
        assert {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)} == points_of(
            course, "plain", address
        )
    nbgrader(course, "db", "upgrade")


def test_the_pages_of_the_formgrader_find_their_numbers(course: Path, address: str) -> None:
    grade_assignment(course, "plain", workers=2)
    points = points_of(course, "plain", address)
    with Gradebook(address, "course") as book:
        assert {one["student"]: one["score"] for one in book.submission_dicts("plain")} == points
        assert {one["id"]: one["score"] for one in book.student_dicts()} == points
        assert {one["student"] for one in book.notebook_submission_dicts("sums", "plain")} == set(points)
        assert book.average_assignment_score("plain") == pytest.approx(sum(points.values()) / len(points))


def test_a_server_that_starts_again_midway_is_waited_for(course: Path, address: str, server: Server) -> None:
    events: list[Event] = []

    def start_again(event: Event) -> None:
        if not events:
            server.stop()
            server.start()
        events.append(event)

    report = grade_assignment(course, "plain", workers=2, progress=start_again)
    assert (report.graded, report.failed) == (3, [])
    assert points_of(course, "plain", address) == {"ada": 4.5, "ben": 0, "cleo": 2.5}


def test_an_id_that_the_database_would_cut_costs_nobody_else_a_grade(course: Path, address: str) -> None:
    longs = ["x" * 128 + end for end in ("y", "z")]
    for long in longs:
        shutil.copytree(course / "submitted" / "ada", course / "submitted" / long)
    report = grade_assignment(course, "plain", workers=2)
    assert (report.graded, report.failed) == (3, longs)
    assert "at most 128" in report.notes[longs[0]][0]
    assert set(points_of(course, "plain", address)) == {"ada", "ben", "cleo"}


def test_a_server_that_is_not_there_and_a_missing_driver_are_told_in_two_lines(course: Path, tmp_path: Path) -> None:
    for address, words in (
        (f"postgresql+psycopg://teacher:secret@/none?host={tmp_path}", "cannot be opened"),
        ("postgresql+pg8000://teacher:secret@localhost/none", "needs the Python package 'pg8000'"),
        ("postgresql+psycopg:teacher", "db_url cannot be used"),
    ):
        use(course, address)
        with pytest.raises(ShoshinError) as refused:
            grade_assignment(course, "plain", workers=2)
        assert words in str(refused.value) and str(refused.value).count("\n") <= 1
        assert "secret" not in str(refused.value)


def test_an_empty_database_is_left_as_it_is(course: Path, server: Server) -> None:
    use(course, empty := server.new_database())
    with pytest.raises(ShoshinError, match="the gradebook is empty"):
        grade_assignment(course, "plain", workers=2)
    with psycopg.connect(empty.replace("+psycopg", "")) as connection:
        assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
