"""What the fork server does before it serves: import a stack, without leaving a thread behind."""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import os
import sys
import time
import types
import warnings
from collections.abc import Sequence
from typing import Any

# Thread pools that a library starts when it is loaded, and how it is kept from it. OpenBLAS is given its threads
# again after the fork (see child.py); jemalloc's thread, in pyarrow, only returns memory sooner.
NO_POOLS = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
REMOVALS = (FutureWarning, DeprecationWarning, PendingDeprecationWarning)


class NotForkable(Exception):
    """A module that cannot be imported before a fork: its name, and why."""


def preload(modules: Sequence[str]) -> tuple[dict[str, float], dict[str, str], list[dict[str, Any]]]:
    """Import the modules that are installed.

    Returns the seconds that each took, why others were left out, and the warnings raised meanwhile.

    Raises:
        NotForkable: if a module started a thread or could not be imported; this process must not fork any more.
    """
    os.environ.update(NO_POOLS)
    os.environ.pop("MPLBACKEND", None)  # the request's, later
    # pandas shows twenty columns in a kernel and as many as fit in a terminal; it decides when it is imported.
    builtins.get_ipython = lambda: types.SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    imported, left_out, seen = {}, {}, []
    for module in modules:
        began = time.perf_counter()
        try:
            seen += import_recording_warnings(module)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != module.partition(".")[0]:
                raise NotForkable(module, f"{error}") from error
            left_out[module] = "not installed"
            continue
        except Exception as error:
            raise NotForkable(module, f"{type(error).__name__}: {error}") from error
        if threads := len(os.listdir("/proc/self/task")) - 1:
            raise NotForkable(module, f"its import starts {threads} thread{'s'[: threads > 1]}")
        imported[module] = round(time.perf_counter() - began, 3)
    del builtins.get_ipython  # type: ignore[attr-defined]
    if "matplotlib.backends" in sys.modules:  # which backends are installed: every child would look for them
        with contextlib.suppress(ImportError):  # Matplotlib before 3.9
            from matplotlib.backends import backend_registry

            backend_registry.list_all()
    gc.collect()
    gc.freeze()  # or every child's first collection would copy all these pages
    return imported, left_out, seen


def import_recording_warnings(module: str) -> list[dict[str, Any]]:
    """Import a module and return the warnings as data; every one that announces a removal is among them."""
    before = warnings.filters[:]
    with warnings.catch_warnings(record=True) as caught:
        for kind in REMOVALS:
            warnings.simplefilter("always", kind)
        mine = warnings.filters[: len(REMOVALS)]
        importlib.import_module(module)
        added = [each for each in warnings.filters if each not in before and each not in mine]
    for action, message, category, place, line in reversed(added):  # the library's own filters stay, as in any kernel
        patterns = [getattr(pattern, "pattern", pattern) or "" for pattern in (message, place)]
        warnings.filterwarnings(action, patterns[0], category, patterns[1], line)  # type: ignore[arg-type]
    return [
        {
            "category": each.category.__name__,
            "removal": issubclass(each.category, REMOVALS),
            "text": str(each.message),
            "filename": each.filename,
            "line": each.lineno,
            "module": module,
        }
        for each in caught
    ]


def forget(package: str) -> None:
    """Drop a package of ours: the request may want another of the same name, or a newer one."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
