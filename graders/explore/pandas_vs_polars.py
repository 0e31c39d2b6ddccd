"""Decides about the exercise `explore/pandas_vs_polars`."""

import math
from datetime import datetime, timedelta

from shoshin import Check, Compare

CLOSE = Compare(rtol=1e-6, atol=1e-9)


def by_python(function, *columns):
    """Return an expression that hands each row's columns to a Python function, one row at a time."""
    import polars as pl

    return pl.struct(*columns).map_elements(function, return_dtype=pl.Float64)


# 1. kg

LENGTH = "another number of values"


def col(name):
    import polars as pl

    return pl.col(name)


def above_zero(grams, limit=0):
    """Return grams in kg where they are above the limit."""
    import polars as pl

    return pl.when(grams > limit).then(grams / 1000)


@Check(compare=CLOSE, value=True)
def kg():
    return above_zero(col("grams").fill_nan(None))


def weights(rng, *others):
    """Return a table of one column, `grams`: four good weights and whatever else is asked for."""
    grams = [*(rng.integers(20_000, 60_000, 4) + 0.5).tolist(), *others]
    return {"grams": [grams[place] for place in rng.permutation(len(grams))]}


@kg.case
def null_and_nan(rng):
    """a scale that was silent (null) and one that broke (NaN)"""
    return weights(rng, None, math.nan, None)


@kg.case
def below_zero(rng):
    """weights of 0 and below"""
    return weights(rng, 0.0, -120.0, math.nan)


@kg.case
def none_known(rng):
    """a scale without a single good weight"""
    return {"grams": [math.nan, None, -5.0]}


@kg.probe
def put_beside(answer, table):
    import polars as pl

    if isinstance(answer, (pl.Series, pl.DataFrame, pl.LazyFrame)):
        return {"what": "a table or column"}
    if not isinstance(answer, pl.Expr):
        return {"what": "a condition" if type(answer).__name__.endswith("When") else "something else"}
    texts = {"hive": pl.String, "yard": pl.String}
    frame = pl.DataFrame(table, schema={name: texts.get(name, pl.Float64) for name in table})
    try:
        values = frame.lazy().select(found=answer).collect()["found"].to_list()
    except pl.exceptions.ShapeError:
        values = []
    if len(values) != frame.height:
        return {"what": "data inside an expression" if "Series[" in str(answer) else "another number of values"}
    values = ["null" if value is None else "NaN" if value != value else value for value in values]
    if "hive" in table:
        rows = (f"{hive} ({yard or 'no yard'}, {kg or 'unknown'} kg)" for hive, yard, kg in frame.iter_rows())
        values = dict(zip(rows, values, strict=True))
    python = any(word in str(answer) for word in ("python", "map_list", "map("))
    return {"what": "an expression", "values": values} | ({"calls Python": True} if python else {})


@kg.property
def is_an_expression(result, table):
    """`kg` is a Polars expression: a recipe that holds no data, such as `pl.col("grams") / 2`."""
    return result["what"] in ("an expression", LENGTH)


@kg.property
def one_value_per_row(result, table):
    """`kg` gives one value per row, null where the weight is not known."""
    return result["what"] != LENGTH


@kg.property
def runs_in_the_engine(result, table):
    """`kg` calls no Python function: all its steps are Polars'."""
    return not result.get("calls Python")


@kg.mistake
def nan_is_above_zero():
    """You sorted out 0 and below, and NaN got through: to Polars NaN is a number, larger than every other, so
    `NaN > 0` is true. (pandas calls it missing, and false.) Turn NaN into null before you compare."""
    return above_zero(col("grams"))


@kg.mistake
def only_divides():
    """You changed the unit and kept every weight. NaN is still in there, and so are weights of 0 and below. One NaN
    turns the mean of a whole hive into NaN: Polars skips null, not NaN."""
    return col("grams") / 1000


@kg.mistake
def keeps_below_zero():
    """You took care of NaN. Weights of 0 and below come through: a hive that weighs nothing pulls the mean down. Give
    a value only where there is something on the scale."""
    return col("grams").fill_nan(None) / 1000


@kg.mistake
def zero_for_unknown():
    """You wrote 0 where a weight is not known. The mean cannot tell it from a hive that weighs nothing. Leave null: a
    `when` without `otherwise` does so."""
    import polars as pl

    grams = col("grams").fill_nan(None)
    return pl.when(grams > 0).then(grams / 1000).otherwise(0.0)


@kg.mistake
def keeps_zero():
    """A weight of exactly 0 came through. The task sorts out 0 *and* below."""
    grams = col("grams").fill_nan(None)
    import polars as pl

    return pl.when(grams >= 0).then(grams / 1000)


@kg.mistake
def nan_for_unknown():
    """You wrote NaN where a weight is not known. In pandas that is how "missing" looks. In Polars NaN is a number that
    spoils every mean it meets; missing is null, written `None`."""
    import polars as pl

    grams = col("grams").fill_nan(None)
    return pl.when(grams > 0).then(grams / 1000).otherwise(math.nan)


