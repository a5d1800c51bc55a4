"""Findings as LSP diagnostics, with what the client understands of them and no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lift_ir import Span
from lsprotocol import types as lsp

from lift.config import Severity
from lift.ide import Finding
from lift.lsp.convert import from_span, visible
from lift.lsp.documents import Document
from lift.lsp.greeting import Client

SOURCE = "lift"
_SEVERITIES: Mapping[Severity, lsp.DiagnosticSeverity] = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "information": lsp.DiagnosticSeverity.Information,
    "hint": lsp.DiagnosticSeverity.Hint,
}


def to_diagnostics(findings: Iterable[Finding], document: Document, client: Client) -> list[lsp.Diagnostic]:
    """The diagnostics of one text."""
    return [to_diagnostic(finding, document, client) for finding in findings]


def to_diagnostic(finding: Finding, document: Document, client: Client) -> lsp.Diagnostic:
    """One diagnostic."""
    diagnostic = lsp.Diagnostic(
        range=_place(finding.span, document, client),
        message=finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        source=SOURCE,
    )
    if client.related and finding.related:
        diagnostic.related_information = [
            lsp.DiagnosticRelatedInformation(lsp.Location(document.uri, _place(span, document, client)), text)
            for span, text in finding.related
        ]
    if finding.unnecessary and lsp.DiagnosticTag.Unnecessary in client.tags:
        diagnostic.tags = [lsp.DiagnosticTag.Unnecessary]
    if client.data:
        diagnostic.data = _data(finding, document)
    return diagnostic


def _place(span: Span, document: Document, client: Client) -> lsp.Range:
    return from_span(document.index, visible(document.index, span), client.encoding)


def _data(finding: Finding, document: Document) -> dict[str, Any]:
    return {**finding.data, "revision": document.revision}
