"""What a loop's body changes, and forgetting it: the state at the head of an arbitrary round.

A changed variable or container gets a fresh value of every kind that it was seen to have; the loop runs its
body again until no new kind appears.
"""

from __future__ import annotations

from dataclasses import dataclass

import z3

from lift.verify import sets
from lift.verify.operators import heap_object
from lift.verify.state import DictObject, Engine, HeapObject, InstanceObject, ListObject, SetObject, State
from lift.verify.symbols import concrete_dict, family, fresh_dict, fresh_seq
from lift.verify.types import (
    TBool,
    TClass,
    TDict,
    TEnum,
    TFloat,
    TInt,
    TList,
    TNone,
    TSet,
    TStr,
    TTuple,
    TTupleOf,
    TUnion,
    Type,
    union,
)
from lift.verify.values import (
    UNSETTLED,
    Seq,
    Unsupported,
    Value,
    VBool,
    VFloat,
    VInt,
    VMember,
    VNone,
    VRef,
    VStr,
    VTuple,
    VUnion,
    VView,
    concrete_seq,
    fresh_name,
    kind_name,
)

_NEVER = TUnion(())


@dataclass(frozen=True)
class Changes:
    """What a loop changes.

    Attributes:
        variables: Kinds of each changed variable; None for one that has no value before the loop.
        objects: Kinds of the contents of each changed container; for an instance its changed attributes.
    """

    variables: dict[str, Type | None]
    objects: dict[int, Type | dict[str, Type]]


def type_of(state: State, value: Value) -> Type:
    """The kinds that a value has, as a type.

    Raises:
        Unsupported: A value that a loop cannot carry.
    """
    match value:
        case VInt():
            return TInt()
        case VBool():
            return TBool()
        case VFloat():
            return TFloat()
        case VStr():
            return TStr()
        case VNone():
            return TNone()
        case VMember(class_name=name, members=names):
            return TEnum(name, names)
        case VTuple(seq=seq):
            if seq.items is not None:
                return TTuple(tuple(type_of(state, v) for v in seq.items))
            return TTupleOf(type_of(state, _sample(seq)))
        case VUnion(arms=arms):
            kinds = [type_of(state, v) for _, v in arms]
            joined = kinds[0]
            for kind in kinds[1:]:
                joined = join(joined, kind)
            return joined
        case VRef() | VView():
            obj = heap_object(state, value)
            settled = isinstance(value, VView) or value.address in state.shared
            if isinstance(obj, InstanceObject) and settled:
                # What is shared never changes again, so that a view of it is as good.
                return TClass(obj.class_name)
            return _contents(state, obj)
    raise Unsupported(f"a {kind_name(value)} that changes in a loop")


def _contents(state: State, obj: HeapObject | None) -> Type:
    if isinstance(obj, ListObject):
        if obj.seq.items is not None:
            joined: Type = _NEVER
            for item in obj.seq.items:
                joined = join(joined, type_of(state, item))
            return TList(joined)
        return TList(type_of(state, _sample(obj.seq)))
    if isinstance(obj, DictObject):
        if obj.key_type is None:
            return TDict(_NEVER, _NEVER)
        if obj.keys is None:
            raise Unsupported("a dictionary after a deletion that changes in a loop")
        if obj.keys.items is not None:
            values: Type = _NEVER
            for key in obj.keys.items:
                values = join(values, type_of(state, obj.get(key)))
            return TDict(obj.key_type, values)
        return TDict(obj.key_type, type_of(state, obj.get(_sample(obj.keys))))
    if isinstance(obj, SetObject):
        return TSet(obj.element or _NEVER, obj.frozen)
    raise Unsupported("an instance that changes in a loop")


def _sample(seq: Seq) -> Value:
    return seq.get(z3.Int(fresh_name("sample")))


def join(a: Type, b: Type) -> Type:
    """A type that has the values of both."""
    if a == b or b == _NEVER:
        return a
    if a == _NEVER:
        return b
    match a, b:
        case TList(), TList():
            return TList(join(a.element, b.element))
        case TTuple(), TTuple() if len(a.items) == len(b.items):
            return TTuple(tuple(join(x, y) for x, y in zip(a.items, b.items, strict=True)))
        case TTuple() | TTupleOf(), TTuple() | TTupleOf():
            element: Type = _NEVER
            for one in (a, b):
                for kind in one.items if isinstance(one, TTuple) else (one.element,):
                    element = join(element, kind)
            return TTupleOf(element)
        case TDict(), TDict():
            return TDict(join(a.key, b.key), join(a.value, b.value))
        case TSet(), TSet() if a.frozen == b.frozen:
            return TSet(join(a.element, b.element), a.frozen)
    arms = [*(a.arms if isinstance(a, TUnion) else (a,))]
    for arm in b.arms if isinstance(b, TUnion) else (b,):
        for i, there in enumerate(arms):
            if type(there) is type(arm) and not isinstance(arm, TClass):
                arms[i] = join(there, arm)
                break
        else:
            arms.append(arm)
    return union(tuple(arms))


def join_changes(
    entry: State, head: State, again: list[State], changes: Changes, targets: frozenset[str]
) -> Changes:
    """Add to the known changes what the ends of a round differ in.

    Args:
        entry: Before the loop.
        head: Where the round began.
        again: Where it ended, on the paths that go on to another round.
        changes: What was known to change; ``head`` has forgotten it.
        targets: The loop's own variables, which each round sets first.

    Raises:
        Unsupported: A change that is not modelled.
    """
    variables, objects = dict(changes.variables), dict(changes.objects)
    for end in again:
        for name in head.locals.keys() | end.locals.keys():
            if name in targets:
                continue
            before, after = head.locals.get(name), end.locals.get(name)
            if before is after and name not in variables:
                continue
            settled = entry.locals.get(name, UNSETTLED) is not UNSETTLED
            if not settled or after is None or after is UNSETTLED:
                if settled:
                    raise Unsupported(f"the variable {name}, which a loop deletes")
                variables[name] = None
                continue
            old = variables.get(name) or _kind_at_entry(entry, name)
            variables[name] = join(old, _kind_at_end(end, name, after))
        _join_frames(head, end)
        for address, obj in head.heap.items():
            if end.heap[address] is obj or address not in entry.heap:
                continue
            objects[address] = _join_object(entry, end, address, objects.get(address))
    return Changes(variables, objects)


