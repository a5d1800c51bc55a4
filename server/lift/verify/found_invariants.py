"""What a proof found out about loops, for people: invariants as Python, the few that say the rest.

A loop may be met on several paths; only what is invariant on all of them is told.
"""

from __future__ import annotations

import ast
import time
from typing import TYPE_CHECKING, Any

from lift_ir import FoundInvariant, LoopResult

from lift.verify.program import own_nodes

if TYPE_CHECKING:
    from lift.verify.invariants import Candidate
    from lift.verify.state import Engine, State

_MOST = 10
_SECONDS = 0.3
"""For leaving out what follows from the rest; what there was no time for is told as well."""
_QUERY_MS = 30
ROUNDS = ("k", "k_", "rounds_done")
"""Names for the number of rounds done, in loops that do not count them; the first one that is free."""
_SAID_ONLY_IN_CLAUSES = {"old", "implies", "result", "__return__"}


def of(engine: Engine, function: ast.AST) -> tuple[LoopResult, ...]:
    """The invariants of the loops of a function, after a run over all of its paths."""
    loops = [n for n in own_nodes(function) if isinstance(n, ast.While | ast.For)]
    found: list[LoopResult] = []
    deadline = min(engine.deadline, time.monotonic() + _SECONDS)
    for loop in sorted(loops, key=lambda n: n.lineno):
        visits = [(head, kept) for node, head, kept in engine.loop_visits if node is loop]
        if not visits:
            continue
        others = [{c.text for c in kept} for _, kept in visits[:-1]]
        head, kept = visits[-1]
        common = [c for c in kept if all(c.text in o for o in others)]
        texts = texts_of(reduced(engine, head, common, deadline))
        known = written(loop)
        ranked = sorted(texts, key=lambda t: not is_telling(t))
        shown = [FoundInvariant(text=t, assertable=texts[t]) for t in ranked if t not in known]
        if shown:
            rounds = next(n for n in ROUNDS if n not in head.locals)
            used = any(_uses(i.text, rounds) and not i.assertable for i in shown[:_MOST])
            found.append(
                LoopResult(
                    line=loop.lineno,
                    invariants=tuple(shown[:_MOST]),
                    rounds=rounds if used and isinstance(loop, ast.For) else None,
                )
            )
    return tuple(found)


def is_telling(text: str) -> bool:
    """Whether it says more than a bound of a single variable."""
    return any(sign in text for sign in ("==", "all(", "any(", "sum(", " in "))


def _uses(text: str, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(ast.parse(text, mode="eval")))


def reduced(engine: Engine, head: State, kept: list[Candidate], deadline: float) -> list[Candidate]:
    """The candidates that have a text, without those that follow from others, the longest left out first.

    What can be asserted stays unless it follows from what can be asserted as well.
    """
    import z3

    from lift.verify.state import BudgetExceeded
    from lift.verify.values import Unsupported

    judged = []
    for candidate in kept:
        try:
            judged.append((candidate, candidate.of(head)))
        except (Unsupported, z3.Z3Exception):
            continue
        except BudgetExceeded:
            break
    named = [j for j in judged if j[0].text]
    for one in _evidently_implied(named):
        judged.remove(one)
        named.remove(one)
    for one in sorted(named, key=lambda j: (j[0].stated, -len(j[0].text))):
        if time.monotonic() > deadline:
            break
        rest = [j[1].holds for j in judged if j is not one and (j[0].stated or not one[0].stated)]
        try:
            if not engine.feasible(head, *rest, one[1].fails, timeout_ms=_QUERY_MS):
                judged.remove(one)
        except BudgetExceeded:
            break
    return [candidate for candidate, _ in judged if candidate.text]


def _evidently_implied(judged: list[Any]) -> list[Any]:
    """Those that need no solver: the same formula once more, and a disjunction with one that holds."""
    found, seen = [], set()
    for one in judged:
        key = one[1].holds.get_id()
        if key in seen:
            found.append(one)
        seen.add(key)
    texts = {j[0].text for j in judged if j[0].stated}
    for one in judged:
        tree = _parsed(one[0].text)
        parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.Or) else []
        if one not in found and any(ast.unparse(p) in texts for p in parts):
            found.append(one)
    return found


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None


def texts_of(candidates: list[Candidate]) -> dict[str, bool]:
    """The texts, and whether each can be asserted."""
    found: dict[str, bool] = {}
    for candidate in candidates:
        text = plain(candidate.text)
        if text is not None:
            found[text] = found.get(text, False) or (candidate.stated and _is_python(text))
    return found


def plain(text: str) -> str | None:
    """The text in Python's own words and without detours; None if it is no expression."""
    tree = _parsed(text)
    return None if tree is None else ast.unparse(_Plain().visit(tree))


class _Plain(ast.NodeTransformer):
    """``implies(p, q)`` as ``not p or q``, ``(a, b)[0]`` as ``a``, ``all((x for …))`` as ``all(x for …)``."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="implies"), args=[first, second], keywords=[]):
                return ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), first), second])
            case ast.Call(args=[ast.GeneratorExp() as over], keywords=[]):
                return ast.Name(ast.unparse(node.func) + ast.unparse(over), ast.Load())
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Subscript(value=ast.Tuple(elts=parts), slice=ast.Constant(value=int(at))):
                if 0 <= at < len(parts) and not any(isinstance(p, ast.Starred) for p in parts):
                    return parts[at]
        return node


def _is_python(text: str) -> bool:
    names = {n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)}
    return not names & _SAID_ONLY_IN_CLAUSES


def written(loop: ast.While | ast.For) -> set[str]:
    """What a person asserts at the loop's head already, and the conjuncts of it."""
    found: set[str | None] = set()
    for statement in loop.body:
        if not isinstance(statement, ast.Assert):
            break
        parts = [statement.test]
        if isinstance(statement.test, ast.BoolOp) and isinstance(statement.test.op, ast.And):
            parts += statement.test.values
        found |= {plain(ast.unparse(p)) for p in parts}
    return {text for text in found if text is not None}
