"""What teachers write in test cells scores here what it scores where answer and test share one process."""

from __future__ import annotations

import ast
import asyncio
import inspect
import linecache
import re
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType, SimpleNamespace

import pytest

from shoshin.classroom import sandbox
from shoshin.classroom.blueprint import with_solution
from shoshin.classroom.grading import grade
from shoshin.classroom.model import Asked, Blueprint, Canonical, Cell, Unit
from shoshin.classroom.server import GradingServer

NO_SANDBOX = sandbox.missing()
FULL, NONE = 2.0, 0.0


@pytest.fixture(scope="module")
def server() -> Iterator[GradingServer]:
    with GradingServer(["numpy", "pandas", "sklearn.linear_model", "sklearn.model_selection", "torch"]) as server:
        yield server


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


def family(text: str) -> pytest.MarkDecorator:
    """Return a case for each test cell of a text, and a second one where a wrong answer stands above it.

    A line `# -- title` begins a cell: what is given, an answer, a wrong answer, or a test with its id.
    """
    cells: dict[str, str] = {}
    tests: list[str] = []
    cases = []
    for title, line, lines in re.findall(r"^# -- ([^:\n]*)(?:: (.*))?\n((?:(?!# -- ).*\n?)*)", text, re.MULTILINE):
        if title == "given":
            cells = {}
        if title == "answer":
            cells.pop("wrong", None)
        if title in ("given", "answer", "wrong"):
            cells[title], tests = line + lines, []  # the tests below are those of one notebook
            continue
        given, answer = cells.get("given", ""), cells["answer"]
        tests.append(line + lines)
        cases.append(pytest.param((given, answer, answer, tests, len(tests) - 1, FULL), id=title))
        if "wrong" in cells:
            wrong = (given, answer, cells["wrong"], tests, len(tests) - 1, NONE)
            cases.append(pytest.param(wrong, id=f"{title}, wrong"))
    return pytest.mark.parametrize("case", cases)


@cache
def plainly(given: str, answer: str, *tests: str) -> list[float]:
    """Return the points of each test where all cells run in one namespace, as in stock nbgrader."""
    module = ModuleType("__main__")
    vars(module)["get_ipython"] = lambda: SimpleNamespace(user_ns=vars(module))
    points = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, "__main__", module)
        for number, source in enumerate((given, answer, *tests)):
            name = f"<cell {number}>"
            linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
            code = compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            try:
                result = eval(code, vars(module))
                if code.co_flags & inspect.CO_COROUTINE:
                    asyncio.run(result)
                points.append(FULL)
            except (Exception, pytest.fail.Exception):
                points.append(NONE)
    assert points[:2] == [FULL, FULL], "what is given or the answer raises"
    return points[2:]


@cache
def graded(server: GradingServer, given: str, solution: str, answer: str, *tests: str) -> list[float]:
    """Return the points of each test below a student's answer to a cell with the teacher's solution."""
    asked = [Asked("given", "given", "code", given), with_solution(Asked("a", "answer", "code", ""), solution)]
    asked += [Asked(f"t{number}", "grade", "code", test, FULL) for number, test in enumerate(tests)]
    sources = (given, answer, *tests)
    cells = tuple(Cell(each.id, "code", source, each) for each, source in zip(asked, sources, strict=True))
    unit = Unit("ada", Blueprint("ps", "ps", tuple(asked)), Canonical(cells), seed=7, trusted=bool(NO_SANDBOX))
    return [result.score for result in grade(unit, server).results if result.score is not None]


def agree(
    server: GradingServer, given: str, solution: str, answer: str, tests: list[str], number: int, expected
) -> None:
    assert plainly(given, answer, *tests)[number] == expected, "the case itself is wrong"
    assert graded(server, given, solution, answer, *tests)[number] == expected


