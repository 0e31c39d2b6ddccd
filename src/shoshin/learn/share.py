"""Make a post or a slide deck of a worked exploration, from what is in the notebook: nothing is invented."""

from __future__ import annotations

import ast
import base64
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shoshin import library
from shoshin.check.verdict import MIME
from shoshin.errors import ShoshinError
from shoshin.learn.carry import cells_of, task_of, text_of
from shoshin.learn.files import replace
from shoshin.learn.history import History, feedback

FORMS = ("post", "slides")
GAP = "[Your sentence: {}]"
DECISION = "decision"
MOST_LINES = 12  # of a printed output; the rest is left out, and that is said
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


@dataclass
class Section:
    """A heading of the notebook with what the learner's run left under it, in order: pictures and printed numbers."""

    heading: str
    shown: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Worked:
    """What a worked notebook holds that is worth sharing."""

    exercise: str
    title: str
    trouble: str
    sections: list[Section]
    predictions: list[tuple[str, str]]
    decision: str
    passed: list[str]
    tasks: int


def share(notebook: Path, form: str, to: Path, past: History) -> list[Path]:
    """Write a worked notebook as a Markdown post (with its pictures) or as slides, and return the paths.

    Raises:
        ShoshinError: if the notebook is not one of Shoshin's, was never run, or the files cannot be written.
    """
    if form not in FORMS:
        raise ShoshinError(f"There is no form {form!r}. Take one of {', '.join(FORMS)}.")
    worked = read(notebook)
    name = worked.exercise.partition("/")[2]
    pictures = {
        f"{name}-{number}.{PICTURES[kind]}": (kind, data)
        for number, (kind, data) in enumerate(
            (one for section in worked.sections for one in section.shown if one[0] in PICTURES), start=1
        )
    }
    lessons = _lessons(worked.exercise, past)
    try:
        to.mkdir(parents=True, exist_ok=True)
        if form == "slides":
            path = to / f"{name}.slides.html"
            replace(path, slides(worked, lessons).encode())
            return [path]
        for file, (kind, data) in pictures.items():
            replace(to / file, data.encode() if kind == "image/svg+xml" else base64.b64decode(data))
        path = to / f"{name}.md"
        replace(path, post(worked, lessons, list(pictures)).encode())
    except OSError as error:
        raise ShoshinError(f"{error.filename or to} cannot be written: {error.strerror}.") from error
    return [path, *(to / file for file in pictures)]


def read(path: Path) -> Worked:
    """Return what a worked notebook holds.

    Raises:
        ShoshinError: if it cannot be read, is not one of Shoshin's exercises, or no cell of it was run.
    """
    try:
        notebook = json.loads(path.read_text("utf-8"))
        cells = cells_of(notebook)
        about = notebook["metadata"]["shoshin"]
        exercise, title, tasks = str(about["exercise"]), str(about["title"]), [one["task"] for one in about["tasks"]]
    except OSError as error:
        raise ShoshinError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ShoshinError(f"{path} is not a notebook of Shoshin's exercises.") from error
    if not any(cell.get("outputs") for cell in cells):
        raise ShoshinError(f"{path} holds no results yet: run it in JupyterLab, save it, and share it then.")
    given = _given_texts(exercise)
    sections, passed, predictions, decision = [Section("")], set(), [], ""
    trouble = ""
    for cell in cells:
        text, task = text_of(cell.get("source", "")), task_of(cell)
        if cell.get("cell_type") == "markdown":
            for heading in re.findall(r"^## +(.+)$", text, re.MULTILINE):
                sections.append(Section(heading.strip()))
            if not trouble and cell.get("id") != "title" and not text.startswith("#"):
                trouble = text.split("\n\n")[0].replace("\n", " ").strip()
            continue
        for output in cell.get("outputs") or ():
            data = output.get("data", {}) if isinstance(output, dict) else {}
            if MIME in data:
                verdict = data[MIME]
                passed |= {verdict.get("task")} if verdict.get("outcome") == "passed" else set()
                continue
            sections[-1].shown += _shown(output)
        if task == DECISION and text != given.get(task):
            decision = value_of(text, DECISION)
        elif task.startswith("prediction") and text != given.get(task):
            predictions += [(name, said) for name, said in assigned(text) if said != "..."]
    return Worked(
        exercise=exercise,
        title=title,
        trouble=trouble,
        sections=[section for section in sections if section.shown],
        predictions=predictions,
        decision=decision,
        passed=[task for task in tasks if task in passed],
        tasks=len(tasks),
    )


