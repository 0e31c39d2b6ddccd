"""Decides about the exercise `data/group_and_window`."""

from functools import partial, update_wrapper

import numpy as np
import pandas as pd

from shoshin import Check

TOWNS = {"Birch": "Kivik", "Acorn": "Lund", "Elm": "Kivik", "Cedar": "Lund"}


def bakeries(rng, days, closed=0.0, shops=tuple(TOWNS)):
    """Return a table with rows in no order and receipt numbers as index; a share of the days is left out."""
    table = pd.DataFrame([(shop, TOWNS[shop], day) for shop in shops for day in range(days)])
    table.columns = ["shop", "town", "day"]
    table = table[rng.random(len(table)) >= closed] if closed else table
    table["day"] = pd.Timestamp("2024-03-01") + pd.to_timedelta(table["day"], unit="D")
    table["sold"] = rng.permutation(np.arange(20.0, 20 + 3 * len(table), 3)) + rng.random(len(table)).round(2)
    table.index = rng.permutation(np.arange(400, 400 + len(table)))
    return table.iloc[rng.permutation(len(table))]


def ordered(table, sort=True):
    return table.sort_values(["shop", "day"]) if sort else table


def also(check, suffix, note="", **options):
    """Declare a mistake once more with other `options`: the same misunderstanding in another answer."""

    def declare(mistake):
        variant = update_wrapper(partial(mistake, **options), mistake)
        variant.__name__, variant.__doc__ = f"{mistake.__name__}_{suffix}", f"{mistake.__doc__} {note}"
        check.mistake(variant)
        return mistake

    return declare


def index_of_the_table(result, table, _):
    """The result has the index of `table`, in the order of `table`, so that every value stands on its row."""
    return not isinstance(result, pd.Series) or list(result.index) == list(table.index)


# 1. group_mean


@Check(inputs="untouched")
def group_mean(table, key):
    return table.groupby(key)["sold"].transform("mean")


group_mean.property(index_of_the_table)


@group_mean.case
def by_shop(rng):
    """rows in no order, and shops with different numbers of days"""
    return bakeries(rng, 6, closed=0.3), "shop"


@group_mean.case
def by_town(rng):
    """the key `town`"""
    return bakeries(rng, 4, closed=0.3), "town"


@group_mean.case
def one_row(rng):
    """a shop with a single row"""
    table = bakeries(rng, 5)
    return table[(table["shop"] != "Elm") | (table["day"] == "2024-03-03")], "shop"


@group_mean.case
def missing(rng):
    """missing sales (NaN) on the last day"""
    table = bakeries(rng, 4)
    return table.assign(sold=table["sold"].where(table["day"] < table["day"].max())), "shop"


@group_mean.mistake
def one_row_per_group(table, key):
    """You return one row per group. A feature needs a value on every row of the table: the group's mean, repeated.
    Look for the method of a groupby that keeps the shape of what it gets."""
    return table.groupby(key)["sold"].mean()


@group_mean.mistake
def one_mean_for_all(table, key):
    """Every row of yours carries the same number, the mean over the whole table. Group by `key` first."""
    return pd.Series(table["sold"].mean(), index=table.index)


@group_mean.mistake
def always_by_shop(table, key):
    """You group by `"shop"` whatever `key` says. With the key `"town"` all shops of a town share one mean."""
    return group_mean.reference(table, "shop")


@group_mean.mistake
def counts_a_new_index(table, key):
    """Your values are right, but the receipt numbers are gone: a merge, `reset_index` or `to_numpy` throws the index
    away. Put beside the table, every value would land on another row, or on none. Give them `table.index`."""
    return group_mean.reference(table, key).reset_index(drop=True)


@group_mean.mistake
@also(group_mean, "by_key", by=())
def sorted_rows(table, key, by=("shop", "day")):
    """Your rows come back sorted. The labels are right, the order is not that of the table: whoever takes the bare
    numbers puts them on the wrong rows. Go back to the order of `table.index` at the end."""
    return group_mean.reference(table.sort_values([*by] or key, kind="stable"), key)


@group_mean.mistake
def missing_as_zero(table, key):
    """You count a missing sale as 0 loaves (or divide by all rows, `size`), and the mean falls. An unknown number is
    left out, from the sum and from the count: `mean` does both by itself."""
    return group_mean.reference(table.fillna({"sold": 0}), key)


