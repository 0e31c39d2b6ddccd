# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   shoshin:
#     title: Entropy, and why the loss is a logarithm
#     minutes: 40
#     level: 2
#     needs: [fundamentals/probability]
#     packages: [numpy, scipy, matplotlib, scikit-learn]
# ---

# %% [markdown]
# Your digit reader names almost 99 of 100 digits right, your colleague's 96. Then the report prints the loss. Hers:
# 0.19. Yours: `inf`. Hers wins. Since when does the model with more right answers have the worse loss? And why is there
# a logarithm in it? The answer begins with a guessing game, and on the way you decipher a secret text.
#
# By the end you can say in bits what a model pays for its predictions, and how much of that bill could be saved.

# %%
import contextlib
import io
import re
import zlib
from collections import Counter
from itertools import pairwise
from pydoc_data import topics
from string import ascii_lowercase

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from shoshin.graders.fundamentals import entropy as check

with contextlib.redirect_stdout(io.StringIO()):  # this module prints itself when it is imported
    import this

# %% [markdown]
# ## A guessing game
#
# Somebody thinks of one of eight animals, all equally likely. You ask questions that are answered yes or no. A good
# question halves what is left, so three are enough: 8 = 2 · 2 · 2, or log2(8) = 3. The answer to one such question is
# worth one **bit**.
#
# In the next game the animals are not equally likely. Then do not halve the list, halve the *chances*: first ask "is
# it the cat?"
#
# | animal | probability p | as rare as one in … | questions until you know |
# |---|---|---|---|
# | cat | 1/2 | 2 | 1 |
# | dog | 1/4 | 4 | 2 |
# | owl | 1/8 | 8 | 3 |
# | yak | 1/8 | 8 | 3 |
#
# The last column is `log2(1/p)`, the **surprise** of an outcome. What is likely is cheap, what is sure costs nothing,
# what is rare costs much. How much do you pay per game? You pay 1 in half of the games, 2 in a quarter of them, and so
# on: 1/2 · 1 + 1/4 · 2 + 1/8 · 3 + 1/8 · 3 = 1.75 questions. This average surprise is the **entropy**. Two questions
# per game, for four animals, would be dearer: you gain by knowing what is likely.
#
# (If `1/p` is no power of 2, no single game takes exactly `log2(1/p)` questions. Over many games asked about together
# the average comes as close to the entropy as you like, and never below: Shannon, 1948.)
#
# ## Predict: letters
#
# Now a real text: the manual that comes with Python, reduced to 27 characters, the space and a to z. Asked blindly, a
# character takes log2(27) = 4.75 questions. Soon you compute the entropy of the letter frequencies. Then `zlib`,
# which packs zip files, stores the text. Does it need more bits per character than your entropy, about as many, or
# fewer?

# %%
ALPHABET = " " + ascii_lowercase


def clean(text):
    """Return the text in small letters, with one space in the place of everything else."""
    return re.sub("[^a-z]+", " ", text.lower()).strip()


def frequencies(text):
    """Return the share of each of the 27 characters, shape (27,)."""
    counts = Counter(text)
    return np.array([counts[letter] for letter in ALPHABET]) / len(text)


manual = clean(" ".join(topics.topics.values()))
english = frequencies(manual)
print(f"{len(manual):,} characters: {manual[:69]} …")
print("most frequent:", {ALPHABET[i]: round(float(english[i]), 3) for i in np.argsort(-english)[:6]})

# %% answer="prediction_zlib"
prediction_zlib = ...  # with its quotation marks: "more", "about as many" or "fewer"
### BEGIN SOLUTION
prediction_zlib = "fewer"
### END SOLUTION

# %% [markdown]
# ## Write `entropy`
#
# `p` is an array of probabilities, shape `(n,)`, that sum to 1. Return the average surprise in bits, one number.
#
# - A probability may be 0. What never happens costs nothing, and your function says so without `nan`. (A warning of
#   NumPy does no harm.)
# - One outcome alone may have probability 1, with or without others beside it. Then there is nothing to ask: 0.
# - Leave `p` as it is. (So do all functions of this exercise with what they are given.)
#
# <details><summary>Hint 1: an average over what?</summary>Imagine a thousand games. The cat comes 500 times and is
# paid 500 times. Each surprise counts as often as it is felt.</details>
# <details><summary>Hint 2: what about the zeros?</summary>Write two columns on paper, p and its surprise. Where p is
# 0 the second entry does not exist, and nobody ever pays it. A boolean mask keeps the other rows.</details>


