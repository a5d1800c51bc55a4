"""``try`` statements: which handler an exception meets, and what ``finally`` makes of a block's end."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from lift.verify import assign as assignments
from lift.verify import evaluate as expressions
from lift.verify import execute
from lift.verify.state import Ended, Engine, Normal, State, Stop, Truncated
from lift.verify.values import Exc, Unsupported, Value, VException

CURRENT = "<exception>"
"""The hidden variable that holds what a bare ``raise`` raises again."""


def run_try(engine: Engine, state: State, node: ast.Try) -> list[Ended]:
    """A ``try`` statement."""
    out: list[Ended] = []
    for path, signal in execute.run_block(engine, state, node.body):
        if isinstance(signal, Exc) and signal.violated is None:
            out += _handle(engine, path, signal, node.handlers)
        elif isinstance(signal, Normal) and node.orelse:
            out += execute.run_block(engine, path, node.orelse)
        else:
            out.append((path, signal))
    if not node.finalbody:
        return out
    final: list[Ended] = []
    for path, signal in out:
        # A call that breaks the callee's Requires raises nothing in CPython: nothing after it counts.
        if isinstance(signal, Stop | Truncated) or (isinstance(signal, Exc) and signal.violated):
            final.append((path, signal))
            continue
        before = path.locals.get(CURRENT)
        if isinstance(signal, Exc):
            path = path.fork()
            path.locals[CURRENT] = VException(signal.type, signal.or_subclass)
        for then, last in execute.run_block(engine, path, node.finalbody):
            if not isinstance(last, Normal | Stop | Truncated) and isinstance(signal, Exc):
                refuse_hiding(signal, node)
            then = _restored(then, before)
            final.append((then, signal if isinstance(last, Normal) else last))
    return final


def refuse_hiding(raised: Exc, node: ast.AST) -> None:
    """Refuse to let an assert's failure be caught or replaced: it is an obligation, and would seem to hold.

    Raises:
        Unsupported: It is an assert's failure.
    """
    if raised.asserted:
        raise Unsupported("an assert whose failure is caught", node)


def _restored(state: State, before: Value | None) -> State:
    if state.locals.get(CURRENT) is before:
        return state
    state = state.fork()
    state.locals.pop(CURRENT, None)
    if before is not None:
        state.locals[CURRENT] = before
    return state


def _handle(engine: Engine, state: State, raised: Exc, handlers: list[ast.ExceptHandler]) -> list[Ended]:
    for handler in handlers:
        if not _meets(engine, raised, handler):
            continue
        refuse_hiding(raised, handler)
        path = state.fork()
        before = path.locals.get(CURRENT)
        caught = VException(raised.type, raised.or_subclass)
        path.locals[CURRENT] = caught
        if handler.name:
            if assignments.home(engine, path, handler.name) != path.frame:
                raise Unsupported(f"`as {handler.name}` of an enclosing function's variable", handler)
            path.locals[handler.name] = caught
        out: list[Ended] = []
        for then, signal in execute.run_block(engine, path, handler.body):
            then = then.fork()
            if handler.name:
                then.locals.pop(handler.name, None)
            out.append((_restored(then, before), signal))
        return out
    return [(state, raised)]


def _meets(engine: Engine, raised: Exc, handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    wanted = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return catches(engine, raised, wanted, handler)


def catches(engine: Engine, raised: Exc, wanted: Sequence[ast.expr], node: ast.AST) -> bool:
    """Whether an exception is of one of the classes that the expressions name.

    Raises:
        Unsupported: That is not known.
    """
    if not wanted:
        return False
    parents = engine.program.exception_parents(raised.type)
    if parents is None:
        raise Unsupported(f"catching {raised.type}, whose classes are not known", node)
    for one in wanted:
        name = ast.unparse(one)
        if not isinstance(one, ast.Name) or engine.program.exception_parents(name) is None:
            raise Unsupported(f"`except {name}`, which is not known to be an exception", node)
        if expressions.global_value(engine, name, one) and top(engine, name) in parents:
            return True
        below = engine.program.exception_parents(name) or ()
        if raised.or_subclass and parents[0] in below:
            raise Unsupported(f"`except {name}` where a callee declares {raised.type}", node)
    return False


def top(engine: Engine, name: str) -> str:
    """The name by which a class's parents know it; ``IOError`` is ``OSError``."""
    parents = engine.program.exception_parents(name)
    return parents[0] if parents else name
