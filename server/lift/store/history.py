"""The states that specifications went through, by file and function, in one SQLite file.

It stands with what is the user's (see ``lift.store.shelf.place``) and never in the project: nothing is
committed by accident, and nobody can hand over a history with a folder. A file is known by its real path.
A store that is broken, locked, full or read-only costs what was to be kept and nothing else: no method
raises. Must not import anything of lift but the IR and this package.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from lift_ir import PastClause, PastState, Provenance

from lift.store.shelf import Shelf
from lift.store.states import refreshed, relevant

# The layout's version is in the file's name, so that an older lift beside a newer one keeps its own file.
FILE_NAME = "history-1.sqlite3"
MOST_OF_ONE, MOST, MOST_OFFERS = 200, 50_000, 2_000
_RECORDS_BETWEEN_LOOKS = 100
_BUSY_SECONDS, _GLANCE_SECONDS = 5.0, 0.05
"""How long is waited for another process: by a thread of its own, and where somebody looks meanwhile."""
_STATES = """
CREATE TABLE IF NOT EXISTS states (
    path TEXT NOT NULL, function TEXT NOT NULL, number INTEGER NOT NULL, made INTEGER NOT NULL,
    specification TEXT NOT NULL, code TEXT NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (path, function, number)
) WITHOUT ROWID
"""
_OFFERS = """
CREATE TABLE IF NOT EXISTS taken (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, clause TEXT NOT NULL, provenance TEXT NOT NULL
)
"""


class History:
    """What is remembered. Safe to use from several threads and from several processes.

    Args:
        path: The file; it and its folder are made when first needed. None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._states = Shelf(path, _STATES)
        self._offers = Shelf(path, _OFFERS)
        self._records = 0

    def of(self, path: str) -> dict[str, tuple[PastState, ...]]:
        """Qualified name → the states of that function of a file, the oldest first."""

        def read(connection: sqlite3.Connection) -> dict[str, tuple[PastState, ...]]:
            rows = connection.execute(
                "SELECT function, state FROM states WHERE path = ? ORDER BY function, number", (path,)
            )
            known: dict[str, list[PastState]] = {}
            for function, state in rows:
                found = _parsed(state)
                if found is not None:
                    known.setdefault(function, []).append(found)
            return {name: tuple(states) for name, states in known.items()}

        return (self._states.attempt(read, _GLANCE_SECONDS) or {}) if self._is_there() else {}

    def good(self, path: str) -> dict[str, PastState]:
        """Qualified name → the newest state of that function of a file in which all was known to hold."""

        def read(connection: sqlite3.Connection) -> dict[str, PastState]:
            rows = connection.execute(
                "SELECT function, state, max(number) FROM states WHERE path = ?"
                " AND json_extract(state, '$.verdict') IN ('proved', 'bounded', 'tested') GROUP BY function",
                (path,),
            )
            found = {function: _parsed(state) for function, state, _ in rows}
            return {function: state for function, state in found.items() if state is not None}

        return (self._states.attempt(read, _GLANCE_SECONDS) or {}) if self._is_there() else {}

    def names(self, path: str) -> frozenset[str]:
        """The functions of a file of which anything is known."""
        if not self._is_there():
            return frozenset()
        return frozenset(self._states.attempt(lambda c: _names(c, path), _BUSY_SECONDS) or ())

    def record(
        self, path: str, states: Sequence[PastState], present: Collection[str], *, typed: bool
    ) -> bool:
        """Keep the states of a file's functions as they are now; whether that could be done.

        A state that is the newest one already makes no new entry. A function that nothing is known of takes
        the history of the one function that has gone, here or with its file, and that was the same.

        Args:
            states: Of functions that state something, or did.
            present: The qualified names of all functions in the file.
            typed: Whether somebody wrote the text in an editor, so that what nobody offered is theirs.
        """
        if self.path is None or not (states or self._is_there()):
            return True
        offers = self._offered(path)

        def write(connection: sqlite3.Connection) -> bool:
            # Nobody else may number a state meanwhile.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE INDEX IF NOT EXISTS same ON states (code, specification)")
            known = _names(connection, path)
            for state in states:
                if state.name not in known:
                    if not state.clauses:
                        continue
                    _adopt(connection, path, state, present)
                _keep(connection, path, state, offers, typed)
            if self._records % _RECORDS_BETWEEN_LOOKS == 0:
                _make_room(connection)
            return True

        done = self._states.attempt(write, _BUSY_SECONDS) or False
        self._records += 1
        return done

    def offered(self, path: str, clauses: Iterable[str], provenance: Provenance) -> None:
        """Somebody takes what lift wrote for a file: clauses of these ids are not theirs."""
        rows = [(path, clause, provenance.model_dump_json()) for clause in clauses]
        if not rows:
            return

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT INTO taken (path, clause, provenance) VALUES (?, ?, ?)", rows)
            oldest = "SELECT id FROM taken ORDER BY id DESC LIMIT -1 OFFSET ?"
            connection.execute(f"DELETE FROM taken WHERE id IN ({oldest})", (MOST_OFFERS,))

        self._offers.attempt(write, _BUSY_SECONDS)

    def move(self, old: str, new: str) -> bool:
        """A file or a folder has another name now, and what was known of it goes along."""
        if not self._is_there():
            return True
        below = old.rstrip(os.sep) + os.sep

        def write(connection: sqlite3.Connection) -> bool:
            connection.execute("BEGIN IMMEDIATE")
            rows = connection.execute(
                "SELECT DISTINCT path FROM states WHERE path = ? OR substr(path, 1, ?) = ?",
                (old, len(below), below),
            ).fetchall()
            for (path,) in rows:
                # What was written over by the move is gone.
                after = new if path == old else new.rstrip(os.sep) + os.sep + path[len(below) :]
                if after != path:
                    connection.execute("DELETE FROM states WHERE path = ?", (after,))
                    connection.execute("UPDATE states SET path = ? WHERE path = ?", (after, path))
            return True

        return self._states.attempt(write, _BUSY_SECONDS) or False

    def forget(self, path: str, function: str | None = None) -> bool:
        """Drop what is known of a file, or of one function in it."""
        if not self._is_there():
            return True

        def write(connection: sqlite3.Connection) -> bool:
            if function is None:
                connection.execute("DELETE FROM states WHERE path = ?", (path,))
            else:
                connection.execute("DELETE FROM states WHERE path = ? AND function = ?", (path, function))
            return True

        return self._states.attempt(write, _BUSY_SECONDS) or False

    def _is_there(self) -> bool:
        try:
            return self.path is not None and self.path.exists()
        except OSError:
            return False

    def _offered(self, path: str) -> dict[str, Provenance]:
        """Who wrote the clauses that were taken for a file, by their ids."""

        def read(connection: sqlite3.Connection) -> dict[str, Provenance]:
            rows = connection.execute(
                "SELECT clause, provenance FROM taken WHERE path = ? ORDER BY id", (path,)
            )
            return {clause: Provenance.model_validate_json(p) for clause, p in rows}

        return self._offers.attempt(read, _BUSY_SECONDS) or {}


