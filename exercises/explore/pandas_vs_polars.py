# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: "The order before the meal: pandas or Polars?"
#     minutes: 45
#     level: 2
#     needs: [explore/pandas_vs_dask]
#     packages: [numpy, pandas, pyarrow, polars, matplotlib, psutil, cloudpickle]
# ---

# %% [markdown]
# Your pandas report is slow. You have heard that Polars is fast, so you translate it, word by word, in ten minutes.
# Nothing crashes. It still fetches the whole file, and it announces a broken scale as the best hive of the year.
# Every word was right. What did you translate wrongly?
#
# By the end you can write a job as a plan of expressions, see what it will read before it runs, and decide with
# numbers whether it is worth it.

# %%
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import cloudpickle
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from polars.io.plugins import register_io_source

from shoshin.graders.explore import pandas_vs_polars as check

# %% [markdown]
# ## The job
#
# Two hundred beehives stand on scales, in five yards in Sweden. Each scale sends messages: the time (in UTC), hive,
# yard, weight in grams, battery in volts, and twelve numbers about the hum of the bees. By day half of the bees are
# out, so **only messages between midnight and 5 in the morning, Swedish time, tell what a hive weighs**.
#
# The data are made up, and as awkward as real ones. A scale that is silent leaves the weight empty: **null**. A scale
# that is broken divides zero by zero and sends **NaN**, "not a number". Hives 195 to 199 were delivered without a
# yard. You need not read the generator.

# %%
folder = tempfile.TemporaryDirectory(prefix="shoshin_", ignore_cleanup_errors=True)


def write_messages(count):
    """Write that many messages, March to June 2025, to a Parquet file and return its path."""
    rng = np.random.default_rng(count)
    hive = rng.integers(0, 200, count)
    began, seconds = np.datetime64("2025-03-01T00:00:00", "us"), rng.integers(0, 120 * 86_400, count)
    grams = np.round(36_000 + 3000 * np.sin(hive) + 60 * seconds / 86_400 + rng.normal(0, 400, count), -1)
    grams[np.isin(hive, [40, 80, 120, 160]) & (rng.random(count) < 0.2)] = np.nan
    silent = (rng.random(count) < 0.03) | (hive == 13)
    yards = pa.array(["brook", "heath", "lime", "orchard", "quarry", None])
    columns = {
        "at": pa.array(began + np.sort(seconds).astype("timedelta64[s]")).cast(pa.timestamp("us", tz="UTC")),
        "hive": pa.array([f"hive {number:03d}" for number in range(200)]).take(pa.array(hive)),
        "yard": yards.take(pa.array(np.where(hive >= 195, 5, hive % 5))),
        "grams": pa.array(grams, mask=silent),
        "volts": np.round(rng.normal(3.6, 0.2, count), 2),
    }
    columns |= {f"hum_{number:02d}": rng.random(count, dtype=np.float32) for number in range(12)}
    path = Path(folder.name) / f"messages_{count}.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=100_000, use_dictionary=["hive", "yard", "grams", "volts"])
    return str(path)


small = write_messages(20_000)
pl.scan_parquet(small).head(3).collect()

# %% [markdown]
# Here is the report in pandas: one row per yard and hive, with the number of messages, the mean of the known weights
# in kg, and how many of them are above 40 kg. And here is your translation, word by word. Both list the three
# heaviest.


# %%
def pandas_report(messages):
    """Return readings, kg and heavy per yard and hive, from a pandas DataFrame of messages."""
    local = messages["at"].dt.tz_convert("Europe/Stockholm")
    rows = messages[local.dt.hour < 5]
    kg = (rows["grams"] / 1000).where(rows["grams"] > 0)
    rows = rows.assign(kg=kg, heavy=kg > 40)
    groups = rows.groupby(["yard", "hive"], dropna=False)
    return groups.agg(readings=("kg", "size"), kg=("kg", "mean"), heavy=("heavy", "sum")).reset_index()


