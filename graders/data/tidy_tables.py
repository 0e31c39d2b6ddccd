"""Decides about the exercise `data/tidy_tables`."""

import re
from collections import Counter
from itertools import product

import numpy as np
import pandas as pd

from shoshin import Check, Compare

AS_A_SET = Compare(rows="any", columns="any", index=False)
NAN = float("nan")


def pressure(rng):
    high = int(rng.integers(110, 190))
    return f"{high}/{high // 2 + int(rng.integers(5, 25))}"


def patients(rng, names, years=("2021", "2022")):
    """Return a sheet of texts with one row for each name."""
    table = pd.DataFrame({"patient": names, "ward": [str(ward) for ward in rng.choice(list("AB"), len(names))]})
    return table.assign(**{year: [pressure(rng) for _ in names] for year in years})


# 1. one_row_each


def is_total(sheet):
    return sheet["patient"].str.lower().str.startswith("total")


def refuse_two_versions(rows):
    if rows["patient"].duplicated().any():
        raise ValueError("a patient has two rows that differ")
    return rows


@Check(compare=AS_A_SET, inputs="untouched")
def one_row_each(sheet):
    return refuse_two_versions(sheet[~is_total(sheet)].drop_duplicates())


@one_row_each.probe
def try_the_sheet(answer, sheet):
    """Return the rows, or, where only a refusal is right, that the sheet was refused."""
    rows = sheet[~sheet["patient"].str.lower().str.startswith("total")].drop_duplicates()
    if not rows["patient"].duplicated().any():
        return answer(sheet)
    try:
        result = answer(sheet)
    except ValueError:
        return "a ValueError was raised"
    except Exception as error:
        if type(error) not in (AssertionError, Exception):
            raise
        return "an error of another type was raised"
    return result if hasattr(result, "columns") else "no error was raised"


@one_row_each.case
def totals_in_between(rng):
    """a totals row in the middle and one at the end, both called Total, and no repeated row"""
    return patients(rng, ["P1", "P2", "Total", "P3", "P4", "Total"])


@one_row_each.case
def repeated_rows(rng):
    """rows that are there two or three times, and the patients P2 and P4, who differ in nothing but `patient`"""
    sheet = patients(rng, ["P1", "P2", "P3", "P4"])
    sheet.iloc[3, 1:] = sheet.iloc[1, 1:]
    return sheet.iloc[[0, 1, 2, 0, 3, 1, 3, 3]].reset_index(drop=True)


@one_row_each.case
def other_spellings(rng):
    """the totals rows `TOTAL ward A` and `total`, and the patients `P2 (total hip)` and `T3`"""
    return patients(rng, ["P1", "TOTAL ward A", "P2 (total hip)", "total", "T3"])


@one_row_each.case
def two_versions(rng):
    """a patient with two rows that differ in one cell"""
    sheet = patients(rng, ["P1", "P2", "P1", "Total", "P3"])
    sheet.loc[2, ["ward", "2021"]] = sheet.loc[0, ["ward", "2021"]]
    return sheet


@one_row_each.mistake
def keeps_the_totals(sheet):
    """The totals rows are still there (a list of their names, or of their places, helps in one sheet only). To every
    line of code that follows, each of them is a patient: one who weighs as much as the whole ward."""
    return refuse_two_versions(sheet.drop_duplicates())


@one_row_each.mistake
def one_spelling_only(sheet):
    """You look for `Total` in exactly this spelling; `TOTAL ward A` and `total` stay. Bring the texts to one spelling
    before you compare."""
    return refuse_two_versions(sheet[~sheet["patient"].str.startswith("Total")].drop_duplicates())


@one_row_each.mistake
def one_spelling_and_never_refuses(sheet):
    """Two things slip through: totals rows in another spelling, such as `TOTAL ward A`, and a patient with two rows
    that differ. Bring the texts to one spelling before you compare; at the end, look for a repeated `patient`."""
    return sheet[~sheet["patient"].str.startswith("Total")].drop_duplicates()


@one_row_each.mistake
def total_anywhere(sheet):
    """You look for the word anywhere in the text, and so you discharge the patient `P2 (total hip)`. A totals row
    *begins* with it."""
    return refuse_two_versions(sheet[~sheet["patient"].str.lower().str.contains("total")].drop_duplicates())


