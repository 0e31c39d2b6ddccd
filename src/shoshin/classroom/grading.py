"""Grade one submission: the student's cells run in their own process, the test cells here."""

from __future__ import annotations

import ast
import contextlib
import math
import numbers
import os
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from shoshin.check.card import card_text
from shoshin.check.check import Check
from shoshin.check.timelimit import OutOfTime
from shoshin.check.verdict import Verdict, readable
from shoshin.classroom import sandbox
from shoshin.classroom.arm import Judge
from shoshin.classroom.clean import clean_outputs
from shoshin.classroom.given import asserts, needed, reckons
from shoshin.classroom.model import Asked, CannotGrade, Cell, CellResult, Graded, Unit
from shoshin.classroom.namespace import Namespace, folder_with
from shoshin.classroom.remote import is_remote
from shoshin.classroom.server import GradingServer
from shoshin.classroom.session import Session, StudentError

WITHOUT = "none: the students were trusted (--trust-students)"
own_server: list[GradingServer] = []


def grade(unit: Unit, server: GradingServer | str | None = None) -> Graded:
    """Grade one notebook of one student. The same unit gives the same scores, on whichever machine.

    `server` is the fork server, or its address; without one, this process starts its own and keeps it.

    Raises:
        CannotGrade: if there is no sandbox here (and the students are not trusted), or no process can be started.
    """
    if not unit.trusted and (missing := sandbox.missing()):
        raise CannotGrade(f"{missing[0]}\n`shoshin course doctor` says what to do; --trust-students grades without.")
    if server is None:
        own_server[:] = own_server or [GradingServer()]
        server = own_server[0]
    with _as_under_nbgrader():
        return Grading(unit, server if isinstance(server, str) else server.address).graded()


