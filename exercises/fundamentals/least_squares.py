# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Least squares and the digits it loses
#     minutes: 40
#     level: 2
#     needs: [fundamentals/projections]
#     packages: [numpy, pandas, matplotlib, scikit-learn]
# ---

# %% [markdown]
# A probe in a kettle reports the temperature ten times a second, with a time stamp. You fit a straight line by the
# formula of the textbook. You check the formula: right. The code: right. The computer counts with 16 digits and gives
# no warning, so you hand the slope on. How many of its digits are right?
#
# By the end you can tell, from the columns alone, how far to believe the coefficients of a linear fit.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes

from shoshin.graders.fundamentals import least_squares as check

# %% [markdown]
# ## The kettle
#
# These readings are made up, with a known truth: 20 °C at the start, 0.3 °C more per second, and a probe whose
# errors have a standard deviation of 0.15 °C. A linear model predicts `X @ w`: one row of `X` per reading, one
# coefficient in `w` per column. For a line, `X` has a column of ones (its coefficient is the height of the line at
# time 0) and a column of times (its coefficient is the slope).

# %%
rng = np.random.default_rng(3)
seconds = np.linspace(0, 10, 100)
temperature = 20 + 0.3 * seconds + rng.normal(0, 0.15, 100)
X_watch = np.c_[np.ones(100), seconds]  # time by a stopwatch


def typical_error(X, y, w):
    """The root of the mean squared residual, in the unit of y."""
    return np.sqrt(np.mean((y - X @ w) ** 2))


# %% [markdown]
# ## Write `normal_equations`
#
# What a fit leaves over is the **residual**, `y - X @ w`: one number per reading. **Least squares** asks for the `w`
# whose residual has the smallest sum of squares, that is, the shortest residual.
#
# When is it shortest? Drop a ball on a string from your hand: the string is shortest where it meets the floor at a
# right angle. The floor is everything that `X @ w` can reach. So at the best `w` the residual is perpendicular to
# every column of `X`. If it still leaned towards one, a little more of this column would shorten it.
#
# Perpendicular means: the dot product is zero. For all columns at once, `X.T @ (y - X @ w)` is a vector of zeros.
# These are the **normal equations**. Solve them for `w` and return it, shape `(d,)`, for `X` of shape `(n, d)` and
# `y` of shape `(n,)`. No column of `X` is a mixture of the others. Take `X` as it comes: add no column, subtract
# nothing, and change no array in place (in none of your four functions). `lstsq` and `pinv` would pass the check too,
# but leave them aside for now: the figures below show what becomes of this formula.
#
# <details><summary>Hint 1: how do I get w alone?</summary>Multiply out the bracket, and bring what contains
# <code>w</code> to the other side. What stands before <code>w</code> is a square matrix of shape (d, d).</details>
# <details><summary>Hint 2: how is a matrix moved across?</summary>Not by <code>/</code>, which works entry by entry.
# <code>np.linalg.solve(A, b)</code> finds the <code>w</code> for which <code>A @ w</code> is <code>b</code>.</details>
# <details><summary>Hint 3: how do I test it myself?</summary>Print <code>X.T @ (y - X @ w)</code> for your
# <code>w</code>. Apart from rounding you should see zeros.</details>


# %% answer="normal_equations"
def normal_equations(X, y):
    """Return the w, shape (d,), whose residual is perpendicular to every column of X."""
    ### BEGIN SOLUTION
    return np.linalg.solve(X.T @ X, X.T @ y)
    ### END SOLUTION


# %% check="normal_equations" points=2
check.normal_equations(normal_equations)