@one_row_each.mistake
def keeps_repeated_rows(sheet):
    """The totals are gone, but the rows that were pasted twice are still there, so these patients count twice."""
    return sheet[~is_total(sheet)]


@one_row_each.mistake
def first_version_wins(sheet):
    """Where a patient has two rows that differ, you keep the first (or the last) and nobody hears of it. Which of the
    two is right? Your code cannot know: raise a `ValueError`."""
    return sheet[~is_total(sheet)].drop_duplicates("patient")


@one_row_each.mistake
def never_refuses(sheet):
    """Your rows are right as long as the sheet agrees with itself. Where a patient has two rows that differ, both come
    back, though the promise was one row each. Look for a repeated `patient` at the end, and raise a `ValueError`."""
    return sheet[~is_total(sheet)].drop_duplicates()


@one_row_each.mistake
def refuses_every_repeat(sheet):
    """You refuse a row that was only pasted twice. Two rows that say the same contradict nobody, wherever they stand:
    keep one of them, and look for contradictions in what is left."""
    return refuse_two_versions(sheet[~is_total(sheet)])


@one_row_each.mistake
def asserts(sheet):
    """You found the contradiction, but you refuse it with another type of error (an `assert` raises an
    `AssertionError`). Whoever calls your function waits for a `ValueError`: write `raise ValueError(...)`."""
    rows = sheet[~is_total(sheet)].drop_duplicates()
    assert rows["patient"].is_unique
    return rows


@one_row_each.mistake
def answers_instead(sheet):
    """Where a patient has two rows that differ, your function comes to an end as if nothing were wrong, with no table
    to show for it. Nobody has to look at what comes back. An error cannot be overlooked: `raise` one."""
    rows = sheet[~is_total(sheet)].drop_duplicates()
    return rows if rows["patient"].is_unique else ValueError("two versions")


@one_row_each.mistake
def refuses_before_the_totals_go(sheet):
    """You look for contradictions while the totals rows are still there. Two wards have two totals, both called
    `Total`, and they may differ. Remove them first."""
    return (lambda rows: rows[~is_total(rows)])(refuse_two_versions(sheet.drop_duplicates()))


@one_row_each.mistake
def merges_twins(sheet):
    """You removed a patient whose values are all the same as another's. They are two people: a repeated row has the
    same `patient`, too."""
    return refuse_two_versions(sheet[~is_total(sheet)].drop_duplicates(list(sheet.columns[1:])))


@one_row_each.mistake
def drops_every_copy(sheet):
    """A row that was pasted twice has gone altogether. `drop_duplicates(keep=False)`, or a filter with
    `duplicated(keep=False)`, removes the original together with its copies. One of them must stay."""
    return refuse_two_versions(sheet[~is_total(sheet)].drop_duplicates(keep=False))


@one_row_each.mistake
def works_in_the_sheet(sheet):
    """Your rows are right, but the sheet itself is changed too (`inplace=True`, or a column that you wrote into it).
    It is your only evidence of what your colleague sent: work on a copy."""
    sheet.drop(index=sheet.index[is_total(sheet)], inplace=True)
    sheet.drop_duplicates(inplace=True)
    return refuse_two_versions(sheet)


@one_row_each.accepts
def row_by_row(sheet):
    seen = {}
    for row in sheet.to_dict("records"):
        if re.match("total", row["patient"], re.IGNORECASE):
            continue
        if seen.setdefault(row["patient"], row) != row:
            raise ValueError(row["patient"])
    return pd.DataFrame(list(seen.values()))[::-1]


# 2. meaning


def decisions(dose=NAN, lost=NAN, weight=NAN):
    return {"dose": {"-": dose, "n/a": lost}, "weight": {"-": weight}}


@Check(value=True, compare=None)  # a difference from the reference would tell the answer
def meaning():
    return decisions(dose=0)


@meaning.probe
def in_words(answer):
    """Return the decisions in words: missing, zero, another number, or a text."""
    import pandas as pd

    def word(value):
        if isinstance(value, str):
            return "text"
        return "missing" if pd.isna(value) else "zero" if value == 0 else "another number"

    if not isinstance(answer, dict) or not all(isinstance(each, dict) for each in answer.values()):
        return "something else"
    return {column: {marker: word(value) for marker, value in each.items()} for column, each in answer.items()}


