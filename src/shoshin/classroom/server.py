"""Keep a fork server for grading: it imports what notebooks import once, and hands out ready processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from shoshin.classroom.model import CannotGrade
from shoshin.kernels.owner import ADDRESS, STACK, ForkServer, unavailable

WORKER = "shoshin.classroom.worker"
KERNEL = ("ipykernel", "IPython.core.completerlib", "torch._dynamo")  # no kernel runs here, and the last costs a second
LONGEST_START = 120  # seconds
# What a student's process sees of the environment in /proc/self/environ is what the server was started with.
HARMLESS = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class GradingServer:
    """A fork server of the classroom's own, without the owner's environment. Its `address` may be handed to others.

    `packages` are the top-level packages that the notebooks use, if known: what nobody needs is not imported.
    Where there can be no fork server (macOS, Windows), a process is started from nothing each time.
    """

    def __init__(self, packages: Sequence[str] | None = None) -> None:
        wanted = [module for module in STACK if not module.startswith(KERNEL)]
        self.packages = {module.partition(".")[0] for module in STACK} if packages is None else {*packages}
        if packages is not None:
            wanted = [module for module in wanted if module.partition(".")[0] in packages]
        environment = {name: os.environ[name] for name in HARMLESS if name in os.environ}
        environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "SHOSHIN_PROGRESS": "off"}
        paths = {os.path.abspath(path) for path in sys.path if path and _holds_shoshin(path)}
        environment["PYTHONPATH"] = os.pathsep.join(sorted(paths))
        self.server: ForkServer | None = None
        self.address = ""
        if not unavailable():
            drawing = ["matplotlib_inline.backend_inline"] if "matplotlib.pyplot" in wanted else []
            modules = ["numpy", "IPython.core.interactiveshell", *wanted, *drawing, WORKER]
            self.server = ForkServer([*dict.fromkeys(modules)], environment=environment)
            self.address = self.server.environment.get(ADDRESS, "")

    def __enter__(self) -> GradingServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and every process that it has handed out."""
        if self.server:
            self.server.close()


def _holds_shoshin(path: str) -> bool:
    return os.path.isfile(os.path.join(path, "shoshin", "__init__.py"))


class Process:
    """A process that runs a function, forked by a server or started anew. `kill` ends it."""

    def __init__(self, connection: socket.socket | None, child: subprocess.Popen[bytes] | None) -> None:
        self.connection, self.child = connection, child
        self.code: int | None = None

    def kill(self) -> None:
        """End it, with everything that it has started."""
        if self.connection is not None:
            with contextlib.suppress(OSError):
                self.connection.send(json.dumps({"signal": int(signal.SIGKILL)}).encode())
            self.wait(10)
            self.connection.close()
        if self.child is not None:
            with contextlib.suppress(OSError, AttributeError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.kill()
            self.code = self.child.wait()

    def wait(self, seconds: float) -> int | None:
        """Return the exit code, minus the signal's number if a signal was the end; `None` if it still runs."""
        if self.connection is not None and self.code is None:
            self.connection.settimeout(seconds)
            with contextlib.suppress(OSError):  # the server has ended, and with it all that it had started
                message = self.connection.recv(2**16)
                self.code = json.loads(message)["exit"] if message else -int(signal.SIGKILL)
        elif self.child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.code = self.child.wait(seconds)
        return self.code


def start(address: str, function: str, end: socket.socket, arguments: dict[str, Any]) -> Process:
    """Start `function(descriptor, **arguments)` in a process that has `end` of a pair of sockets.

    Raises:
        CannotGrade: if no process can be started.
    """
    if address:
        return _forked(address, function, end, arguments)
    if sys.platform == "win32":
        raise CannotGrade("Grading on Windows is not possible. Use Linux, or Windows' own (WSL 2).")
    code = "import importlib, json, sys; module, _, name = sys.argv[1].partition(':'); "
    code += "getattr(importlib.import_module(module), name)(int(sys.argv[2]), **json.loads(sys.argv[3]))"
    command = [sys.executable, "-c", code, function, str(end.fileno()), json.dumps(arguments)]
    nothing = subprocess.DEVNULL
    child = subprocess.Popen(
        command, stdin=nothing, stdout=nothing, stderr=nothing, pass_fds=[end.fileno()], start_new_session=True
    )
    return Process(None, child)


def _forked(address: str, function: str, end: socket.socket, arguments: dict[str, Any]) -> Process:
    request = json.dumps({"function": function, "arguments": arguments}).encode()
    for _ in range(2):  # a server that was killed a moment ago is started again by the second request
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.settimeout(LONGEST_START)
            connection.connect(address)
            socket.send_fds(connection, [request], [end.fileno()])
            answer = json.loads(connection.recv(2**16) or b"{}")
        except ConnectionResetError:
            answer = {}
        except OSError as error:
            connection.close()
            raise CannotGrade(
                f"The process that starts all others cannot be reached ({error}). Grade again."
            ) from error
        if "pid" in answer:
            return Process(connection, None)
        connection.close()
        if "refused" in answer:
            raise CannotGrade(f"No process for the student's code could be started: {answer['refused']}.")
    raise CannotGrade("The fork server has ended. Grade again; is there enough memory?")
