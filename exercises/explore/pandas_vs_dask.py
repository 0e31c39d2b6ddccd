# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: "More data than memory: pandas or Dask?"
#     minutes: 55
#     level: 2
#     needs: []
#     packages: [pandas, pyarrow, dask, matplotlib, psutil]
# ---

# %% [markdown]
# For a year your notebook has read the month's files with pandas. Today the kernel dies: the files have outgrown the
# memory. "Take Dask," says one colleague. "Read fewer columns," says another. "Buy memory," says the third. Each cure
# costs you something, and none of them has shown you a number.
#
# By the end you can measure time and peak memory of one job in two tools, predict at which size each of them breaks,
# and decide with numbers whether a new tool is worth it.

# %%
import math
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import cloudpickle
import dask.dataframe as dd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from shoshin.graders.explore import pandas_vs_dask as check

# %% [markdown]
# ## The job
#
# A city hires out bikes. Each day leaves one Parquet file of 100,000 trips, and you have 32 of them. The job: for
# each of the 300 stations, **how many trips began there, and how long did they last on average?**
#
# Your machine has gigabytes. To see a limit without crashing, this exercise sets its own: a job may take **100 MB**
# of memory on top of what the process already holds. (The files go to a temporary folder, which is removed when the
# kernel stops. You need not read the generator; its docstring says what the data are like.)

# %%
DAYS, LIMIT_MB = 32, 100
folder = tempfile.TemporaryDirectory(prefix="shoshin_", ignore_cleanup_errors=True)


def write_day(day, trips=100_000):
    """Write one day of trips to Parquet and return the path; imitates the open data of large bike-hire schemes.

    A few stations are busy and most are quiet. Rides are short, with a long tail. One ride in thirty was never ended
    properly, and the dock of station 299 has no clock: their minutes are missing. Every trip drags along a payment
    token of 32 letters.
    """
    rng = np.random.default_rng(day)
    share = 1 / np.arange(1, 301)
    station = rng.choice(300, size=trips, p=share / share.sum())
    minutes = rng.lognormal(2.5, 0.8, size=trips)
    minutes[(rng.random(trips) < 1 / 30) | (station == 299)] = np.nan
    seconds = np.sort(rng.integers(0, 86_400, size=trips)).astype("timedelta64[s]")
    letters = rng.integers(ord("a"), ord("z") + 1, size=(trips, 32), dtype=np.uint8)
    columns = {
        "started": np.datetime64("2025-03-01") + np.timedelta64(day, "D") + seconds,
        "station": pa.array([f"station {number:03d}" for number in range(300)]).take(pa.array(station)),
        "bike": rng.integers(0, 6000, size=trips, dtype=np.int32),
        "minutes": minutes,
        "token": pa.array(letters.view("S32").ravel()).cast(pa.string()),
    }
    path = Path(folder.name) / f"day_{day:02d}.parquet"
    pq.write_table(pa.table(columns), path, use_dictionary=["station", "bike"])
    return str(path)


files = [write_day(day) for day in range(DAYS)]
tiny = [write_day(DAYS, trips=1000)]

one_day = pd.read_parquet(files[0])
on_disk = sum(Path(file).stat().st_size for file in files)
print(f"on the disk {on_disk / 1e6:.0f} MB, the limit {LIMIT_MB} MB")
one_day.head(3)

# %% [markdown]
# ## Two lines of pandas
#
# Here is the job in pandas, twice. The first reads everything, as one does. The second reads the two columns that the
# job needs. Parquet stores each column in a piece of its own, so the others are skipped on the disk.
#
# Each entry of `SUMMARY` reads *new column: (source, how)*; `**` hands the dict on as named arguments. `size` counts
# all rows, `mean` skips what is missing.

# %%
SUMMARY = {"trips": ("minutes", "size"), "mean_minutes": ("minutes", "mean")}


def pandas_everything(files):
    """Return trips and mean minutes per station, a DataFrame with one row per station."""
    return pd.read_parquet(files).groupby("station").agg(**SUMMARY)


