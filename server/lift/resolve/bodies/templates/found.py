"""Tries the bodies that templates give, and proves those that no run breaks.

Bodies with one meaning are tried together; once one of them is proved the others are not looked at. An input
that breaks a body joins the samples, and the templates are filled once more with it, since it may tell
expressions apart that were one before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from lift.resolve.bodies.subject import Proof, Subject
from lift.resolve.bodies.templates.candidates import groups
from lift.resolve.bodies.templates.writing import polished

_FEW, _BATCH, _MOST_BATCH = 4, 48, 384
_JUDGE_SECONDS = 3.0
_ROUNDS = 4
_PATIENCE = 0.4
_PROOFS = 24
_PROOF_SECONDS = 5.0
_GRACE = 5.0
"""Seconds for finding one that can be proved, where one was found that nothing breaks."""


def found(subject: Subject) -> Iterator[Proof]:
    """The bodies that no run breaks, with what their check says, within the subject's time."""
    tried: set[str] = set()
    proofs = 0
    for _ in range(_ROUNDS):
        before = len(subject.inputs)
        for batch in _batches(subject, tried):
            for survivors in _surviving(subject, batch):
                for body in survivors:
                    if proofs >= _PROOFS or subject.left < 0.5:
                        return
                    proof = subject.prove(body, min(_PROOF_SECONDS, subject.left / 2))
                    proofs += 1
                    if proof is None or proof.strength == "refuted":
                        continue
                    yield proof
                    if proof.whole:
                        break
                    if proof.strength in ("bounded", "tested"):
                        subject.deadline = min(subject.deadline, time.monotonic() + _GRACE)
            if subject.left < 0.5:
                return
        if len(subject.inputs) == before:
            return


def _surviving(subject: Subject, batch: list[list[str]]) -> Iterator[list[str]]:
    """The groups whose plainest body no run breaks, as they are written; each asked for is run once more.

    What broke an earlier one joins the inputs, so that a later one may fall without a proof.
    """
    first = [group[0] for group in batch]
    fine = [j.fine for j in subject.judge(first, _JUDGE_SECONDS)]
    for group, is_fine in zip(batch, fine, strict=True):
        if is_fine:
            written = list(dict.fromkeys(map(polished, group)))
            judged = subject.judge(written, _JUDGE_SECONDS)
            yield [b for b, j in zip(written, judged, strict=True) if j.fine]


def _batches(subject: Subject, tried: set[str]) -> Iterator[list[list[str]]]:
    """A few groups soon, then more at once."""
    batch: list[list[str]] = []
    # What agrees with the doctests is rare, and likely to be right.
    count, size = 0, _FEW if subject.known else _BATCH
    since = time.monotonic()
    for group in groups(subject):
        if not group and batch and time.monotonic() - since > _PATIENCE:
            yield batch
            batch, count, since = [], 0, time.monotonic()
        if not group or group[0] in tried:
            continue
        tried.add(group[0])
        batch.append(group)
        count += 1
        if count >= size or (count >= _FEW and time.monotonic() - since > 1.0):
            yield batch
            batch, count, size = [], 0, min(2 * size, _MOST_BATCH)
            since = time.monotonic()
    if batch:
        yield batch