@kg.mistake
def still_grams():
    """Your missing values are right, and your hives weigh tons: these are grams. A kilogram has a thousand of them."""
    return kg.reference() * 1000


@kg.mistake
def another_number_of_rows():
    """More or fewer values come out than rows went in: `filter`, `drop_nans` and `drop_nulls` leave rows out, a `mean`
    makes one of all. They no longer fit beside the other columns, and nobody can count the readings. Keep a place for
    each row: null."""
    return kg.reference().drop_nulls()


@kg.mistake
def python_for_each_value():
    """The values are right, and each of them went through a Python function. The engine has to stop, build a Python
    number, wait, and take one back; and it cannot look into your function. Write the same with `fill_nan`,
    `pl.when` and `/`."""
    return by_python(lambda row: row["grams"] / 1000 if (row["grams"] or 0) > 0 else None, "grams")


@kg.mistake
def data_for_a_recipe():
    """This is data: a column or a table. An expression reads like one, `pl.col("grams")`, but belongs to no table
    until somebody puts it into `select`, `filter` or `agg`. So it can be used on every table with that column."""
    import polars as pl

    return pl.Series("kg", [1.0])


@kg.mistake
def data_inside_the_recipe():
    """A column of one table is baked into your expression, as `rows["grams"]` is in `word_by_word`. It fits no other
    table. `pl.col("grams")` names the column of whichever table comes."""
    import polars as pl

    return above_zero(pl.Series("grams", range(1, 99)))


@kg.mistake
def when_without_then():
    """You wrote the condition, `when`, and not yet what comes where it is true: `then`."""
    import polars as pl

    return pl.when(col("grams").fill_nan(None) > 0)


@kg.accepts
def otherwise_null():
    import polars as pl

    grams = pl.col("grams")
    return pl.when(grams.is_nan() | (grams <= 0)).then(None).otherwise(grams / 1000).alias("kg")


@kg.accepts
def replaced_afterwards():
    import polars as pl

    return pl.when(pl.col("grams").is_not_nan(), pl.col("grams") > 0).then("grams") * 0.001


# 2. report


def night():
    return col("at").dt.convert_time_zone("Europe/Stockholm").dt.hour() < 5


def summary(weight, **changes):
    """Return the three expressions of the report, some of them changed."""
    import polars as pl

    return {"readings": pl.len(), "kg": weight.mean(), "heavy": (weight > 40).sum()} | changes


def grouped(rows, weight, **changes):
    return rows.group_by("yard", "hive").agg(**summary(weight, **changes))


@Check(compare=CLOSE, seconds=30)
def report(hives, kg):
    return grouped(hives.filter(night()), kg)


def drawn(rng, hives, days, hours=range(24)):
    """Return messages, one an hour, as (hive, yard, at, grams, volts, hum): hives is {hive: (yard, weights)}."""
    rows = []
    for hive, (yard, grams) in hives.items():
        for day in days:
            for hour in hours:
                at = day + timedelta(hours=int(hour), minutes=int(rng.integers(60)))
                weight = grams[rng.integers(len(grams))] if grams else float(rng.integers(36_000, 44_000)) + 0.5
                rows.append((hive, yard, at, weight, round(float(rng.normal(3.6, 0.2)), 2), float(rng.random())))
    return [rows[place] for place in rng.permutation(len(rows))]


@report.case
def summer_and_winter(rng):
    """hives in two yards, days in summer and in winter"""
    hives = {"hive 1": ("heath", None), "hive 2": ("heath", None), "hive 3": ("brook", None)}
    return drawn(rng, hives, [datetime(2025, 1, 10), datetime(2025, 7, 10)])


@report.case
def without_weight_or_yard(rng):
    """null and NaN weights, hives without any known weight, one whose yard is not known, and weights of 40 kg"""
    hives = {"hive 1": ("heath", [41_000.5, None, math.nan, 38_500.5]), "hive 2": ("heath", [None, math.nan])}
    hives |= {"hive 3": (None, [45_000.5, 40_000.0]), "hive 4": ("brook", [None])}
    return drawn(rng, hives, [datetime(2025, 7, 10), datetime(2025, 7, 11)])


@report.case
def moved_resent_and_by_day(rng):
    """a hive that moves to another yard, messages that were sent twice, and a hive that sends by day only"""
    first = drawn(rng, {"hive 1": ("heath", None), "hive 2": ("brook", None)}, [datetime(2025, 3, 1)])
    moved = drawn(rng, {"hive 1": ("brook", None)}, [datetime(2025, 6, 1)])
    return first + first + moved + drawn(rng, {"hive 3": ("brook", None)}, [datetime(2025, 6, 1)], range(6, 20))


