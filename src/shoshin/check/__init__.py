"""The checking core: what a grader declares, how an answer is judged, what the learner sees.

It needs the standard library and NumPy, nothing else; pandas, torch and SciPy are touched only when an answer
already uses them. It travels inside single-file notebooks.
"""

from typing import TYPE_CHECKING, Any

from shoshin.check.check import Check
from shoshin.check.rules import Compare
from shoshin.check.verdict import Verdict

if TYPE_CHECKING:
    from shoshin.check.compare import difference
    from shoshin.check.judging import judge

__all__ = ["Check", "Compare", "Verdict", "difference", "judge"]


def __getattr__(name: str) -> Any:
    """Load what only a check needs when the first one runs: a notebook's first import stays quick."""
    if name == "difference":
        from shoshin.check.compare import difference

        return difference
    if name == "judge":
        from shoshin.check.judging import judge

        return judge
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
