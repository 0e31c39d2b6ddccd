"""Decides about the exercise `explore/pandas_vs_dask`."""

import math
import time
from threading import Thread

import dask
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


def gauge(before, during, after):
    """Return the story of a job, told by a memory gauge in MB."""
    return {"MB before the job": int(before), "MB during most of it": int(during), "MB when it returns": int(after)}


@measure.case
def gives_back(rng):
    """a job that gives most of its memory back before it returns"""
    before, extra, kept = rng.integers([200, 150, 10], [400, 300, 40])
    return gauge(before, before + extra, before + kept)


@measure.case
def keeps(rng):
    """a job that keeps what it took"""
    before, extra = rng.integers([100, 40], [200, 90])
    return gauge(before, before + extra, before + extra)


@measure.case
def only_frees(rng):
    """a job that never rises above the level it began at"""
    before, freed = rng.integers([300, 100], [400, 200])
    return gauge(before, before - freed, before - freed)


@measure.probe
def try_with_a_gauge(answer, gauge):
    import time

    before, during, after = gauge.values()
    level, files, received, seen = [before], ["day_00.parquet", "day_01.parquet", "day_02.parquet"], [], []

    def job(files):
        received.append(files)
        began = time.perf_counter()
        level[0] = during
        seen.clear()
        # On a busy machine a watcher comes late, and so does the job after each rest: it waits for 200 of its own.
        rests = 0
        while (waited := time.perf_counter() - began) < 0.1 or (not seen and rests < 200 and waited < 3):
            time.sleep(0.002)
            rests += 1
        level[0] = after
        until = time.thread_time() + 0.03
        while time.thread_time() < until:  # a clock of the processor runs here, and stood still before
            pass

    def memory():
        seen.append(level[0])
        return level[0]

    began = time.perf_counter()
    result = answer(job, files, memory)
    whole = time.perf_counter() - began
    if result is None:
        return None
    try:
        seconds, extra = map(float, result)
    except (TypeError, ValueError):
        return {"two numbers": False}
    if any(each != files for each in received):
        return {"the job received": "something else than files"}
    if len(received) != 1:
        return {"the job ran": len(received)}
    times = {"too many": seconds > whole, "hardly any": seconds < 0.01, "too few": seconds < 0.12}
    # Seconds where the megabytes belong depend on how busy the machine is.
    extra_mb = round(extra) if extra < 0 or extra > 10 else 0
    return {"seconds": next((word for word, so in times.items() if so), "right"), "extra MB": extra_mb}


@measure.property
def is_a_pair(result, gauge):
    """`measure` returns two numbers, `(seconds, extra_mb)`."""
    return result.get("two numbers", True)


@measure.property
def runs_once(result, gauge):
    """`measure` runs the job exactly once, or your seconds are those of something else."""
    return result.get("the job ran", 1) == 1


@measure.property
def takes_the_time(result, gauge):
    """The first number is the time of the job from its start to its end, in seconds."""
    return result.get("seconds", "right") == "right"


@measure.mistake
def forgets_to_return(job, files, memory):
    """Nothing came back. Is a `return` missing? The last line of `measure` hands over `(seconds, extra_mb)`."""
    job(files)


@measure.mistake
def something_else_for_the_job(job, files, memory):
    """Your `measure` called the job with something else than the list it was given. Pass `files` on as it is: the job
    decides what to do with it, and one call takes all of them."""
    return measure.reference(job, files[:1], memory)


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
def level_after_for_zero(job, files, memory):
    """You took the level after the job for your zero. What the job kept then looks as if it had been there before.
    Read the gauge before the job begins."""
    seconds, peak = highest(job, files, memory)
    return seconds, max(0, peak - memory())


@measure.mistake
def in_milliseconds(job, files, memory):
    """Your megabytes are right, your seconds are far too many. Did you turn them into milliseconds? Both readings of
    `time.perf_counter()` are in seconds, and so is their difference."""
    seconds, extra = measure.reference(job, files, memory)
    return 1000 * seconds, extra


@measure.mistake
def clock_of_the_processor(job, files, memory):
    """Your seconds are fewer than the job took. `time.process_time` counts while the processor works for you; waiting
    counts too, for the disk or for another thread, and this clock stops while the job waits. Take
    `time.perf_counter`."""
    began, before = time.process_time(), memory()
    peak = highest(job, files, memory)[1]
    return min(time.process_time() - began, 0.1), peak - before


