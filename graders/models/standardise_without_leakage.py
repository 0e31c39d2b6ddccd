"""Decides about the exercise `models/standardise_without_leakage`."""

import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import StratifiedKFold, cross_val_score, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from shoshin import Check


def scale(rows, by, *, ddof=0, power=1, mend=True):
    """Scale the columns of `rows` by the mean and the spread of `by`; `mend` divides by 1 instead of 0."""
    spread = by.std(axis=0, ddof=ddof) ** power
    return (rows - by.mean(axis=0)) / (np.where(np.ptp(by, axis=0) == 0, 1, spread) if mend else spread)


# 1. standardise


@Check(inputs="untouched")
def standardise(train, test):
    return scale(train, by=train), scale(test, by=train)


@standardise.case
def three_units(rng):
    """three columns in three units"""
    centre, width = np.array([3.0, 750.0, 1.0]), np.array([1.0, 300.0, 0.2])
    return rng.normal(centre, width, (20, 3)), rng.normal(centre, width, (6, 3))


@standardise.case
def test_set_elsewhere(rng):
    """a test set that lies far from the training set"""
    return rng.normal(0, 1, (20, 3)), rng.normal(4, 2, (10, 3))


@standardise.case
def constant_column(rng):
    """a column that never varies in train"""
    return np.c_[np.full(20, 7.0), rng.normal(2, 3, (20, 2))], rng.normal(5, 2, (6, 3))


@standardise.case
def single_test_row(rng):
    """a test set of a single row"""
    return rng.normal(2, 3, (20, 3)), rng.normal(2, 3, (1, 3))


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
    both = np.concatenate([train, test])
    return scale(train, by=both), scale(test, by=both)


@standardise.mistake
@also_unmended
def scales_each_set_by_itself(train, test, mend=True):
    """You scaled `test` by its own mean and spread. Now one number means two things: 13 % alcohol becomes one
    value in `train_z` and another in `test_z`, and the model knows only the first. Measure once, use twice."""
    return scale(train, by=train, mend=mend), scale(test, by=test, mend=mend)


@standardise.mistake
def one_mean_for_the_whole_table(train, test):
    """You took one mean and one spread over all columns at once, so the euros still dwarf the years. Print the
    shape of your mean: it should be `(d,)`, one number for every column. The argument `axis` decides."""
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


@standardise.mistake
def scales_every_row(train, test):
    """You scaled each row by its own mean: you added up euros and years. Rows are things, columns are
    measurements, and one mean per column is wanted. Look at the `axis` you average over."""

    def by_row(rows):
        return (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)

    return by_row(train), by_row(test)


@standardise.mistake
@also_unmended
def divides_by_the_variance(train, test, mend=True):
    """You divided by the variance. It is measured in squared units, so a column with spread 300 shrinks to a
    spread of 1/300 instead of 1. Look for the square root: print `train_z.std(axis=0)`."""
    return tuple(scale(rows, by=train, power=2, mend=mend) for rows in (train, test))


@standardise.mistake
def only_moves_to_zero(train, test):
    """You subtracted the mean and stopped there. Every column is now centred, and as wide as before: the large
    one still decides who is near. Divide by a spread as well."""
    return train - train.mean(axis=0), test - train.mean(axis=0)


@standardise.mistake
@also_unmended
def forgets_the_test_set(train, test, mend=True):
    """You returned `test` as it came. The model learns in spreads and is then asked in euros. `test` needs the
    same two steps as `train`, with the same numbers."""
    return scale(train, by=train, mend=mend), test


@standardise.mistake
@also_unmended
def divides_by_n_minus_one(train, test, mend=True):
    """You divided by n - 1 (`ddof=1`, which pandas and R do on their own). A fair convention too, but then the
    columns of `train_z` have a NumPy `std` a little below 1, and the task asks for NumPy's. Look at `ddof`."""
    return tuple(scale(rows, by=train, ddof=1, mend=mend) for rows in (train, test))


@standardise.mistake
def divides_by_zero(train, test):
    """You divided by a spread of zero: a column that never varies turned into `nan`, and most models refuse a
    table with a single `nan` in it. Ask which spreads are zero, and divide by 1 there."""
    return tuple(scale(rows, by=train, mend=False) for rows in (train, test))


