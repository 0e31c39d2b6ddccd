# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: "The country that CSV lost: CSV or Parquet?"
#     minutes: 55
#     level: 2
#     needs: [explore/pandas_vs_dask]
#     packages: [pandas, pyarrow, matplotlib, psutil, cloudpickle]
# ---

# %% [markdown]
# A parcel service asks each Monday: how many kilograms went to each country on one day? The archive is a CSV file, you
# have two lines of pandas, and the report has run for a year. Today a customer in Namibia writes: "You send us
# parcels every day. Why are we not in your report?" Nothing ever raised an error.
#
# By the end you can lay out a file so that a question reads only the part it needs, and tell when Parquet is worth
# that trouble and when CSV is better.

# %%
import difflib
import io
import math
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import cloudpickle
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from shoshin.graders.explore import csv_vs_parquet as check

# %% [markdown]
# ## The job
#
# The archive has one row per parcel:
#
# | column | what it is |
# |---|---|
# | `parcel` | the number on the label: text of twelve digits, the first ones are zeros |
# | `scanned` | when it left: a moment on the clock of Berlin (`Europe/Berlin`), never missing |
# | `country` | two letters, as in ISO 3166: `DE` Germany, `NA` Namibia ...; missing if unreadable |
# | `postcode` | text of digits such as `01067` (Dresden); some countries have none: missing |
# | `pieces` | a whole number; sometimes missing |
# | `size` | one of S < M < L < XL, in this order |
# | `kg` | weight; missing if the scale was broken |
#
# The rows are in the order of the parcel numbers, which are handed out at random. The 40 days begin on 1 October
# 2025; the night to 26 October is in them, in which the clocks of Berlin show the hour from 2 to 3 twice. (The data
# are made up. You need not read this cell; the files go to a temporary folder.)

# %%
ZONE = "Europe/Berlin"
folder = tempfile.TemporaryDirectory(prefix="shoshin_", ignore_cleanup_errors=True)
here = Path(folder.name)


def make_parcels(rows, seed=0):
    """Return a table of parcels from 40 days, in the order of their numbers, with gaps in four columns."""
    rng = np.random.default_rng(seed)
    codes = np.array(["DE", "FR", "NO", "BE", "NA", "PL"], dtype=object)
    country = pd.Series(rng.choice(codes, rows, p=[0.5, 0.2, 0.12, 0.1, 0.05, 0.03]))
    seconds = rng.integers(0, 40 * 86_400, rows)
    number = pd.Series(np.sort(rng.choice(10**8, rows, replace=False)))
    postcode = pd.Series(rng.integers(1000, 99_999, rows)).astype(str).str.zfill(5)
    return pd.DataFrame(
        {
            "parcel": number.astype(str).str.zfill(12),
            "scanned": (pd.Timestamp("2025-10-01", tz=ZONE) + pd.to_timedelta(seconds, unit="s")).as_unit("us"),
            "country": country.mask(rng.random(rows) < 0.01),
            "postcode": postcode.mask(rng.random(rows) < 0.05),
            "pieces": pd.Series(rng.integers(1, 5, rows)).astype("Int64").mask(rng.random(rows) < 0.1),
            "size": pd.Categorical(rng.choice(["S", "M", "L"], rows), ["S", "M", "L", "XL"], ordered=True),
            "kg": pd.Series(np.round(rng.lognormal(1, 1, rows), 2)).mask(rng.random(rows) < 0.03),
        }
    )


def write_csv(table, path):
    """Write what `table.to_csv(path, index=False)` writes, much faster for moments with a time zone."""
    wall = table["scanned"].dt.tz_localize(None)
    hours = (wall - table["scanned"].dt.tz_convert("UTC").dt.tz_localize(None)) // pd.Timedelta("1h")
    text = pd.Series(np.datetime_as_string(wall.to_numpy(), unit="s")).str.replace("T", " ")
    text = text + hours.map({1: "+01:00", 2: "+02:00"}).to_numpy()
    arrow = pa.Table.from_pandas(table.assign(scanned=text.to_numpy(), size=table["size"].astype(str)))
    with open(path, "wb") as file:
        file.write(",".join(table.columns).encode() + b"\n")
        pa.csv.write_csv(arrow, file, pa.csv.WriteOptions(include_header=False, quoting_style="none"))


