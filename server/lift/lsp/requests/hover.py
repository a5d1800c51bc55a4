"""``textDocument/hover``: what is known about the place under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lift import ide
from lift.lsp.convert import from_span, to_position

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_HOVER


def handle(session: Session, params: lsp.HoverParams) -> lsp.Hover | None:
    """The hover in the client's format."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    session.analysed(document)
    encoding = session.client.encoding
    rich = session.client.hover_format == "markdown"
    found = ide.hover_at(
        session.project_of(document.uri),
        document.uri,
        to_position(document.index, params.position, encoding),
        ide.MARKDOWN if rich else ide.PLAIN,
        session.resolutions.known(document),
    )
    if found is None:
        return None
    kind = lsp.MarkupKind.Markdown if rich else lsp.MarkupKind.PlainText
    return lsp.Hover(lsp.MarkupContent(kind, found.text), from_span(document.index, found.span, encoding))
