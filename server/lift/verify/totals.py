"""Sums, minima and maxima of sequences of known and of unknown length."""

from __future__ import annotations

import ast

import z3

from lift.verify import arithmetic, comprehensions, float_sums, operators
from lift.verify import evaluate as expressions
from lift.verify.operators import raises, truth
from lift.verify.state import Engine, Result, State
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VFloat,
    VInt,
    VUnion,
    as_int,
    fresh_name,
    symbol_function,
    term_key,
    value_key,
)


def total(engine: Engine, state: State, seq: Seq, start: Value, node: ast.AST) -> list[Result]:
    """``sum(seq, start)``."""
    if seq.items is not None:
        _check_rounding(seq.items, start, node)
        paths: list[Result] = [(state, start)]
        for item in seq.items:
            paths = expressions.bind(
                paths, lambda s, v, item=item: arithmetic.arithmetic(engine, s, ast.Add(), v, item, node)
            )
        return paths
    begin = operators.number(start)
    sample = operators.number(seq.get(z3.Int(f"{comprehensions.INDEX}{engine.depth}")))
    if begin is None or sample is None:
        return float_sums.total(engine, state, seq, start, node)
    # Of an empty sequence it is the start itself, which may be a bool.
    maybe_bool = isinstance(start, VBool) or (isinstance(start, VInt) and start.maybe_bool)
    return [(state, VInt(z3.simplify(begin + _partial_sum(engine, seq, seq.length)), maybe_bool))]


def count(engine: Engine, state: State, seq: Seq, item: Value, node: ast.AST) -> list[Result]:
    """How many elements of a sequence of unknown length equal an item."""

    def hit(i: Term) -> Value:
        same = operators.equal_element(engine, state, item, seq.get(i))
        return VInt(z3.If(same, z3.IntVal(1), z3.IntVal(0)))

    hits = Seq(seq.length, hit, None, ("count", *seq.key, value_key(item)) if seq.key else ())
    found = total(engine, state, hits, VInt(z3.IntVal(0)), node)
    there = operators.member(engine, state, seq, item)
    results: list[Result] = []
    for path, number in found:
        term = operators.number(number) if not isinstance(number, Exc) else None
        results.append((path, number) if term is None else (path.fork((term > 0) == there), number))
    return results


def _check_rounding(items: tuple[Value, ...], start: Value, node: ast.AST) -> None:
    """Refuse a sum of floats that is rounded more than once.

    Since Python 3.12 ``sum`` compensates for what rounding loses, and before that it did not; where one
    addition alone can round, both give the same.
    """
    kinds = [k for v in (start, *items) for k in ([a for _, a in v.arms] if isinstance(v, VUnion) else [v])]
    if not any(isinstance(k, VFloat) for k in kinds):
        return
    plain = isinstance(start, VInt) and as_int(start.term) == 0
    if len(items) > (2 if plain else 1):
        raise Unsupported("sum() of floats, which rounds differently in different versions of Python", node)


def conditional_total(
    engine: Engine, state: State, node: ast.GeneratorExp, start: Value, call: ast.AST
) -> list[Result] | None:
    """``sum(f(x) for x in xs if c)`` as the sum of ``f(x) if c else 0``, so that no filter is needed."""
    clause = node.generators[0]
    if len(node.generators) != 1 or not clause.ifs:
        return None
    zero = ast.copy_location(ast.Constant(0), node.elt)
    element = ast.copy_location(ast.IfExp(comprehensions.condition_of(clause), node.elt, zero), node.elt)
    plain = ast.comprehension(clause.target, clause.iter, [], clause.is_async)
    whole = ast.copy_location(ast.GeneratorExp(element, [plain]), node)
    results: list[Result] = []
    for path, seq in comprehensions.elements(engine, state, whole):
        results += [(path, seq)] if isinstance(seq, Exc) else total(engine, path, seq, start, call)
    return results


