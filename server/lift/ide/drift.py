"""Where code and specification were changed apart, as the history says. Must not know LSP.

Said only once a check has ended that could not decide what was known before: what is proved or tested, what
is refuted (which says more), what is being typed and what a callee changed is no drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lift_ir import ClauseResult, Function, FunctionResult, PastState, Span, Verdict

from lift.ide.history import file_of
from lift.project import Project
from lift.store.states import state_of

_KNOWN: frozenset[Verdict] = frozenset({"proved", "bounded", "tested"})


@dataclass(frozen=True)
class Drift:
    """One function that drifted.

    Attributes:
        span: The first clause that is no longer known to hold.
        message: Complete in its first line.
        others: The other clauses of which that is so.
        data: The function and the clause, for quick fixes.
    """

    span: Span
    message: str
    others: tuple[tuple[Span, str], ...]
    data: dict[str, str]


def drifts(project: Project, uri: str, results: dict[str, FunctionResult]) -> Iterator[Drift]:
    """The functions of the newest text that drifted."""
    open_now = [r for r in results.values() if r.progress == "current" and _undecided(r, project)]
    extraction, path = project.extraction(uri), file_of(uri)
    if not open_now or extraction is None or extraction.error is not None or path is None:
        return
    known = project.chronicle.good(path)
    functions = {f.qualname: f for f in extraction.module.all_functions()}
    for result in open_now:
        function, before = functions.get(result.name), known.get(result.name)
        if function is None or before is None or any(h.hole == "body" for h in function.holes):
            continue
        now = state_of(function, extraction.snapshot.text, result)
        if (now.code == before.code) != (now.specification == before.specification):
            found = _drift(function, before, now, _undecided(result, project))
            if found is not None:
                yield found


def _undecided(result: FunctionResult, project: Project) -> list[ClauseResult]:
    """What a check of the text as it is could not decide; nothing where something is refuted."""
    if result.verdict == "refuted":
        return []
    # Where nothing may be run, that a test is missing says nothing about the code.
    verdicts = ("unknown", "unchecked") if project.options.run_code else ("unknown",)
    return [
        c
        for c in result.clauses
        if c.kind != "requires" and c.verdict in verdicts and c.code in (None, "unknown")
    ]


def _drift(
    function: Function, before: PastState, now: PastState, undecided: list[ClauseResult]
) -> Drift | None:
    held = {c.id for c in before.clauses if c.verdict in _KNOWN}
    other = {(kind, text) for kind, text, v in before.obligations if v in _KNOWN}
    stated = {c.id for c in now.clauses} - {c.id for c in before.clauses}
    lost: list[tuple[ClauseResult, bool]] = []
    for clause in undecided:
        if clause.clause in held or (clause.kind, clause.text) in other:
            lost.append((clause, True))
        elif clause.clause in stated and clause.verdict == "unknown":
            lost.append((clause, False))
    if not lost:
        return None
    moved, stayed = "code", "specification"
    if now.code == before.code:
        moved, stayed = stayed, moved
    (first, known), rest = lost[0], lost[1:]
    reason = f" ({first.reason})" if first.reason else ""
    message = (
        f"{function.name} was {before.verdict} in state {before.number}; its {moved} was changed since, and"
        f" its {stayed} was not: {_shown(first)} could not be decided{' again' if known else ''}{reason}"
    )
    others = tuple((c.span, f"{_shown(c)} could not be decided either") for c, _ in rest)
    data = {"function": function.qualname, "state": str(before.number), "moved": moved}
    if first.clause is not None:
        data["clause"] = first.clause
    return Drift(first.span, message, others, data)


def _shown(clause: ClauseResult) -> str:
    return f"``{clause.text}``" if clause.clause is not None or clause.kind == "assert" else clause.text
