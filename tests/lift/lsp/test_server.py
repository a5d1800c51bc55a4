"""The installed server, end to end: a real client whose capabilities are what each test says.

Nothing here waits for a fixed time: ``until`` polls with a deadline that a busy machine does not reach.
"""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalSubscript=false, reportAssignmentType=false

from __future__ import annotations

import asyncio
import copy
import sys
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cattrs import Converter
from lift.source.text import digest
from lsprotocol import types as lsp
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException
from pygls.protocol import JsonRPCResponseMessage, default_converter
from pytest_lsp import ClientServerConfig, LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

COMMAND = str(Path(sys.executable).with_name("lift-lsp"))
DEADLINE_SECONDS = 60.0

# An editor that understands everything; a test drops what it is about.
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "publishDiagnostics": {
            "relatedInformation": True,
            "versionSupport": True,
            "dataSupport": True,
            "tagSupport": {"valueSet": [1, 2]},
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {
            "isPreferredSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
        },
    },
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "workspaceEdit": {"documentChanges": True},
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}
PULL: dict[str, Any] = {
    "textDocument": {"diagnostic": {"dynamicRegistration": False}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}


def capabilities(added: dict[str, Any] | None = None, dropped: tuple[str, ...] = ()) -> dict[str, Any]:
    """``CAPABILITIES`` with some more, and without those at the dotted paths ``dropped``."""
    found = copy.deepcopy(CAPABILITIES)
    for section, values in (added or {}).items():
        found.setdefault(section, {}).update(copy.deepcopy(values))
    for path in dropped:
        *parents, name = path.split(".")
        place = found
        for parent in parents:
            place = place[parent]
        del place[name]
    return found


@dataclass
class Editor:
    """A client with one open document.

    Attributes:
        published: Every publication of diagnostics that came, in order.
    """

    client: LanguageClient
    uri: str
    text: str
    published: list[lsp.PublishDiagnosticsParams] = field(default_factory=list)
    version: int = 1
    encoding: object = None

    def open(self) -> None:
        item = lsp.TextDocumentItem(self.uri, "python", self.version, self.text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def replace(self, text: str) -> None:
        self.version += 1
        self.text = text
        identifier = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))

    def save(self) -> None:
        self.client.text_document_did_save(lsp.DidSaveTextDocumentParams(self.identifier))

    @property
    def identifier(self) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri)

    @property
    def diagnostics(self) -> list[lsp.Diagnostic]:
        """Those that were published last."""
        return list(self.published[-1].diagnostics) if self.published else []

    def codes(self) -> list[object]:
        return [d.code for d in self.diagnostics]

    async def published_code(self, code: str) -> lsp.Diagnostic:
        """The first diagnostic of that code, once it is there."""
        await until(lambda: code in self.codes())
        return next(d for d in self.diagnostics if d.code == code)

    async def pulled(self) -> list[lsp.Diagnostic]:
        report = await self.client.text_document_diagnostic_async(
            lsp.DocumentDiagnosticParams(self.identifier)
        )
        assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def actions(self, diagnostic: lsp.Diagnostic) -> list[lsp.CodeAction]:
        params = lsp.CodeActionParams(
            self.identifier, diagnostic.range, lsp.CodeActionContext(diagnostics=[diagnostic])
        )
        found = await self.client.text_document_code_action_async(params)
        return [a for a in found or () if isinstance(a, lsp.CodeAction)]

    async def hover(self, line: int, character: int) -> lsp.Hover | None:
        params = lsp.HoverParams(self.identifier, lsp.Position(line, character))
        return await self.client.text_document_hover_async(params)

    async def symbols(self) -> list[Any]:
        params = lsp.DocumentSymbolParams(self.identifier)
        return list(await self.client.text_document_document_symbol_async(params) or ())

    async def resolved(self, action: lsp.CodeAction) -> str:
        """The text after the action, whose edit must be for the present version."""
        edit = (await self.client.code_action_resolve_async(action)).edit
        assert edit is not None
        (change,) = edit.document_changes or ()
        assert isinstance(change, lsp.TextDocumentEdit)
        assert change.text_document.version == self.version
        lines = self.text.split("\n")
        text = self.text
        for one in reversed(change.edits):
            assert isinstance(one, lsp.TextEdit)
            start, end = (
                sum(len(line) + 1 for line in lines[: p.line]) + p.character
                for p in (one.range.start, one.range.end)
            )
            text = text[:start] + one.new_text + text[end:]
        return text

    def change(self, change: lsp.TextDocumentContentChangePartial) -> None:
        self.version += 1
        identifier = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))

    async def request(self, method: str, params: object) -> Any:
        """A request of lift's own; the answer as plain data."""
        return await self.client.protocol.send_request_async(method, params)


