"""One line a record, with what caused it: the request or notification, its method, and the document.

At ``info`` and above a record never holds a text of the user's. Where records go is said by flags alone,
never by a workspace. Standard library only: this module runs before anything heavy is imported.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("text", "json")
Trace = Literal["off", "messages", "verbose"]

# How long each request and notification took, at debug.
times = logging.getLogger("lift.lsp.times")
_LARGEST_FILE = 10_000_000


@dataclass(frozen=True)
class Cause:
    """What the client sent that a record comes of.

    Attributes:
        request: The id of a request; a number of our own with a ``#`` for a notification.
        method: Its method.
        document: The URI that it is about, empty for none.
    """

    request: str
    method: str
    document: str = ""


_cause: contextvars.ContextVar[Cause | None] = contextvars.ContextVar("lift_cause", default=None)
_numbers = itertools.count(1)


def enter(request: object, method: str, params: object) -> None:
    """From here on, in this context, records come of a message from the client; ``request`` is its id."""
    document = params.get("textDocument") if isinstance(params, dict) else None
    uri = document.get("uri") if isinstance(document, dict) else None
    number = f"#{next(_numbers)}" if request is None else _short(str(request), 40)
    _cause.set(Cause(number, _short(method, 80), _short(uri, 500) if isinstance(uri, str) else ""))


@contextlib.contextmanager
def timed() -> Iterator[None]:
    """Logs at debug how long the handling of the present message took."""
    if not times.isEnabledFor(logging.DEBUG):
        yield
        return
    begun = time.perf_counter()
    try:
        yield
    finally:
        cause = _cause.get()
        took = (time.perf_counter() - begun) * 1000
        times.debug(
            "%s took %.1f ms", cause.method if cause else "it", took, extra={"milliseconds": round(took, 1)}
        )


def set_up(level: str, form: str, path: str | None) -> None:
    """Sends records to standard error, or to a file that only the user can read.

    Raises:
        OSError: The file cannot be written.
    """
    handler: logging.Handler
    if path is None:
        handler = logging.StreamHandler(sys.stderr)
    else:
        from logging.handlers import RotatingFileHandler

        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        handler = RotatingFileHandler(path, maxBytes=_LARGEST_FILE, backupCount=1, encoding="utf-8")
    handler.setLevel(level.upper())
    handler.addFilter(_remember)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _remember(record: logging.LogRecord) -> bool:
    """Ties a record to its cause while it is still known."""
    record.cause = _cause.get()
    return True


class TextLines(logging.Formatter):
    """``2026-01-31 12:00:00,000 INFO lift.lsp: what happened request=3 method=… document=…``."""

    def format(self, record: logging.LogRecord) -> str:
        record.asctime = self.formatTime(record)
        line = f"{record.asctime} {record.levelname} {record.name}: {record.getMessage()}"
        fields = _fields(record)
        line += "".join(f" {name}={value}" for name, value in fields.items() if name != "trace")
        # At debug a trace may follow; one record still is one line.
        return _one_line(f"{line} {fields.get('trace', '')}".rstrip())


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        known = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(known | _fields(record))


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    cause = getattr(record, "cause", None)
    found: dict[str, Any] = {}
    if isinstance(cause, Cause):
        found = {"request": cause.request, "method": cause.method}
        if cause.document:
            found["document"] = cause.document
    if hasattr(record, "milliseconds"):
        found["milliseconds"] = record.milliseconds  # pyright: ignore[reportAttributeAccessIssue]
    if record.exc_info and record.exc_info[1] is not None:
        found["trace"] = logging.Formatter().formatException(record.exc_info)
    return found


def _one_line(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n") if "\n" in text else text


def _short(text: str, most: int) -> str:
    text = "".join(c if c.isprintable() else "?" for c in text[: most + 1])
    return text if len(text) <= most else text[:most] + "…"


class Tracer(logging.Handler):
    """Sends what happens to the client as ``$/logTrace``, as far as ``$/setTrace`` wants it.

    Args:
        notify: Sends a notification.
    """

    def __init__(self, notify: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__(logging.DEBUG)
        self._notify = notify
        self._wanted: Trace = "off"
        self._before = logging.NOTSET
        self.addFilter(_remember)

    def want(self, trace: object) -> None:
        """Begins or ends the trace; what is no value of the protocol's changes nothing."""
        if trace not in ("off", "messages", "verbose") or trace == self._wanted:
            return
        logger = logging.getLogger("lift")
        if self._wanted == "off":
            self._before = logger.level
            logger.addHandler(self)
            logger.setLevel(logging.DEBUG)
        self._wanted = trace
        if trace == "off":
            logger.removeHandler(self)
            logger.setLevel(self._before)

    def emit(self, record: logging.LogRecord) -> None:
        """One record; with ``messages`` only what was asked and how long it took."""
        if self._wanted == "messages" and record.name != times.name:
            return
        cause = getattr(record, "cause", None)
        about = f"[{cause.request}] " if isinstance(cause, Cause) else ""
        params = {"message": about + record.getMessage()[:2000]}
        if self._wanted == "verbose":
            params["verbose"] = JsonLines().format(record)[:8000]
        try:
            self._notify("$/logTrace", params)
        except Exception:
            self.handleError(record)
