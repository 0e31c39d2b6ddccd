"""Write a learner's files so that nothing is ever half-written."""

from __future__ import annotations

import os
from pathlib import Path


def replace(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, whatever happens meanwhile: aside, onto the disk, then renamed.

    Raises:
        OSError: if it cannot be written; what was there before is there still.
    """
    aside = path.with_name(f".{path.name.lstrip('.')}.part")
    try:
        with aside.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