@measure.mistake
def stopwatch_beside_the_job(job, files, memory):
    """Your megabytes are right, and your stopwatch missed the job: hardly any time passed between its two readings.
    One must be read before the job begins, the other when it has returned."""
    return 0.0, measure.reference(job, files, memory)[1]


@measure.mistake
def ignores_the_gauge(job, files, memory):
    """You did not read the gauge that was handed in. If you called `memory_mb` by name: call the parameter `memory`.
    If you made a `Watcher`: it sleeps until `with` starts it. If you took `tracemalloc`: it sees what Python and
    NumPy allocate, but Arrow, which reads Parquet, takes its memory from the system unseen."""
    return highest(job, files, memory)[0], 0


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


@combine.case
def long_days(rng):
    """many long parts, of which few fit into memory"""
    return [trips(rng, rng.choice(list("abbbcccccc"), size=10_000)) for _ in range(10)]


@combine.probe
def hand_out_one_by_one(answer, parts):
    import gc
    import tracemalloc

    long = len(parts[0]) >= 10_000

    def piles_up(levels):
        """Tell it from the memory after three parts and after all; a column of numbers takes 8 bytes a row."""
        return len(levels) > 1 and levels[1] - levels[0] > 0.3 * 8 * sum(map(len, parts[3:]))

    class Parts:
        """An iterator over copies of the parts that notes how much memory has piled up meanwhile."""

        handed, levels, walks = 0, [], 0

        def __iter__(self):
            return self

        def __next__(self):
            ended = self.handed == len(parts)
            if long and (ended or self.handed == 3):
                self.levels.append(tracemalloc.get_traced_memory()[0])
                if ended and piles_up(self.levels):
                    gc.collect()  # what piles up may be waste
                    self.levels[-1] = tracemalloc.get_traced_memory()[0]
            if ended:
                self.walks += 1
                raise StopIteration
            self.handed += 1
            return parts[self.handed - 1].copy()

    handed, began_here = Parts(), long and not tracemalloc.is_tracing()
    if began_here:
        tracemalloc.start()
    try:
        table = answer(handed)
    except Exception:
        if handed.walks > 1:
            return {"walked along parts": "more than once"}
        raise
    finally:
        if began_here:
            tracemalloc.stop()
    if table is None:
        return None
    return {"table": table, "all trips pile up": piles_up(handed.levels)}


@combine.property
def holds_few(result, parts):
    """`combine` keeps a few numbers of each part, never the trips themselves."""
    return not result.get("all trips pile up")


@combine.property
def counts_every_trip(result, parts):
    """`trips` counts all rows of a station, also those whose minutes are missing."""
    counted = getattr(result.get("table"), "columns", ())
    return "trips" not in counted or result["table"]["trips"].sum() == sum(map(len, parts))


@combine.mistake
def returns_nothing(parts):
    """Nothing came back. Is a `return` missing? The last line of `combine` hands over the table."""
    finish(partial_sums(parts))


@combine.mistake
def walks_twice(parts):
    """You walked along `parts` more than once. An iterator can be walked once: the second time, nothing is left in it.
    Take everything that you need of a part while it is in your hands."""
    for part in parts:
        part.groupby("station").size()
    return pd.concat([part.groupby("station").agg(**PARTIAL) for part in parts])


@combine.mistake
def returns_inside_the_loop(parts):
    """You have the trips of one part only, the first: a `return` inside the loop ends the function there. Collect in
    the loop, return after it."""
    return next(parts).groupby("station").agg(**RESULT)


@combine.mistake
def overwrites(parts):
    """You have the trips of one part only, the last: each part overwrites what you had of those before. Keep
    something from every part."""
    for part in parts:
        table = part.groupby("station").agg(**RESULT)
    return table


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
def weighs_with_all_trips(parts):
    """You weighted each part's mean with all its trips. The mean was taken over the known minutes only, so weigh it
    with their number: `count`, not `size`. (Or let every part hand over its sum.)"""
    each = pd.concat([part.groupby("station").agg(**RESULT) for part in parts])
    total = each.assign(total=each["trips"] * each["mean_minutes"]).groupby("station").sum()
    return finish(total.assign(known=total["trips"]))


@combine.mistake
def drops_the_unknown_station(parts):
    """A station has gone: one without known minutes still belongs in the table, with a missing mean. Its rides took
    place. Look for a `dropna`, or for a division that skips it."""
    return finish(partial_sums(parts)).dropna()


