"""Asking a model what fills a hole of a project's file, where a person wants that. Must not know LSP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

from lift_ir import Class, Function, Hole

from lift.extract import Extraction
from lift.generate.provider import Provider
from lift.ide.generating import ProjectWorkers, model_of
from lift.project import Project
from lift.resolve.suggest import ENTRY, SECONDS
from lift.resolve.suggest.asking import KINDS, Question
from lift.resolve.suggest.search import Filled, Report, filled

_ANSWERS = 3
"""Answers that a model is asked for about one hole: readings of a few words repeat themselves soon."""


def is_asked_about(hole: Hole, owner: Function | Class) -> bool:
    """Whether a model can be asked about a hole."""
    return hole.hole in KINDS and isinstance(owner, Function)


def hole_of(extraction: Extraction | None, hole_id: str) -> tuple[Function | Class, Hole] | None:
    """A hole of a text with the function or class that has it."""
    if extraction is None or extraction.error is not None:
        return None
    for owner in (*extraction.module.classes, *extraction.module.all_functions()):
        for hole in owner.holes:
            if hole.id == hole_id:
                return owner, hole
    return None


async def suggested_for(
    project: Project, uri: str, hole: Hole, provider: Provider, report: Report | None = None
) -> Filled | None:
    """The hole with what a model suggests for it; None where the newest text has no such hole.

    Args:
        hole: As it was resolved without a model; its candidates stay.
    """
    found = hole_of(project.extraction(uri), hole.id)
    if found is None:
        return None
    owner, _ = found
    task = project.task(uri, owner.qualname, ENTRY, SECONDS)
    if task is None:
        return None
    answers = min(_ANSWERS, project.config.candidates)
    question = Question(task.module, task.text, owner, hole, answers)
    return await filled(ProjectWorkers(project, uri, task), provider, question, report)


async def suggested_for_all(
    project: Project, uri: str, holes: Iterable[Hole], report: Report | None = None
) -> AsyncGenerator[Filled | str, None]:
    """The same for several holes with the model that the settings name.

    Yields:
        What was found for one hole after the other; or, once and alone, why no model can be asked.
    """
    provider, why = await model_of(project.config)
    if provider is None:
        yield why
        return
    try:
        for hole in holes:
            found = await suggested_for(project, uri, hole, provider, report)
            if found is not None:
                yield found
    finally:
        await provider.close()
