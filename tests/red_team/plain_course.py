"""A course of plain instructor tests: asserts, numpy.testing, partial credit, and what else is usual in classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

CSV = "name,weight\nAda,61.5\nBob,80.0\nCyd,72.5\nDee,80.5\n"

GIVEN = '''\
from collections import namedtuple
from dataclasses import dataclass
import numpy as np
import pandas as pd
from numpy.testing import assert_allclose

def close(left, right):
    """Tell whether two numbers agree."""
    return abs(left - right) < 1e-9

def fetch(page):
    """Return what stands on a page."""
    return 10 * page

@dataclass(frozen=True)
class Point:
    x: float
    y: float

Span = namedtuple("Span", "first last")
weights = pd.read_csv("weights.csv")
temperatures = np.array([12.0, 15.5, 11.0, 19.5])
YEARS = {1900: False, 1996: True, 1999: False, 2000: True}
'''

# (name, solution, tests as (name, points, source)); what stands between the solution's marks is the answer.
TASKS: tuple[tuple[str, str, tuple[tuple[str, float, str], ...]], ...] = (
    (
        "centre",
        "def centre(x):\n    ### BEGIN SOLUTION\n    return x - x.mean(axis=0)\n    ### END SOLUTION",
        (
            (
                "centre",
                2,
                """\
