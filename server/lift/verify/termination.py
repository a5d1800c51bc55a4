"""Whether a ``while`` loop ends: a measure read off its guard that each round makes smaller.

The candidates are the differences of what the loop's conditions compare, and the numbers and the lengths
that they test. One of them has to be smaller at the end of every round than at its head, where it must not
have been negative. Where none is, that the loop ends is an assumption of the proof.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import z3

from lift.verify import evaluate as expressions
from lift.verify.operators import number
from lift.verify.state import Ended, Engine, Jump, Normal, State
from lift.verify.values import Exc, Term, Unsupported

_MOST = 8


def ends(engine: Engine, head: State, node: ast.While, rounds: list[Ended]) -> bool:
    """Whether a loop was shown to end.

    Args:
        head: The state at the head of an arbitrary round, with what is known to hold there.
        rounds: How a round from there ends.
    """
    again = [s for s, signal in rounds if isinstance(signal, Normal) or signal == Jump("continue")]
    return any(_smaller(engine, head, candidate, again) for candidate in list(_candidates(node))[:_MOST])


def _smaller(engine: Engine, head: State, candidate: ast.expr, again: list[State]) -> bool:
    before = _value(engine, head, candidate)
    if before is None:
        return False
    for end in again:
        after = _value(engine, end, candidate)
        if after is None:
            return False
        if engine.feasible(end, z3.Not(z3.And(after < before, before >= 0)), timeout_ms=300):
            return False
    return True


def _value(engine: Engine, state: State, node: ast.expr) -> Term | None:
    """The integer that an expression is on a path, None if it is not one for certain."""
    try:
        results = expressions.evaluate(engine, state, node)
    except (Unsupported, z3.Z3Exception):
        return None
    if len(results) != 1 or isinstance(results[0][1], Exc) or not results[0][0].same_store(state):
        return None
    if len(results[0][0].pc) != len(state.pc):
        return None
    return number(results[0][1])


def _candidates(node: ast.While) -> Iterator[ast.expr]:
    tests = [*_conjuncts(node.test)]
    for statement in node.body:
        if isinstance(statement, ast.If) and isinstance(
            statement.body[-1], ast.Break | ast.Return | ast.Raise
        ):
            tests += _conjuncts(statement.test)
    for test in tests:
        match test:
            case ast.Compare(left=left, ops=[_], comparators=[right]):
                for a, b in ((right, left), (left, right)):
                    yield _located(ast.BinOp(a, ast.Sub(), b), node)
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name() as name) | (ast.Name() as name):
                yield name
                yield _located(ast.Call(ast.Name("len", ast.Load()), [name], []), node)


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    if isinstance(test, ast.BoolOp):
        return [inner for value in test.values for inner in _conjuncts(value)]
    return [test]


def _located(made: ast.expr, node: ast.While) -> ast.expr:
    return ast.fix_missing_locations(ast.copy_location(made, node))
