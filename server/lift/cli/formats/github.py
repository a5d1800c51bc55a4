"""GitHub's workflow commands, which become annotations in a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lift.cli.reports import FileReport
from lift.config import Severity
from lift.ide.findings import Finding

# Hints have no counterpart there, and a notice for each missing annotation would drown the rest.
_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "information": "notice"}


def workflow_commands(reports: Iterable[FileReport]) -> Iterator[str]:
    """One line an annotation."""
    for report in reports:
        fault = report.loaded.fault
        if fault is not None:
            yield _command("error", {"file": report.path, "line": fault.line, "title": "lift"}, fault.message)
        for finding in report.findings:
            if finding.severity in _LEVELS:
                yield _annotation(report.path, finding)


def _annotation(path: str, finding: Finding) -> str:
    start, end = finding.span.start, finding.span.end
    properties: dict[str, object] = {"file": path, "line": start.line, "endLine": end.line}
    if start.line == end.line:
        # GitHub refuses columns for an annotation of several lines.
        properties |= {"col": start.column + 1, "endColumn": max(end.column, start.column + 1)}
    about = f" in {finding.data['function']}" if "function" in finding.data else ""
    properties["title"] = f"lift: {finding.code}{about}"
    return _command(_LEVELS[finding.severity], properties, finding.message)


def _command(level: str, properties: Mapping[str, object], message: str) -> str:
    written = ",".join(f"{k}={_property(str(v))}" for k, v in properties.items() if v is not None)
    return f"::{level} {written}::{_text(message)}"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
