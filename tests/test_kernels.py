"""A warm kernel is an ordinary kernel that starts sooner, and none outlives whoever asked for it."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from shoshin import kernels

pytestmark = pytest.mark.skipif(bool(kernels.unavailable()), reason=kernels.unavailable())

STACK = ["numpy", "pandas", "matplotlib.pyplot", "threadpoolctl", "planted", "filtering", "ipykernel.kernelapp"]
FILTERING = "import warnings; warnings.filterwarnings('ignore', message='filtered', module='')"
PLANTED = """
import warnings
warnings.warn("planted.old will be removed", FutureWarning)
warnings.warn("planted.older will be removed", DeprecationWarning)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[kernels.ForkServer]:
    modules = folder / "modules"
    modules.mkdir()
    (modules / "planted.py").write_text(PLANTED)
    (modules / "filtering.py").write_text(FILTERING)
    (modules / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=[9]).start()"
    )
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", str(modules))
    patch.setenv("OMP_NUM_THREADS", "2")
    patch.setenv("IPYTHONDIR", str(folder / "ipython"))
    patch.delenv("MPLBACKEND", raising=False)
    with kernels.ForkServer([*STACK, "threaded", "no_such_module"]) as server:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server
    patch.undo()


class Kernel:
    """A running kernel that answers with what a cell prints."""

    def __init__(self, name: str, folder: Path, **environment: str):
        self.manager = KernelManager(kernel_name=name)
        self.log = (folder / "kernel.log").open("w+")
        environment = {**os.environ, **environment}
        self.manager.start_kernel(env=environment, cwd=str(folder), stdout=self.log, stderr=self.log)
        self.start = kernels.starts[-1] if name == "shoshin" else None
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    @property
    def process(self) -> Any:
        return self.manager.provisioner.process

    def __call__(self, code: str) -> str:
        printed: list[str] = []

        def collect(message: dict[str, Any]) -> None:
            content = message["content"]
            printed.append(content.get("text", "") + content.get("ename", ""))

        self.client.execute_interactive(code, timeout=60, output_hook=collect, allow_stdin=False)
        return "".join(printed).strip()

    def value(self, expression: str) -> Any:
        return ast.literal_eval(self(f"print(repr({expression}))"))


