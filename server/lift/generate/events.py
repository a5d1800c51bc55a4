"""Server-sent events: bytes as they come in → the events that they hold.

Knows no provider. Must not import anything of lift but its errors.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from lift.errors import BadAnswer

_LONGEST_LINE = 4 * 1024 * 1024


@dataclass(frozen=True)
class Event:
    """One event; ``name`` is empty where the server gives none."""

    data: str
    name: str = ""


async def events(chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """The events of a stream, and what is left at its end even if no empty line closes it."""
    name, data = "", []
    async for line in _lines(chunks):
        if not line:
            if data:
                yield Event("\n".join(data), name)
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
    if data:
        yield Event("\n".join(data), name)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    rest = b""
    async for chunk in chunks:
        # A line may end in CR LF whose halves come apart, so that a CR at the end waits for what follows.
        rest += chunk
        held = b""
        if rest.endswith(b"\r"):
            rest, held = rest[:-1], b"\r"
        *complete, rest = rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += held
        if len(rest) > _LONGEST_LINE:
            raise BadAnswer("the answer has a line of more than 4 MiB, which no model's server sends")
        for line in complete:
            yield line.decode("utf-8", "replace")
    for line in rest.replace(b"\r", b"\n").split(b"\n"):
        if line:
            yield line.decode("utf-8", "replace")
