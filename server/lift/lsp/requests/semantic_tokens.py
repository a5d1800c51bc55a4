"""``textDocument/semanticTokens/full``: what the words of the specifications are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.lsp.tokens import data_of

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL


def handle(session: Session, params: lsp.SemanticTokensParams) -> dict[str, Any] | None:
    """All tokens, under an id that a later request may name; None where there are none and were none.

    Some clients take the tokens of one server a file: an empty answer would keep another's from them.
    """
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    data = data_of(session, document)
    if not data and not session.tokens.has(document.uri):
        return None
    return {"resultId": session.tokens.send(document.uri, data), "data": data}
