"""Find out whether the sandbox can be entered on this host, by entering it."""

from __future__ import annotations

import functools
import json
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST = (5, 14)  # since then a user namespace counts its own processes, and a tree of mounts is protected at once
CODE = (
    "import sys; sys.path[:] = sys.argv[2:]; from shoshin.classroom.sandbox.probe import report; "
    "report(int(sys.argv[1]))"
)
LONGEST = 60  # seconds

# A switch in /proc/sys, its value that is in the way, one that is not, whether it is in root's way too, what it means.
SWITCHES = (
    ("user/max_user_namespaces", "0", "15000", True, "User namespaces are switched off"),
    ("kernel/unprivileged_userns_clone", "0", "1", False, "Only root may make user namespaces"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0", False, "AppArmor lets only root use user namespaces"),
)
CONTAINER = (
    "In a container, that is a matter of its start: docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined, or grade outside of it."
)


@dataclass(frozen=True)
class Found:
    """What came of entering the sandbox: a sentence for each obstacle; if there is none, what is to be had inside."""

    missing: tuple[str, ...] = ()
    proc: bool = False
    seccomp: bool = False
    memory: bool = False  # whether its limit holds


def missing() -> list[str]:
    """Return what this host lacks for the sandbox, a sentence each; nothing if it can be entered.

    The first call of a process tries it, in a process of its own.
    """
    return [*probe().missing]


@functools.cache
def probe() -> Found:
    """Enter the sandbox in a new process, and return what it found."""
    if sys.platform != "linux":
        cure = "Use Windows' own Linux (WSL 2)" if sys.platform == "win32" else "Use Linux, also in a container"
        return Found((f"The sandbox is made of Linux namespaces, and this is {platform.system()}. {cure}.",))
    release = platform.release()
    if tuple(map(int, re.findall(r"\d+", release)[:2])) < OLDEST:
        return Found((f"The sandbox needs Linux 5.14 or newer, and this is {release}. Update the kernel.",))
    reading, writing = os.pipe()
    command = [sys.executable, "-c", CODE, str(writing), *sys.path]
    child = subprocess.Popen(command, pass_fds=[writing], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    os.close(writing)
    try:
        _, said = child.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        said = b"The sandbox could not be entered: nothing happened"
    with open(reading, "rb") as file:
        words = file.read()
    if not words:
        return Found(obstacles(said.decode(errors="replace")))
    seen = json.loads(words)
    if seen["python"]:
        return Found((unreadable(seen["python"]),))
    return Found((), seen["proc"], seen["seccomp"], seen["memory"])


def report(descriptor: int) -> None:
    """Enter the sandbox in this process, and write what is found there."""
    from shoshin.classroom import sandbox
    from shoshin.classroom.model import Limits
    from shoshin.classroom.sandbox import seccomp

    limits = Limits()
    sandbox.enter([("probe", b"")], limits, [descriptor], [])
    seen = {
        "python": why_no_python(),
        "proc": os.path.isdir("/proc/self"),
        "seccomp": seccomp.library is not None,
        "memory": cannot_have(2 * limits.memory_mb * 2**20),
    }
    os.write(descriptor, json.dumps(seen).encode())
    os._exit(0)


def why_no_python() -> str:
    try:
        done = subprocess.run([sys.executable, "-c", ""], stderr=subprocess.PIPE)
    except OSError as error:
        return str(error)
    return done.stderr.decode(errors="replace").strip() or "no reason given" if done.returncode else ""


def cannot_have(size: int) -> bool:
    try:
        bytes(size)
    except MemoryError:
        return True
    return False


def unreadable(why: str) -> str:
    return (
        f"Python does not start in the sandbox ({why.splitlines()[-1]}). "
        f"Let every user of this machine read {sys.prefix} and {sys.base_prefix}."
    )


def obstacles(said: str) -> tuple[str, ...]:
    """Return what is known to be in the way and is so on this host, else what the attempt said."""
    found = []
    for path, value, cure, also_roots, what in SWITCHES:
        if setting(path) == value and (also_roots or os.geteuid()):
            name = path.replace("/", ".")
            found.append(f"{what} here ({name} = {value}). An administrator changes that: sysctl -w {name}={cure}")
    reasons = [line for line in said.splitlines() if line.strip()][-1:] or ["The sandbox could not be entered."]
    if not found and in_container():
        reasons.append(CONTAINER)
    return tuple(found) or (" ".join(reasons),)


def setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""


def in_container() -> bool:
    files, variables = ("/.dockerenv", "/run/.containerenv"), ("container", "KUBERNETES_SERVICE_HOST")
    return any(map(os.path.exists, files)) or any(name in os.environ for name in variables)
