"""Put together what a notebook of an assignment asks: its cells in the teacher's order, as the gradebook knows them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbgrader.api import Gradebook, MissingEntry

from shoshin.classroom.given import BUILTINS, compares, loaded, parsed, without_frame
from shoshin.classroom.model import Asked, Blueprint, CannotGrade

SCHEMA = 3  # of nbgrader's metadata
ROLES = {(True, True): "manual", (True, False): "grade", (False, True): "answer", (False, False): "given"}


def blueprint(gradebook: Gradebook, source: Path, assignment: str, notebook: str) -> Blueprint:
    """Return what a notebook of an assignment asks.

    The order and the cells without a mark come from the teacher's notebook in the folder `source`; marked cells, with
    their hidden tests, points and checksums, are as `nbgrader generate_assignment` stored them.

    Raises:
        CannotGrade: if the gradebook does not know the notebook, or the teacher's notebook cannot be read.
    """
    marked, kernelspec = _stored(gradebook, assignment, notebook)
    teachers = _teachers_notebook(source / f"{notebook}.ipynb", assignment)
    cells: list[Asked] = []
    for cell in teachers.cells:
        marks = cell.metadata.get("nbgrader", {})
        if asked := marked.get(marks.get("grade_id", "")):
            asked = replace(asked, metadata={**_kept(cell), **asked.metadata})
            cells.append(with_solution(asked, cell.source) if cell.cell_type == "code" else asked)
        elif not any(marks.get(mark) for mark in ("grade", "solution", "locked", "task")):
            cells.append(Asked("", "given", cell.cell_type, cell.source, metadata=_kept(cell)))
    metadata = {key: teachers.metadata[key] for key in ("kernelspec", "language_info") if key in teachers.metadata}
    return Blueprint(
        assignment=assignment,
        notebook=notebook,
        cells=tuple(_with_those_that_lack(cells, marked)),
        exercise=str(teachers.metadata.get("shoshin", {}).get("exercise", "")),
        metadata=_plain(metadata | ({"kernelspec": kernelspec} if kernelspec else {})),
    )


def with_solution(asked: Asked, solution: str) -> Asked:
    """Return the cell of an answer with what the solution says of it: its names, classes and imports."""
    if asked.role != "answer":
        return asked
    statements = parsed(solution) or []
    classes = [each for each in statements if isinstance(each, ast.ClassDef)]
    imports = "\n".join(ast.unparse(each) for each in statements if isinstance(each, (ast.Import, ast.ImportFrom)))
    return replace(
        asked,
        names=names_bound(solution),
        classes=tuple(each.name for each in classes),
        imports=imports,
        reads=tuple(sorted(set().union(*map(loaded, statements)) - BUILTINS)),
        comparable=tuple(each.name for each in classes if compares(each)),
    )


def names_bound(source: str) -> tuple[str, ...]:
    """Return the names that a cell binds at the top level, in the order of the text; () if it does not parse."""
    try:
        tree = ast.parse(TransformerManager().transform_cell(without_frame(source)))
        names: dict[str, None] = {}
        for name, bound in _bindings(tree.body):
            if bound:
                names.setdefault(name)
            else:
                names.pop(name, None)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(names)


def _bindings(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, bool]]:
    """Yield each name that code binds (true) or deletes (false) in its own scope."""
    for node in nodes:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, True
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    if alias.name != "*":
                        yield alias.asname or alias.name.partition(".")[0], True
            case ast.Name(id=name, ctx=ast.Store()):
                yield name, True
            case ast.Name(id=name, ctx=ast.Del()):
                yield name, False
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                # Its targets are its own; a walrus in it binds outside.
                yield from _bindings(inner.target for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
            case ast.Lambda() | ast.AnnAssign(value=None):
                pass
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name, True
                yield from _bindings(ast.iter_child_nodes(node))
            case _:
                yield from _bindings(ast.iter_child_nodes(node))


def _stored(gradebook: Gradebook, assignment: str, notebook: str) -> tuple[dict[str, Asked], dict[str, Any]]:
    """Return the marked cells, as id → cell, and the kernelspec, as the gradebook has them."""
    try:
        known = gradebook.find_notebook(notebook, assignment)
    except MissingEntry:
        raise CannotGrade(
            f"The gradebook knows no notebook {notebook!r} of the assignment {assignment!r}.\n"
            f"In the course's folder, run: nbgrader generate_assignment {assignment}"
        ) from None
    graded = {cell.name: float(cell.max_score) for cell in known.grade_cells}
    tasks = {cell.name: float(cell.max_score) for cell in known.task_cells}
    solutions = {cell.name for cell in known.solution_cells}
    marked = {}
    for cell in known.source_cells:
        name, locked, checksum = cell.name, bool(cell.locked), cell.checksum or ""
        marks: dict[str, Any] = {"grade": name in graded, "solution": name in solutions, "task": name in tasks}
        role = "task" if name in tasks else ROLES[name in graded, name in solutions]
        points = graded.get(name, tasks.get(name, 0.0))
        marks |= {"schema_version": SCHEMA, "grade_id": name, "cell_type": cell.cell_type, "locked": locked}
        marks |= {"checksum": checksum} if checksum else {}
        marks |= {"points": points} if role in ("grade", "manual", "task") else {}
        marked[name] = Asked(
            name, role, cell.cell_type, cell.source or "", points, locked, checksum, metadata={"nbgrader": marks}
        )
    return marked, json.loads(known.kernelspec or "{}")


def _teachers_notebook(path: Path, assignment: str) -> Any:
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        why = "is gone"
    except Exception as error:  # nbformat raises errors of many kinds
        why = f"cannot be read ({type(error).__name__})"
    raise CannotGrade(
        f"The teacher's notebook {path} {why}.\n"
        f"Put it back as it was when nbgrader generate_assignment {assignment} was run."
    )


def _kept(cell: Any) -> dict[str, Any]:
    """Return what a cell of the graded notebook keeps: the teacher's metadata, and the pictures of the text."""
    kept = {key: value for key, value in cell.metadata.items() if key != "nbgrader"}
    return _plain(kept | ({"attachments": cell.attachments} if cell.get("attachments") else {}))


def _plain(metadata: Any) -> dict[str, Any]:
    """Return metadata as dictionaries of the standard library, which travel to other processes."""
    return dict(json.loads(json.dumps(metadata)))


def _with_those_that_lack(cells: list[Asked], marked: dict[str, Asked]) -> list[Asked]:
    """Put the gradebook's cells that the teacher's notebook no longer has behind the one that came before them."""
    here, previous = {cell.id for cell in cells}, ""
    for name, asked in marked.items():
        if name not in here:
            place = next((number + 1 for number, cell in enumerate(cells) if previous and cell.id == previous), 0)
            cells = [*cells[:place], asked, *cells[place:]]
        previous = name
    return cells
