"""A check tells a right answer from a wrong one, names the misunderstanding, and leaves everything as it was."""

import collections
import functools
import json
import math
import random
import warnings

import numpy as np
import pandas as pd
import pytest
import torch

from shoshin import Check, Compare
from shoshin.check import judge


def check_of(reference, *cases, mistakes=(), properties=(), probe=None, **options):
    """Return a check; a case is a tuple of arguments."""
    check = Check(**options)(reference)
    for number, case in enumerate(cases):

        def draw(rng, case=case):
            return case

        draw.__name__, draw.__doc__ = f"case_{number}", f"case {number}"
        check.case(draw)
    for mistake in mistakes:
        check.mistake(mistake)
    for rule in properties:
        check.property(rule)
    if probe:
        check.probe(probe)
    return check


def total(numbers):
    return sum(numbers)


def detail(verdict, label):
    return dict(verdict.details).get(label)


TOTAL = check_of(total, ([1, 2, 3],), ([4.5],))


# --- the outcomes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        sum,
        np.sum,
        lambda numbers: float(np.float32(sum(numbers))),
        functools.partial(sum, start=0),
        lambda numbers: torch.tensor(numbers, requires_grad=True, dtype=torch.float32).sum(),
        type("Summing", (), {"__call__": lambda self, numbers: sum(numbers)})(),
        math.fsum,
    ],
)
def test_every_callable_that_comes_to_the_right_result_passes(answer):
    verdict = judge(TOTAL, answer, points=3)
    assert (verdict.outcome, verdict.points, verdict.max_points) == ("passed", 3, 3)
    assert verdict.message == "Your answer holds on all 2 cases."


def test_a_wrong_answer_hears_on_which_case_and_how():
    verdict = judge(TOTAL, lambda numbers: max(numbers) + 3 * (len(numbers) > 1) + 1)
    assert verdict.outcome == "wrong"
    assert verdict.message == "With case 0: 7 came back, 6 was expected."
    assert verdict.details == (("The call", "total(numbers=[1, 2, 3])"), ("Came back", "7"), ("Expected", "6"))
    assert verdict.points == 0


def test_a_forgotten_return_is_guessed():
    def answer(numbers):
        sum(numbers)

    message = judge(TOTAL, answer).message
    assert message == "With case 0: nothing (None) came back, the number 6 was expected. Is a `return` missing?"


def test_a_wrong_type_says_what_came_and_what_was_wanted():
    assert (
        "the text '6' came back, the number 6 was expected." in judge(TOTAL, lambda numbers: str(sum(numbers))).message
    )
    assert "a generator came back" in judge(TOTAL, lambda numbers: (n for n in numbers)).message


