# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: "One machine or many: pandas or Spark?"
#     minutes: 45
#     level: 2
#     needs: [explore/pandas_vs_dask]
#     packages: [pandas, pyarrow, pyspark, matplotlib, psutil]
# ---

# %% [markdown]
# A new colleague moves your ten-line pandas job to Spark, "because it scales". Line by line it looks the same. It now
# takes longer than before, one number in the report has changed, and nobody can say why. Both have one cause: Spark
# is made for rows that live on many machines, and you have never had to think about how a row gets from one to
# another.
#
# By the end you can say which rows of a job must travel, write the job so that few of them do, and decide with
# numbers whether Spark is worth its price. (From the middle on you need Java 17 or newer: `java -version` in a terminal
# says what you have.)

# %%
import builtins
import contextlib
import keyword
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
import zlib
from pathlib import Path
from pydoc_data.topics import topics

import matplotlib.pyplot as plt
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from shoshin.graders.explore import pandas_vs_spark as check

# %% [markdown]
# ## The text
#
# Python carries its own manual: `help("while")` prints a page from `pydoc_data.topics`. Cut into words, this is our
# data. Each row has a topic and a word; a **blank line** is a row, too, and its word is missing (`None`). The topics
# are dealt out to four machines. (In this notebook a "machine" is a list. Suppose that a slow wire lies between any
# two of them.)

# %%
names = sorted(topics)
machines = [[], [], [], []]
for number, topic in enumerate(names):
    for line in topics[topic].splitlines():
        words_of_line = re.findall(r"[A-Za-z_]+", line) or [None]
        machines[number % 4] += [(topic, word) for word in words_of_line]

rows_in_all = sum(len(machine) for machine in machines)
print(f"{len(topics)} topics, {rows_in_all} rows; on each machine:", [len(machine) for machine in machines])
print(machines[1][:12])

# %% [markdown]
# ## Deal the words out: `shuffle`
#
# How often does each word occur? One machine could count alone. Four machines that each hold a quarter of the text
# must exchange something. In 2004 Google gave this its form, **MapReduce** (Dean and Ghemawat, OSDI 2004), and Hadoop
# asked you to write its parts yourself:
#
# - **map**, on the machine where a row lies: each row becomes pairs `(key, number)`, here `(word, 1)`;
# - **shuffle**, over the wire: all pairs with the same key go to the same place, whichever machine they come from;
# - **reduce**, at that place: all numbers of a key become one.
#
# Map and reduce are easy. You write the part between them. `outputs` holds one list of pairs for each machine. Return
# a list of `reducers` dicts: the dict with index `i` belongs to reducer `i` and maps each key that lives there to the
# list of all its numbers, in any order. Where a key lives is for `home(key, reducers)` to say, which returns the
# index. Call the parameter `home`, the check hands in a rule of its own. `None` is a key like any other. A reducer
# that gets nothing keeps its empty dict. Leave the lists in `outputs` as they are: somebody may want them again.
#
# <details><summary>Hint 1: how do letters of a hundred villages reach one person?</summary>No village knows what the
# others send. But each reads the address on the envelope, and the same name leads to the same letter box
# everywhere.</details>
# <details><summary>Hint 2: what must be there before the first pair arrives?</summary>One empty dict for each
# reducer, and each of them a dict of its own.</details>
# <details><summary>Hint 3: how does a key get its list?</summary>Look at the dict's method
# <code>setdefault</code>.</details>


# %%
def mapper(rows):
    """Return the pair (word, 1) for each row."""
    return [(word, 1) for _topic, word in rows]


def reducer(inbox):
    """Return the sum of the numbers of each key."""
    return {key: sum(numbers) for key, numbers in inbox.items()}


def home(key, reducers):
    """Return the reducer, 0 to reducers - 1, where a key lives: the same on every machine."""
    return zlib.crc32(str(key).encode()) % reducers


# %% answer="shuffle"
def shuffle(outputs, reducers, home=home):
    """Return one dict for each reducer: its keys, each with the list of its numbers."""
    ### BEGIN SOLUTION
    inboxes = [{} for _ in range(reducers)]
    for pairs in outputs:
        for key, number in pairs:
            inboxes[home(key, reducers)].setdefault(key, []).append(number)
    return inboxes
    ### END SOLUTION


# %% check="shuffle" points=2
check.shuffle(shuffle)

