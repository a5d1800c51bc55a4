"""What the index keeps across restarts: a row a file, in the cache folder.

Losing it costs a reading of the workspace and nothing else, so that no method raises. Must not import a
solver.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lift.index.records import Record, as_json, from_json
from lift.store.shelf import Shelf

# The layout's version is in the file's name, so that an older lift beside a newer one keeps its own file.
FILE_NAME = "index-1.sqlite3"
MOST_ROWS = 400_000
_SECONDS = 2.0
_LAYOUT = """
CREATE TABLE IF NOT EXISTS files (
    root TEXT, path TEXT, version TEXT NOT NULL, stamp TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (root, path)
) WITHOUT ROWID
"""


@dataclass(frozen=True)
class Stamp:
    """What tells one state of a file from another without reading it.

    Attributes:
        size: In bytes.
        modified: Its time, in nanoseconds.
        inode: Its number in the file system.
        read: When it was read, in nanoseconds.
        digest: What its text was then.
    """

    size: int
    modified: int
    inode: int
    read: int
    digest: str

    def is_of(self, size: int, modified: int, inode: int) -> bool:
        """Whether a file that looks like this is surely the one that was read.

        A file that was written at about the time of its reading may have been written again since, within
        the grain of the clock.
        """
        same = (self.size, self.modified, self.inode) == (size, modified, inode)
        return same and self.modified + _GRAIN < self.read


# FAT keeps times in steps of two seconds, which is the coarsest that there is.
_GRAIN = 3_000_000_000


@dataclass(frozen=True)
class Entry:
    """A file: its state, and what it specifies, None where it specifies nothing."""

    stamp: Stamp
    record: Record | None


class Kept:
    """The entries of one folder, in a file that all folders share.

    Args:
        path: The file; None keeps nothing.
        root: The folder.
        version: What the entries depend on besides the files; those of another version do not count.
    """

    def __init__(self, path: Path | None, root: Path, version: str) -> None:
        self._shelf = Shelf(path, _LAYOUT)
        self._root = str(root)
        self._version = version

    def load(self) -> dict[str, Entry]:
        """Every entry by the file's path from the root."""

        def read(connection: sqlite3.Connection) -> dict[str, Entry]:
            rows = connection.execute(
                "SELECT path, stamp, record FROM files WHERE root = ? AND version = ?",
                (self._root, self._version),
            )
            return {path: entry for path, *rest in rows if (entry := _entry(*rest)) is not None}

        return self._shelf.attempt(read, _SECONDS) or {}

    def keep(self, entries: Iterable[tuple[str, Entry | None]]) -> None:
        """Keeps entries by their path; None drops what was kept."""
        rows = [(path, entry) for path, entry in entries if path.isprintable() or path.isascii()]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "DELETE FROM files WHERE root = ? AND path = ?",
                [(self._root, path) for path, entry in rows if entry is None],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
                [(self._root, path, self._version, *_texts(entry)) for path, entry in rows if entry],
            )
            if connection.execute("SELECT count(*) FROM files").fetchone()[0] > MOST_ROWS:
                connection.execute("DELETE FROM files WHERE root != ?", (self._root,))

        if rows:
            self._shelf.attempt(write, _SECONDS)


def _texts(entry: Entry) -> tuple[str, str]:
    stamp = entry.stamp
    record = "" if entry.record is None else json.dumps(as_json(entry.record), separators=(",", ":"))
    return json.dumps([stamp.size, stamp.modified, stamp.inode, stamp.read, stamp.digest]), record


def _entry(stamp: str, record: str) -> Entry | None:
    try:
        return Entry(Stamp(*json.loads(stamp)), from_json(json.loads(record)) if record else None)
    except (ValueError, TypeError, KeyError):
        return None
