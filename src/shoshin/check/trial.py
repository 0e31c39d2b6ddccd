"""Try answers, references and mistakes on the cases of a check."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from shoshin.check.answer import Answer
from shoshin.check.compare import difference
from shoshin.check.describe import parameters_of
from shoshin.check.outcome import Outcome, attempt
from shoshin.check.plain import has_foreign, plain, private_copy, without_foreign
from shoshin.check.quiet import caught_warnings
from shoshin.check.rounding import forgiven, nudged
from shoshin.check.rules import USUAL, Compare

if TYPE_CHECKING:
    from shoshin.check.check import Check

Case = tuple[Any, ...]
EXACT = Compare(rtol=0, atol=0)
NUDGES = 3


class Trial:
    """The cases of one check, drawn from one seed, and what answers come to on them."""

    def __init__(self, check: Check, seed: int) -> None:
        self.check, self.seed = check, seed
        self.known = check.known(seed)
        if self.known.cases is None:
            self._draw()
        else:
            self.cases = self.known.cases

    def _draw(self) -> None:
        with caught_warnings():  # whatever drawing them may warn of is not the learner's
            self.cases = cases_of(self.check, self.seed)
        before = {name: plain(case) for name, case in self.cases.items()}
        self.known.before = {name: without_foreign(case) for name, case in before.items()}
        with contextlib.suppress(Exception):  # what cannot be copied (a generator, a model) may have been used up
            copy.deepcopy(self.cases)
            self.known.cases = None if any(map(has_foreign, before.values())) else self.cases

    def attempt(self, answer: Any, name: str, seconds: float | None = None) -> Outcome:
        """Return what an answer comes to on the case called `name`."""
        check = self.check
        limit = check.seconds if seconds is None else seconds
        keep = check.inputs == "untouched"
        there = answer if issubclass(type(answer), Answer) else Answer(answer)
        seed = self._seed_of(name)
        outcome = there.attempt(check.run, self.cases[name], seconds=limit, seed=seed, keep_arguments=keep)
        if check.read and outcome.kind == "value":
            outcome.value = plain(check.read(outcome.value, *private_copy(self.cases[name])))
        return outcome

    def warm_up(self) -> None:
        """Let the reference go first, where there is a probe: what a probe imports is not the learner's time."""
        if self.check.has_probe and not self.known.warm and self.cases:
            self.known.warm = True
            self.attempt(stand_in(self.check, self.check.reference), next(iter(self.cases)), 10 * self.check.seconds)

    def reference(self, name: str) -> Any:
        """Return what the reference comes to on one case, as plain data.

        Raises:
            RuntimeError: if the reference itself fails; that is the author's to mend.
        """
        if name not in self.known.expected:
            outcome = self.attempt(stand_in(self.check, self.check.reference), name, seconds=10 * self.check.seconds)
            where = f"{self.check.exercise}: the reference {self.check.name}, case {name!r}:"
            if outcome.kind != "value":
                raise RuntimeError(f"{where} {outcome.error or outcome.kind}")
            if has_foreign(outcome.value):
                raise RuntimeError(f"{where} the result cannot be compared; add a probe that returns plain data")
            self.known.expected[name] = outcome.value
        return self.known.expected[name]

    def difference(self, name: str, result: Any) -> str | None:
        """Return how a result differs, by more than rounding, from the reference's on one case; `None` if not."""
        rules, expected = self.check.compare or USUAL, self.reference(name)
        found = difference(expected, result, rules)
        if not found or (rules.rtol, rules.atol) != (None, None):
            return found
        if difference(expected, forgiven(expected, result), rules):  # no rounding does so much
            return found
        others = self._on_nudged_inputs(name)
        return difference(expected, forgiven(expected, result, others), rules) if others else found

    def _on_nudged_inputs(self, name: str) -> list[Any]:
        """Return what the reference comes to on inputs that differ from those of a case in their last digit."""
        if name not in self.known.nudged:
            rng, found = np.random.default_rng(0), []
            for _ in range(NUDGES):
                case, answer = nudged(self.cases[name], rng), stand_in(self.check, self.check.reference)
                seconds, seed = 10 * self.check.seconds, self._seed_of(name)
                outcome = attempt(self.check.run, answer, case, seconds=seconds, seed=seed)
                if self.check.read and outcome.kind == "value":
                    outcome.value = plain(self.check.read(outcome.value, *case))
                found.append(outcome)
            sound = all(outcome.kind == "value" for outcome in found)
            self.known.nudged[name] = [outcome.value for outcome in found] if sound else []
        return self.known.nudged[name]

    def mistaken(self, mistake: str, name: str) -> Outcome:
        """Return what a mistake comes to on one case."""
        if (mistake, name) not in self.known.mistaken:
            answer = stand_in(self.check, self.check.mistakes[mistake])
            self.known.mistaken[mistake, name] = self.attempt(answer, name)
        outcome: Outcome = self.known.mistaken[mistake, name]
        return outcome

    def holds(self, rule: Callable[..., Any], result: Any, name: str) -> Outcome:
        """Return the outcome of a property on a result: true, false, or an error because the result has an odd form."""

        def ask(_answer: Any, *arguments: Any) -> bool:
            return bool(rule(*arguments))

        case = (result, *self.cases[name])
        return attempt(ask, None, case, seconds=10 * self.check.seconds, seed=self._seed_of(name))

    def changed(self, name: str, outcome: Outcome) -> list[str]:
        """Return the names of the arguments that an answer changed in place, if that matters to this check."""
        if self.check.inputs == "any" or not outcome.arguments:
            return []
        if outcome.changed is None:
            outcome.changed = self._changed(name, outcome)
        return outcome.changed

    def _changed(self, name: str, outcome: Outcome) -> list[str]:
        before = self.known.before[name]
        names = _argument_names(self.check, len(before))
        pairs = zip(names, before, without_foreign(outcome.arguments), strict=True)
        return [
            argument
            for argument, was, is_now in pairs
            if difference(was, is_now, EXACT) or _dtypes(was) != _dtypes(is_now)
        ]

    def agree(self, one: Outcome, other: Outcome, name: str) -> bool:
        """Tell whether two answers came to the same on one case: the same result, or an error of the same type."""
        if (one.kind, one.error_type) != (other.kind, other.error_type):
            return False
        values = without_foreign(one.value), without_foreign(other.value)
        if difference(*values, self.check.compare or USUAL) is not None:
            return False
        return self.changed(name, one) == self.changed(name, other)  # the dearer question, for tables, comes last

    def _seed_of(self, name: str) -> int:
        if self.seed < 2**16:
            return (zlib.crc32(name.encode()) + self.seed) % 2**32
        # A course's seed is its secret, and an answer can see how the generators have been seeded.
        return int.from_bytes(hashlib.sha256(f"{self.seed} {name}".encode()).digest()[:4])


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


def _dtypes(value: Any) -> list[str]:
    """Return the dtypes of an array or a table: where only they have changed, the values still compare as equal."""
    dtypes: Any = getattr(value, "dtypes", getattr(value, "dtype", None))
    return [str(dtype) for dtype in dtypes] if hasattr(dtypes, "__iter__") else [str(dtypes)]


def _argument_names(check: Check, number: int) -> list[str]:
    """Return what the learner calls the arguments of a case, or their positions."""
    for names in (parameters_of(check.reference), parameters_of(check.run)[1:] if check.has_probe else []):
        if len(names) == number:
            return [f"`{name}`" for name in names]
    return [f"number {place + 1}" for place in range(number)]
