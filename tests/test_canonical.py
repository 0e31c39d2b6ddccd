"""A submission is rebuilt from what the assignment asks, whatever lies in the file that was handed in."""

from __future__ import annotations

import base64
import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator
from small_course import cell, copy_of, nbgrader, small_course

from shoshin.classroom import canonical, mangled
from shoshin.classroom.blueprint import blueprint, names_bound
from shoshin.classroom.canonical import MOST_OWN_CELLS, as_notebook, canonicalise, from_notebook
from shoshin.classroom.model import Blueprint, CannotGrade, Canonical, CellResult, Graded

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(60)).decode()
AREA = "def area(radius):\n    return 3.14 * radius**2"
ESSAY = "Because $a < b$, and `x<y`."
SOLVED = {"area": AREA, "essay": ESSAY, "drawing": "plot = [1, 2]"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
PICTURED = new_markdown_cell("A circle: ![circle](attachment:circle.png)", id="pictured")
PICTURED.attachments = {"circle.png": {"image/png": PNG}}
MIXED = [
    PICTURED,
    new_code_cell("import math", id="imports", metadata={"tags": ["teachers"]}),
    new_raw_cell("raw\nwords", id="raw"),
    cell("radii = [1, 2]", "radii", locked=True),
    cell(f"{BEGIN}\nfrom math import pi\ndef area(radius):\n    return pi * radius**2\n{END}", "area", solution=True),
    cell(
        "assert abs(area(1) - 3.14) < 0.1\n### BEGIN HIDDEN TESTS\nassert area(2) > 12\n### END HIDDEN TESTS",
        "area-test",
        grade=True,
        locked=True,
        points=2,
    ),
    new_code_cell("print(area(radii[0]))", id="shown"),
    cell(f"Why?\n\n{BEGIN}\nBecause.\n{END}", "essay", text=True, grade=True, solution=True, points=3),
    cell(f"{BEGIN}\nplot = [2, 1]\n{END}", "drawing", grade=True, solution=True, points=1),
    cell("Explore.\n\n### BEGIN MARK SCHEME\nmuch\n### END MARK SCHEME", "task", text=True, locked=True, task=True),
]
MIXED[-1].metadata.nbgrader["points"] = 4
PLACEHOLDER = "# Your code here\n..."


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A course with an assignment that has a cell of every kind."""
    original = small_course(tmp_path_factory, worker_id)
    base = original.parents[1] / "mixed"
    with FileLock(original.parents[1] / "mixed.lock"):
        if not (base / "ready").exists():
            made = copy_of(original, base)
            (made / "source" / "mixed").mkdir()
            metadata = {
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                "shoshin": {"exercise": "tiny/mixed"},
            }
            nbformat.write(new_notebook(cells=MIXED, metadata=metadata), made / "source" / "mixed" / "circles.ipynb")
            nbgrader(made, "generate_assignment", "mixed")
            (base / "ready").touch()
    return base / "course"


@pytest.fixture(scope="module")
def asked(course: Path) -> Blueprint:
    return asked_by(course)


def asked_by(course: Path) -> Blueprint:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        return blueprint(gradebook, course / "source" / "mixed", "mixed", "circles")


@pytest.fixture(scope="module")
def released(course: Path) -> dict[str, Any]:
    return dict(nbformat.read(course / "release" / "mixed" / "circles.ipynb", as_version=4))  # its sources joined


@pytest.fixture
def solved(released: dict[str, Any]) -> dict[str, Any]:
    """What a student hands in who has written every answer, and added two cells."""
    notebook = copy.deepcopy(released)
    for one in notebook["cells"]:
        one["source"] = SOLVED.get(id_of(one), one["source"])
    at = [id_of(one) for one in notebook["cells"]].index("area-test")
    notebook["cells"].insert(at, code("helper = 1"))
    notebook["cells"].append({"cell_type": "markdown", "id": "z", "metadata": {}, "source": ["My ", "*own* words"]})
    return notebook


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source, **more}


def id_of(one: Any) -> str:
    return one["metadata"].get("nbgrader", {}).get("grade_id", "")


def cell_named(notebook: Any, name: str) -> Any:
    return next(one for one in notebook["cells"] if id_of(one) == name)


def as_bytes(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


def texts(canonical: Canonical) -> dict[str, str]:
    return {one.cell_id: one.source for one in canonical.cells}


def assert_sound(canonical: Canonical, asked: Blueprint) -> None:
    """Assert that nbgrader takes the rebuilt notebook, in which the teacher's cells are the teacher's."""
    assert [one.asked for one in canonical.cells if one.asked] == list(asked.cells)
    notebook = as_notebook(canonical, asked)
    written = nbformat.v4.writes(notebook).encode()
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert len({one.id for one in notebook.cells}) == len(notebook.cells)
    read = nbformat.reads(written.decode(), as_version=4)
    assert from_notebook(read, asked) == canonical
    for one, made in zip(canonical.cells, read.cells, strict=True):
        if one.asked and one.role not in ("answer", "manual"):
            assert (made.cell_type, made.source) == (one.asked.cell_type, one.asked.source)
        if one.asked and one.asked.locked:
            assert utils.compute_checksum(made) == one.asked.checksum == made.metadata.nbgrader.checksum
        if one.asked is None:
            assert made.metadata == {}


def test_the_blueprint_has_the_teachers_order_and_what_nobody_else_may_see(asked: Blueprint) -> None:
    assert [(one.id, one.role, one.cell_type) for one in asked.cells] == [
        ("", "given", "markdown"),
        ("", "given", "code"),
        ("", "given", "raw"),
        ("radii", "given", "code"),
        ("area", "answer", "code"),
        ("area-test", "grade", "code"),
        ("", "given", "code"),
        ("essay", "manual", "markdown"),
        ("drawing", "manual", "code"),
        ("task", "task", "markdown"),
    ]
    named = {one.id: one for one in asked.cells}
    assert "area(2) > 12" in named["area-test"].source
    assert named["area"].source == PLACEHOLDER
    assert named["area"].names == ("pi", "area")
    assert [named[name].points for name in ("area-test", "essay", "drawing", "task")] == [2, 3, 1, 4]
    assert [named[name].locked for name in ("radii", "area", "area-test", "essay")] == [True, False, True, False]
    assert (asked.exercise, asked.metadata["kernelspec"]["name"]) == ("tiny/mixed", "python3")


def test_the_blueprint_of_an_exercise_knows_which_one_it_is(course: Path) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        asked = blueprint(gradebook, course / "source" / "double", "double", "double")
    assert asked.exercise == "tiny/double"
    assert {one.id: one.names for one in asked.cells if one.names} == {
        "answer-prediction": ("prediction",),
        "answer-double": ("double",),
        "answer-words": ("words",),
        "answer-halve": ("halve",),
    }


def test_the_gradebook_wins_over_a_source_that_was_edited_since(course: Path, asked: Blueprint, tmp_path: Path) -> None:
    path = tmp_path / "circles.ipynb"
    teachers = nbformat.read(course / "source" / "mixed" / "circles.ipynb", as_version=4)
    gone, changed = cell_named(teachers, "area-test"), cell_named(teachers, "radii")
    teachers.cells.remove(gone)
    changed.source = "radii = []"
    teachers.cells.append(cell("assert new", "new-test", grade=True, locked=True, points=5))
    nbformat.write(teachers, path)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        now = blueprint(gradebook, tmp_path, "mixed", "circles")
    assert [one.id for one in now.cells] == [one.id for one in asked.cells]
    assert next(one for one in now.cells if one.id == "radii").source == "radii = [1, 2]"


def test_a_notebook_that_the_gradebook_or_the_teacher_does_not_have_is_named(course: Path, tmp_path: Path) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        with pytest.raises(CannotGrade, match="nbgrader generate_assignment mixed"):
            blueprint(gradebook, course / "source" / "mixed", "mixed", "squares")
        with pytest.raises(CannotGrade, match=r"circles\.ipynb is gone"):
            blueprint(gradebook, tmp_path, "mixed", "circles")
        (tmp_path / "circles.ipynb").write_text("{")
        with pytest.raises(CannotGrade, match="cannot be read"):
            blueprint(gradebook, tmp_path, "mixed", "circles")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = 1\nb, (c, *d) = f()\ne.x = 1\nf[0] = 2\ng: int\nh: int = 3\ni += 1", "a b c d h i"),
        ("import a.b, c as d\nfrom x import y as z, w", "a d z w"),
        ("def f():\n    inner = 1\nclass A:\n    inner = 1\nasync def g(): ...", "f A g"),
        ("for i in x:\n    t = i\nwith open(x) as u, v as (p, q):\n    pass", "i t u p q"),
        ("[last := n for n in x]\nif (m := 3):\n    k = 2", "last m k"),
        ("x = 1\ndel x\ny = 2", "y"),
        ("try:\n    a = 1\nexcept E as error:\n    b = 2", "a b"),
        ("match z:\n    case [u, *v] | {'k': u, **v}: pass", "u v"),
        ("%matplotlib inline\nfiles = !ls\n!ls\nx = 1", "files x"),
        ("%%time\ny = 1", "y"),
        ("%%bash\nls", ""),
        ("this does not parse", ""),
        ("x = '\ud800'", ""),
    ],
)
def test_the_names_that_a_solution_binds_are_found(source: str, names: str) -> None:
    assert names_bound(source) == tuple(names.split())


def test_an_honest_submission_keeps_its_answers_and_its_own_cells(solved: dict[str, Any], asked: Blueprint) -> None:
    canonical = canonicalise(as_bytes(solved), asked)
    assert_sound(canonical, asked)
    assert canonical.notes == ()
    assert [(one.role, one.source) for one in canonical.cells if one.role not in ("given", "grade", "task")] == [
        ("answer", AREA),
        ("own", "helper = 1"),
        ("manual", ESSAY),
        ("manual", "plot = [1, 2]"),
        ("own", "My *own* words"),
    ]


def change(name: str, **changes: Any) -> Callable[[Any], Any]:
    def mangle(notebook: Any) -> Any:
        cell_named(notebook, name).update(changes)
        return notebook

    return mangle


def everywhere(**changes: Any) -> Callable[[Any], Any]:
    def mangle(notebook: Any) -> Any:
        for one in notebook["cells"]:
            one.update(copy.deepcopy(changes))
        return notebook

    return mangle


def with_metadata(**changes: Any) -> Callable[[Any], Any]:
    def mangle(notebook: Any) -> Any:
        for one in notebook["cells"]:
            one["metadata"].update(copy.deepcopy(changes))
        return notebook

    return mangle


def with_marks(**changes: Any) -> Callable[[Any], Any]:
    def mangle(notebook: Any) -> Any:
        for one in notebook["cells"]:
            if id_of(one):
                one["metadata"]["nbgrader"].update(copy.deepcopy(changes))
        return notebook

    return mangle


def as_worksheets(notebook: Any) -> Any:
    cells = notebook.pop("cells")
    for one in cells:
        if one["cell_type"] == "code":
            one |= {"input": one.pop("source"), "language": "python", "prompt_number": 1}
    return {**notebook, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells, "metadata": {}}]}


def with_cells(change: Callable[[list[Any]], Any]) -> Callable[[Any], Any]:
    def mangle(notebook: Any) -> Any:
        return {**notebook, "cells": change(notebook["cells"])}

    return mangle


def without_id(notebook: Any) -> Any:
    for one in notebook["cells"]:
        one.pop("id", None)
    return {**notebook, "nbformat_minor": 4}


def in_lines(notebook: Any) -> Any:
    for one in notebook["cells"]:
        one["source"] = [[line, 5, None] for line in "".join(one["source"]).splitlines(keepends=True)]
    return notebook


HONEST_WORK_IN_AN_ODD_FILE: dict[str, Callable[[Any], Any]] = {
    "nbformat 4.4, without ids": without_id,
    "nbformat 3": as_worksheets,
    "no version": lambda notebook: {"cells": notebook["cells"]},
    "an odd version": lambda notebook: {**notebook, "nbformat": "five", "nbformat_minor": [1e400]},
    "a schema of the future": with_marks(schema_version=99),
    "a schema of the past": with_marks(schema_version=0),
    "a schema without a number": with_marks(schema_version=["three"]),
    "points of their own": with_marks(points=1000, grade=True, solution=True),
    "locks undone": with_marks(locked=False, grade=False, solution=False),
    "another checksum": with_marks(checksum=7),
    "sources in lists within lists": in_lines,
    "cells as a dictionary": lambda notebook: {**notebook, "cells": dict(enumerate(notebook["cells"]))},
    "things among the cells that are none": with_cells(lambda cells: [None, 1, "x", [], *cells, {}, {"source": {}}]),
    "metadata that is a list": lambda notebook: {**notebook, "metadata": [1]},
    "no metadata": lambda notebook: {**notebook, "metadata": None},
    "a kernel of their own": lambda notebook: {**notebook, "metadata": {"kernelspec": {"name": "evil"}}},
    "outputs of any kind": everywhere(outputs={"a": [1]}, execution_count="x"),
    "deep outputs": everywhere(outputs=[{"data": {"x": [[[["]", '"', "["]]]]}}]),
    "tags that skip": with_metadata(tags=["skip-execution", "remove_input", "raises-exception"]),
    "tags that are none": with_metadata(tags=7, trusted=True, jupyter={"source_hidden": True}),
    "an attachment": everywhere(attachments={"x.svg": {"image/svg+xml": "<svg onload='x'/>"}}),
    "attachments that are none": everywhere(attachments=[1, 2]),
    "unknown keys": everywhere(foreign={"deep": [[[1]]]}),
    "an answer turned to text": change("area", cell_type="markdown"),
    "an essay turned to code": change("essay", cell_type="code"),
    "an answer of no type": change("area", cell_type=None),
    "an answer of an odd type": change("area", cell_type={"code": 1}),
    "a test changed": change("area-test", source="pass"),
    "a test that is no text": change("area-test", source={"a": 1}),
    "a test turned to text": change("area-test", cell_type="markdown"),
    "data changed": change("radii", source=["radii = ", 0]),
    "a test removed": with_cells(lambda cells: [one for one in cells if id_of(one) != "area-test"]),
    "all that is the teacher's removed": with_cells(lambda cells: [one for one in cells if id_of(one) in SOLVED]),
    "cells moved": with_cells(lambda cells: cells[::-1]),
    "every cell twice": with_cells(lambda cells: [one for one in cells for _ in range(2)]),
    "the notebook twice": with_cells(lambda cells: cells + copy.deepcopy(cells)),
    "a first answer, then others": with_cells(lambda cells: cells + [{**one, "source": "0"} for one in cells]),
    "a mark that is a number": with_cells(lambda cells: [*cells, code("1", metadata={"nbgrader": {"grade_id": 5}})]),
    "a mark that is a list": with_cells(lambda cells: [*cells, code("1", metadata={"nbgrader": {"grade_id": [5]}})]),
    "marks that are none": with_cells(lambda cells: [*cells, code("1", metadata={"nbgrader": "x"})]),
    "metadata of a cell that is none": with_cells(lambda cells: [*cells, code("1", metadata=None)]),
    "ids that are none": with_cells(lambda cells: [*cells, code("1", id=4), code("2", id=["a"]), code("3", id="")]),
    "the ids of ours": with_cells(lambda cells: [*cells, code("1", id="own-1"), code("2", id="given-1")]),
}


@pytest.mark.parametrize("mangle", HONEST_WORK_IN_AN_ODD_FILE.values(), ids=HONEST_WORK_IN_AN_ODD_FILE)
def test_what_the_file_says_beside_the_text_costs_no_answer(
    mangle: Callable[[Any], Any], solved: dict[str, Any], asked: Blueprint
) -> None:
    canonical = canonicalise(as_bytes(mangle(solved)), asked)
    assert_sound(canonical, asked)
    assert SOLVED.items() <= texts(canonical).items()


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda data: data.decode().encode("utf-16-be"),
    "UTF-32": lambda data: data.decode().encode("utf-32"),
    "bytes that are no UTF-8": lambda data: data.replace(b"helper", b"h\xe9lper"),
    "half a character": lambda data: data.replace(b"helper", rb"\ud83d"),
    "NUL": lambda data: data.replace(b"helper", rb"\u0000"),
    "NaN and Infinity": lambda data: data.replace(b'"nbformat": 4', b'"nbformat": NaN, "x": -Infinity'),
    "a number without an end": lambda data: data.replace(b'"nbformat": 4', b'"nbformat": ' + b"9" * 10**6),
    "a key twice": lambda data: b'{"cells": [], "metadata": 1, ' + data[1:],
    "lines ended as on Windows": lambda data: data.replace(rb"\n", rb"\r\n"),
    "fifty megabytes of output": lambda data: data.replace(
        b'"outputs": []', b'"outputs": [{"text": [' + b",".join([b'"a \\" line ]\\n"'] * 10**6) + b"]}]", 1
    ),
}


@pytest.mark.parametrize("mangle", ENCODINGS.values(), ids=ENCODINGS)
def test_how_the_file_is_written_costs_no_answer(
    mangle: Callable[[bytes], bytes], solved: dict[str, Any], asked: Blueprint
) -> None:
    data = mangle(as_bytes(solved))
    assert data != as_bytes(solved)
    canonical = canonicalise(data, asked)
    assert_sound(canonical, asked)
    assert SOLVED.items() <= texts(canonical).items()
    assert not set(nbformat.v4.writes(as_notebook(canonical, asked))) & {"\0", "\r", "\ud83d"}


NO_NOTEBOOKS = {
    "nothing": b"",
    "blanks": b" \n",
    "half a file": b'{"cells": [{"cell_type": "code", "source": "x',
    "no JSON": b"def double(number): ...",
    "a picture": base64.b64decode(PNG),
    "zeros": bytes(1000),
    "a list": b"[1, 2]",
    "a word": b'"cells"',
    "null": b"null",
    "no cells": b'{"nbformat": 4, "cells": []}',
    "cells that are a number": b'{"cells": 5}',
    "cells that are none": b'{"cells": [1, [2], "three"], "worksheets": [[], {"cells": 0}]}',
    "brackets without end": b"[" * 10**6,
    "objects without end": b'{"cells":' * 10**6,
    "outputs without end": b'{"outputs": [' * 10**6,
    "an output of brackets": b'{"cells": [{"outputs": [' + b"[" * 3 * 10**6,
    "a text without an end": b'{"cells": [{"outputs": ["' + rb"\"" * 10**6,
    "too many brackets": b'{"cells": [' + b"[]," * 10**6 + b"[]]}",
}


@pytest.mark.parametrize("data", NO_NOTEBOOKS.values(), ids=NO_NOTEBOOKS)
def test_a_file_that_is_no_notebook_counts_as_handed_in_without_an_answer(data: bytes, asked: Blueprint) -> None:
    canonical = canonicalise(data, asked)
    assert_sound(canonical, asked)
    assert [one.source for one in canonical.cells] == [one.source for one in asked.cells]
    (note,) = canonical.notes
    assert note.endswith("it counts as handed in without an answer.")


def test_a_file_that_is_too_large_is_not_looked_at(
    solved: dict[str, Any], asked: Blueprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mangled, "MOST_BYTES", 2**20)
    canonical = canonicalise(as_bytes(solved) + b" " * 2**20, asked)
    assert canonical.notes == ("The submitted file is larger than 1 MB: it counts as handed in without an answer.",)
    monkeypatch.setattr(mangled, "MOST_BYTES", 2**23)
    monkeypatch.setattr(mangled, "MOST_BYTES_BESIDE_OUTPUTS", 2**20)
    solved["metadata"]["foreign"] = "x" * 2**20
    assert "larger than a notebook" in canonicalise(as_bytes(solved), asked).notes[0]


def test_cells_that_lack_come_back_as_handed_out_and_are_named(released: dict[str, Any], asked: Blueprint) -> None:
    released = {**released, "cells": [one for one in released["cells"] if id_of(one) not in ("area", "area-test")]}
    canonical = canonicalise(as_bytes(released), asked)
    assert_sound(canonical, asked)
    assert canonical.notes == ("Missing, and put back as handed out: area.", "Missing, and put back: area-test.")


def test_a_copied_answer_stays_behind_the_first_and_a_copied_test_goes(
    solved: dict[str, Any], asked: Blueprint
) -> None:
    solved["cells"] += [
        {**cell_named(solved, "area"), "source": "area = 2"},
        {**cell_named(solved, "area-test"), "source": "2"},
    ]
    canonical = canonicalise(as_bytes(solved), asked)
    assert_sound(canonical, asked)
    assert texts(canonical)["area"] == AREA
    assert [one.source for one in canonical.cells if one.role == "own"] == ["helper = 1", "My *own* words", "area = 2"]
    assert canonical.notes == (
        "The cell area was there more than once; the copy was kept as a cell of the student's own.",
        "The cell area-test was there more than once; the copy was left out.",
    )


def test_cells_whose_marks_an_editor_dropped_are_known_by_their_ids(solved: dict[str, Any], asked: Blueprint) -> None:
    for one in solved["cells"]:
        one["metadata"] = {}
    canonical = canonicalise(as_bytes(solved), asked)
    assert_sound(canonical, asked)
    assert SOLVED.items() <= texts(canonical).items()
    assert "The cell area had lost nbgrader's mark; it was known by its id." in canonical.notes


def test_without_marks_and_ids_the_students_functions_still_come_after_the_placeholders(
    solved: dict[str, Any], asked: Blueprint
) -> None:
    for one in solved["cells"]:
        one["metadata"] = {}
        one.pop("id", None)
    canonical = canonicalise(as_bytes(solved), asked)
    assert_sound(canonical, asked)
    sources = [one.source for one in canonical.cells]
    test = next(place for place, one in enumerate(canonical.cells) if one.cell_id == "area-test")
    assert sources.index(PLACEHOLDER) < sources.index(AREA) < test


def test_an_edited_cell_of_the_teachers_comes_behind_the_original(solved: dict[str, Any], asked: Blueprint) -> None:
    imports = next(one for one in solved["cells"] if one["source"] == "import math")
    imports["source"] = "import math, random"
    shown = next(one for one in solved["cells"] if one["source"] == "print(area(radii[0]))")
    shown["source"] += "\n\n"  # as good as verbatim
    canonical = canonicalise(as_bytes(solved), asked)
    assert_sound(canonical, asked)
    sources = [one.source for one in canonical.cells]
    assert sources[1:3] == ["import math", "import math, random"]
    assert sources.count("print(area(radii[0]))") == 1
    assert canonical.notes == ()


def test_an_untouched_answer_is_known_as_such_and_a_touched_one_is_not(
    released: dict[str, Any], solved: dict[str, Any], asked: Blueprint
) -> None:
    def untouched(notebook: Any) -> set[str]:
        cells = as_notebook(canonicalise(as_bytes(notebook), asked), asked).cells
        marked = [one for one in cells if utils.is_solution(one)]
        return {id_of(one) for one in marked if utils.compute_checksum(one) == one.metadata.nbgrader.checksum}

    assert untouched(released) == {*SOLVED}
    assert untouched(solved) == set()
    for one in released["cells"]:
        one["source"] = one["source"].replace("\n", "\r\n") + "\n"
    assert untouched(released) == {*SOLVED}


def test_there_is_an_end_to_what_a_student_can_add(solved: dict[str, Any], asked: Blueprint) -> None:
    solved["cells"] += [code(f"x = {number}") for number in range(5000)]
    cell_named(solved, "area")["source"] = "#" * 10**6
    canonical = canonicalise(as_bytes(solved), asked)
    assert_sound(canonical, asked)
    assert sum(one.role == "own" for one in canonical.cells) == MOST_OWN_CELLS
    assert len(texts(canonical)["area"]) == mangled.MOST_CHARACTERS
    assert len(canonical.notes) == 2


def test_a_pasted_picture_stays_in_an_essay_and_what_is_none_does_not(solved: dict[str, Any], asked: Blueprint) -> None:
    essay = cell_named(solved, "essay")
    essay["source"] = "My proof: ![proof](attachment:p.png) ![other](attachment:q.png) ![lost](attachment:r.png)"
    essay["attachments"] = {"p.png": {"image/png": PNG}, "q.png": {"image/png": "PHNjcmlwdD4="}, "s": 1}
    canonical = canonicalise(as_bytes(solved), asked)
    assert_sound(canonical, asked)
    assert (
        texts(canonical)["essay"] == f"My proof: ![proof](data:image/png;base64,{PNG}) ![other](#q.png) ![lost](#r.png)"
    )


def test_many_attachments_and_many_mentions_take_no_time_and_no_room(
    solved: dict[str, Any], asked: Blueprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    essay = cell_named(solved, "essay")
    essay["source"] = "![](attachment:ab.png) ![](attachment:a) " + "attachment:a " * 4000
    essay["attachments"] = {"ab.png": {"image/png": PNG}, "a": {"image/png": PNG}} | {f"{n}": {} for n in range(40_000)}
    monkeypatch.setattr(canonical, "MOST_PICTURES", 300)
    text = texts(canonicalise(as_bytes(solved), asked))["essay"]
    assert text.startswith(f"![](data:image/png;base64,{PNG}) ![](data:image/png;base64,{PNG}) attachment:a attach")


def test_the_teachers_pictures_are_in_the_graded_notebook(released: dict[str, Any], asked: Blueprint) -> None:
    notebook = as_notebook(canonicalise(as_bytes(released), asked), asked)
    assert notebook.cells[0].attachments == {"circle.png": {"image/png": PNG}}
    assert notebook.cells[1].metadata.tags == ["teachers"]


def test_markdown_that_could_act_is_shown_as_text_in_answers_and_own_cells(
    solved: dict[str, Any], asked: Blueprint
) -> None:
    evil = "<script>steal()</script>"
    cell_named(solved, "essay")["source"] = solved["cells"][-1]["source"] = evil
    canonical = canonicalise(as_bytes(solved), asked)
    assert texts(canonical)["essay"] == canonical.cells[-1].source == "&lt;script>steal()&lt;/script>"


def test_a_graded_notebook_holds_the_outputs_and_what_the_teacher_should_know(
    solved: dict[str, Any], asked: Blueprint
) -> None:
    canonical = canonicalise(as_bytes(solved), asked)
    results = []
    for one in canonical.cells:
        stream = {"output_type": "stream", "name": "stdout", "text": one.cell_id}
        results.append(CellResult(outputs=(stream,) if one.cell_type == "code" else ()))
    graded = Graded(tuple(results), ("It took long.",), 1.23456, "namespaces")
    notebook = as_notebook(canonical, asked, graded)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    shown = [one.outputs[0].text for one in notebook.cells if one.cell_type == "code"]
    assert shown == [one.cell_id for one in canonical.cells if one.cell_type == "code"]
    about = {"sandbox": "namespaces", "attention": ["It took long."], "seconds": 1.235}
    assert notebook.metadata.shoshin == {"notes": [], "grading": about}
    assert from_notebook(notebook, asked) == canonical


def test_nbgrader_saves_the_grades_of_a_rebuilt_notebook(
    course: Path, solved: dict[str, Any], tmp_path: Path, asked: Blueprint
) -> None:
    from nbgrader.preprocessors import SaveAutoGrades

    shutil.copy(course / "gradebook.db", tmp_path)
    url = f"sqlite:///{tmp_path}/gradebook.db"
    with Gradebook(url, "course") as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission("mixed", "ada")
    about = {"notebook": "circles", "assignment": "mixed", "student": "ada", "db_url": url}
    SaveAutoGrades().preprocess(as_notebook(canonicalise(as_bytes(solved), asked), asked), {"nbgrader": about})
    with Gradebook(url, "course") as gradebook:
        notebook = gradebook.find_submission_notebook("circles", "mixed", "ada")
        assert {one.name: one.auto_score for one in notebook.grades if one.auto_score is not None} == {"area-test": 2}
        assert {one.name: one.auto_comment for one in notebook.comments} == dict.fromkeys([*SOLVED, "task"])


def test_the_same_file_gives_the_same_submission(course: Path, solved: dict[str, Any]) -> None:
    data = as_bytes(with_cells(lambda cells: cells[::-1] + cells)(solved))
    first, second = asked_by(course), asked_by(course)
    assert first == second
    assert canonicalise(data, first) == canonicalise(data, second)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_file_stops_anything(data: st.DataObject, solved: dict[str, Any], asked: Blueprint) -> None:
    notebook = copy.deepcopy(solved)
    for _ in range(data.draw(st.integers(1, 5), "changes")):
        inside: Any = notebook
        while True:
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys), "key")
            if isinstance(inside[key], (dict, list)) and data.draw(st.integers(0, 5), "deeper"):
                inside = inside[key]
                continue
            if data.draw(st.booleans(), "drop"):
                del inside[key]
            else:
                inside[key] = data.draw(JSON, "instead")
            break
    canonical = canonicalise(as_bytes(notebook), asked)
    assert_sound(canonical, asked)
    assert canonicalise(as_bytes(notebook), asked) == canonical


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bytes_stop_anything(data: st.DataObject, solved: dict[str, Any], asked: Blueprint) -> None:
    file = bytearray(as_bytes(solved))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(file)))
        file[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    assert_sound(canonicalise(bytes(file), asked), asked)
