"""What callers by contract take for granted: the type of the result, and which arguments change.

Both are known without a proof, from the annotation and from the static analysis of effects; here they are
shown of the body.
"""

from __future__ import annotations

import ast

import z3
from lift_ir import Function

from lift.verify import contracts, execute, operators
from lift.verify.entry import Entry, Target, entries
from lift.verify.operators import arms, heap_object
from lift.verify.program import Program
from lift.verify.set_elements import decode, sort_of
from lift.verify.state import (
    BudgetExceeded,
    DictObject,
    Engine,
    InstanceObject,
    ListObject,
    Normal,
    Return,
    SetObject,
    State,
    Stop,
)
from lift.verify.symbols import constant, key_sort, key_value
from lift.verify.types import (
    TBool,
    TClass,
    TDict,
    TEnum,
    TFloat,
    TInt,
    TList,
    TLiteral,
    TNone,
    TSet,
    TStr,
    TTuple,
    TTupleOf,
    TUnion,
    Type,
)
from lift.verify.values import (
    NONE,
    Seq,
    Unsupported,
    Value,
    VBool,
    VFloat,
    VInt,
    VMember,
    VNone,
    VStr,
    VTuple,
    fresh_name,
)


def returns_conform(program: Program, qualname: str, deadline: float) -> bool:
    """Whether every path returns a value of the annotated type and changes only what it is said to change.

    False where that was not shown.
    """
    node, ir = program.definition(qualname), program.irs.get(qualname)
    if not isinstance(node, ast.FunctionDef) or ir is None:
        return False
    wanted = program.type_of(node.returns)
    engine = Engine(program, False, deadline, target=qualname)
    try:
        for entry in entries(engine, Target(program, ir, node, None)):
            for state, signal in execute.run_block(engine, entry.state, node.body):
                if isinstance(signal, Stop) or not _changes_conform(ir, entry, state):
                    return False
                if isinstance(signal, Return | Normal):
                    value = signal.value if isinstance(signal, Return) else NONE
                    if not conforms(engine, state, value, wanted):
                        return False
    except (Unsupported, BudgetExceeded, RecursionError):
        return False
    return True


def _changes_conform(ir: Function, entry: Entry, state: State) -> bool:
    if ir.effects.opaque_calls or ir.effects.globals_written:
        return True
    named = {m.partition(".")[0] for m in ir.effects.mutates}
    allowed = {
        a for n, v in entry.variables.items() if n in named for a in contracts.reachable(entry.state, v)
    }
    changed = {a for a, obj in entry.state.heap.items() if state.heap[a] is not obj}
    return changed <= allowed


def conforms(engine: Engine, state: State, value: Value, wanted: Type) -> bool:
    """Whether a value is of a type on every path; elements of containers are taken as a sample."""
    return all(_definite(engine, s, v, wanted) for s, v in arms(engine, state, value))


def _definite(engine: Engine, state: State, value: Value, wanted: Type) -> bool:
    match wanted:
        case TInt():
            return isinstance(value, VInt | VBool)
        case TBool():
            return isinstance(value, VBool)
        case TFloat():
            return isinstance(value, VFloat)
        case TStr():
            return isinstance(value, VStr)
        case TNone():
            return isinstance(value, VNone)
        case TEnum(name=name):
            return isinstance(value, VMember) and value.class_name == name
        case TUnion(arms=types):
            return any(_definite(engine, state, value, t) for t in types)
        case TTuple(items=types) if isinstance(value, VTuple) and value.seq.items is not None:
            pairs = zip(value.seq.items, types, strict=False)
            return len(value.seq.items) == len(types) and all(conforms(engine, state, v, t) for v, t in pairs)
        case TTupleOf(element=element) if isinstance(value, VTuple):
            return _elements(engine, state, value.seq, element)
        case TLiteral(values=values) if isinstance(value, VFloat):
            return False
        case TLiteral(values=values):
            same = z3.Or([operators.equal(engine, state, value, constant(v)) for v in values])
            return not engine.feasible(state, z3.Not(same))
    obj = heap_object(state, value)
    if isinstance(wanted, TList) and isinstance(obj, ListObject):
        return _elements(engine, state, obj.seq, wanted.element)
    if isinstance(wanted, TSet) and isinstance(obj, SetObject):
        if obj.element is None or obj.frozen != wanted.frozen:
            return obj.frozen == wanted.frozen
        term = z3.Const(fresh_name("any"), sort_of(obj.element))
        inside = state.fork(obj.has(term))
        return conforms(engine, inside, decode(engine, term, obj.element), wanted.element)
    if isinstance(wanted, TDict) and isinstance(obj, DictObject):
        if obj.keys is None:
            return False
        if obj.keys.items is not None:
            values = [obj.get(k) for k in obj.keys.items]
            keys = all(conforms(engine, state, k, wanted.key) for k in obj.keys.items)
            return keys and all(conforms(engine, state, v, wanted.value) for v in values)
        if obj.key_type is None or key_sort(obj.key_type) != key_sort(wanted.key):
            return False
        key = key_value(z3.Const(fresh_name("any"), key_sort(obj.key_type)), obj.key_type)
        inside = state.fork(obj.has(key))
        known = obj.key_type == wanted.key or isinstance(wanted.key, TInt)
        return known and conforms(engine, inside, obj.get(key), wanted.value)
    if isinstance(wanted, TClass) and isinstance(obj, InstanceObject):
        held = dict(obj.fields)
        declared = dict(engine.program.class_info(obj.class_name).fields)
        same = engine.program.is_subclass(obj.class_name, wanted.name) and held.keys() == declared.keys()
        return same and all(conforms(engine, state, held[n], t) for n, t in declared.items())
    return False


def _elements(engine: Engine, state: State, seq: Seq, wanted: Type) -> bool:
    if seq.items is not None:
        return all(conforms(engine, state, v, wanted) for v in seq.items)
    index = z3.Int(fresh_name("any"))
    inside = state.fork(index >= 0, index < seq.length)
    return conforms(engine, inside, seq.get(index), wanted)
