"""Suggested clauses: held to what an expression may do, to the other clauses, and to the body.

An expression that a model wrote is evaluated nowhere but in the sandbox, and not even there if it would do
more than compute. Z3 loads when a check runs.
"""

from __future__ import annotations

import ast
import time
from dataclasses import replace

from lift_ir import Candidate, Class, Clause, ClauseResult, Function, FunctionResult, Raised, Returned

from lift.extract import extract
from lift.resolve.context import Context
from lift.resolve.loop import effects as gate
from lift.resolve.loop.draft import Draft
from lift.resolve.loop.refusal import Refusal
from lift.resolve.suggest import probe
from lift.resolve.suggest.placed import Placed, Refused
from lift.source.text import Snapshot

PROVED, TRIED, MEANT, OPEN = 0.55, 0.45, 0.35, 0.2
"""Scores: below what is written without a person's choice, since whether words mean it no proof can say."""
_SECONDS, _LEAST_SECONDS = 4.0, 0.5
_DISALLOWED = ", which Effects does not allow"
_DOING = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


def belongs(context: Context, kind: str, exception: str, expression: str) -> None:
    """The clause says something of the kind that the bullet's header is for.

    Raises:
        Refused: It belongs elsewhere.
    """
    clause = open_clause(context)
    if context.hole.hole != "clause" or clause is None or kind in ("", clause.kind):
        return
    if kind == "raises":
        raise Refused(f"it says when {exception or 'an exception'} is raised, which belongs under Raises")
    raise Refused(f"it belongs under {kind.capitalize()}, not under {clause.kind.capitalize()}")


def open_clause(context: Context) -> Clause | None:
    """The bullet in prose that the hole is."""
    found = context.function.clauses if context.function is not None else ()
    return next((c for c in found if context.hole.id in c.holes and c.expression is None), None)


def judged(context: Context, placed: Placed) -> Candidate:
    """The candidate.

    Raises:
        Refused: It does more than compute, says nothing, contradicts the others, or the body breaks it.
    """
    clause = open_clause(context)
    if clause is None or isinstance(placed.owner, Class):
        raise Refused("lift does not try out the invariants of a class yet")
    return weighed(context, placed, clause.kind)


def weighed(context: Context, placed: Placed, kind: str) -> Candidate:
    """A clause that is added to a function, with what was found out about it.

    Args:
        context: The text without the clause.
        kind: ``requires``, ``ensures``, or ``raises``, where ``placed.filling`` is the condition.

    Raises:
        Refused: See ``judged``.
    """
    function = context.function
    assert function is not None
    computes(context, placed.filling)
    tried = on_body(context, placed, kind)
    meaning = probe.meaning(
        context.module,
        context.text,
        function,
        "ensures" if kind == "ensures" else "requires",
        placed.filling,
        context.options,
        context.sources,
        context.deadline,
    )
    if meaning.trouble:
        raise Refused(meaning.trouble)
    assert isinstance(placed.owner, Function)
    score, said = _weight(function, placed.owner, kind, tried, bool(meaning.allows and meaning.forbids))
    if meaning.gap:
        said = f"{said}; it has no value for {meaning.gap}"
    return Candidate(
        text=placed.filling, evidence=said, score=score, allows=meaning.allows, forbids=meaning.forbids
    )