@family("""
# -- answer
class Priv:
    def __init__(self, pw): self.__pw = pw
    def check(self, pw): return pw == self.__pw
class Child(Priv): pass
# -- wrong
class Priv:
    def __init__(self, pw): self.pw = pw
    def check(self, pw): return pw == self.pw
class Child(Priv):
    def __init__(self, pw): self.pw = pw
    def check(self, pw): return pw == self.pw
# -- not in vars() of an object: assert "pw" not in vars(Priv("x"))
# -- not in the __dict__ of an object: assert Priv("x").check("x") and "pw" not in Priv("x").__dict__
# -- not in the __dict__ of a class: assert "check" not in Child.__dict__, "inherit, do not copy"
# -- not in vars() of a class: assert issubclass(Child, Priv) and "__init__" not in vars(Child)
# -- answer
def lazy(n): return (i for i in range(n))
# -- wrong
def lazy(n):
    for i in range(n): yield i
# -- not a generator function
import inspect; assert list(lazy(2)) == [0, 1] and not inspect.isgeneratorfunction(lazy)
""")
def test_what_must_not_be_there_is_seen(server, case) -> None:
    agree(server, *case)


@family("""
# -- answer
def order(xs):
    out = []
    for x in xs:
        i = 0
        while i < len(out) and out[i] < x: i += 1
        out.insert(i, x)
    return out
# -- wrong
def order(xs): return sorted(xs)
# -- not in the output of dis
import dis, io; said = io.StringIO(); dis.dis(order, file=said); assert "sorted" not in said.getvalue()
# -- a builtin patched to raise
from unittest.mock import patch
with patch("builtins.sorted", side_effect=AssertionError("no sorted")): assert order([2, 1]) == [1, 2]
# -- a builtin hidden by a function of the test
kept = sorted
def sorted(*a, **k): raise AssertionError("write it yourself")
try: assert order([2, 1]) == [1, 2]
finally: sorted = kept
# -- not in the source: import inspect; assert "sorted" not in inspect.getsource(order)
# -- not in co_names: assert "sorted" not in order.__code__.co_names
""")
def test_a_forbidden_builtin_is_noticed(server, case) -> None:
    agree(server, *case)


@family("""
# -- answer
tmp_list = [1, 2, 3]; total = sum(tmp_list); del tmp_list
# -- wrong
tmp_list = [1, 2, 3]; total = 6
# -- not in globals(): assert "tmp_list" not in globals(), "delete it"
# -- not in dir(): assert total == 6 and "tmp_list" not in dir()
# -- not in vars() and locals(): assert "tmp_list" not in vars() and "tmp_list" not in locals()
# -- not in user_ns: assert "tmp_list" not in get_ipython().user_ns
# -- NameError
try: tmp_list
except NameError: pass
else: raise AssertionError("still there")
""")
def test_a_name_left_over_is_seen(server, case) -> None:
    agree(server, *case)


@family("""
# -- answer
def f(x): return x + 1
total = f(5)
# -- wrong
def g(x): return x + 1
total = None
# -- in globals(): assert "f" in globals() and "total" in globals() and globals()["total"] == 6
# -- in dir(): assert "f" in dir() and total == 6
# -- globals().get: assert globals().get("total") == 6 and globals().get("nobody") is None
# -- called through globals(): assert callable(globals()["f"]) and globals()["f"](1) == 2
# -- a loop over names: for name in ("f", "total"): assert name in globals(), f"{name} is not defined"
# -- __main__: import __main__; assert __main__.f(1) == 2 and hasattr(__main__, "total")
# -- sys.modules: import sys; assert getattr(sys.modules["__main__"], "f")(4) == 5
# -- user_ns: names = get_ipython().user_ns; assert "f" in names and names["total"] == 6
# -- eval: assert all(eval(name) is not None for name in ("f", "total")) and eval("f(1)") == 2
""")
def test_names_are_found_the_ways_teachers_look_for_them(server, case) -> None:
    agree(server, *case)


