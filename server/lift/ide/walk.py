"""The way to a counterexample as rows to read: what each line set, the rounds of long loops in one row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lift_ir import ClauseResult, Counterexample, FunctionResult, Step

from lift.ide.markup import MARKDOWN
from lift.ide.words import outcome
from lift.project import Project

_EACH = 10
"""A run of so many lines is shown line by line."""
_FIRST, _LAST = 8, 4
_PLACES = 5


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        line: The line's number, from 1.
        code: Its text, without the space around it; empty if the text is not at hand.
        values: What it set: ``out = 3, x = 1``.
        round: Which round of the loop that begins in this line the row stands for, None if it is a line.
        skipped: How many rows before it are left out.
    """

    line: int
    code: str
    values: str
    round: int | None = None
    skipped: int = 0


def rows(trace: Sequence[Step], text: str) -> tuple[Row, ...]:
    """The rows of a trace of a function in ``text``."""
    lines = text.splitlines()
    every = [replace(_row(lines, s.line, s.variables), skipped=s.skipped) for s in trace]
    if len(every) > _EACH:
        every = list(_in_rounds(trace, lines))
    if len(every) <= _FIRST + _LAST:
        return tuple(every)
    left = every[_FIRST:-_LAST]
    gap = sum(1 + row.skipped for row in left)
    last = every[-_LAST:]
    return (*every[:_FIRST], replace(last[0], skipped=last[0].skipped + gap), *last[1:])


def _in_rounds(trace: Sequence[Step], lines: list[str]) -> Iterator[Row]:
    """Rows in which each round of the outermost loop that runs more than once is one."""
    visits = [s.line for s in trace]
    header = next((n for n in visits if visits.count(n) > 1 and _is_loop(lines, n)), None)
    inside = [i for i, n in enumerate(visits) if n == header]
    if header is None:
        yield from (replace(_row(lines, s.line, s.variables), skipped=s.skipped) for s in trace)
        return
    yield from (_row(lines, s.line, s.variables) for s in trace[: inside[0]])
    for number, (start, end) in enumerate(itertools.pairwise(inside), 1):
        values: dict[str, str] = {}
        for step in trace[start:end]:
            values |= step.variables
        gap = sum(s.skipped for s in trace[start:end])
        yield replace(_row(lines, header, values), round=number, skipped=gap)
    for step in trace[inside[-1] :]:
        yield replace(_row(lines, step.line, step.variables), skipped=step.skipped)


def _is_loop(lines: list[str], number: int) -> bool:
    return _code(lines, number).startswith(("for ", "while "))


def _row(lines: list[str], number: int, variables: dict[str, str]) -> Row:
    return Row(number, _code(lines, number), ", ".join(f"{n} = {v}" for n, v in variables.items()))


def _code(lines: list[str], number: int) -> str:
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def told(found: Counterexample, text: str) -> tuple[str, ...]:
    """The rows as lines of plain text, aligned."""
    shown = rows(found.trace, text)
    width = min(44, max((len(row.code) for row in shown), default=0))
    lines: list[str] = []
    for row in shown:
        if row.skipped:
            lines.append(f"   …  {row.skipped} more")
        code = row.code if len(row.code) <= width else f"{row.code[: width - 1]}…"
        place = f"{row.line:>4}  {code:<{width}}"
        values = f"round {row.round}: {row.values}" if row.round is not None else row.values
        lines.append(f"{place}  {values}".rstrip())
    return tuple(lines)


def places(found: Counterexample) -> Iterator[tuple[int, str]]:
    """The last few lines that changed variables, each once, with the values that it left in the end."""
    last: dict[int, Step] = {}
    for step in found.trace:
        if step.variables:
            last.pop(step.line, None)
            last[step.line] = step
    for line, step in sorted(list(last.items())[-_PLACES:]):
        yield line, "here " + ", ".join(f"{name} = {value}" for name, value in step.variables.items())


def refuted(result: FunctionResult | None) -> tuple[ClauseResult, ...]:
    """The clauses of a result that have a counterexample."""
    return tuple(c for c in result.clauses if c.counterexample is not None) if result else ()


def trace_text(project: Project, uri: str, qualname: str | None = None) -> tuple[str, str]:
    """A title and a Markdown text that follow each counterexample of a file, or of one function of it."""
    extraction = project.extraction(uri)
    text = extraction.snapshot.text if extraction is not None else ""
    title = f"{qualname or uri.rpartition('/')[2] or 'the file'}, step by step"
    parts = [f"# {MARKDOWN.text(title)}", ""]
    for name, result in project.results(uri).items():
        if qualname is not None and name != qualname:
            continue
        for clause in refuted(result):
            assert clause.counterexample is not None
            parts += [*_section(clause, clause.counterexample, text), ""]
    if len(parts) == 2:
        parts.append("There is no counterexample here.")
    return title, "\n".join(parts)


def _section(clause: ClauseResult, found: Counterexample, text: str) -> Iterator[str]:
    yield f"## {MARKDOWN.text(clause.text)}"
    yield ""
    yield MARKDOWN.text(clause.message or clause.text)
    yield ""
    yield "```text"
    yield from found.setup
    yield f"{found.call} {outcome(found)}"
    yield from told(found, text)
    if found.failing:
        yield found.failing
    yield "```"
