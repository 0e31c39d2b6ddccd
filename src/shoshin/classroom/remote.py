"""Objects of the student's that are not data, as a test cell sees them: they stay where they are and are asked."""

from __future__ import annotations

import abc
import builtins
import collections
import contextlib
import enum
import functools
import importlib
import inspect
import keyword
import random
import re
import sys
import types
import warnings
import weakref
from collections.abc import Callable, Iterator
from inspect import getattr_static
from typing import Any

import numpy as np

# The lowest bits of a handle say what it is.
CALLABLE, CLASS, EXCEPTION, MODULE, DATA_LIKE = 1, 2, 4, 8, 16
FLAGS = 32
MOST_FIELDS, LONGEST_NAME = 255, 100  # of a named tuple

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
ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift")
ORDER = ("lt", "le", "gt", "ge")
IN_PLACE = {f"i{name}" for name in (*ARITHMETIC, "and", "or", "xor")}
CHANGING = {"call", "setattr", "delattr", "setitem", "delitem", *IN_PLACE}
# Names of the language that a test may ask for, and that no library acts upon.
HARMLESS = {
    *("__code__", "__defaults__", "__kwdefaults__", "__annotations__", "__qualname__", "__module__", "__wrapped__"),
    *("__closure__", "__func__", "__self__", "__slots__", "__members__", "__abstractmethods__", "__isabstractmethod__"),
    *("__dataclass_fields__", "__match_args__", "__sklearn_tags__", "__sklearn_is_fitted__", "__sklearn_clone__"),
    *("__cause__", "__context__", "__notes__"),
}
# Types without a class of that name in their module; nobody can make an instance of them that does harm.
KINDS: dict[tuple[str, str], type] = {
    **{("builtins", kind.__name__): kind for kind in (object, type, property, map, zip, filter, enumerate, reversed)},
    **{("builtins", kind.__name__): kind for kind in (range, memoryview, types.GeneratorType)},
    **{("builtins", kind.__name__): kind for kind in (types.ModuleType, types.AsyncGeneratorType)},
    ("builtins", "function"): types.FunctionType,
    ("builtins", "method"): types.MethodType,
    ("builtins", "builtin_function_or_method"): types.BuiltinFunctionType,
    ("re", "Match"): re.Match,
    ("re", "Pattern"): re.Pattern,
    ("abc", "ABCMeta"): abc.ABCMeta,
    ("enum", "EnumType"): enum.EnumType,
}
BASES = MODULES | {"builtins", "abc", "enum", "threading", "unittest", "numbers", "contextlib", "dataclasses", "array"}
VALUES = (bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset)  # they come as data
ERRORS = {"sqlite3", "decimal", "json", "dataclasses", "asyncio", "sklearn", "numpy", "pandas", "scipy", "torch"}
METHODS = (types.FunctionType, classmethod, staticmethod)
Ask = Callable[..., Any]


class NotTheStudents(Exception):
    """A test cell wants to compare or reckon with an object that only claims to be a value."""