parcels = make_parcels(100_000)
write_csv(parcels, here / "parcels.csv")
parcels.to_parquet(here / "by_number.parquet", index=False, row_group_size=2_500)
for name in ("parcels.csv", "by_number.parquet"):
    print(f"{name:18} {(here / name).stat().st_size / 1e6:5.1f} MB")
parcels.head(4)

# %% [markdown]
# Here is the job as it has run for a year. Parcels of unknown country are left out, unknown weights are skipped, and
# the window holds the moments from `first` on and before `last`.

# %%
FIRST, LAST = pd.Timestamp("2025-10-26", tz=ZONE), pd.Timestamp("2025-10-27", tz=ZONE)


def kilograms(table, first, last):
    """Return the known kilograms per country that were scanned from first on and before last, a Series."""
    inside = table[(table["scanned"] >= first) & (table["scanned"] < last)]
    return inside.groupby("country")["kg"].sum()


guessed = pd.read_csv(here / "parcels.csv")
last_year = guessed.assign(scanned=pd.to_datetime(guessed["scanned"], utc=True))
print("reported:", kilograms(last_year, FIRST, LAST).round(1).to_dict())
print("shipped: ", kilograms(parcels, FIRST, LAST).round(1).to_dict())
print(f"the day has {(LAST - FIRST) / pd.Timedelta('1h'):.0f} hours")
guessed.head(4)

# %% [markdown]
# Compare the two tables. `NA` became "not available", Dresden's `01067` would be `1067.0`, the parcel numbers lost
# their zeros, `pieces` has decimals. CSV stores **text and nothing about it**. Each reader has to guess, and `read_csv`
# guesses well enough that nobody looks.
#
# ## Read the CSV as it was meant
#
# Write `from_csv(path)`. Return a DataFrame with the seven columns of such a file, rows in the order of the file:
#
# - `parcel`, `country` and `postcode` as text, `kg` as numbers;
# - an empty field is missing, and nothing else is: `NA` stays a text;
# - `scanned` as moments with the zone `Europe/Berlin`. Offsets differ inside one file: `02:30:00+02:00`, and an hour
#   later `02:30:00+01:00`;
# - `pieces` as whole numbers that may be missing (pandas has a type for this);
# - `size` as an ordered categorical with S < M < L < XL, also when a file holds no XL.
#
# <details><summary>Hint 1: what does the reader lack?</summary>Imagine you read the file aloud to somebody on the
# telephone. Which sentences must you say before the first row, so that they can write it down correctly?</details>
# <details><summary>Hint 2: which arguments carry these sentences?</summary><code>dtype</code> takes a dict from
# column to type; <code>keep_default_na</code> and <code>na_values</code> decide what is missing. The types you need are
# <code>str</code>, <code>"Int64"</code> with a capital letter, and <code>pd.CategoricalDtype</code>.</details>
# <details><summary>Hint 3: what about mixed offsets?</summary>Take a detour over the clock that has no summer time:
# <code>pd.to_datetime</code> has an argument for it. Then turn the hands with <code>.dt.tz_convert</code>.</details>


# %% answer="from_csv"
def from_csv(path):
    """Return the parcels in a CSV file, with the types of the table above."""
    ### BEGIN SOLUTION
    size = pd.CategoricalDtype(["S", "M", "L", "XL"], ordered=True)
    types = {"parcel": str, "country": str, "postcode": str, "pieces": "Int64", "size": size}
    table = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""])
    table["scanned"] = pd.to_datetime(table["scanned"], utc=True).dt.tz_convert("Europe/Berlin")
    return table
    ### END SOLUTION


# %% check="from_csv" points=3
check.from_csv(from_csv)

# %% [markdown]
# You needed half a page of knowledge, and it lives in your function. Whoever opens the file with another tool needs
# the same half page. **Parquet** writes it into the file: names, types, zone, categories, and which cells are missing.
# The last column below is `pd.read_parquet(path)`, without any argument.

# %%
if check.from_csv.passed:
    versions = {
        "in memory": parcels,
        "read_csv": guessed,
        "from_csv": from_csv(here / "parcels.csv"),
        "read_parquet": pd.read_parquet(here / "by_number.parquet"),
    }
    types = {version: table.dtypes.astype(str) for version, table in versions.items()}
    missing = {version: table.isna().sum().sum() for version, table in versions.items()}
    print(pd.DataFrame(types).to_string())
    print("\nmissing cells:", {version: int(number) for version, number in missing.items()})
    back = versions["read_parquet"]
    same = (parcels == back) | (parcels.isna() & back.isna())
    print("read_parquet gives what was written, cell by cell:", bool(same.all().all()))