# %% answer="entropy"
def entropy(p):
    """Return the average surprise, in bits, of outcomes with probabilities p, shape (n,)."""
    ### BEGIN SOLUTION
    p = p[p > 0]
    return np.sum(p * np.log2(1 / p))
    ### END SOLUTION


# %% check="entropy" points=2
check.entropy(entropy)

# %%
if check.entropy.passed:
    order = np.argsort(-english)
    wide, high = english[order], np.log2(1 / english[order])
    fig, axes = plt.subplots(figsize=(10, 4.2), layout="constrained")
    axes.bar(np.cumsum(wide) - wide, high, wide, align="edge", color="#9CCBEB", edgecolor="black", linewidth=0.7)
    for letter, right, width in zip(order, np.cumsum(wide), wide, strict=True):
        if width > 0.0125:
            axes.text(right - width / 2, 0.2, ALPHABET[letter].replace(" ", "space"), ha="center")
    axes.axhline(np.log2(27), color="black", linestyle="--", label="asked blindly: log2(27)")
    axes.axhline(entropy(english), color="#D55E00", label=f"your entropy: {entropy(english):.2f} bits")
    axes.set(xlabel="probability (each letter as wide as it is frequent)", ylabel="surprise in bits", xlim=(0, 1))
    axes.set_title("What a letter costs. The blue area is the entropy")
    axes.legend(loc="upper left")
    plt.show()


# %%
def zlib_bits(text, **settings):
    """Return how many bits zlib stores per character of the text."""
    packer = zlib.compressobj(level=9, **settings)
    return 8 * len(packer.compress(text.encode()) + packer.flush()) / len(text)


def given(event, condition):
    """Yours, from "The alarm and the base rate": the share of the event among those with the condition."""
    return event[condition].mean() if condition.any() else np.nan


if check.entropy.passed:
    pairs = np.array(list(Counter(pairwise(manual)).values()))
    after_one = entropy(pairs / pairs.sum()) - entropy(english)  # what the second letter adds to the first
    print("bits per character")
    print(f"  {np.log2(27):.2f}  asked blindly")
    print(f"  {zlib_bits(manual, strategy=zlib.Z_HUFFMAN_ONLY):.2f}  zlib, made to code letter by letter")
    print(f"  {entropy(english):.2f}  your entropy of the letters")
    print(f"  {after_one:.2f}  your entropy of a letter, if you know the letter before it")
    print(f"  {zlib_bits(manual):.2f}  zlib as it is")
    said = "nothing" if prediction_zlib is ... else f'"{prediction_zlib}"'
    print(f"\nYou said {said}.")
    letters = np.array(list(manual))
    after_q = given(letters[1:] == "u", letters[:-1] == "q")
    print(f"P(u) is {np.mean(letters == 'u'):.2f}; given a q before it, {after_q:.2f}.")

# %% [markdown]
# Letter by letter, zlib stays a little above your entropy, and no such code gets below it: your formula knew the size
# of the file before it was written. As it is, zlib gets far below. It looks back, and after `q` the `u` is no surprise.
#
# So **entropy belongs to what you know**, not to the text alone. Whoever knows more pays less. A language model is the
# far end of this: it knows the whole page before the next word, and its loss is what that word still costs.
#
# As a formula: $H(p) = \sum_i p_i \log_2 \frac{1}{p_i}$, where outcomes with $p_i = 0$ add nothing.
#
# ## Pay with the wrong code
#
# A **code** gives each letter its list of yes-or-no answers, `log2(1/q)` of them if it was made for letters with
# probability q. So far it was made for the text. Now somebody else's code: the letters come as `p` says, but you pay
# the lengths that were made for `q`. The average bill is the **cross-entropy** of p and q.
#
# What is that good for? Python hides a text from you, `this.s`: every letter of it was moved along the alphabet by the
# same number of places.

# %%
secret = clean(this.s)
print(f"{len(secret)} characters: {secret[:75]} …")

