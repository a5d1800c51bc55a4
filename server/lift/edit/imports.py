"""Adds an import where imports stand, unless its names are bound already. Works on text that parses."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from lift_ir import Position, Span

from lift.edit.text import Edit, line_end
from lift.source.positions import LineIndex


def add_imports(text: str, statements: Iterable[str]) -> tuple[Edit, ...]:
    """One edit with the statements of ``statements`` that are missing, none if nothing is.

    Args:
        text: The module's text.
        statements: Import statements, each on one line.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    bound = _bound(tree.body)
    missing = [s for s in dict.fromkeys(statements) if not _names(s) <= bound]
    if not missing:
        return ()
    index, end = LineIndex(text), line_end(text)
    line, before, after = _place(tree, index)
    position = Position(line=line, column=len(index.line(line)) if before else 0)
    joined = end.join(missing)
    return (Edit(Span(start=position, end=position), f"{end * before}{joined}{end * after}"),)


def _names(statement: str) -> set[str]:
    return _bound(ast.parse(statement).body)


def _bound(body: Iterable[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for node in body:
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
    return found


def _place(tree: ast.Module, index: LineIndex) -> tuple[int, int, int]:
    """The line to write at, and how many line ends go before and after.

    Imports go below the last import at the head of the module, else below its docstring, else on top,
    below a comment that stands there.
    """
    head: ast.stmt | None = None
    docstring: ast.stmt | None = None
    for number, node in enumerate(tree.body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            head = node
        elif number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstring = node
        else:
            break
    if head is not None:
        return head.end_lineno or head.lineno, 1, 0
    if docstring is not None:
        return docstring.end_lineno or docstring.lineno, 2, 0
    line = 1
    while line < index.line_count and index.line(line).lstrip("\ufeff").startswith("#"):
        line += 1
    if line > 1:
        return line - 1, 1, 1 if index.line(line).strip() else 0
    return 1, 0, 3 if tree.body else 1
