"""How a clause is judged on values: its old values taken out, and a plan for saying which part is false.

What carries a plan out is ``sandbox_clauses``, in the sandbox's child or beside a test. Must not import
anything of the verifier.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field
from typing import Any

OLD, ENTRY = "__old__", "__entry_"
"""How a rewritten clause asks for an old value, and for a parameter's copy from before the call."""


def planned(expression: str, parameters: frozenset[str]) -> dict[str, Any]:
    """A clause, ready to be judged by ``sandbox_clauses``.

    Args:
        expression: Normalised, with ``result`` or ``__return__``, ``old(e)``, ``implies(p, q)``.
        parameters: The function's parameters, whose values from before the call may be asked for.

    Returns:
        ``plan``, ``olds`` and ``snapshot``; or ``bad``, why it cannot be judged.
    """
    clause = _Clause(parameters)
    prepared: dict[str, Any] = {}
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
        prepared["plan"] = _plan(tree, clause, frozenset())
        if any(map(_asks_identity_of_old, ast.walk(tree))):
            return prepared | {"bad": f"`{expression}` asks for the identity of an old value"}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return prepared | {"bad": f"`{expression}` cannot be evaluated: {error}"}
    return prepared | {"olds": clause.olds, "snapshot": sorted(clause.snapshot)}


def _asks_identity_of_old(node: ast.AST) -> bool:
    """Whether an old value, which is a copy, is compared by identity with anything but a constant."""
    match node:
        case ast.Compare(left=left, ops=operators, comparators=rights):
            sides = [left, *rights]
            for number, operator in enumerate(operators):
                pair = sides[number : number + 2]
                if isinstance(operator, ast.Is | ast.IsNot) and not any(map(_is_constant, pair)):
                    if any("old" in _names(side) for side in pair):
                        return True
    return False


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


@dataclass
class _Clause:
    """What is collected while one clause is rewritten.

    Attributes:
        olds: Expressions whose values are taken at entry, in the order of their numbers.
        snapshot: Parameters that are copied at entry, for an ``old`` that mentions a bound variable and
            can be evaluated only when that variable has a value.
    """

    parameters: frozenset[str]
    olds: list[str] = field(default_factory=list)
    snapshot: set[str] = field(default_factory=set)


class _Rewrite(ast.NodeTransformer):
    """Turns ``old`` and ``implies`` into plain Python."""

    def __init__(self, clause: _Clause, bound: frozenset[str]) -> None:
        self.clause = clause
        self.bound = bound

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="old"), args=[inner], keywords=[]):
                return self._old(inner)
            case ast.Call(func=ast.Name(id="implies"), args=[premise, conclusion], keywords=[]):
                # The conclusion may be meaningless where the premise is false, so it stays unevaluated.
                test, body = self.visit(premise), self.visit(conclusion)
                return ast.IfExp(test=test, body=body, orelse=ast.Constant(True))
        return self.generic_visit(node)

    def _comprehension(self, node: Any) -> ast.AST:
        names = {name for loop in node.generators for name in _names(loop.target)}
        return _Rewrite(self.clause, self.bound | names).generic_visit(node)

    visit_GeneratorExp = visit_ListComp = visit_SetComp = visit_DictComp = _comprehension

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        names = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        return _Rewrite(self.clause, self.bound | names).generic_visit(node)

    def _old(self, inner: ast.expr) -> ast.AST:
        if _names(inner) & self.bound:
            renamed = _AtEntry(self.clause).visit(copy.deepcopy(inner))
            return _Rewrite(self.clause, self.bound).visit(renamed)
        text = ast.unparse(_Rewrite(self.clause, self.bound).visit(copy.deepcopy(inner)))
        if text not in self.clause.olds:
            self.clause.olds.append(text)
        number = ast.Constant(self.clause.olds.index(text))
        return ast.Call(func=ast.Name(id=OLD, ctx=ast.Load()), args=[number], keywords=[])


class _AtEntry(ast.NodeTransformer):
    """Lets parameters mean their copies from before the call."""

    def __init__(self, clause: _Clause) -> None:
        self.clause = clause

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self.clause.parameters:
            return node
        self.clause.snapshot.add(node.id)
        return ast.Name(id=ENTRY + node.id, ctx=node.ctx)


_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def _plan(node: ast.expr, clause: _Clause, bound: frozenset[str]) -> dict[str, Any]:
    """How to find out which part of a clause is false: a tree of its parts, as text and as code."""
    rewritten = _Rewrite(clause, bound).visit(copy.deepcopy(node))
    plan: dict[str, Any] = {
        "text": ast.unparse(node),
        "code": ast.unparse(rewritten),
        "constant": isinstance(node, ast.Constant),
        "form": "other",
    }
    match node:
        case ast.BoolOp(op=op, values=values):
            plan["form"] = "and" if isinstance(op, ast.And) else "or"
            plan["parts"] = [_plan(v, clause, bound) for v in values]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            plan |= {"form": "not", "parts": [_plan(operand, clause, bound)]}
        case ast.Compare(left=left, ops=operators, comparators=rights):
            plan |= {"form": "compare", "parts": [_plan(e, clause, bound) for e in (left, *rights)]}
            plan["operators"] = [_OPERATORS[type(o)] for o in operators]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            plan |= {"form": "if", "parts": [_plan(e, clause, bound) for e in (test, body, orelse)]}
        case ast.Call(func=ast.Name(id="implies"), args=[premise, conclusion], keywords=[]):
            plan |= {"form": "implies", "parts": [_plan(e, clause, bound) for e in (premise, conclusion)]}
        case ast.Call(
            func=ast.Name(id="all"), args=[ast.GeneratorExp() | ast.ListComp() as inner], keywords=[]
        ):
            plan |= _plan_all(inner, clause, bound)
    return plan


def _plan_all(
    node: ast.GeneratorExp | ast.ListComp, clause: _Clause, bound: frozenset[str]
) -> dict[str, Any]:
    loops: list[dict[str, Any]] = []
    for loop in node.generators:
        iterable = _plan(loop.iter, clause, bound)
        names = [n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)]
        bound = bound | frozenset(names)
        conditions = [_plan(test, clause, bound)["code"] for test in loop.ifs]
        target = ast.unparse(loop.target)
        loops.append({"target": target, "names": names, "iterable": iterable["code"], "ifs": conditions})
    return {"form": "all", "loops": loops, "parts": [_plan(node.elt, clause, bound)]}
