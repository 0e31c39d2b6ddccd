"""Try an answer on one case, and tell what happened as data."""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import random
import site
import sys
import sysconfig
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from shoshin.check.plain import plain, private_copy
from shoshin.check.timelimit import OutOfTime, time_limit

OURS = str(Path(__file__).resolve().parents[1])
MOST_PRINTED = 2000


@dataclass
class Outcome:
    """What one call of an answer came to.

    `kind` is `"value"`, `"raised"`, `"out of time"` or `"not attempted"`; `value` is plain data; `error` is
    "Type: message", `line` the learner's own line that raised it; `arguments` are the call's arguments after
    it; `warned` holds one dict for each warning that the learner's own code (or the grader's) caused.
    """

    kind: str
    value: Any = None
    error: str = ""
    error_type: str = ""
    line: str = ""
    arguments: tuple[Any, ...] = ()
    printed: str = ""
    warned: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0


def attempt(
    run: Callable[..., Any], answer: Any, case: tuple[Any, ...], *, seconds: float, seed: int
) -> Outcome:
    """Return the `Outcome` of `run(answer, *case)`, on copies of the case, with everything it writes caught."""
    arguments = private_copy(case)
    printed = _Limited()
    began = time.perf_counter()
    with _seeded(seed), _caught_warnings() as warned, _quiet(printed):
        try:
            with time_limit(seconds):
                outcome = Outcome("value", plain(run(answer, *arguments)))
        except OutOfTime:
            outcome = Outcome("out of time")
        except NotImplementedError as error:
            outcome = _raised(error) if _library_line(error) else Outcome("not attempted")
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: a check never raises
            outcome = _raised(error)
    outcome.seconds = time.perf_counter() - began
    outcome.arguments, outcome.printed = arguments, printed.getvalue()
    outcome.warned = [_described(warning) for warning in warned if not _is_library(warning.filename)]
    return outcome


def _raised(error: BaseException) -> Outcome:
    if isinstance(error, KeyboardInterrupt):
        message = "the check was stopped by hand"
    else:
        with contextlib.suppress(Exception):  # the learner's own __str__ may raise
            message = str(error)
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return Outcome("raised", error=text[:500], error_type=type(error).__name__, line=_own_line(error))


def _own_line(error: BaseException) -> str:
    """Return the deepest line of the learner's own code on the way to the error, or nothing."""
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        filename = frame.f_code.co_filename
        if not _is_library(filename) and not frame.f_globals.get("__name__", "").startswith("shoshin."):
            source = linecache.getline(filename, number, frame.f_globals).strip()
            return f"line {number}: {source}" if source else f"line {number} of {frame.f_code.co_name}"
    return ""


def _library_line(error: BaseException) -> bool:
    *_, (frame, _number) = traceback.walk_tb(error.__traceback__)
    filename = frame.f_code.co_filename
    return _is_library(filename) and not filename.startswith(OURS)


def _is_library(filename: str) -> bool:
    return filename.startswith(_LIBRARIES) or filename.startswith("<frozen")


_LIBRARIES = tuple(
    {OURS, *sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()}
    - {sysconfig.get_path("data"), sysconfig.get_path("scripts")}
)


def _described(warning: warnings.WarningMessage) -> dict[str, str]:
    line = linecache.getline(warning.filename, warning.lineno).strip()
    graders: Any = sys.modules.get("shoshin.graders")
    ours = graders is not None and warning.filename.startswith(tuple(graders.__path__))
    return {
        "category": warning.category.__name__,
        "text": str(warning.message),
        "line": line,
        "by": "grader" if ours else "answer",
    }


@contextlib.contextmanager
def _caught_warnings() -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


@contextlib.contextmanager
def _quiet(printed: io.StringIO) -> Iterator[None]:
    """Keep what Python code prints, drop what it and C code write to stderr.

    nbgrader gives zero to a check cell that writes one character to stderr.
    """
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()), _no_stderr_file():
        yield


@contextlib.contextmanager
def _no_stderr_file() -> Iterator[None]:
    try:
        kept = os.dup(2)
    except OSError:  # a process without a stderr
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class _Limited(io.StringIO):
    def write(self, text: str) -> int:
        if self.tell() < MOST_PRINTED:
            super().write(text[:MOST_PRINTED])
        return len(text)


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed the global generators, so that a check gives the same verdict twice; put them back afterwards."""
    torch: Any = sys.modules.get("torch")
    before = random.getstate(), np.random.get_state(), torch and torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed)
    if torch:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        if torch:
            torch.set_rng_state(before[2])
