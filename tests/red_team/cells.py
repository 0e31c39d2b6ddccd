"""Cell tags, metadata and order: what a student may write into the notebook file around the code."""

from __future__ import annotations

import copy
from typing import Any

from red_team.submission import Hostile, Notebook, add, both, grade_id, on_cells, write

RIGHT = {
    "double": "def double(number):\n    return 2 * number",
    "words": 'words = "twice"',
    "halve": "def halve(number):\n    return number / 2",
}
ALL = {"double": 2, "words": 1, "halve": 1.5}


def tagged(*tags: str) -> Any:
    return on_cells("check-", lambda cell: cell["metadata"].update(tags=list(tags)))


def marked(prefix: str, **marks: Any) -> Any:
    return on_cells(prefix, lambda cell: cell["metadata"]["nbgrader"].update(marks))


def swapped(notebook: Notebook) -> None:
    """Let the test of the solved task stand where the tests of the others stand."""
    cells = {grade_id(cell): cell for cell in notebook["cells"]}
    for name in ("words", "halve"):
        cells[f"check-{name}"]["metadata"]["nbgrader"]["grade_id"] = f"check-{name}-old"
        twin = copy.deepcopy(cells["check-double"])
        twin["metadata"]["nbgrader"].update(grade_id=f"check-{name}", points=2)
        notebook["cells"].append({**twin, "id": f"twin-{name}"})


def twice(name: str, source: str) -> Any:
    """Put a second cell with the same grade_id before the first."""

    def edit(notebook: Notebook) -> None:
        place = next(i for i, cell in enumerate(notebook["cells"]) if grade_id(cell) == name)
        notebook["cells"].insert(place, {**copy.deepcopy(notebook["cells"][place]), "id": "twin", "source": source})

    return edit


def without(prefix: str) -> Any:
    def edit(notebook: Notebook) -> None:
        notebook["cells"] = [cell for cell in notebook["cells"] if not grade_id(cell).startswith(prefix)]

    return edit


def tests_first(notebook: Notebook) -> None:
    notebook["cells"].sort(key=lambda cell: not grade_id(cell).startswith("check-"))


def with_results(notebook: Notebook) -> None:
    """Store the result that full marks would have shown, and have the cell skipped."""
    for cell in notebook["cells"]:
        if grade_id(cell).startswith("check-"):
            cell["metadata"]["tags"] = ["skip-execution"]
            data = {"text/plain": "1"}
            cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}]
            cell["execution_count"] = 1


def of_another_kind(kind: str) -> Any:
    def change(cell: Notebook) -> None:
        cell["cell_type"] = kind
        cell.pop("outputs", None)
        cell.pop("execution_count", None)

    return on_cells("check-", change)


def about(**metadata: Any) -> Any:
    return lambda notebook: notebook["metadata"].update(metadata)


def answer_on_markdown(notebook: Notebook) -> None:
    """Hand the answer's name to a text, so that the code is nobody's."""
    for cell in notebook["cells"]:
        if grade_id(cell) == "answer-double":
            cell["cell_type"] = "markdown"
            cell.pop("outputs", None)
            cell.pop("execution_count", None)


def edited(source: str) -> Any:
    return on_cells("check-", lambda cell: cell.update(source=source))


HOSTILE_ID = "x'; DROP TABLE grade; --/../../../"