def post(worked: Worked, lessons: list[str], pictures: list[str]) -> str:
    """Return the Markdown post. What only the author can say is marked as a gap."""
    files = iter(pictures)
    parts = [f"# {worked.title}", GAP.format("what you wanted to know, and why")]
    if worked.trouble:
        parts.append(f"The exercise begins like this:\n\n> {worked.trouble}")
    if worked.predictions:
        parts += ["## What I expected", _expected(worked), GAP.format("what surprised you when you measured it")]
    parts.append("## What I found")
    for section in worked.sections:
        parts += [f"### {section.heading}"] if section.heading else []
        for kind, text in section.shown:
            parts.append(f"![{section.heading or worked.title}]({next(files)})" if kind in PICTURES else _fenced(text))
        parts.append(GAP.format("what one should see here"))
    parts += ["## What I decided", worked.decision or GAP.format("your decision, in three sentences")]
    parts.append("## Lessons learned")
    parts.append("\n".join(f"- {lesson}" for lesson in lessons) or GAP.format("a mistake that taught you something"))
    parts += ["## Try it", _origin(worked)]
    return "\n\n".join(parts) + "\n"


def slides(worked: Worked, lessons: list[str]) -> str:
    """Return the slide deck as one HTML page (reveal.js, which the page loads from its usual address)."""
    import nbformat
    from nbconvert import SlidesExporter

    cells: list[Any] = []

    def slide(text: str, below: str = "slide") -> None:
        cells.append(nbformat.v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": below}}))

    slide(f"# {worked.title}\n\n{GAP.format('what you wanted to know, and why')}")
    if worked.trouble:
        slide(f"## The trouble\n\n{worked.trouble}")
    if worked.predictions:
        slide(f"## What I expected\n\n{_expected(worked)}")
    for section in worked.sections:
        for number, (kind, text) in enumerate(section.shown):
            heading = f"## {section.heading}\n\n" if section.heading and number == 0 else ""
            if kind in PICTURES:
                body = text if kind == "image/svg+xml" else f"![{section.heading}](data:{kind};base64,{text})"
            else:
                body = _fenced(text)
            slide(f"{heading}{body}", "subslide" if number else "slide")
        slide(GAP.format("what one should see here"), "fragment")
    slide(f"## What I decided\n\n{worked.decision or GAP.format('your decision, in three sentences')}")
    told = "\n".join(f"- {lesson}" for lesson in lessons) or GAP.format("a mistake that taught you something")
    slide(f"## Lessons learned\n\n{told}")
    slide(f"## Try it\n\n{_origin(worked)}")
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"title": worked.title})
    page, _ = SlidesExporter(reveal_scroll=True).from_notebook_node(notebook)
    return str(page)


def assigned(source: str) -> list[tuple[str, str]]:
    """Return the names that a cell assigns, with what it assigns as it is written; nothing if it cannot be parsed."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    last = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            last[node.targets[0].id] = ast.unparse(node.value)
    return list(last.items())


def value_of(source: str, name: str) -> str:
    """Return the text that a cell assigns to `name`; nothing if it is no text."""
    said = dict(assigned(source)).get(name, "...")
    try:
        value = ast.literal_eval(said)
    except (ValueError, SyntaxError):
        return ""
    if isinstance(value, dict):
        value = "\n\n".join(str(one) for one in value.values() if one is not ...)
    if isinstance(value, (list, tuple)):
        value = "\n\n".join(str(one) for one in value if one is not ...)
    return value.strip() if isinstance(value, str) else ""


def _given_texts(exercise: str) -> dict[str, str]:
    """Return the answer cells of the learner's notebook as they were delivered."""
    try:
        cells = json.loads(library.entry(exercise).notebook.read_text("utf-8"))["cells"]
    except (ShoshinError, OSError, ValueError):
        return {}
    return {task_of(cell): text_of(cell["source"]) for cell in cells if task_of(cell)}


def _shown(output: Any) -> list[tuple[str, str]]:
    if not isinstance(output, dict):
        return []
    if output.get("output_type") == "stream" and output.get("name") == "stdout":
        return [("text", text_of(output.get("text", "")).rstrip())]
    data = output.get("data", {})
    for kind in PICTURES:
        if kind in data:
            return [(kind, text_of(data[kind]).strip())]
    return []


def _lessons(exercise: str, past: History) -> list[str]:
    told = []
    for lesson in past.lessons():
        if lesson.exercise == exercise and lesson.overcome:
            said = feedback(lesson.exercise, lesson.task, lesson.mistake)
            told.append(f"{lesson.mistake.replace('_', ' ').capitalize()}" + (f": {said}" if said else "."))
    return told


def _expected(worked: Worked) -> str:
    return "\n".join(f"- {name.replace('_', ' ')}: {said}" for name, said in worked.predictions)


def _fenced(text: str) -> str:
    lines = text.splitlines()
    kept = lines[:MOST_LINES] + [f"… ({len(lines) - MOST_LINES} more lines)"] * (len(lines) > MOST_LINES)
    return "```text\n" + "\n".join(kept).replace("```", "'''") + "\n```"


def _origin(worked: Worked) -> str:
    return (
        f"From the exercise `{worked.exercise}` of Shoshin; {len(worked.passed)} of its {worked.tasks} tasks were "
        "passed in the notebook that this comes from."
    )
