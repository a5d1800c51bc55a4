"""Bodies on request: looked for with progress, kept for the text that they are for, offered as quick fixes.

The loop only waits: models are asked over the network and candidates checked in workers. A text that has
moved on drops what was found, and what is applied is applied to that very text.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lift_ir import Generation, Span
from lsprotocol import types as lsp

from lift.edit import Edit
from lift.ide.proposals import edits_of, evidence, failure, label, preview, writable
from lift.lsp.choosing import Choice, choose
from lift.lsp.documents import Document
from lift.lsp.edits import workspace_edit
from lift.lsp.kinds import asked_for
from lift.lsp.progress import Progress, awaited
from lift.lsp.refusals import RequestFailed
from lift.lsp.views import show_page

if TYPE_CHECKING:
    from lift.lsp.session import Session

KIND = "refactor.rewrite.lift.generate"
_SHOWN = 3


@dataclass(frozen=True)
class _Kept:
    revision: int
    generation: Generation


class Generations:
    """What was found for the functions of open documents, each for one state of its document."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = {}

    def keep(self, document: Document, found: Generation) -> None:
        """Remembers what was found for the document as it is."""
        self._kept = {k: v for k, v in self._kept.items() if k[0] != document.uri or self._fits(v, document)}
        self._kept[document.uri, found.function] = _Kept(document.revision, found)

    def of(self, document: Document, function: str) -> Generation | None:
        """What was found for a function of the document as it is; None if nobody asked since it changed."""
        kept = self._kept.get((document.uri, function))
        return kept.generation if kept is not None and self._fits(kept, document) else None

    @staticmethod
    def _fits(kept: _Kept, document: Document) -> bool:
        return kept.revision == document.revision


def offers(session: Session, document: Document, span: Span, kinds: object) -> Iterator[lsp.CodeAction]:
    """The candidates that are known for the function at ``span``, and the action that looks for some."""
    project = session.project_of(document.uri)
    for request in writable(project, document.uri, span):
        kind = lsp.CodeActionKind.QuickFix.value if request.is_open else KIND
        if not asked_for(kinds, kind):
            continue
        arguments = [document.uri, request.function]
        found = session.generations.of(document, request.function)
        for number, proposal in enumerate(found.proposals[:_SHOWN] if found else (), start=1):
            action = lsp.CodeAction(title=label(proposal, number), kind=kind)
            if session.client.resolve_edit and session.client.action_data:
                action.data = {
                    "uri": document.uri,
                    "revision": document.revision,
                    "candidate": number - 1,
                    "function": request.function,
                }
            else:
                action.edit = workspace_edit(document, edits_of(proposal), session.client)
            yield action
        if found is not None:
            title = "Preview the candidates…" if found.proposals else "Show why there is no candidate…"
            yield _command(title, "lift.previewCandidates", arguments, kind)
        yield _command(request.title, "lift.generate", arguments, kind)


def _command(title: str, command: str, arguments: list[str], kind: str) -> lsp.CodeAction:
    return lsp.CodeAction(title=title, kind=kind, command=lsp.Command(title, command, arguments=[*arguments]))


def resolve(
    session: Session, params: lsp.CodeAction, document: Document, function: str, place: int
) -> lsp.CodeAction | None:
    """The action of a candidate with its edit; None if the candidate is not known any more."""
    found = session.generations.of(document, function)
    if found is None or not 0 <= place < len(found.proposals):
        return None
    params.edit = workspace_edit(document, edits_of(found.proposals[place]), session.client)
    return params


async def seek(
    session: Session, document: Document, function: str, token: lsp.ProgressToken | None
) -> Generation | None:
    """What is found for a function; None where the document has no such function.

    Raises:
        RequestFailed: The user cancelled, the text has changed meanwhile, or the workspace is not trusted.
    """
    session.analysed(document)
    if not session.project_of(document.uri).options.run_code:
        reason = (
            "Candidates are run before they are offered, which the settings or the workspace's trust forbid."
        )
        raise RequestFailed(lsp.LSPErrorCodes.RequestFailed, reason)
    found = await awaited(
        session,
        f"writing {function}",
        token,
        lambda progress: _sought(session, document, function, progress),
        lambda found: "there is no such function" if found is None else _summary(found),
    )
    session.current(document.uri, document.revision)
    if found is not None:
        session.generations.keep(document, found)
    return found


def _summary(found: Generation) -> str:
    count = len(found.proposals)
    return f"{count} candidate{'' if count == 1 else 's'}" if count else "no candidate passed every check"


async def _sought(
    session: Session, document: Document, function: str, progress: Progress
) -> Generation | None:
    from lift.ide.generating import Limits, written
    from lift.resolve.loop.events import Finished

    project = session.project_of(document.uri)
    limits = Limits(candidates=project.config.candidates)
    events = written(project, document.uri, function, limits)
    async with contextlib.aclosing(events):
        async for event in events:
            # Nobody wants what is for another text; leaving ends requests and workers.
            session.current(document.uri, document.revision)
            progress.report(event.text)
            if isinstance(event, Finished):
                return event.generation
    return None


def start(session: Session, document: Document, function: str, token: lsp.ProgressToken | None) -> None:
    """Looks for bodies beside the handlers, and tells the user when there are some."""
    session.start(_run(session, document, function, token), "generate")


async def _run(session: Session, document: Document, function: str, token: lsp.ProgressToken | None) -> None:
    try:
        found = await seek(session, document, function, token)
    except RequestFailed as refused:
        session.tell(f"{function}: {refused.message}")
        return
    if found is None:
        session.tell(f"there is no function {function} with a body to write here")
        return
    for note in found.notes:
        session.log_to_client(f"{function}: {note}")
    if not found.proposals:
        session.tell(". ".join([f"{function}: nothing is offered: {failure(found)}", *found.notes]))
        return
    choices = [
        Choice(label(proposal, number), tuple(Edit(e.span, e.text) for e in proposal.edits))
        for number, proposal in enumerate(found.proposals[:_SHOWN], start=1)
    ]
    best = f"{function}: {_summary(found)}, the best with {evidence(found.proposals[0])}"
    if session.client.apply_edit:
        await choose(session, document, f"lift: {best}", choices)
    else:
        session.tell(f"{best}; they are among the quick fixes at its header")


async def show(session: Session, document: Document, function: str) -> dict[str, object]:
    """Shows the candidates as a page with their differences.

    Raises:
        RequestFailed: Nobody has asked for any since the text changed.
    """
    found = session.generations.of(document, function)
    if found is None:
        raise RequestFailed(lsp.LSPErrorCodes.ContentModified, "No candidates are known; ask for some first.")
    return await show_page(session, preview(document.text, found))
