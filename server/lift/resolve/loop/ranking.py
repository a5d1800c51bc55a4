"""Which of several accepted bodies comes first, and which of the refused ones was nearest."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from lift_ir.generation import Proposal, Rejection

_STRENGTH = {"proved": 0, "bounded": 1, "tested": 2}
_STAGES = (
    "examples",
    "verify",
    "sandbox",
    "roundtrip",
    "effects",
    "types",
    "imports",
    "names",
    "parse",
    "answer",
)


def ranked(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Proved before bounded before tested; then by what the specification notices, and the shorter one."""
    return sorted(proposals, key=_key)


def _key(proposal: Proposal) -> tuple[object, ...]:
    clauses = [c for c in proposal.result.clauses if c.kind != "requires" and c.verdict in _STRENGTH]
    weakest = max((_STRENGTH[c.verdict] for c in clauses), default=3)
    weaker = sum(_STRENGTH[c.verdict] for c in clauses)
    # What a proof assumes, such as that a loop ends, makes it worth a little less.
    assumed = len(proposal.result.assumptions)
    tests = -proposal.tests if weakest == 2 else 0
    noticed = -proposal.killed / proposal.mutants if proposal.mutants else 0.0
    return weakest, weaker, assumed, tests, noticed, _size(proposal.code), len(proposal.code), proposal.code


def _size(code: str) -> int:
    try:
        return sum(1 for _ in ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The definition of a method is shown with its indentation.
        return len(code.split())


def nearest_first(rejections: Iterable[Rejection]) -> list[Rejection]:
    """Those first that got furthest and kept most."""
    return sorted(rejections, key=lambda r: (_furthest(r), -r.held, len(r.code)))


def _furthest(rejection: Rejection) -> int:
    # A candidate that broke a clause ran, and what it broke helps more than that something is forbidden.
    return max(1, _STAGES.index(rejection.stage))
