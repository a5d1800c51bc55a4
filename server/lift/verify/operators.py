"""Python's operators on symbolic values: truth, equality, order, arithmetic, membership, subscripts.

Each operation returns the paths on which it ends, every one with a value or with the exception that
CPython raises there. Pure formulas (truth, equality) come back as one term.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

import z3

from lift.verify import enums, floats, sets, text_characters
from lift.verify.instance_order import ordered_fields
from lift.verify.ranges import range_seq
from lift.verify.state import (
    DictObject,
    Engine,
    HeapObject,
    InstanceObject,
    ListObject,
    Result,
    SetObject,
    State,
)
from lift.verify.symbols import key_sort, key_value
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VBuiltin,
    VClass,
    VException,
    VFloat,
    VFunction,
    VInt,
    VIterable,
    VMember,
    VMethod,
    VNone,
    VRange,
    VRef,
    VStr,
    VTuple,
    VUnion,
    VView,
    as_str,
    choose,
    concrete_seq,
    fresh_name,
    kind_name,
    str_value,
    term_key,
)

PLAIN = VNone | VBool | VInt | VFloat | VStr | VTuple | VRange | VRef | VView
"""The kinds of value whose behaviour under every operator is known."""

YES = z3.BoolVal(True)
NO = z3.BoolVal(False)


def arms(engine: Engine, state: State, value: Value) -> Iterator[tuple[State, Value]]:
    """The definite values that a value may be, each on its own path."""
    if not isinstance(value, VUnion):
        yield state, value
        return
    for guard, arm in value.arms:
        if engine.feasible(state, guard):
            yield from arms(engine, state.fork(guard), arm)


def heap_object(state: State, value: Value) -> HeapObject | None:
    """The container that a value is, None if it is none."""
    if isinstance(value, VRef):
        return state.heap[value.address]
    return value.object if isinstance(value, VView) else None


def class_name(state: State, value: Value) -> str:
    """What Python calls the class of a definite value."""
    obj = heap_object(state, value)
    if isinstance(obj, ListObject | DictObject):
        return "list" if isinstance(obj, ListObject) else "dict"
    if isinstance(obj, SetObject):
        return "frozenset" if obj.frozen else "set"
    if isinstance(obj, InstanceObject):
        return obj.class_name
    return value.class_name if isinstance(value, VMember) else kind_name(value)


def truth(state: State, value: Value) -> Term:
    """``bool(value)`` as a formula.

    Raises:
        Unsupported: An object whose truth the subset does not know.
    """
    match value:
        case VBool(term=t):
            return t
        case VInt(term=t):
            return t != 0
        case VFloat(term=t):
            return z3.Not(z3.fpIsZero(t))
        case VStr(term=t):
            return z3.Length(t) != 0
        case VNone():
            return NO
        case VTuple(seq=s):
            return s.length != 0
        case VRange():
            return range_seq(value).length != 0
        case VUnion(arms=options):
            return z3.Or([z3.And(g, truth(state, v)) for g, v in options])
        case VRef() | VView():
            obj = heap_object(state, value)
            if isinstance(obj, ListObject):
                return obj.seq.length != 0
            if isinstance(obj, DictObject):
                return obj.size != 0
            if isinstance(obj, InstanceObject) and obj.special & {"__bool__", "__len__"}:
                raise Unsupported(f"the truth value of a {obj.class_name} in this place")
            if isinstance(obj, SetObject):
                return z3.Not(sets.is_empty(obj))
            return YES
        case VBuiltin(name="NotImplemented"):
            # It became an error to ask for it in Python 3.14.
            raise Unsupported("the truth value of NotImplemented")
        case VFunction() | VBuiltin() | VClass() | VMethod() | VException() | VMember():
            return YES
    raise Unsupported(f"the truth value of a {kind_name(value)}")


def number(value: Value) -> Term | None:
    """An int or bool as an integer term, None for anything else."""
    if isinstance(value, VInt):
        return value.term
    if isinstance(value, VBool):
        return z3.If(value.term, z3.IntVal(1), z3.IntVal(0))
    return None


def equal(engine: Engine, state: State, a: Value, b: Value) -> Term:
    """``a == b`` as a formula.

    Raises:
        Unsupported: Objects whose equality the subset does not know.
    """
    if isinstance(a, VUnion):
        return z3.Or([z3.And(g, equal(engine, state, v, b)) for g, v in a.arms])
    if isinstance(b, VUnion):
        return z3.Or([z3.And(g, equal(engine, state, a, v)) for g, v in b.arms])
    if isinstance(a, VBool) and isinstance(b, VBool):
        return a.term == b.term
    left, right = number(a), number(b)
    if left is not None and right is not None:
        return left == right
    if floats.involved(a, b):
        return floats.equal(engine, a, b)
    match a, b:
        case VStr(), VStr():
            return a.term == b.term
        case VNone(), VNone():
            return YES
        case VTuple(), VTuple():
            return equal_seqs(engine, state, a.seq, b.seq)
        case VRange(), VRange():
            return equal_seqs(engine, state, range_seq(a), range_seq(b))
    first, second = heap_object(state, a), heap_object(state, b)
    if isinstance(first, InstanceObject) or isinstance(second, InstanceObject):
        own = instance_operators().equality(engine, state, a, b)
        if own is not None:
            return own
    if isinstance(a, VRef) and isinstance(b, VRef):
        if a.address == b.address:
            return YES
        if isinstance(first, InstanceObject) and maybe_same(state, a, b):
            raise Unsupported("comparing instances that may be one object")
    elif isinstance(first, InstanceObject) and isinstance(second, InstanceObject):
        plain = not engine.program.class_info(first.class_name).dataclass
        if first.class_name == second.class_name and plain:
            raise Unsupported("comparing instances that may be one object")
    if isinstance(first, ListObject) and isinstance(second, ListObject):
        return equal_seqs(engine, state, first.seq, second.seq)
    if isinstance(first, DictObject) and isinstance(second, DictObject):
        return _equal_dicts(engine, state, first, second)
    if isinstance(first, SetObject) and isinstance(second, SetObject):
        return sets.equal(engine, first, second)
    if isinstance(first, InstanceObject) or isinstance(second, InstanceObject):
        return instance_operators().equal_instances(engine, state, first, second)
    if isinstance(a, PLAIN | VMember) and isinstance(b, PLAIN | VMember):
        return z3.BoolVal(isinstance(a, VMember) and a == b)
    raise Unsupported(f"comparing a {class_name(state, a)} with a {class_name(state, b)}")


def equal_element(engine: Engine, state: State, a: Value, b: Value) -> Term:
    """``a is b or a == b`` as a formula: how containers compare what they hold.

    Raises:
        Unsupported: Objects whose equality the subset does not know.
    """
    if isinstance(a, VUnion):
        return z3.Or([z3.And(g, equal_element(engine, state, v, b)) for g, v in a.arms])
    if isinstance(b, VUnion):
        return z3.Or([z3.And(g, equal_element(engine, state, a, v)) for g, v in b.arms])
    if isinstance(a, VFloat) and isinstance(b, VFloat):
        return floats.same_element(engine, state, a, b)
    if isinstance(a, VRef) and isinstance(b, VRef) and a.address == b.address:
        return YES
    for one in (heap_object(state, a), heap_object(state, b)):
        views = isinstance(a, VView) or isinstance(b, VView)
        if views and isinstance(one, InstanceObject) and "__eq__" in one.special:
            raise Unsupported("comparing instances that may be one object")
    return equal(engine, state, a, b)


def instance_operators() -> Any:
    """The operators that classes define; their module calls functions, and so needs this one."""
    from lift.verify import instance_operators as found

    return found


def equal_seqs(engine: Engine, state: State, a: Seq, b: Seq) -> Term:
    """Equality of two sequences, element by element."""
    if a.key and a.key == b.key:
        return a.length == b.length
    size = len(a.items) if a.items is not None else len(b.items) if b.items is not None else None
    if a.items is not None and b.items is not None and len(a.items) != len(b.items):
        return NO
    if size is not None and size <= 64:
        same_length = a.length == b.length
        if size == 0:
            return same_length
        # An element is only meaningful within bounds, which the lengths' equality gives.
        each = [equal_element(engine, state, a.get(z3.IntVal(i)), b.get(z3.IntVal(i))) for i in range(size)]
        return z3.And(same_length, *each)
    i = z3.Int(fresh_name("i"))
    same = equal_element(engine, state, a.get(i), b.get(i))
    return z3.And(a.length == b.length, z3.ForAll([i], z3.Implies(z3.And(i >= 0, i < a.length), same)))


def _equal_dicts(engine: Engine, state: State, a: DictObject, b: DictObject) -> Term:
    known = a.keys if a.keys is not None and a.keys.items is not None else None
    if known is not None and known.items is not None:
        each = [z3.And(b.has(k), equal_element(engine, state, a.get(k), b.get(k))) for k in known.items]
        return z3.And(a.size == b.size, *each) if each else a.size == b.size
    if b.keys is not None and b.keys.items is not None:
        return _equal_dicts(engine, state, b, a)
    if a.key_type is None or b.key_type is None or key_sort(a.key_type) != key_sort(b.key_type):
        return z3.And(a.size == 0, b.size == 0)
    term = z3.Const(fresh_name("k"), key_sort(a.key_type))
    key = key_value(term)
    same = equal_element(engine, state, a.get(key), b.get(key))
    return z3.ForAll([term], z3.And(a.has(key) == b.has(key), z3.Implies(a.has(key), same)))


def maybe_same(state: State, a: VRef, b: VRef) -> bool:
    """Whether two addresses may stand for one object: both came from outside, by ways that may meet."""
    outside = {a.address, b.address} - state.owned
    return a.address != b.address and len(outside & state.shared) == 2


def identical(state: State, a: Value, b: Value) -> Term:
    """``a is b`` as a formula.

    Raises:
        Unsupported: Objects whose identity Python leaves open, such as equal integers.
    """
    if isinstance(a, VUnion):
        return z3.Or([z3.And(g, identical(state, v, b)) for g, v in a.arms])
    if isinstance(b, VUnion):
        return z3.Or([z3.And(g, identical(state, a, v)) for g, v in b.arms])
    match a, b:
        case VNone(), VNone():
            return YES
        case (VNone(), _) | (_, VNone()):
            return NO
        case VBool(), VBool():
            return a.term == b.term
        case VFloat(origin=o), VFloat(origin=p) if o == p:
            return YES
        case VRef(), VRef():
            found = [state.heap[v.address] for v in (a, b)]
            both_frozen = all(isinstance(o, SetObject) and o.frozen for o in found)
            if maybe_same(state, a, b) or (both_frozen and a.address != b.address):
                raise Unsupported("`is` between containers that may be one object")
            return z3.BoolVal(a.address == b.address)
    for one, other in ((a, b), (b, a)):
        if isinstance(one, VBool) and isinstance(other, VInt) and not other.maybe_bool:
            return NO
    scalar = VBool | VInt | VFloat | VStr | VTuple | VMember
    if type(a) is not type(b) and not isinstance(a, VView) and not isinstance(b, VView):
        if not (isinstance(a, VBool | VInt) and isinstance(b, VBool | VInt)):
            if isinstance(a, scalar | VRef) and isinstance(b, scalar | VRef):
                return NO
    if isinstance(a, VClass | VBuiltin | VMember) and type(a) is type(b):
        return z3.BoolVal(a == b)
    raise Unsupported(f"`is` between {kind_name(a)} values")


_ORDER: dict[type, tuple[str, Callable[[Term, Term], Term]]] = {
    ast.Lt: ("<", lambda a, b: a < b),
    ast.LtE: ("<=", lambda a, b: a <= b),
    ast.Gt: (">", lambda a, b: a > b),
    ast.GtE: (">=", lambda a, b: a >= b),
}


def compare(engine: Engine, state: State, op: ast.cmpop, a: Value, b: Value, node: ast.expr) -> list[Result]:
    """One comparison; a chain is the evaluator's business."""
    own = instance_operators()
    if isinstance(op, ast.Eq | ast.NotEq) and any(own.concerns(state, v, own.COMPARISONS) for v in (a, b)):
        name = "__eq__" if isinstance(op, ast.Eq) else "__ne__"
        answers: list[Result] = []
        for path, left in arms(engine, state, a):
            for then, right in arms(engine, path, b):
                found = own.compare(engine, then, name, left, right, node)
                if found is None:
                    same = equal(engine, then, left, right)
                    found = [(then, VBool(same if name == "__eq__" else z3.Not(same)))]
                answers += found
        return answers
    match op:
        case ast.Eq():
            return [(state, VBool(equal(engine, state, a, b)))]
        case ast.NotEq():
            return [(state, VBool(z3.Not(equal(engine, state, a, b))))]
        case ast.Is():
            return [(state, VBool(identical(state, a, b)))]
        case ast.IsNot():
            return [(state, VBool(z3.Not(identical(state, a, b))))]
        case ast.In() | ast.NotIn():
            found = contains(engine, state, b, a, node)
            if isinstance(op, ast.NotIn):
                return [(s, VBool(z3.Not(v.term)) if isinstance(v, VBool) else v) for s, v in found]
            return found
    results: list[Result] = []
    for path, left in arms(engine, state, a):
        for then, right in arms(engine, path, b):
            name = own.ORDER[_ORDER[type(op)][0]]
            found = own.compare(engine, then, name, left, right, node)
            results += ordered(engine, then, op, left, right, node) if found is None else found
    return results