@meaning.property
def form(result):
    """`meaning` is a dict of two dicts with the keys that were given to you, no more and no fewer."""
    keys = {"dose": {"-", "n/a"}, "weight": {"-"}}
    return isinstance(result, dict) and {key: set(each) for key, each in result.items()} == keys


@meaning.property
def numbers(result):
    """Each entry is a number or `np.nan`, and none is a text."""
    return not any("text" in each.values() for each in result.values())


@meaning.property
def the_note(result):
    """Where the note says how much it is, the entry is that number; where nobody knows, it is `np.nan`."""
    return result == {"dose": {"-": "zero", "n/a": "missing"}, "weight": {"-": "missing"}}


@meaning.mistake
def everything_is_missing():
    """You made every marker a missing value. Read the note on the dose again: of the patients with a dash you know
    exactly how much they take. Without them, nobody is left to compare the others with."""
    return decisions()


@meaning.mistake
def every_dash_is_zero():
    """You gave the dash one meaning for both columns. A patient without tablets takes 0 mg; a patient on a broken
    scale does not weigh 0 kg. The same marker, two columns, two meanings."""
    return decisions(dose=0, weight=0)


@meaning.mistake
def everything_is_zero():
    """You made every marker a zero. A zero is a measurement: it says that somebody looked and found nothing. Of which
    of these three do you know that?"""
    return decisions(0, 0, 0)


@meaning.mistake
def lost_is_zero():
    """You turned a lost record into a dose of 0 mg. That patient may take 20. What nobody knows stays missing."""
    return decisions(dose=0, lost=0)


@meaning.mistake
def fills_a_weight_in():
    """You gave patients whom nobody weighed a weight, perhaps a typical one. A model could not tell it from a measured
    weight. If you fill holes, do it later and in the open; here the value is missing."""
    return decisions(dose=0, weight=80.0)


@meaning.mistake
def exchanged():
    """The two markers of the dose are exchanged: `-` and `n/a`. Which note says that the dose is known?"""
    return decisions(lost=0)


@meaning.accepts
def as_pandas_says():
    return {"weight": {"-": None}, "dose": {"n/a": pd.NA, "-": np.float64(0)}}


# 3. amounts


def amount(text, units, markers):
    if text in markers:
        return markers[text]
    number, unit = text.split()
    return float(number.replace(",", ".")) * units[unit]


def read_all(column, one):
    return pd.Series([one(text) for text in column], index=column.index, dtype=float)


@Check(inputs="untouched")
def amounts(column, units, markers):
    return read_all(column, lambda text: amount(text, units, markers))


@amounts.probe
def try_the_column(answer, column, units, markers):
    """Return the numbers; if some texts cannot be read, what happens with one of them in the column."""
    import numpy as np
    import pandas as pd

    def readable(text):
        number, _, unit = text.partition(" ")
        return text in markers or (unit in units and number.replace(",", "").replace(".", "").isdigit())

    good = column[[readable(text) for text in column]]
    if len(good) == len(column):
        result = answer(column, units, markers)
        if isinstance(result, (list, tuple, np.ndarray)):  # these have no index
            return pd.Series(list(result))
        return pd.Series(list(result), index=result.index) if isinstance(result, pd.Series) else result
    became = []
    for place, text in column.drop(good.index).items():
        try:
            result = answer(pd.concat([good, pd.Series({place: text})]), units, markers)
        except Exception:
            continue
        if not hasattr(result, "__len__"):
            return "no error was raised"
        if pd.isna(list(result)[-1]):
            return "one of them became a missing value"
        became.append(f"`{text}` became a number")
    return " and ".join(became) or "each of them raised an error"


DOSE = {"mg": 1, "g": 1000}, {"-": 0.0, "n/a": NAN}
WEIGHT = {"kg": 1, "lb": 0.4536}, {"-": NAN}


def texts(rng, *words, **units):
    """Return a column of texts in any order: the words, and for each unit a whole number and one with a comma."""
    for unit, size in units.items():
        words += f"{rng.integers(size, 2 * size)} {unit}", f"{rng.integers(size, 2 * size)},{rng.integers(1, 9)} {unit}"
    index = rng.permutation(40)[: len(words)]
    return pd.Series([str(word) for word in rng.permutation(words)], index=index, name="amount")


@amounts.case
def doses(rng):
    """doses in mg and g, with dashes that mean 0 and an `n/a` that means missing"""
    return texts(rng, "-", "-", "n/a", "0,02 g", "0.5 mg", mg=5), *DOSE


