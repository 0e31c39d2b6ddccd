"""Decide whether a learner compares boosted trees with deep nets fairly, and knows what each takes for granted."""

import math
import operator
import time

import numpy as np

from shoshin import Check

# --- keep_epoch: early stopping


def early_stop(losses, patience, better=operator.lt, forgives=True):
    """Return (epoch to keep, epoch of the end)."""
    kept, lowest, waited, epoch = None, math.inf, 0, None
    for epoch, loss in enumerate(losses):
        if better(loss, lowest):  # never true of nan
            kept, lowest, waited = epoch, loss, 0 if forgives else waited
        else:
            waited += 1
        if waited == patience:
            break
    return kept, epoch


@Check(inputs="untouched")
def keep_epoch(losses, patience):
    return early_stop(losses, patience)[0]


@keep_epoch.case
def valley(rng):
    """a loss that falls and then rises"""
    return [0.9, 0.7, 0.6, 0.65, 0.7, 0.8, 0.9], 3


@keep_epoch.case
def long_after_the_end(rng):
    """a loss that falls again long after the run has ended"""
    return [0.8, 0.5, 0.6, 0.7, 0.9, 0.8, 0.4, 0.3], int(rng.integers(2, 4))


@keep_epoch.case
def right_after_the_end(rng):
    """a new low one epoch after the run has ended"""
    return [0.5, 0.6, 0.7, 0.8, 0.4], 3


@keep_epoch.case
def zigzag(rng):
    """a loss that goes up and down on its way to new lows"""
    return [0.9, 0.8, 0.85, 0.7, 0.75, 0.6, 0.65, 0.5, 0.55], 3


@keep_epoch.case
def last_moment(rng):
    """a new low in the last epoch that patience allows"""
    return [0.6, 0.7, 0.8, 0.5, 0.6, 0.7], 3


@keep_epoch.case
def equals(rng):
    """the same lowest loss twice"""
    return [0.7, 0.4, 0.5, 0.4, 0.6, 0.7], 4


@keep_epoch.case
def nan_first(rng):
    """`nan` in the first epoch"""
    return [math.nan, 0.8, 0.6, 0.7, 0.65], 3


@keep_epoch.case
def patience_left_over(rng):
    """more patience than epochs"""
    return [0.9, 0.5, 0.6], 10


@keep_epoch.mistake
def looks_past_the_end(losses, patience):
    """You searched the whole list. After `patience` epochs in a row without a new low the run is over: the later losses
    come from epochs that nobody would have trained. Walk through the list, and stop where the run stops."""
    return int(np.nanargmin(losses))


@keep_epoch.mistake
def argmin_of_everything(losses, patience):
    """You took the position of the smallest entry of the whole list. That looks past the end of the run, at epochs that
    nobody would have trained, and takes a `nan` for the smallest of all. Walk through the list instead."""
    return int(np.argmin(losses))


@keep_epoch.mistake
def keeps_the_last_epoch(losses, patience):
    """You named the epoch in which the run ends. By then the net has had `patience` epochs to get worse; the
    weights to keep are those of the best epoch before. Remember its number when you pass it."""
    return early_stop(losses, patience)[1]


@keep_epoch.mistake
def returns_the_loss(losses, patience):
    """You returned the lowest loss itself. The loop that calls you wants to know *which* weights to keep: the
    number of the epoch, counted from 0."""
    return losses[early_stop(losses, patience)[0]]


@keep_epoch.mistake
def never_forgives(losses, patience):
    """You counted all epochs without a new low, not those **in a row**. A loss that zigzags downwards is ended in
    the middle of its progress. What should happen to the count when a new low arrives?"""
    return early_stop(losses, patience, forgives=False)[0]


@keep_epoch.mistake
def begins_with_the_first_loss(losses, patience):
    """You began with the first loss as the lowest, and it can be `nan`. No number is smaller than `nan`, so nothing
    ever beats it, and epoch 0 stays. Begin with something that every number beats."""
    return 0 if losses[0] != losses[0] else early_stop(losses, patience)[0]


