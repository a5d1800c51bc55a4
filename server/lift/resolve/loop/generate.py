"""Propose, check, repair: asks the solver and a model for bodies, has each checked, sends failures back.

Asynchronous and without any protocol: events come out, and the last one holds what may be offered. Nothing
that was not checked in a worker is in it. Closing the iterator ends requests, workers and their sandboxes.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from lift_ir import Function, Module
from lift_ir.generation import BodyOrigin, Generation, Proposal, Rejection, Tokens
from lift_ir.model import Provenance

from lift.errors import ProviderError
from lift.resolve import bodies
from lift.resolve.loop import ENTRY, SECONDS
from lift.resolve.loop.asking import Heard, Question, Remark, Reply, Unusable, Writer, Written
from lift.resolve.loop.bindings import modules_in
from lift.resolve.loop.check import Asked, Checked
from lift.resolve.loop.events import Asking, Event, Finished, Judged, Noted, Receiving
from lift.resolve.loop.ranking import nearest_first, ranked

_log = logging.getLogger(__name__)
_MOST_FAILURES = 4
_MOST_KEPT = 8
_LONGEST_SHOWN = 2000
NO_MODEL = "no model is configured; `lift doctor` says how to add one"


class Workers(Protocol):
    """Worker processes that know the file: the project's pool, seen from here."""

    def begin(
        self, entry: str, details: str, seconds: float, modules: tuple[str, ...] = ()
    ) -> Future[str] | None:
        """Start a task about the function; None where the text does not allow it any more.

        Args:
            modules: What the task may import from beside what the file does, as import statements name it.
        """
        ...

    def drop(self, future: Future[str]) -> None:
        """End it."""
        ...


@dataclass(frozen=True)
class Wish:
    """Which body is wanted, and how much may be done for it.

    Attributes:
        text: The file; ``module`` is its IR and ``function`` the one whose body is wanted.
        candidates: How many a model is asked for in a round.
        rounds: How many rounds at most.
        seconds: Wall-clock time for everything together.
        solver: Whether the way without a model is gone as well.
        roots: Folders in which the project's own modules are.
        tests: On how many inputs a candidate is run where something is not proved.
    """

    module: Module
    text: str
    function: Function
    candidates: int = 8
    rounds: int = 3
    seconds: float = 180.0
    solver: bool = True
    roots: tuple[str, ...] = ()
    tests: int = 2000


@dataclass
class _State:
    """What is known so far. Only touched from the event loop."""

    wish: Wish
    workers: Workers
    events: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    proposals: list[Proposal] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    under_way: set[Future[str]] = field(default_factory=set)
    tokens: Tokens = field(default_factory=Tokens)
    started: int = 0
    judged: int = 0
    expected: int = 0
    rounds: int = 0
    why: str | None = None

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
            self.events.put_nowait(Noted(text))

    def spend(self, tokens: Tokens) -> None:
        self.tokens = Tokens(
            prompt=self.tokens.prompt + tokens.prompt,
            cached=self.tokens.cached + tokens.cached,
            completion=self.tokens.completion + tokens.completion,
        )

    def settle(self, proposal: Proposal | None, rejection: Rejection | None) -> None:
        self.judged += 1
        if proposal is not None:
            self.proposals.append(proposal)
        if rejection is not None:
            self.rejected.append(rejection)
        of = max(self.expected, self.started, self.judged)
        self.events.put_nowait(Judged(self.judged, of, proposal, rejection))


async def generate(wish: Wish, workers: Workers, writer: Writer | None = None) -> AsyncGenerator[Event, None]:
    """Look for bodies of a function.

    Args:
        workers: Where candidates are checked.
        writer: A model, if the user wants one to be asked.

    Yields:
        What happens, ``Finished`` last. What a provider cannot do is a note, never an exception.
    """
    state = _State(wish, workers)
    work = asyncio.create_task(_all(state, writer))
    work.add_done_callback(lambda _: state.events.put_nowait(None))
    try:
        while (event := await state.events.get()) is not None:
            yield event
        if work.exception() is not None:
            _log.error("Error while bodies were looked for", exc_info=work.exception())
            state.note("an error inside lift ended the search; the log has it")
        yield Finished(_generation(state))
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await work
        for future in tuple(state.under_way):
            workers.drop(future)


async def _all(state: _State, writer: Writer | None) -> None:
    ways = [_asked_writer(state, writer)] if writer is not None else []
    if state.wish.solver:
        ways.append(_asked_solver(state))
    try:
        async with asyncio.timeout(state.wish.seconds), asyncio.TaskGroup() as group:
            for way in ways:
                group.create_task(_survived(state, way))
    except TimeoutError:
        state.note(f"the time ran out after {state.wish.seconds:g} s")


async def _survived(state: _State, way: Coroutine[object, object, None]) -> None:
    """Goes one way; a mistake of ours on it does not end the other."""
    try:
        await way
    except Exception:
        _log.exception("Error while bodies were looked for")
        state.note("an error inside lift ended a part of the search; the log has it")


def _generation(state: _State) -> Generation:
    function = state.wish.function
    reason = None
    if not state.proposals:
        reason = state.why or "nothing was proposed"
        if state.rejected:
            tried = len(state.rejected)
            what = "the one candidate" if tried == 1 else f"none of the {tried} candidates"
            reason = f"{what} passed every check" if tried > 1 else f"{what} failed a check"
    return Generation(
        function=function.qualname,
        line=function.span.start.line,
        proposals=tuple(ranked(state.proposals)),
        rejected=tuple(nearest_first(state.rejected)[:_MOST_KEPT]),
        tried=state.judged,
        rounds=state.rounds,
        tokens=state.tokens,
        notes=tuple(state.notes),
        reason=reason,
    )


