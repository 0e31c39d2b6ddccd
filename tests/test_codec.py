"""What passes between the student's process and the trusted one: lossless for honest data, harmless for any bytes."""

from __future__ import annotations

import collections
import datetime
import enum
import itertools
import pathlib
import pickle
import random
import struct
import subprocess
import sys
import textwrap
import types
import zoneinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any

import dateutil.tz
import msgpack
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy.sparse
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from shoshin.check.plain import Foreign
from shoshin.classroom.codec import BadData, NotData, decode, encode, kinds, walk

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
VIEWS = tuple(type(v) for v in ({}.keys(), {}.values(), {}.items()))
DICTS = (dict, collections.Counter, collections.OrderedDict, collections.defaultdict)
EXTENSION_ARRAY = pd.api.extensions.ExtensionArray


# --- What is the same


def identical(one: Any, other: Any) -> bool:
    """Tell whether two values are of the same types and have the same bits, all the way down."""
    kind = type(one)
    if kind is not type(other):
        return False
    if kind is float:
        return struct.pack("d", one) == struct.pack("d", other)
    if kind is complex:
        return struct.pack("dd", one.real, one.imag) == struct.pack("dd", other.real, other.imag)
    if kind in (list, tuple):
        return len(one) == len(other) and all(map(identical, one, other))
    if kind in DICTS:
        more = [getattr(each, "default_factory", None) for each in (one, other)]
        return more[0] is more[1] and identical(list(one.items()), list(other.items()))
    if kind in VIEWS or kind is collections.deque:
        return getattr(one, "maxlen", 0) == getattr(other, "maxlen", 0) and identical(list(one), list(other))
    if kind in (set, frozenset):
        return described(one) == described(other)
    if kind is slice:
        return identical([one.start, one.stop, one.step], [other.start, other.stop, other.step])
    if kind in (datetime.datetime, datetime.time):
        return repr(one) == repr(other) and type(one.tzinfo) is type(other.tzinfo)
    if kind is np.ma.MaskedArray:
        parts = [(x.data, np.ma.getmaskarray(x), x.fill_value) for x in (one, other)]
        return identical(*parts)
    if kind is np.ndarray or issubclass(kind, np.generic):
        return _same_arrays(one, other)
    if issubclass(kind, torch.Tensor):
        same = one.dtype == other.dtype and one.shape == other.shape and identical(_bits(one), _bits(other))
        gradients = [each.grad if each.is_leaf or each.retains_grad else None for each in (one, other)]
        return (
            same and identical(*([each.requires_grad, each.is_leaf] for each in (one, other))) and identical(*gradients)
        )
    if issubclass(kind, (scipy.sparse.sparray, scipy.sparse.spmatrix)):
        return (one.dtype, one.shape, one.nnz) == (other.dtype, other.shape, other.nnz) and identical(
            np.asarray(one.todense()), np.asarray(other.todense())
        )
    if kind.__module__.startswith("polars"):
        if kind.__name__ == "DataFrame":
            return one.schema == other.schema and one.equals(other)
        return one.name == other.name and one.dtype == other.dtype and one.equals(other)
    if kind.__module__.startswith("pandas") and kind is not pd.Interval:
        return _same_pandas(one, other)
    return repr(one) == repr(other)


def described(item: Any) -> str:
    """Return a text of a member of a set, in which the order of sets plays no part."""
    if type(item) in (set, frozenset):
        return f"{type(item)} {sorted(map(described, item))}"
    return f"{type(item)} {[*map(described, item)] if type(item) is tuple else repr(item)}"


def _bits(tensor: torch.Tensor) -> np.ndarray:
    cells = tensor.detach().resolve_conj().contiguous().reshape(-1)
    return cells.view(torch.uint8).numpy() if cells.numel() else np.zeros(0, "u1")


def _same_arrays(one: Any, other: Any) -> bool:
    if (one.dtype, str(one.dtype), one.shape) != (other.dtype, str(other.dtype), other.shape):
        return False
    if one.dtype.kind in "OT":
        return other.flags.writeable and identical(list(one.flat), list(other.flat))
    if isinstance(one, np.ndarray) and not other.flags.writeable:
        return False
    return bool(np.array_equal(one, other)) if one.dtype.names else one.tobytes() == other.tobytes()


def _same_pandas(one: Any, other: Any) -> bool:
    kind = type(one)
    if kind is pd.DataFrame:
        same = identical(one.columns, other.columns) and identical(one.index, other.index)
        pairs = ((one.iloc[:, place].array, other.iloc[:, place].array) for place in range(one.shape[1]))
        return same and list(one.dtypes) == list(other.dtypes) and all(identical(*pair) for pair in pairs)
    if kind is pd.Series:
        same = identical(one.name, other.name) and identical(one.index, other.index)
        return same and one.dtype == other.dtype and identical(one.array, other.array)
    if kind is pd.RangeIndex:
        parts = ("start", "stop", "step", "name")
        return all(identical(getattr(one, part), getattr(other, part)) for part in parts)
    if kind is pd.MultiIndex:
        same = identical(list(one.names), list(other.names)) and identical(list(one.levels), list(other.levels))
        return same and all(map(np.array_equal, one.codes, other.codes))
    if issubclass(kind, pd.Index):
        same = identical(one.name, other.name) and getattr(one, "freq", None) == getattr(other, "freq", None)
        return same and one.dtype == other.dtype and identical(one.array, other.array)
    if kind is pd.Categorical:
        same = one.ordered == other.ordered and one.dtype == other.dtype and np.array_equal(one.codes, other.codes)
        return same and identical(one.categories, other.categories)
    if issubclass(kind, EXTENSION_ARRAY):
        return str(one.dtype) == str(other.dtype) and one.dtype == other.dtype and _same_cells(one, other)
    if kind is pd.Timestamp:
        return repr(one) == repr(other) and one.unit == other.unit and type(one.tz) is type(other.tz)
    return repr(one) == repr(other) and getattr(one, "unit", None) == getattr(other, "unit", None)


def _same_cells(one: Any, other: Any) -> bool:
    if type(one) in (pd.arrays.DatetimeArray, pd.arrays.PeriodArray):
        return np.array_equal(one.asi8, other.asi8) and type(getattr(one, "tz", 0)) is type(getattr(other, "tz", 0))
    return identical(list(one), list(other))


# --- What an honest answer may be

