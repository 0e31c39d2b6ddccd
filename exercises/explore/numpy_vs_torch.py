# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: "The earthquake that moved: NumPy or torch?"
#     minutes: 45
#     level: 2
#     needs: [fundamentals/arrays_without_loops, fundamentals/gradient_descent]
#     packages: [numpy, torch, matplotlib, psutil, cloudpickle]
# ---

# %% [markdown]
# Your NumPy script locates earthquakes. It works, with a gradient that took you a page of algebra. "Take torch," says
# a colleague, "it derives for you, and the functions have the same names." You port it in an afternoon. No error
# appears. The epicentre has moved.
#
# By the end you can move a NumPy job to torch without being caught by what looks the same and is not, and say with
# numbers when the move is worth it.

# %%
import os
import pickle
import subprocess
import sys
import threading
import time

import cloudpickle
import matplotlib.pyplot as plt
import numpy as np
import psutil
import torch

from shoshin.graders.explore import numpy_vs_torch as check

torch.set_num_threads(1)  # one core for either tool: we compare tools, not cores


def ready(*tasks):
    """Whether these checks have passed; if not, say which ones this cell waits for."""
    missing = [task for task in tasks if not getattr(check, task).passed]
    if missing:
        print("This cell waits until these checks have passed:", ", ".join(missing))
    return not missing


# %% [markdown]
# ## The job, in NumPy
#
# A night in March. The ground shakes, and 48 stations send **picks**: the station's number and the moment at which the
# first wave came through, in **Unix seconds** (seconds since 1 January 1970, UTC). The data are made up, so that you
# know the truth; they are as untidy as real ones:
#
# - some picks have no time (NaN), and some stations sent nothing at all;
# - some stations sent two picks, a little apart; the job takes their mean;
# - times are rounded to a tenth of a second, so stations tie.

# %%
SPEED, DEPTH = 6.0, 10.0  # km per second, a usual speed of P waves in the crust; and km below the ground
TRUTH = np.array([31.0, -22.0])  # km east and north of the town

rng = np.random.default_rng(3)
stations = 48
x, y = rng.uniform(-120, 120, size=(2, stations)).round(1)
began = np.datetime64("2025-03-30T02:15:10").astype("datetime64[s]").astype(float)
station = np.concatenate([np.arange(44), rng.choice(44, size=12, replace=False)])  # 44 to 47 are silent
distance = np.sqrt((TRUTH[0] - x) ** 2 + (TRUTH[1] - y) ** 2 + DEPTH**2)
seconds = (began + distance[station] / SPEED + rng.normal(0, 0.3, size=len(station))).round(1)
seconds[rng.choice(len(seconds), size=7, replace=False)] = np.nan
print("station", station[:4], "seconds", seconds[:4])

# %% [markdown]
# Three given functions do the job. `arrivals_by_numpy` makes one arrival per station, in seconds after the earliest
# known pick. A **source** is three numbers: kilometres east, kilometres north, and the second at which the quake began.
# `by_hand` is the page of algebra: the slope of the mean squared **residual** (computed minus observed arrival) along
# each of the three. `locate` walks downhill from the station that felt it first.


# %%
def arrivals_by_numpy(station, seconds, stations):
    """Return seconds after the earliest known pick, the mean of the known picks of each station; NaN if none."""
    known = ~np.isnan(seconds)
    station, seconds = station[known], seconds[known]
    total = np.bincount(station, weights=seconds - seconds.min(), minlength=stations)
    with np.errstate(invalid="ignore"):  # 0 / 0 is meant
        return total / np.bincount(station, minlength=stations)


def by_hand(sources, x, y, seconds):
    """Return the gradient of the mean squared residual, an array (quakes, 3)."""
    known = ~np.isnan(seconds)
    east, north = sources[:, :1] - x, sources[:, 1:2] - y
    distance = np.sqrt(east**2 + north**2 + DEPTH**2)
    residual = np.where(known, sources[:, 2:] + distance / SPEED - seconds, 0)
    slopes = (residual * east / distance / SPEED, residual * north / distance / SPEED, residual)
    return 2 * np.stack([slope.sum(axis=1) for slope in slopes], axis=1) / known.sum()


