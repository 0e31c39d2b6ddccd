# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: The spreadsheet a colleague sent
#     minutes: 45
#     level: 1
#     needs: []
#     packages: [pandas, scikit-learn, matplotlib]
# ---

# %% [markdown]
# "Here is the study, it is all in the sheet!" It is. The years are columns, two numbers share a cell, some weights
# are in pounds, and in the middle stands a row of totals. Nothing in it will raise an error that protects you: your
# code runs, prints a number, and the number is wrong.
#
# By the end you can turn such a sheet into tables that a model can learn from, and prove that nothing was lost on
# the way.

# %%
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

from shoshin.graders.data import tidy_tables as check

# %% [markdown]
# A clinic tries a drug against high blood pressure. Each patient is seen once a year. A cell such as `145/88` holds
# two pressures in millimetres of mercury (mmHg): the **systolic** one, when the heart beats, and the **diastolic** one,
# between two beats. (The patients are invented; every fault of the sheet is taken from life.) With the sheet comes
# a note:
#
# > *dose*: what the patient takes per day. A dash means no tablets, these are our comparison group. n/a: the record is
# > lost.<br>
# > *weight*: a dash means that the scale was broken.<br>
# > *years*: n/a means that the patient did not come.<br>
# > I have added the totals for you!

# %%
SHEET = """patient;ward;dose;weight;2021;2022;2023;2024
P1;A;5 mg;101,4 kg;145/88;140/88;138/81;134/82
P2;A;5 mg;131 lb;133/82;n/a;123/76;121/76
P3;A;20 mg;85,5 kg;128/80;122/79;124/76;117/74
P4;A;-;85,4 kg;151/92;154/91;147/96;153/95
P5;A;-;68,4 kg;150/96;157/93;157/95;16O/95
P6;A;-;85.7 kg;134/81;138/87;140/80;134/82
P7;A;10 mg;82,7 kg;166/97;163/96;n/a;166/98
P8;A;10 mg;180 lb;134/85;134/82;131/85;128/80
P9;A;-;91,6 kg;129/81;132/89;138/82;n/a
P3;A;20 mg;85,5 kg;128/80;122/79;124/76;117/74
P10;A;0,01 g;86,7 kg;156/94;155/93;153/89;148/91
P11;A;10 mg;-;163/94;157/96;157/88;151/94
P12;A;20 mg;61,3 kg;162/101;n/a;146/88;151/91
Total ward A;A;85 mg;889,4 kg;146/89;144/88;143/86;142/87
P13;B;n/a;82,0 kg;161/95;159/94;157/90;158/92
P14;B;20 mg;105.5 kg;n/a;137/79;126/81;128/80
P15;B;-;187 lb;139/89;144/86;143/88;144/88
P16;B;-;78,3 kg;143/89;148/91;150/89;154/89
P17;B;0,01 g;96,3 kg;164/97;161/101;160/92;159/98
P18;B;-;-;165/95;166/99;n/a;176/99
P19;B;-;125 lb;153/92;157/91;156/89;155/95
P20;B;10 mg;83,2 kg;154/90;146/90;143/89;145/94
P21;B;0,01 g;65,9 kg;162/97;155/94;156/93;158/98
P22;B;20 mg;83,7 kg;116/74;n/a;110/68;113/76
P16;B;-;78,3 kg;143/89;148/91;150/89;154/89
P23;B;0,01 g;86,0 kg;151/88;148/92;146/87;144/91
P24;B;10 mg;67,5 kg;145/91;148/91;146/81;140/87
P20;B;10 mg;83,2 kg;154/90;146/90;143/89;145/94
Total ward B;B;80 mg;889,9 kg;150/90;148/90;147/87;148/91
"""

# Every cell as the text that it is: no guess about numbers, none about missing values.
sheet = pd.read_csv(io.StringIO(SHEET), sep=";", dtype=str, keep_default_na=False)
sheet.iloc[[0, 1, 4, 9, 13, 14]]

# %% [markdown]
# Ask the sheet three questions. Each gets an answer, and no answer is true.

