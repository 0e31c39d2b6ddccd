"""Decides about the exercise `models/standardise_without_leakage`."""

import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from shoshin import Check


def scale(rows, by, *, over=None, ddof=0, power=1, mend=True):
    """Scale the columns of `rows` by the mean of `by` and the spread of `over`; `mend` divides by 1, not by 0."""
    spread = (by if over is None else over).std(axis=0, ddof=ddof) ** power
    return (rows - by.mean(axis=0)) / (np.where(spread == 0, 1, spread) if mend else spread)


# 1. standardise


def both(train, test, by, **options):
    return scale(train, by, **options), scale(test, by, **options)


@Check(inputs="untouched")
def standardise(train, test):
    return both(train, test, by=train)


@standardise.case
def four_units(rng):
    """four columns in four units"""
    centre, width = np.array([3.0, 750.0, 1.0, 3e-4]), np.array([1.0, 300.0, 0.2, 1e-4])
    return rng.normal(centre, width, (20, 4)), rng.normal(centre, width, (6, 4))


@standardise.case
def constant_column(rng):
    """a column that never varies in train"""
    return np.c_[np.full(20, 7.0), rng.normal(2, 3, (20, 2))], rng.normal(5, 2, (6, 3))


@standardise.case
def single_test_row(rng):
    """a test set of a single row"""
    return rng.normal(2, 3, (20, 3)), rng.normal(2, 3, (1, 3))


@standardise.property
def arrays(result, train, test):
    """`train_z` and `test_z` come back as NumPy arrays, not as lists or DataFrames."""
    train_z, test_z = result
    return isinstance(train_z, np.ndarray) and isinstance(test_z, np.ndarray)


def also_unmended(mistake):
    """Declare a mistake once more, as made by an answer that also divides by a spread of zero."""

    def unmended(train, test):
        return mistake(train, test, mend=False)

    unmended.__name__ = f"{mistake.__name__}_and_divides_by_zero"
    unmended.__doc__ = f"{mistake.__doc__} Then look at the column that never varies: you divide by zero there."
    standardise.mistake(unmended)
    return mistake


@standardise.mistake
def learns_from_both_sets(train, test):
    """You measured `train` and `test` together. That is the leak: the test rows have moved every row of
    `train_z`, so your model has met them before the exam. Look at which rows your mean is taken over."""
    return both(train, test, by=np.concatenate([train, test]))


@standardise.mistake
@also_unmended
def scales_each_set_by_itself(train, test, **mend):
    """You scaled `test` by its own mean and spread. Now the same hue becomes one value in `train_z` and another in
    `test_z`, and the model knows only the first. Measure once, use twice."""
    return scale(train, by=train, **mend), scale(test, by=test, **mend)


@standardise.mistake
@also_unmended
def keeps_the_spread_of_test(train, test, **mend):
    """You took the mean of `train` for `test`, but the spread of `test` itself. So the unit of `test_z` depends on
    who else sits the exam. Measure once, use twice: the spread, too."""
    return scale(train, by=train, **mend), scale(test, by=train, over=test, **mend)


@standardise.mistake
@also_unmended
def learns_from_the_test_set(train, test, **mend):
    """You measured `test` and scaled both tables by it: the exam has prepared your model. Measure the rows that you
    may look at before the exam."""
    return both(train, test, by=test, **mend)


@standardise.mistake
def one_mean_for_the_whole_table(train, test):
    """You took one mean and one spread over all columns at once, so the large column still dwarfs the small one.
    Print the shape of your mean: it should be `(d,)`, a number for every column. The argument `axis` decides."""
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


@standardise.mistake
def scales_every_row(train, test):
    """You scaled each row by its own mean: you added up hue and proline. One mean per column is wanted. Look at the
    `axis` you average over."""

    def by_row(rows):
        return (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)

    return by_row(train), by_row(test)


@standardise.mistake
@also_unmended
def divides_the_mean_only(train, test, **mend):
    """You divided only the mean: in `train - mean / spread` Python divides first. Brackets make it subtract first."""
    part = scale(np.zeros_like(train[0]), by=train, **mend)  # minus the mean, divided
    return train + part, test + part


@standardise.mistake
@also_unmended
def divides_by_the_variance(train, test, **mend):
    """You divided by the variance. It is measured in squared units, so a column with spread 300 shrinks to a
    spread of 1/300 instead of 1. Look for the square root: print `train_z.std(axis=0)`."""
    return both(train, test, by=train, power=2, **mend)


