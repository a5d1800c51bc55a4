"""Reading a file for a command: whatever stands in it, something comes back that can be shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lift_ir import Hole, Module, Position, Problem, Span

from lift.errors import SourceError
from lift.extract import Extraction, extract
from lift.source.text import Snapshot, read


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
        snapshot: Its text, None if it could not be read at all.
    """

    path: str
    module: Module | None = None
    problems: tuple[Problem, ...] = ()
    fault: Fault | None = None
    snapshot: Snapshot | None = None


def load(path: str, analyse: Callable[[Snapshot], Extraction] = extract) -> Loaded:
    """Reads ``path`` and extracts its specification by ``analyse``; never raises for what stands in it."""
    try:
        # The text's name is the path as typed, so that two names of one file stay two.
        snapshot = Snapshot(path, None, read(Path(path)).text)
    except SourceError as error:
        return Loaded(path, fault=Fault(error.message, error.line))
    extraction = analyse(snapshot)
    error = extraction.error
    fault = None if error is None else Fault(error.message, error.line)
    return Loaded(path, extraction.module, extraction.problems, fault, snapshot)


def loose_holes(module: Module | None) -> tuple[Hole, ...]:
    """The holes that belong to a class rather than to a function."""
    return tuple(h for c in module.classes for h in c.holes) if module else ()


def place(path: str, at: Position | Span | int) -> str:
    """``path:line:column``, which terminals and editors make clickable; the column counts from 1 there."""
    if isinstance(at, int):
        return f"{path}:{at}"
    start = at.start if isinstance(at, Span) else at
    if isinstance(at, Span) and at.start == at.end and start.column == 0:
        # A span of no width at a line's start stands for the line.
        return f"{path}:{start.line}"
    return f"{path}:{start.line}:{start.column + 1}"
