"""Decides about the exercise `explore/pandas_vs_duckdb`."""

from functools import cache
from itertools import count

import numpy as np
import pandas as pd

from shoshin import Check, Compare

NUMBERS, SEEN = count(), {}

ANY_ORDER = Compare(rows="any", columns="any", index=False)
RESULT = {"sessions": ("started", "count"), "kwh": ("kwh", "sum")}


def sessions_of(rng, cards, start="2025-03-20", unknown=0.2):
    """Return one charging session for each card named (None: no card was shown)."""
    started = pd.Timestamp(start, tz="UTC") + pd.to_timedelta(rng.integers(0, 10 * 86_400, len(cards)), unit="s")
    kwh = np.where(rng.random(len(cards)) < unknown, np.nan, rng.gamma(3, 8, len(cards)).round(2))
    return pd.DataFrame({"started": started, "card": pd.Series(cards, dtype=object), "kwh": kwh})


def contracts_of(*pairs):
    return pd.DataFrame(pairs, columns=["customer", "card"], dtype=object)


# 1. pandas_statement


@Check(compare=ANY_ORDER, inputs="untouched")
def pandas_statement(sessions, contracts):
    known = sessions.dropna(subset=["card"])
    return contracts.merge(known, on="card", how="left").groupby("customer", as_index=False).agg(**RESULT)


def plain(rng):
    """a family card with two owners, a customer with two cards, and sessions that begin at the same second"""
    contracts = contracts_of(("Ada", "C-1"), ("Bo", "C-1"), ("Ada", "C-2"), ("Cy", "C-3"))
    sessions = sessions_of(rng, ["C-1", "C-1", "C-2", *rng.choice(["C-1", "C-2", "C-3"], 17)], unknown=0)
    for column in ("started", "kwh"):
        sessions.loc[[1, 2], column] = sessions.loc[0, column]
    return sessions, contracts


def no_card(rng):
    """sessions without a card, and two customers whose cards are in the post"""
    contracts = contracts_of(("Ada", "C-1"), ("Bo", None), ("Cy", "C-2"), ("Di", None))
    return sessions_of(rng, ["C-1"] * 3 + ["C-2"] * 4 + [None] * 5, unknown=0), contracts


def nobody_came(rng):
    """a card that was never used, and one that is in no contract"""
    contracts = contracts_of(("Ada", "C-1"), ("Bo", "C-2"), ("Cy", "C-3"))
    return sessions_of(rng, ["C-1"] * 3 + ["C-3"] * 2 + ["C-9"] * 4, unknown=0), contracts


def unknown_kwh(rng):
    """sessions whose kWh are missing, for one customer all of them"""
    sessions = sessions_of(rng, ["C-1"] * 8 + ["C-2"] * 3, unknown=0)
    sessions.loc[[1, 4, 8, 9, 10], "kwh"] = np.nan
    return sessions, contracts_of(("Ada", "C-1"), ("Bo", "C-2"))


for case in (plain, no_card, nobody_came, unknown_kwh):
    pandas_statement.case(case)


@pandas_statement.mistake
def missing_finds_missing(sessions, contracts):
    """You sent the customers without a card a statement with every session that nobody identified. `merge` takes two
    missing keys for equal. Which of the two tables can lose its rows without a card, and nobody is missed?"""
    return contracts.merge(sessions, on="card", how="left").groupby("customer", as_index=False).agg(**RESULT)


@pandas_statement.mistake
def as_at_first(sessions, contracts):
    """This is what `first_try` bills. It has two faults. `merge` takes two missing keys for equal: which of the two
    tables can lose its rows without a card, and nobody is missed? And a customer who never charged has one row after
    the merge, so `size` finds 1."""
    table = contracts.merge(sessions, on="card", how="left").groupby("customer", as_index=False)
    return table.agg(sessions=("kwh", "size"), kwh=("kwh", "sum"))


@pandas_statement.mistake
def loses_customers(sessions, contracts):
    """A customer has gone: one whose card was never used, or is still in the post. An inner merge keeps only those
    that find a partner (and so does dropping contracts). Which `how` keeps every row on the left?"""
    known = sessions.dropna(subset=["card"])
    return contracts.merge(known, on="card").groupby("customer", as_index=False).agg(**RESULT)


@pandas_statement.mistake
def drops_the_contracts(sessions, contracts):
    """You dropped the contracts without a card, and two customers get no statement at all. They are customers: drop
    the sessions without a card instead."""
    return pandas_statement.reference(sessions, contracts.dropna(subset=["card"]))


@pandas_statement.mistake
def counts_rows(sessions, contracts):
    """You counted the rows of the merged table. A customer who never charged still has one row there, filled with
    missing values, and it counts as a session. Count a column which every true session has."""
    table = contracts.merge(sessions.dropna(subset=["card"]), on="card", how="left").groupby("customer")
    return table.agg(sessions=("kwh", "size"), kwh=("kwh", "sum")).reset_index()


