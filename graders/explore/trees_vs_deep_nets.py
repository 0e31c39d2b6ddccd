"""Decide whether a learner compares boosted trees with deep nets fairly, and knows what each takes for granted."""

import math
import time

import numpy as np

from shoshin import Check

# --- keep_epoch: early stopping


@Check(inputs="untouched")
def keep_epoch(losses, patience):
    kept, lowest = None, math.inf
    for epoch, loss in enumerate(losses):
        if loss < lowest:  # never true of nan
            kept, lowest, waited = epoch, loss, 0
        else:
            waited = epoch + 1 if kept is None else waited + 1
        if waited == patience:
            break
    return kept


@keep_epoch.case
def valley(rng):
    """a loss that falls and then rises"""
    return [0.9, 0.7, 0.6, 0.65, 0.7, 0.8, 0.9], 3


@keep_epoch.case
def lower_after_the_stop(rng):
    """a loss that falls again long after the run has ended"""
    return [0.8, 0.5, 0.6, 0.7, 0.9, 0.4, 0.3], int(rng.integers(2, 4))


@keep_epoch.case
def zigzag(rng):
    """a loss that goes up and down on its way to a new low"""
    return [0.9, 0.8, 0.85, 0.7, 0.75, 0.6, 0.65, 0.5, 0.55], 3


@keep_epoch.case
def hump(rng):
    """a loss that is worse for two epochs, falls on the way back, and finds a new low only after the run's end"""
    return [0.5, 0.9, 0.8, 0.7, 0.4], 3


@keep_epoch.case
def at_the_last_moment(rng):
    """a new low in the last epoch that patience allows"""
    return [0.6, 0.7, 0.8, 0.5, 0.6, 0.7], 3


@keep_epoch.case
def equals(rng):
    """the same lowest loss twice"""
    return [0.7, 0.4, 0.5, 0.4, 0.6, 0.3], 4


@keep_epoch.case
def nan_first(rng):
    """`nan` in the first epoch"""
    return [math.nan, 0.8, 0.6, 0.7, 0.65], 3


@keep_epoch.case
def nan_later(rng):
    """`nan` in the middle of the run"""
    return [0.9, 0.6, math.nan, 0.5, 0.55], 3


@keep_epoch.case
def patience_left_over(rng):
    """more patience than epochs"""
    return [0.9, 0.5, 0.6], 10


@keep_epoch.case
def no_number_at_all(rng):
    """nothing but `nan`"""
    return [math.nan] * 4, 3


@keep_epoch.mistake
def looks_past_the_end(losses, patience):
    """You searched the whole list. After `patience` epochs in a row without a new low the run is over: the later
    losses come from epochs that nobody would have trained. Walk through the list and stop where the run stops."""
    numbers = [loss for loss in losses if loss == loss]
    return losses.index(min(numbers)) if numbers else None


@keep_epoch.mistake
def argmin_of_everything(losses, patience):
    """You took the position of the smallest entry of the whole list. That looks past the end of the run, at epochs
    that nobody would have trained, and `np.argmin` takes `nan` for the smallest number of all."""
    return int(np.argmin(losses))


@keep_epoch.mistake
def keeps_the_last_epoch(losses, patience):
    """You named the epoch in which the run ends. By then the net has had `patience` epochs to get worse; the
    weights to keep are those of the best epoch before. Remember its number when you see it."""
    kept, lowest, waited = None, math.inf, 0
    for epoch, loss in enumerate(losses):
        kept, lowest, waited = (epoch, loss, 0) if loss < lowest else (kept, lowest, waited + 1)
        if waited == patience:
            break
    return None if kept is None else epoch


@keep_epoch.mistake
def returns_the_loss(losses, patience):
    """You returned the lowest loss itself. The loop that calls you wants to know *which* weights to keep: the
    number of the epoch, counted from 0."""
    epoch = keep_epoch.reference(losses, patience)
    return None if epoch is None else losses[epoch]


@keep_epoch.mistake
def never_forgives(losses, patience):
    """You counted all epochs without a new low, not those *in a row*. A loss that zigzags downwards is ended in
    the middle of its progress. What should happen to the count when a new low arrives?"""
    kept, lowest, waited = None, math.inf, 0
    for epoch, loss in enumerate(losses):
        kept, lowest, waited = (epoch, loss, waited) if loss < lowest else (kept, lowest, waited + 1)
        if waited == patience:
            break
    return kept