@group_mean.mistake
def sums(table, key):
    """You return the sum of the group. A shop that has been open longer then looks larger. Take the mean."""
    return table.groupby(key)["sold"].transform("sum")


@group_mean.mistake
def writes_into_the_table(table, key):
    """Your numbers are right, but you wrote a column into the caller's table on the way. Return a new Series and
    leave `table` as it was."""
    table["mean"] = group_mean.reference(table, key)
    return table["mean"]


@group_mean.accepts
def with_merge(table, key):
    means = table.groupby(key)["sold"].mean().rename("mean").reset_index()
    return pd.Series(table[[key]].merge(means, on=key, how="left")["mean"].to_numpy(), index=table.index)


@group_mean.accepts
def with_map(table, key):
    return table[key].map(table.groupby(key)["sold"].mean())


@group_mean.accepts
def with_a_loop(table, key):
    means = [np.nanmean(table["sold"].to_numpy()[(table[key] == group).to_numpy()]) for group in table[key]]
    return pd.Series(means, index=table.index)


# 2. moved_by_the_future


def moved(feature, table, today, *, changes=None, looks=None, new=None, differs=None, some=np.any):
    """Ask a feature twice. `changes` and `looks` tell which days are replaced and compared, `new` gives the numbers."""
    changes = (table["day"] >= today) if changes is None else changes(table["day"])
    looks = (table["day"] <= today) if looks is None else looks(table["day"])
    other, old = table.copy(), table.loc[changes, "sold"].to_numpy()
    rng = np.random.default_rng(0)
    other.loc[changes, "sold"] = new(rng, old) if new else old + rng.uniform(500, 900, len(old))
    before, after = feature(table)[looks].to_numpy(dtype=float), feature(other)[looks].to_numpy(dtype=float)
    return bool(some((differs or different)(before, after)))


def different(before, after):
    return ~np.isclose(before, after, equal_nan=True)


@Check
def moved_by_the_future(feature, table, today):
    return moved(feature, table, today)


@moved_by_the_future.probe
def try_on_a_suspect(answer, feature, table, today):
    import numpy as np
    import pandas as pd

    given = table.copy()

    def suspect(table):
        if not isinstance(table, pd.DataFrame):
            raise TypeError(f"`feature` was handed a {type(table).__name__}, where a table was expected")
        sold = table.sort_values(["shop", "day"])["sold"]
        shops = sold.groupby(table["shop"].reindex(sold.index))
        match feature:
            case "the weekday":
                result = table["day"].dt.day_of_week
            case "yesterday's sales of the same shop":
                result = shops.shift(1)
            case "yesterday's sales, or 0 on the first day":
                result = shops.shift(1).fillna(0)
            case "yesterday's sales, or 0, with a last digit that wobbles":
                result = shops.shift(1).fillna(0) * (1 + 1e-14 * (np.nansum(table["sold"].clip(upper=1e6)) % 7 + 1))
            case "yesterday's sales minus the mean of yesterday, today and tomorrow":
                result = shops.transform(lambda sold: sold.shift() - sold.rolling(3, center=True).mean())
            case "the mean of today and the two days before":
                result = shops.transform(lambda sold: sold.rolling(3).mean())
            case "tomorrow's sales of the same shop":
                result = shops.shift(-1)
            case "the row above, without a groupby":
                result = sold.shift(1)
            case "the shop's mean over all days":
                result = shops.transform("mean")
            case "the logarithm of the shop's mean over all days":
                result = np.log(shops.transform("mean").clip(lower=1))
            case "yesterday's sales, blank where today's are not as first booked":
                result = shops.shift(1).where(sold == given["sold"].reindex(sold.index))
        return result.reindex(table.index)

    found = answer(suspect, table, today)
    return found if table.equals(given) else "the caller's table, changed"


def on_day(rng, number, days=8, **options):
    table = bakeries(rng, days, **options)
    return table, sorted(table["day"].unique())[number]


@moved_by_the_future.case
def honest_lag(rng):
    """an honest feature that is NaN on each shop's first day: yesterday's sales of the shop"""
    return "yesterday's sales of the same shop", *on_day(rng, 4)


