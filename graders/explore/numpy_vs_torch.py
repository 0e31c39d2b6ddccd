"""Decides about the exercise `explore/numpy_vs_torch`."""

import numpy as np

from shoshin import Check, Compare

SPEED, DEPTH = 6.0, 10.0
SINGLE = Compare(rtol=1e-4, atol=1e-3)
# Torch raises a RuntimeError for nearly everything, and a mistake is recognised by the type of its error.
ERRORS = {
    "must match": "shapes",
    "Can't call numpy()": "NumPy",
    "in-place operation": "in place",
    "does not require grad": "no record",
    "a second time": "backward twice",
    "NoneType": "None",
}


def to_single(array):
    """Return an array as a `float32` tensor."""
    import torch

    return torch.from_numpy(array).float()


def torch_calls():
    """Return (a context that counts the calls of torch in it, a list that holds the count)."""
    from torch.overrides import TorchFunctionMode

    done = [0]

    class Count(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            done[0] += 1
            return function(*args, **(kwargs or {}))

    return Count(), done


def with_own_type(error):
    """Return the error with a type of its own, if `ERRORS` knows a part of its message; else as it is."""
    for words, name in ERRORS.items():
        if words in str(error):
            kind = type(f"{type(error).__name__} ({name})", (RuntimeError,), {})
            return kind(str(error)).with_traceback(error.__traceback__)
    return error


# 1. arrivals


@Check(compare=SINGLE, inputs="untouched")
def arrivals(station, seconds, stations):
    return to_single(means(station, seconds - np.nanmin(seconds), stations))


def means(station, seconds, stations):
    """Return the mean of the known seconds per station, NaN where there are none; an array (stations,)."""
    known = ~np.isnan(seconds)
    total = np.bincount(station[known], weights=seconds[known], minlength=stations)
    with np.errstate(invalid="ignore"):
        return total / np.bincount(station[known], minlength=stations)


def picks(rng, counts, missing=0.0):
    """Return (station, seconds, stations), with as many picks as `counts` says per station; multiples of 0.1 s."""
    station = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    waves = rng.uniform(2, 30, len(counts))
    seconds = 1_743_300_900 + rng.integers(0, 9) + waves[station] + rng.uniform(-0.6, 0.6, len(station))
    seconds = seconds.round(1)
    seconds[rng.random(len(station)) < missing] = np.nan
    return station, seconds, len(counts)


@arrivals.case
def one_each(rng):
    """one pick per station"""
    return picks(rng, np.ones(6, int))


@arrivals.case
def several_picks(rng):
    """stations with two or three picks, among them the earliest of all"""
    station, seconds, stations = picks(rng, np.array([2, 1, 3, 1, 2]))
    seconds[np.flatnonzero(station == 2)] = seconds.min() + np.array([-1.5, 0.4, 0.9])
    return station, seconds.round(1), stations


@arrivals.case
def gaps(rng):
    """missing times, a station whose only time is missing, and stations without a pick, one of them the last"""
    station, seconds, stations = picks(rng, np.array([1, 2, 0, 3, 1, 2, 0]), missing=0.2)
    seconds[station == 0], seconds[np.flatnonzero(station == 3)[:1]] = np.nan, np.nan
    seconds[np.flatnonzero(station == 4)] = 1_743_300_905.5
    return station, seconds, stations


@arrivals.probe
def watch_the_work(answer, station, seconds, stations):
    import sys

    import torch

    def work(copies):
        """Return how many own lines and torch calls it takes, with as many copies of stations and picks."""
        counting, done = torch_calls()

        def trace(frame, event, _argument):
            if frame.f_globals is not getattr(answer, "__globals__", None):
                return None  # a library's
            done[0] += event == "line"
            return trace

        before = sys.gettrace()
        numbers = np.concatenate([station + copy * stations for copy in range(copies)])
        with counting:
            sys.settrace(trace)
            try:
                answer(numbers, np.tile(seconds, copies), copies * stations)
            finally:
                sys.settrace(before)
        return done[0]

    result = answer(station, seconds, stations)
    if not isinstance(result, torch.Tensor):
        return None if result is None else {"shape": "not a tensor"}
    if result.shape != (stations,):
        return {"shape": list(result.shape)}
    found = result.detach().double().numpy()
    facts = {"dtype": str(result.dtype), "loops": work(20) > work(1) + 60}
    known = np.bincount(station[~np.isnan(seconds)], minlength=stations) > 0
    steps = 6 * found[known] / 128  # counts are 1, 2 or 3: means of multiples of 128
    if (np.isnan(found) == ~known).all() and np.allclose(steps, steps.round(), atol=1e-3):
        return facts | {"dtype": "any", "rounded to": "steps of 128 s"}
    return facts | {"seconds": found}


@arrivals.property
def one_entry_each(result, station, seconds, stations):
    """`arrivals` returns a tensor of shape `(stations,)`: one entry for each station, also for those without a pick."""
    return "shape" not in result


@arrivals.property
def has_no_loop(result, station, seconds, stations):
    """`arrivals` does not loop in Python over picks or stations: one call handles all of them."""
    return not result.get("loops")


@arrivals.mistake
def casts_first(station, seconds, stations):
    """You turned the Unix seconds into `float32` and subtracted afterwards. The digits were gone by then: near 1.7
    billion, `float32` knows only every 128th second. Subtract while the numbers are `float64`, then cast what is
    left. (A list of floats given to `torch.tensor`, `torch.Tensor(...)` and `torch.zeros(...)` are `float32` too.)"""
    return to_single(means(station, seconds - np.nanmin(seconds), stations) // 128 * 128)


@arrivals.mistake
def writes_through(station, seconds, stations):
    """The array `seconds` of your caller has changed. `torch.from_numpy` copies nothing: tensor and array are two names
    for the same memory, so `-=`, and every method that ends in `_`, writes into both. Make a new tensor:
    `x = x - y` does, `x -= y` does not."""
    result = arrivals.reference(station, seconds, stations)
    seconds -= np.nanmin(seconds)
    return result


@arrivals.mistake
def missing_first(station, seconds, stations):
    """All your entries are NaN. The minimum of numbers of which one is missing is missing, in NumPy and in torch alike;
    and torch has no `nanmin`. Throw out the missing picks before you ask for the earliest."""
    return to_single(means(station, seconds - seconds.min(), stations))


@arrivals.mistake
def one_gap_spoils_all(station, seconds, stations):
    """A station with one missing time among known ones is NaN in your result: NaN plus anything is NaN. Only a station
    without *any* known time has no arrival. Which picks have to go before you add them up?"""
    total = np.bincount(station, weights=seconds - np.nanmin(seconds), minlength=stations)
    with np.errstate(invalid="ignore"):
        return to_single(total / np.bincount(station, minlength=stations))


@arrivals.mistake
def counts_the_missing(station, seconds, stations):
    """Your sums skip the missing times, but your counts do not: a station with a known and a missing time is
    divided by two. Count the known ones, as you add up the known ones."""
    total = np.bincount(station, weights=np.nan_to_num(seconds - np.nanmin(seconds)), minlength=stations)
    with np.errstate(invalid="ignore"):
        return to_single(total / np.bincount(station, minlength=stations))


@arrivals.mistake
def last_pick_wins(station, seconds, stations):
    """Of several picks of a station only the last one counts. `table[station] = seconds`, and `+=` in its place, write
    once per station, in NumPy and in torch alike: the others are lost. Look for the method that adds at an index as
    often as the index occurs."""
    known, result = ~np.isnan(seconds), np.full(stations, np.nan)
    result[station[known]] = (seconds - np.nanmin(seconds))[known]
    return to_single(result)


@arrivals.mistake
def sums(station, seconds, stations):
    """You return the sum per station. Two picks then arrive twice as late as one. Divide by their
    number."""
    result = arrivals.reference(station, seconds, stations)
    known = np.bincount(station[~np.isnan(seconds)], minlength=stations)
    return (result * known).nan_to_num().float()


@arrivals.mistake
def empty_is_zero(station, seconds, stations):
    """A station without a known time gets 0 in your result, as if it had felt the quake first. Nothing divided by
    nothing is NaN, and here this is what you want: no `clamp`, no `nan_to_num`."""
    return arrivals.reference(station, seconds, stations).nan_to_num()


@arrivals.mistake
def first_mean_is_zero(station, seconds, stations):
    """You counted from the earliest *mean* of a station. Zero is the earliest known pick of all, before any averaging:
    a second pick of that station moves its mean away from it."""
    result = arrivals.reference(station, seconds, stations)
    return result - np.nanmin(result.numpy())


@arrivals.mistake
def first_in_the_array_is_zero(station, seconds, stations):
    """You counted from the first known pick in the array. Picks come in any order: zero is the *earliest* one."""
    return to_single(means(station, seconds - seconds[~np.isnan(seconds)][0], stations))


@arrivals.mistake
def earliest_pick(station, seconds, stations):
    """You took the earliest pick of each station where the mean of its known picks is asked for."""
    result = np.full(stations, np.nan)
    np.fmin.at(result, station, seconds - np.nanmin(seconds))
    return to_single(result)


@arrivals.mistake
def stays_double(station, seconds, stations):
    """The numbers are right and still `float64`. That costs twice the memory, and a layer of a network, whose weights
    are `float32`, refuses it. Now that the large part is subtracted, casting is safe."""
    return arrivals.reference(station, seconds, stations).double()


@arrivals.mistake
def loops(station, seconds, stations):
    """The result is right, but Python walks over the picks or the stations one by one. The check ran your function
    again with more of them, and it took more steps. A tensor is handled by one call: look at `index_add`."""
    known = ~np.isnan(seconds)
    picks = [seconds[known & (station == number)] - seconds[known].min() for number in range(stations)]
    return to_single(np.array([own.mean() if len(own) else np.nan for own in picks]))


@arrivals.mistake
def stations_at_the_end_are_lost(station, seconds, stations):
    """Stations are missing at the end of your tensor: those without a known pick. A count stops at the largest number
    that it sees, unless you give it a length (`minlength`), or add into zeros of the right length."""
    return arrivals.reference(station, seconds, stations)[: station[~np.isnan(seconds)].max() + 1]


@arrivals.accepts
def with_index_add(station, seconds, stations):
    import torch

    station, seconds = torch.from_numpy(station), torch.from_numpy(seconds)
    known = ~seconds.isnan()
    station, seconds = station[known], seconds[known]
    table = torch.zeros(stations, 2, dtype=torch.float64)
    table = table.index_add(0, station, torch.stack([seconds - seconds.min(), torch.ones_like(seconds)], dim=1))
    return (table[:, 0] / table[:, 1]).float()


@arrivals.accepts
def with_pandas(station, seconds, stations):
    import pandas as pd

    late = pd.Series(seconds - np.nanmin(seconds))
    return to_single(late.groupby(station).mean().reindex(range(stations)).to_numpy(copy=True))


# 2. report


@Check(compare=Compare(rtol=1e-4, atol=1e-4), inputs="untouched")
def report(seconds):
    array = seconds.numpy()
    return {
        "mean": np.nanmean(array),
        "std": np.nanstd(array),
        "median": np.nanmedian(array),
        "first": np.argsort(array, kind="stable")[:3].tolist(),
    }


@report.case
def odd(rng):
    """seven known times, no two of them equal"""
    import torch

    return torch.from_numpy(rng.permutation(60)[:7] / 4).float()


@report.case
def even(rng):
    """eight known times, two of them missing from ten, and a wide gap in the middle"""
    import torch

    return torch.from_numpy(rng.permutation([1.5, 2, 3, 5, 20, 22, 23, 25.5, np.nan, np.nan])).float()


@report.case
def many_ties(rng):
    """300 stations in half seconds, a tenth missing, and ten that felt it first together"""
    import torch

    seconds = rng.integers(2, 90, 300) / 2
    seconds[rng.permutation(300)[:30]] = np.nan
    seconds[rng.permutation(300)[:10]] = 0.0
    return torch.from_numpy(seconds).float()


@report.probe
def look_at_the_first(answer, seconds):
    import torch

    result = answer(seconds)
    if result is None:
        return None
    if not isinstance(result, dict) or result.keys() != {"mean", "std", "median", "first"}:
        return {"four entries": False}
    sizes = {name: list(getattr(result[name], "shape", ())) for name in ("mean", "std", "median")}
    if any(sizes.values()):
        return {"one number each": False}
    facts = {name: float(result[name]) for name in sizes}
    array = seconds.detach().numpy()
    right = np.argsort(array, kind="stable")[:3]
    try:
        first = np.asarray(torch.as_tensor(result["first"]).tolist()).ravel()
    except (TypeError, ValueError, RuntimeError):
        return facts | {"first": "no three numbers"}
    if len(first) != 3 or (first % 1).any() or first.min() < 0 or first.max() >= len(array):
        word = "no three numbers of stations"
        if len(first) == 3 and np.allclose(first, array[right]):
            word = "three times in place of stations"
    elif (first == right).all():
        word = "the three that felt it first"
    elif np.isnan(array[first.astype(int)]).any():
        word = "a station without a time"
    else:
        word = "equal times, lowest number not first"
        if (array[first.astype(int)] != array[right]).any():
            word = "other stations, or another order"
    return facts | {"first": word}


@report.property
def has_four_entries(result, seconds):
    """`report` returns a dict with the entries `"mean"`, `"std"`, `"median"` and `"first"`."""
    return result.get("four entries", True)


@report.property
def has_numbers(result, seconds):
    """`"mean"`, `"std"` and `"median"` are one number each, a Python float or a tensor of shape `()`."""
    return result.get("one number each", True)


@report.mistake
def divides_by_one_less(seconds):
    """Your standard deviation is a little too large. `std` of torch divides by n − 1 unless told otherwise, NumPy's by
    n. Both are honest, for different questions; two reports that mix them are not. Look for `correction` in the
    help of `torch.std`."""
    return report.reference(seconds) | {"std": seconds[~seconds.isnan()].std()}


@report.mistake
def lower_median(seconds):
    """Your median is the smaller of the two in the middle where the number of known times is even. That is what
    `median` and `nanmedian` of torch return: an entry that occurs. NumPy averages the two. A `quantile` averages,
    too."""
    return report.reference(seconds) | {"median": seconds.nanmedian()}


@report.mistake
def lower_median_and_one_less(seconds):
    """Two names of NumPy mean something else in torch: your `std` divides by n − 1 (look for `correction`), and your
    median is the smaller of the two in the middle (look for a `quantile`)."""
    return lower_median(seconds) | {"std": seconds[~seconds.isnan()].std()}


@report.mistake
def unstable(seconds):
    """Your three stations felt it first, but so did others with lower numbers. Neither `topk` nor a sort promises
    anything about the order of equal entries, unless you ask for a **stable** one. A report that changes with the
    machine helps nobody."""
    array = seconds.numpy()
    return report.reference(seconds) | {"first": np.lexsort((-np.arange(len(array)), array))[:3]}


@report.mistake
def all_three(seconds):
    """A port line by line, and three entries that NumPy would give otherwise: `std` divides by n − 1, `median` takes
    the smaller of two in the middle, and equal times come in no order one can rely on. Look for `correction`, for a
    `quantile` and for `stable`."""
    return lower_median_and_one_less(seconds) | {"first": unstable(seconds)["first"]}


@report.mistake
def missing_spoils(seconds):
    """Where one time is missing, your mean, standard deviation and median are NaN. Leave the missing ones out first;
    torch has `nanmean`, but no `nanstd`."""
    right = report.reference(seconds)
    return right | {name: right[name] + float(seconds.sum() * 0) for name in ("mean", "std", "median")}


@report.mistake
def line_by_line(seconds):
    """A port line by line. A missing time turns mean, standard deviation and median into NaN: mask it out. And where
    all are known, `std` divides by n − 1 (look for `correction`), and `median` takes the smaller of two middle ones."""
    return report.reference(seconds) | {"mean": seconds.mean(), "std": seconds.std(), "median": seconds.median()}


@report.mistake
def missing_is_zero(seconds):
    """You turned missing times into zeros. They pull the mean and the median down, and such a station wins the race.
    Leave them out: a mask does it in one line."""
    return report.reference(seconds.nan_to_num())


@report.mistake
def numbers_among_the_known(seconds):
    """The numbers under `"first"` count along the known times only: dropping the missing ones has moved the stations to
    other places. Sort the whole tensor, NaN comes last, or look the numbers up again."""
    array = seconds.numpy()
    known = array[~np.isnan(array)]
    return report.reference(seconds) | {"first": np.argsort(known, kind="stable")[:3]}


@report.accepts
def in_floats(seconds):
    import torch

    known = seconds[~torch.isnan(seconds)]
    first = sorted(range(len(seconds)), key=lambda number: (bool(seconds[number].isnan()), float(seconds[number])))
    return {
        "first": tuple(first[:3]),
        "median": torch.nanquantile(seconds, 0.5).item(),
        "std": known.var(correction=0).sqrt().item(),
        "mean": seconds.nanmean().item(),
    }


# 3. misfit


@Check(inputs="untouched")
def misfit(sources, x, y, seconds):
    return (residuals(sources, x, y, seconds)[~seconds.isnan()] ** 2).mean()


def residuals(sources, x, y, seconds, depth=DEPTH):
    """Return computed minus observed seconds, a tensor (quakes, stations)."""
    east, north = sources[:, :1] - x, sources[:, 1:2] - y
    return sources[:, 2:] + (east**2 + north**2 + depth**2).sqrt() / SPEED - seconds


def swarm(rng, quakes, stations, missing):
    """Return (sources, x, y, seconds), with `missing` of the seconds NaN."""
    import torch

    x, y = rng.uniform(-90, 90, (2, stations)).round()
    sources = np.column_stack([rng.uniform(-60, 60, (quakes, 2)), rng.uniform(-8, 2, quakes)]).round()
    seconds = np.hypot(x - 5, y + 9)[None] / SPEED + rng.normal(0, 4, (quakes, stations))
    seconds = seconds.round(1)
    seconds.flat[rng.permutation(seconds.size)[:missing]] = np.nan
    return tuple(map(torch.from_numpy, (sources, x, y, seconds)))


@misfit.case
def complete(rng):
    """two quakes, three stations, every time known"""
    return swarm(rng, 2, 3, 0)


@misfit.case
def with_gaps(rng):
    """one quake, five stations, two of their times missing"""
    return swarm(rng, 1, 5, 2)


@misfit.case
def unequal_rows(rng):
    """three quakes, as many stations, and gaps: the quakes have different numbers of known times"""
    sources, x, y, seconds = swarm(rng, 3, 3, 0)
    seconds[0, :2] = np.nan
    return sources, x, y, seconds


@misfit.case
def unheard(rng):
    """three quakes, four stations, and nobody heard the second quake"""
    sources, x, y, seconds = swarm(rng, 3, 4, 0)
    seconds[1] = np.nan
    return sources, x, y, seconds


@misfit.probe
def go_back(answer, sources, x, y, seconds):
    import torch

    def calls(repeats):
        counting, done = torch_calls()
        many = sources.detach().repeat(repeats, 1).requires_grad_()
        with counting:
            answer(many, x, y, seconds.repeat(repeats, 1))
        return done[0]

    leaf = sources.clone().requires_grad_()
    try:
        loss = answer(leaf, x, y, seconds)
        if isinstance(loss, torch.Tensor) and loss.numel() == 1 and loss.requires_grad:
            loss.backward()
    except RuntimeError as error:
        raise with_own_type(error) from None
    if loss is None:
        return None
    if not isinstance(loss, torch.Tensor):
        return {"connected": False}
    if loss.numel() != 1:
        return {"shape": list(loss.shape)}
    if leaf.grad is None:
        return {"connected": False}
    gradient = "holds NaN" if leaf.grad.isnan().any() else leaf.grad
    if loss.isnan():
        gradient = None
    return {"loss": float(loss.detach()), "gradient": gradient, "loops": calls(20) > calls(1) + 15}


@misfit.property
def stays_connected(result, sources, x, y, seconds):
    """`misfit` returns a tensor that remembers how it was computed, so that `.backward()` reaches `sources`."""
    return result.get("connected", True)


@misfit.property
def is_one_number(result, sources, x, y, seconds):
    """`misfit` returns one number for all quakes together, a tensor of shape `()`."""
    return "shape" not in result


@misfit.property
def has_no_nan(result, sources, x, y, seconds):
    """The gradient is finite: no NaN in it, although there are NaN in `seconds`."""
    return not isinstance(result.get("gradient"), str)


@misfit.property
def has_no_quake_loop(result, sources, x, y, seconds):
    """`misfit` needs as many torch calls for sixty quakes as for three: broadcasting, no loop."""
    return not result.get("loops")


@misfit.mistake
def hides_the_nan_at_the_end(sources, x, y, seconds):
    """Your loss is right to the last digit and your gradient holds NaN. You took the missing times out *after* the
    square, by `nanmean`, `nansum` or `where`. The slope of a square is twice its residual, so on the way back 0 meets
    NaN; and 0 times NaN is NaN, not 0. Take the missing ones out before you square."""
    return (residuals(sources, x, y, seconds) ** 2).nanmean()


@misfit.mistake
def keeps_the_nan(sources, x, y, seconds):
    """Your loss is NaN where a time is missing. Which pairs of quake and station have a time at all? A mask of them,
    applied to the residuals, leaves a flat tensor of known ones."""
    return (residuals(sources, x, y, seconds) ** 2).mean()


@misfit.mistake
def missing_arrives_at_zero(sources, x, y, seconds):
    """You turned a missing time into 0, and a station that heard nothing pulls as if it had felt the quake at once. It
    must not pull at all."""
    return misfit.reference(sources, x, y, seconds.nan_to_num())


@misfit.mistake
def divides_by_all(sources, x, y, seconds):
    """You divided by all pairs, also by those without a time. The mean over the known ones divides by their number,
    or the loss falls whenever a station breaks down."""
    known = ~seconds.isnan()
    return misfit.reference(sources, x, y, seconds) * (known.sum() / known.numel())


@misfit.mistake
def mean_of_means(sources, x, y, seconds):
    """You averaged per quake first, then over the quakes. A quake with one known time then weighs as much as one with
    forty, and a quake that nobody heard gives NaN. Take one mean over all known times."""
    known = ~seconds.isnan()
    squares = residuals(sources, x, y, seconds.nan_to_num()) ** 2 * known
    return (squares.sum(1) / known.sum(1)).mean()


@misfit.mistake
def mean_of_means_of_the_heard(sources, x, y, seconds):
    """You averaged per quake first, then over the quakes that somebody heard. A quake with one known time then weighs
    as much as one with forty. Take one mean over all known times."""
    heard = ~seconds.isnan().all(1)
    return mean_of_means(sources[heard], x, y, seconds[heard])


@misfit.mistake
def takes_the_root(sources, x, y, seconds):
    """You took the root of the mean. Asked for is the mean of the squares itself, whose slopes `by_hand` gives."""
    return misfit.reference(sources, x, y, seconds).sqrt()


@misfit.mistake
def numpy_on_the_way(sources, x, y, seconds):
    """A function of NumPy, such as `np.sqrt`, met a tensor that notes down what is done to it, and NumPy keeps no
    notes. Do not follow the message's advice: `detach` would throw the notes away. Torch has the function, too."""
    return (np.sqrt(residuals(sources, x, y, seconds)[~seconds.isnan()] ** 2) ** 2).mean()


@misfit.mistake
def walks_back_itself(sources, x, y, seconds):
    """You call `.backward()` inside `misfit`, and whoever calls `misfit` calls it again: the notes are gone by then.
    Return the loss and leave the way back to the caller."""
    loss = misfit.reference(sources, x, y, seconds)
    loss.backward()
    return loss


@misfit.mistake
def adds_up(sources, x, y, seconds):
    """You added the squares up. Then the loss, and with it the length of a step, grows with the number of stations.
    Take their mean."""
    return (residuals(sources, x, y, seconds)[~seconds.isnan()] ** 2).sum()


@misfit.mistake
def in_the_flat(sources, x, y, seconds):
    """Your quakes lie at the surface: the depth is missing from the distance."""
    return (residuals(sources, x, y, seconds, depth=0)[~seconds.isnan()] ** 2).mean()


@misfit.mistake
def quakes_against_stations(sources, x, y, seconds):
    """Quakes and stations met entry by entry. The shapes `(quakes,)` and `(stations,)` do not make a table; where the
    two numbers happen to be equal, there is not even an error. Which shape must the quakes have so that every quake
    meets every station? `sources[:, 0]` loses an axis that `sources[:, :1]` keeps."""
    distance = ((sources[:, 0] - x) ** 2 + (sources[:, 1] - y) ** 2 + DEPTH**2).sqrt()
    residual = sources[:, 2] + distance / SPEED - seconds
    return (residual[~seconds.isnan()] ** 2).mean()


@misfit.mistake
def cuts_the_thread(sources, x, y, seconds):
    """A number came back, or a tensor from which no way leads back to `sources`. `float(...)`, `.item()`, `.detach()`,
    `.numpy()` and `torch.tensor(...)`, at the end or on the way, all cut the thread along which `.backward()`
    walks."""
    return misfit.reference(sources, x, y, seconds).item()


@misfit.mistake
def quake_by_quake(sources, x, y, seconds):
    """Loss and gradient are right, but you walk over the quakes: twenty times the quakes took twenty times the calls.
    Keep an axis of length 1 on one side, and broadcasting meets every quake with every station, as in NumPy."""
    import torch

    rows = [residuals(sources[place : place + 1], x, y, seconds[place : place + 1])[0] for place in range(len(sources))]
    return (torch.cat(rows)[~seconds.isnan().ravel()] ** 2).mean()


@misfit.accepts
def with_two_wheres(sources, x, y, seconds):
    import torch

    known = torch.isfinite(seconds)
    squares = residuals(sources, x, y, torch.where(known, seconds, 0)).square()
    return torch.where(known, squares, 0).sum() / known.sum()


@misfit.accepts
def with_indices(sources, x, y, seconds):
    import torch

    quake, station = torch.nonzero(~seconds.isnan(), as_tuple=True)
    distance = torch.hypot(torch.hypot(sources[quake, 0] - x[station], sources[quake, 1] - y[station]),
                           torch.tensor(DEPTH, dtype=x.dtype))  # fmt: skip
    return torch.nn.functional.mse_loss(sources[quake, 2] + distance / SPEED, seconds[quake, station])


# 4. fit


@Check(seconds=60)  # the first optimiser of a process imports half of torch
def fit(loss, start, steps, rate):
    import torch

    point = torch.tensor(start, requires_grad=True)
    for _ in range(steps):
        point.grad = None
        loss(point).backward()
        with torch.no_grad():
            point -= rate * point.grad
    return point.detach().numpy()


@fit.case
def bowl(rng):
    """a bowl, six steps from a point beside it"""
    return "bowl", rng.normal(3, 1, 3).round(1), 6, 0.15


@fit.case
def ripples(rng):
    """a loss whose formula you have never derived, for a table of parameters"""
    return "ripples", rng.normal(0, 1, (2, 3)).round(1), 5, 0.05


@fit.case
def single(rng):
    """a start in float32"""
    return "bowl", rng.normal(-2, 1, 4).astype(np.float32).round(1), 3, 0.25


@fit.case
def moment(rng):
    """a start in Unix seconds, near which `float32` knows only every 128th second"""
    return "moment", 1_743_300_900.0 + rng.integers(20, 60, 2), 4, 0.2


@fit.case
def no_step(rng):
    """no step at all"""
    return "bowl", rng.normal(3, 1, 2).round(1), 0, 0.1


@fit.probe
def walk(answer, loss, start, steps, rate):
    import torch

    formulas = {
        "bowl": lambda point: ((point - 1) ** 2 * torch.arange(1, point.numel() + 1).to(point)).sum(),
        "moment": lambda point: ((point - 1_743_300_900) ** 2).sum(),
        "ripples": lambda point: (torch.sin(3 * point) + point**2 + torch.tanh(point.sum())).sum(),
    }
    asked = []

    def counted(point):
        asked.append(isinstance(point, torch.Tensor))
        if not asked[-1]:
            point = torch.as_tensor(point)
        return formulas[loss](point)

    given = start.copy()
    try:
        found = answer(counted, given, steps, rate)
    except (RuntimeError, TypeError) as error:
        raise with_own_type(error) from None
    if found is None:
        return None
    facts = {"start": "changed" if not np.array_equal(given, start) else "as it was"}
    if not isinstance(found, np.ndarray):
        return facts | {"an array": False}
    if len(asked) > steps + 1:  # differences of large numbers are no numbers to compare
        return facts | {"calls of loss": "many more"}
    count = {steps: "one per step", steps + 1: "one too many"}.get(len(asked), "too few")
    zero = 1_743_300_900 if loss == "moment" else 0  # or 128 seconds would count as rounding
    return facts | {"found": found.astype(float) - zero, "dtype": str(found.dtype), "calls of loss": count}


@fit.property
def is_an_array(result, loss, start, steps, rate):
    """`fit` returns a NumPy array: it came in as one."""
    return result.get("an array", True)


@fit.property
def leaves_the_start(result, loss, start, steps, rate):
    """The array `start` is as it was before the call."""
    return result["start"] == "as it was"


@fit.property
def asks_once_per_step(result, loss, start, steps, rate):
    """`loss` is called exactly once per step, however many parameters there are: this is what autograd buys."""
    return result.get("calls of loss", "one per step") == "one per step"


@fit.mistake
def never_clears(loss, start, steps, rate):
    """Your first step is right and every later one too long: it goes along the *sum* of all gradients so far.
    `backward` adds to `.grad`, it does not replace it. Clear it once per step, before the next `backward`."""
    import torch

    point = torch.tensor(start, requires_grad=True)
    for _ in range(steps):
        loss(point).backward()
        with torch.no_grad():
            point -= rate * point.grad
    return point.detach().numpy()


@fit.mistake
def shares_memory(loss, start, steps, rate):
    """The result is right, and the array `start` has changed with it. `torch.from_numpy` and `torch.as_tensor` copy
    nothing, so every in-place step wrote into your caller's array. `torch.tensor` copies."""
    start[...] = fit.reference(loss, start, steps, rate)
    return start


@fit.mistake
def uphill(loss, start, steps, rate):
    """You climb: the loss grows with every step. The gradient points to where the loss grows fastest. Which sign leads
    down?"""
    return fit.reference(loss, start, steps, -rate)


@fit.mistake
def stands_still(loss, start, steps, rate):
    """You return the start: no step had a gradient to go along, or the steps reach a copy that you do not return. Is
    there a `backward`, and is nothing cleared between it and the step?"""
    import torch

    for _ in range(steps):
        loss(torch.tensor(start, requires_grad=True)).backward()
    return start.copy()


@fit.mistake
def returns_a_tensor(loss, start, steps, rate):
    """A tensor came back. Whoever handed in an array wants one. A tensor that requires a gradient refuses `.numpy()`
    until it is cut loose: look at `detach`."""
    import torch

    return torch.tensor(fit.reference(loss, start, steps, rate))


@fit.mistake
def by_differences(loss, start, steps, rate):
    """`loss` was called more often than once per step. If you moved each parameter a little to see what happens: this
    works, and costs a call per parameter. `backward` gives you all slopes for the price of a few calls. If you print
    the loss as well, use the one that you have."""
    import torch

    for _ in range(steps * start.size):
        loss(torch.tensor(start))
    return fit.reference(loss, start, steps, rate)


@fit.mistake
def always_single(loss, start, steps, rate):
    """Your result has another dtype than `start`. Give `torch.tensor` the array itself, no list, and ask for no dtype:
    it keeps the array's."""
    return fit.reference(loss, start.astype(np.float32), steps, rate)


@fit.mistake
def the_step_is_recorded(loss, start, steps, rate):
    """You change a tensor in place while torch records what is done to it, and torch refuses. Take the step inside
    `with torch.no_grad():`."""
    import torch

    point = torch.tensor(start, requires_grad=True)
    for _ in range(steps):
        loss(point).backward()
        point -= rate
    return point.detach().numpy()


@fit.mistake
def records_nothing(loss, start, steps, rate):
    """Nothing was recorded, so `backward` has nowhere to go. `loss` got an array, or a tensor that does not ask for a
    gradient: one made without `requires_grad=True`, or one that `point = point - …` made inside `torch.no_grad()`.
    In there, change the old one in place."""
    import torch

    for _ in range(steps):
        loss(torch.tensor(start)).backward()
    return start.copy()


@fit.mistake
def the_next_one_records_nothing(loss, start, steps, rate):
    """`point = point - …` inside `torch.no_grad()` made a tensor that records nothing, and the next `backward` has
    nowhere to go. In there, change the old one in place. (Then `.numpy()` wants a `.detach()` before it.)"""
    if steps:
        records_nothing(loss, start, steps, rate)
    import torch

    return torch.tensor(start, requires_grad=True).numpy()


@fit.mistake
def single_on_the_way(loss, start, steps, rate):
    """Your steps were computed in `float32`, whatever you return. Near 1.7 billion that knows only every 128th second,
    and a cast at the end brings no digit back. `torch.tensor(start)` keeps the dtype if you ask for none."""
    return fit.reference(loss, start.astype(np.float32), steps, rate).astype(start.dtype)


@fit.mistake
def the_leaf_is_lost(loss, start, steps, rate):
    """`.grad` is `None`. Only `backward` fills it, and only for tensors that you made yourself: what
    `point = point - …` makes was computed. Change the old one in place, inside `with torch.no_grad():`."""
    return start - rate * None if steps else start.copy()


@fit.accepts
def with_sgd(loss, start, steps, rate):
    import torch

    point = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimiser = torch.optim.SGD([point], lr=rate)
    for _ in range(steps):
        optimiser.zero_grad()
        loss(point).backward()
        optimiser.step()
    return point.data.numpy()


@fit.accepts
def a_new_leaf_each_step(loss, start, steps, rate):
    import torch

    point = start.copy()
    for _ in range(steps):
        leaf = torch.tensor(point, requires_grad=True)
        (slope,) = torch.autograd.grad(loss(leaf), leaf)
        point = point - rate * slope.numpy()
    return point


# 5. crossover


@Check
def crossover(sizes, familiar, new):
    found = None
    for size, before, after in reversed(list(zip(sizes, familiar, new, strict=True))):
        if not after < before:
            return found
        found = size
    return found


@crossover.case
def crosses_once(rng):
    """a new tool that is cheaper from some size on"""
    return [1, 8, 64, 512, 4096], [1.0, 3.0, 20.0, 90.0, 800.0], [5.0, 5.0, 7.0, 20.0, 100.0]


@crossover.case
def never(rng):
    """a new tool that is dearer everywhere"""
    return [10, 100, 1000, 10000], [1.0, 3.0, 20.0, 90.0], [5.0, 6.0, 27.0, 100.0]


@crossover.case
def from_the_first(rng):
    """a new tool that is cheaper everywhere"""
    return [10, 100, 1000, 10000], [5.0, 6.0, 27.0, 100.0], [1.0, 3.0, 20.0, 90.0]


@crossover.case
def twice(rng):
    """a new tool that is cheaper, then dearer again, then cheaper for good"""
    return [2, 4, 8, 16, 32], [5.0, 9.0, 14.0, 40.0, 80.0], [6.0, 7.0, 15.0, 30.0, 50.0]


@crossover.case
def relapse(rng):
    """a new tool that is cheaper in the middle and dearer at the largest size"""
    return [2, 4, 8, 16], [5.0, 9.0, 18.0, 40.0], [6.0, 7.0, 15.0, 44.0]


@crossover.case
def a_tie(rng):
    """a new tool that costs the same at one size and less after it"""
    return [3, 9, 27, 81], [5.0, 9.0, 18.0, 60.0], [6.0, 9.0, 15.0, 44.0]


@crossover.mistake
def first_win(sizes, familiar, new):
    """You return the first size at which the new tool is cheaper. One lucky measurement is no crossover: it must stay
    cheaper at every larger size. Walk from the other end."""
    pairs = zip(sizes, familiar, new, strict=True)
    return next((size for size, before, after in pairs if after < before), None)


@crossover.mistake
def a_tie_counts(sizes, familiar, new):
    """You count equal costs as a win. Moving to a new tool costs something, too; it must be cheaper."""
    return crossover.reference(sizes, np.add(familiar, 1e-9).tolist(), new)


@crossover.mistake
def a_place(sizes, familiar, new):
    """You return a place in the list. Asked for is the size that stands there: `sizes[place]`."""
    found = crossover.reference(sizes, familiar, new)
    return None if found is None else list(sizes).index(found)


@crossover.mistake
def last_loss(sizes, familiar, new):
    """You return the last size at which the familiar tool still holds. The crossover is the next one."""
    lost = [size for size, before, after in zip(sizes, familiar, new, strict=True) if after >= before]
    return lost[-1] if lost else None


@crossover.mistake
def argmax_of_wins(sizes, familiar, new):
    """`argmax` finds the first win. It does not ask whether the new tool stays cheaper after it, and where there is no
    win at all it returns place 0. Look at the wins from the largest size down, and at `None` for none."""
    return sizes[int(np.argmax(np.less(new, familiar)))]


@crossover.mistake
def tools_swapped(sizes, familiar, new):
    """You have the two tools the wrong way round: your sizes are those from which the familiar one wins."""
    return crossover.reference(sizes, new, familiar)


@crossover.accepts
def by_definition(sizes, familiar, new):
    for place, size in enumerate(sizes):
        if all(a > b for a, b in zip(familiar[place:], new[place:], strict=True)):
            return size