# %% [markdown]
# ## Write `cross_entropy`
#
# `p` and `q` have shape `(n,)`, each sums to 1, and entry i of both is the same outcome. Return the average bill in
# bits, one number, when outcomes come with probabilities `p` and each costs the surprise that `q` gives it.
#
# - What never happens (`p` is 0) costs nothing, whatever `q` says of it, 0 too.
# - What happens although `q` called it impossible (`q` is 0, `p` is not) has no code at all: return `np.inf`.
# - However small a probability in `q` is, down to 1e-200: as long as it is above 0, it is paid in full, so no
#   tiny number may be added to it. (NumPy may warn of a division by zero; the check does not mind.)
#
# <details><summary>Hint 1: who decides what?</summary>Two questions about every letter: how often does it come, and
# how long is its code? One of the two arrays answers the first, the other the second.</details>
# <details><summary>Hint 2: which zeros may I leave out?</summary>A mask over outcomes that do not happen is right. A
# mask over outcomes that were called impossible lets a cheat go free. Which array is the mask made from?</details>


# %% answer="cross_entropy"
def cross_entropy(p, q):
    """Return the average cost, in bits, of outcomes with probabilities p under a code made for q."""
    ### BEGIN SOLUTION
    happens = p > 0
    with np.errstate(divide="ignore"):  # log2(0) is -inf, and infinite is what it costs
        return np.sum(p[happens] * -np.log2(q[happens]))
    ### END SOLUTION


# %% check="cross_entropy" points=3
check.cross_entropy(cross_entropy)


# %% [markdown]
# Move the secret text back by 0, 1, … 25 places, and each time ask what it costs in a code made for English.


# %%
def move_back(text, places):
    """Return the text with every letter moved back along the alphabet, round the end."""
    return text.translate(str.maketrans(ascii_lowercase, ascii_lowercase[-places:] + ascii_lowercase[:-places]))


if check.entropy.passed and check.cross_entropy.passed:
    tries = [frequencies(move_back(secret, places)) for places in range(26)]
    own, bills = [entropy(p) for p in tries], np.array([cross_entropy(p, english) for p in tries])
    fig, axes = plt.subplots(figsize=(10, 4), layout="constrained")
    axes.bar(range(26), own, color="#9CCBEB", edgecolor="black", label="its own entropy")
    axes.bar(range(26), bills - own, bottom=own, color="#F0C27B", edgecolor="black", hatch="//", label="paid extra")
    axes.set(xlabel="places moved back", ylabel="bits per character", xticks=range(26), ylim=(3, 6.4))
    axes.set_title("The secret text, paid with the code for English (the axis begins at 3)")
    axes.legend(loc="upper right", ncols=2)
    plt.show()
    places = int(bills.argmin())
    print(f"cheapest: {places} places, {bills[places]:.2f} bits; next: {np.sort(bills)[1]:.2f} bits")
    print(move_back(secret, places)[:130], "…")

# %% [markdown]
# You deciphered it without knowing a word of English. The blue part never moves: renaming letters changes no
# frequency, so entropy is blind to it. The hatched part knows.
#
# And you have trained a model. It had one parameter, the number of places, and you took the value with the lowest
# cross-entropy. It is also the value under which the letters, one by one, are most *likely*: the product of their
# probabilities is large where the sum of their `log2(1/q)` is small. Chances multiply, costs add up: that is the first
# reason for the logarithm.
#
# As a formula: $H(p, q) = \sum_i p_i \log_2 \frac{1}{q_i}$. Only the $q$ under the logarithm is new.
#
# ## Predict: which way is dearer?
#
# The secret text is short, the manual is long, and both are English. You can pay the letters of the secret text (moved
# back) with the code made for the manual, or the letters of the manual with the code made for the secret text. Which
# of the two pays more *extra*?

# %% answer="prediction_way"
prediction_way = ...  # with its quotation marks: "secret text", "manual" or "equal"; the one whose letters are paid
### BEGIN SOLUTION
prediction_way = "manual"
### END SOLUTION

