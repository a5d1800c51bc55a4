"""``lift.repair``: the repairs of a function, for a client that wants to wait for them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from lift_ir import Repairs
from lsprotocol import types as lsp

from lift.lsp.documents import Document
from lift.lsp.protocol import content_modified

if TYPE_CHECKING:
    from lift.lsp.session import Session


async def seek(
    session: Session, document: Document, function: str, token: lsp.ProgressToken | None
) -> Repairs | None:
    """The repairs of a function, checked first if need be; None if nothing in it is refuted."""
    work = session.start(_seek(session, document, function), "repair")
    if token is not None:
        session.checks.cancelled_by(token, work)
        begin = lsp.WorkDoneProgressBegin(title=f"lift: repairing {function}", cancellable=True)
        session.notify(lsp.PROGRESS, lsp.ProgressParams(token, begin))
    found: Repairs | None = None
    try:
        found = await asyncio.shield(work)
    except asyncio.CancelledError:
        me = asyncio.current_task()
        work.cancel()
        session.project_of(document.uri).drop_repairs(document.uri)
        if me is not None and me.cancelling():
            raise
        raise content_modified("The search was cancelled, or the text has changed since.") from None
    finally:
        if token is not None:
            session.checks.cancelled_by(token, None)
            message = f"{len(found.repairs)} found" if found is not None else "nothing to repair"
            session.notify(lsp.PROGRESS, lsp.ProgressParams(token, lsp.WorkDoneProgressEnd(message=message)))
    return found


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
