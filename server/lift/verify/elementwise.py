"""A function of the source, or a built-in one, asked for each element of a sequence.

What ``sorted`` and ``max`` do with their key, and what ``map`` and ``filter`` do. Over a sequence of known
length the function is called for one element after the other; over one of unknown length once, for an
arbitrary index, as a comprehension would.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import z3

from lift.verify import comprehensions, made, operators
from lift.verify import evaluate as expressions
from lift.verify.operators import arms
from lift.verify.state import Engine, Result, State
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VInt,
    VStr,
    concrete_seq,
    fresh_name,
    substitute,
    symbol_function,
)


def ask(engine: Engine, state: State, function: Value, item: Value, node: ast.Call) -> list[Result]:
    """``function(item)``, which must leave all variables and objects as they are.

    Raises:
        Unsupported: The call has an effect, or is not modelled.
    """
    from lift.verify import calls

    results: list[Result] = []
    for path, one in arms(engine, state, function):
        for then, value in calls.apply(engine, path, one, [item], {}, node):
            if not path.same_store(then, grown=True):
                raise Unsupported("a side effect inside a key", node)
            results.append((then, value if isinstance(value, Exc) else operators.kept(value, node)))
    return expressions.merge(state, results)


def mapped(
    engine: Engine, state: State, seq: Seq, function: Value, node: ast.Call
) -> comprehensions.Sequences:
    """What a function gives for the elements of a sequence, asked in their order.

    Raises:
        Unsupported: A function with an effect, or one whose answer over a sequence of unknown length is no
            formula over the index.
    """
    if seq.items is None:
        return _at_any_index(engine, state, seq, function, node)
    paths: list[tuple[State, list[Value] | Exc]] = [(state, [])]
    for item in seq.items:
        engine.check_time()
        grown: list[tuple[State, list[Value] | Exc]] = []
        for path, done in paths:
            if isinstance(done, Exc):
                grown.append((path, done))
                continue
            for then, value in ask(engine, path, function, item, node):
                grown.append((then, value if isinstance(value, Exc) else [*done, value]))
        if len(grown) > engine.max_paths:
            raise Unsupported("a key with too many cases", node)
        paths = grown
    return [(s, v if isinstance(v, Exc) else concrete_seq(v)) for s, v in paths]


def _at_any_index(
    engine: Engine, state: State, seq: Seq, function: Value, node: ast.Call
) -> comprehensions.Sequences:
    if engine.exploring:
        raise Unsupported("a key for each element of a sequence of unknown length", node)
    each = comprehensions.Each(engine, state, seq, node)
    found = comprehensions.nested(engine, lambda: ask(engine, each.base, function, seq.get(each.index), node))
    values = each.formulas(found)
    wrong = [(d, v) for d, _, v in values if isinstance(v, Exc)]
    good = [made.without_addresses(each.base, s, v, node) for _, s, v in values if not isinstance(v, Exc)]
    if len(good) > 1:
        raise Unsupported("a key of several kinds over a sequence of unknown length", node)
    try:
        each.check(*(d for d, _, _ in values))
        if good:
            comprehensions.check_scalar(each, good[0])
    except Unsupported:
        sorts = [_SORTS[type(v)]() for v in good if type(v) in _SORTS]
        if wrong or not sorts:
            raise
        return [(state, _anything(engine, seq, type(good[0]), sorts[0], each, node))]
    results: comprehensions.Sequences = []
    for when, exception in wrong:
        somewhere = z3.Exists([each.index], z3.And(each.inside, when))
        if engine.feasible(state, somewhere):
            results.append((state.fork(somewhere), exception))
    after = state.fork(*(z3.ForAll([each.index], z3.Implies(each.inside, z3.Not(w))) for w, _ in wrong))
    if not good:
        after = after.fork(seq.length == 0)
        return [*results, *([(after, concrete_seq([]))] if engine.feasible(after, seq.length == 0) else [])]
    value, index = good[0], each.index
    return [*results, (after, Seq(seq.length, lambda i: substitute(value, index, i), None, ()))]


_SORTS: dict[type, Callable[[], Term]] = {
    VInt: z3.IntSort,
    VBool: z3.BoolSort,
    VStr: z3.StringSort,
}


def _anything(
    engine: Engine, seq: Seq, kind: type, sort: Term, each: comprehensions.Each, node: ast.Call
) -> Seq:
    """Values of a kind of which nothing else is known, where each call only constrained its own result."""
    engine.approximate("a call for each element of a sequence of unknown length", node)
    # They speak of one index, within the bounds of a sequence that may be empty.
    del engine.facts[each.facts :]
    function = symbol_function("asked", z3.IntSort(), sort)
    return Seq(seq.length, lambda i: kind(function(i)), None, (fresh_name("seq"),))
