"""The learner's state in one exercise, and the solution of a task once it has been earned."""

from __future__ import annotations

import html
import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shoshin.check.about import about
from shoshin.check.card import FACES, marked_up
from shoshin.check.record import FAILED, Record, hashed, read, record, source_of
from shoshin.check.verdict import Verdict

if TYPE_CHECKING:
    from shoshin.check.check import Check

HONEST_ATTEMPTS = 3
SITTING = timedelta(minutes=30)  # a longer pause between two checks ends a sitting
AGAIN = 10  # minutes between two offers to stop

BOX = (
    'style="border:1px solid rgba(127,127,127,.35);border-radius:.3em;padding:.7em 1em;margin:.3em 0;max-width:46em;'
    'line-height:1.45;color:inherit"'
)
CODE = (
    '<pre style="margin:.4em 0;padding:.5em .7em;white-space:pre-wrap;overflow-wrap:anywhere;'
    'background:rgba(127,127,127,.12);color:inherit;font-family:monospace">{}</pre>'
)
CELL = "text-align:left;vertical-align:top;padding:.2em .8em .2em 0;white-space:normal;background:none;color:inherit"


@dataclass
class Sitting:
    """When this sitting with an exercise began, its failed tries and mistakes by task, and what has passed so far.

    `finished` once every task has: then there is no more to say about time.
    """

    began: datetime
    attempts: dict[str, set[str]] = field(default_factory=dict)
    met: dict[str, set[str]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    offered: float = 0.0
    finished: bool = False


_sittings: dict[str, Sitting] = {}


class Shown:
    """A text and its HTML twin, for a notebook's output."""

    def __init__(self, text: str, page: str) -> None:
        self.text, self.page = text, page

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.page}


def remember(verdict: Verdict, answer: Any) -> str:
    """Record a verdict, and return what the card may say about time; usually nothing.

    When the last task passes, it tells the time since the first check of this sitting. Past the planned minutes, the
    note offers to stop, at most once in ten minutes.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        return ""
    now, known = datetime.now(UTC), about(verdict.exercise)
    sitting = _sitting(verdict.exercise, now)
    record(verdict, answer)
    if verdict.passed:
        sitting.passed.add(verdict.task)
    elif verdict.outcome in FAILED:
        sitting.attempts.setdefault(verdict.task, set()).add(hashed(answer))
    if verdict.mistake:
        sitting.met.setdefault(verdict.task, set()).add(verdict.mistake)
    minutes = max(0.0, (now - sitting.began).total_seconds() / 60)
    if sitting.finished:
        return ""
    if known.tasks and sitting.passed >= set(known.tasks):
        sitting.finished = True
        return f"All {len(known.tasks)} tasks passed. From this sitting's first check to the last: {_spoken(minutes)}."
    if not known.minutes or minutes < max(known.minutes, sitting.offered + AGAIN):
        return ""
    sitting.offered = minutes
    return (
        f"You have been at it for {_spoken(minutes)}; {known.minutes} were planned. If you like, write down in a "
        "sentence what you found so far, and stop for today. Your answers stay."
    )


def state(exercise: str) -> Shown:
    """Return the learner's state in an exercise: for each task whether it has passed, and the tries it took."""
    records, known = _of(exercise), about(exercise)
    rows = []
    for task in known.tasks or dict.fromkeys(one["task"] for one in records):
        passed, failed, met = _history(exercise, task, records)
        sign, word, _ = FACES["passed" if passed else "wrong" if failed else "not attempted"]
        tries = f"{len(failed)} failed {'try' if len(failed) == 1 else 'tries'}" if failed else ""
        rows.append((sign, task, word, tries, ", ".join(name.replace("_", " ") for name in met)))
    title = f"{sum(row[2] == FACES['passed'][1] for row in rows)} of {len(rows)} tasks passed"
    title += f"; {known.minutes} minutes are planned" if known.minutes else ""
    lines = [title]
    for sign, task, word, tries, mistakes in rows:
        line = f"{sign} {task}: {word}" + f", {tries}" * bool(tries) + f" (met: {mistakes})" * bool(mistakes)
        lines += textwrap.wrap(line, 78, initial_indent="  ", subsequent_indent="      ")
    cells = [
        (f'<span aria-hidden="true">{sign}</span> {html.escape(task)}', *map(html.escape, rest))
        for sign, task, *rest in rows
    ]
    page = f"<b>{html.escape(title)}</b>" + _table(cells, ("task", "state", "tries", "mistakes met"))
    return Shown("\n".join(lines), f'<div role="group" aria-label="Progress" {BOX}>{page}</div>')


