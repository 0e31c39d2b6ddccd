"""Write a student's folder in autograded/ as nbgrader would have it, never leaving half a file behind."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

import nbformat
from nbgrader.converters import Autograde

from shoshin.classroom.record import scores


class Folder:
    """What lies in autograded/ for one student and assignment."""

    def __init__(self, settings: Autograde, assignment: str, student: str) -> None:
        self.settings, self.assignment, self.student = settings, assignment, student
        coursedir = settings.coursedir
        self.path = Path(coursedir.format_path(coursedir.autograded_directory, student, assignment))
        self.mode = int(str(settings.permissions), 8)  # nbgrader writes 444 for 0o444

    def graded(self, notebooks: Iterable[str]) -> tuple[str, dict[str, dict[str, float | None]]]:
        """Return the fingerprint that all these notebooks carry, or "", and their scores."""
        fingerprints, found = set(), {}
        for name in notebooks:
            try:
                notebook = nbformat.v4.reads((self.path / f"{name}.ipynb").read_text("utf-8"))
                fingerprints.add(notebook.metadata.shoshin.grading.fingerprint)
                found[name] = scores(notebook)
            except (OSError, ValueError, AttributeError, KeyError, TypeError):
                return "", {}
        return (fingerprints.pop(), found) if len(fingerprints) == 1 else ("", {})

    def write_files(self, files: Mapping[str, bytes], notebooks: Iterable[str]) -> None:
        """Make the folder hold these data files, and beside them at most the notebooks that it has of these."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._clear({*files, *(f"{name}.ipynb" for name in notebooks)})
        for name, content in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            self._replace(self.path / name, content)
        self.settings.set_permissions(self.assignment, self.student)

    def write_notebooks(self, notebooks: Mapping[str, nbformat.NotebookNode], fingerprint: str) -> None:
        """Write the graded notebooks, with the fingerprint in their metadata."""
        for name, notebook in notebooks.items():
            notebook.metadata.shoshin.grading.fingerprint = fingerprint
            text = nbformat.v4.writes(notebook) + "\n"
            self._replace(self.path / f"{name}.ipynb", text.encode("utf-8", "replace"))

    def _clear(self, wanted: set[str]) -> None:
        for folder, folders, files in os.walk(self.path, topdown=False):
            for name in files:
                path = Path(folder, name)
                if path.relative_to(self.path).as_posix() not in wanted:
                    path.unlink()
            for name in folders:
                path = Path(folder, name)
                if path.is_symlink():
                    path.unlink()
                elif not any(path.iterdir()):
                    path.rmdir()

    def _replace(self, path: Path, content: bytes) -> None:
        part = path.with_name(f".shoshin-{secrets.token_hex(16)}.part")  # no file of the student's has this name
        with part.open("xb") as file:
            file.write(content)
        part.chmod(self.mode)
        part.replace(path)
