"""The files that nobody has open, through a client: found by name, and diagnosed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lift import ide
from lift.config import DEFAULT_SEVERITY, Config
from lift.extract import extract
from lift.ide.workspace import findings_in
from lift.index.records import record_of
from lift.project import Project
from lift.source.text import Snapshot
from lsprotocol import types as lsp

from tests.lift.lsp.test_server import OPEN, Deadline, Opener, capabilities, opened  # noqa: F401

OTHER = '''def hälf(x: int) -> int:
    """Half of it.

    Requires:
        - ``x >= ?least``

    Ensures:
        - ``resul <= x``
    """
    return x // 2
'''
BROKEN = OTHER + "\ndef (:\n"
CLASS = '''class Cart:
    """A cart.

    Invariants:
        - ``self.total >= ?least``
    """

    def add(self, amount):
        self.total += amount
'''
PULLING: dict[str, Any] = {
    "textDocument": {"diagnostic": {}, "publishDiagnostics": {"dataSupport": True}},
    "workspace": {"diagnostics": {"refreshSupport": True}, "configuration": True},
}


async def test_symbols_of_files_that_are_not_open(opened: Opener) -> None:  # noqa: F811
    (opened.folder / "other.py").write_text("# 😋\n" + OTHER, "utf-8")
    async with opened(OPEN) as editor:
        deadline = Deadline()
        while True:
            found = await editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("hlf")) or []
            if found:
                break
            await deadline.turn()
        (symbol,) = found
        assert (symbol.name, symbol.kind, symbol.container_name) == ("hälf", lsp.SymbolKind.Function, "other")
        assert isinstance(symbol.location, lsp.Location)
        assert symbol.location.uri == (opened.folder / "other.py").as_uri()
        assert symbol.location.range == lsp.Range(lsp.Position(1, 4), lsp.Position(1, 8))
        everything = await editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("")) or []
        assert {"clamp", "?limit", "hälf", "?least"} <= {s.name for s in everything}


async def test_diagnostics_of_files_that_are_not_open(opened: Opener) -> None:  # noqa: F811
    (opened.folder / "other.py").write_text(OTHER, "utf-8")
    async with opened(OPEN, can=PULLING) as editor:
        params = lsp.WorkspaceDiagnosticParams([])
        answer = await editor.client.workspace_diagnostic_async(params)
        (report,) = answer.items
        assert isinstance(report, lsp.WorkspaceFullDocumentDiagnosticReport)
        assert report.uri == (opened.folder / "other.py").as_uri()
        assert {d.code for d in report.items} >= {"bad-clause", "open-term"}
        # What the client knows already is no news.
        known = lsp.WorkspaceDiagnosticParams([lsp.PreviousResultId(report.uri, str(report.result_id))])
        assert list((await editor.client.workspace_diagnostic_async(known)).items) == []
        (opened.folder / "other.py").unlink()
        change = lsp.FileEvent(report.uri, lsp.FileChangeType.Deleted)
        editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([change]))
        async with asyncio.timeout(60):
            while not (news := (await editor.client.workspace_diagnostic_async(known)).items):
                pass
        (gone,) = news
        assert (gone.uri, list(gone.items)) == (report.uri, [])  # type: ignore[union-attr]


@pytest.mark.parametrize("text", [OTHER, BROKEN, CLASS, "x = 1\n", OPEN])
def test_a_closed_file_gets_what_an_open_one_would_get_before_it_is_checked(text: str, tmp_path) -> None:
    project = Project(tmp_path, Config(cache=False))
    snapshot = Snapshot((tmp_path / "a.py").as_uri(), 1, text)
    project.analyse(snapshot)
    wanted = ide.findings_of(project, snapshot.uri)
    record = record_of(extract(snapshot))
    found = findings_in(record, DEFAULT_SEVERITY) if record is not None else ()
    assert [(f.code, f.message, f.data, f.severity, f.span.start.line) for f in found] == [
        (f.code, f.message, f.data, f.severity, f.span.start.line) for f in wanted
    ]
    project.close()
