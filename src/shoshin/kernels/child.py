"""Turn a fork into the process that was asked for: what it inherits from the server is made the request's."""

from __future__ import annotations

import ctypes
import importlib
import os
import runpy
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from .preload import forget

# Variables that the interpreter, the loader or a preloaded library has read by now, by their beginnings.
FIXED = (
    *("PYTHON", "LD_", "LANG", "LC_", "TZ", "HOME", "XDG_CONFIG_HOME", "MALLOC_", "GLIBC_", "MPLCONFIGDIR"),
    *("MATPLOTLIBRC", "OMP_", "OPENBLAS_", "GOTO_", "GOMP_", "KMP_", "MKL_", "BLIS_", "NPY_", "NUMPY_", "PANDAS_"),
    *("ARROW_", "JE_ARROW_", "SCIPY_", "SKLEARN_", "TORCH", "PYTORCH_", "ATEN_"),
)
INLINE = "module://matplotlib_inline.backend_inline"
SET_PARENT_DEATH_SIGNAL = 1


class Origin:
    """What every child begins with: the server's environment, the interpreter, and the versions on the disk."""

    def __init__(self) -> None:
        self.environment = dict(os.environ)
        self.installed: dict[str, int] = {}
        self.libc = ctypes.CDLL(None)

    def complete(self) -> None:
        """Note the state of the folders that modules come from, after the imports."""
        self.installed = {path: os.stat(path).st_mtime_ns for path in sys.path if os.path.isdir(path)}

    def outdated(self) -> bool:
        """Tell whether a package has been installed, removed or replaced since the imports."""
        try:
            return any(os.stat(path).st_mtime_ns != then for path, then in self.installed.items())
        except OSError:
            return True

    def refuses(self, command: list[str], environment: dict[str, str], folder: str) -> str:
        """Return why a fork cannot stand for a fresh process with this request, or an empty string."""
        python, option = (*command, "-")[:2]
        if any(way(python) != way(sys.executable) for way in (os.path.dirname, os.path.realpath)):
            return f"{python} is not the fork server's Python, {sys.executable}"
        if option != "-m" and option.startswith("-"):
            return f"Python's option {option} cannot be given to a running process"
        for name in sorted({*environment, *self.environment}):
            then, now = self.environment.get(name), environment.get(name)
            if name.startswith(FIXED) and now != then:
                return f"{name} is {now!r} and the fork server's libraries have been loaded with {then!r}"
        if os.path.exists(os.path.join(folder, "matplotlibrc")):
            return f"{folder} has a matplotlibrc of its own, and matplotlib is loaded"
        return "packages have been installed since the fork server's start" if self.outdated() else ""

    def die_with(self, parent: int) -> None:
        """Make the kernel end this process when the server ends, however that ends."""
        self.libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before that line
            os._exit(1)


def become(request: dict[str, Any], files: list[int]) -> None:
    """Run the request's Python command in this process, in its folder, environment and streams."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((null, *files)):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    tempfile.tempdir = None
    threading.main_thread()._set_native_id()  # type: ignore[attr-defined]  # Python before 3.13 keeps the parent's
    forget_the_server()
    run_command(request["command"][1:])


def call(request: dict[str, Any], files: list[int]) -> None:
    """Call a function, "module:name", with a descriptor and the request's arguments; nobody hears what it prints."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(null, number)
    os.close(null)
    tempfile.tempdir = None
    threading.main_thread()._set_native_id()  # type: ignore[attr-defined]
    forget_the_server()
    module, _, name = request["function"].partition(":")
    getattr(importlib.import_module(module), name)(*files, **request["arguments"])


def forget_the_server() -> None:
    """Give the loaded libraries what they would have found in this environment, and random numbers of their own."""
    loaded = sys.modules
    if "multiprocessing.process" in loaded:
        loaded["multiprocessing.process"].ORIGINAL_DIR = os.getcwd()  # type: ignore[attr-defined]
    if "matplotlib" in loaded:
        # ipykernel sets the variable too, but expects matplotlib to be loaded after that.
        try:
            loaded["matplotlib"].rcParams["backend"] = os.environ.setdefault("MPLBACKEND", INLINE)
        except ValueError:
            forget("matplotlib")  # no such backend: the import in the notebook will say so
    if "numpy" in loaded:
        loaded["numpy"].random.seed()
    if "torch" in loaded:
        loaded["torch"].default_generator.seed()
    threads = openblas_threads()
    if "threadpoolctl" in loaded and threads > 1:  # it has been loaded with one; to find it takes time
        for pool in loaded["threadpoolctl"].ThreadpoolController().lib_controllers:
            if pool.internal_api == "openblas":
                pool.set_num_threads(threads)


def openblas_threads() -> int:
    """Return how many threads OpenBLAS would have taken from this environment."""
    cores = len(os.sched_getaffinity(0))
    for name in ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"):
        first = os.environ.get(name, "").partition(",")[0].strip()
        if first.isdigit() and int(first) > 0:
            return min(int(first), cores)
    return cores


def run_command(arguments: list[str]) -> None:
    """Do what `python` does with these arguments: `-m MODULE …` or `FILE …`."""
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        place = os.getcwd()
    else:
        sys.argv = arguments
        place = str(Path(arguments[0]).resolve().parent)
    if not sys.flags.safe_path:
        sys.path.insert(0, place)
    if arguments[0] == "-m":
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(arguments[0], run_name="__main__")
