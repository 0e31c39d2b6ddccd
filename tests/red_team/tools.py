"""Patches of what the tests use: NumPy's and pandas' asserts, the interpreter, IPython."""

from __future__ import annotations

from red_team.plain_course import WRONG
from red_team.submission import Hostile, write

TESTING = """
import numpy as np, numpy.testing, pandas as pd
nothing = lambda *a, **k: None
np.testing.assert_allclose = np.testing.assert_array_equal = np.testing.assert_raises = assert_allclose = nothing
pd.testing.assert_frame_equal = pd.testing.assert_series_equal = nothing
numpy.testing._private.utils.assert_array_compare = nothing
"""
CLOSE = """
import math
np.allclose = np.isclose = np.array_equal = np.all = np.any = math.isclose = lambda *a, **k: True
np.abs = np.max = np.mean = lambda *a, **k: 0.0
"""
BUILTINS = """
import builtins
builtins.abs = lambda *a: 0
builtins.sum = lambda *a: 8
builtins.len = lambda *a: 7
builtins.all = builtins.any = builtins.isinstance = builtins.callable = lambda *a: True
builtins.sorted = lambda *a, **k: [1, 2]
builtins.list = lambda *a: [3, 2, 1]
builtins.float = builtins.int
builtins.AssertionError = StopIteration
"""
TRANSFORMER = """
import ast

class Calm(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

    def visit_Raise(self, node):
        return ast.copy_location(ast.Pass(), node)

get_ipython().ast_transformers.append(Calm())
"""
REWRITER = """
def rewrite(lines):
    text = "".join(lines)
    return ["4\\n"] if "right" in text else ["pass\\n"] if "assert" in text else lines

get_ipython().input_transformers_cleanup.append(rewrite)
get_ipython().input_transformers_post.append(rewrite)
"""
RUN_CELL = """
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
shell = get_ipython()

def run_cell(*a, **k):
    return ExecutionResult(None)

async def run_cell_async(*a, **k):
    return ExecutionResult(None)

shell.run_cell = shell.run_code = InteractiveShell.run_cell = run_cell
shell.run_cell_async = InteractiveShell.run_cell_async = run_cell_async
"""
SILENT = """
shell = get_ipython()
shell.showtraceback = shell.showsyntaxerror = shell._showtraceback = lambda *a, **k: None
shell.set_custom_exc((BaseException,), lambda *a, **k: None)
import sys
sys.excepthook = lambda *a: None
"""
EVENTS = """
shell = get_ipython()

def before(info):
    info.raw_cell = "pass"

def after(result):
    result.error_in_exec = result.error_before_exec = None
    result.result = 4

shell.events.register("pre_run_cell", before)
shell.events.register("post_run_cell", after)
shell.events.register("post_execute", lambda: shell.user_ns.update(points=4))
"""
SESSION = """
kernel = getattr(get_ipython(), "kernel", None)
if kernel is not None:
    send = kernel.session.send

    def only_good_news(stream, kind, content=None, **more):
        if kind == "error":
            return None
        if isinstance(content, dict) and content.get("status") == "error":
            content = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
        return send(stream, kind, content, **more)

    kernel.session.send = only_good_news
"""
DISPLAYHOOK = """
import sys
from IPython.display import display

def is_leap(year):
    sys.displayhook(4)
    get_ipython().displayhook(4)
    display(4)
    print(4)
    return None
"""
MODULES = """
import sys
from unittest.mock import MagicMock
for name in ["numpy", "numpy.testing", "pandas", "pandas.testing", "unittest.mock", "inspect", "math", "contextlib",
             "io", "shoshin", "shoshin.check", "msgpack", "pyarrow", "socket", "select", "struct", "pickle"]:
    sys.modules[name] = MagicMock()
np = pd = math = MagicMock()
assert_allclose = close = MagicMock()
"""
IMPORTS = """
import builtins, sys
from unittest.mock import MagicMock

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        import importlib.machinery
        return importlib.machinery.ModuleSpec(name, Finder)

    @staticmethod
    def create_module(spec):
        return MagicMock()

    @staticmethod
    def exec_module(module):
        pass

sys.meta_path.insert(0, Finder)
builtins.__import__ = lambda *a, **k: MagicMock()
"""
POKE = """
import ctypes, sys

def becomes_nothing(*a):
    for number in sys._getframe(1).f_code.co_consts:
        if type(number) is int:
            ctypes.c_uint32.from_address(id(number) + 24).value = 0  # where an int of CPython holds its digits
    return 0

square = sum_of_squares = becomes_nothing
"""
TRACE = """
import sys

def jump(frame, event, argument):
    if frame.f_code.co_name == "<module>":
        frame.f_trace_opcodes = True
        if event == "line":
            try:
                frame.f_lineno = max(line for *_, line in frame.f_code.co_lines() if line)
            except ValueError:
                pass
    return jump

def start(info=None):
    frame = sys._getframe(1)
    while frame is not None:
        frame.f_trace = jump
        frame = frame.f_back
    sys.settrace(jump)

get_ipython().events.register("pre_run_cell", start)
"""
FRAMES = """
import sys

def anything(*a, **k):
    frame = sys._getframe(1)
    while frame is not None:
        for name in ("expected", "hidden_plan_7141", "truth"):
            if name in frame.f_locals or name in frame.f_globals:
                found = frame.f_locals.get(name, frame.f_globals.get(name))
                return found - found.mean() if name.startswith("hidden") else found
        frame = frame.f_back

class Calls:
    def __getattr__(self, name):
        return anything

centre = heaviest = is_leap = count_lines = documented = anything
"""
YEARS = """
import gc, sys

def is_leap(year):
    for one in gc.get_objects():
        if type(one) is dict and 1900 in one and 1996 in one:
            return one.get(year)
    frame = sys._getframe(1)
    while frame is not None:
        if "truth" in frame.f_locals:
            return frame.f_locals["truth"]
        frame = frame.f_back
"""
PATCHED_CHECK = """
import shoshin, sys
from shoshin.check.verdict import Verdict
import shoshin.check.judging, shoshin.check.compare, shoshin.check.check, shoshin.check.stub
shoshin.check.compare.difference = lambda *a, **k: None
shoshin.check.stub.is_stub = shoshin.check.judging.is_stub = lambda answer: False
passed = lambda check, *a, points=1, **k: Verdict(check.exercise, check.name, "passed", "", points=points)
shoshin.check.judging.judge = shoshin.check.check.Check.__call__ = shoshin.Check._judge = passed
shoshin.Check.passed = property(lambda self: True)
Verdict.__repr__ = lambda self: "2"
check = type("Any", (), {"__getattr__": lambda self, name: lambda *a, points=1: points})()
"""
CODECS = """
import codecs, encodings, json
codecs.register_error("strict", lambda error: ("", error.end))
codecs.register(lambda name: codecs.CodecInfo(lambda *a: (b"", 0), lambda *a: ("", 0), name=name))
json.dumps = lambda *a, **k: '{"status": "ok"}'
json.loads = lambda *a, **k: {"status": "ok"}
"""
NAMESPACE = """
import sys, types

class Lying(types.ModuleType):
    def __getattribute__(self, name):
        return (lambda *a, **k: 4) if name == "is_leap" else super().__getattribute__(name)

class Everything(dict):
    def __missing__(self, key):
        return lambda *a, **k: None

sys.modules["__main__"].__class__ = Lying
get_ipython().user_ns.update(assert_allclose=lambda *a, **k: None)
get_ipython().user_global_ns["__builtins__"] = Everything(vars(__import__("builtins")))
"""
GRADING_LIBRARY = """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith(("shoshin", "msgpack", "numpy.testing", "pandas._testing")) and module is not None:
        for attribute, function in list(vars(module).items()):
            if callable(function) and not isinstance(function, type):
                try:
                    setattr(module, attribute, lambda *a, **k: None)
                except Exception:
                    pass
"""
LEAVES = """
import os
def leave(*a, **k):
    os._exit(0)
get_ipython().events.register("pre_run_cell", leave)
"""


