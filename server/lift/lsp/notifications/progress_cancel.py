"""The user cancelled work from its progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "window/workDoneProgress/cancel"


def handle(session: Session, params: Any) -> None:
    """Ends the work that the token belongs to; an unknown token is of no consequence."""
    token = params.get("token") if isinstance(params, dict) else None
    if isinstance(token, (int, str)):
        session.cancels.cancel(token)
