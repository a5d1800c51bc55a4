"""Comprehensions, and the functions that consume one: all, any, sum, min, max.

Over a sequence of known length they are unrolled. Over one of unknown length the body is evaluated once,
for an arbitrary index, and becomes a quantified formula or a mapped sequence; a body that would need fresh
symbols for each index is not modelled.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import z3

from lift.verify import assign as assignments
from lift.verify import displays, made, operators
from lift.verify import evaluate as expressions
from lift.verify.operators import arms, truth
from lift.verify.state import Engine, ListObject, Result, State
from lift.verify.symbols import concrete_dict
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VFloat,
    VInt,
    VNone,
    VStr,
    VTuple,
    VUnion,
    VView,
    concrete_seq,
    fresh_name,
    substitute,
    symbol_function,
    value_key,
)

Comprehension = ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp
Sequences = list[tuple[State, "Seq | Exc"]]
Sources = list[tuple[State, "Seq | Exc", frozenset[int]]]
"""Sequences with the addresses of the containers that they are read from."""

INDEX = "each index!"
"""Stem of the names of bound indices; no variable can have it, since it is not an identifier."""


def comprehension(engine: Engine, state: State, node: ast.expr) -> list[Result]:
    """A comprehension as an expression of its own."""
    if isinstance(node, ast.ListComp):
        results: list[Result] = []
        for path, seq in elements(engine, state, node):
            if isinstance(seq, Exc):
                results.append((path, seq))
                continue
            path = path.fork()
            results.append((path, engine.allocate(path, ListObject(seq))))
        return results
    if isinstance(node, ast.DictComp):
        return _dictionary(engine, state, node)
    if isinstance(node, ast.SetComp):
        return _set(engine, state, node)
    assert isinstance(node, ast.GeneratorExp)
    from lift.verify import iterators

    return iterators.generator(engine, state, node)


def _set(engine: Engine, state: State, node: ast.SetComp) -> list[Result]:
    from lift.verify import set_methods

    results: list[Result] = []
    whole = ast.copy_location(ast.ListComp(node.elt, node.generators), node)
    for path, seq in elements(engine, state, whole):
        if isinstance(seq, Exc):
            results.append((path, seq))
            continue
        # CPython hashes each element before it makes the next one.
        for then, found in set_methods.of_sequence(engine, path, seq, node, partial=True):
            results.append(set_methods.allocated(engine, then, found, frozen=False))
    return results


def _dictionary(engine: Engine, state: State, node: ast.DictComp) -> list[Result]:
    pair = ast.copy_location(ast.Tuple([node.key, node.value], ast.Load()), node)
    results: list[Result] = []
    for path, seq in elements(engine, state, ast.copy_location(ast.ListComp(pair, node.generators), node)):
        if isinstance(seq, Exc):
            results.append((path, seq))
            continue
        path = path.fork()
        if seq.items is None:
            results.append((path, engine.allocate(path, made.dictionary(engine, seq, node))))
            continue
        empty = concrete_dict([], None)
        ref = engine.allocate(path, empty)
        for item in seq.items:
            assert isinstance(item, VTuple)
            assert item.seq.items is not None
            key, value = item.seq.items
            displays.store_item(engine, path, ref, key, value, node)
        results.append((path, ref))
    return results


def elements(engine: Engine, state: State, node: ast.ListComp | ast.GeneratorExp) -> Sequences:
    """What a list comprehension or a generator yields when it is consumed completely."""
    results: Sequences = []
    for path, source, read in _sources(engine, state, node.generators[0].iter):
        if isinstance(source, Exc):
            results.append((path, source))
            continue
        inner = _open_frame(engine, path, node.generators)
        if source.items is not None:
            for end, values in _expand(engine, inner, node.generators, source, node.elt):
                _check_unchanged(path, end, read, node)
                closed = _close_frame(engine, end, path)
                results.append((closed, values if isinstance(values, Exc) else concrete_seq(values)))
        elif len(node.generators) > 1:
            raise Unsupported("a nested comprehension over a sequence of unknown length", node)
        else:
            for end, seq in _map(engine, inner, node.generators[0], source, node.elt):
                results.append((_close_frame(engine, end, path), seq))
    return results


def _check_unchanged(before: State, after: State, read: frozenset[int], node: ast.AST) -> None:
    if any(after.heap[a] is not before.heap[a] for a in read):
        raise Unsupported("changing a container while it is iterated over", node)


def _sources(engine: Engine, state: State, node: ast.expr) -> Sources:
    """The sequences that a ``for`` clause may iterate over; small ones in the search for counterexamples."""
    results: Sources = []
    for path, value in expressions.evaluate(engine, state, node):
        if isinstance(value, Exc):
            results.append((path, value, frozenset()))
            continue
        for then, definite in arms(engine, path, value):
            if not operators.is_iterable(then, definite):
                why = f"a {operators.class_name(then, definite)} is not iterable"
                results.append((then, Exc("TypeError", node.lineno, why), frozenset()))
                continue
            seq = operators.sequence(engine, then, definite, node)
            read = operators.sources(definite)
            results += [(s, known, read) for s, known in concretise(engine, then, seq, node)]
    return results


def concretise(engine: Engine, state: State, seq: Seq, node: ast.AST) -> Sequences:
    """In the search for counterexamples, one path for each small length; in a proof the sequence as it is."""
    if seq.items is not None or not engine.exploring:
        return [(state, seq)]
    results: Sequences = []
    for length in range(engine.unroll + 1):
        if engine.feasible(state, seq.length == length):
            items = [seq.get(z3.IntVal(i)) for i in range(length)]
            results.append((state.fork(seq.length == length), concrete_seq(items)))
    if engine.feasible(state, seq.length > engine.unroll):
        engine.truncated.append(getattr(node, "lineno", 0))
    return results


def _open_frame(engine: Engine, state: State, generators: list[ast.comprehension]) -> State:
    inner = state.fork()
    number = engine.next_frame
    engine.next_frame += 1
    engine.frame_parent[number] = state.frame
    targets = [n for g in generators for n in ast.walk(g.target)]
    if any(isinstance(n, ast.Subscript | ast.Attribute) for n in targets):
        raise Unsupported("a comprehension over an item or an attribute", generators[0].target)
    engine.frame_locals[number] = frozenset(n.id for n in targets if isinstance(n, ast.Name))
    engine.comprehension_frames.add(number)
    inner.frames[number] = {}
    inner.frame = number
    return inner


def _close_frame(engine: Engine, state: State, outer: State) -> State:
    closed = state.fork()
    if state.frame not in engine.captured:
        closed.frames.pop(state.frame, None)
    closed.frame = outer.frame
    return closed


def _expand(
    engine: Engine, state: State, generators: list[ast.comprehension], source: Seq, element: ast.expr
) -> list[tuple[State, list[Value] | Exc]]:
    """Unroll the first ``for`` clause over a sequence of known length."""
    clause, rest = generators[0], generators[1:]
    assert source.items is not None
    paths: list[tuple[State, list[Value] | Exc]] = [(state, [])]
    for item in source.items:
        engine.check_time()
        grown: list[tuple[State, list[Value] | Exc]] = []
        for path, done in paths:
            if isinstance(done, Exc):
                grown.append((path, done))
                continue
            for then, more in _one(engine, path, clause, rest, item, element):
                grown.append((then, more if isinstance(more, Exc) else [*done, *more]))
        if len(grown) > engine.max_paths:
            raise Unsupported("a comprehension with too many cases", element)
        paths = grown
    return paths


def _one(
    engine: Engine,
    state: State,
    clause: ast.comprehension,
    rest: list[ast.comprehension],
    item: Value,
    element: ast.expr,
) -> list[tuple[State, list[Value] | Exc]]:
    results: list[tuple[State, list[Value] | Exc]] = []
    for path, failed in assignments.assign(engine, state.fork(), clause.target, item):
        if failed:
            results.append((path, failed))
            continue
        for then, kept in expressions.evaluate_test(engine, path, condition_of(clause)):
            if isinstance(kept, Exc):
                results.append((then, kept))
                continue
            yes, no = engine.split(then, truth(then, kept))
            if no:
                results.append((no, []))
            if not yes:
                continue
            if not rest:
                for end, value in expressions.evaluate(engine, yes, element):
                    one = value if isinstance(value, Exc) else [operators.kept(value, element)]
                    results.append((end, one))
                continue
            for inner, source, read in _sources(engine, yes, rest[0].iter):
                if isinstance(source, Exc):
                    results.append((inner, source))
                    continue
                if source.items is None:
                    raise Unsupported("a nested comprehension over a sequence of unknown length", element)
                ends = _expand(engine, inner, rest, source, element)
                for end, _ in ends:
                    _check_unchanged(inner, end, read, element)
                results += ends
    return results


def condition_of(clause: ast.comprehension) -> ast.expr:
    if clause.is_async:
        raise Unsupported("an async comprehension", clause.iter)
    if not clause.ifs:
        return ast.copy_location(ast.Constant(True), clause.iter)
    if len(clause.ifs) == 1:
        return clause.ifs[0]
    return ast.copy_location(ast.BoolOp(ast.And(), list(clause.ifs)), clause.ifs[0])


class Each:
    """One evaluation of a body at an arbitrary index, as formulas over that index."""

    def __init__(self, engine: Engine, state: State, source: Seq, node: ast.AST) -> None:
        # Bound indices are named by nesting depth, not freshly, so that equal bodies give equal terms and
        # sums over them are recognised as the same.
        depth = engine.depth
        self.engine, self.node = engine, node
        self.index = z3.Int(f"{INDEX}{depth}")
        self.inside = z3.And(self.index >= 0, self.index < source.length)
        self.base = state.fork(self.inside)
        self.facts = len(engine.facts)
        self.mark = fresh_name("mark")

    def formulas(self, results: list[Result]) -> list[tuple[Term, State, Value | Exc]]:
        """What each path assumed of the index, with its value."""
        out: list[tuple[Term, State, Value | Exc]] = []
        for state, value in results:
            if not self.base.same_store(state, grown=True):
                raise Unsupported("a side effect inside a comprehension", self.node)
            out.append((expressions.delta(self.base, state), state, value))
        return out

    def check(self, *terms: Term) -> None:
        """Refuse formulas over symbols that stand for a different thing at each index."""
        start = int(self.mark.rpartition("!")[2])
        if len(self.engine.facts) > self.facts or any(_newer(t, start) for t in terms):
            raise Unsupported("this expression for each element of a sequence of unknown length", self.node)


def _newer(term: Term, start: int) -> bool:
    """Whether a term has a free symbol that was made after a mark."""
    pending, seen = [term], set()
    while pending:
        one = pending.pop()
        if one.get_id() in seen:
            continue
        seen.add(one.get_id())
        if z3.is_quantifier(one):
            pending.append(one.body())
            continue
        if z3.is_app(one):
            if one.decl().kind() == z3.Z3_OP_UNINTERPRETED:
                stem, mark, number = one.decl().name().rpartition("!")
                if mark and number.isdigit() and int(number) >= start and stem + mark != INDEX:
                    return True
            pending.extend(one.children())
    return False


def nested(engine: Engine, run: Callable[[], list[Result]]) -> list[Result]:
    """Evaluate something inside a body, whose own bound indices must differ from this one's."""
    engine.depth += 1
    try:
        return run()
    finally:
        engine.depth -= 1


