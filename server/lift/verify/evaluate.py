"""Expressions: from a syntax tree and a path to the paths on which its evaluation ends.

Evaluation order, short circuits and exceptions are CPython's. Paths that only differ in what they assumed
are merged again, so that a condition does not double the work of all that follows it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Sequence

import z3

from lift.verify import (
    arithmetic,
    builtin_methods,
    calls,
    comprehensions,
    conversions,
    displays,
    float_functions,
    instance_operators,
    instances,
    members,
    operators,
    subscripts,
)
from lift.verify import (
    assign as assignments,
)
from lift.verify.operators import arms, heap_object, raises, truth
from lift.verify.program import FROZEN
from lift.verify.state import Engine, InstanceObject, ListObject, Result, SetObject, State
from lift.verify.symbols import constant
from lift.verify.values import (
    NONE,
    UNSETTLED,
    Exc,
    Term,
    Unsupported,
    Value,
    VBool,
    VBuiltin,
    VClass,
    VFloat,
    VFunction,
    VImported,
    VInt,
    VMember,
    VMethod,
    VNone,
    VRef,
    VStr,
    VTuple,
    VView,
    choose,
    str_value,
)

Then = Callable[[State, Value], list[Result]]


def bind(results: list[Result], then: Then) -> list[Result]:
    """Go on with the values of those paths that have one."""
    out: list[Result] = []
    for state, value in results:
        out += [(state, value)] if isinstance(value, Exc) else then(state, value)
    return out


def evaluate(engine: Engine, state: State, node: ast.expr) -> list[Result]:
    """Evaluate an expression.

    Raises:
        Unsupported: A construct outside the subset.
        BudgetExceeded: Time ran out.
    """
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise Unsupported(_CONSTRUCTS.get(type(node), type(node).__name__), node)
    try:
        return handler(engine, state, node)
    except Unsupported as stop:
        if stop.line is None:
            stop.line = node.lineno
        raise


def evaluate_test(engine: Engine, state: State, node: ast.expr) -> list[Result]:
    """Evaluate a condition: to values whose truth needs no method of a class."""
    return bind(evaluate(engine, state, node), lambda s, v: instance_operators.tested(engine, s, v, node))


def evaluate_all(
    engine: Engine, state: State, nodes: Sequence[ast.expr]
) -> list[tuple[State, list[Value] | Exc]]:
    """Evaluate expressions from left to right."""
    paths: list[tuple[State, list[Value] | Exc]] = [(state, [])]
    for node in nodes:
        grown: list[tuple[State, list[Value] | Exc]] = []
        for path, values in paths:
            if isinstance(values, Exc):
                grown.append((path, values))
                continue
            for then, value in evaluate(engine, path, node):
                pending = frozenset(
                    a for v in values for a in operators.sources(v) if not isinstance(v, VRef)
                )
                if any(then.heap[a] is not path.heap[a] for a in pending):
                    raise Unsupported("changing a container while it is iterated over", node)
                grown.append((then, value if isinstance(value, Exc) else [*values, value]))
        paths = grown
    return paths


def merge(base: State, results: list[Result]) -> list[Result]:
    """Join the paths that have a value and that left everything as it was."""
    plain = [(s, v) for s, v in results if not isinstance(v, Exc) and s.same_store(base)]
    if len(plain) < 2:
        return results
    rest = [r for r in results if not any(r[0] is s for s, _ in plain)]
    deltas = [delta(base, s) for s, _ in plain]
    value = plain[-1][1]
    assert not isinstance(value, Exc)
    for condition, (_, other) in reversed(list(zip(deltas[:-1], plain[:-1], strict=True))):
        assert not isinstance(other, Exc)
        value = choose(condition, other, value)
    either = z3.simplify(z3.Or(deltas))
    return [(base if z3.is_true(either) else base.fork(either), value), *rest]


def delta(base: State, later: State) -> Term:
    """What a path assumed since it left another."""
    added = later.pc[len(base.pc) :]
    return z3.And(*added) if len(added) > 1 else added[0] if added else z3.BoolVal(True)


def _constant(engine: Engine, state: State, node: ast.Constant) -> list[Result]:
    return [(state, constant(node.value))]


def _name(engine: Engine, state: State, node: ast.Name) -> list[Result]:
    frame: int | None = state.frame
    while frame is not None:
        variables = state.frames.get(frame)
        if variables is None:
            raise Unsupported(f"the variable {node.id} of a function that has returned", node)
        if variables.get(node.id) is UNSETTLED:
            raise Unsupported(
                f"the variable {node.id}, which may have no value after no round of a loop", node
            )
        if node.id in variables:
            return [(state, variables[node.id])]
        if node.id in engine.frame_locals.get(frame, frozenset()):
            if state.frame in engine.comprehension_frames and frame != state.frame:
                # Since Python 3.12 a comprehension runs in the function's own frame, and the class differs.
                raise Unsupported(f"the variable {node.id}, which may have no value yet", node)
            name = "UnboundLocalError" if frame == state.frame else "NameError"
            return [raises(state, name, node, f"{node.id} may have no value yet")]
        frame = engine.frame_parent.get(frame)
    return [(state, global_value(engine, node.id, node))]


def global_value(engine: Engine, name: str, node: ast.AST) -> Value:
    """What a module-level name or a built-in means.

    Raises:
        Unsupported: A name that may mean different things at different times.
    """
    program = engine.program
    if name in program.rebound:
        raise Unsupported(f"the global {name}", node)
    if name in program.functions:
        return VFunction(program.functions[name], name, None)
    if name in program.classes:
        return VClass(name)
    if name in program.constants:
        return constant(program.constants[name])
    if program.imports.get(name) == FROZEN and program.exception_parents(name):
        return VClass(FROZEN.rpartition(".")[2])
    if name in program.imports:
        from lift.verify import imported

        value = imported.global_value(engine, name)
        if value is not None:
            return value
    if name == "NotImplemented" and program.is_builtin(name):
        return instance_operators.NOT_IMPLEMENTED
    if program.is_builtin(name) and callable(getattr(builtins, name)) and not name.startswith("__"):
        # An exception has one class under several names: `IOError is OSError`.
        parents = program.exception_parents(name)
        return VClass(parents[0]) if parents else VBuiltin(name)
    raise Unsupported(f"the name {name}", node)


def _bool_op(engine: Engine, state: State, node: ast.BoolOp) -> list[Result]:
    wants = isinstance(node.op, ast.And)

    def rest(path: State, value: Value, remaining: list[ast.expr]) -> list[Result]:
        if not remaining:
            return [(path, value)]

        def decided(then: State, said: Value) -> list[Result]:
            true = truth(then, said)
            go, stay = engine.split(then, true if wants else z3.Not(true))
            results: list[Result] = []
            if stay:
                results.append((stay, narrow(value, as_truth=not wants, true=true)))
            if go:
                nexts = evaluate(engine, go, remaining[0])
                results += bind(nexts, lambda s, v: rest(s, v, remaining[1:]))
            return results

        return merge(path, bind(instance_operators.tested(engine, path, value, node), decided))

    first = evaluate(engine, state, node.values[0])
    return bind(first, lambda s, v: rest(s, v, node.values[1:]))


def narrow(value: Value, *, as_truth: bool, true: Term) -> Value:
    """A bool whose truth the path has settled is that constant; anything else stays."""
    return VBool(z3.BoolVal(as_truth)) if isinstance(value, VBool) else value


def _if_exp(engine: Engine, state: State, node: ast.IfExp) -> list[Result]:
    def branch(path: State, value: Value) -> list[Result]:
        yes, no = engine.split(path, truth(path, value))
        results: list[Result] = []
        if yes:
            results += evaluate(engine, yes, node.body)
        if no:
            results += evaluate(engine, no, node.orelse)
        return merge(path, results)

    return bind(evaluate_test(engine, state, node.test), branch)


def _unary(engine: Engine, state: State, node: ast.UnaryOp) -> list[Result]:
    operand = evaluate_test if isinstance(node.op, ast.Not) else evaluate
    return bind(
        operand(engine, state, node.operand), lambda s, v: arithmetic.negate(engine, s, node.op, v, node)
    )


def _binary(engine: Engine, state: State, node: ast.BinOp) -> list[Result]:
    def both(path: State, left: Value) -> list[Result]:
        return bind(
            evaluate(engine, path, node.right),
            lambda s, right: merge(s, arithmetic.arithmetic(engine, s, node.op, left, right, node)),
        )

    return bind(evaluate(engine, state, node.left), both)


def _compare(engine: Engine, state: State, node: ast.Compare) -> list[Result]:
    def link(path: State, left: Value, index: int) -> list[Result]:
        def compared(then: State, right: Value) -> list[Result]:
            here = operators.compare(engine, then, node.ops[index], left, right, node)
            if index + 1 == len(node.ops):
                return merge(then, here)

            def onward(last: State, value: Value) -> list[Result]:
                results: list[Result] = []
                for tried, said in instance_operators.tested(engine, last, value, node):
                    if isinstance(said, Exc):
                        results.append((tried, said))
                        continue
                    go, stay = engine.split(tried, truth(tried, said))
                    if stay:
                        results.append((stay, narrow(value, as_truth=False, true=z3.BoolVal(False))))
                    if go:
                        results += link(go, right, index + 1)
                return merge(last, results)

            return bind(here, onward)

        box, op = node.comparators[index], node.ops[index]
        if isinstance(box, ast.Set) and isinstance(op, ast.In | ast.NotIn) and index + 1 == len(node.ops):
            return merge(path, members.in_display(engine, path, op, left, box))
        return bind(evaluate(engine, path, box), compared)

    return bind(evaluate(engine, state, node.left), lambda s, v: link(s, v, 0))


def _subscript(engine: Engine, state: State, node: ast.Subscript) -> list[Result]:
    def at(path: State, box: Value) -> list[Result]:
        if isinstance(node.slice, ast.Slice):
            return bind_slice(engine, path, box, node.slice, node)
        return bind(
            evaluate(engine, path, node.slice),
            lambda s, index: merge(s, subscripts.subscript(engine, s, box, index, node)),
        )

    return bind(evaluate(engine, state, node.value), at)


def bind_slice(
    engine: Engine,
    state: State,
    box: Value,
    part: ast.Slice,
    node: ast.expr,
    use: Callable[..., list[Result]] = subscripts.take_slice,
) -> list[Result]:
    """``box[start:stop:step]``, or another use of a definite box and its integer or absent bounds."""
    given = [n for n in (part.lower, part.upper, part.step) if n is not None]
    results: list[Result] = []
    for path, values in evaluate_all(engine, state, given):
        if isinstance(values, Exc):
            results.append((path, values))
            continue
        for then, definite in _definite(engine, path, [box, *values]):
            supplied = iter(definite[1:])
            bounds: list[Term | None] = []
            bad = False
            for n in (part.lower, part.upper, part.step):
                value = NONE if n is None else next(supplied)
                term = None if isinstance(value, VNone) else operators.number(value)
                bad |= term is None and not isinstance(value, VNone)
                bounds.append(term)
            if bad:
                results.append(raises(then, "TypeError", node, "slice indices must be integers or None"))
            else:
                results += use(engine, then, definite[0], (bounds[0], bounds[1], bounds[2]), node)
    return results


def _definite(engine: Engine, state: State, values: list[Value]) -> list[tuple[State, list[Value]]]:
    paths: list[tuple[State, list[Value]]] = [(state, [])]
    for value in values:
        paths = [(s, [*done, v]) for path, done in paths for s, v in arms(engine, path, value)]
    return paths


def _attribute(engine: Engine, state: State, node: ast.Attribute) -> list[Result]:
    from lift.verify import imported

    root = node.value
    if (
        isinstance(root, ast.Name)
        and root.id in engine.program.imports
        and not is_local(engine, state, root.id)
    ):
        known = float_functions.of_attribute(engine, root.id, node.attr)
        if known is not None:
            return [(state, known)]
        try:
            owner = global_value(engine, root.id, node)
        except Unsupported:
            owner = None
        if not isinstance(owner, VImported):
            raise Unsupported(f"{ast.unparse(node)}", node)

    above = instances.super_attribute(engine, state, node)
    if above is not None:
        return above

    def of(path: State, owner: Value) -> list[Result]:
        results: list[Result] = []
        for then, one in arms(engine, path, owner):
            if isinstance(one, VImported):
                results.append((then, imported.attribute(engine, one, node)))
                continue
            results += attributes(engine, then, one, node)
        return merge(path, results)

    return bind(evaluate(engine, state, node.value), of)


def is_local(engine: Engine, state: State, name: str) -> bool:
    """Whether a name is a variable of the current function or of one around it."""
    frame: int | None = state.frame
    while frame is not None:
        if name in state.frames.get(frame, {}) or name in engine.frame_locals.get(frame, frozenset()):
            return True
        frame = engine.frame_parent.get(frame)
    return False


def check_name(name: str, node: ast.AST) -> None:
    """Refuse attributes of every object, and private ones, whose names depend on the class they stand in."""
    if name.startswith("__"):
        raise Unsupported(f"the attribute {name}", node)


def attributes(engine: Engine, state: State, owner: Value, node: ast.Attribute) -> list[Result]:
    """``owner.attr`` of a definite owner; reading a property runs code."""
    obj = heap_object(state, owner)
    if isinstance(obj, InstanceObject):
        return instances.read(engine, state, owner, obj, node)
    if isinstance(owner, VMember):
        return instances.of_member(engine, state, owner, node)
    if isinstance(owner, VClass) and owner.name in engine.program.classes:
        return [(state, instances.of_class(engine, state, owner, node))]
    return [(state, attribute(engine, state, owner, node))]


def attribute(engine: Engine, state: State, owner: Value, node: ast.Attribute) -> Value | Exc:
    """``owner.attr`` of a definite owner that is no instance."""
    name = node.attr
    obj = heap_object(state, owner)
    check_name(name, node)
    builtin: type | None = None
    match owner:
        case VNone():
            return Exc("AttributeError", node.lineno, f"None has no attribute {name}")
        case VStr():
            builtin = str
        case VTuple():
            builtin = tuple
        case VInt():
            builtin = int
        case VFloat():
            builtin = float
        case VBool():
            builtin = bool
        case VRef() | VView():
            builtin = list if isinstance(obj, ListObject) else dict
            if isinstance(obj, SetObject):
                builtin = frozenset if obj.frozen else set
        case VBuiltin(name=kind) if (kind, name) in builtin_methods.METHODS:
            return VBuiltin(f"{kind}.{name}")
        case _:
            raise Unsupported(f"the attribute {name} of a {operators.class_name(state, owner)}", node)
    if not hasattr(builtin, name):
        return Exc("AttributeError", node.lineno, f"a {builtin.__name__} has no attribute {name}")
    if not callable(getattr(builtin, name)):
        raise Unsupported(f"the attribute {name} of a {builtin.__name__}", node)
    return VMethod(owner, name)


def _call(engine: Engine, state: State, node: ast.Call) -> list[Result]:
    return calls.call(engine, state, node)


def _lambda(engine: Engine, state: State, node: ast.Lambda) -> list[Result]:
    return [(s, f) for s, f in define(engine, state, node)]


def define(engine: Engine, state: State, node: ast.FunctionDef | ast.Lambda) -> list[Result]:
    """A nested function: its defaults are evaluated here and now, its free variables when it runs."""
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    with_default = [a.arg for a in positional[len(positional) - len(args.defaults) :]]
    keyword = [a.arg for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None]
    nodes = [*args.defaults, *(d for d in args.kw_defaults if d is not None)]
    results: list[Result] = []
    for path, values in evaluate_all(engine, state, nodes):
        if isinstance(values, Exc):
            results.append((path, values))
            continue
        engine.captured.add(path.frame)
        defaults = tuple(
            zip([*with_default, *keyword], (operators.kept(v, node) for v in values), strict=True)
        )
        results.append((path, VFunction(node, None, path.frame, defaults)))
    return results


def _joined(engine: Engine, state: State, node: ast.JoinedStr) -> list[Result]:
    def add(path: State, text: Value, parts: list[ast.expr]) -> list[Result]:
        if not parts:
            return [(path, text)]
        head, tail = parts[0], parts[1:]
        inner = head.value if isinstance(head, ast.FormattedValue) else head

        def joined(then: State, value: Value) -> list[Result]:
            results: list[Result] = []
            for last, definite in arms(engine, then, value):
                if isinstance(head, ast.FormattedValue):
                    shown = conversions.formatted(engine, last, definite, head)
                else:
                    shown = conversions.text_of(engine, last, definite, node, exact=True)
                assert isinstance(text, VStr)
                results += add(last, VStr(z3.Concat(text.term, shown.term)), tail)
            return merge(then, results)

        return bind(evaluate(engine, path, inner), joined)

    return add(state, str_value(""), list(node.values))


def _walrus(engine: Engine, state: State, node: ast.NamedExpr) -> list[Result]:
    def store(path: State, value: Value) -> list[Result]:
        then = path.fork()
        frame = then.frame
        while frame in engine.comprehension_frames:
            # The name belongs to the function around the comprehension, not to the comprehension.
            outer = engine.frame_parent[frame]
            assert outer is not None
            frame = outer
        then.frame = frame
        assignments.bind_name(engine, then, node.target.id, operators.kept(value, node))
        then.frame = path.frame
        return [(then, value)]

    return bind(evaluate(engine, state, node.value), store)


def _comprehension(engine: Engine, state: State, node: ast.expr) -> list[Result]:
    return comprehensions.comprehension(engine, state, node)


def _display(engine: Engine, state: State, node: ast.expr) -> list[Result]:
    return displays.display(engine, state, node)


def _starred(engine: Engine, state: State, node: ast.Starred) -> list[Result]:
    raise Unsupported("`*` in this place", node)


_HANDLERS: dict[type, Callable[..., list[Result]]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BoolOp: _bool_op,
    ast.IfExp: _if_exp,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Dict: _display,
    ast.Set: _display,
    ast.Subscript: _subscript,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Lambda: _lambda,
    ast.JoinedStr: _joined,
    ast.NamedExpr: _walrus,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.Starred: _starred,
}

_CONSTRUCTS = {
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield from",
    ast.Slice: "a slice in this place",
}
