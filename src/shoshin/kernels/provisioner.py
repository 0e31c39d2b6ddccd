"""The client: jupyter_client starts, polls and signals a kernel through the fork server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from .owner import ADDRESS, PROVISIONER, ForkServer

LONGEST_START = 120  # seconds; the first request waits for the imports
HONOURED = {"env", "cwd", "stdout", "stderr", "kernel_id", "extra_arguments", "independent"}


class NotWarm(Exception):
    """No warm kernel can be had for this request; the text says why."""


@dataclass
class Start:
    """A kernel that this process has started: why it was an ordinary one, if so; its peak memory, once it has ended."""

    cold: str = ""
    peak_mb: float = 0


starts: list[Start] = []  # the latest last


class WarmProvisioner(LocalProvisioner):
    """Provisions kernels from a fork server, and ordinary ones where that cannot serve the request.

    jupyter_client's own provisioner writes the connection file, and works with anything that behaves like a `Popen`.
    """

    process: Any = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch the kernel, warm if possible, and return its connection information."""
        start = Start()
        starts.append(start)
        # A kernel that starts kernels of its own has no claim to this server.
        env = kwargs.get("env", os.environ)
        kwargs["env"] = env = {name: env[name] for name in env if name not in (ADDRESS, PROVISIONER)}
        try:
            if kwargs.get("independent") or not HONOURED.issuperset(kwargs):
                raise NotWarm("it is to be started with options that a fork cannot honour")
            files = [descriptor(kwargs.get("stdout"), 1), descriptor(kwargs.get("stderr"), 2)]
            request = {"command": cmd, "environment": env, "folder": os.path.abspath(kwargs.get("cwd") or os.getcwd())}
            self.process = await asyncio.to_thread(launch, request, files, start)
        except NotWarm as error:
            start.cold = str(error)
            self.log.info("An ordinary kernel is started: %s.", error)
            return await super().launch_kernel(cmd, **kwargs)
        self.pid, self.pgid = self.process.pid, None  # without a group, signals are left to the process object
        self.cwd = request["folder"]
        return self.connection_info


def launch(request: Mapping[str, Any], files: list[int], start: Start) -> WarmProcess:
    """Have the fork server start a process, and return its handle.

    Raises:
        NotWarm: if the server refuses, cannot be reached, or ends twice over this request.
    """
    for _ in range(2):  # a server that was killed a moment ago is started again by the second request
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.settimeout(LONGEST_START)
            connection.connect(os.environ.get(ADDRESS) or own_address())
            socket.send_fds(connection, [json.dumps(request).encode()], files)
            answer = connection.recv(2**16)
        except ConnectionResetError:
            answer = b""
        except OSError as error:
            connection.close()
            raise NotWarm(f"the fork server cannot be reached ({error})") from error
        if answer:
            words = json.loads(answer)
            if "refused" in words:
                connection.close()
                raise NotWarm(words["refused"])
            return WarmProcess(connection, words["pid"], start)
        connection.close()
    raise NotWarm("the fork server ended while it started the kernel")


own: list[ForkServer] = []


def own_address() -> str:
    """Return the address of this process's own fork server, started at the first call.

    Raises:
        NotWarm: if there can be none.
    """
    if not own:
        own.append(ForkServer())
    if own[0].reason:
        raise NotWarm(own[0].reason)
    return own[0].environment[ADDRESS]


def descriptor(stream: Any, default: int) -> int:
    """Return the file descriptor that `Popen` would use for a stream.

    Raises:
        NotWarm: if `Popen` would have to make one.
    """
    number = default if stream is None else stream if isinstance(stream, int) else stream.fileno()
    if number < 0:
        raise NotWarm("its output is to go to a pipe of Popen's")
    return number


class WarmProcess:
    """A kernel's process behind a connection to its parent, with the interface of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int, start: Start):
        self.connection, self.pid, self.start = connection, pid, start
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or `None` while the process runs."""
        with contextlib.suppress(TimeoutError):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code; minus the signal's number if a signal was the end.

        Raises:
            TimeoutError: after `timeout` seconds.
        """
        if self.returncode is None:
            self.connection.settimeout(timeout)
            try:
                message = self.connection.recv(2**16)
            except BlockingIOError as error:
                raise TimeoutError from error
            except ConnectionResetError:
                message = b""
            # When the server ends, its children are killed.
            end = json.loads(message) if message else {"exit": -signal.SIGKILL, "peak_mb": 0}
            self.returncode, self.start.peak_mb = end["exit"], end["peak_mb"]
            self.connection.close()
        return self.returncode  # type: ignore[return-value]

    def send_signal(self, number: int) -> None:
        """Signal the process and its group, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                self.connection.send(json.dumps({"signal": int(number)}).encode())

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)
