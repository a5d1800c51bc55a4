"""``lift/status``: what the server is and what it is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lift_ir import StatusParams

from lift.lsp.params import validated
from lift.lsp.status import status

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "lift/status"


def handle(session: Session, params: Any) -> dict[str, Any]:
    """A picture of this moment."""
    validated(StatusParams, params if params is not None else {})
    return status(session).model_dump(mode="json")
