"""Shoshin: hands-on machine-learning exercises that check themselves."""

from shoshin.check import Check, Compare, Verdict

__all__ = ["Check", "Compare", "Verdict"]
__version__ = "0.1.0"
