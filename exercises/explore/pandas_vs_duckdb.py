# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: "SQL on files: pandas or DuckDB?"
#     minutes: 45
#     level: 2
#     needs: [explore/pandas_vs_dask]
#     packages: [pandas, pyarrow, duckdb, matplotlib, psutil, cloudpickle]
# ---

# %% [markdown]
# Three customers of a charging network call on the same morning. Each has a bill for a lorry load of electricity, and
# none of them owns a card yet: theirs are in the post. Your notebook made the statements. It ran without a warning,
# and its two lines of pandas look right to everybody who reads them.
#
# By the end you can let a query engine do a job on the files where they lie, prove that it does what pandas does on
# awkward data, and say from which size on it pays.

# %%
import pickle
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import cloudpickle
import duckdb
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from matplotlib.ticker import LogLocator

from shoshin.graders.explore import pandas_vs_duckdb as check

# %% [markdown]
# ## The job
#
# Drivers hold a card to a socket and charge their cars. Each charge is one **session**, a row in a Parquet file. The
# contracts are in a CSV file. The job: **a statement for each customer, with the number of sessions and their kWh.**
#
# The data are invented, the trouble in them is not. You need not read the generator; here is what it makes:
#
# - A customer may have two cards, and a family card belongs to two customers: both see its sessions on their statement.
# - Three customers wait for their card, so its cell in the contracts is empty. Some cards are never used.
# - One session in twenty begins without a card (somebody pays with a telephone). One in thirty lacks its kWh.
# - `started` is an instant, stored in UTC. Each session drags along a socket and a line of its log.

# %%
SIZES = [16_000, 80_000, 400_000, 2_000_000]
REPEATS = [3, 3, 3, 2]
folder = tempfile.TemporaryDirectory(prefix="shoshin_", ignore_cleanup_errors=True)
CARDS = np.array([f"C-{number:05d}" for number in range(4000)])
WAITING = ["Mia Lund", "Noah Berg", "Ida Falk"]


def write_sessions(rows):
    """Write sessions to a Parquet file and return its path; the cards C-03900 and above are never used."""
    rng = np.random.default_rng(rows)
    texts = [f"ok, {number} messages in {number % 7} groups" for number in range(1000)]
    seconds = np.sort(rng.integers(0, 60 * 86_400, rows)).astype("timedelta64[s]")
    columns = {
        "started": pa.array(np.datetime64("2025-03-01", "us") + seconds).cast(pa.timestamp("us", tz="UTC")),
        "card": pa.array(CARDS).take(pa.array(rng.integers(0, 3900, rows), mask=rng.random(rows) < 1 / 20)),
        "kwh": pa.array(rng.gamma(3, 8, rows).round(2), mask=rng.random(rows) < 1 / 30),
        "socket": rng.integers(0, 9000, rows),
        "log": pa.array(texts).take(pa.array(rng.integers(0, 1000, rows))),
    }
    path = Path(folder.name) / f"sessions_{rows:07d}.parquet"
    pq.write_table(pa.table(columns), path)
    return path.as_posix()


owners = [f"customer {number % 3000 if number < 3900 else number:04d}" for number in range(4000)]
family = [(f"partner {number:03d}", CARDS[number]) for number in range(200)]
waiting = [(name, None) for name in WAITING]
extra = [("Sinéad O'Brien", CARDS[7]), *family, *waiting]
table = pd.DataFrame([*zip(owners, CARDS, strict=True), *extra], columns=["customer", "card"])
contracts_file = (Path(folder.name) / "contracts.csv").as_posix()
table.to_csv(contracts_file, index=False)

files = {rows: write_sessions(rows) for rows in SIZES}
sessions = pd.read_parquet(files[80_000])
contracts = pd.read_csv(contracts_file)
print(f"{len(sessions)} sessions, {len(contracts)} contracts")
sessions.head(3)

# %% [markdown]
# Here are the two lines. Each entry reads *new column = (source, how)*; `how="left"` keeps customers who never charged.


