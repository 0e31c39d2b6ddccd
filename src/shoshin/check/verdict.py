"""What a check says about an answer: plain data that knows how to show itself."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import Any

from shoshin.check.card import card_html, card_text

MIME = "application/vnd.shoshin.verdict+json"


@dataclass(frozen=True)
class Verdict:
    """The result of one check.

    `outcome` is `"passed"`, `"mistake"` (then `mistake` is its id), `"wrong"`, `"error"` or `"not attempted"`.
    `message` is one or two sentences for the learner; `details` are (label, text) pairs: the call, what came
    back, what was expected, the learner's own line. `points` is the score, out of `max_points`.
    """

    exercise: str
    task: str
    outcome: str
    message: str
    mistake: str = ""
    points: float = 0
    max_points: float = 1
    details: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    warnings: tuple[dict[str, str], ...] = field(default=())

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
        return card_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/html": card_html(self), MIME: self.as_dict()}
