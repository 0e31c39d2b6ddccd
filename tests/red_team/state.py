"""State across tasks: an earlier answer that changes a later one, and time-outs that must not cost the others."""

from __future__ import annotations

from red_team.cells import RIGHT
from red_team.plain_course import POINTS, SOLUTIONS, solved
from red_team.submission import Hostile, add, both, write

WORDS_WITHIN = """
def double(number):
    global words, halve
    words = "twice"
    halve = lambda n: n / 2
    return 0

words = "once"
"""
REDEFINES_LATER = """
import builtins, numpy as np

def double(number):
    return 2 * number

class Watch(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key, "twice" if key == "words" else value)

import sys
sys.modules["__main__"].__dict__.update(words="twice", halve=lambda n: n / 2)
np.testing.assert_equal = None
"""
LOOP = "def double(number):\n    while True:\n        pass"
DEAD = "import os\ndef double(number):\n    os._exit(3)"
LOOP_AT_TOP = "while True:\n    pass"
DIES_AT_TOP = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
BREAKS_GIVEN = """
plt = None
import matplotlib.pyplot
matplotlib.pyplot.plot = None
check = None
def double(number):
    return 2 * number
"""
REPLACES_FETCH = (
    solved("fetch_all")
    + """

def fetch(page):
    raise RuntimeError("the page is gone")
"""
)
CHANGES_ITS_ARGUMENT = """
def centre(x):
    x *= 0
    return x

def clip(values, most):
    for i in range(len(values)):
        values[i] = None
    return None
"""
GROWS_ARGUMENT = """
def clip(values, most):
    try:
        values[:] = values * 3
    except ValueError:
        values.resize((10**6,), refcheck=False)

def centre(x):
    x.dtype = "int8"
    x.setflags(write=False)
    return x
"""
EVERYTHING = {name: points for name, points in POINTS.items()}
SOLVED = {name: solved(name) for name in SOLUTIONS}
LAST_CELL = """
centre = heaviest = square = sum_of_squares = is_leap = Account = clip = None
weights = temperatures = np = pd = fetch = close = assert_allclose = YEARS = None
"""
TICKS = """
ticks = 0

class Counting:
    def __index__(self): return 1
    def __add__(self, other): return self
    def __radd__(self, other): return self
    def __eq__(self, other): return True

def tick():
    global ticks
    ticks = Counting()
"""


def but(*names: str) -> dict[str, float]:
    return {name: points for name, points in EVERYTHING.items() if name not in names}


SUBMISSIONS = (
    Hostile("answers-within", "an answer that defines the others when it is called", "double",
            write(double=WORDS_WITHIN), stock="held"),
    Hostile("defines-later-answers", "an earlier answer that sets the later names, which stay untouched", "double",
            write(double=REDEFINES_LATER), {"double": 2}, stock="held"),
    Hostile("loops-in-a-test", "an endless loop in the first answer; the others are right", "double",
            write(double=LOOP, words=RIGHT["words"], halve=RIGHT["halve"]), {"words": 1, "halve": 1.5}, stock="held"),
    Hostile("dies-in-a-test", "the process ends in the first test; the others are right", "double",
            write(double=DEAD, words=RIGHT["words"], halve=RIGHT["halve"]), {"words": 1, "halve": 1.5},
            stock="stopped"),
    Hostile("loops-at-the-top", "an endless loop in an answer cell; the others are right", "double",
            write(double=LOOP_AT_TOP, words=RIGHT["words"], halve=RIGHT["halve"]), {"words": 1, "halve": 1.5},
            stock="stopped"),
    Hostile("dies-at-the-top", "the process kills itself in an answer cell; the others are right", "double",
            write(double=DIES_AT_TOP, words=RIGHT["words"], halve=RIGHT["halve"]), {"words": 1, "halve": 1.5},
            stock="stopped"),
    Hostile("dies-everywhere", "the process kills itself in every cell of its own", "double",
            both(write(double=DIES_AT_TOP, words=RIGHT["words"]), *[add(DIES_AT_TOP, at=i) for i in (1, 3, 5, 7, 9)]),
            {"words": 1}, stock="stopped"),
    Hostile("breaks-what-is-given", "plt and check broken before the teacher's figure", "double",
            write(double=BREAKS_GIVEN, halve=RIGHT["halve"]), {"double": 2, "halve": 1.5}, stock="unfair"),
    Hostile("redefines-a-helper", "the teacher's helper defined anew after use: the test counts its own", "plain",
            write(fetch_all=REPLACES_FETCH), {"fetch_all": 1}, stock="unfair"),
    Hostile("spoils-arguments", "arguments set to zero and None in place", "plain", write(clip=CHANGES_ITS_ARGUMENT),
            stock="held"),
    Hostile("reshapes-arguments", "arguments made longer, retyped and read-only", "plain", write(clip=GROWS_ARGUMENT),
            stock="held"),
    Hostile("spoils-the-end", "all names set to None in a last cell; everything was right", "plain",
            both(write(**SOLVED), add(LAST_CELL)), EVERYTHING, stock="held"),
    Hostile("lying-state", "a global counter that is equal to everything", "plain", write(tick=TICKS)),
    Hostile("one-loop-among-right", "everything right, but one answer never returns", "plain",
            write(**{**SOLVED, "area": "import math\ndef area(radius):\n    while True: pass"}), but("area"),
            stock="held"),
)  # fmt: skip
