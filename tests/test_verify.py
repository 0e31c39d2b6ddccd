"""`shoshin verify` finds what is wrong with an exercise, and says how to mend it."""

import json

import pytest
from typer.testing import CliRunner

from shoshin.build.verify import verify_exercise
from shoshin.cli import app


def change(root, tree, before, after):
    path = root / tree / "tiny" / "double.py"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_a_sound_exercise_has_no_findings(small_library):
    report = verify_exercise("tiny/double")
    assert report.findings == []
    assert (report.tasks, report.mistakes, report.accepts, report.figures) == (3, 9, 3, 1)


def test_the_command_reports_as_text_and_as_data(small_library):
    run = CliRunner().invoke
    assert "3 tasks, 9 mistakes named" in run(app, ["verify"]).output
    (report,) = json.loads(run(app, ["verify", "tiny/double", "--json"]).output)
    assert report["clean"] and report["seeds"] >= 5 and report["seconds"] > 0


FAULTS = {
    "a wrong solution": ("exercises", "return 2 * number", "return 3 * number", "does not pass it"),
    "a solution that stops": ("exercises", "return number / 2", "return nowhere", "nowhere"),
    "an error in a given cell": ("exercises", 'print("You said"', 'raise ValueError("You said"', "ValueError"),
    "a starter that passes": (
        "exercises",
        "words = ...\n",
        'words = "twice"\n',
        "it should be not attempted",
    ),
    "no check of that name": (
        "graders",
        "    return number * 0.5\n",
        "    return number / 2\n\n\ndel words\n",
        "no Check",
    ),
    "a rejected accept": ("graders", "return number + number", "return number + 1", "a correct answer is rejected"),
    "a mistake that passes": ("graders", "return number**2", "return number * 2", "it passes; add a case"),
    "a mistake taken for another": ("graders", "return number + 2", "return number", "taken for"),
    "too few mistakes": ("graders", "@words.mistake\ndef once", "def once", "names 2 mistakes"),
    "no accepts": ("graders", "@halve.accepts\n", "", "add an `accepts`"),
    "feedback that only scolds": ("graders", "You added two.", "Incorrect.", "say what the learner did"),
    "a reference that fails": (
        "graders",
        "def double(number):\n    return 2",
        "def double(number):\n    return nowhere",
        "grader itself",
    ),
    "a grader that warns": (
        "graders",
        "    return number + number",
        '    import warnings\n    warnings.warn("old", FutureWarning)\n    return 2 * number',
        "FutureWarning",
    ),
    "one hint": (
        "exercises",
        "# <details><summary>Hint 2: how long?</summary>Five letters.</details>\n",
        "",
        "1 hints",
    ),
    "an unknown need": (
        "exercises",
        "level: 1",
        "level: 1\n#     needs: [tiny/nowhere]",
        "tiny/nowhere is not an exercise",
    ),
    "a circle of needs": ("exercises", "level: 1", "level: 1\n#     needs: [tiny/double]", "round in a circle"),
    "a dead link": ("exercises", "../tiny/double.ipynb", "../tiny/single.ipynb", "leads nowhere"),
    "no link at the end": ("exercises", "[again](../tiny/double.ipynb)", "again", "must link the next exercise"),
    "an endless sitting": ("exercises", "minutes: 15", "minutes: 600", "plan 10 to 60"),
    "no level": ("exercises", "level: 1", "level: 9", "1, 2 or 3"),
    "no figure": ("exercises", "plt.plot(", "print(", "draws none"),
    "no ability": ("exercises", "By the end you can", "You will", "the one ability"),
    "a forgotten prediction": ("exercises", 'print("You said", prediction)', "", "never revisited"),
    "a belittling word": ("exercises", "Your numbers are half", "Your numbers are simply half", "belittles"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_verify_finds(small_library, fault):
    tree, before, after, complaint = FAULTS[fault]
    change(small_library, tree, before, after)
    findings = [f"{found.where}: {found.message}" for found in verify_exercise("tiny/double").findings]
    assert any(complaint in finding for finding in findings), findings


def test_a_grader_that_cannot_be_imported_is_a_finding(small_library):
    change(small_library, "graders", "from shoshin import Check", "from shoshin import Chuck")
    (finding,) = verify_exercise("tiny/double").findings
    assert "cannot be imported" in finding.message


def test_one_broken_exercise_does_not_hide_the_others(small_library):
    other = small_library / "exercises" / "tiny" / "broken.py"
    other.write_text("# %% answer='x'\nx = 1\n", "utf-8")
    result = CliRunner().invoke(app, ["verify"])
    assert result.exit_code == 1
    assert "✗ tiny/broken" in result.output and "✓ tiny/double" in result.output