@standardise.mistake
def scales_to_the_range(train, test):
    """You scaled each column to the range from 0 to 1, where one odd bottle squashes all others. Here subtract the
    mean, not the minimum, and divide by the standard deviation, not by the range."""
    width = np.where(np.ptp(train, axis=0) == 0, 1, np.ptp(train, axis=0))
    return tuple((rows - train.min(axis=0)) / width for rows in (train, test))


@standardise.mistake
def only_moves_to_zero(train, test):
    """You subtracted the mean and stopped there. Every column is now centred, and as wide as before: the large
    one still decides who is near. Divide by a spread as well."""
    return train - train.mean(axis=0), test - train.mean(axis=0)


@standardise.mistake
@also_unmended
def forgets_the_test_set(train, test, **mend):
    """`test` came back unchanged. Either you never scaled it, or you overwrote `train` first and then measured a
    table whose means are already 0. `test` needs the same two steps as `train`, with the same numbers."""
    return scale(train, by=train, **mend), test


@standardise.mistake
@also_unmended
def divides_by_n_minus_one(train, test, **mend):
    """You divided by n - 1 (`ddof=1`, the habit of pandas and R). A fair convention too, but the task asks for NumPy's,
    which divides by n. Look at `ddof`."""
    return both(train, test, by=train, ddof=1, **mend)


@standardise.mistake
def divides_by_zero(train, test):
    """You divided by a spread of zero: a column that never varies turned into `nan`, and most models refuse a
    table with a single `nan` in it. Ask which spreads are zero, and divide by 1 there."""
    return both(train, test, by=train, mend=False)


@standardise.mistake
def mends_afterwards(train, test):
    """You divided by zero and then called `nan_to_num`. It turns `nan` into 0, but the infinities of `test_z` into
    the largest numbers there are. Mend the spread, before you divide."""
    return tuple(map(np.nan_to_num, both(train, test, by=train, mend=False)))


@standardise.mistake
def blanks_the_column_in_test(train, test):
    """Where a column never varies in `train`, you wrote zeros into `test_z` too. A test bottle may differ there, and
    that is news: divide by 1, and its distance from the training value stays."""
    return scale(train, by=train), np.where(train.std(axis=0) == 0, 0, scale(test, by=train))


@standardise.mistake
def adds_a_small_number(train, test):
    """You added a small number to every spread. In a column that never varies, a test value 1 away lands at a
    hundred million, and no neighbour is near. Divide by 1 there."""
    return tuple((rows - train.mean(axis=0)) / (train.std(axis=0) + 1e-8) for rows in (train, test))


@standardise.mistake
def changes_its_arguments(train, test):
    """Your numbers are right, but you changed the caller's tables on the way (`-=`, `/=` and `copy=False` work in
    place). Whoever looks at the wine in its own units afterwards no longer can. Write into new arrays."""
    train[:], test[:] = both(train, test, by=train)
    return train, test


@standardise.accepts
def with_sklearn(train, test):
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


@standardise.accepts
def column_by_column(train, test):
    train_z, test_z = np.zeros(train.shape), np.zeros(test.shape)
    for j in range(train.shape[1]):
        mean, deviation = train[:, j].mean(), train[:, j].std() or 1
        train_z[:, j], test_z[:, j] = (train[:, j] - mean) / deviation, (test[:, j] - mean) / deviation
    return train_z, test_z


# 2. leaks


def alarms(scale, train, test, same=np.allclose):
    """Return two rows of truths, an entry for each test row: sent alone, does it move `train_z`? And itself?"""
    train_z, test_z = scale(train, test)
    alone = [scale(train, test[i : i + 1]) for i in range(len(test))]
    moved = [(not same(a, train_z), not same(row, test_z[[i]])) for i, (a, row) in enumerate(alone)]
    return np.array(moved).T


@Check
def leaks(scale, train, test):
    return alarms(scale, train, test).any()


