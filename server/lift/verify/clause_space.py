"""What clauses say of each other, without the body: over any arguments that meet Requires and any result.

For comparing clauses that somebody may write. A term that is still open is a symbol here, so that it can be
asked which integers it may be. Used in worker processes only, since it asks Z3.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import z3
from lift_ir import Modifies

from lift.verify import contracts, trial
from lift.verify.entry import Entry, Target, entries
from lift.verify.replay import Case
from lift.verify.state import BudgetExceeded, Engine, HeapObject, State
from lift.verify.symbols import fresh
from lift.verify.types import TInt, TUnknown, is_mutable, unknown_part
from lift.verify.values import Unsupported, Value, VBool, VInt

Certainty = Literal["yes", "no", "unknown"]

_QUERY_MS = 400
_STOPS = (Unsupported, BudgetExceeded, RecursionError, z3.Z3Exception, SyntaxError)


@dataclass(frozen=True)
class Place:
    """One shape of the arguments, of the result and of what is open.

    Attributes:
        state: The path, which meets Requires.
        variables: The arguments, the result and the open terms by name.
        entry: The same, for writing down a model.
    """

    state: State
    variables: dict[str, Value]
    heap: dict[int, HeapObject]
    entry: Entry


@dataclass
class Space:
    """States in which clauses are true or false.

    Attributes:
        result: The name of the result in clauses, None where only arguments are looked at.
        symbols: Those of the arguments, the result and what is open.
    """

    engine: Engine
    target: Target
    places: list[Place]
    result: str | None
    symbols: frozenset[str] = frozenset()
    _judged: dict[tuple[int, str], contracts.Judgement] = field(default_factory=dict)

    def implies(self, known: Sequence[str], given: str, follows: str) -> Certainty:
        """Whether one clause follows from another one where the ``known`` ones hold.

        ``unknown`` where the solver does not say, or a clause is outside the subset.
        """
        try:
            for place in self.places:
                terms = [self._of(place, one).holds for one in (*known, given)]
                answer = self.engine.query(place.state, [*terms, self._of(place, follows).fails], _QUERY_MS)
                if answer != "unsat":
                    return "no" if answer == "sat" else "unknown"
        except _STOPS:
            return "unknown"
        return "yes"

    def possible(self, clauses: Sequence[str]) -> Certainty:
        """Whether there are arguments, and a result where it counts, that meet all clauses together."""
        refused = True
        try:
            for place in self.places:
                terms = [self._of(place, one).holds for one in clauses]
                answer = self.engine.query(place.state, terms, _QUERY_MS)
                if answer == "sat":
                    return "yes"
                refused &= answer == "unsat"
        except _STOPS:
            return "unknown"
        return "no" if refused else "unknown"

    def answerable(self, clauses: Sequence[str]) -> Certainty:
        """Whether for all arguments there is a result that meets all clauses; only for numbers and truths."""
        if self.result is None:
            return "unknown"
        try:
            for place in self.places:
                value = place.variables[self.result]
                if not isinstance(value, VInt | VBool) or not z3.is_const(value.term):
                    return "unknown"
                terms = [self._of(place, one).holds for one in clauses]
                if _names(terms) - self.symbols:
                    # A symbol that came with a clause may depend on the result, so that it would have to be
                    # quantified as well.
                    return "unknown"
                none = z3.ForAll([value.term], z3.Not(z3.And(terms)))
                answer = self.engine.query(place.state, [none], _QUERY_MS)
                if answer != "unsat":
                    return "no" if answer == "sat" else "unknown"
        except _STOPS:
            return "unknown"
        return "yes"

    def value(self, clauses: Sequence[str], name: str) -> int | None:
        """One integer that an open term may be so that the clauses can be met together."""
        try:
            for place in self.places:
                terms = [self._of(place, one).holds for one in clauses]
                value = place.variables.get(name)
                if not isinstance(value, VInt):
                    return None
                facts = [*self.engine.facts, *place.state.pc, *terms]
                wishes = [[value.term <= bound, value.term >= -bound] for bound in (0, 10, 1000)]
                model = self.engine.backend.model(facts, wishes, 1000)
                if model is not None:
                    return model.eval(value.term, model_completion=True).as_long()
        except _STOPS:
            return None
        return None

    def example(self, meets: Sequence[str], breaks: Sequence[str] = ()) -> dict[str, str] | None:
        """Arguments, and the result as ``__return__`` or ``result``, as Python source; None if none is found.

        Args:
            breaks: What must be false.
        """
        try:
            for place in self.places:
                terms = [self._of(place, one).holds for one in meets]
                for one in breaks:
                    terms += [self._of(place, one).fails, z3.Not(self._of(place, one).holds)]
                found = self._written(place, terms)
                if found is not None and not found.setup:
                    return found.arguments
        except _STOPS:
            return None
        return None

    def _written(self, place: Place, terms: Sequence[Any]) -> Case | None:
        if self.engine.query(place.state, list(terms), _QUERY_MS) != "sat":
            return None
        return trial.case_of(self.engine, self.target, place.entry, place.state, z3.And(*terms, True))

    def _of(self, place: Place, expression: str) -> contracts.Judgement:
        key = (id(place), expression)
        if key not in self._judged:
            self._judged[key] = contracts.judge(
                self.engine, place.state, expression, place.variables, place.heap
            )
        return self._judged[key]


def space_of(
    target: Target,
    *,
    after: bool,
    unknowns: Sequence[str] = (),
    shapes: int = 0,
    seconds: float = 5.0,
) -> Space | None:
    """The states in which the clauses of a function are true or false; None where they cannot be modelled.

    Args:
        after: Whether there is a result: for Ensures.
        unknowns: Names in clauses that stand for an integer which is not known.
        shapes: How many elements containers have at most where they are written out, so that models can be
            written down; what holds of all such shapes need not hold of all values. 0 for any containers.
        seconds: For all questions together.
    """
    if after and _may_change(target):
        return None
    engine = Engine(target.program, shapes > 0, time.monotonic() + seconds, target=target.ir.qualname)
    engine.list_bound = shapes
    try:
        places = list(_places(engine, target, after, unknowns))
    except _STOPS:
        return None
    name = ("__return__" if _has_result(target) else "result") if after else None
    if not places:
        return None
    symbols = _names([*engine.facts, *(t for p in places for t in p.state.pc)])
    symbols |= _names([t for p in places for v in p.variables.values() for t in _term(v)])
    return Space(engine, target, places, name, frozenset(symbols))


def _places(engine: Engine, target: Target, after: bool, unknowns: Sequence[str]) -> Iterator[Place]:
    returns = target.program.type_of(target.node.returns) if after else None
    if returns is not None and (isinstance(returns, TUnknown) or unknown_part(returns)):
        raise Unsupported("a result without a type", target.node)
    for entry in entries(engine, target):
        for state, result in (
            fresh(engine, entry.state, returns, "result") if returns else [(entry.state, None)]
        ):
            variables = dict(entry.variables)
            for name in unknowns:
                state, value = fresh(engine, state, TInt(), name)[0]
                variables[name] = value
            if result is not None:
                variables["__return__"] = result
                variables.setdefault("result", result)
            shown = {n: v for n, v in variables.items() if n not in unknowns and n != "__return__"}
            if result is not None and _has_result(target):
                shown["__return__"] = result
            written = Entry(state, shown, entry.free)
            yield Place(state, variables, dict(entry.state.heap), written)


def _has_result(target: Target) -> bool:
    return any(p.name == "result" for p in target.ir.signature.parameters)


def _may_change(target: Target) -> bool:
    """Whether an argument may be another one after the call, so that a result alone is not what comes out."""
    effects = target.ir.effects
    says = any(isinstance(c, Modifies) and c.targets for c in target.ir.clauses)
    if not (says or effects.mutates or effects.opaque_calls or effects.globals_written):
        return False
    args = target.node.args
    held = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    own = "." in target.ir.qualname
    return own or any(is_mutable(target.program.type_of(a.annotation)) for a in held)


def _term(value: Value) -> list[Any]:
    return [value.term] if isinstance(value, VInt | VBool) else []


def _names(terms: Sequence[Any]) -> set[str]:
    """The symbols without arguments in formulas."""
    found: set[str] = set()
    seen: set[int] = set()
    pending = list(terms)
    while pending:
        one = pending.pop()
        if one.get_id() in seen:
            continue
        seen.add(one.get_id())
        if z3.is_const(one) and one.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found.add(one.decl().name())
        pending += one.children()
    return found
