"""Tell whether a submission would be graded as it was: a hash of all that its grade depends on."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from shoshin.classroom.model import Blueprint, Limits
from shoshin.classroom.student_folder import Files, Submission

PACKAGES = ("shoshin", "nbgrader", "numpy", "pandas", "scikit-learn", "torch")


def fingerprint_of_assignment(
    blueprints: Sequence[Blueprint], given: Files, seed: int, limits: Limits, trusted: bool
) -> str:
    """Return the part that all submissions of an assignment have in common."""
    parts = {
        "blueprints": [dataclasses.asdict(blueprint) for blueprint in blueprints],
        "given": {name: _digest(content) for name, content in given.items()},
        "graders": {blueprint.exercise: grader_source(blueprint.exercise) for blueprint in blueprints},
        "settings": [seed, dataclasses.asdict(limits), trusted],
        "versions": versions(),
    }
    return _digest(json.dumps(parts, sort_keys=True, default=repr).encode())


def fingerprint(submission: Submission, seconds_late: float, assignment: str) -> str:
    """Return the fingerprint of a submission; `assignment` is what all have in common."""
    parts = [f"{assignment} {seconds_late}".encode()]
    for files in (submission.notebooks, submission.own_files):
        parts += [_digest(name.encode(), content).encode() for name, content in sorted(files.items())] + [b""]
    return _digest(*parts)


def versions() -> dict[str, str]:
    """Return what is installed here of all that a grade may depend on; "" stands for nothing."""
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{package: _version(package) for package in PACKAGES},
    }


def grader_source(exercise: str) -> str:
    """Return the source of the grader of an exercise; empty if it has none."""
    if not exercise:
        return ""
    try:
        spec = importlib.util.find_spec(f"shoshin.graders.{exercise.replace('/', '.')}")
        return Path(spec.origin).read_text("utf-8") if spec and spec.origin else ""
    except (ImportError, OSError):
        return ""  # grading will say so


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