# %%
def first_try(sessions, contracts):
    """Return customer, sessions and kwh: a statement for each customer, with a fault in it."""
    merged = contracts.merge(sessions, on="card", how="left")
    return merged.groupby("customer", as_index=False).agg(sessions=("kwh", "size"), kwh=("kwh", "sum"))


first_try(sessions, contracts).tail(3)

# %% [markdown]
# ## Predict: what do those three pay for?
#
# Mia, Noah and Ida have an empty cell for a card. 4,000 sessions or so have one too. What does `first_try` write on
# Mia's statement?
#
# - `"nothing"`: an empty cell finds no partner;
# - `"a third"`: the three share the sessions without a card;
# - `"all"`: each of the three gets all of them.
#
# Put down a guess; it is not graded.

# %% answer="prediction"
prediction = ...  # "nothing", "a third" or "all"
### BEGIN SOLUTION
prediction = "nothing"
### END SOLUTION

# %% [markdown]
# ## Mend the pandas
#
# Return from `pandas_statement(sessions, contracts)` a table with the columns `customer`, `sessions` and `kwh`, one row
# for each customer, in any order, with any index:
#
# - A session without a card belongs to nobody, and a session with a card that is in no contract neither.
# - A customer stays in the table whatever happens: with a card that was never used, or with none yet, `sessions` and
#   `kwh` are 0.
# - A session whose kWh are missing counts in `sessions` and adds nothing to `kwh` (which is 0 if all are missing).
# - `started` is never missing. A customer may have several cards, a card may have several customers. Two sessions may
#   begin at the same second, on one card, with equal kWh: they are two.
#
# Of the sessions use `started`, `card` and `kwh` alone (later, pandas reads no other columns). Leave both inputs as
# they are.
#
# <details><summary>Hint 1: who meets whom at the party without a name tag?</summary>Two guests without a tag are not
# the same person. pandas thinks they are: see the note on missing keys in the documentation of <code>merge</code>. Of
# the two lists of guests, which one may lose its people without a tag?</details>
# <details><summary>Hint 2: what does an unmatched customer look like after the merge?</summary>One row, with a
# customer, and with missing values in every column that came from the sessions. <code>size</code> counts rows,
# <code>count</code> counts values.</details>
# <details><summary>Hint 3: which column can be counted?</summary>One that every true session fills, and no absent one.
# Of the three columns two are out of the question.</details>


# %% answer="pandas_statement"
def pandas_statement(sessions, contracts):
    """Return customer, sessions and kwh: a statement for each customer."""
    ### BEGIN SOLUTION
    known = sessions.dropna(subset=["card"])
    merged = contracts.merge(known, on="card", how="left")
    return merged.groupby("customer", as_index=False).agg(sessions=("started", "count"), kwh=("kwh", "sum"))
    ### END SOLUTION


# %% check="pandas_statement" points=2
check.pandas_statement(pandas_statement)

# %% [markdown]
# Each dot below is a customer: to the right what they charged by your statement, upwards what `first_try` billed.

# %%
if check.pandas_statement.passed:
    mended = pandas_statement(sessions, contracts).set_index("customer")["kwh"]
    billed = first_try(sessions, contracts).set_index("customer")["kwh"].loc[mended.index]
    fig, axes = plt.subplots(figsize=(7, 4.6), layout="constrained")
    axes.plot([0, 1e5], [0, 1e5], color="0.6", linewidth=1, label="billed = charged")
    others = ~mended.index.isin(WAITING)
    axes.plot(mended[others], billed[others], "o", color="#0072B2", alpha=0.4, markersize=4, label="customers")
    axes.plot(mended[WAITING], billed[WAITING], "D", color="#D55E00", markersize=10, label="three without a card")
    axes.annotate("Mia, Noah and Ida, all on one spot", (0, billed["Mia Lund"]), (14, -4), textcoords="offset points")
    axes.set_xscale("symlog", linthresh=10)
    axes.set_yscale("symlog", linthresh=10)
    axes.set(xlabel="kWh charged", ylabel="kWh billed by first_try", xlim=(-2, 3e5), ylim=(-2, 3e5))
    axes.legend(loc="lower right")
    plt.show()

    guess = globals().get("prediction", ...)
    said = "nothing yet" if guess is ... else f'"{guess}"'
    anonymous = sessions.loc[sessions["card"].isna(), "kwh"].sum()
    print(f"All sessions without a card: {anonymous:,.0f} kWh. first_try bills each of the three:")
    print(billed[WAITING].round().to_string())
    print(f"You said {said}. A usual customer charged {mended.median():,.0f} kWh.")

