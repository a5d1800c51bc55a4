"""A model behind a server: what all such providers have in common, over a dialect and a transport.

Keeps the promises of ``Provider``: time, budget, rate, what the server cannot do, and that a cancelled
request ends at the server too.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from lift_ir import Tokens

from lift.errors import BadAnswer, NotConfigured, OverBudget, ProviderError, RateLimited, Refused, TimedOut
from lift.generate.budget import Budget
from lift.generate.dialect import Dialect, Form, Reading, has_shape, one_line, taken_in
from lift.generate.events import Event, events
from lift.generate.provider import Answer, Health, Request
from lift.generate.rate import bucket
from lift.generate.transport import DEFAULT_PATIENCE, Opened, Patience, Place, Transport

# What a server turned out not to take, by (endpoint, model, schema); found out once in a process.
_known: dict[tuple[str, str, str], Form] = {}
_REFUSALS = frozenset({400, 422, 501})
_ASIDE = 5.0
_FAREWELL = 1.0


class Remote:
    """A model behind a server."""

    def __init__(
        self,
        dialect: Dialect,
        place: Place,
        model: str,
        budget: Budget,
        patience: Patience = DEFAULT_PATIENCE,
        per_minute: int = 0,
    ) -> None:
        """Opens no connection yet.

        Args:
            model: Empty takes the first one that the server offers.
            per_minute: Most requests a minute, 0 for any number.
        """
        self._dialect = dialect
        self._place = place
        self._model = model
        self._budget = budget
        self._patience = patience
        self._per_minute = per_minute
        self._transport = Transport(place, patience)
        self._farewells: set[asyncio.Task[None]] = set()
        self._preparing = asyncio.Lock()

    @property
    def name(self) -> str:
        """See ``Provider.name``."""
        return self._dialect.name

    @property
    def model(self) -> str:
        """See ``Provider.model``; empty while it is not known which one the server has."""
        return self._model

    async def complete(self, request: Request, heard: Callable[[str], None] | None = None) -> Answer:
        """See ``Provider.complete``."""
        total = self._patience.total
        try:
            async with asyncio.timeout(total):
                async with self._preparing:
                    await self._prepare()
                return await self._answer(request, heard)
        except TimeoutError:
            raise TimedOut(
                f"{self._place.name} was not done after {total:g} s; try again, or raise model-seconds"
            ) from None

    async def health(self) -> Health:
        """See ``Provider.health``."""
        where = self._place.name
        try:
            document = await self._transport.get(self._dialect.models_path, self._patience.first)
            models = tuple(map(one_line, self._dialect.models(document)))
        except ProviderError as error:
            return Health(False, str(error))
        except (KeyError, TypeError, AttributeError, ValueError):
            return Health(False, f"{where} lists no models as {self.name} does; check endpoint and provider")
        if not models and not self._model:
            return Health(False, f"{where} offers no model; load one there, or set model")
        model = self._model or models[0]
        if models and model not in models:
            offered = ", ".join(models[:5]) + (", …" if len(models) > 5 else "")
            return Health(False, f"{where} does not offer {model}; set model to one of: {offered}", models)
        return Health(True, f"{model} at {where}", models)

    async def close(self) -> None:
        """See ``Provider.close``."""
        if self._farewells:
            await asyncio.wait(self._farewells, timeout=_FAREWELL)
        await self._transport.close()

    async def _prepare(self) -> None:
        """Finds out what the settings do not say, before the first request."""
        if self._model:
            return
        document = await self._transport.get(self._dialect.models_path, self._patience.first)
        try:
            models = self._dialect.models(document)
        except (KeyError, TypeError, AttributeError, ValueError):
            models = ()
        if not models:
            raise NotConfigured(f"{self._place.name} does not say which models it has; set model")
        self._model = models[0]

    def _known_key(self, request: Request) -> tuple[str, str, str]:
        schema = json.dumps(request.output.schema, sort_keys=True) if request.output is not None else ""
        return self._place.endpoint, self._model, hashlib.sha256(schema.encode()).hexdigest()

    async def _answer(self, request: Request, heard: Callable[[str], None] | None) -> Answer:
        key = self._known_key(request)
        form = _known.get(key, Form(constrained=request.output is not None))
        refused: Refused | None = None
        while True:
            try:
                answer = await self._asked(request, form, heard)
            except Refused as error:
                if error.status not in _REFUSALS:
                    raise
                # What the server said first is about the request as it was meant.
                refused = refused or error
                lesser = self._dialect.lesser(form, request, error.detail)
                if lesser is None:
                    raise refused from None
                form = lesser
                continue
            if refused is not None:
                _known[key] = form
            if (
                answer.constrained
                and answer.finish == "stop"
                and request.output is not None
                and not has_shape(answer.text, request.output.schema)
            ):
                # It took the schema and did not look at it. Written into the instructions it helps more.
                _known[key] = replace(form, constrained=False)
                return replace(answer, constrained=False)
            return answer

    async def _asked(self, request: Request, form: Form, heard: Callable[[str], None] | None) -> Answer:
        """One request, within budget and rate."""
        rid = f"lift-{uuid.uuid4().hex}"
        outgoing = self._dialect.write(self._model, request, form, rid)
        prompt = _estimate(json.dumps(outgoing.body))
        reserved, used = prompt + request.most_tokens, 0
        await asyncio.to_thread(self._budget.refresh)
        if not self._budget.reserve(reserved):
            raise OverBudget(over_budget(self._budget, reserved))
        reading = Reading()
        begun = False
        try:
            await self._take_turn()
            begun = True
            async with self._transport.opened(outgoing.path, outgoing.body) as opened:
                used = prompt
                await self._read(opened, request, reading, heard)
            begun = False
        except Refused:
            begun = False
            raise
        finally:
            if begun:
                await self._farewell(rid)
            used = _used(reading, used)
            self._budget.settle(reserved, used)
            # Not waited for: an answer is not held up by a disk.
            asyncio.get_running_loop().run_in_executor(None, self._budget.flush)
        if reading.finish is None:
            raise BadAnswer(f"{self._place.name} ended its answer in the middle; trying again may help")
        tokens = reading.tokens or Tokens(prompt=prompt, completion=_estimate(reading.text))
        return Answer(
            text=reading.text,
            finish=reading.finish,
            model=reading.model or self._model,
            constrained=form.constrained and request.output is not None,
            tokens=tokens,
        )

    async def _take_turn(self) -> None:
        queue = bucket(self._place.endpoint, self._per_minute)
        wait = queue.take(self._patience.total) if queue is not None else 0.0
        if wait is None:
            raise RateLimited(
                f"more than {self._per_minute} requests a minute are waiting for {self._place.name};"
                " try again in a minute, or raise requests-per-minute"
            )
        if wait:
            await asyncio.sleep(wait)

    async def _read(
        self, opened: Opened, request: Request, reading: Reading, heard: Callable[[str], None] | None
    ) -> None:
        # A token is a few characters long; a server that sends far more than it was asked for is broken.
        longest = 65_536 + 32 * request.most_tokens
        size = 0
        async for event in _stream(opened, self._place.name):
            piece = taken_in(self._dialect, event, reading, self._place.name)
            size += len(piece)
            if size > longest:
                raise BadAnswer(
                    f"{self._place.name} sends far more than the {request.most_tokens} tokens that were asked"
                    " for; trying again may help"
                )
            if piece and heard is not None:
                heard(piece)
            if reading.ended:
                return

    async def _farewell(self, rid: str) -> None:
        """Has the server end a request that nobody waits for any more."""
        goodbye = getattr(self._dialect, "goodbye", None)
        sent = goodbye(rid) if goodbye is not None else None
        if sent is None:
            return
        task = asyncio.create_task(self._send(sent.path, dict(sent.body)))
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)
        # It goes on by itself if this wait is cancelled as well.
        await asyncio.wait({task}, timeout=_FAREWELL)

    async def _send(self, path: str, body: dict[str, object]) -> None:
        with contextlib.suppress(ProviderError):
            await self._transport.post(path, body, _ASIDE)


async def _stream(opened: Opened, place: str) -> AsyncIterator[Event]:
    """The events of an answer; a server that does not stream gives all of it as one."""
    if opened.form == "text/event-stream":
        async for event in events(opened.chunks):
            yield event
        return
    if opened.form == "text/html":
        raise BadAnswer(f"{place} answers with a web page, so it is no model's server; check endpoint")
    read = bytearray()
    async for chunk in opened.chunks:
        read += chunk
    text = read.decode("utf-8", "replace")
    if opened.form == "application/json" or text.lstrip().startswith(("{", "[")):
        yield Event(text, "whole")
        return
    # Some servers stream without saying so.
    async for event in events(_once(bytes(read))):
        yield event


async def _once(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk


def _used(reading: Reading, prompt: int) -> int:
    """Tokens to count for a request, of which perhaps only the beginning was answered.

    Args:
        prompt: What the question is taken to be where the server does not say; 0 if it never answered.
    """
    counted = reading.tokens
    if counted is None:
        return prompt + _estimate(reading.text) if prompt else 0
    # Some servers count the answer only at its end, which a broken-off one does not reach.
    completion = counted.completion if reading.finish else max(counted.completion, _estimate(reading.text))
    return counted.prompt + completion


def patience(seconds: float) -> Patience:
    """How long is waited for what, of the time that there is for an answer.

    The first byte may take all of it: a service that was scaled to zero starts up first, and a machine
    without a GPU reads the question for a minute. That nobody is there at all shows much earlier.
    """
    return Patience(first=seconds, idle=min(30.0, seconds), total=seconds)


def _estimate(text: str) -> int:
    """Tokens in a text, for want of the server's count: four bytes of code are about one."""
    return len(text.encode("utf-8", "replace")) // 4 + 1


def over_budget(budget: Budget, wanted: int) -> str:
    """Why nothing was asked, and what to do."""
    return (
        f"{budget.used():,} of the {budget.limit:,} tokens a day are used, and this request may take"
        f" {wanted:,}; raise daily-tokens, or wait until tomorrow"
    )
