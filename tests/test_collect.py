"""Downloads from learning platforms become submissions; what is hostile in them is refused, and stops nobody else."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine
from typer.testing import CliRunner

from shoshin.classroom import collect
from shoshin.classroom.collect import Collected, archives, check_submission, entries, submitted
from shoshin.cli import app
from shoshin.errors import ShoshinError

HONEST = ("jane/ps1.ipynb", b"the work of jane")
MOODLE = "Jane Doe_4711_assignsubmission_file_"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    (folder / "release" / "ps1").mkdir(parents=True)
    (folder / "release" / "ps1" / "ps1.ipynb").write_text("{}")
    (folder / "release" / "ps1" / "2024_01_rain.csv").write_text("day,mm")
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    return folder


def with_gradebook(course: Path, *students: dict[str, str], notebooks: Iterable[str] = ("ps1",)) -> None:
    url = f"sqlite:///{course}/gradebook.db"
    Base.metadata.create_all(create_engine(url))  # which spares Gradebook to run alembic
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("ps1")
        for notebook in notebooks:
            gradebook.add_notebook(notebook, "ps1")
        for student in students:
            gradebook.add_student(student.pop("id"), **student)


Content = bytes | str
Files = Iterable[tuple[str | zipfile.ZipInfo, Content]] | dict[str, Content]


def zipped(course: Path, files: Files) -> Path:
    path = course.parent / "download.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return path


def tarred(course: Path, members: Iterable[tuple[tarfile.TarInfo | str, bytes]], mode: str = "w:gz") -> Path:
    path = course.parent / "download.tar.gz"
    with tarfile.open(path, mode) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def collected_files(course: Path) -> dict[str, str]:
    paths = [path for path in (course / "submitted").rglob("*") if path.is_file() and not path.is_symlink()]
    return {path.relative_to(course / "submitted").as_posix(): path.read_text() for path in paths}


def run(course: Path, source: Path, **options: object) -> Collected:
    return collect.collect(course, "ps1", source, **options)  # type: ignore[arg-type]


def reasons(collected: Collected) -> str:
    return "\n".join(f"{path}: {why}" for path, why in collected.refused)


# What platforms make


def test_moodles_folders_become_submissions(course: Path) -> None:
    files = {
        f"{MOODLE}/ps1.ipynb": "jane",
        f"{MOODLE}/plots/one.png": "picture",
        "Jane Doe_4711_assignsubmission_onlinetext_/onlinetext.html": "what she typed into Moodle",
        "Roe John_4712_assignsubmission_file_/ps1/ps1.ipynb": "john",
    }
    collected = run(course, zipped(course, files))
    assert collected_files(course) == {
        "4711/ps1/ps1.ipynb": "jane",
        "4711/ps1/plots/one.png": "picture",
        "4712/ps1/ps1.ipynb": "john",
    }
    assert collected.students == ["4711", "4712"]
    assert not collected.refused
    assert "--roster" in str(collected.told)  # the numbers hold for one assignment only


def test_moodles_flat_files_become_submissions(course: Path) -> None:
    files = {f"{MOODLE}ps1.ipynb": "jane", "Ø, Åse-Lin_4712_assignsubmission_file_ps1.ipynb": "åse"}
    assert not run(course, zipped(course, files)).refused
    assert collected_files(course) == {"4711/ps1/ps1.ipynb": "jane", "4712/ps1/ps1.ipynb": "åse"}


def test_canvas_files_become_submissions_and_the_latest_attempt_counts(course: Path) -> None:
    files = {
        "doejane_12345_67890_ps1.ipynb": "first",
        "doejane_12345_67891_ps1-1.ipynb": "second",
        "roejohn_LATE_12346_67892_ps1.ipynb": "late",
        "doejane_12345_67893_2024_01_rain.csv": "day,mm",
    }
    collected = run(course, zipped(course, files))
    assert collected_files(course) == {
        "12345/ps1/ps1.ipynb": "second",
        "12345/ps1/2024_01_rain.csv": "day,mm",
        "12346/ps1/ps1.ipynb": "late",
    }
    assert ("doejane_12345_67890_ps1.ipynb", "left out: doejane_12345_67891_ps1-1.ipynb is later") in collected.told
    assert ("roejohn_LATE_12346_67892_ps1.ipynb", "marked as late") in collected.told
    assert not collected.refused


@pytest.mark.parametrize("packed", ["folder", "tar", "tar.gz"])
def test_a_folder_for_each_student_is_collected_from_any_kind_of_download(course: Path, packed: str) -> None:
    download = course.parent / "download"
    for student in ("jane", "john@uni.edu"):
        (download / student / "ps1").mkdir(parents=True)
        (download / student / "ps1" / "ps1.ipynb").write_text(student)
    if packed != "folder":
        with tarfile.open(course.parent / packed, "w:gz" if packed == "tar.gz" else "w") as archive:
            archive.add(download, ".")
        download = course.parent / packed
    collected = run(course, download)
    assert collected.new == ["jane/ps1.ipynb", "john@uni.edu/ps1.ipynb"]
    assert collected_files(course) == {"jane/ps1/ps1.ipynb": "jane", "john@uni.edu/ps1/ps1.ipynb": "john@uni.edu"}


@pytest.mark.parametrize(
    "name", ["ps1 (1).ipynb", "ps1(2).ipynb", "ps1-1.ipynb", "PS1.ipynb", "ps1.IPYNB", "ps1 (1)-2.ipynb"]
)
def test_a_notebook_that_a_browser_renamed_is_taken_and_told(course: Path, name: str) -> None:
    collected = run(course, zipped(course, {f"jane/{name}": "jane"}))
    assert collected_files(course) == {"jane/ps1/ps1.ipynb": "jane"}
    assert collected.told == [(f"jane/{name}", "taken as ps1.ipynb")]


def test_of_renamed_copies_the_last_counts(course: Path) -> None:
    run(course, zipped(course, {"jane/ps1 (2).ipynb": "3", "jane/ps1.ipynb": "1", "jane/ps1 (10).ipynb": "11"}))
    assert collected_files(course) == {"jane/ps1/ps1.ipynb": "11"}


def test_a_notebook_whose_own_name_ends_with_a_number_is_no_copy(course: Path) -> None:
    with_gradebook(course, notebooks=["ps1", "ps1-1"])
    run(
        course, zipped(course, {"jane/ps1-1.ipynb": "one", "jane/ps1.ipynb": "none", "jane/ps1-1 (1).ipynb": "new one"})
    )
    assert collected_files(course) == {"jane/ps1/ps1-1.ipynb": "new one", "jane/ps1/ps1.ipynb": "none"}


def test_what_operating_systems_leave_behind_is_passed_over(course: Path) -> None:
    left = [
        "__MACOSX/jane/._ps1.ipynb",
        "jane/.DS_Store",
        "jane/Thumbs.db",
        "jane/.ipynb_checkpoints/ps1-checkpoint.ipynb",
    ]
    collected = run(course, zipped(course, [HONEST, *((name, "x") for name in left)]))
    assert (collected.new, collected.refused, collected.told) == (["jane/ps1.ipynb"], [], [])


@pytest.mark.parametrize(
    ("names", "path"),
    [
        ("{student}_{file}", "jane_ps1.ipynb"),
        ("week 3/{student}/final/{file}", "week 3/jane/final/ps1.ipynb"),
        (r"hw-(?P<file>\w+\.ipynb)-by-(?P<student>\w+)\.ipynb", "hw-ps1.ipynb-by-jane.ipynb"),
        (
            r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)",
            "x_jane_attempt_2016-01-30-15-00-00_ps1.ipynb",
        ),
    ],
)
def test_names_of_any_other_kind_are_read_with_a_pattern(course: Path, names: str, path: str) -> None:
    assert run(course, zipped(course, {path: "jane"}), names=names).new == ["jane/ps1.ipynb"]


def test_a_time_in_the_name_is_the_time_of_submission_and_tells_which_attempt_is_later(course: Path) -> None:
    files = {f"ps1_jane_attempt_2016-01-{day}-15-00-00_ps1.ipynb": f"of day {day}" for day in (30, 31, 29)}
    pattern = r"ps1_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)"
    run(course, zipped(course, files), names=pattern)
    assert collected_files(course) == {
        "jane/ps1/ps1.ipynb": "of day 31",
        "jane/ps1/timestamp.txt": "2016-01-31 15:00:00 UTC",
    }


@pytest.mark.parametrize("names", ["(", "{student}", r"(?P<student>\w+)"])
def test_a_pattern_that_names_no_student_or_file_is_told(course: Path, names: str) -> None:
    with pytest.raises(ShoshinError, match="--names"):
        run(course, zipped(course, [HONEST]), names=names)


def test_the_times_in_an_archive_count_only_if_the_teacher_says_so(course: Path) -> None:
    info = zipfile.ZipInfo("jane/ps1.ipynb", (2024, 5, 1, 12, 0, 0))
    info.extra = struct.pack("<HHBl", 0x5455, 5, 1, 1714557601)  # Info-ZIP's time, in UTC
    source = zipped(course, [(info, "jane")])
    run(course, source)
    assert "jane/ps1/timestamp.txt" not in collected_files(course)
    (course / "submitted" / "jane" / "ps1" / "ps1.ipynb").unlink()
    run(course, source, times=True)
    assert collected_files(course)["jane/ps1/timestamp.txt"] == "2024-05-01 10:00:01 UTC"


# Who is who


def test_an_unknown_student_is_refused_and_the_nearest_is_named(course: Path) -> None:
    with_gradebook(course, {"id": "jane.doe"}, {"id": "john"})
    collected = run(
        course, zipped(course, {"jane.do/ps1.ipynb": "?", "john/ps1.ipynb": "john", "12345/ps1.ipynb": "?"})
    )
    assert collected.new == ["john/ps1.ipynb"]
    assert "'jane.do' is no student of this course; did you mean 'jane.doe'?" in reasons(collected)
    assert "'12345' is no student of this course" in reasons(collected)


def test_canvas_numbers_are_looked_up_in_the_gradebook(course: Path) -> None:
    with_gradebook(course, {"id": "jane", "lms_user_id": "12345"}, {"id": "john", "lms_user_id": "12346"})
    collected = run(course, zipped(course, {"doejane_12345_1_ps1.ipynb": "jane", "x_9_2_ps1.ipynb": "?"}))
    assert collected.new == ["jane/ps1.ipynb"]
    assert "'9' is no student of this course, nor any student's lms_user_id" in reasons(collected)


WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,"Feedback comments"
Participant 4711,Jane Doe,jane@uni.edu,Submitted,,"two
lines"
Teilnehmer/in4712,John Roe,john@uni.edu,Submitted,,
"""


