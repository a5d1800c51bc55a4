"""Completion over the wire: what a real client gets, in every encoding, for what it can do."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalSubscript=false, reportOptionalMemberAccess=false

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types as lsp

from tests.lift.lsp.test_server import Editor, Opener, capabilities, opened  # noqa: F401

CLAUSE = "        - ``'😀é' == text.|``"
TEXT = f'''\
def f(text: str, weights: list[int]) -> int:
    """Find 😀.

    Ensures:
{CLAUSE}

    |
    """
    return 0
'''
WIDTHS = {
    "utf-8": lambda s: len(s.encode()),
    "utf-16": lambda s: len(s.encode("utf-16-le")) // 2,
    "utf-32": len,
}


def able(encoding: str = "utf-16", **item: Any) -> dict[str, Any]:
    """A client that completes; ``item`` is what it can do with an item."""
    can = capabilities({"textDocument": {"completion": {"completionItem": item}}})
    can["general"]["positionEncodings"] = [encoding]
    return can


def place(line: int, encoding: str = "utf-16") -> lsp.Position:
    """Where the cursor stands in a line of ``TEXT``."""
    return lsp.Position(line, WIDTHS[encoding](TEXT.split("\n")[line].partition("|")[0]))


async def asked(editor: Editor, position: lsp.Position) -> lsp.CompletionList | None:
    params = lsp.CompletionParams(editor.identifier, position)
    found = await editor.client.text_document_completion_async(params)
    assert found is None or isinstance(found, lsp.CompletionList)
    return found


@pytest.mark.parametrize("encoding", list(WIDTHS))
async def test_places_are_in_the_clients_units(opened: Opener, encoding: str) -> None:  # noqa: F811
    async with opened(TEXT.replace("|", ""), can=able(encoding)) as editor:
        assert editor.encoding == encoding
        found = await asked(editor, place(4, encoding))
        assert found is not None
        assert not found.is_incomplete
        item = next(i for i in found.items if i.label == "startswith")
        assert item.text_edit.range == lsp.Range(place(4, encoding), place(4, encoding))
        assert item.text_edit.new_text == "startswith"
        assert item.detail == "-> bool"
        assert item.commit_characters is None


async def test_nothing_is_offered_outside_specifications(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT.replace("|", ""), can=able()) as editor:
        assert await asked(editor, lsp.Position(1, 9)) is None
        assert await asked(editor, lsp.Position(8, 11)) is None
        assert await asked(editor, lsp.Position(99, 0)) is None


async def test_a_header_for_what_the_client_takes(opened: Opener) -> None:  # noqa: F811
    cases: list[tuple[dict[str, Any], str, lsp.InsertTextMode | None]] = [
        ({}, "Requires:\n        - ", None),
        ({"snippetSupport": True}, "Requires:\n    - ``$1``", None),
        (
            {"snippetSupport": True, "insertTextModeSupport": {"valueSet": [1, 2]}},
            "Requires:\n    - ``$1``",
            lsp.InsertTextMode.AdjustIndentation,
        ),
        (
            {"snippetSupport": True, "insertTextModeSupport": {"valueSet": [1]}},
            "Requires:\n        - ``$1``",
            lsp.InsertTextMode.AsIs,
        ),
    ]
    for item, text, mode in cases:
        async with opened(TEXT.replace("|", ""), can=able(**item)) as editor:
            found = await asked(editor, place(6))
            assert found is not None
            assert [i.label for i in found.items] == [
                "Requires:",
                "Modifies:",
                "Effects:",
                "Raises:",
                "Examples:",
            ]
            first = found.items[0]
            assert (first.text_edit.new_text, first.insert_text_mode, first.filter_text) == (
                text,
                mode,
                "Requires",
            )
            assert (first.insert_text_format == lsp.InsertTextFormat.Snippet) == bool(item)


async def test_what_stands_behind_the_cursor(opened: Opener) -> None:  # noqa: F811
    text = TEXT.replace("text.|", "text.starts").replace("|", "")
    before = lsp.Position(4, place(4).character + 2)
    start, end = place(4), lsp.Position(4, place(4).character + 6)
    async with opened(text, can=able()) as editor:
        edit = (await asked(editor, before)).items[0].text_edit
        assert edit.range == lsp.Range(start, before)
    can = able(insertReplaceSupport=True)
    async with opened(text, can=can) as editor:
        edit = (await asked(editor, before)).items[0].text_edit
        assert (edit.insert, edit.replace) == (lsp.Range(start, before), lsp.Range(start, end))
    can["textDocument"]["completion"]["completionList"] = {"itemDefaults": ["editRange", "data"]}
    async with opened(text, can=can) as editor:
        found = await asked(editor, before)
        assert found.item_defaults.edit_range == lsp.EditRangeWithInsertReplace(
            insert=lsp.Range(start, before), replace=lsp.Range(start, end)
        )
        assert found.items[0].text_edit is None


async def test_what_there_is_to_read_comes_when_it_is_asked_for(opened: Opener) -> None:  # noqa: F811
    for formats in (["markdown"], []):
        async with opened(TEXT.replace("|", ""), can=able(documentationFormat=formats)) as editor:
            item = (await asked(editor, place(4))).items[0]
            assert item.documentation is None
            whole = await editor.client.completion_item_resolve_async(item)
            said = whole.documentation.value if formats else whole.documentation
            assert "prefix" in said
            for data in (None, 3, [], ["a"], ["a", "b", "c"], [editor.uri, 3], [editor.uri, "name"]):
                odd = lsp.CompletionItem(label="x", data=data)
                assert (await editor.client.completion_item_resolve_async(odd)).documentation is None


def test_only_a_client_that_completes_is_told_of_it() -> None:
    from lift.lsp.greeting import read_client, reply

    assert "completionProvider" not in reply(read_client({"capabilities": capabilities()}))["capabilities"]
    assert reply(read_client({"capabilities": able()}))["capabilities"]["completionProvider"] == {
        "triggerCharacters": [".", "`", "?"],
        "resolveProvider": True,
    }


async def test_what_a_call_takes(opened: Opener) -> None:  # noqa: F811
    text = TEXT.replace("'😀é' == text.|", "'😀é' == old(").replace("|", "")
    position = lsp.Position(4, place(4).character - 1)
    for parameters, label in (({}, "e"), ({"labelOffsetSupport": True}, (4, 5))):
        can = able()
        can["textDocument"]["signatureHelp"] = {"signatureInformation": {"parameterInformation": parameters}}
        async with opened(text, can=can) as editor:
            params = lsp.SignatureHelpParams(editor.identifier, position)
            found = await editor.client.text_document_signature_help_async(params)
            (one,) = found.signatures
            assert (one.label, one.parameters[0].label, found.active_parameter) == ("old(e)", label, 0)
