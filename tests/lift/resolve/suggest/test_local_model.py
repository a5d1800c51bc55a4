"""A real model that is asked about holes, too small to be any good: nothing is offered that a check refused.

What it says nobody thought of, which is what is wanted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from lift.config import Config
from lift.generate.local import Local
from lift.generate.provider import Answer, Health, Request
from lift.ide.suggesting import hole_of, suggested_for
from lift.project import Project
from lift.resolve.suggest.search import Filled
from lift.source.text import Snapshot
from lift.verify.pool import Pool

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TEXT = '''def double(x: int) -> int:
    """Twice the number.

    Ensures:
        - twice as much as comes in
    """
    return 2 * x


def half(x):
    """

    Ensures:
        - ``result * 2 <= x``

    Effects:
        - ``?what``
    """
    return x // 2
'''
HOLES = ["double:clause:twice-as-much-as-comes", "half:type:x", "half:effect:what", "half:intent:intent"]


@dataclass
class Brief:
    """The model, with answers that come to an end soon."""

    behind: Local
    name: str = "local"

    @property
    def model(self) -> str:
        return self.behind.model

    async def complete(self, request: Request, heard: Callable[[str], None] | None = None) -> Answer:
        assert request.output is not None
        assert request.output.bounded is not None
        output = replace(request.output, schema=_brief(request.output.bounded), bounded=None)
        return await self.behind.complete(replace(request, output=output, most_tokens=300), heard)

    async def health(self) -> Health:
        return await self.behind.health()

    async def close(self) -> None:
        await self.behind.close()


def _brief(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    found = {key: _brief(value) for key, value in node.items()}
    if node.get("type") == "string" and "enum" not in node:
        found["maxLength"] = min(24, node.get("maxLength", 24))
    if node.get("type") == "array":
        found["maxItems"] = 1 if node["items"].get("type") == "object" else 0
    return found


def test_nothing_is_offered_that_a_check_refused(tmp_path: Path, local_model_file: Path) -> None:
    path = tmp_path / "numbers_.py"
    path.write_text(TEXT)
    pool = Pool(1)
    project = Project(tmp_path, Config(cache=str(tmp_path / "cache"), candidates=3), pool=pool)
    project.analyse(Snapshot(str(path), 1, TEXT))

    async def collect() -> list[Filled]:
        provider = Brief(Local(local_model_file, 120.0))
        found: list[Filled] = []
        try:
            for key in HOLES:
                place = hole_of(project.extraction(str(path)), key)
                assert place is not None, key
                one = await suggested_for(project, str(path), place[1], provider)
                assert one is not None
                found.append(one)
            return found
        finally:
            await provider.close()

    try:
        asked = asyncio.run(collect())
    finally:
        pool.close()
    assert path.read_text() == TEXT
    for one in asked:
        # Held to the form, so that what is wrong with an answer is what it says.
        assert not [note for note in one.notes if "of no use" in note]
        print(
            one.hole.id,
            [c.text for c in one.hole.candidates],
            [(r.text, r.reason) for r in one.rejected],
            one.notes,
        )
        assert one.suggested or one.rejected or one.notes
        for candidate in one.hole.candidates:
            assert candidate.text not in {r.text for r in one.rejected}
            assert candidate.provenance.model
            assert candidate.score < 0.6
