"""*Write an implementation* through a client: asked for, shown as progress, previewed, applied, dropped."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalSubscript=false

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lift.lsp.test_server import Editor, Opener, capabilities, opened, until  # noqa: F401

OPEN = '''\
def larger(a: int, b: int) -> int:
    """The larger of two numbers.

    Ensures:
        - ``result >= a and result >= b``
        - ``result == a or result == b``
    """
    raise NotImplementedError
'''
IMPOSSIBLE = OPEN.replace("result == a or result == b", "result < a")
WRITE = "Write an implementation, checked against 2 clauses…"
HEADER = lsp.Position(0, 6)


async def offered(editor: Editor, place: lsp.Position = HEADER) -> list[Any]:
    """The actions; lsprotocol takes an action with a command for a bare command, and keeps its title."""
    context = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind.QuickFix])
    params = lsp.CodeActionParams(editor.identifier, lsp.Range(place, place), context)
    found = await editor.client.text_document_code_action_async(params)
    return list(found or ())


async def generated(editor: Editor, function: str = "larger", token: str | None = None) -> Any:
    params = {"textDocument": {"uri": editor.uri}, "function": function, "workDoneToken": token}
    return await editor.client.protocol.send_request_async("lift/generate", params)


def field(answer: Any, name: str) -> Any:
    return answer[name] if isinstance(answer, dict) else getattr(answer, name)


async def test_what_passed_every_check_becomes_a_quick_fix(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        assert WRITE in [a.title for a in await offered(editor)]
        answer = await generated(editor)
        best = field(field(answer, "generation"), "proposals")[0]
        assert field(field(best, "result"), "verdict") == "proved"
        first = next(a for a in await offered(editor) if a.title.startswith("Apply candidate 1 "))
        assert first.title.endswith(": 2 proved")
        after = await editor.resolved(first)
        assert "NotImplementedError" not in after
        assert after.startswith(OPEN.partition("    raise")[0])
        names: dict[str, Any] = {}
        exec(after, names)
        assert [names["larger"](*pair) for pair in ((1, 2), (2, 1), (-3, -3))] == [2, 2, -3]


async def test_a_text_that_moved_on_has_no_candidates(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        await generated(editor)
        first = next(a for a in await offered(editor) if a.title.startswith("Apply candidate 1 "))
        editor.replace(OPEN + "\n")
        with pytest.raises(JsonRpcException) as raised:
            await editor.client.code_action_resolve_async(first)
        assert raised.value.code == lsp.LSPErrorCodes.ContentModified
        assert [a.title for a in await offered(editor) if "andidate" in a.title] == []


async def test_the_preview_shows_the_difference(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        await generated(editor)
        preview = next(a for a in await offered(editor) if a.title == "Preview the candidates…")
        assert "lift.previewCandidates" in str(preview)
        params = lsp.ExecuteCommandParams("lift.previewCandidates", [editor.uri, "larger"])
        shown = await editor.client.workspace_execute_command_async(params)
        assert "-    raise NotImplementedError" in field(shown, "text")


async def test_where_nothing_passes_nothing_is_offered_and_why_is_said(opened: Opener) -> None:  # noqa: F811
    async with opened(IMPOSSIBLE) as editor:
        answer = await generated(editor)
        found = field(answer, "generation")
        assert list(field(found, "proposals")) == []
        assert field(found, "reason")
        titles = [a.title for a in await offered(editor)]
        assert "Show why there is no candidate…" in titles
        assert not any(t.startswith("Apply") for t in titles)


async def started(editor: Editor) -> asyncio.Future[Any]:
    """A request whose search has begun."""
    editor.client.progress_reports["writing"] = []
    waiting = asyncio.ensure_future(generated(editor, token="writing"))
    await until(lambda: editor.client.progress_reports["writing"])
    return waiting


async def test_a_change_of_the_text_ends_the_search(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        waiting = await started(editor)
        editor.replace(OPEN + "\n")
        with pytest.raises(JsonRpcException) as raised:
            await waiting
        assert raised.value.code == lsp.LSPErrorCodes.ContentModified


async def test_the_button_of_the_progress_ends_the_search(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        waiting = await started(editor)
        editor.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams("writing"))
        with pytest.raises(JsonRpcException) as raised:
            await waiting
        assert raised.value.code == lsp.LSPErrorCodes.ContentModified
        # The workers are free again, and a second search finds what the first would have found.
        assert field(field(await generated(editor), "generation"), "proposals")


async def test_an_untrusted_workspace_is_told_why(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN, options={"trusted": False}) as editor:
        assert WRITE not in [a.title for a in await offered(editor)]
        with pytest.raises(JsonRpcException, match="trust"):
            await generated(editor)


async def test_a_client_without_resolve_gets_the_edit_at_once(opened: Opener) -> None:  # noqa: F811
    can = capabilities(dropped=("textDocument.codeAction.resolveSupport",))
    async with opened(OPEN, can=can) as editor:
        await generated(editor)
        first = next(a for a in await offered(editor) if a.title.startswith("Apply candidate 1 "))
        assert first.edit is not None


async def test_the_command_asks_in_a_message_and_applies_the_answer(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        asked: list[lsp.ShowMessageRequestParams] = []
        applied: asyncio.Future[lsp.ApplyWorkspaceEditParams] = asyncio.get_running_loop().create_future()

        @editor.client.feature(lsp.WINDOW_SHOW_MESSAGE_REQUEST)
        def choose(params: lsp.ShowMessageRequestParams) -> lsp.MessageActionItem:
            asked.append(params)
            return params.actions[0]

        @editor.client.feature(lsp.WORKSPACE_APPLY_EDIT)
        def apply(params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
            applied.set_result(params)
            return lsp.ApplyWorkspaceEditResult(applied=True)

        command = lsp.ExecuteCommandParams("lift.generate", [editor.uri, "larger"])
        assert await editor.client.workspace_execute_command_async(command) is None
        params = await asyncio.wait_for(applied, 60)
        assert asked[0].actions[0].title == params.label
        (change,) = params.edit.document_changes
        assert change.text_document.version is not None
