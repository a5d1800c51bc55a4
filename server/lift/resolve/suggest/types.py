"""Suggested types: held to the values that arrive, to how the name is used, and to the body's clauses.

Z3 loads when a check runs.
"""

from __future__ import annotations

import ast
import builtins
import time
from dataclasses import replace

from lift_ir import Candidate

from lift.resolve.context import Context
from lift.resolve.loop.drafting import annotation_of
from lift.resolve.suggest.clauses import broken
from lift.resolve.suggest.placed import Placed, Refused
from lift.resolve.types import weighed

_SECONDS, _LEAST_SECONDS = 3.0, 0.5
_MOST = 0.55
"""Most that a suggestion is worth for which nothing that was found singles it out."""
_PLAIN, _PROVING = 0.2, 0.4
_BUILTINS = frozenset(dir(builtins))
_GENERIC = frozenset(["list", "dict", "set", "frozenset", "tuple", "type"])


def judged(context: Context, placed: Placed) -> Candidate:
    """The candidate.

    Raises:
        Refused: A value that arrives does not fit, or the body breaks a clause under it.
    """
    function = context.function
    if function is None:
        raise Refused("only parameters and results of functions have a type to fill")
    found = weighed(context, placed.filling)
    if found is not None and found.against:
        raise Refused(found.against)
    score = found.candidate.score if found is not None else 0.0
    parts = [found.candidate.evidence] if found is not None and score else []
    if not any(h.hole == "body" for h in function.holes):
        proved, of = _on_body(context, placed)
        if proved:
            parts.append(f"with it {proved} of {of} clauses are proved")
            score = score or _PROVING
    score = min(max(score, _PLAIN), _MOST)
    return Candidate(
        text=placed.filling, evidence="; ".join(parts) or "nothing speaks against it", score=round(score, 3)
    )


def _on_body(context: Context, placed: Placed) -> tuple[int, int]:
    """How many clauses are proved under the type, and of how many."""
    from lift.verify.check import check_function

    left = context.deadline - time.monotonic()
    if left < _LEAST_SECONDS:
        return 0, 0
    options = replace(context.options, seconds=min(_SECONDS, left / 2), float_seconds=0.0, backend="lift")
    result = check_function(placed.module, placed.text, placed.owner.qualname, options, context.sources)
    stated = [c for c in result.clauses if c.kind in ("ensures", "raises", "example")]
    for one in stated:
        if one.verdict == "refuted":
            raise Refused(f"under it the body breaks `{one.text}`: {broken(one)}", one.counterexample)
    return sum(c.verdict == "proved" for c in stated), len(stated)


def needed(context: Context, annotation: str) -> tuple[str, ...]:
    """The import statements that an annotation takes.

    Raises:
        Refused: It is none, or a name in it means nothing in the file.
    """
    imports: dict[str, None] = {}
    written = annotation_of(annotation, context.text, imports)
    if not written:
        raise Refused("it is no annotation, or names a type that is not there")
    for node in ast.walk(ast.parse(written, mode="eval")):
        match node:
            case ast.Subscript(value=ast.Name(id=name)) if name in _BUILTINS - _GENERIC:
                # Evaluated with the file, it would end the import of the user's module.
                raise Refused(f"`{name}` takes no parameters")
    return tuple(imports)