def pandas_two_columns(files):
    """Return the same, and read the columns station and minutes only."""
    return pd.read_parquet(files, columns=["station", "minutes"]).groupby("station").agg(**SUMMARY)


pieces = [pq.read_metadata(file).row_group(0) for file in files]
for number, name in enumerate(one_day.columns):
    megabytes = sum(piece.column(number).total_compressed_size for piece in pieces) / 1e6
    print(f"{name:8} {megabytes:4.0f} MB on the disk, all {DAYS} days")
pandas_two_columns(files[:1]).head(3)

# %% [markdown]
# ## Predict: how many days fit?
#
# You have seen what the columns `station` and `minutes` weigh on the disk, all 32 days together. The limit is 100 MB
# of memory. How many days can `pandas_two_columns` take before it crosses the limit? Put down a guess; it is not
# graded.

# %% answer="prediction"
prediction = ...  # a whole number of days, 0 to 32
### BEGIN SOLUTION
prediction = 32
### END SOLUTION

# %% [markdown]
# ## Write `measure`
#
# First you need an instrument. The **resident memory** of a process is what it occupies in your machine's memory
# right now; `memory_mb()` reads it. A job fills up and empties that memory while it runs, so one needs to look
# *meanwhile*: `Watcher` asks every two milliseconds, from a second thread. The demonstration adds up 20 million ones.


# %%
def memory_mb():
    """Return the resident memory of this process in MB."""
    return psutil.Process().memory_info().rss / 1e6


class Watcher(threading.Thread):
    """While the `with` block runs, ask memory() every 2 ms; `.peak` is the highest answer, in MB."""

    def __init__(self, memory):
        super().__init__(daemon=True)
        self.memory, self.peak, self.done = memory, memory(), threading.Event()

    def run(self):
        while not self.done.wait(0.002):
            self.peak = max(self.peak, self.memory())

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.done.set()
        self.join()
        self.peak = max(self.peak, self.memory())


before = memory_mb()
with Watcher(memory_mb) as watcher:
    np.ones(20_000_000).sum()
print(f"before {before:.0f} MB, highest {watcher.peak:.0f} MB, after {memory_mb():.0f} MB")

# %% [markdown]
# `job` is a function that takes a list of files. Call `job(files)` exactly once and return two numbers, `(seconds,
# extra_mb)`: how long the call took, and by how many MB the memory rose, at its highest, above the level right before
# the call (0 if it never rose).
#
# Take every reading by calling the parameter `memory`, not `memory_mb` by name: the check hands in a gauge of its
# own, and a job that mostly waits.
#
# <details><summary>Hint 1: how do you measure a tide?</summary>Mark the water level first. Then look for the highest
# wave, and take the difference. The level after the wave has gone says nothing.</details>
# <details><summary>Hint 2: which tools?</summary><code>time.perf_counter()</code> is a stopwatch that you read twice.
# The demonstration above shows a <code>with</code> block around one line; yours goes around the job.</details>
# <details><summary>Hint 3: in which order?</summary>Zero level, stopwatch, block with the job in it. After the block
# you can compute both numbers.</details>


# %% answer="measure"
def measure(job, files, memory=memory_mb):
    """Call job(files) once; return (seconds, MB by which memory() rose at its highest)."""
    ### BEGIN SOLUTION
    before, began = memory(), time.perf_counter()
    with Watcher(memory) as watcher:
        job(files)
    return time.perf_counter() - began, watcher.peak - before
    ### END SOLUTION


# %% check="measure" points=2
check.measure(measure)

# %% [markdown]
# A process seldom gives all its memory back, and what one job leaves behind, the next one uses: it looks cheap. So
# each job gets a process of its own. `measure_sizes` lets it warm up on one tiny file (imports would otherwise
# count), then calls your `measure` on more and more files. Memory that an earlier, smaller run of the same job did not
# give back is added to the next number. Each size runs twice: the memory comes from the first run, the seconds from
# the faster one, because other programs can only slow a job down.


