"""The Linux calls that Python does not offer: namespaces, mounts, capabilities."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import socket
import struct
import sys

if sys.platform != "win32":
    import fcntl

# unshare(2)
NEW_MOUNTS, NEW_CGROUP, NEW_HOSTNAME, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PROCESSES, NEW_NETWORK, NEW_TIME = 0x10000000, 0x20000000, 0x40000000, 0x00000080
# mount(2)
READ_ONLY, NO_SETUID, NO_DEVICES, NO_PROGRAMS, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 8, 0x1000, 0x4000, 0x40000
DETACH = 2
# prctl(2)
DEATH_SIGNAL, DUMPABLE, DROP_BOUNDING, SECURE_BITS, NO_NEW_PRIVILEGES, AMBIENT = 1, 4, 24, 28, 38, 47
KEEP_CAPABILITIES, CLEAR_ALL = 4, 4
# capabilities(7)
SETGID, SETUID, SYS_PTRACE, SYS_ADMIN = 6, 7, 19, 21

# syscall(2): numbers above 400 are the same on every architecture
MOUNT_SETATTR, HERE, ALL_BELOW = 442, -100, 0x8000
CLOSE_RANGE = 436
KEYCTL, NEW_SESSION_KEYRING = {"x86_64": 250, "aarch64": 219}, 1
SET_INTERFACE_FLAGS, UP = 0x8914, 1
COLLAPSE, LARGE_PAGE = 25, 2**21  # madvise(2)

libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def call(what: str, name: str, *arguments: int | bytes | None) -> None:
    """Call a function of the C library.

    Raises:
        OSError: if it fails; `what` stands where a file's name would.
    """
    if getattr(libc, name)(*(ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def unshare(flags: int) -> None:
    """Put this process into new namespaces; with `NEW_PROCESSES` its children."""
    call("new namespaces", "unshare", flags)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system, or with `BIND` a folder or file that exists."""
    first, *texts = (os.fsencode(text) or None for text in (source, target, kind, options))
    call(f"mounting {kind or source}", "mount", first, *texts[:2], flags, texts[2])


def protect(path: str, flags: int, *, below: bool = True) -> None:
    """Add `READ_ONLY`, `NO_SETUID` and so on to a mount, and to all mounts below it."""
    attributes, name = struct.pack("=QQQQ", flags, 0, 0, 0), os.fsencode(path)
    call(f"protecting {path}", "syscall", MOUNT_SETATTR, HERE, name, ALL_BELOW * below, attributes, len(attributes))


def swap_root(folder: str) -> None:
    """Make a mounted folder the root of this mount namespace; nothing else is left in it."""
    os.chdir(folder)
    call("leaving the host's files", "pivot_root", b".", b".")
    call("leaving the host's files", "umount2", b".", DETACH)
    os.chdir("/")


def prctl(option: int, value: int) -> None:
    """Change an attribute of this process."""
    call(f"prctl {option}", "prctl", option, value, 0, 0, 0)


def has_capabilities(*wanted: int) -> bool:
    """Tell whether this process has these capabilities in its user namespace."""
    with open("/proc/self/status") as status:
        held = next(int(line.split()[1], 16) for line in status if line.startswith("CapEff"))
    return all(held >> number & 1 for number in wanted)


def drop_capabilities(keep: int | None = None) -> None:
    """Give up all capabilities but one, for good: no program that this process starts can bring one back."""
    for number in range(64):
        try:
            prctl(DROP_BOUNDING, number)
        except OSError as error:
            if error.errno != errno.EINVAL:  # this kernel has fewer
                raise
    prctl(AMBIENT, CLEAR_ALL)
    kept = 0 if keep is None else 1 << keep
    capabilities = struct.pack("=IIIIII", kept, kept, 0, 0, 0, 0)  # effective, permitted, inheritable
    call("dropping the capabilities", "capset", struct.pack("=Ii", 0x20080522, 0), capabilities)
    prctl(NO_NEW_PRIVILEGES, 1)


def close_range(first: int, last: int) -> None:
    """Close all open files from `first` to `last`; a Python that was built on an old Linux takes minutes for it."""
    call("closing files", "syscall", CLOSE_RANGE, first, last, 0)


def set_hostname(name: bytes) -> None:
    """Name this host within its namespace."""
    call("naming the host", "sethostname", name, len(name))


def leave_keyring() -> None:
    """Take a new, empty session keyring in place of the inherited one."""
    if number := KEYCTL.get(platform.machine()):
        call("a new keyring", "syscall", number, NEW_SESSION_KEYRING, None)


def switch_on_loopback() -> None:
    """Make 127.0.0.1 work in a new network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_INTERFACE_FLAGS, struct.pack("16sh14x", b"lo", UP))


def collapse() -> None:
    """Gather this process's memory in large pages, where Linux (6.1 or newer) can: a fork then has less to copy."""
    if libc is None or not hasattr(libc, "madvise"):
        return
    with contextlib.suppress(OSError), open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        for line in maps.read().splitlines():
            place, rights, _, _, inode, *name = line.split()
            begin, end = (int(number, 16) for number in place.split("-"))
            begin, end = -(-begin // LARGE_PAGE) * LARGE_PAGE, end // LARGE_PAGE * LARGE_PAGE
            if rights == "rw-p" and inode == "0" and name in ([], ["[heap]"]) and end > begin:
                libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), COLLAPSE)