PYTHON = [
    *(
        None,
        True,
        False,
        ...,
        0,
        1,
        -1,
        2**63 - 1,
        2**63,
        2**64 - 1,
        2**64,
        -(2**63),
        -(2**63) - 1,
        10**4000,
        -(10**4000),
    ),
    *(0.0, -0.0, 1.5, float("inf"), float("-inf"), float("nan"), 5e-324, 1j, complex(-0.0, float("nan"))),
    *("", "text", "\ud800 alone", "\ud83d\ude00 two halves", "😀" * 10_000, "x" * 100_000, "\0"),
    *(b"", b"bytes", bytes(200_000), bytearray(b"array"), bytearray(100_000)),
    *(range(5), range(0, -10, -3), range(10**15), slice(None), slice(1, "a", 2.5)),
    *([], (), {}, set(), frozenset(), [[]], ((),), [()], {(): []}),
    *(
        [1, True, 1.0, None, "1", b"1"],
        (1, [2, (3, {4})]),
        [True] * 5,
        [1, True],
        [1.0, 1],
        [2**64, 1],
        ["x" * 20_000, 1],
    ),
    {"b": 1, "a": 2, 3: [4], (5, frozenset({6})): {7: 8}, None: 9, 1.5: 10, b"x": 11},
    *(
        {1, "a", (2, 3), frozenset({4}), None},
        frozenset({1.5, b"x"}),
        {2**k: k for k in range(5000)},
        {float("nan"): 1, float("inf"): 2},
    ),
    *(Fraction(1, 3), Fraction(-(10**50), 7), Decimal("1.50"), Decimal("-0"), Decimal("1E+400"), Decimal("NaN12")),
    *(Decimal("sNaN"), Decimal("-Infinity"), Decimal("0.1") ** 20),
    *(datetime.date(1, 1, 1), datetime.timedelta(-1, 5, 7), datetime.time(1, 2, 3, 4), datetime.UTC),
    datetime.datetime(2020, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
    datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=-3, minutes=-30), "St. John’s")),
    datetime.time(1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=1)), fold=1),
    *(datetime.timezone(datetime.timedelta(seconds=1, microseconds=5)), BERLIN, Foreign("Model", "Model(1)")),
]

RECORD = np.dtype([("name", "U5"), ("inner", [("flag", "?"), ("grid", "<f4", (2, 3))]), ("when", "M8[s]")])
PADDED = np.dtype({"names": ["a", "b"], "formats": ["u1", "f8"], "offsets": [1, 8], "itemsize": 24})
NUMPY = [
    *(np.zeros(3, letter) for letter in "?bBhHiIlLefdgFDG"),
    *(
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.arange(24.0).reshape(2, 3, 4)[:, ::-2].T,
        np.asfortranarray(np.eye(3)),
    ),
    *(np.array(3.5), np.array([]), np.zeros((0, 5)), np.zeros((3, 0, 2), "U4"), np.broadcast_to(np.float32(1), (3, 4))),
    *(np.array(["a", "bcd", "\ud800"]), np.array([b"a", b"\xff\0b"]), np.array(["é"]).astype(">U3"), np.zeros(2, "V3")),
    *(
        np.array(["2020", "NaT"], "M8[D]"),
        np.array([1, 2], "m8[25s]"),
        np.array([1, 2], "m8"),
        np.array(["2020"], "M8[us]"),
    ),
    *(np.zeros(3, RECORD), np.ones((2, 2), PADDED), np.zeros((), RECORD), np.zeros(2, np.dtype([("größe", "f8")]))),
    *(np.array([1, "a", None, [2], (3,), {4: 5}, np.arange(2)], dtype=object), np.array([], dtype=object)),
    *(np.array([[1, None], ["x", 2.5]], dtype=object), np.array(["a", "long" * 50], np.dtypes.StringDType())),
    *(np.float32(1), np.float64(-0.0), np.float16(0.1), np.longdouble(1) / 3, np.clongdouble(1j), np.int8(-1)),
    *(np.uint64(2**64 - 1), np.bool_(True), np.complex64(1j), np.str_("a\0"), np.bytes_(b"a\0"), np.void(b"abc")),
    *(np.datetime64("2020-01-01T00:00:00.1"), np.datetime64("NaT"), np.timedelta64(5, "m"), np.zeros(1, PADDED)[0]),
    *(
        np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=7),
        np.ma.array([1.5, 2.5]),
        np.ma.array(["a", "b"], mask=True),
    ),
    *(np.dtype("f4"), np.dtype("M8[ns]"), np.dtype(object), RECORD),
]

