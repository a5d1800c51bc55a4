"""What a check found out about each file, as values that every output format reads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lift_ir import (
    ClauseResult,
    Code,
    Function,
    FunctionResult,
    Hole,
    HoleKind,
    Module,
    Position,
    Problem,
    Span,
)

from lift.config import Severity
from lift.errors import SourceError
from lift.project import Batch, Project
from lift.source.text import Snapshot, read

OPEN_CODES: Mapping[HoleKind, Code] = {
    "intent": "open-intent",
    "type": "open-type",
    "term": "open-term",
    "clause": "open-clause",
    "effect": "open-effect",
    "body": "open-body",
}


@dataclass(frozen=True)
class Fault:
    """Why a file could not be read or parsed; ``line`` counts from 1, None where no line is to blame."""

    message: str
    line: int | None = None

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


@dataclass(frozen=True)
class Loaded:
    """A file as it was read.

    Attributes:
        path: As the user would name it.
        module: What it specifies, None if it could not be read at all.
        problems: What is ill-written in it.
        fault: Set if it could not be read or parsed.
    """

    path: str
    module: Module | None
    problems: tuple[Problem, ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True)
class Checked:
    """A function and what is known about it; ``finished`` is False if the check was broken off."""

    function: Function
    result: FunctionResult
    finished: bool = True


@dataclass(frozen=True)
class FileReport:
    """A file and its functions, in the order of the text."""

    loaded: Loaded
    functions: tuple[Checked, ...]

    @property
    def path(self) -> str:
        """As the user would name it."""
        return self.loaded.path


@dataclass(frozen=True)
class Finding:
    """One thing to tell about one place.

    Attributes:
        span: The place, None for the whole file.
        function: Qualified name of the function that it is about.
        clause: Identity of the clause that it is about.
    """

    path: str
    span: Span | None
    code: Code
    severity: Severity
    message: str
    function: str | None = None
    clause: str | None = None
    related: tuple[tuple[Span, str], ...] = ()


def opened(project: Project, path: str) -> tuple[Loaded, Snapshot | None]:
    """Reads ``path`` and extracts its specification; never raises for what stands in the file."""
    try:
        # The text's name is the path as typed, so that two names of one file stay two.
        snapshot = Snapshot(path, None, read(Path(path)).text)
    except SourceError as error:
        return Loaded(path, None, fault=Fault(error.message, error.line)), None
    extraction = project.analyse(snapshot)
    fault = None
    if extraction.error is not None:
        fault = Fault(extraction.error.message, _line_of(extraction.error))
    return Loaded(path, extraction.module, extraction.problems, fault), snapshot


def started(project: Project, path: str) -> tuple[Loaded, Batch | None]:
    """Reads ``path`` and begins checking its functions; returns without waiting for them."""
    loaded, snapshot = opened(project, path)
    return loaded, project.begin(snapshot) if snapshot is not None else None


def unchecked(function: Function) -> Checked:
    """``function`` without a verdict, for a check that was broken off."""
    line = function.name_span.start.line
    result = FunctionResult(name=function.qualname, line=line, verdict="unchecked")
    return Checked(function, result, finished=False)


def findings(report: FileReport, severity: Mapping[str, Severity]) -> Iterator[Finding]:
    """All that is to be told about a file, without what the settings turn off."""
    everything = [*_problems(report), *_verdicts(report), *_holes(report)]
    for finding in everything:
        shown = severity[finding.code]
        if shown != "off":
            yield replace(finding, severity=shown)


def loose_holes(module: Module | None) -> tuple[Hole, ...]:
    """The holes that belong to a class rather than to a function."""
    return tuple(h for c in module.classes for h in c.holes) if module else ()


def place(path: str, at: Position | Span | int | None) -> str:
    """``path:line:column``, which terminals and editors make clickable; the column counts from 1 there."""
    if at is None:
        return path
    if isinstance(at, int):
        return f"{path}:{at}"
    start = at.start if isinstance(at, Span) else at
    return f"{path}:{start.line}:{start.column + 1}"


def absolute(path: str) -> str:
    """The path from the file system's root, with ``/`` between its parts."""
    return Path(os.path.abspath(path)).as_posix()


def message_of(clause: ClauseResult) -> str:
    """The clause's own message, or one made of what it does say."""
    if clause.message:
        return clause.message
    reason = f": {clause.reason}" if clause.reason else ""
    return f"``{clause.text}`` is {clause.verdict}{reason}"


def _line_of(problem: object) -> int | None:
    span = getattr(problem, "span", None)
    return span.start.line if span is not None else getattr(problem, "line", None)


def _problems(report: FileReport) -> Iterator[Finding]:
    for p in report.loaded.problems:
        yield Finding(report.path, p.span, p.code, "off", p.message, p.function)


def _verdicts(report: FileReport) -> Iterator[Finding]:
    for checked in report.functions:
        name = checked.result.name
        for c in checked.result.clauses:
            if c.code is not None:
                yield Finding(report.path, c.span, c.code, "off", message_of(c), name, c.clause, c.related)


def _holes(report: FileReport) -> Iterator[Finding]:
    for checked in report.functions:
        for hole in checked.function.holes:
            yield _open(report.path, hole, checked.function.qualname)
    for hole in loose_holes(report.loaded.module):
        yield _open(report.path, hole, None)


def _open(path: str, hole: Hole, function: str | None) -> Finding:
    return Finding(path, hole.span, OPEN_CODES[hole.hole], "off", hole.question, function)
