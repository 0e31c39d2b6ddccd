"""Decides about the exercise `explore/pandas_vs_spark`."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter

from shoshin import Check


class Lazily:
    """Spark's functions, imported when one is asked for: this file also loads where there is no pyspark."""

    def __getattr__(self, name):
        from pyspark.sql import functions

        return getattr(functions, name)


F = Lazily()

# What the tasks with Spark run on. No JVM is started before an answer is tried.


class NoSpark(Exception):
    """Spark cannot start on this machine."""


def session():
    """Return the notebook's session, or start one.

    Raises:
        NoSpark: if there is no Java 17 or newer, or Spark does not start.
    """
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    if java_version() < 17:
        raise NoSpark
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "768m",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("shoshin")
    try:
        return builder.config(map=settings).getOrCreate()
    except Exception as error:
        raise NoSpark from error


def java_version():
    """Return the major version of the Java that Spark would start, 0 if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=os.path.join(home, "bin") if home else None)
    if not java:
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


def frame(spark, columns, rows):
    """Return a Spark table of texts that is made without Python's help, so that none shows in its plan."""

    def literal(text):
        return "CAST(NULL AS STRING)" if text is None else f"'{text}'"

    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    return spark.sql(f"SELECT * FROM VALUES {values} AS t({', '.join(columns)})")


OURS = {}  # what the functions of this file came to: they come to the same each time, and a Spark job is dear


def look(answer, *tables):
    """Return what came of answer(*frames): facts about the plan, then its rows. Each table: (columns, rows)."""
    if getattr(answer, "__module__", "") != __name__:
        return look_anew(answer, *tables)
    key = answer, repr(tables)
    seen = OURS.get(key) or look_anew(answer, *tables)
    if seen and seen["Spark ran"]:
        OURS[key] = seen
    return seen and dict(seen)


def look_anew(answer, *tables):
    """Return what came of answer(*frames), tried now. Where a rule is broken, only that: the rest is not run."""
    from pyspark.errors.exceptions.captured import CapturedException
    from pyspark.sql import DataFrame

    try:
        spark = session()
        context = spark.sparkContext
        frames = [frame(spark, columns, rows) for columns, rows in tables]
        group = f"shoshin-{os.urandom(4).hex()}"
        context.setJobGroup(group, "while the plan is made")
        plan = answer(*frames)
        if isinstance(plan, DataFrame):
            return {"Spark ran": True, "came back": "a plan"} | look_into(plan, context, group)
    except NoSpark:
        return {"Spark ran": False}
    except CapturedException as error:  # Spark's own words, without its codes, and without the plan below them
        words = re.sub(r"^\[[A-Z_.]+\] | SQLSTATE: .*", "", str(error).partition("\n")[0])
        raise ValueError(f"Spark says: {words}").with_traceback(error.__traceback__) from None
    finally:
        with contextlib.suppress(Exception):
            context.setLocalProperty("spark.jobGroup.id", None)
            context.setLocalProperty("spark.job.description", None)
    if plan is None:
        return None
    at_home = isinstance(plan, list) or type(plan).__module__.startswith("pandas") or type(plan).__name__ == "Row"
    return {
        "Spark ran": True,
        "came back": "rows in Python" if at_home else type(plan).__name__,
    }


def look_into(plan, context, group):
    """Return the facts about a plan, and its rows unless a rule is broken."""
    execution = plan._jdf.queryExecution()
    physical = execution.executedPlan().toString()
    if re.search(r"Python|InPandas|InArrow|ExistingRDD", physical):
        return {"Python in the plan": True}
    if context.statusTracker().getJobIdsForGroup(group):
        return {"jobs while the plan was made": "some"}
    columns = sorted(plan.columns)
    rows = sorted((tuple(row[name] for name in columns) for row in plan.collect()), key=str)
    joins = [node for node in nodes(execution.executedPlan()) if "Join" in node.nodeName()]
    joins = [node for node in joins if not re.search("LeftSemi|LeftAnti", node.toString())]  # these only let rows pass
    return {
        "exchanges": len(re.findall(r"(?<![A-Za-z])Exchange\b", physical)),
        "what for": "sort" if "rangepartitioning" in physical else "join" if joins else "",
        "most rows out of a join": max((rows_out(node) for node in joins), default=0),
        "columns": columns,
        "rows": rows,
    }


def by_first(key, seen):
    """Return the rows as a dict by the column `key`, as long as it is there and tells them apart."""
    columns, rows = seen["columns"], seen["rows"]
    if key not in columns:
        return rows
    place = columns.index(key)
    others = [{name: cell for name, cell in zip(columns, row, strict=True) if name != key} for row in rows]
    found = dict(zip((row[place] for row in rows), others, strict=True))
    return found if len(found) == len(rows) else rows


