"""All ways to write a body, one after the other, within the time that there is."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from lift_ir import BodyOrigin, Frozen, Module, TextEdit, Verdict

from lift.resolve.bodies import by_example, choices, inplace, solved
from lift.resolve.bodies.idioms import idiomatic
from lift.resolve.bodies.loops.search import found as loops
from lift.resolve.bodies.shown import is_fitted
from lift.resolve.bodies.subject import NotWritable, Proof, Subject, subject_of
from lift.resolve.bodies.templates.found import found as from_templates
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources
from lift.verify.types import TClass, TDict, TEnum, TList, TLiteral, TSet, TTuple, TTupleOf

_log = logging.getLogger(__name__)
_MOST = 1
_WEAKER = ("bounded", "tested", "unknown")
_SECOND_SECONDS = 2.0
_EXAMPLE_SECONDS = 8.0
_STYLE_SECONDS = 3.0

Way = Callable[[Subject], Iterator[Proof]]
"""Looks for bodies of one kind, and checks those that may be right."""


class Body(Frozen):
    """A body that was written and checked.

    Attributes:
        body: Its statements, guards among them, without indentation and docstring.
        code: The whole definition with it, as it would stand in the file.
        edits: The change, in the text that was given.
        title: What it is, for a list to choose from.
        verdict: The weakest verdict among the clauses that can be checked.
        evidence: ``proved: 3 clauses``.
    """

    body: str
    code: str
    edits: tuple[TextEdit, ...]
    title: str
    origin: BodyOrigin
    verdict: Verdict
    evidence: str


class Bodies(Frozen):
    """What was found for a function.

    Attributes:
        function: Qualified name.
        line: Where it starts.
        bodies: Those that break nothing, proved ones first.
        tried: How many were run or checked.
        seconds: How long it took.
        reason: Why there is none.
        notes: What is to be known of what was found.
    """

    function: str
    line: int
    bodies: tuple[Body, ...] = ()
    tried: int = 0
    seconds: float = 0.0
    reason: str | None = None
    notes: tuple[str, ...] = ()


def find(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    details: str = "{}",
    sources: Sources = NOTHING,
) -> Bodies:
    """Look for bodies of a function that has none; what a worker runs.

    Args:
        options: ``seconds`` bounds all of it, and each check as well.
        details: JSON; ``most`` is how many bodies are enough, 1 without it.
        sources: What the module imports from.

    Returns:
        Bodies that ``check_function`` proved; failing that the best that no run broke, with its verdict.
    """
    started = time.monotonic()
    function = next((f for f in module.all_functions() if f.qualname == qualname), None)
    line = function.span.start.line if function else 1
    most = int(json.loads(details).get("most", _MOST))
    notes: tuple[str, ...] = ()
    try:
        subject = subject_of(module, text, qualname, options, sources, options.seconds)
        if subject.by_example:
            found, reason, notes = _shown(subject)
        else:
            subject = inplace.view(subject) or subject
            found, reason = _searched(subject, most)
        tried = subject.tried
    except NotWritable as why:
        found, reason, tried = [], str(why), 0
    seconds = round(time.monotonic() - started, 3)
    return Bodies(
        function=qualname,
        line=line,
        bodies=tuple(found),
        tried=tried,
        seconds=seconds,
        reason=reason,
        notes=notes,
    )


def _shown(subject: Subject) -> tuple[list[Body], str | None, tuple[str, ...]]:
    """The body that examples alone speak for."""
    subject.deadline = min(subject.deadline, time.monotonic() + _EXAMPLE_SECONDS)
    found = by_example.found(subject)
    if found is None:
        count = len(subject.known)
        what = f"the {count} examples" if count > 1 else "the example"
        return [], f"no body that was tried does what {what} show and is more than a table of them", ()
    doubt = found.note or "only examples say what it returns: nothing else is known of other inputs"
    return [_body(subject, found.proof, "template")], None, (doubt,)


def _searched(subject: Subject, most: int) -> tuple[list[Body], str | None]:
    if not subject.ensures and not subject.raises:
        raise NotWritable("no clause and no example says what it returns")
    proved: list[Body] = []
    weaker: list[tuple[Proof, BodyOrigin]] = []
    for way, origin, share in _ways(subject):
        deadline = subject.deadline
        subject.deadline = min(deadline, time.monotonic() + share * subject.left)
        try:
            for proof in _guarded(way, subject):
                # Where all inputs are few, examples may show each of them; but then the clauses say so too.
                if is_fitted(proof.body, subject.known, _stated(subject)):
                    continue
                if proof.whole and all(b.body != proof.body for b in proved):
                    proved.append(_body(subject, _styled(subject, proof), origin))
                elif proof.strength in _WEAKER:
                    weaker.append((proof, origin))
                if len(proved) >= most:
                    return proved, None
                if proved:
                    # A second one is welcome, but not worth the wait that a first one is.
                    deadline = min(deadline, time.monotonic() + _SECOND_SECONDS)
                    subject.deadline = min(subject.deadline, deadline)
        finally:
            subject.deadline = deadline
    if proved:
        return proved, None
    weaker.sort(key=lambda pair: (_WEAKER.index(pair[0].strength), len(pair[0].body)))
    for proof, origin in weaker:
        # What is not even bounded has at least held on every input that it was run on.
        if proof.strength == "bounded" or subject.judge([proof.body])[0].fine:
            return [_body(subject, _styled(subject, proof), origin)], None
    timed = " in the time that there was" if subject.left < 0.5 else ""
    return [], f"none of the {subject.tried} bodies that were tried meets every clause{timed}"


def _styled(subject: Subject, proof: Proof) -> Proof:
    """The same in better style, if as much can be proved of that."""
    try:
        body = idiomatic(proof.body, {p.name: p.type for p in subject.parameters})
    except Exception:
        _log.exception("Error in the style of a body of %s", subject.ir.qualname)
        return proof
    if body == proof.body:
        return proof
    # What is proved is written as it is, also where the function changes an argument.
    other = replace(subject, form=None).prove(body, _STYLE_SECONDS)
    return other if other is not None and other.strength == proof.strength else proof


def _stated(subject: Subject) -> list[object]:
    """The constants that say more than one example does: of the clauses and of types."""
    types = [*(p.type for p in subject.parameters), subject.returns]
    return [*subject.constants, *(v for t in types if isinstance(t, TLiteral) for v in t.values)]


def _guarded(way: Way, subject: Subject) -> Iterator[Proof]:
    """What a way finds; an error of ours in it is logged, and the other ways go on."""
    try:
        yield from way(subject)
    except Exception:
        _log.exception("Error in the search for a body of %s", subject.ir.qualname)


def _ways(subject: Subject) -> list[tuple[Way, BodyOrigin, float]]:
    """The ways in their order, each with its share of the time that is left then."""
    types = [*(p.type for p in subject.parameters), subject.returns]
    containers = any(isinstance(t, TList | TDict | TSet | TTupleOf) for t in types)
    # The solver knows no loops: about containers it seldom has more to say than what it reads off.
    soon, then = (0.2, 0.85) if containers else (0.5, 0.7)
    filled: list[tuple[Way, BodyOrigin, float]] = [(from_templates, "template", then)]
    rounds: list[tuple[Way, BodyOrigin, float]] = [(loops, "template", 0.7 if containers else 0.3)]
    # Of numbers a loop says more than a comprehension over a range; of containers it is the other way round.
    written = [*filled, *rounds] if containers else [*rounds, *filled]
    read: list[tuple[Way, BodyOrigin, float]] = [(choices.found, "solver", 0.4)]
    few = read if isinstance(subject.returns, TEnum | TClass | TTuple) else []
    return [*few, (solved.soon, "solver", soon), *written, (solved.later, "solver", 1.0)]


def _body(subject: Subject, proof: Proof, origin: BodyOrigin) -> Body:
    first = proof.body.split("\n")[0].rstrip(":")
    title = proof.body if "\n" not in proof.body and len(proof.body) < 60 else f"{first[:57]} …"
    return Body(
        body=(subject.guards + proof.body).rstrip(),
        code=proof.code,
        edits=tuple(TextEdit(span=e.span, text=e.text) for e in proof.edits),
        title=title,
        origin=origin,
        verdict=proof.strength if proof.strength != "unchecked" else "unknown",  # type: ignore[arg-type]
        evidence=proof.evidence,
    )
