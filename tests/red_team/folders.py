"""The submission's folder: links, pipes, odd names, modules that shadow libraries, other people's files."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from red_team.cells import ALL, RIGHT
from red_team.plain_course import solved
from red_team.submission import Folder, Hostile, write

SHADOW = (
    "import sys\nopen('/tmp/@TOKEN@-imported', 'w').close()\n"
    "class Anything:\n    def __getattr__(self, name): return self\n    def __call__(self, *a, **k): return self\n"
    "sys.modules[__name__] = Anything()\n"
)
SHADOWED = ("numpy.py", "pandas.py", "math.py", "json.py", "random.py", "shoshin/__init__.py", "msgpack.py",
            "conftest.py",
            "sitecustomize.py", "usercustomize.py", "numpy/__init__.py", "nbgrader_config.py", "ipython_config.py",
            "jupyter_config.py", ".ipython/profile_default/startup/00.py", "IPython.py", "signal.py", "matplotlibrc",
            "rfc3987_syntax.py", "_socket.py", "grader.py", "tiny/double.py")  # fmt: skip
CONFIG = "c = get_config()\nopen('/tmp/@TOKEN@-config', 'w').close()\nc.ClearSolutions.code_stub = {}\n"


def files(contents: Mapping[str, bytes]) -> Folder:
    """Write files beside the notebook."""

    def folder(path: Path, words: Mapping[str, str]) -> None:
        for name, content in contents.items():
            for word, meaning in words.items():
                content = content.replace(f"@{word}@".encode(), meaning.encode())
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)

    return folder


def links(targets: Mapping[str, str]) -> Folder:
    """Put symbolic links beside the notebook; where its own file is named, in its place."""

    def folder(path: Path, words: Mapping[str, str]) -> None:
        for name, target in targets.items():
            for word, meaning in words.items():
                target = target.replace(f"@{word}@", meaning)
            (path / name).unlink(missing_ok=True)
            (path / name).symlink_to(target)

    return folder


def pipes(path: Path, words: Mapping[str, str]) -> None:
    os.mkfifo(path / "data.csv")
    with socket.socket(socket.AF_UNIX) as end:
        here = os.getcwd()
        os.chdir(path)  # the path of a socket has at most 107 characters
        try:
            end.bind("a.socket")
        finally:
            os.chdir(here)


def pipe_for_notebook(path: Path, words: Mapping[str, str]) -> None:
    (path / "double.ipynb").unlink()
    os.mkfifo(path / "double.ipynb")


def folder_for_notebook(path: Path, words: Mapping[str, str]) -> None:
    (path / "double.ipynb").unlink()
    (path / "double.ipynb").mkdir()
    (path / "double.ipynb" / "double.ipynb").write_text("{}")


def renamed(path: Path, words: Mapping[str, str]) -> None:
    (path / "double.ipynb").rename(path / "Double (final) v2.ipynb")


def another_notebook(path: Path, words: Mapping[str, str]) -> None:
    text = (path / "double.ipynb").read_bytes()
    for name in ("plain.ipynb", "double-copy.ipynb", "zz.ipynb", "-x.ipynb", "double.ipynb.ipynb"):
        (path / name).write_bytes(text)


def unreadable(path: Path, words: Mapping[str, str]) -> None:
    """Take every right away; the tests may run as root, for whom that is none."""
    (path / "notes.txt").write_text("mine")
    (path / "notes.txt").chmod(0)
    (path / "closed").mkdir(mode=0)


def large(path: Path, words: Mapping[str, str]) -> None:
    with (path / "large.bin").open("wb") as file:
        file.truncate(2**40)  # it takes no room


def many(path: Path, words: Mapping[str, str]) -> None:
    for number in range(2000):
        (path / f"file-{number}.txt").write_text("x")


def odd_names(path: Path, words: Mapping[str, str]) -> None:
    for name in (b"a\nb.txt", b"-rf", b"--help", b"\xff\xfe.txt", b"...", b"a;touch x", b"$(touch x)", b"%s%n.txt",
                 "‮gpj.exe".encode(), b"x" * 250, b".hidden", b"nul", b"a b'c\".txt", b".ipynb"):  # fmt: skip
        with open(os.path.join(os.fsencode(path), name), "wb") as file:
            file.write(b"x")


def deep(path: Path, words: Mapping[str, str]) -> None:
    path.joinpath(*["deep"] * 300).mkdir(parents=True)


def empty_folders(path: Path, words: Mapping[str, str]) -> None:
    for number in range(5000):
        (path / f"empty-{number}").mkdir()


def timestamp(content: str) -> Folder:
    return files({"timestamp.txt": content.encode("utf-8", "surrogateescape")})


def loop(path: Path, words: Mapping[str, str]) -> None:
    (path / "up").symlink_to("..")
    (path / "self").symlink_to("self")
    (path / "here").symlink_to(".")


def right(name: str, tries: str, folder: Callable[..., None], *, stock: str = "held") -> Hostile:
    """Answers that are all right, whatever lies beside them."""
    return Hostile(name, tries, "double", write(**RIGHT), ALL, stock, folder)


SUBMISSIONS = (
    right("shadows-libraries", "modules beside the notebook that are named as libraries and as grader",
          files(dict.fromkeys(SHADOWED, SHADOW.encode())), stock="stopped"),
    right("brings-a-config", "an nbgrader_config.py of its own", files({"nbgrader_config.py": CONFIG.encode()})),
    Hostile("brings-its-data", "the teacher's data file replaced by its own", "plain",
            write(total=solved("total"), heaviest=solved("heaviest"), read=solved("read")),
            {"total": 1, "heaviest": 2, "heaviest_equals": 1, "read": 1, "read_new": 1}, "unfair",
            files({"weights.csv": b"name,weight\nMe,1.0\n"})),
    right("links-out", "links to the gradebook, to the source and to a classmate",
          links({"gradebook.db": "@COURSE@/gradebook.db", "source": "@COURSE@/source", "mate": "@COURSE@/submitted",
                 "passwd": "/etc/passwd", "root": "/"}), stock="trace"),
    Hostile("links-its-notebook", "its notebook is a link to a classmate's", "double", lambda notebook: None, {},
            "fooled", links({"double.ipynb": "@COURSE@/submitted/honest-right/double/double.ipynb"})),
    Hostile("links-to-the-source", "its notebook is a link to the solved source", "double", lambda notebook: None, {},
            "fooled", links({"double.ipynb": "@COURSE@/source/double/double.ipynb"})),
    Hostile("links-to-a-device", "its notebook is a link to /dev/zero", "double", lambda notebook: None, {},
            "stopped", links({"double.ipynb": "/dev/zero"})),
    Hostile("is-a-pipe", "its notebook is a named pipe", "double", lambda notebook: None, {}, "stopped",
            pipe_for_notebook),
    Hostile("is-a-folder", "its notebook is a folder", "double", lambda notebook: None, {}, "stopped",
            folder_for_notebook),
    Hostile("is-renamed", "its notebook has another name", "double", write(**RIGHT), {}, "held", renamed, refused=True),
    right("has-more-notebooks", "other notebooks beside the one that is asked for", another_notebook),
    right("has-pipes", "a named pipe and a socket beside the notebook", pipes, stock="stopped"),
    right("has-no-rights", "files and folders without any rights", unreadable, stock="held"),
    right("is-large", "a sparse file of a terabyte", large, stock="stopped"),
    Hostile("has-many-files", "two thousand files", "double", write(**RIGHT), {}, "held", many, refused=True),
    right("has-odd-names", "names with line breaks, dashes, half characters and dollars", odd_names, stock="stopped"),
    right("runs-in-circles", "links to itself and to its parent", loop, stock="stopped"),
    Hostile("bad-timestamp", "a timestamp that is no time: late or not?", "double", write(**RIGHT), {}, "stopped",
            timestamp("yesterday, I swear\udcff"), refused=True),
    Hostile("endless-timestamp", "a number that no clock has", "double", write(**RIGHT), {}, "stopped",
            timestamp("1:" + "9" * 40), refused=True),
    right("has-deep-folders", "a chain of three hundred folders", deep),
    right("has-empty-folders", "five thousand empty folders", empty_folders),
    right("is-in-the-way", "a folder of the name that grading once wrote files under",
          files({".shoshin.part/x": b"x"})),
    # Names of students: an id is the name of a folder, and stands in the gradebook and in pages.
    *(right(name, "the name of the folder itself", lambda path, words: None)
      for name in ("x' OR '1'='1", "-rf", "$(touch x); `id` %s", "Zoë 學生",
                   "a+b@c.org")),
    Hostile('<img src=x onerror="alert(1)">', "the name of the folder itself", "double", write(**RIGHT), {}, "held",
            lambda path, words: None, refused=True),
    right("future-timestamp", "a timestamp in the year 9999", timestamp("9999-12-31 23:59:59 UTC")),
)  # fmt: skip
