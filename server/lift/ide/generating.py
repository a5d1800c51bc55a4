"""Looking for bodies from a project: the text as it is now, its worker processes, and what was recorded.

Must not know LSP; the loop itself is ``lift.resolve.loop.generate``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from concurrent.futures import Future
from dataclasses import dataclass, replace

from lift_ir import Generation

from lift.config import Config
from lift.edit import Edit, apply
from lift.errors import ConfigError, ProviderError
from lift.extract import extract
from lift.generate.provider import Provider
from lift.ide.origin import records
from lift.project import Project
from lift.resolve.loop import ENTRY
from lift.resolve.loop.asking import Writer
from lift.resolve.loop.events import Event, Finished
from lift.resolve.loop.generate import Wish, generate
from lift.resolve.loop.model import ModelWriter
from lift.source.text import Snapshot
from lift.store.provenance import Record
from lift.verify.pool import Task


@dataclass(frozen=True)
class ProjectWorkers:
    """The project's worker processes, for one function of one text.

    The text is the one at the start throughout: edits of another one would go to the wrong places.
    """

    project: Project
    uri: str
    task: Task

    def begin(
        self, entry: str, details: str, seconds: float, modules: tuple[str, ...] = ()
    ) -> Future[str] | None:
        """See ``lift.resolve.loop.generate.Workers``."""
        options = replace(self.task.options, seconds=seconds)
        neighbours = self.project.neighbours(self.uri) if modules else None
        sources = neighbours.with_modules(modules) if neighbours is not None else self.task.sources
        task = replace(self.task, entry=entry, details=details, options=options, sources=sources)
        return self.project.perform(task)

    def drop(self, future: Future[str]) -> None:
        """Ends a task."""
        self.project.drop(future)


@dataclass(frozen=True)
class Limits:
    """How much may be done for one body.

    Attributes:
        candidates: How many a model is asked for in a round.
        rounds: How many rounds at most.
        seconds: Wall-clock time for everything together.
        solver: Whether the way without a model is gone as well.
    """

    candidates: int = 8
    rounds: int = 3
    seconds: float = 180.0
    solver: bool = True


def bodies(
    project: Project, uri: str, qualname: str, limits: Limits, writer: Writer | None = None
) -> AsyncGenerator[Event, None] | None:
    """Look for bodies of a function of the newest text; None where it is broken or has no such function.

    Args:
        writer: A model, if the user wants one to be asked.

    Returns:
        Events, ``Finished`` last. Closing it ends requests, workers and their sandboxes.
    """
    task = project.task(uri, qualname, ENTRY, limits.seconds)
    function = (
        next((f for f in reversed(task.module.all_functions()) if f.qualname == qualname), None)
        if task is not None
        else None
    )
    if task is None or function is None:
        return None
    neighbours = project.neighbours(uri)
    wish = Wish(
        task.module,
        task.text,
        function,
        candidates=limits.candidates,
        rounds=limits.rounds,
        seconds=limits.seconds,
        solver=limits.solver,
        roots=tuple(map(str, neighbours.roots)) if neighbours is not None else (),
    )
    return _recorded(generate(wish, ProjectWorkers(project, uri, task), writer), project, task)


async def written(
    project: Project, uri: str, qualname: str, limits: Limits, *, model: bool = True
) -> AsyncGenerator[Event, None]:
    """As ``bodies``, with the model that the settings name; nothing at all where ``bodies`` gives None.

    Why no model is asked stands among the notes.

    Args:
        model: Whether one is asked if there is one.
    """
    provider, why = await model_of(project.config) if model else (None, "")
    try:
        writer = ModelWriter(provider) if provider is not None else None
        events = bodies(project, uri, qualname, limits, writer)
        if events is None:
            return
        async with contextlib.aclosing(events):
            async for event in events:
                if isinstance(event, Finished) and why:
                    notes = (*event.generation.notes, why)
                    yield Finished(event.generation.model_copy(update={"notes": notes}))
                else:
                    yield event
    finally:
        if provider is not None:
            await provider.close()


async def model_of(config: Config) -> tuple[Provider | None, str]:
    """The model that the settings name, or why there is none, in words that name the remedy."""
    from lift.generate.registry import how_to_add, open_provider

    try:
        # The system's keyring may take seconds to answer.
        provider = await asyncio.to_thread(open_provider, config)
    except (ConfigError, ProviderError) as error:
        return None, str(error)
    return provider, "" if provider is not None else how_to_add()


async def _recorded(
    events: AsyncGenerator[Event, None], project: Project, task: Task
) -> AsyncGenerator[Event, None]:
    """The events, with a record of where each body comes from that is offered."""
    async with contextlib.aclosing(events):
        async for event in events:
            if isinstance(event, Finished) and event.generation.proposals:
                await asyncio.to_thread(record, project.config, task.module.path, task.text, event.generation)
            yield event


def record(config: Config, path: str, text: str, generation: Generation) -> int:
    """Record where the proposals come from, under the digests that their definitions will have.

    Returns:
        How many records could be kept.
    """
    store, kept = records(config), 0
    for proposal in generation.proposals:
        changed = apply(text, [Edit(e.span, e.text) for e in proposal.edits])
        module = extract(Snapshot(path, None, changed)).module
        function = next((f for f in module.all_functions() if f.qualname == generation.function), None)
        if function is None:
            continue
        kept += store.put(
            Record(
                function=function.digest,
                qualname=function.qualname,
                path=path,
                origin=proposal.origin,
                model=proposal.provenance.model,
                prompt=proposal.prompt,
                round=proposal.round,
                evidence=tuple((c.text, c.verdict, c.tests) for c in proposal.result.clauses if c.clause),
            )
        )
    return kept