@family("""
# -- given
import io, unittest; from unittest.mock import patch
def passes(case):
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    return unittest.TextTestRunner(stream=io.StringIO()).run(tests).wasSuccessful()
# -- answer
def root(x): return x ** 0.5
class Dog:
    def sound(self): return "Woof"
    def speak(self): return self.sound() + "!"
# -- wrong
def root(x): return x * 0.5
class Dog:
    def sound(self): return "Woof"
    def speak(self): return "Woof."
# -- an attribute of a TestCase
class Roots(unittest.TestCase):
    root = staticmethod(root)
    def test_nine(self): self.assertEqual(self.root(9), 3)
assert passes(Roots)
# -- a call in a class body
class Case: found = root(16)
assert Case.found == 4
# -- patch.object as a decorator
class Dogs(unittest.TestCase):
    @patch.object(Dog, "sound", return_value="Grr")
    def test_speak(self, sound): self.assertEqual(Dog().speak(), "Grr!"); self.assertEqual(sound.call_count, 1)
assert passes(Dogs)
# -- patch.object and afterwards the method itself
with patch.object(Dog, "sound", return_value="Grr"): assert Dog().speak() == "Grr!"
assert Dog().speak() == "Woof!"
""")
def test_the_students_names_in_class_bodies_and_patches(server, case) -> None:
    agree(server, *case)


@family("""
# -- given
import random, time; import numpy as np; import torch
# -- answer
def dice(n): return [random.randint(1, 6) for _ in range(n)]
def noise(n): return np.random.rand(n)
def waves(n): return torch.randn(n)
def flip(r): return r.random()
def draw(r): return r.rand()
def wait(seconds): time.sleep(seconds)
# -- wrong
own, own_np = random.Random(3), np.random.RandomState(3); own_torch = torch.Generator().manual_seed(3)
def dice(n): return [own.randint(1, 6) for _ in range(n)]
def noise(n): return own_np.rand(n)
def waves(n): return torch.randn(n, generator=own_torch)
flip = draw = wait = lambda r: 0.5
# -- random seeded twice alike
random.seed(1); a = dice(20); random.seed(1); b = dice(20); assert a == b and a != dice(20)
# -- numpy seeded twice alike
np.random.seed(1); a = noise(5); np.random.seed(2); b = noise(5); np.random.seed(1); c = noise(5)
assert np.array_equal(a, c) and not np.array_equal(a, b)
# -- torch seeded twice alike
torch.manual_seed(0); a = waves(3); torch.manual_seed(0); assert torch.equal(a, waves(3))
# -- a random.Random that advances
r, same = random.Random(0), random.Random(0); assert [flip(r), flip(r)] == [same.random(), same.random()]
# -- a RandomState that advances
r, same = np.random.RandomState(0), np.random.RandomState(0)
assert [draw(r) for _ in range(3)] == [same.rand() for _ in range(3)]
# -- patch random.randint
from unittest.mock import patch
with patch("random.randint", side_effect=[1, 2, 3]) as asked: assert dice(3) == [1, 2, 3]
assert asked.call_count == 3
# -- patch time.sleep
from unittest.mock import patch
with patch("time.sleep") as asleep: wait(0.01)
asleep.assert_called_once_with(0.01)
""")
def test_randomness_is_as_in_one_process(server, case) -> None:
    agree(server, *case)


@family("""
# -- answer
import re
class Node:
    def __init__(self, value, next=None): self.value, self.next = value, next
def chain(*values):
    node = None
    for value in reversed(values): node = Node(value, node)
    return node
def find_year(text): return re.search(r"(\\d{4})", text)
# -- wrong
class Node:
    def __init__(self, value, next=None): self.value, self.next = value, next
def chain(*values):
    node = None
    for value in values: node = Node(value, node)
    return node
def find_year(text): return None
# -- while node
node, seen = chain(1, 2, 3), []
while node: seen.append(node.value); node = node.next
assert seen == [1, 2, 3]
# -- if not node
def collect(node):
    if not node: return []
    return [node.value] + collect(node.next)
assert collect(chain(1, 2)) == [1, 2]
# -- an object and its value: assert chain(1, 2) and chain(1, 2).next and chain(1, 2).value == 1
# -- a match: assert find_year("in 1999") and not find_year("long ago")
# -- if not a match
if not find_year("in 1999"): raise AssertionError("no match")
""")
def test_the_truth_of_objects(server, case) -> None:
    agree(server, *case)


