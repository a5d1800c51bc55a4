"""Which of several conditions are the weakest, as the solver has it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lift.resolve.repair.patient import Patient


def weakest(patient: Patient, conditions: Sequence[str]) -> list[str]:
    """The conditions without those that only ask more than another one, the weaker before the stronger.

    Of two that say the same the shorter one stays.
    """
    order = {c: n for n, c in enumerate(conditions)}
    implied = _implications(patient, conditions)
    kept: list[str] = []
    for one in conditions:
        stronger = [
            other
            for other in conditions
            if other != one
            and (one, other) in implied
            # Of two equal ones the first in order stays.
            and ((other, one) not in implied or (len(other), order[other]) < (len(one), order[one]))
        ]
        if not stronger:
            kept.append(one)
    return kept


def _implications(patient: Patient, conditions: Sequence[str]) -> set[tuple[str, str]]:
    """The pairs of which the first implies the second for every input that meets Requires."""
    import z3

    from lift.verify import contracts
    from lift.verify.entry import entries
    from lift.verify.state import BudgetExceeded, Engine
    from lift.verify.values import Unsupported

    target = patient.target
    engine = Engine(target.program, False, time.monotonic() + 1.0, target=target.ir.qualname)
    pairs = {(a, b) for a in conditions for b in conditions if a != b}
    try:
        for entry in entries(engine, target):
            judged = {c: contracts.judge(engine, entry.state, c, entry.variables) for c in conditions}
            for a, b in list(pairs):
                if engine.query(entry.state, [judged[a].holds, judged[b].fails], 200) != "unsat":
                    pairs.discard((a, b))
    except (Unsupported, BudgetExceeded, RecursionError, z3.Z3Exception):
        return set()
    return pairs
