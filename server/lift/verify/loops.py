"""Loops: unrolled where the number of rounds is known or in search of a counterexample, else inductive.

In a proof everything that the body may change is forgotten at the loop's head, except what a set of
candidate invariants says. The candidates come from the asserts at the head of the body, from the
postconditions (with the variable in place of the result and the part done so far in place of the whole)
and from templates over the changed integers; the largest inductive subset is kept (Houdini: Flanagan and
Leino, "Houdini, an annotation assistant for ESC/Java", 2001).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import z3

from lift.verify import assign as assignments
from lift.verify import comprehensions, contracts, execute, operators
from lift.verify import evaluate as expressions
from lift.verify.havoc import Changes, forget, join_changes
from lift.verify.operators import arms, number, truth
from lift.verify.state import NORMAL, Ended, Engine, Jump, ListObject, Normal, State, Stop, Truncated
from lift.verify.symbols import constant
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VInt,
    VIterable,
    VRef,
    VStr,
    VView,
    as_int,
    fresh_name,
    term_of_key,
)

_EXACT_ROUNDS = 24


@dataclass(frozen=True)
class Loop:
    """A loop in one form: ``while`` has no source, ``for`` runs over a sequence by a hidden index."""

    node: ast.While | ast.For
    source: Seq | None
    index: str


@dataclass(frozen=True)
class Candidate:
    """A candidate invariant: a formula of a state at the loop's head.

    Attributes:
        text: The invariant for people, empty for a template that is not worth showing.
        of: The formula, given the state; may raise ``Unsupported``.
    """

    text: str
    of: Callable[[State], contracts.Judgement]


def run_while(engine: Engine, state: State, node: ast.While) -> list[Ended]:
    """A ``while`` loop."""
    return _run(engine, state, Loop(node, None, ""))


def run_for(engine: Engine, state: State, node: ast.For) -> list[Ended]:
    """A ``for`` loop."""
    out: list[Ended] = []
    for path, value in expressions.evaluate(engine, state, node.iter):
        if isinstance(value, Exc):
            out.append((path, value))
            continue
        for then, one in arms(engine, path, value):
            if not operators.is_iterable(then, one):
                why = f"a {operators.class_name(then, one)} is not iterable"
                out.append((then, Exc("TypeError", node.lineno, why)))
                continue
            seq = operators.sequence(engine, then, one, node)
            watched = _watched(then, node.iter, one)
            ends = _for_over(engine, then, node, seq)
            if any(s.heap[a] is not then.heap[a] for s, _ in ends for a in watched):
                raise Unsupported("changing a container while iterating over it", node)
            out += ends
    return out


def _watched(state: State, node: ast.expr, iterated: Value) -> set[int]:
    """The containers that must not change while the loop runs, since it was handed their elements."""
    if isinstance(iterated, VRef):
        return {iterated.address}
    if not isinstance(iterated, VIterable):
        return set()
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    held = [state.locals[n] for n in names if n in state.locals]
    return {a for v in held for a in contracts.reachable(state, v)}


def _for_over(engine: Engine, state: State, node: ast.For, seq: Seq) -> list[Ended]:
    if seq.items is None and engine.exploring:
        out: list[Ended] = []
        for path, known in comprehensions.concretise(engine, state, seq, node):
            assert isinstance(known, Seq)
            out += _unroll_for(engine, path, node, known)
        return out
    if seq.items is not None and (engine.exploring or len(seq.items) <= _EXACT_ROUNDS):
        return _unroll_for(engine, state, node, seq)
    return _run(engine, state, Loop(node, seq, f"<index {node.lineno}>"))


def _unroll_for(engine: Engine, state: State, node: ast.For, seq: Seq) -> list[Ended]:
    assert seq.items is not None
    paths = [state]
    out: list[Ended] = []
    for item in seq.items:
        grown: list[State] = []
        for path in paths:
            for start, failed in assignments.assign(engine, path.fork(), node.target, item):
                if failed:
                    out.append((start, failed))
                    continue
                for end, signal in execute.run_block(engine, start, node.body):
                    if isinstance(signal, Normal) or signal == Jump("continue"):
                        grown.append(end)
                    elif signal == Jump("break"):
                        out.append((end, NORMAL))
                    else:
                        out.append((end, signal))
        paths = grown
        if len(paths) + len(out) > engine.max_paths:
            raise Unsupported("a loop with too many paths", node)
    for path in paths:
        out += execute.run_block(engine, path, node.orelse) if node.orelse else [(path, NORMAL)]
    return out


def _run(engine: Engine, state: State, loop: Loop) -> list[Ended]:
    if loop.source is None and (engine.exploring or _counts_down(engine, state, loop)):
        return _unroll_while(engine, state, loop.node)
    return _inductive(engine, state, loop)


def _counts_down(engine: Engine, state: State, loop: Loop) -> bool:
    """Whether the guard is decided by constants alone, as in ``i = 0; while i < 3``: then unrolling is exact."""
    try:
        results = expressions.evaluate(engine, state, loop.node.test)  # type: ignore[union-attr]
    except Unsupported:
        return False
    if isinstance(loop.node, ast.While) and isinstance(loop.node.test, ast.Constant):
        return False
    return all(not isinstance(v, Exc) and _constant_truth(s, v) for s, v in results)


def _constant_truth(state: State, value: Value) -> bool:
    term = z3.simplify(truth(state, value))
    return z3.is_true(term) or z3.is_false(term)


def _unroll_while(engine: Engine, state: State, node: ast.While | ast.For) -> list[Ended]:
    assert isinstance(node, ast.While)
    paths = [state]
    out: list[Ended] = []
    rounds = engine.unroll * 2 if engine.exploring else _EXACT_ROUNDS * 2
    for _ in range(rounds + 1):
        grown: list[State] = []
        for path in paths:
            for then, value in expressions.evaluate(engine, path, node.test):
                if isinstance(value, Exc):
                    out.append((then, value))
                    continue
                go, done = engine.split(then, truth(then, value))
                if done:
                    out += execute.run_block(engine, done, node.orelse) if node.orelse else [(done, NORMAL)]
                if not go:
                    continue
                for end, signal in execute.run_block(engine, go, node.body):
                    if isinstance(signal, Normal) or signal == Jump("continue"):
                        grown.append(end)
                    elif signal == Jump("break"):
                        out.append((end, NORMAL))
                    else:
                        out.append((end, signal))
        paths = grown
        if not paths:
            return out
        if len(paths) + len(out) > engine.max_paths:
            break
    if engine.exploring:
        engine.truncated.append(node.lineno)
        return [*out, *((p, Truncated(node.lineno)) for p in paths)]
    return [*out, *((p, Stop("a loop with too many rounds to unroll", node.lineno)) for p in paths)]


def _inductive(engine: Engine, state: State, loop: Loop) -> list[Ended]:
    entry = state.fork()
    if loop.source is not None:
        entry.locals[loop.index] = VInt(z3.IntVal(0))
    ends = _round(engine, entry.fork(), loop)
    changes = _widened(entry, entry, loop, Changes({}, {}), ends)
    candidates = [c for c in _candidates(engine, entry, loop, changes) if _established(engine, entry, c)]
    while True:
        engine.check_time()
        head = _head(engine, entry, loop, changes)
        assumed = _assume(head, candidates)
        ends = _round(engine, assumed, loop)
        wider = _widened(entry, head, loop, changes, ends)
        if wider != changes:
            changes = wider
            candidates = [
                c for c in _candidates(engine, entry, loop, changes) if _established(engine, entry, c)
            ]
            continue
        kept = [c for c in candidates if _preserved(engine, ends, loop, c)]
        if len(kept) == len(candidates):
            break
        candidates = kept
    if loop.source is None:
        engine.assumptions.add(f"the loop at line {loop.node.lineno} ends")
    if not any(c.text for c in candidates):
        engine.weak_loops.add(loop.node.lineno)
    engine.found_invariants[loop.node.lineno] = tuple(dict.fromkeys(c.text for c in candidates if c.text))
    return _leave(engine, entry, assumed, loop, ends)


def _leave(engine: Engine, entry: State, head: State, loop: Loop, ends: list[Ended]) -> list[Ended]:
    """The paths after the loop: those on which the guard fails at the head, and those that jump out."""
    out: list[Ended] = []
    for path, signal in ends:
        if isinstance(signal, Normal) or signal == Jump("continue"):
            continue
        path = path.fork()
        path.locals.pop(loop.index, None)
        out.append((path, NORMAL if signal == Jump("break") else signal))
    exits: list[State] = []
    if loop.source is not None:
        at_end = head.fork(number(head.locals[loop.index]) == loop.source.length)
        exits = [s for s, failed in _bind_last(engine, entry, at_end, loop) if not failed]
    else:
        assert isinstance(loop.node, ast.While)
        for path, value in expressions.evaluate(engine, head, loop.node.test):
            if not isinstance(value, Exc):
                _, done = engine.split(path, truth(path, value))
                exits += [done] if done else []
    for path in exits:
        path = path.fork()
        path.locals.pop(loop.index, None)
        out += execute.run_block(engine, path, loop.node.orelse) if loop.node.orelse else [(path, NORMAL)]
    return out


def _bind_last(engine: Engine, entry: State, state: State, loop: Loop) -> list[tuple[State, Exc | None]]:
    """The loop's variable after the loop: the last element, or what it was where there was no round."""
    assert isinstance(loop.node, ast.For)
    assert loop.source is not None
    some, none = engine.split(state, loop.source.length > 0)
    out: list[tuple[State, Exc | None]] = []
    if none:
        none = none.fork()
        for name in _targets(loop):
            none.locals.pop(name, None)
            if name in entry.locals:
                none.locals[name] = entry.locals[name]
        out.append((none, None))
    if some and _targets(loop) & _assigned(loop.node.body):
        # The variable stays unsettled: reading it after the loop is not modelled.
        out.append((some.fork(), None))
    elif some:
        last = z3.simplify(loop.source.length - 1)
        out += assignments.assign(engine, some.fork(), loop.node.target, loop.source.get(last))
    return out