# %%
print("the heaviest patient weighs:", sheet["weight"].max())
print("the highest pressure of 2021:", sheet["2021"].max())
print("the mean weight of all rows:", sheet["weight"].str.extract(r"(\d+)")[0].astype(float).mean().round(), "kg")

# %% [markdown]
# Texts are sorted letter by letter, as in a dictionary: `"96,3 kg"` comes after `"105.5 kg"` because 9 comes after 1,
# and letters come after all digits. The mean takes pounds for kilograms and each ward for one enormous patient.
#
# ## Predict: which fault costs most?
#
# The question of the study: by how much does the drug lower the systolic pressure from 2021 to 2024? You will fit a
# straight line to *change of pressure against dose*. You mend everything but **one** fault. Which one, left in, spoils
# that line most?
#
# - `"totals"`: the two totals rows stay (two rows among 29);
# - `"copies"`: the three rows that were pasted twice stay;
# - `"dash"`: the dash in the doses counts as missing, like `n/a`;
# - `"units"`: the numbers are read and the units ignored.
#
# Put down a guess; it is not graded.

# %% answer="prediction"
prediction = ...  # one of "totals", "copies", "dash", "units"
### BEGIN SOLUTION
prediction = "units"
### END SOLUTION

# %% [markdown]
# ## Keep one row for each patient
#
# A table is **tidy** if each row is one observation, each column one variable, and each cell one value
# ([Wickham, 2014](https://doi.org/10.18637/jss.v059.i10)). Begin with the rows: what is one row of this sheet *about*?
# About a patient, except for some.
#
# Return from `one_row_each(sheet)` a table with the same columns and one row for each patient:
#
# - A totals row is one whose `patient` begins with the word "total", in capital or small letters (`TOTAL ward A`).
#   There may be none or many of them, anywhere; two of them may even have the same name. They go.
# - Of rows that are the same in **every** column, keep one.
# - If a patient then still has two rows that differ, raise a `ValueError`: only your colleague knows which is right.
#
# Other sheets have other columns besides `patient`, and other patients. Every cell is a text. The order of the rows
# and the index are up to you. Leave `sheet` itself as it is.
#
# <details><summary>Hint 1: who would notice?</summary>Imagine a waiting room, and call the rows in one by one. Who does
# not stand up? Who stands up twice?</details>
# <details><summary>Hint 2: how do I ask all texts of a column at once?</summary>Text methods live behind
# <code>.str</code>, for example <code>.str.lower()</code> and <code>.str.startswith(...)</code>. They give one
# answer per row; <code>~</code> turns True into False.</details>
# <details><summary>Hint 3: which tools know repetitions?</summary>A DataFrame has <code>drop_duplicates</code>, a
# Series has <code>duplicated</code>. Which columns does each of them look at?</details>


# %% answer="one_row_each"
def one_row_each(sheet):
    """Return the rows of patients, one each, or raise a ValueError where two rows contradict each other."""
    ### BEGIN SOLUTION
    is_total = sheet["patient"].str.lower().str.startswith("total")
    rows = sheet[~is_total].drop_duplicates()
    if rows["patient"].duplicated().any():
        raise ValueError("a patient has two rows that differ")
    return rows
    ### END SOLUTION


# %% check="one_row_each" points=2
check.one_row_each(one_row_each)

# %%
if check.one_row_each.passed:
    rows = one_row_each(sheet)
    print(f"{len(sheet)} rows in the sheet, {len(rows)} patients")

# %% [markdown]
# ## Decide what a marker means
#
# A **marker** is a text that stands where a number should be. The sheet has two of them, and pandas cannot know
# what they mean. You can: read the note again.
#
# Set each entry of `meaning` to the number that the marker stands for, or to `np.nan` if the value is missing.
#
# <details><summary>Hint 1: what is the test?</summary>Ask for each marker: does anybody know the number? If somebody
# does, write it down.</details>
# <details><summary>Hint 2: must the same marker mean the same everywhere?</summary>Your colleague typed a dash twice,
# on two different days, for two different reasons.</details>

# %% answer="meaning"
meaning = {"dose": {"-": ..., "n/a": ...}, "weight": {"-": ...}}
### BEGIN SOLUTION
meaning = {"dose": {"-": 0, "n/a": np.nan}, "weight": {"-": np.nan}}
### END SOLUTION

