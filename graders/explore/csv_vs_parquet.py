"""Decides about the exercise `explore/csv_vs_parquet`."""

import itertools
import math
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from shoshin import Check

ZONE, SIZES = "Europe/Berlin", ["S", "M", "L", "XL"]
TEXT = {"parcel": str, "country": str, "postcode": str}
SIZE = pd.CategoricalDtype(SIZES, ordered=True)


def folder():
    return tempfile.TemporaryDirectory(ignore_cleanup_errors=True)


def spoil(path, spoilt):
    """Overwrite what `spoilt(number of the row group, name of the column)` tells of a Parquet file."""
    metadata = pq.read_metadata(path)
    with open(path, "r+b") as file:
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            for piece in map(group.column, range(group.num_columns)):
                if spoilt(number, piece.path_in_schema):
                    starts = piece.dictionary_page_offset, piece.data_page_offset
                    file.seek(min(offset for offset in starts if offset))
                    file.write(b"\xff" * piece.total_compressed_size)


# 1. from_csv


def read(path, dtype=None, **options):
    """Read a file of parcels with the right types, but for what the options say."""
    options = {"keep_default_na": False, "na_values": [""]} | options
    return pd.read_csv(path, dtype={**TEXT, "pieces": "Int64", "size": SIZE, **(dtype or {})}, **options)


def in_berlin(table):
    """Return the table with its times of scanning as moments on Berlin's clock."""
    return table.assign(scanned=pd.to_datetime(table["scanned"], utc=True).dt.tz_convert(ZONE))


@Check
def from_csv(path):
    return in_berlin(read(path))


def csv_text(rows):
    """Return rows of seven texts as the text of a CSV file."""
    header = "parcel,scanned,country,postcode,pieces,size,kg"
    return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"


@from_csv.case
def october_night(rng):
    """the night in which the hour from 2 to 3 comes twice, Namibia, and gaps in four columns"""
    parcel = [f"00{number:010d}" for number in rng.integers(0, 10**8, 6)]
    return csv_text(
        [
            (parcel[0], "2025-10-26 02:30:00+02:00", "DE", "01067", "2", "M", "3.5"),
            (parcel[1], "2025-10-26 02:30:00+01:00", "NA", "10005", "", "XL", "1.25"),
            (parcel[2], "2025-10-26 02:45:00+02:00", "", "", "1", "S", ""),
            (parcel[3], "2025-10-25 23:59:59+02:00", "FR", "06000", "", "L", "12.0"),
            (parcel[4], "2025-10-26 03:00:00+01:00", "NA", "", "4", "S", "0.75"),
            (parcel[5], "2025-10-27 08:00:00+01:00", "NO", "0150", "3", "M", "2.0"),
        ]
    )


@from_csv.case
def summer(rng):
    """two days of summer, two gaps, and no parcel of size XL or S"""
    parcel = [f"00{number:010d}" for number in rng.integers(0, 10**8, 3)]
    times = [f"2025-07-0{day} 0{day}:15:00+02:00" for day in (1, 2, 2)]
    columns = parcel, times, ["NA", "BE", "DE"], ["10005", "01000", "80331"], ["1", "", "3"], "MLM", ["1.5", "2.5", ""]
    return csv_text(zip(*columns, strict=True))


@from_csv.probe
def look_at_the_table(answer, text):
    def plain(value):
        if pd.isna(value):
            return None
        if isinstance(value, pd.Timestamp):
            return (value if value.tz is None else value.tz_convert("UTC")).isoformat()
        return value

    with folder() as name:
        path = Path(name) / "parcels.csv"
        path.write_text(text, encoding="utf-8")
        table = answer(str(path))
    if not isinstance(table, pd.DataFrame):
        return None if table is None else {"a DataFrame": False}
    facts = {"rows": len(table)}
    if len(table) > 99:
        return facts
    facts |= {str(name): [plain(value) for value in table[name]] for name in table}
    if "pieces" in table:
        facts["pieces holds whole numbers"] = bool(pd.api.types.is_integer_dtype(table["pieces"].dtype))
    if "scanned" in table:
        zone = getattr(table["scanned"].dtype, "tz", None)
        facts["zone of scanned"] = "none" if zone is None else str(zone)
    if "size" in table:
        dtype = table["size"].dtype
        categorical = isinstance(dtype, pd.CategoricalDtype)
        facts["categories of size"] = [str(one) for one in dtype.categories] if categorical else None
        facts["sizes have an order"] = bool(categorical and dtype.ordered)
    return facts


@from_csv.property
def has_all_rows(result, text):
    """`from_csv` returns a DataFrame with a row for each parcel in the file at `path`."""
    return result.get("rows") == text.count("\n") - 1


@from_csv.property
def has_the_columns(result, text):
    """The table has the seven columns of the file, and none of them has become its index."""
    return set(text.split("\n")[0].split(",")) <= set(result)