@keep_epoch.mistake
def takes_an_equal_for_a_low(losses, patience):
    """You took an equal loss for a new low. On a plateau your net would train on, though nothing improves. A new
    low is *lower* than all before; look at your comparison."""
    return early_stop(losses, patience, better=operator.le)[0]


@keep_epoch.mistake
def waits_one_too_long(losses, patience):
    """Your run goes on for one epoch more than `patience` allows. With a patience of 3, the third epoch in a row
    without a new low is the last one. Look at when you compare the count with `patience`."""
    return early_stop(losses, patience + 1)[0]


@keep_epoch.accepts
def from_the_distance(losses, patience):
    best = -1
    for epoch, loss in enumerate(losses):
        if not np.isnan(loss) and (best < 0 or loss < losses[best]):
            best = epoch
        if epoch - best == patience:
            break
    return best


# --- tune: the same number of tries for both, judged on validation rows


@Check
def tune(fit, configurations, data, budget):
    scores = [fit(configuration, data).score(*data["valid"]) for configuration in configurations[:budget]]
    return configurations[scores.index(max(scores))]


@tune.probe
def with_models_whose_scores_are_known(answer, scores, budget):
    fitted, looked_at = [], set()
    data = {part: (f"{part} rows", f"{part} answers") for part in ("train", "valid", "test")}

    class Model:
        def __init__(self, name):
            self.name = name

        def score(self, X, y):
            part = next((part for part in data if data[part] == (X, y)), "rows and answers that do not belong together")
            looked_at.add(part)
            return scores[self.name].get(part, 0.0)

    Model.score.__qualname__ = "model.score"  # for error messages

    def fit(configuration, rows):
        fitted.append(configuration["name"])
        return Model(configuration["name"])

    returned = answer(fit, [{"name": name} for name in scores], data, budget)
    return {"scored on": sorted(looked_at), "fitted": fitted, "returned": returned}


def known_scores(*rows):
    """Return the scores of configurations A, B, C, … on the three parts."""
    parts = ("train", "valid", "test")
    return {"ABCDEF"[i]: dict(zip(parts, row, strict=True)) for i, row in enumerate(rows)}


@tune.case
def the_fifth_would_win(rng):
    """six configurations, the best of them beyond a budget of 4"""
    four = [(0.90, 0.70, 0.69), (0.95, 0.78, 0.76), (0.99, 0.74, 0.72), (0.93, 0.77, 0.80)]
    return known_scores(*(four[i] for i in rng.permutation(4)), (0.97, 0.91, 0.92), (0.91, 0.72, 0.71)), 4


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
    """You scored each model on the rows it was trained on. There the configuration that memorises best wins, not
    the one that predicts best. Which part was set aside for choosing?"""
    return tune.reference(fit, configurations, data | {"valid": data["train"]}, budget)


@tune.mistake
def chooses_by_the_test_rows(fit, configurations, data, budget):
    """You chose by the test rows. The winner then owes part of its score to luck on these very rows, and nothing is
    left that could tell you. Which part was set aside for choosing?"""
    return tune.reference(fit, configurations, data | {"valid": data["test"]}, budget)


@tune.mistake
def keeps_the_later_of_equals(fit, configurations, data, budget):
    """Two configurations were equally good, and you kept the later one. The task asks for the first: a new one must
    be *better* to replace it."""
    scores = [fit(configuration, data).score(*data["valid"]) for configuration in configurations[:budget]]
    return configurations[max(range(len(scores)), key=lambda i: (scores[i], i))]


@tune.mistake
def returns_the_score(fit, configurations, data, budget):
    """You returned the best score. The next cell wants to train with the configuration that reached it, so that is
    what to hand over."""
    return max(fit(configuration, data).score(*data["valid"]) for configuration in configurations[:budget])