# %%
def measure_sizes(job, sizes):
    """Return (seconds, MB above the level after the warm-up) of job(files), for each list of files in sizes."""
    job(tiny)
    floor, results = memory_mb(), []
    for files in sizes:
        left_behind = memory_mb() - floor
        (seconds, extra_mb), (again, _) = measure(job, files), measure(job, files)
        results.append((min(seconds, again), left_behind + extra_mb))
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


if check.measure.passed:
    for job in (pandas_everything, pandas_two_columns):
        [(seconds, peak_mb)] = in_a_fresh_process(measure_sizes, job, [files[:8]])
        print(f"{job.__name__:18} 8 of 32 days: {seconds:.2f} s, {peak_mb:.0f} MB")

# %% [markdown]
# ## Write `combine`
#
# Before you take a tool for data that do not fit, do its work once by hand. `parts` hands out the trips one day at a
# time, as tables with the columns `station` and `minutes`. It is an **iterator**: you can walk along it once, and it
# has no length.
#
# Return a DataFrame with one row per station (any order), the station as its index, and two columns:
#
# - `trips`: all its rows in all parts, also those whose minutes are missing;
# - `mean_minutes`: the mean of its known minutes over all parts, and missing for a station that has none.
#
# A station may be absent from some parts. Never hold all trips in memory, neither as parts nor copied into something
# that grows: reduce each part to a few numbers per station before you ask for the next.
#
# <details><summary>Hint 1: what would you ask for by telephone?</summary>Every day sits in another town, and a clerk
# there reads you a few numbers per station. One day had one ride of 40 minutes, the next had nine of 10. Which
# numbers do you need to get 13?</details>
# <details><summary>Hint 2: which three?</summary>pandas calls them <code>size</code>, <code>count</code> and
# <code>sum</code>. Two of them differ where minutes are missing.</details>
# <details><summary>Hint 3: how do the partial tables become one?</summary>Stacked with <code>pd.concat</code> they
# hold each station several times, and such a table can be grouped again. Divide at the very end.</details>


# %% answer="combine"
def combine(parts):
    """Return trips and mean_minutes per station, from an iterator of tables."""
    ### BEGIN SOLUTION
    partial = [part.groupby("station")["minutes"].agg(trips="size", known="count", total="sum") for part in parts]
    table = pd.concat(partial).groupby("station").sum()
    table["mean_minutes"] = table["total"] / table["known"]
    return table[["trips", "mean_minutes"]]
    ### END SOLUTION


# %% check="combine" points=3
check.combine(combine)


# %%
def file_by_file(files):
    """Return trips and mean minutes per station, with one file in memory at a time."""
    return combine(pd.read_parquet(file, columns=["station", "minutes"]) for file in files)


if check.combine.passed:
    difference = (file_by_file(files[:8]) - pandas_two_columns(files[:8])).abs().max()
    print("8 days, largest difference from pandas in one piece:")
    print(difference.to_string())

# %% [markdown]
# ## Write `dask_summary`
#
# **Dask** does this for you. A Dask DataFrame is a plan over many pandas tables, its **partitions**. It speaks
# pandas, but it is **lazy**: `groupby`, `agg` and the rest add steps to the plan, and nothing is read until somebody
# calls `.compute()`. By then Dask has seen the whole plan and can improve it.
#
# Return the lazy Dask DataFrame whose `.compute()` gives the table you know: the station as index, the columns
# `trips` (all rows) and `mean_minutes` (known minutes), rows in any order. Three things are checked besides:
#
# - no trip is read while the plan is made (the schema at a file's end may be);
# - the plan has many small tasks: none of them reads all the files by itself;
# - `.compute()` reads no column but `station` and `minutes`. The check writes files whose other columns are spoilt on
#   the disk: whoever touches them fails.
#
# <details><summary>Hint 1: who is at work, and when?</summary>A cook who reads the whole order before he goes to the
# market buys no more than he needs. Who goes to the market in the pandas line, and at which word?</details>
# <details><summary>Hint 2: which step makes numbers of a plan?</summary>The one you leave to whoever calls your
# function.</details>
# <details><summary>Hint 3: who picks the columns?</summary>The reader, if you name them. Or the optimiser, which sees
# every column that your <code>groupby</code> and <code>agg</code> mention, but cannot look into functions of your
# own.</details>


