"""Write the page that links every exercise to Colab and Kaggle: docs/CATALOGUE.md."""

from __future__ import annotations

import itertools
from urllib.parse import quote

from shoshin import library

# The one place that says where the single files are published; a fork changes these two lines.
REPOSITORY = "OWNER/shoshin"
BRANCH = "single-files"

BADGES = {
    "Open in Colab": (
        "https://colab.research.google.com/assets/colab-badge.svg",
        "https://colab.research.google.com/github/{repository}/blob/{branch}/{path}",
    ),
    "Open in Kaggle": (
        "https://kaggle.com/static/images/open-in-kaggle.svg",
        "https://kaggle.com/kernels/welcome?src={source}",
    ),
}


def page() -> str:
    """Return the catalogue as Markdown, one table for each unit."""
    lines = [
        "# Catalogue",
        "",
        "Each badge opens one file that needs no installation and checks itself. Press *Copy to Drive* (Colab) or",
        "*Copy & Edit* (Kaggle) before you begin, so that your answers are kept. `shoshin export` makes these files.",
    ]
    for unit, entries in itertools.groupby(library.entries(), key=lambda entry: entry.unit):
        lines += ["", f"## {unit}", "", "| exercise | minutes | level | open |", "|---|---|---|---|"]
        for entry in entries:
            name = f"[{entry.title}](../notebooks/{entry.id}.ipynb)"
            lines.append(f"| {name} | {entry.minutes} | {entry.level} | {' '.join(badges(entry.id))} |")
    return "\n".join(lines) + "\n"


def badges(exercise: str) -> list[str]:
    """Return the Markdown of an exercise's badges."""
    path = f"{exercise}.ipynb"
    source = f"https://github.com/{REPOSITORY}/blob/{BRANCH}/{path}"
    where = {"repository": REPOSITORY, "branch": BRANCH, "path": path, "source": quote(source, safe="")}
    return [f"[![{text}]({image})]({link.format(**where)})" for text, (image, link) in BADGES.items()]
