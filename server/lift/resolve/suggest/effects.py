"""Suggested effects: held to what static analysis sees the body do. Reads the IR only."""

from __future__ import annotations

from typing import get_args

from lift_ir import Candidate, Effect, EffectWord

from lift.resolve.context import Context
from lift.resolve.suggest.placed import Placed, Refused

_SEEN, _POSSIBLE, _SAID = 0.55, 0.35, 0.2


def judged(context: Context, placed: Placed) -> Candidate:
    """The candidate.

    Raises:
        Refused: It is no effect, or not what the body does.
    """
    function = context.function
    if function is None:
        raise Refused("only a function has effects")
    words = [word.strip() for word in placed.filling.split(",")]
    for word in words:
        if word not in get_args(EffectWord):
            raise Refused(f"`{word}` is no effect that lift knows")
    if "none" in words and len(words) > 1:
        raise Refused("`none` stands alone")
    if function.body_span is None or any(h.hole == "body" for h in function.holes):
        return Candidate(text=placed.filling, evidence="there is no body to compare with", score=_SAID)
    facts = function.effects
    named = {w for w in words if w != "none"} | {c.word for c in function.clauses if isinstance(c, Effect)}
    left_out = [w for w in facts.effects if w not in named]
    if left_out:
        raise Refused(f"the body has the effect {left_out[0]}, which it leaves out")
    extra = [w for w in words if w not in facts.effects and w != "none"]
    if not facts.opaque_calls:
        if extra:
            raise Refused(f"nothing that the body calls has the effect {extra[0]}")
        said = "the body calls nothing that has one" if words == ["none"] else "what the body calls has it"
        return Candidate(text=placed.filling, evidence=said, score=_SEEN)
    unknown = f"nothing is known of what `{facts.opaque_calls[0]}` does"
    return Candidate(text=placed.filling, evidence=unknown, score=_POSSIBLE if not extra else _SAID)
