"""``textDocument/foldingRange``: the sections of specifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lift.ide.folding import folds
from lift.lsp.convert import from_position

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_FOLDING_RANGE


def handle(session: Session, params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange] | None:
    """The sections, as many as the client takes, the first ones; None where there are none."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    client = session.client
    found: list[lsp.FoldingRange] = []
    for fold in folds(session.analysed(document)):
        if client.folding_limit is not None and len(found) >= client.folding_limit:
            break
        start = from_position(document.index, fold.start, client.encoding)
        end = from_position(document.index, fold.end, client.encoding)
        lines = client.folding_lines_only
        found.append(
            lsp.FoldingRange(
                start_line=start.line,
                end_line=end.line,
                start_character=None if lines else start.character,
                end_character=None if lines else end.character,
                kind=lsp.FoldingRangeKind.Comment,
            )
        )
    # An empty list would say to some clients that nothing can be folded, whatever they know themselves.
    return found or None
