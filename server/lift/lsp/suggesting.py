"""Asking a model about a hole, when the user asks for that: shown as progress, kept with what is known of it.

The loop only waits: the model is asked over the network, and a worker judges what it says. A text that has
moved on drops what was found, and what is chosen is applied to that very text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lift_ir import Function, Hole, Span
from lsprotocol import types as lsp

from lift.ide.fillings import fillings_of
from lift.ide.places import overlaps
from lift.ide.suggesting import hole_of, is_asked_about, suggested_for
from lift.lsp import resolving
from lift.lsp.choosing import Choice, choose
from lift.lsp.documents import Document
from lift.lsp.kinds import asked_for
from lift.lsp.progress import Progress, awaited
from lift.lsp.refusals import RequestFailed, invalid_params

if TYPE_CHECKING:
    from lift.lsp.session import Session
    from lift.resolve.suggest.search import Filled

COMMAND = "lift.suggest"
_KIND = lsp.CodeActionKind.QuickFix.value
_OFFLINE_SECONDS = 30.0
_SHOWN = 4


def offers(session: Session, document: Document, span: Span, kinds: object) -> Iterator[lsp.CodeAction]:
    """The actions that ask about the holes at ``span``; without a model, those of the phrasebook alone."""
    project = session.project_of(document.uri)
    extraction = project.extraction(document.uri)
    if extraction is None or extraction.error is not None or not asked_for(kinds, _KIND):
        return
    has_model = bool(project.config.provider)
    for function in extraction.module.all_functions():
        if not function.specified:
            continue
        for hole in function.holes:
            if overlaps(hole.span, span) and (has_model or hole.hole == "clause"):
                if is_asked_about(hole, function):
                    title = _title(function, hole, project.config.model if has_model else None)
                    command = lsp.Command(title, COMMAND, arguments=[document.uri, hole.id])
                    yield lsp.CodeAction(title=title, kind=lsp.CodeActionKind.QuickFix, command=command)


def _title(function: Function, hole: Hole, model: str | None) -> str:
    whom = "" if model is None else f", asking {model or 'the model'}"
    match hole.hole:
        case "clause":
            return f"Formalise this clause{whom}…"
        case "type":
            place = "the result" if hole.name == "return" else hole.name
            return f"Find a type for {place}{whom}…"
        case "effect":
            return f"Name the effects of {function.name}{whom}…"
        case _:
            return f"Say what {function.name} is for{whom}…"


def start(session: Session, document: Document, hole: str, token: lsp.ProgressToken | None) -> None:
    """Asks beside the handlers, and lets the user choose among what passed every check.

    Raises:
        RequestFailed: There is no such hole.
    """
    session.analysed(document)
    if hole_of(session.project_of(document.uri).extraction(document.uri), hole) is None:
        raise invalid_params(f"There is no hole {hole[:80]!r} in the document.")
    session.start(_run(session, document, hole, token), "suggest")


async def _run(session: Session, document: Document, hole: str, token: lsp.ProgressToken | None) -> None:
    try:
        found = await seek(session, document, hole, token)
    except RequestFailed as refused:
        session.tell(f"{hole}: {refused.message}")
        return
    for note in found.notes:
        session.log_to_client(f"{hole}: {note}")
    for one in found.rejected:
        session.log_to_client(f"{hole}: refused: {one.text}: {one.reason}")
    extraction = session.analysed(document)
    shown, rest = fillings_of(extraction, hole, {hole: found.hole})
    choices = [Choice(one.title, one.edits, one.candidate.provenance) for one in (*shown, *rest)][:_SHOWN]
    if not choices:
        session.tell(f"{_question(found.hole)} {_nothing(found)}")
    elif session.client.apply_edit:
        said = f" {found.summary}" if found.model else ""
        await choose(session, document, f"lift: {_question(found.hole)}{said}", choices)
    else:
        session.tell(f"{found.summary}; they are among the quick fixes")


def _question(hole: Hole) -> str:
    return hole.question if len(hole.question) <= 120 else f"{hole.question[:119]}…"


def _nothing(found: Filled) -> str:
    """Why there is nothing to choose, for people."""
    parts = ["Nothing is offered", *found.notes]
    if found.rejected:
        parts.append(f"`{found.rejected[0].text}` was refused: {found.rejected[0].reason}")
    return ". ".join(parts)


async def seek(session: Session, document: Document, hole: str, token: lsp.ProgressToken | None) -> Filled:
    """What is found for a hole, with and without a model, kept for the menu as well.

    Raises:
        RequestFailed: There is no such hole, the user cancelled, or the text has changed meanwhile.
    """
    found = await awaited(
        session,
        f"looking for what fills {hole.rpartition(':')[2]}",
        token,
        lambda progress: _sought(session, document, hole, progress),
        lambda found: found.summary,
    )
    session.current(document.uri, document.revision)
    session.resolutions.sheet(document).holes[hole] = found.hole
    return found


async def _sought(session: Session, document: Document, hole_id: str, progress: Progress) -> Filled:
    from lift.ide.generating import model_of
    from lift.resolve.suggest.search import Filled

    project = session.project_of(document.uri)
    place = hole_of(project.extraction(document.uri), hole_id)
    if place is None:
        raise invalid_params(f"There is no hole {hole_id[:80]!r} in the document.")
    owner, hole = place
    progress.report("looking without a model")
    known = await resolving.resolved(session, document, [owner.qualname], _OFFLINE_SECONDS)
    session.current(document.uri, document.revision)
    hole = known.get(hole_id, hole)
    provider, why = await model_of(project.config)
    if provider is None:
        return Filled(hole, notes=(why,))
    try:
        session.current(document.uri, document.revision)
        found = await suggested_for(project, document.uri, hole, provider, progress.report)
    finally:
        await provider.close()
    if found is None:
        raise invalid_params(f"There is no hole {hole_id[:80]!r} in the document.")
    return found
