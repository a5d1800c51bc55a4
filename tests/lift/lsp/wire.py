"""A client for tests that break things: a server process, a thread that reads, a record of all that came.

It speaks JSON-RPC itself, so that it can send what no library would, and keeps every message in its order, so
that a test can ask what was answered how often and what was published after what.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lift.lsp.transport import Framer, framed

COMMAND = str(Path(sys.executable).with_name("lift-lsp"))
# Only to end a test that waits for what never comes; a busy machine does not reach it.
DEADLINE_SECONDS = 120.0

CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True, "dataSupport": True},
        "hover": {"contentFormat": ["markdown"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
        },
    },
    "workspace": {"configuration": True, "workspaceFolders": True},
    "window": {"workDoneProgress": True},
}
PULL: dict[str, Any] = {"diagnostic": {"dynamicRegistration": False}}


def capabilities(encoding: str = "utf-16", *, pull: bool = False) -> dict[str, Any]:
    """What a client says of itself that counts in ``encoding`` and is sent diagnostics, or pulls them."""
    document = CAPABILITIES["textDocument"] | (PULL if pull else {})
    return CAPABILITIES | {"general": {"positionEncodings": [encoding]}, "textDocument": document}


class Wire:
    """A running server and everything that it said.

    Args:
        root: The workspace folder.
        environment: What the server's process has in its environment beside this one's.
        settings: What it is told when it asks for its settings; may be changed at any time.
        said: The client's capabilities.
        options: Anything else for ``subprocess.Popen``; ``command`` is the command line.
        greet: Whether ``initialize`` is sent and awaited.

    Attributes:
        answers: Request id → every answer to it.
        published: URI → the publications for it, in their order.
        errors: What stood on standard error.
        floors: URI → the newest version of which the server has said that it has it.
        late: Publications for a version that was no longer the newest that the server had told of.
    """

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str] | None = None,
        settings: dict[str, Any] | None = None,
        said: dict[str, Any] | None = None,
        *,
        greet: bool = True,
        command: list[str] | None = None,
        **options: Any,
    ) -> None:
        self.root = root
        self.settings: Any = settings or {}
        self.answers: dict[object, list[dict[str, Any]]] = defaultdict(list)
        self.published: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.notified: list[dict[str, Any]] = []
        self.errors = bytearray()
        self.floors: dict[str, int] = {}
        self.late: list[dict[str, Any]] = []
        self.sent: dict[object, str] = {}
        self._asked_about: dict[object, str] = {}
        self._ids = itertools.count(1)
        self._change = threading.Condition()
        self._ended = False
        options.setdefault("stdin", subprocess.PIPE)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        self.process = subprocess.Popen(
            command or [COMMAND], env={**os.environ, **(environment or {})}, **options
        )
        self._threads = [
            threading.Thread(target=work, daemon=True)
            for work, stream in ((self._read, self.process.stdout), (self._listen, self.process.stderr))
            if stream is not None
        ]
        for thread in self._threads:
            thread.start()
        if greet:
            params = {
                "processId": None,
                "capabilities": said or CAPABILITIES,
                "workspaceFolders": [{"uri": root.as_uri(), "name": "root"}],
                "initializationOptions": {"trusted": True, **self.settings},
            }
            self.greeting = self.ask("initialize", params)
            self.notify("initialized", {})

    # Sending -----------------------------------------------------------------------------------------------

    def send(self, message: dict[str, Any]) -> None:
        """Sends anything."""
        assert self.process.stdin is not None
        self.process.stdin.write(framed(message))
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, params: Any, uri: str | None = None) -> int:
        """Sends a request and gives its id; no publication for ``uri`` may be older than the answer."""
        number = next(self._ids)
        with self._change:
            self.sent[number] = method
            if uri is not None:
                self._asked_about[number] = uri
        self.send({"id": number, "method": method, "params": params})
        return number

    def ask(self, method: str, params: Any, uri: str | None = None) -> Any:
        """The result of a request that must not fail."""
        answer = self.answer(self.request(method, params, uri))
        assert "error" not in answer, answer
        return answer["result"]

    def answer(self, number: int) -> dict[str, Any]:
        """The first answer to a request."""
        self.until(lambda: bool(self.answers.get(number)), f"an answer to {self.sent.get(number)}")
        return self.answers[number][0]

    def open(self, uri: str, text: str, version: int = 1) -> None:
        item = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def change(self, uri: str, version: int, changes: list[Any]) -> None:
        identifier = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})

    def save(self, uri: str) -> None:
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def pulled(self, uri: str) -> list[dict[str, Any]]:
        """The diagnostics that the server gives when asked."""
        return self.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]

    def verdicts(self, uri: str) -> dict[str, str]:
        """Checks a document and gives each function's verdict."""
        answer = self.ask("lift/verify", {"textDocument": {"uri": uri}})
        return {found["name"]: found["verdict"] for found in answer["functions"]}

    # Waiting -----------------------------------------------------------------------------------------------

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Waits until something that arrives makes ``holds`` true."""
        with self._change:
            arrived = self._change.wait_for(lambda: holds() or self._ended, DEADLINE_SECONDS)
            assert holds(), (
                f"{what} did not come ({'the server is gone' if arrived else 'timeout'}): {self.log}"
            )

    @property
    def log(self) -> str:
        """Standard error."""
        return self.errors.decode(errors="replace")

    def end(self) -> int:
        """Asks the server to leave, makes it if it does not, and gives its exit status."""
        with contextlib.suppress(OSError, ValueError, AssertionError):
            self.ask("shutdown", None)
            self.notify("exit", None)
        try:
            return self.process.wait(DEADLINE_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends the server and what reads from it."""
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(DEADLINE_SECONDS)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    # Receiving ---------------------------------------------------------------------------------------------

    def _read(self) -> None:
        framer = Framer()
        source = self.process.stdout
        assert source is not None
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(source.fileno(), 1 << 16):
                for message in framer.feed(chunk):
                    assert isinstance(message, dict), message
                    self._take(message)
        with self._change:
            self._ended = True
            self._change.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message and "id" in message:
            with contextlib.suppress(OSError, ValueError):
                self.send({"id": message["id"], "result": self._result(message)})
            return
        with self._change:
            if "method" in message:
                self._note(message["method"], message.get("params"))
            else:
                number = message.get("id")
                self.answers[number].append(message)
                uri, result = self._asked_about.pop(number, None), message.get("result")
                if uri is not None and isinstance(result, dict) and isinstance(result.get("version"), int):
                    self.floors[uri] = result["version"]
            self._change.notify_all()

    def _note(self, method: str, params: Any) -> None:
        self.notified.append({"method": method, "params": params})
        if method != "textDocument/publishDiagnostics":
            return
        uri, version = params["uri"], params.get("version")
        if version is None:
            self.floors.pop(uri, None)
        elif version < self.floors.get(uri, version):
            self.late.append(params)
        else:
            self.floors[uri] = version
        self.published[uri].append(params)

    def _result(self, message: dict[str, Any]) -> Any:
        match message["method"]:
            case "workspace/configuration":
                return [self.settings for _ in message["params"]["items"]]
            case "workspace/applyEdit":
                return {"applied": False}
            case _:
                return None

    def _listen(self) -> None:
        source = self.process.stderr
        assert source is not None
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(source.fileno(), 1 << 16):
                self.errors.extend(chunk)
