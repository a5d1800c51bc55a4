"""Calls: of functions of the module (by contract or inlined), of classes, of built-ins and of methods."""

from __future__ import annotations

import ast

from lift.verify import (
    builtin_functions,
    builtin_methods,
    contracts,
    execute,
    instance_operators,
    instances,
    iterators,
    measures,
    operators,
)
from lift.verify import evaluate as expressions
from lift.verify.bound_names import bound_in
from lift.verify.operators import arms
from lift.verify.program import own_nodes, refuses, self_type
from lift.verify.state import Cut, Engine, Normal, Result, Return, State, Stop, Truncated
from lift.verify.symbols import constant
from lift.verify.values import (
    NONE,
    Exc,
    Unsupported,
    Value,
    VBuiltin,
    VClass,
    VException,
    VFunction,
    VImported,
    VMethod,
    VNone,
    VRef,
    VTuple,
    concrete_seq,
)

_MAX_DEPTH = 10
_MAX_RECURSION = 8


def call(engine: Engine, state: State, node: ast.Call) -> list[Result]:
    """A call expression."""
    name = node.func.id if isinstance(node.func, ast.Name) else None
    if (
        name is not None
        and engine.in_spec
        and name in ("old", "implies")
        and name not in engine.program.functions
    ):
        return _old(engine, state, node) if name == "old" else _implies(engine, state, node)
    generator = iterators.as_generator(engine, state, node)
    if isinstance(generator, ast.GeneratorExp):
        return iterators.generator(engine, state, generator)
    copied = instances.replaced(engine, state, node)
    if copied is not None:
        return copied
    results: list[Result] = []
    for path, function in expressions.evaluate(engine, state, node.func):
        if isinstance(function, Exc):
            results.append((path, function))
            continue
        for then, one in arms(engine, path, function):
            if isinstance(one, VBuiltin) and one.name in builtin_functions.LAZY:
                results += builtin_functions.LAZY[one.name](engine, then, node)
                continue
            results += _apply(engine, then, one, node)
    return expressions.merge(state, results)


def _apply(engine: Engine, state: State, function: Value, node: ast.Call) -> list[Result]:
    if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
        raise Unsupported("`*` or `**` in a call", node)
    nodes = [*node.args, *(k.value for k in node.keywords)]
    names = [k.arg for k in node.keywords if k.arg is not None]
    results: list[Result] = []
    for path, values in builtin_functions.arguments(engine, state, function, nodes):
        if isinstance(values, Exc):
            results.append((path, values))
            continue
        positional = values[: len(node.args)]
        keyword = dict(zip(names, values[len(node.args) :], strict=True))
        results += apply(engine, path, function, positional, keyword, node)
    return results


def apply(
    engine: Engine,
    state: State,
    function: Value,
    positional: list[Value],
    keyword: dict[str, Value],
    node: ast.Call,
) -> list[Result]:
    """Call a definite value with definite arguments."""
    match function:
        case VFunction():
            return call_function(engine, state, function, positional, keyword, node)
        case VBuiltin(name=name):
            return builtin_functions.call_builtin(engine, state, name, positional, keyword, node)
        case VMethod():
            return builtin_methods.call_method(engine, state, function, positional, keyword, node)
        case VClass(name=name):
            if engine.program.exception_parents(name):
                return [(state, make_exception(engine, name, len(positional), node, plain=not keyword))]
            return instances.construct(engine, state, name, positional, keyword, node)
        case VImported():
            from lift.verify import imported

            return imported.call(engine, state, function, positional, keyword, node)
        case VNone():
            return [operators.raises(state, "TypeError", node, "None is not callable")]
        case VRef():
            method = instance_operators.callable_of(engine, state, function, node)
            if method is not None:
                return call_function(engine, state, method, positional, keyword, node)
    raise Unsupported(f"calling a {operators.class_name(state, function)}", node)


def make_exception(engine: Engine, name: str, count: int, node: ast.AST, *, plain: bool = True) -> VException:
    """An exception made from a number of positional arguments.

    Args:
        plain: Whether there are no keyword arguments.

    Raises:
        Unsupported: A class that may refuse such arguments, or make an instance of another class.
    """
    parents = engine.program.exception_parents(name) or ()
    own = [engine.program.classes[p] for p in parents if p in engine.program.classes]
    choosy = {"UnicodeEncodeError", "UnicodeDecodeError", "UnicodeTranslateError", "BaseExceptionGroup"}
    picks = count > 1 and "OSError" in parents
    makes = any({"__init__", "__new__"} & c.methods.keys() for c in own)
    if not plain or picks or makes or choosy & set(parents):
        raise Unsupported(f"making a {name} like this", node)
    return VException(name)