def first_guess(arrived):
    """Return the place of the station that felt it first, and second 0: an array (1, 3)."""
    first = np.nanargmin(arrived)
    return np.array([[x[first], y[first], 0.0]])


def locate(arrived, steps=1000, rate=0.8):
    """Return the source that fits the arrivals best, an array (1, 3), by gradient descent."""
    source = first_guess(arrived)
    for _ in range(steps):
        source = source - rate * by_hand(source, x, y, arrived[None])
    return source


def off_by(source):
    """Return how many km a source lies from the true epicentre."""
    return float(np.hypot(*(source[0, :2] - TRUTH)))


arrived_by_numpy = arrivals_by_numpy(station, seconds, stations)
with_numpy = locate(arrived_by_numpy)
print(f"NumPy: {with_numpy[0, 0]:.1f} km east, {with_numpy[0, 1]:.1f} km north, off by {off_by(with_numpy):.1f} km")

# %% [markdown]
# ## Predict: the default of torch
#
# NumPy's default is `float64`, with 15 to 16 decimal digits. Torch's is **float32**: half the memory, about 7 digits.
# Networks do well with that, so `torch.tensor([1.5])` and `torch.zeros(3)` are `float32` without being asked.
#
# The port begins with `torch.tensor(seconds.tolist())` and leaves all else as it was. By how many kilometres will the
# epicentre be off? Seven digits of a second sound plenty. Put down a guess; it is not graded.

# %% answer="prediction"
prediction = ...  # a number of km, such as 0.3, 3, 30 or 300
### BEGIN SOLUTION
prediction = 1
### END SOLUTION

# %%
ported = torch.tensor(seconds.tolist())
numbers = seconds[~np.isnan(seconds)], ported[~ported.isnan()]
print("a pick in NumPy:", f"{numbers[0][0]:.1f}", " in torch:", f"{numbers[1][0].item():.1f}", " dtype:", ported.dtype)
print("different times: NumPy", len(np.unique(numbers[0])), "- torch", len(numbers[1].unique()))

# %% [markdown]
# A `float32` has 24 binary digits for any number. Near 1.7 billion that leaves steps of 128 seconds. Here is every pick
# against its distance from the true source.

# %%
rounded = ported.double().numpy()
moved = locate(arrivals_by_numpy(station, rounded, stations))
figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
axes.plot(distance[station], seconds - began, "o", color="#0072B2", label="float64: a wave that travels")
axes.plot(distance[station], rounded - began, "^", color="#D55E00", label="cast to float32 first: stairs")
axes.set(xlabel="distance from the source in km", ylabel="seconds after the quake began")
axes.set_title(f"The same picks. Located from the stairs, the epicentre is off by {off_by(moved):.0f} km")
axes.legend()
plt.show()
said = "nothing" if prediction is ... else f"{prediction} km"
print(f"You said {said}; measured: {off_by(moved):.0f} km, and {off_by(with_numpy):.1f} km with float64.")

# %% [markdown]
# ## Write `arrivals`
#
# The cure costs nothing: **subtract first, cast after.** What is large is the distance from 1970, and nobody needs it.
#
# Given the NumPy arrays `station` (whole numbers) and `seconds` (`float64`, NaN where missing), one entry per pick, and
# the number `stations`, return a tensor of shape `(stations,)` and dtype `float32`, equal to what `arrivals_by_numpy`
# gives. Write it with torch's functions this time:
#
# - zero is the earliest known pick of all, before any averaging (at least one pick is known);
# - a station's entry is the mean of its known picks; a station without a known pick gets NaN, the last ones too;
# - no Python loop over picks or stations; and leave both arrays as they were.
#
# Two things to know. `torch.from_numpy(array)` keeps the dtype and copies nothing: tensor and array share their memory.
# And `zeros.index_add(0, places, values)` returns `zeros` with each value added at its place, as often as a place
# occurs.
#
# <details><summary>Hint 1: how would you count votes?</summary>Throw out the empty ballots, then put up one box per
# candidate and walk along the ballots once. Which two boxes per station do you need for a mean?</details>
# <details><summary>Hint 2: which dtype does each line have?</summary>Print it after every line. It must be
# <code>torch.float64</code> until the large number is gone; <code>torch.zeros</code> takes a
# <code>dtype</code>.</details>
# <details><summary>Hint 3: where does NaN come from, where must it not?</summary><code>isnan</code> makes a mask of the
# picks to drop. At the end, nothing divided by nothing is NaN by itself.</details>