def _partial_sum(engine: Engine, seq: Seq, upto: Term) -> Term:
    """The sum of the elements before an index, unfolded at both ends where it is asked for."""
    if comprehensions.mentions_index(upto) or comprehensions.mentions_index(_number_at(seq, z3.IntVal(0))):
        raise Unsupported("a sum for each element of a sequence of unknown length")
    key = seq.key or ("sum", fresh_name("seq"))
    upto = z3.simplify(upto)
    function, done = engine.sums.setdefault(key, (symbol_function("sum", z3.IntSort(), z3.IntSort()), set()))
    if term_key(upto) not in done:
        done.add(term_key(upto))
        k = z3.Int(fresh_name("k"))
        element = _number_at(seq, k)
        inside = z3.And(k >= 0, k < upto)
        last = z3.simplify(upto - 1)
        engine.facts += [
            function(z3.IntVal(0)) == 0,
            z3.Implies(upto <= 0, function(upto) == 0),
            z3.Implies(upto > 0, function(upto) == function(last) + _number_at(seq, last)),
            z3.Implies(upto == 1, function(upto) == _number_at(seq, z3.IntVal(0))),
            # Both follow by induction, which Z3 does not do.
            z3.Implies(z3.ForAll([k], z3.Implies(inside, element >= 0)), function(upto) >= 0),
            z3.Implies(
                z3.And(upto >= 0, z3.ForAll([k], z3.Implies(inside, element <= 1))), function(upto) <= upto
            ),
        ]
    return function(upto)


def _number_at(seq: Seq, index: Term) -> Term:
    term = operators.number(seq.get(index))
    if term is None:
        raise Unsupported("the sum of a sequence of unknown length whose elements are not integers")
    return term


def extreme(
    engine: Engine, state: State, seq: Seq, node: ast.AST, *, largest: bool, default: Value | None = None
) -> list[Result]:
    """``min(seq)`` or ``max(seq)``."""
    name = "max" if largest else "min"
    some, empty = engine.split(state, seq.length > 0)
    results: list[Result] = []
    if empty:
        why = f"{name}() of an empty sequence"
        results.append((empty, default) if default is not None else raises(empty, "ValueError", node, why))
    if not some:
        return results
    if seq.items is not None:
        paths: list[Result] = [(some, seq.items[0])]
        for item in seq.items[1:]:
            paths = expressions.bind(
                paths, lambda s, v, item=item: _better(engine, s, v, item, node, largest=largest)
            )
        return [*results, *paths]
    sample = operators.number(seq.get(z3.IntVal(0)))
    if sample is None:
        raise Unsupported(f"{name}() of elements that are not integers", node)
    if comprehensions.mentions_index(seq.length) or comprehensions.mentions_index(sample):
        raise Unsupported(f"{name}() for each element of a sequence of unknown length", node)
    found, where, i = z3.Int(fresh_name(name)), z3.Int(fresh_name("at")), z3.Int(fresh_name("i"))
    element = _number_at(seq, i)
    bound = element <= found if largest else element >= found
    first = seq.get(z3.Int(fresh_name("any")))
    if not isinstance(first, VInt):
        raise Unsupported(f"{name}() of elements that are not integers", node)
    some = some.fork(
        where >= 0,
        where < seq.length,
        found == _number_at(seq, where),
        z3.ForAll([i], z3.Implies(z3.And(i >= 0, i < seq.length), bound)),
    )
    return [*results, (some, VInt(found, first.maybe_bool))]


def _better(
    engine: Engine, state: State, best: Value, item: Value, node: ast.AST, *, largest: bool
) -> list[Result]:
    test = ast.Gt() if largest else ast.Lt()
    assert isinstance(node, ast.expr)

    def pick(path: State, value: Value) -> list[Result]:
        yes, no = engine.split(path, truth(path, value))
        results: list[Result] = [(yes, item)] if yes else []
        return expressions.merge(path, [*results, *([(no, best)] if no else [])])

    return expressions.bind(operators.compare(engine, state, test, item, best, node), pick)


def known_length(seq: Seq) -> int | None:
    """The number of elements, None if it is not known."""
    return len(seq.items) if seq.items is not None else as_int(seq.length)
