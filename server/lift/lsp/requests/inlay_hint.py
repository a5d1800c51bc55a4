"""``textDocument/inlayHint``: a mark behind each checked clause, off unless asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lift import ide
from lift.lsp.convert import from_position, to_span

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_INLAY_HINT


def handle(session: Session, params: lsp.InlayHintParams) -> list[lsp.InlayHint] | None:
    """The hints of the range."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    session.analysed(document)
    encoding = session.client.encoding
    hints = ide.hints(
        session.project_of(document.uri), document.uri, to_span(document.index, params.range, encoding)
    )
    return [
        lsp.InlayHint(
            position=from_position(document.index, hint.position, encoding),
            label=hint.label,
            tooltip=hint.tooltip,
            padding_left=True,
        )
        for hint in hints
    ]
