"""Statements: from a body and a path to the paths on which it ends, each with how it ends."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

import z3

from lift.verify import (
    arithmetic,
    calls,
    contexts,
    handlers,
    instance_operators,
    loops,
    operators,
    patterns,
    set_methods,
    subscripts,
)
from lift.verify import assign as assignments
from lift.verify import evaluate as expressions
from lift.verify.operators import arms, heap_object, truth
from lift.verify.state import (
    NORMAL,
    BudgetExceeded,
    Cut,
    DictObject,
    Ended,
    Engine,
    InstanceObject,
    Jump,
    ListObject,
    Normal,
    Return,
    SetObject,
    State,
    Stop,
    Truncated,
    change,
)
from lift.verify.values import NONE, Exc, Unsupported, Value, VClass, VException, VNone, VRef, VView


def run_block(engine: Engine, state: State, body: list[ast.stmt]) -> list[Ended]:
    """Run statements in order.

    Raises:
        BudgetExceeded: Time or paths ran out.
    """
    paths: list[State] = [state]
    ended: list[Ended] = []
    for statement in body:
        grown: list[State] = []
        for path in paths:
            for then, signal in run(engine, path, statement):
                if isinstance(signal, Normal):
                    grown.append(then)
                else:
                    ended.append((then, signal))
        if len(grown) + len(ended) > engine.max_paths:
            raise BudgetExceeded("too many paths")
        paths = grown
        if not paths:
            break
    return [*ended, *((p, NORMAL) for p in paths)]


def run(engine: Engine, state: State, node: ast.stmt) -> list[Ended]:
    """Run one statement; what is not modelled ends the path in ``Stop``."""
    engine.check_time()
    handler = _HANDLERS.get(type(node))
    try:
        if handler is None:
            raise Unsupported(_CONSTRUCTS.get(type(node), type(node).__name__), node)
        return handler(engine, state, node)
    except Unsupported as stop:
        return [(state, Stop(stop.construct, stop.line or node.lineno))]
    except Cut:
        return [(state, Truncated(node.lineno))]
    except z3.Z3Exception as error:
        return [(state, Stop(f"a formula that Z3 refuses ({str(error)[:60]})", node.lineno))]


def _after(
    results: list[tuple[State, Value | Exc]], then: Callable[[State, Value], list[Ended]]
) -> list[Ended]:
    out: list[Ended] = []
    for state, value in results:
        out += [(state, value)] if isinstance(value, Exc) else then(state, value)
    return out


def _ends(stored: assignments.Stored) -> list[Ended]:
    return [(s, failed or NORMAL) for s, failed in stored]


def _expression(engine: Engine, state: State, node: ast.Expr) -> list[Ended]:
    if isinstance(node.value, ast.Constant):
        return [(state, NORMAL)]
    return _after(expressions.evaluate(engine, state, node.value), lambda s, _: [(s, NORMAL)])


def _assign(engine: Engine, state: State, node: ast.Assign) -> list[Ended]:
    def store(path: State, value: Value) -> list[Ended]:
        paths: assignments.Stored = [(path.fork(), None)]
        for target in node.targets:
            grown: assignments.Stored = []
            for then, failed in paths:
                grown += [(then, failed)] if failed else assignments.assign(engine, then, target, value)
            paths = grown
        return _ends(paths)

    return _after(expressions.evaluate(engine, state, node.value), store)


def _annotated(engine: Engine, state: State, node: ast.AnnAssign) -> list[Ended]:
    if node.value is None:
        return [(state, NORMAL)]
    return _after(
        expressions.evaluate(engine, state, node.value),
        lambda s, v: _ends(assignments.assign(engine, s.fork(), node.target, v)),
    )


def _augmented(engine: Engine, state: State, node: ast.AugAssign) -> list[Ended]:
    """``target op= value``: the target's parts are evaluated once, and ``+=`` changes a list in place."""
    target = node.target
    if isinstance(target, ast.Name):
        read = ast.copy_location(ast.Name(target.id, ast.Load()), target)
        return _after(
            expressions.evaluate(engine, state, read),
            lambda s, old: _combined(
                engine, s, old, node, lambda p, v: _ends(assignments.assign(engine, p, target, v))
            ),
        )
    if isinstance(target, ast.Attribute):

        def on(path: State, owner: Value) -> list[Ended]:
            out: list[Ended] = []
            for then, one in arms(engine, path, owner):
                found = expressions.attributes(engine, then, one, target)
                out += _after(
                    found,
                    lambda s, old, one=one: _combined(
                        engine,
                        s,
                        old,
                        node,
                        lambda p, v: _ends(assignments.store_attribute(engine, p.fork(), one, v, target)),
                    ),
                )
            return out

        return _after(expressions.evaluate(engine, state, target.value), on)
    if isinstance(target.slice, ast.Slice):
        raise Unsupported("`op=` on a slice", node)
    out: list[Ended] = []
    for path, parts in expressions.evaluate_all(engine, state, [target.value, target.slice]):
        if isinstance(parts, Exc):
            out.append((path, parts))
            continue
        for then, box in arms(engine, path, parts[0]):
            for last, index in arms(engine, then, parts[1]):

                def store(p: State, v: Value, box: Value = box, index: Value = index) -> list[Ended]:
                    return _ends(assignments.store_at(engine, p, box, index, v, target))

                found = subscripts.subscript(engine, last, box, index, target)
                out += _after(found, lambda s, old, store=store: _combined(engine, s, old, node, store))
    return out


