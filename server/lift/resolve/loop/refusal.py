"""Why a candidate is not offered, as it travels from a gate to whoever reports it. Data only."""

from __future__ import annotations

from lift_ir import Counterexample
from lift_ir.generation import Stage


class Refusal(Exception):
    """A candidate failed a check; the text is a sentence for the user, without its full stop.

    Attributes:
        stage: Which check.
        clause: Text of the clause that it breaks.
        counterexample: The input that it breaks it on.
        held: How many clauses it kept all the same.
    """

    def __init__(
        self,
        stage: Stage,
        reason: str,
        *,
        clause: str | None = None,
        counterexample: Counterexample | None = None,
        held: int = 0,
    ) -> None:
        super().__init__(reason)
        self.stage: Stage = stage
        self.reason = reason
        self.clause = clause
        self.counterexample = counterexample
        self.held = held
