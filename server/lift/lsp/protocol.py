"""pygls' side of the server: the params of a request get lsprotocol's types, and its handler is run.

pygls reads its input on a thread pool that is easily exhausted, leaves a request unanswered whose params do
not fit, and shows a popup for an error in a notification. So the reading is ``lift.lsp.transport``'s, the
checks of the envelope are ``lift.lsp.inbox``'s, notifications are ``lift.lsp.dispatch``'s, and here requests
are structured, run, cancelled and answered. Imported after the first diagnostics are out.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeVar

from cattrs import Converter
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter

from lift import __version__
from lift.lsp import logs, requests
from lift.lsp.dispatch import report
from lift.lsp.inbox import MessageId, Request
from lift.lsp.refusals import INTERNAL_ERROR, INVALID_PARAMS, RequestFailed, said
from lift.lsp.transport import Output

if TYPE_CHECKING:
    from lift.lsp.session import Session

log = logging.getLogger(__name__)
T = TypeVar("T")


def new_protocol(session: Session, output: Output) -> Protocol:
    """The protocol of a session."""
    protocol: Protocol = Server().protocol
    protocol.session = session
    protocol.output = output
    return protocol


class Protocol(LanguageServerProtocol):
    """Runs requests; answers each exactly once.

    Attributes:
        session: What the handlers work on.
        output: Where the answers go.
    """

    session: Session
    output: Output

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)

    def _register_builtin_features(self) -> None:
        # pygls' own document store splits lines as Python does, not as LSP does, and its initialize would
        # answer a second time; every feature comes from lift's tables instead.
        pass

    def take_request(self, request: Request) -> None:
        """Runs the handler of a request; the answer follows."""
        if request.method not in self.fm.features:
            # A handler is imported when it is first asked for, or by the loader before that.
            handler = requests.handler(request.method)
            self.fm.feature(request.method)(_answering(self.session, request.method, handler))
        try:
            params = self._structured(request)
        except Exception as error:
            self._refuse(request.id, INVALID_PARAMS, said(error))
            return
        self._handle_request(request.id, request.method, params)

    def cancel(self, request: MessageId) -> None:
        """The client no longer wants an answer."""
        self._handle_cancel_notification(request)

    def plain(self, value: Any) -> Any:
        """lsprotocol's objects as JSON."""
        return self._converter.unstructure(value)

    def typed(self, wanted: type[T], value: Any) -> T:
        """JSON as one of lsprotocol's objects."""
        return self._converter.structure(value, wanted)

    def _structured(self, request: Request) -> Any:
        wanted = None if request.method in requests.RAW else self.get_message_type(request.method)
        if wanted is None:
            return request.params
        message = {
            "jsonrpc": self.VERSION,
            "method": request.method,
            "params": request.params,
            "id": request.id,
        }
        return self._converter.structure(message, wanted).params

    def _refuse(self, request: MessageId | None, code: int, message: str) -> None:
        self.output.send({"id": request, "error": {"code": int(code), "message": message}})

    def _send_data(self, data: Any) -> None:
        try:
            body = json.dumps(data, default=self._serialize_message, separators=(",", ":")).encode("ascii")
        except Exception as error:
            report("an answer", error)
            self._refuse(data.id, INTERNAL_ERROR, "The answer could not be written.")
            return
        self.output.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


class Server(LanguageServer):
    """pygls' server, without its popups."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("lift", __version__, protocol_cls=Protocol, converter_factory=default_converter)

    def report_server_error(self, error: Exception, source: Any) -> None:
        if not isinstance(error, JsonRpcException):
            log.error("Error in the server: %s", said(error))


def _answering(session: Session, method: str, handler: requests.Handler) -> requests.Handler:
    """The one wrapper around every request: a result or an error goes back, exactly once."""
    if asyncio.iscoroutinefunction(handler):
        # Cancellation passes through: pygls answers it with the code for it.
        async def answer_later(params: Any) -> Any:
            try:
                with logs.timed():
                    return await _awaited(handler(session, params))
            except Exception as error:
                raise _as_response_error(method, error) from None

        return answer_later

    def answer(params: Any) -> Any:
        try:
            with logs.timed():
                return handler(session, params)
        except Exception as error:
            raise _as_response_error(method, error) from None

    return answer


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


def _as_response_error(method: str, error: Exception) -> JsonRpcException:
    """What a handler raised, as pygls sends it; an error of ours is logged under the method's name."""
    if isinstance(error, RequestFailed):
        return JsonRpcException(message=error.message, code=int(error.code))
    if isinstance(error, JsonRpcInvalidParams):
        return error
    return JsonRpcInternalError(message=report(method.rpartition("/")[2], error))