@family("""
# -- answer
class Animal:
    def __init__(self, name): self.name = name
class Dog(Animal): pass
class Frog(Animal): pass
def make(kind, name): return {"dog": Dog, "frog": Frog}[kind](name)
def zoo(): return [Dog("a"), Frog("b")]
# -- wrong
class Animal:
    def __init__(self, name): self.name = name
class Dog(Animal): pass
class Frog(Dog): pass
def make(kind, name): return Frog(name)
def zoo(): return [Frog("a"), Frog("b")]
# -- type is: assert type(make("dog", "x")) is Dog
# -- type equals: assert type(make("dog", "x")) == Dog and make("dog", "x").name == "x"
# -- the name of the type: assert [type(each).__name__ for each in zoo()] == ["Dog", "Frog"]
# -- the name of __class__: assert make("dog", "x").__class__.__name__ == "Dog"
# -- a set of types: assert {type(each) for each in zoo()} == {Dog, Frog}
# -- isinstance with a tuple: assert isinstance(zoo()[1], (int, Frog)) and not isinstance(zoo()[1], Dog)
# -- __bases__: assert Frog.__bases__ == (Animal,)
# -- __mro__
assert [each.__name__ for each in Frog.__mro__] == ["Frog", "Animal", "object"] and Frog.mro()[0] is Frog
# -- answer
from abc import ABC, abstractmethod; from enum import Enum
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    def describe(self): return f"area {self.area()}"
class MyList(list):
    def second(self): return self[1]
class Color(Enum): RED = 1; BLUE = 2
# -- wrong
class Shape:
    def area(self): return 0
    def describe(self): return "area"
class MyList:
    def __init__(self, items): self.items = items
    def second(self): return self.items[1]
class Color: RED = 1; BLUE = 2
# -- issubclass ABC: from abc import ABC; assert issubclass(Shape, ABC)
# -- isabstract: import inspect; assert inspect.isabstract(Shape) and Shape.__abstractmethods__ == {"area"}
# -- a class of the test that inherits
class Square(Shape):
    def __init__(self, side): self.side = side
    def area(self): return self.side ** 2
assert Square(3).describe() == "area 9" and isinstance(Square(1), Shape)
# -- isinstance list: assert isinstance(MyList([1]), list) and MyList([1, 2]).second() == 2
# -- isinstance Enum: from enum import Enum; assert isinstance(Color.RED, Enum) and isinstance(Color.RED, Color)
# -- __members__: assert Color.__members__.keys() == {"RED", "BLUE"} and Color.__members__["RED"] is Color.RED
""")
def test_types_and_their_relatives(server, case) -> None:
    agree(server, *case)


