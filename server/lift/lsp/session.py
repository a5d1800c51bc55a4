"""One client's session: its documents, its folders, its settings, and the loop that serves it.

Everything that a handler needs is reached from here. The loop does protocol and extraction only; proofs run
in the project's worker processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import shutil
import signal
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lift.config import Config
from lift.extract import Extraction
from lift.lsp.checking import Checks
from lift.lsp.dispatch import Dispatch
from lift.lsp.documents import Document, Documents
from lift.lsp.folders import Folders
from lift.lsp.greeting import Client, read_client
from lift.lsp.inbox import Inbox
from lift.lsp.logs import Tracer
from lift.lsp.memory import IdleCollector
from lift.lsp.progress import Cancels
from lift.lsp.publishing import Publisher
from lift.lsp.refusals import RequestFailed, content_modified
from lift.lsp.transport import Output
from lift.lsp.uris import to_path
from lift.project import Project

if TYPE_CHECKING:
    from lift.ide import Action
    from lift.lsp.generating import Generations
    from lift.lsp.indexing import Indexing
    from lift.lsp.resolving import Resolutions
    from lift.lsp.tokens import SentTokens

log = logging.getLogger(__name__)

# A client that does not answer within this time is taken for one that never will.
ANSWER_SECONDS = 10.0
# MessageType of the protocol.
_WARNING, _INFO = 2, 3


def serve(inbox: Inbox, output: Output) -> int:
    """Serves the client behind ``inbox`` until it leaves; gives the exit status."""
    return asyncio.run(Session(output).run(inbox))


class Session:
    """The state of a connection.

    Attributes:
        began: When the client came, on the monotonic clock.
        dispatch: Takes what comes in to the handlers, and sends what goes out.
        client: What the client can do.
        documents: The texts that it has open.
        folders: The projects, one a workspace folder.
        publisher: Brings diagnostics to the client.
        checks: What is being verified.
        cancels: Which progress token ends what.
        tracer: Tells the client what the server does, if it wants to know.
    """

    def __init__(self, output: Output) -> None:
        self.began = time.monotonic()
        self.dispatch = Dispatch(self, output)
        self.client = Client()
        self.documents = Documents(self.client.encoding)
        self.folders = Folders(self.client)
        self.publisher = Publisher(self)
        self.checks = Checks(self)
        self.cancels = Cancels()
        self.tracer = Tracer(self.notify)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._warned: set[str] = set()
        self._scratch: Path | None = None
        self._actions: dict[tuple[str, int], list[Action]] = {}

    async def run(self, inbox: Inbox) -> int:
        """Handles what comes in until the client leaves."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_log_loop_error)
        for number in (signal.SIGINT, signal.SIGTERM):
            # Where the loop cannot take signals, the process ends at once, and its workers notice.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, inbox.leave)
        code = await self.dispatch.run(inbox, IdleCollector(loop).busy)
        self.folders.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
        return code

    @functools.cached_property
    def generations(self) -> Generations:
        """The bodies that were found for functions of open documents."""
        from lift.lsp.generating import Generations

        return Generations()

    @functools.cached_property
    def resolutions(self) -> Resolutions:
        """What fills the holes of open documents."""
        from lift.lsp.resolving import Resolutions

        return Resolutions()

    @functools.cached_property
    def tokens(self) -> SentTokens:
        """The semantic tokens that the client has."""
        from lift.lsp.tokens import SentTokens

        return SentTokens()

    @functools.cached_property
    def indexing(self) -> Indexing:
        """Keeps the indexes of the workspace's folders up to date."""
        from lift.lsp.indexing import Indexing

        return Indexing(self)

    def initialize(self, params: object) -> None:
        """Takes what the client said of itself."""
        self.client = read_client(params)
        self.tracer.want(params.get("trace") if isinstance(params, dict) else None)
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

    def drop(self, uri: str) -> None:
        """Forgets what was found for a document that is closed."""
        if "resolutions" in vars(self):
            self.resolutions.forget(uri)
        if "tokens" in vars(self):
            self.tokens.forget(uri)

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
        answer = await self.ask("workspace/configuration", {"items": [{"section": "lift"}]})
        if isinstance(answer, list) and answer:
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
        self.dispatch.notify(method, params)

    async def ask(self, method: str, params: Any, seconds: float = ANSWER_SECONDS) -> Any:
        """Sends a request; None if the client refuses or does not answer in time."""
        try:
            # `asyncio.wait_for` of Python 3.11 loses a cancellation that comes together with the answer.
            async with asyncio.timeout(seconds):
                return await self.dispatch.request(method, params)
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
        self.notify("window/showMessage", {"type": _WARNING, "message": f"lift: {text}"})

    def mention_trust(self) -> None:
        """Says once what is missing where the client did not say whether the workspace is trusted."""
        if self.folders.trust_is_unsaid:
            self.warn(
                "none of this workspace's code is run, so that nothing can be refuted: the editor does not"
                " say whether the workspace is trusted. If you trust it, set trusted = true in"
                " initializationOptions."
            )

    def tell(self, text: str) -> None:
        """Shows a message to the user, who asked for what it is about."""
        self.notify("window/showMessage", {"type": _INFO, "message": f"lift: {text}"})

    def log_to_client(self, text: str) -> None:
        """A line in the client's log."""
        self.notify("window/logMessage", {"type": _INFO, "message": text})

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, RequestFailed):
            trace = error if log.isEnabledFor(logging.DEBUG) else None
            log.error("Error in %r: %s: %s", task.get_name(), type(error).__name__, error, exc_info=trace)


def _log_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    log.error(
        "Error in the loop: %s%s",
        context.get("message", ""),
        f" ({type(error).__name__}: {error})" if error else "",
        exc_info=error if error and log.isEnabledFor(logging.DEBUG) else None,
    )
