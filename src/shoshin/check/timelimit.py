"""End a call that takes too long, without ending the process it runs in."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

AGAIN = 0.2  # seconds between two attempts to end it: the first may be swallowed by `except: pass`


class OutOfTime(BaseException):
    """Not an `Exception`, so that a learner's `except Exception` does not swallow it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` inside the block after `seconds`.

    In the main thread of a Unix process a timer signal ends sleeping and waiting too. Elsewhere (Windows,
    other threads) the exception is planted in the running thread and arrives at its next Python instruction.
    """
    main = threading.current_thread() is threading.main_thread()
    with _by_signal(seconds) if main and hasattr(signal, "setitimer") else _by_thread(seconds):
        yield


@contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    tracer = sys.gettrace()
    before = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if sys.gettrace() is _no_trace:
            sys.settrace(tracer)


def _ring(signum: int, frame: FrameType | None) -> None:
    # An `except:` around the loop would catch this exception and go on. So each of the learner's frames is
    # traced, and the first line of that handler raises again, out of reach of its own `try`.
    inner = frame
    while inner is not None and inner.f_globals.get("__name__", "").partition(".")[0] != "shoshin":
        inner.f_trace = _raise_at_next_line
        inner = inner.f_back
    sys.settrace(_no_trace)
    raise OutOfTime


def _no_trace(frame: FrameType, event: str, argument: Any) -> None:
    return None


def _raise_at_next_line(frame: FrameType, event: str, argument: Any) -> Any:
    if event == "line":
        raise OutOfTime
    return _raise_at_next_line


@contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    target, done = ctypes.c_ulong(threading.get_ident()), threading.Event()

    def watch() -> None:
        finished = done.wait(seconds)
        while not finished:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(OutOfTime))
            finished = done.wait(AGAIN)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(target, None)
