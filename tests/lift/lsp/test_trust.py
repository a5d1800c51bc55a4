"""Trust: a real server in a workspace full of tripwires, which tell of themselves by opening a file.

The sandbox refuses writing, and reading of all files but Python's own, so that the wire is one of these which
nobody else opens: the kernel says when somebody did.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lift.lsp.greeting import COMMANDS, read_client
from lift.lsp.requests import HANDLERS
from lift.verify.options import NOT_TRUSTED
from lsprotocol import types as lsp
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException

from .test_server import Editor, Opener, capabilities, opened, until  # noqa: F401

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")

_OPENED = 0x20
INVALID_PARAMS = -32602


class Wire:
    """A file that tells whether anybody has opened it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        library = ctypes.CDLL(None, use_errno=True)
        self._number = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert library.inotify_add_watch(self._number, os.fsencode(path), _OPENED) >= 0

    def tripped(self) -> bool:
        """Whether it was opened since it was asked last."""
        try:
            return bool(os.read(self._number, 1 << 16))
        except BlockingIOError:
            return False


@pytest.fixture
def wire(request: pytest.FixtureRequest) -> Wire:
    # Tests that run at the same time must not trip each other's.
    jokes = {"test_the_tripwires_do_tell": "antigravity.py"}
    return Wire(Path(os.__file__).with_name(jokes.get(request.node.name, "this.py")))


def tripwires(wire: Wire) -> str:
    """A module whose every function trips the wire, as does its import."""
    trip = f"logging.os.open({str(wire.path)!r}, 0)"
    return f'''import logging

{trip}


def decoy(x: int) -> int:
    """One less.

    Ensures:
        - ``result >= x``

    >>> decoy(1)
    1
    """
    {trip}
    return x - 1


def bare(x: int):
    {trip}
    return x + 1


def total(values: list[int], start) -> int:
    """Their sum.

    Requires:
        - ``decoy(start) >= 0``

    Ensures:
        - ``result >= ?least``
        - ?"it is no less than the largest value"
    """
    {trip}
    found = start
    for value in values:
        found += value
    return found


def missing(x: int) -> int:
    """The size of a number.

    Ensures:
        - ``result >= 0``
        - ``result == x or result == -x``
    """
    raise NotImplementedError


def told(x: int) -> int:
    """Give back the number, which is never negative."""
    {trip}
    return x


class Account:
    """Money.

    Invariant:
        - ``self.cents >= 0``
    """

    def __init__(self, cents: int) -> None:
        {trip}
        self.cents = cents

    def take(self, cents: int) -> None:
        """Take some.

        Ensures:
            - ``self.cents == old(self.cents) - cents``
        """
        {trip}
        self.cents -= cents


# def: double a number
'''


def places(text: str) -> Iterator[dict[str, Any]]:
    """A range on each line, behind its indentation."""
    for number, line in enumerate(text.splitlines()):
        if line.strip():
            column = len(line) - len(line.lstrip()) + 4 * line.lstrip().startswith("def ")
            start = {"line": number, "character": column}
            yield {"start": start, "end": start}


def variants(editor: Editor, method: str) -> Iterator[Any]:
    """Params for ``method``, from those that most requests take to those that few do."""
    uri = editor.uri
    position = {"line": 5, "character": 5}
    common: dict[str, Any] = {
        "textDocument": {"uri": uri},
        "position": position,
        "positions": [position],
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 60, "character": 0}},
        "context": {"diagnostics": [], "includeDeclaration": True, "triggerKind": 1},
        "options": {"tabSize": 4, "insertSpaces": True},
        "previousResultIds": [],
        "query": "",
        "newName": "other",
        "command": "lift.check",
        "arguments": [uri],
        "title": "",
        "files": [],
        "items": [],
        "item": {},
        "label": "decoy",
        "previousResultId": "1",
    }
    yield common
    stopped = {"frameId": 1, "stoppedLocation": common["range"]}
    yield {"textDocument": {"uri": uri}, "range": common["range"], "context": stopped}
    small = {"textDocument": {"uri": uri}}
    for more in ({}, {"function": "decoy"}, {"function": "missing"}, {"function": "decoy", "revision": 1}):
        yield {**small, **more}
    yield {"textDocument": {"uri": uri}, "position": position}
    yield {}


async def sent(editor: Editor, method: str, params: Any) -> Any:
    """The answer to a request as plain data; pygls wants lsprotocol's types of what it knows."""
    known = lsp.METHOD_TO_TYPES.get(method)
    if known is not None and known[2] is not None:
        try:
            params = get_converter().structure(params, known[2])
        except Exception as error:
            raise JsonRpcException(str(error), INVALID_PARAMS) from error
    async with asyncio.timeout(60):
        answer = await editor.client.protocol.send_request_async(method, params)
    return get_converter().unstructure(answer)


async def asked(editor: Editor, method: str, params: Any) -> int:
    """The code with which the server refuses, 0 if it does not."""
    try:
        await sent(editor, method, params)
    except JsonRpcException as refused:
        return refused.code or -1
    return 0


