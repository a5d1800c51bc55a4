"""*Lift a specification*: the offer on a function without Ensures, and the search when somebody takes it up.

The search runs in a worker; the loop only waits for it. A text that has moved on drops what was found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lift_ir import Function, Provenance, Span
from lsprotocol import types as lsp

from lift.edit import Edit
from lift.lsp.choosing import take
from lift.lsp.documents import Document
from lift.lsp.edits import workspace_edit
from lift.lsp.progress import awaited
from lift.resolve.infer import ENTRY, SECONDS

if TYPE_CHECKING:
    from lift.lsp.session import Session
    from lift.resolve.infer.search import Inference

KIND = "refactor.rewrite.lift.infer"


def offers(session: Session, document: Document, span: Span) -> Iterator[lsp.CodeAction]:
    """The action for a function whose header is at ``span``, for a client that fetches edits later."""
    client, project = session.client, session.project_of(document.uri)
    extraction = project.extraction(document.uri)
    if not (client.resolve_edit and client.action_data) or extraction is None or extraction.error is not None:
        return
    if not project.options.run_code:
        return
    for function in extraction.module.all_functions():
        if _is_open(function) and _in_header(function, span):
            yield lsp.CodeAction(
                title=f"Lift a specification for {function.name}",
                kind=KIND,
                data={"uri": document.uri, "revision": document.revision, "infer": function.qualname},
            )


def _is_open(function: Function) -> bool:
    return function.body_span is not None and not any(c.kind == "ensures" for c in function.clauses)


def _in_header(function: Function, span: Span) -> bool:
    last = (function.docstring_span or function.body_span or function.name_span).start.line
    first = function.name_span.start.line
    return first <= span.start.line <= max(first, last - 1)


async def resolve(session: Session, params: lsp.CodeAction, document: Document, name: str) -> lsp.CodeAction:
    """The same action with its edit; without one, and with a message, where nothing could be proved."""
    found = await seek(session, document, name, None)
    if found is None or not found.clauses:
        reason = found.reason if found is not None else "the text does not parse"
        session.tell(f"no specification was proved for {name}: {reason}")
        params.edit = lsp.WorkspaceEdit()
        return params
    edits = [Edit(e.span, e.text) for e in found.edits]
    take(session, document, edits, Provenance(kind="reverse"))
    params.edit = workspace_edit(document, edits, session.client)
    return params


async def seek(
    session: Session, document: Document, name: str, token: lsp.ProgressToken | None
) -> Inference | None:
    """What is inferred for a function, shown as progress under ``token``; None if it is not there.

    Raises:
        RequestFailed: The text has changed meanwhile, or the user cancelled.
    """
    found = await awaited(
        session,
        f"inferring {name}",
        token,
        lambda _: _sought(session, document, name),
        lambda found: f"{len(found.clauses)} proved" if found is not None else "nothing found",
    )
    session.current(document.uri, document.revision)
    return found


async def _sought(session: Session, document: Document, name: str) -> Inference | None:
    from lift.resolve.infer.search import Inference
    from lift.verify.pool import TaskError

    session.analysed(document)
    project = session.project_of(document.uri)
    task = project.task(document.uri, name, ENTRY, SECONDS)
    if task is None:
        return None
    future = project.perform(task)
    try:
        answer = await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        project.drop(future)
        raise
    except TaskError as why:
        return Inference(name=name, line=1, reason=str(why))
    return Inference.model_validate_json(answer)
