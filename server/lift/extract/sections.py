"""The sections of a docstring that state a specification, with where everything stands.

Read by our own code because the parsers of docstrings lose the places. Only bullets count: prose under
a header that happens to be called "Requires:" says nothing here. Must not import other parts of lift.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

SectionKind = Literal["requires", "ensures", "invariant", "modifies", "decreases", "effect", "raises"]

HEADERS: dict[str, SectionKind] = {
    "Requires": "requires",
    "Preconditions": "requires",
    "Ensures": "ensures",
    "Postconditions": "ensures",
    "Invariants": "invariant",
    "Representation Invariants": "invariant",
    "Modifies": "modifies",
    "Decreases": "decreases",
    "Effects": "effect",
    "Raises": "raises",
}
_WORDS = ("equires", "onditions", "nsures", "nvariants", "odifies", "ecreases", "ffects", "aises")
_WORDS = (*_WORDS, ":raise", ":except")
_MAY_HOLD = re.compile(r"^[ \t]*(?:" + "|".join(HEADERS) + r")[ \t]*:?[ \t]*$|^[ \t]*:(?:raise|except)", re.M)
_LINE = re.compile(r"([ \t\f]*)([^\n]*)(?:\n|\Z)")
_HEADER = re.compile(r"(" + "|".join(HEADERS) + r")[ \t]*(:?)[ \t]*$")
_BULLET = re.compile(r"[-*+•][ \t]+(?=\S)|[-*+•](?=``)")
_DASHES = re.compile(r"-{3,}[ \t]*$")
_FIELD = re.compile(r":(?:raises?|except|exception)[ \t]+([^:\n]+):[ \t]*")
_NAME = r"(?::\w+:)?`{0,2}~?[^\W\d][\w.]*`{0,2}"
_ENTRY = re.compile(
    rf"(?:[-*+•][ \t]+)?({_NAME}(?:(?:[ \t]*,[ \t]*|[ \t]+or[ \t]+){_NAME})*)[ \t]*(:|$)[ \t]*"
)
_EXCEPTION = re.compile(r"[^\W\d][\w.]*(?=`|\W|$)")


@dataclass(frozen=True)
class Line:
    """A line of the docstring: its indentation in columns and the offsets of its stripped text."""

    indent: int
    start: int
    end: int


@dataclass(frozen=True)
class Bullet:
    """One bullet under a header; offsets in the docstring's value, the marker not included."""

    section: SectionKind
    start: int
    end: int


@dataclass(frozen=True)
class RaisesEntry:
    """One exception of a Raises section with the offsets of its name and of its description."""

    exception: str
    name_start: int
    name_end: int
    start: int
    end: int


@dataclass(frozen=True)
class Sections:
    """What was found.

    Attributes:
        bullets: Every bullet under one of our headers, in order.
        raises: Every entry of Raises sections and ``:raises:`` fields, in order.
        lines: Numbers (from 0) of the lines that belong to our own sections, headers included.
    """

    bullets: tuple[Bullet, ...] = ()
    raises: tuple[RaisesEntry, ...] = ()
    lines: frozenset[int] = frozenset()


NOTHING = Sections()


def read_sections(value: str) -> Sections:
    """Finds the sections in a docstring's value."""
    # Most docstrings hold none of the words, which is told much faster than that no line starts with one.
    if not any(map(value.__contains__, _WORDS)) or _MAY_HOLD.search(value) is None:
        return NOTHING
    lines = list(_lines(value))
    bullets: list[Bullet] = []
    raises: list[RaisesEntry] = []
    ours: set[int] = set()
    number = 0
    while number < len(lines):
        line = lines[number]
        text = value[line.start : line.end]
        header = _HEADER.match(text)
        dashed = header is not None and not header[2] and _is_dashes(value, lines, number + 1)
        if header is not None and (header[2] or dashed):
            kind = HEADERS[header[1]]
            after = number + (2 if dashed else 1)
            end = _end_of_section(value, lines, after, line.indent, dashed)
            if kind == "raises":
                raises.extend(_entries(value, lines, after, end, line.indent, dashed))
            else:
                bullets.extend(_bullets(value, lines, after, end, kind))
                ours.update(range(number, end))
            number = end
        elif field := _FIELD.match(text):
            end = _end_of_block(lines, number + 1, line.indent)
            description = line.start + field.end()
            last = max(description, _last_end(lines, number, end))
            raises.extend(
                _named(value, line.start + field.start(1), line.start + field.end(1), description, last)
            )
            number = end
        else:
            number += 1
    return Sections(tuple(bullets), tuple(raises), frozenset(ours))