assert_allclose(centre(np.array([1.0, 2.0, 6.0])), [-2.0, -1.0, 3.0])
assert isinstance(centre(temperatures), np.ndarray)
### BEGIN HIDDEN TESTS
assert_allclose(centre(np.array([[1.0, 2.0], [3.0, 6.0]])), [[-1.0, -2.0], [1.0, 2.0]])
hidden_plan_7141 = np.random.default_rng(7141).normal(size=50)
assert_allclose(centre(hidden_plan_7141), hidden_plan_7141 - hidden_plan_7141.mean(), atol=1e-12)
### END HIDDEN TESTS""",
            ),
        ),
    ),
    (
        "heaviest",
        "def heaviest(table, n):\n    ### BEGIN SOLUTION\n"
        '    return table.nlargest(n, "weight").reset_index(drop=True)\n    ### END SOLUTION',
        (
            (
                "heaviest",
                2,
                """\
expected = pd.DataFrame({"name": ["Dee", "Bob"], "weight": [80.5, 80.0]})
pd.testing.assert_frame_equal(heaviest(weights, 2), expected)
### BEGIN HIDDEN TESTS
assert heaviest(weights, 1).shape == (1, 2)
assert heaviest(weights, 3)["name"].tolist() == ["Dee", "Bob", "Cyd"]
### END HIDDEN TESTS""",
            ),
            (
                "heaviest_equals",
                1,
                'assert heaviest(weights, 1).equals(pd.DataFrame({"name": ["Dee"], "weight": [80.5]}))',
            ),
        ),
    ),
    (
        "squares",
        "### BEGIN SOLUTION\ndef square(x):\n    return x * x\n\ndef sum_of_squares(n):\n"
        "    return sum(square(i) for i in range(1, n + 1))\n### END SOLUTION",
        (
            ("squares", 1, "assert square(3) == 9\nassert sum_of_squares(3) == 14\nassert sum_of_squares(10) == 385"),
            (
                "uses_square",
                1,
                """\
kept = square
del square
try:
    sum_of_squares(2)
except NameError:
    pass
else:
    raise AssertionError("sum_of_squares does not use square")
finally:
    square = kept
""",
            ),
        ),
    ),
    (
        "leap",
        "def is_leap(year):\n    ### BEGIN SOLUTION\n"
        "    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)\n    ### END SOLUTION",
        (
            (
                "leap",
                4,
                """\
right = sum(is_leap(year) == truth for year, truth in YEARS.items())
### BEGIN HIDDEN TESTS
right += 4 * (is_leap(2100) == False) * (is_leap(2400) == True)
### END HIDDEN TESTS
right / 2
""",
            ),
        ),
    ),
    (
        "account",
        """\
### BEGIN SOLUTION
class TooPoor(Exception):
    def __init__(self, lacking):
        super().__init__(f"{lacking} is missing")
        self.lacking = lacking

class Account:
    def __init__(self, balance=0):
        self.balance = balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("deposit something")
        self.balance += amount
        return self

    def withdraw(self, amount):
        if amount > self.balance:
            raise TooPoor(amount - self.balance)
        self.balance -= amount

    def __len__(self):
        return self.balance

    def __eq__(self, other):
        return self.balance == other.balance

    def __add__(self, other):
        return Account(self.balance + other.balance)
### END SOLUTION""",
        (
            (
                "account",
                2,
                """\
account = Account(20)
account.deposit(50)
account.withdraw(30)
assert account.balance == 40
assert isinstance(account, Account)
assert account.deposit(5).deposit(5) is account
assert Account().balance == 0
""",
            ),
            (
                "account_errors",
                2,
                """\
with np.testing.assert_raises(ValueError):
    Account(1).deposit(-1)
account = Account(10)
try:
    account.withdraw(25)
except TooPoor as error:
    assert error.lacking == 15
    assert "15" in str(error)
else:
    raise AssertionError("nothing was raised")
assert account.balance == 10
""",
            ),
            (
                "account_operators",
                1,
                "total = Account(3) + Account(4)\nassert total.balance == 7\nassert len(total) == 7\n"
                "assert total == Account(7)\nassert total != Account(8)",
            ),
        ),
    ),
    (
        "clip",
        "def clip(values, most):\n    ### BEGIN SOLUTION\n    for i in range(len(values)):\n"
        "        values[i] = min(values[i], most)\n    ### END SOLUTION",
        (
            ("clip_list", 1, "some = [3, 9, 5]\nassert clip(some, 5) is None\nassert some == [3, 5, 5]"),
            ("clip_array", 1, "some = np.array([3.0, 9.0, 5.0])\nclip(some, 4)\nassert_allclose(some, [3, 4, 4])"),
        ),
    ),
    (
        "countdown",
        "def countdown(n):\n    ### BEGIN SOLUTION\n    while n > 0:\n        yield n\n        n -= 1\n"
        "    ### END SOLUTION",
        (
            (
                "countdown",
                1,
                "assert list(countdown(3)) == [3, 2, 1]\nsteps = countdown(10**9)\nassert next(steps) == 10**9\n"
                "assert next(steps) == 10**9 - 1\nassert not isinstance(countdown(2), list)",
            ),
        ),
    ),
    (
        "functions",
        "### BEGIN SOLUTION\ndef twice(f, x):\n    return f(f(x))\n\ndef compose(f, g):\n"
        "    return lambda x: f(g(x))\n\n"
        "def slope(f, x):\n    return (f(x + 1e-4) - f(x - 1e-4)) / 2e-4\n### END SOLUTION",
        (
            ("twice", 1, 'assert twice(lambda v: v + 3, 1) == 7\nassert twice(str.upper, "a") == "A"'),
            ("slope", 1, "assert close(slope(lambda v: v**2, 3.0), 6)\nassert abs(slope(np.sin, 0.0) - 1) < 1e-6"),
            ("compose", 1, "assert compose(abs, lambda v: v - 5)(2) == 3\nassert callable(compose(abs, abs))"),
        ),
    ),
    (
        "chance",
        "### BEGIN SOLUTION\ndef throws(rng, n):\n    return rng.integers(1, 7, size=n)\n\n"
        "def noise(n):\n    return np.random.normal(size=n)\n### END SOLUTION",
        (
            (
                "throws",
                1,
                "assert_allclose(throws(np.random.default_rng(3), 8), np.random.default_rng(3).integers(1, 7, size=8))",
            ),
            (
                "noise",
                1,
                "np.random.seed(5)\nfound = noise(4)\nnp.random.seed(5)\n"
                "assert_allclose(found, np.random.normal(size=4))",
            ),
        ),
    ),
    (
        "total",
        '### BEGIN SOLUTION\ntotal = float(weights["weight"].sum())\n### END SOLUTION',
        (("total", 1, "assert isinstance(total, float)\nassert close(total, 294.5)\nassert 294 < total < 295"),),
    ),
    (
        "read",
        "def count_lines(path):\n    ### BEGIN SOLUTION\n    with open(path) as file:\n"
        "        return len(file.readlines())\n    ### END SOLUTION",
        (
            ("read", 1, 'assert count_lines("weights.csv") == 5'),
            (
                "read_new",
                1,
                'with open("three.txt", "w") as file:\n    file.write("a\\nb\\nc\\n")\n'
                'assert count_lines("three.txt") == 3',
            ),
        ),
    ),
    (
        "greet",
        "### BEGIN SOLUTION\ndef greet(name):\n    print(f'Hello, {name}!')\n\n"
        "def ask():\n    return int(input('a number: ')) + 1\n### END SOLUTION",
        (
            (
                "greet",
                1,
                "import contextlib, io\nsaid = io.StringIO()\nwith contextlib.redirect_stdout(said):\n"
                '    greet("Ada")\nassert said.getvalue() == "Hello, Ada!\\n"',
            ),
            (
                "ask",
                1,
                'from unittest.mock import patch\nwith patch("builtins.input", return_value="7"):\n'
                "    assert ask() == 8",
            ),
        ),
    ),
    (
        "documented",
        "### BEGIN SOLUTION\ndef documented(a, b=2):\n    '''Return both.'''\n    return a, b\n### END SOLUTION",
        (
            (
                "documented",
                1,
                "import inspect\nassert documented.__doc__\nassert list(inspect.signature(documented).parameters) == "
                '["a", "b"]\nassert documented.__name__ == "documented"\nassert documented(1) == (1, 2)\n'
                "assert documented(b=3, a=4) == (4, 3)",
            ),
        ),
    ),
    (
        "model",
        "### BEGIN SOLUTION\nfrom sklearn.linear_model import LinearRegression\n\ndef fitted(X, y):\n"
        "    return LinearRegression().fit(X, y)\n### END SOLUTION",
        (
            (
                "model",
                2,
                """\
X = np.arange(12.0).reshape(6, 2) ** 1.5
y = X @ [2.0, -1.0] + 3
model = fitted(X, y)
assert_allclose(model.predict(X[:2]), y[:2], atol=1e-6)
assert_allclose(model.coef_, [2.0, -1.0], atol=1e-6)
assert model.score(X, y) > 0.99
""",
            ),
        ),
    ),
    (
        "fetch_all",
        "def fetch_all(pages):\n    ### BEGIN SOLUTION\n    known = {page: fetch(page) for page in set(pages)}\n"
        "    return [known[page] for page in pages]\n    ### END SOLUTION",
        (
            (
                "fetch_all",
                1,
                """\
fetched, original = [], fetch

def fetch(page):
    fetched.append(page)
    return original(page)

try:
    assert fetch_all([1, 2, 1]) == [10, 20, 10]
    assert sorted(fetched) == [1, 2]
finally:
    fetch = original
""",
            ),
        ),
    ),
    (
        "area",
        "### BEGIN SOLUTION\nimport math\n\ndef area(radius):\n    return math.pi * radius**2\n### END SOLUTION",
        (("area", 1, "assert math.isclose(area(2), 4 * math.pi)\nassert area(0) == 0"),),
    ),
    (
        "tick",
        "### BEGIN SOLUTION\nticks = 0\n\ndef tick():\n    global ticks\n    ticks += 1\n### END SOLUTION",
        (("tick", 1, "before = ticks\ntick()\ntick()\nassert ticks == before + 2"),),
    ),
    (
        "refuse",
        "def refuse(x):\n    ### BEGIN SOLUTION\n    if not isinstance(x, (int, float)):\n"
        '        raise TypeError("a number, please")\n    return x\n    ### END SOLUTION',
        (
            (
                "refuse",
                1,
                "assert refuse(3) == 3\nwith np.testing.assert_raises(TypeError):\n    refuse('three')",
            ),
            (
                "refuse_somehow",
                1,
                "assert refuse(3) == 3\ntry:\n    refuse([3])\nexcept Exception:\n    pass\nelse:\n"
                '    raise AssertionError("nothing was raised")',
            ),
        ),
    ),
    (
        "shapes",
        "### BEGIN SOLUTION\ndef mirror(point):\n    return Point(-point.x, point.y)\n\n"
        "def span(values):\n    return Span(min(values), max(values))\n### END SOLUTION",
        (
            (
                "mirror",
                1,
                "assert mirror(Point(1, 2)) == Point(-1, 2)\nassert isinstance(mirror(Point(0, 0)), Point)\n"
                "assert mirror(mirror(Point(3, 4))).x == 3",
            ),
            (
                "span",
                1,
                "assert span([3, 1, 2]) == (1, 3)\nassert span([5]) == Span(5, 5)\n"
                "first, last = span({4, 8})\nassert last - first == 4 and span([1]).last == 1",
            ),
        ),
    ),
    (
        "draw",
        "def draw(x, y):\n    ### BEGIN SOLUTION\n    import matplotlib.pyplot as plt\n"
        "    figure, axes = plt.subplots()\n"
        '    axes.plot(x, y)\n    axes.set_title("growth")\n    return axes\n    ### END SOLUTION',
        (
            (
                "draw",
                1,
                'axes = draw([1, 2], [3, 4])\nassert axes.get_title() == "growth"\n'
                "assert list(axes.lines[0].get_ydata()) == [3, 4]",
            ),
        ),
    ),
)

