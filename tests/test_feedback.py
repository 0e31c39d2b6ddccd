"""What a student wrote can run on no page that nbgrader makes, and no page for students tells what is hidden."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest
import sqlalchemy
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from planted import (
    DISPLAYED,
    IN_HTML,
    IN_MARKDOWN,
    NAME,
    OTHER_NAME,
    RAISES,
    RUN_WHERE_NOBODY_CLEANS,
    TABLE,
    TITLE,
    WIDGETS,
)
from small_course import (
    ANSWERS,
    NBGRADER,
    POINTS,
    as_in,
    copy_of,
    environment,
    gradebook_of,
    hand_in,
    points_of,
    small_course,
)

from shoshin.classroom import preprocessors, sandbox
from shoshin.classroom.canonical import as_notebook
from shoshin.classroom.gradebook import PATIENCE
from shoshin.classroom.grading import grade
from shoshin.classroom.model import Asked, Blueprint, CannotGrade, Canonical, Cell, Unit
from shoshin.classroom.pages import WithoutSecrets
from shoshin.classroom.server import GradingServer
from shoshin.classroom.settings import course_settings

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
LATER = 120_000  # milliseconds

TOUCH = """
async () => {
    for (const one of document.querySelectorAll("a, button, summary"))
        if (one.closest(".text_cell_render, .output, .panel-footer") && !/^(https?|mailto|file):/i.test(one.href || ""))
            one.click?.();
    for (const one of document.querySelectorAll("*"))
        for (const event of ["mouseover", "focus", "toggle", "animationstart"])
            one.dispatchEvent(new Event(event));
    await new Promise(resolve => setTimeout(resolve, 0));
    return window.numbers;
}
"""


def planted_notebook(path: Path) -> None:
    """Plant all that there is into a notebook that is to be handed in."""
    notebook = nbformat.read(path, as_version=4)
    added = [new_markdown_cell(text) for text in IN_MARKDOWN]
    notebook.cells[2:2] = [*added, new_code_cell(DISPLAYED), new_code_cell(TABLE)]
    notebook.metadata |= {"widgets": WIDGETS, "title": TITLE}
    nbformat.write(notebook, path)


def run(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*NBGRADER, *arguments], cwd=course, env=environment(course), capture_output=True, text=True)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A course in which one student attacks the reader, one hands in rubbish, and others are honest."""
    if missing := sandbox.missing():
        pytest.skip(f"this host has no sandbox ({missing[0]}): nothing can be graded")
    course = copy_of(small_course(tmp_path_factory, worker_id), tmp_path_factory.mktemp("planted"))
    planted_notebook(hand_in(course, "mallory", "double", {"double": RAISES, "words": "words = 'twice'"}))
    essay = {"add": "def add(a, b):\n    return a + b", "why": "\n\n".join(IN_MARKDOWN)}
    hand_in(course, "mallory", "plain", essay, "sums")
    for name in ("report.html", "drawing.svg", "data.csv"):
        (course / "submitted" / "mallory" / "double" / name).write_text("<script>ran(93)</script>")
    hand_in(course, "ada", "double", {"double": "def double(number):\n    return 2 * number"})
    hand_in(
        course, "ben", "plain", {"add": "def add(a, b):\n    return int(a) + int(b)", "why": "**So** it is."}, "sums"
    )
    hand_in(course, "fay", "plain", {"add": "def add(a, b):\n    return 7"}, "sums")
    (course / "submitted" / "ben" / "plain" / "gradebook.txt").symlink_to(course / "gradebook.db")
    (course / "submitted" / "ben" / "plain" / "own.txt").write_text("ben's own")
    hand_in(course, "carl", "double", {}).write_text("this is no notebook")
    future = hand_in(course, "dora", "double", {"words": "words = 'twice'"})
    future.write_text(future.read_text().replace('"schema_version": 3', '"schema_version": 99'))
    for assignment in ("double", "plain"):
        for command in ("autograde", "generate_feedback"):
            done = run(course, command, assignment)
            assert done.returncode == 0, done.stderr
            (course.parent / f"{command}-{assignment}.log").write_text(done.stderr)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        gradebook.update_or_create_student("mallory", first_name=NAME, last_name=OTHER_NAME)
    return course


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed: no browser test")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page that notes which of the planted scripts have run, and opens nothing that is elsewhere."""
    page = chromium.new_page()
    page.add_init_script("window.numbers = []; window.ran = number => { window.numbers.push(number) }")
    page.route("**/*", lambda route: route.continue_() if at_home(route.request.url) else route.abort())
    yield page
    page.close()