async def until(condition: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> None:
    """Waits for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the deadline has passed"
        await asyncio.sleep(0.01)


class Deadline:
    """Lets a loop go round until the time is up."""

    def __init__(self, seconds: float = DEADLINE_SECONDS) -> None:
        self._end = time.monotonic() + seconds

    async def turn(self) -> None:
        assert time.monotonic() < self._end, "the deadline has passed"
        await asyncio.sleep(0.01)


def plain_converter() -> Converter:
    """pygls' converter, which leaves the answers to lift's own requests the dictionaries that they are."""
    converter = default_converter()
    converter.register_structure_hook(JsonRPCResponseMessage, lambda answer, cls: cls(**answer))
    return converter


class Opener:
    """Starts servers for a test, in the test's own folder and with a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def __call__(
        self,
        text: str,
        *,
        can: dict[str, Any] | None = None,
        options: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
    ) -> AsyncIterator[Editor]:
        path = self.folder / "module.py"
        path.write_text(text, encoding="utf-8", newline="")
        editor = Editor(LanguageClient(converter_factory=plain_converter), path.as_uri(), text)
        features = {**DEFAULT_CLIENT_FEATURES, lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: _recorder(editor)}
        register_lsp_features(editor.client, features)
        config = ClientServerConfig([COMMAND], client_factory=lambda: editor.client)
        await config.start()
        editor.client.set_configuration(settings or {}, section="lift")
        wanted = can if can is not None else capabilities()
        params = lsp.InitializeParams(
            capabilities=get_converter().structure(wanted, lsp.ClientCapabilities),
            root_uri=self.folder.as_uri(),
            workspace_folders=[lsp.WorkspaceFolder(self.folder.as_uri(), "folder")],
            initialization_options={
                "cache": str(self.folder / ".cache"),
                "trusted": True,
                **(options or {}),
            },
        )
        try:
            answer = await editor.client.initialize_session(params)
            editor.encoding = answer.capabilities.position_encoding
            editor.open()
            yield editor
            await editor.client.shutdown_session()
        finally:
            server = editor.client._server
            if server is not None and server.returncode is None:
                # A test that failed has not shut its server down, and stop would wait for it.
                server.kill()
            await editor.client.stop()


def _recorder(editor: Editor) -> Callable[..., None]:
    def record(ls: LanguageClient, params: lsp.PublishDiagnosticsParams) -> None:
        editor.published.append(params)

    return record


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    """``async with opened(text) as editor`` starts a server with one open document."""
    return Opener(tmp_path)


