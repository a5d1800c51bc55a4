"""The Python files of a folder, as a command or an index takes them: what others wrote is left out.

Links to folders are not followed, so that no walk goes round in circles. Must not import anything of lift.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages"})


def python_files(folder: str, base: Path, exclude: Sequence[str] = ()) -> Iterator[str]:
    """The paths of a folder's Python files, in the order of their names; folders that are hidden, hold an
    environment, or match a pattern are not entered.

    Args:
        base: What the patterns are relative to.
        exclude: Glob patterns of files and folders.
    """

    def kept(path: str, name: str) -> bool:
        return not name.startswith(".") and not _excluded(path, name, base, exclude)

    for here, folders, names in os.walk(folder):
        shown = "" if here == os.curdir else here.removeprefix(os.curdir + os.sep)
        folders[:] = sorted(
            f for f in folders if kept(os.path.join(here, f), f) and not _foreign(os.path.join(here, f), f)
        )
        for name in sorted(names):
            if name.endswith(".py") and kept(os.path.join(here, name), name):
                yield os.path.join(shown, name)


def is_left_out(path: Path, folder: Path, base: Path, exclude: Sequence[str] = ()) -> bool:
    """Whether ``python_files`` of ``folder`` leaves out a file in it."""
    if path.suffix != ".py" or folder not in path.parents:
        return True
    place = path
    while place != folder:
        name = place.name
        if name.startswith(".") or _excluded(str(place), name, base, exclude):
            return True
        if place != path and _foreign(str(place), name):
            return True
        place = place.parent
    return False


def _foreign(path: str, name: str) -> bool:
    """Whether a folder holds what others wrote: packages, caches, a virtual environment."""
    return name in _SKIPPED or os.path.exists(os.path.join(path, "pyvenv.cfg"))


def _excluded(path: str, name: str, base: Path, patterns: Sequence[str]) -> bool:
    if not patterns:
        return False
    relative = os.path.relpath(os.path.abspath(path), base).replace(os.sep, "/")
    for pattern in patterns:
        pattern = pattern.removeprefix("./").rstrip("/")
        if "/" not in pattern and fnmatch.fnmatch(name, pattern):
            return True
        if fnmatch.fnmatch(relative, pattern.removesuffix("/**")) or fnmatch.fnmatch(relative, pattern):
            return True
    return False
