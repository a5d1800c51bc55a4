"""Where the docstrings of a text stand and what their lines are, also while nothing of it parses.

Help while a specification is written cannot wait for the text to be whole: a docstring that was just begun
has no end, and a clause no second half. So strings are found by their quotes and sections by their lines;
what the IR knows decides only whether a definition is one. Must not know LSP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from lift_ir import Class, Function

from lift.extract import Extraction
from lift.extract.sections import HEADERS, SectionKind
from lift.source.positions import LineIndex

Part = SectionKind | Literal["examples", "other"]

# Everything up to the next three quotes: code, comments, and strings that end on their line or never.
_CODE = re.compile(
    r"(?:[^\"'#]++|#[^\r\n]*+|\"\"(?!\")|''(?!')"
    r"|\"(?!\"\")(?:[^\"\\\r\n]|\\.)*+\"?|'(?!'')(?:[^'\\\r\n]|\\.)*+'?)*+",
    re.DOTALL,
)
_PREFIX = re.compile(r"(?<!\w)[A-Za-z]{0,2}\Z")
_ENDS = {
    '"""': re.compile(r'[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""', re.DOTALL),
    "'''": re.compile(r"[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''", re.DOTALL),
}
_DEFINITION = re.compile(r"([ \t]*)(?:(?:async[ \t]+)?(def)|(class))[ \t]+([^\W\d]\w*)")
_COLON = re.compile(r":[ \t]*(?:#.*)?$")
_OUTSIDE = re.compile(r"(?:(?:async[ \t]+)?def|class|@)[ \t]*\w")
_LONGEST_HEADER = 60
_TITLE = re.compile(r"([A-Z][A-Za-z]+(?: [A-Za-z]+)?)[ \t]*(:?)[ \t]*$")
_DASHES = re.compile(r"-{3,}[ \t]*$")
_BULLET = re.compile(r"[-*+•](?:[ \t]+|(?=``)|$)")
_EXAMPLES = frozenset({"Example", "Examples"})

_KEPT = 8
# The docstrings of the texts that were asked for last.
_known: dict[tuple[str, bool], tuple[Docstring, ...]] = {}


@dataclass(frozen=True)
class Docstring:
    """A docstring; places are offsets in code points.

    Attributes:
        is_class: Whether it is a class's.
        name: Of what it belongs to.
        line: Where the word before the name stands, from 1.
        header: Where that line starts.
        opening: Where the docstring's quotes start.
        start: Where its text starts.
        end: Where its text ends; for one without an end, where something that is none of it starts.
        indent: What stands before its quotes.
        outer: What stands before the definition.
    """

    is_class: bool
    name: str
    line: int
    header: int
    opening: int
    start: int
    end: int
    indent: str
    outer: str

    @property
    def step(self) -> str:
        """One level of indentation, as it is written here."""
        return self.indent[len(self.outer) :] or "    "


@dataclass(frozen=True)
class Row:
    """A line of a docstring.

    Attributes:
        start: Offset of its first code point that is no white space; its end if it is blank.
        text: What it says without the white space around it.
        indent: How far it is indented, in columns.
    """

    start: int
    text: str
    indent: int

    @property
    def end(self) -> int:
        """The offset behind its text."""
        return self.start + len(self.text)

    @property
    def bullet(self) -> int | None:
        """The length of the mark of a bullet with the space behind it, None if it starts none."""
        found = _BULLET.match(self.text)
        return found.end() if found else None


@dataclass(frozen=True)
class Section:
    """A section of a docstring; lines are numbers in its rows, from 0.

    Attributes:
        title: Its header without the colon.
        header: The line of its header.
        first: The first line after the header, and after the dashes under it.
        stop: The first line that is not in it any more.
        indent: How far its header is indented.
    """

    part: Part
    title: str
    header: int
    first: int
    stop: int
    indent: int


@dataclass(frozen=True)
class Layout:
    """A docstring's lines and the sections among them, in order."""

    rows: tuple[Row, ...]
    sections: tuple[Section, ...]

    def section_at(self, line: int) -> Section | None:
        """The section that a line belongs to, its header included."""
        return next((s for s in self.sections if s.header <= line < s.stop), None)


def docstrings_of(extraction: Extraction) -> tuple[Docstring, ...]:
    """Every docstring of a function or class that starts a line with three quotes, in order.

    In a text that does not parse, a docstring ends at the latest where the next definition starts.
    """
    key = (extraction.snapshot.text, extraction.error is None)
    found = _known.get(key)
    if found is None:
        while len(_known) >= _KEPT:
            del _known[next(iter(_known))]
        found = _known[key] = _docstrings(extraction.index, whole=key[1])
    return found


def _docstrings(index: LineIndex, *, whole: bool) -> tuple[Docstring, ...]:
    text = index.text
    found: list[Docstring] = []
    place = 0
    while True:
        code = _CODE.match(text, place)
        start = code.end() if code else len(text)
        closing = _ENDS.get(text[start : start + 3])
        if closing is None:
            break
        ending = closing.match(text, start + 3)
        end, place = (ending.end() - 3, ending.end()) if ending else (len(text), len(text))
        letters = _PREFIX.search(text, max(0, start - 3), start)
        prefix = letters[0] if letters else ""
        docstring = (
            _docstring(index, start - len(prefix), start + 3, end)
            if prefix.lower() in {"", "r", "u"}
            else None
        )
        if docstring is not None:
            if not whole and (cut := _first_outside(index, docstring)) is not None:
                docstring, place = replace(docstring, end=cut), cut
            found.append(docstring)
    return tuple(found)