# %% check="meaning" points=1
check.meaning(meaning)

# %% [markdown]
# ## Read amounts
#
# Now give a column one type and one unit. Return from `amounts(column, units, markers)` a Series of numbers with the
# index of `column`:
#
# - `column` is a Series of texts. A text is either a key of `markers` (a dict such as `meaning["dose"]`), and then its
#   value is the result, or a number, one blank, a unit. A marker may have a blank in it, too (`not known`).
# - The number may have a decimal comma or a decimal point (`85,4 kg`, `85.7 kg`); it has no thousands separators.
# - `units` says what one of each unit is worth. With `{"mg": 1, "g": 1000}`, the text `0,02 g` becomes 20.
# - **Anything else** (an unknown unit, an unknown marker, a letter O in a number): raise an error, of whatever type.
#
# Other columns have other units and other markers. Leave `column` as it is.
#
# <details><summary>Hint 1: how would you read one cell aloud?</summary>Write a small function for a single text first.
# Is it a marker? If not, it falls into two words. What is each of them good for?</details>
# <details><summary>Hint 2: how does it reach all cells?</summary>A Series has <code>.map(function)</code>, which calls
# the function for each cell and keeps the index.</details>
# <details><summary>Hint 3: how do I refuse what I do not know?</summary>A dict refuses by itself if you ask with square
# brackets. <code>float</code> refuses, too. <code>.get</code>, a dict inside <code>.map</code> and
# <code>errors="coerce"</code> do not.</details>


# %% answer="amounts"
def amounts(column, units, markers):
    """Return the numbers in a column of texts, in one unit, or raise an error at what cannot be read."""

    ### BEGIN SOLUTION
    def read(text):
        if text in markers:
            return markers[text]
        number, unit = text.split()
        return float(number.replace(",", ".")) * units[unit]

    return column.map(read).astype(float)
    ### END SOLUTION


# %% check="amounts" points=3
check.amounts(amounts)

# %%
UNITS = {"dose": {"mg": 1, "g": 1000}, "weight": {"kg": 1, "lb": 0.4536}}

if check.one_row_each.passed and check.meaning.passed and check.amounts.passed:
    markers = {name: {m: float("nan") if pd.isna(v) else v for m, v in each.items()} for name, each in meaning.items()}
    patients = rows[["patient", "ward"]].assign(
        dose=amounts(rows["dose"], UNITS["dose"], markers["dose"]),
        weight=amounts(rows["weight"], UNITS["weight"], markers["weight"]),
    )
    print(patients.describe().loc[["count", "mean", "min", "max"]].round(1))

# %% [markdown]
# The mean weight is that of a person again, and the heaviest one weighs 105.5 kg. One patient has no dose and two have
# no weight: that is what the note says, no more and no less.
#
# ## Make the years rows
#
# "2021" is not a variable; it is a *value* of the variable "year" that happens to stand at the top of a column.
# Turning columns into rows is to **melt** a table, from wide to long:
#
# ```
# patient  2021    2022              patient  year  systolic  diastolic
# P1       145/88  140/88      →     P1       2021       145         88
# P2       133/82  n/a               P2       2021       133         82
#                                    P1       2022       140         88
#                                    P2       2022   missing    missing
# ```
#
# Return from `visits(rows)` such a table, with exactly these four columns:
#
# - One row for each patient and each year, also where nothing was measured. The years are those columns whose names
#   consist of four digits and nothing else (`1998` is one, `10` and `1998 kg` are none). They differ from sheet to
#   sheet, stand anywhere, and other columns may stand between them.
#   `rows` has one row for each patient.
# - `year` is a whole number. `systolic` and `diastolic` are numbers, whole or decimal.
# - A cell that is not exactly *digits, slash, digits* gives **two** missing values, whatever it says: `n/a`, but also
#   `151`, `1 47/91` or `145/88*`.
#
# The order of rows and columns and the index are up to you. Leave `rows` as it is.
#
# <details><summary>Hint 1: what becomes of one row?</summary>Cut the sheet along the lines between the years and stack
# the strips on top of each other. Each strip needs the names of the patients at its left, and its year on a
# label.</details>
# <details><summary>Hint 2: which tool stacks the strips?</summary><code>rows.melt(id_vars=..., value_vars=...)</code>;
# <code>var_name</code> and <code>value_name</code> name the two new columns.</details>
# <details><summary>Hint 3: how do I take a cell apart?</summary><code>.str.extract(pattern)</code> returns one column
# for each pair of round brackets in a regular expression, and missing values where the pattern does not fit.
# <code>\d+</code> fits digits; <code>^</code> and <code>$</code> pin it to the beginning and the end. If you would
# rather split at the slash: what does <code>"n/a".split("/")</code> give?</details>


