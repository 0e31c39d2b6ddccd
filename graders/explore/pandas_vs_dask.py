"""Decides about the exercise `explore/pandas_vs_dask`."""

import math
import time
import tracemalloc
from threading import Thread

import dask.dataframe as dd
import numpy as np
import pandas as pd

from shoshin import Check, Compare

ANY_ORDER = Compare(rows="any", columns="any")
RESULT = {"trips": ("minutes", "size"), "mean_minutes": ("minutes", "mean")}
PARTIAL = {"trips": ("minutes", "size"), "known": ("minutes", "count"), "total": ("minutes", "sum")}


# 1. measure


def highest(job, files, memory):
    """Run the job and return (seconds, the highest reading of the gauge meanwhile)."""
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
    return {"before": before, "during": before + extra, "after": before + kept}


@measure.case
def keeps(rng):
    """a job that keeps what it took"""
    before, extra = (int(n) for n in rng.integers([100, 40], [200, 90]))
    return {"before": before, "during": before + extra, "after": before + extra}


@measure.case
def only_frees(rng):
    """a job that never rises above the level it began at"""
    before, freed = (int(n) for n in rng.integers([300, 100], [400, 200]))
    return {"before": before, "during": before - freed, "after": before - freed}


@measure.probe
def try_with_a_gauge(answer, gauge):
    import time

    level, calls = [gauge["before"]], []

    def job(files):
        calls.append(files)
        for moment, seconds in (("before", 0.02), ("during", 0.1), ("after", 0.02)):
            level[0] = gauge[moment]
            time.sleep(seconds)

    began = time.perf_counter()
    result = answer(job, ["day_00.parquet"], lambda: level[0])
    whole = time.perf_counter() - began
    try:
        seconds, extra = map(float, result)
    except (TypeError, ValueError):
        return {"two numbers": False}
    in_time = 0.12 <= seconds <= whole
    return {"two numbers": True, "runs": len(calls), "seconds are the job's": in_time, "extra MB": round(extra)}


@measure.property
def is_a_pair(result, gauge):
    """Two numbers come back, `(seconds, extra_mb)`."""
    return result["two numbers"]


@measure.property
def runs_once(result, gauge):
    """The job runs exactly once."""
    return result["runs"] == 1


@measure.property
def takes_the_time(result, gauge):
    """The first number is the time of the job, in seconds."""
    return result["seconds are the job's"]


@measure.mistake
def after_minus_before(job, files, memory):
    """You read the gauge before and after the job. What the job took in between and gave back never shows, and it
    is that peak which kills a kernel. Look at the demonstration: after the sum, the 160 MB were gone."""
    before, began = memory(), time.perf_counter()
    job(files)
    return time.perf_counter() - began, memory() - before


@measure.mistake
def whole_process(job, files, memory):
    """You returned the peak of the whole process. It counts pandas, Dask and whatever else was there before, so small
    jobs look as hungry as large ones. Read the gauge once before the job: that is your zero."""
    return highest(job, files, memory)


@measure.mistake
def memory_first(job, files, memory):
    """You returned `(extra_mb, seconds)`. Both are plain numbers, so nothing complains, and your plot would show
    megabytes on the axis of seconds. Look at the order that the task asks for."""
    before = memory()
    seconds, peak = highest(job, files, memory)
    return peak - before, seconds


@measure.mistake
def ignores_the_gauge(job, files, memory):
    """You did not read the gauge that was handed in. If you called `memory_mb` by name: call the parameter `memory`.
    If you made a `Watcher`: it sleeps until `with` starts it. If you took `tracemalloc`: it sees what Python and
    NumPy allocate, but Arrow, which reads Parquet, takes its memory from the system unseen."""
    tracemalloc.start()
    began = time.perf_counter()
    job(files)
    seconds = time.perf_counter() - began
    extra = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return seconds, extra


@measure.accepts
def with_a_slower_watch(job, files, memory):
    readings, began = [memory()], time.monotonic()
    worker = Thread(target=job, args=(files,))
    worker.start()
    while worker.is_alive():
        time.sleep(0.01)
        readings.append(memory())
    return [time.monotonic() - began, float(np.ptp([max(readings), readings[0]]))]


# 2. combine


