"""Read a lane: the exact versions of one set of packages, and where its notebooks run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from shoshin.errors import ShoshinError

LANES = Path(__file__).resolve().parent / "lanes"
PIN = re.compile(r"([A-Za-z0-9][\w.-]*)==([0-9][\w.!]*)")


@dataclass(frozen=True)
class Lane:
    """One set of versions.

    `hosted` lanes are what a platform preinstalls: there the single files run, without Shoshin and without a network.
    `python` is the interpreter's version, such as "3.12"; `resolved` lanes are solved anew at each run.
    """

    name: str
    python: str = "3.11"
    hosted: bool = False
    resolved: bool = False

    @property
    def path(self) -> Path:
        return LANES / f"{self.name}.txt"

    @property
    def pins(self) -> dict[str, str]:
        """Package → version, from the lines `name==version`.

        Raises:
            ShoshinError: if a line is of another form.
        """
        return {name: version for name, (version, _) in self._read().items()}

    @property
    def optional(self) -> frozenset[str]:
        """The packages that only an extra brings (pyproject.toml): their lines end in `# optional`."""
        return frozenset(name for name, (_, optional) in self._read().items() if optional)

    def _read(self) -> dict[str, tuple[str, bool]]:
        found: dict[str, tuple[str, bool]] = {}
        for number, line in enumerate(self.path.read_text("utf-8").splitlines(), start=1):
            text, _, comment = (part.strip() for part in line.partition("#"))
            if not text:
                continue
            if not (pin := PIN.fullmatch(text)):
                raise ShoshinError(
                    f"ci/lanes/{self.name}.txt, line {number}: write name==version, not {line.strip()!r}."
                )
            found[canonicalize_name(pin[1])] = pin[2], comment == "optional"
        return found


# The platforms' lanes are copied from what they preinstall, but for torch (README: Lanes).
OURS = (
    Lane("locked"),
    Lane("latest", resolved=True),
    Lane("oldest"),
    Lane("colab", python="3.13", hosted=True),
    Lane("kaggle", python="3.12", hosted=True),
)


def lane(name: str) -> Lane:
    """Return the lane of that name.

    Raises:
        ShoshinError: if there is no such lane.
    """
    known = next((lane for lane in OURS if lane.name == name), Lane(name))
    if not known.path.is_file():
        names = ", ".join(sorted(path.stem for path in LANES.glob("*.txt")))
        raise ShoshinError(f"There is no lane {name!r}. Known: {names or 'none'}.")
    return known


def every() -> list[Lane]:
    """Return the lanes that have a file, our own order first."""
    names = {path.stem for path in LANES.glob("*.txt")}
    ours = [lane for lane in OURS if lane.name in names]
    return ours + [Lane(name) for name in sorted(names - {lane.name for lane in ours})]


def differences(lane: Lane) -> list[str]:
    """Return one phrase for each package that is missing here or has another version; local suffixes do not count.

    An optional package may be missing: the exercises that need it are then left out.
    """
    found = []
    for name, pinned in lane.pins.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            if name not in lane.optional:
                found.append(f"{name} is missing (wanted {pinned})")
            continue
        if Version(installed).public != Version(pinned).public:
            found.append(f"{name} is {installed} (wanted {pinned})")
    return found
