"""Decides about the exercise `explore/pandas_vs_dask`."""

import math
import time
import tracemalloc

import dask.dataframe as dd
import numpy as np
import pandas as pd
from shoshin import Check, Compare

ANY_ORDER = Compare(rows="any", columns="any")
RESULT = {"trips": ("minutes", "size"), "mean_minutes": ("minutes", "mean")}
PARTIAL = {"trips": ("minutes", "size"), "known": ("minutes", "count"), "total": ("minutes", "sum")}


# 1. measure


def highest(job, files, memory):
    """Run the job in a thread and return (seconds, the highest reading of the gauge meanwhile)."""
    from threading import Thread

    readings, began = [memory()], time.perf_counter()
    worker = Thread(target=job, args=(files,))
    worker.start()
    while worker.is_alive():
        worker.join(0.002)
        readings.append(memory())
    return time.perf_counter() - began, max(readings)


@Check
def measure(job, files, memory):
    before = memory()
    seconds, peak = highest(job, files, memory)
    return seconds, peak - before


@measure.case
def gives_back(rng):
    """a job that gives most of its memory back before it returns"""
    before, extra, kept = (int(n) for n in rng.integers([200, 150, 10], [400, 300, 40]))
    return before, before + extra, before + kept


@measure.case
def keeps(rng):
    """a job that keeps what it took"""
    before, extra = (int(n) for n in rng.integers([100, 40], [200, 90]))
    return before, before + extra, before + extra


@measure.case
def only_frees(rng):
    """a job that never rises above the level it began at"""
    before, freed = (int(n) for n in rng.integers([300, 100], [400, 200]))
    return before, before - freed, before - freed


@measure.probe
def try_with_a_gauge(answer, before, peak, after):
    import time

    level, calls = [before], []

    def job(files):
        calls.append(files)
        for reached, seconds in ((before, 0.02), (peak, 0.1), (after, 0.02)):
            level[0] = reached
            time.sleep(seconds)

    began = time.perf_counter()
    result = answer(job, ["day_00.parquet"], lambda: level[0])
    whole = time.perf_counter() - began
    try:
        seconds, extra = map(float, result)
    except (TypeError, ValueError):
        return {"a pair of numbers": False}
    return {
        "a pair of numbers": True,
        "runs of the job": len(calls),
        "seconds are the job's": 0.12 <= seconds <= whole,
        "extra MB": round(extra),
    }


@measure.property
def is_a_pair(result, before, peak, after):
    """Two numbers come back, `(seconds, extra_mb)`."""
    return result["a pair of numbers"]


@measure.property
def runs_once(result, before, peak, after):
    """The job runs exactly once."""
    return result["runs of the job"] == 1


@measure.property
def takes_the_time(result, before, peak, after):
    """The first number is the time of the job, in seconds."""
    return result["seconds are the job's"]


@measure.mistake
def after_minus_before(job, files, memory):
    """You read the gauge before and after the job. What the job needed in between and gave back never shows, and
    it is that peak which kills a kernel. Look at the demonstration: after the sum, the 160 MB were gone."""
    before, began = memory(), time.perf_counter()
    job(files)
    return time.perf_counter() - began, memory() - before


@measure.mistake
def whole_process(job, files, memory):
    """You returned the peak of the whole process. It counts pandas, Dask and whatever else was there before the job
    began, so small jobs look as hungry as large ones. Read the gauge once before the job: that is your zero."""
    return highest(job, files, memory)


@measure.mistake
def runs_the_job_twice(job, files, memory):
    """You ran the job once for the clock and once for the gauge. The second run finds warm caches and memory that
    the first one left behind, so the two numbers belong to different jobs. One run can serve both: put the clock
    and the watcher around the same line."""
    began = time.perf_counter()
    job(files)
    seconds, before = time.perf_counter() - began, memory()
    return seconds, highest(job, files, memory)[1] - before


