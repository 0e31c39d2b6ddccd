"""Test cells run here and the student's code in a process of its own: what crosses, what does not, what is scored."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

import pytest

from shoshin import library
from shoshin.check.check import Check
from shoshin.classroom import given, sandbox
from shoshin.classroom.arm import probes_apart
from shoshin.classroom.blueprint import with_solution
from shoshin.classroom.grading import grade
from shoshin.classroom.model import Asked, Blueprint, Canonical, Cell, Graded, Limits, Unit
from shoshin.classroom.namespace import Namespace
from shoshin.classroom.server import GradingServer
from shoshin.classroom.session import Secret, Session

NO_SANDBOX = sandbox.missing()
GIVEN, ANSWER, TEST = "given", "answer", "grade"


@pytest.fixture(scope="module")
def server() -> Iterator[GradingServer]:
    with GradingServer(["numpy", "pandas"]) as server:
        yield server


def graded(
    server: GradingServer, *cells: tuple[str, str] | tuple[str, str, str], limits: Limits | None = None
) -> Graded:
    """Grade a notebook of (role, source) cells; an answer's names are those that it binds, or the third item."""
    asked, handed_in = [], []
    for number, (role, source, *names) in enumerate(cells):
        bound = {name for statement in given.parsed(source) or [] for name in given.bound(statement)}
        wanted = tuple(names[0].split()) if names else tuple(sorted(bound))
        found = with_solution(Asked("", ANSWER, "code", source), source)
        cell = Asked(f"c{number}", role, "code", source, 2.0 if role == TEST else 0.0, names=wanted)
        if role == ANSWER and not names:
            cell = replace(cell, classes=found.classes, comparable=found.comparable, imports=found.imports)
            cell = replace(cell, reads=found.reads)
        asked.append(cell)
        handed_in.append(Cell(f"c{number}", "code", source, cell))
    blueprint = Blueprint("ps", "ps", tuple(asked))
    unit = Unit(
        "ada", blueprint, Canonical(tuple(handed_in)), seed=7, limits=limits or Limits(), trusted=bool(NO_SANDBOX)
    )
    return grade(unit, server)


def scores(*arguments: object, **options: object) -> list[float]:
    found = graded(*arguments, **options)  # type: ignore[arg-type]
    return [result.score for result in found.results if result.score is not None]


def test_a_plain_assert_cell_works_unchanged(server) -> None:
    answer = "import numpy as np\ndef halves(values):\n    return np.asarray(values) / 2"
    test = "import numpy as np\nnp.testing.assert_allclose(halves([2, 4]), [1, 2])\nassert halves([2]).shape == (1,)"
    assert scores(server, (ANSWER, answer), (TEST, test), (TEST, "assert halves([2])[0] == 3")) == [2, 0]


def test_deleting_a_name_and_putting_it_back_reaches_the_students_code(server) -> None:
    answer = "def squares(n): return [i**2 for i in range(n)]\ndef total(n): return sum(squares(n))"
    test = (
        "kept = squares\ndel squares\ntry:\n    total(3)\nexcept NameError:\n    pass\n"
        "else:\n    raise AssertionError('total does not use squares')\nfinally:\n    squares = kept"
    )
    assert scores(server, (ANSWER, answer), (TEST, test), (TEST, "assert total(3) == 5")) == [2, 2]
    lone = answer.replace("sum(squares(n))", "5")
    assert scores(server, (ANSWER, lone), (TEST, test), (TEST, "assert total(3) == 5")) == [0, 2]


def test_the_teachers_names_are_the_teachers_whatever_the_student_binds(server) -> None:
    spoilt = "np = check_same = len = sorted = print = lambda *a, **k: True\nDATA = []\ndef f(x): return 0"
    cells = [(GIVEN, "import numpy as np\nDATA = [1, 2]\ndef check_same(a, b):\n    assert np.allclose(a, b)")]
    cells += [(ANSWER, spoilt, "f"), (TEST, "check_same(f(1), 1)"), (TEST, "assert len(DATA) == 2\nassert f(3) == 3")]
    assert scores(server, *cells) == [0, 0]


def test_a_student_may_write_a_function_with_the_name_of_a_builtin(server) -> None:
    assert scores(server, (ANSWER, "def sum(values): return 42"), (TEST, "assert sum([1]) == 42")) == [2]


