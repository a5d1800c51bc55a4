"""A folder's analysis: what its texts specify, what is known about them, and what is being found out.

Joins extraction, the cache and the worker pool. One thread owns a project (the server's event loop, or the
command line's main thread); only the pool behind it works elsewhere. Must not import a solver, and imports
the pool no earlier than the first check.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lift_ir import Counterexample, Function, FunctionResult, Module, Repairs

from lift.config import Config
from lift.extract import Extraction, extract
from lift.neighbours import Neighbours, file_of, path_of
from lift.resolve.renamed import Signatures
from lift.resolve.repair import ENTRY as REPAIR
from lift.resolve.repair.service import Mending, key_of, moved
from lift.source.text import Snapshot
from lift.store import counterexamples
from lift.store.cache import Cache, cache_file, fingerprint
from lift.store.counterexamples import Counterexamples
from lift.store.freshness import Basis, Outline, outline_of
from lift.store.lasting import cut_short, lasting
from lift.store.places import Entry, Layout, anchored, layout_of, placed, stale
from lift.store.shelf import place
from lift.verify.options import Options
from lift.verify.picture import PoolPicture

if TYPE_CHECKING:
    import asyncio

    from lift.index.index import Index
    from lift.store.chronicle import Chronicle
    from lift.verify.pool import Pool, Task


@dataclass
class _Sheet:
    """What is known about one text: the newest extraction, and a result a function with what it was for."""

    extraction: Extraction
    outline: Outline
    layout: Layout
    neighbours: Neighbours
    digests: dict[str, Basis] = field(default_factory=dict)
    known: dict[str, _Known] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)
    shown: dict[str, FunctionResult] | None = None

    def forget_digests(self) -> None:
        """What the functions rest on is another."""
        self.digests.clear()
        self.missed.clear()
        self.shown = None


@dataclass(frozen=True)
class _Known:
    """A kept result, the digest that it holds for, and the digest of the function's own text."""

    entry: Entry
    digest: str
    text_digest: str


@dataclass
class _Running:
    """A job in the pool and how many checks wait for it."""

    future: Future[FunctionResult]
    users: int = 1


@dataclass(frozen=True)
class Pending:
    """A function whose result is known (``ready``) or under way (``future``)."""

    function: Function
    digest: str
    ready: FunctionResult | None = None
    future: Future[FunctionResult] | None = None


@dataclass(frozen=True)
class Batch:
    """The functions of one text that are being checked, in the order of the text."""

    extraction: Extraction
    pending: tuple[Pending, ...]


