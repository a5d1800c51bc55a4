"""``textDocument/semanticTokens/full/delta``: what changed of the tokens that the client has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.lsp.tokens import data_of, difference

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA


def handle(session: Session, params: lsp.SemanticTokensDeltaParams) -> dict[str, Any] | None:
    """The change, or all tokens if what the client has is not known any more."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    before = session.tokens.of(document.uri, params.previous_result_id)
    data = data_of(session, document)
    result = session.tokens.send(document.uri, data)
    if before is None:
        return {"resultId": result, "data": data}
    change = difference(before, data)
    edits = [] if change is None else [dict(zip(("start", "deleteCount", "data"), change, strict=True))]
    return {"resultId": result, "edits": edits}
