"""``lift/diff``: what differs between two states of a function's specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lift_ir import DiffAnswer, DiffParams

from lift.lsp.params import validated
from lift.lsp.refusals import invalid_params

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "lift/diff"


async def handle(session: Session, params: Any) -> dict[str, Any]:
    """Waits for the solver's word on what is weaker or stronger; cancelling the request ends that."""
    from lift.lsp.recalling import difference

    wanted = validated(DiffParams, params)
    document = session.documents.get(wanted.text_document.uri)
    if document is None:
        raise invalid_params(f"{wanted.text_document.uri[:200]!r} is not open; open it first.")
    version, revision = document.version, document.revision
    found = await difference(session, document, wanted.function, wanted.old, wanted.new)
    session.current(document.uri, revision)
    return DiffAnswer(version=version, diff=found).model_dump(mode="json")
