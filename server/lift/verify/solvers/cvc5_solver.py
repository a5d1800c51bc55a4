"""cvc5 as a second solver, in a process that is started when there is a first question for it.

One process for each process that asks, kept warm; it is started again when it has died, and not any more
when it dies again and again. Must not import cvc5, which would hold this process's GIL while it solves.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from lift.verify.solvers import Answer

_log = logging.getLogger(__name__)
_SCRIPT = Path(__file__).resolve().with_name("cvc5_child.py")
_MEMORY_MB = 2048
# Seconds that the process may take to start and to say that a question's time is over.
_START, _LATE = 5.0, 0.5
_MOST_DEATHS = 5


class Cvc5:
    """The process, and the question that it works on. For one thread at a time, but for ``cancel``.

    Attributes:
        process: The running process; None before the first question and after its death.
        deaths: How often it died although nobody ended it.
    """

    name = "cvc5"

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0
        self._last = 0
        self._pending = b""
        self._answered = False
        self._lock = threading.Lock()

    @property
    def warm(self) -> bool:
        """Whether it is there already, so that a question costs no start."""
        return self.process is not None and self.process.poll() is None

    def ask(self, text: str, timeout_ms: int) -> int | None:
        """Have it work on a script in SMT-LIB; a handle for ``wait``, None if it cannot be asked.

        Args:
            text: Declarations and assertions, without the command to check them.
        """
        return self._put(text, timeout_ms)

    def _put(self, text: str, timeout_ms: int, **more: Any) -> int | None:
        for _ in range(2):
            if not self.warm and not self._start():
                return None
            self._last += 1
            if self._send({"id": self._last, "text": text, "ms": max(1, timeout_ms), **more}):
                return self._last
            self._lose()
        return None

    def abducts(self, text: str, timeout_ms: int, most: int) -> list[str]:
        """What would have to hold for a goal to follow, as definitions in SMT-LIB, those found first before.

        Args:
            text: A script that ends in ``get-abduct``.
            timeout_ms: When to stop looking for more.
            most: How many are enough.
        """
        question = self._put(text, timeout_ms, abducts=most)
        found = None if question is None else self._receive(question, timeout_ms)
        return found if isinstance(found, list) else []

    def ask_synthesis(self, text: str, timeout_ms: int) -> int | None:
        """Have it look for the functions of a SyGuS problem; a handle for ``solution``.

        Args:
            text: A script in SyGuS's language that ends in ``check-synth``.
        """
        return self._put(text, timeout_ms, synthesis=True)

    @property
    def said(self) -> bool:
        """Whether something has come back that was not looked at."""
        if self.process is None or self.process.stdout is None:
            return False
        return bool(select.select([self.process.stdout], [], [], 0)[0])

    def solution(self, question: int, timeout_ms: int) -> str | None:
        """The definitions that it found for what was asked last; None when none came in time."""
        found = self._receive(question, timeout_ms)
        return found[0] if isinstance(found, list) and found else None

    def wait(self, question: int, timeout_ms: int) -> Answer:
        """The answer to what was asked last; ``unknown`` when it does not come in time."""
        found = self._receive(question, timeout_ms)
        return found if found in ("sat", "unsat") else "unknown"

    def _receive(self, question: int, timeout_ms: int) -> Any:
        """What the process says to a question, None when it does not say it in time."""
        process = self.process
        if process is None or process.stdout is None:
            return None
        until = time.monotonic() + timeout_ms / 1000 + (_LATE if self._answered else _START)
        number = process.stdout.fileno()
        poll = select.poll()
        poll.register(number, select.POLLIN)
        while True:
            line, newline, rest = self._pending.partition(b"\n")
            if newline:
                self._pending = rest
                found = json.loads(line)
                self._answered = True
                if found["id"] == question:
                    return found["answer"]
                continue
            left = until - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                # It hangs: the next question gets another process.
                self.close()
                return None
            more = os.read(number, 1 << 16)
            if not more:
                self._lose()
                return None
            self._pending += more

    def cancel(self) -> None:
        """Give up what it works on; whoever waits for it gets an answer at once."""
        self._send({"cancel": True})

    def close(self) -> None:
        """End it."""
        process, self.process, self._pending, self._answered = self.process, None, b"", False
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()

    def _start(self) -> bool:
        self.close()
        if self.deaths >= _MOST_DEATHS or not installed():
            return False
        # Options as for the sandbox: the folder of the script must not be searched for modules.
        command = [sys.executable, "-s", "-P", str(_SCRIPT), str(os.getpid()), str(_MEMORY_MB)]
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            _log.warning("cvc5 could not be started: %s", error)
            self.deaths += 1
            return False
        return True

    def _send(self, message: dict[str, Any]) -> bool:
        with self._lock:
            process = self.process
            if process is None or process.stdin is None:
                return False
            try:
                process.stdin.write(json.dumps(message).encode() + b"\n")
                process.stdin.flush()
            except (OSError, ValueError):
                return False
        return True

    def _lose(self) -> None:
        self.deaths += 1
        self.close()


def installed() -> bool:
    """Whether cvc5 can be used here."""
    return hasattr(os, "fork") and importlib.util.find_spec("cvc5") is not None


_shared: dict[int, Cvc5] = {}


def shared() -> Cvc5:
    """This process's cvc5; a process that was forked off has one of its own."""
    mine = os.getpid()
    if mine not in _shared:
        _shared.clear()
        _shared[mine] = Cvc5()
        atexit.register(_shared[mine].close)
    return _shared[mine]