def _map(
    engine: Engine, state: State, clause: ast.comprehension, source: Seq, element: ast.expr
) -> Sequences:
    """A comprehension with one ``for`` over a sequence of unknown length."""
    each = Each(engine, state, source, element)
    bound = _bind(engine, each, clause, source)
    condition = condition_of(clause)
    kept = z3.BoolVal(True)
    wrong: list[tuple[Term, Exc]] = []
    if clause.ifs:
        tests = each.formulas(nested(engine, lambda: expressions.evaluate_test(engine, bound, condition)))
        wrong += [(d, v) for d, _, v in tests if isinstance(v, Exc)]
        kept = z3.Or([z3.And(d, truth(s, v)) for d, s, v in tests if not isinstance(v, Exc)])
    there = bound.fork(kept)
    found = nested(engine, lambda: expressions.merge(there, expressions.evaluate(engine, there, element)))
    values = each.formulas(found)
    wrong += [(d, v) for d, _, v in values if isinstance(v, Exc)]
    good = [made.without_addresses(each.base, s, v, element) for _, s, v in values if not isinstance(v, Exc)]
    each.check(kept, *(d for d, _, _ in values), *(d for d, _ in wrong))
    results: Sequences = []
    for when, exception in wrong:
        somewhere = z3.Exists([each.index], z3.And(each.inside, when))
        if engine.feasible(state, somewhere):
            results.append((state.fork(somewhere), exception))
    if len(good) > 1:
        raise Unsupported(
            "elements of several kinds in a comprehension over a sequence of unknown length", element
        )
    nowhere = [z3.ForAll([each.index], z3.Implies(each.inside, z3.Not(w))) for w, _ in wrong]
    after = state.fork(*nowhere)
    if not good:
        if not results:
            return [(after, concrete_seq([]))]
        # After what `nowhere` says, no element passed the condition.
        none_kept = source.length == 0 if not clause.ifs else z3.BoolVal(True)
        if engine.feasible(after, none_kept):
            results.append((after.fork(none_kept), concrete_seq([])))
        return results
    check_scalar(each, operators.kept(good[0], element))
    if clause.ifs:
        results.append((after, _filtered(engine, source, each.index, kept, good[0])))
    else:
        index = each.index
        value = good[0]
        key = ("map", value_key(value)) if _is_scalar(value) else ()
        results.append((after, Seq(source.length, lambda i: substitute(value, index, i), None, key)))
    return results


