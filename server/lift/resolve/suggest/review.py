"""The review of a drafted stub: each clause judged among the others, and prose that the phrasebook can read.

What a sentence was made into, by a model or by lift itself, is held to the same checks as any suggestion. A
clause that fails goes back to the words that it was said in, or goes; a bullet in prose that can be read
becomes a clause with its words behind the colon. What a worker runs.
"""

from __future__ import annotations

import time
from dataclasses import replace

from lift_ir import Clause, Function, Module

from lift.edit import Edit, Failure
from lift.edit.docstring import add_lines
from lift.resolve.context import Context
from lift.resolve.holes import owner_of
from lift.resolve.suggest import clauses
from lift.resolve.suggest.description import Sentence, read, sentences_of
from lift.resolve.suggest.judge import Rejected, Suggestion, judge_one
from lift.resolve.suggest.placed import Placed, Refused
from lift.resolve.suggest.spec import (
    PHRASEBOOK,
    Draft,
    Specification,
    Stated,
    add_read,
    difference,
    head_of,
)
from lift.source.positions import LineIndex
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

ENTRY = "lift.resolve.suggest.review:review"
"""What a worker calls."""

SECONDS = 60.0
"""Wall-clock budget for the review of one stub."""

_ORDER = ("requires", "raises", "ensures")
_OUTCOME = "?outcome"
_QUESTION = "- ``?outcome: bool``: what holds of the result whenever it is right?"
"""The question that a stub asks of which nothing is known."""


def needs_review(function: Function) -> bool:
    """Whether there is anything in a stub to judge; without a worker."""
    return bool(_checked(function)) or any(read(s, function) for s in _sentences(function))


def review(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    details: str = "",
    sources: Sources = NOTHING,
) -> Specification:
    """Review the stub of a function; what a worker runs.

    Args:
        options: ``seconds`` bounds all of it.
        details: The name of the model that drafted it; empty for none.
    """
    function = owner_of(module, qualname)
    if not isinstance(function, Function):
        return Specification(function=qualname, line=1, reason="there is no such function")
    state = Draft(module, text, function, options, sources, time.monotonic() + options.seconds)
    # First what would do more than compute, so that none of it is there when something is evaluated.
    for kind, expression in [(c.kind, c.text) for c in _checked(function)]:
        _computing(state, kind, expression)
    for kind, expression in [(c.kind, c.text) for c in _checked(state.function)]:
        _reviewed(state, kind, expression, details)
    for hole in [h.id for h in state.function.holes if h.hole == "clause"]:
        _read_bullet(state, hole)
    summary = next(iter(sentences_of(state.function)), None)
    if summary is not None:
        add_read(state, summary)
    if any(s.kind in ("ensures", "raises") for s in state.stated):
        _answered(state)
    _tidy(state)
    edits = (difference(text, state.text),) if state.text != text else ()
    return Specification(
        function=qualname,
        line=state.function.span.start.line,
        edits=edits,
        clauses=tuple(state.stated),
        open=tuple(c.text for c in state.function.clauses if _is_prose(c)),
        rejected=tuple(state.rejected.values()),
        docstring=head_of(state),
    )


def _checked(function: Function) -> list[Clause]:
    found = [c for c in function.clauses if c.kind in _ORDER and c.expression is not None and not c.holes]
    return sorted(found, key=lambda c: _ORDER.index(c.kind))


def _is_prose(clause: Clause) -> bool:
    return clause.kind in ("requires", "ensures") and clause.expression is None


def _sentences(function: Function) -> list[Sentence]:
    bullets = [
        Sentence(c.text.rstrip("."), "Requires" if c.kind == "requires" else "Ensures")
        for c in function.clauses
        if _is_prose(c)
    ]
    return [*sentences_of(function)[:1], *bullets]


def _find(state: Draft, kind: str, expression: str) -> Clause | None:
    return next((c for c in _checked(state.function) if (c.kind, c.text) == (kind, expression)), None)


def _without(state: Draft, clause: Clause) -> Placed:
    """The stub without a clause, whose words stay.

    Raises:
        Refused: It cannot be taken out.
    """
    less = state.moved((_taken_out(state, clause),))
    assert isinstance(less.owner, Function)
    if len(_checked(less.owner)) != len(_checked(state.function)) - 1:
        raise Refused("it does not stand on a line of its own")
    return less


def _refused(state: Draft, clause: Clause, reason: str, less: Placed) -> None:
    shown = _shown(clause)
    state.rejected[shown] = Rejected(text=shown, reason=reason)
    state.take(less)


def _shown(clause: Clause) -> str:
    return f"{clause.exception}: {clause.text}" if clause.kind == "raises" else clause.text


def _computing(state: Draft, kind: str, expression: str) -> None:
    """Takes out a clause that would do more than compute."""
    clause = _find(state, kind, expression)
    if clause is None:
        return
    try:
        clauses.computes(state.context, expression)
    except Refused as refused:
        _refused(state, clause, refused.reason, _without(state, clause))


