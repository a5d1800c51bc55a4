"""The state on entry to a function: parameters of their types, aliases, Requires, invariants."""

from __future__ import annotations

import ast
import contextlib
import re
from dataclasses import dataclass

from lift_ir import Class, Function, Invariant, Requires

from lift.verify import calls, contracts, instances
from lift.verify.program import Program, self_type
from lift.verify.state import DictObject, Engine, InstanceObject, ListObject, SetObject, State
from lift.verify.symbols import fresh
from lift.verify.types import (
    ABSTRACT,
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
    has_floats,
    holds_instances,
    is_of,
    union,
    unknown_part,
)
from lift.verify.values import Unsupported, Value, VClass, VRef


@dataclass(frozen=True)
class Entry:
    """One way to enter a function.

    Attributes:
        state: The path, which meets Requires and the invariants.
        variables: The arguments by parameter.
        free: The path before Requires were assumed.
    """

    state: State
    variables: dict[str, Value]
    free: State


@dataclass(frozen=True)
class Target:
    """The function that is checked."""

    program: Program
    ir: Function
    node: ast.FunctionDef
    class_ir: Class | None

    @property
    def is_init(self) -> bool:
        """Whether it makes the instance that the invariants speak of."""
        return self.class_ir is not None and self.ir.name == "__init__"

    @property
    def lineage(self) -> tuple[Class, ...]:
        """The class that it is a method of, and those of the module that this one derives from."""
        if self.class_ir is None:
            return ()
        info = self.program.classes.get(self.class_ir.name)
        above = [self.program.classes[n].ir for n in info.ancestors[1:]] if info is not None else []
        return (self.class_ir, *(one for one in above if one is not None))

    @property
    def is_classmethod(self) -> bool:
        """Whether its first argument is a class."""
        return self.class_ir is not None and "classmethod" in self.ir.decorators

    @property
    def invariants(self) -> tuple[Invariant, ...]:
        """The class invariants that hold around it: those of a public method or of ``__init__``."""
        public = not self.ir.name.startswith("_") or self.is_init
        plain = not {"staticmethod", "classmethod"} & set(self.ir.decorators)
        if self.class_ir is None or not public or not plain:
            return ()
        return tuple(c for one in self.lineage for c in one.invariants if isinstance(c, Invariant))


def parameter_types(target: Target) -> list[tuple[str, Type]]:
    """The parameters and their types.

    Raises:
        Unsupported: A parameter without a type, or with one outside the subset.
    """
    args = target.node.args
    if args.kwarg is not None or args.vararg is not None:
        raise Unsupported("a parameter with `*` or `**`", target.node)
    found: list[tuple[str, Type]] = []
    owner = self_type(target.ir.qualname)
    static = "staticmethod" in target.ir.decorators
    for position, arg in enumerate([*args.posonlyargs, *args.args, *args.kwonlyargs]):
        if owner is not None and position == 0 and not static:
            enum = target.program.type_of(owner.name) if "classmethod" not in target.ir.decorators else owner
            found.append((arg.arg, enum if isinstance(enum, TEnum) else owner))
            continue
        if arg.annotation is None:
            raise Unsupported(f"the parameter {arg.arg}, which has no type", arg)
        type_ = _with_default(target, arg, target.program.type_of(arg.annotation))
        missing = unknown_part(type_)
        if missing:
            raise Unsupported(f"the parameter {arg.arg} of type {missing}", arg)
        found.append((arg.arg, type_))
    return found


def _with_default(target: Target, arg: ast.arg, type_: Type) -> Type:
    """The parameter's type with its default in it: ``x: int = None`` means that x may be None.

    Raises:
        Unsupported: A default whose type is not plainly the annotated one.
    """
    default = dict(calls.default_nodes(target.node.args)).get(arg.arg)
    if default is None:
        return type_
    try:
        value = ast.literal_eval(default)
    except (ValueError, TypeError, SyntaxError):
        if isinstance(type_, TEnum) and ast.unparse(default) in {f"{type_.name}.{m}" for m in type_.members}:
            return type_
        name = default.id if isinstance(default, ast.Name) else None
        owner = target.ir.qualname.rpartition(".")[0]
        if name not in target.program.constants or target.program.hidden_by_class(owner, name):
            raise Unsupported(f"the default of {arg.arg}", default) from None
        value = target.program.constants[name]
    if is_of(value, type_):
        return type_
    if value is None:
        return union((type_, TNone()))
    if type_ == TFloat() and type(value) is int:
        return union((type_, TLiteral((value,))))
    raise Unsupported(f"the default of {arg.arg}, which is not of its type", default)