# %%
if check.normal_equations.passed:
    w = normal_equations(X_watch, temperature)
    line = X_watch @ w
    fig, axes = plt.subplots(figsize=(8, 3.8), layout="constrained")
    axes.vlines(seconds, line, temperature, color="0.6", linewidth=1, label="residuals")
    axes.plot(seconds, temperature, "o", color="#0072B2", markersize=3, label="readings")
    axes.plot(seconds, line, color="black", label=f"your line: {w[1]:.3f} °C per second")
    axes.set(xlabel="seconds by the stopwatch", ylabel="temperature in °C", title="The shortest residual")
    axes.legend()
    plt.show()
    print(f"typical error: {typical_error(X_watch, temperature, w):.3f} °C")
    print("X.T @ residual:", X_watch.T @ (temperature - line))

# %% [markdown]
# The line runs through the readings, and what it leaves over is as small as the probe's own errors. You have met it
# before: it is the shadow of the readings. Here is your `project_onto` from *Regression is a shadow* again.


# %%
def project_onto(y, X):
    """Yours, from "Regression is a shadow": the mixture of the columns of X that is nearest to y."""
    return X @ np.linalg.lstsq(X, y)[0]


if check.normal_equations.passed:
    gap = np.abs(project_onto(temperature, X_watch) - X_watch @ normal_equations(X_watch, temperature))
    print(f"largest gap between the shadow and your line: {gap.max():.0e} °C")

# %% [markdown]
# The projection gave you the shadow; the normal equations give you the weights that mix it.
#
# ## Predict: another clock
#
# The file holds no stopwatch. Like most computers, this one counts the seconds since 1 January 1970: the first
# reading came at 1,760,000,000. It is the same line, moved along the axis: the same slope, another height at time 0.
# Your formula is exact, and your computer carries about 16 digits. What will be the typical error of your line in
# °C, with time stamps instead of a stopwatch?

# %% answer="prediction_clock"
prediction_clock = ...  # "about 0.15", "about 0.2" or "more than 0.5"
### BEGIN SOLUTION
prediction_clock = "more than 0.5"
### END SOLUTION

# %%
stamps = 1_760_000_000 + seconds
X_stamp = np.c_[np.ones(100), stamps]


def fit_or_refusal(fit, X, y):
    """Return (w, a sentence): w is None where the solver gives up."""
    try:
        w = fit(X, y)
    except np.linalg.LinAlgError as error:
        return None, f"gives up: {error}"
    return w, f"slope {w[1]:7.4f}, typical error {typical_error(X, y, w):.2f} °C"


def numpys_lstsq(X, y):
    return np.linalg.lstsq(X, y)[0]


if check.normal_equations.passed:
    fits = {
        "your normal equations": (normal_equations, "#D55E00", "--"),
        "np.linalg.lstsq": (numpys_lstsq, "black", ":"),
    }
    print(f"You said {'nothing' if prediction_clock is ... else prediction_clock}. Measured, with time stamps:")
    fig, axes = plt.subplots(figsize=(8, 3.8), layout="constrained")
    axes.plot(seconds, temperature, "o", color="#0072B2", markersize=3, label="readings")
    for name, (fit, colour, style) in fits.items():
        w, words = fit_or_refusal(fit, X_stamp, temperature)
        print(f"  {name:22} {words}")
        if w is not None:
            axes.plot(seconds, X_stamp @ w, style, color=colour, linewidth=2, label=f"{name}: slope {w[1]:.4f}")
    axes.set(
        xlabel="time stamp minus 1,760,000,000", ylabel="temperature in °C", title="The same readings, time stamps"
    )
    axes.legend()
    plt.show()

# %% [markdown]
# No bug, no warning, and no line. (On another computer your formula may miss by another amount or give up: what
# decides is the last bit.) Where has the slope gone? Look at what `X.T @ X` has to store:

# %%
print(f"the sum of squared time stamps     {np.sum(stamps**2):.3e}")
print(f"its neighbours, as stored, are     {np.spacing(np.sum(stamps**2)):.0f} away")
print(
    f"what tells the times apart         {np.sum((stamps - stamps.mean()) ** 2):.0f}   (sum of squares around the mean)"
)

