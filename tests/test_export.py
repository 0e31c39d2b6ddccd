"""A single file checks itself with the very same grader: no install, no clone, no network, nothing lost."""

import base64
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from shoshin import library
from shoshin.build import bring
from shoshin.build.catalogue import BRANCH, REPOSITORY, page
from shoshin.build.export import archive, export, first_cell, kaggle_slug, single_file
from shoshin.cli import app
from shoshin.errors import ShoshinError

BASE = Path(sys._base_executable)
PACKAGES = next(folder for folder in sys.path if folder.endswith("site-packages"))
EVERY = library.ids()


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.reads(path.read_text("utf-8"), as_version=4)


def run(source: str, folder: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run code on a Python that has every package but Shoshin: an editable install is not seen from PYTHONPATH."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    environment = {**kept, "PYTHONPATH": PACKAGES, "HOME": str(folder), **environment}
    script = folder / "cells.py"  # a command line has no room for two such cells
    script.write_text(source, "utf-8")
    return subprocess.run([BASE, script], cwd=folder, env=environment, capture_output=True, text=True)


def plain(exercise: str, then: str = "", tasks: tuple[str, ...] = ("double",)) -> str:
    return f"{first_cell(exercise, list(tasks), ['numpy'])}\n{then}"


AND_CHECK = """
from shoshin.graders.tiny import double as check
import shoshin
print(shoshin.__file__)
verdict = check.double(lambda number: number + 2)
print(verdict.outcome, verdict.mistake)
print(check.double(lambda number: 2 * number).outcome)
"""


@pytest.mark.parametrize("exercise", EVERY)
def test_every_exercise_fits_into_one_file_that_has_what_the_platforms_ask_for(exercise):
    made = single_file(read(library.entry(exercise).notebook))
    nbformat.validate(made)
    first = made.cells[0]
    assert len(first.source) < 100_000
    assert max(map(len, first.source.splitlines())) <= 120
    assert first.metadata == {"jupyter": {"source_hidden": True}, "cellView": "form", "_kg_hide-input": True}
    assert made.metadata.kernelspec.name == "python3"
    assert "widgets" not in made.metadata
    assert ".ipynb)" not in "".join(cell.source for cell in made.cells), "a link to a neighbour leads nowhere"
    names = zipfile.ZipFile(io.BytesIO(archive(exercise))).namelist()
    assert f"shoshin/graders/{exercise}.py" in names
    assert [name for name in names if name.startswith("shoshin/graders/")] == [
        "shoshin/graders/__init__.py",
        f"shoshin/graders/{exercise}.py",
    ]


def test_exporting_twice_gives_the_same_bytes(tmp_path):
    one = export(EVERY[:2], tmp_path / "one")
    two = export(EVERY[:2], tmp_path / "two")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert [path.relative_to(tmp_path / "one").with_suffix("").as_posix() for path in one] == EVERY[:2]


def test_the_first_cell_brings_the_same_checks_where_shoshin_is_not_installed(small_library, tmp_path):
    assert "No module named 'shoshin'" in run("import shoshin", tmp_path).stderr
    done = run(plain("tiny/double", AND_CHECK), tmp_path)
    assert done.returncode == 0, done.stderr
    ready, place, mistake, right = done.stdout.splitlines()
    assert ready.startswith("The checks are ready. Your progress is kept in shoshin-progress.jsonl")
    assert "/shoshin-" in place
    assert not Path(place).exists(), "what was unpacked is removed at the end"
    assert (mistake.split()[0], right) == ("mistake", "passed")


def test_the_first_cell_may_run_twice(small_library, tmp_path):
    done = run(plain("tiny/double") + plain("tiny/double", AND_CHECK), tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "passed"


def test_an_installed_shoshin_is_used_and_one_that_lacks_the_exercise_is_not(small_library, tmp_path):
    installed = tmp_path / "installed"
    with zipfile.ZipFile(io.BytesIO(archive("tiny/double"))) as packed:
        packed.extractall(installed)
    before = f"import sys; sys.path.insert(0, {str(installed)!r})\nimport shoshin\n"
    done = run(before + plain("tiny/double", AND_CHECK), tmp_path / "work")
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stdout

    (installed / "shoshin" / "graders" / "tiny" / "double.py").unlink()
    done = run(before + plain("tiny/double", AND_CHECK), tmp_path / "work")
    assert done.returncode == 0, done.stderr
    assert str(installed) not in done.stdout
    assert done.stdout.splitlines()[-1] == "passed"


def test_an_installed_shoshin_of_another_release_without_the_task_gives_way(small_library, tmp_path):
    installed = tmp_path / "installed"
    with zipfile.ZipFile(io.BytesIO(archive("tiny/double"))) as packed:
        packed.extractall(installed)
    grader = installed / "shoshin" / "graders" / "tiny" / "double.py"
    grader.write_text(re.sub(r"\bdouble\b", "twofold", grader.read_text()))
    before = f"import sys; sys.path.insert(0, {str(installed)!r})\nimport shoshin\n"
    done = run(before + plain("tiny/double", AND_CHECK), tmp_path / "work")
    assert done.returncode == 0, done.stderr
    assert str(installed) not in done.stdout
    assert done.stdout.splitlines()[-1] == "passed"


def test_a_notebook_of_another_release_is_told_so_in_a_sentence(small_library):
    from shoshin.graders.tiny import double as check

    with pytest.raises(AttributeError, match=r"tiny/double has no task 'triple' .* of another release") as told:
        check.triple(lambda number: 3 * number)
    assert told.value._render_traceback_() == [str(told.value)]
    assert not hasattr(check, "__wrapped__")


def test_progress_is_kept_as_lines_without_any_code(small_library, tmp_path):
    run(plain("tiny/double", AND_CHECK), tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "shoshin-progress.jsonl").read_text().splitlines()]
    assert [(line["exercise"], line["task"], line["outcome"]) for line in lines] == [
        ("tiny/double", "double", "mistake"),
        ("tiny/double", "double", "passed"),
    ]
    known = {"v", "at", "exercise", "task", "outcome", "mistake", "points", "max_points", "answer"}
    assert set(lines[0]) == known, "`answer` is a hash: no code"


def test_a_single_file_knows_its_minutes_and_opens_its_solutions(small_library, tmp_path):
    tries = "".join(f"def double(number):\n    return number + {n}\ncheck.double(double)\n" for n in range(5))
    then = "from shoshin.graders.tiny import double as check\n" + tries
    done = run(plain("tiny/double", then + "print(check.progress())\nprint(check.double.solution())"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "0 of 3 tasks passed; 15 minutes are planned" in done.stdout
    assert "return 2 * number" in done.stdout


@pytest.mark.parametrize(
    ("variables", "kept_in"),
    [
        ({"KAGGLE_KERNEL_RUN_TYPE": "Interactive", "COLAB_RELEASE_TAG": "release"}, "Kaggle"),
        ({"COLAB_RELEASE_TAG": "release"}, "Colab"),
        ({}, ""),
    ],
)
def test_kaggle_is_told_from_colab_whose_variables_it_sets_too(variables, kept_in, tmp_path, monkeypatch):
    for name in ("KAGGLE_KERNEL_RUN_TYPE", "COLAB_RELEASE_TAG", "SHOSHIN_PROGRESS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    folders = {name: tmp_path / name for name in ("Kaggle", "Colab", "")}
    places = [(name, variable, str(folders[name]), panel) for name, variable, _, panel in bring.PLATFORMS]
    assert [folder for _, _, folder, _ in bring.PLATFORMS] == ["/kaggle/working", "/content"]
    monkeypatch.setattr(bring, "PLATFORMS", places)
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path)
    said = bring.keep_progress()
    assert (folders[kept_in] / "shoshin-progress.jsonl").exists()
    assert "lets you download it" in said
    monkeypatch.delenv("SHOSHIN_PROGRESS")


def test_a_working_folder_that_cannot_be_written_is_said_and_the_checks_work(small_library, tmp_path):
    nowhere = str(tmp_path / "missing" / "progress.jsonl")
    done = run(plain("tiny/double", AND_CHECK), tmp_path, SHOSHIN_PROGRESS=nowhere)
    assert done.returncode == 0, done.stderr
    said = f"Your progress cannot be kept, because {tmp_path / 'missing'} cannot be written to."
    assert done.stdout.splitlines()[0] == f"The checks are ready. {said}"
    assert done.stdout.splitlines()[-1] == "passed"


@pytest.mark.parametrize(
    "damage", [lambda text: text[:200] + text[204:], lambda text: text.replace("A", "B"), lambda _: "é"]
)
def test_a_damaged_archive_is_said_in_a_sentence_and_nothing_is_unpacked(small_library, tmp_path, damage):
    data = archive("tiny/double")
    checksum = re.search(r'"([0-9a-f]{64})"', first_cell("tiny/double", ["double"], []))[1]
    with pytest.raises(bring.NotReady, match=r"The checks in this cell are damaged: get the notebook again"):
        bring.unpack(damage(base64.b64encode(data).decode()), checksum)


def test_a_package_that_the_platform_lacks_is_said_in_the_first_cell(small_library, tmp_path):
    source = first_cell("tiny/double", ["double"], ["numpy", "no-such-package"])
    done = run(source, tmp_path)
    assert "This exercise needs no-such-package, not installed here" in done.stderr
    assert "%pip install no-such-package" in done.stderr


def test_a_refusal_is_shown_without_a_traceback():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.user_ns["NotReady"] = bring.NotReady
    shown = []
    shell._showtraceback = lambda kind, error, lines: shown.append(lines)
    shell.run_cell("raise NotReady('One sentence.')")
    assert shown == [["One sentence."]]


def test_kaggle_gets_its_metadata_beside_the_notebook(tmp_path):
    result = CliRunner().invoke(
        app, ["export", *EVERY, "--to", str(tmp_path), "--for", "kaggle", "--user", "somebody"], catch_exceptions=False
    )
    assert result.exit_code == 0
    files = sorted(tmp_path.rglob("kernel-metadata.json"))
    assert len(files) == len(EVERY)
    for file in files:
        known = json.loads(file.read_text())
        assert (file.parent / known["code_file"]).is_file()
        assert known["enable_internet"] is False
        assert 5 <= len(known["title"]) <= 50
        owner, slug = known["id"].split("/")
        assert (owner, slug) == ("somebody", kaggle_slug(known["title"]))
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
        assert len(slug) >= 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["models/nothing"], "There is no exercise 'models/nothing'"), (["--for", "moon"], "There is no platform 'moon'")],
)
def test_wrong_input_is_said_in_a_sentence_and_nothing_is_written(arguments, words, tmp_path):
    result = CliRunner().invoke(app, ["export", *arguments, "--to", str(tmp_path / "out")])
    assert isinstance(result.exception, ShoshinError)
    assert words in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_notebook_that_is_too_large_is_refused(small_library):
    import random

    noise = "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=120_000))
    grader = small_library / "graders" / "tiny" / "double.py"
    grader.write_text(grader.read_text() + f"\n# {noise}\n")
    with pytest.raises(ShoshinError, match=r"100,000 is the limit. Shorten graders/tiny/double.py"):
        first_cell("tiny/double", ["double"], [])


def test_the_catalogue_links_every_exercise_with_the_one_repository():
    text = page()
    for exercise in EVERY:
        assert f"colab.research.google.com/github/{REPOSITORY}/blob/{BRANCH}/{exercise}.ipynb" in text
        assert f"{exercise.replace('/', '%2F')}.ipynb" in text
    assert len(re.findall(re.escape(REPOSITORY), text)) == len(EVERY)
