"""``textDocument/documentSymbol``: the specified functions.

Plain data goes out: editors ask after every edit, and lsprotocol's objects take twice as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift import ide
from lift.ide import Symbol
from lift.lsp.convert import plain_range
from lift.lsp.documents import Document

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL
_KINDS = {
    "class": lsp.SymbolKind.Class.value,
    "function": lsp.SymbolKind.Function.value,
    "method": lsp.SymbolKind.Method.value,
}


def handle(session: Session, params: lsp.DocumentSymbolParams) -> list[dict[str, Any]] | None:
    """A tree of ``DocumentSymbol``, or ``SymbolInformation`` for clients that know no trees."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    session.analysed(document)
    found = ide.symbols(session.project_of(document.uri), document.uri)
    if session.client.hierarchical_symbols:
        return [_nested(symbol, document, session) for symbol in found]
    return [flat for symbol in found for flat in _flat(symbol, None, document, session)]


def _nested(symbol: Symbol, document: Document, session: Session) -> dict[str, Any]:
    encoding = session.client.encoding
    nested = {
        "name": symbol.name,
        "kind": _KINDS[symbol.kind],
        "range": plain_range(document.index, symbol.span, encoding),
        "selectionRange": plain_range(document.index, symbol.name_span, encoding),
        "children": [_nested(child, document, session) for child in symbol.children],
    }
    return {**nested, "detail": symbol.detail} if symbol.detail else nested


def _flat(
    symbol: Symbol, container: str | None, document: Document, session: Session
) -> Iterator[dict[str, Any]]:
    place = plain_range(document.index, symbol.span, session.client.encoding)
    flat = {
        "name": symbol.name,
        "kind": _KINDS[symbol.kind],
        "location": {"uri": document.uri, "range": place},
    }
    yield {**flat, "containerName": container} if container else flat
    for child in symbol.children:
        yield from _flat(child, symbol.name, document, session)