SEVERAL = np.array([[0, 2, 0, 0], [1, 0, 0, 3], [0, 0, 0, 0], [0, 0, 4, 0]])
SPARSE = [
    *(scipy.sparse.csr_array(SEVERAL).astype(letter) for letter in "?bBhHiIlLfdgFDG"),
    *(
        getattr(scipy.sparse, f"{name}_array")(SEVERAL * 1.5)
        for name in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
    ),
    *(getattr(scipy.sparse, f"{name}_matrix")(SEVERAL) for name in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")),
    *(scipy.sparse.csr_array((3, 0)), scipy.sparse.lil_array((0, 2)), scipy.sparse.coo_array(np.array([0, 1, 0, 2]))),
    *(scipy.sparse.csr_array(np.array([0, 1, 2])), scipy.sparse.dok_array(np.array([0, 1, 2]))),
    scipy.sparse.coo_array(([1, 2, 0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2)),
    scipy.sparse.csc_matrix(([0.0, 1.0], ([0, 1], [1, 1])), shape=(2, 3)),
]

TORCH = [
    *(torch.arange(6).reshape(2, 3).to(getattr(torch, name)) for name in ("bool", "uint8", "int8", "int16", "int32")),
    *(torch.tensor([1.5, float("nan"), -0.0], dtype=getattr(torch, f"float{size}")) for size in (16, 32, 64)),
    *(torch.tensor([1.5, 2.5, float("nan")], dtype=torch.bfloat16), torch.tensor([1, 2], dtype=torch.uint16)),
    *(torch.tensor([1j, 2]), torch.tensor([1j, 2]).conj(), torch.tensor(3), torch.zeros(0), torch.zeros(2, 0, 3)),
    *(torch.arange(12).reshape(3, 4).T, torch.ones(1).expand(5), torch.Size([2, 3]), torch.float32, torch.bfloat16),
]


COLLECTIONS = [
    *(collections.defaultdict(list, {"a": [1]}), collections.defaultdict(None, {1: 2}), collections.Counter("aab")),
    *(collections.defaultdict(kind) for kind in (int, float, str, dict, set, tuple)),
    *(collections.OrderedDict(b=1, a=[2]), collections.Counter({"a": 1.5, (1, 2): -3})),
    *(collections.deque([1, "a", [2]], 3), collections.deque([1.5]), collections.deque(maxlen=0)),
    *({"a": 1, 2: 3}.keys(), {"a": [1], 2: {3}}.values(), {"a": [1], 2: {3}}.items(), {}.keys(), {}.items()),
]

KINDS = [
    *(int, float, str, bool, bytes, complex, list, dict, set, frozenset, tuple, object, range, slice, type(None)),
    *(np.float64, np.int8, np.bool_, np.str_, np.bytes_, np.datetime64, np.longdouble, np.floating, np.generic),
    *(int | float, int | None, np.float64 | list | str),
]

PATHS = [
    *(pathlib.Path("x.bak"), pathlib.Path("a/b.tar.gz"), pathlib.Path(), pathlib.PurePosixPath("/a/../b")),
    *(pathlib.PureWindowsPath(r"c:\a\b"), pathlib.PureWindowsPath("a/b"), pathlib.PurePosixPath("é \ud800")),
]


def gradients() -> list[Any]:
    """Return tensors that have to do with gradients, in all combinations."""
    x = torch.tensor([1.5, 2.5], requires_grad=True)
    kept = x * 2
    kept.retain_grad()
    kept.sum().backward()
    once = torch.zeros(2, requires_grad=True)
    once.grad = torch.ones(2)
    once.requires_grad_(False)
    linear = torch.nn.Linear(2, 3)
    linear(torch.ones(2)).sum().backward()
    fresh = torch.nn.Parameter(torch.ones(2, 0), requires_grad=False)
    return [x, kept, x * 2, once, linear.weight, fresh, torch.nn.Parameter(torch.arange(3), requires_grad=False)]


DEVICES = [torch.device("cpu"), torch.device("cuda", 1), torch.device("meta")]


def string_dtypes() -> list[Any]:
    try:
        return [pd.StringDtype(storage, na_value=na) for storage in ("python", "pyarrow") for na in (pd.NA, np.nan)]
    except TypeError:  # pandas 2.2
        return [pd.StringDtype(storage) for storage in ("python", "pyarrow", "pyarrow_numpy")]


def pandas_arrays() -> list[Any]:
    """Return a column of each dtype, of three rows."""
    naive = pd.DatetimeIndex(["2020-01-01", None, "2020-10-25 00:30"])
    ends = pd.IntervalIndex.from_breaks
    arrow = {
        pa.int8(): [1, None, 3],
        pa.bool_(): [True, None, False],
        pa.float16(): [np.float16(1.5), None, np.float16(2.5)],
        pa.decimal128(10, 2): [Decimal("1.50"), None, Decimal("2.25")],
        pa.timestamp("ms", "Europe/Berlin"): [datetime.datetime(2020, 1, 1), None, datetime.datetime(2021, 1, 1)],
        pa.timestamp("us", "+02:00"): [datetime.datetime(2020, 1, 1), None, datetime.datetime(2021, 1, 1)],
        pa.duration("s"): [datetime.timedelta(5), None, datetime.timedelta(7)],
        pa.date32(): [datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 2)],
        pa.time64("us"): [datetime.time(1), None, datetime.time(2)],
        pa.binary(): [b"a", None, b""],
        pa.string(): ["a", None, "é"],
        pa.large_string(): ["a", None, ""],
        pa.list_(pa.int64()): [[1, 2], None, []],
        pa.struct([("a", pa.int8()), ("b", pa.string())]): [{"a": 1, "b": "x"}, None, {"a": None, "b": ""}],
        pa.map_(pa.string(), pa.int8()): [[("a", 1)], None, []],
        pa.dictionary(pa.int8(), pa.string()): ["a", None, "a"],
        pa.null(): [None, None, None],
    }
    return [
        *(pd.array(["a", None, "é"], dtype=dtype) for dtype in string_dtypes()),
        *(pd.array([1, None, 3], dtype=name) for name in ("Int8", "Int64", "UInt16", "Float32", "Float64")),
        *(pd.array([True, None, False], dtype="boolean"), pd.array([1.0, float("nan"), 2.0], dtype="Float64") / 1),
        *(pd.Categorical(["b", None, "a"]), pd.Categorical([2, 1, 2], [3, 2, 1], ordered=True), pd.cut([1, 2, 9], 2)),
        *(pd.Categorical([None, None, None]), pd.Categorical(naive, [naive[2], naive[0]])),
        *(naive.array, naive.tz_localize("UTC").array, naive.tz_localize(BERLIN).array, naive.as_unit("s").array),
        *(naive.tz_localize("+02:00").array, (naive - naive[0]).array, (naive - naive[0]).as_unit("ms").array),
        *(naive.to_period("D").array, naive.to_period("Q-NOV").array, pd.array(["2020", "2021", None], "period[2M]")),
        *(
            ends([0, 1, 2, 3]).array,
            ends([0.5, 1, 2, 3], closed="both").array,
            ends([*naive[[0, 2]], *naive[[2, 2]]]).array,
        ),
        *(pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.array(cells, kind)])) for kind, cells in arrow.items()),
        pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.array([1, 2, 3, 4])[1:3], pa.array([9])])),
        *(
            pd.arrays.SparseArray([0, 0, 1]),
            pd.arrays.SparseArray([1.5, float("nan"), 2]).astype("Sparse[float32, nan]"),
        ),
        *(pd.arrays.SparseArray([True, False, True]), pd.arrays.SparseArray([1, 2, 1], fill_value=1)),
    ]


def pandas_tables() -> list[Any]:
    columns = [np.array([1, 2, 3]), np.array([0.5, np.nan, -0.0]), np.array([True, False, True]), np.array([1j, 2, 3])]
    columns += [np.arange(3, dtype=kind) for kind in ("f2", "f4", "i1", "u8")]
    mixed = np.array([1, "a", [None, {2}]], dtype=object)
    every = pd.DataFrame({place: array for place, array in enumerate([*columns, *pandas_arrays()])})
    days = pd.date_range("2020-01-01", periods=3, tz="Europe/Berlin", name="day")
    pairs = pd.MultiIndex.from_arrays([["a", "a", None], [1, 2, 1]], names=["one", ("t", 2)])
    twice = pd.DataFrame([[1, "x", 2.5]] * 3, columns=["a", "b", "a"], index=[5, 5, 6])
    return [
        *(
            every,
            twice,
            pd.DataFrame(),
            pd.DataFrame(index=range(3)),
            pd.DataFrame(columns=["a", "b"]),
            pd.DataFrame({0: []}),
        ),
        pd.DataFrame({"mixed": pd.Series(mixed, dtype=object), 1.5: 1}, index=pd.RangeIndex(2, 8, 2, name="r")),
        pd.DataFrame(np.eye(3), columns=pairs, index=days),
        pd.DataFrame({"a": [1, 2, 3]}, index=pairs).rename_axis(columns="c"),
        *(pd.Series(array, name=("n", 1), index=[3, 1, 2]) for array in pandas_arrays()),
        *(pd.Series(mixed, dtype=object), pd.Series([], dtype=float), pd.Series(["a", "b"], dtype=object)),
        *(pd.Index(array, name="n") for array in [*columns[:4], columns[5], *pandas_arrays()]),
        *(pd.Index([1, "a", None], dtype=object), pd.Index(["a", "b"], dtype=object), pd.RangeIndex(0), pairs, days),
        *(pd.date_range("2020", periods=4, freq="15min"), pd.date_range("2020", periods=3, freq="W-SUN"), days[::-1]),
        *(pd.timedelta_range("1s", periods=3, freq="s"), pd.period_range("2020", periods=3, freq="M"), pairs[:0]),
        pd.Series(range(500), index=pd.Index(["a", None] * 250, dtype=object)),
        pd.DataFrame({"g": list("aab"), "x": [1, 2, 3]}).groupby("g").agg(["mean", "std"]),
        *(
            pd.DataFrame({"x": [1.5, 2.5]}).describe(),
            pd.Series(list("abca")).value_counts(),
            pd.get_dummies(list("ab")),
        ),
    ]


