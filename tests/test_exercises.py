"""The rules that every exercise obeys."""

import json
import os
import subprocess
import sys

import pytest

from shoshin import library
from shoshin.build.notebook import learner_notebook, text_of
from shoshin.build.source import read_exercise
from shoshin.build.tree import stale_notebooks
from shoshin.build.verify import _grader

EXERCISES = library.ids("exercises")
LACKING = {exercise: library.lacking(exercise) for exercise in EXERCISES}
RUNNABLE = [  # with its packages: `make test EXTRAS=test,explore,spark,classroom` runs them all, as CI does
    pytest.param(exercise, marks=pytest.mark.skipif(bool(lacks), reason=lacks)) for exercise, lacks in LACKING.items()
]


def source(exercise):
    return read_exercise(library.tree("exercises") / f"{exercise}.py")


def shoshin(*arguments):
    command = [sys.executable, "-m", "shoshin.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "2"})


def test_the_three_trees_hold_the_same_exercises():
    assert EXERCISES
    assert library.ids("graders") == EXERCISES == library.ids("notebooks")


def test_the_committed_notebooks_are_what_the_sources_build():
    assert [str(path) for path in stale_notebooks()] == []


@pytest.mark.parametrize("exercise", RUNNABLE)
def test_verify_finds_nothing_to_mend(exercise):
    result = shoshin("verify", exercise, "--seconds", 300)  # the minute is for a machine that nobody else uses
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_grader_travels_in_a_single_file(exercise):
    assert (library.tree("graders") / f"{exercise}.py").stat().st_size < 40_000


ROUNDS = 4  # `verify` tries every mistake; here some of them take the learner's whole way, notebook and kernel


@pytest.mark.parametrize("number", range(ROUNDS))
@pytest.mark.parametrize("exercise", RUNNABLE)
def test_check_names_the_mistakes_a_notebook_is_filled_with(exercise, number, tmp_path):
    notebook, grader = learner_notebook(source(exercise)), _grader(exercise)
    planted = {}
    for cell in notebook.cells:
        task = cell.metadata.get("shoshin", {}).get("task", "")
        if cell.id == f"answer-{task}" and task in source(exercise).tasks:
            check = getattr(grader, task)
            planted[task] = list(check.mistakes)[number * len(check.mistakes) // ROUNDS]
            # The grader's own function is the evidence; a value is what it returns.
            call = "()" if check.value else ""
            cell.source = f"{task} = check.{task}.mistakes[{planted[task]!r}]{call}"
    path = tmp_path / "filled.ipynb"
    path.write_text(text_of(notebook), "utf-8")
    result = shoshin("check", path, "--json")
    assert result.returncode == 1, result.stderr
    verdicts = json.loads(result.stdout)["tasks"]
    assert {verdict["task"]: (verdict["outcome"], verdict["mistake"]) for verdict in verdicts} == {
        task: ("mistake", mistake) for task, mistake in planted.items()
    }
