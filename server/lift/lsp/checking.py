"""Checks under way: started by a save or a command, shown as progress, cancelled from either side.

Results go out as they come; older ones stay, marked stale, until then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from typing import TYPE_CHECKING, cast

from lift_ir import FunctionResult

from lift.lsp.documents import Document
from lift.lsp.progress import Progress, Token

if TYPE_CHECKING:
    from lift.lsp.session import Session
    from lift.project import Project

log = logging.getLogger(__name__)


class Checks:
    """What is being verified, one task a document."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tasks: dict[str, asyncio.Task[list[FunctionResult]]] = {}

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
        token: Token | None = None,
    ) -> asyncio.Task[list[FunctionResult]]:
        """Checks a document; an older check of it ends, except for what both of them want to know."""
        wanted = None if qualnames is None else tuple(qualnames)
        self._session.mention_trust()
        before = self._tasks.get(document.uri)
        task = self._session.start(self._check(document, wanted, token, before), "check")
        self._tasks[document.uri] = task
        return task

    def cancel_document(self, uri: str) -> None:
        """Nobody wants to know about the document any more."""
        task = self._tasks.pop(uri, None)
        if task is not None:
            task.cancel()

    async def _check(
        self,
        document: Document,
        qualnames: tuple[str, ...] | None,
        token: Token | None,
        before: asyncio.Task[list[FunctionResult]] | None,
    ) -> list[FunctionResult]:
        session, uri = self._session, document.uri
        project = session.project_of(uri)
        results: list[FunctionResult] = []
        me = cast("asyncio.Task[list[FunctionResult]]", asyncio.current_task())
        progress = Progress(session, f"checking {document.uri.rpartition('/')[2]}", token, me)
        # The iterator is typed as an iterator only, but closing it is what ends the jobs in the pool.
        found = cast("AsyncGenerator[FunctionResult]", project.check(document.snapshot, qualnames))
        async with contextlib.aclosing(found):
            first = asyncio.ensure_future(anext(found, None))
            try:
                # The new check has asked for its functions before the old one lets go of what they share.
                await asyncio.sleep(0)
                if before is not None:
                    before.cancel()
                result = await first
                while result is not None:
                    results.append(result)
                    progress.report(f"{result.name}: {result.verdict}")
                    session.publisher.found(uri)
                    result = await anext(found, None)
                _remember(project, uri)
                for each in results:
                    # They are wanted as soon as somebody looks at what was refuted.
                    project.seek_repairs(uri, each.name)
            finally:
                if not first.done():
                    # An iterator cannot be closed while somebody waits for its next item.
                    first.cancel()
                    await asyncio.wait([first])
                progress.end(tally(results))
                if self._tasks.get(uri) is asyncio.current_task():
                    del self._tasks[uri]
                session.publisher.found(uri)
        return results


def _remember(project: Project, uri: str) -> None:
    # Loaded with the first check, so that the server does not start the later for it.
    from lift.ide.history import remember

    remember(project, uri)


def tally(results: Iterable[FunctionResult]) -> str:
    """``2 proved, 1 refuted``."""
    counts = Counter(result.verdict for result in results)
    return (
        ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items())) or "nothing to check"
    )
