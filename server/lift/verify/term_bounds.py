"""Which integers an open term may be so that a body keeps its clauses: one symbol on all paths that may fail.

The body is followed once; each integer is then one question about the paths that were kept. What is found
here says where to look: the filled text is checked like any other.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import z3

from lift.verify import contracts
from lift.verify.clause_space import Certainty
from lift.verify.entry import Entry, Target
from lift.verify.obligations import Obligation, obligations_of
from lift.verify.prove import explore
from lift.verify.state import BudgetExceeded, Engine, State
from lift.verify.symbols import fresh
from lift.verify.types import TInt
from lift.verify.values import VInt

_QUERY_MS = 1000
_MOST_PATHS = 400


@dataclass
class Bounds:
    """The paths that may break a clause, by what the open term is."""

    engine: Engine
    term: Any
    paths: list[tuple[State, Any]]

    def kept(self, value: int) -> Certainty:
        """Whether every clause is kept where the term is ``value``."""
        try:
            for state, bad in self.paths:
                answer = self.engine.query(state, [bad, self.term == value], _QUERY_MS)
                if answer != "unsat":
                    return "no" if answer == "sat" else "unknown"
        except (BudgetExceeded, z3.Z3Exception):
            return "unknown"
        return "yes"

    def solution(self, rounds: int = 12) -> int | None:
        """An integer with which every clause is kept, found from the inputs that others are broken by."""
        unknown = z3.Int("open term")
        solver = z3.Solver()
        solver.set("timeout", _QUERY_MS)
        try:
            for _ in range(rounds):
                value = _smallest(solver, unknown)
                if value is None:
                    return None
                broken = self._broken(value)
                if broken is None:
                    return value if self.kept(value) == "yes" else None
                model, formula = broken
                # What the term was is left open, while the input stays as it was.
                given = model.eval(z3.substitute(formula, (self.term, unknown)), model_completion=False)
                solver.add(z3.Not(given), unknown != value)
        except (BudgetExceeded, z3.Z3Exception):
            return None
        return None

    def _broken(self, value: int) -> tuple[Any, Any] | None:
        for state, bad in self.paths:
            formula = z3.And(*state.pc, bad)
            facts = [*self.engine.facts, formula, self.term == value]
            model = self.engine.backend.model(facts, [], _QUERY_MS)
            if model is not None:
                return model, formula
        return None


def _smallest(solver: Any, unknown: Any) -> int | None:
    """A small integer that the constraints leave."""
    for bound in (1, 16, 1 << 12, None):
        near = [] if bound is None else [unknown <= bound, unknown >= -bound]
        if solver.check(*near) == z3.sat:
            return solver.model().eval(unknown, model_completion=True).as_long()
    return None


def bounds_of(
    target: Target,
    name: str,
    *,
    requires: Sequence[str] = (),
    ensures: Sequence[str] = (),
    examples: Sequence[str] = (),
    seconds: float,
) -> Bounds | None:
    """Follow the body with an open term as a symbol; None where not all of it is modelled.

    Args:
        name: The name that stands for it in clauses and in the body.
        requires: What it stands in under Requires.
        ensures: What it stands in under Ensures; where that is all, no other clause counts.
        examples: What doctests say, as clauses.
        seconds: For following the body, and for all questions after it.
    """
    engine = Engine(target.program, False, time.monotonic() + seconds, target=target.ir.qualname)
    terms: list[Any] = []

    def with_term(entry: Entry) -> Entry:
        state, value = fresh(engine, entry.state, TInt(), name)[0]
        assert isinstance(value, VInt)
        # One symbol for all ways to enter: the term is one constant.
        state = state.fork(*([value.term == terms[0]] if terms else []))
        terms.append(value.term)
        variables = {**entry.variables, name: value}
        state.frames[0] = {**state.frames[0], name: value}
        engine.frame_locals[0] = frozenset(engine.frame_locals[0] | {name})
        for expression in requires:
            state = state.fork(contracts.judge(engine, state, expression, variables).holds)
        return Entry(state, variables, entry.free)

    place = target.ir.name_span
    wanted = [Obligation(f"open:{n}", "ensures", e, place, e) for n, e in enumerate([*ensures, *examples])]
    if requires or not ensures:
        closed = [o for o in obligations_of(target) if not o.open]
        wanted += [o for o in closed if o.kind not in ("requires", "example", "decreases")]
    result = explore(engine, target, wanted, keep=_MOST_PATHS, prepare=with_term)
    if not result.complete or not terms or any(_unclear(f.why, f.suspects) for f in result.findings.values()):
        return None
    paths = [(state, bad) for f in result.findings.values() for _, state, bad in f.suspects]
    paths += [(state, bad) for _, state, bad in result.call_suspects]
    return Bounds(engine, terms[0], paths)


def _unclear(why: str | None, suspects: Sequence[object]) -> bool:
    return why is not None and not suspects
