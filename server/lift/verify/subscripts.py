"""Subscripts and slices of strings, lists, tuples and dictionaries."""

from __future__ import annotations

import ast

import z3

from lift.verify import operators
from lift.verify.state import (
    DictObject,
    Engine,
    ListObject,
    Result,
    State,
)
from lift.verify.values import (
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VFunction,
    VInt,
    VMethod,
    VNone,
    VRange,
    VStr,
    VTuple,
    as_bool,
    as_int,
    as_str,
    concrete_seq,
    fresh_name,
    kind_name,
    str_value,
    term_key,
)


def subscript(engine: Engine, state: State, container: Value, index: Value, node: ast.expr) -> list[Result]:
    """``container[index]`` for an index that is not a slice."""
    results: list[Result] = []
    for path, box in operators.arms(engine, state, container):
        for then, at in operators.arms(engine, path, index):
            results += _item(engine, then, box, at, node)
    return results


def _item(engine: Engine, state: State, box: Value, at: Value, node: ast.expr) -> list[Result]:
    obj = operators.heap_object(state, box)
    own = operators.instance_operators().invoke(engine, state, "__getitem__", box, [at], node)
    if own is not None:
        return own
    if isinstance(obj, DictObject):
        bad = operators.hash_error(state, at, node)
        if bad:
            return [bad]
        found, missing = engine.split(state, obj.has(at))
        results: list[Result] = (
            [operators.raises(missing, "KeyError", node, "the key may be missing")] if missing else []
        )
        return [*results, (found, obj.get(at))] if found else results
    if isinstance(box, VNone | VInt | VBool | VFunction | VMethod):
        return [operators.raises(state, "TypeError", node, f"a {kind_name(box)} has no items")]
    if not isinstance(box, VStr | VTuple | VRange) and not isinstance(obj, ListObject):
        raise Unsupported(f"an item of a {operators.class_name(state, box)}", node)
    position = operators.number(at)
    if position is None:
        return [
            operators.raises(state, "TypeError", node, f"an index is a {operators.class_name(state, at)}")
        ]
    if isinstance(box, VStr):
        text = box.term
        seq = Seq(z3.Length(text), lambda i: VStr(z3.SubString(text, i, 1)))
    else:
        seq = operators.sequence(engine, state, box, node)
    inside, outside = engine.split(state, z3.And(position >= -seq.length, position < seq.length))
    results = (
        [operators.raises(outside, "IndexError", node, "the index may be out of range")] if outside else []
    )
    if inside:
        results.append((inside, seq.get(wrap_index(engine, inside, position, seq.length))))
    return results


def wrap_index(engine: Engine, state: State, position: Term, length: Term) -> Term:
    """An index within bounds counted from the front."""
    known = as_int(position)
    if known is not None:
        return position if known >= 0 else z3.simplify(length + position)
    if as_bool(position >= 0) is True or not engine.feasible(state, position < 0):
        return position
    return z3.If(position >= 0, position, length + position)


def slice_bounds(start: Term | None, stop: Term | None, length: Term) -> tuple[Term, Term]:
    """Where a slice with step 1 begins and how long it is, as CPython clips them."""

    def clip(term: Term | None, default: Term) -> Term:
        if term is None:
            return default
        at = z3.If(term < 0, z3.If(term + length < 0, z3.IntVal(0), term + length), term)
        known = as_int(term)
        if known is not None and known >= 0:
            at = term
        elif known is not None:
            at = z3.If(length + known < 0, z3.IntVal(0), length + known)
        return z3.If(at > length, length, at) if known != 0 else z3.IntVal(0)

    begin, end = clip(start, z3.IntVal(0)), clip(stop, length)
    return begin, z3.If(end > begin, end - begin, z3.IntVal(0))


