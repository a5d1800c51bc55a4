"""The search: candidates, runs, proofs, and of what is proved the few clauses that say the most.

What is offered was proved by ``lift.verify.check`` on the very text that would be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lift_ir import ClauseResult, Ensures, Frozen, Function, FunctionResult, Module, Span

from lift.edit import Edit, Failure, annotate, apply
from lift.edit.docstring import Section, add_lines
from lift.extract import extract
from lift.resolve.infer import SECONDS
from lift.resolve.infer.grammar import Candidate, candidates
from lift.resolve.infer.judge import Ranked, judged, result_types
from lift.resolve.infer.raising import raised
from lift.resolve.infer.requires import conditions
from lift.resolve.infer.subject import NotModelled, Subject, fine, subject_of, with_types
from lift.source.positions import LineIndex
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

_MOST_CLAUSES = 5
_AT_ONCE = 10
_ROUNDS = 3


class Replacement(Frozen):
    """An edit as it leaves the worker: ``text`` for what stands at ``span``."""

    span: Span
    text: str


class Lifted(Frozen):
    """A clause that was inferred.

    Attributes:
        kind: The section that it belongs to.
        text: The expression.
        evidence: What speaks for it: ``proved; notices 7 of 9 wrong versions``.
        provenance: Always ``reverse``: read out of the code.
    """

    kind: str
    text: str
    evidence: str
    provenance: str = "reverse"


@dataclass(frozen=True)
class _Lines:
    """What would be written into a docstring: expressions, and exceptions with their conditions."""

    requires: Sequence[str] = ()
    ensures: Sequence[str] = ()
    raises: Sequence[tuple[str, str]] = ()

    @property
    def sections(self) -> list[tuple[Section, list[str]]]:
        """The lines of each section that has any."""
        parts: list[tuple[Section, list[str]]] = [
            ("Requires", [f"- ``{c}``" for c in self.requires]),
            ("Ensures", [f"- ``{c}``" for c in self.ensures]),
            ("Raises", [f"{e}: If ``{c}``." for e, c in self.raises]),
        ]
        return [p for p in parts if p[1]]


class Inference(Frozen):
    """What was inferred for a function.

    Attributes:
        name: Its qualified name.
        line: Where it is.
        clauses: What to write; empty if there is nothing new to say.
        edits: The change that writes it, in the text that was given.
        docstring: The docstring as it would be, with its quotes.
        assumptions: What the proofs take for granted, types that were guessed among it.
        reason: Why there is no clause.
    """

    name: str
    line: int
    clauses: tuple[Lifted, ...] = ()
    edits: tuple[Replacement, ...] = ()
    docstring: str | None = None
    assumptions: tuple[str, ...] = ()
    reason: str | None = None


def infer(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    sources: Sources = NOTHING,
    seconds: float = SECONDS,
) -> Inference:
    """Infer a specification; never raises on what the code says.

    Args:
        module: The module's IR, made from ``text``.
        seconds: For all of it.
    """
    ir = next((f for f in module.all_functions() if f.qualname == qualname), None)
    nothing = Inference(name=qualname, line=ir.name_span.start.line if ir else 1)
    try:
        typed, its_module, its_ir, assumed = with_types(text, qualname, module.path)
        subject = subject_of(its_module, typed, its_ir, options, assumed, seconds, sources)
        return _found(subject, text, nothing)
    except NotModelled as why:
        return nothing.model_copy(update={"reason": str(why)})


def task(
    module: Module, text: str, qualname: str, options: Options, details: str, sources: Sources
) -> Inference:
    """``infer`` in a worker process, with all of the time that ``options`` gives."""
    return infer(module, text, qualname, options, sources, options.seconds)


def _found(subject: Subject, original: str, nothing: Inference) -> Inference:
    said = _raised(subject)
    if said:
        subject = _rebuilt(subject, _Lines(raises=said))
    required = _required(subject)
    if required:
        subject = _rebuilt(subject, _Lines(requires=required))
    runs = fine(subject.run((), seconds=1.5))
    if not runs:
        raise NotModelled("it returned on none of the inputs that it was run on")
    returns = subject.ir.signature.returns
    types = [returns.text] if returns.kind == "type" else result_types(runs)
    ranked = judged(subject, candidates(subject, types))
    chosen, assumptions, reason = _proved(subject, ranked)
    if not chosen and not required and not said:
        return nothing.model_copy(
            update={"reason": reason or "nothing was found that says more than the types do"}
        )
    return _inference(subject, original, nothing, _Lines(required, tuple(chosen), said), ranked, assumptions)


def _rebuilt(subject: Subject, lines: _Lines) -> Subject:
    """The function with these lines in its docstring."""
    module, text = _written(subject, lines)
    ir = next(f for f in module.all_functions() if f.qualname == subject.ir.qualname)
    return subject_of(module, text, ir, subject.options, subject.assumed, subject.left, subject.sources)


def _raised(subject: Subject) -> tuple[tuple[str, str], ...]:
    """The exceptions that the body raises itself, with conditions under which they are proved to come."""
    found: list[tuple[str, str]] = []
    for exception, choices in raised(subject):
        for condition in choices:
            if subject.left < 3:
                return tuple(found)
            lines = _Lines(raises=(*found, (exception, condition)))
            result = _checked(subject, lines, 4.0)
            stated = (
                [c for c in result.clauses if c.kind == "raises" and c.text == condition] if result else []
            )
            if stated and all(c.verdict == "proved" and c.code != "trivial-clause" for c in stated):
                found.append((exception, condition))
                break
    return tuple(found)


def _required(subject: Subject) -> tuple[str, ...]:
    """The weakest conditions under which nothing undeclared is proved to be raised."""
    for choice in conditions(subject):
        if subject.left < 2:
            break
        result = _checked(subject, _Lines(requires=choice), 2.5)
        if result is None:
            continue
        implicit = [c for c in result.clauses if c.kind in ("no-raise", "requires")]
        if implicit and all(c.verdict == "proved" for c in implicit):
            return choice
    return ()


def _proved(subject: Subject, ranked: Ranked) -> tuple[list[str], tuple[str, ...], str | None]:
    """The few clauses to write, proved together; else why there is none."""
    room = _MOST_CLAUSES - sum(isinstance(c, Ensures) and not c.holes for c in subject.ir.clauses)
    refused: set[str] = set()
    known: set[str] = set()
    reason: str | None = None
    for _ in range(2 * _ROUNDS):
        if subject.left < 1.5:
            break
        pool = [c for c in ranked.candidates if c.text not in refused]
        wanted = _covering(pool, ranked, room)
        fresh = [t for t in wanted if t not in known]
        if not wanted:
            return [], (), reason
        if not fresh:
            result = _checked(subject, _Lines(ensures=wanted), min(6.0, subject.left))
            good, bad, why = _sorted(result, wanted)
            if not bad and result is not None:
                return wanted, result.assumptions, None
            refused |= set(bad)
            known -= set(bad)
            reason = reason or why
            continue
        # Others that say nearly as much go into the same proof: it costs little more.
        rest = [c.text for c in _ordered(pool, ranked) if c.text not in known and c.text not in fresh]
        batch = [*fresh, *rest[: _AT_ONCE - len(fresh)]]
        result = _checked(subject, _Lines(ensures=batch), min(6.0, subject.left))
        good, bad, why = _sorted(result, batch)
        if bad and _recursive(subject):
            # What is not proved takes the others with it: the strongest that stands alone is kept.
            good, bad, why = _one_by_one(subject, batch)
        known |= set(good)
        refused |= set(bad)
        reason = reason or why
    return _last_resort(subject, ranked, known, room, reason)


def _last_resort(
    subject: Subject, ranked: Ranked, known: set[str], room: int, reason: str | None
) -> tuple[list[str], tuple[str, ...], str | None]:
    """What is proved so far, without looking for more."""
    wanted = _covering([c for c in ranked.candidates if c.text in known], ranked, room)
    if wanted:
        result = _checked(subject, _Lines(ensures=wanted), max(2.0, min(6.0, subject.left)))
        _, bad, _ = _sorted(result, wanted)
        if not bad and result is not None:
            return wanted, result.assumptions, None
    return [], (), reason or "time ran out"


def _recursive(subject: Subject) -> bool:
    return any(c.callee.rpartition(".")[2] == subject.ir.name for c in subject.ir.calls)


def _one_by_one(subject: Subject, batch: Sequence[str]) -> tuple[list[str], list[str], str | None]:
    good: list[str] = []
    bad: list[str] = []
    reason = None
    for text in batch:
        if subject.left < 2:
            break
        result = _checked(subject, _Lines(ensures=[*good, text]), min(3.0, subject.left))
        _, failing, why = _sorted(result, [*good, text])
        if failing:
            bad.append(text)
            reason = reason or why
        else:
            good.append(text)
    return good, bad, reason


def _ordered(pool: Sequence[Candidate], ranked: Ranked) -> list[Candidate]:
    open_ = ranked.mutants - ranked.noticed
    useful = [c for c in pool if ranked.kills[c.text] & open_]
    return sorted(useful, key=lambda c: c.cost - len(ranked.kills[c.text] & open_) / 3)


def _covering(pool: Sequence[Candidate], ranked: Ranked, room: int) -> list[str]:
    """Few readable clauses that notice together what all of them do; each notices something by itself."""
    left = set(ranked.mutants - ranked.noticed)
    chosen: list[Candidate] = []
    while len(chosen) < room:
        scored = [(len(ranked.kills[c.text] & left) - 1.2 * c.cost, -c.cost, c) for c in pool]
        scored = [s for s in scored if ranked.kills[s[2].text] & left]
        if not scored:
            break
        best = max(scored, key=lambda s: s[:2])[2]
        chosen.append(best)
        left -= ranked.kills[best.text]
    needed = list(chosen)
    for one in chosen:
        others = set(ranked.noticed).union(*(ranked.kills[c.text] for c in needed if c is not one))
        if ranked.kills[one.text] <= others:
            needed.remove(one)
    return [c.text for c in needed]


def _sorted(result: FunctionResult | None, wanted: Sequence[str]) -> tuple[list[str], list[str], str | None]:
    """Which of the clauses are proved and say something, which are not, and the first reason why not."""
    if result is None:
        return [], list(wanted), None
    by_text: dict[str, ClauseResult] = {c.text: c for c in result.clauses if c.kind == "ensures"}
    good, bad, reason = [], [], None
    for text in wanted:
        found = by_text.get(text)
        if found is not None and found.verdict == "proved" and found.code != "trivial-clause":
            good.append(text)
            continue
        bad.append(text)
        if found is not None and found.verdict == "unknown" and found.reason and reason is None:
            reason = found.reason
            reason += f" at line {found.reason_line}" if found.reason_line else ""
    return good, bad, reason


def _written(subject: Subject, lines: _Lines) -> tuple[Module, str]:
    """The text with these clauses, and its IR."""
    text = subject.text
    module, ir = subject.module, subject.ir
    for section, rows in lines.sections:
        made = add_lines(text, ir, section, rows)
        if isinstance(made, Failure):
            raise NotModelled(made.reason)
        text = apply(text, made)
        module = extract(Snapshot(subject.module.path, None, text)).module
        ir = next(f for f in module.all_functions() if f.qualname == ir.qualname)
    return module, text


def _checked(subject: Subject, lines: _Lines, seconds: float) -> FunctionResult | None:
    from lift.verify.check import check_function

    if seconds <= 0:
        return None
    module, text = _written(subject, lines)
    options = replace(subject.options, seconds=seconds)
    return check_function(module, text, subject.ir.qualname, options, subject.sources)


def _inference(
    subject: Subject,
    original: str,
    nothing: Inference,
    lines: _Lines,
    ranked: Ranked,
    assumptions: Sequence[str],
) -> Inference:
    edits, docstring = _edits(subject, original, lines)
    clauses = [
        Lifted(
            kind="requires", text=t, evidence="without it, an exception escapes; with it, none does: proved"
        )
        for t in lines.requires
    ]
    for text in lines.ensures:
        kills, total = len(ranked.kills[text]), len(ranked.mutants)
        clauses.append(
            Lifted(kind="ensures", text=text, evidence=f"proved; notices {kills} of {total} wrong versions")
        )
    clauses += [
        Lifted(kind="raises", text=f"{e} if {c}", evidence="proved: then, and only then, it is raised")
        for e, c in lines.raises
    ]
    assumed = [f"{name} is {kind}" for name, kind in subject.assumed.items()]
    return nothing.model_copy(
        update={
            "clauses": tuple(clauses),
            "edits": tuple(Replacement(span=e.span, text=e.text) for e in edits),
            "docstring": docstring,
            "assumptions": (*assumed, *assumptions),
        }
    )


def _edits(subject: Subject, original: str, lines: _Lines) -> tuple[list[Edit], str | None]:
    """The change in the text that was given: its types, and its docstring as a whole."""
    module = extract(Snapshot(subject.module.path, None, original)).module
    ir = next(f for f in module.all_functions() if f.qualname == subject.ir.qualname)
    types: list[Edit] = []
    for name, kind in subject.assumed.items():
        made = annotate(original, ir, name, kind)
        types.extend(() if isinstance(made, Failure) else made)
    text = original
    for section, rows in lines.sections:
        now = extract(Snapshot(subject.module.path, None, text)).module
        its = next(f for f in now.all_functions() if f.qualname == ir.qualname)
        made = add_lines(text, its, section, rows)
        if isinstance(made, Failure):
            raise NotModelled(made.reason)
        text = apply(text, made)
    now = extract(Snapshot(subject.module.path, None, text)).module
    its = next(f for f in now.all_functions() if f.qualname == ir.qualname)
    docstring = _docstring_of(text, its)
    return [*types, _difference(original, text)], docstring


def _docstring_of(text: str, ir: Function) -> str | None:
    span = ir.docstring_span
    return LineIndex(text).text_at(span) if span is not None else None


def _difference(before: str, after: str) -> Edit:
    """The one replacement that makes ``after`` of ``before``."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    most = min(len(before), len(after)) - start
    while end < most and before[-1 - end] == after[-1 - end]:
        end += 1
    index = LineIndex(before)
    stop = len(before) - end
    span = Span(start=index.position(start), end=index.position(stop))
    return Edit(span, after[start : len(after) - end])