CELLS = [
    *(pd.Timestamp("2020-01-01"), pd.Timestamp("2020-10-25 03:30", tz=BERLIN), pd.Timestamp(5, unit="s", tz="UTC")),
    *(pd.Timestamp("2020-10-25 02:30").tz_localize(BERLIN, ambiguous=False), pd.Timestamp("2020").as_unit("ms")),
    *(
        pd.Timedelta("1D 5ns"),
        pd.Timedelta(np.timedelta64(5, "s")),
        pd.Period("2020-02", "M"),
        pd.Period("2020", "Q-NOV"),
    ),
    *(pd.Interval(0, 1), pd.Interval(0.5, 1, closed="both"), pd.Interval(pd.Timestamp("2020"), pd.Timestamp("2021"))),
    *(pd.NA, pd.NaT),
]


def polars_tables() -> list[Any]:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1, None], "b": ["x", "é"], "c": [[1.5], []], "d": [{"e": 1}, {"e": 2}]})
    frame = frame.with_columns(
        polars.lit(datetime.datetime(2020, 1, 1)).alias("t").dt.replace_time_zone("Europe/Berlin")
    )
    more = [
        polars.DataFrame(),
        polars.Series([1, None], dtype=polars.Int8),
        polars.Series("c", ["a"], polars.Categorical),
    ]
    return [frame, frame[:0], frame["b"], frame["t"], *more]


ADDED = [*COLLECTIONS, *KINDS, *PATHS, *gradients(), *DEVICES]
HONEST = [*PYTHON, *ADDED, *NUMPY, *SPARSE, *TORCH, *pandas_arrays(), *pandas_tables(), *CELLS]


# --- What comes back


@pytest.mark.parametrize("value", HONEST, ids=lambda value: type(value).__name__)
def test_an_honest_answer_comes_back_bit_by_bit(value, monkeypatch):
    assert identical(value, decode(encode(value)))
    monkeypatch.setattr(walk, "LEAST_BLOB", 1)  # as if it were large
    nested = [(value,), {"key": [value, 1]}]
    assert identical(nested, decode(encode(nested)))


def test_a_table_of_polars_comes_back():
    for value in polars_tables():
        assert identical(value, decode(encode(value)))


def test_a_view_whose_keys_cannot_be_keys_comes_as_a_list():
    keys = {Point: 1, "b": 2}
    for number in (0, 1):  # an object that arrives as a list, or as what is there already
        arrives = [[7], "b"][number]
        again = [decode(encode(view, lambda _: 1), lambda _, a=arrives: a) for view in (keys.keys(), keys.items())]
        assert again == [[arrives, "b"], [(arrives, 1), ("b", 2)]]


def test_a_path_that_leads_out_of_the_folder_cannot_touch_a_file():
    for text in ("/etc/x", "../x", "a/../../x"):
        again = decode(encode(pathlib.Path(text)))
        assert again == pathlib.Path(text) and not isinstance(again, pathlib.Path)


def test_a_factory_of_the_students_own_stays_behind():
    again = decode(encode(collections.defaultdict(lambda: 0, a=1)))
    assert (type(again), again, again.default_factory) == (collections.defaultdict, {"a": 1}, None)


def test_where_the_test_wants_no_gradients_a_computed_tensor_has_none():
    x = torch.ones(2, requires_grad=True)
    kept = x * 2
    kept.retain_grad()
    kept.sum().backward()
    data = [encode(value) for value in (x, x * 2, kept, torch.nn.Parameter(x.detach()))]
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            assert [decode(each).requires_grad for each in data] == [True, False, False, True]


zones = st.sampled_from(sorted(zoneinfo.available_timezones())).map(zoneinfo.ZoneInfo)
numbers = st.integers(-(2**70), 2**70) | st.floats() | st.complex_numbers() | st.fractions() | st.decimals()
characters = st.characters(codec=None, exclude_categories=())
constants = st.none() | st.booleans() | numbers | st.text(characters) | st.binary() | st.dates() | st.timedeltas()
times = st.datetimes(timezones=st.none() | zones) | st.times()
leaves = constants | times | st.binary().map(bytearray) | st.builds(slice, st.integers(), st.none(), st.integers())
keys = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(characters) | st.floats(allow_nan=False) | st.dates(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner) | st.sets(keys),
    max_leaves=20,
)


@given(values)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_python_data_comes_back(value):
    assert identical(value, decode(encode(value)))


dtypes = npst.scalar_dtypes() | npst.unicode_string_dtypes() | npst.byte_string_dtypes() | npst.datetime64_dtypes()
dtypes |= npst.array_dtypes(dtypes) | npst.nested_dtypes(max_leaves=4)


@given(npst.arrays(dtypes.filter(lambda dtype: dtype.subdtype is None), npst.array_shapes(min_dims=0, min_side=0)))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_array_comes_back(array):
    again = decode(encode(array))
    assert (type(again), again.dtype, again.shape) == (np.ndarray, array.dtype, array.shape)
    assert again.tobytes() == np.ascontiguousarray(array).tobytes()


# --- What may come of hostile bytes

PLAIN = {type(value) for value in PYTHON} - {list, tuple, dict, set, frozenset, slice}
CLASSES = {
    type(value)
    for value in [*SPARSE, *TORCH, *gradients(), *DEVICES, *PATHS, *CELLS, *pandas_arrays(), *pandas_tables()]
}
ALLOWED = PLAIN | CLASSES | {np.ma.MaskedArray, pd.Index, pd.arrays.NumpyExtensionArray}


def foreign_types(value: Any) -> set[type]:
    """Return the types in a decoded value that no decoded value may hold; looks at all of it."""
    kind = type(value)
    if kind in (list, tuple, set, frozenset, collections.deque, *VIEWS):
        return set().union(*map(foreign_types, value))
    if kind in DICTS:
        return foreign_types([*value, *value.values(), getattr(value, "default_factory", None)])
    if kind in (type, types.UnionType):
        return {each for each in getattr(value, "__args__", [value]) if each not in kinds.NAMES}
    if kind is slice:
        return foreign_types([value.start, value.stop, value.step])
    used(value)
    if kind is np.ndarray:
        return foreign_types(list(value.flat)) if value.dtype.kind == "O" else set()
    if kind is pd.DataFrame:
        return foreign_types([value.index, value.columns, *(value.iloc[:, place] for place in range(value.shape[1]))])
    if kind is pd.Series or (issubclass(kind, pd.Index) and kind is not pd.MultiIndex):
        cells = [] if kind is pd.RangeIndex or value.dtype != object else list(value)
        return foreign_types([value.array, value.name, *cells]) if kind in ALLOWED else {kind}
    if kind in ALLOWED or isinstance(value, (np.generic, np.dtype)) or kind.__module__.startswith("polars"):
        return set()
    return {kind}


def used(value: Any) -> None:
    """Do with a value what makes a library read all of it; a wrong index inside would end the process."""
    repr(value)
    if isinstance(value, (scipy.sparse.sparray, scipy.sparse.spmatrix)) and np.prod(value.shape, dtype=float) < 1e6:
        value.toarray()
        value.tocoo().sum()
    if isinstance(value, (EXTENSION_ARRAY, pd.Index)) and len(value) < 1e6:
        assert len(list(value)) == len(value)


