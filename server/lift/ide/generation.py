"""Bodies for a function of the newest text, looked for in the project's workers.

What is found is for exactly that text; whoever shows it sees to it that the text has not moved on.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lift.ide.places import function_named
from lift.project import Project
from lift.resolve.loop.events import Event
from lift.resolve.loop.generate import Wish, generate

if TYPE_CHECKING:
    from lift.resolve.loop.asking import Writer


@dataclass(frozen=True)
class Crew:
    """The project's workers, for tasks about one function."""

    project: Project
    uri: str
    qualname: str

    def begin(self, entry: str, details: str, seconds: float) -> Future[str] | None:
        """Starts a task; None where the text does not allow it any more."""
        task = self.project.task(self.uri, self.qualname, entry, seconds)
        return None if task is None else self.project.perform(replace(task, details=details))

    def drop(self, future: Future[str]) -> None:
        """Ends a task."""
        self.project.drop(future)


def bodies(
    project: Project, uri: str, qualname: str, writer: Writer | None = None, candidates: int = 8
) -> AsyncGenerator[Event, None] | None:
    """What happens while bodies are looked for; None where the text has no such function or is broken.

    Args:
        writer: A model, if the user has one; the solver is asked in any case.
        candidates: How many bodies the model is asked for at once.
    """
    extraction = project.extraction(uri)
    if extraction is None or extraction.error is not None:
        return None
    function = function_named(extraction.module, qualname)
    if function is None or function.body_span is None:
        return None
    wish = Wish(
        extraction.module,
        extraction.snapshot.text,
        function,
        candidates=candidates,
        roots=(str(project.root),),
    )
    return generate(wish, Crew(project, uri, qualname), writer)