@family("""
# -- given
import ast, inspect
# -- answer
def total(xs: list, start: int = 0) -> int: return sum(xs, start)
# -- wrong
def total(xs, start):
    for x in xs: start += x
    return start
# -- getsource: assert "for " not in inspect.getsource(total)
# -- ast of the source
tree = ast.parse(inspect.getsource(total))
assert not any(isinstance(node, (ast.For, ast.While)) for node in ast.walk(tree))
# -- co_names: assert "sum" in total.__code__.co_names
# -- __defaults__: assert total.__defaults__ == (0,)
# -- __annotations__: assert total.__annotations__ == {"xs": list, "start": int, "return": int}
# -- a signature with annotations
signature = inspect.signature(total)
assert list(signature.parameters) == ["xs", "start"] and signature.return_annotation is int
assert signature.parameters["xs"].annotation is list and signature.parameters["start"].default == 0
# -- the text of a signature: assert str(inspect.signature(total)) == "(xs: list, start: int = 0) -> int"
# -- answer
import functools
def f(x): return x
def count(n):
    for i in range(n): yield i
async def later(x): return x
def timed(f):
    @functools.wraps(f)
    def inner(*a): return f(*a)
    return inner
# -- wrong
class F:
    def __call__(self, x): return x
f = F()
def count(n): return list(range(n))
def later(x): return x
def timed(f): return lambda *a: f(*a)
# -- isfunction: assert inspect.isfunction(f) and f(1) == 1
# -- __qualname__: assert f.__qualname__ == "f" and f.__name__ == "f"
# -- isgeneratorfunction: assert inspect.isgeneratorfunction(count)
# -- isgenerator: assert inspect.isgenerator(count(2)) and list(count(2)) == [0, 1]
# -- iscoroutinefunction: assert inspect.iscoroutinefunction(later)
# -- __wrapped__
@timed
def hello(x): return x
assert hello(3) == 3 and hello.__name__ == "hello" and hello.__wrapped__(4) == 4
""")
def test_a_function_may_be_inspected(server, case) -> None:
    agree(server, *case)


@family("""
# -- given
import copy
# -- answer
class Shop:
    def __init__(self): self.count, self.index, self.match = 4, 7, "m"
class Log:
    def __init__(self): self.seen = []
    def __enter__(self): self.seen.append("in"); return self
    def __exit__(self, kind, error, trace):
        self.seen.append(kind.__name__ if kind else "out"); return kind is ValueError
class Money:
    def __init__(self, v): self.v, self.tags = v, []
    def __eq__(self, other): return self.v == other.v
    def __hash__(self): return hash(self.v)
    def __round__(self, n=0): return Money(round(self.v, n))
    def __divmod__(self, n): return Money(self.v // n), self.v % n
    def __lshift__(self, n): return Money(self.v << n)
    def __index__(self): return self.v
    def __iadd__(self, other): self.v += other.v; return self
# -- wrong
class Shop:
    def __init__(self): self.count, self.index, self.match = 5, 8, "n"
class Log:
    def __init__(self): self.seen = []
    def __enter__(self): return self
    def __exit__(self, *error): return False
class Money:
    tags = []
    def __init__(self, v): self.v = v
    def __round__(self, n=0): return Money(self.v)
    def __divmod__(self, n): return self.v // n, 0
    def __lshift__(self, n): return Money(self.v)
    def __index__(self): return 0
    def __iadd__(self, other): return Money(self.v + other.v)
    def __copy__(self): return self
    def __deepcopy__(self, memo): return self
# -- an attribute called count: assert Shop().count == 4
# -- an attribute called index: shop = Shop(); assert shop.index == 7
# -- an attribute called match: assert Shop().match == "m"
# -- a context manager
with Log() as log: assert log.seen == ["in"]
assert log.seen == ["in", "out"]
# -- a context manager that swallows
log = Log()
with log: raise ValueError("swallowed")
assert log.seen == ["in", "ValueError"]
# -- a context manager that lets through
log = Log()
try:
    with log: raise KeyError("k")
except KeyError: pass
assert log.seen[-1] == "KeyError"
# -- round: assert round(Money(1.26), 1).v == 1.3
# -- divmod: whole, rest = divmod(Money(7), 2); assert whole.v == 3 and rest == 1
# -- shift: assert (Money(1) << 3).v == 8
# -- an object as an index: assert [10, 20, 30][Money(1)] == 20
# -- in-place addition keeps the object: a = b = Money(1); a += Money(2); assert a is b and b.v == 3
# -- hashed in a set: assert len({Money(1), Money(1)}) == 1 and Money(1) in {Money(1), Money(2)}
# -- hashed in a dict: assert {Money(1): "a"}[Money(1)] == "a" and hash(Money(3)) == hash(Money(3))
# -- copy: a = Money(1); b = copy.copy(a); assert b is not a and b == a; b.v = 5; assert a.v == 1
# -- deepcopy: a = Money(1); b = copy.deepcopy(a); b.tags.append("x"); assert a.tags == [] and b.tags == ["x"]
# -- an attribute changed in place: a = Money(1); a.tags.append("x"); assert a.tags == ["x"] and Money(1).tags == []
""")
def test_objects_of_the_students_classes(server, case) -> None:
    agree(server, *case)


