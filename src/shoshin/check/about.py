"""What the library says of an exercise: its minutes, its tasks, the author's solutions."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

ABOUT = "about.json"  # beside the package, in a single file
ANSWER = re.compile(r'^# %% answer="([\w-]+)".*?$(.*?)(?=^# %%|\Z)', re.MULTILINE | re.DOTALL)
CHECKED = re.compile(r'^# %% check="([\w-]+)"', re.MULTILINE)
MINUTES = re.compile(r"^# +minutes: (\d+)", re.MULTILINE)
MARKERS = re.compile(r"^\s*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
PLACEHOLDER = re.compile(r"^\w+ = \.\.\..*\n(?=\s*### BEGIN)", re.MULTILINE)


@dataclass(frozen=True)
class About:
    """One exercise: its planned minutes (0: unknown), its tasks in order, and the author's solution of each."""

    minutes: int = 0
    tasks: tuple[str, ...] = ()
    solutions: dict[str, str] = field(default_factory=dict)


@functools.cache
def about(exercise: str) -> About:
    """Return what is known of an exercise; of one that is unknown, nothing."""
    try:
        carried = Path(__file__).resolve().parents[1] / ABOUT
        if carried.exists():
            return About(**json.loads(carried.read_text("utf-8")))
        from shoshin import library

        source = (library.tree("exercises") / f"{exercise}.py").read_text("utf-8")
    except (ImportError, OSError, ValueError, TypeError):
        return About()
    minutes, tasks = MINUTES.search(source), CHECKED.findall(source)
    return About(int(minutes[1]) if minutes else 0, tuple(tasks), solutions(source, tasks))


def solutions(source: str, tasks: list[str]) -> dict[str, str]:
    """Return the code of each task's answer cell in an exercise's source, without the markers around it."""
    found = {}
    for name, text in ANSWER.findall(source):
        if name in tasks:
            found[name] = MARKERS.sub("", PLACEHOLDER.sub("", text)).strip()
    return found
