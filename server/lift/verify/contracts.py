"""Specifications on the symbolic side: judging a clause on a path, and calling a function by its contract."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import z3
from lift_ir import Clause, Ensures, Raises, Requires

from lift.verify import evaluate as expressions
from lift.verify import measures
from lift.verify.operators import heap_object, truth
from lift.verify.program import self_type
from lift.verify.sets import fresh_set
from lift.verify.state import (
    DictObject,
    Engine,
    HeapObject,
    InstanceObject,
    ListObject,
    Result,
    State,
    change,
)
from lift.verify.symbols import fresh, fresh_dict, fresh_seq, key_sort, key_value
from lift.verify.types import TDict, TList, TSet, TUnknown, holds_instances, is_mutable, unknown_part
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VFunction,
    VIterable,
    VMethod,
    VRef,
    VTuple,
    VUnion,
    VView,
    as_int,
)


@dataclass(frozen=True)
class Judgement:
    """What a clause is on a path.

    Attributes:
        holds: An over-approximation of "it evaluates to something true": what may be assumed of it.
        fails: An over-approximation of "it does not": where this is impossible the clause is proved.
    """

    holds: Term
    fails: Term


def judge(
    engine: Engine,
    state: State,
    expression: str | ast.expr,
    variables: dict[str, Value],
    old_heap: dict[int, HeapObject] | None = None,
) -> Judgement:
    """Evaluate a clause, given as text or as a tree, in a frame of its own.

    Raises:
        Unsupported: The clause uses a construct outside the subset, or a hole.
    """
    tree = ast.parse(expression, mode="eval").body if isinstance(expression, str) else expression
    inner = state.fork()
    number = engine.next_frame
    engine.next_frame += 1
    engine.frame_parent[number] = None
    inner.frames[number] = dict(variables)
    inner.frame = number
    before = engine.in_spec, engine.old_heap
    engine.in_spec, engine.old_heap = True, old_heap
    try:
        results = expressions.evaluate_test(engine, inner, tree)
    finally:
        engine.in_spec, engine.old_heap = before
    holds, fails = [], []
    for path, value in results:
        added = expressions.delta(inner, path)
        if isinstance(value, Exc):
            fails.append(added)
            continue
        true = truth(path, value)
        holds.append(z3.And(added, true))
        fails.append(z3.And(added, z3.Not(true)))
    return Judgement(z3.Or(holds), z3.Or(fails))


def as_it_was(then: State, now: State, value: Value, node: ast.AST) -> Value:
    """A value from the entry state as the exit state may hold it: changed containers become views.

    Raises:
        Unsupported: A changed container inside another one.
    """
    if isinstance(value, VUnion):
        return VUnion(tuple((g, as_it_was(then, now, v, node)) for g, v in value.arms))
    changed = {a for a in reachable(then, value) if now.heap.get(a) is not then.heap[a]}
    if not changed:
        return value
    if isinstance(value, VRef) and changed == {value.address} and not _holds_references(then, value.address):
        return VView(then.heap[value.address])
    raise Unsupported("`old` of a container of containers that changed", node)


def _holds_references(state: State, address: int) -> bool:
    return reachable(state, VRef(address)) != {address}


def clauses_of(engine: Engine, qualname: str) -> tuple[Clause, ...]:
    """The clauses that a function states, checked expressions only."""
    ir = engine.program.irs.get(qualname)
    return () if ir is None else ir.clauses


def by_contract(engine: Engine, qualname: str) -> bool:
    """Whether a call stands for the callee's specification rather than for its body."""
    ir = engine.program.irs.get(qualname)
    if engine.exploring or engine.in_spec or ir is None:
        return False
    states = any(isinstance(c, Requires | Ensures) for c in ir.clauses) and ir.specified
    if not states:
        return False
    recursive = qualname == engine.target or qualname in engine.active
    # Which method runs depends on the object's class, and what it may change is all that the object holds.
    return recursive or not (engine.inline_specified or self_type(qualname) is not None)


def call_by_contract(
    engine: Engine, state: State, qualname: str, bound: dict[str, Value], node: ast.AST
) -> list[Result]:
    """Check Requires, then know of the result only what Ensures, Raises and the annotation say."""
    ir = engine.program.irs[qualname]
    definition = engine.program.definition(qualname)
    if self_type(qualname) is not None:
        raise Unsupported(f"a call of the method {qualname} by its specification", node)
    if any(h.hole in ("term", "clause") for h in ir.holes):
        raise Unsupported(f"a call of {qualname}, whose specification has open holes", node)
    returns = engine.program.type_of(definition.returns)
    if isinstance(returns, TUnknown) or unknown_part(returns):
        raise Unsupported(f"a call of {qualname}, whose result has no type that is modelled", node)
    _check_types(engine, state, qualname, bound, node)
    engine.contracts_used.add(qualname)
    if qualname == engine.target:
        engine.assumptions.add(measures.RECURSION_ENDS)
    line = getattr(node, "lineno", 0)
    results, met = check_requires(engine, state, qualname, bound, node)
    if met is None:
        return results
    results += measures.not_smaller(engine, met, qualname, bound, node)
    raising, path = _declared(engine, met, ir.clauses, bound, line)
    for then, _ in raising:
        # The callee may have changed its arguments before it raised.
        _havoc_arguments(engine, then, qualname, bound, node)
    results += raising
    if path is None:
        return results
    return results + _after(engine, path, qualname, ir, returns, bound, node)


