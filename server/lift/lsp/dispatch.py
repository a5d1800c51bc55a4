"""From the inbox to the handlers, and from lift to the client.

Importing pygls and lsprotocol takes longer than reading and analysing a large file. So whatever the first
diagnostics need is plain JSON and handled here: notifications, the requests in ``requests.PLAIN``, and our
own requests to the client. All other requests go to ``lift.lsp.protocol``, which a thread loads as soon as
the first diagnostics are out. Must not import pygls or lsprotocol at its top.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import itertools
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lift.lsp import logs, notifications, requests
from lift.lsp.inbox import Inbox, Item, Leave, Notification, Refusal, Request, Response
from lift.lsp.refusals import INTERNAL_ERROR, METHOD_NOT_FOUND, ClientRefused, RequestFailed, said
from lift.lsp.transport import Output

if TYPE_CHECKING:
    from lift.lsp.protocol import Protocol
    from lift.lsp.session import Session

log = logging.getLogger(__name__)
# A client that opens nothing still may ask something soon.
_LOAD_ANYWAY_SECONDS = 0.5


class Dispatch:
    """Handles what comes in, one item at a time, and sends what goes out."""

    def __init__(self, session: Session, output: Output) -> None:
        self._session = session
        self._output = output
        self._protocol: Protocol | None = None
        self._loader: threading.Thread | None = None
        self._asked: dict[str, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._leave: Callable[[int], None] = lambda code: None

    async def run(self, inbox: Inbox, busy: Callable[[], None]) -> int:
        """Handles what comes in until the client leaves; ``busy`` is told of each message."""
        loop = asyncio.get_running_loop()
        left: asyncio.Future[int] = loop.create_future()
        self._leave = lambda code: None if left.done() else left.set_result(code)

        def step() -> None:
            busy()
            item = inbox.next()
            if item is not None and not left.done():
                self.deliver(item)

        inbox.attach(lambda: loop.call_soon_threadsafe(step))
        timer = loop.call_later(_LOAD_ANYWAY_SECONDS, self.load)
        try:
            return await left
        finally:
            timer.cancel()

    # What comes in ---------------------------------------------------------------------------------------

    def deliver(self, item: Item) -> None:
        """Handles one item from the inbox. Never raises."""
        try:
            contextvars.copy_context().run(self._deliver, item)
        except Exception as error:
            report(type(item).__name__, error)

    def _deliver(self, item: Item) -> None:
        if isinstance(item, Request | Notification):
            logs.enter(getattr(item, "id", None), item.method, item.params)
        match item:
            case Request(method=method) if method in requests.PLAIN:
                self._answer(item)
            case Request(method=method) if method in requests.HANDLERS:
                self.protocol.take_request(item)
            case Request():
                self._refuse(item.id, METHOD_NOT_FOUND, f"lift has no method {item.method[:80]!r}.")
            case Notification(method="initialize"):
                self._session.initialize(item.params)
            case Notification(method="$/cancelRequest"):
                if self._protocol is not None:
                    self._protocol.cancel(item.params["id"])
            case Notification():
                self._notice(item)
            case Response():
                self._take_response(item)
            case Refusal():
                self._refuse(item.id, item.code, item.message)
            case Leave():
                self._leave(item.code)

    def _answer(self, request: Request) -> None:
        try:
            with logs.timed():
                result = requests.handler(request.method)(self._session, request.params)
            self._output.send({"id": request.id, "result": result})
        except RequestFailed as refusal:
            self._refuse(request.id, refusal.code, refusal.message)
        except Exception as error:
            self._refuse(request.id, INTERNAL_ERROR, report(request.method.rpartition("/")[2], error))

    def _notice(self, notification: Notification) -> None:
        handler = notifications.HANDLERS.get(notification.method)
        if handler is None:
            log.debug("No handler for the notification %r", notification.method[:80])
            return
        try:
            with logs.timed():
                handler(self._session, notification.params)
        except RequestFailed as refusal:
            log.info("%s: %s", notification.method, refusal.message)
        except Exception as error:
            # Shown to nobody: a popup for a notification would only be in the way.
            report(notification.method.rpartition("/")[2], error)

    def _take_response(self, response: Response) -> None:
        future = self._asked.pop(response.id, None) if isinstance(response.id, str) else None
        if future is None or future.done():
            log.debug("A response that nobody waits for: %r", str(response.id)[:80])
        elif response.error is not None:
            future.set_exception(ClientRefused(said(response.error)))
        else:
            future.set_result(response.result)

    def _refuse(self, request: int | str | None, code: int, message: str) -> None:
        self._output.send({"id": request, "error": {"code": int(code), "message": message}})

    # What goes out ---------------------------------------------------------------------------------------

    def notify(self, method: str, params: Any) -> None:
        """Sends a notification; ``params`` are plain data, or lsprotocol's."""
        self._output.send({"method": method, "params": self._plain(params)})

    async def request(self, method: str, params: Any) -> Any:
        """Sends a request; gives the result as plain data.

        Raises:
            ClientRefused: If the client answers with an error.
        """
        key = f"lift-{next(self._numbers)}"
        future = self._asked[key] = asyncio.get_running_loop().create_future()
        message = {"id": key, "method": method}
        if params is not None:
            message["params"] = self._plain(params)
        self._output.send(message)
        try:
            return await future
        finally:
            self._asked.pop(key, None)

    def _plain(self, params: Any) -> Any:
        if params is None or isinstance(params, (dict, list)):
            return params
        return self.protocol.plain(params)

    # pygls -----------------------------------------------------------------------------------------------

    @property
    def protocol(self) -> Protocol:
        """pygls' side of the server, imported now if it is not there yet."""
        if self._protocol is None:
            if self._loader is not None:
                self._loader.join()
            from lift.lsp.protocol import new_protocol

            self._protocol = new_protocol(self._session, self._output)
        return self._protocol

    def load(self) -> None:
        """Lets a thread import what the requests need, so that the first one need not wait for all of it."""
        if self._loader is None and self._protocol is None:
            self._loader = threading.Thread(target=_load, name="lift-loader", daemon=True)
            self._loader.start()


def _load() -> None:
    with contextlib.suppress(Exception):
        # What fails here fails again where it is needed, and is reported there.
        from lift.lsp import protocol  # noqa: F401

        for method in requests.HANDLERS:
            requests.handler(method)


def report(where: str, error: BaseException) -> str:
    """Logs a mistake of ours and gives the text for whoever waits for an answer."""
    # The trace is for whoever works on lift: a log that a user reads says what happened in one line.
    log.error(
        "Error in %r: %s", where, said(error), exc_info=error if log.isEnabledFor(logging.DEBUG) else None
    )
    return f"Error in {where!r}: {said(error)}"
