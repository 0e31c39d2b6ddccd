"""What a grader declares: a reference, its cases, the named mistakes, other correct answers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from shoshin.check.release import name_missing_tasks
from shoshin.check.rules import USUAL, Compare
from shoshin.check.verdict import Verdict, readable

Function = Callable[..., Any]


@dataclass
class Known:
    """What the reference (by case) and the mistakes (by mistake and case) came to, on the cases of one seed.

    `nudged` holds what the reference came to on inputs that differ in their last digit; `cases` the cases themselves,
    if all of them are data, of which every answer gets a copy; `before` how they looked when they were drawn.
    """

    seed: int
    cases: dict[str, Any] | None = None
    before: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, Any] = field(default_factory=dict)
    nudged: dict[str, list[Any]] = field(default_factory=dict)
    warm: bool = False
    mistaken: dict[tuple[str, str], Any] = field(default_factory=dict)


class Check:
    """One task's check, declared by decorating the reference answer.

    Args:
        reference: a correct answer: a function or a class (with `value=True`, a function without
            parameters that returns the correct value).
        compare: how a result is compared with the reference's. `None`: the properties alone decide.
        seconds: the time limit for one call of the answer.
        inputs: `"any"`, or `"untouched"` if changing an argument in place is a failure.
        value: the learner hands over a value (a number, a text, a table, a model), not a function.

    Raises:
        TypeError: when the declaration makes no sense; the author sees it while importing the grader.
    """

    # A classroom judges for all checks of its process, with a seed of its own and the answer in another process.
    judged_by: ClassVar[Callable[[Check, Any, float], Verdict] | None] = None

    def __init__(
        self,
        reference: Function | None = None,
        *,
        compare: Compare | None = USUAL,
        seconds: float = 10.0,
        inputs: str = "any",
        value: bool = False,
    ) -> None:
        if inputs not in ("any", "untouched"):
            raise TypeError(f'inputs is "any" or "untouched", not {inputs!r}')
        self.compare, self.seconds, self.inputs, self.value = compare, seconds, inputs, value
        self.cases: dict[str, Function] = {}
        self.mistakes: dict[str, Function] = {}
        self.accepts_: dict[str, Function] = {}
        self.properties: dict[str, Function] = {}
        self.run: Function = _hand_over if value else _call
        self.has_probe = False
        self.read: Function | None = None
        self.last: Verdict | None = None
        self._known: list[Known] = []
        if reference is not None:
            self._take(reference)

    def _take(self, reference: Function) -> Check:
        self.reference = reference
        self.name: str = reference.__name__
        self.__doc__ = reference.__doc__
        module = reference.__module__.split(".")
        self.exercise = "/".join(module[-2:])
        if module[:2] == ["shoshin", "graders"]:
            name_missing_tasks(reference.__module__, self.exercise)
        return self

    def __call__(self, *answer: Any, points: float = 1, **unknown: Any) -> Any:
        """Judge the learner's one answer and return the `Verdict`, which shows itself as a card.

        Never raises, whatever the answer does. (On `@Check(...)` with options it receives the reference.)
        """
        if not hasattr(self, "reference"):
            return self._take(*answer)
        if len(answer) != 1 or unknown:
            message = f"Hand over your answer, and nothing else: `check.{self.name}({self.name})`."
            self.last = Verdict(self.exercise, self.name, "not attempted", message, max_points=points)
        else:
            self.last = self._judge(answer[0], points)
            if not Check.judged_by:
                from shoshin.check.progress import remember  # loaded with the first answer

                self.last = replace(self.last, note=remember(self.last, answer[0]))
        return self.last

    def solution(self) -> Any:
        """Return the author's solution and the mistakes of others, once passed or after three honest tries."""
        from shoshin.check.progress import solution

        return solution(self)

    def _judge(self, answer: Any, points: float) -> Verdict:
        try:
            if Check.judged_by:
                return Check.judged_by(self, answer, points)
            from shoshin.check.judging import judge  # loaded when the first answer is judged

            return judge(self, answer, points=points)
        except KeyboardInterrupt:
            message = "The check was stopped by hand. Run this cell again."
        except Exception as error:
            message = readable(f"The check itself failed, which is no fault of yours: {error or type(error).__name__}")
        return Verdict(self.exercise, self.name, "error", message, max_points=points)

    def known(self, seed: int) -> Known:
        """Return what the reference and the mistakes came to so far on the cases drawn from `seed`.

        It is kept for the two latest seeds: a learner tries a task again and again, and a class has a seed of its own.
        """
        found = next((known for known in self._known if known.seed == seed), None) or Known(seed)
        self._known = [found, *(known for known in self._known if known is not found)][:2]
        return found

    @property
    def passed(self) -> bool:
        """True once the last answer given in this kernel has passed."""
        return self.last is not None and self.last.passed

    def case(self, function: Function) -> Function:
        """Declare inputs: `function(rng)` returns a tuple of arguments, or the one argument."""
        return self._declare(self.cases, function)

    def mistake(self, function: Function) -> Function:
        """Declare a misunderstanding: a wrong answer whose docstring is what its author should be told."""
        if not inspect.getdoc(function):
            raise TypeError(f"mistake {function.__name__} needs a docstring: it is the feedback")
        return self._declare(self.mistakes, function)

    def accepts(self, function: Function) -> Function:
        """Declare a correct answer that is written differently from the reference."""
        return self._declare(self.accepts_, function)

    def property(self, function: Function) -> Function:
        """Declare what must hold: `function(result, *case)` is true, its docstring says it in a sentence."""
        if not inspect.getdoc(function):
            raise TypeError(f"property {function.__name__} needs a docstring: it says what must hold")
        return self._declare(self.properties, function)

    def probe(self, function: Function) -> Function:
        """Declare how an answer is tried: `function(answer, *case)` returns plain data."""
        self.run, self.has_probe, self._known = function, True, []
        return function

    def reading(self, function: Function) -> Function:
        """Declare how to read what the probe has found: `function(found, *case)` returns the plain data to compare.

        It may ask the reference, which a probe must not: in a classroom the probe runs beside the answer, where
        nothing may be that knows the right one, and the reading stays with the check.
        """
        self.read, self._known = function, []
        return function

    def _declare(self, where: dict[str, Function], function: Function) -> Function:
        if function.__name__ in where:
            raise TypeError(f"{self.name} already has one named {function.__name__}")
        where[function.__name__] = function
        self._known = []
        return function


def _call(answer: Function, *case: Any) -> Any:
    return answer(*case)


def _hand_over(answer: Any, *case: Any) -> Any:
    return answer
