"""``lift/history``: the states that the specifications of a document went through."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lift_ir import HistoryAnswer, HistoryParams

from lift.lsp.params import validated

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "lift/history"


async def handle(session: Session, params: Any) -> dict[str, Any]:
    """What is remembered of a document, or of one function in it; it need not be open."""
    from lift.ide.history import history

    wanted = validated(HistoryParams, params)
    uri = wanted.text_document.uri
    document = session.documents.get(uri)
    # A long history takes long to read, and nobody else should wait for the disk.
    found = await asyncio.to_thread(history, session.project_of(uri), uri, wanted.function)
    version = document.version if document is not None else None
    return HistoryAnswer(version=version, functions=found).model_dump(mode="json")
