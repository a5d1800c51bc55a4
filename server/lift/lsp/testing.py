"""*Write tests from the specifications of this file*: the offer on a function's name, and the file it makes.

For clients that make files and fetch an action's edit later: writing the tests of a long file takes a moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lift_ir import Span
from lsprotocol import types as lsp

from lift.ide.testing import Tests, overlapping, tests_of_file
from lift.lsp.documents import Document

if TYPE_CHECKING:
    from lift.lsp.session import Session

KIND = "refactor.rewrite.lift.tests"
_TITLE = "Write tests from the specifications of this file"


def offers(session: Session, document: Document, span: Span) -> Iterator[lsp.CodeAction]:
    """The action for a specified function whose name is at ``span``."""
    client = session.client
    able = client.create_files and client.document_changes and client.resolve_edit and client.action_data
    if able and overlapping(session.project_of(document.uri), document.uri, span):
        data = {"uri": document.uri, "revision": document.revision, "tests": True}
        yield lsp.CodeAction(title=_TITLE, kind=KIND, data=data)


async def resolve(session: Session, params: lsp.CodeAction, document: Document) -> lsp.CodeAction:
    """The same action with its edit; without one, and with a message, where there is nothing to write.

    Raises:
        RequestFailed: The text has changed meanwhile.
    """
    project = session.project_of(document.uri)
    found = await asyncio.to_thread(tests_of_file, project, document.uri)
    session.current(document.uri, document.revision)
    params.edit = lsp.WorkspaceEdit()
    if isinstance(found, str):
        session.tell(found)
        return params
    params.edit = lsp.WorkspaceEdit(document_changes=list(_changes(found)))
    count = len(found.written.tests)
    left = f"; {len(found.written.skipped)} left out" if found.written.skipped else ""
    session.tell(f"{found.place.name}: {count} {'test' if count == 1 else 'tests'}{left}")
    return params


def _changes(found: Tests) -> Iterator[lsp.CreateFile | lsp.TextDocumentEdit]:
    uri = Path(found.place).as_uri()
    start = lsp.Position(0, 0)
    if found.before is None:
        yield lsp.CreateFile(uri=uri, options=lsp.CreateFileOptions(ignore_if_exists=True))
        end = start
    else:
        end = lsp.Position(found.before.count("\n") + 1, 0)
    identifier = lsp.OptionalVersionedTextDocumentIdentifier(uri, None)
    yield lsp.TextDocumentEdit(identifier, [lsp.TextEdit(lsp.Range(start, end), found.written.text)])
