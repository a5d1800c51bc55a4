"""``Index``: the specified functions and holes of a folder, kept up to date in the background.

The thread that owns the index asks it; a thread of its own talks to the processes that read. Answers are what
is known at the moment, and never wait. Must not import a solver.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lift.config import Config
from lift.extract import Extraction
from lift.index.crew import Answer, Crew, Lost
from lift.index.matching import rank
from lift.index.records import Gap, Item, Record, from_json, record_of
from lift.index.shelf import FILE_NAME, Entry, Kept, Stamp
from lift.neighbours import name_of
from lift.source.folders import is_left_out
from lift.store.cache import cache_file
from lift.verify.sources import absolute

log = logging.getLogger(__name__)

# A folder with more is no project but somebody's disk.
MOST_FILES = 100_000
MOST_SYMBOLS = 500
# So that what was read is not lost where the reading is ended half-way.
_KEPT_AT_ONCE = 500
_REPORTED_AT_ONCE = 20

Opened = Callable[[], Mapping[Path, Extraction]]


@dataclass(frozen=True)
class Match:
    """A specified function, a class with invariants, or a hole that a query means.

    Attributes:
        record: What its file specifies, for converting columns.
    """

    path: Path
    found: Item | Gap
    record: Record

    @property
    def name(self) -> str:
        """What a list shows."""
        found = self.found
        return f"?{found.name}" if isinstance(found, Gap) else found.qualname.rpartition(".")[2]

    @property
    def container(self) -> str:
        """What it belongs to: a hole to its function, a method to its class, anything else to its file."""
        found = self.found
        owner = found.owner if isinstance(found, Gap) else found.qualname.rpartition(".")[0]
        return owner or self.path.stem


@dataclass(frozen=True)
class Call:
    """A specified function that calls another, under a name that resolves to it."""

    path: Path
    caller: Item
    record: Record


class Index:
    """What the Python files of a folder specify.

    Args:
        root: The folder.
        exclude: Glob patterns of what is left out, relative to it.
        kept: The file in the cache folder; None keeps nothing.
        version: What entries depend on besides the files.
        opened: The newest extractions of files that are open, which stand for the files on disk.
        workers: How many processes read at the same time.
    """

    def __init__(
        self,
        root: Path,
        exclude: tuple[str, ...] = (),
        kept: Path | None = None,
        version: str = "",
        opened: Opened = dict,
        workers: int = 2,
    ) -> None:
        self.root = root
        self._exclude = exclude
        self._kept = Kept(kept, root, version)
        self._opened = opened
        self._workers = workers
        self._entries: dict[str, Entry] = {}
        self._open: dict[Path, tuple[Extraction, Record | None]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._crew: Crew | None = None
        self._all = False
        self._pending: set[str] = set()
        self._loaded = False
        self._closed = False
        self._tell: Callable[[], None] = lambda: None
        self.ready = False
        self.generation = 0
        self.done, self.total = 0, 0

    # Keeping up to date ----------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether files are being read or waited for."""
        return self._thread is not None

    def start(self, tell: Callable[[], None] | None = None) -> None:
        """Brings all of it up to date, in the background; a file that is as it was is not read again.

        Args:
            tell: Called on some thread whenever ``done``, ``generation``, ``ready`` or ``is_busy`` change.
        """
        if tell is not None:
            self._tell = tell
        with self._lock:
            self._all = True
            self._wake()

    def changed(self, paths: Iterable[Path]) -> None:
        """These files were written, made or removed; folders among them count with all that is in them."""
        with self._lock:
            for path in paths:
                if path.suffix != ".py" and not path.is_file():
                    # Perhaps a folder, which is gone or here as a whole.
                    self._all = True
                elif path.suffix == ".py" and self.root in path.parents:
                    self._pending.add(path.relative_to(self.root).as_posix())
            if (self._pending or self._all) and self.ready:
                self._wake()

    def configure(self, exclude: tuple[str, ...]) -> None:
        """Takes other patterns of what is left out."""
        if exclude != self._exclude:
            self._exclude = exclude
            if self.ready or self.is_busy:
                self.start()

    def cancel(self) -> None:
        """Ends the reading; what was read stays, and the next ``start`` goes on from there."""
        with self._lock:
            self._all = False
            self._pending.clear()
            crew = self._crew
        if crew is not None:
            crew.stop()

    def wait(self) -> None:
        """Waits until everything that was started is read; for commands and tests."""
        while (thread := self._thread) is not None:
            thread.join()

    def close(self) -> None:
        """Ends everything; may be called again."""
        self._closed = True
        self._tell = lambda: None
        self.cancel()
        self.wait()

    def _wake(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, name="lift index", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                everything, pending = self._all, sorted(self._pending)
                self._all = False
                self._pending.clear()
                if self._closed or not (everything or pending):
                    self._thread = None
                    break
                self._crew = crew = Crew(self.root, self._workers)
            try:
                if everything:
                    self._bring_up_to_date(crew)
                else:
                    self._look_again(crew, pending)
            except Exception:
                log.exception("Error in the index of %s", self.root)
            with self._lock:
                self._crew = None
        self._tell()

    def _bring_up_to_date(self, crew: Crew) -> None:
        if not self._loaded:
            self._entries = self._kept.load()
            self._loaded = True
            self._news()
        try:
            there = {
                path: (size, modified, inode)
                for path, size, modified, inode in crew.listing(self.root, self._exclude, MOST_FILES)
            }
        except Lost as lost:
            if not crew.is_stopped:
                log.warning("The files of %s cannot be listed: %s", self.root, lost)
            self.ready = True
            self._news()
            return
        entries = self._entries
        gone = [path for path in entries if path not in there]
        for path in gone:
            del entries[path]
        self._kept.keep((path, None) for path in gone)
        known = {path: entries.get(path) for path in there}
        todo = [
            (path, "" if entry is None else entry.stamp.digest)
            for path, entry in known.items()
            if entry is None or not entry.stamp.is_of(*there[path])
        ]
        if gone:
            self._news()
        self._read(crew, todo, len(there))
        if not crew.is_stopped:
            self.ready = True
            self._news()

    def _look_again(self, crew: Crew, paths: list[str]) -> None:
        base = self.root
        kept = [path for path in paths if not is_left_out(base / path, base, base, self._exclude)]
        todo = [(path, entry.stamp.digest if (entry := self._entries.get(path)) else "") for path in kept]
        self._read(crew, todo, len(self._entries))

    def _read(self, crew: Crew, todo: list[tuple[str, str]], total: int) -> None:
        self.total, self.done = total, total - len(todo)
        fresh: list[tuple[str, Entry | None]] = []
        if not todo:
            return

        def take(answer: Answer) -> None:
            path = answer["path"]
            before = self._entries.get(path)
            entry = _entry(answer, before)
            if entry is None:
                self._entries.pop(path, None)
            else:
                self._entries[path] = entry
            fresh.append((path, entry))
            self.done += 1
            if (before and before.record) != (entry and entry.record):
                self._news()
            elif self.done % _REPORTED_AT_ONCE == 0:
                self._tell()
            if len(fresh) >= _KEPT_AT_ONCE:
                self._kept.keep(fresh)
                fresh.clear()

        crew.read(todo, take)
        self._kept.keep(fresh)

    def _news(self) -> None:
        self.generation += 1
        self._tell()

    # Asking ----------------------------------------------------------------------------------------------

    def files(self) -> dict[Path, Record]:
        """The files that specify something, with what they specify; open ones as they are in the editor."""
        found = {
            self.root / path: entry.record
            for path, entry in list(self._entries.items())
            if entry.record is not None
        }
        opened = self._opened()
        for path in [path for path in self._open if path not in opened]:
            del self._open[path]
        for path, extraction in opened.items():
            if is_left_out(path, self.root, self.root, self._exclude):
                continue
            record = self._record_of(path, extraction)
            found.pop(path, None)
            if record is not None:
                found[path] = record
        return dict(sorted(found.items()))

    def symbols(self, query: str, most: int = MOST_SYMBOLS) -> list[Match]:
        """The specified functions and the holes that a query means, the best first.

        Args:
            query: Letters that occur in the name in this order; empty for everything.
        """
        ranked = (
            ((place, len(match.name), str(match.path), match.found.place, number), match)
            for number, match in enumerate(self._matches())
            if (place := _rank(query, match)) is not None
        )
        return [match for _, match in heapq.nsmallest(most, ranked, key=lambda pair: pair[0])]

    def callers(self, module: str, qualname: str) -> list[Call]:
        """The specified functions that call a function or method of a module, as far as names tell.

        Args:
            module: The module's dotted name, as imports write it.
        """
        found: list[Call] = []
        for path, record in self.files().items():
            name, package = name_of(path)
            for item in record.items:
                if any(
                    qualname in _meant(call, item, record, package, module, name == module)
                    for call in item.calls
                ):
                    found.append(Call(path, item, record))
        return found

    def _matches(self) -> Iterable[Match]:
        for path, record in self.files().items():
            for found in (*record.items, *record.gaps):
                yield Match(path, found, record)

    def _record_of(self, path: Path, extraction: Extraction) -> Record | None:
        known = self._open.get(path)
        if known is None or known[0] is not extraction:
            known = self._open[path] = (extraction, record_of(extraction))
        return known[1]


def index_of(root: Path, config: Config, version: str, opened: Opened) -> Index:
    """The index of a folder under its settings."""
    results = cache_file(config)
    kept = results.with_name(FILE_NAME) if results is not None else None
    return Index(root, config.exclude, kept, version, opened, config.workers)


def _entry(answer: Answer, before: Entry | None) -> Entry | None:
    if answer.get("gone"):
        return None
    size, modified, inode, read = answer["stamp"]
    stamp = Stamp(size, modified, inode, read, answer["digest"])
    if answer.get("same"):
        return Entry(stamp, before.record if before is not None else None)
    return Entry(stamp, None if answer["record"] is None else from_json(answer["record"]))


def _rank(query: str, match: Match) -> int | None:
    found = match.found
    if isinstance(found, Item):
        return rank(query, found.qualname)
    return rank(query.removeprefix("?"), match.name) if query else 1


def _meant(call: str, item: Item, record: Record, package: str, module: str, inside: bool) -> set[str]:
    """The functions of ``module`` that the text of a call may mean, as qualified names."""
    root, _, rest = call.partition(".")
    target = record.imports.get(root)
    if target is not None:
        dotted = (absolute(target, package) or "") + (f".{rest}" if rest else "")
        return {dotted.removeprefix(f"{module}.")} if dotted.startswith(f"{module}.") else set()
    if not inside:
        return set()
    owner = item.qualname.rpartition(".")[0]
    if root in {"self", "cls"} and rest and item.kind == "method":
        return {f"{owner}.{rest}"}
    return {call}