def _bind(engine: Engine, each: Each, clause: ast.comprehension, source: Seq) -> State:
    paths = assignments.assign(engine, each.base.fork(), clause.target, source.get(each.index))
    if len(paths) != 1 or paths[0][1]:
        raise Unsupported("unpacking elements of several kinds in a comprehension", clause.target)
    each.base = paths[0][0]
    return each.base


def _is_scalar(value: Value) -> bool:
    return isinstance(value, VInt | VBool | VStr | VNone)


def check_scalar(each: Each, value: Value) -> None:
    terms: list[Term] = []
    pending = [value]
    # An index of what the value holds, whose name is none of those that are made afresh.
    probe = z3.Int(f"{INDEX}inside")
    while pending:
        one = pending.pop()
        match one:
            case VInt(term=t) | VBool(term=t) | VFloat(term=t) | VStr(term=t):
                terms.append(t)
            case VUnion(arms=options):
                terms += [g for g, _ in options]
                pending += [v for _, v in options]
            case VTuple(seq=s):
                terms.append(s.length)
                pending += (s.get(probe),) if s.items is None else s.items
            case VView(object=ListObject(seq=s)):
                pending.append(VTuple(s))
    each.check(*terms)


def _filtered(engine: Engine, source: Seq, index: Term, kept: Term, value: Value) -> Seq:
    """The elements at the indices that satisfy a condition, in order.

    ``origin`` maps the new indices to the old ones, strictly increasing, and ``place`` inverts it, so that
    exactly the elements that satisfy the condition occur.
    """
    if any(mentions_index(t) for t in (source.length, z3.substitute(kept, (index, z3.IntVal(0))))):
        raise Unsupported("a filtered comprehension inside another one")
    size = z3.Int(fresh_name("kept"))
    origin = symbol_function("origin", z3.IntSort(), z3.IntSort())
    place = symbol_function("place", z3.IntSort(), z3.IntSort())
    j, k = z3.Int(fresh_name("j")), z3.Int(fresh_name("k"))

    def at(i: Term) -> Term:
        return z3.substitute(kept, (index, i))

    inside = z3.And(j >= 0, j < size)
    engine.facts += [
        size >= 0,
        z3.If(source.length >= 0, size <= source.length, size == 0),
        z3.ForAll(
            [j],
            z3.Implies(
                inside,
                z3.And(origin(j) >= 0, origin(j) < source.length, at(origin(j)), place(origin(j)) == j),
            ),
            patterns=[origin(j)],
        ),
        z3.ForAll(
            [j, k],
            z3.Implies(z3.And(j >= 0, j < k, k < size), origin(j) < origin(k)),
            patterns=[z3.MultiPattern(origin(j), origin(k))],
        ),
        z3.ForAll(
            [j],
            z3.Implies(
                z3.And(j >= 0, j < source.length, at(j)),
                z3.And(place(j) >= 0, place(j) < size, origin(place(j)) == j),
            ),
        ),
    ]
    return Seq(size, lambda i: substitute(value, index, origin(i)), None, (fresh_name("filtered"),))


