"""Edits as data, and applying them. Must not know what they are for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lift_ir import Span

from lift.source.positions import LineIndex


@dataclass(frozen=True)
class Edit:
    """Replaces the text at ``span`` by ``text``; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True)
class Failure:
    """Why an edit cannot be made; ``reason`` is meant for the user."""

    reason: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after ``edits``, whose places all count in ``text`` and do not overlap.

    What is inserted at one place comes out in the order of ``edits``, as editors do it.
    """
    index = LineIndex(text)
    placed = [(index.offset(e.span.start), index.offset(e.span.end), n, e.text) for n, e in enumerate(edits)]
    for start, end, _, new in sorted(placed, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def line_end(text: str) -> str:
    """The line end that a text uses: its first one.

    Ensures:
        - ``result in ("\\n", "\\r", "\\r\\n")``
        - ``result in text or ("\\n" not in text and "\\r" not in text)``
    """
    place = min((p for p in (text.find("\n"), text.find("\r")) if p >= 0), default=-1)
    if place < 0 or text[place] == "\n":
        return "\n"
    return "\r\n" if text[place : place + 2] == "\r\n" else "\r"