@family("""
# -- given
import pytest, sys, warnings
# -- answer
from dataclasses import dataclass; from sklearn.linear_model import LinearRegression
class Err(ValueError):
    def __init__(self, code): super().__init__(f"code {code}"); self.code = code
def call(f): return f()
@dataclass(frozen=True)
class Point: x: int
model = LinearRegression()
def old(): warnings.warn("use new", DeprecationWarning); return 1
def moan(text): print("oh", text, file=sys.stderr)
# -- wrong
from sklearn.linear_model import LinearRegression
class Err(KeyError): code = 0
def call(f):
    try: return f()
    except Exception: return None
class Point:
    __init__ = lambda self, x: setattr(self, "x", x)
model = LinearRegression().fit([[1], [2]], [1, 2])
old = moan = lambda *a: 1
# -- an attribute of an exception: assert Err(3).code == 3
# -- the text of an exception: assert str(Err(3)) == "code 3" and Err(3).args == ("code 3",)
# -- an exception raised by the test
try: raise Err(3)
except ValueError as error: assert type(error) is Err and error.code == 3
# -- the test's exception through the student's code
class Own(Exception): pass
def bad(): raise Own("mine")
with pytest.raises(Own, match="mine"): call(bad)
# -- FrozenInstanceError
from dataclasses import FrozenInstanceError
try: Point(1).x = 3
except FrozenInstanceError: pass
else: raise AssertionError("not frozen")
# -- NotFittedError
from sklearn.exceptions import NotFittedError
with pytest.raises(NotFittedError): model.predict([[1]])
# -- pytest.warns: with pytest.warns(DeprecationWarning, match="use new"): assert old() == 1
# -- catch_warnings
with warnings.catch_warnings(record=True) as seen: warnings.simplefilter("always"); old()
assert len(seen) == 1 and issubclass(seen[-1].category, DeprecationWarning) and "new" in str(seen[0].message)
# -- redirect_stderr
import io; from contextlib import redirect_stderr; said = io.StringIO()
with redirect_stderr(said): moan("dear")
assert said.getvalue() == "oh dear\\n"
""")
def test_exceptions_warnings_and_what_is_said_to_stderr(server, case) -> None:
    agree(server, *case)


@family("""
# -- given
import torch; from torch import nn
# -- answer
from collections import defaultdict, deque; from pathlib import Path; from typing import NamedTuple
from sklearn.utils import Bunch; from scipy.optimize import minimize
def group(words):
    found = defaultdict(list)
    for word in words: found[word[0]].append(word)
    return found
def queue(): return deque([1, 2, 3], maxlen=3)
def keys(d): return d.keys()
def values(d): return d.values()
def items(d): return d.items()
class Point(NamedTuple): x: int; y: int = 0
def bunch(): return Bunch(data=[1, 2], target="t")
def best(): return minimize(lambda x: (x[0] - 1) ** 2, [0.0])
param = nn.Parameter(torch.ones(2)); weights = torch.zeros(2, requires_grad=True); device = torch.device("cpu")
path = Path("a") / "b.txt"; kind = int
# -- wrong
def group(words): return {word[0]: [word] for word in words}
keys = values = items = list; queue = bunch = best = lambda: [1, 2, 3]
class Point:
    def __init__(self, x, y=0): self.x, self.y = x, y
param, weights = torch.ones(2), torch.zeros(2); device, path, kind = "cpu", "a/b.txt", "int"
# -- defaultdict
from collections import defaultdict; found = group(["ab", "ac", "b"])
assert isinstance(found, defaultdict) and found["a"] == ["ab", "ac"] and found["zz"] == []
# -- maxlen of a deque: q = queue(); assert q.maxlen == 3; q.append(4); assert list(q) == [2, 3, 4]
# -- dict keys: assert keys({"a": 1}) == {"a"} and "a" in keys({"a": 1})
# -- dict values: assert sorted(values({"a": 2, "b": 1})) == [1, 2] and sum(values({"a": 2})) == 2
# -- dict items: assert items({"a": 1}) == {("a", 1)} and dict(items({"a": 1})) == {"a": 1}
# -- the repr of a NamedTuple: assert repr(Point(1)) == "Point(x=1, y=0)" and Point(1) == (1, 0)
# -- attributes of a Bunch: assert bunch().data == [1, 2] and bunch()["target"] == bunch().target == "t"
# -- attributes of an OptimizeResult
found = best(); assert found.success and abs(found.x[0] - 1) < 1e-3 and abs(found["x"][0] - 1) < 1e-3
# -- nn.Parameter: assert isinstance(param, nn.Parameter) and param.requires_grad and param.sum() == 2
# -- requires_grad: assert weights.requires_grad and weights.is_leaf
# -- torch.device: assert device == torch.device("cpu") and device.type == "cpu"
# -- Path
from pathlib import Path; assert isinstance(path, Path) and path == Path("a/b.txt") and path.name == "b.txt"
# -- int as a value: assert kind is int
""")
def test_kinds_of_values(server, case) -> None:
    agree(server, *case)


