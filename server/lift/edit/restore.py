"""Writes an earlier docstring in the place of the present one, in the layout of the text around it."""

from __future__ import annotations

import re
from typing import Protocol

from lift_ir import Span

from lift.edit.text import Edit, Failure, line_end
from lift.source.positions import LineIndex

_LINE_END = re.compile(r"\r\n|\n|\r")


class Described(Protocol):
    """A function or a class: what has a docstring, and perhaps a body after it."""

    @property
    def name(self) -> str: ...
    @property
    def docstring_span(self) -> Span | None: ...
    @property
    def body_span(self) -> Span | None: ...


def restore(text: str, function: Described, docstring: str | None) -> tuple[Edit, ...] | Failure:
    """The edit that gives ``function`` an earlier docstring; none where it has it already.

    Args:
        docstring: The literal as ``lift.store.states.docstring_of`` gives it; None takes the docstring away.
    """
    index = LineIndex(text)
    span = function.docstring_span
    if docstring is None:
        return () if span is None else _without(index, function, span)
    if span is not None:
        indent = _indent(index, span)
        written = _written(docstring, indent, line_end(text))
        return () if index.text_at(span) == written else (Edit(span, written),)
    if function.body_span is None:
        return Failure(f"{function.name} has no body to write a docstring into.")
    start = function.body_span.start
    indent = index.line(start.line)[: start.column]
    if indent.strip():
        return Failure(f"The body of {function.name} stands on the line of its def; put it below.")
    end = line_end(text)
    return (Edit(Span(start=start, end=start), f"{_written(docstring, indent, end)}{end}{indent}"),)


def _without(index: LineIndex, function: Described, span: Span) -> tuple[Edit, ...] | Failure:
    if function.body_span is None:
        return Failure(f"The docstring is all that {function.name} has for a body; write one first.")
    first, last = span.start.line, span.end.line
    beside = index.line(first)[: span.start.column] + index.line(last)[span.end.column :]
    if beside.strip() or last >= index.line_count:
        return Failure(f"The docstring of {function.name} shares its line with code; put it on its own.")
    return (Edit(index.span(index.starts[first - 1], index.starts[last]), ""),)


def _written(docstring: str, indent: str, end: str) -> str:
    rows = _LINE_END.split(docstring)
    return end.join([rows[0], *(indent + row if row.strip() else row for row in rows[1:])])


def _indent(index: LineIndex, span: Span) -> str:
    before = index.line(span.start.line)[: span.start.column]
    return before[: len(before) - len(before.lstrip(" \t"))]
