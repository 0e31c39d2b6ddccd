"""The namespace in which a teacher's test cells run: names that it lacks are the student's."""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import dis
import functools
import inspect
import io
import os
import pickle
import random
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, CoroutineType, FunctionType, ModuleType
from typing import Any

import numpy as np

from shoshin.check.timelimit import OutOfTime, time_limit
from shoshin.classroom.given import bound, loaded, names_of, parsed, runnable, without_frame
from shoshin.classroom.model import Asked
from shoshin.classroom.remote import Type, can_travel, declared, is_remote, is_subclass
from shoshin.classroom.session import Secret, Session

INSPECTING = (
    *("isfunction", "isgeneratorfunction", "iscoroutinefunction", "isasyncgenfunction", "isgenerator", "iscoroutine"),
    *("isasyncgen", "ismethod", "isclass", "isbuiltin", "isroutine", "isabstract", "iscode", "isawaitable"),
)
HARMLESS_MAGICS = {"matplotlib", "config", "load_ext", "autoreload", "precision", "reload_ext"}


class Namespace(dict[str, Any]):
    """The globals of a teacher's code.

    A name is looked up among what the teacher's own cells have bound, then, if the assignment asks the student for
    it, in the student's process, then among Python's, then in the student's process. What a test cell assigns to a
    name that the assignment asks for or gives, or deletes, it assigns or deletes there.
    """

    def __init__(self, session: Session, cells: Iterable[Asked]) -> None:
        super().__init__(__name__="__main__", __builtins__=builtins, display=lambda *_, **__: None)
        super().__setitem__("get_ipython", lambda: NoShell(self))
        self.session = session
        session.named = self.name_of
        asked = [cell for cell in cells if cell.role == "answer"]
        self.asked_for = {name for cell in asked for name in cell.names}
        self.asked_for -= set().union(*(names_of(cell.imports) for cell in asked))
        self.classes = {name for cell in asked for name in cell.classes}
        self.comparable = {name for cell in asked for name in cell.comparable}
        self.reads = {name for cell in asked for name in cell.reads} - self.asked_for
        given = [cell.source for cell in cells if cell.role == "given" and cell.cell_type == "code"]
        self.given = set().union(*map(names_of, given))
        self.unseen = any(map(has_magics, given))
        self.testing = False
        self.statements: list[ast.stmt] = []

    def __missing__(self, name: str) -> Any:
        if name.startswith("__") or (name not in self.asked_for and hasattr(builtins, name)):
            raise KeyError(name)
        if self.testing and self.unseen and not (name in self.asked_for or name in self.given):
            # A magic of the teacher's may have bound it, in a way that nobody sees: it is not the student's to bind.
            self.session.attention.append(f"A test reads the name {name}, which neither the solution nor a cell binds.")
            raise KeyError(name)
        return self.fetch(name)

    def __contains__(self, name: object) -> bool:
        if super().__contains__(name):
            return True
        return self.testing and type(name) is str and not name.startswith("__") and name in self._students_names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> Any:
        """Return the names, the student's as well while a test runs."""
        return dict.fromkeys([*super().keys(), *(self._students_names() if self.testing else ())]).keys()

    def get(self, name: str, default: Any = None) -> Any:
        """Return what a name stands for, the student's as well."""
        try:
            return self[name]
        except KeyError:
            return default

    def _students_names(self) -> list[str]:
        found = self.session.request(("names",))
        return [name for name in found if type(name) is str] if type(found) is list else []

    def __setitem__(self, name: str, value: Any) -> None:
        if self.testing and name in self.asked_for:
            self.session.lent.pop((None, name), None)
            with contextlib.suppress(TypeError, AttributeError, pickle.PicklingError):  # an open file, say, stays here
                self.session.request(("set", name, value))
                super().pop(name, None)
                return
        if self.testing and type(value) is FunctionType and (name in self.given or hasattr(builtins, name)):
            self.session.request(("set", name, value))  # a helper that counts its calls, say
        elif self.testing and name in self.reads and not isinstance(value, ModuleType):
            with contextlib.suppress(TypeError, AttributeError, pickle.PicklingError, Secret):
                self.session.request(("set", name, value))  # the solution reads it, so the student's code may
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        mine = super().pop(name, self) is not self
        self.session.lent.pop((None, name), None)
        if self.testing and not (self.session.request(("delete", name)) or mine):
            raise KeyError(name)

    def fetch(self, name: str) -> Any:
        """Return what the student has bound to a name.

        Raises:
            KeyError: if the student has not.
        """
        found = self.session.request(("get", name))
        if type(found) is not list or len(found) != 1:
            raise KeyError(name)
        value = found[0]
        if is_remote(value):
            return declared(value, name in self.classes, name in self.comparable)
        return self.session.lend(None, name, value)

    def name_of(self, value: Any) -> str:
        """Return the name that a cell of the teacher's has given a value; "" if none has."""
        return next((name for name, each in self.items() if each is value and name in self.given), "")

    def keep_here(self, function: FunctionType) -> bool:
        """Tell whether a function of a test stays here when it is handed to the student's code, which then calls it.

        One that needs nothing but modules goes over, so that a gradient can be taken through it.
        """
        names = _names_in(function.__code__)
        used = [dict.get(self, name) for name in names if dict.__contains__(self, name)]
        return bool(function.__closure__ or function.__defaults__) or not all(isinstance(u, ModuleType) for u in used)

    def run_given(self, statements: list[ast.stmt], seconds: float) -> None:
        """Run statements of the teacher's cells, but for those that wait for the student's work or fail."""
        for statement in statements:
            if not runnable(statement, self):
                for name in bound(statement):
                    super().pop(name, None)  # the student's process has run it
                continue
            ended = contextlib.suppress(Exception, OutOfTime, SystemExit)
            with ended, quiet(), asking_the_student(self.session), time_limit(seconds):
                exec(compile(ast.Module([statement], []), "<given>", "exec"), self)
        self.session.objects.given = {
            name: value
            for name, value in self.items()
            if name in self.given and isinstance(value, type) and value.__module__ == "__main__" and can_travel(value)
        }

    def run_test(self, source: str, seconds: float) -> tuple[bool, Any]:
        """Run a test cell and return (whether it ends with an expression, that expression's value).

        Raises:
            Exception, OutOfTime: what the test raises.
            SyntaxError: if it cannot be read.
        """
        found = parsed(source)
        if found is None:
            raise SyntaxError("the test cell cannot be read")
        self.statements = statements = [self._with_class_there(each) for each in found]
        last = statements[-1] if statements and not source.rstrip().endswith(";") else None
        session, objects = self.session, self.session.objects
        objects.forget()
        session.lent.clear()
        session.seeded, session.refused = False, ""
        objects.raising = {node.lineno for each in statements for node in ast.walk(each) if isinstance(node, ast.Raise)}
        self.testing = True
        before = sys.modules["__main__"]
        names: set[str] = set()
        try:
            with quiet(), asking_the_student(session), time_limit(seconds):
                sys.modules["__main__"] = Main(self)
                filters = warnings.filters
                objects.listening = lambda: warnings.filters is not filters
                names = self._bind(statements)
                for name in self.reads & {*super().keys()}:
                    session.lend(None, name, super().__getitem__(name))
                if not isinstance(last, ast.Expr):
                    self._execute(ast.Module(statements, []), "exec")
                    return False, None
                self._execute(ast.Module(statements[:-1], []), "exec")
                value = self._execute(ast.Expression(last.value), "eval")
                return value is not None, value
        finally:
            sys.modules["__main__"] = before
            self.testing = False
            objects.listening = lambda: False
            for name in names:
                super().pop(name, None)

    def _execute(self, tree: ast.Module | ast.Expression, mode: str) -> Any:
        value = eval(compile(tree, "<test>", mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), self)
        return asyncio.run(value) if isinstance(value, CoroutineType) else value

    def _with_class_there(self, statement: ast.stmt) -> ast.stmt:
        """Return a statement that defines a class of the test's where the class is that it inherits from."""
        bases = {base.id for base in getattr(statement, "bases", []) if isinstance(base, ast.Name)}
        if not isinstance(statement, ast.ClassDef) or not bases & self.classes:
            return statement
        source, name = ast.unparse(statement), statement.name

        def define() -> None:
            self.session.request(("define", source))
            super(Namespace, self).pop(name, None)
            self.asked_for.add(name)
            self.classes.add(name)
            self.comparable.add(name)

        super().__setitem__(f"__define_{name}__", define)
        call = ast.Expr(ast.Call(ast.Name(f"__define_{name}__", ast.Load()), [], []))
        return ast.fix_missing_locations(ast.copy_location(call, statement))

    def _bind(self, statements: list[ast.stmt]) -> set[str]:
        """Bind what Python looks up without asking `__missing__`: the student's names in the bodies of classes.

        Return the names that were bound.
        """
        nodes = [node for each in statements for node in ast.walk(each)]
        wanted = set().union(*(loaded(node, now=True) for node in nodes if isinstance(node, ast.ClassDef)))
        evaluates = any(isinstance(node, ast.Name) and node.id == "eval" for node in nodes)
        names = {"type": Type, "issubclass": is_subclass}
        for name in self.asked_for if evaluates else wanted & self.asked_for:
            with contextlib.suppress(KeyError):
                names[name] = self.fetch(name)
        names = {name: value for name, value in names.items() if not super(Namespace, self).__contains__(name)}
        for name, value in names.items():
            super().__setitem__(name, value)
        return set(names)