@from_csv.property
def gaps_are_missing(result, text):
    """A field that is empty in the file is missing in the table: it is neither an empty text nor the letters "nan".
    To `read_csv` you say so with `na_values`."""
    return not any(one in ("", "nan", "None") for each in result.values() if isinstance(each, list) for one in each)


@from_csv.property
def keeps_the_offsets(result, text):
    """The scans at 02:30+02:00 and at 02:30+01:00 stay an hour apart. Without the offset nothing can tell them apart,
    `ambiguous` neither."""
    scans = {line.split(",")[1] for line in text.splitlines()[1:]}
    return len(set(result["scanned"])) == len(scans)


@from_csv.property
def has_moments(result, text):
    """The column `scanned` holds moments with a zone. Where offsets differ in a file, pandas may leave the texts
    without a word, unless you go by way of UTC."""
    return result["zone of scanned"] != "none"


@from_csv.mistake
def defaults(path):
    """You left it to `read_csv` to guess the types. It took parcel and postcode for numbers and
    NA for nothing: it saw text and had no way to know. Hand it what you know: look for `dtype`, `na_values`
    and `keep_default_na`."""
    return pd.read_csv(path)


@from_csv.mistake
def loses_namibia(path):
    """Namibia is gone: `read_csv` takes the letters NA for a missing value, whatever the type of the column. Look for
    `keep_default_na`, and say yourself that only the empty field is missing."""
    return in_berlin(read(path, keep_default_na=True))


@from_csv.mistake
def postcode_as_number(path):
    """The postcode 01067 became 1067, another place. What one never adds up is text, even if it is written in digits.
    Look at the type that you gave to `postcode`."""
    return in_berlin(read(path, {"postcode": float}))


@from_csv.mistake
def pieces_as_floats(path):
    """Your `pieces` holds 2.0 in place of 2: NumPy's whole numbers have no way to say "missing", so pandas took floats.
    pandas has a type of whole numbers with gaps; mind its capital letter."""
    return in_berlin(read(path, {"pieces": float}))


@from_csv.mistake
def time_in_utc(path):
    """Your moments are right, and their clock shows UTC. Berlin's day begins an hour or two earlier, so every
    "parcels per day" would be wrong. Look for `tz_convert`."""
    return read(path).assign(scanned=lambda table: pd.to_datetime(table["scanned"], utc=True))


@from_csv.mistake
def size_is_text(path):
    """Your `size` is text: "L" is then smaller than "M", as in a dictionary. Give it a categorical type that knows its
    values and their order."""
    return in_berlin(read(path, {"size": str}))


@from_csv.mistake
def sizes_of_this_file(path):
    """`dtype="category"` takes what it meets, in alphabetical order: a size that nobody sent is
    unknown, and L comes before M. Look for `pd.CategoricalDtype`, which takes the categories and their order."""
    return in_berlin(read(path, {"size": "category"}))


@from_csv.mistake
def sizes_without_an_order(path):
    """Your `size` knows its four values, and pandas was not told that they have an order: "at least L" is an error.
    `pd.CategoricalDtype` has an argument for it."""
    return in_berlin(read(path, {"size": pd.CategoricalDtype(SIZES)}))


@from_csv.accepts
def column_by_column(path):
    table = pd.read_csv(path, dtype=str, na_filter=False).replace("", None)
    moments = [pd.Timestamp(text).tz_convert(ZONE) for text in table["scanned"]]
    table["scanned"] = pd.DatetimeIndex(moments)
    table["pieces"] = pd.array([None if pd.isna(one) else int(one) for one in table["pieces"]], dtype="Int32")
    table["kg"] = table["kg"].astype(float)
    table["size"] = pd.Categorical(table["size"], SIZES, ordered=True)
    return table


# 2. groups_to_read


def ranges(path, column=None):
    """Yield (smallest, largest) of `scanned` for each row group, or (None, None) where nothing is known."""
    metadata = pq.read_metadata(path)
    column = column or metadata.schema.names.index("scanned")
    for number in range(metadata.num_row_groups):
        known = metadata.row_group(number).column(column).statistics
        yield (known.min, known.max) if known is not None and known.has_min_max else (None, None)


def numbers(path, keep, unknown=True, column=None):
    every = enumerate(ranges(path, column))
    return [number for number, (low, high) in every if (unknown if low is None else keep(low, high))]


@Check
def groups_to_read(path, first, last):
    return numbers(path, lambda low, high: high >= first and low < last)


def moment(minute):
    return pd.Timestamp("2025-10-25 22:00", tz="UTC").tz_convert(ZONE) + pd.Timedelta(int(minute), "min")


def file_of(groups, window, statistics=True, in_front=False):
    """Return a case: the minutes of each row group, how the file is written, and the window."""
    minutes = ", ".join(f"{low}-{high}" for low, high in groups)
    return minutes, statistics, in_front, moment(window[0]), moment(window[1])


