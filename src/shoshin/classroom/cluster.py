"""Grade units on a Dask cluster: the same function, with a grading server of its own on every worker."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from shoshin.classroom import sandbox
from shoshin.classroom.fingerprint import versions
from shoshin.classroom.model import Graded, Unit
from shoshin.classroom.server import GradingServer
from shoshin.classroom.workers import Workers
from shoshin.errors import ShoshinError

PATIENCE = 15  # seconds for a scheduler to answer
pools: dict[tuple[str, ...], Workers] = {}  # of a Dask worker's process, by the packages that are imported in advance
pools_lock = threading.Lock()


class Cluster:
    """A Dask cluster, whose workers have been asked whether they can grade.

    Raises:
        ShoshinError: if there is no scheduler, no worker, no sandbox there, or other versions than here.
    """

    def __init__(self, address: str, packages: Sequence[str], trusted: bool) -> None:
        try:
            from distributed import Client
        except ModuleNotFoundError:
            raise ShoshinError(
                "--scheduler needs Dask's scheduler. Install it with: pip install 'shoshin[cluster]'"
            ) from None
        self.address, self.packages = address, tuple(packages)
        try:
            self.client: Any = Client(address, timeout=PATIENCE, set_as_default=False)
        except Exception as error:
            raise ShoshinError(
                f"no Dask scheduler answers at {address} ({_first_line(error)}).\n"
                "Start one with `dask scheduler`, and workers with `dask worker`; nothing was graded."
            ) from error
        try:
            self._ask_the_workers(trusted)
            self.executor = self.client.get_executor(pure=False)
        except BaseException:
            self.client.close()
            raise

    @property
    def count(self) -> int:
        """How many units can be graded at once; workers may come and go."""
        workers = self.client.scheduler_info(n_workers=-1).get("workers", {}).values()
        return max(1, sum(worker["nthreads"] for worker in workers))

    def submit(self, unit: Unit) -> Future[Graded]:
        """Send a unit there; it is graded again if the worker that has it dies."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a unit brings its data files
            future: Future[Graded] = self.executor.submit(grade_there, unit, self.packages)
        return future

    def close(self) -> None:
        """Leave the cluster; what it still has of this run is dropped."""
        self.executor.shutdown(wait=False)
        self.client.close()

    def _ask_the_workers(self, trusted: bool) -> None:
        here = versions()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.client.get_versions(check=True)
            there = self.client.run(versions)
            missing = {} if trusted else self.client.run(sandbox.missing)
        except Exception as error:
            raise ShoshinError(
                f"the workers at {self.address} cannot grade: {_first_line(error)}\n"
                "They need the same Python and packages as this machine, shoshin among them; nothing was graded."
            ) from error
        if not there:
            raise ShoshinError(
                f"the scheduler at {self.address} has no workers.\n"
                f"Start some with `dask worker {self.address}`; nothing was graded."
            )
        for worker, found in there.items():
            for name in here:
                if found[name] != here[name]:
                    raise ShoshinError(
                        f"the worker {worker} has {name} {found[name] or 'not'}, this machine {here[name] or 'not'}.\n"
                        "Results could differ: install the same versions on all of them; nothing was graded."
                    )
        for worker, lacks in missing.items():
            if lacks:
                raise ShoshinError(
                    f"nothing was graded, for want of a sandbox on the worker {worker}: {lacks[0]}\n"
                    "`shoshin course doctor` there says what to do; --trust-students runs the code without one."
                )


def grade_there(unit: Unit, packages: tuple[str, ...]) -> Graded:
    """Grade a unit on a Dask worker, in a process of its own as on the teacher's machine."""
    from distributed import get_worker

    with pools_lock:
        if packages not in pools:
            pools[packages] = Workers(GradingServer(packages), get_worker().state.nthreads)
    return pools[packages].submit(unit).result()


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
