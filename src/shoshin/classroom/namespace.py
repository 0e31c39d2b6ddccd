"""The namespace in which a teacher's test cells run: names that it lacks are the student's."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import os
import sys
from collections.abc import Iterable
from types import FunctionType, ModuleType
from typing import Any

from shoshin.check.timelimit import OutOfTime, time_limit
from shoshin.classroom.given import bound, names_of, parsed, runnable, seeds
from shoshin.classroom.model import Asked
from shoshin.classroom.remote import can_travel, declared, is_remote
from shoshin.classroom.session import Session

HARMLESS_MAGICS = {"matplotlib", "config", "load_ext", "autoreload", "precision", "reload_ext"}


class Namespace(dict[str, Any]):
    """The globals of a teacher's code.

    A name is looked up among what the teacher's own cells have bound, then, if the assignment asks the student for
    it, in the student's process, then among Python's, then in the student's process. What a test cell assigns to a
    name that the assignment asks for or gives, or deletes, it assigns or deletes there.
    """

    def __init__(self, session: Session, cells: Iterable[Asked]) -> None:
        super().__init__(__name__="__main__", __builtins__=builtins, display=lambda *_, **__: None, get_ipython=NoShell)
        self.session = session
        asked = [cell for cell in cells if cell.role == "answer"]
        self.asked_for = {name for cell in asked for name in cell.names}
        self.asked_for -= set().union(*(names_of(cell.imports) for cell in asked))
        self.classes = {name for cell in asked for name in cell.classes}
        given = [cell.source for cell in cells if cell.role == "given" and cell.cell_type == "code"]
        self.given = set().union(*map(names_of, given))
        self.testing = False
        self.fetched: dict[str, tuple[bytes, Any]] = {}

    def __missing__(self, name: str) -> Any:
        if name.startswith("__") or (name not in self.asked_for and hasattr(builtins, name)):
            raise KeyError(name)
        return self.fetch(name)

    def __setitem__(self, name: str, value: Any) -> None:
        if self.testing and name in self.asked_for:
            self.session.request(("set", name, value))
            self.fetched.pop(name, None)
            super().pop(name, None)
            return
        if self.testing and name in self.given and type(value) is FunctionType:
            self.session.request(("set", name, value))  # a helper that counts its calls, say
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        mine = super().pop(name, self) is not self
        self.fetched.pop(name, None)
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
            return declared(value, name in self.classes)
        # The same object as before, if it is the same still: a test may have changed it, and means that one.
        fingerprint = self.session.dump(value)
        if name not in self.fetched or self.fetched[name][0] != fingerprint:
            self.fetched[name] = (fingerprint, value)
        return self.fetched[name][1]

    def keep_here(self, function: FunctionType) -> bool:
        """Tell whether a function of a test stays here when it is handed to the student's code, which then calls it.

        One that needs nothing but modules goes over, so that a gradient can be taken through it.
        """
        names = set(function.__code__.co_names)
        used = [dict.get(self, name) for name in names if dict.__contains__(self, name)]
        return bool(function.__closure__ or function.__defaults__) or not all(isinstance(u, ModuleType) for u in used)

    def run_given(self, statements: list[ast.stmt], seconds: float) -> None:
        """Run statements of the teacher's cells, but for those that wait for the student's work or fail."""
        for statement in statements:
            if not runnable(statement, self):
                for name in bound(statement):
                    super().pop(name, None)  # the student's process has run it
                continue
            with contextlib.suppress(Exception, OutOfTime, SystemExit), quiet(), time_limit(seconds):
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
        statements = parsed(source)
        if statements is None:
            raise SyntaxError("the test cell cannot be read")
        last = statements[-1] if statements and not source.rstrip().endswith(";") else None
        self.testing = True
        self.fetched = {}
        self.session.objects.forget()
        self.session.seeded = any(map(seeds, statements))
        try:
            with quiet(), time_limit(seconds):
                if not isinstance(last, ast.Expr):
                    exec(compile(ast.Module(statements, []), "<test>", "exec"), self)
                    return False, None
                exec(compile(ast.Module(statements[:-1], []), "<test>", "exec"), self)
                value = eval(compile(ast.Expression(last.value), "<test>", "eval"), self)
                return value is not None, value
        finally:
            self.testing = False


class NoShell:
    """What a magic in a teacher's cell meets: those that only change how things look are passed over."""

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> None:
        if name not in HARMLESS_MAGICS:
            raise RuntimeError(f"the magic %{name} cannot be used in a test cell that is graded at arm's length")

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        raise RuntimeError(f"the magic %%{name} cannot be used in a test cell that is graded at arm's length")

    def system(self, command: str) -> None:
        raise RuntimeError("a test cell that is graded at arm's length cannot call the shell")

    getoutput = system


@contextlib.contextmanager
def quiet() -> Any:
    """Drop what a test prints: nobody is graded for it."""
    import warnings

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