@keep_epoch.mistake
def compares_with_the_epoch_before(losses, patience):
    """You compared each loss with the one before it. Then a loss that jumps up and creeps back counts as progress,
    though it is worse than what you already have. Compare with the lowest loss so far."""
    kept, lowest, before, waited = None, math.inf, math.inf, 0
    for epoch, loss in enumerate(losses):
        kept, lowest = (epoch, loss) if loss < lowest else (kept, lowest)
        waited = 0 if loss < before else waited + 1
        before = loss if loss == loss else before
        if waited == patience:
            break
    return kept


@keep_epoch.mistake
def starts_with_the_first_loss(losses, patience):
    """You began with the first loss as the lowest, and it can be `nan`. No number is smaller than `nan`, so nothing
    ever beats it and epoch 0 stays. Begin with something that every number beats."""
    kept, waited = 0, 0
    for epoch, loss in enumerate(losses):
        kept, waited = (epoch, 0) if loss < losses[kept] else (kept, waited + (epoch > 0))
        if waited == patience:
            break
    return kept


@keep_epoch.mistake
def keeps_the_later_of_equals(losses, patience):
    """You took an equal loss for a new low. Equal is not lower: whoever trains until nothing improves would go on for
    ever on a plateau. Look at your comparison."""
    kept, lowest, waited = None, math.inf, 0
    for epoch, loss in enumerate(losses):
        kept, lowest, waited = (epoch, loss, 0) if loss <= lowest else (kept, lowest, waited + 1)
        if waited == patience:
            break
    return kept


@keep_epoch.mistake
def waits_one_too_long(losses, patience):
    """Your run goes on for one epoch more than `patience` allows. With a patience of 3, the third epoch in a row
    without a new low is the last one. Look at when you compare the count with `patience`."""
    return keep_epoch.reference(losses, patience + 1)


@keep_epoch.mistake
def gives_up_one_too_soon(losses, patience):
    """Your run ends one epoch before `patience` is used up. With a patience of 3, it takes three epochs in a row
    without a new low. Look at when you count, and when you compare the count."""
    return keep_epoch.reference(losses, patience - 1)


@keep_epoch.accepts
def from_the_distance(losses, patience):
    best = -1
    for epoch, loss in enumerate(losses):
        if not np.isnan(loss) and (best < 0 or loss < losses[best]):
            best = epoch
        elif epoch - best >= patience:
            break
    return best if best >= 0 else None


@keep_epoch.accepts
def from_the_list_so_far(losses, patience):
    clean = np.nan_to_num(np.array(losses, dtype=float), nan=np.inf)
    for end in range(1, len(clean) + 1):
        best = int(np.argmin(clean[:end])) if np.isfinite(clean[:end]).any() else None
        if end - (0 if best is None else best + 1) == patience:
            break
    return best


# --- tune: the same number of tries for both, judged on validation rows


@Check
def tune(fit, configurations, data, budget):
    scores = [fit(configuration, data).score(*data["valid"]) for configuration in configurations[:budget]]
    return configurations[scores.index(max(scores))]


@tune.probe
def with_a_model_whose_scores_are_known(answer, scores, budget):
    fitted, looked_at = [], set()
    data = {part: (f"{part} rows", f"{part} answers") for part in ("train", "valid", "test")}

    class Model:
        def __init__(self, name):
            self.name = name

        def score(self, X, y):
            part = next((part for part in data if data[part] == (X, y)), "rows and answers that do not belong together")
            looked_at.add(part)
            return scores[self.name].get(part, 0.0)

    def fit(configuration, rows):
        fitted.append(configuration["name"])
        return Model(configuration["name"])

    chosen = answer(fit, [{"name": name} for name in scores], data, budget)
    return {"chosen": chosen, "fitted": fitted, "scored on": sorted(looked_at)}


def known_scores(*rows):
    """Return the scores of configurations A, B, C, … on the three parts."""
    return {name: dict(zip(("train", "valid", "test"), row, strict=True)) for name, row in zip("ABCDEF", rows)}


@tune.case
def the_last_would_win(rng):
    """six configurations, the best of them beyond a budget of 4"""
    order = [(0.90, 0.70, 0.69), (0.95, 0.78, 0.76), (0.99, 0.74, 0.72), (0.93, 0.77, 0.80)]
    order = [order[place] for place in rng.permutation(4)]
    return known_scores(*order, (0.97, 0.91, 0.92), (0.91, 0.72, 0.71)), 4


@tune.case
def equally_good(rng):
    """two configurations that are equally good on the validation rows"""
    return known_scores((0.90, 0.71, 0.72), (0.92, 0.80, 0.75), (0.95, 0.80, 0.79), (0.99, 0.75, 0.80)), 4


@tune.case
def budget_left_over(rng):
    """a budget larger than the number of configurations"""
    return known_scores((0.85, 0.74, 0.76), (0.99, 0.72, 0.70), (0.90, 0.70, 0.78)), 5