def pairs(rng, number):
    return np.sort(rng.choice(np.arange(1, 59), 2 * number, replace=False)).reshape(number, 2)


@groups_to_read.case
def in_order(rng):
    """a file in the order of time, and a window that begins and ends exactly at the edge of a row group"""
    groups = pairs(rng, 6)
    return file_of(groups, (groups[1, 1], groups[4, 0]))


@groups_to_read.case
def mixed_up(rng):
    """a file in no order, with row groups that reach over the whole window, into it, and not at all"""
    groups = [[5, 50], [45, 55], [27, 34], [2, 12], [18, 26], [31, 32], [1, 58], [1, 22]]
    return file_of([groups[number] for number in [3, *rng.permutation([0, 1, 2, 4, 5, 6, 7])]], (24, 30))


@groups_to_read.case
def without_statistics(rng):
    """a file whose writer left the statistics out"""
    return file_of(pairs(rng, 4), (20, 40), statistics=False)


@groups_to_read.case
def another_column_in_front(rng):
    """a file with a column of other times in front of `scanned`"""
    groups = pairs(rng, 5)
    return file_of(groups, (groups[1, 0] - 1, groups[2, 1] + 1), in_front=True)


@groups_to_read.case
def nothing_there(rng):
    """a window after the last scan"""
    return file_of(pairs(rng, 3), (200, 300))


def times_of(minutes):
    """Return the two times of each row group of "1-7, 12-20"."""
    return [[moment(minute) for minute in group.split("-")] for group in minutes.split(", ")]


def possible(minutes, statistics, first, last):
    every = enumerate(times_of(minutes))
    return [number for number, (low, high) in every if not statistics or (high >= first and low < last)]


@groups_to_read.probe
def hide_the_rows(answer, minutes_after_midnight, statistics, a_column_in_front, first, last):
    def write(path):
        kind, tables = pa.timestamp("us", tz=ZONE), []
        for times in times_of(minutes_after_midnight):
            later = {"printed": pa.array([time + pd.Timedelta(30, "min") for time in times], kind)}
            columns = {"parcel": ["000000000000", "000000000001"]} | (later if a_column_in_front else {})
            tables.append(pa.table(columns | {"scanned": pa.array(times, kind), "kg": [1.0, 1.0]}))
        with pq.ParquetWriter(path, tables[0].schema, write_statistics=statistics) as writer:
            for table in tables:
                writer.write_table(table)
        return path

    with folder() as name:
        spoilt, sound = (write(f"{name}/{each}.parquet") for each in ("spoilt", "sound"))
        spoil(spoilt, lambda number, column: True)
        try:
            found = answer(spoilt, first, last)
        except Exception:
            answer(sound, first, last)  # an error of its own shows here
            return {"reads rows": True}
    return sorted(found) if isinstance(found, (set, frozenset)) else found


@groups_to_read.property
def reads_no_row(result, minutes, statistics, in_front, first, last):
    """The numbers come from the footer alone; the check has spoilt all rows on the disk."""
    return not isinstance(result, dict)


@groups_to_read.property
def skips_nothing_wanted(result, minutes, statistics, in_front, first, last):
    """No row group is missing that may hold a wanted row. One that begins before `first` may, and one that ends
    after `last`; so may one without statistics."""
    return set(possible(minutes, statistics, first, last)) <= set(result)


@groups_to_read.property
def rules_out_what_it_can(result, minutes, statistics, in_front, first, last):
    """No row group is there that the statistics rule out: it ends before `first`, or begins at `last` or later."""
    return set(possible(minutes, statistics, first, last)) >= set(result)


@groups_to_read.mistake
def looks_at_the_rows(path, first, last):
    """You read rows to find out which rows need not be read. The footer at the end of the file knows the smallest and
    largest value of each row group: look at `.statistics` in the cell above."""
    return pd.read_parquet(path)["scanned"].between(first, last).tolist()


@groups_to_read.mistake
def wholly_inside(path, first, last):
    """You kept the row groups that lie wholly inside the window. One that begins before it and reaches into it holds
    wanted rows as well. Draw two bars: when do they *not* overlap?"""
    return numbers(path, lambda low, high: low >= first and high < last)


@groups_to_read.mistake
def counts_last_in(path, first, last):
    """You read a row group too many: one that begins exactly at `last`. The window ends *before* `last`, so that the
    next window can begin there and no parcel counts twice."""
    return numbers(path, lambda low, high: high >= first and low <= last)


@groups_to_read.mistake
def leaves_first_out(path, first, last):
    """You skip a row group whose largest time is exactly `first`. The window includes `first`, and that row is wanted.
    Reading too much costs time; skipping too much costs the truth."""
    return numbers(path, lambda low, high: high > first and low < last)