@pytest.mark.parametrize(
    "answer, came",
    [
        (None, "nothing (None) came."),
        (6, "the number 6 came."),
        ([1, 2], "a list of 2 items came."),
        (np.ones(3), "an array of shape (3,) came."),
        (pd.DataFrame({"a": [1]}), "a DataFrame of shape (1, 1) came."),
        (torch.ones(2), "an array of shape (2,) came."),
        ((n for n in "ab"), "a generator came."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_result_handed_over_instead_of_the_function_is_explained(answer, came):
    verdict = judge(TOTAL, answer)
    assert verdict.outcome == "wrong"
    assert verdict.message.startswith(f"A function was wanted for `total`, {came}")
    assert verdict.message.endswith("Hand over the function itself: `check.total(total)`.")


class Counter:
    """Counts."""

    def __init__(self, start=0):
        self.value = start

    def up(self):
        self.value += 1
        return self.value


def count_twice(answer, start):
    counter = answer(start)
    return [counter.up(), counter.up()]


COUNTER = check_of(Counter, (3,), (0,), probe=count_twice)


def test_a_class_is_driven_by_its_probe():
    class Other:
        def __init__(self, start):
            self.steps, self.start = 0, start

        def up(self):
            self.steps += 1
            return self.start + self.steps

    assert judge(COUNTER, Other).passed

    class Wrong(Other):
        def up(self):
            return 1

    verdict = judge(COUNTER, Wrong)
    assert detail(verdict, "Tried with") == "start = 3"
    assert detail(verdict, "Seen") == "[1, 1]" and detail(verdict, "Expected") == "[4, 5]"


@pytest.mark.parametrize("answer", [3, lambda start: 4, Counter()], ids=["number", "function", "instance"])
def test_where_a_class_is_wanted_nothing_else_will_do(answer):
    assert judge(COUNTER, answer).message.startswith("A class was wanted for `Counter`, ")


# --- errors -------------------------------------------------------------------------------------------------------


class Mute(Exception):
    def __str__(self):
        raise ValueError("no text")


class Wordy(Exception):
    def __str__(self):
        return "two\n   lines " + "x" * 1000


@pytest.mark.parametrize(
    "error, message",
    [
        (ValueError("no such column"), "ValueError: no such column. This happened with case 0."),
        (ValueError("It ends."), "ValueError: It ends. This happened with case 0."),
        (KeyError("price"), "KeyError: 'price'. This happened with case 0."),
        (ValueError(), "ValueError. This happened with case 0."),
        (Mute(), "Mute. This happened with case 0."),
        (SystemExit(2), "SystemExit: 2. This happened with case 0."),
        (RecursionError("too deep"), "RecursionError: too deep. This happened with case 0."),
        (MemoryError(), "MemoryError. This happened with case 0."),
        (ExceptionGroup("several", [ValueError("a")]), "ExceptionGroup: several (1 sub-exception). This happened"),
        (GeneratorExit(), "GeneratorExit. This happened with case 0."),
        (StopIteration(), "StopIteration. This happened with case 0."),
        (Wordy(), "Wordy: two lines xxx"),
        (ValueError(object()), "ValueError: <object object>. This happened with case 0."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_of_any_kind_becomes_a_card(error, message):
    def answer(numbers):
        raise error

    verdict = judge(TOTAL, answer)
    assert verdict.outcome == "error"
    assert verdict.message.startswith(message)
    assert len(verdict.message) < 600
    assert verdict.details[1][0] == "Your line" and verdict.details[1][1].endswith("of answer: raise error")
    assert "The error" not in dict(verdict.details)


def test_numpys_private_error_types_go_by_their_public_names():
    assert judge(TOTAL, lambda numbers: np.empty(10**16)).message.startswith("MemoryError: Unable to allocate")


def test_an_interrupt_ends_the_whole_check():
    calls = []

    def answer(numbers):
        calls.append(numbers)
        raise KeyboardInterrupt

    verdict = judge(TOTAL, answer)
    assert (verdict.outcome, len(calls)) == ("error", 1)
    assert verdict.message == "The check was stopped by hand with case 0. Run this cell again."


def test_endless_recursion_is_an_error_at_the_learners_line():
    def answer(numbers):
        return answer(numbers)

    verdict = judge(TOTAL, answer)
    assert verdict.message.startswith("RecursionError: maximum recursion depth exceeded")
    assert detail(verdict, "Your line").endswith("of answer: return answer(numbers)")


def test_a_call_that_does_not_fit_has_no_line_of_the_learners():
    verdict = judge(TOTAL, lambda: 3)
    assert "takes 0 positional arguments but 1 was given" in verdict.message
    assert detail(verdict, "Your line") == "(none: it arose in calling your answer, or in using its result)"


def test_an_error_on_the_second_case_is_told_after_the_first_passed():
    verdict = judge(TOTAL, lambda numbers: sum(numbers) if len(numbers) > 1 else 1 / 0)
    assert verdict.message == "ZeroDivisionError: division by zero. This happened with case 1."


# --- not attempted ------------------------------------------------------------------------------------------------


def empty(numbers): ...


def only_pass(numbers):
    pass


def only_words(numbers):
    """Return the sum."""


def words_and_dots(numbers):
    """Return the sum."""
    ...


def returns_dots(numbers):
    return ...


def returns_two_dots(numbers):
    return ..., ...


def not_implemented(numbers):
    raise NotImplementedError


def half_written(numbers):
    result = 0
    for _ in numbers:
        ...
    return result


def assigned(numbers):
    result = ...
    return result


async def waiting(numbers): ...


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


class Methods:
    def fit(self): ...

    def total(self, numbers):
        """Return the sum."""


STUBS = [
    ...,
    (..., ...),
    [1, ...],
    {"a": ...},
    [[1, ...]],
    empty,
    only_pass,
    only_words,
    words_and_dots,
    returns_dots,
    returns_two_dots,
    not_implemented,
    half_written,
    assigned,
    waiting,
    decorated(empty),
    functools.lru_cache(empty),
    functools.partial(empty),
    lambda numbers: ...,
    Methods().total,
]


@pytest.mark.parametrize("answer", STUBS, ids=lambda a: getattr(a, "__name__", type(a).__name__))
def test_what_is_not_written_is_not_attempted(answer):
    verdict = judge(TOTAL, answer, points=2)
    assert (verdict.outcome, verdict.points, verdict.max_points) == ("not attempted", 0, 2)


class NoBody: ...


class OnlyStubs:
    """Counts."""

    kind = "counter"

    def __init__(self, start=0):
        """Begin."""

    @property
    def value(self): ...

    @classmethod
    def new(cls): ...

    @staticmethod
    def help(): ...

    def up(self):
        pass


class SomeStubs:
    def __init__(self, start):
        self.value = start

    def up(self): ...


class Unfinished(Counter): ...


@pytest.mark.parametrize("answer", [NoBody, OnlyStubs, SomeStubs])
def test_a_class_with_methods_still_to_write_is_not_attempted(answer):
    assert judge(COUNTER, answer).outcome == "not attempted"


def test_the_method_that_is_still_to_write_is_named():
    message = judge(COUNTER, SomeStubs).message
    assert message == "A `...` still holds a place in `Counter` (see `up`). Put your code there; then delete the dots."


def test_a_class_that_needs_no_more_than_its_base_passes():
    assert judge(COUNTER, Unfinished).passed


def test_dots_that_are_left_behind_do_not_spoil_a_right_answer():
    def answer(numbers):
        ...
        return sum(numbers)

    assert judge(TOTAL, answer).passed


def test_an_ellipsis_that_means_something_is_no_placeholder():
    table = np.arange(6.0).reshape(2, 3)
    first = check_of(lambda array: array[..., 0], (table,))
    first.name = "first"

    def answer(array):
        index = (..., 1)
        return array[index] + array[..., 1]

    assert judge(first, answer).outcome == "wrong"
    assert judge(first, lambda array: array[..., 1]).outcome == "wrong"
    assert judge(first, lambda array: array[..., 0]).passed


def test_whoever_writes_return_none_has_attempted_it():
    def answer(numbers):
        return None

    assert judge(TOTAL, answer).outcome == "wrong"


def test_a_librarys_own_not_implemented_error_is_an_error():
    class Net(torch.nn.Module):
        pass

    verdict = judge(check_of(lambda x: x, (torch.ones(1),)), Net())
    assert verdict.outcome == "error" and "forward" in verdict.message


def test_builtins_are_never_stubs():
    for answer in (sum, np.add, str.upper, dict, int):
        assert judge(TOTAL, answer).outcome != "not attempted"


# --- mistakes -----------------------------------------------------------------------------------------------------


def maximum(numbers):
    """You took the largest."""
    return max(numbers)


def first(numbers):
    """You took
    the first."""
    return numbers[0]


def joins(numbers):
    """You joined texts."""
    return "".join(numbers)


NAMED = check_of(total, ([1, 5, 3],), ([4.5],), ([2, 1],), mistakes=[maximum, first, joins])


@pytest.mark.parametrize(
    "answer, mistake, message",
    [
        (lambda numbers: sorted(numbers)[-1], "maximum", "You took the largest."),
        (lambda numbers: float(numbers[0]), "first", "You took the first."),
        (lambda numbers: {}[0] if not numbers else "".join(numbers), "joins", "You joined texts."),
    ],
)
def test_a_mistake_is_named_by_what_it_comes_to(answer, mistake, message):
    verdict = judge(NAMED, answer)
    assert (verdict.outcome, verdict.mistake, verdict.message) == ("mistake", mistake, message)


def test_a_mistake_with_another_fault_on_top_is_not_misnamed():
    assert judge(NAMED, lambda numbers: max(numbers) + (len(numbers) == 2)).mistake == ""
    assert judge(NAMED, lambda numbers: max(numbers) if len(numbers) > 2 else 1 / 0).mistake == ""
    assert judge(NAMED, lambda numbers: 1 / 0).mistake == ""


def test_of_two_mistakes_that_agree_the_first_is_named():
    def largest(numbers):
        """You took the largest, sorted."""
        return sorted(numbers)[-1]

    both = check_of(total, ([1, 5],), mistakes=[maximum, largest])
    assert judge(both, max).mistake == "maximum"


def test_a_mistake_that_hands_back_a_generator_is_named():
    def lazily(numbers):
        """Nobody has run through your generator yet."""
        return (2 * n for n in numbers)

    doubled = check_of(lambda numbers: [2 * n for n in numbers], ([1, 2],), mistakes=[lazily])
    assert judge(doubled, lambda numbers: (2 * n for n in numbers)).mistake == "lazily"
    assert judge(doubled, lambda numbers: map(abs, numbers)).mistake == ""


def test_a_mistake_that_leaves_dots_behind_is_still_named():
    def answer(numbers):
        ...
        return max(numbers)

    assert judge(NAMED, answer).mistake == "maximum"


# --- arguments ----------------------------------------------------------------------------------------------------


def sorts_in_place(numbers):
    """Your list is sorted, and so is the caller's."""
    numbers.sort()
    return numbers


SORTED = check_of(sorted, ([3, 1, 2],), inputs="untouched", mistakes=[sorts_in_place])


def test_an_answer_that_changes_its_arguments_changes_only_copies():
    original = [3, 1, 2]
    cells, table = [1], pd.DataFrame({"a": [[1], [2]]})
    check = check_of(lambda *args: 0, (original, np.zeros(2), table, {"a": cells}))

    def answer(numbers, array, frame, mapping):
        numbers.clear()
        array += 1
        frame["a"][0].append(9)
        mapping["a"].append(9)
        return 0

    assert judge(check, answer).passed and judge(check, answer).passed
    assert (original, cells, table["a"][0]) == ([3, 1, 2], [1], [1])


def test_changing_an_argument_is_named_where_it_matters():
    def answer(numbers):
        numbers.sort()
        return list(numbers)

    assert judge(SORTED, answer).mistake == "sorts_in_place"
    assert judge(SORTED, lambda numbers: sorted(numbers)).passed
    nameless = check_of(sorted, ([3, 1, 2],), inputs="untouched")
    assert judge(nameless, answer).message == "Your answer changed its argument number 1 in place; work on a copy."
    ours = check_of(lambda numbers: sorted(numbers), ([3, 1, 2],), inputs="untouched")
    assert "its argument `numbers` in place" in judge(ours, answer).message


@pytest.mark.parametrize(
    "change, case",
    [
        (lambda a: a.__setitem__(0, a[0] + 1e-12), np.ones(3)),
        (lambda a: a.fill(np.nan), np.ones(3)),
        (lambda t: t.insert(0, "x", 1), pd.DataFrame({"a": [1]})),
        (lambda t: t.sort_values("a", inplace=True), pd.DataFrame({"a": [2, 1]})),
        (lambda t: t.add_(1), torch.ones(2)),
        (lambda d: d.pop("a"), {"a": 1}),
        (lambda s: s.add(3), {1, 2}),
        (lambda x: x["a"][0].append(1), {"a": [[]]}),
    ],
    ids=range(8),
)
def test_every_change_in_place_is_noticed(change, case):
    check = check_of(lambda argument: 0, (case,), inputs="untouched")

    def answer(argument):
        change(argument)
        return 0

    assert "changed its argument `argument`" in judge(check, answer).message
    assert judge(check, lambda argument: 0).passed


def test_arguments_that_cannot_be_compared_count_as_untouched():
    check = check_of(
        lambda f, model, rng: f(2), (math.sqrt, torch.nn.Linear(1, 1), np.random.default_rng(0)), inputs="untouched"
    )
    assert judge(check, lambda f, model, rng: f(2) + 0 * rng.random()).passed


def test_a_result_that_aliases_something_changed_later_counts_as_it_was():
    shared = []

    def answer(numbers):
        shared.append(sum(numbers))
        return shared

    check = check_of(lambda numbers: [6], ([1, 2, 3],), ([1, 2, 3],))
    assert judge(check, answer).message.startswith("With case 1: 2 items came back, 1 expected.")


# --- properties, probes, values -----------------------------------------------------------------------------------


def adds_up_to_one(result, weights):
    """The shares add up to one"""
    return np.isclose(np.sum(result), 1)


def none_is_negative(result, weights):
    """No share is negative."""
    return all(share >= 0 for share in result)


SHARES = check_of(
    lambda weights: [w / sum(weights) for w in weights],
    ([1, 3],),
    compare=None,
    properties=[adds_up_to_one, none_is_negative],
)


def test_where_properties_decide_every_answer_that_has_them_passes():
    assert judge(SHARES, lambda weights: [0.5, 0.5]).passed
    assert judge(SHARES, lambda weights: torch.tensor([1.0])).passed


def test_a_property_that_does_not_hold_is_said_in_its_own_words():
    verdict = judge(SHARES, lambda weights: weights)
    assert verdict.message == "Not true yet with case 0: the shares add up to one."
    assert judge(SHARES, lambda weights: [2, -1]).message.startswith("Not true yet with case 0: no share is negative.")


def test_a_property_that_cannot_be_asked_says_what_came():
    verdict = judge(SHARES, lambda weights: print("hello"))
    assert verdict.message == ("The shares add up to one. Nothing (None) came back with case 0. Is a `return` missing?")
    assert detail(verdict, "Your code printed") == "hello"


def test_with_a_property_and_a_reference_both_must_agree():
    both = check_of(lambda weights: [w / sum(weights) for w in weights], ([1, 3],), properties=[adds_up_to_one])
    assert judge(both, lambda weights: [0.25, 0.75]).passed
    assert judge(both, lambda weights: [0.75, 0.25]).message.startswith("With case 0: entry [0] is 0.75")
    assert judge(both, lambda weights: [1, 3]).message.startswith("Not true yet with case 0: the shares add up to one.")
    assert judge(both, lambda weights: None).message.endswith("Is a `return` missing?")


def test_a_property_cannot_change_the_result_for_the_next_one():
    def empties(result, numbers):
        """It is a list."""
        result.clear()
        return True

    def is_full(result, numbers):
        """It holds something."""
        return len(result) > 0

    check = check_of(list, ([1],), properties=[empties, is_full])
    check.reference = lambda numbers: list(numbers)
    assert judge(check, lambda numbers: numbers).passed


def five():
    return 5


VALUE = Check(value=True)(five)


@VALUE.mistake
def one_less():
    """You began to count at zero."""
    return 4


def test_a_value_is_compared_as_it_is():
    assert judge(VALUE, 5).passed and judge(VALUE, 5.0).passed and judge(VALUE, np.array(5)).passed
    assert judge(VALUE, 5).message == "That holds."
    assert judge(VALUE, 4).mistake == "one_less"
    assert judge(VALUE, ...).outcome == "not attempted"


def test_a_wrong_value_is_not_told_the_right_one():
    verdict = judge(VALUE, 7)
    assert verdict.message == "The number 7 is not it yet." and verdict.details == ()
    assert judge(VALUE, "5").message == "The text '5' came, the number 5 was expected."
    assert judge(VALUE, None).message == "Nothing (None) came, the number 5 was expected."


def test_a_function_where_its_value_was_wanted_is_explained():
    message = judge(VALUE, five).message
    assert message == "A value was wanted for `five`, the function `five` itself came. Call it: hand over its result."


def test_a_model_is_asked_through_a_probe():
    class Line:
        def __init__(self, slope):
            self.slope = slope

        def predict(self, x):
            return self.slope * x

    check = Check(value=True)(lambda: Line(2))
    check.probe(lambda answer, x: answer.predict(x))
    check.case(lambda rng: (3,))
    assert judge(check, Line(2.0)).passed
    assert judge(check, Line(3)).outcome == "wrong"
    assert "no attribute 'predict'" in judge(check, 5).message


def test_an_author_hears_of_a_reference_that_cannot_be_compared():
    with pytest.raises(RuntimeError, match="add a probe"):
        judge(check_of(lambda: object(), ()), lambda: object())
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        judge(check_of(lambda: 1 / 0, ()), lambda: 3)


def test_a_check_without_cases_has_one_without_arguments():
    check = check_of(lambda: 3)
    assert judge(check, lambda: 3).message == "That holds."
    assert judge(check, lambda: 4).message == "4 came back, 3 was expected."
    assert judge(check, lambda: 1 / 0).message == "ZeroDivisionError: division by zero."


def test_rules_of_comparison_reach_the_tables():
    table = pd.DataFrame({"a": [1, 2]})
    check = check_of(lambda: table, compare=Compare(rows="any", index=False))
    assert judge(check, lambda: table[::-1]).passed


# --- rounding -----------------------------------------------------------------------------------------------------

SAMPLE = np.random.default_rng(0).normal(300, 20, size=(200, 3))


def centred_mean(X):
    return (X - X.mean(axis=0)).mean(axis=0)


def test_noise_around_zero_is_the_same_zero():
    check = check_of(centred_mean, (SAMPLE,))
    assert judge(check, lambda X: [float(np.sum(c - c.mean()) / len(c)) for c in X.T]).passed
    assert judge(check, lambda X: (X - X.mean(axis=0)).mean(axis=0) + 1e-3).outcome == "wrong"
    assert judge(check, lambda X: np.zeros(3)).passed


def test_noise_inside_of_nested_results_is_forgiven_too():
    check = check_of(lambda X: {"mean": (float(centred_mean(X)[0]), 1)}, (SAMPLE,))
    assert judge(check, lambda X: {"mean": [0.0, 1]}).passed
    assert judge(check, lambda X: {"mean": [0.0, 2]}).outcome == "wrong"


def test_a_tiny_result_that_rounding_does_not_decide_is_still_told_apart():
    likelihood = check_of(lambda p: float(np.prod(p)), (np.full(60, 0.1),))
    assert judge(likelihood, lambda p: float(np.exp(np.log(p).sum()))).passed
    assert judge(likelihood, lambda p: 2 * float(np.prod(p))).outcome == "wrong"
    epsilon = check_of(lambda: 2.0**-52)
    assert judge(epsilon, lambda: 2.0**-53).outcome == "wrong"


def test_a_small_entry_beside_a_huge_one_counts_unless_it_is_rounding():
    powers = check_of(lambda x: x ** np.arange(20), (10.0,))
    assert judge(powers, lambda x: x ** np.arange(20) + np.eye(20)[0]).outcome == "wrong"
    columns = np.c_[np.ones(200), 1e7 * (SAMPLE[:, 0] - SAMPLE[:, 0].mean())]
    gram = check_of(lambda X: X.T @ X, (columns,))
    assert judge(gram, lambda X: [[sum(a * b) for b in X.T] for a in X.T]).passed


def test_an_author_who_sets_the_tolerance_has_the_last_word_on_rounding():
    strict = check_of(centred_mean, (SAMPLE,), compare=Compare(rtol=0, atol=0))
    assert judge(strict, lambda X: np.full(3, 1e-17)).outcome == "wrong"


def test_where_the_reference_jumps_nothing_is_forgiven():
    def sign(x):
        return np.sign(x - 0.3)

    assert judge(check_of(sign, (np.array([0.3, 1.0]),)), lambda x: np.array([1.0, 1.0])).outcome == "wrong"


# --- calling a check ----------------------------------------------------------------------------------------------


def test_a_check_called_with_nothing_or_with_nonsense_says_how():
    check = check_of(total, ([1],))
    for verdict in (check(), check(total, total), check(numbers=[1]), check(total, seed=3)):
        assert verdict.outcome == "not attempted"
        assert verdict.message == "Hand over your answer, and nothing else: `check.total(total)`."
    assert check(total, points=2).points == 2


def test_two_checks_do_not_know_of_each_other():
    one, other = check_of(total, ([1, 2],)), check_of(total, ([1, 2],))
    assert one(sum).passed and one.passed and not other.passed
    assert not one(max).passed and not one.passed


def test_a_check_that_fails_by_itself_does_not_show_a_traceback():
    check = check_of(lambda: 1 / 0, ())
    verdict = check(lambda: 3)
    assert verdict.outcome == "error" and verdict.message.startswith(
        "The check itself failed, which is no fault of yours"
    )


def test_an_author_cannot_declare_nonsense():
    with pytest.raises(TypeError, match="needs a docstring"):
        TOTAL.mistake(lambda numbers: 1)
    with pytest.raises(TypeError, match="needs a docstring"):
        TOTAL.property(lambda numbers: 1)
    with pytest.raises(TypeError, match='"any" or "untouched"'):
        Check(inputs="safe")
    with pytest.raises(TypeError, match="already has one named maximum"):
        NAMED.mistake(maximum)


@pytest.mark.parametrize(
    "phrase, words",
    [
        ("A constant column.", "with a constant column"),
        ("a constant column", "with a constant column"),
        ("NaN in a column", "with NaN in a column"),
        ("X with one row", "with X with one row"),
        ("One row", "with one row"),
        (None, "with no words"),
    ],
)
def test_a_cases_phrase_fits_into_the_sentence(phrase, words):
    check = check_of(total)

    def no_words(rng):
        return ([1],)

    no_words.__doc__ = phrase
    check.case(no_words)
    assert judge(check, lambda numbers: 1 / 0).message.endswith(f"This happened {words}.")


# --- hostile answers ----------------------------------------------------------------------------------------------


class Hostile:
    """Raises whatever it is asked."""

    def __getattr__(self, name):
        raise RuntimeError(f"do not ask for {name}")

    def __repr__(self):
        raise RuntimeError("no repr")

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    __hash__ = None

    def __bool__(self):
        raise RuntimeError("no truth")

    @property
    def __class__(self):
        raise RuntimeError("no class")


class HostileCallable(Hostile):
    def __call__(self, numbers):
        return Hostile()


@pytest.mark.parametrize(
    "make",
    [Hostile, HostileCallable, lambda: lambda numbers: Hostile(), lambda: lambda numbers: [Hostile()]],
    ids=["object", "callable", "result", "item"],
)
def test_an_answer_that_raises_at_every_touch_is_only_wrong(make):
    answer = make()
    for check in (TOTAL, VALUE, COUNTER, SHARES, SORTED):
        assert judge(check, answer).outcome in ("wrong", "error")


class Mirror:
    """Answers every question with itself."""

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self


def test_an_answer_that_says_yes_to_everything_is_wrong():
    for check in (TOTAL, VALUE, COUNTER, SHARES, SORTED):
        assert judge(check, Mirror()).outcome in ("wrong", "error")


# --- everything as it was -----------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_verdict():
    noisy = check_of(total)

    @noisy.case
    def drawn(rng):
        return (rng.normal(size=3).tolist(),)

    def answer(numbers):
        return np.random.normal() + random.random() + float(torch.rand(1)) + np.sum(numbers)

    assert judge(noisy, answer, seed=3) == judge(noisy, answer, seed=3)
    assert judge(noisy, answer, seed=3) != judge(noisy, answer, seed=4)
    assert judge(noisy, lambda numbers: object()) == judge(noisy, lambda numbers: object())


def test_random_generators_are_seeded_alike_for_answer_and_reference():
    check = check_of(lambda n: np.random.normal(size=n), (5,))
    assert judge(check, lambda n: np.random.standard_normal(n)).passed


def test_random_generators_go_on_as_if_nothing_had_happened():
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = random.random(), np.random.rand(), torch.rand(1).item()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)

    def answer(numbers):
        random.seed(7), np.random.seed(7), torch.manual_seed(7)
        return random.random() + np.random.rand() + torch.rand(1).item()

    judge(TOTAL, answer)
    assert (random.random(), np.random.rand(), torch.rand(1).item()) == expected


def test_settings_that_an_answer_changes_are_put_back():
    before = np.geterr(), list(warnings.filters)

    def answer(numbers):
        np.seterr(all="raise")
        warnings.simplefilter("error")
        return sum(numbers)

    assert judge(TOTAL, answer).passed
    assert (np.geterr(), list(warnings.filters)) == before


def test_a_strict_kernel_does_not_fail_the_reference():
    dividing = check_of(lambda a: a / 0.0, (np.ones(2),))
    with np.errstate(all="raise"):
        assert judge(dividing, lambda a: np.full(2, np.inf)).passed


def test_warnings_are_collected_once_each_with_their_line():
    def answer(numbers):
        for n in range(10_000):
            warnings.warn(f"old {n}", DeprecationWarning, stacklevel=1)
        return sum(numbers)

    verdict = judge(TOTAL, answer)
    assert verdict.passed
    (warning,) = verdict.warnings
    assert warning["category"] == "DeprecationWarning" and warning["by"] == "answer"
    assert warning["line"].startswith("warnings.warn(")


def test_a_librarys_own_warnings_are_nobodys_business():
    def answer(numbers):
        np.mean([])
        return sum(numbers)

    assert judge(TOTAL, answer).warnings == ()


def test_what_an_answer_prints_is_shown_shortened():
    def answer(numbers):
        for _ in range(100_000):
            print("a line of text")
        return 0

    printed = detail(judge(TOTAL, answer), "Your code printed")
    assert printed.splitlines() == ["a line of text"] * 8


def test_figures_that_an_answer_draws_are_closed_again():
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.close("all")  # those of other tests
    mine = plt.figure()

    def answer(numbers):
        plt.figure()
        return sum(numbers)

    judge(TOTAL, answer)
    assert plt.get_fignums() == [mine.number]
    plt.close(mine)


def test_an_answer_may_hand_its_stderr_to_another_process():
    import subprocess
    import sys

    def answer(numbers):
        subprocess.run([sys.executable, "-c", "1"], stderr=sys.stderr, check=True)
        return sum(numbers)

    assert judge(check_of(total, ([1],)), answer).passed


# --- verdicts are data --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result",
    [
        float("nan"),
        float("inf"),
        np.float32(1),
        "\ud800 half",
        "\x1b[31mred\x07",
        b"\xff",
        {1: {2}},
        10**5000,
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_verdict_is_json_whatever_it_speaks_of(result):
    def answer(numbers):
        print(result if not isinstance(result, int) else "")
        warnings.warn(str(result) if not isinstance(result, int) else "", stacklevel=1)
        return result

    verdict = judge(TOTAL, answer, points=np.int64(2))
    text = json.dumps(verdict.as_dict(), allow_nan=False, ensure_ascii=False)
    assert json.loads(text.encode("utf-8"))["max_points"] == 2
    assert "\x1b" not in text


def test_an_error_with_half_characters_is_json_too():
    def answer(numbers):
        raise ValueError("\udcff")

    json.dumps(judge(TOTAL, answer).as_dict(), ensure_ascii=False).encode("utf-8")


def test_named_tuples_and_defaultdicts_are_what_they_hold():
    pair = collections.namedtuple("pair", "a b")
    check = check_of(lambda: ((1, 2), {"x": 1}), ())
    assert judge(check, lambda: (pair(1, 2), collections.defaultdict(int, x=1))).passed


def test_an_argument_whose_dtype_alone_has_changed_in_place_was_changed():
    @Check(inputs="untouched")
    def total(table):
        return float(table["n"].sum())

    @total.case
    def a_table(rng):
        return pd.DataFrame({"n": rng.integers(1, 9, 5)})

    def casts(table):
        table["n"] = table["n"].astype("float64")
        return table["n"].sum()

    verdict = judge(total, casts)
    assert verdict.outcome == "wrong" and "changed its argument `table` in place" in verdict.message
    assert judge(total, lambda table: table["n"].astype("float64").sum()).passed


def test_a_librarys_own_kind_of_not_implemented_error_is_an_error():
    class TheirError(NotImplementedError):
        pass

    @Check
    def one():
        return 1

    def unsupported():
        raise TheirError("no such filter")

    def unwritten():
        raise NotImplementedError

    def xor_of_floats():
        return torch.tensor([1.5]) ^ 0.5  # compiled code raises a plain NotImplementedError here

    assert judge(one, unsupported).outcome == "error"
    assert judge(one, unwritten).outcome == "not attempted"
    assert judge(one, xor_of_floats).outcome == "error"


def test_a_missing_return_is_asked_for_only_where_nothing_ever_came_back():
    @Check
    def first_even(numbers):
        return next((n for n in numbers if n % 2 == 0), None)

    @first_even.case
    def some(rng):
        return ([1, 4],)

    @first_even.case
    def two(rng):
        return ([2, 4],)

    assert "return" in judge(first_even, lambda numbers: None).message
    assert "return" not in judge(first_even, lambda numbers: 2 if numbers[0] == 2 else None).message


def test_what_a_probe_imports_is_not_the_learners_time():
    calls = []

    @Check(seconds=5)
    def one():
        return 1

    @one.case
    def nothing(rng):
        return ()

    @one.probe
    def drive(answer):
        calls.append(answer)
        return answer()

    assert judge(one, lambda: 1).passed
    assert calls[0] is one.reference, "the reference goes first, and pays for the imports"