@report.probe
def count_what_is_read(answer, messages):
    import tempfile
    from pathlib import Path
    from unittest.mock import patch

    import polars as pl
    from polars.io.plugins import register_io_source

    def encoded(value):
        return "null" if value is None else "NaN" if value != value else value

    grams = pl.col("grams").fill_nan(None)
    kg = pl.when(grams > 0).then(grams / 1000).alias("kg")
    types = [pl.String, pl.String, pl.Datetime("us"), *[pl.Float64] * 3]
    schema = dict(zip(["hive", "yard", "at", "grams", "volts", "hum_00"], types, strict=True))
    frame = pl.DataFrame(messages, schema=schema, orient="row").select("at", "hive", "yard", "grams", "volts", "hum_00")
    frame = frame.with_columns(pl.col("at").dt.replace_time_zone("UTC"))
    slips, python = [], []

    def read(columns, condition, rows, batch):
        part = frame if rows is None else frame.head(rows)
        part = part if condition is None else part.filter(condition)
        slips.append((columns or frame.columns, part.height))
        yield part if columns is None else part.select(columns)

    def noted(method):
        def call(self, *arguments, **options):
            python.append(method.__name__)
            return method(self, *arguments, **options)

        return call

    with (
        patch.object(pl.Expr, "map_elements", noted(pl.Expr.map_elements)),
        patch.object(pl.Expr, "map_batches", noted(pl.Expr.map_batches)),
        patch.object(pl.LazyFrame, "map_batches", noted(pl.LazyFrame.map_batches)),
    ):
        plan = answer(register_io_source(read, schema=frame.schema), kg)
        early = bool(slips)
        if not isinstance(plan, pl.LazyFrame):
            return {"what": {type(None): "nothing", pl.DataFrame: "a DataFrame"}.get(type(plan), "something else")}
        result = plan.collect()
    facts = {"rows are read while the plan is made": True} if early else {}
    read_from = sorted({name for columns, _rows in slips for name in columns})
    if read_from != ["at", "grams", "hive", "yard"]:
        facts["columns read"] = read_from
    if max((rows for _columns, rows in slips), default=0) == frame.height:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "messages.parquet"  # newer versions move more of a plan into a Parquet file
            frame.write_parquet(path)
            if "SELECTION" not in answer(pl.scan_parquet(path), kg).explain():
                facts["condition reaches the reader"] = False
    if python:
        facts["calls Python"] = True
    if set(result.columns) != {"yard", "hive", "readings", "kg", "heavy"}:
        return facts | {"columns of the report": sorted(result.columns)}
    keys = [f"{hive} in {yard or 'no yard'}" for hive, yard in result.select("hive", "yard").iter_rows()]
    rows = result.select("readings", "kg", "heavy").iter_rows(named=True)
    found = [{name: encoded(value) for name, value in row.items()} for row in rows]
    several = {"rows of the report": len(found)} if len(found) > len(set(keys)) else {}
    return facts | several | {"report": dict(zip(keys, found, strict=True))}


def in_pandas(messages):
    """Return {"hive in yard": [readings, kg, heavy]}, by pandas."""
    import pandas as pd

    rows = pd.DataFrame(messages, columns=["hive", "yard", "at", "grams", "volts", "hum_00"])
    rows = rows.assign(at=pd.to_datetime(rows["at"], utc=True))
    rows = rows[rows["at"].dt.tz_convert("Europe/Stockholm").dt.hour < 5]
    grams = rows["grams"].astype("float64")
    rows = rows.assign(kg=(grams / 1000).where(grams > 0), over_40=grams > 40_000)
    groups = rows.groupby(["yard", "hive"], dropna=False)
    found = groups.agg(readings=("kg", "size"), kg=("kg", "mean"), heavy=("over_40", "sum"))
    return {
        f"{hive} in {yard if isinstance(yard, str) else 'no yard'}": list(row)
        for (yard, hive), row in zip(found.index, found.itertuples(index=False, name=None), strict=True)
    }


@report.property
def is_lazy(result, messages):
    """`report` returns a LazyFrame: a plan, not yet numbers."""
    return "what" not in result


@report.property
def has_its_columns(result, messages):
    """The report has the columns `yard`, `hive`, `readings`, `kg` and `heavy`, and no others."""
    return "columns of the report" not in result


@report.property
def one_row_for_each(result, messages):
    """The report has one row per yard and hive, not one per message."""
    return "rows of the report" not in result


@report.property
def plans_without_reading(result, messages):
    """No row is read while the plan is made; that waits for `.collect()`."""
    return not result.get("rows are read while the plan is made")


@report.property
def is_what_pandas_finds(result, messages):
    """The report has the rows and the numbers that pandas finds with `dropna=False`, in any order."""
    if "report" not in result:
        return True
    expected, found = in_pandas(messages), result["report"]
    if expected.keys() != found.keys():
        return False
    for key, (readings, kg, heavy) in expected.items():
        row = found[key]
        same = kg != kg if row.get("kg") == "null" else row.get("kg") != "NaN" and abs(row.get("kg", 0) - kg) < 1e-6
        if not same or (row.get("readings"), row.get("heavy")) != (readings, heavy):
            return False
    return True


