"""How verdicts, evidence and provenance are put into words, so that every view says the same.

A label states its evidence exactly: only a proof has a tick.
"""

from __future__ import annotations

from lift_ir import ClauseResult, Counterexample, FunctionResult, Provenance, Raised, Verdict

SYMBOLS: dict[Verdict, str] = {
    "proved": "✓",
    "bounded": "◐",
    "tested": "○",
    "refuted": "✗",
    "unknown": "?",
    "unchecked": "·",
}


def verdict_label(clause: ClauseResult) -> str:
    """The verdict with what it covers: ``bounded (lists up to 3)``, ``tested on 40 inputs``."""
    if clause.verdict == "bounded" and clause.bounds:
        return f"bounded ({clause.bounds})"
    if clause.verdict == "tested":
        return f"tested on {clause.tests} input{'' if clause.tests == 1 else 's'}"
    if clause.verdict == "unknown" and clause.reason:
        return f"unknown: {clause.reason}"
    return clause.verdict


def summary(result: FunctionResult) -> str:
    """A function's verdicts in one line: ``refuted · 1 of 3 clauses proved``."""
    # A precondition is not proved but assumed, so that it does not count.
    clauses = [c for c in result.clauses if c.clause is not None and c.kind != "requires"]
    proved = sum(1 for c in clauses if c.verdict == "proved")
    parts = [f"{SYMBOLS[result.verdict]} {result.verdict}"]
    if clauses and result.verdict != "proved":
        parts.append(f"{proved} of {len(clauses)} clause{'' if len(clauses) == 1 else 's'} proved")
    if result.progress != "current":
        parts.append(result.progress)
    return " · ".join(parts)


def seconds(value: float) -> str:
    """A wall time for people."""
    return f"{value:.2f} s" if value >= 0.01 else "less than 0.01 s"


def outcome(found: Counterexample) -> str:
    """What a run did: ``returns [0, 0]``, ``raises ZeroDivisionError: division by zero``."""
    if isinstance(found.outcome, Raised):
        message = f": {found.outcome.message}" if found.outcome.message else ""
        text = f"raises {found.outcome.exception}{message}"
    else:
        text = f"returns {found.outcome.value}"
    line = found.outcome.line
    return text if line is None else f"{text} (line {line})"


def provenance(value: Provenance) -> str | None:
    """Who wrote something, None where nobody knows."""
    if value.kind == "unknown":
        return None
    words = {
        "human": "written by hand",
        "agent": f"written by {value.model or 'a model'}",
        "reverse": "read from the code",
        "trace": "observed in runs",
        "solver": "found by the solver",
        "merge": "merged",
    }
    reviewed = f", reviewed by {value.reviewer}" if value.reviewer else ""
    return words[value.kind] + reviewed


def drafted_by(model: str) -> Provenance:
    """Of what was read in somebody's prose: by a model, or without one by the phrasebook."""
    return Provenance(kind="agent", model=model) if model else Provenance(kind="reverse")
