"""Assignment to every form of target, and deletion."""

from __future__ import annotations

import ast

import z3

from lift.verify import deletion, displays, instances, operators, subscripts
from lift.verify import evaluate as expressions
from lift.verify.operators import arms, heap_object
from lift.verify.state import DictObject, Engine, InstanceObject, ListObject, Result, State, change
from lift.verify.values import (
    UNSETTLED,
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VRef,
    VView,
    as_int,
    choose,
    concrete_seq,
)

Stored = list[tuple[State, "Exc | None"]]


def assign(engine: Engine, state: State, target: ast.expr, value: Value) -> Stored:
    """``target = value``. The state is changed in place where the path does not split: pass a copy."""
    operators.kept(value, target)
    match target:
        case ast.Name(id=name):
            bind_name(engine, state, name, value)
            return [(state, None)]
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            return _unpack(engine, state, targets, value, target)
        case ast.Subscript():
            return _store_subscript(engine, state, target, value)
        case ast.Attribute():
            return _store_attribute(engine, state, target, value)
        case ast.Starred():
            raise Unsupported("`*` as a target of its own", target)
    raise Unsupported("this target of an assignment", target)


def home(engine: Engine, state: State, name: str) -> int:
    """The frame in which a name is bound: the current one, or that of an enclosing function by ``nonlocal``.

    Raises:
        Unsupported: The enclosing function has returned, and its variables were forgotten.
    """
    frame: int | None = state.frame
    if name not in engine.frame_nonlocals.get(state.frame, frozenset()):
        return state.frame
    while frame is not None:
        own = name not in engine.frame_nonlocals.get(frame, frozenset())
        if own and name in engine.frame_locals.get(frame, frozenset()):
            if frame not in state.frames:
                raise Unsupported(f"the variable {name} of a function that has returned")
            return frame
        frame = engine.frame_parent.get(frame)
    raise Unsupported(f"the nonlocal {name}")


def bind_name(engine: Engine, state: State, name: str, value: Value) -> None:
    """Bind a name on a path, which is changed in place."""
    state.frames[home(engine, state, name)][name] = value


def _unpack(engine: Engine, state: State, targets: list[ast.expr], value: Value, node: ast.expr) -> Stored:
    results: Stored = []
    for path, definite in arms(engine, state, value):
        if not operators.is_iterable(path, definite):
            why = f"cannot unpack a {operators.class_name(path, definite)}"
            results.append((path, Exc("TypeError", node.lineno, why)))
            continue
        seq = operators.sequence(engine, path, definite, node)
        star = next((i for i, t in enumerate(targets) if isinstance(t, ast.Starred)), None)
        needed = len(targets) - (star is not None)
        fits = seq.length == needed if star is None else seq.length >= needed
        good, bad = engine.split(path, fits)
        if bad:
            results.append((bad, Exc("ValueError", node.lineno, f"{needed} values are needed to unpack")))
        if good:
            results += _spread(engine, good.fork(), targets, star, seq)
    return results


def _spread(engine: Engine, state: State, targets: list[ast.expr], star: int | None, seq: Seq) -> Stored:
    paths: Stored = [(state, None)]
    for i, target in enumerate(targets):
        grown: Stored = []
        for path, failed in paths:
            if failed:
                grown.append((path, failed))
                continue
            place: ast.expr = target
            if star is None or i < star:
                item = seq.get(z3.IntVal(i))
            elif i > star:
                item = seq.get(z3.simplify(seq.length - (len(targets) - i)))
            else:
                assert isinstance(target, ast.Starred)
                place = target.value
                item = engine.allocate(path, ListObject(middle(seq, i, len(targets) - 1)))
            grown += assign(engine, path, place, item)
        paths = grown
    return paths


def middle(seq: Seq, start: int, others: int) -> Seq:
    """What a starred target gets: the elements from ``start`` on that the ``others`` targets leave."""
    if seq.items is not None:
        return concrete_seq(seq.items[start : len(seq.items) - (others - start)])
    return subscripts.sub_sequence(seq, z3.IntVal(start), seq.length - others)


def _store_subscript(engine: Engine, state: State, target: ast.Subscript, value: Value) -> Stored:
    results: Stored = []
    if isinstance(target.slice, ast.Slice):
        return _stored(deletion.store_slice(engine, state, target, value))
    for path, parts in expressions.evaluate_all(engine, state, [target.value, target.slice]):
        if isinstance(parts, Exc):
            results.append((path, parts))
            continue
        for then, box in arms(engine, path, parts[0]):
            for last, index in arms(engine, then, parts[1]):
                results += store_at(engine, last.fork(), box, index, value, target)
    return results


