"""Keep what an answer does to the process inside its call: what it writes, warns, seeds and sets."""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import random
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from shoshin.check.ownline import is_grader, is_library

MOST_PRINTED = 2000
MOST_WARNINGS = 20


class Printed(io.StringIO):
    """What an answer prints, up to a limit."""

    def write(self, text: str) -> int:
        if self.tell() < MOST_PRINTED:
            super().write(text[:MOST_PRINTED])
        return len(text)


@contextlib.contextmanager
def no_stderr() -> Iterator[None]:
    """Drop what Python, C code and other processes write to stderr.

    nbgrader gives zero to a check cell that writes one character to stderr.
    """
    streams = {id(stream): stream for stream in (sys.stderr, sys.__stderr__)}.values()
    for stream in streams:
        _flush(stream)
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.ExitStack() as stack:
        stack.enter_context(_muted_file(nowhere.fileno()))
        for stream in streams:  # a logging handler, for one, holds on to the stream it was made with
            stack.enter_context(_muted(stream))
        stack.enter_context(contextlib.redirect_stderr(nowhere))
        yield


@contextlib.contextmanager
def _muted_file(nowhere: int) -> Iterator[None]:
    try:
        kept = os.dup(2)
    except OSError:  # a process without a stderr
        yield
        return
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextlib.contextmanager
def _muted(stream: Any) -> Iterator[None]:
    """Make a stream ignore what is written to it."""
    try:
        before = vars(stream).get("write")
        stream.write = len
    except Exception:  # there is none, or it is no ordinary one
        yield
        return
    try:
        yield
    finally:
        _flush(stream)
        del stream.write
        if before is not None:
            stream.write = before


def _flush(stream: Any) -> None:
    with contextlib.suppress(Exception):  # None, or closed
        stream.flush()


@contextlib.contextmanager
def caught_warnings() -> Iterator[list[dict[str, str]]]:
    """Yield a list that fills with the warnings of the learner's or the grader's own lines, each of them once."""
    caught: list[dict[str, str]] = []
    seen: set[Any] = set()

    def catch(message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None) -> None:
        place = (category, filename, lineno)
        if place in seen or len(seen) >= MOST_WARNINGS or is_library(filename):
            return
        seen.add(place)
        by = "grader" if is_grader(filename) else "answer"
        source = linecache.getline(filename, lineno).strip()
        caught.append({"category": category.__name__, "text": str(message), "line": source, "by": by})

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = catch
        yield caught


@contextlib.contextmanager
def as_before(seed: int) -> Iterator[None]:
    """Seed the global generators and calm NumPy's error state, so that a check says the same thing twice.

    Afterwards both are put back, and figures that were drawn meanwhile are closed.
    """
    torch: Any = sys.modules.get("torch")
    before = random.getstate(), np.random.get_state(), torch and torch.get_rng_state()
    figures = _figures()
    random.seed(seed)
    np.random.seed(seed)
    if torch:
        torch.manual_seed(seed)
    try:
        with np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"):
            yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        if torch:
            torch.set_rng_state(before[2])
        for number in _figures() - figures:  # a notebook would show them below the card
            sys.modules["matplotlib.pyplot"].close(number)


def _figures() -> set[int]:
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()