SPLIT = '''def allocate(amount: int, weights: list[int]) -> list[int]:
    """Split an amount across weights.

    Requires:
        - ``amount >= 0``
        - ``len(weights) > 0``
        - ``all(w > 0 for w in weights)``

    Ensures:
        - ``sum(result) == amount``: no unit is lost
    """
    total = sum(weights)
    return [amount * w // total for w in weights]
'''
OPEN = '''def clamp(value, low: int = 0):
    """Keep a value above a bound.

    Ensures:
        - ``result >= low``
        - ``result <= ?limit``
    """
    return value if value > low else low
'''
PROVED = '''def larger(a: int, b: int) -> int:
    """The larger one.

    Ensures:
        - ``result >= a``
    """
    return a if a > b else b
'''
# Nonlinear enough to keep the solver busy for as long as it is allowed to.
HARD = '''def cubes(a: int, b: int, c: int) -> int:
    """Three cubes.

    Ensures:
        - ``result != 42``
    """
    return a ** 3 + b ** 3 + c ** 3
'''


async def test_pushes_a_refutation_with_its_version_and_its_places(opened: Opener) -> None:
    async with opened(SPLIT) as editor:
        editor.save()
        refuted = await editor.published_code("refuted")
        assert refuted.severity == lsp.DiagnosticSeverity.Error
        assert refuted.source == "lift"
        assert refuted.message.startswith("`sum(result) == amount` fails: allocate(")
        assert (refuted.range.start.line, refuted.range.start.character) == (9, 12)
        related = [(r.location.range.start.line, r.message) for r in refuted.related_information or ()]
        assert any(line == 12 for line, _ in related)
        assert any(line == 4 for line, _ in related)
        assert editor.published[-1].version == 1


async def test_shows_holes_on_open_and_nothing_where_nothing_is_specified(opened: Opener) -> None:
    plain = "\n\ndef plain(a, b):\n    return a + b\n"
    async with opened(OPEN + plain) as editor:
        await editor.published_code("open-type")
        assert sorted({str(code) for code in editor.codes()}) == ["open-term", "open-type"]
        assert all(d.range.start.line < 8 for d in editor.diagnostics)
        symbols = await editor.symbols()
        assert [s.name for s in symbols] == ["clamp"]
        assert await editor.hover(10, 5) is None
        found = await editor.hover(0, 5)
        assert found is not None
        assert "**clamp**" in found.contents.value


async def test_drops_what_the_client_does_not_understand(opened: Opener) -> None:
    can = {"workspace": {}}
    async with opened(SPLIT, can=can) as editor:
        editor.save()
        refuted = await editor.published_code("refuted")
        assert refuted.related_information is None
        assert refuted.data is None
        assert "\n" not in refuted.message.partition("\n")[0]
        found = await editor.hover(0, 5)
        assert found is not None
        assert found.contents.kind == lsp.MarkupKind.PlainText
        assert "*" not in found.contents.value
        (symbol,) = await editor.symbols()
        assert isinstance(symbol, lsp.SymbolInformation)
        assert await editor.actions(refuted) == []
        assert editor.client.progress_reports == {}


async def test_a_client_that_pulls_is_told_to_pull_again(opened: Opener) -> None:
    async with opened(SPLIT, can=capabilities(PULL)) as editor:
        assert [d.code for d in await editor.pulled()] == []
        editor.save()
        await until(lambda: editor.client.diagnostic_refresh_count > 0)
        deadline = Deadline()
        found = await editor.pulled()
        while "refuted" not in [d.code for d in found]:
            await deadline.turn()
            found = await editor.pulled()
        assert found[0].related_information
        assert editor.published == []


async def test_an_unchanged_report_is_not_sent_again(opened: Opener) -> None:
    async with opened(OPEN, can=capabilities(PULL)) as editor:
        params = lsp.DocumentDiagnosticParams(editor.identifier)
        first = await editor.client.text_document_diagnostic_async(params)
        params.previous_result_id = first.result_id
        second = await editor.client.text_document_diagnostic_async(params)
        assert isinstance(second, lsp.RelatedUnchangedDocumentDiagnosticReport)