def nodes(node):
    """Return a physical plan's nodes."""
    children = node.children()
    return [node] + [each for number in range(children.size()) for each in nodes(children.apply(number))]


def rows_out(node):
    """Return how many rows a node put out when it last ran."""
    metrics = node.metrics()
    return metrics.apply("numOutputRows").value() if metrics.contains("numOutputRows") else 0


# 1. shuffle


@Check(inputs="untouched")
def shuffle(outputs, reducers, home):
    inboxes = [{} for _ in range(reducers)]
    for pairs in outputs:
        for key, number in pairs:
            inboxes[home(key, reducers)].setdefault(key, []).append(number)
    return inboxes


@shuffle.case
def three_machines(rng):
    """three machines that share some words"""
    words = ["a", "to", "of", "the", "and", "from", None]
    return [[(words[i], 1) for i in rng.permutation(7)[:5]] + [("the", 1), ("a", 1)] for _ in range(3)], 3


@shuffle.case
def numbers_that_differ(rng):
    """pairs whose numbers differ"""
    numbers = [int(number) for number in rng.integers(2, 99, 5)]
    return [
        list(zip(["if", "in", "else", "if", None], numbers, strict=True)),
        [("if", 1), ("else", 7)],
    ], 4


@shuffle.case
def idle(rng):
    """a machine without pairs, and reducers that get none"""
    return [[("no", 1)], [], [("no", 1), ("or", 1)]], 5


@shuffle.probe
def with_a_rule_of_its_own(answer, outputs, reducers):
    """Hand in another rule than the notebook's; the order of the numbers in a list is left open."""

    def home(key, reducers):
        return (0 if key is None else len(key)) % reducers

    inboxes = answer(outputs, reducers, home)
    if inboxes is None:
        return None
    if not isinstance(inboxes, (list, tuple)) or not all(isinstance(inbox, dict) for inbox in inboxes):
        return {"a list of dicts": False}
    for numbers in (numbers for inbox in inboxes for numbers in inbox.values()):
        if not isinstance(numbers, (list, tuple)):
            return {"a key has": "a number" if isinstance(numbers, int) else f"a {type(numbers).__name__}"}
    return [{key: sorted(numbers) for key, numbers in inbox.items()} for inbox in inboxes]


@shuffle.property
def is_dicts(result, outputs, reducers):
    """`shuffle` returns a list of dicts, one for each reducer."""
    return isinstance(result, list) or result.get("a list of dicts", True)


@shuffle.property
def holds_lists(result, outputs, reducers):
    """In each dict, a key has the list of all its numbers: also a key that has one number only."""
    return isinstance(result, list) or "a key has" not in result


@shuffle.property
def one_each(result, outputs, reducers):
    """There is one dict for each reducer, also for a reducer that gets nothing."""
    return len(result) == reducers


@shuffle.mistake
def by_machine(outputs, reducers, home):
    """You gave each machine's pairs to one reducer, so a word that occurs on two machines is counted in two places.
    The address must depend on the key alone: ask `home(key, reducers)` for each pair."""
    inboxes = [{} for _ in range(reducers)]
    for number, pairs in enumerate(outputs):
        for key, value in pairs:
            inboxes[number % reducers].setdefault(key, []).append(value)
    return inboxes


@shuffle.mistake
def own_rule(outputs, reducers, home):
    """You sent pairs by the notebook's rule, `zlib.crc32`. `home` is a parameter: another cluster, another rule. Call
    what is handed in."""
    from zlib import crc32

    return shuffle.reference(outputs, reducers, lambda key, reducers: crc32(str(key).encode()) % reducers)


@shuffle.mistake
def salted_hash(outputs, reducers, home):
    """You sent pairs by Python's `hash`. Every Python process salts it anew for texts, so two machines would disagree
    about where a word lives. Call `home(key, reducers)`, on which they all agree."""
    return shuffle.reference(outputs, reducers, lambda key, reducers: hash(key) % reducers)


@shuffle.mistake
def first_machine_only(outputs, reducers, home):
    """You have the pairs of the first machine only: a `return` inside the loop ends the function there. Fill the dicts
    in the loop, return them after it."""
    return shuffle.reference(outputs[:1], reducers, home)


@shuffle.mistake
def overwrites(outputs, reducers, home):
    """A key has one number where it should have many: each pair overwrites the one before it. The reducer needs all
    of them. Look at `setdefault(key, [])`, or at `defaultdict(list)`."""
    inboxes = [{} for _ in range(reducers)]
    for pairs in outputs:
        for key, value in pairs:
            inboxes[home(key, reducers)][key] = [value]
    return inboxes