@moved_by_the_future.case
def honest_calendar(rng):
    """an honest feature, the weekday: a calendar knows it in advance"""
    return "the weekday", *on_day(rng, 4)


@moved_by_the_future.case
def honest_zeros(rng):
    """an honest feature without NaN: yesterday's sales of the shop, or 0 on its first day"""
    return "yesterday's sales, or 0 on the first day", *on_day(rng, 4)


@moved_by_the_future.case
def honest_but_for_rounding(rng):
    """an honest feature whose last digit wobbles"""
    return "yesterday's sales, or 0, with a last digit that wobbles", *on_day(rng, -1)


@moved_by_the_future.case
def with_today(rng):
    """a rolling mean that ends with today, instead of with yesterday"""
    return "the mean of today and the two days before", *on_day(rng, 4)


@moved_by_the_future.case
def centred(rng):
    """a feature that falls when the sales rise: yesterday's sales minus a centred rolling mean"""
    return "yesterday's sales minus the mean of yesterday, today and tomorrow", *on_day(rng, 4)


@moved_by_the_future.case
def over_the_border(rng):
    """a shift without a groupby: a shop's first day gets another shop's last day"""
    return "the row above, without a groupby", *on_day(rng, -1)


@moved_by_the_future.case
def first_day(rng):
    """tomorrow's sales as a feature, asked on the first day of the table"""
    return "tomorrow's sales of the same shop", *on_day(rng, 0)


@moved_by_the_future.case
def one_shop(rng):
    """a mean over all days, in a table of one shop"""
    return "the shop's mean over all days", *on_day(rng, 4, shops=["Elm"])


@moved_by_the_future.case
def last_day(rng):
    """a feature that moves by less than 1: the logarithm of a mean over all days, asked on the last day"""
    return "the logarithm of the shop's mean over all days", *on_day(rng, -1, days=12)


@moved_by_the_future.case
def turns_blank(rng):
    """a feature that does not take another value, but turns into NaN"""
    return "yesterday's sales, blank where today's are not as first booked", *on_day(rng, 4)


@moved_by_the_future.mistake
def counts_today_as_past(*case):
    """You replaced only the days after today. In the morning, when the forecast is made, today's sales are unknown
    too: a mean that ends with today slips through. Let the future begin with today."""
    return moved(*case, changes=lambda day: day > case[-1])


@moved_by_the_future.mistake
def replaces_today_only(*case):
    """You replaced today's sales only and left the later days as they were. A feature that reads tomorrow slips
    through. Replace today's and all that follow."""
    return moved(*case, changes=lambda day: day == case[-1])


@moved_by_the_future.mistake
def looks_at_today_only(*case):
    """You compared the rows of today only. A shift without a groupby hands each shop's *first* row the last day of
    another shop, so the leak shows in an old row. Compare the rows of today and of all days before."""
    return moved(*case, looks=lambda day: day == case[-1])


@moved_by_the_future.mistake
def forgets_the_rows_of_today(*case):
    """You compared the rows before today and left out those of today. They are the ones that you forecast from:
    compare them too."""
    return moved(*case, looks=lambda day: day < case[-1])


@moved_by_the_future.mistake
def looks_at_every_row(*case):
    """You accuse an honest feature: next week's rows may change when tomorrow's sales do, because by then tomorrow is
    the past. Compare the rows up to today only, and find them by their day: the rows come in no order."""
    return moved(*case, looks=lambda day: day == day)


@moved_by_the_future.mistake
def replaces_everything(*case):
    """You replaced the past as well, and accused honest features: they are made of the past, so they must move with
    it. Keep all days before today as they are."""
    return moved(*case, changes=lambda day: day == day)


@moved_by_the_future.mistake
def shuffles(*case):
    """You shuffled the future. A shuffle puts the same numbers in another order, so their mean stays the same, and a
    mean over all days slips through. Write other numbers."""
    return moved(*case, new=lambda rng, old: rng.permutation(old))


@moved_by_the_future.mistake
def nan_is_not_nan(*case):
    """You accuse a feature that is NaN on each shop's first day, before and after. `nan != nan` is true, in NumPy and
    pandas. Count two NaN in the same row as equal."""
    return moved(*case, differs=lambda before, after: ~np.isclose(before, after))


