"""What a requirement in words may say in the notation: read by the phrasebook, tried on the body.

Each candidate is checked as it would stand in the text. Scores: 1.0 proved of the body; 0.55 the words name
what it speaks of; 0.45 that is guessed; 0.1 the body breaks it, which is said. So
what only words speak for is never written without a person's choice. What cannot be met together with the
other clauses is no candidate, with a body or without. Z3 loads when a check runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lift_ir import Candidate, Clause, ClauseResult, Ensures, Function, Provenance, Requires

from lift.edit import Failure, apply, fill
from lift.resolve.context import Context
from lift.resolve.meanings import examples
from lift.resolve.phrases import Reading, Value, readings

_MOST = 5
_LEAST_SECONDS = 0.5
_PROVED, _TIED, _GUESSED, _BROKEN = 1.0, 0.55, 0.45, 0.1


def resolve(context: Context) -> tuple[Candidate, ...]:
    """Candidates for a requirement in words; none for a class's invariant or words that nobody knows."""
    function, clause = context.function, _clause(context)
    if function is None or not isinstance(clause, Requires | Ensures):
        return ()
    parameters = [Value(p.name, _type(function, p.name)) for p in function.signature.parameters]
    parameters = [p for p in parameters if p.name not in ("self", "cls")]
    result = None
    if isinstance(clause, Ensures):
        own = any(p.name == "result" for p in parameters)
        result = Value("__return__" if own else "result", _type(function, None))
    found = readings(clause.text, clause.kind, parameters, result)[:_MOST]
    return tuple(_candidates(context, function, clause, found, parameters, result))


def _clause(context: Context) -> Clause | None:
    function = context.function
    clauses = function.clauses if function is not None else ()
    return next((c for c in clauses if context.hole.id in c.holes and c.expression is None), None)


def _type(function: Function, name: str | None) -> str:
    written = (
        function.signature.returns
        if name is None
        else next(p.type for p in function.signature.parameters if p.name == name)
    )
    return written.text.strip("'\"") if written.kind == "type" else ""


def _candidates(
    context: Context,
    function: Function,
    clause: Clause,
    found: list[Reading],
    parameters: list[Value],
    result: Value | None,
) -> Iterator[Candidate]:
    is_open = any(h.hole == "body" for h in function.holes)
    for reading in found:
        tried = _tried(context, function, clause, reading.expression)
        goes = _goes_together(context, function, clause, reading.expression) if is_open else ""
        if tried.contradicts or goes is None:
            continue
        shown = examples(reading.expression, function.name, parameters, result)
        score = _TIED if reading.tied else _GUESSED
        evidence = f"the phrasebook's “{reading.phrase}”"
        if tried.verdict == "proved":
            score, evidence = _PROVED, f"{evidence}, proved of the body"
        elif tried.verdict == "refuted":
            score, evidence = _BROKEN, f"{evidence}; the body breaks it: {tried.why}"
        elif not reading.tied:
            evidence = f"{evidence}, what it is said of is guessed"
        if goes:
            evidence = f"{evidence}; {goes}"
        yield Candidate(
            text=reading.expression,
            evidence=evidence,
            score=score,
            allows=shown.allows,
            forbids=shown.forbids,
            provenance=Provenance(kind="reverse"),
        )


@dataclass(frozen=True)
class _Tried:
    """What checking the filled text showed.

    Attributes:
        contradicts: No input could meet it together with the other clauses.
    """

    verdict: str = "unchecked"
    why: str = ""
    contradicts: bool = False


def _tried(context: Context, function: Function, clause: Clause, expression: str) -> _Tried:
    from lift.extract import extract
    from lift.source.text import Snapshot
    from lift.verify.check import check_function

    left = context.deadline - time.monotonic()
    edits = fill(context.text, function, context.hole, expression)
    if isinstance(edits, Failure) or left < _LEAST_SECONDS:
        return _Tried()
    text = apply(context.text, edits)
    module = extract(Snapshot(context.module.path, None, text)).module
    options = replace(context.options, seconds=min(2.0, left / 2), float_seconds=0.0, backend="lift")
    result = check_function(module, text, function.qualname, options, context.sources)
    if any(c.code == "inconsistent-spec" for c in result.clauses):
        return _Tried(contradicts=True)
    mine = next((c for c in result.clauses if c.kind == clause.kind and c.text == expression), None)
    is_open = any(h.hole == "body" for h in function.holes)
    if mine is None or isinstance(clause, Requires) or is_open:
        return _Tried()
    return _Tried(mine.verdict, _broken(mine))


def _goes_together(context: Context, function: Function, clause: Clause, expression: str) -> str | None:
    """What the solver says of an expression with the other clauses: empty where it says nothing.

    None where they cannot be met together.
    """
    from lift.resolve.targets import target_of

    target = target_of(context.module, context.text, function, context.sources)
    if target is None:
        return ""
    from lift.verify.clause_space import space_of

    after = isinstance(clause, Ensures)
    left = max(0.5, min(2.0, context.deadline - time.monotonic()))
    space = space_of(target, after=after, seconds=left)
    if space is None:
        return ""
    stated = [c for c in function.clauses if isinstance(c, Requires | Ensures)]
    known = [c.expression for c in stated if c.kind == "ensures" and c.expression and not c.holes]
    clauses = [*(known if after else ()), expression]
    found = space.possible(clauses)
    if found != "yes":
        return None if found == "no" else ""
    # What is not said yet may keep the arguments away that are left without a result.
    closed = not any(c.kind == "requires" and (c.holes or c.expression is None) for c in stated)
    if after and closed and space.answerable(clauses) == "no":
        return "some arguments would be left without a result"
    others = sum(c.expression is not None and not c.holes for c in stated)
    return f"consistent with {others} clause{'s' if others > 1 else ''}" if others else ""


def _broken(result: ClauseResult) -> str:
    case = result.counterexample
    if case is None:
        return result.reason or ""
    return f"{case.call} gives {getattr(case.outcome, 'value', 'an exception')}"