# %% answer="visits"
def visits(rows):
    """Return one row for each patient and year: patient, year, systolic, diastolic."""
    ### BEGIN SOLUTION
    years = [name for name in rows.columns if len(name) == 4 and name.isdigit()]
    long = rows.melt(id_vars="patient", value_vars=years, var_name="year", value_name="cell")
    pressures = long["cell"].str.extract(r"^(\d+)/(\d+)$").astype(float)
    return pd.DataFrame(
        {
            "patient": long["patient"],
            "year": long["year"].astype(int),
            "systolic": pressures[0],
            "diastolic": pressures[1],
        }
    )
    ### END SOLUTION


# %% check="visits" points=3
check.visits(visits)

# %% [markdown]
# Draw both. On the left, three patients from the sheet as it came: matplotlib takes texts for names and puts them on
# the axis in the order in which it meets them. On the right, all patients from your tables.


# %%
def draw_sheet(axes):
    """Draw three patients from the texts of the sheet."""
    for name, marker, line in (("P5", "o", "-"), ("P11", "s", "--"), ("P14", "^", ":")):
        cells = sheet.set_index("patient").loc[name, "2021":"2024"]
        axes.plot(cells.index, cells.to_list(), marker=marker, linestyle=line, color="#555555", label=name)
    axes.set(xlabel="year", ylabel="the cell, as a text", title="The sheet as it came: everybody climbs")
    axes.legend(loc="upper left")


def draw_visits(axes, long):
    """Draw every patient thin and the mean of each group thick."""
    looks = {False: ("#D55E00", "s--", "no tablets"), True: ("#0072B2", "o-", "5 to 20 mg")}
    known = patients.dropna(subset=["dose"])
    long = long.astype({"patient": object, "year": int, "systolic": float})
    for treated, (colour, style, label) in looks.items():
        group = long[long["patient"].isin(known.loc[(known["dose"] > 0) == treated, "patient"])]
        for _, one in group.dropna().sort_values("year").groupby("patient"):
            axes.plot(one["year"], one["systolic"], style[1:], color=colour, linewidth=0.8, alpha=0.45)
        middle = group.groupby("year")["systolic"].mean()
        axes.plot(middle.index, middle, style, color=colour, linewidth=3.5, label=label)
    axes.set(
        xlabel="year",
        ylabel="systolic pressure (mmHg)",
        title="Your tables: two groups part",
        xticks=[*range(2021, 2025)],
    )
    axes.legend(title="mean of", loc="upper left")
    axes.set_ylim(105, 192)


if check.one_row_each.passed and check.meaning.passed and check.amounts.passed and check.visits.passed:
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
    draw_sheet(left)
    draw_visits(right, visits(rows))
    plt.show()