@pandas_statement.mistake
def counts_known_kwh(sessions, contracts):
    """You counted the known kWh, or dropped every row with a gap in it. A session whose meter failed is still a
    session. Which column of a true session is never missing? (`dropna` can be told which column to look at.)"""
    table = contracts.merge(sessions.dropna(subset=["card"]), on="card", how="left").groupby("customer")
    return table.agg(sessions=("kwh", "count"), kwh=("kwh", "sum")).reset_index()


@pandas_statement.mistake
def counts_the_cards(sessions, contracts):
    """You counted `card`. After the merge this column comes from the contracts too, so a customer whose card was never
    used has one in it. Count a column which only a session can fill."""
    table = contracts.merge(sessions.dropna(subset=["card"]), on="card", how="left").groupby("customer")
    return table.agg(sessions=("card", "count"), kwh=("kwh", "sum")).reset_index()


@pandas_statement.mistake
def counts_the_moments(sessions, contracts):
    """You counted different moments. Two sessions may begin at the same second, and they are two: count values, not
    different values."""
    table = contracts.merge(sessions.dropna(subset=["card"]), on="card", how="left").groupby("customer")
    return table.agg(sessions=("started", "nunique"), kwh=("kwh", "sum")).reset_index()


@pandas_statement.mistake
def one_owner_for_each_card(sessions, contracts):
    """You kept one owner for each card, so one partner of a family gets an empty statement. Two contracts with the
    same card are no mistake here: both see its sessions."""
    return pandas_statement.reference(
        sessions, contracts.assign(card=contracts["card"].mask(contracts.duplicated("card")))
    )


@pandas_statement.mistake
def customer_as_index(sessions, contracts):
    """Your numbers are right, but the customer is the index. The task wants three columns: look at `reset_index`, or
    at `as_index` of `groupby`."""
    return pandas_statement.reference(sessions, contracts).set_index("customer")


@pandas_statement.accepts
def sums_first(sessions, contracts):
    cards = sessions.groupby("card").agg(sessions=("started", "size"), kwh=("kwh", "sum"))
    both = contracts.join(cards, on="card").fillna({"sessions": 0, "kwh": 0})
    return both.groupby("customer")[["kwh", "sessions"]].sum().reset_index()


# The engine


def spoil(path, wanted):
    """Overwrite the bytes of all columns in a Parquet file but the wanted ones; the schema stays readable."""
    import pyarrow.parquet as pq

    group = pq.read_metadata(path).row_group(0)
    with open(path, "r+b") as file:
        for column in map(group.column, range(group.num_columns)):
            if column.path_in_schema not in wanted:
                first = column.dictionary_page_offset or column.data_page_offset
                file.seek(min(first, column.data_page_offset))
                file.write(b"\xff" * column.total_compressed_size)


@cache
def database():
    """Return one empty database for all checks: to open one takes longer than a query."""
    import duckdb

    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    con.execute("SET threads = 2")
    con.execute("SET enable_progress_bar = false")
    return con


def engine(folder, sessions, zone="UTC", spoilt=False, **tables):
    """Return a connection with a view on a Parquet file of sessions and on a CSV file of each other table."""
    from pathlib import Path

    con, schema = database().cursor(), f"case_{next(NUMBERS)}"
    con.execute(f"CREATE SCHEMA {schema}")
    con.execute(f"USE {schema}")
    con.execute(f"SET TimeZone = '{zone}'")
    con.execute("SET python_enable_replacements = false")
    path = Path(folder) / ("spoilt.parquet" if spoilt else "sessions.parquet")
    wide = sessions.assign(socket=range(len(sessions)), log=[f"socket ready {n}" for n in range(len(sessions))])
    wide.to_parquet(path, index=False)
    if spoilt:
        spoil(path, ["started", "card", "kwh"])
    con.execute(f"CREATE OR REPLACE VIEW sessions AS FROM read_parquet('{path.as_posix()}')")
    for name, table in tables.items():
        path = Path(folder) / f"{name}.csv"
        table.to_csv(path, index=False)
        con.execute(f"CREATE OR REPLACE VIEW {name} AS FROM read_csv('{path.as_posix()}')")
    return con


def facts_of(con, query, ours):
    """Run the query; return its table as numbers and texts, and whether it is the one that pandas made."""
    import datetime
    import decimal

    result = con.execute(query)
    types = {name: str(kind).upper() for name, kind, *_ in result.description}
    if set(types) != set(ours.columns):
        return {"the columns asked for": False}
    if types.get("day", "DATE") != "DATE":
        return {"day is a DATE": False}

    def ordinary(value):
        if isinstance(value, datetime.date):
            return str(value)
        return float(value) if isinstance(value, (int, decimal.Decimal)) else value

    table = pd.DataFrame([list(map(ordinary, row)) for row in result.fetchall()], columns=list(types))
    key, *numbers = ours.columns
    for name in numbers:
        table[name] = pd.to_numeric(table[name], errors="coerce").astype(float)
    ours, theirs = (each.set_index(key).sort_index()[numbers] for each in (ours, table))
    same = list(map(str, ours.index)) == list(map(str, theirs.index))
    return {"table": table, "as in pandas": same and np.allclose(ours.astype(float), theirs, equal_nan=True)}


