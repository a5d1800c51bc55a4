"""``textDocument/completion``: what may be written next in a specification, and nothing elsewhere.

The answer is plain data: a list of some hundred items is written to the wire several times faster so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide.completion import Offer, Offers, completions, numbered
from lift.lsp.convert import from_position, from_span, to_position
from lift.lsp.greeting import Client

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_COMPLETION
_Kind = lsp.CompletionItemKind
# Only kinds of the protocol's first version, which every client can show.
_KINDS = {
    "header": _Kind.Module,
    "bullet": _Kind.Snippet,
    "parameter": _Kind.Variable,
    "variable": _Kind.Variable,
    "result": _Kind.Variable,
    "notation": _Kind.Keyword,
    "hole": _Kind.Reference,
    "filling": _Kind.Value,
    "field": _Kind.Field,
    "property": _Kind.Property,
    "method": _Kind.Method,
    "function": _Kind.Function,
    "class": _Kind.Class,
    "constant": _Kind.Value,
    "module": _Kind.Module,
    "builtin": _Kind.Function,
    "keyword": _Kind.Keyword,
    "exception": _Kind.Class,
    "word": _Kind.Value,
    "target": _Kind.Variable,
    "type": _Kind.Class,
}
_AS_IS, _ADJUSTED = 1, 2


def handle(session: Session, params: lsp.CompletionParams) -> dict[str, Any] | None:
    """The completions at a place; None outside specifications."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    session.analysed(document)
    encoding = session.client.encoding
    position = to_position(document.index, params.position, encoding)
    found = completions(
        session.project_of(document.uri),
        document.uri,
        position,
        snippets=session.client.snippets,
        resolved=session.resolutions.known(document),
    )
    if found is None:
        return None
    range_ = from_span(document.index, found.span, encoding)
    client = session.client
    start, end = _plain(range_.start), _plain(range_.end)
    here = _plain(from_position(document.index, position, encoding))
    typed, whole = {"start": start, "end": here}, {"start": start, "end": end}
    # Without a choice between both, what stands behind the cursor stays.
    typed = typed if found.keeps else whole
    place = {"insert": typed, "replace": whole} if client.insert_replace else typed
    items = [
        _item(offer, order, found, document.uri, client, place) for order, offer in numbered(found.items)
    ]
    answer: dict[str, Any] = {"isIncomplete": False, "items": items}
    if client.edit_range:
        answer["itemDefaults"] = {"editRange": place}
    return answer


def _plain(position: lsp.Position) -> dict[str, int]:
    return {"line": position.line, "character": position.character}


def _item(
    offer: Offer, order: str, found: Offers, uri: str, client: Client, place: dict[str, Any]
) -> dict[str, Any]:
    text, mode = _indented(offer, found.indent, client)
    item: dict[str, Any] = {
        "label": offer.label,
        "kind": int(_KINDS[offer.kind]),
        "sortText": order,
        "data": [uri, *offer.about],
    }
    if offer.detail:
        item["detail"] = offer.detail
    if offer.filter != offer.label:
        item["filterText"] = offer.filter
    if offer.snippet:
        item["insertTextFormat"] = int(lsp.InsertTextFormat.Snippet)
    if mode is not None:
        item["insertTextMode"] = mode
    if not client.edit_range:
        item["textEdit"] = {**(place if client.insert_replace else {"range": place}), "newText": text}
    elif text != offer.label:
        item["textEditText"] = text
    return item


def _indented(offer: Offer, indent: str, client: Client) -> tuple[str, int | None]:
    """A text of several lines, indented as the client takes it, and the mode that says so."""
    if "\n" not in offer.text:
        return offer.text, None
    if _ADJUSTED in client.insert_modes:
        return offer.text, _ADJUSTED
    whole = offer.text.replace("\n", f"\n{indent}")
    if _AS_IS in client.insert_modes:
        return whole, _AS_IS
    # Nobody said how: engines for snippets indent what they put in, and plain text stays as it is.
    return (offer.text if offer.snippet else whole), None