# %% answer="arrivals"
def arrivals(station, seconds, stations):
    """Return seconds after the earliest known pick, one mean per station: a float32 tensor (stations,)."""
    ### BEGIN SOLUTION
    station, seconds = torch.from_numpy(station), torch.from_numpy(seconds)
    known = ~seconds.isnan()
    station, seconds = station[known], seconds[known]
    late = (seconds - seconds.min()).float()
    zeros = torch.zeros(stations)
    return zeros.index_add(0, station, late) / zeros.index_add(0, station, torch.ones_like(late))
    ### END SOLUTION


# %% check="arrivals" points=3
check.arrivals(arrivals)

# %%
if ready("arrivals"):
    arrived = arrivals(station, seconds, stations)
    gap = np.nanmax(np.abs(arrived.numpy() - arrived_by_numpy))
    print(f"largest difference from NumPy: {gap:.6f} s; stations without an arrival: {int(arrived.isnan().sum())}")

# %% [markdown]
# ## Write `report`
#
# Every quake gets a line in the log. In NumPy it is
#
# ```python
# {
#     "mean": np.nanmean(seconds),
#     "std": np.nanstd(seconds),
#     "median": np.nanmedian(seconds),
#     "first": np.argsort(seconds, kind="stable")[:3],
# }
# ```
#
# Return a dict with the same four entries and **the same numbers**, from a tensor `seconds` of shape `(stations,)` in
# which NaN means missing (three or more are known). Floats or tensors of shape `()` are welcome; `"first"` are the
# numbers of the three stations that felt it first. Of stations with equal times the lowest number comes first, and a
# missing time is never among the three. Leave `seconds` as it was. Use torch's own functions, so that the report can be
# made where the tensor lives, on a graphics card, say; the check looks at the numbers only.
#
# The names are the same in both libraries. Before you trust them, try each on `torch.tensor([1., 2., 4., 8.])`.
#
# <details><summary>Hint 1: what do two honest reports disagree about?</summary>Do you divide by the number of values,
# or by one less? Who is in the middle of four? Who is first when two arrive together? Each library answered these
# three, and not always alike.</details>
# <details><summary>Hint 2: where are the answers?</summary>In <code>help(torch.std)</code> look for
# <code>correction</code>; in <code>help(torch.median)</code> read the note; in <code>help(torch.sort)</code> look for
# <code>stable</code>. <code>torch.quantile</code> takes a share between 0 and 1.</details>
# <details><summary>Hint 3: what about the missing?</summary>For three entries, a mask drops them. The fourth counts
# along all stations; find out where a sort puts NaN.</details>


# %% answer="report"
def report(seconds):
    """Return mean, std and median of the known seconds, and the three stations that felt it first."""
    ### BEGIN SOLUTION
    known = seconds[~seconds.isnan()]
    return {
        "mean": known.mean(),
        "std": known.std(correction=0),
        "median": known.quantile(0.5),
        "first": seconds.argsort(stable=True)[:3],
    }
    ### END SOLUTION


# %% check="report" points=2
check.report(report)

# %%
if ready("arrivals", "report"):
    known = arrived[~arrived.isnan()]
    line = report(arrived)
    print(f"your report        std {float(line['std']):.3f} s, median {float(line['median']):.3f} s")
    print(f"line-by-line port  std {known.std():.3f} s, median {known.median():.3f} s")

# %% [markdown]
# ## Write `misfit`
#
# Now the page of algebra. Torch's **autograd** notes down every operation on a tensor that has `requires_grad=True`,
# and `loss.backward()` walks through these notes backwards. It leaves the slopes in `.grad`. You write the loss, and
# nothing else:

