"""The workflows are what GitHub accepts, and call commands that exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_there_is_one_for_each_push_and_one_for_each_week():
    assert {"test.yml", "weekly.yml"} <= {path.name for path in WORKFLOWS}
    assert "make test" in (ROOT / ".github" / "workflows" / "test.yml").read_text()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_fits_the_published_schema(workflow):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(workflow)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_runner_knows_every_option_that_a_workflow_gives_it():
    runner = [sys.executable, str(ROOT / "ci" / "run_notebooks.py"), "--help"]
    known = subprocess.run(runner, capture_output=True, text=True).stdout
    for workflow in WORKFLOWS:
        for line in re.findall(r"run_notebooks\.py([^\n|]*)", workflow.read_text()):
            assert [option for option in re.findall(r"--[\w-]+", line) if option not in known] == []
