"""What an edit touched, and what stays of the text before it.

Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lift_ir import Position, Span

from lift.extract.chunks import Chunk
from lift.extract.moved import Edit, down, moved, moved_unit
from lift.extract.python import ClassPart, Part, Unit
from lift.source import LineIndex


@dataclass(frozen=True)
class Touched:
    """The chunks that an edit touched.

    Attributes:
        first: Number of the first one, from 0.
        last: Number of the last one.
        line: The first line of the first one, which is the same in both texts.
        end: The line before which they end in the new text.
        lines: How many lines the edit added.
        edit: The edit itself.
    """

    first: int
    last: int
    line: int
    end: int
    lines: int
    edit: Edit


def touched(old: LineIndex, new: LineIndex, chunks: Sequence[Chunk], *, also_broken: bool) -> Touched | None:
    """Finds the chunks that differ between two texts; None where lines cannot be told apart safely."""
    start = _common_prefix(old.text, new.text)
    rest = _common_suffix(old.text[start:], new.text[start:])
    old_end, new_end = len(old.text) - rest, len(new.text) - rest
    # A carriage return next to the edit may have become half of a line end, or stopped being one.
    if "\r" in {
        old.text[start - 1 : start],
        old.text[old_end - 1 : old_end],
        new.text[new_end - 1 : new_end],
    }:
        return None
    places = [old.position(start), old.position(old_end), new.position(new_end)]
    edit = Edit(*((place.line, place.column) for place in places))
    first = _chunk_at(chunks, edit.start[0])
    last = _chunk_at(chunks, edit.old_end[0])
    if also_broken:
        broken = [number for number, chunk in enumerate(chunks) if chunk.broken]
        first, last = min([first, *broken]), max([last, *broken])
    lines = new.line_count - old.line_count
    end = chunks[last + 1].line + lines if last + 1 < len(chunks) else new.line_count + 1
    return Touched(first, last, chunks[first].line, end, lines, edit)


def _chunk_at(chunks: Sequence[Chunk], line: int) -> int:
    """The number of the chunk in which a line is."""
    number = 0
    while number + 1 < len(chunks) and chunks[number + 1].line <= line:
        number += 1
    return number


def _common_prefix(one: str, other: str) -> int:
    """How many code points two texts start with alike, found by halving, since comparing slices is fast.

    Ensures:
        - ``0 <= result <= min(len(one), len(other))``
    """
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(one: str, other: str) -> int:
    """How many code points two texts end with alike.

    Ensures:
        - ``0 <= result <= min(len(one), len(other))``
    """
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def moved_along(parts: Iterable[Part], edit: Edit) -> list[Part]:
    """Definitions moved along with an edit; those that it removed are left out."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Unit):
            unit = _unit_along(part, edit)
            if not _is_empty(unit.function.span):
                found.append(unit)
        else:
            cls = moved(part.cls, edit.place)
            if not _is_empty(cls.span):
                inside = tuple(moved_along(part.parts, edit))
                found.append(ClassPart(cls, inside, moved(part.problems, edit.place)))
    return found


def _unit_along(unit: Unit, edit: Edit) -> Unit:
    span = unit.function.span
    if span.end.line < edit.start[0]:
        return unit
    if span.start.line > edit.old_end[0]:
        return moved_unit(unit, down(edit.new_end[0] - edit.old_end[0]))
    # Its places are only as good as can be: nobody may take them over for the text that it had.
    return _forgotten(moved_unit(unit, edit.place))


def _forgotten(unit: Unit) -> Unit:
    """The unit with a text that no function has."""
    parts = tuple([_forgotten(part) if isinstance(part, Unit) else part for part in unit.parts])
    return replace(unit, source="", parts=parts)


def completed(read: Sequence[Chunk], old: Iterable[Chunk], edit: Edit) -> list[Chunk]:
    """Chunks of a damaged text with what the chunks before the edit still tell of their broken lines."""
    before = list(old)
    previous = moved_along([part for chunk in before for part in chunk.parts], edit)
    together, rest = kept_beside([part for chunk in read for part in chunk.parts], previous)
    found: list[Chunk] = []
    place = 0
    for number, chunk in enumerate(read):
        parts = together[place : place + len(chunk.parts)]
        place += len(chunk.parts)
        end = read[number + 1].line if number + 1 < len(read) else None
        mine = [part for part in rest if end is None or line_of(part) < end]
        rest = rest[len(mine) :]
        asked = chunk.asked
        if mine or chunk.broken:
            asked = asked.union(*(one.asked for one in before))
        found.append(replace(chunk, parts=tuple(in_order([*parts, *mine])), asked=asked))
    if found and found[0].broken and before and found[0].intent is None:
        found[0] = replace(found[0], intent=moved(before[0].intent, edit.place))
    return found


def kept_beside(read: Sequence[Part], old: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """What was read, its classes completed by the old members that were not read, and the old rest."""
    present = {_qualname(part): part for part in read}
    completed: dict[str, tuple[Part, ...]] = dict.fromkeys(present, ())
    rest: list[Part] = []
    taken = [_span(part) for part in read]
    for part in old:
        match = present.get(_qualname(part))
        if isinstance(match, ClassPart) and isinstance(part, ClassPart):
            completed[_qualname(part)] = part.parts
        elif match is None and not any(_overlap(_span(part), span) for span in taken):
            rest.append(part)
    found: list[Part] = []
    for part in read:
        members = completed[_qualname(part)]
        if isinstance(part, ClassPart) and members:
            inside, others = kept_beside(part.parts, members)
            part = replace(part, parts=tuple(in_order([*inside, *others])))
        found.append(part)
    return found, rest


def in_order(parts: Iterable[Part]) -> list[Part]:
    """The definitions in the order of the text."""
    return sorted(parts, key=lambda part: (_span(part).start.line, _span(part).start.column))


def line_of(part: Part) -> int:
    """The line, from 1, at which a definition starts."""
    return _span(part).start.line


def _qualname(part: Part) -> str:
    return part.function.qualname if isinstance(part, Unit) else part.cls.qualname


def _span(part: Part) -> Span:
    return part.function.span if isinstance(part, Unit) else part.cls.span


def _is_empty(span: Span) -> bool:
    return span.start == span.end


def _overlap(one: Span, other: Span) -> bool:
    return _key(one.start) < _key(other.end) and _key(other.start) < _key(one.end)


def _key(position: Position) -> tuple[int, int]:
    return position.line, position.column
