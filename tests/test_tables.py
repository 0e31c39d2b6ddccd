"""Tables are compared whole, and every correct one passes, whatever its dtypes are called."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shoshin import Compare
from shoshin.check import difference
from shoshin.check.plain import plain

NAN = float("nan")


def compared(expected, got, **rules):
    return difference(plain(expected), plain(got), Compare(**rules))


def frame(**columns):
    return pd.DataFrame(columns)


def series(*values, **options):
    return pd.Series(list(values), **options)


def arrow(values, dtype):
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, dtype)))


CITIES = frame(city=["Rome", "Oslo", "Bonn"], price=[3.5, 9.0, 0.3])
DAYS = pd.to_datetime(["2024-01-31", "2024-02-29", None])
TWO_LEVELS = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["letter", "number"])

SAME = [
    (CITIES, CITIES.copy()),
    (CITIES, frame(city=["Rome", "Oslo", "Bonn"], price=[3.5, 9.0, 0.1 + 0.2])),
    (CITIES, CITIES.astype({"price": np.float32})),
    (CITIES, CITIES.convert_dtypes()),
    (CITIES, CITIES.convert_dtypes(dtype_backend="pyarrow")),
    (CITIES, CITIES.astype({"city": "category"})),
    (CITIES, CITIES.astype({"city": object})),
    (CITIES, CITIES.astype({"city": "string"})),
    (CITIES, CITIES.astype({"city": "string[pyarrow]"})),
    (CITIES.convert_dtypes(), CITIES),
    (CITIES, CITIES.set_axis([0, 1, 2], axis=0)),
    (CITIES, CITIES.rename_axis("row")),
    (CITIES, CITIES.set_axis(pd.Index(["city", "price"], name="field"), axis=1)),
    (CITIES.set_index("city"), CITIES.astype({"city": "category"}).set_index("city")),
    (frame(a=[1, 2, 3]), frame(a=[1.0, 2.0, 3.0])),
    (frame(a=[1, 2, 3]), frame(a=np.array([1, 2, 3], dtype=np.int8))),
    (frame(a=[1, 2, 3]), frame(a=np.array([1, 2, 3], dtype=object))),
    (frame(a=[1, 2, 3]), frame(a=[Decimal(1), Decimal(2), Decimal(3)])),
    (frame(a=[1, 2, None]), frame(a=pd.array([1, 2, None], dtype="Int64"))),
    (frame(a=[1.5, NAN]), frame(a=pd.array([1.5, pd.NA], dtype="Float32"))),
    (frame(a=[True, False]), frame(a=pd.array([True, False], dtype="boolean"))),
    (frame(a=[True, None]), frame(a=pd.array([True, pd.NA], dtype="boolean"))),
    (frame(a=["x", None]), frame(a=np.array(["x", NAN], dtype=object))),
    (frame(a=["x", None]), frame(a=pd.array(["x", pd.NA], dtype="string"))),
    (frame(a=[1, 2]), frame(a=pd.Categorical([1, 2]))),
    (frame(a=[1, None]), frame(a=pd.Categorical([1, None]))),
    (frame(a=[1.0, 0.0]), frame(a=pd.arrays.SparseArray([1.0, 0.0]))),
    (frame(a=[1 + 2j]), frame(a=np.array([1 + 2j], dtype=np.complex64))),
    (frame(a=[NAN, NAN]), frame(a=[None, None])),
    (frame(a=DAYS), frame(a=DAYS.astype("datetime64[s]"))),
    (frame(a=DAYS), frame(a=DAYS.astype(object))),
    (frame(a=DAYS), frame(a=arrow([*DAYS[:2].to_pydatetime(), None], pa.timestamp("us")))),
    (frame(a=DAYS.tz_localize("UTC")), frame(a=DAYS.tz_localize("UTC").tz_convert("Europe/Paris"))),
    (frame(a=DAYS[:2]), frame(a=[datetime.date(2024, 1, 31), datetime.date(2024, 2, 29)])),
    (frame(a=DAYS - DAYS[0]), frame(a=(DAYS - DAYS[0]).astype("timedelta64[s]"))),
    (frame(a=DAYS[:2].to_period("M")), frame(a=DAYS[:2].to_period("M"))),
    (frame(a=pd.interval_range(0, 0.9, 3)), frame(a=pd.IntervalIndex.from_breaks([0, 0.3, 0.6, 0.9]))),
    (frame(a=[[1, 2], [3]]), frame(a=[(1, 2), np.array([3])])),
    (frame(a=[Decimal("0.1")]), frame(a=arrow([Decimal("0.1")], pa.decimal128(5, 1)))),
    (frame(), frame()),
    (frame(a=[]), frame(a=np.array([], dtype="M8[ns]"))),
    (frame(a=np.array([2**60 + 1, None], dtype=object)), frame(a=pd.array([2**60 + 1, None], dtype="Int64"))),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), pd.DataFrame([[1.0, 2.0]], columns=["a", "a"])),
    (pd.DataFrame([[1, 2]], columns=[0, 1]), pd.DataFrame(np.array([[1, 2]]))),
    (pd.DataFrame([[1, 2]], columns=["a", NAN]), pd.DataFrame([[1, 2]], columns=["a", None])),
    (pd.DataFrame(np.eye(3), columns=TWO_LEVELS), pd.DataFrame(np.eye(3), columns=list(TWO_LEVELS))),
    (pd.DataFrame({"x": [1, 2, 3]}, TWO_LEVELS), pd.DataFrame({"x": [1, 2, 3]}, TWO_LEVELS.set_names([None, None]))),
    (series(1, 2, 3), series(1.0, 2.0, 3.0, name="x")),
    (series(1, 2, 3), pd.Series({0: 1, 1: 2, 2: 3})),
    (series("a", "b"), pd.Series(pd.Categorical(["a", "b"]))),
    (pd.Series([1, 2], index=DAYS[:2]), pd.Series([1, 2], index=DAYS[:2].astype("datetime64[s]"))),
    (pd.Index([1, 2]), pd.Index([1.0, 2.0], name="x")),
    (pd.RangeIndex(3), pd.Index([0, 1, 2])),
    (TWO_LEVELS, TWO_LEVELS.set_names(["x", "y"])),
    (pd.Series([1, None], dtype="Int64"), pd.array([1, None], dtype="Int64")),
    (pd.Timestamp("2024-01-31"), datetime.datetime(2024, 1, 31)),
    (datetime.date(2024, 1, 31), pd.Timestamp("2024-01-31")),
    (pd.Timestamp("2024-01-31 12:00", tz="UTC"), pd.Timestamp("2024-01-31 13:00", tz="Europe/Paris")),
    (datetime.timedelta(days=1), pd.Timedelta(24, "h")),
    (None, pd.NaT),
    ([1, None], [1, pd.NA]),
    (pd.Interval(0, 0.3), pd.Interval(0, 0.1 + 0.2)),
    (pd.Period("2024-01"), pd.Period("2024-01", "M")),
    # a table where an array or a list is wanted
    (np.array([1.0, 2.0]), series(1, 2)),
    (np.array([1.0, NAN]), pd.Series([1, None], dtype="Int64")),
    (np.array([[1, 2], [3, 4]]), frame(a=[1, 3], b=[2.0, 4.0])),
    (["a", "b"], pd.Index(["a", "b"])),
    (["a", "b"], series("a", "b").unique()),
    ([1, 2], pd.Index([1, 2])),
    ({"a": series(1)}, {"a": series(1.0)}),
]


@pytest.mark.parametrize("pair", SAME, ids=range(len(SAME)))
def test_the_same_table_written_differently_is_the_same(pair):
    assert compared(*pair) is None


DIFFERENT = [
    (CITIES, CITIES[["price", "city"]], "the columns are in the order 'price', 'city'; 'city', 'price' was expected."),
    (CITIES, CITIES[["city"]], "the table lacks 'price' among its columns."),
    (CITIES, CITIES.assign(x=1), "the table also has 'x' among its columns."),
    (
        CITIES,
        CITIES.rename(columns={"price": "Price"}),
        "the table lacks 'price' and also has 'Price' among its columns.",
    ),
    (CITIES, pd.concat([CITIES, CITIES[["city"]]], axis=1), "the table has more than one column 'city'."),
    (CITIES, CITIES[:2], "2 rows came back, 3 expected."),
    (CITIES, CITIES[:1], "1 row came back, 3 expected."),
    (CITIES, CITIES[:0], "0 rows came back, 3 expected."),
    (CITIES, CITIES[::-1], "the index, row 0 (2), is 2, but 0 was expected (2 of 3 rows differ)."),
    (CITIES, CITIES[::-1].reset_index(drop=True), "column 'city', row 0, is 'Bonn', but 'Rome' was expected"),
    (CITIES, CITIES.assign(price=[3.5, 9.0, 0.4]), "column 'price', row 2, is 0.4, but 0.3 was expected (1 of 3 rows"),
    (CITIES, CITIES.assign(price=["3.5", "9.0", "0.3"]), "column 'price' holds texts, numbers were expected."),
    (CITIES, CITIES.set_index("city"), "the table lacks 'city' among its columns."),
    (CITIES, CITIES.set_index("city", drop=False), "the index holds texts, numbers were expected."),
    (CITIES, CITIES["price"], "a Series of shape (3,) came back, a DataFrame of shape (3, 2) was expected."),
    (CITIES["price"], CITIES[["price"]], "a DataFrame of shape (3, 1) came back, a Series of shape (3,) was expected."),
    (CITIES, CITIES.to_numpy(), "an array of objects with shape (3, 2) came back, a DataFrame"),
    (CITIES, CITIES.groupby("city"), "a DataFrameGroupBy came back, a DataFrame of shape (3, 2) was expected."),
    (CITIES, None, "nothing (None) came back, a DataFrame"),
    (CITIES, CITIES.to_dict("list"), "a dict of 2 entries came back, a DataFrame"),
    (series(1, 2), [1, 2], "a list of 2 items came back, a Series of shape (2,) was expected."),
    (series(1, 2), np.array([1, 2]), "an array of shape (2,) came back, a Series of shape (2,) was expected."),
    (frame(a=[1, 0]), frame(a=[True, False]), "column 'a' holds booleans, numbers were expected."),
    (frame(a=[True, False]), frame(a=[1, 0]), "column 'a' holds numbers, booleans were expected."),
    (frame(a=[True, None]), frame(a=[1.0, NAN]), "column 'a' holds numbers, booleans were expected."),
    (frame(a=["x", None]), frame(a=["x", "None"]), "row 1, is 'None', but None was expected"),
    (frame(a=["x", None]), frame(a=["x", ""]), "row 1, is '', but None was expected"),
    (frame(a=[1.0, NAN]), frame(a=[1.0, 0.0]), "row 1, is 0, but nan was expected"),
    (frame(a=[1.0, NAN]), frame(a=pd.array([pd.NA, 1], dtype="Int64")), "(2 of 2 rows differ)"),
    (frame(a=[2**60 + 1, 5]), frame(a=[2**60, 5]), "1152921504606846976, but 1152921504606846977 was expected"),
    (frame(a=pd.array([2**60 + 1, None], dtype="Int64")), frame(a=pd.array([2**60, None], dtype="Int64")), "row 0"),
    (frame(a=[1, "x"]), frame(a=[1, 2]), "column 'a' holds numbers, numbers and texts were expected."),
    (frame(a=DAYS), frame(a=DAYS.tz_localize("UTC")), "column 'a' holds times with a time zone, times were expected."),
    (frame(a=DAYS), frame(a=DAYS[::-1]), "rows differ"),
    (frame(a=DAYS[:2]), frame(a=["2024-01-31", "2024-02-29"]), "column 'a' holds texts, times were expected."),
    (frame(a=DAYS[:2]), frame(a=DAYS[:2].to_period("M")), "column 'a' holds Period, times were expected."),
    (frame(a=DAYS - DAYS[0]), frame(a=[0, 1, 2]), "column 'a' holds numbers, durations were expected."),
    (frame(a=DAYS[:2].to_period("M")), frame(a=DAYS[:2].to_period("D")), "rows differ"),
    (frame(a=[[1, 2], [3]]), frame(a=[[1, 2], [4]]), "row 1, is [4], but [3] was expected"),
    (frame(a=["1", "2"]), frame(a=pd.Categorical([1, 2])), "column 'a' holds numbers, texts were expected."),
    (frame(a=[]), frame(a=[1]), "1 row came back, 0 expected."),
    (frame(), frame(a=[]), "the table also has 'a' among its columns."),
    (
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame([[1, 3]], columns=["a", "a"]),
        "column 'a' (number 1), row 0",
    ),
    (
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame([[1, 2]], columns=["a", "b"]),
        "lacks 'a' and also has 'b'",
    ),
    (pd.DataFrame([[1, 2]], columns=["0", "1"]), pd.DataFrame([[1, 2]]), "lacks '0', '1' and also has 0, 1"),
    (pd.DataFrame(np.eye(3), columns=TWO_LEVELS), pd.DataFrame(np.eye(3), columns=list("xyz")), "lacks ('a', 1)"),
    (
        pd.DataFrame({"x": [1, 2, 3]}, TWO_LEVELS),
        frame(x=[1, 2, 3]),
        "an index of 1 level came back, an index of 2 levels",
    ),
    (
        pd.DataFrame({"x": [1, 2, 3]}, TWO_LEVELS),
        pd.DataFrame({"x": [1, 2, 3]}, TWO_LEVELS[::-1]),
        "level 0 of the index, row 0 ('b', 1), is 'b', but 'a' was expected",
    ),
    (series(1, 2, 3), series(1, 2, 4), "the value, row 2, is 4, but 3 was expected (1 of 3 rows differ)."),
    (series(1, 2), series(1, 2, index=["a", "b"]), "the index holds texts, numbers were expected."),
    (pd.Index([1, 2]), pd.Index([1, 3]), "the index, row 1, is 3, but 2 was expected"),
    (pd.Index([1, 2]), series(1, 2), "a Series of shape (2,) came back, an Index of shape (2,) was expected."),
    (pd.Timestamp("2024-01-31"), pd.Timestamp("2024-01-31 00:00:01"), "2024-01-31 00:00:01 came back"),
    (pd.Timestamp("2024-01-31"), pd.Timestamp("2024-01-31", tz="UTC"), "came back"),
    (pd.Timestamp("2024-01-31"), pd.NaT, "nothing (None) came back"),
    (pd.Timedelta(1, "D"), pd.Timedelta(2, "D"), "2 days 00:00:00 came back, 1 days 00:00:00 was expected."),
    (pd.Interval(0, 1), pd.Interval(0, 1, closed="both"), "came back"),
    (pd.Period("2024-01"), pd.Period("2024-02"), "came back"),
    (np.array([[1, 2], [3, 4]]), frame(a=[1, 3], b=[2, 5]), "entry [1, 1] is 5, but 4 was expected"),
]


@pytest.mark.parametrize("expected, got, sentence", DIFFERENT, ids=range(len(DIFFERENT)))
def test_a_different_table_is_told_apart_in_words(expected, got, sentence):
    assert sentence in compared(expected, got)


# --- any order ----------------------------------------------------------------------------------------------------

ROWS = frame(city=["Rome", "Oslo", "Bonn", "Oslo"], price=[3.5, 9.0, 0.3, 8.0], n=[1, 2, 3, 2])


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_any_order_are_the_same_rows(seed):
    assert compared(ROWS, ROWS.sample(frac=1, random_state=seed), rows="any") is None
    shuffled = ROWS.sample(frac=1, random_state=seed).reset_index(drop=True)
    assert compared(ROWS, shuffled, rows="any", index=False) is None
    assert compared(ROWS["price"], shuffled["price"], rows="any", index=False) is None
    assert compared(pd.Index(ROWS["price"]), pd.Index(shuffled["price"]), rows="any") is None


def test_rows_that_rounding_has_moved_are_still_the_same_rows():
    expected = frame(x=[0.3, 0.3, 0.123455], y=[1.0, 2.0, 3.0])
    got = frame(x=[0.1 + 0.2, 0.3, 0.12345500000000001], y=[1.0, 2.0, 3.0])
    assert compared(expected, got[::-1], rows="any", index=False) is None


def test_a_large_table_in_another_order_is_the_same_table():
    rng = np.random.default_rng(0)
    table = frame(x=rng.normal(size=10_000), name=[f"n{i}" for i in range(10_000)])
    shuffled = table.sample(frac=1, random_state=0).assign(x=lambda t: t["x"] * (1 + 1e-12))
    assert compared(table, shuffled, rows="any") is None
    assert compared(table, shuffled.assign(x=shuffled["x"] + 1), rows="any")


def test_a_row_that_is_missing_in_any_order_is_named_with_what_came_instead():
    wrong = ROWS.assign(price=[3.5, 9.5, 0.3, 8.0])[::-1]
    sentence = compared(ROWS, wrong, rows="any", index=False)
    assert sentence == (
        "no row has 'city' = 'Oslo', 'price' = 9, 'n' = 2; one has 'city' = 'Oslo', 'price' = 9.5, 'n' = 2 "
        "(1 of 4 rows differ)."
    )


@pytest.mark.parametrize(
    "got",
    [
        ROWS.assign(price=ROWS["price"] + 1),
        ROWS.assign(price=[9.0, 3.5, 0.3, 8.0]),
        ROWS[:3],
        pd.concat([ROWS[:3], ROWS[:1]]),
        ROWS.assign(city=["Rome", "Rome", "Bonn", "Oslo"]),
        ROWS.assign(n=["1", "2", "3", "2"]),
    ],
    ids=range(6),
)
def test_other_rows_in_any_order_are_found(got):
    assert compared(ROWS, got.sample(frac=1, random_state=0), rows="any", index=False)


def test_columns_in_any_order_are_the_same_columns():
    assert compared(ROWS, ROWS[["n", "price", "city"]], columns="any") is None
    assert compared(ROWS, ROWS[["n", "price", "city"]].assign(n=0), columns="any")
    twins = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    assert compared(twins, twins.iloc[:, [0, 2, 1]], columns="any") is None
    assert compared(twins, pd.DataFrame([[1, 2, 4]], columns=["a", "b", "a"]), columns="any")


def test_an_index_that_does_not_matter_is_not_looked_at():
    assert compared(ROWS, ROWS.set_axis(list("abcd"), axis=0), index=False) is None
    assert compared(ROWS, ROWS.set_axis(list("abcd"), axis=0))
    assert compared(ROWS["n"], ROWS.set_index("city")["n"], index=False) is None
    assert compared(ROWS, ROWS[::-1], index=False)


# --- hostile tables -----------------------------------------------------------------------------------------------


class AgreeableFrame(pd.DataFrame):
    """Shows other columns and values than it has."""

    @property
    def _constructor(self):
        return AgreeableFrame

    def __getitem__(self, key):
        return pd.Series([1, 2, 3])

    def copy(self, deep=True):
        return frame(a=[1, 2, 3])

    def equals(self, other):
        return True


class AgreeableCell:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def test_a_table_that_lies_about_itself_convinces_nobody():
    assert compared(frame(a=[1, 2, 3]), AgreeableFrame({"a": [3, 2, 1]}))
    assert compared(frame(a=[1, 2, 3]), AgreeableFrame({"a": [1, 2, 3]})) is None


def test_a_cell_that_equals_everything_equals_nothing():
    assert compared(frame(a=["x", "y"]), frame(a=["x", AgreeableCell()]))


def test_a_table_keeps_nothing_of_what_the_learner_can_still_change():
    inner = [1]
    table = frame(a=[inner, [2]], b=[1.0, 2.0])
    kept = plain(table)
    inner.append(9)
    table.loc[0, "b"] = 9
    assert compared(frame(a=[[1], [2]], b=[1.0, 2.0]), kept) is None


def test_a_lazy_table_is_not_mistaken_for_a_table():
    dask = pytest.importorskip("dask.dataframe")
    lazy = dask.from_pandas(CITIES, npartitions=1)
    assert compared(CITIES, lazy) == "a dask DataFrame came back, a DataFrame of shape (3, 2) was expected."
