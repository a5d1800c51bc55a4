"""The client wants to be told what the server does, or not any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "$/setTrace"


def handle(session: Session, params: Any) -> None:
    """Begins or ends the trace."""
    session.tracer.want(params.get("value") if isinstance(params, Mapping) else None)