# %% [markdown]
# The same file. On the left, `157/93` and `n/a` are two places on an axis, and P11, whose pressure falls, seems to
# rise. On the right the comparison group parts from those who take tablets. (Part of the dip of 2023 is a hole: in each
# group, the patient with the highest pressure did not come that year. A missing value is not harmless, even when it is
# honest.)
#
# ## Prove that nothing was lost
#
# Your `visits` makes a missing value of everything it cannot read. That is convenient and dangerous: a slip of the pen
# would now look like a patient who did not come. So make the **round trip**: what went from wide to long must come
# back, text for text.
#
# Return from `lost_cells(rows, long)` the cells of the sheet that do not come back, as a set or list of pairs
# `(patient, year)` with the year as a whole number.
#
# - `rows` is a sheet with one row for each patient; the years are the columns whose names consist of four digits.
#   `long` is a table like that of `visits`. It may come from anybody: numbers may be wrong, rows may lack.
# - A visit of `long` is written back as `145/88`. If its pressures are missing, or if `long` has no row for
#   it, it is written back as `n/a`. (Both pressures are there or both are missing.)
# - A cell is lost if the text written back differs from the text in the sheet. A visit that occurs twice in `long` is
#   lost in any case, even if both rows agree.
#
# The pressures in `long` may be floats, with `NaN`, or of pandas' type `Int64`, with `<NA>`. Leave both tables as they
# are.
#
# <details><summary>Hint 1: in which direction do I compare?</summary>To check a translation you have it translated
# back, by somebody who has not seen the original. Reading the original a second time with the same dictionary repeats
# the same errors.</details>
# <details><summary>Hint 2: where do I begin?</summary>With the sheet, since only it knows which cells there must be. Go
# through its patients and years, and ask <code>long</code> for each.</details>
# <details><summary>Hint 3: which tool makes a table wide again?</summary><code>long.pivot(index=..., columns=...,
# values=...)</code>. It refuses a visit that occurs twice; <code>pivot_table</code> averages it in silence. A dict
# from (patient, year) to a text works as well.</details>


# %% answer="lost_cells"
def lost_cells(rows, long):
    """Return the pairs (patient, year) whose cell in the sheet does not come back from the long table."""
    ### BEGIN SOLUTION
    written = {}
    for visit in long.itertuples():
        measured = pd.notna(visit.systolic) and pd.notna(visit.diastolic)
        cell = f"{int(visit.systolic)}/{int(visit.diastolic)}" if measured else "n/a"
        key = visit.patient, int(visit.year)
        written[key] = "twice" if key in written else cell
    years = [name for name in rows.columns if len(name) == 4 and name.isdigit()]
    sheet = {(row["patient"], int(year)): row[year] for _, row in rows.iterrows() for year in years}
    return {key for key, cell in sheet.items() if written.get(key, "n/a") != cell}
    ### END SOLUTION


# %% check="lost_cells" points=3
check.lost_cells(lost_cells)

# %%
if check.one_row_each.passed and check.visits.passed and check.lost_cells.passed:
    rows = one_row_each(sheet)
    for patient, year in lost_cells(rows, visits(rows)):
        cell = rows.set_index("patient").at[patient, str(year)]
        print(f"{patient} in {year} does not come back. The sheet says {cell!r}; its characters are {list(cell)}.")

# %% [markdown]
# Did you see it in the sheet? The third character is no digit: it is a letter O. On the screen the two look alike;
# `errors="coerce"` would have swallowed it, and with it one of the few patients without tablets. You ask your
# colleague, and she finds 160 on paper. A correction belongs into the code, where everybody can see it:

# %%
corrected = sheet.replace("16O/95", "160/95")  # P5 in 2024, confirmed on paper

if check.one_row_each.passed and check.visits.passed and check.lost_cells.passed:
    rows = one_row_each(corrected)
    print("lost now:", list(lost_cells(rows, visits(rows))))
    print(visits(rows).pivot(index="patient", columns="year", values="systolic").head(3))

# %% [markdown]
# ## Fit the line, and leave one fault in
#
# Now your two tables become one that a model can learn from: one row for each patient, numbers in every column. Then
# comes the experiment from your prediction. Each line leaves one fault in and mends all others.


# %%
def table_for_model(rows, units, markers):
    """Return dose, weight and change of systolic pressure, one row for each row of the sheet."""
    rows = rows.assign(patient=[f"row {number}" for number in range(len(rows))])
    long = visits(rows).astype({"patient": object, "year": int, "systolic": float})
    wide = long.pivot(index="patient", columns="year", values="systolic")
    change = (wide[2024] - wide[2021]).reindex(rows["patient"]).to_numpy()
    read = {name: amounts(rows[name], units[name], markers[name]) for name in ("dose", "weight")}
    return rows[["patient"]].assign(**read, change=change)


def fit(table):
    """Return the line that predicts the change from the dose, fitted where both are known."""
    known = table.dropna(subset=["dose", "change"])
    return LinearRegression().fit(known[["dose"]], known["change"])