def word_by_word(messages):
    """Return the same from a Polars DataFrame of messages. Or so it seems."""
    local = messages["at"].dt.convert_time_zone("Europe/Stockholm")
    rows = messages.filter(local.dt.hour() < 5)
    rows = rows.with_columns(kg=pl.when(rows["grams"] > 0).then(rows["grams"] / 1000))
    rows = rows.with_columns(heavy=rows["kg"] > 40)
    return rows.group_by("yard", "hive").agg(readings=pl.len(), kg=pl.col("kg").mean(), heavy=pl.col("heavy").sum())


in_pandas = pandas_report(pd.read_parquet(small))
translated = word_by_word(pl.read_parquet(small))
print(in_pandas.sort_values("kg", ascending=False).head(3).to_string(index=False))
print(translated.sort("kg", descending=True, nulls_last=True).head(3))

# %% [markdown]
# Here is why. In such a column pandas says "missing" with NaN, and neither `NaN > 40` nor `NaN <= 40` is true. Polars
# has two things: **null** is missing, and **NaN** is a number that some computation left behind. Polars' NaN sorts
# above every other number, `NaN > 40` is true, and the mean of anything and NaN is NaN. See for yourself:

# %%
pl.DataFrame({"grams": [41_000.0, None, float("nan"), 0.0]}).with_columns(
    above_zero=pl.col("grams") > 0, is_null=pl.col("grams").is_null(), mean=pl.col("grams").mean()
)

# %% [markdown]
# ## Write the expression `kg`
#
# `pl.col("grams")` has no data in it. It is an **expression**: a recipe for a column, which you can name, pass on and
# build upon. Only `select`, `with_columns`, `filter` or `agg` give it a table to work on.
#
# Set `kg` to an expression that gives, for each row, the weight in kilograms, and **null** where `grams` is null, is
# NaN, or is 0 or below. It gives one value for each row, so leave no rows out. Use no Python function
# (`map_elements`).
#
# <details><summary>Hint 1: which of the two must go first?</summary>Imagine a doorman who lets numbers above zero in.
# NaN claims to be the largest of all. Whoever comes in must be checked for being a number beforehand.</details>
# <details><summary>Hint 2: which words does Polars have for it?</summary>Expressions have the methods
# <code>fill_nan</code>, <code>fill_null</code> and <code>is_nan</code>. <code>None</code> is null.
# <code>word_by_word</code> shows how <code>when</code> and <code>then</code> work, there with columns of one table;
# where the condition is not true, null comes out.</details>

# %% answer="kg"
kg = ...  # an expression
### BEGIN SOLUTION
grams = pl.col("grams").fill_nan(None)
kg = pl.when(grams > 0).then(grams / 1000)
### END SOLUTION

# %% check="kg" points=2
check.kg(kg)

# %% [markdown]
# The recipe works on any table that has a column `grams`:

# %%
if check.kg.passed:
    kg = kg.alias("kg")  # so that its column is called kg
    print(pl.DataFrame({"grams": [41_000.0, None, float("nan"), 0.0]}).select(kg, heavy=kg > 40))
    print("The expression itself:", kg)

# %% [markdown]
# ## Predict: how many columns are read?
#
# `pl.read_parquet` fetches a table: a **DataFrame**. `pl.scan_parquet` fetches no row. It returns a **LazyFrame**: a
# plan that starts at the file. `filter`, `group_by` and the rest add steps, and nothing runs until somebody calls
# `.collect()`. By then Polars has seen the whole plan, and can change it as long as the result stays the same.
#
# The file has 17 columns. You will write the report once, as a function, and start it twice: from `read_parquet`, and
# from `scan_parquet`. Same function, same expressions. How many columns are read each time? A guess; it is not
# graded.

# %% answer="prediction"
prediction = ...  # (columns from read_parquet, columns from scan_parquet), such as (8, 8)
### BEGIN SOLUTION
prediction = (17, 4)
### END SOLUTION

# %% [markdown]
# ## Write `report` as a plan
#
# How can you know what a plan reads? Ask the reader. `with_slips` puts a waiter in front of a table: whenever a plan
# runs, the waiter gets an order slip from it (these columns, rows under this condition, please), serves that, and
# keeps the slip. You need not read the body.