# %% [markdown]
# In a merge, pandas takes a missing key for a value like any other: missing finds missing, and each of the three finds
# *every* anonymous session. No warning; the right dots sit on the line so well that nobody looks for three wrong ones.
#
# ## Ask the files
#
# **SQL** is the language in which one asks databases: you say what you want, and an **engine** decides how to get it.
# **DuckDB** is such an engine, and it runs inside your Python process. There is no server, and nothing is imported
# into it beforehand: `FROM 'a_file.parquet'` reads the file where it lies.
#
# A **view** is a name for a query. `open_engine` gives the two files names; no session is read by that.


# %%
def open_engine(sessions_file):
    """Return a connection with the views sessions and contracts over the two files."""
    # DuckDB would otherwise fetch missing parts of itself from the network.
    offline = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    con = duckdb.connect(config=offline)
    con.execute("SET threads = 2")
    con.execute("SET enable_progress_bar = false")
    con.execute(f"CREATE VIEW sessions AS FROM read_parquet('{sessions_file}')")
    con.execute(f"CREATE VIEW contracts AS FROM read_csv('{contracts_file}')")
    return con


con = open_engine(files[80_000])
con.execute("""
    SELECT card, count(*) AS sessions, count(kwh) AS known, sum(kwh) AS kwh
    FROM sessions
    GROUP BY card
    ORDER BY sessions DESC
    LIMIT 3
""").df()

# %% [markdown]
# SQL writes **NULL** for a missing value, and NULL stands for *unknown*. It has manners of its own. Guess each line
# before you read what comes out.

# %%
for question in [
    "SELECT NULL = NULL",
    "SELECT NULL IS NOT DISTINCT FROM NULL",
    "SELECT count(*) FROM contracts WHERE card = NULL",
    "SELECT count(*) FROM contracts WHERE card IS NULL",
    "SELECT count(*), count(card) FROM contracts",
    "SELECT sum(kwh) FROM sessions WHERE card = 'C-03999'",
    "SELECT coalesce(NULL, NULL, 7)",
]:
    print(f"{question:55}", *con.execute(question).fetchall()[0])

# %% [markdown]
# Is one unknown card the same as another unknown card? *Unknown*, says SQL, and a join keeps only what is surely
# true. The three customers could not have happened here, or only on demand. And the sum over no session is not 0 as
# in pandas: it is NULL.
#
# ## Write the statement in SQL
#
# Put into `statement` the **text** of one query on the views `sessions` and `contracts`. Its result has the columns
# `customer`, `sessions` and `kwh`, and follows the same rules as your pandas: whatever is true of one table is
# true of the other. Rows and columns may stand in any order.
#
# The check also asks that the engine reads no column of the sessions but `started`, `card` and `kwh`: it spoils the
# bytes of the others on the disk, and whoever reads them fails.
#
# <details><summary>Hint 1: in which order do I think?</summary>Not in the order of your pandas lines. Who must be in
# the result? That is your <code>FROM</code>. What may be attached to them? That is the join, and its kind. Per what is
# one row? That is <code>GROUP BY</code>.</details>
# <details><summary>Hint 2: do I drop the sessions without a card?</summary>Look at the first line of the list above.
# What does <code>=</code> do for you?</details>
# <details><summary>Hint 3: what is in a row that found no session?</summary>NULL, in all columns of the sessions. You
# have seen two kinds of <code>count</code>, a sum over nothing, and the function that replaces a NULL.</details>

# %% answer="statement"
statement = ...
### BEGIN SOLUTION
statement = """
SELECT customer, count(s.card) AS sessions, coalesce(sum(kwh), 0) AS kwh
FROM contracts c LEFT JOIN sessions s ON s.card = c.card
GROUP BY customer
"""
### END SOLUTION

# %% check="statement" points=3
check.statement(statement)

