"""The specified functions of a text: as symbols, as lenses above them, as hints behind their clauses.

Must not know LSP.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lift_ir import Class, Function, FunctionResult, Position, Span

from lift.ide.places import contains
from lift.ide.words import SYMBOLS, summary, verdict_label
from lift.project import Project, checkable


@dataclass(frozen=True)
class Symbol:
    """A specified function, or a class that holds some."""

    name: str
    detail: str
    kind: Literal["class", "function", "method"]
    span: Span
    name_span: Span
    children: tuple[Symbol, ...] = ()


@dataclass(frozen=True)
class Lens:
    """A line above a function: its verdict, and which function it would check."""

    title: str
    span: Span
    function: str


@dataclass(frozen=True)
class Hint:
    """A mark behind a clause."""

    label: str
    tooltip: str
    position: Position


def symbols(project: Project, uri: str) -> tuple[Symbol, ...]:
    """The specified functions with their verdicts, methods within their classes."""
    extraction = project.extraction(uri)
    if extraction is None:
        return ()
    results = project.results(uri)
    module = extraction.module
    wanted = {f.qualname for f in checkable(module)}
    found = [
        _function(f, results.get(f.qualname), "function") for f in module.functions if f.qualname in wanted
    ]
    for owner in module.classes:
        methods = [m for m in owner.methods if m.qualname in wanted]
        if methods:
            children = tuple(_function(m, results.get(m.qualname), "method") for m in methods)
            found.append(_class(owner, children))
    return tuple(sorted(found, key=lambda s: s.span.start.line))


def lenses(project: Project, uri: str, is_running: bool = False) -> tuple[Lens, ...]:
    """One lens a specified function; none unless they are asked for in the settings.

    ``is_running`` says that the text is being checked, so that what is not known yet soon will be.
    """
    extraction = project.extraction(uri)
    if extraction is None or not project.config.lens:
        return ()
    results = project.results(uri)
    return tuple(
        Lens(_title(results.get(f.qualname), is_running), f.name_span, f.qualname)
        for f in checkable(extraction.module)
    )


def hints(project: Project, uri: str, span: Span) -> tuple[Hint, ...]:
    """One mark behind each checked clause in ``span``; none unless they are asked for in the settings."""
    extraction = project.extraction(uri)
    if extraction is None or not project.config.hints:
        return ()
    found: list[Hint] = []
    for name, result in project.results(uri).items():
        for clause in result.clauses:
            if clause.clause is not None and contains(span, clause.span.end):
                stale = " (stale)" if result.progress == "stale" else ""
                tooltip = f"{name}: {verdict_label(clause)}{stale}"
                found.append(Hint(SYMBOLS[clause.verdict] + stale, tooltip, clause.span.end))
    return tuple(found)


def _function(
    function: Function, result: FunctionResult | None, kind: Literal["function", "method"]
) -> Symbol:
    detail = summary(result) if result else "not checked"
    return Symbol(function.name, detail, kind, function.span, function.name_span)


def _class(owner: Class, children: tuple[Symbol, ...]) -> Symbol:
    return Symbol(owner.name, "", "class", owner.span, owner.name_span, children)


def _title(result: FunctionResult | None, is_running: bool) -> str:
    if is_running and (result is None or result.progress == "stale"):
        return f"{summary(result)} · checking…" if result else "checking…"
    return summary(result) if result else "check"
