"""*Write the invariants*: the offer on a loop whose invariants were found, and the work when it is taken up.

Which of them a proof needs is worked out in a worker; the loop only waits for it. A text that has moved on
drops what was found.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from lift_ir import Span
from lsprotocol import types as lsp

from lift import ide
from lift.edit import Edit
from lift.lsp.documents import Document
from lift.lsp.edits import workspace_edit
from lift.lsp.progress import awaited
from lift.resolve.asserting import ENTRY, SECONDS

if TYPE_CHECKING:
    from lift.lsp.session import Session
    from lift.resolve.asserting import Asserted

KIND = "refactor.rewrite.lift.invariant"
TITLE = "Write the invariant as assert at the loop's head"


def offers(session: Session, document: Document, span: Span) -> Iterator[lsp.CodeAction]:
    """The action for the loop whose header is at ``span``, for a client that fetches edits later."""
    client = session.client
    if not (client.resolve_edit and client.action_data):
        return
    found = ide.assertable_loop(session.project_of(document.uri), document.uri, span.start.line)
    if found is not None:
        name, line = found
        data = {"uri": document.uri, "revision": document.revision, "assert": name, "line": line}
        yield lsp.CodeAction(title=TITLE, kind=KIND, data=data)


async def resolve(
    session: Session, params: lsp.CodeAction, document: Document, name: str, line: int
) -> lsp.CodeAction:
    """The same action with its edit; without one, and with a message, where there is nothing to write.

    Raises:
        RequestFailed: The text has changed meanwhile.
    """
    found = await awaited(
        session,
        f"writing the invariant of line {line}",
        None,
        lambda _: _sought(session, document, name, line),
        lambda found: "written" if found is not None and found.edits else "nothing to write",
    )
    session.current(document.uri, document.revision)
    if found is None or not found.edits:
        reason = found.reason if found is not None else "the text does not parse"
        session.tell(f"no invariant was written for the loop at line {line}: {reason}")
        params.edit = lsp.WorkspaceEdit()
        return params
    edits = [Edit(e.span, e.text) for e in found.edits]
    params.edit = workspace_edit(document, edits, session.client)
    return params


async def _sought(session: Session, document: Document, name: str, line: int) -> Asserted | None:
    from lift.resolve.asserting import Asserted
    from lift.verify.pool import TaskError

    session.analysed(document)
    project = session.project_of(document.uri)
    task = project.task(document.uri, name, ENTRY, SECONDS)
    if task is None:
        return None
    future = project.perform(replace(task, details=json.dumps({"line": line})))
    try:
        answer = await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        project.drop(future)
        raise
    except TaskError as why:
        return Asserted(name=name, line=line, reason=str(why))
    return Asserted.model_validate_json(answer)
