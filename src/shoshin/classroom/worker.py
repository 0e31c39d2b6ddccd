"""The student's process: enter the sandbox, run cells, and do with the student's objects what the grader asks."""

from __future__ import annotations

import asyncio
import builtins
import collections
import contextlib
import copy
import dis
import enum
import errno
import importlib
import importlib.abc
import importlib.machinery
import inspect
import io
import operator
import os
import pickle
import random
import socket
import sys
import threading
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import cloudpickle  # noqa: F401  # what the grader sends needs it, and inside the sandbox there are no files of ours
import numpy as np

from shoshin.check import answer as answers
from shoshin.check import card, check, describe, judging, libraries, outcome, plain, record, tables  # noqa: F401
from shoshin.check import progress as _progress  # noqa: F401
from shoshin.check.timelimit import OutOfTime, time_limit
from shoshin.classroom import codec, sandbox, shell
from shoshin.classroom.model import Limits
from shoshin.classroom.remote import (
    ARITHMETIC,
    CALLABLE,
    CLASS,
    DATA_LIKE,
    EXCEPTION,
    FLAGS,
    IN_PLACE,
    MODULE,
    fields_of,
)
from shoshin.classroom.sandbox.linux import collapse
from shoshin.classroom.wire import Ended, Wire

MOST_FUNCTIONS = 64
MOST_WARNINGS = 100
DICTS = (collections.Counter, collections.OrderedDict, collections.defaultdict, dict)
CONTAINERS: tuple[type, ...] = (*DICTS, list, tuple, set, frozenset, collections.deque)


def main(descriptor: int, trusted: bool = False, masked: Sequence[str] = ()) -> None:
    """Serve the grader at the other end of a socket. The first frame brings the files and the limits."""
    end = socket.socket(fileno=descriptor)
    wire = Wire(end)
    files, limits = pickle.loads(wire.receive())
    limits = Limits(**limits)
    if trusted:
        _settle_without_sandbox(files)
    else:
        sandbox.enter(files, limits, [descriptor], masked)
    sys.meta_path.insert(0, NoGraders())
    worker = Worker(wire, limits)
    worker.say({"folder": os.getcwd() if trusted else ""})
    worker.serve()
    os._exit(0)


def _settle_without_sandbox(files: Sequence[tuple[str, bytes]]) -> None:
    import tempfile

    folder = tempfile.mkdtemp(prefix="shoshin-submission-")  # removed by the grader
    os.chdir(folder)
    for name, content in files:
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)


