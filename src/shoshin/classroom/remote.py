"""Objects of the student's that are not data, as a test cell sees them: they stay where they are and are asked."""

from __future__ import annotations

import builtins
import collections
import contextlib
import enum
import functools
import importlib
import inspect
import sys
import weakref
from collections.abc import Callable, Iterator
from inspect import getattr_static
from types import FunctionType
from typing import Any

import numpy as np

# The lowest bits of a handle say what it is.
CALLABLE, CLASS, EXCEPTION, MODULE, DATA_LIKE = 1, 2, 4, 8, 16
FLAGS = 32

# Modules that a student's name may stand for: then the test cell gets this process's own.
MODULES = {
    *("numpy", "pandas", "scipy", "sklearn", "matplotlib", "torch", "polars", "duckdb", "dask", "pyarrow"),
    *("math", "cmath", "random", "re", "json", "itertools", "functools", "collections", "statistics", "string", "time"),
    *("datetime", "decimal", "fractions", "operator", "copy", "os", "sys", "inspect", "typing"),
}
# Methods that compare: an object that only claims to be a value has no say in that, and is not told what is expected.
COMPARING = {
    *("equals", "eq", "ne", "lt", "le", "gt", "ge", "allclose", "isclose", "equal", "compare", "identical", "isin"),
    *("issubset", "issuperset", "isdisjoint", "startswith", "endswith", "index", "count", "difference", "match"),
}
METHODS = (FunctionType, classmethod, staticmethod)
Ask = Callable[..., Any]


class NotTheStudents(TypeError):
    """A test cell wants to compare or reckon with an object that only claims to be a value."""