# %%
if check.shuffle.passed:
    outputs = [mapper(machine) for machine in machines]
    plain_load = [sum(len(numbers) for numbers in inbox.values()) for inbox in shuffle(outputs, 4)]
    counts = {}
    for inbox in shuffle(outputs, 4):
        counts |= reducer(inbox)  # no key lives in two places
    common = sorted(counts, key=counts.get, reverse=True)[:5]
    print("the most common:", {word: counts[word] for word in common})
    print("pairs sent:", sum(plain_load), "to the four reducers:", plain_load)

# %% [markdown]
# ## Send less: `combine`
#
# Every row of the text has crossed the wire. Yet a machine that has met "the" a thousand times could have said so in
# one pair, `("the", 1000)`. What does this before the shuffle is called a **combiner**.
#
# Return the pairs with each key once, its numbers added up, in any order. Hadoop promises nothing about how often
# your combiner runs: never, once, or again on pairs that have been combined before. So take the same form in and give
# it out: a list of pairs `(key, number)`, whose numbers may be larger than 1. `None` may be among the keys, and the
# list may be empty.
#
# <details><summary>Hint 1: which question must come out the same?</summary>The reducer adds up whatever it is sent.
# It must come to the same sum with your combiner, without it, and with your combiner run twice.</details>
# <details><summary>Hint 2: what adds up by key?</summary>A dict, with <code>get</code> and a default; or a
# <code>collections.Counter</code>, if you add what the pair holds.</details>


# %% answer="combine"
def combine(pairs):
    """Return pairs with each key once, and the sum of its numbers."""
    ### BEGIN SOLUTION
    totals = {}
    for key, number in pairs:
        totals[key] = totals.get(key, 0) + number
    return list(totals.items())
    ### END SOLUTION


# %% check="combine" points=2
check.combine(combine)

# %%
if check.shuffle.passed and check.combine.passed:
    combined = [combine(mapper(machine)) for machine in machines]
    combined_load = [sum(len(numbers) for numbers in inbox.values()) for inbox in shuffle(combined, 4)]
    pairs_combined = sum(combined_load)
    print(f"pairs over the wire: {sum(plain_load)} without, {pairs_combined} with your combiner")
    fig, axes = plt.subplots(figsize=(8, 3.4), layout="constrained")
    places = range(4)
    axes.barh([p - 0.2 for p in places], plain_load, 0.38, color="#D55E00", hatch="//", label="every pair")
    axes.barh([p + 0.2 for p in places], combined_load, 0.38, color="#0072B2", label="combined first")
    axes.set(
        yticks=list(places), yticklabels=[f"reducer {p}" for p in places], xlabel="pairs that arrive over the wire"
    )
    axes.set_title("Word count on four machines: what has to travel")
    axes.invert_yaxis()
    axes.legend()
    plt.show()

# %% [markdown]
# Keep this picture. The network is the slow part of a cluster, so **what a job costs is what it has to move**. The
# bars show something else: the reducers' loads are not quite even. One of them has to take all of "the", however many
# reducers there are. A key with a large share of the rows is called **skewed**, and here the combiner has cured it.
#
# ## Let Spark do it
#
# Spark (Zaharia and others, NSDI 2012) took the bookkeeping away. You say what you want of a table, and Spark makes a
# plan of maps, combiners, shuffles and reducers, keeps data in memory between the steps, and repeats what a broken
# machine had done. Here it runs on your machine alone, with two threads; the program is the same that runs on a
# thousand.
#
# Spark runs in **Java**. The next cell looks for Java 17 or newer. If there is none, it says so in one line, the
# notebook still runs to its end, and the tasks for which Spark is needed say so.

# %%
folder = tempfile.TemporaryDirectory(prefix="shoshin_", ignore_cleanup_errors=True)
SETTINGS = {
    "spark.driver.host": "127.0.0.1",  # talk to yourself only
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "640m",  # what Java may take for data
    # Java compiles fast rather than well, and cleans up with one thread: it starts sooner and takes less
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.local.dir": folder.name,
    "spark.sql.warehouse.dir": f"{folder.name}/warehouse",
    "spark.sql.shuffle.partitions": "4",  # four reducers; 200 by default
    "spark.sql.adaptive.enabled": "false",  # run the plan as shown, do not change it on the way
    "spark.sql.files.openCostInBytes": str(2**27),  # one task for each of our small files
}


