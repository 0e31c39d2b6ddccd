"""What the README and the contributor's guide tell you to type works as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from shoshin import cli

ROOT = Path(__file__).resolve().parent.parent
PAGES = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md")}

# Lines that no test types, and what proves them instead.
NOT_TYPED = {
    "python ci/run_notebooks.py --all-lanes": "makes four more environments; the weekly workflow runs it",
    "python ci/lock.py": "changes a lane; test_run_notebooks.py proves that lanes are what they say",
    "make lab": "installs an environment (test_setup.py) and starts a server (the `shoshin lab` line here)",
    "make test": "runs this very test; CI runs it on a clean checkout",
    "shoshin share": "wants a worked notebook; test_share.py has one",
    "pip download": "fetches 200 MB; its version is compared with the lane below",
    "pip config set": "changes the machine for good; that make finds the folder is in test_setup.py",
}
EXIT_CODE = {"shoshin check": 1}  # the notebook is untouched, so not every task has passed
A_SERVER = "shoshin lab"


def snippets(language: str) -> list:
    """Every fenced block of a language, named by its page and the heading above it."""
    found = []
    for page, text in PAGES.items():
        for block in re.finditer(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            heading = re.findall(r"^#+ (.*)", text[: block.start()], re.MULTILINE)[-1]
            found.append(pytest.param(block[1], id=f"{page}: {heading}"))
    return found


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the checkout, so that nothing typed there changes this one."""
    usual = shutil.ignore_patterns(".*", "__pycache__", "workspace", "runs", "dist")

    def ignore(folder: str, names: list[str]) -> set[str]:
        made = {"build"} if Path(folder) == ROOT else set()  # the lanes' environments: gigabytes
        return usual(folder, names) | made

    return shutil.copytree(ROOT, tmp_path / "copy", ignore=ignore)


@pytest.mark.parametrize("snippet", [*snippets("bash"), *snippets("sh")])
def test_a_shell_snippet_works_from_the_top_of_a_checkout(snippet, copy, tmp_path):
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(copy / "src"),  # the copy's own package and trees
        "HOME": str(tmp_path),
        "OMP_NUM_THREADS": "2",
    }
    folder = copy
    for line in snippet.splitlines():
        if line.startswith("cd "):
            folder /= line.removeprefix("cd ")
        elif line.startswith(A_SERVER):
            assert "token=" in first_link(f"{line} --no-browser --port 0", folder, environment)
        elif not line.startswith(tuple(NOT_TYPED)):
            done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
            expected = next((code for start, code in EXIT_CODE.items() if line.startswith(start)), 0)
            assert done.returncode == expected, f"{line}\n{done.stdout}{done.stderr}"


def first_link(line: str, folder: Path, environment: dict[str, str]) -> str:
    """Start a server, return the first line that it prints with a link, and end it."""
    server = subprocess.Popen(
        line.split(), cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    printed = []
    try:
        for text in server.stdout:
            printed.append(text)
            if "http://" in text:
                return text
        pytest.fail(f"{line} ended without a link:\n{''.join(printed)}")
    finally:
        server.terminate()
        server.communicate(timeout=60)


@pytest.mark.parametrize("snippet", snippets("python"))
def test_a_python_snippet_runs(snippet):
    exec(compile(snippet, "snippet", "exec"), {"__name__": "snippet"})


@pytest.mark.parametrize("page", PAGES)
def test_every_link_inside_the_repository_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", PAGES[page])
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_mentioned_exists(page):
    text = PAGES[page]
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) <= set(targets)
    verbs = typer.main.get_command(cli.app).commands
    assert set(re.findall(r"(?:`|^|\\)shoshin ([a-z]+)", text, re.MULTILINE)) <= set(verbs)


def test_the_torch_to_fetch_is_the_torch_of_the_lane():
    lane = (ROOT / "ci" / "lanes" / "locked.txt").read_text()
    pin = re.search(r"^torch==.*", lane, re.MULTILINE)[0]
    assert re.findall(r"torch==[\w.+]+", PAGES["README.md"]) == [pin]