# %% [markdown]
# The word `EXPLAIN` in front of a query shows the **plan** that the engine has made of it. Read it from the bottom:
# rows stream upwards from the files, and each box is a step. Find the box of the Parquet file: which columns does it
# name? (The planner may swap the two sides of your join, so that it keeps the smaller table at hand.)

# %%
if check.statement.passed:
    plan = con.execute("EXPLAIN " + statement).fetchall()[0][1]
    print(plan)
    print("columns of the sessions:", *sessions.columns)
    print("in the plan:            ", *[name for name in sessions.columns if name in plan])
    result = con.execute(statement).df()
    if check.pandas_statement.passed:
        left, right = (
            each.set_index("customer").sort_index()[["sessions", "kwh"]].astype(float)
            for each in (result, pandas_statement(sessions, contracts))
        )
        print("largest difference from pandas:", (left - right).abs().to_numpy().max().round(6))
    wide, narrow = sessions.size + contracts.size, result.size
    print(f"cells that Python holds: pandas {wide:,}, DuckDB {narrow:,}")

# %% [markdown]
# You never said which columns to read. You said what you want, and the planner found out: `log` is on the disk, in the
# view, and in no box. Neither the sessions nor the join ever become a Python object. Only the result crosses over.
#
# ## Put each session on its day, at its price
#
# The accountant wants **sessions and euros per day**. Prices change at given instants; a session pays the price that
# was in force when it began. And a day is a day in Berlin.
#
# `started` is an instant, the same all over the world. A date needs a place. Look what the engine takes for the place
# if you name none:

# %%
# Instants with an offset: +00 is UTC. The clocks in Berlin go forward on the 30th of March 2025.
prices = pd.DataFrame({
    "since": ["2025-03-03 05:00:00+00", "2025-03-17 23:00:00+00", "2025-03-30 01:00:00+00", "2025-04-14 22:00:00+00"],
    "cents": [39, 45, 42, 49],
})  # fmt: skip
prices_file = (Path(folder.name) / "prices.csv").as_posix()
prices.to_csv(prices_file, index=False)
con.execute(f"CREATE OR REPLACE VIEW prices AS FROM read_csv('{prices_file}')")

for zone in ("America/New_York", "Europe/Berlin", "Asia/Tokyo"):
    con.execute(f"SET TimeZone = '{zone}'")
    instant = "TIMESTAMPTZ '2025-03-30 23:30:00+00'"
    [(day, berlin)] = con.execute(
        f"SELECT ({instant})::DATE, strftime({instant} AT TIME ZONE 'Europe/Berlin', '%d %B %H:%M')"
    ).fetchall()
    print(f"machine in {zone:16}  ::DATE gives {day}   AT TIME ZONE 'Europe/Berlin' gives {berlin}")

# %% [markdown]
# The same query, the same file, two dates. `TIMESTAMPTZ` (an instant) becomes what the clocks of a place show by
# `AT TIME ZONE 'place'`; from then on it is a bare clock reading, and `::DATE` cuts off the hours.
#
# The other half is a join of a new kind. An **as-of join** finds for each row on the left the *latest* row on the right
# that is not after it. In pandas this is `merge_asof`, which wants both tables sorted. In DuckDB it reads like any
# join, `ASOF JOIN ... ON` with an inequality. Here is pandas, given:


# %%
def pandas_daily(sessions, prices):
    """Return day, sessions and euros, one row for each day in Berlin."""
    left = sessions.assign(at=sessions["started"].dt.as_unit("us")).sort_values("at")
    right = prices.assign(at=pd.to_datetime(prices["since"], utc=True).dt.as_unit("us")).sort_values("at")
    priced = pd.merge_asof(left, right, on="at")
    priced["day"] = priced["at"].dt.tz_convert("Europe/Berlin").dt.strftime("%Y-%m-%d")
    priced["euros"] = priced["kwh"] * priced["cents"] / 100
    days = priced.groupby("day")
    return pd.DataFrame({"sessions": days.size(), "euros": days["euros"].sum(min_count=1)}).reset_index()


pandas_daily(sessions, prices).head(4)

