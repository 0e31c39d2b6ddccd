"""What the checking core costs, beside learntools-style plain asserts of the same answer.

Run it with `python bench/core.py`. It prints, from one run on this machine:

- the time to `import shoshin` where NumPy is imported already, beside NumPy's own import (promise: below 60 ms);
- the time of one check of an answer that returns 10,000 numbers, beside the answer alone and beside plain asserts
  that compare the same results (promise: below 20 ms on top of the answer).

Medians over many repetitions; imports are measured in fresh processes. Where `PYTHONDONTWRITEBYTECODE` is set, a
checkout is compiled anew in each of them, which an installed package is not.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from shoshin import Check

PROCESSES, REPETITIONS, ROWS, COLUMNS = 15, 200, 2000, 5
PROCESS = f"""
import sys, time
began = time.perf_counter(); import numpy
with_numpy = time.perf_counter(); import shoshin
with_shoshin = time.perf_counter()
sys.path.insert(0, {str(Path(__file__).parent)!r})
import core
first = time.perf_counter(); core.standardise(core.answer)
print(with_numpy - began, with_shoshin - with_numpy, time.perf_counter() - first)
"""


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


def fresh_process_ms() -> tuple[float, ...]:
    """Return the median times, in milliseconds, to import NumPy, to import shoshin after it, and of the first check."""
    runs = []
    for _ in range(PROCESSES):
        done = subprocess.run([sys.executable, "-c", PROCESS], capture_output=True, text=True, check=True)
        runs.append([1000 * float(seconds) for seconds in done.stdout.split()])
    return tuple(map(statistics.median, zip(*runs, strict=True)))


def main() -> None:
    numpy, shoshin, first = fresh_process_ms()
    plain = PlainAsserts()
    alone = median_ms(lambda: answer(*plain.case))
    asserts = median_ms(lambda: plain.check(answer))
    passed = median_ms(lambda: standardise(answer))
    named = median_ms(lambda: standardise(each_by_itself))
    rows = [
        ("import numpy", numpy, ""),
        ("then import shoshin", shoshin, f"{shoshin / numpy:.2f} times NumPy's import"),
        (f"the answer alone, {ROWS * COLUMNS} numbers", alone, ""),
        ("plain asserts of the answer", asserts, f"+{asserts - alone:.2f} ms"),
        ("our check, passed", passed, f"+{passed - alone:.2f} ms, {passed / asserts:.1f} times the asserts"),
        ("our check, mistake named", named, f"+{named - alone:.2f} ms, {named / asserts:.1f} times the asserts"),
        ("the first check of a process", first, "it loads the rest of the core"),
    ]
    for what, milliseconds, beside in rows:
        print(f"{what:36} {milliseconds:8.2f} ms   {beside}")


if __name__ == "__main__":
    main()
