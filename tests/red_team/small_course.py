"""A course with the small exercise, some real ones and the plain one, in a library of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_library import GRADER, write_small_library

from red_team.plain_course import write_plain_assignment
from shoshin import library
from shoshin.classroom.course import new_course

MOST = 10**9  # the numbers that the cases are drawn from: no two seeds draw the same
REAL = ("models/standardise_without_leakage", "fundamentals/arrays_without_loops", "fundamentals/ab_test",
        "fundamentals/derivatives")  # fmt: skip


def write_course(base: Path, real: tuple[str, ...] = REAL, **limits: float) -> Path:
    """Write base/library, a checkout of its own, and base/course, with `double`, `plain` and the real exercises.

    `limits` are what a submission may use: nobody waits a minute for an endless loop here.
    """
    trees = write_small_library(base / "library")
    shutil.copytree(library.PACKAGE, trees / "src" / "shoshin", ignore=shutil.ignore_patterns("__pycache__"))
    grader = GRADER.replace("integers(3, 100)", f"integers(3, {MOST})")
    grader = grader.replace("@Check\n", "@Check(seconds=2)\n").replace("value=True", "value=True, seconds=2")
    (trees / "graders" / "tiny" / "double.py").write_text(grader, "utf-8")
    for exercise in real:
        for name in ("exercises", "graders"):
            (trees / name / exercise).parent.mkdir(exist_ok=True)
            shutil.copy(library.tree(name) / f"{exercise}.py", (trees / name / exercise).parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "CHECKOUT", trees)
        new_course(base / "course", ["tiny/double", *real])
    write_plain_assignment(base / "course")
    with open(base / "course" / "nbgrader_config.py", "a", encoding="utf-8") as config:
        config.writelines(f"\nc.SubmissionLimits.{name} = {value}\n" for name, value in limits.items())
    return base / "course"


def environment(base: Path, **more: str) -> dict[str, str]:
    """Return the environment of whoever grades: a home of its own, and the library before the installed one."""
    home = base / "home"
    home.mkdir(exist_ok=True)
    names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    own = {name: str(home) for name in names}
    path = f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ.get('PATH', '')}"
    return {
        **os.environ,
        **own,
        "PATH": path,
        "PYTHONPATH": str(base / "library" / "src"),
        "OMP_NUM_THREADS": "1",
        **more,
    }


def python(base: Path, *arguments: str, seconds: float = 900, **more: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the course's folder."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=base / "course",
        env=environment(base, **more),
        capture_output=True,
        text=True,
        timeout=seconds,
    )


GRADE = """
import json, sys
from pathlib import Path
from shoshin.classroom import run
report = run.grade_assignment(Path.cwd(), sys.argv[1], workers=2)
print(json.dumps(report.as_dict(), default=str))
"""


def grade(base: Path, assignment: str, **more: str) -> dict[str, Any]:
    """Grade an assignment by the fast path and return its report."""
    done = python(base, "-c", GRADE, assignment, **more)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def assignments(real: tuple[str, ...] = REAL) -> list[str]:
    return ["double", "plain", *(exercise.partition("/")[2] for exercise in real)]