def try_query(answer, with_pandas, sessions, zone="UTC", **tables):
    """Run a query over files whose other columns are spoilt, and only if that fails over sound ones; return facts."""
    if not isinstance(answer, str):
        return {"a text": False}
    if len(database().extract_statements(answer)) != 1:
        return {"one query": False}
    # A wrong answer is compared with every mistake on the same cases: each query runs once.
    case = tuple(table.to_csv() for table in (sessions, *tables.values()))
    if case not in SEEN:
        SEEN[case] = with_pandas(sessions, *tables.values())
    if (answer, zone, case) not in SEEN:
        SEEN[answer, zone, case] = run_query(answer, SEEN[case], sessions, zone, tables)
    return SEEN[answer, zone, case]


def run_query(answer, ours, sessions, zone, tables):
    """Run a query over spoilt files, or else over sound ones; return facts."""
    import tempfile

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for spoilt in (True, False):
            con = engine(folder, sessions, zone, spoilt, **tables)
            try:
                return facts_of(con, answer, ours) | {"reads other columns": not spoilt}
            except Exception:
                if not spoilt:
                    raise
            finally:
                con.close()


def is_a_text(result, *case):
    """Your answer is the text of a query, in quotation marks; the engine runs it."""
    return result.get("a text", True)


def is_one_query(result, *case):
    """Your text holds one query, no more and no less."""
    return result.get("one query", True)


def has_the_columns(result, *case):
    """The result has the columns that the task names and no others; `AS` gives a column its name."""
    return result.get("the columns asked for", True)


def reads_what_it_needs(result, *case):
    """The engine reads no column of the sessions but `started`, `card` and `kwh` (the check has spoilt the others on
    the disk)."""
    return not result.get("reads other columns")


# 2. statement

BARE = "SELECT c.customer, count(*) AS sessions, sum(s.kwh) AS kwh"
GROUPED = "FROM contracts c LEFT JOIN sessions s ON s.card = c.card GROUP BY c.customer"


@Check(value=True, compare=ANY_ORDER, seconds=30)
def statement():
    return f"SELECT c.customer, count(s.started) AS sessions, coalesce(sum(s.kwh), 0) AS kwh {GROUPED}"


for case in (plain, no_card, nobody_came, unknown_kwh):
    statement.case(case)


@statement.probe
def run_statement(answer, sessions, contracts):
    return try_query(answer, pandas_statement.reference, sessions, contracts=contracts)


for rule in (is_a_text, is_one_query, has_the_columns, reads_what_it_needs):
    statement.property(rule)


@statement.mistake
def a_join_alone():
    """A customer has gone: one whose card was never used, or is still in the post. `JOIN` keeps pairs only. Start from
    the contracts, and let them all stay. (Then two more questions wait: what do you count in the row of a customer
    without a session, and what is the sum there?)"""
    return f"{BARE} {GROUPED.replace('LEFT JOIN', 'JOIN')}"


@statement.mistake
def a_left_join_alone():
    """Every customer is there. But one who never charged has a row too, with NULL for the session: `count(*)` makes 1
    of it, and `sum` makes NULL. Count a column of `sessions`, and find the function that replaces a NULL."""
    return f"{BARE} {GROUPED}"


@statement.mistake
def sessions_first_and_null():
    """You joined from the wrong side: all sessions stay, also those that belong to nobody, and they gather under a
    customer NULL. Customers without a session are gone. Which table must stand left of `LEFT JOIN`? (And mind what
    the sum of nothing is.)"""
    return f"{BARE} {GROUPED}".replace("contracts c LEFT JOIN sessions s", "sessions s LEFT JOIN contracts c")


@statement.mistake
def drops_the_waiting():
    """A customer who waits for a card is gone: your `WHERE` drops the contracts without one. They are customers. A
    NULL finds no partner anyway: which line of the list of questions says so?"""
    return statement.reference().replace("GROUP BY", "WHERE c.card IS NOT NULL GROUP BY")


@statement.mistake
def names_no_columns():
    """Your columns are not `customer`, `sessions` and `kwh`. A count or a sum bears its formula for a name until you
    give it another: look at the first query of the engine above, and at its `AS`."""
    return "SELECT customer, count(started), sum(kwh) FROM contracts LEFT JOIN sessions USING (card) GROUP BY customer"


@statement.mistake
def inner_join():
    """A customer has gone: one whose card was never used, or is still in the post. `JOIN` keeps pairs only, and so
    does a `LEFT JOIN` with a `WHERE` on the sessions behind it: an absent partner is NULL, and no condition on NULL
    is true. Start from the contracts, and let them all stay."""
    return statement.reference().replace("LEFT JOIN", "JOIN")


