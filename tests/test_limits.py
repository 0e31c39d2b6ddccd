"""Whatever an answer does to its process ends with its call: time, stderr, errors, in a thread or a real kernel."""

import contextlib
import importlib.util
import itertools
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import warnings

import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from test_judge import TOTAL, check_of, detail, total

from shoshin.check import judge
from shoshin.check.timelimit import OutOfTime, time_limit
from shoshin.check.verdict import MIME

BRIEFLY = 0.15


# --- the time limit -----------------------------------------------------------------------------------------------


def runs_on():
    while True:
        pass


def swallows_everything():
    while True:
        try:  # noqa: SIM105
            time.sleep(0.001)
        except:  # noqa: E722
            pass


def swallows_quietly():
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(0.001)


def swallows_twice():
    while True:
        try:
            while True:
                try:
                    time.sleep(0.001)
                except BaseException:
                    continue
        except BaseException:
            continue


def swallows_in_finally():
    while True:
        try:
            time.sleep(0.001)
        finally:
            continue  # noqa: B012


def swallows_in_a_helper():
    def step():
        try:
            time.sleep(0.001)
        except BaseException:
            return None

    while True:
        step()


def yields_for_ever():
    return sum(1 for _ in itertools.count() if _ >= 0)


def calls_numpy_for_ever():
    while True:
        np.sort(np.ones(1000))


def recurs_for_ever():
    def again():
        with contextlib.suppress(RecursionError):
            again()
        again()

    again()


def sleeps():
    time.sleep(60)


def waits_for_a_lock():
    threading.Event().wait()


def waits_for_a_process():
    subprocess.run(["sleep", "60"], check=True)


ENDLESS = [
    runs_on,
    swallows_everything,
    swallows_quietly,
    swallows_twice,
    swallows_in_finally,
    swallows_in_a_helper,
    yields_for_ever,
    calls_numpy_for_ever,
]
ENDLESS_IN_THE_MAIN_THREAD = [*ENDLESS, recurs_for_ever, sleeps, waits_for_a_lock, waits_for_a_process]
ENDLESS_ELSEWHERE = [answer for answer in ENDLESS if answer is not swallows_twice]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows cannot interrupt sleeping")
@pytest.mark.parametrize("answer", ENDLESS_IN_THE_MAIN_THREAD)
def test_an_endless_answer_ends(answer):
    state = signal.getsignal(signal.SIGALRM), sys.gettrace(), sys.stdout, sys.stderr, list(warnings.filters)
    verdict = judge(check_of(lambda: 0, seconds=BRIEFLY), answer)
    assert verdict.outcome == "error"
    assert verdict.message.startswith(
        "Your answer had not finished after 0.15 seconds, so it was ended. Look for a loop"
    )
    assert (signal.getsignal(signal.SIGALRM), sys.gettrace(), sys.stdout, sys.stderr, list(warnings.filters)) == state
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.parametrize("answer", ENDLESS_ELSEWHERE)
def test_an_endless_answer_ends_outside_of_the_main_thread(answer):
    verdicts = []
    check = check_of(lambda: 0, seconds=BRIEFLY)
    thread = threading.Thread(target=lambda: verdicts.append((judge(check, answer), sys.gettrace())), daemon=True)
    thread.start()
    thread.join(30)
    (verdict, tracer), *_ = verdicts
    assert verdict.message.startswith("Your answer had not finished after 0.15 seconds") and tracer is None


def test_an_endless_repr_ends_too():
    class Endless:
        def __repr__(self):
            runs_on()

    check = check_of(lambda: 0, seconds=BRIEFLY)
    assert judge(check, lambda: Endless()).message.startswith("Your answer had not finished")
    assert judge(check, Endless()).outcome == "wrong"


def test_after_the_first_endless_case_no_other_is_tried():
    calls = []

    def answer(numbers):
        calls.append(numbers)
        runs_on()

    judge(check_of(total, ([1],), ([2],), ([3],), seconds=BRIEFLY), answer)
    assert calls == [[1]]


def test_a_debuggers_tracer_is_put_back():
    def tracer(frame, event, argument):
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(OutOfTime), time_limit(BRIEFLY):
            swallows_everything()
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timer signals")
def test_limits_may_be_nested():
    reached = []
    with pytest.raises(OutOfTime), time_limit(3 * BRIEFLY):
        with pytest.raises(OutOfTime), time_limit(BRIEFLY):
            runs_on()
        reached.append("between")
        runs_on()
    assert reached == ["between"]


