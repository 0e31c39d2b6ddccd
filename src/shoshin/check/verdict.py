"""What a check says about an answer: plain data that knows how to show itself."""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass, field
from typing import Any

MIME = "application/vnd.shoshin.verdict+json"
# Terminal colours, and characters that move the cursor.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Verdict:
    """The result of one check.

    `outcome` is `"passed"`, `"mistake"` (then `mistake` is its id), `"wrong"`, `"error"` or `"not attempted"`.
    `message` is one or two sentences for the learner; `details` are (label, text) pairs: the call, what came
    back, what was expected, the learner's own line. `points` is the score, out of `max_points`. `note` is a word
    about time.
    """

    exercise: str
    task: str
    outcome: str
    message: str
    mistake: str = ""
    points: float = 0
    max_points: float = 1
    details: tuple[tuple[str, str], ...] = ()
    seconds: float = field(default=0.0, compare=False)
    warnings: tuple[dict[str, str], ...] = field(default=())
    note: str = field(default="", compare=False)

    @property
    def passed(self) -> bool:
        """Whether the answer is correct."""
        return self.outcome == "passed"

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON-ready data."""
        return {**asdict(self), "details": [list(pair) for pair in self.details], "warnings": list(self.warnings)}

    def __repr__(self) -> str:
        # nbgrader takes the plain text of a check cell's result for its score.
        return f"{self.points:g}" if os.environ.get("NBGRADER_EXECUTION") else str(self)

    def __str__(self) -> str:
        from shoshin.check.card import card_text  # a card is drawn when it is shown

        return card_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from shoshin.check.card import card_html

        return {"text/plain": repr(self), "text/html": card_html(self), MIME: self.as_dict()}


def readable(text: str) -> str:
    """Return a text that every file, socket and terminal takes: without control characters and half characters."""
    return CONTROL.sub("", text.encode("utf-8", "backslashreplace").decode("utf-8")).replace("\t", "    ")


def of_points(points: Any) -> float:
    """Return a number of points as Python's own, whatever the author counted them with."""
    return points if type(points) in (int, float) else float(points)
