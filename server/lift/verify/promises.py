"""What a callee would have to promise for a proof to go through: `half` does not promise `result > 0`.

A fact about the result is assumed of a callee, and the proof tried again with it. Nothing is ever proved this
way; it only says where a proof stops. Facts come weakest first, so that no more is asked for than is needed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from lift_ir import Function

from lift.verify.obligations import Obligation
from lift.verify.prove import explore
from lift.verify.standing import Standing
from lift.verify.state import Engine
from lift.verify.types import TBool, TDict, TInt, TList, TNone, TSet, TStr, TTupleOf, TUnion, Type
from lift.verify.values import forget_terms

_SECONDS = 1.0
_LEAST_SECONDS = 0.2
_MOST_FACTS = 16
_SIZED = TStr | TList | TDict | TSet | TTupleOf


def explain(state: Standing) -> None:
    """Give the obligations that failed for want of a promise that as their reason."""
    wanted = [o for o in state.open if o.kind in ("ensures", "no-raise", "assert")]
    deadline = min(state.deadline, time.monotonic() + _SECONDS)
    if not wanted or deadline - time.monotonic() < _LEAST_SECONDS or not _calls(state):
        return
    plain = _engine(state, deadline, {})
    forget_terms()
    before = explore(plain, state.target, wanted)
    if not plain.promises or not before.complete:
        return
    left = [o for o in wanted if not before.findings[o.key].holds]
    for label, (name, ir, types) in sorted(plain.promises.items()):
        for fact in _facts(ir, types):
            if not left or time.monotonic() > deadline:
                return
            helped = _helped(state, deadline, label, fact, left)
            for obligation in helped:
                line = before.findings[obligation.key].line
                why = f"`{name}` does not promise `{fact}`, with which it would follow"
                state.reasons[obligation.key] = (why, line)
            left = [o for o in left if o not in helped]


def _calls(state: Standing) -> bool:
    """Whether the function calls something that may be known by its specification only."""
    program = state.target.program
    stated = {n for n, ir in program.irs.items() if ir.specified}
    return any(c.callee.partition(".")[0] in stated | program.imports.keys() for c in state.target.ir.calls)


def _engine(state: Standing, deadline: float, assumed: dict[str, str]) -> Engine:
    engine = Engine(state.target.program, False, deadline, target=state.target.ir.qualname)
    engine.assumed = assumed
    return engine


def _helped(
    state: Standing, deadline: float, label: str, fact: str, wanted: list[Obligation]
) -> list[Obligation]:
    """The obligations that hold once the fact is assumed; none if it contradicts what is promised."""
    engine = _engine(state, deadline, {label: fact})
    forget_terms()
    result = explore(engine, state.target, wanted)
    if not result.complete or engine.contradicted:
        return []
    return [o for o in wanted if result.findings[o.key].holds]


def _facts(ir: Function, types: dict[str, Type]) -> Iterator[str]:
    """Facts about a result of its type and the parameters, weakest first."""
    yield from list(_all_facts(ir, types))[:_MOST_FACTS]


def _all_facts(ir: Function, types: dict[str, Type]) -> Iterator[str]:
    result = types["return"]
    others = {n: t for n, t in types.items() if n != "return"}
    match result:
        case TInt():
            yield from ("result != 0", "result >= 0", "result <= 0", "result > 0", "result < 0")
            numbers = [n for n, t in others.items() if isinstance(t, TInt)]
            for op in ("!=", "<=", ">=", "<", ">", "=="):
                yield from (f"result {op} {n}" for n in numbers)
            yield from (
                f"result {op} len({n})"
                for n, t in others.items()
                if isinstance(t, _SIZED)
                for op in ("<=", "<")
            )
        case TBool():
            yield from ("result", "not result")
        case TStr() | TList() | TDict() | TSet() | TTupleOf():
            yield "len(result) > 0"
            same = [n for n, t in others.items() if isinstance(t, _SIZED)]
            for op in ("<=", ">=", "=="):
                yield from (f"len(result) {op} len({n})" for n in same)
            yield from (f"result == {n}" for n, t in others.items() if t == result)
        case TUnion(arms=arms) if TNone() in arms:
            yield "result is not None"
