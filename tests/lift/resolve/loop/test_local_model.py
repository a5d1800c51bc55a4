"""A real model in the loop, too small to be any good: nothing that a clause refutes is offered.

What it writes nobody thought of, which is what is wanted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from lift.config import Config
from lift.generate.local import Local
from lift.generate.provider import Answer, Health, Request
from lift.ide.generating import Limits, bodies
from lift.project import Project
from lift.resolve.loop.events import Event, Finished, Judged
from lift.resolve.loop.model import ModelWriter
from lift.source.text import Snapshot
from lift.verify.pool import Pool

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TEXT = '''def double(x: int) -> int:
    """Twice the number.

    Ensures:
        - ``result == 2 * x``
    """
    ...
'''


@dataclass
class Brief:
    """The model, with answers that come to an end soon."""

    model_behind: Local
    name: str = "local"

    @property
    def model(self) -> str:
        return self.model_behind.model

    async def complete(self, request: Request, heard: Callable[[str], None] | None = None) -> Answer:
        assert request.output is not None
        assert request.output.bounded is not None
        schema = dict(request.output.bounded)
        short = {"plan": 12, "body": 40}
        properties = {
            name: {**node, "maxLength": short[name]} if name in short else {**node, "maxItems": 0}
            for name, node in schema["properties"].items()
        }
        output = replace(request.output, schema={**schema, "properties": properties}, bounded=None)
        return await self.model_behind.complete(replace(request, output=output, most_tokens=300), heard)

    async def health(self) -> Health:
        return await self.model_behind.health()

    async def close(self) -> None:
        await self.model_behind.close()


def test_nothing_is_offered_that_was_not_proved_or_tested(tmp_path: Path, local_model_file: Path) -> None:
    path = tmp_path / "numbers_.py"
    path.write_text(TEXT)
    pool = Pool(1)
    project = Project(tmp_path, Config(cache=str(tmp_path / "cache")), pool=pool)
    project.analyse(Snapshot(str(path), 1, TEXT))

    async def collect() -> list[Event]:
        provider = Brief(Local(local_model_file, 120.0))
        try:
            limits = Limits(candidates=6, rounds=2, seconds=400.0, solver=False)
            events = bodies(project, str(path), "double", limits, ModelWriter(provider))
            assert events is not None
            return [event async for event in events]
        finally:
            await provider.close()

    try:
        events = asyncio.run(collect())
    finally:
        pool.close()
    assert path.read_text() == TEXT
    assert isinstance(events[-1], Finished)
    generation = events[-1].generation
    judged = [e for e in events if isinstance(e, Judged)]
    assert judged
    # Held to the form, so that what is wrong with an answer is its code.
    assert not [e.rejection for e in judged if e.rejection is not None and e.rejection.stage == "answer"]
    for proposal in generation.proposals:
        assert all(c.verdict in ("proved", "bounded", "tested") for c in proposal.result.clauses)
    if not generation.proposals:
        assert generation.reason is not None
