"""``textDocument/prepareRename``: whether lift renames what stands there.

Null leaves it to the next server that renames: clients ask one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide.renaming import target_at
from lift.lsp.convert import plain_range, to_offset

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_PREPARE_RENAME


def handle(session: Session, params: lsp.PrepareRenameParams) -> dict[str, Any] | None:
    """The name and its range; None where no specification is concerned."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    place, encoding = params.position, session.client.encoding
    offset = to_offset(document.index, place.line, place.character, encoding)
    target = target_at(session.analysed(document), offset)
    if target is None:
        return None
    return {"range": plain_range(document.index, target.span, encoding), "placeholder": target.name}
