"""Fixtures: a small library of its own for tests of the machinery."""

import os
import signal
import sys
from pathlib import Path

import pytest
from small_library import write_small_library

from shoshin import graders, library

# A job in a shell's background ignores Ctrl-C and hands that on to its children, to whom tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# No test writes into the record of whoever runs the tests, and none reads it.
os.environ["SHOSHIN_PROGRESS"] = "off"


@pytest.fixture
def small_library(tmp_path, monkeypatch) -> Path:
    """The trees of a library with one exercise, tiny/double, in place of the real ones."""
    root = write_small_library(tmp_path / "library")
    monkeypatch.setattr(library, "CHECKOUT", root)
    monkeypatch.setattr(graders, "__path__", [str(root / "graders")])
    for name in [name for name in sys.modules if name.startswith("shoshin.graders.tiny")]:
        monkeypatch.delitem(sys.modules, name)
    yield root
    for name in [name for name in sys.modules if name.startswith("shoshin.graders.tiny")]:
        del sys.modules[name]
