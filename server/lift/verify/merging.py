"""Dictionaries put together: ``{**a, k: v}``, ``a | b`` and ``a.update(b)``."""

from __future__ import annotations

import ast

import z3

from lift.verify import displays, operators
from lift.verify import evaluate as expressions
from lift.verify.operators import arms, heap_object, raises
from lift.verify.state import DictObject, Engine, InstanceObject, Result, State, change
from lift.verify.symbols import concrete_dict, key_sort
from lift.verify.values import Exc, Term, Unsupported, Value, VRef, as_int, choose, fresh_name


def spread_display(engine: Engine, state: State, node: ast.Dict) -> list[Result]:
    """A dictionary display with ``**``; what is spread is read before the next key is evaluated."""
    path = state.fork()
    ref = engine.allocate(path, concrete_dict([], None))
    paths: list[Result] = [(path, ref)]
    for key, value in zip(node.keys, node.values, strict=True):

        def add(then: State, _: Value, key: ast.expr | None = key, value: ast.expr = value) -> list[Result]:
            return _spread(engine, then, ref, value) if key is None else _item(engine, then, ref, key, value)

        paths = expressions.bind(paths, add)
    return paths


def _item(engine: Engine, state: State, ref: VRef, key: ast.expr, value: ast.expr) -> list[Result]:
    results: list[Result] = []
    for path, parts in expressions.evaluate_all(engine, state, [key, value]):
        if isinstance(parts, Exc):
            results.append((path, parts))
            continue
        path = path.fork()
        displays.store_item(engine, path, ref, parts[0], operators.kept(parts[1], value), value)
        results.append((path, ref))
    return results


def _spread(engine: Engine, state: State, ref: VRef, value: ast.expr) -> list[Result]:
    results: list[Result] = []
    for path, evaluated in expressions.evaluate(engine, state, value):
        if isinstance(evaluated, Exc):
            results.append((path, evaluated))
            continue
        for then, definite in arms(engine, path, evaluated):
            obj = heap_object(then, definite)
            if isinstance(obj, DictObject):
                then = then.fork()
                merge_into(engine, then, ref, obj, value)
                results.append((then, ref))
            elif isinstance(obj, InstanceObject) or not isinstance(definite, operators.PLAIN):
                raise Unsupported(f"`**` of a {operators.class_name(then, definite)}", value)
            else:
                results.append(raises(then, "TypeError", value, "the value after ** is not a mapping"))
    return results


def union(engine: Engine, state: State, a: DictObject, b: DictObject, node: ast.AST) -> Result:
    """``a | b``, a new dictionary."""
    state = state.fork()
    ref = engine.allocate(state, a)
    merge_into(engine, state, ref, b, node)
    return state, ref


def merge_into(engine: Engine, state: State, ref: VRef, more: DictObject, node: ast.AST) -> None:
    """Store all entries of a dictionary in another one, in place; the path must have been copied before.

    Raises:
        Unsupported: In the search for counterexamples, where the entries are not known one by one.
    """
    old = state.heap[ref.address]
    assert isinstance(old, DictObject)
    if more.keys is not None and more.keys.items is not None:
        for key in more.keys.items:
            displays.store_item(engine, state, ref, key, more.get(key), node)
        return
    if as_int(old.size) == 0:
        change(state, ref.address, more, node)
        return
    if old.key_type is None or more.key_type is None or key_sort(old.key_type) != key_sort(more.key_type):
        raise Unsupported("putting dictionaries with keys of several kinds together", node)
    engine.approximate("the size of two dictionaries put together", node)
    size = z3.Int(fresh_name("size"))
    engine.facts += [size >= old.size, size >= more.size, size <= old.size + more.size]

    def has(key: Value) -> Term:
        return z3.Or(old.has(key), more.has(key))

    def get(key: Value) -> Value:
        return choose(z3.simplify(more.has(key)), more.get(key), old.get(key))

    value_type = old.value_type if old.value_type == more.value_type else None
    change(state, ref.address, DictObject(has, get, size, None, old.key_type, value_type), node)
