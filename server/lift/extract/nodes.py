"""Where syntax nodes stand, and how the source spells them.

Must not import other parts of lift than ``source``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from lift_ir import Span

from lift.source import LineIndex

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# The commonest statements that hold no others.
SIMPLE = frozenset(
    [ast.Assign, ast.Expr, ast.Return, ast.AugAssign, ast.AnnAssign, ast.Import, ast.ImportFrom]
)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEF_NAME = re.compile(r"(?:async(?:\s|\\\r?\n)+)?(?:def|class)(?:\s|\\\r?\n)+(\w+)")


def span_of(index: LineIndex, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> Span:
    """The span of an ``ast`` node."""
    return index.span_from_ast(
        node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0
    )


def source_of(index: LineIndex, node: ast.expr) -> str:
    """The source text of an expression."""
    return index.source_from_ast(
        node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0
    )


def first_line(node: ast.stmt) -> int:
    """The line, from 1, on which a statement starts, its decorators included."""
    if isinstance(node, DEFINITIONS) and node.decorator_list:
        return node.decorator_list[0].lineno
    return node.lineno


def definition_span(index: LineIndex, node: Definition) -> Span:
    """From the first decorator's ``@`` to the end of the body."""
    return index.span_from_ast(
        first_line(node), node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0
    )


def block_span(index: LineIndex, statements: Sequence[ast.stmt]) -> Span:
    """From the start of the first statement to the end of the last."""
    first, last = statements[0], statements[-1]
    return index.span_from_ast(
        first_line(first), first.col_offset, last.end_lineno or last.lineno, last.end_col_offset or 0
    )


def name_span(index: LineIndex, node: Definition) -> Span:
    """The name behind ``def`` or ``class``."""
    start = index.offset_at(node.lineno, index.column_of_byte(node.lineno, node.col_offset))
    match = _DEF_NAME.match(index.text, start)
    if match is None:
        return span_of(index, node)
    return index.span(match.start(1), match.end(1))


def inner_statements(node: ast.stmt) -> list[ast.stmt]:
    """The statements in the blocks of a compound statement, in order."""
    found: list[ast.stmt] = [*getattr(node, "body", ())]
    for branch in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        found.extend(branch.body)
    return [*found, *getattr(node, "orelse", ()), *getattr(node, "finalbody", ())]