@moved_by_the_future.mistake
def nan_is_not_nan_and_every_digit_counts(*case):
    """You compared with `==` or `!=`, and accused honest features twice: `nan != nan` is true, and so is
    `0.1 + 0.2 != 0.3`. Look for a comparison that forgives rounding and can count two NaN as equal."""
    return moved(*case, differs=lambda before, after: before != after)


@moved_by_the_future.mistake
def wants_every_digit(*case):
    """You compared to the last digit, and accused an honest feature of its rounding: `0.1 + 0.2 == 0.3` is false,
    too. A comparison such as `np.isclose` forgives rounding."""
    return moved(*case, differs=lambda old, new: (old != new) & ~(np.isnan(old) & np.isnan(new)))


@moved_by_the_future.mistake
def blanks_and_overlooks(*case):
    """You made the future NaN, and where the feature became NaN your comparison skipped the row. A number that turns
    into NaN has moved: compare which rows are NaN, too, or write other numbers instead of NaN."""
    differs = lambda old, new: ~np.isclose(old, new) & ~np.isnan(new) & ~np.isnan(old)  # noqa: E731
    return moved(*case, new=lambda rng, old: np.nan, differs=differs)


@moved_by_the_future.mistake
def overlooks_blanks(*case):
    """Your comparison skips the rows on which the feature has turned into NaN: `abs(nan - 5) > 0.001` is false. A
    number that becomes NaN has moved, too: compare which rows are NaN."""
    return moved(*case, differs=lambda old, new: ~np.isclose(old, new) & ~np.isnan(new) & ~np.isnan(old))


@moved_by_the_future.mistake
def forgives_too_much(*case):
    """Your comparison forgives too much. Not every feature counts loaves: the logarithm of a mean moves by tenths. A
    change of a hundredth counts."""
    return moved(*case, differs=lambda old, new: ~np.isclose(old, new, rtol=0, atol=3, equal_nan=True))


@moved_by_the_future.mistake
@also(moved_by_the_future, "or_for_falls", sign=-1)
def watches_for_rises(*case, sign=1):
    """You look for a move in one direction. A difference of -9 is below every limit, and a feature may rise or fall
    when sales rise. Take `abs` first, or ask `np.isclose`."""
    return moved(*case, differs=lambda before, after: sign * (after - before) > 1e-6)


@moved_by_the_future.mistake
def wants_every_row_to_move(*case):
    """You accuse a feature only if all its rows move. A leak seldom touches every row: a window around today knows
    one day of the future, not all. One row is enough (`any`, not `all`)."""
    return moved(*case, some=np.all)


@moved_by_the_future.mistake
def never_accuses(*case):
    """You never say `True`, whatever you are handed. Are both tables the same object? `other = table` is a second
    name, not a second table: changing one changes both. Or is the changed table never handed to `feature`?"""
    return False


@moved_by_the_future.mistake
def always_accuses(*case):
    """You always say `True`, even for the weekday, which no sale can change. What do you compare with what? Print
    both Series for one honest feature."""
    return True


@moved_by_the_future.mistake
def the_wrong_way_round(*case):
    """Your detector works, but it answers the other question: it says `True` when the feature is honest. Read the
    name aloud."""
    return not moved(*case)


@moved_by_the_future.mistake
def changes_the_callers_table(feature, table, today):
    """You wrote into `table` itself, your invented sales or a new column, and the caller finds it changed. (Whoever
    shows a feature that one table twice shows it one world, not two.) Write into a copy."""
    found = moved(feature, table, today)
    table.loc[table["day"] >= today, "sold"] += 1000
    return found


@moved_by_the_future.accepts
def truncates(feature, table, today):
    known = table[table["day"] <= today].copy()
    known["sold"] = [np.nan if day == today else sold for day, sold in zip(known["day"], known["sold"], strict=True)]
    pairs = zip(feature(table).loc[known.index], feature(known), strict=True)
    return not all(abs(a - b) < 1e-6 or (a != a and b != b) for a, b in pairs)


