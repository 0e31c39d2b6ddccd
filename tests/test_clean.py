"""What a student's cells put out, and the Markdown that they write, is cleaned until it can only be looked at."""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.ansi import ansi2html
from nbformat.v4 import new_code_cell, new_notebook
from planted import IN_HTML, IN_MARKDOWN

from shoshin.check.card import card_html, card_text
from shoshin.check.verdict import Verdict
from shoshin.classroom import markdown
from shoshin.classroom.clean import clean_html, clean_markdown, clean_outputs, clean_text
from shoshin.classroom.markdown import as_written, rendered

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(60)).decode()
CARD = Verdict("a/b", "task", "mistake", "You **wrote** `x`.", "id", 1, 3, (("The call", "f(<b>)"),), note="Slow.")
PAGES = HTMLExporter(template_name="basic")
TOO_MUCH = "Some of the output was left out: it was too much."
HARMLESS = [
    "# A heading\n\nplain `a < b` & *more*, 5 < 6 <3 and a<b, C:\\data\\href",
    "```python\nif a < b and c & d:\n    print('<script>')\n```\n\n    <script>indented</script>\n\n~~~\n<b\n~~~",
    "| a | b |\n|---|:-:|\n| 1 | `<i>` |\n\n- [ ] to do\n- one\n  - two\n\n1. x\n\n> quoted",
    "$a < b$, $$\\begin{aligned}x &< y \\\\ z\\end{aligned}$$ and \\begin{align}a&=b\\end{align}",
    "[a](https://example.org/?a=b&c=d#e) <https://example.org> https://example.org [m](mailto:a@b.org) [r](../x.csv)",
    "![a](https://example.org/x.png) ![b](picture.png) ![c](data:image/png;base64,AAAA)",
    "<details><summary>more</summary>\n\n**inside**\n\n</details>",
    'x<sup>2</sup><br>y<br/> <span style="color: red">red</span> <font color=blue>blue</font> <kbd>q</kbd>',
    '<div align="center">\n<img src="https://example.org/x.png" width="50%" alt="a b">\n</div>',
    "<!-- a remark -->text",
    "```mermaid\ngraph LR; A-->B\n```",
    "$\\href{https://example.org}{x} \\href{#part}{y} \\left(\\default\\right)$",
    "C:\\class\\style and \\def, where no formula is",
    "<p style=\"color: red; background-color:blue;\"><b style='text-align:center'>x</b></p>",
    "",
]


@pytest.mark.parametrize("source", HARMLESS)
def test_harmless_markdown_comes_back_as_it_is_and_looks_as_before(source: str) -> None:
    assert clean_markdown(source) == source
    shown, before = clean_html(rendered(source)), rendered(source)
    assert words(shown).strip() == words(before).strip()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<!--.*?-->|</?[a-zA-Z][^>]*>", "", html)))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a <script>b</script> c", "a &lt;script>b&lt;/script> c"),
        ("<b>kept</b> <b onclick=x>not</b>", "<b>kept</b> &lt;b onclick=x>not</b>"),
        ("[a](javascript:x) [b](https://c.d)", "[a](#x) [b](https://c.d)"),
        ("<javascript:x>", "&lt;javascript:x>"),
        ("![a](attachment:b.png)", "![a](#b.png)"),
        ("$\\href{javascript:x}{y}$", "$\\text{javascript:x}{y}$"),
        ("$\\def\\h#1{\\href{#1}{y}} \\h{javascript:x}$", "$\\text\\h#1{\\text{#1}{y}} \\h{javascript:x}$"),
        ("$\\let\\k\\href\\k{javascript:x}{y}$", "$\\text\\k\\text\\k{javascript:x}{y}$"),
        ("$\\style{a}{b}\\cssId{a}{b}\\renewcommand\\frac{x}$", "$\\text{a}{b}\\text{a}{b}\\text\\frac{x}$"),
        ("&#36;\\hr<!-- -->ef{javascript:x}{y}$", "```\n&#36;\\hr<!-- -->ef{javascript:x}{y}$\n```"),
        ("```mermaid\n<img src=x>\n<script>\n```", "```text\n<img src=x>\n<script>\n```"),
        ("[a](JAVASCRIPT&colon;x)", "```\n[a](JAVASCRIPT&colon;x)\n```"),
        ("> <script>\n> ```\n> </script>", "````\n> <script>\n> ```\n> </script>\n````"),
    ],
)
def test_what_is_harmful_in_markdown_is_shown_and_the_rest_stays(source: str, shown: str) -> None:
    assert clean_markdown(source) == shown
    assert clean_markdown(shown) == shown