# %% [markdown]
# All that the ten seconds contain is smaller than the gap between two neighbouring numbers. You lost the slope when
# you *formed* `X.T @ X`, before any solving. The readings still have it.
#
# ## Write `qr_fit`
#
# So do not square. **QR** takes `X` itself apart: `Q, R = np.linalg.qr(X)` with `X = Q @ R`.
#
# - `Q`, shape `(n, d)`: new columns that reach the same floor as those of `X`, but comfortable ones. Each has length
#   1, and they stand at right angles: `Q.T @ Q` is the identity matrix.
# - `R`, shape `(d, d)`: the recipe that mixes the columns of `Q` back into those of `X`. It is zero below its
#   diagonal.
#
# Return the same `w` as before, shape `(d,)`, without forming `X.T @ X`. The check also tries columns that are
# nearly dependent, and time stamps; three right digits are enough there. (`np.linalg.lstsq` and `pinv` use
# another decomposition; you saw what `lstsq` makes of time stamps.)
#
# <details><summary>Hint 1: how much of each new column does y need?</summary>With columns of length 1 at right
# angles nothing is shared, so each can be asked alone: one dot product with <code>y</code> per column of
# <code>Q</code>. As a matrix: <code>Q.T</code> times something.</details>
# <details><summary>Hint 2: how do I come back to the old columns?</summary>Put <code>Q @ R</code> in the place of
# <code>X</code> in <code>X @ w</code>. You know now what <code>R @ w</code> has to be.</details>
# <details><summary>Hint 3: which shape goes into solve?</summary><code>np.linalg.solve</code> wants a square matrix
# (one of the two is) and a vector of length d.</details>


# %% answer="qr_fit"
def qr_fit(X, y):
    """Return the least-squares coefficients, shape (d,), by the QR decomposition of X."""
    ### BEGIN SOLUTION
    Q, R = np.linalg.qr(X)
    return np.linalg.solve(R, Q.T @ y)
    ### END SOLUTION


# %% check="qr_fit" points=3
check.qr_fit(qr_fit)

# %% [markdown]
# How much does it help, and does it always? The next cell builds matrices of which one column comes closer and closer
# to being a mixture of the others. How close is measured by the **condition number** of `X`: by how much it stretches
# the direction that it stretches most, divided by the same for the least (for instance, two columns of length 1
# that agree to three digits have a few thousand). The true `w` is known, so the error of both fits is too.

# %%
if check.normal_equations.passed and check.qr_fit.passed:
    truth = np.array([1.0, -2.0, 3.0, 1.5])
    conditions = np.geomspace(1, 1e16, 65)
    errors = {"normal equations": [], "QR": []}
    draws = np.random.default_rng(0)
    for condition in conditions:
        left, right = (np.linalg.qr(draws.normal(size=(n, 4)))[0] for n in (40, 4))
        X = left * np.geomspace(1, 1 / condition, 4) @ right
        for name, fit in (("normal equations", normal_equations), ("QR", qr_fit)):
            w, _ = fit_or_refusal(fit, X, X @ truth)
            errors[name].append(np.nan if w is None else np.linalg.norm(w - truth) / np.linalg.norm(truth))

    fig, axes = plt.subplots(figsize=(8, 4.4), layout="constrained")
    axes.loglog(conditions, errors["normal equations"], "^", color="#D55E00", label="your normal equations")
    axes.loglog(conditions, errors["QR"], "o", color="#0072B2", label="your QR")
    axes.loglog(
        conditions, 1e-16 * conditions**2, "--", color="#D55E00", label="1e-16 times the condition number squared"
    )
    axes.loglog(conditions, 1e-16 * conditions, "-", color="#0072B2", label="1e-16 times the condition number")
    axes.axhline(1, color="0.4", linestyle=":")
    axes.text(1.5, 1.6, "above this line no digit is right", color="0.3")
    axes.set(
        ylim=(1e-17, 1e4), xlabel="condition number of X", ylabel="relative error of w", title="What it costs to square"
    )
    axes.legend(loc="lower right")
    plt.show()

    w, words = fit_or_refusal(qr_fit, X_stamp, temperature)
    print("time stamps, by your QR:", words)

