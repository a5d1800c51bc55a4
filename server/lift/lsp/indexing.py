"""The indexes of the workspace's folders: started when the first diagnostics are out, shown as progress.

Nothing waits for them: requests answer with what is known. Must not import pygls or lsprotocol.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lift.lsp.progress import Progress
from lift.lsp.uris import to_path

if TYPE_CHECKING:
    from lift.index.index import Index
    from lift.lsp.session import Session
    from lift.project import Project

# The client's first requests are about the document on the screen.
_START_SECONDS = 2.0
_REPORT_SECONDS = 0.25


class Indexing:
    """Starts the indexes and tells who waits when something is new."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._started: set[Path] = set()
        self._news = asyncio.Event()

    def start_soon(self) -> None:
        """The client is there: its folders will be read in a moment."""
        asyncio.get_running_loop().call_later(_START_SECONDS, self.projects)

    def projects(self) -> tuple[Project, ...]:
        """The projects of the workspace's folders, each with its index started."""
        projects = self._session.folders.rooted()
        for project in projects:
            if project.root not in self._started:
                self._started.add(project.root)
                self._session.start(self._show(project.index), "index")
        return projects

    def changed(self, uris: Iterable[str]) -> None:
        """These files or folders were written, made or removed on disk."""
        paths = [path for uri in uris if (path := to_path(uri)) is not None]
        for project in self._session.folders.all():
            if project.root in self._started:
                project.index.changed(paths)

    async def next(self) -> None:
        """Waits until an index knows something else."""
        self._news.clear()
        await self._news.wait()

    async def _show(self, index: Index) -> None:
        """Starts an index and shows how far it is."""
        loop, me = asyncio.get_running_loop(), asyncio.current_task()
        assert me is not None

        def tell() -> None:
            # The loop may be gone by the time that a reading ends.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._news.set)

        index.start(tell)
        progress = Progress(self._session, "index", None, me)
        try:
            while index.is_busy:
                if index.total:
                    share = 100 * index.done // index.total
                    progress.report(f"Indexing {index.done:,}/{index.total:,} files", share)
                await asyncio.sleep(_REPORT_SECONDS)
        except asyncio.CancelledError:
            index.cancel()
            raise
        finally:
            progress.end(f"{len(index.files()):,} files state something" if index.ready else "cancelled")
