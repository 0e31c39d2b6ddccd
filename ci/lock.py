"""Resolve a lane's exact versions from the bounds in pyproject.toml, one `name==version` a line.

python ci/lock.py [locked|latest|oldest]

`locked` and `latest` take the newest versions that fit together, `oldest` the lower bounds that we declare. torch
stays at the version that locked.txt names, because moving it is a decision: edit its line first, then lock.
"""

import sys
import tomllib

from environment import ROOT, TORCH_PYTHON, NotAvailable, torch_pin, uv
from lane import Lane, lane
from packaging.utils import canonicalize_name
from packaging.version import Version

from shoshin.errors import ShoshinError

OPTIONAL = ("classroom", "explore", "spark")  # the extras whose packages may lack: they are marked in the lane's file
KINDS = {"locked": ["--extra", "test"], "latest": [], "oldest": ["--resolution", "lowest-direct"]}


def main() -> int:
    name = sys.argv[1] if len(sys.argv) > 1 else "locked"
    try:
        if name not in KINDS:
            raise ShoshinError(f"There is nothing to resolve for {name!r}: take one of {', '.join(KINDS)}.")
        before = set(lane(name).path.read_text("utf-8").splitlines())
        lines = lock(lane(name))
    except ShoshinError as error:
        print(f"lock: {error}", file=sys.stderr)
        return 2
    for line in lines:
        if line not in before:
            print(line)
    print(f"ci/lanes/{name}.txt: {len(lines)} packages")
    return 0


def lock(lane: Lane) -> list[str]:
    """Resolve a lane into its file and return its lines. Nothing is installed.

    Raises:
        NotAvailable: if uv finds no solution, or would take a CUDA build of torch; nothing is written then.
    """
    always = solve(lane, ())
    pins = solve(lane, OPTIONAL)
    gpu = sorted(name for name in pins if name.startswith(("nvidia-", "cuda-", "triton")))
    if gpu and lane.name == "oldest":  # the lowest of two builds of one version is always the CUDA one
        pins = {name: version for name, version in pins.items() if name not in gpu}
    elif gpu:
        raise NotAvailable(
            f"uv took the CUDA build of torch ({len(gpu)} extra packages, such as {gpu[0]}); nothing was written.\n"
            "Point pip at torch's CPU wheels first (README: PyTorch without a graphics card), then try again."
        )
    marks = {name: "" if name in always else "  # optional" for name in pins}
    lines = [f"{name}=={version}{marks[name]}" for name, version in sorted(pins.items())]
    lane.path.write_text("\n".join(lines) + "\n")
    return lines


def solve(lane: Lane, extras: tuple[str, ...]) -> dict[str, str]:
    """Return package → version of the lane's solution with these of our extras.

    Raises:
        NotAvailable: if uv finds none.
    """
    chosen = [option for extra in extras for option in ("--extra", extra)]
    solved = uv(
        *("pip", "compile", "pyproject.toml", "-", "--quiet", "--python-version", TORCH_PYTHON),
        *("--no-header", "--no-annotate", "--no-emit-find-links", *KINDS[lane.name], *chosen),
        cwd=str(ROOT),
        input="\n".join([torch_pin(), *(bounds(extras) if lane.name == "oldest" else [])]),
    )
    if solved.returncode:
        raise NotAvailable(f"uv could not resolve {lane.name}. {' '.join(solved.stderr.split())[:500]}")
    pins = dict(line.split("==") for line in solved.stdout.split() if "==" in line)
    return {canonicalize_name(name): Version(version).public for name, version in pins.items()}


def bounds(extras: tuple[str, ...] = OPTIONAL) -> list[str]:
    """Return the lower bounds that pyproject.toml declares, those of these extras too, each as `name==bound.*`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    return [f"{each.replace('>=', '==')}.*" for each in declared]


if __name__ == "__main__":
    sys.exit(main())