def take_slice(
    engine: Engine,
    state: State,
    box: Value,
    bounds: tuple[Term | None, Term | None, Term | None],
    node: ast.expr,
) -> list[Result]:
    """``box[start:stop:step]`` for a definite box and integer or absent bounds."""
    start, stop, step = bounds
    by = 1 if step is None else as_int(step)
    if by is None:
        raise Unsupported("a slice with a step that is not known", node)
    if by == 0:
        return [operators.raises(state, "ValueError", node, "slice step cannot be zero")]
    if isinstance(box, VStr):
        return [(state, VStr(_string_slice(engine, box.term, start, stop, by, node)))]
    obj = operators.heap_object(state, box)
    if not isinstance(box, VTuple) and not isinstance(obj, ListObject):
        if isinstance(box, VNone | VInt | VBool) or isinstance(obj, DictObject):
            return [
                operators.raises(
                    state, "TypeError", node, f"a {operators.class_name(state, box)} cannot be sliced"
                )
            ]
        raise Unsupported(f"a slice of a {operators.class_name(state, box)}", node)
    seq = operators.sequence(engine, state, box, node)
    result = _sequence_slice(seq, start, stop, by)
    if isinstance(box, VTuple):
        return [(state, VTuple(result))]
    state = state.fork()
    return [(state, engine.allocate(state, ListObject(result)))]


def _sequence_slice(seq: Seq, start: Term | None, stop: Term | None, by: int) -> Seq:
    bounds = [None if t is None else as_int(t) for t in (start, stop)]
    if seq.items is not None and all(
        (t is None) == (k is None) for t, k in zip((start, stop), bounds, strict=True)
    ):
        return concrete_seq(seq.items[bounds[0] : bounds[1] : by])
    if by == 1:
        return sub_sequence(seq, *slice_bounds(start, stop, seq.length))
    if by == -1 and start is None and stop is None:
        return reversed_seq(seq)
    return stepped(seq, start, stop, by)


def stepped(seq: Seq, start: Term | None, stop: Term | None, by: int) -> Seq:
    """Every ``by``-th element, as CPython clips the bounds; the step is not 0."""
    span: Term
    if by > 0:
        begin, span = slice_bounds(start, stop, seq.length)
    else:
        last = seq.length - 1

        def clip(term: Term | None, default: Term) -> Term:
            if term is None:
                return default
            at: Term = z3.If(term < 0, term + seq.length, term)
            return z3.If(at < 0, z3.IntVal(-1), z3.If(at > last, last, at))

        begin, end = clip(start, last), clip(stop, z3.IntVal(-1))
        span = z3.If(begin > end, begin - end, z3.IntVal(0))
    length = (span + abs(by) - 1) / abs(by)
    return Seq(z3.simplify(length), lambda i: seq.get(z3.simplify(begin + i * by)), None, ())


def sub_sequence(seq: Seq, begin: Term, length: Term) -> Seq:
    """``length`` elements from ``begin`` on, both within bounds."""
    begin, length = z3.simplify(begin), z3.simplify(length)
    if as_int(begin) == 0:
        return Seq(length, seq.get, None, seq.key)
    key = ("from", term_key(begin), seq.key) if seq.key else ()
    return Seq(length, lambda i: seq.get(begin + i), None, key)


def reversed_seq(seq: Seq) -> Seq:
    """The elements from the last to the first."""
    if seq.items is not None:
        return concrete_seq(seq.items[::-1])
    last = seq.length - 1
    key = ("reversed", term_key(seq.length), seq.key) if seq.key else ()
    return Seq(seq.length, lambda i: seq.get(last - i), None, key)


def _string_slice(
    engine: Engine, text: Term, start: Term | None, stop: Term | None, by: int, node: ast.expr
) -> Term:
    if by == 1:
        begin, length = slice_bounds(start, stop, z3.Length(text))
        return z3.SubString(text, begin, length)
    known = as_str(text)
    bounds = [None if t is None else as_int(t) for t in (start, stop)]
    if known is not None and all(
        (t is None) == (k is None) for t, k in zip((start, stop), bounds, strict=True)
    ):
        return str_value(known[bounds[0] : bounds[1] : by]).term
    if by == -1 and start is None and stop is None:
        from lift.verify.text_methods import reversed_text

        return reversed_text(engine, text, node)
    engine.approximate("a slice of a string with a step other than 1", node)
    result = z3.String(fresh_name("slice"))
    engine.facts.append(z3.Length(result) <= z3.Length(text))
    return result