def _names(connection: sqlite3.Connection, path: str) -> set[str]:
    return {n for (n,) in connection.execute("SELECT DISTINCT function FROM states WHERE path = ?", (path,))}


def _newest(connection: sqlite3.Connection, path: str, function: str) -> tuple[int, PastState | None]:
    """The number of the newest state, 0 if there is none, and the state if it can be read."""
    row = connection.execute(
        "SELECT number, state FROM states WHERE path = ? AND function = ? ORDER BY number DESC LIMIT 1",
        (path, function),
    ).fetchone()
    return (row[0], _parsed(row[1])) if row is not None else (0, None)


def _parsed(state: str) -> PastState | None:
    try:
        return PastState.model_validate_json(state)
    except (ValueError, TypeError):
        return None


def _adopt(connection: sqlite3.Connection, path: str, state: PastState, present: Collection[str]) -> None:
    """Give a function the history of the one that it was before it got another name or file."""
    rows = connection.execute(
        "SELECT path, function FROM states s WHERE code = ? AND specification = ? AND number ="
        " (SELECT max(number) FROM states n WHERE n.path = s.path AND n.function = s.function)",
        (state.code, state.specification),
    ).fetchall()
    gone = [
        (where, name)
        for where, name in rows
        if (name not in present if where == path else os.path.isabs(where) and not os.path.exists(where))
    ]
    # Of two that were the same nobody can tell which one it was.
    if len(gone) == 1:
        where, name = gone[0]
        connection.execute(
            "UPDATE states SET path = ?, function = ? WHERE path = ? AND function = ?",
            (path, state.name, where, name),
        )