async def test_stale_results_stay_and_say_so(opened: Opener) -> None:
    async with opened(SPLIT) as editor:
        editor.save()
        await editor.published_code("refuted")
        before = len(editor.published)
        editor.replace(SPLIT.replace("total = sum(weights)", "total = sum(weights) + 0"))
        await until(lambda: len(editor.published) > before)
        assert "(stale" in editor.diagnostics[0].message.partition("\n")[0]
        # While the text is broken the result stays as well, beside the error.
        editor.replace(SPLIT + "def broken(:\n")
        await until(lambda: None in editor.codes())
        assert "refuted" in editor.codes()
        # Nothing blinks: since the first result no publication has been without one.
        assert all(p.diagnostics for p in editor.published[before - 1 :])


async def test_lines_above_move_a_result_along(opened: Opener) -> None:
    async with opened(SPLIT) as editor:
        editor.save()
        await editor.published_code("refuted")
        editor.replace("# Words.\n\n\n" + SPLIT)
        await until(lambda: editor.published[-1].version == 2)
        (refuted,) = [d for d in editor.diagnostics if d.code == "refuted"]
        assert refuted.range.start.line == 12
        assert "stale" not in refuted.message


async def test_progress_is_shown_and_cancels_the_proof(opened: Opener) -> None:
    async with opened(HARD, settings={"seconds": 600}) as editor:
        editor.save()
        reports = editor.client.progress_reports
        await until(lambda: any(reports.values()))
        (token,) = reports
        assert isinstance(reports[token][0], lsp.WorkDoneProgressBegin)
        assert reports[token][0].cancellable
        assert (await editor.request("lift/status", {}))["checking"] == [editor.uri]
        editor.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams(token))
        await until(lambda: isinstance(reports[token][-1], lsp.WorkDoneProgressEnd))
        assert (await editor.request("lift/status", {}))["checking"] == []


async def test_hover_answers_while_a_proof_runs(opened: Opener) -> None:
    async with opened(HARD, settings={"seconds": 600}) as editor:
        editor.save()
        deadline = Deadline()
        while not (await editor.request("lift/status", {}))["checking"]:
            await deadline.turn()
        found = await editor.hover(0, 5)
        assert found is not None
        assert "not checked yet" in found.contents.value


async def test_a_cancelled_verify_request_ends_the_proof(opened: Opener) -> None:
    async with opened(HARD, settings={"seconds": 600}) as editor:
        params = {"textDocument": {"uri": editor.uri}}
        answer = editor.client.protocol.send_request("lift/verify", params, msg_id="mine")
        editor.client.protocol.notify("$/cancelRequest", lsp.CancelParams("mine"))
        await until(answer.done)
        error = answer.exception()
        assert isinstance(error, JsonRpcException)
        assert error.code == lsp.LSPErrorCodes.RequestCancelled
        deadline = Deadline()
        while (await editor.request("lift/status", {}))["checking"]:
            await deadline.turn()


async def test_verify_answers_with_the_results(opened: Opener) -> None:
    async with opened(PROVED + "\n\n" + SPLIT) as editor:
        params = {"textDocument": {"uri": editor.uri}, "functions": ["larger"]}
        answer = await editor.request("lift/verify", params)
        assert [(f["name"], f["verdict"]) for f in answer["functions"]] == [("larger", "proved")]


async def test_ir_answers_with_the_specification(opened: Opener) -> None:
    async with opened(OPEN) as editor:
        answer = await editor.request("lift/ir", {"textDocument": {"uri": editor.uri}})
        assert answer["error"] is None
        assert answer["version"] == 1
        assert [f["qualname"] for f in answer["module"]["functions"]] == ["clamp"]


