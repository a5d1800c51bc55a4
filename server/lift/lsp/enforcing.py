"""*Enforce at run time*: the offers on a function's name. What they write is known at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lift_ir import Span
from lsprotocol import types as lsp

from lift.ide.enforcement import enforcements
from lift.lsp.documents import Document
from lift.lsp.edits import workspace_edit

if TYPE_CHECKING:
    from lift.lsp.session import Session

KIND = "refactor.rewrite.lift.enforce"


def offers(session: Session, document: Document, span: Span) -> Iterator[lsp.CodeAction]:
    """The actions for a function whose name is at ``span``."""
    for one in enforcements(session.project_of(document.uri), document.uri, span):
        edit = workspace_edit(document, one.edits, session.client)
        yield lsp.CodeAction(title=one.title, kind=f"{KIND}.{one.style}", edit=edit)
