"""A small SQLite file that is opened for each use, and that nothing depends on.

One that is broken, locked or on a full disk costs what was to be kept and nothing else: no method raises.
Must not import anything of lift.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_T = TypeVar("_T")


def place(choice: bool | str, name: str) -> Path | None:
    """Where a file is kept that is the user's rather than a cache; None if nothing is to be kept.

    Args:
        choice: The setting ``cache``: whether anything is kept, or the folder for it.
    """
    if choice is False:
        return None
    if isinstance(choice, str):
        return Path(choice) / name
    from platformdirs import user_state_path

    return user_state_path("lift", appauthor=False) / name


class Shelf:
    """One file. Safe to use from several threads and from several processes.

    Args:
        path: The file; it and its folder are made when first needed. None keeps nothing.
        layout: The statement that makes its table.
    """

    def __init__(self, path: Path | None, layout: str) -> None:
        self.path = path
        self._layout = layout
        self._lock = threading.Lock()

    def attempt(self, action: Callable[[sqlite3.Connection], _T], seconds: float) -> _T | None:
        """What ``action`` returns within a transaction, None when the file does not play along.

        Args:
            seconds: How long is waited for another process.
        """
        if self.path is None:
            return None
        with self._lock:
            for again in (True, False):
                try:
                    self.path.parent.mkdir(parents=True, exist_ok=True)
                    with contextlib.closing(sqlite3.connect(self.path, timeout=seconds)) as connection:
                        # What is lost with the machine's power may be lost.
                        connection.execute("PRAGMA synchronous = OFF")
                        connection.execute(self._layout)
                        with connection:
                            return action(connection)
                except sqlite3.DatabaseError as error:
                    if not (again and _is_corrupt(error) and self._put_aside()):
                        return None
                except (OSError, ValueError, TypeError):
                    return None
        return None

    def _put_aside(self) -> bool:
        """Move a file that is no database out of the way; it is not lift's to delete."""
        assert self.path is not None
        try:
            self.path.replace(self.path.with_name(f"{self.path.name}.broken"))
        except OSError:
            return False
        return True


def _is_corrupt(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
