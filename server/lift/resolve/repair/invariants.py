"""An assert at a loop's head that does not hold: the invariant that was meant."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from lift_ir import Repair

from lift.resolve.repair.body import survivors
from lift.resolve.repair.mutants import mutants_in
from lift.resolve.repair.patient import Patient, key_of
from lift.resolve.repair.proof import Trial, attempt, repair_of

_MOST_PROOFS = 10


def repairs(patient: Patient) -> Iterator[Repair]:
    """Changed invariants under which everything that is checked is proved."""
    broken = {c.span.start.line: key_of(c) for c in patient.broken if c.kind == "assert"}
    for statement in _heads(patient.node):
        key = broken.get(statement.lineno)
        if key is None:
            continue
        candidates = survivors(patient, mutants_in(patient, statement.test))
        for mutant in candidates[:_MOST_PROOFS]:
            if patient.left <= 0.3:
                return
            trial = attempt(patient, mutant.edits)
            if trial is not None and (done := _mended(trial, key)) is not None:
                title = f"Change the invariant `{mutant.before}` to `{mutant.after}`"
                yield repair_of("invariant", title, mutant.edits, done)


def _heads(function: ast.FunctionDef) -> Iterator[ast.Assert]:
    for node in ast.walk(function):
        if isinstance(node, ast.While | ast.For):
            for statement in node.body:
                if not isinstance(statement, ast.Assert):
                    break
                yield statement


def _mended(trial: Trial, key: str) -> Trial | None:
    if not trial.whole:
        return None
    return replace(trial, fixed=tuple(sorted({*trial.fixed, key})))