def _combined(
    engine: Engine,
    state: State,
    old: Value,
    node: ast.AugAssign,
    store: Callable[[State, Value], list[Ended]],
) -> list[Ended]:
    def with_value(path: State, value: Value) -> list[Ended]:
        out: list[Ended] = []
        for then, left in arms(engine, path, old):
            obj = heap_object(then, left)
            if isinstance(obj, ListObject) and isinstance(node.op, ast.Add | ast.Mult):
                out += _in_place(engine, then, left, obj, value, node, store)
            elif isinstance(obj, InstanceObject):
                own = instance_operators.augmented(engine, then, node.op, left, value, node)
                out += _after(own, lambda s, v: store(s.fork(), v))
            elif isinstance(obj, SetObject) and not obj.frozen:
                for last, right in arms(engine, then, value):
                    results = set_methods.in_place(engine, last, left, obj, node.op, right, node)
                    out += _after(results, lambda s, v: store(s.fork(), v))
            elif isinstance(obj, DictObject):
                raise Unsupported(f"`op=` on a {operators.class_name(then, left)}", node)
            else:
                results = expressions.merge(
                    then, arithmetic.arithmetic(engine, then, node.op, left, value, node)
                )
                out += _after(results, lambda s, v: store(s.fork(), v))
        return out

    return _after(expressions.evaluate(engine, state, node.value), with_value)


def _in_place(
    engine: Engine,
    state: State,
    left: Value,
    obj: ListObject,
    value: Value,
    node: ast.AugAssign,
    store: Callable[[State, Value], list[Ended]],
) -> list[Ended]:
    if isinstance(left, VView) or not isinstance(left, VRef) or not isinstance(node.op, ast.Add):
        raise Unsupported("`op=` on this list", node)
    out: list[Ended] = []
    for path, more in arms(engine, state, value):
        if not operators.is_iterable(path, more):
            why = f"cannot extend a list by a {operators.class_name(path, more)}"
            out.append((path, Exc("TypeError", node.lineno, why)))
            continue
        path = path.fork()
        joined = operators.join_seqs(obj.seq, operators.sequence(engine, path, more, node))
        change(path, left.address, ListObject(joined), node)
        out += store(path, left)
    return out


def _if(engine: Engine, state: State, node: ast.If) -> list[Ended]:
    def branch(path: State, value: Value) -> list[Ended]:
        yes, no = engine.split(path, truth(path, value))
        out: list[Ended] = []
        if yes:
            out += run_block(engine, yes, node.body)
        if no:
            out += run_block(engine, no, node.orelse) if node.orelse else [(no, NORMAL)]
        return out

    return _after(expressions.evaluate_test(engine, state, node.test), branch)


def _return(engine: Engine, state: State, node: ast.Return) -> list[Ended]:
    if node.value is None:
        return [(state, Return(NONE, node.lineno))]
    return _after(
        expressions.evaluate(engine, state, node.value),
        lambda s, v: [(s, Return(operators.kept(v, node), node.lineno))],
    )