@groups_to_read.mistake
def skips_the_unknown(path, first, last):
    """You skip row groups that have no statistics. Not knowing what is inside is no proof that nothing is: such a row
    group must be read. Skipping too much gives a wrong sum, and nobody notices."""
    return numbers(path, lambda low, high: high >= first and low < last, unknown=False)


@groups_to_read.mistake
def second_column(path, first, last):
    """You took the column by its place, and in one file of the check another column of times stands there. Columns
    have names: look up where `scanned` is in *this* file."""
    return numbers(path, lambda low, high: high >= first and low < last, column=1)


@groups_to_read.mistake
def marks(path, first, last):
    """You returned True or False for each row group. The reader wants the numbers of those to read: `enumerate` gives
    number and row group together."""
    found = groups_to_read.reference(path, first, last)
    return [number in found for number in range(pq.read_metadata(path).num_row_groups)]


@groups_to_read.accepts
def by_ruling_out(path, first, last):
    found = set()
    for number, group in enumerate(pq.read_metadata(path).to_dict()["row_groups"]):
        known = next(each["statistics"] for each in group["columns"] if each["path_in_schema"] == "scanned")
        if not (known and (known["max"] < first or known["min"] >= last)):
            found.add(number)
    return found


# 3. shipped


def conditions(first, last):
    return [("scanned", ">=", first), ("scanned", "<", last)]


def per_country(table, **options):
    return table.groupby("country")["kg"].sum(**options)


def inside(table, first, last):
    return table[(table["scanned"] >= first) & (table["scanned"] < last)]


def asked(path, *conditions, columns=("country", "kg")):
    return pd.read_parquet(path, columns=columns and [*columns], filters=[*conditions] or None)


@Check(seconds=20)
def shipped(path, first, last):
    return per_country(asked(path, *conditions(first, last)))


def parcels(rng, minutes):
    """Return parcels that were scanned in these minutes."""
    rows = len(minutes)
    country = pd.Series(rng.choice(["DE", "FR", "NA", "NO"], rows), dtype=object)
    return pd.DataFrame(
        {
            "parcel": [f"{number:012d}" for number in rng.choice(10**6, rows, replace=False)],
            "scanned": pd.DatetimeIndex([moment(minute) for minute in minutes]).as_unit("us"),
            "country": country.mask(rng.random(rows) < 0.1),
            "postcode": [f"{number:05d}" for number in rng.integers(0, 99999, rows)],
            "pieces": pd.Series(rng.integers(1, 5, rows)).astype("Int64").mask(rng.random(rows) < 0.2),
            "size": pd.Categorical(rng.choice(["S", "M", "L"], rows), SIZES, ordered=True),
            "kg": pd.Series(np.round(rng.lognormal(1, 1, rows), 2)).mask(rng.random(rows) < 0.2),
        }
    )


@shipped.case
def sorted_file(rng):
    """a file in the order of time, Namibia, and a country of which no weight is known"""
    table = parcels(rng, np.sort(rng.integers(0, 6000, 160)))
    inside = np.flatnonzero(((table["scanned"] >= moment(2000)) & (table["scanned"] < moment(3500))).to_numpy())
    table.loc[inside[:3], "country"] = ["NA", "DE", "NA"]
    table.loc[inside[:3], "kg"] = [2.5, 1.25, 4.0]
    table.loc[inside[4:7], "country"] = ["BE", "BE", None]
    table.loc[inside[4:7], "kg"] = [np.nan, np.nan, 7.5]
    return table, moment(2000), moment(3500)


@shipped.case
def ties_at_the_edges(rng):
    """several parcels scanned exactly at `first` and at `last`, also across two row groups"""
    minutes = np.repeat([0, 300, 1440, 1500, 2940, 3100, 5000], [18, 20, 6, 30, 8, 30, 48])
    table = parcels(rng, minutes)
    edges = np.isin(minutes, [1440, 2940])
    table.loc[edges, "country"] = "NA"
    table.loc[edges, "kg"] = 1.5
    return table, moment(1440), moment(2940)


@shipped.case
def no_order(rng):
    """a file in no order"""
    return parcels(rng, rng.integers(0, 6000, 120)), moment(2000), moment(3500)


@shipped.case
def no_parcels(rng):
    """a window in which nothing was scanned, though a row group reaches over it"""
    minutes = [*rng.integers(0, 1000, 30), *rng.integers(2000, 3000, 50)]
    return parcels(rng, np.sort(minutes)), moment(1200), moment(1800)