@amounts.case
def weights(rng):
    """weights in kg and lb, with a dash that means missing"""
    return texts(rng, "-", "70.4 kg", kg=60, lb=120), *WEIGHT


@amounts.case
def other_words(rng):
    """lengths, with other units and the markers `?` and `not done`"""
    units = {"m": 100, "cm": 1, "in": 2.54}
    return texts(rng, "?", "not done", "2.5 in", "1,5 m", cm=20), units, {"?": NAN, "not done": 0.0}


@amounts.case
def unreadable(rng):
    """`11 st` (an unknown unit), `n/a` (an unknown marker) and `6O kg` (a letter O), one of them at a time"""
    return texts(rng, "11 st", "n/a", "6O kg", "-", kg=60, lb=120), *WEIGHT


@amounts.mistake
def drops_the_unit(column, units, markers):
    """You cut the unit off and keep the bare number, whatever unit it was: 0,02 g becomes 0.02 mg, and 11 stone
    become 11 kg. Multiply each number by what its own unit is worth, and refuse a unit that you do not know."""
    return read_all(column, lambda text: markers[text] if text in markers else float(text.split()[0].replace(",", ".")))


@amounts.mistake
def divides(column, units, markers):
    """You divide by the worth of the unit. `{"g": 1000}` says that 1 g is worth 1000 mg: 0,02 g are 20 mg."""
    return read_all(column, lambda text: amount(text, {unit: 1 / worth for unit, worth in units.items()}, markers))


@amounts.mistake
def removes_the_comma(column, units, markers):
    """You took the comma out, and 85,4 kg became 854 kg. It is a decimal comma: put a point in its place."""
    return read_all(column, lambda text: amount(text if text in markers else text.replace(",", ""), units, markers))


@amounts.mistake
def cuts_at_the_comma(column, units, markers):
    """You keep only the digits before the comma (or the point): 85,4 kg is 85 kg, and 0,02 g is nothing at all."""
    return read_all(
        column,
        lambda text: markers[text] if text in markers else int(re.search(r"\d+", text)[0]) * units[text.split()[1]],
    )


@amounts.mistake
def markers_are_missing(column, units, markers):
    """Every marker of yours ends as a missing value. `markers` says for each of them what it is worth, and a dash in
    the doses is worth 0."""
    return read_all(column, lambda text: amount(text, units, dict.fromkeys(markers, NAN)))


@amounts.mistake
def markers_are_zero(column, units, markers):
    """Every marker of yours ends as 0. `markers` says for each of them what it is worth; the missing ones must stay
    missing. Is there a `fillna(0)`?"""
    return read_all(column, lambda text: amount(text, units, dict.fromkeys(markers, 0.0)))


@amounts.mistake
def one_meaning_for_all(column, units, markers):
    """You have written the meaning of `-` and `n/a` into the function. In the weights a dash means something else,
    and the next sheet has other markers: look them up in `markers`."""
    return read_all(column, lambda text: amount(text, units, DOSE[1]))


@amounts.mistake
def overlooks_zero(column, units, markers):
    """Your function stops at a marker that is worth 0: it takes it for no marker at all. `if markers.get(text):` is
    false for a 0, too. Ask `if text in markers:`."""
    return read_all(column, lambda text: amount(text, units, {key: value for key, value in markers.items() if value}))


@amounts.mistake
def unreadable_is_missing(column, units, markers):
    """A text that your function cannot read (an unknown unit, an unknown marker, or a letter O in a number) becomes a
    missing value without a word: `.get`, a dict inside `.map`, `errors="coerce"` and an `except` do that. It then
    looks like a patient nobody weighed. Raise an error: a loud stop costs you a minute, a silent hole the result."""
    units = {"st": NAN, **units}
    return read_all(column, lambda text: amount(text, units, markers))


@amounts.mistake
def unknown_unit_is_one(column, units, markers):
    """A unit that is not in `units` passes as if it were worth 1: 11 stone become 11 kg. `units.get(unit, 1)` guesses
    where it should stop."""
    return read_all(column, lambda text: amount(text, {"st": 1, **units}, markers))


