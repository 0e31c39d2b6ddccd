"""What a learner's record says: what has passed, how it went, and which lessons were learned."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from shoshin import library
from shoshin.check import record
from shoshin.check.record import FAILED, OUTCOMES, Record
from shoshin.check.verdict import MIME
from shoshin.errors import ShoshinError

PAUSE = timedelta(minutes=20)  # a longer pause between two checks is not counted as work


@dataclass
class Task:
    """One task's story: its checks in order, as (day, outcome, mistake)."""

    checks: list[tuple[date, str, str]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether it has ever passed."""
        return any(outcome == "passed" for _, outcome, _ in self.checks)

    @property
    def failed(self) -> int:
        """How many checks said that it is not right yet."""
        return sum(outcome in FAILED for _, outcome, _ in self.checks)

    @property
    def first_try(self) -> bool:
        """Whether the first answer that was handed in was right."""
        first = next((outcome for _, outcome, _ in self.checks if outcome != "not attempted"), "")
        return first == "passed"


@dataclass(frozen=True)
class Lesson:
    """A mistake that was met; `overcome` is the day on which its task passed afterwards, if it has."""

    exercise: str
    task: str
    mistake: str
    met: date
    overcome: date | None

    @property
    def text(self) -> str:
        """The grader's feedback, as far as this library still knows the mistake."""
        return feedback(self.exercise, self.task, self.mistake)


@dataclass
class History:
    """A learner's record, read once. `tasks` maps (exercise, task) to its story."""

    tasks: dict[tuple[str, str], Task] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)
    minutes: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    records: int = 0

    def passed(self, exercise: str) -> set[str]:
        """Return the tasks of an exercise that have passed."""
        return {task for (one, task), story in self.tasks.items() if one == exercise and story.passed}

    def begun(self, exercise: str) -> bool:
        """Whether an answer to any task of it was ever handed in."""
        return any(
            one == exercise and any(outcome != "not attempted" for _, outcome, _ in story.checks)
            for (one, _), story in self.tasks.items()
        )

    def done(self, entry: library.Entry) -> bool:
        """Whether every task of an exercise has passed."""
        return self.passed(entry.id) >= set(entry.tasks)

    def streak(self, today: date) -> int:
        """Return on how many days in a row, up to today or yesterday, something was checked."""
        day = today if today in self.days else today - timedelta(days=1)
        length = 0
        while day in self.days:
            length, day = length + 1, day - timedelta(days=1)
        return length

    def lessons(self) -> list[Lesson]:
        """Return the mistakes that were met, each once per task, in the order in which they were met."""
        found = []
        for (exercise, task), story in self.tasks.items():
            for name in dict.fromkeys(mistake for _, _, mistake in story.checks if mistake):
                places = [number for number, (_, _, mistake) in enumerate(story.checks) if mistake == name]
                later = (day for day, outcome, _ in story.checks[places[-1] :] if outcome == "passed")
                found.append(Lesson(exercise, task, name, story.checks[places[0]][0], next(later, None)))
        return sorted(found, key=lambda lesson: lesson.met)


def read(path: str | None = None) -> History:
    """Return the history in a record file, by default the learner's own; an empty one if there is none.

    Days are those of this machine's time zone. Where the clock ran backwards between two checks, no time is counted.

    Raises:
        ShoshinError: if a file is named that is not there, or that cannot be read.
    """
    if path is not None and not Path(path).is_file():
        raise ShoshinError(f"There is no record {path}: name a file such as shoshin-progress.jsonl.")
    try:
        records, notes = record.read(path)
    except OSError as error:
        raise ShoshinError(f"Your record {path or record.place()} cannot be read: {error.strerror}.") from error
    return history(records, notes)


def own() -> History:
    """Return the learner's own history; one that cannot be read is empty, with a note that says so."""
    try:
        return read()
    except ShoshinError as error:
        return History(notes=[str(error)])


def history(records: Iterable[Record], notes: Iterable[str] = ()) -> History:
    """Return the history that these records tell, in their order."""
    told = History(notes=list(notes))
    last: datetime | None = None
    for one in records:
        at = _when(one["at"])
        exercise, day, mistake = one["exercise"], at.astimezone().date(), one.get("mistake")
        story = told.tasks.setdefault((exercise, one["task"]), Task())
        story.checks.append((day, one["outcome"], mistake if isinstance(mistake, str) else ""))
        told.days.add(day)
        told.records += 1
        if last is not None and timedelta(0) < at - last <= PAUSE:
            told.minutes[exercise] = told.minutes.get(exercise, 0.0) + (at - last).total_seconds() / 60
        last = at
    return told


def bring_in(path: Path) -> tuple[int, int]:
    """Add the records of a file from elsewhere to the learner's own, and return how many were new and how many known.

    The file is a record (`shoshin-progress.jsonl`, from Colab or Kaggle), or a worked notebook, whose checks count as
    of the time at which it was last changed.

    Raises:
        ShoshinError: if it is neither, or the learner's own record cannot be written.
    """
    place = record.place()
    if not place:
        raise ShoshinError(f"There is nowhere to keep your progress: {record.PLACE} is off.")
    try:
        found = _of_notebook(path) if path.suffix == ".ipynb" else record.read(str(path))[0]
        if not found:
            wanted = "Name the shoshin-progress.jsonl or the notebook that you downloaded."
            raise ShoshinError(f"{path} {'holds no record of Shoshin' if path.exists() else 'is not there'}. {wanted}")
        known = {_key(one) for one in record.read(place)[0]}
        new = [one for one in found if _key(one) not in known]
        if new:
            record.append(new, place)
    except OSError as error:
        raise ShoshinError(f"{error.filename or place}: {error.strerror}. Nothing was brought in.") from error
    return len(new), len(found) - len(new)


def _of_notebook(path: Path) -> list[Record]:
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        verdicts = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
        kept = [{"v": record.VERSION, "at": changed} | {name: one[name] for name in record.FIELDS} for one in verdicts]
        return [one for one in kept if one["outcome"] in OUTCOMES]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


def _key(one: Record) -> tuple[Any, ...]:
    return one["at"], one["exercise"], one["task"], one["outcome"], one.get("answer")


def _when(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


DOCSTRING = r'@{task}\.mistake\ndef {mistake}\(.*?\).*?:\n\s+"""(.*?)"""'


def feedback(exercise: str, task: str, mistake: str) -> str:
    """Return the first sentence of what a mistake's author is told; an empty text if it is not known any more.

    The grader's text is read, not imported: importing forty of them takes seconds.
    """
    pattern = DOCSTRING.format(task=re.escape(task), mistake=re.escape(mistake))
    found = re.search(pattern, _grader_text(exercise), re.DOTALL)
    words = " ".join(found[1].split()) if found else ""
    return re.split(r"(?<=[.:!?])\s+(?=[A-Z`])", words, maxsplit=1)[0]


@functools.cache
def _grader_text(exercise: str) -> str:
    if not re.fullmatch(r"\w+/\w+", exercise):
        return ""
    try:
        return (library.tree("graders") / f"{exercise}.py").read_text("utf-8")
    except OSError:
        return ""