MALFORMED: list[tuple[str, Any]] = [
    ("lift/ir", None),
    ("lift/ir", 5),
    ("lift/ir", {"textDocument": {"uri": 5}}),
    ("lift/ir", {"textDocument": {"uri": "untitled:Nothing"}}),
    ("lift/verify", {}),
    ("lift/verify", {"textDocument": {"uri": "file:///nothing.py"}}),
    ("lift/verify", {"textDocument": {"uri": "a"}, "functions": "all"}),
    ("lift/status", 5),
    ("textDocument/hover", {"textDocument": {}, "position": "x"}),
    ("textDocument/hover", None),
    ("textDocument/codeAction", []),
    ("codeAction/resolve", {"title": "mine"}),
    ("codeAction/resolve", {"title": "mine", "data": {"uri": 5}}),
    ("workspace/executeCommand", {"command": "no.such"}),
    ("workspace/executeCommand", {"command": "lift.check", "arguments": [5]}),
]


async def test_malformed_params_are_refused_one_by_one(opened: Opener) -> None:
    async with opened(OPEN) as editor:
        for method, params in MALFORMED:
            with pytest.raises(JsonRpcException) as raised:
                await raw_request(editor, method, params)
            assert raised.value.code == lsp.ErrorCodes.InvalidParams, (method, params)
            assert raised.value.message
        assert await editor.hover(0, 5) is not None


async def raw_request(editor: Editor, method: str, params: Any) -> Any:
    """A request whose params no type has looked at."""
    message = {"jsonrpc": "2.0", "id": f"raw {method} {params}", "method": method, "params": params}
    answer: Future[Any] = Future()
    editor.client.protocol._request_futures[message["id"]] = answer
    editor.client.protocol._send_data(message)
    return await asyncio.wait_for(asyncio.wrap_future(answer), DEADLINE_SECONDS)


ASTRAL = '''def f(a: int, b="😋é", c=1):
    """Do 😋.

    Ensures:
        - ``"😋é" != b and result > ?least``
    """
    return c
'''
UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


@pytest.mark.parametrize("encoding", UNITS)
async def test_columns_count_as_agreed(opened: Opener, encoding: str) -> None:
    can = capabilities({"general": {"positionEncodings": [encoding]}})
    codec, unit = UNITS[encoding]

    def column(line: int, before: str) -> int:
        row = ASTRAL.split("\n")[line]
        return len(row[: row.index(before)].encode(codec)) // unit

    async with opened(ASTRAL, can=can) as editor:
        assert editor.encoding == encoding
        least = await editor.published_code("open-term")
        assert least.range.start == lsp.Position(4, column(4, "?least"))
        holes = {d.range.start.character for d in editor.diagnostics if d.code == "open-type"}
        assert column(0, "c=1") in holes
        # An edit in the same units lands where it should: the answer is the text's digest.
        place = lsp.Position(0, column(0, "c=1"))
        change = lsp.TextDocumentContentChangePartial(range=lsp.Range(place, place), text="ß, ")
        editor.change(change)
        answer = await editor.request("lift/ir", {"textDocument": {"uri": editor.uri}})
        assert answer["module"]["digest"] == digest(ASTRAL.replace("c=1", "ß, c=1"))


async def test_annotates_and_refuses_when_the_text_has_changed(opened: Opener) -> None:
    async with opened(OPEN) as editor:
        hole = await editor.published_code("open-type")
        value = next(d for d in editor.diagnostics if d.code == "open-type" and "value" in d.message)
        first, *_ = found = await editor.actions(value)
        assert first.title.startswith("Annotate value as int")
        assert first.is_preferred
        assert first.edit is None
        assert (await editor.resolved(first)) == OPEN.replace("(value, ", "(value: int, ")
        editor.replace(OPEN + "\n")
        with pytest.raises(JsonRpcException) as raised:
            await editor.client.code_action_resolve_async(first)
        assert raised.value.code == lsp.LSPErrorCodes.ContentModified
        assert hole in editor.published[0].diagnostics
        assert len(found) >= 1


