"""What the checking core costs, beside learntools-style plain asserts of the same answer.

Run it with `python bench/core.py`. It prints, from one run on this machine:

- the time to `import shoshin`, beside NumPy's own import (promise: below 60 ms on top of it);
- the time of one check of an answer that returns 10,000 numbers, beside the answer alone and beside plain asserts
  that compare the same results (promise: below 20 ms on top of the answer).

Medians over many repetitions; imports are measured in fresh processes, in turn.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from shoshin import Check

IMPORTS, REPETITIONS, ROWS, COLUMNS = 15, 200, 2000, 5
PROCESS = "import time; began = time.perf_counter(); import {}; print(time.perf_counter() - began)"


@Check
def standardise(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread


@standardise.case
def two_tables(rng):
    """two tables"""
    return rng.normal(size=(ROWS, COLUMNS)), rng.normal(size=(50, COLUMNS))


@standardise.mistake
def each_by_itself(train, test):
    """You scaled each set by itself."""
    return (train - train.mean(axis=0)) / train.std(axis=0), (test - test.mean(axis=0)) / test.std(axis=0)


class PlainAsserts:
    """The same check as asserts against stored results: no copies, no cards, no named mistakes."""

    def __init__(self) -> None:
        self.case = two_tables(np.random.default_rng(0))
        self.expected = standardise.reference(*self.case)

    def check(self, answer: Callable) -> None:
        train_z, test_z = answer(*self.case)
        assert np.allclose(train_z, self.expected[0]), "train_z is not as expected"
        assert np.allclose(test_z, self.expected[1]), "test_z is not as expected"


def answer(train, test):
    mean, spread = np.mean(train, axis=0), np.std(train, axis=0)
    return (train - mean) / spread, (test - mean) / spread


def median_ms(function: Callable[[], object]) -> float:
    """Return the median time of a call, in milliseconds."""
    times = []
    for _ in range(REPETITIONS):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def import_ms() -> dict[str, float]:
    """Return the median times to import NumPy alone, and shoshin (which imports NumPy), in milliseconds."""
    times: dict[str, list[float]] = {"numpy": [], "shoshin": []}
    for _ in range(IMPORTS):
        for name, found in times.items():
            done = subprocess.run(
                [sys.executable, "-c", PROCESS.format(name)], capture_output=True, text=True, check=True
            )
            found.append(1000 * float(done.stdout))
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> None:
    imports = import_ms()
    plain = PlainAsserts()
    alone = median_ms(lambda: answer(*plain.case))
    asserts = median_ms(lambda: plain.check(answer))
    passed = median_ms(lambda: standardise(answer))
    named = median_ms(lambda: standardise(each_by_itself))
    rows = [
        ("import numpy", imports["numpy"], ""),
        ("import shoshin, which imports numpy", imports["shoshin"], f"{imports['shoshin'] - imports['numpy']:+.1f} ms"),
        (f"the answer alone, {ROWS * COLUMNS} numbers", alone, ""),
        ("plain asserts of the answer", asserts, f"{asserts - alone:+.2f} ms"),
        ("our check, passed", passed, f"{passed - alone:+.2f} ms, {passed / asserts:.1f} times the asserts"),
        ("our check, mistake named", named, f"{named - alone:+.2f} ms, {named / asserts:.1f} times the asserts"),
    ]
    for what, milliseconds, beside in rows:
        print(f"{what:36} {milliseconds:8.2f} ms   {beside}")


if __name__ == "__main__":
    main()