@report.property
def reads_four_columns(result, messages):
    """The plan reads `at`, `hive`, `yard` and `grams`, and no other column."""
    return "columns read" not in result


@report.property
def condition_reaches_the_reader(result, messages):
    """Your condition reaches the reader, so that the rows of the day are left out there. (A column that you make
    yourself may keep it from doing so: write the condition with the columns of the file, straight inside `filter`.)"""
    return result.get("condition reaches the reader", True)


@report.property
def works_in_the_engine(result, messages):
    """No Python function is called for values or rows."""
    return not result.get("calls Python")


@report.mistake
def nothing_comes_back(hives, kg):
    """Nothing came back. Is a `return` missing? Hand over the plan."""
    report.reference(hives, kg)


@report.mistake
def collects_at_the_end(hives, kg):
    """Numbers came back, not a plan: you called `.collect()`. Whoever calls `report` can no longer add a condition that
    reaches the file. Return what you have one step before."""
    return report.reference(hives, kg).collect()


@report.mistake
def collects_at_the_start(hives, kg):
    """You called `.collect()` on `hives` first, and every row and every column was fetched before your plan began.
    Start from `hives` as it is."""
    return report.reference(hives.collect().lazy(), kg)


@report.mistake
def window_before_the_filter(hives, kg):
    """Your numbers are right, and every row left the reader, by day and by night. Your condition is about a column that
    a step before it makes (the reader knows those of the file only), or that step needs all rows, as `over` does.
    Filter first, with the columns of the file."""
    import polars as pl

    return grouped(hives.with_columns(messages=pl.len().over("hive")).filter(night(), pl.col("messages") > 0), kg)


@report.mistake
def by_the_clock_in_london(hives, kg):
    """Your hour is that of UTC; Sweden is one or two hours ahead. Convert first: `dt.convert_time_zone`.
    (`dt.replace_time_zone` swaps the label, and keeps the hour.)"""
    return grouped(hives.filter(col("at").dt.hour() < 5), kg)


@report.mistake
def two_hours_all_year(hives, kg):
    """You added two hours to UTC. That is right in summer; in winter Sweden is one hour ahead. Let
    `dt.convert_time_zone` look up which it is."""
    return grouped(hives.filter(col("at").dt.offset_by("2h").dt.hour() < 5), kg)


@report.mistake
def one_hour_all_year(hives, kg):
    """You added one hour to UTC. That is right in winter; in summer Sweden is two hours ahead. Let
    `dt.convert_time_zone` look up which it is."""
    return grouped(hives.filter(col("at").dt.offset_by("1h").dt.hour() < 5), kg)


@report.mistake
def hour_five_too(hives, kg):
    """You let the hour from 5:00 to 5:59 through. The night of the task ends before 5."""
    local = col("at").dt.convert_time_zone("Europe/Stockholm").dt.hour()
    return grouped(hives.filter(local <= 5), kg)


@report.mistake
def raw_grams(hives, kg):
    """You took `grams` as they come, and one NaN spoils the mean of its hive and counts as heavy. The expression `kg`
    is handed in: use it as you would a column."""
    return grouped(hives.filter(night()), col("grams") / 1000)


@report.mistake
def known_weights_as_readings(hives, kg):
    """Your `readings` counts the known weights. A message without a weight is a reading all the same. `count` skips
    null; look for what counts rows."""
    return grouped(hives.filter(night()), kg, readings=kg.count())


@report.mistake
def different_times_as_readings(hives, kg):
    """Your `readings` counts different times or weights. A message that was sent twice counts as two here, as in the
    pandas report. Count rows."""
    return grouped(hives.filter(night()), kg, readings=col("at").n_unique())


@report.mistake
def drops_unknown_weights(hives, kg):
    """You dropped the rows without a known weight, and a hive whose scale is broken has left the report. `mean` skips
    null by itself."""
    return grouped(hives.filter(night(), kg.is_not_null()), kg)


@report.mistake
def drops_unknown_yards(hives, kg):
    """The hive whose yard is not known has gone. pandas' `groupby` drops such rows by default; Polars' `group_by` keeps
    them. Something in your plan takes them out."""
    return grouped(hives.filter(night(), col("yard").is_not_null()), kg)


@report.mistake
def zero_for_an_unknown_mean(hives, kg):
    """You wrote 0 for a mean that is not known, and a hive with a broken scale looks empty. Leave null: the mean of
    nothing is null by itself."""
    return grouped(hives.filter(night()), kg, kg=kg.mean().fill_null(0))


