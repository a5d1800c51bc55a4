"""A document was opened: its text is taken, and what is known about it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "textDocument/didOpen"


def handle(session: Session, params: Any) -> None:
    """Takes the text; diagnostics follow."""
    document = session.documents.open(params["textDocument"])
    session.publisher.changed(document.uri)
    session.report_settings()
