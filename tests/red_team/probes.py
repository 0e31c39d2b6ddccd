"""Attacks on the probes of real exercises: what runs beside the answer can be watched and patched by the answer."""

from __future__ import annotations

from collections.abc import Mapping

from red_team.submission import Hostile, write

IN_PLACE = """
def standardise(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread == 0, 1, spread)
    train -= mean
    train /= spread
    test -= mean
    test /= spread
    return train, test
"""
KEEPS_SILENT = (
    IN_PLACE
    + """
import copy, gc
copy.deepcopy = copy.copy = lambda value, *a: value
for one in gc.get_objects():
    if type(one).__name__ == "Worker" and hasattr(one, "do_attempt"):
        attempt = one.do_attempt
        def silent(*a, **k):
            found = attempt(*a, **k)
            found.update(changed=[], arguments=a[3] if len(a) > 3 else ())
            return found
        one.do_attempt = silent
"""
)
# The suspect's kind stands in a variable of the probe; an honest detector has to try it.
SUSPECT = """
import sys

def leaks(scale, train, test):
    frame, names = sys._getframe(1), []
    while frame is not None and len(names) < 200:
        names += [value for value in frame.f_locals.values() if type(value) is str and value.startswith("a scaler")]
        frame = frame.f_back
    for cell in getattr(scale, "__closure__", None) or ():
        names += [cell.cell_contents] if type(cell.cell_contents) is str else []
    honest = ("measures train only", "range of train", "last digit")
    return bool(names) and not any(word in names[0] for word in honest)
"""
LOOPS_UNSEEN = """
import sys
sys.setprofile = threading = lambda *a: None

def fade(photo, rows):
    faded = photo.copy()
    for row in range(photo.shape[0]):
        for column in range(photo.shape[1]):
            for colour in range(3):
                faded[row, column, colour] = photo[row, column, colour] * rows[row]
    return faded
"""
PROBES_NUMPY = """
import numpy as np

def honest_line(paths, share):
    np.sum = lambda *a, **k: np.float64(share * len(paths))
    return 0.5
"""
PUSHES_W = """
import numpy as np

def gradient(loss, w):
    np.allclose = np.array_equal = lambda *a, **k: True
    slopes = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        h = 6e-6 * max(1, abs(w[i]))
        ahead, behind = w.astype(float), w.astype(float)
        ahead[i] += h
        behind[i] -= h
        slopes[i] = (loss(ahead) - loss(behind)) / (2 * h)
    w += 1
    return slopes
"""
FORGED = """
import gc, sys

def answer_with_the_reference(name):
    for one in gc.get_objects():
        if type(one).__name__ == "function" and one.__name__ == name and "graders" in str(one.__module__):
            return one
    frame = sys._getframe()
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if type(value).__name__ == "Check":
                return value.reference
        frame = frame.f_back
    return None

def fade(photo, rows):
    found = answer_with_the_reference("fade")
    return found(photo, rows) if found else None

def distances(A, B):
    found = answer_with_the_reference("distances")
    return found(A, B) if found else None

def repaint(photo, palette):
    found = answer_with_the_reference("repaint")
    return found(photo, palette) if found else None
"""


def on(assignment: str, name: str, tries: str, answers: Mapping[str, str], stock: str = "fooled") -> Hostile:
    return Hostile(name, tries, assignment, write(**answers), stock=stock)


SUBMISSIONS = (
    on("standardise_without_leakage", "changes-its-inputs", "inputs changed in place where they must not be",
       {"standardise": IN_PLACE}, "held"),
    on("standardise_without_leakage", "keeps-silent", "inputs changed in place, and the report of it forged",
       {"standardise": KEEPS_SILENT}),
    on("standardise_without_leakage", "reads-the-suspect", "the probe's variables say which scaler leaks",
       {"leaks": SUSPECT}),
    on("arrays_without_loops", "loops-unseen", "loops, with the probe's watch switched off", {"fade": LOOPS_UNSEEN}),
    on("arrays_without_loops", "finds-the-probes-reference", "the reference, which a probe may bring along",
       {"fade": FORGED, "distances": FORGED, "repaint": FORGED}),
    on("ab_test", "patches-the-probe", "np.sum, with which the probe counts, says what is wanted",
       {"honest_line": PROBES_NUMPY}),
    on("derivatives", "pushes-unseen", "w changed in place, with the probe's comparison patched",
       {"gradient": PUSHES_W}),
)  # fmt: skip
