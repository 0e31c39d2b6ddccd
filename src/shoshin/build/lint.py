"""Lint an exercise's text: what every exercise must have before its grader is even tried."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from shoshin import library
from shoshin.build.source import Exercise, read_exercise
from shoshin.errors import ShoshinError

MINUTES, LEVELS, TASKS = (10, 60), (1, 2, 3), (3, 6)
LEAST_HINTS, MOST_OPENING_WORDS = 2, 80
HINT = re.compile(r"<details>\s*<summary>\s*Hint[^<]*?:\s*[^<]*\?\s*</summary>", re.IGNORECASE)
LINK = re.compile(r"\]\((\.\.?/[^)#]+)\)")
BELITTLING = re.compile(r"\b(simply|just|obviously|trivially|of course)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """One fault: where it is, and how to mend it."""

    where: str
    message: str


def lint_text(exercise: Exercise) -> list[Finding]:
    """Return what is missing from the text: opening, hints, prediction, links, time and level."""
    cells = exercise.notebook.cells
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    findings = [*_lint_header(exercise), *_lint_opening(prose), *_lint_hints(cells), *_lint_prediction(cells)]
    for number, text in enumerate(prose, 1):
        for word in sorted({found.lower() for found in BELITTLING.findall(_without_code(text))}):
            findings.append(Finding(f"text {number}", f"take out {word!r}: it belittles whoever is stuck there."))
    links = [link for text in prose for link in LINK.findall(text)]
    known = library.ids("exercises")
    for link in links:
        target = link.removeprefix("../").removesuffix(".ipynb")
        target = target if "/" in target else f"{exercise.id.partition('/')[0]}/{target.removeprefix('./')}"
        if target not in known:
            findings.append(Finding("links", f"{link} leads nowhere; link to an exercise as ../unit/slug.ipynb."))
    if not prose or not LINK.search(prose[-1]):
        findings.append(Finding("links", "the last text must link the next exercise, as ../unit/slug.ipynb."))
    return findings


def lint_needs(exercise: Exercise) -> list[Finding]:
    """Return faults of the prerequisite graph: unknown ids, and cycles through this exercise."""
    known = library.ids("exercises")
    findings = [
        Finding("needs", f"{need} is not an exercise; `shoshin list` names them all.")
        for need in exercise.header["needs"]
        if need not in known
    ]
    path = _cycle(exercise.id, exercise.header["needs"], [exercise.id])
    if path:
        findings.append(Finding("needs", f"they go round in a circle: {' needs '.join(path)}."))
    return findings


def _cycle(start: str, needs: list[str], path: list[str]) -> list[str]:
    for need in needs:
        if need == start:
            return [*path, start]
        if need in path or need not in library.ids("exercises"):
            continue
        try:
            further = read_exercise(library.tree("exercises") / f"{need}.py").header["needs"]
        except ShoshinError:  # it has its own report
            continue
        if found := _cycle(start, further, [*path, need]):
            return found
    return []


def _lint_header(exercise: Exercise) -> list[Finding]:
    header, findings = exercise.header, []
    if not MINUTES[0] <= header["minutes"] <= MINUTES[1]:
        findings.append(Finding("header", f"minutes: {header['minutes']}; plan {MINUTES[0]} to {MINUTES[1]}."))
    if header["level"] not in LEVELS:
        findings.append(Finding("header", f"level: {header['level']}; it is 1, 2 or 3."))
    if not TASKS[0] <= len(exercise.tasks) <= TASKS[1]:
        findings.append(Finding("tasks", f"{len(exercise.tasks)} are checked; have {TASKS[0]} to {TASKS[1]}."))
    return findings


def _lint_opening(prose: list[str]) -> list[Finding]:
    opening = prose[0] if prose else ""
    before, found, _after = opening.partition("By the end you can")
    if not found:
        return [Finding("opening", 'say the one ability gained: "By the end you can …".')]
    words = len(before.split())
    if words > MOST_OPENING_WORDS:
        return [Finding("opening", f"{words} words before the ability; {MOST_OPENING_WORDS} are enough.")]
    return []


def _lint_hints(cells: list[Any]) -> list[Finding]:
    findings, text = [], ""
    tasks = {cell.metadata["check"] for cell in cells if "check" in cell.metadata}
    for cell in cells:
        if cell.cell_type == "markdown":
            text += cell.source
        elif "answer" in cell.metadata:
            task, hints = cell.metadata["answer"], len(HINT.findall(text))
            if task in tasks and hints < LEAST_HINTS:
                mend = "write <details><summary>Hint 1: a question?</summary>…</details>"
                findings.append(Finding(f"task {task}", f"{hints} hints before it, {LEAST_HINTS} are wanted; {mend}."))
            text = ""
    return findings


def _lint_prediction(cells: list[Any]) -> list[Finding]:
    checked = {cell.metadata["check"] for cell in cells if "check" in cell.metadata}
    for number, cell in enumerate(cells):
        name = cell.metadata.get("answer", "")
        if name and (name not in checked or name.startswith("prediction")):
            later = [after.source for after in cells[number + 1 :] if after.cell_type == "code"]
            if any(re.search(rf"\b{name}\b", source) for source in later):
                return []
            return [Finding("prediction", f"{name} is never revisited; come back to it after the result.")]
    return [Finding("prediction", "ask for one before the code: an answer cell without a check.")]


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`]*`", " ", text, flags=re.DOTALL)
