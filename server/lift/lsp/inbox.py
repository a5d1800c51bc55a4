"""What arrives from the client, checked against JSON-RPC and handed on in order.

Runs on the reader's thread: it answers ``initialize`` at once, while the rest of the server is still being
imported, and it notices cancellations of requests that have not been looked at yet. Standard library only.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from lift.lsp.transport import Malformed

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
NOT_INITIALIZED = -32002
CANCELLED = -32800

MessageId = int | str


@dataclass(frozen=True)
class Request:
    """A request that must be answered exactly once."""

    id: MessageId
    method: str
    params: Any


@dataclass(frozen=True)
class Notification:
    """A message that wants no answer."""

    method: str
    params: Any


@dataclass(frozen=True)
class Response:
    """The client's answer to a request of ours."""

    id: MessageId
    result: Any
    error: Any


@dataclass(frozen=True)
class Refusal:
    """An error that is to be sent back without any work."""

    id: MessageId | None
    code: int
    message: str


@dataclass(frozen=True)
class Leave:
    """The session is over; ``code`` is the exit status."""

    code: int


Item = Request | Notification | Response | Refusal | Leave


class Inbox:
    """The queue between the reader's thread and the session.

    Args:
        initialize: Answers the first ``initialize``; called with its id and params on the reader's thread.
        leaving: Told that the client says ``exit``.
    """

    def __init__(self, initialize: Callable[[MessageId, Any], None], leaving: Callable[[], None]) -> None:
        self._initialize = initialize
        self._leaving = leaving
        self._lock = threading.Lock()
        self._items: deque[Item] = deque()
        self._queued: set[MessageId] = set()
        self._cancelled: set[MessageId] = set()
        self._wake: Callable[[], object] | None = None
        self._state = "new"

    def attach(self, wake: Callable[[], object]) -> None:
        """From now on ``wake`` is called, on whatever thread, once for each item that is added."""
        with self._lock:
            self._wake = wake
            waiting = len(self._items)
        for _ in range(waiting):
            wake()

    def next(self) -> Item | None:
        """The oldest item, None if there is none; a request that was cancelled meanwhile is a refusal."""
        with self._lock:
            if not self._items:
                return None
            item = self._items.popleft()
            if not isinstance(item, Request):
                return item
            self._queued.discard(item.id)
            if item.id not in self._cancelled:
                return item
            self._cancelled.discard(item.id)
            return Refusal(item.id, CANCELLED, "The request was cancelled.")

    def leave(self) -> None:
        """The client is gone."""
        self._add(Leave(self.exit_code))

    @property
    def exit_code(self) -> int:
        """0 after a proper ``shutdown``, else 1, as the protocol wants it."""
        return 0 if self._state == "down" else 1

    def take(self, message: object) -> None:
        """Takes one decoded frame: a message, a batch of them, or something that is neither."""
        if isinstance(message, Malformed):
            self._refuse(None, PARSE_ERROR, f"Not JSON: {message.reason}")
        elif isinstance(message, list):
            if not message:
                self._refuse(None, INVALID_REQUEST, "An empty batch.")
            for part in message:
                self._take_one(part)
        else:
            self._take_one(message)

    def _take_one(self, message: object) -> None:
        if not isinstance(message, dict):
            self._refuse(None, INVALID_REQUEST, "A message is an object.")
            return
        method = message.get("method")
        if isinstance(method, str):
            if "id" in message:
                self._take_request(message["id"], method, message.get("params"))
            else:
                self._take_notification(method, message.get("params"))
        elif "method" not in message and ("result" in message or "error" in message):
            if _is_id(message.get("id")):
                self._add(Response(message["id"], message.get("result"), message.get("error")))
        else:
            self._refuse(_id_or_none(message.get("id")), INVALID_REQUEST, "A message needs a method.")

    def _take_request(self, request: object, method: str, params: Any) -> None:
        if not _is_id(request):
            self._refuse(None, INVALID_REQUEST, "The id of a request is a number or a string.")
        elif self._state == "down":
            self._refuse(request, INVALID_REQUEST, "The server is shutting down.")
        elif method == "initialize":
            self._take_initialize(request, params)
        elif self._state == "new":
            self._refuse(request, NOT_INITIALIZED, "The first request is initialize.")
        else:
            if method == "shutdown":
                self._state = "down"
            self._add(Request(request, method, params))

    def _take_initialize(self, request: MessageId, params: Any) -> None:
        if self._state != "new":
            self._refuse(request, INVALID_REQUEST, "The server is initialized already.")
            return
        self._state = "up"
        self._initialize(request, params)
        self._add(Notification("initialize", params))

    def _take_notification(self, method: str, params: Any) -> None:
        if method == "exit":
            self._leaving()
        elif method == "$/cancelRequest":
            self._cancel(params.get("id") if isinstance(params, dict) else None)
        elif self._state == "up":
            self._add(Notification(method, params))

    def _cancel(self, request: object) -> None:
        if not _is_id(request):
            return
        with self._lock:
            if request in self._queued:
                self._cancelled.add(request)
                return
        self._add(Notification("$/cancelRequest", {"id": request}))

    def _refuse(self, request: MessageId | None, code: int, message: str) -> None:
        self._add(Refusal(request, code, message))

    def _add(self, item: Item) -> None:
        with self._lock:
            if isinstance(item, Request):
                self._queued.add(item.id)
            self._items.append(item)
            wake = self._wake
        if wake is not None:
            wake()


def _is_id(value: object) -> TypeGuard[MessageId]:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def _id_or_none(value: object) -> MessageId | None:
    return value if _is_id(value) else None
