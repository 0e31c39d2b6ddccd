"""Read a course's nbgrader_config.py, once, as `nbgrader autograde` would when it is run in the course's folder."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
from pathlib import Path
from typing import Any

from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties

from shoshin.classroom.model import Limits
from shoshin.errors import ShoshinError

# Of each limit the least with which an empty submission can be graded, and more than anybody has or can wait for.
BOUNDS = {
    "cell_seconds": (0.1, 86_400),
    "grade_seconds": (0.1, 86_400),
    "total_seconds": (5, 604_800),
    "cpu_seconds": (1, 604_800),
    "memory_mb": (64, 2**22),
    "scratch_mb": (2, 2**20),
    "file_mb": (1, 2**20),
    "processes": (8, 2**16),
    "open_files": (64, 2**16),
    "output_kb": (1, 2**16),
}


def course_settings(course: Path) -> Autograde:
    """Return nbgrader's own converter with the course's settings; its `coursedir` knows the folders and the database.

    Raises:
        ShoshinError: if there is no such folder, or the configuration cannot be read.
    """
    if not course.is_dir():
        raise ShoshinError(f"{course} is not a folder. Name a course; shoshin course new makes one.")
    with contextlib.chdir(course):
        app = AutogradeApp(log_level=logging.ERROR)
        app.raise_config_file_errors = True  # nbgrader would go on without the settings
        try:
            app.initialize([])
            return Autograde(coursedir=app.coursedir, parent=app)
        except (Exception, SystemExit) as error:
            why = str(error) if not isinstance(error, SystemExit) else "nbgrader refuses a value in it"
            raise ShoshinError(
                f"{course}/nbgrader_config.py cannot be read: {type(error).__name__}: {why.splitlines()[0]}\n"
                "Mend it, then run this again; nothing was graded."
            ) from error


def submission_limits(settings: Autograde) -> Limits:
    """Return what a submission may use: `c.SubmissionLimits.cell_seconds = 180` in nbgrader_config.py sets one limit.

    Raises:
        ShoshinError: if there is no limit of that name, or its value is no number within its bounds.
    """
    known: dict[str, type[int] | type[float]] = {
        field.name: float if isinstance(field.default, float) else int for field in dataclasses.fields(Limits)
    }
    chosen: dict[str, Any] = {}
    for name, value in settings.config.get("SubmissionLimits", {}).items():
        if name not in known:
            raise ShoshinError(
                f"c.SubmissionLimits.{name} in nbgrader_config.py: there is no such limit.\n"
                f"There are {', '.join(known)}."
            )
        try:
            chosen[name] = known[name](value)
        except (TypeError, ValueError, OverflowError):
            chosen[name] = 0
        if not (chosen[name] > 0 and math.isfinite(chosen[name])):
            raise ShoshinError(f"c.SubmissionLimits.{name} in nbgrader_config.py: {value!r} is no positive number.")
        least, most = BOUNDS[name]
        if not least <= chosen[name] <= most:
            what = "little" if chosen[name] < least else "much"
            raise ShoshinError(
                f"c.SubmissionLimits.{name} in nbgrader_config.py: {value!r} is too {what}.\n"
                f"Nothing was graded: choose a number between {least:g} and {most:,}."
            )
    return Limits(**chosen)


def late_penalties(settings: Autograde) -> AssignLatePenalties:
    """Return nbgrader's preprocessor for late submissions, with the plugin that the course has chosen.

    Raises:
        ShoshinError: if the plugin cannot be imported.
    """
    try:
        penalties = AssignLatePenalties(parent=settings)
        penalties.init_plugin()
    except Exception as error:
        raise ShoshinError(
            f"the course's plugin for late submissions cannot be used: {error}\n"
            "Mend AssignLatePenalties.plugin_class in nbgrader_config.py, then run this again."
        ) from error
    return penalties
