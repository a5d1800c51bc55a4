"""``sum`` of floats of unknown number: its sign, and what it is of one element.

How the rounding errors add up depends on the order and on the version of Python (from 3.12 on ``sum``
compensates for them), so that nothing is said of the size.
"""

from __future__ import annotations

import ast

import z3

from lift.verify import comprehensions
from lift.verify.state import Engine, Result, State
from lift.verify.values import (
    FLOAT,
    Seq,
    Unsupported,
    Value,
    VFloat,
    VInt,
    as_float,
    as_int,
    fresh_name,
)

_PATIENCE_MS = 500
_ZERO = z3.FPVal(0.0, FLOAT)


def total(engine: Engine, state: State, seq: Seq, start: Value, node: ast.AST) -> list[Result]:
    """``sum(seq, start)`` of floats, where the start is zero.

    Raises:
        Unsupported: Another start, elements that may be of another type, or the search for counterexamples.
    """
    k = z3.Int(fresh_name("k"))
    element = seq.get(k)
    if not isinstance(element, VFloat) or not _is_zero(start):
        raise Unsupported("the sum of a sequence of unknown length whose elements are not integers", node)
    if comprehensions.mentions_index(seq.length) or comprehensions.mentions_index(element.term):
        raise Unsupported("a sum for each element of a sequence of unknown length", node)
    engine.approximate("sum() of floats", node)
    some, empty = engine.split(state, seq.length > 0)
    # Of an empty sequence it is the start itself, which is an int in most programs.
    results: list[Result] = [(empty, start)] if empty else []
    if not some:
        return results
    found = engine.float_sums.setdefault(seq.key or fresh_name("seq"), z3.FP(fresh_name("sum"), FLOAT))
    first = seq.get(z3.IntVal(0))
    assert isinstance(first, VFloat)
    alone = z3.Or(z3.fpEQ(found, first.term), z3.And(z3.fpIsNaN(found), z3.fpIsNaN(first.term)))
    said = [z3.Implies(seq.length == 1, alone)]
    inside = [k >= 0, k < seq.length]
    for relation in (z3.fpGEQ, z3.fpLEQ):
        # Neither rounding nor its compensation takes a sum past zero.
        if engine.query(some, [*inside, z3.Not(relation(element.term, _ZERO))], _PATIENCE_MS) == "unsat":
            said.append(relation(found, _ZERO))
    return [*results, (some.fork(*said), VFloat(found))]


def _is_zero(start: Value) -> bool:
    if isinstance(start, VFloat):
        return as_float(start.term) == 0
    return isinstance(start, VInt) and as_int(start.term) == 0
