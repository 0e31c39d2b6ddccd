"""The command `shoshin`: one thin command for each verb."""

from __future__ import annotations

import itertools
import json
import os
import sys
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from shoshin.cli_course import course
from shoshin.errors import ShoshinError

app = typer.Typer(
    help="Hands-on machine-learning exercises that check themselves.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.add_typer(course, name="course")

Json = Annotated[bool, typer.Option("--json", help="Print data instead of a table.")]


@app.command(name="list", epilog="Example: `shoshin list --json`")
def list_(as_json: Json = False) -> None:
    """List the exercises: unit, slug, title, minutes, level, needs, tasks with points."""
    from shoshin import library

    entries = library.entries()
    if as_json:
        fields = ("id", "unit", "slug", "title", "minutes", "level", "needs", "packages", "tasks")
        typer.echo(json.dumps([{field: getattr(entry, field) for field in fields} for entry in entries], indent=2))
        return
    for unit, members in itertools.groupby(entries, key=lambda entry: entry.unit):
        typer.echo(typer.style(unit, bold=True))
        for entry in members:
            typer.echo(f"  {entry.slug:30} {entry.minutes} min, level {entry.level}   {entry.title}")
            details = ["tasks: " + ", ".join(f"{task} ({points:g})" for task, points in entry.tasks.items())]
            details += ["after: " + ", ".join(entry.needs)] if entry.needs else []
            for line in details:
                typer.echo(textwrap.fill(line, 80, initial_indent="    ", subsequent_indent="      "))


@app.command(epilog="Example: `shoshin build --check`")
def build(
    exercises: Annotated[list[str] | None, typer.Argument(help="Ids such as models/pca; all if none is given.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a notebook is stale.")] = False,
) -> None:
    """Build the learner's notebooks from their sources."""
    from shoshin import library
    from shoshin.build.tree import stale_notebooks, write

    stale = stale_notebooks(exercises)
    names = [f"{path.parent.name}/{path.stem}" for path in stale]
    if check:
        for name in names:
            typer.echo(f"stale: notebooks/{name}.ipynb (run: shoshin build {name})")
        raise typer.Exit(1 if names else 0)
    write(stale)
    total = len(exercises or library.ids("exercises"))
    typer.echo(f"{len(names)} of {total} notebooks written{': ' + ', '.join(names) if names else ''}")


@app.command(epilog="Example: `shoshin verify models/standardise_without_leakage`")
def verify(
    exercises: Annotated[list[str] | None, typer.Argument(help="Ids such as models/pca; all if none is given.")] = None,
    as_json: Json = False,
    seconds: Annotated[
        int, typer.Option(min=1, help="How long a solved notebook may take; more on a slow or busy machine.")
    ] = 60,
) -> None:
    """Lint exercises: the solution passes, every mistake is named, hints and links are there."""
    from shoshin.build.verify import verify_exercise, wanted

    reports = []
    for exercise in wanted(exercises):
        report = verify_exercise(exercise, seconds)
        reports.append(report)
        if not as_json:
            typer.echo(report.text())
    if as_json:
        typer.echo(json.dumps([report.as_dict() for report in reports], indent=2))
    raise typer.Exit(1 if any(report.findings for report in reports) else 0)


@app.command(epilog="Example: `shoshin check shoshin/models/standardise_without_leakage.ipynb`")
def check(
    notebook: Annotated[Path, typer.Argument(readable=False, help="Your notebook; it is run, and not changed.")],
    as_json: Json = False,
    seconds: Annotated[int, typer.Option(min=1, help="Time limit for one cell.")] = 120,
) -> None:
    """Run your notebook and print a verdict for each task; exit 0 only if all of them passed."""
    from rich.console import Console

    from shoshin.learn.report import check_notebook

    with Console(stderr=True).status("Running your notebook …"):
        report = check_notebook(notebook, seconds)
    typer.echo(json.dumps(report.as_dict(), indent=2) if as_json else report.text())
    for note in report.notes:
        typer.echo(note, err=True)
    raise typer.Exit(0 if report.passed else 1)


@app.command(epilog="Example: `shoshin lab ~/shoshin`")
def lab(
    folder: Annotated[Path, typer.Argument(readable=False, metavar="DIR", help="Your notebooks.")] = Path("shoshin"),
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in your browser.")] = True,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="By default 8888 or the next free one.")] = None,
    record_here: Annotated[
        bool, typer.Option("--record-here", help="Keep your record in this folder, from now on.")
    ] = False,
) -> None:
    """Lay the notebooks out in a folder and open JupyterLab on it.

    What you wrote is never lost: a newer version of a notebook comes around your answers. `shoshin reset` starts one
    over. Ctrl-C ends it.
    """
    from shoshin.learn.lab import RECORD, record_of, serve
    from shoshin.learn.workspace import lay_out

    folder = folder.expanduser()
    if record_here and (folder.is_dir() or not folder.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RECORD).touch()
    os.environ.update(record_of(folder))
    typer.echo(lay_out(folder).text())
    typer.echo("Starting JupyterLab. Ctrl-C here ends it.")
    raise typer.Exit(serve(folder, browser, port))


Record = Annotated[
    str | None, typer.Option("--record", metavar="FILE", help="Your record, if it is not in the usual place.")
]


@app.command(epilog="Example: `shoshin reset models/standardise_without_leakage leaks`")
def reset(
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="An id such as models/pca.")],
    task: Annotated[str | None, typer.Argument(help="One of its tasks; all of it if none is given.")] = None,
    folder: Annotated[
        Path, typer.Option("--in", readable=False, metavar="DIR", help="The folder of `shoshin lab`.")
    ] = Path("shoshin"),
) -> None:
    """Start an exercise over, or one task of it; what was there before is kept in a dated copy."""
    from shoshin.learn.workspace import reset as start_over

    target, aside = start_over(folder.expanduser(), exercise, task)
    what = f"{task} in {target}" if task else str(target)
    typer.echo(f"{what} is as new." + (f" What was there before is in {aside.name}, beside it." if aside else ""))