@shuffle.mistake
def machine_overwrites(outputs, reducers, home):
    """Of a key that occurs on two machines you kept the numbers of the last one: they overwrote those that were there
    (with `inbox[key] = ...`, or `update`). Add to the list that a key has."""
    inboxes = [{} for _ in range(reducers)]
    for pairs in outputs:
        for inbox, new in zip(inboxes, shuffle.reference([pairs], reducers, home), strict=True):
            inbox.update(new)
    return inboxes


@shuffle.mistake
def adds_already(outputs, reducers, home):
    """A key has one number where a list belongs. If you added the numbers up: that is the reducer's work. `shuffle`
    moves and groups, so that it serves every reducer, also one that wants a maximum. If each pair overwrote the one
    before it: the reducer needs them all. Keep a list for each key."""
    return [{key: sum(numbers) for key, numbers in box.items()} for box in shuffle.reference(outputs, reducers, home)]


@shuffle.mistake
def drops_the_missing(outputs, reducers, home):
    """The pairs whose key is `None` have gone. A shuffle does not judge: to it, `None` is a key like any other, and
    whoever asked for the shuffle wants those pairs too. Look for an `if key`."""
    return shuffle.reference([[pair for pair in pairs if pair[0]] for pairs in outputs], reducers, home)


@shuffle.mistake
def only_busy_reducers(outputs, reducers, home):
    """A reducer that gets nothing has vanished from your list, so all those behind it have moved up. Begin with one
    empty dict for each reducer."""
    return [inbox for inbox in shuffle.reference(outputs, reducers, home) if inbox]


@shuffle.mistake
def one_dict_many_times(outputs, reducers, home):
    """All your dicts are one and the same: `[{}] * reducers` makes one dict and writes it down several times. A
    comprehension makes a new one for each reducer."""
    inboxes = [{}] * reducers
    for pairs in outputs:
        for key, value in pairs:
            inboxes[home(key, reducers)].setdefault(key, []).append(value)
    return inboxes


@shuffle.accepts
def with_defaultdict(outputs, reducers, home):
    from collections import defaultdict
    from itertools import chain

    inboxes = tuple(defaultdict(list) for _ in range(reducers))
    for key, value in chain.from_iterable(outputs):
        inboxes[home(key, reducers)][key] += [value]
    return inboxes


# 2. combine


@Check
def combine(pairs):
    totals = Counter()
    for key, number in pairs:
        totals[key] += number
    return list(totals.items())


@combine.case
def fresh(rng):
    """pairs right from the mapper"""
    words = ["if", "the", "the", "of", "else", "if", "the", None, None]
    return [(words[i], 1) for i in rng.permutation(9)]


@combine.case
def second_time(rng):
    """pairs that have been through a combiner before"""
    numbers = sorted(int(number) for number in rng.choice(range(2, 50), 6, replace=False))
    return list(
        zip(
            ["if", "of", None, "the", "if", "the"],
            [numbers[i] for i in (0, 1, 2, 5, 4, 3)],
            strict=True,
        )
    )


@combine.case
def nothing(rng):
    """a machine without pairs"""
    return ([],)


@combine.probe
def in_any_order(answer, pairs):
    """Sort what comes back, so that the order is left open."""
    result = answer(pairs)
    if result is None:
        return None
    if isinstance(result, (dict, int)):
        return {"came back": "a dict or a number"}
    try:
        found = [(key, number) for key, number in result]
        if any(isinstance(number, (list, tuple)) for _, number in found):
            return {"came back": "pairs with lists"}
        found = [(key, int(number)) for key, number in found]
    except (TypeError, ValueError):
        return {"came back": "something else"}
    return sorted(([key, number] for key, number in found), key=str)


@combine.property
def are_pairs(result, pairs):
    """`combine` returns a list of pairs `(key, number)`: the same form as it was given."""
    return isinstance(result, list)


@combine.property
def each_key_once(result, pairs):
    """Each key occurs once in what `combine` returns."""
    keys = [str(key) for key, _ in result]
    return len(keys) == len(set(keys))


@combine.mistake
def counts_the_pairs(pairs):
    """You counted the pairs instead of adding their numbers. On fresh pairs, where each number is 1, both agree. A
    pair `("the", 7)` that has been combined before would count as one. Add what is in the pair."""
    return list(Counter(key for key, _ in pairs).items())


@combine.mistake
def last_number_wins(pairs):
    """Of each key you kept the last number, as `dict(pairs)` does. The others are lost. Add to what you have."""
    return list(dict(pairs).items())


