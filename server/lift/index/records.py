"""What the index keeps of a file: its specified functions and holes, and what is wrong with them.

Small, flat and plain, since there may be thousands: places are four numbers, and the text of a line is kept
only where columns cannot be converted without it. Must not import a solver.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lift_ir import Class, Code, Function, HoleKind, Span

from lift.extract import Extraction
from lift.extract.signs import has_specification
from lift.source import LineIndex
from lift.source.positions import visible

Place = tuple[int, int, int, int]
"""First line, its column, last line, its column; lines from 1, columns from 0 in code points."""
_HOLES_KEPT = 200


@dataclass(frozen=True)
class Item:
    """A function or class that states a specification.

    Attributes:
        kind: ``function``, ``method`` or ``class``.
        place: Its name.
        clauses: How many clauses it has of each kind.
        calls: The dotted texts of what it calls, each once.
    """

    qualname: str
    kind: str
    place: Place
    clauses: Mapping[str, int] = field(default_factory=dict)
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A hole.

    Attributes:
        owner: Qualified name of the function that has it, None for a class's.
    """

    id: str
    hole: HoleKind
    name: str
    question: str
    place: Place
    owner: str | None


@dataclass(frozen=True)
class Complaint:
    """Something that is wrong with how a specification is written."""

    code: Code
    message: str
    place: Place
    function: str | None = None
    suggestion: str | None = None


@dataclass(frozen=True)
class Record:
    """What a file specifies.

    Attributes:
        imports: Name → the dotted name of what is imported under it.
        error: Why the text does not parse and the line, if it does not and states something.
        wide: The lines with other than ASCII characters that a place stands on.
    """

    items: tuple[Item, ...] = ()
    gaps: tuple[Gap, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    imports: Mapping[str, str] = field(default_factory=dict)
    error: tuple[str, int] | None = None
    wide: Mapping[int, str] = field(default_factory=dict)

    def line(self, number: int) -> str:
        """The text of a line as far as columns depend on it: empty where all characters are ASCII."""
        return self.wide.get(number, "")


def record_of(extraction: Extraction) -> Record | None:
    """What to keep of a text; None if it specifies nothing."""
    module, index = extraction.module, extraction.index
    items: list[Item] = []
    gaps: list[Gap] = []
    owners = {c.qualname for c in module.classes}
    for function in module.all_functions():
        if function.specified:
            items.append(_function(function, owners, index))
            gaps.extend(_gaps(function, function.qualname, index))
    for owner in module.classes:
        if owner.invariants:
            items.append(Item(owner.qualname, "class", _place(owner.name_span, index), _count(owner)))
            gaps.extend(_gaps(owner, None, index))
    complaints = tuple(
        Complaint(p.code, p.message, _place(p.span, index), p.function, p.suggestion)
        for p in extraction.problems
    )
    error = None
    if extraction.error is not None and has_specification(extraction):
        error = (extraction.error.message, extraction.error.line)
    if not (items or gaps or complaints or error):
        return None
    items.sort(key=lambda item: item.place)
    gaps.sort(key=lambda gap: gap.place)
    record = Record(tuple(items), tuple(gaps[:_HOLES_KEPT]), complaints, extraction.imports, error)
    return Record(**{**vars(record), "wide": _wide(record, index)})


def as_json(record: Record) -> dict[str, Any]:
    """A record as plain data."""
    return {
        "items": [[i.qualname, i.kind, i.place, dict(i.clauses), i.calls] for i in record.items],
        "gaps": [[g.id, g.hole, g.name, g.question, g.place, g.owner] for g in record.gaps],
        "complaints": [[c.code, c.message, c.place, c.function, c.suggestion] for c in record.complaints],
        "imports": dict(record.imports),
        "error": record.error,
        "wide": {str(number): line for number, line in record.wide.items()},
    }


def from_json(data: Mapping[str, Any]) -> Record:
    """The record that ``as_json`` made plain.

    Raises:
        KeyError, TypeError, ValueError: If it is something else.
    """
    return Record(
        items=tuple(Item(q, k, _four(p), dict(c), tuple(calls)) for q, k, p, c, calls in data["items"]),
        gaps=tuple(Gap(i, h, n, q, _four(p), o) for i, h, n, q, p, o in data["gaps"]),
        complaints=tuple(Complaint(c, m, _four(p), f, s) for c, m, p, f, s in data["complaints"]),
        imports=dict(data["imports"]),
        error=None if data["error"] is None else (str(data["error"][0]), int(data["error"][1])),
        wide={int(number): str(line) for number, line in data["wide"].items()},
    )


def _function(function: Function, owners: set[str], index: LineIndex) -> Item:
    kind = "method" if function.qualname.rpartition(".")[0] in owners else "function"
    calls = tuple(dict.fromkeys(call.callee for call in function.calls))
    return Item(function.qualname, kind, _place(function.name_span, index), _count(function), calls)


def _count(owner: Function | Class) -> dict[str, int]:
    clauses = owner.clauses if isinstance(owner, Function) else owner.invariants
    return dict(Counter(clause.kind for clause in clauses))


def _gaps(owner: Function | Class, name: str | None, index: LineIndex) -> Iterator[Gap]:
    for hole in owner.holes:
        yield Gap(hole.id, hole.hole, hole.name, hole.question, _place(hole.span, index), name)


def _place(span: Span, index: LineIndex) -> Place:
    span = visible(index, span)
    return span.start.line, span.start.column, span.end.line, span.end.column


def _four(place: list[int]) -> Place:
    first, column, last, end = place
    return int(first), int(column), int(last), int(end)


def _wide(record: Record, index: LineIndex) -> dict[int, str]:
    places = (part.place for part in (*record.items, *record.gaps, *record.complaints))
    numbers = {number for place in places for number in (place[0], place[2])}
    return {n: line for n in sorted(numbers) if not (line := index.line(n)).isascii()}
