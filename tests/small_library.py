"""A library of one tiny exercise, for tests of the machinery."""

from pathlib import Path

SOURCE = '''\
# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Double it
#     minutes: 15
#     level: 1
#     packages: [numpy]
# ---

# %% [markdown]
# Your numbers are half of what they should be.
#
# By the end you can double them.

# %%
import matplotlib.pyplot as plt
from shoshin.graders.tiny import double as check

# %% answer="prediction"
prediction = ...  # "up" or "down"
### BEGIN SOLUTION
prediction = "up"
### END SOLUTION

# %% [markdown]
# ## Write `double`
#
# Return twice the number.
#
# <details><summary>Hint 1: how often?</summary>Once for each hand.</details>
# <details><summary>Hint 2: which operator?</summary>A star.</details>

# %% answer="double"
def double(number):
    """Return twice the number."""
    ### BEGIN SOLUTION
    return 2 * number
    ### END SOLUTION

# %% check="double" points=2
check.double(double)

# %%
if check.double.passed:
    plt.plot([double(number) for number in range(5)])
print("You said", prediction)

# %% [markdown]
# ## Write `words`
#
# Say "twice".
#
# <details><summary>Hint 1: which word?</summary>It rhymes with mice.</details>
# <details><summary>Hint 2: how long?</summary>Five letters.</details>

# %% answer="words"
words = ...
### BEGIN SOLUTION
words = "twice"
### END SOLUTION

# %% check="words" points=1
check.words(words)

# %% [markdown]
# ## Write `halve`
#
# Return half of the number.
#
# <details><summary>Hint 1: which sign?</summary>One with a slope.</details>
# <details><summary>Hint 2: how many?</summary>Two.</details>

# %% answer="halve"
def halve(number):
    ### BEGIN SOLUTION
    return number / 2
    ### END SOLUTION

# %% check="halve" points=1.5
check.halve(halve)

# %% [markdown]
# Next: [again](../tiny/double.ipynb).
'''

GRADER = '''\
"""Decides for tiny/double."""

from shoshin import Check


@Check
def double(number):
    return 2 * number


@double.case
def a_number(rng):
    """a number"""
    return int(rng.integers(3, 100))


@double.mistake
def squares(number):
    """You multiplied the number by itself; twice the number is the number and the number again."""
    return number**2


@double.mistake
def adds_two(number):
    """You added two. Twice is a factor."""
    return number + 2


@double.mistake
def keeps(number):
    """You gave the number back as it came."""
    return number


@double.accepts
def adds_itself(number):
    return number + number


@Check(value=True)
def words():
    return "twice"


@words.mistake
def once():
    """You said once; count again."""
    return "once"


@words.mistake
def thrice():
    """You said thrice; count again."""
    return "thrice"


@words.mistake
def number_of_times():
    """You gave a number where a word is wanted."""
    return 2


@words.accepts
def same_word():
    return "twi" + "ce"


@Check
def halve(number):
    return number / 2


@halve.case
def an_odd_number(rng):
    """an odd number"""
    return 2 * int(rng.integers(3, 100)) + 1


@halve.mistake
def rounds_down(number):
    """You divided with `//`, which drops the remainder."""
    return number // 2


@halve.mistake
def subtracts(number):
    """You took two away; half is a share."""
    return number - 2


@halve.mistake
def rounds(number):
    """You rounded the half; halves may stay."""
    return round(number / 2 + 0.01)


@halve.accepts
def multiplies(number):
    return number * 0.5
'''


def write_small_library(folder: Path) -> Path:
    """Write the trees of a library with the exercise tiny/double; the notebook is left to be built."""
    for tree, text in (("exercises", SOURCE), ("graders", GRADER)):
        (folder / tree / "tiny").mkdir(parents=True)
        (folder / tree / "tiny" / "double.py").write_text(text, "utf-8")
    (folder / "notebooks").mkdir()
    return folder
