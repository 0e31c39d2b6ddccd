"""Every correct result, however written, equals the expected one; every wrong one does not."""

import array
import collections
import datetime
import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from shoshin import Compare
from shoshin.check import difference
from shoshin.check.plain import plain

NAN, INF = float("nan"), float("inf")
UTC = datetime.UTC
PARIS = datetime.timezone(datetime.timedelta(hours=2))


def compared(expected, got, **rules):
    return difference(plain(expected), plain(got), Compare(**rules))


def ids(pair):
    return "_and_".join(type(value).__name__ for value in pair)


class Point(collections.namedtuple("Point", "x y")):
    pass


SAME = [
    # numbers
    (0.3, 0.1 + 0.2),
    (3, 3.0),
    (3.0, 3),
    (3, np.int8(3)),
    (3, np.float64(3.0)),
    (1 / 3, np.float32(1 / 3)),
    (1 / 3, np.float16(1 / 3)),
    (1e300, 1e300 * (1 + 1e-12)),
    (1e-300, 1e-300 * (1 + 1e-12)),
    (0.0, 1e-17),
    (0.0, -0.0),
    (NAN, NAN),
    (NAN, np.float32("nan")),
    (INF, INF),
    (-INF, np.float32("-inf")),
    (1 + 2j, 1 + 2j + 1e-12),
    (1 + 2j, np.complex64(1 + 2j)),
    (2.0, 2 + 0j),
    (complex(NAN, 1), complex(NAN, 1)),
    (2**53 + 1, 2**53 + 1),
    (10**400, 10**400),
    (2**64, np.array([2**64], dtype=object)[0]),
    (1 / 3, Fraction(1, 3)),
    (Fraction(1, 3), 1 / 3),
    (Fraction(2, 6), Fraction(1, 3)),
    (0.1, Decimal("0.1")),
    (Decimal("0.10"), Decimal("0.1")),
    (Decimal(1) / 3 * 3, Decimal(1)),
    (Decimal("NaN"), Decimal("NaN")),
    (1, Decimal(1)),
    (5, np.array(5)),
    (np.array(5.0), 5),
    (5.0, torch.tensor(5.0, requires_grad=True)),
    (True, np.True_),
    (np.array(True), True),
    (np.longdouble(1) / 3, 1 / 3),
    # sequences of numbers, however stored
    ([1, 2, 3], (1, 2, 3)),
    ([1, 2, 3], np.array([1.0, 2.0, 3.0])),
    ([1, 2, 3], range(1, 4)),
    ([1, 2, 3], {1: "a", 2: "b", 3: "c"}.keys()),
    ([1, 2, 3], collections.deque([1, 2, 3])),
    ([1.0, 2.0], array.array("d", [1, 2])),
    (np.array([1, 2, 3]), [1, 2.0, np.int64(3)]),
    (np.array([1.5, 2.5]), (torch.tensor(1.5), torch.tensor(2.5))),
    (np.array([[1.5], [2.5]]), [np.array([1.5]), [2.5]]),
    (np.ones((3, 2)), [[1, 1], (1, 1), np.ones(2)]),
    (np.ones((2, 2)), np.matrix("1 1; 1 1")),
    (np.ones((2, 2)), np.asfortranarray(np.ones((2, 2)))),
    (np.array([1.0, 2.0]), np.array([1, 2], dtype=">f4")),
    (np.array([1.0, 2.0]), np.array([1, 2], dtype=object)),
    (np.array([1, 2], dtype=object), np.array([1.0, 2.0])),
    (np.array([1 / 3, 2 / 3]), [Fraction(1, 3), Fraction(2, 3)]),
    (np.array([1.0, NAN]), np.ma.array([1.0, 5.0], mask=[False, True])),
    (np.array([1.0, NAN]), np.ma.array([1, 5], mask=[False, True])),
    (np.array([2**60 + 1]), np.ma.array([2**60 + 1])),
    (np.array([2**63, 1], dtype=object), [2**63, 1]),
    ([2**70, 1], [2**70, 1]),
    (np.array([]), []),
    ([], np.array([])),
    (np.empty((0, 3)), np.empty((0, 3), dtype=int)),
    ([[], []], np.empty((2, 0))),
    ([[1, 2], [3]], [np.array([1, 2]), [3]]),
    (np.array([1.0, 1e-17]), np.array([1.0, -3e-17])),
    ([1.0, 1e-17], [1.0, 0.0]),
    (np.array([0.0, 0.0]), np.array([1e-12, 0.0])),
    (np.array([1e8, 0.0]), np.array([1e8, 1e-8])),
    (np.array([1e300, 1e-300]), np.array([1e300, 1e-300])),
    ([0.1 + 0.2, np.float32(0.3)], [0.3, 0.3]),
    # tensors
    (np.array([1.5, 2.5]), torch.tensor([1.5, 2.5])),
    (torch.tensor([1.5, 2.5]), np.array([1.5, 2.5])),
    (np.array([1 / 3, 2 / 3]), torch.tensor([1 / 3, 2 / 3], requires_grad=True)),
    (np.array([1 / 3, 2 / 3]), torch.tensor([1 / 3, 2 / 3], dtype=torch.bfloat16)),
    (np.array([1 / 3, 2 / 3]), torch.tensor([1 / 3, 2 / 3], dtype=torch.float16)),
    (np.eye(3), torch.eye(3).to_sparse()),
    (np.eye(3), torch.eye(3).to_sparse(1)),
    (np.array([1 - 2j]), torch.tensor([1 + 2j]).conj()),
    (np.array([True, False]), torch.tensor([True, False])),
    ([2, 3], torch.Size([2, 3])),
    (np.ones(2), torch.nn.Parameter(torch.ones(2))),
    # texts, booleans, bytes, nothing
    ("abc", np.str_("abc")),
    (b"abc", bytearray(b"abc")),
    (["a", "b"], np.array(["a", "b"])),
    (["a", "b"], np.array(["a", "b"], dtype=object)),
    (["a", "b"], np.array(["a", "b"], dtype=np.dtypes.StringDType())),
    (np.array(["a", "b"], dtype=object), ["a", "b"]),
    (np.array(["a", None, NAN], dtype=object), np.array(["a", NAN, None], dtype=object)),
    ([True, False], np.array([True, False])),
    (np.array([True, False]), [True, np.False_]),
    (None, None),
    ([1, "a", None, True], (1.0, "a", None, True)),
    # times
    (datetime.date(2024, 1, 31), np.datetime64("2024-01-31")),
    (datetime.datetime(2024, 1, 31), np.datetime64("2024-01-31T00:00:00.000")),
    (datetime.datetime(2024, 1, 31, 12, tzinfo=UTC), datetime.datetime(2024, 1, 31, 14, tzinfo=PARIS)),
    (datetime.timedelta(days=1), np.timedelta64(24, "h")),
    (np.array(["2024-01-31", "NaT"], dtype="M8[D]"), np.array(["2024-01-31T00", "NaT"], dtype="M8[ns]")),
    (np.array(["2024-01-31"], dtype="M8[D]"), [datetime.date(2024, 1, 31)]),
    (np.datetime64("NaT"), None),
    (datetime.time(12, 30), datetime.time(12, 30)),
    # containers
    ({"a": 0.3, "b": [1]}, {"b": np.array([1]), "a": 0.1 + 0.2}),
    ({"a": 1}, collections.OrderedDict(a=1)),
    ({"a": 1}, collections.Counter("a")),
    ({1: 2}, {np.int64(1): 2}),
    ({0.3: "x"}, {0.1 + 0.2: "x"}),
    ({NAN: "x"}, {float("nan"): "x"}),
    ({(1, 2): 3}, {(1, 2): 3.0}),
    ({1, 2, 3}, frozenset({3, 2, 1})),
    ({0.3, 5.0}, {5, 0.1 + 0.2}),
    ({"a", 1}, {1, "a"}),
    ({frozenset({1, 2})}, {frozenset({2, 1})}),
    ((1, 2), Point(1, 2)),
    ((np.ones(2), {"a": [0.3]}), [torch.ones(2), {"a": (0.1 + 0.2,)}]),
    # structured arrays
    (np.array([(1, 0.3)], dtype="i4,f8"), np.array([(1, 0.1 + 0.2)], dtype="i8,f4")),
    (np.array([(1, 0.3)], dtype="i4,f8"), np.rec.array([(1, 0.3)], dtype="i4,f8")),
    # sparse matrices, whatever the format
    (sparse.csr_matrix(np.eye(3)), sparse.coo_matrix(np.eye(3))),
    (sparse.csr_matrix(np.eye(3)), sparse.lil_array(np.eye(3))),
    (sparse.dok_matrix(np.eye(3)), sparse.dia_matrix(np.eye(3))),
    (sparse.csr_matrix(np.eye(3)), sparse.csr_matrix(np.eye(3, dtype=np.float32))),
    (
        sparse.csr_matrix(([1.0, 0.0], ([0, 1], [0, 1])), shape=(2, 2)),
        sparse.csr_matrix(([1.0], ([0], [0])), shape=(2, 2)),
    ),
    (sparse.coo_matrix(([1.0, 2.0], ([0, 0], [1, 1])), shape=(2, 2)), sparse.csr_matrix([[0, 3.0], [0, 0]])),
    (sparse.csr_matrix([[NAN, 0]]), sparse.csr_matrix([[NAN, 0]])),
    (sparse.csr_matrix((4, 4)), sparse.csc_array((4, 4))),
    (sparse.coo_array(np.array([0, 1.5, 0])), sparse.coo_array(np.array([0, 1.5, 0]))),
]


