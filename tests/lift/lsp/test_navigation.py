"""Moving about in specifications over the wire."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalMemberAccess=false

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lift.lsp.test_server import Editor, Opener, capabilities, opened, until  # noqa: F401

TEXT = '''\
def f(text: str, größe: int) -> int:
    """Find 😀.

    Requires:
        - ``'😀é' != text and größe > 0``

    Args:
        größe: How 😀 much.
    """
    return '😀', größe


f("", größe=1)
'''
UNITS = {
    "utf-8": lambda s: len(s.encode()),
    "utf-16": lambda s: len(s.encode("utf-16-le")) // 2,
    "utf-32": len,
}


def able(encoding: str = "utf-16", **added: Any) -> dict[str, Any]:
    asks = {"rename": {"prepareSupport": True}, "definition": {}, "references": {}, "documentHighlight": {}}
    can = capabilities({"textDocument": {**asks, **added}})
    can["general"]["positionEncodings"] = [encoding]
    return can


def at(text: str, cursor: str, encoding: str = "utf-16") -> lsp.Position:
    """The place of ``|`` in a part of the text."""
    offset = text.index(cursor.replace("|", "")) + cursor.index("|")
    head = text[:offset]
    return lsp.Position(head.count("\n"), UNITS[encoding](head.rpartition("\n")[2]))


def shown(text: str, place: lsp.Range, encoding: str = "utf-16") -> str:
    """What stands at a range of one line."""
    line = text.split("\n")[place.start.line]
    at_unit = {UNITS[encoding](line[:n]): n for n in range(len(line) + 1)}
    assert place.start.line == place.end.line
    return line[at_unit[place.start.character] : at_unit[place.end.character]]


async def prepared(editor: Editor, place: lsp.Position) -> Any:
    params = lsp.PrepareRenameParams(editor.identifier, place)
    return await editor.client.text_document_prepare_rename_async(params)


async def renamed(editor: Editor, place: lsp.Position, new: str) -> lsp.WorkspaceEdit:
    params = lsp.RenameParams(editor.identifier, place, new)
    found = await editor.client.text_document_rename_async(params)
    assert found is not None
    return found


@pytest.mark.parametrize("encoding", list(UNITS))
async def test_a_rename_counts_in_the_clients_units(opened: Opener, encoding: str) -> None:  # noqa: F811
    async with opened(TEXT, can=able(encoding)) as editor:
        place = at(TEXT, "and gr|öße", encoding)
        found = await prepared(editor, place)
        assert (found.placeholder, shown(TEXT, found.range, encoding)) == ("größe", "größe")
        (change,) = (await renamed(editor, place, "size")).document_changes
        assert change.text_document.version == editor.version
        assert [shown(TEXT, e.range, encoding) for e in change.edits] == ["größe"] * 5
        assert {e.new_text for e in change.edits} == {"size"}


async def test_what_is_not_lifts_is_left_to_the_next_server(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT, can=able()) as editor:
        place = at(TEXT, "Fi|nd")
        assert await prepared(editor, place) is None
        with pytest.raises(JsonRpcException, match="Python language server") as refused:
            await renamed(editor, place, "size")
        assert refused.value.code == -32803
        with pytest.raises(JsonRpcException, match="line 1"):
            await renamed(editor, at(TEXT, "and gr|öße"), "text")
        editor.replace(TEXT.replace("return", "return ("))
        assert await prepared(editor, at(TEXT, "and gr|öße")) is None
        with pytest.raises(JsonRpcException, match="does not parse"):
            await renamed(editor, at(TEXT, "and gr|öße"), "size")


async def test_the_edits_of_other_files_name_the_version_that_is_open(opened: Opener) -> None:  # noqa: F811
    other = "from module import f\n\nf('😀', größe=2)\n"
    for name in ("opened.py", "closed.py"):
        (opened.folder / name).write_text(other, encoding="utf-8")
    async with opened(TEXT, can=able()) as editor:
        uri = (opened.folder / "opened.py").as_uri()
        item = lsp.TextDocumentItem(uri, "python", 7, f"\n{other}")
        editor.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        edit = await renamed(editor, at(TEXT, "and gr|öße"), "size")
        changes = {c.text_document.uri: c for c in edit.document_changes}
        closed = changes[(opened.folder / "closed.py").as_uri()]
        assert [(c.text_document.version, len(c.edits)) for c in changes.values()] == [
            (1, 5),
            (None, 1),
            (7, 1),
        ]
        assert shown(other, closed.edits[0].range) == "größe"
        assert changes[uri].edits[0].range.start.line == closed.edits[0].range.start.line + 1


async def test_a_plain_client_gets_changes_without_versions(opened: Opener) -> None:  # noqa: F811
    can = able()
    can["workspace"]["workspaceEdit"] = {}
    async with opened(TEXT, can=can) as editor:
        edit = await renamed(editor, at(TEXT, "größe|=1"), "size")
        assert [shown(TEXT, e.range) for e in edit.changes[editor.uri]] == ["größe"] * 5


@pytest.mark.parametrize("encoding", list(UNITS))
async def test_places_are_in_the_clients_units(opened: Opener, encoding: str) -> None:  # noqa: F811
    async with opened(TEXT, can=able(encoding)) as editor:
        client, identifier = editor.client, editor.identifier
        place = at(TEXT, "and gr|öße", encoding)
        (found,) = await client.text_document_definition_async(lsp.DefinitionParams(identifier, place))
        assert (found.uri, found.range.start) == (editor.uri, at(TEXT, ", |größe", encoding))
        for declaration, count in ((True, 3), (False, 2)):
            context = lsp.ReferenceContext(include_declaration=declaration)
            places = await client.text_document_references_async(
                lsp.ReferenceParams(context, identifier, place)
            )
            assert [shown(TEXT, p.range, encoding) for p in places] == ["größe"] * count
        marks = await client.text_document_document_highlight_async(
            lsp.DocumentHighlightParams(identifier, place)
        )
        assert [m.kind.name for m in marks] == ["Write", "Read", "Read"]
        body = lsp.DefinitionParams(identifier, at(TEXT, "'😀', gr|öße", encoding))
        assert await client.text_document_definition_async(body) is None


async def test_a_rename_by_another_server_is_followed_with_one_fix(opened: Opener) -> None:  # noqa: F811
    async with opened(TEXT, can=able()) as editor:
        await until(lambda: editor.published)
        editor.replace(TEXT.replace("größe: int", "size: int").replace("'😀', größe", "'😀', size"))
        editor.save()
        diagnostic = await editor.published_code("bad-clause")
        assert "`größe` was renamed to `size`" in diagnostic.message
        (action,) = [a for a in await editor.actions(diagnostic) if a.is_preferred]
        edit = (await editor.client.code_action_resolve_async(action)).edit
        (change,) = edit.document_changes
        assert [shown(editor.text, e.range) for e in change.edits] == ["größe"] * 2
        assert {e.new_text for e in change.edits} == {"size"}