def mentions_index(term: Term) -> bool:
    pending, seen = [term], set()
    while pending:
        one = pending.pop()
        if one.get_id() in seen:
            continue
        seen.add(one.get_id())
        if z3.is_quantifier(one):
            pending.append(one.body())
        elif z3.is_app(one):
            if one.decl().kind() == z3.Z3_OP_UNINTERPRETED and one.decl().name().startswith(INDEX):
                return True
            pending.extend(one.children())
    return False


def quantify(
    engine: Engine, state: State, generators: list[ast.comprehension], element: ast.expr, *, universal: bool
) -> list[Result]:
    """``all(…)`` or ``any(…)`` of a generator, with its short circuit."""
    results: list[Result] = []
    for path, source, _ in _sources(engine, state, generators[0].iter):
        if isinstance(source, Exc):
            results.append((path, source))
            continue
        inner = _open_frame(engine, path, generators)
        body = _body(engine, generators, element, universal=universal)
        if source.items is not None:
            ends = _fold(engine, inner, generators[0], source, body, universal=universal)
        else:
            ends = _quantified(engine, inner, generators[0], source, body, universal=universal)
        results += [(_close_frame(engine, s, path), v) for s, v in ends]
    return results


def quantify_seq(engine: Engine, state: State, seq: Seq, *, universal: bool) -> list[Result]:
    """``all(xs)`` or ``any(xs)`` of a sequence that exists already."""
    join = z3.And if universal else z3.Or
    if seq.items is not None:
        return [(state, VBool(join([truth(state, v) for v in seq.items])))]
    i = z3.Int(fresh_name("i"))
    inside, true = z3.And(i >= 0, i < seq.length), truth(state, seq.get(i))
    if universal:
        return [(state, VBool(z3.ForAll([i], z3.Implies(inside, true))))]
    return [(state, VBool(z3.Exists([i], z3.And(inside, true))))]


