"""Z3 as a solver of the verifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

from lift.verify.solvers import Answer
from lift.verify.values import FLOAT, floats_made


class Z3Solver:
    """Z3 with a fresh solver for each question: an incremental one gives up its quantifier strategies."""

    @property
    def name(self) -> str:
        """Whose answers these are."""
        return "Z3"

    def decide(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """Whether the formulas can all be true."""
        if floats_made() and mentions_floats(formulas):
            from lift.verify.solvers import floating

            return floating.decide(formulas, timeout_ms)
        answer = _solver(formulas, timeout_ms).check()
        return "sat" if answer == z3.sat else "unsat" if answer == z3.unsat else "unknown"

    def model(self, formulas: Sequence[Any], wishes: Sequence[Sequence[Any]], timeout_ms: int) -> Any | None:
        """A model of the formulas, with the first wish that can be had."""
        solver = _solver(formulas, timeout_ms)
        if floats_made() and mentions_floats(formulas):
            from lift.verify.solvers import floating

            solver = floating.bits(formulas)
            solver.set("timeout", max(1, timeout_ms))
        if solver.check() != z3.sat:
            return None
        model = solver.model()
        for wish in wishes:
            solver.push()
            solver.add(*wish)
            if solver.check() == z3.sat:
                return solver.model()
            solver.pop()
        return model

    def confirm(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """Nobody else is there to be asked."""
        return "unknown"


def mentions_floats(formulas: Sequence[Any]) -> bool:
    """Whether a term of the sort of floats stands in a formula."""
    seen: set[int] = set()
    pending = list(formulas)
    while pending:
        one = pending.pop()
        if one.get_id() in seen:
            continue
        seen.add(one.get_id())
        if z3.is_quantifier(one):
            pending.append(one.body())
        elif one.sort() == FLOAT:
            return True
        elif z3.is_app(one):
            pending += one.children()
    return False


def _solver(formulas: Sequence[Any], timeout_ms: int) -> Any:
    solver = z3.Solver()
    solver.set("timeout", max(1, timeout_ms))
    solver.add(*formulas)
    return solver
