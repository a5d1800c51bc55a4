"""A function as it is now, as a state of its history: what it says, what its code is, what was found out.

Two states are told apart by digests that no layout can change: of what the clauses say, and of the code
without its docstring, its contracts and its own name. Must not import anything of lift but the IR and
``source``.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lift_ir import (
    Class,
    Clause,
    Function,
    FunctionResult,
    PastClause,
    PastState,
    Raises,
    Span,
    Verdict,
    weakest,
)

from lift.source import LineIndex, digest

# What is read out of the code is a part of it, and changes with it.
_OF_THE_CODE = frozenset({"guard", "assert"})
_DECORATED = frozenset({"icontract", "deal"})
_LINE_END = re.compile(r"\r\n|\n|\r")


def state_of(function: Function, text: str, result: FunctionResult | None = None) -> PastState:
    """The state of ``function``, which stands in ``text``; without number and time."""
    index = LineIndex(text)
    return _state(function, index, code_of(function, index), result)


def states_of(
    functions: Iterable[Function], text: str, results: dict[str, FunctionResult]
) -> tuple[PastState, ...]:
    """The states of several functions of one text."""
    index = LineIndex(text)
    return tuple(_state(f, index, code_of(f, index), results.get(f.qualname)) for f in functions)


@dataclass(frozen=True)
class ClassDocstring:
    """Where a class's docstring stands, as a function's IR says it of that one.

    Attributes:
        docstring_span: The literal with its quotes, None if there is none.
        body_span: The body after it; None where the docstring is all there is.
    """

    name: str
    docstring_span: Span | None
    body_span: Span | None


def state_of_class(cls: Class, text: str, results: Mapping[str, FunctionResult]) -> PastState:
    """The state of a class: what its invariants say, and how they fare in all of its methods.

    What the methods do is theirs, so that the code of a class is always the same one.
    """
    index = LineIndex(text)
    place = docstring_of_class(cls, index)
    known = [results.get(m.qualname) for m in cls.methods]
    verdicts: dict[str, Verdict] = {c.id: _of_all(c, known) for c in cls.invariants}
    return PastState(
        name=cls.qualname,
        specification=digest("\n".join(sorted(f"{c.kind}:{c.id}:" for c in cls.invariants))),
        code="",
        summary=_storable(cls.intent.summary) if cls.intent is not None else "",
        docstring=_literal(index, place.docstring_span) if place.docstring_span is not None else None,
        verdict=weakest(tuple(verdicts.values())),
        clauses=tuple(_past(c, verdicts[c.id]) for c in _distinct(cls.invariants)),
    )


def _of_all(clause: Clause, results: Sequence[FunctionResult | None]) -> Verdict:
    """The weakest verdict on an invariant; ``unchecked`` as long as one method is not checked."""
    if not results or any(r is None for r in results):
        return "unchecked"
    return weakest(
        tuple(c.verdict for r in results if r is not None for c in r.clauses if c.clause == clause.id)
    )


def docstring_of_class(cls: Class, index: LineIndex) -> ClassDocstring:
    """Where the docstring of ``cls`` stands, and what follows it."""
    node = _class_node(index.text, cls.span.start.line, cls.name_span.start.line)
    if node is None:
        return ClassDocstring(cls.name, None, None)
    shown = ast.get_docstring(node, clean=False) is not None
    literal, rest = (node.body[0], node.body[1:]) if shown else (None, node.body)
    return ClassDocstring(
        cls.name,
        _span(index, literal, literal) if literal is not None else None,
        _span(index, rest[0], rest[-1]) if rest else None,
    )


def _span(index: LineIndex, first: ast.stmt, last: ast.stmt) -> Span:
    decorators = getattr(first, "decorator_list", ())
    line, column = first.lineno, first.col_offset
    if decorators:
        # The at sign stands before the expression, at the definition's own column.
        line = decorators[0].lineno
    return index.span_from_ast(line, column, last.end_lineno or last.lineno, last.end_col_offset or 0)


def _class_node(text: str, first: int, last: int) -> ast.ClassDef | None:
    nodes = (n for n in _classes(text) if first <= n.lineno <= last)
    return next(nodes, None)


@functools.lru_cache(maxsize=4)
def _classes(text: str) -> tuple[ast.ClassDef, ...]:
    try:
        # As extraction has it, a byte order mark is white space of the same width.
        tree = ast.parse("\f" + text[1:] if text.startswith("\ufeff") else text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(n for n in ast.walk(tree) if isinstance(n, ast.ClassDef))


def stated(function: Function) -> tuple[Clause, ...]:
    """The clauses that a person states, without those that are read out of the code."""
    return tuple(c for c in function.clauses if c.source not in _OF_THE_CODE)


def specification_of(function: Function) -> str:
    """A digest of what the clauses say, whatever their order and layout."""
    return digest("\n".join(sorted(f"{c.kind}:{c.id}:{_extra(c)}" for c in stated(function))))


def code_of(function: Function, index: LineIndex) -> str:
    """A digest of the definition without what specifies it, whatever its layout and its name."""
    first, last = function.span.start.line, function.span.end.line
    start = index.starts[first - 1]
    stop = index.starts[last] if last < index.line_count else len(index.text)
    contracts = tuple(
        sorted({c.span.start.line - first + 1 for c in function.clauses if c.source in _DECORATED})
    )
    return _code(index.text[start:stop], function.name, contracts)


def relevant(before: PastState | None, after: PastState) -> bool:
    """Whether ``after`` is a state of its own beside the one that was the newest so far."""
    if before is None:
        return True
    if (before.specification, before.code, before.docstring, before.name) != (
        after.specification,
        after.code,
        after.docstring,
        after.name,
    ):
        return True
    # Only that less is known, or more, of the same is no other state: a machine may be busy.
    known = (before.verdict, after.verdict)
    return before.verdict != after.verdict and not any(v in ("unknown", "unchecked") for v in known)


def refreshed(before: PastState, after: PastState) -> PastState | None:
    """The state that was kept, with verdicts that say more about the same; None if they do not."""
    if before.verdict not in ("unknown", "unchecked"):
        return None
    if (before.verdict, _verdicts(before)) == (after.verdict, _verdicts(after)):
        return None
    if after.verdict == "unchecked":
        return None
    found = {c.id: c.verdict for c in after.clauses}
    clauses = tuple(c.model_copy(update={"verdict": found.get(c.id, c.verdict)}) for c in before.clauses)
    return before.model_copy(
        update={
            "verdict": after.verdict,
            "clauses": clauses,
            "obligations": after.obligations,
            "result": after.result,
        }
    )


def docstring_of(text: str, span: Span | None) -> str | None:
    """The literal at ``span`` with the indentation of its first line taken off the others; None for none."""
    if span is None:
        return None
    index = LineIndex(text)
    return _literal(index, span)


def _state(function: Function, index: LineIndex, code: str, result: FunctionResult | None) -> PastState:
    clauses = stated(function)
    verdicts: dict[str | None, list[Verdict]] = {}
    obligations: list[tuple[str, str, Verdict]] = []
    known = {c.id for c in clauses}
    for one in result.clauses if result is not None else ():
        if one.clause in known:
            verdicts.setdefault(one.clause, []).append(one.verdict)
        else:
            obligations.append((one.kind, one.text, one.verdict))
    return PastState(
        name=function.qualname,
        specification=specification_of(function),
        code=code,
        summary=_storable(function.intent.summary) if function.intent is not None else "",
        docstring=_literal(index, function.docstring_span) if function.docstring_span is not None else None,
        verdict=result.verdict if result is not None else "unchecked",
        clauses=tuple(_past(c, weakest(tuple(verdicts.get(c.id, ())))) for c in _distinct(clauses)),
        obligations=tuple(obligations),
        result=result.digest if result is not None else "",
    )


def _distinct(clauses: Iterable[Clause]) -> Iterator[Clause]:
    """The clauses, each once: the same one may be stated twice."""
    seen: set[str] = set()
    for clause in clauses:
        if clause.id not in seen:
            seen.add(clause.id)
            yield clause


def _past(clause: Clause, verdict: Verdict) -> PastClause:
    text = clause.text
    if isinstance(clause, Raises):
        text = f"{clause.exception}: {'If ' if clause.expression is not None else ''}{text}"
    return PastClause(
        kind=clause.kind,
        id=clause.id,
        text=text,
        expression=clause.expression,
        prose=_storable(clause.prose),
        verdict=verdict,
        provenance=clause.provenance,
    )


def _storable(text: str) -> str:
    """The text without halves of characters, which an escape in a docstring can make and JSON cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _extra(clause: Clause) -> str:
    return f"{clause.exception}:{clause.exact}" if isinstance(clause, Raises) else ""


