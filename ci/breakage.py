"""Tell what broke, ready to be pasted into an issue."""

from __future__ import annotations

from importlib.metadata import packages_distributions
from typing import Any

from environment import Environment
from findings import Finding
from lane import lane
from packaging.utils import canonicalize_name

from shoshin.errors import ShoshinError


def breakage(exercise: str, form: str, found: list[Finding], environment: Environment, passed: dict[str, Any]) -> str:
    """Return Markdown that names notebook, task, cell, library, versions and message of a failed run.

    `passed` has the date and the versions of the last run that passed on the same lane; it is empty if none has.
    """
    name = environment.lane.name
    lines = [f"### `{exercise}` ({form}) breaks on the lane `{name}`", ""]
    for finding in found:
        lines += [f"- cell: {finding.cell or 'the whole notebook'}"]
        lines += [f"  - task: {finding.task}"] if finding.task else []
        lines += [f"  - {library(finding.library, environment, passed)}"]
        lines += ["  - message:", "", *(f"        {line}" for line in finding.text.splitlines() or [""]), ""]
    since = f"It passed on {passed['date']}. " if passed else "No run of it on this lane has passed yet. "
    lines += [f"{since}To see it: `python ci/run_notebooks.py --lane {name} {exercise}`"]
    return "\n".join(lines) + "\n"


def library(imported: str, environment: Environment, passed: dict[str, Any]) -> str:
    """Return a phrase that names the library and its versions, or every version that has changed."""
    before = {**_locked(), **passed.get("versions", {})}
    now = environment.versions(environment.packages)
    package = canonicalize_name((packages_distributions().get(imported) or [imported])[0])
    if package in now:
        return f"library: {package}, {_step(before.get(package), now[package])}"
    changed = [f"{each} {_step(old, now[each])}" for each, old in before.items() if now.get(each, old) != old]
    return f"library: not known; versions that changed: {', '.join(changed[:12]) or 'none'}"


def _step(old: str | None, new: str) -> str:
    return f"{old} → {new}" if old and old != new else f"{new} (unchanged)" if old else new


def _locked() -> dict[str, str]:
    try:
        return lane("locked").pins
    except ShoshinError:
        return {}