# %% [markdown]
# Put into `daily` the text of a query on the views `sessions` and `prices` (`since`, an instant; `cents` per kWh). It
# returns the columns `day`, `sessions` and `euros`, one row for each day in Berlin on which a session began:
#
# - `day` is a DATE, and the same on a machine in any time zone.
# - A session that begins at the very instant of a change pays the new price. The prices are in no order, and no two
#   have the same `since`.
# - `sessions` counts all sessions of the day, with or without a card, with or without kWh, priced or not.
# - A session before the first price, or with missing kWh, has no cost. `euros` adds up the known costs, and is NULL on
#   a day that has none. Do not round.
#
# Again no column of the sessions but `started`, `card` and `kwh` may be read.
#
# <details><summary>Hint 1: what does a shop assistant do?</summary>She looks at the time on your ticket, and runs her
# finger down the price list to the last line that is not later.</details>
# <details><summary>Hint 2: what becomes of a session before the first price?</summary>What became of customers
# without a session? The same word saves it, between <code>ASOF</code> and <code>JOIN</code>.</details>
# <details><summary>Hint 3: which way round?</summary>The session's instant must be at or after <code>since</code>.
# For the day: first the place, then the date. Brackets around the first help.</details>

# %% answer="daily"
daily = ...
### BEGIN SOLUTION
daily = """
SELECT (started AT TIME ZONE 'Europe/Berlin')::DATE AS day, count(*) AS sessions, sum(kwh * cents / 100) AS euros
FROM sessions ASOF LEFT JOIN prices ON started >= since
GROUP BY day
"""
### END SOLUTION

# %% check="daily" points=3
check.daily(daily)

# %%
if check.daily.passed:
    days = con.execute(daily).df().astype({"day": str}).set_index("day").sort_index()
    same = pandas_daily(sessions, prices).set_index("day")
    days.index = days.index.str[:10]
    print("the same days:", list(days.index) == list(same.index))
    print("largest difference in euros:", round((days["euros"] - same["euros"]).abs().max(), 6))
    print(
        "days without a known cost:",
        int(days["euros"].isna().sum()),
        "in DuckDB,",
        int(same["euros"].isna().sum()),
        "in pandas",
    )

# %% [markdown]
# ## Ask about one customer
#
# The service desk types a name and wants that customer's kWh. The quickest way to write it is an f-string:


# %%
def careless(con, customer):
    """Return the kWh of a customer, with the name glued into the query."""
    query = f"SELECT sum(kwh) FROM sessions JOIN contracts USING (card) WHERE customer = '{customer}'"
    return con.execute(query).fetchall()[0][0]


for customer in ["customer 0001", "Sinéad O'Brien", "x' OR 'a' = 'a"]:
    try:
        print(f"{customer:16} {careless(con, customer):12,.0f} kWh")
    except duckdb.Error as error:
        print(f"{customer:16} {type(error).__name__}")

# %% [markdown]
# One name crashes it. The last one, which nobody is called, gets the kWh of the whole network: its apostrophe ends the
# quotation, and the rest is read as SQL. This is called **injection**. The cure is a **parameter**: the text keeps a
# place for the value, and the value travels beside the text and is never read as SQL:
# `con.execute("SELECT $a + $b", {"a": 1, "b": 2})`.
#
# Write `kwh_of(con, customer)`: return one number, the known kWh of all sessions on the cards of that customer, and 0
# if there are none (no session, no card yet, no such customer). Names are compared exactly: a percent sign is a
# percent sign. No card belongs twice to the same customer. Two more things are checked:
#
# - the text of your query is the same for every customer;
# - at most one row crosses from the engine to Python in each call.
#
# Fetch with `.fetchall()` (a list of rows) or `.df()` (a DataFrame): both leave nothing behind in the connection.
#
# <details><summary>Hint 1: what does a form look like?</summary>It is printed once, with an empty field. Whoever fills
# it in cannot change the question.</details>
# <details><summary>Hint 2: where does the adding happen?</summary>If a list of kWh arrives in Python, it happens on the
# wrong side. And what is the sum of nothing?</details>