def java_version():
    """Return the major version of the Java that Spark would start, 0 if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin" if home else None)
    said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr if java else ""
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


@contextlib.contextmanager
def quiet():
    """Drop what Java says on its way up."""
    with open(os.devnull, "w") as nowhere:
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def start_spark():
    """Return a Spark session of two threads, or None where there is no Java 17."""
    if java_version() < 17:
        print("Spark needs Java 17 or newer: install a JDK (adoptium.net has one), then restart the kernel.")
        return None
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # for functions of yours that Spark calls
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    with quiet():
        return SparkSession.builder.master("local[2]").appName("shoshin").config(map=SETTINGS).getOrCreate()


began = time.perf_counter()
spark = start_spark()
start_seconds = time.perf_counter() - began
java = psutil.Process().children(recursive=True) if spark else []
if spark:
    print(f"Spark {spark.version} is up after {start_seconds:.1f} s")

# %% [markdown]
# Both tools shall read the same files. `write_text` writes the text to a folder, one Parquet file for each of the
# four machines, and as many copies of it as you like, for the sizes to come.


# %%
def write_text(copies):
    """Write the text that many times over, one file per machine, and return the folder."""
    place = Path(folder.name) / f"words_{copies}"
    place.mkdir()
    for number, rows in enumerate(machines):
        columns = {
            name: pa.array(column) for name, column in zip(("topic", "word"), zip(*rows, strict=True), strict=True)
        }
        table = pa.table(columns)
        with pq.ParquetWriter(place / f"machine_{number}.parquet", table.schema) as file:
            for begin in range(0, copies, 8):  # at most 8 copies in a row group
                file.write_table(pa.concat_tables([table] * min(8, copies - begin)))
    return str(place)


text = write_text(1)
if spark:
    words = spark.read.schema("topic string, word string").parquet(text)
    word_count = words.groupBy("word").count()
    print(word_count)
    word_count.explain()

# %% [markdown]
# `word_count` is **lazy**: a plan, and no word has been read (its print-out shows types, not rows). `explain` shows
# the plan, to be read from the bottom to the top. You have written every line of it:
#
# | in the plan | yours |
# |---|---|
# | `FileScan` | `mapper`, on the machine where the rows lie |
# | `HashAggregate … partial_count` | `combine` |
# | `Exchange hashpartitioning(word, 4)` | `shuffle`, with a `home` for four reducers |
# | `HashAggregate … count` | `reducer` |
#
# The other marks you may pass over: `ColumnarToRow` makes rows of Parquet's columns, and steps with the same `*(1)`
# run as one loop.
#
# Spark found out by itself that a count can be combined. And it keeps books: each node of a plan that has run knows
# how many rows went through it. Compare with yours.


# %%
def nodes(node):
    """Return the nodes of a physical plan, from the top down."""
    children = node.children()
    return [node] + [each for number in range(children.size()) for each in nodes(children.apply(number))]


def rows_moved(frame):
    """Return how many rows each Exchange of a plan sent when it ran, from the last to the first."""
    exchanges = [node for node in nodes(frame._jdf.queryExecution().executedPlan()) if node.nodeName() == "Exchange"]
    return [node.metrics().apply("shuffleRecordsWritten").value() for node in exchanges]


if spark:
    answer = word_count.collect()  # now it runs
    print("rows that Spark sent over its wire:", rows_moved(word_count))
    if check.shuffle.passed and check.combine.passed:
        same = {row["word"]: row["count"] for row in answer} == counts
        print("pairs that you sent with your combiner:", pairs_combined)
        print("the same counts, blank lines included:", same)

# %% [markdown]
# ## The job, and the number that changed
#
# The report that your team makes every week: **how often does the manual use each kind of word?** The table `kinds`
# says which words are of which kind, and somebody has typed it by hand. `print` is in it twice. `True` is a keyword
# and a builtin. Two words are `planned` for a next version: one is `goto`, the other has not been chosen yet, so its
# cell is empty.
#
# Here is the old line of pandas, and the same line in Spark. Before you run the cell, think: where might they differ?

# %%
entries = [(word, "keyword") for word in keyword.kwlist] + [(word, "soft keyword") for word in keyword.softkwlist]
for name in dir(builtins):
    thing = getattr(builtins, name)
    if isinstance(thing, type) and issubclass(thing, BaseException):
        entries.append((name, "exception"))
    elif not name.startswith("_"):
        entries.append((name, "builtin"))
entries += [("print", "builtin"), ("goto", "planned"), (None, "planned")]
kinds_file = f"{folder.name}/kinds.parquet"
pd.DataFrame(entries, columns=["word", "kind"]).to_parquet(kinds_file, index=False)


def old_line(text):
    """Return the uses of each kind, by the old line of pandas."""
    words, kinds = pd.read_parquet(text), pd.read_parquet(kinds_file)
    return kinds.merge(words, on="word", how="left").groupby("kind")["topic"].count()


report = old_line(text).to_frame("pandas, old line")
if spark:
    kinds = spark.read.schema("word string, kind string").parquet(kinds_file)
    same_line = kinds.join(words, "word", "left").groupBy("kind").agg(F.count("topic").alias("uses"))
    report["Spark, same line"] = pd.Series({row["kind"]: row["uses"] for row in same_line.collect()})
print(report.to_string())

# %% [markdown]
# Nobody has used a word that is not chosen yet. But pandas joins missing to missing: that one empty cell has met
# every blank line of the manual. Spark follows SQL, where an unknown word equals nothing, not even another unknown
# word. **The same line means two things**, and on a table with gaps you notice only if you look. (And both lines
# count `print` twice.)
#
# The mended job in pandas:


# %%
def pandas_uses(text):
    """Return the uses of each kind, a Series: no use is 0, copies in kinds count once, missing words match nothing."""
    words, kinds = pd.read_parquet(text), pd.read_parquet(kinds_file)
    numbers = words["word"].value_counts()  # leaves out what is missing
    listed = kinds.drop_duplicates()
    return listed.assign(uses=listed["word"].map(numbers).fillna(0)).groupby("kind")["uses"].sum().astype(int)


print(pandas_uses(text).to_string())

# %% [markdown]
# ## Write the job for Spark: `uses`
#
# `words` (columns `topic` and `word`) and `kinds` (columns `word` and `kind`) are Spark DataFrames of any size.
# Return the Spark DataFrame with the columns `kind` and `uses`, rows in any order:
#
# - one row for each kind in `kinds`; `uses` says how many rows of `words` hold a word of that kind;
# - a kind without a use has 0, also one whose only word is missing;
# - a word that is listed several times under one kind counts once there; a word of two kinds counts for both;
# - a missing word, on either side, matches nothing.
#
# Besides, no job may run while your function makes the plan, and no row may pass through Python: use Spark's own
# functions, which `F` holds. And **reduce first**: the words are to be counted before the join, so that it puts out
# no more rows than `kinds` has. What you learnt about the combiner holds here too.
#
# <details><summary>Hint 1: what is the smallest table that still knows enough?</summary>You do not need to send the
# manual to the list of kinds. A tally, one line for each word, says as much.</details>
# <details><summary>Hint 2: which side must stay whole?</summary>A kind without a use has no partner in the join, and
# must survive it. Look up the third argument of <code>join</code>, and what then stands in the other table's
# columns.</details>
# <details><summary>Hint 3: which functions?</summary>In the order of the rows' way: <code>distinct</code> for the one
# table, <code>groupBy</code> and <code>count</code> for the other; <code>join</code>; <code>groupBy</code> once more,
# with <code>F.sum</code>. A sum of nothing is missing: <code>F.coalesce</code> or <code>fillna</code>.</details>


# %% answer="uses"
def uses(words, kinds):
    """Return the plan for the uses of each kind: a Spark DataFrame with the columns kind and uses."""
    ### BEGIN SOLUTION
    numbers = words.groupBy("word").agg(F.count("*").alias("n"))
    listed = kinds.distinct().join(numbers, "word", "left")
    return listed.groupBy("kind").agg(F.coalesce(F.sum("n"), F.lit(0)).alias("uses"))
    ### END SOLUTION


# %% check="uses" points=3
check.uses(uses)


# %%
def spark_uses(text):
    """Return the uses of each kind, computed by Spark."""
    words = spark.read.schema("topic string, word string").parquet(text)
    return uses(words, kinds).collect()


def rows_out_of_joins(frame):
    """Return how many rows the joins of a plan put out when it ran."""
    joins = [node for node in nodes(frame._jdf.queryExecution().executedPlan()) if "Join" in node.nodeName()]
    return sum(node.metrics().apply("numOutputRows").value() for node in joins)


if spark and check.uses.passed:
    plan = uses(words, kinds)
    print("equal to pandas:", {row["kind"]: row["uses"] for row in plan.collect()} == pandas_uses(text).to_dict())
    old, new = rows_out_of_joins(same_line), rows_out_of_joins(plan)
    print(f"rows out of the join: {old} by the old line, {new} by yours")

# %% [markdown]
# The old line is a transliteration, and it carries a trap that no small test shows. Its left join keeps `kinds`
# whole, so Spark may copy the *other* table, all words, to every machine (this is a **broadcast**). Copy the manual
# often enough, and that line ends with an error for lack of memory. Yours sends a tally, whose size does not depend
# on how often the manual is copied.
#
# ## Let the rows travel once: `topic_table`
#
# In pandas it is a matter of taste whether you make three small tables and join them, or one. In Spark each `groupBy`
# and each join may be an `Exchange`, and all rows go over the wire again.
#
# From `words`, return the Spark DataFrame with one row for each topic, rows in any order, and four columns:
#
# - `topic`;
# - `words`: the number of its rows whose word is known;
# - `blank`: the number of its rows whose word is missing, 0 if there are none;
# - `longest`: the number of letters of its longest word, missing if the topic has no word.
#
# A topic may have no blank line, or nothing else. The plan must have **one** `Exchange`, no job may run meanwhile,
# and no row may pass through Python.
#
# <details><summary>Hint 1: how would one person count on one walk?</summary>With three clickers in one hand. Nobody
# walks along the shelf three times.</details>
# <details><summary>Hint 2: how can one count see only some rows?</summary>By a condition inside of the column, not by
# a filter in front of it. And some functions leave out what is missing anyway.</details>
# <details><summary>Hint 3: which functions?</summary>Look up <code>F.count_if</code> and the method
# <code>isNull</code> of a column; what <code>F.count</code> does with a column instead of <code>"*"</code>; and
# <code>F.length</code>.</details>


# %% answer="topic_table"
def topic_table(words):
    """Return the plan for words, blank and longest of each topic: a Spark DataFrame, one Exchange."""
    ### BEGIN SOLUTION
    return words.groupBy("topic").agg(
        F.count("word").alias("words"),
        F.count_if(F.col("word").isNull()).alias("blank"),
        F.max(F.length("word")).alias("longest"),
    )
    ### END SOLUTION


# %% check="topic_table" points=3
check.topic_table(topic_table)

# %%
if spark and check.topic_table.passed:
    frames = {
        "your table": topic_table(words),
        "count different words per topic": words.groupBy("topic").agg(F.count_distinct("word")),
    }
    for what, frame in frames.items():
        frame.collect()
        moved = rows_moved(frame)
        print(f"{what:32} {len(moved)} Exchange, rows sent: {moved}")

# %% [markdown]
# If one `groupBy` with one `agg` makes your table, it sent a row for each topic and no more: three numbers combine as
# well as one. (If it sent many more, it travels once, as the task wants, but something in it keeps Spark from combining
# first.) Different words do not combine into a number, so the last plan has to send the words themselves before it can
# count them.
#
# ## Predict: who wins from where on?
#
# Now the race: `pandas_uses` against `spark_uses`, on 1, 3, 8 and 20 copies of the manual, which is about 67,000 to
# 1.3 million rows. Spark is up and warm, so its start is not counted. (`SETTINGS` lets Java compile fast rather than
# well; that helps short jobs. Later, take the line out and race again.) From which number of copies on is Spark no
# slower than pandas? Put down a guess; it is not graded.

# %% answer="prediction"
prediction = ...  # 1, 3, 8 or 20 copies, or "never"
### BEGIN SOLUTION
prediction = "never"
### END SOLUTION

# %% [markdown]
# `measure` is the one you wrote in *More data than memory: pandas or Dask?*, with a choice of the gauge. pandas works
# in this kernel, and counts from the level that the kernel has before the race. Spark works in Java, and counts with
# all that Java takes, because without Spark it would not be there. For the two smaller sizes, which end so soon that
# chance weighs more, seconds are the best of two runs, and megabytes the highest.


# %%
def kernel_mb():
    """Return the resident memory of this process in MB."""
    return psutil.Process().memory_info().rss / 1e6


def java_mb():
    """Return the resident memory of Spark's Java in MB."""
    return sum(process.memory_info().rss for process in java if process.is_running()) / 1e6


