"""Solvers behind one protocol: what the verifier asks of any of them.

Terms are Z3's; another solver reads them as SMT-LIB. A solver may say ``unknown`` at any time, and never
raises because a question is hard. Must not import a solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

Answer = Literal["sat", "unsat", "unknown"]


class Solver(Protocol):
    """Decides conjunctions of formulas."""

    @property
    def name(self) -> str:
        """Whose answers these are, for people."""
        ...

    def decide(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """Whether the formulas can all be true, within a time in milliseconds."""
        ...

    def model(self, formulas: Sequence[Any], wishes: Sequence[Sequence[Any]], timeout_ms: int) -> Any | None:
        """A model of the formulas, and of the first wish that can be had too; None if there is none."""
        ...

    def confirm(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """What another solver than the one that just said ``unsat`` says; ``unknown`` if none was asked."""
        ...