@combine.mistake
def unknown_becomes_zero(parts):
    """You wrote 0 where a mean is unknown, and now a station without a clock has the shortest rides in town. Leave it
    missing: 0/0 gives `nan` by itself."""
    return finish(partial_sums(parts)).fillna(0)


@combine.mistake
def station_as_a_column(parts):
    """Your numbers are right, but the station is a column of your table. Make it the index."""
    return finish(partial_sums(parts)).reset_index()


@combine.mistake
def piles_up_all_trips(parts):
    """Your numbers are right, and all trips pile up in memory before you are done: in a list, in a table that grows
    with each `pd.concat`, in arrays or in lists per station. This is the pandas that broke the limit. Reduce each part
    to a few numbers per station, and let go of its trips, before you ask for the next."""
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
def six_files(rng):
    """six files of unequal size, a station that occurs in one only, and missing minutes"""
    days = []
    for size in (20, 80, 40, 60, 30, 50):
        day = trips(rng, ["rare"] * (size == 20) + list(rng.choice(list("abbb"), size)))
        day.insert(0, "started", pd.Timestamp("2025-03-01") + pd.to_timedelta(np.arange(len(day)), "min"))
        day.insert(2, "bike", rng.integers(0, 6000, len(day)))
        days.append(day.assign(token=[f"{number:x}" for number in rng.integers(0, 2**60, len(day))]))
    return days


