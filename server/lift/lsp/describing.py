"""*Draft a specification from this description*: asked for, shown as progress, put to the user as one edit.

No model is asked before the user chose the action, and nothing is written before they chose the draft.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lift_ir import Span
from lsprotocol import types as lsp

from lift.edit import Edit
from lift.ide.suggesting import described_at, drafted_for
from lift.ide.words import drafted_by
from lift.lsp.choosing import Choice, choose
from lift.lsp.documents import Document
from lift.lsp.kinds import asked_for
from lift.lsp.progress import awaited
from lift.lsp.refusals import RequestFailed

if TYPE_CHECKING:
    from lift.lsp.session import Session
    from lift.resolve.suggest.specify import Drafted

COMMAND = "lift.draft"
KIND = "refactor.rewrite.lift.draft"
_NAMED = 4


def offers(session: Session, document: Document, span: Span, kinds: object) -> Iterator[lsp.CodeAction]:
    """The action for a function that is described and states nothing, with the cursor on its header."""
    if not asked_for(kinds, KIND):
        return
    project = session.project_of(document.uri)
    function = described_at(project.extraction(document.uri), span)
    if function is None:
        return
    whom = f", asking {project.config.model or 'the model'}…" if project.config.provider else ""
    title = f"Draft a specification from this description{whom}"
    command = lsp.Command(title, COMMAND, arguments=[document.uri, function.qualname])
    yield lsp.CodeAction(title=title, kind=KIND, command=command)


def start(session: Session, document: Document, function: str, token: lsp.ProgressToken | None) -> None:
    """Drafts beside the handlers, and asks whether to write the draft."""
    session.start(_run(session, document, function, token), "draft")


async def _run(session: Session, document: Document, function: str, token: lsp.ProgressToken | None) -> None:
    try:
        drafted = await _seek(session, document, function, token)
    except RequestFailed as refused:
        session.tell(f"{function}: {refused.message}")
        return
    if drafted is None:
        session.tell(f"there is no function {function} to draft a specification for")
        return
    found = drafted.specification
    for note in drafted.notes:
        session.log_to_client(f"{function}: {note}")
    for clause in found.clauses if found is not None else ():
        shown = [f"allows {clause.allows}"] if clause.allows else []
        shown += [f"forbids {clause.forbids}"] if clause.forbids else []
        said = "; ".join([clause.evidence, *shown])
        session.log_to_client(f"{function}: {clause.text}: from “{clause.sentence}”: {said}")
    for one in found.rejected if found is not None else ():
        session.log_to_client(f"{function}: refused: {one.text}: {one.reason}")
    if found is None or not found.edits:
        why = found.reason if found is not None else ""
        session.tell(". ".join([f"{function}: no draft", *([why] if why else []), *drafted.notes]))
        return
    clauses = [f"`{c.text}` ({c.evidence})" for c in found.clauses[:_NAMED]]
    message = f"lift: {function}: {'; '.join([*clauses, found.summary])}"
    edits = tuple(Edit(e.span, e.text) for e in found.edits)
    choice = Choice(f"Apply the draft ({found.summary})", edits, drafted_by(drafted.model))
    if session.client.apply_edit:
        await choose(session, document, message, [choice])
    else:
        session.tell(f"{message}. It cannot be applied by this editor; lift fill --draft writes it.")


async def _seek(
    session: Session, document: Document, function: str, token: lsp.ProgressToken | None
) -> Drafted | None:
    session.analysed(document)
    project = session.project_of(document.uri)
    found = await awaited(
        session,
        f"drafting {function}",
        token,
        lambda progress: drafted_for(project, document.uri, function, report=progress.report),
        _ended,
    )
    session.current(document.uri, document.revision)
    return found


def _ended(found: Drafted | None) -> str:
    if found is None or found.specification is None or not found.specification.edits:
        return "no draft"
    return found.specification.summary
