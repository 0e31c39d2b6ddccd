"""The core travels alone: the standard library and NumPy are all that it imports."""

import json
import subprocess
import sys

LOADED = """
import json, sys
import numpy.random
before = set(sys.modules)
import shoshin
{then}
loaded = {{name.partition('.')[0] for name in set(sys.modules) - before}}
print(json.dumps(sorted(loaded - set(sys.stdlib_module_names))))
"""

A_CHECK = """
@shoshin.Check
def double(numbers):
    return 2 * numbers

@double.case
def some(rng):
    return rng.normal(size=10)

@double.mistake
def square(numbers):
    '''You squared.'''
    return numbers**2

assert double(lambda numbers: numbers + numbers).passed
assert double(lambda numbers: numbers * numbers).mistake == "square"
double.last._repr_mimebundle_()
"""


def loaded(then: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", LOADED.format(then=then)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_shoshin_loads_nothing_but_itself():
    assert loaded("") == ["shoshin"]


def test_checking_an_answer_loads_nothing_more():
    assert loaded(A_CHECK) == ["shoshin"]
