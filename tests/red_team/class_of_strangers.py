"""One class of hostile and honest students: the course, what is planted around it, and what must not have changed."""

from __future__ import annotations

import hashlib
import os
import re
import site
import socket
import sqlite3
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from red_team.submission import Hostile

OURS = ("gradebook.db", "autograded", "feedback", ".shoshin", "__pycache__")  # what grading may write in a course
SECRET = "sesame-environment"  # in the environment of whoever grades
HIDDEN = ("sesame-", "hidden_plan_")  # in no output of a student's code


class Listener:
    """Sockets of every usual kind on this host, and a list of whoever reached them."""

    def __init__(self, token: str) -> None:
        self.reached: list[str] = []
        self.open: list[socket.socket] = []
        tcp = self._listen(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0))
        self.port = tcp.getsockname()[1]
        self._listen(socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", self.port))
        for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM):
            self._listen(socket.AF_UNIX, kind, f"\0{token}-{kind.name}")
        self.path = os.path.join("/tmp", f"{token}.socket")
        self._listen(socket.AF_UNIX, socket.SOCK_STREAM, self.path)

    def _listen(self, family: socket.AddressFamily, kind: socket.SocketKind, address: Any) -> socket.socket:
        end = socket.socket(family, kind)
        end.bind(address)
        if kind is not socket.SOCK_DGRAM:
            end.listen()
        self.open.append(end)
        threading.Thread(target=self._serve, args=(end, kind), daemon=True).start()
        return end

    def _serve(self, end: socket.socket, kind: socket.SocketKind) -> None:
        try:
            while True:
                if kind is socket.SOCK_DGRAM:
                    self.reached.append(f"{end.getsockname()}: {end.recv(100)!r}")
                    continue
                visitor, _ = end.accept()
                with visitor:
                    visitor.settimeout(2)
                    said = visitor.recv(100)
                    if (
                        b"GET /solutions" in said or end.family is socket.AF_UNIX
                    ):  # a passer-by on the port says nothing
                        self.reached.append(f"{end.getsockname()}: {said!r}")
                    visitor.sendall(b"sesame-network")
        except OSError:
            return

    def close(self) -> None:
        for end in self.open:
            end.close()
        os.unlink(self.path)


def free_port() -> int:
    with socket.socket() as end:
        end.bind(("0.0.0.0", 0))
        return int(end.getsockname()[1])


@contextmanager
def watched(course: Path, home: Path, token: str) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yield the words that submissions use, and a list that holds, after the block, every trace that was left."""
    listener, port, traces = Listener(token), free_port(), []
    words = {
        "COURSE": str(course),
        "HOME": str(home),
        "TOKEN": token,
        "NAME": token[:15],
        "PORT": str(listener.port),
        "FREE_PORT": str(port),
        "ADDRESS": _address(),
        "PIDS": os.readlink("/proc/self/ns/pid"),
        "CHECKOUT": str(Path(__file__).parents[2]),
        "LIBRARY": str(course.parent / "library"),
    }
    environment = dict(os.environ)
    shared = _shared_by_key()
    yield words, traces
    traces += [f"reached {each}" for each in listener.reached]
    traces += _files_named(token, [course, home, course.parent])
    traces += _processes_named(token)
    traces += [f"environment: {name}" for name in environment if os.environ.get(name) != environment[name]]
    traces += [f"left in the kernel: {each}" for each in _shared_by_key() - shared]
    with socket.socket() as end:
        end.settimeout(1)
        if end.connect_ex(("127.0.0.1", port)) == 0:
            traces.append("a server still listens")
    listener.close()


def _address() -> str:
    """Return an address of this host that is not its loopback, if it has one."""
    addresses = [a for each in psutil.net_if_addrs().values() for a in each if a.family is socket.AF_INET]
    return next((a.address for a in addresses if not a.address.startswith("127.")), "127.0.0.2")


def _files_named(token: str, roots: Iterable[Path]) -> list[str]:
    """Find what bears the token, and remove it, so that a failure does not stay on the host."""
    places = {"/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/etc", "/usr", "/usr/local", "/mnt", "/home", "/root"}
    places |= {sysconfig.get_paths()[name] for name in ("purelib", "stdlib")} | {os.path.expanduser("~"), os.getcwd()}
    places |= {site.getusersitepackages(), tempfile.gettempdir(), os.path.dirname(sys.executable), "/dev/mqueue"}
    found = [
        entry.path for place in places if os.path.isdir(place) for entry in os.scandir(place) if token in entry.name
    ]
    for root in roots:
        found += [
            os.path.join(top, name) for top, *both in os.walk(root) for names in both for name in names if token in name
        ]
    for place in places:
        for name in ("sitecustomize.py", "usercustomize.py", "ipython_kernel_config.py"):
            path = Path(place, name)
            if path.is_file() and token in path.read_text("utf-8", "replace"):
                found.append(str(path))
    found = [path for path in found if not path.endswith(".socket")]
    for path in found:
        if not any(str(path).startswith(str(root)) for root in roots):
            Path(path).unlink() if not Path(path).is_dir() else Path(path).rmdir()
    return found


def _processes_named(token: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            words = [process.name(), *process.cmdline()]
            if any(token in word or word == token[:15] for word in words) and process.pid != os.getpid():
                found.append(f"process {process.pid} {words[:4]}")
                process.kill()
        except psutil.Error:
            continue
    return found


def _shared_by_key() -> set[str]:
    """Return the keys of System V's shared memory, semaphores and queues that a submission asks for."""
    lines = [
        line
        for name in ("shm", "sem", "msg")
        if os.path.exists(f"/proc/sysvipc/{name}")
        for line in Path(f"/proc/sysvipc/{name}").read_text().splitlines()
    ]
    return {line for line in lines if line.split()[:1] == [str(0x5245440)]}