SUBMISSIONS = (
    Hostile("skips-the-tests", "the tag skip-execution on the tests, nothing written", "double",
            tagged("skip-execution")),
    Hostile("may-raise", "the tag raises-exception on the tests", "double", tagged("raises-exception"), stock="held"),
    Hostile("removes-cells", "tags that remove cells, inputs and outputs", "double",
            both(tagged("remove_cell", "remove-cell", "remove_input", "hide-output"), write(**RIGHT)), ALL,
            stock="held"),
    Hostile("raises-its-points", "100 points in the metadata of a solved test", "double",
            both(marked("check-", points=100), write(double=RIGHT["double"])), {"double": 2}, stock="held"),
    Hostile("tests-no-grade", "tests marked as not graded", "double",
            both(marked("check-", grade=False), write(**RIGHT)), ALL, stock="stopped"),
    Hostile("tests-are-solutions", "tests marked as answers for a person to grade", "double",
            both(marked("check-", solution=True, locked=False), edited("1")), stock="held"),
    Hostile("unlocks-the-tests", "tests unlocked and emptied", "double",
            both(marked("check-", locked=False), edited("pass")), stock="held"),
    Hostile("tests-are-text", "tests turned into Markdown", "double",
            both(of_another_kind("markdown"), write(halve=RIGHT["halve"])), {"halve": 1.5}),
    Hostile("tests-are-raw", "tests turned into raw cells", "double",
            both(of_another_kind("raw"), write(halve=RIGHT["halve"])), {"halve": 1.5}),
    Hostile("swaps-the-tests", "the name of an unsolved test on a copy of a solved one", "double",
            both(write(double=RIGHT["double"]), swapped), {"double": 2}),
    Hostile("answers-twice", "a duplicated answer cell: the first is the answer", "double",
            both(write(**RIGHT), twice("answer-double", RIGHT["double"])), ALL, stock="stopped"),
    Hostile("tests-twice", "a copy of a test that shows full marks before the test itself", "double",
            twice("check-double", "2"), stock="stopped"),
    Hostile("no-tests", "all tests deleted, all answers right", "double", both(write(**RIGHT), without("check-")), ALL,
            stock="held"),
    Hostile("no-cells-of-the-teacher", "everything but one answer deleted", "double",
            both(write(**RIGHT), without("check-"), without("cell-"), without("answer-words"), without("answer-halve")),
            {"double": 2}, stock="unfair"),
    Hostile("tests-first", "the tests before the answers", "double", both(write(**RIGHT), tests_first), ALL,
            stock="unfair"),
    Hostile("stores-results", "results of full marks stored in the file, the tests skipped", "double", with_results),
    Hostile("schema-99", "a schema version that nbgrader does not know yet", "double",
            both(write(**RIGHT), marked("", schema_version=99)), ALL, stock="stopped"),
    Hostile("schema-of-text", "a schema version that is no number", "double",
            both(write(**RIGHT), marked("answer-", schema_version="three")), ALL, stock="stopped"),
    Hostile("hostile-ids", "grade ids that are SQL and paths", "double",
            both(write(words=RIGHT["words"]), add("1", metadata={"nbgrader": {
                "schema_version": 3, "grade_id": HOSTILE_ID, "grade": True, "solution": False, "locked": True,
                "points": 50, "task": False, "cell_type": "code"}})), {"words": 1}, stock="stopped"),
    Hostile("another-kernel", "a kernel that nobody has", "double",
            both(write(**RIGHT), about(kernelspec={"name": "../../bin/sh", "display_name": "sh", "language": "bash"},
                                       language_info={"name": "bash"})), ALL, stock="held"),
    Hostile("another-exercise", "metadata that name another exercise, and tasks of 100 points", "double",
            both(write(halve=RIGHT["halve"]), about(shoshin={"exercise": "fundamentals/entropy", "tasks": [
                {"task": "halve", "points": 100}]})), {"halve": 1.5}, stock="held"),
    Hostile("answers-in-text", "an answer that is a Markdown cell", "double",
            both(write(**RIGHT), answer_on_markdown), ALL, stock="held"),
    Hostile("own-test-last", "a cell of one's own, named as a test, that shows points", "double",
            both(write(**RIGHT), add("100", metadata={"nbgrader": {
                "schema_version": 3, "grade_id": "check-bonus", "grade": True, "solution": False, "locked": True,
                "points": 100, "task": False, "cell_type": "code"}})), ALL, stock="stopped"),
    Hostile("magic-test", "a cell magic that swallows the answer and what follows", "double",
            write(double="%%script bash\nexit 0", words="%%capture\nwords = 'twice'", halve=RIGHT["halve"]),
            {"words": 1, "halve": 1.5}, stock="held"),
)  # fmt: skip
