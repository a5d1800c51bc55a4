"""Actions on a whole file, which editors run at a save if they are told to.

It is checked, or its specifications are written in the usual notation. Offered only to those who ask for
source actions, as the protocol wants it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide import has_specification
from lift.ide.normalising import normalised
from lift.lsp.documents import Document
from lift.lsp.edits import workspace_edit
from lift.lsp.kinds import asked_for

if TYPE_CHECKING:
    from lift.lsp.session import Session

CHECK = "source.lift.check"
NORMALIZE = "source.lift.normalizeSpec"


def offers(session: Session, document: Document, kinds: Any) -> Iterator[lsp.CodeAction]:
    """The actions for the document."""
    if not kinds:
        return
    extraction = session.analysed(document)
    if asked_for(kinds, CHECK) and has_specification(extraction):
        title = "Check the specifications of this file"
        command = lsp.Command(title, "lift.check", arguments=[document.uri])
        yield lsp.CodeAction(title=title, kind=CHECK, command=command)
    if asked_for(kinds, NORMALIZE) and (edits := normalised(extraction)):
        edit = workspace_edit(document, edits, session.client)
        yield lsp.CodeAction(title="Write specifications in lift's notation", kind=NORMALIZE, edit=edit)
