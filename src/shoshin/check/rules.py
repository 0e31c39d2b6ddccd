"""What counts as the same result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Compare:
    """What counts as the same result.

    Args:
        rtol, atol: relative and absolute tolerance; `None` follows the coarser of the two dtypes
            (float64 1e-6, float32 1e-4, float16 1e-2 relative; absolute in proportion to the largest entry).
            Unless you set one, a result may also differ by what rounding the inputs does to the reference, as in the
            mean of centred numbers, which is zero but for rounding.
        rows: `"ordered"`, or `"any"` if the order of a table's rows does not matter.
        columns: `"ordered"`, or `"any"` if the order of a table's columns does not matter.
        index: whether a table's index is compared.
    """

    rtol: float | None = None
    atol: float | None = None
    rows: str = "ordered"
    columns: str = "ordered"
    index: bool = True

    def __post_init__(self) -> None:
        for name in ("rows", "columns"):
            if getattr(self, name) not in ("ordered", "any"):
                raise TypeError(f'{name} is "ordered" or "any", not {getattr(self, name)!r}')


USUAL = Compare()
