"""*Write a stub with its specification from this comment*: signature, clauses and holes; code comes later.

No model is asked before the user chose the action. Without one the stub is put in place at once, since the
user asked for it and can take it back; what a model drafted is shown first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lift_ir import Span
from lsprotocol import types as lsp

from lift.ide.describing import Comment, Described, comment_at, in_place, stub_for
from lift.ide.words import drafted_by
from lift.lsp.choosing import Choice, apply, choose
from lift.lsp.documents import Document
from lift.lsp.kinds import asked_for
from lift.lsp.progress import awaited
from lift.lsp.refusals import RequestFailed, invalid_params

if TYPE_CHECKING:
    from lift.lsp.session import Session

COMMAND = "lift.stub"
KIND = "refactor.rewrite.lift.stub"


def offers(session: Session, document: Document, span: Span, kinds: object) -> Iterator[lsp.CodeAction]:
    """The action for a comment at the module's margin that describes a function."""
    project = session.project_of(document.uri)
    if not asked_for(kinds, KIND) or not session.client.apply_edit:
        return
    comment = comment_at(document.snapshot.text, span.start.line)
    if comment is None:
        return
    whom = f", asking {project.config.model or 'the model'}…" if project.config.provider else ""
    title = f"Write a stub with its specification from this comment{whom}"
    command = lsp.Command(title, COMMAND, arguments=[document.uri, comment.first - 1])
    yield lsp.CodeAction(title=title, kind=KIND, command=command)


def start(session: Session, document: Document, line: int, token: lsp.ProgressToken | None) -> None:
    """Makes a stub beside the handlers, and puts it where the comment stands.

    Args:
        line: Where the comment stands, from 1.

    Raises:
        RequestFailed: No comment there describes a function.
    """
    comment = comment_at(document.snapshot.text, line)
    if comment is None:
        raise invalid_params("There is no comment on that line that describes a function.")
    session.start(_run(session, document, comment, token), "stub")


async def _run(
    session: Session, document: Document, comment: Comment, token: lsp.ProgressToken | None
) -> None:
    try:
        found = await _seek(session, document, comment, token)
    except RequestFailed as refused:
        session.tell(refused.message)
        return
    if found is None:
        session.tell("the comment holds no words that a function could be made of")
        return
    review = found.review
    for note in found.notes:
        session.log_to_client(f"{found.stub.name}: {note}")
    for clause in review.clauses if review is not None else ():
        session.log_to_client(f"{found.stub.name}: {clause.text}: {clause.evidence}")
    for one in review.rejected if review is not None else ():
        session.log_to_client(f"{found.stub.name}: refused: {one.text}: {one.reason}")
    if _is_there(session, document, found.stub.name):
        session.tell(f"there is a function {found.stub.name} already; nothing was written")
        return
    edits = in_place(document.snapshot.text, comment, found.stub)
    count = len(review.clauses) if review is not None else 0
    said = f"{count} clause{'' if count == 1 else 's'}, {len(found.stub.clauses)} left in prose"
    choice = Choice(f"Write {found.stub.name} ({said})", edits, drafted_by(found.model))
    if found.model:
        clauses = "; ".join(f"`{c.text}`" for c in review.clauses[:4]) if review is not None else ""
        head = found.stub.text.partition("\n")[0]
        message = f"lift: {found.model} drafted {head}" + (f" with {clauses}" if clauses else "")
        await choose(session, document, message, [choice])
    else:
        await apply(session, document, choice)


def _is_there(session: Session, document: Document, name: str) -> bool:
    module = session.analysed(document).module
    return any(f.qualname == name for f in module.functions)


async def _seek(
    session: Session, document: Document, comment: Comment, token: lsp.ProgressToken | None
) -> Described | None:
    session.analysed(document)
    project, text = session.project_of(document.uri), document.snapshot.text
    found = await awaited(
        session,
        "writing a stub",
        token,
        lambda progress: stub_for(project, document.uri, text, comment.text, report=progress.report),
        lambda found: found.stub.name if found is not None else "no words",
    )
    session.current(document.uri, document.revision)
    return found
