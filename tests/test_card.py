"""What a learner reads: the card, as HTML and as the same words in text."""

import html
import json
import re

import pytest

from shoshin.check.card import FACES, card_html, card_text
from shoshin.check.verdict import MIME, Verdict

HOSTILE = "<script>alert(1)</script> & `code` **bold**"


def verdict(outcome="wrong", **more):
    about = {"exercise": "models/pca", "task": "pca", "outcome": outcome, "message": HOSTILE, "max_points": 3}
    return Verdict(**about | {"details": (("Came back", HOSTILE),)} | more)


@pytest.mark.parametrize("outcome", FACES)
def test_every_outcome_is_told_by_a_sign_and_a_word_not_by_colour_alone(outcome):
    sign, word, _colour = FACES[outcome]
    for shown in (card_text(verdict(outcome)), html.unescape(card_html(verdict(outcome)))):
        assert sign in shown and word in shown


def test_what_an_answer_returns_cannot_become_html():
    shown = card_html(verdict())
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_code_and_bold_parts_of_a_message_are_set():
    assert "<code>code</code>" in card_html(verdict()) and "<b>bold</b>" in card_html(verdict())


def test_the_card_names_itself_to_a_screen_reader():
    assert re.search(r'role="status" aria-label="pca: [^"]+"', card_html(verdict()))


def test_the_card_needs_nothing_from_elsewhere():
    assert not re.search(r"<(script|link|img|iframe)|https?:|url\(|class=", card_html(verdict(details=())))


def test_the_text_fits_80_columns():
    long = verdict(message="a few words and then some " * 30, details=())
    assert max(map(len, card_text(long).splitlines())) <= 80


def test_the_verdict_travels_as_json_beside_the_card():
    data = verdict()._repr_mimebundle_()[MIME]
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert {"exercise", "task", "outcome", "mistake", "message", "points", "max_points"} <= data.keys()


def test_under_nbgrader_the_plain_text_is_the_score(monkeypatch):
    passed = verdict("passed", points=1.5)
    assert "Passed" in repr(passed)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert repr(passed) == "1.5"
    assert repr(verdict()) == "0"
    assert "Passed" in card_html(passed)


@pytest.mark.parametrize("background", ["#ffffff", "#111111", "#383838"])  # JupyterLab light and dark, Colab dark
@pytest.mark.parametrize("colour", sorted({colour for _sign, _word, colour in FACES.values()}))
def test_the_coloured_edge_stands_out_on_light_and_dark(colour, background):
    """WCAG 2.2 wants 3:1 for what is no text (1.4.11). The words inherit the theme's colour."""

    def luminance(text):
        parts = [int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(colour), luminance(background)))
    assert (high + 0.05) / (low + 0.05) >= 3