@tune.mistake
def tries_them_all(fit, configurations, data, budget):
    """You tried every configuration, whatever the budget. Whoever may try more often wins more often, by luck
    alone, and your comparison then measures the number of tries. `budget` is the most you may fit."""
    return tune.reference(fit, configurations, data, len(configurations))


@tune.mistake
def trusts_the_training_rows(fit, configurations, data, budget):
    """You scored each model on the rows it was trained on. There the configuration that memorises best wins, not the
    one that predicts best. Which part was set aside for choosing?"""
    return tune.reference(fit, configurations, data | {"valid": data["train"]}, budget)


@tune.mistake
def chooses_by_the_test_rows(fit, configurations, data, budget):
    """You chose by the test rows. The winner then owes part of its score to luck on these very rows, and
    nothing is left that could tell you. Which part was set aside for choosing?"""
    return tune.reference(fit, configurations, data | {"valid": data["test"]}, budget)


@tune.mistake
def keeps_the_worst(fit, configurations, data, budget):
    """You kept the lowest score. These scores are shares of right answers: larger is better. (A loss would be the
    other way round.)"""
    scores = [fit(configuration, data).score(*data["valid"]) for configuration in configurations[:budget]]
    return configurations[scores.index(min(scores))]


@tune.mistake
def keeps_the_last(fit, configurations, data, budget):
    """You returned the configuration that was tried last. The loop overwrites your choice in each round; let it do so
    only when the new score is better."""
    for configuration in configurations[:budget]:
        fit(configuration, data).score(*data["valid"])
    return configurations[:budget][-1]


@tune.mistake
def keeps_the_later_of_equals(fit, configurations, data, budget):
    """Two configurations were equally good, and you kept the later one. The task asks for the first: a new one must be
    *better* to replace it."""
    scores = [fit(configuration, data).score(*data["valid"]) for configuration in configurations[:budget]]
    return max(zip(scores, range(len(scores)), configurations[:budget], strict=True), key=lambda entry: entry[:2])[2]


@tune.mistake
def returns_the_score(fit, configurations, data, budget):
    """You returned the best score. The next cell wants to train with the configuration that reached it, so that is
    what to hand over."""
    return max(fit(configuration, data).score(*data["valid"]) for configuration in configurations[:budget])


@tune.mistake
def returns_the_position(fit, configurations, data, budget):
    """You returned the position of the best configuration. The next cell wants to train with it: return the entry of
    `configurations` at that position."""
    return configurations.index(tune.reference(fit, configurations, data, budget))


@tune.mistake
def fits_each_twice(fit, configurations, data, budget):
    """You fitted every configuration twice, so you spent twice the budget (and twice the time). Fit once, keep
    the score under a name, and use the name."""
    best, best_score = None, -math.inf
    for configuration in configurations[:budget]:
        if fit(configuration, data).score(*data["valid"]) > best_score:
            best, best_score = configuration, fit(configuration, data).score(*data["valid"])
        else:
            fit(configuration, data)
    return best


@tune.mistake
def fits_winners_twice(fit, configurations, data, budget):
    """You fitted a configuration a second time whenever it took the lead, so you spent more than the budget. Fit
    once, keep the score under a name, and use the name."""
    best, best_score = None, -math.inf
    for configuration in configurations[:budget]:
        if fit(configuration, data).score(*data["valid"]) > best_score:
            best, best_score = configuration, fit(configuration, data).score(*data["valid"])
    return best


@tune.accepts
def with_a_loop(fit, configurations, data, budget):
    best, best_score = None, -math.inf
    X, y = data["valid"]
    for tried, configuration in enumerate(configurations):
        if tried == budget:
            break
        score = fit(configuration, data).score(X, y)
        if score > best_score:
            best, best_score = configuration, score
    return best


@tune.accepts
def with_max_and_a_key(fit, configurations, data, budget):
    return max(configurations[:budget], key=lambda configuration: fit(configuration, data).score(*data["valid"]))


# --- measure: score and time over growing training sets


@Check
def measure(fit, configuration, data, sizes):
    X, y = data["train"]
    results = []
    for n in sizes:
        began = time.perf_counter()
        model = fit(configuration, data | {"train": (X[:n], y[:n])})
        seconds = time.perf_counter() - began
        results.append({"rows": n, "seconds": seconds, "score": model.score(*data["test"])})
    return results


