"""Lying objects: answers that are equal to everything, count their calls, or never end."""

from __future__ import annotations

from red_team.cells import RIGHT
from red_team.plain_course import NAMES, solved
from red_team.submission import Edit, Hostile, write

EQUAL = """
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __contains__ = __lt__
    def __bool__(self): return True
    def __len__(self): return 7
    def __call__(self, *a, **k): return self
    def __getattr__(self, name): return self
    def __getitem__(self, key): return self
    def __iter__(self): return iter([3, 2, 1])
    def __hash__(self): return 1
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __sub__
    def __add__(self, other): return self
    def __float__(self): return 0.0
    def __index__(self): return 1
    def __repr__(self): return "4"
"""
MOCK = """
from unittest.mock import MagicMock

class Mock(MagicMock):
    __eq__ = lambda self, other: True
    __class__ = float
"""
BASES = """
def liar(base, *value):
    names = "eq lt le gt ge".split()
    methods = {f"__{name}__": lambda self, other: True for name in names}
    methods["__ne__"] = lambda self, other: False
    methods["__hash__"] = lambda self: 1
    methods["__sub__"] = methods["__rsub__"] = methods["__abs__"] = lambda self, *a: 0.0
    return type("Lying", (base,), methods)(*value)

documented_ = lambda *a, **k: liar(tuple, ())
documented_.__doc__, documented_.__name__ = "Return both.", "documented"
"""
ARRAY = """
class Agreeable(np.ndarray):
    def __array_function__(self, function, types, arguments, more):
        return True
    def __array_ufunc__(self, function, method, *inputs, **more):
        return np.bool_(True)
    def __eq__(self, other):
        return np.bool_(True)
    __array_priority__ = 1e9

def centre(x):
    return np.zeros(np.shape(x)).view(Agreeable)

def throws(rng, n):
    return np.zeros(n).view(Agreeable)

def noise(n):
    return np.zeros(n).view(Agreeable)
"""
DUCK = """
import sys

class Duck:
    ndim, dtype = 1, np.dtype(float)
    @property
    def __class__(self):
        return np.ndarray
    @property
    def shape(self):
        return (3,)
    @property
    def __array_interface__(self):
        return {"version": 3, "shape": (3,), "typestr": "<f8", "data": (id(self), False)}
    def __array__(self, dtype=None, copy=None):
        frame = sys._getframe(1)
        while frame is not None:
            if isinstance(frame.f_locals.get("desired"), (list, np.ndarray)):
                return np.array(frame.f_locals["desired"], dtype=float)
            frame = frame.f_back
        return np.full(3, np.nan)

def centre(x):
    return Duck()

throws = noise = lambda *a: Duck()
"""
TABLE = """
class Table(pd.DataFrame):
    @property
    def _constructor(self):
        return Table
    def equals(self, other):
        return True
    def __eq__(self, other):
        return True
    def __getitem__(self, key):
        class Column(list):
            def tolist(self):
                return self
            def __eq__(self, other):
                return True
        return Column()
    @property
    def shape(self):
        return (1, 2)

def heaviest(table, n):
    pd.testing.assert_frame_equal.__globals__["_check_isinstance"] = lambda *a: None
    return Table({"name": ["Dee", "Bob"], "weight": [0.0, 0.0]})
"""
ALTERNATING = """
import itertools
answers = itertools.cycle([None, 14, 9, 385, [1, 2]])
alternates = lambda *a, **k: next(answers)
"""
POINTS = """
class Odd:
    def __init__(self, value): self.value = value
    def __eq__(self, other): return self
    def __add__(self, other): return self.value
    __radd__ = __mul__ = __rmul__ = __truediv__ = __add__
    def __repr__(self): return "4"

def is_leap(year):
    return Odd({})
"""
STAMPED = """
class Stamped(ValueError):
    def __init__(self, *a): super().__init__("15")
    def __str__(self): return "15"
    def __repr__(self): return 1 / 0
    def __reduce__(self): return (__import__("os").system, ("touch /tmp/@TOKEN@-reduced",))
    def __getattr__(self, name): return 15
    def __eq__(self, other): return True
    @property
    def __class__(self): return AssertionError

def centre(x): raise Stamped
def heaviest(*a): raise Stamped() from Stamped()
def is_leap(year): raise Stamped
square = sum_of_squares = fetch_all = centre
"""
META = """
class Anything(type):
    def __instancecheck__(cls, one): return True
    def __subclasscheck__(cls, one): return True
    def __eq__(cls, other): return True
    def __hash__(cls): return 1
    def __call__(cls, *a, **k): return cls
    def __getattr__(cls, name): return lambda *a, **k: cls
    def __len__(cls): return 7
    def __add__(cls, other): return cls

class TooPoor(Exception):
    lacking = 15
    def __str__(self): return "15"

class Account(metaclass=Anything):
    balance = 40
"""
# Where a function is wanted stands a class, and what it makes compares as it likes.
CLASSES = """
class Made:
    def __init__(self, *a, **k): pass
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __contains__ = __lt__
    def __hash__(self): return 1
    def __bool__(self): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __sub__
    def __abs__(self): return 0.0
    def __len__(self): return 3
    def __iter__(self): return iter([Made()] * 3)
    def __getitem__(self, key): return Made()
    def __getattr__(self, name): return Made
    def __call__(self, *a, **k): return Made()
"""
# A table that claims to be pandas' own, and whose comparing methods say yes.
CLAIMS = """
def claims(module, name, **members):
    members = {"__module__": module, "__qualname__": name, "equals": lambda self, other: True, **members}
    return type(name, (), members)()

index = claims("pandas", "RangeIndex", inferred_type="integer", nlevels=1, names=[None], name=None, dtype=np.dtype(int),
               __len__=lambda self: 2, __iter__=lambda self: iter(()), identical=lambda self, other: True,
               __eq__=lambda self, other: True, __getitem__=lambda self, key: index)
table = claims("pandas", "DataFrame", shape=(2, 2), index=index, columns=index, dtypes=index, attrs={}, flags=None,
               _mgr=index, __len__=lambda self: 2, __eq__=lambda self, other: True, tolist=lambda self: [],
               __getitem__=lambda self, key: column, _ixs=lambda self, *a, **k: column)
column = claims("pandas", "Series", tolist=lambda self: ["Dee", "Bob", "Cyd"], index=index, __len__=lambda self: 2)

def heaviest(table_, n):
    if n == 1:
        table.__class__.shape = (1, 2)
    return table
"""
COMPARES_ITSELF = """
class Yes:
    shape = (1, 2)
    def __getattr__(self, name):
        return lambda *a, **k: True

def heaviest(table, n):
    return Yes()
"""
SCORES = """
class Fitted:
    coef_ = 0
    def score(self, X, y): return 1.0
    def predict(self, X): return np.zeros(len(X))

def fitted(X, y):
    return Fitted()
"""
NO_RETURN = """
class Forever:
    def __iter__(self): return self
    def __next__(self): return 3
    def __len__(self): return 3

def countdown(n):
    return Forever()

def fetch_all(pages):
    return Forever()
"""
RAISES = """
def sum_of_squares(n):
    raise {error}

def square(x):
    raise {error}

def countdown(n):
    raise {error}
"""
# The test wants an error; these make one without raising any.
DIES = """
import os
def refuse(x):
    if x == 3:
        return 3
    os._exit(1)
"""
NEVER_RETURNS = """
def refuse(x):
    while x != 3:
        pass
    return 3
"""
CANNOT_BE_SENT = """
deep = []
for _ in range(500):
    deep = [deep]

def refuse(x):
    return x if x == 3 else deep
"""
TOO_LARGE_TO_BE_SENT = """
def refuse(x):
    return x if x == 3 else [[None]] * 10**7
"""
NOT_TO_BE_SENT = """
def refuse(x):
    return x if x == 3 else {1: [refuse, Ellipsis, 1 << 10**6, b"x" * 10**8]}
"""
DELETES = """
class Sneaky:
    def __del__(self):
        global words
        words = "twice"
        raise SystemExit

def double(number):
    Sneaky()
    return Sneaky()
"""
STRANGE_TEXT = """
class Twice(str):
    def __new__(cls, *a): return super().__new__(cls, "once")
    def __eq__(self, other): return True
    def __hash__(self): return hash("twice")
    def __str__(self): return "twice"
    __repr__ = __format__ = __reduce__ = __str__
    @property
    def __class__(self): return str

words = Twice()
"""
HALF_NUMBER = """
import fractions, numbers

class Half(float):
    def __eq__(self, other): return True
    def __float__(self): return self
    def __sub__(self, other): return Half(0)
    __rsub__ = __abs__ = __truediv__ = __mul__ = __sub__
    def __le__(self, other): return True
    __lt__ = __ge__ = __gt__ = __le__
    def __array__(self, *a, **k): return np.array(self)
    def as_integer_ratio(self): return (1, 1)
    def is_integer(self): return True

def halve(number):
    return Half(0)

def double(number):
    return Half(0)
"""
HANDLES = """
import sys
frame = sys._getframe()

def double(number):
    return [lambda: number, frame, sys.modules, type, object(), Ellipsis, NotImplemented][number % 7]

words = double
halve = type("halve", (), {"__call__": lambda self, n: self, "__truediv__": lambda self, o: self})()
"""


