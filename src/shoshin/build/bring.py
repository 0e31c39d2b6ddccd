"""Unpack the checks that travel inside a single-file notebook: this source is that notebook's first cell.

It runs where Shoshin is not installed, on whatever Python is there, and needs no network.
"""

import atexit
import base64
import hashlib
import importlib
import importlib.metadata
import io
import os
import shutil
import sys
import tempfile
import zipfile

PROGRESS = "shoshin-progress.jsonl"
# Kaggle comes first: its image sets Colab's variables too.
PLATFORMS = [
    ("Kaggle", "KAGGLE_KERNEL_RUN_TYPE", "/kaggle/working", "the Output panel"),
    ("Colab", "COLAB_RELEASE_TAG", "/content", "the Files panel on the left"),
]


class NotReady(Exception):
    """A sentence for the reader; IPython shows it without a traceback, and stops here."""

    def _render_traceback_(self):
        return [str(self)]


def bring(exercise, tasks, packages, checksum, archive):
    """Make the exercise's checks importable: from an installed Shoshin that has these tasks, else from the archive."""
    require(packages)
    if not has("shoshin.graders." + exercise.replace("/", "."), tasks):
        folder = unpack(archive, checksum)
        for name in [name for name in sys.modules if name.partition(".")[0] == "shoshin"]:
            del sys.modules[name]  # an older release, or another exercise's single file
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
    print("The checks are ready. " + keep_progress())


def require(packages):
    if sys.version_info < (3, 11):  # noqa: UP036
        raise NotReady("This exercise needs Python 3.11 or newer, and this is {}.{}.".format(*sys.version_info))
    missing = [name for name in packages if not installed(name)]
    if missing:
        raise NotReady(
            f"This exercise needs {' and '.join(missing)}, not installed here: with the internet on, run "
            f"`%pip install {' '.join(missing)}` in a new cell, then this cell again."
        )


def installed(package):
    try:
        return bool(importlib.metadata.version(package))
    except importlib.metadata.PackageNotFoundError:
        return False


def has(module, tasks):
    try:
        grader = importlib.import_module(module)
    except ImportError:
        return False
    return all(hasattr(grader, task) for task in tasks)


def unpack(archive, checksum):
    try:
        data = base64.b64decode(archive)
    except ValueError:
        data = b""
    if hashlib.sha256(data).hexdigest() != checksum:
        raise NotReady("The checks in this cell are damaged: get the notebook again, and copy your answers over.")
    try:
        folder = tempfile.mkdtemp(prefix="shoshin-")
        zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
    except OSError as error:
        raise NotReady(f"The checks could not be unpacked into the temporary folder: {error}.") from None
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def keep_progress():
    """Name the file in which the checks keep the learner's progress, and return a sentence that says where it is."""
    platform, folder, panel = next(
        ((name, folder, panel) for name, variable, folder, panel in PLATFORMS if variable in os.environ),
        ("", os.getcwd(), "the file browser"),
    )
    place = os.environ.setdefault("SHOSHIN_PROGRESS", os.path.join(folder, PROGRESS))
    if place == "off":
        return "Your progress is not kept."
    try:
        open(place, "a").close()
    except OSError:
        return f"Your progress cannot be kept, because {os.path.dirname(place)} cannot be written to."
    return f"Your progress is kept in {place if platform else PROGRESS}; {panel} lets you download it."
