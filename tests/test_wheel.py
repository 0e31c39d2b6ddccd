"""The wheel alone, in a fresh environment and far from the checkout, gives a working `shoshin`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from shoshin import library

ROOT = Path(__file__).resolve().parent.parent
TREES = ("src/shoshin", "exercises", "graders", "notebooks")
EXERCISE = "models/standardise_without_leakage"

# What an author's machine does for a learner who knows the answers.
SOLVE = f"""\
from pathlib import Path
from shoshin import library
from shoshin.build.notebook import solved_notebook, text_of
from shoshin.build.source import read_exercise

source = library.tree("exercises") / "{EXERCISE}.py"
Path("solved.ipynb").write_text(text_of(solved_notebook(read_exercise(source))), "utf-8")
"""


class Environment:
    """A virtual environment with the wheel; what shoshin depends on is borrowed from this environment."""

    def __init__(self, folder: Path, wheel: Path):
        venv.create(folder, with_pip=False)
        paths = sysconfig.get_paths("venv", vars={"base": str(folder), "platbase": str(folder)})
        self.packages, self.scripts = Path(paths["purelib"]), Path(paths["scripts"])
        python = self.scripts / Path(sys.executable).name
        run(sys.executable, "-m", "pip", f"--python={python}", "install", "--quiet", "--no-deps", "--no-index", wheel)
        # A path in a .pth file does not bring along the .pth files there, such as the checkout's own.
        (self.packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
        self.home = folder / "home"
        self.home.mkdir()

    def __call__(self, program: str, *arguments: object, code: int = 0) -> str:
        """Run a program of this environment in its own home folder, and return what it prints."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
        environment |= {"HOME": str(self.home), "OMP_NUM_THREADS": "2"}
        return run(self.scripts / program, *arguments, code=code, cwd=self.home, env=environment)

    def check(self, notebook: Path, code: int) -> dict[str, Any]:
        """Return the outcome and the points of each task of a notebook."""
        report = json.loads(self("shoshin", "check", notebook, "--json", code=code))
        assert report["exercise"] == EXERCISE
        return {task["task"]: (task["outcome"], task["points"]) for task in report["tasks"]}


def run(*command: object, code: int = 0, **options: Any) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)  # sdist first, the wheel from it
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Environment:
    return Environment(tmp_path_factory.mktemp("installed"), wheel)


def test_the_wheel_holds_the_package_and_the_three_trees(wheel):
    inside = {Path(name) for name in zipfile.ZipFile(wheel).namelist() if name.startswith("shoshin/")}
    kept = [path.relative_to(ROOT) for tree in TREES for path in (ROOT / tree).rglob("*") if path.is_file()]
    kept = [path for path in kept if not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)]
    assert inside == {path.relative_to("src") if path.parts[0] == "src" else "shoshin" / path for path in kept}


def test_shoshin_comes_from_the_wheel_and_not_from_the_checkout(installed):
    place = installed("python", "-c", "import shoshin; print(shoshin.__file__)").strip()
    assert Path(place).is_relative_to(installed.packages)


def test_an_installed_shoshin_lists_every_exercise(installed):
    listed = json.loads(installed("shoshin", "list", "--json"))
    assert [entry["id"] for entry in listed] == library.ids("exercises")


def test_an_untouched_notebook_is_not_attempted(installed):
    notebook = installed.packages / "shoshin" / "notebooks" / f"{EXERCISE}.ipynb"
    assert installed.check(notebook, code=1) == dict.fromkeys(library.entry(EXERCISE).tasks, ("not attempted", 0))


def test_a_solved_notebook_passes(installed):
    installed("python", "-c", SOLVE)
    tasks = library.entry(EXERCISE).tasks
    assert installed.check(Path("solved.ipynb"), code=0) == {task: ("passed", tasks[task]) for task in tasks}