# %% [markdown]
# ## Write `kl`
#
# The hatched part has a name: the **Kullback-Leibler divergence** of p from q, short KL. Return what is paid extra, in
# bits, one number, when outcomes come as `p` says and are paid by a code made for `q` instead of the best code for
# `p`.
#
# The edges are those of `cross_entropy`: `p` may have zeros, `q` may have zeros in the same places (no harm), or
# elsewhere (`np.inf`), or probabilities down to 1e-200. If both are equal, the extra is 0. Your functions may help.
#
# <details><summary>Hint 1: where is it in the picture?</summary>The whole bar, less the part that no code can
# save.</details>
# <details><summary>Hint 2: whose best code?</summary>What comes, comes as <code>p</code> says. So the cheapest
# possible bill is an entropy: which one?</details>


# %% answer="kl"
def kl(p, q):
    """Return the extra cost, in bits, of coding outcomes with probabilities p by a code made for q."""
    ### BEGIN SOLUTION
    return cross_entropy(p, q) - entropy(p)
    ### END SOLUTION


# %% check="kl" points=1
check.kl(kl)

# %%
if check.entropy.passed and check.cross_entropy.passed and check.kl.passed:
    text = move_back(secret, places)
    zen = frequencies(text)
    print("extra bits per character")
    with np.errstate(divide="ignore", invalid="ignore"):
        one_way, other_way = kl(zen, english), kl(english, zen)
    print(f"  {one_way:8.3f}  secret text in the code of the manual")
    print(f"  {other_way:8.3f}  manual in the code of the secret text, which never uses", end=" ")
    print(" or ".join(letter for letter, share in zip(ALPHABET, zen, strict=True) if share == 0))
    never_zero = (zen * len(text) + 1) / (len(text) + 27)  # as if every character had come once more
    print(f"  {kl(english, never_zero):8.3f}  the same, with one more of every character counted")
    said = "nothing" if prediction_way is ... else f'"{prediction_way}"'
    print(f"\nYou said {said}.")

# %% [markdown]
# KL is no distance: **the two directions differ**, here as much as numbers can. A code that met no `j` has no word for
# it, and a single `j` ruins it. The cure costs a fraction of a bit: never say never, and count everything once more
# than you saw it.
#
# As a formula: $D(p \,\|\, q) = H(p, q) - H(p)$. It is 0 for equal distributions, and above 0 for all others.
#
# ## Two readers of digits
#
# Back to the two models. Both say how sure they are: ten probabilities `q` for every image. The truth is a
# distribution too: 1 for the right digit, 0 for the others. This is called **one-hot**. Its entropy is 0, so the whole
# bill is extra, and of the sum one term remains: `log2(1/q)` of the digit that was right.
#
# The mean over all images is the **log loss**, which many libraries call *cross-entropy loss*. They take the natural
# logarithm and so count in **nats**: 1 bit is `np.log(2)` = 0.693 nats, the same bill in another currency.
#
# Your model copies the label of the most similar training image, and is 100 % sure of it. Hers is a logistic
# regression. Each learned from one half of scikit-learn's 1,797 digits and is tested on the other half.

# %%
digits = load_digits()
X_train, X_test, y_train, y_test = train_test_split(
    digits.data / 16, digits.target, test_size=0.5, stratify=digits.target, random_state=0
)
yours = KNeighborsClassifier(n_neighbors=1).fit(X_train, y_train)
hers = LogisticRegression(max_iter=3000).fit(X_train, y_train)

if check.cross_entropy.passed:
    print("            right   loss in bits   in nats   log_loss of scikit-learn")
    for name, model in {"yours": yours, "hers": hers}.items():
        q = model.predict_proba(X_test)
        with np.errstate(divide="ignore", invalid="ignore"):
            bits = np.mean([cross_entropy(one_hot, row) for one_hot, row in zip(np.eye(10)[y_test], q, strict=True)])
        print(f"  {name:8} {model.score(X_test, y_test):6.1%} {bits:12.3f} {bits * np.log(2):11.3f}", end=" ")
        print(f"{log_loss(y_test, q):14.3f}")
    print(f"\nscikit-learn prices the impossible at log(1/{np.finfo(float).eps:.1e}) =", end=" ")
    print(f"{-np.log(np.finfo(float).eps):.0f} nats")

    copied = yours.predict(X_test)
    wrong = np.flatnonzero(copied != y_test)
    fig, axes = plt.subplots(1, len(wrong), figsize=(11, 1.7), layout="constrained")
    for ax, i in zip(axes, wrong, strict=True):
        ax.imshow(X_test[i].reshape(8, 8), cmap="gray_r")
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"is {y_test[i]}\nsaid {copied[i]}", fontsize=9)
    fig.suptitle("100 % sure, and wrong: each of these costs an infinite number of bits", fontsize=10)
    plt.show()