class Worker:
    """Answers requests, one at a time; while the grader answers a question of ours, it may ask further."""

    def __init__(self, wire: Wire, limits: Limits) -> None:
        self.wire, self.limits = wire, limits
        self.shell = shell.new_shell(limits.output_kb)
        self.names: dict[str, Any] = self.shell.user_ns
        self.given = set(self.names)
        self.held: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}  # by identity: what is held lives
        self.functions: dict[str, Any] = {}
        self.number = 0
        self.shadowed: dict[str, list[Any] | None] = {}  # what the student has bound where a test replaces a built-in
        self.originals: dict[tuple[str, str], Any] = {}
        self.folder = os.getcwd()
        sys.path.insert(0, self.folder)  # as in a kernel
        self.thread = threading.get_ident()

    def serve(self) -> None:
        """Answer until the grader hangs up."""
        try:
            while True:
                self.answer(self.wire.receive())
        except Ended:
            return

    def say(self, words: Any) -> None:
        self.wire.send(codec.encode(words, self.handle))

    def answer(self, frame: bytes) -> None:
        """Do what one request asks, and say what came of it."""
        try:
            verb, *arguments = Unpickler(self, frame).load()
            words = {"done": getattr(self, f"do_{verb}")(*arguments)}
        except (Ended, SystemExit, KeyboardInterrupt) as error:
            if isinstance(error, Ended):
                raise
            words = {"raised": self.error(error)}
        except BaseException as error:
            words = {"raised": self.error(error)}
        try:
            self.say(words)
        except (codec.NotData, RecursionError, MemoryError, ValueError) as error:
            self.say({"unsent": str(error)})

    # What the grader may ask for.

    def do_run(self, source: str, seconds: float) -> list[dict[str, Any]]:
        """Run a cell and return its outputs."""
        try:
            with time_limit(seconds):
                return shell.run_cell(self.shell, source)
        except OutOfTime:
            text = f"This cell had not finished after {seconds:g} seconds, so it was ended."
            self.shell.outputs.add("error", ename="OutOfTime", evalue=text, traceback=[text])
            return self.shell.outputs.outputs

    def do_get(self, name: str) -> list[Any]:
        """Return [the value of a name], or [] if there is none."""
        return [self.names[name]] if name in self.names and name not in self.given else []

    def do_set(self, name: str, value: Any) -> None:
        self.names[name] = value
        self.given.discard(name)
        self.shadowed.pop(name, None)

    def do_delete(self, name: str) -> bool:
        self.shadowed.pop(name, None)
        return self.names.pop(name, self) is not self

    def do_hold(self, value: Any) -> int:
        """Keep a value, and return the number by which it can be named."""
        return self.keep(value)

    def do_call(
        self, function: Any, arguments: tuple[Any, ...], options: dict[str, Any], listening: bool = False
    ) -> list[Any]:
        """Return [result, arguments after the call where they can be changed in place, what was printed and warned].

        Where the result is one of these arguments, its position stands for it.
        """
        self.shell.outputs.begin()
        with warnings.catch_warnings(record=True) if listening else contextlib.nullcontext([]) as warned:
            if listening:
                warnings.simplefilter("always")
            result = function(*arguments, **options)
        printed = [
            "".join(each["text"] for each in self.shell.outputs.outputs if each.get("name") == name)
            for name in ("stdout", "stderr")
        ]
        said = [[_names_of(each.category), str(each.message)] for each in warned or []][:MOST_WARNINGS]
        states = [_state(each) for each in arguments]
        same = next((place for place, each in enumerate(arguments) if each is result and states[place]), -1)
        after = {name: _state(each) for name, each in options.items()}
        return [None if same >= 0 else result, states, after, printed, said, same]

    def do_names(self) -> list[str]:
        """Return the names that the student's cells have bound."""
        return [name for name in self.names if type(name) is str and name not in self.given]

    def do_define(self, source: str) -> None:
        """Define a class of the test's that inherits from one of the student's."""
        exec(compile(source, "<test>", "exec"), self.names)

    def do_become(self, value: Any, now: Any, name: str) -> None:
        """Let what has a name, or is an attribute of an object, be what the test has made of its copy."""
        names = self.names if value is None else None
        held = names.get(name) if names is not None else getattr(value, name, None)
        if type(held) is type(now) and _change(held, now):
            return
        if names is not None:
            names[name] = now
        else:
            setattr(value, name, now)

    def do_database(self, name: str, changes: int, content: bytes, rows: Any) -> int:
        """Hold the connection that the teacher's cells have made here, or one to a copy if the test has changed it."""
        import sqlite3

        found = self.names.get(name)
        if not isinstance(found, sqlite3.Connection) or found.total_changes != changes:
            found = sqlite3.connect(":memory:")
            found.deserialize(content)
            found.row_factory = rows
        return self.keep(found)

    def do_random(self, python: Any, numpys: Any, torchs: Any = None) -> None:
        """Let the global generators go on from where those of the test are."""
        random.setstate(python)
        np.random.set_state(numpys)
        torch: Any = sys.modules.get("torch")
        if torchs is not None and torch is not None:
            torch.set_rng_state(torch.from_numpy(torchs))

    def do_replaced(self, functions: dict[tuple[str, str], Callable[..., Any]]) -> None:
        """Put functions of the test in the place of a module's, and those that are not named back.

        Of the built-in ones only `input` and `print` are replaced themselves: others are what this process runs on, so
        that what stands for them is bound in the student's cells.
        """
        for name, before in self.shadowed.items():
            if before is None:
                self.names.pop(name, None)
            else:
                self.names[name] = before[0]
        self.shadowed.clear()
        for (module, name), original in self.originals.items():
            setattr(sys.modules[module], name, original)
        self.originals.clear()
        for (module, name), function in functions.items():
            if module == "builtins" and name not in ("input", "print"):
                self.shadowed[name] = [self.names[name]] if name in self.names else None
                self.names[name] = function
            elif module in sys.modules:
                self.originals[module, name] = getattr(sys.modules[module], name)
                setattr(sys.modules[module], name, function)

    def do_inspect(self, question: str, value: Any) -> Any:
        """Return what a function of `inspect` or `dis` says of an object."""
        if question == "dis":
            text = io.StringIO()
            dis.dis(value, file=text)
            return text.getvalue()
        return getattr(inspect, question)(value)

    def do_files(self, files: dict[str, bytes | None]) -> bool:
        """Write files that the test has written, or remove those that it has removed; tell whether there was room."""
        for name, content in files.items():
            path = os.path.join(self.folder, name)
            try:
                if content is None:
                    os.remove(path)
                    continue
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(content)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EFBIG):
                    with contextlib.suppress(OSError):
                        os.remove(path)
                    return False
        return True

    def do_fields(self, value: Any) -> Any:
        """Return the fields of an instance of a class that the teacher gives."""
        return fields_of(value)

    def do_signature(self, function: Any) -> list[Any]:
        """Return [[name, kind, [default] or [], [annotation] or []] of each parameter, [what is returned] or []]."""
        signature, empty = inspect.signature(function), inspect.Parameter.empty

        def maybe(value: Any) -> list[Any]:
            return [] if value is empty else [value]

        parameters = [
            [each.name, int(each.kind), maybe(each.default), maybe(each.annotation)]
            for each in signature.parameters.values()
        ]
        return [parameters, maybe(signature.return_annotation)]

    def do_operate(self, name: str, arguments: tuple[Any, ...]) -> Any:
        return OPERATIONS[name](*arguments)

    def do_nature(self, value: Any) -> dict[str, Any]:
        return vars(answers.nature_of(value))

    def do_type(self, value: Any) -> list[str]:
        """Return [module, qualified name] of a value's type, or of a module itself."""
        kind = type(value)
        if kind is types.ModuleType:
            return [str(value.__name__), ""]
        return [str(kind.__module__), str(kind.__qualname__)]

    def do_plain(self, value: Any) -> list[Any]:
        """Return [the data in an instance of a subclass, its type's name, the fields of a named tuple]."""
        kind = type(value)
        of_c = getattr(kind, "__match_args__", ()) if hasattr(kind, "n_sequence_fields") else ()  # as torch.max returns
        fields = getattr(kind, "_fields", of_c)
        return [_underneath(value), kind.__name__, [str(field) for field in fields]]

    def do_bases(self, value: Any) -> list[str]:
        """Return the names of a class and its bases, or of the class of an object and its bases."""
        kind = value if isinstance(value, type) else type(value)
        return [base.__name__ for base in kind.__mro__]

    def do_mro(self, value: Any, kind_of: str) -> list[list[str]]:
        """Return [module, name] of a value's type and its bases, of a class and its bases, or of the bases alone."""
        kind = type(value) if kind_of == "type" else value
        kinds = kind.__bases__ if kind_of == "bases" else kind.__mro__
        return [[str(each.__module__), str(each.__qualname__)] for each in kinds][:50]

    def do_classes(self, kind: Any, name: str) -> list[Any]:
        return list(getattr(kind, name))[:50]

    def do_placeholders(self, value: Any) -> list[str]:
        return answers.Answer(value).placeholders()

    def do_attempt(self, value: Any, key: str, function: bytes, case: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Return the `Outcome` of a probe as plain data."""
        if key not in self.functions:
            if len(self.functions) > MOST_FUNCTIONS:
                self.functions.clear()
            self.functions[key] = pickle.loads(function)
        found = answers.Answer(value).attempt(self.functions[key], case, **options)
        return {**vars(found), "changed": None}

    # Objects that stay here.

    def handle(self, value: Any) -> int | None:
        """Return the number by which the grader may name an object that is not data."""
        return self.keep(value)

    def keep(self, value: Any) -> int:
        if id(value) in self.numbers:
            return self.numbers[id(value)]
        kind = type(value)
        flags = CALLABLE if callable(value) else 0
        if issubclass(kind, type):
            flags |= CLASS
            flags |= EXCEPTION if issubclass(value, BaseException) else 0
        flags |= MODULE if issubclass(kind, types.ModuleType) else 0
        flags |= DATA_LIKE if _is_data_like(kind) else 0
        self.number += 1
        number = self.number * FLAGS + flags
        self.held[number], self.numbers[id(value)] = value, number
        return number

    def error(self, error: BaseException) -> dict[str, Any]:
        """Return what the grader needs of an exception."""
        kind = type(error)
        with_text = outcome._raised(error)
        return {
            "bases": [base.__name__ for base in kind.__mro__ if type(base.__name__) is str][:20],
            "modules": [str(base.__module__) for base in kind.__mro__][:20],
            "text": with_text.error.partition(": ")[2],
            "line": with_text.line,
            "class": [kind] if kind.__module__ == "__main__" and issubclass(kind, Exception) else [],
            "object": [error] if kind.__module__ == "__main__" else [],
        }

    def ask(self, number: int, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Have the grader call one of its own functions, and return the result."""
        if threading.get_ident() != self.thread:
            raise RuntimeError("a function of the test can only be called in the main thread")
        self.say({"callback": number, "arguments": list(arguments), "options": options})
        while True:
            frame = self.wire.receive()
            verb, *rest = Unpickler(self, frame).load()
            if verb == "reply":
                return rest[0]
            if verb == "raise":
                raise rest[0]
            self.answer(frame)


class Unpickler(pickle.Unpickler):
    """Reads the grader's requests, in which the student's objects are numbers."""

    def __init__(self, worker: Worker, frame: bytes) -> None:
        super().__init__(io.BytesIO(frame))
        self.worker = worker

    def persistent_load(self, pid: Any) -> Any:
        kind, number = pid
        if kind == "held":
            return self.worker.held[number]
        if kind == "named":  # by a cell of the teacher's, which has run here as well
            return self.worker.names[number]
        if kind == "path":
            return os.path.join(self.worker.folder, number) if number else self.worker.folder
        worker = self.worker
        if kind == "mock":
            return OfTheTest(worker, number, ())

        def function_of_the_test(*arguments: Any, **options: Any) -> Any:
            return worker.ask(number, arguments, options)

        return function_of_the_test


class OfTheTest:
    """Stands for a mock of the test's: what is called is called there."""

    def __init__(self, worker: Worker, number: int, path: tuple[str, ...]) -> None:
        self._worker, self._number, self._path = worker, number, path

    def __getattr__(self, name: str) -> OfTheTest:
        if name.startswith("__"):
            raise AttributeError(name)
        return OfTheTest(self._worker, self._number, (*self._path, name))

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._worker.ask(self._number, (list(self._path), list(arguments), options), {})


def _is_data_like(kind: type) -> bool:
    """Tell whether a type only adds names to data: a library's subclass, a named tuple, an enumeration.

    One that the student has written may have methods that a test calls, and a library's container may have attributes.
    """
    if not issubclass(kind, (*plain.UNDERNEATH, *CONTAINERS, np.ndarray)):
        return _is_librarys_table(kind)
    if kind is np.ndarray:  # the codec has refused it
        return False
    if hasattr(kind, "_fields") or issubclass(kind, enum.Enum):
        return True
    if issubclass(kind, CONTAINERS) and hasattr(kind, "__getattr__"):  # such as scikit-learn's Bunch
        return False
    if issubclass(kind, tuple) and kind.__dictoffset__:  # such as matplotlib's BarContainer
        return False
    return kind.__module__ != "__main__"


def _is_librarys_table(kind: type) -> bool:
    pandas, torch = (sys.modules.get(name) for name in ("pandas", "torch"))
    bases = [getattr(pandas, "DataFrame", None), getattr(pandas, "Series", None), getattr(torch, "Tensor", None)]
    if kind in (*bases, getattr(getattr(torch, "nn", None), "Parameter", None)):
        return False  # the codec has refused it as it is, and would again
    return kind.__module__ != "__main__" and any(base is not None and issubclass(kind, base) for base in bases)


def _names_of(kind: type) -> list[str]:
    return [str(base.__name__) for base in kind.__mro__]


def _change(held: Any, now: Any) -> bool:
    """Give a value that can be changed in place the content of another one; return whether that was possible."""
    torch: Any = sys.modules.get("torch")
    if isinstance(held, list):
        held[:] = now
    elif isinstance(held, (dict, set)):
        held.clear()
        held.update(now)
    elif torch is not None and isinstance(held, torch.Tensor) and held.shape == now.shape:
        with torch.no_grad():
            held.copy_(now)
    elif type(held) is np.ndarray and held.shape == now.shape and held.dtype == now.dtype and held.flags.writeable:
        held[...] = now
    else:
        return False
    return True


def _underneath(value: Any) -> Any:
    """Return the data in an instance of a subclass; what a container holds is not looked at, as in a plain one."""
    base: Any = next((base for base in CONTAINERS if issubclass(type(value), base)), None)
    if base is collections.defaultdict:
        return base(value.default_factory, base.items(value))
    if base is collections.deque:
        return base(base.__iter__(value), value.maxlen)
    if base is not None:
        return base(dict(base.items(value)) if issubclass(base, dict) else base.__iter__(value))
    torch: Any = sys.modules.get("torch")
    if torch is not None and issubclass(type(value), torch.Tensor):
        with torch._C.DisableTorchFunctionSubclass():
            return value.as_subclass(torch.Tensor)
    return plain.plain(value)


def _state(value: Any) -> Any:
    """Return [the value] if it is of a kind that a call can change in place and that can be sent back; else []."""
    if type(value) is np.random.Generator:
        return [value.bit_generator.state]
    if type(value) is random.Random:
        return [value.getstate()]
    if type(value) is np.random.RandomState:
        return [value.get_state()]
    torch: Any = sys.modules.get("torch")
    if torch is not None and type(value) is torch.Tensor:
        return [value]
    if torch is not None and isinstance(value, torch.nn.Module):
        return [{name: each.detach() for name, each in value.state_dict().items()}]
    estimator = getattr(sys.modules.get("sklearn.base"), "BaseEstimator", None)
    if estimator is not None and isinstance(value, estimator):
        return [dict(vars(value))]
    if type(value) in (list, dict, set, bytearray, np.ndarray):
        return [value]
    if type(value).__module__ == "__main__" and not isinstance(value, type):  # of a class that the teacher gives?
        return [value]
    pandas: Any = sys.modules.get("pandas")
    return [value] if pandas is not None and type(value) in (pandas.DataFrame, pandas.Series) else []


OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge", "truth", "contains", "getitem")},
    **{name: getattr(operator, name) for name in ("setitem", "delitem", "neg", "pos", "invert", "index")},
    **{name: getattr(operator, name) for name in (*ARITHMETIC, *IN_PLACE, "and_", "or_", "xor")},
    **{function.__name__: function for function in (len, iter, next, repr, str, format, hash, float, int, complex)},
    **{function.__name__: function for function in (abs, round, bool, getattr, setattr, delattr, isinstance, divmod)},
    **{function.__name__: function for function in (issubclass, reversed, bytes, dir, copy.copy, copy.deepcopy)},
    "vars": lambda value: dict(vars(value)),
    "type": lambda value: type(value),
    "always true": lambda value: not (hasattr(type(value), "__bool__") or hasattr(type(value), "__len__")),
    "enter": lambda value: type(value).__enter__(value),
    "exit": lambda value, kind, text: bool(_exit(value, kind, text)),
    "await": lambda value: asyncio.run(_awaited(value)),
    "aiter": aiter,
    "anext": anext,
}