@Check(compare=ANY_ORDER)
def combine(parts):
    return finish(partial_sums(parts))


def partial_sums(parts):
    """Return the sums over all parts of trips, known minutes and total minutes, per station."""
    return pd.concat([part.groupby("station").agg(**PARTIAL) for part in parts]).groupby("station").sum()


def finish(table):
    """Return trips and mean minutes from such sums."""
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

    def parts_alive():
        """Return how many parts are still in memory, as they were handed out or as copies with most rows."""
        tables = [o for o in gc.get_objects() if type(o) in (pd.DataFrame, pd.Series)]
        return len({table.attrs["day"] for table in tables if "day" in table.attrs and len(table) >= 40})

    held = []

    def one_by_one():
        for day, part in enumerate(parts):
            part = part.copy()
            part.attrs["day"] = day  # pandas hands it on to copies
            yield part
        if len(parts) >= 8:
            held.append(parts_alive() == len(parts) and gc.collect() >= 0 and parts_alive() == len(parts))

    table = answer(one_by_one())
    return {"table": table, "holds all parts": any(held)}


@combine.property
def holds_few(result, parts):
    """A part can be forgotten when the next one comes: they are never all in memory at once."""
    return not result["holds all parts"]


@combine.property
def counts_every_trip(result, parts):
    """`trips` counts all rows of a station, also those whose minutes are missing."""
    counted = getattr(result["table"], "columns", ())
    return "trips" not in counted or result["table"]["trips"].sum() == sum(map(len, parts))


@combine.mistake
def mean_of_means(parts):
    """You averaged the averages. A day with one ride then weighs as much as a day with nine. Work through two days
    on paper: what must each hand over, besides its mean, to make up for its size?"""
    each = pd.concat([part.groupby("station").agg(**RESULT) for part in parts])
    return each.groupby("station").agg(trips=("trips", "sum"), mean_minutes=("mean_minutes", "mean"))


@combine.mistake
def missing_counts_as_zero(parts):
    """You divided by all trips, so a ride of unknown length counts as one of zero minutes and pulls every mean
    down. `sum` skips missing values; look for the count that skips them too."""
    table = partial_sums(parts)
    return finish(table.assign(known=table["trips"]))


@combine.mistake
def drops_the_missing_first(parts):
    """You dropped the rides without minutes, and they are gone from `trips` as well. They took place: only their
    length is unknown. Keep two counts per station, one of all rows and one of the known minutes."""
    return finish(partial_sums(part.dropna(subset=["minutes"]) for part in parts))


@combine.mistake
def known_rides_as_trips(parts):
    """Your `trips` counts the rides whose minutes are known. A ride of unknown length is still a ride. Look at the
    difference between `count` and `size`, and keep both."""
    table = partial_sums(parts)
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
    return finish(table).sort_values("trips")


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


@dask_summary.case
def three_files(rng):
    """three files of unequal size, a station that occurs in one only, and missing minutes"""
    days = [trips(rng, ["rare"] * (size == 20) + list(rng.choice(list("abbb"), size))) for size in (20, 80, 40)]
    return [day.assign(token=[f"{number:x}" for number in rng.integers(0, 2**60, len(day))]) for day in days]


@dask_summary.probe
def spoil_the_files(answer, days):
    import tempfile
    from pathlib import Path

    import dask
    import pyarrow.parquet as pq

    def spoil(path, wanted):
        """Overwrite the bytes of all columns in a Parquet file but the wanted ones; the schema stays readable."""
        group = pq.read_metadata(path).row_group(0)
        with open(path, "r+b") as file:
            for column in map(group.column, range(group.num_columns)):
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

    def outcome(paths):
        result = answer(paths)
        lazy = dask.is_dask_collection(result)
        return {"lazy": lazy, "table": result.compute(scheduler="synchronous") if lazy else result}

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            facts = outcome(write("two", ["station", "minutes"])) | {"reads two columns only": True}
        except Exception:
            facts = outcome(write("sound", ["station", "minutes", "token"])) | {"reads two columns only": False}
        try:
            answer(write("none", []))
        except Exception:
            return facts | {"plans without reading": False}
    return facts | {"plans without reading": True}


@dask_summary.property
def is_lazy(result, days):
    """What comes back is a plan (a Dask collection), not yet numbers."""
    return result["lazy"]


