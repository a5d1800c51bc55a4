"""A docstring's value and the source that spells it: places in the one become places in the other.

Parsers of docstrings see the decoded value; a diagnostic has to stand in the source. Escapes, raw
strings, line continuations, implicit concatenation and ``\\r\\n`` all move the two apart. Must not
import anything of lift.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_OPENING = re.compile(r"([A-Za-z]*)(\"\"\"|'''|\"|')")
_BETWEEN = re.compile(r"(?:[ \t\f\r\n]|\\\r\n|\\\r|\\\n|#[^\r\n]*)+")
_SIMPLE = {
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_OCTAL = re.compile(r"[0-7]{1,3}")
_HEX = {
    "x": re.compile(r"[0-9a-fA-F]{2}"),
    "u": re.compile(r"[0-9a-fA-F]{4}"),
    "U": re.compile(r"[0-9a-fA-F]{8}"),
}
_NAMED = re.compile(r"N\{([^}]+)\}")


@dataclass(frozen=True)
class Literal:
    """A string's value with where each of its code points stands in the source.

    Attributes:
        value: The decoded value.
        base: Source offset of the value's first code point, where the source spells the value as it is.
        starts: Otherwise the source offset at which each code point's spelling starts.
        ends: Likewise where it ends.
    """

    value: str
    base: int = 0
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The source offsets of ``value[start:end]``; an empty range stands where ``start`` does."""
        if self.starts is None or self.ends is None:
            return self.base + start, self.base + end
        if not self.starts:
            return self.base, self.base
        first = self.starts[start] if start < len(self.starts) else self.ends[-1]
        return first, (self.ends[end - 1] if end > start else first)


def read_literal(source: str, offset: int, end: int, value: str) -> Literal | None:
    """Maps the string that ``source[offset:end]`` spells; None if that is not how ``value`` is spelled."""
    opening = _OPENING.match(source, offset, end)
    if opening is None:
        return None
    closing = opening[2]
    first, last = opening.end(), end - len(closing)
    # Almost every docstring is spelled as it reads: one comparison settles those.
    if last - first == len(value) and source.startswith(value, first) and source.endswith(closing, 0, end):
        return Literal(value, first)
    return _mapped(source, offset, end, value)


def _mapped(source: str, offset: int, end: int, value: str) -> Literal | None:
    """The general case: every part of an implicit concatenation, decoded one code point at a time."""
    decoded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    place = offset
    while place < end:
        if between := _BETWEEN.match(source, place, end):
            place = between.end()
            continue
        opening = _OPENING.match(source, place, end)
        if opening is None:
            return None
        quote, raw = opening[2], "r" in opening[1].lower()
        place = opening.end()
        while not source.startswith(quote, place):
            if place >= end:
                return None
            spelled, char = _one(source, place, raw)
            if char is not None:
                decoded.append(char)
                starts.append(place)
                ends.append(place + spelled)
            place += spelled
            if raw and char == "\\" and place < end and source[place] in "'\"\\":
                decoded.append(source[place])
                starts.append(place)
                place += 1
                ends.append(place)
        place += len(quote)
    if "".join(decoded) != value:
        return None
    return Literal(value, offset, tuple(starts), tuple(ends))


def _one(source: str, place: int, raw: bool) -> tuple[int, str | None]:
    """How many source code points spell the next one of the value, and that one (None: nothing)."""
    char = source[place]
    if char == "\r":
        return (2 if source.startswith("\r\n", place) else 1), "\n"
    if char != "\\" or raw or place + 1 >= len(source):
        return 1, char
    escaped = source[place + 1]
    if escaped == "\r":
        return (3 if source.startswith("\r\n", place + 1) else 2), None
    if escaped == "\n":
        return 2, None
    if escaped in _SIMPLE:
        return 2, _SIMPLE[escaped]
    if octal := _OCTAL.match(source, place + 1):
        return 1 + len(octal[0]), chr(int(octal[0], 8))
    if escaped in _HEX and (digits := _HEX[escaped].match(source, place + 2)):
        code = int(digits[0], 16)
        return 2 + len(digits[0]), chr(code) if code <= 0x10FFFF else "\ufffd"
    if escaped == "N" and (named := _NAMED.match(source, place + 1)):
        try:
            return 1 + len(named[0]), unicodedata.lookup(named[1])
        except KeyError:
            return 1, char
    return 1, char
