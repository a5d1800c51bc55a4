"""What is being gathered about one function or class: clauses, holes and problems, before they are frozen.

Every notation (docstring, decorators, PEP 316, guards, annotations) adds to the same draft by the
functions of this module, so that identity, holes and complaints are the same whatever the notation.
Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lift_ir import (
    Clause,
    ClauseSource,
    Code,
    Constraint,
    Decreases,
    Ensures,
    Hole,
    Invariant,
    Problem,
    Requires,
    Span,
)

from lift.extract import notation
from lift.extract.literal import Literal
from lift.extract.names import ClauseScope, Moment, complaints
from lift.source import LineIndex, digest

CLAUSE_TYPES = {
    "requires": Requires,
    "ensures": Ensures,
    "invariant": Invariant,
    "decreases": Decreases,
}
Place = Callable[[int, int], Span]
_MOST_COMPLAINTS = 3
_WORD = re.compile(r"\w+")


@dataclass
class Draft:
    """The specification of one function or class while it is being read.

    Attributes:
        owner: Qualified name.
        scope: What its clauses may name.
        index: The lines of the text.
        written: True once a person's specification was found.
    """

    owner: str
    scope: ClauseScope
    index: LineIndex
    clauses: list[Clause] = field(default_factory=list)
    holes: dict[str, Hole] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    written: bool = False

    def problem(self, code: Code, message: str, span: Span, suggestion: str | None = None) -> None:
        """Notes a problem of this function or class."""
        self.problems.append(
            Problem(code=code, message=message, span=span, function=self.owner, suggestion=suggestion)
        )


@dataclass(frozen=True)
class ClauseText:
    """A clause's text as some notation gives it.

    Attributes:
        value: The decoded text, which is what is parsed.
        place: Source span of ``value[start:end]``.
    """

    value: str
    place: Place


def in_literal(index: LineIndex, literal: Literal, start: int, end: int) -> ClauseText:
    """The text ``literal.value[start:end]``."""

    def place(first: int, last: int) -> Span:
        return index.span(*literal.source(start + first, start + last))

    return ClauseText(literal.value[start:end], place)


def clause_id(kind: str, normalised: str) -> str:
    """A clause's identity: formatting and order cannot change it, its kind does."""
    return digest(f"{kind}:{normalised}")


def normalise(tree: ast.expr, scope: ClauseScope, *, entry_state: bool) -> ast.expr:
    """The tree in the notation's own words: ``result`` or ``__return__``, and ``old(e)``.

    Over the entry state ``old(e)`` is ``e``.
    """
    return _Normaliser(scope, entry_state).visit(tree)


