"""Keep the three trees in step: every source has its grader and its up-to-date notebook."""

from __future__ import annotations

import os
from pathlib import Path

from shoshin import library
from shoshin.build.notebook import learner_notebook, text_of
from shoshin.build.source import read_exercise
from shoshin.errors import ShoshinError


def stale_notebooks(exercises: list[str] | None = None) -> dict[Path, str]:
    """Return the notebooks that differ from their sources: path → the text it should have; "" for one to remove.

    Raises:
        ShoshinError: if a source cannot be built, or has no grader.
    """
    sources = library.ids("exercises")
    wanted = [library.known(one, sources) for one in exercises] if exercises else sources
    stale = {}
    for exercise in wanted:
        if exercise not in library.ids("graders"):
            raise ShoshinError(f"{exercise}: it has no grader; write graders/{exercise}.py.")
        path = library.tree("notebooks") / f"{exercise}.ipynb"
        text = text_of(learner_notebook(read_exercise(library.tree("exercises") / f"{exercise}.py")))
        if not path.exists() or path.read_text("utf-8") != text:
            stale[path] = text
    if not exercises:
        orphans = set(library.ids("notebooks")) - set(sources)
        stale |= {library.tree("notebooks") / f"{orphan}.ipynb": "" for orphan in sorted(orphans)}
    return stale


def write(stale: dict[Path, str]) -> None:
    """Bring stale notebooks up to date; each file is replaced whole or not at all."""
    for path, text in stale.items():
        if not text:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        aside.write_text(text, "utf-8")
        os.replace(aside, path)
