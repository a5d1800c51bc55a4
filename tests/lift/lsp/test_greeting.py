"""The prepared answer to ``initialize`` is what lsprotocol's types and the registered handlers say it is."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.lsp import notifications, requests
from lift.lsp.greeting import COMMANDS, Client, read_client, reply
from lift.lsp.requests.execute_command import commands
from lsprotocol import types as lsp
from lsprotocol.converters import get_converter
from pytest_lsp import client_capabilities

CONVERTER = get_converter()
PULLING = Client(
    pull=True,
    resolve_edit=True,
    completion=True,
    token_types=frozenset({"keyword"}),
    tokens_full=True,
    folding=True,
    signatures=True,
    definitions=True,
    references=True,
    highlights=True,
    inline_values=True,
    renames=True,
    prepares_rename=True,
)
CLIENTS = {
    "neovim@v0.11.0": "utf-8",
    "neovim@v0.6.1": "utf-16",
    "emacs@v29.1": "utf-32",
    "visual-studio-code@v1.65.2": "utf-16",
}


def known_as(name: str) -> Client:
    params = lsp.InitializeParams(capabilities=client_capabilities(name))
    return read_client(CONVERTER.unstructure(params))


def test_the_answer_is_well_formed() -> None:
    answer = CONVERTER.structure(reply(PULLING), lsp.InitializeResult)
    assert CONVERTER.unstructure(answer) == reply(PULLING)


PROVIDERS = {
    "textDocument/hover": "hoverProvider",
    "textDocument/completion": "completionProvider",
    "textDocument/foldingRange": "foldingRangeProvider",
    "textDocument/semanticTokens/full": "semanticTokensProvider",
    "textDocument/definition": "definitionProvider",
    "textDocument/references": "referencesProvider",
    "textDocument/documentHighlight": "documentHighlightProvider",
    "textDocument/rename": "renameProvider",
    "textDocument/signatureHelp": "signatureHelpProvider",
    "textDocument/documentSymbol": "documentSymbolProvider",
    "textDocument/codeAction": "codeActionProvider",
    "textDocument/codeLens": "codeLensProvider",
    "textDocument/inlayHint": "inlayHintProvider",
    "textDocument/inlineValue": "inlineValueProvider",
    "textDocument/diagnostic": "diagnosticProvider",
    "workspace/executeCommand": "executeCommandProvider",
    "workspace/symbol": "workspaceSymbolProvider",
}


def test_what_is_announced_is_handled_and_the_other_way_round() -> None:
    announced = {name for name in reply(PULLING)["capabilities"] if name.endswith("Provider")}
    assert announced == set(PROVIDERS.values())
    own = {
        "shutdown",
        "codeAction/resolve",
        "workspace/diagnostic",
        "completionItem/resolve",
        "textDocument/prepareRename",
        "textDocument/semanticTokens/full/delta",
        "textDocument/semanticTokens/range",
        "lift/ir",
        "lift/verify",
        "lift/diff",
        "lift/generate",
        "lift/history",
        "lift/resolve",
        "lift/status",
    }
    assert set(requests.HANDLERS) == set(PROVIDERS) | own
    for method, module in requests.HANDLERS.items():
        assert method == import_module(f"lift.lsp.requests.{module}").METHOD
    assert set(requests.HANDLERS) >= requests.RAW | requests.PLAIN
    assert {"textDocument/didOpen", "textDocument/didSave"} <= set(notifications.HANDLERS)
    assert sorted(COMMANDS) == sorted(commands())


@pytest.mark.parametrize("name", CLIENTS)
def test_real_clients_are_understood(name: str) -> None:
    client = known_as(name)
    assert client.literals
    assert client.encoding == CLIENTS[name]
    CONVERTER.structure(reply(client), lsp.InitializeResult)


def test_a_client_that_cannot_be_told_to_pull_again_is_pushed_to() -> None:
    assert not read_client({"capabilities": {"textDocument": {"diagnostic": {}}}}).pull
    assert "diagnosticProvider" not in reply(Client())["capabilities"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PATHS = [
    *("processId", "clientInfo", "capabilities", "initializationOptions", "workspaceFolders", "rootUri"),
    *("rootPath", "capabilities.general", "capabilities.general.positionEncodings"),
    *("capabilities.textDocument.hover.contentFormat", "capabilities.textDocument.publishDiagnostics"),
    *("capabilities.textDocument.publishDiagnostics.tagSupport", "capabilities.workspace.diagnostics"),
]


@given(st.sampled_from(PATHS), JSON)
def test_any_params_give_a_client_and_an_answer(path: str, value: Any) -> None:
    params: Any = value
    for name in reversed(path.split(".")):
        params = {name: params}
    for given_params in (value, params):
        client = read_client(given_params)
        assert {f.name for f in fields(client)} == {f.name for f in fields(Client())}
        CONVERTER.structure(reply(client), lsp.InitializeResult)