def _keep(
    connection: sqlite3.Connection,
    path: str,
    state: PastState,
    offers: Mapping[str, Provenance],
    typed: bool,
) -> None:
    newest, before = _newest(connection, path, state.name)
    if not relevant(before, state):
        better = refreshed(before, state) if before is not None else None
        if better is not None:
            connection.execute(
                "UPDATE states SET state = ? WHERE path = ? AND function = ? AND number = ?",
                (better.model_dump_json(), path, state.name, better.number),
            )
        return
    number = newest + 1
    # The clock may have been set back, but what came later is never earlier.
    made = max(int(time.time()), before.made if before is not None else 0)
    known = {c.id: c for c in before.clauses} if before is not None else {}
    lost = [c for c in state.clauses if c.id not in known]
    once = _authors(connection, path, state.name) if before is not None and lost else {}
    clauses: list[PastClause] = []
    for clause in state.clauses:
        earlier = known.get(clause.id)
        if earlier is not None:
            came = {"since": earlier.since, "made": earlier.made, "provenance": earlier.provenance}
        else:
            author = once.get(clause.id) or _author(clause, offers, typed and before is not None)
            came = {"since": number, "made": made, "provenance": author}
        clauses.append(clause.model_copy(update=came))
    entry = state.model_copy(update={"number": number, "made": made, "clauses": tuple(clauses)})
    connection.execute(
        "INSERT INTO states VALUES (?, ?, ?, ?, ?, ?, ?)",
        (path, state.name, number, made, entry.specification, entry.code, entry.model_dump_json()),
    )
    surplus = (
        "SELECT number FROM states WHERE path = ?1 AND function = ?2"
        " AND number > (SELECT min(number) FROM states WHERE path = ?1 AND function = ?2)"
        " ORDER BY number DESC LIMIT -1 OFFSET ?3"
    )
    connection.execute(
        f"DELETE FROM states WHERE path = ?1 AND function = ?2 AND number IN ({surplus})",
        (path, state.name, MOST_OF_ONE - 1),
    )


def _authors(connection: sqlite3.Connection, path: str, function: str) -> dict[str, Provenance]:
    """Who wrote the clauses of earlier states: one that comes back is not somebody else's now."""
    rows = connection.execute(
        "SELECT state FROM states WHERE path = ? AND function = ? ORDER BY number", (path, function)
    )
    states = [found for (state,) in rows if (found := _parsed(state)) is not None]
    return {c.id: c.provenance for s in states for c in s.clauses if c.provenance.kind != "unknown"}


def _author(clause: PastClause, offers: Mapping[str, Provenance], typed: bool) -> Provenance:
    if clause.provenance.kind != "unknown":
        return clause.provenance
    return offers.get(clause.id) or Provenance(kind="human" if typed else "unknown")


def _make_room(connection: sqlite3.Connection) -> None:
    """Drop the oldest states beyond the most that are kept, but of each function the first and the newest.

    Where that is not enough, the functions go of which nothing was heard for longest.
    """
    count = connection.execute("SELECT count(*) FROM states").fetchone()[0]
    if count <= MOST:
        return
    inner = (
        "SELECT s.path, s.function, s.number FROM states s JOIN"
        " (SELECT path, function, min(number) AS low, max(number) AS high FROM states"
        " GROUP BY path, function) e ON s.path = e.path AND s.function = e.function"
        " WHERE s.number > e.low AND s.number < e.high ORDER BY s.made, s.number LIMIT ?"
    )
    delete = f"DELETE FROM states WHERE (path, function, number) IN ({inner})"
    count -= connection.execute(delete, (count - MOST,)).rowcount
    if count > MOST:
        quiet = (
            "SELECT path, function FROM states GROUP BY path, function ORDER BY max(made), path, function"
            " LIMIT ?"
        )
        connection.execute(
            f"DELETE FROM states WHERE (path, function) IN ({quiet})", ((count - MOST + 1) // 2,)
        )