@shipped.probe
def spoil_the_rest(answer, table, first, last):
    def fails(path, spoilt):
        spoil(path, spoilt)
        try:
            answer(path, first, last)
        except Exception:
            return True
        return False

    times = table["scanned"]
    parts = [times.iloc[start : start + 20] for start in range(0, len(table), 20)]
    needed = [number for number, part in enumerate(parts) if part.max() >= first and part.min() < last]
    with folder() as name:
        paths = [f"{name}/{each}.parquet" for each in ("sound", "columns", "groups")]
        for path in paths:
            table.to_parquet(path, index=False, row_group_size=20)
        result = answer(paths[0], first, last)
        if not isinstance(result, pd.Series):
            return None if result is None else {"a Series": False}
        known = {str(key): value for key, value in result.items() if not pd.isna(key)}
        facts = {"kg": {key: None if pd.isna(value) else round(float(value), 5) for key, value in known.items()}}
        facts["unknown country has a line"] = len(known) < len(result)
        truth = per_country(inside(table, first, last)).to_dict()
        right = set(known) == set(truth) and all(abs(value - truth[key]) < 1e-4 for key, value in known.items())
        ways = {
            "other columns": lambda _, column: column not in ("scanned", "country", "kg"),
            "other row groups": lambda number, _: number not in needed,
        }
        reads = [way for path, way in zip(paths[1:], ways, strict=True) if right and fails(path, ways[way])]
    return facts | {"reads besides": reads if right else "not looked at: the kilograms come first"}


@shipped.property
def is_a_series(result, table, first, last):
    """`shipped` returns a Series: the countries as its index, their kilograms as its values."""
    return result.get("a Series", True)


@shipped.property
def skips_columns(result, table, first, last):
    """No column is read but `scanned`, `country` and `kg` (the check has spoilt the others on the disk)."""
    return "other columns" not in result["reads besides"]


@shipped.property
def skips_row_groups(result, table, first, last):
    """No row group is read that the statistics rule out (the check has spoilt those on the disk)."""
    return "other row groups" not in result["reads besides"]


@shipped.mistake
def reads_all_then_filters(path, first, last):
    """Your kilograms are right, and you read the whole file for them: all columns, all row groups. Filtering a table
    after it was read is how one works with CSV. Let the reader know what you want: look at `columns=` and
    `filters=`."""
    return per_country(inside(pd.read_parquet(path), first, last))


@shipped.mistake
def columns_only(path, first, last):
    """You read three columns and all their row groups, and threw most rows away after. The reader can skip row groups
    by their statistics if it knows your window *before* it reads: look at `filters=`, or use your `groups_to_read`."""
    return per_country(inside(asked(path, columns=["scanned", "country", "kg"]), first, last))


@shipped.mistake
def filters_only(path, first, last):
    """Row groups are skipped, but every column of the others is read, postcode and all. Name the columns that the sum
    needs: look at `columns=`."""
    return per_country(asked(path, *conditions(first, last), columns=None))


@shipped.mistake
def whole_row_groups(path, first, last):
    """You added up all rows of the row groups that you kept. A row group may reach over the edge of the window: the
    statistics rule out row groups, not rows. Filter the rows as well."""
    keep = groups_to_read.reference(path, first, last)
    return per_country(pq.ParquetFile(path).read_row_groups(keep, columns=["country", "kg"]).to_pandas())


@shipped.mistake
def counts_the_last_moment(path, first, last):
    """You counted parcels scanned exactly at `last`. The window ends before it: otherwise a parcel at midnight is
    counted on two days."""
    return per_country(asked(path, ("scanned", ">=", first), ("scanned", "<=", last)))


@shipped.mistake
def leaves_the_first_moment_out(path, first, last):
    """Parcels scanned exactly at `first` are missing. The window begins with that moment."""
    return per_country(asked(path, ("scanned", ">", first), ("scanned", "<", last)))


@shipped.mistake
def no_sum_without_weights(path, first, last):
    """A country of which no weight is known has a missing sum in your result; the task wants 0. The `sum` of pandas
    gives 0 by itself: look for `min_count` (in Arrow, a sum of nothing is null)."""
    return per_country(asked(path, *conditions(first, last)), min_count=1)


@shipped.mistake
def drops_unknown_weights(path, first, last):
    """A country has gone: one whose weights are all unknown got parcels too, and its sum is 0. Look for a `dropna`;
    `sum` skips missing weights by itself."""
    return per_country(asked(path, *conditions(first, last)).dropna())


@shipped.mistake
def unknown_country_too(path, first, last):
    """Your result has a line for parcels of unknown country. The task leaves them out: look at `dropna` of `groupby`
    (in Arrow, at the null group)."""
    return asked(path, *conditions(first, last)).groupby("country", dropna=False)["kg"].sum()


@shipped.accepts
def by_hand(path, first, last):
    file = pq.ParquetFile(path)
    keep = groups_to_read.reference(path, first, last)
    table = file.read_row_groups(keep, columns=["scanned", "country", "kg"]).to_pandas()
    rows = inside(table, first, last)
    return pd.Series({name: each["kg"].sum() for name, each in rows.groupby("country")}, dtype=float)


# 4. write_for_reading


@Check(inputs="untouched")
def write_for_reading(table, path, rows):
    table.sort_values("scanned").to_parquet(path, index=False, row_group_size=rows)


