"""Say what came of grading an assignment, while it runs and at the end."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

GRADED, UNCHANGED, FAILED, LATER = "graded", "unchanged", "not graded", "tried again later"

LONGEST_LINE = 500


@dataclass(frozen=True)
class Event:
    """One submission has come to an end, `done` of `total`; `notes` are what the teacher should look at."""

    student: str
    state: str  # GRADED, UNCHANGED, FAILED; or LATER, which is not the end of it
    notes: tuple[str, ...]
    done: int
    total: int

    def line(self) -> str:
        """Return the line that a teacher reads, or "" if there is nothing to look at."""
        words = [f"{self.state}:"] if self.state in (FAILED, LATER) else []
        line = f"{self.student}: {' '.join([*words, *self.notes])}" if self.notes else ""
        line = "".join(letter if letter.isprintable() else " " for letter in line)  # no student steers the terminal
        return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …"


@dataclass
class Report:
    """What came of grading an assignment."""

    assignment: str
    graded: int = 0
    unchanged: int = 0
    failed: list[str] = field(default_factory=list)  # students
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by student: what to look at
    mean: float | None = None  # points, of all who are graded
    most: float = 0.0  # points that can be had
    seconds: float = 0.0
    sandbox: str = ""
    remarks: list[str] = field(default_factory=list)  # on the course itself

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """Return the summary."""
        counts = [f"{self.graded} graded", f"{self.unchanged} unchanged"]
        counts += [f"{len(self.failed)} not graded ({', '.join(self.failed)})"] if self.failed else []
        mean = "" if self.mean is None else f"; mean {self.mean:.2f} of {self.most:g} points"
        lines = [f"{self.assignment}: {', '.join(counts)} in {self.seconds:.1f} s{mean}.", *self.remarks]
        return "\n".join([*lines, f"Sandbox: {self.sandbox}."] if self.sandbox else lines)