@moved_by_the_future.accepts
def with_assert(feature, table, today):
    other = table.assign(sold=table["sold"].mask(table["day"] >= today, table["sold"] * 2 + 7))
    early = table.index[table["day"] <= today]
    try:
        pd.testing.assert_series_equal(feature(table)[early], feature(other)[early])
    except AssertionError:
        return np.True_
    return np.False_


# 3. recent_mean


def per_shop(table, what, after=None, *, sort=True, keep=True):
    """Transform the sales within each shop, then `after` across all of them; `keep` the order of the table's rows."""
    result = ordered(table, sort).groupby("shop")["sold"].transform(what)
    result = after(result) if after else result
    return result.reindex(table.index) if keep else result


@Check(inputs="untouched")
def recent_mean(table, n):
    return per_shop(table, lambda sold: sold.shift().rolling(n, min_periods=1).mean())


recent_mean.property(index_of_the_table)
NOTE = "And the rows lie in no order: sort by day before you count rows."
also_unsorted = also(recent_mean, "and_does_not_sort", NOTE, sort=False)


@recent_mean.case
def three_days(rng):
    """rows in no order, and n = 3"""
    return bakeries(rng, 8), 3


@recent_mean.case
def days_closed(rng):
    """days on which a shop was closed, and n = 4"""
    return bakeries(rng, 11, closed=0.35), 4


@recent_mean.case
def one_day(rng):
    """n = 1, which is the sales of the day before"""
    return bakeries(rng, 6), 1


@recent_mean.case
def a_single_row(rng):
    """a shop with a single row, and others with fewer than n"""
    table = bakeries(rng, 5)
    return table[(table["shop"] != "Elm") | (table["day"] == "2024-03-02")], 7


@recent_mean.mistake
@also_unsorted
def includes_today(table, n, **rows):
    """Your window ends with the row itself, so today's sales, which you want to forecast, are part of the feature.
    Your detector says so, too. Move the sales by one row before the window."""
    return per_shop(table, lambda sold: sold.rolling(n, min_periods=1).mean(), **rows)


@recent_mean.mistake
@also_unsorted
def includes_today_and_waits(table, n, **rows):
    """Your window ends with the row itself, so today's sales are in the feature. It also stays NaN until n rows are
    there, where the mean of those that there are is wanted."""
    return per_shop(table, lambda sold: sold.rolling(n).mean(), **rows)


@recent_mean.mistake
@also_unsorted
def waits_for_n_rows(table, n, **rows):
    """Your feature stays NaN until n earlier rows are there. With fewer, the mean of those that there are is wanted;
    only a shop's first row is NaN. Look at the options of `rolling`."""
    return per_shop(table, lambda sold: sold.shift().rolling(n).mean(), **rows)


@recent_mean.mistake
@also_unsorted
def window_crosses_the_border(table, n, **rows):
    """You shifted within each shop, and then rolled over the whole column. `groupby(…).shift()` gives back a plain
    column that has forgotten its groups: your window begins in one shop and ends in the next. Both steps belong
    inside the group."""
    return per_shop(table, "shift", lambda sold: sold.rolling(n, min_periods=1).mean(), **rows)


@recent_mean.mistake
def window_runs_through_the_days(table, n):
    """You sorted by day and shifted within each shop, and then rolled over the whole column, where one row of every
    shop follows the other. `groupby(…).shift()` gives back a plain column that has forgotten its groups. Both steps
    belong inside the group."""
    shifted = table.sort_values("day").groupby("shop")["sold"].shift()
    return shifted.rolling(n, min_periods=1).mean().reindex(table.index)


@recent_mean.mistake
def shift_crosses_the_border(table, n):
    """You rolled within each shop, and then shifted the whole column. A shop's first row gets the last days of
    another shop: those lie in the future, too. Both steps belong inside the group."""
    return per_shop(table, lambda sold: sold.rolling(n, min_periods=1).mean(), lambda means: means.shift())


@recent_mean.mistake
@also_unsorted
def knows_no_shops(table, n, **rows):
    """You treat the table as one long shop: windows and shifts run from the last days of a shop into the first ones
    of the next. Group by shop."""
    return per_shop(table, lambda s: s, lambda sold: sold.shift().rolling(n, min_periods=1).mean(), **rows)