def solution(check: Check) -> Shown:
    """Return a task's solution with the mistakes that others make; before it is earned, say what is missing."""
    passed, failed, met = _history(check.exercise, check.name, _of(check.exercise))
    if os.environ.get("NBGRADER_EXECUTION"):
        return _closed(check.name, "The solution is closed while a course is graded.")
    if not passed and not check.passed and len(failed) < HONEST_ATTEMPTS:
        made = f"you have made {len(failed)}" if failed else "you have made none"
        return _closed(
            check.name,
            f"The solution opens when you have passed, or after {HONEST_ATTEMPTS} different honest tries; {made} so "
            "far. Until then: open a hint, or read the card once more.",
        )
    code = about(check.exercise).solutions.get(check.name) or textwrap.dedent(source_of(check.reference))
    feedback = {name: " ".join((function.__doc__ or "").split()) for name, function in check.mistakes.items()}
    wrong = [
        (name.replace("_", " "), told, name in met)
        for name, told in sorted(feedback.items(), key=lambda item: item[0] not in met)
        # Two misunderstandings at once are told by the two that they are made of.
        if name in met or not any(told != one and told.startswith(one) for one in feedback.values())
    ]
    text = [f"A solution of {check.name} (yours may differ):", "", textwrap.indent(code, "    "), ""]
    text.append("What went wrong elsewhere:")
    for name, told, mine in wrong:
        line = f"{name}{' (you met it)' if mine else ''}: {told}"
        text += textwrap.wrap(line, 78, initial_indent="- ", subsequent_indent="  ")
    rows = [(html.escape(name) + "<br><em>you met it</em>" * mine, marked_up(told)) for name, told, mine in wrong]
    page = (
        f"<b>A solution of <code>{html.escape(check.name)}</code></b> (yours may differ)"
        f"{CODE.format(html.escape(code))}<b>What went wrong elsewhere</b>{_table(rows)}"
    )
    label = html.escape(f"Solution of {check.name}", quote=True)
    return Shown("\n".join(text), f'<div role="group" aria-label="{label}" {BOX}>{page}</div>')


def _table(rows: Sequence[tuple[str, ...]], head: tuple[str, ...] = ()) -> str:
    """Return an HTML table whose first column names the rows; the cells are HTML already."""
    names = "".join(f'<th scope="col" style="{CELL}">{name}</th>' for name in head)
    body = "".join(
        f'<tr style="background:none"><th scope="row" style="{CELL}">{first}</th>'
        + "".join(f'<td style="{CELL}">{cell}</td>' for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    top = f"<thead><tr>{names}</tr></thead>" if names else ""
    return f'<table style="border-collapse:collapse;color:inherit">{top}<tbody>{body}</tbody></table>'


def _history(exercise: str, task: str, records: list[Record]) -> tuple[bool, set[str], list[str]]:
    """Return whether a task has passed, its different failed tries, and the mistakes met: recorded or seen here."""
    sitting = _sitting(exercise)
    own = [one for one in records if one["task"] == task]
    failed = {str(one.get("answer", number)) for number, one in enumerate(own) if one["outcome"] in FAILED}
    met = [one["mistake"] for one in own if type(one.get("mistake")) is str and one["mistake"]]
    seen = sorted(sitting.met.get(task, ()))
    return task in sitting.passed, failed | sitting.attempts.get(task, set()), list(dict.fromkeys([*met, *seen]))


def _closed(task: str, told: str) -> Shown:
    text = "\n".join(textwrap.wrap(told, 80))
    return Shown(
        text, f'<div role="status" aria-label="Solution of {html.escape(task)}" {BOX}>{html.escape(told)}</div>'
    )


def _sitting(exercise: str, now: datetime | None = None) -> Sitting:
    """Return the sitting that this kernel is in; a restarted kernel goes on with the one in the record."""
    if exercise not in _sittings:
        now = now or datetime.now(UTC)
        began, sitting = now, Sitting(now)
        earlier = _of(exercise)
        sitting.passed |= {one["task"] for one in earlier if one["outcome"] == "passed"}
        sitting.finished = bool(sitting.passed) and sitting.passed >= set(about(exercise).tasks)
        for one in reversed(earlier):
            at = _when(one)
            if not timedelta(0) <= began - at <= SITTING:  # a long pause, or a clock that ran backwards
                break
            began = at
        sitting.began = began
        _sittings[exercise] = sitting
    return _sittings[exercise]


def _of(exercise: str) -> list[Record]:
    try:
        return [one for one in read()[0] if one["exercise"] == exercise]
    except OSError:
        return []


def _when(one: Record) -> datetime:
    at = datetime.fromisoformat(one["at"])
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _spoken(minutes: float) -> str:
    whole = round(minutes)
    return "less than a minute" if whole < 1 else f"{whole} minute{'s' * (whole > 1)}"
