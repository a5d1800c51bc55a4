"""Decides formulas with floats: by what follows about reals first, then bit by bit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import z3

from lift.verify import floats
from lift.verify.solvers import Answer
from lift.verify.solvers.reals import relaxed

_MOST_SYMBOLS = 20
_QUICK_MS = 200
"""Below this a question is about a path, and not worth the bits."""
_FUNCTIONS = (
    floats.OF_INT, floats.QUOTIENT, floats.REMAINDER, floats.FLOORED, floats.LESS, floats.SAME, floats.POWER,
    floats.ROUNDED,
    *floats.WHOLE.values(),
)  # fmt: skip


def decide(formulas: Sequence[Any], timeout_ms: int) -> Answer:
    """Whether formulas with floats can all be true; "sat" only where every function in them is exact."""
    until = time.monotonic() + timeout_ms / 1000
    if _obvious(formulas):
        return "sat"
    linear, definitions = relaxed(formulas)
    share = timeout_ms if timeout_ms <= _QUICK_MS else timeout_ms // 3
    for more in ([], definitions) if definitions else ([],):
        solver = z3.Solver()
        solver.set("timeout", max(1, share // (2 if definitions else 1)))
        solver.add(*linear, *more)
        if solver.check() == z3.unsat:
            return "unsat"
    left = int((until - time.monotonic()) * 1000)
    if timeout_ms <= _QUICK_MS or left <= 0:
        return "unknown"
    by_bits = bits(formulas)
    by_bits.set("timeout", left)
    try:
        answer = by_bits.check()
    except z3.Z3Exception:
        return "unknown"
    if answer == z3.unsat:
        return "unsat"
    return "sat" if answer == z3.sat and not _mentions(formulas, _FUNCTIONS) else "unknown"


def _obvious(formulas: Sequence[Any]) -> bool:
    """Whether small numbers make all formulas true, which bits are slow to find where ranges are wide."""
    symbols = [t for t in _terms(formulas) if z3.is_const(t) and t.decl().kind() == z3.Z3_OP_UNINTERPRETED]
    if len(symbols) > _MOST_SYMBOLS or _mentions(formulas, _FUNCTIONS):
        return False
    whole = z3.And(*formulas)
    for number in (0.0, 1.0, -1.0):
        values = [(t, _small(t, number * (place + 1))) for place, t in enumerate(symbols)]
        known = [(t, v) for t, v in values if v is not None]
        if z3.is_true(z3.simplify(z3.substitute(whole, *known) if known else whole)):
            return True
    return False


def _small(symbol: Any, number: float) -> Any:
    match symbol.sort_kind():
        case z3.Z3_FLOATING_POINT_SORT:
            return z3.FPVal(number, symbol.sort())
        case z3.Z3_INT_SORT:
            return z3.IntVal(int(number))
        case z3.Z3_BOOL_SORT:
            return z3.BoolVal(number > 0)
    return None


def bits(formulas: Sequence[Any]) -> Any:
    """A solver for the formulas that knows floats by their bits."""
    steps = ("simplify", "propagate-values", "solve-eqs", "fpa2bv", "simplify", "bit-blast", "sat")
    plain = all(s.kind() in (z3.Z3_BOOL_SORT, z3.Z3_FLOATING_POINT_SORT) for s in _sorts(formulas))
    solver = z3.Then(*steps).solver() if plain else z3.Solver()
    solver.add(*formulas)
    return solver


def _terms(formulas: Sequence[Any]) -> list[Any]:
    found: dict[int, Any] = {}
    pending = list(formulas)
    while pending:
        one = pending.pop()
        if one.get_id() not in found:
            found[one.get_id()] = one
            pending += [one.body()] if z3.is_quantifier(one) else one.children() if z3.is_app(one) else []
    return list(found.values())


def _sorts(formulas: Sequence[Any]) -> list[Any]:
    terms = _terms(formulas)
    symbols = [t for t in terms if z3.is_app(t) and t.decl().kind() == z3.Z3_OP_UNINTERPRETED]
    functions = [c.sort() for t in symbols for c in t.children()]
    if any(z3.is_quantifier(t) for t in terms):
        functions.append(z3.IntSort())
    return [*(t.sort() for t in symbols), *functions]


def _mentions(formulas: Sequence[Any], functions: Sequence[Any]) -> bool:
    names = {f.name() for f in functions}
    return any(z3.is_app(t) and t.decl().name() in names for t in _terms(formulas))
