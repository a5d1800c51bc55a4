"""*Lift a specification* through a client: offered on headers, searched on request, dropped when stale."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lift.lsp.test_server import Editor, Opener, capabilities, opened  # noqa: F401

FIRST = "def first(xs: list[int]) -> int | None:\n    if not xs:\n        return None\n    return xs[0]\n"
REWRITE = "refactor.rewrite.lift.infer"


async def offered(editor: Editor, line: int, *kinds: str) -> list[lsp.CodeAction]:
    place = lsp.Position(line, 6)
    context = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind(k) for k in kinds] or None)
    params = lsp.CodeActionParams(editor.identifier, lsp.Range(place, place), context)
    found = await editor.client.text_document_code_action_async(params)
    return [a for a in found or () if isinstance(a, lsp.CodeAction) and a.kind == REWRITE]


async def test_lifts_a_specification_into_the_docstring(opened: Opener) -> None:  # noqa: F811
    async with opened(FIRST) as editor:
        (action,) = await offered(editor, 0)
        assert action.edit is None
        after = await editor.resolved(action)
        assert "- ``result is None or result in xs``\n" in after
        assert after.endswith(FIRST.partition("\n")[2])


async def test_is_offered_on_headers_without_ensures_only(opened: Opener) -> None:  # noqa: F811
    async with opened(FIRST) as editor:
        assert await offered(editor, 2) == []
        assert len(await offered(editor, 0, "refactor.rewrite")) == 1
        assert await offered(editor, 0, "quickfix") == []
        doc = '    """A.\n\n    Ensures:\n        - ``result is None or result in xs``\n    """\n'
        editor.replace(FIRST.replace("    if", doc + "    if", 1))
        assert await offered(editor, 0) == []


async def test_is_not_offered_to_a_client_that_wants_edits_at_once(opened: Opener) -> None:  # noqa: F811
    async with opened(FIRST, can=capabilities(dropped=("textDocument.codeAction.resolveSupport",))) as editor:
        assert await offered(editor, 0) == []


async def test_a_text_that_moved_on_drops_what_was_found(opened: Opener) -> None:  # noqa: F811
    async with opened(FIRST) as editor:
        (action,) = await offered(editor, 0)
        waiting = asyncio.ensure_future(editor.client.code_action_resolve_async(action))
        await asyncio.sleep(0)
        editor.replace(FIRST + "\n")
        with pytest.raises(JsonRpcException) as raised:
            await waiting
        assert raised.value.code == lsp.LSPErrorCodes.ContentModified


async def test_the_command_answers_and_edits_nothing(opened: Opener) -> None:  # noqa: F811
    async with opened(FIRST) as editor:
        params = lsp.ExecuteCommandParams("lift.infer", [editor.uri, "first"])
        found = await editor.client.workspace_execute_command_async(params)
        assert "(result is None) == (len(xs) == 0)" in str(found)