async def ask_everything(editor: Editor) -> set[str]:
    """Every request, command and action that there is; gives those whose params nobody here knows."""
    strange: set[str] = set()
    for method in set(HANDLERS) - {"shutdown", "codeAction/resolve", "workspace/executeCommand"}:
        if all([await asked(editor, method, p) == INVALID_PARAMS for p in variants(editor, method)]):
            strange.add(method)
    ir = await editor.request("lift/ir", {"textDocument": {"uri": editor.uri}})
    functions = ["decoy", "bare", "total", "missing", "told", "Account.take"]
    holes = [hole["id"] for f in ir["module"]["functions"] for hole in f["holes"]]
    lines = len(editor.text.splitlines()) - 1
    for command in COMMANDS:
        calls = [
            [editor.uri, *more] for more in ([], *([x] for x in (*functions, *holes, lines)), ["decoy", 1])
        ]
        params = ({"command": command, "arguments": call} for call in (*calls, []))
        if all([await asked(editor, "workspace/executeCommand", p) == INVALID_PARAMS for p in params]):
            strange.add(command)
    resolved = 0
    for place in places(editor.text):
        context = {"diagnostics": [], "triggerKind": 1}
        params = {"textDocument": {"uri": editor.uri}, "range": place, "context": context}
        for action in await sent(editor, "textDocument/codeAction", params) or ():
            resolved += not await asked(editor, "codeAction/resolve", action)
    assert resolved
    # What takes the very answer to another request, which nobody can make up.
    return {name for name in strange if not name.endswith("/resolve")}


ABLE = capabilities(
    {
        "workspace": {
            "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
            "applyEdit": True,
            "configuration": True,
        }
    }
)


@pytest.mark.slow
async def test_nothing_that_a_client_can_ask_runs_the_code_of_an_untrusted_workspace(
    opened: Opener,  # noqa: F811
    wire: Wire,
) -> None:
    options = {"trusted": False, "seconds": 1, "backend": "crosshair"}
    async with opened(tripwires(wire), can=ABLE, options=options) as editor:
        editor.save()
        await editor.request("lift/verify", {"textDocument": {"uri": editor.uri}})
        strange = await ask_everything(editor)
        assert not wire.tripped()
        assert not strange, "nobody here knows how to ask for these; add their params to variants()"


async def test_the_tripwires_do_tell(opened: Opener, wire: Wire) -> None:  # noqa: F811
    async with opened(tripwires(wire)) as editor:
        editor.save()
        await until(wire.tripped)


SPLIT = """def halve(amount: int) -> int:
    \"\"\"Half of it.

    Ensures:
        - ``result * 2 == amount``
    \"\"\"
    return amount // 2
"""


async def said(editor: Editor) -> dict[str, Any]:
    answer = await editor.request("lift/verify", {"textDocument": {"uri": editor.uri}})
    return answer["functions"][0]


@pytest.mark.parametrize(
    "options",
    [{"trusted": None}, {"trusted": "yes"}, {"trusted": 1}, {"lift": {"trusted": False}, "trusted": None}],
)
async def test_a_client_that_does_not_say_so_is_not_trusted(
    opened: Opener,  # noqa: F811
    options: dict[str, Any],
) -> None:
    async with opened(SPLIT, options=options) as editor:
        result = await said(editor)
        assert result["verdict"] == "unknown"
        reasons = [c["reason"] for c in result["clauses"] if c["verdict"] == "unknown"]
        assert reasons
        assert all(NOT_TRUSTED in reason for reason in reasons)
        hover = await editor.hover(4, 14)
        assert hover is not None
        assert "set trusted = true in initializationOptions" in hover.contents.value


async def test_a_client_that_says_nothing_is_told_once_what_to_set(opened: Opener) -> None:  # noqa: F811
    async with opened(SPLIT, options={"trusted": None}) as editor:
        for _ in range(2):
            await said(editor)
        texts = [m.message for m in editor.client.messages]
        assert sum("set trusted = true in initializationOptions" in text for text in texts) == 1
    async with opened(SPLIT, options={"trusted": False}) as editor:
        await said(editor)
        assert not [m.message for m in editor.client.messages]


async def test_trust_that_is_granted_later_refutes_what_was_open(opened: Opener) -> None:  # noqa: F811
    async with opened(SPLIT, options={"trusted": False}) as editor:
        assert (await said(editor))["verdict"] == "unknown"
        editor.client.protocol.notify("lift/didChangeTrust", {"trusted": True})
        await editor.published_code("refuted")
        assert (await editor.request("lift/status", {}))["trusted"] is True
        editor.client.protocol.notify("lift/didChangeTrust", {"trusted": False})
        editor.client.protocol.notify("lift/didChangeTrust", {"trusted": "yes"})
        assert (await said(editor))["verdict"] == "unknown"


async def test_a_setting_cannot_trust_the_workspace(opened: Opener) -> None:  # noqa: F811
    async with opened(SPLIT, options={"trusted": False}, settings={"trusted": True}) as editor:
        await until(lambda: any("lift.trusted is ignored" in m.message for m in editor.client.messages))
        assert (await said(editor))["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("options", "trusted"),
    [
        *((o, None) for o in (None, [], "trusted", {}, {"trusted": None}, {"trusted": "true"})),
        *(({"trusted": v}, v) for v in (True, False)),
        *(({"lift": {"trusted": v}}, v) for v in (True, False)),
    ],
)
def test_trust_is_read_leniently_and_never_made_up(options: object, trusted: bool | None) -> None:
    assert read_client({"initializationOptions": options}).trusted is trusted
