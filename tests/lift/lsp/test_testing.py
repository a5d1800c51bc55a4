"""*Write tests from the specifications of this file* by a client: a file made, and one left alone."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalMemberAccess=false, reportOptionalSubscript=false

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from tests.lift.lsp.test_server import Editor, Opener, capabilities, opened  # noqa: F401

LARGER = '''def larger(a: int, b: int) -> int:
    """The larger one.

    Ensures:
        - ``result >= a and result >= b``
    """
    return max(a, b)


def plain(n: int) -> int:
    return n
'''
MAKES_FILES = {"workspace": {"workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}}}
TITLE = "Write tests from the specifications of this file"


def able() -> dict[str, Any]:
    return capabilities(MAKES_FILES)


async def offered(editor: Editor, line: int = 0) -> lsp.CodeAction | None:
    context = lsp.CodeActionContext(diagnostics=[], only=["refactor.rewrite.lift.tests"])
    place = lsp.Position(line, 5)
    params = lsp.CodeActionParams(editor.identifier, lsp.Range(place, place), context)
    found = [a for a in await editor.client.text_document_code_action_async(params) or () if a.title == TITLE]
    return found[0] if found else None


async def edit_of(editor: Editor) -> lsp.WorkspaceEdit:
    action = await offered(editor)
    assert action is not None
    return (await editor.client.code_action_resolve_async(action)).edit


async def test_tests_are_written_into_a_new_file(opened: Opener, tmp_path: Path) -> None:  # noqa: F811
    async with opened(LARGER, can=able()) as editor:
        created, change = (await edit_of(editor)).document_changes
        assert await offered(editor, 9) is None
    place = tmp_path / "test_module_spec.py"
    assert (created.kind, created.uri, change.text_document.uri) == ("create", place.as_uri(), place.as_uri())
    place.write_text(change.edits[0].new_text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(place)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert "1 passed" in ended.stdout, ended.stdout


async def test_what_lift_wrote_is_written_anew_and_what_a_person_wrote_stays(
    opened: Opener,  # noqa: F811
    tmp_path: Path,
) -> None:
    place = tmp_path / "test_module_spec.py"
    async with opened(LARGER, can=able()) as editor:
        text = (await edit_of(editor)).document_changes[1].edits[0].new_text
        place.write_text(text, encoding="utf-8")
        (change,) = (await edit_of(editor)).document_changes
        assert change.edits[0].range.end.line >= len(text.splitlines())
        assert change.edits[0].new_text == text
        place.write_text(text + "# mine\n", encoding="utf-8")
        edit = await edit_of(editor)
        assert not edit.document_changes
        assert not edit.changes
        assert any("was changed by hand" in m.message for m in editor.client.messages)


@pytest.mark.parametrize("operations", [[], ["rename"]])
async def test_a_client_that_makes_no_files_is_offered_nothing(opened: Opener, operations: list[str]) -> None:  # noqa: F811
    able = {"workspaceEdit": {"documentChanges": True, "resourceOperations": operations}}
    async with opened(LARGER, can=capabilities({"workspace": able})) as editor:
        assert await offered(editor) is None