def ordered(engine: Engine, state: State, op: ast.cmpop, a: Value, b: Value, node: ast.AST) -> list[Result]:
    """``a < b`` and its like of definite operands of which no class defines it."""
    symbol, relation = _ORDER[type(op)]
    term = _ordered(engine, state, symbol, relation, a, b)
    if term is None:
        names = f"{class_name(state, a)} and {class_name(state, b)}"
        return [raises(state, "TypeError", node, f"{symbol} between {names}")]
    return [(state, VBool(term))]


def _ordered(
    engine: Engine, state: State, symbol: str, relation: Callable[[Term, Term], Term], a: Value, b: Value
) -> Term | None:
    left, right = number(a), number(b)
    if left is not None and right is not None:
        return relation(left, right)
    if floats.involved(a, b):
        return floats.ordered(engine, symbol, a, b)
    if isinstance(a, VStr) and isinstance(b, VStr):
        strict = {"<": (a, b, False), ">": (b, a, False), "<=": (a, b, True), ">=": (b, a, True)}[symbol]
        first, second, weak = strict
        by_code = text_characters.by_first_character(first.term, second.term, weak=weak)
        if by_code is not None:
            return by_code
        return first.term <= second.term if weak else first.term < second.term
    first, second = _sequence_of(state, a), _sequence_of(state, b)
    if first is not None and second is not None and isinstance(a, VTuple) == isinstance(b, VTuple):
        return _lexicographic(engine, state, symbol, relation, first, second)
    one, other = heap_object(state, a), heap_object(state, b)
    for obj in (one, other):
        if isinstance(obj, InstanceObject) and obj.special & instance_operators().COMPARISONS:
            raise Unsupported(f"`{symbol}` of a {obj.class_name} in this place")
    if isinstance(one, SetObject) and isinstance(other, SetObject):
        return sets.ordered(engine, symbol, one, other)
    if isinstance(one, InstanceObject) and isinstance(other, InstanceObject):
        first, second = ordered_fields(engine, symbol, one, other)
        return _lexicographic(engine, state, symbol, relation, first, second)
    known = VNone | VInt | VBool | VFloat | VStr | VTuple | VRef | VView
    instance = any(isinstance(heap_object(state, v), InstanceObject) for v in (a, b))
    if isinstance(a, known) and isinstance(b, known) and not instance:
        return None
    raise Unsupported(f"`{symbol}` between {kind_name(a)} and {kind_name(b)}")


