"""The past of specifications, asked for through the protocol: differences, pages, and going back.

The history is read on a thread, since nobody should wait for the disk; the solver is asked in a worker.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lift_ir import SpecificationDiff

from lift.edit import Failure
from lift.ide.history import (
    history,
    judged_task,
    owner_named,
    pair_of,
    plain_difference,
    restored,
    state_numbered,
)
from lift.ide.past import history_page
from lift.lsp.choosing import Choice, apply
from lift.lsp.documents import Document
from lift.lsp.refusals import invalid_params
from lift.lsp.views import show_page

if TYPE_CHECKING:
    from lift.lsp.session import Session


async def difference(
    session: Session, document: Document, function: str, old: int | None, new: int | None
) -> SpecificationDiff | None:
    """What differs between two states; None where nothing is remembered to compare with.

    Raises:
        InvalidParams: There is no such function or state.
    """
    from lift.verify.pool import TaskError

    session.analysed(document)
    project, uri = session.project_of(document.uri), document.uri
    if not await asyncio.to_thread(history, project, uri, function):
        return None
    pair = pair_of(project, uri, function, old, new)
    if isinstance(pair, Failure):
        raise invalid_params(f"{pair.reason}.")
    plain = plain_difference(pair)
    task = judged_task(project, uri, function, pair) if any(c.clause for c in plain.changes) else None
    if task is None:
        return plain
    future = project.perform(task)
    try:
        return SpecificationDiff.model_validate_json(await asyncio.wrap_future(future))
    except asyncio.CancelledError:
        project.drop(future)
        raise
    except TaskError:
        # What the solver cannot tell is said without it.
        return plain


async def show(session: Session, document: Document, function: str | None) -> dict[str, Any]:
    """Shows the states of a document's functions, or of one, as a page."""
    found = await asyncio.to_thread(history, session.project_of(document.uri), document.uri, function)
    return await show_page(session, history_page(function or document.uri.rpartition("/")[2], found))


async def restore(session: Session, document: Document, function: str, number: int) -> dict[str, Any]:
    """Brings the specification of an earlier state back by an edit that the client applies.

    Raises:
        InvalidParams: There is no such function or state.
    """
    revision = document.revision
    extraction, project = session.analysed(document), session.project_of(document.uri)
    state = await asyncio.to_thread(state_numbered, project, document.uri, function, number)
    document = session.current(document.uri, revision)
    found = owner_named(extraction.module, function)
    if isinstance(state, Failure):
        raise invalid_params(f"{state.reason}.")
    if found is None:
        raise invalid_params(f"There is no function {function[:200]!r} in the text now.")
    result = restored(extraction, found, state)
    if isinstance(result, Failure):
        session.tell(f"{found.name}: {result.reason}")
        return {"applied": False, "text": None}
    applied = False
    if result.edits and session.client.apply_edit:
        applied = await apply(
            session, document, Choice(f"Restore state {number} of {found.name}", result.edits)
        )
    return {"applied": applied, "text": result.text}
