"""Z3 as a solver of the verifier."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from lift.verify.solvers import Answer
from lift.verify.values import FLOAT, floats_made

# How many models are tried before a question is asked: the two sides of a branch have one each.
_MODELS = 3


@dataclass
class _Known:
    """A model and the terms that are true in it, by their numbers.

    The terms are kept, since the number of one that is gone would be given to another one.
    """

    model: Any
    true: dict[int, Any] = field(default_factory=dict)

    def satisfies(self, formulas: Sequence[Any]) -> bool:
        for formula in formulas:
            number = formula.get_id()
            if number in self.true:
                continue
            if not z3.is_true(self.model.eval(formula, model_completion=True)):
                return False
            self.true[number] = formula
        return True


class Z3Solver:
    """Z3 with a fresh solver for each question: an incremental one gives up its quantifier strategies.

    A path is asked for again with one condition more at each of its branches, and a model of the path
    satisfies one side of the branch already.
    """

    def __init__(self) -> None:
        self._models: deque[_Known] = deque(maxlen=_MODELS)

    @property
    def name(self) -> str:
        """Whose answers these are."""
        return "Z3"

    def decide(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """Whether the formulas can all be true."""
        if floats_made() and mentions_floats(formulas):
            from lift.verify.solvers import floating

            return floating.decide(formulas, timeout_ms)
        # The newest condition comes last, and is the one most likely to be false.
        backwards = formulas[::-1]
        if any(known.satisfies(backwards) for known in self._models):
            return "sat"
        solver = _solver(formulas, timeout_ms)
        answer = solver.check()
        if answer == z3.sat:
            self._models.appendleft(_Known(solver.model(), {f.get_id(): f for f in formulas}))
            return "sat"
        return "unsat" if answer == z3.unsat else "unknown"

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
