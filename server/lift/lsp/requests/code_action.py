"""``textDocument/codeAction``: quick fixes for what is underlined, and rewrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lift import ide
from lift.ide import Action
from lift.lsp import (
    asserting,
    describing,
    enforcing,
    generating,
    inferring,
    resolving,
    sourcing,
    stubbing,
    suggesting,
    testing,
)
from lift.lsp.choosing import take
from lift.lsp.convert import to_span
from lift.lsp.diagnostics import to_diagnostic
from lift.lsp.documents import Document
from lift.lsp.edits import workspace_edit
from lift.lsp.kinds import asked_for

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.TEXT_DOCUMENT_CODE_ACTION
# A menu that opens later than this feels stuck; what comes after it is there the next time.
_RESOLVE_SECONDS = 1.0


async def handle(session: Session, params: lsp.CodeActionParams) -> list[lsp.CodeAction | lsp.Command] | None:
    """The actions at the range; none for a client that only knows commands."""
    document = session.documents.get(params.text_document.uri)
    if document is None or not session.client.literals:
        return None
    kinds, offered = params.context.only, list[lsp.CodeAction]()
    session.analysed(document)
    project = session.project_of(document.uri)
    span = to_span(document.index, params.range, session.client.encoding)
    offered += generating.offers(session, document, span, kinds)
    if asked_for(kinds, inferring.KIND):
        offered += inferring.offers(session, document, span)
    if asked_for(kinds, asserting.KIND):
        offered += asserting.offers(session, document, span)
    offered += describing.offers(session, document, span, kinds)
    offered += stubbing.offers(session, document, span, kinds)
    offered += (
        action for action in enforcing.offers(session, document, span) if asked_for(kinds, str(action.kind))
    )
    if asked_for(kinds, testing.KIND):
        offered += testing.offers(session, document, span)
    offered += sourcing.offers(session, document, kinds)
    if not asked_for(kinds, lsp.CodeActionKind.QuickFix.value):
        return list(offered)
    owners = resolving.owners_at(session, document, span)
    filled = await resolving.resolved(session, document, owners, _RESOLVE_SECONDS) if owners else {}
    document = session.current(document.uri, document.revision)
    found = ide.actions_at(project, document.uri, span, resolved=filled)
    offered += suggesting.offers(session, document, span, kinds)
    return [*(_converted(action, document, session) for action in found), *offered]


def _converted(action: Action, document: Document, session: Session) -> lsp.CodeAction:
    client = session.client
    diagnostic = to_diagnostic(action.finding, document, client)
    converted = lsp.CodeAction(
        title=action.title,
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[session.dispatch.protocol.typed(lsp.Diagnostic, diagnostic)],
    )
    if client.preferred and action.preferred:
        converted.is_preferred = True
    if action.others:
        hole = action.finding.data["hole"]
        converted.command = lsp.Command(action.title, "lift.otherResolutions", arguments=[document.uri, hole])
    elif client.resolve_edit and client.action_data:
        converted.data = session.remember_action(document, action)
    else:
        # Such a client does not say which one is taken.
        take(session, document, action.edits, action.provenance)
        converted.edit = workspace_edit(document, action.edits, client)
    return converted
