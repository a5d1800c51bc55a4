"""Writes the history beside the work: on a thread of its own, so that nobody waits for a disk.

Must not import anything of lift but the IR, ``source`` and this package.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lift_ir import Function, FunctionResult, Module, PastState, Provenance

from lift.store.history import History
from lift.store.states import state_of_class, states_of

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_FLUSH_SECONDS = 10.0


@dataclass(frozen=True)
class Seen:
    """What was known of a text when a check of it ended.

    Attributes:
        path: The file's real path.
        results: The current results by qualified name.
        typed: Whether the text comes from an editor.
    """

    path: str
    module: Module
    text: str
    results: Mapping[str, FunctionResult]
    typed: bool


class Chronicle:
    """The history of one user's files, as a project writes and reads it.

    Args:
        file: Where it is kept; None keeps nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self.history = History(file)
        self._work: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._known: dict[str, tuple[object, dict[str, tuple[PastState, ...]]]] = {}
        self._good: dict[str, tuple[object, dict[str, PastState]]] = {}

    def remember(self, seen: Seen) -> None:
        """Keep the states of the functions that were checked. Returns at once."""
        if self.history.path is not None:
            self._later(lambda: _write(self.history, seen))

    def offered(self, path: str, clauses: Iterable[str], provenance: Provenance) -> None:
        """See ``History.offered``. Returns at once."""
        kept = tuple(clauses)
        if self.history.path is not None and kept:
            self._later(lambda: self.history.offered(path, kept, provenance))

    def of(self, path: str) -> dict[str, tuple[PastState, ...]]:
        """See ``History.of``; read again only where the file has changed."""
        return _read(path, self._stamp(), self._known, self.history.of)

    def good(self, path: str) -> dict[str, PastState]:
        """See ``History.good``; read again only where the file has changed."""
        return _read(path, self._stamp(), self._good, self.history.good)

    def move(self, old: str, new: str) -> None:
        """See ``History.move``. Returns at once."""
        if self.history.path is not None:
            self._later(lambda: self.history.move(old, new))

    def flush(self) -> None:
        """Waits until what is to be kept is kept, or does not want to be."""
        done = threading.Event()
        with self._lock:
            if self._thread is None:
                return
            self._work.put(done.set)
        done.wait(_FLUSH_SECONDS)

    def close(self, *, wait: bool = True) -> None:
        """Writes what is left and ends the thread; a later call starts another one.

        Args:
            wait: Whether it comes back only when that is done, or does not want to be.
        """
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._work.put(None)
        if thread is not None and wait:
            thread.join(_FLUSH_SECONDS)

    def _later(self, work: Callable[[], object]) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="lift-history", daemon=True)
                self._thread.start()
            self._work.put(work)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception:
                # What went wrong with one text must not keep the others from being remembered.
                log.exception("the history of a text was not kept")

    def _stamp(self) -> object:
        try:
            status = os.stat(self.history.path) if self.history.path is not None else None
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size, status.st_ino) if status is not None else None


def _read(
    path: str,
    stamp: object,
    known: dict[str, tuple[object, dict[str, _T]]],
    read: Callable[[str], dict[str, _T]],
) -> dict[str, _T]:
    kept = known.get(path)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    found = read(path)
    # Nothing may also mean that somebody else was writing: that is looked at again.
    if found:
        known[path] = stamp, found
    return found


def _write(history: History, seen: Seen) -> None:
    functions = {f.qualname: f for f in seen.module.all_functions()}
    checked = [f for f in functions.values() if f.specified and f.qualname in seen.results]
    # A function that states nothing any more is remembered only where it once did.
    silent = [f for f in functions.values() if not f.specified]
    if silent:
        known = history.names(seen.path)
        silent = [f for f in silent if f.qualname in known]
    wanted: list[Function] = [*checked, *silent]
    states = [*states_of(wanted, seen.text, dict(seen.results))] if wanted else []
    classes = {c.qualname: c for c in seen.module.classes}
    guarded = [
        c for c in classes.values() if c.invariants and any(m.qualname in seen.results for m in c.methods)
    ]
    quiet = [c for c in classes.values() if not c.invariants]
    if quiet:
        known = history.names(seen.path)
        quiet = [c for c in quiet if c.qualname in known]
    states += [state_of_class(c, seen.text, seen.results) for c in (*guarded, *quiet)]
    if states:
        history.record(seen.path, states, {*functions, *classes}, typed=seen.typed)
