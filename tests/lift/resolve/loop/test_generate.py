"""The loop: candidates asked for, checked in workers as they come, failures sent back, the best first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field, replace

import pytest
from lift.errors import ProviderError
from lift.extract import extract
from lift.generate.provider import Answer, Health, Request
from lift.resolve.loop.asking import Question, Reply, Unusable, Writer, Written
from lift.resolve.loop.events import Event, Finished, Judged
from lift.resolve.loop.generate import Wish, generate
from lift.resolve.loop.model import ModelWriter
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.pool import Pool, Task
from lift_ir import Generation

TEXT = '''def clamp(x: int, low: int, high: int) -> int:
    """Bound a number.

    Requires:
        - ``low <= high``

    Ensures:
        - ``low <= result <= high``
        - ``implies(low <= x <= high, result == x)``
    """
    ...
'''
HEAD = "def clamp(x: int, low: int, high: int) -> int:\n"
GOOD = f"{HEAD}    return max(low, min(x, high))\n"
LONGER = f"{HEAD}    if x < low:\n        return low\n    if x > high:\n        return high\n    return x\n"
WRONG = f"{HEAD}    return x\n"


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(2)
    yield pool
    pool.close()


@dataclass
class Workers:
    """The pool, seen as the project shows it; remembers what was begun and dropped."""

    pool: Pool
    text: str = TEXT
    begun: list[tuple[str, Future[str]]] = field(default_factory=list)
    dropped: list[Future[str]] = field(default_factory=list)

    def begin(
        self, entry: str, details: str, seconds: float, modules: tuple[str, ...] = ()
    ) -> Future[str] | None:
        module = extract(Snapshot("prices.py", None, self.text)).module
        options = Options(seconds=2 * seconds)
        future = self.pool.perform(Task(module, self.text, "clamp", options, entry, details))
        self.begun.append((entry, future))
        return future

    def drop(self, future: Future[str]) -> None:
        self.dropped.append(future)
        if not future.cancel():
            self.pool.cancel(future)


@dataclass
class Rounds:
    """A writer that has its replies ready, a list for each round."""

    replies: Sequence[Sequence[Reply | ProviderError]]
    questions: list[Question] = field(default_factory=list)
    closed: bool = False
    name: str = "scripted"

    async def write(self, question: Question) -> AsyncGenerator[Reply, None]:
        self.questions.append(question)
        try:
            for reply in self.replies[question.round - 1]:
                if isinstance(reply, ProviderError):
                    raise reply
                yield reply
        finally:
            self.closed = True


def wish_of(text: str = TEXT, **limits: float | bool) -> Wish:
    module = extract(Snapshot("prices.py", None, text)).module
    wish = Wish(module, text, module.all_functions()[0], candidates=2, tests=300, solver=False)
    return replace(wish, **limits)


def events_of(workers: Workers, writer: Writer | None, **limits: float | bool) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in generate(wish_of(**limits), workers, writer)]

    return asyncio.run(collect())


def found(events: Sequence[Event]) -> Generation:
    assert isinstance(events[-1], Finished)
    return events[-1].generation


def test_a_good_candidate_is_offered_and_a_wrong_one_is_not(pool: Pool) -> None:
    events = events_of(Workers(pool), Rounds([[Written(WRONG), Written(GOOD, model="m", prompt="p")]]))
    generation = found(events)
    assert [p.code.splitlines()[-1] for p in generation.proposals] == ["    return max(low, min(x, high))"]
    proposal = generation.proposals[0]
    assert (proposal.origin, proposal.provenance.model, proposal.prompt) == ("model", "m", "p")
    assert [r.clause for r in generation.rejected] == ["low <= result <= high"]
    assert (generation.tried, generation.rounds, generation.reason) == (2, 1, None)
    texts = sorted(e.text.partition(": ")[2] for e in events if isinstance(e, Judged))
    assert texts == ["1 clause kept, 1 refuted", "2 clauses proved"]


def test_what_failed_goes_back_with_its_input_and_is_mended(pool: Pool) -> None:
    writer = Rounds([[Written(WRONG), Unusable("{", "no JSON")], [Written(GOOD)]])
    generation = found(events_of(Workers(pool), writer))
    assert [q.round for q in writer.questions] == [1, 2]
    failures = writer.questions[1].failures
    assert [f.stage for f in failures] == ["verify", "answer"]
    assert failures[0].counterexample is not None
    assert generation.proposals[0].round == 2
    assert generation.rounds == 2


def test_nothing_passes_and_nothing_is_offered(pool: Pool) -> None:
    others = [f"{HEAD}    return low\n", f"{HEAD}    return high\n"]
    writer = Rounds([[Written(WRONG)], [Written(others[0])], [Written(others[1])], [Written(GOOD)]])
    generation = found(events_of(Workers(pool), writer))
    assert len(writer.questions) == 3
    assert generation.proposals == ()
    assert generation.reason == "none of the 3 candidates passed every check"
    assert generation.rejected[0].counterexample is not None
    assert len(writer.questions[2].failures) == 2


def test_what_means_the_same_is_checked_once(pool: Pool) -> None:
    workers = Workers(pool)
    again = f"{HEAD}    # The same.\n    return (max(low, min(x, high)))\n"
    generation = found(events_of(workers, Rounds([[Written(GOOD), Written(again), Written(GOOD)]])))
    assert len(workers.begun) == 1
    assert generation.tried == 1


def test_of_two_proved_ones_the_shorter_comes_first(pool: Pool) -> None:
    generation = found(events_of(Workers(pool), Rounds([[Written(LONGER), Written(GOOD)]])))
    assert [p.result.verdict for p in generation.proposals] == ["proved", "proved"]
    assert [p.added for p in generation.proposals] == [1, 5]


def test_an_error_of_the_provider_is_a_note_and_what_came_before_counts(pool: Pool) -> None:
    writer = Rounds([[Written(GOOD), ProviderError("the server is down; start it")]])
    generation = found(events_of(Workers(pool), writer))
    assert len(generation.proposals) == 1
    assert generation.notes == ("the server is down; start it",)


def test_an_error_ends_the_rounds(pool: Pool) -> None:
    writer = Rounds([[ProviderError("wrong key")], [Written(GOOD)]])
    generation = found(events_of(Workers(pool), writer))
    assert len(writer.questions) == 1
    assert generation.reason == "nothing was proposed"


def test_the_solver_goes_its_way_without_a_model(pool: Pool) -> None:
    workers = Workers(pool)
    generation = found(events_of(workers, None, solver=True))
    assert workers.begun[0][0].startswith("lift.resolve.bodies")
    assert generation.proposals or generation.reason


class Slow:
    """A writer that gives one candidate and then waits for ever."""

    name = "slow"

    def __init__(self, code: str) -> None:
        self.code = code
        self.ended = asyncio.Event()

    async def write(self, question: Question) -> AsyncGenerator[Reply, None]:
        try:
            yield Written(self.code)
            await asyncio.Event().wait()
        finally:
            self.ended.set()


def test_cancelling_ends_requests_and_workers(pool: Pool) -> None:
    workers, writer = Workers(pool), Slow(f"{HEAD}    while True:\n        pass\n")

    async def follow() -> None:
        async for _ in generate(wish_of(), workers, writer):
            pass

    async def cancel() -> None:
        task = asyncio.create_task(follow())
        while not workers.begun:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert writer.ended.is_set()
    assert [f for _, f in workers.begun] == workers.dropped
    assert all(map(was_cancelled, workers.dropped))


def was_cancelled(future: Future[str]) -> bool:
    try:
        return isinstance(future.exception(timeout=60), CancelledError)
    except CancelledError:
        return True


def test_the_time_runs_out(pool: Pool) -> None:
    async def collect() -> list[Event]:
        writer = Slow(GOOD)
        return [e async for e in generate(wish_of(seconds=1.0), Workers(pool), writer)]

    generation = found(asyncio.run(collect()))
    assert generation.notes == ("the time ran out after 1 s",)


def test_a_worker_that_dies_costs_one_candidate() -> None:
    pool = Pool(1)
    try:
        workers = Workers(pool)
        workers.begin = lambda *_: _failed()  # type: ignore[method-assign]
        generation = found(events_of(workers, Rounds([[Written(GOOD)]]), rounds=1))
    finally:
        pool.close()
    assert generation.proposals == ()
    assert generation.rejected[0].reason == "its check came to no end"
    assert generation.notes == ("a worker came to no end: the worker died",)


def _failed() -> Future[str]:
    from lift.verify.pool import TaskError

    future: Future[str] = Future()
    future.set_exception(TaskError("the worker died"))
    return future


@dataclass
class Model:
    """A provider that has its answers ready."""

    answers: Sequence[Answer | ProviderError]
    requests: list[Request] = field(default_factory=list)
    name: str = "scripted"
    model: str = "m"

    async def complete(self, request: Request, heard: Callable[[str], None] | None = None) -> Answer:
        self.requests.append(request)
        answer = self.answers[len(self.requests) - 1]
        if isinstance(answer, ProviderError):
            raise answer
        return answer

    async def health(self) -> Health:
        return Health(True, "")

    async def close(self) -> None:
        return


def replies(model: Model, count: int) -> list[Reply]:
    async def collect() -> list[Reply]:
        wish = wish_of()
        question = Question(wish.module, wish.text, wish.function, count)
        return [r async for r in ModelWriter(model).write(question)]

    return asyncio.run(collect())


def test_requests_share_all_but_temperature_and_seed() -> None:
    answer = Answer(json.dumps({"plan": "", "imports": [], "body": GOOD}), "stop", "m", constrained=True)
    model = Model([answer] * 3)
    assert [type(r) for r in replies(model, 3)] == [Written] * 3
    assert len({(r.system, r.messages) for r in model.requests}) == 1
    assert len({r.temperature for r in model.requests}) == 3
    assert TEXT[:40] not in model.requests[0].system
    assert "``low <= result <= high``" in model.requests[0].messages[0].text


def test_what_failed_is_told_in_the_next_round_alone(pool: Pool) -> None:
    bodies = ("return x", "return max(low, min(x, high))")
    texts = [json.dumps({"plan": "", "imports": [], "body": body}) for body in bodies]
    model = Model([Answer(text, "stop", "m", constrained=True) for text in texts])
    generation = found(events_of(Workers(pool), ModelWriter(model), candidates=1))
    assert [p.round for p in generation.proposals] == [2]
    first, second = (r.messages[-1].text for r in model.requests)
    assert second.startswith(first)
    assert "clamp(1, 0, 0) returned 1" in second
    assert "clamp(1, 0, 0)" not in first


class Breaks:
    """A writer with a mistake of ours in it."""

    name = "scripted"

    async def write(self, question: Question) -> AsyncGenerator[Reply, None]:
        raise KeyError("ours")
        yield


def test_a_mistake_of_ours_on_one_way_does_not_end_the_other(pool: Pool) -> None:
    module = extract(Snapshot("prices.py", None, TEXT)).module
    wish = Wish(module, TEXT, module.functions[0])

    async def collect() -> list[Event]:
        return [event async for event in generate(wish, Workers(pool), Breaks())]

    last = asyncio.run(collect())[-1]
    assert isinstance(last, Finished)
    assert [p.result.verdict for p in last.generation.proposals][:1] == ["proved"]
    assert any("inside lift" in note for note in last.generation.notes)