def test_moodles_numbers_are_looked_up_in_its_grading_worksheet(course: Path) -> None:
    roster = course.parent / "worksheet.csv"
    roster.write_text(WORKSHEET, "utf-8-sig")
    numbers = [4711, 4712, 4713]
    source = zipped(course, {f"A B_{number}_assignsubmission_file_/ps1.ipynb": str(number) for number in numbers})
    collected = run(course, source, roster=roster)
    assert collected_files(course) == {"jane@uni.edu/ps1/ps1.ipynb": "4711", "john@uni.edu/ps1/ps1.ipynb": "4712"}
    assert "'4713' is no student of this course; Moodle numbers them anew" in reasons(collected)


def test_the_worksheet_leads_to_the_ids_that_the_gradebook_has(course: Path) -> None:
    with_gradebook(course, {"id": "jdoe", "email": "jane@uni.edu", "lms_user_id": "4712"}, {"id": "jroe"})
    roster = course.parent / "worksheet.csv"
    roster.write_text(WORKSHEET)
    source = zipped(course, {f"{MOODLE}/ps1.ipynb": "jane", "Roe_4712_assignsubmission_file_/ps1.ipynb": "john"})
    assert run(course, source, roster=roster).new == ["jdoe/ps1.ipynb", "john@uni.edu/ps1.ipynb"]