@family("""
# -- given
LIMIT = 3; SETTINGS = {"a": 1}; import sqlite3; from unittest.mock import patch; base = sqlite3.connect(":memory:")
base.executescript("create table t(a text); insert into t values ('x'), ('y');")
# -- answer
stock = {"apple": 3}
def sell(what): stock[what] -= 1
def under(x): return x < LIMIT
def setting(): return SETTINGS["a"]
def same(x): return x
def plot(axes): axes.plot([1, 2]); axes.set_title("T")
def rows(base): return base.execute("select count(*) from t").fetchone()[0]
def add(base, text): base.execute("insert into t values (?)", (text,))
# -- wrong
stock = {"apple": 3}
def under(x): return x < 3
sell = setting = plot = rows = add = lambda *a: 1
same = list
# -- a global of the student's changed in place: stock["apple"] = 10; sell("apple"); assert stock["apple"] == 9
# -- a global that the solution reads: LIMIT = 10; assert under(5) and not under(11)
# -- patch.dict
with patch.dict(SETTINGS, {"a": 8}): assert setting() == 8
assert setting() == 1
# -- the same list: l = [1, 2]; assert same(l) is l
# -- a MagicMock as an argument
from unittest.mock import MagicMock; axes = MagicMock(); plot(axes); axes.plot.assert_called_once_with([1, 2])
axes.set_title.assert_called_with("T")
# -- a given connection is read: assert rows(base) == 2
# -- a given connection is written and read: add(base, "z"); assert rows(base) == 3
# -- a connection of the test
own = sqlite3.connect(":memory:"); own.execute("create table t(a text)"); own.execute("insert into t values ('q')")
own.execute("insert into t values ('r')"); assert rows(own) == 2
""")
def test_what_the_test_sets_and_hands_over(server, case) -> None:
    agree(server, *case)


