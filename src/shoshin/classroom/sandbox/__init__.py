"""Enter the sandbox: make of a fork a process that sees, reaches and changes nothing of the host.

Three processes: the caller, which waits outside and passes the exit code on; the supervisor, which is the first one in
the new namespaces, so that what is in them dies with it, and which dies with the caller; and the student's, the only
one in which `enter` returns.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NoReturn

from shoshin.classroom.model import Limits
from shoshin.classroom.sandbox import linux, newroot, privileges, seccomp
from shoshin.classroom.sandbox.probe import missing
from shoshin.classroom.sandbox.supervisor import NOT_ENTERED, OUT_OF_MEMORY, Memory, code_of, supervise

__all__ = ["NOT_ENTERED", "OUT_OF_MEMORY", "enter", "missing", "prepare"]

Files = Sequence[tuple[str, bytes]]
NAMESPACES = linux.NEW_MOUNTS | linux.NEW_PROCESSES | linux.NEW_NETWORK | linux.NEW_IPC
NAMESPACES |= linux.NEW_HOSTNAME | linux.NEW_CGROUP
PAGE = 4096


def enter(files: Files, limits: Limits, keep: Sequence[int], masked: Sequence[str]) -> None:
    """Return in the sandbox; the calling process, a fresh fork with one thread, stays outside and never returns.

    The current folder inside holds `files` (relative path, content). Open are `keep`, and /dev/null as 0, 1 and 2.
    What lies in `masked` is not seen, even where it lies among the interpreter's files.

    The calling process ends with the exit code of the sandboxed one, with 128 + N if signal N ended that, with
    `OUT_OF_MEMORY`, or with `NOT_ENTERED` after a line on stderr. When it is killed, all processes inside die.

    Raises:
        ValueError: before anything else, if the path of a file is not relative, or they are too large together.
    """
    check(files, limits)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # no handler may raise its way out of here
    try:
        make_sandbox(files, limits, keep, masked)
    except BaseException as error:
        give_up(error)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def prepare() -> None:
    """Do once, before forks, what each of them would have to do in `enter`. It saves them some milliseconds."""
    newroot.to_show()
    seccomp.rules()


def check(files: Files, limits: Limits) -> None:
    for name, _ in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
            raise ValueError(f"{name!r} is not a relative path within the scratch folder")
    taken = sum(len(content) // PAGE + 1 for _, content in files) * PAGE // 2**20
    if taken >= limits.scratch_mb:
        raise ValueError(f"the assignment's files take {taken} MB, and the scratch folder has {limits.scratch_mb}")


def make_sandbox(files: Files, limits: Limits, keep: Sequence[int], masked: Sequence[str]) -> None:
    os.umask(0o022)
    as_root = privileges.can_change_user()
    owner = (privileges.NOBODY,) * 2 if as_root else (os.getuid(), os.getgid())
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)  # the host's
    enter_namespaces(proc, as_root)
    caller_lives, held = os.pipe()
    if supervisor := os.fork():
        wait_for(supervisor, held)

    os.close(held)
    linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)
    linux.prctl(linux.DUMPABLE, 0)  # or the student's process could look into this one
    has_proc = newroot.build(masked, limits.scratch_mb, owner, privileges.STUDENT)
    entered, enters = os.pipe()
    if child := os.fork():
        linux.drop_capabilities(keep=linux.SYS_PTRACE)  # to see how much memory is whose
        if has_proc:
            proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        privileges.close_files({caller_lives, entered, proc})
        os._exit(supervise(child, caller_lives, entered, Memory(proc, limits.memory_mb, whole_host=not has_proc)))

    os.setsid()  # or a signal to its process group would reach the caller's
    linux.leave_keyring()
    if as_root:
        privileges.become_nobody()
    privileges.enter_user_namespace(proc, inside=privileges.STUDENT)
    privileges.forbid_namespaces(proc)
    linux.drop_capabilities()
    write(files)
    privileges.limit(limits, proc)
    privileges.forget_environment(proc)
    seccomp.apply()
    privileges.close_files({enters, *keep})
    os.write(enters, b"1")
    os.close(enters)


def enter_namespaces(proc: int, as_root: bool) -> None:
    """Enter the namespaces, as the process that will wait outside of that of the processes."""
    parent = os.getppid()
    if as_root:
        linux.unshare(NAMESPACES)
    else:
        privileges.enter_user_namespace(proc, NAMESPACES)
    linux.set_hostname(b"sandbox")
    linux.switch_on_loopback()
    linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before that line
        os._exit(NOT_ENTERED)


def write(files: Files) -> None:
    """Write the assignment's files, with the student's rights, and stay in their folder."""
    os.chdir(newroot.WORK)
    for name, content in files:
        if folder := os.path.dirname(name):
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(content)


def wait_for(supervisor: int, held: int) -> NoReturn:
    """Exit as the supervisor does."""
    privileges.close_files({held})
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os._exit(code_of(os.waitpid(supervisor, 0)[1]))


def give_up(error: BaseException) -> NoReturn:
    try:
        what = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else repr(error)
        os.write(2, f"The sandbox could not be entered: {what}\n".encode(errors="replace"))
    finally:
        os._exit(NOT_ENTERED)
