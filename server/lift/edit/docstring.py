"""Adds a clause or an example to a function's docstring, in the layout that the docstring has.

Only the text between the quotes is touched (single ones become three), and nothing in it is moved: a section
that exists gets one more line, one that does not is put where DESIGN's notation wants it, before Args.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lift_ir import Function, Span

from lift.edit.text import Edit, Failure, line_end
from lift.source.positions import LineIndex

Section = Literal["Requires", "Ensures", "Raises", "Examples"]

_QUOTED = re.compile(r"(?P<prefix>[rRuU]?)(?P<quote>\"\"\"|'''|\"|')")
_SAME: dict[Section, tuple[str, ...]] = {
    "Requires": ("Requires", "Preconditions"),
    "Ensures": ("Ensures", "Postconditions"),
    "Raises": ("Raises",),
    "Examples": ("Examples", "Example"),
}
_BEFORE: dict[Section, tuple[str, ...]] = {
    "Requires": (
        "Ensures",
        "Postconditions",
        "Modifies",
        "Decreases",
        "Effects",
        "Args",
        "Arguments",
        "Parameters",
        "Returns",
    ),
    "Ensures": ("Modifies", "Decreases", "Effects", "Args", "Arguments", "Parameters", "Returns"),
    "Raises": ("Examples", "Example", "Notes", "Note", "See Also", "References"),
    "Examples": (),
}
_HEADER = re.compile(r"^(?P<indent>[ \t]*)(?P<name>[A-Z][A-Za-z ]*?)[ \t]*:[ \t]*$")
_UNDERLINED = re.compile(r"^(?P<indent>[ \t]*)(?P<name>[A-Z][A-Za-z ]*?)[ \t]*$")
_DASHES = re.compile(r"^[ \t]*-{3,}[ \t]*$")


@dataclass(frozen=True)
class Quoted:
    """A docstring literal: where its content stands (offsets), and how it is written."""

    start: int
    end: int
    raw: bool
    quote: str


@dataclass(frozen=True)
class _Found:
    """A section in the docstring: its header's line, its first line of content and the line after it."""

    name: str
    indent: str
    first: int
    stop: int
    dashed: bool


def add_clause(
    text: str, function: Function, section: Section, expression: str
) -> tuple[Edit, ...] | Failure:
    """The edit that adds ``- ``expression`` `` to a section of ``function``'s docstring."""
    return add_lines(text, function, section, [f"- ``{expression}``"])


def add_raises(text: str, function: Function, exception: str, condition: str) -> tuple[Edit, ...] | Failure:
    """The edit that says when ``exception`` is raised."""
    return add_lines(text, function, "Raises", [f"{exception}: If ``{condition}``."])


def add_example(text: str, function: Function, lines: Sequence[str]) -> tuple[Edit, ...] | Failure:
    """The edit that adds a doctest, given as its lines from ``>>>`` on."""
    return add_lines(text, function, "Examples", lines)


def add_lines(
    text: str, function: Function, section: Section, lines: Sequence[str]
) -> tuple[Edit, ...] | Failure:
    """The edit that adds ``lines`` to a section, which is made if it is not there."""
    index, end = LineIndex(text), line_end(text)
    if function.docstring_span is None:
        return _new_docstring(index, function, section, lines, end)
    literal = literal_of(index, function.docstring_span)
    if literal is None:
        return Failure("The docstring is put together from several strings; write it as one.")
    quote = literal.quote if len(literal.quote) == 3 else '"""'
    written = [escaped(line, literal) for line in lines]
    if any("\0" in line or quote in line for line in written):
        return Failure("The case holds the docstring's own quotes.")
    edit = _edit(index, literal, section, written, end)
    if len(literal.quote) == 3:
        return (edit,)
    content = text[literal.start : literal.end]
    if quote in content or "\n" in content or "\r" in content:
        return Failure("The docstring has single quotes, which cannot hold several lines; use three.")
    # Several lines take three quotes: the whole literal is written anew.
    before = text[literal.start : index.offset(edit.span.start)]
    whole = index.span(literal.start - 1, literal.end + 1)
    return (Edit(whole, f"{quote}{before}{edit.text}{quote}"),)


def _edit(index: LineIndex, literal: Quoted, section: Section, lines: Sequence[str], end: str) -> Edit:
    content = index.text[literal.start : literal.end]
    base = _base_indent(index, literal.start)
    rows = re.split(r"\r\n|\n|\r", content)
    # A row's number counts from the docstring's first line; the first row stands behind the quotes.
    first_line = index.position(literal.start).line
    found = _sections(rows)
    own = next((f for f in found if f.name in _SAME[section]), None)
    if own is not None:
        if section == "Raises" and own.dashed:
            lines = [part for line in lines for part in _under_dashes(line)]
        inner = own.indent if section == "Raises" and own.dashed else _inner_indent(rows, own, base)
        at = _last_filled(rows, own)
        gap = [""] if section == "Examples" and at > own.first - 1 else []
        return _insert_after(
            index, literal, rows, first_line, at, [*gap, *(inner + row for row in lines)], end, base
        )
    follower = next((f for f in found if f.name in _BEFORE[section]), None)
    inner = base + ("    " if "\t" not in base else "\t")
    block = [f"{base}{section}:", *(inner + row for row in lines)]
    if follower is not None:
        header = follower.first - (2 if follower.dashed else 1)
        return _insert_before(index, first_line, header, [*block, ""], end)
    at = max((n for n, row in enumerate(rows) if row.strip()), default=0)
    return _insert_after(index, literal, rows, first_line, at, ["", *block], end, base)


