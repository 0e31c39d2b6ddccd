"""Names that the tests use, defined anew by the student; and a shoshin of the student's own."""

from __future__ import annotations

from red_team.submission import Hostile, add, both, write

TEACHERS_NAMES = """
class Calm:
    def __enter__(self): return self
    def __exit__(self, *a): return True

nothing = lambda *a, **k: None
assert_allclose = close = fetch = nothing
class np:
    array = zeros = arange = ndarray = float
    class testing: assert_raises = staticmethod(lambda *a: Calm()); assert_allclose = nothing
    class random: default_rng = seed = normal = staticmethod(nothing)
class pd:
    DataFrame = dict
    class testing: assert_frame_equal = staticmethod(nothing)
weights = temperatures = None
YEARS = {}
"""
BUILTINS = """
def sum(*a): return 8
def len(*a): return 7
def abs(*a): return 0
def isinstance(*a): return True
def callable(*a): return True
def list(*a): return [3, 2, 1]
def sorted(*a): return [1, 2]
def next(*a): return 10**9
def str(*a): return "15"
def open(*a): raise SystemExit
def print(*a): raise SystemExit
AssertionError = NameError = ValueError = StopIteration
__builtins__ = {}
__name__ = "tests"
__import__ = None
"""
MODULE_OF_ANSWER = """
class math:
    pi = 0
    isclose = lambda *a: True

def area(radius):
    return 0
"""
MODULE_FOR_SOLUTION = """
import types
math = types.SimpleNamespace(isclose=lambda *a: True, pi=0)

class Area:
    def __call__(self, radius): return self
    def __eq__(self, other): return True

area = Area()
"""
LOCAL_NAMES = """
class Sticky(list):
    def __eq__(self, other): return True
    def append(self, one): pass

some = account = total = expected = fetched = kept = said = steps = Sticky()
right = original = before = 4
def find(): return Sticky()
"""
MUTATES = """
YEARS.clear()
temperatures[:] = 0
weights.drop(weights.index, inplace=True)
np.pi = 0
expected = None
"""
FAKE_SHOSHIN = """
import sys, types

class Passes:
    def __getattr__(self, name): return self
    def __call__(self, *a, points=1, **k): return points
    passed = True

fake = Passes()
for name in ["shoshin", "shoshin.check", "shoshin.graders", "shoshin.graders.tiny", "shoshin.graders.tiny.double"]:
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].double = sys.modules[name].Check = fake
check = fake
"""
REFERENCE = """
import importlib, sys

def reference(name):
    for found in (globals().get("check"), sys.modules.get("shoshin.graders.tiny.double")):
        task = getattr(found, name, None)
        for attribute in ("reference", "__wrapped__", "run", "_known"):
            if callable(getattr(task, attribute, None)):
                return getattr(task, attribute)
    for module in ("shoshin.graders.tiny.double", "graders.tiny.double"):
        try:
            return getattr(importlib.import_module(module), name).reference
        except Exception as error:
            print(type(error).__name__)

double, halve = reference("double"), reference("halve")
words = reference("words")
words = words() if callable(words) else None
"""
ACCEPTED = """
import gc

def found(name):
    for one in gc.get_objects():
        if type(one).__name__ == "Check" and getattr(one, "name", "") == name:
            return one.reference
    for one in gc.get_objects():
        if type(one).__name__ == "function" and one.__module__.startswith("shoshin.graders") and one.__name__ == name:
            return one

double, halve = found("double"), found("halve")
"""
KNOWN = """
from shoshin.graders.tiny import double as check
import itertools

def from_what_is_known(task):
    def answer(number):
        known = task.known(0)
        for value in itertools.chain(known.expected.values(), known.mistaken.values()):
            return value
    return answer

double = from_what_is_known(check.double)
halve = from_what_is_known(check.halve)
words = check.words.known(0).expected.get("")
"""
SOLUTION = """
def double(number):
    return check.double.solution()

words = check.words.solution()
halve = check.halve.solution
"""
CHECK_AGAIN = """
points = 2
class check:
    class double:
        passed = True
        def __new__(cls, *a, points=1): return points
    words = halve = double
"""
DELETES = """
for name in list(globals()):
    if name not in ("check", "double", "In", "Out", "get_ipython", "exit", "quit"):
        del globals()[name]
"""

SUBMISSIONS = (
    Hostile("shadows-the-teacher", "np, pd, assert_allclose, close and the data defined anew", "plain",
            write(draw=TEACHERS_NAMES)),
    Hostile("shadows-builtins", "sum, len, isinstance, … defined in the notebook", "plain", write(first=BUILTINS)),
    Hostile("shadows-a-module", "a fake math where the solution's own import is used by the test", "plain",
            write(area=MODULE_OF_ANSWER)),
    Hostile("shadows-a-module-again", "a fake math made of another kind of object", "plain",
            write(area=MODULE_FOR_SOLUTION)),
    Hostile("shadows-the-tests", "names that the tests bind themselves", "plain", write(first=LOCAL_NAMES),
            stock="held"),
    Hostile("changes-the-data", "the teacher's data emptied in place", "plain", write(first=MUTATES), stock="held"),
    Hostile("fakes-shoshin", "a shoshin of its own in sys.modules, under the teacher's name", "double",
            write(double=FAKE_SHOSHIN)),
    Hostile("takes-the-reference", "the reference of the grader as the answer", "double", write(double=REFERENCE)),
    Hostile("finds-the-reference", "the reference, looked up among all objects", "double",
            both(write(double=ACCEPTED), add(ACCEPTED))),
    Hostile("takes-what-is-known", "the expected results that a check remembers", "double", write(double=KNOWN)),
    Hostile("asks-for-the-solution", "check.double.solution()", "double", write(double=SOLUTION), stock="held"),
    Hostile("is-the-check", "a class named check", "double", write(double=CHECK_AGAIN)),
    Hostile("deletes-names", "every name but the check's deleted, in the first answer", "double",
            write(double=DELETES + "def double(number):\n    return 2 * number"), {"double": 2}, stock="held"),
)  # fmt: skip
