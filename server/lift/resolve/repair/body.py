"""Mutation repair: small changes of the body that survive every known input, and are then proved."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from lift_ir import Repair

from lift.edit import apply
from lift.resolve.repair.bench import judge_bodies
from lift.resolve.repair.mutants import Mutant, mutants_of
from lift.resolve.repair.patient import Patient
from lift.resolve.repair.proof import attempt, helps, repair_of

_MOST_PROOFS = 10


def repairs(patient: Patient) -> Iterator[Repair]:
    """The changes after which every clause is proved, those first that change the least."""
    for mutant in survivors(patient, mutants_of(patient))[:_MOST_PROOFS]:
        trial = attempt(patient, mutant.edits)
        if trial is not None and trial.whole and helps(patient, trial):
            yield repair_of("body", mutant.title, mutant.edits, trial)


def survivors(patient: Patient, mutants: Sequence[Mutant]) -> list[Mutant]:
    """The mutants that break nothing on the known inputs and end on all of them, the best first."""
    found: list[tuple[Mutant, ast.FunctionDef]] = []
    for mutant in mutants:
        node = _definition(apply(patient.text, mutant.edits), patient)
        if node is not None:
            found.append((mutant, node))
    outcomes = judge_bodies(patient, [node for _, node in found])
    fine = [(o.changed, m) for (m, _), o in zip(found, outcomes, strict=True) if o.fine]
    fine.sort(key=lambda pair: (pair[0] > len(patient.good) // 2, pair[1].cost, pair[0], pair[1].line))
    patient.tried += len(found)
    return [mutant for _, mutant in fine]


def _definition(text: str, patient: Patient) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    line = patient.node.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.lineno == line and node.name == patient.node.name:
            return node
    return None
