"""The notebook on top of a workspace: where you are, what is next, and the whole map."""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Sequence
from datetime import date
from typing import Any

from shoshin import library
from shoshin.check.card import FACES
from shoshin.check.progress import Shown
from shoshin.errors import ShoshinError
from shoshin.learn import history as records
from shoshin.learn.history import History
from shoshin.learn.path import Step, next_steps

NAME = "Start here.ipynb"
CELL = "text-align:left;vertical-align:top;padding:.15em 1em .15em 0;white-space:normal;background:none;color:inherit"
BEGUN = ("◐", "begun")
DONE = (FACES["passed"][0], "passed")
OPEN = (FACES["not attempted"][0], "open")

WELCOME = """\
# Start here

Below is your map. Click into its cell and press **Shift+Enter** to bring it up to date; `shoshin lab` does so too, each
time it starts."""

HOW = """\
## How to work here

- Open a notebook and run it from the top. Each task ends with a check: it shows a card that says whether your answer is
  right, or which misunderstanding is behind it. You may check as often as you like.
- Each task has hints that unfold. `check.progress()` in a notebook shows how far you are in it. A task's solution opens
  when you have passed it, or after three different honest tries: `check.TASK.solution()`.
- Each exercise says how many minutes are planned. When they are over, write down in a sentence what you found, and
  stop.
- What you checked is recorded on this machine and nowhere else. In a terminal, `shoshin progress` shows your lessons,
  `shoshin next --minutes 30` what fits into the evening, `shoshin plan --goal fundamentals --hours-per-week 2` a
  roadmap, and `shoshin share NOTEBOOK` makes a post of an exploration.
- Your own cells are welcome anywhere, in this notebook too. A newer Shoshin comes around what you have written."""

MAP = "from shoshin.learn import start\n\nstart.here()"


def here(today: date | None = None) -> Shown:
    """Return the map of all exercises with the learner's state in each, and what is next. It never raises."""
    try:
        past = records.read()
    except ShoshinError as error:
        past = History(notes=[str(error)])
    return drawn(past, today or date.today())


def drawn(past: History, today: date) -> Shown:
    """Return the map for a history."""
    entries = library.entries()
    steps = next_steps(past, today)
    done = sum(past.done(entry) for entry in entries)
    passed = sum(len(past.passed(entry.id) & set(entry.tasks)) for entry in entries)
    tasks, streak = sum(len(entry.tasks) for entry in entries), past.streak(today)
    where = f"{done} of {len(entries)} exercises and {passed} of {tasks} tasks passed"
    where += f", {streak} days in a row" if streak > 1 else ""
    units = {unit: [one for one in entries if one.unit == unit] for unit in dict.fromkeys(e.unit for e in entries)}
    return Shown(_text(past, where, steps, units), _page(past, where, steps, units))


def state(entry: library.Entry, past: History) -> tuple[str, str]:
    """Return a sign and a word for how far an exercise has come."""
    passed = past.passed(entry.id) & set(entry.tasks)
    if past.done(entry):
        return DONE
    if past.begun(entry.id):
        return BEGUN[0], f"{BEGUN[1]}, {len(passed)} of {len(entry.tasks)} tasks"
    return OPEN


def notebook(past: History, today: date) -> dict[str, Any]:
    """Return the notebook, its map drawn already."""
    shown = drawn(past, today)
    data = {kind: text.splitlines(keepends=True) for kind, text in shown._repr_mimebundle_().items()}
    output = {"output_type": "execute_result", "execution_count": 1, "data": data, "metadata": {}}
    map_cell = {"cell_type": "code", "execution_count": 1, "outputs": [output]}
    cells = [
        {"cell_type": "markdown", "id": "welcome", "metadata": {}, "source": WELCOME},
        {**map_cell, "id": "map", "metadata": {}, "source": MAP},
        {"cell_type": "markdown", "id": "how", "metadata": {}, "source": HOW},
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5, "cells": cells}


