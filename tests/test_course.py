"""`shoshin course new` writes a whole course or nothing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from traitlets.config import PyFileConfigLoader
from typer.testing import CliRunner

from shoshin.classroom.course import assignment_names, new_course
from shoshin.cli import app
from shoshin.errors import ShoshinError


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_each_exercise_becomes_an_assignment_with_its_solutions(small_library, tmp_path) -> None:
    assert new_course(tmp_path / "ml-1", ["tiny/double"]) == {"double": "tiny/double"}
    assert tree(tmp_path / "ml-1") == ["nbgrader_config.py", "source/double/double.ipynb"]
    source = nbformat.read(tmp_path / "ml-1" / "source" / "double" / "double.ipynb", as_version=4)
    cells = {cell.id: cell for cell in source.cells}
    assert "### BEGIN SOLUTION" in cells["answer-double"].source
    assert cells["answer-double"].metadata.nbgrader.solution
    assert cells["check-double"].metadata.nbgrader.points == 2
    assert cells["check-double"].metadata.nbgrader.locked


def test_the_settings_name_the_course_and_keep_untouched_notebooks_running(small_library, tmp_path) -> None:
    new_course(tmp_path / 'it\'s "ML"', ["tiny/double"])
    settings = PyFileConfigLoader("nbgrader_config.py", str(tmp_path / 'it\'s "ML"')).load_config()
    assert settings.CourseDirectory.course_id == 'it\'s "ML"'
    assert settings.ClearSolutions.code_stub == {"python": "# Your code here\n..."}


def test_slugs_name_the_assignments_and_the_unit_goes_before_one_that_is_there_twice() -> None:
    given = ["models/pca", "explore/trees", "fundamentals/pca", "models/pca"]
    assert assignment_names(given) == {
        "models_pca": "models/pca",
        "trees": "explore/trees",
        "fundamentals_pca": "fundamentals/pca",
    }


def test_a_link_to_another_exercise_leads_to_its_assignment_or_nowhere(small_library, tmp_path) -> None:
    again = small_library / "exercises" / "again" / "double.py"
    again.parent.mkdir()
    source = (small_library / "exercises" / "tiny" / "double.py").read_text()
    again.write_text(source + "# And [elsewhere](../tiny/halve.ipynb).\n")
    new_course(tmp_path / "course", ["tiny/double", "again/double"])
    written = tmp_path / "course" / "source" / "again_double" / "again_double.ipynb"
    last = nbformat.read(written, as_version=4).cells[-1].source
    assert last == "Next: [again](../tiny_double/tiny_double.ipynb).\nAnd elsewhere."


def test_an_empty_folder_is_filled_and_stays_the_same_folder(small_library, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "course"
    folder.mkdir()
    before = folder.stat().st_ino
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, ["course", "new", ".", "tiny/double"])
    assert result.exit_code == 0
    assert tree(folder) == ["nbgrader_config.py", "source/double/double.ipynb"]
    assert folder.stat().st_ino == before
    assert "course_id = 'course'" in (folder / "nbgrader_config.py").read_text()


def test_the_command_says_what_comes_next(small_library, tmp_path) -> None:
    result = CliRunner().invoke(app, ["course", "new", str(tmp_path / "course"), "tiny/double"])
    first, *steps = result.output.splitlines()
    assert first == f"{tmp_path / 'course'}: 1 assignment (double). Next, in that folder:"
    commands = [step.split("#")[0].strip() for step in steps]
    assert commands == [
        "nbgrader generate_assignment double",
        "nbgrader autograde double",
        "nbgrader generate_feedback double",
    ]


def test_a_new_course_can_be_read_by_those_who_may_read_other_new_folders(small_library, tmp_path) -> None:
    (tmp_path / "other").mkdir()
    new_course(tmp_path / "course", ["tiny/double"])
    assert stat.S_IMODE((tmp_path / "course").stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)


@pytest.mark.parametrize(
    ("folder", "exercise", "words"),
    [
        ("full", "tiny/double", "full is not empty"),
        ("file", "tiny/double", "file is a file"),
        ("file/course", "tiny/double", "course cannot be written: File exists"),
        ("new", "tiny/doubled", "There is no exercise 'tiny/doubled'. Did you mean tiny/double?"),
        ("x" * 300, "tiny/double", "cannot be written: File name too long"),
    ],
)
def test_wrong_input_is_refused_in_a_line_and_changes_nothing(folder, exercise, words, small_library, tmp_path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    before = tree(tmp_path)
    with pytest.raises(ShoshinError) as error:
        new_course(tmp_path / folder, [exercise])
    assert words in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert tree(tmp_path) == before
    assert sorted(os.listdir(tmp_path)) == ["file", "full", "library"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_refused(small_library, tmp_path) -> None:
    tmp_path.joinpath("locked").mkdir(mode=0o500)
    with pytest.raises(ShoshinError, match="cannot be written: Permission denied"):
        new_course(tmp_path / "locked" / "course", ["tiny/double"])


@pytest.mark.parametrize("into_an_empty_folder", [False, True])
def test_a_disk_that_fills_up_leaves_nothing_half_written(
    into_an_empty_folder, small_library, tmp_path, monkeypatch
) -> None:
    def full(path: Path, target: Path) -> Path:
        if path.name == "nbgrader_config.py" or not into_an_empty_folder:
            raise OSError(28, "No space left on device")
        shutil.move(path, target)
        return Path(target)

    folder = tmp_path / "course"
    if into_an_empty_folder:
        folder.mkdir()
    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(ShoshinError, match="No space left on device"):
        new_course(folder, ["tiny/double"])
    assert sorted(os.listdir(tmp_path)) == (["course", "library"] if into_an_empty_folder else ["library"])
    assert tree(tmp_path) == tree_of_library(tmp_path)


def tree_of_library(folder: Path) -> list[str]:
    return [f"library/{path}" for path in tree(folder / "library")]


def test_the_command_exits_with_2_and_without_a_traceback(tmp_path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    command = [
        sys.executable,
        "-m",
        "shoshin.cli",
        "course",
        "new",
        str(tmp_path),
        "models/standardise_without_leakage",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"shoshin: {tmp_path} is not empty. Name a new folder for the course; nothing was changed."
    ]