# %%
side = torch.tensor(3.0, requires_grad=True)
area = side**2
area.backward()
print("area", area.item(), "- slope of the area along the side:", side.grad.item())

# %% [markdown]
# `sources` has the shape `(quakes, 3)`: km east, km north, second of the start. `x` and `y` are the stations' places,
# shape `(stations,)`. `seconds` has the shape `(quakes, stations)`, NaN where nothing is known. A wave from a source
# arrives after `distance / SPEED` seconds, where the distance goes through east, north and `DEPTH`. Return the **mean
# of the squared residuals over all known pairs** of quake and station: one number, a tensor of shape `()`.
#
# - Quakes may have different numbers of known times, one of them none at all; some pair is always known.
# - There may be as many quakes as stations. Broadcasting follows NumPy's rules.
# - No loop over quakes; leave the arguments as they were; and **no NaN in the gradient**.
#
# The last point is the one that bites: the loss can be right and the gradient NaN.
#
# <details><summary>Hint 1: can you look inside the given one?</summary><code>by_hand</code> goes the same way as far as
# the residual. There the algebra begins, and there you stop.</details>
# <details><summary>Hint 2: which shape meets which?</summary>A table with quakes down and stations across is made
# from a column, <code>(quakes, 1)</code>, and a row, <code>(stations,)</code>. What does <code>:1</code> do that
# <code>0</code> does not?</details>
# <details><summary>Hint 3: where does the NaN in the gradient come from?</summary>The way back multiplies slopes. A
# pair that you silence at the end still gets visited, with slope 0; and 0 times NaN is NaN. A pair that was thrown out
# before it was squared is never visited.</details>


# %% answer="misfit"
def misfit(sources, x, y, seconds):
    """Return the mean squared residual over all known pairs of quake and station, a tensor ()."""
    ### BEGIN SOLUTION
    east, north = sources[:, :1] - x, sources[:, 1:2] - y
    distance = (east**2 + north**2 + DEPTH**2).sqrt()
    residual = sources[:, 2:] + distance / SPEED - seconds
    return (residual[~seconds.isnan()] ** 2).mean()
    ### END SOLUTION


# %% check="misfit" points=3
check.misfit(misfit)

# %%
if ready("misfit"):
    guess = torch.tensor(first_guess(arrived_by_numpy), requires_grad=True)
    row = torch.from_numpy(arrived_by_numpy)[None]
    misfit(guess, torch.from_numpy(x), torch.from_numpy(y), row).backward()
    print("slopes by hand    ", by_hand(first_guess(arrived_by_numpy), x, y, arrived_by_numpy[None])[0])
    print("slopes by autograd", guess.grad[0].numpy())

# %% [markdown]
# ## Write `fit`
#
# Gradient descent for **any** loss. `loss` is a function that takes a tensor and returns a tensor of shape `()`.
# `start` is a NumPy array of any shape. Take `steps` steps of `point - rate * gradient`, from `start`, and return where
# you end as a NumPy array with the shape and the dtype of `start`. Compute in that dtype, too: a start may be a large
# number in `float64`. With `steps=0` the result is the start.
#
# Three things are checked besides the result: `loss` is called exactly once per step; the array `start` is afterwards
# as it was; and what comes back is an array. By hand or with `torch.optim.SGD`, as you like (its first use loads half
# of torch and takes some seconds).
#
# Three things to know: `backward` **adds** to `.grad`; a step of yours must not be recorded (`torch.no_grad()`); and
# `torch.tensor(array, requires_grad=True)` copies, while `torch.from_numpy` shares.
#
# <details><summary>Hint 1: what does a slate need before the next sum?</summary>Somebody has to wipe it, and at the
# right moment: not between the sum and the moment you read it.</details>
# <details><summary>Hint 2: which four things happen in one step?</summary>Wipe, compute the loss, walk back, move. An
# optimiser has a name for the first and the last: <code>zero_grad</code> and <code>step</code>.</details>
# <details><summary>Hint 3: why does torch refuse my step, or forget the gradient?</summary>An in-place change
# (<code>-=</code>) of a tensor that records is refused unless recording is off; and
# <code>point = point - …</code> makes another tensor, whose <code>.grad</code> nobody fills.</details>


