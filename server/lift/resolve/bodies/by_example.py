"""Bodies for functions of which only examples say what they return: the smallest that does what they show.

Nothing here is proved, and nothing is named so: other bodies meet the same examples. The plainest is offered
if it is no table of them, together with a call on which another one differs.
"""

from __future__ import annotations

import ast
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lift.resolve.bodies.bench import outcomes
from lift.resolve.bodies.enumeration import Enumeration
from lift.resolve.bodies.idioms import idiomatic
from lift.resolve.bodies.loops.shapes import bodies as loops
from lift.resolve.bodies.points import Points
from lift.resolve.bodies.readable import statements
from lift.resolve.bodies.shown import is_table
from lift.resolve.bodies.simplify import simplified
from lift.resolve.bodies.subject import Proof, Subject
from lift.resolve.bodies.templates.candidates import STAGES, Stage, groups
from lift.resolve.bodies.templates.writing import polished
from lift.verify.types import TBool, TInt

_ENUMERATED_SECONDS = 1.5
_BATCH, _PATIENCE = 60, 0.3
_ENOUGH, _TRIED, _LOOPS = 12, 6, 300
_PROOF_SECONDS = 5.0
_WORDS = frozenset(
    {"Add", "Sub", "Mult", "Mod", "FloorDiv", "And", "Or", "Not", "LtE", "len", "lower", "upper", "strip"}
    | {"str", "Subscript", "startswith", "endswith", "abs", "min", "max"}
)
"""Examples show no operator, so that all the usual ones may be meant."""


@dataclass(frozen=True)
class Example:
    """A body that meets the examples.

    Attributes:
        note: A call that tells it from another body that meets them as well; None if none was found.
    """

    proof: Proof
    note: str | None


def found(subject: Subject) -> Example | None:
    """The plainest body that does what the examples show and raises nothing elsewhere, within the time."""
    end = subject.deadline
    subject.deadline = end - _PROOF_SECONDS / 2
    fine = _meeting(subject)
    subject.deadline = end
    types = {p.name: p.type for p in subject.parameters}
    fine.sort(key=_size)
    styled = list(dict.fromkeys(idiomatic(b, types) for b in fine[:_TRIED]))
    judged = subject.judge(styled)
    fine = [*(b for b, j in zip(styled, judged, strict=True) if j.fine), *fine[_TRIED:]]
    for body in fine[:_TRIED]:
        proof = subject.prove(body, _PROOF_SECONDS)
        if proof is not None and proof.strength in ("proved", "bounded", "tested", "unknown"):
            return Example(_as_tested(subject, proof), _doubt(subject, body, [b for b in fine if b != body]))
    return None


def _meeting(subject: Subject) -> list[str]:
    """Bodies that do what the examples show, from the first level of size on which there are any."""
    fine: list[str] = []
    tried: set[str] = set()
    for level in _levels(subject):
        for batch in level:
            fresh = [b for b in batch if b not in tried and not is_table(b, subject.known, subject.constants)]
            tried.update(fresh)
            judged = subject.judge(fresh) if fresh else []
            fine += [b for b, j in zip(fresh, judged, strict=True) if j.fine]
            if len(fine) >= _ENOUGH or subject.left < 0:
                return fine
        if fine:
            return fine
    return fine


def _as_tested(subject: Subject, proof: Proof) -> Proof:
    """What runs on the examples say of it, whatever was proved of its guards."""
    count = len(subject.known)
    return replace(proof, strength="tested", said=f"meets {count} example{'' if count == 1 else 's'}")


def _size(body: str) -> tuple[int, int]:
    """How much there is to read; each choice and each loop asks for more."""
    nodes = list(ast.walk(ast.parse(body)))
    heavy = sum(2 * isinstance(n, ast.IfExp | ast.If) + isinstance(n, ast.For | ast.While) for n in nodes)
    return sum(isinstance(n, ast.expr | ast.stmt) for n in nodes) + 2 * heavy, len(body)


def _levels(subject: Subject) -> Iterator[Iterator[list[str]]]:
    """Bodies that agree with the examples: small ones of every kind, then what larger templates give."""
    # An expression of some size is plainer than any loop.
    first, *others = replace(STAGES[0], outer=STAGES[1].outer), *STAGES[1:]
    rounds = [b for _, b in sorted(loops(subject), key=lambda p: p[0])][:_LOOPS]
    yield itertools.chain([_enumerated(subject), rounds], _batches(subject, first))
    for stage in others:
        yield _batches(subject, stage)


def _batches(subject: Subject, stage: Stage) -> Iterator[list[str]]:
    batch, since = [], time.monotonic()
    for group in groups(subject, (stage,)):
        batch += [polished(body) for body in group[:1]]
        if len(batch) >= _BATCH or (batch and time.monotonic() - since > _PATIENCE):
            yield batch
            batch, since = [], time.monotonic()
    if batch:
        yield batch


def _enumerated(subject: Subject) -> list[str]:
    """Expressions and choices between them that do what the examples show."""
    points = Points(replace(subject, words=subject.words | _WORDS))
    points.subject.ensures = tuple(
        ast.parse(f"{p.name} % 2 == 0", mode="eval").body
        for p in subject.parameters
        if isinstance(p.type, TInt)
    )
    shown = [dict(k.arguments) for k in subject.known]
    points.inputs, points.spare = [p for p in points.inputs if p in shown], []
    if not points.useful or not points.inputs:
        return []
    deadline = min(time.monotonic() + _ENUMERATED_SECONDS, subject.deadline)
    booleans = frozenset(p.name for p in subject.parameters if isinstance(p.type, TBool))
    answers = Enumeration(points, subject.returns, deadline, wide=True).answers()
    return [statements(simplified(None, node, booleans, 0.0)) for node in answers]


def _doubt(subject: Subject, body: str, others: Sequence[str]) -> str | None:
    """``f(0)`` on which the first of the others that does something else differs, in words."""
    if not others:
        return None
    first, *rest = outcomes(subject, [body, *others[:_TRIED]])
    for other, results in zip(others, rest, strict=False):
        for case, one, two in zip(subject.inputs, first, results, strict=False):
            if one is not None and two is not None and one != two and len(one) + len(two) < 80:
                given = ", ".join(case.arguments.get(p.name, "") for p in subject.parameters)
                short = f"`{other}`" if "\n" not in other and len(other) < 60 else "another body"
                return (
                    f"the examples alone do not pin it down: {subject.ir.name}({given}) is {one} here and "
                    f"{two} with {short}, which meets them too"
                )
    return None
