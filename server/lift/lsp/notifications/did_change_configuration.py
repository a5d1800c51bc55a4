"""The editor's settings changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "workspace/didChangeConfiguration"


def handle(session: Session, params: Any) -> None:
    """Asks for the settings where the client answers, else takes those that came along."""
    if session.client.configuration:
        session.start(session.pull_settings(), "configuration")
        return
    settings = params.get("settings") if isinstance(params, Mapping) else None
    if isinstance(settings, Mapping):
        # The client sends all of its settings; only those under "lift" are ours.
        ours = {key: value for key, value in settings.items() if str(key).startswith("lift.")}
        nested = settings.get("lift")
        session.configure({**ours, **nested} if isinstance(nested, Mapping) else ours)
