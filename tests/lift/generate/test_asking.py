"""Several answers at once: one goes ahead, none is lost, and stopping ends them all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest
from lift.errors import ProviderError
from lift.generate import asking
from lift.generate.asking import Outcome, ask_many, notes_on, spread, tokens_of
from lift.generate.provider import Answer, Health, Message, Request
from lift_ir import Tokens

REQUEST = Request(system="s", messages=(Message("user", "u"),))


@dataclass
class Scripted:
    """A provider whose answers begin and end when the test says so.

    Attributes:
        fails: What the requests of these seeds end in.
        log: What happened, in order.
    """

    fails: dict[int, Exception] = field(default_factory=dict)
    streams: bool = True
    held: dict[int, asyncio.Event] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    name: str = "scripted"
    model: str = "script"

    async def complete(self, request: Request, heard: Callable[[str], None] | None = None) -> Answer:
        number = request.seed or 0
        self.log.append(f"asked {number}")
        try:
            if number in self.held:
                await self.held[number].wait()
            if number in self.fails:
                raise self.fails[number]
            if self.streams and heard is not None:
                heard("4")
                self.log.append(f"began {number}")
                await asyncio.sleep(0)
                heard("2")
            return Answer("42", "stop", self.model, number != 1, Tokens(prompt=10, cached=5, completion=2))
        except asyncio.CancelledError:
            self.log.append(f"cancelled {number}")
            raise

    async def health(self) -> Health:
        return Health(True, "")

    async def close(self) -> None:
        return


async def answers(provider: Scripted, n: int, **options: Any) -> dict[int, Outcome]:
    return {i: o async for i, o in ask_many(provider, REQUEST, n, **options)}


async def test_all_are_asked_and_answered() -> None:
    found = await answers(Scripted(), 5)
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert all(isinstance(o, Answer) and o.text == "42" for o in found.values())


async def test_the_first_goes_ahead_until_its_answer_begins() -> None:
    provider = Scripted()
    await answers(provider, 3)
    assert provider.log.index("began 0") < provider.log.index("asked 1")


async def test_the_others_do_not_wait_for_a_server_that_does_not_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "HEAD_START", 0.01)
    provider = Scripted(streams=False, held={0: asyncio.Event()})
    iterator = ask_many(provider, REQUEST, 2)
    index, _ = await anext(iterator)
    assert index == 1
    provider.held[0].set()
    assert [i async for i, _ in iterator] == [0]


async def test_one_that_fails_does_not_lose_the_others() -> None:
    error = ProviderError("down")
    found = await answers(Scripted(fails={0: error, 2: ProviderError("busy")}), 4)
    assert found[0] is error
    assert [type(found[i]) for i in range(4)] == [ProviderError, Answer, ProviderError, Answer]


async def test_a_mistake_of_a_provider_is_raised() -> None:
    with pytest.raises(KeyError):
        await answers(Scripted(fails={1: KeyError("choices")}), 3)


async def test_stopping_early_cancels_what_is_open() -> None:
    provider = Scripted(held={1: asyncio.Event(), 2: asyncio.Event()})
    async with aclosing(ask_many(provider, REQUEST, 3)) as iterator:
        async for index, _ in iterator:
            assert index == 0
            # The other two are let go ahead now, so that there is something to cancel.
            while provider.log.count("asked 1") + provider.log.count("asked 2") < 2:
                await asyncio.sleep(0)
            break
    assert {"cancelled 1", "cancelled 2"} <= set(provider.log)


async def test_cancelling_cancels_all() -> None:
    provider = Scripted(held={0: asyncio.Event()})

    async def consume() -> None:
        async for _ in ask_many(provider, REQUEST, 3):
            pass

    task = asyncio.create_task(consume())
    while not provider.log:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert provider.log == ["asked 0", "cancelled 0"]
    assert len(asyncio.all_tasks()) == 1


async def test_no_more_than_so_many_are_open_at_a_time() -> None:
    provider = Scripted(held={i: asyncio.Event() for i in range(4)})
    iterator = ask_many(provider, REQUEST, 4, at_once=1)
    for number in range(4):
        pending = asyncio.ensure_future(anext(iterator))
        while f"asked {number}" not in provider.log:
            await asyncio.sleep(0)
        assert len([e for e in provider.log if e.startswith("asked")]) == number + 1
        provider.held[number].set()
        assert (await pending)[0] == number


async def test_pieces_are_heard_with_the_number_of_their_answer() -> None:
    heard: list[tuple[int, str]] = []
    await answers(Scripted(), 2, heard=lambda i, piece: heard.append((i, piece)))
    assert sorted(heard) == [(0, "2"), (0, "4"), (1, "2"), (1, "4")]


def test_temperatures_go_up_and_seeds_differ() -> None:
    asked = spread(REQUEST, 5)
    assert [r.temperature for r in asked] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert [r.seed for r in asked] == [0, 1, 2, 3, 4]
    assert {(r.system, r.messages) for r in asked} == {(REQUEST.system, REQUEST.messages)}
    assert spread(REQUEST, 1)[0].temperature == 0.2
    assert spread(REQUEST, 0) == ()


async def test_a_server_that_could_not_constrain_is_noted() -> None:
    outcomes = list((await answers(Scripted(), 3)).values())
    assert notes_on(outcomes) == (
        "script is not held to the schema while it writes; its answers were validated",
    )
    assert notes_on([outcomes[0], ProviderError("down")]) == ()


async def test_tokens_are_added_up() -> None:
    outcomes = [*(await answers(Scripted(), 3)).values(), ProviderError("down")]
    assert tokens_of(outcomes) == Tokens(prompt=30, cached=15, completion=6)


async def test_cancelling_as_the_first_answer_begins_cancels_all() -> None:
    provider = Scripted(held={1: asyncio.Event(), 2: asyncio.Event()})
    tasks: list[asyncio.Task[None]] = []

    def cancel(*_: object) -> None:
        asyncio.get_running_loop().call_soon(tasks[0].cancel)

    async def consume() -> None:
        # The others have waited for this very piece, and wake up as they are cancelled.
        async for _ in ask_many(provider, REQUEST, 3, cancel):
            pass

    tasks.append(asyncio.create_task(consume()))
    done, _ = await asyncio.wait(tasks, timeout=20)
    assert done
    assert tasks[0].cancelled()
    assert len(asyncio.all_tasks()) == 1