@measure.mistake
def memory_first(job, files, memory):
    """You returned `(extra_mb, seconds)`. Both are plain numbers, so nothing complains, and your plot will show
    megabytes on the axis of seconds. Look at the order that the task asks for."""
    before = memory()
    seconds, peak = highest(job, files, memory)
    return peak - before, seconds


@measure.mistake
def asks_python_alone(job, files, memory):
    """You did not read the gauge `memory()` that was handed in. If you took `tracemalloc` instead: it sees what
    Python and NumPy allocate, while Arrow, which reads Parquet, takes its memory from the system unseen. If you
    called `memory_mb()` by name: call the parameter `memory`, so that the check's gauge is read as well."""
    tracemalloc.start()
    began = time.perf_counter()
    job(files)
    seconds = time.perf_counter() - began
    extra = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return seconds, extra


@measure.accepts
def with_a_thread_of_its_own(job, files, memory):
    from threading import Event, Thread

    done, readings = Event(), [memory()]

    def watch():
        while not done.wait(0.001):
            readings.append(memory())

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    began = time.monotonic()
    job(files)
    seconds = time.monotonic() - began
    done.set()
    watcher.join()
    return [seconds, max([*readings, memory()]) - readings[0]]


# 2. combine


@Check(compare=ANY_ORDER)
def combine(parts):
    return finish(pd.concat([part.groupby("station").agg(**PARTIAL) for part in parts]).groupby("station").sum())


def finish(table):
    """Return trips and mean minutes from the sums of trips, known and total."""
    return table.assign(mean_minutes=table["total"] / table["known"])[["trips", "mean_minutes"]]


def trips(rng, stations, missing=0.2):
    """Return a table of trips, one for each station named."""
    minutes = np.where(rng.random(len(stations)) < missing, np.nan, rng.lognormal(2.5, 0.8, len(stations)))
    return pd.DataFrame({"station": stations, "minutes": minutes})


@combine.case
def eight_days(rng):
    """eight parts, busy and quiet stations, missing minutes"""
    return [trips(rng, rng.choice(list("abbbcccccc"), size=60 + 10 * day)) for day in range(8)]


@combine.case
def unequal_days(rng):
    """a station with one ride in one part and nine in the other"""
    return [trips(rng, ["a", "b", "b", "b"], missing=0), trips(rng, ["a"] * 9 + ["b"], missing=0)]


@combine.case
def comes_and_goes(rng):
    """a station that occurs in one part only, and one whose minutes are all missing"""
    parts = [trips(rng, list(names) * 3) for names in ("ax", "abx", "acx")]
    return [part.assign(minutes=part["minutes"].mask(part["station"] == "x")) for part in parts]


@combine.probe
def hand_out_one_by_one(answer, parts):
    import gc

    import pandas as pd

    def tables():
        large = [o for o in gc.get_objects() if type(o) in (pd.DataFrame, pd.Series)]
        return {id(o): o for o in large if len(o) >= 40}

    there, held = tables() if len(parts) >= 8 else {}, []

    def one_by_one():
        for part in parts:
            yield part.copy()
        if there:
            gc.collect()
            held.append(len(tables().keys() - there.keys()))

    table = answer(one_by_one())
    return {"table": table, "held every part at once": bool(held) and held[0] >= len(parts)}


@combine.property
def holds_few(result, parts):
    """A part can be forgotten when the next one comes: they are never all in memory at once."""
    return not result["held every part at once"]


@combine.mistake
def mean_of_means(parts):
    """You averaged the averages. A day with one ride then weighs as much as a day with nine. Work through the case
    with two parts on paper: what must each part hand over, besides its mean, to make up for its size?"""
    each = pd.concat([part.groupby("station").agg(**RESULT) for part in parts])
    return each.groupby("station").agg(trips=("trips", "sum"), mean_minutes=("mean_minutes", "mean"))


