"""The one place where positions and values change between lift's units and the client's.

lift counts lines from 1 and columns in code points; a client counts lines from 0 and columns in the units
that were agreed on in ``initialize``. Positions outside the text are clamped, as the protocol asks.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from lift_ir import Position, Span

from lift.lsp.greeting import Encoding
from lift.source.positions import LineIndex

if TYPE_CHECKING:
    # The first diagnostics are converted before this is imported.
    from lsprotocol import types as lsp


def to_column(line: str, character: int, encoding: Encoding) -> int:
    """The column in code points of a column in the client's units; inside a character means before it."""
    if character <= 0:
        return 0
    if encoding == "utf-32" or line.isascii():
        return min(character, len(line))
    ends = list(accumulate(_width(c, encoding) for c in line))
    # The first character that ends after the wanted column is the one that the position stands before.
    return bisect_left(ends, character + 1) if character < (ends[-1] if ends else 0) else len(line)


def from_column(line: str, column: int, encoding: Encoding) -> int:
    """The column in the client's units of a column in code points."""
    if encoding == "utf-32" or line.isascii():
        return column
    return sum(_width(c, encoding) for c in line[:column])


def _width(character: str, encoding: Encoding) -> int:
    code = ord(character)
    if encoding == "utf-16":
        return 2 if code > 0xFFFF else 1
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x1_0000 else 4


def to_offset(index: LineIndex, line: int, character: int, encoding: Encoding) -> int:
    """The offset in code points of a client's position (its line counts from 0)."""
    if line < 0:
        return 0
    if line >= index.line_count:
        return len(index.text)
    return index.starts[line] + to_column(index.line(line + 1), character, encoding)


def to_position(index: LineIndex, position: lsp.Position, encoding: Encoding) -> Position:
    """A client's position as ours."""
    return index.position(to_offset(index, position.line, position.character, encoding))


def to_span(index: LineIndex, range_: lsp.Range, encoding: Encoding) -> Span:
    """A client's range as a span; one that ends before it starts is turned around."""
    ends = sorted(to_offset(index, p.line, p.character, encoding) for p in (range_.start, range_.end))
    return index.span(*ends)


def from_position(index: LineIndex, position: Position, encoding: Encoding) -> lsp.Position:
    """One of our positions as the client counts."""
    from lsprotocol import types as lsp

    return lsp.Position(*_place(index, position, encoding))


def from_span(index: LineIndex, span: Span, encoding: Encoding) -> lsp.Range:
    """One of our spans as the client's range."""
    from lsprotocol import types as lsp

    return lsp.Range(from_position(index, span.start, encoding), from_position(index, span.end, encoding))


def plain_range(index: LineIndex, span: Span, encoding: Encoding) -> dict[str, Any]:
    """The same as plain data."""
    (line, character), (last, end) = (_place(index, p, encoding) for p in (span.start, span.end))
    return {
        "start": {"line": line, "character": character},
        "end": {"line": last, "character": end},
    }


def _place(index: LineIndex, position: Position, encoding: Encoding) -> tuple[int, int]:
    """Line and column as the client counts, inside of the text."""
    if position.line > index.line_count:
        position = index.position(len(index.text))
    line = index.line(position.line)
    column = min(max(position.column, 0), len(line))
    return max(position.line - 1, 0), from_column(line, column, encoding)
