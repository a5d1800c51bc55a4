"""Z3 as a solver of the verifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

from lift.verify.solvers import Answer


class Z3Solver:
    """Z3 with a fresh solver for each question: an incremental one gives up its quantifier strategies."""

    name = "Z3"

    def decide(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """Whether the formulas can all be true."""
        answer = _solver(formulas, timeout_ms).check()
        return "sat" if answer == z3.sat else "unsat" if answer == z3.unsat else "unknown"

    def model(self, formulas: Sequence[Any], wishes: Sequence[Sequence[Any]], timeout_ms: int) -> Any | None:
        """A model of the formulas, with the first wish that can be had."""
        solver = _solver(formulas, timeout_ms)
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


def _solver(formulas: Sequence[Any], timeout_ms: int) -> Any:
    solver = z3.Solver()
    solver.set("timeout", max(1, timeout_ms))
    solver.add(*formulas)
    return solver
