"""``extract``: a text → its IR and the problems of its specifications, whatever the text is.

Given what was extracted from the text before an edit, only what the edit touched is read again. While the
text does not parse, what parsed last stays, moved along with the edits, and what still parses alone is
read. Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lift_ir import Class, Function, Module, Problem

from lift.extract.chunks import (
    Chunk,
    Names,
    memory_of,
    merged,
    names_in,
    read_chunks,
    stretches,
)
from lift.extract.linking import linked
from lift.extract.moved import with_content
from lift.extract.python import ClassPart, Memory, Part, Unit
from lift.source import LineIndex, Snapshot, digest

_NO_NAMES = Names({}, False)


@dataclass(frozen=True)
class ParseError:
    """Why a text as a whole does not parse.

    Attributes:
        message: Complete in itself.
        line: Where, from 1.
    """

    message: str
    line: int


@dataclass(frozen=True)
class Extraction:
    """What extraction made of a text.

    Attributes:
        module: The IR; while the text does not parse the last good one, moved along with the edits.
        problems: What is wrong with the specifications.
        error: Why the text as a whole does not parse, None if it does.
        snapshot: The text.
    """

    module: Module
    problems: tuple[Problem, ...]
    error: ParseError | None
    snapshot: Snapshot
    _chunks: tuple[Chunk, ...] = field(default=(), repr=False, compare=False)
    _names: Names = field(default=_NO_NAMES, repr=False, compare=False)


def extract(snapshot: Snapshot, previous: Extraction | None = None) -> Extraction:
    """Extracts the IR of a Python text; never raises.

    Args:
        snapshot: The text.
        previous: What was extracted from an earlier version of it, if anything was.
    """
    return _whole(snapshot, previous)


def _whole(snapshot: Snapshot, previous: Extraction | None) -> Extraction:
    parsed = _parse(snapshot.text)
    if isinstance(parsed, ParseError):
        return Extraction(Module(path=snapshot.uri, digest=digest(snapshot.text)), (), parsed, snapshot)
    index = LineIndex(snapshot.text)
    rows = stretches(parsed, 1)
    own = names_in(index, rows, index.line_count + 1)
    names = merged(own)
    memory: Memory = {}
    if previous is not None:
        memory = memory_of(previous._chunks, previous._names, names)
    chunks = read_chunks(index, rows, own, names, stub=snapshot.uri.endswith(".pyi"), memory=memory)
    return _joined(snapshot, chunks, names, None)


def _parse(text: str) -> list[ast.stmt] | ParseError:
    """The statements of a text, or why it has none."""
    try:
        with warnings.catch_warnings():
            # An odd escape in somebody's string is not ours to complain about.
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except SyntaxError as error:
        return ParseError(error.msg or "invalid syntax", error.lineno or 1)
    except (RecursionError, MemoryError):
        return ParseError("nested too deeply to be parsed; split the expression", 1)
    except ValueError as error:
        return ParseError(str(error), 1)


def _joined(
    snapshot: Snapshot, chunks: Sequence[Chunk], names: Names, error: ParseError | None
) -> Extraction:
    """The chunks as one module, with the effects that calls between them have."""
    found = _Flat([], [], [])
    for chunk in chunks:
        _flatten(chunk.parts, found, found.functions)
    everything = [*found.functions, *(unit for _, methods in found.classes for unit in methods)]
    effects = linked([(u.function.qualname, u.body) for u in everything], [c.cls for c, _ in found.classes])
    final: dict[int, Function] = {}
    for unit, facts in zip(everything, effects, strict=True):
        function = unit.function
        if facts is not unit.body.facts:
            function = with_content(function, {**function.__dict__, "effects": facts})
        final[id(unit)] = function
    module = Module(
        path=snapshot.uri,
        intent=chunks[0].intent if chunks else None,
        functions=tuple([final[id(unit)] for unit in found.functions]),
        classes=tuple(
            [_with_methods(part.cls, [final[id(m)] for m in methods]) for part, methods in found.classes]
        ),
        digest=digest(snapshot.text),
    )
    return Extraction(module, tuple(found.problems), error, snapshot, tuple(chunks), names)


@dataclass(frozen=True)
class _Flat:
    """Every function and class of a module, and every problem, each in the order of the text."""

    functions: list[Unit]
    classes: list[tuple[ClassPart, list[Unit]]]
    problems: list[Problem]


def _flatten(parts: Iterable[Part], found: _Flat, functions: list[Unit]) -> None:
    for part in parts:
        found.problems.extend(part.problems)
        if isinstance(part, ClassPart):
            methods: list[Unit] = []
            found.classes.append((part, methods))
            _flatten(part.parts, found, methods)
        else:
            functions.append(part)
            _flatten(part.parts, found, found.functions)


def _with_methods(cls: Class, methods: Sequence[Function]) -> Class:
    return with_content(cls, {**cls.__dict__, "methods": tuple(methods)}) if methods else cls