# %% [markdown]
# Two straight lines, one twice as steep as the other: that is the picture to keep. Squaring `X` squares its condition
# number. Normal equations run dry in the middle of the figure, QR only at its right end. With time stamps QR finds the
# slope as if nothing had happened.
#
# ## Write `digits_to_trust`
#
# Read the rule off the figure: you start with 16 digits. QR loses as many as the condition number has powers of ten,
# the normal equations lose twice as many.
#
# One thing first. Metres or millimetres change the condition number, but all they do to a coefficient is to multiply
# it, and no digit is lost by that. So **divide each column by its length** (the root of its sum of squares), and
# take the condition number of what you get (of these columns themselves: in their `X.T @ X` it is partly lost).
#
# Return `(by_normal_equations, by_qr)`: how many of 16 digits each method leaves, never less than 0. Do not round.
# No column is all zeros.
#
# <details><summary>Hint 1: how many digits is a factor of 1000?</summary>Three: the power of ten. Which logarithm
# counts powers of ten?</details>
# <details><summary>Hint 2: where do I get the condition number?</summary><code>np.linalg.cond(X)</code> returns it; it
# is the largest singular value divided by the smallest (<code>np.linalg.svd</code>).</details>
# <details><summary>Hint 3: along which axis is a length?</summary>One length per column: shape <code>(d,)</code>, from
# <code>np.linalg.norm</code> with an <code>axis</code>. Check: afterwards every column has length 1.</details>


# %% answer="digits_to_trust"
def digits_to_trust(X):
    """Return how many of 16 digits are left by normal equations and by QR, judged from the columns of X."""
    ### BEGIN SOLUTION
    lost = np.log10(np.linalg.cond(X / np.linalg.norm(X, axis=0)))
    return max(0, 16 - 2 * lost), max(0, 16 - lost)
    ### END SOLUTION


# %% check="digits_to_trust" points=2
check.digits_to_trust(digits_to_trust)

# %%
years = np.arange(1950, 2026)
table = load_diabetes(as_frame=True, scaled=False).frame
names = {"age": "age", "sex": "sex", "bmi": "bmi", "bp": "blood pressure", "s1": "total chol.", "s2": "LDL chol."}
names |= {"s3": "HDL chol.", "s4": "total / HDL", "s5": "triglycerides", "s6": "glucose"}
patients = table.drop(columns="target").rename(columns=names)
patients = (patients - patients.mean()) / patients.std()  # in standard deviations from the mean
X_patients = np.c_[np.ones(len(patients)), patients]

if check.digits_to_trust.passed:
    questions = {
        "ones and time stamps": X_stamp,
        "ones and the stopwatch": X_watch,
        "ones and the stopwatch, from -5 to 5": np.c_[np.ones(100), seconds - 5],
        "year to the powers 0, 1, 2, 3": years[:, None] ** np.arange(4.0),
        "(year - 1987.5) to the same powers": (years[:, None] - 1987.5) ** np.arange(4.0),
        "diabetes: ones and 10 measurements": X_patients,
    }
    print(f"{'digits left of 16':38} normal equations     QR")
    for name, X in questions.items():
        normal, qr = digits_to_trust(X)
        print(f"{name:38} {normal:16.1f} {qr:6.1f}")

# %% [markdown]
# A cubic in the year, which nobody finds suspicious, leaves the normal equations two digits. And the best cure is no
# solver at all: **subtract first**. Measured from the middle of the data, the same model keeps nearly every digit by
# either method. (The rule is one for fits that come close. Where large residuals remain, QR can lose more digits
# too.)
#
# The last row looks harmless: more than ten digits, by either method. So its coefficients can be believed?
#
# ## Predict: five hospitals
#
# It is the diabetes data that come with scikit-learn: 442 patients, ten measurements, and how far the disease advanced
# within a year. Deal the patients to five hospitals at random. Each fits its own model, by QR, with digits to spare.
# In how many of the five is the coefficient of LDL, the "bad" cholesterol, positive (more of it, worse disease)?