def _sequence_of(state: State, value: Value) -> Seq | None:
    if isinstance(value, VTuple):
        return value.seq
    obj = heap_object(state, value)
    return obj.seq if isinstance(obj, ListObject) else None


def _lexicographic(
    engine: Engine, state: State, symbol: str, relation: Callable[[Term, Term], Term], a: Seq, b: Seq
) -> Term:
    if a.items is None or b.items is None:
        raise Unsupported(f"`{symbol}` between sequences of unknown length")
    result = relation(a.length, b.length)
    for x, y in reversed(list(zip(a.items, b.items, strict=False))):
        if isinstance(x, VUnion) or isinstance(y, VUnion):
            raise Unsupported(f"`{symbol}` between sequences of mixed elements")
        here = _ordered(engine, state, symbol, relation, x, y)
        if here is None:
            # CPython only compares the first pair that differs, so this need not raise.
            raise Unsupported(f"`{symbol}` between sequences whose elements have no order")
        result = z3.If(equal_element(engine, state, x, y), result, here)
    return result


def contains(engine: Engine, state: State, container: Value, item: Value, node: ast.expr) -> list[Result]:
    """``item in container``."""
    results: list[Result] = []
    for path, box in arms(engine, state, container):
        obj = heap_object(path, box)
        if isinstance(obj, DictObject):
            for then, key in arms(engine, path, item):
                results.append(hash_error(then, key, node) or (then, VBool(obj.has(key))))
        elif isinstance(obj, SetObject):
            results += [(s, sets.membership(s, obj, key, node)) for s, key in arms(engine, path, item)]
        elif isinstance(box, VStr):
            for then, part in arms(engine, path, item):
                if isinstance(part, VStr):
                    results.append((then, VBool(z3.Contains(box.term, part.term))))
                else:
                    results.append((then, Exc("TypeError", node.lineno, "`in` a string needs a string")))
        elif isinstance(box, VRange) and number(item) is not None:
            value = number(item)
            forward = z3.And(box.start <= value, value < box.stop)
            backward = z3.And(box.stop < value, value <= box.start)
            inside = z3.If(box.step > 0, forward, backward)
            results.append((path, VBool(z3.And(inside, (value - box.start) % box.step == 0))))
        elif isinstance(box, VIterable) and box.what in ("dict_keys", "dict_items"):
            from lift.verify import dictionary_views

            results += dictionary_views.contains(engine, path, box, item, node)
        elif isinstance(obj, ListObject) or isinstance(box, VTuple | VIterable | VRange):
            results.append((path, VBool(member(engine, path, sequence(engine, path, box, node), item))))
        elif isinstance(box, VNone | VInt | VBool | VFloat):
            why = f"a {kind_name(box)} is not a container"
            results.append((path, Exc("TypeError", node.lineno, why)))
        elif isinstance(obj, InstanceObject):
            own = instance_operators().contains(engine, path, box, item, node)
            if own is None:
                raise Unsupported(f"`in` a {class_name(path, box)}", node)
            results += own
        elif isinstance(box, VClass):
            results += enums.contains(engine, path, box, item, node)
        else:
            raise Unsupported(f"`in` a {class_name(path, box)}", node)
    return results