@dask_summary.probe
def spoil_the_files(answer, days):
    import tempfile
    from pathlib import Path

    import cloudpickle
    import dask
    import dask.dataframe as dd
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

    def numbers(paths):
        result = answer(paths)
        return result.compute(scheduler="synchronous") if dask.is_dask_collection(result) else result

    def fails(name, wanted):
        try:
            numbers(write(name, wanted))
        except Exception:
            return True
        return False

    def files_of_a_task(plan, paths):
        """Return how many of the files the greediest task of a plan names."""
        with dask.config.set({"dataframe.parquet.minimum-partition-size": 1}):
            tasks = map(cloudpickle.dumps, dict(plan.optimize().__dask_graph__()).values())
        return max(sum(Path(path).name.encode() in task for path in paths) for task in tasks)

    everything, two = list(days[0].columns), ["station", "minutes"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        sound = write("sound", everything)
        plan = answer(sound)
        if plan is None:
            return None
        if not dask.is_dask_collection(plan):
            return {"what": "numbers", "table": plan, "reads other columns": fails("two", two)}
        if not isinstance(plan, dd.DataFrame):
            return {"what": "another lazy object"}
        facts = {"what": "a Dask DataFrame"}
        try:
            answer(write("none", []))
        except Exception:
            return facts | {"reads while planning": True}
        facts |= {"reads while planning": False}
        if files_of_a_task(plan, sound) == len(days):
            return facts | {"one task reads all files": True}
        others = []
        if fails("two", two):
            others = [one for one in everything if one not in two and fails(one, [c for c in everything if c != one])]
        words = "none" if not others else "all" if len(others) == 3 else "some"
        return facts | {"reads other columns": words, "table": numbers(sound)}


@dask_summary.property
def is_lazy(result, days):
    """`dask_summary` returns a Dask DataFrame: a plan over many tables, not yet numbers, and not one single task."""
    return result["what"] == "a Dask DataFrame"


@dask_summary.property
def plans_without_reading(result, days):
    """No trip is read while the plan is made; that waits for `.compute()`."""
    return not result.get("reads while planning")


@dask_summary.property
def reads_two_columns(result, days):
    """The plan reads no column but `station` and `minutes` (the check has spoilt the others on the disk)."""
    return result.get("reads other columns", "none") == "none"


@dask_summary.mistake
def no_plan_comes_back(files):
    """Nothing came back. Is a `return` missing? Hand over the plan, and leave `.compute()` to whoever calls you."""
    return None


@dask_summary.mistake
def computes_too_early(files):
    """Numbers came back, not a plan: you called `.compute()` inside the function, or left the work to pandas. Whoever
    calls you can no longer add a step nor choose the workers. Let `dd` do the reading, and return what you have
    before `.compute()`."""
    return dask_summary.reference(files).compute()


@dask_summary.mistake
def pandas_reads_dask_wraps(files):
    """Trips were read before Dask had planned anything: by pandas, whose table you then handed to Dask, or by
    `.persist()` or `.head()`. Laziness that starts after the reading saves nothing. Dask must open the files
    itself: look for the reader in `dask.dataframe`. (Some functions, `from_map` for one, read a file to learn the
    types; `meta=` spares them that.)"""
    return dd.from_pandas(pd.read_parquet(files), npartitions=2).groupby("station").agg(**RESULT)


@dask_summary.mistake
def pandas_alone(files):
    """This is pandas: it read every column of every file the moment you called it. Keep your line and change who
    reads: `dask.dataframe` (here `dd`) has a function of the same name."""
    return pd.read_parquet(files).groupby("station").agg(**RESULT)


@dask_summary.mistake
def one_task_for_all(files):
    """Your plan has one task that reads all the files: pandas in disguise. It begins late, and then needs as much
    memory as ever. Let Dask open the files, so that it can take them one after the other: look for the reader in
    `dask.dataframe`."""
    meta = pd.DataFrame({"trips": [1], "mean_minutes": [1.0]}, index=pd.Index(["a"], name="station"))
    whole = dask.delayed(lambda: pd.read_parquet(files).groupby("station").agg(**RESULT))()
    return dd.from_delayed([whole], meta=meta)


@dask_summary.mistake
def size_of_another_column(files):
    """Your plan reads a column besides `station` and `minutes`. `size` gives the same count on any column: take one
    you read anyway."""
    return dd.read_parquet(files).groupby("station").agg(trips=("token", "size"), mean_minutes=("minutes", "mean"))


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
    if base + slope > limit:
        return 0
    return math.inf if slope <= 0 else math.floor((limit - base) / slope)


def measured(rng, base, slope, fits=None, limit=None):
    """Return (days, peaks, limit): four sizes, their peaks near a straight line; `fits` days reach the limit."""
    days = np.array([4, 8, 16, 32])
    peaks = rng.uniform(*base) + rng.uniform(*slope) * days + rng.normal(0, 0.1, 4)
    slope, base = np.polyfit(days, peaks, 1)
    return days, peaks, limit or round(base + fits * slope, 1)


@days_that_fit.case
def between_two_sizes(rng):
    """a line that crosses the limit between two of the sizes"""
    return measured(rng, (30, 40), (5, 6), fits=21.8)


@days_that_fit.case
def far_beyond(rng):
    """a limit far above everything measured"""
    return measured(rng, (50, 60), (1.5, 2), fits=610.8)


@days_that_fit.case
def above_from_the_start(rng):
    """a line that begins above the limit"""
    return measured(rng, (130, 150), (1, 2), limit=90)


@days_that_fit.case
def falls(rng):
    """a line that falls, far below the limit"""
    return measured(rng, (50, 60), (-0.5, -0.3), limit=90)


@days_that_fit.case
def falls_below_on_the_first_day(rng):
    """a line that falls and lies below the limit at one day"""
    return measured(rng, (91, 91.3), (-2.6, -2.4), limit=90)


@days_that_fit.case
def falls_from_above(rng):
    """a line that falls and lies above the limit at one day"""
    return measured(rng, (150, 160), (-3.4, -3), limit=90)


def solved(days, peaks, limit):
    """Return (slope, where the line meets the limit)."""
    slope, base = np.polyfit(days, peaks, 1)
    return slope, (limit - base) / slope


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
    found = days_that_fit.reference(days, peaks, limit)
    return found + 1 if 0 < found < math.inf else found


@days_that_fit.mistake
def parts_of_days(days, peaks, limit):
    """Your line is right, and you returned where it meets the limit, with a part of a day. Wanted are the whole days
    that fit."""
    found = days_that_fit.reference(days, peaks, limit)
    return solved(days, peaks, limit)[1] if 0 < found < math.inf else found


@days_that_fit.mistake
def takes_the_notebooks_limit(days, peaks, limit):
    """You used `LIMIT_MB` (or 100) where the parameter `limit` belongs. Another machine, another limit: take the one
    that is handed in."""
    return days_that_fit.reference(days, peaks, 100)


@days_that_fit.mistake
def leaves_it_to_the_formula(days, peaks, limit):
    """On lines that rise from below the limit your formula is right. A line that begins above the limit, or falls,
    sends it astray. Put the special cases of the task in front of it."""
    return math.floor(solved(days, peaks, limit)[1])


@days_that_fit.mistake
def only_cut_at_zero(days, peaks, limit):
    """You cut at zero, but a line that falls is still sent through the formula: the days at which it *was* at the
    limit. Think about what happens to the right of that point, and put this case in front."""
    return max(0, math.floor(solved(days, peaks, limit)[1]))


@days_that_fit.mistake
def below_zero_days(days, peaks, limit):
    """Your line and your `math.inf` are right, but where one day is too much already your formula gives a number below
    zero, or no end of days. Look at the line at one day first: if it is above the limit there, the answer is 0."""
    slope, found = solved(days, peaks, limit)
    return math.inf if slope <= 0 else math.floor(found)


@days_that_fit.mistake
def falling_is_enough(days, peaks, limit):
    """You return `math.inf` for every line that does not rise. One that lies above the limit at one day does not fit
    today: the task wants 0 there. Look at the line at one day first."""
    slope, found = solved(days, peaks, limit)
    return math.inf if slope <= 0 else max(0, math.floor(found))


@days_that_fit.mistake
def no_days_if_it_falls(days, peaks, limit):
    """You return 0 for lines that do not rise. One that lies below the limit at one day stays below it for good: every
    number of days fits, and `math.inf` says so."""
    slope, found = solved(days, peaks, limit)
    return 0 if slope <= 0 else max(0, math.floor(found))


@days_that_fit.mistake
def looks_at_zero_days(days, peaks, limit):
    """Your rising lines are right. For those that fall you compare the limit with `base`, which is the line at zero
    days. The task asks about one day: `base + slope`."""
    _slope, base = np.polyfit(days, peaks, 1)
    return 0 if base > limit else days_that_fit.reference(days, peaks, limit)


@days_that_fit.mistake
def slope_for_base(days, peaks, limit):
    """You took the slope for the base and the base for the slope. `np.polyfit` returns the highest power first
    (`np.polynomial` the lowest). Print both and ask which one can be MB per day."""
    base, slope = np.polyfit(days, peaks, 1)
    return math.inf if slope <= 0 else max(0, math.floor((limit - base) / slope))


@days_that_fit.accepts
def by_counting(days, peaks, limit):
    base, slope = np.polynomial.Polynomial.fit(days, peaks, 1).convert().coef
    if base + slope <= limit and slope <= 0:
        return np.inf
    fits = 0
    while base + slope * (fits + 1) <= limit:
        fits += 1
    return np.float64(fits)


# 5. mergeable


@Check(compare=None, value=True)
def mergeable():
    merge = dict.fromkeys(["number of trips", "longest ride", "mean", "standard deviation"], True)
    return merge | dict.fromkeys(["median", "number of different bikes"], False)


@mergeable.probe
def first_slip(answer):
    right = {"number of trips": True, "longest ride": True, "mean": True, "standard deviation": True}
    right |= {"median": False, "number of different bikes": False}
    sound = isinstance(answer, dict) and answer.keys() == right.keys()
    if not sound or any(str(entry) not in ("True", "False") or isinstance(entry, str) for entry in answer.values()):
        return {"six entries, True or False": False}
    return {"wrong": next((name for name, so in right.items() if bool(answer[name]) != so), "nothing")}


@mergeable.property
def is_complete(result):
    """`mergeable` stays a dict with its six entries, and each of them is True or False."""
    return result.get("six entries, True or False", True)


@mergeable.property
def is_right(result):
    """Every True has a recipe (what each part hands over, how it is put together), and no False has one."""
    return result.get("wrong", "nothing") == "nothing"


@mergeable.mistake
def counts_do_not_merge():
    """You ruled out the number of trips. Two clerks telephone: one counted 100 rides, the other 120. What do you
    need to know besides?"""
    return mergeable.reference() | {"number of trips": False}


@mergeable.mistake
def longest_does_not_merge():
    """You ruled out the longest ride. Two clerks telephone: 40 minutes was the longest on one day, 55 on the other.
    What is the longest of both?"""
    return mergeable.reference() | {"longest ride": False}


@mergeable.mistake
def means_do_not_merge():
    """You ruled out the mean. Means alone do not merge, but you have merged one in `combine`: look at what your parts
    handed over there. (The same idea, with squares, serves another entry.)"""
    return mergeable.reference() | {"mean": False}


@mergeable.mistake
def spread_does_not_merge():
    """You ruled out the standard deviation. Write the variance as the mean of the squares minus the square of the
    mean: which three numbers per part are enough?"""
    return mergeable.reference() | {"standard deviation": False}


@mergeable.mistake
def median_merges():
    """You let the median through. Parts (1, 2, 90) and (3, 4, 5) have the medians 2 and 4; write 2 in place of the
    90 and they still have, yet the median of all six moves. No few numbers say where the middle will be."""
    return mergeable.reference() | {"median": True}


@mergeable.mistake
def different_bikes_add_up():
    """You let the number of different bikes through. Two days with 50 different bikes each: that may be 50 bikes or
    100. To know, a part must hand over the bikes themselves, and that list grows with the fleet."""
    return mergeable.reference() | {"number of different bikes": True}


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
    words = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]+teen|[a-z]+ty|hundred|thousand|million"
    number = rf"(?:\d[\d.,_]*|\b(?:{words})\b)"
    unit = r"(?:[kMGT]i?B|days?|files?|rows?|trips?|weeks?|months?|years?|(?:kilo|mega|giga|tera)?bytes?)\b"
    has_unit = rf"{number}(?:[\s-]*[a-z]+){{0,2}}?[\s-]*{unit}|\b{unit}\s+{number}"
    back = (
        r"\b(?:if|unless|until|when|once|whenever|till|as soon as|as long as|in case|provided)\b|(?:^|[.!?]\s+)should\b"
    )
    with_unit = re.search(has_unit, answer, re.IGNORECASE)
    sentences = [part for part in re.split(r"[.!?]+(?:\s+|$)|\n\s*[-*•]\s", answer) if part.strip()]
    return {
        "a text": True,
        "tool": bool(re.search(r"\b(?:pandas|dask)\b", answer, re.IGNORECASE)),
        "size": "with a unit" if with_unit else "a bare number" if re.search(r"\d", answer) else "none",
        "way back": bool(re.search(back, answer, re.IGNORECASE)),
        "sentences": "one" if len(sentences) < 2 else "a few" if len(sentences) <= 5 else "many",
    }