def _lines(value: str) -> Iterator[Line]:
    """The lines; the first one, which stands behind the quotes, takes the indentation of the others."""
    found: list[Line] = []
    place = 0
    while place <= len(value):
        match = _LINE.match(value, place)
        if match is None:
            break
        text = match[2].rstrip()
        start = match.start(2)
        found.append(Line(len(match[1].expandtabs(8)), start, start + len(text)))
        if match.end() >= len(value) and not match[0].endswith("\n"):
            break
        place = match.end()
    rest = [line.indent for line in found[1:] if line.end > line.start]
    if found:
        first = found[0]
        yield Line(min(rest, default=first.indent), first.start, first.end)
    yield from found[1:]


def _is_dashes(value: str, lines: list[Line], number: int) -> bool:
    return number < len(lines) and bool(_DASHES.match(value[lines[number].start : lines[number].end]))


def _end_of_section(value: str, lines: list[Line], number: int, indent: int, dashed: bool) -> int:
    """The number of the first line that is not in the section any more."""
    equal_bullets = False
    seen = False
    while number < len(lines):
        line = lines[number]
        if line.end > line.start:
            if line.indent < indent:
                break
            if line.indent == indent:
                if dashed:
                    if _is_dashes(value, lines, number + 1) or _HEADER.match(value[line.start : line.end]):
                        break
                elif _BULLET.match(value, line.start) and (equal_bullets or not seen):
                    equal_bullets = True
                else:
                    break
            seen = True
        number += 1
    return number


def _end_of_block(lines: list[Line], number: int, indent: int) -> int:
    """The number of the first line that is neither blank nor indented deeper."""
    while number < len(lines) and (lines[number].end > lines[number].start and lines[number].indent > indent):
        number += 1
    return number


def _last_end(lines: list[Line], first: int, end: int) -> int:
    """The end of the last line in the range that is not blank."""
    return max((line.end for line in lines[first:end] if line.end > line.start), default=lines[first].end)


def _bullets(value: str, lines: list[Line], first: int, end: int, kind: SectionKind) -> Iterator[Bullet]:
    """The bullets of a section; deeper lines continue a bullet, a blank line ends it."""
    start = -1
    stop = 0
    indent = 0
    for line in lines[first:end]:
        blank = line.end == line.start
        marker = None if blank else _BULLET.match(value, line.start)
        if marker is not None and (start < 0 or line.indent <= indent):
            if start >= 0:
                yield Bullet(kind, start, stop)
            start, stop, indent = marker.end(), line.end, line.indent
        elif start >= 0:
            if not blank and line.indent > indent:
                stop = line.end
                continue
            yield Bullet(kind, start, stop)
            start = -1
    if start >= 0:
        yield Bullet(kind, start, stop)


def _entries(
    value: str, lines: list[Line], first: int, end: int, indent: int, dashed: bool
) -> Iterator[RaisesEntry]:
    """The entries of a Raises section: ``ValueError: If …``, or a name with its description below it."""
    number = first
    level = indent if dashed else None
    while number < end:
        line = lines[number]
        if line.end == line.start:
            number += 1
            continue
        if level is None:
            level = line.indent
        stop = _end_of_block(lines, number + 1, line.indent)
        entry = _ENTRY.match(value, line.start, line.end)
        if entry is not None and line.indent == level and (entry[2] or dashed):
            description = entry.end()
            last = max(description, _last_end(lines, number, stop))
            while description < last and value[description] in " \t\n\f":
                description += 1
            yield from _named(value, entry.start(1), entry.end(1), description, last)
        number = stop


def _named(value: str, start: int, end: int, description: int, last: int) -> Iterator[RaisesEntry]:
    """One entry for each exception that is named before the description."""
    place = start
    while place < end:
        if value[place] == ":" and (role := re.compile(r":\w+:").match(value, place)):
            place = role.end()
        name = _EXCEPTION.match(value, place, end)
        if name is None:
            place += 1
            continue
        if name[0] != "or":
            yield RaisesEntry(name[0].rstrip("."), place, place + len(name[0].rstrip(".")), description, last)
        place = name.end()
