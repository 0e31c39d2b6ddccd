"""Recognise an answer that has not been written yet."""

from __future__ import annotations

import ast
import dis
import functools
import inspect
import textwrap
import types
from typing import Any

# What is left of a body that is a docstring, `...` or `pass`; the second line: of one that is async.
NOTHING = {"RESUME", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "NOP"}
NOTHING |= {"RETURN_GENERATOR", "POP_TOP", "CALL_INTRINSIC_1", "RERAISE", "COPY_FREE_VARS", "STOP_ITERATION_ERROR"}

# What every class has.
NO_CONTENT = {"__module__", "__doc__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__"}


def is_stub(answer: Any) -> bool:
    """Tell whether an answer is a placeholder: `...`, a function with an empty body, a class of such methods."""
    if answer is ...:
        return True
    if type(answer) in (list, tuple, set):
        return any(map(is_stub, (item for item in answer if item is ... or type(item) in (list, tuple, dict))))
    if type(answer) is dict:
        return is_stub(list(answer.values()))
    functions = functions_of(answer)
    if _is_class(answer) and answer.__bases__ == (object,) and set(vars(answer)) <= NO_CONTENT:
        return True
    return bool(functions) and all(map(_is_empty, functions))


def placeholders(answer: Any) -> list[str]:
    """Return the names of the answer's functions in which a `...` still stands where code is to be written."""
    if _is_class(answer) and set(vars(answer)) <= NO_CONTENT:
        return [answer.__name__]
    return [function.__name__ for function in functions_of(answer) if _has_placeholder(function)]


def functions_of(answer: Any) -> list[types.FunctionType]:
    """Return the Python functions that an answer consists of: itself, without its decorators, or its methods."""
    if not _is_class(answer):
        function = _unwrapped(answer)
        return [function] if type(function) is types.FunctionType else []  # isinstance would ask the answer
    members = map(_unwrapped, vars(answer).values())
    # dataclass, for one, generates methods; they stand in no file, or in its own.
    return [m for m in members if type(m) is types.FunctionType and not _is_generated(m)]


def _is_class(answer: Any) -> bool:
    return issubclass(type(answer), type)


def _is_generated(function: types.FunctionType) -> bool:
    filename = function.__code__.co_filename
    return filename.startswith("<string") or filename.endswith(("dataclasses.py", "reprlib.py"))


def _unwrapped(member: Any) -> Any:
    """Return the function inside a decorated function, method, property or partial."""
    for _ in range(100):
        kind = type(member)
        if issubclass(kind, (staticmethod, classmethod, types.MethodType)):
            member = member.__func__
        elif issubclass(kind, property):
            member = member.fget
        elif issubclass(kind, (functools.partial, functools.cached_property)):
            member = member.func
        elif issubclass(kind, (types.FunctionType, functools._lru_cache_wrapper)) and "__wrapped__" in vars(member):
            member = member.__wrapped__
        else:
            return member
    return None


def _is_empty(function: types.FunctionType) -> bool:
    instructions = list(dis.get_instructions(function))
    if not {i.opname for i in instructions} <= NOTHING:
        return False
    constants = [i.argval for i in instructions if i.opname in ("LOAD_CONST", "RETURN_CONST")]
    if not all(constant in (None, ...) for constant in constants):
        return False
    if function.__name__ == "<lambda>":
        return ... in constants
    body = _body(function)  # `return None` compiles to the same as `pass`, but somebody wrote it
    return body is None or not any(isinstance(s, ast.Return) and not _is_ellipsis(s.value) for s in body)


def _has_placeholder(function: types.FunctionType) -> bool:
    body = _body(function)
    if body is None:
        return _is_empty(function)
    statements = [node for outer in body for node in ast.walk(outer) if isinstance(node, ast.stmt)]
    return any(_is_ellipsis(getattr(statement, "value", None)) for statement in statements)


def _is_ellipsis(node: Any) -> bool:
    """Tell whether an expression is `...` or a tuple of nothing else; `x[..., 0]` is none."""
    if isinstance(node, ast.Tuple):
        return bool(node.elts) and all(map(_is_ellipsis, node.elts))
    return isinstance(node, ast.Constant) and node.value is ...


def _body(function: types.FunctionType) -> list[ast.stmt] | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, ValueError, SyntaxError):
        return None
    definition = tree.body[0] if tree.body else None
    return definition.body if isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
