"""What a model is told of a function: its definition without the body, its clauses, and what it may call.

Taken from the text and its IR alone; nothing is run and nothing is guessed. The same text gives the same
subject, character for character: N questions about it share a prefix that servers keep in a cache. Must not
import anything but the IR and ``lift.source``.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lift_ir import Class, Clause, Function, Module, Position, Span

from lift.source.positions import LineIndex

_MOST_CALLABLE = 24
"""Most other definitions that are shown; those that the specification or the body mentions come first."""
_LONGEST_CONSTANT = 300
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Subject:
    """A function, as a model is shown it.

    Attributes:
        name: Its own name.
        qualname: Dotted path in the module.
        header: The definition up to its body, at the margin: decorators, signature, docstring.
        body: What stands there now, at the margin; empty where it is to be written.
        clauses: The clauses that are checked, one a line: ``ensures: len(result) == len(xs)``.
        open: Requirements in prose that nothing checks yet.
        examples: Doctests, source and expected output.
        holes: Places without a type, by name.
        owner: The class that it is a method of: its head, attributes, invariants and other methods.
        imports: The module's import statements.
        constants: What the module binds to names beside definitions, one statement each.
        callable: Definitions of the same module without their bodies.
    """

    name: str
    qualname: str
    header: str
    body: str = ""
    clauses: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    holes: tuple[str, ...] = ()
    owner: str = ""
    imports: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    callable: tuple[str, ...] = ()


def subject_of(module: Module, text: str, qualname: str) -> Subject | None:
    """The subject for a function of a file, None if the file has no such function.

    Args:
        module: The IR of ``text``.
    """
    function = next((f for f in reversed(module.all_functions()) if f.qualname == qualname), None)
    if function is None:
        return None
    index = LineIndex(text)
    written = _written(function)
    body = "" if written is None else _at_margin(index, written)
    owner = next((c for c in module.classes if any(m.qualname == qualname for m in c.methods)), None)
    header = header_of(text, function)
    statements = _statements(text)
    return Subject(
        name=function.name,
        qualname=qualname,
        header=header,
        body=body,
        clauses=tuple(s for c in function.clauses if (s := _said(c)) is not None),
        open=tuple(c.text for c in function.clauses if _is_prose(c)),
        examples=tuple(f">>> {c.text.strip()}\n{c.want}" for c in function.clauses if c.kind == "example"),
        holes=tuple(h.name for h in function.holes if h.hole == "type"),
        owner="" if owner is None else _class_shown(text, owner, function),
        imports=tuple(ast.unparse(s) for s in statements if isinstance(s, ast.Import | ast.ImportFrom)),
        constants=_constants(statements, set(_NAME.findall(f"{header}\n{body}"))),
        callable=_others(module, text, function, owner, f"{header}\n{body}"),
    )


def header_of(text: str, function: Function) -> str:
    """A definition up to its body, at the margin: decorators, signature and docstring as they are written."""
    if function.docstring_span is None:
        return _signature(text, function)
    span = Span(start=function.span.start, end=function.docstring_span.end)
    return _at_margin(LineIndex(text), span).rstrip()


def _signature(text: str, function: Function) -> str:
    """The same without the docstring."""
    after = function.docstring_span or function.body_span
    end = after.start if after is not None else function.span.end
    return _at_margin(LineIndex(text), Span(start=function.span.start, end=end)).rstrip()


def _at_margin(index: LineIndex, span: Span) -> str:
    """The text at a span, its lines moved to the left by what stands before its first one."""
    before = index.text_at(Span(start=Position(line=span.start.line, column=0), end=span.start))
    lines = index.text_at(span).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if before.strip():
        return "\n".join(lines)
    return "\n".join([lines[0], *(line.removeprefix(before) for line in lines[1:])])


def _written(function: Function) -> Span | None:
    """Where the body stands, None if nobody has written it."""
    if any(h.hole == "body" for h in function.holes):
        return None
    return function.body_span


def _said(clause: Clause) -> str | None:
    """A checked clause on one line; None for what nothing checks."""
    text = " ".join(clause.text.split())
    match clause.kind:
        case "requires" | "ensures" | "invariant" if clause.expression is not None:
            return f"{clause.kind}: {text}"
        case "raises":
            when = f" exactly if {text}" if clause.expression is not None and clause.exact else ""
            return f"raises: {clause.exception}{when or f' ({text})'}"
        case "modifies":
            return f"modifies: {', '.join(clause.targets) or 'none'}"
        case "effect" if clause.word is not None:
            return f"effect: {clause.word}"
    return None


def _is_prose(clause: Clause) -> bool:
    return clause.kind in ("requires", "ensures") and clause.expression is None


def _statements(text: str) -> list[ast.stmt]:
    """The module's statements; none where it does not parse at the moment."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _constants(statements: Iterable[ast.stmt], named: AbstractSet[str]) -> tuple[str, ...]:
    """Assignments, those that are mentioned first, a long one cut off."""
    found: list[tuple[bool, int, str]] = []
    for statement in statements:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            shown = ast.unparse(statement)
            if len(shown) > _LONGEST_CONSTANT:
                shown = f"{shown[:_LONGEST_CONSTANT]} ..."
            found.append((named.isdisjoint(_NAME.findall(shown)), statement.lineno, shown))
    return tuple(shown for _, _, shown in sorted(found)[:_MOST_CALLABLE])


def _class_shown(text: str, owner: Class, function: Function) -> str:
    """The class of a method: its head, its invariants and what its other methods promise."""
    bases = f"({', '.join(owner.bases)})" if owner.bases else ""
    lines = [*(f"@{d}" for d in owner.decorators), f"class {owner.name}{bases}:"]
    for attribute in owner.attributes:
        kind = f": {attribute.type.text}" if attribute.type is not None else ""
        value = f" = {attribute.default}" if attribute.default is not None else ""
        lines.append(f"    {attribute.name}{kind}{value}")
    lines += [f"    # {said}" for c in owner.invariants if (said := _said(c)) is not None]
    for method in owner.methods:
        if method.qualname != function.qualname:
            lines += ["", *_indent(_outlined(text, method))]
    return "\n".join(lines)


def _others(
    module: Module, text: str, function: Function, owner: Class | None, mentions: str
) -> tuple[str, ...]:
    """The module's other functions and classes, those that are mentioned first, then in their order."""
    named = set(_NAME.findall(mentions))
    functions = [f for f in module.functions if f.qualname != function.qualname and "." not in f.qualname]
    classes = [c for c in module.classes if c is not owner and "." not in c.qualname]
    found = [
        *((f.name not in named, f.span.start.line, _outlined(text, f)) for f in functions),
        *((c.name not in named, c.span.start.line, _class_shown(text, c, function)) for c in classes),
    ]
    return tuple(shown for _, _, shown in sorted(found)[:_MOST_CALLABLE])


def _outlined(text: str, function: Function) -> str:
    """A definition without its body: the signature, and what it is for and promises as comments."""
    lines = _signature(text, function).split("\n")
    if function.intent is not None:
        lines.append(f"    # {' '.join(function.intent.summary.split())}")
    lines += [f"    # {said}" for c in function.clauses if (said := _said(c)) is not None]
    return "\n".join([*lines, "    ..."])


def _indent(text: str) -> Iterable[str]:
    return (f"    {line}" if line else "" for line in text.split("\n"))


def listed(items: Sequence[str]) -> str:
    """Items as a bulleted list, lines after the first indented."""
    return "\n".join("- " + item.replace("\n", "\n  ") for item in items)
