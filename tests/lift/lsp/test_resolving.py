"""Holes in the editor: quick fixes from a worker, the others behind one entry, all of them by request."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalSubscript=false

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lift.lsp.test_generating import field, offered
from tests.lift.lsp.test_server import Editor, Opener, opened  # noqa: F401

OPEN = '''\
def shares(amount, weights):
    """Split an amount.

    Ensures:
        - ``len(result) == len(weights)``
        - ``sum(result) == amount``
    """
    return [amount * w // sum(weights) for w in weights]


def use() -> list[int]:
    return shares(3, [1, 2])
'''
AMOUNT = lsp.Position(0, 12)


async def resolved(editor: Editor, **more: Any) -> Any:
    params = {"textDocument": {"uri": editor.uri}, **more}
    return await editor.client.protocol.send_request_async("lift/resolve", params)


async def titles(editor: Editor, place: lsp.Position) -> list[str]:
    return [a.title for a in await offered(editor, place)]


async def test_the_request_gives_each_hole_with_its_candidates(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        holes = {field(h, "id"): h for h in field(await resolved(editor), "holes")}
        amount = field(holes["shares:type:amount"], "candidates")
        assert field(amount[0], "text") == "int"
        assert "the call in line 12" in field(amount[0], "evidence")
        one = field(await resolved(editor, hole="shares:type:weights"), "holes")
        assert [field(h, "id") for h in one] == ["shares:type:weights"]
        assert field(field(one[0], "candidates")[0], "text") == "list[int]"


async def test_the_menu_shows_the_best_and_applies_it(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        await resolved(editor)
        found = [a for a in await offered(editor, AMOUNT) if a.title.startswith("Annotate amount as int")]
        after = await editor.resolved(found[0])
        assert after.startswith("def shares(amount: int, weights):")


async def test_an_open_term_is_filled_from_the_menu(opened: Opener) -> None:  # noqa: F811
    text = 'def f(x: int) -> int:\n    """F.\n\n    Ensures:\n        - ``result <= ?most``\n    """\n'
    text += "    return x % 50\n"
    async with opened(text) as editor:
        await resolved(editor)
        found = [a for a in await offered(editor, lsp.Position(4, 23)) if a.title.startswith("Fill ?most")]
        assert found[0].title.startswith("Fill ?most with 49 (strongest, ")
        assert "proved of the body" in found[0].title
        assert found[1].title.startswith("Fill ?most with 50 (weakest, ")
        assert found[0].is_preferred
        assert await editor.resolved(found[0]) == text.replace("?most", "49")


async def test_terms_of_one_clause_are_filled_in_one_edit(opened: Opener) -> None:  # noqa: F811
    text = (
        'def f(x: int) -> int:\n    """F.\n\n    Ensures:\n        - ``?low <= result <= ?high``\n    """\n'
    )
    text += "    return x % 50\n"
    async with opened(text) as editor:
        await resolved(editor)
        found = [a for a in await offered(editor, lsp.Position(4, 13)) if a.title.startswith("Fill ?low")]
        assert found[0].title.startswith("Fill ?low with 0, ?high with 49 (strongest, ")
        assert await editor.resolved(found[0]) == text.replace("?low", "0").replace("?high", "49")


async def test_dots_in_the_code_are_filled_from_the_menu(opened: Opener) -> None:  # noqa: F811
    text = 'def f(x: int) -> int:\n    """F.\n\n    Ensures:\n        - ``result == x + 3``\n    """\n'
    text += "    return x + ...\n"
    async with opened(text) as editor:
        await resolved(editor)
        found = [a for a in await offered(editor, lsp.Position(6, 16)) if a.title.startswith("Fill `...`")]
        assert found[0].title.startswith("Fill `...` with 3 (")
        assert "proved to keep 2 clauses" in found[0].title
        assert await editor.resolved(found[0]) == text.replace("...", "3")


async def test_the_hover_knows_what_the_worker_found(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        await resolved(editor)
        params = lsp.HoverParams(editor.identifier, AMOUNT)
        hover = await editor.client.text_document_hover_async(params)
        assert "int" in hover.contents.value


async def test_a_hole_that_is_not_there_is_refused(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        with pytest.raises(JsonRpcException, match="no hole"):
            await resolved(editor, hole="shares:type:nobody")
        with pytest.raises(JsonRpcException) as raised:
            await resolved(editor, hole=3)
        assert raised.value.code == lsp.ErrorCodes.InvalidParams


async def test_what_was_found_goes_with_the_text(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        await resolved(editor)
        editor.replace(OPEN.replace("shares(3, [1, 2])", 'shares("a", [1, 2])'))
        holes = {field(h, "id"): h for h in field(await resolved(editor), "holes")}
        assert field(field(holes["shares:type:amount"], "candidates")[0], "text") != "int"


async def test_the_other_resolutions_are_asked_for_in_a_message(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        await resolved(editor)
        asked: asyncio.Future[lsp.ShowMessageRequestParams] = asyncio.get_running_loop().create_future()
        applied: asyncio.Future[lsp.ApplyWorkspaceEditParams] = asyncio.get_running_loop().create_future()

        @editor.client.feature(lsp.WINDOW_SHOW_MESSAGE_REQUEST)
        def choose(params: lsp.ShowMessageRequestParams) -> lsp.MessageActionItem:
            asked.set_result(params)
            return params.actions[0]

        @editor.client.feature(lsp.WORKSPACE_APPLY_EDIT)
        def apply(params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
            applied.set_result(params)
            return lsp.ApplyWorkspaceEditResult(applied=True)

        command = lsp.ExecuteCommandParams("lift.otherResolutions", [editor.uri, "shares:type:amount"])
        assert await editor.client.workspace_execute_command_async(command) is None
        params = await asyncio.wait_for(applied, 60)
        assert (await asked).actions[0].title == params.label


async def test_what_is_stated_can_be_written_into_the_code(opened: Opener) -> None:  # noqa: F811
    text = OPEN.replace("(amount, weights)", "(amount: int, weights: list[int]) -> list[int]")
    async with opened(text) as editor:
        context = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind.RefactorRewrite])
        place = lsp.Position(0, 6)
        params = lsp.CodeActionParams(editor.identifier, lsp.Range(place, place), context)
        offered = await editor.client.text_document_code_action_async(params)
        found = [a for a in offered if a.title.startswith("Enforce")]
        assert [a.title for a in found] == [
            "Enforce at run time: icontract decorators",
            "Enforce at run time: assertions",
        ]
        (change,) = found[1].edit.document_changes
        assert "assert sum(result) == amount\n    return result" in change.edits[-1].new_text
