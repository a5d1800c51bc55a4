"""``textDocument/documentHighlight``: a name in the specifications of a text, and where it is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide.navigation import mentions_at
from lift.lsp.convert import plain_range, to_offset

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT
_KINDS = {False: lsp.DocumentHighlightKind.Read.value, True: lsp.DocumentHighlightKind.Write.value}


def handle(session: Session, params: lsp.DocumentHighlightParams) -> list[dict[str, Any]] | None:
    """The places; null for a name that no specification mentions."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    place, encoding = params.position, session.client.encoding
    offset = to_offset(document.index, place.line, place.character, encoding)
    extraction = session.analysed(document)
    return [
        {"range": plain_range(p.index, p.span, encoding), "kind": _KINDS[p.declares]}
        for p in mentions_at(extraction, offset)
    ] or None
