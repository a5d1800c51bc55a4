"""``completionItem/resolve``: what there is to read about a completion, once somebody looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lift import ide
from lift.ide.completion_documentation import documentation

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.COMPLETION_ITEM_RESOLVE


def handle(session: Session, item: lsp.CompletionItem) -> lsp.CompletionItem:
    """The item with its documentation; as it came, if there is none."""
    data = item.data
    if not isinstance(data, list | tuple) or not all(isinstance(part, str) for part in data) or not data:
        return item
    uri, *about = data
    document = session.documents.get(uri)
    if document is None:
        return item
    session.analysed(document)
    rich = session.client.documentation_format == "markdown"
    markup = ide.MARKDOWN if rich else ide.PLAIN
    said = documentation(session.project_of(uri), uri, about, markup)
    if said is not None:
        # A client that names no format is served by a string.
        item.documentation = lsp.MarkupContent(lsp.MarkupKind.Markdown, said) if rich else said
    return item