def outcome_of(data: bytes) -> str:
    """Decode hostile bytes and return "refused" or "data"; whatever else comes of it fails the test."""
    try:
        value = decode(data)
    except BadData as error:
        assert "\n" not in str(error) and len(str(error)) < 300
        return "refused"
    assert not foreign_types(value)
    return "data"


def unpacked(data: bytes) -> tuple[Any, list[bytes]]:
    """Return the structure and the blobs of a message."""
    (length,) = struct.unpack_from("<I", data)
    structure, sizes = msgpack.unpackb(data[4 : 4 + length], unicode_errors="surrogatepass")
    starts = itertools.accumulate(sizes, initial=4 + length)
    return structure, [data[start : start + size] for start, size in zip(starts, sizes, strict=False)]


def message(node: Any, *blobs: bytes) -> bytes:
    """Return the bytes of a structure that a hostile process made."""
    structure = msgpack.packb([node, list(map(len, blobs))], unicode_errors="surrogatepass")
    return struct.pack("<I", len(structure)) + structure + b"".join(blobs)


ODD = [
    None,
    True,
    -1,
    0,
    1,
    2,
    255,
    2**31,
    2**63 - 1,
    -(2**63),
    2**64 - 1,
    1e300,
    float("nan"),
    "",
    "O",
    "<f8",
    "|b1",
    b"",
    b"\xff" * 8,
]
ODD += [
    [],
    {},
    "x" * 50,
    [[]],
    ["us"],
    "D",
    "UTC",
    "V0",
    {"tuple": []},
    {"handle": 1},
    {"int": b"\x01"},
    {"frame": [[], [], []]},
]


def changed(node: Any, others: list[Any], rng: random.Random) -> Any:
    """Return a structure in which something, somewhere, is something else."""
    if rng.random() < 0.15 or not isinstance(node, (list, dict)) or not node:
        if isinstance(node, bytes) and node and rng.random() < 0.7:
            place = rng.randrange(len(node))
            return node[:place] + bytes([rng.randrange(256)]) + node[place + 1 :]
        if type(node) is int and rng.random() < 0.5:
            return min(max(node + rng.choice([-1, 1, 8, 2**31]), -(2**63)), 2**64 - 1)
        return rng.choice(ODD if rng.random() < 0.6 else others)
    if isinstance(node, dict):
        ((tag, payload),) = node.items()
        if rng.random() < 0.1:
            return {
                rng.choice(
                    ["array", "frame", "sparse", "index", "strings", "keys", "type", "deque", "parameter"]
                ): payload
            }
        return {tag: changed(payload, others, rng)}
    place = rng.randrange(len(node))
    if rng.random() < 0.1:
        return node[:place] + node[place + 1 :] if rng.random() < 0.5 else [*node, node[place]]
    return [changed(inner, others, rng) if place == at else inner for at, inner in enumerate(node)]


@pytest.mark.filterwarnings("ignore")  # odd numbers are shown
def test_changed_bytes_are_refused_or_are_data():
    rng = random.Random(3)
    small = [value for value in [*HONEST, *polars_tables()] if not isinstance(value, (str, bytes, bytearray))]
    encoded = [encode(value) for value in small]
    trees = [unpacked(data) for data in encoded]
    structures = [structure for structure, _ in trees]
    outcomes = []
    for _ in range(1500):
        flipped = bytearray(rng.choice(encoded))
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        outcomes.append(outcome_of(bytes(flipped)))
        structure, blobs = rng.choice(trees)
        outcomes.append(outcome_of(message(changed(structure, structures, rng), *blobs)))
    assert set(outcomes) == {"refused", "data"}


def test_bytes_that_are_cut_off_or_made_up_are_refused():
    rng = random.Random(4)
    for value in HONEST:
        data = encode(value)
        with pytest.raises(BadData):
            decode(data[: rng.randrange(len(data))])
        with pytest.raises(BadData):
            decode(data + b"0")
    for size in range(300):
        with pytest.raises(BadData):
            decode(rng.randbytes(size))


