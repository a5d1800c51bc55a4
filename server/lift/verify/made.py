"""What a comprehension makes for each element of a sequence of unknown length: rows, entries of a dictionary.

A container that is made anew for each element has no address, since there is no one heap in which all of
them stand; it becomes a view, which may be read but neither changed nor compared by ``is``.
"""

from __future__ import annotations

import ast

import z3

from lift.verify import displays, operators
from lift.verify.operators import heap_object
from lift.verify.state import DictObject, Engine, ListObject, Result, State
from lift.verify.symbols import concrete_dict, key_sort, key_term, key_value
from lift.verify.types import TInt, TStr
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VInt,
    VRef,
    VStr,
    VTuple,
    VUnion,
    VView,
    concrete_seq,
    fresh_name,
    symbol_function,
)


def without_addresses(before: State, after: State, value: Value, node: ast.AST) -> Value:
    """A value in which the containers that were made since ``before`` are views of what they hold.

    Nothing else can know them: the evaluation that made them changed no variable and no older object.

    Raises:
        Unsupported: A new object that cannot be a view.
    """
    match value:
        case VUnion(arms=options):
            return VUnion(tuple((g, without_addresses(before, after, v, node)) for g, v in options))
        case VTuple(seq=seq):
            return VTuple(_each_without(before, after, seq, node))
        case VRef(address=address) if address not in before.heap:
            obj = heap_object(after, value)
            if not isinstance(obj, ListObject):
                raise Unsupported("a new object for each element of a sequence of unknown length", node)
            return VView(ListObject(_each_without(before, after, obj.seq, node)))
    return value


def _each_without(before: State, after: State, seq: Seq, node: ast.AST) -> Seq:
    if seq.items is not None:
        return concrete_seq([without_addresses(before, after, v, node) for v in seq.items])
    return Seq(seq.length, lambda i: without_addresses(before, after, seq.get(i), node), None, seq.key)


def triggers(value: Value, index: Term) -> list[Term]:
    """The applications of uninterpreted functions to an index: where one occurs, that index is looked at."""
    found: dict[int, Term] = {}
    pending: list[Term] = []
    values = [value]
    while values:
        one = values.pop()
        if isinstance(one, VInt | VBool | VStr):
            pending.append(one.term)
        elif isinstance(one, VTuple) and one.seq.items is not None:
            values += one.seq.items
    while pending:
        term = pending.pop()
        if not z3.is_app(term):
            continue
        if term.decl().kind() == z3.Z3_OP_UNINTERPRETED and any(c.eq(index) for c in term.children()):
            found[term.get_id()] = term
        pending += term.children()
    return list(found.values())


def from_pairs(engine: Engine, state: State, pairs: Seq | Exc, node: ast.expr) -> Result:
    """``dict(pairs)`` on a path.

    Raises:
        Unsupported: Elements that are no tuples of two.
    """
    if isinstance(pairs, Exc):
        return state, pairs
    path = state.fork()
    if pairs.items is None:
        return path, engine.allocate(path, dictionary(engine, pairs, node))
    ref = engine.allocate(path, concrete_dict([], None))
    for i in range(len(pairs.items)):
        index = z3.IntVal(i)
        key = _part(pairs, index, 0)
        if isinstance(key, VUnion):
            raise Unsupported("a dictionary key that may be of several kinds", node)
        bad = operators.hash_error(path, key, node)
        if bad is not None:
            return bad
        displays.store_item(engine, path, ref, key, _part(pairs, index, 1), node)
    return path, ref


def dictionary(engine: Engine, pairs: Seq, node: ast.AST) -> DictObject:
    """The dictionary of a sequence of pairs of unknown length: the last value of each key counts.

    Raises:
        Unsupported: Keys that are not all int or all str.
    """
    engine.approximate("a dictionary comprehension over a sequence of unknown length", node)
    i, j = z3.Int(fresh_name("i")), z3.Int(fresh_name("j"))
    key_type = TStr() if isinstance(_part(pairs, i, 0), VStr) else TInt()
    if not isinstance(_part(pairs, i, 0), VInt | VBool | VStr):
        raise Unsupported("dictionary keys that are not int or str", node)
    sort = key_sort(key_type)
    k = z3.Const(fresh_name("k"), sort)
    last = symbol_function("last", sort, z3.IntSort())
    size = z3.Int(fresh_name("size"))
    key_at = symbol_function("key", z3.IntSort(), sort)
    position = symbol_function("position", sort, z3.IntSort())

    def key(index: Term) -> Term:
        term = key_term(_part(pairs, index, 0), sort)
        if term is None:
            raise Unsupported("a dictionary with keys of several kinds", node)
        return term

    def inside(index: Term) -> Term:
        return z3.And(index >= 0, index < pairs.length)

    def has(term: Term) -> Term:
        return z3.And(inside(last(term)), key(last(term)) == term)

    latest = z3.And(has(key(i)), last(key(i)) >= i)
    distinct = z3.ForAll([i, j], z3.Implies(z3.And(i >= 0, i < j, j < pairs.length), key(i) != key(j)))
    same_order = z3.ForAll([i], z3.Implies(inside(i), key_at(i) == key(i)), patterns=[key_at(i)])
    engine.facts += [
        z3.ForAll([i], z3.Implies(inside(i), latest), patterns=triggers(_part(pairs, i, 0), i)),
        size >= 0,
        z3.If(pairs.length > 0, z3.And(size >= 1, size <= pairs.length), size == 0),
        z3.ForAll(
            [k],
            z3.Implies(has(k), z3.And(position(k) >= 0, position(k) < size, key_at(position(k)) == k)),
            patterns=[last(k)],
        ),
        z3.ForAll(
            [i],
            z3.Implies(z3.And(i >= 0, i < size), z3.And(has(key_at(i)), position(key_at(i)) == i)),
            patterns=[key_at(i)],
        ),
        z3.Implies(distinct, z3.And(size == pairs.length, same_order)),
    ]

    def contains(value: Value) -> Term:
        term = key_term(value, sort)
        return z3.BoolVal(False) if term is None else has(term)

    def get(value: Value) -> Value:
        term = key_term(value, sort)
        if term is None:
            raise Unsupported("a key of another kind", node)
        return _part(pairs, last(term), 1)

    keys = Seq(size, lambda n: key_value(key_at(n), key_type), None, (fresh_name("seq"),))
    return DictObject(contains, get, size, keys, key_type)


def _part(pairs: Seq, index: Term, which: int) -> Value:
    pair = pairs.get(index)
    if not isinstance(pair, VTuple) or pair.seq.items is None or len(pair.seq.items) != 2:
        raise Unsupported("entries of several kinds")
    return operators.kept(pair.seq.items[which], ast.Pass())
