"""What is known about the function, clause or hole under the cursor. Must not know LSP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lift_ir import (
    Candidate,
    Class,
    Clause,
    ClauseResult,
    Function,
    FunctionResult,
    Hole,
    LoopResult,
    Module,
    Position,
    Span,
    weakest,
)

from lift.extract import Extraction
from lift.ide.fillings import around, candidates_of
from lift.ide.markup import MARKDOWN, Markup
from lift.ide.origin import origin_lines
from lift.ide.places import class_at, clause_at, contains, function_at, hole_at, smallest
from lift.ide.walk import rows, trace_text
from lift.ide.words import SYMBOLS, outcome, provenance, seconds, summary, verdict_label
from lift.project import Project, checkable
from lift.resolve.holes import SHOWN
from lift.source.positions import LineIndex

_SOURCES = {
    "icontract": "icontract",
    "deal": "deal",
    "pep316": "a PEP 316 line",
    "guard": "a guard in the body",
    "assert": "an assertion",
    "annotated": "an Annotated type",
    "field": "a pydantic field",
    "tsdoc": "TSDoc",
    "rustdoc": "rustdoc",
}
_SECTIONS = (
    ("Requires", "requires"),
    ("Ensures", "ensures"),
    ("Raises", "raises"),
    ("Invariants", "invariant"),
    ("Modifies", "modifies"),
    ("Decreases", "decreases"),
    ("Effects", "effect"),
    ("Examples", "example"),
)
_NOT_CHECKED = "not checked yet; save the file to check it"
_STALE = " (stale: the code has changed since)"


@dataclass(frozen=True)
class Hover:
    """A text about the place ``span``."""

    text: str
    span: Span


@dataclass(frozen=True)
class Page:
    """A Markdown page."""

    title: str
    text: str


def hover_at(
    project: Project,
    uri: str,
    position: Position,
    markup: Markup = MARKDOWN,
    resolved: Mapping[str, Hole] | None = None,
) -> Hover | None:
    """What is known about the place, None where no specification stands.

    Args:
        resolved: Hole id → the hole with the candidates that a worker found for the newest text.
    """
    extraction = project.extraction(uri)
    if extraction is None:
        return None
    function = function_at(extraction.module, position)
    if function is None:
        owner = class_at(extraction.module, position)
        hole = hole_at(owner, position) if owner is not None else None
        if owner is not None and hole is not None:
            return Hover("\n".join(_hole(extraction, owner, hole, resolved, markup)), hole.span)
        return _invariant(project, uri, extraction.module, position, markup)
    if function not in checkable(extraction.module):
        return None
    result = project.results(uri).get(function.qualname)
    if contains(function.name_span, position):
        lines = [*_function(function, result, markup, extraction.snapshot.text)]
        lines += origin_lines(project.config, function, markup)
        return Hover("\n".join(lines), function.name_span)
    hole, clause = hole_at(function, position), clause_at(function, position)
    if hole is not None and (clause is None or hole.id in clause.holes):
        return Hover("\n".join(_hole(extraction, function, hole, resolved, markup)), hole.span)
    if clause is not None:
        return Hover("\n".join(_clause(clause, result, markup, extraction.snapshot.text)), clause.span)
    loop = next((one for one in result.loops if one.line == position.line), None) if result else None
    if loop is None or result is None:
        return None
    return Hover("\n".join(_loop(loop, result, markup)), _header(extraction.snapshot.text, loop.line))


def _header(text: str, line: int) -> Span:
    """A line without its indentation."""
    row = LineIndex(text).line(line).rstrip()
    start = Position(line=line, column=len(row) - len(row.lstrip()))
    return Span(start=start, end=Position(line=line, column=len(row)))


def _loop(loop: LoopResult, result: FunctionResult, m: Markup) -> Iterator[str]:
    stale = _STALE if result.progress == "stale" else ""
    yield f"{m.bold('Loop')} — invariants that were found and proved{stale}"
    yield ""
    yield from (f"- {m.code(i.text)}" for i in loop.invariants)
    if loop.rounds is not None:
        yield ""
        yield f"{m.code(loop.rounds)} is the number of rounds done."
    yield from _assumptions(result, m)


def _invariant(
    project: Project, uri: str, module: Module, position: Position, markup: Markup
) -> Hover | None:
    """What is known about a class's invariant: the weakest of what its methods show."""
    owner = class_at(module, position)
    clause = smallest(owner.invariants, position) if owner else None
    if owner is None or clause is None:
        return None
    known = project.results(uri)
    results = [r for m in owner.methods if (r := known.get(m.qualname)) and clause.id in _by_clause(r)]
    if not results:
        return Hover("\n".join(_clause(clause, None, markup, "")), clause.span)
    extraction = project.extraction(uri)
    text = extraction.snapshot.text if extraction else ""
    last = weakest(tuple(_by_clause(r)[clause.id].verdict for r in results))
    chosen = next(r for r in results if _by_clause(r)[clause.id].verdict == last)
    lines = [*_clause(clause, chosen, markup, text), "", f"The weakest verdict is that of {chosen.name}."]
    return Hover("\n".join(lines), clause.span)


