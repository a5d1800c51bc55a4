"""Shorter expressions of the same value: what Z3 proves superfluous is left out, the rest is tidied.

A condition is simplified under those that hold where it is asked, so that ``n % 3 == 0 and n % 5 != 0``
becomes ``n % 3 == 0`` after ``n % 15 == 0`` was asked. Each step is proved; the whole is checked afterwards.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Sequence

from lift.resolve.bodies.problem import Problem
from lift.resolve.bodies.readable import negated, tidied
from lift.resolve.bodies.sorts import Untranslatable, conj, equal, neg
from lift.verify.types import TBool, TInt

_QUERY_MS = 150


def simplified(problem: Problem | None, node: ast.expr, booleans: frozenset[str], seconds: float) -> ast.expr:
    """An expression for a result in as few words as can be shown to mean the same.

    Args:
        problem: What is assumed of the arguments; None if that cannot be said, and nothing is proved then.
        booleans: Names of truth values.
        seconds: For the proofs.
    """
    integers = problem is not None and isinstance(problem.subject.returns, TInt)
    node = tidied(node, booleans, integers=integers)
    if problem is not None:
        work = _Work(problem, time.monotonic() + seconds)
        for _ in range(2):
            before = ast.dump(node)
            node = work.value(node, ())
            node = tidied(node, booleans, integers=integers)
            if ast.dump(node) == before:
                break
    return node


class _Work:
    def __init__(self, problem: Problem, deadline: float) -> None:
        self.problem = problem
        self.deadline = deadline
        self.translator = problem.translator()
        self.boolean = isinstance(problem.subject.returns, TBool)

    def follows(self, facts: Sequence[str], claim: str) -> bool:
        if claim == "true":
            return True
        return time.monotonic() < self.deadline and self.problem.follows(facts, claim, _QUERY_MS)

    def value(self, node: ast.expr, facts: tuple[str, ...]) -> ast.expr:
        """A value under facts, with choices that are decided by them taken."""
        if isinstance(node, ast.IfExp):
            return self._choice(node, facts)
        if self.boolean and isinstance(node, ast.BoolOp | ast.Compare):
            return self.condition(node, facts)
        return node

    def _choice(self, node: ast.IfExp, facts: tuple[str, ...]) -> ast.expr:
        try:
            holds = self.translator.holds(node.test)
            fails = conj(self.translator.truth(node.test)[1], neg(self.translator.truth(node.test)[0]))
        except Untranslatable:
            return node
        if self.follows(facts, holds):
            return self.value(node.body, facts)
        if self.follows(facts, fails):
            return self.value(node.orelse, facts)
        test = self.condition(node.test, facts)
        body = self.value(node.body, (*facts, holds))
        orelse = self.value(node.orelse, (*facts, fails))
        if self._alike((*facts, holds), body, orelse):
            return orelse
        if self._alike((*facts, fails), body, orelse):
            return body
        return ast.IfExp(test, body, orelse)

    def _alike(self, facts: Sequence[str], a: ast.expr, b: ast.expr) -> bool:
        """Whether two results without choices in them are equal."""
        if isinstance(a, ast.IfExp) or isinstance(b, ast.IfExp):
            return False
        try:
            (x, dx), (y, dy) = self.translator.value(a), self.translator.value(b)
            same = conj(dx, dy, equal(x, y))
        except Untranslatable:
            return False
        return x.sort == y.sort and same != "false" and self.follows(facts, same)

    def condition(self, node: ast.expr, facts: tuple[str, ...]) -> ast.expr:
        """A condition without the parts that make no difference under the facts."""
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            node = _unchained(node)
        if not isinstance(node, ast.BoolOp):
            return node
        both = isinstance(node.op, ast.And)
        parts = list(node.values)
        for part in sorted(node.values, key=lambda v: -len(ast.unparse(v))):
            rest = [p for p in parts if p is not part]
            if rest and part in parts and self._superfluous(part, rest, facts, both=both):
                parts = rest
        inner: list[ast.expr] = []
        for place, part in enumerate(parts):
            try:
                around = [self.translator.holds(p if both else negated(p)) for p in parts[:place]]
            except Untranslatable:
                around = []
            inner.append(self.condition(part, (*facts, *around)))
        return inner[0] if len(inner) == 1 else ast.BoolOp(node.op, inner)

    def _superfluous(
        self, part: ast.expr, rest: Sequence[ast.expr], facts: tuple[str, ...], *, both: bool
    ) -> bool:
        """Whether a part of ``and`` holds where the others do, or a part of ``or`` only where they do."""
        try:
            others = self.translator.holds(
                rest[0] if len(rest) == 1 else ast.BoolOp(ast.And() if both else ast.Or(), list(rest))
            )
            mine = self.translator.holds(part)
        except Untranslatable:
            return False
        if both:
            return self.follows((*facts, others), mine)
        return self.follows((*facts, mine), others)


def _unchained(node: ast.Compare) -> ast.BoolOp:
    """``a <= b`` and ``b <= c`` for ``a <= b <= c``."""
    lefts = [node.left, *node.comparators]
    parts = zip(lefts, node.ops, node.comparators, strict=False)
    return ast.BoolOp(ast.And(), [ast.Compare(a, [op], [b]) for a, op, b in parts])
