"""A real HTTP server on loopback that plays a model, by a script: good, slow, broken or malicious.

Speaks what OpenAI, Anthropic and Gemini speak, told apart by the path, streaming and not. A test gives a list
of behaviours, one for each request and the last for all further ones, or a function from the request to one:

    with serving(Says('{"code": "…"}')) as server:
        … server.endpoint, server.asked, server.aborted, server.hung_up …

Runs by itself too: ``python tests/lift/generate/scripted.py '{"code": "…"}'``.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Dialect = Literal["openai", "anthropic", "google"]


@dataclass(frozen=True)
class Asked:
    """A request for an answer, as it came in."""

    dialect: Dialect
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def system(self) -> str:
        """The instructions."""
        if self.dialect == "openai":
            return "".join(m["content"] for m in self.body["messages"] if m["role"] == "system")
        if self.dialect == "anthropic":
            return self.body.get("system", "")
        return "".join(p["text"] for p in self.body.get("systemInstruction", {}).get("parts", ()))

    @property
    def turns(self) -> list[str]:
        """The texts of the conversation."""
        if self.dialect == "google":
            return ["".join(p["text"] for p in turn["parts"]) for turn in self.body["contents"]]
        return [m["content"] for m in self.body["messages"] if m["role"] != "system"]

    @property
    def schema(self) -> dict[str, Any] | None:
        """The schema that the answer is to be held to."""
        if self.dialect == "openai":
            return self.body.get("response_format", {}).get("json_schema", {}).get("schema")
        if self.dialect == "anthropic":
            return self.body.get("output_config", {}).get("format", {}).get("schema")
        return self.body["generationConfig"].get("responseJsonSchema")


@dataclass(frozen=True)
class Says:
    """An answer.

    Attributes:
        text: All of it; sent in pieces of ``piece`` characters.
        finish: ``stop``, ``length`` or ``refusal``.
        tokens: Prompt, cached and completion tokens as the server counts them; None counts nothing.
        breaks: Closes the connection after so many pieces: ``end`` as if all were well, ``reset`` rudely.
        waits: Stops after so many pieces until the client goes or the server is closed.
        streams: Whether it answers as a stream if asked to.
    """

    text: str
    finish: str = "stop"
    tokens: tuple[int, int, int] | None = (11, 4, 7)
    piece: int = 16
    breaks: int | None = None
    rudely: bool = False
    waits: int | None = None
    streams: bool = True


@dataclass(frozen=True)
class Fails:
    """A status other than 200; ``message`` goes into a body as the dialect's servers write it."""

    status: int
    message: str = "scripted failure"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    kind: str = ""


@dataclass(frozen=True)
class Raw:
    """Exactly these bytes as the body, without a length; ``reset`` breaks the connection after them."""

    body: bytes
    form: str = "text/event-stream"
    rudely: bool = False


@dataclass(frozen=True)
class Hangs:
    """Never answers; holds the connection until the client goes or the server is closed."""


@dataclass(frozen=True)
class Closes:
    """Takes the request and closes the connection without a word."""


@dataclass(frozen=True)
class Floods:
    """An answer without end."""


@dataclass(frozen=True)
class Refuses:
    """Answers 400 to whatever ``when`` holds of, and ``then`` to the rest."""

    when: Callable[[Asked], bool]
    then: Says
    message: str = "response_format is not supported"


Behaviour = Says | Fails | Raw | Hangs | Closes | Floods | Refuses
Script = Behaviour | Sequence[Behaviour] | Callable[[Asked], Behaviour]


