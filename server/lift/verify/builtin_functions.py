"""Python's built-in functions on symbolic values."""

from __future__ import annotations

import ast
from collections.abc import Callable

import z3

from lift.verify import (
    arithmetic,
    comprehensions,
    contracts,
    conversions,
    displays,
    float_functions,
    floats,
    instances,
    iterators,
    made,
    operators,
    ordering,
    set_methods,
    sizes,
    subscripts,
    text_case,
    totals,
)
from lift.verify import evaluate as expressions
from lift.verify.operators import arms, heap_object, number, raises
from lift.verify.state import DictObject, Engine, InstanceObject, ListObject, Result, SetObject, State
from lift.verify.symbols import concrete_dict
from lift.verify.values import (
    NONE,
    Exc,
    Seq,
    Unsupported,
    Value,
    VBuiltin,
    VFloat,
    VFunction,
    VInt,
    VIterable,
    VMethod,
    VNone,
    VRange,
    VRef,
    VStr,
    VTuple,
    concrete_seq,
    floor_divide,
    int_value,
    modulo,
    str_value,
)

_CLASSES = frozenset({"str", "int", "float", "list", "tuple", "dict", "set", "frozenset", "bytes"})
_CONSUMERS = {"sum", "min", "max", "sorted", "list", "tuple", "enumerate", "zip", "join", "extend", "dict"}
_CONSUMERS |= {"set", "frozenset", "update"}
_LAZY_CONSUMERS = {"enumerate", "zip", "extend", "update"}
"""Those that need not ask for all elements, or that show how far they came when asking raises."""


def arguments(
    engine: Engine, state: State, function: Value, nodes: list[ast.expr]
) -> list[tuple[State, list[Value] | Exc]]:
    """Evaluate arguments; a generator is consumed at once where nobody can tell when it was."""
    name = function.name if isinstance(function, VBuiltin | VMethod) else ""
    nodes = [iterators.as_generator(engine, state, n) for n in nodes] if name in _CONSUMERS else nodes
    if name not in _CONSUMERS or not any(isinstance(n, ast.GeneratorExp) for n in nodes):
        return expressions.evaluate_all(engine, state, nodes)
    if len(nodes) > 1 and not isinstance(nodes[0], ast.GeneratorExp):
        raise Unsupported("a generator among several arguments", nodes[0])
    first = nodes[0]
    assert isinstance(first, ast.GeneratorExp)
    alone = all(isinstance(n, ast.Constant) for n in nodes[1:])
    if name in ("extend", "update") and isinstance(function, VMethod) and isinstance(function.receiver, VRef):
        _check_reads_not(state, first, function.receiver.address)
    results: list[tuple[State, list[Value] | Exc]] = []
    for path, seq in comprehensions.elements(engine, state, first):
        lazy = name in _LAZY_CONSUMERS or not alone
        if lazy and (isinstance(seq, Exc) or not state.same_store(path, grown=True)):
            raise Unsupported("a generator of which it shows when it is consumed", first)
        if isinstance(seq, Exc):
            results.append((path, seq))
            continue
        for then, rest in expressions.evaluate_all(engine, path, nodes[1:]):
            if not path.same_store(then, grown=True):
                raise Unsupported("a generator of which it shows when it is consumed", first)
            results.append((then, rest if isinstance(rest, Exc) else [VIterable(seq, "generator"), *rest]))
    return results


