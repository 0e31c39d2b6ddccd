"""An exercise in JupyterLab, in a real browser: the card appears, names the mistake, and passes the right answer.

With SHOSHIN_SCREENSHOT=docs/images/exercise.png in the environment, the card that names the mistake is photographed.
"""

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shoshin import library
from shoshin.build.export import export, single_file
from shoshin.build.notebook import solved_notebook
from shoshin.build.source import read_exercise
from shoshin.check.about import about
from shoshin.learn.start import NAME
from shoshin.learn.workspace import lay_out

EXERCISE, TASK, MISTAKE = "models/standardise_without_leakage", "standardise", "scales_each_set_by_itself"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
LATER = 120_000  # milliseconds: a loaded machine needs them, an idle one does not wait
WRONG = """\
def standardise(train, test):
    def scale(rows):
        spread = rows.std(axis=0)
        spread[spread == 0] = 1
        return (rows - rows.mean(axis=0)) / spread

    return scale(train), scale(test)"""
RIGHT = """\
def standardise(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread[spread == 0] = 1
    return (train - mean) / spread, (test - mean) / spread"""


@pytest.fixture(scope="module")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed: no browser test")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def lab(tmp_path):
    """A running `shoshin lab`: the link it printed, and its folder."""
    folder, home = tmp_path / "exercises", tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-m", "shoshin.cli", "lab", str(folder), "--no-browser", "--port", "0", "--record-here"]
    with serving(command, home, JUPYTERLAB_SETTINGS_DIR=str(all_cells_on_the_page(tmp_path))) as link:
        yield link, folder


def all_cells_on_the_page(tmp_path) -> Path:
    """Return JupyterLab settings by which every cell is on the page, whether in view or not."""
    settings = tmp_path / "settings"
    whole = settings / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    whole.parent.mkdir(parents=True)
    whole.write_text('{"windowingMode": "none"}')
    return settings


@pytest.fixture
def bare_lab(tmp_path):
    """A JupyterLab on a Python that has every package but Shoshin: the link it printed, and its folder.

    PYTHONPATH shows the installed packages to the interpreter that made this environment, but not an editable install.
    """
    folder, home, settings = tmp_path / "downloads", tmp_path / "home", all_cells_on_the_page(tmp_path)
    for new in (folder, home):
        new.mkdir(parents=True)
    python, packages = sys._base_executable, next(path for path in sys.path if path.endswith("site-packages"))
    shown = {"PYTHONPATH": packages, "JUPYTERLAB_SETTINGS_DIR": str(settings)}
    lacks = subprocess.run(
        [python, "-c", "import shoshin"], env={**os.environ, **shown}, capture_output=True, text=True
    )
    assert "No module named 'shoshin'" in lacks.stderr
    command = [python, "-m", "jupyterlab", "--no-browser", "--port", "0", "--allow-root"]
    command += ["--app-dir", str(Path(sys.prefix) / "share" / "jupyter" / "lab"), "--notebook-dir", str(folder)]
    with serving(command, home, **shown) as link:
        yield link, folder


@contextlib.contextmanager
def serving(command, home, **shown):
    """Start a server in a home of its own, yield the link that it prints, and end it as Ctrl-C and a yes do."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG", "SHOSHIN"))
    }
    environment |= {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "jupyter"), "OMP_NUM_THREADS": "2", **shown}
    ours, keyboard = pty.openpty()  # without a terminal, Ctrl-C ends a server wherever it is just then
    server = subprocess.Popen(
        command,
        env=environment,
        stdin=keyboard,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed = []
        for line in server.stdout:
            printed.append(line)
            if link := re.search(r"http://127\.0\.0\.1:\d+/lab\S*\?token=\w+", line):
                break
        else:
            pytest.fail("".join(printed))
        yield link[0]
        os.killpg(server.pid, signal.SIGINT)
        os.write(ours, b"y\n")  # yes, shut down
        rest = server.communicate(timeout=180)[0]
        assert (server.returncode, "Traceback" in rest) == (0, False), rest
    finally:
        server.kill()
        os.close(ours)
        os.close(keyboard)


@pytest.fixture
def page(chromium, lab):
    """The exercise, open in JupyterLab, its kernel ready."""
    link, _folder = lab
    page = chromium.new_page(viewport={"width": 1024, "height": 900}, device_scale_factor=2)
    page.goto(opening(link, f"{EXERCISE}.ipynb"))
    page.get_by_text("| Idle").wait_for(timeout=LATER)
    yield page
    page.close()


def opening(link: str, path: str) -> str:
    """Return the link that opens a file in the JupyterLab that printed `link`."""
    return re.sub(r"/lab[^?]*\?", f"/lab/tree/{path}?", link)


def card(page, word: str):
    return page.get_by_role("status", name=f"{TASK}: {word}")


def answer(page, source: str) -> None:
    """Replace the answer's cell, run it, and run the check below it."""
    editor = page.locator(".jp-CodeCell", has_text=f"def {TASK}(train, test):").first.locator(".cm-content")
    editor.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")