def measure(job, text, memory):
    """Call job(text) once; return (seconds, the highest reading of memory() meanwhile)."""
    readings, done = [memory()], threading.Event()

    def watch():
        while not done.wait(0.005):
            readings.append(memory())

    watcher = threading.Thread(target=watch, daemon=True)
    began = time.perf_counter()
    watcher.start()
    try:
        job(text)
    finally:
        seconds = time.perf_counter() - began
        done.set()
        watcher.join()
    return seconds, max(*readings, memory())


COPIES = [1, 3, 8, 20]
race = None
if check.uses.passed:
    texts = [text] + [write_text(copies) for copies in COPIES[1:]]
    tools = {"pandas": (pandas_uses, kernel_mb, kernel_mb())}
    if spark:
        tools["Spark"] = (spark_uses, java_mb, 0)
    results = []
    for tool, (job, memory, level) in tools.items():
        for copies, place in zip(COPIES, texts, strict=True):
            runs = [measure(job, place, memory) for _ in range(2 if copies < 8 else 1)]
            peak = max(mb for _, mb in runs) - level
            results.append((tool, copies * rows_in_all, min(seconds for seconds, _ in runs), peak))
    race = pd.DataFrame(results, columns=["tool", "rows", "seconds", "peak_mb"])
    print(race.round({"seconds": 3, "peak_mb": 0}).to_string(index=False))