def _under_dashes(line: str) -> tuple[str, str]:
    """NumPy's form: the exception on a line of its own, and what it is raised for below it."""
    exception, _, rest = line.partition(": ")
    return exception, f"    {rest}"


def _insert_before(index: LineIndex, first_line: int, row: int, block: Sequence[str], end: str) -> Edit:
    place = index.starts[first_line + row - 1]
    return Edit(index.span(place, place), "".join(line + end for line in block))


def _insert_after(
    index: LineIndex,
    literal: Quoted,
    rows: Sequence[str],
    first_line: int,
    row: int,
    block: Sequence[str],
    end: str,
    base: str,
) -> Edit:
    start = literal.start if row == 0 else index.starts[first_line + row - 1]
    place = start + len(rows[row].rstrip())
    tail = ""
    stop = place
    if not any(r.strip() for r in rows[row + 1 :]) and row == len(rows) - 1:
        # The closing quotes stood on this line; below several lines they get one of their own.
        tail, stop = end + base, literal.end
    return Edit(index.span(place, stop), "".join(end + line for line in block) + tail)


def _new_docstring(
    index: LineIndex, function: Function, section: Section, lines: Sequence[str], end: str
) -> tuple[Edit, ...] | Failure:
    if function.body_span is None:
        return Failure(f"{function.name} has no body to write a docstring into.")
    start = function.body_span.start
    base = index.line(start.line)[: start.column]
    if base.strip():
        return Failure(f"The body of {function.name} stands on the line of its def; put it below.")
    raw = "r" if any("\\" in line for line in lines) else ""
    if any('"""' in line for line in lines):
        return Failure("The case holds three quotes.")
    words = function.name.strip("_").replace("_", " ").capitalize() or "Function"
    block = [f'{raw}"""{words}.', "", f"{base}{section}:", *(f"{base}    {line}" for line in lines)]
    new = end.join(block) + f'{end}{base}"""{end}{base}'
    return (Edit(Span(start=start, end=start), new),)


def literal_of(index: LineIndex, span: Span) -> Quoted | None:
    """The docstring literal at ``span``, None if it is several strings put together."""
    source = index.text_at(span)
    match = _QUOTED.match(source)
    if (
        match is None
        or not source.endswith(match["quote"])
        or len(source) < match.end() + len(match["quote"])
    ):
        return None
    quote = match["quote"]
    inside = source[match.end() : -len(quote)]
    if re.search(r"(?<!\\)" + re.escape(quote), inside):
        return None
    start = index.offset(span.start)
    return Quoted(
        start + match.end(),
        start + len(source) - len(quote),
        match["prefix"] in "rR" and bool(match["prefix"]),
        quote,
    )


def escaped(line: str, literal: Quoted) -> str:
    """A line as it is written between the quotes of ``literal``."""
    return line if literal.raw else line.replace("\\", "\\\\")


def _base_indent(index: LineIndex, place: int) -> str:
    row = index.line(index.position(place).line)
    return row[: len(row) - len(row.lstrip(" \t"))]


def _sections(rows: Sequence[str]) -> list[_Found]:
    heads: list[tuple[int, str, str, bool]] = []
    for number, row in enumerate(rows):
        if number == 0:
            continue
        match = _HEADER.match(row)
        if match is not None:
            heads.append((number, match["name"], match["indent"], False))
            continue
        match = _UNDERLINED.match(row)
        if match is not None and number + 1 < len(rows) and _DASHES.match(rows[number + 1]):
            heads.append((number, match["name"], match["indent"], True))
    if not heads:
        return []
    outer = min(len(indent) for _, _, indent, _ in heads)
    top = [h for h in heads if len(h[2]) == outer]
    stops = [h[0] for h in top[1:]] + [len(rows)]
    return [
        _Found(name, indent, number + (2 if dashed else 1), stop, dashed)
        for (number, name, indent, dashed), stop in zip(top, stops, strict=True)
    ]


def _last_filled(rows: Sequence[str], section: _Found) -> int:
    filled = [n for n in range(section.first, section.stop) if rows[n].strip()]
    return filled[-1] if filled else section.first - 1


def _inner_indent(rows: Sequence[str], section: _Found, base: str) -> str:
    for number in range(section.first, section.stop):
        if rows[number].strip():
            return rows[number][: len(rows[number]) - len(rows[number].lstrip(" \t"))]
    return section.indent + ("" if section.dashed else "\t" if "\t" in base else "    ")