# %% [markdown]
# Hers has more mistakes and the better loss, because hers has doubts where yours has none. (scikit-learn puts a price
# on the impossible all the same: it raises a 0 to the gap between 1 and the next float, which no model has earned. Mind
# that when you compare such numbers.)
#
# ## Predict: how sure should it be?
#
# Your model may keep all its answers. It only stops saying "100 %": for every image it now says "I am sure with
# probability c", and shares out the rest evenly over the nine other digits. Which c has the lowest loss?

# %% answer="prediction_sure"
prediction_sure = ...  # a number between 0 and 1
### BEGIN SOLUTION
prediction_sure = 0.99
### END SOLUTION

# %%
if check.cross_entropy.passed:
    right = yours.score(X_test, y_test)
    come = np.r_[right, np.full(9, (1 - right) / 9)]  # how often its answer is right, and each other digit is
    doubts = np.geomspace(1e-12, 0.5, 400)
    loss_bits = np.array([cross_entropy(come, np.r_[1 - doubt, np.full(9, doubt / 9)]) for doubt in doubts])
    hers_bits = log_loss(y_test, hers.predict_proba(X_test)) / np.log(2)

    fig, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    axes.semilogx(doubts, loss_bits, color="#0072B2", linewidth=2, label="your model, always the same answers")
    axes.axvline(1 - right, color="#D55E00", linestyle=":", label=f"share it gets wrong: {1 - right:.4f}")
    axes.axhline(hers_bits, color="black", linestyle="--", label="her model")
    axes.set(xlabel="doubt that it admits, 1 - c", ylabel="loss in bits", ylim=(0, 0.8))
    axes.invert_xaxis()
    axes.set_title("Surer towards the right: cheaper at first, then dearer without end")
    axes.legend(loc="upper center")
    plt.show()
    best = 1 - doubts[loss_bits.argmin()]
    print(f"You said {'nothing' if prediction_sure is ... else prediction_sure}.", end=" ")
    print(f"Lowest at c = {best:.3f}: {loss_bits.min():.3f} bits. It is right in {right:.3f} of all cases.")

# %% [markdown]
# Every point of the curve is the same model with the same right answers. The loss is lowest where it says what is true:
# sure to 98.8 %, because it is right in 98.8 %. And now it beats hers. (In earnest you choose c on digits that are
# neither training nor test.)
#
# That is the second reason for the logarithm: **the cheapest thing to say is what you believe**. Too modest costs
# you on every image; too sure costs without bound on the few that come out otherwise.
#
# ## Write `loss`
#
# Inside a classifier there are no probabilities at first, but **logits**: k numbers per image, any size, any sign.
# **Softmax** makes probabilities of a row: `exp(z) / sum(exp(z))`. And floats have limits:

# %%
with np.errstate(all="ignore"):
    powers = np.exp([1000.0, -1000.0])
    print("exp of 1000 and -1000:", powers, "   softmax of them:", powers / powers.sum())

# %% [markdown]
# Return the mean log loss in **nats**, one number. `logits` has shape `(n, k)` and holds floats, `labels` has shape
# `(n,)` and holds whole numbers from 0 to k - 1: the right class of each row. (Some classes may be nobody's.)
#
# - Logits may be as large as 1000 or as low as -1000, in some rows or in all, and right or wrong. The loss is then
#   still finite and correct: a model that is sure and wrong by 2000 pays 2000 nats.
# - A single row may come, and a single class (k = 1, where every loss is 0).
#
# <details><summary>Hint 1: how do I keep the powers small?</summary>Lift all logits of a row by the same
# amount, and softmax stays as it is: both parts of the fraction grow by the same factor. So you may choose how high
# the row stands. At which height is its largest <code>exp</code> equal to 1?</details>
# <details><summary>Hint 2: how can the loss be 2000, if the probability rounds to 0?</summary>Never make that
# number. The logarithm of a fraction is a difference, and in one of its two parts a logarithm meets an
# <code>exp</code>. What is left of it?</details>
# <details><summary>Hint 3: which logit belongs to the label?</summary>One per row, another column each time. Index
# with two arrays at once: the row numbers and the labels.</details>


