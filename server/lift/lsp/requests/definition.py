"""``textDocument/definition``: where a name of a specification is bound; null for names of the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide.navigation import definitions_at
from lift.lsp.convert import plain_range, to_offset
from lift.lsp.uris import from_path, to_path

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_DEFINITION


def handle(session: Session, params: lsp.DefinitionParams) -> list[dict[str, Any]] | None:
    """The places, in open documents by their URIs."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    place, encoding = params.position, session.client.encoding
    offset = to_offset(document.index, place.line, place.character, encoding)
    extraction = session.analysed(document)
    found = definitions_at(session.project_of(document.uri), extraction, offset)
    opened = {to_path(one.uri): one.uri for one in session.documents.all()}
    return [
        {
            "uri": document.uri if p.path is None else opened.get(p.path, from_path(p.path)),
            "range": plain_range(p.index, p.span, encoding),
        }
        for p in found
    ] or None