def stream_of(table: pa.Table, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def nested(depth: int, tag: str = "") -> Any:
    node: Any = []
    for _ in range(depth):
        node = {tag: [node]} if tag else [node]
    return node


def array_node(described: Any, shape: list[int], data: bytes) -> Any:
    return {"array": [described, shape, data]}


def ints(*numbers: int, size: int = 8) -> Any:
    return array_node(f"<i{size}", [len(numbers)], b"".join(n.to_bytes(size, "little", signed=True) for n in numbers))


def gradient(depth: int) -> Any:
    node = None
    for _ in range(depth):
        node = {"tensor": ["float64", [1], bytes(8), [True, True, node]]}
    return node


RANGE = {"range index": [0, 2, 1, None]}
TEXT_INDEX = {"index": [array_node("<i8", [2], bytes(16)), None, None]}
ONES = array_node("<f8", [2], bytes(16))

CRAFTED = {
    "an empty map": {},
    "two tags": {"tuple": [], "set": []},
    "a number for a tag": {1: []},
    "an unknown tag": {"__reduce__": ["os.system", "true"]},
    "an extension type": msgpack.ExtType(5, b"abc"),
    "an extension type without content": [msgpack.ExtType(5, b"")],
    "a timestamp": msgpack.Timestamp(1, 2),
    "101 lists": nested(100),
    "1000 lists": nested(1000),
    "300 tuples": nested(300, "tuple"),
    "equal keys": {"dict": [[1, True], [0, 0]]},
    "a list for a key": {"dict": [[[1]], [0]]},
    "keys without values": {"dict": [[1, 2], [0]]},
    "an array for a key": {"dict": [[ONES], [0]]},
    "equal members": {"set": [1, 1.0]},
    "a list for a member": {"frozenset": [[]]},
    "keys with one hash": {"set": [{"int": (k * (2**61 - 1)).to_bytes(10, "little")} for k in range(1, 5000)]},
    "a huge integer": {"int": b"\1" * 9000},
    "a huge exponent": {"decimal": "1E+999999999"},
    "a tiny exponent": {"decimal": "1E-999999999"},
    "a zero with a huge exponent": {"decimal": "0E+99999999"},
    "many digits": {"decimal": "1" * 10_000},
    "no Decimal": {"decimal": "one"},
    "a fraction of nothing": {"fraction": [1, 0]},
    "a fraction of floats": {"fraction": [1.5, 2.5]},
    "a factory that runs something": {"defaultdict": ["print", [], []]},
    "a factory for a factory": {"defaultdict": [{"type": "int"}, [], []]},
    "a defaultdict without a factory": {"defaultdict": [[], []]},
    "equal keys of a Counter": {"counter": [[1, True], [0, 0]]},
    "a list for a key of an OrderedDict": {"ordered dict": [[[1]], [0]]},
    "a deque above its own limit": {"deque": [1, [1, 2]]},
    "a deque of a negative limit": {"deque": [-1, []]},
    "a deque of an endless limit": {"deque": [2**63, []]},
    "a deque of a bool": {"deque": [True, [1]]},
    "views of too few values": {"items": [[1, 2], [3]]},
    "views of keys with one hash": {"keys": [{"int": (k * (2**61 - 1)).to_bytes(10, "little")} for k in range(1, 999)]},
    "a view of no list": {"values": "abc"},
    "a type that runs something": {"type": "exec"},
    "the type of all types": {"type": "type"},
    "a type by its path": {"type": "os.system"},
    "NumPy's function": {"type": "numpy.load"},
    "a list for a type": {"type": ["int"]},
    "a union of one": {"union": ["int"]},
    "a union of the same": {"union": ["int", "int"]},
    "a union with a function": {"union": ["int", "print"]},
    "a union of objects": {"union": ["int", {"type": "str"}]},
    "a path of no flavour": {"path": ["cloud", True, "x"]},
    "a path of bytes": {"path": ["posix", True, b"x"]},
    "a path that is too long": {"path": ["posix", False, "x/" * 10_000]},
    "a range without a step": {"range": [0, 1, 0]},
    "a range too long for len()": {"range": [0, {"int": (2**70).to_bytes(10, "little")}, 1]},
    "February 30": {"date": [2020, 2, 30]},
    "a bool for a year": {"date": [True, 2, 3]},
    "a huge timedelta": {"timedelta": [2**63, 0, 0]},
    "a path for a time zone": {"zone": "../../etc/passwd"},
    "an offset of days": {"zone": [5, 0, 0, None]},
    "a handle that nobody knows": {"handle": 0},
    "a dtype of objects": array_node("|O", [1], b"\1" * 8),
    "a dtype of objects in a record": array_node([["a", "|O"]], [1], b"\1" * 8),
    "a dtype of objects after a comma": array_node("O,O", [1], b"\1" * 16),
    "a dtype of texts": array_node("|T16", [1], b"\1" * 16),
    "a dtype by its class": array_node("object", [1], b"\1" * 8),
    "a pickle for cells": {"array": ["O", [1], pickle.dumps([print])]},
    "a shape that overflows": array_node("<f8", [2**33, 2**33], b""),
    "a shape that overflows to the right size": array_node("<f8", [2**62, 4, 2], bytes(8)),
    "an empty array as large as the world": array_node("<f8", [0, 2**40], b""),
    "cells without a size": array_node("|S0", [2**31], b""),
    "records without a field": array_node([], [2**31], b""),
    "a negative shape": array_node("<f8", [-1, -1], bytes(8)),
    "too few cells": array_node("<f8", [3], bytes(16)),
    "more dimensions than any": array_node("<f8", [1] * 65, bytes(8)),
    "a record as large as the world": array_node([["a", "<f8", [2**31]], ["b", "<f8", [2**31]]], [0], b""),
    "a field twice": array_node([["a", "<f8"], ["a", "<f8"]], [0], b""),
    "records in records": array_node(nested(400), [0], b""),
    "a bool of 2": array_node("|b1", [1], b"\2"),
    "a bool of 2 in a record": array_node([["a", "|b1", [2]]], [1], b"\0\2"),
    "a character beyond Unicode": array_node("<U1", [1], b"\xff\xff\xff\x7f"),
    "a time without a unit": array_node("<M8", [1], b"\1" + bytes(7)),
    "a mask of another shape": {"masked array": [ONES, array_node("|b1", [3], bytes(3)), None]},
    "a dtype of a function": {"dtype": "print"},
    "a tensor with too few cells": {"tensor": ["float32", [3], bytes(8)]},
    "a tensor with a shape that overflows": {"tensor": ["float32", [2**62, 4], b""]},
    "a tensor of a negative size": {"tensor": ["float32", [-1], b""]},
    "a tensor of no dtype": {"tensor": ["load", [1], bytes(8)]},
    "a tensor with a bool of 2": {"tensor": ["bool", [1], b"\2"]},
    "a tensor of integers with a gradient": {"tensor": ["int64", [1], bytes(8), [True, True, None]]},
    "a parameter of integers with a gradient": {"parameter": ["int64", [1], bytes(8), [True, True, None]]},
    "a parameter that is no leaf": {"parameter": ["float64", [1], bytes(8), [True, False, None]]},
    "a parameter without its gradient": {"parameter": ["float64", [1], bytes(8)]},
    "a number for a gradient's bool": {"tensor": ["float64", [1], bytes(8), [1, 1, None]]},
    "a tensor that neither is a leaf nor needs a gradient": {
        "tensor": ["float64", [1], bytes(8), [False, False, None]]
    },
    "an array for a gradient": {"tensor": ["float64", [2], bytes(16), [True, True, ONES]]},
    "a gradient of another shape": {
        "tensor": ["float64", [2], bytes(16), [True, True, {"tensor": ["float64", [1], bytes(8)]}]]
    },
    "a gradient of another dtype": {
        "tensor": ["float64", [1], bytes(8), [True, True, {"tensor": ["float32", [1], bytes(4)]}]]
    },
    "gradients of gradients": {"parameter": ["float64", [1], bytes(8), [True, True, gradient(200)]]},
    "a device that is none": {"device": ["privateuseone", 0]},
    "a device beyond all": {"device": ["cuda", 2**31]},
    "a device with a bool for a number": {"device": ["cuda", True]},
    "a sparse array of no format": {"sparse": ["eye_array", [2, 2], ONES, ints(0, 1), ints(0, 1, 2)]},
    "a column out of range": {"sparse": ["csr_array", [2, 2], ONES, ints(0, 2), ints(0, 1, 2)]},
    "a negative column": {"sparse": ["csr_array", [2, 2], ONES, ints(0, -1), ints(0, 1, 2)]},
    "rows out of order": {"sparse": ["csr_matrix", [2, 2], ONES, ints(0, 1), ints(0, 9, 2)]},
    "rows that begin late": {"sparse": ["csc_array", [2, 2], ONES, ints(0, 1), ints(1, 1, 2)]},
    "rows that overflow": {"sparse": ["csr_array", [2, 2], ONES, ints(0, 1), ints(0, 2**63 - 1, 2)]},
    "too few rows": {"sparse": ["csr_array", [5, 2], ONES, ints(0, 1), ints(0, 1, 2)]},
    "blocks of nothing": {
        "sparse": ["bsr_array", [2, 2], array_node("<f8", [2, 0, 1], b""), ints(0, 1), ints(0, 1, 2)]
    },
    "blocks that do not fit": {
        "sparse": ["bsr_array", [3, 3], array_node("<f8", [1, 2, 2], bytes(32)), ints(0), ints(0, 1)]
    },
    "coordinates out of range": {"sparse": ["coo_array", [2, 2], ONES, ints(0, 1), ints(0, 2**31)]},
    "coordinates for a dict": {"sparse": ["dok_matrix", [2, 2], ONES, ints(0, 1), ints(0, -3)]},
    "a list for each row of the world": {"sparse": ["lil_array", [2**31 - 1, 1], ONES, ints(0, 1), ints(0, 0)]},
    "too few coordinates": {"sparse": ["coo_array", [2, 2], ONES, ints(0, 1)]},
    "diagonals out of range": {"sparse": ["dia_array", [2, 2], array_node("<f8", [1, 2], bytes(16)), ints(2**40)]},
    "a diagonal twice": {"sparse": ["dia_array", [2, 2], array_node("<f8", [2, 1], bytes(16)), ints(1, 1)]},
    "a sparse array of texts": {"sparse": ["coo_array", [2], array_node("<U1", [2], bytes(8)), ints(0, 1)]},
    "codes out of range": {"categories": [ints(0, 2, size=1), RANGE, False]},
    "codes below none": {"categories": [ints(0, -2, size=1), RANGE, False]},
    "codes of floats": {"categories": [ONES, RANGE, False]},
    "a category twice": {"categories": [ints(0, 1, size=1), TEXT_INDEX, False]},
    "codes of an index out of range": {"multi index": [[RANGE], [ints(0, 7)], [None]]},
    "a level twice": {"multi index": [[TEXT_INDEX], [ints(0, 1)], [None]]},
    "an index of lists": {"index": [{"array": ["O", [1], [[1]]]}, None, None]},
    "an index as large as the world": {"range index": [0, 2**62, 1, None]},
    "a table of nothing with rows": {
        "frame": [{"range index": [0, 0, 1, None]}, {"range index": [0, 2**40, 1, None]}, []]
    },
    "a column too short": {"frame": [{"range index": [0, 1, 1, None]}, {"range index": [0, 3, 1, None]}, [ONES]]},
    "a column too few": {"frame": [RANGE, RANGE, [ONES]]},
    "a column of texts from NumPy": {"series": [RANGE, array_node("<U1", [2], bytes(8)), None]},
    "a table for a column": {"series": [RANGE, {"frame": [RANGE, RANGE, [ONES, ONES]]}, None]},
    "a list for a name": {"series": [RANGE, ONES, [1]]},
    "a frequency that is not": {"index": [{"times": [ints(0, 5), "ns", None]}, None, "D"]},
    "a frequency with a name": {"index": [{"times": [ints(0), "ns", None]}, None, "__class__"]},
    "a period without a frequency": {"periods": [ints(0, 5), "0D"]},
    "a time zone of nowhere": {"times": [ints(0, 5), "ns", "Nowhere"]},
    "a time beyond all years": {"times": [ints(0, 2**62), "s", "Europe/Berlin"]},
    "a unit that is none": {"times": [ints(0, 5), "as", None]},
    "an interval of functions": {"interval": [{"ellipsis": None}, 1, "left"]},
    "an interval the wrong way": {"interval": [1, 0, "left"]},
    "a storage that is none": {"strings": ["os", True, ["a"]]},
    "a sparse column of objects": {"sparse column": [{"array": ["O", [1], [None]]}, 0]},
    "a sparse column of a function": {"sparse column": [ONES, {"handle": 1}]},
    "a sparse column filled with text": {"sparse column": [ONES, "x"]},
    "a sparse column of two dimensions": {"sparse column": [array_node("<f8", [1, 2], bytes(16)), 0.0]},
    "numbers for texts": {"strings": ["python", True, [1, 2]]},
    "no Arrow": {"arrow": b"ARROW1\0\0"},
}


@pytest.mark.parametrize("node", CRAFTED.values(), ids=CRAFTED.keys())
def test_crafted_structures_are_refused(node):
    with pytest.raises(BadData):
        decode(message(node))


def arrow_streams() -> dict[str, bytes]:
    """Return IPC streams that hold more, or other, than they seem."""
    texts = pa.array(["a", "bc", "def"])
    size, offsets, letters = len(texts), *texts.buffers()[1:]
    bad = np.frombuffer(offsets, "i4")[: size + 1].copy()
    bad[1:3] = [100_000, 2]
    broken = pa.Array.from_buffers(pa.string(), size, [None, pa.py_buffer(bad), letters])
    not_utf8 = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 2], "i4")), pa.py_buffer(b"\xff\xff")]
    )
    codes = pa.DictionaryArray.from_arrays(pa.array([0, 9], pa.int8()), pa.array(["a"]), safe=False)
    swelling = pa.DictionaryArray.from_arrays(zeros(2**20), pa.array(["x" * 2**16]))
    columns = {
        "offsets out of range": broken,
        "bytes that are no text": not_utf8,
        "codes out of range": codes,
        "a text for a million rows": swelling,
        "rows of nothing": pa.Array.from_buffers(pa.null(), 2**40, [None]),
        "rows of empty binaries": pa.array([b""] * 3, pa.binary(0)),
        "lists of nothing": pa.array([[None] * 5], pa.list_(pa.null())),
        "records without a field": pa.array([{}] * 5, pa.struct([])),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([2**30], pa.int32()), pa.array([1])),
        "views": pa.array(["long enough for a buffer of its own"], pa.string_view()),
        "a union": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
        "a day beyond all years": pa.array([2**30], pa.int32()).view(pa.date32()),
        "a time zone of nowhere": pa.array([0], pa.timestamp("s", "Nowhere")),
    }
    streams = {name: stream_of(pa.table({"": column}), allow_64bit=True) for name, column in columns.items()}
    zeros_table = pa.table({"": np.zeros(2**20)})
    extension = pa.schema([pa.field("", pa.int64(), metadata={"ARROW:extension:name": "pandas.period"})])
    streams["a type with a class"] = stream_of(pa.table([pa.array([1])], schema=extension))
    for compression in ("zstd", "lz4"):
        streams[compression] = stream_of(zeros_table, compression=compression)
    pair = stream_of(pa.table({"": pa.StructArray.from_arrays([np.zeros(1000)] * 2, ["a", "b"])}))
    cells = [struct.pack("<4q", 8000, 0, place, 8000) for place in (0, 8000)]  # the buffers of the second field
    sizes = [struct.pack("<q", size) for size in (8000, 16000)]
    assert pair.count(cells[1]) == pair.count(sizes[1]) == 1
    pair = pair.replace(cells[1], cells[0]).replace(sizes[1], sizes[0])
    streams["fields of the same bytes"] = pair[:-8008] + pair[-8:]
    streams["two batches"] = stream_of(pa.concat_tables([zeros_table[:1]] * 2))
    return streams