def _round(engine: Engine, head: State, loop: Loop) -> list[Ended]:
    """One round from an arbitrary state at the head."""
    if loop.source is None:
        assert isinstance(loop.node, ast.While)
        out: list[Ended] = []
        for path, value in expressions.evaluate(engine, head, loop.node.test):
            if isinstance(value, Exc):
                out.append((path, value))
                continue
            go, _ = engine.split(path, truth(path, value))
            if go:
                out += execute.run_block(engine, go, loop.node.body)
        return out
    assert isinstance(loop.node, ast.For)
    index = number(head.locals[loop.index])
    assert index is not None
    inside = head.fork(index < loop.source.length)
    if not engine.feasible(inside, index < loop.source.length):
        return []
    out = []
    for start, failed in assignments.assign(engine, inside.fork(), loop.node.target, loop.source.get(index)):
        if failed:
            out.append((start, failed))
            continue
        for end, signal in execute.run_block(engine, start, loop.node.body):
            if isinstance(signal, Normal) or signal == Jump("continue"):
                end = end.fork()
                end.locals[loop.index] = VInt(index + 1)
            out.append((end, signal))
    return out


def _assigned(body: list[ast.stmt]) -> frozenset[str]:
    found = (n for statement in body for n in ast.walk(statement) if isinstance(n, ast.Name))
    return frozenset(n.id for n in found if not isinstance(n.ctx, ast.Load))