@tune.mistake
def fits_the_leader_again(fit, configurations, data, budget):
    """You fitted a configuration a second time when it took the lead, so you spent more than the budget. Fit once,
    keep the score under a name, and use the name."""
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


def measured(fit, configuration, data, sizes, *, rows=None, part="test", clock=time.perf_counter):
    """Return what `measure` should, or the same with one thing done differently."""
    (X, y), results = data["train"], []
    for n in sizes:
        used = X[: rows or n], y[: rows or n]
        began = clock()
        model = fit(configuration, data | {"train": used})
        seconds = clock() - began
        scored = used if part == "used" else data[part]
        results.append({"rows": n, "seconds": seconds, "score": model.score(*scored)})
    return results


@Check
def measure(fit, configuration, data, sizes):
    return measured(fit, configuration, data, sizes)


@measure.probe
def with_a_slow_model(answer, available, sizes):
    import time

    import numpy as np

    data, start = {}, 0
    for part, rows in (("train", available), ("valid", 7), ("test", 9)):
        data[part] = np.arange(start, start + rows)[:, None] * np.ones((1, 2)), np.arange(start, start + rows)
        start += rows
    whole, runs, settings = dict(data), [], {"depth": 3}

    class Model:
        def __init__(self, rows):
            self.rows = rows

        def score(self, X, y):
            began = time.perf_counter()
            time.sleep(0.03)
            same = (p for p in whole if np.array_equal(whole[p][0], X) and np.array_equal(whole[p][1], y))
            part = next(same, "other rows")
            scoring = min(runs[-1]["scoring"], time.perf_counter() - began)
            runs[-1] |= {"part": part, "scoring": scoring}
            return {"test": 0.5, "valid": 0.6}.get(part, 0.9) + self.rows / 1000

    def fit(configuration, given):
        began = time.perf_counter()
        time.sleep(0.01)
        X, y = given["train"]
        if len(X) != len(y):
            raise ValueError(f"X has {len(X)} rows, y has {len(y)}")
        words = f"first {len(X)}" if np.array_equal(whole["train"][0][: len(X)], X) else f"other {len(X)}"
        if configuration != settings:
            words += ", another configuration"
        if not all(np.array_equal(given[part][0], whole[part][0]) for part in ("valid", "test")):
            words += ", other parts cut"
        runs.append({"trained on": words, "part": "nothing", "scoring": np.inf})
        runs[-1]["fitting"] = time.perf_counter() - began
        return Model(len(X))

    facts = dict.fromkeys(["rows", "trained on", "scored on", "score", "seconds contain"], "another form than agreed")
    results = answer(fit, settings, data, sizes)
    wanted = {"rows", "seconds", "score"}
    if not isinstance(results, list) or not all(isinstance(row, dict) and set(row) >= wanted for row in results):
        return facts
    facts["rows"], facts["score"] = [row["rows"] for row in results], [row["score"] for row in results]
    facts["trained on"], facts["scored on"] = [run["trained on"] for run in runs], sorted({run["part"] for run in runs})
    # A busy machine may hold up any one run, so each word must be true of all of them.
    extra = [row["seconds"] - run["fitting"] for row, run in zip(results, runs, strict=False)]
    ends = np.cumsum([run["fitting"] + run["scoring"] for run in runs])
    if min(extra, default=-1) < 0:
        facts["seconds contain"] = "less than the fit takes"
    elif len(extra) > 1 and all(late >= end for late, end in zip(extra[1:], ends, strict=False)):
        facts["seconds contain"] = "everything since the first run began"
    elif all(each >= run["scoring"] for each, run in zip(extra, runs, strict=False)):
        facts["seconds contain"] = "more than the fit"
    else:
        facts["seconds contain"] = "the fit"
    return facts


@measure.case
def growing(rng):
    """four growing sizes"""
    return 40, [5, 10, 20, 40]