class Scripted(ThreadingHTTPServer):
    """The server.

    Attributes:
        asked: Requests for an answer so far, in the order in which they came in.
        aborted: Names of requests that were to be ended, by SGLang's ``/abort_request``.
        other: Methods and paths of all other requests.
        hung_up: How many clients went before their answer was complete.
        models: What it says it offers.
        key: What it wants to see as a key; None takes any.
        is_sglang: Whether it describes itself as SGLang does.
    """

    daemon_threads = True
    # A client that opens more connections at a time than this is left to retry, which no test is about.
    request_queue_size = 64

    def __init__(
        self,
        script: Script,
        models: Sequence[str] = ("scripted-model",),
        key: str | None = None,
        is_sglang: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.models = tuple(models)
        self.key = key
        self.is_sglang = is_sglang
        self.asked: list[Asked] = []
        self.aborted: list[str] = []
        self.other: list[str] = []
        self.hung_up = 0
        self.changed = threading.Condition()
        self.closing = threading.Event()

    @property
    def endpoint(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def wait(self, seen: Callable[[Scripted], bool], seconds: float = 20.0) -> bool:
        """Waits until something has been seen; for a thread, not for an event loop."""
        with self.changed:
            return self.changed.wait_for(lambda: seen(self), seconds)

    def next(self, asked: Asked) -> Behaviour:
        """Records a request and says what to do about it."""
        with self.changed:
            self.asked.append(asked)
            number = len(self.asked)
            self.changed.notify_all()
        script = self.script
        if callable(script):
            return script(asked)
        return script[min(number, len(script)) - 1] if isinstance(script, Sequence) else script

    def note(self, change: Callable[[], None]) -> None:
        """Records something else."""
        with self.changed:
            change()
            self.changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes in the middle is part of the play."""


@contextlib.contextmanager
def serving(
    script: Script,
    models: Sequence[str] = ("scripted-model",),
    key: str | None = None,
    is_sglang: bool = False,
) -> Iterator[Scripted]:
    """A server that plays ``script``, until the block ends."""
    server = Scripted(script, models, key, is_sglang)
    # Closing asks every so often whether to close; often, so that tests do not wait for it.
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self.server.note(lambda: self.server.other.append(f"GET {self.path}"))
        if not self._may():
            return
        path = self.path.partition("?")[0]
        if path.endswith("/v1beta/models"):
            self._json(200, {"models": [{"name": f"models/{m}"} for m in self.server.models]})
        elif path.endswith("/models"):
            data = [{"id": m, "object": "model", "type": "model"} for m in self.server.models]
            self._json(200, {"object": "list", "data": data})
        elif path == "/model_info" and self.server.is_sglang:
            self._json(200, {"model_path": self.server.models[0], "is_generation": True})
        else:
            self._json(404, {"error": {"message": "Not Found"}})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        path = self.path.partition("?")[0]
        if path == "/abort_request":
            self.server.note(lambda: self.server.aborted.append(body.get("rid", "")))
            self._json(200, {})
            return
        dialect: Dialect
        if path.endswith("/chat/completions"):
            dialect = "openai"
        elif path.endswith("/messages"):
            dialect = "anthropic"
        elif path.endswith(("GenerateContent", "generateContent")):
            dialect = "google"
        else:
            self.server.note(lambda: self.server.other.append(f"POST {path}"))
            self._json(404, {"error": {"message": "Not Found"}})
            return
        asked = Asked(dialect, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        if self._may():
            self._play(self.server.next(asked), asked)

    def _may(self) -> bool:
        wanted = self.server.key
        given = [
            self.headers.get("authorization", "").removeprefix("Bearer "),
            self.headers.get("x-api-key", ""),
            self.headers.get("x-goog-api-key", ""),
        ]
        if wanted is None or wanted in given:
            return True
        # Some servers say which key they were given.
        said = f"Incorrect API key provided: {next((k for k in given if k), 'none')}"
        self._json(401, {"error": {"message": said, "type": "authentication_error"}})
        return False

    def _play(self, behaviour: Behaviour, asked: Asked) -> None:
        if isinstance(behaviour, Refuses):
            if not behaviour.when(asked):
                return self._play(behaviour.then, asked)
            behaviour = Fails(400, behaviour.message)
        if isinstance(behaviour, Fails):
            body = behaviour.body
            if body is None:
                error = {"message": behaviour.message, "type": behaviour.kind or "error"}
                body = json.dumps({"type": "error", "error": error}).encode()
            self._headers(behaviour.status, "application/json", len(body), behaviour.headers)
            self.wfile.write(body)
        elif isinstance(behaviour, Raw):
            self._headers(200, behaviour.form)
            self.wfile.write(behaviour.body)
            self._end(behaviour.rudely)
        elif isinstance(behaviour, Hangs):
            self._hold()
        elif isinstance(behaviour, Closes):
            self._end(rudely=False)
        elif isinstance(behaviour, Floods):
            self._headers(200, "text/event-stream")
            pieces = iter(lambda: "x" * 4096, "")
            self._send(pieces, asked, Says(""))
        elif behaviour.streams and _streams(asked):
            self._headers(200, "text/event-stream")
            step = max(1, behaviour.piece)
            text = behaviour.text
            self._send((text[i : i + step] for i in range(0, len(text), step)), asked, behaviour)
        else:
            self._json(200, _whole(behaviour, asked, self.server.models[0]))

    def _send(self, pieces: Iterator[str], asked: Asked, says: Says) -> None:
        model = self.server.models[0]
        try:
            self._write(_before(asked.dialect, model, says))
            for number, piece in enumerate(pieces):
                if number == says.breaks:
                    self._end(says.rudely)
                    return
                if number == says.waits:
                    self._hold()
                    return
                self._write(_piece(asked.dialect, model, piece))
                if self.server.closing.is_set():
                    return
            self._write(_after(asked.dialect, model, says))
        except OSError:
            self.server.note(lambda: setattr(self.server, "hung_up", self.server.hung_up + 1))
        self.close_connection = True

    def _write(self, events: Sequence[tuple[str, str]]) -> None:
        for name, data in events:
            self.wfile.write((f"event: {name}\n" if name else "").encode() + f"data: {data}\n\n".encode())
            self.wfile.flush()

    def _headers(
        self, status: int, form: str, length: int | None = None, more: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", form)
        for name, value in (more or {}).items():
            self.send_header(name, value)
        if length is None:
            self.send_header("connection", "close")
            self.close_connection = True
        else:
            self.send_header("content-length", str(length))
        self.end_headers()
        self.wfile.flush()

    def _json(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self._headers(status, "application/json", len(body))
        self.wfile.write(body)

    def _hold(self) -> None:
        """Waits until the client goes or the play is over."""
        self.connection.settimeout(0.02)
        while not self.server.closing.is_set():
            try:
                if not self.connection.recv(1):
                    self.server.note(lambda: setattr(self.server, "hung_up", self.server.hung_up + 1))
                    break
            except TimeoutError:
                continue
            except OSError:
                self.server.note(lambda: setattr(self.server, "hung_up", self.server.hung_up + 1))
                break
        self._end(rudely=False)

    def _end(self, rudely: bool) -> None:
        if rudely:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.close() if rudely else self.connection.shutdown(socket.SHUT_RDWR)


def _streams(asked: Asked) -> bool:
    return bool(asked.body.get("stream")) or "streamGenerateContent" in asked.path


_STOPS: Mapping[str, Mapping[str, str]] = {
    "openai": {"stop": "stop", "length": "length", "refusal": "content_filter"},
    "anthropic": {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"},
    "google": {"stop": "STOP", "length": "MAX_TOKENS", "refusal": "SAFETY"},
}


def _dump(document: object) -> str:
    text = json.dumps(document, ensure_ascii=False)
    # As real servers do, except where that is impossible.
    return json.dumps(document) if "\ud800" in text else text


def _openai_usage(tokens: tuple[int, int, int]) -> dict[str, Any]:
    prompt, cached, completion = tokens
    details = {"cached_tokens": cached}
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": details,
    }


def _google_usage(tokens: tuple[int, int, int]) -> dict[str, int]:
    return {
        "promptTokenCount": tokens[0],
        "cachedContentTokenCount": tokens[1],
        "candidatesTokenCount": tokens[2],
    }


def _anthropic_usage(tokens: tuple[int, int, int]) -> dict[str, int]:
    prompt, cached, completion = tokens
    # What came from the cache is not among its input tokens.
    return {"input_tokens": prompt - cached, "cache_read_input_tokens": cached, "output_tokens": completion}


def _before(dialect: str, model: str, says: Says) -> list[tuple[str, str]]:
    if dialect == "anthropic":
        usage = _anthropic_usage(says.tokens) if says.tokens else {}
        message = {"type": "message", "role": "assistant", "model": model, "content": [], "usage": usage}
        return [
            ("message_start", _dump({"type": "message_start", "message": message})),
            (
                "content_block_start",
                _dump(
                    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
                ),
            ),
            ("ping", _dump({"type": "ping"})),
        ]
    if dialect == "openai":
        delta = {"role": "assistant", "content": None}
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        return [("", _dump({"object": "chat.completion.chunk", "model": model, "choices": [choice]}))]
    return []


def _piece(dialect: str, model: str, text: str) -> list[tuple[str, str]]:
    if dialect == "anthropic":
        delta = {"type": "text_delta", "text": text}
        event = {"type": "content_block_delta", "index": 0, "delta": delta}
        return [("content_block_delta", _dump(event))]
    if dialect == "openai":
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        return [("", _dump({"object": "chat.completion.chunk", "model": model, "choices": [choice]}))]
    content = {"role": "model", "parts": [{"text": text}]}
    return [("", _dump({"candidates": [{"content": content, "index": 0}], "modelVersion": model}))]


def _after(dialect: str, model: str, says: Says) -> list[tuple[str, str]]:
    stop = _STOPS[dialect][says.finish]
    if dialect == "anthropic":
        usage = {"output_tokens": says.tokens[2]} if says.tokens else {}
        ended = {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": usage}
        return [
            ("content_block_stop", _dump({"type": "content_block_stop", "index": 0})),
            ("message_delta", _dump(ended)),
            ("message_stop", _dump({"type": "message_stop"})),
        ]
    if dialect == "openai":
        choice = {"index": 0, "delta": {}, "finish_reason": stop}
        last = [("", _dump({"object": "chat.completion.chunk", "model": model, "choices": [choice]}))]
        if says.tokens:
            last.append(("", _dump({"model": model, "choices": [], "usage": _openai_usage(says.tokens)})))
        return [*last, ("", "[DONE]")]
    event: dict[str, Any] = {"candidates": [{"finishReason": stop, "index": 0}], "modelVersion": model}
    if says.tokens:
        event["usageMetadata"] = _google_usage(says.tokens)
    return [("", _dump(event))]


def _whole(says: Says, asked: Asked, model: str) -> dict[str, Any]:
    stop = _STOPS[asked.dialect][says.finish]
    tokens = says.tokens or (0, 0, 0)
    if asked.dialect == "anthropic":
        content = [{"type": "text", "text": says.text}]
        return {
            "type": "message",
            "model": model,
            "content": content,
            "stop_reason": stop,
            "usage": _anthropic_usage(tokens),
        }
    if asked.dialect == "openai":
        message = {"role": "assistant", "content": says.text}
        choice = {"index": 0, "message": message, "finish_reason": stop}
        return {
            "object": "chat.completion",
            "model": model,
            "choices": [choice],
            "usage": _openai_usage(tokens),
        }
    content = {"role": "model", "parts": [{"text": says.text}]}
    return {
        "candidates": [{"content": content, "finishReason": stop}],
        "modelVersion": model,
        "usageMetadata": _google_usage(tokens),
    }


if __name__ == "__main__":
    with serving(Says(sys.argv[1] if len(sys.argv) > 1 else "{}")) as running:
        print(running.endpoint, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