# The names that each answer defines.
NAMES = {
    **{name: (name,) for name, _, _ in TASKS},
    "squares": ("square", "sum_of_squares"),
    "leap": ("is_leap",),
    "account": ("TooPoor", "Account"),
    "functions": ("twice", "compose", "slope"),
    "chance": ("throws", "noise"),
    "read": ("count_lines",),
    "greet": ("greet", "ask"),
    "model": ("LinearRegression", "fitted"),
    "area": ("math", "area"),
    "shapes": ("mirror", "span"),
    "tick": ("ticks", "tick"),
}
POINTS = {name: points for _, _, tests in TASKS for name, points, _ in tests}
SOLUTIONS = {name: solution for name, solution, _ in TASKS}

# Answers of the right kind, and wrong: nothing of them deserves a point.
WRONG = {
    "centre": "def centre(x):\n    return 0.0 * x",
    "heaviest": "def heaviest(table, n):\n    return table.head(n)",
    "squares": "def square(x):\n    return x\n\ndef sum_of_squares(n):\n    return n",
    "leap": "def is_leap(year):\n    return 'perhaps'",
    "account": "class TooPoor(Exception):\n    lacking = 0\n\nclass Account:\n    def __init__(self, balance=1):\n"
    "        self.balance = balance\n\n    def deposit(self, amount):\n        return Account()\n\n"
    "    def withdraw(self, amount):\n        self.balance -= amount\n\n    def __len__(self):\n        return 1\n\n"
    "    def __add__(self, other):\n        return self",
    "clip": "def clip(values, most):\n    return values",
    "countdown": "def countdown(n):\n    return list(range(min(n, 9)))",
    "functions": "def twice(f, x):\n    return f(x)\n\ndef compose(f, g):\n    return f\n\n"
    "def slope(f, x):\n    return f(x)",
    "chance": "def throws(rng, n):\n    return np.zeros(n)\n\ndef noise(n):\n    return np.zeros(n)",
    "total": "total = 1.0",
    "read": "def count_lines(path):\n    return len(path)",
    "greet": "def greet(name):\n    print('Hello')\n\ndef ask():\n    return int(input('a number: '))",
    "documented": "def documented(a, b=2):\n    return a, b",
    "model": "from sklearn.dummy import DummyRegressor\n\ndef fitted(X, y):\n    return DummyRegressor().fit(X, y)",
    "fetch_all": "def fetch_all(pages):\n    return [fetch(page) for page in pages]",
    "area": "import math\n\ndef area(radius):\n    return math.pi * radius",
    "tick": "ticks = 0\n\ndef tick():\n    ticks = 1",
    "refuse": "def refuse(x):\n    return x",
    "shapes": "def mirror(point):\n    return point\n\ndef span(values):\n    return Span(0, 0)",
    "draw": "def draw(x, y):\n    import matplotlib.pyplot as plt\n    return plt.subplots()[1]",
}