def _check_reads_not(state: State, node: ast.GeneratorExp, address: int) -> None:
    """Refuse a generator that may read the list which it extends."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    held = [v for f in state.frames.values() for k, v in f.items() if k in names]
    if any(isinstance(v, VFunction) or address in contracts.reachable(state, v) for v in held):
        raise Unsupported("a list that is extended by what it holds", node)


def _quantifier(universal: bool) -> Callable[[Engine, State, ast.Call], list[Result]]:
    def run(engine: Engine, state: State, node: ast.Call) -> list[Result]:
        name = "all" if universal else "any"
        if len(node.args) != 1 or node.keywords:
            return [raises(state, "TypeError", node, f"{name}() takes one argument")]
        argument = iterators.as_generator(engine, state, node.args[0])
        if isinstance(argument, ast.GeneratorExp):
            found = comprehensions.quantify(
                engine, state, argument.generators, argument.elt, universal=universal
            )
            return expressions.merge(state, found)
        results: list[Result] = []
        for path, value in expressions.evaluate(engine, state, argument):
            if isinstance(value, Exc):
                results.append((path, value))
                continue
            for then, one in arms(engine, path, value):
                if not operators.is_iterable(then, one):
                    results.append(raises(then, "TypeError", node, f"{name}() needs an iterable"))
                    continue
                seq = operators.sequence(engine, then, one, node)
                results += comprehensions.quantify_seq(engine, then, seq, universal=universal)
        return results

    return run


def _sum(engine: Engine, state: State, node: ast.Call) -> list[Result]:
    argument = iterators.as_generator(engine, state, node.args[0]) if node.args else None
    if isinstance(argument, ast.GeneratorExp) and len(node.args) == 1 and not node.keywords:
        found = (
            None
            if engine.exploring
            else totals.conditional_total(engine, state, argument, int_value(0), node)
        )
        if found is not None:
            return found
    if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
        raise Unsupported("`*` or `**` in a call", node)
    nodes = [*node.args, *(k.value for k in node.keywords)]
    results: list[Result] = []
    for path, values in arguments(engine, state, VBuiltin("sum"), nodes):
        if isinstance(values, Exc):
            results.append((path, values))
        else:
            keyword = {k.arg or "": v for k, v in zip(node.keywords, values[len(node.args) :], strict=True)}
            results += call_builtin(engine, path, "sum", values[: len(node.args)], keyword, node)
    return results


LAZY: dict[str, Callable[[Engine, State, ast.Call], list[Result]]] = {
    "all": _quantifier(True),
    "any": _quantifier(False),
    "sum": _sum,
}
"""Built-ins that look at their argument's tree, since they need not consume it or can do so better."""


