"""A model as a writer of candidates: its prompts, forms and answers are ``lift.generate``'s.

What comes back is only ever read here, never run.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from lift.errors import ProviderError
from lift.generate import answers, prompts
from lift.generate.asking import CHARACTERS, Outcome, ask_many, notes_on
from lift.generate.provider import Answer, Provider, Request
from lift.generate.subject import Subject, subject_of
from lift.resolve.loop.asking import Heard, Question, Remark, Reply, Unusable, Written

_TOLD = 20
"""After how many further tokens it is said how many have come in."""


@dataclass(frozen=True)
class ModelWriter:
    """A provider as a writer of candidates."""

    provider: Provider

    @property
    def name(self) -> str:
        """The model that is asked."""
        return self.provider.model or self.provider.name

    async def write(self, question: Question) -> AsyncGenerator[Reply, None]:
        """See ``Writer.write``. One request that fails does not end the others."""
        subject = subject_of(question.module, question.text, question.function.qualname)
        if subject is None:
            return
        request = prompts.body(subject)
        if question.failures:
            request = prompts.repair(request, question.failures, question.round)
        digest = prompts.prompt_digest(request)
        outcomes: list[Outcome] = []
        async with aclosing(_heard(self.provider, request, question.count)) as asked:
            async for one in asked:
                if isinstance(one, Heard):
                    yield one
                    continue
                outcomes.append(one)
                if isinstance(one, Answer):
                    yield _read(one, subject, digest)
        for note in notes_on(outcomes):
            yield Remark(note)
        failed = [o for o in outcomes if isinstance(o, ProviderError)]
        if failed and len(failed) == len(outcomes):
            raise failed[0]
        if failed:
            yield Remark(f"{len(failed)} of {question.count} requests failed: {failed[0]}")


async def _heard(provider: Provider, request: Request, count: int) -> AsyncGenerator[Outcome | Heard, None]:
    """The answers as they come, and between them how much of all of them has come in."""
    queue: asyncio.Queue[Outcome | Heard | None] = asyncio.Queue()
    characters, told = 0, 0

    def hear(_: int, piece: str) -> None:
        nonlocal characters, told
        characters += len(piece)
        if characters - told >= _TOLD * CHARACTERS:
            told = characters
            queue.put_nowait(Heard(characters // CHARACTERS))

    async def ask() -> None:
        try:
            async with aclosing(ask_many(provider, request, count, hear)) as asked:
                async for _, outcome in asked:
                    queue.put_nowait(outcome)
        finally:
            queue.put_nowait(None)

    task = asyncio.create_task(ask())
    try:
        while (one := await queue.get()) is not None:
            yield one
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _read(answer: Answer, subject: Subject, digest: str) -> Reply:
    found = answers.read_body(answer, subject.name)
    if isinstance(found, answers.Unusable):
        return Unusable(answer.text, found.reason, answer.tokens)
    code = found.definition(subject.header)
    return Written(code, found.imports, answer.model, digest, answer.tokens)
