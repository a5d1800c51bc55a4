"""Where a result's places are now: results are kept by what a function says, not by where it stands.

The digest of a function does not change when lines are added above it, so a kept result names the lines of
the day it was made. An ``Anchor`` remembers which definition each of those lines belonged to, and moving a
result moves every line by as much as its definition moved. Must not import anything of lift but the IR.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lift_ir import (
    Class,
    ClauseResult,
    Counterexample,
    Function,
    FunctionResult,
    Module,
    Position,
    Raised,
    Returned,
    Span,
    weakest,
)

Anchor = tuple[str, int, int, int]
_Statements = tuple[tuple[int, int], ...]
_MOST_KEPT = 4096

# Sentences name lines as well. What stands in backticks is code, in which "line 3" may mean anything.
_CODE = re.compile(r"(`+[^`]*`+)")
_LINE = re.compile(r"\b(line )(\d+)\b")


@dataclass(frozen=True)
class Entry:
    """A result and what its lines belonged to when it was made.

    Attributes:
        anchors: Line, from 1 → qualified name of the innermost definition around it, the line of that
            definition's name at the time, which of its statements the line is in (-1 for none), and how many
            lines below the statement's first one.
    """

    result: FunctionResult
    anchors: Mapping[int, Anchor] = field(default_factory=dict)


def anchored(result: FunctionResult, module: Module, text: str = "") -> Entry:
    """``result`` with its places tied to the definitions of ``module``, for which it was made.

    Args:
        text: The module's text; without it lines inside of a function are not told apart.
    """
    definitions = _definitions(module)
    layout = layout_of(module, text)
    anchors: dict[int, Anchor] = {}
    for line in _lines(result):
        around = [d for d in definitions if d.span.start.line <= line <= d.span.end.line]
        if around:
            inner = max(around, key=lambda d: d.span.start.line)
            inside = _place_in(layout.statements(inner.qualname), line)
            anchors[line] = (inner.qualname, inner.name_span.start.line, *inside)
    return Entry(result, anchors)


@dataclass(frozen=True)
class Layout:
    """Where the definitions and clauses of a module stand; worked out once, for all of its results.

    Attributes:
        lines: Qualified name → line of the name, from 1.
        clauses: Identity of a clause → its span.
        bodies: Qualified name → digest of the text, first line, last line.
        text: The module's text, perhaps empty.
    """

    lines: Mapping[str, int]
    clauses: Mapping[str, Span]
    bodies: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)
    text: str = ""

    def statements(self, name: str) -> _Statements:
        """First and last line of every statement of a definition, in an order that formatting keeps."""
        if name not in self.bodies or not self.text:
            return ()
        digest, start, end = self.bodies[name]
        if digest not in _statements:
            if len(_statements) >= _MOST_KEPT:
                _statements.clear()
            _statements[digest] = _read_statements(_LINE_END.split(self.text)[start - 1 : end])
        return tuple((start + first, start + last) for first, last in _statements[digest])


def layout_of(module: Module, text: str = "") -> Layout:
    """The layout of ``module``, which was made from ``text``."""
    definitions = _definitions(module)
    clauses = {c.id: c.span for d in definitions for c in _clauses(d)}
    bodies = {d.qualname: (d.digest, d.span.start.line, d.span.end.line) for d in definitions}
    return Layout({d.qualname: d.name_span.start.line for d in definitions}, clauses, bodies, text)


_LINE_END = re.compile(r"\r\n|\n|\r")
_statements: dict[str, _Statements] = {}


def _read_statements(lines: list[str]) -> _Statements:
    """First and last line of every statement, from 0; nothing if the lines do not parse on their own."""
    indented = bool(lines) and lines[0][:1] in (" ", "\t")
    text = "\n".join(["if 1:", *lines] if indented else lines)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    above = 2 if indented else 1
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.stmt)][1 if indented else 0 :]
    return tuple((n.lineno - above, (n.end_lineno or n.lineno) - above) for n in nodes)


def _place_in(statements: _Statements, line: int) -> tuple[int, int]:
    """Which statement a line is in, the innermost one, and how far below its first line; -1 for none."""
    around = [(first, n) for n, (first, last) in enumerate(statements) if first <= line <= last]
    if not around:
        return -1, 0
    first, number = max(around)
    return number, line - first


def placed(entry: Entry, layout: Layout, function: Function) -> FunctionResult:
    """The result at the places that it has in ``layout``; ``function`` still says the same."""
    return _moved(entry.result, _mover(entry, layout, function), function)


def stale(entry: Entry, layout: Layout, function: Function) -> FunctionResult:
    """The result marked stale, with what it says of clauses that are gone left out.

    ``function`` has changed since: clauses are found again by their identity, the rest moves along.
    """
    # Its statements may be others now, so that lines move with the whole.
    result = placed(entry, replace(layout, text=""), function)
    own = {c.id: c.span for c in function.clauses}
    kept: list[ClauseResult] = []
    for clause in result.clauses:
        span = (
            clause.span
            if clause.clause is None
            else own.get(clause.clause, layout.clauses.get(clause.clause))
        )
        if span is not None:
            kept.append(clause if span == clause.span else clause.model_copy(update={"span": span}))
    verdict = weakest(tuple(c.verdict for c in kept)) if len(kept) < len(result.clauses) else result.verdict
    return result.model_copy(update={"clauses": tuple(kept), "verdict": verdict, "progress": "stale"})


def _definitions(module: Module) -> tuple[Function | Class, ...]:
    return (*module.all_functions(), *module.classes)


def _clauses(definition: Function | Class):
    return definition.clauses if isinstance(definition, Function) else definition.invariants


def _lines(result: FunctionResult) -> set[int]:
    lines = {result.line, *(loop.line for loop in result.loops)}
    for clause in result.clauses:
        spans = [clause.span, *(span for span, _ in clause.related)]
        lines.update(p.line for s in spans for p in (s.start, s.end))
        if clause.reason_line is not None:
            lines.add(clause.reason_line)
        lines |= _lines_said(clause.message) | _lines_said(clause.reason or "")
        if clause.counterexample is not None and clause.counterexample.outcome.line is not None:
            lines.add(clause.counterexample.outcome.line)
        if clause.counterexample is not None:
            lines.update(step.line for step in clause.counterexample.trace)
    return lines


def _mover(entry: Entry, layout: Layout, function: Function) -> Callable[[int], int]:
    own = function.name_span.start.line - entry.result.line

    def move(line: int) -> int:
        name, then, number, below = entry.anchors.get(line, ("", 0, -1, 0))
        now = function.name_span.start.line if name == function.qualname else layout.lines.get(name)
        statements = layout.statements(name) if number >= 0 and now is not None else ()
        if 0 <= number < len(statements):
            first, last = statements[number]
            return min(first + below, last)
        return line + now - then if now is not None else max(1, line + own)

    return move


def _moved(result: FunctionResult, move: Callable[[int], int], function: Function) -> FunctionResult:
    line = function.name_span.start.line
    if result.line == line and all(move(n) == n for n in _lines(result)):
        return result
    clauses = tuple(_moved_clause(c, move) for c in result.clauses)
    loops = tuple(loop.model_copy(update={"line": move(loop.line)}) for loop in result.loops)
    return result.model_copy(update={"line": line, "clauses": clauses, "loops": loops})


def _moved_clause(clause: ClauseResult, move: Callable[[int], int]) -> ClauseResult:
    return clause.model_copy(
        update={
            "span": _moved_span(clause.span, move),
            "reason_line": None if clause.reason_line is None else move(clause.reason_line),
            "reason": clause.reason and _moved_text(clause.reason, move),
            "message": _moved_text(clause.message, move),
            "related": tuple((_moved_span(s, move), text) for s, text in clause.related),
            "counterexample": clause.counterexample and _moved_run(clause.counterexample, move),
        }
    )


def _moved_run(found: Counterexample, move: Callable[[int], int]) -> Counterexample:
    outcome: Returned | Raised = found.outcome
    trace = tuple(step.model_copy(update={"line": move(step.line)}) for step in found.trace)
    if outcome.line is not None:
        outcome = outcome.model_copy(update={"line": move(outcome.line)})
    return found.model_copy(update={"outcome": outcome, "trace": trace})


def _lines_said(text: str) -> set[int]:
    return {int(found[2]) for part in _CODE.split(text)[::2] for found in _LINE.finditer(part)}


def _moved_text(text: str, move: Callable[[int], int]) -> str:
    parts = _CODE.split(text)
    parts[::2] = [_LINE.sub(lambda found: f"{found[1]}{move(int(found[2]))}", part) for part in parts[::2]]
    return "".join(parts)


def _moved_span(span: Span, move: Callable[[int], int]) -> Span:
    start = move(span.start.line)
    return Span(
        start=Position(line=start, column=span.start.column),
        end=Position(line=start + span.end.line - span.start.line, column=span.end.column),
    )
