"""Forgive what rounding alone does to a result.

The mean of centred numbers is zero but for rounding: one correct answer comes to 4e-17, another to -3e-17. A fixed
absolute tolerance would hide wrong likelihoods of 1e-50. But where rounding decides, a change of the inputs in their
last digit changes the reference's result as much. So the reference is asked about inputs that are rounded differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from shoshin.check.arrays import as_array
from shoshin.check.describe import kind

LAST_DIGIT = 2.0**-52
FORGIVEN = 64  # times what the last digit of the inputs does to the result
MOST = 1e-6  # of the largest entry, or of one: what changes more is no rounding


def nudged(value: Any, rng: np.random.Generator) -> Any:
    """Return an argument in which every float has moved by its last digit."""
    if isinstance(value, float):
        return value * (1 + LAST_DIGIT * rng.choice((-1, 1)))
    if type(value) is np.ndarray and value.dtype == np.float64:
        return value * (1 + LAST_DIGIT * rng.choice((-1, 1), size=value.shape))
    if type(value) in (list, tuple):
        return type(value)(nudged(item, rng) for item in value)
    if type(value) is dict:
        return {key: nudged(item, rng) for key, item in value.items()}
    if kind(value) == "table":
        return value.apply(lambda column: nudged(column, rng))
    if kind(value) == "series" and value.dtype == np.float64:
        return type(value)(nudged(value.to_numpy(), rng), index=value.index, name=value.name)
    return value


def forgiven(expected: Any, got: Any, others: Sequence[Any] = ()) -> Any:
    """Return `got` with the expected number wherever it differs by rounding alone.

    `others` are what the reference came to on nudged inputs; without them everything is forgiven that rounding
    might do. All are plain data.
    """
    arrays = [as_array(value) if type(value) in (np.ndarray, list) else None for value in (expected, got, *others)]
    if all(array is not None for array in arrays):
        return _forgiven_array(arrays[0], arrays[1], arrays[2:]) if _alike(arrays) else got
    if type(expected) in (list, tuple) and type(got) in (list, tuple):
        if {len(got), *(len(other) for other in others)} != {len(expected)}:
            return got
        return [forgiven(wanted, came, parts) for wanted, came, *parts in zip(expected, got, *others, strict=True)]
    if type(expected) is dict and type(got) is dict:
        shared = set(expected).intersection(got, *others)
        forgive = {key: forgiven(expected[key], got[key], [other[key] for other in others]) for key in shared}
        return got | forgive
    if all(isinstance(value, float | np.floating) for value in (expected, got, *others)):
        return _forgiven_array(np.asarray(expected), np.asarray(got), [np.asarray(other) for other in others])
    return got


def _alike(arrays: Sequence[Any]) -> bool:
    return all(array.dtype.kind == "f" and array.shape == arrays[0].shape for array in arrays)


def _forgiven_array(expected: Any, got: Any, others: Sequence[Any]) -> Any:
    with np.errstate(all="ignore"):
        most = MOST * max(1.0, float(np.abs(expected).max(initial=0, where=np.isfinite(expected))))
        change = np.max([np.abs(other - expected) for other in others], axis=0) if others else most
        # Comparisons with NaN are false: nothing is forgiven there.
        only_rounding = (change <= most) & (np.abs(got - expected) <= np.minimum(FORGIVEN * change, most))
        return np.where(only_rounding, expected, got)[()]
