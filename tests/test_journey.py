"""The learner's journey: the record, progress, what comes next, the plan, the solution, the time box."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from shoshin import cli, library
from shoshin.check import progress as in_notebook
from shoshin.check import record
from shoshin.check.verdict import MIME, Verdict
from shoshin.errors import ShoshinError
from shoshin.learn import history, path, progress
from shoshin.learn.history import Task

TODAY = date(2026, 11, 22)
PCA, ARRAYS, DASK = "models/pca", "fundamentals/arrays", "explore/pandas_vs_dask"


@pytest.fixture
def book(tmp_path, monkeypatch):
    """The learner's record: a file that is not there yet."""
    place = tmp_path / "data" / "progress.jsonl"
    monkeypatch.setenv("SHOSHIN_PROGRESS", str(place))
    monkeypatch.setattr(in_notebook, "_sittings", {})
    return place


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A library of ids with what each needs."""
    monkeypatch.setattr(library, "CHECKOUT", tmp_path / "library")

    def put(**needs_by_name) -> None:
        for name, needs in needs_by_name.items():
            unit, slug = name.split("__")
            file = tmp_path / "library" / "notebooks" / unit / f"{slug}.ipynb"
            file.parent.mkdir(parents=True, exist_ok=True)
            tasks = [{"task": "a", "points": 2}, {"task": "b", "points": 1}]
            about = {"title": slug, "minutes": 40, "level": 1, "needs": needs, "packages": [], "tasks": tasks}
            file.write_text(json.dumps({"cells": [], "metadata": {"shoshin": about}}))

    put(models__pca=[ARRAYS], fundamentals__arrays=[], explore__pandas_vs_dask=[], fundamentals__bayes=[])
    return put


def seen(exercise, task, outcome, day=0, minute=0, mistake="", answer=""):
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC) + timedelta(days=day, minutes=minute)
    fields = {"v": 1, "at": at.isoformat(), "exercise": exercise, "task": task, "outcome": outcome}
    return fields | {"mistake": mistake, "points": 0, "max_points": 1, "answer": answer or f"{day}-{minute}"}


def passed(exercise, day=0):
    return [seen(exercise, "a", "passed", day), seen(exercise, "b", "passed", day, minute=5)]


def verdict(outcome="wrong", task="a", mistake=""):
    return Verdict(PCA, task, outcome, "message", mistake=mistake)


# --- the record ----------------------------------------------------------------------------------------------------


def test_outcomes_are_recorded_and_code_only_if_asked(book, monkeypatch):
    def answer():
        return "secret words"

    record.record(verdict(mistake="scales"), answer)
    assert "secret words" not in book.read_text()
    (one,), notes = record.read()
    assert (one["exercise"], one["task"], one["outcome"], one["mistake"], notes) == (PCA, "a", "wrong", "scales", [])
    monkeypatch.setenv("SHOSHIN_RECORD_CODE", "1")
    record.record(verdict(), answer)
    assert "secret words" in record.read()[0][1]["code"]


def test_nothing_is_recorded_when_off_or_while_a_course_is_graded(book, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    record.record(verdict(), 1)
    monkeypatch.delenv("NBGRADER_EXECUTION")
    monkeypatch.setenv("SHOSHIN_PROGRESS", "off")
    record.record(verdict(), 1)
    assert not book.exists()
    assert record.read() == ([], [])


def test_without_a_named_file_the_record_is_in_the_platforms_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("SHOSHIN_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert record.place().endswith(os.path.join("shoshin", "progress.jsonl"))


def test_a_check_works_where_the_record_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "below.jsonl", tmp_path):
        monkeypatch.setenv("SHOSHIN_PROGRESS", str(place))
        record.record(verdict(), 1)
    monkeypatch.setattr(record.os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    monkeypatch.setenv("SHOSHIN_PROGRESS", str(tmp_path / "full.jsonl"))
    record.record(verdict(), 1)
    assert record.read()[0] == []


def test_a_line_that_was_cut_short_costs_that_line_only(book):
    record.append([seen(PCA, "a", "wrong")], str(book))
    with book.open("a") as file:
        file.write('{"v": 1, "at": "2026-11')
    record.append([seen(PCA, "a", "passed")], str(book))
    records, notes = record.read()
    assert [one["outcome"] for one in records] == ["wrong", "passed"]
    assert notes == [f"{book}: 1 damaged line left out."]


@pytest.mark.parametrize("line", ["[]", "3", "null", '{"at": 3}', '{"v": 1, "at": "yesterday"}', "\\x00", "[" * 5000])
def test_any_damaged_line_is_left_out_and_counted(book, line):
    record.append([seen(PCA, "a", "wrong")], str(book))
    with book.open("a") as file:
        file.write(line + "\n")
    records, notes = record.read()
    assert len(records) == 1 and "1 damaged line left out" in notes[0]


def test_a_line_of_a_newer_shoshin_is_left_out_with_a_sentence(book):
    record.append([seen(PCA, "a", "wrong"), seen(PCA, "a", "passed") | {"v": 2}], str(book))
    records, (note,) = record.read()
    assert len(records) == 1 and note == f"{book}: 1 written by a newer Shoshin left out: upgrade to see it."
    assert "newer Shoshin" in " ".join(progress.text(history.read(), TODAY).split())


def test_several_notebooks_write_at_once_without_mixing_their_lines(book):
    def work(number):
        for _ in range(100):
            record.append([seen(PCA, f"task{number}", "wrong", answer="x" * 300)], str(book))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records, notes = record.read()
    assert (len(records), notes) == (800, [])


# --- in the notebook -----------------------------------------------------------------------------------------------


@pytest.fixture
def check(small_library, book):
    from shoshin.graders.tiny import double

    return double


def attempt(number):
    """A wrong answer, another one for each number."""
    source = f"def double(x):\n    return x + {number}"
    names = {}
    exec(source, names)
    return names["double"]


def test_the_solution_opens_after_three_different_honest_tries(check):
    for number, made in ((10, "none"), (10, "1"), (11, "1"), (12, "2")):
        closed = check.double.solution()
        assert f"you have made {made} so far" in " ".join(closed.text.split())
        assert "return 2 * number" not in closed.text + closed.page
        check.double(attempt(number))
    opened = check.double.solution()
    assert "return 2 * number" in opened.text and "return 2 * number" in opened.page
    assert "BEGIN SOLUTION" not in opened.text
    assert "What went wrong elsewhere" in opened.text


def test_an_unwritten_answer_is_no_try(check):
    for _ in range(5):
        check.double(...)
    assert "you have made none" in " ".join(check.double.solution().text.split())


def test_the_solution_opens_after_passing_and_says_which_mistakes_were_met(check):
    name = next(iter(check.double.mistakes))
    check.double(check.double.mistakes[name])
    check.double(lambda number: 2 * number)
    assert f"{name.replace('_', ' ')} (you met it)" in check.double.solution().text


def test_tries_of_an_earlier_kernel_count(check, book, monkeypatch):
    for number in range(10, 13):
        check.double(attempt(number))
    monkeypatch.setattr(in_notebook, "_sittings", {})
    check.double.last = None
    assert "return 2 * number" in check.double.solution().text


def test_the_solution_is_closed_while_a_course_is_graded(check, monkeypatch):
    check.double(lambda number: 2 * number)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert "closed" in check.double.solution().text


def test_progress_tells_the_state_of_each_task(check):
    check.double(attempt(10))
    check.halve(lambda number: number / 2)
    shown = check.progress()
    assert "1 of 3 tasks passed; 15 minutes are planned" in shown.text
    assert "✗ double: Not yet, 1 failed try" in shown.text
    assert "✓ halve: Passed" in shown.text
    assert max(map(len, shown.text.splitlines())) <= 80
    assert "<script" not in shown.page and 'scope="row"' in shown.page


def later(monkeypatch, minutes):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 11, 22, 12, 0, tzinfo=UTC) + timedelta(minutes=minutes)

    monkeypatch.setattr(in_notebook, "datetime", Clock)


def test_past_the_planned_minutes_the_card_offers_to_stop_once_in_a_while(check, monkeypatch):
    notes = []
    for minutes in (0, 14, 16, 17, 27):
        later(monkeypatch, minutes)
        notes.append(check.double(attempt(10 + minutes)).note)
    assert [bool(note) for note in notes] == [False, False, True, False, True]
    assert notes[2].startswith("You have been at it for 16 minutes; 15 were planned. If you like, write down")
    assert notes[2] in " ".join(str(check.double.last).split()) or notes[2] not in str(check.double.last)


def test_the_last_check_tells_the_elapsed_time_and_the_card_shows_it(check, monkeypatch):
    later(monkeypatch, 0)
    check.double(lambda number: 2 * number)
    check.halve(lambda number: number / 2)
    later(monkeypatch, 12)
    done = check.words("twice")
    assert done.note == "All 3 tasks passed. From this sitting's first check to the last: 12 minutes."
    assert (
        done.note in " ".join(str(done).split())
        and done.note.replace("'", "&#x27;") in done._repr_mimebundle_()["text/html"]
    )
    assert check.words("twice").note == ""


def test_an_exercise_that_was_finished_before_says_nothing_about_time(check, book, monkeypatch):
    record.append([seen("tiny/double", task, "passed") for task in ("double", "halve", "words")], str(book))
    later(monkeypatch, 20)
    assert check.double(...).note == ""
    assert check.words("twice").note == ""


def test_a_restarted_kernel_goes_on_with_the_sitting_unless_the_clock_ran_backwards(check, book, monkeypatch):
    record.append([seen("tiny/double", "double", "wrong", minute=0)], str(book))
    later(monkeypatch, 20)
    assert check.double(attempt(1)).note.startswith("You have been at it for 20 minutes")
    book.unlink()
    record.append([seen("tiny/double", "double", "wrong", minute=0)], str(book))
    monkeypatch.setattr(in_notebook, "_sittings", {})
    later(monkeypatch, -60)
    assert check.double(attempt(2)).note == ""


# --- history -------------------------------------------------------------------------------------------------------


def test_minutes_streak_first_tries_and_lessons():
    past = history.history(
        [
            seen(PCA, "a", "not attempted", day=-2),
            seen(PCA, "a", "mistake", day=-2, minute=8, mistake="scales"),
            seen(PCA, "a", "passed", day=-1),
            seen(PCA, "b", "passed", day=-1, minute=10),
            seen(PCA, "b", "mistake", day=0, mistake="forgets"),
        ]
    )
    assert past.minutes == {PCA: 18.0}
    assert (past.streak(TODAY), past.streak(TODAY + timedelta(1)), past.streak(TODAY + timedelta(2))) == (3, 3, 0)
    assert [story.first_try for story in past.tasks.values()] == [False, True]
    scales, forgets = past.lessons()
    assert (scales.mistake, scales.met, scales.overcome) == ("scales", TODAY - timedelta(2), TODAY - timedelta(1))
    assert forgets.overcome is None, "it passed before the mistake, not after it"


def test_a_clock_that_ran_backwards_costs_no_minutes():
    past = history.history([seen(PCA, "a", "wrong", minute=30), seen(PCA, "a", "passed", minute=0)])
    assert past.minutes == {}


def test_a_lesson_tells_what_the_grader_says_of_the_mistake():
    told = history.feedback("models/standardise_without_leakage", "standardise", "learns_from_both_sets")
    assert told.startswith("You measured")
    assert history.feedback("models/standardise_without_leakage", "standardise", "no_such_mistake") == ""
    assert history.feedback("../../etc/passwd", "a", "b") == ""


# --- what comes next -----------------------------------------------------------------------------------------------


def kinds(steps):
    return [(step.kind, step.exercise) for step in steps]


def test_an_empty_history_gets_something_that_needs_nothing(shelf):
    first = path.next_steps(history.history([]), TODAY)[0]
    assert (first.kind, first.exercise, first.why) == ("new", ARRAYS, "it needs nothing before it")


def test_what_was_begun_comes_first_and_says_what_is_left(shelf):
    past = history.history([seen(DASK, "a", "passed"), seen(ARRAYS, "a", "not attempted")])
    first, second, *_ = path.next_steps(past, TODAY)
    assert (first.kind, first.exercise, first.tasks, first.minutes) == ("finish", DASK, ("b",), 20)
    assert kinds([second]) == [("new", ARRAYS)], "looking at a task is not beginning it"


def test_what_needs_something_waits_for_it(shelf):
    assert ("new", PCA) not in kinds(path.next_steps(history.history([]), TODAY, most=9))
    assert ("new", PCA) in kinds(path.next_steps(history.history(passed(ARRAYS)), TODAY, most=9))


def test_a_goal_leads_over_what_it_needs(shelf):
    steps = path.next_steps(history.history([]), TODAY, goal="models")
    assert kinds(steps)[0] == ("new", ARRAYS)
    assert steps[0].why == "your goal, models, builds on it"


def test_three_foundations_then_an_exploration(shelf):
    shelf(fundamentals__more=[])
    past = history.history([*passed(ARRAYS, -3), *passed("fundamentals/bayes", -2), *passed("fundamentals/more", -1)])
    assert kinds(path.next_steps(past, TODAY))[0] == ("new", DASK)
    past = history.history([*passed(ARRAYS, -3), *passed("fundamentals/bayes", -2)])
    assert kinds(path.next_steps(past, TODAY))[0] == ("new", "fundamentals/more")


def test_what_fits_into_the_time_comes_first(shelf):
    past = history.history([seen(DASK, "a", "wrong"), *passed(ARRAYS)])
    past.tasks[ARRAYS, "a"].checks.insert(0, (TODAY - timedelta(9), "wrong", ""))
    past.tasks[ARRAYS, "a"].checks[-1] = (TODAY - timedelta(8), "passed", "")
    assert kinds(path.next_steps(past, TODAY))[:2] == [("finish", DASK), ("review", ARRAYS)]
    assert kinds(path.next_steps(past, TODAY, minutes=10))[:2] == [("review", ARRAYS), ("finish", DASK)]
    longer = path.next_steps(past, TODAY, minutes=10)[1].text(10)
    assert "longer than your 10" in " ".join(longer.split())


@pytest.mark.parametrize(
    ("days", "gap"),
    [
        ([(0, "wrong passed")], 1),
        ([(0, "wrong passed"), (1, "passed")], 6),
        ([(0, "wrong passed"), (1, "passed"), (7, "passed")], 15),
        ([(0, "wrong passed"), (1, "passed"), (7, "wrong")], 1),
        ([(0, "passed")], None),
        ([(0, "wrong")], None),
    ],
)
def test_reviews_come_back_by_the_schedule_of_sm_2(days, gap):
    """SM-2: gaps of 1, 6, then times the easiness (here 2.5 - 0.14 + 0.1 + 0.1 = 2.56, and 6 * 2.46 -> 15)."""
    story = Task([(TODAY + timedelta(day), outcome, "") for day, words in days for outcome in words.split()])
    expected = None if gap is None else TODAY + timedelta(days[-1][0] + gap)
    assert path.due(story) == expected


def test_everything_done_proposes_nothing(shelf):
    everything = [one for exercise in library.ids() for one in passed(exercise)]
    assert path.next_steps(history.history(everything), TODAY) == []
    assert path.plan(history.history(everything), "models", 2, TODAY) == []


def test_a_plan_is_dated_in_an_order_that_the_needs_allow(shelf):
    dated = path.plan(history.history([]), "models", 2, TODAY)
    assert [one.step.exercise for one in dated] == [ARRAYS, PCA]
    # 40 minutes at two hours a week are 2.33 days.
    assert [(one.begins - TODAY).days for one in dated] == [0, 2]
    assert [(one.ends - TODAY).days for one in dated] == [2, 4]


def test_a_plan_has_an_exploration_after_every_three_foundations(shelf):
    shelf(fundamentals__c=[], fundamentals__d=[], fundamentals__e=[], explore__other=["fundamentals/e"])
    dated = path.plan(history.history([]), "fundamentals", 5, TODAY)
    units = [one.step.exercise.partition("/")[0] for one in dated]
    assert units == ["fundamentals"] * 3 + ["explore"] + ["fundamentals"] * 2
    assert "a different tool on a job you know" in dated[3].step.why


def test_the_real_path_respects_every_need():
    dated = path.plan(history.history([]), "fundamentals", 3, TODAY)
    done = set()
    for one in dated:
        assert set(library.entry(one.step.exercise).needs) <= done
        done.add(one.step.exercise)
    assert max(map(len, path.roadmap(dated, "fundamentals", 3).splitlines())) <= 80


# --- the commands --------------------------------------------------------------------------------------------------


def said(capsys, monkeypatch, *arguments, code=0):
    monkeypatch.setattr(sys, "argv", ["shoshin", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code or 0) == code
    out, err = capsys.readouterr()
    return err if code else out


def test_the_commands_fit_into_80_columns_and_give_data(book, shelf, capsys, monkeypatch):
    records = [seen(PCA, "a", "mistake", day=-1, mistake="scales"), *passed(PCA), *passed(DASK)]
    record.append(records, str(book))
    for command in (["next"], ["plan", "--goal", "fundamentals", "--hours-per-week", "2"], ["progress"]):
        text = said(capsys, monkeypatch, *command)
        assert text.strip() and max(map(len, text.splitlines())) <= 80
        assert json.loads(said(capsys, monkeypatch, *command, "--json"))
    told = json.loads(said(capsys, monkeypatch, "progress", "--json"))
    assert told["first_try_rate"] == 0.75
    assert told["lessons"][0]["mistake"] == "scales"


def test_progress_is_drawn(book, shelf, tmp_path, capsys, monkeypatch):
    record.append([*passed(PCA), *passed(DASK)], str(book))
    said(capsys, monkeypatch, "progress", "--plot", tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"
    said(capsys, monkeypatch, "progress", "--plot", tmp_path / "p.html")
    page = (tmp_path / "p.html").read_text()
    assert "data:image/png;base64" in page and "<script" not in page and "1 of 1" in page


def test_records_from_colab_are_brought_in_once(book, shelf, tmp_path, capsys, monkeypatch):
    record.append(passed(PCA), str(book))
    colab = tmp_path / "shoshin-progress.jsonl"
    record.append([*passed(PCA), *passed(DASK)], str(colab))
    assert "2 checks brought in, 2 were there already" in said(capsys, monkeypatch, "progress", "--import", colab)
    assert "0 checks brought in, 4 were there" in said(capsys, monkeypatch, "progress", "--import", colab)
    assert history.read().passed(DASK) == {"a", "b"}


def test_a_worked_notebook_is_brought_in(book, shelf, tmp_path, capsys, monkeypatch):
    output = {"output_type": "execute_result", "data": {MIME: Verdict(DASK, "a", "passed", "").as_dict()}}
    worked = tmp_path / "downloaded.ipynb"
    worked.write_text(json.dumps({"cells": [{"cell_type": "code", "outputs": [output]}]}))
    assert "1 checks brought in" in said(capsys, monkeypatch, "progress", "--import", worked)
    assert history.read().passed(DASK) == {"a"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["next", "--goal", "model"], "There is no exercise 'model'. Did you mean models"),
        (["plan", "--goal", "models", "--hours-per-week", "0"], "--hours-per-week wants a number above 0"),
        (["plan", "--goal", "models", "--hours-per-week", "nan"], "--hours-per-week wants a number above 0"),
        (["progress", "--record", "nowhere.jsonl"], "There is no record nowhere.jsonl"),
        (["progress", "--import", "nowhere.jsonl"], "nowhere.jsonl is not there"),
        (["progress", "--plot", "p.pdf"], "p.pdf: the picture is a .png or an .html file"),
        (["reset", "models/pcb"], "There is no exercise 'models/pcb'. Did you mean models/pca"),
        (["share", "nowhere.ipynb"], "nowhere.ipynb cannot be read"),
    ],
)
def test_bad_input_gets_a_sentence(book, shelf, tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    message = said(capsys, monkeypatch, *arguments, code=2)
    assert words in message and message.count("\n") <= 2


def test_needs_that_go_in_a_circle_are_named(shelf):
    shelf(models__one=["models/two"], models__two=["models/one"])
    with pytest.raises(ShoshinError, match="go in a circle"):
        path.plan(history.history([]), "models", 2, TODAY)


def test_the_checks_of_shoshin_check_are_not_recorded(book, tmp_path):
    notebook = library.entry("models/standardise_without_leakage").notebook
    subprocess.run([sys.executable, "-m", "shoshin.cli", "check", notebook], capture_output=True)
    assert not book.exists()