@combine.mistake
def begins_at_one(pairs):
    """The first pair of a key counts as 1 in your sum, whatever its number is. On fresh pairs nobody sees it; a pair
    `("the", 7)` that has been combined before is the test. Begin with what the pair holds."""
    found = {}
    for key, number in pairs:
        found[key] = found[key] + number if key in found else 1
    return list(found.items())


@combine.mistake
def neighbours_only(pairs):
    """You merged a key with its neighbours only: `itertools.groupby` begins a new group whenever the key changes.
    Hadoop sorts before it reduces for that very reason. A dict needs no order."""
    from itertools import groupby

    return [(key, sum(number for _, number in group)) for key, group in groupby(pairs, key=lambda pair: pair[0])]


@combine.mistake
def sorts_the_keys(pairs):
    """You sorted by key, and Python cannot tell whether `None` comes before a text. Blank lines have `None` for their
    word. A dict needs no order; or sort with a `key` that copes with `None`."""
    totals = Counter()
    for key, number in sorted(pairs, key=lambda pair: pair[0]):
        totals[key] += number
    return list(totals.items())


@combine.mistake
def drops_the_missing_key(pairs):
    """The pairs whose key is `None` have gone. Blank lines are to be counted as well; whoever does not want them
    drops them at the end. Look for an `if key`."""
    return [pair for pair in combine.reference(pairs) if pair[0]]


@combine.mistake
def returns_a_dict(pairs):
    """What came back is no list of pairs: a dict, say, or one number. The shuffle walks over pairs, and it must not
    notice whether a combiner has been at work. Hand over what you would like to be given; a dict has `.items()`."""
    return dict(combine.reference(pairs))


@combine.mistake
def lists_of_numbers(pairs):
    """You gathered the numbers of each key in a list: fewer pairs, and as many numbers on the wire as before. Add
    them up here, on the machine where they are."""
    found = {}
    for key, number in pairs:
        found.setdefault(key, []).append(number)
    return list(found.items())


@combine.accepts
def with_a_dict(pairs):
    totals = {}
    for key, number in pairs:
        totals[key] = totals.get(key, 0) + number
    return totals.items()


@combine.accepts
def sorted_and_grouped(pairs):
    from itertools import groupby

    ordered = sorted(pairs, key=lambda pair: (pair[0] is None, pair[0] or ""))
    return [[key, sum(n for _, n in group)] for key, group in groupby(ordered, key=lambda pair: pair[0])]


# 3. uses


WORDS, KINDS = ("topic", "word"), ("word", "kind")


@Check(seconds=120)
def uses(words, kinds):
    numbers = words.groupBy("word").agg(F.count("*").alias("n"))
    listed = kinds.distinct().join(numbers, "word", "left")
    return listed.groupBy("kind").agg(F.coalesce(F.sum("n"), F.lit(0)).alias("uses"))


@uses.case
def with_gaps(rng):
    """a small text with gaps"""
    found = ["if"] * 4 + ["for"] * 4 + ["type"] * 7 + ["print"] * 3 + [None] * 5 + ["of"] * 2  # for every seed the
    kinds = [
        ("if", "keyword"),
        ("for", "keyword"),
        ("else", "keyword"),
        ("type", "builtin"),
    ]  # same: jobs are dear
    kinds += [
        ("type", "soft keyword"),
        ("print", "builtin"),
        ("print", "builtin"),
        (None, "planned"),
    ]
    kinds += [("unless", "planned"), (None, "wanted")]
    return [(["while", "print"][i % 2], word) for i, word in enumerate(found)], kinds


@uses.probe
def look_at_uses(answer, words, kinds):
    """Make the tables with Spark, look at the plan, then run it."""
    seen = look(answer, (WORDS, words), (KINDS, kinds))
    if not seen or "rows" not in seen:
        return seen
    first = seen["most rows out of a join"] <= len(kinds)
    return {
        "columns": seen["columns"],
        "rows": by_first("kind", seen),
        "words are counted before the join": first,
    }


