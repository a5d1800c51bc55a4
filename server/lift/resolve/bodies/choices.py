"""Results that are one of few values, and records: what the clauses say of each value or of each field.

``(result == Color.GREEN) == go`` asks for a choice on ``go``; ``result.x == p.y`` says what a field is. The
candidates are few, and each is run and checked like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from lift.resolve.bodies.inversion import definitions
from lift.resolve.bodies.readable import negated, statements, tidied
from lift.resolve.bodies.shown import is_fitted
from lift.resolve.bodies.subject import Proof, Subject, plain
from lift.verify.types import TBool, TClass, TEnum, TTuple

_CONDITIONS, _MEMBERS = 8, 5
_JUDGE_SECONDS, _PROOF_SECONDS = 3.0, 5.0


def found(subject: Subject) -> Iterator[Proof]:
    """The bodies of these kinds that no run breaks, the shortest first, with what their check says."""
    made = list(dict.fromkeys(statements(tidied(node)) for node in _made(subject)))
    made = sorted((b for b in made if not is_fitted(b, subject.known, subject.constants)), key=len)
    judged = subject.judge(made, _JUDGE_SECONDS) if made else []
    for body, verdict in zip(made, judged, strict=True):
        if not verdict.fine or subject.left < 0.5:
            continue
        proof = subject.prove(body, _PROOF_SECONDS)
        if proof is not None and proof.strength != "refuted":
            yield proof


def _made(subject: Subject) -> Iterator[ast.expr]:
    match subject.returns:
        case TEnum(name=name, members=members):
            values: list[ast.expr] = [_member(name, m) for m in members[:_MEMBERS]]
            yield from _choices(values, _conditions(subject))
        case TClass(name=name):
            yield from _records(subject, name)
        case TTuple(items=items):
            parts = [ast.Subscript(_result(subject), ast.Constant(n), ast.Load()) for n in range(len(items))]
            fields = _each(subject, parts)
            if fields is not None:
                yield ast.Tuple(fields, ast.Load())


def _result(subject: Subject) -> ast.expr:
    return ast.Name(subject.outcome, ast.Load())


def _member(name: str, member: str) -> ast.expr:
    return ast.Attribute(ast.Name(name, ast.Load()), member, ast.Load())


def _conditions(subject: Subject) -> list[ast.expr]:
    """What the clauses ask of the arguments alone, and arguments that are truth values."""
    found: dict[str, ast.expr] = {}
    names = {p.name for p in subject.parameters}
    truths = {p.name for p in subject.parameters if isinstance(p.type, TBool)}
    for tree in subject.ensures:
        for node in ast.walk(tree):
            inner = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            asks = isinstance(node, ast.Compare | ast.BoolOp) or (
                isinstance(node, ast.Name) and node.id in truths
            )
            if asks and isinstance(node, ast.expr) and subject.outcome not in inner and inner & names:
                found.setdefault(ast.unparse(node), plain(node))
    return list(found.values())[:_CONDITIONS]


def _choices(values: list[ast.expr], conditions: list[ast.expr]) -> Iterator[ast.expr]:
    yield from values
    for condition in conditions:
        for one, other in permutations(values, 2):
            yield ast.IfExp(condition, one, other)
    for first, second in permutations(conditions, 2):
        for one, two, other in permutations(values, 3):
            yield ast.IfExp(first, one, ast.IfExp(second, two, other))
            yield ast.IfExp(first, one, ast.IfExp(negated(second), two, other))


def _records(subject: Subject, name: str) -> Iterator[ast.expr]:
    """The constructor's call, where clauses say what each field is."""
    fields = _fields(subject, name)
    parts = [ast.Attribute(_result(subject), f, ast.Load()) for f in fields]
    values = _each(subject, parts) if fields else None
    if values is not None:
        named = [ast.keyword(f, v) for f, v in zip(fields, values, strict=True)]
        yield ast.Call(ast.Name(name, ast.Load()), [], named)


def _fields(subject: Subject, name: str) -> list[str]:
    """What a class without a constructor of its own takes, such as a data class."""
    for node in ast.parse(subject.text).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            if any(isinstance(s, ast.FunctionDef) and s.name == "__init__" for s in node.body):
                return []
            rows = [s for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
            return [s.target.id for s in rows if isinstance(s.target, ast.Name)]
    return []


_PART = "__part__"


class _Parted(ast.NodeTransformer):
    """One part of the result as a name of its own."""

    def __init__(self, part: ast.expr) -> None:
        self.part = ast.dump(part)

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and ast.dump(node) == self.part:
            return ast.Name(_PART, ast.Load())
        return self.generic_visit(node)


def _each(subject: Subject, parts: Sequence[ast.expr]) -> list[ast.expr] | None:
    """What each part of the result is by the clauses' own words; None if they do not say it of all."""

    found: list[ast.expr] = []
    for part in parts:
        trees = [ast.parse(ast.unparse(t), mode="eval").body for t in _conjuncts(subject.ensures)]
        seen = [_Parted(part).visit(t) for t in trees]
        stated = tuple(t for t in seen if isinstance(t, ast.expr) and not _mentions(t, subject.outcome))
        one = next(definitions(replace(subject, ensures=stated, outcome=_PART)), None)
        if one is None:
            return None
        found.append(one)
    return found


def _conjuncts(trees: tuple[ast.expr, ...]) -> Iterator[ast.expr]:
    for tree in trees:
        if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
            yield from _conjuncts(tuple(tree.values))
        else:
            yield tree


def _mentions(node: ast.expr, one: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == one for n in ast.walk(node))
