"""``sorted`` and ``list.sort``, ``min`` and ``max`` by a key.

Python's sort is stable and asks only ``<``. Over a sequence of known length it is an insertion sort on the
path, which is exact for whatever can be compared; over one of unknown length the result is described: a
permutation in which keys do not fall and equal keys keep the order of their elements.
"""

from __future__ import annotations

import ast

import z3

from lift.verify import comprehensions, elementwise, floats, operators, totals
from lift.verify import evaluate as expressions
from lift.verify.operators import number, raises, truth
from lift.verify.state import Engine, Result, State
from lift.verify.values import (
    FALSE,
    NONE,
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
    as_bool,
    concrete_seq,
    fresh_name,
    symbol_function,
)

Keyword = dict[str, Value]


def sort_seq(
    engine: Engine, state: State, seq: Seq, keyword: Keyword, node: ast.Call
) -> comprehensions.Sequences:
    """A sequence in order, or in reverse order, as ``sorted`` with these keywords gives it."""
    results: comprehensions.Sequences = []
    for path, keys in keys_of(engine, state, seq, keyword, node):
        results += (
            [(path, keys)] if isinstance(keys, Exc) else by_keys(engine, path, seq, keys, keyword, node)
        )
    return results


def keys_of(
    engine: Engine, state: State, seq: Seq, keyword: Keyword, node: ast.Call
) -> comprehensions.Sequences:
    """The keys that a sort asks for, all of them before it compares any."""
    if keyword.keys() - {"key", "reverse"}:
        raise Unsupported(f"sorting with {', '.join(sorted(keyword))}", node)
    key = keyword.get("key", NONE)
    return [(state, seq)] if isinstance(key, VNone) else elementwise.mapped(engine, state, seq, key, node)


def by_keys(
    engine: Engine, state: State, seq: Seq, keys: Seq, keyword: Keyword, node: ast.Call
) -> comprehensions.Sequences:
    """A sequence in the order of its keys.

    Raises:
        Unsupported: An order that is not known, or keys of unknown number that need not be in a total order.
    """
    backwards = number(keyword.get("reverse", FALSE))
    if backwards is None:
        raise Unsupported("sorting with `reverse` of another type than int", node)
    reverse = as_bool(backwards != 0)
    if reverse is None:
        raise Unsupported("sorting in an order that is not known", node)
    if seq.items is not None and keys.items is not None:
        return _insertion_sort(engine, state, seq.items, keys.items, node, reverse=reverse)
    if keys is seq and isinstance(seq.get(z3.Int(fresh_name("any"))), VInt):
        return [_integers(state, seq, reverse=reverse)]
    return [_permutation(engine, state, seq, keys, node, reverse=reverse)]


def _inside(seq: Seq, index: Term) -> Term:
    return z3.And(index >= 0, index < seq.length)


def _integers(state: State, seq: Seq, *, reverse: bool) -> tuple[State, Seq | Exc]:
    """Integers by themselves: equal ones need not be told apart, so the result is a function of its own."""
    sample = seq.get(z3.Int(fresh_name("any")))
    assert isinstance(sample, VInt)
    # A permutation: `source` is a bijection of the indices, with `target` as its inverse.
    result = symbol_function("sorted", z3.IntSort(), z3.IntSort())
    source = symbol_function("source", z3.IntSort(), z3.IntSort())
    target = symbol_function("target", z3.IntSort(), z3.IntSort())
    i, j = z3.Int(fresh_name("i")), z3.Int(fresh_name("j"))
    element = number(seq.get(source(i)))
    original = number(seq.get(i))
    ordered = result(i) >= result(j) if reverse else result(i) <= result(j)
    forward = z3.And(_inside(seq, source(i)), result(i) == element, target(source(i)) == i)
    backward = z3.And(_inside(seq, target(i)), source(target(i)) == i, result(target(i)) == original)
    in_order = z3.Implies(z3.And(i >= 0, i <= j, j < seq.length), ordered)
    state = state.fork(
        z3.ForAll([i], z3.Implies(_inside(seq, i), forward), patterns=[result(i)]),
        z3.ForAll([i], z3.Implies(_inside(seq, i), backward)),
        z3.ForAll([i, j], in_order, patterns=[z3.MultiPattern(result(i), result(j))]),
    )
    made = Seq(seq.length, lambda k: VInt(result(k), sample.maybe_bool), None, (fresh_name("sorted"),))
    return state, made


