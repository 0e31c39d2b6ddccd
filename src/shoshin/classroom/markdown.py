"""Find what a student's Markdown could do to its reader, and show it as text instead."""

from __future__ import annotations

import html
import re
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from shoshin.check.timelimit import OutOfTime, time_limit
from shoshin.classroom.page_html import is_nested_deeply, tame_maths

LONGEST = 2**16  # of a text, its pictures apart
MOST_FORMULAS = 200  # nbconvert's time grows with their square
FORMULA = re.compile(r"\\begin\{|\\\\[(\[]")
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]++")
BLANKS = re.compile(r"[^\S\n]{200}")  # mistune's time grows with the square of their number
MOST_SECONDS = 10.0  # for whatever else a parser does not like
MOST_DANGERS = 100  # each is looked for in the whole text
REMARK = re.compile(r"<!--(?:(?!--)[^<>])*+-->")
SCHEME = re.compile(r"([^/?#:]*):")
BLANK = re.compile(r"[\x00-\x20\x7f-\xa0]")  # browsers skip it
PREFIX = re.compile(r"(?:/?files/)+")  # nbconvert takes it away
SCHEMES = {"http", "https", "mailto"}
ADDRESS = re.compile(r'(?:href|src)="([^"]*)"')
ROUNDS = 4

# A tag that is left as it is, is spelled so plainly that every parser reads the same. What matches is never given back
# (`*+`): no text takes longer than a look at each of its characters.
NAMES = (
    "a|b|blockquote|br|center|code|dd|del|details|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|q|s|samp|"
    "small|span|strike|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var"
)
URL = rf"(?:https?://[\w.~/?#\[\]@!$()*+,;=%:-]*+|mailto:[\w.@+-]*+|{PICTURE.pattern}|[\w./#%?=+~-]*+)"
DECLARATION = (
    r"(?:color|background(?:-color)?|border|padding|font-(?:size|style|weight)|text-(?:align|decoration))"
    r"\s*+:(?:(?!url)[\w\s#.,%()-])*+"
)
STYLE = rf"\s*+(?:{DECLARATION}(?:;\s*+{DECLARATION})*+;?\s*+)?+"
PLAIN = (
    r"(?:align|alt|border|color|colspan|face|height|lang|open|rowspan|scope|size|start|title|type|valign|width)"
    r"(?:\s*+=\s*+(?:\"[^\"<>`&=]*+\"|'[^'<>`&=]*+'|[\w#.%-]++))?+"
)
ATTRIBUTE = rf"\s++(?:{PLAIN}|(?:href|src)\s*+=\s*+(?:\"{URL}\"|'{URL}')|style\s*+=\s*+(?:\"{STYLE}\"|'{STYLE}'))"
TAG = rf"<(?:/(?:{NAMES})\s*+|(?:{NAMES})(?:{ATTRIBUTE})*+\s*+/?|!--(?:(?!--)[^<>])*+--)>"
MARKUP = re.compile(rf"(?P<plain>{TAG})|<(?=[a-zA-Z/!?])", re.IGNORECASE)


def clean_markdown(source: str) -> str:
    """Return Markdown that can do nothing but show text, tables, formulas, pictures and links.

    What is harmless comes back as it is. A harmful tag is shown as the text that it is, a harmful address is taken
    out of its link; where that is not enough, the whole text is shown as it was written.
    """
    if len(PICTURE.sub("", source)) > LONGEST or len(FORMULA.findall(source)) > MOST_FORMULAS:
        return as_written(source)
    try:
        with time_limit(MOST_SECONDS):
            return _cleaned(source)
    except OutOfTime:
        return as_written(source)


def _cleaned(source: str) -> str:
    if BLANKS.search(source):
        return as_written(source)
    cleaned = source = tame_maths(source)
    for _ in range(ROUNDS):
        dangers = _dangers(cleaned)
        if not dangers:
            return cleaned
        if len(dangers) > MOST_DANGERS:
            break
        for harmful, instead in dangers.items():
            cleaned = cleaned.replace(harmful, instead)
    return as_written(source)


def as_written(text: str) -> str:
    """Return Markdown that shows a text as it is, in a block of its own."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def rendered(source: str, attachments: dict[str, Any] | None = None) -> str:
    """Return the HTML that nbconvert makes of Markdown; the text itself where it makes none."""
    renderer = IPythonRenderer(escape=False, attachments=attachments or {})
    try:
        return MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # a picture that lacks, or whatever the parser stumbles over
        return f"<pre>{html.escape(source)}</pre>"


def _dangers(source: str) -> dict[str, str]:
    """Return what is harmful in a text, as it stands there → what may stand there instead."""
    watching = _Watching(escape=False)
    try:
        page = MarkdownWithMath(renderer=watching).render(source)
    except Exception:
        return {source: as_written(source)}
    shown = html.unescape(REMARK.sub("", page))  # MathJax reads over a remark
    if not watching.dangers and (is_nested_deeply(page) or tame_maths(shown) != shown):
        return {source: as_written(source)}
    return watching.dangers


class _Watching(IPythonRenderer):
    """Renders as nbconvert does, and notes what does not belong on anybody's page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.dangers: dict[str, str] = {}

    def inline_html(self, html: str) -> str:
        return self._watched(html, super().inline_html(html))

    def block_html(self, html: str) -> str:
        return self._watched(html, super().block_html(html))

    def _watched(self, written: str, shown: str) -> str:
        instead = MARKUP.sub(lambda found: found["plain"] or "&lt;", written)
        if instead != written:
            self.dangers[written.strip()] = instead.strip()
        return shown

    def block_mermaidjs(self, code: str) -> str:
        if MARKUP.search(code):  # nbconvert does not escape it
            for fence in ("```", "~~~", "``` ", "~~~ "):
                self.dangers[f"{fence}mermaid"] = f"{fence}text"
        return super().block_mermaidjs(code)

    def link(self, *parts: Any, **more: Any) -> str:
        return self._followed(super().link(*parts, **more))

    def image(self, *parts: Any, **more: Any) -> str:
        return self._followed(super().image(*parts, **more))

    def _embed_image_or_attachment(self, src: str) -> str:
        return src  # one that was not handed in with the text would raise

    def _followed(self, shown: str) -> str:
        for address in map(html.unescape, ADDRESS.findall(shown)):
            scheme = SCHEME.match(BLANK.sub("", PREFIX.sub("", address)))
            if scheme and scheme[1] and scheme[1].lower() not in SCHEMES and not PICTURE.fullmatch(address):
                for before, after in (("(", "(#"), ("(<", "(<#"), ("]: ", "]: #"), ("<", f"&lt;{scheme[0]}")):
                    self.dangers[before + scheme[0]] = after
        return shown
