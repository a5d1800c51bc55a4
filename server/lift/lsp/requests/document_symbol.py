"""``textDocument/documentSymbol``: the specified functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lift import ide
from lift.ide import Symbol
from lift.lsp.convert import from_span
from lift.lsp.documents import Document

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL
_KINDS = {
    "class": lsp.SymbolKind.Class,
    "function": lsp.SymbolKind.Function,
    "method": lsp.SymbolKind.Method,
}


def handle(
    session: Session, params: lsp.DocumentSymbolParams
) -> list[lsp.DocumentSymbol] | list[lsp.SymbolInformation] | None:
    """A tree, or a flat list for clients that know no trees."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    session.analysed(document)
    found = ide.symbols(session.project_of(document.uri), document.uri)
    if session.client.hierarchical_symbols:
        return [_nested(symbol, document, session) for symbol in found]
    return [flat for symbol in found for flat in _flat(symbol, None, document, session)]


def _nested(symbol: Symbol, document: Document, session: Session) -> lsp.DocumentSymbol:
    encoding = session.client.encoding
    return lsp.DocumentSymbol(
        name=symbol.name,
        detail=symbol.detail,
        kind=_KINDS[symbol.kind],
        range=from_span(document.index, symbol.span, encoding),
        selection_range=from_span(document.index, symbol.name_span, encoding),
        children=[_nested(child, document, session) for child in symbol.children],
    )


def _flat(
    symbol: Symbol, container: str | None, document: Document, session: Session
) -> Iterator[lsp.SymbolInformation]:
    range_ = from_span(document.index, symbol.span, session.client.encoding)
    location = lsp.Location(document.uri, range_)
    yield lsp.SymbolInformation(location, symbol.name, _KINDS[symbol.kind], container_name=container)
    for child in symbol.children:
        yield from _flat(child, symbol.name, document, session)