def member(engine: Engine, state: State, seq: Seq, item: Value) -> Term:
    """Whether an element of the sequence equals the item."""
    if seq.items is not None:
        return z3.Or([equal_element(engine, state, item, x) for x in seq.items]) if seq.items else NO
    i = z3.Int(fresh_name("i"))
    return z3.Exists([i], z3.And(i >= 0, i < seq.length, equal_element(engine, state, item, seq.get(i))))


def hash_error(state: State, key: Value, node: ast.expr) -> Result | None:
    """The TypeError of an unhashable key, None if it can be hashed."""
    obj = heap_object(state, key)
    if isinstance(obj, ListObject | DictObject) or (isinstance(obj, SetObject) and not obj.frozen):
        return state, Exc("TypeError", node.lineno, f"unhashable type: {class_name(state, key)}")
    if isinstance(key, VTuple | VRef | VView | VIterable):
        raise Unsupported(f"a {class_name(state, key)} as a dictionary key", node)
    return None


def sequence(engine: Engine, state: State, value: Value, node: ast.AST | None = None) -> Seq:
    """What iterating over a definite value yields, as it is now.

    Raises:
        Unsupported: A value whose iteration is not modelled.
    """
    match value:
        case VTuple(seq=s) | VIterable(seq=s):
            return s
        case VRange():
            return range_seq(value)
        case VStr(term=t):
            text = as_str(t)
            if text is not None:
                return concrete_seq([str_value(c) for c in text])
            return Seq(z3.Length(t), lambda i: VStr(z3.SubString(t, i, 1)), None, ("chars", term_key(t)))
    obj = heap_object(state, value)
    if isinstance(obj, ListObject):
        return obj.seq
    if isinstance(obj, DictObject):
        if obj.keys is None:
            raise Unsupported("iterating over a dictionary after a deletion", node)
        return obj.keys
    if isinstance(obj, SetObject):
        return sets.order(engine, obj)
    found = enums.elements(engine, value)
    if found is not None:
        return found
    raise Unsupported(f"iterating over a {class_name(state, value)}", node)


