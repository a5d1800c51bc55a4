"""Work-done progress: what a user sees of work that takes longer, and the button that ends it.

Silent for clients that do not show it, and for work that is over at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from lift.lsp.refusals import content_modified

if TYPE_CHECKING:
    from lift.lsp.session import Session

T = TypeVar("T")
Token = int | str
# Work that is over before this shows no progress, since a bar that only flashes tells nobody anything.
_QUIET_SECONDS = 0.1
_CREATE_SECONDS = 2.0


class Cancels:
    """Which progress token ends which task."""

    def __init__(self) -> None:
        self._tasks: dict[Token, asyncio.Task[Any]] = {}

    def bind(self, token: Token, task: asyncio.Task[Any]) -> None:
        """Lets ``token`` cancel ``task``."""
        self._tasks[token] = task

    def release(self, token: Token) -> None:
        """Lets ``token`` cancel nothing any more."""
        self._tasks.pop(token, None)

    def cancel(self, token: Token) -> None:
        """The user pressed cancel."""
        task = self._tasks.get(token)
        if task is not None:
            task.cancel()


class Progress:
    """The progress of one task.

    Args:
        title: What is going on, for people.
        token: The client's token; None asks the client for one, if it shows progress.
        task: What the token cancels.
    """

    def __init__(self, session: Session, title: str, token: Token | None, task: asyncio.Task[Any]) -> None:
        self._session = session
        self._title = title
        self._token = token
        self._task = task
        self._begun = False
        self._over = False
        if token is not None:
            session.cancels.bind(token, task)
            self._begin()
        elif session.client.progress:
            session.start(self._create(), "progress")

    def report(self, message: str, percentage: int | None = None) -> None:
        """Says how far it is."""
        if self._begun:
            value: dict[str, Any] = {"kind": "report", "message": message, "cancellable": True}
            if percentage is not None:
                value["percentage"] = percentage
            self._send(value)

    def end(self, message: str) -> None:
        """Says that it is over."""
        self._over = True
        if self._token is not None:
            self._session.cancels.release(self._token)
        if self._begun:
            self._send({"kind": "end", "message": message})

    async def _create(self) -> None:
        await asyncio.sleep(_QUIET_SECONDS)
        if self._over:
            return
        token = str(uuid.uuid4())
        # A client may refuse, or never answer; then there is no progress, and the work goes on all the same.
        created = asyncio.ensure_future(
            self._session.dispatch.request("window/workDoneProgress/create", {"token": token})
        )
        done, _ = await asyncio.wait([created], timeout=_CREATE_SECONDS)
        if not done or created.cancelled() or created.exception() is not None:
            created.cancel()
            return
        if not self._over:
            self._token = token
            self._session.cancels.bind(token, self._task)
            self._begin()

    def _begin(self) -> None:
        self._begun = True
        self._send({"kind": "begin", "title": f"lift: {self._title}", "cancellable": True})

    def _send(self, value: dict[str, Any]) -> None:
        self._session.notify("$/progress", {"token": self._token, "value": value})


async def awaited(
    session: Session,
    title: str,
    token: Token | None,
    work: Callable[[Progress], Coroutine[Any, Any, T]],
    ended: Callable[[T], str],
) -> T:
    """What ``work`` gives, shown as progress.

    The request's own cancellation ends the work, and so does the progress's.

    Args:
        work: Gets the progress that it may report to.
        ended: The last word, for people.

    Raises:
        RequestFailed: The user pressed cancel, or the text has changed since.
    """
    ready: asyncio.Future[Progress] = asyncio.get_running_loop().create_future()

    async def whole() -> T:
        return await work(await ready)

    task = session.start(whole(), title)
    progress = Progress(session, title, token, task)
    ready.set_result(progress)
    message = "cancelled"
    try:
        found = await asyncio.shield(task)
        message = ended(found)
        return found
    except asyncio.CancelledError:
        me = asyncio.current_task()
        task.cancel()
        if me is not None and me.cancelling():
            raise
        raise content_modified("It was cancelled, or the text has changed since.") from None
    except Exception:
        message = "no result"
        raise
    finally:
        with contextlib.suppress(Exception):
            progress.end(message)
