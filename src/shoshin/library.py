"""Find the exercises and what is known of each, from their built notebooks."""

from __future__ import annotations

import difflib
import importlib.metadata
import json
import os
import re
import shutil
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from shoshin.errors import ShoshinError

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]

# A package that starts a program which pip does not bring: the program, the variable that may lead to it, its name.
PROGRAMS = {"pyspark": ("java", "JAVA_HOME", "Java 17 or newer (on Debian: apt install openjdk-17-jre-headless)")}


@dataclass(frozen=True)
class Entry:
    """What the library's catalogue says of one exercise; `tasks` maps each checked task, in order, to its points."""

    id: str
    title: str
    minutes: int
    level: int
    needs: tuple[str, ...]
    packages: tuple[str, ...]
    tasks: dict[str, float]

    @property
    def unit(self) -> str:
        return self.id.partition("/")[0]

    @property
    def slug(self) -> str:
        return self.id.partition("/")[2]

    @property
    def notebook(self) -> Path:
        """The learner's notebook."""
        return tree("notebooks") / f"{self.id}.ipynb"


def tree(name: str) -> Path:
    """Return the folder of `exercises`, `graders` or `notebooks`: the checkout's, or the installed package's."""
    in_checkout = CHECKOUT / name
    return in_checkout if PACKAGE.parent.name == "src" and in_checkout.is_dir() else PACKAGE / name


def ids(name: str = "notebooks") -> list[str]:
    """Return the ids (`unit/slug`) found in one tree, sorted."""
    suffix = ".ipynb" if name == "notebooks" else ".py"
    found = tree(name).glob(f"*/*{suffix}")
    return sorted(f"{path.parent.name}/{path.stem}" for path in found if not path.stem.startswith(("_", ".")))


def entries() -> list[Entry]:
    """Return the whole catalogue."""
    return [entry(exercise) for exercise in ids()]


def entry(exercise: str) -> Entry:
    """Return the catalogue's entry of an exercise.

    Raises:
        ShoshinError: if there is no such exercise.
    """
    known(exercise, ids())
    header = json.loads((tree("notebooks") / f"{exercise}.ipynb").read_text("utf-8"))["metadata"]["shoshin"]
    return Entry(
        id=exercise,
        title=header["title"],
        minutes=header["minutes"],
        level=header["level"],
        needs=tuple(header["needs"]),
        packages=tuple(header["packages"]),
        tasks={task["task"]: task["points"] for task in header["tasks"]},
    )


def lacking(exercise: str, installed: Container[str] | None = None) -> str:
    """Return a sentence on what an exercise needs and is not here; an empty one if everything is.

    `installed` holds the names of the packages that there are, normalised; without it, this Python's count.

    Raises:
        ShoshinError: if there is no such exercise.
    """
    packages = entry(exercise).packages
    missing = [name for name in packages if not (_installed(name) if installed is None else _plain(name) in installed)]
    wanted = [f"{' and '.join(missing)} (pip install {' '.join(missing)})"] if missing else []
    for package in packages:
        program, variable, told = PROGRAMS.get(package, ("", "", ""))
        if program and not shutil.which(program) and not os.environ.get(variable):
            wanted.append(told)
    return f"{exercise} needs {' and '.join(wanted)}, not installed here." if wanted else ""


def _installed(package: str) -> bool:
    try:
        return bool(importlib.metadata.version(package))
    except importlib.metadata.PackageNotFoundError:
        return False


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # as PyPI normalises names


def known(exercise: str, among: list[str]) -> str:
    """Return `exercise` if it is one of `among`.

    Raises:
        ShoshinError: naming the nearest ids, if it is not.
    """
    if exercise in among:
        return exercise
    slugs = {one.partition("/")[2]: one for one in among}
    near = difflib.get_close_matches(exercise, [*among, *slugs], n=2, cutoff=0.5)
    hint = " or ".join(dict.fromkeys(slugs.get(one, one) for one in near))
    raise ShoshinError(
        f"There is no exercise {exercise!r}."
        + (f" Did you mean {hint}?" if hint else " `shoshin list` names them all.")
    )
