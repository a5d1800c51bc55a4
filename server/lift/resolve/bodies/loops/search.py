"""Runs the fillings of the ``while`` shapes, the plainest first, and proves those that no run breaks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lift.resolve.bodies.loops.shapes import bodies
from lift.resolve.bodies.subject import Proof, Subject
from lift.resolve.bodies.templates.writing import polished

_MOST, _BATCH = 6000, 240
_JUDGE_SECONDS = 2.5
_PROOFS, _PROOF_SECONDS = 8, 4.0


def found(subject: Subject) -> Iterator[Proof]:
    """The loops that no run breaks, with what their check says, within the subject's time."""
    made = sorted({b: c for c, b in reversed(list(bodies(subject)))}.items(), key=lambda p: (p[1], len(p[0])))
    waiting = [polished(b) for b, _ in made[:_MOST] if _parses(b)]
    proofs = 0
    while waiting and subject.left > 0.5 and proofs < _PROOFS:
        batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
        judged = subject.judge(batch, _JUDGE_SECONDS)
        for body, verdict in zip(batch, judged, strict=True):
            # An input that broke one of them may have joined since the batch was run.
            if not verdict.fine or proofs >= _PROOFS or subject.left < 0.5:
                continue
            if proofs and not subject.judge([body], _JUDGE_SECONDS)[0].fine:
                continue
            proofs += 1
            proof = subject.prove(body, _PROOF_SECONDS)
            if proof is not None and proof.strength != "refuted":
                yield proof


def _parses(body: str) -> bool:
    try:
        ast.parse(body)
    except SyntaxError:
        return False
    return True