async def test_edits_come_at_once_for_a_client_that_resolves_nothing(opened: Opener) -> None:
    can = capabilities(
        dropped=("textDocument.codeAction.resolveSupport", "workspace.workspaceEdit.documentChanges")
    )
    async with opened(OPEN.replace("result >= low", "result >= lov"), can=can) as editor:
        bad = await editor.published_code("bad-clause")
        assert "`low`" in bad.message
        (fix,) = await editor.actions(bad)
        assert fix.edit is not None
        assert fix.edit.document_changes is None
        (edit,) = (fix.edit.changes or {})[editor.uri]
        assert edit.new_text == "low"


async def test_a_counterexample_becomes_a_doctest_or_is_ruled_out(opened: Opener) -> None:
    async with opened(SPLIT) as editor:
        editor.save()
        refuted = await editor.published_code("refuted")
        found = {a.title.partition(" ")[0]: a for a in await editor.actions(refuted)}
        example, exclusion = found["Add"], found["Rule"]
        after = await editor.resolved(example)
        assert "    Examples:\n        >>> sum(allocate(" in after
        assert "\n        True\n" in after
        after = await editor.resolved(exclusion)
        assert "w in weights)``\n        - ``not (amount == " in after


BROKEN = '''\
def mean(xs: list[int]) -> int:
    """The mean, rounded down.

    Ensures:
        - ``result * len(xs) <= sum(xs)``
    """
    return sum(xs) // len(xs)
'''


async def test_repairs_are_offered_when_they_are_proved_and_not_before(opened: Opener) -> None:
    async with opened(BROKEN) as editor:
        editor.save()
        escapes = await editor.published_code("may-raise")
        editor.client.progress_reports["mending"] = []
        command = lsp.ExecuteCommandParams("lift.repair", [editor.uri, "mean"], work_done_token="mending")
        answer = await editor.client.workspace_execute_command_async(command)
        assert [r["way"] for r in answer["repairs"]] == ["precondition", "guard"]
        reports = editor.client.progress_reports["mending"]
        assert isinstance(reports[0], lsp.WorkDoneProgressBegin)
        assert isinstance(reports[-1], lsp.WorkDoneProgressEnd)
        require, guard, *_ = await editor.actions(escapes)
        assert require.title.startswith("Require len(xs) > 0 (proved: 2 clauses")
        assert require.is_preferred
        assert guard.title.startswith("Raise ValueError if len(xs) == 0 (proved: 3 clauses")
        after = await editor.resolved(require)
        assert "    Requires:\n        - ``len(xs) > 0``\n" in after
        # A line above moves the repair along; what was remembered for the text before is refused.
        line = escapes.range.start.line
        editor.replace("# The mean.\n" + BROKEN)
        with pytest.raises(JsonRpcException):
            await editor.client.code_action_resolve_async(require)
        await until(lambda: [d for d in editor.diagnostics if d.range.start.line == line + 1])
        moved, *_ = await editor.actions(await editor.published_code("may-raise"))
        assert await editor.resolved(moved) == "# The mean.\n" + after
        # What the repair depends on has changed: it is not offered any more.
        editor.replace(BROKEN.replace("//", "%"))
        await editor.hover(0, 0)
        assert not [a for a in await editor.actions(escapes) if "proved" in a.title]


async def test_a_search_for_repairs_is_cancelled(opened: Opener) -> None:
    async with opened(HARD, settings={"seconds": 600}) as editor:
        editor.client.progress_reports["mending"] = []
        command = lsp.ExecuteCommandParams("lift.repair", [editor.uri, "cubes"], work_done_token="mending")
        answer = asyncio.ensure_future(editor.client.workspace_execute_command_async(command))
        await until(lambda: editor.client.progress_reports["mending"])
        editor.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams("mending"))
        with pytest.raises(JsonRpcException):
            await answer


async def test_settings_come_from_the_editor_and_change(opened: Opener) -> None:
    async with opened(PROVED, settings={"lens": True}) as editor:
        await until_lenses(editor, ["check"])
        editor.client.set_configuration({"lens": False}, section="lift")
        editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(None))
        await until_lenses(editor, [])