# %%
def with_slips(messages):
    """Return (a LazyFrame over a DataFrame, a list): each time a plan reads, the list gets a slip."""
    slips = []

    def serve(columns, condition, rows, batch_size):
        part = messages if rows is None else messages.head(rows)
        part = part if condition is None else part.filter(condition)
        slips.append({"columns": columns or messages.columns, "condition": condition, "rows": part.height})
        yield part if columns is None else part.select(columns)

    return register_io_source(serve, schema=messages.schema), slips


def show(slips):
    """Print each slip in a line."""
    for slip in slips:
        asked = "no condition" if slip["condition"] is None else "a condition"
        print(f"order: {len(slip['columns'])} columns {slip['columns'][:4]}, {asked}; served: {slip['rows']} rows")


watched, slips = with_slips(pl.read_parquet(small))
plan = watched.filter(pl.col("volts") < 3.1).select("hive", "volts")
print("slips while the plan is made:", len(slips))
plan.collect()
show(slips)

# %% [markdown]
# Only 2 of 17 columns left the reader, and only the rows with a weak battery: the steps that you wrote *after*
# reading have moved *into* the reading. For columns this is called **projection pushdown**, for rows **predicate
# pushdown**.
#
# Write `report(hives, kg)`. `hives` is a LazyFrame of messages, `kg` your expression, which carries the name
# `kg` by now. Return a LazyFrame with one row per `yard` and `hive`, in any order (`group_by` promises none), and with
# these columns and no others:
#
# - `yard` and `hive`. A hive whose yard is null stays in the report. A hive that moved has a row for each yard;
# - `readings`: the number of its night messages. Messages without a weight count, and one that was sent twice counts
#   twice;
# - `kg`: the mean of the known weights, null (not NaN) if there are none;
# - `heavy`: how many of the known weights are above 40 kg. Exactly 40 is not above.
#
# Night is from 0:00 to before 5:00 in `Europe/Stockholm`, in summer and in winter; `at` is in UTC. A hive without any
# message at night is not in the report. The check looks at the slips, too: nothing is read while the plan is made;
# `at`, `hive`, `yard` and `grams` are ordered and nothing else; **your condition is on the slip**, so that the rows
# of the day are left out there. No Python function is called for rows or values.
#
# <details><summary>Hint 1: which part of the plan can the waiter understand?</summary>He knows the dishes on the
# card: the columns of the file. If you invent a name of your own and order by it, he may have to bring everything,
# and you pick at the table.</details>
# <details><summary>Hint 2: which steps, in which order?</summary>A <code>filter</code> on <code>at</code>, a
# <code>group_by</code> with two names, an <code>agg</code> with three named expressions. No
# <code>collect</code>.</details>
# <details><summary>Hint 3: which expressions?</summary><code>pl.len()</code> counts rows. <code>kg</code> takes
# methods and comparisons as a column does, and the sum of a comparison counts. Times live under <code>.dt</code>, as
# in <code>word_by_word</code>.</details>


# %% answer="report"
def report(hives, kg):
    """Return the plan for readings, kg and heavy per yard and hive at night: a LazyFrame."""
    ### BEGIN SOLUTION
    local = pl.col("at").dt.convert_time_zone("Europe/Stockholm")
    return (
        hives.filter(local.dt.hour() < 5)
        .group_by("yard", "hive")
        .agg(readings=pl.len(), kg=kg.mean(), heavy=(kg > 40).sum())
    )
    ### END SOLUTION


# %% check="report" points=3
check.report(report)

# %% [markdown]
# Now back to your prediction. The same function starts from a table that has been read, and from a plan. First the
# slips; then what `.explain()` says of the same two plans on the Parquet file (long lines are cut). Read a plan from
# the bottom up: `PROJECT` tells the columns, `SELECTION` the condition.

# %%
if check.kg.passed and check.report.passed:
    watched, slips = with_slips(pl.read_parquet(small))
    eager = report(watched.collect().lazy(), kg).collect()
    lazy = report(watched, kg).collect()
    show(slips)
    counts = tuple(len(slip["columns"]) for slip in slips)
    guess = globals().get("prediction", ...)
    print(f"You said {'nothing' if guess is ... else guess}; columns read: {counts}.")
    for title, start in (("READ", pl.read_parquet(small).lazy()), ("SCAN", pl.scan_parquet(small))):
        print(f"\n{title}")
        for line in report(start, kg).explain().splitlines():
            print(line[:90])

