"""Show a verdict as a card: HTML for notebooks, the same words as text for terminals and screen readers."""

from __future__ import annotations

import html
import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoshin.check.verdict import Verdict

# A sign, a word and a colour each: the colour alone never carries the meaning.
FACES = {
    "passed": ("✓", "Passed", "#3d9650"),
    "mistake": ("✗", "Not yet: a known misunderstanding", "#c0702a"),
    "wrong": ("✗", "Not yet", "#c0702a"),
    "error": ("!", "Your code stopped with an error", "#e05a4b"),
    "not attempted": ("○", "Not attempted", "#7d868e"),
}


def card_text(verdict: Verdict, width: int = 80) -> str:
    """Return the card as plain text, at most `width` columns wide but for the learner's own line of code."""
    sign, word, _colour = FACES[verdict.outcome]
    lines = textwrap.wrap(f"{sign} {verdict.task}: {word}{_score(verdict)}", width)
    lines += textwrap.wrap(verdict.message, width - 2, initial_indent="  ", subsequent_indent="  ")
    for label, text in verdict.details:
        lines += _detail(label, text, width)
    lines += textwrap.wrap(verdict.note, width - 2, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def _detail(label: str, text: str, width: int) -> list[str]:
    """Return a detail's lines; a short one stands beside its label."""
    if label == "Your line" or ("\n" not in text and len(label) + len(text) + 4 <= width):
        return [f"  {label}: {text}"]
    lines = [f"  {label}:"]
    for line in text.splitlines():
        # Aligned columns of numbers survive; what is too long continues deeper.
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        lines += textwrap.wrap(
            line, width, initial_indent="    ", subsequent_indent=indent[: width // 2] + "  ", drop_whitespace=False
        ) or [""]
    return lines


def card_html(verdict: Verdict) -> str:
    """Return the card as HTML: no script, no font or style from elsewhere, for light and dark themes alike."""
    sign, word, colour = FACES[verdict.outcome]
    rows = "".join(
        f'<div style="margin-top:.5em"><b>{html.escape(label)}</b>'
        '<pre style="margin:.15em 0 0;padding:.4em .6em;white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;'
        f'background:rgba(127,127,127,.12);color:inherit;font-family:monospace;font-size:.92em">{html.escape(text)}</pre></div>'
        for label, text in verdict.details
    )
    note = f'<div style="margin-top:.6em;font-style:italic">{html.escape(verdict.note)}</div>' if verdict.note else ""
    heading = (
        f"{html.escape(word)}<span style='font-weight:normal'> · {html.escape(verdict.task)}{_score(verdict)}</span>"
    )
    return (
        f'<div role="status" aria-label="{html.escape(f"{verdict.task}: {word}", quote=True)}" '
        f'style="border:1px solid rgba(127,127,127,.35);border-left:.4em solid {colour};border-radius:.3em;'
        'padding:.7em 1em;margin:.3em 0;max-width:46em;line-height:1.45;color:inherit">'
        f'<div style="font-weight:bold"><span aria-hidden="true">{sign}</span> {heading}</div>'
        f'<div style="margin-top:.35em">{marked_up(verdict.message)}</div>{rows}{note}</div>'
    )


def _score(verdict: Verdict) -> str:
    if verdict.outcome == "not attempted" or not verdict.max_points:
        return ""
    return f" ({verdict.points:g} of {verdict.max_points:g} point{'' if verdict.max_points == 1 else 's'})"


def marked_up(message: str) -> str:
    """Escape a message, then set its `code` and **bold** parts."""
    text = html.escape(message, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
