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

if sys.platform != "win32":
    import resource

MOST_UNITS = 500  # for one process: what grade cells leave behind in it goes with it
GRACE = 60.0  # seconds that grading has beyond what its parts may take: processes start, and libraries are imported
ROOM = 2  # times the memory of a submission: a test holds what came, and what it makes of it


def processors() -> int:
    """Return how many processes can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Died(Exception):
    """The grading process ended twice with the same unit, or was ended since it did not come to an end."""


def longest(unit: Unit) -> float:
    """Return how many seconds the grading of a unit may take."""
    limits = unit.limits
    return limits.total_seconds + limits.grade_seconds + limits.cell_seconds + GRACE


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
        return self._threads.submit(self.grade, unit)

    def close(self) -> None:
        """End all processes, whatever they do."""
        self._closed = True
        for worker in [*self._alive]:
            worker.process.kill()
        self._threads.shutdown(cancel_futures=True)

    def grade(self, unit: Unit) -> Graded:
        """Return the graded unit.

        Raises:
            CannotGrade: if it cannot be graded here and now.
            Died: if the process that grades it ended twice, or did not come to an end; others are graded as before.
        """
        worker = self._free.get()
        try:
            for _ in range(2):
                if worker is None:
                    worker = Worker(self._server)
                    self._alive.add(worker)
                try:
                    outcome = worker.grade(unit)
                except TimeoutError:  # C code is held by no limit but this one
                    self._end(worker)
                    worker = None
                    raise Died(f"grading was ended after {longest(unit):g} s, at a test that did not stop") from None
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
        except KeyboardInterrupt:
            if worker is not None:  # it is still at work
                self._end(worker)
                worker = None
            raise
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
        if not self.connection.poll(longest(unit)):
            raise TimeoutError
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
        taken = addresses_taken()
        while True:
            unit = connection.recv()
            limit_memory(taken + ROOM * unit.limits.memory_mb * 2**20)
            try:
                from shoshin.classroom.grading import grade

                outcome: Graded | Exception = grade(unit, address)
            except CannotGrade as error:
                outcome = error
            except Exception as error:
                outcome = RuntimeError(f"{type(error).__name__}: {error}")
            connection.send(outcome)


def addresses_taken() -> int:
    """Return the size of this process's address space, in bytes; 0 where nobody tells."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def limit_memory(most: int) -> None:
    """Let this process meet a MemoryError before the host runs out of memory, where the system can tell it so."""
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
