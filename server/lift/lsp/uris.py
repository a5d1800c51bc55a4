"""File URIs to paths and back, for whatever a client sends. Standard library only."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit


def to_path(uri: str) -> Path | None:
    """The file that ``uri`` names, None if it names no file of this machine."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme.lower() != "file" or (parts.netloc and os.name != "nt"):
        return None
    # A name may hold ``?`` or ``#`` that the client forgot to encode only after the path, which is cut here.
    path = unquote(parts.path, errors="surrogateescape")
    if os.name == "nt":
        path = f"//{parts.netloc}{path}" if parts.netloc else path.lstrip("/")
    if not path or "\0" in path or len(path) > 4096:
        return None
    return Path(path)


def from_path(path: str | Path) -> str:
    """The URI of a file."""
    text = os.path.abspath(path).replace(os.sep, "/")
    if not text.startswith("/"):
        text = "/" + text
    return "file://" + quote(os.fsencode(text), safe="/:" if os.name == "nt" else "/")
