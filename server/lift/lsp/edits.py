"""Edits of one text as a workspace edit that names the version it is for."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types as lsp

from lift.edit import Edit
from lift.lsp.convert import from_span
from lift.lsp.documents import Document
from lift.lsp.greeting import Client


def workspace_edit(document: Document, edits: Iterable[Edit], client: Client) -> lsp.WorkspaceEdit:
    """The edit, versioned where the client understands that."""
    converted = [
        lsp.TextEdit(from_span(document.index, edit.span, client.encoding), edit.text) for edit in edits
    ]
    if not client.document_changes:
        return lsp.WorkspaceEdit(changes={document.uri: converted})
    identifier = lsp.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(identifier, list(converted))])
