"""The descriptors that the client gave us, as they are: some do not wait, and some nobody reads.

Standard library only: this module runs before anything heavy is imported.
"""

from __future__ import annotations

import io
import os
import select
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


def patient_read(source: int) -> Callable[[int], bytes]:
    """Reads from ``source`` as ``os.read`` does, and waits where it would not.

    A client may have made its ends non-blocking, and a pipe that is handed down, or a socket for both ways,
    then is so on this side too: that nothing is there yet does not mean that the client is gone.
    """
    return lambda size: _waiting(lambda: os.read(source, size), reading=source)


def patient_write(sink: int) -> Callable[[bytes], int]:
    """The same for ``os.write``."""
    return lambda data: _waiting(lambda: os.write(sink, data), writing=sink)


def _waiting(action: Callable[[], _T], *, reading: int | None = None, writing: int | None = None) -> _T:
    while True:
        try:
            return action()
        except BlockingIOError:
            select.select([] if reading is None else [reading], [] if writing is None else [writing], [])


def fill_descriptors() -> None:
    """A descriptor that was closed before the start would be given to the next thing that is opened."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken, which is this one.
            os.open(os.devnull, os.O_RDWR)


class Lossy(io.TextIOBase):
    """A text stream that drops what its reader does not take, instead of waiting for it.

    An editor that never reads the server's standard error would stop the server with the first log line that
    does not fit into the pipe. How much was dropped is said as soon as there is room.

    Args:
        descriptor: Where to; for good.
    """

    # What a pipe takes without waiting once it is said to be writable (PIPE_BUF; POSIX has 512 at least).
    _PIECE = select.PIPE_BUF if hasattr(select, "PIPE_BUF") else 512

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._dropped = 0

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        """Writes what can be written now. Never raises, never waits."""
        data = text.encode("utf-8", "backslashreplace")
        with self._lock:
            if self._dropped:
                said = b"(%d bytes of the log were not read and are left out)\n" % self._dropped
                if not self._put(said):
                    self._dropped = 0
            if self._dropped:
                self._dropped += len(data)
            else:
                self._dropped = self._put(data)
        return len(text)

    def _put(self, data: bytes) -> int:
        """Writes from the start of ``data``; gives how many bytes are left over."""
        try:
            while data and self._has_room():
                data = data[os.write(self._descriptor, data[: self._PIECE]) :]
        except OSError:
            # There is nobody to tell that there is nobody to tell.
            return 0
        return len(data)

    def _has_room(self) -> bool:
        if not hasattr(select, "poll"):
            return True
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return bool(poll.poll(0))