@measure.probe
def with_a_slow_model(answer, available, sizes):
    import time

    import numpy as np

    data, first = {}, 0
    for part, rows in (("train", available), ("valid", 7), ("test", 9)):
        data[part] = np.arange(first, first + rows)[:, None] * np.ones((1, 2)), np.arange(first, first + rows)
        first += rows
    whole, runs, settings = dict(data), [], {"depth": 3}

    class Model:
        def __init__(self, rows):
            self.rows = rows

        def score(self, X, y):
            began = time.perf_counter()
            time.sleep(0.03)
            part = next((p for p in whole if np.array_equal(whole[p][0], X) and np.array_equal(whole[p][1], y)), "other")
            runs[-1] |= {"scored on": part, "scoring": time.perf_counter() - began}
            return {"test": 0.5, "valid": 0.6}.get(part, 0.9) + self.rows / 1000

    def fit(configuration, given):
        began = time.perf_counter()
        time.sleep(0.01)
        X, y = given["train"]
        if len(X) != len(y):
            raise ValueError(f"X has {len(X)} rows, y has {len(y)}")
        rows = "the first" if np.array_equal(whole["train"][0][: len(X)], X) else "other"
        kept = all(np.array_equal(given[part][0], whole[part][0]) for part in ("valid", "test"))
        runs.append({"rows": len(X), "which": rows, "others whole": kept, "asked": configuration == settings})
        runs[-1]["fitting"] = time.perf_counter() - began
        return Model(len(X))

    results = answer(fit, settings, data, sizes)
    if not isinstance(results, list) or not all(isinstance(row, dict) for row in results):
        return {"returned": results}
    words, elapsed = [], 0.0
    for run, result in zip(runs, results, strict=False):
        seconds, scoring = result.get("seconds"), run.get("scoring", 0.0)
        if not isinstance(seconds, (int, float)):
            words.append("no number")
        elif seconds < run["fitting"]:
            words.append("less than the fit took")
        elif elapsed and seconds >= elapsed + run["fitting"]:
            words.append("since the loop began")
        else:
            words.append("the fit alone" if not scoring or seconds < run["fitting"] + scoring else "more than the fit")
        elapsed += run["fitting"] + scoring
    # A busy machine may hold up one of the runs; what most of them say, counts.
    return {
        "keys": [sorted(map(str, row)) for row in results],
        "rows": [row.get("rows") for row in results],
        "score": [row.get("score") for row in results],
        "seconds": max(words[1:] or words, key=words[1:].count) if words else "none",
        "trained on": [f"{run['which']} {run['rows']}" for run in runs],
        "scored on": [run.get("scored on", "nothing") for run in runs],
        "validation and test rows whole": all(run["others whole"] for run in runs),
        "with the configuration": all(run["asked"] for run in runs),
    }


@measure.case
def growing(rng):
    """four growing sizes"""
    return 40, [5, 10, 20, 40]


@measure.case
def in_any_order(rng):
    """sizes in no order"""
    return 60, [int(size) for size in rng.permutation([30, 6, 12])]


def measured(fit, configuration, data, sizes, *, rows=None, part="test", clock=time.perf_counter):
    """`measure` with one thing done differently."""
    X, y = data["train"]
    results = []
    for n in sizes:
        used = n if rows is None else rows
        began = clock()
        model = fit(configuration, data | {"train": (X[:used], y[:used])})
        seconds = clock() - began
        results.append({"rows": n, "seconds": seconds, "score": model.score(*data[part])})
    return results


@measure.mistake
def trains_on_all_rows(fit, configuration, data, sizes):
    """You trained on all the rows each time, whatever the size. Both curves would come out flat. Hand `fit` a data
    set whose `"train"` part holds the first `n` rows only."""
    return measured(fit, configuration, data, sizes, rows=len(data["train"][0]))


@measure.mistake
def scores_the_training_rows(fit, configuration, data, sizes):
    """You scored the model on training rows. It has seen them: with few rows the score is close to 1, and *more*
    data seems to make it worse. Score on the part that nobody has touched."""
    return measured(fit, configuration, data, sizes, part="train")


@measure.mistake
def scores_the_rows_it_trained_on(fit, configuration, data, sizes):
    """You scored the model on the very rows it was trained on. With few rows the score is close to 1, and *more* data
    seems to make it worse. Score on the part that nobody has touched."""
    X, y = data["train"]
    results = []
    for n in sizes:
        began = time.perf_counter()
        model = fit(configuration, data | {"train": (X[:n], y[:n])})
        seconds = time.perf_counter() - began
        results.append({"rows": n, "seconds": seconds, "score": model.score(X[:n], y[:n])})
    return results


@measure.mistake
def scores_the_validation_rows(fit, configuration, data, sizes):
    """You scored on the validation rows. They have already decided the configuration and the epoch, so they
    flatter whoever used them most. Only the test part is untouched."""
    return measured(fit, configuration, data, sizes, part="valid")


