"""Resources: time, memory, disk, output, and values of absurd sizes; what comes after must keep its points."""

from __future__ import annotations

from red_team.cells import RIGHT
from red_team.plain_course import solved
from red_team.submission import Hostile, add, both, write

REST = {"words": RIGHT["words"], "halve": RIGHT["halve"]}
DESERVED = {"words": 1, "halve": 1.5}


def double(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return f"def double(number):\n{lines}"


IN_C = double("return sum(iter(int, 1))")
EXPRESSION = double('import re\nreturn re.match(r"(a|a)*$", "a" * 60 + "b")')
POWER = double("return len(str(9 ** (9 ** 9)))")
SLEEP = double("import time\ntime.sleep(10**6)")
INPUT = double("return input('how much? ')")
CATCHES = double("""
while True:
    try:
        while True:
            pass
    except BaseException:
        continue
""")
DISARMS = double("""
import signal
signal.setitimer(signal.ITIMER_REAL, 0)
signal.alarm(0)
for number in (signal.SIGALRM, signal.SIGINT, signal.SIGXCPU, signal.SIGTERM, signal.SIGVTALRM, signal.SIGPROF):
    signal.signal(number, signal.SIG_IGN)
while True:
    pass
""")
# Eight gigabytes at most here, four of them written to below, so that a host without limits lives on.
LISTS = double("kept = []\nfor _ in range(800):\n    kept.append(bytearray(10**7))\nreturn 0")
BYTES = double("""
import mmap
kept = []
for _ in range(40):
    block = mmap.mmap(-1, 10**8)
    for place in range(0, 10**8, 4096):
        block[place] = 1
    kept.append(block)
return 0
""")
SPREAD = double("""
import os, time
for _ in range(30):
    if os.fork() == 0:
        kept = bytearray(b"x") * (150 * 10**6)
        time.sleep(30)
        os._exit(0)
time.sleep(5)
""")
NUMPY = double("import numpy as np\nreturn np.ones((10**6, 10**6))")
PRINTS = double("""
line = "x" * 10**6
for _ in range(1000):
    print(line)
return 2 * number
""")
PRINTS_AT_TOP = 'import sys\nfor _ in range(1000):\n    sys.stdout.write("x" * 10**6)\n' + RIGHT["double"]
DISPLAYS = "for _ in range(2000):\n    display(1)\n" + RIGHT["double"]
DISPLAYS_MUCH = """
from IPython.display import HTML, display
for _ in range(60):
    display(HTML("<p>" + "x" * 10**6 + "</p>"))
""" + RIGHT["double"]
TO_DESCRIPTORS = """
import os
for number in (1, 2):
    for _ in range(1000):
        os.write(number, b"x" * 10**5)
""" + RIGHT["double"]
RECURSION = double("return double(number)")
OVERFLOW = "import sys\nsys.setrecursionlimit(10**9)\n" + RECURSION
C_OVERFLOW = double("""
import sys
sys.setrecursionlimit(10**8)
deep = []
for _ in range(10**6):
    deep = [deep]
return repr(deep)
""")
CRASH = double("import ctypes\nreturn ctypes.string_at(0)")
ABORTS = double("import os\nos.abort()")
# A gigabyte at most.
DISK = """
import os
def double(number):
    for place in (".", "/tmp", "/dev/shm", "/var/tmp"):
        try:
            with open(os.path.join(place, "@TOKEN@-large"), "wb") as file:
                for _ in range(1000):
                    file.write(b"x" * 10**6)
        except OSError:
            pass
    return 0
"""
INODES = double("""
import os
for number in range(10**5):
    try:
        os.makedirs(f"deep/{number % 100}/{number}")
    except OSError:
        return 0
""")
OPEN_FILES = double("""
import socket
kept = []
try:
    while len(kept) < 10**5:
        kept += [open("/dev/null"), *socket.socketpair()]
except OSError:
    pass
globals()["kept"] = kept
return 2 * number
""")
HUGE_TEXT = double("return 'x' * (100 * 2**20)")
HUGE_REPR = """
class Long:
    def __repr__(self):
        return "x" * 10**9
    __str__ = __format__ = __repr__

def double(number):
    raise ValueError(Long())
"""
HUGE_ARRAY = double("import numpy as np\nreturn np.broadcast_to(np.float64(1), (10**6, 10**6))")
SELF = double("""
kept = [1]
kept.append(kept)
other = {"me": kept}
other["you"] = other
return kept if number % 2 else other
""")
DEEP = double("""
deep = ()
for _ in range(10**5):
    deep = (deep,)
return deep
""")
WIDE = double("return [[] for _ in range(5 * 10**6)]")
HUGE_INT = double("return 1 << (10**9)")
DECIMAL = double("from decimal import Decimal\nreturn Decimal('1e999999999')")
FRACTION = double("from fractions import Fraction\nreturn Fraction(1, 10 ** 10**6)")
HASHES = double("""
class Slow(int):
    def __hash__(self): return 1
    def __eq__(self, other): return int(self) == int(other) or any(range(10**5))
return {Slow(i): 1 for i in range(10**4)}
""")
EXIT_FUNCTIONS = """
import atexit, threading, time
atexit.register(lambda: time.sleep(10**6))

class Stays:
    def __del__(self):
        while True:
            pass

double = lambda number, stays=Stays(): 2 * number
"""
HUGE_CALLBACK = solved("functions").replace(
    "return f(f(x))", "return f(10 ** (10**7)) and f('x' * (60 * 2**20)) and f(f(x))"
)
ARGUMENT_GROWS = """
def clip(values, most):
    if isinstance(values, list):
        values.extend([0] * 10**7)
"""


def first(name: str, tries: str, source: str, *, right: bool = False, stock: str = "stopped") -> Hostile:
    deserved = DESERVED | ({"double": 2} if right else {})
    return Hostile(name, tries, "double", write(double=source, **REST), deserved, stock)


SUBMISSIONS = (
    first("loops-in-c", "sum(iter(int, 1)), which no signal handler of Python ends", IN_C),
    first("expression-explodes", "a regular expression that backtracks for ever", EXPRESSION),
    first("power", "9 ** 9 ** 9", POWER),
    first("sleeps", "time.sleep for days", SLEEP),
    first("asks", "input() where nobody sits", INPUT, stock="held"),
    first("catches-the-limit", "a loop that catches whatever would end it", CATCHES),
    first("disarms-the-limit", "the alarm is switched off and its signal ignored", DISARMS),
    first("fills-memory", "a list that grows until nothing is left", LISTS),
    first("fills-shared-memory", "four gigabytes of anonymous mmap", BYTES),
    first("fills-memory-together", "thirty processes of 150 MB each", SPREAD),
    first("asks-for-terabytes", "an array of 8 TB", NUMPY, stock="held"),
    first("prints-in-a-test", "a gigabyte printed while it is tested; the answer is right", PRINTS, right=True,
          stock="held"),
    first("prints-at-the-top", "a gigabyte printed in its cell; the answer is right", PRINTS_AT_TOP, right=True),
    first("displays", "two thousand outputs", DISPLAYS, right=True, stock="held"),
    first("displays-much", "sixty outputs of a megabyte", DISPLAYS_MUCH, right=True, stock="held"),
    first("writes-below", "200 MB written to descriptors 1 and 2", TO_DESCRIPTORS, right=True),
    first("recursion", "a function that only calls itself", RECURSION, stock="held"),
    first("overflows-the-stack", "the recursion limit raised to a billion", OVERFLOW),
    first("overflows-in-c", "the repr of a list that is a million deep", C_OVERFLOW),
    first("crashes", "ctypes.string_at(0)", CRASH),
    first("aborts", "os.abort()", ABORTS),
    first("fills-the-disk", "a gigabyte in every folder that can be written", DISK, stock="trace"),
    first("fills-the-folder", "a hundred thousand folders", INODES, stock="trace"),
    first("opens-files", "every descriptor taken; the answer is right", OPEN_FILES, right=True, stock="held"),
    first("returns-much-text", "a text of 100 MB", HUGE_TEXT, stock="held"),
    first("huge-repr", "an error whose text is a gigabyte", HUGE_REPR),
    first("returns-a-huge-view", "an array of 8 TB that takes 8 bytes", HUGE_ARRAY, stock="held"),
    first("holds-itself", "a list in itself, a dict in itself", SELF, stock="held"),
    first("returns-depth", "tuples in tuples, a hundred thousand deep", DEEP, stock="held"),
    first("returns-width", "five million lists", WIDE, stock="held"),
    first("returns-a-huge-number", "an int of a billion bits", HUGE_INT, stock="held"),
    first("returns-a-decimal", "Decimal('1e999999999')", DECIMAL, stock="held"),
    first("returns-a-fraction", "a fraction of a million digits", FRACTION, stock="held"),
    first("slow-hashes", "a dict whose keys collide and compare slowly", HASHES, stock="held"),
    first("never-exits", "exit functions and finalisers that never end; the answer is right", EXIT_FUNCTIONS,
          right=True,           stock="stopped"),
    Hostile("huge-callback", "the test's own function is called with a number of ten million digits", "plain",
            write(functions=HUGE_CALLBACK), {"compose": 1, "slope": 1}, stock="held"),
    Hostile("argument-grows", "an argument grows by ten million items in place", "plain", write(clip=ARGUMENT_GROWS),
            stock="held"),
    Hostile("many-cells", "three thousand cells of its own; the answers are right", "double",
            both(write(**RIGHT), *[add(f"{i}") for i in range(3000)]), {"double": 2, "words": 1, "halve": 1.5},
            stock="held"),
    Hostile("one-huge-cell", "an answer of five million characters that is right", "double",
            write(double=RIGHT["double"] + "\n" + "# comment\n" * 500_000, **REST), DESERVED | {"double": 2},
            stock="held"),
)  # fmt: skip