def words(text: str) -> str:
    return " ".join(re.sub(r"[`*]", "", text).split())


def test_a_learner_is_told_the_mistake_and_then_passes(page, lab):
    _link, folder = lab

    # Opening and saving is not changing: a newer version may still replace this notebook.
    with page.expect_response(lambda response: response.request.method == "PUT" and EXERCISE in response.url):
        page.keyboard.press("ControlOrMeta+S")
    assert (folder / f"{EXERCISE}.ipynb").read_bytes() != library.entry(EXERCISE).notebook.read_bytes()
    assert lay_out(folder).kept == []

    run_all(page)
    card(page, "Not attempted").wait_for(timeout=LATER)

    answer(page, WRONG)
    told = card(page, "Not yet")
    told.wait_for(timeout=LATER)
    from shoshin.graders.models import standardise_without_leakage as check

    assert words(check.standardise.mistakes[MISTAKE].__doc__) in words(told.inner_text())
    if wanted := os.environ.get("SHOSHIN_SCREENSHOT"):
        photograph(page, told, Path(wanted))

    answer(page, RIGHT)
    card(page, "Passed").wait_for(timeout=LATER)


def test_two_tasks_are_solved_and_the_map_changes(chromium, lab):
    link, folder = lab
    tasks, solutions = list(library.entry(EXERCISE).tasks), about(EXERCISE).solutions
    page = chromium.new_page(viewport={"width": 1200, "height": 1000})
    page.goto(link)
    page.get_by_text("| Idle").wait_for(timeout=LATER)
    shown = page.locator(".jp-OutputArea", has_text="Where you are:").first
    shown.wait_for(timeout=LATER)
    assert "and 0 of" in shown.inner_text() and "tasks passed" in shown.inner_text()
    shown.get_by_role("link", name=library.entry(EXERCISE).title).last.click()
    page.get_by_role("tab", name=f"{Path(EXERCISE).name}.ipynb").wait_for(timeout=LATER)
    page.get_by_text("| Idle").wait_for(timeout=LATER)

    here = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
    cells = json.loads((folder / f"{EXERCISE}.ipynb").read_text())["cells"]
    for number, cell in enumerate(cells):
        for task in tasks[:2]:
            if cell["id"] == f"answer-{task}":
                here.nth(number).locator(".cm-content").click()
                page.keyboard.press("ControlOrMeta+A")
                page.keyboard.insert_text(solutions[task])
    run_all(page)
    for task in tasks[:2]:
        page.get_by_role("status", name=f"{task}: Passed").wait_for(timeout=LATER)
    page.get_by_role("status", name=f"{tasks[-1]}: Not attempted").wait_for(timeout=LATER)

    page.get_by_role("tab", name=NAME).click()
    run_all(page)
    page.get_by_text(f"begun, 2 of {len(tasks)} tasks").wait_for(timeout=LATER)
    assert f"2 of {sum(len(one.tasks) for one in library.entries())} tasks passed" in shown.inner_text()
    assert f"Finish {library.entry(EXERCISE).title}" in shown.inner_text()
    page.close()


def test_a_single_file_is_solved_where_shoshin_is_not_installed(chromium, bare_lab):
    link, folder = bare_lab
    (path,) = export([EXERCISE], folder)
    solved = single_file(solved_notebook(read_exercise(library.tree("exercises") / f"{EXERCISE}.py")))
    page = chromium.new_page(viewport={"width": 1024, "height": 900})
    page.goto(opening(link, path.relative_to(folder).as_posix()))
    page.get_by_text("| Idle").wait_for(timeout=LATER)

    run_all(page)
    page.get_by_text("The checks are ready.").wait_for(timeout=LATER)
    tasks = list(library.entry(EXERCISE).tasks)
    for task in tasks:
        page.get_by_role("status", name=f"{task}: Not attempted").wait_for(timeout=LATER)

    for number, cell in enumerate(solved.cells):
        if cell.id.startswith("answer-"):
            page.locator(".jp-Notebook .jp-Cell").nth(number).locator(".cm-content").click()
            page.keyboard.press("ControlOrMeta+A")
            page.keyboard.insert_text(cell.source)
    run_all(page)
    for task in tasks:
        page.get_by_role("status", name=f"{task}: Passed").wait_for(timeout=LATER)
    with page.expect_response(lambda response: response.request.method == "PUT"):
        page.keyboard.press("ControlOrMeta+S")
    page.close()
    records = (path.parent / "shoshin-progress.jsonl").read_text().splitlines()
    assert [json.loads(line)["outcome"] for line in records[-len(tasks) :]] == ["passed"] * len(tasks)


def run_all(page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def photograph(page, told, path: Path) -> None:
    """Take a picture of the task, the answer and the card."""
    page.get_by_text("| Idle").wait_for(timeout=LATER)
    page.keyboard.press("ArrowUp")  # the check cell is selected
    page.keyboard.press("ControlOrMeta+B")  # the file browser goes
    page.locator("#jp-left-stack").wait_for(state="hidden")
    page.locator("h2", has_text=f"Write {TASK}").evaluate("heading => heading.scrollIntoView()")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