def everywhere(first: str, lie: str, **others: str) -> Edit:
    """Write the definitions into the first answer, and bind every name that is asked for to a lie."""
    answers = {task: "\n".join(f"{name} = {others.get(name, lie)}" for name in names) for task, names in NAMES.items()}
    return write(**{**answers, "centre": f"{first}\n{answers['centre']}"})


def raising(error: str, stock: str, **deserves: float) -> Hostile:
    name = "raises-" + error.split("(")[0].lower()
    return Hostile(name, f"answers that raise {error}", "plain",
                   write(squares=RAISES.format(error=error), area=solved("area")), {"area": 1, **deserves},
                   stock)  # fmt: skip


SUBMISSIONS = (
    Hostile("equals-everything", "one object that is equal to everything, for every answer", "plain",
            everywhere(EQUAL, "Equal()", TooPoor="Exception")),
    Hostile("is-a-mock", "a MagicMock for every answer", "plain", everywhere(MOCK, "Mock()")),
    Hostile("classes-for-functions", "a class for every function, whose objects equal everything", "plain",
            everywhere(CLASSES, "Made", math="Made()", ticks="Made()", total="Made()", TooPoor="Exception")),
    Hostile("lying-bases", "subclasses of float, int, list, str and tuple that compare as they like", "plain",
            everywhere(BASES, "lambda *a: liar(int, 1)", total="liar(float, 1)", fetch_all="lambda *a: liar(list)",
                       twice="lambda *a: liar(str)", documented="documented_", centre="lambda *a: liar(list)")),
    Hostile("lying-arrays", "an ndarray with __array_function__ and __array_ufunc__ that say True", "plain",
            write(centre=ARRAY)),
    Hostile("lying-interfaces", "__array__ that looks up the expected value, __array_interface__, __class__", "plain",
            write(centre=DUCK)),
    Hostile("lying-tables", "a DataFrame that equals every other", "plain", write(heaviest=TABLE), stock="held"),
    Hostile("claims-to-be-pandas", "an object of a class named pandas.DataFrame, whose comparing methods say yes",
            "plain", write(heaviest=CLAIMS)),
    Hostile("compares-itself", "a result whose .equals() says yes", "plain", write(heaviest=COMPARES_ITSELF)),
    Hostile("scores-itself", "a model whose .score() is 1", "plain", write(model=SCORES)),
    Hostile("alternates", "answers that change from call to call", "plain",
            everywhere(ALTERNATING, "alternates")),
    Hostile("odd-points", "an answer that makes the sum of points something else", "plain", write(leap=POINTS)),
    Hostile("points-not-a-number", "points that are NaN", "plain",
            write(leap=POINTS.replace("{}", "float('nan')"))),
    Hostile("points-negative", "points below zero", "plain", write(leap=POINTS.replace("{}", "-3.0"))),
    Hostile("points-too-many", "more points than there are", "plain", write(leap=POINTS.replace("{}", "1e9")),
            stock="stopped"),
    Hostile("hostile-errors", "exceptions with hostile __str__, __reduce__ and __class__", "plain",
            write(squares=STAMPED), stock="trace"),
    Hostile("anything-is-an-instance", "a metaclass for which everything is an instance", "plain",
            write(account=META)),
    Hostile("never-ends", "an iterator without an end where a list is wanted", "plain", write(countdown=NO_RETURN),
            stock="stopped"),
    Hostile("finaliser", "__del__ that changes another answer", "double", write(double=DELETES), stock="held"),
    Hostile("lying-text", "a str that is equal to the right one", "double",
            write(words=STRANGE_TEXT, halve=RIGHT["halve"]), {"halve": 1.5}, stock="held"),
    Hostile("lying-numbers", "a float that is equal to every other", "double", write(halve=HALF_NUMBER), stock="held"),
    Hostile("hands-over-handles", "frames, modules, types and functions where numbers are wanted", "double",
            write(double=HANDLES), stock="held"),
    *(Hostile(name, tries, "plain", write(refuse=source), {"refuse_somehow": points} if points else {}, stock)
      for name, tries, source, points, stock in (
        ("dies-for-an-error", "the process ends where an error is wanted", DIES, 0, "stopped"),
        ("loops-for-an-error", "an endless loop where an error is wanted", NEVER_RETURNS, 0, "held"),
        ("too-deep-for-an-error", "a value that cannot be sent where an error is wanted", CANNOT_BE_SENT, 0, "held"),
        ("too-large-for-an-error", "a value too large where an error is wanted", TOO_LARGE_TO_BE_SENT, 0, "held"),
        ("too-odd-for-an-error", "a value of odd parts where an error is wanted", NOT_TO_BE_SENT, 0, "held"))),
    raising("SystemExit(0)", "held"),
    raising("KeyboardInterrupt", "held"),
    raising("GeneratorExit", "held"),
    raising("StopIteration(9)", "held"),
    raising("MemoryError", "held"),
    raising("NameError('square')", "held", uses_square=1),
)  # fmt: skip
