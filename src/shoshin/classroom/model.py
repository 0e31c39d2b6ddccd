"""The words of grading: what an assignment asks, what a student handed in, what came of it. Plain, picklable data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# What a cell is for. `given`: the teacher's (imports, data, helpers). `answer`: the student writes here. `grade`: a
# test that scores by itself. `manual`: the student writes and a person scores. `task`: nbgrader's task cell, scored
# by a person. `own`: a cell that the student added.
ROLES = ("given", "answer", "grade", "manual", "task", "own")


@dataclass(frozen=True)
class Asked:
    """A cell of the assignment as the teacher made it.

    `id` is nbgrader's grade_id, or "" where the teacher's cell has none (an unmarked import cell, say). `source` holds
    hidden tests, but for an `answer` what the students found there, with the placeholder. `names` are the names
    that the teacher's solution of an `answer` binds at the top level, `reads` those that it reads, `classes` those that
    are classes, and `comparable` the classes that say themselves what their instances are equal to; `imports` are its
    import statements: what it imports is not the student's to make.
    """

    id: str
    role: str
    cell_type: str  # "code", "markdown" or "raw"
    source: str
    points: float = 0.0
    locked: bool = False
    checksum: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)  # what the graded notebook's cell carries
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    imports: str = ""
    reads: tuple[str, ...] = ()
    comparable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blueprint:
    """One notebook of an assignment: its cells in the teacher's order, and the exercise it was built from, if any."""

    assignment: str
    notebook: str
    cells: tuple[Asked, ...]
    exercise: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)  # kernelspec, language_info


@dataclass(frozen=True)
class Cell:
    """A cell of the canonical notebook: the teacher's cell `asked`, or the student's own (then `asked` is None)."""

    cell_id: str  # nbformat's id: from the task's id or the position, the same at every run
    cell_type: str
    source: str
    asked: Asked | None = None

    @property
    def role(self) -> str:
        return self.asked.role if self.asked else "own"


@dataclass(frozen=True)
class Canonical:
    """A submission, rebuilt: the teacher's cells in order, with what the student wrote in the answer cells.

    `notes` say, a sentence each, what was mended (a missing cell, a duplicate, an unreadable file).
    """

    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


INODES = 128  # for each megabyte of the scratch folder: a file costs a kilobyte of the kernel's memory besides its own


@dataclass(frozen=True)
class Limits:
    """What a submission may use."""

    cell_seconds: float = 60.0  # wall-clock, for one cell of the student's
    grade_seconds: float = 120.0  # wall-clock, for one grade cell with all that it calls
    total_seconds: float = 600.0  # wall-clock, for the submission
    cpu_seconds: int = 600  # for one process
    memory_mb: int = 4096  # beyond what the libraries take, for one process (its addresses) and all together (in use)
    scratch_mb: int = 256  # all that can be written
    file_mb: int = 128
    processes: int = 256  # and threads
    open_files: int = 1024
    output_kb: int = 256  # of one cell


@dataclass(frozen=True)
class Unit:
    """The unit of work: everything that grading one notebook of one student needs. Grading it is a pure function."""

    student: str
    blueprint: Blueprint
    submission: Canonical
    files: tuple[tuple[str, bytes], ...] = ()  # the teacher's, beside the notebook: (relative path, content)
    own_files: tuple[tuple[str, bytes], ...] = ()  # the student's, which no test cell sees
    seed: int = 0
    limits: Limits = Limits()
    trusted: bool = False  # without a sandbox (--trust-students)


@dataclass(frozen=True)
class CellResult:
    """What came of one cell: clean nbformat outputs; for a grade cell its score, and a text for the student."""

    outputs: tuple[dict[str, Any], ...] = ()
    score: float | None = None  # None: not a grade cell, or a person has to score it
    comment: str = ""  # the card in words
    lines: tuple[int, ...] = ()  # of a test that failed: the lines that were under way, the outermost first
    own_words: bool = False  # what an assert of the test itself says, and nobody else


@dataclass(frozen=True)
class Graded:
    """A graded notebook: a `CellResult` for each cell of the canonical notebook, in its order.

    `attention` says, a sentence each, what the teacher should look at (a time-out, a dead process, an odd score).
    """

    results: tuple[CellResult, ...]
    attention: tuple[str, ...] = ()
    seconds: float = 0.0
    sandbox: str = ""  # in words: what kept the student's code apart


class CannotGrade(Exception):
    """This host cannot grade the submission now; the message, of one or two lines, names the missing piece."""