elif not spark:
    print("No race: there is no Spark to race against.")

# %% [markdown]
# ## Read off the crossover
#
# Given `sizes` in growing order and the seconds of an `old` and a `new` tool at each of them, return the **smallest
# size from which on the new tool is not slower**: not at this size, and not at any larger one that was measured. A
# tie counts as not slower. Return `None` if there is no such size.
#
# <details><summary>Hint 1: when have you overtaken a runner?</summary>Not when you are ahead for a moment. When you
# are still ahead at the end, and look back to where that began.</details>
# <details><summary>Hint 2: from which end is it easier?</summary>Walk down from the largest size, and stop at the
# first defeat. Where were you before it?</details>


# %% answer="crossover"
def crossover(sizes, old, new):
    """Return the smallest size from which on new is never slower than old, None if there is none."""
    ### BEGIN SOLUTION
    found = None
    for size, before, now in reversed(list(zip(sizes, old, new, strict=True))):
        if now > before:
            break
        found = size
    return found
    ### END SOLUTION


# %% check="crossover" points=2
check.crossover(crossover)

# %%
LOOKS = {"pandas": ("#0072B2", "o", "-"), "Spark": ("#D55E00", "s", "--")}

if race is not None and check.crossover.passed:
    fig, (time_axes, memory_axes) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    for tool, table in race.groupby("tool", sort=False):
        colour, marker, line = LOOKS[tool]
        style = {"color": colour, "marker": marker, "linestyle": line, "linewidth": 2, "label": tool}
        time_axes.plot(table["rows"], table["seconds"], **style)
        memory_axes.plot(table["rows"], table["peak_mb"], **style)
    if spark:
        time_axes.axhline(start_seconds, color="0.35", linewidth=1, linestyle=":")
        time_axes.annotate("start of Spark, once", (rows_in_all, start_seconds), (0, 4), textcoords="offset points")
        time_axes.margins(y=0.12)
    time_axes.set(title="Time", ylabel="seconds", xscale="log", yscale="log", xlabel="rows")
    memory_axes.set(title="Peak memory", ylabel="MB", xscale="log", xlabel="rows")
    memory_axes.set_ylim(bottom=0)
    time_axes.yaxis.set_major_formatter("{x:g}")
    time_axes.legend(loc="lower right")
    memory_axes.legend(loc="center left")
    plt.show()