@measure.case
def in_any_order(rng):
    """sizes in no order"""
    return 60, [30, 6, 12]


@measure.mistake
def trains_on_all_rows(fit, configuration, data, sizes):
    """You trained on all the rows each time, whatever the size. Both curves would come out flat. Hand `fit` a data
    set whose `"train"` part holds the first `n` rows only."""
    return measured(fit, configuration, data, sizes, rows=len(data["train"][0]))


@measure.mistake
def scores_the_rows_it_trained_on(fit, configuration, data, sizes):
    """You scored the model on the very rows it was trained on. With few rows the score is close to 1, and *more*
    data seems to make it worse. Score on the part that nobody has touched."""
    return measured(fit, configuration, data, sizes, part="used")


@measure.mistake
def scores_the_validation_rows(fit, configuration, data, sizes):
    """You scored on the validation rows. They have already decided the configuration and the epoch, so they flatter
    whoever used them most. Only the test part is untouched."""
    return measured(fit, configuration, data, sizes, part="valid")


@measure.mistake
def times_the_scoring_too(fit, configuration, data, sizes):
    """Your clock still runs while the model is scored. The test part is the same at every size, so you add the same
    amount to each point, and small sizes look slow. Stop the clock as soon as `fit` returns."""
    results = []
    for n in sizes:
        began = time.perf_counter()
        (result,) = measured(fit, configuration, data, [n])
        results.append(result | {"seconds": time.perf_counter() - began})
    return results


@measure.mistake
def starts_the_clock_once(fit, configuration, data, sizes):
    """You started the clock once, before the loop. Each time then contains all the runs before it. Start it anew
    for each size, right before `fit`."""
    (X, y), results, began = data["train"], [], time.perf_counter()
    for n in sizes:
        model = fit(configuration, data | {"train": (X[:n], y[:n])})
        seconds = time.perf_counter() - began
        results.append({"rows": n, "seconds": seconds, "score": model.score(*data["test"])})
    return results


@measure.mistake
def cuts_the_rows_but_not_the_answers(fit, configuration, data, sizes):
    """You cut `X` and left `y` whole (or the other way round), so `fit` received rows and answers of different
    numbers. Cut both at the same place."""
    X, y = data["train"]
    return [fit(configuration, data | {"train": (X[:n], y)}) for n in sizes]


@measure.mistake
def shrinks_the_data_for_good(fit, configuration, data, sizes):
    """You wrote the first `n` rows back into `data`, so a larger size that comes later finds only those. Everybody
    after you would find a shrunken data set, too. Make a new dict, for example with `|`."""
    results = []
    for n in sizes:
        X, y = data["train"]
        data["train"] = X[:n], y[:n]
        results += measured(fit, configuration, data, [n])
    return results


@measure.mistake
def returns_after_the_first(fit, configuration, data, sizes):
    """You returned the result of the first size alone. Collect one dict per size in a list, and return the list
    after the loop (is the `return` indented too far?)."""
    return measured(fit, configuration, data, sizes[:1])


@measure.mistake
def not_the_agreed_form(fit, configuration, data, sizes):
    """Your results have another form than agreed. The figure below wants a list with one dict per size, and looks up
    `"rows"`, `"seconds"` and `"score"` in each of them."""
    return [tuple(result.values()) for result in measured(fit, configuration, data, sizes)]


@measure.accepts
def with_another_clock(fit, configuration, data, sizes):
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


def cnn(first=(1, 16), second=(16, 32), bend=True, pool=True, side=3, tail=()):
    """Return a net of two convolutions whose last layer expects `side` x `side` positions."""
    from torch import nn

    after = [*([nn.ReLU()] if bend else []), *([nn.MaxPool2d(2)] if pool else [])]
    layers = [nn.Conv2d(*first, 3, padding=1), *after]
    if second:
        layers += [nn.Conv2d(*second, 3, padding=1), *after]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear((second or first)[1] * side**2, 10), *tail)


