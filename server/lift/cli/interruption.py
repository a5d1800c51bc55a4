"""Ctrl-C, and the signals that mean the same, at moments when a command is ready for them.

An exception in the middle of printing would lose what is known, so a signal is noted, and only raises where
the command waits. A second signal ends the command wherever it is.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_T = TypeVar("_T")


class Interruption:
    """Whether the user wants to stop.

    Attributes:
        asked: Set by the first signal.
    """

    def __init__(self) -> None:
        self.asked = False
        self._waiting = False

    def wait_for(self, action: Callable[[], _T]) -> _T | None:
        """What ``action`` returns; None if a signal came before or while it was waited for."""
        try:
            self._waiting = True
            if self.asked:
                return None
            result = action()
            self._waiting = False
            return result
        except KeyboardInterrupt:
            return None
        finally:
            self._waiting = False

    def notice(self, _number: int, _frame: object) -> None:
        """The handler of a signal."""
        again, self.asked = self.asked, True
        if again or self._waiting:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Takes SIGINT, SIGTERM and SIGHUP as a wish to stop, for as long as the context lasts."""
    interruption = Interruption()
    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = []
    try:
        for number in signals:
            # A signal that nohup has turned off stays off.
            if signal.getsignal(number) != signal.SIG_IGN:
                before.append((number, signal.signal(number, interruption.notice)))
    except ValueError:
        # Signals belong to the main thread; elsewhere somebody else sees to them.
        before = []
    try:
        yield interruption
    finally:
        for number, handler in before:
            signal.signal(number, handler)
