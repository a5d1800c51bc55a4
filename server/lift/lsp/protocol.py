"""lift's dialect of pygls' protocol: every message comes through the inbox, every answer through one door.

pygls reads its input on a thread pool that is easily exhausted, leaves a request unanswered whose params do
not fit, and shows a popup for an error in a notification. So the reading is ``lift.lsp.transport``'s, the
checks of the envelope are ``lift.lsp.inbox``'s, and here params are structured, handlers found, and whatever
goes wrong becomes an error response or a line in the log.
"""

from __future__ import annotations

import contextvars
import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from cattrs import Converter
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    LanguageServerProtocol,
    default_converter,
)

from lift import __version__
from lift.lsp.inbox import Item, Leave, Notification, Refusal, Request, Response
from lift.lsp.transport import Output

log = logging.getLogger(__name__)


class RequestFailed(Exception):
    """A handler's refusal: the code and the text become the error response, and nothing is logged."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid_params(message: str) -> RequestFailed:
    """The refusal of params that do not fit."""
    return RequestFailed(lsp.ErrorCodes.InvalidParams, message)


def content_modified(message: str) -> RequestFailed:
    """The refusal of a request about a text that has changed since."""
    return RequestFailed(lsp.LSPErrorCodes.ContentModified, message)


class Protocol(LanguageServerProtocol):
    """Dispatches the inbox's items; answers each request exactly once.

    Attributes:
        raw: Methods whose params are handed on as they came, to be read leniently.
    """

    output: Output
    raw: frozenset[str] = frozenset()

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.initialize: Callable[[Any], None] = lambda params: None
        self.leave: Callable[[int], None] = lambda code: None

    def _register_builtin_features(self) -> None:
        # pygls' own document store splits lines as Python does, not as LSP does, and its initialize would
        # answer a second time; every feature comes from lift's tables instead.
        pass

    def deliver(self, item: Item) -> None:
        """Handles one item from the inbox. Never raises."""
        try:
            contextvars.copy_context().run(self._deliver, item)
        except Exception as error:
            self._report(type(item).__name__, error)

    def _deliver(self, item: Item) -> None:
        match item:
            case Request():
                self._take_request(item)
            case Notification(method="initialize"):
                self.initialize(item.params)
            case Notification(method="$/cancelRequest"):
                self._handle_cancel_notification(item.params["id"])
            case Notification():
                self._take_notification(item)
            case Response():
                self._take_response(item)
            case Refusal():
                self._refuse(item.id, item.code, item.message)
            case Leave():
                self.leave(item.code)

    def _take_request(self, request: Request) -> None:
        if request.method not in self.fm.features:
            text = f"lift has no method {request.method[:80]!r}."
            self._refuse(request.id, lsp.ErrorCodes.MethodNotFound, text)
            return
        try:
            params = self._structured(request.method, request.params, request.id)
        except Exception as error:
            self._refuse(request.id, lsp.ErrorCodes.InvalidParams, _said(error))
            return
        self._handle_request(request.id, request.method, params)

    def _take_notification(self, notification: Notification) -> None:
        if notification.method not in self.fm.features:
            log.debug("No handler for the notification %r", notification.method[:80])
            return
        try:
            params = self._structured(notification.method, notification.params)
        except Exception as error:
            log.warning("Params of %r are not valid: %s", notification.method, _said(error))
            return
        self._handle_notification(notification.method, params)

    def _take_response(self, response: Response) -> None:
        future: Future[Any] | None = self._request_futures.pop(response.id, None)
        wanted = self._result_types.pop(response.id, None)
        if future is None or future.done():
            log.debug("A response that nobody waits for: %r", str(response.id)[:80])
            return
        if response.error is not None:
            future.set_exception(ClientRefused(_said(response.error)))
            return
        try:
            message = {"jsonrpc": self.VERSION, "id": response.id, "result": response.result}
            result = self._converter.structure(message, wanted).result if wanted else response.result
        except Exception as error:
            future.set_exception(ClientRefused(f"the client's answer does not fit: {_said(error)}"))
        else:
            future.set_result(result)

    def _structured(self, method: str, params: Any, request: int | str | None = None) -> Any:
        if method in self.raw:
            return params
        wanted = self.get_message_type(method)
        if wanted is None:
            return params
        message = {"jsonrpc": self.VERSION, "method": method, "params": params}
        if request is not None:
            message["id"] = request
        return self._converter.structure(message, wanted).params

    def _refuse(self, request: int | str | None, code: int, message: str) -> None:
        self.output.send({"id": request, "error": {"code": int(code), "message": message}})

    def _send_data(self, data: Any) -> None:
        try:
            body = json.dumps(data, default=self._serialize_message, separators=(",", ":")).encode("ascii")
        except Exception as error:
            self._report("an answer", error)
            if isinstance(data, JsonRPCRequestMessage | JsonRPCNotification) or not hasattr(data, "result"):
                return
            self._refuse(data.id, lsp.ErrorCodes.InternalError, "The answer could not be written.")
            return
        self.output.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    @staticmethod
    def _report(where: str, error: BaseException) -> None:
        # The trace is for whoever works on lift: a log that a user reads says what happened in one line.
        log.error("Error in %r: %s", where, _said(error), exc_info=log.isEnabledFor(logging.DEBUG))


class ClientRefused(Exception):
    """The client answered a request of ours with an error, or with something that does not fit."""


class Server(LanguageServer):
    """pygls' server, without its popups."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("lift", __version__, protocol_cls=Protocol, converter_factory=default_converter)

    def report_server_error(self, error: Exception, source: Any) -> None:
        if not isinstance(error, JsonRpcException):
            log.error("Error in the server: %s", _said(error))


def as_response_error(method: str, error: Exception) -> JsonRpcException:
    """What a handler raised, as pygls sends it; an error of ours is logged under the method's name."""
    if isinstance(error, RequestFailed):
        return JsonRpcException(message=error.message, code=int(error.code))
    if isinstance(error, JsonRpcInvalidParams):
        return error
    name = method.rpartition("/")[2]
    log.error("Error in %r: %s", name, _said(error), exc_info=log.isEnabledFor(logging.DEBUG))
    return JsonRpcInternalError(message=f"Error in {name!r}: {_said(error)}")


def _said(error: object) -> str:
    if isinstance(error, dict):
        return str(error.get("message", error))[:300]
    name = f"{type(error).__name__}: " if isinstance(error, BaseException) else ""
    inner = getattr(error, "exceptions", None)
    if inner:
        return _said(inner[0])
    return f"{name}{error}"[:300]