# %% answer="fit"
def fit(loss, start, steps, rate):
    """Return where `steps` steps of gradient descent lead, from `start`; an array of the same shape and dtype."""
    ### BEGIN SOLUTION
    point = torch.tensor(start, requires_grad=True)
    for _ in range(steps):
        point.grad = None
        loss(point).backward()
        with torch.no_grad():
            point -= rate * point.grad
    return point.detach().numpy()
    ### END SOLUTION


# %% check="fit" points=3
check.fit(fit)

# %% [markdown]
# What does it buy you? Tonight the clocks go forward. Station 9 belongs to somebody whose logger runs on **local
# time**. All winter that was the same as UTC; since one o'clock UTC it is an hour ahead. One arrival is 3600 seconds
# late, and a squared residual takes that very seriously.
#
# A **robust** loss grows like a square for small residuals and only like the distance for large ones (Huber's loss). By
# hand that is a new page of algebra. In torch it is one name, in the last line of `robust`.

# %%
if ready("arrivals", "misfit", "fit"):
    east, north = (torch.tensor(places, dtype=torch.float32) for places in (x, y))
    late = arrived.clone()
    late[9] += 3600

    def robust(sources, seconds):
        """Return Huber's loss of the known residuals of one quake."""
        known = ~seconds.isnan()
        distance = ((sources[:, :1] - east) ** 2 + (sources[:, 1:2] - north) ** 2 + DEPTH**2).sqrt()
        computed = (sources[:, 2:] + distance / SPEED)[0, known]
        return torch.nn.functional.huber_loss(computed, seconds[known])

    start = first_guess(arrived.numpy()).astype(np.float32)
    found = {
        "torch, squares": fit(lambda source: misfit(source, east, north, arrived[None]), start, 1000, 0.8),
        "one clock an hour off, squares": fit(lambda source: misfit(source, east, north, late[None]), start, 1000, 0.8),
        "one clock an hour off, Huber": fit(lambda source: robust(source, late), start, 1000, 1.6),
    }
    print(f"torch and NumPy agree within {np.abs(found['torch, squares'] - with_numpy).max():.3f} (km and s)")
    places = {"NumPy, by hand": with_numpy, "port, cast to float32 first": moved} | found
    looks = [("#0072B2", "o"), ("#D55E00", "^"), ("#009E73", "x"), ("#000000", "P"), ("#CC79A7", "D")]
    figure, axes = plt.subplots(figsize=(9, 5.2), layout="constrained")
    zoom = axes.inset_axes([0.46, 0.08, 0.4, 0.6])
    for where in (axes, zoom):
        where.plot(x, y, ".", color="0.6", markersize=5, label="stations")
        where.plot(*TRUTH, "*", color="#E69F00", markeredgecolor="black", markersize=22, label="true epicentre")
        for (name, place), (colour, marker) in zip(places.items(), looks, strict=True):
            label = f"{name}: off by {off_by(place):.1f} km"
            style = {"color": colour, "markersize": 9, "linestyle": "none", "label": label, "clip_on": where is zoom}
            where.plot(*place[0, :2], marker, **style, fillstyle="none", markeredgewidth=2)
        where.set_aspect("equal")
    zoom.set(xlim=TRUTH[0] + np.array([-2, 2]), ylim=TRUTH[1] + np.array([-2, 2]), title="4 km around the truth")
    zoom.title.set_fontsize(9)
    zoom.tick_params(labelsize=8)
    axes.set(xlabel="km east of the town", ylabel="km north", title="One quake, located five times")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    plt.show()

