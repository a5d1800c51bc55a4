"""Expressions of specifications: their text, their names, their conjuncts. Runs nothing."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

_OPPOSITE = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
_OPPOSITE |= {ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}


def source(node: ast.expr) -> str:
    """An expression's text, as people write it."""
    text = ast.unparse(node)
    for inner in ast.walk(node):
        match inner:
            case ast.Call(args=[ast.GeneratorExp() as only], keywords=[]):
                # Some versions of Python write parentheses of their own around it.
                shown = ast.unparse(only)
                text = text.replace(f"({shown})", shown)
    return text


def in_order(name: str, generator: ast.comprehension, test: ast.expr) -> bool | None:
    """Whether ``all(test for …)`` says that a sequence is in order, and strictly so; None if it says else.

    Neighbours may be taken by index or in pairs: ``all(a <= b for a, b in zip(xs, xs[1:]))``.
    """
    over, target, said = source(generator.iter), source(generator.target), source(test)
    pair = target.strip("()").split(", ")
    for strict, sign in ((False, "<="), (True, "<")):
        by_index = {
            f"range(len({name}) - 1)": f"{name}[{target}] {sign} {name}[{target} + 1]",
            f"range(1, len({name}))": f"{name}[{target} - 1] {sign} {name}[{target}]",
        }
        ways = (f"zip({name}, {name}[1:])", f"pairwise({name})", f"itertools.pairwise({name})")
        by_pair = {way: f"{pair[0]} {sign} {pair[-1]}" for way in ways if len(pair) == 2}
        if said in (by_index.get(over), by_pair.get(over)):
            return strict
    return None


def conjuncts(node: ast.expr) -> Iterator[ast.expr]:
    """The conjuncts of a predicate, comparisons one by one."""
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from conjuncts(value)
        case ast.Compare(left=left, ops=operators, comparators=rights) if len(operators) > 1:
            sides = [left, *rights]
            for number, operator in enumerate(operators):
                yield ast.Compare(sides[number], [operator], [sides[number + 1]])
        case ast.UnaryOp(op=ast.Not(), operand=ast.UnaryOp(op=ast.Not(), operand=inner)):
            yield from conjuncts(inner)
        case ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp(op=ast.Or(), values=values)):
            for value in values:
                yield from conjuncts(ast.UnaryOp(ast.Not(), value))
        case ast.UnaryOp(
            op=ast.Not(), operand=ast.Compare(left=left, ops=[operator], comparators=[right])
        ) if type(operator) in _OPPOSITE and not _of_floats(left, right):
            yield ast.Compare(left, [_OPPOSITE[type(operator)]()], [right])
        case ast.Call(func=ast.Name(id="bool"), args=[inner], keywords=[]):
            yield from conjuncts(inner)
        case _:
            yield node


def _of_floats(*nodes: ast.expr) -> bool:
    """Whether no number may be among what is compared, for which ``not a < b`` is not ``a >= b``."""
    return any(
        isinstance(n, ast.Constant) and isinstance(n.value, float) for node in nodes for n in ast.walk(node)
    )


def is_safe(node: ast.expr) -> bool:
    """Whether evaluating it cannot fail."""
    return all(
        isinstance(n, ast.Constant | ast.Name | ast.Attribute | ast.UnaryOp | ast.USub | ast.expr_context)
        for n in ast.walk(node)
    )


def names_in(text: str) -> list[str]:
    return [n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)]


def renamed(node: ast.expr, old: str, new: str) -> ast.expr:
    if old == new:
        return node
    changed = copy.deepcopy(node)
    for inner in ast.walk(changed):
        if isinstance(inner, ast.Name) and inner.id == old:
            inner.id = new
    return changed