def _widened(entry: State, head: State, loop: Loop, changes: Changes, ends: list[Ended]) -> Changes:
    again = [s for s, signal in ends if isinstance(signal, Normal) or signal == Jump("continue")]
    return join_changes(entry, head, again, changes, _targets(loop) | {loop.index})


def _targets(loop: Loop) -> frozenset[str]:
    """The variables that each round of a ``for`` loop sets first."""
    if isinstance(loop.node, ast.While):
        return frozenset()
    return frozenset(n.id for n in ast.walk(loop.node.target) if isinstance(n, ast.Name))


def _head(engine: Engine, entry: State, loop: Loop, changes: Changes) -> State:
    head = forget(engine, entry, changes, _targets(loop))
    if loop.source is not None:
        index = z3.Int(fresh_name("index"))
        head.locals[loop.index] = VInt(index)
        head = head.fork(index >= 0, index <= loop.source.length)
    return head


def _assume(head: State, candidates: list[Candidate]) -> State:
    terms: list[Term] = []
    for candidate in candidates:
        try:
            terms.append(candidate.of(head).holds)
        except (Unsupported, z3.Z3Exception):
            continue
    return head.fork(*terms)


def _established(engine: Engine, entry: State, candidate: Candidate) -> bool:
    try:
        fails = candidate.of(entry).fails
    except (Unsupported, z3.Z3Exception):
        return False
    return not engine.feasible(entry, fails, timeout_ms=400)


