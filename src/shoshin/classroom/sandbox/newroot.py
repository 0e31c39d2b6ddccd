"""Build the only files that a student's code can see: the interpreter, read-only, and an empty scratch folder."""

from __future__ import annotations

import contextlib
import functools
import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence

from shoshin.classroom.model import INODES
from shoshin.classroom.sandbox import linux
from shoshin.classroom.sandbox.linux import BIND, NO_DEVICES, NO_PROGRAMS, NO_SETUID, PRIVATE, READ_ONLY, RECURSIVE

SCRATCH = "/sandbox"  # one file system with one limit; /tmp and /dev/shm are folders in it
WORK, HOME, TEMPORARY, SHARED = (f"{SCRATCH}/{name}" for name in ("work", "home", "tmp", "shm"))
NEW = "/sys"  # every Linux has this folder, and no interpreter; it is covered in our mount namespace only
DEVICES = ("null", "zero", "full", "random", "urandom")

# Of /usr, /usr/local and the interpreter's folder, which may be the course's too. Not etc: nbgrader's configuration
# can hold a database's password.
PARTS = ("bin", "fonts", "include", "lib", "lib32", "lib64", "libexec", "pyvenv.cfg", "sbin", "share", "ssl")
EXCHANGE = "share/nbgrader"  # the other students' work
# What programs in /usr look up: links to the chosen BLAS or Java, the loader's index, the time zone, fonts.
SETTINGS = ("alternatives", "fonts", "java-*-openjdk", "ld.so.cache", "localtime", "matplotlibrc", "python3*")
FILES = {
    "etc/passwd": f"student:x:{{0}}:{{0}}::{HOME}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
    "etc/group": "student:x:{0}:\nnogroup:x:65534:\n",
    "etc/hosts": "127.0.0.1 localhost sandbox\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def build(masked: Sequence[str], scratch_mb: int, owner: tuple[int, int], inside: int) -> bool:
    """Build the new root in this process's mount namespace, and enter it.

    `owner` is the scratch folder's (user, group), and `inside` the student's number. Returns whether there is a /proc,
    of the processes in this process's namespace: some containers forbid a new one.

    Raises:
        OSError: if the host does not allow it.
    """
    shown, links = to_show()
    hidden, _ = resolved([*masked, *(f"{prefix}/{EXCHANGE}" for prefix in prefixes())])
    linux.mount("", "/", flags=RECURSIVE | PRIVATE)  # nothing of the following is seen outside
    linux.mount("tmpfs", NEW, "tmpfs", NO_SETUID | NO_DEVICES, "mode=755,size=1m")
    make_scratch(scratch_mb, owner)
    make_devices()
    has_proc = make_proc()
    protected = [*place(shown, hidden)]
    for link, text in links.items():
        if not os.path.lexists(NEW + link):
            os.makedirs(os.path.dirname(NEW + link), exist_ok=True)
            os.symlink(text, NEW + link)
    for name, text in FILES.items():
        write(f"{NEW}/{name}", text.format(inside))
    for path in protected:
        linux.protect(path, READ_ONLY | NO_SETUID | NO_DEVICES)
    linux.protect(NEW, READ_ONLY, below=False)
    linux.swap_root(NEW)
    return has_proc


@functools.cache
def to_show() -> tuple[set[str], dict[str, str]]:
    """Return what of the host is to be seen: real paths, and the symbolic links that lead to them."""
    shown, links = resolved(visible())
    return shown | loaded_elsewhere(shown), links


def prefixes() -> list[str]:
    """Return the folders that programs are installed in: the system's and this interpreter's."""
    own = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    return [*dict.fromkeys(("/usr", "/usr/local", *own))]


def visible() -> Iterator[str]:
    """Yield where programs and packages lie, as this process or the host names it."""
    yield from ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
    for prefix in prefixes():
        yield from (f"{prefix}/{part}" for part in PARTS)
    for name in SETTINGS:
        yield from glob.glob(f"/etc/{name}")
    for folder in (path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")):
        yield folder
        for file in glob.glob(f"{folder}/*.pth"):  # the folder of an editable install
            with open(file, encoding="utf-8", errors="replace") as lines:
                yield from {os.path.join(folder, line.rstrip()) for line in lines} & {*sys.path}


def resolved(paths: Iterable[str]) -> tuple[set[str], dict[str, str]]:
    """Return the real paths of those that exist, and the symbolic links on the way, as real path -> text."""
    real: set[str] = set()
    links: dict[str, str] = {}
    plain: set[str] = set()
    for path in {os.path.abspath(path) for path in paths if os.path.exists(path)}:
        at, ahead = "", path.split("/")[:0:-1]
        while ahead:
            name = ahead.pop()
            if name in ("", "."):
                continue
            candidate = os.path.dirname(at) if name == ".." else f"{at}/{name}"
            if candidate not in plain and os.path.islink(candidate):
                links[candidate] = text = os.readlink(candidate)
                ahead += text.split("/")[::-1]
                at = "" if text.startswith("/") else at
            else:
                plain.add(candidate)
                at = candidate
        real.add(at)
    return real, links


def loaded_elsewhere(shown: set[str]) -> set[str]:
    """Return the libraries that this process has loaded from outside of these folders."""
    with open("/proc/self/maps") as maps:
        loaded = {line[line.index("/") : -1] for line in maps if " r-xp " in line and "/" in line}
    inside = tuple(f"{folder}/" for folder in shown)
    return {path for path in loaded if not path.startswith(inside) and os.path.exists(path)}


def place(shown: set[str], hidden: set[str]) -> Iterator[str]:
    """Bind or cover each path, parents first; yield the mounts that are to be read-only."""
    for path in sorted(shown | hidden, key=lambda path: path.split("/")):
        target = NEW + path
        if path in shown and not os.path.lexists(target):
            make_mount_point(target, folder=os.path.isdir(path))
            linux.mount(path, target, flags=BIND | RECURSIVE)
            yield target
        if path in hidden and os.path.isdir(target):
            linux.mount("tmpfs", target, "tmpfs", NO_SETUID | NO_DEVICES, "mode=755,size=1m")
            yield target
        elif path in hidden and os.path.exists(target):
            write(f"{NEW}/.masked", "")
            linux.mount(f"{NEW}/.masked", target, flags=BIND)
            yield target


def make_scratch(megabytes: int, owner: tuple[int, int]) -> None:
    """Mount the scratch folder, and those that are folders in it."""
    os.mkdir(NEW + SCRATCH)
    options = f"mode=755,size={megabytes}m,nr_inodes={megabytes * INODES + 64}"
    linux.mount("tmpfs", NEW + SCRATCH, "tmpfs", NO_SETUID | NO_DEVICES, options)
    for path in (WORK, HOME, TEMPORARY, SHARED):
        os.mkdir(NEW + path, 0o700)
        os.chown(NEW + path, *owner)
    for folder, path in (("/tmp", TEMPORARY), ("/dev/shm", SHARED)):
        os.makedirs(NEW + folder)
        linux.mount(NEW + path, NEW + folder, flags=BIND)


def make_devices() -> None:
    """Bind the harmless devices."""
    for name in DEVICES:
        make_mount_point(f"{NEW}/dev/{name}", folder=False)
        linux.mount(f"/dev/{name}", f"{NEW}/dev/{name}", flags=BIND)
        linux.protect(f"{NEW}/dev/{name}", READ_ONLY | NO_SETUID | NO_PROGRAMS)
    for name, target in {"fd": "fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}.items():
        os.symlink(f"/proc/self/{target}", f"{NEW}/dev/{name}")


def make_proc() -> bool:
    """Mount a /proc for the new namespace of processes, and tell whether that is allowed."""
    os.mkdir(f"{NEW}/proc")
    with contextlib.suppress(PermissionError):
        linux.mount("proc", f"{NEW}/proc", "proc", READ_ONLY | NO_SETUID | NO_DEVICES | NO_PROGRAMS)
        return True
    return False


def make_mount_point(path: str, *, folder: bool) -> None:
    os.makedirs(path if folder else os.path.dirname(path), exist_ok=True)
    if not folder:
        write(path, "")


def write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