def computes(context: Context, expression: str) -> None:
    """The expression only computes, and changes nothing.

    Raises:
        Refused: It would do something to the world, or hides what it does.
    """
    function = context.function
    assert function is not None
    tree = ast.parse(expression, mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, _DOING):
            raise Refused(f"a clause cannot hold `{ast.unparse(node)}`")
    names = [p.name for p in function.signature.parameters]
    names += [n for n in ("result", "__return__") if n not in names]
    # Of old(e) static analysis knows nothing, and thinks that it may change what it is given.
    definition = f"def {probe.NAME}({', '.join(names)}):\n    return ({probe.plain(expression)})\n"
    after = extract(Snapshot(context.module.path, None, f"{context.text}\n\n{definition}"))
    made = next((f for f in reversed(after.module.functions) if f.name == probe.NAME), None)
    if after.error is not None or made is None:
        raise Refused("it does not parse")
    node = ast.parse(definition).body[0]
    assert isinstance(node, ast.FunctionDef)
    draft = Draft(node, tuple(node.body), None, (), "")
    bare = made.model_copy(update={"clauses": ()})
    try:
        gate.within(draft, bare, made, ast.parse(context.text), context.sources)
    except Refusal as refusal:
        reason = refusal.reason.replace(" (line 2)", "")
        raise Refused(reason.replace(_DISALLOWED, ", and a clause only computes")) from None
    if made.effects.effects:
        raise Refused(f"it has the effect {made.effects.effects[0]}, and a clause only computes")
    if made.effects.mutates:
        raise Refused(f"it changes {made.effects.mutates[0]}, and a clause changes nothing")


def on_body(context: Context, placed: Placed, kind: str) -> ClauseResult | FunctionResult | None:
    """What checking the filled text says of the clause; None where that was not tried.

    Raises:
        Refused: The body breaks it, or nothing can meet it together with the others.
    """
    from lift.verify.check import check_function

    left = context.deadline - time.monotonic()
    if left < _LEAST_SECONDS:
        return None
    options = replace(context.options, seconds=min(_SECONDS, left / 2), float_seconds=0.0, backend="lift")
    result = check_function(placed.module, placed.text, placed.owner.qualname, options, context.sources)
    for one in result.clauses:
        if one.code == "inconsistent-spec":
            raise Refused("no input could meet it together with the other clauses")
    mine = next((c for c in result.clauses if c.kind == kind and c.text == placed.filling), None)
    if mine is not None and mine.code == "trivial-clause":
        raise Refused("the other clauses say it already")
    if mine is not None and mine.verdict == "refuted" and kind != "requires":
        raise Refused(f"the body contradicts it: {broken(mine)}", mine.counterexample)
    return result if kind == "requires" else mine


def broken(result: ClauseResult) -> str:
    """How a clause was broken: ``median([0, 1]) returns 1``."""
    case = result.counterexample
    if case is None:
        return result.reason or "a run broke it"
    match case.outcome:
        case Returned(value=value):
            return f"{case.call} returns {value}"
        case Raised(exception=name):
            return f"{case.call} raises {name}"


def _weight(
    function: Function,
    after: Function,
    kind: str,
    tried: ClauseResult | FunctionResult | None,
    shown: bool,
) -> tuple[float, str]:
    """The score, and what it rests on; ``after`` is the function with the clause."""
    others = sum(c.kind in ("requires", "ensures") and c.expression is not None for c in function.clauses)
    beside = f"it agrees with {others} other clause{'' if others == 1 else 's'}" if others else ""
    if any(h.hole == "body" for h in after.holes):
        said = f"{beside}; there is no body to try it on" if beside else "there is no body to try it on"
        return (MEANT if shown else OPEN), said
    if kind == "requires" and isinstance(tried, FunctionResult):
        stated = [c for c in tried.clauses if c.kind in ("ensures", "raises", "no-raise", "call")]
        proved = sum(c.verdict == "proved" for c in stated)
        said = f"under it {proved} of {len(stated)} obligations of the body are proved"
        return (MEANT if shown else OPEN), said
    assert not isinstance(tried, FunctionResult)
    match tried.verdict if tried is not None else "unchecked":
        case "proved":
            return PROVED, "proved on the body"
        case "bounded":
            return TRIED, "it holds of the body within bounds"
        case "tested":
            assert tried is not None
            return TRIED, f"it held of the body on {tried.tests} inputs"
    why = f": {tried.reason}" if tried is not None and tried.reason else ""
    return OPEN, f"neither proved nor broken on the body{why}"