@pytest.mark.parametrize(
    "trick",
    [
        "class Yes:\n    def __eq__(self, other): return True\n    def __bool__(self): return True\nanswer = Yes()",
        "class Yes(int):\n    __eq__ = lambda self, other: True\n    __hash__ = int.__hash__\nanswer = Yes(7)",
        "class Zero:\n    def __sub__(self, o): return 0\n    __rsub__ = __sub__\n"
        "    def __abs__(self): return 0\nanswer = Zero()",
        "from unittest.mock import MagicMock\nanswer = MagicMock()",
        "import numpy as np\nclass A(np.ndarray):\n    def __eq__(s, o): return True\nanswer = np.zeros(1).view(A)",
        "class Known:\n    def __getattr__(self, name): return lambda *a: True\nanswer = Known()",
    ],
)
@pytest.mark.parametrize("test", ["assert answer == 3", "assert abs(answer - 3) < 1e-9", "assert answer in {3}"])
def test_an_object_that_agrees_with_everything_earns_nothing(server, trick, test) -> None:
    assert scores(server, (ANSWER, trick, "answer"), (TEST, test)) == [0]


def test_what_the_test_makes_with_a_class_of_the_task_may_be_compared(server) -> None:
    answer = (
        "class Money:\n    def __init__(self, cents): self.cents = cents\n"
        "    def __eq__(self, other): return self.cents == getattr(other, 'cents', other)\n"
        "    def __add__(self, other): return Money(self.cents + other.cents)\n"
        "    def __mul__(self, times): return Money(self.cents * times)\n"
        "    def __repr__(self): return f'Money({self.cents})'"
    )
    test = (
        "m = Money(3)\nassert m == 3 and not m == 4\nassert m + m == Money(6)\nassert (m * 2).cents == 6\n"
        "assert isinstance(m, Money)\nassert repr(m) == 'Money(3)'\nm.cents = 5\nassert m == 5"
    )
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


def test_what_a_function_does_to_its_arguments_is_seen_by_the_test(server) -> None:
    answer = "def sort(l): l.sort()\ndef fill(a): a[:] = 7\ndef add(d): d['new'] = 1\n"
    answer += "def drop(t): t.drop(columns='a', inplace=True)"
    test = (
        "import numpy as np, pandas as pd\nl, a, d, t = [3, 1], np.zeros(2), {}, pd.DataFrame({'a': [1], 'b': [2]})\n"
        "sort(l), fill(a), add(d), drop(t)\nassert l == [1, 3] and a.tolist() == [7, 7]\n"
        "assert d == {'new': 1} and list(t) == ['b']"
    )
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


def test_functions_of_the_test_may_be_handed_over(server) -> None:
    answer = "def apply(f, x): return f(x)\ndef twice(f): return lambda x: f(f(x))"
    test = (
        "seen = []\ndef note(x):\n    seen.append(x)\n    return x + 1\n"
        "assert apply(lambda x: x * 2, 4) == 8\nassert apply(note, 1) == 2 and seen == [1]\nassert twice(note)(1) == 3"
    )
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


def test_generators_named_tuples_counters_and_own_exceptions_cross(server) -> None:
    answer = (
        "from collections import Counter, namedtuple\nPoint = namedtuple('Point', 'x y')\n"
        "def count(n):\n    yield from range(n)\ndef point(): return Point(1, 2)\n"
        "def words(t): return Counter(t.split())\nclass Empty(ValueError):\n    left = 0\n"
        "def pop():\n    error = Empty('nothing there')\n    error.left = 7\n    raise error"
    )
    test = (
        "assert list(count(3)) == [0, 1, 2]\nassert point() == (1, 2) and point().y == 2\n"
        "assert words('a b a') == {'a': 2, 'b': 1} and words('a').most_common() == [('a', 1)]\n"
        "try:\n    pop()\nexcept Empty as error:\n    assert 'nothing' in str(error) and error.left == 7\n"
        "else:\n    raise AssertionError\n"
        "try:\n    pop()\nexcept ValueError:\n    pass"
    )
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