def _preserved(engine: Engine, ends: list[Ended], loop: Loop, candidate: Candidate) -> bool:
    for path, signal in ends:
        if not (isinstance(signal, Normal) or signal == Jump("continue")):
            continue
        try:
            fails = candidate.of(path).fails
        except (Unsupported, z3.Z3Exception):
            return False
        if engine.feasible(path, fails, timeout_ms=600):
            return False
    return True


def _candidates(engine: Engine, entry: State, loop: Loop, changes: Changes) -> list[Candidate]:
    found: list[Candidate] = []
    found += _written(engine, entry, loop)
    found += _templates(entry, loop, changes)
    found += _from_guard(engine, entry, loop)
    if engine.postconditions is not None:
        found += _from_postconditions(engine, entry, loop, changes)
    return found[:80]


def _in_state(
    engine: Engine, loop: Loop, expression: str, extra: dict[str, Value]
) -> Callable[[State], contracts.Judgement]:
    """An expression over the variables at the head, where the loop's own ones have no meaning."""
    hidden = _targets(loop)

    def of(state: State) -> contracts.Judgement:
        visible = {k: v for k, v in state.locals.items() if not k.startswith("<") and k not in hidden}
        heap = engine.postconditions.entry_heap if engine.postconditions is not None else None
        return contracts.judge(engine, state, expression, {**visible, **extra}, heap)

    return of


def _written(engine: Engine, entry: State, loop: Loop) -> Iterator[Candidate]:
    """The asserts that a person wrote at the head of the body, and the conjuncts of each."""
    for statement in loop.node.body:
        if not isinstance(statement, ast.Assert):
            return
        parts = statement.test.values if isinstance(statement.test, ast.BoolOp) and isinstance(statement.test.op, ast.And) else [statement.test]  # fmt: skip
        for part in parts:
            text = ast.unparse(part)
            plain = _in_state(engine, loop, text, {})
            if loop.source is None:
                yield Candidate(text, plain)
                continue
            yield Candidate(text, _with_next(engine, loop, text))


def _with_next(engine: Engine, loop: Loop, text: str) -> Callable[[State], contracts.Judgement]:
    """A statement about the element that the next round would see, where there is one.

    A range has a next number also when it has ended, so there the statement is made at the end too.
    """
    source = loop.source
    assert source is not None
    assert isinstance(loop.node, ast.For)
    ranged = source.key[:1] == ("range",)

    def of(state: State) -> contracts.Judgement:
        index = number(state.locals[loop.index])
        assert index is not None
        extra: dict[str, Value] = {}
        if isinstance(loop.node.target, ast.Name):  # type: ignore[union-attr]
            extra[loop.node.target.id] = source.get(index)  # type: ignore[union-attr]
        judgement = _in_state(engine, loop, text, extra)(state)
        if ranged:
            return judgement
        there = index < source.length
        return contracts.Judgement(z3.Implies(there, judgement.holds), z3.And(there, judgement.fails))

    return of


def _formula(text: str, of: Callable[[State], Term]) -> Candidate:
    def judge(state: State) -> contracts.Judgement:
        term = of(state)
        return contracts.Judgement(term, z3.Not(term))

    return Candidate(text, judge)


