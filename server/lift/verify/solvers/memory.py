"""A solver that remembers what it decided: the same path is asked for again and again in one check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lift.verify.solvers import Answer, Solver


class Remembering:
    """Another solver with a memory, for the time of one check.

    Terms that are equal are one object in Z3, so a conjunction is known by the numbers of its terms. The
    terms are kept along with the answer: the number of one that is gone would be given to another one.
    """

    def __init__(self, inner: Solver) -> None:
        self.inner = inner
        self._known: dict[frozenset[int], tuple[Answer, tuple[Any, ...]]] = {}

    @property
    def name(self) -> str:
        """Whose answers these are."""
        return self.inner.name

    def decide(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """Whether the formulas can all be true; what was ``unknown`` is asked again."""
        key = frozenset(f.get_id() for f in formulas)
        found = self._known.get(key)
        if found is not None:
            return found[0]
        answer = self.inner.decide(formulas, timeout_ms)
        if answer != "unknown":
            self._known[key] = answer, tuple(formulas)
        return answer

    def model(self, formulas: Sequence[Any], wishes: Sequence[Sequence[Any]], timeout_ms: int) -> Any | None:
        """A model of the formulas, with the first wish that can be had."""
        return self.inner.model(formulas, wishes, timeout_ms)

    def confirm(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """What another solver says."""
        return self.inner.confirm(formulas, timeout_ms)