@pytest.mark.parametrize("pair", SAME, ids=ids)
def test_the_same_result_written_differently_is_the_same(pair):
    assert compared(*pair) is None


DIFFERENT = [
    # numbers
    (0.3, 0.3001),
    (3, 4),
    (3, True),
    (True, 1),
    (True, False),
    (1.0, True),
    (3, "3"),
    ("3", 3),
    (3, None),
    (None, 0),
    (None, False),
    (3, [3]),
    (3, np.array([3])),
    (0.0, 1e-6),
    (1e300, 2e300),
    (1e-300, 2e-300),
    (1e-20, 0.0),
    (1e-12, 2e-12),
    (1e9, 1e9 + 1e4),
    (INF, -INF),
    (INF, 1e308),
    (1e308, INF),
    (NAN, 0.0),
    (0.0, NAN),
    (NAN, INF),
    (1 + 2j, 1 - 2j),
    (1.0, 1 + 1j),
    (2**53 + 1, 2**53),
    (2**63, 2**63 + 1),
    (10**400, 10**400 + 1),
    (10**400, INF),
    (10_000_000, 10_000_005.0),
    (Fraction(1, 3), Fraction(333333333, 1000000000)),
    (Decimal("1000000.01"), Decimal("1000000.02")),
    (Decimal("NaN"), Decimal(0)),
    # arrays
    (np.array([1, 2]), np.array([2, 1])),
    (np.array([1, 2]), np.array([[1, 2]])),
    (np.array([1, 2]), [1, 2, 3]),
    (np.array([1, 2]), 1),
    (np.array([1, 0]), np.array([True, False])),
    (np.array([True, False]), np.array([1, 0])),
    (np.array([1, 2]), [True, 2]),
    ([1, 0], [True, False]),
    (np.array([1, 2]), np.array(["1", "2"])),
    (np.array(["1", "2"]), np.array([1, 2])),
    (np.array(["1", "a"]), [1, "a"]),
    (np.array([1.0, NAN]), np.array([NAN, 1.0])),
    (np.array([1.0, 2.0]), np.array([1.0, None], dtype=object)),
    (np.array([1.0, 2.0]), np.ma.array([1.0, 2.0], mask=[False, True])),
    (np.array([True, True]), np.ma.array([True, True], mask=[False, True])),
    (np.array([INF, 1.0]), np.array([-INF, 1.0])),
    (np.array([2**53 + 1, 5]), np.array([2**53, 5])),
    (np.array([2**63 + 1], dtype=np.uint64), np.array([2**63 - 1], dtype=np.int64)),
    (np.array([-1], dtype=np.int64), np.array([2**64 - 1], dtype=np.uint64)),
    (np.empty((0, 3)), np.empty((0, 2))),
    (np.empty((0, 3)), []),
    (np.ones((2, 3)), np.ones((3, 2))),
    (np.ones(3), np.matrix("1 1 1")),
    ([[1, 2], [3]], [[1, 2], [4]]),
    ([[1, 2], [3]], [1, 2, 3]),
    # a small wrong entry beside a huge one
    (np.array([1e10, 1e-5]), np.array([1e10, 2e-5])),
    (np.array([1e12, 1.0]), np.array([1e12, 1.5])),
    (np.array([1e300, 1.0]), np.array([1e300, 2.0])),
    (10.0 ** np.arange(20), 10.0 ** np.arange(20) + np.eye(20)[0]),
    ([1e300, 1.0], [1e300, 2.0]),
    ((1e300, 1e-9), (1e300, 2e-9)),
    (np.array([1e6, 0.001]), np.array([1e6, 0.002])),
    (np.array([1000, 0.001]), np.array([1000, 0.005], dtype=np.float32)),
    ({"a": 1e300, "b": 1e-30}, {"a": 1e300, "b": 2e-30}),
    # tensors
    (np.ones(2), torch.tensor([1.0, 1.1])),
    (np.array([1 / 3, 2 / 3]), torch.tensor([1 / 3, 0.5], dtype=torch.bfloat16)),
    (np.ones(2), torch.ones(2, device="meta")),
    (np.array([1 - 2j]), torch.tensor([1 + 2j])),
    # texts and the like
    ("abc", "abC"),
    ("abc", "abc "),
    ("abc", b"abc"),
    ("abc", ["a", "b", "c"]),
    (["a", "b", "c"], "abc"),
    (np.array(["a"]), np.array([b"a"])),
    (np.array(["2024-01-31"]), np.array(["2024-01-31"], dtype="M8[D]")),
    # times
    (datetime.date(2024, 1, 31), datetime.date(2024, 1, 30)),
    (datetime.datetime(2024, 1, 31), datetime.datetime(2024, 1, 31, tzinfo=UTC)),
    (datetime.datetime(2024, 1, 31, 12, tzinfo=UTC), datetime.datetime(2024, 1, 31, 12, tzinfo=PARIS)),
    (datetime.timedelta(days=1), datetime.timedelta(days=2)),
    (datetime.date(2024, 1, 31), "2024-01-31"),
    (datetime.timedelta(seconds=1), 1),
    (np.array(["2024-01-31", "NaT"], dtype="M8[D]"), np.array(["NaT", "2024-01-31"], dtype="M8[D]")),
    (np.array([1], dtype="m8[D]"), np.array([1])),
    (np.array([1], dtype="m8[D]"), np.array([1], dtype="m8[h]")),
    # containers
    ({"a": 1}, {"a": 2}),
    ({"a": 1}, {"b": 1}),
    ({"a": 1}, {"a": 1, "b": 2}),
    ({"a": 1, "b": 2}, {"a": 1}),
    ({"a": 1}, [("a", 1)]),
    ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}),
    ({1, 2}, {1, 3}),
    ({1, 2}, [1, 2]),
    ([1, 2], {1, 2}),
    ({1, 2}, {1}),
    ({1}, {"1"}),
    ([], {}),
    ([1, 2], (x for x in (1, 2))),
    ([1, 2], map(int, "12")),
    ([1, 2], lambda: [1, 2]),
    ([1, 2], None),
    ([1, 2], object()),
    # structured arrays
    (np.array([(1, 0.3)], dtype="i4,f8"), np.array([(1, 0.4)], dtype="i4,f8")),
    (np.array([(1, 0.3)], dtype="i4,f8"), np.array([(1, 0.3)], dtype=[("a", "i4"), ("b", "f8")])),
    (np.array([(1, 0.3)], dtype="i4,f8"), np.array([1.0])),
    (np.array([1.0]), np.array([(1, 0.3)], dtype="i4,f8")),
    # sparse matrices
    (sparse.csr_matrix(np.eye(3)), np.eye(3)),
    (np.eye(3), sparse.csr_matrix(np.eye(3))),
    (sparse.csr_matrix(np.eye(3)), sparse.csr_matrix(np.eye(4))),
    (sparse.csr_matrix(np.eye(3)), sparse.csr_matrix(2 * np.eye(3))),
    (sparse.csr_matrix(np.eye(3)), sparse.csr_matrix((3, 3))),
    (sparse.csr_matrix((3, 3)), sparse.csr_matrix(np.eye(3))),
    (sparse.csr_matrix([[NAN, 0]]), sparse.csr_matrix([[0, NAN]])),
    (sparse.csr_matrix(np.eye(3)), sparse.csr_matrix(np.eye(3, dtype=bool))),
    (sparse.coo_array(np.array([0, 1.5, 0])), sparse.coo_array(np.array([1.5, 0, 0]))),
    (sparse.coo_array(np.array([0, 1.5])), sparse.csr_array(np.array([[0, 1.5]]))),
]