# %% [markdown]
# ## Race
#
# Is torch faster? Faster *than what*? There are three ways to a gradient in NumPy: the page of algebra in `float64`,
# the same in `float32`, and **differences**: move each parameter a little and see what the loss does, one call per
# parameter. It is what an optimiser does when nobody gives it a gradient.
#
# The job: one gradient for a swarm of quakes at 40 stations, so three parameters per quake. The sizes are numbers of
# quakes; differences stop at 64, or you would wait for minutes. Each way runs in a process of its own that loads only
# the tool it needs, and says what loading it cost. The clock counts the time that the processor works for this process
# (what else your machine does disturbs little) and takes the best of several calls; the memory is that of the **whole
# process** at its highest, Python and the tool included. You need not read the code; `Watcher` looks at the memory
# every two milliseconds, like the one in [pandas or Dask](../explore/pandas_vs_dask.ipynb).


# %%
class Watcher(threading.Thread):
    """While the `with` block runs, look at the memory of this process; `.peak` is the highest level, in MB."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.done = 0.0, threading.Event()

    def look(self):
        self.peak = max(self.peak, psutil.Process().memory_info().rss / 1e6)

    def run(self):
        while not self.done.wait(0.002):
            self.look()

    def __enter__(self):
        self.look()
        self.start()
        return self

    def __exit__(self, *error):
        self.done.set()
        self.join()
        self.look()


def swarm(quakes, dtype):
    """Return (sources, x, y, seconds) for a swarm of quakes at 40 stations, a tenth of the times missing."""
    rng = np.random.default_rng(quakes)
    x, y = rng.uniform(-120, 120, size=(2, 40))
    sources = rng.uniform(-60, 60, size=(quakes, 3))
    seconds = np.hypot(sources[:, :1] - x, sources[:, 1:2] - y) / 6 + rng.normal(size=(quakes, 40))
    seconds[rng.random((quakes, 40)) < 0.1] = np.nan
    return tuple(array.astype(dtype) for array in (sources + 5, x, y, seconds))


def by_differences(sources, x, y, seconds):
    """Return the gradient of the mean squared residual by moving one parameter after the other."""
    known = ~np.isnan(seconds)

    def loss(sources):
        distance = np.sqrt((sources[:, :1] - x) ** 2 + (sources[:, 1:2] - y) ** 2 + DEPTH**2)
        return np.mean((sources[:, 2:] + distance / SPEED - seconds)[known] ** 2)

    here, slopes = loss(sources), np.zeros_like(sources)
    for place in np.ndindex(sources.shape):
        beside = sources.copy()
        beside[place] += 1e-6
        slopes[place] = (loss(beside) - here) / 1e-6
    return slopes


def by_autograd(sources, x, y, seconds):
    """Return the same from your misfit: an array."""
    sources, x, y, seconds = map(torch.from_numpy, (sources, x, y, seconds))
    sources.requires_grad_()
    misfit(sources, x, y, seconds).backward()
    return sources.grad.numpy()


def measure(gradient, dtype, sizes):
    """Return (quakes, processor seconds of the fastest call, peak MB of the process) for each number of quakes."""
    results = []
    for quakes in sizes:
        arguments = swarm(quakes, dtype)
        gradient(*arguments)  # warm up
        times, until = [], time.process_time() + 0.1
        with Watcher() as watcher:
            while len(times) < 3 or (time.process_time() < until and len(times) < 200):
                began = time.process_time()
                gradient(*arguments)
                times.append(time.process_time() - began)
        results.append((quakes, min(times), watcher.peak))
    return results


WORKER = """
import pickle, sys, time
import psutil

def memory():
    return psutil.Process().memory_info().rss / 1e6

