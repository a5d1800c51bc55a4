"""Quick fixes: what can be done about a finding, first as titles, then as edits of one certain text.

Nothing here applies anything. Must not know LSP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lift_ir import Clause, ClauseResult, Function, Hole, Provenance, Span

from lift.edit import Edit, Failure, add_clause, add_example
from lift.extract import Extraction
from lift.ide.cases import doctest_of, exclusions_of
from lift.ide.fillings import OTHERS, fillings_of
from lift.ide.findings import Finding, findings_of
from lift.ide.places import function_named, overlaps
from lift.project import Project

_OPEN = ("open-type", "open-term", "open-clause", "open-effect", "open-intent")
UNKNOWN = Provenance()
_BY_SOLVER = Provenance(kind="solver")
_WITH_COUNTEREXAMPLE = ("refuted", "may-raise", "call-violates")


@dataclass(frozen=True)
class Action:
    """One thing that can be done.

    Attributes:
        title: What the menu says.
        finding: What it is about.
        edits: The change, for exactly the text that the action was made for.
        preferred: Whether it is the one to take if only one can be taken.
        provenance: Who wrote what it puts into a specification.
        others: More to choose from, where it is only the entry to them; it has no edits itself then.
    """

    title: str
    finding: Finding
    edits: tuple[Edit, ...]
    preferred: bool = False
    evidence: str = field(default="")
    provenance: Provenance = UNKNOWN
    others: tuple[Action, ...] = ()


def actions_at(
    project: Project,
    uri: str,
    span: Span,
    resolved: Mapping[str, Hole] | None = None,
) -> tuple[Action, ...]:
    """What can be done about the findings at ``span``.

    Args:
        resolved: Hole id → the hole with the candidates that a worker found for the newest text.
    """
    extraction = project.extraction(uri)
    if extraction is None or extraction.error is not None:
        # An edit is made for a text whose parts are known; a broken text has places but no parts.
        return ()
    found: list[Action] = []
    for finding in findings_of(project, uri):
        if overlaps(finding.span, span):
            found.extend(_for(project, extraction, finding, resolved or {}))
    return tuple(found)


def owners_of_holes(project: Project, uri: str, span: Span | None = None) -> list[str]:
    """The qualified names of the functions and classes with a hole that is shown, at ``span`` or anywhere."""
    extraction = project.extraction(uri)
    if extraction is None or extraction.error is not None:
        return []
    module = extraction.module
    owners = [
        *(c for c in module.classes if c.invariants),
        *(f for f in module.all_functions() if f.specified),
    ]
    return [o.qualname for o in owners if any(span is None or overlaps(h.span, span) for h in o.holes)]


def assertable_loop(project: Project, uri: str, line: int) -> tuple[str, int] | None:
    """The loop whose header is at ``line``, if invariants of it were found that Python can evaluate.

    Returns:
        The qualified name of its function, and its line.
    """
    extraction = project.extraction(uri)
    if extraction is None or extraction.error is not None:
        return None
    for result in project.results(uri).values():
        if result.verdict != "proved" or result.progress != "current":
            continue
        for loop in result.loops:
            if loop.line == line and any(i.assertable for i in loop.invariants):
                return result.name, loop.line
    return None


def _for(
    project: Project,
    extraction: Extraction,
    finding: Finding,
    resolved: Mapping[str, Hole],
) -> Iterator[Action]:
    if finding.code in _OPEN and "hole" in finding.data:
        yield from _fillings(extraction, finding, resolved)
    elif finding.code == "bad-clause":
        yield from _mending(extraction, finding)
    elif finding.code == "drift" and finding.data.get("moved") == "specification":
        yield from _going_back(project, extraction, finding)
    elif finding.code in _WITH_COUNTEREXAMPLE and finding.data.get("progress") != "stale":
        # A stale counterexample is one of another text.
        yield from _about_case(project, extraction, finding)


def _fillings(
    extraction: Extraction,
    finding: Finding,
    resolved: Mapping[str, Hole],
) -> Iterator[Action]:
    """The best fillings of a hole, and one entry for the others."""
    shown, others = fillings_of(extraction, finding.data["hole"], resolved)
    for place, one in enumerate(shown):
        made = one.candidate
        yield Action(one.title, finding, one.edits, place == 0, made.evidence, made.provenance)
    if others:
        rest = tuple(
            Action(o.title, finding, o.edits, False, o.candidate.evidence, o.candidate.provenance)
            for o in others
        )
        yield Action(OTHERS, finding, (), others=rest)


def _mending(extraction: Extraction, finding: Finding) -> Iterator[Action]:
    suggestion, old = finding.data.get("suggestion"), finding.data.get("renamed")
    if suggestion is not None and old is not None:
        from lift.ide.renaming import left_behind

        edits = left_behind(extraction, finding.data["function"], old, suggestion)
        if edits:
            title = f"Rename `{old}` to `{suggestion}` in the specification of {finding.data['function']}"
            yield Action(title, finding, edits, preferred=True)
            return
    if suggestion is not None:
        edit = Edit(finding.span, suggestion)
        shown = suggestion if len(suggestion) <= 60 else suggestion[:57] + "..."
        yield Action(f"Change to {shown}", finding, (edit,), preferred=True)


def _going_back(project: Project, extraction: Extraction, finding: Finding) -> Iterator[Action]:
    """The specification with which all was known to hold."""
    from lift.ide.history import file_of, restored

    function = function_named(extraction.module, finding.data["function"])
    path = file_of(extraction.snapshot.uri)
    state = project.chronicle.good(path).get(finding.data["function"]) if path is not None else None
    if function is None or state is None:
        return
    found = restored(extraction, function, state)
    if not isinstance(found, Failure) and found.edits:
        yield Action(f"Restore the specification of state {state.number}", finding, found.edits)


def _about_case(project: Project, extraction: Extraction, finding: Finding) -> Iterator[Action]:
    uri = extraction.snapshot.uri
    function = function_named(extraction.module, finding.data.get("function", ""))
    result = project.results(uri).get(function.qualname) if function else None
    if function is None or result is None:
        return
    for clause in result.clauses:
        if clause.code == finding.code and clause.span == finding.span and clause.counterexample is not None:
            yield from _repairs(project, uri, function, finding, clause)
            yield from _example(extraction, function, finding, clause)
            yield from _exclusions(project, extraction, function, finding, clause)
            return


def _repairs(
    project: Project, uri: str, function: Function, finding: Finding, result: ClauseResult
) -> Iterator[Action]:
    """The changes that were proved to help; they are looked for, but not waited for, while nobody knows."""
    known = project.repairs(uri, function.qualname)
    if known is None:
        project.seek_repairs(uri, function.qualname)
        return
    wanted = [r for r in known.repairs if f"{result.kind}:{result.text}" in r.fixes]
    for place, repair in enumerate(wanted):
        edits = tuple(Edit(e.span, e.text) for e in repair.edits)
        title = f"{repair.title} ({repair.evidence})"
        yield Action(title, finding, edits, place == 0, repair.evidence, _BY_SOLVER)


def _example(
    extraction: Extraction, function: Function, finding: Finding, result: ClauseResult
) -> Iterator[Action]:
    lines = doctest_of(function, _clause(function, result), result)
    if lines is None:
        return
    edits = add_example(extraction.snapshot.text, function, lines)
    if not isinstance(edits, Failure):
        yield Action("Add the case to Examples, as a doctest that should pass", finding, edits)


def _exclusions(
    project: Project, extraction: Extraction, function: Function, finding: Finding, result: ClauseResult
) -> Iterator[Action]:
    known = project.repairs(extraction.snapshot.uri, function.qualname)
    required = {r.title for r in known.repairs} if known is not None else set()
    for condition in exclusions_of(function, result, extraction.snapshot.text):
        if f"Require {condition}" in required:
            # It is offered already, with a proof.
            continue
        edits = add_clause(extraction.snapshot.text, function, "Requires", condition)
        if not isinstance(edits, Failure):
            yield Action(f"Rule the input out: require {condition}", finding, edits, provenance=_BY_SOLVER)


def _clause(function: Function, result: ClauseResult) -> Clause | None:
    return next((c for c in function.clauses if c.id == result.clause), None)
