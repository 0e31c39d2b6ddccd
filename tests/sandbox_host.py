"""A process that enters the sandbox again and again, for tests: it forks, enters, and calls what it was sent."""

from __future__ import annotations

import gc
import importlib
import inspect
import json
import os
import signal
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from shoshin.classroom import sandbox
from shoshin.classroom.model import Limits
from shoshin.classroom.sandbox import linux, privileges, seccomp

HERE = Path(__file__).resolve().parent
USER = 1000
LONGEST = 120  # seconds
STACK = ("numpy", "pandas", "scipy", "matplotlib.pyplot", "sklearn.linear_model", "torch", "IPython")
SOURCE = HERE.parent / "src"
BOOT = "import sys; sys.path[:0] = sys.argv[1:3]; from sandbox_host import serve; serve(*sys.argv[3:])"


class Host:
    """The test's side. `kind` is "root", "user", or "container": a user who may not mount a new /proc."""

    def __init__(self, kind: str, course: Path, paths: Sequence[Path], environment: dict[str, str]) -> None:
        self.kind, self.course = kind, course
        self.packages, self.link = paths  # seen in the sandbox, as folders with packages
        command = [sys.executable, "-c", BOOT, *map(str, (HERE, SOURCE, kind, course, *paths))]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.hear() == {"ready": True}

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline() or '{"ended": true}')

    def start(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Running:
        """Call `function(tell, *arguments)` in a new sandbox, where only its own text is known."""
        code = textwrap.dedent(inspect.getsource(function))
        request = {"code": code, "name": function.__name__, "arguments": arguments, **options}
        assert self.process.stdin
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return Running(self)

    def run(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Return what the function told, at its end: one thing, or a list of several."""
        running = self.start(function, *arguments, **options)
        told = [*running]
        assert running.code == 0, (running.code, running.error, told)
        return told[0] if len(told) == 1 else told

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


class Running:
    """A sandbox at work: iterate over what is told inside; then `code` is the exit code of the calling process."""

    def __init__(self, host: Host) -> None:
        self.host, self.code, self.error = host, None, ""
        self.caller = host.hear()["caller"]

    def __iter__(self) -> Iterator[Any]:
        while "told" in (words := self.host.hear()):
            yield words["told"]
        self.code, self.error = words.get("code"), words.get("error", "")


def serve(kind: str, course: str, packages: str, link: str) -> None:
    """Become the wanted kind of host, import what notebooks import, and enter one sandbox for each line of stdin."""
    if os.geteuid() == 0:
        linux.unshare(linux.NEW_MOUNTS)
        linux.mount("", "/", flags=linux.RECURSIVE | linux.PRIVATE)
        os.mkdir(f"{packages}/mounted")
        linux.mount("tmpfs", f"{packages}/mounted", "tmpfs", options="mode=777")
    if kind != "root" and os.geteuid() == 0:
        let_everyone_reach([sys.prefix, sys.base_prefix, course, str(HERE), str(SOURCE)])
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)
    if kind == "container":
        privileges.enter_user_namespace(os.open("/proc", os.O_RDONLY), linux.NEW_MOUNTS, inside=0)
        linux.mount("tmpfs", "/proc/fs", "tmpfs")  # with something of it hidden, no second /proc may be mounted
    linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)  # when the tests end
    sys.path += [packages, link]
    for module in STACK:
        importlib.import_module(module)
    sandbox.prepare()
    gc.freeze()
    say({"ready": True})
    for line in sys.stdin:
        signal.alarm(LONGEST)  # kills this process, and with it the sandbox
        serve_one(json.loads(line))


def serve_one(request: dict[str, Any]) -> None:
    reading, writing = os.pipe()
    errors, error = os.pipe()
    caller = os.fork()
    if caller == 0:
        linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)  # as the fork server does
        os.dup2(error, 2)
        call_inside(request, writing)
    os.close(writing)
    os.close(error)
    say({"caller": caller})
    with open(reading) as lines:
        for line in lines:  # until nobody in the sandbox is left who could write
            say({"told": json.loads(line)})
    with open(errors) as lines:
        text = lines.read()
    say({"code": os.waitstatus_to_exitcode(os.waitpid(caller, 0)[1]), "error": text})


def call_inside(request: dict[str, Any], writing: int) -> NoReturn:
    def tell(thing: Any) -> None:
        os.write(writing, json.dumps(thing).encode() + b"\n")

    try:
        if request.get("without_seccomp"):
            seccomp.library = None
        files = [(name, text.encode()) for name, text in request.get("files", {}).items()]
        sandbox.enter(files, Limits(**request.get("limits", {})), [writing], request.get("masked", []))
        names: dict[str, Any] = {}
        exec(request["code"], names)
        names[request["name"]](tell, *request["arguments"])
        os._exit(0)
    except BaseException:
        tell({"raised": traceback.format_exc()})
    finally:
        os._exit(1)


def say(words: dict[str, Any]) -> None:
    print(json.dumps(words), flush=True)


def let_everyone_reach(paths: Sequence[str]) -> None:
    """Cover each folder on the way that only root may enter with one that holds nothing else than the way."""
    covered: dict[str, dict[str, int]] = {}
    for path in map(os.path.realpath, paths):
        ways = ["/".join(path.split("/")[:length]) for length in range(2, path.count("/") + 2)]
        closed = next((way for way in ways if not os.stat(way).st_mode & 0o001), None)
        if closed:
            covered.setdefault(closed, {})[path] = os.open(path, os.O_PATH)
    for closed, inside in covered.items():
        linux.mount("tmpfs", closed, "tmpfs", options="mode=755")
        for path, descriptor in inside.items():
            os.makedirs(path, exist_ok=True)
            linux.mount(f"/proc/self/fd/{descriptor}", path, flags=linux.BIND | linux.RECURSIVE)
            os.close(descriptor)


def in_new_user_namespace(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in a user namespace that may not have another one below it."""

    def prepare() -> None:
        proc = os.open("/proc", os.O_RDONLY)
        privileges.enter_user_namespace(proc, inside=0)
        privileges.forbid_namespaces(proc)

    return subprocess.run(command, capture_output=True, text=True, preexec_fn=prepare)
