"""Show what each notebook came to on each lane: docs/, and a line in each notebook's heading.

python ci/currency.py [--check]

docs/CURRENCY.md is made from ci/currency.json alone, so it is the same whenever it is made; docs/CATALOGUE.md links
the exercises to Colab and Kaggle. With --check nothing is written; exit 1 if a page or a heading is out of date.
"""

from __future__ import annotations

import os
import sys
from datetime import date, timedelta
from pathlib import Path

import lane as lanes
import results
from results import Result, Results

from shoshin import library
from shoshin.build import catalogue
from shoshin.build.notebook import heading, text_of
from shoshin.build.tree import write

OLD = timedelta(days=30)  # before the newest run on the page
SHOWN = ("numpy", "pandas", "scikit-learn", "matplotlib", "torch", "dask", "pyarrow")
WHAT = {
    "locked": "what `make lab` installs",
    "latest": "the newest of everything, solved at each run",
    "oldest": "the lower bounds that we declare",
    "colab": "what Colab preinstalls; single files, no network",
    "kaggle": "what Kaggle preinstalls; single files, no network",
}


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    stale = pages()
    for path in stale:
        print(f"{'stale' if check else 'written'}: {os.path.relpath(path, library.CHECKOUT)}")
    if check:
        return 1 if stale else 0
    write(stale)
    return 0


def render() -> None:
    """Bring the page and the headings up to date."""
    write(pages())


def pages() -> dict[Path, str]:
    """Return the files that differ from what ci/currency.json says: path → the text that it should have."""
    known = results.read()
    docs = library.CHECKOUT / "docs"
    wanted = {docs / "CURRENCY.md": page(known), docs / "CATALOGUE.md": catalogue.page()}
    for exercise in library.ids("notebooks"):
        wanted |= _with_heading(exercise)
    return {path: text for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text}


def page(known: Results) -> str:
    """Return docs/CURRENCY.md."""
    names = [lane.name for lane in lanes.every()]
    newest = max((result.date for each in known.values() for result in each.values()), default="")
    lines = [
        "# Currency",
        "",
        "When each notebook last ran, solved and untouched, and on which versions. A tick: every check passed in the",
        "solved form and said “not attempted” in the untouched one. Below a date stand the seconds of the solved form.",
        "",
        "```bash",
        "python ci/run_notebooks.py --all-lanes",
        "python ci/currency.py",
        "```",
        "",
        "The first runs what has changed and keeps what it came to in `ci/currency.json`; the second writes this page.",
        "",
        "## Notebooks",
        "",
        f"| notebook | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for exercise, each in known.items():
        cells = [_cell(each.get(name), newest) for name in names]
        lines.append(f"| [{exercise}](../notebooks/{exercise}.ipynb) | {' | '.join(cells)} |")
    shown = [
        name for name in SHOWN if any(name in result.versions for each in known.values() for result in each.values())
    ]
    lines += [
        "",
        "## Lanes",
        "",
        f"| lane | what | Python | {' | '.join(shown)} |",
        f"|---|---|---|{'---|' * len(shown)}",
    ]
    for name in names:
        seen = [each[name] for each in known.values() if name in each]
        versions = [_joined(result.versions.get(package, "") for result in seen) for package in shown]
        python = _joined(result.python for result in seen)
        lines.append(f"| {name} | {WHAT.get(name, '')} | {python} | {' | '.join(versions)} |")
    lines += ["", "## Announced removals", ""]
    announced = [
        f"- `{exercise}` on {name}: {removal['library'] or 'a library'} says: {' '.join(removal['text'].split())}"
        for exercise, each in known.items()
        for name, result in each.items()
        for removal in result.removals
    ]
    lines += announced or ["None: no notebook's own code calls what a library has announced to remove."]
    return "\n".join(lines) + "\n"


def _cell(result: Result | None, newest: str) -> str:
    if result is None:
        return "not run"
    if result.outcome == "lacks":
        return f"lacks a package, {result.date}"
    old = " **old**" if date.fromisoformat(newest) - date.fromisoformat(result.date) > OLD else ""
    mark = "✓" if result.outcome == "passed" else "✗ **failed**"
    return f"{mark} {result.date}{old}<br>{result.seconds.get('solved', 0):.0f} s, {result.memory:.0f} MB"


def _joined(values: object) -> str:
    return ", ".join(sorted({str(value) for value in values if value}))  # type: ignore[attr-defined]


def _with_heading(exercise: str) -> dict[Path, str]:
    """Return a built notebook with today's heading; the rest of it stays as it was built."""
    import nbformat

    path = library.tree("notebooks") / f"{exercise}.ipynb"
    notebook = nbformat.reads(path.read_text("utf-8"), as_version=4)
    for cell in notebook.cells:
        if cell.get("id") == "title":
            cell.source = heading(exercise, notebook.metadata["shoshin"])
    return {path: text_of(notebook)}


if __name__ == "__main__":
    sys.exit(main())