# %% [markdown]
# The expression is the same to the letter. **The difference is one word at the top: `read` or `scan`.** Eager code
# does each step where it stands, and the first step cannot know that the last one wants four columns. (`DF` in the
# first plan is a table in memory. To leave out columns there is too late: they have been fetched.)
#
# Is it still the pandas report? Rows come in another order, so both are sorted; null and pandas' NaN both print as
# missing.

# %%
if check.kg.passed and check.report.passed:
    ours = report(pl.scan_parquet(small), kg).sort("yard", "hive", nulls_last=True).collect()
    theirs = in_pandas.sort_values(["yard", "hive"])  # missing last
    for name in ("readings", "heavy"):
        assert ours[name].to_list() == theirs[name].to_list()
    np.testing.assert_allclose(ours["kg"].fill_null(np.nan), theirs["kg"], rtol=1e-6)
    print(f"{len(ours)} hives, same readings, kg and heavy as pandas; {ours['kg'].null_count()} without a known weight")
    unsorted = report(pl.scan_parquet(small), kg).collect()
    print("first hives as they come: pandas", in_pandas["hive"].tolist()[:3], "Polars", unsorted["hive"].to_list()[:3])

# %% [markdown]
# One more version, the one that everybody writes in the first week: "I know Python, I ask each row." `map_elements`
# hands every row to a Python function. The picture shows, for each version, what left the reader: all 17 columns
# side by side, all rows from top to bottom, and shaded what was handed over.


# %%
def footprint(messages, slip, axes, title):
    """Draw the table as 17 strips and shade what a slip ordered."""
    height = slip["rows"] / len(messages)
    for place, name in enumerate(messages.columns):
        axes.add_patch(plt.Rectangle((place, 0), 0.86, 1, facecolor="white", edgecolor="0.7"))
        if name in slip["columns"]:
            bar = {"facecolor": "#0072B2", "edgecolor": "white", "hatch": "///", "linewidth": 0}
            axes.add_patch(plt.Rectangle((place, 0), 0.86, height, **bar))
    share = height * len(slip["columns"]) / messages.width
    axes.set(xlim=(-0.3, messages.width), ylim=(1.02, -0.02), title=f"{title}\n{share:.0%} of the table")
    axes.set_xticks(np.arange(messages.width) + 0.43, messages.columns, rotation=90, fontsize=8)
    axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    axes.spines[:].set_visible(False)


if check.kg.passed and check.report.passed:
    messages = pl.read_parquet(small)
    watched, slips = with_slips(messages)
    calls = []

    def is_night(row):
        calls.append(1)
        return row["at"].astimezone(ZoneInfo("Europe/Stockholm")).hour < 5

    by_python = pl.struct(pl.all()).map_elements(is_night, return_dtype=pl.Boolean)
    report(watched.collect().lazy(), kg).collect()
    asked = watched.with_columns(night=by_python).filter("night")
    asked.group_by("yard", "hive").agg(readings=pl.len(), kg=kg.mean(), heavy=(kg > 40).sum()).collect()
    report(watched, kg).collect()

    titles = ["collect first, then report", "ask each row in Python", "one plan of expressions"]
    fig, panels = plt.subplots(1, 3, figsize=(12, 4), sharey=True, layout="constrained")
    for axes, slip, title in zip(panels, slips, titles, strict=True):
        footprint(messages, slip, axes, title)
    panels[0].set_ylabel("rows handed over")
    fig.supxlabel("columns of the file (shaded: handed over by the reader)", fontsize=10)
    plt.show()
    print(f"Python calls for {len(messages)} rows: {len(calls)} by map_elements, 0 by expressions")

