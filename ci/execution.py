"""Execute one notebook with papermill in a process of its own, and measure it."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

CELL_SECONDS = 300
NOTEBOOK_SECONDS = 1800
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Execution:
    """What one execution cost: wall time, and the kernel's peak memory in MB (0 where it cannot be measured).

    `stopped` says why it ended early, unless a cell's own output says it; `cold`, why a kernel that was to be forked
    from a warm process was an ordinary one.
    """

    seconds: float
    memory: float
    stopped: str = ""
    cold: str = ""


async def execute(
    notebook: Path,
    *,
    threads: int = 1,
    python: str | Path = sys.executable,
    offline: bool = False,
    warm: Mapping[str, str] | None = None,
    cell_seconds: int = CELL_SECONDS,
    seconds: int = NOTEBOOK_SECONDS,
) -> Execution:
    """Execute `notebook` in place, its kernel in an empty working folder, and return what it cost.

    The kernel is that of `python`, whatever kernels are registered. When the caller is cancelled (Ctrl-C), the
    kernel and all its children are killed. Whatever the notebook leaves in the temporary folder is removed.
    `warm` is the environment of a fork server; without it, every kernel starts from nothing.
    `offline` cuts the network off: by a namespace without interfaces where the system allows one, and in any case
    the kernel refuses to connect to other machines.
    """
    with tempfile.TemporaryDirectory(prefix="shoshin-run-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        report, errors = scratch / "execution.json", scratch / "stderr.txt"
        with errors.open("wb") as stderr:
            # A session of its own: Ctrl-C in the terminal reaches the runner only, which then ends this one properly.
            child = await asyncio.create_subprocess_exec(
                *(namespace() if offline else ()),
                *(sys.executable, __file__, str(notebook.resolve()), str(report), str(cell_seconds)),
                env=_environment(scratch, threads, python, offline, warm or {}),
                cwd=_new(scratch / "work"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        try:
            await asyncio.wait_for(child.wait(), seconds)
        except TimeoutError:
            return Execution(seconds, 0, f"the notebook had not finished after {seconds} seconds")
        finally:
            await _kill(child)
        if report.exists():
            return Execution(**json.loads(report.read_text()))
        last = (errors.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        return Execution(0, 0, f"papermill's process ended with code {child.returncode}: {last}")


@functools.cache
def namespace() -> tuple[str, ...]:
    """Return the command that cuts a process off from every network, or nothing where the system forbids it."""
    cut = ("unshare", "--user", "--map-root-user", "--net")
    try:
        subprocess.run([*cut, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return cut


def inherited(threads: int) -> dict[str, str]:
    """Return what a kernel may know of this process's environment, and how many threads it may take."""
    ours = ("PYTHON", "SHOSHIN_")  # what is set for this process must not change what a notebook does
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # Several notebooks share the cores; each taking all of them would make all of them slower.
    return {"OMP_NUM_THREADS": str(threads), **kept}


def _environment(
    scratch: Path, threads: int, python: str | Path, offline: bool, warm: Mapping[str, str]
) -> dict[str, str]:
    spec = _new(scratch / "jupyter" / "kernels" / "python3") / "kernel.json"
    kernel = [str(python), str(HERE / "watched_kernel.py"), "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": kernel, "display_name": "Python 3", "language": "python"}))
    return inherited(threads) | {
        **warm,
        # A single file keeps its record in its working folder; nothing else is to be taken for a learner's work.
        **({"SHOSHIN_OFFLINE": "namespace" if namespace() else "refused"} if offline else {"SHOSHIN_PROGRESS": "off"}),
        # It comes before all other places where a python3 may be registered.
        "JUPYTER_PATH": os.pathsep.join(filter(None, (str(scratch / "jupyter"), warm.get("JUPYTER_PATH")))),
        "JUPYTER_RUNTIME_DIR": str(_new(scratch / "runtime")),
        "IPYTHONDIR": str(_new(scratch / "ipython")),  # nobody's start-up files
        "TMPDIR": str(_new(scratch / "tmp")),
    }


def _new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


async def _kill(child: asyncio.subprocess.Process) -> None:
    """Kill what is left of a process and its descendants (a kernel has a session of its own, so no group helps)."""
    if child.returncode is not None:
        return
    try:
        top = psutil.Process(child.pid)
        family = [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    await child.wait()


def _loopback_up() -> None:
    """Switch on a new network namespace's own loopback, over which a kernel and its client speak."""
    import fcntl
    import socket
    import struct

    set_flags, up_and_running = 0x8914, 0x1 | 0x40  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh", b"lo", up_and_running))


def _execute_here(notebook: str, cell_seconds: int) -> Execution:
    # jsonschema would build a parser for 2 seconds, to check a kind of web address that no notebook holds.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    stopped, began = "", time.perf_counter()
    try:
        papermill.execute_notebook(
            notebook,
            notebook,
            kernel_name="python3",
            cwd=os.getcwd(),
            progress_bar=False,
            start_timeout=120,
            execution_timeout=cell_seconds,
        )
    except papermill.PapermillExecutionError:
        pass  # the cell's output says it
    except DeadKernelError:
        stopped = "the kernel died while this cell ran"
    except CellTimeoutError:
        stopped = f"the cell had not finished after {cell_seconds} seconds"
    except Exception as error:
        stopped = f"{type(error).__name__}: {error}"
    from shoshin.kernels import starts

    memory = max([_peak_memory_of_children(), *(start.peak_mb for start in starts)])
    cold = starts[-1].cold if starts else ""
    return Execution(round(time.perf_counter() - began, 2), round(memory, 1), stopped, cold)


def _peak_memory_of_children() -> float:
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    notebook, report, cell_seconds = sys.argv[1:]
    if os.environ.get("SHOSHIN_OFFLINE") == "namespace":
        _loopback_up()
    Path(report).write_text(json.dumps(asdict(_execute_here(notebook, int(cell_seconds)))))
