"""A specification drafted from a description, clause by clause, each judged with those before it.

What the phrasebook or a model reads in a sentence is put under its header and judged like any suggestion.
A sentence of which nothing can be checked becomes a bullet in prose, a hole that a person fills, and the
description itself stays untouched: nothing that somebody wrote is lost.
"""

from __future__ import annotations

import ast
import builtins
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lift_ir import Candidate, Clause, Frozen, Function, Hole, Module, TextEdit

from lift.edit import Edit, Failure, add_raises, apply, fill
from lift.edit.docstring import add_lines
from lift.extract import extract
from lift.resolve.context import Context
from lift.resolve.holes import choice, owner_of
from lift.resolve.loop.bindings import bindings_of
from lift.resolve.suggest import clauses
from lift.resolve.suggest.description import Header, Sentence, read, sentences_of
from lift.resolve.suggest.judge import Rejected, Suggestion, judge_one
from lift.resolve.suggest.placed import Placed, Refused
from lift.resolve.suggest.probe import meaning
from lift.resolve.types import candidates_for
from lift.source.positions import LineIndex
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

ENTRY = "lift.resolve.suggest.spec:draft"
"""What a worker calls."""

SECONDS = 90.0
"""Wall-clock budget for judging one draft."""

PHRASEBOOK = "the phrasebook"
_ORDER = ("raises", "requires", "ensures")


class Reading(Frozen):
    """What a model reads in one sentence of a description.

    Attributes:
        sentence: As ``lift.resolve.suggest.description`` gives it.
    """

    sentence: str
    clauses: tuple[Suggestion, ...] = ()


class AskedFor(Frozen):
    """What a worker is to draft from.

    Attributes:
        who: The model that was asked; empty for none.
        types: Pairs of a place without a type and what the model would write there.
    """

    who: str = ""
    readings: tuple[Reading, ...] = ()
    types: tuple[tuple[str, str], ...] = ()


class Stated(Frozen):
    """A clause of the draft.

    Attributes:
        kind: ``requires``, ``ensures`` or ``raises``.
        text: The expression; for an exception its name, a colon and the condition.
        sentence: Where it was read.
        evidence: Who read it, and what was found out.
        allows: A call that it allows; for an exception, one that raises it.
        forbids: A call that it forbids.
    """

    kind: str
    text: str
    sentence: str
    evidence: str
    allows: str = ""
    forbids: str = ""