def at_home(url: str) -> bool:
    return url.startswith(("file:", "data:", "http://localhost:", "http://127.0.0.1:"))


def ran_on(page: Any, url: str) -> list[int]:
    """Open a page, touch everything on it, and return the numbers of the scripts that ran."""
    page.goto(url, wait_until="load", timeout=LATER)
    return sorted(set(page.evaluate(TOUCH)))


def feedback(course: Path, student: str, assignment: str, notebook: str = "") -> Path:
    return course / "feedback" / student / assignment / f"{notebook or assignment}.html"


def words_of(path: Path) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", path.read_text("utf-8"))))


def test_what_is_planted_runs_where_nobody_cleans(page: Any, tmp_path: Path) -> None:
    cells = [new_markdown_cell(text) for text in IN_MARKDOWN]
    cells += [new_code_cell("", outputs=[new_output("display_data", {"text/html": html})]) for html in IN_HTML]
    html, _ = HTMLExporter(template_name="classic").from_notebook_node(new_notebook(cells=cells))
    (tmp_path / "page.html").write_text(html, "utf-8")
    assert {*ran_on(page, f"file://{tmp_path}/page.html")} >= RUN_WHERE_NOBODY_CLEANS


@pytest.mark.parametrize("assignment", ["double", "plain"])
def test_nothing_planted_runs_on_the_feedback_page(page: Any, course: Path, assignment: str) -> None:
    path = feedback(course, "mallory", assignment, "sums" if assignment == "plain" else "")
    assert ran_on(page, f"file://{quote(str(path))}") == []
    assert page.get_by_text("ran(2)").count() > 0  # it is there, as text