@combine.mistake
def weights_by_all_trips(parts):
    """You weighted each part's mean by all of its trips. A mean over 5 known rides of 100 then weighs as much as
    one over 95. Weigh by the rides that the mean was taken over; look at what `count` and `size` each count."""
    each = pd.concat([part.groupby("station").agg(**RESULT) for part in parts])
    table = each.assign(total=each["mean_minutes"] * each["trips"]).groupby("station").sum()
    return finish(table.assign(known=table["trips"].where(table["mean_minutes"] > 0)))


@combine.mistake
def missing_counts_as_zero(parts):
    """You divided by all trips, so a ride of unknown length counts as one of zero minutes and pulls every mean
    down. `sum` skips missing values; look for the count that skips them too."""
    table = pd.concat([part.groupby("station").agg(**PARTIAL) for part in parts]).groupby("station").sum()
    return finish(table.assign(known=table["trips"]))


@combine.mistake
def drops_the_missing_first(parts):
    """Rides without minutes are gone from `trips` as well (from `dropna` first, or from `count` where `size` is
    meant). They took place: only their length is unknown. Keep two counts per station, one of all rows and one of
    the known minutes."""
    return combine.reference(part.dropna(subset=["minutes"]) for part in parts)


@combine.mistake
def known_rides_as_trips(parts):
    """Your `trips` counts the rides whose minutes are known. A ride of unknown length is still a ride, and its bike
    was gone. Look at the difference between `count` and `size`, and keep both."""
    table = pd.concat([part.groupby("station").agg(**PARTIAL) for part in parts]).groupby("station").sum()
    return finish(table.assign(trips=table["known"]))


@combine.mistake
def adds_without_aligning(parts):
    """You added tables with `+`, and a station that is absent from one of them turned into a missing value: to
    pandas, something plus nothing is nothing. Look at `add` with `fill_value`, or stack the partial tables and
    group once more."""
    table = None
    for part in parts:
        each = part.groupby("station").agg(**PARTIAL)
        table = each if table is None else table + each
    return finish(table)


@combine.mistake
def stacks_everything_first(parts):
    """Your numbers are right, and all parts were in memory at once: this is the pandas that broke the limit, with a
    loop around it. Reduce each part to a few numbers per station before you ask for the next."""
    return pd.concat(list(parts)).groupby("station").agg(**RESULT)


@combine.accepts
def running_totals(parts):
    table = pd.DataFrame(columns=["trips", "known", "total"], dtype=float)
    for part in parts:
        minutes = part.groupby("station")["minutes"]
        each = pd.DataFrame({"trips": minutes.size(), "known": minutes.count(), "total": minutes.sum()})
        table = table.add(each, fill_value=0)
    return finish(table).rename_axis("station").sort_values("trips")


@combine.accepts
def in_a_dictionary(parts):
    sums = {}
    for part in parts:
        for name, minutes in part.groupby("station")["minutes"]:
            one = sums.setdefault(name, [0, 0, 0.0])
            one[:] = one[0] + len(minutes), one[1] + minutes.notna().sum(), one[2] + minutes.sum()
    rows = {name: [n, total / known if known else np.nan] for name, (n, known, total) in sums.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["trips", "mean_minutes"])


# 3. dask_summary


@Check(compare=ANY_ORDER, seconds=30)
def dask_summary(files):
    return dd.read_parquet(files).groupby("station").agg(**RESULT)


def day(rng, stations):
    """Return a table of trips with columns that the job does not need."""
    table = trips(rng, stations).assign(token=[f"{number:x}" for number in rng.integers(0, 2**60, len(stations))])
    table["bike"] = np.where(rng.random(len(table)) < 0.2, np.nan, rng.integers(0, 50, len(table)))
    return table[["bike", "station", "minutes", "token"]]


@dask_summary.case
def three_files(rng):
    """three files of unequal size, a station that occurs in one only, and missing minutes"""
    return tuple(day(rng, ["rare"] * (size == 20) + list(rng.choice(list("abbb"), size))) for size in (20, 80, 40))


