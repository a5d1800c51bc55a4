"""What stands at a place: the function, the clause, the hole under the cursor. Must not know LSP."""

from __future__ import annotations

from lift_ir import Class, Clause, Function, Hole, Module, Position, Span


def contains(span: Span, position: Position) -> bool:
    """Whether a position stands in a span; its end counts, since a cursor stands between characters."""
    place = (position.line, position.column)
    start = (span.start.line, span.start.column)
    return start <= place <= (span.end.line, span.end.column)


def overlaps(one: Span, other: Span) -> bool:
    """Whether two spans share a place or touch."""
    return contains(one, other.start) or contains(other, one.start)


def function_at(module: Module, position: Position) -> Function | None:
    """The innermost function around a position."""
    around = [f for f in module.all_functions() if contains(f.span, position)]
    return max(around, key=lambda f: (f.span.start.line, f.span.start.column), default=None)


def function_named(module: Module, qualname: str) -> Function | None:
    """The function of that qualified name; the last one, where a name is bound twice."""
    found = [f for f in module.all_functions() if f.qualname == qualname]
    return found[-1] if found else None


def clause_at(function: Function, position: Position) -> Clause | None:
    """The smallest clause under a position."""
    return smallest(function.clauses, position)


def class_at(module: Module, position: Position) -> Class | None:
    """The innermost class around a position."""
    around = [c for c in module.classes if contains(c.span, position)]
    return max(around, key=lambda c: (c.span.start.line, c.span.start.column), default=None)


def smallest(clauses: tuple[Clause, ...], position: Position) -> Clause | None:
    """The smallest of the clauses that stand at a position."""
    under = [c for c in clauses if contains(c.span, position)]
    return min(under, key=lambda c: _size(c.span), default=None)


def hole_at(owner: Function | Class, position: Position) -> Hole | None:
    """The smallest hole under a position."""
    under = [h for h in owner.holes if contains(h.span, position)]
    return min(under, key=lambda h: _size(h.span), default=None)


def _size(span: Span) -> tuple[int, int]:
    lines = span.end.line - span.start.line
    return lines, span.end.column - span.start.column
