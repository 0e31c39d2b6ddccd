"""Write an exercise as one notebook file that checks itself: no install, no clone, no network."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import json
import re
import textwrap
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shoshin import library
from shoshin.build import bring
from shoshin.build.notebook import text_of
from shoshin.build.tree import write
from shoshin.check.about import ABOUT, about
from shoshin.errors import ShoshinError

PLATFORMS = ("any", "colab", "kaggle")
MOST_BYTES = 100_000
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can tell, the same at every export
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form", "_kg_hide-input": True}
LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)?([\w-]+/[\w-]+)\.ipynb\)")


def export(exercises: list[str], folder: Path, platform: str = "any", user: str = "") -> list[Path]:
    """Write single files into `folder`, and return their paths: UNIT/SLUG.ipynb, for Kaggle UNIT/SLUG/SLUG.ipynb.

    `user` is the Kaggle user name that goes into `kernel-metadata.json`.

    Raises:
        ShoshinError: if there is no such exercise or platform, or an exercise is too large for one cell.
    """
    if platform not in PLATFORMS:
        raise ShoshinError(f"There is no platform {platform!r}. Take one of {', '.join(PLATFORMS)}.")
    entries = [library.entry(exercise) for exercise in exercises]
    files = {}
    for entry in entries:
        path = folder / entry.unit / f"{entry.slug}.ipynb"
        if platform == "kaggle":
            path = path.with_suffix("") / path.name
            files[path.parent / "kernel-metadata.json"] = json.dumps(kaggle_metadata(entry, user), indent=2) + "\n"
        files[path] = text_of(single_file(_read(entry.notebook)))
    write(files)
    return [path for path in files if path.suffix == ".ipynb"]


def single_file(notebook: Any) -> Any:
    """Return a copy of a built notebook, solved or not, that carries the checking core and its grader.

    Raises:
        ShoshinError: if its first cell would be larger than 100 KB.
    """
    import nbformat

    notebook = copy.deepcopy(notebook)
    about = notebook.metadata["shoshin"]
    cell = nbformat.v4.new_code_cell(
        first_cell(about["exercise"], [task["task"] for task in about["tasks"]], about["packages"]), id="shoshin"
    )
    cell.metadata = nbformat.from_dict(FOLDED)
    for each in notebook.cells:
        if each.cell_type == "markdown":  # a link to a neighbour leads nowhere from a lone file
            each.source = LINK.sub(lambda link: _named(*link.groups()), each.source)
    notebook.cells.insert(0, cell)
    notebook.metadata.pop("widgets", None)
    return notebook


def first_cell(exercise: str, tasks: list[str], packages: list[str]) -> str:
    """Return the source of the first cell; the same for the same core and grader, byte for byte.

    Raises:
        ShoshinError: if it is larger than 100 KB.
    """
    data = archive(exercise)
    wrapped = "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 100))
    source = "\n".join(
        (
            '# @title Run this cell first: it brings the checks { display-mode: "form" }',
            Path(bring.__file__).read_text("utf-8"),
            f'\nbring(\n    "{exercise}",\n    {json.dumps(tasks)},\n    {json.dumps(list(packages))},\n'
            f'    "{hashlib.sha256(data).hexdigest()}",\n    """\n{wrapped}\n""",\n)',
        )
    )
    if len(source) > MOST_BYTES:
        raise ShoshinError(
            f"{exercise}: its single file would carry {len(source):,} bytes of checks; {MOST_BYTES:,} is the limit. "
            f"Shorten graders/{exercise}.py."
        )
    return source


def archive(exercise: str) -> bytes:
    """Return the checking core and one grader as a zip, always the same bytes for the same sources."""
    core = library.PACKAGE
    files = {
        "shoshin/graders/__init__.py": core / "graders" / "__init__.py",
        "shoshin/__init__.py": core / "__init__.py",
    }
    files |= {f"shoshin/check/{path.name}": path for path in (core / "check").glob("*.py")}
    files[f"shoshin/graders/{exercise}.py"] = library.tree("graders") / f"{exercise}.py"
    texts = {name: path.read_text("utf-8") for name, path in files.items()}
    texts[f"shoshin/{ABOUT}"] = json.dumps(asdict(about(exercise)), sort_keys=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, text in sorted(texts.items()):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            packed.writestr(entry, text, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def kaggle_metadata(entry: library.Entry, user: str = "") -> dict[str, Any]:
    """Return what `kaggle kernels push` wants to know.

    Source: Kaggle's command line, kernel metadata. The id's slug must be what Kaggle makes of the title.
    """
    title = textwrap.shorten(entry.title, 50, placeholder="")  # Kaggle takes 5 to 50 characters
    return {
        "id": f"{user or 'YOUR-USER-NAME'}/{kaggle_slug(title)}",
        "title": title,
        "code_file": f"{entry.slug}.ipynb",
        "language": "python",
        "kernel_type": "notebook",
        "is_private": True,
        "enable_gpu": False,
        "enable_internet": False,
        "dataset_sources": [],
        "competition_sources": [],
        "kernel_sources": [],
        "model_sources": [],
    }


def kaggle_slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _named(text: str, exercise: str) -> str:
    return f"`{exercise}`" if text == exercise else f"{text} (`{exercise}`)"


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.reads(path.read_text("utf-8"), as_version=4)
