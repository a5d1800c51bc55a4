"""Functions of which nothing can be said, told before anything runs. Must not import z3."""

from __future__ import annotations

from typing import Any

from lift_ir import ClauseResult, Function, Verdict

from lift.verify.program import Program, refuses


def unfit(program: Program, ir: Function, node: Any) -> tuple[Verdict, str, int | None] | None:
    """Why nothing can be said of a function, with the verdict and the line."""
    if any(h.hole == "body" for h in ir.holes):
        return "unchecked", "it has no body yet", ir.name_span.start.line
    if open_terms := ir.terms_in_code():
        return "unchecked", "a term of the code is open", open_terms[0].span.start.line
    if node is None:
        return "unknown", "a function inside another one", ir.name_span.start.line
    if node.lineno != ir.name_span.start.line:
        return "unknown", f"{ir.qualname}, which is defined more than once", ir.name_span.start.line
    top = ir.qualname.partition(".")[0]
    if top in program.rebound:
        return "unknown", f"{top}, which is bound more than once", ir.name_span.start.line
    why = refuses(program, node)
    return ("unknown", why, node.lineno) if why else None


def all_unknown(ir: Function, verdict: Verdict, reason: str, line: int | None) -> tuple[ClauseResult, ...]:
    """Every obligation of a function with one verdict and one reason."""
    common: dict[str, Any] = {"verdict": verdict, "reason": reason, "reason_line": line}
    found: list[ClauseResult] = []
    for clause in ir.clauses:
        if clause.kind not in ("effect", "invariant"):
            place = {"text": clause.text, "span": clause.span, "clause": clause.id}
            found.append(ClauseResult(kind=clause.kind, **place, **common))
    rest = ClauseResult(
        kind="no-raise",
        text="nothing undeclared escapes",
        span=ir.name_span,
        verdict=verdict,
        reason=reason,
        reason_line=line,
    )
    return (*found, rest)