# %% [markdown]
# ## Predict: what does one day touch?
#
# A Parquet file is cut across into **row groups**, and each row group lies on the disk column by column. At the end of
# the file is the **footer**, a table of contents. For each column of each row group it tells where the bytes are, and
# the smallest and the largest value among them: the **statistics**.
#
# `by_number.parquet` holds 40 days in 40 row groups of 2,500 rows. A careful reader wants the parcels of **one day**.
# It reads the footer first, and then only row groups that can hold one of them. How many of the 40? Put down a guess;
# it is not graded.

# %% answer="prediction"
prediction = ...  # a whole number of row groups, 0 to 40
### BEGIN SOLUTION
prediction = 2
### END SOLUTION

# %% [markdown]
# ## Write `groups_to_read`
#
# Look into a footer first. This one belongs to a tiny file of nine parcels in three row groups.

# %%
tiny = parcels.iloc[[0, 1, 2, 10, 11, 12, 20, 21, 22]]
tiny.to_parquet(here / "tiny.parquet", index=False, row_group_size=3)

metadata = pq.read_metadata(here / "tiny.parquet")
print(metadata.num_row_groups, "row groups; columns:", metadata.schema.names)
piece = metadata.row_group(0).column(2)
print(piece.path_in_schema, "in row group 0:", piece.statistics.min, "to", piece.statistics.max)
piece = metadata.row_group(0).column(1)
print(piece.path_in_schema, "in row group 0:", piece.statistics.min, "to", piece.statistics.max)

# %% [markdown]
# Return the list of the numbers of those row groups of the file at `path`, counted from 0 and in rising order, that
# **cannot be ruled out** for the window `first <= scanned < last`. Decide by the statistics of the column `scanned`
# and read no rows (the check has spoilt them on the disk).
#
# - `first` and `last` are moments with a time zone, and so are `.statistics.min` and `.max`: they can be compared.
# - `first` belongs to the window and `last` does not.
# - The file may be in any order, and `scanned` may be any of its columns.
# - A writer may leave statistics out: then `.statistics` is `None`, and the row group may hold anything.
#
# <details><summary>Hint 1: how do you see whether two bars overlap?</summary>Draw the window as a bar and the row
# group's smallest to largest value as another. There are only two ways in which they do <em>not</em> overlap.</details>
# <details><summary>Hint 2: where are the pieces?</summary><code>metadata.row_group(number).column(place)</code>, as in
# the cell above. The place of a name: <code>metadata.schema.names</code> is a list, and lists have
# <code>index</code>.</details>
# <details><summary>Hint 3: which equal signs?</summary>A row group whose largest time is exactly <code>first</code>
# holds a wanted parcel. One whose smallest time is exactly <code>last</code> does not.</details>


# %% answer="groups_to_read"
def groups_to_read(path, first, last):
    """Return the numbers of the row groups that may hold a parcel with first <= scanned < last."""
    ### BEGIN SOLUTION
    metadata = pq.read_metadata(path)
    place, found = metadata.schema.names.index("scanned"), []
    for number in range(metadata.num_row_groups):
        known = metadata.row_group(number).column(place).statistics
        if known is None or (known.max >= first and known.min < last):
            found.append(number)
    return found
    ### END SOLUTION


# %% check="groups_to_read" points=3
check.groups_to_read(groups_to_read)

# %%
if check.groups_to_read.passed:
    touched = len(groups_to_read(here / "by_number.parquet", FIRST, LAST))
    guess = globals().get("prediction", ...)
    print(f"You said {'nothing' if guess is ... else guess}; a careful reader opens {touched} of 40 row groups.")