def test_moodles_number_is_not_taken_for_another_number_of_a_student(course: Path) -> None:
    with_gradebook(course, {"id": "jane", "lms_user_id": "4711"})
    collected = run(course, zipped(course, {f"{MOODLE}/ps1.ipynb": "somebody's"}))
    assert not collected.new
    assert "--roster" in reasons(collected)


@pytest.mark.parametrize(
    "text",
    [
        "Student,ID,SIS User ID,SIS Login ID,Section\nPoints Possible,,,,\nDoe,12345,s1,jane,A\n",
        "id,email,lms_user_id\njane,jane@uni.edu,12345\n",
        "id;lms_user_id\njane;12345\n",
    ],
)
def test_a_roster_may_be_canvas_gradebook_or_nbgraders_list(course: Path, text: str) -> None:
    roster = course.parent / "roster.csv"
    roster.write_text(text)
    assert run(course, zipped(course, {"doejane_12345_1_ps1.ipynb": "jane"}), roster=roster).new == ["jane/ps1.ipynb"]


def test_a_roster_without_ids_is_told(course: Path) -> None:
    roster = course.parent / "roster.csv"
    roster.write_text("Vorname,Nachname\nJane,Doe\n")
    with pytest.raises(ShoshinError, match="lms_user_id"):
        run(course, zipped(course, [HONEST]), roster=roster)


def test_a_name_that_stands_for_two_students_is_refused(course: Path) -> None:
    with_gradebook(course, {"id": "jane", "lms_user_id": "7"}, {"id": "john", "lms_user_id": "7"})
    assert "more than one student" in reasons(run(course, zipped(course, {"x_7_1_ps1.ipynb": "?"})))


# Whose work it claims to be


def test_a_canvas_name_that_ends_with_a_number_claims_nobody_elses_work(course: Path) -> None:
    files = {"x_77_456_789_ps1.ipynb": "by 456, whose name ends with _77", "doejane_77_790_ps1.ipynb": "by 77"}
    collected = run(course, zipped(course, files))
    assert collected_files(course) == {"77/ps1/ps1.ipynb": "by 77"}
    assert "one student or of another" in reasons(collected)


def test_a_file_name_on_canvas_claims_nobody_elses_work(course: Path) -> None:
    files = {"evil_456_789_77_790_ps1.ipynb": "by 456", "doejane_77_791_ps1.ipynb": "by 77"}
    collected = run(course, zipped(course, files))
    assert collected_files(course) == {"77/ps1/ps1.ipynb": "by 77"}
    assert "evil_456_789_77_790_ps1.ipynb: its name can be read" in reasons(collected)


