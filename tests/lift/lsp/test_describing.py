"""*Draft a specification from this description* through a client: offered, asked for, applied, dropped."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalSubscript=false, reportOptionalMemberAccess=false

from __future__ import annotations

import asyncio
from typing import Any

from lsprotocol import types as lsp

from tests.lift.generate.scripted import Asked, Fails, Hangs, Says, serving
from tests.lift.lsp.test_server import Editor, Opener, opened, until  # noqa: F401
from tests.lift.lsp.test_suggesting import Person, first, model_at
from tests.lift.resolve.suggest.test_bad_models import answer

TEXT = '''\
def largest(xs: list[int]) -> int:
    """Return the largest of xs. xs must not be empty. It should be quick."""
    return max(xs)


def stated(n: int) -> int:
    """Return n.

    Ensures:
        - ``result == n``
    """
    return n
'''
TITLE = "Draft a specification from this description"
KIND = "refactor.rewrite.lift.draft"


async def titles(editor: Editor, line: int, only: str | None = KIND) -> list[str]:
    kinds = [only] if only is not None else None
    context = lsp.CodeActionContext(diagnostics=[], only=kinds)
    place = lsp.Position(line, 6)
    params = lsp.CodeActionParams(editor.identifier, lsp.Range(place, place), context)
    return [a.title for a in await editor.client.text_document_code_action_async(params) or ()]


async def run(editor: Editor, function: str = "largest", token: str | None = None) -> Any:
    params = lsp.ExecuteCommandParams("lift.draft", [editor.uri, function], work_done_token=token)
    return await editor.client.workspace_execute_command_async(params)


async def test_it_is_offered_on_a_described_function_that_states_nothing(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT) as editor:
        assert await titles(editor, 0) == await titles(editor, 1) == [TITLE]
        assert TITLE in await titles(editor, 0, None)
        assert await titles(editor, 2) == []
        assert await titles(editor, 5) == []


async def test_the_draft_is_one_edit_for_the_version_that_was_read(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT) as editor:
        person = Person(editor, first)
        assert await run(editor) is None
        await until(lambda: person.applied)
        assert person.asked == [["Apply the draft (2 clauses and 1 bullet left in prose)"]]
        assert "`result == max(xs)` (the phrasebook's “maximum of”; proved on the body)" in person.said[0]
        change = person.applied[0].edit.document_changes[0]
        assert change.text_document.version is not None
        (edit,) = change.edits
        assert "- ``len(xs) > 0``" in edit.new_text
        assert "- ``result == max(xs)``" in edit.new_text
        assert "- It should be quick" in edit.new_text


async def test_a_model_is_asked_sentence_by_sentence_and_checked(opened: Opener) -> None:  # noqa: F811
    def play(asked: Asked) -> Says:
        quick = "It should be quick\n" in asked.turns[-1].partition("Formalise this sentence")[2]
        return Says(answer("result in xs and len(xs) > 1" if quick else "result > 1", kind="ensures"))

    with serving(play) as server:
        async with opened(TEXT, options=model_at(server)) as editor:
            person = Person(editor, lambda _: None)
            assert await titles(editor, 0) == [f"{TITLE}, asking the model…"]
            assert server.asked == []
            await run(editor)
            await until(lambda: person.asked)
            # Both of the model's clauses are broken by the body, and neither is in the draft.
            assert person.asked == [["Apply the draft (2 clauses and 1 bullet left in prose)"]]
            assert len(server.asked) == 3
            assert person.applied == []


async def test_a_model_in_trouble_leaves_what_the_phrasebook_reads(opened: Opener) -> None:  # noqa: F811
    with serving(Fails(401, "no such key")) as server:
        async with opened(TEXT, options=model_at(server)) as editor:
            person = Person(editor, first)
            await run(editor)
            await until(lambda: person.applied)
            assert len(server.asked) == 1
            assert any("does not accept the key" in m.message for m in editor.client.log_messages)


async def test_cancelling_reaches_the_server_and_writes_nothing(opened: Opener) -> None:  # noqa: F811
    with serving(Hangs()) as server:
        async with opened(TEXT, options=model_at(server)) as editor:
            person = Person(editor, first)
            editor.client.progress_reports["drafting"] = []
            await run(editor, token="drafting")
            assert await asyncio.to_thread(server.wait, lambda s: bool(s.asked))
            editor.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams("drafting"))
            assert await asyncio.to_thread(server.wait, lambda s: s.hung_up > 0)
            await until(lambda: editor.client.messages)
            assert person.applied == []


async def test_a_function_that_says_nothing_checkable_is_told_so(opened: Opener) -> None:  # noqa: F811
    async with opened('def f(n: int) -> int:\n    """Frobnicate."""\n    return n\n') as editor:
        await run(editor, "f")
        await until(lambda: editor.client.messages)
        said = editor.client.messages[-1].message
        assert "no sentence of its description could be turned into a clause" in said
        assert "To add one, set provider" in said
