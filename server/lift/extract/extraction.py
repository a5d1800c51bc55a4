"""``extract``: a text → its IR and the problems of its specifications, whatever the text is.

Given what was extracted from the text before an edit, only what the edit touched is read again. While the
text does not parse, what parsed last stays, moved along with the edits, and what still parses alone is
read. Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
import gc
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from lift_ir import Class, Function, Module, Problem

from lift.extract.chunks import (
    Chunk,
    Names,
    Stretch,
    changes,
    is_affected,
    memory_of,
    merged,
    names_in,
    read_chunks,
    shifted,
    stretches,
)
from lift.extract.incremental import completed, touched
from lift.extract.lenient import recover
from lift.extract.linking import linked
from lift.extract.moved import with_content
from lift.extract.python import ClassPart, Memory, Part, Unit
from lift.source import LIMIT_BYTES, LineIndex, Snapshot, digest

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
    _index: LineIndex | None = field(default=None, repr=False, compare=False)

    @property
    def index(self) -> LineIndex:
        """The lines of the text."""
        return self._index or LineIndex(_readable(self.snapshot.text))

    @property
    def names(self) -> Names:
        """The names that the module binds."""
        return self._names

    @property
    def imports(self) -> dict[str, str]:
        """The names that the module imports, each with the dotted name that it stands for."""
        return {name: b.target for name, b in self.names.bindings.items() if b.kind == "import"}


def extract(snapshot: Snapshot, previous: Extraction | None = None) -> Extraction:
    """Extracts the IR of a Python text; never raises.

    Args:
        snapshot: The text.
        previous: What was extracted from an earlier version of it, if anything was.
    """
    if previous is not None and previous.snapshot.uri != snapshot.uri:
        previous = None
    if previous is not None and previous.snapshot.text == snapshot.text:
        return replace(previous, snapshot=snapshot)
    if len(snapshot.text) > LIMIT_BYTES:
        limit = LIMIT_BYTES // (1024 * 1024)
        error = ParseError(f"larger than {limit} MB; exclude it in [tool.lift] exclude, or split it", 1)
        return Extraction(Module(path=snapshot.uri, digest=digest(snapshot.text)), (), error, snapshot)
    with _collector_paused():
        return _extract(snapshot, previous)


def _extract(snapshot: Snapshot, previous: Extraction | None) -> Extraction:
    index = LineIndex(_readable(snapshot.text))
    try:
        if previous is not None:
            quick = _edited(snapshot, index, previous)
            if quick is not None:
                return quick
        parsed = _parse(index.text)
        if isinstance(parsed, ParseError):
            return _damaged(snapshot, index, previous, parsed)
        return _whole(snapshot, index, parsed, previous)
    except (RecursionError, MemoryError):
        error = ParseError("nested too deeply to be read; split the expression or the definition", 1)
        return Extraction(Module(path=snapshot.uri, digest=digest(snapshot.text)), (), error, snapshot)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keeps the cyclic collector from running.

    Trees and models hold no cycles, yet their sheer number would make it scan the whole heap again and
    again, for a third of the time that extraction takes.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _readable(text: str) -> str:
    """The text as the parser takes it: a byte order mark is white space of the same width."""
    return "\f" + text[1:] if text.startswith("\ufeff") else text


def _whole(
    snapshot: Snapshot, index: LineIndex, statements: list[ast.stmt], previous: Extraction | None
) -> Extraction:
    """The text read anew, but for functions that are as they were."""
    rows = stretches(statements, 1)
    own = names_in(index, rows, index.line_count + 1)
    names = merged(own)
    memory: Memory = {}
    if previous is not None:
        memory = memory_of(previous._chunks, changes(previous._names, names))
    chunks = read_chunks(index, rows, own, names, stub=_is_stub(snapshot), memory=memory)
    return _joined(snapshot, index, chunks, names, None)


def _edited(snapshot: Snapshot, index: LineIndex, previous: Extraction) -> Extraction | None:
    """The text after an edit inside some chunks that parse alone; None if that is not so.

    What was broken before counts as touched: where it parses now as well, so does the whole text.
    """
    old, before = previous._chunks, previous._names
    broken = previous.error is not None
    where = touched(_old_index(previous), index, old, also_broken=broken) if old else None
    if where is None:
        return None
    text = index.text[index.offset_at(where.line, 0) : index.offset_at(where.end, 0)]
    if where.last + 1 < len(old) and not text.endswith(("\n", "\r")):
        return None
    statements = _parse("\n" * (where.line - 1) + text)
    if isinstance(statements, ParseError) or (where.first == 0 and not statements):
        return None
    rows = stretches(statements, where.line)
    own = names_in(index, rows, where.end)
    head, middle, tail = old[: where.first], old[where.first : where.last + 1], old[where.last + 1 :]
    after = merged([*_names_of(head), *own, *_names_of(tail)])
    changed = changes(before, after)
    if any(is_affected(chunk.asked, changed) for chunk in (*head, *tail)):
        return None
    memory = memory_of(middle, changed)
    read = read_chunks(index, rows, own, after, stub=_is_stub(snapshot), memory=memory)
    chunks = [*head, *read, *(shifted(chunk, where.lines) for chunk in tail)]
    return _joined(snapshot, index, chunks, after, None)


def _damaged(
    snapshot: Snapshot, index: LineIndex, previous: Extraction | None, error: ParseError
) -> Extraction:
    """A text that does not parse: what parses of it, and for the rest what it was when it last did."""
    old = previous._chunks if previous is not None else ()
    where = None
    if previous is not None and old:
        where = touched(_old_index(previous), index, old, also_broken=True)
    if previous is None or where is None:
        runs = recover(index, 1, index.line_count + 1)
        head, middle, tail = (), (), ()
        edit, lines, end = None, 0, index.line_count + 1
    else:
        runs = recover(index, where.line, where.end)
        head, middle, tail = old[: where.first], old[where.first : where.last + 1], old[where.last + 1 :]
        edit, lines, end = where.edit, where.lines, where.end
    rows = [Stretch(run.line, run.statements) for run in runs]
    own = names_in(index, rows, end)
    # What the broken lines bind cannot be seen: what they did bind stays, else anything may be bound.
    own.append(merged(_names_of(middle)) if middle else Names({}, True))
    names = merged([*_names_of(head), *own, *_names_of(tail)])
    before = previous._names if previous is not None else names
    memory = memory_of(middle, changes(before, names))
    read = read_chunks(index, rows, own[:-1], names, stub=_is_stub(snapshot), memory=memory)
    read = [replace(chunk, broken=run.broken) for chunk, run in zip(read, runs, strict=True)]
    if edit is not None:
        read = completed(read, middle, edit)
    lost = next((number for number, chunk in enumerate(read) if chunk.broken), 0)
    read[lost] = replace(read[lost], bindings=own[-1].bindings, open=own[-1].open)
    chunks = [*head, *read, *(shifted(chunk, lines) for chunk in tail)]
    return _joined(snapshot, index, chunks, names, error)


def _names_of(chunks: Iterable[Chunk]) -> list[Names]:
    return [Names(chunk.bindings, chunk.open) for chunk in chunks]


def _old_index(previous: Extraction) -> LineIndex:
    return previous.index


def _is_stub(snapshot: Snapshot) -> bool:
    return snapshot.uri.endswith(".pyi")


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
    snapshot: Snapshot, index: LineIndex, chunks: Sequence[Chunk], names: Names, error: ParseError | None
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
    return Extraction(module, tuple(found.problems), error, snapshot, tuple(chunks), names, index)


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