@amounts.mistake
def loses_the_index(column, units, markers):
    """Your numbers are right, but the index of `column` is gone: a list or an array has none, and a new Series counts
    0, 1, 2, … pandas joins columns by index, not by position. In a table whose rows were filtered, a patient would get
    another one's number. Pass the old index on."""
    return amounts.reference(column, units, markers).reset_index(drop=True)


@amounts.mistake
def writes_into_the_column(column, units, markers):
    """Your numbers are right, but you wrote into the column that you were given (`column[...] = …`), and so into the
    sheet it came from. Build a new Series."""
    result = amounts.reference(column, units, markers)
    column[column.isin(list(markers))] = "0 mg"
    return result


@amounts.accepts
def in_columns(column, units, markers):
    parts = column[~column.isin(list(markers))].str.extract(r"^([\d.,]+) (\w+)$")
    numbers = parts[0].str.replace(",", ".").astype(float) * parts[1].map(units).astype(float)
    if numbers.isna().any():
        raise RuntimeError("unreadable")
    result = numbers.reindex(column.index)
    for marker, value in markers.items():
        result[column == marker] = value
    return result


@amounts.accepts
def with_missing_integers(column, units, markers):
    return column.map(lambda text: amount(text, units, markers)).astype("Float64")


@amounts.accepts
def in_a_list_first(column, units, markers):
    found = [amount(text, units, markers) for text in column]
    return pd.Series(found, index=column.index, dtype=object)


# 4. visits


def years_of(rows):
    return [name for name in rows.columns if re.fullmatch(r"\d{4}", name)]


def melted(rows):
    return rows.melt(id_vars="patient", value_vars=years_of(rows), var_name="year", value_name="cell")


def typed(long, pattern=r"^(\d+)/(\d+)$"):
    """Return the long table with its cells read by a pattern that has two groups."""
    both = long["cell"].str.extract(pattern).astype(float)
    long = long.assign(year=long["year"].astype(int), systolic=both[0], diastolic=both[1])
    return long.drop(columns="cell")


@Check(compare=AS_A_SET, inputs="untouched")
def visits(rows):
    return typed(melted(rows))


@visits.case
def four_years(rng):
    """four years, and two visits that did not take place"""
    rows = patients(rng, ["P1", "P2", "P10"], ["2021", "2022", "2023", "2024"])
    rows.loc[1, "2021"] = rows.loc[2, "2023"] = "n/a"
    return rows


@visits.case
def other_years(rng):
    """the years 1998 to 2000, and the columns `10` and `1998 kg` in between"""
    rows = patients(rng, ["P7", "P8"], ["1998", "1999", "10", "2000", "1998 kg"])
    return rows[["1999", *rows.columns.drop("1999")]]


@visits.case
def slips_of_the_pen(rng):
    """the cells `14O/88` (a letter O), `1 47/91` (a blank), `151` (one number only) and `152/82*` (a star)"""
    rows = patients(rng, ["P1", "P2", "P3", "P4"])
    rows["2021"] = ["14O/88", "1 47/91", "151", "152/82*"]
    return rows.iloc[[3, 2, 1, 0]]


@visits.mistake
def years_as_texts(rows):
    """Your years are still texts, as column names are. As text, "2024" - "2021" is an error and "999" lies after
    "1000": make them whole numbers."""
    long = melted(rows)
    return typed(long).assign(year=long["year"])


@visits.mistake
def pressures_as_texts(rows):
    """The pressures are split, but they are still texts, and among texts "98" is larger than "142". Make numbers of
    them."""
    long = melted(rows)
    both = long["cell"].str.extract(r"^(\d+)/(\d+)$")
    return typed(long).assign(systolic=both[0], diastolic=both[1])


@visits.mistake
def exchanges_the_two(rows):
    """The two pressures are exchanged. The systolic one, when the heart beats, is the first and the larger."""
    return visits.reference(rows).rename(columns={"systolic": "diastolic", "diastolic": "systolic"})


@visits.mistake
def drops_what_is_missing(rows):
    """You dropped the visits without a pressure. Keep their rows, with missing values: a hole you can see is better
    than a row nobody misses, and you will need them to build the sheet again."""
    return visits.reference(rows).dropna()


@visits.mistake
def missing_is_zero(rows):
    """You wrote 0 where nothing was measured. A heart with a pressure of 0 has stopped, and every mean falls with
    it. Leave these values missing."""
    return visits.reference(rows).fillna(0)


