"""``codeAction/resolve``: the edit of the action that the user picked, if its text has not changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lift.lsp import asserting, generating, inferring, testing
from lift.lsp.choosing import take
from lift.lsp.edits import workspace_edit
from lift.lsp.refusals import content_modified, invalid_params

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.CODE_ACTION_RESOLVE


async def handle(session: Session, params: lsp.CodeAction) -> lsp.CodeAction:
    """The same action with its edit; refused when the document has changed since."""
    if params.edit is not None:
        return params
    data = params.data
    if not isinstance(data, Mapping):
        raise invalid_params("The action carries no data of lift's.")
    name = data.get("infer")
    if isinstance(name, str) and isinstance(data.get("uri"), str) and isinstance(data.get("revision"), int):
        document = session.current(data["uri"], data["revision"])
        return await inferring.resolve(session, params, document, name)
    name, line = data.get("assert"), data.get("line")
    if isinstance(name, str) and isinstance(line, int):
        if isinstance(data.get("uri"), str) and isinstance(data.get("revision"), int):
            document = session.current(data["uri"], data["revision"])
            return await asserting.resolve(session, params, document, name, line)
    uri, revision = data.get("uri"), data.get("revision")
    if data.get("tests") is True and isinstance(uri, str) and isinstance(revision, int):
        return await testing.resolve(session, params, session.current(uri, revision))
    function, place = data.get("function"), data.get("candidate")
    if isinstance(function, str) and isinstance(place, int):
        if isinstance(uri, str) and isinstance(revision, int):
            document = session.current(uri, revision)
            found = generating.resolve(session, params, document, function, place)
            if found is None:
                raise content_modified("The candidate is no longer known; ask for candidates again.")
            return found
    place = data.get("action")
    if not isinstance(uri, str) or not isinstance(revision, int) or not isinstance(place, int):
        raise invalid_params("The action's data is not lift's: it needs uri, revision and action.")
    document = session.current(uri, revision)
    action = session.remembered_action(uri, revision, place)
    if action is None:
        raise content_modified("The action is no longer known; ask for actions again.")
    take(session, document, action.edits, action.provenance)
    params.edit = workspace_edit(document, action.edits, session.client)
    return params
