"""End a call that takes too long, without ending the process it runs in."""

from __future__ import annotations

import ctypes
import queue
import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import Any

from shoshin.check.ownline import is_library

# Seconds between two attempts to end it: the first may be swallowed by `except: pass`. They come ever faster, so that
# of handlers inside handlers one is hit while it handles, and then anew.
AGAIN = 0.2


class OutOfTime(BaseException):
    """Not an `Exception`, so that a learner's `except Exception` does not swallow it."""


class time_limit:
    """Raise `OutOfTime` inside the block after `seconds`, and again until the block is left.

    In the main thread of a Unix process a timer signal ends Python code, sleeping and waiting. Elsewhere (Windows,
    other threads) the exception is planted in the running thread: it arrives at the next Python instruction, so
    a sleep is slept to its end first. An answer that swallows the exception (`except: pass` around its loop)
    is followed by a tracer that raises it again, in the handler itself. Handlers inside handlers usually take a few
    seconds more; outside of the main thread they are not left.

    What cannot be ended is one call that never comes back to Python: `sum(iter(int, 1))`,
    `list(itertools.count())`, `10**10**10`, a huge matrix product. It goes on until the learner interrupts or
    restarts the kernel; whoever grades unattended needs a limit on the whole process as well.

    Limits may be nested. Signal handler, timer and tracer are put back afterwards.
    """

    def __init__(self, seconds: float) -> None:
        main = threading.current_thread() is threading.main_thread()
        self.bell: _Signal | _Watcher = (_Signal if main and hasattr(signal, "setitimer") else _Watcher)(seconds)

    def __enter__(self) -> None:
        self.tracer, self.bell.outermost = sys.gettrace(), sys._getframe(1)
        try:
            self.bell.set()
        except OutOfTime:  # planted a moment too early; nobody else would stop the bell
            self.bell.stop()
            raise

    def __exit__(self, kind: Any, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bell.stop()
        self.bell.outermost = None
        if self.bell.rang and sys.gettrace() is not self.tracer:
            sys.settrace(self.tracer)
        if self.bell.rang and not isinstance(error, OutOfTime):
            raise OutOfTime from error  # the answer made something else of it, or came back too late


class _Bell:
    """What tells that the time is up; `outermost` is the frame that holds the block."""

    outermost: FrameType | None = None
    fastest = 1e-6

    def __init__(self, seconds: float) -> None:
        self.seconds, self.rang, self.again = seconds, False, AGAIN

    def sooner(self) -> float:
        """Return the seconds to wait before the next attempt."""
        self.again = self.again / 2 if self.again > self.fastest else AGAIN
        return self.again

    def raise_again_in(self, frame: FrameType | None) -> None:
        # An `except:` around the loop would catch the exception and go on. So each of the learner's frames is
        # traced, and the first line of that handler raises again, out of reach of its own `try`. A library's
        # handlers are left in peace: they may have a lock to release.
        while frame is not None and self.outermost not in (None, frame):
            if not is_library(frame.f_code.co_filename):
                frame.f_trace = self.raise_at_next_line
            frame = frame.f_back
        sys.settrace(_no_trace)

    def raise_at_next_line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line" and self.outermost is not None:
            raise OutOfTime
        return self.raise_at_next_line


class _Signal(_Bell):
    """A timer of the operating system."""

    def set(self) -> None:
        self.began = time.monotonic()
        self.handler = signal.signal(signal.SIGALRM, self.ring)
        self.outer = signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN)

    def ring(self, signum: int, frame: FrameType | None) -> None:
        if not _is_at_the_door(frame):
            self.rang = True
            signal.setitimer(signal.ITIMER_REAL, self.sooner(), AGAIN)
            self.raise_again_in(frame)
            raise OutOfTime

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.handler)
        remaining, interval = self.outer
        if remaining:
            signal.setitimer(signal.ITIMER_REAL, max(remaining - time.monotonic() + self.began, 1e-3), interval)


class _Watcher(_Bell):
    """A thread that plants the exception in the one that made it."""

    fastest = 1e-3  # a planted exception is made by Python code, which the next one must not interrupt

    def set(self) -> None:
        # Its put() is one call into C. The exception may arrive inside the Python of an Event and leave it locked.
        self.over: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.watching = True
        self.thread = threading.Thread(target=self.watch, args=(threading.get_ident(),), daemon=True)
        self.thread.start()

    def watch(self, target: int) -> None:
        # The exception is made in the thread where it arrives, and so can see whose frames it has to leave.
        planted = type("OutOfTime", (OutOfTime,), {"__init__": self.arrive})
        while not self.is_over(self.sooner() if self.rang else self.seconds):
            frame = sys._current_frames().get(target)
            if not _is_on_stack(frame, self.outermost):  # the last one arrived where the block was being left
                break
            if _is_at_the_door(frame):
                continue
            self.rang = True
            # Planting NULL would take it back, but leaves Python 3.11 busy with it for ever.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(target), ctypes.py_object(planted))
        self.watching = False

    def is_over(self, seconds: float) -> bool:
        try:
            self.over.get(timeout=seconds)
        except queue.Empty:
            return False
        return True

    def arrive(self) -> None:
        frame = sys._getframe(1)
        if not _is_at_the_door(frame):
            self.raise_again_in(frame)

    def stop(self) -> None:
        while True:
            try:
                self.over.put(None)
                while self.watching:
                    time.sleep(1e-4)
                for _ in range(2):  # one that was planted a moment ago arrives here at the latest
                    pass
                return
            except OutOfTime:
                continue


def _is_on_stack(frame: FrameType | None, wanted: FrameType | None) -> bool:
    while frame is not None and frame is not wanted:
        frame = frame.f_back
    return frame is not None


def _is_at_the_door(frame: FrameType | None) -> bool:
    """Tell whether the time is up before the block was entered, or only now that it has been left."""
    while frame is not None:
        if frame.f_code in (time_limit.__enter__.__code__, time_limit.__exit__.__code__):
            return True
        frame = frame.f_back
    return False


def _no_trace(frame: FrameType, event: str, argument: Any) -> None:
    return None