def test_a_limit_that_is_not_reached_leaves_no_trace():
    before = threading.active_count()  # other tests may have left some
    for _ in range(20):
        with time_limit(60):
            pass
    assert threading.active_count() <= before + 1
    assert not hasattr(signal, "getitimer") or signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_limit_that_rings_at_the_last_instant_is_never_heard_later():
    def just_in_time():
        end = time.monotonic() + 0.001
        while time.monotonic() < end:
            pass

    for _ in range(200):
        with contextlib.suppress(OutOfTime), time_limit(0.001):
            just_in_time()
    thread = threading.Thread(target=lambda: [_once_in_a_thread(just_in_time) for _ in range(50)])
    thread.start()
    thread.join()
    for watcher in [thread for thread in threading.enumerate() if "(watch)" in thread.name]:
        watcher.join(10)
        assert not watcher.is_alive()


def _once_in_a_thread(function):
    with contextlib.suppress(OutOfTime), time_limit(0.001):
        function()
    for _ in range(100):
        pass


# --- the learner's own line ---------------------------------------------------------------------------------------

SOURCE = """\
import numpy as np


class Model:
    def fit(self, numbers):
        return self.helper(numbers)

    def helper(self, numbers):
        return numbers.missing


def through_pandas(numbers):
    import pandas as pd

    return pd.DataFrame({"a": numbers}).apply(lambda column: column["none"])


def through_numpy(numbers):
    return np.apply_along_axis(lambda row: row.nothing, 0, np.array(numbers))


def through_sklearn(numbers):
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer(divide).fit_transform(np.array([numbers]))


def divide(X):
    return 1 / 0


def in_numpy(numbers):
    return np.linalg.inv(
        np.zeros((2, 2))
    )


def in_a_comprehension(numbers):
    return [1 / (n - n) for n in numbers]


def in_an_exec(numbers):
    exec("1 / 0")


def chained(numbers):
    try:
        1 / 0
    except ZeroDivisionError as error:
        raise ValueError("chained") from error


def grouped(numbers):
    raise ExceptionGroup("two", [ValueError("a"), KeyError("b")])
"""

LINES = {
    "through_pandas": 'line 15 of <lambda>: return pd.DataFrame({"a": numbers}).apply(lambda column: column["none"])',
    "through_numpy": "line 19 of <lambda>: return np.apply_along_axis(lambda row: row.nothing, 0, np.array(numbers))",
    "through_sklearn": "line 29 of divide: return 1 / 0",
    "in_numpy": "line 33 of in_numpy: return np.linalg.inv(",
    "in_a_comprehension": "line 39 of in_a_comprehension: return [1 / (n - n) for n in numbers]",
    "in_an_exec": "line 43 of in_an_exec: exec(",
    "chained": 'line 50 of chained: raise ValueError("chained") from error',
    "grouped": 'line 54 of grouped: raise ExceptionGroup("two", [ValueError("a"), KeyError("b")])',
}


@pytest.fixture(scope="module")
def in_a_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("learner") / "answers.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("answers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


@pytest.fixture(scope="module")
def in_a_cell():
    shell = InteractiveShell()
    shell.run_cell(SOURCE)
    yield shell.user_ns
    shell.history_manager.end_session()


