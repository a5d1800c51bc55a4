"""A choice that the user is asked to make in a message, for clients whose menus cannot carry it.

What is chosen is an edit, and it is applied only to the very text that it was made for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lift_ir import Provenance
from lsprotocol import types as lsp

from lift.edit import Edit
from lift.ide.actions import UNKNOWN
from lift.lsp.documents import Document
from lift.lsp.edits import workspace_edit
from lift.lsp.refusals import RequestFailed

if TYPE_CHECKING:
    from lift.lsp.session import Session

# Nobody has to choose soon; the text that moves on is what ends a choice.
_SECONDS = 3600.0


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen, with what it does to the text, and who wrote that."""

    title: str
    edits: tuple[Edit, ...]
    provenance: Provenance = UNKNOWN


async def choose(session: Session, document: Document, message: str, choices: Sequence[Choice]) -> bool:
    """Asks which of ``choices`` to apply, and applies it.

    Returns:
        Whether one was applied: the client may show no messages, the user may choose none, and the text may
        have changed meanwhile, which is said.
    """
    items = [lsp.MessageActionItem(c.title) for c in choices]
    params = lsp.ShowMessageRequestParams(lsp.MessageType.Info, message, items)
    answer = await session.ask(lsp.WINDOW_SHOW_MESSAGE_REQUEST, params, _SECONDS)
    title = answer.get("title") if isinstance(answer, dict) else None
    chosen = next((c for c in choices if c.title == title), None)
    return chosen is not None and await apply(session, document, chosen)


async def apply(session: Session, document: Document, choice: Choice) -> bool:
    """Applies a choice to the document if it is as it was; says so where it is not."""
    try:
        session.current(document.uri, document.revision)
    except RequestFailed:
        session.tell(f"{choice.title}: not applied, since the text has changed meanwhile; ask again.")
        return False
    edit = workspace_edit(document, choice.edits, session.client)
    params = lsp.ApplyWorkspaceEditParams(edit, label=choice.title)
    # Before the client has the edit, which it may save at once.
    take(session, document, choice.edits, choice.provenance)
    answer = await session.ask(lsp.WORKSPACE_APPLY_EDIT, params)
    return isinstance(answer, dict) and answer.get("applied") is True


def take(session: Session, document: Document, edits: Sequence[Edit], provenance: Provenance) -> None:
    """Somebody takes an edit of lift's: the history is to know whose clauses come with it."""
    from lift.ide.history import reviewer, taken

    looked_at = provenance.model_copy(update={"reviewer": reviewer()})
    taken(session.project_of(document.uri), document.uri, edits, looked_at)