def _permutation(
    engine: Engine, state: State, seq: Seq, keys: Seq, node: ast.Call, *, reverse: bool
) -> tuple[State, Seq | Exc]:
    i, j = z3.Int(fresh_name("i")), z3.Int(fresh_name("j"))
    _check_total(keys.get(i), "sorting", node)
    source = symbol_function("source", z3.IntSort(), z3.IntSort())
    target = symbol_function("target", z3.IntSort(), z3.IntSort())
    here, there = keys.get(source(i)), keys.get(source(j))
    first, second = (there, here) if reverse else (here, there)
    rises = _less(engine, state, first, second, node)
    falls = _less(engine, state, second, first, node)
    forward = z3.And(_inside(seq, source(i)), target(source(i)) == i)
    backward = z3.And(_inside(seq, target(i)), source(target(i)) == i)
    in_order = z3.Or(rises, z3.And(z3.Not(falls), source(i) < source(j)))
    triggers = [target(i), *_reads(seq.get(i), i)]
    state = state.fork(
        z3.ForAll([i], z3.Implies(_inside(seq, i), forward), patterns=[source(i)]),
        z3.ForAll([i], z3.Implies(_inside(seq, i), backward), patterns=triggers),
        z3.ForAll(
            [i, j],
            z3.Implies(z3.And(i >= 0, i < j, j < seq.length), in_order),
            patterns=[z3.MultiPattern(source(i), source(j))],
        ),
    )
    return state, Seq(seq.length, lambda k: seq.get(source(k)), None, (fresh_name("sorted"),))


def _check_total(key: Value, what: str, node: ast.AST) -> None:
    """Refuse keys of unknown number that are not in a total order, or of which that is not known.

    Raises:
        Unsupported: Such a key: a float may be NaN, and values of several kinds may not compare at all.
    """
    if isinstance(key, VTuple) and key.seq.items is not None:
        for item in key.seq.items:
            _check_total(item, what, node)
    elif not isinstance(key, VInt | VBool | VStr):
        raise Unsupported(f"{what} by keys that are neither int nor str", node)


def _less(engine: Engine, state: State, a: Value, b: Value, node: ast.Call) -> Term:
    """``a < b`` of keys that are in a total order."""
    found = operators.compare(engine, state, ast.Lt(), a, b, node)
    if len(found) != 1 or not isinstance(found[0][1], VBool):
        raise Unsupported("keys that cannot be compared", node)
    return found[0][1].term


def _reads(value: Value, index: Term) -> list[Term]:
    """Terms that say nothing but which element an index has: where they occur, the element is looked at."""
    match value:
        case VInt(term=t) | VBool(term=t) | VFloat(term=t) | VStr(term=t):
            plain = z3.is_app(t) and t.decl().kind() == z3.Z3_OP_UNINTERPRETED
            return [t] if plain and any(c.eq(index) for c in t.children()) else []
        case VTuple(seq=s) if s.items is not None:
            return [t for v in s.items for t in _reads(v, index)]
    return []


def _insertion_sort(
    engine: Engine,
    state: State,
    items: tuple[Value, ...],
    keys: tuple[Value, ...],
    node: ast.Call,
    *,
    reverse: bool,
) -> comprehensions.Sequences:
    """Stable, as Python's, and exact for whatever can be compared."""
    paths: list[tuple[State, list[tuple[Value, Value]] | Exc]] = [(state, [])]
    for pair in zip(keys, items, strict=True):
        grown: list[tuple[State, list[tuple[Value, Value]] | Exc]] = []
        for path, done in paths:
            grown += (
                [(path, done)]
                if isinstance(done, Exc)
                else _insert(engine, path, done, pair, node, reverse=reverse)
            )
        if len(grown) > engine.max_paths:
            raise Unsupported("sorting with too many cases", node)
        paths = grown
    return [(s, v if isinstance(v, Exc) else concrete_seq([item for _, item in v])) for s, v in paths]


