"""The commands `shoshin course …`: one thin command for each thing that a teacher does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

course = typer.Typer(help="Teach with the exercises: a course folder for nbgrader.", no_args_is_help=True)


@course.command(name="new", epilog="Example: `shoshin course new my-course models/standardise_without_leakage`")
def course_new(
    folder: Annotated[Path, typer.Argument(readable=False, metavar="DIR", help="A new or empty folder.")],
    exercises: Annotated[list[str], typer.Argument(metavar="EXERCISE", help="Ids such as models/pca.")],
) -> None:
    """Make a course folder for nbgrader, with one assignment for each exercise."""
    from shoshin.classroom.course import new_course

    names = list(new_course(folder, exercises))
    typer.echo(f"{folder}: {len(names)} assignment{'s' * (len(names) > 1)} ({', '.join(names)}). Next, in that folder:")
    typer.echo(f"  nbgrader generate_assignment {names[0]}   # makes release/, for your students")
    typer.echo(f"  nbgrader autograde {names[0]}   # grades submitted/STUDENT/{names[0]}/")
    typer.echo(f"  nbgrader generate_feedback {names[0]}   # makes feedback/; `nbgrader export` writes the grades")


@course.command(name="grade", epilog="Example: `shoshin course grade my-course pca --workers 4`")
def course_grade(
    folder: Annotated[Path, typer.Argument(readable=False, metavar="DIR", help="The course.")],
    assignment: Annotated[str, typer.Argument(help="The name of an assignment.")],
    workers: Annotated[int | None, typer.Option(min=1, help="Grading processes; by default one per processor.")] = None,
    scheduler: Annotated[str, typer.Option(metavar="ADDRESS", help="Grade on a Dask cluster: tcp://…")] = "",
    trust_students: Annotated[
        bool, typer.Option("--trust-students", help="Run the students' code without a sandbox.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Grade unchanged submissions again.")] = False,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be given again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print data instead of lines.")] = False,
) -> None:
    """Grade the submissions of an assignment: the same as `nbgrader autograde`, much faster.

    Unchanged submissions are not graded again; after an interruption it goes on where it stopped. Exit 0 only if every
    submission has been graded.
    """
    import contextlib
    import json
    import sys

    from shoshin.classroom.ahead import server_ahead

    for stream in (sys.stdout, sys.stderr):  # a folder's name may hold what is no text
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        with contextlib.ExitStack() as stack:
            server = None if scheduler else server_ahead(folder, assignment)
            if server:
                stack.enter_context(server)

            from shoshin.classroom.progress import Display
            from shoshin.classroom.run import grade_assignment
            from shoshin.classroom.workers import processors

            display = stack.enter_context(Display(f"Grading {assignment}", quiet=as_json))
            report = grade_assignment(
                folder,
                assignment,
                workers=workers or processors(),
                trusted=trust_students,
                scheduler=scheduler,
                force=force,
                students=student or (),
                progress=display,
                server=server,
            )
    except KeyboardInterrupt:
        typer.echo("\nStopped. All that is recorded stays; run it again to go on.", err=True)
        raise typer.Exit(130) from None
    typer.echo(json.dumps(report.as_dict(), indent=2) if as_json else report.text())
    raise typer.Exit(1 if report.failed else 0)


@course.command(
    name="collect",
    epilog="Example: `shoshin course collect my-course pca submissions.zip --roster worksheet.csv`",
)
def course_collect(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The course's folder.")],
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Its name, such as pca.")],
    source: Annotated[
        Path,
        typer.Argument(metavar="FROM", help="A zip, tar or folder: from Moodle, from Canvas, or a folder per student."),
    ],
    names: Annotated[
        str, typer.Option(metavar="PATTERN", help="How files are named: '{student}_{file}', or a regular expression.")
    ] = "",
    roster: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The students: a Moodle grading worksheet, a Canvas gradebook, or a CSV."),
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Replace what was collected before.")] = False,
    times: Annotated[
        bool, typer.Option("--times", help="The times in the archive are the times of submission (timestamp.txt).")
    ] = False,
) -> None:
    """Put downloaded submissions into submitted/; exit 1 if a file was refused."""
    from shoshin.classroom.collect import collect

    collected = collect(folder, assignment, source, names=names, roster=roster, update=update, times=times)
    for path, word in collected.told:
        typer.echo(f"{shown(path)}: {shown(word)}")
    for path, why in collected.refused:
        typer.echo(f"refused: {shown(path)}: {shown(why)}", err=True)
    counts = {"new": collected.new, "updated": collected.updated, "unchanged": collected.unchanged}
    files = ", ".join(f"{len(those)} {what}" for what, those in counts.items())
    count = len(collected.students)
    typer.echo(f"{assignment}: {count} student{'s' * (count != 1)}; files: {files}, {len(collected.refused)} refused")
    if collected.refused:
        raise typer.Exit(1)


def shown(words: str) -> str:
    """Return words of a stranger such that they cannot steer a terminal."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in words)


@course.command(name="doctor", epilog="Example: `shoshin course doctor`")
def course_doctor() -> None:
    """Tell what this host can do for grading, and what to do about the rest. Exit 1 if it cannot grade."""
    from shoshin.classroom.doctor import diagnose

    findings = diagnose()
    for finding in findings:
        state = "ok" if finding.works else "MISSING" if finding.needed else "lacks"
        typer.echo(f"{state:8}{finding.name:14}{finding.text}")
    raise typer.Exit(1 if any(finding.in_the_way for finding in findings) else 0)
