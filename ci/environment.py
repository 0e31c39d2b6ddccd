"""Make a lane's environment with uv, or find that it is already there."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lane import LANES, Lane, differences
from packaging.utils import canonicalize_name
from packaging.version import Version

from shoshin.errors import ShoshinError

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / "build" / "lanes"
TORCH_PYTHON = "3.11"  # the one for which a CPU build of torch is at hand
KERNEL = ("ipykernel", "ipython")


class NotAvailable(ShoshinError):
    """A lane that cannot run on this machine, and why."""


@dataclass(frozen=True)
class Environment:
    """An interpreter with a lane's packages, and the versions that it has."""

    lane: Lane
    python: Path
    version: str
    packages: dict[str, str]

    def versions(self, names: Iterable[str]) -> dict[str, str]:
        """Return the public versions of those packages that are there."""
        there = {name: self.packages[name] for name in map(canonicalize_name, names) if name in self.packages}
        return {name: Version(version).public for name, version in sorted(there.items())}


def environment(lane: Lane, torch: bool = False, needs: frozenset[str] = frozenset()) -> Environment:
    """Return the lane's environment, making it first if it is not there.

    Colab's and Kaggle's images have torch, their lists do not: the exercises that need it (`torch`) get a second
    environment, on the Python that our torch is built for, with torch and the lane's versions of what they need.

    Raises:
        NotAvailable: if there is no interpreter, or a package cannot be installed.
    """
    pins = lane.pins
    if not lane.hosted and not differences(lane) and platform.python_version().startswith(f"{lane.python}."):
        return _described(lane, Path(sys.executable))
    if not torch:
        wanted, constraints, version = [f"{name}=={pin}" for name, pin in pins.items()], [], lane.python
    else:
        constraints = [f"{name}=={pin}" for name, pin in pins.items() if name not in ("setuptools", "torch")]
        wanted, version = [*sorted({*needs, *KERNEL} - {"torch"}), torch_pin()], TORCH_PYTHON
    folder = ENVIRONMENTS / (f"{lane.name}-torch" if torch else lane.name)
    content = json.dumps([version, wanted, constraints, lane.hosted])
    stamp, name = folder / "stamp", hashlib.sha256(content.encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != name:
        _make(lane, folder, version, wanted, constraints)
        stamp.write_text(name)
    return _described(lane, folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def uv(*arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
    """Run uv, looking for packages where pip would look too."""
    return subprocess.run(
        [sys.executable, "-m", "uv", *arguments],
        env={"UV_FIND_LINKS": _find_links(), **os.environ},
        capture_output=True,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def _make(lane: Lane, folder: Path, version: str, wanted: list[str], constraints: list[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _done(lane, uv("venv", "--quiet", "--python", _interpreter(lane, version), str(folder)))
    files = []
    for option, lines in (("--requirements", wanted), ("--constraints", constraints)):
        path = folder / f"{option.strip('-')}.txt"
        path.write_text("\n".join(lines) + "\n")
        files += [option, str(path)] if lines else []
    _done(lane, uv("pip", "install", "--quiet", "--python", str(folder), *files))
    if not lane.hosted:
        _done(lane, uv("pip", "install", "--quiet", "--python", str(folder), "--no-deps", "--editable", str(ROOT)))


def _done(lane: Lane, process: subprocess.CompletedProcess[str]) -> None:
    if process.returncode:
        said = " ".join(process.stderr.split())
        raise NotAvailable(
            f"ci/lanes/{lane.name}.txt could not be installed. {said.partition('cause: ')[2] or said}"[:400]
        )


def _interpreter(lane: Lane, version: str) -> str:
    """Return the path of a Python, from uv's search or pyenv's folder."""
    found = uv("python", "find", "--no-python-downloads", version)
    if not found.returncode:
        return found.stdout.strip()
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for path in sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True):
        return str(path)
    raise NotAvailable(f"lane {lane.name}: there is no Python {version} here; install it with uv or pyenv.")


def _described(lane: Lane, python: Path) -> Environment:
    code = (
        "import importlib.metadata as m, json, platform;"
        "print(json.dumps([platform.python_version(), {d.name: d.version for d in m.distributions()}]))"
    )
    said = subprocess.run([str(python), "-c", code], capture_output=True, text=True, cwd=python.parent)
    if said.returncode:
        raise NotAvailable(f"lane {lane.name}: its Python does not start. {said.stderr.strip()[-300:]}")
    version, packages = json.loads(said.stdout)
    return Environment(lane, python, version, {canonicalize_name(name): v for name, v in packages.items()})


def torch_pin() -> str:
    """Return the line `torch==VERSION` of locked.txt: the one build that every lane takes."""
    locked = (LANES / "locked.txt").read_text("utf-8").splitlines()
    return next((line for line in locked if line.startswith("torch==")), "torch")


def _find_links() -> str:
    """Return pip's find-links, comma-separated: uv does not read pip's configuration."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    lines = [line.partition("=")[2].strip("'") for line in said.splitlines() if ".find-links=" in line]
    return ",".join(dict.fromkeys(place for line in lines for place in line.replace("\\n", " ").split()))
