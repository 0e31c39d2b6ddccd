"""The build keeps the three trees in step."""

import json

import nbformat
import pytest
from typer.testing import CliRunner

from shoshin import library
from shoshin.build.notebook import learner_notebook, solved_notebook, text_of
from shoshin.build.source import read_exercise
from shoshin.cli import app
from shoshin.errors import ShoshinError

run = CliRunner().invoke


def tiny(root):
    return read_exercise(root / "exercises" / "tiny" / "double.py")


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


def test_building_twice_gives_the_same_bytes(small_library):
    first, second = (text_of(learner_notebook(tiny(small_library))) for _ in range(2))
    assert first == second


def test_the_learner_gets_a_placeholder_where_the_solution_was(small_library):
    cells = by_id(learner_notebook(tiny(small_library)))
    assert cells["answer-double"].source.endswith("    # Your code here\n    ...")
    assert "2 * number" not in text_of(learner_notebook(tiny(small_library)))
    assert "BEGIN SOLUTION" not in text_of(learner_notebook(tiny(small_library)))


def test_a_check_cell_carries_its_points_to_the_call_and_to_nbgrader(small_library):
    cell = by_id(solved_notebook(tiny(small_library)))["check-halve"]
    assert cell.source == "check.halve(halve, points=1.5)"
    assert cell.metadata.nbgrader.points == 1.5
    assert cell.metadata.nbgrader.grade and cell.metadata.nbgrader.locked


def test_a_built_notebook_is_valid_for_nbformat_and_for_nbgrader(small_library):
    from nbgrader.nbgraderformat import MetadataValidator

    for notebook in (solved_notebook(tiny(small_library)), learner_notebook(tiny(small_library))):
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
        assert not any(cell.get("outputs") for cell in notebook.cells)


def test_the_notebook_opens_with_title_minutes_and_level(small_library):
    title = learner_notebook(tiny(small_library)).cells[0].source
    assert title.startswith("# Double it\n")
    assert "15 minutes" in title and "level 1" in title


def test_check_names_stale_notebooks_and_exits_1_until_they_are_built(small_library):
    before = run(app, ["build", "--check"])
    assert before.exit_code == 1 and "stale: notebooks/tiny/double.ipynb" in before.output
    assert not list(library.tree("notebooks").rglob("*.ipynb"))
    assert run(app, ["build"]).exit_code == 0
    assert run(app, ["build", "--check"]).exit_code == 0


def test_a_notebook_edited_by_hand_is_stale(small_library):
    run(app, ["build"])
    path = library.tree("notebooks") / "tiny" / "double.ipynb"
    path.write_text(path.read_text("utf-8").replace("half of", "a third of"), "utf-8")
    assert run(app, ["build", "--check"]).exit_code == 1


def test_a_notebook_without_a_source_is_stale_and_removed(small_library):
    run(app, ["build"])
    orphan = library.tree("notebooks") / "tiny" / "gone.ipynb"
    orphan.write_text("{}", "utf-8")
    assert "tiny/gone" in run(app, ["build", "--check"]).output
    run(app, ["build"])
    assert not orphan.exists()


def test_the_list_tells_what_a_learner_needs_to_choose(small_library):
    run(app, ["build"])
    (entry,) = json.loads(run(app, ["list", "--json"]).output)
    assert entry["id"] == "tiny/double" and entry["title"] == "Double it" and entry["minutes"] == 15
    assert entry["tasks"] == {"double": 2, "words": 1, "halve": 1.5}
    assert "Double it" in run(app, ["list"]).output


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("minutes: 15", "minutes: soon", "minutes"),
        ("level: 1", "levels: 1", "levels"),
        ('check="double" points=2', 'check="double"', "points=2"),
        ("check.halve(halve)", "print(halve)", "check.halve(…)"),
        ('    ### END SOLUTION\n\n# %% check="double"', '\n# %% check="double"', "END SOLUTION"),
        ('answer="words"', 'answer="word"', "'words' needs exactly one answer cell"),
        ('answer="words"', 'answer="double"', "needs exactly one answer cell"),
    ],
)
def test_a_fault_in_the_source_is_named_with_its_place(small_library, before, after, complaint):
    path = small_library / "exercises" / "tiny" / "double.py"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(ShoshinError) as caught:
        read_exercise(path)
    assert complaint in str(caught.value) and "tiny/double" in str(caught.value)


def test_an_exercise_without_a_grader_is_not_built(small_library):
    (small_library / "graders" / "tiny" / "double.py").unlink()
    result = run(app, ["build"])
    assert isinstance(result.exception, ShoshinError) and "graders/tiny/double.py" in str(result.exception)
