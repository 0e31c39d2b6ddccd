"""The cases of an assignment are drawn with a secret of the course, made when it is first needed."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from shoshin.classroom.course import SECRET, course_seed
from shoshin.errors import ShoshinError


def test_a_course_has_one_seed_for_each_assignment_and_another_course_has_others(tmp_path: Path) -> None:
    seeds = {}
    for course in ("one", "other"):
        (tmp_path / course).mkdir()
        for assignment in ("pca", "ridge"):
            seeds[course, assignment] = course_seed(tmp_path / course, assignment)
            assert course_seed(tmp_path / course, assignment) == seeds[course, assignment]
    assert len({*seeds.values()}) == 4
    for seed in seeds.values():
        np.random.default_rng([seed, 1])
        np.random.seed(seed)  # takes none of 2**32 and above


def test_only_the_owner_can_read_the_secret(tmp_path: Path) -> None:
    course_seed(tmp_path, "pca")
    assert os.listdir(tmp_path) == [SECRET]
    assert stat.S_IMODE((tmp_path / SECRET).stat().st_mode) == 0o600
    assert len((tmp_path / SECRET).read_bytes()) == 32


def ask(course: Path, barrier: multiprocessing.synchronize.Barrier, queue: multiprocessing.Queue[int]) -> None:
    barrier.wait()
    queue.put(course_seed(course, "pca"))


def test_processes_that_ask_at_once_get_the_same_seed(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier, queue = context.Barrier(4), context.Queue()
    processes = [context.Process(target=ask, args=(tmp_path, barrier, queue)) for _ in range(4)]
    for process in processes:
        process.start()
    assert {queue.get() for _ in processes} == {course_seed(tmp_path, "pca")}
    for process in processes:
        process.join()
    assert os.listdir(tmp_path) == [SECRET]


def test_a_secret_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(ShoshinError, match="cannot be used: No such file or directory"):
        course_seed(tmp_path / "nowhere", "pca")
    (tmp_path / SECRET).write_bytes(b"")
    with pytest.raises(ShoshinError, match="is damaged"):
        course_seed(tmp_path, "pca")