# %% [markdown]
# So much for skipping: the file has statistics, the reader uses them, and they rule out nothing. Hold on to this
# question while you write the reader. The fault is not in the reader.
#
# ## Write `shipped`
#
# Now the whole job, in Parquet's idiom: say what you want *before* anything is read. Return the Series that
# `kilograms` gives: known kilograms per country (the index), for `first <= scanned < last`. As there, parcels of
# unknown country are left out, and a country of whose parcels no weight is known has the sum 0. A window without
# parcels gives an empty Series. Besides the numbers, two things are checked, by spoiling the rest of the file:
#
# - only the columns `scanned`, `country` and `kg` are read (**column pruning**);
# - no row group is read that the statistics rule out. Handing a condition down to the reader, so that it can skip, is
#   called **predicate pushdown**.
#
# <details><summary>Hint 1: who should know about the window?</summary>You order a book from a closed library. If you
# tell the librarian only "books, please", a cart with all of them arrives, and you do the searching.</details>
# <details><summary>Hint 2: which arguments?</summary><code>pd.read_parquet</code> has <code>columns=</code> and
# <code>filters=</code>. The second takes a list of triples (column, comparison as a text, value), all of which must
# hold. A column used in a filter alone need not be returned.</details>
# <details><summary>Hint 3: can I use what I wrote?</summary>Yes: <code>pq.ParquetFile(path).read_row_groups</code>
# takes your list and <code>columns</code>. Row groups hold unwanted rows as well, so filter once more.</details>


# %% answer="shipped"
def shipped(path, first, last):
    """Return the known kilograms per country for first <= scanned < last, a Series."""
    ### BEGIN SOLUTION
    window = [("scanned", ">=", first), ("scanned", "<", last)]
    return pd.read_parquet(path, columns=["country", "kg"], filters=window).groupby("country")["kg"].sum()
    ### END SOLUTION


# %% check="shipped" points=2
check.shipped(shipped)

# %%
if check.shipped.passed:
    from_parquet, in_pandas = shipped(here / "by_number.parquet", FIRST, LAST), kilograms(parcels, FIRST, LAST)
    difference = (pd.Series(from_parquet) - in_pandas).abs().max()
    print(f"largest difference from pandas, {len(in_pandas)} countries: {difference:.6f} kg")

# %% [markdown]
# ## Write `write_for_reading`
#
# The reader can only skip what the *writer* kept together. Write `table` to the Parquet file `path`, so that a window
# of time touches as few row groups as possible:
#
# - `rows` rows in each row group; the last one may have fewer;
# - the earliest parcels first: no row group begins before the one in front of it ends (equal moments may be on both
#   sides of a border). Moments count, not what the clock on the wall showed;
# - all rows, the same columns and types, and no column besides. `table` itself stays as it was.
#
# <details><summary>Hint 1: how are letters put into boxes?</summary>Whoever files letters as they come must search all
# the boxes for one week in May. What do you do with the pile before you cut it into boxes?</details>
# <details><summary>Hint 2: which arguments?</summary><code>DataFrame.to_parquet</code> hands
# <code>row_group_size</code> on to pyarrow, and <code>index</code> decides whether the row labels are saved.</details>
# <details><summary>Hint 3: where does a strange column come from?</summary>Open your file with
# <code>pq.read_schema(path).names</code>. What became of the row labels when you sorted?</details>


# %% answer="write_for_reading"
def write_for_reading(table, path, rows):
    """Write table to a Parquet file whose row groups of `rows` rows follow each other in time."""
    ### BEGIN SOLUTION
    table.sort_values("scanned").to_parquet(path, index=False, row_group_size=rows)
    ### END SOLUTION


# %% check="write_for_reading" points=2
check.write_for_reading(write_for_reading)

# %% [markdown]
# Look at both files: same rows, same tool, same question. Each bar is one row group, from its smallest to its largest
# time. The band is the day you asked for.


# %%
def spans(path, column="scanned"):
    """Return (smallest, largest) value of the column in each row group whose footer tells it."""
    metadata = pq.read_metadata(path)
    place = metadata.schema.names.index(column)
    known = [metadata.row_group(number).column(place).statistics for number in range(metadata.num_row_groups)]
    return [(each.min, each.max) for each in known if each is not None]