def _templates(entry: State, loop: Loop, changes: Changes) -> Iterator[Candidate]:
    """Bounds of changed integers and lengths by their entry values and by the other integers in scope."""
    integers = {k: v.term for k, v in entry.locals.items() if isinstance(v, VInt)}
    changed = [k for k in changes.variables if k in integers]

    def at(name: str) -> Callable[[State], Term]:
        def of(state: State) -> Term:
            term = number(state.locals[name])
            if term is None:
                raise Unsupported("a variable of several types")
            return term

        return of

    def length(address: int) -> Callable[[State], Term]:
        def of(state: State) -> Term:
            obj = state.heap[address]
            if not isinstance(obj, ListObject):
                raise Unsupported("not a list")
            return obj.seq.length

        return of

    lists = [a for a in changes.objects if isinstance(entry.heap.get(a), ListObject)]
    measures: list[tuple[str, Callable[[State], Term]]] = [(n, at(n)) for n in changed]
    names = {v.address: k for k, v in entry.locals.items() if isinstance(v, VRef)}
    measures += [(f"len({names.get(a, '…')})", length(a)) for a in lists]
    index = at(loop.index)
    for name, of in measures:
        start = of(entry)
        shown = "" if as_int(start) is None else str(as_int(start))
        yield _formula(f"{name} >= {shown}" if shown else "", lambda s, of=of, start=start: of(s) >= start)
        yield _formula(f"{name} <= {shown}" if shown else "", lambda s, of=of, start=start: of(s) <= start)
        yield _formula(f"{name} >= 0", lambda s, of=of: of(s) >= 0)
        if loop.source is not None:
            for factor in (1, -1):
                yield _formula("", lambda s, of=of, f=factor, st=start: of(s) == st + f * index(s))
            yield _formula("", lambda s, of=of, st=start: of(s) <= st + index(s))
            yield _formula("", lambda s, of=of: of(s) <= index(s))
    fixed = [(k, integers[k]) for k in integers if k not in changes.variables and not k.startswith("<")]
    fixed += [(f"len({k})", entry.heap[v.address].seq.length) for k, v in entry.locals.items() if isinstance(v, VRef) and v.address not in changes.objects and isinstance(entry.heap[v.address], ListObject)]  # fmt: skip
    for name, of in measures:
        for other, term in fixed[:4]:
            yield _formula(f"{name} <= {other}", lambda s, of=of, t=term: of(s) <= t)
            yield _formula(f"{name} < {other}", lambda s, of=of, t=term: of(s) < t)
            yield _formula(f"{name} >= {other}", lambda s, of=of, t=term: of(s) >= t)
    for first, left in measures[:4]:
        for second, right in measures[:4]:
            if first != second:
                yield _formula(f"{first} <= {second}", lambda s, a=left, b=right: a(s) <= b(s))
                if first < second:
                    total = z3.simplify(left(entry) + right(entry))
                    yield _formula("", lambda s, a=left, b=right, t=total: a(s) + b(s) == t)


def _from_guard(engine: Engine, entry: State, loop: Loop) -> Iterator[Candidate]:
    """What a strict guard becomes when it has just failed: ``i < n`` gives ``i <= n``."""
    if not isinstance(loop.node, ast.While):
        return
    test = loop.node.test
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    for part in parts:
        match part:
            case ast.Compare(left=left, ops=[ast.Lt()], comparators=[right]):
                text = f"{ast.unparse(left)} <= {ast.unparse(right)}"
            case ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]):
                text = f"{ast.unparse(left)} >= {ast.unparse(right)}"
            case ast.Compare(left=left, ops=[ast.LtE()], comparators=[right]):
                text = f"{ast.unparse(left)} <= {ast.unparse(right)} + 1"
            case ast.Compare(left=left, ops=[ast.GtE()], comparators=[right]):
                text = f"{ast.unparse(left)} >= {ast.unparse(right)} - 1"
            case _:
                continue
        yield Candidate(text, _in_state(engine, loop, text, {}))


