"""*Write a stub with its specification from this comment* through a client: offered, written, reviewed."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalSubscript=false, reportOptionalMemberAccess=false

from __future__ import annotations

import json
from typing import Any

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lift.generate.scripted import Fails, Says, serving
from tests.lift.lsp.test_server import Editor, Opener, opened, until  # noqa: F401
from tests.lift.lsp.test_suggesting import Person, first, model_at

TEXT = """\
import math

# def: the median of a non-empty list of integers


# About the code below.
LIMIT = math.inf

# x = 3

# total(xs: list[int]) -> int: Return the sum of xs. xs must not be empty.
# It should be quick.
"""
TITLE = "Write a stub with its specification from this comment"
KIND = "refactor.rewrite.lift.stub"
DRAFT = {
    "name": "total",
    "summary": "Add up numbers.",
    "parameters": [{"name": "xs", "type": "Sequence[int]", "description": "the numbers"}],
    "returns": "int",
    "requires": [{"expression": "len(xs) > 0", "meaning": "there are some"}],
    "ensures": [
        {"expression": "result == sum(xs)", "meaning": ""},
        {"expression": "__import__('os').system('true') == 0", "meaning": "it is quick"},
        {"expression": "result > result", "meaning": "it grows"},
    ],
    "raises": [],
    "effects": [],
    "questions": [],
}


async def titles(editor: Editor, line: int, only: str | None = KIND) -> list[str]:
    context = lsp.CodeActionContext(diagnostics=[], only=[only] if only is not None else None)
    place = lsp.Position(line, 3)
    params = lsp.CodeActionParams(editor.identifier, lsp.Range(place, place), context)
    return [a.title for a in await editor.client.text_document_code_action_async(params) or ()]


async def written(editor: Editor, line: int) -> tuple[Person, str]:
    """The text after the stub was written."""
    person = Person(editor, first)
    params = lsp.ExecuteCommandParams("lift.stub", [editor.uri, line])
    assert await editor.client.workspace_execute_command_async(params) is None
    await until(lambda: person.applied)
    change = person.applied[0].edit.document_changes[0]
    assert change.text_document.version is not None
    action = lsp.CodeAction("", edit=person.applied[0].edit)
    return person, await editor.resolved(action)


async def test_it_is_offered_on_comments_that_describe_a_function(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT) as editor:
        found = [line for line in range(13) if await titles(editor, line) == [TITLE]]
        assert found == [2, 10, 11]


async def test_the_stub_stands_where_the_comment_stood(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT) as editor:
        person, after = await written(editor, 2)
        assert person.asked == []
        assert "# def:" not in after
        assert after.startswith("import math\n\n\ndef median(values: list[int]):\n")
        function = extract(Snapshot("m.py", None, after)).module.functions[0]
        assert [c.text for c in function.clauses if c.kind == "requires"] == ["len(values) > 0"]
        assert {h.hole for h in function.holes} == {"type", "term", "body"}


async def test_what_the_phrasebook_reads_is_checked_and_the_rest_stays_prose(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT) as editor:
        _, after = await written(editor, 11)
        assert "# total" not in after
        function = extract(Snapshot("m.py", None, after)).module.functions[0]
        stated = [(c.kind, c.text) for c in function.clauses if c.expression]
        assert stated == [("requires", "len(xs) > 0"), ("ensures", "result == sum(xs)")]
        assert [h.name for h in function.holes if h.hole == "clause"] == ["it-should-be-quick"]
        assert "Xs must not be empty" in after


async def test_a_models_draft_is_reviewed_and_put_to_the_user(opened: Opener) -> None:  # noqa: F811
    with serving(Says(json.dumps(DRAFT))) as server:
        async with opened(TEXT, options=model_at(server)) as editor:
            assert await titles(editor, 10) == [f"{TITLE}, asking the model…"]
            assert server.asked == []
            person, after = await written(editor, 10)
            assert person.asked == [["Write total (2 clauses, 2 left in prose)"]]
            assert "`len(xs) > 0`; `result == sum(xs)`" in person.said[0]
            assert "from collections.abc import Sequence\n" in after
            assert "system" not in after
            function = extract(Snapshot("m.py", None, after)).module.functions[0]
            assert [c.text for c in function.clauses if c.expression is None] == ["it is quick", "it grows"]
            # Nothing of the words that asked for it is lost.
            assert "Return the sum of xs. xs must not be empty. It should be quick." in " ".join(
                after.split()
            )


async def test_a_model_in_trouble_leaves_what_the_comment_says(opened: Opener) -> None:  # noqa: F811
    with serving(Fails(401, "no such key")) as server:
        async with opened(TEXT, options=model_at(server)) as editor:
            person, after = await written(editor, 10)
            assert person.asked == []
            assert "def total(xs: list[int]) -> int:" in after
            assert any("does not accept the key" in m.message for m in editor.client.log_messages)


@pytest.mark.parametrize("arguments", [[4], [None], ["two"], [True], [-1], [99], []])
async def test_a_line_without_such_a_comment_is_refused(
    opened: Opener,  # noqa: F811
    arguments: list[Any],
) -> None:
    async with opened(TEXT) as editor:
        params = lsp.ExecuteCommandParams("lift.stub", [editor.uri, *arguments])
        with pytest.raises(JsonRpcException):
            await editor.client.workspace_execute_command_async(params)
