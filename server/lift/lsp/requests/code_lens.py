"""``textDocument/codeLens``: a function's verdict above it, off unless asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lift import ide
from lift.lsp.convert import from_span

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_CODE_LENS


def handle(session: Session, params: lsp.CodeLensParams) -> list[lsp.CodeLens] | None:
    """Lenses whose command runs on the server, so that every client can press them."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    session.analysed(document)
    lenses = ide.lenses(
        session.project_of(document.uri), document.uri, session.checks.is_running(document.uri)
    )
    return [
        lsp.CodeLens(
            range=from_span(document.index, lens.span, session.client.encoding),
            command=lsp.Command(lens.title, "lift.check", arguments=[document.uri, lens.function]),
        )
        for lens in lenses
    ]
