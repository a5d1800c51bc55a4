"""Semantic tokens on the wire: in the client's units and legend, and what changed since the last ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lift_ir import Span

from lift.ide.tokens import Mark, tokens
from lift.lsp.convert import from_column
from lift.lsp.documents import Document
from lift.lsp.greeting import Client, Encoding, legend

if TYPE_CHECKING:
    from lift.lsp.session import Session

# What lift calls a word → the types for it, the most exact first; a client that does not know the first
# gets the next one.
_TYPES = {"section": ("liftSection", "keyword"), "hole": ("liftHole", "variable")}


@dataclass(frozen=True)
class _Sent:
    id: str
    data: tuple[int, ...]


class SentTokens:
    """What each open document's tokens were when they were last sent."""

    def __init__(self) -> None:
        self._sent: dict[str, _Sent] = {}
        self._count = 0

    def send(self, uri: str, data: Sequence[int]) -> str:
        """Keeps what is sent; gives the id that the client names it by."""
        self._count += 1
        self._sent[uri] = _Sent(str(self._count), tuple(data))
        return str(self._count)

    def of(self, uri: str, result: str) -> tuple[int, ...] | None:
        """What was sent under an id, None if that is no longer known."""
        sent = self._sent.get(uri)
        return sent.data if sent is not None and sent.id == result else None

    def has(self, uri: str) -> bool:
        """Whether tokens were sent for the document."""
        return uri in self._sent

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._sent.pop(uri, None)


def data_of(session: Session, document: Document, span: Span | None = None) -> list[int]:
    """The tokens of a document or a part of it, five numbers each, as the protocol wants them."""
    extraction = session.analysed(document)
    index = document.index
    start, end = (0, None) if span is None else (index.offset(span.start), index.offset(span.end))
    return _encoded(document, tokens(extraction, start, end), session.client)


def _encoded(document: Document, marks: Iterable[Mark], client: Client) -> list[int]:
    numbers = {name: number for number, name in enumerate(legend(client))}
    index, encoding = document.index, client.encoding
    found: list[int] = []
    last_line, last_column = 1, 0
    for mark in marks:
        names = _TYPES.get(mark.kind, (mark.kind,))
        number = next((numbers[name] for name in names if name in numbers), None)
        if number is None:
            continue
        line, column = index.place(mark.start)
        first, length = _units(index.line(line), column, mark.end - mark.start, encoding)
        if line > last_line:
            found += (line - last_line, first)
        else:
            found += (0, first - last_column)
        found += (length, number, 0)
        last_line, last_column = line, first
    return found


def _units(line: str, column: int, length: int, encoding: Encoding) -> tuple[int, int]:
    first = from_column(line, column, encoding)
    return first, from_column(line, column + length, encoding) - first


def difference(old: Sequence[int], new: Sequence[int]) -> tuple[int, int, list[int]] | None:
    """The one replacement that makes ``new`` of ``old``: where, how many, and what; None if they are alike.

    Ensures:
        - ``implies(result is None, list(old) == list(new))``
    """
    first = 0
    shorter = min(len(old), len(new))
    while first < shorter and old[first] == new[first]:
        first += 1
    if first == len(old) == len(new):
        return None
    rest = 0
    while rest < shorter - first and old[-1 - rest] == new[-1 - rest]:
        rest += 1
    return first, len(old) - rest - first, list(new[first : len(new) - rest])