def test_a_notebook_whose_name_begins_with_numbers_comes_from_canvas_too(course: Path) -> None:
    with_gradebook(course, notebooks=["01_02_intro"])
    files = {
        "doejane_77_790_01_02_intro.ipynb": "jane",
        "roe_78_791_01_02_intro-1.ipynb": "john",
        "evil_79_792_77_793_01_02_intro.ipynb": "evil",
    }
    collected = run(course, zipped(course, files))
    assert collected_files(course) == {"77/ps1/01_02_intro.ipynb": "jane", "78/ps1/01_02_intro.ipynb": "john"}
    assert len(collected.refused) == 1


def test_a_folder_in_a_moodle_upload_claims_nobody_elses_work(course: Path) -> None:
    evil = "Evil_9_assignsubmission_file_"
    files = {f"{evil}/{MOODLE}/ps1.ipynb": "evil", f"{MOODLE}/ps1.ipynb": "jane"}
    run(course, zipped(course, files))
    assert collected_files(course) == {"4711/ps1/ps1.ipynb": "jane", "9/ps1/ps1.ipynb": "evil"}


def test_one_name_that_looks_like_another_platforms_stops_nobody(course: Path) -> None:
    files = {f"s{number}_{number}_{number + 1000}_ps1.ipynb": "canvas" for number in range(3)}
    files["x_77_assignsubmission_file_ps1.ipynb"] = "looks like Moodle"
    assert run(course, zipped(course, files)).students == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jane/ps1.ipynb", "jane/ps1.ipynb"),
        ("m\u00fcller/ps1.ipynb", "mu\u0308ller/ps1.ipynb"),
        ("stra\u00dfe/ps1.ipynb", "strasse/ps1.ipynb"),
        ("jane/a/ps1.ipynb", "jane/b/ps1.ipynb"),
        ("jane/PS1.ipynb", "jane/Ps1.ipynb"),
    ],
)
def test_two_that_some_computer_takes_for_one_are_both_refused(course: Path, one: str, other: str) -> None:
    collected = run(course, zipped(course, {one: "1", other: "2", "john/ps1.ipynb": "john"}))
    assert collected.students == ["john"]
    assert {path for path, why in collected.refused if "it claims to be" in why} == {one, other}


def test_two_names_that_lead_to_one_student_are_both_refused(course: Path) -> None:
    with_gradebook(course, {"id": "jane", "email": "jane@uni.edu"}, {"id": "john"})
    files = {"jane/ps1.ipynb": "jane", "jane@uni.edu/ps1.ipynb": "who?", "john/ps1.ipynb": "john"}
    assert run(course, zipped(course, files)).students == ["john"]


def test_two_people_under_one_number_are_both_refused(course: Path) -> None:
    files = {"doejane_12_1_ps1.ipynb": "jane", "evil_12_2_ps1.ipynb": "evil", "roe_13_3_ps1.ipynb": "john"}
    collected = run(course, zipped(course, files))
    assert collected.students == ["13"]
    assert "doejane_12_1_ps1.ipynb: it claims to be the work of 12 (doejane), and so do files of 12 (evil)" in reasons(
        collected
    )


def test_a_student_who_is_there_in_another_spelling_is_refused(course: Path) -> None:
    run(course, zipped(course, {"Jane/ps1.ipynb": "1"}))
    assert "'Jane' is there already" in reasons(run(course, zipped(course, {"jane/ps1.ipynb": "2"})))
    assert collected_files(course) == {"Jane/ps1/ps1.ipynb": "1"}


# Hostile files: each is refused for its reason, and jane's work is collected


