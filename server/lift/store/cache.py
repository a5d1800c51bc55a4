"""Results kept across restarts, in one SQLite file.

A cache may only ever save time: a file that is corrupt is made anew, and one that is locked, read-only or
on a full disk is done without. No method raises. Must not import anything of lift but
the IR and the settings.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from lift_ir import FunctionResult

from lift import __version__
from lift.config import Config
from lift.store.places import Anchor, Entry

_T = TypeVar("_T")

# The layout's version is in the file's name, so that an older lift beside a newer one keeps its own file.
FILE_NAME = "results-2.sqlite3"
MOST_ENTRIES = 50_000
MOST_BYTES = 256 * 1024 * 1024
_PUTS_BETWEEN_LOOKS = 500
_BUSY_SECONDS = 0.25
_TROUBLES_BEFORE_GIVING_UP = 3

_LAYOUT = """
CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY, result TEXT NOT NULL, anchors TEXT NOT NULL, used INTEGER NOT NULL
) WITHOUT ROWID
"""


class Cache:
    """Results by digest. Safe to use from several threads and from several processes.

    Args:
        path: The file; it and its folder are made when first needed. None keeps nothing.
        fingerprint: What else a result depends on, for example the solver's version.

    Attributes:
        hits, misses: How often a result was asked for and was there, or was not.
    """

    def __init__(self, path: Path | None, fingerprint: str = "") -> None:
        self.path = path
        self._fingerprint = fingerprint
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._troubles = 0
        self._puts = 0
        self.hits = 0
        self.misses = 0

    def get(self, digest: str) -> FunctionResult | None:
        """The result kept under ``digest``, None if there is none."""
        entry = self.entry(digest)
        return entry.result if entry else None

    def entry(self, digest: str) -> Entry | None:
        """As ``get``, with what the result's lines belonged to."""
        key = self._key(digest)

        def read(connection: sqlite3.Connection) -> Entry | None:
            row = connection.execute(
                "SELECT result, anchors, used FROM results WHERE key = ?", (key,)
            ).fetchone()
            if row is None:
                return None
            try:
                entry = Entry(FunctionResult.model_validate_json(row[0]), _anchors(row[1]))
            except (ValueError, TypeError, AttributeError):
                connection.execute("DELETE FROM results WHERE key = ?", (key,))
                return None
            today = _today()
            if row[2] != today:
                connection.execute("UPDATE results SET used = ? WHERE key = ?", (today, key))
            return entry

        found = self._attempt(read)
        if found is None:
            self.misses += 1
        else:
            self.hits += 1
        return found

    def put(self, digest: str, result: FunctionResult, anchors: Mapping[int, Anchor] | None = None) -> None:
        """Keeps ``result`` under ``digest``, in place of what was there."""
        row = (self._key(digest), result.model_dump_json(), json.dumps(dict(anchors or {})), _today())
        self._attempt(lambda c: c.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", row))
        self._puts += 1
        if self._puts % _PUTS_BETWEEN_LOOKS == 0:
            # A server may run for weeks, so that its file is looked at not only when it is opened.
            self._attempt(_make_room)

    def size(self) -> int | None:
        """How many results are kept; None if the cache cannot be used."""
        return self._attempt(lambda c: c.execute("SELECT count(*) FROM results").fetchone()[0])

    def close(self) -> None:
        """Lets go of the file; a later call opens it again."""
        with self._lock:
            self._disconnect()

    def _key(self, digest: str) -> str:
        return f"{self._fingerprint}:{digest}"

    def _attempt(self, action: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """What ``action`` returns, None when the file does not play along."""
        with self._lock:
            if self.path is None or self._troubles >= _TROUBLES_BEFORE_GIVING_UP:
                return None
            for retried in (False, True):
                try:
                    value = action(self._connect(self.path))
                except sqlite3.DatabaseError as error:
                    self._disconnect()
                    # An empty file is a database without our table, which comes back with the connection.
                    emptied = "no such table" in str(error)
                    if retried or not (emptied or (_is_corrupt(error) and _remove(self.path))):
                        break
                except (OSError, sqlite3.Error, UnicodeError, OverflowError):
                    self._disconnect()
                    break
                else:
                    self._troubles = 0
                    return value
            # Each try on a locked file waits, so a file that stays in the way is left alone.
            self._troubles += 1
            return None

    def _connect(self, path: Path) -> sqlite3.Connection:
        if self._connection is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _anchors(text: str) -> dict[int, Anchor]:
    return {
        int(line): (str(name), int(then), int(number), int(below))
        for line, (name, then, number, below) in json.loads(text).items()
    }


def _prepare(connection: sqlite3.Connection) -> None:
    # Not WAL, which maps a file into memory: whoever shortens that file kills every process that uses it.
    # A file that was made with WAL keeps it while somebody else has it open.
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = TRUNCATE").fetchone()
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(_LAYOUT)
    _make_room(connection)


def _make_room(connection: sqlite3.Connection) -> None:
    """Drop the results that were not used for longest where there are too many of them."""
    count = connection.execute("SELECT count(*) FROM results").fetchone()[0]
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    too_large = (pages - free) * size > MOST_BYTES
    if count > MOST_ENTRIES or too_large:
        left = min(count, MOST_ENTRIES) // 2
        oldest = "SELECT key FROM results ORDER BY used LIMIT ?"
        connection.execute(f"DELETE FROM results WHERE key IN ({oldest})", (count - left,))
    if pages * size > MOST_BYTES:
        # Deleting leaves the file as large as it was; with another process in the way that waits.
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("VACUUM")


def _is_corrupt(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return True
    # A table of another shape under our file's name comes as a plain logic error.
    return isinstance(error, sqlite3.OperationalError) and any(
        sign in str(error) for sign in ("no such column", "has no column", "columns but", "not a table")
    )


def _remove(path: Path) -> bool:
    # Only a file with the cache's own name is ever deleted: the folder may come from a configuration file
    # that somebody else wrote.
    if path.name != FILE_NAME:
        return False
    try:
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _today() -> int:
    return int(time.time() // 86_400)


def cache_file(config: Config) -> Path | None:
    """The file of the result cache under ``config``, None if there is none."""
    if config.cache is False:
        return None
    if isinstance(config.cache, str):
        return Path(config.cache) / FILE_NAME
    from platformdirs import user_cache_path

    return user_cache_path("lift", appauthor=False) / FILE_NAME


@functools.cache
def fingerprint() -> str:
    """What a verdict depends on besides the function and its bounds: lift, the solver, the interpreter."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        solver = version("z3-solver")
    except PackageNotFoundError:
        solver = "none"
    python = ".".join(map(str, sys.version_info[:3]))
    return f"lift {__version__}.{_sources_stamp()}, z3 {solver}, python {python}"


def _sources_stamp() -> str:
    # A checkout under development changes its verdicts without changing its version.
    here = Path(__file__).parents[1]
    files = sorted((*here.glob("verify/**/*.py"), *here.glob("extract/**/*.py")))
    stamps = [f"{f.name} {s.st_size} {s.st_mtime_ns}" for f in files for s in (f.stat(),)]
    return hashlib.sha256("\n".join(stamps).encode()).hexdigest()[:12]