@recent_mean.mistake
def knows_no_shops_sorted_by_day(table, n):
    """You treat the table as one long shop: sorted by day, the row above belongs to another shop. Group by shop."""
    return table.sort_values("day")["sold"].shift().rolling(n, min_periods=1).mean().reindex(table.index)


@recent_mean.mistake
def counts_rows_as_they_lie(table, n):
    """You counted rows in the order in which they lie in the table, and that is no order: the row above may be next
    week. Sort by day first, and bring the result back to the table's rows."""
    return recent_mean.reference(table.assign(day=range(len(table))), n)


@recent_mean.mistake
def rows_in_another_order(table, n):
    """Every label has its right value, but the rows come back sorted. Whoever takes the bare numbers puts them on the
    wrong rows. Go back to the order of `table.index` at the end."""
    return per_shop(table, lambda sold: sold.shift().rolling(n, min_periods=1).mean(), keep=False)


@recent_mean.mistake
def wrong_labels(table, n):
    """You computed on sorted rows and then glued `table.index` onto the result, so the numbers of one shop stand
    beside another. Let the index travel with the values, then reorder by it."""
    return recent_mean.reference(ordered(table), n).set_axis(table.index)


@recent_mean.mistake
def counts_a_new_index_in_sorted_rows(table, n):
    """Your rows come back sorted and numbered 0, 1, 2, …: the receipt numbers are lost (`reset_index`), so no value
    finds its row again. Sort without resetting; then the index can lead every value back."""
    return recent_mean.reference(ordered(table), n).reset_index(drop=True)


@recent_mean.mistake
def two_levels_of_index(table, n):
    """Your index has two levels, the shop and the receipt: `groupby(…).rolling(…)` puts the shop in front. Drop that
    level (`droplevel`), and bring the rows back into the table's order."""
    rows = ordered(table).assign(sold=per_shop(table, "shift"))
    return rows.groupby("shop")["sold"].rolling(n, min_periods=1).mean()


@recent_mean.mistake
def two_levels_of_index_and_includes_today(table, n):
    """Two things. Your index has two levels, the shop and the receipt: `groupby(…).rolling(…)` puts the shop in front;
    drop that level (`droplevel`). And your window ends with the row itself, so today's sales are in the feature."""
    return ordered(table).groupby("shop")["sold"].rolling(n, min_periods=1).mean()


@recent_mean.mistake
def shifts_upwards(table, n):
    """You shifted the wrong way: every row now reads the days that come *after* it. A shift by a positive number
    brings earlier rows down to later ones."""
    return per_shop(table, lambda sold: sold.shift(-1).rolling(n, min_periods=1).mean())


@recent_mean.mistake
def counts_days_of_the_calendar(table, n):
    """You took the last n days of the calendar. The last n *rows* of the shop are wanted, however long ago they are:
    after a holiday your window is empty."""
    days = ordered(table).set_index("day").groupby("shop")["sold"].rolling(f"{n}D", closed="left").mean()
    return pd.Series(days.to_numpy(), index=ordered(table).index).reindex(table.index)


@recent_mean.mistake
def fills_with_zero(table, n):
    """You filled the first row of each shop with 0. Nothing is known there, and 0 loaves is a claim: leave NaN."""
    return recent_mean.reference(table, n).fillna(0)


@recent_mean.mistake
def forgets_the_window(table, n):
    """You average over all earlier rows, or never use `n`. The n most recent ones are wanted."""
    return per_shop(table, lambda sold: sold.shift().expanding().mean())


@recent_mean.mistake
def shifts_by_n(table, n):
    """You shifted by n rows. One row is enough to leave today out; the rest is the window's job."""
    return per_shop(table, lambda sold: sold.shift(n).rolling(n, min_periods=1).mean())


@recent_mean.mistake
def divides_by_n(table, n):
    """You divide by `n` even where a shop has fewer earlier rows. Divide by the number of those that there
    are; `rolling` knows a mean that does."""
    return per_shop(table, lambda sold: sold.shift().rolling(n, min_periods=1).sum() / n)


@recent_mean.mistake
def fills_in_zero_before_it_rolls(table, n):
    """You put a 0 before the first row of each shop (`fill_value`, `fillna`), and it is averaged as a day on which
    nothing was sold. Leave NaN there: `rolling` can do without it."""
    return per_shop(table, lambda sold: sold.shift(fill_value=0).rolling(n, min_periods=1).mean())