class Project:
    """The analysis of one folder.

    Args:
        root: The folder.
        config: Its settings.
        cache: Where results are kept; made from ``config`` if not given.
        pool: Where functions are checked; made when first needed if not given.
    """

    def __init__(
        self, root: Path, config: Config, *, cache: Cache | None = None, pool: Pool | None = None
    ) -> None:
        self.root = root
        self.config = config
        self._cache = cache if cache is not None else Cache(cache_file(config), fingerprint())
        self._past = Counterexamples(place(config.cache, counterexamples.FILE_NAME))
        self._pool = pool
        self._sheets: dict[str, _Sheet] = {}
        self._uris: dict[Path, str] = {}
        self._running: dict[str, _Running] = {}
        self._mending = Mending()
        self.signatures = Signatures()
        self._closed = False

    @property
    def options(self) -> Options:
        """The bounds of a check under the present settings."""
        config = self.config
        return Options(
            seconds=config.seconds,
            memory_mb=config.memory_mb,
            run_code=config.may_run_code,
            untrusted=not config.trusted,
            solvers=config.solvers,
            backend=config.backend,
        )

    def configure(self, config: Config) -> None:
        """Takes new settings; what is under way is finished under the old ones."""
        before, self.config = self.config, config
        if config.cache != before.cache:
            self._cache.close()
            self._cache = Cache(cache_file(config), fingerprint())
            self._past = Counterexamples(place(config.cache, counterexamples.FILE_NAME))
            # Whoever changes a setting is not to wait for the disk.
            self._close_chronicle(wait=False)
        if config.workers != before.workers and self._pool is not None and not self._running:
            self._pool.close()
            self._pool = None
        for sheet in self._sheets.values():
            sheet.forget_digests()
        if "index" in vars(self):
            self.index.configure(config.exclude)

    def analyse(self, snapshot: Snapshot) -> Extraction:
        """The specification in ``snapshot``, worked out anew only where the text changed. Never raises."""
        sheet = self._sheets.get(snapshot.uri)
        if sheet is None:
            extraction = extract(snapshot)
            self.signatures.note(extraction)
            module = extraction.module
            path = path_of(snapshot.uri)
            self._sheets[snapshot.uri] = _Sheet(
                extraction,
                outline_of(module, snapshot.text),
                layout_of(module, snapshot.text),
                Neighbours(self.root, path, self._opened),
            )
            if path is not None:
                self._uris[path] = snapshot.uri
            return extraction
        before = sheet.extraction
        if before.snapshot.text == snapshot.text:
            sheet.extraction = replace(before, snapshot=snapshot)
        else:
            self.drop_repairs(snapshot.uri)
            sheet.shown = None
            sheet.extraction = extract(snapshot, before)
            self.signatures.note(sheet.extraction)
            sheet.outline = outline_of(sheet.extraction.module, snapshot.text)
            sheet.layout = layout_of(sheet.extraction.module, snapshot.text)
        return sheet.extraction

    def extraction(self, uri: str) -> Extraction | None:
        """The newest extraction of ``uri``, None if it was never analysed."""
        sheet = self._sheets.get(uri)
        return sheet.extraction if sheet else None

    def task(self, uri: str, qualname: str, entry: str, seconds: float, details: str = "{}") -> Task | None:
        """Work about a function or class of the newest text; None where that is broken or has no such thing.

        Args:
            entry: What does it, see ``lift.verify.pool.Task``.
            seconds: The time that it may take.
            details: What else it wants to know, as JSON.
        """
        from lift.verify.pool import Task

        sheet = self._sheets.get(uri)
        if sheet is None or sheet.extraction.error is not None:
            return None
        module, text = sheet.extraction.module, sheet.extraction.snapshot.text
        function = next((f for f in module.all_functions() if f.qualname == qualname), None)
        if function is None and not any(c.qualname == qualname for c in module.classes):
            return None
        self._look_around(sheet)
        if function is not None:
            # The digest asks for all that the function's check is going to ask for.
            self._digest(sheet, function)
        options = replace(self.options, seconds=seconds, backend="lift")
        return Task(module, text, qualname, options, entry, details, sheet.neighbours.touched())

    def neighbours(self, uri: str) -> Neighbours | None:
        """The modules around ``uri``, None if it was never analysed."""
        sheet = self._sheets.get(uri)
        return sheet.neighbours if sheet else None

    def perform(self, task: Task) -> Future[str]:
        """Does a task in a worker; ``drop`` ends it.

        Returns:
            A future of JSON, see ``lift.verify.pool.Pool.perform``.
        """
        return self._workers().perform(task)

    def picture(self) -> tuple[PoolPicture, int, int]:
        """What its workers do, and how often a kept result was found and was not."""
        pool = self._pool.picture() if self._pool is not None else PoolPicture()
        return pool, self._cache.hits, self._cache.misses

    def drop(self, future: Future[str]) -> None:
        """Ends a task."""
        if not future.cancel() and self._pool is not None:
            self._pool.cancel(future)

    @functools.cached_property
    def index(self) -> Index:
        """What the files of the folder specify; nothing is looked at before ``Index.start``."""
        from lift.index.index import index_of

        return index_of(self.root, self.config, fingerprint(), self._extractions)

    def _extractions(self) -> dict[Path, Extraction]:
        return {path: sheet.extraction for path, u in self._uris.items() if (sheet := self._sheets.get(u))}

    def forget(self, uri: str) -> None:
        """Drops what is known about ``uri``."""
        self._sheets.pop(uri, None)
        self.signatures.forget(uri)
        self._uris = {path: one for path, one in self._uris.items() if one != uri}

    def dependents(self, uri: str) -> tuple[str, ...]:
        """The other texts whose results rest on what ``uri`` says."""
        path = path_of(uri)
        if path is None:
            return ()
        return tuple(u for u, sheet in self._sheets.items() if u != uri and sheet.neighbours.asked_for(path))

    def counterexamples(self, uri: str) -> dict[str, tuple[Counterexample, ...]]:
        """Qualified name → the inputs that broke that function some time, the oldest first."""
        return self._past.of(file_of(uri))

    def results(self, uri: str) -> dict[str, FunctionResult]:
        """The newest known result of each function, at its present place.

        ``progress`` is ``stale`` where the function, its specification or that of a callee has changed since.
        """
        sheet = self._sheets.get(uri)
        if sheet is None:
            return {}
        self._look_around(sheet)
        if sheet.shown is None:
            functions = checkable(sheet.extraction.module)
            found = ((f.qualname, self._known(sheet, f, exact=False)) for f in functions)
            sheet.shown = {name: result for name, result in found if result is not None}
        return dict(sheet.shown)

    def repairs(self, uri: str, qualname: str) -> Repairs | None:
        """The repairs of a function in the newest text; None if nobody has looked for them yet."""
        found = self._broken(uri, qualname)
        known = self._mending.known(found[2]) if found is not None else None
        return None if found is None or known is None else moved(known, found[1].span.start.line)

    def seek_repairs(self, uri: str, qualname: str) -> Future[str] | None:
        """Looks for repairs of a function that is refuted; None if there is nothing to wait for.

        The text that moves on ends the search.
        """
        found = self._broken(uri, qualname)
        if found is None or self._closed:
            return None
        sheet, function, key, result = found
        details = json.dumps({"result": result.model_dump(mode="json")})

        def start() -> Future[str]:
            from lift.verify.pool import Task

            module, text = sheet.extraction.module, sheet.extraction.snapshot.text
            sources = sheet.neighbours.touched()
            options = replace(self.options, backend="lift")
            return self._workers().perform(
                Task(module, text, function.qualname, options, REPAIR, details, sources)
            )

        return self._mending.search(uri, key, start)

    def drop_repairs(self, uri: str) -> None:
        """Ends the searches for repairs in ``uri``."""
        for future in self._mending.drop(uri):
            if not future.cancel() and self._pool is not None:
                self._pool.cancel(future)

    def _broken(self, uri: str, qualname: str) -> tuple[_Sheet, Function, str, FunctionResult] | None:
        """A function with a current result that refutes something, and the key of its repairs."""
        sheet = self._sheets.get(uri)
        if sheet is None or sheet.extraction.error is not None or not self.options.run_code:
            return None
        module, text = sheet.extraction.module, sheet.extraction.snapshot.text
        function = next((f for f in checkable(module) if f.qualname == qualname), None)
        result = self._known(sheet, function, exact=True) if function is not None else None
        if function is None or result is None or result.progress != "current":
            return None
        if result.verdict != "refuted":
            return None
        return sheet, function, key_of(module, text, function, self._digest(sheet, function)), result

    async def check(
        self, snapshot: Snapshot, qualnames: Iterable[str] | None = None
    ) -> AsyncIterator[FunctionResult]:
        """Checks the specified functions of ``snapshot``, or those of them in ``qualnames``.

        Known results come first, the others as they are found. A result whose function has meanwhile
        changed is left out. Closing the iterator ends the checks that nobody else waits for.
        """
        import asyncio

        batch = self.begin(snapshot, qualnames)
        loop, done = asyncio.get_running_loop(), asyncio.Queue[Pending]()
        try:
            for pending in batch.pending:
                if pending.ready is not None:
                    yield pending.ready
            waited = [p for p in batch.pending if p.future is not None]
            for pending in waited:
                # Not asyncio.wrap_future, whose cancellation would reach a job that another check waits for.
                cast("Future[FunctionResult]", pending.future).add_done_callback(
                    _announce(loop, done, pending)
                )
            for _ in waited:
                result = self.finish(batch, await done.get())
                if result is not None:
                    yield result
        finally:
            self.cancel(batch)

    def begin(self, snapshot: Snapshot, qualnames: Iterable[str] | None = None) -> Batch:
        """Starts checking and returns at once; ``finish`` then takes each result, ``cancel`` ends it all.

        Nothing is started for a snapshot that is older than what was analysed last, nor while the text does
        not parse.
        """
        extraction = self._at(snapshot)
        if extraction is None:
            return Batch(self._sheets[snapshot.uri].extraction, ())
        if extraction.error is not None or self._closed:
            return Batch(extraction, ())
        wanted = None if qualnames is None else frozenset(qualnames)
        functions = checkable(extraction.module)
        chosen = [f for f in functions if wanted is None or f.qualname in wanted]
        sheet = self._sheets[snapshot.uri]
        self._look_around(sheet)
        for function in chosen:
            # All digests come first, so that every job of the file is given the same sources.
            self._digest(sheet, function)
        return Batch(extraction, tuple(self._pending(sheet, f) for f in chosen))

    def finish(self, batch: Batch, pending: Pending) -> FunctionResult | None:
        """The result of ``pending``, waiting for it; None if it was cancelled or its function has changed."""
        if pending.future is None:
            return pending.ready
        try:
            result = pending.future.result()
        except CancelledError:
            self._settle(pending)
            return None
        self._settle(pending)
        entry = anchored(result, batch.extraction.module, batch.extraction.snapshot.text)
        if result.verdict == "refuted":
            self._past.keep(file_of(batch.extraction.snapshot.uri), result)
        if lasting(result, self.config.seconds):
            self._cache.put(self._key(pending.function, pending.digest), result, entry.anchors)
        return self._remember(batch.extraction.snapshot.uri, pending, entry)

    def collect(self, batch: Batch) -> Iterator[FunctionResult]:
        """The results of ``batch`` in the order of the text, waiting for each."""
        results = (self.finish(batch, pending) for pending in batch.pending)
        return (result for result in results if result is not None)

    def cancel(self, batch: Batch) -> None:
        """Ends the checks of ``batch`` that no other batch waits for."""
        for pending in batch.pending:
            key = self._key(pending.function, pending.digest)
            running = self._running.get(key)
            if pending.future is None or running is None or running.future is not pending.future:
                continue
            running.users -= 1
            if running.users > 0:
                continue
            del self._running[key]
            if not running.future.done() and not running.future.cancel() and self._pool is not None:
                self._pool.cancel(running.future)

    def close(self) -> None:
        """Ends every check and every worker, and lets go of the cache; later checks find nothing."""
        self._closed = True
        self._running.clear()
        if self._pool is not None:
            self._pool.close()
            self._pool = None
        if "index" in vars(self):
            self.index.close()
        self._cache.close()
        self._close_chronicle(wait=True)

    @functools.cached_property
    def chronicle(self) -> Chronicle:
        """The history of the folder's specifications; loaded when a check ends or somebody looks back."""
        from lift.store import chronicle, history

        return chronicle.Chronicle(place(self.config.cache, history.FILE_NAME))

    def _close_chronicle(self, *, wait: bool) -> None:
        if "chronicle" in vars(self):
            self.chronicle.close(wait=wait)
            del self.chronicle

    def _settle(self, pending: Pending) -> None:
        key = self._key(pending.function, pending.digest)
        running = self._running.get(key)
        if running is not None and running.future is pending.future:
            del self._running[key]

    def _at(self, snapshot: Snapshot) -> Extraction | None:
        sheet = self._sheets.get(snapshot.uri)
        if sheet is not None:
            newest = sheet.extraction.snapshot
            if newest.text == snapshot.text:
                return sheet.extraction
            if (
                newest.version is not None
                and snapshot.version is not None
                and newest.version > snapshot.version
            ):
                return None
        return self.analyse(snapshot)

    def _opened(self, path: Path) -> Extraction | None:
        uri = self._uris.get(path)
        sheet = self._sheets.get(uri) if uri is not None else None
        return sheet.extraction if sheet is not None else None

    def _look_around(self, sheet: _Sheet) -> None:
        """Forget the digests if one of the modules that they rest on has changed."""
        if sheet.neighbours.changed():
            sheet.forget_digests()

    def _digest(self, sheet: _Sheet, function: Function) -> str:
        from lift.verify.digests import dependencies_of, digest_of

        name, module, text = function.qualname, sheet.extraction.module, sheet.extraction.snapshot.text
        basis = sheet.digests.get(name)
        if basis is None or not basis.holds_in(sheet.outline):
            digest = digest_of(module, text, name, self.options, sheet.neighbours.sources)
            basis = sheet.outline.basis(digest, dependencies_of(module, text, name))
            sheet.digests[name] = basis
            sheet.shown = None
        return basis.digest

    def _known(self, sheet: _Sheet, function: Function, *, exact: bool) -> FunctionResult | None:
        """The newest known result of ``function``, from memory or from the cache.

        Unless ``exact`` is asked for, a function that has changed is not looked up again: that takes tens of
        milliseconds in a long text, and is asked for on every keystroke.
        """
        layout, known = sheet.layout, sheet.known.get(function.qualname)
        if sheet.extraction.error is not None:
            # The text as a whole has no meaning now, so that only the function's own text can be compared.
            if known is None:
                return None
            unchanged = known.text_digest == function.digest
            return (placed if unchanged else stale)(known.entry, layout, function)
        basis = sheet.digests.get(function.qualname)
        if not exact and known is not None and basis is not None and basis.digest == known.digest:
            if not basis.holds_in(sheet.outline):
                return stale(known.entry, layout, function)
        if not exact and known is None and basis is not None and not basis.holds_in(sheet.outline):
            return None
        digest = self._digest(sheet, function)
        if (known is None or known.digest != digest) and digest not in sheet.missed:
            entry = self._cache.entry(self._key(function, digest))
            if entry is None:
                sheet.missed.add(digest)
            else:
                known = sheet.known[function.qualname] = _Known(entry, digest, function.digest)
                sheet.shown = None
        if known is None:
            return None
        return (placed if known.digest == digest else stale)(known.entry, layout, function)

    def _pending(self, sheet: _Sheet, function: Function) -> Pending:
        digest = self._digest(sheet, function)
        ready = self._known(sheet, function, exact=True)
        if ready is not None and ready.progress == "current" and not cut_short(ready, self.config.seconds):
            return Pending(function, digest, ready=ready)
        key = self._key(function, digest)
        running = self._running.get(key)
        if running is not None and not running.future.cancelled():
            running.users += 1
            return Pending(function, digest, future=running.future)
        future = self._submit(sheet, function.qualname)
        self._running[key] = _Running(future)
        return Pending(function, digest, future=future)

    def _submit(self, sheet: _Sheet, qualname: str) -> Future[FunctionResult]:
        from lift.verify.pool import Job

        extraction = sheet.extraction
        text, sources = extraction.snapshot.text, sheet.neighbours.touched()
        return self._workers().submit(Job(extraction.module, text, qualname, self.options, sources))

    def warm(self) -> None:
        """Somebody will ask for a check soon: the first worker loads meanwhile."""
        if self._pool is None and not self._closed:
            self._workers().warm()

    def _workers(self) -> Pool:
        from lift.verify.pool import Pool

        if self._pool is None:
            self._pool = Pool(workers=self.config.workers)
        return self._pool

    def _remember(self, uri: str, pending: Pending, entry: Entry) -> FunctionResult | None:
        sheet = self._sheets.get(uri)
        if sheet is None:
            return None
        module, name = sheet.extraction.module, pending.function.qualname
        function = next((f for f in checkable(module) if f.qualname == name), None)
        if function is None:
            return None
        if sheet.extraction.error is None:
            unchanged = self._digest(sheet, function) == pending.digest
        else:
            unchanged = function.digest == pending.function.digest
        if not unchanged:
            return None
        sheet.known[name] = _Known(entry, pending.digest, function.digest)
        sheet.shown = None
        return placed(entry, sheet.layout, function)

    @staticmethod
    def _key(function: Function, digest: str) -> str:
        # Two methods of the same text in two classes have one digest perhaps, but results carry names.
        return f"{digest}:{function.qualname}"


def checkable(module: Module) -> tuple[Function, ...]:
    """The functions that are checked: those with a specification, and the methods of a class with invariants.

    Where a name is bound twice, the last definition counts, as it does in Python.
    """
    guarded = {c.qualname for c in module.classes if c.invariants}
    chosen = {
        f.qualname: f
        for f in module.all_functions()
        if f.specified or f.qualname.rpartition(".")[0] in guarded
    }
    return tuple(sorted(chosen.values(), key=lambda f: (f.span.start.line, f.span.start.column)))


def _announce(
    loop: asyncio.AbstractEventLoop, done: asyncio.Queue[Pending], pending: Pending
) -> Callable[[object], None]:
    def announce(_future: object) -> None:
        # The loop may be gone by the time a killed worker reports.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(done.put_nowait, pending)

    return announce
