"""Methods of str, list, dict and tuple on symbolic values.

Where a string method is not modelled exactly, a proof goes on with a result about which only the stated
facts hold; the search for counterexamples stops there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import z3

from lift.verify import assign as assignments
from lift.verify import (
    bits,
    comprehensions,
    deletion,
    displays,
    float_functions,
    merging,
    operators,
    ordering,
    set_methods,
    sizes,
    subscripts,
    text_methods,
    totals,
)
from lift.verify import evaluate as expressions
from lift.verify.operators import arms, heap_object, number, raises
from lift.verify.state import DictObject, Engine, InstanceObject, ListObject, Result, SetObject, State, change
from lift.verify.symbols import concrete_dict
from lift.verify.values import (
    NONE,
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VFloat,
    VInt,
    VIterable,
    VMethod,
    VRef,
    VTuple,
    as_int,
    concrete_seq,
    fresh_name,
)

Arguments = list[Value]


_WITHOUT_ARGUMENTS = {"clear", "copy", "reverse", "sort", "keys", "values", "items"}


def call_method(
    engine: Engine,
    state: State,
    method: VMethod,
    args: Arguments,
    keyword: dict[str, Value],
    node: ast.Call,
) -> list[Result]:
    """Call a method of a built-in type."""
    obj = heap_object(state, method.receiver)
    kind = operators.class_name(state, method.receiver)
    if isinstance(method.receiver, VFloat) and not keyword:
        return float_functions.method(engine, state, method.receiver, method.name, args, node)
    if method.name == "bit_length" and isinstance(method.receiver, VInt) and not args and not keyword:
        size = bits.bit_length(engine, state, method.receiver.term, node)
        return [(state, VInt(size))]
    handler = METHODS.get((kind, method.name))
    if handler is None or (keyword and (kind, method.name) != ("list", "sort")):
        raise Unsupported(f"{kind}.{method.name}()", node)
    if args and method.name in _WITHOUT_ARGUMENTS:
        return _wrong(state, node, method.name)
    paths: list[tuple[State, Arguments]] = [(state, [])]
    for value in args:
        if method.name not in ("extend", "join") and kind not in ("set", "frozenset"):
            operators.kept(value, node)
        paths = [(s, [*done, v]) for path, done in paths for s, v in arms(engine, path, value)]
    results: list[Result] = []
    for path, definite in paths:
        if (kind, method.name) == ("list", "sort"):
            results += _sort(engine, path, method.receiver, keyword, node)
        elif isinstance(obj, ListObject | DictObject | SetObject):
            results += handler(engine, path.fork(), method.receiver, definite, node)
        else:
            results += handler(engine, path, method.receiver, definite, node)
    return expressions.merge(state, results)


def call_unbound(
    engine: Engine, state: State, name: str, args: Arguments, keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    """Call a method by its class, as ``str.lower(text)`` does."""
    kind, _, method = name.partition(".")
    results: list[Result] = []
    for path, one in arms(engine, state, args[0]) if args else [(state, NONE)]:
        if operators.class_name(path, one) == kind:
            results += call_method(engine, path, VMethod(one, method), args[1:], keyword, node)
        elif isinstance(one, operators.PLAIN) and not isinstance(heap_object(path, one), InstanceObject):
            results.append(raises(path, "TypeError", node, f"{name}() needs a {kind}"))
        else:
            raise Unsupported(f"{name}() of a {operators.class_name(path, one)}", node)
    return results


def _wrong(state: State, node: ast.Call, name: str) -> list[Result]:
    return [raises(state, "TypeError", node, f"the arguments of {name}() do not fit")]


# Lists. The path was copied by the caller, so that it may be changed in place.


def _list(state: State, value: Value, node: ast.Call, *, changes: bool = True) -> tuple[int, Seq]:
    if not isinstance(value, VRef):
        if changes:
            raise Unsupported("changing a container whose identity is not known", node)
        obj = heap_object(state, value)
        assert isinstance(obj, ListObject)
        return -1, obj.seq
    obj = state.heap[value.address]
    assert isinstance(obj, ListObject)
    return value.address, obj.seq


def _append(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if len(args) != 1:
        return _wrong(state, node, "append")
    address, seq = _list(state, value, node)
    change(state, address, ListObject(operators.join_seqs(seq, concrete_seq(args))), node)
    return [(state, NONE)]


def _extend(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if len(args) != 1 or not operators.is_iterable(state, args[0]):
        return _wrong(state, node, "extend")
    address, seq = _list(state, value, node)
    more = operators.sequence(engine, state, args[0], node)
    change(state, address, ListObject(operators.join_seqs(seq, more)), node)
    return [(state, NONE)]


def _pop(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    address, seq = _list(state, value, node)
    at = number(args[0]) if args else z3.IntVal(-1)
    if at is None or len(args) > 1:
        return _wrong(state, node, "pop")
    counted, results = sizes.as_size(engine, state, at, node)
    if counted is None:
        return results
    inside, outside = engine.split(counted, z3.And(at >= -seq.length, at < seq.length))
    if outside:
        results.append(raises(outside, "IndexError", node, "pop from an empty list or out of range"))
    if inside:
        inside = inside.fork()
        position = subscripts.wrap_index(engine, inside, at, seq.length)
        item = seq.get(position)
        change(inside, address, ListObject(deletion.without(seq, position)), node)
        results.append((inside, item))
    return results


def _insert(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    address, seq = _list(state, value, node)
    at = number(args[0]) if len(args) == 2 else None
    if at is None:
        return _wrong(state, node, "insert")
    counted, results = sizes.as_size(engine, state, at, node)
    if counted is None:
        return results
    state = counted.fork()
    begin, _ = subscripts.slice_bounds(at, None, seq.length)
    begin = z3.simplify(begin)
    known = as_int(begin)
    if seq.items is not None and known is not None:
        fresh = concrete_seq([*seq.items[:known], args[1], *seq.items[known:]])
    else:
        moved = Seq(z3.simplify(seq.length + 1), lambda i: seq.get(z3.If(i < begin, i, i - 1)), None, ())
        if known == 0:
            moved = Seq(moved.length, lambda i: seq.get(z3.simplify(i - 1)), None, ())
        fresh = assignments.replace_item(moved, begin, args[1])
    change(state, address, ListObject(fresh), node)
    return [*results, (state, NONE)]


def _clear(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    address, _ = _list(state, value, node)
    change(state, address, ListObject(concrete_seq([])), node)
    return [(state, NONE)]


def _copy(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    _, seq = _list(state, value, node, changes=False)
    return [(state, engine.allocate(state, ListObject(seq)))]


def _reverse(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    address, seq = _list(state, value, node)
    change(state, address, ListObject(subscripts.reversed_seq(seq)), node)
    return [(state, NONE)]


def _sort(
    engine: Engine, state: State, value: Value, keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    """``list.sort``; while the keys are asked for the list is empty."""
    address, seq = _list(state, value, node)
    before = state.heap[address]
    results: list[Result] = []
    for start, known in comprehensions.concretise(engine, state, seq, node):
        assert isinstance(known, Seq)
        emptied = start.fork()
        change(emptied, address, ListObject(concrete_seq([])), node)
        for path, keys in ordering.keys_of(engine, emptied, known, keyword, node):
            if isinstance(keys, Exc):
                path = path.fork()
                path.heap[address] = before
                results.append((path, keys))
                continue
            for then, ordered in ordering.by_keys(engine, path, known, keys, keyword, node):
                if isinstance(ordered, Exc):
                    raise Unsupported("a list that cannot be sorted", node)
                then = then.fork()
                change(then, address, ListObject(ordered), node)
                results.append((then, NONE))
    return results


def _count(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    seq = operators.sequence(engine, state, value, node)
    if len(args) != 1:
        return _wrong(state, node, "count")
    if seq.items is None:
        return totals.count(engine, state, seq, args[0], node)
    hits = [
        z3.If(operators.equal_element(engine, state, args[0], v), z3.IntVal(1), z3.IntVal(0))
        for v in seq.items
    ]
    return [(state, VInt(z3.Sum(hits) if hits else z3.IntVal(0)))]


def _index(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    seq = operators.sequence(engine, state, value, node)
    if len(args) != 1:
        raise Unsupported("index() with bounds", node)
    there, missing = engine.split(state, operators.member(engine, state, seq, args[0]))
    results = [raises(missing, "ValueError", node, "the value may not be in the list")] if missing else []
    if not there:
        return results
    if seq.items is not None:
        position: Term = z3.IntVal(len(seq.items) - 1)
        for i in reversed(range(len(seq.items) - 1)):
            position = z3.If(
                operators.equal_element(engine, state, args[0], seq.items[i]), z3.IntVal(i), position
            )
        return [*results, (there, VInt(position))]
    at, i = z3.Int(fresh_name("index")), z3.Int(fresh_name("i"))
    same = operators.equal_element(engine, state, args[0], seq.get(at))
    earlier = operators.equal_element(engine, state, args[0], seq.get(i))
    none_before = z3.ForAll([i], z3.Implies(z3.And(i >= 0, i < at), z3.Not(earlier)))
    there = there.fork(at >= 0, at < seq.length, same, none_before)
    return [*results, (there, VInt(at))]


def _remove(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    address, seq = _list(state, value, node)
    results: list[Result] = []
    for path, at in _index(engine, state, value, args, node):
        if isinstance(at, VInt):
            path = path.fork()
            change(path, address, ListObject(deletion.without(seq, at.term)), node)
            results.append((path, NONE))
        else:
            results.append((path, at))
    return results


# Dictionaries.


def _dict(state: State, value: Value) -> DictObject:
    obj = heap_object(state, value)
    assert isinstance(obj, DictObject)
    return obj


def _get(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if not 1 <= len(args) <= 2:
        return _wrong(state, node, "get")
    bad = operators.hash_error(state, args[0], node)
    if bad:
        return [bad]
    obj = _dict(state, value)
    default = args[1] if len(args) == 2 else NONE
    found, missing = engine.split(state, obj.has(args[0]))
    results: list[Result] = [(found, obj.get(args[0]))] if found else []
    return expressions.merge(state, [*results, *([(missing, default)] if missing else [])])


def _view(what: str) -> Callable[..., list[Result]]:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        obj = _dict(state, value)
        if obj.keys is None:
            raise Unsupported("iterating over a dictionary after a deletion", node)
        keys = obj.keys

        def item(key: Value) -> Value:
            if what == "keys":
                return key
            return obj.get(key) if what == "values" else VTuple(concrete_seq([key, obj.get(key)]))

        if keys.items is not None:
            seq = concrete_seq([item(k) for k in keys.items])
        else:
            # The order of the keys says nothing about the values, which may have changed under the same keys.
            key = ("keys", *keys.key) if what == "keys" and keys.key else ()
            seq = Seq(keys.length, lambda i: item(keys.get(i)), None, key)
        return [(state, VIterable(seq, f"dict_{what}", operators.sources(value)))]

    return run


def _setdefault(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if not 1 <= len(args) <= 2:
        return _wrong(state, node, "setdefault")
    bad = operators.hash_error(state, args[0], node)
    if bad:
        return [bad]
    obj = _dict(state, value)
    default = args[1] if len(args) == 2 else NONE
    found, missing = engine.split(state, obj.has(args[0]))
    results: list[Result] = [(found, obj.get(args[0]))] if found else []
    if missing:
        missing = missing.fork()
        displays.store_item(engine, missing, value, args[0], default, node)
        results.append((missing, default))
    return results


def _dict_pop(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if not 1 <= len(args) <= 2 or not isinstance(value, VRef) or operators.hash_error(state, args[0], node):
        # An empty dictionary does not even ask for the hash of the key.
        raise Unsupported("dict.pop() of this", node)
    obj = _dict(state, value)
    found, missing = engine.split(state, obj.has(args[0]))
    results: list[Result] = []
    if missing and len(args) == 2:
        results.append((missing, args[1]))
    elif missing:
        results.append(raises(missing, "KeyError", node, "the key may be missing"))
    if found:
        found = found.fork()
        deletion.remove_key(engine, found, value, args[0], node)
        results.append((found, obj.get(args[0])))
    return results


def _dict_clear(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if not isinstance(value, VRef):
        raise Unsupported("changing a container whose identity is not known", node)
    obj = _dict(state, value)
    change(state, value.address, concrete_dict([], obj.key_type, obj.value_type), node)
    return [(state, NONE)]


def _dict_copy(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    return [(state, engine.allocate(state, _dict(state, value)))]


def _dict_update(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    more = heap_object(state, args[0]) if len(args) == 1 else None
    if not isinstance(value, VRef) or not isinstance(more, DictObject):
        raise Unsupported("dict.update() with other arguments than one dictionary", node)
    merging.merge_into(engine, state, value, more, node)
    return [(state, NONE)]


# Strings.


METHODS: dict[tuple[str, str], Callable[..., list[Result]]] = {
    ("list", "append"): _append,
    ("list", "extend"): _extend,
    ("list", "pop"): _pop,
    ("list", "insert"): _insert,
    ("list", "clear"): _clear,
    ("list", "copy"): _copy,
    ("list", "reverse"): _reverse,
    ("list", "sort"): _clear,
    ("list", "count"): _count,
    ("list", "index"): _index,
    ("list", "remove"): _remove,
    ("tuple", "count"): _count,
    ("tuple", "index"): _index,
    ("dict", "get"): _get,
    ("dict", "keys"): _view("keys"),
    ("dict", "values"): _view("values"),
    ("dict", "items"): _view("items"),
    ("dict", "setdefault"): _setdefault,
    ("dict", "pop"): _dict_pop,
    ("dict", "clear"): _dict_clear,
    ("dict", "update"): _dict_update,
    ("dict", "copy"): _dict_copy,
    **set_methods.METHODS,
    **text_methods.METHODS,
}
"""The methods that are modelled, by the class that has them."""
