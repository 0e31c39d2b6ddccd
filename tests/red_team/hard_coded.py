"""Answers that know the public cases by heart, or that notice when they are graded."""

from __future__ import annotations

import zlib

import numpy as np

from red_team.small_course import MOST
from red_team.submission import Hostile, write


def public(case: str) -> int:
    """Return the number that the public seed draws for a case of the small exercise."""
    return int(np.random.default_rng([0, zlib.crc32(case.encode())]).integers(3, MOST))


PUBLIC = f"""
def double(number):
    return {{{public("a_number")}: {2 * public("a_number")}}}.get(number)

def halve(number):
    number_of_the_case = 2 * {public("an_odd_number")} + 1
    return {{number_of_the_case: number_of_the_case / 2}}.get(number)
"""
TRIES_SEEDS = """
def double(number):
    for other in range(2, 200):
        if str(other) == "":
            return other
    return 84
"""
BACKGROUND = """
import os, sys

def graded():
    frames, frame = [], sys._getframe()
    while frame is not None:
        frames.append(frame.f_code.co_filename)
        frame = frame.f_back
    return os.environ.get("NBGRADER_EXECUTION") or any("nbgrader" in name or "shoshin" in name for name in frames)

def double(number):
    return 2 * number if graded() else None

words = "twice" if graded() else "once"

if graded():
    check = type("Check", (), {"__getattr__": lambda self, name: lambda *a, points=1: points})()
"""
STUBS = """
def double(number):
    ...

double.__code__ = (lambda number: None).__code__
double.__name__ = "reference"
double.__module__ = "shoshin.graders.tiny.double"
double.__wrapped__ = __import__("operator").index
words = type("Passed", (), {"passed": True, "points": 1, "__repr__": lambda self: "1"})()
halve = check.halve
"""
CLAIMS_PASSED = """
from shoshin.check.verdict import Verdict
passed = Verdict("tiny/double", "double", "passed", "", points=2, max_points=2)

def double(number):
    return passed

words, halve = passed, lambda number: passed
"""

SUBMISSIONS = (
    Hostile("knows-the-public-cases", "the results of the cases that the public seed draws", "double",
            write(double=PUBLIC)),
    Hostile("guesses", "the same number for every case", "double", write(double=TRIES_SEEDS), stock="held"),
    Hostile("notices-grading", "a fake check where the environment or the stack says that this is grading", "double",
            write(double=BACKGROUND), {"double": 2}),
    Hostile("names-itself-reference", "functions that claim to be the reference; a check as the answer", "double",
            write(double=STUBS), stock="held"),
    Hostile("returns-verdicts", "a verdict of its own as the answer", "double", write(double=CLAIMS_PASSED),
            stock="held"),
)  # fmt: skip
