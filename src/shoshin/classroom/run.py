"""Grade all submissions of an assignment in parallel; what is recorded survives whatever happens to this process."""

from __future__ import annotations

import contextlib
import errno
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from shoshin.classroom import sandbox
from shoshin.classroom.assignment import Assignment, UnderWay
from shoshin.classroom.canonical import as_notebook
from shoshin.classroom.model import Graded, Unit
from shoshin.classroom.page_html import opens_as_page
from shoshin.classroom.record import Marks, NotRecorded, Recorder, comments, scores
from shoshin.classroom.report import FAILED, GRADED, LATER, UNCHANGED, Event, Report
from shoshin.classroom.server import GradingServer
from shoshin.classroom.settings import course_settings, late_penalties
from shoshin.classroom.student_folder import NotReadable
from shoshin.classroom.workers import Workers
from shoshin.errors import ShoshinError

LOCK = ".shoshin-grading.lock"
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)  # nothing more could be written for anybody
GO_ON = "All that is recorded stays. Mend it and run this again: it goes on where it stopped."


class Pool(Protocol):
    """Where units are graded: on this machine, or on others."""

    @property
    def count(self) -> int:
        """How many at once."""

    def submit(self, unit: Unit) -> Future[Graded]: ...

    def close(self) -> None: ...


