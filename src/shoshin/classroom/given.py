"""Find out which of the teacher's statements the test cells need, without those that wait for the student's work."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterable

from IPython.core.inputtransformer2 import TransformerManager

BUILTINS = frozenset(dir(builtins))
PLAIN_BASES = {"object", "ABC", "Enum", "IntEnum", "StrEnum", "Flag", "NamedTuple", "Protocol"}
LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)  # what stands in them runs when they are called


@functools.lru_cache(1000)  # a class has the same cells
def parsed(source: str) -> list[ast.stmt] | None:
    """Return the statements of a cell, its magics as calls of `get_ipython()`; `None` if it does not parse."""
    try:
        return ast.parse(TransformerManager().transform_cell(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def bound(statement: ast.AST) -> set[str]:
    """Return the names that a statement binds in the namespace that it runs in."""
    names: set[str] = set()
    for node in _now(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
    return names


@functools.lru_cache(1000)
def names_of(source: str) -> frozenset[str]:
    """Return the names that a cell binds."""
    return frozenset().union(*map(bound, parsed(source) or []))


def loaded(statement: ast.AST, now: bool = False) -> set[str]:
    """Return the names that a statement reads; with `now`, only those that it reads when it runs itself."""
    nodes = _now(statement) if now else ast.walk(statement)
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Load, ast.Del))}


def _now(statement: ast.AST) -> Iterable[ast.AST]:
    """Walk through what runs when a statement runs: not through the bodies of the functions that it defines."""
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, LATER):
            arguments = node.args
            waiting += [*arguments.defaults, *filter(None, arguments.kw_defaults), *getattr(node, "decorator_list", [])]
        else:
            waiting += ast.iter_child_nodes(node)


@functools.lru_cache(10)
def needed(cells: tuple[tuple[str, str], ...]) -> dict[int, list[ast.stmt]]:
    """Return what the trusted process has to run of the cells, by position, so that every test finds its names.

    `cells` are (role, source) in the teacher's order; the `grade` cells are the tests. A statement of a `given` cell
    is needed if a test reads a name that it binds, or that it may change (`X.sort()`), if it seeds a generator, or if
    it is a class of the teacher's own, an instance of which a test may get without naming the class.
    """
    wanted: set[str] = set()
    for role, source in cells:
        if role == "grade":
            for statement in parsed(source) or []:
                wanted |= loaded(statement)
    chosen: dict[int, list[ast.stmt]] = {}
    given = [each for role, source in cells if role == "given" for each in parsed(source) or []]
    classes = {each.name for each in given if isinstance(each, ast.ClassDef)} | PLAIN_BASES
    modules = set().union(*(bound(each) for _, source in cells for each in _imports(source)))
    for position in range(len(cells) - 1, -1, -1):
        role, source = cells[position]
        if role != "given":
            continue
        for statement in reversed(parsed(source) or []):
            binds, reads = bound(statement), loaded(statement)
            changes = not binds and bool((reads & wanted) - modules)
            if binds & wanted or changes or seeds(statement) or _is_plain_class(statement, classes):
                wanted |= reads
                chosen.setdefault(position, []).insert(0, statement)
    return chosen


def _is_plain_class(statement: ast.stmt, classes: set[str]) -> bool:
    """Tell whether a statement defines a class that has none of a library's among its bases."""
    if not isinstance(statement, ast.ClassDef):
        return False
    names = {getattr(base, "attr", getattr(base, "id", "")) for base in statement.bases}
    return names <= classes


def _imports(source: str) -> list[ast.stmt]:
    return [each for each in parsed(source) or [] if isinstance(each, (ast.Import, ast.ImportFrom))]


def seeds(statement: ast.stmt) -> bool:
    """Tell whether a statement seeds a library's own generator."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    function = statement.value.func
    return isinstance(function, ast.Attribute) and function.attr in ("seed", "manual_seed")


def runnable(statement: ast.stmt, known: Iterable[str]) -> bool:
    """Tell whether a statement can run now with the names that are known: it does not wait for the student's."""
    inside = {name for node in _now(statement) if isinstance(node, ast.comprehension) for name in bound(node)}
    return loaded(statement, now=True) <= {*known, *BUILTINS, *bound(statement), *inside}
