"""Loop invariants in linear integer arithmetic from Z3's Spacer, which solves constrained Horn clauses.

The symbolic run of one round is the transition; what is not linear in it is an unknown number. What comes
back is a candidate like any other: whether it is inductive is decided in ``loops.py``, so that nothing here
needs to be right (Komuravelli, Gurfinkel and Chaki, "SMT-based model checking for recursive programs",
2014).
"""

from __future__ import annotations

import ast
import copy
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import z3

from lift.verify import contracts
from lift.verify.state import Engine, Jump, Normal, State
from lift.verify.values import Exc, Term, Unsupported, VInt, as_int, fresh_name

_QUERY_MS = 400
_MOST_QUERIES = 4
_MOST_VARIABLES = 16
_MOST_CONJUNCTS = 12
_RESULT = ("result", "__return__")

Found = tuple[str, bool, Callable[[State], Term]]
"""Text (perhaps empty), whether it can be asserted, and the formula of a state."""

_LINEAR = {
    z3.Z3_OP_TRUE, z3.Z3_OP_FALSE, z3.Z3_OP_EQ, z3.Z3_OP_DISTINCT, z3.Z3_OP_ITE, z3.Z3_OP_AND, z3.Z3_OP_OR,
    z3.Z3_OP_NOT, z3.Z3_OP_IMPLIES, z3.Z3_OP_XOR, z3.Z3_OP_ANUM, z3.Z3_OP_LE, z3.Z3_OP_GE, z3.Z3_OP_LT,
    z3.Z3_OP_GT, z3.Z3_OP_ADD, z3.Z3_OP_SUB, z3.Z3_OP_UMINUS, z3.Z3_OP_MUL, z3.Z3_OP_IDIV, z3.Z3_OP_MOD,
}  # fmt: skip