def store_at(engine: Engine, state: State, box: Value, index: Value, value: Value, node: ast.expr) -> Stored:
    """``box[index] = value`` for a definite box and index."""
    obj = heap_object(state, box)
    if isinstance(obj, DictObject):
        if isinstance(heap_object(state, index), ListObject | DictObject):
            return [(state, Exc("TypeError", node.lineno, "unhashable dictionary key"))]
        displays.store_item(engine, state, box, index, value, node)
        return [(state, None)]
    if not isinstance(obj, ListObject):
        own = operators.instance_operators().invoke(engine, state, "__setitem__", box, [index, value], node)
        if own is not None:
            return _stored(own)
        if isinstance(obj, InstanceObject) or not isinstance(box, operators.PLAIN):
            raise Unsupported(f"assigning to an item of a {operators.class_name(state, box)}", node)
        why = f"a {operators.class_name(state, box)} does not support item assignment"
        return [(state, Exc("TypeError", node.lineno, why))]
    position = operators.number(index)
    if position is None:
        why = f"a list index is a {operators.class_name(state, index)}"
        return [(state, Exc("TypeError", node.lineno, why))]
    if isinstance(box, VView):
        raise Unsupported("changing a container whose identity is not known", node)
    assert isinstance(box, VRef)
    seq = obj.seq
    inside, outside = engine.split(state, z3.And(position >= -seq.length, position < seq.length))
    results: Stored = (
        [(outside, Exc("IndexError", node.lineno, "the index may be out of range"))] if outside else []
    )
    if inside:
        inside = inside.fork()
        at = subscripts.wrap_index(engine, inside, position, seq.length)
        change(inside, box.address, ListObject(replace_item(seq, at, value)), node)
        results.append((inside, None))
    return results


def replace_item(seq: Seq, at: Term, value: Value) -> Seq:
    """The sequence with another element at an index within bounds."""
    known = as_int(at)
    if seq.items is not None and known is not None:
        return concrete_seq([*seq.items[:known], value, *seq.items[known + 1 :]])
    if seq.items is not None:
        return concrete_seq([choose(at == i, value, item) for i, item in enumerate(seq.items)])
    return Seq(seq.length, lambda i: choose(z3.simplify(i == at), value, seq.get(i)), None, ())


def _store_attribute(engine: Engine, state: State, target: ast.Attribute, value: Value) -> Stored:
    results: Stored = []
    for path, owner in expressions.evaluate(engine, state, target.value):
        if isinstance(owner, Exc):
            results.append((path, owner))
            continue
        for then, one in arms(engine, path, owner):
            results += store_attribute(engine, then, one, value, target)
    return results


def store_attribute(
    engine: Engine, state: State, owner: Value, value: Value, target: ast.Attribute
) -> Stored:
    """``owner.attr = value`` of a definite owner."""
    obj = heap_object(state, owner)
    if not isinstance(obj, InstanceObject):
        if not isinstance(owner, operators.PLAIN):
            raise Unsupported(f"setting the attribute {target.attr}", target)
        why = f"a {operators.class_name(state, owner)} has no attribute {target.attr} to set"
        return [(state, Exc("AttributeError", target.lineno, why))]
    if not isinstance(owner, VRef):
        raise Unsupported(f"setting the attribute {target.attr}, of an object with other names", target)
    return instances.write(engine, state, owner, obj, target.attr, value, target)


def delete(engine: Engine, state: State, target: ast.expr) -> Stored:
    """``del target`` of a name, an item or a slice."""
    if isinstance(target, ast.Name):
        if home(engine, state, target.id) != state.frame:
            raise Unsupported(f"`del` of the nonlocal {target.id}", target)
        if target.id not in state.locals:
            return [(state, Exc("UnboundLocalError", target.lineno, f"{target.id} may have no value"))]
        if state.locals[target.id] is UNSETTLED:
            raise Unsupported(f"`del` of {target.id}, which may have no value", target)
        del state.locals[target.id]
        return [(state, None)]
    if isinstance(target, ast.Subscript):
        return _stored(deletion.delete_item(engine, state, target))
    raise Unsupported("`del` of this target", target)


def _stored(results: list[Result]) -> Stored:
    return [(path, value if isinstance(value, Exc) else None) for path, value in results]
