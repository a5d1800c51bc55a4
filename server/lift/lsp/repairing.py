"""``lift.repair``: the repairs of a function, for a client that wants to wait for them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from lift_ir import Repairs
from lsprotocol import types as lsp

from lift.lsp.documents import Document
from lift.lsp.progress import awaited
from lift.lsp.refusals import RequestFailed

if TYPE_CHECKING:
    from lift.lsp.session import Session


async def seek(
    session: Session, document: Document, function: str, token: lsp.ProgressToken | None
) -> Repairs | None:
    """The repairs of a function, checked first if need be; None if nothing in it is refuted."""
    try:
        return await awaited(
            session,
            f"repairing {function}",
            token,
            lambda _: _seek(session, document, function),
            lambda found: f"{len(found.repairs)} found" if found is not None else "nothing to repair",
        )
    except (RequestFailed, asyncio.CancelledError):
        session.project_of(document.uri).drop_repairs(document.uri)
        raise


async def _seek(session: Session, document: Document, function: str) -> Repairs | None:
    session.analysed(document)
    project = session.project_of(document.uri)
    if function not in project.results(document.uri):
        async with contextlib.aclosing(project.check(document.snapshot, [function])) as results:  # type: ignore[type-var]
            async for _ in results:
                pass
    future = project.seek_repairs(document.uri, function)
    if future is not None:
        with contextlib.suppress(Exception):
            await asyncio.shield(asyncio.wrap_future(future))
    session.current(document.uri, document.revision)
    return project.repairs(document.uri, function)