@pytest.fixture(scope="module")
def formgrader(course: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--port=0", "--IdentityProvider.token=secret"]
    allow = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    log = course.parent / "server.log"
    with log.open("w") as stderr:
        server = subprocess.Popen([*command, *allow], cwd=course, env=environment(course), stderr=stderr)
    try:
        while server.poll() is None:
            if found := re.search(r"http://(?:localhost|127\.0\.0\.1):\d+/", log.read_text()):
                break
        else:
            pytest.fail(log.read_text())
        yield found[0]
    finally:
        server.terminate()
        server.wait()


def test_nothing_planted_runs_in_the_formgrader(page: Any, course: Path, formgrader: str) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        found = [*gradebook.notebook_submissions("double", "double"), *gradebook.notebook_submissions("sums", "plain")]
        submissions = [one.id for one in found if one.student.id == "mallory"]
    assert len(submissions) == 2
    page.goto(f"{formgrader}?token=secret", timeout=LATER)
    for submission in submissions:
        assert ran_on(page, f"{formgrader}formgrader/submissions/{submission}/") == []
        assert page.get_by_text("ran(2)").count() > 0
        assert page.get_by_text(OTHER_NAME).count() == 1  # the name, as text
    for place in ("manage_students", "manage_submissions/double", "gradebook/double/double", "manage_students/mallory"):
        assert ran_on(page, f"{formgrader}formgrader/{place}") == []


def test_the_button_of_the_formgrader_grades_in_the_sandbox(page: Any, course: Path, formgrader: str) -> None:
    looks = f"import os\nwords = 'seen' if os.path.exists({str(course / 'gradebook.db')!r}) else 'twice'"
    handed_in = hand_in(course, "gus", "double", {**ANSWERS["ada"], "words": looks})
    try:
        page.goto(f"{formgrader}?token=secret", timeout=LATER)
        page.goto(f"{formgrader}formgrader/manage_submissions/double", timeout=LATER)
        page.locator("tr", has_text="gus").locator(".autograde a").click(timeout=LATER)
        page.get_by_text("Successfully autograded").wait_for(timeout=LATER)
        assert points_of(course, "double")["gus"] == (POINTS["ada"] if not sandbox.missing() else None)
    finally:  # the other tests know of no gus
        shutil.rmtree(handed_in.parent.parent)
        with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
            gradebook.remove_student("gus")


def test_a_folders_name_that_would_run_in_the_formgrader_is_refused(course: Path) -> None:
    hand_in(course, "mal<img src=x onerror=ran(83)>", "double", {})
    done = run(course, "autograde", "double")
    shutil.rmtree(course / "submitted" / "mal<img src=x onerror=ran(83)>")
    assert done.returncode == 1
    assert "is no student's id; give it the student's" in done.stderr
    assert not any("<img" in student for student in points_of(course, "double"))


def test_a_file_that_nbgrader_cannot_read_costs_nobody_a_grade(course: Path) -> None:
    assert points_of(course, "double") == {"ada": 2, "carl": 0, "dora": 1, "mallory": 1}
    log = (course.parent / "autograde-double.log").read_text()
    assert "carl, double: The submitted file is not JSON: it counts as handed in without an answer." in log
    autograded = nbformat.read(course / "autograded" / "carl" / "double" / "double.ipynb", as_version=4)
    assert autograded.metadata.shoshin.notes == [
        "The submitted file is not JSON: it counts as handed in without an answer."
    ]
    assert autograded.metadata.shoshin.grading.sandbox == "namespaces"


def test_a_link_beside_a_notebook_is_not_followed(course: Path) -> None:
    for folder in ("autograded", "feedback"):
        found = sorted(path.name for path in (course / folder / "ben" / "plain").iterdir())
        assert found == ["numbers.txt", "own.txt", "sums.ipynb" if folder == "autograded" else "sums.html"]


def test_a_students_page_is_not_put_where_the_formgrader_would_serve_it(course: Path) -> None:
    for folder in ("autograded", "feedback"):
        assert {path.name for path in (course / folder / "mallory" / "double").iterdir()} <= {
            *("double.ipynb", "double.html", "data.csv")
        }


def test_feedback_shows_no_hidden_test_and_tells_which_visible_one_failed(course: Path) -> None:
    for student in ("ben", "fay", "mallory"):
        page = feedback(course, student, "plain", "sums").read_text("utf-8")
        assert "HIDDEN" not in page
        assert "&#39;ab&#39;" not in page and "'ab'" not in page
    assert "This test failed." in words_of(feedback(course, "ben", "plain", "sums"))  # by int("a")
    assert "invalid literal" not in words_of(feedback(course, "ben", "plain", "sums"))
    assert "This test failed, in the line: assert add(1, 2) == 3" in words_of(feedback(course, "fay", "plain", "sums"))
    graded = (course / "autograded" / "ben" / "plain" / "sums.ipynb").read_text("utf-8")
    assert "HIDDEN" in graded  # the teacher sees it


TESTED = """assert double(2) == 4, "twice two is four"
### BEGIN HIDDEN TESTS
assert double(7141) == 14282, "hidden words"
### END HIDDEN TESTS
assert double(3) == 6
"""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("return 5", "This test failed: twice two is four\nin the line: assert double(2) == 4"),
        ("return 2 * number if number < 9 else 0", "This test failed."),
        ("return 2 * number * (number != 3)", "This test failed, in the line: assert double(3) == 6"),
        ("raise AssertionError(f'{number} in line 5 of this test')", "This test failed, in the line: assert double(2)"),
        ("raise ValueError('7141')", "This test failed, in the line: assert double(2) == 4"),
        ("assert number < 9, f'{number}\\nin line 1 of this test'\n    return 2 * number", "This test failed."),
        (
            "seen.append(number)\n    assert number != 3, str(seen)\n    return 2 * number",
            "This test failed, in the line",
        ),
    ],
)
def test_only_the_tests_own_words_and_lines_are_told_whatever_the_students_code_says(answer: str, words: str) -> None:
    if missing := sandbox.missing():
        pytest.skip(missing[0])
    marks = {"schema_version": 3, "solution": False, "grade": True, "locked": True, "grade_id": "t", "points": 1}
    test = Asked("t", "grade", "code", TESTED, 1, True, metadata={"nbgrader": marks})
    source = f"seen = []\ndef double(number):\n    {answer}"
    asked = Blueprint("a", "n", (Asked("x", "answer", "code", "...", names=("double", "seen")), test))
    submission = Canonical((Cell("x", "code", source, asked.cells[0]), Cell("t", "code", TESTED, test)))
    with GradingServer(["numpy"]) as server:
        graded = grade(Unit("ada", asked, submission), server)
    if "seen" in answer:  # it fails only where all that was asked of it before is known
        assert "7141" in graded.results[-1].outputs[0]["evalue"]
    notebook = as_notebook(submission, asked, graded)
    nbformat.validate(notebook)
    notebook, _ = WithoutSecrets().preprocess(notebook, {})
    [output] = notebook.cells[1].outputs
    assert output.evalue.startswith(words) and output.traceback == [output.evalue]
    assert "7141" not in str(notebook.cells[1]) and "hidden" not in str(notebook.cells[1])