def _raise(engine: Engine, state: State, node: ast.Raise) -> list[Ended]:
    if node.exc is None:
        current = state.locals.get(handlers.CURRENT)
        if isinstance(current, VException):
            again = Exc(current.type, node.lineno, "raised again", or_subclass=current.or_subclass)
            return [(state, again)]
        raise Unsupported("`raise` without an exception", node)

    def thrown(path: State, value: Value) -> list[Ended]:
        found = _exception(engine, value, node)
        if found is None:
            raise Unsupported("raising this", node)
        raised = Exc(found.type, node.lineno, "raised here", or_subclass=found.or_subclass)
        if node.cause is None:
            return [(path, raised)]

        def caused(then: State, cause: Value) -> list[Ended]:
            if not isinstance(cause, VNone) and _exception(engine, cause, node) is None:
                raise Unsupported("`raise` from this", node)
            return [(then, raised)]

        return _after(expressions.evaluate(engine, path, node.cause), caused)

    return _after(expressions.evaluate(engine, state, node.exc), thrown)


def _exception(engine: Engine, value: Value, node: ast.AST) -> VException | None:
    if isinstance(value, VException):
        return value
    if isinstance(value, VClass) and engine.program.exception_parents(value.name):
        return calls.make_exception(engine, value.name, 0, node)
    return None


def _assert(engine: Engine, state: State, node: ast.Assert) -> list[Ended]:
    def check(path: State, value: Value) -> list[Ended]:
        holds, fails = engine.split(path, truth(path, value))
        out: list[Ended] = [(holds, NORMAL)] if holds else []
        if fails:
            failed = Exc("AssertionError", node.lineno, ast.unparse(node.test), asserted=True)
            if node.msg is None:
                out.append((fails, failed))
            else:
                for then, said in expressions.evaluate(engine, fails, node.msg):
                    out.append((then, replace(said, asserted=True) if isinstance(said, Exc) else failed))
        return out

    return _after(expressions.evaluate_test(engine, state, node.test), check)


def _pass(engine: Engine, state: State, node: ast.stmt) -> list[Ended]:
    return [(state, NORMAL)]


def _jump(kind: str) -> Callable[[Engine, State, ast.stmt], list[Ended]]:
    return lambda engine, state, node: [(state, Jump(kind))]


def _delete(engine: Engine, state: State, node: ast.Delete) -> list[Ended]:
    paths: assignments.Stored = [(state.fork(), None)]
    for target in node.targets:
        grown: assignments.Stored = []
        for path, failed in paths:
            grown += [(path, failed)] if failed else assignments.delete(engine, path, target)
        paths = grown
    return _ends(paths)


def _define(engine: Engine, state: State, node: ast.FunctionDef) -> list[Ended]:
    if node.decorator_list:
        raise Unsupported("a decorated nested function", node)

    def store(path: State, value: Value) -> list[Ended]:
        then = path.fork()
        assignments.bind_name(engine, then, node.name, value)
        return [(then, NORMAL)]

    return _after(expressions.define(engine, state, node), store)


def _while(engine: Engine, state: State, node: ast.While) -> list[Ended]:
    return loops.run_while(engine, state, node)


def _for(engine: Engine, state: State, node: ast.For) -> list[Ended]:
    return loops.run_for(engine, state, node)


_HANDLERS: dict[type, Callable[..., list[Ended]]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Pass: _pass,
    ast.Break: _jump("break"),
    ast.Continue: _jump("continue"),
    ast.Delete: _delete,
    ast.FunctionDef: _define,
    ast.Nonlocal: _pass,
    ast.Try: lambda *given: handlers.run_try(*given),
    ast.With: lambda *given: contexts.run_with(*given),
    ast.Match: lambda *given: patterns.run_match(*given),
    ast.While: _while,
    ast.For: _for,
}

_CONSTRUCTS = {
    ast.ClassDef: "a class inside a function",
    ast.Import: "an import inside a function",
    ast.ImportFrom: "an import inside a function",
    ast.Global: "global",
    ast.AsyncFor: "async for",
    ast.AsyncWith: "async with",
    ast.AsyncFunctionDef: "an async function",
    ast.TryStar: "except*",
}