def _docstring(index: LineIndex, opening: int, start: int, end: int) -> Docstring | None:
    """The docstring whose quotes stand at ``opening``; None if no header of a definition is before it."""
    line, column = index.place(opening)
    indent = index.line(line)[:column]
    if indent.strip(" \t\f"):
        return None
    above = line - 1
    while above > 0 and (not (said := index.line(above).strip()) or said[0] == "#"):
        above -= 1
    if above < 1 or not _COLON.search(index.line(above)):
        return None
    for number in range(above, max(0, above - _LONGEST_HEADER), -1):
        words = _DEFINITION.match(index.line(number))
        if words is None:
            continue
        head = index.line(number)
        # A header over several lines leaves a bracket open; another one is complete, and what follows it
        # are statements that the string may belong to.
        if number != above and sum(map(head.count, "([{")) <= sum(map(head.count, ")]}")):
            return None
        if not _deeper(indent, words[1]):
            return None
        header = index.starts[number - 1]
        is_class = words[3] is not None
        return Docstring(is_class, words[4], number, header, opening, start, end, indent, words[1])
    return None


def _deeper(inner: str, outer: str) -> bool:
    return width(inner) > width(outer)


def width(space: str) -> int:
    """How many columns white space takes."""
    return len(space.replace("\f", "").expandtabs(8))


def _first_outside(index: LineIndex, docstring: Docstring) -> int | None:
    """The offset of the first line that cannot be the docstring's: another definition, less indented."""
    margin = width(docstring.indent)
    first, last = index.place(docstring.start)[0] + 1, index.place(docstring.end)[0]
    for number in range(first, last + 1):
        line = index.line(number)
        said = line.lstrip(" \t\f")
        if said[:1] in {"d", "c", "@", "a"} and _OUTSIDE.match(said):
            if width(line[: len(line) - len(said)]) < margin:
                return index.starts[number - 1]
    return None


def docstring_at(extraction: Extraction, offset: int) -> Docstring | None:
    """The docstring with the place in it, between its quotes; None anywhere else."""
    inside = next((one for one in docstrings_of(extraction) if one.start <= offset <= one.end), None)
    if inside is None or (extraction.error is None and owner_of(extraction, inside) is None):
        return None
    return inside


def owner_of(extraction: Extraction, docstring: Docstring) -> Function | Class | None:
    """The definition that a docstring belongs to, as it is in the IR; None if there is none.

    While the text does not parse, one of the same name that stood near is taken for it.
    """
    module = extraction.module
    functions = (*module.functions, *(m for c in module.classes for m in c.methods))
    return _owner([*(module.classes if docstring.is_class else functions)], extraction, docstring)


def with_owners(
    extraction: Extraction, owners: Sequence[Function | Class]
) -> Iterator[tuple[Docstring, Function | Class]]:
    """The docstrings of some definitions, in the order of the text."""
    named: dict[str, list[Function | Class]] = {}
    for one in owners:
        named.setdefault(one.name, []).append(one)
    if not named:
        return
    for docstring in docstrings_of(extraction):
        owner = _owner(named.get(docstring.name, []), extraction, docstring)
        if owner is not None:
            yield docstring, owner


def _owner(
    owners: Sequence[Function | Class], extraction: Extraction, docstring: Docstring
) -> Function | Class | None:
    alike = [o for o in owners if o.name == docstring.name and (o.kind == "class") == docstring.is_class]
    exact = next((o for o in alike if o.name_span.start.line == docstring.line), None)
    if exact is not None or extraction.error is None:
        return exact
    return min(alike, key=lambda o: abs(o.name_span.start.line - docstring.line), default=None)


@lru_cache(maxsize=256)
def layout_of(content: str, indent: int) -> Layout:
    """The lines and sections of a docstring's text; places are offsets in ``content``.

    Args:
        content: What stands between the quotes.
        indent: How far the quotes are indented.
    """
    rows = tuple(_rows(content, indent))
    return Layout(rows, tuple(_sections(rows)))


def _rows(content: str, indent: int) -> Iterator[Row]:
    # Line ends of other systems take as much place as they did.
    content = content.replace("\r\n", " \n").replace("\r", "\n")
    place = 0
    for number, line in enumerate(content.split("\n")):
        said = line.strip()
        head = len(line) - len(line.lstrip())
        start = place + (head if said else len(line))
        yield Row(start, said, indent if number == 0 else width(line[:head]))
        place += len(line) + 1


def _sections(rows: tuple[Row, ...]) -> Iterator[Section]:
    number = 0
    while number < len(rows):
        row = rows[number]
        title = _TITLE.match(row.text)
        dashed = title is not None and not title[2] and _is_dashes(rows, number + 1)
        if title is None or not (title[2] or dashed):
            number += 1
            continue
        first = number + (2 if dashed else 1)
        stop = _stop(rows, first, row.indent, dashed)
        name = title[1]
        part: Part = HEADERS.get(name, "examples" if name in _EXAMPLES else "other")
        yield Section(part, name, number, first, stop, row.indent)
        number = max(stop, number + 1)


def _is_dashes(rows: tuple[Row, ...], number: int) -> bool:
    return number < len(rows) and bool(_DASHES.match(rows[number].text))


def _stop(rows: tuple[Row, ...], number: int, indent: int, dashed: bool) -> int:
    """The first line that is not in a section any more, told as extraction tells it."""
    equal = seen = False
    while number < len(rows):
        row = rows[number]
        if row.text:
            if row.indent < indent:
                break
            if row.indent == indent:
                if dashed:
                    if _is_dashes(rows, number + 1) or _TITLE.match(row.text):
                        break
                elif row.bullet is not None and (equal or not seen):
                    equal = True
                else:
                    break
            seen = True
        number += 1
    return number