def specification_page(project: Project, uri: str, qualname: str | None = None) -> Page:
    """The specifications of a text, or of one function, with their verdicts."""
    extraction = project.extraction(uri)
    functions = checkable(extraction.module) if extraction else ()
    results = project.results(uri)
    text = extraction.snapshot.text if extraction else ""
    chosen = [f for f in functions if qualname is None or f.qualname == qualname]
    parts = [
        "\n".join([f"## {f.qualname}", "", *_function(f, results.get(f.qualname), MARKDOWN, text), ""])
        for f in chosen
    ]
    title = qualname or uri.rpartition("/")[2] or "specification"
    body = parts or ["Nothing here has a specification."]
    return Page(title, "\n".join([f"# {MARKDOWN.text(title)}", "", *body]))


def _function(function: Function, result: FunctionResult | None, m: Markup, text: str) -> Iterator[str]:
    yield f"{m.bold(function.name)} — {summary(result) if result else _NOT_CHECKED}"
    if function.intent and function.intent.summary:
        yield ""
        yield m.text(function.intent.summary)
    by_clause = _by_clause(result)
    for title, kind in _SECTIONS:
        lines = [_line(c, by_clause.get(c.id), m) for c in function.clauses if c.kind == kind]
        yield from _section(title, lines, m)
    others = [c for c in result.clauses if c.clause is None and c.verdict != "proved"] if result else []
    lines = [f"- {SYMBOLS[c.verdict]} {m.text(c.text)} — {m.text(verdict_label(c))}" for c in others]
    yield from _section("Also checked", lines, m)
    yield from _section("Open", [f"- {m.text(hole.question)}" for hole in function.holes], m)
    if result is not None:
        refuted = [c for c in result.clauses if c.counterexample is not None]
        yield from _section(
            "Counterexample", list(_counterexample(refuted[0], m, text)) if refuted else [], m
        )
        yield from _assumptions(result, m)
        yield ""
        yield f"Checked in {seconds(result.seconds)}."


def _section(title: str, lines: list[str], m: Markup) -> Iterator[str]:
    if lines:
        yield ""
        yield m.bold(title)
        yield ""
        yield from lines


def trace_page(project: Project, uri: str, qualname: str | None = None) -> Page:
    """The way to each counterexample of a text, or of one function."""
    return Page(*trace_text(project, uri, qualname))


