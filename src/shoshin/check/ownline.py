"""Find the learner's own line on the way to an error or a warning."""

from __future__ import annotations

import dis
import functools
import linecache
import os
import sys
import traceback
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

RAISING = {dis.opmap["RAISE_VARARGS"], dis.opmap["RERAISE"]}
OURS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def own_line(error: BaseException) -> str:
    """Return the deepest line of the learner's own code on the way to the error, or nothing."""
    if type(there := getattr(error, "line_of_student", None)) is str:
        return there  # it was raised in another process
    without_source = ""
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        code = frame.f_code
        if not is_library(code.co_filename) and not _is_grader(frame):
            source = linecache.getline(code.co_filename, number, frame.f_globals).strip()
            inside = "" if code.co_name == "<module>" else f" of {_name(code)}"
            if source:
                return f"line {number}{inside}: {source}"
            without_source = without_source or f"line {number}{inside}"  # the code of an `exec`, say
    return without_source


def raised_by_library(error: BaseException) -> bool:
    """Tell whether an error was raised in a library: neither by the learner nor by Shoshin."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    filename, code = trace.tb_frame.f_code.co_filename, trace.tb_frame.f_code.co_code
    # Compiled code has no frame of its own: then the last line did something else than raise.
    compiled = code[trace.tb_lasti] not in RAISING
    return (is_library(filename) or compiled) and not filename.startswith(OURS)


def is_library(filename: str) -> bool:
    """Tell whether a file belongs to Python, an installed package or Shoshin, and not to the learner."""
    if filename.startswith(_libraries()) or filename.startswith("<frozen"):
        return True
    return any(folder in Path(filename).parts for folder in ("site-packages", "dist-packages"))


def is_grader(filename: str) -> bool:
    """Tell whether a file is one of the graders."""
    graders: Any = sys.modules.get("shoshin.graders")
    return graders is not None and filename.startswith(tuple(graders.__path__))


def _is_grader(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("shoshin.")


def _name(code: CodeType) -> str:
    """Return the function's name; a comprehension goes by the name of the function it is written in."""
    names = code.co_qualname.split(".<locals>.")
    while len(names) > 1 and names[-1] in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"):
        names.pop()
    return names[-1]


@functools.cache
def _libraries() -> tuple[str, ...]:
    import site
    import sysconfig

    paths = {*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()}
    return tuple({OURS, *paths} - {sysconfig.get_path("data"), sysconfig.get_path("scripts")})
