"""The texts that are open in the client, kept equal to the client's by its changes.

Synchronisation reads the raw messages and is lenient: a change that makes no sense is skipped and said so,
since refusing a whole notification would leave the server with another text than the client's for good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lift.lsp.convert import to_offset
from lift.lsp.greeting import Encoding
from lift.source.positions import LineIndex
from lift.source.text import Snapshot


@dataclass(frozen=True)
class Document:
    """One open text.

    Attributes:
        version: What the client called this state; None if it gave none.
        revision: How often the text changed since the start, which only ever grows.
    """

    uri: str
    language: str
    version: int | None
    revision: int
    index: LineIndex

    @property
    def text(self) -> str:
        return self.index.text

    @property
    def snapshot(self) -> Snapshot:
        """The text for analysis, column for column the same."""
        text = self.text
        if text.startswith("\ufeff"):
            # Python's parser refuses a byte order mark in a string, and skips a form feed just as well.
            text = "\f" + text[1:]
        return Snapshot(self.uri, self.revision, text)


class Documents:
    """All open documents by URI."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding: Encoding = encoding
        self._open: dict[str, Document] = {}
        self._revision = 0

    def get(self, uri: str) -> Document | None:
        """The open document, None if the client has not opened it."""
        return self._open.get(uri)

    def all(self) -> tuple[Document, ...]:
        """Every open document."""
        return tuple(self._open.values())

    def open(self, item: object) -> Document:
        """Takes a ``TextDocumentItem``; opening twice replaces the text.

        Raises:
            ValueError: If it has no URI or no text.
        """
        fields = item if isinstance(item, dict) else {}
        uri, text = fields.get("uri"), fields.get("text")
        if not isinstance(uri, str) or not isinstance(text, str):
            raise ValueError("a document needs a uri and a text")
        language = fields.get("languageId")
        self._revision += 1
        document = Document(
            uri=uri,
            language=language if isinstance(language, str) else "",
            version=_version(fields.get("version")),
            revision=self._revision,
            index=LineIndex(text),
        )
        self._open[uri] = document
        return document

    def change(self, identifier: object, changes: object) -> tuple[Document | None, list[str]]:
        """Applies changes in their order; gives the document and what was wrong with the changes."""
        fields = identifier if isinstance(identifier, dict) else {}
        uri = fields.get("uri")
        document = self._open.get(uri) if isinstance(uri, str) else None
        if document is None:
            return None, ["the document is not open"]
        index, problems = document.index, list[str]()
        for change in changes if isinstance(changes, list) else ():
            try:
                index = LineIndex(_changed(index, change, self._encoding))
            except (TypeError, KeyError, ValueError, OverflowError) as error:
                problems.append(f"a change was skipped: {type(error).__name__}: {error}"[:200])
        self._revision += 1
        version = _version(fields.get("version"))
        document = replace(
            document,
            version=document.version if version is None else version,
            revision=self._revision,
            index=index,
        )
        self._open[document.uri] = document
        return document, problems

    def close(self, uri: object) -> bool:
        """Forgets a document; False if it was not open."""
        return isinstance(uri, str) and self._open.pop(uri, None) is not None


def _changed(index: LineIndex, change: Any, encoding: Encoding) -> str:
    text = change["text"]
    if not isinstance(text, str):
        raise TypeError("the text of a change is a string")
    place = change.get("range")
    if place is None:
        return text
    start, end = sorted(_offset(index, place[end], encoding) for end in ("start", "end"))
    return index.text[:start] + text + index.text[end:]


def _offset(index: LineIndex, position: Any, encoding: Encoding) -> int:
    line, character = position["line"], position["character"]
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in (line, character)):
        raise TypeError("a position is two whole numbers")
    return to_offset(index, line, character, encoding)


def _version(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