def _join_frames(head: State, end: State) -> None:
    for frame, variables in head.frames.items():
        if frame != head.frame and any(end.frames[frame].get(k) is not v for k, v in variables.items()):
            raise Unsupported("a loop that changes variables of an enclosing function")


def _join_object(
    entry: State, end: State, address: int, known: Type | dict[str, Type] | None
) -> Type | dict[str, Type]:
    before, after = entry.heap[address], end.heap[address]
    if isinstance(before, InstanceObject) and isinstance(after, InstanceObject):
        fields: dict[str, Type] = dict(known) if isinstance(known, dict) else {}
        old = dict(before.fields)
        for name, value in after.fields:
            if name not in old:
                raise Unsupported(f"a loop that adds the attribute {name}")
            if value is not old[name]:
                if isinstance(value, VRef) or isinstance(old[name], VRef):
                    raise Unsupported(f"a loop that rebinds the attribute {name} to another container")
                fields[name] = join(fields.get(name, type_of(entry, old[name])), type_of(end, value))
        return fields
    kind = join(_contents(entry, before), _contents(end, after))
    if isinstance(known, TList | TDict | TSet):
        kind = join(known, kind)
    if _nested(kind):
        raise Unsupported("a container of containers that changes in a loop")
    return kind


def _nested(kind: Type) -> bool:
    inner = [kind.element] if isinstance(kind, TList) else [kind.value] if isinstance(kind, TDict) else []
    pending = list(inner)
    while pending:
        one = pending.pop()
        if isinstance(one, TList | TDict | TSet | TClass):
            return True
        if isinstance(one, TTuple):
            pending += one.items
        elif isinstance(one, TTupleOf):
            pending.append(one.element)
        elif isinstance(one, TUnion):
            pending += one.arms
    return False


def _kind_at_entry(entry: State, name: str) -> Type:
    value = entry.locals[name]
    _check_exclusive(entry, name, value)
    return type_of(entry, value)


def _kind_at_end(end: State, name: str, value: Value) -> Type:
    _check_exclusive(end, name, value)
    return type_of(end, value)


def _check_exclusive(state: State, name: str, value: Value) -> None:
    """A variable that is bound to another container in each round must be the only one to know it.

    Otherwise the fresh container of the head would hide that a change through one name shows under another.
    """
    from lift.verify.contracts import reachable

    mine = reachable(state, value) - state.shared
    if not mine:
        return
    if isinstance(value, VView) or not mine <= state.owned or len(mine) > 1:
        raise Unsupported(f"the variable {name}, which a loop binds to another container")
    others = [v for f in state.frames.values() for k, v in f.items() if not (f is state.locals and k == name)]
    inside = [reachable(state, VRef(a)) - {a} for a in state.heap if a not in mine]
    if any(mine & reachable(state, v) for v in others) or any(mine & found for found in inside):
        raise Unsupported(
            f"the variable {name}, which a loop binds to another container that has other names"
        )


def forget(engine: Engine, entry: State, changes: Changes, targets: frozenset[str]) -> State:
    """The state at the head of an arbitrary round."""
    head = entry.fork()
    for name, kind in changes.variables.items():
        head.locals[name] = UNSETTLED if kind is None else _unknown(engine, head, kind, name)
    for name in targets:
        head.locals[name] = UNSETTLED
    for address, kind in changes.objects.items():
        old = head.heap[address]
        if isinstance(kind, dict):
            assert isinstance(old, InstanceObject)
            fields = tuple((n, _unknown(engine, head, kind[n], n) if n in kind else v) for n, v in old.fields)
            head.heap[address] = engine.instance(old.class_name, fields)
        else:
            head.heap[address] = _unknown_object(engine, kind, "contents")
    return head


def _unknown(engine: Engine, state: State, kind: Type, name: str) -> Value:
    match kind:
        case TList() | TDict() | TSet():
            return engine.allocate(state, _unknown_object(engine, kind, name))
        case TTuple(items=items):
            return VTuple(concrete_seq([_unknown(engine, state, t, name) for t in items]))
        case TTupleOf(element=element):
            return VTuple(fresh_seq(engine, element, name))
        case TUnion(arms=kinds):
            which = z3.Int(fresh_name(f"{name}|which"))
            last = len(kinds) - 1
            return VUnion(
                tuple(
                    (
                        which <= 0 if n == 0 else which >= last if n == last else which == n,
                        _unknown(engine, state, t, name),
                    )
                    for n, t in enumerate(kinds)
                )
            )
    return family(engine, kind, name, ())()


def _unknown_object(engine: Engine, kind: Type, name: str) -> HeapObject:
    if isinstance(kind, TList):
        if kind.element == _NEVER:
            return ListObject(concrete_seq([]))
        return ListObject(fresh_seq(engine, kind.element, name))
    if isinstance(kind, TSet):
        never = kind.element == _NEVER
        return sets.empty(frozen=kind.frozen) if never else sets.fresh_set(engine, kind, name)
    assert isinstance(kind, TDict)
    if kind.key == _NEVER:
        return concrete_dict([], None)
    return fresh_dict(engine, kind, name)