@statement.mistake
def counts_rows_in_sql():
    """You counted the rows of the join. A customer who never charged still has one row there, with NULL for the
    session, and `count(*)` counts it. Count a column of `sessions`: `count` skips NULL."""
    return statement.reference().replace("count(s.started)", "count(*)")


@statement.mistake
def counts_the_contracts_card():
    """A customer with a card that was never used has one session in your table. You counted the card of the contract
    (with `USING (card)`, a bare `card` is that one). Count a column that only a session can fill."""
    return statement.reference().replace("count(s.started)", "count(c.card)")


@statement.mistake
def null_for_nothing():
    """Your sessions are right, and where no kWh is known your sum is NULL. In SQL the sum of nothing is NULL, in
    pandas it is 0, and the task wants 0. Which function takes the first of its arguments that is not NULL?"""
    return statement.reference().replace("coalesce(sum(s.kwh), 0)", "sum(s.kwh)")


@statement.mistake
def null_equals_null():
    """You let NULL find NULL, as pandas does, and the customers without a card pay for everybody who showed none.
    `IS NOT DISTINCT FROM` (or a text put in place of both NULLs) brings that back. The plain `=` never matches two
    unknown cards."""
    return statement.reference().replace("s.card = c.card", "s.card IS NOT DISTINCT FROM c.card")


@statement.mistake
def counts_known_kwh_in_sql():
    """You counted the known kWh. A session whose meter failed is still a session. Count a column which every session
    that found its customer has."""
    return statement.reference().replace("count(s.started)", "count(s.kwh)")


@statement.mistake
def row_for_each_card():
    """You have one row for each card, so a customer with two cards gets two statements. Group by the customer alone:
    `GROUP BY ALL` takes every column of your SELECT that is not aggregated."""
    return statement.reference() + ", c.card"


@statement.mistake
def begins_with_the_sessions():
    """You joined from the wrong side: all sessions stay, also those that belong to nobody, and they gather under a
    customer NULL. Customers without a session are gone. Which table must stand left of `LEFT JOIN`?"""
    return statement.reference().replace("contracts c LEFT JOIN sessions s", "sessions s LEFT JOIN contracts c")


@statement.mistake
def each_card_once():
    """You removed repetitions (`DISTINCT`), and some true sessions or kWh are lost: two sessions may well be alike in
    what you compare. Nothing here is written twice; a family card belongs to two customers."""
    return statement.reference().replace("count(s.started)", "count(DISTINCT s.started)")


@statement.mistake
def counts_the_log():
    """Your numbers are right, and the engine had to read a column of the file besides `started`, `card` and `kwh`. It
    reads what your query mentions. Count a column that it reads anyway."""
    return statement.reference().replace("count(s.started)", "count(s.log)")


@statement.mistake
def unknown_table():
    """The engine knows no table of a name in your query. It has two views, `sessions` and `contracts`. A DataFrame of
    the notebook is not at hand here, and that is the point: the query reads files."""
    return statement.reference().replace("sessions s", "sessions_frame s")


@statement.mistake
def already_run():
    """You handed over something that is no text: a result perhaps, which Python holds already. Put the query itself
    into quotation marks; the engine gets it from the check."""
    return pd.DataFrame({"customer": ["Ada"], "sessions": [1], "kwh": [1.0]})


@statement.accepts
def sums_before_the_join():
    return """
    WITH cards AS (FROM sessions SELECT card, count(*) AS n, sum(kwh) AS total WHERE card IS NOT NULL GROUP BY ALL)
    SELECT sum(coalesce(total, 0)) AS kwh, sum(coalesce(n, 0)) AS sessions, customer
    FROM contracts LEFT JOIN cards USING (card) GROUP BY ALL ORDER BY kwh DESC;
    """


@statement.accepts
def with_a_filter():
    return """
    FROM sessions s RIGHT JOIN contracts c USING (card)
    SELECT customer, count(*) FILTER (WHERE s.started IS NOT NULL) AS sessions, ifnull(sum(kwh), 0) AS kwh GROUP BY 1
    """


# 3. daily

DAY = "(started AT TIME ZONE 'Europe/Berlin')::DATE AS day"
PRICED = "FROM sessions s ASOF LEFT JOIN prices p ON s.started >= p.since GROUP BY ALL"


def pandas_daily(sessions, prices):
    """Return what pandas makes of the same files."""
    left = sessions.assign(at=sessions["started"].dt.as_unit("us")).sort_values("at")
    right = prices.assign(at=pd.to_datetime(prices["since"], utc=True).dt.as_unit("us")).sort_values("at")
    table = pd.merge_asof(left, right, on="at")
    table["euros"] = table["kwh"] * table["cents"] / 100
    days = table.groupby(table["at"].dt.tz_convert("Europe/Berlin").dt.strftime("%Y-%m-%d").rename("day"))
    return days.agg(sessions=("at", "size"), euros=("euros", lambda euros: euros.sum(min_count=1))).reset_index()


