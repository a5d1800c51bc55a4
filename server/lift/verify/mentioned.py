"""The constants that a function and its specification mention: inputs around them are where code goes wrong.

Must not import z3.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable


def mentioned(node: ast.FunctionDef | ast.AsyncFunctionDef, expressions: Iterable[str]) -> list[object]:
    """The numbers and texts in a function and in some expressions, each once, in their order."""
    found: list[object] = []
    trees: list[ast.AST] = [node, *map(ast.parse, expressions)]
    docstring = ast.get_docstring(node, clean=False)
    for tree in trees:
        for inner in ast.walk(tree):
            if (
                isinstance(inner, ast.Constant)
                and inner.value != docstring
                and isinstance(inner.value, int | float | str | bytes)
            ):
                found.append(inner.value)
            elif isinstance(inner, ast.BinOp | ast.UnaryOp):
                value = _folded(inner)
                if value is not None:
                    found.append(value)
    distinct = dict.fromkeys((type(v).__name__, v) for v in found)
    return [v for _, v in distinct]


def _folded(node: ast.expr) -> int | None:
    """The value of an arithmetic expression over small constants, such as ``2**60``."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _folded(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _folded(left), _folded(right)
            if a is None or b is None or abs(b) > 512 or abs(a) > 1 << 64:
                return None
            match op:
                case ast.Pow() if 0 <= b <= 128 and abs(a) <= 16:
                    return a**b
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
    return None
