"""Tell which numbers are the same but for rounding."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from shoshin.check.rules import Compare

# By the bytes of a float: the relative tolerance of a result; what rounding alone may leave of the largest entry
# (16, 16 and 2 times the dtype's own precision), at least (its smallest number) and at most; the relative tolerance
# where a whole number is expected.
PRECISION = {
    8: (1e-6, 4e-15, 0.0, 1e-6, 1e-9),
    4: (1e-4, 2e-6, 1.5e-45, 1e-3, 1e-5),
    2: (1e-2, 2e-3, 6e-8, 1e-1, 1e-2),
}


def tolerances(expected: np.ndarray, got: np.ndarray, rules: Compare) -> tuple[float, float]:
    """Return (relative, absolute) tolerance for two numeric arrays, by the coarser of their dtypes.

    The absolute part is what rounding may leave where zero is expected: it follows the largest finite expected
    entry, so that tiny results are still told apart, but is bounded, so that no wrong entry hides beside a huge
    one. A whole number that is expected is nearly met exactly.
    """
    floats = [a.dtype for a in (expected, got) if a.dtype.kind in "fc"]
    size = min([d.itemsize // (2 if d.kind == "c" else 1) for d in floats], default=8)
    relative, rounding, least, most, whole = PRECISION[min(size, 8)]
    finite = np.abs(expected[np.isfinite(expected)])
    scale = float(finite.max()) if finite.size else 0.0
    absolute = max(1e-3 * relative * min(1.0, scale or 1.0), min(rounding * scale, most), least)
    if expected.dtype.kind in "iu":
        relative = whole
    return (relative if rules.rtol is None else rules.rtol), (absolute if rules.atol is None else rules.atol)


def same_numbers(expected: np.ndarray, got: np.ndarray, rules: Compare) -> np.ndarray:
    """Return where two numeric arrays of one shape agree; NaN agrees with NaN, infinity with its own sign."""
    if expected.dtype.kind in "iu" and got.dtype.kind in "iu" and rules.rtol is None and rules.atol is None:
        return np.asarray(expected == got)
    number = np.complex128 if "c" in (expected.dtype.kind, got.dtype.kind) else np.float64
    with np.errstate(all="ignore"):
        rtol, atol = tolerances(expected, got, rules)
        return np.isclose(got.astype(number), expected.astype(number), rtol=rtol, atol=atol, equal_nan=True)


def same_number(expected: Any, got: Any, rules: Compare) -> bool:
    """Tell whether two single numbers of any type agree; those that are exact by nature are compared exactly."""
    exact = [isinstance(number, (int, Fraction)) for number in (expected, got)]
    if all(exact) and rules.rtol is None and rules.atol is None:
        return bool(expected == got)
    if isinstance(expected, Decimal) and isinstance(got, Decimal) and not (expected.is_nan() or got.is_nan()):
        return expected == got or _close_decimals(expected, got, rules)
    try:
        # An integer keeps its dtype where it has one, so that `tolerances` knows.
        pair = [np.asarray(n if isinstance(n, (float, complex, np.number)) else _as_float(n)) for n in (expected, got)]
    except OverflowError:  # beyond every float
        return bool(expected == got)
    return bool(same_numbers(pair[0].reshape(1), pair[1].reshape(1), rules)[0])


def _as_float(number: Any) -> float | int:
    if isinstance(number, int) and abs(number) < 2**63:
        return number
    return math.nan if isinstance(number, Decimal) and number.is_nan() else float(number)


def _close_decimals(expected: Decimal, got: Decimal, rules: Compare) -> bool:
    if not (expected.is_finite() and got.is_finite()):
        return False
    relative, absolute = Decimal(rules.rtol or 0), Decimal(rules.atol or 0)
    # Twenty of the usual 28 digits, unless the author wants otherwise.
    return abs(expected - got) <= absolute + max(relative, Decimal("1e-20")) * abs(expected)