@dask_summary.probe
def spoil_the_files(answer, *days):
    import tempfile
    from pathlib import Path

    import dask
    import pyarrow.parquet as pq

    def spoil(path, wanted):
        """Overwrite the bytes of all columns in a Parquet file but the wanted ones; the schema stays readable."""
        groups = pq.read_metadata(path)
        columns = [groups.row_group(g).column(c) for g in range(groups.num_row_groups) for c in range(groups.num_columns)]
        with open(path, "r+b") as file:
            for column in columns:
                if column.path_in_schema not in wanted:
                    file.seek(min(column.dictionary_page_offset or column.data_page_offset, column.data_page_offset))
                    file.write(b"\xff" * column.total_compressed_size)

    def write(name, wanted):
        (Path(folder) / name).mkdir()
        paths = [str(Path(folder) / name / f"day_{number:02d}.parquet") for number in range(len(days))]
        for path, table in zip(paths, days, strict=True):
            table.to_parquet(path, index=False)
            spoil(path, wanted)
        return paths

    def compute(result):
        return result.compute(scheduler="synchronous") if dask.is_dask_collection(result) else result

    def succeeds(action):
        try:
            action()
        except Exception:
            return False
        return True

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        result = answer(write("sound", days[0].columns))
        facts = {"lazy": dask.is_dask_collection(result), "table": compute(result)}
        two, nothing = write("two", ["station", "minutes"]), write("nothing", [])
        facts["reads two columns only"] = succeeds(lambda: compute(answer(two)))
        facts["plans without reading"] = succeeds(lambda: answer(nothing))
    return facts


@dask_summary.property
def is_lazy(result, *days):
    """What comes back is a plan (a Dask collection), not yet numbers."""
    return result["lazy"]


@dask_summary.property
def plans_without_reading(result, *days):
    """No trip is read while the plan is made; that waits for `.compute()`."""
    return result["plans without reading"]


@dask_summary.property
def reads_two_columns(result, *days):
    """No column is read but `station` and `minutes` (the check has spoilt the others on the disk)."""
    return result["reads two columns only"]


@dask_summary.mistake
def computes_too_early(files):
    """You called `.compute()` inside the function, so numbers came back and the plan is gone. Whoever calls you can
    no longer add a step that Dask could plan for, nor choose the workers. Return what you had before that call."""
    return dask_summary.reference(files).compute()


@dask_summary.mistake
def pandas_reads_dask_wraps(files):
    """All trips were read before Dask had planned anything: by pandas, whose table you then handed to Dask, or by
    `.persist()`. Laziness that starts after the reading saves nothing. Dask must open the files itself: look for
    the reader in `dask.dataframe`."""
    return dd.from_pandas(pd.read_parquet(files), npartitions=2).groupby("station").agg(**RESULT)


@dask_summary.mistake
def pandas_alone(files):
    """This is pandas: it read every column of every file the moment you called it. Keep your line and change who
    reads: `dask.dataframe` (here `dd`) has a function of the same name."""
    return pd.read_parquet(files).groupby("station").agg(**RESULT)


@dask_summary.mistake
def hides_the_columns(files):
    """Your numbers are right, yet every column was read, token and all. Dask cannot look into a function that is
    handed to `map_partitions`, so it must give it everything. Either say which columns you want when you read,
    or group and aggregate on the Dask table itself, where the optimiser sees what you use."""
    table = dd.read_parquet(files).map_partitions(
        lambda part: part.groupby("station").agg(**PARTIAL).reset_index(),
        meta={"station": "object", "trips": "int64", "known": "int64", "total": "float64"},
    )
    return finish(table.groupby("station").sum())


@dask_summary.mistake
def drops_rows_with_gaps(files):
    """`dropna()` on the whole table: it must read every column to find the gaps, and it takes away rides with a
    gap in a column nobody asked about. `mean` skips missing minutes on its own; leave the rows in."""
    return dd.read_parquet(files).dropna().groupby("station").agg(**RESULT)