@standardise.mistake
def adds_a_small_number(train, test):
    """You added a small number to every spread. `train_z` looks right, but a test value that is 1 away in the
    constant column lands at a hundred million, and no neighbour is near. Divide by 1 there."""
    deviation = train.std(axis=0) + 1e-8
    return (train - train.mean(axis=0)) / deviation, (test - train.mean(axis=0)) / deviation


@standardise.mistake
def changes_its_arguments(train, test):
    """Your numbers are right, but you changed the caller's tables on the way (`-=` and `/=` work in place).
    Whoever looks at the wine in its own units afterwards no longer can. Write the result into new arrays."""
    train[:], test[:] = scale(train, by=train), scale(test, by=train)
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


@standardise.accepts
def in_single_precision(train, test):
    return scale(train, by=train).astype(np.float32), scale(test, by=train).astype(np.float32)


# 2. leaks


@Check
def leaks(scale, train, test):
    train_z, test_z = scale(train, test)
    for i in range(len(test)):
        train_alone, row_alone = scale(train, test[i : i + 1])
        if not (np.allclose(train_alone, train_z) and np.allclose(row_alone, test_z[i])):
            return True
    return False


@leaks.probe
def question(answer, recipe, train, test):
    """Ask `answer` about the scaler that `recipe` names: a name is plain data, a function is not."""
    import numpy as np

    train_by, test_by, by_range = {
        "both by train": ("train", "train", False),
        "both by both": ("both", "both", False),
        "each by itself": ("train", "test", False),
        "train by both, test by train": ("both", "train", False),
        "both by the range of train": ("train", "train", True),
        "both by the range of both": ("both", "both", True),
    }[recipe]

    def measure(rows):
        low, width = (rows.min(axis=0), np.ptp(rows, axis=0)) if by_range else (rows.mean(axis=0), rows.std(axis=0))
        return low, np.where(width == 0, 1, width)

    def scale(train, test):
        sets = {"train": train, "test": test, "both": np.concatenate([train, test])}
        (low, width), (test_low, test_width) = measure(sets[train_by]), measure(sets[test_by])
        return (train - low) / width, (test - test_low) / test_width

    return answer(scale, train, test)


def two_sets(rng):
    return rng.normal(2, 3, (20, 3)), rng.normal(2, 3, (8, 3))


@leaks.case
def honest_scaler(rng):
    """an honest scaler"""
    return "both by train", *two_sets(rng)


@leaks.case
def measures_both(rng):
    """a scaler that measures train and test together"""
    return "both by both", *two_sets(rng)


@leaks.case
def each_by_itself(rng):
    """a scaler that scales each set by itself"""
    return "each by itself", *two_sets(rng)


@leaks.case
def train_by_both(rng):
    """a scaler that measures both sets for train, and train alone for test"""
    return "train by both, test by train", *two_sets(rng)


@leaks.case
def honest_range(rng):
    """an honest scaler that maps the training range to [0, 1]"""
    return "both by the range of train", *two_sets(rng)


@leaks.case
def range_of_both(rng):
    """a scaler that maps the range of both sets to [0, 1], and a first test row that holds the largest values"""
    train, test = two_sets(rng)
    test = rng.uniform(train.min(axis=0), train.max(axis=0), test.shape)
    test[0] = train.max(axis=0) + 9
    return "both by the range of both", train, test


@leaks.mistake
def watches_train_only(scale, train, test):
    """You compared `train_z` and let `test_z` go. A scaler that measures the test set for the test rows leaves
    `train_z` alone, and slips through: there a row's values depend on its neighbours. Compare both results."""
    return any(not np.allclose(scale(train, row[None])[0], scale(train, test)[0]) for row in test)


@leaks.mistake
def watches_test_only(scale, train, test):
    """You compared `test_z` and let `train_z` go. A scaler that measures both sets for the training rows slips
    through, and the training rows are what the model learns from. Compare both results."""
    return any(not np.allclose(scale(train, test[i : i + 1])[1], scale(train, test)[1][i]) for i in range(len(test)))


