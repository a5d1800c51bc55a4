"""The past through a client: states as they are saved, differences, whose clause it is, and going back."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalSubscript=false, reportOptionalMemberAccess=false

from __future__ import annotations

import getpass
import json
from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lift.lsp.test_server import PROVED, Editor, Opener, opened, until  # noqa: F401

MORE = PROVED.replace("``result >= a``", "``result >= a``\n        - ``result >= b``")
DIVIDED = '''def per(total: int, count: int) -> int:
    """How many for each.

    Ensures:
        - ``result * count <= total``
    """
    return total // count
'''


def named(value: Any) -> Any:
    """Plain data with its fields as attributes."""
    return json.loads(json.dumps(value), object_hook=lambda fields: SimpleNamespace(**fields))


async def asked(editor: Editor, method: str, params: object) -> Any:
    return named(await editor.request(method, params))


async def states(editor: Editor, function: str | None = None) -> list[Any]:
    params = {"textDocument": {"uri": editor.uri}, "function": function}
    found = (await asked(editor, "lift/history", params)).functions
    return list(found[0].states) if found else []


async def saved(editor: Editor, text: str | None = None, count: int = 1) -> list[Any]:
    """Saves a text, and waits until so many states are remembered."""
    if text is not None:
        editor.replace(text)
    await editor.request("lift/verify", {"textDocument": {"uri": editor.uri}})
    found: list[Any] = []
    while len(found) < count:
        found = await states(editor)
    return found


async def command(editor: Editor, name: str, *arguments: Any) -> Any:
    return await editor.client.workspace_execute_command_async(
        lsp.ExecuteCommandParams(name, [editor.uri, *arguments])
    )


async def test_states_as_they_were_checked_and_what_differs(opened: Opener) -> None:  # noqa: F811
    async with opened(PROVED) as editor:
        assert await states(editor) == []
        nothing = {"textDocument": {"uri": editor.uri}, "function": "larger"}
        assert (await asked(editor, "lift/diff", nothing)).diff is None
        await saved(editor)
        newest, first = await saved(editor, MORE, 2)
        assert (newest.number, first.number, newest.verdict) == (2, 1, "proved")
        # What was there is nobody's, what was typed is the person's.
        assert [c.provenance.kind for c in newest.clauses] == ["unknown", "human"]
        assert [c.since for c in newest.clauses] == [1, 2]
        answer = await asked(editor, "lift/diff", {**nothing, "old": 1, "new": 2})
        (change,) = answer.diff.changes
        assert (change.kind, change.clause, change.after) == ("added", "ensures", "result >= b")
        assert answer.diff.ensures == "stronger"
        editor.replace(MORE.replace("result >= b", "result >= b - 1"))
        answer = await asked(editor, "lift/diff", {**nothing, "old": 2})
        assert [c.kind for c in answer.diff.changes] == ["weaker"]
        assert answer.diff.new is None
        assert answer.version == editor.version


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"function": "larger", "old": 7}, "there is no state 7 of larger; there are 1"),
        ({"function": "larger", "old": "1"}, "old"),
        ({}, "function"),
    ],
)
async def test_what_is_not_there_is_refused(opened: Opener, params: dict[str, Any], said: str) -> None:  # noqa: F811
    async with opened(PROVED) as editor:
        await saved(editor)
        with pytest.raises(JsonRpcException, match=said):
            await editor.request("lift/diff", {"textDocument": {"uri": editor.uri}, **params})
        with pytest.raises(JsonRpcException, match="no state 7"):
            await command(editor, "lift.restore", "larger", 7)
        with pytest.raises(JsonRpcException, match="number of a state"):
            await command(editor, "lift.restore", "larger")


async def test_the_past_as_a_page_and_going_back(opened: Opener) -> None:  # noqa: F811
    async with opened(PROVED) as editor:
        applied: list[Any] = []

        @editor.client.feature(lsp.WORKSPACE_APPLY_EDIT)
        def apply(params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
            applied.append(params)
            return lsp.ApplyWorkspaceEditResult(applied=True)

        await saved(editor)
        await saved(editor, MORE, 2)
        page = await command(editor, "lift.showHistory")
        text = named(page).text
        assert "## larger\n\n- **State 2**" in text
        assert "  - added ensures `result >= b`\n  - `result >= b` written by hand\n- **State 1**" in text
        assert named(page).shown
        answer = await command(editor, "lift.restore", "larger", 1)
        assert named(answer).text == PROVED
        (params,) = applied
        assert params.label == "Restore state 1 of larger"
        (change,) = params.edit.document_changes
        assert change.text_document.version == editor.version
        assert "result >= b" not in change.edits[0].new_text


async def test_a_clause_that_lift_wrote_is_not_the_persons(opened: Opener) -> None:  # noqa: F811
    async with opened(DIVIDED) as editor:
        editor.save()
        await editor.published_code("may-raise")
        wanted: list[lsp.CodeAction] = []
        while not wanted:
            found = await editor.actions(await editor.published_code("may-raise"))
            wanted = [a for a in found if a.title.startswith("Require ")]
        text = await editor.resolved(wanted[0])
        # A human's beside it, in the same change.
        typed = text.replace("total``", "total``\n        - ``result <= total or total < 0``", 1)
        newest, *_ = await saved(editor, typed, 2)
        kinds = {c.kind: c.provenance for c in newest.clauses if c.since == newest.number}
        assert kinds["requires"].kind == "solver"
        assert kinds["requires"].reviewer == getpass.getuser()
        assert kinds["ensures"].kind == "human"
