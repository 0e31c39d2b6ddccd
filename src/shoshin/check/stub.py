"""Recognise an answer that has not been written yet."""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
import types
from typing import Any

# What is left of a body that is a docstring, `...` or `pass`.
NOTHING = {"RESUME", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "NOP"}


def is_stub(answer: Any) -> bool:
    """Tell whether an answer is a placeholder: `...`, a function with an empty body, a class of such methods."""
    if answer is ...:
        return True
    if isinstance(answer, (list, tuple)):
        return any(item is ... for item in answer)
    if isinstance(answer, dict):
        return any(item is ... for item in answer.values())
    functions = _functions(answer)
    return bool(functions) and all(_is_empty(function) for function in functions)


def placeholders(answer: Any) -> list[str]:
    """Return the names of the answer's functions in which a `...` still stands for a statement."""
    return [function.__name__ for function in _functions(answer) if _is_empty(function) or _has_ellipsis(function)]


def _functions(answer: Any) -> list[types.FunctionType]:
    if inspect.isclass(answer):
        members = [getattr(member, "__func__", member) for member in vars(answer).values()]
        # dataclass, for one, generates methods; they have no file.
        return [m for m in members if inspect.isfunction(m) and not m.__code__.co_filename.startswith("<string")]
    try:
        answer = inspect.unwrap(answer)
    except ValueError:  # a cycle of __wrapped__
        return []
    return [answer] if inspect.isfunction(answer) else []


def _is_empty(function: types.FunctionType) -> bool:
    instructions = list(dis.get_instructions(function))
    returned = [i.argval for i in instructions if i.opname in ("LOAD_CONST", "RETURN_CONST")]
    return {i.opname for i in instructions} <= NOTHING and returned in ([None], [...])


def _has_ellipsis(function: types.FunctionType) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, IndentationError):
        return False
    return any(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...
        for node in ast.walk(tree)
    )