# %% [markdown]
# The middle panel is a lazy plan, too. But to the optimiser a Python function is a closed box: it might use any column
# of the row that it is handed, so all of them are read, and it is called once for every row. Laziness alone saves
# nothing. **The plan must be made of things that the optimiser can read.**
#
# ## Write the expression `place`
#
# A prize for the best hive in each yard. In pandas you would write
# `table.groupby("yard")["kg"].rank(method="min", ascending=False)`, a *transform*: it computes within groups and
# gives back one value per row. In Polars any expression becomes that by `.over(...)`: it is computed within each
# group, and its values return to their rows.
#
# Set `place` to an expression on the columns `yard` and `kg` that gives each hive its place within its yard:
#
# - the heaviest hive has place 1;
# - equal weights share the better place, and the next one is skipped: 1, 1, 3;
# - a hive whose `kg` is null has no place (null), nor has a hive whose `yard` is null, as in pandas.
#
# Each hive keeps its row, so `place` gives one value for each. There is no NaN in `kg`: your first expression took
# care of it. Use no Python function.
#
# <details><summary>Hint 1: who competes with whom?</summary>Think of a race with starting groups. One ranking, held
# separately in each group. And those without a number on their shirt run along, but nobody lists them.</details>
# <details><summary>Hint 2: which method?</summary><code>help(pl.Expr.rank)</code> lists the ways to treat ties, and
# has a switch for the direction.</details>
# <details><summary>Hint 3: what does Polars do with a yard that is null?</summary>It makes it a group, like any
# other. You know a way to give a value only under a condition.</details>

# %% answer="place"
place = ...  # an expression
### BEGIN SOLUTION
ranked = pl.col("kg").rank("min", descending=True).over("yard")
place = pl.when(pl.col("yard").is_not_null()).then(ranked)
### END SOLUTION

# %% check="place" points=2
check.place(place)

# %%
if check.kg.passed and check.report.passed and check.place.passed:
    ranked = report(pl.scan_parquet(small), kg).with_columns(place=place)
    print(ranked.filter(pl.col("place") == 1).sort("yard").collect())
    by_hive = ranked.sort("yard", "hive", nulls_last=True).collect()["place"].cast(pl.Float64).fill_null(np.nan)
    in_order = in_pandas.sort_values(["yard", "hive"])
    np.testing.assert_array_equal(by_hive, in_order.groupby("yard")["kg"].rank(method="min", ascending=False))
    print(f"the same {len(by_hive)} places as in pandas")

# %% [markdown]
# ## Say what may pass
#
# A filter at the end of a plan may move down to the reader only where the result stays the same. So you need not
# remember rules, you can reason: **if the rows are thrown away first, does any number change?** Here are six plans
# with the filter at the end (`diff` subtracts the row before). Set `reaches_the_reader`: True for each plan whose
# condition may reach the reader, else False.

# %%
gap = pl.col("grams") - pl.col("grams").mean().over("yard")
PLANS = {
    "after sort": lambda hives: hives.sort("grams").filter(pl.col("volts") < 3.1),
    "yard, after over yard": lambda hives: hives.with_columns(gap=gap).filter(pl.col("yard") == "heath"),
    "hive, after over yard": lambda hives: hives.with_columns(gap=gap).filter(pl.col("hive") == "hive 007"),
    "hive, after group_by hive": lambda hives: (
        hives.group_by("hive").agg(pl.col("grams").mean()).filter(pl.col("hive") == "hive 007")
    ),
    "mean, after group_by hive": lambda hives: (
        hives.group_by("hive").agg(pl.col("grams").mean()).filter(pl.col("grams") > 40_000)
    ),
    "volts, after diff": lambda hives: hives.with_columns(change=pl.col("grams").diff()).filter(pl.col("volts") < 3.1),
}

# %% [markdown]
# All results must stay what the plans give as they stand.
#
# <details><summary>Hint 1: how do you prove a True?</summary>Take a table of four rows on paper. Cross out the rows
# first, then compute; compute first, then cross out. The rest must be equal for every table you can think
# of.</details>
# <details><summary>Hint 2: which rows does a number need?</summary>Draw an arrow from each number that remains to
# all the rows it is made from. If an arrow starts at a row that you have thrown away, the filter must wait.</details>

# %% answer="reaches_the_reader"
reaches_the_reader = {
    "after sort": ...,
    "yard, after over yard": ...,
    "hive, after over yard": ...,
    "hive, after group_by hive": ...,
    "mean, after group_by hive": ...,
    "volts, after diff": ...,
}
### BEGIN SOLUTION
reaches_the_reader = {
    "after sort": True,
    "yard, after over yard": True,
    "hive, after over yard": False,
    "hive, after group_by hive": True,
    "mean, after group_by hive": False,
    "volts, after diff": False,
}
### END SOLUTION