# %% answer="dask_summary"
def dask_summary(files):
    """Return the plan for trips and mean_minutes per station: a lazy Dask DataFrame."""
    ### BEGIN SOLUTION
    return dd.read_parquet(files).groupby("station").agg(**SUMMARY)
    ### END SOLUTION


# %% check="dask_summary" points=2
check.dask_summary(dask_summary)

# %% [markdown]
# `compute` also decides who works. By default Dask takes one thread per core, and each holds a partition in memory:
# **peak memory is about workers times partition**, however many files there are. We take two threads, so that your
# numbers resemble those of others, whatever machine you have.


# %%
def with_dask(files):
    """Return trips and mean minutes per station, computed by two threads."""
    return dask_summary(files).compute(scheduler="threads", num_workers=2)


if check.dask_summary.passed:
    print("the plan:", type(dask_summary(files)))
    difference = (with_dask(files[:8]) - pandas_two_columns(files[:8])).abs().max()
    print("8 days, largest difference from pandas:")
    print(difference.to_string())

# %% [markdown]
# ## Race
#
# Four ways to the same table, over 4, 8, 16 and 32 days. It takes a while; use it to look again at your prediction.

# %%
ways = {"pandas, everything": pandas_everything, "pandas, two columns": pandas_two_columns}
if check.combine.passed:
    ways["pandas, file by file"] = file_by_file
if check.dask_summary.passed:
    ways["Dask, two threads"] = with_dask

race = None
if check.measure.passed:
    sizes = [4, 8, 16, 32]
    rows = []
    for way, job in ways.items():
        measured = in_a_fresh_process(measure_sizes, job, [files[:days] for days in sizes])
        rows += [(way, days, *pair) for days, pair in zip(sizes, measured, strict=True)]
    race = pd.DataFrame(rows, columns=["way", "days", "seconds", "peak_mb"])
    print("peak memory in MB")
    print(race.pivot(index="way", columns="days", values="peak_mb").loc[list(ways)].round().astype(int).to_string())
    by_file = race.loc[race["way"] == "pandas, file by file", "peak_mb"].tolist()
    if by_file and by_file[-1] > 2 * by_file[0]:
        print("Your `combine` grows with the days: what does it keep from each part?")

# %% [markdown]
# ## Write `days_that_fit`
#
# You cannot always run a job until it breaks. Measure small, draw a line, and read off where it *would* break. Given
# two arrays of equal length, `days` and `peaks` (in MB), and a `limit` in MB, fit a straight line
# `peak = base + slope * days` by least squares, and return the largest whole number of days at which the line is not
# above `limit`. Two special cases: if the line lies above the limit at one day already, return 0, whether it rises or
# falls from there. Otherwise, if it does not rise, return `math.inf`.
#
# <details><summary>Hint 1: what does the line look like?</summary>A taxi fare: something for getting in, then so much
# per mile. How far do you get with the money in your pocket?</details>
# <details><summary>Hint 2: who fits lines?</summary><code>np.polyfit</code> with degree 1. Look up in which order it
# returns the two numbers.</details>
# <details><summary>Hint 3: what can go wrong when you solve for the days?</summary>You divide by the slope. Think
# what its sign means before you do, and which way to round after.</details>


# %% answer="days_that_fit"
def days_that_fit(days, peaks, limit):
    """Return how many whole days stay within the limit, by a straight line through (days, peaks)."""
    ### BEGIN SOLUTION
    slope, base = np.polyfit(days, peaks, 1)
    if base + slope > limit:
        return 0
    return math.inf if slope <= 0 else math.floor((limit - base) / slope)
    ### END SOLUTION


# %% check="days_that_fit" points=2
check.days_that_fit(days_that_fit)

# %% [markdown]
# Now the picture. Left: where each line crosses the limit. Right: what it costs in time. Both axes are logarithmic,
# so "twice the days, twice the memory" is a slope of one, and a flat line means that more days cost nothing more. The
# star is your `days_that_fit` for pandas with two columns.