@leaks.probe
def question(answer, scale, train, test):
    """Ask `answer` about the scaler that the words in `scale` describe: words are plain data, a function is not."""
    import numpy as np

    known = set(map(tuple, test))

    def by_mean(rows, by, over=None):
        spread = (by if over is None else over).std(axis=0)
        return (rows - by.mean(axis=0)) / np.where(spread == 0, 1, spread)

    def by_range(rows, by):
        return (rows - by.min(axis=0)) / np.ptp(by, axis=0)

    def suspect(train, test):
        test = np.asarray(test)
        if test.ndim != 2:
            wanted = f"One row must still be a table, of shape (1, {train.shape[1]})"
            raise ValueError(f"`scale` was handed a `test` of shape {test.shape}. {wanted}")
        if not known.issuperset(map(tuple, test)):
            raise ValueError("`scale` was handed rows that are not in the `test` that your function was given")
        both = np.concatenate([train, test])
        train_z, test_z = by_mean(train, train), by_mean(test, train)
        match scale:
            case "a scaler that maps the range of train to [0, 1]":
                train_z, test_z = by_range(train, train), by_range(test, train)
            case "a scaler whose last digit wobbles":
                train_z, test_z = (table * (1 + 1e-15 * len(test)) for table in (train_z, test_z))
            case "a scaler that measures both sets":
                train_z, test_z = by_mean(train, both), by_mean(test, both)
            case "a scaler that measures each set by itself":
                test_z = by_mean(test, test)
            case "a scaler that divides train by the spread of both" if len(test) > 1:
                train_z = by_mean(train, train, over=both)
            case "a scaler that measures the range of both sets for train":
                train_z = by_range(train, both)
            case "a scaler that subtracts the median of test":
                test_z = (test - np.median(test, axis=0)) / train.std(axis=0)
        return train_z, test_z

    return answer(suspect, train, test)


def two_sets(rng):
    return rng.normal(2, 3, (20, 3)), rng.normal(2, 3, (8, 3))


def one_odd_row(rng, place, further):
    """Return two sets; the rows of the second are alike but one, which lies `further` away."""
    train, test = two_sets(rng)
    test[:] = test[0]
    test[place] += further
    return "a scaler that subtracts the median of test", train, test


@leaks.case
def honest_scaler(rng):
    """an honest scaler"""
    return "a scaler that measures train only", *two_sets(rng)


@leaks.case
def honest_range(rng):
    """an honest scaler that maps the training range to [0, 1]"""
    return "a scaler that maps the range of train to [0, 1]", *two_sets(rng)


@leaks.case
def honest_but_for_rounding(rng):
    """an honest scaler whose last digit wobbles"""
    return "a scaler whose last digit wobbles", *two_sets(rng)


@leaks.case
def each_by_itself(rng):
    """a scaler that scales each set by itself"""
    return "a scaler that measures each set by itself", *two_sets(rng)


@leaks.case
def small_leak(rng):
    """a scaler that measures 2000 training rows and 8 test rows together"""
    width = rng.uniform(1, 9, 3)
    return "a scaler that measures both sets", np.tile([-width, width], (1000, 1)), np.tile(width, (8, 1))


@leaks.case
def train_by_both(rng):
    """a scaler that lets test rows in company, but not alone, change the spread of train"""
    return "a scaler that divides train by the spread of both", *two_sets(rng)


@leaks.case
def range_of_both(rng):
    """a scaler that measures the range of both sets for train, and a first test row above all others"""
    train, test = two_sets(rng)
    test = rng.uniform(train.min(axis=0), train.max(axis=0), test.shape)
    test[0] = train.max(axis=0) + 9
    return "a scaler that measures the range of both sets for train", train, test


@leaks.case
def odd_row_last(rng):
    """a scaler that subtracts the median of test, and a last row unlike the others"""
    return one_odd_row(rng, -1, -9)


@leaks.case
def odd_row_first(rng):
    """a scaler that subtracts the median of test, and a first row unlike the others"""
    return one_odd_row(rng, 0, -9)


@leaks.case
def odd_row_above(rng):
    """a scaler that subtracts the median of test, and a last row above the others"""
    return one_odd_row(rng, -1, 9)


@leaks.mistake
def watches_train_only(*case):
    """You compared `train_z` and let `test_z` go. A scaler that measures `test` for the test rows slips through:
    there a row's values depend on its neighbours. Compare both results."""
    return alarms(*case)[0].any()


@leaks.mistake
def watches_test_only(*case):
    """You compared `test_z` and let `train_z` go. A scaler that measures both sets for `train` slips through, and
    `train_z` is what the model learns from. Compare both results."""
    return alarms(*case)[1].any()


@leaks.mistake
def wants_both_to_move(*case):
    """You accuse only if `train_z` and the row both move. One is enough: a scaler that measures each set by itself
    never moves `train_z`. Look at the word between your two comparisons."""
    return alarms(*case).all(axis=0).any()


@leaks.mistake
def asks_one_row(*case):
    """No row but the first ever travelled alone (a `return` inside the loop, also in its `else`, ends it at the
    first row). A leak may show at one row only, the odd one out. Send every row alone, in turn."""
    return alarms(*case)[:, 0].any()


@leaks.mistake
def passes_over_the_first_row(*case):
    """The first row has no say. Either your loop begins with the second, or each round overwrites what the rounds
    before it found. Ask every row, and remember an alarm."""
    return alarms(*case)[:, 1:].any()


