"""Start JupyterLab for a learner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from shoshin.check.record import PLACE
from shoshin.kernels import ForkServer
from shoshin.learn.start import NAME

# Switches off, for this server only, what belongs to the teacher (nbgrader) and JupyterLab's news.
CONFIG = Path(__file__).with_name("jupyter")

RECORD = "shoshin-progress.jsonl"  # a workspace that holds this file keeps the record itself


class OneKernel(KernelSpecManager):
    """Offers one kernel: ipykernel in this very Python, whatever kernels the machine knows."""

    def _kernel_dirs_default(self) -> list[str]:
        return []

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return how to start the kernel, without the warnings it would print into the server's terminal."""
        spec = super().get_kernel_spec(kernel_name)
        spec.argv = [*spec.argv, "--log-level=ERROR"]
        return spec


def serve(folder: Path, browser: bool = True, port: int | None = None) -> int:
    """Run JupyterLab on `folder` until it is ended, and return its exit code. Ctrl-C ends it at once."""
    # In a session of its own, the server hears of Ctrl-C from here only: while it is still starting, it would
    # answer with a traceback. (On Windows every process of the console hears of it.)
    with ForkServer() as kernels:  # a notebook's first import answers at once, where the system can fork
        known = {**environment(folder), **kernels.environment}
        server = subprocess.Popen(command(folder, browser, port), env=known, start_new_session=True)
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: server.terminate())
        while True:
            try:
                return max(0, server.wait())
            except KeyboardInterrupt:
                if sys.platform != "win32":
                    server.terminate()


def command(folder: Path, browser: bool, port: int | None) -> list[str]:
    """Return the command line that starts the server."""
    arguments = [
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--ServerApp.kernel_spec_manager_class={OneKernel.__module__}.{OneKernel.__name__}",
        "--ServerApp.log_level=WARN",  # or the link with the token drowns
        "--LabApp.log_level=WARN",
        f"--LabApp.default_url=/lab/tree/{quote(NAME)}",
    ]
    if not browser:
        arguments.append("--no-browser")
    if port is not None:
        arguments.append(f"--port={port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container, everybody is root
        arguments.append("--allow-root")
    return [sys.executable, "-m", "jupyterlab", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment that the server runs in."""
    paths = [str(CONFIG), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {**os.environ, **record_of(folder), "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}


def record_of(folder: Path) -> dict[str, str]:
    """Return the setting by which the checks record into a workspace that has a record of its own."""
    own = folder.resolve() / RECORD
    return {PLACE: str(own)} if own.exists() else {}