call, before, began = sys.stdin.buffer.read(), memory(), time.process_time()
function, arguments = pickle.loads(call)  # loads the packages that the function uses
loading = time.process_time() - began, memory() - before
answer, sys.stdout = sys.stdout.buffer, sys.stderr
pickle.dump((function(*arguments), loading), answer)
"""


def in_a_fresh_process(function, *arguments):
    """Call a function in a new process that uses one core; return (its result, (seconds, MB) of loading its tools)."""
    call, alone = cloudpickle.dumps((function, arguments)), os.environ | {"OMP_NUM_THREADS": "1"}
    process = subprocess.run([sys.executable, "-W", "ignore", "-c", WORKER], input=call, capture_output=True, env=alone)
    if process.returncode:
        raise RuntimeError(process.stderr.decode(errors="replace").strip().splitlines()[-1])
    return pickle.loads(process.stdout)


SIZES = [1, 4, 16, 64, 512, 4096, 16384]
WAYS = {
    "NumPy, by hand, float64": (by_hand, "float64", SIZES),
    "NumPy, by hand, float32": (by_hand, "float32", SIZES),
    "NumPy, differences": (by_differences, "float64", SIZES[:4]),
    "torch, autograd, float32": (by_autograd, "float32", SIZES),
}
race, loading = {}, {}
if ready("misfit"):
    few = swarm(5, "float64")
    gap = max(np.abs(by_hand(*few) - way(*few)).max() for way in (by_differences, by_autograd))
    print(f"largest difference between the three gradients of five quakes: {gap:.6f}")
    for way, job in WAYS.items():
        race[way], loading[way] = in_a_fresh_process(measure, *job)

# %%
LOOKS = {
    "NumPy, by hand, float64": ("#0072B2", "o", "-"),
    "NumPy, by hand, float32": ("#009E73", "s", "--"),
    "NumPy, differences": ("#D55E00", "^", "-."),
    "torch, autograd, float32": ("#000000", "D", ":"),
}
if race:
    figure, (time_axes, memory_axes) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
    for way, rows in race.items():
        quakes, took, peaks = zip(*rows, strict=True)
        colour, marker, line = LOOKS[way]
        style = {"color": colour, "marker": marker, "linestyle": line, "linewidth": 2, "label": way}
        time_axes.plot(quakes, np.array(took) * 1000, **style)
        memory_axes.plot(quakes, peaks, **style)
    time_axes.set(title="Time of one gradient", ylabel="milliseconds of the processor")
    memory_axes.set(title="Peak memory of the whole process", ylabel="MB", ylim=(0, None))
    for axes in (time_axes, memory_axes):
        axes.set(xscale="log", xlabel="quakes in the swarm (three parameters each)", xticks=SIZES)
        axes.xaxis.set_major_formatter("{x:.0f}")
        axes.minorticks_off()
    time_axes.set_yscale("log")
    time_axes.yaxis.set_major_formatter("{x:g}")
    figure.legend(*time_axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    plt.show()

# %% [markdown]
# ## Write `crossover`
#
# Where does torch's fixed cost per call pay off? Given `sizes` (growing) and, for each size, what the familiar and the
# new tool cost, return the smallest size from which on the new tool is **cheaper at this and every larger size**. Equal
# is not cheaper. If there is no such size, return `None`: no crossing in reach is a result, too.
#
# <details><summary>Hint 1: when do you trust a turn in the weather?</summary>One warm day in March is no summer. Summer
# began on the day after the last cold one. From which end of the calendar is that easy to find?</details>
# <details><summary>Hint 2: what can you keep while you walk?</summary>Begin at the largest size and keep the last size
# that still won; stop at the first that did not.</details>


# %% answer="crossover"
def crossover(sizes, familiar, new):
    """Return the smallest size from which on new < familiar, or None."""
    ### BEGIN SOLUTION
    found = None
    for size, before, after in zip(reversed(sizes), reversed(familiar), reversed(new), strict=True):
        if after >= before:
            break
        found = size
    return found
    ### END SOLUTION


# %% check="crossover" points=2
check.crossover(crossover)

# %%
if ready("misfit", "crossover") and race:
    torch_rows = race["torch, autograd, float32"]
    for way, rows in race.items():
        if way.startswith("NumPy"):
            pairs = list(zip(rows, torch_rows, strict=False))
            sizes = [quakes for (quakes, *_), _ in pairs]
            for place, what in ((1, "time"), (2, "memory")):
                size = crossover(sizes, [a[place] for a, _ in pairs], [b[place] for _, b in pairs])
                where = f"none up to {sizes[-1]} quakes" if size is None else f"torch is cheaper from {size} quakes on"
                print(f"{what:6} against {way:24} {where}")
    slower = torch_rows[0][1] / race["NumPy, by hand, float64"][0][1]
    print(f"for one quake torch takes {slower:.1f} times as long as NumPy by hand")

# %% [markdown]
# One race, and "is torch faster?" has as many answers as there are opponents.
#
# - Against **differences** torch wins early, and the gap grows without end: they pay per parameter, autograd pays the
#   price of a few calls of the loss, for 3 parameters or for 100,000.
# - Against **your own algebra**: does torch ever pass the `float64` line in your figure? And the `float32` line?
#   Where it comes near, part of the help is `float32`, and NumPy has that for the asking.
# - Memory: the height at which torch's line begins is the library alone. On top of it, autograd keeps its notes until
#   it has walked back. A forecast that needs no slopes can do without: `with torch.no_grad():` keeps none.
#
# So on one core torch sells you the page of algebra, not the arithmetic. (On a graphics card all of this has to be
# measured again.) One run on a busy machine proves little: run the race again before you quote a number.
#
# ## See what it is not good for
#
# Before anything is computed: what did it cost to begin? (The processes of your race kept the bill.) And what about a
# table with dates and names in it?

# %%
for way in ("NumPy, by hand, float64", "torch, autograd, float32"):
    if way in loading:
        took, megabytes = loading[way]
        print(f"{way}: {took:.2f} s of the processor and {megabytes:.0f} MB to load the tool")

for what, array in {
    "moments": np.array(["2025-03-30T02:15:10"], dtype="datetime64[s]"),
    "names": np.array(["station 9"]),
    "a reversed view": np.arange(3.0)[::-1],
}.items():
    try:
        torch.from_numpy(array)
    except (TypeError, ValueError) as error:
        print(f"{what}: {type(error).__name__}: {str(error).split('. ')[0]}")
print("functions that skip NaN:", [name for name in dir(torch) if name[:3] == "nan" and name[3:].isalpha()])

# %% [markdown]
# No dates, no time zones, no names, few functions for missing values. A script that locates one quake and stops would
# spend its life importing. Keep the untidy part in pandas or NumPy; hand over clean numbers, with the large part
# subtracted.
#
# ## Write down your decision
#
# Your team asks: NumPy or torch for the locator? Write **three sentences**. Nobody scores them.
#
# 1. Which tool for which size of job, with a crossover from *your* table, and against which opponent.
# 2. What it costs: a number of MB or seconds that you measured, and one thing that looks the same and is not.
# 3. What would change your mind: a new loss every month, a hundred thousand parameters, a graphics card, a small
#    machine.

# %% answer="decision"
decision = ...
### BEGIN SOLUTION
decision = """
For the loss that we have derived we stay with NumPy, which torch does not beat up to 16384 quakes; where we have no
algebra we take torch, which beats differences from 16 quakes on.
It costs about 200 MB before the first number, and its std divides by n - 1.
If the loss changes more than once a year, or we fit clock errors as well, we move: nobody wants to derive those.
"""
### END SOLUTION

# %% [markdown]
# ## Take away
#
# **A port that runs is not a port that is right. Same name, other promise: hold both against awkward data before you
# trust either.** And: *subtract first, cast after*, in every tool that computes in `float32`.
#
# On your own data: take a column of timestamps or of large identifiers, cast it to `float32`, and count how many
# different values are left.
#
# **Ten minutes for your team.**
#
# 1. *The trouble* (2 min): show the map. Ask where the port went wrong; let them guess.
# 2. *The stairs* (2 min): the picture with the two kinds of points. Let somebody say the rule.
# 3. *Same name, other promise* (2 min): `std` and `median` of `[1, 2, 4, 8]`, live, in both tools.
# 4. *One new line* (2 min): the clock that is an hour off; swap squares for Huber's loss. Your km before and after.
# 5. *Faster than what?* (2 min): your race with your crossovers, and your three sentences. Ask who would decide
#    otherwise, and at which size.
#
# Next, see what `backward` does inside: [automatic differentiation in sixty lines](../fundamentals/autodiff.ipynb).
