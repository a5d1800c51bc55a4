"""What was generated for a function, in words: what may be asked for, the candidates, why there are none.

Every view takes its labels from here, so that a menu, a page and the command line say the same of one.
Must not know LSP.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from lift_ir import Function, FunctionResult, Generation, Position, Proposal, Rejection, Span, Verdict

from lift.edit import Edit, apply
from lift.ide.hover import Page
from lift.ide.markup import MARKDOWN
from lift.ide.places import overlaps
from lift.ide.words import outcome
from lift.project import Project, checkable

_ORDER: tuple[Verdict, ...] = ("proved", "bounded", "tested")
_CHECKED = ("ensures", "raises", "invariant", "modifies", "example", "decreases")
_CONTEXT = 2
_WIDEST = 100_000
"""Past the end of any line."""


@dataclass(frozen=True)
class Request:
    """Something that may be generated, and what the menu says of it.

    Attributes:
        function: Qualified name.
        is_open: Whether the function has no body yet.
    """

    title: str
    function: str
    is_open: bool
    span: Span


def writable(project: Project, uri: str, span: Span) -> Iterator[Request]:
    """The functions whose header or missing body is at ``span`` and that state what a body must do."""
    extraction = project.extraction(uri)
    if extraction is None or extraction.error is not None or not project.options.run_code:
        return
    for function in checkable(extraction.module):
        number = checks(function)
        body = next((hole for hole in function.holes if hole.hole == "body"), None)
        if not number or not (overlaps(_header(function), span) or (body and overlaps(body.span, span))):
            continue
        what = "Write an implementation" if body else "Write another implementation"
        against = "1 clause" if number == 1 else f"{number} clauses"
        yield Request(
            f"{what}, checked against {against}…", function.qualname, body is not None, _header(function)
        )


def _header(function: Function) -> Span:
    """The lines of ``def`` with the parameters, all of each."""
    first = function.name_span.start.line
    below = (function.docstring_span or function.body_span or function.name_span).start.line
    last = max(first, below - 1)
    return Span(start=Position(line=first, column=0), end=Position(line=last, column=_WIDEST))


def checks(function: Function) -> int:
    """How many clauses a body would be checked against."""
    return sum(
        c.kind in _CHECKED and (c.expression is not None or c.kind == "raises") for c in function.clauses
    )


def evidence(proposal: Proposal) -> str:
    """What was shown of a proposal: ``2 proved, 1 tested on 2,000 inputs``."""
    kinds = [c.kind for c in proposal.result.clauses if c.clause is not None and c.kind != "requires"]
    if kinds and set(kinds) == {"example"}:
        # That its examples come out is all that is known of it, which is no proof of anything.
        return f"meets {len(kinds)} example{'' if len(kinds) == 1 else 's'}"
    found = counted(proposal.result)
    parts = [f"{found[verdict]} {verdict}" for verdict in _ORDER if found.get(verdict)]
    if found.get("tested"):
        parts[-1] += f" on {proposal.tests:,} input{'' if proposal.tests == 1 else 's'}"
    return ", ".join(parts)


def counted(result: FunctionResult) -> dict[Verdict, int]:
    """How many clauses have each verdict; what is only assumed of the caller does not count."""
    found: dict[Verdict, int] = {}
    for clause in result.clauses:
        if clause.clause is not None and clause.kind != "requires":
            found[clause.verdict] = found.get(clause.verdict, 0) + 1
    return found


def label(proposal: Proposal, number: int) -> str:
    """``Apply candidate 1 (+4 −1): 2 proved, 1 tested on 2,000 inputs``."""
    return f"Apply candidate {number} (+{proposal.added} −{proposal.removed}): {evidence(proposal)}"


def origin(proposal: Proposal) -> str:
    """Who wrote a proposal."""
    if proposal.origin == "model":
        return f"written by {proposal.provenance.model or 'a model'}"
    return "found by the solver" if proposal.origin == "solver" else "built from a template"


def failure(generation: Generation) -> str:
    """Why nothing is offered, in a line: the nearest miss with its clause and input, where there is one."""
    reason = generation.reason or "nothing passed the checks"
    if not generation.rejected:
        return reason
    return f"{reason}; the nearest of {generation.tried}: {said(generation.rejected[0])}"


def said(rejection: Rejection) -> str:
    """Why a candidate was rejected, with the input where there is one."""
    found = rejection.counterexample
    if found is None or not found.call or found.call in rejection.reason:
        return rejection.reason
    return f"{rejection.reason}: {found.call} {outcome(found)}"


def edits_of(proposal: Proposal) -> tuple[Edit, ...]:
    """The change as edits of the text that it was made for."""
    return tuple(Edit(e.span, e.text) for e in proposal.edits)


def difference(text: str, proposal: Proposal, path: str = "") -> str:
    """The change as a unified diff."""
    before, after = text.splitlines(), apply(text, edits_of(proposal)).splitlines()
    rows = difflib.unified_diff(
        before,
        after,
        f"a/{path}" if path else "now",
        f"b/{path}" if path else "then",
        n=_CONTEXT,
        lineterm="",
    )
    return "\n".join(rows)


def preview(text: str, generation: Generation) -> Page:
    """All candidates with what each would change and what is known of it, and what failed."""
    m = MARKDOWN
    lines = [f"# {m.text(generation.function)}", ""]
    for number, proposal in enumerate(generation.proposals, start=1):
        lines += [f"## Candidate {number}: {m.text(evidence(proposal))}", "", *_facts(proposal), ""]
        lines += [m.block(difference(text, proposal), "diff"), ""]
    if not generation.proposals:
        lines += [m.text(f"Nothing is offered: {generation.reason or 'nothing passed the checks'}."), ""]
    if generation.rejected:
        lines += ["## Rejected", ""]
        for one in generation.rejected:
            rows = m.block(one.code, "python").splitlines()
            lines += [f"- {m.text(said(one))}", "", *(f"  {row}".rstrip() for row in rows), ""]
    lines += [f"- {m.text(note)}" for note in generation.notes]
    return Page(f"candidates for {generation.function}", "\n".join(lines).rstrip() + "\n")


def _facts(proposal: Proposal) -> Iterator[str]:
    m = MARKDOWN
    yield f"- {m.text(origin(proposal))}"
    for clause in proposal.result.clauses:
        if clause.clause is not None and clause.kind != "requires":
            yield f"- {clause.verdict}: {m.code(clause.text)}"
    if proposal.mutants:
        yield f"- the specification notices {proposal.killed} of {proposal.mutants} small changes of it"
    if proposal.result.assumptions:
        yield f"- {m.text('assumes: ' + '; '.join(proposal.result.assumptions))}"