def _with_attributes(engine: Engine, types: list[Type]) -> list[Type]:
    """The types, and those of the attributes where they are classes."""
    found = list(types)
    for one in types:
        # Whatever reads an attribute outside the subset stops there; `__init__` and class methods need none.
        with contextlib.suppress(Unsupported):
            found += engine.program.inside(one)
    return found


def _abstract_names(target: Target, types: list[tuple[str, Type]]) -> set[str]:
    """The abstract containers that the parameters are annotated with, or the attributes of instances."""
    args = target.node.args
    found = [a.annotation for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    if any(holds_instances(type_) for _, type_ in types):
        for node in ast.walk(target.program.tree):
            if isinstance(node, ast.AnnAssign):
                found.append(node.annotation)
            elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
                found += [a.annotation for a in (*node.args.args, *node.args.kwonlyargs)]
    # An annotation may be a text.
    words = {w for one in found if one is not None for w in re.findall(r"\w+", ast.unparse(one))}
    return words & ABSTRACT.keys()


def entries(engine: Engine, target: Target) -> list[Entry]:
    """The states in which the function may be called.

    Raises:
        Unsupported: A parameter, a Requires or an invariant outside the subset.
    """
    types = parameter_types(target)
    if any(has_floats(t) for t in _with_attributes(engine, [t for _, t in types])):
        engine.assumptions.add("what is annotated float is a float and not an int")
    for name in _abstract_names(target, types):
        engine.assumptions.add(f"what is annotated {name} is {ABSTRACT[name]}")
    start = State(frames={0: {}})
    engine.frame_parent[0] = None
    engine.frame_locals[0] = calls.local_names(target.node)
    instances.note_frame(engine, 0, target.ir.qualname, target.node)
    paths: list[tuple[State, dict[str, Value]]] = [(start, {})]
    for position, (name, type_) in enumerate(types):
        grown: list[tuple[State, dict[str, Value]]] = []
        for state, bound in paths:
            if position == 0 and target.is_classmethod:
                assert isinstance(type_, TClass)
                for kind in engine.program.kinds(type_.name):
                    grown.append((state.fork(), {name: VClass(kind)}))
                continue
            if position == 0 and target.is_init:
                made = state.fork()
                assert isinstance(type_, TClass)
                engine.program.class_info(type_.name)
                grown.append(
                    (made, {name: engine.allocate(made, engine.instance(type_.name, ()), owned=False)})
                )
                continue
            grown += [(s, {**bound, name: v}) for s, v in fresh(engine, state, type_, name)]
        if len(grown) > 400:
            engine.truncated.append(target.node.lineno)
        paths = grown[:400]
    out: list[Entry] = []
    for state, bound in _with_aliases(paths, types):
        _share_inner(engine, state, bound, types)
        state.frames[0] = dict(bound)
        met = _assume(engine, target, state, bound)
        if met is not None:
            out.append(Entry(met, bound, state))
    return out


def _with_aliases(
    paths: list[tuple[State, dict[str, Value]]], types: list[tuple[str, Type]]
) -> list[tuple[State, dict[str, Value]]]:
    """Each way in which parameters of one mutable type may be one object."""
    done = list(paths)
    kinds = TList | TDict | TSet | TClass
    mutable = [(n, t) for n, t in types if isinstance(t, kinds) and not (isinstance(t, TSet) and t.frozen)]
    for i, (first, type_) in enumerate(mutable):
        for second, other in mutable[i + 1 :]:
            classes = isinstance(type_, TClass) and isinstance(other, TClass)
            if type_ != other and not classes:
                continue
            for state, bound in list(done):
                value = bound[first]
                if value == bound[second] or not isinstance(value, VRef):
                    continue
                if classes and _class_of(state, value) != _class_of(state, bound[second]):
                    continue
                done.append((state.fork(), {**bound, second: bound[first]}))
    return done


def _class_of(state: State, value: Value) -> str | None:
    obj = state.heap[value.address] if isinstance(value, VRef) else None
    return obj.class_name if isinstance(obj, InstanceObject) else None


def _share_inner(
    engine: Engine, state: State, bound: dict[str, Value], types: list[tuple[str, Type]]
) -> None:
    """Forbid changes to objects that an argument may reach in more than one way.

    Two parameters of one type are handled by trying both cases; what sits inside tuples, unions, other
    containers or attributes is not, so such objects must not change, nor those of a kind that views are of.
    """
    views: set[str] = set()
    for name, type_ in types:
        value = bound[name]
        made = state.heap[value.address] if isinstance(value, VRef) else None
        if isinstance(value, VClass) or (isinstance(made, InstanceObject) and not made.fields):
            continue
        for outer in engine.program.inside(type_):
            if isinstance(outer, TList | TDict | TTupleOf):
                element = outer.value if isinstance(outer, TDict) else outer.element
                views |= _sorts(engine, element)
                if _sorts(engine, element) & {"list", "dict"}:
                    views |= _sorts(engine, outer)
            elif isinstance(outer, TClass) and engine.program.endless(outer):
                for _, inner in engine.program.class_info(outer.name).fields:
                    views |= _sorts(engine, inner)
    kinds = TList | TDict | TSet | TClass
    top = {bound[n].address for n, t in types if isinstance(t, kinds) and _is_ref(bound[n])}  # type: ignore[union-attr]
    groups: dict[str, set[int]] = {}
    for address in {a for v in bound.values() for a in contracts.reachable(state, v)}:
        obj = state.heap[address]
        sort = obj.class_name if isinstance(obj, InstanceObject) else _container_sort(obj)
        groups.setdefault(sort, set()).add(address)
    for sort, members in groups.items():
        if sort in views or (members - top and len(members) > 1):
            state.shared = state.shared | members


def _is_ref(value: Value) -> bool:
    return isinstance(value, VRef)


def _container_sort(obj: object) -> str:
    if isinstance(obj, SetObject):
        return "frozenset" if obj.frozen else "set"
    return "list" if isinstance(obj, ListObject) else "dict" if isinstance(obj, DictObject) else "other"


def _sorts(engine: Engine, type_: Type) -> set[str]:
    """What the objects in a value of a type may be, itself among them: containers, and instances by class."""
    found: set[str] = set()
    for one in engine.program.inside(type_):
        match one:
            case TList():
                found.add("list")
            case TDict():
                found.add("dict")
            case TSet(frozen=frozen):
                found.add("frozenset" if frozen else "set")
            case TClass(name=name):
                found.update(engine.program.kinds(name))
            case TUnion() | TTuple() | TTupleOf() | TInt() | TBool() | TFloat() | TStr() | TNone():
                pass
            case TLiteral() | TEnum():
                pass
            case _:
                found.add("other")
    return found


def _assume(engine: Engine, target: Target, state: State, bound: dict[str, Value]) -> State | None:
    path = state.fork()
    for clause in target.invariants if not target.is_init else ():
        if clause.expression is not None:
            path = path.fork(contracts.judge(engine, path, clause.expression, bound).holds)
    path = _assume_invariants(engine, target, path, bound)
    for clause in target.ir.clauses:
        if isinstance(clause, Requires) and clause.expression is not None and not clause.holes:
            path = path.fork(contracts.judge(engine, path, clause.expression, bound).holds)
    if engine.exploring and not engine.feasible(state, *path.pc[len(state.pc) :]):
        return None
    return path


def _assume_invariants(engine: Engine, target: Target, state: State, bound: dict[str, Value]) -> State:
    """Arguments meet the invariants of their classes, as every object does between public calls."""
    names = list(bound)
    is_method = target.class_ir is not None and "staticmethod" not in target.ir.decorators
    receiver = bound[names[0]] if is_method and names else None
    for value in bound.values():
        obj = state.heap[value.address] if isinstance(value, VRef) else None
        if not isinstance(obj, InstanceObject) or value == receiver:
            continue
        for name in engine.program.class_info(obj.class_name).ancestors:
            ir = engine.program.classes[name].ir
            for clause in ir.invariants if ir is not None else ():
                if isinstance(clause, Invariant) and clause.expression is not None and not clause.holes:
                    engine.assumptions.add(f"arguments meet the invariants of {name}")
                    holds = contracts.judge(engine, state, clause.expression, {"self": value}).holds
                    state = state.fork(holds)
    return state
