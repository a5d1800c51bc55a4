"""The judgement of what was suggested for a hole: what a worker runs, and the only way into what is offered.

Each suggestion is put into the text as it would stand there; what does not parse, leaves the hole open, or
changes anything of the specification beside it is refused with a sentence. What remains is judged by the kind
of hole. The score of what passes comes from what was found out, never from who suggested it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from lift_ir import (
    Candidate,
    Class,
    Clause,
    Counterexample,
    Frozen,
    Function,
    Hole,
    HoleKind,
    Module,
    Provenance,
)

from lift.edit import Failure, apply, fill
from lift.extract import extract
from lift.resolve.context import Context
from lift.resolve.holes import owner_of
from lift.resolve.suggest import clauses, effects, sentences, types
from lift.resolve.suggest.placed import Placed, Refused
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

_LONGEST = 400


class Suggestion(Frozen):
    """What somebody would write into a hole.

    Attributes:
        text: As ``lift.edit.fill`` takes it.
        kind: Of a clause: where the one who suggested it says that it belongs; empty if nothing is said.
        exception: Of a clause of kind ``raises``.
    """

    text: str
    kind: str = ""
    exception: str = ""


class Asked(Frozen):
    """What a worker is to judge.

    Attributes:
        hole: Id of the hole.
        who: Who suggests it, for the evidence: a model's name.
    """

    hole: str
    who: str
    suggestions: tuple[Suggestion, ...]


class Rejected(Frozen):
    """A suggestion that is not offered, and why, as a sentence without a capital and a full stop."""

    text: str
    reason: str
    counterexample: Counterexample | None = None


class Judged(Frozen):
    """What became of the suggestions."""

    candidates: tuple[Candidate, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def judge(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    details: str = "{}",
    sources: Sources = NOTHING,
) -> Judged:
    """Judge what was suggested for a hole; what a worker runs.

    Args:
        options: ``seconds`` bounds all of it.
        details: JSON of an ``Asked``.

    Returns:
        Candidates, the best first, and what was refused. Never raises on what a suggestion is.
    """
    deadline = time.monotonic() + options.seconds
    asked = Asked.model_validate(json.loads(details))
    owner = owner_of(module, qualname)
    hole = next((h for h in owner.holes if h.id == asked.hole), None) if owner is not None else None
    if owner is None or hole is None:
        return Judged()
    context = Context(module, text, owner, hole, options, sources, deadline=deadline)
    found: dict[str, Candidate] = {}
    rejected: dict[str, Rejected] = {}
    for suggestion in asked.suggestions:
        shown = " ".join(suggestion.text.split())[:_LONGEST]
        if shown in found or shown in rejected:
            continue
        try:
            if context.ran_out:
                raise Refused("there was no time to judge it")
            found[shown] = judge_one(context, suggestion, asked.who)
        except Refused as refused:
            rejected[shown] = Rejected(
                text=shown, reason=refused.reason, counterexample=refused.counterexample
            )
    candidates = sorted(found.values(), key=lambda c: -c.score)
    return Judged(candidates=tuple(candidates), rejected=tuple(rejected.values()))


_Judge = Callable[[Context, Placed], Candidate]
_KINDS: dict[HoleKind, _Judge] = {
    "clause": clauses.judged,
    "type": types.judged,
    "effect": effects.judged,
    "intent": sentences.judged,
}


def judge_one(context: Context, suggestion: Suggestion, who: str) -> Candidate:
    """One suggestion as a candidate.

    Raises:
        Refused: It failed a check.
    """
    by_kind = _KINDS.get(context.hole.hole)
    if by_kind is None:
        raise Refused(f"nothing judges what is suggested for a hole of kind {context.hole.hole}")
    placed = _placed(context, suggestion)
    candidate = by_kind(context, placed)
    return candidate.model_copy(
        update={
            "evidence": f"suggested by {who}; {candidate.evidence}",
            "imports": placed.imports,
            "provenance": Provenance(kind="agent", model=who or None),
        }
    )


def _placed(context: Context, suggestion: Suggestion) -> Placed:
    """The text with the suggestion in its place.

    Raises:
        Refused: It does not fit there, or would change more than the hole.
    """
    filling = " ".join(suggestion.text.split())
    if len(filling) > _LONGEST:
        raise Refused(f"it is {len(filling)} characters long")
    if not filling.isprintable():
        raise Refused("it holds characters that cannot be printed")
    clauses.belongs(context, suggestion.kind, suggestion.exception, filling)
    imports = types.needed(context, filling) if context.hole.hole == "type" else ()
    edits = fill(context.text, context.owner, context.hole, filling, imports)
    if isinstance(edits, Failure):
        raise Refused(_plain(edits.reason))
    text = apply(context.text, edits)
    before = extract(Snapshot(context.module.path, None, context.text))
    after = extract(Snapshot(context.module.path, None, text))
    if after.error is not None:
        raise Refused(f"the file would not parse with it: {after.error.message}")
    new = [p.message for p in after.problems if p.code == "bad-clause"]
    if len(new) > sum(p.code == "bad-clause" for p in before.problems):
        raise Refused(_plain(new[-1]))
    owner = owner_of(after.module, context.owner.qualname)
    if owner is None or any(h.id == context.hole.id for h in owner.holes):
        raise Refused("the hole would still be open")
    _rest_stays(context.owner, owner, context.hole)
    return Placed(text, after.module, owner, filling, imports)


def _rest_stays(before: Function | Class, after: Function | Class, hole: Hole) -> None:
    """Refuse what takes a clause away, or brings one along that is not the hole's filling."""
    now = [(c.kind, c.text) for c in _stated(after)]
    for clause in _stated(before):
        if hole.id in clause.holes:
            continue
        if (clause.kind, clause.text) not in now:
            raise Refused(f"it would take `{clause.text}` out of the specification")
        now.remove((clause.kind, clause.text))
    most = {"intent": 0, "type": 0, "clause": 1}.get(hole.hole)
    if most is not None and len(now) > most:
        raise Refused(f"it would add `{now[-1][1]}` to the specification")


def _stated(owner: Function | Class) -> list[Clause]:
    found = owner.clauses if isinstance(owner, Function) else owner.invariants
    return [c for c in found if c.source not in ("guard", "assert")]


def _plain(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")