@dask_summary.property
def plans_without_reading(result, days):
    """No trip is read while the plan is made; that waits for `.compute()`."""
    return result["plans without reading"]


@dask_summary.property
def reads_two_columns(result, days):
    """No column is read but `station` and `minutes` (the check has spoilt the others on the disk)."""
    return result["reads two columns only"]


@dask_summary.mistake
def computes_too_early(files):
    """Numbers came back, not a plan: you called `.compute()` inside the function, or left the work to pandas. Whoever
    calls you can no longer add a step nor choose the workers. Let `dd` do the reading, and return what you have
    before `.compute()`."""
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
    handed to `map_partitions`, so it must give it everything. Say which columns you want when you read, or group
    and aggregate on the Dask table itself, where the optimiser sees what you use."""
    meta = {"station": "object", "trips": "int64", "known": "int64", "total": "float64"}
    each = dd.read_parquet(files).map_partitions(lambda part: partial_sums([part]).reset_index(), meta=meta)
    return finish(each.groupby("station").sum())


@dask_summary.mistake
def known_rides_only(files):
    """Your `trips` counts the rides whose minutes are known. A ride of unknown length is still a ride. Look at the
    difference between `count` and `size`."""
    return dd.read_parquet(files).groupby("station").agg(trips=("minutes", "count"), mean_minutes=("minutes", "mean"))


@dask_summary.accepts
def names_the_columns(files):
    minutes = dd.read_parquet(files, columns=["station", "minutes"]).groupby("station")["minutes"]
    return minutes.agg(["mean", "size"]).rename(columns={"mean": "mean_minutes", "size": "trips"})


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


def measured(rng, base, slope, limit=None):
    """Return (days, peaks, limit): four sizes, their peaks near a straight line, by default a limit near 21.8 days."""
    days, base, slope = np.array([4, 8, 16, 32]), rng.uniform(*base), rng.uniform(*slope)
    return days, base + slope * days + rng.normal(0, 0.3, 4), limit or round(base + 21.8 * slope, 1)


@days_that_fit.case
def between_two_sizes(rng):
    """a line that crosses the limit between two of the sizes"""
    return measured(rng, (30, 40), (5, 6))


@days_that_fit.case
def far_beyond(rng):
    """a limit far above everything measured"""
    return measured(rng, (50, 60), (1, 2), 1000)


@days_that_fit.case
def above_from_the_start(rng):
    """a line that begins above the limit"""
    return measured(rng, (130, 150), (1, 2), 100)


@days_that_fit.case
def falls(rng):
    """a line that falls a little"""
    return measured(rng, (50, 60), (-0.5, -0.3), 100)


@days_that_fit.mistake
def rule_of_three(days, peaks, limit):
    """You scaled in proportion, as if zero days needed zero memory. Every job has a fixed part (threads, buffers),
    so the line does not pass through the origin. Look at the two numbers of a straight line."""
    return math.floor(limit / (peaks[-1] / days[-1]))


@days_that_fit.mistake
def largest_size_measured(days, peaks, limit):
    """You returned the largest size you had measured below the limit. It is safe, and it says nothing about sizes
    between and beyond. The line does: solve `base + slope * days = limit`."""
    return max((int(size) for size, peak in zip(days, peaks, strict=True) if peak <= limit), default=0)


@days_that_fit.mistake
def rounds_up(days, peaks, limit):
    """You rounded to the nearest day or up, and the last day is the one that breaks the limit. Wanted are the whole
    days that still fit: which way is that?"""
    slope, base = np.polyfit(days, peaks, 1)
    return math.inf if slope <= 0 else max(0, math.ceil((limit - base) / slope))


@days_that_fit.mistake
def leaves_it_to_the_formula(days, peaks, limit):
    """On rising lines your formula is right. A line that begins above the limit, or falls, sends it below zero
    days. Put the two special cases of the task in front of it."""
    slope, base = np.polyfit(days, peaks, 1)
    return math.floor((limit - base) / slope)


@days_that_fit.mistake
def slope_for_base(days, peaks, limit):
    """You took the slope for the base and the base for the slope. `np.polyfit` returns the highest power first
    (`np.polynomial` the lowest). Print both and ask which one can be MB per day."""
    base, slope = np.polyfit(days, peaks, 1)
    return math.inf if slope <= 0 else max(0, math.floor((limit - base) / slope))


@days_that_fit.accepts
def by_counting(days, peaks, limit):
    base, slope = np.polynomial.Polynomial.fit(days, peaks, 1).convert().coef
    fits = 0
    while slope > 0 and base + slope * (fits + 1) <= limit:
        fits += 1
    return np.float64(fits) if slope > 0 else np.inf


# 5. mergeable


@Check(compare=None, value=True)
def mergeable():
    merge = dict.fromkeys(["number of trips", "longest ride", "mean", "standard deviation"], True)
    return merge | dict.fromkeys(["median", "number of different bikes"], False)


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
    """You let the median through. Parts (1, 2, 90) and (3, 4, 5) have the medians 2 and 4; write 2 in place of the
    90 and they still have, yet the median of all six moves. No few numbers say where the middle will be."""
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


@mergeable.accepts
def in_another_order():
    return dict(reversed(mergeable.reference().items()))


# 6. decision


@Check(compare=None, value=True)
def decision():
    return (
        "For this job we stay with pandas and two columns, as long as there are at most 9 days. Above 9 days we take "
        "Dask, which needs 50 MB and twice the time. If somebody wants medians, this no longer holds."
    )


@decision.probe
def read(answer):
    import re

    if not isinstance(answer, str):
        return {"a text": False}
    unit = r"(?:[kMGT]i?B|days?|files?|rows?|trips?|weeks?|months?|million|thousand|(?:mega|giga|tera)?bytes?)"
    with_unit = re.search(rf"\d[\d.,_]*[\s-]*{unit}\b", answer, re.IGNORECASE)
    sentences = [part for part in re.split(r"[.!?]+(?:\s+|$)", answer) if part.strip()]
    return {
        "a text": True,
        "tool": bool(re.search(r"\b(?:pandas|dask)\b", answer, re.IGNORECASE)),
        "size": "with a unit" if with_unit else "a bare number" if re.search(r"\d", answer) else "none",
        "way back": bool(re.search(r"\b(?:if|unless|until|when|once)\b", answer, re.IGNORECASE)),
        "sentences": "one" if len(sentences) < 2 else "a few" if len(sentences) <= 5 else "many",
    }


@decision.property
def is_text(result):
    """Your decision is a text, in quotation marks."""
    return result["a text"]


@decision.property
def names_a_tool(result):
    """It names the tool, pandas or Dask."""
    return result["tool"]


@decision.property
def names_a_size(result):
    """It names a size with its unit, such as 12 days or 100 MB."""
    return result["size"] == "with a unit"


@decision.property
def can_be_revised(result):
    """It says what would change your mind: a sentence with if, unless, until, when or once."""
    return result["way back"]


@decision.property
def is_short(result):
    """It has two to five sentences."""
    return result["sentences"] == "a few"


@decision.mistake
def no_size():
    """You decided without a size. Next month nobody can tell whether your decision still holds. Take one number
    from your plot: the days at which a line crosses the limit, for example."""
    return "We take Dask, because it scales. If the data shrink, we go back to pandas."


@decision.mistake
def no_unit():
    """Your number has no unit that the check can find: 12 what? Write days, MB, GB, rows or trips behind it."""
    return "We take Dask above 12. If the data shrink, we go back to pandas."


@decision.mistake
def it_depends():
    """You named a size and no tool. "It depends" is where a decision begins; say which of the two, pandas or Dask,
    you take on which side of your number."""
    return "It depends on the data. Up to 12 days one tool is better, and the other if there are more."


@decision.mistake
def no_way_back():
    """You decided for good. Tools and data change, so say what would make you look again: a size, a faster machine,
    an aggregate that does not merge. A sentence with "if", "unless", "until", "when" or "once" does it."""
    return "We take Dask for all jobs above 12 days. It needs 50 MB where pandas needs 260 MB."


@decision.accepts
def in_lines():
    return """
    Dask, from roughly 1.5 GB of trips on!
    Below that: pandas with `columns=`, which was faster at every size (0.5 s against 0.9 s).
    We look again once the machine gets more memory.
    """
