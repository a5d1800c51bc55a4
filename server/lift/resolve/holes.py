"""Candidates for holes of every kind, through one table; and the task that finds them in a worker.

The order of candidates is that of their scores, and a score says how much evidence there is, never how sure
a model is of itself:

====  ==============================================================================================
1.0   proved, or nothing else is possible (the one filling under which the specification holds)
0.8   several independent pieces of evidence agree: callers, a default, clauses, the body
0.6   one strong piece of evidence: a value that is passed, a clause that compares with a literal
0.4   one weak piece: the way a name is used, jedi, a phrase whose words match in part
0.2   it is possible, and little speaks for it
====  ==============================================================================================

``SURE`` is what ``lift fill --apply`` asks for. Where two candidates are as good as each other (see
``is_ambiguous``) a person chooses. Must not import a solver: resolvers import theirs when they are used.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Collection

from lift_ir import Candidate, Class, Frozen, Function, Hole, HoleKind, Module

from lift.resolve.context import DEFAULTS, Context, Neighbour, Resolver
from lift.resolve.graph import linked
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

ENTRY = "lift.resolve.holes:task"
"""What a worker calls."""

SECONDS = 20.0
"""Wall-clock budget for the holes of one function."""

SURE = 0.6
"""The score from which a candidate is written without a person's choice, if it is not ambiguous."""

SHOWN = 3
"""How many candidates are shown at once; the rest stand behind "Other resolutions…"."""

_CLOSE = 0.1

# Each is ``package.module:function``, a ``lift.resolve.context.Resolver``.
RESOLVERS: dict[HoleKind, str] = {
    "type": "lift.resolve.types:resolve",
    "term": "lift.resolve.terms.search:resolve",
    "clause": "lift.resolve.requirements:resolve",
    "effect": "lift.resolve.declared_effects:resolve",
}


class Resolution(Frozen):
    """What was found for the holes of one function or class.

    Attributes:
        function: Qualified name.
        line: Where it starts.
        holes: Its holes with their candidates, the best first, in the order in which they can be filled.
        seconds: How long it took.
        complete: Whether there was time for all of them.
    """

    function: str
    line: int
    holes: tuple[Hole, ...] = ()
    seconds: float = 0.0
    complete: bool = True


def task(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    details: str = "{}",
    sources: Sources = NOTHING,
) -> Resolution:
    """Resolve the holes of a function or class; what a worker runs.

    Args:
        options: ``seconds`` bounds all of it.
        details: JSON; ``hole``: id of the only hole that is wanted; ``kinds``: the only kinds; ``jedi``:
            whether to ask jedi, true without it; ``neighbours``: pairs of a path and a text.
        sources: What the module imports from.
    """
    started = time.monotonic()
    wanted = json.loads(details)
    deadline = started + options.seconds
    owner = owner_of(module, qualname)
    found = resolve(
        module,
        text,
        wanted.get("hole"),
        owner=qualname,
        kinds=wanted.get("kinds"),
        options=options,
        sources=sources,
        neighbours=tuple(Neighbour(path, other) for path, other in wanted.get("neighbours", ())),
        deadline=deadline,
        ask_jedi=bool(wanted.get("jedi", True)),
    )
    now = time.monotonic()
    return Resolution(
        function=qualname,
        line=owner.span.start.line if owner is not None else 1,
        holes=found,
        seconds=round(now - started, 3),
        complete=now < deadline,
    )


def resolve(
    module: Module,
    text: str,
    hole_id: str | None = None,
    *,
    owner: str | None = None,
    kinds: Collection[HoleKind] | None = None,
    options: Options = DEFAULTS,
    sources: Sources = NOTHING,
    neighbours: tuple[Neighbour, ...] = (),
    deadline: float = float("inf"),
    ask_jedi: bool = False,
) -> tuple[Hole, ...]:
    """The holes of a module with constraints, what they wait for, and candidates, the best first.

    Some resolvers ask a solver, so that this belongs into a worker process; for types alone
    (``kinds=("type",)``, without jedi) it takes milliseconds and runs nothing.

    Args:
        hole_id: The only hole that is wanted.
        owner: Qualified name of the only function or class whose holes are wanted.
        kinds: The only kinds that are wanted.
        deadline: On ``time.monotonic()``'s clock; holes whose turn comes later get no candidates.
    """
    found: list[Hole] = []
    for whose, hole in linked(module, text):
        if hole_id not in (None, hole.id) or owner not in (None, whose.qualname):
            continue
        if kinds is not None and hole.hole not in kinds:
            continue
        context = Context(
            module, text, whose, hole, options, sources, neighbours, deadline=deadline, ask_jedi=ask_jedi
        )
        found.append(hole.model_copy(update={"candidates": candidates(context)}))
    return tuple(found)


def candidates(context: Context) -> tuple[Candidate, ...]:
    """What could fill a hole, the best first, each text once; none for a kind that nothing resolves."""
    resolver = _resolver(context.hole.hole)
    if resolver is None or context.ran_out:
        return ()
    best: dict[str, Candidate] = {}
    for candidate in resolver(context):
        before = best.get(candidate.text)
        if before is None or candidate.score > before.score:
            best[candidate.text] = candidate
    return tuple(sorted(best.values(), key=lambda c: -c.score))


def choice(hole: Hole) -> Candidate | None:
    """The candidate that may be written without asking: it has evidence enough, and no rival."""
    if not hole.candidates or hole.candidates[0].score < SURE or is_ambiguous(hole.candidates):
        return None
    return hole.candidates[0]


def is_ambiguous(found: tuple[Candidate, ...]) -> bool:
    """Whether the second candidate has about as much evidence as the first."""
    return len(found) > 1 and found[0].score - found[1].score < _CLOSE


def owner_of(module: Module, qualname: str) -> Function | Class | None:
    """The function or class of a qualified name; of several definitions the last, which is what counts."""
    found: Function | Class | None = None
    for one in (*module.classes, *module.all_functions()):
        if one.qualname == qualname:
            found = one
    return found


def _resolver(kind: HoleKind) -> Resolver | None:
    entry = RESOLVERS.get(kind)
    if entry is None:
        return None
    name, _, function = entry.partition(":")
    return getattr(importlib.import_module(name), function)