def _exit(value: Any, kind: str, text: str) -> Any:
    if not kind:
        return type(value).__exit__(value, None, None, None)
    error = getattr(builtins, kind)(text)
    return type(value).__exit__(value, type(error), error, None)


async def _awaited(value: Any) -> Any:
    return await value


class NoGraders(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands for the graders where the student's code runs: they are not there, and their checks say nothing."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name == "shoshin.graders" or name.startswith("shoshin.graders."):
            return importlib.machinery.ModuleSpec(name, self, is_package=name.count(".") < 3)
        return None

    def create_module(self, spec: Any) -> Any:
        return Silent(spec.name)

    def exec_module(self, module: Any) -> None:
        pass


class Silent(types.ModuleType):
    """A grader of which nothing is known here."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__.count(".") < 3:  # a unit: the exercises are modules
            try:
                return importlib.import_module(f"{self.__name__}.{name}")
            except ImportError as error:
                raise AttributeError(name) from error
        return SilentCheck()


class SilentCheck:
    """Stands for a check: judging is done elsewhere, and no score comes back. What waits for one (a figure) waits."""

    passed = False

    def __call__(self, *answer: Any, **options: Any) -> None:
        return None

    def solution(self) -> None:
        return None


def ready_to_fork() -> None:
    """Do in the fork server, once, what would cost every fork its time."""
    sandbox.prepare()
    shell.prepare()
    collapse()


if sys.modules.get("kernels.server"):  # the fork server imports this module last
    ready_to_fork()
