"""The client is ready: it is asked for its settings, and to tell when they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "initialized"


def handle(session: Session, params: Any) -> None:
    """Registers what a client wants registered; never waits for it."""
    registrations: list[dict[str, Any]] = []
    if session.client.configuration_dynamic:
        registrations.append(
            {
                "id": "lift-settings",
                "method": "workspace/didChangeConfiguration",
                "registerOptions": {"section": "lift"},
            }
        )
    if session.client.watch_files_dynamic:
        registrations.append(
            {
                "id": "lift-pyproject",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": {
                    "watchers": [{"globPattern": "**/pyproject.toml"}, {"globPattern": "**/*.py"}]
                },
            }
        )
    if registrations:
        asked = session.ask("client/registerCapability", {"registrations": registrations})
        session.start(asked, "registerCapability")
    session.start(session.pull_settings(), "configuration")
    session.indexing.start_soon()
