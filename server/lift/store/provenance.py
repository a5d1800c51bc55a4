"""Where bodies come from: which model or solver, what it was asked, and what was shown, in one SQLite file.

A record belongs to the text of a definition, by its digest: once somebody changes that, it is theirs. Kept
when a body is offered, since an editor applies an edit without asking again. A file that is broken, locked or
on a full disk costs the record and nothing else: no method raises. Must not import anything of lift but the
IR.
"""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

from lift_ir import Frozen
from lift_ir.generation import BodyOrigin

from lift.store.shelf import Shelf

# The layout's version is in the file's name, so that an older lift beside a newer one keeps its own file.
FILE_NAME = "provenance-1.sqlite3"
MOST_RECORDS = 20_000
_BUSY_SECONDS, _GLANCE_SECONDS = 0.5, 0.05
"""How long is waited for another process; somebody looks at a hover meanwhile."""
_LAYOUT = """
CREATE TABLE IF NOT EXISTS bodies (
    function TEXT PRIMARY KEY, record TEXT NOT NULL, made INTEGER NOT NULL
) WITHOUT ROWID
"""


class Record(Frozen):
    """Where one body comes from.

    Attributes:
        function: Digest of the definition's text, as ``lift_ir.Function.digest``.
        qualname: Its qualified name when it was offered.
        path: The file that it was offered for.
        origin: What wrote it.
        model: The model's name where one wrote it.
        prompt: Digest of what the model was asked, 16 hex digits; empty without one.
        round: In which round it was written, from 1.
        evidence: Each clause with its verdict, and on how many inputs it was run.
        made: When it was offered, in seconds since 1970.
    """

    function: str
    qualname: str
    path: str
    origin: BodyOrigin
    model: str | None = None
    prompt: str = ""
    round: int = 1
    evidence: tuple[tuple[str, str, int], ...] = ()
    made: int = 0


class Records:
    """Records by digest. Safe to use from several threads and from several processes.

    Args:
        path: The file; it and its folder are made when first needed. None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._file = Shelf(path, _LAYOUT)

    def get(self, function: str) -> Record | None:
        """Where the definition with this digest comes from, None if nobody knows."""
        if self.path is None or not self.path.exists():
            return None

        def read(connection: sqlite3.Connection) -> Record | None:
            row = connection.execute("SELECT record FROM bodies WHERE function = ?", (function,)).fetchone()
            return Record.model_validate(json.loads(row[0])) if row is not None else None

        return self._file.attempt(read, _GLANCE_SECONDS)

    def put(self, record: Record) -> bool:
        """Keep a record, in place of what was there; whether it could be kept."""
        made = record.made or int(time.time())
        row = (record.function, record.model_copy(update={"made": made}).model_dump_json(), made)

        def write(connection: sqlite3.Connection) -> bool:
            connection.execute("INSERT OR REPLACE INTO bodies VALUES (?, ?, ?)", row)
            oldest = "SELECT function FROM bodies ORDER BY made DESC LIMIT -1 OFFSET ?"
            connection.execute(f"DELETE FROM bodies WHERE function IN ({oldest})", (MOST_RECORDS,))
            return True

        return self._file.attempt(write, _BUSY_SECONDS) or False