# %% answer="kwh_of"
def kwh_of(con, customer):
    """Return the known kWh of one customer, 0 if there are none."""
    ### BEGIN SOLUTION
    query = """
    SELECT coalesce(sum(kwh), 0) FROM sessions JOIN contracts USING (card) WHERE customer = $customer
    """
    return con.execute(query, {"customer": customer}).fetchall()[0][0]
    ### END SOLUTION


# %% check="kwh_of" points=2
check.kwh_of(kwh_of)

# %% [markdown]
# ## Race
#
# Now measure. `measure` and its helpers are nearly the ones from [pandas or Dask](../explore/pandas_vs_dask.ipynb):
# seconds, and the MB by which the memory of the process rose at its highest. Each tool gets a fresh process, warms up
# on a small file, and then does the statement on four sizes. Each size runs two or three times, and the best time
# counts: other programs can only slow a run down. Both begin at the files. pandas is told which columns to read, or it
# would not be a fair race.


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


def measure(job, file, memory=memory_mb):
    """Call job(file) once; return (seconds, highest memory in MB)."""
    began = time.perf_counter()
    with Watcher(memory) as watcher:
        job(file)
    return time.perf_counter() - began, watcher.peak


def measure_sizes(job, tiny, files, repeats):
    """Return (best seconds, MB above the level after the warm-up) for each file."""
    job(tiny)
    floor, results = memory_mb(), []
    for file, times in zip(files, repeats, strict=True):
        runs = [measure(job, file) for _ in range(times)]
        results.append((min(seconds for seconds, _ in runs), max(1, max(peak for _, peak in runs) - floor)))
    return results


# An engine may write to the standard output by itself (a progress bar), so the answer gets a channel of its own.
WORKER = """
import os, pickle, sys
answer = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
function, arguments = pickle.load(sys.stdin.buffer)
try:
    result, error = function(*arguments), ""
except Exception as raised:
    result, error = None, f"{type(raised).__name__}: {raised}"
with answer:
    pickle.dump((result, error), answer)
"""


def in_a_fresh_process(function, *arguments):
    """Return function(*arguments), called in a new Python process."""
    call = cloudpickle.dumps((function, arguments))
    process = subprocess.run([sys.executable, "-W", "ignore", "-c", WORKER], input=call, capture_output=True)
    if process.returncode:
        raise RuntimeError(f"the other process ended with code {process.returncode}: was the memory used up?")
    result, error = pickle.loads(process.stdout)
    if error:
        raise RuntimeError(error)
    return result


def with_pandas(file):
    """Return the statement, made by pandas from the two files."""
    columns = ["started", "card", "kwh"]
    return pandas_statement(pd.read_parquet(file, columns=columns), pd.read_csv(contracts_file))


def with_duckdb(file):
    """Return the statement, made by DuckDB from the two files."""
    with open_engine(file) as con:
        return con.execute(statement).df()


race = None
if check.pandas_statement.passed and check.statement.passed:
    tiny = write_sessions(1000)
    rows = []
    for tool, job in {"pandas": with_pandas, "DuckDB": with_duckdb}.items():
        measured = in_a_fresh_process(measure_sizes, job, tiny, list(files.values()), REPEATS)
        rows += [(tool, size, *pair) for size, pair in zip(SIZES, measured, strict=True)]
    race = pd.DataFrame(rows, columns=["tool", "sessions", "seconds", "peak_mb"])
    print(race.pivot(index="sessions", columns="tool", values=["seconds", "peak_mb"]).round(3).to_string())

# %% [markdown]
# ## Read off the crossover
#
# From which size on does DuckDB pay? You have measured at four sizes and know nothing between them, so the honest
# answer has two ends. Given three lists of equal length, `sizes` (rising), `pandas_seconds` and `duckdb_seconds`,
# return `(low, high)`:
#
# - `low` is the largest size at which DuckDB is **not** faster (equal times are not faster), or None if it is faster
#   at every size;
# - `high` is the smallest size above `low` (the smallest of all if `low` is None), or None if there is none.
#
# So the lines cross for good somewhere between the two; if they cross several times, the last crossing counts. With
# `high` None, no crossing is in reach of your measurements.
#
# <details><summary>Hint 1: from which end do you walk?</summary>From large to small, as long as DuckDB wins. Where do
# you stop?</details>
# <details><summary>Hint 2: what are the odd tables?</summary>One where you never start walking, and one where you never
# have to stop. Try them on paper.</details>