if check.write_for_reading.passed and check.groups_to_read.passed:
    write_for_reading(parcels, here / "by_time.parquet", 2_500)
    layouts = {"in the order of parcel numbers": "by_number.parquet", "sorted by time": "by_time.parquet"}
    fig, both = plt.subplots(1, 2, figsize=(11, 5), sharey=True, layout="constrained")
    day_zero = pd.Timestamp("2025-10-01", tz=ZONE)

    def days(moment):
        """Return the days that have passed since 1 October."""
        return (moment - day_zero) / pd.Timedelta("1D")

    looks = {"must be read": {"color": "#D55E00", "hatch": "////"}, "skipped": {"color": "#9ecae1"}}
    for axes, (title, name) in zip(both, layouts.items(), strict=True):
        read = set(groups_to_read(here / name, FIRST, LAST))
        bars = {label: [] for label in looks}
        for number, (low, high) in enumerate(spans(here / name)):
            start, end = days(low), days(high)
            bars["must be read" if number in read else "skipped"].append((number, start, end - start))
        for label, found in bars.items():
            if found:
                numbers, starts, lengths = zip(*found, strict=True)
                axes.barh(numbers, lengths, left=starts, edgecolor="white", label=label, **looks[label])
        axes.axvspan(days(FIRST), days(LAST), color="black", alpha=0.25, label="the day you ask for")
        axes.set(title=f"{title}: {len(read)} of 40 read", xlabel="days since 1 October", xlim=(0, 40))
    fig.legend(*both[1].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    both[0].set_ylabel("row group")
    both[0].invert_yaxis()
    plt.show()

    guess = globals().get("prediction", ...)
    by_number, by_time = (len(groups_to_read(here / name, FIRST, LAST)) for name in layouts.values())
    print(f"You said {'nothing' if guess is ... else guess}; by number {by_number}, sorted by time {by_time} of 40.")

# %% [markdown]
# That is the whole secret of "fast" files. Each row group of the left file holds a few parcels of *every* day, so
# every bar crosses the band. Sorting adds no statistics to the file; it makes their ranges **narrow**. (Real files have
# larger row groups, 100,000 rows or more.)
#
# The price is that a file has one order only. Ask both files for one parcel by its number:

# %%
if check.write_for_reading.passed and (here / "by_time.parquet").exists():
    wanted = parcels["parcel"].iloc[61_728]
    for title, name in layouts.items():
        read = sum(low <= wanted <= high for low, high in spans(here / name, "parcel"))
        print(f"parcel {wanted}, file {title:30}: {read:2} of 40 row groups")

# %% [markdown]
# ## Write `bytes_needed`
#
# (Short of time? You can leave out this task and come back: the race below does not need it.)
#
# Why is the Parquet file smaller? A hundred thousand times "DE" is mostly repetition. **Dictionary encoding** stores
# each distinct value once, and for each row its number in that list, in as few bits as will do. Price both ways. Given
# a pandas Series of texts, return `(plain, dictionary)`, two numbers of bytes:
#
# - **plain**: each value takes 4 bytes that tell its length, and its own bytes in UTF-8;
# - **dictionary**: each distinct value once, at the price above; and for each value a number of so many whole **bits**
#   as are needed to tell the distinct values apart: 5 values take 3 bits, 4 take 2, 1 takes 0. Eight bits are a byte;
#   do not round the sum.
#
# Missing values take nothing, in either way. If all are missing, return `(0, 0)`.
#
# <details><summary>Hint 1: what does a cloakroom do?</summary>It hangs up each coat once and hands out small numbers.
# When every guest has another coat, what has the cloakroom gained?</details>
# <details><summary>Hint 2: how many bits?</summary>Two bits make four patterns. Look for the smallest power of two that
# is not below the number of distinct values: <code>math.log2</code> and <code>math.ceil</code>. Zero distinct values
# have no logarithm.</details>
# <details><summary>Hint 3: how many bytes has a text?</summary><code>"Köln".encode()</code> has one more than
# <code>"Köln"</code> has letters.</details>


# %% answer="bytes_needed"
def bytes_needed(values):
    """Return (plain, dictionary): the bytes that both ways take for a Series of texts."""
    ### BEGIN SOLUTION
    known = values.dropna()
    distinct = known.unique()
    bits = math.ceil(math.log2(len(distinct))) if len(distinct) else 0
    plain, once = (sum(4 + len(text.encode()) for text in texts) for texts in (known, distinct))
    return plain, once + len(known) * bits / 8
    ### END SOLUTION


# %% check="bytes_needed" points=2
check.bytes_needed(bytes_needed)

# %% [markdown]
# Does your arithmetic hold on the disk? The cell writes 50,000 addresses of 56 letters, with more and more different
# ones among them, with and without dictionary, and without compression. Where do you expect the two lines to meet?


# %%
def bytes_on_disk(values, dictionary, compression="none"):
    """Return the size in bytes of one column of texts, written to Parquet in memory."""
    file = io.BytesIO()
    table = pa.table({"address": values})
    pq.write_table(table, file, use_dictionary=dictionary, compression=compression, write_statistics=False)
    return len(file.getvalue())


if check.bytes_needed.passed:
    rows, rng = 50_000, np.random.default_rng(0)
    counts = [1, 16, 256, 2048, 8192, 16_384, 32_768, rows]
    curves = {"plain, on disk": [], "dictionary, on disk": [], "dictionary, your bytes_needed": []}
    squeezed = {}
    for count in counts:
        drawn = rng.integers(0, count, rows) if count < rows else rng.permutation(rows)
        shops = [f"Parcel shop {number:06d}, 10 Station Road, Building C1, Berlin" for number in range(count)]
        column = np.array(shops, dtype=object)[drawn]
        arrow = pa.array(column)
        curves["plain, on disk"].append(bytes_on_disk(arrow, False) / rows)
        curves["dictionary, on disk"].append(bytes_on_disk(arrow, True) / rows)
        curves["dictionary, your bytes_needed"].append(bytes_needed(pd.Series(column))[1] / rows)
        squeezed[count] = [bytes_on_disk(arrow, dictionary, "snappy") / rows for dictionary in (False, True)]
    looks = [("#D55E00", "^", "-"), ("#0072B2", "o", "-"), ("black", "x", "none")]
    fig, axes = plt.subplots(figsize=(8, 4.6), layout="constrained")
    for (label, curve), (colour, marker, line) in zip(curves.items(), looks, strict=True):
        axes.plot(counts, curve, color=colour, marker=marker, linestyle=line, markersize=8, label=label)
    limit = 2**20 / (4 + len(shops[0]))
    axes.axvline(limit, color="0.35", linestyle=":", label="dictionary of 1 MiB")
    axes.set(xscale="log", xlabel=f"different values among {rows:,} rows", ylabel="bytes per row")
    axes.set(title="Dictionary encoding: the gain, and where it vanishes", ylim=(0, None))
    axes.legend(loc="center left")
    plt.show()
    print("compressed with snappy, bytes per row:")
    for count in (16, 8192, rows):
        plain, dictionary = squeezed[count]
        print(f"  {count:7,} different values: plain {plain:5.2f}, dictionary {dictionary:5.2f}")

# %% [markdown]
# Left of the dotted line your count agrees with the disk. To its right, pyarrow's writer gives up without a word: once
# the dictionary of a column in a row group is larger than 1 MiB (`dictionary_pagesize_limit`), the rows that follow
# are stored plain. Where all values differ, the dictionary is pure ballast. Compression narrows the gap, because it,
# too, hunts repetition. In the archive, `country` gains nearly all; `parcel` should be left out
# (`use_dictionary=["country", "postcode"]` names who gets one).
#
# ## State the crossover
#
# Is there a size below which CSV wins? You will measure at growing sizes; first write the function that reads off the
# answer. Given three lists of equal length, `rows` (growing sizes), and what CSV and Parquet cost at these sizes,
# return the smallest size **from which on** Parquet is cheaper: at this size and at every larger one in the list. Equal
# is not cheaper. If there is no such size, return `None`.
#
# <details><summary>Hint 1: what if they cross twice?</summary>Parquet is cheaper at the second size, dearer at the
# third, and cheaper again later. "From here on" is a promise about all that follows.</details>
# <details><summary>Hint 2: from which end?</summary>Begin at the largest size and walk back as long as Parquet wins.
# What do you return if you cannot take a single step?</details>


# %% answer="crossover"
def crossover(rows, csv, parquet):
    """Return the smallest of rows from which on Parquet costs less than CSV, or None."""
    ### BEGIN SOLUTION
    found = None
    for size, csv_cost, parquet_cost in zip(reversed(rows), reversed(csv), reversed(parquet), strict=True):
        if parquet_cost >= csv_cost:
            break
        found = size
    return found
    ### END SOLUTION


# %% check="crossover" points=2
check.crossover(crossover)

# %% [markdown]
# The race: the job for one day, from archives of 40 to 100,000 parcels, three ways. Each way has a process of its own,
# and each size runs several times: the seconds are those of the fastest run, the memory is the highest level of the
# first. (You wrote such a `measure` in [pandas or Dask](../explore/pandas_vs_dask.ipynb).) It takes some seconds.

# %%
SIZES = [40, 400, 4_000, 20_000, 100_000]


def with_csv(path):
    """Return the kilograms per country of one day, from a CSV file."""
    return kilograms(from_csv(path), FIRST, LAST)


def with_parquet(path):
    """Return the same from a Parquet file, with column pruning and predicate pushdown."""
    return shipped(path, FIRST, LAST)


def measure_all(job, paths):
    """Return (seconds, peak MB above the level after a warm-up) of job(path), for each path."""

    def memory_mb():
        return psutil.Process().memory_info().rss / 1e6

    def watch():
        while not done.wait(0.001):
            levels.append(memory_mb())

    for _ in range(10):
        job(paths[0])
    floor, results = memory_mb(), []
    for path in paths:
        levels, done = [floor], threading.Event()
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        seconds, until = [], time.perf_counter() + 0.2
        while len(seconds) < 3 or time.perf_counter() < until:
            began = time.perf_counter()
            job(path)
            seconds.append(time.perf_counter() - began)
            if not done.is_set():
                done.set()
                watcher.join()
        results.append((min(seconds), max(levels) - floor))
    return results


WORKER = """
import pickle, sys
function, arguments = pickle.load(sys.stdin.buffer)
answer, sys.stdout = sys.stdout.buffer, sys.stderr
pickle.dump(function(*arguments), answer)
"""


def in_a_fresh_process(function, *arguments):
    """Return function(*arguments), called in a new Python process."""
    call = cloudpickle.dumps((function, arguments))
    process = subprocess.run([sys.executable, "-W", "ignore", "-c", WORKER], input=call, capture_output=True)
    if process.returncode:
        raise RuntimeError(process.stderr.decode(errors="replace").strip().splitlines()[-1])
    return pickle.loads(process.stdout)


race = None
if all(each.passed for each in (check.from_csv, check.shipped, check.write_for_reading, check.crossover)):
    paths = {"CSV": [], "Parquet, by number": [], "Parquet, by time": []}
    for size in SIZES:
        table = parcels if size == len(parcels) else make_parcels(size)
        csv, by_number, by_time = (str(here / f"{size}_{name}") for name in ("csv", "by_number", "by_time"))
        write_csv(table, csv)
        table.to_parquet(by_number, index=False, row_group_size=2_500)
        write_for_reading(table, by_time, 2_500)
        for way, path in zip(paths, (csv, by_number, by_time), strict=True):
            paths[way].append(path)
    race = {}
    for way, files in paths.items():
        measured = in_a_fresh_process(measure_all, with_csv if way == "CSV" else with_parquet, files)
        seconds, peak_mb = (list(each) for each in zip(*measured, strict=True))
        kb = [Path(file).stat().st_size / 1000 for file in files]
        race[way] = pd.DataFrame({"seconds": seconds, "peak MB": peak_mb, "file kB": kb}, index=SIZES)
    print(pd.concat(race, axis=1).round(3).to_string())

# %%
if race is not None:
    looks = [("#D55E00", "^", "-"), ("#0072B2", "o", "--"), ("black", "s", ":")]
    fig, both = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    for (way, table), (colour, marker, line) in zip(race.items(), looks, strict=True):
        style = {"color": colour, "marker": marker, "linestyle": line, "linewidth": 2, "label": way}
        both[0].plot(SIZES, table["seconds"] * 1000, **style)
        both[1].plot(SIZES, table["peak MB"].clip(lower=1), **style)
    both[0].set(title="Time", ylabel="milliseconds")
    both[1].set(title="Peak memory", ylabel="MB above the level before (at least 1)")
    for axes in both:
        axes.set(xscale="log", yscale="log", xlabel="parcels in the archive")
        axes.yaxis.set_major_formatter("{x:g}")
    both[0].legend(loc="upper left")
    plt.show()
    print("Parquet sorted by time is cheaper than CSV from so many parcels on:")
    for quantity in ("seconds", "peak MB", "file kB"):
        found = crossover(SIZES, race["CSV"][quantity].tolist(), race["Parquet, by time"][quantity].tolist())
        print(f"  {quantity:8} {'no crossover within reach' if found is None else f'{found:,}'}")

# %% [markdown]
# Read your own numbers, and run the race again to see how far they move. Small differences at small sizes are noise.
#
# - A few dozen rows: the CSV file is the smaller one, since a Parquet file carries its footer and schema whatever it
#   holds. In time you may find no size at which CSV wins: `from_csv` puts seven columns right before it answers. But
#   both are done in a blink, so speed is no reason for either.
# - The largest archive: CSV must turn every character of the file into numbers and dates to find one day. That is the
#   gap between the first line and the other two.
# - The gap between the *two Parquet lines* is your sorting and nothing else.
#
# ## See what Parquet is not good for
#
# Tomorrow one parcel comes in; somebody mends one postcode; a device writes a file for each handful of parcels.

# %%
week = make_parcels(20_000, seed=1)
write_csv(week, here / "week.csv")
week.to_parquet(here / "week.parquet", index=False)
old_text, old_bytes = (here / "week.csv").read_text(), (here / "week.parquet").read_bytes()

one = make_parcels(1, seed=2)
write_csv(one, here / "one.csv")
line = (here / "one.csv").read_text().splitlines()[1] + "\n"
pd.concat([week, one]).to_parquet(here / "week.parquet", index=False)
print(
    f"append a row:  CSV writes {len(line)} bytes, Parquet {(here / 'week.parquet').stat().st_size:,} (the whole file)"
)

mended = week.copy()
mended.loc[7, "postcode"] = "01069"
write_csv(mended, here / "mended.csv")
changes = difflib.unified_diff(old_text.splitlines()[:100], (here / "mended.csv").read_text().splitlines()[:100], n=0)
print("\nmend a cell, what a diff of the CSV shows:")
print("\n".join(list(changes)[3:]))
print("\nread it by eye, the first bytes of each:")
print(" ", old_text[:70].encode())
print(" ", old_bytes[:50])

text_size = parquet_size = 0
for start in range(0, 200, 5):
    write_csv(week.iloc[start : start + 5].reset_index(drop=True), here / "few.csv")
    week.iloc[start : start + 5].to_parquet(here / "few.parquet", index=False)
    text_size += (here / "few.csv").stat().st_size
    parquet_size += (here / "few.parquet").stat().st_size
print(f"\n40 files of 5 parcels: CSV {text_size / 1000:.0f} kB, Parquet {parquet_size / 1000:.0f} kB")

# %% [markdown]
# Parquet is written once and read many times. `git diff` of a Parquet file says "binary files differ" and stops. What
# grows row by row, is mended by hand, or belongs under version control is better kept as CSV (with a reader like your
# `from_csv` beside it), or in a database; once a day, write what has gathered to one Parquet file.
#
# ## Decide in three sentences
#
# Five minutes, no score. Write down for your team:
#
# 1. which format the archive gets, from which number of rows on, with a number from *your* table;
# 2. in which order its rows are written, which question that makes cheap, and which one it does not;
# 3. what stays CSV, and what would change your mind.

# %% answer="decision"
decision = ...
### BEGIN SOLUTION
decision = """
The archive becomes Parquet: at 100,000 parcels one day takes a small part of the time; tables below 400 rows stay.
We sort by time, since each Monday asks for a day; to find one parcel by its number, all row groups are read.
The list of broken scales stays CSV, mended by hand under git; if most questions ask for a country, we sort by that.
"""
### END SOLUTION

# %% [markdown]
# ## Take away
#
# **A reader can skip only what the writer kept together, and can know only what the writer wrote down.** Before you
# buy a faster reader, ask which question is asked most, sort by it, and put the types into the file. The rule holds
# for a database index, for a partitioned table in the cloud, and for boxes of letters.
#
# On your own data: take your largest Parquet file and run `spans(path, column)` for the column that you filter by. If
# the ranges all look alike, sort once and count again.
#
# **Ten minutes for your team.** (1) Two minutes: read a CSV with `NA` in it, and ask where Namibia went. (2) Two
# minutes: let everybody guess how many of the 40 row groups one day touches; write the guesses on the board. (3) Three
# minutes: show your picture, left and right, and say the one line that lies between them. (4) Two minutes: your race,
# with your crossover and your seconds; say on which machine. (5) One minute: append one row to each file, and read out
# your three sentences.
#
# Next, a job in which the layout of the data decides between two kinds of model:
# [trees or deep nets](../explore/trees_vs_deep_nets.ipynb).