# %%
LOOKS = {
    "pandas, everything": ("#D55E00", "^", "-"),
    "pandas, two columns": ("#0072B2", "o", "-"),
    "pandas, file by file": ("#009E73", "s", "--"),
    "Dask, two threads": ("#000000", "D", ":"),
}


def remark(days):
    """Return in brackets how far a number of days can be trusted."""
    if days == math.inf:
        return " (no limit in sight: the line does not rise)"
    if days > 2 * DAYS:
        return " (a guess: far beyond what was measured)"
    return " (a guess: below every size that was measured)" if days < 4 else ""


if race is not None and check.days_that_fit.passed:
    fig, (memory_axes, time_axes) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    fits = {}
    for way, table in race.groupby("way", sort=False):
        colour, marker, line = LOOKS[way]
        style = {"color": colour, "marker": marker, "linestyle": line, "linewidth": 2, "label": way}
        memory_axes.plot(table["days"], table["peak_mb"], **style)
        time_axes.plot(table["days"], table["seconds"], **style)
        fits[way] = days_that_fit(table["days"].to_numpy(), table["peak_mb"].to_numpy(), LIMIT_MB)
    memory_axes.axhline(LIMIT_MB, color="0.35", linewidth=1)
    label = {"textcoords": "offset points", "color": "0.25"}
    memory_axes.annotate(f"limit {LIMIT_MB} MB", (DAYS, LIMIT_MB), (0, 4), ha="right", **label)
    days = fits["pandas, two columns"]
    if 4 <= days <= DAYS:
        memory_axes.plot(days, LIMIT_MB, "*", color="#E69F00", markeredgecolor="black", markersize=16, zorder=3)
        memory_axes.annotate(f"{days} days", (days, LIMIT_MB), (8, -14), **label)
    memory_axes.set(title="Peak memory", ylabel="MB above the level before")
    time_axes.set(title="Time", ylabel="seconds")
    for axes in (memory_axes, time_axes):
        axes.set(xscale="log", yscale="log", xlabel="days (100,000 trips each)", xticks=[4, 8, 16, 32])
        axes.xaxis.set_major_formatter("{x:.0f}")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
    memory_axes.set_yticks([20, 50, 100, 200, 500, 1000])
    time_axes.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5])
    time_axes.set_ylim(race["seconds"].min() / 1.5, race["seconds"].max() * 1.5)
    time_axes.legend(loc="upper left")
    plt.show()

    print(f"days that fit into {LIMIT_MB} MB, by the line:")
    for way, days in fits.items():
        print(f"  {way:21} {days}{remark(days)}")
    guess = globals().get("prediction", ...)
    said = "nothing" if guess is ... else f"{guess} days"
    print(f"You said {said} for pandas with two columns; the line says {fits['pandas, two columns']}.")

    two = race[race["way"] == "pandas, two columns"]
    slope, base = np.polyfit(two["days"][:3], two["peak_mb"][:3], 1)
    promised, came = base + slope * DAYS, two["peak_mb"].iloc[-1]
    print(f"The line through 4, 8 and 16 days promises {promised:.0f} MB for 32 days; measured: {came:.0f} MB.")

# %% [markdown]
# Look twice, there is more than one surprise here.
#
# - The two columns are several times as large in memory as on the disk. Parquet stores each station's name once, and
#   then small numbers; pandas unpacks them, one entry per trip, and needs room to group them besides. **Size on disk
#   says little about size in memory.**
# - The first big saving is not Dask's. It is `columns=`, it costs one argument, and pandas has it.
# - What Dask adds is the flat line: it works in chunks, as your `combine` does. A loop over files draws the same flat
#   line with pandas alone, as long as *you* know how to merge the parts.
# - Look at the seconds: which of the four is fastest? Planning and scheduling cost Dask something, two threads win
#   something back. It buys memory for certain; whether it buys time depends on the size of your data, on your cores,
#   and on how well pandas used them already.
# - The line is a model, and other programs disturb your measurements. Run the race again, and see by how much your
#   days move.
#
# ## What merges, and what does not
#
# Chunks work if each one can be reduced to a **few numbers per station, as many for a thousand trips as for a
# million, from which the exact result for all trips follows**. Mark each result True if that is so, else False. (The
# fleet keeps growing: nobody has a list of all bikes beforehand.)
#
# <details><summary>Hint 1: how do you prove a True?</summary>Write the recipe: what each day hands over by telephone,
# and how you put two such messages together.</details>
# <details><summary>Hint 2: how do you prove a False?</summary>Find two days that send you the same message, and yet
# lead to different results for both days together.</details>