# %% answer="prediction_hospitals"
prediction_hospitals = ...  # a number from 0 to 5
### BEGIN SOLUTION
prediction_hospitals = 3
### END SOLUTION

# %%
progression = table["target"].to_numpy()
hospitals = np.array_split(np.random.default_rng(7).permutation(442), 5)
shown = {name: 1 + patients.columns.get_loc(name) for name in ("bmi", "total chol.", "LDL chol.")}

if check.qr_fit.passed:
    models = np.array([qr_fit(X_patients[rows], progression[rows]) for rows in hospitals])
    print("hospital      " + "".join(f"{letter:>7}" for letter in "ABCDE"))
    for name, j in shown.items():
        print(f"{name:14}" + "".join(f"{value:7.0f}" for value in models[:, j]))
    positive = np.sum(models[:, shown["LDL chol."]] > 0)
    print(
        f"\nYou said {'nothing' if prediction_hospitals is ... else prediction_hospitals}. Measured: {positive} of 5."
    )

# %% [markdown]
# The same disease, the same measurements, and the hospitals contradict each other about cholesterol, though not about
# the body-mass index. Rounding is innocent here. LDL is a large part of total cholesterol, so the two columns rise and
# fall together, and the data cannot say which of them deserves the credit.
#
# ## Write `wobble`
#
# How far would each coefficient move if you could measure the same patients again? Every `y` would come with fresh
# noise. By your QR, `w` is a matrix times `y`: first `Q.T`, then what undoes `R`. Fresh noise takes the same way.
#
# - `Q.T` does it no harm: its rows have length 1 and stand at right angles, so what comes out is d independent noises
#   of the same size as before.
# - Undoing `R` multiplies by `np.linalg.inv(R)`. Row j of this matrix says how much of each of the d noises lands in
#   coefficient j. Independent noises add up like the sides of a right angle: by their squares.
#
# Return the standard deviation of each coefficient, shape `(d,)`, when the values of `y` have independent noise of
# standard deviation `noise`. The check also tries two columns that agree to nine digits, so form no `X.T @ X`.
#
# <details><summary>Hint 1: what do two noises of size 3 and 4 make?</summary>Noise of size 5, not 7: one is often up
# when the other is down. You know this rule from right-angled triangles.</details>
# <details><summary>Hint 2: what is measured, rows or columns?</summary>Coefficient j is row j of the inverse times the
# d noises. So measure the length of each row, and multiply by the size of the noise.</details>
# <details><summary>Hint 3: how do I test it myself?</summary>With a single column of ones, <code>w</code> is the mean
# of n numbers. Its standard deviation is the noise divided by the root of n.</details>


# %% answer="wobble"
def wobble(X, noise):
    """Return the standard deviation, shape (d,), of each coefficient under fresh noise in y."""
    ### BEGIN SOLUTION
    R = np.linalg.qr(X)[1]
    return noise * np.linalg.norm(np.linalg.inv(R), axis=1)
    ### END SOLUTION


# %% check="wobble" points=3
check.wobble(wobble)

# %% [markdown]
# Now every hospital can say beforehand how far it may be off. In the left figure, each bar reaches two wobbles up and
# down. In the middle, 300 more hospitals of 88 patients each, drawn at random. On the right, the two hospitals that
# disagree most about LDL make their predictions for all 442 patients.

