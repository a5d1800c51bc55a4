"""``textDocument/semanticTokens/range``: what the words of the specifications on the screen are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.lsp.convert import to_span
from lift.lsp.tokens import data_of

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE


def handle(session: Session, params: lsp.SemanticTokensRangeParams) -> dict[str, Any] | None:
    """The tokens in the range."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    span = to_span(document.index, params.range, session.client.encoding)
    return {"data": data_of(session, document, span)}
