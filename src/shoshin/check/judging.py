"""Judge an answer: try it on every case, and name the misunderstanding it agrees with."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from shoshin.check.answer import Answer, itself
from shoshin.check.compare import difference
from shoshin.check.describe import call_in_words, kind, named_arguments, type_in_words, value_in_words
from shoshin.check.outcome import Outcome
from shoshin.check.quiet import no_stderr
from shoshin.check.trial import Trial
from shoshin.check.verdict import Verdict, of_points, readable

if TYPE_CHECKING:
    from shoshin.check.check import Check

Details = list[tuple[str, str]]
TIME_IS_UP = "Look for a loop whose condition never becomes false, or for work that grows too fast."


def judge(check: Check, answer: Any, seed: int = 0, points: float = 1) -> Verdict:
    """Return the `Verdict` on `answer`. The same check, answer and seed give the same verdict.

    `seed` draws the cases; `points` is what a correct answer earns; `answer` may be an `Answer`, of another process.
    Never raises on account of the answer.

    Raises:
        RuntimeError: if the check itself is at fault: its reference fails. `shoshin verify` finds that.
    """
    with no_stderr():
        judging = _Judging(check, answer, seed)
        outcome, message, mistake, details = judging.result()
    outcomes = judging.outcomes.values()
    warned = [warning for each in outcomes for warning in each.warned]
    return Verdict(
        exercise=check.exercise,
        task=check.name,
        outcome=outcome,
        message=readable(" ".join(message.split())),
        mistake=mistake,
        points=of_points(points) if outcome == "passed" else 0,
        max_points=of_points(points),
        details=tuple((label, readable(text)) for label, text in details),
        seconds=round(sum(each.seconds for each in outcomes), 4),
        warnings=tuple({key: readable(text) for key, text in w.items()} for w in _unique(warned)),
    )


class _Judging:
    """One answer on its way to a verdict."""

    def __init__(self, check: Check, answer: Any, seed: int) -> None:
        self.check, self.seed = check, seed
        self.answer = answer if issubclass(type(answer), Answer) else Answer(answer)
        self.outcomes: dict[str, Outcome] = {}

    def result(self) -> tuple[str, str, str, Details]:
        """Return (outcome, message, mistake's id, details)."""
        name = self.check.name
        self.nature = self.answer.nature()
        if self.nature.stub:
            return "not attempted", f"Write your answer for `{name}`, run its cell, then run this one.", "", []
        if found := self._wrong_type():
            return "wrong", found, "", []
        self.trial = Trial(self.check, self.seed)
        self.trial.warm_up()
        for name in self.trial.cases:
            self.outcomes[name] = self.trial.attempt(self.answer, name)
            if self.outcomes[name].kind in ("not attempted", "out of time", "stopped", "ended"):
                break
        failures = {name: failure for name in self.outcomes if (failure := self._failure(name))}
        if not failures:
            return "passed", _praise(len(self.check.cases)), "", []
        name, failure = next(iter(failures.items()))
        return self._explain(name, failure)

    def _wrong_type(self) -> str:
        """Say what came and what was wanted, if the answer cannot even be tried."""
        name, nature = self.check.name, self.nature
        if self.check.value:
            if not nature.function:
                return ""
            came = f"the function `{nature.name}` itself"
            return f"A value was wanted for `{name}`, {came} came. Call it: hand over its result."
        wanted = "class" if inspect.isclass(self.check.reference) else "function"
        if nature.class_ or (nature.callable and wanted == "function"):
            return ""
        shown = self.answer.attempt(itself, (), seconds=self.check.seconds, seed=self.seed, keep_arguments=False)
        words = type_in_words(shown.value) if shown.kind == "value" else f"a {nature.type_name}"
        return (
            f"A {wanted} was wanted for `{name}`, {words} came. Hand over the {wanted} itself: `check.{name}({name})`."
        )

    def _failure(self, name: str) -> str:
        """Return what is wrong with the outcome of a case, as a sentence, or nothing."""
        outcome, check = self.outcomes[name], self.check
        if outcome.kind != "value":
            stop = "" if outcome.error.endswith((".", "!", "?")) else "."
            return f"{outcome.error}{stop}{self._this_happened(name)}"
        odd = ""
        for rule in check.properties.values():
            held = self.trial.holds(rule, outcome.value, name)
            promise = inspect.getdoc(rule) or ""
            promise += "" if promise.endswith((".", ".)", "!", "?")) else "."
            if held.kind == "value" and not held.value:
                words = promise[0].lower() + promise[1:] if _plain(promise) else promise
                return f"Not true yet{self._of_case(name)}: {words}"
            if held.kind != "value" and not odd:
                hint = self._missing_return()
                odd = f"{promise} {_capital(type_in_words(outcome.value))} came back{self._of_case(name)}.{hint}"
        if check.compare is not None and (found := self.trial.difference(name, outcome.value)):
            return self._difference(name, self.trial.reference(name), outcome, found)
        if odd:
            return odd
        changed = self.trial.changed(name, outcome)
        several, names = "s" if len(changed) > 1 else "", " and ".join([", ".join(changed[:-1]), *changed[-1:]])
        told = f"Your answer changed its argument{several} {names.removeprefix(' and ')} in place; work on a copy."
        return told if changed else ""

    def _difference(self, name: str, expected: Any, outcome: Outcome, found: str) -> str:
        if self.check.value:
            families = {kind(expected), kind(outcome.value)}
            if len(families) == 1 and families <= {"number", "text", "boolean", "time", "duration"}:
                return f"{_capital(type_in_words(outcome.value))} is not it yet."  # and no word of what is
            found = found.replace(" came back", " came")
        found += self._missing_return() if expected is not None else ""
        case = self._of_case(name).lstrip()
        return f"{_capital(case)}: {found}" if case else _capital(found)

    def _missing_return(self) -> str:
        nothing = all(each.kind == "value" and each.value is None for each in self.outcomes.values())
        return " Is a `return` missing?" if nothing and not self.check.value else ""

    def _explain(self, name: str, failure: str) -> tuple[str, str, str, Details]:
        check, outcome = self.check, self.outcomes[name]
        details = self._details(name, outcome)
        if outcome.kind == "stopped":
            return "error", f"The check was stopped by hand{self._of_case(name)}. Run this cell again.", "", []
        if outcome.kind == "out of time":
            limit = f"{check.seconds:g} second{'' if check.seconds == 1 else 's'}"
            message = f"Your answer had not finished after {limit}{self._of_case(name)}, so it was ended. {TIME_IS_UP}"
            return "error", message, "", details
        empty = self.answer.placeholders()
        words = f" (see `{'`, `'.join(empty)}`)" if empty and empty != [check.name] else ""
        if outcome.kind == "not attempted":
            return "not attempted", f"Something is still to be written in `{check.name}`{words}.", "", []
        if mistake := self._known_mistake():
            return "mistake", inspect.getdoc(check.mistakes[mistake]) or "", mistake, details
        if empty:
            message = (
                f"A `...` still holds a place in `{check.name}`{words}. Put your code there; then delete the dots."
            )
            return "not attempted", message, "", []
        return ("error" if outcome.kind in ("raised", "ended") else "wrong"), failure, "", details

    def _known_mistake(self) -> str:
        for mistake in self.check.mistakes:
            if all(self.trial.agree(ours, self.trial.mistaken(mistake, n), n) for n, ours in self.outcomes.items()):
                return mistake
        return ""

    def _details(self, name: str, outcome: Outcome) -> Details:
        check, case = self.check, self.trial.cases[name]
        details = []
        if case and check.has_probe:
            details.append(("Tried with", "\n".join(named_arguments(check.run, case, " = "))))
        elif case:
            details.append(("The call", call_in_words(check.name, check.reference, case)))
        if outcome.kind == "raised":
            details.append(
                ("Your line", outcome.line or "(none: it arose in calling your answer, or in using its result)")
            )
        elif outcome.kind == "value" and not check.value:
            details += self._side_by_side(name, outcome.value)
        if outcome.printed.strip():
            details.append(("Your code printed", "\n".join(outcome.printed.strip().splitlines()[:8])))
        return details

    def _side_by_side(self, name: str, result: Any) -> Details:
        """Return what came back and what was expected; where both read alike, the first place where they differ."""
        came, label = value_in_words(result), "Seen" if self.check.has_probe else "Came back"
        if self.check.compare is None:
            return [(label, came)]
        expected = self.trial.reference(name)
        if came != value_in_words(expected):
            return [(label, came), ("Expected", value_in_words(expected))]
        found = difference(expected, result, self.check.compare)
        return [("The first difference", _capital(found))] if found else []

    def _this_happened(self, name: str) -> str:
        return f" This happened{self._of_case(name)}." if name else ""

    def _of_case(self, name: str) -> str:
        if not name:
            return ""
        words = (inspect.getdoc(self.check.cases[name]) or name.replace("_", " ")).strip().rstrip(".")
        first, _, _ = words.partition(" ")
        # "A column" becomes "with a column"; "NaN in a column" and "X of one row" stay as they are.
        return f" with {words[0].lower() + words[1:] if first == 'A' or first[1:].islower() else words}"


def _praise(number: int) -> str:
    return (
        f"Your answer holds on all {number} cases." if number > 1 else "Your answer holds." if number else "That holds."
    )


def _plain(sentence: str) -> bool:
    """Tell whether a sentence begins with an ordinary word: not with a name, an abbreviation or a formula."""
    first = sentence.partition(" ")[0]
    return first == "A" or (first[1:].isalpha() and first[1:].islower())


def _capital(sentence: str) -> str:
    if sentence.startswith(("nan", "inf")):
        return sentence
    return sentence[:1].upper() + sentence[1:]


def _unique(items: list[dict[str, str]]) -> list[dict[str, str]]:
    return [item for number, item in enumerate(items) if item not in items[:number]]
