"""The missing precondition, and the guard that raises in its place: abduction over conditions from the code.

A condition has to be false for every input that is known to break something, and true for those that are
known to be fine; what is left is proved, and what a proof refutes is one more input to rule out.
"""

from __future__ import annotations

import ast
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lift_ir import Repair, Span

from lift.edit import Edit, Failure, add_clause, add_raises
from lift.edit.text import line_end
from lift.resolve.repair.abduction import abduced
from lift.resolve.repair.atoms import atoms_of, is_whole, negation
from lift.resolve.repair.bench import HOLDS, SILENT, matrix
from lift.resolve.repair.patient import Patient, breaking
from lift.resolve.repair.proof import Trial, attempt, broken_callers, helps, repair_of
from lift.resolve.repair.weakness import weakest
from lift.verify.replay import Case

_MOST_PROOFS = 9
_MOST_KEPT = 3
_GOOD, _BAD = 60, 40
_LEAST_SHARE, _LEAST_JOINED, _LEAST_LEFT = 0.4, 0.7, 3
"""Of the inputs that are fine, how many a condition has to leave: as a share, for two joined, and in all."""


@dataclass(frozen=True)
class _Condition:
    """A condition and how it judges the inputs.

    Attributes:
        lost: How many fine inputs it rules out.
    """

    text: str
    bad: str
    good: str

    @property
    def lost(self) -> int:
        return self.good.count("0")

    @property
    def excludes(self) -> bool:
        """Whether it rules out every input that is known to break something."""
        return bool(self.bad) and HOLDS not in self.bad and SILENT not in self.bad

    @property
    def total(self) -> bool:
        """Whether it has a value for every input."""
        return SILENT not in self.bad + self.good


def repairs(patient: Patient) -> Iterator[Repair]:
    """Requires that make it hold, the weakest and shortest first, and then the guards."""
    found = _verified(patient)
    chosen = weakest(patient, [text for text, _, _ in found])[:_MOST_KEPT]
    kept = [one for text in chosen for one in found if one[0] == text]
    guards = 0
    for text, edits, trial in kept:
        callers = broken_callers(patient, trial)
        yield repair_of("precondition", f"Require {text}", edits, trial, callers)
        if guards < 1 and (guard := guarded(patient, text)) is not None:
            guards += 1
            yield guard


def _verified(patient: Patient) -> list[tuple[str, tuple[Edit, ...], Trial]]:
    broken = patient.broken
    groups = [list(patient.bad)]
    if len(broken) > 1:
        groups += [breaking(patient, clause) for clause in broken]
    conditions = atoms_of(patient)
    for bad in groups:
        found = _for_inputs(patient, bad, conditions)
        if found:
            return found
    return []


def _for_inputs(
    patient: Patient, bad: Sequence[Case], conditions: Sequence[str]
) -> list[tuple[str, tuple[Edit, ...], Trial]]:
    bad, good = _spread(bad, _BAD), _spread(patient.good, _GOOD)
    if not bad:
        return []
    judged = _judged(patient, conditions, bad, good)
    if not any(c.total and c.excludes and not c.lost for c in judged):
        # What the code does not spell out may ask less: a relation of the inputs that several lines make up.
        more = [c for c in abduced(patient) if c not in conditions]
        judged += _judged(patient, more, bad, good)
    candidates = _candidates(judged, len(good))
    found: list[tuple[str, tuple[Edit, ...], Trial]] = []
    done: list[_Condition] = []
    for number, candidate in enumerate(candidates):
        if number >= _MOST_PROOFS or len(found) > _MOST_KEPT or patient.left <= 0.3:
            break
        edits = add_clause(patient.text, patient.function, "Requires", candidate.text)
        if isinstance(edits, Failure):
            return []
        if any(candidate.lost >= 2 * (one.lost + 1) for one in done):
            # It rules out far more than one that is known to do.
            continue
        trial = attempt(patient, edits)
        if trial is not None and helps(patient, trial):
            done.append(candidate)
            found.append((candidate.text, edits, trial))
    return found


def _judged(
    patient: Patient, conditions: Sequence[str], bad: Sequence[Case], good: Sequence[Case]
) -> list[_Condition]:
    rows = matrix(patient, conditions, [*bad, *good])
    return [_Condition(c, r[: len(bad)], r[len(bad) :]) for c, r in zip(conditions, rows, strict=True)]