# %% check="reaches_the_reader" points=2
check.reaches_the_reader(reaches_the_reader)

# %% [markdown]
# Now ask the reader.

# %%
if check.reaches_the_reader.passed:
    for name, make_plan in PLANS.items():
        watched, slips = with_slips(pl.read_parquet(small))
        make_plan(watched).collect()
        print(f"{name:26}", "reaches the reader" if slips[0]["condition"] is not None else "waits")

# %% [markdown]
# Write the filter where you think of it; the optimiser moves it wherever that changes nothing. Where it would change
# something, the place of the filter is part of your question, and no optimiser will move it.
#
# ## Race
#
# Time and peak memory, over growing files, each way in a process of its own. You wrote `measure` in
# [More data than memory](../explore/pandas_vs_dask.ipynb); here it is given. The memory comes from the first run, the
# seconds from the best of 3 to 20 (short jobs run more often). Both tools get two threads.


# %%
def memory_mb():
    """Return the resident memory of this process in MB."""
    return psutil.Process().memory_info().rss / 1e6


def measure(job, path):
    """Return (seconds of the fastest run, MB by which memory rose at its highest in the first)."""
    before, peak, done = memory_mb(), [memory_mb()], threading.Event()

    def watch():
        while not done.wait(0.002):
            peak.append(memory_mb())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    seconds = []
    while len(seconds) < 3 or (sum(seconds) < 0.3 and len(seconds) < 20):
        began = time.perf_counter()
        job(path)
        seconds.append(time.perf_counter() - began)
        if len(seconds) == 1:
            done.set()
            watcher.join()
            peak.append(memory_mb())
    return min(seconds), max(peak) - before


def measure_sizes(job, warm_up, paths):
    """Return (seconds, MB above the level after the warm-up) of job(path), for each path."""
    job(warm_up)
    floor, results = memory_mb(), []
    for path in paths:
        left_behind = memory_mb() - floor
        seconds, extra_mb = measure(job, path)
        results.append((seconds, left_behind + extra_mb))
    return results


WORKER = """
import pickle, sys
function, arguments = pickle.load(sys.stdin.buffer)
answer, sys.stdout = sys.stdout.buffer, sys.stderr
pickle.dump(function(*arguments), answer)
"""