def _line(clause: Clause, result: ClauseResult | None, m: Markup) -> str:
    if clause.kind == "requires" and result is not None and result.verdict == "proved":
        # All that was proved of a precondition is that some input meets it.
        result = None
    mark = f"{SYMBOLS[result.verdict]} " if result else ""
    text = m.code(clause.text) if clause.expression is not None else m.text(clause.text)
    if clause.kind == "raises":
        text = f"{clause.exception} if {text}" if clause.expression else clause.exception
    prose = f": {m.text(clause.prose)}" if clause.prose and clause.prose != clause.text else ""
    label = f" — {m.text(verdict_label(result))}" if result and result.verdict != "proved" else ""
    return f"- {mark}{text}{prose}{label}"


def _assumptions(result: FunctionResult, m: Markup) -> Iterator[str]:
    if result.assumptions:
        yield ""
        yield m.text("Assumes: " + "; ".join(result.assumptions).rstrip(".") + ".")


def _clause(clause: Clause, result: FunctionResult | None, m: Markup, text: str) -> Iterator[str]:
    found = _by_clause(result).get(clause.id)
    yield f"{m.bold(clause.kind)} {m.code(clause.text)}"
    yield ""
    if found is None or result is None:
        words = f"{_NOT_CHECKED[0].upper()}{_NOT_CHECKED[1:]}."
        yield words if clause.expression else "In words; words are not checked."
    else:
        stale = _STALE if result.progress == "stale" else ""
        yield f"{SYMBOLS[found.verdict]} {m.text(verdict_label(found))}{stale}"
        lines = list(_counterexample(found, m, text))
        if lines:
            yield ""
            yield from lines
        if found.evidence:
            yield ""
            yield m.text(f"Evidence: {found.evidence}.")
        if found.verdict in ("proved", "bounded"):
            yield from _assumptions(result, m)
        yield ""
        yield f"The function was checked in {seconds(result.seconds)}."
    origin = [o for o in (_SOURCES.get(clause.source), provenance(clause.provenance)) if o]
    if origin:
        yield ""
        yield m.text(f"From {', '.join(origin)}.")


def _counterexample(clause: ClauseResult, m: Markup, text: str) -> Iterator[str]:
    found = clause.counterexample
    if found is None:
        return
    for line in found.setup:
        yield f"- {m.code(line)}"
    call = found.call or ", ".join(f"{k} = {v}" for k, v in found.arguments.items())
    yield f"- {m.code(call)} {m.text(outcome(found))}"
    for row in rows(found.trace, text):
        if row.values:
            number = f", round {row.round}" if row.round is not None else ""
            yield f"  - line {row.line}{number}: {m.code(row.values)}"
    if found.failing:
        yield f"- {m.text(found.failing)}"


def _hole(
    extraction: Extraction,
    owner: Function | Class,
    hole: Hole,
    resolved: Mapping[str, Hole] | None,
    m: Markup,
) -> Iterator[str]:
    yield f"{m.bold('Open')} — {m.text(hole.question)}"
    if hole.type:
        yield ""
        yield f"Its type: {m.code(hole.type)}"
    if hole.constraints:
        yield ""
        yield from (
            f"- {m.code(c.text.replace('__hole_', '?'))} ({m.text(c.origin)})" for c in hole.constraints
        )
    module, text = extraction.module, extraction.snapshot.text
    found = candidates_of(module, text, owner, (resolved or {}).get(hole.id, hole))
    if found:
        yield ""
        yield from (f"- {m.code(c.text)}: {m.text(c.evidence)}{_examples(c, m)}" for c in found[:SHOWN])
        if len(found) > SHOWN:
            yield f"- {len(found) - SHOWN} more"
    for sentence in around(module, text, hole.id):
        yield ""
        yield m.text(sentence)


def _examples(candidate: Candidate, m: Markup) -> str:
    allows = f"; allows {m.code(candidate.allows)}" if candidate.allows else ""
    return f"{allows}; forbids {m.code(candidate.forbids)}" if candidate.forbids else allows


def _by_clause(result: FunctionResult | None) -> dict[str, ClauseResult]:
    return {c.clause: c for c in result.clauses if c.clause is not None} if result else {}
