"""Asks a model for several answers to one question at once.

The first request goes ahead alone until its answer begins: by then the server has read the prompt and holds
it in its prefix cache, from which the others are served. Sent all at once, each of them would read the
prompt anew, since a prefix is only found in the cache once somebody has finished reading it. The time this
costs is that to the first token; where a server does not stream, the others wait ``HEAD_START`` and no
longer.

Must not import anything but the request's types, the errors and the standard library.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field, replace

from lift_ir import Tokens

from lift.errors import ProviderError
from lift.generate.provider import Answer, Provider, Request

Outcome = Answer | ProviderError
Heard = Callable[[int, str], None]

AT_ONCE = 8
"""Most requests that are open at a time; a provider that answers one at a time queues them itself."""
HEAD_START = 2.0
"""Longest time, in seconds, that the first request goes ahead of the others."""
CHARACTERS = 4
"""Characters of a token, about: what comes in is shown before the server says what it was."""
COLDEST, HOTTEST = 0.2, 1.0


def spread(request: Request, n: int) -> tuple[Request, ...]:
    """The request ``n`` times, each with a temperature and a seed of its own.

    Temperatures go up evenly: the first answer is the model's likeliest, the later ones look further
    around. They start at the request's own temperature where it has one, so that a later round may look
    further still. Seeds count up, so that the same question gives the same answers where the server can
    repeat itself.
    """
    start = COLDEST if request.temperature is None else request.temperature
    step = max(HOTTEST - start, 0.0) / max(n - 1, 1)
    seed = 0 if request.seed is None else request.seed
    return tuple(replace(request, temperature=round(start + i * step, 3), seed=seed + i) for i in range(n))


@dataclass
class _Asking:
    """The requests that are under way, and what came of those that are not."""

    provider: Provider
    heard: Heard | None
    slots: asyncio.Semaphore
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    outcomes: asyncio.Queue[tuple[int, Outcome | BaseException]] = field(default_factory=asyncio.Queue)

    async def one(self, index: int, request: Request) -> None:
        def hear(piece: str) -> None:
            self.begun.set()
            if self.heard is not None:
                self.heard(index, piece)

        outcome: Outcome | BaseException
        try:
            if index:
                await self._head_start()
            async with self.slots:
                outcome = await self.provider.complete(request, hear)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # One that fails must not lose the others; a mistake of ours is raised where the answers are read.
            outcome = error
        self.begun.set()
        self.outcomes.put_nowait((index, outcome))

    async def _head_start(self) -> None:
        # `asyncio.wait_for` of Python 3.11 loses a cancellation that comes together with what it waits for.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEAD_START):
                await self.begun.wait()


async def ask_many(
    provider: Provider,
    request: Request,
    n: int,
    heard: Heard | None = None,
    at_once: int = AT_ONCE,
) -> AsyncGenerator[tuple[int, Outcome], None]:
    """Ask one question ``n`` times and hand out the answers as they come.

    Whoever stops before the end closes the iterator (``contextlib.aclosing``): the requests that are still
    open are then cancelled, and have ended when it returns. The same happens when the task is cancelled.

    Args:
        provider: Whom to ask.
        request: What; see ``spread`` for what differs from one to the next.
        n: How many answers are wanted.
        heard: Called with each piece of an answer and the answer's number.
        at_once: Most requests that are open at a time.

    Yields:
        The answer's number, from 0, and the answer, or the error that stands for it.
    """
    asking = _Asking(provider, heard, asyncio.Semaphore(max(at_once, 1)))
    tasks = [asyncio.create_task(asking.one(i, r)) for i, r in enumerate(spread(request, n))]
    try:
        for _ in tasks:
            index, outcome = await asking.outcomes.get()
            if isinstance(outcome, BaseException) and not isinstance(outcome, ProviderError):
                raise outcome
            yield index, outcome
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def notes_on(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """What a person should know of the answers beside what they say; the same words each time."""
    free = sorted({o.model for o in outcomes if isinstance(o, Answer) and not o.constrained})
    return tuple(
        f"{model} is not held to the schema while it writes; its answers were validated" for model in free
    )


def tokens_of(outcomes: Iterable[Outcome]) -> Tokens:
    """What the answers cost together."""
    counted = [o.tokens for o in outcomes if isinstance(o, Answer)]
    return Tokens(
        prompt=sum(t.prompt for t in counted),
        cached=sum(t.cached for t in counted),
        completion=sum(t.completion for t in counted),
    )