def zeros(size: int) -> pa.Array:
    return pa.array(np.zeros(size, "i1"))


@pytest.mark.parametrize("stream", arrow_streams().values(), ids=arrow_streams().keys())
def test_crafted_columns_are_refused(stream):
    with pytest.raises(BadData):
        decode(message({"arrow": stream}) if len(stream) < 2**16 else message({"arrow": 0}, stream))


BOMBS = """
    import resource, struct
    from shoshin.classroom.codec import BadData, decode

    def message(node, lengths=b"\\x90", blobs=b""):
        structure = b"\\x92" + node + lengths
        return struct.pack("<I", len(structure)) + structure + blobs

    M = 2**20
    def array(size):
        return b"\\xdd" + struct.pack(">I", size)

    bombs = [
        *(b"", b"\\0", bytes(64 * M), b"\\xff" * 64 * M, bytes(64 * M + 1)),
        *(message(kind + b"\\xff" * 4) for kind in (b"\\xdd", b"\\xdf", b"\\xc6", b"\\xdb")),
        message(array(15 * M) + b"\\x90" * (15 * M)),  # empty lists
        message(array(15 * M) + b"\\x80" * (15 * M)),  # empty maps
        message(array(5 * M) + b"\\x81\\xa0\\xc0" * (5 * M)),
        message(array(8 * M) * 1000 + b"\\xc0" * (8 * M)),
        message(array(15 * M) + b"\\xc0" * (15 * M)),
        message(array(5 * M) + b"\\xa2ab" * (5 * M), b"\\x91\\xcd\\x04\\0", bytes(1024)),  # a blob left over
        message(b"\\xc0", array(15 * M) + bytes(15 * M)),
        message(b"\\x91" * (15 * M)),
        message(b"\\x81\\xa5tuple\\x91" * (2 * M)),
        struct.pack("<I", 60 * M) + b"\\x90" * (60 * M),  # too much structure
    ]
    for bomb in bombs:
        try:
            value = decode(bomb)
        except BadData as error:
            print(error)
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_bombs_are_refused_in_little_memory():
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(BOMBS)], capture_output=True, text=True, check=True)
    *refusals, peak = done.stdout.splitlines()
    assert len(refusals) == 19
    assert int(peak.split()[1]) < 1024 * 1024  # kilobytes


def test_plain_data_brings_no_library_in():
    code = """
        import sys
        from shoshin.classroom.codec import decode, encode
        decode(encode([1, {"a": 2.5}]))
        print(sorted({"pandas", "pyarrow", "torch", "scipy", "polars", "pickle"} & set(sys.modules)))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("[]", "['pickle']")  # NumPy brings it


