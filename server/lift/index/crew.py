"""The processes that read files for an index: a thread for each, which starts it, feeds it and ends it.

A process that dies costs the file that it was reading. Must not import a solver.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

# Enough that little time goes into talking, few enough that they end at about the same time.
_BATCH = 16
_LARGEST = 400 * 1024 * 1024
_FAILURES = 5

Answer = dict[str, Any]


class Lost(Exception):
    """A process could not be started, or has ended."""


class Reader:
    """One process. Used by one thread, except for ``kill``.

    Raises:
        Lost: It cannot be started.
    """

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", "lift.index.worker", "--parent", str(os.getpid())]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise Lost(str(error)) from None
        self.size = 0

    def ask(self, message: dict[str, Any]) -> Iterator[Answer]:
        """The answers to a message, as they come.

        Raises:
            Lost: The process has ended.
        """
        inbox, outbox = self._process.stdin, self._process.stdout
        assert inbox is not None
        assert outbox is not None
        try:
            inbox.write(json.dumps(message).encode() + b"\n")
            inbox.flush()
            for line in outbox:
                answer = json.loads(line)
                if answer.get("done"):
                    self.size = answer["size"]
                    return
                yield answer
        except (OSError, ValueError) as error:
            raise Lost(str(error)) from None
        raise Lost("it ended")

    def kill(self) -> None:
        """Ends it now; may be called from any thread."""
        self._process.kill()

    def end(self) -> None:
        """Ends it and cleans up."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class Crew:
    """Reads files in several processes; ``stop`` ends it from another thread.

    Args:
        size: How many processes there may be.
    """

    def __init__(self, root: Path, size: int) -> None:
        self._root = root
        self._size = max(1, size)
        self._lock = threading.RLock()
        self._readers: set[Reader] = set()
        self._stopped = False

    @property
    def is_stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped

    def stop(self) -> None:
        """Ends all processes now."""
        with self._lock:
            self._stopped = True
            for reader in self._readers:
                reader.kill()

    def listing(self, base: Path, exclude: Sequence[str], most: int) -> Iterator[tuple[str, int, int, int]]:
        """The folder's Python files: path from the root, size, time and number of each.

        Raises:
            Lost: They cannot be listed to the end.
        """
        reader = self._new()
        message = {"root": str(self._root), "base": str(base), "exclude": list(exclude), "most": most}
        try:
            for answer in reader.ask({"list": message}):
                yield from answer["files"]
        finally:
            self._release(reader)

    def read(self, paths: Sequence[tuple[str, str]], take: Callable[[Answer], None]) -> None:
        """Reads files, each given with the digest that is known of it; ``take`` gets the answers, one at a
        time, on any thread. Returns when all is read, or at ``stop``.
        """
        queue = deque(paths)
        threads = [
            threading.Thread(target=self._serve, args=(queue, take), name="lift index", daemon=True)
            for _ in range(min(self._size, -(-len(paths) // _BATCH)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _serve(self, queue: deque[tuple[str, str]], take: Callable[[Answer], None]) -> None:
        reader: Reader | None = None
        failures = 0
        try:
            while not self._stopped and failures < _FAILURES:
                batch = _next(queue)
                if not batch:
                    return
                left = deque(batch)
                try:
                    reader = reader or self._new()
                    for answer in reader.ask({"read": {"root": str(self._root), "paths": batch}}):
                        left.popleft()
                        with self._lock:
                            take(answer)
                except Lost:
                    if reader is not None:
                        # The file that it was at is what ended it, as far as can be told.
                        if left:
                            left.popleft()
                        self._release(reader)
                        reader = None
                    failures += 1
                    queue.extendleft(reversed(left))
                if reader is not None and reader.size > _LARGEST:
                    self._release(reader)
                    reader = None
        finally:
            if reader is not None:
                self._release(reader)

    def _new(self) -> Reader:
        reader = Reader()
        with self._lock:
            self._readers.add(reader)
            if self._stopped:
                reader.kill()
        return reader

    def _release(self, reader: Reader) -> None:
        with self._lock:
            self._readers.discard(reader)
        reader.end()


def _next(queue: deque[tuple[str, str]]) -> list[tuple[str, str]]:
    batch: list[tuple[str, str]] = []
    with contextlib.suppress(IndexError):
        while len(batch) < _BATCH:
            batch.append(queue.popleft())
    return batch