@report.mistake
def divides_by_all_messages(hives, kg):
    """Your mean counts a weight that is not known as 0 kg: it was filled with 0, or the sum is divided by the number of
    all messages. `mean` skips null by itself."""
    return grouped(hives.filter(night()), kg, kg=kg.sum() / kg.len())


@report.mistake
def nothing_by_nothing(hives, kg):
    """A hive without a known weight got NaN: you divided a sum of nothing, 0, by a count of 0. `mean` gives null
    there."""
    return grouped(hives.filter(night()), kg, kg=kg.sum() / kg.count())


@report.mistake
def first_yard_of_each_hive(hives, kg):
    """You grouped by hive alone. A hive that moved has two rows in the report, one for each yard: its weights here and
    there are different stories. `group_by` takes several names."""
    return hives.filter(night()).group_by("hive").agg(col("yard").first(), **summary(kg))


@report.mistake
def without_the_yard(hives, kg):
    """You grouped by hive alone, and the yard is not in the report. `group_by` takes several names."""
    return hives.filter(night()).group_by("hive").agg(**summary(kg))


@report.mistake
def forty_too(hives, kg):
    """You count a weight of exactly 40 kg as heavy. The task wants those above."""
    return grouped(hives.filter(night()), kg, heavy=(kg >= 40).sum())


@report.mistake
def counts_the_comparisons(hives, kg):
    """Your `heavy` counts how many comparisons there are, true or false. `sum` counts the true ones."""
    return grouped(hives.filter(night()), kg, heavy=(kg > 40).count())


@report.mistake
def share_of_heavy(hives, kg):
    """Your `heavy` is a share. Wanted is how many weights are above 40 kg: `sum` counts the true ones."""
    return grouped(hives.filter(night()), kg, heavy=(kg > 40).mean())


@report.mistake
def condition_inside_agg(hives, kg):
    """You put the condition inside `agg`. The day's rows are read all the same, and a hive that sends by day only gets
    a row with 0 readings. `hives.filter` before `group_by` does it once."""
    return grouped(hives, kg.filter(night()), readings=night().sum())


@report.mistake
def python_for_the_hour(hives, kg):
    """Your numbers are right, and a Python function is called for the values. The optimiser cannot look into it, and
    the engine waits for Python. `dt.convert_time_zone` and `dt.hour` are expressions."""
    import polars as pl

    hour = col("at").dt.convert_time_zone("Europe/Stockholm")
    return grouped(hives.filter(hour.map_elements(lambda at: at.hour < 5, return_dtype=pl.Boolean)), kg)


@report.mistake
def by_day_too(hives, kg):
    """You took the messages of the whole day. By day half of the bees are out."""
    return grouped(hives, kg)


@report.mistake
def heavy_by_raw_grams(hives, kg):
    """Your `heavy` compares `grams` as they come, and `NaN > 40_000` is true in Polars: a broken scale makes a heavy
    hive. The expression `kg` has no NaN."""
    return grouped(hives.filter(night()), kg, heavy=(col("grams") > 40_000).sum())


@report.mistake
def sent_weights_as_readings(hives, kg):
    """Your `readings` leaves out messages whose weight is null. They are readings all the same. `count` skips null;
    look for what counts rows."""
    return grouped(hives.filter(night()), kg, readings=col("grams").count())


@report.mistake
def drops_empty_weights(hives, kg):
    """You dropped the rows without a weight, and they are missing from `readings`. `mean` skips null by itself."""
    return grouped(hives.filter(night(), col("grams").is_not_null()), kg)


@report.mistake
def drops_rows_with_a_gap(hives, kg):
    """`drop_nulls` without a name looks for gaps in every column. So it reads all of them, and drops hives without a
    yard and messages without a weight. Nothing needs to be dropped here."""
    return grouped(hives.drop_nulls().filter(night()), kg)


@report.mistake
def drops_what_was_sent_twice(hives, kg):
    """You took out messages that were sent twice. The task counts them as two; and to find them, `unique` has to
    compare whole rows, so every column is read."""
    return grouped(hives.unique().filter(night()), kg)


@report.accepts
def conditions_by_time(hives, kg):
    import datetime

    import polars as pl

    local = pl.col("at").dt.convert_time_zone("Europe/Stockholm").dt.time()
    plan = hives.with_columns(weight=kg).filter(local < datetime.time(5)).group_by(["hive", "yard"])
    plan = plan.agg(pl.col("weight").mean().alias("kg"), pl.len().alias("readings"), heavy=pl.col("weight") > 40)
    return plan.with_columns(pl.col("heavy").list.sum()).sort("hive")


@report.accepts
def keeps_its_name(hives, kg):
    import polars as pl

    hour = pl.col("at").dt.convert_time_zone("Europe/Stockholm").dt.hour()
    rows = hives.select("at", "yard", "hive", kg).filter(hour.is_between(0, 4)).group_by("hive", "yard")
    return rows.agg(pl.len().alias("readings"), pl.mean("kg"), heavy=pl.col("kg").filter(pl.col("kg") > 40).count())