Body = Callable[[State], list[Result]]


def _body(engine: Engine, generators: list[ast.comprehension], element: ast.expr, *, universal: bool) -> Body:
    """The truth of the element where the clause's conditions hold; neutral where they do not."""

    def run(state: State) -> list[Result]:
        def kept(path: State, value: Value) -> list[Result]:
            yes, no = engine.split(path, truth(path, value))
            results: list[Result] = [(no, VBool(z3.BoolVal(universal)))] if no else []
            if yes and len(generators) > 1:
                results += quantify(engine, yes, generators[1:], element, universal=universal)
            elif yes:
                results += expressions.bind(
                    expressions.evaluate(engine, yes, element), lambda s, v: [(s, VBool(truth(s, v)))]
                )
            return expressions.merge(path, results)

        condition = condition_of(generators[0])
        return expressions.bind(expressions.evaluate(engine, state, condition), kept)

    return run


def _fold(
    engine: Engine, state: State, clause: ast.comprehension, source: Seq, body: Body, *, universal: bool
) -> list[Result]:
    assert source.items is not None
    going: Term = z3.BoolVal(True)
    stopped: list[Term] = []
    results: list[Result] = []
    failed = False
    for item in source.items:
        engine.check_time()
        true: list[Term] = []
        for start, wrong in assignments.assign(engine, state.fork(going), clause.target, item):
            if wrong:
                results.append((start, wrong))
                failed = True
                continue
            for end, value in body(start):
                if not start.same_store(end, grown=True):
                    raise Unsupported("a side effect inside a generator", clause.iter)
                condition = expressions.delta(state, end)
                if isinstance(value, Exc):
                    results.append((state.fork(condition), value))
                    failed = True
                    continue
                holds = truth(end, value)
                go = holds if universal else z3.Not(holds)
                true.append(z3.And(condition, go))
                stopped.append(z3.And(condition, z3.Not(go)))
        going = z3.simplify(z3.Or(true)) if true else z3.BoolVal(False)
    value = VBool(going if universal else z3.Not(going))
    if not failed:
        return [(state, value)]
    fine = z3.Or(going, *stopped)
    return [*results, *([(state.fork(fine), value)] if engine.feasible(state, fine) else [])]


def _quantified(
    engine: Engine, state: State, clause: ast.comprehension, source: Seq, body: Body, *, universal: bool
) -> list[Result]:
    each = Each(engine, state, source, clause.iter)
    bound = _bind(engine, each, clause, source)
    found = each.formulas(nested(engine, lambda: body(bound)))
    wrong = [(d, v) for d, _, v in found if isinstance(v, Exc)]
    true = z3.Or([z3.And(d, truth(s, v)) for d, s, v in found if not isinstance(v, Exc)])
    false = z3.Or([z3.And(d, z3.Not(truth(s, v))) for d, s, v in found if not isinstance(v, Exc)])
    go, stay = (true, false) if universal else (false, true)
    each.check(true, false, *(d for d, _ in wrong))
    index, inside = each.index, each.inside
    throughout = z3.ForAll([index], z3.Implies(inside, go))
    answer = throughout if universal else z3.Not(throughout)
    if not wrong:
        return [(state, VBool(answer))]
    earlier = z3.Int(fresh_name("j"))
    before = z3.ForAll(
        [earlier],
        z3.Implies(z3.And(earlier >= 0, earlier < index), z3.substitute(go, (index, earlier))),
    )
    results: list[Result] = []
    for when, exception in wrong:
        first = z3.Exists([index], z3.And(inside, when, before))
        if engine.feasible(state, first):
            results.append((state.fork(first), exception))
    fine = z3.Or(throughout, z3.Exists([index], z3.And(inside, stay, before)))
    if engine.feasible(state, fine):
        results.append((state.fork(fine), VBool(answer)))
    return results
