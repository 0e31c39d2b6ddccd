"""What the two commands of the README promise: one lane of exact versions, installed whole or not at all."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from shoshin.build.notebook import OPTIONAL as OPTIONAL_PACKAGES
from shoshin.build.notebook import heading

ROOT = Path(__file__).parent.parent
LANE = (ROOT / "ci" / "lanes" / "locked.txt").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = [Requirement(text) for text in PROJECT["dependencies"]]
TEST = [Requirement(text) for text in PROJECT["optional-dependencies"]["test"]]
EXTRAS = ("classroom", "explore", "spark")
CLASSROOM = ("distributed", "psycopg")  # no exercise needs these
EXTRA = [Requirement(text) for extra in EXTRAS for text in PROJECT["optional-dependencies"][extra]]
LINE = re.compile(r"([a-z0-9.-]+)==([0-9][0-9a-z.]*)(  # optional)?")
PINS = {found[1]: found[2] for found in map(LINE.fullmatch, LANE.splitlines()) if found}
OPTIONAL = {found[1] for found in map(LINE.fullmatch, LANE.splitlines()) if found and found[3]}

by_name = pytest.mark.parametrize("requirement", [*RUNTIME, *TEST, *EXTRA], ids=lambda requirement: requirement.name)


# --- the lane and the bounds ---------------------------------------------------------------------------------------


def test_the_lane_is_sorted_and_has_one_public_version_a_line():
    lines = LANE.splitlines()
    assert lines == sorted(set(lines), key=lambda line: line.partition("==")[0])
    wrong = [line for line in lines if not LINE.fullmatch(line)]
    assert not wrong, "no URL, no local suffix such as +cpu, no marker: name==version"


@pytest.mark.parametrize("name", ["latest", "oldest", "colab", "kaggle"])
def test_every_lane_has_one_public_version_a_line(name):
    lines = (ROOT / "ci" / "lanes" / f"{name}.txt").read_text().splitlines()
    assert len(lines) > 100
    assert [line for line in lines if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize("requirement", [*RUNTIME, *EXTRA], ids=lambda requirement: requirement.name)
def test_the_oldest_lane_makes_the_declared_bounds_true(requirement):
    lines = (ROOT / "ci" / "lanes" / "oldest.txt").read_text().splitlines()
    oldest = {found[1]: found[2] for found in map(LINE.fullmatch, lines) if found}[canonicalize_name(requirement.name)]
    (bound,) = requirement.specifier
    assert f"{oldest}.".startswith(f"{bound.version}."), "run `python ci/lock.py oldest`"


@by_name
def test_the_project_states_a_lower_bound_and_nothing_else(requirement):
    assert [one.operator for one in requirement.specifier] == [">="]
    assert requirement.url is None


@by_name
def test_the_lane_fulfils_the_bound(requirement):
    assert PINS[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_lane_holds_everything_that_the_project_and_its_tests_need():
    needed = closure([*RUNTIME, *TEST])
    assert sorted(needed - PINS.keys()) == [], "run `make lock`"
    assert sorted(PINS.keys() - OPTIONAL - needed) == [], "nothing needs these any more: run `make lock`"


def test_a_heading_names_the_packages_that_only_an_extra_brings():
    of_exercises = [one.name for one in EXTRA if one.name not in CLASSROOM]
    assert sorted(OPTIONAL_PACKAGES) == sorted(of_exercises)
    name = of_exercises[0]
    header = {"title": "T", "minutes": 5, "level": 1, "needs": [], "packages": ["numpy", name]}
    assert f"Needs {name} (`%pip install {name}`)" in heading("no/such", header)


def test_what_only_an_extra_brings_is_marked_in_the_lane():
    missing = [one.name for one in EXTRA if not installed(one.name)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; CI runs `make test EXTRAS=test,explore,spark,classroom`")
    assert closure([*RUNTIME, *TEST, *EXTRA]) - closure([*RUNTIME, *TEST]) == OPTIONAL


def test_this_environment_has_the_versions_of_the_lane():
    here = {name: installed(name) for name in PINS if installed(name) or name not in OPTIONAL}
    wanted = {name: PINS[name] for name in here}
    assert here == wanted, "this environment is not the lane: run `make test`, which brings it up to date"


def installed(name: str) -> str:
    """The public version of a package that is here; an empty text if it is not."""
    try:
        return Version(metadata.version(name)).public
    except metadata.PackageNotFoundError:
        return ""


def closure(requirements: list[Requirement]) -> set[str]:
    """The names of all packages that these need, directly or not, on this machine; without what a GPU adds."""
    found: set[tuple[str, str]] = set()
    todo = [(one, extra) for one in requirements for extra in ("", *one.extras)]
    while todo:
        requirement, extra = todo.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in found or name.startswith(("nvidia-", "cuda-", "triton")):
            continue
        found.add((name, extra))
        for text in metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                todo += [(needed, inner) for inner in ("", *needed.extras)]
    return {name for name, _ in found}


# --- make ----------------------------------------------------------------------------------------------------------

# A stand-in for python, pip and uv: it installs nothing and notes what it was told.
STAND_IN = f"""\
#!/bin/sh
here=${{0##*/}}
case "$here $*" in
    "python "*"-c "* | *"pip config"*) exec {sys.executable} "$@" ;;
esac
echo "$here $* | PIP=$PIP_FIND_LINKS UV=$UV_FIND_LINKS" >> "$NOTES"
case "$*" in
    *"$FAIL_AT"*) exit 1 ;;
    *"pip install"*) ;;
    *venv*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
