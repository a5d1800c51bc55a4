"""How many tokens were asked of models today, by all of this user's lift processes, and how many may be.

Counted in a small SQLite file. A file that is broken, full, locked or read-only costs accuracy and never an
answer: this process then goes by what it counted itself. Must not import anything of lift.
"""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

FILE_NAME = "usage.sqlite"


def default_path() -> Path:
    """Where the count is kept."""
    from platformdirs import user_state_path

    return user_state_path("lift", appauthor=False) / FILE_NAME


class Budget:
    """The count, and the limit.

    Requests go out together, so each reserves what it may cost at most before it is sent, and gives back
    what it did not use. ``reserve`` and ``settle`` touch no file; ``refresh`` and ``flush`` do, and may wait
    for half a second.
    """

    def __init__(
        self,
        path: Path | None,
        limit: int,
        today: Callable[[], datetime.date] = datetime.date.today,
    ) -> None:
        """Opens nothing yet.

        Args:
            path: The file; None counts in this process only.
            limit: Tokens a day; 0 for no limit.
        """
        self._path = path
        self.limit = limit
        self._today = today
        self._state = threading.Lock()
        self._file = threading.Lock()
        self._day = ""
        self._stored = 0
        self._pending = 0
        self._reserved = 0

    def used(self) -> int:
        """Tokens of today, as far as is known without looking at the file."""
        with self._state:
            self._turn_over()
            return self._stored + self._pending

    def reserve(self, tokens: int) -> bool:
        """Sets tokens aside for a request; False, and nothing set aside, where that is over the limit."""
        with self._state:
            self._turn_over()
            if self.limit and self._stored + self._pending + self._reserved + tokens > self.limit:
                return False
            self._reserved += tokens
            return True

    def settle(self, reserved: int, used: int) -> None:
        """Gives back a reservation and counts what was used."""
        with self._state:
            self._turn_over()
            self._reserved = max(0, self._reserved - reserved)
            self._pending += max(0, used)

    def refresh(self) -> int:
        """Takes over what other processes counted, and returns the tokens of today."""
        with self._file:
            with self._state:
                self._turn_over()
                day = self._day
            stored = self._exchange(day, 0)
            if stored is not None:
                with self._state:
                    if self._day == day:
                        self._stored = stored
        return self.used()

    def flush(self) -> bool:
        """Writes what was counted here; False, and the count kept, where that is impossible."""
        with self._file:
            with self._state:
                self._turn_over()
                day, pending = self._day, self._pending
            if not pending:
                return True
            stored = self._exchange(day, pending)
            if stored is None:
                return False
            with self._state:
                if self._day == day:
                    self._stored, self._pending = stored, self._pending - pending
            return True

    def _turn_over(self) -> None:
        day = self._today().isoformat()
        if day != self._day:
            self._day, self._stored, self._pending = day, 0, 0

    def _exchange(self, day: str, added: int) -> int | None:
        """Adds to the file's count of a day and returns it; None where the file cannot be used."""
        if self._path is None:
            return None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self._path, timeout=0.5)) as store, store:
                store.execute("PRAGMA synchronous = OFF")
                store.execute(
                    "CREATE TABLE IF NOT EXISTS usage (day TEXT PRIMARY KEY, tokens INTEGER NOT NULL)"
                )
                if added:
                    store.execute(
                        "INSERT INTO usage VALUES (?, ?)"
                        " ON CONFLICT (day) DO UPDATE SET tokens = tokens + excluded.tokens",
                        (day, added),
                    )
                    store.execute("DELETE FROM usage WHERE day < date(?, '-40 days')", (day,))
                row = store.execute("SELECT tokens FROM usage WHERE day = ?", (day,)).fetchone()
                return int(row[0]) if row is not None else 0
        except (sqlite3.Error, OSError, ValueError, TypeError):
            return None


_budgets: dict[Path | None, Budget] = {}
_guard = threading.Lock()


def budget(limit: int, path: Path | None = None) -> Budget:
    """The budget of this process for a file, with the newest limit; None is the user's own file."""
    with _guard:
        if path is None:
            path = default_path()
        found = _budgets.setdefault(path, Budget(path, limit))
        found.limit = limit
        return found
