"""Start an IPython kernel that shows, as data, every warning of ours that announces a removal.

The runner's kernelspec names this file where a usual one says `-m ipykernel_launcher`.
"""

import os
import sys
import warnings
from pathlib import Path
from types import FrameType
from typing import TextIO

MIME = "application/vnd.shoshin.removal+json"
KINDS = (FutureWarning, DeprecationWarning, PendingDeprecationWarning)
MACHINERY = {"warnings", "_py_warnings", "importlib", "contextlib", "functools"}

show_on_stderr = warnings.showwarning
seen: set[tuple[str, str, int]] = set()


def watch() -> None:
    """Let no such warning pass unseen; what a cell filters away on purpose stays away."""
    for kind in KINDS:
        warnings.simplefilter("always", kind)
    warnings.showwarning = note


def refuse_the_network() -> None:
    """Let this process connect to nothing but itself."""

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
            address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
            host = address[0] if isinstance(address, tuple) else address
            if isinstance(host, str) and not host.startswith(("127.", "/", "::1", "localhost")) and host:
                raise OSError(f"no network here: {host}")

    sys.addaudithook(refuse)


def note(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Take the place of `warnings.showwarning`: display a removal warning of ours, once, where it arose."""
    kind = next((kind for kind in KINDS if issubclass(category, kind)), None)
    if kind and (is_ours(filename) or (kind is FutureWarning and we_called(sys._getframe(1)))):
        place = (str(message), filename, lineno)
        if place not in seen:
            seen.add(place)
            shown = warnings.formatwarning(message, category, filename, lineno, line)
            display(category, str(message), who_warned(sys._getframe(1)), shown)
    elif kind in (None, FutureWarning):  # the others, raised by a library about a library, nobody sees by default
        show_on_stderr(message, category, filename, lineno, file, line)


def is_ours(filename: str) -> bool:
    """Tell whether a warning was blamed on a cell, or on the package and its graders."""
    from ipykernel.compiler import get_tmp_directory

    shoshin = sys.modules.get("shoshin")
    graders = sys.modules.get("shoshin.graders")
    folders = [get_tmp_directory(), *getattr(shoshin, "__path__", ()), *getattr(graders, "__path__", ())]
    return filename.startswith(tuple(folders))


def we_called(frame: FrameType | None) -> bool:
    """Tell whether our code called the package that warned; scikit-learn, for one, blames itself, not its caller."""
    warned = ""
    while frame:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package in ("__main__", "shoshin"):
            return True
        if package not in MACHINERY and package != (warned := warned or package):
            return False
        frame = frame.f_back
    return False


def who_warned(frame: FrameType | None) -> str:
    """Return the package that called `warnings.warn`, or nothing if that was a cell."""
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] in MACHINERY:
        frame = frame.f_back
    package = frame.f_globals.get("__name__", "").partition(".")[0] if frame else ""
    return "" if package == "__main__" else package


def display(category: type[Warning], text: str, library: str, shown: str) -> None:
    from IPython.display import publish_display_data

    found = {"category": category.__name__, "text": text, "library": library}
    publish_display_data({MIME: found, "text/plain": shown})


if __name__ == "__main__":
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [folder for folder in sys.path if folder != here]  # a notebook cannot import the runner's modules
    from ipykernel import kernelapp

    watch()
    if os.environ.pop("SHOSHIN_OFFLINE", ""):
        refuse_the_network()
    kernelapp.launch_new_instance()