@pytest.mark.parametrize(
    ("last", "score"), [("0.5", 0.5), ("2", 2), ("3", 0), ("-1", 0), ("float('nan')", 0), ("10**400", 0), ("'x'", 2)]
)
def test_the_last_line_of_a_test_may_be_a_number_of_points(server, last, score) -> None:
    found = graded(server, (ANSWER, "x = 1"), (TEST, f"assert x == 1\n{last}"))
    assert found.results[1].score == score
    assert bool(found.attention) == (last in ("3", "-1", "float('nan')", "10**400"))


def test_a_numpy_number_is_a_score_too_and_an_object_of_the_students_is_none(server) -> None:
    assert scores(server, (ANSWER, "x = 1"), (TEST, "import numpy as np\nnp.float64(0.5) * x")) == [0.5]
    yes = "class Two:\n    def __repr__(self): return '2'\nx = Two()"
    assert scores(server, (ANSWER, yes, "x"), (TEST, "x")) == [0]


def test_a_warning_and_a_print_cost_nothing(server) -> None:
    answer = "import sys, warnings\ndef f():\n    warnings.warn('old')\n    print('0', file=sys.stderr)\n"
    answer += "    print(0)\n    return 1"
    found = graded(
        server, (ANSWER, answer), (TEST, "import warnings\nwarnings.warn('mine')\nprint(0)\nassert f() == 1")
    )
    assert (found.results[1].score, found.results[1].outputs) == (2, ())


def test_a_class_where_a_function_is_asked_for_decides_nothing(server) -> None:
    trick = "class square:\n    def __init__(self, x): pass\n    def __eq__(self, other): return True\n"
    trick += "    def __sub__(self, other): return 0\n    def equals(self, other): return True"
    assert scores(
        server, (ANSWER, trick, "square"), (TEST, "assert square(3) == 9"), (TEST, "square(3) - 9 or 1 / 0")
    ) == [0, 0]
    assert scores(server, (ANSWER, trick, "square"), (TEST, "assert square(3).equals(9)")) == [0]


def test_what_the_solution_imports_is_not_the_students_to_make(server) -> None:
    asked = Asked("a", ANSWER, "code", "", names=("math", "root"), imports="import math")
    test = Asked("t", TEST, "code", "assert math.isclose(root(4), 2)", 1.0)
    fake = "class math:\n    isclose = staticmethod(lambda *a: True)\ndef root(x): return 7"
    cells = (Cell("a", "code", fake, asked), Cell("t", "code", test.source, test))
    unit = Unit("ada", Blueprint("ps", "ps", (asked, test)), Canonical(cells), trusted=bool(NO_SANDBOX))
    assert grade(unit, server).results[1].score == 0


@pytest.mark.parametrize("end", ["import os; os._exit(0)", "a = []; a.append(a); return a", "return 10 ** 10 ** 6"])
def test_the_end_of_the_process_is_not_the_error_that_a_test_waits_for(server, end) -> None:
    test = "try:\n    f(1)\nexcept Exception:\n    pass\nelse:\n    raise AssertionError"
    assert scores(server, (ANSWER, f"def f(x):\n    {end}"), (TEST, test)) == [0]


def test_identity_printing_signature_and_seeds_work_as_in_one_process(server) -> None:
    answer = (
        "import numpy as np\nclass Account:\n    def add(self, n): return self\ndef greet(name='you'):\n"
        "    'Say hello.'\n    print('hello', name)\ndef noise(): return np.random.rand()"
    )
    test = (
        "import contextlib, inspect, io\nimport numpy as np\na = Account()\nassert a.add(5).add(5) is a\n"
        "out = io.StringIO()\nwith contextlib.redirect_stdout(out):\n    greet('Ada')\n"
        "assert out.getvalue() == 'hello Ada\\n'\nassert greet.__doc__ == 'Say hello.' and greet.__name__ == 'greet'\n"
        "assert inspect.signature(greet).parameters['name'].default == 'you'\n"
        "np.random.seed(3)\nassert noise() == np.random.RandomState(3).rand()"
    )
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


def test_a_given_helper_that_a_test_replaces_is_replaced_for_the_student_too(server) -> None:
    given_ = (GIVEN, "def fetch(n): return n")
    test = "kept, calls = fetch, []\ndef fetch(n):\n    calls.append(n)\n    return kept(n)\n"
    test += "assert fetch_all([1, 2]) == [1, 2] and calls == [1, 2]"
    assert scores(server, given_, (ANSWER, "def fetch_all(ns): return [fetch(n) for n in ns]"), (TEST, test)) == [2]


