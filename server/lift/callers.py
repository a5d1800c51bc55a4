"""Other files of a workspace that may call a function: those whose text names it.

Found by their text alone, within limits, so that a large workspace costs little; what the names in them mean
is for ``lift.resolve`` to see. Must not import a solver.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from lift.errors import SourceError
from lift.source.text import read

_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist"})
_MOST_FILES = 2000
_MOST_FOLDERS = 1000
_MOST = 20
_LARGEST = 256 * 1024

Naming = tuple[tuple[str, str], ...]
"""Pairs of a path and a text."""


def texts_naming(
    root: Path,
    path: Path | None,
    qualname: str,
    opened: Callable[[Path], str | None],
    most: int = _MOST,
) -> Naming:
    """Files under ``root`` that name a function, as pairs of the path from ``root`` and the text.

    Args:
        path: The file that defines it, which is left out.
        qualname: Its qualified name; of a method the class has to be named as well.
        opened: The text of a file that is open in an editor, None of any other.
        most: With so many files the search ends.
    """
    wanted = [re.compile(rf"\b{re.escape(name)}\b") for name in _names(qualname)]
    found: list[tuple[str, str]] = []
    for place in _files(root):
        if path is not None and place == path:
            continue
        text = opened(place)
        if text is None:
            text = _text(place)
        if text is not None and all(pattern.search(text) for pattern in wanted):
            found.append((place.relative_to(root).as_posix(), text))
            if len(found) == most:
                break
    return tuple(found)


def _names(qualname: str) -> tuple[str, ...]:
    parts = [part for part in qualname.split(".") if part != "<locals>"]
    if "<locals>" in qualname:
        # Nobody outside of a function calls what is defined in it by its name.
        return ("\0",)
    return tuple(part for part in parts[-2:] if part != "__init__")


def _files(root: Path) -> Iterator[Path]:
    left = _MOST_FILES
    for number, (here, folders, names) in enumerate(os.walk(root)):
        if number == _MOST_FOLDERS:
            return
        folders[:] = sorted(
            f
            for f in folders
            if not f.startswith(".")
            and f not in _SKIPPED
            and not os.path.exists(os.path.join(here, f, "pyvenv.cfg"))
        )
        for name in sorted(names):
            if name.endswith(".py"):
                if left == 0:
                    return
                left -= 1
                yield Path(here, name)


def _text(place: Path) -> str | None:
    try:
        status = place.stat()
    except OSError:
        return None
    return None if status.st_size > _LARGEST else _read(place, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=512)
def _read(place: Path, _time: int, _size: int) -> str | None:
    try:
        return read(place).text
    except SourceError:
        return None
