"""Specifications that say already what the result is: ``result == e``, outright or case by case.

The body is then read off. Where the cases are not known to cover everything, the last one is taken for the
rest; the check says whether that is so.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from lift.resolve.bodies.readable import negated
from lift.resolve.bodies.subject import Subject, plain
from lift.verify.types import TBool

Cases = list[tuple[ast.expr | None, ast.expr]]
"""A condition on the arguments, None for always, and the result under it."""
_MOST = 4


def definitions(subject: Subject) -> Iterator[ast.expr]:
    """What the result is by the clauses' own words, as expressions; nested choices are case splits."""
    found: Cases = []
    for tree in subject.ensures:
        found += _read(subject, tree)
    whole = [e for c, e in found if c is None]
    yield from whole
    cases = [(c, e) for c, e in found if c is not None]
    if not cases:
        return
    for last in _orders(cases):
        result = last[-1][1]
        for condition, value in reversed(last[:-1]):
            result = ast.IfExp(copy.deepcopy(condition), copy.deepcopy(value), result)
        yield ast.fix_missing_locations(result)


def _orders(cases: list[tuple[ast.expr, ast.expr]]) -> Iterator[list[tuple[ast.expr, ast.expr]]]:
    """The cases with another one for the rest: the last, the one with the longest condition, the others."""
    by_length = sorted(range(len(cases)), key=lambda n: len(ast.unparse(cases[n][0])))
    order = list(dict.fromkeys([len(cases) - 1, *reversed(by_length)]))
    for last in order[:_MOST]:
        yield [*(c for n, c in enumerate(cases) if n != last), cases[last]]


def _read(subject: Subject, tree: ast.expr) -> Cases:
    """The cases that a clause states; empty if it is of another form."""
    result = subject.outcome
    boolean = isinstance(subject.returns, TBool)
    match tree:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            for one, other in ((left, right), (right, left)):
                if isinstance(one, ast.Name) and one.id == result and _is_code(subject, other):
                    return [(None, plain(other))]
        case ast.Name(id=name) if name == result and boolean:
            return [(None, ast.Constant(True))]
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)) if name == result and boolean:
            return [(None, ast.Constant(False))]
        case ast.BoolOp(op=ast.And(), values=values):
            return [case for v in values for case in _read(subject, v)]
        case ast.Call(func=ast.Name(id="implies"), args=[p, q]) if _is_code(subject, p):
            return _under(plain(p), _read(subject, q))
        case ast.BoolOp(op=ast.Or(), values=[p, q]):
            for one, other in ((p, q), (q, p)):
                if _is_code(subject, one) and (found := _read(subject, other)):
                    return _under(negated(plain(one)), found)
        case ast.IfExp(test=test, body=body, orelse=orelse) if _is_code(subject, test):
            yes, no = _read(subject, body), _read(subject, orelse)
            return _under(plain(test), yes) + _under(negated(plain(test)), no)
    return []


def _under(condition: ast.expr, cases: Cases) -> Cases:
    return [(condition if c is None else ast.BoolOp(ast.And(), [condition, c]), e) for c, e in cases]


def _is_code(subject: Subject, node: ast.expr) -> bool:
    """Whether an expression of a clause can be run before there is a result."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id == subject.outcome:
            return False
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name):
            if one.func.id == "implies" and one is node and not isinstance(subject.returns, TBool):
                return False
            if one.func.id == subject.ir.name:
                return False
    return True