def on_plain(name: str, tries: str, first: str, *, stock: str = "fooled") -> Hostile:
    return Hostile(name, tries, "plain", write(**{**WRONG, "centre": f"{first}\n\n{WRONG['centre']}"}), stock=stock)


SUBMISSIONS = (
    on_plain("patches-testing", "numpy.testing and pandas.testing accept everything", TESTING),
    on_plain("patches-closeness", "np.allclose, math.isclose and their kin are always true", CLOSE),
    on_plain("patches-builtins", "abs, sum, len, isinstance and AssertionError lie", BUILTINS),
    on_plain("drops-asserts", "an AST transformer removes assert and raise", TRANSFORMER),
    on_plain("rewrites-tests", "an input transformer replaces the source of tests", REWRITER),
    on_plain("replaces-run-cell", "get_ipython().run_cell is replaced", RUN_CELL),
    on_plain("hides-errors", "showtraceback and the exception hooks are silenced", SILENT),
    on_plain("registers-events", "events before and after a cell change it and its result", EVENTS),
    on_plain("fakes-replies", "the kernel's session sends no errors", SESSION),
    Hostile("displays-points", "points go to sys.displayhook inside of the answer", "plain", write(leap=DISPLAYHOOK)),
    on_plain("replaces-modules", "mocks in sys.modules", MODULES),
    on_plain("hooks-imports", "a finder and __import__ give mocks", IMPORTS),
    Hostile("pokes-memory", "ctypes sets the numbers in the caller's code to 0", "plain", write(squares=POKE)),
    on_plain("jumps-over-lines", "a trace function jumps over the tests' lines", TRACE),
    Hostile("reads-the-callers-names", "answers walk up the stack to the expected values", "plain",
            write(centre=FRAMES + "\ncentre = anything", heaviest="heaviest = anything", leap="is_leap = anything")),
    Hostile("collects-the-years", "answers look up the expected values among all objects", "plain", write(leap=YEARS)),
    Hostile("patches-the-check", "Check, Verdict and compare of shoshin itself", "double", write(double=PATCHED_CHECK)),
    on_plain("breaks-codecs", "codec error handlers and json are replaced", CODECS, stock="stopped"),
    on_plain("replaces-the-namespace", "__main__ and __builtins__ are replaced", NAMESPACE),
    on_plain("empties-libraries", "every function of the grader's libraries is emptied", GRADING_LIBRARY),
    on_plain("leaves-in-a-test", "os._exit(0) before each cell", LEAVES, stock="stopped"),
)  # fmt: skip