class Specification(Frozen):
    """A drafted specification.

    Attributes:
        function: Qualified name.
        line: Where it starts.
        edits: The change of the text, one edit.
        types: Pairs of a place and the annotation that is written there.
        open: Sentences that stay bullets in prose.
        rejected: What was read and refused, and why.
        docstring: The definition's head as it would be.
        reason: Why there is no draft; None where there is one.
    """

    function: str
    line: int
    edits: tuple[TextEdit, ...] = ()
    clauses: tuple[Stated, ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    open: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    docstring: str = ""
    reason: str | None = None

    @property
    def summary(self) -> str:
        """``2 clauses, 1 type and 1 open bullet``."""
        parts = [
            _count(len(self.clauses), "clause"),
            _count(len(self.types), "type"),
            _count(len(self.open), "bullet left in prose", "bullets left in prose"),
        ]
        said = [p for p in parts if p]
        return " and ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}" if number else ""


@dataclass
class Draft:
    """The text as it is drafted so far, with what was found out about its clauses."""

    module: Module
    text: str
    function: Function
    options: Options
    sources: Sources
    deadline: float
    stated: list[Stated] = field(default_factory=list)
    rejected: dict[str, Rejected] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        # What judges a clause wants the hole that it fills, and a new clause fills none.
        place = Hole(id="", hole="clause", name="", question="", span=self.function.name_span)
        return Context(
            self.module, self.text, self.function, place, self.options, self.sources, deadline=self.deadline
        )

    def moved(self, edits: tuple[Edit, ...]) -> Placed:
        """The text after edits.

        Raises:
            Refused: It does not parse, or states something that is ill-written.
        """
        text = apply(self.text, edits)
        before, after = (extract(Snapshot(self.module.path, None, t)) for t in (self.text, text))
        if after.error is not None:
            raise Refused(f"the file would not parse with it: {after.error.message}")
        new = [p.message for p in after.problems if p.code == "bad-clause"]
        if len(new) > sum(p.code == "bad-clause" for p in before.problems):
            raise Refused(new[-1])
        owner = owner_of(after.module, self.function.qualname)
        if not isinstance(owner, Function):
            raise Refused("the function would not be there any more")
        return Placed(text, after.module, owner, "")

    def filled(self, hole: Hole, candidate: Candidate) -> tuple[Edit, ...]:
        """The edits that fill a hole.

        Raises:
            Refused: They cannot be made.
        """
        edits = fill(self.text, self.function, hole, candidate.text, candidate.imports)
        if isinstance(edits, Failure):
            raise Refused(edits.reason.rstrip("."))
        return edits

    def take(self, placed: Placed) -> None:
        """Goes on from there."""
        assert isinstance(placed.owner, Function)
        self.text, self.module, self.function = placed.text, placed.module, placed.owner


def draft(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    details: str = "{}",
    sources: Sources = NOTHING,
) -> Specification:
    """Draft a specification for a function from its description; what a worker runs.

    Args:
        options: ``seconds`` bounds all of it.
        details: JSON of an ``AskedFor``.
    """
    asked = AskedFor.model_validate(json.loads(details))
    function = owner_of(module, qualname)
    if not isinstance(function, Function):
        return Specification(function=qualname, line=1, reason="there is no such function")
    line = function.span.start.line
    sentences = sentences_of(function)
    if not sentences:
        return Specification(function=qualname, line=line, reason="its docstring describes nothing")
    state = Draft(module, text, function, options, sources, time.monotonic() + options.seconds)
    types = tuple(_typed(state, asked))
    said = {r.sentence: r.clauses for r in asked.readings}
    done = _formalised(state, sentences, said, asked.who)
    left = [s for s in sentences if s not in done]
    bullets = tuple(_kept(state, left, said if asked.who else None))
    if not state.stated and not types and not bullets:
        why = "no sentence of its description could be turned into a clause"
        return Specification(
            function=qualname, line=line, rejected=tuple(state.rejected.values()), reason=why
        )
    return Specification(
        function=qualname,
        line=line,
        edits=(difference(text, state.text),),
        clauses=tuple(state.stated),
        types=types,
        open=bullets,
        rejected=tuple(state.rejected.values()),
        docstring=head_of(state),
    )


def _typed(state: Draft, asked: AskedFor) -> Iterator[tuple[str, str]]:
    """Fills the types: with what is found for them, else with what a model says, after its check."""
    for name in untyped(state.function):
        hole = Hole(
            id=f"{state.function.qualname}:type:{name}",
            hole="type",
            name=name,
            question="",
            span=state.function.name_span,
        )
        shown = _specified(state)
        found = candidates_for(shown.module, shown.text, shown.function, name, module_name=state.sources.name)
        candidate = choice(hole.model_copy(update={"candidates": found}))
        if candidate is None:
            texts = [text for place, text in asked.types if place == name]
            candidate = next(_suggested(state, hole, texts, asked.who), None)
        if candidate is None:
            continue
        try:
            state.take(state.moved(state.filled(hole, candidate)))
        except Refused:
            continue
        yield name, candidate.text


def _specified(state: Draft) -> Draft:
    """The function with a specification: only there is a body that is still to be written told as such."""
    edits = add_lines(state.text, state.function, "Ensures", ["- To be said"])
    if isinstance(edits, Failure):
        return state
    copy = replace(state)
    try:
        copy.take(state.moved(edits))
    except Refused:
        return state
    return copy


def untyped(function: Function) -> tuple[str, ...]:
    """The places of a function that have no type: parameters, and ``return``."""
    own = [p.name for p in function.signature.parameters if p.type.kind != "type"]
    own = [name for name in own if name not in ("self", "cls")]
    return (*own, *(("return",) if function.signature.returns.kind != "type" else ()))


def _suggested(state: Draft, hole: Hole, texts: list[str], who: str) -> Iterator[Candidate]:
    context = Context(
        state.module, state.text, state.function, hole, state.options, state.sources, deadline=state.deadline
    )
    for text in texts:
        try:
            yield judge_one(context, Suggestion(text=text), who)
        except Refused as refused:
            state.rejected[f"{hole.name}: {text}"] = Rejected(
                text=f"{hole.name}: {text}", reason=refused.reason, counterexample=refused.counterexample
            )


@dataclass(frozen=True)
class _Option:
    """One clause that is read in a sentence."""

    sentence: Sentence
    kind: str
    exception: str
    expression: str
    source: str

    @property
    def shown(self) -> str:
        return f"{self.exception}: {self.expression}" if self.kind == "raises" else self.expression


def _options(
    state: Draft, sentences: Sequence[Sentence], said: Mapping[str, tuple[Suggestion, ...]], who: str
) -> list[_Option]:
    """What is read in the sentences, in the order in which it is judged: promises after what they rest on."""
    found: list[_Option] = []
    for sentence in sentences:
        for phrase in read(sentence, state.function):
            source = f"{PHRASEBOOK}'s “{phrase.phrase}”"
            found.append(_Option(sentence, phrase.kind, phrase.exception, phrase.expression, source))
        for one in said.get(sentence.text, ()):
            kind, text = one.kind or sentence.header.lower(), " ".join(one.text.split())
            found.append(_Option(sentence, kind, one.exception, text, f"suggested by {who}"))
    return sorted(found, key=lambda o: _ORDER.index(o.kind) if o.kind in _ORDER else len(_ORDER))


def _formalised(
    state: Draft,
    sentences: Sequence[Sentence],
    said: Mapping[str, tuple[Suggestion, ...]],
    who: str,
    prose: str = "",
) -> set[Sentence]:
    """Adds what is read in the sentences; those of which something is checked now."""
    done: set[Sentence] = set()
    broken: list[_Option] = []
    for option in _options(state, sentences, said, who):
        refused = _tried(state, option, done, "" if done else prose)
        if refused is not None and refused.counterexample is not None:
            broken.append(option)
    if any(s.kind == "requires" for s in state.stated):
        # What the body broke on an input that is ruled out now may hold of it.
        for option in broken:
            if _tried(state, option, done) is None:
                state.rejected.pop(option.shown, None)
    return done


def add_read(state: Draft, sentence: Sentence, prose: str = "") -> bool:
    """Adds what the phrasebook reads in one sentence; whether something of it is checked now.

    Args:
        prose: What is to stand behind the colon of the first clause.
    """
    return bool(_formalised(state, [sentence], {}, "", prose))


def _tried(state: Draft, option: _Option, done: set[Sentence], prose: str = "") -> Refused | None:
    """Adds one clause if it is good; why not otherwise."""
    if any((s.kind, s.text) == (option.kind, option.shown) for s in state.stated):
        done.add(option.sentence)
        return None
    try:
        if time.monotonic() >= state.deadline:
            raise Refused("there was no time to judge it")
        placed = _added(state, option, prose)
        found = clauses.weighed(state.context, placed, option.kind)
        _exceptions_stay(state, placed, option.kind)
    except Refused as refused:
        if refused.reason.startswith("it says nothing, since whatever"):
            # What the others say already is said.
            done.add(option.sentence)
        rejected = Rejected(text=option.shown, reason=refused.reason, counterexample=refused.counterexample)
        state.rejected[option.shown] = rejected
        return refused
    state.take(placed)
    done.add(option.sentence)
    state.stated.append(
        Stated(
            kind=option.kind,
            text=option.shown,
            sentence=option.sentence.text,
            evidence=f"{option.source}; {found.evidence}",
            allows=found.allows,
            forbids="" if option.kind == "raises" else found.forbids,
        )
    )
    return None


def _exceptions_stay(state: Draft, placed: Placed, kind: str) -> None:
    """Refuse a Requires under which an exception that is declared could not be raised any more."""
    if kind != "requires" or not isinstance(placed.owner, Function):
        return
    for clause in placed.owner.clauses:
        if clause.kind != "raises" or clause.expression is None:
            continue
        found = meaning(
            placed.module,
            placed.text,
            placed.owner,
            kind,
            clause.expression,
            state.options,
            state.sources,
            state.deadline,
        )
        if found.trouble.startswith("no input"):
            raise Refused(f"it would rule out what raises {clause.exception}: `{clause.expression}`")


def _added(state: Draft, option: _Option, prose: str) -> Placed:
    kind, expression = option.kind, option.expression
    if len(expression) > 300 or not expression.isprintable() or "`" in expression:
        raise Refused("it cannot stand in a docstring")
    if kind == "raises":
        _is_exception(state, option.exception)
        edits = add_raises(state.text, state.function, option.exception, expression)
    else:
        section: Header = "Requires" if kind == "requires" else "Ensures"
        bullet = f"- ``{expression}``: {prose}" if prose else f"- ``{expression}``"
        edits = add_lines(state.text, state.function, section, [bullet])
    if isinstance(edits, Failure):
        raise Refused(edits.reason.rstrip("."))
    before = {(c.kind, c.text) for c in _written(state.function)}
    placed = state.moved(edits)
    assert isinstance(placed.owner, Function)
    new = [c for c in _written(placed.owner) if (c.kind, c.text) not in before]
    if len(new) != 1 or new[0].kind != kind or new[0].expression is None or new[0].holes:
        raise Refused("it would not be read as one checked clause")
    return Placed(placed.text, placed.module, placed.owner, expression)


def _written(function: Function) -> list[Clause]:
    """The clauses that a person reads in the docstring; a guard is read from the body."""
    return [c for c in function.clauses if c.source not in ("guard", "assert")]


def _is_exception(state: Draft, name: str) -> None:
    found = getattr(builtins, name, None)
    is_builtin = isinstance(found, type) and issubclass(found, Exception)
    if not is_builtin and (not name.isidentifier() or name not in bindings_of(ast.parse(state.text))):
        raise Refused(f"`{name}` is no exception that the file knows")


def _kept(
    state: Draft, sentences: list[Sentence], read_by_model: dict[str, tuple[Suggestion, ...]] | None
) -> Iterator[str]:
    """Writes what requires something and could not be formalised as bullets in prose."""
    for sentence in sentences:
        asks = bool(read_by_model.get(sentence.text)) if read_by_model is not None else False
        if sentence.is_summary or not (asks or sentence.is_norm) or ": " in sentence.text:
            continue
        if _is_bullet(state.function, sentence.text):
            continue
        header: Header = sentence.header
        edits = add_lines(state.text, state.function, header, [f"- {sentence.text}"])
        if isinstance(edits, Failure):
            continue
        try:
            placed = state.moved(edits)
        except Refused:
            continue
        state.take(placed)
        yield sentence.text


def _is_bullet(function: Function, text: str) -> bool:
    return any(c.text.rstrip(".") == text for c in function.clauses)


def head_of(state: Draft) -> str:
    """The definition up to its body."""
    from lift.generate.subject import header_of

    return header_of(state.text, state.function)


def difference(before: str, after: str) -> TextEdit:
    """One edit that makes the one text of the other, the smallest of whole characters."""
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    most = min(len(before), len(after)) - first
    while last < most and before[-1 - last] == after[-1 - last]:
        last += 1
    span = LineIndex(before).span(first, len(before) - last)
    return TextEdit(span=span, text=after[first : len(after) - last])
