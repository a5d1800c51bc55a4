"""A doctest as lines of a test. Text only."""

from __future__ import annotations

import ast
import re

from lift.resolve.testgen.expressions import source as unparsed
from lift.resolve.testgen.layout import quoted, wrapped


def asserted(source: str, want: str) -> list[str] | str:
    """The lines that say the same as an example; or why there are none.

    Args:
        source: What stands after the prompt.
        want: What it prints, with its final newline; empty if nothing.
    """
    if "# doctest:" in source:
        return "it has options of doctest"
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "it does not parse"
    text = source.rstrip()
    if not want.strip():
        return text.splitlines()
    if want.startswith(("Traceback (most recent call last)", "Traceback (innermost last)")):
        last = [line for line in want.splitlines() if line.strip() and not line.startswith((" ", "\t"))][-1]
        error = last.partition(":")[0].strip()
        if not re.fullmatch(r"[\w.]+", error):
            return "its traceback names no exception"
        return [
            f"with pytest.raises({error.rpartition('.')[2]}):",
            *(f"    {line}" for line in text.splitlines()),
        ]
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return "it prints from a statement"
    expression = tree.body[0].value
    match expression:
        case ast.Call(func=ast.Name(id="print"), args=[shown], keywords=[]) if not isinstance(
            shown, ast.Starred
        ):
            return wrapped("assert ", f"str({quoted(unparsed(shown))}) == {_literal(want.rstrip())}")
    wanted = want.rstrip("\n")
    shown = quoted(unparsed(expression))
    try:
        value = ast.literal_eval(wanted)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return wrapped("assert ", f"repr({shown}) == {_literal(wanted)}")
    if value is None or isinstance(value, bool):
        return wrapped("assert ", f"{_operand(expression, shown)} is {wanted}")
    if repr(value) != wanted and not isinstance(value, set | dict):
        return wrapped("assert ", f"repr({shown}) == {_literal(wanted)}")
    return wrapped("assert ", f"{_operand(expression, shown)} == {quoted(wanted)}")


def _operand(node: ast.expr, text: str) -> str:
    simple = isinstance(node, ast.Call | ast.Name | ast.Attribute | ast.Subscript | ast.Constant | ast.BinOp)
    return text if simple else f"({text})"


def _literal(text: str) -> str:
    return quoted(repr(text))
