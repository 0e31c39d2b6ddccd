"""`shoshin lab`: the notebooks arrive, and no learner's work is ever lost."""

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from shoshin import cli, library
from shoshin.errors import ShoshinError
from shoshin.learn import lab, workspace
from shoshin.learn.start import NAME
from shoshin.learn.workspace import MANIFEST, fingerprint, lay_out

FIRST, SECOND = "models/pca", "fundamentals/arrays"


TODAY = date(2026, 11, 22)
ABOUT = {"title": "T", "minutes": 9, "level": 1, "needs": [], "packages": [], "tasks": [{"task": "f", "points": 1}]}
STUB = "def f():\n    # Your code here\n    ..."


def cell(text: str, name: str, **metadata) -> dict:
    kind = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**kind, "id": name, "metadata": metadata, "source": text.splitlines(keepends=True)}


def given(text: str) -> dict:
    return cell(text, "cell-01", nbgrader={"locked": True})


def answer(text: str, task: str = "f") -> dict:
    return cell(text, f"answer-{task}", shoshin={"role": "answer", "task": task}, nbgrader={"locked": False})


def free(text: str) -> dict:
    return cell(text, f"free-{text}")


def notebook(*cells: dict) -> str:
    return json.dumps({"metadata": {}, "nbformat": 4, "nbformat_minor": 5, "cells": cells})


def write(folder: Path, exercise: str, cells: list[dict]) -> None:
    (folder / f"{exercise}.ipynb").write_text(notebook(*cells), "utf-8")


