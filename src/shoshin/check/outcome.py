"""Try an answer on one case, and tell what happened as data."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shoshin.check.ownline import own_line, raised_by_library
from shoshin.check.plain import ADDRESS, plain, private_copy
from shoshin.check.quiet import Printed, as_before, caught_warnings
from shoshin.check.timelimit import OutOfTime, time_limit


@dataclass
class Outcome:
    """What one call of an answer came to.

    `kind` is `"value"`, `"raised"`, `"out of time"`, `"stopped"` (by hand), `"ended"` (the process that it ran in, if
    that is another one) or `"not attempted"`; `value` is plain data; `error` is "Type: message", `line` the learner's
    own line that raised it; `arguments` are the call's arguments after it, as plain data; `warned` holds one dict for
    each warning that the learner's own code (or the grader's) caused. `changed` names the arguments that were changed
    in place, once somebody has asked.
    """

    kind: str
    value: Any = None
    error: str = ""
    error_type: str = ""
    line: str = ""
    arguments: tuple[Any, ...] = ()
    printed: str = ""
    warned: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    changed: list[str] | None = None


def attempt(
    run: Callable[..., Any],
    answer: Any,
    case: tuple[Any, ...],
    *,
    seconds: float,
    seed: int,
    keep_arguments: bool = False,
) -> Outcome:
    """Return the `Outcome` of `run(answer, *case)`, on copies of the case, with what it prints and warns caught."""
    arguments, printed = private_copy(case), Printed()
    outcome = Outcome("out of time")
    began = time.perf_counter()
    with as_before(seed), caught_warnings() as warned, contextlib.redirect_stdout(printed):
        try:
            with time_limit(seconds):
                outcome = Outcome("value", plain(run(answer, *arguments)))
                if keep_arguments:
                    outcome.arguments = plain(arguments)
        except OutOfTime:
            outcome = Outcome("out of time")
        except KeyboardInterrupt:
            outcome = Outcome("stopped")
        except BaseException as error:  # SystemExit too: a check never raises
            # A library's own kind (pyarrow's, say) is an error like others.
            unwritten = type(error) is NotImplementedError and not raised_by_library(error)
            outcome = Outcome("not attempted") if unwritten else _raised(error)
    outcome.seconds = time.perf_counter() - began
    outcome.printed, outcome.warned = printed.getvalue(), warned
    return outcome


def _raised(error: BaseException) -> Outcome:
    message = ""
    with contextlib.suppress(Exception):  # the learner's own __str__ may raise
        message = ADDRESS.sub("", str(error))
    # The names of NumPy's private subclasses say nothing to anybody.
    name = next(base.__name__ for base in type(error).__mro__ if not base.__name__.startswith("_"))
    text = f"{name}: {message}" if message else name
    return Outcome("raised", error=text[:500], error_type=name, line=own_line(error))
