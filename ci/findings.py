"""Say what is wrong with an executed notebook."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

VERDICT = "application/vnd.shoshin.verdict+json"
REMOVAL = "application/vnd.shoshin.removal+json"
EXPECTED = {"solved": "passed", "untouched": "not attempted"}

# Libraries derive their own kinds: PandasFutureWarning, Pandas4Warning, MatplotlibDeprecationWarning.
ANNOUNCES_REMOVAL = re.compile(r"FutureWarning|Deprecat|^Pandas\d+Warning$")
NAMES_LIBRARY = re.compile(r"(?:module|cannot import name .* from|No module named) ['\"](\w+)")
IN_LIBRARY = re.compile(r"(?:site|dist)-packages[/\\](\w+)")

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """One thing to mend; `cell` names it by number, id and first line, and is empty for the whole notebook.

    `task` is the cell's, and `library` the package in which an error arose, as far as they are known.
    """

    cell: str
    text: str
    task: str = field(default="", compare=False)
    library: str = field(default="", compare=False)


def findings(notebook: Notebook, form: str, stopped: str = "") -> list[Finding]:
    """Return what is wrong with a notebook that was executed in its solved or its untouched form.

    `stopped` says why the execution ended early without an error of the cell's own: its kernel died, or the
    cell ran out of time.
    """
    cells = own_cells(notebook)
    found = [
        Finding(
            name_of(number, cell), text, cell["metadata"].get("shoshin", {}).get("task", ""), library_in(cell, text)
        )
        for number, cell in cells
        for text in complaints(cell, form)
    ]
    if stopped:
        last = last_started(cells)
        found = [one for one in found if one != Finding(last, "KeyboardInterrupt: ")]  # that was nbclient's
        found.append(Finding(last, stopped))
    if not any(is_error(output) for _, cell in cells for output in cell.get("outputs", ())) and not stopped:
        have = {verdict["task"] for verdict in verdicts(notebook)}
        wanted = [each["task"] for each in notebook["metadata"]["shoshin"]["tasks"]]
        found += [Finding("", f"the check of {task} left no verdict") for task in wanted if task not in have]
    return found


def verdicts(notebook: Notebook) -> list[dict[str, Any]]:
    """Return the verdicts in the outputs, in order."""
    return [verdict for _, cell in own_cells(notebook) for verdict in shown(cell, VERDICT)]


def summary(notebook: Notebook) -> str:
    """Return the verdicts in a few words, such as "4 passed, 1 wrong"."""
    counts = Counter(verdict["outcome"] for verdict in verdicts(notebook))
    return ", ".join(f"{number} {outcome}" for outcome, number in counts.items()) or "no verdict"


def removals(notebook: Notebook) -> list[dict[str, str]]:
    """Return the warnings that announce a removal: library (as far as it is known) and text."""
    found = [
        {"library": removal.get("library", ""), "text": removal["text"]}
        for _, cell in own_cells(notebook)
        for removal in shown(cell, REMOVAL)
    ]
    found += [
        {"library": "", "text": warned["text"]}
        for verdict in verdicts(notebook)
        for warned in verdict["warnings"]
        if ANNOUNCES_REMOVAL.search(warned["category"])
    ]
    return found


def own_cells(notebook: Notebook) -> list[tuple[int, dict[str, Any]]]:
    """Return (number, cell) of the notebook's own cells: papermill adds marks of its own around an error."""
    tags = "papermill-error-cell-tag"
    own = [cell for cell in notebook["cells"] if tags not in cell["metadata"].get("tags", ())]
    return list(enumerate(own, start=1))


def complaints(cell: dict[str, Any], form: str) -> Iterator[str]:
    """Yield what a cell's outputs complain of."""
    for output in cell.get("outputs", ()):
        if is_error(output):
            yield f"{output['ename']}: {output['evalue']}"
    for removal in shown(cell, REMOVAL):
        yield f"{removal['category']}: {removal['text']}"
    for verdict in shown(cell, VERDICT):
        if verdict["outcome"] != EXPECTED[form]:
            mistake = f" ({verdict['mistake']})" if verdict["mistake"] else ""
            yield f"{verdict['task']}: {verdict['outcome']}{mistake}, not {EXPECTED[form]!r}. {verdict['message']}"
        for warned in verdict["warnings"]:
            if ANNOUNCES_REMOVAL.search(warned["category"]):
                yield f"{warned['category']} in the {warned['by']}: {warned['text']} [{warned['line']}]"


def library_in(cell: dict[str, Any], text: str) -> str:
    """Return the package that an error or a warning comes from: the one it names, or the last of its traceback."""
    removals = [removal.get("library", "") for removal in shown(cell, REMOVAL) if removal["text"] in text]
    if removals:
        return removals[-1]
    if named := NAMES_LIBRARY.search(text):
        return named[1]
    lines = [line for output in cell.get("outputs", ()) if is_error(output) for line in output["traceback"]]
    passed = IN_LIBRARY.findall("\n".join(lines))
    return passed[-1] if passed else ""


def shown(cell: dict[str, Any], mime: str) -> list[dict[str, Any]]:
    return [output["data"][mime] for output in cell.get("outputs", ()) if mime in output.get("data", {})]


def is_error(output: dict[str, Any]) -> bool:
    return bool(output["output_type"] == "error")


def last_started(cells: list[tuple[int, dict[str, Any]]]) -> str:
    started = [pair for pair in cells if pair[1]["metadata"].get("papermill", {}).get("start_time")]
    return name_of(*started[-1]) if started else ""


def name_of(number: int, cell: dict[str, Any]) -> str:
    lines = [line for line in "".join(cell["source"]).splitlines() if line.strip()]
    return f"cell {number} ({cell.get('id', 'no id')}): {lines[0].strip() if lines else ''}"
