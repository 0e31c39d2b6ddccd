"""The course tutorial is run, command by command, as its reader would run it."""

from __future__ import annotations

import csv
import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shoshin.classroom import sandbox
from shoshin.classroom.model import Limits

TUTORIAL = Path(__file__).parents[1] / "docs" / "COURSE.md"


def test_every_command_of_the_course_tutorial_works(tmp_path) -> None:
    if missing := sandbox.missing():
        pytest.fail(f"the tutorial needs a sandbox: {missing[0]}")
    blocks = re.findall(r"```bash\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)
    script = "set -euxo pipefail\n" + "".join(blocks)
    own = str(tmp_path / "own")
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "JUPYTER_CONFIG_DIR": own,
        "JUPYTER_DATA_DIR": own,
        "IPYTHONDIR": own,
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "2 graded" in done.stdout
    course = tmp_path / "my-course"
    for name in ("canvas.csv", "moodle.csv"):
        with (course / name).open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
        found = {student: row for row in rows for student in ("ada", "ben") if student in row}
        assert not any(numbers(found["ada"])), found["ada"]
        assert 10 in numbers(found["ben"]), found["ben"]
    page = course / "feedback" / "ben" / "standardise_without_leakage" / "standardise_without_leakage.html"
    assert "Passed" in page.read_text("utf-8")


def test_the_tutorial_lists_every_limit_with_its_default() -> None:
    listed = re.findall(r"^\| `c\.SubmissionLimits\.(\w+)` \| (\d+) \|", TUTORIAL.read_text("utf-8"), re.MULTILINE)
    assert {name: float(default) for name, default in listed} == dataclasses.asdict(Limits())


def numbers(row: list[str]) -> list[float]:
    return [float(cell) for cell in row if re.fullmatch(r"[0-9.]+", cell)]