@app.command(epilog="Example: `shoshin next --minutes 30 --goal fundamentals`")
def next(
    minutes: Annotated[int | None, typer.Option(min=1, help="The time you have now.")] = None,
    goal: Annotated[str | None, typer.Option(metavar="UNIT", help="Where you want to get: a unit, or an id.")] = None,
    record: Record = None,
    as_json: Json = False,
) -> None:
    """Propose what to do now, and say why: finish, review (by the schedule SM-2), or something new."""
    from dataclasses import asdict
    from datetime import date

    from shoshin.learn import history, path

    past = history.read(record)
    steps = path.next_steps(past, date.today(), minutes, goal)
    if as_json:
        typer.echo(json.dumps([asdict(step) for step in steps], indent=2))
        return
    for number, step in enumerate(steps):
        typer.echo(("\n" if number else "") + step.text(minutes, "or " if number else ""))
    if not steps:
        typer.echo("Everything is done, and nothing is due for review today.")
    for note in past.notes:
        typer.echo(note, err=True)


@app.command(epilog="Example: `shoshin plan --goal fundamentals --hours-per-week 2`")
def plan(
    goal: Annotated[str, typer.Option(metavar="UNIT", help="Where you want to get: a unit, or an id.")],
    hours: Annotated[float, typer.Option("--hours-per-week", help="The time you have.")],
    record: Record = None,
    as_json: Json = False,
) -> None:
    """Print a dated roadmap to a goal, with an exploration after every three foundations."""
    from datetime import date

    from shoshin.learn import history, path

    past = history.read(record)
    dated = path.plan(past, goal, hours, date.today())
    if as_json:
        fields = [{**vars(one.step), "begins": str(one.begins), "ends": str(one.ends)} for one in dated]
        typer.echo(json.dumps(fields, indent=2))
        return
    typer.echo(path.roadmap(dated, goal, hours))
    for note in past.notes:
        typer.echo(note, err=True)


@app.command(epilog="Example: `shoshin progress --plot progress.png`")
def progress(
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it into a .png or .html file.")] = None,
    bring: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Add a record or a worked notebook from Colab or Kaggle."),
    ] = None,
    record: Record = None,
    as_json: Json = False,
) -> None:
    """Show what you have passed, your streak and minutes, and the lessons learned from mistakes."""
    from datetime import date

    from shoshin.learn import history
    from shoshin.learn import progress as view

    if bring:
        new, known = history.bring_in(bring)
        typer.echo(f"{new} checks brought in{f', {known} were there already' if known else ''}.", err=as_json)
    past, today = history.read(record), date.today()
    if plot:
        view.plot(past, plot, today)
        typer.echo(f"{plot}: your progress as a picture", err=as_json)
    if as_json:
        typer.echo(json.dumps(view.data(past, today), indent=2))
    elif not plot:
        typer.echo(view.text(past, today))


@app.command(epilog="Example: `shoshin share shoshin/explore/pandas_vs_dask.ipynb --as slides`")
def share(
    notebook: Annotated[Path, typer.Argument(readable=False, help="Your worked notebook, saved with its results.")],
    form: Annotated[str, typer.Option("--as", help="post or slides.")] = "post",
    to: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")] = Path("shared"),
    record: Record = None,
) -> None:
    """Make a post or slides of an exploration: your figures, numbers, decision, lessons, and gaps for your words."""
    from shoshin.learn import history
    from shoshin.learn import share as sharing

    for path in sharing.share(notebook, form, to, history.read(record)):
        typer.echo(path)
    typer.echo("Fill in the marked gaps: [Your sentence: …].")


@app.command(epilog="Example: `shoshin export fundamentals/gradient_descent --to single-files --for colab`")
def export(
    exercises: Annotated[list[str] | None, typer.Argument(help="Ids such as models/pca; all if none is given.")] = None,
    to: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")] = Path("single-files"),
    platform: Annotated[str, typer.Option("--for", help="colab, kaggle or any; kaggle adds its metadata.")] = "any",
    user: Annotated[str, typer.Option(envvar="KAGGLE_USERNAME", help="Your name on Kaggle, for its metadata.")] = "",
) -> None:
    """Write exercises as single notebook files that check themselves, for Colab, Kaggle or anywhere."""
    from shoshin import library
    from shoshin.build.export import export as write_files

    for path in write_files(exercises or library.ids(), to, platform, user):
        typer.echo(path)
    if platform == "kaggle" and not user:
        typer.echo("Put your Kaggle user name into each kernel-metadata.json, or give it with --user.", err=True)


def main() -> None:
    """Run the command line; wrong input prints a line or two and exits with 2."""
    # nbformat imports jsonschema, which would build a grammar for internationalised URIs: 2 s that nobody here needs.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    try:
        app()
    except ShoshinError as error:
        typer.echo(f"shoshin: {error}", err=True)
        sys.exit(2)
    except OSError as error:  # no right to write, no such folder, a full disk
        typer.echo(f"shoshin: {error.strerror or error}: {error.filename}. Name another place, or mend it.", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
