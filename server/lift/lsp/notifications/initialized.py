"""The client is ready: it is asked for its settings, and to tell when they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.INITIALIZED


def handle(session: Session, params: Any) -> None:
    """Registers what a client wants registered; never waits for it."""
    registrations: list[lsp.Registration] = []
    if session.client.configuration_dynamic:
        options = lsp.DidChangeConfigurationRegistrationOptions(section="lift")
        registrations.append(
            lsp.Registration("lift-settings", lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, options)
        )
    if session.client.watch_files_dynamic:
        watchers = [lsp.FileSystemWatcher("**/pyproject.toml")]
        registrations.append(
            lsp.Registration(
                "lift-pyproject",
                lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                lsp.DidChangeWatchedFilesRegistrationOptions(watchers),
            )
        )
    if registrations:
        params = lsp.RegistrationParams(registrations)
        session.start(session.ask(lsp.CLIENT_REGISTER_CAPABILITY, params), "registerCapability")
    session.start(session.pull_settings(), "configuration")