async def test_settings_come_from_pyproject_with_hints(opened: Opener) -> None:
    (opened.folder / "pyproject.toml").write_text("[tool.lift]\nhints = true\nlenz = 1\n")
    async with opened(PROVED) as editor:
        await until(lambda: editor.client.messages)
        assert "lens" in editor.client.messages[0].message
        await editor.request("lift/verify", {"textDocument": {"uri": editor.uri}})
        everything = lsp.Range(lsp.Position(0, 0), lsp.Position(100, 0))
        params = lsp.InlayHintParams(editor.identifier, everything)
        hints = await editor.client.text_document_inlay_hint_async(params)
        assert [hint.label for hint in hints or ()] == ["✓"]


async def until_lenses(editor: Editor, titles: list[str]) -> None:
    params = lsp.CodeLensParams(editor.identifier)
    deadline = Deadline()
    while True:
        lenses = await editor.client.text_document_code_lens_async(params) or []
        if [lens.command.title for lens in lenses if lens.command] == titles:
            return
        await deadline.turn()


async def test_a_client_that_sends_settings_along(opened: Opener) -> None:
    can = capabilities(dropped=("workspace.configuration",))
    async with opened(PROVED, can=can, options={"lens": True}) as editor:
        await until_lenses(editor, ["check"])
        settings = {"lift": {"lens": False}, "other": 1}
        editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings))
        await until_lenses(editor, [])


async def test_an_untrusted_workspace_runs_no_code(opened: Opener) -> None:
    async with opened(SPLIT, options={"trusted": False}) as editor:
        answer = await editor.request("lift/verify", {"textDocument": {"uri": editor.uri}})
        (result,) = answer["functions"]
        assert result["verdict"] != "refuted"
        status = await editor.request("lift/status", {})
        assert status["trusted"] is False
        assert [folder["runCode"] for folder in status["folders"]] == [False]


async def test_nothing_is_checked_on_save_when_the_settings_say_so(opened: Opener) -> None:
    async with opened(SPLIT, options={"verify-on-save": False}) as editor:
        editor.save()
        assert (await editor.request("lift/status", {}))["checking"] == []
        command = lsp.ExecuteCommandParams("lift.check", [editor.uri, "allocate"])
        await editor.client.workspace_execute_command_async(command)
        await editor.published_code("refuted")


async def test_shows_a_specification_as_a_page(opened: Opener) -> None:
    async with opened(PROVED) as editor:
        await editor.request("lift/verify", {"textDocument": {"uri": editor.uri}})
        command = lsp.ExecuteCommandParams("lift.showSpecification", [editor.uri])
        answer = await editor.client.workspace_execute_command_async(command)
        assert "✓ `result >= a`" in answer["text"]
        (shown,) = editor.client.shown_documents
        assert shown.uri == answer["uri"]
    assert not Path(shown.uri.removeprefix("file://")).exists()


async def test_shows_the_way_to_a_counterexample_as_a_page(opened: Opener) -> None:
    async with opened(SPLIT) as editor:
        editor.save()
        refuted = await editor.published_code("refuted")
        assert any(r.message.startswith("here ") for r in refuted.related_information or ())
        command = lsp.ExecuteCommandParams("lift.showTrace", [editor.uri, "allocate"])
        answer = await editor.client.workspace_execute_command_async(command)
        assert "allocate, step by step" in answer["text"]
        assert "allocate(1, [1, 1]) returns [0, 0] (line 13)" in answer["text"]
        assert any(line.strip().startswith("12 ") for line in answer["text"].splitlines())
        (shown,) = editor.client.shown_documents
        assert shown.uri == answer["uri"]


async def test_closing_takes_what_was_pushed_away(opened: Opener) -> None:
    async with opened(OPEN) as editor:
        await editor.published_code("open-type")
        editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(editor.identifier))
        await until(lambda: not editor.diagnostics)
        editor.open()
        await editor.published_code("open-type")
