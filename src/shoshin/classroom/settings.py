"""Read a course's nbgrader_config.py, once, as `nbgrader autograde` would when it is run in the course's folder."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties

from shoshin.errors import ShoshinError


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