@Check(value=True, compare=ANY_ORDER, seconds=30)
def daily():
    return f"SELECT {DAY}, count(*) AS sessions, sum(kwh * cents / 100) AS euros {PRICED}"


def price_list(*rows):
    return pd.DataFrame(rows, columns=["since", "cents"])


@daily.case
def around_midnight(rng):
    """sessions around midnight, in winter and in summer time, on a machine in New York"""
    started = [
        "2025-03-28T22:30:00Z",
        "2025-03-28T23:30:00Z",
        "2025-03-31T21:30:00Z",
        "2025-03-31T22:30:00Z",
        "2025-04-01T03:00:00Z",
    ]
    sessions = sessions_of(rng, ["C-1"] * 5, unknown=0).assign(started=pd.to_datetime(started))
    return sessions, price_list(("2025-03-01 00:00:00+00", 40)), "America/New_York"


@daily.case
def prices_change(rng):
    """three prices, and sessions that begin at the very second of a change, or together"""
    started = [
        "2025-03-22T11:00:00Z",
        "2025-03-22T11:00:00Z",
        "2025-03-22T11:59:59Z",
        "2025-03-22T12:00:00Z",
        "2025-03-22T17:00:00Z",
        "2025-03-23T12:00:00Z",
        "2025-03-25T08:00:00Z",
    ]
    cards = ["C-1", "C-1", None, "C-2", "C-3", "C-2", "C-1"]
    sessions = sessions_of(rng, cards, unknown=0).assign(started=pd.to_datetime(started))
    sessions.loc[1, "kwh"] = sessions.loc[0, "kwh"]
    prices = [("2025-03-22 12:00:00+00", 55), ("2025-03-20 00:00:00+00", 30), ("2025-03-23 12:00:00+00", 45)]
    return sessions, price_list(*prices), "Asia/Tokyo"


@daily.case
def before_the_first(rng):
    """sessions before the first price, and missing kWh"""
    sessions = sessions_of(rng, ["C-1"] * 12, unknown=0)
    sessions["started"] = pd.Timestamp("2025-03-21 10:00", tz="UTC") + pd.to_timedelta(np.arange(12) * 8, unit="h")
    sessions.loc[[5, 9, 10, 11], "kwh"] = np.nan
    return sessions, price_list(("2025-03-22 15:00:00+00", 42)), "UTC"


@daily.probe
def run_daily(answer, sessions, prices, zone):
    return try_query(answer, pandas_daily, sessions, zone, prices=prices)


@daily.property
def day_is_a_date(result, *case):
    """`day` is a DATE: no point in time, and no text."""
    return result.get("day is a DATE", True)


for rule in (is_a_text, is_one_query, has_the_columns, reads_what_it_needs):
    daily.property(rule)


@daily.mistake
def day_of_the_machine():
    """You turned the instant into a date without naming a place, so the engine took the time zone of the machine: your
    colleague abroad runs the same query on the same file and gets other days. Name the zone first, then take the
    date."""
    return daily.reference().replace(DAY, "started::DATE AS day")


@daily.mistake
def day_in_greenwich():
    """Your days begin at midnight in UTC. Between midnight in Berlin and midnight in UTC lie one or two hours, and
    their sessions land on the day before. Which zone does the task name?"""
    return daily.reference().replace("Europe/Berlin", "UTC")


@daily.mistake
def always_one_hour():
    """You added a fixed hour to UTC. That is Berlin in winter; in summer it is two, and the clock changes in this very
    month. Name the zone and let the engine know the calendar."""
    return daily.reference().replace("AT TIME ZONE 'Europe/Berlin'", "AT TIME ZONE 'UTC' + INTERVAL 1 HOUR")


@daily.mistake
def zone_the_wrong_way():
    """You made the instant a bare clock reading first, and then said that this reading was taken in Berlin: that goes
    the wrong way. `started` is an instant already; `AT TIME ZONE` turns it into what a clock in Berlin shows."""
    return daily.reference().replace("started AT", "started::TIMESTAMP AT")


@daily.mistake
def loses_the_unpriced():
    """Sessions from before the first price are gone, and with them some days. `ASOF JOIN` keeps those only that find
    a price. The word that keeps all rows of the left table exists here too."""
    return daily.reference().replace("ASOF LEFT JOIN", "ASOF JOIN")


@daily.mistake
def new_price_a_second_late():
    """A session that begins at the very second of a change got the old price. `since` is the first second of the new
    one. Look at your comparison."""
    return daily.reference().replace(">=", ">")


@daily.mistake
def the_next_price():
    """Your sessions pay a price that came into force after they began. An as-of join takes the nearest row on the side
    to which your inequality points: the session begins at or after `since`."""
    return daily.reference().replace(">=", "<=")


@daily.mistake
def price_by_the_clock():
    """You compared what a clock in Berlin shows with the instants of the prices. Such a reading has no place any more,
    so the engine takes the machine's, and prices change hours too early or too late. Compare instants with instants:
    `started` as it is."""
    return daily.reference().replace("s.started", "(s.started AT TIME ZONE 'Europe/Berlin')")