def test_after_a_dead_process_and_after_an_endless_loop_later_tasks_keep_their_points(server) -> None:
    cells = [(ANSWER, "def first(): return 1"), (ANSWER, "import os\ndef dies(): os._exit(3)")]
    cells += [
        (TEST, "assert dies() == 1"),
        (TEST, "assert first() == 1"),
        (ANSWER, "while True: pass"),
        (ANSWER, "b = 2"),
    ]
    cells += [(TEST, "assert b == 2 and first() == 1")]
    found = graded(server, *cells, limits=Limits(cell_seconds=1))
    assert [result.score for result in found.results if result.score is not None] == [0, 2, 2]
    assert any("ended the process" in line for line in found.attention)


def test_nothing_of_the_test_is_in_the_students_process(server) -> None:
    spy = (
        "import gc\ndef f(x):\n    texts = [o for o in gc.get_objects() if type(o) is dict and 'expected' in o]\n"
        "    return len(texts)"
    )
    test = "expected = 4711\nassert f(1) == 0, 'the test can be seen'"
    assert scores(server, (ANSWER, spy), (TEST, test)) == [2]


def test_a_name_that_a_test_binds_is_not_handed_to_a_student_who_waits_for_it(server) -> None:
    wait = "expected = None\ndef f(x): return expected"
    assert scores(server, (ANSWER, wait, "f"), (TEST, "expected = 4711\nassert f(1) == expected")) == [0]


@pytest.mark.parametrize("exercise", library.ids("graders"))
def test_no_probe_takes_its_reference_to_the_students_process(exercise) -> None:
    if reason := library.lacking(exercise):
        pytest.skip(reason)
    module = importlib.import_module(f"shoshin.graders.{exercise.replace('/', '.')}")
    session = Session("", (), Limits(), trusted=True)
    for check in [each for each in vars(module).values() if isinstance(each, Check)]:
        apart = f"{check.exercise}:{check.name}" in probes_apart()
        if not check.value and not apart:  # a value's probe runs in a process without the student's code
            assert session.dump(check.run)


def test_what_knows_the_right_answer_is_not_sent() -> None:
    from shoshin.graders.fundamentals import arrays_without_loops as grader

    session = Session("", (), Limits(), trusted=True)
    for secret in (grader.fade, grader.read_fade, *grader.fade.mistakes.values(), grader.fade.reference):
        with pytest.raises(Secret, match="fade"):
            session.dump(secret)


def test_what_a_grader_has_found_out_meanwhile_is_not_sent(server) -> None:
    name = "shoshin.graders.tiny_memory"
    module = ModuleType(name)
    source = """
from shoshin import Check

FOUND = {}

@Check
def double(x): return 2 * x

@double.case
def small(rng): return int(rng.integers(10))

@double.probe
def look(answer, x): return FOUND.setdefault((answer.__module__, x), answer(x))

@Check
def triple(x): return 3 * x

triple.case(small)

@triple.probe
def look_too(answer, x): return answer(x) + 0 * len(FOUND)
"""
    spies = f"""
import gc
def double(x): return x + x
def triple(x):
    known = [each for each in gc.get_objects() if type(each) is dict and any(key[:1] == ("{name}",)
             for key in list(each) if type(key) is tuple)]
    return x + x + x + len(known)
"""
    sys.modules[name] = module
    try:
        exec(source, vars(module))
        graders = (GIVEN, f"from {name} import double as check_double, triple as check_triple")
        tests = [(TEST, "check_double(double, points=2)"), (TEST, "check_triple(triple, points=2)")]
        assert scores(server, graders, (ANSWER, spies), *tests) == [2, 2]
        assert module.FOUND  # the references were tried here
    finally:
        del sys.modules[name]


def test_without_a_sandbox_nothing_is_graded_unless_the_students_are_trusted(server, monkeypatch) -> None:
    from shoshin.classroom.model import CannotGrade

    monkeypatch.setattr(sandbox, "missing", lambda: ["User namespaces are switched off here."])
    blueprint = Blueprint("ps", "ps", ())
    with pytest.raises(CannotGrade, match="switched off"):
        grade(Unit("ada", blueprint, Canonical(())), server)
    assert "trusted" in grade(Unit("ada", blueprint, Canonical(()), trusted=True), server).sandbox


