"""Start the fork server before nbgrader is imported: both take seconds, and neither needs the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from shoshin import library
from shoshin.classroom.server import GradingServer
from shoshin.kernels.owner import STACK

GRADER = re.compile(r"^from shoshin\.graders\.(\w+) import (\w+)", re.MULTILINE)


def server_ahead(course: Path, assignment: str) -> GradingServer | None:
    """Return a server that imports what the assignment's notebooks use, if they lie where a course has them.

    It is a guess: `open_pool` takes the server only if it has what the gradebook's notebooks use.
    """
    try:
        code = [text for path in (course / "source" / assignment).glob("*.ipynb") for text in code_of(path)]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    for unit, name in GRADER.findall("\n".join(code)):
        grader = library.tree("graders") / unit / f"{name}.py"
        code += [grader.read_text("utf-8")] if grader.is_file() else []
    return GradingServer(packages_in(code)) if code else None


def code_of(notebook: Path) -> Iterable[str]:
    """Yield the source of each code cell."""
    for cell in json.loads(notebook.read_bytes())["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])


def packages_in(code: Iterable[str]) -> list[str]:
    """Return the packages that code names, of those that take time to import."""
    words = {*re.findall(r"\w+", "\n".join(code))}
    return sorted({module.partition(".")[0] for module in STACK} & words)
