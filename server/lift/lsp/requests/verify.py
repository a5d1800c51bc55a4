"""``lift/verify``: checks a document, or some of its functions, and answers with the results."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lift_ir import VerifyAnswer, VerifyParams

from lift.lsp.params import validated
from lift.lsp.refusals import content_modified, invalid_params

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "lift/verify"


async def handle(session: Session, params: Any) -> dict[str, Any]:
    """Waits for the results; cancelling the request ends the check."""
    wanted = validated(VerifyParams, params)
    document = session.documents.get(wanted.text_document.uri)
    if document is None:
        raise invalid_params(f"{wanted.text_document.uri[:200]!r} is not open; open it first.")
    task = session.checks.start(document, wanted.functions, wanted.work_done_token)
    try:
        results = await asyncio.shield(task)
    except asyncio.CancelledError:
        me = asyncio.current_task()
        if me is not None and me.cancelling():
            task.cancel()
            raise
        raise content_modified(
            "A newer check of this document took its place, or it was cancelled."
        ) from None
    return VerifyAnswer(version=document.version, functions=tuple(results)).model_dump(mode="json")
