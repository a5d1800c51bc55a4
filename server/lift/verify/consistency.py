"""Whether a specification can be met at all, and whether a clause says anything: without the body."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import z3

from lift.verify import contracts
from lift.verify.entry import Entry, Target, entries
from lift.verify.obligations import Obligation
from lift.verify.state import BudgetExceeded, Engine, State
from lift.verify.symbols import fresh
from lift.verify.types import TUnknown, is_mutable, unknown_part
from lift.verify.values import Unsupported, Value

BY_CLAUSES = "the clauses before it"
"""What a clause follows from that only says what others say."""

_SEARCH_SECONDS = 1.0


@dataclass
class Consistency:
    """What was found.

    Attributes:
        satisfiable: An input meets all Requires, as a model shows.
        contradictory: Obligation key → the clauses that contradict each other, as text.
        trivial: Obligation key → what it follows from, as text.
    """

    satisfiable: bool = False
    contradictory: dict[str, str] = field(default_factory=dict)
    trivial: dict[str, str] = field(default_factory=dict)


def examine(target: Target, wanted: list[Obligation], deadline: float) -> Consistency | None:
    """Examine Requires and Ensures; None where they are outside the subset."""
    found = Consistency()
    engine = Engine(target.program, False, deadline, target=target.ir.qualname)
    try:
        starts = entries(engine, target)
        _examine_requires(engine, starts, [o for o in wanted if o.kind == "requires" and not o.open], found)
        if not found.contradictory:
            ensures = [o for o in wanted if o.kind == "ensures" and not o.open and o.expression]
            _examine_ensures(engine, target, starts, ensures, found)
    except (Unsupported, BudgetExceeded, RecursionError, z3.Z3Exception):
        return found
    return found


def is_met(target: Target, deadline: float) -> bool:
    """Whether small arguments meet Requires, which is found soonest where their shapes are written out."""
    until = min(deadline, time.monotonic() + _SEARCH_SECONDS)
    engine = Engine(target.program, True, until, target=target.ir.qualname)
    try:
        for entry in entries(engine, target):
            engine.check_time()
            if engine.query(entry.state, [], 400) == "sat":
                return True
    except (Unsupported, BudgetExceeded, RecursionError, z3.Z3Exception):
        return False
    return False


def _examine_requires(
    engine: Engine, starts: list[Entry], requires: list[Obligation], found: Consistency
) -> None:
    possible = False
    for entry in starts:
        answer = engine.query(entry.state, [], 400)
        if answer == "sat":
            found.satisfiable = True
        possible |= answer != "unsat"
    if possible or not requires:
        return
    core = _core(engine, starts[0], requires) if starts else requires
    text = " and ".join(f"`{o.text}`" for o in core)
    for obligation in core:
        found.contradictory[obligation.key] = text


def _core(engine: Engine, entry: Entry, requires: list[Obligation]) -> list[Obligation]:
    """A smallest set of clauses that contradict each other, by leaving out one after the other."""
    core = list(requires)
    for obligation in requires:
        rest = [o for o in core if o is not obligation]
        terms = [
            contracts.judge(engine, entry.free, o.expression or "True", entry.variables).holds for o in rest
        ]
        if rest and engine.query(entry.free, terms, 300) == "unsat":
            core = rest
    return core


def _examine_ensures(
    engine: Engine, target: Target, starts: list[Entry], ensures: list[Obligation], found: Consistency
) -> None:
    returns = target.program.type_of(target.node.returns)
    if not ensures or isinstance(returns, TUnknown) or unknown_part(returns) or len(starts) != 1:
        return
    if is_mutable(returns) or any(
        contracts.reachable(starts[0].state, v) for v in starts[0].variables.values()
    ):
        # What is reachable may change before the end, so that nothing follows from the entry state alone.
        return
    state, value = fresh(engine, starts[0].state, returns, "result")[0]
    variables: dict[str, Value] = {"result": value, **starts[0].variables, "__return__": value}
    judged = {o.key: _judge(engine, state, o, variables) for o in ensures}
    if any(j is None for j in judged.values()):
        return
    holds = {k: j.holds for k, j in judged.items() if j}
    if engine.query(state, list(holds.values()), 400) == "unsat":
        text = " and ".join(f"`{o.text}`" for o in ensures)
        found.contradictory.update({o.key: text for o in ensures})
        return
    settled: list[Obligation] = []
    for obligation in ensures:
        judgement = judged[obligation.key]
        assert judgement is not None
        if engine.query(state, [judgement.fails], 200) == "unsat":
            has_requires = any(c.kind == "requires" for c in target.ir.clauses)
            found.trivial[obligation.key] = "the types and Requires" if has_requires else "the types alone"
            continue
        earlier = [holds[o.key] for o in settled]
        if earlier and engine.query(state, [*earlier, judgement.fails], 200) == "unsat":
            found.trivial[obligation.key] = BY_CLAUSES
            continue
        settled.append(obligation)


def _judge(
    engine: Engine, state: State, obligation: Obligation, variables: dict[str, Value]
) -> contracts.Judgement | None:
    try:
        return contracts.judge(engine, state, obligation.expression or "True", variables, dict(state.heap))
    except Unsupported:
        return None
