"""Run a notebook's cells, one after another, in a fresh kernel of this Python."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from shoshin.check.record import PLACE

START = 120  # seconds that a kernel is given to start: a busy laptop needs many
GRACE = 10  # seconds that an interrupted cell is given to stop


@dataclass
class Ran:
    """What became of one code cell: what it displayed (MIME bundles), and what ended it if it did not end well.

    `failure` is a predicate such as "stopped with NameError: …". `reached` is false for a cell that never
    ran, because the kernel had ended before its turn.
    """

    source: str
    shown: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""
    reached: bool = False


def run_cells(sources: list[str], folder: Path, seconds: int) -> list[Ran]:
    """Run code cells in `folder` and tell, for each of them, what became of it.

    A cell that fails does not stop the others. One that takes longer than `seconds` is interrupted; if it goes
    on even then, or ends the kernel, the cells behind it are not reached. The kernel is gone afterwards.

    Raises:
        RuntimeError: if the kernel does not start.
    """
    # Windows' own event loop cannot wait for ZeroMQ's sockets.
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(_run_cells(sources, folder, seconds))


async def _run_cells(sources: list[str], folder: Path, seconds: int) -> list[Ran]:
    import nbformat

    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    ran = [Ran(source) for source in sources]
    manager = _kernel_of_this_python()
    client = _QuietClient(
        nbformat.v4.new_notebook(cells=cells),
        km=manager,
        allow_errors=True,
        timeout=seconds,
        interrupt_on_timeout=True,
        startup_timeout=START,
    )
    # After Ctrl-C there is nobody left to tell about the cell that was running.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    alive = False
    try:
        # What compiled code writes past Python is nobody's business here.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        environment = {**os.environ, PLACE: "off"}  # what is tried here has been recorded where it was written
        await client.async_start_new_kernel(cwd=str(folder), env=environment, **quiet)
        await client.async_start_new_kernel_client()
        for number, cell in enumerate(cells):
            alive = await _run(client, cell, number, ran[number], seconds)
            ran[number].shown = [output["data"] for output in cell.outputs if "data" in output]
            if not alive:
                break
    finally:
        if manager.has_kernel:
            await manager.shutdown_kernel(now=not alive)
        if client.kc is not None:
            client.kc.stop_channels()
    return ran


class _QuietClient(NotebookClient):
    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        # What a cell prints is not needed, and an endless loop prints without end.
        return None if msg["msg_type"] == "stream" else super().process_message(msg, cell, cell_index)


def _kernel_of_this_python() -> Any:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    # With no folder to look in, the manager knows one kernel: ipykernel in this very Python.
    specs = KernelSpecManager(kernel_dirs=[])
    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)


async def _run(client: NotebookClient, cell: Any, number: int, ran: Ran, seconds: int) -> bool:
    """Run one cell, and tell whether the kernel can go on."""
    ran.reached = True
    began = time.monotonic()
    ended = True
    try:
        # The client would go on interrupting, for ever, a cell that goes on running.
        await asyncio.wait_for(client.async_execute_cell(cell, number), seconds + GRACE)
    except (TimeoutError, DeadKernelError):  # being cancelled, nbclient too calls the kernel dead
        ended = False
    took = time.monotonic() - began
    errors = [_in_words(output) for output in cell.outputs if output["output_type"] == "error"]
    if not ended and took < seconds + GRACE:
        ran.failure = "ended the whole kernel (by too little memory, or a call such as `exit()`)"
    elif not ended:
        ran.failure = f"had not finished after {seconds} seconds, and went on when it was interrupted"
    elif errors:
        ran.failure = f"had not finished after {seconds} seconds, so it was ended" if took >= seconds else errors[0]
    return ended


def _in_words(output: Any) -> str:
    message = re.sub(r"\((?:\S*[/\\])?\d+\.py, line (\d+)\)", r"(line \1)", output["evalue"])
    lines = message.strip().splitlines() or [""]
    return f"stopped with {output['ename']}{': ' * bool(lines[0])}{lines[0][:300]}"