@Check
def small_cnn():
    return cnn()


@small_cnn.probe
def look_inside(answer):
    from itertools import pairwise

    import torch
    from torch import nn

    facts = {"what came back": "a net"}
    facts |= dict.fromkeys(["shape for 6 images", "at least 2 convolutions", "all windows smaller than 6 x 6"])
    facts |= dict.fromkeys(["ReLU after each convolution", "at most 10,000 weights", "scores add up to 1"])
    facts["a new net each time"] = None
    net = None if isinstance(answer, nn.Module) else answer()
    if not isinstance(net, nn.Module):
        return facts | {"what came back": type(net).__name__ if net is not None else "no function that returns a net"}
    entered, given_to = [], []
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_pre_hook(lambda module, given: entered.append(module))
            module.register_forward_hook(lambda module, given, _: given_to.append((module, given[0])))
    net.eval()
    images = torch.rand(6, 1, 12, 12)
    try:
        with torch.no_grad():
            scores = net(images)
            del given_to[:]
            net(1000 * images)  # so large that the biases do not matter
    except RuntimeError:
        if len(entered) == len(given_to):  # no layer of weights is at fault
            raise
        number = sum(isinstance(module, nn.Conv2d) for module in entered)
        layer = f"convolution {number}" if isinstance(entered[-1], nn.Conv2d) else "linear layer"
        return facts | {"what came back": f"a net whose {layer} expects another shape"}
    # A ReLU leaves nothing below zero for the next layer; its relatives leave next to nothing.
    bent = [
        bool(given.min() > -0.05 * given.abs().max())
        for (before, _), (_, given) in pairwise(given_to)
        if isinstance(before, nn.Conv2d)
    ]
    windows = [module.kernel_size for module, _ in given_to if isinstance(module, nn.Conv2d)]
    weights = sum(weights.numel() for weights in net.parameters())
    facts["shape for 6 images"] = list(scores.shape)
    facts["at least 2 convolutions"] = len(windows) >= 2
    facts["all windows smaller than 6 x 6"] = all(max(size) < 6 for size in windows)
    facts["ReLU after each convolution"] = all(bent)
    facts["at most 10,000 weights"] = weights <= 10_000
    own, others = ({id(weights) for weights in one.parameters()} for one in (net, answer()))
    facts["a new net each time"] = not own & others
    facts["scores add up to 1"] = bool((scores >= 0).all() and (scores.sum(-1) - 1).abs().max() < 1e-4)
    return facts


@small_cnn.mistake
def the_same_net_again():
    """Your function hands out one and the same net at every call. The second training would go on where the first
    ended, and look better than it is. Make the layers inside the function."""
    if not handed_out:
        handed_out.append(cnn())
    return handed_out[0]


handed_out = []


@small_cnn.mistake
def softmax_at_the_end():
    """Your net ends in a softmax. `nn.CrossEntropyLoss` applies one itself; after two of them all ten scores are
    nearly equal, and the gradients fade. Return the scores of the last layer as they are."""
    from torch import nn

    return cnn(tail=[nn.Softmax(dim=1)])


@small_cnn.mistake
def no_bend():
    """A convolution is not followed by a ReLU. Two weighted sums in a row are one weighted sum: the second layer
    adds weights, and little that the first could not do. Where is the bend after each convolution?"""
    return cnn(bend=False)


@small_cnn.mistake
def only_dense_layers():
    """There is no convolution in your net, it connects every pixel with everything. That costs many weights, and to
    such a net a neighbour is a pixel like any other. Begin with `nn.Conv2d`."""
    from torch import nn

    return nn.Sequential(nn.Flatten(), nn.Linear(144, 128), nn.ReLU(), nn.Linear(128, 10))


@small_cnn.mistake
def too_many_weights():
    """Your net has more than 10,000 weights. Most of them usually sit in the last layer, which sees every position
    of every channel: halve height and width after **each** convolution. Then look at the number of channels."""
    return cnn(pool=False, side=12)


