"""Actions on the whole file, as an editor asks for them when it saves."""

from __future__ import annotations

import pytest
from lsprotocol import types as lsp

from tests.lift.lsp.test_server import Editor, Opener, opened  # noqa: F401

TEXT = '''def f(x: int) -> int:
    """Do.

    Preconditions:
        - x > 0

    Ensures:
        - ``result == x``
    """
    return x
'''


CHECK, NORMALIZE = "Check the specifications of this file", "Write specifications in lift's notation"


async def offered(editor: Editor, *only: str) -> dict[str, lsp.CodeAction | lsp.Command]:
    """The actions by title; lsprotocol reads an action with a command as a bare command."""
    everywhere = lsp.Range(lsp.Position(0, 0), lsp.Position(99, 0))
    context = lsp.CodeActionContext([], only=list(only) or None)
    params = lsp.CodeActionParams(editor.identifier, everywhere, context)
    found = await editor.client.text_document_code_action_async(params) or []
    return {action.title: action for action in found}


@pytest.mark.parametrize(
    ("only", "titles"),
    [
        (["source"], {CHECK, NORMALIZE}),
        (["source.lift"], {CHECK, NORMALIZE}),
        (["source.lift.check"], {CHECK}),
        (["source.lift.normalizeSpec"], {NORMALIZE}),
        (["source.organizeImports"], set()),
    ],
)
async def test_source_actions_are_for_those_who_ask(
    opened: Opener,  # noqa: F811
    only: list[str],
    titles: set[str],
) -> None:
    async with opened(TEXT) as editor:
        assert set(await offered(editor, *only)) == titles


async def test_nobody_else_gets_them(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT) as editor:
        for only in ([], ["quickfix"], ["refactor"]):
            assert not {CHECK, NORMALIZE} & set(await offered(editor, *only))


async def test_the_check_and_the_edit(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT) as editor:
        actions = await offered(editor, "source")
        action = actions[NORMALIZE]
        assert isinstance(action, lsp.CodeAction)
        assert action.edit is not None
        (change,) = action.edit.document_changes or ()
        assert isinstance(change, lsp.TextDocumentEdit)
        assert {e.new_text for e in change.edits} == {"Requires", "``x > 0``"}
        # lsprotocol makes a text of the command inside.
        assert "'lift.check'" in str(actions[CHECK].command)
        assert editor.uri in str(actions[CHECK].command)