def _spread(inputs: Sequence[Case], most: int) -> list[Case]:
    """Some of the inputs, from all over the list."""
    step = max(1, len(inputs) // most)
    return list(inputs[::step])[:most]


def _candidates(judged: Sequence[_Condition], good: int) -> list[_Condition]:
    """The conditions, alone, and two joined by ``or`` or ``and``, that rule out what they must."""
    total = [c for c in judged if c.total]
    least = max(_LEAST_LEFT, int(good * _LEAST_SHARE))
    singles = [c for c in total if c.excludes and good - c.lost >= least]
    best = min((c.lost for c in singles), default=good)
    pairs: list[_Condition] = []
    if best > 0:
        # Either of two is weaker than each of them; worth its length only where both lose inputs.
        some = sorted((c for c in total if c.excludes), key=lambda c: (c.lost, len(c.text)))[:40]
        for one, two in itertools.combinations(some, 2):
            joined = _Condition(
                f"{_inner(one.text)} or {_inner(two.text)}", one.bad, _either(one.good, two.good)
            )
            if joined.lost < min(one.lost, two.lost):
                pairs.append(joined)
        partly = [c for c in total if "0" in c.bad and c.lost <= best and not c.excludes]
        partly.sort(key=lambda c: (c.lost, -c.bad.count("0"), len(c.text)))
        for one, two in itertools.combinations(partly[:60], 2):
            if _operands(one.text) == _operands(two.text):
                # Two bounds of one thing by another leave equality, which is a test of its own.
                continue
            joined = _Condition(
                f"{_inner(one.text)} and {_inner(two.text)}",
                _both(one.bad, two.bad),
                _both(one.good, two.good),
            )
            if joined.excludes and joined.lost < min(best, (1 - _LEAST_JOINED) * good):
                pairs.append(joined)
    found = [c for c in (*singles, *pairs) if good - c.lost >= least]
    ordered = sorted(found, key=lambda c: (c.lost + len(c.text) / 12, c.text))
    return ordered


def _operands(text: str) -> frozenset[str]:
    tree = ast.parse(text, mode="eval").body
    if isinstance(tree, ast.Compare):
        return frozenset({ast.unparse(tree.left), *map(ast.unparse, tree.comparators)})
    return frozenset({text})


def _inner(text: str) -> str:
    tree = ast.parse(text, mode="eval").body
    return f"({text})" if isinstance(tree, ast.BoolOp | ast.IfExp | ast.Lambda) else text


def _either(one: str, two: str) -> str:
    return "".join("1" if "1" in (a, b) else "0" for a, b in zip(one, two, strict=True))


def _both(one: str, two: str) -> str:
    return "".join("1" if a == b == "1" else "0" for a, b in zip(one, two, strict=True))


def guarded(patient: Patient, condition: str) -> Repair | None:
    """The guard that raises where the condition does not hold, with its line under Raises."""
    opposite = negation(condition, is_whole(patient, condition))
    edits = _guard_edits(patient, condition, opposite)
    if edits is None:
        return None
    trial = attempt(patient, edits)
    if trial is None or not helps(patient, trial):
        return None
    return repair_of("guard", f"Raise ValueError if {opposite}", edits, trial)


def _guard_edits(patient: Patient, condition: str, opposite: str) -> tuple[Edit, ...] | None:
    raises = add_raises(patient.text, patient.function, "ValueError", opposite)
    place = _head(patient)
    if isinstance(raises, Failure) or place is None:
        return None
    start, end = place.start, line_end(patient.text)
    indent = patient.index.line(start.line)[: start.column]
    if indent.strip():
        return None
    deeper = "\t" if "\t" in indent else "    "
    message = json.dumps(f"requires {condition}", ensure_ascii=False)
    guard = f"if {opposite}:{end}{indent}{deeper}raise ValueError({message}){end}{indent}"
    if any(e.span.start == start for e in raises):
        return (Edit(raises[0].span, raises[0].text + guard), *raises[1:])
    return (*raises, Edit(Span(start=start, end=start), guard))


def _head(patient: Patient) -> Span | None:
    """Where the body goes on below its docstring and its guards."""
    body = patient.node.body[1:] if patient.function.docstring_span is not None else patient.node.body
    for statement in body:
        is_guard = (
            isinstance(statement, ast.If)
            and not statement.orelse
            and len(statement.body) == 1
            and isinstance(statement.body[0], ast.Raise)
        )
        if not is_guard:
            place = patient.index.from_ast(statement.lineno, statement.col_offset)
            return Span(start=place, end=place)
    return None
