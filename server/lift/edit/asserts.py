"""Writes assertions at the head of a loop's body."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from lift_ir import Position, Span

from lift.edit.text import Edit, Failure, line_end
from lift.source.positions import LineIndex


def assert_at_head(text: str, line: int, conditions: Sequence[str]) -> tuple[Edit, ...] | Failure:
    """The edit that asserts ``conditions`` first thing in each round of the loop at ``line``.

    Args:
        text: A module that parses.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return Failure("The text does not parse.")
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.For | ast.While) and n.lineno == line]
    if len(loops) != 1:
        return Failure(f"There is not just one loop at line {line}.")
    index, end = LineIndex(text), line_end(text)
    first = loops[0].body[0]
    row = index.line(first.lineno)
    column = len(row.encode("utf-8")[: first.col_offset].decode("utf-8"))
    before = row[:column]
    place = Position(line=first.lineno, column=column)
    rows = [f"assert {c}" for c in conditions]
    if index.line(first.lineno - 1).rstrip().endswith("\\"):
        return Failure("The loop's body starts on a continued line.")
    if not before.strip():
        return (Edit(Span(start=place, end=place), "".join(f"{r}{end}{before}" for r in rows)),)
    if not before.rstrip().endswith(":") or first.lineno != loops[0].lineno:
        return Failure("The loop's body does not start on a line of its own.")
    # The body stands on the line of the header: it moves to one of its own.
    indent = before[: len(before) - len(before.lstrip())]
    indent += "\t" if indent.endswith("\t") else "    "
    start = Position(line=first.lineno, column=len(before.rstrip()))
    return (Edit(Span(start=start, end=place), "".join(f"{end}{indent}{r}" for r in [*rows, ""])),)