# %% answer="crossover"
def crossover(sizes, pandas_seconds, duckdb_seconds):
    """Return (low, high): between these two sizes DuckDB becomes the faster tool for good."""
    ### BEGIN SOLUTION
    low, high = None, None
    for size, old, new in zip(sizes, pandas_seconds, duckdb_seconds, strict=True):
        if new >= old:
            low, high = size, None
        elif high is None:
            high = size
    return low, high
    ### END SOLUTION


# %% check="crossover" points=2
check.crossover(crossover)

# %%
if race is not None and check.crossover.passed:
    looks = {"pandas": ("#D55E00", "o", "-"), "DuckDB": ("#0072B2", "s", "--")}
    fig, (time_axes, memory_axes) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    for tool, (colour, marker, line) in looks.items():
        one = race[race["tool"] == tool]
        style = {"color": colour, "marker": marker, "linestyle": line, "linewidth": 2, "label": tool}
        time_axes.plot(one["sessions"], one["seconds"], **style)
        memory_axes.plot(one["sessions"], one["peak_mb"], **style)
    pandas_seconds, duckdb_seconds = (race.loc[race["tool"] == tool, "seconds"].tolist() for tool in looks)
    low, high = crossover(SIZES, pandas_seconds, duckdb_seconds)
    if low is not None and high is not None:
        time_axes.axvspan(low, high, color="0.88", label="they cross in here")
    time_axes.set(title="Time", ylabel="seconds")
    memory_axes.set(title="Peak memory", ylabel="MB above the level before")
    for axes in (time_axes, memory_axes):
        axes.set(xscale="log", yscale="log", xlabel="sessions in the file", xticks=SIZES)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        axes.legend(loc="upper left")
    plt.show()
    if high is None:
        print(
            f"DuckDB is not faster at {low:,} sessions, the largest size: no crossing in reach of these measurements."
        )
    elif low is None:
        print(f"DuckDB is faster from {high:,} sessions on, the smallest size: a crossing may lie below it.")
    else:
        print(f"DuckDB becomes the faster tool between {low:,} and {high:,} sessions.")

# %% [markdown]
# On a small file, DuckDB pays a fixed price: it opens an engine, guesses the types of the CSV, makes a plan. On a large
# file it works in several threads, and in batches of rows that stream from the file through the join, so its memory
# grows far more slowly than the file. pandas holds every stage in full. Where the two lines cross depends on your
# machine; that they cross at all comes from these two shapes, a fixed price against a steep slope.
#
# ## What it is not good for
#
# The sockets report each kilowatt-hour as it flows: one row changes, then another. Guess which is the slowest of the
# three before you run this. (**SQLite** comes with Python; it is an engine as well, made for small changes.)

# %%
REPORTS = 100


def seconds_of(job):
    """Return the seconds that job() takes."""
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def one_by_one(engine):
    """Change REPORTS rows, each with a statement of its own."""
    for socket in range(REPORTS):
        engine.execute("UPDATE meter SET kwh = kwh + 1 WHERE socket = ?", [socket])


lite, duck = sqlite3.connect(":memory:"), duckdb.connect()
for engine in (lite, duck):
    engine.execute("CREATE TABLE meter (socket INTEGER PRIMARY KEY, kwh DOUBLE)")
    engine.execute("INSERT INTO meter VALUES " + ", ".join(f"({socket}, 0)" for socket in range(REPORTS)))

updates = {
    f"DuckDB, {REPORTS} updates": seconds_of(lambda: one_by_one(duck)),
    f"SQLite, {REPORTS} updates": seconds_of(lambda: one_by_one(lite)),
    "DuckDB, one update of all": seconds_of(lambda: duck.execute("UPDATE meter SET kwh = kwh + 1").fetchall()),
}
for name, seconds in updates.items():
    print(f"{name:26} {1000 * seconds:8.2f} ms")