@pytest.fixture(params=["in_a_file", "in_a_cell"])
def answers(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("name", LINES)
def test_an_error_is_shown_at_the_learners_own_line(answers, name):
    line = detail(judge(TOTAL, answers[name]), "Your line")
    assert line.startswith(LINES[name])


def test_an_error_in_a_method_names_class_and_method(answers):
    check = check_of(total, ([1, 2],), probe=lambda answer, numbers: answer().fit(numbers))
    verdict = judge(check, answers["Model"])
    assert verdict.message == "AttributeError: 'list' object has no attribute 'missing'. This happened with case 0."
    assert detail(verdict, "Your line") == "line 9 of Model.helper: return numbers.missing"


def test_an_error_in_the_probe_is_not_put_on_the_learner():
    from shoshin.graders import __path__ as graders

    source = "def probe(answer, numbers):\n    return answer(numbers).shape\n"
    namespace = {"__name__": "shoshin.graders.unit.slug"}
    exec(compile(source, f"{graders[0]}/unit/slug.py", "exec"), namespace)
    check = check_of(total, ([1],), probe=namespace["probe"])
    verdict = judge(check, lambda numbers: None if numbers else 1)
    assert verdict.message.startswith("AttributeError: 'NoneType' object has no attribute 'shape'")
    assert detail(verdict, "Your line") == "(none: it arose in calling your answer, or in using its result)"


# --- stderr -------------------------------------------------------------------------------------------------------

EARLIER_STDERR = sys.stderr


def writes_to_stderr(numbers):
    print("python", file=sys.stderr)
    sys.stderr.writelines(["lines\n"])
    os.write(2, b"descriptor\n")
    subprocess.run([sys.executable, "-c", "import sys; print('process', file=sys.stderr)"], check=True)
    warnings.warn("warning", stacklevel=1)
    logging.getLogger("learner").warning("logged")
    np.array([1.0]) / 0
    threading.Thread(target=lambda: print("thread", file=sys.stderr)).start()
    return sum(numbers)


def test_nothing_reaches_stderr(capfd):
    handler = logging.StreamHandler(sys.stderr)
    logging.getLogger("learner").addHandler(handler)
    try:
        assert judge(TOTAL, writes_to_stderr).passed
    finally:
        logging.getLogger("learner").removeHandler(handler)
    print("afterwards", file=sys.stderr)
    os.write(2, b"also afterwards\n")
    assert capfd.readouterr().err.splitlines() == ["afterwards", "also afterwards"]


def test_the_graders_own_noise_is_silenced_too(capfd):
    def noisy(numbers):
        """Something."""
        print("mistake", file=sys.stderr)
        return 1

    def rule(result, numbers):
        """It is what it is."""
        np.array([1.0]) / 0
        print("property", file=sys.stderr)
        return True

    check = check_of(total, mistakes=[noisy], properties=[rule])

    @check.case
    def draws(rng):
        print("case", file=sys.stderr)
        np.array([1.0]) / 0
        return ([1, 2],)

    judge(check, lambda numbers: 7)
    assert capfd.readouterr().err == ""


def test_a_process_without_stderr_is_no_obstacle():
    code = (
        "import os, sys; from shoshin import Check; sys.stderr = sys.__stderr__ = None; os.close(2)\n"
        "check = Check(lambda: 3); print(check(lambda: 3).outcome)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "passed\n"


# --- a real kernel ------------------------------------------------------------------------------------------------

CELLS = {
    "declare": """
        import logging, os, subprocess, sys, time, warnings, ctypes
        import numpy as np
        from shoshin import Check

        earlier = sys.stderr
        logging.basicConfig(level="WARNING")

        @Check(seconds=0.5)
        def total(numbers):
            return sum(numbers)

        @total.case
        def three_numbers(rng):
            '''three numbers'''
            return ([1, 2, 3],)
        """,
    "noisy": """
        def answer(numbers):
            print("python", file=sys.stderr)
            print("earlier", file=earlier)
            logging.warning("logged")
            os.write(2, b"descriptor")
            subprocess.run([sys.executable, "-c", "import sys; print('process', file=sys.stderr)"])
            ctypes.CDLL(None).perror(b"library")
            warnings.warn("old", DeprecationWarning)
            np.log(np.array([-1.0]))
            np.log(np.array([0.0]))
            return sum(numbers)

        total(answer)
        """,
    "error": """
        import pandas as pd

        def answer(numbers):
            return pd.Series(numbers).map(lambda n: n.missing)

        total(answer)
        """,
    "endless": """
        def answer(numbers):
            while True:
                try:
                    time.sleep(0.01)
                except:
                    pass

        total(answer)
        """,
    "asleep": "total(lambda numbers: time.sleep(600))",
    "leaving": "total(lambda numbers: sys.exit())",
    "waiting": """
        async def answer(numbers):
            return 6

        total(answer)
        """,
    "afterwards": """
        print("still alive")
        print("heard", file=earlier)
        logging.warning("logged")
        """,
}


@pytest.fixture(scope="module")
def kernel_outputs():
    import textwrap

    cells = [nbformat.v4.new_code_cell(textwrap.dedent(source).strip()) for source in CELLS.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return dict(zip(CELLS, [cell.outputs for cell in notebook.cells], strict=True))


def verdict_of(outputs):
    (output,) = outputs
    return output["data"][MIME]


def test_in_a_kernel_a_noisy_answer_passes_without_a_sound(kernel_outputs):
    verdict = verdict_of(kernel_outputs["noisy"])
    assert verdict["outcome"] == "passed"
    assert [warning["category"] for warning in verdict["warnings"]] == [
        "DeprecationWarning",
        "RuntimeWarning",
        "RuntimeWarning",
    ]


def test_in_a_kernel_the_line_of_the_cell_is_shown(kernel_outputs):
    details = dict(verdict_of(kernel_outputs["error"])["details"])
    assert details["Your line"] == "line 4 of <lambda>: return pd.Series(numbers).map(lambda n: n.missing)"


@pytest.mark.parametrize("cell", ["endless", "asleep"])
def test_in_a_kernel_an_endless_answer_ends(kernel_outputs, cell):
    assert "had not finished after 0.5 seconds" in verdict_of(kernel_outputs[cell])["message"]


def test_in_a_kernel_leaving_is_an_error_and_waiting_is_a_wrong_type(kernel_outputs):
    assert verdict_of(kernel_outputs["leaving"])["message"].startswith("SystemExit.")
    assert "a coroutine came back" in verdict_of(kernel_outputs["waiting"])["message"]


def test_a_kernel_survives_and_speaks_again(kernel_outputs):
    texts = {output["name"]: output["text"] for output in kernel_outputs["afterwards"]}
    assert texts["stdout"] == "still alive\n"
    assert texts["stderr"] == "heard\nWARNING:root:logged\n"
