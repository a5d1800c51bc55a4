"""A document was saved: it is verified, if the settings want it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lift.ide import has_specification

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "textDocument/didSave"


def handle(session: Session, params: Any) -> None:
    """Starts the check, and that of the open documents that rest on this one."""
    document = session.documents.get(params["textDocument"]["uri"])
    if document is None or not session.config_of(document.uri).verify_on_save:
        return
    if has_specification(session.analysed(document)):
        session.checks.start(document)
    for other in session.dependents(document.uri):
        if has_specification(session.analysed(other)):
            session.checks.start(other)