def in_a_fresh_process(function, *arguments):
    """Return function(*arguments), called in a new Python process with two threads."""
    call, threads = cloudpickle.dumps((function, arguments)), {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-W", "ignore", "-c", WORKER]
    process = subprocess.run(command, input=call, capture_output=True, env=os.environ | threads)
    if process.returncode:
        raise RuntimeError(process.stderr.decode(errors="replace").strip().splitlines()[-1])
    return pickle.loads(process.stdout)


def pandas_all(path):
    """Read everything, as one does, and report."""
    return pandas_report(pd.read_parquet(path))


def pandas_told(path):
    """Read the four columns that somebody has looked up by hand, and report."""
    return pandas_report(pd.read_parquet(path, columns=["at", "hive", "yard", "grams"]))


def polars_eager(path):
    """Read everything, and report."""
    return report(pl.read_parquet(path).lazy(), kg).collect()


def polars_lazy(path):
    """Report from the file."""
    return report(pl.scan_parquet(path), kg).collect()


WAYS = {
    "pandas, all columns": pandas_all,
    "pandas, told which": pandas_told,
    "Polars, read first": polars_eager,
    "Polars, one plan": polars_lazy,
}
sizes = [10_000, 50_000, 250_000, 1_250_000]
race = None
if check.kg.passed and check.report.passed:
    paths = [write_messages(size) for size in sizes]
    rows = []
    for way, job in WAYS.items():
        measured = in_a_fresh_process(measure_sizes, job, small, paths)
        rows += [(way, size, *pair) for size, pair in zip(sizes, measured, strict=True)]
    race = pd.DataFrame(rows, columns=["way", "rows", "seconds", "peak_mb"])
    for quantity, digits in (("seconds", 4), ("peak_mb", 0)):
        print(quantity)
        print(race.pivot(index="way", columns="rows", values=quantity).loc[list(WAYS)].round(digits).to_string())

# %%
LOOKS = {
    "pandas, all columns": ("#D55E00", "^", "-"),
    "pandas, told which": ("#E69F00", "s", "--"),
    "Polars, read first": ("#0072B2", "o", "-."),
    "Polars, one plan": ("#000000", "D", ":"),
}

if race is not None:
    fig, (time_axes, memory_axes) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    for way, table in race.groupby("way", sort=False):
        colour, marker, line = LOOKS[way]
        style = {"color": colour, "marker": marker, "linestyle": line, "linewidth": 2, "label": way}
        time_axes.plot(table["rows"], table["seconds"], **style)
        memory_axes.plot(table["rows"], table["peak_mb"].clip(lower=1), **style)
    time_axes.set(title="Time", ylabel="seconds")
    memory_axes.set(title="Peak memory", ylabel="MB above the level before (at least 1)")
    for axes in (time_axes, memory_axes):
        axes.set(xscale="log", yscale="log", xlabel="messages (rows of 17 columns)")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        axes.grid(alpha=0.3)
    time_axes.legend()
    plt.show()

# %% [markdown]
# ## Write `crossover`
#
# From which size on is the new tool worth it? `sizes` is a list of rising sizes, `old` and `new` are what two tools
# cost at each (seconds or MB). Return the smallest of the `sizes` from which on `new` is lower: there, and at every
# larger size in the list. A tie is not lower. If `new` is not lower at the largest size, return `None`. If it is
# lower everywhere, return the first size. Leave the lists as they are.
#
# <details><summary>Hint 1: what do you see from the other end?</summary>Walk along the lines from the right. How far
# can you walk before the new tool stops being the lower one?</details>
# <details><summary>Hint 2: what should you remember on the way?</summary>From the left: the size at which the
# present run of wins began. Each size that is not a win wipes it out.</details>


# %% answer="crossover"
def crossover(sizes, old, new):
    """Return the smallest size from which on new stays lower than old, or None."""
    ### BEGIN SOLUTION
    found = None
    for size, old_cost, new_cost in zip(sizes, old, new, strict=True):
        if new_cost >= old_cost:
            found = None
        elif found is None:
            found = size
    return found
    ### END SOLUTION


# %% check="crossover" points=2
check.crossover(crossover)

# %% [markdown]
# Read the crossover off your own numbers. "From the first size" means that you have seen no crossing: if there is
# one, it lies below everything you measured. A few MB are within the noise of the gauge, so trust a crossover of memory
# from 250,000 rows on only.

# %%
if race is not None and check.crossover.passed:
    costs = {quantity: race.pivot(index="rows", columns="way", values=quantity) for quantity in ("seconds", "peak_mb")}
    for old in ("pandas, all columns", "pandas, told which", "Polars, read first"):
        for quantity, table in costs.items():
            found = crossover(sizes, table[old].tolist(), table["Polars, one plan"].tolist())
            words = "not in reach" if found is None else f"from {found:,} rows on"
            note = ", the first size: no crossing seen" if found == sizes[0] else ""
            print(f"one plan beats {old:20} in {quantity:8} {words}{note}")
    largest = costs["peak_mb"].loc[sizes[-1]]
    for old, new in (("pandas, all columns", "Polars, read first"), ("Polars, read first", "Polars, one plan")):
        print(f"memory at {sizes[-1]:,} rows, {old} to {new}: divided by {largest[old] / max(largest[new], 1):.1f}")

# %% [markdown]
# Compare the last two lines: one is what you win by the name of the tool, the other by the word `scan`. **Reading
# first and planning afterwards throws away much of what Polars could save.** pandas can be told which columns to
# read; then you have done the optimiser's work by hand, and must do it again with every change of the report. Even
# then it fetches every row of them and throws away the day afterwards.
#
# ## What it is not good for
#
# An alarm that is told a swarm has left: it starts when a hive loses more than 1.5 kg between two messages, and
# **stays on until the hive has its old weight back**. What to do with a row depends on what was decided on the row
# before: a rule with a memory. No plain expression says it, so it runs as a loop in Python, whoever holds the table.

# %%
steps = 0


def swarms(weights):
    """Return how often the alarm started, for one hive's weights in order of time."""
    global steps
    started, before, wanted = 0, None, None
    for weight in weights:
        steps += 1
        if wanted is not None:
            wanted = None if weight >= wanted else wanted
        elif before is not None and before - weight > 1.5:
            started, wanted = started + 1, before
        before = weight
    return started


if check.kg.passed:
    known = pl.scan_parquet(small).select("hive", "at", kg=kg).drop_nulls("kg").sort("hive", "at").collect()
    by_polars = sum(swarms(hive["kg"].to_list()) for hive in known.partition_by("hive"))
    steps_polars, steps = steps, 0
    table = pd.read_parquet(small, columns=["hive", "at", "grams"]).query("grams > 0").sort_values(["hive", "at"])
    by_pandas = sum(swarms((grams / 1000).tolist()) for _hive, grams in table.groupby("hive")["grams"])
    print(f"alarms: {by_polars} with Polars, {by_pandas} with pandas")
    print(f"steps in Python: {steps_polars} with Polars, {steps} with pandas")

# %% [markdown]
# Same loop, same number of steps: here Polars only fetches the columns. It is no help either where a library wants a
# pandas table with an index, for then you convert, and hold the data twice. And a table that fits on your screen is
# done before you have looked up the new name of a method.
#
# ## Write down your decision
#
# Your team asks: pandas or Polars for the hive report? Answer in three sentences. The first names the tool and the
# size from which on it wins in *your* table. The second names what it costs: the number of lines to rewrite, or what
# people have to learn (what was your own first mistake above?). The third says what would change your mind, with
# *if*. There is no score: read it to somebody.

# %% answer="decision"
decision = ...
### BEGIN SOLUTION
decision = """
We take Polars with scan_parquet for the hive report: it was faster and smaller at every size from 10,000 rows on.
It costs us one function to rewrite, and everybody has to learn that NaN is not null.
If the swarm alarm becomes the main job, we stay with what we have, because that loop runs in Python anyway.
"""
### END SOLUTION

# %% [markdown]
# ## Ten minutes for your team
#
# The cell prints an outline with your own numbers. Show it live; the two plans, READ and SCAN, and the picture of the
# strips are the heart of it.

# %%
if race is not None:
    last = race[race["rows"] == sizes[-1]].set_index("way")
    told, plan_first = last.loc["pandas, told which"], last.loc["Polars, read first"]
    one_plan = last.loc["Polars, one plan"]
    print(f"""\
0-2 min  The report in pandas, and its twin word by word. Who is the heaviest hive? (NaN is.)
2-4 min  Let them guess: how many of 17 columns does `scan_parquet` read? Then show the order slips: 4.
4-6 min  The picture of the strips. Why does one Python function fetch the whole table?
6-8 min  The race at {sizes[-1]:,} rows:
         pandas, told which columns, {told["seconds"]:.2f} s and {told["peak_mb"]:.0f} MB;
         Polars, read first, {plan_first["seconds"]:.2f} s and {plan_first["peak_mb"]:.0f} MB;
         Polars, one plan, {one_plan["seconds"]:.2f} s and {one_plan["peak_mb"]:.0f} MB.
8-9 min  Where it does not help: the swarm alarm, {steps:,} steps in Python in either tool.
9-10 min The decision, and the *if* in it:
{"(write your three sentences above)" if decision is ... else str(decision).strip()}""")

# %% [markdown]
# ## Take away
#
# **Say what you want before you fetch anything.** A system that sees the whole question can leave out work; one that
# gets it line by line cannot. So keep the question readable to the optimiser: expressions, no Python functions, no
# `collect` on the way. It is the same in SQL and in every engine that plans. And when you change the tool, test it
# on missing values, ties and keys without a name first: there the words are the same and the meanings are not.
#
# On your own data: take one pandas cell that reads Parquet, write it with `scan_parquet`, and look at the line with
# `PROJECT` in `.explain()`. How many columns did you never need?
#
# Next, a choice between two kinds of model: [trees or deep nets](../explore/trees_vs_deep_nets.ipynb).
