"""A model's suggestions for the commands that fill holes: asked for where a person wrote ``--model``."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence

from lift_ir import Hole

from lift.ide.suggesting import suggested_for_all
from lift.project import Project
from lift.resolve.suggest.search import Filled


def ask(project: Project, uri: str, holes: Sequence[Hole]) -> dict[str, Filled]:
    """What a model suggests for holes of a text that was analysed, by their ids.

    Why none can be asked, or an answer was of no use, goes to the standard error.
    """
    if not holes:
        return {}
    return asyncio.run(_asked(project, uri, holes))


async def _asked(project: Project, uri: str, holes: Sequence[Hole]) -> dict[str, Filled]:
    found: dict[str, Filled] = {}
    async with contextlib.aclosing(suggested_for_all(project, uri, holes, _told)) as answers:
        async for one in answers:
            if isinstance(one, str):
                print(f"lift fill: {one}", file=sys.stderr)
                break
            found[one.hole.id] = one
            for note in one.notes:
                print(f"lift fill: {one.hole.id}: {note}", file=sys.stderr)
    return found


def _told(text: str) -> None:
    # What moves on several times a second is for a line that an editor writes over.
    if sys.stderr.isatty() and not text.endswith(" received"):
        print(f"lift fill: {text}", file=sys.stderr, flush=True)