@small_cnn.mistake
def last_layer_expects_another_size():
    """A linear layer expects another number of inputs than it receives. Follow the shape: height and width begin at
    12 and are halved by each pooling; `nn.Flatten` then lays channels x height x width in a row."""
    return cnn(side=12)


@small_cnn.mistake
def second_convolution_expects_other_channels():
    """The second convolution expects another number of channels than the first one hands over. The first number of
    `nn.Conv2d` is what comes in, the second what goes out; what goes out of one comes into the next."""
    return cnn(second=(1, 32))


@small_cnn.mistake
def first_convolution_expects_colours():
    """The first convolution does not expect one channel. A grey picture is one number per pixel, and that is the
    first argument of its `nn.Conv2d` (a colour photograph would have three)."""
    return cnn(first=(3, 16))


@small_cnn.mistake
def one_convolution_only():
    """Your net has one convolution. Its windows see strokes of a few pixels, and nothing puts strokes together. Add
    a second one, which looks at what the first has found."""
    return cnn(second=None, side=6)


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
def normalised_and_without_padding():
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.1), nn.Linear(128, 10)),
    )


# --- shuffle_pixels: one rearrangement for all images


def rearranged(images, order):
    return images.reshape(len(images), -1)[:, order].reshape(images.shape)


@Check(inputs="untouched")
def shuffle_pixels(train, test, rng):
    order = rng.permutation(train[0].size)
    return rearranged(train, order), rearranged(test, order)


@shuffle_pixels.probe
def follow_every_pixel(answer, train, test, seed):
    import numpy as np

    height, width = train.shape[1:]
    returned = answer(train, test, np.random.default_rng(seed))
    if not isinstance(returned, (tuple, list)) or len(returned) != 2:
        return {"train": "no pair came back", "test": "no pair came back", "test like train": False}

    def fault(images, given):
        if images.shape != given.shape:
            return f"shape {images.shape}"
        # Pixel p of image i holds 100 * i + p.
        image, pixel = np.divmod(images.reshape(len(images), -1).round().astype(int), 100)
        if (np.sort(pixel) != np.arange(height * width)).any() or (image != image[:, :1]).any():
            return "pixels lost, or moved into other images"
        if (image[:, 0] != given[:, 0, 0] // 100).any():
            return "images in another order"
        if (pixel != pixel[0]).any():
            return "each image arranged differently"
        down, across = np.divmod(pixel[0].reshape(height, width), width)
        if (np.diff(pixel[0]) == 1).all():
            return "nothing moved"
        if (down == down[:, :1]).all() or (across == across[:1]).all():
            return "whole rows or columns of pixels stay together"
        return "rearranged"

    images = [np.asarray(part) for part in returned]
    faults = [fault(part, given) for part, given in zip(images, (train, test), strict=True)]
    alike = faults[0] == faults[1] == "rearranged" and (images[0][0] % 100 == images[1][0] % 100).all()
    return {"train": faults[0], "test": faults[1], "test like train": bool(alike)}


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
    """The test images got another arrangement than the training images. Every model would fail, and the experiment
    would say nothing: it has to move the *same* pixel to the same place everywhere. Draw one order, use it
    twice."""
    return tuple(rearranged(images, rng.permutation(images[0].size)) for images in (train, test))


@shuffle_pixels.mistake
def another_for_each_image(train, test, rng):
    """Every image got an arrangement of its own. Then place 17 holds another pixel in each image, and nothing is
    left to learn, for anybody. One order has to serve them all. (`rng.permuted` draws anew for each row.)"""
    return tuple(
        rng.permuted(images.reshape(len(images), -1), axis=1).reshape(images.shape) for images in (train, test)
    )


@shuffle_pixels.mistake
def shuffles_the_images(train, test, rng):
    """You changed the order of the images and left each image as it is. They would no longer fit their labels. The
    axis to shuffle is the one of the pixels: lay each image out as one row first."""
    return rng.permutation(train), rng.permutation(test)


@shuffle_pixels.mistake
def shuffles_whole_lines(train, test, rng):
    """You moved whole rows (or columns) of pixels. Pixels that stood in one line still do, so much of the picture
    survives. To move every pixel by itself, lay each image out as one row first."""
    order = rng.permutation(train.shape[1])
    return train[:, order], test[:, order]


@shuffle_pixels.mistake
def leaves_the_test_images(train, test, rng):
    """You shuffled the training images and left the test images as they were. The model then meets every pixel in
    another place than it learned. The same order belongs to both."""
    return shuffle_pixels.reference(train, test, rng)[0], test


@shuffle_pixels.mistake
def leaves_them_flat(train, test, rng):
    """You shuffled the pixels and left each image as one long row. The CNN wants height and width: give the arrays
    their old shape back."""
    return tuple(images.reshape(len(images), -1) for images in shuffle_pixels.reference(train, test, rng))


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
        "For a table whose columns mean something by themselves I try boosted trees first: 84 % right in 0.1 s, "
        "against 77 % for the net. For images I train a CNN, because neighbouring pixels belong together. I would "
        "change my mind if a net came within one point of the trees on my own rows."
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
        "condition": bool({"if", "unless", "when"} & set(words)),
    }


