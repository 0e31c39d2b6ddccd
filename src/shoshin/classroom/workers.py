"""Grade units in several processes of this machine, forked from the grading server."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

import shoshin.graders
from shoshin.classroom.model import CannotGrade, Graded, Unit
from shoshin.classroom.server import GradingServer, Process, start

MOST_UNITS = 500  # for one process: what grade cells leave behind in it goes with it


def processors() -> int:
    """Return how many processes can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Died(Exception):
    """The grading process ended twice with the same unit."""


class Workers:
    """A pool of `count` grading processes; one that dies is replaced, and its unit is tried once more."""

    def __init__(self, server: GradingServer, count: int) -> None:
        self._count = count
        self._server = server
        self._free: queue.SimpleQueue[Worker | None] = queue.SimpleQueue()
        self._alive: set[Worker] = set()
        self._closed = False
        for _ in range(count):
            self._free.put(None)  # started when it is needed
        self._threads = ThreadPoolExecutor(count)

    @property
    def count(self) -> int:
        return self._count

    def submit(self, unit: Unit) -> Future[Graded]:
        """Return at once; the result raises `CannotGrade` or `Died`, or what `grade` raised."""
        return self._threads.submit(self._grade, unit)

    def close(self) -> None:
        """End all processes, whatever they do."""
        self._closed = True
        for worker in [*self._alive]:
            worker.process.kill()
        self._threads.shutdown(cancel_futures=True)

    def _grade(self, unit: Unit) -> Graded:
        worker = self._free.get()
        try:
            for _ in range(2):
                if worker is None:
                    worker = Worker(self._server)
                    self._alive.add(worker)
                try:
                    outcome = worker.grade(unit)
                except (EOFError, OSError):
                    self._end(worker)
                    worker = None
                    if self._closed:
                        break
                    continue
                if worker.units == MOST_UNITS:
                    self._end(worker)
                    worker = None
                if isinstance(outcome, Exception):
                    raise outcome
                return outcome
            raise Died("the process that graded it ended, twice. Is there enough memory?")
        finally:
            self._free.put(worker)

    def _end(self, worker: Worker) -> None:
        """End a process; the next unit finds a new one."""
        self._alive.discard(worker)
        worker.process.kill()
        worker.connection.close()


class Worker:
    """The near side of one grading process."""

    def __init__(self, server: GradingServer) -> None:
        near, far = socket.socketpair()
        self.units = 0
        self.connection = Connection(near.detach())
        with far:
            self.process: Process = start(server.address, f"{__name__}:work", far, {})
        with contextlib.suppress(OSError):  # it has died already: the first unit will tell
            self.connection.send((server.address, dict(os.environ), sys.path, [*shoshin.graders.__path__]))

    def grade(self, unit: Unit) -> Graded | Exception:
        self.connection.send(unit)
        self.units += 1
        outcome: Graded | Exception = self.connection.recv()
        return outcome


def work(descriptor: int) -> None:
    """Grade one unit after the other, until the other side of the socket is closed."""
    # nbformat imports jsonschema, which would build a grammar for internationalised URIs: 2 s that nobody here needs.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    connection: Connection[Any, Any] = Connection(descriptor)
    with contextlib.suppress(EOFError, OSError):
        address, environment, sys.path[:], shoshin.graders.__path__[:] = connection.recv()
        # The server was started with next to nothing; the teacher's tests may need more of what the teacher has.
        os.environ.update({**environment, **os.environ, "NBGRADER_EXECUTION": "autograde"})
        while True:
            unit = connection.recv()
            try:
                from shoshin.classroom.grading import grade

                outcome: Graded | Exception = grade(unit, address)
            except CannotGrade as error:
                outcome = error
            except Exception as error:
                outcome = RuntimeError(f"{type(error).__name__}: {error}")
            connection.send(outcome)