if race is not None and check.crossover.passed and spark:
    seconds = race.pivot(index="rows", columns="tool", values="seconds")
    rows, old, new = seconds.index.tolist(), seconds["pandas"].tolist(), seconds["Spark"].tolist()
    measured = crossover(rows, old, new)
    said = globals().get("prediction", ...)
    said = "nothing" if said is ... else said if isinstance(said, str) else f"from {said} copies on"
    print("You said:", said)
    print("Measured:", "never, up to here" if measured is None else f"from {measured // rows_in_all} copies on")
    steps = [(tool[-1] - tool[-2]) / (rows[-1] - rows[-2]) for tool in (old, new)]
    print("a further million rows costs pandas {:.2f} s and Spark {:.2f} s".format(*(1e6 * step for step in steps)))
    if measured is None and steps[0] > steps[1]:
        meet = rows[-1] + (new[-1] - old[-1]) / (steps[0] - steps[1])
        print(
            f"Straight on, they would meet near {meet / 1e6:.0f} million rows, "
            f"{meet / rows[-1]:.1f} times the largest size measured."
        )
    elif measured is None:
        print("Straight on, they would never meet: another row costs Spark no less than pandas.")

# %% [markdown]
# Look at the left picture from the left. On a quiet machine Spark's line begins nearly flat: planning, starting tasks,
# and passing a handful of numbers through a shuffle costs about the same for few rows as for many. pandas has no such
# **fixed price**, and wins everything that is small. What counts at the right end is what one more row costs. If your
# program printed a size where the lines would meet, it is a guess beyond all measurements: it ignores that pandas'
# memory may not reach that far.
#
# Look at the right picture, too. Java holds hundreds of megabytes before the first row, and never more than the
# ceiling of its settings (here 640 MB for data, and some for itself). pandas grows with the rows. **The size that
# brings you to Spark is seldom where it becomes faster; it is where one machine's memory or disk ends.** No notebook
# on one machine can show you that size. You can only extrapolate the line of pandas to the memory that you have.
#
# ## What Spark is not good for
#
# Two things that you can see on one machine: small questions, and keys that are not evenly spread.

