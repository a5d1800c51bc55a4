"""Elements of sets as terms: which values may be in a set that is modelled, and how they are written in Z3.

A set holds integers, texts or tuples of these. Equal elements have equal terms, so that ``True`` and ``1``
are one; what kind of int an element is stays open where it is read back. Must not import the evaluator.
"""

from __future__ import annotations

import z3

from lift.verify.state import DictObject, Engine, InstanceObject, ListObject, SetObject, State
from lift.verify.types import TBool, TInt, TLiteral, TStr, TTuple, TUnion, Type
from lift.verify.values import (
    Term,
    Unsupported,
    Value,
    VBool,
    VFloat,
    VInt,
    VNone,
    VRange,
    VRef,
    VStr,
    VTuple,
    VUnion,
    VView,
    concrete_seq,
    kind_name,
)

_tuple_sorts: dict[tuple[str, ...], tuple[Term, Term, list[Term]]] = {}


def plain(type_: Type) -> Type:
    """The type of elements that an annotation means, with literals as what they are constants of.

    Raises:
        Unsupported: Elements of another type than int, str and tuples of these, or of several.
    """
    match type_:
        case TInt() | TBool() | TStr():
            return type_
        case TLiteral(values=values) if all(isinstance(v, str) for v in values):
            return TStr()
        case TLiteral(values=values) if all(type(v) is int for v in values):
            return TInt()
        case TTuple(items=items) if items:
            return TTuple(tuple(map(plain, items)))
        case TUnion(arms=arms) if all(isinstance(a, TInt | TBool) for a in arms):
            return TInt()
    raise Unsupported("a set of other elements than int, str or tuples of these")


def kind_of(value: Value) -> Type:
    """The type of elements that a value is one of.

    Raises:
        Unsupported: A value that cannot be in a set that is modelled.
    """
    match value:
        case VBool():
            return TBool()
        case VInt():
            return TInt()
        case VStr():
            return TStr()
        case VTuple(seq=seq) if seq.items:
            return TTuple(tuple(map(kind_of, seq.items)))
        case VUnion():
            raise Unsupported("a set with elements of several kinds")
    raise Unsupported(f"a {kind_name(value)} in a set")


def join(engine: Engine, a: Type | None, b: Type | None) -> Type | None:
    """The type of the elements of two sets together.

    Raises:
        Unsupported: The elements are of several kinds.
    """
    if a is None or b is None or a == b:
        return b if a is None else a
    match a, b:
        case TInt() | TBool(), TInt() | TBool():
            if engine.exploring:
                # Of `True` and `1` a set keeps the one that came first, and which that was is not recorded.
                raise Unsupported("a set of both bool and int")
            return TInt()
        case TTuple(), TTuple() if len(a.items) == len(b.items):
            joined = [join(engine, x, y) for x, y in zip(a.items, b.items, strict=True)]
            return TTuple(tuple(t for t in joined if t is not None))
    raise Unsupported("a set with elements of several kinds")


def sort_of(type_: Type) -> Term:
    """The Z3 sort of elements."""
    if isinstance(type_, TInt | TBool):
        return z3.IntSort()
    if isinstance(type_, TStr):
        return z3.StringSort()
    assert isinstance(type_, TTuple)
    return _tuple_sort(type_)[0]


def _tuple_sort(type_: TTuple) -> tuple[Term, Term, list[Term]]:
    sorts = [sort_of(t) for t in type_.items]
    names = tuple(s.name() for s in sorts)
    if names not in _tuple_sorts:
        # The length tells `((a, b), c)` from `(a, b, c)`.
        _tuple_sorts[names] = z3.TupleSort(f"tuple{len(names)}_{'_'.join(names)}", sorts)
    return _tuple_sorts[names]


def encode(value: Value, type_: Type) -> Term | None:
    """A value that can be hashed as a term; None if nothing of the type equals it.

    Raises:
        Unsupported: A value whose equality with elements of the type is not modelled.
    """
    match value:
        case VFloat() if not isinstance(type_, TStr):
            raise Unsupported("a float that may be in a set of integers")
        case VInt(term=t):
            return t if isinstance(type_, TInt | TBool) else None
        case VBool(term=t):
            return z3.If(t, z3.IntVal(1), z3.IntVal(0)) if isinstance(type_, TInt | TBool) else None
        case VStr(term=t):
            return t if isinstance(type_, TStr) else None
        case VTuple(seq=seq):
            if not isinstance(type_, TTuple):
                return None
            if seq.items is None or any(isinstance(v, VUnion) for v in seq.items):
                raise Unsupported("a tuple of unknown length or of mixed elements in a set")
            if len(seq.items) != len(type_.items):
                return None
            parts = [encode(v, t) for v, t in zip(seq.items, type_.items, strict=True)]
            return None if any(p is None for p in parts) else _tuple_sort(type_)[1](*parts)
        case VNone() | VRange() | VRef() | VView() | VFloat():
            return None
    raise Unsupported(f"a {kind_name(value)} in a set")


def decode(engine: Engine, term: Term, type_: Type) -> Value:
    """The element that a term stands for."""
    return _decoded(term, type_, maybe_bool=not engine.exploring)


def shown(obj: SetObject) -> list[Value]:
    """The elements of a set of which they are all known, as values for people."""
    assert not obj.entries or obj.element is not None
    return [_decoded(t, obj.element, maybe_bool=False) for _, t in obj.entries or () if obj.element]


def _decoded(term: Term, type_: Type, *, maybe_bool: bool) -> Value:
    match type_:
        case TBool():
            return VBool(term != 0)
        case TInt():
            return VInt(term, maybe_bool)
        case TStr():
            return VStr(term)
    assert isinstance(type_, TTuple)
    parts = zip(_tuple_sort(type_)[2], type_.items, strict=True)
    items = [_decoded(z3.simplify(part(term)), t, maybe_bool=maybe_bool) for part, t in parts]
    return VTuple(concrete_seq(items))


def in_range(term: Term, type_: Type) -> Term | None:
    """What holds of every element of a type, None where each term of the sort is one."""
    if isinstance(type_, TBool):
        return z3.Or(term == 0, term == 1)
    if isinstance(type_, TTuple):
        parts = zip(_tuple_sort(type_)[2], type_.items, strict=True)
        found = [r for part, t in parts if (r := in_range(part(term), t)) is not None]
        return z3.And(found) if found else None
    return None


def unhashable(state: State, value: Value) -> bool:
    """Whether to hash a definite value is a TypeError.

    Raises:
        Unsupported: That is not known.
    """
    obj = object_of(state, value)
    match value:
        case VTuple(seq=seq) if seq.items is None:
            raise Unsupported("the hash of a tuple of unknown length")
        case VTuple(seq=seq):
            if any(isinstance(v, VUnion) for v in seq.items or ()):
                raise Unsupported("the hash of a tuple of mixed elements")
            return any(unhashable(state, v) for v in seq.items or ())
    if isinstance(obj, InstanceObject):
        raise Unsupported(f"the hash of a {obj.class_name}")
    if isinstance(obj, SetObject):
        return not obj.frozen
    return isinstance(obj, ListObject | DictObject)


def object_of(state: State, value: Value) -> object:
    """The heap object that a definite value is, None if it is none."""
    if isinstance(value, VRef):
        return state.heap[value.address]
    return value.object if isinstance(value, VView) else None
