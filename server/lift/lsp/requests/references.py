"""``textDocument/references``: where the specifications of a text mention what stands at the cursor.

The server for the language gives the places in the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide.navigation import mentions_at
from lift.lsp.convert import plain_range, to_offset

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_REFERENCES


def handle(session: Session, params: lsp.ReferenceParams) -> list[dict[str, Any]] | None:
    """The places, those that bind the name only if they are asked for."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    place, encoding = params.position, session.client.encoding
    offset = to_offset(document.index, place.line, place.character, encoding)
    extraction = session.analysed(document)
    found = mentions_at(extraction, offset)
    wanted = [p for p in found if params.context.include_declaration or not p.declares]
    return [{"uri": document.uri, "range": plain_range(p.index, p.span, encoding)} for p in wanted] or None
