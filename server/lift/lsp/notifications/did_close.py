"""A document was closed: nothing is known or shown about it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "textDocument/didClose"


def handle(session: Session, params: Any) -> None:
    """Forgets the document and ends its checks."""
    uri = params["textDocument"]["uri"]
    if session.documents.close(uri):
        session.checks.cancel_document(uri)
        session.drop(uri)
        session.publisher.closed(uri)
        session.project_of(uri).forget(uri)
        for other in session.dependents(uri):
            # What was not saved is gone; the file on disk counts again.
            session.publisher.found(other.uri)