@measure.mistake
def times_the_scoring_too(fit, configuration, data, sizes):
    """Your clock still runs while the model is scored. The test part is the same at every size, so you add the same
    amount to each point, and small sizes look slow. Stop the clock as soon as `fit` returns."""
    X, y = data["train"]
    results = []
    for n in sizes:
        began = time.perf_counter()
        score = fit(configuration, data | {"train": (X[:n], y[:n])}).score(*data["test"])
        results.append({"rows": n, "seconds": time.perf_counter() - began, "score": score})
    return results


@measure.mistake
def starts_the_clock_once(fit, configuration, data, sizes):
    """You started the clock once, before the loop. Each time then contains all the runs before it. Start it anew
    for each size, right before `fit`."""
    X, y = data["train"]
    began, results = time.perf_counter(), []
    for n in sizes:
        model = fit(configuration, data | {"train": (X[:n], y[:n])})
        seconds = time.perf_counter() - began
        results.append({"rows": n, "seconds": seconds, "score": model.score(*data["test"])})
    return results


@measure.mistake
def counts_processor_time(fit, configuration, data, sizes):
    """Your clock counts the work of the processor, not the time that you wait: with two cores at work it runs twice as
    fast, and while the program waits it stands still. `time.perf_counter()` is a clock on the wall."""
    return measured(fit, configuration, data, sizes, clock=time.process_time)


@measure.mistake
def cuts_the_rows_but_not_the_answers(fit, configuration, data, sizes):
    """You cut `X` and left `y` whole (or the other way round), so `fit` received rows and answers of different
    numbers. Cut both at the same place."""
    X, y = data["train"]
    return [{"rows": n, "seconds": 0.0, "score": fit(configuration, data | {"train": (X[:n], y)})} for n in sizes]


@measure.mistake
def shrinks_the_data_for_good(fit, configuration, data, sizes):
    """You wrote the first `n` rows back into `data`, so the next, larger size finds only those. Everybody after
    you would find a shrunken data set too. Make a new dict, for example with `|`."""
    results = []
    for n in sizes:
        X, y = data["train"]
        data["train"] = X[:n], y[:n]
        began = time.perf_counter()
        model = fit(configuration, data)
        seconds = time.perf_counter() - began
        results.append({"rows": n, "seconds": seconds, "score": model.score(*data["test"])})
    return results


@measure.mistake
def keeps_only_the_last(fit, configuration, data, sizes):
    """You returned the result of one size. Collect one dict per size in a list, and return the list after the
    loop (is the `return` indented too far?)."""
    return measured(fit, configuration, data, sizes[:1])


@measure.accepts
def with_a_smaller_dict(fit, configuration, data, sizes):
    results = []
    for n in sizes:
        smaller = {part: (X[:n], y[:n]) if part == "train" else (X, y) for part, (X, y) in data.items()}
        began = time.monotonic()
        model = fit(configuration, smaller)
        ended = time.monotonic()
        X_test, y_test = data["test"]
        results.append(dict(score=model.score(X_test, y_test), rows=int(n), seconds=ended - began))
    return results


# --- small_cnn: a net that takes neighbourhoods for granted


@Check
def small_cnn():
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 3 * 3, 10)),
    )


@small_cnn.probe
def look_inside(answer):
    import torch
    from torch import nn

    net = answer()
    if not isinstance(net, nn.Module):
        return {"a net came back": False, "instead": type(net).__name__}
    seen, entered = [], []
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_pre_hook(lambda module, given: entered.append(module))
            module.register_forward_hook(lambda module, given, out: seen.append((module, given[0])))
    net.eval()
    images = torch.rand(6, 1, 12, 12)
    try:
        with torch.no_grad():
            scores = net(images)
            del seen[:]
            net(1000 * images)  # so large that the biases do not matter
    except RuntimeError:
        if len(entered) == len(seen):  # no layer of weights was at fault
            raise
        kind = "the last layer" if isinstance(entered[-1], nn.Linear) else f"convolution {len(entered)}"
        return {"a net came back": True, "a layer expects another shape": kind}
    windows = [module for module, _ in seen if isinstance(module, nn.Conv2d)]
    # A ReLU leaves nothing below zero for the next layer; others (GELU, leaky) leave next to nothing.
    bends = [
        bool(given.min() > -0.05 * given.abs().max())
        for (before, _), (_, given) in zip(seen, seen[1:], strict=False)
        if isinstance(before, nn.Conv2d)
    ]
    shares = torch.is_tensor(scores) and bool((scores >= 0).all() and (scores.sum(-1) - 1).abs().max() < 1e-4)
    return {
        "a net came back": True,
        "shape for 6 images": list(scores.shape) if torch.is_tensor(scores) else type(scores).__name__,
        "at least 2 convolutions": len(windows) >= 2,
        "windows smaller than 6 x 6": all(max(module.kernel_size) < 6 for module in windows),
        "bent after each convolution": all(bends),
        "scores, not shares that add up to 1": not shares,
        "at most 10,000 weights": sum(weights.numel() for weights in net.parameters()) <= 10_000,
    }