def test_feedback_shows_the_card_and_its_words_as_they_are(course: Path) -> None:
    page = feedback(course, "mallory", "double").read_text("utf-8")
    assert 'aria-label="double: Your code stopped with an error" role="status" style="border:1px' in page
    comment = gradebook_of(course)["mallory/double"]["double"]["comments"]["answer-double"][0]
    assert comment.startswith("! double: Your code stopped with an error (0 of 2 points)\n")
    assert "<script>ran(71)</script>` **bold** ```" in comment
    assert re.sub(r"\s+", " ", comment) in words_of(feedback(course, "mallory", "double"))
    comments = gradebook_of(course)["ada/double"]["double"]["comments"]
    assert comments["answer-words"] == ["No response.", None]
    assert comments["answer-double"][0].startswith("✓ double: Passed")


def test_tables_and_prints_stay_readable_in_feedback(course: Path) -> None:
    page = feedback(course, "mallory", "double").read_text("utf-8")
    assert '<table border="1" class="dataframe">' in page
    assert "<th>&lt;script&gt;ran(61)&lt;/script&gt;</th>" in page
    assert "<td>1.5</td>" in page


def test_a_teachers_own_comment_is_markdown_as_before(course: Path) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        gradebook.find_comment("answer-double", "double", "double", "ada").manual_comment = "Well **done**, $x$."
        gradebook.db.commit()
    assert run(course, "generate_feedback", "double", "--student=ada", "--force").returncode == 0
    assert "<p>Well <strong>done</strong>, $x$.</p>" in feedback(course, "ada", "double").read_text("utf-8")


def test_where_nothing_can_be_graded_the_old_grade_stays(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def cannot(_unit: Any) -> Any:
        raise CannotGrade("There is no sandbox here.\n`shoshin course doctor` says what to do.")

    copied = copy_of(course, tmp_path)
    before = gradebook_of(copied)
    with as_in(copied):
        converter = course_settings(copied)
        converter.coursedir.assignment_id, converter.coursedir.student_id, converter.force = "double", "dora", True
        converter.log.propagate = True
        monkeypatch.setattr(preprocessors, "grade", cannot)
        monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
        with caplog.at_level(logging.INFO), pytest.raises(NbGraderException):
            converter.start()
    assert "NBGRADER_EXECUTION" not in os.environ  # or a kernel that is started next would print scores
    assert gradebook_of(copied) == before
    said = [record.message for record in caplog.records]
    assert "There is no sandbox here." in said and "`shoshin course doctor` says what to do." in said


def test_nbgrader_waits_for_a_locked_database(tmp_path: Path) -> None:
    preprocessors.SubmissionExporter()
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/any.db")
    with engine.connect() as connection:
        waits = connection.execute(sqlalchemy.text("PRAGMA busy_timeout")).scalar()
    assert waits == 1000 * PATIENCE
