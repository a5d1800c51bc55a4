"""Displays: lists, tuples, sets and dictionaries that are written out, and what a dictionary gains."""

from __future__ import annotations

import ast

import z3

from lift.verify import evaluate as expressions
from lift.verify import merging, operators, set_methods
from lift.verify.state import DictObject, Engine, ListObject, Result, State, change
from lift.verify.symbols import concrete_dict, key_sort, key_term
from lift.verify.types import TInt, TStr, Type
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VInt,
    VRef,
    VStr,
    VTuple,
    VUnion,
    as_bool,
    as_int,
    choose,
    concrete_seq,
)


def display(engine: Engine, state: State, node: ast.expr) -> list[Result]:
    """Evaluate a display."""
    if isinstance(node, ast.List | ast.Tuple):
        return _sequence_display(engine, state, node)
    if isinstance(node, ast.Set):
        return _set_display(engine, state, node)
    assert isinstance(node, ast.Dict)
    return _dict_display(engine, state, node)


def _sequence_display(engine: Engine, state: State, node: ast.List | ast.Tuple) -> list[Result]:
    results: list[Result] = []
    for path, seq in _elements(engine, state, node):
        if isinstance(seq, Exc):
            results.append((path, seq))
        elif isinstance(node, ast.Tuple):
            results.append((path, VTuple(seq)))
        else:
            path = path.fork()
            results.append((path, engine.allocate(path, ListObject(seq))))
    return results


def _set_display(engine: Engine, state: State, node: ast.Set) -> list[Result]:
    # What a star yields is hashed before the next element is evaluated.
    starred = any(isinstance(e, ast.Starred) for e in node.elts)
    results: list[Result] = []
    for path, seq in _elements(engine, state, node):
        if isinstance(seq, Exc):
            results.append((path, seq))
            continue
        for then, found in set_methods.of_sequence(engine, path, seq, node, partial=starred):
            results.append(set_methods.allocated(engine, then, found, frozen=False))
    return results


def _elements(
    engine: Engine, state: State, node: ast.List | ast.Tuple | ast.Set
) -> list[tuple[State, Seq | Exc]]:
    paths: list[tuple[State, Seq | Exc]] = [(state, concrete_seq([]))]
    for element in node.elts:
        grown: list[tuple[State, Seq | Exc]] = []
        for path, whole in paths:
            if isinstance(whole, Exc):
                grown.append((path, whole))
            else:
                grown += _longer(engine, path, whole, element)
        paths = grown
    return paths


def _longer(engine: Engine, state: State, whole: Seq, element: ast.expr) -> list[tuple[State, Seq | Exc]]:
    """A display with one element more; what follows a star is read before the next element is evaluated."""
    starred = isinstance(element, ast.Starred)
    results: list[tuple[State, Seq | Exc]] = []
    for path, value in expressions.evaluate(
        engine, state, element.value if isinstance(element, ast.Starred) else element
    ):
        if isinstance(value, Exc):
            results.append((path, value))
        elif not starred:
            seq = concrete_seq([operators.kept(value, element)])
            results.append((path, operators.join_seqs(whole, seq)))
        elif isinstance(value, VUnion):
            raise Unsupported("unpacking a value of several types", element)
        elif not operators.is_iterable(path, value):
            results.append((path, Exc("TypeError", element.lineno, "the value after * is not iterable")))
        else:
            seq = operators.sequence(engine, path, value, element)
            results.append((path, operators.join_seqs(whole, seq)))
    return results


def _dict_display(engine: Engine, state: State, node: ast.Dict) -> list[Result]:
    if any(k is None for k in node.keys):
        return merging.spread_display(engine, state, node)
    nodes = [n for pair in zip(node.keys, node.values, strict=True) for n in pair if n is not None]
    results: list[Result] = []
    for path, values in expressions.evaluate_all(engine, state, nodes):
        if isinstance(values, Exc):
            results.append((path, values))
            continue
        path = path.fork()
        ref = engine.allocate(path, concrete_dict([], None))
        for key, value in zip(values[::2], values[1::2], strict=True):
            store_item(engine, path, ref, key, operators.kept(value, node), node)
        results.append((path, ref))
    return results


def key_type_of(value: Value) -> Type:
    """The type of dictionary that a key starts.

    Raises:
        Unsupported: A key that is neither int, bool nor str.
    """
    if isinstance(value, VInt | VBool):
        return TInt()
    if isinstance(value, VStr):
        return TStr()
    raise Unsupported("a dictionary key that is not int or str")


def store_item(engine: Engine, state: State, ref: Value, key: Value, value: Value, node: ast.AST) -> None:
    """``d[key] = value`` on a dictionary, in place; the path must have been copied before."""
    if not isinstance(ref, VRef):
        raise Unsupported("changing a container whose identity is not known", node)
    old = state.heap[ref.address]
    assert isinstance(old, DictObject)
    key_type = old.key_type or key_type_of(key)
    term = key_term(key, key_sort(key_type))
    if term is None:
        raise Unsupported("a dictionary with keys of several kinds", node)
    there = old.has(key)
    new_key = z3.simplify(z3.Not(there))

    def has(other: Value) -> Term:
        found = key_term(other, key_sort(key_type))
        return z3.BoolVal(False) if found is None else z3.Or(found == term, old.has(other))

    def get(other: Value) -> Value:
        found = key_term(other, key_sort(key_type))
        hit = z3.simplify(found == term)
        if as_bool(hit) is True or as_int(old.size) == 0:
            return value
        return choose(hit, value, old.get(other))

    keys: Seq | None = None
    if old.keys is not None:
        known = as_bool(new_key)
        if known is None and not engine.feasible(state, new_key):
            known = False
        elif known is None and not engine.feasible(state, z3.Not(new_key)):
            known = True
        if known is False:
            keys = old.keys
        elif known is True:
            keys = operators.join_seqs(old.keys, concrete_seq([key]))
        else:
            before = old.keys
            size = z3.If(there, before.length, before.length + 1)
            last = z3.simplify(before.length)
            empty = as_int(last) == 0
            keys = Seq(
                z3.simplify(size), lambda i: key if empty else choose(i == last, key, before.get(i)), None, ()
            )
    size = z3.simplify(z3.If(there, old.size, old.size + 1))
    change(state, ref.address, DictObject(has, get, size, keys, key_type, old.value_type), node)
