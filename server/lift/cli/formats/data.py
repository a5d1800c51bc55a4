"""The JSON form of a check: a stable interface, to which keys may be added and from which none is taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lift_ir import ClauseResult, Counterexample, Hole, Outcome, Problem

from lift.cli.loading import loose_holes
from lift.cli.reports import Checked, FileReport

VERSION = 1


def document(reports: Iterable[FileReport]) -> dict[str, Any]:
    """The whole document, for ``json.dumps``."""
    return {"version": VERSION, "files": [_file(report) for report in reports]}


def hole(found: Hole) -> dict[str, Any]:
    """A hole in short."""
    return {
        "kind": found.hole,
        "name": found.name,
        "line": found.span.start.line,
        "type": found.type,
        "question": found.question,
    }


def _file(report: FileReport) -> dict[str, Any]:
    fault = report.loaded.fault
    return {
        "path": report.path,
        "functions": [_function(checked) for checked in report.functions],
        "holes": [hole(found) for found in loose_holes(report.loaded.module)],
        "problems": [_problem(problem) for problem in report.loaded.problems],
        "error": None if fault is None else str(fault),
    }


def _function(checked: Checked) -> dict[str, Any]:
    result = checked.result
    return {
        "name": result.name,
        "line": result.line,
        "verdict": result.verdict,
        "seconds": round(result.seconds, 3),
        "clauses": [_clause(clause) for clause in result.clauses],
        "holes": [hole(found) for found in checked.function.holes],
        "assumptions": list(result.assumptions),
        "loops": [loop.model_dump() for loop in result.loops],
    }


def _clause(clause: ClauseResult) -> dict[str, Any]:
    return {
        "kind": clause.kind,
        "text": clause.text,
        "line": clause.span.start.line,
        "verdict": clause.verdict,
        "reason": clause.reason,
        "reason_line": clause.reason_line,
        "counterexample": clause.counterexample and _counterexample(clause.counterexample),
        "evidence": clause.evidence,
        "bounds": clause.bounds,
        "tests": clause.tests,
        "code": clause.code,
        "message": clause.message,
    }


def _counterexample(found: Counterexample) -> dict[str, Any]:
    return {
        "arguments": dict(found.arguments),
        "outcome": _outcome(found.outcome),
        "line": found.outcome.line,
        "failing": found.failing,
        "call": found.call,
        "setup": list(found.setup),
        "trace": [step.model_dump() for step in found.trace],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    if outcome.kind == "returned":
        return {"returned": outcome.value}
    return {"raised": outcome.exception, "message": outcome.message}


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "message": problem.message,
        "line": problem.span.start.line,
        "function": problem.function,
        "suggestion": problem.suggestion,
    }