def _old(engine: Engine, state: State, node: ast.Call) -> list[Result]:
    """``old(e)``: the value that ``e`` had on entry.

    The argument is evaluated in the entry heap. A container that has changed since comes back as a view of
    what it was then.
    """
    if engine.old_heap is None or len(node.args) != 1 or node.keywords:
        raise Unsupported("`old` in this place", node)
    now = state.heap
    before = state.fork()
    before.heap = dict(engine.old_heap)
    results: list[Result] = []
    for path, value in expressions.evaluate(engine, before, node.args[0]):
        then = path.fork()
        made = {a: o for a, o in path.heap.items() if a not in engine.old_heap}
        then.heap = {**now, **made}
        if isinstance(value, Exc):
            results.append((then, value))
        else:
            results.append((then, contracts.as_it_was(path, then, value, node)))
    return expressions.merge(state, results)


def _implies(engine: Engine, state: State, node: ast.Call) -> list[Result]:
    if len(node.args) != 2 or node.keywords:
        raise Unsupported("`implies` takes two arguments", node)
    premise = ast.copy_location(ast.UnaryOp(ast.Not(), node.args[0]), node)
    either = ast.copy_location(ast.BoolOp(ast.Or(), [premise, node.args[1]]), node)
    return expressions.evaluate(engine, state, either)


def bind_arguments(
    engine: Engine, function: VFunction, positional: list[Value], keyword: dict[str, Value], node: ast.AST
) -> dict[str, Value] | Exc:
    """The parameters' values, or the TypeError of a call that does not fit.

    Raises:
        Unsupported: A default that is shared between calls.
    """
    args = function.node.args
    names = [a.arg for a in [*args.posonlyargs, *args.args]]
    given = [function.receiver, *positional] if function.receiver is not None else list(positional)
    bound: dict[str, Value] = {}
    line = getattr(node, "lineno", 0)
    if len(given) > len(names) and args.vararg is None:
        return Exc("TypeError", line, "too many arguments")
    bound.update(zip(names, given, strict=False))
    if args.vararg is not None:
        bound[args.vararg.arg] = VTuple(concrete_seq(given[len(names) :]))
    if args.kwarg is not None:
        raise Unsupported("a function with `**` parameters", node)
    only = {a.arg for a in args.posonlyargs}
    allowed = {*names, *(a.arg for a in args.kwonlyargs)} - only
    for name, value in keyword.items():
        if name not in allowed or name in bound:
            return Exc("TypeError", line, f"unexpected argument {name}")
        bound[name] = value
    defaults = dict(function.defaults)
    for name, default in default_nodes(args):
        if name in bound:
            continue
        if name in defaults:
            bound[name] = defaults[name]
        elif default is not None and function.frame is None:
            owner = self_type(function.qualname) if function.qualname is not None else None
            bound[name] = default_value(engine, default, owner.name if owner else "")
        else:
            return Exc("TypeError", line, f"the argument {name} is missing")
    return bound


def default_nodes(args: ast.arguments) -> list[tuple[str, ast.expr | None]]:
    """Each parameter with the expression of its default."""
    positional = [*args.posonlyargs, *args.args]
    padding: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults))
    pairs = list(zip([a.arg for a in positional], [*padding, *args.defaults], strict=True))
    return [*pairs, *zip([a.arg for a in args.kwonlyargs], args.kw_defaults, strict=True)]


def default_value(engine: Engine, node: ast.expr, class_name: str) -> Value:
    """The value of a default that is a constant, the same at every call.

    Args:
        class_name: The class in whose body it stands, if any.

    Raises:
        Unsupported: Any other default.
    """
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        if isinstance(node, ast.Name) and not engine.program.hidden_by_class(class_name, node.id):
            return expressions.global_value(engine, node.id, node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = node.value.id
            known = owner in engine.program.classes and not engine.program.hidden_by_class(class_name, owner)
            if known and engine.program.classes[owner].members is not None:
                return instances.of_class(engine, State(), VClass(owner), node)
        raise Unsupported("a default that is not a constant", node) from None
    if isinstance(value, list | dict | set | bytearray):
        raise Unsupported("a default that is shared between calls", node)
    return constant(value)


def call_function(
    engine: Engine,
    state: State,
    function: VFunction,
    positional: list[Value],
    keyword: dict[str, Value],
    node: ast.AST,
) -> list[Result]:
    """Call a function of the source: by its contract where it has one, else by running its body."""
    bound = bind_arguments(engine, function, positional, keyword, node)
    if isinstance(bound, Exc):
        return [(state, bound)]
    for value in bound.values():
        operators.kept(value, node)
    name = function.qualname
    if name is None and any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own_nodes(function.node)):
        raise Unsupported("a call of a generator function", node)
    if isinstance(function.node, ast.FunctionDef) and name is not None:
        why = refuses(engine.program, function.node)
        if why:
            raise Unsupported(
                f"a call of {name}, which is {why}" if why.startswith("a") else f"{name}: {why}", node
            )
        if contracts.by_contract(engine, name):
            return contracts.call_by_contract(engine, state, name, bound, node)
        if not engine.in_spec and (engine.exploring or _stands_for_itself(engine, name)):
            violated, met = contracts.check_requires(engine, state, name, bound, node)
            if met is None:
                return violated
            if name == engine.target and name not in engine.active:
                violated += measures.not_smaller(engine, met, name, bound, node)
            return violated + _inline(engine, met, function, bound, node)
    return _inline(engine, state, function, bound, node)