@daily.mistake
def every_older_price():
    """Your sessions multiply: each was joined with all prices that were ever in force before it, and counts and pays
    once for each. Wanted is the newest of them. There is a join that keeps that one only; its name begins with
    `ASOF`."""
    return daily.reference().replace("ASOF LEFT", "LEFT")


@daily.mistake
def price_of_today():
    """You charged everything at one price, the latest in the list. Each session has the price that was in force when
    it began."""
    return daily.reference().replace(
        "sum(kwh * cents / 100)", "sum(kwh) * (SELECT arg_max(cents, since) FROM prices) / 100"
    )


@daily.mistake
def zero_for_unknown_money():
    """You wrote 0 euros for a day of which no cost is known. A day on which nothing was charged and a day on which
    nobody knows the price are different days. The sum of nothing is NULL: leave it."""
    return daily.reference().replace("sum(kwh * cents / 100)", "coalesce(sum(kwh * cents / 100), 0)")


@daily.mistake
def counts_what_is_paid():
    """Your `sessions` skips those without a known cost (missing kWh, or no price yet). They took place: count rows.
    In this join every session has its row."""
    return daily.reference().replace("count(*)", "count(kwh * cents)")


@daily.mistake
def names_other_columns():
    """Your columns are not `day`, `sessions` and `euros`. A formula is its own name until you give it another with
    `AS`."""
    return f"SELECT {DAY}, count(*), sum(kwh * cents / 100) {PRICED}"


@daily.mistake
def in_cents():
    """Your euros are cents. A hundred of them make one."""
    return daily.reference().replace(" / 100", "")


@daily.mistake
def rounds_the_clock():
    """Your `day` is no DATE: it is a point in time that still has hours, or a text. Let the clock in Berlin say first
    what it shows, then turn that into a DATE. A day is a label, not midnight."""
    return daily.reference().replace(
        "(started AT TIME ZONE 'Europe/Berlin')::DATE", "(started AT TIME ZONE 'Europe/Berlin')"
    )


@daily.accepts
def with_a_window():
    return """
    WITH periods AS (SELECT cents, since, lead(since) OVER (ORDER BY since) AS until FROM prices)
    SELECT CAST(timezone('Europe/Berlin', started) AS DATE) AS day, sum(kwh * cents) / 100 AS euros,
           count(*) AS sessions
    FROM sessions LEFT JOIN periods ON started >= since AND (until IS NULL OR started < until)
    GROUP BY day ORDER BY day
    """


@daily.accepts
def with_a_subquery():
    return """
    SELECT CAST(started AT TIME ZONE 'Europe/Berlin' AS DATE) AS day, count(started) AS sessions,
           sum(kwh * (SELECT max_by(cents, since) FROM prices WHERE since <= started) / 100) AS euros
    FROM sessions GROUP BY 1
    """


# 4. kwh_of


@Check(seconds=30)
def kwh_of(con, customer):
    query = "SELECT coalesce(sum(kwh), 0) FROM sessions JOIN contracts USING (card) WHERE customer = $customer"
    return con.execute(query, {"customer": customer}).fetchall()[0][0]


NAMES = ("Ada", "Bo", "Sinéad O'Brien", "100%", "100% Volt", "Cy", "ada")


def many_customers(rng, asked):
    contracts = contracts_of(
        *[(name, f"C-{number}") for number, name in enumerate(NAMES)], ("Ada", "C-7"), ("Di", None)
    )
    sessions = sessions_of(rng, [*rng.choice([f"C-{n}" for n in (0, 1, 2, 3, 4, 6, 7)], 60), None])
    return sessions.assign(kwh=sessions["kwh"].clip(upper=18)), contracts, asked


@kwh_of.case
def two_customers(rng):
    """two customers, one with two cards, and many equal kWh"""
    return many_customers(rng, ["Ada", "Bo"])


@kwh_of.case
def an_apostrophe(rng):
    """a customer with an apostrophe in the name"""
    return many_customers(rng, ["Sinéad O'Brien"])


@kwh_of.case
def hostile(rng):
    """a text that closes the quotation mark and goes on as SQL"""
    return many_customers(rng, ["x' OR 'a' = 'a", "x'; DROP VIEW sessions; --"])


@kwh_of.case
def percent(rng):
    """a name with a percent sign"""
    return many_customers(rng, ["100%"])


@kwh_of.case
def nothing_known(rng):
    """a customer who never charged, one whose card is in the post, and a name that no contract has"""
    return many_customers(rng, ["Cy", "Di", "Nobody"])