def redrawn(mine: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the learner's copy of this notebook with today's map in its map cell."""
    fresh = next(cell for cell in new["cells"] if cell["id"] == "map")
    cells = [
        cell | {"outputs": fresh["outputs"], "execution_count": 1} if cell.get("id") == "map" else cell
        for cell in mine["cells"]
    ]
    return mine | {"cells": cells}


def _text(past: History, where: str, steps: Sequence[Step], units: dict[str, list[library.Entry]]) -> str:
    lines = textwrap.wrap(f"Where you are: {where}.", 80)
    for number, step in enumerate(steps[:2]):
        lines += step.text(None, "Next: " if number == 0 else "  or: ").splitlines()
    for unit, members in units.items():
        lines += ["", unit]
        for entry in members:
            sign, word = state(entry, past)
            line = f"{sign} {entry.slug} ({entry.minutes} min): {entry.title}" + f" [{word}]" * (word != OPEN[1])
            lines += textwrap.wrap(line, 78, initial_indent="  ", subsequent_indent="      ")
    lines += [line for note in past.notes for line in textwrap.wrap(note, 80)]
    return "\n".join(lines)


def _page(past: History, where: str, steps: Sequence[Step], units: dict[str, list[library.Entry]]) -> str:
    titles = {entry.id: entry.title for members in units.values() for entry in members}
    proposals = []
    for number, step in enumerate(steps):
        verb = {"review": "Review", "finish": "Finish", "new": "Begin"}[step.kind]
        tasks = f" ({', '.join(step.tasks)})" if step.kind == "review" else ""
        proposals.append(
            f"<li>{'' if number else '<b>'}{verb} {_link(step.exercise, titles[step.exercise])}{html.escape(tasks)}"
            f"{'' if number else '</b>'}, about {step.minutes} minutes: {html.escape(step.why)}.</li>"
        )
    following = f"<ol style='margin:.2em 0 0'>{''.join(proposals)}</ol>" if proposals else "<p>Everything is done.</p>"
    tables = []
    for unit, members in units.items():
        rows = "".join(_row(entry, past) for entry in members)
        done = sum(past.done(entry) for entry in members)
        tables.append(
            f'<h3 style="margin:1em 0 .2em">{html.escape(unit)} <span style="font-weight:normal">· {done} of '
            f'{len(members)} passed</span></h3><table style="border-collapse:collapse;color:inherit" '
            f'aria-label="{html.escape(unit)}"><thead><tr>'
            + "".join(f'<th scope="col" style="{CELL}">{name}</th>' for name in ("", "exercise", "minutes", "level"))
            + f"</tr></thead><tbody>{rows}</tbody></table>"
        )
    notes = "".join(f"<p><em>{html.escape(note)}</em></p>" for note in past.notes)
    return (
        '<div role="region" aria-label="Your map" style="line-height:1.45;max-width:54em;color:inherit">'
        f'<p style="margin:.2em 0"><b>Where you are:</b> {html.escape(where)}.</p><p style="margin:.6em 0 .2em">'
        f"<b>What is next:</b></p>{following}{notes}{''.join(tables)}</div>"
    )


def _row(entry: library.Entry, past: History) -> str:
    sign, word = state(entry, past)
    return (
        f'<tr style="background:none"><td style="{CELL}"><span aria-hidden="true">{sign}</span> '
        f"{html.escape(word)}</td>"
        f'<th scope="row" style="{CELL};font-weight:normal">{_link(entry.id, entry.title)}</th>'
        f'<td style="{CELL}">{entry.minutes}</td><td style="{CELL}">{entry.level}</td></tr>'
    )


def _link(exercise: str, title: str) -> str:
    return f'<a href="{html.escape(exercise, quote=True)}.ipynb">{html.escape(title)}</a>'


def content(notebook: dict[str, Any]) -> str:
    """Return the bytes of a notebook file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