esac
"""


MARKER = ".venv/.locked-test-explore"


class Checkout:
    """A folder with this project's Makefile, in which `make` installs with stand-ins."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.notes = folder / "notes"
        (folder / "ci" / "lanes").mkdir(parents=True)
        (folder / "tools").mkdir()
        for path in ("Makefile", "pyproject.toml", "ci/lanes/locked.txt"):
            shutil.copyfile(ROOT / path, folder / path)
        for name in ("python", "uv"):
            (folder / "tools" / name).write_text(STAND_IN)
            (folder / "tools" / name).chmod(0o755)

    def make(self, *arguments: str, fail_at: str = "nowhere", **environment: str) -> list[str]:
        """Install, and return what python or uv was told to do."""
        self.notes.write_text("")
        done = self.run(MARKER, f"PYTHON={self.folder}/tools/python", *arguments, fail_at=fail_at, **environment)
        assert (done.returncode != 0) == (fail_at != "nowhere"), done.stderr
        return self.notes.read_text().splitlines()

    def run(self, *arguments: str, fail_at: str = "nowhere", **environment: str) -> subprocess.CompletedProcess:
        path = f"{self.folder}/tools:/usr/bin:/bin"
        settings = {"PATH": path, "PIP_CONFIG_FILE": os.devnull, "NOTES": str(self.notes), "FAIL_AT": fail_at}
        return subprocess.run(
            ["make", *arguments], cwd=self.folder, env={**settings, **environment}, capture_output=True, text=True
        )


@pytest.fixture
def checkout(tmp_path) -> Checkout:
    if not shutil.which("make", path="/usr/bin:/bin"):
        pytest.skip("make is not installed")
    return Checkout(tmp_path / "checkout")


WITHOUT_UV, WITH_UV = "UV=", "UV_FIND_LINKS="


def test_pip_installs_the_project_with_the_versions_of_the_lane(checkout):
    venv, project = checkout.make(WITHOUT_UV)
    assert "-m venv .venv" in venv
    assert "--constraint ci/lanes/locked.txt --editable .[test,explore]" in project


def test_the_extras_are_yours_to_choose_and_to_change(checkout):
    marker = ".venv/.locked-test-explore-spark-classroom"
    chosen = (f"PYTHON={checkout.folder}/tools/python", "EXTRAS=test,explore,spark,classroom")
    assert checkout.make()
    assert checkout.run(marker, *chosen).returncode == 0
    *_, project = checkout.notes.read_text().splitlines()
    assert "--editable .[test,explore,spark,classroom]" in project and " venv" not in project
    assert [path.name for path in (checkout.folder / ".venv").glob(".locked*")] == [Path(marker).name]


