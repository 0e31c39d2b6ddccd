"""The checking core: what a grader declares, how an answer is judged, what the learner sees.

It needs the standard library and NumPy, nothing else; pandas, torch and SciPy are touched only when an answer
already uses them. It travels inside single-file notebooks.
"""

from shoshin.check.check import Check
from shoshin.check.compare import Compare, difference
from shoshin.check.judge import judge
from shoshin.check.verdict import Verdict

__all__ = ["Check", "Compare", "Verdict", "difference", "judge"]