def layers(*middle, flat=32 * 3 * 3, tail=()):
    """Return a net whose last layer expects `flat` numbers."""
    from torch import nn

    return nn.Sequential(*middle, nn.Flatten(), nn.Linear(flat, 10), *tail)


def block(before, after, *, bend=True, pool=True):
    """Return the layers of one convolution."""
    from torch import nn

    return [
        nn.Conv2d(before, after, 3, padding=1),
        *([nn.ReLU()] if bend else []),
        *([nn.MaxPool2d(2)] if pool else []),
    ]


@small_cnn.mistake
def softmax_at_the_end():
    """Your net ends in a softmax. `nn.CrossEntropyLoss` applies one itself; after two of them all ten scores are nearly
    equal and the gradients fade. Return the scores of the last layer as they are."""
    from torch import nn

    return layers(*block(1, 16), *block(16, 32), tail=[nn.Softmax(dim=1)])


@small_cnn.mistake
def no_bend():
    """A convolution is followed by no `nn.ReLU`. Two weighted sums in a row are one weighted sum: the second layer
    adds weights, but little that the first could not do. Where is the bend after each convolution?"""
    return layers(*block(1, 16, bend=False), *block(16, 32, bend=False))


@small_cnn.mistake
def only_dense_layers():
    """There is no convolution in your net, it connects every pixel with everything. That costs many weights, and to
    such a net a neighbour is a pixel like any other. Begin with `nn.Conv2d`."""
    from torch import nn

    return nn.Sequential(nn.Flatten(), nn.Linear(144, 128), nn.ReLU(), nn.Linear(128, 10))


@small_cnn.mistake
def never_pools():
    """Your net has more than 10,000 weights, and nearly all of them sit in the last layer: it sees every
    position of every channel. Halve height and width after each convolution."""
    return layers(*block(1, 16, pool=False), *block(16, 32, pool=False), flat=32 * 12 * 12)


@small_cnn.mistake
def pools_only_once():
    """Your net has more than 10,000 weights: most of them sit in the last layer, which still sees 6 x 6 positions of
    every channel. Halve height and width after *each* convolution."""
    return layers(*block(1, 16), *block(16, 32, pool=False), flat=32 * 6 * 6)


@small_cnn.mistake
def last_layer_expects_another_size():
    """The last layer expects another number of inputs than it receives. Follow the shape: height and width begin at 12
    and are halved by each pooling; `nn.Flatten` then lays channels x height x width in a row."""
    return layers(*block(1, 16), *block(16, 32), flat=32 * 12 * 12)


@small_cnn.mistake
def second_convolution_expects_other_channels():
    """The second convolution expects another number of channels than the first one hands over. The first number of a
    `nn.Conv2d` is what comes in, the second what goes out; each must come in as it went out before."""
    from torch import nn

    return layers(*block(1, 16), nn.Conv2d(1, 32, 3, padding=1))


@small_cnn.mistake
def first_convolution_expects_colours():
    """The first convolution does not expect one channel. A grey picture is one number per pixel, and that is its first
    argument (a colour photograph would have three)."""
    return layers(*block(3, 16), *block(16, 32))


@small_cnn.mistake
def one_convolution_only():
    """Your net has one convolution. Its windows see strokes of three pixels, and nothing puts strokes together. Add a
    second one, which looks at what the first has found."""
    return layers(*block(1, 16), flat=16 * 6 * 6)


@small_cnn.accepts
def as_a_class():
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Conv2d(1, 12, 5, padding=2), nn.Conv2d(12, 24, 3, padding=1)
            self.last = nn.Linear(24 * 3 * 3, 10)

        def forward(self, x):
            x = nn.functional.max_pool2d(torch.relu(self.first(x)), 2)
            x = nn.functional.max_pool2d(torch.relu(self.second(x)), 2)
            return self.last(x.flatten(1))

    return Net()


@small_cnn.accepts
def without_padding_and_normalised():
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.1), nn.Linear(128, 10)),
    )


# --- shuffle_pixels: one rearrangement for all images


@Check(inputs="untouched")
def shuffle_pixels(train, test, rng):
    order = rng.permutation(train[0].size)
    return tuple(images.reshape(len(images), -1)[:, order].reshape(images.shape) for images in (train, test))