def _from_postconditions(engine: Engine, entry: State, loop: Loop, changes: Changes) -> Iterator[Candidate]:
    """Each postcondition with a changed variable as the result and the part done so far as the input."""
    post = engine.postconditions
    results: list[tuple[str, Callable[[State], Value]]] = []
    for name in [n for n, kind in changes.variables.items() if kind is not None]:
        results.append((name, lambda s, n=name: s.locals[n]))
    for name, value in entry.locals.items():
        mine = isinstance(value, VRef) and value.address in changes.objects
        if mine and name not in changes.variables and name not in _targets(loop):
            results.append((name, lambda s, n=name: s.locals[n]))
    for node in post.constants:
        known = constant(ast.literal_eval(node))
        results.append((ast.unparse(node), lambda s, v=known: v))
    for conjunct in [c for p in post.conjuncts for c in (p, *_over_result(p))]:
        uses_result = any(
            isinstance(n, ast.Name) and n.id in ("result", "__return__") for n in ast.walk(conjunct)
        )
        text = ast.unparse(conjunct)
        for name, value_of in results if uses_result else [("", None)]:
            for label, inputs in _progress(engine, entry, loop):

                def of(
                    state: State, value_of: object = value_of, inputs: object = inputs, text: str = text
                ) -> contracts.Judgement:
                    variables = {**post.variables, **inputs(state)}  # type: ignore[operator]
                    if value_of is not None:
                        value = value_of(state)  # type: ignore[operator]
                        variables |= {"result": value, "__return__": value}
                    return contracts.judge(engine, state, text, variables, post.entry_heap)

                shown = _renamed(conjunct, {"result": name, "__return__": name, **label}) if name else ""
                yield Candidate(shown, of)


def _over_result(conjunct: ast.expr) -> list[ast.expr]:
    """The same statement about the result so far: ``range(len(xs))`` becomes ``range(len(result))``."""

    class Bound(ast.NodeTransformer):
        changed = False

        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            is_range = isinstance(node.func, ast.Name) and node.func.id == "range" and len(node.args) == 1
            if is_range and ast.unparse(node.args[0]) != "len(result)":
                self.changed = True
                return ast.parse("range(len(result))", mode="eval").body
            return node

    bound = Bound()
    changed = bound.visit(copy.deepcopy(conjunct))
    return [changed] if bound.changed else []