def _check_types(engine: Engine, state: State, qualname: str, bound: dict[str, Value], node: ast.AST) -> None:
    """The callee's specification was shown for arguments of the annotated types only.

    Raises:
        Unsupported: An argument may be of another type.
    """
    from lift.verify.conformity import conforms
    from lift.verify.entry import Target, parameter_types

    program = engine.program
    target = Target(program, program.irs[qualname], program.definition(qualname), None)
    for name, type_ in parameter_types(target):
        if not conforms(engine, state, bound[name], type_):
            raise Unsupported(f"a call of {qualname} with {name} of another type than annotated", node)


def check_requires(
    engine: Engine, state: State, qualname: str, bound: dict[str, Value], node: ast.AST
) -> tuple[list[Result], State | None]:
    """The paths on which a call breaks the callee's Requires, and the one on which it meets them."""
    ir = engine.program.irs.get(qualname)
    results: list[Result] = []
    path = state
    for clause in ir.clauses if ir is not None else ():
        if not isinstance(clause, Requires) or clause.expression is None or clause.holes:
            continue
        judgement = judge(engine, path, clause.expression, bound)
        if engine.feasible(path, judgement.fails, timeout_ms=2000):
            why = f"{qualname} requires {clause.text}"
            broken = Exc("", getattr(node, "lineno", 0), why, (qualname, clause.text))
            results.append((path.fork(judgement.fails), broken))
        if not engine.feasible(path, judgement.holds):
            return results, None
        path = path.fork(judgement.holds)
    return results, path


def _declared(
    engine: Engine, state: State, clauses: tuple[Clause, ...], bound: dict[str, Value], line: int
) -> tuple[list[Result], State | None]:
    """The exceptions that a callee declares, and the path on which it raises none of them."""
    results: list[Result] = []
    path: State | None = state
    for clause in clauses:
        if not isinstance(clause, Raises) or path is None:
            continue
        raised = Exc(clause.exception, line, "declared by the callee", or_subclass=True)
        if clause.expression is None:
            results.append((path.fork(), raised))
            continue
        judgement = judge(engine, path, clause.expression, bound)
        if engine.feasible(path, judgement.holds):
            results.append((path.fork(judgement.holds), raised))
        if clause.exact:
            path = path.fork(judgement.fails) if engine.feasible(path, judgement.fails) else None
    return results, path


def _after(
    engine: Engine,
    state: State,
    qualname: str,
    ir: object,
    returns: object,
    bound: dict[str, Value],
    node: ast.AST,
) -> list[Result]:
    before = dict(state.heap)
    path = state.fork()
    _havoc_arguments(engine, path, qualname, bound, node)
    results: list[Result] = []
    for then, value in fresh(engine, path, returns, f"{qualname}()"):  # type: ignore[arg-type]
        value = _unknown_identity(then, value)
        if is_mutable(returns):  # type: ignore[arg-type]
            # The callee may have returned one of its arguments, so these must not change any more.
            then.shared = then.shared | {a for v in bound.values() for a in reachable(then, v)}
            if holds_instances(returns):  # type: ignore[arg-type]
                # It may have returned what it did not get as an argument, too.
                then.shared = then.shared | (then.heap.keys() - then.owned)
        variables = {**bound, "result": value, "__return__": value}
        for clause in ir.clauses:  # type: ignore[attr-defined]
            if isinstance(clause, Ensures) and clause.expression is not None:
                then = then.fork(judge(engine, then, clause.expression, variables, before).holds)
        results.append((_with_fact(engine, then, qualname, variables, before), value))
    return results


def _with_fact(
    engine: Engine, state: State, qualname: str, variables: dict[str, Value], before: dict[int, HeapObject]
) -> State:
    """The path with what ``promises.py`` tries to assume of the callee."""
    program = engine.program
    label = program.sources.label(qualname)
    if label not in engine.promises:
        args = program.definition(qualname).args
        named = {a.arg: a.annotation for a in [*args.posonlyargs, *args.args, *args.kwonlyargs]}
        named["return"] = program.definition(qualname).returns
        types = {n: program.type_of(a) for n, a in named.items()}
        engine.promises[label] = (qualname, program.irs[qualname], types)
    fact = engine.assumed.get(label)
    if fact is None:
        return state
    then = state.fork(judge(engine, state, fact, variables, before).holds)
    engine.contradicted |= not engine.feasible(then, *then.pc[len(state.pc) :])
    return then


