"""What a loop may ask of its own variables: the specification's conditions, with those in the result's place.

Texts of Python throughout; what they mean is found out by running and proving the bodies that hold them.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping

from lift.resolve.bodies.readable import negated, tidied
from lift.resolve.bodies.subject import Subject, plain
from lift.resolve.bodies.templates.scope import bound_names
from lift.verify.types import TInt, TList, TStr, TTupleOf

_MOST = 14


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.names.get(node.id, node))


def renamed(node: ast.expr, names: Mapping[str, str]) -> ast.expr:
    """An expression with others in the places of names."""
    nodes = {n: ast.parse(t, mode="eval").body for n, t in names.items()}
    return ast.fix_missing_locations(_Renamed(nodes).visit(copy.deepcopy(node)))


def text(node: ast.expr) -> str:
    """A condition as a person writes it."""
    return ast.unparse(ast.fix_missing_locations(tidied(node)))


def asked_of(subject: Subject, variable: str) -> list[str]:
    """Conditions on an integer variable, the specification's own before their opposites.

    The variable stands where a clause says ``result``, and where it says something of each place.
    """
    numbers = {n for n, t in _bound(subject).items() if isinstance(t, TInt)}
    if isinstance(subject.returns, TInt):
        numbers.add(subject.outcome)
    found: dict[str, None] = {}
    for part in _conditions(subject.ensures):
        free = {n.id for n in ast.walk(part) if isinstance(n, ast.Name)}
        inside = {n.id for n in ast.walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        open_ = sorted(free & numbers - inside)
        hidden = free & (set(_bound(subject)) | {subject.outcome}) - inside - set(open_)
        if not open_ or hidden or len(open_) > 2:
            continue
        for one in {frozenset(open_)} if len(open_) == 1 else {frozenset([o]) for o in open_}:
            if set(open_) - one:
                continue
            for place in (variable, f"{variable} + 1"):
                named = renamed(plain(part), dict.fromkeys(one, place))
                found[text(named)] = None
                found[text(negated(named))] = None
    return list(found)[: 2 * _MOST]


def _bound(subject: Subject) -> dict[str, object]:
    types = {p.name: p.type for p in subject.parameters} | {subject.outcome: subject.returns}
    return dict(bound_names((*subject.ensures, *subject.requires), types))


def _conditions(clauses: Iterable[ast.expr]) -> Iterator[ast.expr]:
    for clause in clauses:
        for node in ast.walk(clause):
            if isinstance(node, ast.Compare | ast.BoolOp):
                yield node
                if isinstance(node, ast.Compare) and len(node.ops) > 1:
                    yield from _links(node)


def _links(node: ast.Compare) -> Iterator[ast.expr]:
    """``a <= b`` and ``b < c`` of ``a <= b < c``."""
    terms = [node.left, *node.comparators]
    for place, op in enumerate(node.ops):
        yield ast.Compare(terms[place], [op], [terms[place + 1]])


def sequences(subject: Subject) -> list[str]:
    """The parameters that have places."""
    return [p.name for p in subject.parameters if isinstance(p.type, TList | TTupleOf | TStr)]


def integers(subject: Subject) -> list[str]:
    """The parameters that are integers."""
    return [p.name for p in subject.parameters if isinstance(p.type, TInt)]


def fresh(subject: Subject, *wanted: str) -> str:
    """The first of these names that is not a parameter's or the function's own."""
    taken = {p.name for p in subject.parameters} | {subject.ir.name}
    return next((w for w in wanted if w not in taken), f"{wanted[0]}_")