@visits.mistake
def keeps_half(rows):
    """Of a damaged cell such as `14O/88` you keep the half that can be read. If one number of a cell is wrong, can
    you trust the other? Make both missing. (The pattern of a whole cell decides it in one go.)"""
    both = melted(rows)["cell"].str.split("/", expand=True).apply(pd.to_numeric, errors="coerce")
    return visits.reference(rows).assign(systolic=both[0], diastolic=both[1])


@visits.mistake
def finds_it_anywhere(rows):
    """Your pattern finds a pressure *inside* a damaged cell: of `1 47/91` it takes 47/91, the pressure of somebody who
    faints. The pattern must fit the whole cell, from its first character (`^`) to its last (`$`)."""
    return typed(melted(rows), r"(\d+)/(\d+)")


@visits.mistake
def open_at_the_end(rows):
    """Your pattern begins where the cell begins, but whatever follows the two numbers is let through: of `152/82*` it
    takes 152/82. What does the star mean? Only your colleague knows. The pattern must fit to the last character."""
    return typed(melted(rows), r"^(\d+)/(\d+)")


@visits.mistake
def these_four_years(rows):
    """You have written the years of one sheet into the function. The next sheet has others: find the columns whose
    names consist of four digits."""
    return visits.reference(rows[["patient", "2021", "2022", "2023", "2024"]])


@visits.mistake
def keeps_the_other_columns(rows):
    """Your visits are right, but they drag the other columns of the sheet along, once for every year. A fact about a
    patient stands in one place, the table of patients; here the four columns are enough."""
    others = rows.drop(columns=years_of(rows))
    return visits.reference(rows).merge(others, on="patient")


@visits.mistake
def keeps_the_cell(rows):
    """Your four columns are right; the text they were made of is still beside them. Drop that column."""
    return visits.reference(rows).assign(cell=melted(rows)["cell"])


@visits.mistake
def writes_into_the_rows(rows):
    """Your visits are right, but `rows` has changed too: you wrote into the table that you were given. Start from a
    copy."""
    result = visits.reference(rows)
    rows["year"] = 0
    return result


@visits.accepts
def by_stack(rows):
    cells = rows.set_index("patient")[years_of(rows)].stack()
    cells.index.names = ["patient", "year"]
    both = cells.str.extract(r"^(?P<systolic>\d+)/(?P<diastolic>\d+)$")
    both = both.apply(pd.to_numeric).astype("Int64").reset_index()
    both["year"] = both["year"].astype(int).astype("category")
    return both.astype({"patient": "category"})[["diastolic", "systolic", "year", "patient"]]


@visits.accepts
def by_loops(rows):
    found = []
    for patient, year in product(rows["patient"], years_of(rows)):
        cell = rows.loc[rows["patient"] == patient, year].item()
        parts = [int(part) if part.isdigit() else None for part in cell.split("/")]
        systolic, diastolic = parts if len(parts) == 2 and None not in parts else (None, None)
        found.append({"patient": patient, "year": int(year), "systolic": systolic, "diastolic": diastolic})
    return pd.DataFrame(found)


# 5. lost_cells


def written(visit):
    """Return the cell of one visit of the long table."""
    if pd.isna(visit.systolic) or pd.isna(visit.diastolic):
        return "n/a"
    return f"{int(visit.systolic)}/{int(visit.diastolic)}"


def cells(rows):
    """Return the cells of the sheet, by (patient, year)."""
    return {(row["patient"], int(year)): row[year] for row in rows.to_dict("records") for year in years_of(rows)}


def back(long, write=written):
    """Return the cells that the long table gives, by (patient, year), and how often each visit occurs in it."""
    found = [((visit.patient, int(visit.year)), write(visit)) for visit in long.itertuples()]
    return dict(found), Counter(visit for visit, _ in found)


def lost(rows, long, write=written, twice=True):
    texts, times = back(long, write)
    return {
        visit for visit, cell in cells(rows).items() if texts.get(visit, "n/a") != cell or (twice and times[visit] > 1)
    }


@Check(inputs="untouched")
def lost_cells(rows, long):
    return lost(rows, long)