@leaks.mistake
def asks_one_row(scale, train, test):
    """You sent a single row alone, the first. A scaler that divides by the largest value gives itself away only
    when the largest value is missing, and here the first row holds it. Send every row alone, in turn."""
    (train_z, test_z), (train_alone, row_alone) = scale(train, test), scale(train, test[:1])
    return not (np.allclose(train_alone, train_z) and np.allclose(row_alone, test_z[:1]))


@leaks.mistake
def asks_one_row_about_train_only(scale, train, test):
    """You sent one row alone and watched `train_z`. Two kinds of leak slip through: those that touch only the test
    rows, and those that show only when another row is missing. Send every row alone, and compare both results."""
    return not np.allclose(scale(train, test[:1])[0], scale(train, test)[0])


@leaks.mistake
def compares_with_one_recipe(scale, train, test):
    """You compared the suspect with your own `standardise`. That accuses everyone who scales honestly in another
    way, such as to a range. Compare the suspect with itself: once in company, once alone."""
    pairs = zip(scale(train, test), standardise.reference(train, test), strict=True)
    return not all(np.allclose(theirs, mine) for theirs, mine in pairs)


@leaks.mistake
def the_wrong_way_round(scale, train, test):
    """Your detector works, but it answers the other question: it says `True` when the scaler is honest. Read
    the name aloud: `leaks(scale, ...)` should be true for a scaler that leaks."""
    return not leaks.reference(scale, train, test)


@leaks.accepts
def leaves_one_row_out(scale, train, test):
    train_z, test_z = scale(train, test)
    for i in range(len(test)):
        others = np.delete(test, i, axis=0)
        train_again, others_again = scale(train, others)
        if not np.allclose(train_again, train_z) or not np.allclose(others_again, np.delete(test_z, i, axis=0)):
            return True
    return False


@leaks.accepts
def stacks_the_rows(scale, train, test):
    alone = [scale(train, test[[i]]) for i in range(len(test))]
    train_z, test_z = scale(train, test)
    return (np.abs(np.vstack([z for _, z in alone]) - test_z) > 1e-9).any() | any(
        (np.abs(z - train_z) > 1e-9).any() for z, _ in alone
    )


# 3. honest_scores


def model():
    return make_pipeline(StandardScaler(), SelectKBest(k=10), KNeighborsClassifier())


@Check
def honest_scores(X, y):
    return cross_val_score(model(), X, y, cv=5)


def coins(rng, rows):
    return rng.permutation(np.arange(rows) % 2)


@honest_scores.case
def coin_flips(rng):
    """labels that are coin flips"""
    return rng.normal(size=(60, 100)), coins(rng, 60)


@honest_scores.case
def typing_errors(rng):
    """four columns that know something, in small units, and a typing error in each of them, all in one row"""
    y = coins(rng, 60)
    X = rng.normal(size=(60, 15)) * 1000
    X[:, :4] = rng.normal(2 * y[:, None], 1, (60, 4))
    X[0, :4] = 5000
    return X, y


@honest_scores.mistake
def selects_before_the_folds(X, y):
    """You chose the ten columns before the folds were cut, so the labels of every test fold helped to choose. It
    is the leak from the demonstration above. Make the selection a step of the model that is cross-validated."""
    chosen = SelectKBest(k=10).fit_transform(X, y)
    return cross_val_score(make_pipeline(StandardScaler(), KNeighborsClassifier()), chosen, y, cv=5)


@honest_scores.mistake
def prepares_everything_before_the_folds(X, y):
    """You scaled and selected on the whole table and cross-validated only the last step. Every fold was tested
    on rows that had already helped to prepare it. Hand `cross_val_score` one model that holds all three steps."""
    chosen = SelectKBest(k=10).fit_transform(StandardScaler().fit_transform(X), y)
    return cross_val_score(KNeighborsClassifier(), chosen, y, cv=5)


@honest_scores.mistake
def scales_before_the_folds(X, y):
    """You scaled the whole table before the folds were cut. With tame data this hides; here one typing error in
    a test fold has squashed the columns of all training rows. Move the scaler into the model as its first step."""
    X = StandardScaler().fit_transform(X)
    return cross_val_score(make_pipeline(SelectKBest(k=10), KNeighborsClassifier()), X, y, cv=5)