@leaks.mistake
def passes_over_the_last_row(*case):
    """Your loop ends before the last row, the odd one out here. `range(n)` ends at n - 1 on its own."""
    return alarms(*case)[:, :-1].any()


@leaks.mistake
def sends_a_crowd(scale, train, test):
    """You sent rows in groups: half of them, or all but one. The median of a crowd stays when one row goes, so a
    scaler that subtracts it slips through. Send each row entirely alone."""
    (train_z, test_z), keep = scale(train, test), ~np.eye(len(test), dtype=bool)
    again = [(scale(train, test[others]), test_z[others]) for others in keep]
    return not all(np.allclose(a, train_z) and np.allclose(b, z) for (a, b), z in again)


@leaks.mistake
def wants_every_digit(*case):
    """You compared to the last digit, and accused an honest scaler of its rounding: `0.1 + 0.2 == 0.3` is false,
    too. `np.allclose` forgives rounding."""
    return alarms(*case, same=np.array_equal).any()


@leaks.mistake
def forgives_too_much(*case):
    """You forgive too much. Eight test rows among 2000 training rows move a value by a few thousandths, and that is
    a leak. Rounding moves it by about 1e-15: lower your tolerance."""
    return alarms(*case, same=lambda one, other: np.allclose(one, other, atol=0.1)).any()


@leaks.mistake
def forgets_the_sign(*case):
    """You asked whether a difference is above a limit. A value that falls by 9 has the difference -9, below every
    limit. Take `np.abs` first, or ask `np.allclose`."""
    return alarms(*case, same=lambda alone, company: (alone - company).max() < 1e-9).any()


@leaks.mistake
def compares_with_one_recipe(scale, train, test):
    """You accuse a scaler that is honest but scales to another range. Compare the suspect with itself, not with
    a recipe of yours: once in company, once alone."""
    pairs = zip(scale(train, test), standardise.reference(train, test), strict=True)
    return not all(np.allclose(theirs, mine) for theirs, mine in pairs)


@leaks.mistake
def the_wrong_way_round(*case):
    """Your detector works, but it answers the other question: it says `True` when the scaler is honest. Read
    the name aloud: `leaks(scale, ...)` should be true for a scaler that leaks."""
    return not leaks.reference(*case)


@leaks.accepts
def row_by_row(scale, train, test):
    train_z, test_z = scale(train, test)
    for row, company in zip(test, test_z, strict=True):
        train_alone, (row_alone,) = scale(train, [row])
        if max(np.abs(train_alone - train_z).max(), np.abs(row_alone - company).max()) > 1e-9:
            return True
    return False


# 3. honest_scores


def five(X, y, *steps):
    """Cross-validate the neighbours behind these steps, given as their classes."""
    return cross_val_score(make_pipeline(*(step() for step in steps), KNeighborsClassifier()), X, y, cv=5)


def ten_of(X, y):
    return SelectKBest(k=10).fit_transform(X, y)


@Check(seconds=60)  # n_jobs=-1 is fine, and starts slowly
def honest_scores(X, y):
    return five(X, y, StandardScaler, SelectKBest)


@honest_scores.probe
def scores(answer, X, y):
    """Return the scores; if every fit failed, tell the cause, which scikit-learn hides under a long traceback."""
    try:
        return answer(X, y)
    except ValueError as error:
        cause = str(error)
        if "'score_func'" in cause:
            cause = "`SelectKBest(10)` takes 10 for the scoring function: write `SelectKBest(k=10)`"
        elif "instead of a class" in cause or "got estimator class" in cause:
            cause = "a step of your model lacks its brackets: write `StandardScaler()`, not `StandardScaler`"
        elif "fits failed" in cause:
            cause = cause.strip().splitlines()[-1]
        raise ValueError(cause).with_traceback(error.__traceback__) from None


def coins(rng):
    return rng.permutation(np.arange(60) % 2)


@honest_scores.case
def coin_flips(rng):
    """labels that are coin flips"""
    return rng.normal(size=(60, 100)), coins(rng)


@honest_scores.case
def typing_errors(rng):
    """four columns that know something, in small units, and a typing error in each of them, all in one row"""
    y = coins(rng)
    X = rng.normal(size=(60, 15)) * 1000
    X[:, :4] = rng.normal(2 * y[:, None], 1, (60, 4))
    X[0, :4] = 5000
    return X, y


@honest_scores.mistake
def selects_before_the_folds(X, y):
    """You chose the ten columns on all rows, so the labels of every test fold helped to choose. It is the leak
    from the demonstration above. Make the selection a step of the model that is cross-validated."""
    return five(ten_of(X, y), y, StandardScaler)


