"""What a grader's module answers when it is asked for a name that it does not have."""

from __future__ import annotations

import functools
import sys


class OtherRelease(AttributeError):
    """A sentence for the learner; IPython shows it without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def name_missing_tasks(module: str, exercise: str) -> None:
    """Let a grader's module have `progress`, and say in a sentence that it has no task of any other name."""

    def missing(name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "progress":
            from shoshin.check.progress import state

            return functools.partial(state, exercise)
        raise OtherRelease(
            f"{exercise} has no task {name!r} in the Shoshin that is installed here: this notebook is of another "
            "release. Take today's notebook (`shoshin lab` lays it out); your answers in this one are kept."
        )

    there = sys.modules.get(module)
    if there is not None:
        there.__dict__.setdefault("__getattr__", missing)
