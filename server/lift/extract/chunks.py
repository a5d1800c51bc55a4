"""A module as a row of chunks: runs of whole lines that hold top-level statements and parse alone.

What an edit did not touch is taken over as it is; what it moved is moved. Must not import other parts of
lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lift_ir import Intent

from lift.extract.bindings import EVERYTHING, Binding, ModuleNames, bindings_of, has_libraries, is_open
from lift.extract.moved import down, moved, moved_parts, shifted_unit
from lift.extract.nodes import DEFINITIONS, first_line
from lift.extract.python import ClassPart, Memory, Part, Unit, module_intent, read_parts
from lift.source import LineIndex

_LONGEST = 60
# Stands for every name at once where it became uncertain which ones there are.
ANY_NAME = "?"


@dataclass(frozen=True)
class Stretch:
    """Some top-level statements, and the line at which what belongs to them starts."""

    line: int
    statements: tuple[ast.stmt, ...]


@dataclass(frozen=True)
class Chunk:
    """A run of whole lines with what was read in it.

    Attributes:
        line: Its first line, from 1; it ends where the next one starts.
        parts: The definitions in it.
        bindings: The names that it binds.
        open: Whether it may bind names that cannot be seen.
        asked: The names that reading it asked the module for.
        intent: What its first statement says if that is a string.
        empty: Whether it holds no statement.
        broken: Whether it does not parse; then ``parts`` may be what it was when it last did.
    """

    line: int
    parts: tuple[Part, ...]
    bindings: Mapping[str, Binding]
    open: bool
    asked: frozenset[str]
    intent: Intent | None
    empty: bool
    broken: bool = False


@dataclass(frozen=True)
class Names:
    """All the names of a module; ``libraries`` as in ``ModuleNames``."""

    bindings: Mapping[str, Binding]
    open: bool
    libraries: bool = False


def stretches(statements: Sequence[ast.stmt], first: int) -> list[Stretch]:
    """Groups statements: definitions for themselves, others together; the first starts at line ``first``."""
    found: list[tuple[int, list[ast.stmt], bool]] = []
    last_line = first - 1
    for node in statements:
        line = first_line(node)
        large = isinstance(node, DEFINITIONS)
        together = found and not large and not found[-1][2] and line - found[-1][0] < _LONGEST
        if found and (together or line <= last_line):
            found[-1][1].append(node)
            if large:
                found[-1] = (found[-1][0], found[-1][1], True)
        else:
            found.append((line if found else first, [node], large))
        last_line = node.end_lineno or node.lineno
    return [Stretch(line, tuple(nodes)) for line, nodes, _ in found] or [Stretch(first, ())]


def names_in(index: LineIndex, rows: Sequence[Stretch], end: int) -> list[Names]:
    """What each stretch binds; the last one ends before line ``end``."""
    found: list[Names] = []
    for number, row in enumerate(rows):
        stop = rows[number + 1].line if number + 1 < len(rows) else end
        text = index.text[index.offset_at(row.line, 0) : index.offset_at(stop, 0)]
        found.append(Names(bindings_of(text, list(row.statements)), is_open(text, row.statements)))
    return found


def merged(names: Iterable[Names]) -> Names:
    """The names of all of them; one that is bound in several ways is a variable."""
    found: dict[str, Binding] = {}
    is_any_open = False
    for one in names:
        is_any_open = is_any_open or one.open
        for name, binding in one.bindings.items():
            if found.setdefault(name, binding) != binding:
                found[name] = Binding("variable", name)
    return Names(found, is_any_open, has_libraries(found))


def read_chunks(
    index: LineIndex,
    rows: Sequence[Stretch],
    own: Sequence[Names],
    names: Names,
    *,
    stub: bool,
    memory: Memory,
) -> list[Chunk]:
    """Reads stretches of statements."""
    found: list[Chunk] = []
    for row, bound in zip(rows, own, strict=True):
        module = ModuleNames(names.bindings, names.open, names.libraries)
        parts = read_parts(index, row.statements, module, stub=stub, memory=memory, shift=shifted_unit)
        intent = module_intent(index, row.statements)
        asked = frozenset(module.asked)
        found.append(Chunk(row.line, parts, bound.bindings, bound.open, asked, intent, not row.statements))
    return found


def shifted(chunk: Chunk, lines: int) -> Chunk:
    """A chunk that stands some lines further down."""
    if lines == 0:
        return chunk
    place = down(lines)
    intent = moved(chunk.intent, place)
    return replace(chunk, line=chunk.line + lines, parts=moved_parts(chunk.parts, place), intent=intent)


def changes(before: Names, after: Names) -> frozenset[str]:
    """The names that stand for something else now; ``EVERYTHING`` is among them if any are."""
    if before.open != after.open or before.libraries != after.libraries:
        return frozenset([EVERYTHING, *before.bindings, *after.bindings, ANY_NAME])
    if before.bindings == after.bindings:
        return frozenset()
    pairs = before.bindings.items() ^ after.bindings.items()
    return frozenset([EVERYTHING, *(name for name, _ in pairs)])


def is_affected(asked: frozenset[str], changed: frozenset[str]) -> bool:
    """Whether something that asked for these names would get other answers now."""
    if ANY_NAME in changed:
        return True
    return not asked.isdisjoint(changed)


def memory_of(chunks: Iterable[Chunk], changed: frozenset[str]) -> Memory:
    """The units that still hold under the new names, by what they depend on."""
    return {
        (unit.context, unit.source): unit
        for chunk in chunks
        for unit in _units(chunk.parts)
        if not changed or not is_affected(unit.asked, changed)
    }


def _units(parts: Iterable[Part]) -> Iterator[Unit]:
    """The functions outside of functions."""
    for part in parts:
        if isinstance(part, ClassPart):
            yield from _units(part.parts)
        else:
            yield part
