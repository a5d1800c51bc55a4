"""The user trusts the workspace from now on, or does not any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lift.ide import has_specification

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "lift/didChangeTrust"


def handle(session: Session, params: Any) -> None:
    """Ends what runs under the old answer, and finds again what was known."""
    trusted = params["trusted"]
    if not isinstance(trusted, bool):
        raise TypeError("trusted must be true or false")
    known = [d for d in session.documents.all() if session.project_of(d.uri).results(d.uri)]
    known += [d for d in session.documents.all() if session.checks.is_running(d.uri) and d not in known]
    if not session.folders.trust(trusted):
        return
    session.checks.cancel_all()
    for document in session.documents.all():
        session.project_of(document.uri).drop_repairs(document.uri)
    session.settings_changed()
    for document in known:
        if has_specification(session.analysed(document)):
            session.checks.start(document)
