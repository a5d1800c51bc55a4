"""``lift/resolve``: the holes of a document with what may fill them, the best first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lift_ir import ResolveAnswer, ResolveParams

from lift.lsp import resolving
from lift.lsp.params import validated
from lift.lsp.refusals import invalid_params

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "lift/resolve"


async def handle(session: Session, params: Any) -> dict[str, Any]:
    """Waits for the candidates; cancelling the request leaves the search to those who look at a hole."""
    wanted = validated(ResolveParams, params)
    document = session.documents.get(wanted.text_document.uri)
    if document is None:
        raise invalid_params(f"{wanted.text_document.uri[:200]!r} is not open; open it first.")
    holes = await resolving.answer(session, document, wanted.hole, wanted.work_done_token)
    return ResolveAnswer(version=document.version, holes=holes).model_dump(mode="json")