@shuffle_pixels.probe
def follow_every_pixel(answer, train, test, seed):
    import numpy as np

    height, width = train.shape[1:]
    returned = answer(train, test, np.random.default_rng(seed))
    if not isinstance(returned, tuple) or len(returned) != 2:
        return {"two arrays came back": False, "instead": type(returned).__name__}
    # Pixel p of image i holds 100 * i + p.
    numbers, facts = [], {"two arrays came back": True}
    for name, images, given in (("train", returned[0], train), ("test", returned[1], test)):
        images = np.asarray(images)
        facts[f"{name} shape"] = list(images.shape)
        if images.shape != given.shape:
            return facts
        image, pixel = np.divmod(images.round().astype(int), 100)
        wanted = np.divmod(given.round().astype(int), 100)[0]
        whole = (np.sort(pixel.reshape(len(images), -1)) == np.arange(height * width)).all()
        facts[f"{name} images keep their pixels"] = bool(whole and (np.ptp(image, axis=(1, 2)) == 0).all())
        facts[f"{name} images keep their order"] = bool((image == wanted).all())
        numbers.append(pixel.reshape(len(images), -1))
    lines = numbers[0][0].reshape(height, width) // width
    columns = numbers[0][0].reshape(height, width) % width
    return facts | {
        "pixels moved": bool((numbers[0][0] != np.arange(height * width)).any()),
        "rows of pixels torn apart": not (lines == lines[:, :1]).all(),
        "columns of pixels torn apart": not (columns == columns[:1]).all(),
        "same rearrangement for all training images": bool((numbers[0] == numbers[0][0]).all()),
        "same rearrangement for all test images": bool((numbers[1] == numbers[1][0]).all()),
        "same rearrangement for train and test": bool((numbers[1] == numbers[0][0]).all()),
    }


def numbered(first, images, height, width):
    """Return images whose pixel p, in image i, holds 100 * i + p."""
    pixels = np.arange(height * width).reshape(height, width)
    return (100.0 * np.arange(first, first + images)[:, None, None] + pixels).astype(np.float32)


@shuffle_pixels.case
def square(rng):
    """square images"""
    return numbered(0, 6, 6, 6), numbered(6, 4, 6, 6), int(rng.integers(1000))


@shuffle_pixels.case
def wide(rng):
    """images wider than high"""
    return numbered(0, 5, 5, 8), numbered(5, 5, 5, 8), int(rng.integers(1000))


@shuffle_pixels.mistake
def another_for_the_test_images(train, test, rng):
    """The test images got another rearrangement than the training images. Every model would fail, and the experiment
    would say nothing: it has to move the *same* pixel to the same place everywhere. Draw one order, use it twice."""
    return shuffle_pixels.reference(train, train, rng)[0], shuffle_pixels.reference(test, test, rng)[0]


@shuffle_pixels.mistake
def another_for_each_image(train, test, rng):
    """Every image got its own rearrangement. Then place 17 holds another pixel in each image, and nothing is left to
    learn, for anybody. One order has to serve them all. (`rng.permuted` draws anew for each row.)"""
    flat = [rng.permuted(images.reshape(len(images), -1), axis=1) for images in (train, test)]
    return flat[0].reshape(train.shape), flat[1].reshape(test.shape)


@shuffle_pixels.mistake
def shuffles_the_images(train, test, rng):
    """You changed the order of the images, and left each image as it is. They would no longer fit their labels.
    The axis that is to be shuffled is the one of the pixels: lay each image out as one row first."""
    return rng.permutation(train), rng.permutation(test)


@shuffle_pixels.mistake
def shuffles_whole_lines(train, test, rng):
    """You moved whole rows of pixels up and down. Left and right neighbours stay together, so much of the
    picture survives. To move every pixel by itself, lay each image out as one row first."""
    order = rng.permutation(train.shape[1])
    return train[:, order], test[:, order]


@shuffle_pixels.mistake
def shuffles_whole_columns(train, test, rng):
    """You moved whole columns of pixels to the left and right. Upper and lower neighbours stay together, so much of
    the picture survives. To move every pixel by itself, lay each image out as one row first."""
    order = rng.permutation(train.shape[2])
    return train[:, :, order], test[:, :, order]


@shuffle_pixels.mistake
def leaves_the_test_images(train, test, rng):
    """You shuffled the training images and left the test images as they were. The model then meets pixels in places it
    has never seen them in. The same order belongs to both."""
    return shuffle_pixels.reference(train, test, rng)[0], test


@shuffle_pixels.mistake
def leaves_them_flat(train, test, rng):
    """You shuffled them, and left each image as one long row. The CNN wants height and width: give
    the arrays their old shape back."""
    return tuple(images.reshape(len(images), -1) for images in shuffle_pixels.reference(train, test, rng))