class Remote:
    """An object that is in the student's process.

    It answers with data, or with objects that stay there as well. In a comparison with a value of the test's, or in
    arithmetic with one, it has no say unless the test itself made it, by calling a class that the task asks for: an
    `__eq__` that is always true earns nothing, and no expected value is handed to it.
    """

    def __init__(self, ask: Ask, number: int) -> None:
        object.__setattr__(self, "_ask", ask)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_made", False)
        object.__setattr__(self, "_declared", False)
        object.__setattr__(self, "_given", {})

    def __getattr__(self, name: str) -> Any:
        # Libraries look for such names, and would believe what they find: __array_interface__ is an address.
        if name.startswith("__") or name.startswith(("_repr_", "_ipython_")):
            raise AttributeError(name)
        if name in COMPARING and not _get(self, "_made"):
            raise NotTheStudents(f"{described(self)} came, where a value was expected that can be compared.")
        return _operate(self, "getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _operate(self, "setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        _operate(self, "delattr", self, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # type: ignore[override,misc]
        if given := _get(self, "_given"):
            names = _get(self, "_ask")("bases", self)
            for name in names if type(names) is list else []:
                if type(name) is str and name in given:
                    return given[name]
        module, name = _type_of(self)
        found = getattr(sys.modules.get(module), name, None) if module != "__main__" and "." not in name else None
        return found if isinstance(found, type) else type(self)

    def __instancecheck__(self, value: Any) -> bool:
        return is_remote(value) and _operate(self, "isinstance", value, self) is True

    def __subclasscheck__(self, value: Any) -> bool:
        return is_remote(value) and _operate(self, "issubclass", value, self) is True

    def __hash__(self) -> int:
        return hash(_number(self))

    def __eq__(self, other: object) -> Any:
        return _operate(self, "eq", self, other) if _may_meet(self, other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return _operate(self, "ne", self, other) if _may_meet(self, other) else NotImplemented

    def __bool__(self) -> bool:
        if not _get(self, "_made"):
            raise NotTheStudents(f"{described(self)} came, where a value was expected that is true or false.")
        return _operate(self, "truth", self) is True

    def __repr__(self) -> str:
        return _expect(str, _operate(self, "repr", self))

    def __str__(self) -> str:
        return _expect(str, _operate(self, "str", self))

    def __format__(self, specification: str) -> str:
        return _expect(str, _operate(self, "format", self, specification))

    def __len__(self) -> int:
        return _expect(int, _operate(self, "len", self))

    def __float__(self) -> float:
        return _expect(float, _operate(self, "float", self))

    def __int__(self) -> int:
        return _expect(int, _operate(self, "int", self))

    def __contains__(self, item: Any) -> bool:
        if not (_get(self, "_made") or is_remote(item)):
            return any(item == each for each in self)  # it is not told what is looked for
        return _operate(self, "contains", self, item) is True

    def __getitem__(self, key: Any) -> Any:
        return _operate(self, "getitem", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _operate(self, "setitem", self, key, value)

    def __delitem__(self, key: Any) -> None:
        _operate(self, "delitem", self, key)

    def __iter__(self) -> Iterator[Any]:
        iterator = _operate(self, "iter", self)
        return iterator if is_remote(iterator) else iter(iterator)

    def __next__(self) -> Any:
        return _operate(self, "next", self)

    def __reversed__(self) -> Iterator[Any]:
        return iter(_operate(self, "reversed", self))

    def __enter__(self) -> Any:
        return _operate(self, "enter", self)

    def __exit__(self, *error: Any) -> None:
        _operate(self, "exit", self, None, None, None)

    def __copy__(self) -> Remote:
        return self

    def __deepcopy__(self, memo: Any) -> Remote:
        return self


class RemoteCallable(Remote):
    """A function, a class or another callable in the student's process."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        result, after, after_options, printed = _expect_call(_get(self, "_ask")("call", self, arguments, options))
        for argument, state in zip(arguments, after, strict=False):
            _become(argument, state)
        for name, state in after_options.items():
            _become(options.get(name), state)
        if printed:
            sys.stdout.write(printed)  # a test may listen
        if is_remote(result) and _get(self, "_declared"):
            object.__setattr__(result, "_made", True)
        return result

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self

    @property
    def __name__(self) -> str:
        return _expect(str, _operate(self, "getattr", self, "__name__"))  # type: ignore[no-any-return]

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        text = _operate(self, "getattr", self, "__doc__")
        return text if type(text) is str else None

    @property
    def __signature__(self) -> inspect.Signature:
        parameters = _get(self, "_ask")("signature", self)
        kinds = list(inspect._ParameterKind)
        return inspect.Signature(
            [
                inspect.Parameter(name, kinds[kind], default=default[0] if default else inspect.Parameter.empty)
                for name, kind, default in parameters
            ]
        )


def _binary(name: str, swapped: bool = False) -> Any:
    def operate(self: Remote, other: Any) -> Any:
        if not _may_meet(self, other):
            raise NotTheStudents(f"{described(self)} came, where a value was expected.")
        result = _operate(self, name, *((other, self) if swapped else (self, other)))
        if is_remote(result) and _get(self, "_made"):
            object.__setattr__(result, "_made", True)
        return result

    return operate


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"):
    _operator = f"{_name}_" if _name in ("and", "or") else _name
    setattr(Remote, f"__{_name}__", _binary(_operator))
    setattr(Remote, f"__r{_name}__", _binary(_operator, swapped=True))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Remote, f"__{_name}__", _binary(_name))
for _name in ("neg", "pos", "invert", "abs"):
    setattr(Remote, f"__{_name}__", lambda self, _name=_name: _operate(self, _name, self))


def is_remote(value: Any) -> bool:
    """Tell whether a value is the student's object, whatever it claims."""
    return issubclass(type(value), Remote)


def declared(value: Any, asked_for: bool = True) -> Any:
    """Mark a class as one that the task asks for: what the test makes with it may be compared and reckoned with."""
    if is_remote(value):
        object.__setattr__(value, "_declared", asked_for and bool(_number(value) & CLASS))
    return value


def described(value: Remote) -> str:
    """Return `An object of the type Trick`."""
    return f"An object of the type {_type_of(value)[1] or 'module'}"


def _may_meet(one: Remote, other: Any) -> bool:
    return _get(one, "_made") or is_remote(other)


def _get(value: Remote, name: str) -> Any:
    return object.__getattribute__(value, name)


def _number(value: Remote) -> int:
    number: int = _get(value, "_number")
    return number


def _operate(owner: Remote, name: str, *arguments: Any) -> Any:
    return _get(owner, "_ask")("operate", name, arguments)


def _type_of(value: Remote) -> tuple[str, str]:
    found = _get(value, "_ask")("type", value)
    if type(found) is list and len(found) == 2 and all(type(name) is str for name in found):
        return found[0], found[1]
    return "", "unknown"


def _expect(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise NotTheStudents(f"a {kind.__name__} was expected, and something else came")
    return value


def _expect_call(words: Any) -> tuple[Any, list[Any], dict[str, Any], str]:
    if type(words) is list and [type(each) for each in words[1:]] == [list, dict, str]:
        return words[0], words[1], words[2], words[3]
    raise NotTheStudents("something else came back than a call gives")


def _become(argument: Any, state: Any) -> None:
    """Do to an argument of the test's what the student's function has done to its copy in place."""
    if type(state) is not list or len(state) != 1:
        return
    now, kind = state[0], type(argument)
    if kind is np.random.Generator:
        with contextlib.suppress(Exception):  # no state of such a generator
            argument.bit_generator.state = now
    if type(now) is not kind:
        return
    if kind in (list, bytearray):
        argument[:] = now
    elif kind in (dict, set):
        argument.clear()
        argument.update(now)
    elif kind is np.ndarray and now.shape == argument.shape and now.dtype == argument.dtype:
        if argument.flags.writeable:
            argument[...] = now
    elif kind.__module__ == "__main__" and not isinstance(argument, (tuple, enum.Enum)) and now is not argument:
        getattr(argument, "__dict__", {}).clear()
        set_fields(argument, fields_of(now))
    elif kind.__name__ in ("DataFrame", "Series") and not now.equals(argument):
        argument._update_inplace(now)
    elif kind.__name__ == "Tensor" and now.shape == argument.shape and not argument.requires_grad:
        argument.copy_(now)


def cached(size: int | None, function: Callable[..., Any]) -> Any:
    """Return a function with a cache, as it is made again in the student's process."""
    return functools.lru_cache(size)(function)


def can_travel(kind: type) -> bool:
    """Tell whether an instance of a class that the teacher gives is its fields, and can be made anew from them."""
    if not {base.__module__ for base in kind.__mro__} <= {"__main__", "builtins", "abc", "enum", "typing"}:
        return False  # a library's class knows more of its instances than we do
    if issubclass(kind, enum.Enum) or (issubclass(kind, tuple) and hasattr(kind, "_fields")):
        return True
    try:
        object.__new__(kind)
    except TypeError:  # a list or an error, say, is more than its fields
        return inspect.isabstract(kind)
    return True


def fields_of(value: Any) -> Any:
    """Return what an instance of such a class consists of: the name of a member, the items of a tuple, or fields."""
    kind = type(value)
    if issubclass(kind, enum.Enum):
        return value.name
    if issubclass(kind, tuple):
        return list(tuple.__iter__(value))
    slots = [name for base in kind.__mro__ for name in _slots(base) if hasattr(value, name)]
    return {**getattr(value, "__dict__", {}), **{name: getattr(value, name) for name in slots}}


def _slots(kind: type) -> list[str]:
    names = vars(kind).get("__slots__", ())
    return [name for name in ([names] if isinstance(names, str) else names) if name not in ("__dict__", "__weakref__")]


def set_fields(value: Any, fields: Any) -> None:
    """Give an instance the fields that another one has."""
    for name, field in fields.items():
        object.__setattr__(value, name, field)


def given_class(name: str) -> type:
    """Return, in the student's process, the class that is there what the teacher's is here."""
    return vars(sys.modules["__main__"])[name]  # type: ignore[no-any-return]


def given_value(name: str, fields: Any) -> Any:
    """Return, in the student's process, a member or a tuple of a class that the teacher gives."""
    return _value(given_class(name), fields)


def given_object(name: str) -> Any:
    """Return, in the student's process, an instance of a class that the teacher gives, without fields yet."""
    return object.__new__(given_class(name))


def _value(kind: type, fields: Any) -> Any:
    return kind[fields] if issubclass(kind, enum.Enum) else tuple.__new__(kind, fields)  # type: ignore[type-var]


class Objects:
    """Makes and knows the proxies of one submission. `given` are the classes that the teacher gives, by name."""

    def __init__(self, ask: Ask, generation: Callable[[], int]) -> None:
        self.ask, self.generation = ask, generation
        self.remotes: weakref.WeakValueDictionary[tuple[int, int], Remote] = weakref.WeakValueDictionary()
        self.exceptions: dict[tuple[int, int], type[Exception]] = {}
        self.of_exceptions: dict[type, tuple[int, int]] = {}
        self.generations: dict[int, int] = {}
        self.given: dict[str, type] = {}
        self.copies: dict[tuple[int, int], Any] = {}  # of instances of such classes, by number
        self.being_copied: set[tuple[int, int]] = set()

    def forget(self) -> None:
        """Forget which objects have been met: what one test has made, it has not made for another."""
        self.remotes.clear()
        self.copies.clear()

    def wrap(self, number: int) -> Any:
        """Return what stands for the object with this number in a test cell."""
        if number & EXCEPTION and number & CLASS:
            return self._exception(number)
        key = (self.generation(), number)
        known = self.remotes.get(key)
        if known is not None:
            return known  # `is` means the same here as there
        remote = (RemoteCallable if number & CALLABLE else Remote)(self.ask, number)
        object.__setattr__(remote, "_generation", self.generation())
        object.__setattr__(remote, "_given", self.given)
        if self.given and not number & (CLASS | MODULE):
            module, name = _type_of(remote)
            if module == "__main__" and name in self.given:
                return self._copy(key, self.given[name], remote)
        self.remotes[key] = remote
        if number & DATA_LIKE:
            return _data_of(self.ask("plain", remote))
        if number & MODULE:
            name, _ = _type_of(remote)
            if name.partition(".")[0] in MODULES and (name in sys.modules or "." not in name):
                return importlib.import_module(name)
        return remote

    def _copy(self, key: tuple[int, int], kind: type, remote: Remote) -> Any:
        """Return what an instance of a class that the teacher gives is here: an instance of the teacher's own class."""
        if key in self.being_copied:  # it refers to itself
            return self.copies[key]
        if issubclass(kind, (tuple, enum.Enum)):
            return _value(kind, self.ask("fields", remote))
        copied = self.copies.setdefault(key, object.__new__(kind))
        self.being_copied.add(key)
        try:
            fields = self.ask("fields", remote)
        finally:
            self.being_copied.discard(key)
        if type(fields) is not dict or not all(type(name) is str for name in fields):
            raise NotTheStudents("something else came than the fields of an object")
        if method := next((name for name in fields if isinstance(getattr_static(kind, name, None), METHODS)), ""):
            raise NotTheStudents(f"an object has something else in the place of the method `{method}`")
        getattr(copied, "__dict__", {}).clear()
        set_fields(copied, fields)
        return copied

    def unwrap(self, value: Any) -> int | None:
        """Return the number of an object of the student's; `None` for a value of the grader's.

        Raises:
            RuntimeError: if the process that held it is gone.
        """
        if is_remote(value):
            number, generation = _number(value), _get(value, "_generation")
        elif type(value) is type and value in self.of_exceptions:
            number, generation = self.of_exceptions[value]
        else:
            return None
        if generation != self.generation():
            raise RuntimeError("the process that held this object has ended")
        return number

    def _exception(self, number: int) -> type[Exception]:
        key = (self.generation(), number)
        if key not in self.exceptions:
            held = Remote(self.ask, number)
            object.__setattr__(held, "_generation", self.generation())
            names = self.ask("bases", held)
            names = [name for name in names if type(name) is str] if type(names) is list else []
            kind = type(names[0] if names else "Error", (builtin_exception(names),), {"__getattr__": _of_the_students})
            self.exceptions[key], self.of_exceptions[kind] = kind, key[::-1]
        return self.exceptions[key]

    def raised(self, words: Any) -> BaseException:
        """Return an exception for one that the student's code raised: of the same built-in type, or of its nearest."""
        if type(words) is not dict:
            return RuntimeError("an error")
        text, line, own = words.get("text"), words.get("line"), words.get("class")
        names = [name for name in words.get("bases") or [] if type(name) is str]
        kind = own[0] if type(own) is list and own and own[0] in self.of_exceptions else builtin_exception(names)
        try:
            error: Any = kind(text if type(text) is str else "")
        except Exception:
            error = RuntimeError(text)
        error.line_of_student = line if type(line) is str else ""
        held = words.get("object")
        error.object_of_student = held[0] if type(held) is list and held and is_remote(held[0]) else None
        return error  # type: ignore[no-any-return]


def _of_the_students(error: Any, name: str) -> Any:
    """Return what the student's own exception has under a name."""
    held = vars(error).get("object_of_student")
    if held is None or name.startswith("__"):
        raise AttributeError(name)
    return getattr(held, name)


def _data_of(words: Any) -> Any:
    """Return the data of an instance of a subclass: a Counter is one again, a named tuple has its fields."""
    if type(words) is not list or len(words) != 3:
        raise NotTheStudents("something else came than data")
    value, name, fields = words
    if type(value) is dict and name in ("Counter", "OrderedDict"):
        return getattr(collections, name)(value)
    if type(value) is tuple and fields and len(fields) == len(value) and all(type(f) is str for f in fields):
        with contextlib.suppress(ValueError):
            return collections.namedtuple("Named", fields)(*value)  # type: ignore[misc]
    return collections.deque(value) if name == "deque" and type(value) is list else value


def builtin_exception(names: list[str]) -> type[Exception]:
    """Return the first of the named classes that is a built-in exception of the ordinary kind (not SystemExit)."""
    for name in names:
        found = getattr(builtins, name, None)
        if isinstance(found, type) and issubclass(found, Exception):
            return found
        if name == "LinAlgError" and "numpy.linalg" in sys.modules:
            return sys.modules["numpy.linalg"].LinAlgError  # type: ignore[no-any-return]
    return RuntimeError
