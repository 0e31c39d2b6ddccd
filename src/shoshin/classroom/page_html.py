"""Clean HTML for a page: what is left shows text, tables, pictures and links, and can do nothing else."""

from __future__ import annotations

import functools
import mimetypes
import re
from html import escape

import nh3

NAMES = """a abbr b blockquote br caption center code col colgroup dd del details div dl dt em figcaption figure font
    h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub summary sup table tbody td
    tfoot th thead tr tt u ul var"""
ATTRIBUTES = {
    "*": {"align", "aria-hidden", "aria-label", "class", "dir", "id", "lang", "role", "style", "title"},
    "a": {"href"},
    "details": {"open"},
    "font": {"color", "face", "size"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start", "type"},
    "table": {"border"},
    "td": {"colspan", "rowspan", "valign"},
    "th": {"colspan", "rowspan", "scope", "valign"},
}
STYLES = """background background-color border border-left border-radius color font-family font-size font-style
    font-weight line-height margin margin-top max-width overflow-wrap padding text-align text-decoration vertical-align
    white-space word-break"""  # the card's among them
GONE = {"iframe", "math", "noscript", "object", "script", "style", "svg", "template", "textarea", "title"}
SCHEMES = {"http", "https", "mailto"}
SCHEME = re.compile(r"([^/?#:]*):")
BLANK = re.compile(r"[\x00-\x20\x7f-\xa0]")  # browsers skip it
PREFIX = re.compile(r"(?:/?files/)+")
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")

# Of MathJax: what makes a link, a style or an element, and what would give one of these another name, or change what
# the teacher's formulas mean. An address must stand there as it is: `#1` could become any.
DEFINES = "[egx]?def|let|futurelet|(?:re)?new(?:command|environment)|providecommand|DeclareMathOperator|Newextarrow"
ACTS = "style|class|cssId|require|mmlToken|bbox"
COMMAND = re.compile(rf"\\(?:href(?![a-zA-Z]|\s*+\{{(?:https?://|#[a-zA-Z]))|(?:{DEFINES}|{ACTS})(?![a-zA-Z]))")
MATHS = re.compile(r"\$|\\begin\s*+\{|\\[(\[]")

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
FLAT = {"br", "col", "hr", "img", "input", "li", "p", "td", "th", "tr"}  # they need no end
DEPTH = 200


def clean_html(html: str) -> str:
    """Return HTML that can do nothing; what no reader could follow is shown as it was written."""
    return f"<pre>{escape(html)}</pre>" if is_nested_deeply(html) else _cleaner().clean(html)


def tame_maths(text: str) -> str:
    """Return a text whose formulas, if there are any, can only be looked at: the commands that do more are gone."""
    return COMMAND.sub(r"\\text", text) if MATHS.search(text) else text


def opens_as_page(name: str) -> bool:
    """Tell whether a browser would run what is in a file of this name, where a web server hands it out."""
    kind = mimetypes.guess_type(name)[0] or ""
    return kind == "text/html" or kind.endswith(("/xml", "+xml"))


def is_nested_deeply(html: str) -> bool:
    """Tell whether HTML is nested so deeply that a parser, whose time grows with the square, would take long."""
    opened: list[str] = []
    for tag in TAG.finditer(html):
        closing, name = tag[1], tag[2].lower()
        if closing and opened and opened[-1] == name:
            opened.pop()
        elif not closing and name not in FLAT:
            opened.append(name)
            if len(opened) > DEPTH:
                return True
    return False


@functools.cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags={*NAMES.split()},
        clean_content_tags=GONE,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        filter_style_properties={*STYLES.split()},
        url_schemes=SCHEMES | {"data"},  # what of it is a picture, _attribute says
        link_rel="noopener noreferrer",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return what an attribute may be, or `None`."""
    if name == "id":  # the page's own scripts look for elements by their ids
        return f"in-text-{value}"
    if name == "style":
        return None if "url" in value.lower() or "\\" in value else value
    if name in ("href", "src"):
        value = PREFIX.sub("", value)  # nbconvert would take it away after us
        if value.startswith("#"):
            return f"#in-text-{value[1:]}"
        scheme = SCHEME.match(BLANK.sub("", value))
        if scheme and scheme[1].lower() not in SCHEMES:
            return value if tag == "img" and PICTURE.fullmatch(value) else None
    return value
