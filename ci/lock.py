"""Resolve the newest versions that fit together and write them to a lane, one `name==version` a line.

Nothing is installed: pip resolves `.[test]` as if into an empty environment and reports what it would take.
torch stays at the version the lane names, because moving it is a decision: edit its line first, then lock.
"""

import json
import subprocess
import sys
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
LANE = ROOT / "ci" / "lanes" / "locked.txt"


def main() -> None:
    torch = next(line for line in LANE.read_text().splitlines() if line.startswith("torch=="))
    pins = resolve(f"{ROOT}[test]", torch)
    gpu = sorted(name for name in pins if name.startswith(("nvidia-", "cuda-", "triton")))
    if gpu:
        sys.exit(
            f"lock: pip took the CUDA build of torch ({len(gpu)} extra packages, such as {gpu[0]}); nothing written.\n"
            "Point pip at torch's CPU wheels first (README: the CPU build of torch), then run `make lock` again."
        )
    before = set(LANE.read_text().splitlines())
    lines = [f"{name}=={version}" for name, version in sorted(pins.items())]
    LANE.write_text("\n".join(lines) + "\n")
    for line in lines:
        if line not in before:
            print(line)
    print(f"{LANE.relative_to(ROOT)}: {len(lines)} packages")


def resolve(*requirements: str) -> dict[str, str]:
    """Return the version of every package that an empty environment would need, without local suffixes."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    report = subprocess.run([*command, "--report", "-", *requirements], stdout=subprocess.PIPE, text=True)
    if report.returncode:
        sys.exit(report.returncode)  # pip has said why
    found = {
        canonicalize_name(item["metadata"]["name"]): Version(item["metadata"]["version"]).public
        for item in json.loads(report.stdout)["install"]
    }
    del found["shoshin"]
    return found


if __name__ == "__main__":
    main()
