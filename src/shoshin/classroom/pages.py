"""The steps that make feedback and the formgrader's view of a submission: no secrets for students, no scripts."""

from __future__ import annotations

import html
from typing import Any

import jinja2
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, GetGrades
from traitlets import Bool
from traitlets.config import Config

from shoshin.classroom.clean import MAGIC, clean_html
from shoshin.classroom.markdown import as_written, rendered
from shoshin.classroom.page_html import tame_maths
from shoshin.classroom.record import NO_RESPONSE

NAMES = ("student", "first_name", "last_name", "notebook_path")
FAILED = "This test failed"


@jinja2.pass_context
def markdown2html(context: jinja2.runtime.Context, source: str) -> str:
    """Return Markdown as HTML that can do nothing: the filter of this name, for nbconvert's."""
    cell = context.get("cell") or {}
    return clean_html(rendered(source, cell.get("attachments")))


class SafePage(Preprocessor):  # type: ignore[misc]
    """Keeps what could run out of a page: the outputs are cleaned once more, and names are text."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Clean the notebook and what the page says of the student."""
        for name in NAMES:
            if isinstance(resources.get(name), str):
                resources[name] = html.escape(resources[name])
        nb.metadata.pop("widgets", None)
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Clean a cell's outputs."""
        for output in cell.get("outputs", ()):
            if "data" in output:
                shown = {"text/plain", "text/html", *MAGIC} & output.data.keys()
                output.data = NotebookNode({mime: output.data[mime] for mime in shown})
                output.metadata = NotebookNode()
                if "text/html" in shown:
                    output.data["text/html"] = tame_maths(clean_html("".join(output.data["text/html"])))
        return cell, resources


class GetGradesAndCards(GetGrades):  # type: ignore[misc]
    """Gets the grades as nbgrader does; the words of a card are shown as they were written."""

    def _get_comment(self, cell: NotebookNode, resources: Any) -> None:
        super()._get_comment(cell, resources)
        name = cell.metadata.nbgrader["grade_id"]
        comment = self.gradebook.find_comment(name, self.notebook_id, self.assignment_id, self.student_id)
        if comment.manual_comment is None and comment.auto_comment not in (None, NO_RESPONSE):
            cell.metadata.nbgrader["comment"] = as_written(comment.auto_comment)


class WithoutSecrets(Preprocessor):  # type: ignore[misc]
    """Takes hidden tests out of a test cell, and what their failing would tell out of its output."""

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Take out the secrets of all test cells."""
        marks = ClearHiddenTests(config=Config(ClearHiddenTests=self.config.ClearHiddenTests))
        tests = [cell for cell in nb.cells if utils.is_grade(cell) and not utils.is_solution(cell)]
        hidden = [hidden_lines(cell.source, marks.begin_test_delimeter, marks.end_test_delimeter) for cell in tests]
        first = next((place for place, cell in enumerate(nb.cells) if utils.is_grade(cell)), len(nb.cells))
        for cell in nb.cells[first:]:
            if cell.cell_type == "code" and not utils.is_grade(cell):
                cell.outputs = []  # code that a test has called may have kept what it was called with, and print it now
        for cell, numbers in zip(tests, hidden, strict=True):
            lines = cell.source.split("\n")
            told = [output for output in cell.get("outputs", ()) if output.output_type in ("error", "execute_result")]
            for output in told:
                if output.output_type == "error":
                    failed = cell.metadata.get("shoshin", {}).get("failed", {})
                    words = _in_words(output, lines, numbers, any(hidden), failed)
                    output.update(ename=FAILED, evalue=words, traceback=[words])
            cell.outputs = told
            cell.source = "\n".join(line for number, line in enumerate(lines, 1) if number not in numbers)
        return nb, resources


def hidden_lines(source: str, begin: str, end: str) -> set[int]:
    """Return the numbers of the lines in hidden regions, their marks included."""
    hidden, inside = set(), False
    for number, line in enumerate(source.split("\n"), 1):
        inside = inside or begin in line
        if inside or end in line:
            hidden.add(number)
        inside = inside and end not in line
    return hidden


def _in_words(error: NotebookNode, lines: list[str], hidden: set[int], secrets: bool, failed: dict[str, Any]) -> str:
    """Say that a test failed, and why as far as a student may know: the values of hidden tests are nobody's to see.

    `failed` is what grading has noted of it; in the error's text a student could say anything.
    """
    numbers = failed.get("lines", [])
    number = numbers[0] if numbers else 0
    line = lines[number - 1].strip() if 0 < number <= len(lines) and number not in hidden else ""
    own_words = failed.get("own_words") and not hidden & {*numbers} and line.startswith("assert") and error.evalue
    if not secrets or own_words:
        why = f"{error.ename}: {error.evalue}".removeprefix("AssertionError: ").removesuffix(": ")
        return f"{FAILED}: {why}" + (f"\nin the line: {line}" if line else "")
    return f"{FAILED}, in the line: {line}" if line else f"{FAILED}."