# %%
if spark:
    one_row = pd.DataFrame({"word": ["the"]})
    small = spark.range(1).selectExpr("'the' AS word")
    began = time.perf_counter()
    for _ in range(3):
        small.where("word = 'the'").groupBy("word").count().collect()
    spark_each = (time.perf_counter() - began) / 3
    began = time.perf_counter()
    for _ in range(3):
        one_row[one_row["word"] == "the"].groupby("word").size()
    pandas_each = (time.perf_counter() - began) / 3
    print(f"a question to a table of one row: pandas {1000 * pandas_each:.1f} ms, Spark {1000 * spark_each:.0f} ms")

    parts = words.repartition(4, "word").groupBy(F.spark_partition_id().alias("part"))
    where = parts.agg(F.count("*").alias("rows"), F.count_if(F.col("word").isNull()).alias("blank")).collect()
    for part, rows, blank in sorted(where):
        print(f"part {part}: {rows:6} rows, {blank:5} of them blank lines")

# %% [markdown]
# All blank lines sit in one part, because a missing key is one key. Here they are one row in twenty. In a log where
# half of the rows have no customer, one machine gets half of everything, and the other 99 wait for it. Before a large
# join, take out the rows whose key is missing: they match nothing anyway.
#
# ## Write down your decision
#
# Take three minutes. Your team asks: pandas or Spark for this report? Write three sentences, without points:
#
# 1. which tool you take, up to which number of rows, and the seconds and megabytes from your own table;
# 2. what would make you change, as a number somebody can watch (the memory of the machine, the rows per week);
# 3. what has to be checked when the job moves, because the same line may mean something else.

# %% answer="decision"
decision = ...
### BEGIN SOLUTION
decision = """
Up to 1.3 million rows we stay with pandas, which needed less than a second where Spark needed more.
We look again when the weekly text no longer fits into half of the machine's memory.
When the job moves, we compare the kinds with missing words, and count the rows that come out of each join.
"""
### END SOLUTION

# %% [markdown]
# ## Ten minutes for your team
#
# 1. (2 min) The report with two numbers for `planned`. Ask which one is right before you explain it.
# 2. (3 min) Word count by hand, with people as reducers: deal out a page, let each table shout every word, then let
#    each table count first. Show your picture of what travels, with your two numbers.
# 3. (2 min) `explain` of the word count, and which line each of them has played. Your pairs and Spark's rows are one
#    number.
# 4. (2 min) Your race, with the start of Spark as a line. Let them guess before you show it.
# 5. (1 min) Your three sentences.

# %%
if spark:
    spark.stop()

# %% [markdown]
# ## Take away
#
# **Count what travels.** A row that is reduced where it lies costs little; a row that must meet its equals on another
# machine costs a journey. This holds for Spark, for a warehouse in the cloud, for four graphics cards, and for the
# machine that comes after them. So: reduce first, join small, travel once, and take missing keys out before the
# journey.
#
# On your own data: take the slowest query of your team's warehouse, ask for its plan, and count the exchanges. Then
# find the line of code that caused each.
#
# Next, the same question for models: [trees or deep nets](../explore/trees_vs_deep_nets.ipynb).
