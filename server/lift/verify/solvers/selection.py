"""Which solvers a check uses: chosen once for a check, so that all runs of the engine in it share them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from lift.verify.options import SolverChoice
from lift.verify.solvers import Solver
from lift.verify.solvers.memory import Remembering
from lift.verify.solvers.portfolio import Portfolio
from lift.verify.solvers.z3_solver import Z3Solver

_selected: ContextVar[Remembering | None] = ContextVar("selected", default=None)


@contextlib.contextmanager
def using(choice: SolverChoice) -> Iterator[Remembering]:
    """Let engines that are made meanwhile use these solvers, and share what they decided."""
    inner: Solver = Z3Solver() if choice == "z3" else Portfolio(always_confirm=choice == "agree")
    token = _selected.set(Remembering(inner))
    try:
        yield selected()
    finally:
        _selected.reset(token)


def selected() -> Remembering:
    """The solvers of the check that is under way; both of them where there is none."""
    return _selected.get() or Remembering(Portfolio())
