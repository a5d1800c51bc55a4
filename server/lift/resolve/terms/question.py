"""An open term with all that bears on it: the clauses that it stands in, and the terms beside it.

Text work; runs nothing and asks no solver.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lift_ir import Clause, Function, Hole, Module

from lift.edit import Edit, Failure, annotate, apply, fill
from lift.extract import extract
from lift.resolve.conjuncts import conjuncts
from lift.resolve.context import Context
from lift.resolve.infer.subject import NotModelled, with_types
from lift.resolve.types import candidates_for
from lift.source.text import Snapshot

PREFIX = "__hole_"

Assignment = Mapping[str, str]
"""What each open term is, by its name."""


@dataclass(frozen=True)
class Part:
    """A clause, or a conjunct of one, that open terms stand in."""

    kind: str
    expression: str
    names: tuple[str, ...]
    exception: str = ""


@dataclass(frozen=True)
class Question:
    """Open terms of a function that have to be found together.

    Attributes:
        module: The module, with the types that are assumed.
        text: Its text.
        function: The function, as it is there.
        name: The term that is asked for.
        names: All terms that have to be found together, the one that is asked for first.
        clauses: The clauses that they stand in.
        parts: The same in conjuncts.
        assumed: Parameter or ``return`` → the type that was assumed for it.
    """

    context: Context
    module: Module
    text: str
    function: Function
    name: str
    names: tuple[str, ...]
    clauses: tuple[Clause, ...]
    parts: tuple[Part, ...]
    assumed: Mapping[str, str]

    @property
    def has_body(self) -> bool:
        """Whether there is a body, which keeps or breaks what is filled in."""
        return not (any(h.hole == "body" for h in self.function.holes) or self.function.terms_in_code())

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of the clauses that the terms stand in."""
        return frozenset(p.kind for p in self.parts)

    @property
    def separable(self) -> bool:
        """Whether each term can be looked for by itself: what speaks of one speaks of no other."""
        return all(len(p.names) == 1 for p in self.parts)

    def only(self, name: str) -> Question:
        """The same question about one of the terms alone."""
        return replace(
            self, name=name, names=(name,), parts=tuple(p for p in self.parts if p.names == (name,))
        )

    def closed(self, kind: str) -> list[str]:
        """The clauses of a kind that nothing is open in."""
        found = [c.expression for c in self.function.clauses if c.kind == kind and not c.holes]
        return [expression for expression in found if expression is not None]


def question_of(context: Context) -> Question | None:
    """The question that a term hole is; None where it stands in no clause of a function.

    Raises:
        NotModelled: A parameter has no type, and nothing tells which.
    """
    if context.function is None:
        return None
    question = typed_question(context)
    function = question.function
    group = _group(function, context.hole)
    ids = {h.id: h.name for h in function.holes if h.hole == "term"}
    clauses = [
        c
        for c in function.clauses
        if c.expression is not None and c.kind != "example" and any(ids.get(i) in group for i in c.holes)
    ]
    parts = tuple(part for clause in clauses for part in _parts(clause, group))
    if not parts:
        return None
    return replace(question, names=group, clauses=tuple(clauses), parts=parts)


def typed_question(context: Context) -> Question:
    """The question of a hole of a function, of which no clause is known yet, in a text with types.

    Raises:
        NotModelled: A parameter has no type, and nothing tells which; or it is no function's hole.
    """
    if context.function is None:
        raise NotModelled("it is no function's")
    qualname = context.function.qualname
    text, module, function, assumed = with_types(context.text, qualname, context.module.path)
    text, module, function, assumed = _with_result_type(text, module, function, assumed)
    name = context.hole.name
    return Question(context, module, text, function, name, (name,), (), (), assumed)


def _with_result_type(
    text: str, module: Module, function: Function, assumed: Mapping[str, str]
) -> tuple[str, Module, Function, Mapping[str, str]]:
    if function.signature.returns.kind == "type":
        return text, module, function, assumed
    found = [c for c in candidates_for(module, text, function, "return") if not c.imports]
    made = annotate(text, function, "return", found[0].text) if found else None
    if made is None or isinstance(made, Failure):
        return text, module, function, assumed
    read = extracted(apply(text, made), module.path, function.qualname)
    return (
        (*read, {**assumed, "return": found[0].text})
        if read is not None
        else (text, module, function, assumed)
    )


def extracted(text: str, path: str, qualname: str) -> tuple[str, Module, Function] | None:
    """A text with its module and one of its functions; None if it does not parse or lacks it."""
    extraction = extract(Snapshot(path, None, text))
    function = next((f for f in extraction.module.all_functions() if f.qualname == qualname), None)
    if extraction.error is not None or function is None:
        return None
    return text, extraction.module, function


def _group(function: Function, hole: Hole) -> tuple[str, ...]:
    """The terms that share a clause with one, or with one that does."""
    names = {h.id: h.name for h in function.holes if h.hole == "term"}
    group = {hole.id}
    grown = True
    while grown:
        grown = False
        for clause in function.clauses:
            beside = {i for i in clause.holes if i in names}
            if clause.expression is not None and beside & group and not beside <= group:
                group |= beside
                grown = True
    return (hole.name, *sorted(names[i] for i in group if i != hole.id))


def _parts(clause: Clause, group: tuple[str, ...]) -> list[Part]:
    assert clause.expression is not None
    tree = ast.parse(clause.expression, mode="eval").body
    exception = clause.exception if clause.kind == "raises" else ""
    split = conjuncts(tree) if clause.kind in ("requires", "ensures") else [tree]
    return [Part(clause.kind, ast.unparse(one), open_in(one, group), exception) for one in split]


def open_in(tree: ast.AST, group: tuple[str, ...]) -> tuple[str, ...]:
    """The terms of a group that occur in an expression."""
    named = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return tuple(name for name in group if PREFIX + name in named)


def substituted(expression: str, assignment: Assignment) -> str:
    """A clause with open terms replaced."""
    values = {PREFIX + name: ast.parse(text, mode="eval").body for name, text in assignment.items()}
    return ast.unparse(_Put(values).visit(ast.parse(expression, mode="eval")).body)


class _Put(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._values.get(node.id, node)


def filled(question: Question, assignment: Assignment) -> tuple[str, Module, Function] | None:
    """The text with open terms filled, as the editor would write it; None where that gives a worse text."""
    edits: list[Edit] = []
    for name, value in assignment.items():
        hole = next((h for h in question.function.holes if h.hole == "term" and h.name == name), None)
        made = fill(question.text, question.function, hole, value) if hole is not None else None
        if made is None or isinstance(made, Failure):
            return None
        edits += made
    module = question.module
    read = extracted(apply(question.text, edits), module.path, question.function.qualname)
    return read if read is not None and _bad(read[0], module) <= _bad(question.text, module) else None


def _bad(text: str, module: Module) -> int:
    return sum(p.code == "bad-clause" for p in extract(Snapshot(module.path, None, text)).problems)