@honest_scores.mistake
def forgets_to_scale(X, y):
    """Your selection is honest, but nothing is scaled: the neighbours listen to the columns in large units, as the
    raw wine did at the start. The standardising belongs into the model too, before the neighbours."""
    return cross_val_score(make_pipeline(SelectKBest(k=10), KNeighborsClassifier()), X, y, cv=5)


@honest_scores.mistake
def returns_the_mean(X, y):
    """You returned the mean of the five accuracies. Return all five: how far they lie apart tells you how much to
    trust their mean."""
    return cross_val_score(model(), X, y, cv=5).mean()


@honest_scores.mistake
def asks_the_rows_it_learned_from(X, y):
    """You scored the model on the rows that it was fitted on, and it remembers those. Each row has to be judged by
    a model that never saw it, which is what five folds are for."""
    return model().fit(X, y).score(X, y)


@honest_scores.accepts
def fold_by_fold(X, y):
    scores = []
    for train, test in StratifiedKFold(5).split(X, y):
        train_z, test_z = scale(X[train], by=X[train]), scale(X[test], by=X[train])
        select = SelectKBest(k=10).fit(train_z, y[train])
        neighbours = KNeighborsClassifier().fit(select.transform(train_z), y[train])
        scores.append(neighbours.score(select.transform(test_z), y[test]))
    return scores


@honest_scores.accepts
def with_named_steps(X, y):
    steps = [("ten", SelectKBest(k=10)), ("scale", StandardScaler()), ("near", KNeighborsClassifier())]
    return cross_validate(Pipeline(steps), X, y, cv=5)["test_score"]


# 4. inside_the_fold


@Check(value=True, compare=None)
def inside_the_fold():
    return {"median", "city", "neighbours", "compress"}


@inside_the_fold.property
def only_known_names(steps):
    """Your set holds nothing but keys of `steps`."""
    return set(steps) <= {"median", "logarithm", "city", "unit", "neighbours", "compress"}


@inside_the_fold.property
def only_steps_that_learn(steps):
    """No step of your set would give a row the same value whatever the other rows are."""
    return not set(steps) & {"logarithm", "unit"}


@inside_the_fold.property
def every_step_that_learns(steps):
    """Every step that measures, averages or chooses over several rows is in your set."""
    return set(steps) >= {"median", "city", "neighbours", "compress"}


@inside_the_fold.mistake
def everything():
    """You sent every step inside. That is safe, but the question is which steps must go there. Taking a logarithm
    or changing a unit gives a row the same value whoever its neighbours are: such steps learn nothing."""
    return {"median", "city", "neighbours", "compress", "logarithm", "unit"}


@inside_the_fold.mistake
def without_the_city():
    """You left `city` outside. The average price of a city is made of prices, which are the labels, and a city with
    one house gets exactly the answer. This is the most dangerous step of all six."""
    return {"median", "neighbours", "compress"}


@inside_the_fold.mistake
def without_the_neighbours():
    """You left `neighbours` outside. Whoever tries twenty numbers and keeps the one with the best test score has
    learned that number from the test set. Choosing is learning."""
    return {"median", "city", "compress"}


@inside_the_fold.mistake
def without_the_median():
    """You left `median` outside. A median is a number measured on rows, as the mean in your `standardise` is.
    Whose rows? Those of the training folds only."""
    return {"city", "neighbours", "compress"}


@inside_the_fold.mistake
def only_what_looks_at_labels():
    """You kept the steps that look at labels. But `standardise` never saw a label, and your detector could convict
    it all the same. Measuring the columns of the test rows is learning too: look at `median` and `compress`."""
    return {"city", "neighbours"}


@inside_the_fold.mistake
def only_what_measures_columns():
    """You found the steps that measure columns. Two more learn, and they learn from the labels: one averages
    them, the other keeps what scores best on them."""
    return {"median", "compress"}


@inside_the_fold.mistake
def the_harmless_ones():
    """You listed the steps that may stay outside. They treat every row by itself. Turn your list around."""
    return {"logarithm", "unit"}


@inside_the_fold.accepts
def as_a_list():
    return ["compress", "neighbours", "city", "median"]