@write_for_reading.case
def by_number(rng):
    """parcels in the order of their numbers, many at the same minute"""
    return parcels(rng, rng.integers(2000, 2400, 170)).sort_values("parcel", ignore_index=True), 25


@write_for_reading.case
def across_the_night(rng):
    """the October night, in which the hour from 2 to 3 comes twice"""
    return parcels(rng, rng.permutation(np.arange(0, 400, 4))), 10


@write_for_reading.probe
def look_into_the_footer(answer, table, rows):
    def cells(table):
        """Return the rows as texts, in the order of the parcels' numbers."""
        table = table.sort_values("parcel").assign(scanned=lambda each: each["scanned"].dt.tz_convert("UTC"))
        return table.astype(object).where(table.notna(), None).astype(str).to_numpy().tolist()

    with folder() as name:
        path = Path(name) / "parcels.parquet"
        columns = list(table)
        types = {name: str(table[name].dtype) for name in ("scanned", "pieces", "size")}
        answer(table, str(path), rows)
        if not path.is_file() or path.read_bytes()[:4] != b"PAR1":
            return {"a Parquet file": False}
        metadata = pq.read_metadata(path)
        names = pq.read_schema(path).names
        back = pq.read_table(path, columns=[name for name in names if name in columns]).to_pandas()
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    facts = {"a Parquet file": True, "columns": sorted(names), "row labels": back.index.name}
    facts["rows of the row groups"] = [group.num_rows for group in groups]
    if not set(names) >= set(columns):
        return facts
    known = [group.column(metadata.schema.names.index("scanned")).statistics for group in groups]
    if any(each is None for each in known):
        return facts | {"statistics of scanned": False}
    pairs = [*itertools.pairwise(known)]
    back = back.reset_index() if back.index.name else back
    facts["earliest first"] = all(one.max <= other.min for one, other in pairs)
    facts["latest first"] = len(pairs) > 0 and all(one.min >= other.max for one, other in pairs)
    if not facts["earliest first"]:
        times = [back["scanned"].iloc[start : start + rows] for start in range(0, len(back), rows)]
        facts["in order inside each group"] = all(part.is_monotonic_increasing for part in times)
    facts["types that changed"] = [name for name in types if str(back[name].dtype) != types[name]]
    same = len(back) == len(table) and cells(back[columns]) == cells(table[columns])
    return facts | {"all rows": "with all cells" if same else f"not so: {len(back)} came"}


@write_for_reading.property
def writes_a_file(result, table, rows):
    """`write_for_reading` writes one Parquet file, to `path`."""
    return result["a Parquet file"]


@write_for_reading.property
def has_the_columns_alone(result, table, rows):
    """The file has the columns of `table` and none besides, and none of them is saved as row labels (an index)."""
    return result["columns"] == sorted(table) and result["row labels"] is None


@write_for_reading.property
def keeps_the_types(result, table, rows):
    """Each column has the type that it has in `table`: look at `scanned`, `pieces` and `size`."""
    return not result.get("types that changed")


@write_for_reading.property
def keeps_every_cell(result, table, rows):
    """The file holds all rows, with all their cells unchanged."""
    return result.get("all rows", "with all cells") == "with all cells"


@write_for_reading.property
def cuts_as_told(result, table, rows):
    """Each row group holds `rows` rows, but for the last one (`row_group_size` is a number of rows, not of groups)."""
    *full, rest = result["rows of the row groups"]
    return set(full) <= {rows} and 0 < rest <= rows


@write_for_reading.mistake
def forgets_to_sort(table, path, rows):
    """Your row groups have the right size, but they overlap in time, so a window rules out few of them or none. Bring
    all rows into the order of the question, to the second, before they are cut into row groups."""
    table.to_parquet(path, index=False, row_group_size=rows)


@write_for_reading.mistake
def one_large_group(table, path, rows):
    """All rows lie in one row group: a reader can take it or leave it, nothing in between. Say that a group may have
    `rows` rows: look for `row_group_size`."""
    table.sort_values("scanned").to_parquet(path, index=False)


@write_for_reading.mistake
def writes_the_index(table, path, rows):
    """Your file has a column too many, `__index_level_0__`: sorting shuffled the index, and pandas saved it.
    Tell `to_parquet` that the index is not data."""
    table.sort_values("scanned").to_parquet(path, row_group_size=rows)


@write_for_reading.mistake
def sorts_each_group(table, path, rows):
    """You sorted inside the row groups. Each still holds parcels of nearly all times, and its
    smallest and largest value have not moved. Sort the whole table, then cut."""
    parts = [table.iloc[start : start + rows].sort_values("scanned") for start in range(0, len(table), rows)]
    pd.concat(parts).to_parquet(path, index=False, row_group_size=rows)


