"""Refuse the system calls that no exercise needs, where libseccomp is installed.

pyseccomp, the binding on PyPI, has had no release since 2021; it calls the same library in the same way.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import sys
from collections.abc import Iterator

from shoshin.classroom.sandbox import linux

ALLOW, REFUSE = 0x7FFF0000, 0x00050000
GREATER, MASKED_EQUAL = 6, 7

REFUSED = (
    # other processes' memory, and the kernel's own machinery, where its faults are found
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp", "bpf"),
    *("perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "personality"),
    *("keyctl", "add_key", "request_key", "fanotify_init", "lookup_dcookie", "vmsplice", "syslog", "acct", "quotactl"),
    # namespaces and mounts
    *("unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount"),
    *("fspick", "open_tree", "move_mount", "mount_setattr", "name_to_handle_at", "open_by_handle_at"),
    # the host
    *("kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff"),
    *("settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "iopl", "ioperm", "vhangup", "sethostname"),
    # memory that belongs to no process and to no file in the scratch folder
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget"),
)
NAMESPACES = (
    *(linux.NEW_MOUNTS, linux.NEW_CGROUP, linux.NEW_HOSTNAME, linux.NEW_IPC, linux.NEW_USER),
    *(linux.NEW_PROCESSES, linux.NEW_NETWORK, linux.NEW_TIME),
)
INTEGER, SUPERVISOR, ALL_OF_A_USER = 2**32 - 1, 1, 2
LOCAL, INTERNET, INTERNET_6, NETLINK = 1, 2, 10, 16


class Condition(ctypes.Structure):
    """What an argument must be for a rule to hold (struct scmp_arg_cmp)."""

    _fields_ = (("argument", ctypes.c_uint), ("how", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def load_library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL("libseccomp.so.2") if sys.platform == "linux" else None
    except OSError:
        return None
    if library:
        library.seccomp_init.restype = ctypes.c_void_p
    return library


library = load_library()  # when it is needed, it cannot be found any more


def apply() -> None:
    """Refuse the calls in this process and its children, for good. Without libseccomp, do nothing.

    Raises:
        OSError: if the kernel does not take the filter.
    """
    if library:
        check(library.seccomp_load(rules()))


@functools.cache
def rules() -> ctypes.c_void_p | None:
    """Return libseccomp's object with the rules."""
    if not library:
        return None
    rules = ctypes.c_void_p(library.seccomp_init(ALLOW))
    for name, error, condition in refusals():
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # this architecture has it, and this libseccomp knows it
            conditions = [condition] if condition else []
            array = (Condition * len(conditions))(*conditions)
            check(library.seccomp_rule_add_array(rules, REFUSE | error, number, len(conditions), array))
    return rules


def refusals() -> Iterator[tuple[str, int, Condition | None]]:
    """Yield (system call, error that it returns, only if)."""
    for name in REFUSED:
        yield name, errno.EPERM, None
    for flag in NAMESPACES:
        yield "clone", errno.EPERM, Condition(0, MASKED_EQUAL, flag, flag)
    yield "clone3", errno.ENOSYS, None  # its flags cannot be looked at; the C library takes clone instead
    # The supervisor may run as the same user; it must not be slowed down.
    for name in ("prlimit64", "sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity"):
        yield name, errno.EPERM, Condition(0, MASKED_EQUAL, INTEGER, SUPERVISOR)
    yield "ioprio_set", errno.EPERM, None
    yield "setpriority", errno.EPERM, Condition(1, MASKED_EQUAL, INTEGER, SUPERVISOR)
    yield "setpriority", errno.EPERM, Condition(0, MASKED_EQUAL, INTEGER, ALL_OF_A_USER)
    # A virtual machine's socket to its host, say, is no part of the namespace.
    for family in {*range(NETLINK)} - {LOCAL, INTERNET, INTERNET_6}:
        yield "socket", errno.EAFNOSUPPORT, Condition(0, MASKED_EQUAL, INTEGER, family)
    yield "socket", errno.EAFNOSUPPORT, Condition(0, GREATER, NETLINK)


def check(result: int) -> None:
    if result < 0:
        raise OSError(-result, os.strerror(-result), "the seccomp filter")
