"""Places in a text: the one module that converts between bytes, offsets, lines and columns.

Lines end at ``\\n``, ``\\r\\n`` and ``\\r``, as both LSP and Python's tokenizer see them; a form feed or
``\\u2028`` does not end a line, which is why ``str.splitlines`` is not used. Columns are code points.
Must not import anything but ``lift_ir``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from lift_ir import Position, Span

_LINE_END = re.compile(r"\r\n|\n|\r")
# One validation of nested dictionaries is twice as fast as three of keyword arguments.
_SPAN = Span.__pydantic_validator__.validate_python


class LineIndex:
    """The lines of one text.

    Attributes:
        text: The text.
        starts: Offset of each line's first code point, in code points.
    """

    __slots__ = ("_plain", "starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if "\r" in text:
            self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        else:
            # Several times as fast as looking for the ends one by one, at every keystroke.
            self.starts = list(accumulate([len(line) + 1 for line in text.split("\n")[:-1]], initial=0))
        self._plain = text.isascii()

    @property
    def line_count(self) -> int:
        """How many lines there are; a text that ends with a line end has an empty last line."""
        return len(self.starts)

    def line(self, number: int) -> str:
        """The line ``number`` (from 1) without its line end; empty if there is no such line."""
        if not 1 <= number <= len(self.starts):
            return ""
        start = self.starts[number - 1]
        stop = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[start:stop].rstrip("\r\n")

    def from_ast(self, lineno: int, byte_col: int) -> Position:
        """The position of an ``ast`` node's ``lineno`` (from 1) and ``col_offset`` (UTF-8 bytes)."""
        return Position(line=lineno, column=self.column_of_byte(lineno, byte_col))

    def column_of_byte(self, lineno: int, byte_col: int) -> int:
        """The column in code points of a UTF-8 byte column; clamped to the line."""
        if self._plain or byte_col <= 0:
            return max(byte_col, 0)
        line = self.line(lineno)
        head = line[:byte_col]
        if head.isascii():
            return len(head)
        return len(line.encode("utf-8", "surrogatepass")[:byte_col].decode("utf-8", "ignore"))

    def span_from_ast(self, line: int, byte_column: int, end_line: int, end_byte_column: int) -> Span:
        """The span of an ``ast`` node's places, in UTF-8 bytes."""
        if not self._plain:
            byte_column = self.column_of_byte(line, byte_column)
            end_byte_column = self.column_of_byte(end_line, end_byte_column)
        return _SPAN(
            {
                "start": {"line": line, "column": byte_column},
                "end": {"line": end_line, "column": end_byte_column},
            }
        )

    def source_from_ast(self, line: int, byte_column: int, end_line: int, end_byte_column: int) -> str:
        """The text of an ``ast`` node's places, in UTF-8 bytes."""
        if not self._plain:
            byte_column = self.column_of_byte(line, byte_column)
            end_byte_column = self.column_of_byte(end_line, end_byte_column)
        return self.text[self.starts[line - 1] + byte_column : self.starts[end_line - 1] + end_byte_column]

    def offset(self, position: Position) -> int:
        """The offset in code points; a place outside the text is clamped into its line or the text."""
        return self.offset_at(position.line, position.column)

    def offset_at(self, line: int, column: int) -> int:
        """Like ``offset``, from a line (from 1) and a column in code points."""
        if line < 1:
            return 0
        if line > len(self.starts):
            return len(self.text)
        start = self.starts[line - 1]
        stop = self.starts[line] if line < len(self.starts) else len(self.text)
        return max(start, min(start + column, stop))

    def position(self, offset: int) -> Position:
        """The position of an offset in code points; clamped to the text."""
        line, column = self.place(offset)
        return Position(line=line, column=column)

    def place(self, offset: int) -> tuple[int, int]:
        """Like ``position``, as line (from 1) and column."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1]

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets in code points."""
        first, last = self.place(start), self.place(end)
        return _SPAN(
            {"start": {"line": first[0], "column": first[1]}, "end": {"line": last[0], "column": last[1]}}
        )

    def text_at(self, span: Span) -> str:
        """The text that a span covers."""
        return self.text[self.offset(span.start) : self.offset(span.end)]


def visible(index: LineIndex, span: Span) -> Span:
    """The span itself, or for an empty one its line without the margins, which can be seen and clicked."""
    if span.start != span.end:
        return span
    line = index.line(span.start.line)
    start = Position(line=span.start.line, column=len(line) - len(line.lstrip()))
    return Span(start=start, end=Position(line=span.start.line, column=len(line.rstrip())))
