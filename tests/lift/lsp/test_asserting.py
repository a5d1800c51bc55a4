"""*Write the invariant* through a client: offered on loops, worked out on request, dropped when stale."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lift.lsp.test_server import Editor, Opener, capabilities, opened, until  # noqa: F401

POUR = '''def pour(full: int) -> int:
    """Pour one glass into another.

    Requires:
        - ``full >= 0``

    Ensures:
        - ``result == full``
    """
    left, right = full, 0
    while left > 0:
        left -= 1
        right += 1
    return right
'''
LOOP = POUR.split("\n").index("    while left > 0:")
REWRITE = "refactor.rewrite.lift.invariant"


async def offered(editor: Editor, line: int, *kinds: str) -> list[lsp.CodeAction]:
    place = lsp.Position(line, 6)
    context = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind(k) for k in kinds] or None)
    params = lsp.CodeActionParams(editor.identifier, lsp.Range(place, place), context)
    found = await editor.client.text_document_code_action_async(params)
    return [a for a in found or () if isinstance(a, lsp.CodeAction) and a.kind == REWRITE]


async def checked(editor: Editor) -> None:
    """Has the document checked, and waits for it."""
    await editor.request("lift/verify", {"textDocument": {"uri": editor.uri}})


async def test_writes_the_assertions_into_the_loop(opened: Opener) -> None:  # noqa: F811
    async with opened(POUR) as editor:
        await checked(editor)
        shown = await editor.hover(LOOP, 6)
        assert shown is not None
        assert "left + right == full" in str(shown.contents)
        (action,) = await offered(editor, LOOP)
        assert action.edit is None
        after = await editor.resolved(action)
        head = POUR.partition("        left -= 1")[0]
        assert after.startswith(head + "        assert left")
        assert [line for line in after.split("\n") if "assert" not in line] == POUR.split("\n")
        editor.replace(after)
        await checked(editor)
        for again in await offered(editor, LOOP):
            resolved = await editor.client.code_action_resolve_async(again)
            assert resolved.edit is not None
            assert not resolved.edit.document_changes


async def test_is_offered_on_the_loop_only_and_once_it_is_checked(opened: Opener) -> None:  # noqa: F811
    async with opened(POUR) as editor:
        editor.replace(POUR.replace("right += 1", "right += 1 "))
        await checked(editor)
        assert await offered(editor, LOOP - 1) == []
        assert len(await offered(editor, LOOP, "refactor.rewrite")) == 1
        assert await offered(editor, LOOP, "quickfix") == []
        editor.replace(POUR.replace("right += 1", "right += 2"))
        assert await offered(editor, LOOP) == []


async def test_is_not_offered_to_a_client_that_wants_edits_at_once(opened: Opener) -> None:  # noqa: F811
    can = capabilities(dropped=("textDocument.codeAction.resolveSupport",))
    async with opened(POUR, can=can) as editor:
        await checked(editor)
        assert await offered(editor, LOOP) == []


async def test_a_text_that_moved_on_drops_what_was_found(opened: Opener) -> None:  # noqa: F811
    async with opened(POUR) as editor:
        await checked(editor)
        (action,) = await offered(editor, LOOP)
        waiting = asyncio.ensure_future(editor.client.code_action_resolve_async(action))
        await asyncio.sleep(0)
        editor.replace(POUR + "\n")
        with pytest.raises(JsonRpcException) as raised:
            await waiting
        assert raised.value.code == lsp.LSPErrorCodes.ContentModified
