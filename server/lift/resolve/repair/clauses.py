"""Weaker clauses, for a specification that promises too much: the last thing to offer."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import replace

from lift_ir import ClauseResult, Ensures, Repair

from lift.edit import Edit
from lift.resolve.repair.atoms import atoms_of
from lift.resolve.repair.bench import matrix
from lift.resolve.repair.patient import Patient, breaking, key_of
from lift.resolve.repair.proof import Trial, attempt, repair_of

_MOST_PROOFS = 6
_RELAXED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.NotEq),
    ast.Gt: (ast.GtE, ast.NotEq),
    ast.Eq: (ast.LtE, ast.GtE),
}


def repairs(patient: Patient) -> Iterator[Repair]:
    """Weaker forms of the broken Ensures that hold and still say something."""
    for broken in patient.broken:
        clause = next((c for c in patient.function.clauses if c.id == broken.clause), None)
        if not isinstance(clause, Ensures) or clause.expression is None or clause.holes:
            continue
        if patient.index.text_at(clause.span) != clause.expression:
            # It is written in a way of which the place in the text is not plain, such as a decorator.
            continue
        for weaker in itertools.islice(_weaker(patient, broken, clause.expression), _MOST_PROOFS):
            if patient.left <= 0.3:
                break
            edits = (Edit(clause.span, weaker),)
            trial = attempt(patient, edits)
            if trial is not None and (done := _holds(patient, broken, trial, weaker)) is not None:
                yield repair_of("clause", f"Weaken the clause to {weaker}", edits, done)
                break


def _holds(patient: Patient, broken: ClauseResult, trial: Trial, weaker: str) -> Trial | None:
    """The trial with the old clause counted as mended, if the new one is proved and nothing is worse."""
    after = {key_of(c): c for c in trial.result.clauses}
    new = after.get(f"ensures:{weaker}")
    if new is None or new.verdict != "proved" or new.code == "trivial-clause":
        return None
    others = {key_of(c): c.verdict for c in patient.result.clauses if key_of(c) != key_of(broken)}
    if any(v == "proved" and (k not in after or after[k].verdict != "proved") for k, v in others.items()):
        return None
    if any(c.code in ("refuted", "may-raise") and key_of(c) not in others for c in trial.result.clauses):
        return None
    return replace(trial, fixed=tuple(sorted({*trial.fixed, key_of(broken)})))


def _weaker(patient: Patient, broken: ClauseResult, expression: str) -> Iterator[str]:
    tree = ast.parse(expression, mode="eval").body
    seen = {ast.unparse(tree)}
    candidates = [*_relaxed(tree), *_dropped(tree), *_conditional(patient, broken, expression)]
    for candidate in candidates:
        if candidate not in seen:
            seen.add(candidate)
            yield candidate


def _relaxed(tree: ast.expr) -> Iterator[str]:
    """One comparison after the other, made to say less."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        for place, op in enumerate(node.ops):
            for other in _RELAXED.get(type(op), ()):
                before = node.ops[place]
                node.ops[place] = other()
                yield ast.unparse(tree)
                node.ops[place] = before


def _dropped(tree: ast.expr) -> Iterator[str]:
    """The conjunction without one of its parts, and a chain of comparisons without one of its ends."""
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        for place in range(len(tree.values)):
            rest = [v for n, v in enumerate(tree.values) if n != place]
            yield ast.unparse(rest[0] if len(rest) == 1 else ast.BoolOp(ast.And(), rest))
    if isinstance(tree, ast.Compare) and len(tree.ops) == 2:
        yield ast.unparse(ast.Compare(tree.left, tree.ops[:1], tree.comparators[:1]))
        yield ast.unparse(ast.Compare(tree.comparators[0], tree.ops[1:], tree.comparators[1:]))


def _conditional(patient: Patient, broken: ClauseResult, expression: str) -> Iterator[str]:
    """The clause for those inputs only for which a condition of the code holds."""
    bad = breaking(patient, broken)[:20]
    good = patient.good[:40]
    if not bad or not good or patient.left <= 0.5:
        return
    conditions = atoms_of(patient)
    rows = matrix(patient, conditions, [*bad, *good])
    found: list[tuple[int, int, str]] = []
    for condition, row in zip(conditions, rows, strict=True):
        if "x" in row or "1" in row[: len(bad)] or row[len(bad) :].count("1") * 4 < len(good):
            continue
        found.append((row[len(bad) :].count("0"), len(condition), condition))
    for _, _, condition in sorted(found)[:3]:
        yield f"implies({condition}, {expression})"
