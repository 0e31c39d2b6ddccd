"""What the learner's commands cost on a long record: 10,000 checks, about two years of evenings.

python bench/journey.py [RECORDS]

Each command is run three times as a learner would, on no record and on the long one; the shortest counts. The promise:
10,000 records cost `shoshin next` less than half a second more than none; starting Python comes on top.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shoshin import library

COMMANDS = (
    ["next"],
    ["plan", "--goal", "fundamentals", "--hours-per-week", "2"],
    ["progress"],
)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        long, none = Path(folder) / "long.jsonl", Path(folder) / "none.jsonl"
        long.write_text("".join(json.dumps(one) + "\n" for one in records(count)), "utf-8")
        print(f"{'command':12}{'no record':>12}{f'{count:,}':>12}{'more':>10}   seconds, wall (and of work)")
        for command in COMMANDS:
            (wall, work), (longer, more) = seconds(command, none), seconds(command, long)
            both = f"{wall:.2f} ({work:.2f})", f"{longer:.2f} ({more:.2f})"
            print(f"{command[0]:12}{both[0]:>12}{both[1]:>14}{longer - wall:>8.2f}")


def records(count: int) -> list[dict[str, object]]:
    """Return the record of somebody who fails two times of three, twenty checks an evening."""
    tasks = [(entry.id, task) for entry in library.entries() for task in entry.tasks]
    begin, found = datetime(2024, 11, 1, 19, 0, tzinfo=UTC), []
    for number in range(count):
        exercise, task = tasks[number // 12 % len(tasks)]
        at = begin + timedelta(days=number // 20, minutes=3 * (number % 20))
        outcome = ("mistake", "wrong", "passed")[number % 3]
        fields = {"v": 1, "at": at.isoformat(), "exercise": exercise, "task": task, "outcome": outcome}
        found.append({**fields, "mistake": "some_mistake" * (outcome == "mistake"), "answer": f"{number:012x}"})
    return found


def seconds(command: list[str], record: Path) -> tuple[float, float]:
    """Return the shortest wall time of three runs, and the processor's time of that run."""
    runs = []
    for _ in range(3):
        before, began = os.times(), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "shoshin.cli", *command],
            env={**os.environ, "SHOSHIN_PROGRESS": str(record)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = os.times()
        work = after.children_user + after.children_system - before.children_user - before.children_system
        runs.append((time.perf_counter() - began, work))
    return min(runs)


if __name__ == "__main__":
    main()