@pytest.fixture
def kernel(server: kernels.ForkServer, tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    started: list[Kernel] = []

    def start(name: str = "shoshin", folder: Path = tmp_path, **environment: str) -> Kernel:
        started.append(Kernel(name, folder, **environment))
        return started[-1]

    yield start
    for each in started:
        each.client.stop_channels()
        each.manager.shutdown_kernel(now=True)
        each.log.close()


def test_the_server_imports_what_is_installed_and_begins_without_a_thread(server) -> None:
    done = server.preloaded()
    assert set(done.imported) == set(STACK)
    assert done.left_out == {"threaded": "its import starts 1 thread", "no_such_module": "not installed"}
    folder = os.path.dirname(server.environment["SHOSHIN_KERNELS"])  # another test's server may be alive as well
    (process,) = (each for each in psutil.Process().children() if each.cwd() == folder)
    assert process.num_threads() == 1


def test_the_usual_stack_can_be_imported_without_a_thread() -> None:
    with kernels.ForkServer() as server:
        done = server.preloaded()
    assert not server.reason
    assert not {name: why for name, why in done.left_out.items() if why != "not installed"}


def test_warnings_raised_while_importing_are_reported(server) -> None:
    planted = [warning for warning in server.preloaded().warnings if warning["module"] == "planted"]
    assert [(each["category"], each["removal"], each["text"]) for each in planted] == [
        ("FutureWarning", True, "planted.old will be removed"),
        ("DeprecationWarning", True, "planted.older will be removed"),
    ]
    assert planted[0]["filename"].endswith("planted.py")
    assert planted[0]["line"] == 3


NOTEBOOK = [
    "import os, sys\nimport numpy as np\nimport matplotlib.pyplot as plt\n[os.getcwd(), sys.argv[0], sys.path]",
    "import pandas\npandas.DataFrame([range(30)])",
    "import threadpoolctl\n[(pool['user_api'], pool['num_threads']) for pool in threadpoolctl.threadpool_info()]",
    "print('out'); print('err', file=sys.stderr); os.system('echo from a process')",
    "figure, axes = plt.subplots()\naxes.plot([1, 2])\nprint(plt.get_backend(), os.environ['MPLBACKEND'])",
    "import filtering, warnings\nwarnings.warn('filtered')\nwarnings.warn('seen', DeprecationWarning)",
    "import __main__\n[__main__.figure is figure, os.getpid() == os.getsid(0)]",
    "import multiprocessing\n[multiprocessing.process.ORIGINAL_DIR, sys.flags, 'shoshin' in sys.modules, __name__]",
    "sys.stdin.read(), os.read(0, 1), os.umask(0o22)",
    "raise ValueError('boom')",
]


def outputs(name: str, folder: Path) -> list[Any]:
    """Run the notebook with papermill and return what its cells show."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in NOTEBOOK])
    nbformat.write(notebook, folder / "given.ipynb")
    with pytest.raises(papermill.PapermillExecutionError):
        papermill.execute_notebook(
            *(folder / "given.ipynb", folder / f"{name}.ipynb"), kernel_name=name, cwd=folder, progress_bar=False
        )
    done = json.loads((folder / f"{name}.ipynb").read_text())
    return [re.sub(r"ipykernel_\d+", "ipykernel_N", str(cell.get("outputs"))) for cell in done["cells"]]


def test_a_notebook_shows_the_same_in_a_warm_kernel_as_in_an_ordinary_one(server, tmp_path, monkeypatch) -> None:
    warm = outputs("shoshin", tmp_path)
    assert kernels.starts[-1].cold == ""
    assert kernels.starts[-1].peak_mb > 20
    monkeypatch.delenv("JUPYTER_DEFAULT_PROVISIONER_NAME")
    monkeypatch.setattr("jupyter_client.provisioning.KernelProvisionerFactory._instance", None)
    before = len(kernels.starts)
    assert outputs("python3", tmp_path) == warm
    assert len(kernels.starts) == before, "that one was ordinary"


def test_a_notebook_for_python3_is_run_warm_in_the_servers_environment(kernel, monkeypatch) -> None:
    monkeypatch.setattr("jupyter_client.provisioning.KernelProvisionerFactory._instance", None)
    assert kernel("python3")("print(1 + 1)") == "2"
    assert kernels.starts[-1].cold == ""


def test_environment_and_folder_are_the_requests(kernel, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SHOSHIN_PLANTED", "no")
    one = kernel(MPLBACKEND="agg", NBGRADER_EXECUTION="autograde", SHOSHIN_PLANTED="yes", TMPDIR=str(tmp_path))
    names = "SHOSHIN_PLANTED", "NBGRADER_EXECUTION", "SHOSHIN_KERNELS", "OPENBLAS_NUM_THREADS"
    assert one.value(f"[__import__('os').environ.get(name) for name in {names}]") == ["yes", "autograde", None, None]
    assert one("import matplotlib.pyplot as plt\nprint(plt.get_backend())") == "agg"
    assert one.value("__import__('tempfile').gettempdir()") == str(tmp_path)
    assert one.value("__import__('os').getcwd()") == str(tmp_path)


def test_two_kernels_share_no_state_and_no_random_numbers(kernel) -> None:
    one, other = kernel(), kernel()
    one("import numpy, random\nnumpy.planted = 1")
    assert other.value("hasattr(__import__('numpy'), 'planted')") is False
    for draw in ("__import__('numpy').random.random()", "__import__('random').random()"):
        assert one.value(draw) != other.value(draw)


def test_an_interrupt_ends_the_cell_and_not_the_kernel(kernel) -> None:
    one = kernel()
    one("kept = 1")
    one.client.execute("print('started', flush=True)\nwhile True: pass")
    while one.client.get_iopub_msg(timeout=60)["content"].get("text") != "started\n":
        pass
    one.manager.interrupt_kernel()
    while one.client.get_iopub_msg(timeout=60)["content"].get("ename") != "KeyboardInterrupt":
        pass
    one.client.wait_for_ready(timeout=60)
    assert one("print(kept)") == "1"


def test_a_restart_gives_a_clean_kernel(kernel) -> None:
    one = kernel()
    first = one.process.pid
    one("import numpy\nnumpy.planted = 1")
    one.manager.restart_kernel(now=True)
    one.client.wait_for_ready(timeout=60)
    assert one.value("hasattr(__import__('numpy'), 'planted')") is False
    assert one.process.pid != first
    assert not psutil.pid_exists(first)


@pytest.mark.parametrize(
    ("crash", "code"),
    [
        ("import os; os._exit(7)", 7),
        ("import faulthandler; faulthandler._sigsegv()", -signal.SIGSEGV),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_a_crash_is_noticed_takes_along_what_the_kernel_started_and_harms_no_other(kernel, crash, code) -> None:
    one, other = kernel(), kernel()
    left = one.value("__import__('subprocess').Popen(['sleep', '600']).pid")
    one.client.execute(crash)
    assert one.process.wait(60) == code
    assert one.manager.is_alive() is False
    assert gone(left)
    assert other("print('alive')") == "alive"


def gone(pid: int) -> bool:
    """Wait until there is no such process, or only its corpse."""
    try:
        process = psutil.Process(pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            pass
    except psutil.NoSuchProcess:
        pass
    return True


def test_killing_the_server_kills_its_kernels_and_the_next_request_starts_another(kernel) -> None:
    one = kernel()
    pid = one.process.pid
    (server,) = [process for process in psutil.Process().children() if process.pid == psutil.Process(pid).ppid()]
    server.kill()
    assert one.process.wait(60) == -signal.SIGKILL
    assert gone(pid)
    two = kernel()
    assert two.start.cold == ""
    assert two("print('again')") == "again"


def test_a_request_that_a_fork_cannot_serve_gets_an_ordinary_kernel_and_the_reason(kernel) -> None:
    one = kernel(OMP_NUM_THREADS="1")
    assert one.start.cold == "OMP_NUM_THREADS is '1' and the fork server's libraries have been loaded with '2'"
    assert one("print('served')") == "served"


def test_a_server_that_is_gone_costs_nobody_a_kernel(kernel, monkeypatch) -> None:
    monkeypatch.setenv("SHOSHIN_KERNELS", "/nowhere/socket")
    one = kernel()
    assert one.start.cold.startswith("the fork server cannot be reached")
    assert one("print('served')") == "served"


def test_a_package_installed_meanwhile_is_found(kernel, folder, tmp_path) -> None:
    one = kernel()
    (folder / "modules" / "installed.py").write_text("version = 2")
    two = kernel()
    assert two.start.cold == "packages have been installed since the fork server's start"
    assert two("import installed; print(installed.version)") == "2"
    for each in (one, two):
        each.manager.shutdown_kernel(now=True)
    three = kernel()
    assert three.start.cold == "", "with its last kernel gone, the server has made room for a new one"
    assert three("import installed; print(installed.version)") == "2"


def test_a_server_whose_library_crashes_says_so_and_kernels_are_ordinary(folder, server, kernel, monkeypatch) -> None:
    (folder / "modules" / "crashing.py").write_text("import os; os._exit(3)")
    with kernels.ForkServer(["crashing"]) as broken:
        assert broken.preloaded() is None
        assert broken.reason == "the fork server did not start: it ended with code 3"


CLIENT = """
import os, psutil, sys
from jupyter_client.manager import start_new_kernel
from shoshin import kernels
if "owner" in sys.argv:
    server = kernels.ForkServer(["ipykernel.kernelapp"])
    os.environ.update(server.environment)
manager, client = start_new_kernel(kernel_name="shoshin", startup_timeout=120)
assert not kernels.starts[-1].cold
print(manager.provisioner.process.pid, *(child.pid for child in psutil.Process().children()), flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(("role", "processes"), [("owner", 2), ("client", 1)])
def test_when_an_owner_or_a_client_is_killed_no_process_of_its_own_is_left(role, processes, server, tmp_path) -> None:
    command = [sys.executable, "-c", CLIENT, role]
    killed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    left = [int(pid) for pid in killed.stdout.split()[-processes:]]
    assert len(left) == processes
    assert all(gone(pid) for pid in left)


def test_an_idle_server_ends_and_comes_back(tmp_path, monkeypatch) -> None:
    with kernels.ForkServer(["ipykernel.kernelapp"], idle_seconds=0.01) as server:
        assert server.preloaded()
        assert server._process.wait(60) == 0
        monkeypatch.setenv("SHOSHIN_KERNELS", server.environment["SHOSHIN_KERNELS"])
        monkeypatch.setenv("JUPYTER_PATH", server.environment["JUPYTER_PATH"])
        one = Kernel("shoshin", tmp_path)
        assert one.start.cold == ""
        one.client.stop_channels()
        one.manager.shutdown_kernel(now=True)


def test_where_nothing_can_be_forked_the_reason_is_told(monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    server = kernels.ForkServer()
    assert server.environment == {}
    assert "win32" in server.reason
    assert server.preloaded() is None
    server.close()


def test_the_kernelspec_is_valid(server) -> None:
    spec = KernelSpecManager().get_kernel_spec("shoshin")
    assert spec.argv[1:3] == ["-m", "ipykernel_launcher"]
