"""``Decreases``: that each recursive call makes a measure smaller, so that the recursion ends.

A measure is an integer or a tuple of integers, compared lexicographically. A call makes it smaller where the
first part that differs is smaller than it was and was not negative; no chain of such calls goes on forever.
Functions that call each other are compared with each other's measures.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import z3
from lift_ir import Decreases, Function

from lift.verify import evaluate as expressions
from lift.verify.digests import closure_of
from lift.verify.operators import arms, number
from lift.verify.state import Engine, Result, State
from lift.verify.values import Exc, Term, Unsupported, Value, VTuple
from lift.verify.wording import RECURSION_ENDS

if TYPE_CHECKING:
    from lift.verify.entry import Entry

__all__ = ["RECURSION_ENDS", "not_smaller", "on_entry"]

_Case = tuple[Term, tuple[Term, ...]]


@dataclass(frozen=True)
class Measure:
    """The measure of the call that is looked at.

    Attributes:
        text: As it is written.
        cases: Its parts, each set under the condition on which the measure is these.
    """

    text: str
    cases: tuple[_Case, ...]


def stated(ir: Function | None) -> Decreases | None:
    """The measure that a function states, None if it states none that can be evaluated."""
    clauses = [c for c in ir.clauses if isinstance(c, Decreases)] if ir is not None else []
    return clauses[0] if clauses and clauses[0].expression is not None and not clauses[0].holes else None


def on_entry(engine: Engine, ir: Function, entry: Entry) -> Measure | None:
    """The measure on entry; None for a function that states none.

    Raises:
        Unsupported: The measure is not modelled.
    """
    clause = stated(ir)
    if clause is None or clause.expression is None:
        return None
    return Measure(clause.text, _cases(engine, entry.state, clause.expression, entry.variables))


def _cases(engine: Engine, state: State, expression: str, variables: dict[str, Value]) -> tuple[_Case, ...]:
    inner = state.fork()
    frame = engine.next_frame
    engine.next_frame += 1
    engine.frame_parent[frame] = None
    inner.frames[frame] = dict(variables)
    inner.frame = frame
    before, engine.in_spec = engine.in_spec, True
    found: list[_Case] = []
    try:
        for path, value in expressions.evaluate(engine, inner, ast.parse(expression, mode="eval").body):
            if isinstance(value, Exc):
                continue
            for then, one in arms(engine, path, value):
                found.append((expressions.delta(inner, then), _parts(one)))
    finally:
        engine.in_spec = before
    return tuple(found)


def _parts(value: Value) -> tuple[Term, ...]:
    items = value.seq.items if isinstance(value, VTuple) and value.seq.items is not None else (value,)
    terms = tuple(number(v) for v in items)
    if not terms or any(t is None for t in terms):
        raise Unsupported("a measure that is neither an integer nor a tuple of integers")
    return terms


def not_smaller(
    engine: Engine, state: State, qualname: str, bound: dict[str, Value], node: ast.AST
) -> list[Result]:
    """The path on which a recursive call may not make the measure smaller; nothing for any other call."""
    before: Measure | None = engine.measure
    if before is None or not calls_back(engine, qualname):
        return []
    line = getattr(node, "lineno", 0)
    clause = stated(engine.program.irs.get(qualname))
    if clause is None or clause.expression is None:
        why = f"{qualname}, which calls back, states no measure"
        return [(state.fork(), Exc("", line, why, (qualname, before.text), decreases=True))]
    after = _cases(engine, state, clause.expression, bound)
    good = z3.Or(
        [
            z3.And(there, here, _smaller(new, old))
            for there, old in before.cases
            for here, new in after
            if len(new) == len(old)
        ]
    )
    bad = z3.Not(good)
    if not engine.feasible(state, bad, timeout_ms=2000):
        return []
    why = f"it was not shown that the call of {qualname} makes `{clause.text}` smaller"
    return [(state.fork(bad), Exc("", line, why, (qualname, clause.text), decreases=True))]


def calls_back(engine: Engine, qualname: str) -> bool:
    """Whether a function may, through others perhaps, call the one that is checked."""
    return qualname == engine.target or engine.target in closure_of(engine.program, qualname)


def _smaller(new: tuple[Term, ...], old: tuple[Term, ...]) -> Term:
    options: list[Term] = []
    for i in range(len(new)):
        same = [a == b for a, b in zip(new[:i], old[:i], strict=True)]
        options.append(z3.And(*same, new[i] < old[i], old[i] >= 0))
    return z3.Or(options)
