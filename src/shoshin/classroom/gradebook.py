"""Open a course's gradebook, and wait for one that somebody else has locked."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from nbgrader.api import Gradebook
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from shoshin.errors import ShoshinError

PATIENCE = 60.0  # seconds that a locked database is waited for
IMPATIENCE = 5.0  # after it was waited for in vain, until it is free again
LONGEST_PAUSE = 2.0
Result = TypeVar("Result")


class Locked(Exception):
    """The database was locked, or could not be reached, for as long as it was waited for."""


def open_gradebook(db_url: str, course_id: str) -> Gradebook:
    """Open the gradebook of a course; it is never created here.

    Raises:
        ShoshinError: if there is none, or it cannot be read.
    """
    try:
        url = sqlalchemy.make_url(db_url)
        shown = url.render_as_string(hide_password=True)
        if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
            raise ShoshinError(f"there is no gradebook yet ({shown}). Run nbgrader generate_assignment first.")
        engine = sqlalchemy.create_engine(db_url)
    except SQLAlchemyError as error:
        raise ShoshinError(
            f"c.CourseDirectory.db_url cannot be used: {one_line(error)}. Mend it in the config."
        ) from error
    except ModuleNotFoundError as error:
        raise ShoshinError(
            f"{shown} needs the Python package {error.name!r}. Install it, then run this again."
        ) from error
    patience = Patience(wait_for_server=False)  # a wrong address would be waited for as well
    try:
        if not patience(lambda: sqlalchemy.inspect(engine).has_table("assignment")):
            raise ShoshinError(f"the gradebook is empty ({shown}). Run nbgrader generate_assignment first.")
        return patience(lambda: Gradebook(db_url, course_id))
    except (Locked, SQLAlchemyError) as error:
        raise ShoshinError(f"the gradebook cannot be opened: {one_line(error)}\nNothing was graded.") from error
    finally:
        engine.dispose()


def tell_at_once(gradebook: Gradebook) -> None:
    """Have an SQLite database tell that it is locked, instead of waiting: `Patience` waits, and learns from it."""
    if gradebook.engine.dialect.name == "sqlite":
        sqlalchemy.event.listen(gradebook.engine, "connect", _do_not_wait)
        gradebook.engine.dispose()  # connections that were made before


def _do_not_wait(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout = 100")


class Patience:
    """Do something with the database, again and again while it is locked.

    Raises:
        Locked: if it is still locked after `PATIENCE` seconds; from then on it is waited for less, until it is free.
    """

    def __init__(self, *, wait_for_server: bool = True) -> None:
        self.wait_for_server = wait_for_server
        self.in_vain = False

    def __call__(self, action: Callable[[], Result]) -> Result:
        until = time.monotonic() + (IMPATIENCE if self.in_vain else PATIENCE)
        pause = 0.05
        while True:
            try:
                result = action()
            except OperationalError as error:
                if not (is_locked(error) or (self.wait_for_server and is_out_of_reach(error))):
                    raise
                if time.monotonic() + pause > until:
                    self.in_vain = True
                    raise Locked(one_line(error)) from error
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self.in_vain = False
                return result


def is_locked(error: DBAPIError) -> bool:
    """Tell whether somebody else holds what is wanted."""
    name = getattr(error.orig, "sqlite_errorname", "")
    state = getattr(error.orig, "sqlstate", None) or ""  # PostgreSQL's: a deadlock, a lock, no connection left
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or state in ("40001", "40P01", "55P03", "53300")


def is_out_of_reach(error: DBAPIError) -> bool:
    """Tell whether a server ended, restarts, or does not answer."""
    state = getattr(error.orig, "sqlstate", None)
    return not hasattr(error.orig, "sqlite_errorname") and (state is None or state.startswith(("08", "57")))


def is_of_one_row(error: SQLAlchemyError) -> bool:
    """Tell whether the database refuses what it was given, and would take something else."""
    return isinstance(error, (IntegrityError, DataError)) or not isinstance(error, DBAPIError)


def one_line(error: BaseException) -> str:
    """Return the first line of what the database said, without the statement."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]
