"""What to do next, and a dated plan: from what was passed, what each exercise needs, and the time at hand."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shoshin import library
from shoshin.check.record import FAILED
from shoshin.errors import ShoshinError
from shoshin.learn.history import History, Task

EXPLORE = "explore"
FOUNDATIONS_PER_EXPLORATION = 3
REVIEW_MINUTES = 5  # for one task that was solved before
SOON_FORGOTTEN = 1.3  # the lowest easiness of SM-2


@dataclass(frozen=True)
class Step:
    """One proposal: what to do, how long it takes, and why. `kind` is "review", "finish" or "new"."""

    kind: str
    exercise: str
    minutes: int
    why: str
    tasks: tuple[str, ...] = ()

    @property
    def verb(self) -> str:
        """What the learner is to do."""
        return {"review": "Review", "finish": "Finish", "new": "Begin"}[self.kind]

    def text(self, minutes: int | None = None, before: str = "") -> str:
        """Return the proposal in one or two lines of 80 columns; `minutes` is the time there is."""
        tasks = f" ({', '.join(self.tasks)})" if self.tasks else ""
        long = f"; longer than your {minutes}, and your answers stay when you stop" if minutes else ""
        took = f"about {self.minutes} minutes{long if minutes and self.minutes > minutes else ''}"
        return textwrap.fill(
            f"{before}{self.verb} {self.exercise}{tasks}: {took}. Why: {self.why}.", 80, subsequent_indent="  "
        )


@dataclass(frozen=True)
class Dated:
    """One exercise of a plan, with the day on which it begins and the day on which it is done."""

    step: Step
    begins: date
    ends: date


def due(task: Task) -> date | None:
    """Return the day on which a task is to be reviewed; None for one that never failed or has never passed.

    The gaps are those of SM-2 (Woźniak, 1990): one day after it passed, then six, then each gap is the last one times
    an easiness of at first 2.5. A day's quality is 5 if the task passed at the first try of that day, 3 if it passed
    after a failure, 1 if it did not pass; below 3 the gaps begin again.
    """
    if not task.failed or not task.passed:
        return None
    easiness, repetition, gap, last = 2.5, 0, 0, None
    for day in sorted({day for day, _, _ in task.checks}):
        tries = [outcome for when, outcome, _ in task.checks if when == day and outcome != "not attempted"]
        if not tries:
            continue
        quality = 1 if "passed" not in tries else 3 if any(one in FAILED for one in tries) else 5
        if quality < 3:
            repetition, gap = 0, 1
        else:
            repetition += 1
            gap = 1 if repetition == 1 else 6 if repetition == 2 else math.ceil(gap * easiness)
        easiness = max(SOON_FORGOTTEN, easiness + 0.1 - (5 - quality) * (0.08 + (5 - quality) * 0.02))
        last = day
    return last + timedelta(days=gap) if last else None


def next_steps(
    history: History, today: date, minutes: int | None = None, goal: str | None = None, most: int = 3
) -> list[Step]:
    """Return up to `most` proposals, the best first; an empty list when everything is done.

    First what was begun, then what is due for review, then the next exercise whose prerequisites have passed: on the
    way to the goal if one is given, with one exploration after every three foundations. Of these, what fits into
    `minutes` comes first.

    Raises:
        ShoshinError: if there is no such unit or exercise, or `minutes` is not positive.
    """
    if minutes is not None and minutes <= 0:
        raise ShoshinError("--minutes wants a number above 0.")
    entries = {entry.id: entry for entry in library.entries()}
    wanted = towards(goal, entries)
    steps = [_finish(entry, history) for entry in entries.values() if _half_done(entry, history)]
    steps += _reviews(history, entries, today)
    steps += [
        _new(entry, history, wanted, goal)
        for entry in _in_turn(history, entries, wanted)
        if not history.begun(entry.id) and _ready(entry, history, entries)
    ]
    if goal is not None:
        steps.sort(key=lambda step: step.exercise not in wanted and step.kind != "new")
    if minutes is not None:
        steps.sort(key=lambda step: step.minutes > minutes)  # stable: the order of before within each half
    return steps[:most]


def plan(history: History, goal: str, hours_per_week: float, today: date) -> list[Dated]:
    """Return a dated roadmap: what the goal needs and has not passed, one exploration after every three foundations.

    Raises:
        ShoshinError: if there is no such unit or exercise, or the hours are not between 0 and 80.
    """
    if not 0 < hours_per_week <= 80:
        raise ShoshinError("--hours-per-week wants a number above 0 and at most 80.")
    entries = {entry.id: entry for entry in library.entries()}
    wanted = towards(goal, entries)
    dated, spent = [], 0.0
    for entry in _in_turn(history, entries, wanted):
        step = _finish(entry, history) if _half_done(entry, history) else _new(entry, history, wanted, goal)
        begins = _day(today, spent, hours_per_week)
        spent += step.minutes
        # An exercise that ends exactly with a day's time ends on that day.
        dated.append(Dated(step, begins, max(begins, _day(today, spent - 0.001, hours_per_week))))
    return dated


def roadmap(dated: Sequence[Dated], goal: str, hours_per_week: float) -> str:
    """Return a plan in 80 columns, week by week."""
    if not dated:
        return f"You have passed everything on the way to {goal}."
    hours = sum(one.step.minutes for one in dated) / 60
    first, last = dated[0].begins, dated[-1].ends
    lines = [
        f"{len(dated)} exercises to {goal}, about {hours:.0f} hours; at {hours_per_week:g} a week you are there on "
        f"{last.day} {last:%B %Y}."
    ]
    lines = textwrap.wrap(lines[0], 80)
    week = None
    for one in dated:
        number = (one.begins - first).days // 7
        if number != week:
            week, monday = number, first + timedelta(weeks=number)
            lines += ["", f"Week {number + 1}, from {monday.day} {monday:%B %Y}"]
        line = f"{one.begins:%d %b} to {one.ends:%d %b}  {one.step.exercise}, {one.step.minutes} min: {one.step.why}"
        lines += textwrap.wrap(line, 80, initial_indent="  ", subsequent_indent=" " * 20)
    return "\n".join(lines)


def towards(goal: str | None, entries: dict[str, library.Entry]) -> list[str]:
    """Return the ids of a goal (a unit or an exercise) and of all that it needs, in an order to do them in.

    Without a goal, everything is wanted.

    Raises:
        ShoshinError: if there is no such unit or exercise, or the needs go in a circle.
    """
    units = sorted({entry.unit for entry in entries.values()})
    if goal is None:
        roots = list(entries)
    elif goal in units:
        roots = [one for one, entry in entries.items() if entry.unit == goal]
    else:
        roots = [library.known(goal, [*entries, *units])] if goal not in entries else [goal]
    order: list[str] = []
    open_ones: set[str] = set()

    def visit(one: str) -> None:
        if one in order or one not in entries:
            return
        if one in open_ones:
            raise ShoshinError(f"The prerequisites of {one} go in a circle.")
        open_ones.add(one)
        for need in sorted(entries[one].needs):
            visit(need)
        order.append(one)

    for root in sorted(roots, key=lambda one: (entries[one].level, entries[one].minutes, one)):
        visit(root)
    return order


def _in_turn(history: History, entries: dict[str, library.Entry], wanted: Sequence[str]) -> list[library.Entry]:
    """Return what is wanted and not done, in an order that its needs allow, foundations and explorations in turn."""
    done = {one for one in entries if history.done(entries[one])}
    left = [entries[one] for one in wanted if one not in done]
    foundations = [one for one in left if one.unit != EXPLORE]
    explorations = [one for one in left if one.unit == EXPLORE]
    # A goal without explorations gets some on the way.
    explorations += [
        one for one in entries.values() if one.unit == EXPLORE and one not in explorations and one.id not in done
    ]
    since, turn = _foundations_since_exploration(history, entries), []
    while foundations or any(one.id in wanted for one in explorations):
        able = [one for one in explorations if _needs(one, entries) <= done]
        if foundations and (since < FOUNDATIONS_PER_EXPLORATION or not able):
            chosen = foundations.pop(0)
        else:
            chosen = able[0] if foundations else next(one for one in explorations if one.id in wanted)
            explorations.remove(chosen)
        since = 0 if chosen.unit == EXPLORE else since + 1
        done.add(chosen.id)
        turn.append(chosen)
    return turn


def _foundations_since_exploration(history: History, entries: dict[str, library.Entry]) -> int:
    """Count the foundations that were done after the last exploration was done."""
    ends = sorted(
        (max(story.checks[-1][0] for (one, _), story in history.tasks.items() if one == entry.id), entry.unit)
        for entry in entries.values()
        if history.done(entry)
    )
    since = 0
    for _, unit in ends:
        since = 0 if unit == EXPLORE else since + 1
    return since


def _needs(entry: library.Entry, entries: dict[str, library.Entry]) -> set[str]:
    return {need for need in entry.needs if need in entries}


def _ready(entry: library.Entry, history: History, entries: dict[str, library.Entry]) -> bool:
    return all(history.done(entries[need]) for need in _needs(entry, entries))


def _half_done(entry: library.Entry, history: History) -> bool:
    return history.begun(entry.id) and not history.done(entry)


def _finish(entry: library.Entry, history: History) -> Step:
    left = tuple(task for task in entry.tasks if task not in history.passed(entry.id))
    minutes = max(5, round(entry.minutes * len(left) / len(entry.tasks)))
    why = f"you have begun it; {len(left)} of {len(entry.tasks)} tasks are left"
    return Step("finish", entry.id, minutes, why, left)


def _new(entry: library.Entry, history: History, wanted: Iterable[str], goal: str | None) -> Step:
    if entry.unit == EXPLORE and goal is not None and entry.id not in wanted:
        why = "an exploration after some foundations: a different tool on a job you know"
    elif goal is not None and goal in (entry.unit, entry.id):
        why = f"it belongs to your goal, {goal}"
    elif goal is not None:
        why = f"your goal, {goal}, builds on it"
    elif entry.unit == EXPLORE:
        why = "an exploration: a different tool on a job you know"
    elif entry.needs:
        why = "you have passed what it needs" if history.records else "it comes after " + ", ".join(entry.needs)
    else:
        why = "it needs nothing before it"
    return Step("new", entry.id, entry.minutes, why)


def _reviews(history: History, entries: dict[str, library.Entry], today: date) -> list[Step]:
    """Return the exercises with tasks that are due for review, the longest overdue first."""
    waiting: dict[str, list[tuple[date, str]]] = {}
    for (exercise, task), story in history.tasks.items():
        day = due(story) if exercise in entries and task in entries[exercise].tasks else None
        if day is not None and day <= today and not _half_done(entries[exercise], history):
            waiting.setdefault(exercise, []).append((day, task))
    steps = []
    for exercise, tasks in sorted(waiting.items(), key=lambda item: min(item[1])):
        names = tuple(task for _, task in sorted(tasks))
        last = max(history.tasks[exercise, task].checks[-1][0] for task in names)
        hard = "it" if len(names) == 1 else "these"
        why = f"you found {hard} hard once; the last time was {last.day} {last:%B}"
        steps.append(Step("review", exercise, REVIEW_MINUTES * len(names), why, names))
    return steps


def _day(today: date, minutes: float, hours_per_week: float) -> date:
    """Return the day on which so many minutes have been spent, evenly over the days of the weeks."""
    return today + timedelta(days=math.floor(minutes / 60 / hours_per_week * 7))
