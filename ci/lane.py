"""Read a lane, the exact versions of one set of packages, and compare it with what is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from shoshin.errors import ShoshinError

LANES = Path(__file__).resolve().parent / "lanes"


def require(lane: str) -> None:
    """Make sure that the running environment has the lane's versions.

    Raises:
        ShoshinError: if there is no such lane, or naming the first packages that differ.
    """
    wrong = differences(pins(lane))
    if wrong:
        more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise ShoshinError(
            f"This environment is not the lane {lane!r}: {'; '.join(wrong[:3])}{more}.\n"
            f"Install it first: python -m pip install -r ci/lanes/{lane}.txt"
        )


def pins(lane: str) -> dict[str, str]:
    """Return package → version of a lane, from its lines `name==version`.

    Raises:
        ShoshinError: if there is no such lane, or a line is of another form.
    """
    path = LANES / f"{lane}.txt"
    if not path.is_file():
        known = ", ".join(sorted(path.stem for path in LANES.glob("*.txt")))
        raise ShoshinError(f"There is no lane {lane!r}. Known: {known or 'none'}.")
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        name, separator, pinned = line.partition("#")[0].strip().partition("==")
        if separator:
            found[canonicalize_name(name.strip())] = pinned.strip()
        elif name:
            raise ShoshinError(f"ci/lanes/{lane}.txt, line {number}: write name==version, not {line.strip()!r}.")
    return found


def differences(wanted: dict[str, str]) -> list[str]:
    """Return one phrase for each package that is missing or has another version; local suffixes do not count."""
    found = []
    for name, pinned in wanted.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            found.append(f"{name} is missing (wanted {pinned})")
            continue
        if Version(installed).public != Version(pinned).public:
            found.append(f"{name} is {installed} (wanted {pinned})")
    return found
