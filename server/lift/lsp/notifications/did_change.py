"""A document was edited."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "textDocument/didChange"
log = logging.getLogger(__name__)


def handle(session: Session, params: Any) -> None:
    """Applies the changes; diagnostics follow."""
    document, problems = session.documents.change(params["textDocument"], params["contentChanges"])
    for problem in problems:
        log.warning("didChange: %s", problem)
    if document is not None:
        session.publisher.changed(document.uri)
        for other in session.dependents(document.uri):
            session.publisher.found(other.uri)