def rules(check):
    """Declare what must hold of every plan, in the order in which it is said."""

    @check.property
    def spark_runs(result, *case):
        """Spark must run for this task, and it did not start: it needs Java 17 or newer."""
        return result.get("Spark ran", True)

    @check.property
    def is_a_plan(result, *case):
        """A Spark DataFrame comes back: the plan, which nobody has run yet."""
        return result.get("came back", "a plan") == "a plan"

    @check.property
    def stays_in_the_engine(result, *case):
        """No row passes through Python: the plan is made of Spark's own functions."""
        return not result.get("Python in the plan", False)

    @check.property
    def is_lazy(result, *case):
        """No job runs while the plan is made."""
        return "jobs while the plan was made" not in result

    @check.mistake  # the first one: without Spark all of them come to the same
    def without_java(*frames):
        """Spark did not start, so your answer was not tried. Spark needs Java 17 or newer: install a JDK (from
        adoptium.net, say), restart the kernel, and run the cells again."""
        raise NoSpark

    @check.mistake
    def goes_through_python(*frames):
        """Rows pass through Python in your plan: by a `udf`, a function of pandas, `rdd`, or `createDataFrame`. Each
        is packed, sent to a Python process and back, and Spark cannot plan around a function that it cannot read.
        `F` has what you need."""
        return frames[0].select(F.udf(str)("word"))

    @check.mistake
    def runs_a_job_meanwhile(*frames):
        """Spark had to work before your function was done: `collect`, `toPandas`, `count()` of a whole table, `show`
        and `first` do not wait. Whoever calls you decides when the plan runs, and Spark plans best what it sees as
        a whole. If you wanted to look at a step, do it in a cell of its own."""
        frames[0].count()
        return check.reference(*frames)

    @check.mistake
    def brings_the_rows(*frames):
        """You brought the rows to Python (`collect` and `toPandas` do that). On a cluster that is the whole result of
        a hundred machines, in the memory of your laptop. Return the plan; whoever calls you decides when it runs."""
        return check.reference(*frames).collect()

    @check.mistake
    def forgot_what_to_compute(*frames):
        """What came back is grouped, and nothing has been computed of the groups yet. A `groupBy` wants a `count` or
        an `agg` behind it."""
        return frames[0].groupBy("word")


rules(uses)


@uses.property
def has_two_columns(result, words, kinds):
    """The table has two columns, `kind` and `uses`."""
    return result["columns"] == ["kind", "uses"]


@uses.property
def reduces_first(result, words, kinds):
    """The words are counted before the join: it puts out no more rows than `kinds` has."""
    return result["words are counted before the join"]


def counted(words, kinds, how="left", null_safe=False):
    """Return the uses of each kind by the right plan, except for `how` it joins and whether missing equals missing."""
    if null_safe:
        words, kinds = words.fillna("", ["word"]), kinds.fillna("", ["word"])
    numbers = words.groupBy("word").agg(F.count("*").alias("n"))
    listed = kinds.join(numbers, "word", how)
    return listed.groupBy("kind").agg(F.coalesce(F.sum("n"), F.lit(0)).alias("uses"))


@uses.mistake
def joins_every_row(words, kinds):
    """Your numbers are right, and every use of every word went through the join. That is how one writes it in pandas.
    Here the table that travels should be small: count each word first, as a combiner does, and join the counts."""
    return kinds.distinct().join(words, "word", "left").groupBy("kind").agg(F.count("topic").alias("uses"))


@uses.mistake
def the_old_line(words, kinds):
    """That is the old line. It joins every use of every word, and a word that is listed twice under one kind counts
    twice. Two tables should meet in the join: the list without its copies, and a tally of the words."""
    return kinds.join(words, "word", "left").groupBy("kind").agg(F.count("topic").alias("uses"))


@uses.mistake
def adds_equal_numbers_once(words, kinds):
    """`F.sum_distinct` adds equal *numbers* once, so of two words that are used equally often one is lost. The copies
    to be rid of are rows of `kinds`: take them out before the join."""
    numbers = words.groupBy("word").agg(F.count("*").alias("n"))
    table = kinds.join(numbers, "word", "left").groupBy("kind").agg(F.sum_distinct("n").alias("uses"))
    return table.fillna(0)


@uses.mistake
def only_known_words(words, kinds):
    """A kind whose only word is missing has gone: you took the rows with a missing word out of `kinds`. They match
    nothing in the join anyway, and each kind wants its row."""
    return counted(words, kinds.dropna().distinct())


@uses.mistake
def keeps_both_sides(words, kinds):
    """A row for the kind `NULL` has come in: your join keeps both sides whole, so all words without a kind are there
    as well. Only `kinds` must stay whole."""
    return counted(words, kinds.distinct(), "outer")


@uses.mistake
def kinds_without_uses_vanish(words, kinds):
    """A kind without a use has gone from your table: an inner join keeps what both sides have. Each kind in `kinds`
    gets a row. Which side must be kept whole, and which word says so in `join`?"""
    return counted(words, kinds.distinct(), "inner")


