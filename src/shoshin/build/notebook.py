"""Turn an exercise into the solved notebook and, from that, into the learner's."""

from __future__ import annotations

import copy
from typing import Any

from shoshin.build.source import Exercise
from shoshin.build.verified import verified

COMMENT = "# Your code here"
STUB = f"{COMMENT}\n..."
OPTIONAL = ("duckdb", "polars", "pyspark")  # what Shoshin's own dependencies do not bring, but its extras do
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}


def solved_notebook(exercise: Exercise) -> Any:
    """Return the notebook with solutions, marked for nbgrader: answer cells, locked check cells with points.

    Cell ids come from the task's name or the cell's position, so building twice gives the same bytes.
    """
    import nbformat

    notebook = nbformat.v4.new_notebook()
    notebook.metadata = _metadata(exercise)
    notebook.cells = [nbformat.v4.new_markdown_cell(heading(exercise.id, exercise.header), id="title")]
    notebook.cells += [_cell(cell, number + 1) for number, cell in enumerate(exercise.notebook.cells)]
    return notebook


def learner_notebook(exercise: Exercise) -> Any:
    """Return the notebook without solutions, as a learner opens it."""
    from nbgrader.preprocessors import ClearSolutions

    clear = ClearSolutions(code_stub={"python": STUB})
    notebook, _ = clear.preprocess(copy.deepcopy(solved_notebook(exercise)), {})
    for cell in notebook.cells:
        # Outside a function nothing has to stand there, and a `...` would print "Ellipsis".
        cell.source = cell.source.replace(f"\n{STUB}", f"\n{COMMENT}")
    return notebook


def heading(exercise: str, header: dict[str, Any]) -> str:
    """Return the first cell's text: title, minutes, level, what comes before, and when it was last verified."""
    line = f"*{header['minutes']} minutes · level {header['level']}*"
    if header["needs"]:
        links = [f"[{need}](../{need}.ipynb)" for need in header["needs"]]
        line += f" · *comes after* {', '.join(links)}"
    beyond = [name for name in header["packages"] if name in OPTIONAL]
    installs = "Needs " + " and ".join(f"{name} (`%pip install {name}`)" for name in beyond) if beyond else ""
    parts = [f"# {header['title']}", line, installs, verified(exercise)]
    return "\n\n".join(part for part in parts if part)


def text_of(notebook: Any) -> str:
    """Return the bytes of a notebook file, always the same for the same notebook."""
    import nbformat

    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def _metadata(exercise: Exercise) -> Any:
    from nbformat import from_dict

    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    # A list, because a notebook file's keys are sorted, and the tasks have an order.
    tasks = [{"task": name, "points": points} for name, points in exercise.tasks.items()]
    about = {"exercise": exercise.id, "tasks": tasks, **exercise.header}
    return from_dict({"kernelspec": kernel, "language_info": LANGUAGE, "shoshin": about})


def _cell(source: Any, position: int) -> Any:
    import nbformat

    marks, place = source.metadata, f"cell-{position:02d}"
    if source.cell_type == "markdown":
        return nbformat.v4.new_markdown_cell(source.source, id=place)
    text = source.source
    if "answer" in marks:
        role, task = "answer", marks["answer"]
    elif "check" in marks:
        role, task = "check", marks["check"]
        text = f"{text.rstrip()[:-1]}, points={marks['points']:g})"
    else:
        role, task = "given", ""
    cell = nbformat.v4.new_code_cell(text, id=f"{role}-{task}" if task else place)
    cell.metadata["nbgrader"] = nbformat.from_dict(
        {
            "schema_version": 3,
            "cell_type": "code",
            "grade_id": cell.id,
            "grade": role == "check",
            "locked": role != "answer",
            "solution": role == "answer",
            "task": False,
            **({"points": marks["points"]} if role == "check" else {}),
        }
    )
    if task:
        cell.metadata["shoshin"] = nbformat.from_dict({"role": role, "task": task})
    return cell
