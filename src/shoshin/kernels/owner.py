"""The owner's side: keep a fork server at hand for as long as this object, or this process, lives."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

ADDRESS = "SHOSHIN_KERNELS"  # the variable that tells a client where the socket is
PROVISIONER = "JUPYTER_DEFAULT_PROVISIONER_NAME"  # jupyter_client's own: for kernelspecs that name none
PACKAGE = Path(__file__).resolve().parent
BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from kernels.server import main; main()"

# What the notebooks import. shoshin and the graders are not among them: a learner upgrades them and a teacher edits
# them while the server lives. Nor is dask, which reads its configuration from the environment and from files.
# torch's optimisers import torch._dynamo at first use; scikit-learn's packages are loaded one by one.
STACK = (
    *("numpy", "pandas", "scipy", "scipy.stats", "matplotlib.pyplot", "sklearn.datasets", "sklearn.ensemble"),
    *("sklearn.linear_model", "sklearn.model_selection", "sklearn.pipeline", "torch", "torch._dynamo"),
    *("IPython.core.completerlib", "ipykernel.debugger", "ipykernel.ipkernel", "ipykernel.kernelapp"),
)


class Preloaded(NamedTuple):
    """What a fork server has done before its first kernel."""

    imported: dict[str, float]  # module -> seconds
    left_out: dict[str, str]  # module -> why
    warnings: list[dict[str, Any]]  # category, removal, text, filename, line, module (whose import raised it)


class ForkServer:
    """A fork server that starts now, again when it was killed or had ended idle and a kernel is asked for.

    It ends with `close()`, or with this process, however that ends; its kernels end with it. `environment` holds the
    variables that let a client find it. Where it cannot start, `reason` says why, and every kernel is an ordinary one.
    """

    def __init__(
        self,
        modules: Sequence[str] = STACK,
        *,
        environment: Mapping[str, str] = os.environ,
        idle_seconds: float = 1800,
    ):
        self.environment: dict[str, str] = {}
        self.reason = unavailable()
        self._preloaded: Preloaded | None = None
        self._settled = threading.Event()  # the first start has succeeded or failed
        self._lock, self._closed = threading.Lock(), False
        self._process: subprocess.Popen[bytes] | None = None
        if self.reason:
            return
        self._folder = Path(tempfile.mkdtemp(prefix="shoshin-kernels-"))  # mode 0700: the only key to the socket
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._listener.bind(str(self._folder / "socket"))
        except OSError as error:
            self.reason = f"no socket in the temporary folder {self._folder.parent}: {error}"
            shutil.rmtree(self._folder)
            return
        self._listener.listen(128)
        self._settings = json.dumps([self._listener.fileno(), idle_seconds, [*modules]])
        self._environment = {**environment}
        self.environment = client_environment(self._folder / "socket", environment)
        threading.Thread(target=self._keep, name="fork server", daemon=True).start()

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def preloaded(self) -> Preloaded | None:
        """Wait for the first start and return what was imported, and the warnings; `None` if there is a `reason`."""
        if not self.reason:
            self._settled.wait()
        return self._preloaded

    def close(self) -> None:
        """End the server and its kernels."""
        with self._lock:
            if self._closed or not self.environment:
                return
            self._closed = True
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # nobody can connect any more, and `_keep` wakes up
            process = self._process
        if process and process.stdin:
            process.stdin.close()
            if not self._settled.is_set():
                process.kill()  # it is importing, and has no kernels yet
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _keep(self) -> None:
        failures, waiting = 0, select.poll()
        waiting.register(self._listener, select.POLLIN)
        while failures < 2:
            with self._lock:
                if self._closed:
                    break
                self._process = process = self._start()
            assert process.stdout
            with process.stdout as pipe:
                line = pipe.readline()
            if line:
                failures, self._preloaded = 0, Preloaded(**json.loads(line))
                self._settled.set()
            else:
                failures += 1
            process.wait()
            if line:
                # The socket stays open while no server runs: the next request waits in it, and is heard of here.
                waiting.poll()
        if not self._closed:
            self.reason = f"the fork server did not start: {self._last_words()}"
        self._settled.set()
        self._listener.close()  # a client that waits is refused, and starts an ordinary kernel

    def _start(self) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-c", BOOT, str(PACKAGE.parent), self._settings],
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.PIPE,  # never written to; its end tells the server that the owner is gone
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=[self._listener.fileno()],
                start_new_session=True,
            )

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            for line in reversed((self._folder / "log").read_text(errors="replace").splitlines()):
                if line.strip():
                    return line.strip()
        return f"it ended with code {self._process.returncode if self._process else None}"


def unavailable() -> str:
    """Return why no warm kernels can be had here, in a sentence without full stop; empty if they can."""
    if sys.platform != "linux":
        return (
            f"warm kernels need Linux; on {sys.platform} a process that has loaded system libraries cannot fork safely"
        )
    try:
        os.close(os.pidfd_open(os.getpid()))
        os.listdir("/proc/self/task")
    except OSError as error:
        return f"this Linux does not let a process watch its children ({error})"
    if not entry_points(group="jupyter_client.kernel_provisioners", name="shoshin"):
        return "Jupyter does not know the provisioner 'shoshin'; install the package shoshin again"
    return ""


def client_environment(address: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which jupyter_client finds the provisioner, the kernelspec and the socket."""
    paths = [str(PACKAGE / "jupyter"), environment.get("JUPYTER_PATH", "")]
    return {ADDRESS: str(address), PROVISIONER: "shoshin", "JUPYTER_PATH": os.pathsep.join(filter(None, paths))}