def _reviewed(state: Draft, kind: str, expression: str, who: str) -> None:
    """Judges one clause against the stub without it; one that fails goes back to its words."""
    clause = _find(state, kind, expression)
    if clause is None:
        return
    less = _without(state, clause)
    assert isinstance(less.owner, Function)
    context = replace(state.context, module=less.module, text=less.text, owner=less.owner)
    placed = Placed(state.text, state.module, state.function, expression)
    try:
        if context.ran_out:
            raise Refused("there was no time to judge it")
        found = clauses.weighed(context, placed, kind)
    except Refused as refused:
        _refused(state, clause, refused.reason, less)
        return
    state.stated.append(
        Stated(
            kind=kind,
            text=_shown(clause),
            sentence=clause.prose or expression,
            evidence=f"suggested by {who}; {found.evidence}" if who else found.evidence,
            allows=found.allows,
            forbids="" if kind == "raises" else found.forbids,
        )
    )


def _taken_out(state: Draft, clause: Clause) -> Edit:
    """The edit that leaves the words of a clause alone, or takes its line away where it has none."""
    index = LineIndex(state.text)
    line = clause.span.start.line
    row = index.line(line)
    start = index.starts[line - 1]
    if clause.kind == "raises" or not clause.prose.strip():
        # Every clause of a stub stands on one line.
        return _line(state, clause)
    bullet = row.index("- ") + 2
    end = start + len(row.rstrip("\r\n"))
    return Edit(index.span(start + bullet, end), clause.prose.strip())


def _read_bullet(state: Draft, hole_id: str) -> None:
    hole = next((h for h in state.function.holes if h.id == hole_id), None)
    clause = next((c for c in state.function.clauses if hole_id in c.holes and _is_prose(c)), None)
    if hole is None or clause is None:
        return
    sentence = Sentence(clause.text.rstrip("."), "Requires" if clause.kind == "requires" else "Ensures")
    found = read(sentence, state.function)
    if len(found) != 1 or found[0].kind != clause.kind:
        _moved_bullet(state, clause, sentence)
        return
    context = Context(
        state.module, state.text, state.function, hole, state.options, state.sources, deadline=state.deadline
    )
    shown = found[0].expression
    try:
        candidate = judge_one(context, Suggestion(text=shown, kind=clause.kind), "")
        state.take(state.moved(state.filled(hole, candidate)))
    except Refused as refused:
        state.rejected[shown] = Rejected(text=shown, reason=refused.reason)
        return
    evidence = candidate.evidence.removeprefix("suggested by ; ")
    state.stated.append(
        Stated(
            kind=clause.kind,
            text=shown,
            sentence=sentence.text,
            evidence=f"{PHRASEBOOK}'s “{found[0].phrase}”; {evidence}",
            allows=candidate.allows,
            forbids=candidate.forbids,
        )
    )


def _moved_bullet(state: Draft, clause: Clause, sentence: Sentence) -> None:
    """A bullet that is several clauses, or belongs elsewhere: its words go with the first of them."""
    before = replace(state)
    prose = "" if sentence.text.lower().startswith("raise") else clause.text
    try:
        state.take(state.moved((_line(state, clause),)))
    except Refused:
        return
    if not add_read(state, sentence, prose):
        state.text, state.module, state.function = before.text, before.module, before.function


def _line(state: Draft, clause: Clause) -> Edit:
    """The edit that takes a clause's line away."""
    return _without_lines(LineIndex(state.text), clause.span.start.line)


def _without_lines(index: LineIndex, first: int, count: int = 1) -> Edit:
    stop = first - 1 + count
    end = index.starts[stop] if stop < len(index.starts) else len(index.text)
    return Edit(index.span(index.starts[first - 1], end), "")


def _tidy(state: Draft) -> None:
    """Takes headers away under which nothing is left, and asks what a result is where nothing says it."""
    span = state.function.docstring_span
    if span is None:
        return
    index = LineIndex(state.text)
    edits: list[Edit] = []
    for number in range(span.start.line + 1, span.end.line):
        row, after = index.line(number), index.line(number + 1)
        if row.strip() in ("Requires:", "Ensures:") and not after.strip().startswith("- "):
            # The blank line above goes with it, or the docstring would end in one.
            above = not index.line(number - 1).strip()
            edits.append(_without_lines(index, number - above, 1 + above))
    try:
        if edits:
            state.take(state.moved(tuple(edits)))
        if not any(c.kind in ("ensures", "raises") for c in state.function.clauses):
            asked = add_lines(state.text, state.function, "Ensures", [_QUESTION])
            if not isinstance(asked, Failure):
                state.take(state.moved(asked))
    except Refused:
        return


def _answered(state: Draft) -> None:
    """Takes the question away that a stub asks where nothing was known."""
    clause = next((c for c in state.function.clauses if c.text.startswith(_OUTCOME)), None)
    if clause is None:
        return
    try:
        state.take(state.moved((_line(state, clause),)))
    except Refused:
        return
