"""``textDocument/signatureHelp``: what a call in a clause takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lift.ide.signatures import Signature, signature_at
from lift.lsp.convert import from_column, to_position
from lift.lsp.greeting import Client

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_SIGNATURE_HELP


def handle(session: Session, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
    """The innermost call that something is known about."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    session.analysed(document)
    position = to_position(document.index, params.position, session.client.encoding)
    found = signature_at(session.project_of(document.uri), document.uri, position)
    if found is None:
        return None
    # Without an active parameter clients take the first one: a number that is none says that it is none.
    active = len(found.parameters) if found.active is None else found.active
    information = lsp.SignatureInformation(
        label=found.label,
        documentation=found.says or None,
        parameters=[lsp.ParameterInformation(label=label) for label in _labels(found, session.client)],
    )
    return lsp.SignatureHelp([information], active_signature=0, active_parameter=active)


def _labels(found: Signature, client: Client) -> list[str | tuple[int, int]]:
    if not client.label_offsets:
        return [found.label[start:end] for start, end in found.parameters]
    # The protocol counts places in a label in UTF-16, whatever positions are counted in.
    return [
        (from_column(found.label, start, "utf-16"), from_column(found.label, end, "utf-16"))
        for start, end in found.parameters
    ]