@honest_scores.mistake
def does_as_the_colleague(X, y):
    """You chose the ten columns on all rows, as the colleague did: the labels of every test fold helped to choose.
    And nothing is scaled. Make scaling and selection steps of the model that is cross-validated."""
    return five(ten_of(X, y), y)


@honest_scores.mistake
def forgets_to_choose(X, y):
    """Nothing chooses: all columns reach the neighbours, most of them noise. `SelectKBest(k=10)` belongs into the
    model, before the neighbours."""
    return five(X, y, StandardScaler)


@honest_scores.mistake
def prepares_everything_before_the_folds(X, y):
    """You scaled and selected on all rows, and only the last step was left to the folds. Every fold was tested
    on rows that had already helped to prepare it. Hand `cross_val_score` one model that holds all three steps."""
    return five(ten_of(StandardScaler().fit_transform(X), y), y)


@honest_scores.mistake
def scales_before_the_folds(X, y):
    """You scaled by the mean and spread of all rows. With tame data this hides; here one typing error in a test fold
    has squashed the columns of all training rows. Move the scaler into the model as its first step."""
    return five(StandardScaler().fit_transform(X), y, SelectKBest)


@honest_scores.mistake
def forgets_to_scale(X, y):
    """Your selection is honest, but nothing is scaled: the neighbours listen to the columns in large units, as the
    raw wine did at the start. The standardising belongs into the model too, before the neighbours."""
    return five(X, y, SelectKBest)


@honest_scores.mistake
def returns_the_mean(X, y):
    """You returned the mean of the five accuracies. Return all five: how far they lie apart tells you how much to
    trust their mean."""
    return five(X, y, StandardScaler, SelectKBest).mean()


@honest_scores.accepts
def fold_by_fold(X, y):
    scores = []
    for train, test in StratifiedKFold(5).split(X, y):
        train_z, test_z = both(X[train], X[test], by=X[train])
        select = SelectKBest(k=10).fit(train_z, y[train])
        neighbours = KNeighborsClassifier().fit(select.transform(train_z), y[train])
        scores.append(neighbours.score(select.transform(test_z), y[test]))
    return scores


# 4. inside_the_fold


LEARN, ROW_BY_ROW = {"median", "city", "neighbours", "compress"}, {"logarithm", "unit"}


@Check(value=True, compare=None)
def inside_the_fold():
    return LEARN


@inside_the_fold.probe
def keys(answer):
    """Return the keys that were chosen, as a set."""
    one = isinstance(answer, (str, dict)) or not hasattr(answer, "__iter__")
    for key in [answer] if one else answer:
        if key not in [*LEARN, *ROW_BY_ROW]:
            raise LookupError(f"{key!r} is not a key of `steps`")
    return {answer} if one else set(answer)


@inside_the_fold.property
def only_steps_that_learn(keys):
    """Every step in your set gives a house another value when the other houses change."""
    return not keys & ROW_BY_ROW


@inside_the_fold.property
def every_step_that_learns(keys):
    """Every step that measures, averages or chooses over several rows is in your set."""
    return keys >= LEARN


@inside_the_fold.mistake
def everything():
    """You sent every step inside. That is safe, but the question is which must go there. A logarithm or a change of
    unit gives a row the same value whoever its neighbours are: such steps learn nothing."""
    return LEARN | ROW_BY_ROW


@inside_the_fold.mistake
def without_the_city():
    """You left `city` outside. The average price of a city is made of prices, which are the labels, and a city with
    one house gets exactly the answer. This is the most dangerous step of all six."""
    return LEARN - {"city"}


@inside_the_fold.mistake
def without_the_neighbours():
    """You left `neighbours` outside. Whoever tries twenty numbers and keeps the one with the best test score has
    learned that number from the test set. Choosing is learning."""
    return LEARN - {"neighbours"}


@inside_the_fold.mistake
def without_the_median():
    """You left `median` outside. A median is a number measured on rows, as the mean in your `standardise` is.
    Whose rows? Those of the training folds only."""
    return LEARN - {"median"}


@inside_the_fold.mistake
def without_the_compression():
    """You left `compress` outside. PCA looks at no label, but it measures on all rows which mixtures vary most, and
    the test rows have a say in that."""
    return LEARN - {"compress"}


@inside_the_fold.mistake
def only_what_looks_at_labels():
    """You kept the steps that look at labels. But `standardise` never saw a label, and your detector could convict
    it all the same. Measuring the columns of the test rows is learning too: look at `median` and `compress`."""
    return LEARN - {"median", "compress"}


@inside_the_fold.accepts
def as_a_list():
    return ["compress", "neighbours", "city", "median"]
