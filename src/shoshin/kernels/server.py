"""The fork server's process: one connection is one kernel, from its request to its end.

A client connects to the Unix socket (packets, so that a message is a packet) and sends one request with two file
descriptors, the kernel's stdout and stderr: {"command", "environment", "folder"}; or {"function", "arguments"} with a
descriptor that the function is to have. The answer is {"pid"} or {"refused":
why}. From then on {"signal": number} goes one way, and once {"exit": code, "peak_mb"} the other. When either side
hangs up, the kernel dies. The server ends when its stdin does, which its owner holds, or after idle seconds.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from .child import Origin, become, call
from .preload import NotForkable, forget, preload

MOST_BYTES = 2**20
Run = Callable[[], None]


def main() -> None:
    """Preload, tell the owner, serve; in a child, run what was asked for."""
    _, folder, settings, *without = sys.argv
    listener, idle_seconds, modules = json.loads(settings)
    left_out = dict(json.loads(words) for words in without)
    origin = Origin()
    sys.path[:] = [path for path in sys.path if path not in ("", folder)]
    report = os.dup(1)
    os.dup2(2, 1)  # what a library prints while it is imported belongs into the log
    try:
        imported, missing, warned = preload([module for module in modules if module not in left_out])
    except NotForkable as error:
        # What has been imported stays imported, so begin again without it.
        command = [sys.orig_argv[0], "-c", sys.orig_argv[2], *sys.argv[1:], json.dumps(error.args)]
        os.dup2(report, 1)
        os.execve(sys.executable, command, origin.environment)
    origin.complete()
    os.write(report, json.dumps({"imported": imported, "left_out": left_out | missing, "warnings": warned}).encode())
    os.write(report, b"\n")
    os.close(report)
    run = Server(socket.socket(fileno=listener), idle_seconds, origin).serve()
    if run:
        finish(run)


def finish(run: Run) -> NoReturn:
    """Run a child to its end, without freeing object by object the memory that it shares with the server.

    This is how multiprocessing ends its forks: threads are waited for, exit functions run, streams are flushed.
    """
    code: Any = 0
    try:
        run()
    except SystemExit as error:
        code = error.code
        if not isinstance(code, int | None):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(code or 0)


class Server:
    """Forks on request, and is the parent of every kernel: it alone signals and reaps them."""

    def __init__(self, listener: socket.socket, idle_seconds: float, origin: Origin):
        self.listener, self.idle_seconds, self.origin = listener, idle_seconds, origin
        self.kernels: dict[socket.socket, int] = {}  # connection -> process id
        self.selector = selectors.PollSelector()  # an epoll object would be shared with the children
        self.selector.register(0, selectors.EVENT_READ, self.end)
        self.selector.register(listener, selectors.EVENT_READ, self.accept)

    def serve(self) -> Run | None:
        """Serve until the end, and return `None`; in a child, return at once what it is to run."""
        while True:
            alone = len(self.selector.get_map()) == 2
            ready = self.selector.select(self.idle_seconds if alone else None)
            if not ready:
                return None
            key = ready[0][0]  # one at a time: it may make the others void
            if alone and key.fileobj is self.listener and self.origin.outdated():
                return None  # the client waits in the socket, where the owner hears of it and starts another server
            if run := key.data(key.fileobj):
                return run  # type: ignore[no-any-return]

    def accept(self, listener: socket.socket) -> None:
        """Take a client's connection."""
        connection, _ = listener.accept()
        self.selector.register(connection, selectors.EVENT_READ, self.hear)

    def hear(self, connection: socket.socket) -> Run | None:
        """Do what a client says: start its kernel, signal it, or kill it because the client is gone."""
        try:
            message, files, *_ = socket.recv_fds(connection, MOST_BYTES, 2)
        except OSError:
            message, files = b"", []
        if not message:
            self.selector.unregister(connection)
            connection.close()
            if connection in self.kernels:
                send_signal(self.kernels[connection], signal.SIGKILL)
            return None
        if connection in self.kernels:
            send_signal(self.kernels[connection], json.loads(message)["signal"])
            return None
        request = json.loads(message)
        if "function" in request:
            refused, child = "", call
        else:
            refused, child = self.origin.refuses(**request), become
        run = None if refused else self.fork(connection, functools.partial(child, request, files))
        if not run:
            for file in files:
                os.close(file)
        if refused:
            send(connection, {"refused": refused})
        return run

    def fork(self, connection: socket.socket, run: Run) -> Run | None:
        """Fork; return `run` in the child, which holds nothing of the server's, and `None` in the server."""
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as error:
            send(connection, {"refused": f"this process cannot fork now ({error})"})
            return None
        if pid == 0:
            self.origin.die_with(parent)
            self.let_go()
            forget((__package__ or "").partition(".")[0])
            return run
        self.kernels[connection] = pid
        self.selector.register(os.pidfd_open(pid), selectors.EVENT_READ, functools.partial(self.reap, connection))
        send(connection, {"pid": pid})
        return None

    def let_go(self) -> None:
        """Close what a child has of the server's files; its stdin is replaced later."""
        for key in self.selector.get_map().values():
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()  # not by number: the object would close that number again when it is collected
            elif key.fd:
                os.close(key.fd)

    def reap(self, connection: socket.socket, watch: int) -> None:
        """Tell a kernel's client how it ended, and kill what it leaves in its process group."""
        pid = self.kernels.pop(connection)
        send_signal(pid, signal.SIGKILL)  # its id is taken until the next line
        _, status, usage = os.wait4(pid, 0)
        self.selector.unregister(watch)
        os.close(watch)
        send(connection, {"exit": os.waitstatus_to_exitcode(status), "peak_mb": round(usage.ru_maxrss / 1024, 1)})
        with contextlib.suppress(KeyError, ValueError):  # its client may have hung up before
            self.selector.unregister(connection)
        connection.close()

    def end(self, _: object) -> None:
        """End with the owner: kill every kernel, remove the socket's folder, exit."""
        for pid in self.kernels.values():
            send_signal(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        shutil.rmtree(os.path.dirname(self.listener.getsockname()), ignore_errors=True)
        os._exit(0)


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send a message, unless the client is gone."""
    with contextlib.suppress(OSError):
        connection.send(json.dumps(message).encode())


def send_signal(pid: int, number: int) -> None:
    """Signal the process group of a child that is not yet reaped; the child alone, if it is too young for a group."""
    try:
        os.killpg(pid, number)
    except OSError:
        with contextlib.suppress(OSError):
            os.kill(pid, number)