CLASSES = """\
import abc, enum
from collections import namedtuple
from dataclasses import dataclass
@dataclass(frozen=True)
class Point:
    x: float
    y: float
Span = namedtuple("Span", "first last")
class Colour(enum.Enum):
    RED = 1
    GREEN = 2
class Node:
    __slots__ = ("item", "rest")
    def __init__(self, item, rest=None):
        self.item, self.rest = item, rest
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
class Account:
    def __init__(self):
        self.entries = []
"""
WITH_CLASSES = """\
def mirror(point): return Point(-point.x, point.y)
def span(values): return Span(min(values), max(values))
def other(colour): return Colour.GREEN if colour is Colour.RED else Colour.RED
def push(node, item): return Node(item, node)
def ring():
    node = Node(1)
    node.rest = node
    return node
class Square(Shape):
    def __init__(self, side): self.side = side
    def area(self): return self.side ** 2
def pay(account, amount): account.entries.append(amount)
"""


@pytest.mark.parametrize(
    "test",
    [
        "assert mirror(Point(1, 2)) == Point(-1, 2) and isinstance(mirror(Point(0, 0)), Point)",
        "assert mirror(mirror(Point(3, 4))).x == 3 and mirror(Point(1, 2)) != Point(1, 2)",
        "assert span([3, 1]) == (1, 3) == Span(1, 3) and span([5]).last == 5 and type(span([5])) is Span",
        "assert other(Colour.RED) is Colour.GREEN and other(other(Colour.RED)) is Colour.RED",
        "found = push(push(None, 1), 2)\nassert (found.item, found.rest.item, found.rest.rest) == (2, 1, None)",
        "found = push(Node(1), 2)\nassert type(found) is Node and found.rest.item == 1",
        "round = ring()\nassert round.rest is round",
        "assert isinstance(Square(3), Shape) and Square(3).area() == 9",
        "found = push(None, 1)\npush(found, 2)\nassert found.item == 1 and found.rest is None",
        "account = Account()\npay(account, 5)\npay(account, 7)\nassert account.entries == [5, 7]",
    ],
)
def test_instances_of_classes_that_the_teacher_gives_cross_both_ways(server, test) -> None:
    assert scores(server, (GIVEN, CLASSES), (ANSWER, WITH_CLASSES), (TEST, test)) == [2]


@pytest.mark.parametrize(
    "answer",
    [
        "class Point:\n    def __eq__(self, other): return True\n    x = -1\ndef mirror(point): return Point()",
        "class Liar(Point):\n    def __init__(self): pass\n    def __eq__(self, other): return True\n"
        "def mirror(point): return Liar()",
        "Point.__eq__ = lambda self, other: True\ndef mirror(point): return point",
        "def mirror(point):\n    import gc\n    found = Point(0, 0)\n    object.__setattr__(found, '__class__', int)\n"
        "    return found",
    ],
)
def test_what_only_looks_like_an_instance_of_a_given_class_earns_nothing(server, answer) -> None:
    test = "assert mirror(Point(1, 2)) == Point(-1, 2)"
    assert scores(server, (GIVEN, CLASSES), (ANSWER, answer, "mirror"), (TEST, test)) == [0]


def test_an_object_of_a_given_class_has_the_methods_of_the_teachers_class_only(server) -> None:
    given = "class Box:\n    def __init__(self): self.items = []\n    def is_full(self): return len(self.items) > 2"
    answer = "def fill(n):\n    box = Box()\n    box.items += [0] * n\n    return box"
    hostile = "def fill(n):\n    box = Box()\n    box.is_full = lambda: True\n    return box"
    test = "assert fill(3).is_full()"
    assert scores(server, (GIVEN, given), (ANSWER, answer, "fill"), (TEST, test)) == [2]
    assert scores(server, (GIVEN, given), (ANSWER, hostile, "fill"), (TEST, test)) == [0]


def test_a_replaced_input_that_the_student_keeps_asks_nobody_later(server) -> None:
    answer = (
        "kept = []\nimport builtins\ndef ask():\n    kept.append(builtins.input)\n    return int(input())\n"
        "def again():\n    try:\n        return kept[0]()\n    except EOFError:\n        return 'nobody'"
    )
    first = "from unittest.mock import patch\nwith patch('builtins.input', return_value='7'):\n    assert ask() == 7"
    tests = ((TEST, first), (TEST, "assert again() == 'nobody'"))
    assert scores(server, (ANSWER, answer, "ask again"), *tests) == [2, 2]