# %%
if check.qr_fit.passed and check.wobble.passed:
    fig, (bars, valley, both) = plt.subplots(1, 3, figsize=(13, 4.4), layout="constrained")
    looks = {"bmi": ("#0072B2", "o"), "total chol.": ("#009E73", "s"), "LDL chol.": ("#D55E00", "^")}
    for shift, (name, (colour, marker)) in zip((-0.2, 0, 0.2), looks.items(), strict=True):
        j, reach = shown[name], []
        for rows, model in zip(hospitals, models, strict=True):
            residual = progression[rows] - X_patients[rows] @ model
            noise = np.sqrt(np.sum(residual**2) / (len(rows) - len(model)))
            reach.append(2 * wobble(X_patients[rows], noise)[j])
        places = np.arange(5) + shift
        bars.errorbar(places, models[:, j], yerr=reach, fmt=marker, color=colour, capsize=3, label=name)
    bars.axhline(0, color="0.5", linewidth=1)
    bars.set(xlabel="hospital", ylabel="coefficient", title="What each one claims, ± 2 wobbles")
    bars.set_xticks(range(5), "ABCDE")
    bars.legend(fontsize=8)

    draws = np.random.default_rng(0)
    more = [draws.choice(442, 88, replace=False) for _ in range(300)]
    more = np.array([qr_fit(X_patients[rows], progression[rows]) for rows in more])
    total, ldl = shown["total chol."], shown["LDL chol."]
    valley.plot(more[:, total], more[:, ldl], ".", color="0.6", label="300 more hospitals")
    valley.plot(models[:, total], models[:, ldl], "^", color="#D55E00", markersize=9, label="the five")
    for letter, model in zip("ABCDE", models, strict=True):
        valley.annotate(letter, model[[total, ldl]], xytext=(7, 3), textcoords="offset points")
    valley.axhline(0, color="0.5", linewidth=1)
    valley.axvline(0, color="0.5", linewidth=1)
    valley.set(xlabel="coefficient of total chol.", ylabel="coefficient of LDL chol.", title="A long, thin valley")
    valley.legend(fontsize=8)

    low, high = models[:, ldl].argmin(), models[:, ldl].argmax()
    one, other = X_patients @ models[low], X_patients @ models[high]
    both.plot(one, other, "o", color="#0072B2", alpha=0.4, markersize=4)
    both.axline((150, 150), slope=1, color="black", linestyle="--", linewidth=1)
    alike = np.corrcoef(one, other)[0, 1]
    both.set(xlabel=f"predicted by hospital {'ABCDE'[low]}", ylabel=f"predicted by hospital {'ABCDE'[high]}")
    both.set_title(f"And yet they predict alike: correlation {alike:.2f}")
    plt.show()

    print(
        f"standard deviation over 300 hospitals: LDL {more[:, ldl].std():.0f}, total {more[:, total].std():.0f},",
        end=" ",
    )
    print(f"their sum {(more[:, ldl] + more[:, total]).std():.0f}, bmi {more[:, shown['bmi']].std():.0f}")

# %% [markdown]
# The hospitals stand scattered along one thin valley. Along it, a little more credit for LDL and a little less for
# the total give nearly the same predictions, so the data do not care where a model stands. Across it the data care a
# great deal, and there all hospitals agree. What `X` can tell is sharp; what you asked, one number for LDL alone, it
# cannot tell.
#
# ## Take away
#
# > **Squaring costs digits: fit with QR, and subtract the middle first. Columns that rise together cost meaning: no
# > solver brings that back, and only the predictions remain.**
#
# In formulas: $w = (X^\top X)^{-1} X^\top y$ on paper, $R\,w = Q^\top y$ on the computer, and
# $\text{wobble}_j = \sigma \sqrt{\left[(X^\top X)^{-1}\right]_{jj}}$, which statistics programs print as the "standard
# error".
#
# **On your own data:** take a linear model whose coefficients somebody has interpreted. Print the columns' correlations
# and each coefficient with two wobbles. Which signs survive?
#
# **Next:** a condition number is the ratio of two singular values. What these are, and how they take any table apart:
# [Singular values](../fundamentals/singular_values.ipynb).
