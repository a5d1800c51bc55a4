"""Checks under way: started by a save or a command, shown as progress, cancelled from either side.

Results go out as they come; older ones stay, marked stale, until then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from typing import TYPE_CHECKING, Any, cast

from lift_ir import FunctionResult
from lsprotocol import types as lsp

from lift.lsp.documents import Document

if TYPE_CHECKING:
    from lift.lsp.session import Session

log = logging.getLogger(__name__)

# A check that is over before this shows no progress, since a bar that only flashes tells nobody anything.
_QUIET_SECONDS = 0.1
_CREATE_SECONDS = 2.0


class Checks:
    """What is being verified, one task a document, and the progress tokens that cancel them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tasks: dict[str, asyncio.Task[list[FunctionResult]]] = {}
        self._cancels: dict[lsp.ProgressToken, asyncio.Task[Any]] = {}

    @property
    def running(self) -> tuple[str, ...]:
        """The documents that are being checked."""
        return tuple(uri for uri, task in self._tasks.items() if not task.done())

    def is_running(self, uri: str) -> bool:
        """Whether the document is being checked."""
        return uri in self.running

    def cancel_all(self) -> None:
        """Ends every check."""
        for uri in self.running:
            self.cancel_document(uri)

    def start(
        self,
        document: Document,
        qualnames: Iterable[str] | None = None,
        token: lsp.ProgressToken | None = None,
    ) -> asyncio.Task[list[FunctionResult]]:
        """Checks a document; an older check of it ends, except for what both of them want to know."""
        wanted = None if qualnames is None else tuple(qualnames)
        before = self._tasks.get(document.uri)
        task = self._session.start(self._check(document, wanted, token, before), "check")
        self._tasks[document.uri] = task
        if token is not None:
            self._cancels[token] = task
        return task

    def cancelled_by(self, token: lsp.ProgressToken, task: asyncio.Task[Any] | None) -> None:
        """Lets ``token`` cancel ``task``, or no task any more."""
        if task is None:
            self._cancels.pop(token, None)
        else:
            self._cancels[token] = task

    def cancel(self, token: lsp.ProgressToken) -> None:
        """The user pressed cancel."""
        task = self._cancels.get(token)
        if task is not None:
            task.cancel()

    def cancel_document(self, uri: str) -> None:
        """Nobody wants to know about the document any more."""
        task = self._tasks.pop(uri, None)
        if task is not None:
            task.cancel()

    async def _check(
        self,
        document: Document,
        qualnames: tuple[str, ...] | None,
        token: lsp.ProgressToken | None,
        before: asyncio.Task[list[FunctionResult]] | None,
    ) -> list[FunctionResult]:
        session, uri = self._session, document.uri
        project = session.project_of(uri)
        results: list[FunctionResult] = []
        progress = _Progress(session, self._cancels, token)
        # The iterator is typed as an iterator only, but closing it is what ends the jobs in the pool.
        found = cast("AsyncGenerator[FunctionResult]", project.check(document.snapshot, qualnames))
        async with contextlib.aclosing(found):
            first = asyncio.ensure_future(anext(found, None))
            try:
                # The new check has asked for its functions before the old one lets go of what they share.
                await asyncio.sleep(0)
                if before is not None:
                    before.cancel()
                progress.start(f"{document.uri.rpartition('/')[2]}")
                result = await first
                while result is not None:
                    results.append(result)
                    progress.report(result)
                    session.publisher.found(uri)
                    result = await anext(found, None)
                for each in results:
                    # They are wanted as soon as somebody looks at what was refuted.
                    project.seek_repairs(uri, each.name)
            finally:
                if not first.done():
                    # An iterator cannot be closed while somebody waits for its next item.
                    first.cancel()
                    await asyncio.wait([first])
                progress.end(results)
                if self._tasks.get(uri) is asyncio.current_task():
                    del self._tasks[uri]
                session.publisher.found(uri)
        return results


class _Progress:
    """Work-done progress of one check; silent for clients that do not show it, and for short checks."""

    def __init__(
        self,
        session: Session,
        cancels: dict[lsp.ProgressToken, asyncio.Task[Any]],
        token: lsp.ProgressToken | None,
    ) -> None:
        self._session = session
        self._cancels = cancels
        self._task = cast("asyncio.Task[list[FunctionResult]]", asyncio.current_task())
        self._given = token
        self._token = token
        self._title = ""
        self._begun = False
        self._over = False
        self._count = 0

    def start(self, title: str) -> None:
        self._title = title
        if self._given is not None:
            self._begin()
        elif self._session.client.progress:
            self._session.start(self._create(), "progress")

    def report(self, result: FunctionResult) -> None:
        self._count += 1
        if self._begun and self._token is not None:
            value = lsp.WorkDoneProgressReport(message=f"{result.name}: {result.verdict}", cancellable=True)
            self._session.notify(lsp.PROGRESS, lsp.ProgressParams(self._token, value))

    def end(self, results: list[FunctionResult]) -> None:
        self._over = True
        if self._token is not None:
            self._cancels.pop(self._token, None)
        if self._begun and self._token is not None:
            value = lsp.WorkDoneProgressEnd(message=tally(results))
            self._session.notify(lsp.PROGRESS, lsp.ProgressParams(self._token, value))

    async def _create(self) -> None:
        await asyncio.sleep(_QUIET_SECONDS)
        if self._over:
            return
        token = str(uuid.uuid4())
        # A client may refuse, or never answer; then there is no progress, and the check goes on all the same.
        created = asyncio.ensure_future(
            self._session.protocol.send_request_async(
                lsp.WINDOW_WORK_DONE_PROGRESS_CREATE, lsp.WorkDoneProgressCreateParams(token)
            )
        )
        done, _ = await asyncio.wait([created], timeout=_CREATE_SECONDS)
        if not done or created.cancelled() or created.exception() is not None:
            created.cancel()
            return
        if not self._over:
            self._token = token
            self._cancels[token] = self._task
            self._begin()

    def _begin(self) -> None:
        self._begun = True
        value = lsp.WorkDoneProgressBegin(title=f"lift: checking {self._title}", cancellable=True)
        if self._token is not None:
            self._session.notify(lsp.PROGRESS, lsp.ProgressParams(self._token, value))


def tally(results: Iterable[FunctionResult]) -> str:
    """``2 proved, 1 refuted``."""
    counts = Counter(result.verdict for result in results)
    return (
        ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items())) or "nothing to check"
    )
