"""What is to be said about a text: problems, holes and bad verdicts, as an editor would underline them.

Must not know LSP: places are lift's, severities are words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lift_ir import (
    ClauseResult,
    Code,
    Function,
    FunctionResult,
    Hole,
    HoleKind,
    Module,
    Position,
    Problem,
    Span,
)

from lift.config import Severity
from lift.extract import Extraction
from lift.extract.signs import has_specification
from lift.ide.walk import places
from lift.project import Project

CODES: Mapping[HoleKind, Code] = {
    "intent": "open-intent",
    "type": "open-type",
    "term": "open-term",
    "clause": "open-clause",
    "effect": "open-effect",
    "body": "open-body",
}

UNTIL_MENDED = "Until it is mended, lift shows what it knew before."


@dataclass(frozen=True)
class Finding:
    """One thing to say about a place.

    Attributes:
        code: The diagnostic's code; None for a text that cannot be read as a whole.
        related: Other places that matter, each with what happens there.
        unnecessary: Whether the text at ``span`` could go without loss.
        data: What a quick fix needs to find the finding again: ``function``, ``clause``, ``hole``,
            ``suggestion``, ``progress``.
    """

    code: Code | None
    severity: Severity
    message: str
    span: Span
    related: tuple[tuple[Span, str], ...] = ()
    unnecessary: bool = False
    data: Mapping[str, str] = field(default_factory=dict)


def findings_of(project: Project, uri: str) -> tuple[Finding, ...]:
    """Everything to say about the newest analysed text of ``uri``, in the order of the text."""
    extraction = project.extraction(uri)
    if extraction is None:
        return ()
    severity, results = project.config.severity, project.results(uri)
    found = [
        *_unreadable(extraction),
        *_problems(project, extraction, severity),
        *_holes(extraction.module, severity),
        *_verdicts(results.values(), severity),
        *_drifted(project, uri, results, severity),
    ]
    return tuple(sorted(_distinct(found), key=lambda f: (f.span.start.line, f.span.start.column)))


def _unreadable(extraction: Extraction) -> Iterator[Finding]:
    error = extraction.error
    if error is not None and has_specification(extraction):
        message = f"{error.message}\n{UNTIL_MENDED}"
        place = Position(line=error.line, column=0)
        yield Finding(None, "error", message, Span(start=place, end=place))


def _problems(
    project: Project, extraction: Extraction, severity: Mapping[str, Severity]
) -> Iterator[Finding]:
    for problem in extraction.problems:
        if severity[problem.code] == "off":
            continue
        message, suggestion = problem.message, problem.suggestion
        renamed = _renamed(project, extraction, problem)
        if renamed is not None:
            old, suggestion = renamed
            head = message.partition(": there is no name ")[0]
            message = (
                f"{head}: `{old}` was renamed to `{suggestion}`, and the specification still says `{old}`"
            )
        data = {"function": problem.function, "suggestion": suggestion}
        if renamed is not None:
            data["renamed"] = renamed[0]
        yield Finding(
            problem.code,
            severity[problem.code],
            message,
            problem.span,
            data={key: value for key, value in data.items() if value is not None},
        )


def _renamed(project: Project, extraction: Extraction, problem: Problem) -> tuple[str, str] | None:
    """The old and the new name of the parameter whose rename left a clause behind."""
    if problem.code != "bad-clause" or problem.function is None or extraction.error is not None:
        return None
    function = next((f for f in extraction.module.all_functions() if f.qualname == problem.function), None)
    said = extraction.index.text_at(problem.span)
    if function is None or f"there is no name `{said}`" not in problem.message:
        return None
    new = project.signatures.renamed(extraction.snapshot.uri, function).get(said)
    return None if new is None else (said, new)


def _holes(module: Module, severity: Mapping[str, Severity]) -> Iterator[Finding]:
    for function in module.all_functions():
        if function.specified:
            yield from (f for hole in function.holes if (f := _hole(hole, function, severity)))
    for owner in module.classes:
        if owner.invariants:
            yield from (f for hole in owner.holes if (f := _hole(hole, None, severity)))


def _hole(hole: Hole, function: Function | None, severity: Mapping[str, Severity]) -> Finding | None:
    code = CODES[hole.hole]
    if severity[code] == "off":
        return None
    data = {"hole": hole.id}
    if function is not None:
        data["function"] = function.qualname
    return Finding(code, severity[code], hole.question, hole.span, data=data)


def _verdicts(results, severity: Mapping[str, Severity]) -> Iterator[Finding]:
    for result in results:
        for clause in result.clauses:
            if clause.code is not None and severity[clause.code] != "off":
                yield _verdict(result, clause, clause.code, severity[clause.code])


def _verdict(result: FunctionResult, clause: ClauseResult, code: Code, severity: Severity) -> Finding:
    data = {"function": result.name}
    if clause.clause is not None:
        data["clause"] = clause.clause
    message = clause.message or clause.reason or clause.text
    if result.progress == "stale":
        data["progress"] = "stale"
        first, newline, rest = message.partition("\n")
        message = f"{first} (stale: the code has changed since){newline}{rest}"
    return Finding(
        code,
        severity,
        message,
        clause.span,
        related=(*clause.related, *_on_the_way(clause)),
        unnecessary=code == "trivial-clause",
        data=data,
    )


def _drifted(
    project: Project, uri: str, results: dict[str, FunctionResult], severity: Mapping[str, Severity]
) -> Iterator[Finding]:
    if severity["drift"] != "off" and any(r.verdict in ("unknown", "unchecked") for r in results.values()):
        # The history is looked at where something is undecided, and loaded then: most texts need none of it.
        from lift.ide.drift import drifts

        for one in drifts(project, uri, results):
            yield Finding("drift", severity["drift"], one.message, one.span, one.others, data=one.data)


def _on_the_way(clause: ClauseResult) -> Iterator[tuple[Span, str]]:
    for line, text in places(clause.counterexample) if clause.counterexample is not None else ():
        place = Position(line=line, column=0)
        yield Span(start=place, end=place), text


def _distinct(findings: list[Finding]) -> Iterator[Finding]:
    # What extraction says of a clause, the verifier may find as well; one of them is enough.
    seen: set[tuple[Code | None, Span, str]] = set()
    for finding in findings:
        key = (finding.code, finding.span, finding.data.get("clause") or finding.message)
        if key not in seen:
            seen.add(key)
            yield finding