@pytest.mark.parametrize(
    "source",
    ["<div>" * 9000, "[" * 60_000, "[](" * 20_000, "\\\\(" * 20_000, "\\begin{a}\n" * 6000, "x" * 10**6, "> " * 9000],
)
def test_markdown_that_no_parser_likes_takes_no_time_to_speak_of(source: str) -> None:
    assert clean_markdown(source) in (source, as_written(source))


@pytest.mark.parametrize(
    "between", ["color: ", " ", "color:a;", " align", " style='color:a'", "<!--", "\\href{ ", "\t"]
)
@pytest.mark.parametrize("begin", ["<p style='", "<p", "$", "<!--"])
def test_a_tag_without_an_end_is_told_at_once(begin: str, between: str) -> None:
    repeats = min(10_000, 60_000 // len(between))
    clean_markdown(f"{begin}{between * repeats}!")
    clean_html(f"{begin}{between * repeats}!")


def test_a_thousand_harmful_tags_are_shown_as_they_were_written_and_so_is_what_takes_too_long(monkeypatch: Any) -> None:
    source = " ".join(f"<x{number}>" for number in range(1000))
    assert clean_markdown(source) == as_written(source)
    monkeypatch.setattr(markdown, "MOST_SECONDS", 0.01)
    monkeypatch.setattr(markdown, "_cleaned", lambda source: sum(iter(lambda: 0, 1)))
    assert clean_markdown("x") == as_written("x")


def test_html_that_was_put_out_has_no_formula_that_does_more_than_show() -> None:
    html = "<p>$\\def\\h{\\href}\\h{javascript:x}{y}$</p>"
    assert clean_outputs([displayed(html=html)], 9)[0] == [
        displayed(html="<p>$\\text\\h{\\text}\\h{javascript:x}{y}$</p>")
    ]


class Acts(HTMLParser):
    """Notes what on a page could act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "svg", "math", "style", "form", "object", "embed", "base", "meta"):
            self.found.append(tag)
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", value or "").lower()
            elsewhere = not address.startswith("#")  # a heading's link to itself holds the heading's words
            if name.startswith("on") or (name in ("href", "src") and elsewhere and "javascript:" in address):
                self.found.append(f"{name}={value}")


PIECES = [*IN_MARKDOWN, *IN_HTML, *HARMLESS, "```", "`", "\n", "\n\n", "> ", "- ", "$", "|", "<", "&lt;"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES)))
@example(["## <img src=nowhere onerror=ran(19)>", '<form action="javascript:ran(20)"><button>go</button></form>'])
def test_no_mixture_of_markdown_leaves_anything_that_acts(parts: list[str]) -> None:
    cleaned = clean_markdown("".join(parts))
    assert clean_markdown(cleaned) == cleaned
    acts = Acts()
    acts.feed(rendered(cleaned))
    assert acts.found == []


MIMES = {
    "plain": "text/plain",
    "html": "text/html",
    "png": "image/png",
    "svg": "image/svg+xml",
    "latex": "text/latex",
    "markdown": "text/markdown",
    "verdict": "application/vnd.shoshin.verdict+json",
}


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def displayed(**data: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {MIMES[key]: value for key, value in data.items()}}


@pytest.mark.parametrize(
    ("output", "cleaned"),
    [
        (stream("a\tb\n\x1b[31mred\x1b[0m"), stream("a\tb\n\x1b[31mred\x1b[0m")),
        (stream("\x1b[38m\x1b[2Jx\x00\x07\ud800\x1b"), stream("x\ufffd")),
        (stream("10%\r50%\r100%\r\ndone\r"), stream("100%\ndone")),
        ({"output_type": "stream", "text": ["a", 5, ["b"]]}, stream("ab")),
        (displayed(plain="<b>"), displayed(plain="<b>")),
        (displayed(html="<b onclick=x>y</b>"), displayed(html="<b>y</b>")),
        (displayed(png=[PNG[:4], PNG[4:] + "\n"]), displayed(png=PNG)),
        (displayed(latex="$x$", plain="x"), displayed(plain="x")),
        (
            displayed(markdown="*x*", plain="<IPython.core.display.Markdown object>"),
            displayed(plain="*x*"),
        ),
        (displayed(svg="<svg/>"), displayed(plain="[not shown: image/svg+xml]")),
        (
            displayed(verdict={"points": 9}, plain="9"),
            displayed(plain="9"),
        ),
        (
            displayed(html="<style>#sk {}</style><div>Pipeline</div>", plain="Pipeline()"),
            displayed(plain="Pipeline()"),
        ),
        (
            {"output_type": "error", "ename": "E", "evalue": ["v"], "traceback": ["\x1b[31mE\x1b[0m\x1b[1A", 5]},
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mE\x1b[0m", ""]},
        ),
    ],
)
def test_an_output_is_cleaned_to_what_can_be_shown(output: Any, cleaned: Any) -> None:
    assert clean_outputs([output], 256) == ([cleaned], [])


@pytest.mark.parametrize(
    "output",
    [
        *[None, 5, [], {}, {"output_type": "comm_open"}, {"output_type": ["stream"]}, {"output_type": "display_data"}],
        *[{"output_type": "update_display_data", "data": {"text/plain": "x"}}, displayed(plain=5)],
    ],
)
def test_what_is_no_output_is_none(output: Any) -> None:
    cleaned, _ = clean_outputs([output], 256)
    assert cleaned in ([], [displayed(plain="[not shown: text/plain]")])
    assert clean_outputs(output, 256) == ([], [])


def test_there_is_an_end_to_output_and_the_reader_is_told() -> None:
    large = base64.b64encode(base64.b64decode(PNG) + bytes(10**6)).decode()
    for outputs in (
        [stream("x" * 5000)],
        [stream("x" * 600)] * 9,
        [displayed(plain="x")] * 500,
        [stream("")] * 20_000,
    ):
        cleaned, notes = clean_outputs(outputs, 1)
        assert len(json.dumps(cleaned)) < 50_000
        assert notes == ["Some of the output was left out: it was too much."]
        assert cleaned[-1] == stream(f"[{notes[0]}]\n")
    assert clean_outputs([displayed(png=large)], 1)[1] == ["A picture was left out: it was too large."]
    assert clean_outputs([displayed(png="PHNjcmlwdD4=")], 1)[1] == ["A picture was left out: it was no image/png."]
    deep, wide = "<div>" * 5000, f"<p {'x ' * 50_000}>"
    assert clean_outputs([displayed(html=deep, plain="x")], 256)[0] == [displayed(plain="x")]
    assert clean_outputs([displayed(html=wide, plain="x")], 256)[0] == [displayed(plain="x")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=20) | st.sampled_from(IN_HTML),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(["text/plain", "text/html", "image/png", "text/markdown", "application/javascript", "x"])
OUTPUT = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result"]) | JSON},
    optional={
        "name": JSON,
        "text": JSON,
        "data": st.dictionaries(KEYS, JSON) | JSON,
        "metadata": JSON,
        "traceback": st.lists(JSON) | JSON,
        "ename": JSON,
        "evalue": JSON,
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(OUTPUT | JSON, max_size=4))
def test_whatever_a_process_sends_becomes_a_valid_cell_that_can_be_shown(outputs: list[Any]) -> None:
    cleaned, _ = clean_outputs(outputs, 64)
    notebook = new_notebook(cells=[new_code_cell("x", outputs=[nbformat.from_dict(one) for one in cleaned])])
    nbformat.validate(notebook)
    json.dumps(cleaned).encode()
    html, _ = PAGES.from_notebook_node(notebook)
    assert not re.search(r"<[^<>]*\son\w+\s*=|<script|<iframe", html)


@given(st.text(st.sampled_from("\x1b[0123456789;mKJ\r\nx\x07\x9b")))
def test_nbconvert_takes_every_text_that_was_cleaned(text: str) -> None:

    cleaned = clean_text(text)
    ansi2html(cleaned)
    assert clean_text(cleaned) == cleaned


def test_the_card_stays_a_card_where_pages_are_cleaned() -> None:
    cleaned = clean_html(card_html(CARD))
    assert words(cleaned) == words(card_html(CARD))
    assert 'role="status"' in cleaned and 'aria-label="task: Not yet: a known misunderstanding"' in cleaned
    kept, meant = (
        [re.findall(r"([\w-]+):", style) for style in re.findall(r"""style=["']([^"']*)["']""", html)]
        for html in (cleaned, card_html(CARD))
    )
    assert kept == meant
    assert words(rendered(as_written(card_text(CARD)))).split() == card_text(CARD).split()