def grade_assignment(
    course: Path,
    assignment: str,
    *,
    workers: int,
    trusted: bool = False,
    scheduler: str = "",
    force: bool = False,
    students: Sequence[str] = (),
    progress: Callable[[Event], None] | None = None,
    server: GradingServer | None = None,
) -> Report:
    """Grade what is new or changed among the submissions of an assignment, and record it in the gradebook.

    `students` restricts it to these; `force` grades the unchanged as well. With `scheduler`, the address of a Dask
    scheduler, the units are graded there. `progress` is told of every submission. `server` may have been started
    ahead; the caller closes it.

    Raises:
        ShoshinError: if nothing can be graded, or the grading had to be stopped; what is recorded stays.
    """
    began = time.monotonic()
    if not trusted and not scheduler and (missing := sandbox.missing()):
        raise ShoshinError(
            f"nothing was graded, for want of a sandbox: {missing[0]}\n"
            "`shoshin course doctor` says what to do; --trust-students runs the students' code without one."
        )
    settings = course_settings(course.absolute())
    root = Path(settings.coursedir.root)
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone(root))
        stack.enter_context(contextlib.chdir(root))  # as for nbgrader: the database's path may be relative
        coursedir = settings.coursedir
        recorder = Recorder(coursedir.db_url, coursedir.course_id, assignment, late_penalties(settings))
        stack.callback(recorder.close)
        work = Assignment(settings, assignment, trusted, recorder)
        chosen = work.students(students)
        pool = stack.enter_context(open_pool(work, workers, scheduler, server))
        run = Run(work, pool, force, progress or (lambda event: None))
        run.grade(chosen)
        run.summarise(chosen)
        run.report.seconds = time.monotonic() - began
        return run.report


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keep a second run off the same course; the lock goes with the process, however that ends."""
    lock = FileLock(root / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ShoshinError(
            f"another `shoshin course grade` is at work on {root}.\nWait for its end, or stop it; nothing was done."
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def open_pool(work: Assignment, workers: int, scheduler: str, ahead: GradingServer | None = None) -> Iterator[Pool]:
    """Open the pool: a Dask cluster, or grading processes on this machine."""
    if scheduler:
        from shoshin.classroom.cluster import Cluster

        with contextlib.closing(Cluster(scheduler, work.packages(), work.trusted)) as cluster:
            yield cluster
    else:
        needed = work.packages()
        with contextlib.ExitStack() as stack:
            fits = ahead and ahead.packages.issuperset(needed)
            server = ahead if ahead and fits else stack.enter_context(GradingServer(needed))
            yield stack.enter_context(contextlib.closing(Workers(server, workers)))


class Run:
    """One run over an assignment. It alone writes, and only what came whole out of the pool."""

    def __init__(self, work: Assignment, pool: Pool, force: bool, progress: Callable[[Event], None]) -> None:
        self.work, self.pool, self.force, self.progress = work, pool, force, progress
        self.report = Report(work.name, most=work.recorder.max_score)
        self.later: list[str] = []  # could not be recorded, and are graded again at the end
        self.total = self.done = 0

    def grade(self, students: Sequence[str]) -> None:
        """Grade and record; what could not be recorded is tried once more at the end."""
        self.total = len(students)
        self._stream(students)
        again, self.later = self.later, []
        self._stream(again, last=True)

    def summarise(self, students: Sequence[str]) -> None:
        """Complete the report."""
        points = self.work.recorder.points()
        counted = [points[student] for student in {*students} - {*self.report.failed} if student in points]
        self.report.mean = sum(counted) / len(counted) if counted else None
        if self.work.settings.pre_convert_hook or self.work.settings.post_convert_hook:
            self.report.remarks.append("The convert hooks of nbgrader_config.py were not run.")

    def _stream(self, students: Sequence[str], last: bool = False) -> None:
        """Keep the pool busy and record what comes out of it; at most two units for each process are in memory."""
        units = self._units(students)
        under_way: dict[Future[Graded], tuple[UnderWay, str]] = {}
        while True:
            for one, name in itertools.islice(units, max(0, 2 * self.pool.count - len(under_way))):
                under_way[self.pool.submit(one.units[name])] = one, name
            if not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                one, name = under_way.pop(future)
                one.results[name] = future
                if len(one.results) == len(one.units):
                    self._finish(one, last)

    def _units(self, students: Sequence[str]) -> Iterator[tuple[UnderWay, str]]:
        """Yield each notebook that is to be graded, with the submission that it belongs to, when it is wanted."""
        for student in students:
            if one := self._begin(student):
                for name in one.units:
                    yield one, name

    def _begin(self, student: str) -> UnderWay | None:
        try:
            one = self.work.begin(student, self.force)
        except ShoshinError:
            raise
        except NotReadable as error:
            self._tell(student, FAILED, f"{error}.")
            return None
        except Exception as error:  # whatever it is, the others are graded
            self._tell(student, FAILED, f"it could not be read ({type(error).__name__}: {error}).")
            return None
        if one is None:
            self._tell(student, UNCHANGED)
        return one

    def _finish(self, one: UnderWay, last: bool) -> None:
        student = one.submission.student
        try:
            self._record(one)
        except ShoshinError:
            raise
        except CancelledError as error:
            raise ShoshinError(f"the cluster's scheduler has ended, or cannot be reached any more.\n{GO_ON}") from error
        except NotRecorded as error:
            if not last:
                self.later.append(student)
            self._tell(student, FAILED if last else LATER, f"not recorded, for {error}.")
        except OSError as error:
            where = f"{error.filename or self.work.folder(student).path} cannot be written: {error.strerror}"
            if error.errno in DISK:
                raise ShoshinError(f"{where}.\n{GO_ON}") from error
            self._tell(student, FAILED, f"{where}.")
        except Exception as error:  # whatever it is, the others are graded
            self._tell(student, FAILED, f"{str(error) or type(error).__name__}")
        else:
            self._tell(student, GRADED, *self._notes(one))

    def _record(self, one: UnderWay) -> None:
        """Write the data files, then the gradebook, then the notebooks, whose fingerprint says that all is done."""
        graded = {name: future.result() for name, future in one.results.items()}
        notebooks, marks = {}, dict.fromkeys(self.work.blueprints)
        for name, result in graded.items():
            canonical = one.units[name].submission
            notebooks[name] = as_notebook(canonical, self.work.blueprints[name], result)
            marks[name] = Marks(scores(notebooks[name]), comments(canonical, result))
        folder = self.work.folder(one.submission.student)
        # A page among the student's files would run in the teacher's browser.
        own = {name: content for name, content in one.submission.own_files.items() if not opens_as_page(name)}
        folder.write_files({**own, **self.work.given}, notebooks)
        self.work.recorder.write(one.submission.student, one.submission.timestamp, marks)
        self.report.sandbox = ", ".join(sorted({result.sandbox for result in graded.values()}))
        folder.write_notebooks(notebooks, one.fingerprint)

    def _notes(self, one: UnderWay) -> Iterator[str]:
        """Yield what the teacher should look at in a graded submission."""
        yield from one.submission.refused
        for name in self.work.blueprints:
            if name not in one.units:
                yield f"{name}.ipynb was not handed in; it scores 0."
                continue
            notes = (*one.units[name].submission.notes, *one.results[name].result().attention)
            yield from (f"{name}: {note}" if len(one.units) > 1 else note for note in notes)

    def _tell(self, student: str, state: str, *notes: str) -> None:
        self.done += state != LATER
        self.report.graded += state == GRADED
        self.report.unchanged += state == UNCHANGED
        if state == FAILED:
            self.report.failed.append(student)
        if notes:
            self.report.notes[student] = notes
        self.progress(Event(student, state, notes, self.done, self.total))
