"""Judge an answer: try it on every case, and name the misunderstanding it agrees with."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from shoshin.check.compare import Compare, difference
from shoshin.check.describe import call_in_words, type_in_words, value_in_words
from shoshin.check.outcome import Outcome, attempt
from shoshin.check.plain import plain
from shoshin.check.stub import is_stub, placeholders
from shoshin.check.verdict import Verdict

if TYPE_CHECKING:
    from shoshin.check.check import Check

Case = tuple[Any, ...]


def judge(check: Check, answer: Any, seed: int = 0, points: float = 1) -> Verdict:
    """Return the `Verdict` on `answer`. The same check, answer and seed give the same verdict.

    `seed` draws the cases; `points` is what a correct answer earns. Never raises on account of the answer.
    """
    trial = Trial(check, answer, seed)
    outcome, message, mistake, details = trial.result()
    return Verdict(
        exercise=check.exercise,
        task=check.name,
        outcome=outcome,
        message=" ".join(message.split()),
        mistake=mistake,
        points=points if outcome == "passed" else 0,
        max_points=points,
        details=tuple(details),
        seconds=round(sum(each.seconds for each in trial.outcomes.values()), 4),
        warnings=_unique([warned for each in trial.outcomes.values() for warned in each.warned]),
    )


class Trial:
    """One answer tried on all the cases of one check."""

    def __init__(self, check: Check, answer: Any, seed: int) -> None:
        self.check, self.answer, self.seed = check, answer, seed
        self.outcomes: dict[str, Outcome] = {}

    def result(self) -> tuple[str, str, str, list[tuple[str, str]]]:
        """Return (outcome, message, mistake's id, details)."""
        check = self.check
        if is_stub(self.answer):
            return "not attempted", f"Write your answer for `{check.name}`, run its cell, then run this one.", "", []
        if found := self._wrong_type():
            return "wrong", found, "", []
        cases = cases_of(check, self.seed)
        for name, case in cases.items():
            self.outcomes[name] = self._attempt(self.answer, name, case)
            if self.outcomes[name].kind in ("not attempted", "out of time"):
                break
        failures = {n: f for n, o in self.outcomes.items() if (f := self._failure(n, cases[n], o))}
        if not failures:
            return "passed", _praise(check), "", []
        name = next(iter(failures))
        return self._explain(name, cases, failures[name])

    def _explain(self, name: str, cases: dict[str, Case], failure: str) -> tuple[str, str, str, list[tuple[str, str]]]:
        check, outcome = self.check, self.outcomes[name]
        empty = placeholders(self.answer)
        if outcome.kind == "not attempted" or (empty and outcome.kind == "value" and outcome.value is None):
            where = f" ({', '.join(f'`{part}`' for part in empty)})" if empty else ""
            return "not attempted", f"Something is still to be written in `{check.name}`{where}.", "", []
        details = self._details(name, cases[name], outcome)
        if outcome.kind == "out of time":
            message = (
                f"Your answer had not finished after {check.seconds:g} seconds{_of_case(check, name)}, so it was "
                "ended. Look for a loop whose condition never becomes false, or for work that grows too fast."
            )
            return "error", message, "", details
        if mistake := self._known_mistake(cases):
            return "mistake", inspect.getdoc(check.mistakes[mistake]) or "", mistake, details
        if empty:
            return "not attempted", f"Something is still to be written: `{'`, `'.join(empty)}`.", "", []
        if outcome.kind == "raised":
            return "error", f"{outcome.error}{_of_case(check, name)}", "", details
        return "wrong", failure, "", details

    def _wrong_type(self) -> str:
        answer, wants_value = self.answer, self.check.value
        name = self.check.name
        if wants_value and inspect.isroutine(answer):
            return f"A value was wanted for `{name}`, the function `{_name(answer)}` itself came. Call it, and hand over its result."
        if wants_value or callable(answer):
            wants_class = not wants_value and inspect.isclass(self.check.reference)
            if wants_class and not inspect.isclass(answer):
                return f"A class was wanted for `{name}`, {type_in_words(plain(answer))} came."
            return ""
        wanted = "class" if inspect.isclass(self.check.reference) else "function"
        hint = f" Hand over the {wanted} itself, without calling it: `check.{name}({name})`."
        return f"A {wanted} was wanted for `{name}`, {type_in_words(plain(answer))} came.{hint}"

    def _attempt(self, answer: Any, name: str, case: Case) -> Outcome:
        outcome = attempt(self.check.run, answer, case, seconds=self.check.seconds, seed=_case_seed(self.seed, name))
        if self.check.inputs == "any":
            outcome.arguments = ()  # they may be large, and nobody looks at them
        return outcome

    def _failure(self, name: str, case: Case, outcome: Outcome) -> str:
        """Return what is wrong with an outcome, as a sentence, or nothing."""
        check = self.check
        if outcome.kind != "value":
            return outcome.error or outcome.kind
        for rule in check.properties.values():
            if not holds(rule, outcome.value, case):
                return f"{inspect.getdoc(rule)} This does not hold{_of_case(check, name)}."
        if check.compare is not None:
            expected = reference_outcome(check, name, case, self.seed)
            if found := difference(expected.value, outcome.value, check.compare):
                missing = " Is a `return` missing?" if outcome.value is None else ""
                found = found[0].upper() + found[1:] if found.startswith(("an ", "a ", "the ")) else found
                case_words = _of_case(check, name).lstrip()
                return f"{case_words[0].upper()}{case_words[1:]}: {found}{missing}" if case_words else found + missing
        changed = changed_arguments(check, case, outcome)
        return f"Your answer changed its argument {changed} in place; work on a copy." if changed else ""

    def _known_mistake(self, cases: dict[str, Case]) -> str:
        for mistake_name, function in self.check.mistakes.items():
            if all(self._agrees(function, name, cases[name]) for name in self.outcomes):
                return mistake_name
        return ""

    def _agrees(self, mistake: Callable[..., Any], name: str, case: Case) -> bool:
        ours = self.outcomes[name]
        theirs = self._attempt(stand_in(self.check, mistake), name, case)
        if ours.kind != theirs.kind or ours.error_type != theirs.error_type:
            return False
        if changed_arguments(self.check, case, ours) != changed_arguments(self.check, case, theirs):
            return False
        return ours.kind != "value" or difference(theirs.value, ours.value, self.check.compare or Compare()) is None

    def _details(self, name: str, case: Case, outcome: Outcome) -> list[tuple[str, str]]:
        check = self.check
        details = []
        if case:
            details.append(("The call", call_in_words(check.name, check.reference, case)))
        if outcome.kind == "raised":
            details.append(("Your line", outcome.line or "(the error arose outside of your code, while calling it)"))
            details.append(("The error", outcome.error))
        elif outcome.kind == "value" and not check.value:
            details.append(("Came back", value_in_words(outcome.value)))
            if check.compare is not None:
                expected = reference_outcome(check, name, case, self.seed)
                details.append(("Expected", value_in_words(expected.value)))
        if outcome.printed.strip():
            details.append(("Your code printed", "\n".join(outcome.printed.strip().splitlines()[:8])))
        return details


def cases_of(check: Check, seed: int) -> dict[str, Case]:
    """Return the arguments of every case, drawn from `seed`; a check without cases has one, without arguments."""
    drawn: dict[str, Case] = {}
    for name, function in check.cases.items():
        # Each case has its own stream: adding one does not change the others.
        case = function(np.random.default_rng([seed, zlib.crc32(name.encode())]))
        drawn[name] = case if isinstance(case, tuple) else (case,)
    return drawn or {"": ()}


def stand_in(check: Check, function: Callable[..., Any]) -> Any:
    """Return what the learner would hand over if their answer were `function` (a mistake, say)."""
    return function() if check.value else function


def reference_outcome(check: Check, name: str, case: Case, seed: int) -> Outcome:
    """Return what the reference comes to on one case.

    Raises:
        RuntimeError: if the reference itself fails; that is the author's to mend.
    """
    outcome = attempt(
        check.run, stand_in(check, check.reference), case, seconds=10 * check.seconds, seed=_case_seed(seed, name)
    )
    if outcome.kind != "value":
        raise RuntimeError(f"{check.exercise}: the reference {check.name} fails on case {name!r}: {outcome.error}")
    return outcome


def holds(rule: Callable[..., Any], result: Any, case: Case) -> bool:
    """Tell whether a property holds; one that raises, because the result has an odd form, does not."""
    try:
        return bool(rule(result, *case))
    except Exception:
        return False


def changed_arguments(check: Check, case: Case, outcome: Outcome) -> str:
    """Return the names of the arguments that an answer changed in place, if that matters to this check."""
    if check.inputs == "any" or not outcome.arguments:
        return ""
    names = list(inspect.signature(check.reference).parameters)
    names = names if len(names) == len(case) else [str(number + 1) for number in range(len(case))]
    exact = Compare(rtol=0, atol=0)
    pairs = zip(names, case, outcome.arguments, strict=True)
    return ", ".join(f"`{n}`" for n, before, after in pairs if difference(plain(before), plain(after), exact))


def _case_seed(seed: int, name: str) -> int:
    return (zlib.crc32(name.encode()) + seed) % 2**32


def _of_case(check: Check, name: str) -> str:
    if not name:
        return ""
    words = inspect.getdoc(check.cases[name]) or name.replace("_", " ")
    return f" with {words.strip().rstrip('.')[0].lower()}{words.strip().rstrip('.')[1:]}"


def _praise(check: Check) -> str:
    number = len(check.cases)
    return f"Your answer holds on {'all ' if number > 1 else ''}{number} case{'s' * (number != 1)}." if number else "That holds."


def _name(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _unique(items: list[dict[str, str]]) -> tuple[dict[str, str], ...]:
    return tuple(item for number, item in enumerate(items) if item not in items[:number])


