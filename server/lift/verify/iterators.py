"""Iterators: ``map`` and ``filter``, generators that are used up where they stand, ``iter`` and ``next``.

CPython makes the elements of an iterator when they are asked for. Making them at once gives the same where
nothing that they read changes in between and none of them raises; what cannot be shown to be so is refused.
``map`` and ``filter`` are read as the generators that they are.
"""

from __future__ import annotations

import ast

import z3

from lift.verify import comprehensions, contracts, operators
from lift.verify import evaluate as expressions
from lift.verify.operators import raises
from lift.verify.state import Engine, Result, State
from lift.verify.values import (
    Exc,
    Seq,
    Unsupported,
    Value,
    VBuiltin,
    VClass,
    VFunction,
    VIterable,
    VMethod,
)

_ELEMENT = "each element"
"""The variable of a generator that stands for a call; no name of a program has a space in it."""


def as_generator(engine: Engine, state: State, node: ast.expr) -> ast.expr:
    """The generator that a call of ``map`` or ``filter`` is; any other expression as it is."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return node
    name = node.func.id
    if name not in ("map", "filter") or not _is_builtin(engine, state, name):
        return node
    if node.keywords or len(node.args) < 2 or any(isinstance(a, ast.Starred) for a in node.args):
        raise Unsupported(f"{name}() with these arguments", node)
    function, *given = node.args
    if name == "filter" and len(given) > 1:
        raise Unsupported("filter() with these arguments", node)
    plain = isinstance(function, ast.Constant) and function.value is None and name == "filter"
    if not plain:
        _check_settled(engine, state, function)
    if len(given) > 1 and not _is_builtin(engine, state, "zip"):
        raise Unsupported("map() of several iterables", node)
    stored = [ast.Name(f"{_ELEMENT} {i}" if i else _ELEMENT, ast.Store()) for i in range(len(given))]
    loaded: list[ast.expr] = [ast.Name(n.id, ast.Load()) for n in stored]
    source = given[0] if len(given) == 1 else ast.Call(ast.Name("zip", ast.Load()), given, [])
    target: ast.expr = stored[0] if len(given) == 1 else ast.Tuple(list(stored), ast.Store())
    asked: ast.expr = loaded[0] if plain else ast.Call(function, loaded, [])
    if name == "map":
        made = ast.GeneratorExp(asked, [ast.comprehension(target, source, [], 0)])
    else:
        made = ast.GeneratorExp(loaded[0], [ast.comprehension(target, source, [asked], 0)])
    for part in ast.walk(made):
        if isinstance(part, ast.expr) and not hasattr(part, "lineno"):
            ast.copy_location(part, node)
    return made


def _is_builtin(engine: Engine, state: State, name: str) -> bool:
    return engine.program.is_builtin(name) and not expressions.is_local(engine, state, name)


def _check_settled(engine: Engine, state: State, node: ast.expr) -> None:
    """Refuse a function of which it matters that ``map`` looks at it once.

    Raises:
        Unsupported: Its expression raises, has an effect, or makes something.
    """
    if not isinstance(node, ast.Name | ast.Attribute | ast.Lambda):
        raise Unsupported("map() or filter() of a function that is computed", node)
    if isinstance(node, ast.Lambda) and (node.args.defaults or any(node.args.kw_defaults)):
        raise Unsupported("map() or filter() of a function with defaults", node)
    for path, value in expressions.evaluate(engine, state, node):
        if not state.same_store(path) or not isinstance(value, VFunction | VBuiltin | VClass | VMethod):
            raise Unsupported("map() or filter() of this", node)


def generator(engine: Engine, state: State, node: ast.GeneratorExp) -> list[Result]:
    """A generator, for a reader that uses it up where it stands.

    Raises:
        Unsupported: It could show when its elements are made.
    """
    read = _read_by(engine, state, node)
    results: list[Result] = []
    for path, seq in comprehensions.elements(engine, state, node):
        if isinstance(seq, Exc) or not state.same_store(path, grown=True):
            raise Unsupported("a generator of which it shows when it is consumed", node)
        results.append((path, VIterable(seq, "generator", read)))
    return results


def _read_by(engine: Engine, state: State, node: ast.GeneratorExp) -> frozenset[int]:
    """Addresses of the objects that a generator may read.

    Raises:
        Unsupported: An expression may bind one of its variables anew before it is used up.
    """
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    for other in ast.walk(engine.program.tree):
        anew = {other.target.id} if isinstance(other, ast.NamedExpr) else set()
        anew |= set(other.names) if isinstance(other, ast.Nonlocal | ast.Global) else set()
        if anew & names:
            raise Unsupported("a generator over variables that an expression may bind anew", node)
    held = [v for f in state.frames.values() for k, v in f.items() if k in names]
    if any(isinstance(v, VFunction) for v in held) or any(isinstance(n, ast.Call) for n in ast.walk(node)):
        # What it calls may read whatever there is.
        return frozenset(state.heap)
    return frozenset(a for v in held for a in contracts.reachable(state, v))


def check_loop(node: ast.For, source: ast.expr) -> None:
    """Refuse a loop that binds a variable of the generator that it is run over.

    Raises:
        Unsupported: Such a loop.
    """
    if not isinstance(source, ast.GeneratorExp):
        return
    own = {n.id for g in source.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
    free = {n.id for n in ast.walk(source) if isinstance(n, ast.Name)} - own
    bound = {
        n.id
        for part in (node.target, *node.body)
        for n in ast.walk(part)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }
    if free & bound:
        raise Unsupported("a loop that binds a variable of the generator it is run over", node)


_USED_UP = ("generator", "iterator", "enumerate", "zip", "reversed")
"""What is its own iterator; a view of a dictionary is none."""


def iterator(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    """``iter(value)``."""
    if len(args) != 1:
        raise Unsupported("iter() with these arguments", node)
    if not operators.is_iterable(state, args[0]):
        return [raises(state, "TypeError", node, f"a {operators.class_name(state, args[0])} is not iterable")]
    seq = operators.sequence(engine, state, args[0], node)
    return [(state, VIterable(seq, "iterator", operators.sources(args[0])))]


def following(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    """``next(iterator)`` or ``next(iterator, default)`` of an iterator that nothing else knows."""
    if not 1 <= len(args) <= 2:
        return [raises(state, "TypeError", node, "next() takes one or two arguments")]
    if not isinstance(args[0], VIterable):
        if isinstance(args[0], operators.PLAIN):
            operators.is_iterable(state, args[0])
            return [raises(state, "TypeError", node, "next() needs an iterator")]
        raise Unsupported(f"next() of a {operators.class_name(state, args[0])}", node)
    if args[0].what not in _USED_UP:
        return [raises(state, "TypeError", node, f"a {args[0].what} object is not an iterator")]
    results: list[Result] = []
    for path, seq in comprehensions.concretise(engine, state, args[0].seq, node):
        assert isinstance(seq, Seq)
        some, none = engine.split(path, seq.length > 0)
        if some:
            results.append((some, seq.get(z3.IntVal(0))))
        if none and len(args) == 2:
            results.append((none, args[1]))
        elif none:
            results.append(raises(none, "StopIteration", node, "the iterator may be used up"))
    return results