def solved(name: str) -> str:
    """Return a right answer, as a student would write it."""
    lines = SOLUTIONS[name].splitlines()
    return "\n".join(line for line in lines if "### " not in line)


def write_plain_assignment(folder: Path, name: str = "plain") -> None:
    """Write source/NAME with its data file into a course."""
    (folder / "source" / name).mkdir(parents=True)
    (folder / "source" / name / "weights.csv").write_text(CSV, "utf-8")
    nbformat.write(plain_notebook(), folder / "source" / name / f"{name}.ipynb")


def plain_notebook() -> Any:
    """Return the instructor's notebook."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        }
    )
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# A week of programs", id="title"),
        _cell("given-start", GIVEN),
    ]
    for name, solution, tests in TASKS:
        notebook.cells.append(nbformat.v4.new_markdown_cell(f"## Write `{name}`", id=f"text-{name}"))
        notebook.cells.append(_cell(f"answer-{name}", solution))
        notebook.cells += [_cell(f"check-{test}", source, points) for test, points, source in tests]
    return notebook


def _cell(name: str, source: str, points: float | None = None) -> Any:
    cell = nbformat.v4.new_code_cell(source, id=name)
    solution, grade = name.startswith("answer-"), points is not None
    cell.metadata["nbgrader"] = nbformat.from_dict(
        {
            "schema_version": 3,
            "cell_type": "code",
            "grade_id": name,
            "grade": grade,
            "solution": solution,
            "locked": not solution,
            "task": False,
            **({"points": points} if grade else {}),
        }
    )
    return cell
