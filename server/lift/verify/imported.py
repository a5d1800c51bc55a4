"""Names that come from other modules: constants, and functions that are known by their contract only.

A contract is judged with its own module's definitions in view. Stubs may give several variants of one
function; the first whose parameters' types fit stands for the call.
"""

from __future__ import annotations

import ast
import contextlib
import copy
from collections.abc import Iterator
from dataclasses import replace

from lift_ir import Function, Raises

from lift.verify import calls, contracts, float_functions, operators
from lift.verify.program import FunctionNode, Program, refuses
from lift.verify.sources import Constant, Contract, Found, Package, imported, located
from lift.verify.state import Engine, Result, State
from lift.verify.symbols import constant
from lift.verify.types import holds_instances
from lift.verify.values import Exc, Unsupported, Value, VFunction, VImported


def global_value(engine: Engine, name: str) -> Value | None:
    """What an imported name means; None if nothing is known of it."""
    origin = engine.program.imports.get(name, "")
    known = None if name in engine.program.rebound else float_functions.of_math(engine, origin)
    return known or _value(engine, imported(engine.program, name))


def attribute(engine: Engine, module: VImported, node: ast.Attribute) -> Value:
    """An attribute of an imported module.

    Raises:
        Unsupported: It is not known, or the value is not a module.
    """
    found = None
    if isinstance(module.found, Package):
        found = located(engine.program.sources, f"{module.found.name}.{node.attr}")
    value = _value(engine, found)
    if value is None:
        raise Unsupported(f"{ast.unparse(node)}", node)
    return value


def _value(engine: Engine, found: Found | None) -> Value | None:
    match found:
        case Constant(value=value):
            return constant(value)
        case Contract(origin=origin, variants=variants) if variants:
            return VImported(origin, found)
        case Package(name=name):
            return VImported(name, found)
    return None


def call(
    engine: Engine,
    state: State,
    function: VImported,
    positional: list[Value],
    keyword: dict[str, Value],
    node: ast.Call,
) -> list[Result]:
    """Call a function of another module by its contract.

    Raises:
        Unsupported: It has none that fits these arguments, or the place needs to know its result exactly.
    """
    found = function.found
    if not isinstance(found, Contract):
        raise Unsupported(f"calling the module {function.name}", node)
    if engine.exploring or engine.in_spec:
        raise Unsupported(f"a call of {found.origin}, of which only the specification is known", node)
    for value in [*positional, *keyword.values()]:
        operators.kept(value, node)
        if isinstance(value, VImported | VFunction):
            raise Unsupported(f"a function as an argument of {found.origin}", node)
    why: Unsupported | None = None
    for definition, ir in found.variants:
        if not isinstance(definition, ast.FunctionDef):
            raise Unsupported(f"{found.origin}, which is an async function", node)
        view = _view(found, definition, ir)
        # Containers and constants are values of the caller's path, whatever module's names are in view.
        with _speaking(engine, view):
            bound = calls.bind_arguments(
                engine, VFunction(definition, found.name, None), positional, keyword, node
            )
            if isinstance(bound, Exc):
                if not found.source.trusted:
                    return [(state, bound)]
                continue
            try:
                _check(engine, view, ir, found, node)
                results = contracts.call_by_contract(engine, state, found.name, bound, node)
            except Unsupported as stop:
                why = why or stop
                continue
        _note(engine, found)
        return [(s, _outside(v, ast.unparse(node.func))) for s, v in results]
    raise Unsupported(
        f"a call of {found.origin} with such arguments" if why is None else _told(why, found), node
    )


def _told(stop: Unsupported, found: Contract) -> str:
    return stop.construct.replace(f"a call of {found.name}", f"a call of {found.origin}", 1)


def _note(engine: Engine, found: Contract) -> None:
    if found.source.kind == "stub":
        engine.assumptions.add(f"the stub of {found.source.name} is right about {found.name}")
    elif found.source.kind == "file":
        engine.contracts_used.add(f"{found.source.name}:{found.name}")


def _outside(value: Value | Exc, written: str) -> Value | Exc:
    """A broken Requires, with the callee's name as the caller writes it."""
    if isinstance(value, Exc) and value.violated is not None:
        return replace(value, violated=(written, value.violated[1]))
    return value


def _view(found: Contract, definition: FunctionNode, ir: Function) -> Program:
    """The other module with this variant as the meaning of the name."""
    if len(found.variants) == 1 and found.program.irs.get(found.name) is ir:
        return found.program
    program = copy.copy(found.program)
    program.functions = {**program.functions, found.name: definition}
    program.irs = {**program.irs, found.name: ir}
    return program


@contextlib.contextmanager
def _speaking(engine: Engine, program: Program) -> Iterator[None]:
    """Let names mean what they mean in another module."""
    before = engine.program, engine.target, engine.contracts_used
    engine.program, engine.target, engine.contracts_used = program, "", set()
    try:
        yield
    finally:
        engine.program, engine.target, engine.contracts_used = before


def _check(engine: Engine, program: Program, ir: Function, found: Contract, node: ast.AST) -> None:
    """Refuse what would mean something else on the caller's side.

    Raises:
        Unsupported: A decorated function, or a class of the other module in its types or exceptions.
    """
    definition = program.functions[found.name]
    why = refuses(program, definition)
    if why:
        raise Unsupported(
            f"{found.origin}, which is {why}" if why.startswith("a") else f"{found.origin}: {why}", node
        )
    args = definition.args
    annotations = [a.annotation for a in [*args.posonlyargs, *args.args, *args.kwonlyargs]]
    if any(holds_instances(program.type_of(a)) for a in [*annotations, definition.returns]):
        raise Unsupported(f"a call of {found.origin}, which takes or returns an instance", node)
    for clause in ir.clauses:
        if isinstance(clause, Raises) and not program.is_builtin(clause.exception):
            raise Unsupported(f"a call of {found.origin}, which may raise its own {clause.exception}", node)