@uses.mistake
def no_use_is_missing(words, kinds):
    """A kind without a use has a missing value where a 0 belongs: a sum of nothing is missing in SQL. Fill it in,
    with `F.coalesce` or `fillna`."""
    numbers = words.groupBy("word").agg(F.count("*").alias("n"))
    return kinds.distinct().join(numbers, "word", "left").groupBy("kind").agg(F.sum("n").alias("uses"))


@uses.mistake
def counts_rows(words, kinds):
    """A word that nobody uses was counted as used once. After a left join it still has one row, with nothing on the
    right of it, and `count("*")` (or `.count()`) counts that row. Count or add up a column that is missing there."""
    return kinds.distinct().join(words, "word", "left").groupBy("kind").agg(F.count("*").alias("uses"))


@uses.mistake
def counts_different_words(words, kinds):
    """You counted rows after the words had been counted, so each word counts once, however often it is used. Add up
    the numbers that your first count made."""
    numbers = words.groupBy("word").agg(F.count("*").alias("n"))
    return kinds.distinct().join(numbers, "word", "left").groupBy("kind").agg(F.count("n").alias("uses"))


@uses.mistake
def missing_equals_missing(words, kinds):
    """Your blank lines count as uses of the word that is not chosen yet. You got there with `eqNullSafe`, or by
    filling in the missing words before the join. The pandas line says the same, and it is the one that is mistaken:
    two unknown words are not the same word. Leave the missing ones missing."""
    return counted(words, kinds.distinct(), null_safe=True)


@uses.mistake
def listed_twice_counts_twice(words, kinds):
    """A word that is listed twice under one kind counts twice: a join makes a row for every match on both sides. Take
    the copies out of `kinds` before you join."""
    return counted(words, kinds)


@uses.mistake
def words_on_the_left(words, kinds):
    """A row for the kind `NULL` has come in, and a kind without a use has gone. Your join keeps all words, most of
    which have no kind. The table that must stay whole is `kinds`."""
    return counted(words, kinds.distinct(), "right")


@uses.accepts
def counts_by_the_way(words, kinds):
    numbers = words.where("word IS NOT NULL").groupBy("word").count()
    listed = kinds.dropDuplicates(["kind", "word"]).join(F.broadcast(numbers), on=["word"], how="left")
    return listed.fillna(0).groupby("kind").agg({"count": "sum"}).toDF("kind", "uses").orderBy("kind")


@uses.accepts
def in_sql(words, kinds):
    query = """
        WITH numbers AS (SELECT word, COUNT(1) AS n FROM {words} GROUP BY word)
        SELECT k.kind, SUM(IFNULL(n, 0)) AS uses
        FROM (SELECT DISTINCT word, kind FROM {kinds}) AS k LEFT JOIN numbers ON k.word = numbers.word
        GROUP BY k.kind
    """
    return words.sparkSession.sql(query, words=words, kinds=kinds)


# 4. topic_table


@Check(seconds=120)
def topic_table(words):
    return words.groupBy("topic").agg(
        F.count("word").alias("words"),
        F.count_if(F.col("word").isNull()).alias("blank"),
        F.max(F.length("word")).alias("longest"),
    )


@topic_table.case
def three_topics(rng):
    """a topic without blank lines, and one that has nothing else"""
    words = [
        ("if", "zip"),
        ("if", "statement"),
        ("if", "zip"),
        ("if", None),
        ("if", None),
        ("pass", "no"),
    ]
    words += [("pass", "operation")] * 3 + [("empty", None)] * 4
    return words[::3] + words[1::3] + words[2::3]  # the same for every seed


@topic_table.probe
def look_at_topics(answer, words):
    """Make the table with Spark, look at the plan, then run it."""
    seen = look(answer, (WORDS, words))
    if not seen or "rows" not in seen:
        return seen
    number, reason = seen["exchanges"], seen["what for"] and f", to {seen['what for']}"
    journeys = "one" if number == 1 else f"several{reason}" if number else "none"
    return {
        "columns": seen["columns"],
        "rows": by_first("topic", seen),
        "exchanges": journeys,
    }


rules(topic_table)


@topic_table.property
def has_four_columns(result, words):
    """The table has four columns: `topic`, `words`, `blank` and `longest`."""
    return result["columns"] == ["blank", "longest", "topic", "words"]


@topic_table.property
def moves_rows_once(result, words):
    """The plan has one `Exchange`: the rows travel once."""
    return result["exchanges"] == "one"


def table_of(words, /, **changed):
    """Return the right table, but for the columns that are given."""
    columns = {
        "words": F.count("word"),
        "blank": F.count_if(F.isnull("word")),
        "longest": F.max(F.length("word")),
    }
    return words.groupBy("topic").agg(*(column.alias(name) for name, column in (columns | changed).items()))


