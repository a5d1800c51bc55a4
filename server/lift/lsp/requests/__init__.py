"""The client's requests, one file each: convert, call one function of ``lift.ide``, convert back.

A module here has ``METHOD`` and ``handle``, and is imported when its method is first asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

Handler = Callable[..., Any]

# Method → the module of this package that handles it.
HANDLERS = {
    "codeAction/resolve": "code_action_resolve",
    "completionItem/resolve": "completion_resolve",
    "lift/diff": "diff",
    "lift/generate": "generate",
    "lift/history": "history",
    "lift/ir": "ir",
    "lift/resolve": "resolve",
    "lift/status": "status",
    "lift/verify": "verify",
    "shutdown": "shutdown",
    "textDocument/codeAction": "code_action",
    "textDocument/codeLens": "code_lens",
    "textDocument/completion": "completion",
    "textDocument/definition": "definition",
    "textDocument/diagnostic": "diagnostic",
    "textDocument/documentHighlight": "document_highlight",
    "textDocument/documentSymbol": "document_symbol",
    "textDocument/foldingRange": "folding_range",
    "textDocument/hover": "hover",
    "textDocument/inlayHint": "inlay_hint",
    "textDocument/inlineValue": "inline_value",
    "textDocument/prepareRename": "prepare_rename",
    "textDocument/references": "references",
    "textDocument/rename": "rename",
    "textDocument/semanticTokens/full": "semantic_tokens",
    "textDocument/semanticTokens/full/delta": "semantic_tokens_delta",
    "textDocument/semanticTokens/range": "semantic_tokens_range",
    "textDocument/signatureHelp": "signature_help",
    "workspace/diagnostic": "workspace_diagnostic",
    "workspace/executeCommand": "execute_command",
    "workspace/symbol": "workspace_symbol",
}

# lift's own requests, whose params ``lift.lsp.params`` validates.
RAW: frozenset[str] = frozenset(method for method in HANDLERS if method.startswith("lift/"))

# Answered at once, without pygls: plain JSON in and out.
PLAIN: frozenset[str] = frozenset({"shutdown", "textDocument/diagnostic", "workspace/symbol"})


def handler(method: str) -> Handler:
    """What handles ``method``, imported now if need be."""
    return importlib.import_module(f"{__name__}.{HANDLERS[method]}").handle
