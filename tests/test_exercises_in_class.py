"""Every exercise can be given to a class: its solution earns all points there, the untouched notebook none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shoshin import library
from shoshin.build.notebook import learner_notebook, solved_notebook
from shoshin.build.source import read_exercise
from shoshin.classroom import given, sandbox
from shoshin.classroom.grading import grade
from shoshin.classroom.model import Asked, Blueprint, Canonical, Cell, Limits, Unit
from shoshin.classroom.server import GradingServer


@pytest.fixture(scope="module")
def server() -> Iterator[GradingServer]:
    with GradingServer() as server:
        yield server


def unit(exercise: str, solved: bool) -> Unit:
    source = read_exercise(library.tree("exercises") / f"{exercise}.py")
    asked, cells = [], []
    for right, start in zip(solved_notebook(source).cells, learner_notebook(source).cells, strict=True):
        marks = right.metadata.get("nbgrader", {})
        role = "grade" if marks.get("grade") else "answer" if marks.get("solution") else "given"
        names = {name for each in given.parsed(right.source) or [] for name in given.bound(each)}
        cell = Asked(
            marks.get("grade_id", ""),
            role,
            right.cell_type,
            start.source if role == "answer" else right.source,
            marks.get("points", 0.0),
            names=tuple(sorted(names)) if role == "answer" else (),
        )
        asked.append(cell)
        cells.append(Cell(right.id, right.cell_type, right.source if solved else cell.source, cell))
    blueprint = Blueprint("ps", "ps", tuple(asked), exercise)
    limits = Limits(cell_seconds=240, total_seconds=1200)
    return Unit("ada", blueprint, Canonical(tuple(cells)), seed=2**31, limits=limits, trusted=bool(sandbox.missing()))


@pytest.mark.parametrize("exercise", library.ids())
def test_the_solution_earns_all_points_in_class_and_the_untouched_notebook_none(exercise, server) -> None:
    if reason := library.lacking(exercise):
        pytest.skip(reason)
    for solved in (True, False):
        one = unit(exercise, solved)
        graded = grade(one, server)
        scores = {
            cell.cell_id: result.score - (cell.asked.points if solved and cell.asked else 0)
            for cell, result in zip(one.submission.cells, graded.results, strict=True)
            if result.score is not None
        }
        cards = [result.comment for result in graded.results if result.comment]
        assert scores and not any(scores.values()), (scores, cards)
        assert not graded.attention