# Workers.


async def _answer(
    state: _State, entry: str, details: str, seconds: float, modules: tuple[str, ...] = ()
) -> str | None:
    """What a task in a worker returns; None if it came to no end. Cancelling ends the task."""
    future = state.workers.begin(entry, details, seconds, modules)
    if future is None:
        return None
    state.under_way.add(future)
    try:
        return await asyncio.shield(asyncio.wrap_future(future))
    except asyncio.CancelledError:
        state.workers.drop(future)
        raise
    except Exception as error:
        # The pool says in words why a task came to no end: a limit, or a worker that died.
        state.note(f"a worker came to no end: {error}")
        return None
    finally:
        state.under_way.discard(future)


async def _checked(state: _State, asked: Asked) -> Checked | None:
    state.started += 1
    modules = modules_in(asked.code, asked.imports)
    found = await _answer(state, ENTRY, asked.model_dump_json(), SECONDS, modules)
    if found is None:
        rejection = Rejection(
            code=asked.code, origin=asked.origin, stage="sandbox", reason="its check came to no end"
        )
        state.settle(None, rejection)
        return None
    checked = Checked.model_validate_json(found)
    state.settle(checked.proposal, checked.rejection)
    return checked


def _is_new(state: _State, code: str) -> bool:
    """Whether no candidate before was the same but for its layout and comments."""
    key = _meaning(code)
    if key in state.seen:
        return False
    state.seen.add(key)
    return True


def _meaning(code: str) -> str:
    try:
        return ast.dump(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return code


# The way without a model.


async def _asked_solver(state: _State) -> None:
    from lift.resolve.bodies.search import Bodies

    state.events.put_nowait(Asking("solver"))
    found = await _answer(state, bodies.ENTRY, "{}", bodies.SECONDS)
    if found is None:
        return
    answer = Bodies.model_validate_json(found)
    if not answer.bodies:
        none_tried = answer.reason is None or answer.reason.startswith("none of the 0 ")
        why = "no body was found" if none_tried else answer.reason
        state.why = state.why or f"without a model: {why}"
    for note in answer.notes:
        state.note(note)
    fresh = [b for b in answer.bodies if _is_new(state, b.code)]
    asked = [_of_solver(state, b.code, b.origin) for b in fresh]
    state.expected += len(asked)
    await _together(state, asked)


def _of_solver(state: _State, code: str, origin: BodyOrigin) -> Asked:
    return Asked(
        code=code,
        origin=origin,
        provenance=Provenance(kind="solver"),
        roots=state.wish.roots,
        tests=state.wish.tests,
    )


async def _together(state: _State, asked: list[Asked]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in asked:
            group.create_task(_checked(state, one))


# The way with a model.


async def _asked_writer(state: _State, writer: Writer) -> None:
    wish = state.wish
    for number in range(1, wish.rounds + 1):
        if number > 1 and state.proposals:
            return
        state.rounds = number
        mine = [r for r in state.rejected if r.origin == "model"]
        failures = tuple(nearest_first(mine)[:_MOST_FAILURES])
        if number > 1 and not failures:
            return
        question = Question(wish.module, wish.text, wish.function, wish.candidates, number, failures)
        state.events.put_nowait(Asking(writer.name, number, wish.candidates))
        state.expected += wish.candidates
        if not await _one_round(state, writer, question):
            return


async def _one_round(state: _State, writer: Writer, question: Question) -> bool:
    """Ask once and check what comes, as it comes; whether it is worth asking again."""
    more = True
    async with asyncio.TaskGroup() as group:
        try:
            async with contextlib.aclosing(writer.write(question)) as replies:
                async for reply in replies:
                    if isinstance(reply, Heard):
                        state.events.put_nowait(Receiving(writer.name, reply.tokens))
                    else:
                        _take(state, group.create_task, question, reply)
        except ProviderError as error:
            # What came before counts, and so does what the solver finds.
            state.note(str(error))
            more = False
    return more


def _take(state: _State, start: Callable[..., object], question: Question, reply: Reply) -> None:
    match reply:
        case Remark(text=text):
            state.note(text)
        case Unusable(text=text, reason=reason, tokens=tokens):
            state.spend(tokens)
            _refuse(state, text, reason)
        case Written() as written:
            state.spend(written.tokens)
            if not all(map(_is_writable, (written.code, *written.imports))):
                _refuse(state, written.code, "the answer holds half a character (a lone surrogate)")
                return
            if not _is_new(state, written.code):
                state.expected = max(0, state.expected - 1)
                return
            asked = Asked(
                code=written.code,
                imports=written.imports,
                origin="model",
                provenance=Provenance(kind="agent", model=written.model or None),
                prompt=written.prompt,
                round=question.round,
                roots=state.wish.roots,
                tests=state.wish.tests,
            )
            start(_checked(state, asked))


def _refuse(state: _State, text: str, reason: str) -> None:
    """Count an answer that holds no candidate."""
    state.started += 1
    shown = text[:_LONGEST_SHOWN].encode("utf-8", "replace").decode()
    state.settle(None, Rejection(code=shown, origin="model", stage="answer", reason=reason))


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