class Connection:
    """Stands before a connection (or its result) and notes the texts that come in and the rows that go out."""

    def __init__(self, inner, notes):
        self._inner, self._notes = inner, notes

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        return self._watch(found) if callable(found) else found

    def cursor(self):
        return self  # a cursor of its own would not see the views of this case

    def _watch(self, method):
        def call(*args, **kwargs):
            unwrap = [arg._inner if isinstance(arg, Connection) else arg for arg in args]
            self._notes["texts"] += [arg for arg in (*args, kwargs.get("query")) if isinstance(arg, str)]
            return self._wrap(method(*unwrap, **kwargs))

        return call

    def _wrap(self, result):
        if type(result).__module__.split(".")[0] in ("duckdb", "_duckdb"):
            return Connection(result, self._notes)
        if isinstance(result, (list, pd.DataFrame)) or hasattr(result, "num_rows"):
            self._notes["rows"] += result.num_rows if hasattr(result, "num_rows") else len(result)
        elif isinstance(result, tuple):
            self._notes["rows"] += 1
        elif isinstance(result, dict):
            self._notes["rows"] += max(map(len, result.values()), default=0)
        return result


@kwh_of.probe
def ask(answer, sessions, contracts, asked):
    import tempfile

    notes = {"texts": [], "rows": 0}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        con = engine(folder, sessions, contracts=contracts)
        try:
            results = [answer(Connection(con, notes), customer) for customer in asked]
        finally:
            con.close()
    if results[0] is None and asked[0] in ("Ada", "Sinéad O'Brien", "100%"):
        return None
    if any(isinstance(result, (tuple, list, dict, pd.DataFrame, pd.Series)) for result in results):
        return "no number"
    loose = any(
        customer in text or customer.replace("'", "''") in text for customer in asked for text in notes["texts"]
    )
    rows = "at most one a call" if notes["rows"] <= len(asked) else "more"
    kwh = [result if result is None else round(float(result), 6) for result in results]
    return {"kwh": kwh, "customer in the query's text": loose, "rows handed to Python": rows}


@kwh_of.property
def text_stays_the_same(result, *case):
    """The text of the query is the same for every customer: the name travels beside it, as a parameter."""
    return not result["customer in the query's text"]


@kwh_of.property
def one_row_crosses(result, *case):
    """The engine does the work: at most one row for each call crosses over to Python."""
    return result["rows handed to Python"] != "more"


SQL = "SELECT coalesce(sum(kwh), 0) FROM sessions JOIN contracts USING (card) WHERE customer"


@kwh_of.mistake
def glues_the_text(con, customer):
    """You put the name into the query's text. An apostrophe ends the quotation there: Sinéad O'Brien crashes your
    query, and `x' OR 'a' = 'a` gets the kWh of everybody. Leave a place in the text, such as `$customer`, and hand the
    value over beside it."""
    return con.execute(f"{SQL} = '{customer}'").fetchall()[0][0]


@kwh_of.mistake
def doubles_the_quotes(con, customer):
    """You put the name into the query's text and doubled its apostrophes. It holds as long as nobody forgets it, and
    nobody forgets anything in one place of a hundred. A parameter needs no such care: it is never read as SQL."""
    escaped = customer.replace("'", "''")
    return con.execute(f"{SQL} = '{escaped}'").fetchall()[0][0]


@kwh_of.mistake
def filters_in_python(con, customer):
    """Your numbers are right, and far more rows than one crossed over to Python: you fetched a table and searched it
    there. Let WHERE and sum happen in the engine."""
    rows = con.execute("SELECT customer, kwh FROM sessions JOIN contracts USING (card)").fetchall()
    return sum(kwh for name, kwh in rows if name == customer and kwh is not None)


@kwh_of.mistake
def a_table_of_sums(con, customer):
    """You return nothing where there is no session (None, or missing). The sum of nothing is NULL in SQL; the task
    wants 0."""
    query = SQL.replace("coalesce(sum(kwh), 0)", "sum(kwh)")
    return con.execute(f"{query} = ?", [customer]).fetchall()[0][0]


@kwh_of.mistake
def like(con, customer):
    """You searched with LIKE, for which a percent sign means *anything*: the customer `100%` got the kWh of
    `100% Volt` as well. Ask for equality."""
    return con.execute(f"{SQL} LIKE $1", [customer]).fetchall()[0][0]


@kwh_of.mistake
def hands_over_the_row(con, customer):
    """You handed over a row or a table. Take the number out of it: the task wants one number."""
    return con.execute(f"{SQL} = ?", [customer]).fetchall()[0]


@kwh_of.mistake
def no_number_comes_back(con, customer):
    """Nothing came back. Is a `return` missing?"""
    con.execute(f"{SQL} = ?", [customer]).fetchall()


@kwh_of.accepts
def by_question_mark(con, customer):
    table = con.sql(f"{SQL} = ?", params=[customer]).df()
    return table.iloc[0, 0]


@kwh_of.accepts
def in_two_steps(con, customer):
    query = "SELECT sum(kwh) FROM sessions WHERE card IN (SELECT card FROM contracts WHERE customer = $1)"
    [(total,)] = con.execute(query, [customer]).fetchall()
    return total or 0.0


# 5. crossover


