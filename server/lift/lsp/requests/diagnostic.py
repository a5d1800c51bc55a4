"""``textDocument/diagnostic``: everything to say about a document, for clients that ask.

Plain data in and out: the first of these requests comes before lsprotocol is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lift.lsp.refusals import invalid_params

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "textDocument/diagnostic"


def handle(session: Session, params: Any) -> dict[str, Any]:
    """The whole report, or that nothing has changed since the last one.

    Raises:
        RequestFailed: If the params name no document.
    """
    uri, previous = _read(params)
    document = session.documents.get(uri)
    if document is None:
        return {"kind": "full", "items": []}
    result, items = session.publisher.report(document)
    session.dispatch.load()
    if result == previous:
        return {"kind": "unchanged", "resultId": result}
    return {"kind": "full", "items": items, "resultId": result}


def _read(params: Any) -> tuple[str, str | None]:
    given = params if isinstance(params, Mapping) else {}
    document, previous = given.get("textDocument"), given.get("previousResultId")
    uri = document.get("uri") if isinstance(document, Mapping) else None
    if not isinstance(uri, str):
        raise invalid_params("textDocument.uri: a text is wanted")
    if previous is not None and not isinstance(previous, str):
        raise invalid_params("previousResultId: a text is wanted")
    return uri, previous
