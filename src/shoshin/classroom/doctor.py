"""Tell what this host can do for grading, and what to do about the rest."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass

from shoshin.classroom.sandbox.probe import Found, probe
from shoshin.kernels.owner import unavailable


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is there, whether grading needs it, and a sentence or two about it."""

    name: str
    works: bool
    needed: bool
    text: str

    @property
    def in_the_way(self) -> bool:
        """Whether grading cannot be done because of it."""
        return self.needed and not self.works


PACKAGES = (  # one of these modules, whether grading needs it, what for, what installs it
    (("nbgrader",), True, "holds the gradebook and the feedback", "nbgrader"),
    (("msgpack",), True, "brings values from the students' code to the tests", "msgpack"),
    (("pandas",), True, "brings tables", "pandas"),
    (("pyarrow",), True, "brings tables", "pyarrow"),
    (("cloudpickle",), True, "brings the tests' helpers to the students' code", "cloudpickle"),
    (("distributed",), False, "grades on several machines (--scheduler)", "distributed"),
    (("psycopg", "psycopg2"), False, "keeps the gradebook in PostgreSQL (db_url)", "psycopg[binary]"),
)


def diagnose() -> list[Finding]:
    """Return the findings. It takes a few seconds, because everything is tried."""
    return [*of_sandbox(probe()), *of_packages(), of_fork_server()]


def of_sandbox(found: Found) -> Iterator[Finding]:
    """Yield whether students' code can be kept apart, and what may lack without making that impossible."""
    for obstacle in found.missing:
        yield Finding("sandbox", False, True, f"{obstacle} Until then, only --trust-students grades.")
    if found.missing:
        return
    yield Finding(
        "sandbox", True, True, "Students' code runs in namespaces of its own: no network, no rights, no files."
    )
    texts = (
        "A student's processes see themselves only in /proc.",
        "This container forbids a new /proc, so students' code has none. psutil misses it, and joblib's processes.",
    )
    yield Finding("/proc", found.proc, False, texts[not found.proc])
    texts = (
        "System calls that no exercise needs are refused.",
        "libseccomp is not installed, so the kernel shows students' code all its system calls, and memory can be "
        "hidden from the limit. Install it: apt install libseccomp2",
    )
    yield Finding("seccomp", found.seccomp, False, texts[not found.seccomp])
    texts = (
        "A student's process gets no more memory than it may have.",
        "This kernel does not limit a process's memory (RLIMIT_AS), so one submission could take it all. Grade with "
        "few --workers, or on another host.",
    )
    yield Finding("memory limit", found.memory, False, texts[not found.memory])


def of_packages() -> Iterator[Finding]:
    """Yield whether each package can be imported."""
    for modules, needed, purpose, distribution in PACKAGES:
        errors = [why for module in modules if (why := why_not(module))]
        works = len(errors) < len(modules)
        cure = f"{errors[0]}; it {purpose}. Install it: pip install {distribution}" if not works else ""
        yield Finding(modules[0], works, needed, cure or f"It {purpose}.")


def why_not(module: str) -> str:
    """Return why a module cannot be imported; an empty string if it can."""
    try:
        importlib.import_module(module)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def of_fork_server() -> Finding:
    """Return whether submissions are graded in forks of one process."""
    why = unavailable()
    if why:
        return Finding("fork server", False, False, f"Each submission starts Python anew, which takes seconds: {why}.")
    return Finding("fork server", True, False, "Each submission is graded in a fork of a process that is ready.")