@Check
def crossover(sizes, pandas_seconds, duckdb_seconds):
    behind = [n for n, p, d in zip(sizes, pandas_seconds, duckdb_seconds, strict=True) if d >= p]
    low = behind[-1] if behind else None
    return low, next((n for n in sizes if low is None or n > low), None)


def race(rng, behind, tie=None):
    """Return (sizes, pandas, duckdb): DuckDB is slower where `behind` is true, and equal at index `tie`."""
    sizes = [int(rng.integers(2, 9)) * 1000 * 5**step for step in range(len(behind))]
    sizes = sorted(sizes)
    pandas = [round(0.1 * 3**step * rng.uniform(0.9, 1.1), 3) for step in range(len(behind))]
    duckdb = [
        round(p * rng.uniform(1.5, 2) if b else p * rng.uniform(0.3, 0.7), 3)
        for p, b in zip(pandas, behind, strict=True)
    ]
    if tie is not None:
        duckdb[tie] = pandas[tie]
    return sizes, pandas, duckdb


@crossover.case
def once(rng):
    """a table with one crossing"""
    return race(rng, [True, True, False, False, False])


@crossover.case
def never(rng):
    """a table in which DuckDB is never faster"""
    return race(rng, [True, True, True, True])


@crossover.case
def at_the_first(rng):
    """a table in which DuckDB is faster from the first size on"""
    return race(rng, [False, False, False, False])


@crossover.case
def twice(rng):
    """a table in which DuckDB is ahead, falls behind, and is ahead again"""
    return race(rng, [True, False, True, False, False])


@crossover.case
def a_tie(rng):
    """a table with equal times at one size"""
    return race(rng, [True, False, False, False], tie=1)


@crossover.case
def behind_at_the_end(rng):
    """a table in which DuckDB is ahead in the middle only"""
    return race(rng, [True, False, False, True])


@crossover.mistake
def first_win(sizes, pandas_seconds, duckdb_seconds):
    """You stopped at the first size at which DuckDB wins. One lucky run and it falls behind again further on. Look
    for the last size at which it does not win."""
    wins = [d < p for p, d in zip(pandas_seconds, duckdb_seconds, strict=True)]
    if True not in wins:
        return sizes[-1], None
    first = wins.index(True)
    return (sizes[first - 1] if first else None), sizes[first]


@crossover.mistake
def any_win(sizes, pandas_seconds, duckdb_seconds):
    """Your second entry is the first size at which DuckDB wins, even if it falls behind again later. It must lie above
    the first entry: the smallest size from which on DuckDB always wins."""
    low, _ = crossover.reference(sizes, pandas_seconds, duckdb_seconds)
    return low, next((n for n, p, d in zip(sizes, pandas_seconds, duckdb_seconds, strict=True) if d < p), None)


@crossover.mistake
def a_tie_is_a_win(sizes, pandas_seconds, duckdb_seconds):
    """You took equal times for a win. A tie is no reason to change the tool: DuckDB must be faster."""
    behind = [n for n, p, d in zip(sizes, pandas_seconds, duckdb_seconds, strict=True) if d > p]
    low = behind[-1] if behind else None
    return low, next((n for n in sizes if low is None or n > low), None)


@crossover.mistake
def the_other_way(sizes, pandas_seconds, duckdb_seconds):
    """You looked for the size from which pandas is faster. Check which of the two times should be the smaller one."""
    return crossover.reference(sizes, duckdb_seconds, pandas_seconds)


@crossover.mistake
def positions(sizes, pandas_seconds, duckdb_seconds):
    """You returned positions in the table. Your team asks "from how many rows on?": return the sizes there."""
    low, high = crossover.reference(sizes, pandas_seconds, duckdb_seconds)
    return (None if low is None else sizes.index(low)), (None if high is None else sizes.index(high))


@crossover.mistake
def claims_more_than_measured(sizes, pandas_seconds, duckdb_seconds):
    """Where DuckDB is not faster at the largest size, you still name a size from which it is. Nobody has measured
    beyond: the second entry is None then."""
    low, high = crossover.reference(sizes, pandas_seconds, duckdb_seconds)
    return low, sizes[-1] if high is None else high


@crossover.mistake
def below_the_first(sizes, pandas_seconds, duckdb_seconds):
    """Where DuckDB is faster at every size, you still name a size at which it is not. There is none in the table: the
    first entry is None then."""
    low, high = crossover.reference(sizes, pandas_seconds, duckdb_seconds)
    return (0, high) if low is None else (low, high)


@crossover.mistake
def one_number(sizes, pandas_seconds, duckdb_seconds):
    """You returned one size. Between two measured sizes nobody knows where the lines cross: return both ends."""
    return crossover.reference(sizes, pandas_seconds, duckdb_seconds)[1]


@crossover.accepts
def backwards(sizes, pandas_seconds, duckdb_seconds):
    high = None
    for size, pandas, duckdb in list(zip(sizes, pandas_seconds, duckdb_seconds, strict=True))[::-1]:
        if not duckdb < pandas:
            return [size, high]
        high = size
    return [None, high]
