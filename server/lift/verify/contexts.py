"""``with`` statements over managers whose behaviour is known.

These are ``contextlib.suppress`` and ``contextlib.nullcontext``, and instances of the module's own classes
that define ``__enter__`` and ``__exit__``. What any other manager swallows or changes is not known.
"""

from __future__ import annotations

import ast

from lift.verify import assign as assignments
from lift.verify import calls, execute, handlers, instances
from lift.verify import evaluate as expressions
from lift.verify.operators import arms, heap_object, truth
from lift.verify.state import (
    NORMAL,
    Ended,
    Engine,
    InstanceObject,
    Result,
    State,
    Stop,
    Truncated,
)
from lift.verify.values import NONE, Exc, Unsupported, Value, VBuiltin, VClass, VException, VFunction

_TRACEBACK = VBuiltin("<traceback>")
_SOME_CLASS = VBuiltin("<class of an exception>")
"""What ``__exit__`` gets besides the exception; whoever looks into them meets ``Unsupported``."""


def run_with(engine: Engine, state: State, node: ast.With) -> list[Ended]:
    """A ``with`` statement; several managers are nested from left to right."""
    return _with(engine, state, node.items, node)


def _with(engine: Engine, state: State, items: list[ast.withitem], node: ast.With) -> list[Ended]:
    if not items:
        return execute.run_block(engine, state, node.body)
    manager = items[0].context_expr
    known = _library(engine, state, manager)
    if known == "suppress" and isinstance(manager, ast.Call):
        return _suppress(engine, state, manager, items, node)
    if known == "nullcontext" and isinstance(manager, ast.Call):
        return _null(engine, state, manager, items, node)
    out: list[Ended] = []
    for path, value in expressions.evaluate(engine, state, manager):
        if isinstance(value, Exc):
            out.append((path, value))
            continue
        for then, one in arms(engine, path, value):
            out += _managed(engine, then, one, items, node)
    return out


def _library(engine: Engine, state: State, manager: ast.expr) -> str | None:
    """Which function of ``contextlib`` makes a manager, None if it is none of those that are known."""
    if not isinstance(manager, ast.Call) or any(k.arg is None for k in manager.keywords):
        return None
    imports, rebound = engine.program.imports, engine.program.rebound
    match manager.func:
        case ast.Name(id=name):
            origin = imports.get(name)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            origin = f"{imports.get(name)}.{attribute}"
        case _:
            return None
    if name in rebound or expressions.is_local(engine, state, name):
        return None
    return {"contextlib.suppress": "suppress", "contextlib.nullcontext": "nullcontext"}.get(origin or "")


def _inside(
    engine: Engine, state: State, entered: Value, items: list[ast.withitem], node: ast.With
) -> list[Ended]:
    """What the manager guards: binding what it gave, the managers after it, and the body."""
    target = items[0].optional_vars
    if target is None:
        return _with(engine, state, items[1:], node)
    out: list[Ended] = []
    for path, failed in assignments.assign(engine, state.fork(), target, entered):
        out += [(path, failed)] if failed else _with(engine, path, items[1:], node)
    return out


def _suppress(
    engine: Engine, state: State, manager: ast.Call, items: list[ast.withitem], node: ast.With
) -> list[Ended]:
    if manager.keywords:
        raise Unsupported("`suppress` with keywords", manager)
    out: list[Ended] = []
    for path, signal in _inside(engine, state, NONE, items, node):
        if not isinstance(signal, Exc) or signal.violated is not None:
            out.append((path, signal))
        elif "BaseExceptionGroup" in (engine.program.exception_parents(signal.type) or ()):
            raise Unsupported("suppressing a group of exceptions", manager)
        elif handlers.catches(engine, signal, manager.args, manager):
            handlers.refuse_hiding(signal, manager)
            out.append((path, NORMAL))
        else:
            out.append((path, signal))
    return out


def _null(
    engine: Engine, state: State, manager: ast.Call, items: list[ast.withitem], node: ast.With
) -> list[Ended]:
    given = [*manager.args, *(k.value for k in manager.keywords if k.arg == "enter_result")]
    if len(given) > 1 or len(given) < len(manager.args) + len(manager.keywords):
        raise Unsupported("`nullcontext` with these arguments", manager)
    out: list[Ended] = []
    for path, values in expressions.evaluate_all(engine, state, given):
        if isinstance(values, Exc):
            out.append((path, values))
        else:
            out += _inside(engine, path, values[0] if values else NONE, items, node)
    return out


def _managed(
    engine: Engine, state: State, manager: Value, items: list[ast.withitem], node: ast.With
) -> list[Ended]:
    enter = _method(engine, state, manager, "__enter__", node)
    leave = _method(engine, state, manager, "__exit__", node)
    out: list[Ended] = []
    for path, entered in calls.call_function(engine, state, enter, [], {}, node):
        if isinstance(entered, Exc):
            out.append((path, entered))
            continue
        for then, signal in _inside(engine, path, entered, items, node):
            if isinstance(signal, Stop | Truncated) or (isinstance(signal, Exc) and signal.violated):
                out.append((then, signal))
            elif isinstance(signal, Exc):
                out += _after_raising(engine, then, leave, signal, node)
            else:
                ends = calls.call_function(engine, then, leave, [NONE, NONE, NONE], {}, node)
                out += [(s, v if isinstance(v, Exc) else signal) for s, v in ends]
    return out


def _method(engine: Engine, state: State, manager: Value, name: str, node: ast.AST) -> VFunction:
    obj = heap_object(state, manager)
    if isinstance(obj, InstanceObject):
        found = instances.special(engine, state, manager, obj, name, node)
        if found is not None:
            return found
    raise Unsupported("a with statement over this manager", node)


def _after_raising(
    engine: Engine, state: State, leave: VFunction, raised: Exc, node: ast.With
) -> list[Ended]:
    """``__exit__`` is told of the exception, and swallows it by returning something true."""
    class_ = _SOME_CLASS if raised.or_subclass else VClass(handlers.top(engine, raised.type))
    given: list[Value] = [class_, VException(raised.type, raised.or_subclass), _TRACEBACK]
    ends: list[Result] = calls.call_function(engine, state, leave, given, {}, node)
    out: list[Ended] = []
    for path, value in ends:
        if isinstance(value, Exc):
            handlers.refuse_hiding(raised, node)
            out.append((path, value))
            continue
        swallowed, kept = engine.split(path, truth(path, value))
        if swallowed:
            handlers.refuse_hiding(raised, node)
            out.append((swallowed, NORMAL))
        if kept:
            out.append((kept, raised))
    return out
