"""Semantic tokens and folding over the wire."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalMemberAccess=false

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.lsp.greeting import read_client, reply
from lift.lsp.tokens import difference
from lsprotocol import types as lsp

from tests.lift.lsp.test_server import Editor, Opener, capabilities, opened  # noqa: F401

TEXT = '''\
def f(text: str) -> int:
    """Find 😀.

    Ensures:
        - ``'😀é' != text``
        - ``result > 0
          and ?most > result``
    """
    return 1
'''
STANDARD = ["keyword", "parameter", "variable", "string", "number", "operator"]
UNITS = {
    "utf-8": lambda s: len(s.encode()),
    "utf-16": lambda s: len(s.encode("utf-16-le")) // 2,
    "utf-32": len,
}


def able(*types: str, encoding: str = "utf-16", **requests: Any) -> dict[str, Any]:
    tokens = {
        "requests": requests or {"full": {"delta": True}, "range": True},
        "tokenTypes": list(types) or STANDARD,
        "tokenModifiers": [],
        "formats": ["relative"],
    }
    folding = {"lineFoldingOnly": True}
    can = capabilities({"textDocument": {"semanticTokens": tokens, "foldingRange": folding}})
    can["general"]["positionEncodings"] = [encoding]
    return can


def words(text: str, data: list[int], types: list[str], encoding: str = "utf-16") -> list[tuple[str, str]]:
    """The words that five numbers each stand for, and their types."""
    lines = text.split("\n")
    found: list[tuple[str, str]] = []
    line = column = 0
    for place in range(0, len(data), 5):
        down, right, length, number, _ = data[place : place + 5]
        line, column = line + down, right if down else column + right
        at = {UNITS[encoding](lines[line][:n]): n for n in range(len(lines[line]) + 1)}
        found.append((lines[line][at[column] : at[column + length]], types[number]))
    return found


async def full(editor: Editor) -> lsp.SemanticTokens:
    params = lsp.SemanticTokensParams(editor.identifier)
    found = await editor.client.text_document_semantic_tokens_full_async(params)
    assert found is not None
    return found


@pytest.mark.parametrize("encoding", list(UNITS))
async def test_places_are_in_the_clients_units(opened: Opener, encoding: str) -> None:  # noqa: F811
    async with opened(TEXT, can=able(encoding=encoding)) as editor:
        found = await full(editor)
        assert words(TEXT, list(found.data), STANDARD, encoding) == [
            ("Ensures", "keyword"),
            ("'😀é'", "string"),
            ("!=", "operator"),
            ("text", "parameter"),
            ("result", "keyword"),
            (">", "operator"),
            ("0", "number"),
            ("and", "keyword"),
            ("?most", "variable"),
            (">", "operator"),
            ("result", "keyword"),
        ]


async def test_a_part_and_what_changed(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT, can=able()) as editor:
        first = await full(editor)
        span = lsp.Range(lsp.Position(6, 0), lsp.Position(7, 0))
        part = await editor.client.text_document_semantic_tokens_range_async(
            lsp.SemanticTokensRangeParams(editor.identifier, span)
        )
        assert [w for w, _ in words(TEXT, list(part.data), STANDARD)] == ["and", "?most", ">", "result"]

        async def delta(result: str) -> Any:
            params = lsp.SemanticTokensDeltaParams(editor.identifier, result)
            return await editor.client.text_document_semantic_tokens_full_delta_async(params)

        same = await delta(first.result_id)
        assert not same.edits
        editor.replace(TEXT.replace("!= text", "!= text + 'a'"))
        changed = await delta(same.result_id)
        (edit,) = changed.edits
        data = list(first.data)
        data[edit.start : edit.start + edit.delete_count] = edit.data
        assert data == list((await full(editor)).data)
        assert list((await delta("no such")).data) == data


async def test_own_types_for_whoever_knows_them(opened: Opener) -> None:  # noqa: F811
    types = ["liftSection", "liftHole", "keyword"]
    async with opened(TEXT, can=able(*types)) as editor:
        found = words(TEXT, list((await full(editor)).data), types)
        assert found == [
            ("Ensures", "liftSection"),
            ("result", "keyword"),
            ("and", "keyword"),
            ("?most", "liftHole"),
            ("result", "keyword"),
        ]


async def test_a_file_without_specifications_is_left_to_others(opened: Opener) -> None:  # noqa: F811
    async with opened("x = [\n1,\n]\n", can=able()) as editor:
        tokens = lsp.SemanticTokensParams(editor.identifier)
        assert await editor.client.text_document_semantic_tokens_full_async(tokens) is None
        folds = lsp.FoldingRangeParams(editor.identifier)
        assert await editor.client.text_document_folding_range_async(folds) is None
        editor.replace(TEXT)
        await full(editor)
        editor.replace("x = 1\n")
        assert list((await full(editor)).data) == []


def test_only_what_the_client_announces_is_offered() -> None:
    def provider(can: dict[str, Any]) -> Any:
        return reply(read_client({"capabilities": can}))["capabilities"].get("semanticTokensProvider")

    assert provider(capabilities()) is None
    assert provider(able(full=False)) is None
    assert provider(able("namespace")) is None
    assert provider(able("comment", "keyword", full=True)) == {
        "legend": {"tokenTypes": ["keyword"], "tokenModifiers": []},
        "full": {"delta": False},
        "range": False,
    }
    assert "foldingRangeProvider" not in reply(read_client({"capabilities": capabilities()}))["capabilities"]


async def test_sections_fold(opened: Opener) -> None:  # noqa: F811
    params = lsp.FoldingRangeParams(lsp.TextDocumentIdentifier(""))

    async def folded(can: dict[str, Any]) -> list[lsp.FoldingRange]:
        async with opened(TEXT, can=can) as editor:
            params.text_document = editor.identifier
            return list(await editor.client.text_document_folding_range_async(params) or ())

    (one,) = await folded(able())
    assert (one.start_line, one.end_line, one.start_character, one.kind) == (3, 6, None, "comment")
    can = able()
    can["textDocument"]["foldingRange"] = {}
    (one,) = await folded(can)
    assert (one.start_character, one.end_character) == (12, 30)
    can["textDocument"]["foldingRange"] = {"rangeLimit": 0}
    assert await folded(can) == []


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_a_difference_makes_the_one_of_the_other(old: list[int], new: list[int]) -> None:
    found = difference(old, new)
    if found is not None:
        start, count, data = found
        old[start : start + count] = data
    assert old == new