# %% answer="mergeable"
mergeable = {
    "number of trips": ...,
    "longest ride": ...,
    "mean": ...,
    "standard deviation": ...,
    "median": ...,
    "number of different bikes": ...,
}
### BEGIN SOLUTION
mergeable = {
    "number of trips": True,
    "longest ride": True,
    "mean": True,
    "standard deviation": True,
    "median": False,
    "number of different bikes": False,
}
### END SOLUTION

# %% check="mergeable" points=1
check.mergeable(mergeable)

# %% [markdown]
# So what does Dask do when you ask it for medians? It gives the exact answer. To do so, it has to bring all rows of a
# station together, which it calls a **shuffle**. See what that costs.


# %%
def pandas_median(files):
    """Return the median minutes per station."""
    return pd.read_parquet(files, columns=["station", "minutes"]).groupby("station")["minutes"].median()


def dask_median(files):
    """Return the same, computed by two threads."""
    plan = dd.read_parquet(files).groupby("station")["minutes"].median()
    return plan.compute(scheduler="threads", num_workers=2)


if check.mergeable.passed and check.measure.passed:
    for job in (pandas_median, dask_median):
        results = in_a_fresh_process(measure_sizes, job, [files[:4], files[:16]])
        for days, (seconds, peak_mb) in zip((4, 16), results, strict=True):
            print(f"{job.__name__:13} {days:2} days: {seconds:.2f} s, {peak_mb:3.0f} MB")

# %% [markdown]
# Compare with the mean, in your race's columns for 4 and 16 days: the flat line is gone. Where nothing merges, Dask has
# to move the rows about, and that costs time and memory, here no less than pandas needs for the whole job. The same
# goes for sorting and for joining two large tables: it can be done, and on one machine it is not what this tool is
# good for.
#
# ## Write down your decision
#
# Take five minutes, not more. Your team asks: pandas or Dask for this job? Write a text of **two to five sentences**
# which
#
# - names the tool, pandas or Dask;
# - names a size from your own measurements: a number followed by days, MB, GB, files, rows or trips, such as `8 days`;
# - says what would change your mind, in a sentence with *if*, *unless*, *until*, *when* or *once*.
#
# The check looks for these things and no more. Whether the decision is wise, your plot can tell you.
#
# <details><summary>Hint 1: what will they ask in half a year?</summary>"Does it still hold?" Give them the number
# with which they can tell.</details>
# <details><summary>Hint 2: how can it begin?</summary>"Up to … days we …". Take the days from the line under your
# plot, and name what it costs.</details>

# %% answer="decision"
decision = ...
### BEGIN SOLUTION
decision = """
Up to 7 days we stay with pandas and read two columns: it is the fastest way and stays below 100 MB.
Above that we take Dask, which needed about 50 MB for 32 days and less than twice the time.
If somebody wants medians, this no longer holds, and we look for a machine with more memory.
"""
### END SOLUTION

# %% check="decision" points=1
check.decision(decision)

# %% [markdown]
# ## Take away
#
# **A new tool is an answer to a question with a number in it.** Measure the job you have at three or four small
# sizes; draw the line; take the cheapest cure that keeps you below your limit. In this order: read less, reduce each
# part early, and only then change the tool. Chunks help with everything that merges, and with nothing else.
#
# On your own data: run `measure` on your slowest cell, once as it is and once with `columns=`. Then turn a column of
# repeated texts into `category` when you read, and look at the peak again. Another day, do this exercise's race with
# another tool: only `dask_summary` has to be rewritten.
#
# Next, the same question for models: [trees or deep nets](../explore/trees_vs_deep_nets.ipynb).
