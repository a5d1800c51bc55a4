"""``shutdown``: no more work is begun; the process ends with ``exit``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "shutdown"


def handle(session: Session, params: Any) -> None:
    """Ends the checks."""
    session.checks.cancel_all()
