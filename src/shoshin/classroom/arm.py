"""Judge an answer that is in the student's process: the check stays here, only the probe and the cases go there."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from typing import Any

from shoshin.check.answer import Answer, Nature
from shoshin.check.check import Check
from shoshin.check.judging import judge
from shoshin.check.outcome import Outcome, attempt
from shoshin.check.plain import plain
from shoshin.check.verdict import Verdict, readable
from shoshin.classroom.codec import BadData
from shoshin.classroom.model import CannotGrade
from shoshin.classroom.remote import declared, is_remote
from shoshin.classroom.session import GRACE, Session, StudentError

AT_HOME = 0  # the seed of the cases that a learner's own check draws
KINDS = ("value", "raised", "out of time", "not attempted", "ended")
ONLY_SEEN = (
    "Your answer holds on the notebook's own cases, but not on others that are drawn in the same way. "
    "Does it use numbers that it has seen there, instead of its arguments?"
)
probes: dict[tuple[Callable[..., Any], bool], tuple[str, bytes]] = {}  # pickled once in a process


@functools.cache
def probes_apart() -> frozenset[str]:
    """Return the checks, as EXERCISE:TASK, whose probes run in the grading process, with only the answer elsewhere."""
    lines = (resources.files("shoshin.classroom") / "apart.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


class AtArmsLength(Answer):
    """An answer in the student's process. What it comes to is data, and may be made up."""

    def __init__(self, value: Any, session: Session, apart: bool = False, class_: bool = False) -> None:
        super().__init__(value)
        self.session, self.apart, self.class_, self.generation = session, apart, class_, 0

    def _there(self) -> Any:
        """Return the answer as an object that is there, also if the value came here as data."""
        if is_remote(self.value):
            return self.value
        self.session.begin()
        if self.generation != self.session.generation:
            number = self.session.request(("hold", self.value))
            self.generation = self.session.generation
            self.held = self.session.objects.wrap(number if type(number) is int else 0)
        return self.held

    def nature(self) -> Nature:
        found = self.session.request(("nature", self._there()))
        words = found if type(found) is dict else {}
        stub, function, callable_, class_ = (words.get(f) is True for f in ("stub", "function", "callable", "class_"))
        name, type_name = (readable(str(words.get(text, ""))[:80]) for text in ("name", "type_name"))
        return Nature(stub, function, callable_, class_, name, type_name)

    def placeholders(self) -> list[str]:
        try:
            found = self.session.request(("placeholders", self._there()))
        except (StudentError, RuntimeError):
            return []
        return [readable(name[:80]) for name in found if type(name) is str][:20] if type(found) is list else []

    def attempt(
        self, run: Callable[..., Any], case: tuple[Any, ...], *, seconds: float, seed: int, keep_arguments: bool
    ) -> Outcome:
        if self.apart:
            return self._attempt_here(run, case, seconds=seconds, seed=seed, keep_arguments=keep_arguments)
        key, pickled = packed(run, self.session)
        options = {"seconds": seconds, "seed": seed, "keep_arguments": keep_arguments}
        try:
            found = self.session.request(("attempt", self._there(), key, pickled, case, options), seconds + GRACE)
            return outcome_of(found)
        except StudentError as error:
            self.session.failed = ""  # the verdict tells
            return Outcome(error.kind, error=str(error))

    def _attempt_here(self, run: Callable[..., Any], case: tuple[Any, ...], **options: Any) -> Outcome:
        """Run a probe in this process; the answer that it calls is in the other one, and can do nothing to it."""
        self.session.probing = True
        try:
            self.session.failed = ""
            there = self._there()
            outcome = attempt(run, declared(there) if self.class_ else there, case, **options)
            # A probe that waits for an error must not take the end of the process for one.
            return Outcome("ended", error=self.session.failed) if self.session.failed else outcome
        except StudentError as error:
            return Outcome(error.kind, error=str(error))
        finally:
            self.session.probing, self.session.failed = False, ""


def packed(run: Callable[..., Any], session: Session) -> tuple[str, bytes]:
    """Return (key, bytes) of a probe, pickled once in a process."""
    if (run, session.secrets) not in probes:
        probes[run, session.secrets] = session.dump_function(run)
    return probes[run, session.secrets]


def outcome_of(found: Any) -> Outcome:
    """Return an `Outcome` for what came from the student's process, in which everything may be made up.

    Raises:
        BadData: if it is none.
    """
    if type(found) is not dict or found.get("kind") not in KINDS:
        raise BadData("not an outcome")
    texts: dict[str, Any] = {
        name: readable(str(found.get(name, "")))[:2000] for name in ("error", "error_type", "line", "printed")
    }
    warned = [each for each in found.get("warned") or [] if type(each) is dict][:20]
    arguments = found.get("arguments")
    seconds = found.get("seconds")
    return Outcome(
        kind=found["kind"],
        value=plain(found.get("value")),
        arguments=plain(arguments) if type(arguments) is tuple else (),
        warned=[{str(key): str(text)[:500] for key, text in each.items()} for each in warned],
        seconds=seconds if type(seconds) is float and 0 <= seconds < 1e6 else 0.0,
        **texts,
    )


class Judge:
    """Judges for every check of this process, on cases that are drawn with the course's seed."""

    def __init__(self, session: Session, clean: Session, seed: int, attention: list[str]) -> None:
        self.session, self.clean, self.seed, self.attention = session, clean, seed, attention

    def __call__(self, check: Check, value: Any, points: float) -> Verdict:
        """Return the verdict. What it shows of a case is of the notebook's own cases, never of the course's."""
        alone = check.value and check.has_probe and not is_remote(value)
        apart = f"{check.exercise}:{check.name}" in probes_apart()
        wanted = inspect.isclass(check.reference)
        answer = AtArmsLength(value, self.clean if alone else self.session, apart, wanted)
        try:
            self.pack_probes(check)
            # First at home: what its card shows was said before the answer has seen a case of the course's.
            shown = judge(check, answer, seed=AT_HOME, points=points)
            if not shown.passed or self.seed == AT_HOME:
                return shown
            verdict = judge(check, answer, seed=self.seed, points=points)
        except (StudentError, CannotGrade, BadData):
            raise
        except Exception as error:
            self.attention.append(f"The check {check.name} itself failed: {type(error).__name__}: {error}")
            raise
        if verdict.passed:
            return verdict
        return replace(verdict, outcome="wrong", message=ONLY_SEEN, mistake="", points=0, details=(), warnings=())

    def pack_probes(self, check: Check) -> None:
        """Pickle a grader's probes as it was imported: what a reference leaves in its globals is not to be sent."""
        module = vars(sys.modules.get(check.reference.__module__, sys))
        for each in [check, *(found for found in module.values() if isinstance(found, Check))]:
            if f"{each.exercise}:{each.name}" not in probes_apart():
                packed(each.run, self.clean if each.value and each.has_probe else self.session)