@topic_table.mistake
def three_tables_joined(words):
    """Your numbers are right, and your rows travel more than once: you made a table for each column and joined them,
    so the plan has an `Exchange` for each. On a cluster that is the expensive part. One `groupBy` can have
    several columns in its `agg`, each with a condition of its own."""
    known = words.groupBy("topic").agg(F.count("word").alias("words"), F.max(F.length("word")).alias("longest"))
    blank = words.filter("word IS NULL").groupBy("topic").agg(F.count("*").alias("blank"))
    return known.join(blank, "topic", "left").fillna(0, ["blank"])


@topic_table.mistake
def filtered_and_joined(words):
    """You made one table of the known words and one of the blank lines, and joined them. Topics that lack one of the
    two have gone, and the plan has an `Exchange` for each table. One `groupBy` can do both: put the condition
    into the column, not into a filter."""
    known = words.filter("word IS NOT NULL").groupBy("topic")
    known = known.agg(F.count("*").alias("words"), F.max(F.length("word")).alias("longest"))
    blank = words.filter("word IS NULL").groupBy("topic").agg(F.count("*").alias("blank"))
    return known.join(blank, "topic")


@topic_table.mistake
def sorted_too(words):
    """Your numbers are right, and the table travels once more to be sorted: that is a second `Exchange`. The order of
    the rows is free; whoever shows the table can sort it."""
    return table_of(words).orderBy("topic")


@topic_table.mistake
def grouped_twice(words):
    """Your numbers are right, and you group twice: by topic and word, and then by topic. Each `groupBy` sends rows
    over the wire. One by topic is enough."""
    twice = words.groupBy("topic", "word").agg(F.count("word").alias("w"), F.count_if(F.isnull("word")).alias("b"))
    return twice.groupBy("topic").agg(
        F.sum("w").alias("words"),
        F.sum("b").alias("blank"),
        F.max(F.length("word")).alias("longest"),
    )


@topic_table.mistake
def compares_with_none(words):
    """Your `blank` is 0 everywhere. Nothing equals a missing word in Spark: `== None` is never true, nor is `== ""`.
    A column has a method that asks whether it is missing."""
    return table_of(words, blank=F.count_if(F.col("word") == ""))


@topic_table.mistake
def measures_the_last(words):
    """Your `longest` is the length of the last word in the alphabet, for that is what `F.max` of texts finds. Measure
    each word first, then take the largest."""
    return table_of(words, longest=F.length(F.max("word")))


@topic_table.mistake
def topics_without_words_vanish(words):
    """A topic that has nothing but blank lines has gone: its `longest` is missing, and you dropped the rows in which
    something is. That topic wants its row, too."""
    return table_of(words).dropna()


@topic_table.mistake
def blank_lines_are_words(words):
    """Your `words` counts the blank lines too. `F.count("*")` counts rows; `F.count` of a column skips what is
    missing there."""
    return table_of(words, words=F.count("*"))


@topic_table.mistake
def counts_true_and_false(words):
    """Your `blank` counts all rows. `F.count` counts what is not missing, and `isNull()` is True or False, never
    missing. You want the rows where it is True: look at `F.count_if`, or make numbers of it and add them up."""
    return table_of(words, blank=F.count(F.col("word").isNull()))


@topic_table.mistake
def no_blank_is_missing(words):
    """A topic without blank lines has a missing value where a 0 belongs. A sum of nothing is missing in SQL: `F.when`
    without `otherwise` leaves nothing to add up. Say what it is otherwise, or look at `F.count_if`."""
    return table_of(words, blank=F.sum(F.when(F.col("word").isNull(), 1)))


@topic_table.mistake
def last_in_the_alphabet(words):
    """Your `longest` holds a word: `F.max` of texts is the last in the alphabet. Wanted is the number of letters of
    the longest word: measure first, then take the largest."""
    return table_of(words, longest=F.max("word"))


@topic_table.mistake
def nothing_is_zero_long(words):
    """A topic without words got 0 for its `longest`. It has no longest word, so the number is missing: a mean over
    all topics should skip it. Leave what `F.max` says of nothing."""
    return table_of(words, longest=F.coalesce(F.max(F.length("word")), F.lit(0)))


@topic_table.mistake
def different_words(words):
    """Your `words` counts different words. Wanted are all of them, as often as they occur. It was dear besides: to
    tell different words apart the rows must travel by topic *and word* first, which is one more `Exchange`."""
    return table_of(words, words=F.count_distinct("word"))


