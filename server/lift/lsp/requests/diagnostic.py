"""``textDocument/diagnostic``: everything to say about a document, for clients that ask."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_DIAGNOSTIC


def handle(session: Session, params: lsp.DocumentDiagnosticParams) -> lsp.DocumentDiagnosticReport:
    """The whole report, or that nothing has changed since the last one."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return lsp.RelatedFullDocumentDiagnosticReport(items=[])
    items = session.publisher.diagnostics(document)
    result = hashlib.blake2b(repr(items).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    if result == params.previous_result_id:
        return lsp.RelatedUnchangedDocumentDiagnosticReport(result_id=result)
    return lsp.RelatedFullDocumentDiagnosticReport(items=items, result_id=result)
