"""Writing a changed text back to its file: in its own encoding, and all of it or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import tokenize
from pathlib import Path

from lift.cli.files import Misuse


def write(path: Path, before: str, after: str) -> None:
    """Writes ``after`` to a file that still says ``before``; a failure leaves the file as it was.

    Raises:
        Misuse: It has changed, cannot hold the text in its encoding, or cannot be written.
    """
    # A link stays one: what it points to is written.
    path = Path(os.path.realpath(path))
    try:
        with path.open("rb") as stream:
            encoding, _ = tokenize.detect_encoding(stream.readline)
        if path.read_bytes().decode(encoding) != before:
            raise Misuse(f"{path} has changed meanwhile; nothing was written")
        content = after.encode(encoding)
        _replace(path, content)
    except UnicodeError:
        raise Misuse(f"{path} cannot hold the new text in its encoding; nothing was written") from None
    except OSError as error:
        raise Misuse(f"{path} cannot be written: {error.strerror or error}") from None


def create(path: Path, text: str) -> None:
    """Writes a new file; a failure leaves none.

    Raises:
        Misuse: It cannot be written, or somebody else has just written it.
    """
    try:
        with path.open("x", encoding="utf-8", newline="") as stream:
            stream.write(text)
    except FileExistsError:
        raise Misuse(f"{path} is there already; nothing was written") from None
    except OSError as error:
        raise Misuse(f"{path} cannot be written: {error.strerror or error}") from None


def _replace(path: Path, content: bytes) -> None:
    if not os.access(path, os.W_OK):
        # Renaming over it would work in a folder that may be written, against what the file's mode asks.
        raise PermissionError(13, "it is read-only")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError:
        # The folder takes no new files, though the file itself may be written.
        path.write_bytes(content)
        return
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        shutil.copymode(path, name)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
