"""What the server logs: a line a record, with its cause, and nothing of the user's text."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lift.lsp import logs
from lsprotocol import types as lsp

from .test_server import COMMAND, SPLIT, Opener, opened, until  # noqa: F401

# What must not be in a log: a piece of the text, and a key in the settings.
SECRET = "hunter2"


def frame(message: dict[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def conversation(options: list[str], *messages: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    """All that a server says in a session of these messages."""
    first = {"id": 0, "method": "initialize", "params": {"processId": None, "capabilities": {}}}
    last = ({"id": 99, "method": "shutdown"}, {"method": "exit"})
    sent = b"".join(map(frame, (first, *messages, *last)))
    return subprocess.run([COMMAND, *options], input=sent, capture_output=True, timeout=120, check=False)


def opening(folder: Path) -> dict[str, Any]:
    clause = f'``result == "{SECRET}" + ``'
    text = f'def f(x: int) -> int:\n    """F.\n\n    Ensures:\n        - {clause}\n    """\n    return x\n'
    item = {"uri": (folder / "m.py").as_uri(), "languageId": "python", "version": 1, "text": text}
    return {"method": "textDocument/didOpen", "params": {"textDocument": item}}


def hover(folder: Path, number: int) -> dict[str, Any]:
    place = {"textDocument": {"uri": (folder / "m.py").as_uri()}, "position": {"line": 0, "character": 5}}
    return {"id": number, "method": "textDocument/hover", "params": place}


def records(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_a_record_of_a_request_names_it(tmp_path: Path) -> None:
    file = tmp_path / "lift.log"
    flags = ["--log-level", "debug", "--log-format", "json", "--log-file", str(file)]
    done = conversation(flags, opening(tmp_path), hover(tmp_path, 7))
    assert done.returncode == 0
    found = records(file)
    assert all({"time", "level", "logger", "message"} <= set(r) for r in found)
    (one,) = [r for r in found if r["logger"] == "lift.lsp.times" and r.get("request") == "7"]
    assert one["method"] == "textDocument/hover"
    assert one["document"] == (tmp_path / "m.py").as_uri()
    assert one["milliseconds"] >= 0
    assert any(r.get("method") == "textDocument/didOpen" and r["request"].startswith("#") for r in found)
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_of_the_text_or_the_settings_is_in_a_log(form: str, tmp_path: Path) -> None:
    settings = {"settings": {"lift": {"api-key": SECRET, "endpoint": f"ftp://{SECRET}"}}}
    done = conversation(
        ["--log-level", "info", "--log-format", form],
        opening(tmp_path),
        {"method": "workspace/didChangeConfiguration", "params": settings},
        hover(tmp_path, 7),
        {"id": 8, "method": "lift/verify", "params": {"textDocument": {"uri": "file:///nowhere.py"}}},
        {"id": 9, "method": "textDocument/hover", "params": {"text": SECRET}},
    )
    assert done.returncode == 0
    assert SECRET.encode() not in done.stderr


def test_a_file_that_cannot_be_written_is_misuse(tmp_path: Path) -> None:
    done = conversation(["--log-file", str(tmp_path)])
    assert done.returncode == 2
    assert b"lift-lsp: cannot write the log" in done.stderr


@pytest.mark.parametrize("form", [logs.TextLines(), logs.JsonLines()])
def test_a_record_is_one_line(form: logging.Formatter) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        raised = (type(error), error, error.__traceback__)
    record = logging.LogRecord("lift", logging.ERROR, "f", 1, "more\nthan %s", ("one",), raised)
    line = form.format(record)
    assert "\n" not in line
    assert "ValueError" in line


def test_a_line_starts_as_editors_know_it() -> None:
    line = logs.TextLines().format(logging.LogRecord("lift.x", logging.WARNING, "f", 1, "said", (), None))
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING lift\.x: said$", line)


async def traced(editor: Any, value: Any) -> list[dict[str, Any]]:
    """What a hover is told as, after ``$/setTrace``."""
    told: list[dict[str, Any]] = []
    protocol = editor.client.protocol
    features = protocol.fm.features
    features.pop("$/logTrace", None)
    protocol.fm.feature("$/logTrace")(lambda params: told.append(params))
    editor.client.set_trace(lsp.SetTraceParams(value=value))
    await editor.hover(0, 5)
    await editor.hover(0, 5)
    return told


def field(params: Any, name: str) -> Any:
    return params.get(name) if isinstance(params, dict) else getattr(params, name, None)


async def test_a_client_is_told_what_the_server_does_if_it_wants_it(opened: Opener) -> None:  # noqa: F811
    async with opened(SPLIT) as editor:
        assert await traced(editor, "off") == []
        told = await traced(editor, "messages")
        await until(lambda: any("textDocument/hover took" in field(p, "message") for p in told))
        assert all(field(p, "verbose") is None for p in told)
        told = await traced(editor, "verbose")
        await until(lambda: any(field(p, "verbose") for p in told))
        assert json.loads(next(field(p, "verbose") for p in told))["logger"].startswith("lift")
        await traced(editor, "off")
        told = await traced(editor, "nonsense")
        await asyncio.sleep(0)
        assert told == []