def _insert(
    engine: Engine,
    state: State,
    done: list[tuple[Value, Value]],
    pair: tuple[Value, Value],
    node: ast.Call,
    *,
    reverse: bool,
) -> list[tuple[State, list[tuple[Value, Value]] | Exc]]:
    if not done:
        return [(state, [pair])]
    for one in (done[-1][0], pair[0]):
        if isinstance(one, VFloat) and engine.feasible(state, floats.is_nan(one)):
            # The order then depends on which elements are compared.
            raise Unsupported("sorting floats that may be NaN", node)
    first, second = (done[-1][0], pair[0]) if reverse else (pair[0], done[-1][0])
    results: list[tuple[State, list[tuple[Value, Value]] | Exc]] = []
    for path, before in operators.compare(engine, state, ast.Lt(), first, second, node):
        if isinstance(before, Exc):
            results.append((path, before))
            continue
        earlier, here = engine.split(path, truth(path, before))
        if here:
            results.append((here, [*done, pair]))
        if earlier:
            for then, rest in _insert(engine, earlier, done[:-1], pair, node, reverse=reverse):
                results.append((then, rest if isinstance(rest, Exc) else [*rest, done[-1]]))
    return results


def extreme(
    engine: Engine,
    state: State,
    seq: Seq,
    keyword: Keyword,
    node: ast.Call,
    *,
    largest: bool,
) -> list[Result]:
    """``min(seq, key=…, default=…)`` or ``max(…)``: the first of the elements with the best key."""
    name = "max" if largest else "min"
    key = keyword.get("key", NONE)
    default = keyword.get("default")
    plain = isinstance(key, VNone)
    if plain and (seq.items is not None or isinstance(seq.get(z3.Int(fresh_name("any"))), VInt)):
        return totals.extreme(engine, state, seq, node, largest=largest, default=default)
    some, empty = engine.split(state, seq.length > 0)
    results: list[Result] = []
    if empty:
        why = f"{name}() of an empty sequence"
        results.append((empty, default) if default is not None else raises(empty, "ValueError", node, why))
    if not some:
        return results
    if seq.items is not None:
        return [*results, *_best_item(engine, some, seq.items, key, node, largest=largest)]
    mapped = [(some, seq)] if plain else elementwise.mapped(engine, some, seq, key, node)
    for path, keys in mapped:
        if isinstance(keys, Exc):
            results.append((path, keys))
        else:
            results.append(_best_index(engine, path, seq, keys, node, largest=largest))
    return results


def _best_item(
    engine: Engine, state: State, items: tuple[Value, ...], key: Value, node: ast.Call, *, largest: bool
) -> list[Result]:
    """The keys are asked for one by one, each before its comparison."""
    test = ast.Gt() if largest else ast.Lt()

    def pair(path: State, item: Value) -> list[Result]:
        found = elementwise.ask(engine, path, key, item, node)
        return expressions.bind(found, lambda s, k: [(s, VTuple(concrete_seq([k, item])))])

    def better(path: State, best: Value, item: Value) -> list[Result]:
        return expressions.bind(pair(path, item), lambda s, new: pick(s, best, new))

    def pick(path: State, best: Value, new: Value) -> list[Result]:
        def chosen(then: State, value: Value) -> list[Result]:
            yes, no = engine.split(then, truth(then, value))
            found: list[Result] = [(yes, new)] if yes else []
            return expressions.merge(then, [*found, *([(no, best)] if no else [])])

        compared = operators.compare(engine, path, test, _part(new, 0), _part(best, 0), node)
        return expressions.bind(compared, chosen)

    paths = pair(state, items[0])
    for item in items[1:]:
        engine.check_time()
        paths = expressions.bind(paths, lambda s, best, item=item: better(s, best, item))
        if len(paths) > engine.max_paths:
            raise Unsupported("min() or max() with too many cases", node)
    return expressions.bind(paths, lambda s, best: [(s, _part(best, 1))])


def _part(pair: Value, index: int) -> Value:
    assert isinstance(pair, VTuple)
    return pair.seq.get(z3.IntVal(index))


def _best_index(
    engine: Engine, state: State, seq: Seq, keys: Seq, node: ast.Call, *, largest: bool
) -> Result:
    where, i = z3.Int(fresh_name("at")), z3.Int(fresh_name("i"))
    best, other = keys.get(where), keys.get(i)
    name = "max()" if largest else "min()"
    _check_total(other, name, node)
    first, second = (best, other) if largest else (other, best)
    beaten = _less(engine, state, first, second, node)
    beats = _less(engine, state, second, first, node)
    state = state.fork(
        _inside(seq, where),
        z3.ForAll([i], z3.Implies(_inside(seq, i), z3.Not(beaten))),
        z3.ForAll([i], z3.Implies(z3.And(i >= 0, i < where), beats)),
    )
    return state, seq.get(where)
