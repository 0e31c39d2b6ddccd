"""Keep what each notebook came to on each lane: ci/currency.json."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from environment import Environment

from shoshin import library
from shoshin.build.tree import write as write_files

RUNNER = Path(__file__).resolve().parent
RUNNERS_FILES = ("execution.py", "findings.py", "watched_kernel.py", "forms.py")
# What decides how a notebook is built and judged; Shoshin's other commands do not.
CORE, BUILD = "check", ("source.py", "notebook.py", "export.py", "bring.py")


@dataclass(frozen=True)
class Result:
    """What one exercise's notebook, solved and untouched, came to on one lane.

    `outcome` is "passed", "failed", or "lacks" (with `lacks` the sentence) where the platform has not the packages.
    `seconds` are those of each form, `memory` is the larger peak in MB; `content` is the hash of all that decided.
    `last_passed` has the date and the versions of the last run that passed, this one or an earlier.
    """

    outcome: str
    date: str
    python: str
    versions: dict[str, str]
    seconds: dict[str, float]
    memory: float
    content: str
    lacks: str = ""
    removals: list[dict[str, str]] = field(default_factory=list)
    last_passed: dict[str, Any] = field(default_factory=dict)


Results = dict[str, dict[str, Result]]


def place() -> Path:
    return library.CHECKOUT / "ci" / "currency.json"


def read() -> Results:
    """Return exercise → lane → result; nothing if nothing was run yet, or the file is of another form."""
    try:
        known = json.loads(place().read_text("utf-8"))
        return {
            exercise: {lane: Result(**result) for lane, result in lanes.items()} for exercise, lanes in known.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write(results: Results) -> None:
    """Replace the file whole; exercises that are gone go."""
    there = {*library.ids("exercises"), *library.ids("notebooks")}
    data: dict[str, Any] = {
        exercise: {lane: asdict(result) for lane, result in sorted(lanes.items())}
        for exercise, lanes in sorted(results.items())
        if exercise in there
    }
    write_files({place(): json.dumps(data, indent=1, ensure_ascii=False) + "\n"})


def content(exercise: str, environment: Environment) -> str:
    """Return a hash of all that decides what an exercise comes to on a lane.

    That is its source, grader and built notebook, the checking core, the lane's versions and the runner.
    """
    files = [library.tree(tree) / f"{exercise}.py" for tree in ("exercises", "graders")]
    files += sorted((library.PACKAGE / CORE).glob("*.py"))
    files += [library.PACKAGE / "build" / name for name in BUILD]
    files += [RUNNER / name for name in RUNNERS_FILES]
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes() if path.exists() else b"absent")
    digest.update(_cells(exercise))
    lane, declared = environment.lane, library.entry(exercise).packages if _cells(exercise) else ()
    pinned = sorted(environment.versions({*lane.pins, "torch"} - lane.optional | {*declared}).items())
    digest.update(json.dumps([lane.hosted, environment.version, pinned]).encode())
    return digest.hexdigest()[:16]


def _cells(exercise: str) -> bytes:
    """Return a built notebook without its heading, in which the date of the last run stands."""
    path = library.tree("notebooks") / f"{exercise}.ipynb"
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return b""
    return json.dumps([cell for cell in cells if cell.get("id") != "title"]).encode()
