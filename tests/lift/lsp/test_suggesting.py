"""Asking a model about a hole through a client: asked for, shown, chosen from, applied, dropped."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalSubscript=false, reportOptionalMemberAccess=false

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lift.generate.scripted import Fails, Hangs, Says, Scripted, serving
from tests.lift.lsp.test_generating import offered
from tests.lift.lsp.test_server import Editor, Opener, opened, until  # noqa: F401
from tests.lift.resolve.suggest.test_bad_models import SORTED, answer

OPEN = '''\
def order(xs: list[int]) -> list[int]:
    """Put in order.

    Ensures:
        - it comes back in a seemly order
    """
    return sorted(xs)
'''
HOLE = "order:clause:it-comes-back-in-a"
BULLET = lsp.Position(4, 14)
SORTED_PHRASE = OPEN.replace("in a seemly order", "sorted")


def model_at(server: Scripted) -> dict[str, Any]:
    return {"provider": "openai-compatible", "endpoint": server.endpoint, "candidates": 1}


class Person:
    """Somebody who answers messages and sees edits."""

    def __init__(self, editor: Editor, choose: Callable[[list[str]], str | None]) -> None:
        self.asked: list[list[str]] = []
        self.said: list[str] = []
        self.applied: list[lsp.ApplyWorkspaceEditParams] = []
        client = editor.client

        @client.feature(lsp.WINDOW_SHOW_MESSAGE_REQUEST)
        def request(params: lsp.ShowMessageRequestParams) -> lsp.MessageActionItem | None:
            titles = [a.title for a in params.actions or ()]
            self.asked.append(titles)
            self.said.append(params.message)
            chosen = choose(titles)
            return lsp.MessageActionItem(chosen) if chosen is not None else None

        @client.feature(lsp.WORKSPACE_APPLY_EDIT)
        def apply(params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
            self.applied.append(params)
            return lsp.ApplyWorkspaceEditResult(applied=True)


async def run(editor: Editor, hole: str = HOLE, token: str | None = None) -> Any:
    params = lsp.ExecuteCommandParams("lift.suggest", [editor.uri, hole], work_done_token=token)
    return await editor.client.workspace_execute_command_async(params)


def first(titles: list[str]) -> str | None:
    return titles[0] if titles else None


async def test_a_bullet_is_formalised_by_a_model_after_its_proof(opened: Opener) -> None:  # noqa: F811
    with serving(Says(answer("result == xs", SORTED))) as server:
        async with opened(OPEN, options=model_at(server)) as editor:
            person = Person(editor, first)
            titles = [a.title for a in await offered(editor, BULLET)]
            assert "Formalise this clause, asking the model…" in titles
            assert server.asked == []
            assert await run(editor) is None
            await until(lambda: person.applied)
            (titles,) = person.asked
            assert len(titles) == 1
            assert titles[0].startswith(f"Formalise as {SORTED} (allows order(")
            assert "scripted-model passed every check, 1 did not" in person.said[0]
            change = person.applied[0].edit.document_changes[0]
            assert change.text_document.version is not None
            (edit,) = change.edits
            assert edit.new_text == f"``{SORTED}``: "


async def test_what_passed_stands_in_the_menu_from_then_on(opened: Opener) -> None:  # noqa: F811
    with serving(Says(answer(SORTED))) as server:
        async with opened(OPEN, options=model_at(server)) as editor:
            person = Person(editor, lambda _: None)
            await run(editor)
            await until(lambda: person.asked)
            found = [a for a in await offered(editor, BULLET) if a.title.startswith("Formalise as")]
            assert f"- ``{SORTED}``: it comes back" in await editor.resolved(found[0])
            editor.replace(OPEN + "\n")
            later = [a.title for a in await offered(editor, BULLET)]
            assert not any(t.startswith("Formalise as") for t in later)


async def test_nothing_that_was_refused_is_offered_and_why_is_said(opened: Opener) -> None:  # noqa: F811
    with serving(Says(answer("result == sorted(xs, reverse=True)"))) as server:
        async with opened(OPEN, options=model_at(server)) as editor:
            person = Person(editor, first)
            await run(editor)
            await until(lambda: editor.client.messages)
            said = editor.client.messages[-1].message
            assert "Nothing is offered" in said
            assert "the body does something else" in said
            assert person.asked == person.applied == []


async def test_a_server_in_trouble_is_named_and_the_text_stays(opened: Opener) -> None:  # noqa: F811
    with serving(Fails(401, "no such key")) as server:
        async with opened(OPEN, options=model_at(server)) as editor:
            person = Person(editor, first)
            await run(editor)
            await until(lambda: editor.client.messages)
            assert "does not accept the key" in editor.client.messages[-1].message
            assert person.applied == []


async def test_without_a_model_the_phrasebook_answers(opened: Opener) -> None:  # noqa: F811
    async with opened(SORTED_PHRASE) as editor:
        person = Person(editor, lambda _: None)
        titles = [a.title for a in await offered(editor, BULLET)]
        assert "Formalise this clause…" in titles
        await run(editor, "order:clause:it-comes-back-sorted")
        await until(lambda: person.asked)
        assert person.asked[0][0].startswith("Formalise as ")


async def test_without_a_model_and_a_phrase_the_remedy_is_named(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        await run(editor)
        await until(lambda: editor.client.messages)
        assert "To add one, set provider" in editor.client.messages[-1].message


async def test_the_button_of_the_progress_ends_the_request(opened: Opener) -> None:  # noqa: F811
    with serving(Hangs()) as server:
        async with opened(OPEN, options=model_at(server)) as editor:
            editor.client.progress_reports["asking"] = []
            await run(editor, token="asking")
            await asyncio.to_thread(server.wait, lambda s: bool(s.asked))
            editor.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams("asking"))
            assert await asyncio.to_thread(server.wait, lambda s: s.hung_up > 0)
            await until(lambda: editor.client.messages)
            assert "cancelled" in editor.client.messages[-1].message


async def test_a_change_of_the_text_drops_what_is_found(opened: Opener) -> None:  # noqa: F811
    with serving(Says(answer(SORTED))) as server:
        async with opened(OPEN, options=model_at(server)) as editor:
            person = Person(editor, first)
            await run(editor)
            editor.replace(OPEN + "\n")
            await until(lambda: editor.client.messages)
            assert "has changed" in editor.client.messages[-1].message
            assert person.applied == []


async def test_a_hole_that_is_not_there_is_refused(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        with pytest.raises(JsonRpcException, match="no hole"):
            await run(editor, "order:clause:nothing")
