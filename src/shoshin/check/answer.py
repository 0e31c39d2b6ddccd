"""A learner's answer as a check sees it: what kind of thing it is, and what it comes to on a case."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shoshin.check.outcome import Outcome, attempt
from shoshin.check.stub import is_stub, placeholders


@dataclass(frozen=True)
class Nature:
    """What kind of thing an answer is, in plain data."""

    stub: bool
    function: bool
    callable: bool
    class_: bool
    name: str
    type_name: str


def nature_of(answer: Any) -> Nature:
    """Return what kind of thing an answer is."""
    kind = type(answer)
    function = issubclass(kind, (types.FunctionType, types.BuiltinFunctionType, types.MethodType))
    name = getattr(answer, "__name__", "") if function else ""
    return Nature(is_stub(answer), function, callable(answer), issubclass(kind, type), str(name), kind.__name__)


class Answer:
    """An answer in this process. A classroom has another kind, whose answer is in a process of its own."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def nature(self) -> Nature:
        """Return what kind of thing the answer is."""
        return nature_of(self.value)

    def placeholders(self) -> list[str]:
        """Return the names of its functions in which a `...` still stands where code is to be written."""
        return placeholders(self.value)

    def attempt(
        self, run: Callable[..., Any], case: tuple[Any, ...], *, seconds: float, seed: int, keep_arguments: bool
    ) -> Outcome:
        """Return the `Outcome` of `run(answer, *case)`."""
        return attempt(run, self.value, case, seconds=seconds, seed=seed, keep_arguments=keep_arguments)


def itself(answer: Any) -> Any:
    """Return the answer: a probe for an answer that cannot even be tried."""
    return answer
