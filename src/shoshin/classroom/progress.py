"""Show on the terminal how far grading has come, and what the teacher should look at."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shoshin.classroom.report import Event


class Display:
    """A bar on stderr, or plain lines where that is no terminal; what needs attention goes to stdout.

    With `quiet`, nothing goes to stdout.
    """

    def __init__(self, title: str, quiet: bool = False) -> None:
        self.quiet = quiet
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=console, redirect_stdout=False) if console.is_terminal else None
        self.task = self.bar.add_task(title, total=None) if self.bar else None

    def __enter__(self) -> Display:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self.bar:
            self.bar.stop()

    def __call__(self, event: Event) -> None:
        """Show that a submission has come to its end."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, completed=event.done, total=event.total)
        else:
            print(f"{event.done} of {event.total}: {event.student} {event.state}", file=sys.stderr)
        if self.quiet or not (line := event.line()):
            return
        if self.bar and sys.stdout.isatty():
            self.bar.console.print(line, markup=False, highlight=False)  # above the bar
        else:
            print(line, flush=True)