@decision.property
def is_a_text(facts):
    """Your decision is a text, in quotation marks."""
    return facts["text"]


@decision.property
def has_a_few_sentences(facts):
    """Your decision has two to six sentences, each with a full stop at its end."""
    return facts["sentences"]


@decision.property
def has_the_length_of_a_note(facts):
    """Your decision has 25 to 120 words."""
    return facts["words"]


@decision.property
def names_both(facts):
    """Your decision names both sides: trees, and a net (or MLP, or CNN)."""
    return facts["trees"] and facts["net"]


@decision.property
def quotes_measurements(facts):
    """Your decision quotes at least two numbers that you measured, in digits."""
    return facts["numbers"]


@decision.property
def says_when_it_would_turn(facts):
    """Your decision says what would change your mind, with the word "if", "unless" or "when"."""
    return facts["condition"]


@decision.mistake
def a_slogan():
    """That is a slogan. A colleague cannot see what it rests on, nor when it stops being true. Add the two numbers
    that convinced you most, and what you would have to see to decide otherwise."""
    return "Trees for tables, nets for images."


@decision.mistake
def an_opinion():
    """You decided without quoting two measured numbers. Two years from now nobody, you included, can tell what the
    decision rested on. Quote two of the scores or times from above, in digits."""
    return (
        "I would use boosted trees for tables, because they were clearly better and also much faster to train. "
        "For images I would use a CNN, if I have enough of them. The MLP was never the best choice for me."
    )


@decision.mistake
def for_ever():
    """You quote what you measured, but nothing could change your mind. A decision is worth most with the condition
    under which it falls: which measurement would turn it? Say so with "if", "unless" or "when"."""
    return (
        "I use boosted trees for tables because they had 84 % right against 77 % for the net. They also needed only "
        "0.1 seconds for 4000 rows. For images I use a CNN, which had 90 % right."
    )


@decision.mistake
def one_side_only():
    """You decided about the trees and left the nets out. The exercise compares two tools: say for each one where it
    is your first try."""
    return (
        "I use boosted trees for tables because they had 84 % of the answers right. They also needed only 0.1 seconds "
        "for 4000 rows. I would look for something else if the columns had been mixed."
    )


@decision.accepts
def other_words():
    return (
        "Tables go to gradient boosting first (0.846 of the test rows right, the MLP 0.787). Photos go to a CNN: "
        "0.91 against 0.68. Unless shuffling the pixels costs the CNN nothing: then neighbours carry no "
        "information, and the cheaper model stays."
    )