@recent_mean.mistake
def sorts_the_callers_table(table, n):
    """Your numbers are right, but the caller's table has changed: `inplace=True`, or a new column, works on the table
    itself. Work on a new one."""
    result = recent_mean.reference(table, n)
    table.sort_values(["shop", "day"], inplace=True)
    return result


@recent_mean.accepts
def with_groupby_rolling(table, n):
    rows = table.sort_values("day")
    means = rows.groupby("shop")["sold"].rolling(n, min_periods=1, closed="left").mean()
    return means.droplevel("shop").loc[table.index]


@recent_mean.accepts
def row_by_row(table, n):
    result = []
    for _, row in table.iterrows():
        earlier = table[(table["shop"] == row["shop"]) & (table["day"] < row["day"])]
        result.append(earlier.nlargest(n, "day")["sold"].mean())
    return pd.Series(result, index=table.index)


@recent_mean.accepts
def shop_by_shop(table, n):
    parts = []
    for _, rows in table.sort_values("day").groupby("shop"):
        sold = rows["sold"].tolist()
        means = [np.mean(sold[max(i - n, 0) : i]) if i else None for i in range(len(sold))]
        parts.append(pd.Series(means, index=rows.index, dtype=float))
    return pd.concat(parts)[table.index]


# 4. past_mean


def mean_of(table, wanted):
    """Return for each row the mean of the sales that `wanted(table, row)` marks."""
    rows = table.itertuples()
    return pd.Series([table.loc[wanted(table, row), "sold"].mean() for row in rows], index=table.index, dtype=float)


def by_day(table, daily, key):
    """Bring one value per key and day back to the rows."""
    return table[[key, "day"]].join(daily.rename("value"), on=[key, "day"])["value"]


@Check(inputs="untouched")
def past_mean(table, key):
    daily = table.groupby([key, "day"])["sold"].agg(["sum", "count"])
    past = daily.groupby(level=0).cumsum() - daily
    return by_day(table, past["sum"] / past["count"], key)


past_mean.property(index_of_the_table)


@past_mean.case
def of_a_shop(rng):
    """the key `shop`, rows in no order"""
    return bakeries(rng, 6), "shop"


@past_mean.case
def of_a_town(rng):
    """the key `town`, whose shops share their days"""
    return bakeries(rng, 5), "town"


@past_mean.case
def some_closed(rng):
    """the key `town`, and days on which some shops were closed"""
    return bakeries(rng, 8, closed=0.4), "town"


@past_mean.case
def single(rng):
    """a shop with a single row"""
    table = bakeries(rng, 5)
    return table[(table["shop"] != "Elm") | (table["day"] == "2024-03-04")], "shop"


def step_by_step(table, key, by, what=lambda sold: sold.shift().expanding().mean()):
    rows = table.sort_values(by) if by else table
    return rows.groupby(key)["sold"].transform(what).reindex(table.index)


@past_mean.mistake
@also(past_mean, "sorted_by_day", by_key=False)
def shifts_by_one_row(table, key, by_key=True):
    """You shifted by one row. A town has several rows on one day, and the row above may be of *today*: its sales are
    still unknown this morning. The past ends with yesterday, not with the row above. Gather each day before you
    step over it."""
    return step_by_step(table, key, [key, "day"] if by_key else "day")


@past_mean.mistake
def runs_shop_after_shop(table, key):
    """Within a town you run through one shop after the other, so the first day of the second shop already knows the
    last day of the first. In a group, the day decides what is past."""
    return step_by_step(table, key, ["shop", "day"])


@past_mean.mistake
def rows_as_they_lie(table, key):
    """You went through the rows as they lie in the table, and that is no order: the row above may be next week. The
    day decides what is past."""
    return step_by_step(table, key, None)


@past_mean.mistake
def includes_today(table, key):
    """The sales of today are in your mean. They are known only in the evening: the past ends with yesterday. Is it
    `<=` where `<` is meant, or is nothing taken away?"""
    return mean_of(table, lambda t, row: (t[key] == getattr(row, key)) & (t["day"] <= row.day))


