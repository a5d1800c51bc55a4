"""What fills the holes of open documents: looked for in workers when somebody looks at a hole, and kept.

A menu waits for it only for a moment, and has it the next time; ``lift/resolve`` waits. What was found is for
one state of a document, and goes with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lift_ir import Hole, Span
from lsprotocol import types as lsp

from lift import ide
from lift.ide.fillings import OTHERS, fillings_of
from lift.ide.resolutions import resolution, texts_around
from lift.lsp.choosing import Choice, choose
from lift.lsp.documents import Document
from lift.lsp.progress import awaited
from lift.lsp.refusals import invalid_params

if TYPE_CHECKING:
    from lift.lsp.session import Session


@dataclass
class _Sheet:
    """What is known of one state of a document, and what is being found out."""

    revision: int
    holes: dict[str, Hole] = field(default_factory=dict)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)


class Resolutions:
    """The holes of open documents with what fills them."""

    def __init__(self) -> None:
        self._sheets: dict[str, _Sheet] = {}

    def known(self, document: Document) -> Mapping[str, Hole]:
        """What is known so far of the document as it is."""
        sheet = self._sheets.get(document.uri)
        return sheet.holes if sheet is not None and sheet.revision == document.revision else {}

    def sheet(self, document: Document) -> _Sheet:
        """What belongs to the document as it is; searches for an older text end."""
        sheet = self._sheets.get(document.uri)
        if sheet is None or sheet.revision != document.revision:
            for task in sheet.tasks.values() if sheet is not None else ():
                task.cancel()
            sheet = self._sheets[document.uri] = _Sheet(document.revision)
        return sheet

    def forget(self, uri: str) -> None:
        """The document was closed."""
        sheet = self._sheets.pop(uri, None)
        for task in sheet.tasks.values() if sheet is not None else ():
            task.cancel()


def begin(session: Session, document: Document, owners: Iterable[str]) -> list[asyncio.Task[None]]:
    """Looks for what fills the holes of functions and classes, each once; gives what is still going on."""
    sheet = session.resolutions.sheet(document)
    for owner in owners:
        if owner not in sheet.tasks:
            sheet.tasks[owner] = session.start(_seek(session, document, sheet, owner), "resolve")
    return [task for task in sheet.tasks.values() if not task.done()]


async def resolved(
    session: Session, document: Document, owners: Iterable[str], seconds: float
) -> Mapping[str, Hole]:
    """What is known after waiting for at most ``seconds``; the search goes on beyond that."""
    going = begin(session, document, owners)
    if going:
        await asyncio.wait(going, timeout=seconds)
    return session.resolutions.known(document)


async def _seek(session: Session, document: Document, sheet: _Sheet, owner: str) -> None:
    from lift.resolve.holes import Resolution
    from lift.verify.pool import TaskError

    project = session.project_of(document.uri)
    # It reads the other files of the workspace that name the function.
    around = await asyncio.to_thread(texts_around, project, document.uri, owner)
    task = resolution(project, document.uri, owner, naming=around)
    if task is None or task.text != document.snapshot.text:
        return
    future = project.perform(task)
    try:
        answer = await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        project.drop(future)
        raise
    except TaskError:
        # The menu has what needs no worker; a search that failed once is not made again for this text.
        return
    sheet.holes.update({hole.id: hole for hole in Resolution.model_validate_json(answer).holes})


def owners_at(session: Session, document: Document, span: Span | None) -> list[str]:
    """The functions and classes with a hole at ``span``, or anywhere."""
    return ide.owners_of_holes(session.project_of(document.uri), document.uri, span)


async def answer(
    session: Session, document: Document, hole: str | None, token: lsp.ProgressToken | None
) -> tuple[Hole, ...]:
    """The holes of a document, or one of them, with all that was found.

    Raises:
        RequestFailed: There is no such hole, the user cancelled, or the text has changed meanwhile.
    """
    session.analysed(document)
    owners = owners_at(session, document, None)
    if hole is not None:
        owners = [o for o in owners if hole.startswith(f"{o}:")]

    async def work(_progress: object) -> Mapping[str, Hole]:
        going = begin(session, document, owners)
        if going:
            await asyncio.wait(going)
        return session.resolutions.known(document)

    found = await awaited(session, "looking for what fills the holes", token, work, _said)
    session.current(document.uri, document.revision)
    if hole is not None and hole not in found:
        raise invalid_params(f"There is no hole {hole[:80]!r} in the document.")
    return tuple(one for key, one in found.items() if hole in (None, key))


def _said(found: Mapping[str, Hole]) -> str:
    filled = sum(bool(hole.candidates) for hole in found.values())
    return f"{filled} of {len(found)} holes have candidates"


async def others(session: Session, document: Document, hole: str) -> None:
    """Asks which of the resolutions that the menu left out to take."""
    extraction = session.analysed(document)
    shown, rest = fillings_of(extraction, hole, session.resolutions.known(document))
    choices = [Choice(one.title, one.edits, one.candidate.provenance) for one in (*rest, *shown)]
    if not choices:
        session.tell("nothing is known any more that would fill it; ask for quick fixes again")
    elif session.client.apply_edit:
        await choose(session, document, f"lift: {OTHERS.rstrip('…')}", choices)
    else:
        session.tell("; ".join(choice.title for choice in choices))