@decision.property
def is_text(result):
    """Your decision is a text, in quotation marks."""
    return result["a text"]


@decision.property
def names_a_tool(result):
    """The text names pandas or Dask."""
    return result["tool"]


@decision.property
def names_a_size(result):
    """The text names a size: a number followed by days, MB, GB, files, rows or trips, such as `8 days`."""
    return result["size"] == "with a unit"


@decision.property
def can_be_revised(result):
    """The text says what would change your mind, in a sentence with `if`, `unless`, `until`, `when` or `once`."""
    return result["way back"]


@decision.property
def is_short(result):
    """The text has two to five sentences, each of them ended by `.`, `!` or `?`."""
    return result["sentences"] == "a few"


@decision.mistake
def no_size():
    """The check finds no number. Without a size, nobody can tell next month whether your decision still holds. Take
    one from your plot, followed by days, MB, GB, files, rows or trips, such as `8 days`: the days at which a line
    crosses the limit, for example."""
    return "We take Dask, because it scales. If the data shrink, we go back to pandas."


@decision.mistake
def no_unit():
    """The check finds a number, but none that is followed by days, MB, GB, files, rows or trips, such as `8 days`. A
    size with its unit is what your team can hold against next month's data."""
    return "We take Dask above 12. If the data shrink, we go back to pandas."


@decision.mistake
def it_depends():
    """The check finds neither pandas nor Dask in your text. They are the two that you have measured: say which of them
    you take on which side of your number."""
    return "It depends on the data. Up to 12 days one tool is better, and the other if there are more."


@decision.mistake
def no_way_back():
    """The check finds no sentence with `if`, `unless`, `until`, `when` or `once`. If you have said in other words what
    would change your mind, use one of these. If you have decided for good: tools and data change. Name a size, a
    faster machine, an aggregate that does not merge."""
    return "We take Dask for all jobs above 12 days. It needs 50 MB where pandas needs 260 MB."


@decision.accepts
def in_words():
    return "Pandas, file by file. Up to eight full weeks fit. As soon as somebody wants medians, we measure again."


@decision.accepts
def in_lines():
    return """
    Dask, from roughly 1.5 GB of trips on!
    Below that: pandas with `columns=`, which was faster at every size (0.5 s against 0.9 s).
    We look again once the machine gets more memory.
    """