def test_input_that_a_test_replaces_is_replaced_for_the_student_and_comes_back(server) -> None:
    answer = "def ask():\n    return int(input('a number: ')) + 1\ndef greet(): print('Hello', end='!')"
    tests = [
        "from unittest.mock import patch\nwith patch('builtins.input', return_value='7') as asked:\n"
        "    assert ask() == 8\nasked.assert_called_once_with('a number: ')",
        "import io, sys\nbefore, sys.stdin = sys.stdin, io.StringIO('3\\n4\\n')\n"
        "try:\n    assert (ask(), ask()) == (4, 5)\nfinally:\n    sys.stdin = before",
        "from unittest.mock import patch\nwith patch('builtins.print') as said:\n    greet()\n"
        "said.assert_called_once_with('Hello', end='!')\n",
        "try:\n    ask()\nexcept (EOFError, OSError, RuntimeError):\n    pass\nelse:\n    assert False",
    ]
    assert scores(server, (ANSWER, answer), *((TEST, test) for test in tests)) == [2] * 4


def test_files_that_a_test_writes_are_there_for_the_student_and_nothing_comes_back(server) -> None:
    answer = (
        "def lines(path):\n    with open(path) as file: return len(file.readlines())\n"
        "def save(path):\n    with open(path, 'w') as file: file.write('evil = 1')"
    )
    tests = [
        "import os\nos.mkdir('deep')\nfor name in ('three.txt', 'deep/three.txt'):\n    with open(name, 'w') as file:\n"
        "        file.write('a\\nb\\nc\\n')\n    assert lines(name) == 3",
        "with open('three.txt', 'a') as file: file.write('d')\nassert lines('three.txt') == 4",
        "import os\nos.remove('three.txt')\ntry:\n    lines('three.txt')\nexcept FileNotFoundError: pass\n"
        "else: assert False",
        "save('numbers.py')\nimport os\nassert not os.path.exists('numbers.py')",
    ]
    assert scores(server, (ANSWER, answer), *((TEST, test) for test in tests)) == [2] * 4


# Objects that only claim to be what a test waits for.


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        (
            "class A:\n    def __init__(self, b=0): pass\n    balance = property(lambda self: self)\n",
            "A(3).balance == 4",
        ),
        ("class A:\n    def __init__(self, b=0): pass\n    def pop(self): return self\n", "A().pop() == 7"),
        ("class A:\n    def __init__(self, b=0): pass\n    def __getitem__(self, n): return self\n", "A()[0] == 3"),
        ("class A:\n    def __init__(self, b=0): pass\n    def __abs__(self): return self\n", "abs(A()) == 3"),
        ("class A:\n    def __init__(self, b=0): pass\n    def add(self, n): return self\n", "A().add(3) - 3 == 0"),
    ],
)
@pytest.mark.parametrize("own", ["", "    def __eq__(self, other): return self.b == other.b\n"])
def test_what_the_students_code_hands_back_of_the_tests_own_objects_is_no_value(server, answer, test, own) -> None:
    trick = f"{answer}    def __eq__(self, other): return True\n    def __sub__(self, other): return self\n"
    solution = f"class A:\n    def __init__(self, b=0): self.b = b\n{own}"
    found = with_solution(Asked("", ANSWER, "code", ""), solution)
    asked = [replace(found, id="c0"), Asked("c1", TEST, "code", f"assert {test}", 2.0)]
    handed_in = (Cell("c0", "code", trick, asked[0]), Cell("c1", "code", asked[1].source, asked[1]))
    unit = Unit("ada", Blueprint("ps", "ps", tuple(asked)), Canonical(handed_in), trusted=bool(NO_SANDBOX))
    assert grade(unit, server).results[1].score == 0


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        (
            "class L:\n    def __len__(self): return 3\n    def __iter__(self): return iter(())\nfound = L()",
            "assert len(found) == 3\nfor a, b in zip(found, [3, 6, 9]):\n    assert a == b",
        ),
        (
            "class A:\n    flat = []\nA.__module__, A.__qualname__ = 'numpy', 'ndarray'\ndef found(n): return A()",
            "import pytest\nassert found(3) == pytest.approx(9)",
        ),
        (
            "def found(n): return object()",
            "import numpy as np\nwith np.testing.assert_raises(TypeError):\n    found('3') + 1",
        ),
        ("def found(n): return object()", "try:\n    found(3) + 1\nexcept Exception:\n    pass"),
        (
            "class T:\n    def __enter__(self): return self\n    def __exit__(self, *e): return True\n"
            "    def f(self): raise ValueError\nfound = T()",
            "with found as t:\n    x = t.f()\n    assert x == 3",
        ),
        (
            "import numpy as np\ndef found(n): return np.array([True, True])",
            "right = sum(found(year) == True for year in (1, 2, 3))\nright / 4",
        ),
        (
            "from shoshin.check.verdict import Verdict\nclass V: points = 2\n"
            "V.__module__, V.__qualname__ = 'shoshin.check.verdict', 'Verdict'\ndef found(n): return V()",
            "found(1)",
        ),
    ],
)
def test_what_disagrees_with_itself_or_claims_to_be_something_else_earns_nothing(server, answer, test) -> None:
    assert scores(server, (ANSWER, answer, "found"), (TEST, test)) == [0]