def sources(folder: Path, exercise: str) -> list[str]:
    return ["".join(each["source"]) for each in json.loads(text(folder, exercise))["cells"]]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A library of two notebooks; calling it releases another version of both."""
    monkeypatch.setattr(library, "CHECKOUT", tmp_path / "library")

    def release(version: str) -> None:
        for exercise in (FIRST, SECOND):
            path = tmp_path / "library" / "notebooks" / f"{exercise}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            content = json.loads(notebook(given(f"# version {version}"), answer(STUB)))
            content["metadata"]["shoshin"] = ABOUT
            path.write_text(json.dumps(content), "utf-8")

    release("1")
    return release


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "my exercises"


def text(folder: Path, exercise: str) -> str:
    return (folder / f"{exercise}.ipynb").read_text("utf-8")


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_notebook_arrives_in_the_folder_of_its_unit(shelf, folder):
    assert lay_out(folder).text() == f"2 notebooks in {folder} (2 new)."
    assert files(folder) == {f"{FIRST}.ipynb", f"{SECOND}.ipynb", MANIFEST, NAME}


def test_starting_again_writes_nothing(shelf, folder):
    lay_out(folder)
    before = {name: (folder / name).stat().st_mtime_ns for name in files(folder)}
    assert lay_out(folder).text() == f"2 notebooks in {folder}."
    assert {name: (folder / name).stat().st_mtime_ns for name in files(folder)} == before


def test_a_changed_notebook_stays_and_an_untouched_one_is_updated(shelf, folder):
    lay_out(folder)
    write(folder, FIRST, [given("# version 1"), answer("def f(): return 7"), free("my own")])
    before = text(folder, FIRST)
    assert lay_out(folder).kept == [FIRST]
    assert text(folder, FIRST) == before


def test_a_newer_version_comes_around_the_answers(shelf, folder):
    lay_out(folder)
    write(folder, FIRST, [given("# version 1"), free("my own"), answer("def f(): return 7")])
    shelf("2")
    layout = lay_out(folder)
    assert (layout.updated, layout.carried, layout.copies) == ([SECOND], [FIRST], {})
    assert sources(folder, FIRST) == ["# version 2", "my own", "def f(): return 7"]
    assert "1 updated, 1 updated around your answers" in layout.text()
    assert lay_out(folder).text() == f"2 notebooks in {folder} (1 kept as you changed them)."


def test_what_cannot_be_carried_is_kept_beside_it_and_said(shelf, folder):
    lay_out(folder)
    write(folder, FIRST, [given("# version 1, and my remark"), answer("def f(): return 7"), answer("gone", task="g")])
    mine = text(folder, FIRST)
    shelf("2")
    said = lay_out(folder, TODAY).text()
    name = f"{FIRST} 2026-11-22.ipynb"
    assert f"Kept as it was in {name}: your change of the cell '# version 1, and my remark'; " in said
    assert "your answer to g, a task that is gone." in said
    assert (folder / name).read_text("utf-8") == mine
    assert sources(folder, FIRST) == ["# version 2", "def f(): return 7"]


def test_a_power_cut_between_the_notebook_and_the_manifest_costs_nothing(shelf, folder):
    lay_out(folder)
    manifest = (folder / MANIFEST).read_bytes()
    write(folder, FIRST, [given("# version 1"), answer("def f(): return 7"), free("my own")])
    shelf("2")
    lay_out(folder)
    after = text(folder, FIRST)
    (folder / MANIFEST).write_bytes(manifest)
    assert lay_out(folder).copies == {}
    assert text(folder, FIRST) == after


def test_a_notebook_that_was_only_opened_and_saved_counts_as_untouched(shelf, folder):
    lay_out(folder)
    path = folder / f"{FIRST}.ipynb"
    content = json.loads(path.read_text("utf-8"))
    content["metadata"] = {"language_info": {"name": "python", "version": "3.13.1"}}
    content["cells"][0]["source"] = "".join(content["cells"][0]["source"])
    path.write_text(json.dumps(content, indent=3), "utf-8")
    shelf("2")
    assert lay_out(folder).updated == [SECOND, FIRST]


def test_a_notebook_that_was_only_run_is_updated(shelf, folder):
    lay_out(folder)
    write(folder, FIRST, [given("# version 1") | {"execution_count": 1}, answer(STUB)])
    shelf("2")
    assert lay_out(folder).carried == [FIRST]
    assert sources(folder, FIRST) == ["# version 2", STUB]


def test_a_deleted_notebook_comes_back_fresh(shelf, folder):
    lay_out(folder)
    (folder / f"{FIRST}.ipynb").unlink()
    assert lay_out(folder).new == [FIRST]
    assert "version 1" in text(folder, FIRST)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"delivered": 3}', b"\xff\xfe"])
def test_a_damaged_manifest_costs_no_work(shelf, folder, damage):
    lay_out(folder)
    (folder / MANIFEST).write_bytes(damage)
    write(folder, FIRST, [given("# version 1"), answer("def f(): return 7"), free("my own")])
    mine = text(folder, FIRST)
    assert lay_out(folder).carried == []
    assert text(folder, FIRST) == mine
    (folder / MANIFEST).write_bytes(damage)
    shelf("2")
    layout = lay_out(folder, TODAY)
    assert (folder / f"{FIRST} 2026-11-22.ipynb").read_text("utf-8") == mine
    assert sources(folder, FIRST) == ["# version 2", "def f(): return 7", "my own"]
    assert set(layout.carried) == {FIRST, SECOND}, "without the manifest, the other one may be the learner's too"


@pytest.mark.parametrize("content", ["", notebook(free("mine"))[:40], '{"cells": 3}'])
def test_a_file_that_is_no_notebook_any_more_is_left_alone(shelf, folder, content):
    lay_out(folder)
    (folder / f"{FIRST}.ipynb").write_text(content, "utf-8")
    shelf("2")
    layout = lay_out(folder)
    assert layout.unread == [FIRST]
    assert f"{FIRST}.ipynb is no notebook any more and was left alone" in layout.text()
    assert text(folder, FIRST) == content


def test_a_full_disk_leaves_nothing_half_written(shelf, folder, monkeypatch):
    lay_out(folder)
    shelf("2")

    def full(file):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(ShoshinError, match="No space left"):
        patch.setattr(workspace.os, "fsync", full)
        lay_out(folder)
    assert files(folder) == {f"{FIRST}.ipynb", f"{SECOND}.ipynb", MANIFEST, NAME}
    assert "version 1" in text(folder, FIRST)
    assert lay_out(folder).updated == [SECOND, FIRST]


def test_after_an_interruption_the_next_start_finishes_the_work(shelf, folder, monkeypatch):
    lay_out(folder)
    shelf("2")
    replace = os.replace

    def stop_at_the_second(source, target):
        if FIRST in str(target):
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(workspace.os, "replace", stop_at_the_second)
        lay_out(folder)
    assert all(json.loads(text(folder, exercise)) for exercise in (FIRST, SECOND))
    (folder / "models" / ".pca.ipynb.part").write_text("cut short by a power fai", "utf-8")
    assert lay_out(folder).updated == [FIRST]
    shelf("3")
    assert lay_out(folder).updated == [SECOND, FIRST]
    assert files(folder) == {f"{FIRST}.ipynb", f"{SECOND}.ipynb", MANIFEST, NAME}


def test_start_here_shows_the_map_and_keeps_what_the_learner_wrote_into_it(shelf, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOSHIN_PROGRESS", str(tmp_path / "progress.jsonl"))
    lay_out(folder)
    page = json.loads((folder / NAME).read_text("utf-8"))
    shown = "".join(page["cells"][1]["outputs"][0]["data"]["text/markdown"])
    assert "0 of 2 exercises and 0 of 2 tasks passed" in shown and f"]({FIRST}.ipynb)" in shown
    page["cells"].insert(2, free("my plan for winter"))
    (folder / NAME).write_text(json.dumps(page), "utf-8")
    seen = {"v": 1, "at": "2026-11-22T12:00:00+00:00", "exercise": FIRST, "task": "f", "outcome": "passed"}
    (tmp_path / "progress.jsonl").write_text(json.dumps(seen) + "\n")
    assert lay_out(folder).copies == {}
    page = json.loads((folder / NAME).read_text("utf-8"))
    shown = "".join(page["cells"][1]["outputs"][0]["data"]["text/markdown"])
    assert "1 of 2 exercises and 1 of 2 tasks passed" in shown
    assert page["cells"][2]["source"] in ("my plan for winter", ["my plan for winter"])
    (folder / NAME).write_text("no notebook", "utf-8")
    assert lay_out(folder).unread == ["Start here"]


def test_a_workspace_may_keep_the_record_itself(shelf, folder):
    assert lab.record_of(folder) == {}
    folder.mkdir()
    (folder / lab.RECORD).touch()
    assert lab.record_of(folder) == {"SHOSHIN_PROGRESS": str(folder.resolve() / lab.RECORD)}


class TestReset:
    def test_an_exercise_starts_over_and_the_old_one_is_kept(self, shelf, folder):
        lay_out(folder)
        write(folder, FIRST, [given("# version 1"), answer("def f(): return 7")])
        mine = text(folder, FIRST)
        _target, aside = workspace.reset(folder, FIRST, today=TODAY)
        assert sources(folder, FIRST) == ["# version 1", STUB]
        assert aside.name == "pca 2026-11-22.ipynb" and aside.read_text("utf-8") == mine
        assert workspace.reset(folder, FIRST, today=TODAY)[1].name == "pca 2026-11-22 (2).ipynb"
        assert lay_out(folder).kept == []

    def test_a_task_starts_over_and_the_rest_stays(self, shelf, folder):
        lay_out(folder)
        write(folder, FIRST, [given("# version 1"), free("my own"), answer("def f(): return 7")])
        workspace.reset(folder, FIRST, "f", today=TODAY)
        assert sources(folder, FIRST) == ["# version 1", "my own", STUB]

    def test_a_deleted_notebook_is_written_and_a_damaged_one_kept(self, shelf, folder):
        lay_out(folder)
        (folder / f"{FIRST}.ipynb").unlink()
        assert workspace.reset(folder, FIRST)[1] is None
        (folder / f"{FIRST}.ipynb").write_bytes(b"\xff not a notebook")
        with pytest.raises(ShoshinError, match="no notebook any more"):
            workspace.reset(folder, FIRST, "f")
        assert workspace.reset(folder, FIRST)[1].read_bytes() == b"\xff not a notebook"

    @pytest.mark.parametrize(("task", "words"), [("g", "has no task 'g'. It has f")])
    def test_bad_input_is_named(self, shelf, folder, task, words):
        with pytest.raises(ShoshinError, match="was not laid out by Shoshin"):
            workspace.reset(folder, FIRST)
        lay_out(folder)
        with pytest.raises(ShoshinError, match=words):
            workspace.reset(folder, FIRST, task)


def said_by_lab(monkeypatch, capsys, *arguments) -> str:
    monkeypatch.setattr(sys, "argv", ["shoshin", "lab", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith("shoshin: ") and message.count("\n") <= 2
    return message


def test_a_file_in_the_folders_place_is_named_in_a_line(shelf, tmp_path, monkeypatch, capsys):
    taken = tmp_path / "notes.txt"
    taken.write_text("mine")
    assert "is a file" in said_by_lab(monkeypatch, capsys, taken)
    assert "cannot be written" in said_by_lab(monkeypatch, capsys, taken / "below")
    assert taken.read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_named_in_a_line(shelf, tmp_path, monkeypatch, capsys):
    (tmp_path / "closed").mkdir(mode=0o500)
    assert "cannot be written" in said_by_lab(monkeypatch, capsys, tmp_path / "closed")


def test_the_librarys_own_folder_is_refused(shelf, tmp_path):
    own = tmp_path / "library" / "notebooks"
    for place in (own, own / "models"):
        with pytest.raises(ShoshinError, match="its own notebooks"):
            lay_out(place)
    assert files(own) == {f"{FIRST}.ipynb", f"{SECOND}.ipynb"}


def test_the_real_notebooks_have_a_fingerprint():
    for entry in library.entries():
        assert fingerprint(entry.notebook.read_text("utf-8"))


def test_jupyter_offers_this_python_only(tmp_path, monkeypatch):
    other = tmp_path / "kernels" / "python3"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text(json.dumps({"argv": ["/elsewhere/python"], "display_name": "Mine"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    specs = lab.OneKernel().get_all_specs()
    assert list(specs) == ["python3"]
    assert specs["python3"]["spec"]["argv"][0] == sys.executable


def test_the_learners_jupyter_is_quiet_and_keeps_the_users_own_settings(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    ours, theirs = lab.environment(Path("nowhere"))["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert theirs == "mine"
    enabled = json.loads(Path(ours, "jupyter_server_config.d", "shoshin.json").read_text())
    assert set(enabled["ServerApp"]["jpserver_extensions"].values()) == {False}
    page = json.loads(Path(ours, "labconfig", "page_config.json").read_text())
    assert page["disabledExtensions"]["@jupyter/nbgrader"]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a Windows process in another way")
@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("started", [True, False], ids=["started", "starting"])
def test_ctrl_c_or_a_closed_terminal_ends_the_server_without_a_traceback(tmp_path, ending, started):
    handled = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0));"
    server = handled * started + "import sys; print('up', flush=True); sys.stdin.read()"
    (tmp_path / "lab.py").write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from shoshin.learn import lab\n"
        f"lab.command = lambda *_: [sys.executable, '-c', {server!r}]\n"
        "sys.exit(lab.serve(Path()))\n"
    )
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen([sys.executable, "lab.py"], cwd=tmp_path, text=True, start_new_session=True, **pipes)
    try:
        assert process.stdout is not None and process.stdout.readline() == "up\n"
        os.killpg(process.pid, getattr(signal, ending))  # as a terminal does
        assert process.wait(30) == 0
        assert process.stderr is not None and process.stderr.read() == ""
    finally:
        process.kill()