@past_mean.mistake
@also(past_mean, "sorted_by_day", by_key=False)
def expands_with_today(table, key, by_key=True):
    """Your expanding mean contains the row itself, today's sales. The past ends with yesterday."""
    by = [key, "day"] if by_key else "day"
    return step_by_step(table, key, by, lambda sold: sold.expanding().mean())


@past_mean.mistake
def shift_crosses_the_border(table, key):
    """You took the running totals within each group, and then shifted the whole column: the first day of a group gets
    the last total of another one. Shift inside the group, or take today's part away."""
    totals = table.groupby([key, "day"])["sold"].agg(["sum", "count"]).groupby(level=0).cumsum().shift()
    return by_day(table, totals["sum"] / totals["count"], key)


@past_mean.mistake
def leaves_out_only_itself(table, key):
    """You left out the row itself, but not the other rows of its group that lie today or later. Unknown is unknown,
    whoever's sale it is. Take earlier days only."""
    return mean_of(table, lambda t, row: (t[key] == getattr(row, key)) & (t.index != row.Index))


@past_mean.mistake
def over_all_days(table, key):
    """You return the mean over all days, tomorrow included: that is the feature you are here to mend."""
    return group_mean.reference(table, key)


@past_mean.mistake
def of_everybody(table, key):
    """You average over all groups. Only rows with the same `key` count."""
    return mean_of(table, lambda t, row: t["day"] < row.day)


@past_mean.mistake
def always_by_shop(table, key):
    """You group by `"shop"` whatever `key` says. With the key `"town"` all shops of a town count."""
    return past_mean.reference(table, "shop")


@past_mean.mistake
def mean_of_daily_means(table, key):
    """You averaged the daily means. A day with one open shop then counts as much as a day with two. Every earlier
    *row* counts once: carry sums and counts, and divide at the end."""
    daily = table.groupby([key, "day"])["sold"].mean()
    past = daily.groupby(key).transform(lambda sold: sold.shift().expanding().mean())
    return by_day(table, past, key)


@past_mean.mistake
def divides_by_days(table, key):
    """You divide by the number of earlier days. A town sells in several shops on one day: divide by the number of
    earlier *rows*."""
    daily = table.groupby([key, "day"])["sold"].sum()
    return by_day(table, daily.groupby(key).transform(lambda sold: sold.shift().expanding().mean()), key)


@past_mean.mistake
def first_number_of_the_day(table, key):
    """You take the first value of each day, a good idea; but `first` skips NaN. On the first day of a group it finds
    the second row's value, made of today's sales. That day is to be NaN on all its rows."""
    moving = step_by_step(table, key, [key, "day"])
    return moving.groupby([table[key], table["day"]]).transform("first")


@past_mean.mistake
def fills_with_zero(table, key):
    """You filled the first day with 0. Nothing is known there, and 0 loaves is a claim: leave NaN."""
    return past_mean.reference(table, key).fillna(0)


@past_mean.mistake
def counts_a_new_index(table, key):
    """The receipt numbers are gone: a merge, `reset_index` or `to_numpy` throws the index away, so no value finds its
    row again. Give the values `table.index`."""
    return past_mean.reference(table, key).reset_index(drop=True)


@past_mean.mistake
def one_row_per_day(table, key):
    """You return one row per group and day. Every row of the table wants its value: bring them back by key and
    day."""
    daily = table.groupby([key, "day"])["sold"].agg(["sum", "count"])
    past = daily.groupby(key).cumsum() - daily
    return past["sum"] / past["count"]


@past_mean.mistake
def writes_into_the_table(table, key):
    """Your numbers are right, but the caller's table has changed: a new column, or `inplace=True`, works on the table
    itself. Work on a new one."""
    result = past_mean.reference(table, key)
    table["past"] = result
    return result


@past_mean.accepts
def row_by_row(table, key):
    return mean_of(table, lambda t, row: (t[key] == getattr(row, key)) & (t["day"] < row.day))


@past_mean.accepts
def first_of_the_day(table, key):
    rows = table.sort_values([key, "day"])
    moving = rows.groupby(key)["sold"].transform(lambda sold: sold.shift().expanding().mean())
    first = ~rows.duplicated([key, "day"])
    return moving.where(first).groupby([rows[key], rows["day"]]).transform("max").reindex(table.index)