@lost_cells.probe
def as_pairs(answer, rows, long):
    """Return the pairs as a set, whatever they came in."""
    from collections.abc import Iterable

    def plain(pair):
        if isinstance(pair, str) or not hasattr(pair, "__len__"):
            return pair
        return tuple(str(part) if isinstance(part, str) else int(part) for part in pair)

    result = answer(rows, long)
    if hasattr(result, "itertuples"):
        result = result.reset_index(drop=True).itertuples(index=False)
    if isinstance(result, (str, dict)) or not isinstance(result, Iterable):
        return result
    return {plain(pair) for pair in result}


def both_tables(rng, *cells):
    """Return a sheet in which some cells are replaced, and its long table, in any order."""
    rows = patients(rng, ["P1", "P2", "P3", "P4"], ["2021", "2022", "2023"])
    rows = rows[["2021", "patient", "2022", "ward", "2023"]]
    for patient, year, cell in cells:
        rows.loc[patient, year] = cell
    return rows, visits.reference(rows).sample(frac=1, random_state=int(rng.integers(99))).reset_index(drop=True)


def at(long, patient, year):
    return (long["patient"] == patient) & (long["year"] == year)


@lost_cells.case
def nothing_is_lost(rng):
    """a faithful long table, with visits that did not take place"""
    return both_tables(rng, (0, "2021", "n/a"), (2, "2023", "n/a"))


@lost_cells.case
def whole_numbers(rng):
    """a faithful long table whose pressures are of the type `Int64`, with `<NA>`, and without the row of an `n/a`"""
    rows, long = both_tables(rng, (1, "2021", "n/a"), (3, "2022", "n/a"))
    return rows, long[~at(long, "P2", 2021)].astype({"systolic": "Int64", "diastolic": "Int64"})


@lost_cells.case
def slips(rng):
    """the cells `16O/95` (a letter O) and `1 47/91`, which became missing values"""
    return both_tables(rng, (1, "2022", "16O/95"), (3, "2021", "1 47/91"), (0, "2021", "n/a"))


@lost_cells.case
def changed_numbers(rng):
    """one visit with another systolic, one with another diastolic pressure, one that was never in the sheet"""
    rows, long = both_tables(rng, (2, "2021", "n/a"))
    long.loc[at(long, "P1", 2022), "systolic"] += 1
    long.loc[at(long, "P4", 2023), "diastolic"] -= 1
    long.loc[at(long, "P3", 2021), ["systolic", "diastolic"]] = [120.0, 80.0]
    return rows, long


@lost_cells.case
def rows_gone(rng):
    """a long table without any visit of the patient P2 or of the year 2023"""
    rows, long = both_tables(rng, (0, "2022", "n/a"))
    return rows, long[(long["patient"] != "P2") & (long["year"] != 2023)]


@lost_cells.case
def twice(rng):
    """a visit that is twice in the long table, with the same numbers"""
    rows, long = both_tables(rng, (0, "2023", "n/a"))
    return rows, pd.concat([long, long[at(long, "P3", 2022)]], ignore_index=True)


@lost_cells.mistake
def writes_points(rows, long):
    """You write `152.0/94.0`, and the sheet says `152/94`, so every measured cell counts as lost. A column with
    missing values holds floats: make whole numbers of them before you write."""
    return lost(rows, long, lambda v: "n/a" if written(v) == "n/a" else f"{v.systolic}/{v.diastolic}")


@lost_cells.mistake
def years_as_texts_again(rows, long):
    """Your cells are right, but their years are texts, as the names of the columns are: ('P1', '2021'). Wanted are
    whole numbers, as in `long`: to Python, ('P1', 2021) and ('P1', '2021') are two different pairs."""
    return {(patient, str(year)) for patient, year in lost(rows, long)}


def as_visits_sees(rows):
    return rows.assign(**{y: rows[y].where(rows[y].str.fullmatch(r"\d+/\d+"), "n/a") for y in years_of(rows)})


@lost_cells.mistake
def looks_with_the_same_eyes(rows, long):
    """You read the sheet as `visits` does, and compared two long tables. A letter O is missing on both sides, and the
    two agree; a visit that is twice in `long` passes, too. Go the other way, from the long table back to texts."""
    return lost(as_visits_sees(rows), long, twice=False)


@lost_cells.mistake
def looks_for_twins_with_the_same_eyes(rows, long):
    """You compare numbers with numbers: the sheet, read as `visits` reads it, with `long`. A letter O becomes missing
    on both sides, and the two agree. Go the other way, from the long table back to texts."""
    return lost(as_visits_sees(rows), long)