def _havoc_arguments(
    engine: Engine, state: State, qualname: str, bound: dict[str, Value], node: ast.AST
) -> None:
    """Forget what the callee may have changed."""
    ir = engine.program.irs[qualname]
    if ir.effects.opaque_calls or ir.effects.globals_written:
        changed = set(bound)
    else:
        changed = {m.partition(".")[0] for m in ir.effects.mutates}
    everything = {a for v in bound.values() for a in reachable(state, v)}
    if changed and len(everything) > 1:
        # The callee may have put one of them into another one.
        state.shared = state.shared | everything
    for name in sorted(changed & bound.keys()):
        value = bound[name]
        addresses = reachable(state, value)
        if _of_unknown_identity(value):
            raise Unsupported(f"{qualname} may change {name}, which may have other names", node)
        if not addresses:
            continue
        if not isinstance(value, VRef) or len(addresses) > 1:
            raise Unsupported(f"{qualname} may change what {name} holds", node)
        type_ = engine.program.type_of(_annotation(engine, qualname, name))
        held = (
            type_.value if isinstance(type_, TDict) else type_.element if isinstance(type_, TList) else type_
        )
        if is_mutable(held):
            raise Unsupported(f"{qualname} may change what {name} holds", node)
        if isinstance(type_, TList):
            change(state, value.address, ListObject(fresh_seq(engine, type_.element, name)), node)
        elif isinstance(type_, TSet) and not type_.frozen:
            change(state, value.address, fresh_set(engine, type_, name), node)
        elif isinstance(type_, TDict):
            change(state, value.address, fresh_dict(engine, type_, name), node)
        else:
            raise Unsupported(f"{qualname} may change {name}", node)


def _of_unknown_identity(value: Value) -> bool:
    match value:
        case VView():
            return True
        case VTuple(seq=seq):
            return seq.items is None or any(map(_of_unknown_identity, seq.items))
        case VUnion(arms=arms):
            return any(_of_unknown_identity(v) for _, v in arms)
    return False


def _annotation(engine: Engine, qualname: str, name: str) -> ast.expr | None:
    node = engine.program.definition(qualname)
    args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return next((a.annotation for a in args if a.arg == name), None)


def _unknown_identity(state: State, value: Value) -> Value:
    """A result whose containers may be objects that exist already: views of their contents."""
    match value:
        case VRef(address=address):
            if isinstance(state.heap[address], InstanceObject):
                raise Unsupported("an instance returned by a function that is called by its specification")
            return VView(state.heap[address])
        case VTuple(seq=seq) if seq.items is not None:
            from lift.verify.values import concrete_seq

            return VTuple(concrete_seq([_unknown_identity(state, v) for v in seq.items]))
        case VUnion(arms=arms):
            return VUnion(tuple((g, _unknown_identity(state, v)) for g, v in arms))
    return value


def reachable(state: State, value: Value) -> set[int]:
    """The addresses of the objects that a value leads to."""
    found: set[int] = set()
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, VUnion):
            pending += [v for _, v in one.arms]
        elif isinstance(one, VTuple | VIterable):
            pending += _held(one.seq)
        elif isinstance(one, VMethod):
            pending.append(one.receiver)
        elif isinstance(one, VFunction):
            # Its free variables are those of a frame, and seen there.
            pending += [v for _, v in one.defaults]
            pending += [one.receiver] if one.receiver is not None else []
        elif isinstance(one, VRef | VView):
            if isinstance(one, VRef):
                if one.address in found:
                    continue
                found.add(one.address)
            obj = heap_object(state, one)
            if isinstance(obj, ListObject):
                pending += _held(obj.seq)
            elif isinstance(obj, InstanceObject):
                pending += [v for _, v in obj.fields]
            elif isinstance(obj, DictObject) and obj.key_type is not None and as_int(obj.size) != 0:
                keys = obj.keys or Seq(obj.size, lambda i, obj=obj: _any_key(obj), None, ())
                pending += [obj.get(k) for k in _held(keys)]
    return found


def _held(seq: Seq) -> tuple[Value, ...]:
    """The elements; of a sequence of unknown length one at an index that may be any."""
    if seq.items is not None:
        return seq.items
    return (seq.get(z3.Int("any index")),)


def _any_key(obj: DictObject) -> Value:
    return key_value(z3.Const("any key", key_sort(obj.key_type)), obj.key_type)
