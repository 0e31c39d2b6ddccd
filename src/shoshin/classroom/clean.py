"""Make what a stranger's cells put out harmless, whatever their process sends."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from shoshin.classroom.mangled import harmless, joined
from shoshin.classroom.markdown import clean_markdown
from shoshin.classroom.page_html import clean_html, is_nested_deeply, tame_maths

__all__ = ["clean_html", "clean_markdown", "clean_outputs", "clean_text", "picture"]

MOST_OUTPUTS = 200
MOST_MESSAGES = 10_000
PICTURES = 8  # times the room that there is for text
LONGEST_TAG = 20_000
MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
# Colours stay where they are whole: nbconvert stumbles over half a one.
CODE = r"(?:[0-24579]|2[1-9]|3[0-79]|4[0-79]|9[0-7]|10[0-7]|[34]8;5;\d{1,3}|[34]8;2(?:;\d{1,3}){3})"
CONTROL = re.compile(rf"(\x1b\[(?:{CODE}(?:;{CODE}){{0,9}})?m)|\x1b\[[0-9;?]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
BARE = re.compile(r"<IPython\.core\.display\.\w+ object>")
TOO_MUCH = "Some of the output was left out: it was too much."


def clean_outputs(outputs: Any, most_kb: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a cell's outputs as valid and harmless ones, and what was left out, a sentence each.

    There is room for `most_kb` KB of text, and for eight times as much of pictures. What was left out is said at the
    end of the output, too.
    """
    room, cleaned = _Room(most_kb), list[dict[str, Any]]()
    for number, output in enumerate(outputs if isinstance(outputs, (list, tuple)) else []):
        if number == MOST_MESSAGES or len(cleaned) == MOST_OUTPUTS or not room.text:
            room.notes[TOO_MUCH] = None
            break
        one, last = _clean_output(output, room), cleaned[-1] if cleaned else {}
        if one and one["output_type"] == "stream" and one["name"] == last.get("name"):
            last["text"] += one["text"]
        elif one:
            cleaned.append(one)
    if room.notes:
        told = "".join(f"[{note}]\n" for note in room.notes)
        cleaned.append({"output_type": "stream", "name": "stdout", "text": told})
    return cleaned, [*room.notes]


def clean_text(text: str) -> str:
    """Return a text without control characters but for line ends, tabs and colours, each line as it was last seen."""
    lines = text.replace("\r\n", "\n").split("\n")  # a progress bar returns to the beginning of its line
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    return harmless(CONTROL.sub(lambda found: found[1] or "", text))


def picture(mime: str, data: Any) -> str | None:
    """Return a picture in base64 if it is what it says, else `None`."""
    try:
        raw = base64.b64decode("".join(joined(data).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(raw).decode() if mime in MAGIC and raw.startswith(MAGIC[mime]) else None


class _Room:
    """The room that is left for a cell's output, and what did not find any."""

    def __init__(self, most_kb: int) -> None:
        self.text, self.pictures = most_kb * 1024, PICTURES * most_kb * 1024
        self.notes: dict[str, None] = {}  # in order, each once

    def take(self, text: str) -> str:
        """Return as much of a text as there is room for."""
        if len(text) > self.text:
            self.notes[TOO_MUCH] = None
        text = text[: self.text]
        self.text -= len(text)
        return text

    def take_picture(self, mime: str, data: Any) -> str | None:
        """Return a picture if it is one, and there is room for it."""
        cleaned = picture(mime, data)
        if cleaned is None:
            self.notes[f"A picture was left out: it was no {mime}."] = None
        elif len(cleaned) > self.pictures:
            self.notes["A picture was left out: it was too large."] = None
            return None
        self.pictures -= len(cleaned or "")
        return cleaned


def _clean_output(output: Any, room: _Room) -> dict[str, Any] | None:
    if not isinstance(output, dict):
        return None
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return {"output_type": "stream", "name": name, "text": room.take(clean_text(joined(output.get("text"))))}
        case "error":
            lines = output.get("traceback")
            texts = [output.get("ename"), output.get("evalue"), *(lines if isinstance(lines, list) else [])]
            ename, evalue, *traceback = (room.take(clean_text(joined(text))) for text in texts[:MOST_MESSAGES])
            return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": traceback}
        case "display_data" | "execute_result" as kind:
            data = dict(_shown(output.get("data"), room))
            number = {"execution_count": None} if kind == "execute_result" else {}
            return {"output_type": kind, "data": data, "metadata": {}, **number} if data else None
    return None


def _shown(data: Any, room: _Room) -> Iterator[tuple[str, str]]:
    """Yield the kinds of a result that can be shown; its plain text is always among them."""
    if not isinstance(data, dict):
        return
    plain = joined(data.get("text/plain"))
    if BARE.fullmatch(plain):  # as it was written it says more
        plain = joined(data.get("text/markdown")) or joined(data.get("text/latex")) or plain
    html = _readable_html(joined(data.get("text/html")), room.text)
    if html:
        yield "text/html", room.take(html)
    pictures = {mime: cleaned for mime in MAGIC if mime in data and (cleaned := room.take_picture(mime, data[mime]))}
    yield from pictures.items()
    if not (plain or html or pictures):
        plain = f"[not shown: {', '.join(sorted(str(kind)[:60] for kind in data)[:5])}]"
    if plain:
        yield "text/plain", room.take(clean_text(plain))


def _readable_html(html: str, most: int) -> str:
    """Return HTML, cleaned, or "" if nobody can read it so: a diagram of scikit-learn's lives by its style sheet."""
    if not html or len(html) > 2 * most or ("<style" in html.lower() and "<table" not in html.lower()):
        return ""
    if max(map(len, html.split("<"))) > LONGEST_TAG or is_nested_deeply(html):
        return ""
    html = tame_maths(clean_html(harmless(html)).strip())
    return html if len(html) <= most else ""