def call_builtin(
    engine: Engine, state: State, name: str, args: list[Value], keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    """Call a built-in function with evaluated arguments."""
    if name.partition(".")[0] in _CLASSES and "." in name:
        from lift.verify import builtin_methods

        return builtin_methods.call_unbound(engine, state, name, args, keyword, node)
    handler = _BUILTINS.get(name) or float_functions.FUNCTIONS.get(name)
    if handler is None or (keyword and name not in _KEYWORDS | float_functions.KEYWORDS):
        raise Unsupported(f"{name}()" if handler is None else f"{name}() with keyword arguments", node)
    paths: list[tuple[State, list[Value]]] = [(state, [])]
    for value in [*args, *keyword.values()]:
        paths = [(s, [*done, v]) for path, done in paths for s, v in arms(engine, path, value)]
    results: list[Result] = []
    for path, definite in paths:
        named = dict(zip(keyword, definite[len(args) :], strict=True))
        results += handler(engine, path, definite[: len(args)], named, node)
    return expressions.merge(state, results)


def check_arity(count: int, least: int, most: int, name: str, node: ast.AST) -> Exc | None:
    if least <= count <= most:
        return None
    return Exc("TypeError", getattr(node, "lineno", 0), f"{name}() got {count} arguments")


def _len(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    bad = check_arity(len(args), 1, 1, "len", node)
    if bad:
        return [(state, bad)]
    value = args[0]
    obj = heap_object(state, value)
    if isinstance(value, VStr):
        return [(state, VInt(z3.Length(value.term)))]
    if isinstance(obj, DictObject):
        return [(state, VInt(obj.size))]
    if isinstance(obj, ListObject):
        return [(state, VInt(obj.seq.length))]
    if isinstance(obj, SetObject):
        return [(state, VInt(obj.count()))]
    if isinstance(value, VTuple):
        return [(state, VInt(value.seq.length))]
    if isinstance(value, VRange):
        length = operators.range_seq(value).length
        fits, results = sizes.as_size(engine, state, length, node)
        return [*results, *([(fits, VInt(length))] if fits else [])]
    if isinstance(value, VIterable) and value.what.startswith("dict"):
        return [(state, VInt(value.seq.length))]
    if isinstance(obj, InstanceObject):
        return operators.instance_operators().length(engine, state, value, node)
    if not isinstance(value, operators.PLAIN | VIterable):
        raise Unsupported(f"len() of a {operators.class_name(state, value)}", node)
    return [raises(state, "TypeError", node, f"a {operators.class_name(state, value)} has no len()")]


def _abs(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    bad = check_arity(len(args), 1, 1, "abs", node)
    if bad:
        return [(state, bad)]
    term = number(args[0])
    if isinstance(args[0], VFloat):
        return [(state, floats.absolute(args[0]))]
    own = operators.instance_operators().invoke(engine, state, "__abs__", args[0], [], node)
    if own is not None:
        return own
    if term is None:
        return [type_error(state, "abs", args[0], node)]
    return [(state, VInt(z3.If(term >= 0, term, -term)))]


def type_error(state: State, name: str, value: Value, node: ast.AST) -> Result:
    instance = isinstance(heap_object(state, value), InstanceObject)
    if not isinstance(value, operators.PLAIN) or instance:
        raise Unsupported(f"{name}() of a {operators.class_name(state, value)}", node)
    return raises(state, "TypeError", node, f"{name}() of a {operators.class_name(state, value)}")


def _extreme(largest: bool) -> Callable[..., list[Result]]:
    name = "max" if largest else "min"

    def run(
        engine: Engine, state: State, args: list[Value], keyword: dict[str, Value], node: ast.Call
    ) -> list[Result]:
        if keyword.keys() - {"default", "key"} or ("default" in keyword and len(args) > 1):
            raise Unsupported(f"{name}() with {', '.join(keyword)}", node)
        if not args:
            return [raises(state, "TypeError", node, f"{name}() needs an argument")]
        if len(args) > 1:
            return ordering.extreme(engine, state, concrete_seq(args), keyword, node, largest=largest)
        if not operators.is_iterable(state, args[0]):
            return [type_error(state, name, args[0], node)]
        seq = operators.sequence(engine, state, args[0], node)
        results: list[Result] = []
        for path, known in comprehensions.concretise(engine, state, seq, node):
            assert isinstance(known, Seq)
            results += ordering.extreme(engine, path, known, keyword, node, largest=largest)
        return results

    return run


def _total(
    engine: Engine, state: State, args: list[Value], keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    if keyword.keys() - {"start"} or len(args) + len(keyword) > 2:
        raise Unsupported("sum() with these arguments", node)
    start = keyword.get("start", args[1] if len(args) > 1 else int_value(0))
    if isinstance(start, VStr) or not args:
        return [raises(state, "TypeError", node, "sum() can't sum strings")]
    if not operators.is_iterable(state, args[0]):
        return [type_error(state, "sum", args[0], node)]
    seq = operators.sequence(engine, state, args[0], node)
    results: list[Result] = []
    for path, known in comprehensions.concretise(engine, state, seq, node):
        assert isinstance(known, Seq)
        results += totals.total(engine, path, known, start, node)
    return results


def _range(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    terms = [number(a) for a in args]
    bad = check_arity(len(args), 1, 3, "range", node)
    if bad or any(t is None for t in terms):
        return [(state, bad or Exc("TypeError", node.lineno, "range() needs integers"))]
    start, stop, step = {
        1: lambda: (z3.IntVal(0), terms[0], z3.IntVal(1)),
        2: lambda: (terms[0], terms[1], z3.IntVal(1)),
        3: lambda: (terms[0], terms[1], terms[2]),
    }[len(terms)]()
    good, zero = engine.split(state, step != 0)
    results: list[Result] = (
        [raises(zero, "ValueError", node, "range() step must not be zero")] if zero else []
    )
    if good:
        results.append((good, VRange(start, stop, step)))
    return results


def _enumerate(
    engine: Engine, state: State, args: list[Value], keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    if keyword.keys() - {"start"} or len(args) + len(keyword) > 2:
        raise Unsupported("enumerate() with these arguments", node)
    start_value = keyword.get("start", args[1] if len(args) > 1 else int_value(0))
    start = number(start_value)
    if start is None or not args or not operators.is_iterable(state, args[0]):
        return [raises(state, "TypeError", node, "enumerate() of something else than an iterable")]
    seq = operators.sequence(engine, state, args[0], node)
    if seq.items is not None:
        pairs = [VTuple(concrete_seq([VInt(z3.simplify(start + i)), v])) for i, v in enumerate(seq.items)]
        return [(state, VIterable(concrete_seq(pairs), "enumerate", operators.sources(args[0])))]
    pair = Seq(seq.length, lambda i: VTuple(concrete_seq([VInt(start + i), seq.get(i)])), None, ())
    return [(state, VIterable(pair, "enumerate", operators.sources(args[0])))]


def _zip(
    engine: Engine, state: State, args: list[Value], keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    if keyword or not args:
        raise Unsupported("zip() with `strict` or without arguments", node)
    if not all(operators.is_iterable(state, a) for a in args):
        return [raises(state, "TypeError", node, "zip() of something else than iterables")]
    seqs = [operators.sequence(engine, state, a, node) for a in args]
    read = frozenset(a for v in args for a in operators.sources(v))
    lengths = [totals.known_length(s) for s in seqs]
    if None not in lengths:
        size = min(n for n in lengths if n is not None)
        rows = [VTuple(concrete_seq([s.get(z3.IntVal(i)) for s in seqs])) for i in range(size)]
        return [(state, VIterable(concrete_seq(rows), "zip", read))]
    shortest = seqs[0].length
    for s in seqs[1:]:
        shortest = z3.If(s.length < shortest, s.length, shortest)
    row = Seq(z3.simplify(shortest), lambda i: VTuple(concrete_seq([s.get(i) for s in seqs])), None, ())
    return [(state, VIterable(row, "zip", read))]


def _reversed(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    if len(args) != 1 or not operators.is_iterable(state, args[0]) or isinstance(args[0], VIterable):
        raise Unsupported("reversed() of this", node)
    seq = subscripts.reversed_seq(operators.sequence(engine, state, args[0], node))
    return [(state, VIterable(seq, "reversed", operators.sources(args[0])))]


def _list(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    seq = _copied(engine, state, "list", args, node)
    if isinstance(seq, Exc):
        return [(state, seq)]
    path = state.fork()
    return [(path, engine.allocate(path, ListObject(seq)))]


def _tuple(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    seq = _copied(engine, state, "tuple", args, node)
    return [(state, seq if isinstance(seq, Exc) else VTuple(seq))]


def _copied(engine: Engine, state: State, name: str, args: list[Value], node: ast.Call) -> Seq | Exc:
    if not args:
        return concrete_seq([])
    bad = check_arity(len(args), 1, 1, name, node)
    if bad:
        return bad
    if not operators.is_iterable(state, args[0]):
        return Exc("TypeError", node.lineno, f"{name}() of a {operators.class_name(state, args[0])}")
    return operators.sequence(engine, state, args[0], node)


def _dict(
    engine: Engine, state: State, args: list[Value], keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    path = state.fork()
    if not args:
        ref = engine.allocate(path, concrete_dict([], None))
        for name, value in keyword.items():
            displays.store_item(engine, path, ref, str_value(name), value, node)
        return [(path, ref)]
    obj = heap_object(state, args[0])
    if len(args) == 1 and not keyword and isinstance(obj, DictObject):
        return [(path, engine.allocate(path, obj))]
    if len(args) == 1 and not keyword and operators.is_iterable(state, args[0]):
        seq = operators.sequence(engine, state, args[0], node)
        return [
            made.from_pairs(engine, s, q, node) for s, q in comprehensions.concretise(engine, path, seq, node)
        ]
    raise Unsupported("dict() of this", node)


def _sorted(
    engine: Engine, state: State, args: list[Value], keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    seq = _copied(engine, state, "sorted", args, node)
    if isinstance(seq, Exc):
        return [(state, seq)]
    results: list[Result] = []
    for path, known in comprehensions.concretise(engine, state, seq, node):
        assert isinstance(known, Seq)
        for then, ordered in ordering.sort_seq(engine, path, known, keyword, node):
            if isinstance(ordered, Exc):
                results.append((then, ordered))
            else:
                then = then.fork()
                results.append((then, engine.allocate(then, ListObject(ordered))))
    return results


def _divmod(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    if len(args) == 2 and floats.involved(args[0], args[1]):
        return floats.divmod_(engine, state, args[0], args[1], node)
    terms = [number(a) for a in args]
    if len(terms) != 2 or None in terms:
        return [raises(state, "TypeError", node, "divmod() needs two numbers")]
    good, zero = engine.split(state, terms[1] != 0)  # type: ignore[operator]
    results: list[Result] = [raises(zero, "ZeroDivisionError", node, "division by zero")] if zero else []
    if good:
        pair = [VInt(floor_divide(*terms)), VInt(modulo(*terms))]
        results.append((good, VTuple(concrete_seq(pair))))
    return results


def _pow(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    if len(args) == 3:
        return arithmetic.power_modulo(engine, state, args, node)
    if len(args) != 2:
        raise Unsupported("pow() with these arguments", node)
    return arithmetic.arithmetic(engine, state, ast.Pow(), args[0], args[1], node)


def _round(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    if len(args) == 1 and isinstance(args[0], VFloat):
        return floats.to_int(engine, state, args[0], "round", node)
    if len(args) == 2:
        return float_functions.round_to_digits(engine, state, args[0], args[1], node)
    term = number(args[0]) if len(args) == 1 else None
    if term is None:
        raise Unsupported("round() of this", node)
    return [(state, VInt(term))]


def _print(
    engine: Engine, state: State, args: list[Value], keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    if any(conversions.holds_instance(state, a) for a in args):
        raise Unsupported("print() of an instance", node)
    if keyword.keys() - {"sep", "end"} or not all(isinstance(v, VStr | VNone) for v in keyword.values()):
        raise Unsupported("print() with these arguments", node)
    return [(state, NONE)]


_BUILTINS: dict[str, Callable[..., list[Result]]] = {
    "len": _len,
    "abs": _abs,
    "min": _extreme(False),
    "max": _extreme(True),
    "sum": _total,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "list": _list,
    "tuple": _tuple,
    "dict": _dict,
    "set": lambda *given: set_methods.construct(*given, frozen=False),
    "frozenset": lambda *given: set_methods.construct(*given, frozen=True),
    "sorted": _sorted,
    "str": lambda *given: conversions.to_str(*given),
    "int": lambda *given: conversions.to_int(*given),
    "bool": lambda *given: conversions.to_bool(*given),
    "divmod": _divmod,
    "pow": _pow,
    "round": _round,
    "print": _print,
    "type": lambda *given: instances.class_of(*given),
    "ord": lambda *given: text_case.ordinal(*given),
    "chr": lambda *given: text_case.character(*given),
    "iter": lambda *given: iterators.iterator(*given),
    "next": lambda *given: iterators.following(*given),
    "isinstance": lambda *given: conversions.is_instance(*given),
}
_KEYWORDS = {"min", "max", "sum", "enumerate", "zip", "dict", "sorted", "print"}
