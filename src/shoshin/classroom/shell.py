"""Run a student's cells in a bare IPython shell and collect what a notebook would show of them."""

from __future__ import annotations

import atexit
import builtins
import contextlib
import io
import sys
import tempfile
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

MOST_OUTPUTS = 200  # of one cell


class Outputs:
    """The outputs of the cell that runs, as nbformat has them, up to a size."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.begin()

    def begin(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.left = self.most_bytes

    def add(self, kind: str, **content: Any) -> None:
        size = len(repr(content))
        if len(self.outputs) < MOST_OUTPUTS and size <= 16 * self.most_bytes:  # pictures are larger than words
            self.outputs.append({"output_type": kind, **content})

    def stream(self, name: str, text: str) -> None:
        text = text[: self.left]
        self.left -= len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        elif text:
            self.add("stream", name=name, text=text)


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the student's code."""

    encoding = "utf-8"

    def __init__(self, name: str, outputs: Outputs) -> None:
        self.name, self.outputs = name, outputs

    def write(self, text: str) -> int:
        self.outputs.stream(self.name, str.__str__(text))
        return len(text)

    def writable(self) -> bool:
        return True


class Publisher(DisplayPublisher):
    """Takes what `display` shows."""

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **kwargs: Any) -> None:
        self.shell.outputs.add("display_data", data=dict(data), metadata=dict(metadata or {}))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.begin()  # type: ignore[union-attr]


class Hook(DisplayHook):
    """Takes the value of a cell's last line."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        data, metadata = dict(format_dict), dict(md_dict or {})
        self.shell.outputs.add("execute_result", data=data, metadata=metadata, execution_count=None)  # type: ignore[union-attr]


class Shell(InteractiveShell):
    """IPython without a terminal, a history or a kernel."""

    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)
    outputs: Outputs

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        lines = stb if isinstance(stb, list) else [str(stb)]
        self.outputs.add("error", ename=str(getattr(etype, "__name__", etype)), evalue=_text(evalue), traceback=lines)

    def enable_gui(self, gui: Any = None) -> None:
        pass

    def _tee(self, channel: str) -> Any:
        return contextlib.nullcontext()  # IPython would keep all that is printed

    def init_virtualenv(self) -> None:
        pass  # it warns of environments that are not ours to judge


def _text(value: Any) -> str:
    try:
        return str.__str__(str(value))
    except Exception:
        return ""


def new_shell(output_kb: int) -> Shell:
    """Return the process's shell; its streams become sys.stdout and sys.stderr."""
    shell = Shell.instance(config=_settings())
    shell.outputs = Outputs(output_kb * 1024)
    sys.stdout, sys.stderr = Stream("stdout", shell.outputs), Stream("stderr", shell.outputs)  # type: ignore[assignment]
    return shell


def prepare() -> None:
    """Use a shell once and forget it, so that no fork has to load and compile what a shell needs."""
    main, builtin, streams = sys.modules["__main__"], dict(vars(builtins)), (sys.stdout, sys.stderr)
    try:
        with tempfile.TemporaryDirectory() as folder:
            shell = Shell(config=_settings(), ipython_dir=folder)
            shell.outputs = Outputs(1024)
            run_cell(shell, "import math\nmath.pi")
            atexit.unregister(shell.atexit_operations)
            shell.restore_sys_module_state()
    finally:
        sys.modules["__main__"], (sys.stdout, sys.stderr) = main, streams
        for name in vars(builtins).keys() - builtin.keys():
            delattr(builtins, name)


def _settings() -> Config:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    return config


def run_cell(shell: Shell, source: str) -> list[dict[str, Any]]:
    """Run one cell and return its outputs; an error is one of them."""
    shell.outputs.begin()
    shell.run_cell(source, store_history=False)
    return shell.outputs.outputs