if all(task.passed for task in (check.one_row_each, check.meaning, check.amounts, check.visits)):
    is_total = corrected["patient"].str.startswith("Total")
    no_units = {name: dict.fromkeys(each, 1) for name, each in UNITS.items()}
    dash_missing = markers | {"dose": {"-": float("nan"), "n/a": float("nan")}}
    tables = {
        "none": table_for_model(rows, UNITS, markers),
        "copies": table_for_model(corrected[~is_total], UNITS, markers),
        "units": table_for_model(rows, no_units, markers),
        "dash": table_for_model(rows, UNITS, dash_missing),
        "totals": table_for_model(corrected.drop_duplicates(), UNITS, markers),
    }
    effect = {fault: 10 * fit(table).coef_[0] for fault, table in tables.items()}
    print("fault left in    mean weight    what 10 mg do to the pressure")
    for fault, table in tables.items():
        print(f"{fault:13} {table['weight'].mean():11.1f} kg {effect[fault]:+20.1f} mmHg")
    worst = max(effect, key=lambda fault: abs(effect[fault] - effect["none"]))
    said = "nothing" if prediction is ... else f'"{prediction}"'
    print(f'\nYou said {said}. The line suffers most from "{worst}".')

# %%
if all(task.passed for task in (check.one_row_each, check.meaning, check.amounts, check.visits)):
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained", width_ratios=[3, 2])
    tidy, spoilt = tables["none"], tables["totals"]
    phantoms = spoilt[is_total[spoilt.index]]
    left.scatter(tidy["dose"], tidy["change"], color="#0072B2", alpha=0.6, label="a patient")
    left.scatter(phantoms["dose"], phantoms["change"], marker="X", s=130, color="#D55E00", label="a totals row")
    looks = {"none": ("#0072B2", "-", 22), "dash": ("#000000", ":", 22), "totals": ("#D55E00", "--", 88)}
    names = {"none": "all mended", "dash": "dash counts as missing", "totals": "totals rows stay"}
    for fault, (colour, line, end) in looks.items():
        ends = pd.DataFrame({"dose": [0, end]})
        left.plot(ends["dose"], fit(tables[fault]).predict(ends), color=colour, linestyle=line, label=names[fault])
    left.set(
        xlabel="dose (mg per day)",
        ylabel="change of systolic pressure (mmHg)",
        title="Two phantom patients, no comparison group",
    )
    left.legend(loc="upper right", fontsize=9)
    right.axvline(effect["none"], color="#0072B2", linewidth=1, label="all mended")
    right.axvline(0, color="black", linestyle="--", linewidth=1, label="no effect")
    right.scatter(list(effect.values()), list(effect), s=70, color="#333333", zorder=3)
    right.set(xlabel="what 10 mg do (mmHg)", ylabel="fault left in", title="One fault at a time")
    right.set_xlim(right=1)
    right.legend(loc="upper center", fontsize=9)
    plt.show()

# %% [markdown]
# Two rows among 29 take the effect away: they are few, but they lie far out, where a line has the longest lever. The
# dash is worse. Counted as missing, it removes the comparison group, and among those who take tablets a few milligrams
# more or less hardly matter: the line turns around, and the drug now seems to *raise* the pressure. (A straight line
# is a crude model here; the first milligrams do most of the work.) The units bend the line less, and yet they make a
# patient of 187 kg. Nothing warned you: every line of that printout is a fit without an error.
#
# ## Take away
#
# > Before you model, say aloud **what one row is**. Every row of which the sentence is not true goes; every cell holds
# > one value of one type in one unit; and what you cannot read stops the program.
#
# Missing is a decision, not a type: "-" was a zero in one column and a hole in the next. And whatever you reshape,
# go back once: the round trip costs ten lines and finds the letter O.
#
# **On your own data:** take the last spreadsheet somebody sent you, read it with `dtype=str, keep_default_na=False`,
# and list the distinct texts of a column that are not numbers. Each one on that list is a decision somebody has made
# for you until today.
#
# **Next:** tidy rows are what grouping needs: a mean for each patient, a moving mean over the years, and a trap in
# time. Go on with [Group, window, and the leak from the future](../data/group_and_window.ipynb).
