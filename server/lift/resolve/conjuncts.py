"""What a clause says, one by one. Must not import other parts of lift."""

from __future__ import annotations

import ast


def conjuncts(tree: ast.expr) -> list[ast.expr]:
    """What a clause says, one by one: ``a <= b < c`` says ``a <= b`` and ``b < c``."""
    match tree:
        case ast.BoolOp(op=ast.And(), values=values):
            return [one for value in values for one in conjuncts(value)]
        case ast.Compare(left=left, ops=ops, comparators=rights) if len(ops) > 1:
            lefts = [left, *rights[:-1]]
            return [ast.Compare(a, [op], [b]) for a, op, b in zip(lefts, ops, rights, strict=True)]
    return [tree]