def _stands_for_itself(engine: Engine, name: str) -> bool:
    """Whether a method that is run in a proof is called by the function that is checked, and not further in.

    Its Requires are then the function's to meet; what it calls itself is shown where it is checked.
    """
    around = (engine.program.irs.get(a) for a in engine.active)
    return self_type(name) is not None and not any(ir is not None and ir.specified for ir in around)


def _inline(
    engine: Engine, state: State, function: VFunction, bound: dict[str, Value], node: ast.AST
) -> list[Result]:
    label = function.qualname or f"<{id(function.node)}>"
    times = engine.active.count(label)
    if times >= (_MAX_RECURSION if engine.exploring else 1):
        if engine.exploring:
            engine.truncated.append(getattr(node, "lineno", 0))
            raise Cut
        raise Unsupported(
            f"recursion of {function.qualname or 'a nested function'} without a specification", node
        )
    if len(engine.active) >= _MAX_DEPTH + _MAX_RECURSION:
        raise Unsupported("calls that are nested too deeply", node)
    inner = enter(engine, state, function, bound)
    engine.active.append(label)
    try:
        if isinstance(function.node, ast.Lambda):
            ends = expressions.evaluate(engine, inner, function.node.body)
            for _, value in ends:
                if not isinstance(value, Exc):
                    operators.kept(value, function.node)
        else:
            ends = _run(engine, inner, function.node)
    finally:
        engine.active.pop()
    return [(leave(engine, path, inner.frame, state.frame), value) for path, value in ends]


def _run(engine: Engine, state: State, node: ast.FunctionDef) -> list[Result]:
    results: list[Result] = []
    for path, signal in execute.run_block(engine, state, node.body):
        match signal:
            case Return(value=value):
                results.append((path, value))
            case Normal():
                results.append((path, NONE))
            case Exc():
                results.append((path, signal))
            case Stop(construct=construct, line=line):
                if engine.exploring:
                    engine.truncated.append(line or node.lineno)
                    continue
                stop = Unsupported(construct)
                stop.line = line
                raise stop
            case Truncated():
                continue
            case _:
                raise Unsupported("a jump out of a function", node)
    return results


def enter(engine: Engine, state: State, function: VFunction, bound: dict[str, Value]) -> State:
    """The path at the start of a body: a new frame that holds the parameters."""
    inner = state.fork()
    number = engine.next_frame
    engine.next_frame += 1
    engine.frame_parent[number] = function.frame
    engine.frame_locals[number] = local_names(function.node)
    engine.frame_nonlocals[number] = nonlocal_names(function.node)
    instances.note_frame(engine, number, function.qualname, function.node)
    inner.frames[number] = dict(bound)
    inner.frame = number
    return inner


def leave(engine: Engine, state: State, frame: int, caller: int) -> State:
    """The path after a body: back in the caller's frame."""
    outer = state.fork()
    if frame not in engine.captured:
        outer.frames.pop(frame, None)
    outer.frame = caller
    outer.return_line = None
    return outer


def local_names(node: ast.FunctionDef | ast.Lambda) -> frozenset[str]:
    """The names that a body binds as its own variables.

    Raises:
        Unsupported: ``global``.
    """
    args = node.args
    names = {a.arg for a in [*args.posonlyargs, *args.args, *args.kwonlyargs]}
    names |= {a.arg for a in (args.vararg, args.kwarg) if a}
    own = own_nodes(node)
    inside_comprehensions: set[int] = set()
    for inner in own:
        if isinstance(inner, ast.Global):
            raise Unsupported("global", inner)
        if isinstance(inner, ast.comprehension):
            inside_comprehensions |= {id(n) for n in ast.walk(inner.target)}
    names |= bound_in(n for n in own if id(n) not in inside_comprehensions)
    return frozenset(names - nonlocal_names(node))


def nonlocal_names(node: ast.FunctionDef | ast.Lambda) -> frozenset[str]:
    """The names that a body declares ``nonlocal``."""
    return frozenset(name for n in own_nodes(node) if isinstance(n, ast.Nonlocal) for name in n.names)
