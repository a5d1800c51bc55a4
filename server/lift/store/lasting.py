"""Which results are worth keeping: those that another try would give again.

Must not import anything of lift but the IR.
"""

from __future__ import annotations

from lift_ir import FunctionResult

# A result that used up this much of its time says more about a busy machine than about the function, so it
# is not kept across restarts.
_SLOW_SHARE = 0.5


def lasting(result: FunctionResult, seconds: float) -> bool:
    """Whether the result may be kept for other sessions; ``seconds`` is the time that a function is given."""
    if not result.digest:
        # The check itself did not come to an end: its worker died or was killed.
        return False
    decided = all(clause.verdict not in ("unknown", "bounded") for clause in result.clauses)
    return decided or result.seconds < _SLOW_SHARE * seconds


def cut_short(result: FunctionResult, seconds: float) -> bool:
    """Whether its worker died before the time was up, so that another try may well come to an end."""
    return not result.digest and result.seconds < seconds
