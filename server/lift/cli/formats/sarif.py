"""SARIF 2.1.0, the exchange format of static analysers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

from lift_ir import Code, Span

from lift import __version__
from lift.cli.reports import FileReport
from lift.config import DEFAULT_SEVERITY, Severity
from lift.ide.findings import Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS: Mapping[Severity, str] = {
    "error": "error",
    "warning": "warning",
    "information": "note",
    "hint": "note",
    "off": "none",
}
_RULES: Mapping[Code, str] = {
    "refuted": "An input that was run breaks a clause of the specification.",
    "may-raise": "An exception that is not declared escapes.",
    "call-violates": "A call breaks what the called function requires.",
    "inconsistent-spec": "No input meets Requires, or two Ensures contradict each other.",
    "trivial-clause": "A clause says nothing that the others do not say.",
    "bad-clause": "A clause does not parse, or names something that is not there.",
    "open-clause": "A clause is said in words only.",
    "open-term": "A term in a clause is open.",
    "open-effect": "An effect is open.",
    "open-intent": "The purpose is open.",
    "open-type": "A parameter or the result has no type.",
    "open-body": "The body is open.",
    "unknown": "A clause could be neither proved nor refuted.",
    "drift": "Code and specification were changed apart.",
}
_CODES: tuple[Code, ...] = get_args(Code)
_INDEX: Mapping[Code | None, int] = {code: index for index, code in enumerate(_CODES)}


def document(
    reports: Iterable[FileReport], severity: Mapping[str, Severity], *, finished: bool
) -> dict[str, Any]:
    """The log, with one run; ``finished`` is False if the check was broken off."""
    reports = list(reports)
    results = [_result(report.path, f) for report in reports for f in report.findings if f.code is not None]
    faults = [_notification(report) for report in reports if report.loaded.fault is not None]
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "lift", "semanticVersion": __version__, "rules": _rules(severity)}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"uri": _file_uri(os.getcwd()) + "/"}},
        "invocations": [
            {"executionSuccessful": finished and not faults, "toolExecutionNotifications": faults}
        ],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(severity: Mapping[str, Severity]) -> list[dict[str, Any]]:
    return [
        {
            "id": code,
            "shortDescription": {"text": _RULES[code]},
            "defaultConfiguration": {
                "level": _LEVELS[DEFAULT_SEVERITY[code]],
                "enabled": severity[code] != "off",
            },
        }
        for code in _CODES
    ]


def _result(path: str, finding: Finding) -> dict[str, Any]:
    function, clause = finding.data.get("function"), finding.data.get("clause")
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": _INDEX[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(path, finding.span, function)],
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(path, span), "message": {"text": text}}
            for number, (span, text) in enumerate(finding.related, 1)
        ]
    if clause is not None:
        # A clause keeps its identity when it is moved or formatted, and so does the finding about it.
        fingerprint = f"{finding.code}/{function}/{clause}"
        result["partialFingerprints"] = {"liftClause/v1": fingerprint}
    return result


def _location(path: str, span: Span | None, function: str | None = None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(path)}
    if span is not None:
        physical["region"] = {
            "startLine": span.start.line,
            "startColumn": span.start.column + 1,
            "endLine": span.end.line,
            "endColumn": span.end.column + 1,
        }
    location: dict[str, Any] = {"physicalLocation": physical}
    if function is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": function, "kind": "function"}]
    return location


def _notification(report: FileReport) -> dict[str, Any]:
    fault = report.loaded.fault
    assert fault is not None
    physical: dict[str, Any] = {"artifactLocation": _artifact(report.path)}
    if fault.line is not None:
        physical["region"] = {"startLine": fault.line}
    return {
        "level": "error",
        "message": {"text": fault.message},
        "locations": [{"physicalLocation": physical}],
    }


def _artifact(path: str) -> dict[str, str]:
    relative = os.path.relpath(path)
    if relative.startswith(os.pardir):
        return {"uri": _file_uri(path)}
    return {"uri": quote(os.fsencode(relative.replace(os.sep, "/"))), "uriBaseId": "SRCROOT"}


def _file_uri(path: str) -> str:
    return "file://" + quote(os.fsencode("/" + Path(os.path.abspath(path)).as_posix().lstrip("/")))