def test_uv_installs_the_same_where_it_is_on_the_path(checkout):
    venv, project = checkout.make()
    assert venv.startswith("uv venv") and "--seed" in venv, "a learner's %pip needs pip in the environment"
    assert "--constraints ci/lanes/locked.txt --editable .[test,explore]" in project


def test_uv_looks_where_pip_would_look(checkout):
    assert "UV=/wheels,/more" in checkout.make(PIP_FIND_LINKS="/wheels /more")[1]


def test_uv_looks_where_a_configuration_file_of_pip_points(checkout, tmp_path):
    (tmp_path / "pip.conf").write_text("[install]\nfind-links =\n    /wheels\n    /more\n")
    assert "UV=/wheels,/more" in checkout.make(PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))[1]


def test_your_own_choice_for_uv_comes_first(checkout):
    assert "UV=/mine" in checkout.make(PIP_FIND_LINKS="/wheels", UV_FIND_LINKS="/mine")[1]


def test_pip_keeps_your_settings(checkout):
    assert "PIP=/wheels" in checkout.make(WITHOUT_UV, PIP_FIND_LINKS="/wheels")[1]
    shadowing = re.findall(r"^(?:PIP|UV)_\w+\s*[:?+]?=", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert not shadowing, "make hands such a variable on to pip and uv, in place of the user's own"


@pytest.mark.parametrize("uv", [WITHOUT_UV, WITH_UV], ids=["pip", "uv"])
class TestAgain:
    def test_a_second_make_does_nothing(self, checkout, uv):
        assert checkout.make(uv)
        assert checkout.make(uv) == []

    @pytest.mark.parametrize("changed", ["ci/lanes/locked.txt", "pyproject.toml"])
    def test_a_change_is_installed_into_the_same_environment(self, checkout, uv, changed):
        checkout.make(uv)
        later(checkout.folder / changed, than=checkout.folder / MARKER)
        told = checkout.make(uv)
        assert len(told) == 1 and not any(" venv" in line for line in told)

    def test_a_half_finished_install_is_not_taken_for_a_finished_one(self, checkout, uv):
        checkout.make(uv, fail_at="--editable")
        leftover = checkout.folder / ".venv" / "half-unpacked"
        leftover.touch()
        assert len(checkout.make(uv)) == 2
        assert not leftover.exists()

    def test_a_half_finished_update_is_not_taken_for_a_finished_one(self, checkout, uv):
        checkout.make(uv)
        later(checkout.folder / "pyproject.toml", than=checkout.folder / MARKER)
        checkout.make(uv, fail_at="--editable")
        assert len(checkout.make(uv)) == 2


def later(path: Path, than: Path) -> None:
    moment = than.stat().st_mtime + 10
    os.utime(path, (moment, moment))


def test_an_old_python_is_refused_with_a_way_out(checkout):
    old = checkout.folder / "tools" / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")  # what the version check answers
    old.chmod(0o755)
    for uv in (WITHOUT_UV, WITH_UV):
        done = checkout.run("lab", f"PYTHON={old}", uv)
        assert done.returncode != 0
        assert "needs Python 3.11 or newer" in done.stderr and "make lab PYTHON=" in done.stderr
        assert not (checkout.folder / ".venv").exists()


def test_a_python_without_venv_is_refused_with_a_way_out(checkout):
    debian = checkout.folder / "tools" / "debian"
    debian.write_text('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac\n')
    debian.chmod(0o755)
    done = checkout.run("lab", f"PYTHON={debian}", WITHOUT_UV)
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr and "uv" in done.stderr


def test_make_alone_lists_the_commands(checkout):
    told = checkout.run().stdout
    assert "make lab" in told and "make test" in told
    phony = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    assert sorted(phony) == sorted(re.findall(r"make (\w+)", told))


# --- the repository ------------------------------------------------------------------------------------------------


def test_ci_runs_the_command_of_the_readme():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().endswith("\nmake test")


@pytest.mark.parametrize("path", [".venv/x", "workspace/a/b.ipynb", "uv.lock", "ci/runs/locked/x.ipynb", "dist/x.whl"])
def test_git_never_takes_what_is_made_here(path):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    assert subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT).returncode == 0