def _renamed(node: ast.expr, names: dict[str, str]) -> str:
    class Rename(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            text = names.get(node.id)
            return ast.parse(text, mode="eval").body if text else node

    return ast.unparse(Rename().visit(copy.deepcopy(node)))


Inputs = Callable[[State], dict[str, Value]]


def _progress(engine: Engine, entry: State, loop: Loop) -> Iterator[tuple[dict[str, str], Inputs]]:
    """The ways to say how far the loop has come, as values of the parameters: a prefix, a count."""
    yield {}, lambda state: {}
    post = engine.postconditions
    if loop.source is not None:
        yield from _for_progress(entry, loop, post.variables)
        return
    assert isinstance(loop.node, ast.While)
    for part in ast.walk(loop.node.test):
        match part:
            case ast.Compare(
                left=ast.Name(id=name), ops=[ast.Lt() | ast.LtE() | ast.NotEq() as op], comparators=[right]
            ):
                offset = 1 if isinstance(op, ast.LtE) else 0
                yield from _while_progress(engine, entry, loop, name, right, offset, post.variables)


def _while_progress(
    engine: Engine,
    entry: State,
    loop: Loop,
    name: str,
    bound: ast.expr,
    offset: int,
    variables: dict[str, Value],
) -> Iterator[tuple[dict[str, str], Inputs]]:
    shift = 0
    if (
        isinstance(bound, ast.BinOp)
        and isinstance(bound.right, ast.Constant)
        and isinstance(bound.right.value, int)
    ):
        shift = (
            bound.right.value
            if isinstance(bound.op, ast.Add)
            else -bound.right.value
            if isinstance(bound.op, ast.Sub)
            else 0
        )
        bound = bound.left
    move = offset + shift
    if isinstance(bound, ast.Name) and isinstance(variables.get(bound.id), VInt):
        shown = f"{name} - {move}" if move > 0 else f"{name} + {-move}" if move else name

        def counted(state: State) -> dict[str, Value]:
            term = number(state.locals[name])
            if term is None:
                raise Unsupported("a variable of several types")
            return {bound.id: VInt(z3.simplify(term - move))}

        yield {bound.id: shown}, counted
    elif (
        isinstance(bound, ast.Call)
        and isinstance(bound.func, ast.Name)
        and bound.func.id == "len"
        and len(bound.args) == 1
    ):
        inner = bound.args[0]
        if isinstance(inner, ast.Name) and inner.id in variables:
            yield from _prefixes(
                {inner.id: variables[inner.id]}, lambda s: number(s.locals[name]), name, entry
            )


def _for_progress(
    entry: State, loop: Loop, variables: dict[str, Value]
) -> Iterator[tuple[dict[str, str], Inputs]]:
    source = loop.source
    assert source is not None

    def index(state: State) -> Term | None:
        return number(state.locals[loop.index])

    target = (
        loop.node.target.id
        if isinstance(loop.node, ast.For) and isinstance(loop.node.target, ast.Name)
        else "i"
    )
    if source.key[:1] == ("range",):
        start = number(source.get(z3.IntVal(0)))
        assert start is not None
        for name, value in variables.items():
            if not isinstance(value, VInt):
                continue
            # The range ends at length + start; as many steps as it is from the parameter, the count is from it.
            distance = _distance(source, start, value.term)
            if distance is None:
                continue

            def counted(state: State, n: str = name, d: int = distance) -> dict[str, Value]:
                at = index(state)
                assert at is not None
                return {n: VInt(z3.simplify(at + start - d))}

            shown = (
                f"{target} - {distance}"
                if distance > 0
                else f"{target} + {-distance}"
                if distance
                else target
            )
            yield {name: shown}, counted
    sequences = {
        k: v
        for k, v in variables.items()
        if isinstance(v, VRef) and isinstance(entry.heap.get(v.address), ListObject)
    }
    sequences |= {k: v for k, v in variables.items() if isinstance(v, VStr)}
    offset: Term = z3.IntVal(0)
    if source.key[:1] == ("range",):
        first = number(source.get(z3.IntVal(0)))
        offset = first if first is not None else offset
    elif source.key[:1] == ("from",):
        begin = term_of_key(source.key[1])
        offset = begin if begin is not None else offset

    def done(state: State) -> Term | None:
        at = index(state)
        return None if at is None else z3.simplify(at + offset)

    for name, value in sequences.items():
        yield from _prefixes({name: value}, done, "…", entry)
    if len(sequences) > 1:
        yield from _prefixes(sequences, done, "…", entry)


def _distance(source: Seq, start: Term, parameter: Term) -> int | None:
    """By how much the end of a range with step 1 lies beyond a parameter, if that is a constant."""
    solver = z3.Solver()
    solver.set("timeout", 50)
    solver.add(source.length > 0)
    for distance in (0, 1, -1, 2):
        solver.push()
        solver.add(source.length + start != parameter + distance)
        if solver.check() == z3.unsat:
            return distance
        solver.pop()
    return None


def _prefixes(
    sequences: dict[str, Value], done: Callable[[State], Term | None], shown: str, entry: State
) -> Iterator[tuple[dict[str, str], Inputs]]:
    def cut(state: State) -> dict[str, Value]:
        upto = done(state)
        if upto is None:
            raise Unsupported("a variable of several types")
        found: dict[str, Value] = {}
        for name, value in sequences.items():
            if isinstance(value, VStr):
                found[name] = VStr(z3.SubString(value.term, 0, upto))
                continue
            assert isinstance(value, VRef)
            obj = state.heap[value.address]
            assert isinstance(obj, ListObject)
            size = z3.If(upto < obj.seq.length, z3.If(upto > 0, upto, z3.IntVal(0)), obj.seq.length)
            found[name] = VView(ListObject(Seq(size, obj.seq.get, None, obj.seq.key)))
        return found

    label = {} if shown == "…" else {n: f"{n}[:{shown}]" for n in sequences}
    yield label, cut