# %% [markdown]
# DuckDB stores columns and works on whole batches: a thousand rows cost it hardly more than one. So one row costs
# hardly less than a thousand. Something like it happens if you put Python into the query. Here a Python function
# counts its calls:

# %%
calls = 0


def euros(kwh: float) -> float:
    global calls
    calls += 1
    return kwh * 0.42


con.create_function("euros", euros, ["DOUBLE"], "DOUBLE")
for expression in ("sum(kwh * 0.42)", "sum(euros(kwh))"):
    calls, began = 0, time.perf_counter()
    [(total,)] = con.execute(f"SELECT {expression} FROM sessions").fetchall()
    print(
        f"{expression:16} {total:12,.0f} euros, {calls:6,} Python calls, {1000 * (time.perf_counter() - began):6.1f} ms"
    )
con = con.remove_function("euros")  # what stays registered, the engine does not clear away at the end

# %% [markdown]
# The query looks the same, and the work has moved back to Python: row by row, one thread at a time. Not for single
# changes, not for Python per row; and a chain of steps that you want to look at one after the other is easier to
# follow in pandas.
#
# ## Write down your decision
#
# Your team asks: pandas or DuckDB for the statements? Answer in **three sentences** of your own, which nobody scores:
#
# 1. which tool you take for this job, and from which size on (both ends of your crossover, in sessions);
# 2. what that buys and what it costs, with one number for time and one for memory from your table;
# 3. what would change your mind, with a job from *What it is not good for*.

# %% answer="decision"
decision = ...
### BEGIN SOLUTION
decision = """
Up to 400,000 sessions we stay with pandas, and from 2,000,000 on we take DuckDB.
There it took about half the time and a tenth of the memory on our machine, and the team has to read some SQL.
If the sockets begin to report each kWh, the table that changes moves to SQLite.
"""
### END SOLUTION

# %% [markdown]
# ## Show it to your team in ten minutes
#
# | minutes | what you do | what they should see |
# |---|---|---|
# | 0 to 2 | Show `first_try`, ask who sees the fault, wait. Then the scatter plot. | Three dots: missing met missing. |
# | 2 to 4 | The list of questions to NULL; let them call out each answer first. | Unknown is not equal to unknown. |
# | 4 to 6 | `EXPLAIN` of your `statement`. Ask where `log` has gone. | The engine reads what the question needs. |
# | 6 to 8 | The race. Ask for bets on the crossover before you show it. | A fixed price against a slope. |
# | 8 to 9 | The single updates. | What it is not made for. |
# | 9 to 10 | Your three sentences. | A decision with a number in it. |
#
# The next cell gathers your own numbers for it.

# %%
if race is not None:
    last = race[race["sessions"] == SIZES[-1]].set_index("tool")
    seconds, peaks = last["seconds"], last["peak_mb"]
    print(f"{SIZES[-1]:,} sessions: pandas {seconds['pandas']:.2f} s and {peaks['pandas']:,.0f} MB,")
    print(f"{'DuckDB':>25} {seconds['DuckDB']:.2f} s and {peaks['DuckDB']:,.0f} MB")
    if check.crossover.passed:
        ends = ["nothing measured" if end is None else f"{end:,}" for end in (low, high)]
        print("crossover between", " and ".join(ends), "sessions")
    ratio = updates[f"DuckDB, {REPORTS} updates"] / updates[f"SQLite, {REPORTS} updates"]
    print(f"{REPORTS} single updates: {ratio:.0f} times as long as SQLite")
print("your decision:", "not written yet" if decision is ... else decision)

# %% [markdown]
# ## Take away
#
# **Before you join, ask what a missing key means, and count the rows on both sides.** Each tool has an answer of its
# own, and neither warns you. Then ask where the work happens: describe the result, let the engine read, join and reduce
# next to the data, and let only the answer cross over. It pays from a size that you can measure.
#
# On your own data: take your largest merge, count the missing keys in both tables, and multiply the two counts. That
# many rows of your result are strangers to each other.
#
# Next, engines of another kind: [trees or deep nets](../explore/trees_vs_deep_nets.ipynb).