def _verdicts(state: PastState) -> tuple[object, ...]:
    return (*((c.id, c.verdict) for c in state.clauses), *state.obligations)


def _literal(index: LineIndex, span: Span) -> str:
    indent = index.line(span.start.line)[: span.start.column]
    indent = indent if not indent.strip() else indent[: len(indent) - len(indent.lstrip(" \t"))]
    rows = _LINE_END.split(index.text_at(span))
    return "\n".join([rows[0], *(row.removeprefix(indent) if row.strip() else "" for row in rows[1:])])


@functools.lru_cache(maxsize=4096)
def _code(source: str, name: str, contracts: tuple[int, ...]) -> str:
    nested = source[:1] in (" ", "\t")
    try:
        tree = ast.parse("if True:\n" + source if nested else source)
        node = tree.body[0].body[0] if nested and isinstance(tree.body[0], ast.If) else tree.body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        return digest(source)
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return digest(source)
    shift = 1 if nested else 0
    node.decorator_list = [
        d
        for d in node.decorator_list
        if not any(d.lineno - shift <= line <= (d.end_lineno or d.lineno) - shift for line in contracts)
    ]
    if ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:]
    node.name = ""
    try:
        return digest("".join(_written(node, name)))
    except (RecursionError, ValueError):
        # Python writes no number of more than some thousand digits, though it reads one in base sixteen.
        return digest(source)


def _written(value: object, own: str) -> Iterator[str]:
    """A tree as text, the same under every Python: fields that are empty are left out."""
    if isinstance(value, ast.AST):
        yield type(value).__name__
        yield "("
        for field, inner in ast.iter_fields(value):
            if inner is None or inner == [] or field in ("ctx", "kind", "type_comment"):
                continue
            if field == "id" and inner == own:
                # A function that calls itself is the same under another name.
                inner = ""
            yield f"{field}="
            yield from _written(inner, own)
            yield ","
        yield ")"
    elif isinstance(value, list):
        for inner in value:
            yield from _written(inner, own)
            yield ";"
    else:
        yield repr(value)