class Main(ModuleType):
    """What a test cell gets that imports `__main__`."""

    def __init__(self, names: Namespace) -> None:
        super().__init__("__main__")
        object.__setattr__(self, "_names", names)

    def __getattr__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, "_names")[name]
        except KeyError:
            raise AttributeError(f"module '__main__' has no attribute '{name}'") from None

    def __setattr__(self, name: str, value: Any) -> None:
        object.__getattribute__(self, "_names")[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del object.__getattribute__(self, "_names")[name]
        except KeyError:
            raise AttributeError(name) from None

    def __dir__(self) -> list[str]:
        return [*object.__getattribute__(self, "_names").keys()]


def has_magics(source: str) -> bool:
    """Tell whether a cell may bind names by a magic, or by what is no Python at all."""
    statements = parsed(source)
    for node in (node for each in statements or [] for node in ast.walk(each)):
        name = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
        first = getattr(node.args[0], "value", "") if isinstance(node, ast.Call) and node.args else ""
        if name in ("run_cell_magic", "getoutput"):
            return True
        if name == "run_line_magic" and first not in {*HARMLESS_MAGICS, "run"}:
            return True
    return statements is None


class NoShell:
    """What a magic in a teacher's cell meets: those that only change how things look are passed over."""

    def __init__(self, names: Namespace) -> None:
        self.user_ns = names

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> None:
        if name == "run" and line.split()[-1:] == [line] and line.endswith(".py"):
            with open(line, encoding="utf-8") as file:  # the teacher's: there is no other here
                exec(compile(file.read(), line, "exec"), self.user_ns)
            return
        if name not in HARMLESS_MAGICS:
            raise RuntimeError(f"the magic %{name} cannot be used in a test cell that is graded at arm's length")

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        raise RuntimeError(f"the magic %%{name} cannot be used in a test cell that is graded at arm's length")

    def system(self, command: str) -> None:
        raise RuntimeError("a test cell that is graded at arm's length cannot call the shell")

    getoutput = system


def _names_in(code: CodeType) -> set[str]:
    """Return the names that a function reads, and those in it."""
    return set(code.co_names).union(*(_names_in(each) for each in code.co_consts if isinstance(each, CodeType)))


@contextlib.contextmanager
def asking_the_student(session: Session) -> Iterator[None]:
    """Let the functions that look into a function, or seed a generator, know of the student's process."""
    torch: Any = sys.modules.get("torch")
    seeding = [(random, "seed"), (random, "setstate"), (np.random, "seed"), (np.random, "set_state")]
    seeding += [(torch, "manual_seed"), (torch, "set_rng_state")] if torch else []
    new: list[tuple[Any, str, Any]] = [
        (module, name, _noticed(getattr(module, name), session)) for module, name in seeding
    ]
    new += [(inspect, name, _asked(getattr(inspect, name), session)) for name in INSPECTING]
    new += [(inspect, "getsource", _source(inspect.getsource, session)), (dis, "dis", _disassembled(dis.dis, session))]
    new += [(inspect, "getsourcelines", _lines(inspect.getsourcelines, session))]
    if session.place:
        new.append((tempfile, "tempdir", str(session.place)))  # so that the student's code finds a test's files
    before = [(module, name, getattr(module, name)) for module, name, _ in new]
    for module, name, function in new:
        setattr(module, name, function)
    try:
        yield
    finally:
        for module, name, function in before:
            setattr(module, name, function)


def _noticed(function: Callable[..., Any], session: Session) -> Callable[..., Any]:
    @functools.wraps(function)
    def seed(*arguments: Any, **options: Any) -> Any:
        session.seeded, session.shared = True, b""
        return function(*arguments, **options)

    return seed


def _asked(function: Callable[..., Any], session: Session) -> Callable[..., Any]:
    @functools.wraps(function)
    def ask(value: Any, *more: Any) -> Any:
        if is_remote(value):
            return session.request(("inspect", function.__name__, value)) is True
        return function(value, *more)

    return ask


def _source(function: Callable[..., Any], session: Session) -> Callable[..., Any]:
    @functools.wraps(function)
    def source(value: Any) -> str:
        return source_of(value, session.done) if is_remote(value) else function(value)

    return source


def _lines(function: Callable[..., Any], session: Session) -> Callable[..., Any]:
    @functools.wraps(function)
    def lines(value: Any) -> tuple[list[str], int]:
        return (source_of(value, session.done).splitlines(True), 1) if is_remote(value) else function(value)

    return lines


def _disassembled(function: Callable[..., Any], session: Session) -> Callable[..., Any]:
    @functools.wraps(function)
    def disassemble(value: Any = None, *, file: Any = None, **options: Any) -> None:
        if not is_remote(value):
            return function(value, file=file, **options)
        text = session.request(("inspect", "dis", value))
        print(text if type(text) is str else "", file=file)

    return disassemble


def source_of(value: Any, cells: list[str]) -> str:
    """Return the text of a function or class of the student's, as it stands in the last cell that defines it.

    Raises:
        OSError: if none does.
    """
    name = str(getattr(value, "__qualname__", "")).replace("<locals>.", "")
    for cell in reversed(cells):
        for path, node in definitions(parsed(cell) or []):
            if path == name:
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                return "".join(without_frame(cell).splitlines(True)[first - 1 : node.end_lineno])
    raise OSError("could not get source code")


def definitions(statements: list[ast.stmt], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the qualified name and the statement of every function and class, the last one first."""
    for statement in reversed(statements):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield above + statement.name, statement
            yield from definitions(statement.body, f"{above}{statement.name}.")


@contextlib.contextmanager
def quiet() -> Any:
    """Drop what a test prints: nobody is graded for it."""
    nowhere = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def folder_with(files: Iterable[tuple[str, bytes]], folder: str) -> Any:
    """Stand in a folder that holds the teacher's files, from which modules may be imported as in a notebook."""
    for name, content in files:
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    before, modules = os.getcwd(), set(sys.modules)
    os.chdir(folder)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path.remove(folder)
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(folder):
                del sys.modules[name]
