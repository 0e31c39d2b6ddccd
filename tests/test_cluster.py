"""`shoshin course grade --scheduler`: the same grades from a Dask cluster, also when its workers die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_course import ANSWERS, POINTS, as_in, copy_of, environment, gradebook_of, hand_in, points_of, small_course

from shoshin.classroom import cluster, fingerprint
from shoshin.classroom.cluster import Cluster, grade_there
from shoshin.classroom.run import grade_assignment
from shoshin.errors import ShoshinError

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    return small_course(tmp_path_factory, worker_id)


@pytest.fixture(scope="module")
def workers(template: Path) -> Iterator[distributed.LocalCluster]:
    """Three worker processes, each of which is started again when it dies."""
    with as_in(template), distributed.LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=":0") as made:
        yield made


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Iterator[Path]:
    with as_in(made := copy_of(template, tmp_path / "course")):
        for number in range(3):
            for student, answers in ANSWERS.items():
                hand_in(made, f"{student}{number}", "double", answers)
        yield made


def test_the_grades_are_those_of_this_machine_also_when_a_worker_is_killed_midway(course, template, workers) -> None:
    here = copy_of(course, course.parent / "here")
    grade_assignment(here, "double", workers=2)
    pids = {name: nanny.pid for name, nanny in workers.workers.items()}
    begun, killed = threading.Event(), []

    def kill_one() -> None:
        begun.wait()
        while not (busy := [state.name for state in [*workers.scheduler.workers.values()] if state.processing]):
            time.sleep(0.001)
        killed.append(int(workers.workers[busy[0]].pid))
        os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    address = workers.scheduler_address
    report = grade_assignment(course, "double", workers=1, scheduler=address, progress=lambda event: begun.set())
    killer.join(60)
    assert killed[0] in pids.values()
    assert (report.graded, report.failed) == (12, [])
    assert gradebook_of(course) == gradebook_of(here)
    assert grade_assignment(course, "double", workers=1).unchanged == 12


def test_units_go_to_workers_by_a_function_that_they_can_import() -> None:
    assert (grade_there.__module__, grade_there.__qualname__) == ("shoshin.classroom.cluster", "grade_there")
    code = "import sys; from shoshin.classroom.cluster import grade_there; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_scheduler_that_ends_stops_the_run_in_two_lines_and_it_goes_on_without(course, tmp_path) -> None:
    file = tmp_path / "scheduler.json"
    options = {"env": environment(course), "stderr": subprocess.DEVNULL}
    python = [sys.executable, "-m"]
    listen = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    scheduler = subprocess.Popen([*python, "distributed.cli.dask_scheduler", *listen], **options)
    work = ["--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", "--no-nanny", "--death-timeout", "60"]
    worker = subprocess.Popen([*python, "distributed.cli.dask_worker", *work], **options)
    try:
        with distributed.Client(scheduler_file=str(file), set_as_default=False) as client:
            client.wait_for_workers(1)
            address = client.scheduler.address
        with pytest.raises(ShoshinError) as stopped:
            grade_assignment(course, "double", workers=1, scheduler=address, progress=lambda event: scheduler.kill())
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()
    assert "scheduler has ended" in str(stopped.value) and str(stopped.value).count("\n") == 1
    recorded = len(points_of(course, "double"))
    report = grade_assignment(course, "double", workers=2)
    assert 0 < recorded == report.unchanged < 12 == report.graded + report.unchanged
    assert set(points_of(course, "double").values()) == set(POINTS.values())


def refused(course: Path, address: str) -> str:
    with pytest.raises(ShoshinError) as error:
        grade_assignment(course, "double", workers=1, scheduler=address)
    assert not (course / "autograded").exists()
    assert str(error.value).count("\n") == 1
    return str(error.value)


def test_an_address_at_which_no_scheduler_answers_is_named(course, monkeypatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in refused(course, "tcp://127.0.0.1:9")


def test_a_scheduler_without_workers_is_named(course) -> None:
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0") as empty:
        assert "has no workers" in refused(course, empty.scheduler_address)


def test_other_versions_on_a_worker_are_named(course, workers, monkeypatch) -> None:
    monkeypatch.setattr(fingerprint, "_version", lambda package: "0.1")
    assert "this machine 0.1" in refused(course, workers.scheduler_address)


def test_a_worker_without_a_sandbox_is_named_unless_the_students_are_trusted(course, workers, monkeypatch) -> None:
    monkeypatch.setattr(cluster.sandbox, "missing", lambda: ["There are no user namespaces."])
    assert "There are no user namespaces." in refused(course, workers.scheduler_address)
    pool = Cluster(workers.scheduler_address, ["numpy"], trusted=True)
    pool.close()