# %% answer="loss"
def loss(logits, labels):
    """Return the mean log loss, in nats, of logits, shape (n, k), for the right classes labels, shape (n,)."""
    ### BEGIN SOLUTION
    z = logits - logits.max(axis=1, keepdims=True)
    right = z[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(z).sum(axis=1)) - right)
    ### END SOLUTION


# %% check="loss" points=3
check.loss(loss)

# %%
if check.loss.passed:
    logits = hers.decision_function(X_test)
    print(f"yours: {loss(logits, y_test):.6f}   scikit-learn: {log_loss(y_test, hers.predict_proba(X_test)):.6f}")
    extreme = np.array([[1000.0, -1000.0]])
    q = np.array([[1.0, 0.0]])  # its softmax, as floats can hold it
    print(f"sure and wrong, yours: {loss(extreme, np.array([1])):.0f}   ", end="")
    print(f"scikit-learn, from probabilities: {log_loss([1], q, labels=[0, 1]):.0f}")

# %% [markdown]
# This is why PyTorch's `CrossEntropyLoss` asks for logits and not for probabilities: once `exp` has rounded a
# probability to 0, nobody can tell 40 nats from 2000. The trick is called **log-sum-exp**.
#
# ## Write `slopes`
#
# To train, you need to know how each logit moves the loss. Take one row, with right class c. Its loss is
# `log(sum(exp(z))) - z[c]`. The slope of the first part along `z[j]` is `exp(z[j]) / sum(exp(z))` (the chain rule).
# You have met that fraction. The slope of the second part is even shorter.
#
# Return the slopes of each row's own loss (no mean over the rows) along each of its logits, shape `(n, k)`. Shapes
# and edges are those of `loss`: logits from -1000 to 1000, a single row, a single class. Write a formula: the
# training below calls it 1,000 times, and nudging each logit would make it crawl.
#
# <details><summary>Hint 1: what does it look like?</summary>Ten equal logits and a 7 on the picture: nine slopes are
# 0.1, and that of the 7 is -0.9. Which two rows of ten numbers have this difference?</details>
# <details><summary>Hint 2: which second array?</summary>The truth as a distribution, one row per label.
# <code>np.eye(k)</code> has all such rows; or change one entry per row of a copy.</details>


# %% answer="slopes"
def slopes(logits, labels):
    """Return the slopes of each row's log loss along its logits, shape (n, k)."""
    ### BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[labels]
    ### END SOLUTION


# %% check="slopes" points=2
check.slopes(slopes)

# %% [markdown]
# Compare with nudging: raise one logit a little, lower it a little, and see by how much the loss differs. Then look
# at the shape. Two classes; from left to right the model becomes surer of the *right* one. Beside the log loss stands a
# loss that also looks reasonable, the squared error of the probability, `(1 - q)**2`.

# %%
if check.loss.passed and check.slopes.passed:
    rng = np.random.default_rng(0)
    table, label, nudge = rng.normal(0, 2, (1, 10)), np.array([7]), 1e-5
    nudged = [(loss(table + e, label) - loss(table - e, label)) / (2 * nudge) for e in nudge * np.eye(10)]
    gap = np.abs(np.asarray(slopes(table, label)) - nudged).max()
    print(f"largest difference between your slopes and nudging: {gap:.0e}")

    z = np.linspace(-10, 5, 151)
    rows, zeros = [np.array([[one, 0.0]]) for one in z], np.array([0])
    q = 1 / (1 + np.exp(-z))
    fig, (left, right_) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    left.plot(z, [loss(row, zeros) for row in rows], color="#0072B2", linewidth=2, label="log loss (yours)")
    left.plot(z, (1 - q) ** 2, color="#D55E00", linestyle="--", linewidth=2, label="squared error")
    right_.plot(z, [slopes(row, zeros)[0][0] for row in rows], color="#0072B2", linewidth=2, label="log loss (yours)")
    right_.plot(z, -2 * (1 - q) ** 2 * q, color="#D55E00", linestyle="--", linewidth=2, label="squared error")
    left.set(xlabel="logit of the right class, less the other", ylabel="loss", title="What a mistake costs")
    right_.set(xlabel="logit of the right class, less the other", ylabel="slope", title="What a mistake teaches")
    right_.annotate("sure and wrong:\nnothing to learn?", (-8, -0.02), (-9.5, -0.45), arrowprops={"arrowstyle": "->"})
    for ax in (left, right_):
        ax.legend(loc="upper right" if ax is left else "lower right")
    plt.show()

