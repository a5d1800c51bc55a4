"""Source text as one value: where it is from, which version, what it says; and reading it from disk.

Every file that cannot be read ends in a ``SourceError`` whose text names the remedy. Must not import
anything of lift but ``lift.errors``.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from lift.errors import SourceError

LIMIT_BYTES = 4 * 1024 * 1024
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")


@dataclass(frozen=True)
class Snapshot:
    """One text at one moment.

    Attributes:
        uri: Where it is from (a URI or a path), as it was given.
        version: The editor's version, None for a file on disk.
        text: The text, decoded, without a byte order mark, its line ends as they are.
    """

    uri: str
    version: int | None
    text: str


def digest(text: str) -> str:
    """A name for a text: 16 hex digits; equal texts have equal digests."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def read(path: Path) -> Snapshot:
    """Reads a Python source file, honouring a byte order mark and a PEP 263 coding line.

    Raises:
        SourceError: If it cannot be read, is no regular file, is larger than ``LIMIT_BYTES``, holds NUL
            bytes, or is not text in the encoding that it names.
    """
    content = _content(path)
    if b"\0" in content and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise SourceError(
            path, "holds a NUL byte, so it is not Python source; exclude it in [tool.lift] exclude", line
        )
    encoding = _encoding(path, content)
    if content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :]
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        remedy = "save it as UTF-8, or name its encoding in its first line: # -*- coding: latin-1 -*-"
        raise SourceError(
            path, f"is not {encoding}: byte 0x{content[error.start]:02x} cannot be decoded; {remedy}", line
        ) from None
    except (LookupError, ValueError):
        raise SourceError(path, f"cannot be decoded as {encoding}; save it as UTF-8", 1) from None
    return Snapshot(uri=str(path), version=None, text=text)


def _content(path: Path) -> bytes:
    """The bytes of a regular file within the limit."""
    try:
        # Without O_NONBLOCK opening a fifo that nobody writes to would never return.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        raise SourceError(path, _unreadable(error)) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise SourceError(path, "is a directory; name the files in it")
        if not stat.S_ISREG(mode):
            raise SourceError(path, "is not a regular file; name a .py file")
        content = _read_all(descriptor)
    except OSError as error:
        raise SourceError(path, _unreadable(error)) from None
    finally:
        os.close(descriptor)
    if len(content) > LIMIT_BYTES:
        limit = LIMIT_BYTES // (1024 * 1024)
        raise SourceError(path, f"is larger than {limit} MB; exclude it in [tool.lift] exclude, or split it")
    return content


def _read_all(descriptor: int) -> bytes:
    """What the file holds, up to one byte more than the limit."""
    parts: list[bytes] = []
    left = LIMIT_BYTES + 1
    while left > 0 and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _unreadable(error: OSError | ValueError) -> str:
    """What the system said, with what to do about it."""
    if isinstance(error, FileNotFoundError):
        return "does not exist; check the path"
    if isinstance(error, PermissionError):
        return "may not be read; change its permissions or exclude it in [tool.lift] exclude"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot be read ({reason}); check the path"


def _encoding(path: Path, content: bytes) -> str:
    """The encoding that the first two lines or the byte order mark name; UTF-8 where they name none."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SourceError(path, "is UTF-16, which Python does not read; save it as UTF-8", 1)
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", content[:4096], maxsplit=2)[:2], 1):
        if number == 1 and line.startswith(codecs.BOM_UTF8):
            line = line[len(codecs.BOM_UTF8) :]
        if match := _CODING.match(line):
            return _known_encoding(path, content, match[1].decode("ascii"), number)
        if not _BLANK.match(line):
            break
    return "utf-8"


def _known_encoding(path: Path, content: bytes, name: str, line: int) -> str:
    """The codec's own name for the encoding that a coding line names."""
    try:
        codec = codecs.lookup(name)
    except LookupError:
        raise SourceError(path, f"names the unknown encoding {name!r}; write utf-8 there", line) from None
    # Codecs such as rot13 or zlib turn bytes into bytes: they decode no text.
    if not getattr(codec, "_is_text_encoding", True):
        raise SourceError(path, f"names {name!r}, which is no text encoding; write utf-8 there", line)
    if content.startswith(codecs.BOM_UTF8) and codec.name != "utf-8":
        raise SourceError(path, f"has a UTF-8 byte order mark but names {name!r}; write utf-8 there", line)
    return codec.name
