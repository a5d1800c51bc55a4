"""Asking a model what fills a hole of a project's file, where a person wants that. Must not know LSP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace

from lift_ir import Class, Function, Hole, Span

from lift.extract import Extraction
from lift.generate.provider import Provider
from lift.ide.generating import ProjectWorkers, model_of
from lift.project import Project
from lift.resolve.suggest import ENTRY, SECONDS
from lift.resolve.suggest.asking import KINDS, Question
from lift.resolve.suggest.search import Filled, Report, filled
from lift.resolve.suggest.specify import Drafted, is_described, specified

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


def described_at(extraction: Extraction | None, span: Span) -> Function | None:
    """The function whose header or docstring is at ``span``, if it is described and states nothing yet."""
    if extraction is None or extraction.error is not None:
        return None
    for function in extraction.module.all_functions():
        last = function.docstring_span or function.name_span
        if function.name_span.start.line <= span.start.line <= last.end.line and is_described(function):
            return function
    return None


async def drafted_for(
    project: Project, uri: str, qualname: str, *, model: bool = True, report: Report | None = None
) -> Drafted | None:
    """A specification for a function of the newest text; None where there is no such function.

    Why no model was asked stands among the notes.

    Args:
        model: Whether one is asked if there is one.
    """
    task = project.task(uri, qualname, ENTRY, SECONDS)
    found = [f for f in task.module.all_functions() if f.qualname == qualname] if task is not None else []
    if task is None or not found:
        return None
    provider, why = await model_of(project.config) if model else (None, "")
    try:
        workers = ProjectWorkers(project, uri, task)
        drafted = await specified(workers, task.module, task.text, found[-1], provider, report)
    finally:
        if provider is not None:
            await provider.close()
    return replace(drafted, notes=(*drafted.notes, why)) if why else drafted