@pytest.mark.parametrize("pair", DIFFERENT, ids=ids)
def test_a_different_result_is_different(pair):
    sentence = compared(*pair)
    assert sentence.endswith(".")


# --- tolerance --------------------------------------------------------------------------------------------------

ordinary = st.floats(-1e6, 1e6, allow_nan=False)
vectors = arrays.arrays(np.float64, st.integers(1, 8), elements=ordinary)


@given(vectors)
@settings(deadline=None, max_examples=50)
def test_an_array_equals_itself_in_every_precision(vector):
    assert compared(vector, vector.astype(np.float32)) is None
    assert compared(vector, vector.tolist()) is None
    assert compared(vector, torch.tensor(vector)) is None


@given(vectors, st.integers(0, 7), st.sampled_from([-1, 1]))
@settings(deadline=None, max_examples=100)
def test_an_entry_that_is_off_by_a_hundredth_is_found_wherever_it_hides(vector, place, sign):
    wrong = vector.copy()
    wrong[place % len(vector)] += sign * max(0.01 * abs(wrong[place % len(vector)]), 1e-3)
    assert compared(vector, wrong)


@given(st.floats(1e-290, 1e290), st.sampled_from([1e-300, 1e-10, 1.0, 1e10, 1e300]))
@settings(deadline=None, max_examples=50)
def test_the_verdict_on_a_number_does_not_depend_on_its_unit(number, unit):
    if 1e-290 < number * unit < 1e290:
        assert compared(number * unit, number * unit * (1 + 1e-9)) is None
        assert compared(number * unit, number * unit * (1 + 1e-3))


