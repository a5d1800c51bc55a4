"""Files changed on disk; the settings are read again, and the index is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "workspace/didChangeWatchedFiles"


def handle(session: Session, params: Any) -> None:
    """Reads the settings again if a pyproject.toml is among the files."""
    changes = params.get("changes") if isinstance(params, Mapping) else None
    uris = [c.get("uri") for c in changes or () if isinstance(c, Mapping)]
    if any(isinstance(uri, str) and uri.endswith("/pyproject.toml") for uri in uris):
        session.reload_settings()
    session.indexing.changed([uri for uri in uris if isinstance(uri, str)])
