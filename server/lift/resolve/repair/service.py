"""Which repairs are known and which are being looked for, by what they are repairs of.

A key names everything that a repair depends on: the function with its specification and callees, the exact
characters that its edits are counted in, and its callers. Kept in memory only.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import Future

from lift_ir import Function, Module, Position, Repair, Repairs, Span, TextEdit

from lift.source.positions import LineIndex

_log = logging.getLogger(__name__)
_MOST_KEPT = 200


class Mending:
    """The searches for repairs. Used by the thread that owns the project."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[str, Future[str]]] = {}
        self._known: dict[str, Repairs] = {}

    def known(self, key: str) -> Repairs | None:
        """What was found under ``key``; None if that is not known yet."""
        running = self._running.get(key)
        if running is not None and running[1].done():
            del self._running[key]
            self._take(key, running[1])
        return self._known.get(key)

    def search(self, uri: str, key: str, start: Callable[[], Future[str]]) -> Future[str] | None:
        """The search under ``key``, started if there is none; None if it is over."""
        if self.known(key) is not None:
            return None
        if key not in self._running:
            self._running[key] = uri, start()
        return self._running[key][1]

    def drop(self, uri: str, keep: str = "") -> list[Future[str]]:
        """The searches about ``uri``, which nobody waits for any more, except the one under ``keep``."""
        gone = [key for key, (place, _) in self._running.items() if place == uri and key != keep]
        return [self._running.pop(key)[1] for key in gone]

    def _take(self, key: str, future: Future[str]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            # It is not tried again for the same text: what ended it once will end it again.
            _log.info("No repairs: %s", error)
            self._known[key] = Repairs(function="", line=1, complete=False)
            return
        self._known[key] = Repairs.model_validate_json(future.result())
        while len(self._known) > _MOST_KEPT:
            del self._known[next(iter(self._known))]


def key_of(module: Module, text: str, function: Function, digest: str) -> str:
    """What the repairs of a function are kept under."""
    index = LineIndex(text)
    callers = [f.digest for f in module.all_functions() if any(c.callee == function.name for c in f.calls)]
    parts = [digest, function.qualname, str(function.span.start.column), index.text_at(function.span)]
    return hashlib.sha256("\0".join([*parts, *callers]).encode("utf-8", "surrogatepass")).hexdigest()


def moved(repairs: Repairs, line: int) -> Repairs:
    """The repairs for a function that now starts at ``line``."""
    by = line - repairs.line
    if not by:
        return repairs
    shifted = tuple(_shifted(repair, by) for repair in repairs.repairs)
    return repairs.model_copy(update={"line": line, "repairs": shifted})


def _shifted(repair: Repair, by: int) -> Repair:
    edits = tuple(
        TextEdit(span=Span(start=_down(e.span.start, by), end=_down(e.span.end, by)), text=e.text)
        for e in repair.edits
    )
    return repair.model_copy(update={"edits": edits})


def _down(position: Position, by: int) -> Position:
    return Position(line=position.line + by, column=position.column)
