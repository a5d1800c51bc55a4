"""How a check stands: which obligations have a verdict, and what was learnt on the way.

Must not import z3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lift_ir import ClauseResult, LoopResult, Verdict

from lift.verify import wording
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

if TYPE_CHECKING:
    from lift.verify.entry import Target
    from lift.verify.obligations import Obligation


@dataclass
class Standing:
    """What is known of each obligation while the check goes on."""

    target: Target
    options: Options
    deadline: float
    wanted: list[Obligation]
    results: dict[str, ClauseResult] = field(default_factory=dict)
    calls: list[ClauseResult] = field(default_factory=list)
    tests: int = 0
    endless: bool = False
    met: bool = False
    assumptions: set[str] = field(default_factory=set)
    no_run: str | None = None
    reasons: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    trivial: dict[str, str] = field(default_factory=dict)
    relied: set[str] = field(default_factory=set)
    inherited: set[str] = field(default_factory=set)
    untyped: tuple[str, ...] = ()
    tried: set[str] = field(default_factory=set)
    sources: Sources = NOTHING
    loops: tuple[LoopResult, ...] = ()

    @property
    def label(self) -> str:
        """The function's name among those of all modules."""
        return self.sources.label(self.target.ir.qualname)

    @property
    def open(self) -> list[Obligation]:
        """The obligations without a verdict."""
        return [o for o in self.wanted if o.key not in self.results]

    @property
    def provable(self) -> list[Obligation]:
        """Those of them that a run over all paths can decide; a doctest takes CPython."""
        return [o for o in self.open if o.kind not in ("example", "requires")]

    @property
    def undecided_calls(self) -> bool:
        """Whether a call may break its callee's Requires and no run has shown it."""
        return any(c.verdict == "unknown" for c in self.calls)

    def settle(self, obligation: Obligation, verdict: Verdict, **more: Any) -> None:
        """Give an obligation its verdict."""
        if verdict == "proved" and obligation.key in self.trivial:
            more |= wording.trivial(obligation, self.trivial[obligation.key])
        self.results[obligation.key] = ClauseResult(
            kind=obligation.kind,
            text=obligation.text,
            span=obligation.span,
            clause=obligation.clause.id if obligation.clause else None,
            verdict=verdict,
            tests=self.tests,
            **more,
        )