@dask_summary.mistake
def known_rides_only(files):
    """Your `trips` counts the rides whose minutes are known. A ride of unknown length is still a ride. Look at the
    difference between `count` and `size`."""
    return dd.read_parquet(files).groupby("station").agg(trips=("minutes", "count"), mean_minutes=("minutes", "mean"))


@dask_summary.mistake
def means_of_the_chunks(files):
    """You took the mean of each file's means, by hand. You have met this one: a small file weighs as much as a
    large one. Group the whole Dask table; Dask carries sums and counts for you."""
    table = dd.read_parquet(files, columns=["station", "minutes"]).map_partitions(
        lambda part: part.groupby("station").agg(**RESULT).reset_index(),
        meta={"station": "object", "trips": "int64", "mean_minutes": "float64"},
    )
    return table.groupby("station").agg(trips=("trips", "sum"), mean_minutes=("mean_minutes", "mean"))


@dask_summary.accepts
def names_the_columns(files):
    table = dd.read_parquet(files, columns=["station", "minutes"])
    return table.groupby("station")["minutes"].agg(["mean", "size"]).rename(columns={"mean": "mean_minutes", "size": "trips"})


@dask_summary.accepts
def sums_and_counts(files):
    return finish(dd.read_parquet(files).groupby("station", sort=True).agg(**PARTIAL))


@dask_summary.accepts
def two_plans_joined(files):
    stations = dd.read_parquet(files).groupby("station")
    return stations["minutes"].mean().to_frame("mean_minutes").assign(trips=stations.size())


# 4. days_that_fit


@Check
def days_that_fit(days, peaks, limit):
    slope, base = np.polyfit(days, peaks, 1)
    return math.inf if slope <= 0 else max(0, math.floor((limit - base) / slope))


def measured(rng, base, slope, limit):
    """Return (days, peaks, limit): four sizes and their peaks near a straight line."""
    days = np.array([4, 8, 16, 32])
    return days, base + slope * days + rng.normal(0, 0.3, 4), limit


@days_that_fit.case
def between_two_sizes(rng):
    """a line that crosses the limit between two of the sizes"""
    return measured(rng, rng.uniform(30, 40), rng.uniform(5, 6), 150)


@days_that_fit.case
def far_beyond(rng):
    """a limit far above everything measured"""
    return measured(rng, rng.uniform(50, 60), rng.uniform(1, 2), 1000)


@days_that_fit.case
def above_from_the_start(rng):
    """a line that begins above the limit"""
    return measured(rng, rng.uniform(130, 150), rng.uniform(1, 2), 100)


@days_that_fit.case
def does_not_rise(rng):
    """a line that falls a little"""
    return measured(rng, rng.uniform(50, 60), rng.uniform(-0.5, -0.3), 100)


@days_that_fit.mistake
def rule_of_three(days, peaks, limit):
    """You scaled in proportion, as if zero days needed zero memory. Every job has a fixed part (threads, buffers),
    so the line does not pass through the origin. Look at the two numbers of a straight line."""
    return max(0, math.floor(limit / (peaks[-1] / days[-1]))) if peaks[-1] < peaks[0] + limit else 0


@days_that_fit.mistake
def largest_size_measured(days, peaks, limit):
    """You returned the largest size you had measured below the limit. It is safe, and it says nothing about sizes
    between and beyond. The line does: solve `base + slope * days = limit`."""
    return max((int(size) for size, peak in zip(days, peaks, strict=True) if peak <= limit), default=0)


@days_that_fit.mistake
def rounds_up(days, peaks, limit):
    """You rounded up, and the last day is the one that breaks the limit. Whole days that still fit are wanted."""
    slope, base = np.polyfit(days, peaks, 1)
    return math.inf if slope <= 0 else max(0, math.ceil((limit - base) / slope))


@days_that_fit.mistake
def leaves_it_to_the_formula(days, peaks, limit):
    """Between rising lines your formula is right. A line that begins above the limit, or does not rise, sends it
    below zero days. Put the two special cases of the task in front of it."""
    slope, base = np.polyfit(days, peaks, 1)
    return math.floor((limit - base) / slope)