class _Abstraction:
    """Terms with an unknown number for each part that is not linear integer arithmetic."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Term, Term]] = {}

    def of(self, term: Term) -> Term:
        """The term without what is not linear."""
        pairs: list[tuple[Term, Term]] = []
        seen: set[int] = set()
        pending = [term]
        while pending:
            one = pending.pop()
            if one.get_id() in seen:
                continue
            seen.add(one.get_id())
            if _is_linear(one):
                pending += one.children()
            elif z3.is_int(one) or z3.is_bool(one):
                pairs.append((one, self._unknown(one)))
        return z3.substitute(term, *pairs) if pairs else term

    def _unknown(self, term: Term) -> Term:
        if term.get_id() not in self._known:
            make = z3.Int if z3.is_int(term) else z3.Bool
            self._known[term.get_id()] = term, make(fresh_name("part"))
        return self._known[term.get_id()][1]


def _is_linear(term: Term) -> bool:
    if not z3.is_app(term):
        return False
    kind = term.decl().kind()
    if kind == z3.Z3_OP_UNINTERPRETED:
        return term.num_args() == 0 and (z3.is_int(term) or z3.is_bool(term))
    if kind == z3.Z3_OP_MUL:
        return sum(as_int(c) is None for c in term.children()) <= 1
    if kind in (z3.Z3_OP_IDIV, z3.Z3_OP_MOD):
        by = as_int(term.arg(1))
        return by is not None and by > 0
    if kind in (z3.Z3_OP_EQ, z3.Z3_OP_DISTINCT, z3.Z3_OP_ITE):
        return all(z3.is_int(c) or z3.is_bool(c) for c in term.children())
    return kind in _LINEAR


def _constants(terms: Iterable[Term]) -> dict[int, Term]:
    """The unknowns in terms, by their numbers."""
    found: dict[int, Term] = {}
    seen: set[int] = set()
    pending = list(terms)
    while pending:
        one = pending.pop()
        if one.get_id() in seen:
            continue
        seen.add(one.get_id())
        if z3.is_app(one) and one.num_args() == 0 and one.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found[one.get_id()] = one
        pending += one.children()
    return found


def found(
    engine: Engine,
    entry: State,
    head: State,
    ends: Sequence[tuple[State, Any]],
    exits: Sequence[State],
    changed: Sequence[str],
    fixed: Sequence[tuple[str, Term]],
) -> list[Found]:
    """Candidates from the answers that Spacer gives within its time.

    Args:
        entry: The state before the loop.
        head: Any state at the loop's head, of which nothing is assumed.
        ends: How a round from there ends.
        exits: How the loop ends from there.
        changed: The variables that the loop changes; all of them are integers.
        fixed: The integers that it leaves alone, with how they are written.
    """
    own = [(name, term) for name in changed if (term := _number(head, name)) is not None]
    if not own or len(own) > _MOST_VARIABLES or len(own) < len(changed):
        return []
    abstract = _Abstraction()
    start = [abstract.of(c) for c in (*engine.facts, *entry.pc)]
    first = [_number(entry, name) for name in changed]
    if any(t is None for t in first):
        return []
    first = [abstract.of(t) for t in first]
    mine = _constants(t for _, t in own)
    held = {k: t for k, t in _constants([*start, *first, *(t for _, t in fixed)]).items() if k not in mine}
    held = {k: t for k, t in held.items() if z3.is_int(t)}
    known = {t.get_id(): n for n, t in fixed}
    kept = sorted(held.values(), key=lambda t: t.get_id() not in known)[: _MOST_VARIABLES - len(own)]
    arguments = [*(t for _, t in own), *kept]
    state = z3.Function(fresh_name("inv"), *[z3.IntSort()] * len(arguments), z3.BoolSort())
    here = state(*arguments)
    rules = [z3.Implies(z3.And(*start, z3.BoolVal(True)), state(*first, *kept))]
    before = len(head.pc)
    for end, signal in ends:
        if isinstance(signal, Normal) or signal == Jump("continue"):
            values = [_number(end, name) for name in changed]
            if any(v is None for v in values):
                return []
            way = [abstract.of(c) for c in (*head.pc, *end.pc[before:])]
            rules.append(z3.Implies(z3.And(here, *way), state(*map(abstract.of, values), *kept)))
    out: dict[str, Found] = {}
    for bad in _queries(engine, head, ends, exits)[:_MOST_QUERIES]:
        engine.check_time()
        query = z3.Implies(z3.And(here, *map(abstract.of, bad)), z3.BoolVal(False))
        answer = _solve(
            [*rules, query], here, min(_QUERY_MS, int((engine.deadline - time.monotonic()) * 1000))
        )
        for part in _conjuncts(answer) if answer is not None else []:
            names = {t.get_id(): n for n, t in own if not n.startswith("<")} | known
            text = _written(part, names) or ""
            stated = bool(text) and not any(n.startswith("old(") for n in names.values() if n in text)
            out.setdefault(part.sexpr(), (text, stated, _formula(part, own)))
    return list(out.values())[:_MOST_CONJUNCTS]


def _number(state: State, name: str) -> Term | None:
    value = state.locals.get(name)
    return value.term if isinstance(value, VInt) else None


def _formula(part: Term, own: Sequence[tuple[str, Term]]) -> Callable[[State], Term]:
    def of(state: State) -> Term:
        pairs = [(term, _number(state, name)) for name, term in own]
        if any(now is None for _, now in pairs):
            raise Unsupported("a variable of several types")
        return z3.substitute(part, *pairs)

    return of


def _queries(
    engine: Engine, head: State, ends: Sequence[tuple[State, Any]], exits: Sequence[State]
) -> list[list[Term]]:
    """What must not be reached: a result that breaks a postcondition, an exception."""
    before = len(head.pc)
    found: list[list[Term]] = []
    post = engine.postconditions
    conjuncts, values, heap = (post.conjuncts, post.returned, post.entry_heap) if post else ((), (), None)
    for exit_ in exits:
        for conjunct in conjuncts:
            for returned in values:
                names: dict[str, ast.expr] = dict.fromkeys(_RESULT, returned)
                tree = ast.fix_missing_locations(_Renamed(names).visit(copy.deepcopy(conjunct)))
                visible = {k: v for k, v in exit_.locals.items() if not k.startswith("<")}
                try:
                    judged = contracts.judge(engine, exit_, tree, visible, heap)
                except (Unsupported, z3.Z3Exception):
                    continue
                found.append([*head.pc, *exit_.pc[before:], judged.fails])
    found += [[*head.pc, *end.pc[before:]] for end, signal in ends if isinstance(signal, Exc)]
    return found


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.names.get(node.id, node))


def _solve(rules: list[Term], here: Term, timeout_ms: int) -> Term | None:
    """What Spacer says holds at the head, None if it says nothing in time.

    In a context of its own: an interruption reaches whatever the context is doing.
    """
    place = z3.Context()
    solver = z3.SolverFor("HORN", ctx=place)
    solver.set("timeout", max(1, timeout_ms))
    for rule in rules:
        unknowns = list(_constants([rule]).values())
        solver.add(z3.ForAll(unknowns, rule).translate(place) if unknowns else rule.translate(place))
    # Spacer looks at its own limit now and then only.
    timer = threading.Timer(timeout_ms / 1000 + 0.2, place.interrupt)
    timer.daemon = True
    timer.start()
    try:
        if solver.check() != z3.sat:
            return None
        answer = solver.model().eval(here.translate(place))
    except z3.Z3Exception:
        return None
    finally:
        timer.cancel()
    found = z3.simplify(answer.translate(here.ctx))
    applied = found.decl().eq(here.decl()) if z3.is_app(found) else True
    return None if applied or _quantified(found) else found


def _quantified(term: Term) -> bool:
    pending = [term]
    while pending:
        one = pending.pop()
        if not _is_linear(one):
            return True
        pending += one.children()
    return False


def _conjuncts(term: Term) -> list[Term]:
    if z3.is_and(term):
        return [p for c in term.children() for p in _conjuncts(c)]
    if z3.is_not(term) and z3.is_or(term.arg(0)):
        return [p for c in term.arg(0).children() for p in _conjuncts(z3.simplify(z3.Not(c)))]
    return [] if z3.is_true(term) else [term]


_OPPOSITE = {">=": "<", "<=": ">", "==": "!=", ">": "<=", "<": ">="}


def _written(term: Term, names: dict[int, str]) -> str | None:
    """The formula as Python, None where it has no words for it."""
    if z3.is_not(term):
        inner = _comparison(term.arg(0), names, negated=True)
        return inner
    if z3.is_or(term):
        parts = [_written(c, names) for c in term.children()]
        return " or ".join(p for p in parts if p) if all(parts) else None
    if z3.is_and(term):
        parts = [_written(c, names) for c in term.children()]
        return " and ".join(p for p in parts if p) if all(parts) and len(parts) == 1 else None
    return _comparison(term, names, negated=False)


def _comparison(term: Term, names: dict[int, str], *, negated: bool) -> str | None:
    kinds = {z3.Z3_OP_LE: "<=", z3.Z3_OP_GE: ">=", z3.Z3_OP_LT: "<", z3.Z3_OP_GT: ">", z3.Z3_OP_EQ: "=="}
    sign = kinds.get(term.decl().kind()) if z3.is_app(term) else None
    if sign is None or not z3.is_int(term.arg(0)):
        return None
    sign = _OPPOSITE[sign] if negated else sign
    terms: dict[str, int] = {}
    rest = _sum(term.arg(0), names, 1, terms)
    other = _sum(term.arg(1), names, -1, terms)
    if rest is None or other is None:
        return None
    bound = -(rest + other)
    # Among integers a strict bound is the next one that is not.
    if sign == "<":
        sign, bound = "<=", bound - 1
    elif sign == ">":
        sign, bound = ">=", bound + 1
    left = [(n, c) for n, c in terms.items() if c > 0]
    right = [(n, -c) for n, c in terms.items() if c < 0]
    if not left:
        left, right, bound = right, left, -bound
        sign = {"<=": ">=", ">=": "<="}.get(sign, sign)
    if not left:
        return None
    shown = [_times(c, n) for n, c in right]
    if bound < 0 and shown:
        tail = f"{' + '.join(shown)} - {-bound}"
    else:
        tail = " + ".join([*shown, *([str(bound)] if bound or not shown else [])])
    return f"{' + '.join(_times(c, n) for n, c in left)} {sign} {tail}"


def _times(count: int, name: str) -> str:
    return name if count == 1 else f"{count} * {name}"


def _sum(term: Term, names: dict[int, str], sign: int, into: dict[str, int]) -> int | None:
    """Add a sum's terms to ``into``; what is constant in it, None where it has no words for a part."""
    known = as_int(term)
    if known is not None:
        return sign * known
    if term.get_id() in names:
        into[names[term.get_id()]] = into.get(names[term.get_id()], 0) + sign
        return 0
    kind = term.decl().kind()
    if kind == z3.Z3_OP_ADD:
        parts = [_sum(c, names, sign, into) for c in term.children()]
        return None if any(p is None for p in parts) else sum(p for p in parts if p is not None)
    if kind == z3.Z3_OP_SUB and term.num_args() == 2:
        first, second = _sum(term.arg(0), names, sign, into), _sum(term.arg(1), names, -sign, into)
        return None if first is None or second is None else first + second
    if kind == z3.Z3_OP_MUL and term.num_args() == 2:
        factor = as_int(term.arg(0))
        return None if factor is None else _sum(term.arg(1), names, sign * factor, into)
    return None