@contextlib.contextmanager
def _as_under_nbgrader() -> Iterator[None]:
    """Set what tells a verdict that its plain text is a score; nobody's record of progress is written."""
    wanted = {"NBGRADER_EXECUTION": "autograde", "SHOSHIN_PROGRESS": "off"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Grading:
    """One submission on its way."""

    def __init__(self, unit: Unit, address: str) -> None:
        self.unit, self.limits = unit, unit.limits
        self.attention: list[str] = []
        teachers = {name for name, _ in unit.files}
        files = (*unit.files, *((name, content) for name, content in unit.own_files if name not in teachers))
        self.session = Session(address, files, unit.limits, trusted=unit.trusted)
        cells = unit.blueprint.cells
        self.namespace = Namespace(self.session, cells)
        # No cell of the student's runs here: a probe may try an answer that is data (a query, say) without witnesses.
        self.clean = Session(address, unit.files, unit.limits, trusted=unit.trusted, secrets=True)
        self.judge = Judge(self.session, self.clean, unit.seed, self.attention)
        self.needed = needed(tuple(_trusted(cell) for cell in cells))
        self.place = 0  # how far the teacher's cells have run here

    def graded(self) -> Graded:
        """Run every cell and return what came of each."""
        began = time.perf_counter()
        before = Check.judged_by
        Check.judged_by = self.judge
        try:
            with self.session, self.clean, _folder(self.unit.files) as folder:
                self.session.watch(folder)
                results = tuple(self._result(cell) for cell in self.unit.submission.cells)
        finally:
            Check.judged_by = before
        attention = tuple(dict.fromkeys([*self.session.attention, *self.attention]))
        sandboxed = WITHOUT if self.unit.trusted else "namespaces"
        return Graded(results, attention, round(time.perf_counter() - began, 3), sandboxed)

    def _result(self, cell: Cell) -> CellResult:
        if cell.cell_type != "code" or not cell.source.strip():
            return CellResult(score=0.0 if cell.role == "grade" and cell.cell_type == "code" else None)
        try:
            result = self._test(cell) if cell.role == "grade" else self._run(cell)
        except CannotGrade:
            raise
        except Exception as error:  # the answer to another question, say: the cells that follow are graded
            text = readable(_text(error))
            self.attention.append(f"A cell could not be run: {type(error).__name__}: {text}")
            result = self._failed(cell, type(error).__name__, text, error)
            if cell.role != "grade":
                result = replace(result, score=None)
        if cannot := self.session.cannot or self.clean.cannot:
            raise cannot
        return result

    def _run(self, cell: Cell) -> CellResult:
        """Run a cell in the student's process."""
        try:
            outputs = self.session.run(cell.source)
        except StudentError as error:
            outputs = [_error(type(error).__name__, str(error))]
        except CannotGrade:
            raise
        except Exception as error:
            outputs = [_error(type(error).__name__, readable(str(error)))]
        clean, _ = clean_outputs(outputs, self.limits.output_kb)
        return CellResult(outputs=tuple(clean))

    def _test(self, cell: Cell) -> CellResult:
        """Run a test cell here, after the teacher's cells that come before it."""
        assert cell.asked is not None
        self._catch_up(cell)
        self.session.failed = ""
        try:
            shows, value = self.namespace.run_test(cell.source, self.limits.grade_seconds)
        except CannotGrade:
            raise
        except OutOfTime:
            return self._failed(cell, "OutOfTime", f"The test had not ended after {self.limits.grade_seconds:g} s.")
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return self._failed(cell, type(error).__name__, readable(_text(error)), error)
        if self.session.refused:
            text = self.session.refused
            return self._failed(cell, "NotTheStudents", readable(text), StudentError(text))
        if self.session.failed:  # a test that waits for an error must not take this for one
            return self._failed(cell, "StudentError", self.session.failed, StudentError(self.session.failed))
        try:
            return self._scored(cell, value) if shows else CellResult(score=cell.asked.points)
        except Exception as error:  # of an object of the student's that is not what it claims to be
            return self._failed(cell, type(error).__name__, readable(_text(error)))

    def _catch_up(self, cell: Cell) -> None:
        cells = self.unit.blueprint.cells
        until = next((place for place, asked in enumerate(cells) if asked.id == cell.asked.id), self.place)  # type: ignore[union-attr]
        while self.place < until:
            statements = self.needed.get(self.place, [])
            self.place += 1  # whatever comes of it, it is not run twice
            self.namespace.run_given(statements, self.limits.cell_seconds)

    def _scored(self, cell: Cell, value: Any) -> CellResult:
        """Return the result of a test cell that ends with a value: a verdict, or a number of points."""
        most = cell.asked.points if cell.asked else 0.0
        if is_remote(value):
            if asserts(self.namespace.statements[:-1]):
                return CellResult(score=most)  # it is only shown, as by nbgrader
            return self._odd(cell, "with an object of the student's")
        if type(value) is Verdict:
            data = value._repr_mimebundle_()
            score = value.points if math.isfinite(value.points) and 0 <= value.points <= most else 0.0
            return CellResult((_result({**data, "text/plain": f"{score:g}"}),), float(score), card_text(value))
        if isinstance(value, numbers.Real) and not isinstance(value, bool):
            try:
                score = float(value)
            except OverflowError:
                score = math.inf
            if not (math.isfinite(score) and 0 <= score <= most):
                return self._odd(cell, f"with {score:g}, which is no score between 0 and {most:g}")
            return CellResult((_result({"text/plain": f"{score!r}"}),), score)
        *before, last = self.namespace.statements
        if not isinstance(value, str) and isinstance(last, ast.Expr) and reckons(before, last.value):
            return self._odd(cell, f"with a value of the type {type(value).__name__}, which is no number of points")
        # nbgrader gives full points to a test that ends with something else than a number.
        return CellResult(score=most)

    def _odd(self, cell: Cell, what: str) -> CellResult:
        self.attention.append(f"The test {cell.asked.id if cell.asked else ''} ended {what}; it was scored 0.")
        return CellResult((_error("NoScore", f"This test ended {what}."),), 0.0)

    def _failed(self, cell: Cell, name: str, text: str, error: BaseException | None = None) -> CellResult:
        students = hasattr(error, "line_of_student")  # "" where it is not known
        if isinstance(error, MemoryError) and not students:
            most = self.limits.memory_mb
            text = f"What your code gave takes more memory than there is for this test; your code may use {most} MB."
        lines = [f"{name}: {text}" if text else name]
        frames = traceback.extract_tb(error.__traceback__) if error else []
        numbers = [frame.lineno for frame in frames if frame.filename == "<test>" and frame.lineno]
        for number in numbers[:1]:
            source = cell.source.splitlines()[number - 1 : number]
            lines.append(f"in line {number} of this test: {''.join(source).strip()}")
        if line := getattr(error, "line_of_student", ""):
            lines.append(f"raised by your {readable(line)}")
        comment = text if isinstance(error, StudentError) else ""
        own_words = type(error) is AssertionError and not students
        return CellResult((_error(name, text, lines),), 0.0, comment, tuple(dict.fromkeys(numbers)), own_words)


@contextlib.contextmanager
def _folder(files: Sequence[tuple[str, bytes]]) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="shoshin-grading-") as folder, folder_with(files, folder):
        yield folder


def _trusted(cell: Asked) -> tuple[str, str]:
    """Return (role, source) of what of a teacher's cell may run here: of an answer what the solution imports."""
    if cell.cell_type != "code":
        return "", ""
    return ("given", cell.imports) if cell.role == "answer" else (cell.role, cell.source)


def _text(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return ""


def _error(name: str, text: str, lines: list[str] | None = None) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": lines or [f"{name}: {text}"]}


def _result(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}