@shuffle_pixels.mistake
def mixes_pixels_of_different_images(train, test, rng):
    """Pixels have moved from one image into another. Shuffle along the axis of the pixels only: with
    `(images, pixels)` that is axis 1, and `order` has as many entries as *one* image has pixels."""
    return rng.permutation(train.ravel()).reshape(train.shape), rng.permutation(test.ravel()).reshape(test.shape)


@shuffle_pixels.accepts
def both_at_once(train, test, rng):
    both = np.concatenate([train, test])
    mixed = rng.permutation(both.reshape(len(both), -1), axis=1).reshape(both.shape)
    return mixed[: len(train)], mixed[len(train) :]


@shuffle_pixels.accepts
def by_coordinates(train, test, rng):
    _, height, width = train.shape
    down, across = np.unravel_index(rng.permutation(height * width), (height, width))
    return tuple(images[:, down, across].reshape(-1, height, width) for images in (train, test))


# --- decision: what you would do, and what would change your mind


@Check(compare=None, value=True)
def decision():
    return (
        "For a table whose columns mean something by themselves I try boosted trees first: 85 % right in 0.4 s, against "
        "78 % for the net. For images I train a CNN, because neighbouring pixels belong together. I would change my mind "
        "if a net came within one point of the trees on my own rows."
    )


@decision.probe
def read(answer):
    import re

    if not isinstance(answer, str):
        return {"text": False}
    words = re.findall(r"[^\W\d_][\w'’-]*", answer.lower())
    sentences = [part for part in re.split(r"[.!?]+(?=\s|$)", answer) if re.search(r"\w", part)]
    return {
        "text": True,
        "sentences": 2 <= len(sentences) <= 6,
        "words": 25 <= len(words) <= 120,
        "trees": any(word.startswith(("tree", "boost")) for word in words),
        "net": any(word.startswith(("net", "cnn", "mlp", "convnet")) for word in words),
        "numbers": len(re.findall(r"(?<![\w.,])\d+(?:[.,]\d+)*", answer)) >= 2,
        "condition": bool({"if", "unless", "when", "once", "until", "whenever"} & set(words)),
    }


@decision.property
def is_a_text(facts):
    """Your decision is a text, in quotation marks."""
    return facts["text"]


@decision.property
def has_a_few_sentences(facts):
    """It has two to six sentences, each ended by a full stop."""
    return facts["sentences"]


@decision.property
def has_the_length_of_a_note(facts):
    """It has 25 to 120 words: a note that a colleague reads to the end."""
    return facts["words"]


@decision.property
def names_both(facts):
    """It names both sides: the trees, and a net (or MLP, or CNN)."""
    return facts["trees"] and facts["net"]


@decision.property
def quotes_measurements(facts):
    """It quotes at least two numbers that you measured, written as digits."""
    return facts["numbers"]


@decision.property
def says_when_it_would_turn(facts):
    """It says what would change your mind, with a word such as "if", "unless" or "when"."""
    return facts["condition"]


@decision.mistake
def a_slogan():
    """That is a slogan. A colleague cannot see what it rests on, nor when it stops being true. Add the two numbers that
    convinced you most, and what you would have to see to decide otherwise."""
    return "Trees for tables, nets for images."


@decision.mistake
def an_opinion():
    """You decided without a number. Two years from now nobody, you included, can tell what it rested on. Quote two of
    the scores or times that you measured above, in digits."""
    return (
        "I would use boosted trees for tables, because they were clearly better and also much faster to train. "
        "For images I would use a CNN, if I have enough of them. The MLP was never the best choice for me."
    )


@decision.mistake
def for_ever():
    """You quote what you measured, but nothing could change your mind. A decision is worth most with the condition
    under which it falls: which measurement would turn it? Say so with "if", "unless" or "when"."""
    return (
        "I use boosted trees for tables because they had 85 % right against 78 % for the net. They also needed "
        "only 0.4 seconds for 8000 rows. For images I use a CNN, which had 92 % right."
    )


@decision.mistake
def one_side_only():
    """You decided about the trees and left the nets out. The exercise compares two tools: say where each
    one is your first try."""
    return (
        "I use boosted trees for tables because they had 85 % of the answers right. They also needed only 0.4 "
        "seconds for 8000 rows. I would look for something else if the columns had been mixed."
    )


@decision.accepts
def other_words():
    return (
        "Tables go to gradient boosting first (0.846 of the test rows right, the MLP 0.787). Photos go to a CNN: 0.91 "
        "against 0.68. Unless shuffling the pixels costs the CNN nothing: then neighbours carry no information, and the "
        "cheaper model stays."
    )
