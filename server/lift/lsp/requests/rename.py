"""``textDocument/rename``: a name in code, clauses and descriptions, in every file that it concerns."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.callers import texts_naming
from lift.edit import Failure
from lift.ide.renaming import MOST_FILES, Renamed, Renaming, Target, rename, target_at
from lift.lsp.convert import plain_range, to_offset
from lift.lsp.documents import Document
from lift.lsp.refusals import impossible
from lift.lsp.uris import from_path, to_path
from lift.source.positions import LineIndex

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_RENAME


async def handle(session: Session, params: lsp.RenameParams) -> dict[str, Any] | None:
    """The edits of every file; refused with the reason where there can be none."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    place = params.position
    offset = to_offset(document.index, place.line, place.character, session.client.encoding)
    extraction = session.analysed(document)
    if extraction.error is not None:
        raise impossible(
            "The text does not parse, so that nobody can tell what the name means; mend it first."
        )
    target = target_at(extraction, offset)
    if target is None:
        raise impossible(
            "No specification names what stands here; rename it with the Python language server beside lift."
        )
    open_documents = {p: d for d in session.documents.all() if (p := to_path(d.uri)) is not None}
    others = await _others(session, document, target, open_documents)
    steps = rename(session.project_of(document.uri), extraction, target, params.new_name, others)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found: Renaming | Failure = stop.value
            break
        await asyncio.sleep(0)
    session.current(document.uri, document.revision)
    if isinstance(found, Failure):
        raise impossible(f"Not renamed: {found.reason}.")
    if found.left:
        session.tell(f"left alone by the rename: {'; '.join(found.left[:5])}")
    return _workspace_edit(session, document, found, open_documents)


async def _others(
    session: Session, document: Document, target: Target, opened: dict[Path, Document]
) -> list[tuple[Path, str]]:
    """The other files of the folder that may be concerned; read in a thread, since they lie on a disk."""
    path = to_path(document.uri)
    if target.searched is None or path is None:
        return []
    root, texts = session.project_of(document.uri).root, {p: d.text for p, d in opened.items()}
    found = await asyncio.to_thread(texts_naming, root, path, target.searched, texts.get, MOST_FILES)
    if len(found) == MOST_FILES:
        session.tell(f"only {MOST_FILES} files that name {target.searched} were looked at")
    return [(root / name, text) for name, text in found]


def _workspace_edit(
    session: Session, document: Document, renaming: Renaming, opened: dict[Path, Document]
) -> dict[str, Any]:
    """Plain data, versioned where the client understands that."""
    files = [_file(session, document, one, opened) for one in renaming.files]
    if not session.client.document_changes:
        return {"changes": {uri: edits for uri, _, edits in files}}
    return {
        "documentChanges": [
            {"textDocument": {"uri": uri, "version": version}, "edits": edits}
            for uri, version, edits in files
        ]
    }


def _file(
    session: Session, document: Document, renamed: Renamed, opened: dict[Path, Document]
) -> tuple[str, int | None, list[dict[str, Any]]]:
    path = renamed.path
    owner = document if path is None else opened.get(path)
    index = owner.index if owner is not None else LineIndex(renamed.text)
    encoding = session.client.encoding
    edits = [{"range": plain_range(index, e.span, encoding), "newText": e.text} for e in renamed.edits]
    if owner is not None:
        return owner.uri, owner.version, edits
    assert path is not None
    return from_path(str(path)), None, edits