def test_a_method_of_a_given_class_cannot_be_hidden_by_the_fields_of_an_object(server) -> None:
    given = (
        "import functools\nclass Plan:\n    def __init__(self, steps): self.steps = steps\n"
        "    def is_valid(self): return bool(self.steps)\n    @functools.lru_cache\n    def total(self): return 3\n"
        "    @functools.cached_property\n    def size(self): return len(self.steps)"
    )
    hostile = [
        "def plan(n):\n    p = Plan([])\n    p.__dict__['__dict__'] = {'is_valid': lambda: True}\n    return p",
        "def plan(n):\n    p = Plan([])\n    p.__dict__['total'] = p.__dict__['is_valid'] = lambda: True\n    return p",
        "def plan(n):\n    p = Plan([])\n    p.__dict__['size'] = 2\n    return p",
    ]
    test = "p = plan(2)\nassert p.size == 2 and p.is_valid() and p.total() == 3"
    for answer in hostile:
        assert scores(server, (GIVEN, given), (ANSWER, answer, "plan"), (TEST, test)) == [0]
    assert scores(server, (GIVEN, given), (ANSWER, "def plan(n): return Plan([n, n])"), (TEST, test)) == [2]


@pytest.mark.parametrize(
    ("given", "lie", "test"),
    [
        ("from math import *", "isclose = lambda *a: True; pi = 3", "assert isclose(area(2), 4 * pi)"),
        (
            "%%capture\nfrom numpy.testing import assert_allclose\nTOL = 1e-6",
            "assert_allclose = lambda *a, **k: None; TOL = 1e9",
            "assert_allclose(area(2), 12.566370614, atol=TOL)",
        ),
        (
            "exec('def near(a, b): return abs(a - b) < 1e-6')",
            "near = lambda *a: True",
            "assert near(area(2), 12.5663706)",
        ),
    ],
)
def test_what_the_teachers_cells_bind_without_naming_it_is_not_the_students(server, given, lie, test) -> None:
    honest, hostile = "import math\ndef area(r): return math.pi * r * r", f"{lie}\ndef area(r): return 0"
    assert scores(server, (GIVEN, given), (ANSWER, honest, "area"), (TEST, test)) == [2]
    assert scores(server, (GIVEN, given), (ANSWER, hostile, "area"), (TEST, test)) == [0]


def test_a_file_that_the_teachers_cell_runs_binds_names_that_are_not_the_students(server) -> None:
    asked = [
        Asked("c0", GIVEN, "code", "%run helpers.py"),
        Asked("c1", ANSWER, "code", "", names=("third",)),
        Asked("c2", TEST, "code", "assert near(third(3), 1)", 2.0),
    ]
    for answer, due in (("def third(x): return x / 3", 2), ("near = lambda *a: True\ndef third(x): return 0", 0)):
        sources = (asked[0].source, answer, asked[2].source)
        cells = tuple(Cell(each.id, "code", source, each) for each, source in zip(asked, sources, strict=True))
        files = (("helpers.py", b"def near(a, b): return abs(a - b) < 1e-9"),)
        blueprint = Blueprint("ps", "ps", tuple(asked))
        unit = Unit("ada", blueprint, Canonical(cells), files=files, trusted=bool(NO_SANDBOX))
        assert grade(unit, server).results[2].score == due


