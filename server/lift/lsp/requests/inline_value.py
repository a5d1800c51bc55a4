"""``textDocument/inlineValue``: what each line set on the way to a counterexample. Plain data out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide.inline_values import inline_values
from lift.lsp.convert import plain_range, to_span

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_INLINE_VALUE


def handle(session: Session, params: lsp.InlineValueParams) -> list[dict[str, Any]] | None:
    """The values of the range."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    session.analysed(document)
    encoding = session.client.encoding
    span = to_span(document.index, params.range, encoding)
    found = inline_values(session.project_of(document.uri), document.uri, span)
    return [
        {"range": plain_range(document.index, value.span, encoding), "text": value.text} for value in found
    ]
