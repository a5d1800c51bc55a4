"""Brings diagnostics to the client: pushed with their version, or announced to a client that pulls.

Nothing blinks: what is published is always the whole of what is known about the newest text, never an empty
list in between; keystrokes that follow each other closely share one publication.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
import uuid
from typing import TYPE_CHECKING

from lift.ide import findings_of, has_specification
from lift.lsp.diagnostics import Diagnostic, to_diagnostics
from lift.lsp.documents import Document

if TYPE_CHECKING:
    from lift.lsp.session import Session

log = logging.getLogger(__name__)

_PUBLISH = "textDocument/publishDiagnostics"
# A text that is read in less is read at every keystroke; keystrokes that came together share a reading.
_QUICK_SECONDS = 0.03
_LONGEST_WAIT = 1.0
_REFRESH_SECONDS = 0.1
_ANSWER_SECONDS = 2.0


class Publisher:
    """Decides when diagnostics go out."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._published: dict[str, tuple[int | None, list[Diagnostic]]] = {}
        self._reports: dict[str, tuple[str, list[Diagnostic]]] = {}
        # Ids of another session of the same client must not mean anything here.
        self._ids = (f"{uuid.uuid4().hex[:8]}-{number}" for number in itertools.count(1))
        self._cost = 0.0
        self._diagnostics = _Refresh(session, "workspace/diagnostic/refresh")
        self._lenses = _Refresh(session, "workspace/codeLens/refresh")
        self._hints = _Refresh(session, "workspace/inlayHint/refresh")
        self._values = _Refresh(session, "workspace/inlineValue/refresh")

    def changed(self, uri: str) -> None:
        """The text of ``uri`` is another: its diagnostics are due."""
        if self._session.client.pull:
            # A client that pulls asks by itself after a change.
            return
        if uri in self._waiting:
            return
        # A text that takes long to read is read less often while somebody types.
        wait = 0.0 if self._cost < _QUICK_SECONDS else min(self._cost, _LONGEST_WAIT)
        loop = asyncio.get_running_loop()
        self._waiting[uri] = loop.call_later(wait, self._publish, uri)

    def found(self, uri: str) -> None:
        """Something new is known about ``uri``, while its text is the same."""
        session = self._session
        if session.client.pull:
            self._diagnostics.ask()
        else:
            self.changed(uri)
        config = session.config_of(uri)
        if config.lens and session.client.lens_refresh:
            self._lenses.ask()
        if config.hints and session.client.hints_refresh:
            self._hints.ask()
        if session.client.values_refresh:
            self._values.ask()

    def decorations_changed(self) -> None:
        """Lenses and hints are switched on or off: those on the screen are not the right ones."""
        if self._session.client.lens_refresh:
            self._lenses.ask()
        if self._session.client.hints_refresh:
            self._hints.ask()

    def closed(self, uri: str) -> None:
        """The client closed ``uri``: what was pushed for it goes away."""
        self._reports.pop(uri, None)
        timer = self._waiting.pop(uri, None)
        if timer is not None:
            timer.cancel()
        if self._published.pop(uri, None) is not None:
            self._session.notify(_PUBLISH, {"uri": uri, "diagnostics": []})

    def diagnostics(self, document: Document) -> list[Diagnostic]:
        """All diagnostics of the newest text."""
        session = self._session
        project = session.project_of(document.uri)
        analysed = session.analysed(document)
        if has_specification(analysed) and session.config_of(document.uri).verify_on_save:
            # After what is due now has gone out.
            asyncio.get_running_loop().call_soon(project.warm)
        return to_diagnostics(findings_of(project, document.uri), document, session.client)

    def report(self, document: Document) -> tuple[str, list[Diagnostic]]:
        """All diagnostics of the newest text, and an id that stays while they stay."""
        items = self.diagnostics(document)
        known = self._reports.get(document.uri)
        if known is None or known[1] != items:
            known = self._reports[document.uri] = next(self._ids), items
        return known

    def _publish(self, uri: str) -> None:
        self._waiting.pop(uri, None)
        document = self._session.documents.get(uri)
        if document is None:
            return
        started = time.monotonic()
        diagnostics = self.diagnostics(document)
        self._cost = time.monotonic() - started
        now = (document.version, diagnostics)
        before = self._published.get(uri)
        # Where there was nothing to say and still is nothing, a keystroke is not worth a message.
        if before == now or (before is not None and not before[1] and not diagnostics):
            return
        self._published[uri] = now
        params = {"uri": uri, "diagnostics": diagnostics}
        if document.version is not None:
            params["version"] = document.version
        self._session.notify(_PUBLISH, params)
        self._session.dispatch.load()


class _Refresh:
    """Tells the client to ask again; one request at a time, whether or not it is ever answered."""

    def __init__(self, session: Session, method: str) -> None:
        self._session = session
        self._method = method
        self._is_running = False
        self._again = False

    def ask(self) -> None:
        """Something is new; several of these within a moment are one request."""
        if self._is_running:
            self._again = True
            return
        self._is_running = True
        self._session.start(self._ask_soon(), self._method)

    async def _ask_soon(self) -> None:
        try:
            await asyncio.sleep(_REFRESH_SECONDS)
            self._again = False
            await self._session.ask(self._method, None, seconds=_ANSWER_SECONDS)
        finally:
            self._is_running = False
            if self._again:
                self.ask()
