"""The notebook on top of a workspace: where you are, what is next, and the whole map."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from datetime import date
from typing import Any

from shoshin import library
from shoshin.check.card import FACES
from shoshin.learn.history import History, own
from shoshin.learn.path import Step, next_steps

NAME = "Start here.ipynb"
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


class Map:
    """The map as text and as Markdown, for a notebook's output."""

    def __init__(self, text: str, markdown: str) -> None:
        self.text, self.markdown = text, markdown

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/markdown": self.markdown}


def here(today: date | None = None) -> Map:
    """Return the map of all exercises with the learner's state in each, and what is next. It never raises."""
    return drawn(own(), today or date.today())


def drawn(past: History, today: date) -> Map:
    """Return the map for a history."""
    entries = library.entries()
    steps = next_steps(past, today)
    done = sum(past.done(entry) for entry in entries)
    passed = sum(len(past.passed(entry.id) & set(entry.tasks)) for entry in entries)
    tasks, streak = sum(len(entry.tasks) for entry in entries), past.streak(today)
    where = f"{done} of {len(entries)} exercises and {passed} of {tasks} tasks passed"
    where += f", {streak} days in a row" if streak > 1 else ""
    units = {unit: [one for one in entries if one.unit == unit] for unit in dict.fromkeys(e.unit for e in entries)}
    return Map(_text(past, where, steps, units), _markdown(past, where, steps, units))


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


def _markdown(past: History, where: str, steps: Sequence[Step], units: dict[str, list[library.Entry]]) -> str:
    """Return the map as Markdown: its links open in JupyterLab, and every theme knows its tables."""
    titles = {entry.id: entry.title for members in units.values() for entry in members}
    parts = [f"**Where you are:** {where}."]
    proposals = []
    for number, step in enumerate(steps, start=1):
        tasks = f" ({', '.join(f'`{task}`' for task in step.tasks)})" if step.kind == "review" else ""
        link = _link(step.exercise, titles[step.exercise])
        proposals.append(f"{number}. {step.verb} {link}{tasks}, about {step.minutes} minutes: {step.why}.")
    parts += ["**What is next:**", "\n".join(proposals)] if proposals else ["Everything is done."]
    parts += [f"*{note}*" for note in past.notes]
    for unit, members in units.items():
        done = sum(past.done(entry) for entry in members)
        rows = ["| state | exercise | minutes | level |", "|:---|:---|---:|---:|"]
        for entry in members:
            sign, word = state(entry, past)
            rows.append(f"| {sign} {word} | {_link(entry.id, entry.title)} | {entry.minutes} | {entry.level} |")
        parts += [f"### {unit}: {done} of {len(members)} passed", "\n".join(rows)]
    return "\n\n".join(parts)


def _link(exercise: str, title: str) -> str:
    return f"[{title.replace('|', '/')}]({exercise}.ipynb)"


def content(notebook: dict[str, Any]) -> str:
    """Return the bytes of a notebook file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