class _Normaliser(ast.NodeTransformer):
    def __init__(self, scope: ClauseScope, entry_state: bool) -> None:
        self.scope = scope
        self.entry_state = entry_state

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "__return__" and "__return__" not in self.scope.parameters:
            return ast.copy_location(ast.Name(self.scope.result, ast.Load()), node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        path = [node.attr]
        root = node.value
        while isinstance(root, ast.Attribute):
            path.append(root.attr)
            root = root.value
        if not (isinstance(root, ast.Name) and root.id == "__old__"):
            self.generic_visit(node)
            return node
        inner: ast.expr = ast.copy_location(ast.Name(path.pop(), ast.Load()), node)
        while path:
            inner = ast.copy_location(ast.Attribute(inner, path.pop(), ast.Load()), node)
        call = ast.Call(ast.copy_location(ast.Name("old", ast.Load()), node), [inner], [])
        return inner if self.entry_state else ast.copy_location(call, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        is_old = isinstance(node.func, ast.Name) and node.func.id == "old" and len(node.args) == 1
        if self.entry_state and is_old and not self.scope.module.has("old"):
            return node.args[0]
        return node


@dataclass(frozen=True)
class Read:
    """A clause's text once read: what it means, and what it is called when it means nothing yet."""

    expression: str | None
    identity: str
    text: str
    span: Span
    holes: tuple[str, ...] = ()

    def fields(self, kind: str, source: ClauseSource, prose: str = "") -> dict[str, Any]:
        """What all clauses share."""
        return {
            "id": clause_id(kind, self.identity),
            "text": self.text,
            "expression": self.expression,
            "prose": prose,
            "span": self.span,
            "source": source,
            "holes": self.holes,
        }


def read_expression(draft: Draft, text: ClauseText, moment: Moment, *, strict: bool = True) -> Read:
    """Reads a checked expression; with ``strict`` what is wrong with it becomes a ``bad-clause``.

    A clause that is bad has no expression, so that nobody checks something else than was meant.
    """
    span = text.place(0, len(text.value))
    source = draft.index.text_at(span)
    parsed = notation.parse(text.value)
    collapsed = " ".join(text.value.split())
    if parsed.tree is None or parsed.expression is None:
        if strict:
            draft.problem("bad-clause", f"`{shortened(collapsed)}` cannot be checked: {parsed.error}", span)
        return Read(None, collapsed, source, span)
    expression, tree = _normalised(parsed.expression, parsed.tree, draft.scope, moment)
    found = complaints(tree, draft.scope, moment)
    if found:
        for complaint in found[:_MOST_COMPLAINTS] if strict else ():
            where = text.place(*parsed.offset_of(complaint.node))
            message = f"`{shortened(collapsed)}` cannot be checked: {complaint.message}"
            draft.problem("bad-clause", message, where, complaint.suggestion)
        return Read(None, collapsed, source, span)
    ids: dict[str, None] = {}
    for use in parsed.holes:
        ids[term_hole(draft, use.name, text.place(use.start, use.end), constraint=(collapsed, span))] = None
    return Read(expression, expression, source, span, tuple(ids))


def term_hole(
    draft: Draft,
    name: str,
    span: Span,
    *,
    type_text: str | None = None,
    question: str = "",
    constraint: tuple[str, Span] | None = None,
) -> str:
    """Adds ``?name`` to the draft's holes, or what is said here to the one that is there; gives its id."""
    key = f"{draft.owner}:term:{name}"
    known = draft.holes.get(key)
    extra = (
        () if constraint is None else (Constraint(text=constraint[0], origin="clause", span=constraint[1]),)
    )
    draft.written = True
    if known is None:
        draft.holes[key] = Hole(
            id=key,
            hole="term",
            name=name,
            type=type_text,
            question=question or f"What is `{name}`?",
            span=span,
            constraints=extra,
        )
        return key
    update: dict[str, Any] = {"constraints": known.constraints + extra}
    if type_text is not None and known.type is None:
        update["type"] = type_text
    if question:
        update |= {"question": question, "span": span}
    draft.holes[key] = known.model_copy(update=update)
    return key


def open_clause(draft: Draft, kind: str, prose: str, span: Span) -> str:
    """Adds the hole that a prose bullet is; gives its id."""
    words = [word.lower() for word in _WORD.findall(prose)[:5]]
    stem = "-".join(words) or kind
    name, count = stem, 1
    while f"{draft.owner}:clause:{name}" in draft.holes:
        count += 1
        name = f"{stem}-{count}"
    key = f"{draft.owner}:clause:{name}"
    draft.holes[key] = Hole(
        id=key,
        hole="clause",
        name=name,
        type="int" if kind == "decreases" else "bool",
        question=f"Which expression says “{shortened(prose)}”?",
        span=span,
    )
    return key


def shortened(text: str, limit: int = 80) -> str:
    """A text that fits into a message.

    Requires:
        - ``limit > 0``

    Ensures:
        - ``len(result) <= limit``
        - ``implies(len(text) <= limit, result == text)``
    """
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _normalised(expression: str, tree: ast.expr, scope: ClauseScope, moment: Moment) -> tuple[str, ast.expr]:
    """The expression in the notation's own words; most need no change."""
    if "__" not in expression and (moment == "after" or "old(" not in expression):
        return expression, tree
    changed = normalise(tree, scope, entry_state=moment == "before")
    return notation.unparse(changed) or expression, changed
