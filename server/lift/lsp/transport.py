"""Bytes in and bytes out: framing that finds its way back, a locked writer, and leaving when alone.

A language server meets clients that send a wrong length, a header in another case or rubbish between two
messages; losing the rest of the session over it is not an answer. Standard library only: this module runs
before anything heavy is imported.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lift.lsp.pipes import patient_read, patient_write

LIMIT_BYTES = 256 << 20
_LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,15})[ \t]*\r?\n", re.IGNORECASE)
_LONGEST_HEADER = 256
_PARENT_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Malformed:
    """A frame whose body is not JSON; ``reason`` says why."""

    reason: str


class Framer:
    """Cuts a stream of bytes into decoded messages, skipping whatever is not a message."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._body: tuple[int, int] | None = None
        self._searched = 0

    def feed(self, chunk: bytes) -> Iterator[object]:
        """Takes what arrived and yields each message that is now complete, or ``Malformed``."""
        self._buffer += chunk
        while True:
            if self._body is None and not self._find_body():
                return
            if self._restarted():
                yield Malformed("the announced length is wrong")
                continue
            start, size = self._body or (0, 0)
            if len(self._buffer) < start + size:
                return
            body = bytes(self._buffer[start : start + size])
            del self._buffer[: start + size]
            self._body = None
            if body:
                yield _decoded(body)

    def _find_body(self) -> bool:
        """Looks for a header; True once the place and the size of a body are known."""
        while True:
            match = _LENGTH.search(self._buffer)
            if match is None:
                # What is left may be the beginning of a header, so that its tail is kept.
                del self._buffer[: max(0, len(self._buffer) - _LONGEST_HEADER)]
                return False
            size = int(match[1])
            if size > LIMIT_BYTES:
                del self._buffer[: match.end()]
                continue
            start = self._end_of_header(match.end())
            if start is None:
                return False
            self._body, self._searched = (start, size), start
            return True

    def _end_of_header(self, place: int) -> int | None:
        """Where the body begins: after the empty line, or at the brace of a header that lacks one."""
        while True:
            newline = self._buffer.find(b"\n", place)
            line = self._buffer[place : newline if newline >= 0 else len(self._buffer)]
            if line[:1] in (b"{", b"["):
                return place
            if newline < 0:
                return None
            place = newline + 1
            if not line.strip():
                return place

    def _restarted(self) -> bool:
        """Whether another header stands inside the body, which valid JSON cannot contain.

        A line end right after digits, outside or inside a string, is no JSON after that word; so the length
        was wrong, and the message that follows is not lost.
        """
        start, size = self._body or (0, 0)
        stop = min(len(self._buffer), start + size)
        match = _LENGTH.search(self._buffer, max(start, self._searched - _LONGEST_HEADER), stop)
        self._searched = stop
        if match is None:
            return False
        del self._buffer[: match.start()]
        self._body = None
        return True


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError, MemoryError) as error:
        return Malformed(f"{type(error).__name__}: {error}"[:200])


def framed(message: object) -> bytes:
    """A message as it goes over the wire. ASCII only, so that a lone surrogate cannot break it."""
    body = json.dumps({"jsonrpc": "2.0", **message} if isinstance(message, dict) else message).encode("ascii")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@dataclass(frozen=True)
class Pipe:
    """The two ends that connect to a client; ``read`` gives ``b""`` at the end."""

    read: Callable[[int], bytes]
    write: Callable[[bytes], int]


def standard_pipe() -> Pipe:
    """The process's own input and output, taken away from everybody else.

    A ``print`` anywhere would break the stream, and a child that inherits the input would swallow messages;
    so both are moved to private descriptors, and their old numbers lead to nothing and to the log.
    """
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(source, os.O_BINARY)
        msvcrt.setmode(sink, os.O_BINARY)
    return Pipe(patient_read(source), patient_write(sink))


def socket_pipe(connection: socket.socket) -> Pipe:
    """A client that connected over TCP."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Pipe(connection.recv, connection.send)


class Output:
    """The one place that writes to the client; safe to use from several threads.

    Args:
        pipe: Where to.
        gone: Called once if the client no longer reads.
    """

    def __init__(self, pipe: Pipe, gone: Callable[[], None]) -> None:
        self._pipe = pipe
        self._gone = gone
        self._lock = threading.Lock()
        self._closed = False

    def send(self, message: object) -> None:
        """Sends a message that is already plain data."""
        self.send_bytes(framed(message))

    def send_bytes(self, data: bytes) -> None:
        """Sends a whole frame, in one piece whatever other threads do."""
        with self._lock:
            if self._closed:
                return
            try:
                view = memoryview(data)
                while view:
                    view = view[self._pipe.write(view) :]  # type: ignore[arg-type]
            except (OSError, ValueError):
                self._closed = True
        if self._closed:
            self._gone()


def read_forever(pipe: Pipe, take: Callable[[object], None], gone: Callable[[], None]) -> None:
    """Reads until the client is gone; meant for a thread of its own."""
    framer = Framer()
    while True:
        try:
            chunk = pipe.read(1 << 16)
        except OSError:
            chunk = b""
        if not chunk:
            gone()
            return
        for message in framer.feed(chunk):
            take(message)


def watch_process(pid: int, gone: Callable[[], None]) -> None:
    """Calls ``gone`` when the process ``pid`` no longer exists; returns at once."""
    wait = _wait_windows if sys.platform == "win32" else _wait_posix

    def watch() -> None:
        if wait(pid):
            gone()

    threading.Thread(target=watch, name="lift-parent", daemon=True).start()


def _wait_posix(pid: int) -> bool:
    while True:
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, OverflowError):
            return True
        except OSError:
            # Somebody else's process under that number still is a living one.
            pass
        time.sleep(_PARENT_POLL_SECONDS)


def _wait_windows(pid: int) -> bool:
    # os.kill(pid, 0) would end the process here, since signal 0 is Ctrl+C on Windows.
    import ctypes

    synchronize, forever = 0x0010_0000, 0xFFFF_FFFF
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(synchronize, False, pid)
    if not handle:
        return False
    kernel.WaitForSingleObject(handle, forever)
    return True