@days_that_fit.mistake
def below_zero_days(days, peaks, limit):
    """A line that begins above the limit gives you a negative number of days. None fits: look for a floor under
    your result."""
    slope, base = np.polyfit(days, peaks, 1)
    return math.inf if slope <= 0 else math.floor((limit - base) / slope)


@days_that_fit.mistake
def no_way_to_say_forever(days, peaks, limit):
    """A line that does not rise never reaches the limit, and you said that no day fits. Look at the sign of the
    slope before you divide by it; the task says what to return."""
    slope, base = np.polyfit(days, peaks, 1)
    return max(0, math.floor((limit - base) / slope))


@days_that_fit.mistake
def slope_for_base(days, peaks, limit):
    """You took the slope for the base and the base for the slope. `np.polyfit` returns the highest power first
    (`np.polynomial` the lowest). Print both and ask which one can be MB per day."""
    base, slope = np.polyfit(days, peaks, 1)
    return math.inf if slope <= 0 else max(0, math.floor((limit - base) / slope))


@days_that_fit.accepts
def with_the_newer_interface(days, peaks, limit):
    base, slope = np.polynomial.Polynomial.fit(days, peaks, 1).convert().coef
    if slope <= 0:
        return float("inf")
    return float(max(0, (limit - base) // slope))


@days_that_fit.accepts
def by_counting(days, peaks, limit):
    slope, base = np.linalg.lstsq(np.c_[days, np.ones(len(days))], np.asarray(peaks), rcond=None)[0]
    fits = 0
    while slope > 0 and base + slope * (fits + 1) <= limit:
        fits += 1
    return fits if slope > 0 else np.inf


# 5. mergeable


@Check(compare=None, value=True)
def mergeable():
    return {
        "number of trips": True,
        "longest ride": True,
        "mean": True,
        "standard deviation": True,
        "median": False,
        "number of different bikes": False,
    }


@mergeable.property
def is_complete(result):
    """`mergeable` keeps its six entries, and each is True or False."""
    return result.keys() == mergeable.reference().keys() and {type(entry) for entry in result.values()} <= {bool}


@mergeable.property
def is_right(result):
    """Every True has a recipe (what each part hands over, how it is put together), and no False has one."""
    return result == mergeable.reference()


@mergeable.mistake
def median_merges():
    """You let the median through. Try it: parts (1, 2, 90) and (3, 4, 5) have the medians 2 and 4; replace 90 by 3
    and they still have, yet the median of all six moves. No few numbers per part say where the middle will be."""
    return mergeable.reference() | {"median": True}


@mergeable.mistake
def different_bikes_add_up():
    """You let the number of different bikes through. Two days with 50 different bikes each: that may be 50 bikes or
    100. To know, a part must hand over the bikes themselves, and that list grows with the data."""
    return mergeable.reference() | {"number of different bikes": True}


@mergeable.mistake
def all_merge():
    """You marked all six. Two of them need the rows themselves. For each, invent two days that hand over the same
    few numbers, and yet lead to different results."""
    return dict.fromkeys(mergeable.reference(), True)


@mergeable.mistake
def spread_does_not_merge():
    """You ruled out the standard deviation. Write the variance as the mean of the squares minus the square of the
    mean: which three numbers per part are enough?"""
    return mergeable.reference() | {"standard deviation": False}


@mergeable.mistake
def averages_do_not_merge():
    """You ruled out the averages. Means alone do not merge, but you have merged one in `combine`: look at what your
    parts handed over there. The same idea, with squares, serves the standard deviation."""
    return mergeable.reference() | {"mean": False, "standard deviation": False}


@mergeable.mistake
def extremes_do_not_merge():
    """You ruled out the longest ride. Let each part hand over its own longest: which of these is the longest of
    all?"""
    return mergeable.reference() | {"longest ride": False}


@mergeable.accepts
def as_numpy_booleans():
    return {name: bool(np.bool_(entry)) for name, entry in reversed(mergeable.reference().items())}


# 6. decision


@Check(compare=None, value=True)
def decision():
    return (
        "For this job I stay with pandas and read two columns, as long as there are at most 9 days. Above 9 days I "
        "take Dask, which needed 54 MB for 32 days and took twice the time. If we ask for medians, I change my mind."
    )


@decision.probe
def read(answer):
    import re

    if not isinstance(answer, str):
        return {"a text": False}
    unit = r"(?:[kMGT]i?B|days?|files?|rows?|trips?|weeks?|months?|million|thousand|(?:mega|giga|tera)?bytes?)"
    sentences = [part for part in re.split(r"[.!?]+(?:\s+|$)", answer) if part.strip()]
    with_unit = re.search(rf"\d[\d.,_]*[\s-]*{unit}\b", answer, re.IGNORECASE)
    return {
        "a text": True,
        "names a tool": bool(re.search(r"\b(?:pandas|dask)\b", answer, re.IGNORECASE)),
        "size": "with a unit" if with_unit else "a bare number" if re.search(r"\d", answer) else "none",
        "a way back": bool(re.search(r"\b(?:if|unless|until|when|once)\b", answer, re.IGNORECASE)),
        "sentences": "one" if len(sentences) < 2 else "a few" if len(sentences) <= 5 else "many",
    }


@decision.property
def is_text(result):
    """Your decision is a text, in quotation marks."""
    return result["a text"]


@decision.property
def names_a_tool(result):
    """It names the tool, pandas or Dask."""
    return result["names a tool"]


@decision.property
def names_a_size(result):
    """It names a size with its unit, such as 12 days or 100 MB."""
    return result["size"] == "with a unit"


@decision.property
def can_be_revised(result):
    """It says what would change your mind: a sentence with if, unless, until, when or once."""
    return result["a way back"]


@decision.property
def is_short(result):
    """It has two to five sentences."""
    return result["sentences"] == "a few"


@decision.mistake
def no_size():
    """You decided without a size. Next month nobody can tell whether your decision still holds. Take one number
    from your plot: the days at which the line crosses the limit, for example."""
    return "I take Dask, because it scales. If the data shrink, I go back to pandas."


@decision.mistake
def no_unit():
    """Your number has no unit that I can find: 12 what? Write days, MB, GB, rows or trips behind it."""
    return "I take Dask above 12. If the data shrink, I go back to pandas."


@decision.mistake
def it_depends():
    """You named a size and no tool. "It depends" is where a decision begins; say which of the two, pandas or Dask,
    you take on which side of your number."""
    return "It depends on the amount of data. Below 12 days one tool is better, and above another, if memory is short."


@decision.mistake
def no_way_back():
    """You decided for good. Tools and data change, so say what would make you look again: a size, a faster machine,
    an aggregate that does not merge. A sentence with "if", "unless", "until", "when" or "once" does it."""
    return "I take Dask for all jobs above 12 days. It needs 54 MB where pandas needs 260 MB."


@decision.mistake
def only_a_verdict():
    """One sentence with a verdict. In half a year you will want to know why, and what would change it. Add the
    number behind it and a sentence with "if"."""
    return "I take Dask above 12 days."


@decision.mistake
def a_report():
    """More than five sentences: this is a report, and nobody will find the decision in it. Keep the tool, the size,
    and what would change your mind."""
    return "I thought. I measured. I plotted. I compared. I take Dask above 12 days. If it is slow, I go back."


@decision.accepts
def in_lines():
    return """
    Dask, from roughly 1.5 GB of trips on!
    Below that: pandas with `columns=`, which was faster at every size (0.5 s against 0.9 s).
    I look again once the machine gets more memory.
    """


@decision.accepts
def without_dask():
    return "We stay with pandas, file by file: 45 MB at 32 days. Unless someone needs a median, nobody has to learn DASK."