class Remote:
    """An object that is in the student's process.

    It answers with data, or with objects that stay there as well. In a comparison with a value of the test's, or in
    arithmetic with one, it has no say unless the test itself made it, by calling a class that the task asks for: an
    `__eq__` that is always true earns nothing, and no expected value is handed to it. Nor has it one after the
    student's code has handed it back: `balance` may return the account, to which everything is equal.
    """

    def __init__(self, ask: Ask, number: int) -> None:
        object.__setattr__(self, "_ask", ask)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_made", False)
        object.__setattr__(self, "_comparable", True)  # the teacher's class says what its instances are equal to
        object.__setattr__(self, "_handed_back", False)
        object.__setattr__(self, "_declared", False)
        object.__setattr__(self, "_given", {})

    def __getattr__(self, name: str) -> Any:
        # Libraries look for such names, and would believe what they find: __array_interface__ is an address.
        if (name.startswith("__") and name not in HARMLESS) or name.startswith(("_repr_", "_ipython_")):
            raise AttributeError(name)
        found = _operate(self, "getattr", self, name)
        if name in COMPARING and is_remote(found) and not _get(self, "_made"):
            raise NotTheStudents(f"{described(self)} came, where a value was expected that can be compared.")
        return _get(self, "_objects").lend(self, name, found)

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
        return stand_in(self) or type(self)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        found = _operate(self, "vars", self)
        if type(found) is not dict or not all(type(name) is str for name in found):
            raise AttributeError("__dict__")
        return found

    def __dir__(self) -> list[str]:
        return _texts(_operate(self, "dir", self))

    def __instancecheck__(self, value: Any) -> bool:
        return is_remote(value) and _operate(self, "isinstance", value, self) is True

    def __subclasscheck__(self, value: Any) -> bool:
        return is_remote(value) and _operate(self, "issubclass", value, self) is True

    def __hash__(self) -> int:
        return _expect(int, _operate(self, "hash", self)) if _get(self, "_made") else hash(_number(self))

    def __eq__(self, other: object) -> Any:
        return _operate(self, "eq", self, other) if _may_meet(self, other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return _operate(self, "ne", self, other) if _may_meet(self, other) else NotImplemented

    def __bool__(self) -> bool:
        if _operate(self, "always true", self) is True:
            return True
        if not _get(self, "_made") or _get(self, "_handed_back"):
            raise _refused(self, "a value was expected that is true or false")
        return _operate(self, "truth", self) is True

    def __repr__(self) -> str:
        return _expect(str, _operate(self, "repr", self))

    def __str__(self) -> str:
        return _expect(str, _operate(self, "str", self))

    def __format__(self, specification: str) -> str:
        return _expect(str, _operate(self, "format", self, specification))

    def __len__(self) -> int:
        length = _expect(int, _operate(self, "len", self))
        objects = _get(self, "_objects")
        objects.lengths[_number(self)] = (length, objects.changes)
        return length

    def __float__(self) -> float:
        return _expect(float, _operate(self, "float", self))

    def __int__(self) -> int:
        return _expect(int, _operate(self, "int", self))

    def __complex__(self) -> complex:
        return _expect(complex, _operate(self, "complex", self))

    def __index__(self) -> int:
        return _expect(int, _operate(self, "index", self))

    def __round__(self, *digits: int) -> Any:
        return _operate(self, "round", self, *digits)

    def __contains__(self, item: Any) -> bool:
        if not _may_meet(self, item):
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
        iterator = iterator if is_remote(iterator) else iter(iterator)
        return self._counted(iterator) if _number(self) in _get(self, "_objects").lengths else iterator

    def _counted(self, iterator: Iterator[Any]) -> Iterator[Any]:
        """Yield the items; there must be as many as the object has said."""
        objects, number = _get(self, "_objects"), 0
        length, changes = objects.lengths[_number(self)]
        for number, item in enumerate(iterator, 1):  # noqa: B007
            yield item
        if number != length and changes == objects.changes:
            raise NotTheStudents(f"{described(self)} came that has the length {length} and {number} items.")

    def __next__(self) -> Any:
        return _operate(self, "next", self)

    def __reversed__(self) -> Iterator[Any]:
        return iter(_operate(self, "reversed", self))

    def __enter__(self) -> Any:
        return _operate(self, "enter", self)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        """Tell the object of an error only that the test itself raises; no other can it swallow."""
        if error is None or not _get(self, "_objects").is_raised_by_the_test(error):
            _operate(self, "exit", self, "", "")
            return False
        return _operate(self, "exit", self, kind.__name__, str(error)) is True

    def __copy__(self) -> Remote:
        return self._copied("copy")

    def __deepcopy__(self, memo: Any) -> Remote:
        return self._copied("deepcopy")

    def _copied(self, how: str) -> Any:
        if _number(self) & (CALLABLE | CLASS | MODULE) or not _get(self, "_made"):
            return self
        return _as_made(_operate(self, how, self), self)

    def __await__(self) -> Iterator[Any]:
        return _operate(self, "await", self)
        yield

    def __aiter__(self) -> Any:
        return _operate(self, "aiter", self)

    async def __anext__(self) -> Any:
        return await _operate(self, "anext", self)


class RemoteCallable(Remote):
    """A function, a class or another callable in the student's process."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        listening = _get(self, "_objects").listening()
        words = _expect_call(_get(self, "_ask")("call", self, arguments, options, listening))
        result, after, after_options, printed, warned, same = words
        for argument, state in zip(arguments, after, strict=False):
            _become(argument, state)
        for name, state in after_options.items():
            _become(options.get(name), state)
        for stream, text in zip((sys.stdout, sys.stderr), _texts(printed), strict=False):
            if text:
                stream.write(text)  # a test may listen
        for names, text in (each for each in warned if type(each) is list and len(each) == 2):
            warnings.warn(str(text), _warning(_texts(names)), stacklevel=2)
        if type(same) is int and 0 <= same < len(arguments) and after[same : same + 1] not in ([], [[]]):
            return arguments[same]
        if is_remote(result) and _get(self, "_declared"):
            object.__setattr__(result, "_made", True)
            object.__setattr__(result, "_handed_back", False)
            object.__setattr__(result, "_comparable", _get(self, "_comparable"))
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
    def __bases__(self) -> tuple[Any, ...]:
        return self._classes("__bases__")

    @property
    def __mro__(self) -> tuple[Any, ...]:
        return self._classes("__mro__")

    @property
    def __base__(self) -> Any:
        return self._classes("__bases__")[0]

    def _classes(self, name: str) -> tuple[Any, ...]:
        if not _number(self) & CLASS:
            raise AttributeError(name)
        found = _get(self, "_ask")("classes", self, name)
        names = _pairs(_get(self, "_ask")("mro", self, "class" if name == "__mro__" else "bases"))
        if type(found) is not list or len(found) != len(names):
            raise NotTheStudents("something else came than classes")
        here = [_get(self, "_given").get(each[1]) or KINDS.get(each) or _of_library(*each) for each in names]
        return tuple(mine or theirs for mine, theirs in zip(here, found, strict=True))

    @property
    def __signature__(self) -> inspect.Signature:
        parameters, returned = _get(self, "_ask")("signature", self)
        kinds, empty = list(inspect._ParameterKind), inspect.Parameter.empty
        return inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    kinds[kind],
                    default=default[0] if default else empty,
                    annotation=annotation[0] if annotation else empty,
                )
                for name, kind, default, annotation in parameters
            ],
            return_annotation=returned[0] if returned else empty,
        )


def _binary(name: str, swapped: bool = False) -> Any:
    def operate(self: Remote, other: Any) -> Any:
        if not (_get(self, "_made") or is_remote(other)) or (name in ORDER and not _may_meet(self, other)):
            raise _refused(self, "a value was expected")
        return _as_made(_operate(self, name, *((other, self) if swapped else (self, other))), self)

    return operate


for _name in (*ARITHMETIC, "and", "or", "xor"):
    _operator = f"{_name}_" if _name in ("and", "or") else _name
    setattr(Remote, f"__{_name}__", _binary(_operator))
    setattr(Remote, f"__r{_name}__", _binary(_operator, swapped=True))
    setattr(Remote, f"__i{_name}__", _binary(f"i{_name}"))
for _name in (*ORDER, "divmod"):
    setattr(Remote, f"__{_name}__", _binary(_name))
for _name in ("neg", "pos", "invert", "abs"):
    setattr(Remote, f"__{_name}__", lambda self, _name=_name: _as_made(_operate(self, _name, self), self))


def is_remote(value: Any) -> bool:
    """Tell whether a value is the student's object, whatever it claims."""
    return issubclass(type(value), Remote)


def declared(value: Any, asked_for: bool = True, comparable: bool = True) -> Any:
    """Mark a class as one that the task asks for: what the test makes with it may be compared and reckoned with.

    Where it is not `comparable`, the teacher's own class does not say what its instances are equal to.
    """
    if is_remote(value):
        object.__setattr__(value, "_declared", asked_for and bool(_number(value) & CLASS))
        object.__setattr__(value, "_comparable", comparable)
    return value


def _as_made(result: Any, origin: Remote) -> Any:
    """Return what an operator has made of an object; if the test had made that, it has made this as well."""
    if is_remote(result) and result is not origin and _get(origin, "_made") and not _get(result, "_made"):
        for name in ("_made", "_comparable", "_handed_back"):
            object.__setattr__(result, name, _get(origin, name))
    return result


def _refused(value: Remote, where: str) -> NotTheStudents:
    """Return the error for an object that only claims to be a value; no test that waits for an error may take it."""
    error = NotTheStudents(f"{described(value)} came, where {where}.")
    _get(value, "_objects").refused(str(error))
    return error


def described(value: Remote) -> str:
    """Return `An object of the type Trick`."""
    return f"An object of the type {_type_of(value)[1] or 'module'}"


def _may_meet(one: Remote, other: Any) -> bool:
    if is_remote(other):
        return True
    return bool(_get(one, "_made") and _get(one, "_comparable") and not _get(one, "_handed_back"))


def _get(value: Remote, name: str) -> Any:
    return object.__getattribute__(value, name)


def stand_in(value: Remote, kind_of: str = "type") -> type | None:
    """Return a class for the type of an object, or for a class of the student's, that has the same library's bases.

    Nothing can be made with it: the student's code says what it is called. `None` stands for what only claims to be
    data, which would have come as data.
    """
    mro = _get(value, "_ask")("mro", value, kind_of)
    names = _pairs(mro)
    if not names:
        return None
    if kind := exactly(*names[0]):
        return kind
    bases: list[type] = []
    for kind in filter(None, (KINDS.get(each) or _of_library(*each) for each in names)):
        if kind is not object and not any(issubclass(base, kind) for base in bases):
            bases.append(kind)
    values = [base for base in bases if issubclass(base, VALUES)]
    if (values and not (_get(value, "_made") or kind_of == "class")) or any(_is_array(base) for base in bases):
        return None
    return _stub(names[0][1], tuple(bases))


def exactly(module: str, name: str) -> type | None:
    """Return this process's own class, if it is one with which nobody can do harm: a model's, say."""
    if kind := KINDS.get((module, name)):
        return kind
    kind = _of_library(module, name)
    models = [("sklearn.base", "BaseEstimator"), ("torch.nn.modules.module", "Module")]
    known = tuple(getattr(sys.modules[place], base) for place, base in models if place in sys.modules)
    return kind if kind is not None and issubclass(kind, known) else None


def _of_library(module: str, name: str) -> type | None:
    found = None
    if module.partition(".")[0] in BASES and "." not in name and module in sys.modules:
        found = getattr_static(sys.modules[module], name, None)
    return found if isinstance(found, type) else None


def _is_array(kind: type) -> bool:
    names = [("numpy", "ndarray"), ("numpy", "generic"), ("torch", "Tensor"), ("pandas", "Index")]
    names += [("pandas", "DataFrame"), ("pandas", "Series")]
    arrays = tuple(getattr(sys.modules[module], name) for module, name in names if module in sys.modules)
    return issubclass(kind, arrays)


@functools.lru_cache(1000)
def _stub(name: str, bases: tuple[type, ...]) -> type | None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise TypeError("an object of this class can only be made where the student's code runs")

    name = name.rpartition(".")[2]
    names = {"__new__": refuse, "__module__": "__main__"}
    with contextlib.suppress(Exception):  # a class that is not to be a base
        return types.new_class(name if name.isidentifier() else "Unknown", bases, {}, lambda space: space.update(names))
    return None


class _Types(type):
    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        if cls is Type and len(arguments) == 1 and not options:
            return _type_here(arguments[0])
        return type.__call__(type if cls is Type else cls, *arguments, **options)

    def __instancecheck__(cls, value: Any) -> bool:
        return type.__instancecheck__(type if cls is Type else cls, value)

    def __subclasscheck__(cls, kind: Any) -> bool:
        return type.__subclasscheck__(type if cls is Type else cls, kind)

    def __eq__(cls, other: object) -> bool:
        return other is cls or (cls is Type and other is type)

    def __hash__(cls) -> int:
        return hash(type) if cls is Type else super().__hash__()


class Type(type, metaclass=_Types):
    """What `type` is in a test cell: of an object of the student's it gives the class that the student's code has."""


def _type_here(value: Any) -> Any:
    if not is_remote(value):
        return type(value)
    found = value.__class__
    if found in _get(value, "_given").values():
        return found
    return exactly(*_type_of(value)) or _operate(value, "type", value)


def is_subclass(kind: Any, of: Any) -> bool:
    """Return what `issubclass` does in a test cell, where either may be a class of the student's."""
    if not is_remote(kind):
        return issubclass(kind, of)
    if isinstance(of, tuple):
        return any(is_subclass(kind, each) for each in of)
    if is_remote(of):
        return of.__subclasscheck__(kind)
    if not _number(kind) & CLASS:
        raise TypeError("issubclass() arg 1 must be a class")
    found = stand_in(kind, "class")
    return found is not None and issubclass(found, type if of is Type else of)


def _pairs(words: Any) -> list[tuple[str, str]]:
    """Return pairs of texts, or nothing if there is something else among them."""
    pairs = [each for each in words if type(each) is list] if type(words) is list else []
    good = bool(pairs) and len(pairs) == len(words) and all(list(map(type, each)) == [str, str] for each in pairs)
    return [(module, name) for module, name in pairs] if good else []


def _texts(words: Any) -> list[str]:
    return [each for each in words if type(each) is str] if type(words) is list else []


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


def _warning(names: list[str]) -> type[Warning]:
    found = [getattr(builtins, name, None) for name in names]
    return next((kind for kind in found if isinstance(kind, type) and issubclass(kind, Warning)), UserWarning)


def _expect_call(words: Any) -> list[Any]:
    if type(words) is list and [type(each) for each in words[1:]] == [list, dict, list, list, int]:
        return words
    raise NotTheStudents("something else came back than a call gives")


def _become(argument: Any, state: Any) -> None:
    """Do to an argument of the test's what the student's function has done to its copy in place."""
    if type(state) is not list or len(state) != 1:
        return
    now, kind = state[0], type(argument)
    if kind is np.random.Generator:
        with contextlib.suppress(Exception):  # no state of such a generator
            argument.bit_generator.state = now
    if kind is random.Random or kind is np.random.RandomState:
        with contextlib.suppress(Exception):
            (argument.setstate if kind is random.Random else argument.set_state)(now)
        return
    if _is_model(argument):
        _learn(argument, now)
        return
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
        argument.copy_(now.detach())


def _is_model(value: Any) -> bool:
    models = [("sklearn.base", "BaseEstimator"), ("torch.nn", "Module")]
    known = tuple(getattr(sys.modules[module], name) for module, name in models if module in sys.modules)
    return issubclass(type(value), known)


def _learn(model: Any, now: Any) -> None:
    """Give a model of the test's what the student's function has taught its copy."""
    if type(now) is not dict or not all(type(name) is str for name in now):
        return
    if hasattr(model, "load_state_dict"):
        with contextlib.suppress(Exception):  # they are not the weights of this model
            model.load_state_dict(now)
        return
    vars(model).update({name: each for name, each in now.items() if not hasattr(type(model), name)})


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

    def __init__(self, ask: Ask, generation: Callable[[], int], refused: Callable[[str], None]) -> None:
        self._ask, self.generation, self.refused = ask, generation, refused
        self.changes = 0  # how often the student's code may have changed something
        self.lengths: dict[int, tuple[int, int]] = {}  # what objects have said, and how many changes there were
        self.handing_back = False
        self.raising: set[int] = set()  # the lines of the test that raise
        self.lend: Callable[[Remote, str, Any], Any] = lambda owner, name, value: value
        self.listening: Callable[[], bool] = lambda: False  # whether a test listens for warnings
        self.ask = self.asked
        self.remotes: weakref.WeakValueDictionary[tuple[int, int], Remote] = weakref.WeakValueDictionary()
        self.exceptions: dict[tuple[int, int], type[Exception]] = {}
        self.of_exceptions: dict[type, tuple[int, int]] = {}
        self.generations: dict[int, int] = {}
        self.given: dict[str, type] = {}
        self.copies: dict[tuple[int, int], Any] = {}  # of instances of such classes, by number
        self.being_copied: set[tuple[int, int]] = set()

    def asked(self, *request: Any) -> Any:
        """Ask the student's process. What of the test's own objects comes back has been handed back."""
        what = request[1] if request[0] == "operate" else request[0]
        self.changes += what in CHANGING
        before, self.handing_back = self.handing_back, what not in IN_PLACE
        try:
            return self._ask(*request)
        finally:
            self.handing_back = before

    def is_raised_by_the_test(self, error: BaseException) -> bool:
        """Tell whether a `raise` of the test's own has raised a built-in exception, as a test of `__exit__` does."""
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        plain = type(error).__module__ == "builtins" and isinstance(error, Exception)
        if not trace or not plain or isinstance(error, AssertionError) or hasattr(error, "line_of_student"):
            return False
        return trace.tb_frame.f_code.co_filename == "<test>" and trace.tb_lineno in self.raising

    def forget(self) -> None:
        """Forget which objects have been met: what one test has made, it has not made for another."""
        self.remotes.clear()
        self.copies.clear()
        self.lengths.clear()

    def wrap(self, number: int) -> Any:
        """Return what stands for the object with this number in a test cell."""
        if number & EXCEPTION and number & CLASS:
            return self._exception(number)
        key = (self.generation(), number)
        known = self.remotes.get(key)
        if known is not None:
            if self.handing_back:
                object.__setattr__(known, "_handed_back", True)
            return known  # `is` means the same here as there
        remote = (RemoteCallable if number & CALLABLE else Remote)(self.ask, number)
        object.__setattr__(remote, "_objects", self)
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
        fields = {name: field for name, field in fields.items() if not _is_recomputed(getattr_static(kind, name, None))}
        if method := next((name for name in fields if _is_the_classes(kind, name)), ""):
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
            held = RemoteCallable(self.ask, number)
            object.__setattr__(held, "_objects", self)
            object.__setattr__(held, "_generation", self.generation())
            names = self.ask("bases", held)
            names = [name for name in names if type(name) is str] if type(names) is list else []
            own = {"__getattr__": _of_the_students, "__init__": _makes(held), "__str__": _says}
            kind = type(names[0] if names else "Error", (builtin_exception(names),), own)
            self.exceptions[key], self.of_exceptions[kind] = kind, key[::-1]
        return self.exceptions[key]

    def raised(self, words: Any) -> BaseException:
        """Return an exception for one that the student's code raised: of the same built-in type, or of its nearest."""
        if type(words) is not dict:
            return RuntimeError("an error")
        text, line, own = words.get("text"), words.get("line"), words.get("class")
        names = [name for name in words.get("bases") or [] if type(name) is str]
        text = text if type(text) is str else ""
        error: Any = None
        if type(own) is list and own and type(own[0]) is type and own[0] in self.of_exceptions:
            error = own[0].__new__(own[0], text)
        modules = [name for name in words.get("modules") or [] if type(name) is str]
        for kind in [] if error is not None else exceptions(names, modules):
            with contextlib.suppress(Exception):
                error = kind(text)
                break
        error = RuntimeError(text) if error is None else error
        error.line_of_student = line if type(line) is str else ""
        held = words.get("object")
        error.object_of_student = held[0] if type(held) is list and held and is_remote(held[0]) else None
        return error  # type: ignore[no-any-return]


def _of_the_students(error: Any, name: str) -> Any:
    """Return what the student's own exception has under a name."""
    held = vars(error).get("object_of_student")
    if held is None or name.startswith("__") or name in ("line_of_student", "object_of_student"):
        raise AttributeError(name)
    return getattr(held, name)


def _makes(held: Remote) -> Callable[..., None]:
    """Return the `__init__` of an exception of the student's, which a test makes: theirs is made as well."""

    def make(error: Any, *arguments: Any, **options: Any) -> None:
        made = _expect_call(_get(held, "_ask")("call", held, arguments, options))[0]
        error.object_of_student = made if is_remote(made) else None
        texts = made.args if is_remote(made) else ()
        error.args = texts if type(texts) is tuple else ()
        error.made_by_the_test = True

    return make


def _says(error: Any) -> str:
    held = vars(error).get("object_of_student")
    if "made_by_the_test" in vars(error) and held is not None:
        return str(held)
    return BaseException.__str__(error)


def _is_recomputed(attribute: Any) -> bool:
    return isinstance(attribute, functools.cached_property)


def _is_the_classes(kind: type, name: str) -> bool:
    """Tell whether a name is the language's, or one of a method of the class, which no instance has for itself."""
    if name.startswith("__") and name.endswith("__"):
        return True
    attribute = getattr_static(kind, name, None)
    declared = any(name in vars(base).get("__annotations__", {}) for base in kind.__mro__)
    return isinstance(attribute, METHODS) or (not declared and (callable(attribute) or _is_lasting(attribute)))


def _is_lasting(attribute: Any) -> bool:
    """Tell whether what an instance has under the name hides this attribute of the class, which no slot lets it."""
    return hasattr(attribute, "__get__") and not hasattr(attribute, "__set__")


def _data_of(words: Any) -> Any:
    """Return the data of an instance of a subclass; a named tuple has its name and its fields."""
    if type(words) is not list or len(words) != 3:
        raise NotTheStudents("something else came than data")
    value, name, fields = words
    if type(value) is tuple and type(fields) is list and 0 < len(fields) == len(value) <= MOST_FIELDS:
        if any(is_remote(each) and field in COMPARING for each, field in zip(value, fields, strict=True)):
            return value  # a method of the student's in the place of, say, `count`
        texts = [text if type(text) is str and len(text) <= LONGEST_NAME else "" for text in (name, *fields)]
        with contextlib.suppress(ValueError, SyntaxError):
            return _named_tuple(*texts)(*value)
    return value


@functools.lru_cache(maxsize=256)
def _named_tuple(name: str, *fields: str) -> Any:
    """Return one class for all tuples of the same name and fields; ValueError if a field has no name."""
    is_name = name.isidentifier() and not keyword.iskeyword(name)
    return collections.namedtuple(name if is_name else "Named", fields)  # type: ignore[misc]


def builtin_exception(names: list[str]) -> type[Exception]:
    """Return the first of the named classes that is a built-in exception of the ordinary kind (not SystemExit)."""
    return exceptions(names, [])[0]


def exceptions(names: list[str], modules: list[str]) -> list[type[Exception]]:
    """Return those of the named classes that are exceptions of the ordinary kind here, built-in or a library's."""
    found = [getattr(builtins, name, None) for name in names]
    for place, (name, module) in enumerate(zip(names, modules, strict=False)):
        if module.partition(".")[0] in ERRORS and module in sys.modules:
            found[place] = getattr_static(sys.modules[module], name, None)
    return [*(kind for kind in found if isinstance(kind, type) and issubclass(kind, Exception)), RuntimeError]