def test_given_data_that_a_loop_fills_is_there_for_the_test(server) -> None:
    given = "squares = []\nfor i in range(5): squares.append(i * i)\nlast = squares.pop()"
    tests = [(TEST, "assert total == sum(squares)"), (TEST, "assert squares[-1] == 9")]
    assert scores(server, (GIVEN, given), (ANSWER, "total = sum(squares)"), *tests) == [2, 2]


def test_a_global_that_only_an_inner_function_reads_stays_with_the_test(server) -> None:
    answer = "def look(f):\n    return sorted(name for name in f.__globals__ if name.startswith('hidden'))"
    test = "hidden = 31337\ndef poly(x): return sum([k * x + hidden for k in range(3)])\nassert look(poly) == []"
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


def test_what_operators_make_is_equal_to_a_number_only_where_the_teachers_class_says_so(server) -> None:
    answer = "class A:\n    def __neg__(self): return A()\n    def __eq__(self, other): return True"
    solution = "class A:\n    def __neg__(self): return -3"
    asked = replace(with_solution(Asked("", ANSWER, "code", ""), solution), id="c0")
    test = Asked("c1", TEST, "code", "assert -A() == 3", 2.0)
    handed_in = (Cell("c0", "code", answer, asked), Cell("c1", "code", test.source, test))
    unit = Unit("ada", Blueprint("ps", "ps", (asked, test)), Canonical(handed_in), trusted=bool(NO_SANDBOX))
    assert grade(unit, server).results[1].score == 0


def test_what_a_cell_of_the_teachers_does_with_the_students_work_is_not_done_here(server) -> None:
    big = (
        "import os\npaths = []\nfor n in range(4):\n    paths.append(f'{n}.bin')\n"
        "    with open(paths[-1], 'wb') as f:\n        f.write(bytes(2**20))"
    )
    answer = "import os\ndef size(path): return os.stat(path).st_size"
    used = "if size:\n    print(sum(map(size, paths)))\n    said = globals().get('prediction')"
    test = "assert size('0.bin') == 2**20"
    assert not given.needed(((GIVEN, big), (GIVEN, "import os"), (GIVEN, used), (TEST, test)))
    assert given.needed(((GIVEN, big), (TEST, "assert paths")))
    cells = [(GIVEN, big), (ANSWER, answer), (GIVEN, used), (TEST, test)]
    assert scores(server, *cells, limits=Limits(scratch_mb=6)) == [2]


def test_files_of_a_test_that_find_no_room_are_said_to_find_none(server) -> None:
    if NO_SANDBOX:
        pytest.skip(f"the scratch folder has no limit: {NO_SANDBOX}")
    full = (
        "import os\nwith open('own.bin', 'wb') as f: f.write(bytes(5 * 2**20))\n"
        "def size(path): return os.stat(path).st_size"
    )
    test = (
        "with open('tests.bin', 'wb') as f: f.write(bytes(3 * 2**20))\n"
        "try:\n    size('tests.bin')\nexcept Exception:\n    pass"
    )
    cells = [(ANSWER, full), (TEST, test), (TEST, "assert size('own.bin')")]
    found = graded(server, *cells, limits=Limits(scratch_mb=6))
    assert [result.score for result in found.results if result.score is not None] == [0, 2]
    assert "no room" in found.results[1].comment
    assert any("no room" in line for line in found.attention)


def test_an_answer_to_another_question_costs_one_test_and_no_more(server, monkeypatch) -> None:
    answer = "def clip(value, most): return min(value, most)"
    run_given, times = Namespace.run_given, []

    def once(self: Namespace, *arguments: object) -> None:
        times.append(1)
        if len(times) == 2:
            raise TypeError("clip() missing 1 required positional argument: 'most'")
        run_given(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Namespace, "run_given", once)
    test = "assert clip(3, 2) == 2"
    found = graded(server, (GIVEN, "x = 1"), (ANSWER, answer), (TEST, test), (TEST, test))
    assert [result.score for result in found.results if result.score is not None] == [0, 2]
    assert any("clip() missing" in line for line in found.attention)
