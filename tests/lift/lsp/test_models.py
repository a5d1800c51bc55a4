"""A model in the editor: asked only when the user asks, shown as progress, cancelled at the server."""

# LSP's answers are unions that a test takes for the one member that it asked for.
# pyright: reportAttributeAccessIssue=false, reportOptionalSubscript=false

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lift.generate.scripted import Fails, Hangs, Says, Scripted, serving
from tests.lift.lsp.test_generating import HEADER, OPEN, field, generated, offered
from tests.lift.lsp.test_server import Opener, opened, until  # noqa: F401

GOOD = "if b > a:\n    return b\nreturn a"
WRONG = "return a"


def says(body: str) -> Says:
    return Says(json.dumps({"plan": "", "imports": [], "body": body}))


def settings(server: Scripted, **more: object) -> dict[str, Any]:
    return {
        "provider": "openai-compatible",
        "endpoint": server.endpoint,
        "model": "scripted-model",
        "candidates": 2,
        **more,
    }


async def test_what_the_model_wrote_is_offered_if_it_passed(opened: Opener) -> None:  # noqa: F811
    with serving([says(GOOD), says(WRONG)]) as server:
        async with opened(OPEN, options=settings(server)) as editor:
            found = field(await generated(editor), "generation")
            written = [p for p in field(found, "proposals") if field(p, "origin") == "model"]
            assert [field(field(p, "result"), "verdict") for p in written] == ["proved"]
            assert field(field(written[0], "provenance"), "model") == "scripted-model"
            bad = [r for r in field(found, "rejected") if field(r, "origin") == "model"]
            assert all(field(r, "counterexample") is not None for r in bad)
            assert field(field(found, "tokens"), "prompt") > 0


async def test_nothing_is_asked_that_the_user_did_not_ask_for(opened: Opener) -> None:  # noqa: F811
    with serving(says(GOOD)) as server:
        async with opened(OPEN, options=settings(server)) as editor:
            editor.client.text_document_did_save(lsp.DidSaveTextDocumentParams(editor.identifier))
            await offered(editor)
            await editor.client.text_document_hover_async(lsp.HoverParams(editor.identifier, HEADER))
            await editor.client.protocol.send_request_async(
                "lift/verify", {"textDocument": {"uri": editor.uri}}
            )
            assert (server.asked, server.other) == ([], [])


async def test_cancelling_reaches_the_server(opened: Opener) -> None:  # noqa: F811
    with serving(Hangs(), is_sglang=True) as server:
        async with opened(OPEN, options=settings(server)) as editor:
            editor.client.progress_reports["writing"] = []
            waiting = asyncio.ensure_future(generated(editor, token="writing"))
            await until(lambda: server.asked)
            editor.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams("writing"))
            with pytest.raises(JsonRpcException):
                await waiting
            await until(lambda: server.hung_up or server.aborted)


async def test_a_server_in_trouble_is_told_beside_what_the_solver_found(opened: Opener) -> None:  # noqa: F811
    with serving(Fails(401, "bad key")) as server:
        async with opened(OPEN, options=settings(server)) as editor:
            found = field(await generated(editor), "generation")
            assert field(found, "proposals")
            assert any("key" in note for note in field(found, "notes"))


async def test_without_a_model_how_to_add_one_is_said(opened: Opener) -> None:  # noqa: F811
    async with opened(OPEN) as editor:
        found = field(await generated(editor), "generation")
        assert any("LIFT_PROVIDER" in note for note in field(found, "notes"))


async def test_a_folder_cannot_name_the_server_that_gets_the_code(opened: Opener) -> None:  # noqa: F811
    with serving(says(GOOD)) as server:
        table = f'[tool.lift]\nprovider = "openai-compatible"\nendpoint = "{server.endpoint}"\nmodel = "m"\n'
        (opened.folder / "pyproject.toml").write_text(table)
        async with opened(OPEN) as editor:
            await generated(editor)
            assert (server.asked, server.other) == ([], [])