@topic_table.mistake
def drops_the_blank_lines(words):
    """You took the blank lines out at the beginning. Then none is left to be counted, and a topic that has nothing
    else disappears. Keep all rows, and let each column say what it counts."""
    return table_of(words.dropna())


@topic_table.accepts
def with_sums(words):
    marked = words.withColumn("blank", F.col("word").isNull().cast("int")).withColumn("letters", F.length("word"))
    table = marked.groupBy("topic").agg(F.sum("blank"), F.max("letters"), F.count("letters"))
    return table.toDF("topic", "blank", "longest", "words")


@topic_table.accepts
def topics_in_sql(words):
    query = """
        SELECT topic, COUNT(word) words, COUNT(*) - COUNT(word) blank, MAX(LENGTH(word)) longest
        FROM {words}
        GROUP BY topic
    """
    return words.sparkSession.sql(query, words=words)


# 5. crossover


@Check
def crossover(sizes, old, new):
    start = None
    for size, before, now in zip(sizes, old, new, strict=True):
        start = None if now > before else size if start is None else start
    return start


def ladder(rng):
    """Return four growing numbers of rows."""
    first = int(rng.integers(10, 99)) * 1000
    return [first, 4 * first, 16 * first, 64 * first]


@crossover.case
def never(rng):
    """a new tool that is slower at every size"""
    return ladder(rng), [0.02, 0.05, 0.2, 0.9], [1.2, 1.2, 1.4, 2.1]


@crossover.case
def always(rng):
    """a new tool that is faster at every size"""
    return ladder(rng), [0.3, 0.6, 1.9, 7.5], [0.1, 0.2, 0.5, 1.5]


@crossover.case
def in_the_middle(rng):
    """a new tool that is faster from the third size on"""
    return ladder(rng), [0.1, 0.4, 1.8, 7.0], [0.9, 0.9, 1.2, 2.0]


@crossover.case
def exactly(rng):
    """a new tool that is exactly as fast at the second size, and faster after it"""
    return ladder(rng), [0.1, 0.5, 1.8, 7.0], [0.4, 0.5, 0.9, 1.1]


@crossover.case
def twice(rng):
    """a new tool that is faster at the first size, slower at the second, and faster from the third on"""
    return ladder(rng), [1.5, 0.5, 1.9, 7.1], [0.8, 0.9, 1.1, 2.0]


@crossover.case
def falls_back(rng):
    """a new tool that is faster in the middle and slower at the end"""
    return ladder(rng), [0.2, 0.9, 3.0, 5.0], [0.6, 0.7, 2.0, 9.0]


@crossover.mistake
def first_win(sizes, old, new):
    """You returned the first size at which the new tool wins. It may lose again at a larger one, by chance or for a
    reason; wanted is the size from which it stays ahead. Look at the case with two crossings from the large
    end."""
    return next((size for size, a, b in zip(sizes, old, new, strict=True) if b <= a), None)


@crossover.mistake
def place_in_the_list(sizes, old, new):
    """You returned a place in the list. Wanted is the size that stands there."""
    found = crossover.reference(sizes, old, new)
    return None if found is None else list(sizes).index(found)


@crossover.mistake
def must_be_faster(sizes, old, new):
    """You demand that the new tool be faster. The task asks where it is *not slower*: a tie counts for it."""
    return crossover.reference(sizes, old, [seconds + 1e-9 for seconds in new])


@crossover.mistake
def the_wrong_way_round(sizes, old, new):
    """You found where the *old* tool is ahead. Read the comparison aloud: fewer seconds are better."""
    return crossover.reference(sizes, new, old)


@crossover.mistake
def last_loss(sizes, old, new):
    """You returned the last size at which the new tool loses. Wanted is the next one: the first from which it stays
    ahead. (There may be none after it, or none before it.)"""
    lost = [size for size, a, b in zip(sizes, old, new, strict=True) if b > a]
    return lost[-1] if lost else None


@crossover.mistake
def the_largest_if_never(sizes, old, new):
    """Where the new tool never gets ahead for good, you returned the largest size. That reads as "from there on it
    wins", which nobody has measured. Return `None`: no crossover within reach is a result, too."""
    found = crossover.reference(sizes, old, new)
    return sizes[-1] if found is None else found


@crossover.accepts
def from_the_large_end(sizes, old, new):
    found = None
    for place in range(len(sizes) - 1, -1, -1):
        if new[place] > old[place]:
            break
        found = sizes[place]
    return found


@crossover.accepts
def all_from_here(sizes, old, new):
    wins = [b <= a for a, b in zip(old, new, strict=True)]
    return next((size for place, size in enumerate(sizes) if all(wins[place:])), None)
