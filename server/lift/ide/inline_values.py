"""The values of a counterexample beside the lines that set them, for editors that show values in the text.

Only what is known of the newest text is shown: a stale counterexample's lines may say something else now.
Must not know LSP.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lift_ir import Counterexample, FunctionResult, Position, Span

from lift.project import Project
from lift.source.positions import LineIndex

_MOST_ROUNDS = 3


@dataclass(frozen=True)
class InlineValue:
    """What a line set on the way to a counterexample.

    Attributes:
        span: The line's text, without the space around it.
        text: ``total = 0 → 3 → 6``; the rounds of a loop follow each other.
    """

    span: Span
    text: str


def inline_values(project: Project, uri: str, span: Span) -> tuple[InlineValue, ...]:
    """The values of the first counterexample of each refuted function that stands in ``span``, by line.

    Ensures:
        - every value's line is between the first and the last line of ``span``
    """
    extraction = project.extraction(uri)
    if extraction is None or extraction.error is not None:
        return ()
    index = extraction.index
    found: list[InlineValue] = []
    for result in project.results(uri).values():
        counterexample = _counterexample(result)
        if counterexample is not None:
            found += _values(counterexample, result.line, index)
    inside = (v for v in found if span.start.line <= v.span.start.line <= span.end.line)
    return tuple(sorted(inside, key=lambda value: value.span.start.line))


def _counterexample(result: FunctionResult) -> Counterexample | None:
    if result.progress != "current":
        return None
    refuted = (c.counterexample for c in result.clauses if c.verdict == "refuted")
    return next((one for one in refuted if one is not None), None)


def _values(found: Counterexample, line: int, index: LineIndex) -> Iterator[InlineValue]:
    if found.arguments:
        yield _at(index, line, ", ".join(f"{name} = {value}" for name, value in found.arguments.items()))
    rounds: dict[int, dict[str, list[str]]] = {}
    for step in found.trace:
        seen = rounds.setdefault(step.line, {})
        for name, value in step.variables.items():
            seen.setdefault(name, []).append(value)
    for number, variables in rounds.items():
        if variables:
            yield _at(index, number, ", ".join(f"{n} = {_in_a_row(v)}" for n, v in variables.items()))


def _in_a_row(values: list[str]) -> str:
    """The values that a line gave a variable, one after the other; of many the first ones and the last."""
    if len(values) > _MOST_ROUNDS:
        values = [*values[: _MOST_ROUNDS - 1], "…", values[-1]]
    return " → ".join(values)


def _at(index: LineIndex, line: int, text: str) -> InlineValue:
    code = index.line(line)
    start = Position(line=line, column=len(code) - len(code.lstrip()))
    return InlineValue(Span(start=start, end=Position(line=line, column=len(code.rstrip()))), text)
