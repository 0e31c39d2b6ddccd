# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Group, window, and the leak from the future
#     minutes: 45
#     level: 2
#     needs: [data/tidy_tables]
#     packages: [numpy, pandas, scikit-learn, matplotlib]
# ---

# %% [markdown]
# You forecast how many loaves each bakery will sell tomorrow. On old data your model misses by 7 loaves. You are
# proud, it goes live, and in the first weeks it misses by far more than that. Nothing crashed. Not a line of code
# has changed. Somewhere among your columns, one had read tomorrow's newspaper.
#
# By the end you can find such a column by a test that needs no reading of code, and rebuild it from the past alone.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from shoshin.graders.data import group_and_window as check

# %% [markdown]
# ## The shops
#
# Twelve bakeries in four towns, 140 days. The numbers are made up, so that you can look behind the scenes: every
# shop has a size of its own that drifts, Saturdays are good, and once in a while something happens (a school opens,
# a street is closed) and the size jumps. One row is one shop on one day, and every row has a receipt number, the
# index. You need not read the body.


# %%
def bakeries(seed=0, days=140):
    """Return a table of daily sales, rows in no order, with receipt numbers as index."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2024-01-01", periods=days)
    week = np.array([0.90, 0.85, 0.90, 1.00, 1.15, 1.40, 0.80])[dates.day_of_week]
    towns = {town: rng.normal(0, 0.05, days) for town in ("Kivik", "Lund", "Malmo", "Ystad")}
    parts = []
    for number, town in enumerate([*towns] * 3):
        size = np.log(rng.uniform(40, 160)) + rng.normal(0, 0.03, days).cumsum()
        size[rng.integers(10, days - 10) :] += rng.choice([-1, 1]) * rng.uniform(0.3, 0.45)
        sold = np.round(week * np.exp(size + towns[town] + rng.normal(0, 0.08, days)))
        parts.append(pd.DataFrame({"shop": f"shop {number:02}", "town": town, "day": dates, "sold": sold}))
    table = pd.concat(parts)
    table.index = pd.Index(rng.permutation(np.arange(70000, 70000 + len(table))), name="receipt")
    return table.sample(frac=1, random_state=seed)


# %% [markdown]
# The till exports more than sales: it adds a total for each town, and sends some receipts twice. You know such rows
# from [The spreadsheet a colleague sent](../data/tidy_tables.ipynb). Here is your `one_row_each` again, with one
# change: it is told which columns name a row.


# %%
def one_row_each(sheet, names):
    """Return the sheet without totals and copies, or raise a ValueError where two rows contradict each other."""
    is_total = sheet[names[0]].str.lower().str.startswith("total")
    rows = sheet[~is_total].drop_duplicates()
    if rows[names].duplicated().any():
        raise ValueError("two rows have the same name and differ")
    return rows


def till_export():
    """Return the sales with a total for each town, and forty rows that came twice, at the end."""
    sales = bakeries()
    totals = sales.groupby("town", as_index=False)["sold"].sum()
    totals = totals.assign(shop="total " + totals["town"], day=sales["day"].max())
    totals.index = pd.Index(range(4), name="receipt")
    return pd.concat([sales, sales.head(40), totals])


export = till_export()
receipts = one_row_each(export, ["shop", "day"])
print(f"{len(export)} rows exported, {len(receipts)} sales; the largest 'shop' was {export['sold'].max():,.0f} loaves")
receipts.head()

# %% [markdown]
# ## Write `group_mean`
#
# A large shop sells more than a small one, so tell the model how large each is. A **feature** is a column that the
# model may look at, made here by a function that takes the table. Yours: the mean of `sold` over all rows that have
# the same `key`, *on every row*. `key` is the name of a column, such as `"shop"` or `"town"`.
#
# Return a Series with one value per row of `table`, with the index of `table`, in the order of `table`. The rows come
# in no order. A missing sale (NaN) is left out of the mean. Leave `table` itself as it is.
#
# <details><summary>Hint 1: what comes back from a group?</summary>A group can send back one number, as a class sends
# one speaker to the council; or it can send back as many numbers as it has members. You want the second.</details>
# <details><summary>Hint 2: which method keeps the rows?</summary>After <code>table.groupby(key)["sold"]</code>,
# <code>agg</code> makes one row per group. Its sister <code>transform</code> takes the same names (such as
# <code>"max"</code>) and keeps every row, with its index.</details>


# %% answer="group_mean"
def group_mean(table, key):
    """Return, on every row, the mean of sold over all rows with the same key."""
    ### BEGIN SOLUTION
    return table.groupby(key)["sold"].transform("mean")
    ### END SOLUTION


# %% check="group_mean" points=2
check.group_mean(group_mean)

# %% [markdown]
# ## Predict: how will it do in the morning?
#
# A colleague sorts the table once by shop and day and adds seven more features. `shift(1)` moves a column down by
# one row, `rolling(7)` opens a window of seven rows that ends at each row. Yours are the last two. Read them closely.


# %%
def yesterday(table):
    return table.groupby("shop")["sold"].shift(1)


def two_days_ago(table):
    return table["sold"].shift(2)


def last_week(table):
    return table.groupby("shop")["sold"].shift(7)


def all_shops_yesterday(table):
    return table["day"].map(table.groupby("day")["sold"].mean().shift(1))


def week_mean(table):
    return table.groupby("shop")["sold"].transform(lambda sold: sold.rolling(7, min_periods=1).mean())


def smooth(table):
    return table.groupby("shop")["sold"].transform(lambda sold: sold.rolling(3, min_periods=1, center=True).mean())


def weekday(table):
    return table["day"].dt.day_of_week


def shop_mean(table):
    return group_mean(table, "shop")


def town_mean(table):
    return group_mean(table, "town")


sales = receipts.sort_values(["shop", "day"])
first_features = [
    yesterday,
    two_days_ago,
    last_week,
    all_shops_yesterday,
    week_mean,
    smooth,
    weekday,
    shop_mean,
    town_mean,
]

# %% [markdown]
# The **back-test** replays history: a linear model learns from the days before 29 April and forecasts the last three
# weeks. The error is the mean of how many loaves it is off. To beat: "as many as a week ago".
#
# **Live**, the same model works in the morning. Every day the features are computed anew from what is in the table
# *that morning*: today's row is there, its sales are not, and later rows do not exist. The next cell measures both,
# and shows the back-test.


# %%
def columns(features, table):
    return pd.DataFrame({feature.__name__: feature(table) for feature in features})


def errors(features, table, begin="2024-04-29", warm_up=14):
    """Return the mean error in loaves from the day `begin` on: (in the back-test, live)."""
    X, day = columns(features, table), table["day"]
    train, test = (day < begin) & (day >= day.min() + pd.Timedelta(days=warm_up)), day >= begin
    one_column_per_weekday = make_column_transformer((OneHotEncoder(), ["weekday"]), remainder="passthrough")
    model = make_pipeline(one_column_per_weekday, LinearRegression()).fit(X[train], table["sold"][train])
    backtest = pd.Series(model.predict(X[test]), X.index[test])
    mornings = []
    for today in day[test].unique():
        known = table[day <= today]
        known = known.assign(sold=known["sold"].where(known["day"] < today))
        rows = known["day"] == today
        mornings.append(pd.Series(model.predict(columns(features, known)[rows]), known.index[rows]))
    return [(forecast - table["sold"]).abs().mean() for forecast in (backtest, pd.concat(mornings))]


as_a_week_ago = (last_week(sales) - sales["sold"])[sales["day"] >= "2024-04-29"].abs().mean()
print(f"as many as a week ago: {as_a_week_ago:4.1f} loaves")
if check.group_mean.passed:
    first_backtest, first_live = errors(first_features, sales)
    print(f"the model, back-test:  {first_backtest:4.1f} loaves")

# %% [markdown]
# Before you go on, put down two guesses; neither is graded. How many loaves will the model miss by when it is live?
# And which of the nine features, if any, know something of the future?

# %% answer="prediction"
prediction = ...  # loaves, a number
suspects = ...  # names, for example {"weekday", "last_week"}
### BEGIN SOLUTION
prediction = 9
suspects = {"week_mean", "smooth"}
### END SOLUTION

# %%
if check.group_mean.passed:
    said = "nothing" if prediction is ... else f"{prediction} loaves"
    print(f"You said {said}. Back-test: {first_backtest:.1f}, live: {first_live:.1f} loaves.")
    print(f"Somebody who orders as many as a week ago is off by {as_a_week_ago:.1f}.")

# %% [markdown]
# Live, the same model is worse than an order form copied from last week. It had learned to lean on columns that are
# sharp only in hindsight.
#
# ## Write `moved_by_the_future`
#
# Which columns? You could read the code; you did. Test it instead, by a rule that holds for any code:
# **scramble the future; an honest feature does not move.**
#
# `feature` is a function like those above: it takes a table and returns a Series with the table's index, in the
# table's order. `today` is a day of the table. Its sales are not known before the evening, so the future *begins with
# today*.
#
# Return `True` from `moved_by_the_future(feature, table, today)` if other numbers in `sold` on `today` and all later
# days change the feature on any row of `today` *or of an earlier day*; else `False`.
#
# - Rows after `today` may change: by then, today is the past.
# - NaN before and after is no change; a number that becomes NaN has changed.
# - A change of a hundredth counts; rounding in the last digits does not.
# - The rows come in no order. `sold` has no gaps; its numbers are floats, positive, in the tens and hundreds. Leave
#   `table` itself as it is.
#
# <details><summary>Hint 1: what is compared with what?</summary>Ask the same person the same question twice, in two
# worlds. The worlds share their past and differ in what comes next. An honest witness of the past gives the same
# answer in both.</details>
# <details><summary>Hint 2: how do I make another world?</summary>A <code>copy()</code> of the table, in which
# <code>.loc[rows, "sold"]</code> gets new numbers. Is shuffling the old ones enough? What does a shuffle do to a
# mean?</details>
# <details><summary>Hint 3: when are two columns the same?</summary><code>nan == nan</code> is false, and the last
# digit may wobble. <code>np.allclose</code> forgives the second by itself and the first if you ask it to
# (<code>equal_nan</code>).</details>


# %% answer="moved_by_the_future"
def moved_by_the_future(feature, table, today):
    """Tell whether sales from today on change the feature on any row up to today."""
    ### BEGIN SOLUTION
    other = table.copy()
    future = table["day"] >= today
    other.loc[future, "sold"] = np.random.default_rng(0).uniform(500, 900, future.sum())
    seen = table["day"] <= today
    return not np.allclose(feature(table)[seen], feature(other)[seen], equal_nan=True)
    ### END SOLUTION


# %% check="moved_by_the_future" points=3
check.moved_by_the_future(moved_by_the_future)

# %% [markdown]
# Now pull the curtain. The grey part is the future, from today on, once as it was and once invented. Up to day 0 the
# two curves of an honest feature must lie on each other.

# %%
if check.moved_by_the_future.passed:
    today, invented = pd.Timestamp("2024-04-29"), sales.copy()
    future = invented["day"] >= today
    invented.loc[future, "sold"] = np.random.default_rng(3).uniform(40, 240, future.sum())
    shown = (sales["shop"] == "shop 03") & (abs((sales["day"] - today).dt.days) <= 10)
    fig, both = plt.subplots(1, 2, figsize=(11, 4), layout="constrained", sharey=True)
    for axes, feature in zip(both, (yesterday, smooth), strict=True):
        for world, colour, style, name in ((sales, "#0072B2", "o-", "real"), (invented, "#D55E00", "^--", "invented")):
            days = (world["day"][shown] - today).dt.days
            axes.plot(days, world["sold"][shown], style[0], color=colour, alpha=0.35, label=f"sold, {name} future")
            axes.plot(days, feature(world)[shown], style[1:], color=colour, label=f"feature, {name} future")
        axes.axvspan(-0.5, 10.5, color="0.9", zorder=0)
        verdict = "moved, it leaks" if moved_by_the_future(feature, sales, today) else "did not move, honest"
        axes.set(xlabel="days from today", xlim=(-10.5, 10.5), xticks=range(-10, 11, 2))
        axes.set_title(f"{feature.__name__}, up to today: {verdict}")
    both[0].set_ylabel("loaves (shop 03)")
    fig.legend(*both[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    plt.show()

# %%
if check.group_mean.passed and check.moved_by_the_future.passed:
    for feature in first_features:
        verdict = "LEAKS" if moved_by_the_future(feature, sales, today) else "honest"
        guess = ""
        if isinstance(suspects, (set, list, tuple)):
            said_leaks = feature in suspects or feature.__name__ in suspects
            guess = "you said: leaks" if said_leaks else "you said: honest"
        print(f"{feature.__name__:20} {verdict:8} {guess}")

# %% [markdown]
# Five of nine, and two of them are *yours*. `group_mean` did what was asked; it is a fine summary and a bad feature,
# because the mean over all days contains the days to come. That is **target encoding** as it stands in many
# notebooks: the number that is to be forecast (the target), averaged per customer, over all dates.
#
# `two_days_ago` only looks back, and leaks all the same: without a groupby it crosses a border. The first two days of
# a shop get the last two days of the shop above it, and those lie in the future. `all_shops_yesterday` looks at other
# shops and is honest: not *whose* number it is counts, but *when* it was known.
#
# ## Write `recent_mean`
#
# Mend the windows. Return, on every row, the mean of `sold` over the `n` most recent **earlier** rows of the same
# shop.
#
# - Return a Series with the index of `table`, in the order of `table`. The rows come in no order: today's
#   receipts arrive at the bottom. Leave `table` itself as it is.
# - No shop has two rows on one day, and `sold` has no gaps. A shop may have been closed on some days: count its rows,
#   not the days of the calendar.
# - Where a shop has fewer than `n` earlier rows, take the mean of those that there are. Its first row is NaN (a shop
#   with a single row has nothing else).
#
# <details><summary>Hint 1: where does the window end?</summary>A window ends with the row it belongs to, like a train
# whose last carriage you stand in. Which step moves you one carriage out of it, and must it come before the window is
# opened, or can it come later?</details>
# <details><summary>Hint 2: where does a shop end?</summary>What <code>groupby(…).shift()</code> gives back is a plain
# column: it has forgotten the shops. The whole chain of steps must happen inside the group, as in the colleague's
# <code>week_mean</code>.</details>
# <details><summary>Hint 3: how do the rows find home?</summary>Sorting keeps the index beside the values. A Series
# can be put in the order of any index that has the same labels: <code>reindex</code>, or
# <code>.loc</code>.</details>


# %% answer="recent_mean"
def recent_mean(table, n):
    """Return, on every row, the mean of sold over the n most recent earlier rows of its shop."""
    ### BEGIN SOLUTION
    in_order = table.sort_values("day")
    means = in_order.groupby("shop")["sold"].transform(lambda sold: sold.shift().rolling(n, min_periods=1).mean())
    return means.reindex(table.index)
    ### END SOLUTION


# %% check="recent_mean" points=3
check.recent_mean(recent_mean)

# %% [markdown]
# ## Write `past_mean`
#
# Mend your own feature. Return, on every row, the mean of `sold` over all rows with the same `key` and a **strictly
# earlier** day.
#
# - With the key `"town"`, several rows of a group share a day. All of them are unknown in the morning, so none of them
#   counts for any other. Every earlier row counts once, however many shops were open that day.
# - A row without any earlier day in its group gets NaN.
# - As before: a Series with the index and in the order of `table`, whose rows come in no order; `sold` has no gaps;
#   leave `table` itself as it is.
#
# A loop over the rows is fine, in this task as in the last one; the last cell with code asks for your features every
# morning anew, and then takes some minutes. If you shift by rows, ask your detector about the result:
# `moved_by_the_future(lambda table: past_mean(table, "town"), sales, today)`.
#
# <details><summary>Hint 1: is the row above yesterday?</summary>Three shops of one town, one after the other in the
# list, all on Monday. The row above the third is no past at all. Which table would have one row per
# day?</details>
# <details><summary>Hint 2: how do I average without keeping all numbers?</summary>A mean is a sum divided by a count,
# and both can be carried along: a running total per group (<code>cumsum</code>) of each. What must be taken away from
# a running total so that it ends yesterday?</details>
# <details><summary>Hint 3: how do daily values come back to the rows?</summary>A table with key and day in its index
# can be looked up: <code>table.join(daily, on=[key, "day"])</code> keeps the rows, their order and their
# index.</details>


# %% answer="past_mean"
def past_mean(table, key):
    """Return, on every row, the mean of sold over the rows with the same key on earlier days."""
    ### BEGIN SOLUTION
    daily = table.groupby([key, "day"])["sold"].agg(["sum", "count"])
    past = daily.groupby(key).cumsum() - daily
    past["mean"] = past["sum"] / past["count"]
    return table.join(past["mean"], on=[key, "day"])["mean"]
    ### END SOLUTION


# %% check="past_mean" points=3
check.past_mean(past_mean)

# %% [markdown]
# Here is the test signal that engineers send through every filter: a step. A shop sells 50 loaves a day, and from day
# 0 on it sells 100. Watch who knows it, and when.

# %%
if check.group_mean.passed and check.recent_mean.passed and check.past_mean.passed:
    days = np.arange(-12, 13)
    step = pd.DataFrame(
        {"shop": "shop", "town": "town", "day": pd.Timestamp("2024-06-01") + pd.to_timedelta(days, "D")}
    )
    step["sold"] = np.where(days < 0, 50.0, 100.0)
    panels = {
        "Windows": [
            (smooth(step), "#D55E00", "^--", "smooth: centred"),
            (week_mean(step), "#CC79A7", "s:", "week_mean: with today"),
            (recent_mean(step, 3), "#0072B2", "o-", "recent_mean(3): yours"),
        ],
        "Means of a group": [
            (group_mean(step, "shop"), "#D55E00", "^--", "group_mean: all days"),
            (past_mean(step, "shop"), "#0072B2", "o-", "past_mean: earlier days"),
        ],
    }
    fig, both = plt.subplots(1, 2, figsize=(11, 4), layout="constrained", sharey=True)
    for axes, (title, curves) in zip(both, panels.items(), strict=True):
        axes.step(days, step["sold"], where="mid", color="0.6", linewidth=3, label="sold")
        for feature, colour, style, label in curves:
            axes.plot(days, feature, style, color=colour, markersize=5, label=label)
        axes.axvspan(-12.5, 0.5, color="#FFF3CF", zorder=0, label="nobody can know")
        axes.set(xlabel="days since the step", xlim=(-12.5, 12.5), title=title)
        axes.legend(loc="upper left", fontsize=8)
    both[0].set_ylabel("loaves")
    plt.show()

# %% [markdown]
# In the yellow part, up to the morning of day 0, nobody can know. An honest feature is flat in it and comes late: being
# late is what honesty looks like. `smooth` rises a day early, `week_mean` on the very day, and your `group_mean`
# knew from the start that the shop would grow.
#
# Now the honest set goes through both tests.


# %%
def two_days_ago_mended(table):
    return table.groupby("shop")["sold"].shift(2)


def recent_week(table):
    return recent_mean(table, 7)


def recent_three(table):
    return recent_mean(table, 3)


def shop_past(table):
    return past_mean(table, "shop")


def town_past(table):
    return past_mean(table, "town")


if all(task.passed for task in (check.group_mean, check.moved_by_the_future, check.recent_mean, check.past_mean)):
    kept = [yesterday, last_week, all_shops_yesterday, weekday]
    mended = [two_days_ago_mended, recent_week, recent_three, shop_past, town_past]
    print("leaks:", [f.__name__ for f in kept + mended if moved_by_the_future(f, sales, today)] or "none")
    backtest, live = errors(kept + mended, sales)

    fig, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    lines = {
        "first features": (first_backtest, first_live, "#D55E00", "^--"),
        "mended": (backtest, live, "#0072B2", "o-"),
    }
    for name, (before, after, colour, style) in lines.items():
        axes.plot([0, 1], [before, after], style, color=colour, markersize=9, label=name)
        for x, error in enumerate((before, after)):
            place = (24, -4) if x else (-24, -4)
            axes.annotate(f"{error:.1f}", (x, error), place, textcoords="offset points", ha="center")
    axes.axhline(as_a_week_ago, color="0.3", linestyle=":", label=f"as many as a week ago: {as_a_week_ago:.1f}")
    axes.set(xticks=[0, 1], xticklabels=["back-test", "live"], xlim=(-0.3, 1.3), ylim=(0, first_live * 1.2))
    axes.set(ylabel="mean error in loaves", title="The better back-test, the worse forecast")
    axes.legend(loc="upper left")
    plt.show()

# %% [markdown]
# The mended model looks worse in the back-test, and it tells the truth: what it promises is what it keeps. A leak does
# not only flatter. It takes the weight away from the columns that would have helped, and gives it to one that is blind
# in the morning.
#
# ## Take away
#
# > **Scramble the future. An honest feature does not move.** So for every number ask: on which morning was it known?
#
# Shift, then roll, both inside the group; and where rows share a day, the day is the border, not the row. The test
# needs no access to the code: it works on a colleague's function, on a database view, on a bought data set.
#
# **On your own data:** take the best feature of a model that has dates. From some day on, change the numbers that
# are to be forecast, compute the feature again, and look at the rows before.
#
# **Next:** the same leak without a clock, through rows instead of days:
# [Standardise without leakage](../models/standardise_without_leakage.ipynb).
