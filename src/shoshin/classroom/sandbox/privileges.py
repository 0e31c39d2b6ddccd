"""Make a process harmless: whose it is, what it may use, what it has inherited."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import tempfile

from shoshin.classroom.model import Limits
from shoshin.classroom.sandbox import linux
from shoshin.classroom.sandbox.newroot import HOME, TEMPORARY

if sys.platform != "win32":
    import resource

NOBODY = 65534  # the user and group that root's sandboxes run as
STUDENT = 1000  # their name for themselves, and an ordinary user's
KINDS_OF_NAMESPACE = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")
MEGABYTE = 2**20


def can_change_user() -> bool:
    """Tell whether this process is root enough to make namespaces and then become another user."""
    if not linux.has_capabilities(linux.SYS_ADMIN, linux.SETUID, linux.SETGID):
        return False
    for name in ("uid_map", "gid_map"):  # a rootless container may have one user only
        with open(f"/proc/self/{name}") as lines:
            starts = [(int(line.split()[0]), int(line.split()[2])) for line in lines]
        if not any(first <= NOBODY < first + number for first, number in starts):
            return False
    return True


def become_nobody() -> None:
    """Change from root to a user who owns nothing, and leave all groups; root's capabilities stay."""
    linux.prctl(linux.SECURE_BITS, linux.KEEP_CAPABILITIES)  # some hosts let only root make the next namespace
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def enter_user_namespace(proc: int, flags: int = 0, inside: int | None = None) -> None:
    """Enter a new user namespace that has only this process's user and group, there named `inside`, and no others.

    `proc` is an open /proc. `flags` name other namespaces, which then belong to it.
    """
    user, group = os.geteuid(), os.getegid()
    linux.unshare(linux.NEW_USER | flags)
    linux.prctl(linux.DUMPABLE, 1)  # a process that has changed its user does not own its files in /proc
    write(proc, "self/setgroups", "deny")
    write(proc, "self/uid_map", f"{user if inside is None else inside} {user} 1")
    write(proc, "self/gid_map", f"{group if inside is None else inside} {group} 1")


def forbid_namespaces(proc: int) -> None:
    """Let nobody in this user namespace make a further namespace of any kind."""
    for kind in KINDS_OF_NAMESPACE:
        with contextlib.suppress(OSError):  # a container's /proc may be read-only; seccomp forbids it too
            write(proc, f"sys/user/max_{kind}_namespaces", "0")


def limit(limits: Limits, proc: int) -> None:
    """Set this process's limits, which its children inherit."""
    with open("self/statm", opener=lambda path, flags: os.open(path, flags, dir_fd=proc)) as statm:
        taken = int(statm.read().split()[0]) * resource.getpagesize()
    wanted = {
        resource.RLIMIT_AS: taken + limits.memory_mb * MEGABYTE,
        resource.RLIMIT_FSIZE: limits.file_mb * MEGABYTE,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: MEGABYTE,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }
    for kind, most in wanted.items():
        lower(kind, most, most)
    lower(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 5)
    lower(resource.RLIMIT_STACK, 8 * MEGABYTE, 64 * MEGABYTE)
    with contextlib.suppress(OSError):
        write(proc, "self/oom_score_adj", "1000")  # if the host runs out of memory, this goes first


def lower(kind: int, soft: int, hard: int) -> None:
    _, most = resource.getrlimit(kind)
    most = hard if most == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (min(soft, most), most))


def forget_environment(proc: int) -> None:
    """Replace the environment by what a student's code needs, and erase the one this program was started with."""
    os.environ.clear()
    os.environ.update(
        PATH=os.pathsep.join((os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin")),
        HOME=HOME,
        TMPDIR=TEMPORARY,
        USER="student",
        LANG="C.UTF-8",
        MPLBACKEND="module://matplotlib_inline.backend_inline",
        MPLCONFIGDIR=f"{HOME}/.matplotlib",
        OMP_NUM_THREADS="1",
        PYTHONDONTWRITEBYTECODE="1",
    )
    tempfile.tempdir = None
    with open("self/stat", opener=lambda path, flags: os.open(path, flags, dir_fd=proc)) as stat:
        start, end = map(int, stat.read().rpartition(")")[2].split()[47:49])  # what /proc/self/environ shows
    ctypes.memset(start, 0, end - start)


def close_files(keep: set[int]) -> None:
    """Close all open files but these, and put /dev/null at 0, 1 and 2."""
    null = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    first = 3
    for number in [*sorted(each for each in keep if each > 2), 2**31 - 1]:
        if first < number:
            linux.close_range(first, number - 1)
        first = number + 1


def write(proc: int, name: str, text: str) -> None:
    file = os.open(name, os.O_WRONLY, dir_fd=proc)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)
