"""Grades leave the gradebook as Canvas and Moodle import them, and no spreadsheet runs what a student wrote."""

from __future__ import annotations

import csv
import io
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Base, Gradebook, Student
from sqlalchemy import create_engine

from shoshin.classroom.exports import CanvasExporter, GradesExporter, MoodleExporter, harmless, number
from shoshin.classroom.gradesheet import Gradesheet, Task

NAMES = {
    "jane": ("Jane", "Doe", "jane@uni.edu", "101"),
    "john": ("Jöhn, Jr.", "Roe", "john@uni.edu", "102"),
    "kim": ("=cmd|' /C calc'!A0", '@"Kim";=1', "kim@uni.edu", "103"),
    "lee": (None, None, None, None),
}


def open_gradebook(course: Path) -> Gradebook:
    url = f"sqlite:///{course}/gradebook.db"
    Base.metadata.create_all(create_engine(url))  # which spares Gradebook to run alembic
    return Gradebook(url)


@pytest.fixture
def course(tmp_path: Path, gradebook_file: Path) -> Path:
    shutil.copy(gradebook_file, tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def gradebook_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two assignments; lee has handed in nothing, and john's essay waits for a person."""
    folder = tmp_path_factory.mktemp("made")
    with open_gradebook(folder) as gradebook:
        for student, (first, last, email, lms) in NAMES.items():
            gradebook.add_student(student, first_name=first, last_name=last, email=email, lms_user_id=lms)
        gradebook.add_assignment("pca", duedate="2024-05-02 12:00:00")
        gradebook.add_notebook("pca", "pca")
        for task, points in {"scale": 2, "project": 3}.items():
            gradebook.add_solution_cell(f"answer-{task}", "pca", "pca")
            gradebook.add_grade_cell(f"check-{task}", "pca", "pca", max_score=points, cell_type="code")
        gradebook.add_solution_cell("thoughts", "pca", "pca")
        gradebook.add_assignment("essay", duedate="2024-05-01 12:00:00")
        for notebook in ("one", "two"):
            gradebook.add_notebook(notebook, "essay")
            gradebook.add_grade_cell("opinion", notebook, "essay", max_score=5, cell_type="markdown")
            gradebook.add_solution_cell("opinion", notebook, "essay")
        for student in ("jane", "john", "kim"):
            gradebook.add_submission("pca", student)
            score(gradebook, student, "scale", auto_score=2)
            score(gradebook, student, "project", auto_score=1.25)
        score(gradebook, "jane", "project", manual_score=2.5, extra_credit=0.25)
        comment = gradebook.find_comment("answer-scale", "pca", "pca", "jane")
        comment.auto_comment = "- the mean\n=is <b>0</b> & so; =on"
        gradebook.find_submission_notebook("pca", "pca", "kim").late_submission_penalty = 1.5
        gradebook.add_submission("essay", "john")
        opinion = gradebook.find_grade("opinion", "one", "essay", "john")
        opinion.manual_score, opinion.needs_manual_grade = 4, False
        gradebook.db.commit()
    return folder / "gradebook.db"


def score(gradebook: Gradebook, student: str, task: str, **scores: float) -> None:
    grade = gradebook.find_grade(f"check-{task}", "pca", "pca", student)
    grade.needs_manual_grade = False
    for name, value in scores.items():
        setattr(grade, name, value)
    gradebook.db.commit()


def export(course: Path, exporter: type[GradesExporter], **options: object) -> list[dict[str, str]]:
    path = course / "out.csv"
    with open_gradebook(course) as gradebook:
        exporter(to=str(path), **options).export(gradebook)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert not list(course.glob(".*"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


def by_student(rows: list[dict[str, str]], column: str = "SIS Login ID") -> list[dict[str, str]]:
    """Return the rows of jane, john, kim and lee; they stand in the order of their last names."""
    return sorted((row for row in rows if row[column]), key=lambda row: row[column])


def test_canvas_gets_a_column_for_each_task_and_each_total(course: Path) -> None:
    points, *students = export(course, CanvasExporter)
    jane, john, kim, lee = by_student(students)
    assert list(points) == [
        "Student",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Section",
        "essay/one: opinion",
        "essay/two: opinion",
        "essay (total)",
        "pca: project",
        "pca: scale",
        "pca (total)",
    ]
    assert list(points.values()) == ["    Points Possible", "", "", "", "", "5", "5", "10", "3", "2", "5"]
    assert list(jane.values()) == ["Doe, Jane", "101", "", "jane", "", "", "", "", "2.75", "2", "4.75"]
    assert list(john.values()) == ["Roe, Jöhn, Jr.", "102", "", "john", "", "4", "", "", "1.25", "2", "3.25"]
    assert (kim["pca: project"], kim["pca: scale"], kim["pca (total)"]) == ("1.25", "2", "1.75")
    assert list(lee.values()) == ["lee", "", "", "lee", "", "", "", "", "", "", ""]


def test_the_totals_are_those_that_nbgrader_exports(course: Path) -> None:
    from nbgrader.plugins import CsvExportPlugin

    with open_gradebook(course) as gradebook:
        CsvExportPlugin(to=str(course / "stock.csv")).export(gradebook)
    # nbgrader quotes nothing: john's name has a comma, so its columns are counted from both ends.
    stock = [line.split(",") for line in (course / "stock.csv").read_text().splitlines() if line.startswith("pca,")]
    totals = {row[3]: float(row[-2]) for row in stock if row[3] != "lee"}
    ours = by_student(export(course, CanvasExporter))
    assert {row["SIS Login ID"]: float(row["pca (total)"]) for row in ours if row["pca (total)"]} == totals
    assert len(totals) == 3


def test_moodle_gets_feedback_beside_each_grade_and_no_empty_grade(course: Path) -> None:
    jane, john, kim, lee = by_student(export(course, MoodleExporter), "Username")
    assert list(jane)[:5] == [
        "First name",
        "Last name",
        "Username",
        "essay/one: opinion",
        "essay/one: opinion (Feedback)",
    ]
    assert jane["pca: scale"] == "2"
    assert jane["pca: scale (Feedback)"] == "'- the mean\n'=is &lt;b&gt;0&lt;/b&gt; &amp; so; '=on"
    assert (john["essay/one: opinion"], john["essay/two: opinion"], john["essay (total)"]) == ("4", "-", "-")
    assert {lee[name] for name in lee if name[:5] in ("essay", "pca: ") and "Feedback" not in name} == {"-"}
    assert kim["First name"] == "'=cmd|' /C calc'!A0"


def test_a_comment_without_a_task_stands_beside_the_total(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.find_comment("thoughts", "pca", "pca", "jane").manual_comment = "well thought"
        gradebook.db.commit()
    jane, *_ = by_student(export(course, MoodleExporter, assignment=["pca"]), "Username")
    assert jane["pca (total) (Feedback)"] == "thoughts: well thought"


def test_the_comment_of_a_person_takes_the_place_of_the_automatic_one(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.find_comment("answer-scale", "pca", "pca", "jane").manual_comment = "see me"
        gradebook.db.commit()
    assert by_student(export(course, MoodleExporter), "Username")[0]["pca: scale (Feedback)"] == "see me"


def test_what_waits_for_a_person_is_left_empty_and_told(course: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        rows = export(course, CanvasExporter)
    assert [row["essay (total)"] for row in rows[1:]] == ["", "", "", ""]
    assert "essay: left empty until a person has graded john" in caplog.text


def test_students_without_a_submission_get_zero_only_if_the_teacher_says_so(course: Path) -> None:
    *_, lee = by_student(export(course, CanvasExporter, missing_as_zero=True))
    assert lee["pca: scale"] == lee["pca (total)"] == "0"
    *_, lee = by_student(export(course, MoodleExporter, missing_as_zero=True), "Username")
    assert lee["pca: scale"] == lee["pca (total)"] == "0"


@pytest.mark.parametrize(("columns", "count"), [("tasks", 4), ("total", 2), ("both", 6)])
def test_tasks_and_totals_may_be_exported_alone(course: Path, columns: str, count: int) -> None:
    assert len(export(course, CanvasExporter, columns=columns)[0]) == 5 + count


def test_assignments_and_students_may_be_chosen(course: Path) -> None:
    rows = export(course, MoodleExporter, assignment=["pca"], student=["kim", "jane"], columns="total")
    assert sorted(list(row.values())[2:4] for row in rows) == [["jane", "4.75"], ["kim", "1.75"]]
    for options in ({"assignment": ["ps9"]}, {"student": ["nobody"]}):
        with pytest.raises(SystemExit):
            export(course, MoodleExporter, **options)


def test_a_column_may_go_to_an_assignment_that_canvas_has(course: Path) -> None:
    rows = export(course, CanvasExporter, headers={"pca (total)": "Principal components (4711)"})
    assert by_student(rows)[0]["Principal components (4711)"] == "4.75"


def test_no_column_has_a_name_that_canvas_reads_as_a_number_of_its_own(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.add_assignment("week (2)")
        gradebook.add_notebook("week", "week (2)")
        gradebook.add_grade_cell("check-x", "week", "week (2)", max_score=1, cell_type="code")
    names = [name for name in export(course, CanvasExporter)[0] if name.startswith("week")]
    assert len(names) == 2
    assert not any(re.search(r"\s\(\d+\)$", name) for name in names)


def test_two_checks_of_one_name_get_two_columns(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.add_grade_cell("scale", "pca", "pca", max_score=1, cell_type="code")
    assert {"pca: scale", "pca: check-scale"} < set(export(course, CanvasExporter)[0])


@pytest.mark.parametrize(
    ("identifier", "header", "found"),
    [
        ("email", "Email address", ["jane@uni.edu", "john@uni.edu", "kim@uni.edu"]),
        ("lms_user_id", "ID number", ["101", "102", "103"]),
    ],
)
def test_moodle_finds_students_by_what_the_teacher_says_and_others_are_left_out(
    course: Path, caplog: pytest.LogCaptureFixture, identifier: str, header: str, found: list[str]
) -> None:
    with caplog.at_level(logging.WARNING):
        rows = export(course, MoodleExporter, identifier=identifier)
    assert sorted(row[header] for row in rows) == found
    assert f"Without a fitting {identifier}, students are left out: lee" in caplog.text


def test_who_shares_an_identifier_or_has_one_like_a_formula_gets_nobody_elses_grade(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.add_student("max", email="jane@uni.edu", lms_user_id="101")
        gradebook.add_student("=x", email="+x@uni.edu", lms_user_id="12abc")
        gradebook.db.commit()
    assert {row["Email address"] for row in export(course, MoodleExporter, identifier="email")} == {
        "john@uni.edu",
        "kim@uni.edu",
    }
    ids = {row["SIS Login ID"]: row["ID"] for row in export(course, CanvasExporter)}
    assert ids == {"": "", "jane": "", "max": "", "john": "102", "kim": "103", "lee": ""}


def test_a_student_whose_name_is_a_row_of_canvas_is_called_by_the_id(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.add_student("evil", last_name="  Points\nPossible", first_name="x")
    rows = export(course, CanvasExporter)
    assert [row["Student"] for row in rows if "possible" in row["Student"].lower()] == ["    Points Possible"]


def test_nothing_stays_behind_where_the_file_cannot_be_written(course: Path) -> None:
    (course / "out.csv").mkdir()
    with open_gradebook(course) as gradebook, pytest.raises(SystemExit):
        CanvasExporter(to=str(course / "out.csv")).export(gradebook)
    assert not list(course.glob(".*"))


# A spreadsheet that separates by commas, semicolons or tabs, whatever it makes of quotation marks
FORMULA = re.compile(r"[\s\"]*[=+\-@＝＋－＠]")


@given(st.text(st.sampled_from("=+-@;,\t\r\n\"' ax1＝\x00\x0b\u2028") | st.characters(codec="utf-8")))
def test_no_part_of_a_text_begins_like_a_formula(text: str) -> None:
    shown = harmless(text)
    assert not any(FORMULA.match(part) for part in re.split(r"[;\t\r\n]", shown))
    assert not any(ord(letter) < 32 and letter != "\n" for letter in shown)
    assert harmless(shown) == shown


@given(st.floats(-1e9, 1e9))
def test_a_number_stays_a_number(value: float) -> None:
    assert re.fullmatch(r"-?\d+(\.\d{1,4})?", number(value))
    assert float(number(value)) == pytest.approx(value, abs=5e-5)


TEXT = st.text(st.sampled_from("=;,\"'\n\r\t Aé") | st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(first=TEXT, last=TEXT, comment=TEXT)
def test_whatever_a_student_is_called_the_file_keeps_its_form(first: str, last: str, comment: str) -> None:
    sheet = Gradesheet(
        "pca", 2, [Task("1", "pca: scale", 2)], {("jane", "1"): 1}, {"jane": 1}, {("jane", "1"): comment}
    )
    student = Student(id="jane", first_name=first, last_name=last)
    for exporter, lines in ((CanvasExporter(), 3), (MoodleExporter(), 2)):
        file = io.StringIO(newline="")
        csv.writer(file).writerows(exporter.rows([sheet], [student]))
        header, *rows = csv.reader(io.StringIO(file.getvalue(), newline=""), strict=True)
        assert len(rows) == lines - 1
        assert {len(row) for row in rows} == {len(header)}
        assert not any(FORMULA.match(part) for cell in rows[-1] for part in re.split(r"[;\n]", cell))
        if lines == 3:  # Canvas guesses the separator by these lines
            assert len(file.getvalue().splitlines()) == lines


def test_nbgrader_export_writes_both_files(course: Path) -> None:
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.MoodleExporter.identifier = "email"\n')
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(course / "own"), "JUPYTER_DATA_DIR": str(course / "own")}
    environment["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    for platform, options in {
        "Canvas": ["--CanvasExporter.columns=total"],
        "Moodle": ["--assignment", "['pca']"],
    }.items():
        exporter = f"--exporter=shoshin.classroom.exports.{platform}Exporter"
        command = [sys.executable, "-m", "nbgrader", "export", exporter, f"--to={platform}.csv", *options]
        done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    canvas = list(csv.DictReader((course / "Canvas.csv").open(encoding="utf-8-sig", newline="")))
    assert [row["pca (total)"] for row in by_student(canvas)] == ["4.75", "3.25", "1.75", ""]
    assert list(canvas[0])[5:] == ["essay (total)", "pca (total)"]
    moodle = list(csv.DictReader((course / "Moodle.csv").open(encoding="utf-8-sig", newline="")))
    assert sorted(row["Email address"] for row in moodle) == ["jane@uni.edu", "john@uni.edu", "kim@uni.edu"]
    assert "lee" in done.stderr
