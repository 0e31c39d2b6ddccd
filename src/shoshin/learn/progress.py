"""Show a learner's progress: as a table, as data, and as a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from shoshin import library
from shoshin.errors import ShoshinError
from shoshin.learn.files import replace
from shoshin.learn.history import History, Lesson

WEEKS = 12  # on the picture
SHOWN = 8  # lessons in the table


def data(history: History, today: date) -> dict[str, Any]:
    """Return the progress as JSON-ready data."""
    entries = library.entries()
    stories = [story for story in history.tasks.values() if story.passed]
    return {
        "units": [_unit(unit, history, entries) for unit in dict.fromkeys(entry.unit for entry in entries)],
        "streak_days": history.streak(today),
        "days": len(history.days),
        "minutes": round(sum(history.minutes.values())),
        "first_try_rate": round(sum(s.first_try for s in stories) / len(stories), 3) if stories else None,
        "lessons": [
            {
                "exercise": lesson.exercise,
                "task": lesson.task,
                "mistake": lesson.mistake,
                "met": lesson.met.isoformat(),
                "overcome": lesson.overcome.isoformat() if lesson.overcome else None,
                "text": lesson.text,
            }
            for lesson in history.lessons()
        ],
        "records": history.records,
        "notes": history.notes,
    }


def text(history: History, today: date) -> str:
    """Return the progress in 80 columns: a line per unit, then streak, minutes, first tries and lessons."""
    told = data(history, today)
    lines = [f"{'unit':16}{'exercises':>11}{'tasks':>11}{'points':>11}{'minutes':>9}"]
    for unit in told["units"]:
        exercises, tasks, points = (
            f"{unit[name + '_done']:g} of {unit[name]:g}" for name in ("exercises", "tasks", "points")
        )
        lines.append(f"{unit['unit']:16}{exercises:>11}{tasks:>11}{points:>11}{unit['minutes']:>9}")
    rate = told["first_try_rate"]
    streak, days = told["streak_days"], told["days"]
    lines += [
        "",
        f"streak: {streak} day{'s' * (streak != 1)} in a row, {days} in all",
        f"at work: {told['minutes']} minutes (pauses above 20 left out)",
        "right at the first try: " + ("no task passed yet" if rate is None else f"{rate:.0%} of the tasks passed"),
    ]
    lessons = history.lessons()
    overcome = [lesson for lesson in lessons if lesson.overcome]
    waiting = [lesson for lesson in lessons if not lesson.overcome]
    for title, some in (("lessons learned", overcome), ("still open", waiting)):
        if some:
            lines += ["", f"{title} ({len(some)})" + (", the latest:" if len(some) > SHOWN else ":")]
            lines += [line for lesson in some[-SHOWN:] for line in _lesson(lesson)]
    lines += [line for note in history.notes for line in ("", *textwrap.wrap(note, 80))]
    if not history.records:
        lines += ["", "Nothing is recorded yet: `shoshin next` proposes where to begin."]
    return "\n".join(lines)


def _lesson(lesson: Lesson) -> list[str]:
    name = f"{lesson.mistake.replace('_', ' ')} ({lesson.exercise}, {lesson.task})"
    said = lesson.text
    return textwrap.wrap(name + (f": {said}" if said else ""), 78, initial_indent="  ", subsequent_indent="    ")


def _unit(unit: str, history: History, entries: Sequence[library.Entry]) -> dict[str, Any]:
    members = [entry for entry in entries if entry.unit == unit]
    passed = {entry.id: history.passed(entry.id) & set(entry.tasks) for entry in members}
    return {
        "unit": unit,
        "exercises": len(members),
        "exercises_done": sum(history.done(entry) for entry in members),
        "tasks": sum(len(entry.tasks) for entry in members),
        "tasks_done": sum(len(names) for names in passed.values()),
        "points": sum(sum(entry.tasks.values()) for entry in members),
        "points_done": sum(entry.tasks[name] for entry in members for name in passed[entry.id]),
        "minutes": round(sum(history.minutes.get(entry.id, 0.0) for entry in members)),
    }


def plot(history: History, path: Path, today: date) -> None:
    """Draw the progress into a PNG or HTML file: tasks per unit, and tasks passed over the last twelve weeks.

    Raises:
        ShoshinError: if the file's name ends otherwise, or the file cannot be written.
    """
    if path.suffix not in (".png", ".html"):
        raise ShoshinError(f"{path}: the picture is a .png or an .html file; name one.")
    import io

    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.4))
    units = data(history, today)["units"]
    names = [unit["unit"] for unit in units]
    left.barh(names, [unit["tasks"] for unit in units], color="0.88", edgecolor="0.6", label="all tasks")
    done = [unit["tasks_done"] for unit in units]
    left.barh(names, done, color="#0072B2", label="passed")
    for row, unit in enumerate(units):
        left.annotate(
            f" {unit['tasks_done']} of {unit['tasks']}", (unit["tasks"], row), va="center", annotation_clip=False
        )
    left.invert_yaxis()
    left.set(xlabel="tasks", xlim=(0, 1.25 * max((unit["tasks"] for unit in units), default=1)))
    left.legend(loc="upper center", bbox_to_anchor=(0.4, -0.15), ncols=2, frameon=False)

    monday = today - timedelta(days=today.weekday())
    weeks = [monday - timedelta(weeks=number) for number in reversed(range(WEEKS))]
    passed = [min(day for day, outcome, _ in story.checks if outcome == "passed") for story in _passed(history)]
    overcome = [lesson.overcome for lesson in history.lessons() if lesson.overcome]
    for shift, days, colour, hatch, name in (
        (-0.2, passed, "#0072B2", "", "tasks passed"),
        (0.2, overcome, "#D55E00", "//", "lessons learned"),
    ):
        heights = [sum(week <= day < week + timedelta(weeks=1) for day in days) for week in weeks]
        places = [number + shift for number in range(WEEKS)]
        right.bar(places, heights, 0.4, color=colour, hatch=hatch, edgecolor="white", label=name)
    right.set_xticks(range(WEEKS), [f"{week.day} {week:%b}" for week in weeks], rotation=45, ha="right")
    right.set(xlabel="week of", title=f"The last {WEEKS} weeks")
    right.yaxis.get_major_locator().set_params(integer=True)
    right.set_ylim(0, max(2, *(bar.get_height() for bar in right.patches)) * 1.25)  # room for the legend
    right.legend(loc="upper left", frameon=False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    content = picture.getvalue() if path.suffix == ".png" else _page(picture.getvalue(), history, today).encode()
    try:
        replace(path, content)
    except OSError as error:
        raise ShoshinError(f"{path} cannot be written: {error.strerror}.") from error


def _passed(history: History) -> list[Any]:
    return [story for story in history.tasks.values() if story.passed]


def _page(picture: bytes, history: History, today: date) -> str:
    import base64
    import html

    words = html.escape(text(history, today))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Progress</title>'
        '<body style="font-family:sans-serif;max-width:62em;margin:2em auto;padding:0 1em">'
        f"<h1>Progress on {today.day} {today:%B %Y}</h1>"
        f'<img alt="Tasks passed by unit and by week; the same numbers stand below." style="max-width:100%" '
        f'src="data:image/png;base64,{base64.b64encode(picture).decode()}">'
        f'<pre style="white-space:pre-wrap">{words}</pre></body></html>\n'
    )
