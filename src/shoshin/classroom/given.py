"""Find out which of the teacher's statements the test cells need, without those that wait for the student's work."""

from __future__ import annotations

import ast
import builtins
import functools
import re
from collections.abc import Iterable

from IPython.core.inputtransformer2 import TransformerManager

AROUND_A_CELL = re.compile(r"\A\s*%%(?:time|capture)\b.*\n")  # magics that bind what the cell binds
MUTATING = {"append", "add", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}
COMPARISONS = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"}
BUILTINS = frozenset(dir(builtins))
PLAIN_BASES = {"object", "ABC", "Enum", "IntEnum", "StrEnum", "Flag", "NamedTuple", "Protocol"}
LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)  # what stands in them runs when they are called


@functools.lru_cache(1000)  # a class has the same cells
def parsed(source: str) -> list[ast.stmt] | None:
    """Return the statements of a cell, its magics as calls of `get_ipython()`; `None` if it does not parse."""
    try:
        return ast.parse(TransformerManager().transform_cell(without_frame(source))).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def without_frame(source: str) -> str:
    """Return a cell without a magic that only stands around it: what the cell binds is bound all the same."""
    return AROUND_A_CELL.sub("\n", source)


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
    is needed if a test reads a name that it binds, or that it may change (`X.sort()`), if it seeds a generator, if
    nobody can see what it binds (`from math import *`), or if it is a class of the teacher's own, an instance of which
    a test may get without naming the class.
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
    teachers = set().union(*map(bound, given)) - modules  # what is changed of the student's is changed in their process
    for position in range(len(cells) - 1, -1, -1):
        role, source = cells[position]
        if role != "given":
            continue
        for statement in reversed(parsed(source) or []):
            binds, reads = bound(statement), loaded(statement)
            changes = _may_change(statement, binds) and bool(reads & wanted & teachers)
            kept = changes or binds_unseen(statement) or seeds(statement) or _is_plain_class(statement, classes)
            if binds & wanted or kept:
                wanted |= reads
                chosen.setdefault(position, []).insert(0, statement)
    return chosen


def _may_change(statement: ast.stmt, binds: set[str]) -> bool:
    """Tell whether a statement may change what it reads: it binds nothing, or holds others that do not."""
    if not binds or isinstance(statement, (ast.For, ast.While, ast.With, ast.If, ast.Try, ast.Match)):
        return True
    calls = (node.func for node in _now(statement) if isinstance(node, ast.Call))
    return any(isinstance(function, ast.Attribute) and function.attr in MUTATING for function in calls)


def binds_unseen(statement: ast.stmt) -> bool:
    """Tell whether a statement binds names that do not stand in it: it runs a file or a text, or imports all."""
    nodes = list(_now(statement))
    only_read = {id(each) for node in nodes for each in _looked_into(node)}  # globals().get("prediction")
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            return True
        if isinstance(node, ast.Call):
            name = _last_name(node.func)
            if name == "exec" or (name in ("globals", "locals") and id(node) not in only_read):
                return True
            first = node.args[0] if node.args else None
            if name == "run_line_magic" and isinstance(first, ast.Constant) and first.value == "run":
                return True
    return False


def _last_name(node: ast.expr) -> str:
    """Return the name that an expression ends with, `c` of `a.b.c`; "" if it ends with something else."""
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _looked_into(node: ast.AST) -> list[ast.expr]:
    """Return the dicts that an expression reads and does not change."""
    if isinstance(node, ast.Attribute) and node.attr in ("get", "keys", "values", "items", "copy"):
        return [node.value]
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return [node.value]
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        return node.comparators[:1]
    return []


def compares(definition: ast.ClassDef) -> bool:
    """Tell whether a class says what its instances are equal to, or inherits it from who knows where."""
    own = {node.name for node in definition.body if isinstance(node, ast.FunctionDef)}
    bases = {_last_name(base) for base in definition.bases}
    return bool(own & COMPARISONS or definition.decorator_list or bases - {"object", "ABC"})


def asserts(statements: Iterable[ast.stmt]) -> bool:
    """Tell whether a test cell tests something, and does not only count points."""
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, (ast.Assert, ast.Raise, ast.With)):
            return True
        if isinstance(node, ast.Call):
            name = _last_name(node.func).lower()
            if any(word in name for word in ("assert", "check", "test", "raises")):
                return True
    return False


def reckons(statements: Iterable[ast.stmt], last: ast.expr) -> bool:
    """Tell whether the last expression of a test cell reckons with points."""
    if isinstance(last, ast.Name):
        nodes = [node for statement in statements for node in ast.walk(statement)]
        added = (node.target for node in nodes if isinstance(node, ast.AugAssign))
        return any(isinstance(target, ast.Name) and target.id == last.id for target in added)
    if isinstance(last, ast.Call):
        return getattr(last.func, "id", "") in ("sum", "min", "max", "round", "len", "float", "int")
    return isinstance(last, (ast.BinOp, ast.UnaryOp))


def _is_plain_class(statement: ast.stmt, classes: set[str]) -> bool:
    """Tell whether a statement defines a class that has none of a library's among its bases."""
    if not isinstance(statement, ast.ClassDef):
        return False
    return {_last_name(base) for base in statement.bases} <= classes


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