# --- What is not data


class Sneaky(int):
    pass


class Colour(enum.IntEnum):
    RED = 1


class Frame(pd.DataFrame):
    pass


Point = collections.namedtuple("Point", "x y")


class OwnPath(type(pathlib.Path())):  # type: ignore[misc]
    pass


def with_sparse_gradient() -> torch.Tensor:
    weight = torch.eye(2, requires_grad=True)
    torch.nn.functional.embedding(torch.tensor([1]), weight, sparse=True).sum().backward()
    return weight


def around(container: Any) -> Any:
    """Return a container that contains itself."""
    if type(container) is list:
        container.append((container,))
    elif type(container) is dict:
        container["key"] = [container]
    else:
        container[0] = container
    return container


def deep(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


NO_DATA = {
    "a function": print,
    "a class": Sneaky,
    "a module": sys,
    "an object": object(),
    "a generator": (x for x in ()),
    "an integer of a subclass": Sneaky(1),
    "an enumeration": Colour.RED,
    "a tuple of a subclass": Point(1, 2),
    "a class that is no data type": Fraction,
    "a union with a class": int | Sneaky,
    "a union with a description": int | list[str],
    "a path of a subclass": OwnPath("a"),
    "an array of a subclass": np.zeros(2).view(np.recarray),
    "a matrix": np.matrix([[1]]),
    "a table of a subclass": Frame({"a": [1]}),
    "a parameter of a library's own kind": torch.nn.UninitializedParameter(),
    "a parameter without values": torch.nn.Parameter(torch.zeros(1, device="meta")),
    "a tensor with a sparse gradient": with_sparse_gradient(),
    "a sparse tensor": torch.eye(2).to_sparse(),
    "a sparse column of texts": pd.Series(pd.arrays.SparseArray(["a", None])),
    "fields that overlap": np.zeros(1, {"names": ["a", "b"], "formats": ["i4", "i2"], "offsets": [0, 2]}),
    "a memoryview": memoryview(b"abc"),
    "an integer of 100,000 bits": 2**100_000,
    "a Decimal of many digits": Decimal("1E+100000"),
    "an endless range": range(10**30),
    "a time in a zone of its own": datetime.datetime(2020, 1, 1, tzinfo=dateutil.tz.tzlocal()),
}


@pytest.mark.parametrize("value", NO_DATA.values(), ids=NO_DATA.keys())
def test_what_is_not_data_is_named_and_not_sent(value):
    with pytest.raises(NotData):
        encode([{"a": value}])


@pytest.mark.parametrize("value", NO_DATA.values(), ids=NO_DATA.keys())
def test_what_is_not_data_is_handled_as_a_whole(value):
    asked = []
    data = encode([1, {"a": value}, bytes(5000)], lambda unknown: asked.append(unknown) or len(asked))
    assert [id(unknown) for unknown in asked] == [id(value)]
    assert decode(data, lambda number: f"number {number}") == [1, {"a": "number 1"}, bytes(5000)]
    with pytest.raises(BadData):
        decode(data)


def test_the_message_names_the_type():
    with pytest.raises(NotData, match=r"test_codec\.Sneaky"):
        encode([{"a": (Sneaky(1),)}])


@pytest.mark.parametrize("value", [[], {}, np.zeros(1, object)], ids=["list", "dict", "array"])
def test_a_container_that_contains_itself_is_not_data(value):
    with pytest.raises(NotData, match="contains itself"):
        encode(around(value), lambda unknown: 1)


def test_a_hundred_containers_may_lie_inside_one_another():
    assert decode(encode(deep(100))) == deep(100)
    for depth in (101, 5000):
        with pytest.raises(NotData, match="deep"):
            encode(deep(depth), lambda unknown: 1)


def test_a_value_that_is_too_large_is_not_sent():
    for value in (bytes(2000), "x" * 2000, np.zeros(1000), np.broadcast_to(1.0, (10**6, 10**6)), torch.zeros(1000)):
        with pytest.raises(NotData, match="too large"):
            encode(value, most_bytes=1000)
    with pytest.raises(BadData):
        decode(encode(bytes(2000)), most_bytes=1000)


def test_a_blob_counts_once():
    numbers = {"array": ["<i8", [256], 0]}
    for node in (numbers, [numbers, 1]):
        assert outcome_of(message(node, bytes(2048))) == "data"
    for refused in (
        message([numbers, numbers], bytes(2048)),
        message([numbers], bytes(2048), bytes(2048)),
        message(numbers, bytes(2048)) + b"0",
        message({"array": ["<i8", [2], 0]}, bytes(16)),
        message({"array": ["<i8", [256], -1]}, bytes(2048)),
    ):
        with pytest.raises(BadData):
            decode(refused)


def test_a_value_of_too_many_parts_is_neither_sent_nor_read(monkeypatch):
    data = encode([[]] * 2000)
    monkeypatch.setattr(walk, "MOST_COST", 5000)
    with pytest.raises(NotData, match="too many"):
        encode([[]] * 2000)
    with pytest.raises(BadData, match="too much"):
        decode(data)


def test_a_handle_may_be_refused_on_either_side():
    with pytest.raises(NotData, match="builtin_function"):
        encode([print], lambda unknown: None)
    data = encode(np.array([print, 1], dtype=object), lambda unknown: 7)
    assert list(decode(data, {7: "seven"}.__getitem__)) == ["seven", 1]
    with pytest.raises(BadData):
        decode(data, {}.__getitem__)
