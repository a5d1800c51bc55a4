"""One client's session: its documents, its folders, its settings, and the loop that serves it.

Everything that a handler needs is reached from here. The loop does protocol and extraction only; proofs run
in the project's worker processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from lift.config import Config
from lift.extract import Extraction
from lift.ide import Action
from lift.lsp import notifications, requests
from lift.lsp.checking import Checks
from lift.lsp.documents import Document, Documents
from lift.lsp.folders import Folders
from lift.lsp.generating import Generations
from lift.lsp.greeting import Client, read_client
from lift.lsp.inbox import Inbox
from lift.lsp.memory import IdleCollector
from lift.lsp.progress import Cancels
from lift.lsp.protocol import Protocol, RequestFailed, Server, as_response_error, content_modified
from lift.lsp.publishing import Publisher
from lift.lsp.resolving import Resolutions
from lift.lsp.transport import Output
from lift.lsp.uris import to_path
from lift.project import Project

log = logging.getLogger(__name__)

# A client that does not answer within this time is taken for one that never will.
ANSWER_SECONDS = 10.0


def serve(inbox: Inbox, output: Output) -> int:
    """Serves the client behind ``inbox`` until it leaves; gives the exit status."""
    return asyncio.run(Session(output).run(inbox))


class Session:
    """The state of a connection.

    Attributes:
        client: What the client can do.
        documents: The texts that it has open.
        folders: The projects, one a workspace folder.
        publisher: Brings diagnostics to the client.
        checks: What is being verified.
        cancels: Which progress token ends what.
        generations: The bodies that were found for functions of open documents.
        resolutions: What fills the holes of open documents.
    """

    def __init__(self, output: Output) -> None:
        self._server = Server()
        self.protocol: Protocol = self._server.protocol
        self.protocol.output = output
        self.protocol.raw = frozenset(notifications.RAW) | requests.RAW
        self.protocol.initialize = self._initialize
        self.client = Client()
        self.documents = Documents(self.client.encoding)
        self.folders = Folders(self.client)
        self.publisher = Publisher(self)
        self.checks = Checks(self)
        self.cancels = Cancels()
        self.generations = Generations()
        self.resolutions = Resolutions()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._warned: set[str] = set()
        self._scratch: Path | None = None
        self._actions: dict[tuple[str, int], list[Action]] = {}
        self._register()

    async def run(self, inbox: Inbox) -> int:
        """Handles what comes in until the client leaves."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_log_loop_error)
        left: asyncio.Future[int] = loop.create_future()
        self.protocol.leave = lambda code: None if left.done() else left.set_result(code)

        collector = IdleCollector(loop)

        def step() -> None:
            collector.busy()
            item = inbox.next()
            if item is not None and not left.done():
                self.protocol.deliver(item)

        inbox.attach(lambda: loop.call_soon_threadsafe(step))
        code = await left
        self.folders.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
        return code

    def _register(self) -> None:
        for method, handler in requests.HANDLERS.items():
            self._server.feature(method)(_answering(self, method, handler))
        for method, handler in notifications.HANDLERS.items():
            self._server.feature(method)(_noticing(self, method, handler))

    def _initialize(self, params: object) -> None:
        self.client = read_client(params)
        self.documents = Documents(self.client.encoding)
        self.folders = Folders(self.client)

    # Documents and projects ------------------------------------------------------------------------------

    def project_of(self, uri: str) -> Project:
        """The project that the document belongs to."""
        return self.folders.project_of(uri)

    def config_of(self, uri: str) -> Config:
        """The settings that hold for the document."""
        return self.folders.project_of(uri).config

    def analysed(self, document: Document) -> Extraction:
        """The specification in the newest text of ``document``."""
        return self.project_of(document.uri).analyse(document.snapshot)

    def current(self, uri: str, revision: int) -> Document:
        """The open document, if it still is at ``revision``.

        Raises:
            RequestFailed: If it is closed or has changed.
        """
        document = self.documents.get(uri)
        if document is None or document.revision != revision:
            raise content_modified("The text has changed since; ask again.")
        return document

    def path_of(self, uri: str) -> Path | None:
        """The file behind ``uri``."""
        return to_path(uri)

    def dependents(self, uri: str) -> list[Document]:
        """The open documents that import from ``uri`` what their results rest on."""
        found = (self.documents.get(other) for other in self.project_of(uri).dependents(uri))
        return [document for document in found if document is not None]

    def remember_action(self, document: Document, action: Action) -> dict[str, Any]:
        """Keeps an action until the document changes; what comes back finds it again."""
        key = (document.uri, document.revision)
        kept = self._actions.setdefault(key, [])
        for other in [k for k in self._actions if k[0] == document.uri and k != key]:
            del self._actions[other]
        if action not in kept:
            kept.append(action)
        return {"uri": document.uri, "revision": document.revision, "action": kept.index(action)}

    def remembered_action(self, uri: str, revision: int, place: int) -> Action | None:
        """The action that ``remember_action`` kept."""
        kept = self._actions.get((uri, revision), [])
        return kept[place] if 0 <= place < len(kept) else None

    def scratch_folder(self) -> Path:
        """A folder for pages that the client is asked to show; it goes with the session."""
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="lift-pages-"))
        return self._scratch

    # Settings --------------------------------------------------------------------------------------------

    async def pull_settings(self) -> None:
        """Asks the client for its settings; without an answer those that it gave before stay."""
        if not self.client.configuration:
            return
        params = lsp.ConfigurationParams([lsp.ConfigurationItem(section="lift")])
        answer = await self.ask(lsp.WORKSPACE_CONFIGURATION, params)
        if isinstance(answer, (list, tuple)) and answer:
            self.configure(answer[0])

    def configure(self, settings: object) -> None:
        """Takes the editor's settings."""
        if self.folders.configure(settings):
            self.settings_changed()
        self.report_settings()

    def reload_settings(self) -> None:
        """Reads the settings' files again."""
        self.folders.reload()
        self.settings_changed()

    def settings_changed(self) -> None:
        """Shows every open document under the present settings."""
        for document in self.documents.all():
            self.publisher.found(document.uri)
        self.publisher.decorations_changed()
        self.report_settings()

    def report_settings(self) -> None:
        """Tells the user what is wrong with the settings, once."""
        while self.folders.warnings:
            self.warn(self.folders.warnings.pop(0))

    # Talking to the client -------------------------------------------------------------------------------

    def notify(self, method: str, params: Any) -> None:
        """Sends a notification."""
        self.protocol.notify(method, params)

    async def ask(self, method: str, params: Any, seconds: float = ANSWER_SECONDS) -> Any:
        """Sends a request; None if the client refuses or does not answer in time."""
        try:
            # `asyncio.wait_for` of Python 3.11 loses a cancellation that comes together with the answer.
            async with asyncio.timeout(seconds):
                return await self.protocol.send_request_async(method, params)
        except TimeoutError:
            log.info("The client did not answer %r within %g s", method, seconds)
        except Exception as error:
            log.info("The client did not fulfil %r: %s", method, error)
        return None

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Runs ``work`` beside the handlers; what it raises is logged."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def warn(self, text: str) -> None:
        """Shows a warning to the user, once."""
        if text in self._warned:
            return
        self._warned.add(text)
        params = lsp.ShowMessageParams(type=lsp.MessageType.Warning, message=f"lift: {text}")
        self.notify(lsp.WINDOW_SHOW_MESSAGE, params)

    def tell(self, text: str) -> None:
        """Shows a message to the user, who asked for what it is about."""
        params = lsp.ShowMessageParams(type=lsp.MessageType.Info, message=f"lift: {text}")
        self.notify(lsp.WINDOW_SHOW_MESSAGE, params)

    def log_to_client(self, text: str, kind: lsp.MessageType = lsp.MessageType.Info) -> None:
        """A line in the client's log."""
        self.notify(lsp.WINDOW_LOG_MESSAGE, lsp.LogMessageParams(type=kind, message=text))

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, RequestFailed):
            trace = error if log.isEnabledFor(logging.DEBUG) else None
            log.error("Error in %r: %s: %s", task.get_name(), type(error).__name__, error, exc_info=trace)


Handler = Callable[[Session, Any], Any]


def _answering(session: Session, method: str, handler: Handler) -> Callable[[Any], Any]:
    """The one wrapper around every request: a result or an error goes back, exactly once."""
    if asyncio.iscoroutinefunction(handler):
        # Cancellation passes through: pygls answers it with the code for it.
        async def answer_later(params: Any) -> Any:
            try:
                return await _awaited(handler(session, params))
            except Exception as error:
                raise as_response_error(method, error) from None

        return answer_later

    def answer(params: Any) -> Any:
        try:
            return handler(session, params)
        except Exception as error:
            raise as_response_error(method, error) from None

    return answer


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


def _noticing(session: Session, method: str, handler: Handler) -> Callable[[Any], None]:
    """The one wrapper around every notification: what it raises is logged and shown to nobody."""

    def notice(params: Any) -> None:
        try:
            handler(session, params)
        except Exception as error:
            with contextlib.suppress(Exception):
                as_response_error(method, error)

    return notice


def _log_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    log.error(
        "Error in the loop: %s%s",
        context.get("message", ""),
        f" ({type(error).__name__}: {error})" if error else "",
        exc_info=error if error and log.isEnabledFor(logging.DEBUG) else None,
    )