def snapshot(course: Path) -> dict[str, str]:
    """Return what lies in a course, but for what grading may write there."""
    found = {}
    for top, folders, names in os.walk(course):
        folders[:] = [name for name in folders if not name.startswith(OURS)]
        for name in names + folders:
            path = Path(top, name)
            if not name.startswith(OURS):
                found[str(path.relative_to(course))] = _state(path)
    return found


def _state(path: Path) -> str:
    status = path.lstat()
    if path.is_symlink():
        return f"link to {os.readlink(path)}"
    if not path.is_file() or status.st_size > 2**26:
        return f"{status.st_mode:o}"
    return f"{status.st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def assignment_rows(course: Path) -> dict[str, list[Any]]:
    """Return what the gradebook says of the assignments themselves."""
    tables = ("assignment", "notebook", "base_cell", "grade_cells", "solution_cell", "source_cell")
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        known = {name for (name,) in gradebook.execute("select name from sqlite_master")}
        return {name: sorted(map(repr, gradebook.execute(f"select * from {name}"))) for name in tables if name in known}


def points(course: Path, assignment: str) -> dict[str, dict[str, float | None]]:
    """Return the automatic scores by student and check."""
    query = """
        select submitted_assignment.student_id, base_cell.name, grade.auto_score, grade.manual_score
        from grade
        join submitted_notebook on grade.notebook_id = submitted_notebook.id
        join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
        join assignment on submitted_assignment.assignment_id = assignment.id
        join base_cell on grade.cell_id = base_cell.id
        where assignment.name = ?"""
    found: dict[str, dict[str, float | None]] = {}
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        for student, cell, score, by_hand in gradebook.execute(query, (assignment,)):
            given = by_hand if by_hand is not None else score
            found.setdefault(student, {})[cell.removeprefix("check-")] = given
    return found


def comments(course: Path) -> list[tuple[str, str]]:
    """Return (student, text) of every comment."""
    query = """
        select submitted_assignment.student_id,
            coalesce(comment.auto_comment, '') || coalesce(comment.manual_comment, '')
        from comment
        join submitted_notebook on comment.notebook_id = submitted_notebook.id
        join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id"""
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        return [(student, text) for student, text in gradebook.execute(query)]


def told(text: str) -> list[str]:
    """Return what a text of a student's outputs tells of what no student may know."""
    return sorted({found[0][:60] for word in HIDDEN for found in re.finditer(re.escape(word) + r"[\w-]+", text)})


def difference(hostile: Hostile, got: Mapping[str, float | None]) -> dict[str, tuple[Any, float]]:
    """Return check → (got, deserved) where they differ."""
    checks = {*got, *hostile.deserves}
    both = {name: (got.get(name), float(hostile.deserves.get(name, 0))) for name in sorted(checks)}
    return {name: (score, due) for name, (score, due) in both.items() if (score or 0.0) != due}
