"""The envelope of every message is checked before anything is done with it."""

from __future__ import annotations

from typing import Any

import pytest
from lift.lsp.inbox import Inbox, Leave, Notification, Refusal, Request, Response
from lift.lsp.transport import Malformed


def inbox(*messages: object, started: bool = True) -> list[Any]:
    """The items that come of the messages."""
    box = Inbox(lambda request, params: None, lambda: box.leave())
    if started:
        box.take({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {}})
        assert isinstance(box.next(), Notification)
    for message in messages:
        box.take(message)
    return list(iter(box.next, None))


def request(number: object, method: object = "m") -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": method}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (Malformed("x"), -32700),
        ([], -32600),
        (5, -32600),
        (None, -32600),
        ({}, -32600),
        ({"id": 7}, -32600),
        (request({}), -32600),
        (request(True), -32600),
        (request(None), -32600),
        (request(1.5), -32600),
        (request(1, 5), -32600),
        (request(2, "initialize"), -32600),
    ],
)
def test_refuses(message: object, code: int) -> None:
    (item,) = inbox(message)
    assert isinstance(item, Refusal)
    assert item.code == code


def test_hands_on_what_is_well_formed() -> None:
    answer = {"id": "a", "result": 1}
    items = inbox([request(1), {"method": "n"}], answer, {"id": {}, "result": 1})
    assert items == [Request(1, "m", None), Notification("n", None), Response("a", 1, None)]


def test_before_initialize_only_initialize_and_exit_count() -> None:
    items = inbox(request(1), {"method": "n"}, {"method": "exit"}, started=False)
    assert [type(i) for i in items] == [Refusal, Leave]
    assert items[0].code == -32002
    assert items[1].code == 1


def test_after_shutdown_requests_are_refused_and_exit_is_proper() -> None:
    items = inbox(request(1, "shutdown"), request(2), {"method": "n"}, {"method": "exit"})
    assert items == [
        Request(1, "shutdown", None),
        Refusal(2, -32600, "The server is shutting down."),
        Leave(0),
    ]


def test_a_request_that_is_cancelled_in_the_queue_is_never_begun() -> None:
    cancel = {"method": "$/cancelRequest", "params": {"id": 2}}
    items = inbox(request(1), request(2), cancel, request(3))
    assert [type(i) for i in items] == [Request, Refusal, Request]
    assert items[1].code == -32800


@pytest.mark.parametrize("params", [None, {}, [], {"id": None}, {"id": [1]}])
def test_an_odd_cancellation_is_of_no_consequence(params: object) -> None:
    assert inbox({"method": "$/cancelRequest", "params": params}) == []


def test_wakes_once_for_each_item() -> None:
    box = Inbox(lambda request, params: None, lambda: None)
    box.take(request(0, "initialize"))
    box.take(request(1))
    woken: list[int] = []
    box.attach(lambda: woken.append(1))
    box.take(request(2))
    assert len(woken) == 3