@family("""
# -- given
import torch; from torch import nn; from sklearn.datasets import load_iris; X, y = load_iris(return_X_y=True)
# -- answer
from sklearn.linear_model import LogisticRegression; from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
pipe = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y); lin = nn.Linear(2, 1)
class Net(nn.Module):
    def __init__(self): super().__init__(); self.fc = nn.Linear(2, 1)
    def forward(self, x): return self.fc(x)
net = Net()
def train(model, X, y): model.fit(X, y)
def descend(model, X, y):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(20): optimizer.zero_grad(); ((model(X) - y) ** 2).mean().backward(); optimizer.step()
# -- wrong
from sklearn.linear_model import LinearRegression; from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler; pipe = make_pipeline(StandardScaler(), LinearRegression())
lin = nn.Bilinear(2, 2, 1)
class Net:
    def __call__(self, x): return x
net = Net(); train = descend = lambda *a: 0.0
# -- the type of a last step
from sklearn.linear_model import LogisticRegression; assert type(pipe[-1]) is LogisticRegression
# -- the name of a last step's class: assert pipe[-1].__class__.__name__ == "LogisticRegression"
# -- check_is_fitted: from sklearn.utils.validation import check_is_fitted; check_is_fitted(pipe)
# -- is_classifier: from sklearn.base import is_classifier; assert is_classifier(pipe)
# -- clone
from sklearn.base import clone
assert clone(pipe).fit(X, y).predict(X[:1]).tolist() == [0] and clone(pipe).fit(X, y).score(X, y) > 0.95
# -- cross_val_score
from sklearn.model_selection import cross_val_score; assert cross_val_score(pipe, X, y, cv=3).mean() > 0.9
# -- an estimator fitted in place
from sklearn.neighbors import KNeighborsClassifier; model = KNeighborsClassifier(3); train(model, X, y)
assert model.score(X, y) > 0.9
# -- the type of a module: assert type(lin) is nn.Linear
# -- issubclass nn.Module: assert issubclass(Net, nn.Module)
# -- isinstance nn.Module: assert isinstance(net, nn.Module) and net(torch.zeros(3, 2)).shape == (3, 1)
# -- the types of the children: assert [type(each) for each in net.children()] == [nn.Linear]
# -- a module trained in place
torch.manual_seed(0); model, inputs = nn.Linear(2, 1), torch.randn(20, 2)
goal = inputs @ torch.tensor([[1.0], [2.0]]); before = ((model(inputs) - goal) ** 2).mean().item()
descend(model, inputs, goal); assert ((model(inputs) - goal) ** 2).mean().item() < before
""")
def test_estimators_and_modules(server, case) -> None:
    agree(server, *case)


@family("""
# -- answer
import asyncio
async def double(x): await asyncio.sleep(0); return 2 * x
async def count(n):
    for i in range(n): yield i
def ask(): return int(input("Age? "))
def words(path):
    with open(path) as file: return len(file.read().split())
# -- wrong
async def double(x): return x
async def count(n):
    for i in range(n): yield n
def ask(): return 33.5
def words(path): return 0
# -- await: assert await double(3) == 6
# -- await in a function of the test
async def both(): return [await double(1), await double(2)]
assert await both() == [2, 4]
# -- gather: import asyncio; assert await asyncio.gather(double(1), double(2)) == [2, 4]
# -- async for
async for each in count(1): assert each == 0
# -- an asynchronous comprehension: assert [each async for each in count(3)] == [0, 1, 2]
# -- input bound by the test
input = lambda prompt="": "33"
try: found = ask()
finally: del input
assert found == 33
# -- NamedTemporaryFile
import os, tempfile
with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file: file.write("one two three")
assert words(file.name) == 3; os.remove(file.name)
# -- TemporaryDirectory
import tempfile; from pathlib import Path
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "x.txt"; path.write_text("a b"); assert words(path) == words(str(path)) == 2
""")
def test_await_input_and_temporary_files(server, case) -> None:
    agree(server, *case)


OBJECTS = """
class Money:
    def __init__(self, v): self.v = v
def make(v): return Money(v)
"""


ENDS = {
    "assert make(3).v == 3\nmake(3)": FULL,
    "m = Money(3)\nassert m.v == 3\nm": FULL,
    "assert make(3).v == 3\nmake": FULL,
    "assert make(3).v == 4\nmake(3)": NONE,
    "make(3)": NONE,  # stock nbgrader takes it for full points
    "make": NONE,
}


@pytest.mark.parametrize(("test", "points"), ENDS.items())
def test_a_cell_that_ends_with_an_object_of_the_students(server, test, points) -> None:
    assert graded(server, "", OBJECTS, OBJECTS, test) == [points]
