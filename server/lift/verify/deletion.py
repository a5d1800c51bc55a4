"""``del`` of items and slices, and assignment to slices.

CPython reads the container, then the index or the bounds from left to right, and only then changes anything.
"""

from __future__ import annotations

import ast

import z3

from lift.verify import evaluate as expressions
from lift.verify import operators, subscripts
from lift.verify.operators import arms, heap_object, raises
from lift.verify.state import DictObject, Engine, InstanceObject, ListObject, Result, State, change
from lift.verify.values import (
    NONE,
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VRef,
    as_int,
    concrete_seq,
)

Bounds = tuple[Term | None, Term | None, Term | None]


def delete_item(engine: Engine, state: State, target: ast.Subscript) -> list[Result]:
    """``del box[index]`` or ``del box[start:stop:step]``; the value of a path that goes on is ``None``."""
    part = target.slice
    if isinstance(part, ast.Slice):
        return expressions.bind(
            expressions.evaluate(engine, state, target.value),
            lambda s, box: expressions.bind_slice(engine, s, box, part, target, use=_delete_slice),
        )
    results: list[Result] = []
    for path, parts in expressions.evaluate_all(engine, state, [target.value, part]):
        if isinstance(parts, Exc):
            results.append((path, parts))
            continue
        for then, box in arms(engine, path, parts[0]):
            for last, index in arms(engine, then, parts[1]):
                results += _delete_at(engine, last, box, index, target)
    return results


def store_slice(engine: Engine, state: State, target: ast.Subscript, value: Value) -> list[Result]:
    """``box[start:stop] = value``."""
    part = target.slice
    assert isinstance(part, ast.Slice)

    def use(engine: Engine, path: State, box: Value, bounds: Bounds, node: ast.expr) -> list[Result]:
        results: list[Result] = []
        for then, given in arms(engine, path, value):
            results += _replace_slice(engine, then, box, bounds, given, node)
        return results

    return expressions.bind(
        expressions.evaluate(engine, state, target.value),
        lambda s, box: expressions.bind_slice(engine, s, box, part, target, use=use),
    )


def remove_key(engine: Engine, state: State, ref: VRef, gone: Value, node: ast.AST) -> None:
    """Take a key that is there out of a dictionary, in place; the path must have been copied before."""
    obj = state.heap[ref.address]
    assert isinstance(obj, DictObject)

    def has(key: Value) -> Term:
        return z3.And(obj.has(key), z3.Not(operators.equal(engine, state, key, gone)))

    size = z3.simplify(obj.size - 1)
    change(state, ref.address, DictObject(has, obj.get, size, None, obj.key_type, obj.value_type), node)


def without(seq: Seq, position: Term) -> Seq:
    """The sequence without the element at an index within bounds, counted from the front."""
    known = as_int(position)
    if seq.items is not None and known is not None:
        return concrete_seq([*seq.items[:known], *seq.items[known + 1 :]])
    length = z3.simplify(seq.length - 1)
    if z3.simplify(position - length).eq(z3.IntVal(0)):
        return Seq(length, seq.get, None, seq.key)
    return Seq(length, lambda i: seq.get(z3.If(i < position, i, i + 1)), None, ())


def _changeable(state: State, box: Value, node: ast.expr, what: str) -> Result | None:
    """The TypeError of what has no items to change, None for a list or a dictionary that may be changed."""
    obj = heap_object(state, box)
    if isinstance(obj, ListObject | DictObject):
        if not isinstance(box, VRef):
            raise Unsupported("changing a container whose identity is not known", node)
        return None
    if isinstance(obj, InstanceObject) or not isinstance(box, operators.PLAIN):
        raise Unsupported(f"{what} of a {operators.class_name(state, box)}", node)
    return raises(state, "TypeError", node, f"a {operators.class_name(state, box)} does not support {what}")


def _delete_at(engine: Engine, state: State, box: Value, index: Value, node: ast.expr) -> list[Result]:
    own = operators.instance_operators().invoke(engine, state, "__delitem__", box, [index], node)
    if own is not None:
        return own
    bad = _changeable(state, box, node, "item deletion")
    if bad:
        return [bad]
    assert isinstance(box, VRef)
    obj = state.heap[box.address]
    if isinstance(obj, DictObject):
        unhashable = operators.hash_error(state, index, node)
        if unhashable:
            return [unhashable]
        found, missing = engine.split(state, obj.has(index))
        results = [raises(missing, "KeyError", node, "the key may be missing")] if missing else []
        if found:
            found = found.fork()
            remove_key(engine, found, box, index, node)
            results.append((found, NONE))
        return results
    assert isinstance(obj, ListObject)
    position = operators.number(index)
    if position is None:
        if isinstance(heap_object(state, index), InstanceObject):
            raise Unsupported("an instance as an index", node)
        return [raises(state, "TypeError", node, f"an index is a {operators.class_name(state, index)}")]
    seq = obj.seq
    inside, outside = engine.split(state, z3.And(position >= -seq.length, position < seq.length))
    results = [raises(outside, "IndexError", node, "the index may be out of range")] if outside else []
    if inside:
        inside = inside.fork()
        at = subscripts.wrap_index(engine, inside, position, seq.length)
        change(inside, box.address, ListObject(without(seq, at)), node)
        results.append((inside, NONE))
    return results


def _delete_slice(engine: Engine, state: State, box: Value, bounds: Bounds, node: ast.expr) -> list[Result]:
    return _replace_slice(engine, state, box, bounds, None, node)


def _replace_slice(
    engine: Engine, state: State, box: Value, bounds: Bounds, by: Value | None, node: ast.expr
) -> list[Result]:
    """Put the elements of ``by`` in the place of a slice; nothing, where it is None."""
    what = "slice deletion" if by is None else "slice assignment"
    bad = _changeable(state, box, node, what)
    if bad:
        return [bad]
    assert isinstance(box, VRef)
    obj = state.heap[box.address]
    if not isinstance(obj, ListObject):
        # Since Python 3.12 a slice can be hashed, and is a key like others.
        raise Unsupported(f"{what} of a dictionary", node)
    start, stop, step = bounds
    known = 1 if step is None else as_int(step)
    if known == 0:
        return [raises(state, "ValueError", node, "slice step cannot be zero")]
    if known != 1:
        raise Unsupported(f"{what} with a step other than 1", node)
    middle = concrete_seq([])
    if by is not None:
        if not operators.is_iterable(state, by):
            return [raises(state, "TypeError", node, "can only assign an iterable")]
        middle = operators.sequence(engine, state, by, node)
    seq = obj.seq
    begin, length = subscripts.slice_bounds(start, stop, seq.length)
    first, count = as_int(z3.simplify(begin)), as_int(z3.simplify(length))
    if seq.items is not None and first is not None and count is not None:
        head, tail = concrete_seq(seq.items[:first]), concrete_seq(seq.items[first + count :])
    else:
        head = subscripts.sub_sequence(seq, z3.IntVal(0), begin)
        tail = subscripts.sub_sequence(seq, begin + length, seq.length - begin - length)
    state = state.fork()
    whole = operators.join_seqs(operators.join_seqs(head, middle), tail)
    change(state, box.address, ListObject(whole), node)
    return [(state, NONE)]