# %% [markdown]
# The slopes are **q - y**: what the model says, less what is true (many books write p - y). `exp` and logarithm undo
# each other, and that is the third reason. Where the model is sure and wrong, on the left, the squared error goes flat
# and teaches nothing; the log loss pulls with full force. Yet no slope is ever larger than 1: a bill without bound, a
# push with one.
#
# Last, let your slopes train a model: 40 digits, all weights 0 at first, gradient descent.

# %%
if check.loss.passed and check.slopes.passed:
    few, few_labels, weights = X_train[300:340], y_train[300:340], np.zeros((64, 10))
    looks, seen = {30, *(np.geomspace(1, 1001, 40).astype(int) - 1)}, []
    for step in range(1001):
        if step in looks:
            wrong = np.mean((X_test @ weights).argmax(axis=1) != y_test)
            seen.append((step, loss(few @ weights, few_labels), loss(X_test @ weights, y_test), wrong))
        weights -= 2.0 * few.T @ np.asarray(slopes(few @ weights, few_labels)) / len(few)
    when, train_loss, test_loss, share_wrong = np.array(seen).T

    fig, (left, right_) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    left.plot(when + 1, train_loss, color="#0072B2", label="40 training digits")
    left.plot(when + 1, test_loss, color="#D55E00", linestyle="--", label="test digits")
    left.axhline(np.log(10), color="black", linestyle=":", label="log(10): knows nothing")
    late = when >= 30
    first_loss, first_wrong = test_loss[late][0], share_wrong[late][0]
    right_.plot(when[late], test_loss[late] / first_loss, color="#D55E00", linestyle="--", label="test loss")
    right_.plot(when[late], share_wrong[late] / first_wrong, color="black", marker="o", label="test mistakes")
    left.set(xscale="log", xlabel="steps + 1", ylabel="loss in nats", title="Loss", ylim=(0, 3.5))
    right_.set(
        xscale="log", xlabel="steps", ylabel="as a multiple of step 30", title="From step 30 on", ylim=(0.8, 1.15)
    )
    left.legend(loc="upper right")
    right_.legend(loc="upper left")
    plt.show()
    for i in (0, int(test_loss.argmin()), -1):
        print(f"step {when[i]:4.0f}: test loss {test_loss[i]:.3f}, named wrong {share_wrong[i]:.1%}")

# %% [markdown]
# Two things to read from it. The first loss is log(10), the price of knowing nothing about ten classes. If the first
# loss of a fresh classifier lies far above `log(k)`, look for a bug before you train on. And from its lowest point
# the test loss climbs again, while the number of mistakes hardly moves: the model goes on naming about as many digits
# wrong, and gets ever surer of it. The accuracy cannot see that. The loss can. (With forty other digits it climbs too,
# but often less: try `[20:60]`.)
#
# ## What outlives this exercise
#
# > A loss is a bill: entropy, which nobody can save, plus KL, which a better model could. Ask of every probability that
# > you print what it costs when it is wrong, and never say 0.
#
# - `log2(1/q)` makes independent surprises add up, makes honesty cheapest, and leaves q - y as the slope.
# - Nats or bits? They differ by a factor of 0.693; read which one a library means before you compare.
# - From logits compute the loss directly, never through a probability that may have rounded to 0.
#
# **Try on your own data:** take a classifier of yours with `predict_proba`. Is its loss below that of saying the class
# frequencies for every row? List the five rows that cost most; often their labels are wrong.
#
# **Next:** you have the slopes. How far to go along them, 2.0 times here, is the subject of
# [Gradient descent](../fundamentals/gradient_descent.ipynb).
