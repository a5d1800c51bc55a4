"""Inputs that broke a clause some time, by file and function: tests see to it that none does again.

They outlive the result that they came with: once the function is mended, nothing else remembers them. No
method raises, see ``lift.store.shelf``. Must not import anything of lift but the IR.
"""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

from lift_ir import Counterexample, FunctionResult

from lift.store.shelf import Shelf

# The layout's version is in the file's name, so that an older lift beside a newer one keeps its own file.
FILE_NAME = "counterexamples-1.sqlite3"
MOST_OF_ONE, MOST = 10, 20_000
_BUSY_SECONDS = 0.05
"""How long is waited for another process; somebody waits for a result meanwhile."""
_LAYOUT = """
CREATE TABLE IF NOT EXISTS counterexamples (
    path TEXT NOT NULL, function TEXT NOT NULL, input TEXT NOT NULL, found TEXT NOT NULL,
    made INTEGER NOT NULL,
    PRIMARY KEY (path, function, input)
) WITHOUT ROWID
"""


class Counterexamples:
    """What broke the functions of some files.

    Args:
        path: The file that they are kept in. None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = Shelf(path, _LAYOUT)

    def of(self, path: str) -> dict[str, tuple[Counterexample, ...]]:
        """Qualified name → the inputs that broke that function of a file, the oldest first."""

        def read(connection: sqlite3.Connection) -> dict[str, tuple[Counterexample, ...]]:
            rows = connection.execute(
                "SELECT function, found FROM counterexamples WHERE path = ? ORDER BY made, input", (path,)
            )
            known: dict[str, tuple[Counterexample, ...]] = {}
            for function, found in rows:
                known[function] = (*known.get(function, ()), Counterexample.model_validate_json(found))
            return known

        there = self._file.path is not None and self._file.path.exists()
        return (self._file.attempt(read, _BUSY_SECONDS) or {}) if there else {}

    def keep(self, path: str, result: FunctionResult) -> None:
        """Keep the inputs that a result holds; those that are known already stay as they are."""
        found = [c.counterexample for c in result.clauses if c.verdict == "refuted" and c.counterexample]
        inputs = {json.dumps([c.arguments, c.setup]): c for c in found if c.arguments}
        if not inputs:
            return
        made = int(time.time())
        rows = [(path, result.name, k, c.model_dump_json(), made) for k, c in inputs.items()]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR IGNORE INTO counterexamples VALUES (?, ?, ?, ?, ?)", rows)
            surplus = (
                "SELECT input FROM counterexamples WHERE path = ? AND function = ?"
                " ORDER BY made DESC, input LIMIT -1 OFFSET ?"
            )
            connection.execute(
                f"DELETE FROM counterexamples WHERE path = ? AND function = ? AND input IN ({surplus})",
                (path, result.name, path, result.name, MOST_OF_ONE),
            )
            oldest = "SELECT made FROM counterexamples ORDER BY made DESC LIMIT 1 OFFSET ?"
            connection.execute(f"DELETE FROM counterexamples WHERE made < ({oldest})", (MOST,))

        self._file.attempt(write, _BUSY_SECONDS)