# 3. place


@Check(compare=CLOSE, value=True)
def place():
    return with_a_yard(col("kg").rank("min", descending=True).over("yard"))


def with_a_yard(expression):
    import polars as pl

    return pl.when(col("yard").is_not_null()).then(expression)


def shuffled(rng, rows):
    """Return a table of hives from rows of (yard, kg), in any order."""
    rows = [rows[place] for place in rng.permutation(len(rows))]
    hives = [f"hive {number}" for number in range(len(rows))]
    return {"hive": hives, "yard": [yard for yard, _kg in rows], "kg": [kg for _yard, kg in rows]}


@place.case
def two_yards(rng):
    """two yards of unequal size, no ties"""
    return shuffled(rng, [("heath", 41.5), ("heath", 38.0), ("heath", 47.25), ("brook", 39.5), ("brook", 36.0)])


@place.case
def ties(rng):
    """two hives that share the first place, and two that share the third"""
    rows = [("heath", 44.0), ("heath", 44.0), ("heath", 40.5), ("heath", 40.5), ("heath", 31.0), ("brook", 42.0)]
    return shuffled(rng, rows)


@place.case
def weight_not_known(rng):
    """hives without a known weight, in one yard all of them"""
    return shuffled(rng, [("heath", 41.0), ("heath", None), ("heath", 43.5), ("quarry", None), ("quarry", None)])


@place.case
def yard_not_known(rng):
    """three hives whose yard is not known"""
    return shuffled(rng, [("heath", 41.0), ("heath", 43.0), (None, 50.0), (None, 40.0), (None, None)])


place.probe(put_beside)


@place.property
def is_a_recipe(result, table):
    """`place` is a Polars expression on the columns `yard` and `kg`; it holds no data."""
    return result["what"] in ("an expression", LENGTH)


@place.property
def one_place_per_hive(result, table):
    """`place` gives one value per hive: a place or null."""
    return result["what"] != LENGTH


@place.property
def stays_in_the_engine(result, table):
    """`place` calls no Python function."""
    return not result.get("calls Python")


@place.mistake
def over_all_yards():
    """You ranked all hives in one list. Each yard has a first place of its own: look at `over`."""
    return with_a_yard(col("kg").rank("min", descending=True))


@place.mistake
def over_all_yards_and_rows():
    """You ranked all hives in one list. Each yard has a first place of its own: look at `over`. Then look at hives
    whose yard is not known: they get no place."""
    return col("kg").rank("min", descending=True)


def also_null_is_a_yard(mistake):
    """Declare a mistake twice: as it is, and by an answer that also ranks the hives without a yard."""

    def for_all():
        return mistake()

    def with_yards_only():
        return with_a_yard(mistake())

    with_yards_only.__name__, with_yards_only.__doc__ = mistake.__name__, mistake.__doc__
    for_all.__name__ = f"{mistake.__name__}_and_null_is_a_yard"
    for_all.__doc__ = f"{mistake.__doc__} Then look at the hives whose yard is not known: they get no place."
    return place.mistake(place.mistake(with_yards_only) and for_all)


@also_null_is_a_yard
def lightest_first():
    """You gave the first place to the lightest hive. `rank` counts upwards unless told otherwise."""
    return col("kg").rank("min").over("yard")


@also_null_is_a_yard
def shares_the_average():
    """You took `rank` as it is, and two winners get place 1.5 each: it shares out the average. Look at its first
    argument: the task gives both of them place 1."""
    return col("kg").rank(descending=True).over("yard")


@also_null_is_a_yard
def no_gap_after_ties():
    """After two first places your next is 2. In sports, and in this task, it is 3: two hives are ahead of it. That is
    another method of `rank`."""
    return col("kg").rank("dense", descending=True).over("yard")


@also_null_is_a_yard
def order_of_rows_decides():
    """Of two equal hives you let the one win that stands first in the table. Shuffle the rows and it loses. Equal
    weights share a place: look at the methods of `rank`."""
    return col("kg").rank("ordinal", descending=True).over("yard")


@also_null_is_a_yard
def worse_place_for_ties():
    """Equal hives share the worse place in your answer, so a yard may have no winner at all. They share the better one:
    look at the methods of `rank`."""
    return col("kg").rank("max", descending=True).over("yard")


@place.mistake
def null_is_a_yard():
    """The hives whose yard is not known compete with one another: to `over` (as to `group_by`) null is a group like any
    other. pandas leaves them out. Give a place only where there is a yard: `pl.when`."""
    return col("kg").rank("min", descending=True).over("yard")


@place.mistake
def leaves_hives_out():
    """You took the hives without a yard away (`filter`), so fewer places come out than hives went in, and Polars cannot
    put them beside their hives. Keep each hive, and give some of them null: `pl.when`."""
    return place.reference().filter(col("yard").is_not_null())