def unix(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def with_nul() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("john/ps1.ipynb")
    info.filename = "john/ps1.ipynb\0.txt"  # zipfile would cut it off
    return info


HOSTILE_ZIP = {
    "a symbolic link": (unix("john/ps1.ipynb", stat.S_IFLNK | 0o777), "symbolic link"),
    "a symbolic link to a folder": (unix("john/ps1/", stat.S_IFLNK | 0o777), "symbolic link"),
    "a named pipe": (unix("john/ps1.ipynb", stat.S_IFIFO | 0o644), "no file"),
    "a device": (unix("john/ps1.ipynb", stat.S_IFBLK | 0o644), "no file"),
    "a folder that is a file": (unix("john/ps1.ipynb", stat.S_IFDIR | 0o755), "it is a folder"),
    "an absolute path": (zipfile.ZipInfo("/john/ps1.ipynb"), "absolute"),
    "a path upwards": (zipfile.ZipInfo("../john/ps1.ipynb"), "upwards"),
    "a path upwards in the middle": (zipfile.ZipInfo("john/../jim/ps1.ipynb"), "upwards"),
    "a path upwards at the end": (zipfile.ZipInfo("john/ps1/.."), "upwards"),
    "a drive": (zipfile.ZipInfo("C:/john/ps1.ipynb"), "colon"),
    "a stream of NTFS": (zipfile.ZipInfo("john/ps1.ipynb:x"), "colon"),
    "a backslash": (zipfile.ZipInfo("john\\..\\..\\ps1.ipynb"), "backslash"),
    "a NUL": (with_nul(), "control character"),
    "a line break": (zipfile.ZipInfo("john/ps1\n.ipynb"), "control character"),
    "an escape sequence": (zipfile.ZipInfo("john\x1b[2J/ps1.ipynb"), "control character"),
    "an empty part": (zipfile.ZipInfo("john//ps1.ipynb"), "empty"),
    "a dot as a part": (zipfile.ZipInfo("john/./ps1.ipynb"), "ends with a dot"),
    "a dot at the end": (zipfile.ZipInfo("jane./ps1.ipynb"), "ends with a dot"),
    "a space at the end": (zipfile.ZipInfo("jane /ps1.ipynb"), "a space"),
    "a long name": (zipfile.ZipInfo(f"john/{'x' * 300}.csv"), "too long"),
    "a hidden student": (zipfile.ZipInfo(".git/ps1.ipynb"), "cannot be a student's id"),
    "a student like an option": (zipfile.ZipInfo("-rf/ps1.ipynb"), "cannot be a student's id"),
    "a student with a space": (zipfile.ZipInfo("john doe/ps1.ipynb"), "cannot be a student's id"),
    "a student of glob characters": (zipfile.ZipInfo("*/ps1.ipynb"), "cannot be a student's id"),
    "no student": (zipfile.ZipInfo("ps1.ipynb"), "does not tell whose"),
    "another notebook": (zipfile.ZipInfo("john/ps2.ipynb"), "no notebook of ps1 (ps1.ipynb)"),
    "a program": (zipfile.ZipInfo("john/numpy.py"), "neither a notebook of ps1 nor data (.py)"),
    "an archive": (zipfile.ZipInfo("john/all.tar.gz"), "no archive within"),
    "a time of submission": (zipfile.ZipInfo("john/timestamp.txt"), "no student may set it"),
    "a time of submission, on a Mac": (zipfile.ZipInfo("john/TimeStamp.TXT"), "no student may set it"),
    "a hidden file": (zipfile.ZipInfo("john/.cache/x.json"), "hidden"),
    "data without a notebook": (zipfile.ZipInfo("john/data.csv"), "without a notebook"),
}


@pytest.mark.parametrize("kind", HOSTILE_ZIP)
def test_a_zip_with_something_hostile_gives_the_others_their_work(course: Path, kind: str) -> None:
    info, why = HOSTILE_ZIP[kind]
    collected = run(course, zipped(course, [(info, b"hostile"), HONEST]))
    assert collected_files(course) == {"jane/ps1/ps1.ipynb": "the work of jane"}
    assert len(collected.refused) == 1
    assert why in reasons(collected)
    assert sorted(path.name for path in course.parent.iterdir()) == ["course", "download.zip"]


def changed(path: Path, change: Callable[[bytearray], None]) -> Path:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    return path


def declared(offset: int, form: str, value: int) -> Callable[[bytearray], None]:
    """Change a field of what the list at the end of a zip says of john's file."""
    return lambda data: struct.pack_into(form, data, data.rindex(b"john/ps1.ipynb") - 46 + offset, value)


LIES = {
    "encrypted": (declared(8, "<H", 1), "it is encrypted"),
    "packed otherwise": (declared(10, "<H", 12), "not opened (method 12)"),
    "damaged": (lambda data: data.__setitem__(data.index(b"john's"), 0), "it is damaged"),
    "smaller": (declared(24, "<L", 3), "it is damaged"),
    "larger": (declared(24, "<L", 9000), "it holds 21 bytes where 9000 are declared"),
    "two names": (lambda data: data.__setitem__(data.index(b"john/"), ord("x")), "it is damaged"),
    "overlapping": (declared(20, "<L", 60), "it overlaps another file"),
    "the same bytes as another": (declared(42, "<L", 97), "it overlaps another file"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_zip_that_lies_about_a_file_is_not_believed(course: Path, lie: str) -> None:
    path = course.parent / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/", "")
        for student, content in {
            "john": "john's work, and more",
            "kim": "kim's work, and more",
            "jane": "jane",
        }.items():
            archive.writestr(f"{student}/ps1.ipynb", content)
    change, why = LIES[lie]
    collected = run(course, changed(path, change))
    assert "jane/ps1.ipynb" in collected.new
    assert not any(name.startswith("john") for name in collected_files(course))
    assert why in reasons(collected)
    assert "john/ps1.ipynb" in dict(collected.refused)


def test_what_is_packed_too_well_is_refused_before_it_is_unpacked(course: Path) -> None:
    collected = run(course, zipped(course, [("john/ps1.ipynb", bytes(3 * 2**20)), HONEST]))
    assert collected.new == ["jane/ps1.ipynb"]
    assert "it is a zip bomb: 3" in reasons(collected)


def test_a_submission_has_a_size_and_one_students_size_stops_nobody(course: Path, monkeypatch) -> None:
    monkeypatch.setattr(submitted, "MOST_FILE", 1000)
    monkeypatch.setattr(submitted, "MOST_SUBMISSION", 2500)
    monkeypatch.setattr(submitted, "MOST_FILES", 4)
    noise = os.urandom(999)
    john = [("john/ps1.ipynb", noise), *((f"john/{number}.csv", noise) for number in range(3))]
    kim = [("kim/ps1.ipynb", "kim"), *((f"kim/{number}.csv", "") for number in range(5))]
    collected = run(course, zipped(course, [*john, ("jim/ps1.ipynb", os.urandom(1001)), *kim, HONEST]))
    assert {"jane/ps1.ipynb", "john/ps1.ipynb", "kim/ps1.ipynb"} < set(collected.new)
    assert dict(collected.refused).keys() == {"jim/ps1.ipynb", "john/1.csv", "john/2.csv", "kim/3.csv", "kim/4.csv"}


def test_a_download_has_a_size(course: Path, monkeypatch) -> None:
    monkeypatch.setattr(collect, "MOST_COLLECTED", 100)
    collected = run(course, zipped(course, [HONEST, ("john/ps1.ipynb", os.urandom(100))]))
    assert collected.new == ["jane/ps1.ipynb"]
    assert "in all" in reasons(collected)


def test_a_download_has_a_number_of_files(course: Path, monkeypatch) -> None:
    monkeypatch.setattr(entries, "MOST_ENTRIES", 3)
    files = {f"s{number}/ps1.ipynb": "x" for number in range(5)}
    for source in (zipped(course, files), tarred(course, [(name, b"x") for name in files])):
        with pytest.raises(ShoshinError, match="more than 3 files"):
            run(course, source)


def test_a_list_of_files_is_not_read_if_it_would_fill_the_memory(course: Path, monkeypatch) -> None:
    monkeypatch.setattr(archives, "MOST_READ", 1000)
    with pytest.raises(ShoshinError, match="at once"):
        run(course, zipped(course, {f"student{number}/ps1.ipynb": "" for number in range(30)}))


def link(name: str, kind: bytes, to: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


HOSTILE_TAR = {
    "a symbolic link": (link("john/ps1.ipynb", tarfile.SYMTYPE), "symbolic link"),
    "a symbolic link to jane": (link("john", tarfile.SYMTYPE, "jane"), "symbolic link"),
    "a hard link": (link("john/ps1.ipynb", tarfile.LNKTYPE, "jane/ps1.ipynb"), "hard link"),
    "a named pipe": (link("john/ps1.ipynb", tarfile.FIFOTYPE, ""), "no plain file"),
    "a device": (link("john/ps1.ipynb", tarfile.CHRTYPE, ""), "no plain file"),
    "a sparse file": (link("john/ps1.ipynb", tarfile.GNUTYPE_SPARSE, ""), "no plain file"),
    "an absolute path": (tarfile.TarInfo("/john/ps1.ipynb"), "absolute"),
    "a path upwards": (tarfile.TarInfo("john/../../ps1.ipynb"), "upwards"),
    "a name that is no text": (tarfile.TarInfo("john/\udcff.csv"), "a broken one"),
}


@pytest.mark.parametrize("kind", HOSTILE_TAR)
def test_a_tar_with_something_hostile_gives_the_others_their_work(course: Path, kind: str) -> None:
    info, why = HOSTILE_TAR[kind]
    source = tarred(course, [(info, b""), HONEST])
    collected = run(course, source)
    assert collected_files(course) == {"jane/ps1/ps1.ipynb": "the work of jane"}
    assert why in reasons(collected)
    assert sorted(path.name for path in course.parent.iterdir()) == ["course", "download.tar.gz"]


def test_of_a_tar_that_is_cut_off_or_broken_what_came_before_is_collected(course: Path) -> None:
    whole = tarred(course, [HONEST, ("john/ps1.ipynb", b"john"), ("kim/ps1.ipynb", b"kim")], "w").read_bytes()
    broken = bytearray(whole)
    broken[2 * 1024 + 3] ^= 1  # in kim's header
    for number, data in enumerate([bytes(broken), whole[: 2 * 1024], whole[: 2 * 1024 + 200], whole[:1600]]):
        source = course.parent / "cut.tar"
        source.write_bytes(data)
        collected = run(course, source)
        assert "jane/ps1.ipynb" in collected.new + collected.unchanged, number
        assert "it is damaged" in reasons(collected), number


def test_a_header_of_a_tar_cannot_fill_the_memory(course: Path, monkeypatch) -> None:
    huge = tarfile.TarInfo("john/ps1.ipynb")
    huge.type, huge.size = tarfile.GNUTYPE_LONGNAME, 2**40
    source = course.parent / "huge.tar"
    jane = tarred(course, [HONEST], "w").read_bytes()[:1024]
    source.write_bytes(jane + huge.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    monkeypatch.setattr(archives, "MOST_READ", 2048)
    collected = run(course, source)
    assert collected.new == ["jane/ps1.ipynb"]
    assert "MB at once" in reasons(collected)


def test_a_tar_that_ends_with_a_students_zip_is_a_tar(course: Path) -> None:
    inner = zipped(course, {"victim/ps1.ipynb": "forged"}).read_bytes()
    source = tarred(course, [HONEST, ("john/x.zip", inner)], "w")
    assert run(course, source).new == ["jane/ps1.ipynb"]


def test_a_zip_that_is_cut_off_is_not_taken_for_a_students_zip_at_its_end(course: Path) -> None:
    inner = zipped(course, {"victim/ps1.ipynb": "forged"}).read_bytes()
    with zipfile.ZipFile(course.parent / "download.zip", "w") as archive:
        archive.writestr(*HONEST)
        archive.writestr("john/x.zip", inner)
    whole = (course.parent / "download.zip").read_bytes()
    (course.parent / "download.zip").write_bytes(whole[: whole.rindex(inner) + len(inner)])
    with pytest.raises(ShoshinError, match="download it again"):
        run(course, course.parent / "download.zip")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"\x1f\x8b\x08", b"neither"])
def test_a_file_that_is_no_archive_is_told_in_a_line(course: Path, content: bytes) -> None:
    path = course.parent / "download.zip"
    path.write_bytes(content)
    with pytest.raises(ShoshinError, match="cannot be read as a zip, a tar or a folder"):
        run(course, path)
    with pytest.raises(ShoshinError, match="cannot be read as a zip, a tar or a folder"):
        run(course, course.parent / "missing.zip")


def test_links_and_special_files_in_a_folder_are_refused(course: Path) -> None:
    download = course.parent / "download"
    for student in ("jane", "john", "kim", "lee"):
        (download / student).mkdir(parents=True)
    (download / "jane" / "ps1.ipynb").write_text("jane")
    (download / "john" / "ps1.ipynb").symlink_to(download / "jane" / "ps1.ipynb")
    (download / "jim").symlink_to(download / "jane")
    os.mkfifo(download / "kim" / "ps1.ipynb")
    (download / "lee" / "ps1.ipynb").write_text("lee")
    os.link(download / "lee" / "ps1.ipynb", course.parent / "elsewhere")
    collected = run(course, download)
    assert collected_files(course) == {"jane/ps1/ps1.ipynb": "jane"}
    whys = dict(collected.refused)
    assert (whys["jim"], whys["john/ps1.ipynb"]) == ("it is a symbolic link",) * 2
    assert "pipe" in whys["kim/ps1.ipynb"]
    assert whys["lee/ps1.ipynb"] == "it is a hard link"


# What is there already


def test_what_was_collected_is_kept_until_the_teacher_updates_it(course: Path) -> None:
    run(course, zipped(course, {"jane/ps1.ipynb": "1", "john/ps1.ipynb": "1"}))
    later = zipped(course, {"jane/ps1.ipynb": "2", "jane/more.csv": "2", "john/ps1.ipynb": "1"})
    collected = run(course, later)
    assert (collected.new, collected.unchanged) == (["jane/more.csv"], ["john/ps1.ipynb"])
    assert reasons(collected) == "jane/ps1.ipynb: what was collected before is kept (it differs); --update replaces it"
    collected = run(course, later, update=True)
    assert (collected.updated, collected.unchanged) == (["jane/ps1.ipynb"], ["jane/more.csv", "john/ps1.ipynb"])
    assert collected_files(course)["jane/ps1/ps1.ipynb"] == "2"


def test_the_time_of_an_older_submission_does_not_stay_with_a_newer_one(course: Path) -> None:
    first = zipfile.ZipInfo("jane/ps1.ipynb", (2024, 5, 1, 12, 0, 0))
    run(course, zipped(course, [(first, "1")]), times=True)
    assert "jane/ps1/timestamp.txt" in collected_files(course)
    stamp = collected_files(course)["jane/ps1/timestamp.txt"]
    run(course, zipped(course, {"jane/ps1.ipynb": "2", "jane/more.csv": "2"}))
    assert collected_files(course)["jane/ps1/timestamp.txt"] == stamp
    collected = run(course, zipped(course, {"jane/ps1.ipynb": "2"}), update=True)
    assert collected_files(course) == {"jane/ps1/ps1.ipynb": "2", "jane/ps1/more.csv": "2"}
    assert collected.told == [("jane", "its time of submission is not known any more (timestamp.txt was removed)")]


@pytest.mark.parametrize("linked", ["jane", "jane/ps1", "jane/ps1/plots", "jane/ps1/ps1.ipynb"])
def test_nothing_is_written_through_a_link(course: Path, linked: str) -> None:
    elsewhere = course.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ps1.ipynb").write_text("the gradebook")
    link = course / "submitted" / linked
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere / "ps1.ipynb" if linked.endswith(".ipynb") else elsewhere)
    source = zipped(course, {"jane/ps1.ipynb": "jane", "jane/plots/ps1.csv": "data"})
    collected = run(course, source)
    assert "a link to one" in reasons(collected) or "symbolic link" in reasons(collected)
    run(course, source, update=True)
    assert [path.name for path in elsewhere.iterdir()] == ["ps1.ipynb"]
    assert (elsewhere / "ps1.ipynb").read_text() == "the gradebook"


def test_a_submitted_folder_on_another_disk_may_be_a_link(course: Path) -> None:
    (course.parent / "disk").mkdir()
    (course / "submitted").symlink_to(course.parent / "disk")
    assert run(course, zipped(course, [HONEST])).new == ["jane/ps1.ipynb"]
    assert (course.parent / "disk" / "jane" / "ps1" / "ps1.ipynb").exists()


def test_an_assignment_that_the_course_does_not_have_is_told(course: Path) -> None:
    for name in ("ps2", "../ps1", "", ".", "ps1/.."):
        with pytest.raises(ShoshinError, match=r"assignment"):
            collect.collect(course, name, zipped(course, [HONEST]))
    assert not (course / "submitted").exists()


# Submissions that lie there


def test_a_submission_tells_which_of_its_files_must_not_be_read(course: Path, monkeypatch) -> None:
    folder = course / "submitted" / "jane" / "ps1"
    (folder / "data").mkdir(parents=True)
    (folder / "ps1.ipynb").write_text("{}")
    assert check_submission(folder) == []
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to("/etc")
    os.mkfifo(folder / "data" / "pipe")
    os.link(course / "release" / "ps1" / "ps1.ipynb", folder / "data" / "shared")
    (folder / "data" / "large").write_bytes(bytes(101))
    monkeypatch.setattr(submitted, "MOST_FILE", 100)
    assert [line.split(": ")[0] for line in check_submission(folder)] == [
        "data/large",
        "data/pipe",
        "data/shared",
        "folder",
        "passwd",
    ]
    monkeypatch.setattr(submitted, "MOST_FILES", 3)
    assert check_submission(folder) == [".: the submission has more than 3 files"]
    (course / "submitted" / "kim").symlink_to(course / "submitted" / "jane")
    assert check_submission(course / "submitted" / "kim" / "ps1") == [".: it is a symbolic link"]


# All names


NAMES = st.text(st.sampled_from("aA1_.-/\\: \u00fc\u0308\u202e\n\0(){}$~*") | st.characters(codec="utf-8"), max_size=12)
PATHS = st.lists(
    st.sampled_from(["jane", "ps1.ipynb", "..", ".", "", "submitted", "timestamp.txt", "x_1_2_ps1.ipynb"]) | NAMES,
    min_size=1,
    max_size=4,
).map("/".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paths=st.lists(PATHS, max_size=6))
def test_no_name_whatever_leads_out_of_a_submission(tmp_path_factory: pytest.TempPathFactory, paths: list[str]) -> None:
    base = tmp_path_factory.mktemp("names")
    (base / "course" / "release" / "ps1").mkdir(parents=True)
    (base / "course" / "release" / "ps1" / "ps1.ipynb").write_text("{}")
    members = [(path, path.encode("utf-8", "replace")) for path in paths]
    try:
        collected = run(base / "course", tarred(base / "course", members))
    except ShoshinError:
        assert not paths
        return
    assert {path.name for path in base.iterdir()} == {"course", "download.tar.gz"}
    assert {path.name for path in (base / "course").iterdir()} == {"release", "submitted"}
    files = {path for path in (base / "course" / "submitted").rglob("*") if path.is_file()}
    assert {Path(name.replace("/", "/ps1/", 1)) for name in collected.new} == {
        path.relative_to(base / "course" / "submitted") for path in files
    }
    assert not any(path.name == "timestamp.txt" for path in files)
    taken = [unicodedata.normalize("NFC", name).casefold() for name in collected.new]
    assert len(set(taken)) == len(taken)


# The command


def test_the_command_names_every_refused_file_in_a_line_and_exits_with_1(course: Path) -> None:
    files = {"jane/ps1.ipynb": "jane", "../ps1.ipynb": "up", "john\x1b[2J/ps1.ipynb": "clears the screen"}
    command = ["course", "collect", str(course), "ps1", str(course.parent / "download.zip")]
    zipped(course, files)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "refused: ../ps1.ipynb: its path leads upwards (..)",
        "refused: john\\x1b[2J/ps1.ipynb: its name holds a control character or a broken one",
    ]
    assert done.stdout.splitlines() == ["ps1: 1 student; files: 1 new, 0 updated, 0 unchanged, 2 refused"]
    zipped(course, {"jane/ps1.ipynb": "jane"})
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, done.stderr) == (0, "")


def test_the_command_tells_wrong_input_in_a_line_or_two_and_exits_with_2(course: Path) -> None:
    command = [sys.executable, "-m", "shoshin.cli", "course", "collect", course, "ps2", zipped(course, [HONEST])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2
    assert "nbgrader generate_assignment ps2" in done.stderr