def sources(value: Value) -> frozenset[int]:
    """Addresses of the containers that iterating over a definite value reads."""
    if isinstance(value, VRef):
        return frozenset({value.address})
    return value.sources if isinstance(value, VIterable) else frozenset()


def kept(value: Value, node: ast.AST) -> Value:
    """A value that something is about to hold on to.

    Raises:
        Unsupported: It is a view or an iterator, whose elements are not settled before they are read.
    """
    for one in [v for _, v in value.arms] if isinstance(value, VUnion) else [value]:
        if isinstance(one, VIterable):
            raise Unsupported(f"a {one.what} object that is kept", node)
    return value


def is_iterable(state: State, value: Value) -> bool:
    """Whether Python iterates over a definite value at all.

    Raises:
        Unsupported: An instance, whose class may define how.
    """
    if isinstance(heap_object(state, value), InstanceObject):
        raise Unsupported(f"iterating over a {class_name(state, value)}")
    return not isinstance(value, VNone | VInt | VBool | VFloat | VFunction | VMethod | VException)


def raises(state: State, type_: str, node: ast.AST, why: str) -> Result:
    """A path that ends in an exception."""
    return state, Exc(type_, getattr(node, "lineno", 0), why)


def concatenate(engine: Engine, state: State, a: Value, b: Value) -> Value | None:
    """``a + b`` of two strings, lists or tuples; None if it is a TypeError. A new list is put on the heap."""
    if isinstance(a, VStr) and isinstance(b, VStr):
        return VStr(z3.Concat(a.term, b.term))
    if isinstance(a, VTuple) and isinstance(b, VTuple):
        return VTuple(join_seqs(a.seq, b.seq))
    first, second = heap_object(state, a), heap_object(state, b)
    if isinstance(first, ListObject) and isinstance(second, ListObject):
        return engine.allocate(state, ListObject(join_seqs(first.seq, second.seq)))
    return None


def join_seqs(a: Seq, b: Seq) -> Seq:
    """One sequence after the other."""
    if a.items is not None and b.items is not None:
        return concrete_seq([*a.items, *b.items])
    if a.items is not None and not a.items:
        return b
    if b.items is not None and not b.items:
        return a
    split = a.length

    def get(i: Term) -> Value:
        if a.items is None and b.items is not None:
            result = a.get(i)
            for n, item in enumerate(b.items):
                result = choose(i == z3.simplify(split + n), item, result)
            return result
        return choose(i < split, a.get(i), b.get(i - split))

    key = ("join", a.key, term_key(split), b.key) if a.key and b.key else ()
    return Seq(z3.simplify(split + b.length), get, None, key, (a, b))
