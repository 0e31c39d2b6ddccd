"""Find out which probes work in the grading process, with only the answer elsewhere; write classroom/apart.txt.

    python ci/apart.py [--check] [EXERCISE ...]

A probe is run that way for the reference, the author's other answers and the mistakes. It counts if each of them
comes to the same as it does in one process: the same data, or an error of the same kind.
"""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from shoshin import library
from shoshin.check.check import Check
from shoshin.check.trial import Trial
from shoshin.classroom.arm import AtArmsLength
from shoshin.classroom.model import Limits
from shoshin.classroom.server import GradingServer
from shoshin.classroom.session import Session

LIST = library.PACKAGE / "classroom" / "apart.txt"
SEEDS = (0, 1)


def main() -> int:
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    wanted = arguments or library.ids("graders")
    head = [line for line in LIST.read_text("utf-8").splitlines() if line.startswith("#")]
    before = [line for line in LIST.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    found = [line for line in before if line.partition(":")[0] not in wanted]
    with GradingServer() as server:
        for exercise in wanted:
            for check in checks(exercise):
                why = difference_apart(check, server.address)
                print(f"{exercise}:{check.name}: {why or 'apart'}", flush=True)
                found += [] if why else [f"{exercise}:{check.name}"]
    if "--check" in sys.argv:
        return 1 if sorted(found) != sorted(before) else 0
    Path(LIST).write_text("\n".join([*head, *sorted(found)]) + "\n", "utf-8")
    return 0


def checks(exercise: str) -> Iterator[Check]:
    """Yield the checks of an exercise whose probe drives a function or a class."""
    module = importlib.import_module(f"shoshin.graders.{exercise.replace('/', '.')}")
    for check in [*vars(module).values()]:
        if isinstance(check, Check) and check.has_probe and not check.value:
            yield check


def difference_apart(check: Check, address: str) -> str:
    """Return which answer comes to something else when only the probe is here; an empty text if none does."""
    answers = {"the reference": check.reference, **check.accepts_, **check.mistakes}
    with Session(address, (), Limits(), trusted=False, secrets=True) as session:  # no student's code runs there
        for seed in SEEDS:
            session.until = math.inf
            trial = Trial(check, seed)
            trial.warm_up()
            for name, function in answers.items():
                for case in trial.cases:
                    here = trial.attempt(function, case)
                    there = trial.attempt(
                        AtArmsLength(function, session, True, isinstance(check.reference, type)), case
                    )
                    exact = function not in check.mistakes.values()
                    if not trial.agree(here, there, case) or (exact and here.error != there.error):
                        shown = [f"{o.kind} {o.error or o.value!r}"[:150] for o in (here, there)]
                        return f"{name}, case {case}: here {shown[0]}; apart {shown[1]}"
    return ""


if __name__ == "__main__":
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    sys.exit(main())