@lost_cells.mistake
def only_the_missing(rows, long):
    """You list what is missing in `long` though it was measured. That is one way to lose a cell; a number that has
    changed, or a visit without a row, slips through. Write each cell back, and compare the texts."""
    texts, _ = back(long)
    return {visit for visit in lost(rows, long, twice=False) if texts.get(visit) == "n/a"}


@lost_cells.mistake
def only_where_both_have_numbers(rows, long):
    """You compare only the visits that have numbers in `long`. Those that became missing or have no row are the lost
    ones. Start from the cells of the sheet, and ask for each whether it comes back."""
    texts, _ = back(long)
    return {visit for visit in lost(rows, long) if texts.get(visit, "n/a") != "n/a"}


@lost_cells.mistake
def only_where_both_have_rows(rows, long):
    """You look only at visits that have a row in `long` (a loop over its rows, or an inner merge, does that). A visit
    without a row slips through, and so does one that is there twice. Start from the cells of the sheet: whatever has
    no row is written back as `n/a`."""
    return lost(rows, long, twice=False) & back(long)[0].keys()


@lost_cells.mistake
def no_row_is_lost(rows, long):
    """You count every visit without a row in `long`, even where the sheet says `n/a`. Such a visit is written back as
    `n/a`, and that is what the sheet says: nothing was lost."""
    return lost(rows, long) | (cells(rows).keys() - back(long)[0].keys())


@lost_cells.mistake
def the_unmeasured_too(rows, long):
    """You count cells that say `n/a` in the sheet and are missing in `long`. Nothing was lost there: written back,
    they say `n/a` again. (NaN is not equal to NaN; compare texts.)"""
    return lost(rows, long) | {visit for visit, cell in cells(rows).items() if cell == "n/a"}


@lost_cells.mistake
def nan_is_not_nan(rows, long):
    """You count every cell that is missing in both tables, since NaN is not equal to NaN, and a visit that is twice
    in `long` slips through. Write the long table back to texts: `n/a` is equal to `n/a`."""
    return lost(rows, long, twice=False) | {visit for visit, cell in cells(rows).items() if cell == "n/a"}


@lost_cells.mistake
def the_unmeasured_never(rows, long):
    """You leave out the cells that say `n/a` in the sheet. A pressure that nobody measured may stand in `long`, and
    then the cell does not come back as it was either."""
    return {visit for visit in lost(rows, long) if cells(rows)[visit] != "n/a"}


@lost_cells.mistake
def only_the_systolic(rows, long):
    """You compare the systolic pressure only. A changed diastolic one passes: the whole text of the cell must come
    back."""
    second = r"/\d+$"
    first = rows.assign(**{year: rows[year].str.replace(second, "", regex=True) for year in years_of(rows)})
    return lost(first, long, lambda visit: re.sub(second, "", written(visit)))


@lost_cells.mistake
def forgives_the_second(rows, long):
    """A visit that is twice in `long` slips through. `pivot_table` averages such rows, `drop_duplicates`, `set_index`
    or a dict keep one of them, and none of them tells you. Count the rows of each visit."""
    return lost(rows, long, twice=False)


@lost_cells.accepts
def by_pivot(rows, long):
    long = long.assign(cell=[written(visit) for visit in long.itertuples()], year=long["year"].astype(str))
    repeated = long.duplicated(["patient", "year"], keep=False)
    long.loc[repeated, "cell"] = "twice"
    wide = long.drop_duplicates(["patient", "year"]).pivot(index="patient", columns="year", values="cell")
    sheet = rows.set_index("patient")[years_of(rows)]
    wide = wide.reindex(index=sheet.index, columns=sheet.columns).astype(object).fillna("n/a")
    return [
        (patient, int(year))
        for patient, year in product(sheet.index, sheet)
        if wide.at[patient, year] != sheet.at[patient, year]
    ]


@lost_cells.accepts
def by_merge(rows, long):
    sheet = melted(rows).astype({"year": int})
    both = sheet.merge(long, on=["patient", "year"], how="left")
    numbers = both[["systolic", "diastolic"]].astype("Int64").astype("string")
    both["back"] = (numbers["systolic"] + "/" + numbers["diastolic"]).fillna("n/a")
    wrong = (both["back"] != both["cell"]) | both.duplicated(["patient", "year"], keep=False)
    return both.loc[wrong, ["patient", "year"]]
