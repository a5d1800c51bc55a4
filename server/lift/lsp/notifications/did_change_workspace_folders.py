"""Folders were added to the workspace or removed from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "workspace/didChangeWorkspaceFolders"


def handle(session: Session, params: Any) -> None:
    """Adds and removes folders; open documents find their new project by themselves."""
    event = params.get("event") if isinstance(params, Mapping) else None
    if not isinstance(event, Mapping):
        return
    for uri in _uris(event.get("removed")):
        session.folders.remove(uri)
    for uri in _uris(event.get("added")):
        session.folders.add(uri)
    session.settings_changed()


def _uris(folders: object) -> list[str]:
    entries = folders if isinstance(folders, list) else []
    return [f["uri"] for f in entries if isinstance(f, Mapping) and isinstance(f.get("uri"), str)]
