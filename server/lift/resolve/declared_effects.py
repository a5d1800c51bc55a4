"""Words for an open effect, from what static analysis sees the body do. Reads the IR only.

``none`` is offered only where nothing is called of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from lift_ir import Candidate, Effect, Function

from lift.resolve.context import Context

_SEEN, _NONE = 0.8, 0.8


def resolve(context: Context) -> tuple[Candidate, ...]:
    """The effects that the body has and the specification does not say yet."""
    function = context.function
    if function is None or function.body_span is None or any(h.hole == "body" for h in function.holes):
        return ()
    return tuple(_candidates(function))


def _candidates(function: Function) -> Iterator[Candidate]:
    facts = function.effects
    said = {c.word for c in function.clauses if isinstance(c, Effect)}
    for word in facts.effects:
        if word not in said:
            yield Candidate(text=word, evidence="what the body calls has this effect", score=_SEEN)
    if facts.effects or facts.globals_written:
        return
    if not facts.opaque_calls:
        yield Candidate(text="none", evidence="the body calls nothing that has one", score=_NONE)
