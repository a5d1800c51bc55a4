"""Findings as LSP diagnostics, with what the client understands of them and no more.

Plain data, since the first of them are wanted before lsprotocol is imported, and since a keystroke may send
hundreds; ``tests/lift/lsp/test_diagnostics.py`` holds them against lsprotocol's types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lift_ir import Span

from lift.config import Severity
from lift.ide import Finding
from lift.lsp.convert import plain_range
from lift.lsp.documents import Document
from lift.lsp.greeting import Client
from lift.source.positions import visible

SOURCE = "lift"
UNNECESSARY = 1
_SEVERITIES: Mapping[Severity, int] = {"error": 1, "warning": 2, "information": 3, "hint": 4}

Diagnostic = dict[str, Any]


def to_diagnostics(findings: Iterable[Finding], document: Document, client: Client) -> list[Diagnostic]:
    """The diagnostics of one text."""
    return [to_diagnostic(finding, document, client) for finding in findings]


def to_diagnostic(finding: Finding, document: Document, client: Client) -> Diagnostic:
    """One diagnostic."""
    diagnostic = plain_finding(finding, _place(finding.span, document, client), client)
    if client.related and finding.related:
        diagnostic["relatedInformation"] = [
            {"location": {"uri": document.uri, "range": _place(span, document, client)}, "message": text}
            for span, text in finding.related
        ]
    if client.data:
        diagnostic["data"]["revision"] = document.revision
    return diagnostic


def plain_finding(finding: Finding, place: dict[str, Any], client: Client) -> Diagnostic:
    """One diagnostic at a range that is the client's already, without the other places that matter."""
    diagnostic: Diagnostic = {
        "range": place,
        "message": finding.message,
        "severity": _SEVERITIES[finding.severity],
        "source": SOURCE,
    }
    if finding.code is not None:
        diagnostic["code"] = finding.code
    if finding.unnecessary and UNNECESSARY in client.tags:
        diagnostic["tags"] = [UNNECESSARY]
    if client.data:
        diagnostic["data"] = dict(finding.data)
    return diagnostic


def _place(span: Span, document: Document, client: Client) -> dict[str, Any]:
    return plain_range(document.index, visible(document.index, span), client.encoding)
