"""``lift/generate``: looks for bodies of a function, and answers with what passed every check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lift_ir import GenerateAnswer, GenerateParams

from lift.lsp import generating
from lift.lsp.params import validated
from lift.lsp.refusals import invalid_params

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "lift/generate"


async def handle(session: Session, params: Any) -> dict[str, Any]:
    """Waits for the candidates; cancelling the request ends the search."""
    wanted = validated(GenerateParams, params)
    document = session.documents.get(wanted.text_document.uri)
    if document is None:
        raise invalid_params(f"{wanted.text_document.uri[:200]!r} is not open; open it first.")
    found = await generating.seek(session, document, wanted.function, wanted.work_done_token)
    return GenerateAnswer(version=document.version, generation=found).model_dump(mode="json")