@given(st.integers(-(2**70), 2**70), st.integers(1, 3))
@settings(deadline=None, max_examples=50)
def test_integers_are_exact_at_every_size(number, step):
    assert compared(number, number) is None
    assert compared(number, number + step)


@pytest.mark.parametrize(
    "rules, got, passes",
    [
        ({"rtol": 0.1}, 1.05, True),
        ({"rtol": 0.1}, 1.2, False),
        ({"atol": 0.1}, 1.05, True),
        ({"rtol": 0, "atol": 0}, 1 + 1e-15, False),
        ({"rtol": 0.1}, 1, True),
    ],
)
def test_an_author_can_set_the_tolerance(rules, got, passes):
    assert (compared(1.0, got, **rules) is None) == passes


def test_a_tolerance_that_was_asked_for_holds_for_integers_too():
    assert compared(100, 101, rtol=0.05) is None
    assert compared([100, 200], [101, 199], atol=2) is None


def test_compare_refuses_an_unknown_order():
    with pytest.raises(TypeError, match='rows is "ordered" or "any"'):
        Compare(rows="sorted")


# --- what it says -------------------------------------------------------------------------------------------------


@dataclass
class Pair:
    left: int
    right: int


@pytest.mark.parametrize(
    "expected, got, sentence",
    [
        (4, 3, "3 came back, 4 was expected."),
        (1.0000001, 1.0000041, "1.0000041 came back, 1.0000001 was expected."),
        (True, 1, "the number 1 came back, the boolean True was expected."),
        (3, None, "nothing (None) came back, the number 3 was expected."),
        (3, "3", "the text '3' came back, the number 3 was expected."),
        ([1, 2], Pair(1, 2), "a Pair came back, a list of 2 items was expected."),
        ([1, 2], (i for i in "ab"), "a generator came back, a list of 2 items was expected."),
        (np.ones(2), np.ones(3), "shape (3,) came back, shape (2,) was expected."),
        (np.ones(2), [1, 2, 3], "a list of 3 items came back, an array of shape (2,) was expected."),
        (
            np.ones((2, 2)),
            np.eye(2),
            "entry [0, 1] is 0, but 1 was expected (2 of 4 entries differ).",
        ),
        (
            (np.ones(2), {"loss": [1, 2]}),
            (np.ones(2), {"loss": [1, 3]}),
            "in 'loss' of item 1, entry [1] is 3, but 2 was expected (1 of 2 entries differ).",
        ),
        ({"a": 1, "b": 2}, {"a": 1, "c": 3}, "the dict lacks 'b' and also has 'c'."),
        ({1, 2}, {1, 4}, "the set lacks 2 and also has 4."),
        ([1, 2, 3], [1], "1 item came back, 3 expected."),
        (np.array(["a"]), np.array([1]), "an array of numbers came back, an array of texts was expected."),
        (
            "The quick brown fox jumps over the lazy dog.",
            "The quick brown fox jumps over the lazy cat.",
            "'… over the lazy cat.' came back, '… over the lazy dog.' was expected.",
        ),
        (datetime.date(2024, 1, 31), datetime.date(2024, 1, 30), "2024-01-30 came back, 2024-01-31 was expected."),
        (10**5000, 10**5000 + 1, "an integer of 16610 bits came back"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_difference_is_said_in_a_sentence(expected, got, sentence):
    assert sentence in compared(expected, got)


# --- hostile results ----------------------------------------------------------------------------------------------


class Agreeable:
    """Says yes to everything."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 0

    def __array__(self, dtype=None, copy=None):
        return np.ones(3)

    def __len__(self):
        return 3

    def __iter__(self):
        return iter([1, 1, 1])

    def __float__(self):
        return 1.0

    @property
    def __class__(self):
        return list


class AgreeableInt(int):
    __eq__ = Agreeable.__eq__
    __hash__ = Agreeable.__hash__


class AgreeableText(str):
    __eq__ = Agreeable.__eq__
    __hash__ = Agreeable.__hash__


class AgreeableFloat(np.float64):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0


class AgreeableList(list):
    __eq__ = Agreeable.__eq__

    def __iter__(self):
        return iter([1, 1, 1])

    def __len__(self):
        return 3


class AgreeableDict(dict):
    def items(self):
        return [("a", 1)]

    def __getitem__(self, key):
        return 1


class AgreeableArray(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    def __sub__(self, other):
        return np.zeros(self.shape)

    def __array_ufunc__(self, *args, **kwargs):
        return np.ones(3)

    def astype(self, dtype):
        return np.ones(3)


@pytest.mark.parametrize(
    "expected, got",
    [
        (1, Agreeable()),
        ([1, 1, 1], Agreeable()),
        (np.ones(3), Agreeable()),
        ("a", Agreeable()),
        ({"a": 1}, {"a": Agreeable()}),
        ({"a"}, {Agreeable()}),
        (np.array([1, "a"], dtype=object), np.array([1, Agreeable()], dtype=object)),
        (5, AgreeableInt(3)),
        (5.0, AgreeableFloat(3)),
        ("a", AgreeableText("b")),
        ([1, 1, 1], AgreeableList([2, 2])),
        ({"a": 1}, AgreeableDict(a=2)),
        (np.ones(3), np.zeros(3).view(AgreeableArray)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_result_that_lies_about_itself_convinces_nobody(expected, got):
    assert compared(expected, got)


def test_an_honest_subclass_is_taken_for_what_it_holds():
    assert compared(5, AgreeableInt(5)) is None
    assert compared("a", AgreeableText("a")) is None
    assert compared([1, 2], AgreeableList([1, 2])) is None


def test_a_list_that_contains_itself_comes_to_an_end():
    knot = [1]
    knot.append(knot)
    assert "list that contains itself" in repr(plain(knot))
    assert compared([1, [1]], knot)


def test_deep_and_entangled_nesting_comes_to_an_end():
    deep, wide = [], [1]
    for _ in range(5000):
        deep = [deep]
    for _ in range(60):
        wide = [wide, wide]
    assert "nested too deeply" in repr(plain(deep))
    assert compared([[1]], deep)
    plain(wide)


class Broken:
    def __repr__(self):
        raise ValueError("no text")

    def __eq__(self, other):
        raise ValueError("no comparison")

    __hash__ = None

    def __len__(self):
        raise ValueError("no length")


def test_a_result_whose_methods_raise_is_still_named():
    assert compared([1], Broken()) == "a Broken came back, a list of 1 item was expected."
    assert plain(Broken()).text == "(its repr raised ValueError)"


def test_a_result_keeps_nothing_of_what_the_learner_can_still_change():
    inner, table, numbers = [1], {"a": [2]}, np.zeros(2)
    kept = plain((inner, table, numbers, np.array([inner], dtype=object)))
    inner.append(9), table["a"].append(9), numbers.fill(9)
    assert compared(([1], {"a": [2]}, [0, 0]), kept[:3]) is None


def test_an_endless_range_is_not_written_out():
    assert compared([1], range(10**15))


def test_nan_hides_nothing_in_nested_results():
    assert compared([math.nan, [math.nan]], [math.nan, [1.0]])