@write_for_reading.mistake
def sorts_by_the_wall_clock(table, path, rows):
    """You sorted by what the clock on the wall showed: in the October night the hour from 2 to 3 comes twice, and its
    parcels are mixed up. Sort by the moments themselves; pandas knows their order."""
    order = table["scanned"].dt.tz_localize(None).argsort(kind="stable")
    table.iloc[order].to_parquet(path, index=False, row_group_size=rows)


@write_for_reading.mistake
def latest_first(table, path, rows):
    """Your row groups are in order, the latest first. The task wants the earliest first, as tomorrow's parcels come
    after today's."""
    table.sort_values("scanned", ascending=False).to_parquet(path, index=False, row_group_size=rows)


@write_for_reading.mistake
def sorts_the_callers_table(table, path, rows):
    """The file is right, but you changed the order of the caller's table, too: `inplace=True` reaches outside your
    function. Work with what `sort_values` returns."""
    table.sort_values("scanned", inplace=True)
    table.to_parquet(path, index=False, row_group_size=rows)


@write_for_reading.accepts
def with_arrow(table, path, rows):
    import pyarrow as pa

    whole = pa.Table.from_pandas(table, preserve_index=False).sort_by("scanned")
    with pq.ParquetWriter(path, whole.schema) as writer:
        for start in range(0, len(whole), rows):
            writer.write_table(whole.slice(start, rows))


# 5. bytes_needed


def sizes(values):
    return [4 + len(value.encode()) for value in values]


def known(values):
    return [value for value in values if not pd.isna(value)]


def bits(distinct):
    return math.ceil(math.log2(distinct)) if distinct else 0


@Check
def bytes_needed(values):
    texts = known(values)
    distinct = set(texts)
    return sum(sizes(texts)), sum(sizes(distinct)) + len(texts) * bits(len(distinct)) / 8


def texts(rng, names, rows, missing=0.0):
    drawn = pd.Series([*names, *rng.choice(names, rows - len(names))], dtype=object)
    return drawn.mask(rng.random(rows) < missing).sample(frac=1, random_state=int(rng.integers(999)))


@bytes_needed.case
def five_countries(rng):
    """five countries, Namibia among them, and missing values"""
    return texts(rng, ["DE", "FR", "NA", "NO", "BE"], 200, 0.1)


@bytes_needed.case
def four_towns(rng):
    """four towns, some of whose letters take two bytes"""
    return texts(rng, ["Köln", "Tromsø", "Łódź", "Paris"], 90)


@bytes_needed.case
def all_different(rng):
    """numbers of parcels, all different"""
    return pd.Series([f"{number:012d}" for number in rng.choice(10**9, 100, replace=False)])


@bytes_needed.case
def always_the_same(rng):
    """one value all the way"""
    return pd.Series(["DE"] * int(rng.integers(20, 60)))


@bytes_needed.case
def nothing_known(rng):
    """a column in which everything is missing"""
    return pd.Series([None] * int(rng.integers(3, 9)), dtype=object)


def priced(values, bits=bits, entry=1, rows=None):
    """Return both prices with another rule for the bits, factor for the entries, or number of rows."""
    texts = known(values)
    distinct = set(texts)
    rows = len(texts) if rows is None else rows
    return sum(sizes(texts)), entry * sum(sizes(distinct)) + rows * bits(len(distinct)) / 8


@bytes_needed.property
def rounds_no_sum(result, values):
    """The sum is not rounded to whole bytes: half a byte at the end stays."""
    return not 1e-6 < abs(result[1] - bytes_needed.reference(values)[1]) < 1


@bytes_needed.mistake
def forgets_the_dictionary(values):
    """You priced the small numbers and forgot the dictionary that explains them: each distinct value is stored once.
    For columns in which all values differ, that is the whole price."""
    return priced(values, entry=0)


@bytes_needed.mistake
def letters_for_bytes(values):
    """You counted letters. In UTF-8 "ö" takes two bytes: `len` of a text counts letters, `len` of its `.encode()`
    counts bytes."""
    return bytes_needed.reference([value.encode("ascii", "replace").decode() for value in known(values)])


@bytes_needed.mistake
def bits_for_bytes(values):
    """You took bits for bytes: the numbers of a dictionary with five entries take three *bits* each, and eight bits are
    one byte."""
    return priced(values, bits=lambda distinct: 8 * bits(distinct))


@bytes_needed.mistake
def broken_bits(values):
    """You left the logarithm unrounded. Bits are whole: to tell five values apart one needs 3, not 2.32."""
    return priced(values, bits=lambda distinct: math.log2(distinct) if distinct else 0)


@bytes_needed.mistake
def forgets_the_length(values):
    """You left out the 4 bytes in front of each text, which tell how long it is."""
    (plain, both), texts = bytes_needed.reference(values), known(values)
    return plain - 4 * len(texts), both - 4 * len(set(texts))