@place.mistake
def leaves_unknown_weights_out():
    """You took the hives without a weight away (`filter`, `drop_nulls`), so fewer places come out than hives went in.
    `rank` gives null to null by itself."""
    return place.reference().drop_nulls()


@place.mistake
def zero_for_no_place():
    """You wrote 0 where there is no place: sorted, such a hive comes first. Leave null: a `when` without `otherwise`
    does so."""
    return place.reference().otherwise(0)


@place.mistake
def unknown_weighs_nothing():
    """You gave a place to hives whose weight is not known, as if they weighed nothing. `rank` leaves null alone, and so
    should you."""
    return with_a_yard(col("kg").fill_null(0).rank("min", descending=True).over("yard"))


@place.mistake
def data_for_places():
    """This is data, a column or a table. Return to the recipe: an expression such as `pl.col("kg").rank(…)`, which
    belongs to no table until it is used."""
    import polars as pl

    return pl.Series([1])


@place.accepts
def counts_the_heavier():
    import polars as pl

    ahead = (pl.col("kg").count() - pl.col("kg").rank("max")).over("yard")
    return pl.when(pl.col("yard").is_null()).then(None).otherwise(ahead + 1)


@place.accepts
def rank_of_the_negative():
    import polars as pl

    known = pl.when(pl.col("yard").is_not_null()).then(-pl.col("kg"))
    return known.rank(method="min").over(pl.col("yard")).alias("rank")


# 4. reaches_the_reader


RIGHT = {
    "after sort": True,
    "yard, after over yard": True,
    "hive, after over yard": False,
    "hive, after group_by hive": True,
    "mean, after group_by hive": False,
    "volts, after diff": False,
}


@Check(compare=None, value=True)
def reaches_the_reader():
    return dict(RIGHT)


@reaches_the_reader.probe
def first_slip(answer):
    right = {"after sort": True, "yard, after over yard": True, "hive, after over yard": False}
    right |= {"hive, after group_by hive": True, "mean, after group_by hive": False, "volts, after diff": False}
    sound = isinstance(answer, dict) and answer.keys() == right.keys()
    if not sound or any(str(entry) not in ("True", "False") or isinstance(entry, str) for entry in answer.values()):
        return {"six entries, True or False": False}
    return {"wrong": next((name for name, so in right.items() if bool(answer[name]) != so), "nothing")}


@reaches_the_reader.property
def is_complete(result):
    """`reaches_the_reader` stays a dict with its six entries, and each of them is True or False."""
    return result.get("six entries, True or False", True)


@reaches_the_reader.property
def is_right(result):
    """True stands where dropping the rows first leaves every number as it was, False where it changes one."""
    return result.get("wrong", "nothing") == "nothing"


@reaches_the_reader.mistake
def sorting_blocks():
    """You hold `sort` for an obstacle. Sort ten cards and throw away the red ones; or throw away the red ones and sort
    the rest. What differs, besides the work?"""
    return RIGHT | {"after sort": False}


@reaches_the_reader.mistake
def own_yard_blocks():
    """You kept `yard == "heath"` from passing `over("yard")`. The mean of the heath is made from rows of the heath.
    Which of its numbers could change if the other yards are never read?"""
    return RIGHT | {"yard, after over yard": False}


@reaches_the_reader.mistake
def hive_passes_its_yard():
    """You let `hive == "hive 007"` pass `over("yard")`. Read that hive alone, and the mean of its yard is its own
    mean: every gap shrinks towards 0. The neighbours are needed."""
    return RIGHT | {"hive, after over yard": True}


@reaches_the_reader.mistake
def group_blocks():
    """You kept a condition on the group's own name from passing `group_by`. Does the mean of hive 007 need a row of
    another hive?"""
    return RIGHT | {"hive, after group_by hive": False}


@reaches_the_reader.mistake
def mean_known_beforehand():
    """You let a condition on the mean pass the `group_by`. It is about a number that nobody knows before the rows have
    been read: SQL even has another word for it, HAVING. (A single row above 40 kg is a different question.)"""
    return RIGHT | {"mean, after group_by hive": True}


@reaches_the_reader.mistake
def row_before_is_gone():
    """You let `volts` pass `diff`. It subtracts the row before. Take rows away first, and another row stands there: the
    differences change."""
    return RIGHT | {"volts, after diff": True}


@reaches_the_reader.accepts
def in_another_order():
    return dict(reversed(RIGHT.items()))


# 5. crossover


@Check(compare=CLOSE, inputs="untouched")
def crossover(sizes, old, new):
    found = None
    for size, one, other in zip(sizes, old, new, strict=True):
        found = (size if found is None else found) if other < one else None
    return found


