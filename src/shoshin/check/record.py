"""Append what a check said to the learner's own record, if a file for it is named.

The record stays on the learner's machine and holds outcomes, never code.
"""

from __future__ import annotations

import contextlib
import json
import os
from datetime import UTC, datetime

from shoshin.check.verdict import Verdict

PLACE = "SHOSHIN_PROGRESS"  # the environment variable that names the file
FIELDS = ("exercise", "task", "outcome", "mistake", "points", "max_points")


def record(verdict: Verdict) -> None:
    """Append one line of JSON; nothing happens where no file is named, or where it cannot be written."""
    place = os.environ.get(PLACE)
    if not place:
        return
    seen = {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    line = json.dumps(seen | {field: getattr(verdict, field) for field in FIELDS}, ensure_ascii=False) + "\n"
    with contextlib.suppress(OSError):
        file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(file, line.encode())  # at once, so that two notebooks do not mix their lines
        finally:
            os.close(file)
