"""Garbage is collected when nobody waits for an answer.

A full collection walks every object of every analysed text, which takes 100 ms and more and otherwise falls
into the middle of somebody's keystroke. Reference counting frees nearly everything at once anyway.
"""

from __future__ import annotations

import asyncio
import gc
import sys

_QUIET_SECONDS = 2.0
_LONGEST_SECONDS = 60.0
_YOUNG = 20_000
_NEVER = 1_000_000


class IdleCollector:
    """Runs the full collection after a pause in the traffic."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._last = self._until = loop.time()
        self._modules = 0
        self._collect()
        # Only the youngest objects are looked at while there is traffic, a few milliseconds at a time.
        gc.set_threshold(_YOUNG, _NEVER, _NEVER)

    def busy(self) -> None:
        """A message came: collecting waits for the next pause."""
        self._last = self._loop.time()
        if self._timer is None:
            self._until = self._last + _LONGEST_SECONDS
            self._timer = self._loop.call_later(_QUIET_SECONDS, self._perhaps)

    def _perhaps(self) -> None:
        now = self._loop.time()
        left = min(self._last + _QUIET_SECONDS, self._until) - now
        if left > 0:
            self._timer = self._loop.call_later(left, self._perhaps)
            return
        self._timer = None
        self._collect()

    def _collect(self) -> None:
        gc.collect()
        if len(sys.modules) != self._modules:
            # Modules and classes live as long as the process: walking them would never find anything.
            self._modules = len(sys.modules)
            gc.freeze()