def race(rng, *lower):
    """Return (sizes, old, new): measured lists in which new is lower (True), higher (False) or equal (None)."""
    sizes = [1000, 5000, 20_000, 100_000, 400_000][: len(lower)]
    old = [round(float(number), 2) for number in rng.uniform(2, 4, len(lower))]
    factors = [{True: 0.5, False: 1.5, None: 1.0}[each] for each in lower]
    return sizes, old, [one * factor for one, factor in zip(old, factors, strict=True)]


@crossover.case
def once(rng):
    """a new tool that is higher at two sizes, then lower for good"""
    return race(rng, False, False, True, True, True)


@crossover.case
def never(rng):
    """a new tool that is higher everywhere"""
    return race(rng, False, False, False, False)


@crossover.case
def from_the_start(rng):
    """a new tool that is lower everywhere"""
    return race(rng, True, True, True, True)


@crossover.case
def crosses_more_than_once(rng):
    """a new tool that is lower, higher, and lower again"""
    return race(rng, True, False, False, True, True)


@crossover.case
def lost_again(rng):
    """a new tool that is lower in the middle and higher at the end"""
    return race(rng, False, True, True, False)


@crossover.case
def a_tie(rng):
    """a tie at the first size, and one between two sizes at which the new tool is lower"""
    return race(rng, None, True, None, True, True)


def first_of(sizes, wanted):
    return next((size for size, so in zip(sizes, wanted, strict=True) if so), None)


def lower(old, new):
    return [other < one for one, other in zip(old, new, strict=True)]


@crossover.property
def is_a_size(result, sizes, old, new):
    """`crossover` returns one of the `sizes`, or `None`."""
    return result is None or result in sizes


@crossover.mistake
def first_time_lower(sizes, old, new):
    """You returned the first size at which `new` is lower. It may lose again later, on larger tables or by a noisy
    measurement. Wanted is the size from which on it stays lower."""
    return first_of(sizes, lower(old, new))


@crossover.mistake
def ties_count(sizes, old, new):
    """You let a tie count. At equal cost nobody changes the tool: `new` must be lower, not lower or equal."""
    return crossover.reference(sizes, [one + 1e-9 for one in old], new)


@crossover.mistake
def runs_on_through_a_tie(sizes, old, new):
    """You let a tie stand between two wins, and begin before it. At the tie `new` is not lower, so the run begins after
    it."""
    found = None
    for size, one, other in zip(sizes, old, new, strict=True):
        found = None if other > one else size if other < one and found is None else found
    return found


@crossover.mistake
def last_size_lost(sizes, old, new):
    """You returned the last size at which `new` is not lower. Wanted is the one after it."""
    return first_of(sizes[::-1], [not won for won in lower(old, new)[::-1]]) or sizes[0]


@crossover.mistake
def place_in_the_list(sizes, old, new):
    """You returned a place in the list. Your team wants to know how many rows: look up `sizes` at that place."""
    found = crossover.reference(sizes, old, new)
    return None if found is None else sizes.index(found)


@crossover.mistake
def waits_for_a_change(sizes, old, new):
    """You look for two neighbours with a change between them. A tool that is lower at every size never changes, and the
    answer there is the first size."""
    found = crossover.reference(sizes, old, new)
    return None if found == sizes[0] else found


@crossover.mistake
def first_change(sizes, old, new):
    """You return the first size that is lower after one that is not. A tool that is lower at every size has no such
    change, and the answer there is the first size; and a change that does not last is none."""
    won = lower(old, new)
    return first_of(sizes, [place > 0 and won[place] and not won[place - 1] for place in range(len(won))])


@crossover.mistake
def the_last_size(sizes, old, new):
    """You returned the last size at which `new` is lower. Wanted is where this begins."""
    return first_of(sizes[::-1], lower(old, new)[::-1])


@crossover.mistake
def largest_if_never(sizes, old, new):
    """Where `new` is not lower at the end you returned a size all the same. Nobody has measured that it ever wins: the
    honest answer is `None`."""
    found = crossover.reference(sizes, old, new)
    return sizes[-1] if found is None else found


@crossover.mistake
def zero_if_never(sizes, old, new):
    """Where `new` is not lower at the end you returned 0. That reads as "from the first row on", the very opposite.
    Return `None`."""
    found = crossover.reference(sizes, old, new)
    return 0 if found is None else found


@crossover.mistake
def the_other_way_round(sizes, old, new):
    """You found where `old` is lower for good. Less time and less memory is better here, and the question is about
    `new`."""
    return crossover.reference(sizes, new, old)


@crossover.accepts
def from_the_end(sizes, old, new):
    import numpy as np

    higher = np.flatnonzero(np.asarray(new) >= np.asarray(old))
    first = higher[-1] + 1 if len(higher) else 0
    return np.asarray(sizes)[first] if first < len(sizes) else None


@crossover.accepts
def by_all(sizes, old, new):
    pairs = list(zip(old, new, strict=True))
    return first_of(sizes, [all(b < a for a, b in pairs[start:]) for start in range(len(pairs))])