@bytes_needed.mistake
def bits_rounded_down(values):
    """You rounded the bits down. With 2 bits one tells 4 values apart; the fifth country has no number. Round up."""
    return priced(values, bits=lambda distinct: math.floor(math.log2(distinct)) if distinct else 0)


@bytes_needed.mistake
def bits_of_the_count(values):
    """You have a bit too many where the number of distinct values is a power of two: four values are
    numbered 0 to 3, and 3 takes two bits. (Did you take `bit_length` of the count itself?)"""
    return priced(values, bits=lambda distinct: int(distinct).bit_length())


@bytes_needed.mistake
def missing_is_nan(values):
    """You counted what is missing as if it were a text ("nan" or "None"). Missing values take nothing here: drop them
    first."""
    return bytes_needed.reference([str(value) for value in values])


@bytes_needed.mistake
def bits_for_the_missing(values):
    """You gave each row its bits, the rows without a value as well. Missing values take nothing."""
    return priced(values, rows=len(values))


@bytes_needed.mistake
def forgets_the_numbers(values):
    """You stored each distinct value once and forgot the numbers: each row must say which of them it has."""
    return priced(values, bits=lambda distinct: 0)


@bytes_needed.accepts
def with_pandas(values):
    counts = values.value_counts()
    each = np.array([4 + len(str(name).encode("utf-8")) for name in counts.index])
    width = (len(counts) - 1).bit_length() if len(counts) else 0
    return np.array([(each * counts.to_numpy()).sum(), each.sum() + counts.sum() * width / 8])


# 6. crossover


@Check
def crossover(rows, csv, parquet):
    found = None
    for size, one, other in zip(reversed(rows), reversed(csv), reversed(parquet), strict=True):
        if other >= one:
            break
        found = size
    return found


def measured(rng, cheaper, tie=None):
    """Return (rows, csv, parquet) for five sizes; `cheaper` says where Parquet wins."""
    rows = [40 * 10**power for power in range(len(cheaper))]
    csv = [round(float(rng.uniform(2, 4)) * 3**power, 1) for power in range(len(cheaper))]
    parquet = [round(cost * (0.5 if wins else 1.5), 2) for cost, wins in zip(csv, cheaper, strict=True)]
    if tie is not None:
        parquet[tie] = csv[tie]
    return rows, csv, parquet


@crossover.case
def crosses_once(rng):
    """lists in which Parquet is cheaper from the third size on"""
    return measured(rng, [0, 0, 1, 1, 1])


@crossover.case
def crosses_twice(rng):
    """lists in which Parquet is cheaper at the second size, dearer at the third, and cheaper again after"""
    return measured(rng, [0, 1, 0, 1, 1])


@crossover.case
def never(rng):
    """lists in which Parquet is dearer everywhere"""
    return measured(rng, [0, 0, 0, 0])


@crossover.case
def from_the_start(rng):
    """lists in which Parquet is cheaper everywhere"""
    return measured(rng, [1, 1, 1, 1, 1])


@crossover.case
def dearer_in_the_end(rng):
    """lists in which Parquet is cheaper at first and dearer at the largest size"""
    return measured(rng, [1, 1, 0, 0])


@crossover.case
def a_tie(rng):
    """lists in which both cost the same at the second size"""
    return measured(rng, [0, 0, 1, 1], tie=1)


@crossover.mistake
def first_win(rows, csv, parquet):
    """You returned the first size at which Parquet is cheaper, and in one case it is dearer again after that. "From
    here on" is a promise about all larger sizes: walk from the large end, or look at everything that follows."""
    return next((size for size, one, other in zip(rows, csv, parquet, strict=True) if other < one), None)


@crossover.mistake
def a_tie_wins(rows, csv, parquet):
    """You let a tie count for Parquet. Whoever changes the tool wants to gain something: cheaper means
    less, not equal."""
    return crossover.reference(rows, [cost + 1e-9 for cost in csv], parquet)


@crossover.mistake
def last_loss(rows, csv, parquet):
    """You returned the last size at which Parquet does *not* win. Wanted is the next one."""
    losses = [size for size, one, other in zip(rows, csv, parquet, strict=True) if other >= one]
    return losses[-1] if losses else None


@crossover.mistake
def place_in_the_list(rows, csv, parquet):
    """You returned the place in the list. Wanted is the size in rows that stands there."""
    found = crossover.reference(rows, csv, parquet)
    return None if found is None else rows.index(found)


@crossover.mistake
def csv_wins(rows, csv, parquet):
    """You returned where CSV is cheaper from then on. Look at the direction of your comparison: small is cheap."""
    return crossover.reference(rows, parquet, csv)


@crossover.accepts
def with_numpy(rows, csv, parquet):
    wins = np.less(parquet, csv)
    from_here_on = np.logical_and.accumulate(wins[::-1])[::-1]
    return int(np.asarray(rows)[from_here_on][0]) if from_here_on.any() else None
