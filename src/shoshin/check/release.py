"""Tell a notebook of another release what has happened to its task."""

from __future__ import annotations

import sys


class OtherRelease(AttributeError):
    """A sentence for the learner; IPython shows it without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def name_missing_tasks(module: str, exercise: str) -> None:
    """Let a grader's module say, in a sentence, that it has no task of that name."""

    def missing(name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        raise OtherRelease(
            f"{exercise} has no task {name!r} in the Shoshin that is installed here: this notebook is of another "
            "release. Take today's notebook (`shoshin lab` lays it out); your answers in this one are kept."
        )

    there = sys.modules.get(module)
    if there is not None:
        there.__dict__.setdefault("__getattr__", missing)
